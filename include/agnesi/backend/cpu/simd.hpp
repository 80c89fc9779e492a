// SPDX-License-Identifier: BSD-3-Clause
// A thin layer over xsimd, and the same thing with one lane where there is no xsimd: packs, masks, partial packs.
//   auto v = simd::load(p);  simd::store_first(q, v * v, n);  float s = simd::sum<float>(v);
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>

#include "agnesi/backend/cpu/nan.hpp"

#if __has_include(<xsimd/xsimd.hpp>) && !defined(AGNESI_NO_XSIMD)
#define AGNESI_HAS_XSIMD 1
#include "agnesi/backend/cpu/xsimd.hpp"
#else
#define AGNESI_HAS_XSIMD 0
#endif

namespace agnesi::simd {

namespace detail {

template <class T>
struct one_lane {
  using pack = T;
  using mask = bool;
  static constexpr int lanes = 1;
};

#if AGNESI_HAS_XSIMD
template <class T>
struct machine_lanes {
  using pack = xsimd::batch<T>;
  using mask = typename pack::batch_bool_type;
  static constexpr int lanes = static_cast<int>(sizeof(pack) / sizeof(T));
};
template <class T>
struct lanes_for : std::conditional_t<xsimd::has_simd_register<T>::value, machine_lanes<T>, one_lane<T>> {};
#else
template <class T>
struct lanes_for : one_lane<T> {};
#endif

}  // namespace detail

/// How many elements of type T, float or double, a pack holds: 1 without xsimd or without SIMD for T.
template <class T>
inline constexpr int lanes = detail::lanes_for<T>::lanes;

/// A number, or as many as a register holds; a mask is what comparing two packs gives.
template <class T>
using pack = typename detail::lanes_for<T>::pack;
template <class T>
using mask = typename detail::lanes_for<T>::mask;

template <class T>
[[gnu::always_inline]] inline pack<T> load(const T* from) {
  if constexpr (lanes<T> == 1) return *from;
  else return pack<T>::load_unaligned(from);
}

template <class T>
[[gnu::always_inline]] inline void store(T* to, const std::type_identity_t<pack<T>>& v) {
  if constexpr (lanes<T> == 1) *to = v;
  else v.store_unaligned(to);
}

/// Past the caches, where there is such an instruction; `to` is aligned to a pack. A `stream_fence` comes after all of them.
template <class T>
[[gnu::always_inline]] inline void stream(T* to, const std::type_identity_t<pack<T>>& v) {
#if defined(__SSE2__) && AGNESI_HAS_XSIMD
  if constexpr (lanes<T> == 1) return simd::store<T>(to, v);
#if defined(__AVX512F__)
  else if constexpr (sizeof(pack<T>) == 64 && sizeof(T) == 4) _mm512_stream_ps(to, v);
  else if constexpr (sizeof(pack<T>) == 64) _mm512_stream_pd(to, v);
#endif
#if defined(__AVX__)
  else if constexpr (sizeof(pack<T>) == 32 && sizeof(T) == 4) _mm256_stream_ps(to, v);
  else if constexpr (sizeof(pack<T>) == 32) _mm256_stream_pd(to, v);
#endif
  else if constexpr (sizeof(T) == 4) _mm_stream_ps(to, v);
  else _mm_stream_pd(to, v);
#else
  simd::store<T>(to, v);
#endif
}
inline void stream_fence() {
#if defined(__SSE2__) && AGNESI_HAS_XSIMD
  _mm_sfence();
#endif
}

template <class T>
[[gnu::always_inline]] inline pack<T> splat(T x) {
  return pack<T>(x);
}

/// Lane by lane, a where the condition holds, else b.
template <class T>
[[gnu::always_inline]] inline pack<T> choose(const mask<T>& c, const std::type_identity_t<pack<T>>& a,
                                             const std::type_identity_t<pack<T>>& b) {
  if constexpr (lanes<T> == 1) return c ? a : b;
  else return select(c, a, b);
}

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
      using lane_int = detail::same_size_int<T>;
      const lane_int* window = detail::ones<lane_int, lanes<T>>.at + (lanes<T> - n);
      const __m256i which = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(window));
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
      using lane_int = detail::same_size_int<T>;
      const lane_int* window = detail::ones<lane_int, lanes<T>>.at + (lanes<T> - n);
      const __m256i which = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(window));
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

#if AGNESI_HAS_XSIMD && defined(__has_builtin) && !defined(__CUDACC__)
#if __has_builtin(__builtin_shufflevector)
#define AGNESI_HAS_SHUFFLES 1
#endif
#endif

#ifdef AGNESI_HAS_SHUFFLES
namespace detail {

template <class T, int First, int... K>
[[gnu::always_inline]] inline pack<T> interleaved(const pack<T>& a, const pack<T>& b, std::integer_sequence<int, K...>) {
  return pack<T>(__builtin_shufflevector(a.data, b.data, (First + K / 2 + K % 2 * lanes<T>)...));
}

}  // namespace detail

/// Rows of a square become its columns: in each round those half the square apart are interleaved.
template <class T, int Round = 1>
[[gnu::always_inline]] inline void transpose(pack<T> (&rows)[lanes<T>]) {
  constexpr int n = lanes<T>;
  if constexpr (Round < n) {
    pack<T> next[n];
    [&]<int... K>(std::integer_sequence<int, K...>) __attribute__((always_inline)) {
      using all = std::make_integer_sequence<int, n>;
      ((next[2 * K] = detail::interleaved<T, 0>(rows[K], rows[K + n / 2], all{}),
        next[2 * K + 1] = detail::interleaved<T, n / 2>(rows[K], rows[K + n / 2], all{})), ...);
    }(std::make_integer_sequence<int, n / 2>{});
    [&]<int... K>(std::integer_sequence<int, K...>) __attribute__((always_inline)) {
      ((rows[K] = next[K]), ...);
    }(std::make_integer_sequence<int, n>{});
    transpose<T, 2 * Round>(rows);
  }
}
#endif

namespace detail {

// All lanes into one, in halves, so that every build sums in the same order; `with` takes two packs or two numbers.
template <class T>
[[gnu::always_inline]] inline T across(const pack<T>& v, auto with) {
  if constexpr (lanes<T> == 1) {
    return v;
  } else {
#ifdef AGNESI_HAS_SHUFFLES
    constexpr int n = lanes<T>;
    const auto turned = [&]<int By, int... K>(const pack<T>& x, std::integral_constant<int, By>,
                                              std::integer_sequence<int, K...>) __attribute__((always_inline)) {
      return pack<T>(__builtin_shufflevector(x.data, x.data, (K + By) % n...));
    };
    pack<T> sum = v;
    [&]<int... L>(std::integer_sequence<int, L...>) __attribute__((always_inline)) {
      ((sum = with(sum, turned(sum, std::integral_constant<int, (n >> (L + 1))>{}, std::make_integer_sequence<int, n>{}))), ...);
    }(std::make_integer_sequence<int, std::bit_width(static_cast<unsigned>(n)) - 1>{});
    return sum.data[0];
#else
    T lane[lanes<T>];
    simd::store<T>(lane, v);  // xsimd has a store too, to aligned memory
    for (int half = lanes<T> / 2; half > 0; half /= 2)
      for (int k = 0; k < half; ++k) lane[k] = with(lane[k], lane[k + half]);
    return lane[0];
#endif
  }
}

}  // namespace detail

template <class T>
inline T sum(const std::type_identity_t<pack<T>>& v) {
  return detail::across<T>(v, [](const auto& a, const auto& b) { return a + b; });
}
template <class T>
inline T prod(const std::type_identity_t<pack<T>>& v) {
  return detail::across<T>(v, [](const auto& a, const auto& b) { return a * b; });
}
template <class T>
inline T max(const std::type_identity_t<pack<T>>& v) {
  if (any_lane<T>(nan_lanes<T>(v))) return std::numeric_limits<T>::quiet_NaN();
  return detail::across<T>(v, [](const auto& a, const auto& b) { return larger_number<T>(a, b); });
}
template <class T>
inline T min(const std::type_identity_t<pack<T>>& v) {
  if (any_lane<T>(nan_lanes<T>(v))) return std::numeric_limits<T>::quiet_NaN();
  return detail::across<T>(v, [](const auto& a, const auto& b) { return smaller_number<T>(a, b); });
}

}  // namespace agnesi::simd
