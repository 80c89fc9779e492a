// SPDX-License-Identifier: BSD-3-Clause
#include <agnesi/agnesi.hpp>

#include "agnesi.hpp"

namespace steps {

namespace ag = agnesi;
using namespace ag::literals;

template <class T>
step<T> agnesi_logistic(logistic<T>& p) {
  constexpr auto x    = ag::matrix<"x", T>;
  constexpr auto y    = ag::vector<"y", T>;
  constexpr auto w    = ag::vector<"w", T>;
  constexpr auto b    = ag::scalar<"b", T>;
  constexpr auto q    = 1_c / (1_c + exp(-(dot(x, w) + b)));
  constexpr auto cost = mean(-y * log(q) - (1_c - y) * log(1_c - q)) + 0.01_c * sum(sqr(w));
  const auto [gw, gb] = ag::grad(cost, w, b);
  auto train = ag::function(ag::inputs(x, y, w, b), ag::outputs(cost), ag::updates(w = w - 0.1_c * gw, b = b - 0.1_c * gb));
  const ag::view<const T, 2> X(p.x.data(), {p.rows, p.inputs});
  const ag::view<const T, 1> Y(p.y.data(), {p.rows});
  ag::view<T, 1> W(p.w.data(), {p.inputs});
  return [=, &p]() mutable { return train(X, Y, W, p.b); };
}
template step<float> agnesi_logistic(logistic<float>&);
template step<double> agnesi_logistic(logistic<double>&);

template <class T>
step<T> agnesi_softmax(const batch<T>& d, perceptron<T>& p) {
  constexpr auto x    = ag::matrix<"x", T>;
  constexpr auto y    = ag::vector<"y", std::int32_t>;
  constexpr auto w    = ag::matrix<"w", T>;
  constexpr auto b    = ag::vector<"b", T>;
  constexpr auto cost = mean(cross_entropy_with_logits(dot(x, w) + b, y));
  const auto [gw, gb] = ag::grad(cost, w, b);
  auto train = ag::function(ag::inputs(x, y, w, b), ag::outputs(cost), ag::updates(w = w - 0.1_c * gw, b = b - 0.1_c * gb));
  const ag::view<const T, 2> X(d.x.data(), {d.rows, d.inputs});
  const ag::view<const std::int32_t, 1> Y(d.y.data(), {d.rows});
  ag::view<T, 2> W(p.w[0].data(), {p.sizes[0], p.sizes[1]});
  ag::view<T, 1> B(p.b[0].data(), {p.sizes[1]});
  return [=]() mutable { return train(X, Y, W, B); };
}
template step<float> agnesi_softmax(const batch<float>&, perceptron<float>&);
template step<double> agnesi_softmax(const batch<double>&, perceptron<double>&);

}  // namespace steps
