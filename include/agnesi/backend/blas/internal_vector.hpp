// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Matrix times vector, outer product and dot product without a BLAS; any strides, no threads, nothing on the
// heap.
//
//   agnesi::blas::internal::gemv(1.0, a, x, 0.0, y);   // y = a * x

#include "tile.hpp"

namespace agnesi::blas {
namespace detail {

// Strided vectors are copied to the stack in parts of this many elements: 4 KiB of double.
inline constexpr std::ptrdiff_t part_size = 512;

/// The elements of x one after the other: where they are, or in `copy`.
template <class T> const T* contiguous(const vector_ref<const T>& x, T* copy) {
  if (x.stride == 1) return x.data;
  for (std::ptrdiff_t i = 0; i < x.size; ++i) copy[i] = x[i];
  return copy;
}

/// sums[r] += row r of a times x, for `Rows` rows `row` apart.
template <int Rows, class T>
void add_dots(std::ptrdiff_t size, const T* a, std::ptrdiff_t row, const T* x, T* sums) {
  // Four sums hide the latency of the additions; a single row makes four of its own.
  constexpr int ways        = Rows == 1 ? 4 : 1;
  simd_t<T> sum[Rows][ways] = {};
  std::ptrdiff_t k          = 0;
  for (; k + ways * lanes<T> <= size; k += ways * lanes<T>) {
    AGNESI_UNROLL
    for (int w = 0; w < ways; ++w) {
      simd_t<T> y, z;
      load(y, x + k + w * lanes<T>), hold(y);
      AGNESI_UNROLL
      for (int r = 0; r < Rows; ++r) load(z, a + r * row + k + w * lanes<T>), sum[r][w] += y * z;
    }
  }
  AGNESI_UNROLL
  for (int r = 0; r < Rows; ++r) {
    AGNESI_UNROLL
    for (int w = 1; w < ways; ++w) sum[r][0] += sum[r][w];
    if (k > 0) sums[r] += sum_of<lanes<T>, T>(sum[r][0]);
    std::ptrdiff_t l = k;
    if constexpr (4 < lanes<T>) {
      simd_t<T, 4> few = {}, y, z;
      for (; l + 4 <= size; l += 4) load(y, x + l), load(z, a + r * row + l), few += y * z;
      if (l > k) sums[r] += sum_of<4, T>(few);
    }
    for (; l < size; ++l) sums[r] += a[r * row + l] * x[l];
  }
}

/// sums[i] += row i of a times x, for rows of so few elements that no vector fits.
template <int Cols, class T>
void add_short_rows(std::ptrdiff_t rows, const T* a, std::ptrdiff_t row, const T* x, T* sums) {
  for (std::ptrdiff_t i = 0; i < rows; ++i, a += row) {
    T sum = sums[i];
    AGNESI_UNROLL
    for (int c = 0; c < Cols; ++c) sum += a[c] * x[c];
    sums[i] = sum;
  }
}

/// The sum of the products of x and numbers `step` apart.
template <class T> T sum_apart(std::ptrdiff_t count, const T* a, std::ptrdiff_t step, const T* x) {
  T first{}, second{}, third{}, fourth{};
  std::ptrdiff_t k = 0;
  for (; k + 4 <= count; k += 4, a += 4 * step) {
    first += a[0] * x[k];
    second += a[step] * x[k + 1];
    third += a[2 * step] * x[k + 2];
    fourth += a[3 * step] * x[k + 3];
  }
  for (; k < count; ++k, a += step) first += *a * x[k];
  return first + second + (third + fourth);
}

// As many columns are read side by side: sums are read and written that much more seldom, and as many streams are what
// processors prefetch.
inline constexpr std::ptrdiff_t columns_at_once = 16;

/// sums[0..size) += `cols` columns of a, `col` apart, each times its element of x, `Vectors` vectors of `Width` at a
/// time from element `i` on while there are as many; the element after them.
template <int Width, int Vectors, class T>
std::ptrdiff_t add_columns(std::ptrdiff_t i, std::ptrdiff_t size, const T* a, std::ptrdiff_t col, std::ptrdiff_t cols,
                           const T* x, T* sums) {
  constexpr int ways = Vectors == 1 ? 4 : 1; // independent sums hide the latency of the additions
  for (; i + Vectors * Width <= size; i += Vectors * Width) {
    simd_t<T, Width> sum[Vectors][ways] = {}, y;
    AGNESI_UNROLL
    for (int v = 0; v < Vectors; ++v) load(sum[v][0], sums + i + v * Width);
    const T* from    = a + i;
    std::ptrdiff_t c = 0;
    for (; c + 4 <= cols; c += 4) {
      AGNESI_UNROLL
      for (int w = 0; w < 4; ++w, from += col) {
        AGNESI_UNROLL
        for (int v = 0; v < Vectors; ++v) load(y, from + v * Width), sum[v][w % ways] += x[c + w] * y;
      }
    }
    for (; c < cols; ++c, from += col) {
      AGNESI_UNROLL
      for (int v = 0; v < Vectors; ++v) load(y, from + v * Width), sum[v][0] += x[c] * y;
    }
    AGNESI_UNROLL
    for (int v = 0; v < Vectors; ++v) {
      if constexpr (ways == 4) sum[v][0] += sum[v][1] + (sum[v][2] + sum[v][3]);
      store(sums + i + v * Width, sum[v][0]);
    }
  }
  return i;
}

template <class T>
void add_all_columns(std::ptrdiff_t size, const T* a, std::ptrdiff_t col, std::ptrdiff_t cols, const T* x, T* sums) {
  for (std::ptrdiff_t c = 0; c < cols; c += columns_at_once) {
    const std::ptrdiff_t count = size < 4 ? cols - c : min(columns_at_once, cols - c);
    const T* const from        = a + c * col;
    std::ptrdiff_t i           = add_columns<lanes<T>, 4>(0, size, from, col, count, x + c, sums);
    i                          = add_columns<lanes<T>, 1>(i, size, from, col, count, x + c, sums);
    if constexpr (4 < lanes<T>) i = add_columns<4, 1>(i, size, from, col, count, x + c, sums);
    for (; i < size; ++i) sums[i] += sum_apart(count, from + i, col, x + c);
    if (size < 4) return;
  }
}

} // namespace detail

namespace internal {

/// The sum of x[i] * y[i], kept in T and added up in the order that is fastest.
template <class T> T dot(const vector_ref<const T>& x, const vector_ref<const T>& y) {
  using namespace detail;
  if (x.stride == 1 && y.stride == 1) {
    T sum{};
    add_dots<1>(x.size, x.data, 0, y.data, &sum);
    return sum;
  }
  T sum{}, left[part_size], right[part_size];
  for (std::ptrdiff_t i = 0; i < x.size; i += part_size) {
    const std::ptrdiff_t n = min(part_size, x.size - i);
    add_dots<1>(n, contiguous(x.part(i, n), left), 0, contiguous(y.part(i, n), right), &sum);
  }
  return sum;
}

/// y = alpha * a * x + beta * y
template <class T>
void gemv(T alpha, const matrix_ref<const T>& a, const vector_ref<const T>& x, T beta,
          const vector_ref<T>& y) {
  using namespace detail;
  T copy[part_size], sums[part_size];
  const std::ptrdiff_t part = x.stride == 1 ? max(x.size, 1) : part_size;
  for (std::ptrdiff_t i = 0; i < a.rows; i += part_size) {
    const std::ptrdiff_t m = min(part_size, a.rows - i);
    for (std::ptrdiff_t r = 0; r < m; ++r) sums[r] = T(0);
    for (std::ptrdiff_t k = 0; k < x.size; k += part) {
      const std::ptrdiff_t n          = min(part, x.size - k);
      const T* const from             = contiguous(x.part(k, n), copy);
      const matrix_ref<const T> block = a.block(i, k, m, n);
      std::ptrdiff_t r = 0, c = 0;
      if (a.col_stride == 1 && n == 2) {
        add_short_rows<2>(m, block.data, a.row_stride, from, sums);
      } else if (a.col_stride == 1 && n == 3) {
        add_short_rows<3>(m, block.data, a.row_stride, from, sums);
      } else if (a.col_stride == 1) {
        for (; r + 4 <= m; r += 4) add_dots<4>(n, &block(r, 0), a.row_stride, from, sums + r);
        for (; r < m; ++r) add_dots<1>(n, &block(r, 0), a.row_stride, from, sums + r);
      } else if (a.row_stride == 1) {
        add_all_columns(m, block.data, a.col_stride, n, from, sums);
      } else {
        for (; r < m; ++r)
          for (c = 0; c < n; ++c) sums[r] += block(r, c) * from[c];
      }
    }
    combine(alpha, sums, beta, &y[i], y.stride, m);
  }
}

/// a = alpha * x * y' + beta * a
template <class T>
void ger(T alpha, const vector_ref<const T>& x, const vector_ref<const T>& y, T beta,
         const matrix_ref<T>& a) {
  using namespace detail;
  if (a.col_stride != 1 && a.row_stride == 1) return ger(alpha, y, x, beta, a.transposed());
  T copy[part_size];
  const std::ptrdiff_t part = y.stride == 1 ? max(y.size, 1) : part_size;
  for (std::ptrdiff_t j = 0; j < y.size; j += part) {
    const std::ptrdiff_t n = min(part, y.size - j);
    const T* const from    = contiguous(y.part(j, n), copy);
    for (std::ptrdiff_t i = 0; i < x.size; ++i) combine(alpha * x[i], from, beta, &a(i, j), a.col_stride, n);
  }
}

} // namespace internal
} // namespace agnesi::blas
