// SPDX-License-Identifier: BSD-3-Clause
// The first few lanes of a pack.
//   simd::store_first<float>(q, simd::load_first<float>(p, n), n);
#pragma once

#include "agnesi/backend/cpu/simd/packs.hpp"

namespace agnesi::simd {

namespace detail {

// Any window of `lanes` numbers of this row begins with as many ones as one likes.
template <class Int, int Lanes>
struct window {
  Int at[2 * Lanes]{};
  constexpr window() {
    for (int k = 0; k < Lanes; ++k) at[k] = Int(-1);
  }
};
template <class Int, int Lanes>
inline constexpr window<Int, Lanes> ones{};

template <class T>
using same_size_int = std::conditional_t<sizeof(T) == 8, std::int64_t, std::int32_t>;

#if defined(__AVX__) && AGNESI_HAS_XSIMD
// All bits in the first n lanes of 32 bytes.
template <class T>
[[gnu::always_inline]] inline __m256i ones_first(std::ptrdiff_t n) {
  using lane_int = same_size_int<T>;
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(ones<lane_int, lanes<T>>.at + (lanes<T> - n)));
}
#endif

}  // namespace detail

/// The first n < lanes elements, the other lanes being zero; memory beyond them is not read.
template <class T>
[[gnu::always_inline]] inline pack<T> load_first(const T* from, std::ptrdiff_t n) {
  if constexpr (lanes<T> == 1) {
    return n > 0 ? *from : T(0);
  } else {
#if defined(__AVX512F__) && AGNESI_HAS_XSIMD
    if constexpr (sizeof(pack<T>) == 64) {
      if constexpr (sizeof(T) == 4) return pack<T>(_mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << n) - 1u), from));
      else return pack<T>(_mm512_maskz_loadu_pd(static_cast<__mmask8>((1u << n) - 1u), from));
    }
#endif
#if defined(__AVX__) && AGNESI_HAS_XSIMD
    if constexpr (sizeof(pack<T>) == 32) {
      const __m256i which = detail::ones_first<T>(n);
      if constexpr (sizeof(T) == 4) return pack<T>(_mm256_maskload_ps(from, which));
      else return pack<T>(_mm256_maskload_pd(from, which));
    }
#endif
#if defined(__SSE2__) && AGNESI_HAS_XSIMD
    // Not by way of memory: a load of what was just stored in pieces waits for all of them.
    if constexpr (sizeof(pack<T>) == 16 && sizeof(T) == 8) {
      return pack<T>(n > 0 ? _mm_load_sd(from) : _mm_setzero_pd());
    } else if constexpr (sizeof(pack<T>) == 16) {
      if (n <= 1) return pack<T>(n > 0 ? _mm_load_ss(from) : _mm_setzero_ps());
      const __m128 two = _mm_castsi128_ps(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(from)));
      return pack<T>(n == 2 ? two : _mm_movelh_ps(two, _mm_load_ss(from + 2)));
    }
#endif
    T lane[lanes<T>]{};
    for (std::ptrdiff_t k = 0; k < n; ++k) lane[k] = from[k];
    return simd::load<T>(lane);
  }
}

/// Writes the first n < lanes elements and nothing beyond them.
template <class T>
[[gnu::always_inline]] inline void store_first(T* to, const std::type_identity_t<pack<T>>& v, std::ptrdiff_t n) {
  if constexpr (lanes<T> == 1) {
    if (n > 0) *to = v;
  } else {
#if defined(__AVX512F__) && AGNESI_HAS_XSIMD
    if constexpr (sizeof(pack<T>) == 64) {
      if constexpr (sizeof(T) == 4) _mm512_mask_storeu_ps(to, static_cast<__mmask16>((1u << n) - 1u), v);
      else _mm512_mask_storeu_pd(to, static_cast<__mmask8>((1u << n) - 1u), v);
      return;
    }
#endif
#if defined(__AVX__) && AGNESI_HAS_XSIMD
    if constexpr (sizeof(pack<T>) == 32) {
      const __m256i which = detail::ones_first<T>(n);
      if constexpr (sizeof(T) == 4) _mm256_maskstore_ps(to, which, v);
      else _mm256_maskstore_pd(to, which, v);
      return;
    }
#endif
    T lane[lanes<T>];
    simd::store<T>(lane, v);
    for (std::ptrdiff_t k = 0; k < n; ++k) to[k] = lane[k];
  }
}

/// The mask that holds in the first n lanes.
template <class T>
[[gnu::always_inline]] inline mask<T> first_lanes(std::ptrdiff_t n) {
  if constexpr (lanes<T> == 1) {
    return n > 0;
  } else {
#if defined(__AVX512F__)
    if constexpr (sizeof(pack<T>) == 64)
      return mask<T>(static_cast<typename mask<T>::register_type>((1u << n) - 1u));
#endif
    T index[lanes<T>];
    for (int k = 0; k < lanes<T>; ++k) index[k] = static_cast<T>(k);
    return simd::load<T>(index) < pack<T>(static_cast<T>(n));
  }
}

/// The first n <= lanes elements, and the other lanes of `rest`.
template <class T>
[[gnu::always_inline]] inline pack<T> load_first_else(const T* from, std::ptrdiff_t n, const std::type_identity_t<pack<T>>& rest) {
#if defined(__AVX512F__) && AGNESI_HAS_XSIMD
  if constexpr (sizeof(pack<T>) == 64) {
    if constexpr (sizeof(T) == 4) return pack<T>(_mm512_mask_loadu_ps(rest, static_cast<__mmask16>((1u << n) - 1u), from));
    else return pack<T>(_mm512_mask_loadu_pd(rest, static_cast<__mmask8>((1u << n) - 1u), from));
  }
#endif
#if defined(__AVX__) && AGNESI_HAS_XSIMD
  if constexpr (sizeof(pack<T>) == 32) {
    const __m256i which = detail::ones_first<T>(n);
    if constexpr (sizeof(T) == 4) return pack<T>(_mm256_blendv_ps(rest, _mm256_maskload_ps(from, which), _mm256_castsi256_ps(which)));
    else return pack<T>(_mm256_blendv_pd(rest, _mm256_maskload_pd(from, which), _mm256_castsi256_pd(which)));
  }
#endif
  return n == lanes<T> ? simd::load<T>(from) : simd::choose<T>(first_lanes<T>(n), load_first<T>(from, n), rest);
}

}  // namespace agnesi::simd
