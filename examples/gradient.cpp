// SPDX-License-Identifier: BSD-3-Clause
// Gradients are formulas: they can be looked at, simplified, compared, evaluated and differentiated again.
#include <agnesi/agnesi.hpp>

#include <iostream>

namespace ag = agnesi;
using namespace ag::literals;

void show(const char* what, auto formula, auto x) {
  std::cout << what << "\n  of    " << ag::to_string(formula) << "\n  is    "
            << ag::to_string(ag::simplify(ag::grad(formula, x))) << "\n";
}

int main() {
  constexpr auto x = ag::vector<"x">;
  constexpr auto A = ag::matrix<"A">;
  constexpr auto y = ag::vector<"y">;
  constexpr auto t = ag::scalar<"t">;

  show("least squares", sum(sqr(dot(A, x) - y)) / 2_c, x);
  show("naive logistic cost", sum(log(1_c + exp(-x))), x);
  show("naive entropy", -sum(exp(x) / sum(exp(x)) * x), x);
  show("length", sqrt(sum(sqr(x))), x);

  // What is printed can be relied on: these are checked by the compiler.
  static_assert(ag::same(ag::simplify(ag::grad(sum(sqr(x)), x)), 2_c * x));
  static_assert(ag::same(ag::simplify(ag::grad(dot(y, dot(A, x)), x)), dot(transpose(A), y)));

  // A derivative of a derivative, of a function of one number.
  constexpr auto f   = sin(sqr(t));
  constexpr auto df  = ag::grad(f, t);
  constexpr auto ddf = ag::grad(df, t);
  std::cout << "f   = " << ag::to_string(f) << "\n"
            << "f'  = " << ag::to_string(ag::simplify(df)) << "\n"
            << "f'' = " << ag::to_string(ag::simplify(ddf)) << "\n"
            << "f''(0.5) = " << ag::eval(ddf, t = 0.5) << "\n";
}
