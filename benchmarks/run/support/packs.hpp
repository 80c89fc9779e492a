// SPDX-License-Identifier: BSD-3-Clause
// What loops written by hand need: xsimd as it is, without the library's layer over it (without xsimd: single elements), stores
// past the caches, and parts for threads.
//   packs::in_parts(n, [&](ptrdiff_t begin, ptrdiff_t end) { packs::map(begin, end, a, to, [](auto x) { return x + x; }); });
#pragma once

#include <cmath>
#include <cstddef>

#ifdef _OPENMP
#include <omp.h>
#endif
#if __has_include(<xsimd/xsimd.hpp>) && !defined(AGNESI_NO_XSIMD)
#define BENCH_HAS_XSIMD 1
#include <xsimd/xsimd.hpp>
#else
#define BENCH_HAS_XSIMD 0
#endif

namespace bench::packs {

#if BENCH_HAS_XSIMD
template <class T>
using pack = xsimd::batch<T>;
template <class T>
inline constexpr std::ptrdiff_t lanes = static_cast<std::ptrdiff_t>(pack<T>::size);
template <class T>
[[gnu::always_inline]] inline pack<T> load(const T* from) {
  return pack<T>::load_unaligned(from);
}
template <class T, class V>
[[gnu::always_inline]] inline void store(T* to, const V& v) {
  v.store_unaligned(to);
}
template <class T>
[[gnu::always_inline]] inline T sum(const pack<T>& v) {
  T lane[lanes<T>], total = 0;
  v.store_unaligned(lane);
  for (T x : lane) total += x;
  return total;
}
template <class T>
[[gnu::always_inline]] inline pack<T> choose(const typename pack<T>::batch_bool_type& c, const pack<T>& a, const pack<T>& b) {
  return xsimd::select(c, a, b);
}
#else
template <class T>
using pack = T;
template <class T>
T choose(bool c, T a, T b) {
  return c ? a : b;
}
template <class T>
inline constexpr std::ptrdiff_t lanes = 1;
template <class T>
T load(const T* from) {
  return *from;
}
template <class T>
void store(T* to, T v) {
  *to = v;
}
template <class T>
T sum(T v) {
  return v;
}
#endif

/// Past the caches; the address is a multiple of the pack's size.
template <class T>
[[gnu::always_inline]] inline void stream(T* to, const pack<T>& v) {
#if defined(__AVX512F__) && BENCH_HAS_XSIMD
  if constexpr (sizeof(T) == 4)
    _mm512_stream_ps(to, v);
  else
    _mm512_stream_pd(to, v);
#elif defined(__AVX__) && BENCH_HAS_XSIMD
  if constexpr (sizeof(T) == 4)
    _mm256_stream_ps(to, v);
  else
    _mm256_stream_pd(to, v);
#else
  store(to, v);
#endif
}
inline void finish_streaming() {
#if BENCH_HAS_XSIMD && defined(__SSE2__)
  _mm_sfence();
#endif
}

/// One part for each thread, of whole cache lines; small work is not shared out.
template <class F>
[[gnu::always_inline]] inline void in_parts(std::ptrdiff_t n, F&& f, [[maybe_unused]] std::ptrdiff_t worth = 50000) {
#ifdef _OPENMP
  if (const int threads = omp_get_max_threads(); threads > 1 && n >= worth) {
#pragma omp parallel num_threads(threads)
    {
      const std::ptrdiff_t one = (n / threads + 63) / 64 * 64, begin = one * omp_get_thread_num();
      f(begin < n ? begin : n, begin + one < n && omp_get_thread_num() + 1 < threads ? begin + one : n);
    }
    return;
  }
#endif
  f(std::ptrdiff_t(0), n);
}

/// to = f(a, b): four packs a turn, the last pack overlapping the one before it; f takes packs and numbers.
template <bool Streaming, class T, class F>
[[gnu::always_inline]] inline void map(const T* a, const T* b, T* to, std::ptrdiff_t n, F f) {
  constexpr std::ptrdiff_t lanes = packs::lanes<T>;
  std::ptrdiff_t i               = 0;
  const auto at                  = [&](std::ptrdiff_t k) {
    if constexpr (Streaming)
      packs::stream(to + k, f(packs::load(a + k), packs::load(b + k)));
    else
      packs::store(to + k, f(packs::load(a + k), packs::load(b + k)));
  };
  for (; i + 4 * lanes <= n; i += 4 * lanes) at(i), at(i + lanes), at(i + 2 * lanes), at(i + 3 * lanes);
  for (; i + lanes <= n; i += lanes) at(i);
  if (i < n && n >= lanes)
    packs::store(to + n - lanes, f(packs::load(a + n - lanes), packs::load(b + n - lanes)));
  else
    for (; i < n; ++i) to[i] = f(a[i], b[i]);
  if constexpr (Streaming) packs::finish_streaming();
}

}  // namespace bench::packs
