// SPDX-License-Identifier: BSD-3-Clause
// What becomes of a formula: the steps of a compiled function, and the rewrites that led there.
#include <agnesi/agnesi.hpp>

#include <iostream>

namespace ag = agnesi;
using namespace ag::literals;

constexpr auto x = ag::matrix<"x", float>;
constexpr auto y = ag::matrix<"y", float>;
constexpr auto W = ag::matrix<"W", float>;
constexpr auto b = ag::vector<"b", float>;

int main() {
  // Elementwise work is one loop, however much of it there is.
  auto loop = ag::function(ag::inputs(x, y), ag::outputs(exp(-sqr(x - y)) / (1_c + sqr(x))));
  std::cout << "elementwise\n" << loop.explain() << "\n";

  // A softmax is written naively and computed so that it can't overflow.
  auto softmax = ag::function(ag::inputs(x), ag::outputs(exp(x) / sum(exp(x), ag::axis<1>, ag::keepdims)));
  std::cout << "softmax\n" << softmax.explain() << "\n";

  // A training step: products are calls of a BLAS, and the update is part of such a call, in place.
  constexpr auto cost = mean(sqr(dot(x, W) + b - y));
  auto [gW, gb]       = ag::grad(cost, W, b);
  auto train          = ag::function(ag::inputs(x, y, W, b), ag::outputs(cost),
                                     ag::updates(W = W - 0.1_c * gW, b = b - 0.1_c * gb));
  std::cout << "linear regression\n" << train.explain() << "\n";

  // Any rewrite can be switched off by its name.
  auto naive = ag::function(ag::inputs(x), ag::outputs(log(1_c + exp(x))), ag::without<"log1p">);
  std::cout << "log(1 + exp(x)), as written\n" << naive.explain();
}
