// SPDX-License-Identifier: BSD-3-Clause
// Logistic regression, written as in a textbook: the stable form of the cost is found by the library.
#include <agnesi/agnesi.hpp>

#include <cmath>
#include <cstdio>

namespace ag = agnesi;
using namespace ag::literals;

int main() {
  constexpr auto x = ag::matrix<"x">;
  constexpr auto y = ag::vector<"y">;
  constexpr auto w = ag::vector<"w">;
  constexpr auto b = ag::scalar<"b">;

  constexpr auto p    = 1_c / (1_c + exp(-(dot(x, w) + b)));
  constexpr auto cost = -mean(y * log(p) + (1_c - y) * log(1_c - p));

  auto [gw, gb] = ag::grad(cost, w, b);
  auto train    = ag::function(ag::inputs(x, y, w, b), ag::outputs(cost),
                               ag::updates(w = w - 0.5_c * gw, b = b - 0.5_c * gb));

  // Points of a grid; those on one side of the line 2u - v = 0.3 are to be told from those on the other.
  ag::array<double, 2> X({400, 2});
  ag::array<double, 1> Y({400}), W({2});
  double B = 0;
  for (int n = 0; n < 400; ++n) {
    X(n, 0) = n % 20 / 9.5 - 1;
    X(n, 1) = n / 20 / 9.5 - 1;
    Y(n)    = 2 * X(n, 0) - X(n, 1) > 0.3 ? 1 : 0;
  }

  auto step = train.with(w = W, b = B);  // the state, bound by reference
  for (int k = 0; k <= 1000; ++k) {
    const double c = step(X, Y);
    if (k % 250 == 0) std::printf("step %4d  cost %.6f\n", k, c);
  }
  std::printf("slope of the line %.2f, where it was 2\n", -W(0) / W(1));

  // With weights this large exp overflows and log(1 - p) would be -inf; the cost is what it should be.
  for (double& v : W) v *= 1e4;
  std::printf("far out: cost %.1f\n", ag::eval(cost, x = X, y = Y, w = W, b = B));
}
