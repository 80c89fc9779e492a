// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Products of matrices whose extents are small and known to the compiler: straight-line code, no loop, no
// call.
//
//   agnesi::blas::small_gemm<double, 3, 3, 3>(1.0, a, b, 0.0, c);   // c = a * b, rows one after the other
//
// 3 x 3 x 3 takes 3 ns, 8 x 8 x 8 9 ns, 16 x 16 x 16 floats 33 ns (Zen 5, AVX-512).

#include "tile.hpp"

#include <concepts>
#include <type_traits>

namespace agnesi::blas {
namespace detail {

constexpr int widest_vector(int extent, int most) {
  int width = 1;
  while (2 * width <= extent && 2 * width <= most) width *= 2;
  return width;
}

/// The product of two rows of K elements, added up by halves.
template <class T, int K> [[gnu::always_inline]] inline T small_dot(const T* x, const T* y) {
  if constexpr (K == 0) {
    return T(0);
  } else {
    constexpr int width = widest_vector(K, lanes<T>), whole = K / width * width;
    simd_t<T, width> sum = {}, a, b;
    AGNESI_UNROLL
    for (int k = 0; k < whole; k += width) load(a, x + k), load(b, y + k), sum += a * b;
    return sum_of<width, T>(sum) + small_dot<T, K - whole>(x + whole, y + whole);
  }
}

/// `Rows` rows of the product. Vectors cover the columns; the last one ends with them, and may overlap the
/// one before.
template <class T, int Rows, int N, int K, bool TransA, bool TransB>
[[gnu::always_inline]] inline void small_rows(T alpha, const T* a, std::ptrdiff_t lda, const T* b,
                                              std::ptrdiff_t ldb, T beta, T* c, std::ptrdiff_t ldc) {
  constexpr int width = widest_vector(N, lanes<T>), count = (N + width - 1) / width;
  using vector            = simd_t<T, width>;
  const auto column       = [](int v) { return v * width < N - width ? v * width : N - width; };
  vector sum[Rows][count] = {};
  const auto step         = [&](int k) __attribute__((always_inline)) {
            vector y[count];
            AGNESI_UNROLL
            for (int v = 0; v < count; ++v) {
              if constexpr (!TransB) {
                load(y[v], b + k * ldb + column(v)), hold(y[v]);
      } else if constexpr (width == 1) {
                y[v] = b[column(v) * ldb + k];
      } else {
                T lane[width];
                AGNESI_UNROLL
                for (int l = 0; l < width; ++l) lane[l] = b[(column(v) + l) * ldb + k];
        load(y[v], lane);
      }
    }
            AGNESI_UNROLL
            for (int i = 0; i < Rows; ++i) {
              const T x = TransA ? a[k * lda + i] : a[i * lda + k];
              AGNESI_UNROLL
              for (int v = 0; v < count; ++v) sum[i][v] += x * y[v];
    }
  };
  // Beyond this the loop over k stays one: unrolled, 16 x 16 x 16 floats are no faster (33 ns) and twice as
  // slow to compile.
  if constexpr (Rows * count * K <= 64) {
    AGNESI_UNROLL
    for (int k = 0; k < K; ++k) step(k);
  } else {
    for (int k = 0; k < K; ++k) step(k);
  }
  AGNESI_UNROLL
  for (int i = 0; i < Rows; ++i) {
    vector old[count];
    AGNESI_UNROLL
    for (int v = 0; v < count; ++v) {
      sum[i][v] *= alpha;
      if (beta != T(0)) load(old[v], c + i * ldc + column(v)), sum[i][v] += beta * old[v];
    }
    AGNESI_UNROLL
    for (int v = 0; v < count; ++v) store(c + i * ldc + column(v), sum[i][v]);
  }
}

} // namespace detail

/// c = alpha * a * b + beta * c for an M x N matrix c and an inner extent of K, each from 1 to 16. The
/// matrices lie row after row, `lda`, `ldb`, `ldc` elements apart; with TransA (TransB) what lies there is a
/// (b) transposed. A beta of zero means that c is not read. A single row or column is quickest with TransB
/// alone, where both operands lie along k.
template <class T, int M, int N, int K, bool TransA = false, bool TransB = false>
[[gnu::always_inline]] inline void small_gemm(T alpha, const T* a, std::ptrdiff_t lda, const T* b,
                                              std::ptrdiff_t ldb, T beta, T* c, std::ptrdiff_t ldc) {
  static_assert(M >= 1 && N >= 1 && K >= 1 && M <= 16 && N <= 16 && K <= 16,
                "small_gemm takes extents from 1 to 16");
  using namespace detail;
  if constexpr (std::signed_integral<T>) {
    using U = std::make_unsigned_t<T>; // wraps
    small_gemm<U, M, N, K, TransA, TransB>(U(alpha), reinterpret_cast<const U*>(a), lda,
                                           reinterpret_cast<const U*>(b), ldb, U(beta),
                                           reinterpret_cast<U*>(c), ldc);
  } else if constexpr (TransB && !TransA && (M == 1 || N == 1)) {
    AGNESI_UNROLL
    for (int i = 0; i < M * N; ++i) {
      const T sum = alpha * small_dot<T, K>(a + i / N * lda, b + i % N * ldb);
      T& to       = c[i / N * ldc + i % N];
      to          = beta == T(0) ? sum : sum + beta * to;
    }
  } else if constexpr (TransB && N >= 8) {
    T turned[K * N]; // a narrower b is put together in registers: 3 x 3 x 3 in 3 ns, not 8
    for (int k = 0; k < K; ++k) {
      AGNESI_UNROLL
      for (int j = 0; j < N; ++j) turned[k * N + j] = b[j * ldb + k];
    }
    small_gemm<T, M, N, K, TransA, false>(alpha, a, lda, turned, N, beta, c, ldc);
  } else {
    constexpr int width   = widest_vector(N, lanes<T>);
    constexpr int fitting = vector_registers / 2 / ((N + width - 1) / width); // rows of sums in registers
    constexpr int rows = fitting < 1 ? 1 : fitting < M ? fitting : M, whole = M / rows * rows;
    constexpr std::ptrdiff_t one = 1;
    for (int i = 0; i < whole; i += rows)
      small_rows<T, rows, N, K, TransA, TransB>(alpha, a + i * (TransA ? one : lda), lda, b, ldb, beta,
                                                c + i * ldc, ldc);
    if constexpr (whole < M)
      small_rows<T, M - whole, N, K, TransA, TransB>(alpha, a + whole * (TransA ? one : lda), lda, b, ldb,
                                                     beta, c + whole * ldc, ldc);
  }
}

/// The same for matrices whose rows follow one another without gaps.
template <class T, int M, int N, int K, bool TransA = false, bool TransB = false>
void small_gemm(T alpha, const T* a, const T* b, T beta, T* c) {
  small_gemm<T, M, N, K, TransA, TransB>(alpha, a, TransA ? M : K, b, TransB ? K : N, beta, c, N);
}

} // namespace agnesi::blas
