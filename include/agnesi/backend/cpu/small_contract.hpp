// SPDX-License-Identifier: BSD-3-Clause
// Products whose extents and strides the compiler knows, each at most 16, as straight-line code; larger ones go where all
// products go.
//   small_contract<T, Views>::run(alpha, a, b, beta, c);   // Views::a, b, c: small_view of each
#pragma once

#include "agnesi/backend/blas/small_vector.hpp"
#include "agnesi/backend/cpu/contract_step.hpp"
#include "agnesi/backend/cpu/each_number.hpp"
#include "agnesi/backend/cpu/small_plan.hpp"

namespace agnesi::cpu {

template <class T, class Views>
class small_contract {
  static constexpr small_view va = Views::a, vb = Views::b, vc = Views::c;
  static constexpr int ra = va.rank, rb = vb.rank;
  static constexpr int m = ra == 2 ? static_cast<int>(va.extents[0]) : 1;
  static constexpr int n = rb == 2 ? static_cast<int>(vb.extents[1]) : 1;
  static constexpr int k = static_cast<int>(vb.extents[0]);

  [[gnu::always_inline]] static seen seen_by(const small_view& v, const void* data) {
    seen s;
    s.data = const_cast<void*>(data);
    s.rank = v.rank;
    for (int axis = 0; axis < v.rank; ++axis) s.extents[axis] = v.extents[axis], s.strides[axis] = v.strides[axis];
    return s;
  }

  // alpha * sums + beta * c for some elements of a vector c.
  template <std::ptrdiff_t Stride>
  struct put_into {
    T alpha, beta;
    T* c;
    template <class First, class Count, class Sums>
    [[gnu::always_inline]] void operator()(First first, Count count, const Sums& sums) const {
      using namespace blas::detail;
      constexpr int width = power_of_two_from(count);
      const auto scaled = alpha == T(1) ? sums : alpha * sums;
      T* to = c + first * Stride;
      if constexpr (Stride == 1) {
        if (beta == T(0)) store_some<T, width, count>(to, scaled);
        else store_some<T, width, count>(to, scaled + beta * load_some<T, width, count>(to));
      } else {
        T one[width];
        store_some<T, width, width>(one, scaled);
        for (int i = 0; i < count; ++i) to[i * Stride] = beta == T(0) ? one[i] : one[i] + beta * to[i * Stride];
      }
    }
  };

  // The elements one behind the other: where they are, or in `copy`.
  template <int Count, std::ptrdiff_t Stride>
  [[gnu::always_inline]] static const T* in_a_row(const T* x, T* copy) {
    if constexpr (Stride == 1 || Count == 1) {
      return x;
    } else {
      for (int i = 0; i < Count; ++i) copy[i] = x[i * Stride];
      return copy;
    }
  }

  // c = alpha * a * x + beta * c, where a has M rows of K elements.
  template <int M, int K, std::ptrdiff_t RowStride, std::ptrdiff_t ColStride, std::ptrdiff_t StrideX, std::ptrdiff_t StrideC>
  [[gnu::always_inline]] static void times_vector(T alpha, const T* a, const T* x, T beta, T* c) {
    const put_into<StrideC> put{alpha, beta, c};
    T copy[K];
    if constexpr (K == 1 || ColStride == 1) {
      blas::small_rows_times<T, M, K>(a, RowStride, in_a_row<K, StrideX>(x, copy), put);
    } else if constexpr (M == 1 || RowStride == 1) {
      if constexpr (M == 1) {
        T row[K];
        blas::small_rows_times<T, 1, K>(in_a_row<K, ColStride>(a, row), K, in_a_row<K, StrideX>(x, copy), put);
      } else {
        blas::small_columns_times<T, M, K>(a, ColStride, x, StrideX, put);
      }
    } else {
      T rows[M * K];
      for (int i = 0; i < M; ++i)
        for (int l = 0; l < K; ++l) rows[i * K + l] = a[i * RowStride + l * ColStride];
      blas::small_rows_times<T, M, K>(rows, K, in_a_row<K, StrideX>(x, copy), put);
    }
  }

 public:
  [[gnu::always_inline]] static void run(T alpha, const T* a, const T* b, T beta, T* c) {
    if constexpr (!is_small(m, n, k) || !std::is_floating_point_v<T>) {
      multiply_seen<T, ra, rb, m, n, k>(alpha, seen_by(va, a), seen_by(vb, b), beta, seen_by(vc, c));
    } else if constexpr (ra == 1 && rb == 1) {
      times_vector<1, k, 1, va.strides[0], vb.strides[0], 1>(alpha, a, b, beta, c);
    } else if constexpr (ra == 1) {
      times_vector<n, k, vb.strides[1], vb.strides[0], va.strides[0], vc.strides[0]>(alpha, b, a, beta, c);
    } else if constexpr (rb == 1) {
      times_vector<m, k, va.strides[0], va.strides[1], vb.strides[0], vc.strides[0]>(alpha, a, b, beta, c);
    } else if constexpr (m == 1) {
      times_vector<n, k, vb.strides[1], vb.strides[0], va.strides[1], vc.strides[1]>(alpha, b, a, beta, c);
    } else if constexpr (n == 1) {
      times_vector<m, k, va.strides[0], va.strides[1], vb.strides[0], vc.strides[0]>(alpha, a, b, beta, c);
    } else {
      multiply_seen<T, 2, 2, m, n, k>(alpha, seen_by(va, a), seen_by(vb, b), beta, seen_by(vc, c));
    }
  }
};

}  // namespace agnesi::cpu
