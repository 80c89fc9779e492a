// SPDX-License-Identifier: BSD-3-Clause
#include <agnesi/agnesi.hpp>

#include "agnesi.hpp"

namespace steps {

namespace ag = agnesi;
using namespace ag::literals;

template <class T>
step<T> agnesi_elman(elman<T>& e) {
  constexpr auto x                = ag::tensor3<"x", T>;
  constexpr auto y                = ag::vector<"y", std::int32_t>;
  constexpr auto w                = ag::matrix<"w", T>;
  constexpr auto u                = ag::matrix<"u", T>;
  constexpr auto b                = ag::vector<"b", T>;
  constexpr auto v                = ag::matrix<"v", T>;
  constexpr auto c                = ag::vector<"c", T>;
  constexpr auto h0               = tanh(dot(x(0_c), w) + b);
  constexpr auto h1               = tanh(dot(x(1_c), w) + dot(h0, u) + b);
  constexpr auto h2               = tanh(dot(x(2_c), w) + dot(h1, u) + b);
  constexpr auto h3               = tanh(dot(x(3_c), w) + dot(h2, u) + b);
  constexpr auto h4               = tanh(dot(x(4_c), w) + dot(h3, u) + b);
  constexpr auto h5               = tanh(dot(x(5_c), w) + dot(h4, u) + b);
  constexpr auto cost             = mean(cross_entropy_with_logits(dot(h5, v) + c, y));
  const auto [gw, gu, gb, gv, gc] = ag::grad(cost, w, u, b, v, c);
  auto train                      = ag::function(
                           ag::inputs(x, y, w, u, b, v, c), ag::outputs(cost),
                           ag::updates(w = w - 0.1_c * gw, u = u - 0.1_c * gu, b = b - 0.1_c * gb, v = v - 0.1_c * gv,
                                        c = c - 0.1_c * gc));
  const ag::view<const T, 3> X(e.x.data(), {ptrdiff_t(elman<T>::times), e.rows, e.inputs});
  const ag::view<const std::int32_t, 1> Y(e.y.data(), {e.rows});
  ag::view<T, 2> W(e.w.data(), {e.inputs, e.hidden}), U(e.u.data(), {e.hidden, e.hidden}), V(e.v.data(), {e.hidden, e.classes});
  ag::view<T, 1> B(e.b.data(), {e.hidden}), C(e.c.data(), {e.classes});
  return [=]() mutable { return train(X, Y, W, U, B, V, C); };
}
template step<float> agnesi_elman(elman<float>&);
template step<double> agnesi_elman(elman<double>&);

}  // namespace steps
