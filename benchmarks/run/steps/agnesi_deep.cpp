// SPDX-License-Identifier: BSD-3-Clause
#include <agnesi/agnesi.hpp>

#include "agnesi.hpp"

namespace steps {

namespace ag = agnesi;
using namespace ag::literals;

template <class T>
step<T> agnesi_deep(const batch<T>& d, perceptron<T>& p) {
  constexpr auto x                                    = ag::matrix<"x", T>;
  constexpr auto y                                    = ag::vector<"y", std::int32_t>;
  constexpr auto w1                                   = ag::matrix<"w1", T>;
  constexpr auto b1                                   = ag::vector<"b1", T>;
  constexpr auto w2                                   = ag::matrix<"w2", T>;
  constexpr auto b2                                   = ag::vector<"b2", T>;
  constexpr auto w3                                   = ag::matrix<"w3", T>;
  constexpr auto b3                                   = ag::vector<"b3", T>;
  constexpr auto w4                                   = ag::matrix<"w4", T>;
  constexpr auto b4                                   = ag::vector<"b4", T>;
  constexpr auto h1                                   = tanh(dot(x, w1) + b1);
  constexpr auto h2                                   = tanh(dot(h1, w2) + b2);
  constexpr auto h3                                   = tanh(dot(h2, w3) + b3);
  constexpr auto cost                                 = mean(cross_entropy_with_logits(dot(h3, w4) + b4, y));
  const auto [gw1, gb1, gw2, gb2, gw3, gb3, gw4, gb4] = ag::grad(cost, w1, b1, w2, b2, w3, b3, w4, b4);
  auto train =
      ag::function(ag::inputs(x, y, w1, b1, w2, b2, w3, b3, w4, b4), ag::outputs(cost),
                   ag::updates(w1 = w1 - 0.1_c * gw1, b1 = b1 - 0.1_c * gb1, w2 = w2 - 0.1_c * gw2, b2 = b2 - 0.1_c * gb2,
                               w3 = w3 - 0.1_c * gw3, b3 = b3 - 0.1_c * gb3, w4 = w4 - 0.1_c * gw4, b4 = b4 - 0.1_c * gb4));
  const ag::view<const T, 2> X(d.x.data(), {d.rows, d.inputs});
  const ag::view<const std::int32_t, 1> Y(d.y.data(), {d.rows});
  const auto w = [&](std::size_t l) { return ag::view<T, 2>(p.w[l].data(), {p.sizes[l], p.sizes[l + 1]}); };
  const auto b = [&](std::size_t l) { return ag::view<T, 1>(p.b[l].data(), {p.sizes[l + 1]}); };
  return [=, W1 = w(0), W2 = w(1), W3 = w(2), W4 = w(3), B1 = b(0), B2 = b(1), B3 = b(2), B4 = b(3)]() mutable {
    return train(X, Y, W1, B1, W2, B2, W3, B3, W4, B4);
  };
}
template step<float> agnesi_deep(const batch<float>&, perceptron<float>&);
template step<double> agnesi_deep(const batch<double>&, perceptron<double>&);

}  // namespace steps
