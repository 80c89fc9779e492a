// SPDX-License-Identifier: BSD-3-Clause
// A step that multiplies matrices or vectors, where its operands lie and with what the compiler knows of their extents.
//   multiply_seen<double, 2, 1, 3, 1, 3>(1.0, a, x, 0.0, y);   // y = a x, where a is known to be 3 x 3
#pragma once

#include "agnesi/backend/blas/blas.hpp"
#include "agnesi/backend/blas/small_gemm.hpp"
#include "agnesi/backend/cpu/place.hpp"

namespace agnesi::cpu {

template <class T>
constexpr blas::matrix_ref<T> as_matrix(const seen& s) {
  return {static_cast<T*>(s.data), s.extents[0], s.extents[1], s.strides[0], s.strides[1]};
}
template <class T>
constexpr blas::vector_ref<T> as_vector(const seen& s) {
  return {static_cast<T*>(s.data), s.extents[0], s.strides[0]};
}
template <class T>
constexpr blas::matrix_ref<T> as_row(const seen& s) {
  return {static_cast<T*>(s.data), 1, s.extents[0], 1, s.strides[0]};
}
template <class T>
constexpr blas::matrix_ref<T> as_column(const seen& s) {
  return {static_cast<T*>(s.data), s.extents[0], 1, s.strides[0], 1};
}

constexpr bool is_small(std::int64_t m, std::int64_t n, std::int64_t k) {
  return m > 0 && n > 0 && k > 0 && m <= 16 && n <= 16 && k <= 16;
}

// Extents known to the compiler and small: unrolled, where rows or columns are contiguous; else false.
template <int M, int N, int K, class T>
[[gnu::always_inline]] inline bool small_product(T alpha, const blas::matrix_ref<const T>& a, const blas::matrix_ref<const T>& b,
                                                 T beta, const blas::matrix_ref<T>& c) {
  const bool a_rows = K == 1 || a.col_stride == 1, b_rows = N == 1 || b.col_stride == 1;
  const bool a_columns = M == 1 || a.row_stride == 1, b_columns = K == 1 || b.row_stride == 1;
  if (N > 1 && c.col_stride != 1) return false;
  if ((M == 1 || N == 1) && a_rows && b_columns)
    blas::small_gemm<T, M, N, K, false, true>(alpha, a.data, a.row_stride, b.data, b.col_stride, beta, c.data, c.row_stride);
  else if (a_rows && b_rows)
    blas::small_gemm<T, M, N, K, false, false>(alpha, a.data, a.row_stride, b.data, b.row_stride, beta, c.data, c.row_stride);
  else if (a_columns && b_rows)
    blas::small_gemm<T, M, N, K, true, false>(alpha, a.data, a.col_stride, b.data, b.row_stride, beta, c.data, c.row_stride);
  else if (a_rows && b_columns)
    blas::small_gemm<T, M, N, K, false, true>(alpha, a.data, a.row_stride, b.data, b.col_stride, beta, c.data, c.row_stride);
  else
    return false;
  return true;
}

// out = alpha * a * b + beta * out, of operands of ranks RankA and RankB; M, N and K as far as the compiler knows the
// extents, else -1.
template <class T, int RankA, int RankB, std::int64_t M, std::int64_t N, std::int64_t K>
[[gnu::always_inline]] inline void multiply_seen(T alpha, const seen& a, const seen& b, T beta, const seen& out) {
  constexpr bool small = is_small(M, N, K);
  constexpr int m = small ? M : 1, n = small ? N : 1, k = small ? K : 1;
  if constexpr (RankA == 2 && RankB == 2) {
    if constexpr (small)
      if (small_product<m, n, k>(alpha, as_matrix<const T>(a), as_matrix<const T>(b), beta, as_matrix<T>(out))) return;
    if constexpr (K == 1)
      blas::ger<T>(alpha, as_matrix<const T>(a).col(0), as_matrix<const T>(b).row(0), beta, as_matrix<T>(out));
    else
      blas::gemm<T>(alpha, as_matrix<const T>(a), as_matrix<const T>(b), beta, as_matrix<T>(out));
  } else if constexpr (RankA == 2) {
    if constexpr (small)
      if (small_product<m, 1, k>(alpha, as_matrix<const T>(a), as_column<const T>(b), beta, as_column<T>(out))) return;
    blas::gemv<T>(alpha, as_matrix<const T>(a), as_vector<const T>(b), beta, as_vector<T>(out));
  } else if constexpr (RankB == 2) {
    if constexpr (small)
      if (small_product<1, n, k>(alpha, as_row<const T>(a), as_matrix<const T>(b), beta, as_row<T>(out))) return;
    blas::gemv<T>(alpha, as_matrix<const T>(b).transposed(), as_vector<const T>(a), beta, as_vector<T>(out));
  } else {
    T& r = *static_cast<T*>(out.data);
    const T product = alpha * blas::dot(as_vector<const T>(a), as_vector<const T>(b));
    r = beta == T(0) ? product : product + beta * r;
  }
}

}  // namespace agnesi::cpu
