// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Products of vectors whose extents are small and known to the compiler, as straight-line code on registers.
//
//   agnesi::blas::small_rows_times<double, 4, 4>(a, 4, x, [&](auto i, const auto& sums) { … });   // a x, 4 x 4
//
// Sums are handed on in vectors, and vectors that are not full are read and written in the same pieces
// everywhere, so that the compiler can keep what one step writes and the next one reads in registers.

#include "tile.hpp"

#include <type_traits>

namespace agnesi::blas {
namespace detail {

constexpr int power_of_two_from(int n) {
  int p = 1;
  while (p < n) p *= 2;
  return p;
}
constexpr int smaller_of(int a, int b) { return a < b ? a : b; }

/// Lanes taken from two vectors of `Width`; Lane::at(l, Width) says which lane comes to l, those of b counted from
/// `Width` on. Written out, because nvcc expands no packs in the arguments of a builtin.
template <class Lane, int Results, class T, int Width>
[[gnu::always_inline]] inline simd_t<T, Results> taken(const simd_t<T, Width>& a, const simd_t<T, Width>& b) {
  constexpr auto at = [](int l) { return Lane::at(l, Width); };
  if constexpr (Results == 2)
    return __builtin_shufflevector(a, b, at(0), at(1));
  else if constexpr (Results == 4)
    return __builtin_shufflevector(a, b, at(0), at(1), at(2), at(3));
  else if constexpr (Results == 8)
    return __builtin_shufflevector(a, b, at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7));
  else
    return __builtin_shufflevector(a, b, at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7), at(8), at(9), at(10),
                                   at(11), at(12), at(13), at(14), at(15));
}

struct lower_lanes {
  static constexpr int at(int l, int) { return l; }
};
struct upper_lanes {
  static constexpr int at(int l, int width) { return width / 2 + l; }
};
// Blocks of lanes of a and of b in turns: the first of each two blocks, or with Odd the second.
template <int Block, bool Odd> struct alternate_blocks {
  static constexpr int at(int l, int width) {
    const int block = l / Block;
    return (block / 2 * 2 + (Odd ? 1 : 0)) * Block + l % Block + (block % 2 != 0 ? width : 0);
  }
};

// Of each four lanes, the lower or the upper two of a and of b in turns: one instruction for floats, where single lanes in turns are
// taken by a permutation that is loaded.
template <bool Upper> struct interleaved_pairs {
  static constexpr int at(int l, int width) { return l / 4 * 4 + l % 4 / 2 + (Upper ? 2 : 0) + (l % 2 != 0 ? width : 0); }
};

template <class T, int Width> [[gnu::always_inline]] inline simd_t<T, Width / 2> lower_half(const simd_t<T, Width>& v) {
  if constexpr (Width == 2)
    return v[0];
  else
    return taken<lower_lanes, Width / 2, T, Width>(v, v);
}
template <class T, int Width> [[gnu::always_inline]] inline simd_t<T, Width / 2> upper_half(const simd_t<T, Width>& v) {
  if constexpr (Width == 2)
    return v[1];
  else
    return taken<upper_lanes, Width / 2, T, Width>(v, v);
}
template <class T, int Width>
[[gnu::always_inline]] inline simd_t<T, Width> joined(const simd_t<T, Width / 2>& a, const simd_t<T, Width / 2>& b) {
  if constexpr (Width == 2)
    return simd_t<T, 2>{a, b};
  else
    return taken<lower_lanes, Width, T, Width / 2>(a, b);
}

/// The first `Count` lanes from memory, the others zero; up to three come one by one.
template <class T, int Width, int Count> [[gnu::always_inline]] inline simd_t<T, Width> load_some(const T* from) {
  static_assert(1 <= Count && Count <= Width);
  if constexpr (Width == 1) {
    return *from;
  } else if constexpr (Count == Width && Width > 2) {
    simd_t<T, Width> v;
    load(v, from);
    return v;
  } else if constexpr (Count <= Width / 2) {
    return joined<T, Width>(load_some<T, Width / 2, Count>(from), simd_t<T, Width / 2>{});
  } else {
    return joined<T, Width>(load_some<T, Width / 2, Width / 2>(from),
                            load_some<T, Width / 2, Count - Width / 2>(from + Width / 2));
  }
}
/// The same, `step` elements apart.
template <class T, int Width, int Count>
[[gnu::always_inline]] inline simd_t<T, Width> load_apart(const T* from, std::ptrdiff_t step) {
  if constexpr (Width == 1)
    return *from;
  else if constexpr (Count <= Width / 2)
    return joined<T, Width>(load_apart<T, Width / 2, Count>(from, step), simd_t<T, Width / 2>{});
  else
    return joined<T, Width>(load_apart<T, Width / 2, Width / 2>(from, step),
                            load_apart<T, Width / 2, Count - Width / 2>(from + Width / 2 * step, step));
}
template <class T, int Width, int Count>
[[gnu::always_inline]] inline void store_some(T* to, const simd_t<T, Width>& v) {
  if constexpr (Width == 1) {
    *to = v;
  } else if constexpr (Count == Width && Width > 2) {
    store(to, v);
  } else {
    store_some<T, Width / 2, smaller_of(Count, Width / 2)>(to, lower_half<T, Width>(v));
    if constexpr (Count > Width / 2)
      store_some<T, Width / 2, Count - Width / 2>(to + Width / 2, upper_half<T, Width>(v));
  }
}

/// The sums of the lanes of `Rows` vectors, as the lanes of one: pairs of vectors are added up at once.
template <class T, int Width, int Rows, int Block = 1>
[[gnu::always_inline]] inline simd_t<T, Rows> sums_of_rows(const simd_t<T, Width>* rows) {
  if constexpr (Width == 1) {
    return rows[0];
  } else if constexpr (Block == 1 && Width > Rows) {
    simd_t<T, Width / 2> half[Rows];
    AGNESI_UNROLL
    for (int i = 0; i < Rows; ++i) half[i] = lower_half<T, Width>(rows[i]) + upper_half<T, Width>(rows[i]);
    return sums_of_rows<T, Width / 2, Rows>(half);
  } else if constexpr (Block == Width) {
    return rows[0];
  } else {
    constexpr int pairs = Width / Block / 2;
    constexpr bool interleaves = Block == 1 && Width >= 4 && sizeof(T) == 4;
    using even = std::conditional_t<interleaves, interleaved_pairs<false>, alternate_blocks<Block, false>>;
    using odd = std::conditional_t<interleaves, interleaved_pairs<true>, alternate_blocks<Block, true>>;
    simd_t<T, Width> sum[pairs];
    AGNESI_UNROLL
    for (int i = 0; i < pairs; ++i)
      sum[i] = taken<even, Width, T, Width>(rows[2 * i], rows[2 * i + 1]) + taken<odd, Width, T, Width>(rows[2 * i], rows[2 * i + 1]);
    return sums_of_rows<T, Width, Rows, 2 * Block>(sum);
  }
}

template <int N> using count_of = std::integral_constant<int, N>;

/// Calls f(first, count, width) for each vector that `Extent` elements are cut into, as constants.
template <int Extent, int Most, int First = 0, class F> [[gnu::always_inline]] constexpr void each_vector(F&& f) {
  if constexpr (First < Extent) {
    constexpr int count = smaller_of(Extent - First, Most);
    f(count_of<First>{}, count_of<count>{}, count_of<power_of_two_from(count)>{});
    each_vector<Extent, Most, First + count>(f);
  }
}

} // namespace detail

/// The sum of x[k] * y[k] for K elements.
template <class T, int K> [[gnu::always_inline]] inline T small_dot_product(const T* x, const T* y) {
  using namespace detail;
  if constexpr (K <= 3) {
    T sum = x[0] * y[0];
    AGNESI_UNROLL
    for (int k = 1; k < K; ++k) sum += x[k] * y[k];
    return sum;
  } else {
    constexpr int width = smaller_of(power_of_two_from(K), lanes<T>), ways = K >= 4 * width ? 4 : 1;
    simd_t<T, width> sum[ways] = {};
    each_vector<K, width>([&](auto first, auto count, auto) __attribute__((always_inline)) {
      sum[first / width % ways] += load_some<T, width, count>(x + first) * load_some<T, width, count>(y + first);
    });
    AGNESI_UNROLL
    for (int w = 1; w < ways; ++w) sum[0] += sum[w];
    return sums_of_rows<T, width, 1>(sum);
  }
}

/// a x for M rows of K elements, `lda` apart: put(first, count, sums) is called for each vector of sums.
template <class T, int M, int K, class Put>
[[gnu::always_inline]] inline void small_rows_times(const T* a, std::ptrdiff_t lda, const T* x, Put put) {
  using namespace detail;
  constexpr int width = smaller_of(power_of_two_from(K), lanes<T>);
  each_vector<M, lanes<T>>([&](auto first, auto count, auto rows) __attribute__((always_inline)) {
    constexpr int here = count;
    if constexpr (here == 1) {
      put(first, count, small_dot_product<T, K>(a + first * lda, x));
    } else if constexpr (here <= 3 || K == 1) {
      T sum[rows] = {};
      AGNESI_UNROLL
      for (int i = 0; i < here; ++i) sum[i] = small_dot_product<T, K>(a + (first + i) * lda, x);
      put(first, count, load_some<T, rows, count>(sum));
    } else {
      constexpr int wide = width < rows ? rows : width;
      simd_t<T, wide> part[rows] = {};
      each_vector<K, wide>([&](auto k, auto n, auto) __attribute__((always_inline)) {
        const simd_t<T, wide> y = load_some<T, wide, n>(x + k);
        AGNESI_UNROLL
        for (int i = 0; i < here; ++i) part[i] += load_some<T, wide, n>(a + (first + i) * lda + k) * y;
      });
      put(first, count, sums_of_rows<T, wide, rows>(part));
    }
  });
}

/// The same with a transposed: K rows of M elements lie `lda` apart.
template <class T, int M, int K, class Put>
[[gnu::always_inline]] inline void small_columns_times(const T* a, std::ptrdiff_t lda, const T* x, std::ptrdiff_t x_step,
                                                       Put put) {
  using namespace detail;
  each_vector<M, lanes<T>>([&](auto first, auto count, auto width) __attribute__((always_inline)) {
    constexpr int vectors = (M + lanes<T> - 1) / lanes<T>, ways = K >= 8 && vectors < 4 ? 4 / vectors : 1;
    simd_t<T, width> sum[ways] = {};
    const auto add = [&](int k, int way) __attribute__((always_inline)) {
      sum[way] += load_some<T, width, count>(a + k * lda + first) * x[k * x_step];
    };
    if constexpr (K <= 16) {
      AGNESI_UNROLL
      for (int k = 0; k < K; ++k) add(k, k % ways);
    } else {
      for (int k = 0; k < K; ++k) add(k, 0);
    }
    AGNESI_UNROLL
    for (int w = 1; w < ways; ++w) sum[0] += sum[w];
    put(first, count, sum[0]);
  });
}

} // namespace agnesi::blas
