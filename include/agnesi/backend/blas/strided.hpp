// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What every product here takes: a matrix or a vector that belongs to somebody else, as a pointer, extents
// and strides.
//
//   double storage[6] = {1, 2, 3, 4, 5, 6};
//   auto a = agnesi::blas::matrix_ref<double>{storage, 2, 3, 3, 1};   // two rows of three
//   auto last_column = a.transposed().row(2);                         // 3, 6; nothing is copied

#include <concepts>
#include <cstddef>

namespace agnesi::blas {

/// `size` elements, `stride` elements apart. A stride may be zero (one element read over and over) or
/// negative.
template <class T> struct vector_ref {
  T* data;
  std::ptrdiff_t size;
  std::ptrdiff_t stride = 1;

  constexpr T& operator[](std::ptrdiff_t i) const { return data[i * stride]; }

  constexpr vector_ref part(std::ptrdiff_t first, std::ptrdiff_t count) const {
    return {data + first * stride, count, stride};
  }

  // A template, so that no compiler warns of a conversion from a type to itself.
  template <std::same_as<const T> U> constexpr operator vector_ref<U>() const { return {data, size, stride}; }
};

/// Element (i, j) lies at `data[i * row_stride + j * col_stride]`: either order, sub-matrices, broadcasts
/// (stride zero) and reversals (negative strides). A matrix that is written must not overlap itself.
template <class T> struct matrix_ref {
  T* data;
  std::ptrdiff_t rows, cols;
  std::ptrdiff_t row_stride, col_stride;

  constexpr T& operator()(std::ptrdiff_t i, std::ptrdiff_t j) const {
    return data[i * row_stride + j * col_stride];
  }

  constexpr matrix_ref transposed() const { return {data, cols, rows, col_stride, row_stride}; }
  constexpr vector_ref<T> row(std::ptrdiff_t i) const { return {data + i * row_stride, cols, col_stride}; }
  constexpr vector_ref<T> col(std::ptrdiff_t j) const { return {data + j * col_stride, rows, row_stride}; }
  constexpr matrix_ref block(std::ptrdiff_t i, std::ptrdiff_t j, std::ptrdiff_t m, std::ptrdiff_t n) const {
    return {data + i * row_stride + j * col_stride, m, n, row_stride, col_stride};
  }

  template <std::same_as<const T> U> constexpr operator matrix_ref<U>() const {
    return {data, rows, cols, row_stride, col_stride};
  }
};

namespace detail {

constexpr std::ptrdiff_t min(std::ptrdiff_t a, std::ptrdiff_t b) { return a < b ? a : b; }
constexpr std::ptrdiff_t max(std::ptrdiff_t a, std::ptrdiff_t b) { return a < b ? b : a; }

/// m = beta * m; where beta is zero m is only written, so that a NaN left in fresh memory does not survive.
template <class T> constexpr void scale(T beta, matrix_ref<T> m) {
  if (beta == T(1)) return;
  if (m.row_stride == 1) m = m.transposed();
  for (std::ptrdiff_t i = 0; i < m.rows; ++i)
    for (std::ptrdiff_t j = 0; j < m.cols; ++j) m(i, j) = beta == T(0) ? T(0) : beta * m(i, j);
}

template <class T> constexpr void scale(T beta, vector_ref<T> v) {
  scale(beta, matrix_ref<T>{v.data, 1, v.size, 0, v.stride});
}

} // namespace detail
} // namespace agnesi::blas
