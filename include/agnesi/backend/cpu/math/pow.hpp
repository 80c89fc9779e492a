// SPDX-License-Identifier: BSD-3-Clause
// pow of registers: exp(b log(a)) with log(a) as a sum of two numbers or, for float, in double. Lanes whose a
// is not positive and finite, or whose b is not finite, go to the C library one by one; all do where products
// and sums are not rounded together: what is left of a product then costs more than the C library takes.
//   __m512d y = simd::math::pow(a, b);
#pragma once

#include <cmath>

#include "agnesi/backend/cpu/math/error.hpp"

#if AGNESI_HAS_MATH
namespace agnesi::simd::math {

// Sums and products, rounded, and what is left (T. J. Dekker, "A Floating-Point Technique for Extending the
// Available Precision", 1971).
template <class V>
[[gnu::always_inline]] inline two<V> sum_of_larger(V a, V b) {  // |a| >= |b|, or a is zero
  const V s = fenced(a + b);
  return {s, fenced(b - fenced(s - a))};
}
template <class V>
[[gnu::always_inline]] inline two<V> product(V a, V b) {
  const V p = fenced(a * b);
  return {p, fma(a, b, -p)};
}

// log(x), to about 2^-68 of it: 2 artanh(s) of s = (m - 1) / (m + 1), its first two terms as sums of two.
template <class V>
[[gnu::always_inline]] inline two<V> log_in_two(V x) {
  using T = number<V>;
  const auto [k, m] = take_apart<true>(x);
  const V f = fenced(m - all<V>(1)), two_ = all<V>(2), d = fenced(two_ + f), d_low = f - fenced(d - two_),
          inverse = all<V>(1) / d;
  const V s = fenced(f * inverse);
  const auto ds = product(s, d);
  const V s_low = (fenced(fenced(f - ds.high) - ds.low) - s * d_low) * inverse;
  const auto w = product(s, s);
  const V w_low = fma(s + s, s_low, w.low), w2 = w.high * w.high;
  const V r = w.high * polynomial(w.high, w2, 0x1.0192e765240e7p-3, 0x1.dac975c3cace9p-4, 0x1.113a53c695f04p-3,
                                  0x1.3b12964c332f7p-3, 0x1.745d1bd1020b1p-3, 0x1.c71c71bc4fcdep-3,
                                  0x1.2492492498f0bp-2, 0x1.9999999999967p-2);
  const auto v = sum_of_larger(all<V>(T(0x1.5555555555555p-1)), r);
  const V v_low = v.low + T(0x1.5555555555555p-55);
  const auto sw = product(s, w.high);
  const V sw_low = fma(s, w_low, fma(s_low, w.high, sw.low));
  const auto cubic = product(sw.high, v.high);
  const V cubic_low = fma(sw.high, v_low, fma(sw_low, v.high, cubic.low));
  const auto a = sum_of_larger(k * ln2_high<T>, s + s);
  const auto b = sum_of_larger(a.high, cubic.high);
  const V low = (a.low + b.low) + fma(k, all<V>(ln2_low<T>), (s_low + s_low) + cubic_low);
  return sum_of_larger(b.high, low);
}

// In double, good for float.
template <class V>
[[gnu::always_inline]] inline V pow_of_few_digits(V a, V b) {
  const auto [k, m] = take_apart<false>(a);
  const V f = m - all<V>(1), s = f / (all<V>(2) + f), w = s * s;
  const V r =
      polynomial(w, w * w, 0x1.eda3842b074ddp-3, 0x1.23e8db5943643p-2, 0x1.999bdfb156f0cp-2, 0x1.5555541f7c5d2p-1);
  const V l = fma(k, all<V>(0x1.62e42fefa39efp-1), fma(s * w, r, s + s));
  const V x = least(all<V>(90), most(all<V>(-105), b * l)), magic = all<V>(format<V>::magic);
  const V t = fenced(fma(x, all<V>(one_by_ln2<double>), magic)), n = fenced(t - magic),
          y = nfma(n, all<V>(0x1.62e42fefa39efp-1), x);
  const V y2 = y * y;
  const V q = polynomial(y, y2, 0x1.6db4d40bc9a11p-10, 0x1.123b55d91fb44p-7, 0x1.55545cff5f70cp-5, 0x1.55548eeb76223p-3,
                         0x1.000000524854ap-1);
  return scaled(all<V>(1) + fma(y2, q, y), n, t);
}

template <class V>
[[gnu::always_inline]] inline V pow_of_positive(V a, V b) {
  using T = number<V>;
  if constexpr (is_double<V>) {
    const auto l = log_in_two(a);
    const V high = fenced(b * l.high), size = all<V>(T(1000));  // beyond, what is left may be anything
    const auto p = product(choose(less(magnitude(high), size), b, V{}), l.high);
    const V low = choose(less(magnitude(high), size), fma(b, l.low, p.low), V{});
    return exp_within_limits<true>(least(all<V>(upper_limit<T>), most(all<V>(lower_limit<T>), high)), low);
  } else {
    return joined<V>(pow_of_few_digits(lower_half(a), lower_half(b)), pow_of_few_digits(upper_half(a), upper_half(b)));
  }
}

template <class V>
[[gnu::noinline]] V pow_by_lanes(V a, V b, V result) {
  using limits = std::numeric_limits<number<V>>;
  for (std::size_t k = 0; k < sizeof(V) / sizeof(a[0]); ++k)
    if (!fused || !(a[k] > 0 && a[k] <= limits::max() && std::abs(b[k]) <= limits::max()))
      result[k] = std::pow(a[k], b[k]);
  return result;
}

template <class V>
[[gnu::always_inline]] inline V pow(V a, V b) {
  if constexpr (fused) {
    using limits = std::numeric_limits<number<V>>;
    const V result = pow_of_positive(a, b), infinity = all<V>(limits::infinity());
    const V usual_a = choose(less(V{}, a), a, infinity);
    if (any_not_less(choose(less(magnitude(b), infinity), usual_a, infinity), infinity)) [[unlikely]]
      return pow_by_lanes(a, b, result);
    return result;
  } else {
    return pow_by_lanes(a, b, a);
  }
}

}  // namespace agnesi::simd::math
#endif
