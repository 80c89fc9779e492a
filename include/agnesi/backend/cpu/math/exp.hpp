// SPDX-License-Identifier: BSD-3-Clause
// exp, expm1, tanh and sigmoid of registers: x = n ln 2 + r (W. J. Cody and W. Waite, "Software Manual for
// the Elementary Functions", 1980), and a polynomial for exp(r) - 1.
//   __m512d y = simd::math::tanh(x);
#pragma once

#include "agnesi/backend/cpu/math/pieces.hpp"

#if AGNESI_HAS_MATH
namespace agnesi::simd::math {

// ln 2 in two parts, the first with so many zeros at its end that a product with n is exact.
template <class T>
inline constexpr T ln2_high = pick<T>(0x1.62e42fee00000p-1, 0x1.62e4p-1f);
template <class T>
inline constexpr T ln2_low = pick<T>(0x1.a39ef35793c76p-33, 0x1.7f7d1cp-20f);
template <class T>
inline constexpr T one_by_ln2 = pick<T>(0x1.71547652b82fep0, 0x1.715476p0f);

// exp(x) = 2^n (1 + (r + rest)), |r| < 0.35
template <class V>
struct exponential {
  V n, magic_plus_n, r, rest;
};

// Of |x| < 2^20, and of NaN; low, if there, is added to x. Careful: with what r is rounded by.
template <bool Careful, class V, class... Low>
[[gnu::always_inline]] inline exponential<V> exponential_of(V x, Low... low) {
  using T = number<V>;
  const V magic = all<V>(format<V>::magic), t = fenced(fma(x, all<V>(one_by_ln2<T>), magic)), n = fenced(t - magic);
  const V high = fenced(nfma(n, all<V>(ln2_high<T>), x)), product_with_low = all<V>(ln2_low<T>);
  const V r = fenced(nfma(n, product_with_low, (high + ... + low))), r2 = r * r;
  V q;
  if constexpr (is_double<V>)
    q = polynomial(r, r2, 0x1.af76b36d6495bp-26, 0x1.28a2aba703fdbp-22, 0x1.71dde9fea19e3p-19, 0x1.a019a685ba1fap-16,
                   0x1.a01a01b5dc61ep-13, 0x1.6c16c17f37739p-10, 0x1.111111110e6c4p-7, 0x1.55555555520f4p-5,
                   0x1.555555555555cp-3, 0x1.0000000000005p-1);
  else q = polynomial(r, r2, 0x1.6d98fp-10f, 0x1.122802p-7f, 0x1.555486p-5f, 0x1.5554bp-3f, 0x1p-1f);
  if constexpr (Careful) return {n, t, r, fma(r2, q, (nfma(n, product_with_low, fenced(high - r)) + ... + low))};
  else return {n, t, r, r2 * q};
}

// Eighths of the exponent from a table that fits a register; rounded, and what is left.
struct eighths {
  alignas(64) static constexpr double power[] = {1,
                                                 0x1.172b83c7d517bp0,
                                                 0x1.306fe0a31b715p0,
                                                 0x1.4bfdad5362a27p0,
                                                 0x1.6a09e667f3bcdp0,
                                                 0x1.8ace5422aa0dbp0,
                                                 0x1.ae89f995ad3adp0,
                                                 0x1.d5818dcfba487p0};
  alignas(64) static constexpr double rest[] = {0,
                                                -0x1.19041b9d78a76p-55,
                                                0x1.6f46ad23182e4p-55,
                                                0x1.d4397afec42e2p-56,
                                                -0x1.bdd3413b26456p-54,
                                                0x1.6e9f156864b27p-54,
                                                0x1.7a1cd345dcc81p-54,
                                                0x1.2ed02d75b3707p-55};
};

// exp(x + low) of x between lower_limit and upper_limit.
template <bool Careful = false, class V, class... Low>
[[gnu::always_inline]] inline V exp_within_limits(V x, Low... low) {
  using T = number<V>;
  if constexpr (wide<V> && is_double<V>) {
    const V magic = all<V>(0x1.8p49), t = fenced(fma(x, all<V>(one_by_ln2<T>), magic)), n = fenced(t - magic);
    const V r = nfma(n, all<V>(ln2_low<T>), (nfma(n, all<V>(ln2_high<T>), x) + ... + low)), r2 = r * r;
    const V q = polynomial(r, r2, 0x1.a020754c591adp-13, 0x1.6c1cc15d6f69p-10, 0x1.11111107d8ffep-7,
                           0x1.55555547f82cep-5, 0x1.555555555565fp-3, 0x1.000000000010fp-1);
    const V p = fma(r2, q, r), power = picked(t, eighths::power);
    if constexpr (Careful) return scaled(power + fma(power, p, picked(t, eighths::rest)), n);
    else return scaled(fma(power, p, power), n);
  } else {
    const auto e = exponential_of<Careful>(x, low...);
    return scaled(all<V>(1) + (e.r + e.rest), e.n, e.magic_plus_n);
  }
}
// Beyond these limits exp is infinite or zero.
template <class T>
inline constexpr T upper_limit = pick<T>(710, 89);
template <class T>
inline constexpr T lower_limit = pick<T>(-746, -104);

template <class V>
[[gnu::always_inline]] inline V exp(V x) {
  using T = number<V>;
  return exp_within_limits(least(all<V>(upper_limit<T>), most(all<V>(lower_limit<T>), x)));
}
// Of x <= 0.
template <class V>
[[gnu::always_inline]] inline V exp_of_negative(V x) {
  return exp_within_limits<true>(most(all<V>(lower_limit<number<V>>), x));
}

// 2^n ((1 - 2^-n) + r + rest), in which the difference is exact where it matters.
template <class V>
[[gnu::always_inline]] inline V expm1(V x) {
  using T = number<V>;
  const auto e = exponential_of<true>(least(all<V>(upper_limit<T>), most(all<V>(pick<T>(-40, -20)), x)));
  const V most_n = all<V>(format<V>::magic + 100);  // 2^-100 is nothing beside 1
  const V difference = fenced(all<V>(1) - power_of_two_negated(least(most_n, e.magic_plus_n)));
  const V size = scaled(fenced(difference + e.r) + e.rest, e.n, e.magic_plus_n);
  return with_sign_of(magnitude(size), x);
}

// exp(2x) of 0 <= x <= 10, in float, good for 1 / (1 + exp(2x)): where x is large its rounding does not
// count.
template <class V>
[[gnu::always_inline]] inline V exp_of_double(V x) {
  const V twice_by_ln2 = all<V>(0x1.715476p1f), magic = all<V>(format<V>::magic);
  const V t = fenced(fma(x, twice_by_ln2, magic)), n = fenced(t - magic), f = fma(x, twice_by_ln2, -n);
  return scaled(polynomial(f, f * f, 0x1.41d2f4p-13f, 0x1.5f459ap-10f, 0x1.3b2dbcp-7f, 0x1.c6aed4p-5f, 0x1.ebfbdap-3f,
                           0x1.62e43p-1f, 1),
                n, t);
}

// x + x^3 P(x^2) / Q(x^2) of small numbers, 1 - 2 / (exp(2|x|) + 1) of others, with one division for both.
template <class V>
[[gnu::always_inline]] inline V tanh(V x) {
  if constexpr (wide<V> && !is_double<V>) {
    return tanh_by_pieces(x);
  } else {
    using T = number<V>;
    const V size = magnitude(x), one = all<V>(1), w = size * size;
    V p, q, e;
    if constexpr (is_double<V>) {
      e = exp_within_limits(least(all<V>(40), size + size));
      p = polynomial(w, w * w, -0x1.a1b4e5dd75bf5p-13, -0x1.4fda3296bc87dp-6, -0x1.5555555555555p-2);
      q = polynomial(w, w * w, 0x1.b121f4bca84dep-13, 0x1.7d9aed2c18586p-6, 0x1.d8928315dcef2p-2, 1);
    } else {
      e = exp_of_double(least(all<V>(10), size));
      p = fma(all<V>(-0x1.969a4ep-10f), w, all<V>(-0x1.555552p-2f));
      q = fma(all<V>(0x1.9e5bbcp-2f), w, one);
    }
    const auto small = less(size, all<V>(T(0.625)));
    const V rest = choose(small, size * w * p, all<V>(-2)) / choose(small, q, e + one);
    return with_sign_of(choose(small, size, one) + rest, x);
  }
}

// exp(-|x|) / (1 + exp(-|x|)), or what this leaves of 1.
template <class V>
[[gnu::always_inline]] inline V sigmoid(V x) {
  const V one = all<V>(1), left = exp_within_limits(most(all<V>(lower_limit<number<V>>), negative_magnitude(x))),
          whole = choose(less(x, V{}), left, one);
  return nfma(whole, left / (one + left), whole);
}

}  // namespace agnesi::simd::math
#endif
