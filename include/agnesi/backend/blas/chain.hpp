// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The product of several matrices in the order that takes the fewest multiplications, found at the call.
//
//   agnesi::blas::gemm_chain(1.0, factors, 3, 0.0, c, room);   // c = factors[0] * factors[1] * factors[2]
//
// `room` holds (n - 2) times as many elements as the largest product of some of the factors has.

#include "agnesi/backend/blas/blas.hpp"

namespace agnesi::blas {
namespace detail {

template <class T, int N> class ordered_product {
 public:
  explicit ordered_product(const matrix_ref<const T>* factors, T* room) : factors_(factors), room_(room) {
    // Dynamic programming (A. Godbole, "On efficient computation of matrix chain products", 1973). Of equal costs the
    // order from the left is taken.
    for (int length = 2; length <= N; ++length)
      for (int lo = 0; lo + length <= N; ++lo) {
        const int hi = lo + length;
        for (int at = hi - 1; at > lo; --at) {
          const double cost = least_[lo][at] + least_[at][hi] + product(factors[lo].rows, factors[at].rows, factors[hi - 1].cols);
          if (at < hi - 1 && cost >= least_[lo][hi]) continue;
          least_[lo][hi] = cost;
          split_[lo][hi] = at;
        }
      }
  }
  void into(T alpha, T beta, matrix_ref<T> c) {
    const int at = split_[0][N];
    const auto a = part(0, at), b = part(at, N);
    gemm<T>(alpha, a, b, beta, c);
  }

 private:
  const matrix_ref<const T>* factors_;
  T* room_;
  double least_[N + 1][N + 1] = {};
  int split_[N + 1][N + 1] = {};

  matrix_ref<const T> part(int lo, int hi) {
    if (hi - lo == 1) return factors_[lo];
    const int at = split_[lo][hi];
    const auto a = part(lo, at), b = part(at, hi);
    const matrix_ref<T> c{room_, a.rows, b.cols, b.cols, 1};
    room_ += a.rows * b.cols;
    gemm<T>(T(1), a, b, T(0), c);
    return c;
  }
};

} // namespace detail

/// c = alpha * factors[0] * ... * factors[N - 1] + beta * c
template <int N, detail::blas_element T>
void gemm_chain(detail::number<T> alpha, const detail::const_matrix<T> (&factors)[N], detail::number<T> beta, matrix_ref<T> c, T* room) {
  detail::ordered_product<T, N>(factors, room).into(alpha, beta, c);
}

} // namespace agnesi::blas
