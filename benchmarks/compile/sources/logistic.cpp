// SPDX-License-Identifier: BSD-3-Clause
// Theano's first example: a training step of logistic regression.
#include <agnesi/agnesi.hpp>

namespace ag = agnesi;
using namespace ag::literals;

constexpr auto x = ag::matrix<"x">;
constexpr auto y = ag::vector<"y">;
constexpr auto w = ag::vector<"w">;
constexpr auto b = ag::scalar<"b">;

double step(ag::view<const double, 2> X, ag::view<const double, 1> Y, ag::array<double, 1>& W, double& B) {
  constexpr auto p    = 1_c / (1_c + exp(-(dot(x, w) + b)));
  constexpr auto cost = mean(-y * log(p) - (1_c - y) * log(1_c - p)) + 0.01_c * sum(sqr(w));
  auto [gw, gb]       = ag::grad(cost, w, b);
  static auto train   = ag::function(ag::inputs(x, y, w, b), ag::outputs(cost),
                                     ag::updates(w = w - 0.1_c * gw, b = b - 0.1_c * gb));
  return train(X, Y, W, B);
}
