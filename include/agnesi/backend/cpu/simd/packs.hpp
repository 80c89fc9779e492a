// SPDX-License-Identifier: BSD-3-Clause
// Packs and masks: a thin layer over xsimd, and the same thing with one lane where there is no xsimd.
//   auto v = simd::load(p);  simd::store<float>(q, v * v);  auto w = simd::choose<float>(v < u, u, v);
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

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

}  // namespace agnesi::simd
