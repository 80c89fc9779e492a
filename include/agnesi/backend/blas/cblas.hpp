// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The products of a BLAS library, for strided matrices; there where AGNESI_USE_BLAS is defined (component
// agnesi::openblas).
//
//   agnesi::blas::cblas::gemm(1.0, a, b, 0.0, c);   // c = a * b
//
// An operand is copied only where BLAS can't describe how it lies.

#include "internal_gemm.hpp"
#include "internal_vector.hpp"

#ifdef AGNESI_USE_BLAS

#include <limits>
#include <stdexcept>
#include <type_traits>

#include "agnesi/core/text.hpp"

// Declared under names of our own, so that a file which includes some <cblas.h> as well, with enumerations of
// its own for the flags, has no conflicting declarations, and this header does not depend on which <cblas.h>
// is found.
#define AGNESI_SYMBOL_TEXT(prefix) #prefix
#define AGNESI_SYMBOL_PREFIX(prefix) AGNESI_SYMBOL_TEXT(prefix)
#define AGNESI_SYMBOL(name) __asm__(AGNESI_SYMBOL_PREFIX(__USER_LABEL_PREFIX__) name)
extern "C" {
void agnesi_sgemm(int order, int trans_a, int trans_b, int m, int n, int k, float alpha, const float* a,
                  int lda, const float* b, int ldb, float beta, float* c, int ldc)
    AGNESI_SYMBOL("cblas_sgemm");
void agnesi_dgemm(int order, int trans_a, int trans_b, int m, int n, int k, double alpha, const double* a,
                  int lda, const double* b, int ldb, double beta, double* c, int ldc)
    AGNESI_SYMBOL("cblas_dgemm");
void agnesi_sgemv(int order, int trans, int m, int n, float alpha, const float* a, int lda, const float* x,
                  int incx, float beta, float* y, int incy) AGNESI_SYMBOL("cblas_sgemv");
void agnesi_dgemv(int order, int trans, int m, int n, double alpha, const double* a, int lda, const double* x,
                  int incx, double beta, double* y, int incy) AGNESI_SYMBOL("cblas_dgemv");
void agnesi_sger(int order, int m, int n, float alpha, const float* x, int incx, const float* y, int incy,
                 float* a, int lda) AGNESI_SYMBOL("cblas_sger");
void agnesi_dger(int order, int m, int n, double alpha, const double* x, int incx, const double* y, int incy,
                 double* a, int lda) AGNESI_SYMBOL("cblas_dger");
float agnesi_sdot(int n, const float* x, int incx, const float* y, int incy) AGNESI_SYMBOL("cblas_sdot");
double agnesi_ddot(int n, const double* x, int incx, const double* y, int incy) AGNESI_SYMBOL("cblas_ddot");
char* agnesi_openblas_core() AGNESI_SYMBOL("openblas_get_corename") __attribute__((weak));
}
#undef AGNESI_SYMBOL
#undef AGNESI_SYMBOL_PREFIX
#undef AGNESI_SYMBOL_TEXT

#endif

namespace agnesi::blas {

/// The kind of core OpenBLAS picked its kernels for ("SkylakeX"), "unknown" with another BLAS, "internal"
/// without one.
inline const char* core_name() {
#ifdef AGNESI_USE_BLAS
  return agnesi_openblas_core ? agnesi_openblas_core() : "unknown";
#else
  return "internal";
#endif
}

/// Whether products of T can go to a BLAS library at all.
template <class T> inline constexpr bool has_blas = false;

#ifndef AGNESI_USE_BLAS

namespace cblas = internal; // what `if constexpr (has_blas<T>)` discards has to name something

#else

template <> inline constexpr bool has_blas<float> = true;
template <> inline constexpr bool has_blas<double> = true;

namespace detail {

inline constexpr int row_major = 101, no_trans = 111, trans = 112; // as in cblas.h

[[noreturn, gnu::cold]] inline void throw_too_long(std::ptrdiff_t n) {
  throw std::length_error((text() << "agnesi: an extent or stride of " << n
                                  << " does not fit the 32-bit integers of the BLAS interface; split the product").c_str());
}
inline int to_blas_int(std::ptrdiff_t n) {
  if (n > std::numeric_limits<int>::max())
    throw_too_long(n);
  return static_cast<int>(n);
}

template <class T, class Float, class Double> constexpr auto pick(Float* for_float, Double* for_double) {
  if constexpr (std::is_same_v<T, float>) {
    return for_float;
  } else {
    return for_double;
  }
}

/// Whether BLAS can take m as a row-major matrix. The stride along an extent of one never matters.
template <class T> constexpr bool has_blas_rows(const matrix_ref<T>& m) {
  return (m.cols <= 1 || m.col_stride == 1) && (m.rows <= 1 || m.row_stride >= max(1, m.cols));
}

/// The leading dimension of such a matrix, which BLAS wants no smaller than a row even where there is but
/// one.
template <class T> int leading(const matrix_ref<T>& m) {
  return to_blas_int(m.rows <= 1 ? max(1, m.cols) : m.row_stride);
}

/// A vector as BLAS wants it: the lowest address, also where it is walked downwards, and no stride of zero.
template <class T> struct blas_vector {
  T* data;
  int size, stride;

  explicit blas_vector(const vector_ref<T>& v)
      : data(v.stride < 0 ? v.data + (v.size - 1) * v.stride : v.data), size(to_blas_int(v.size)) {
    const int distance = to_blas_int(v.stride < 0 ? -v.stride : v.stride);
    stride = v.size <= 1 ? 1 : v.stride < 0 ? -distance : distance;
  }
};

template <class T> struct blas_operand {
  const T* data;
  int transposed, leading;

  blas_operand(matrix_ref<const T> m, scratch& memory) {
    transposed = no_trans;
    if (!has_blas_rows(m)) {
      if (has_blas_rows(m.transposed())) {
        transposed = trans;
        m = m.transposed();
      } else {
        T* const copy = memory.get<T>(m.rows * m.cols);
        for (std::ptrdiff_t i = 0; i < m.rows; ++i)
          for (std::ptrdiff_t j = 0; j < m.cols; ++j) copy[i * m.cols + j] = m(i, j);
        m = {copy, m.rows, m.cols, m.cols, 1};
      }
    }
    data = m.data;
    leading = detail::leading(m);
  }
};

} // namespace detail

namespace cblas {

/// c = alpha * a * b + beta * c, for T float or double. Throws std::length_error where an extent or a leading
/// dimension exceeds 2^31 - 1, before anything is written.
template <class T>
void gemm(T alpha, const matrix_ref<const T>& a, const matrix_ref<const T>& b, T beta,
          const matrix_ref<T>& c) {
  using namespace detail;
  const int m = to_blas_int(c.rows), n = to_blas_int(c.cols), k = to_blas_int(a.cols);
  if (!has_blas_rows(c)) {
    if (has_blas_rows(c.transposed()))
      return gemm(alpha, b.transposed(), a.transposed(), beta, c.transposed());
    T* const memory = scratch_for<purpose::result>().template get<T>(c.rows * c.cols);
    gemm(alpha, a, b, T(0), matrix_ref<T>{memory, c.rows, c.cols, c.cols, 1});
    for (std::ptrdiff_t i = 0; i < c.rows; ++i)
      combine(T(1), memory + i * c.cols, beta, &c(i, 0), c.col_stride, c.cols);
    return;
  }
  const blas_operand<T> left(a, scratch_for<purpose::left>()), right(b, scratch_for<purpose::right>());
  constexpr auto call = detail::pick<T>(agnesi_sgemm, agnesi_dgemm);
  call(row_major, left.transposed, right.transposed, m, n, k, alpha, left.data, left.leading, right.data,
       right.leading, beta, c.data, leading(c));
}

/// y = alpha * a * x + beta * y
template <class T>
void gemv(T alpha, const matrix_ref<const T>& a, const vector_ref<const T>& x, T beta,
          const vector_ref<T>& y) {
  using namespace detail;
  const bool rows = has_blas_rows(a);
  if (!rows && !has_blas_rows(a.transposed()))
    return internal::gemv(alpha, a, x, beta, y); // as quick as a copy of a
  if (x.stride == 0) return internal::gemv(alpha, a, x, beta, y);
  const matrix_ref<const T> stored = rows ? a : a.transposed();
  const int m = to_blas_int(stored.rows), n = to_blas_int(stored.cols), lda = leading(stored);
  const blas_vector<const T> from(x);
  const blas_vector<T> to(y);
  if (beta == T(0)) {
    scale(beta, y); // some releases of OpenBLAS multiply y by zero, and keep its NaN
    beta = T(1);
  }
  constexpr auto call = detail::pick<T>(agnesi_sgemv, agnesi_dgemv);
  call(row_major, rows ? no_trans : trans, m, n, alpha, stored.data, lda, from.data, from.stride, beta,
       to.data, to.stride);
}

/// a = alpha * x * y' + beta * a; BLAS itself has it for a beta of one.
template <class T>
void ger(T alpha, const vector_ref<const T>& x, const vector_ref<const T>& y, T beta,
         const matrix_ref<T>& a) {
  using namespace detail;
  if (!has_blas_rows(a) && has_blas_rows(a.transposed())) return ger(alpha, y, x, beta, a.transposed());
  if (beta != T(1) || !has_blas_rows(a) || x.stride == 0 || y.stride == 0)
    return internal::ger(alpha, x, y, beta, a);
  const blas_vector<const T> left(x), right(y);
  constexpr auto call = detail::pick<T>(agnesi_sger, agnesi_dger);
  call(row_major, left.size, right.size, alpha, left.data, left.stride, right.data, right.stride, a.data,
       leading(a));
}

template <class T> T dot(const vector_ref<const T>& x, const vector_ref<const T>& y) {
  using namespace detail;
  if (x.stride == 0 || y.stride == 0) return internal::dot(x, y);
  const blas_vector<const T> left(x), right(y);
  constexpr auto call = detail::pick<T>(agnesi_sdot, agnesi_ddot);
  return call(left.size, left.data, left.stride, right.data, right.stride);
}

} // namespace cblas
#endif
} // namespace agnesi::blas
