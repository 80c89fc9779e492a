// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The matrix product without a BLAS: for element types BLAS lacks, where none is installed, and for small
// products.
//
//   agnesi::blas::internal::gemm(1.0, a, b, 0.0, c);   // c = a * b; any strides, no threads
//
// The blocking is that of Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", ACM
// TOMS 34 (2008): a strip of b stays in the first-level cache, a block of a in the second, and both are
// copied to where they are read in order.

#include "small_vector.hpp"
#include "agnesi/core/memory.hpp"
#include "tile.hpp"

#include <type_traits>

namespace agnesi::blas {
namespace detail {

/// Memory that a thread keeps from one call to the next; it only grows.
class scratch {
public:
  scratch()                          = default;
  scratch(const scratch&)            = delete;
  scratch& operator=(const scratch&) = delete;
  ~scratch() { release(); }

  template <class T> T* get(std::ptrdiff_t count) {
    const auto wanted = static_cast<std::size_t>(count) * sizeof(T);
    if (wanted > bytes_) {
      release();
      memory_ = agnesi::detail::allocate(wanted);
      bytes_  = wanted;
    }
    return static_cast<T*>(memory_);
  }

private:
  void release() {
    if (memory_) agnesi::detail::deallocate(memory_);
    memory_ = nullptr;
    bytes_  = 0;
  }

  void* memory_      = nullptr;
  std::size_t bytes_ = 0;
};

enum class purpose { left, right, result };

template <purpose> scratch& scratch_for() {
  thread_local scratch memory;
  return memory;
}

// Bytes, not elements, so that every element type fills the caches alike: 256 * 32 floats of b are 32 of the
// 32 to 48 KiB of a first-level cache, the block of a is 256 KiB of a second-level cache of 1 MiB.
inline constexpr std::ptrdiff_t block_inner = 256;
template <class T>
inline constexpr std::ptrdiff_t block_rows = tile_rows*(1024 / std::ptrdiff_t{sizeof(T)} / tile_rows);
inline constexpr std::ptrdiff_t block_cols = 2048;

/// The columns of `m`, `Width` at a time, each group stored row after row and padded with zeros.
template <int Width, class T> void pack(matrix_ref<const T> m, T* to) {
  for (std::ptrdiff_t j = 0; j < m.cols; j += Width) {
    const std::ptrdiff_t width = min(Width, m.cols - j);
    const T* from              = m.data + j * m.col_stride;
    if (width == Width && m.col_stride == 1) {
      for (std::ptrdiff_t i = 0; i < m.rows; ++i, from += m.row_stride, to += Width)
        std::memcpy(to, from, Width * sizeof(T));
    } else if (width == Width) {
      for (std::ptrdiff_t i = 0; i < m.rows; ++i, from += m.row_stride, to += Width)
        for (int l = 0; l < Width; ++l) to[l] = from[l * m.col_stride];
    } else {
      for (std::ptrdiff_t i = 0; i < m.rows; ++i, from += m.row_stride, to += Width)
        for (std::ptrdiff_t l = 0; l < Width; ++l) to[l] = l < width ? from[l * m.col_stride] : T(0);
    }
  }
}

/// Tiles one below the other, from row `i` of at least two. A last one that overlaps rows already done costs
/// less than ever smaller ones; it may write those rows once more when the result does not depend on what was
/// there.
template <class T, int Lanes, int Vectors, int Rows = tile_rows>
void multiply_strip(const panel<T>& a, const matrix_ref<const T>& b, T alpha, T beta, const matrix_ref<T>& c,
                    std::ptrdiff_t done_cols = 0, std::ptrdiff_t i = 0) {
  const auto tile = [&](std::ptrdiff_t from, std::ptrdiff_t done_rows) {
    multiply_tile<T, Rows, Lanes, Vectors>(b.rows, {a.data + from * a.row, a.row, a.step}, b.data,
                                           b.row_stride, alpha, beta, c.block(from, 0, Rows, c.cols),
                                           {done_rows, done_cols});
  };
  for (; i + Rows <= c.rows; i += Rows) tile(i, 0);
  if (i == c.rows) return;
  if constexpr (Rows > 2) {
    constexpr int fewer = Rows > 4 ? 4 : 2;
    if (c.rows < Rows || c.rows - i <= fewer)
      return multiply_strip<T, Lanes, Vectors, fewer>(a, b, alpha, beta, c, done_cols, i);
  }
  tile(c.rows - Rows, beta == T(0) ? 0 : i - (c.rows - Rows));
}

/// At least two columns, where the rows of b and c are contiguous, with the widest vectors that fit.
template <class T, int Lanes = lanes<T>>
void multiply_in_place(const panel<T>& a, const matrix_ref<const T>& b, T alpha, T beta,
                       const matrix_ref<T>& c) {
  const auto cols = [](const auto& m, std::ptrdiff_t from, std::ptrdiff_t count) {
    return m.block(0, from, m.rows, count);
  };
  if constexpr (Lanes > 2)
    if (c.cols < Lanes) return multiply_in_place<T, Lanes / 2>(a, b, alpha, beta, c);
  std::ptrdiff_t j = 0;
  if constexpr (Lanes == lanes<T>) {
    for (; j + 2 * Lanes <= c.cols; j += 2 * Lanes)
      multiply_strip<T, Lanes, 2>(a, cols(b, j, 2 * Lanes), alpha, beta, cols(c, j, 2 * Lanes));
    if (const std::ptrdiff_t last = c.cols - Lanes; j < c.cols && j >= last)
      return multiply_strip<T, Lanes, 1>(a, cols(b, last, Lanes), alpha, beta, cols(c, last, Lanes),
                                         beta == T(0) ? 0 : j - last);
  }
  if constexpr (Lanes < lanes<T> && Lanes >= 4)
    if (c.cols == Lanes) return multiply_strip<T, Lanes, 1>(a, b, alpha, beta, c);
  if (j < c.cols) multiply_strip<T, Lanes, 2>(a, cols(b, j, c.cols - j), alpha, beta, cols(c, j, c.cols - j));
}

/// Copies nothing but strips of a transposed b, and those to the stack: for small products, and for narrow
/// ones. c has at least two rows.
template <class T>
void gemm_direct(T alpha, const matrix_ref<const T>& a, const matrix_ref<const T>& b, T beta,
                 const matrix_ref<T>& c) {
  constexpr std::ptrdiff_t depth = 128;
  alignas(64) T strip[depth * tile_cols<T>];
  for (std::ptrdiff_t k = 0; k < b.rows; k += depth, beta = T(1)) {
    const std::ptrdiff_t inner = min(depth, b.rows - k);
    const panel<T> left{&a(0, k), a.row_stride, a.col_stride};
    if (b.col_stride == 1 && c.col_stride == 1 && c.cols > 1) {
      multiply_in_place(left, b.block(k, 0, inner, c.cols), alpha, beta, c);
      continue;
    }
    for (std::ptrdiff_t j = 0; j < c.cols; j += tile_cols<T>) {
      const std::ptrdiff_t n = min(tile_cols<T>, c.cols - j);
      if (n <= lanes<T>) {
        pack<lanes<T>>(b.block(k, j, inner, n), strip);
        multiply_strip<T, lanes<T>, 1>(left, {strip, inner, n, lanes<T>, 1}, alpha, beta,
                                       c.block(0, j, c.rows, n));
      } else {
        pack<tile_cols<T>>(b.block(k, j, inner, n), strip);
        multiply_strip<T, lanes<T>, 2>(left, {strip, inner, n, tile_cols<T>, 1}, alpha, beta,
                                       c.block(0, j, c.rows, n));
      }
    }
  }
}

// As many sums of products of two rows as fill the registers.
inline constexpr int rows_of_sums = vector_registers == 32 ? 4 : 2, cols_of_sums = 4;
inline constexpr int few_sums = 16; // a result is narrow up to here

// All bits from lane `Lanes` on.
template <class Int, int Lanes> struct later_lanes {
  Int at[2 * Lanes]{};
  constexpr later_lanes() {
    for (int l = Lanes; l < 2 * Lanes; ++l) at[l] = static_cast<Int>(-1);
  }
};

/// sums[i][j] = row a[i] times row b[j], each of `inner` elements, at least one vector.
template <class T>
[[gnu::noinline]] void multiply_rows(std::ptrdiff_t inner, const T* const* a, const T* const* b, T* sums) {
  using vector = simd_t<T>;
  using bits   = std::conditional_t<sizeof(T) == 4, int, long long>;
  static constexpr later_lanes<bits, lanes<T>> mask;
  constexpr int count = rows_of_sums * cols_of_sums, group = count < lanes<T> ? count : lanes<T>;
  vector sum[count]   = {};
  simd_t<bits, lanes<T>> counts;
  const auto add = [&](std::ptrdiff_t k, bool part) __attribute__((always_inline)) {
    vector y[cols_of_sums], x;
    // What was counted before is masked in both factors: zero times infinity is not zero.
    const auto read = [&](vector& v, const T* from) __attribute__((always_inline)) {
      load(v, from + k);
      if (part) v = (vector)((simd_t<bits, lanes<T>>)v & counts);
    };
    AGNESI_UNROLL
    for (int j = 0; j < cols_of_sums; ++j) read(y[j], b[j]), hold(y[j]);
    AGNESI_UNROLL
    for (int i = 0; i < rows_of_sums; ++i) {
      read(x, a[i]), hold(x);
      AGNESI_UNROLL
      for (int j = 0; j < cols_of_sums; ++j) sum[i * cols_of_sums + j] += x * y[j];
    }
  };
  std::ptrdiff_t k = 0;
  for (; k + lanes<T> <= inner; k += lanes<T>) add(k, false);
  if (k < inner) {
    load(counts, mask.at + (inner - k));
    add(inner - lanes<T>, true);
  }
  AGNESI_UNROLL
  for (int g = 0; g < count; g += group) store(sums + g, sums_of_rows<T, lanes<T>, group>(sum + g));
}

/// For narrow results of long rows: c = alpha * a * b + beta * c, where the rows of a and the columns of b are contiguous.
template <class T>
void gemm_of_rows(T alpha, const matrix_ref<const T>& a, const matrix_ref<const T>& b, T beta, const matrix_ref<T>& c) {
  T sums[rows_of_sums * cols_of_sums];
  for (std::ptrdiff_t i = 0; i < c.rows; i += rows_of_sums)
    for (std::ptrdiff_t j = 0; j < c.cols; j += cols_of_sums) {
      const T *left[rows_of_sums], *right[cols_of_sums]; // beyond the last one the last one again
      for (int r = 0; r < rows_of_sums; ++r) left[r] = a.data + min(i + r, c.rows - 1) * a.row_stride;
      for (int r = 0; r < cols_of_sums; ++r) right[r] = b.data + min(j + r, c.cols - 1) * b.col_stride;
      multiply_rows(b.rows, left, right, sums);
      const T* from = sums;
      for (std::ptrdiff_t r = i; r < min(i + rows_of_sums, c.rows); ++r, from += cols_of_sums)
        for (std::ptrdiff_t l = 0; l < min(cols_of_sums, c.cols - j); ++l) {
          T& to = c(r, j + l);
          to    = beta == T(0) ? alpha * from[l] : alpha * from[l] + beta * to;
        }
    }
}

/// Copies blocks of a and of b to memory that the thread keeps.
template <class T>
void gemm_blocked(T alpha, const matrix_ref<const T>& a, const matrix_ref<const T>& b, T beta,
                  const matrix_ref<T>& c) {
  const auto padded = [](std::ptrdiff_t n, std::ptrdiff_t unit) { return (n + unit - 1) / unit * unit; };
  const std::ptrdiff_t most_rows = padded(min(block_rows<T>, c.rows), tile_rows);
  const std::ptrdiff_t most_cols = padded(min(block_cols, c.cols), tile_cols<T>);
  T* const left  = scratch_for<purpose::left>().template get<T>(most_rows * min(block_inner, a.cols));
  T* const right = scratch_for<purpose::right>().template get<T>(most_cols * min(block_inner, a.cols));
  for (std::ptrdiff_t j = 0; j < c.cols; j += block_cols) {
    const std::ptrdiff_t n = min(block_cols, c.cols - j);
    T keep                 = beta;
    for (std::ptrdiff_t k = 0; k < a.cols; k += block_inner, keep = T(1)) {
      const std::ptrdiff_t inner = min(block_inner, a.cols - k);
      pack<tile_cols<T>>(b.block(k, j, inner, n), right);
      for (std::ptrdiff_t i = 0; i < c.rows; i += block_rows<T>) {
        const std::ptrdiff_t m = min(block_rows<T>, c.rows - i);
        pack<tile_rows>(a.block(i, k, m, inner).transposed(), left);
        for (std::ptrdiff_t jj = 0; jj < n; jj += tile_cols<T>)
          for (std::ptrdiff_t ii = 0; ii < m; ii += tile_rows)
            multiply_tile<T, tile_rows, lanes<T>, 2>(
                inner, {left + ii * inner, 1, tile_rows}, right + jj * inner, tile_cols<T>, alpha, keep,
                c.block(i + ii, j + jj, min(tile_rows, m - ii), min(tile_cols<T>, n - jj)));
      }
    }
  }
}

} // namespace detail

namespace internal {

// Up to here a copy of the operands costs more than it saves: at 128^3 the direct kernel reaches 249 GFLOP/s
// in float and the blocked one 213, at 256^3 243 and 237, in double 114 and 120, and with a transposed 95 and
// 115 (Zen 5, AVX-512).
inline constexpr std::ptrdiff_t turned_rows = 512;  // of a narrow right operand that is copied to the stack
inline constexpr double blocked_from_volume = 160.0 * 160 * 160;

// Up to here a right operand that would have to be copied to be read in vectors is not worth it: 3 x 3 x 3 takes 52 ns
// with the copy, and 21 without.
inline constexpr double tiny_volume = 128;

/// gemm, without asking whether the transposed product suits the memory better.
template <class T>
void gemm_as_given(T alpha, const matrix_ref<const T>& a, const matrix_ref<const T>& b, T beta, const matrix_ref<T>& c) {
  const bool long_rows = a.cols >= 2 * detail::lanes<T> && a.col_stride == 1;
  if (long_rows && b.row_stride == 1 && detail::min(c.rows, c.cols) <= detail::few_sums)
    return detail::gemm_of_rows(alpha, a, b, beta, c);
  if (long_rows && c.cols < detail::cols_of_sums && a.cols <= turned_rows) {
    T turned[turned_rows * detail::cols_of_sums];
    for (std::ptrdiff_t j = 0; j < c.cols; ++j)
      for (std::ptrdiff_t k = 0; k < a.cols; ++k) turned[j * a.cols + k] = b(k, j);
    return detail::gemm_of_rows<T>(alpha, a, {turned, b.rows, b.cols, 1, a.cols}, beta, c);
  }
  const double volume =
      static_cast<double>(c.rows) * static_cast<double>(c.cols) * static_cast<double>(a.cols);
  if (volume <= (b.col_stride == 1 ? 27 : tiny_volume)) {
    for (std::ptrdiff_t i = 0; i < c.rows; ++i)
      for (std::ptrdiff_t j = 0; j < c.cols; ++j) {
        T sum = a(i, 0) * b(0, j);
        for (std::ptrdiff_t k = 1; k < a.cols; ++k) sum += a(i, k) * b(k, j);
        c(i, j) = beta == T(0) ? alpha * sum : alpha * sum + beta * c(i, j);
      }
    return;
  }
  // A narrow product reads a or b so seldom that a copy does not pay at any size.
  const bool narrow = c.rows <= 2 * detail::tile_rows || c.cols <= detail::tile_cols<T>;
  if (narrow || volume < blocked_from_volume)
    detail::gemm_direct(alpha, a, b, beta, c);
  else
    detail::gemm_blocked(alpha, a, b, beta, c);
}

/// c = alpha * a * b + beta * c, where c has at least two rows and two columns and a at least one.
template <class T>
void gemm(T alpha, const matrix_ref<const T>& a, const matrix_ref<const T>& b, T beta,
          const matrix_ref<T>& c) {
  const bool across = c.col_stride != 1 && (c.row_stride == 1 || (b.col_stride != 1 && a.row_stride == 1));
  // A column of a result of few of them is no vector, but its rows are where a lies column by column.
  const bool few_columns = c.cols < detail::cols_of_sums && c.rows >= detail::lanes<T> && a.cols >= 8 &&
                           a.row_stride == 1 && a.col_stride != 1;
  if (across || few_columns)
    gemm_as_given(alpha, b.transposed(), a.transposed(), beta, c.transposed());
  else
    gemm_as_given(alpha, a, b, beta, c);
}

} // namespace internal
} // namespace agnesi::blas
