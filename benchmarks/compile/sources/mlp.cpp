// SPDX-License-Identifier: BSD-3-Clause
// A training step of a perceptron with one hidden layer, 784-500-10, as in Theano's deep learning tutorials.
#include <agnesi/agnesi.hpp>

namespace ag = agnesi;
using namespace ag::literals;

constexpr auto x  = ag::matrix<"x", float, ag::dyn, 784>;
constexpr auto y  = ag::vector<"y", std::int32_t>;
constexpr auto w1 = ag::matrix<"w1", float, 784, 500>;
constexpr auto b1 = ag::vector<"b1", float, 500>;
constexpr auto w2 = ag::matrix<"w2", float, 500, 10>;
constexpr auto b2 = ag::vector<"b2", float, 10>;

float step(ag::view<const float, 2> X, ag::view<const std::int32_t, 1> Y, ag::array<float, 2>& W1, ag::array<float, 1>& B1,
           ag::array<float, 2>& W2, ag::array<float, 1>& B2) {
  auto z    = dot(tanh(dot(x, w1) + b1), w2) + b2;
  auto cost = mean(cross_entropy_with_logits(z, y));
  auto [g1, h1, g2, h2] = ag::grad(cost, w1, b1, w2, b2);
  static auto train = ag::function(ag::inputs(x, y, w1, b1, w2, b2), ag::outputs(cost),
                                   ag::updates(w1 = w1 - 0.1_c * g1, b1 = b1 - 0.1_c * h1,
                                               w2 = w2 - 0.1_c * g2, b2 = b2 - 0.1_c * h2));
  return train(X, Y, W1, B1, W2, B2);
}
