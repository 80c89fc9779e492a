// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Products of matrices and vectors that lie anywhere, with any strides: by the BLAS library where there is
// one and the product is worth the call, else by kernels of our own. The call decides by the extents; nothing
// is printed or configured.
//
//   double a[6] = {1, 2, 3, 4, 5, 6}, c[4];
//   agnesi::blas::matrix_ref<double> m{a, 2, 3, 3, 1}, product{c, 2, 2, 2, 1};
//   agnesi::blas::gemm(1.0, m, m.transposed(), 0.0, product);   // 14 32 32 77
//
// Element types: float, double, and integers of 32 and 64 bits, which wrap. As in BLAS, a beta of zero means
// that the result is written and not read, and with an alpha of zero the operands are not read. No operand
// may overlap the result.

#include "cblas.hpp"
#include "internal_gemm.hpp"
#include "internal_vector.hpp"

#include <cassert>
#include <concepts>
#include <type_traits>

namespace agnesi::blas {

/// From how many multiplications on a product goes to the BLAS library.
// Zen 5, one thread, this kernel / OpenBLAS 0.3.21, ns:          float                    double
//   AVX-512, core Cooperlake,  2^3    20 / 13       20 / 13
//                              8^3    28 / 24       24 / 28
//                             16^3    61 / 70       90 / 87
//                             32^3   285 / 285     575 / 555
//                             64^3  2140 / 2060   4350 / 4080
//   AVX2, core Haswell,        8^3    30 / 68       36 / 73
//                             32^3   567 / 690    1117 / 1418
//                             64^3  4173 / 4656   8415 / 9855
//                            128^3  34.4 / 35.3 us  67.8 / 76.3 us
// OpenBLAS has kernels for small products with AVX-512 only; its threads begin at 64^3.
inline constexpr double blas_from_volume = 32.0 * 32 * 32;

/// From how many elements of the matrix (of each vector, in `dot`) on a product with a vector goes to the
/// BLAS library. One thread of it is nowhere faster than ours (100 x 100 float: 295 / 362 ns), but from about
/// here on it uses several.
inline constexpr double blas_from_elements = 8192;

namespace detail {

template <class T>
concept blas_element = (sizeof(T) == 4 || sizeof(T) == 8) && std::is_arithmetic_v<T>;

// Only the result deduces T, so that the other arguments convert.
template <class T> using number       = std::type_identity_t<T>;
template <class T> using const_matrix = std::type_identity_t<matrix_ref<const T>>;
template <class T> using const_vector = std::type_identity_t<vector_ref<const T>>;

template <class T> inline constexpr bool needs_wrapping = std::signed_integral<T>;

/// The same memory as unsigned numbers, whose arithmetic wraps; the language allows this view of it.
template <class T> auto wrapping(const vector_ref<T>& v) {
  using U = std::conditional_t<std::is_const_v<T>, const std::make_unsigned_t<T>, std::make_unsigned_t<T>>;
  return vector_ref<U>{reinterpret_cast<U*>(v.data), v.size, v.stride};
}
template <class T> auto wrapping(const matrix_ref<T>& m) {
  using U = std::conditional_t<std::is_const_v<T>, const std::make_unsigned_t<T>, std::make_unsigned_t<T>>;
  return matrix_ref<U>{reinterpret_cast<U*>(m.data), m.rows, m.cols, m.row_stride, m.col_stride};
}

constexpr double product(std::ptrdiff_t a, std::ptrdiff_t b, std::ptrdiff_t c = 1) {
  return static_cast<double>(a) * static_cast<double>(b) * static_cast<double>(c); // does not overflow
}

} // namespace detail

/// The sum of x[i] * y[i].
template <class T, detail::blas_element V = std::remove_const_t<T>>
V dot(vector_ref<T> x, detail::const_vector<V> y) {
  assert(x.size == y.size);
  const vector_ref<const V> left = x;
  if constexpr (detail::needs_wrapping<V>) {
    return static_cast<V>(dot(detail::wrapping(left), detail::wrapping(y)));
  } else {
    if constexpr (has_blas<V>)
      if (detail::product(x.size, 1) >= blas_from_elements) return cblas::dot(left, y);
    return internal::dot(left, y);
  }
}

/// y = alpha * a * x + beta * y
template <detail::blas_element T>
void gemv(detail::number<T> alpha, detail::const_matrix<T> a, detail::const_vector<T> x,
          detail::number<T> beta, vector_ref<T> y) {
  assert(a.rows == y.size && a.cols == x.size);
  if (y.size == 0) return;
  if (alpha == T(0) || x.size == 0) return detail::scale(beta, y);
  if constexpr (detail::needs_wrapping<T>) {
    using U = std::make_unsigned_t<T>;
    gemv(U(alpha), detail::wrapping(a), detail::wrapping(x), U(beta), detail::wrapping(y));
  } else {
    if constexpr (has_blas<T>)
      if (detail::product(a.rows, a.cols) >= blas_from_elements) return cblas::gemv(alpha, a, x, beta, y);
    internal::gemv(alpha, a, x, beta, y);
  }
}

/// a = alpha * x * y' + beta * a
template <detail::blas_element T>
void ger(detail::number<T> alpha, detail::const_vector<T> x, detail::const_vector<T> y,
         detail::number<T> beta, matrix_ref<T> a) {
  assert(a.rows == x.size && a.cols == y.size);
  if (a.rows == 0 || a.cols == 0) return;
  if (alpha == T(0)) return detail::scale(beta, a);
  if constexpr (detail::needs_wrapping<T>) {
    using U = std::make_unsigned_t<T>;
    ger(U(alpha), detail::wrapping(x), detail::wrapping(y), U(beta), detail::wrapping(a));
  } else {
    if constexpr (has_blas<T>)
      if (detail::product(a.rows, a.cols) >= blas_from_elements) return cblas::ger(alpha, x, y, beta, a);
    internal::ger(alpha, x, y, beta, a);
  }
}

/// c = alpha * a * b + beta * c
template <detail::blas_element T>
void gemm(detail::number<T> alpha, detail::const_matrix<T> a, detail::const_matrix<T> b,
          detail::number<T> beta, matrix_ref<T> c) {
  assert(a.rows == c.rows && b.cols == c.cols && a.cols == b.rows);
  if (c.rows == 0 || c.cols == 0) return;
  if (alpha == T(0) || a.cols == 0) return detail::scale(beta, c);
  if constexpr (detail::needs_wrapping<T>) {
    using U = std::make_unsigned_t<T>;
    gemm(U(alpha), detail::wrapping(a), detail::wrapping(b), U(beta), detail::wrapping(c));
  } else {
    if (c.cols == 1) return gemv(alpha, a, b.col(0), beta, c.col(0));
    if (c.rows == 1) return gemv(alpha, b.transposed(), a.row(0), beta, c.row(0));
    if (a.cols == 1) return ger(alpha, a.col(0), b.row(0), beta, c);
    if constexpr (has_blas<T>)
      if (detail::product(c.rows, c.cols, a.cols) >= blas_from_volume)
        return cblas::gemm(alpha, a, b, beta, c);
    internal::gemm(alpha, a, b, beta, c);
  }
}

} // namespace agnesi::blas
