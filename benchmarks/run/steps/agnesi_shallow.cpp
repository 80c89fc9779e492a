// SPDX-License-Identifier: BSD-3-Clause
#include <agnesi/agnesi.hpp>

#include "agnesi.hpp"

namespace steps {

namespace ag = agnesi;
using namespace ag::literals;

template <class T>
step<T> agnesi_shallow(const batch<T>& d, perceptron<T>& p) {
  constexpr auto x            = ag::matrix<"x", T>;
  constexpr auto y            = ag::vector<"y", std::int32_t>;
  constexpr auto w1           = ag::matrix<"w1", T>;
  constexpr auto b1           = ag::vector<"b1", T>;
  constexpr auto w2           = ag::matrix<"w2", T>;
  constexpr auto b2           = ag::vector<"b2", T>;
  constexpr auto cost         = mean(cross_entropy_with_logits(dot(tanh(dot(x, w1) + b1), w2) + b2, y));
  const auto [g1, h1, g2, h2] = ag::grad(cost, w1, b1, w2, b2);
  auto train = ag::function(
      ag::inputs(x, y, w1, b1, w2, b2), ag::outputs(cost),
      ag::updates(w1 = w1 - 0.1_c * g1, b1 = b1 - 0.1_c * h1, w2 = w2 - 0.1_c * g2, b2 = b2 - 0.1_c * h2));
  const ag::view<const T, 2> X(d.x.data(), {d.rows, d.inputs});
  const ag::view<const std::int32_t, 1> Y(d.y.data(), {d.rows});
  ag::view<T, 2> W1(p.w[0].data(), {p.sizes[0], p.sizes[1]}), W2(p.w[1].data(), {p.sizes[1], p.sizes[2]});
  ag::view<T, 1> B1(p.b[0].data(), {p.sizes[1]}), B2(p.b[1].data(), {p.sizes[2]});
  return [=]() mutable { return train(X, Y, W1, B1, W2, B2); };
}
template step<float> agnesi_shallow(const batch<float>&, perceptron<float>&);
template step<double> agnesi_shallow(const batch<double>&, perceptron<double>&);

}  // namespace steps
