// SPDX-License-Identifier: BSD-3-Clause
// Matrices by rows: each row times x in a pack as long as the row, the packs' sums by one tree for all rows; elements one by one
// where the machine has no such pack.
#include "../support/packs.hpp"
#include "../support/repeat.hpp"
#include "small.hpp"

#include <cmath>
#include <utility>

namespace small {
namespace {

// Packs of at most 32 bytes: the sums of packs of 64 bytes are wrong in xsimd 8.1.
template <class T, int N>
struct width {
#if BENCH_HAS_XSIMD
  static constexpr int lanes = N * static_cast<int>(sizeof(T)) <= 32 ? N : static_cast<int>(32 / sizeof(T));
  using type                 = xsimd::make_sized_batch_t<T, N % 4 ? 3 : lanes>;
#else
  using type = void;
#endif
};

template <class T, int N>
struct of_hand {
  using pack                 = typename width<T, N>::type;
  static constexpr bool wide = !std::is_void_v<pack>;

  // Calls f(k, y) with elements or packs of A x + b at k.
  template <class F>
  [[gnu::always_inline]] static void for_each_y(const operands<T>& o, F f) {
    if constexpr (wide) {
      constexpr int lanes = static_cast<int>(pack::size), blocks = N / lanes;
      pack x[blocks];
      for (int k = 0; k < blocks; ++k) x[k] = pack::load_unaligned(o.x + k * lanes);
#pragma GCC unroll 16
      for (int i = 0; i < N; i += lanes) {
        pack rows[lanes];
#pragma GCC unroll 16
        for (int l = 0; l < lanes; ++l) {
          const T* row = o.A + (i + l) * N;
          rows[l]      = pack::load_unaligned(row) * x[0];
          for (int k = 1; k < blocks; ++k) rows[l] = fma(pack::load_unaligned(row + k * lanes), x[k], rows[l]);
        }
        f(i, pack(haddp(rows) + pack::load_unaligned(o.b + i)));
      }
    } else {
#pragma GCC unroll 16
      for (int i = 0; i < N; ++i) {
        T y = o.b[i];
        for (int j = 0; j < N; ++j) y += o.A[i * N + j] * o.x[j];
        f(i, y);
      }
    }
  }
  template <class V>
  [[gnu::always_inline]] static V at(const T* from) {
    if constexpr (std::is_same_v<V, T>)
      return *from;
    else
      return V::load_unaligned(from);
  }
  template <class V>
  [[gnu::always_inline]] static void put(T* to, const V& v) {
    if constexpr (std::is_same_v<V, T>)
      *to = v;
    else
      v.store_unaligned(to);
  }
  // (tanh(y) - t) (1 - tanh²(y))
  template <class V>
  [[gnu::always_inline]] static V slope(const V& y, const T* t) {
    using std::tanh;
    const V h = tanh(y);
    return (h - at<V>(t)) * (V(T(1)) - h * h);
  }

  static void affine(long times, const operands<T>& o) {
    bench::repeat(times, [&] { for_each_y(o, [&](int i, const auto& y) { put(o.to + i, y); }); });
  }
  static void by_x(long times, const operands<T>& o) {
    using V             = std::conditional_t<wide, pack, T>;
    constexpr int lanes = sizeof(V) / sizeof(T), blocks = N / lanes;
    bench::repeat(times, [&] {
      alignas(64) T r[N];
      for_each_y(o, [&]<class Y>(int i, const Y& y) { put(r + i, slope<Y>(y, o.t + i)); });
      V sums[blocks];
#pragma GCC unroll 16
      for (int k = 0; k < blocks; ++k) sums[k] = V(r[0]) * at<V>(o.A + k * lanes);
#pragma GCC unroll 16
      for (int i = 1; i < N; ++i)
        for (int k = 0; k < blocks; ++k) sums[k] += V(r[i]) * at<V>(o.A + i * N + k * lanes);
      for (int k = 0; k < blocks; ++k) put(o.to + k * lanes, sums[k]);
    });
  }
  static void by_parameters(long times, const operands<T>& o) {
    using V             = std::conditional_t<wide, pack, T>;
    constexpr int lanes = sizeof(V) / sizeof(T), blocks = N / lanes;
    bench::repeat(times, [&] {
      for_each_y(o, [&]<class Y>(int i, const Y& y) { put(o.to + i, slope<Y>(y, o.t + i)); });
      V x[blocks];
      for (int k = 0; k < blocks; ++k) x[k] = at<V>(o.x + k * lanes);
#pragma GCC unroll 16
      for (int i = 0; i < N; ++i)
        for (int k = 0; k < blocks; ++k) put(o.to_matrix + i * N + k * lanes, V(V(o.to[i]) * x[k]));
    });
  }
};

}  // namespace

template <class T>
calls<T> by_hand() {
  return table<T, of_hand>();
}
template calls<float> by_hand<float>();
template calls<double> by_hand<double>();

}  // namespace small
