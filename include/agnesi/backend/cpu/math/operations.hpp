// SPDX-License-Identifier: BSD-3-Clause
// Which operations have functions of their own for packs. Every other operation, and all of them where there
// are no packs or another processor, is computed as its block in ops/ says: of numbers by the C library.
//   simd::pack<float> y = simd::evaluate<op::tanh>(x);
#pragma once

#include "agnesi/backend/cpu/math/pow.hpp"
#include "agnesi/backend/cpu/math/trig.hpp"
#include "agnesi/backend/cpu/simd.hpp"
#include "agnesi/ir/core_ops.hpp"

namespace agnesi::simd {

template <class Op>
inline constexpr bool is_extremum =
    std::is_same_v<Op, op::maximum> || std::is_same_v<Op, op::minimum> || std::is_same_v<Op, op::clip>;

// The same as the operation's own function, of packs in a few instructions: the first argument where they are equal.
template <class Op, class T, class V>
[[gnu::always_inline]] inline V extremum_of(const V& a, const V& b) {
  return std::is_same_v<Op, op::maximum> ? larger<T>(b, a) : smaller<T>(b, a);
}
template <class Op, class T, class V>
[[gnu::always_inline]] inline V extremum_of(const V& x, const V& low, const V& high) {
  return smaller<T>(high, larger<T>(low, x));
}

#if AGNESI_HAS_MATH && AGNESI_HAS_XSIMD
namespace math {

template <class Op>
struct tag {};

// clang-format off
template <class V> [[gnu::always_inline]] inline V of(tag<op::exp>, V x) { return exp(x); }
template <class V> [[gnu::always_inline]] inline V of(tag<op::expm1>, V x) { return expm1(x); }
template <class V> [[gnu::always_inline]] inline V of(tag<op::log>, V x) { return log(x); }
template <class V> [[gnu::always_inline]] inline V of(tag<op::log1p>, V x) { return log1p(x); }
template <class V> [[gnu::always_inline]] inline V of(tag<op::sin>, V x) { return sin(x); }
template <class V> [[gnu::always_inline]] inline V of(tag<op::cos>, V x) { return cos(x); }
template <class V> [[gnu::always_inline]] inline V of(tag<op::tanh>, V x) { return tanh(x); }
template <class V> [[gnu::always_inline]] inline V of(tag<op::sigmoid>, V x) { return sigmoid(x); }
template <class V> [[gnu::always_inline]] inline V of(tag<op::softplus>, V x) { return softplus(x); }
template <class V> [[gnu::always_inline]] inline V of(tag<op::log1mexp>, V x) { return log1mexp(x); }
template <class V> [[gnu::always_inline]] inline V of(tag<op::logaddexp>, V a, V b) { return logaddexp(a, b); }
template <class V> [[gnu::always_inline]] inline V of(tag<op::erf>, V x) { return erf(x); }
template <class V> [[gnu::always_inline]] inline V of(tag<op::erfc>, V x) { return erfc(x); }
template <class V> [[gnu::always_inline]] inline V of(tag<op::erfcx>, V x) { return erfcx(x); }
template <class V> [[gnu::always_inline]] inline V of(tag<op::log_erfc>, V x) { return log_erfc(x); }
template <class V> [[gnu::always_inline]] inline V of(tag<op::pow>, V a, V b) { return pow(a, b); }
// clang-format on

}  // namespace math

template <class Op, class A, class... B>
[[gnu::always_inline]] inline auto evaluate(const A& a, const B&... b) {
  if constexpr (requires { math::of(math::tag<Op>{}, a.data, b.data...); })
    return A(math::of(math::tag<Op>{}, a.data, b.data...));
  else return Op::eval(a, b...);
}
#else
template <class Op, class... A>
[[gnu::always_inline]] inline auto evaluate(const A&... a) {
  return Op::eval(a...);
}
#endif

}  // namespace agnesi::simd
