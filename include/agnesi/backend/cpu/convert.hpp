// SPDX-License-Identifier: BSD-3-Clause
// Packs of floats or doubles from memory of another element type, and back as static_cast does it: whole registers, not
// element by element.
//   auto v = simd::load_as<float>(bytes);  simd::store_as<float>(ints, v);   // as many elements as v has lanes
#pragma once

#include "agnesi/backend/cpu/math/parts.hpp"
#include "agnesi/backend/cpu/simd.hpp"

#if AGNESI_HAS_XSIMD && AGNESI_HAS_MATH
#define AGNESI_HAS_CONVERSIONS 1
#else
#define AGNESI_HAS_CONVERSIONS 0
#endif

namespace agnesi::simd {

namespace detail {

// Whether the instructions for a pack of so many bytes are there; AVX by itself knows floating types only.
template <class F>
inline constexpr bool converts_in_registers =
#if !AGNESI_HAS_CONVERSIONS
    false;
#elif defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
    lanes<F> > 1;
#elif defined(__AVX2__)
    lanes<F> > 1 && sizeof(pack<F>) <= 32;
#else
    lanes<F> > 1 && sizeof(pack<F>) == 16;
#endif

#if AGNESI_HAS_MATH

// L bytes at the beginning of a register.
template <int L>
[[gnu::always_inline]] inline __m128i load_bytes(const void* from) {
  if constexpr (L == 16) {
    return _mm_loadu_si128(static_cast<const __m128i*>(from));
  } else if constexpr (L == 8) {
    return _mm_loadl_epi64(static_cast<const __m128i*>(from));
  } else {
    std::int32_t word = 0;
    __builtin_memcpy(&word, from, L);
    return _mm_cvtsi32_si128(word);
  }
}
template <int L>
[[gnu::always_inline]] inline void store_bytes(void* to, __m128i bytes) {
  if constexpr (L == 16) {
    _mm_storeu_si128(static_cast<__m128i*>(to), bytes);
  } else if constexpr (L == 8) {
    _mm_storel_epi64(static_cast<__m128i*>(to), bytes);
  } else {
    const std::int32_t word = _mm_cvtsi128_si32(bytes);
    __builtin_memcpy(to, &word, L);
  }
}

// L bytes as integers of 32 bits: a register of the width that these take, at least 128 bits.
template <int L>
[[gnu::always_inline]] inline auto ints_of_bytes(__m128i bytes) {
#if defined(__AVX512F__)
  if constexpr (L == 16) return _mm512_cvtepu8_epi32(bytes);
  else
#endif
#if defined(__AVX2__)
  if constexpr (L == 8) return _mm256_cvtepu8_epi32(bytes);
  else
#endif
  {
    static_assert(L <= 4);
    const __m128i zero = _mm_setzero_si128();
    return _mm_unpacklo_epi16(_mm_unpacklo_epi8(bytes, zero), zero);
  }
}
[[gnu::always_inline]] inline __m128i bytes_of_ints(__m128i ints) {
  const __m128i low = _mm_and_si128(ints, _mm_set1_epi32(255)), words = _mm_packs_epi32(low, low);
  return _mm_packus_epi16(words, words);
}
#if defined(__AVX2__)
[[gnu::always_inline]] inline __m128i bytes_of_ints(__m256i ints) {
  const __m256i low   = _mm256_and_si256(ints, _mm256_set1_epi32(255));
  const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(low), _mm256_extracti128_si256(low, 1));
  return _mm_packus_epi16(words, words);
}
#endif
#if defined(__AVX512F__)
[[gnu::always_inline]] inline __m128i bytes_of_ints(__m512i ints) { return _mm512_cvtepi32_epi8(ints); }
#endif

template <int L>
[[gnu::always_inline]] inline auto load_ints(const void* from) {
#if defined(__AVX512F__)
  if constexpr (L == 16) return _mm512_loadu_si512(from);
  else
#endif
#if defined(__AVX2__)
  if constexpr (L == 8) return _mm256_loadu_si256(static_cast<const __m256i*>(from));
  else
#endif
  return load_bytes<4 * L>(from);
}
template <int L, class I>
[[gnu::always_inline]] inline void store_ints(void* to, I ints) {
  if constexpr (sizeof(I) > 16) __builtin_memcpy(to, &ints, sizeof ints);
  else store_bytes<4 * L>(to, ints);
}

[[gnu::always_inline]] inline __m128 number_of(__m128, __m128i x) { return _mm_cvtepi32_ps(x); }
[[gnu::always_inline]] inline __m128d number_of(__m128d, __m128i x) { return _mm_cvtepi32_pd(x); }
[[gnu::always_inline]] inline __m128i ints_of(__m128 x) { return _mm_cvttps_epi32(x); }
[[gnu::always_inline]] inline __m128i ints_of(__m128d x) { return _mm_cvttpd_epi32(x); }
#if defined(__AVX2__)
[[gnu::always_inline]] inline __m256 number_of(__m256, __m256i x) { return _mm256_cvtepi32_ps(x); }
[[gnu::always_inline]] inline __m256d number_of(__m256d, __m128i x) { return _mm256_cvtepi32_pd(x); }
[[gnu::always_inline]] inline __m256i ints_of(__m256 x) { return _mm256_cvttps_epi32(x); }
[[gnu::always_inline]] inline __m128i ints_of(__m256d x) { return _mm256_cvttpd_epi32(x); }
#endif
#if defined(__AVX512DQ__)
[[gnu::always_inline]] inline __m512 number_of(__m512, __m512i x) { return _mm512_cvtepi32_ps(x); }
[[gnu::always_inline]] inline __m512d number_of(__m512d, __m256i x) { return _mm512_cvtepi32_pd(x); }
[[gnu::always_inline]] inline __m512i ints_of(__m512 x) { return _mm512_cvttps_epi32(x); }
[[gnu::always_inline]] inline __m256i ints_of(__m512d x) { return _mm512_cvttpd_epi32(x); }
#endif

[[gnu::always_inline]] inline __m128d doubles_of(__m128d, const float* from) {
  return _mm_cvtps_pd(_mm_castsi128_ps(load_bytes<8>(from)));
}
[[gnu::always_inline]] inline void store_floats(float* to, __m128d x) { store_bytes<8>(to, _mm_castps_si128(_mm_cvtpd_ps(x))); }
#if defined(__AVX__)
[[gnu::always_inline]] inline __m256d doubles_of(__m256d, const float* from) { return _mm256_cvtps_pd(_mm_loadu_ps(from)); }
[[gnu::always_inline]] inline void store_floats(float* to, __m256d x) { _mm_storeu_ps(to, _mm256_cvtpd_ps(x)); }
#endif
#if defined(__AVX512F__)
[[gnu::always_inline]] inline __m512d doubles_of(__m512d, const float* from) { return _mm512_cvtps_pd(_mm256_loadu_ps(from)); }
[[gnu::always_inline]] inline void store_floats(float* to, __m512d x) { _mm256_storeu_ps(to, _mm512_cvtpd_ps(x)); }
#endif

#if defined(__AVX512DQ__) && defined(__AVX512VL__)
// Integers of 64 bits; below AVX-512 there are no instructions for them.
[[gnu::always_inline]] inline __m512d number_of_longs(__m512d, const void* from) {
  return _mm512_cvtepi64_pd(_mm512_loadu_si512(from));
}
[[gnu::always_inline]] inline __m512 number_of_longs(__m512, const void* from) {
  const auto half = [&](int bytes) __attribute__((always_inline)) {
    return _mm256_castps_pd(_mm512_cvtepi64_ps(_mm512_loadu_si512(static_cast<const char*>(from) + bytes)));
  };
  return _mm512_castpd_ps(_mm512_insertf64x4(_mm512_castpd256_pd512(half(0)), half(64), 1));
}
[[gnu::always_inline]] inline void store_longs(void* to, __m512d x) { _mm512_storeu_si512(to, _mm512_cvttpd_epi64(x)); }
[[gnu::always_inline]] inline void store_longs(void* to, __m512 x) {
  const __m512d halves = _mm512_castps_pd(x);
  _mm512_storeu_si512(to, _mm512_cvttps_epi64(_mm256_castpd_ps(_mm512_castpd512_pd256(halves))));
  _mm512_storeu_si512(static_cast<char*>(to) + 64, _mm512_cvttps_epi64(_mm256_castpd_ps(_mm512_extractf64x4_pd(halves, 1))));
}
#endif

#endif

// Whether packs of F go to and from elements of type M by instructions.
template <class F, class M>
inline constexpr bool converts_to =
#if defined(__AVX512DQ__) && defined(__AVX512VL__)
    converts_in_registers<F> && (sizeof(M) < 8 || std::is_same_v<M, double> || sizeof(pack<F>) == 64);
#else
    converts_in_registers<F> && (sizeof(M) < 8 || std::is_same_v<M, double>);
#endif


template <class M, class F>
[[gnu::always_inline]] inline M element_from(F x) {
  if constexpr (std::is_same_v<M, bool>) return x != F(0);
  else return static_cast<M>(x);
}

// Lanes in memory, at least as many as fill a register.
template <class F, class M>
inline constexpr std::size_t buffered = lanes<F> * sizeof(M) < 16 ? 16 / sizeof(M) : static_cast<std::size_t>(lanes<F>);

// The first n of elements that fill so many bytes, into memory with room for all of them, and from there.
template <std::size_t Bytes, class M>
[[gnu::always_inline]] inline void copy_first(M* to, const M* from, std::ptrdiff_t n) {
#if AGNESI_HAS_MATH && defined(__AVX512BW__) && defined(__AVX512VL__)
  const std::uint64_t bytes = Bytes > 64 ? 0 : (std::uint64_t{1} << (n * std::ptrdiff_t{sizeof(M)})) - 1;
  if constexpr (Bytes == 16) return _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm_maskz_loadu_epi8(static_cast<__mmask16>(bytes), from));
  else if constexpr (Bytes == 32)
    return _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm256_maskz_loadu_epi8(static_cast<__mmask32>(bytes), from));
  else if constexpr (Bytes == 64) return _mm512_storeu_si512(to, _mm512_maskz_loadu_epi8(bytes, from));
  else
#endif
    for (std::ptrdiff_t k = 0; k < n; ++k) to[k] = from[k];
}
template <std::size_t Bytes, class M>
[[gnu::always_inline]] inline void put_first(M* to, const M* from, std::ptrdiff_t n) {
#if AGNESI_HAS_MATH && defined(__AVX512BW__) && defined(__AVX512VL__)
  const std::uint64_t bytes = Bytes > 64 ? 0 : (std::uint64_t{1} << (n * std::ptrdiff_t{sizeof(M)})) - 1;
  if constexpr (Bytes == 16)
    return _mm_mask_storeu_epi8(to, static_cast<__mmask16>(bytes), _mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
  else if constexpr (Bytes == 32)
    return _mm256_mask_storeu_epi8(to, static_cast<__mmask32>(bytes), _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
  else if constexpr (Bytes == 64) return _mm512_mask_storeu_epi8(to, bytes, _mm512_loadu_si512(from));
  else
#endif
    for (std::ptrdiff_t k = 0; k < n; ++k) to[k] = from[k];
}

}  // namespace detail

/// As many elements as a pack has lanes.
template <class F, class M>
[[gnu::always_inline]] inline pack<F> load_as(const M* from) {
  if constexpr (std::is_same_v<F, M>) {
    return simd::load<F>(from);
#if AGNESI_HAS_CONVERSIONS
  } else if constexpr (detail::converts_to<F, M>) {
    using V = decltype(pack<F>{}.data);
    if constexpr (sizeof(M) == 1) return pack<F>(detail::number_of(V{}, detail::ints_of_bytes<lanes<F>>(detail::load_bytes<lanes<F>>(from))));
    else if constexpr (std::is_same_v<M, std::int32_t>) return pack<F>(detail::number_of(V{}, detail::load_ints<lanes<F>>(from)));
    else if constexpr (std::is_same_v<M, float>) return pack<F>(detail::doubles_of(V{}, from));
    else if constexpr (std::is_same_v<M, double>)
      return pack<F>(math::joined<V>(simd::load<double>(from).data, simd::load<double>(from + lanes<F> / 2).data));
#if defined(__AVX512DQ__) && defined(__AVX512VL__)
    else return pack<F>(detail::number_of_longs(V{}, from));
#endif
#endif
  } else {
    F lane[lanes<F>];
    for (int k = 0; k < lanes<F>; ++k) lane[k] = static_cast<F>(from[k]);
    return simd::load<F>(lane);
  }
}

template <class F>
[[gnu::always_inline]] inline void store_mask(bool* to, const mask<F>& m);

template <class F, class M>
[[gnu::always_inline]] inline void store_as(M* to, const std::type_identity_t<pack<F>>& v) {
  if constexpr (std::is_same_v<F, M>) {
    simd::store<F>(to, v);
  } else if constexpr (std::is_same_v<M, bool> && lanes<F> > 1) {
    store_mask<F>(to, unlike<F>(v, splat<F>(0)));
#if AGNESI_HAS_CONVERSIONS
  } else if constexpr (detail::converts_to<F, M>) {
    if constexpr (sizeof(M) == 1) detail::store_bytes<lanes<F>>(to, detail::bytes_of_ints(detail::ints_of(v.data)));
    else if constexpr (std::is_same_v<M, std::int32_t>) detail::store_ints<lanes<F>>(to, detail::ints_of(v.data));
    else if constexpr (std::is_same_v<M, float>) detail::store_floats(to, v.data);
    else if constexpr (std::is_same_v<M, double>) {
      simd::store<double>(to, pack<double>(math::lower_half(v.data)));
      simd::store<double>(to + lanes<F> / 2, pack<double>(math::upper_half(v.data)));
    }
#if defined(__AVX512DQ__) && defined(__AVX512VL__)
    else detail::store_longs(to, v.data);
#endif
#endif
  } else {
    F lane[lanes<F>];
    simd::store<F>(lane, v);
    for (int k = 0; k < lanes<F>; ++k) to[k] = detail::element_from<M>(lane[k]);
  }
}

/// Truth values as the mask of packs of F.
template <class F>
[[gnu::always_inline]] inline mask<F> load_mask(const bool* from) {
  if constexpr (lanes<F> == 1) {
    return *from;
  } else {
#if AGNESI_HAS_CONVERSIONS && defined(__AVX512BW__) && defined(__AVX512VL__)
    if constexpr (sizeof(pack<F>) == 64) {
      const __m128i bytes = detail::load_bytes<lanes<F>>(from);
      return mask<F>(static_cast<typename mask<F>::register_type>(_mm_test_epi8_mask(bytes, bytes)));
    }
#endif
    return unlike<F>(load_as<F>(reinterpret_cast<const std::uint8_t*>(from)), splat<F>(0));
  }
}
template <class F>
[[gnu::always_inline]] inline void store_mask(bool* to, const mask<F>& m) {
  if constexpr (lanes<F> == 1) {
    *to = m;
  } else {
#if AGNESI_HAS_CONVERSIONS && defined(__AVX512BW__) && defined(__AVX512VL__)
    if constexpr (sizeof(pack<F>) == 64)
      return detail::store_bytes<lanes<F>>(to, _mm_maskz_set1_epi8(static_cast<__mmask16>(m.data), 1));
#endif
    store_as<F>(reinterpret_cast<std::uint8_t*>(to), choose<F>(m, splat<F>(1), splat<F>(0)));
  }
}

/// The first n < lanes elements, the other lanes being zero; memory beyond them is not read.
template <class F, class M>
[[gnu::always_inline]] inline pack<F> load_first_as(const M* from, std::ptrdiff_t n) {
  if constexpr (std::is_same_v<F, M>) {
    return simd::load_first<F>(from, n);
  } else {
    M element[detail::buffered<F, M>]{};
    detail::copy_first<detail::buffered<F, M> * sizeof(M)>(element, from, n);
    return load_as<F>(static_cast<const M*>(element));
  }
}
/// Writes the first n < lanes elements and nothing beyond them.
template <class F, class M>
[[gnu::always_inline]] inline void store_first_as(M* to, const std::type_identity_t<pack<F>>& v, std::ptrdiff_t n) {
  if constexpr (std::is_same_v<F, M>) {
    simd::store_first<F>(to, v, n);
  } else {
    M element[detail::buffered<F, M>]{};
    store_as<F>(element, v);
    detail::put_first<detail::buffered<F, M> * sizeof(M)>(to, element, n);
  }
}

}  // namespace agnesi::simd
