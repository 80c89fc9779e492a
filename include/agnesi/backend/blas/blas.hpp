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

/// From how many multiplications on a product goes to the BLAS library: 32^3 with AVX-512, 16^3 with AVX2,
/// 8^3 with vectors of 16 bytes, because OpenBLAS takes its kernels by the processor and not by how this file
/// is compiled.
// ns a product on one thread of a Zen 5, our kernel as compiled for | OpenBLAS 0.3.21 on a core type:
//             float                                    double
//         AVX-512  AVX2    SSE | Cooperlake Haswell    AVX-512  AVX2    SSE | Cooperlake Haswell
//    2^3       20    17     13 |         13      37         16    14     14 |         13      37
//    8^3       30    30     38 |         24      62         26    35     70 |         28      70
//   16^3       59    77    204 |         61     138         92   150    412 |         85     245
//   32^3      290   560   1570 |        281     687        590  1120   3110 |        540    1420
//   64^3     2200  4170  11600 |       2050    4560       4450  8300  23200 |       4110    9680
// Cooperlake (AVX-512) has kernels for small products, older cores have not. OpenBLAS uses threads from 64^3.
inline constexpr double blas_from_volume =
    (detail::vector_bytes / 2.0) * (detail::vector_bytes / 2.0) * (detail::vector_bytes / 2.0);

/// The same for products of which one extent is at most 8, so that tiles are filled in part or soon done: 16^3.
// ns with AVX-512, float, ours / OpenBLAS: 1000 x 3, inner 3 1930 / 640; 100 x 2, inner 50 680 / 340; 64 x 64, inner 2
// 210 / 130; 200 x 8, inner 8 530 / 320.
inline constexpr double blas_from_narrow_volume = blas_from_volume < 4096 ? blas_from_volume : 4096;
inline constexpr std::ptrdiff_t narrow_extent   = 8;

/// From how many elements of the matrix (of each vector, in `dot`) on a product with a vector goes to the
/// BLAS library: 8192 with AVX-512.
// Up to there one thread of OpenBLAS has no advantage (64 x 64 float with AVX-512, ours / OpenBLAS: 163 / 194
// ns, transposed 120 / 145, ger 235 / 296, dot of 4096 136 / 133); from about there on it uses several. With
// vectors of 16 bytes: 215 / 204, 287 / 172, 400 / 332, 263 / 134. Only for rows shorter than a vector ours
// is slower (1000 x 3: 1.5 / 0.4 us).
inline constexpr double blas_from_elements = 128.0 * detail::vector_bytes;

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

constexpr bool is_for_blas(std::ptrdiff_t m, std::ptrdiff_t n, std::ptrdiff_t k) {
  const bool narrow = min(m, min(n, k)) <= narrow_extent;
  return product(m, n, k) >= (narrow ? blas_from_narrow_volume : blas_from_volume);
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
      if (detail::is_for_blas(c.rows, c.cols, a.cols))
        return cblas::gemm(alpha, a, b, beta, c);
    internal::gemm(alpha, a, b, beta, c);
  }
}

} // namespace agnesi::blas
