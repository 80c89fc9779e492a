// SPDX-License-Identifier: BSD-3-Clause
// Comparing packs where some lanes are NaN: which are, and the larger and the smaller of two.
//   auto m = simd::larger<float>(a, b);   // NaN where a or b is
#pragma once

#include "agnesi/backend/cpu/nan.hpp"
#include "agnesi/backend/cpu/simd/packs.hpp"

namespace agnesi::simd {

/// Where two packs differ, or either is NaN. By intrinsics: xsimd 8.1 has a != b false for NaN on AVX, and its !(a == b) is
/// a call of a function that compilers do not inline.
template <class T>
[[gnu::always_inline]] inline mask<T> unlike(const pack<T>& a, const std::type_identity_t<pack<T>>& b) {
#if AGNESI_HAS_XSIMD && defined(__AVX512F__)
  if constexpr (sizeof(pack<T>) == 64 && sizeof(T) == 4) return mask<T>(_mm512_cmp_ps_mask(a, b, _CMP_NEQ_UQ));
  else if constexpr (sizeof(pack<T>) == 64) return mask<T>(_mm512_cmp_pd_mask(a, b, _CMP_NEQ_UQ));
  else
#endif
#if AGNESI_HAS_XSIMD && defined(__AVX__)
  if constexpr (sizeof(pack<T>) == 32 && sizeof(T) == 4) return mask<T>(_mm256_cmp_ps(a, b, _CMP_NEQ_UQ));
  else if constexpr (sizeof(pack<T>) == 32) return mask<T>(_mm256_cmp_pd(a, b, _CMP_NEQ_UQ));
  else
#endif
  return !(a == b);
}

template <class T>
[[gnu::always_inline]] inline mask<T> nan_lanes(const pack<T>& v) {
  if constexpr (lanes<T> == 1) {
    return is_nan(v);
  } else {
#ifdef AGNESI_FINITE_MATH
    T lane[lanes<T>], is[lanes<T>];
    simd::store<T>(lane, v);
    for (int k = 0; k < lanes<T>; ++k) is[k] = is_nan(lane[k]) ? T(1) : T(0);
    return simd::load<T>(is) == splat<T>(T(1));
#else
    return unlike<T>(v, v);
#endif
  }
}

/// The lanes where one of two packs, or both, are NaN.
template <class T>
[[gnu::always_inline]] inline mask<T> either_nan(const pack<T>& a, const std::type_identity_t<pack<T>>& b) {
#if AGNESI_HAS_XSIMD && !defined(AGNESI_FINITE_MATH) && defined(__AVX512F__)
  if constexpr (sizeof(pack<T>) == 64 && sizeof(T) == 4) return mask<T>(_mm512_cmp_ps_mask(a, b, _CMP_UNORD_Q));
  else if constexpr (sizeof(pack<T>) == 64) return mask<T>(_mm512_cmp_pd_mask(a, b, _CMP_UNORD_Q));
  else
#endif
#if AGNESI_HAS_XSIMD && !defined(AGNESI_FINITE_MATH) && defined(__AVX__)
  if constexpr (sizeof(pack<T>) == 32 && sizeof(T) == 4) return mask<T>(_mm256_cmp_ps(a, b, _CMP_UNORD_Q));
  else if constexpr (sizeof(pack<T>) == 32) return mask<T>(_mm256_cmp_pd(a, b, _CMP_UNORD_Q));
  else
#endif
  return nan_lanes<T>(a) || nan_lanes<T>(b);
}

// With -ffast-math a comparison with NaN may be true.
template <class T>
[[gnu::always_inline]] inline pack<T> keeping_nan([[maybe_unused]] const pack<T>& a, const pack<T>& chosen) {
#ifdef AGNESI_FINITE_MATH
  return choose<T>(nan_lanes<T>(a), a, chosen);
#else
  return chosen;
#endif
}

#if defined(__SSE2__) && AGNESI_HAS_XSIMD && !defined(AGNESI_FINITE_MATH)
#define AGNESI_HAS_EXTREMA 1
namespace detail {

// The larger, or the smaller, of two. The instruction gives b where either is NaN, so what is left to say is that a is.
template <class T, bool Larger>
[[gnu::always_inline]] inline pack<T> extremum(const pack<T>& a, const pack<T>& b) {
#if defined(__AVX512F__)
  if constexpr (sizeof(pack<T>) == 64 && sizeof(T) == 4) {
    const __m512 m = Larger ? _mm512_max_ps(a, b) : _mm512_min_ps(a, b);
    return pack<T>(_mm512_mask_mov_ps(m, _mm512_cmp_ps_mask(a, a, _CMP_UNORD_Q), a));
  } else if constexpr (sizeof(pack<T>) == 64) {
    const __m512d m = Larger ? _mm512_max_pd(a, b) : _mm512_min_pd(a, b);
    return pack<T>(_mm512_mask_mov_pd(m, _mm512_cmp_pd_mask(a, a, _CMP_UNORD_Q), a));
  } else
#endif
#if defined(__AVX__)
  if constexpr (sizeof(pack<T>) == 32 && sizeof(T) == 4) {
    const __m256 m = Larger ? _mm256_max_ps(a, b) : _mm256_min_ps(a, b);
    return pack<T>(_mm256_blendv_ps(m, a, _mm256_cmp_ps(a, a, _CMP_UNORD_Q)));
  } else if constexpr (sizeof(pack<T>) == 32) {
    const __m256d m = Larger ? _mm256_max_pd(a, b) : _mm256_min_pd(a, b);
    return pack<T>(_mm256_blendv_pd(m, a, _mm256_cmp_pd(a, a, _CMP_UNORD_Q)));
  } else
#endif
  if constexpr (sizeof(T) == 4) {
    const __m128 m = Larger ? _mm_max_ps(a, b) : _mm_min_ps(a, b), is_nan = _mm_cmpunord_ps(a, a);
    return pack<T>(_mm_or_ps(_mm_and_ps(is_nan, a), _mm_andnot_ps(is_nan, m)));
  } else {
    const __m128d m = Larger ? _mm_max_pd(a, b) : _mm_min_pd(a, b), is_nan = _mm_cmpunord_pd(a, a);
    return pack<T>(_mm_or_pd(_mm_and_pd(is_nan, a), _mm_andnot_pd(is_nan, m)));
  }
}

}  // namespace detail
#else
#define AGNESI_HAS_EXTREMA 0
#endif

/// NaN if either is NaN, as NumPy has it; for numbers and packs.
template <class T, class V>
[[gnu::always_inline]] constexpr V larger(const V& a, const V& b) {
  if constexpr (std::is_same_v<T, V>) return replaces<true>(b, a) ? b : a;
#if AGNESI_HAS_EXTREMA
  else return detail::extremum<T, true>(a, b);
#else
  else return keeping_nan<T>(a, choose<T>(a < b || nan_lanes<T>(b), b, a));
#endif
}
template <class T, class V>
[[gnu::always_inline]] constexpr V smaller(const V& a, const V& b) {
  if constexpr (std::is_same_v<T, V>) return replaces<false>(b, a) ? b : a;
#if AGNESI_HAS_EXTREMA
  else return detail::extremum<T, false>(a, b);
#else
  else return keeping_nan<T>(a, choose<T>(a > b || nan_lanes<T>(b), b, a));
#endif
}

template <class T>
[[gnu::always_inline]] inline bool any_lane(const mask<T>& m) {
#if AGNESI_HAS_XSIMD
  if constexpr (lanes<T> > 1) return xsimd::any(m);
  else
#endif
    return static_cast<bool>(m);
}

/// The same in one instruction; where a lane of either is NaN the result may be anything.
template <class T, class V>
[[gnu::always_inline]] constexpr V larger_number(const V& a, const V& b) {
#if AGNESI_HAS_XSIMD
  if constexpr (!std::is_same_v<T, V>) return xsimd::max(a, b);
  else
#endif
    return larger<T>(a, b);
}
template <class T, class V>
[[gnu::always_inline]] constexpr V smaller_number(const V& a, const V& b) {
#if AGNESI_HAS_XSIMD
  if constexpr (!std::is_same_v<T, V>) return xsimd::min(a, b);
  else
#endif
    return smaller<T>(a, b);
}

}  // namespace agnesi::simd
