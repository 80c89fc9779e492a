// SPDX-License-Identifier: BSD-3-Clause
// erf, erfc, exp(x^2) erfc(x), log(erfc(x)) and log(1 - exp(x)) of registers.
//   __m512d y = simd::math::erf(x);
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
    r = polynomial(w, w2, -0x1.abae0294dbe8ep-31, 0x1.d71af7602ca92p-27, -0x1.5c072380e25bep-23, 0x1.b97fd34a4de1dp-20,
                   -0x1.f4ca4d60d35f4p-17, 0x1.f9a2baa811ea1p-14, -0x1.c02db03dcd737p-11, 0x1.565bccf92af21p-8,
                   -0x1.b82ce311fa923p-6, 0x1.ce2f21a040d16p-4, -0x1.812746b0379bdp-2, 0x1.06eba8214db68p-3);
  else
    r = polynomial(w, w2, 0x1.496a02p-14f, -0x1.a3f6fp-11f, 0x1.5405bp-8f, -0x1.b7f90cp-6f, 0x1.ce2cf8p-4f,
                   -0x1.81273ep-2f, 0x1.06eba8p-3f);
  return fma(x, r, x);
}
// Of x >= 1: erfc(x) as exp of a polynomial that is accurate where erfc is of a size that is seen in erf.
template <class V>
[[gnu::always_inline]] inline V erf_of_large(V x) {
  x = least(all<V>(pick<number<V>>(5.95, 4)), x);
  const V x2 = x * x;
  V r;
  if constexpr (is_double<V>)
    r = polynomial(x, x2, -0x1.3224776e88cfbp-36, 0x1.606950cd8783cp-31, -0x1.7087f3d34a472p-27, 0x1.c9199a16293bcp-24,
                   -0x1.6a90afceb1a8ep-21, 0x1.5e5eb79499b4bp-19, -0x1.c4e5b801eed1ap-19, -0x1.e13ed67b5420dp-16,
                   0x1.e6f0e7b3c7cc9p-13, -0x1.e3bb65ebbe01bp-11, 0x1.13926d6800a4ep-9, -0x1.343a4d20e142ep-11,
                   -0x1.350a83c268c73p-6, 0x1.a4659138587b5p-4, 0x1.45f961ba38d32p-1, 0x1.20dcc2deaff4ap0,
                   0x1.22657982c1adep-20);
  else
    r = polynomial(x, x2, -0x1.852d06p-13f, 0x1.814cbap-9f, -0x1.654216p-6f, 0x1.a60a8p-4f, 0x1.46c584p-1f,
                   0x1.2085b2p0f, 0x1.72e6ap-12f);
  return all<V>(1) - exp_within_limits(-r);
}

template <class V>
[[gnu::always_inline]] inline V erf(V x) {
  if constexpr (wide<V> && !is_double<V>) {
    return erf_by_pieces(x);
  } else {
    const V size = magnitude(x), one = all<V>(1);
    return with_sign_of(choose(less(size, one), erf_of_small(size), erf_of_large(size)), x);
  }
}

// For x >= 0: (7/8 + x) exp(x^2) erfc(x) is a polynomial of t = (x - 4) / (x + 4), after M. M. Shepherd and
// J. G. Laframboise, "Chebyshev approximation of (1 + 2x) exp(x^2) erfc x in 0 <= x < infinity", 1981; with
// 7/8 in place of their 1/2 it is level at zero, where t is not rounded well enough for a slope.
template <class V>
[[gnu::always_inline]] inline two<V> erfcx_of_positive(V x) {
  using T = number<V>;
  const V one = all<V>(1), shift = all<V>(T(0.875));
  const V near = least(all<V>(0x1p60f), x), t = fma(near + near, one / (near + all<V>(4)), -one), t2 = t * t;
  V r, level;
  if constexpr (is_double<V>)
    r = t * polynomial(t, t2, -0x1.33a0cea733b25p-33, 0x1.c171f3f160e52p-32, 0x1.cb6e2a8886d43p-30,
                       -0x1.7616a06d2512cp-28, -0x1.7f154aeaf8ecbp-27, 0x1.97b073e9f0721p-25, 0x1.9e2cf2acd4f6bp-25,
                       -0x1.922d981a50073p-22, 0x1.531045738aee7p-25, 0x1.6a68033b899b8p-19, -0x1.2e6c1acd2052cp-18,
                       -0x1.b146d03a683c4p-17, 0x1.186608d9e0b38p-14, -0x1.25a481d39fe4fp-14, -0x1.95d9362c1434cp-12,
                       0x1.227f1b2cbb59fp-9, -0x1.aefb78b9c5f5fp-8, 0x1.c3204c633219ep-7, -0x1.5f13b3392fa17p-6,
                       0x1.7c1ffdb5269d5p-6, -0x1.3c7c0a6c9a369p-7, -0x1.c3595544912a4p-6, 0x1.6f7371be1c3bbp-4,
                       -0x1.55efb0613c397p-3),
    level = all<V>(0x1.55f35d8d2d29fp-1);
  else
    r = t * polynomial(t, t2, 0x1.a6e8dap-15f, -0x1.97e054p-14f, -0x1.7c4666p-12f, 0x1.262f92p-9f, -0x1.b02ce6p-8f,
                       0x1.c2a278p-7f, -0x1.5ef62cp-6f, 0x1.7c30b8p-6f, -0x1.3c87p-7f, -0x1.c35b4p-6f, 0x1.6f738ap-4f,
                       -0x1.55efaep-3f),
    level = all<V>(0x1.55f35ep-1f);
  // The division, and what it and the rounding of both numbers leave.
  const V divisor = fenced(shift + x), inverse = one / divisor, dividend = fenced(level + r);
  const V quotient = fenced(dividend * inverse), dividend_low = fenced(level - dividend) + r;
  const V rest = nfma(quotient, shift - fenced(divisor - x), nfma(quotient, divisor, dividend)) + dividend_low;
  return {quotient, choose(less(x, all<V>(pick<T>(0x1p1020, 0x1p124f))), rest * inverse, V{})};
}

// x^2 as a sum of two.
template <class V>
[[gnu::always_inline]] inline two<V> square_of(V x) {
  if constexpr (fused) {
    const V high = x * x;
    return {high, fma(x, x, -high)};
  } else {
    using f = format<V>;
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
  const V expm1 = scaled(fenced(fenced(one - part) + e.r) + e.rest, e.n, e.magic_plus_n);
  const V exp = scaled(one + (e.r + e.rest), e.n, e.magic_plus_n);
  const V left = fenced(one - exp), zero{};
  const auto near_zero = less(all<V>(T(-0.693147f)), x);
  const V u = choose(near_zero, -expm1, left);
  const V c = choose(near_zero, zero, fenced(one - left) - exp);
  return at_the_edges_of_log(u, log_of_sum(u, c));
}

}  // namespace agnesi::simd::math
#endif
