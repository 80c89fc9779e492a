// SPDX-License-Identifier: BSD-3-Clause
// erf, erfc, erfc(x) exp(x^2), log(erfc(x)) and log(1 - exp(x)) of registers.
//   __m512d -0x1.0763ap-17f, 0x1.de9cc8p-14f, -0x1.d36456p-13f, -0x1.73a442p-11f, 0x1.4af8cap-8f, -0x1.09ec78p-6f, 0x1.3069ap-5f, -0x1.0fa468p-4f, 0x1.7fefdp-4f, -0x1.9ddd24p-4f, 0x1.16ecc2p-4f, 0x1.f7f6dep-7f, -0x1.1df1acp-3f, 0x1.3ba592p0f = simd::math::erf(x);
#pragma once

#include "agnesi/backend/cpu/math/log.hpp"

#if AGNESI_HAS_MATH
namespace agnesi::simd::math {

// Of 0 <= x <= 1: an odd polynomial.
template <class V>
[[gnu::always_inline]] inline V erf_of_small(V x) {
  const V w = x * x, w2 = w * w;
  V r;
  if constexpr (is_double<V>)
    r = polynomial(w, w2, -0x1.abadf6d4a50f9p-31, 0x1.d71af3210d3f8p-27, -0x1.5c0722d5fa9e5p-23, 0x1.b97fd32ba7edp-20, -0x1.f4ca4d5d5f4d8p-17, 0x1.f9a2baa7d0ea5p-14, -0x1.c02db03dca50cp-11, 0x1.565bccf92ad93p-8, -0x1.b82ce311fa914p-6, 0x1.ce2f21a040d15p-4, -0x1.812746b0379bdp-2, 0x1.06eba8214db68p-3);
  else
    r = polynomial(w, w2, 0x1.4969e8p-14f, -0x1.a3f6e6p-11f, 0x1.5405aep-8f, -0x1.b7f90cp-6f, 0x1.ce2cf8p-4f, -0x1.81273ep-2f, 0x1.06eba8p-3f);
  return fma(x, r, x);
}
// Of x >= 1: erfc(x) as exp of a polynomial that is accurate where erfc is of a size that is seen in erf.
template <class V>
[[gnu::always_inline]] inline V erf_of_large(V x) {
  x = least(all<V>(pick<number<V>>(5.95, 4)), x);
  const V x2 = x * x;
  V r;
  if constexpr (is_double<V>)
    r = polynomial(x, x2, -0x1.3224776e88cfbp-36, 0x1.606950cd8783cp-31, -0x1.7087f3d34a472p-27, 0x1.c9199a16293bcp-24, -0x1.6a90afceb1a8ep-21, 0x1.5e5eb79499b4bp-19, -0x1.c4e5b801eed1ap-19, -0x1.e13ed67b5420dp-16, 0x1.e6f0e7b3c7cc9p-13, -0x1.e3bb65ebbe01bp-11, 0x1.13926d6800a4ep-9, -0x1.343a4d20e142ep-11, -0x1.350a83c268c73p-6, 0x1.a4659138587b5p-4, 0x1.45f961ba38d32p-1, 0x1.20dcc2deaff4ap0, 0x1.22657982c1adep-20);
  else
    r = polynomial(x, x2, -0x1.852d06p-13f, 0x1.814cbap-9f, -0x1.654216p-6f, 0x1.a60a8p-4f, 0x1.46c584p-1f, 0x1.2085b2p0f, 0x1.72e6ap-12f);
  return all<V>(1) - exp_within_limits(-r);
}

template <class V>
[[gnu::always_inline]] inline V erf(V x) {
  const V size = magnitude(x), one = all<V>(1);
  return with_sign_of(choose(less(size, one), erf_of_small(size), erf_of_large(size)), x);
}

// For x >= 0: (1/2 + x) exp(x^2) erfc(x), which is nearly level, is a polynomial of t = (x - 4) / (x + 4)
// (M. M. Shepherd and J. G. Laframboise, "Chebyshev approximation of (1 + 2x) exp(x^2) erfc x in 0 <= x < infinity", 1981).
template <class V>
[[gnu::always_inline]] inline two<V> erfcx_of_positive(V x) {
  using T = number<V>;
  const V one = all<V>(1), half = all<V>(T(0.5));
  const V near = least(all<V>(0x1p60f), x), t = fma(near + near, one / (near + all<V>(4)), -one), t2 = t * t;
  V r, level;
  if constexpr (is_double<V>)
    r = t * polynomial(t, t2, -0x1.19ba9e1a4d0c3p-33, 0x1.ff9e5d0a12806p-32, 0x1.abbae9717933bp-30, -0x1.a8221e1b9e6ap-28, -0x1.5eaf2ea76683cp-27, 0x1.c8b0dbc9b3f01p-25, 0x1.4bca3f5df4039p-25, -0x1.b8d1083ff8cdfp-22, 0x1.39b95a4e4c64cp-23, 0x1.7ef696f5b0495p-19, -0x1.788734dcbb89dp-18, -0x1.995381a4746d6p-17, 0x1.3be05312c095bp-14, -0x1.a1df5de0725b8p-14, -0x1.8d4a9b7b30eaap-12, 0x1.49c672e04abaep-9, -0x1.09623882f1bbp-7, 0x1.3079edf51ec16p-6, -0x1.0fb06dfe564c3p-5, 0x1.7fee004e1ea4ap-5, -0x1.9ddb23c3e86c1p-5, 0x1.16ecefcfa4d41p-5, 0x1.f7f5df66fd638p-8, -0x1.1df1ad154a287p-4), level = all<V>(0x1.3ba5916e9fd7fp-1);
  else
    r = t * polynomial(t, t2, 0x1.d75f2cp-15f, -0x1.040edp-13f, -0x1.70f472p-12f, 0x1.4cfec6p-9f, -0x1.0a0454p-7f, 0x1.30439ep-6f, -0x1.0fa15cp-5f, 0x1.7ff534p-5f, -0x1.9dddd6p-5f, 0x1.16ec1cp-5f, 0x1.f7f756p-8f, -0x1.1df1aap-4f), level = all<V>(0x1.3ba592p-1f);
  // The division, and what it and the rounding of both numbers leave.
  const V divisor = fenced(half + x), inverse = one / divisor, dividend = fenced(level + r);
  const V quotient = dividend * inverse, dividend_low = fenced(level - dividend) + r;
  const V rest = nfma(quotient, half - fenced(divisor - x), nfma(quotient, divisor, dividend)) + dividend_low;
  return {quotient, choose(less(x, all<V>(0x1p60f)), rest * inverse, V{})};
}

// x^2 as a sum of two.
template <class V>
[[gnu::always_inline]] inline two<V> square_of(V x) {
  if constexpr (fused) {
    const V high = x * x;
    return {high, fma(x, x, -high)};
  } else {
    using f       = format<V>;
    const V short_x = (V)((integers<V>)x & -(typename f::word(1) << ((f::digits + 2) / 2)));
    return {short_x * short_x, fenced(x - short_x) * (x + short_x)};
  }
}

// exp(-x^2) erfcx(x), of negative x 2 - erfc(-x); beyond 28 zero is left.
template <class V>
[[gnu::always_inline]] inline V erfc(V x) {
  const V size = least(all<V>(28), magnitude(x));
  const two<V> s = square_of(size);
  const V e = exp_within_limits<true>(most(all<V>(lower_limit<number<V>>), -s.high), -s.low);
  const V upper = times(erfcx_of_positive(size), e);
  return choose(less(x, V{}), all<V>(2) - upper, upper);
}

// Of negative x 2 exp(x^2) - erfcx(-x).
template <class V>
[[gnu::always_inline]] inline V erfcx(V x) {
  const V size = magnitude(x), upper = times(erfcx_of_positive(size), all<V>(1));
  const two<V> s = square_of(least(all<V>(28), size));
  const V e = exp_within_limits<true>(least(all<V>(upper_limit<number<V>>), s.high), s.low);
  return choose(less(x, V{}), (e + e) - upper, upper);
}

// The logarithm of u + c, u positive, c small beside it.
template <class V>
[[gnu::always_inline]] inline V log_of_sum(V u, V c) {
  const V one = all<V>(1);
  const auto [k, m] = take_apart<true>(u);
  return log_of_parts(k, m - one, scaled_back(c, u, m, k));
}

// Of x > 0.8 log(erfcx(x)) - x^2, else log(1 - erf(x)).
template <class V>
[[gnu::always_inline]] inline V log_erfc(V x) {
  using T = number<V>;
  const V one = all<V>(1), e = erf(x), left = fenced(one - e), zero{};
  const auto large = less(all<V>(T(0.8)), x);
  const V u = choose(large, times(erfcx_of_positive(magnitude(x)), one), left);
  const V result = at_the_edges_of_log(u, log_of_sum(u, choose(large, zero, fenced(one - left) - e)));
  return result - choose(large, x * x, zero);
}

// Of x > -ln 2 the logarithm of -expm1(x), else log1p(-exp(x)): both from the same exponential.
template <class V>
[[gnu::always_inline]] inline V log1mexp(V x) {
  using T = number<V>;
  const auto e = exponential_of<true>(least(all<V>(1), most(all<V>(lower_limit<T>), x)));
  const V one = all<V>(1), most_n = all<V>(format<V>::magic + 100), least_n = all<V>(format<V>::magic - 100);
  const V part = power_of_two_negated(most(least_n, least(most_n, e.magic_plus_n)));
  const V expm1 = scaled(fenced((one - part) + e.r) + e.rest, e.n, e.magic_plus_n);
  const V exp   = scaled(one + (e.r + e.rest), e.n, e.magic_plus_n);
  const V left = fenced(one - exp), zero{};
  const auto near_zero = less(all<V>(T(-0.693147f)), x);
  const V u = choose(near_zero, -expm1, left);
  const V c = choose(near_zero, zero, fenced(one - left) - exp);
  return at_the_edges_of_log(u, log_of_sum(u, c));
}

}  // namespace agnesi::simd::math
#endif
