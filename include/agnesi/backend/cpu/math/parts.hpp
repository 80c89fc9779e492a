// SPDX-License-Identifier: BSD-3-Clause
// What the functions of this folder are made of: arithmetic on the vector registers of x86, __m128 to
// __m512d, for which compilers know + - * / < and ?: themselves, so that nothing is instantiated for them.
//   V y = polynomial(x, x * x, 0.5, 1.0, 1.0);   // (0.5 x + 1) x + 1
#pragma once

#if defined(__SSE2__)
#define AGNESI_HAS_MATH 1
#if defined(__AVX__)
#include <immintrin.h>
#else
#include <emmintrin.h>  // the other one takes 0.3 s to read
#endif

#include <cstdint>
#include <limits>
#include <type_traits>

namespace agnesi::simd::math {

// Of a register: the type of its lanes, and what comparing two registers gives, integers of the lanes' size.
template <class V>
using number = std::remove_cvref_t<decltype(V{}[0])>;
template <class V>
using integers = decltype(V{} < V{});
template <class V>
inline constexpr bool is_double = sizeof(number<V>) == 8;
// The same bits as integers that wrap around.
template <class V>
struct naturals_of {
  typedef std::conditional_t<sizeof(number<V>) == 8, std::uint64_t, std::uint32_t> type
      __attribute__((vector_size(sizeof(V))));
};
template <class V>
using naturals = typename naturals_of<V>::type;

#if defined(__FMA__) || defined(__AVX512F__)
inline constexpr bool fused = true;
#else
inline constexpr bool fused = false;
#endif

template <class V>
[[gnu::always_inline]] inline V all(number<V> c) {
  return c - V{};
}
template <class T>
constexpr T pick(double of_double, float of_float) {
  if constexpr (sizeof(T) == 8) return of_double;
  else return of_float;
}
// What is added and taken away again stays so: -ffast-math may not look through this.
template <class V>
[[gnu::always_inline]] inline V fenced(V x) {
#if defined(__FAST_MATH__) || defined(__ASSOCIATIVE_MATH__) || defined(__RECIPROCAL_MATH__)
#if defined(__AVX512F__)
  asm("" : "+v"(x));
#else
  asm("" : "+x"(x));
#endif
#endif
  return x;
}

// ---- by width: fma(a, b, c) = a b + c, nfma(a, b, c) = c - a b, rounded once where the machine can; least
// and most give the second argument where one is NaN

#if defined(__FMA__)
[[gnu::always_inline]] inline __m128 fma(__m128 a, __m128 b, __m128 c) { return _mm_fmadd_ps(a, b, c); }
[[gnu::always_inline]] inline __m128d fma(__m128d a, __m128d b, __m128d c) { return _mm_fmadd_pd(a, b, c); }
[[gnu::always_inline]] inline __m128 nfma(__m128 a, __m128 b, __m128 c) { return _mm_fnmadd_ps(a, b, c); }
[[gnu::always_inline]] inline __m128d nfma(__m128d a, __m128d b, __m128d c) { return _mm_fnmadd_pd(a, b, c); }
[[gnu::always_inline]] inline __m256 fma(__m256 a, __m256 b, __m256 c) { return _mm256_fmadd_ps(a, b, c); }
[[gnu::always_inline]] inline __m256d fma(__m256d a, __m256d b, __m256d c) { return _mm256_fmadd_pd(a, b, c); }
[[gnu::always_inline]] inline __m256 nfma(__m256 a, __m256 b, __m256 c) { return _mm256_fnmadd_ps(a, b, c); }
[[gnu::always_inline]] inline __m256d nfma(__m256d a, __m256d b, __m256d c) { return _mm256_fnmadd_pd(a, b, c); }
#else
template <class V>
[[gnu::always_inline]] inline V fma(V a, V b, V c) {
  return fenced(a * b) + c;
}
template <class V>
[[gnu::always_inline]] inline V nfma(V a, V b, V c) {
  return c - fenced(a * b);
}
#endif

[[gnu::always_inline]] inline __m128 least(__m128 a, __m128 b) { return _mm_min_ps(a, b); }
[[gnu::always_inline]] inline __m128d least(__m128d a, __m128d b) { return _mm_min_pd(a, b); }
[[gnu::always_inline]] inline __m128 most(__m128 a, __m128 b) { return _mm_max_ps(a, b); }
[[gnu::always_inline]] inline __m128d most(__m128d a, __m128d b) { return _mm_max_pd(a, b); }
[[gnu::always_inline]] inline bool any_sign(__m128 a) { return _mm_movemask_ps(a) != 0; }
[[gnu::always_inline]] inline bool any_sign(__m128d a) { return _mm_movemask_pd(a) != 0; }
#if defined(__AVX__)
[[gnu::always_inline]] inline __m256 least(__m256 a, __m256 b) { return _mm256_min_ps(a, b); }
[[gnu::always_inline]] inline __m256d least(__m256d a, __m256d b) { return _mm256_min_pd(a, b); }
[[gnu::always_inline]] inline __m256 most(__m256 a, __m256 b) { return _mm256_max_ps(a, b); }
[[gnu::always_inline]] inline __m256d most(__m256d a, __m256d b) { return _mm256_max_pd(a, b); }
[[gnu::always_inline]] inline bool any_sign(__m256 a) { return _mm256_movemask_ps(a) != 0; }
[[gnu::always_inline]] inline bool any_sign(__m256d a) { return _mm256_movemask_pd(a) != 0; }
#endif

// Half of the lanes, in double, and back.
[[gnu::always_inline]] inline __m128d lower_half(__m128 x) { return _mm_cvtps_pd(x); }
[[gnu::always_inline]] inline __m128d upper_half(__m128 x) { return _mm_cvtps_pd(_mm_movehl_ps(x, x)); }
template <class V>
[[gnu::always_inline]] inline V joined(__m128d lower, __m128d upper) {
  return _mm_movelh_ps(_mm_cvtpd_ps(lower), _mm_cvtpd_ps(upper));
}
#if defined(__AVX__)
[[gnu::always_inline]] inline __m256d lower_half(__m256 x) { return _mm256_cvtps_pd(_mm256_castps256_ps128(x)); }
[[gnu::always_inline]] inline __m256d upper_half(__m256 x) { return _mm256_cvtps_pd(_mm256_extractf128_ps(x, 1)); }
template <class V>
[[gnu::always_inline]] inline V joined(__m256d lower, __m256d upper) {
  return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm256_cvtpd_ps(lower)), _mm256_cvtpd_ps(upper), 1);
}
#endif

// A mask is an integer vector of ones and zeros or, of 512 bits, a bit for each lane.
template <class V>
[[gnu::always_inline]] inline integers<V> less(V a, V b) {
  return a < b;
}
template <class V>
[[gnu::always_inline]] inline integers<V> equal(V a, V b) {
  return a == b;
}
template <class V>
[[gnu::always_inline]] inline V choose(integers<V> mask, V a, V b) {
  return mask ? a : b;
}
template <class V>
[[gnu::always_inline]] inline integers<V> is_odd(V magic_plus_n) {
  return -((integers<V>)magic_plus_n & 1);
}
template <class V>
[[gnu::always_inline]] inline bool any_less(V a, V b) {
  return any_sign((V)(a < b));
}
template <class V>
[[gnu::always_inline]] inline bool any_not_less(V a, V b) {
  return any_sign((V) ~(a < b));
}

#if defined(__AVX512F__)
[[gnu::always_inline]] inline __m512 fma(__m512 a, __m512 b, __m512 c) { return _mm512_fmadd_ps(a, b, c); }
[[gnu::always_inline]] inline __m512d fma(__m512d a, __m512d b, __m512d c) { return _mm512_fmadd_pd(a, b, c); }
[[gnu::always_inline]] inline __m512 nfma(__m512 a, __m512 b, __m512 c) { return _mm512_fnmadd_ps(a, b, c); }
[[gnu::always_inline]] inline __m512d nfma(__m512d a, __m512d b, __m512d c) { return _mm512_fnmadd_pd(a, b, c); }
[[gnu::always_inline]] inline __m512 least(__m512 a, __m512 b) { return _mm512_min_ps(a, b); }
[[gnu::always_inline]] inline __m512d least(__m512d a, __m512d b) { return _mm512_min_pd(a, b); }
[[gnu::always_inline]] inline __m512 most(__m512 a, __m512 b) { return _mm512_max_ps(a, b); }
[[gnu::always_inline]] inline __m512d most(__m512d a, __m512d b) { return _mm512_max_pd(a, b); }
[[gnu::always_inline]] inline __mmask16 less(__m512 a, __m512 b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
[[gnu::always_inline]] inline __mmask8 less(__m512d a, __m512d b) { return _mm512_cmp_pd_mask(a, b, _CMP_LT_OQ); }
[[gnu::always_inline]] inline __mmask16 equal(__m512 a, __m512 b) { return _mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ); }
[[gnu::always_inline]] inline __mmask8 equal(__m512d a, __m512d b) { return _mm512_cmp_pd_mask(a, b, _CMP_EQ_OQ); }
[[gnu::always_inline]] inline __m512 choose(__mmask16 m, __m512 a, __m512 b) { return _mm512_mask_blend_ps(m, b, a); }
[[gnu::always_inline]] inline __m512d choose(__mmask8 m, __m512d a, __m512d b) { return _mm512_mask_blend_pd(m, b, a); }
[[gnu::always_inline]] inline bool any_less(__m512 a, __m512 b) { return less(a, b) != 0; }
[[gnu::always_inline]] inline bool any_less(__m512d a, __m512d b) { return less(a, b) != 0; }
// result, but for x zero -infinity, for x negative NaN, and x itself where it is infinite or NaN: a response
// for each of eight kinds of x.
[[gnu::always_inline]] inline __m512 log_or_edge(__m512 x, __m512 result) {
  return _mm512_fixupimm_ps(result, x, _mm512_set1_epi32(0x03530422), 0);
}
[[gnu::always_inline]] inline __m512d log_or_edge(__m512d x, __m512d result) {
  return _mm512_fixupimm_pd(result, x, _mm512_set1_epi64(0x03530422), 0);
}
[[gnu::always_inline]] inline bool any_not_less(__m512 a, __m512 b) { return less(a, b) != __mmask16(-1); }
[[gnu::always_inline]] inline bool any_not_less(__m512d a, __m512d b) { return less(a, b) != __mmask8(-1); }
[[gnu::always_inline]] inline __m512d lower_half(__m512 x) { return _mm512_cvtps_pd(_mm512_castps512_ps256(x)); }
[[gnu::always_inline]] inline __m512d upper_half(__m512 x) {
  return _mm512_cvtps_pd(_mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(x), 1)));
}
template <class V>
[[gnu::always_inline]] inline V joined(__m512d lower, __m512d upper) {
  return _mm512_castpd_ps(_mm512_insertf64x4(_mm512_castps_pd(_mm512_castps256_ps512(_mm512_cvtpd_ps(lower))),
                                             _mm256_castps_pd(_mm512_cvtpd_ps(upper)), 1));
}
[[gnu::always_inline]] inline __m512 scaled(__m512 x, __m512 n) { return _mm512_scalef_ps(x, n); }
[[gnu::always_inline]] inline __m512d scaled(__m512d x, __m512d n) { return _mm512_scalef_pd(x, n); }
[[gnu::always_inline]] inline __m512 exponent(__m512 x) { return _mm512_getexp_ps(x); }
[[gnu::always_inline]] inline __m512d exponent(__m512d x) { return _mm512_getexp_pd(x); }
[[gnu::always_inline]] inline __m512 mantissa(__m512 x) {
  return _mm512_getmant_ps(x, _MM_MANT_NORM_p75_1p5, _MM_MANT_SIGN_zero);
}
[[gnu::always_inline]] inline __m512d mantissa(__m512d x) {
  return _mm512_getmant_pd(x, _MM_MANT_NORM_p75_1p5, _MM_MANT_SIGN_zero);
}
[[gnu::always_inline]] inline __mmask16 is_odd(__m512 n) {
  return _mm512_test_epi32_mask((__m512i)n, _mm512_set1_epi32(1));
}
[[gnu::always_inline]] inline __mmask8 is_odd(__m512d n) {
  return _mm512_test_epi64_mask((__m512i)n, _mm512_set1_epi64(1));
}
// table[k] for the last three bits of each lane.
[[gnu::always_inline]] inline __m512d picked(__m512d k, const double* table) {
  return _mm512_permutexvar_pd((__m512i)k, _mm512_load_pd(table));
}
[[gnu::always_inline]] inline __m512 add_where(__mmask16 m, __m512 a, __m512 b) {
  return _mm512_mask_add_ps(a, m, a, b);
}
[[gnu::always_inline]] inline __m512d add_where(__mmask8 m, __m512d a, __m512d b) {
  return _mm512_mask_add_pd(a, m, a, b);
}
#endif

// 512 bits know how to scale and how to take a number apart.
template <class V>
inline constexpr bool wide = sizeof(V) == 64;

// ---- of any width

// Highest power first, in two chains: x2 is x * x.
template <class V, class... C>
[[gnu::always_inline]] inline V polynomial(V x, V x2, number<V> highest, number<V> next, number<V> third, C... lower) {
  V a = all<V>(next), b = fma(all<V>(highest), x2, all<V>(third));
  [[maybe_unused]] V t;
  ((t = fma(a, x2, all<V>(static_cast<number<V>>(lower))), a = b, b = t), ...);
  return fma(a, x, b);
}

// Logical, of lanes that are not negative.
template <class I>
[[gnu::always_inline]] inline I shifted_right(I v, int n) {
  if constexpr (sizeof(v[0]) == 4) return v >> n;  // shifting arithmetically does not exist for 64 bits below AVX-512
  else if constexpr (sizeof(I) == 16) return (I)_mm_srli_epi64((__m128i)v, n);
#if defined(__AVX2__)
  else if constexpr (sizeof(I) == 32) return (I)_mm256_srli_epi64((__m256i)v, n);
#endif
  else return v >> n;
}

// A number and what its rounding has left.
template <class V>
struct two {
  V high, low;
};
template <class V>
[[gnu::always_inline]] inline V times(const two<V>& a, V b) {
  return fma(a.high, b, a.low * b);
}

template <class V>
struct format {  // the bits of a lane
  using T = number<V>;
  using word = std::remove_cvref_t<decltype(integers<V>{}[0])>;
  using natural = std::remove_cvref_t<decltype(naturals<V>{}[0])>;
  static constexpr int digits = std::numeric_limits<T>::digits - 1;
  static constexpr word bias = std::numeric_limits<T>::max_exponent - 1;
  static constexpr word sign = std::numeric_limits<word>::min();
  static constexpr T magic = pick<T>(0x1.8p52, 0x1.8p23f);  // a whole number n added to it stands in the last bits
  static constexpr word magic_bits = static_cast<word>(is_double<V> ? 0x4338000000000000 : 0x4b400000);
};

template <class V>
[[gnu::always_inline]] inline V magnitude(V x) {
  return (V)((integers<V>)x & ~format<V>::sign);
}
template <class V>
[[gnu::always_inline]] inline V negative_magnitude(V x) {
  return (V)((integers<V>)x | format<V>::sign);
}
template <class V>
[[gnu::always_inline]] inline V with_sign_of(V size, V x) {  // size >= 0
  return (V)((integers<V>)size | ((integers<V>)x & format<V>::sign));
}
template <class V>
[[gnu::always_inline]] inline V flipped_sign(V x, V by) {
  return (V)((integers<V>)x ^ ((integers<V>)by & format<V>::sign));
}

// 2^-n of the n that was added to the magic number, -bias <= -n <= bias.
template <class V>
[[gnu::always_inline]] inline V power_of_two_negated(V magic_plus_n) {
  using f = format<V>;
  return (V)((static_cast<typename f::natural>(f::magic_bits + f::bias) - (naturals<V>)magic_plus_n) << f::digits);
}
// x 2^n, rounded once: also to subnormal numbers, to zero and to infinity.
template <class V>
[[gnu::always_inline]] inline V scaled(V x, V n, V magic_plus_n) {
  if constexpr (wide<V>) {
    return scaled(x, n);
  } else {
    using f = format<V>;
    const naturals<V> e = (naturals<V>)magic_plus_n - static_cast<typename f::natural>(f::magic_bits - 2 * f::bias);
    const naturals<V> half = (naturals<V>)shifted_right((integers<V>)e, 1);
    return fenced(x * (V)(half << f::digits)) * (V)((e - half) << f::digits);
  }
}

}  // namespace agnesi::simd::math
#else
#define AGNESI_HAS_MATH 0
#endif
