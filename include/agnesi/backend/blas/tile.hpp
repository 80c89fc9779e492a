// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The innermost piece of a matrix product: a few rows times a few SIMD vectors of columns, held in registers.
//
//   multiply_tile<float, 8, 16, 2>(inner, {a, a_row, a_step}, b, b_step, 1.f, 0.f, c);   // c = a * b, 8 x 32
//
// Written with GCC's vector types (g++, clang++ and nvcc's host pass have them) because g++ 12 at -O2 does
// not vectorize plain loops whose length it does not know. One Zen 5 core, AVX-512, float: this tile 263
// GFLOP/s, OpenBLAS's whole sgemm 242.

#include "strided.hpp"

#include <cstdint>
#include <cstring>
#include <type_traits>

namespace agnesi::blas::detail {

#if defined(__AVX512F__)
inline constexpr int vector_bytes     = 64;
inline constexpr int vector_registers = 32;
#elif defined(__AVX__)
inline constexpr int vector_bytes     = 32;
inline constexpr int vector_registers = 16;
#elif defined(__aarch64__)
inline constexpr int vector_bytes     = 16;
inline constexpr int vector_registers = 32;
#else
inline constexpr int vector_bytes     = 16;
inline constexpr int vector_registers = 16;
#endif

template <class T> inline constexpr int lanes = vector_bytes / int{sizeof(T)};

template <class T, int Lanes> struct simd { typedef T type __attribute__((vector_size(Lanes * sizeof(T)))); };
template <class T> struct simd<T, 1> { using type = T; };
template <class T, int Lanes = lanes<T>> using simd_t = typename simd<T, Lanes>::type;

// A tile of `tile_rows` by two vectors fills the registers, two of them left for b and for the element of a.
// Eight independent sums already hide the latency of two multiply-add units; more rows measured no faster
// (12: 264 GFLOP/s).
inline constexpr int tile_rows                    = vector_registers == 32 ? 8 : 6;
template <class T> inline constexpr int tile_cols = 2 * lanes<T>;

// Unrolls the loop that follows, at every optimization level. Loops rather than index sequences and lambdas:
// a product of one element type compiled in 1.05 s that way, in 0.5 s this way. nvcc hands the pragma on to
// g++, with a warning.
#if defined(__clang__)
#define AGNESI_UNROLL _Pragma("clang loop unroll(full)")
#elif defined(__CUDACC__)
#define AGNESI_UNROLL                                                                                        \
  _Pragma("nv_diag_suppress 1675") _Pragma("GCC unroll 64") _Pragma("nv_diag_default 1675")
#else
#define AGNESI_UNROLL _Pragma("GCC unroll 64")
#endif

template <class V, class T> [[gnu::always_inline]] inline void load(V& v, const T* from) {
  std::memcpy(&v, from, sizeof v);
}
template <class V, class T> [[gnu::always_inline]] inline void store(T* to, const V& v) {
  std::memcpy(to, &v, sizeof v);
}

/// Keeps g++ from reading `v` from memory again in each instruction that uses it: rows that straddle cache
/// lines are read at half speed then (4 x 300 x 300 floats: 7.5 us, with this 3.9).
template <class V> [[gnu::always_inline]] inline void hold([[maybe_unused]] V& v) {
#if defined(__x86_64__)
  if constexpr (sizeof v >= 16) asm("" : "+v"(v));
#endif
}

/// The sum of the lanes, by halves.
template <int Lanes, class T> [[gnu::always_inline]] inline T sum_of(const simd_t<T, Lanes>& v) {
  if constexpr (Lanes == 1) {
    return v;
  } else {
    simd_t<T, Lanes / 2> half[2];
    std::memcpy(&half, &v, sizeof v);
    return sum_of<Lanes / 2, T>(half[0] + half[1]);
  }
}

/// alpha * from, and beta * to where `Adding`.
template <class T, int Width, bool Adding>
[[gnu::always_inline]] inline simd_t<T, Width> combined_vector(T alpha, const T* from, T beta, const T* to) {
  simd_t<T, Width> x, old;
  load(x, from);
  x *= alpha;
  if constexpr (Adding) load(old, to), x += beta * old;
  return x;
}

template <bool Adding, class T>
void combine_as(T alpha, const T* from, T beta, T* to, std::ptrdiff_t step, std::ptrdiff_t count) {
  std::ptrdiff_t j = 0;
  if (step == 1) {
    // Stores that straddle cache lines take twice as long: the second vector overlaps the first so that it is aligned. It
    // is computed before the first is written.
    if (const auto past = static_cast<std::ptrdiff_t>(reinterpret_cast<std::uintptr_t>(to) % vector_bytes / sizeof(T));
        past != 0 && count >= 8 * lanes<T>) {
      const std::ptrdiff_t next = lanes<T> - past;
      const auto first          = combined_vector<T, lanes<T>, Adding>(alpha, from, beta, to);
      const auto second         = combined_vector<T, lanes<T>, Adding>(alpha, from + next, beta, to + next);
      store(to, first), store(to + next, second);
      j = next + lanes<T>;
    }
    for (; j + lanes<T> <= count; j += lanes<T>) store(to + j, combined_vector<T, lanes<T>, Adding>(alpha, from + j, beta, to + j));
    if constexpr (4 < lanes<T>)
      for (; j + 4 <= count; j += 4) store(to + j, combined_vector<T, 4, Adding>(alpha, from + j, beta, to + j));
  }
  for (; j < count; ++j) to[j * step] = combined_vector<T, 1, Adding>(alpha, from + j, beta, to + j * step);
}

/// to[0..count) = alpha * from + beta * to, `step` apart; with a beta of zero `to` is not read.
template <class T>
void combine(T alpha, const T* from, T beta, T* to, std::ptrdiff_t step, std::ptrdiff_t count) {
  if (beta == T(0))
    combine_as<false>(alpha, from, beta, to, step, count);
  else
    combine_as<true>(alpha, from, beta, to, step, count);
}

/// The left operand of a tile: where it starts, how far apart its rows are, and the elements of a row.
template <class T> struct panel {
  const T* data;
  std::ptrdiff_t row, step;
};

/// What a tile must leave alone: its first rows and columns, done by the tile it overlaps.
struct done {
  std::ptrdiff_t rows = 0, cols = 0;
};

template <class T>
[[gnu::noinline]] void write_part(const T* sums, std::ptrdiff_t width, T alpha, T beta,
                                  const matrix_ref<T>& c, done skip) {
  for (std::ptrdiff_t i = skip.rows; i < c.rows; ++i)
    combine(alpha, sums + i * width + skip.cols, beta, &c(i, skip.cols), c.col_stride, c.cols - skip.cols);
}

/// c = alpha * a * b + beta * c for `Rows` rows and up to `Vectors` vectors of `Lanes` columns. Where c is
/// contiguous along its columns and has fewer of them, the second vector overlaps the first. Otherwise c may
/// be smaller than the tile, but a and b are read as if it were not, so the caller pads.
// c comes by reference: by value it is copied with wide loads from narrow stores, 15 ns a tile.
template <class T, int Rows, int Lanes, int Vectors>
void multiply_tile(std::ptrdiff_t inner, const panel<T>& left, const T* b, std::ptrdiff_t b_step, T alpha,
                   T beta, const matrix_ref<T>& c, done skip = {}) {
  using vector               = simd_t<T, Lanes>;
  const T* a                 = left.data;
  const std::ptrdiff_t a_row = left.row, a_step = left.step;
  const bool padded         = c.rows < Rows || c.cols < Lanes || c.col_stride != 1;
  const std::ptrdiff_t gap  = padded ? Lanes : c.cols - Lanes;
  vector sum[Rows][Vectors] = {};
  for (std::ptrdiff_t k = 0; k < inner; ++k, a += a_step, b += b_step) {
    vector y[Vectors];
    AGNESI_UNROLL
    for (int v = 0; v < Vectors; ++v) load(y[v], b + v * gap), hold(y[v]);
    AGNESI_UNROLL
    for (int i = 0; i < Rows; ++i) {
      const T x = a[i * a_row];
      AGNESI_UNROLL
      for (int v = 0; v < Vectors; ++v) sum[i][v] += x * y[v];
    }
  }
  if (padded || skip.rows + skip.cols != 0) {
    alignas(vector_bytes) T sums[Rows][Vectors * Lanes];
    AGNESI_UNROLL
    for (int i = 0; i < Rows; ++i) {
      AGNESI_UNROLL
      for (int v = 0; v < Vectors; ++v) store(&sums[i][v * gap], sum[i][v]);
    }
    return write_part(&sums[0][0], Vectors * Lanes, alpha, beta, c, skip);
  }
  T* to = c.data;
  AGNESI_UNROLL
  for (int i = 0; i < Rows; ++i, to += c.row_stride) {
    vector old[Vectors];
    AGNESI_UNROLL
    for (int v = 0; v < Vectors; ++v) {
      sum[i][v] *= alpha;
      if (beta != T(0)) load(old[v], to + v * gap), sum[i][v] += beta * old[v];
    }
    AGNESI_UNROLL
    for (int v = 0; v < Vectors; ++v) store(to + v * gap, sum[i][v]);
  }
}

} // namespace agnesi::blas::detail
