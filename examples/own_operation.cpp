// SPDX-License-Identifier: BSD-3-Clause
// An operation of your own, with its derivative, and rewrite rules for it.
#include <agnesi/agnesi.hpp>
#include <agnesi/containers/print.hpp>

#include <iostream>

namespace ag = agnesi;
using namespace ag::literals;

// x · sigmoid(x). The same code evaluates a number, a vector register of numbers, and a constant.
struct swish_op : ag::elementwise<swish_op, 1> {
  static constexpr auto name = "swish";
  static constexpr auto eval(auto x) {
    using std::exp;
    return x / (1 + exp(-x));
  }
  // The cotangent of the argument: of the result's cotangent g, the argument x and the result y, in formulas.
  static constexpr auto grad(auto g, auto x, auto y) { return g * (y + sigmoid(x) * (1 - y)); }
};
constexpr auto swish(auto x) { return ag::apply<swish_op>(x); }

// What the library can't know of it. Left of >> what is looked for, right what takes its place.
namespace mine {
using namespace ag::patterns;
constexpr ag::rule rules[] = {
    (swish(x) - swish(-x)) >> x,
    swish(x) / x >> sigmoid(x) | unless_ieee,
};
}  // namespace mine

int main() {
  constexpr auto x = ag::vector<"x">;
  const auto X = ag::array<double, 1>::from({-4, -2, -1, 0, 1, 2, 4});

  constexpr auto slope = ag::grad(sum(swish(x)), x);
  std::cout << ag::to_string(swish(x)) << "\n" << ag::eval(swish(x), x = X) << "\n";
  std::cout << ag::to_string(ag::simplify(slope)) << "\n" << ag::eval(slope, x = X) << "\n";

  constexpr auto odd = sqr(swish(x) - swish(-x));
  auto f             = ag::function(ag::inputs(x), ag::outputs(odd), ag::rules<mine::rules>);
  std::cout << ag::to_string(odd) << "\n" << f(X) << "\n\n" << f.explain();
}
