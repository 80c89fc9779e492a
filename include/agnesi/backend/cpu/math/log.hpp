// SPDX-License-Identifier: BSD-3-Clause
// log, log1p, softplus, log(exp(a) + exp(b)) and log(1 - exp(x)) of registers: x = 2^k m, and a polynomial of
// s = (m - 1) / (m + 1) for log(m) = 2 artanh(s).
//   __m512d y = simd::math::log(x);
#pragma once

#include "agnesi/backend/cpu/math/exp.hpp"

#if AGNESI_HAS_MATH
namespace agnesi::simd::math {

// k ln 2 + log(1 + f + c) for f in [-1/4, 1/2] and a c that is small beside f or all there is.
template <class V, class... Rest>
[[gnu::always_inline]] inline V log_of_parts(V k, V f, Rest... c) {
  using T = number<V>;
  const V g = (f + ... + c), s = g / (all<V>(2) + g), w = s * s, w2 = w * w, half_square = T(0.5) * g * g;
  V r;
  if constexpr (is_double<V>)
    r = polynomial(w, w2, 0x1.3abd9573efb61p-3, 0x1.3852e8d18685ep-3, 0x1.7474e1e57d405p-3, 0x1.c71c0169313ccp-3,
                   0x1.249249b21b6b8p-2, 0x1.99999998f0cb5p-2, 0x1.5555555555776p-1);
  else r = polynomial(w, w2, 0x1.36e454p-2f, 0x1.992b0cp-2f, 0x1.5555b4p-1f);
  const V low = ((k * ln2_low<T>)+... + c);
  const V tail = fma(s, fma(w, r, half_square), low);
  return fma(k, all<V>(ln2_high<T>), f - fenced(half_square - tail));
}

// x = 2^k m with m in [3/4, 3/2), of positive numbers.
template <class V>
struct taken_apart {
  V k, m;
};
template <bool Subnormal, class V>
[[gnu::always_inline]] inline taken_apart<V> take_apart(V x) {
  using T = number<V>;
  using f = format<V>;
  if constexpr (wide<V>) {
    const V m = mantissa(x), one = all<V>(1);
    return {add_where(less(m, one), exponent(x), one), m};
  } else {
    constexpr T power = 1 / std::numeric_limits<T>::epsilon();  // its last bit is worth 1
    V offset = all<V>(power + T(f::bias));
    if constexpr (Subnormal) {
      const auto small = less(x, all<V>(std::numeric_limits<T>::min()));
      const V more = choose(small, all<V>(pick<T>(0x1p54, 0x1p25f)), all<V>(1));
      x = x * more;
      offset = choose(small, offset + all<V>(pick<T>(54, 25)), offset);
    }
    // Half of a mantissa more, and what is 3/4 has the exponent of 1.
    const naturals<V> i = (naturals<V>)x + (typename f::natural(1) << (f::digits - 1));
    const integers<V> e = shifted_right((integers<V>)i, f::digits);
    const naturals<V> k = (naturals<V>)e - typename f::natural(f::bias);
    return {(V)((integers<V>)all<V>(power) | e) - offset, (V)((naturals<V>)x - (k << f::digits))};
  }
}
// log of what is not a positive number, and log(0), in place of what the formula gives.
template <class V>
[[gnu::always_inline]] inline V at_the_edges_of_log(V x, V result) {
  if constexpr (wide<V>) {
    return log_or_edge(x, result);
  } else {
    using limits = std::numeric_limits<number<V>>;
    const V infinity = all<V>(limits::infinity()), nan = all<V>(limits::quiet_NaN());
    result = choose(less(x, infinity), result, x);
    return choose(less(V{}, x), result, choose(equal(x, V{}), -infinity, nan));
  }
}

template <class V>
[[gnu::always_inline]] inline V log(V x) {
  const auto [k, m] = take_apart<true>(x);
  return at_the_edges_of_log(x, log_of_parts(k, m - all<V>(1)));
}

// c / 2^k, for u = 2^k m; c is small beside u.
template <class V>
[[gnu::always_inline]] inline V scaled_back(V c, V u, V m, V k) {
  if constexpr (wide<V>) return scaled(c, -k);
  else return c * (V)((naturals<V>)all<V>(1) - ((naturals<V>)u - (naturals<V>)m));
}

// 1 + x = u + c, rounded and what is left.
template <class V>
[[gnu::always_inline]] inline V log1p(V x) {
  using T = number<V>;
  const V one = all<V>(1), u = fenced(one + x), c = x - fenced(u - one);
  const auto [k, m] = take_apart<false>(u);
  V part = scaled_back(c, u, m, k);
  if constexpr (!wide<V>) part = choose(less(x, all<V>(pick<T>(0x1p60, 0x1p30f))), part, V{});
  const V result = at_the_edges_of_log(u, log_of_parts(k, m - one, part));
  return with_sign_of(magnitude(result), x);  // of zero
}

// log(1 + e) for e in [0, 1].
template <class V>
[[gnu::always_inline]] inline V log1p_of_part(V e) {
  using T = number<V>;
  const V half = all<V>(T(0.5)), one = all<V>(1);
  const auto large = less(half, e);
  return log_of_parts(choose(large, one, V{}), choose(large, (e - one) * T(0.5), e));
}
template <class V>
[[gnu::always_inline]] inline V softplus(V x) {
  return most(V{}, x) + log1p_of_part(exp_of_negative(negative_magnitude(x)));
}

// log(exp(a) + exp(b)), of equal infinities too.
template <class V>
[[gnu::always_inline]] inline V logaddexp(V a, V b) {
  const V distance = choose(equal(a, b), V{}, negative_magnitude(a - b));
  return most(a, b) + log1p_of_part(exp_of_negative(distance));
}

}  // namespace agnesi::simd::math
#endif
