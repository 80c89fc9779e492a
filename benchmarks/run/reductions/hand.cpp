// SPDX-License-Identifier: BSD-3-Clause
// Reductions over packs: eight accumulators along a row; across rows four rows at a time into a block that stays in cache; blocks
// are added up by themselves, so that long sums of floats keep their digits.
#include "../support/packs.hpp"
#include "../support/repeat.hpp"
#include "reductions.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace reductions {
namespace {

namespace packs = bench::packs;
template <class T>
using pack = packs::pack<T>;
template <class T>
constexpr ptrdiff_t lanes = packs::lanes<T>;

struct plus {
  static constexpr double neutral = 0;
  static auto of(auto a, auto b) { return decltype(a)(a + b); }
};
struct larger {
  static constexpr double neutral = -HUGE_VAL;
  template <class V>
  static V of(V a, V b) {
    using std::max;
    return V(max(a, b));
  }
};

template <class Op, class T>
[[gnu::always_inline]] inline T along(const T* a, ptrdiff_t n) {
  constexpr ptrdiff_t L = lanes<T>;
  ptrdiff_t i           = 0;
  pack<T> s[8];
  for (auto& one : s) one = pack<T>(static_cast<T>(Op::neutral));
  for (; i + 8 * L <= n; i += 8 * L)
    for (int k = 0; k < 8; ++k) s[k] = Op::of(s[k], packs::load(a + i + k * L));
  for (; i + L <= n; i += L) s[0] = Op::of(s[0], packs::load(a + i));
  for (int k = 4; k > 0; k /= 2)
    for (int l = 0; l < k; ++l) s[l] = Op::of(s[l], s[l + k]);
  T lane[L];
  packs::store(lane, s[0]);
  T result = lane[0];
  for (int k = 1; k < L; ++k) result = Op::of(result, lane[k]);
  for (; i < n; ++i) result = Op::of(result, a[i]);
  return result;
}
// Of many elements: sums of blocks are added in double.
template <class Op, class T>
T along_much(const T* a, ptrdiff_t n) {
  constexpr ptrdiff_t block = 4096;
  double total              = Op::neutral;
  for (ptrdiff_t i = 0; i < n; i += block) total = Op::of(total, static_cast<double>(along<Op>(a + i, std::min(block, n - i))));
  return static_cast<T>(total);
}
template <class Op, class T>
T of_all(const T* a, ptrdiff_t n) {
  double total = Op::neutral;
  packs::in_parts(n, [&](ptrdiff_t begin, ptrdiff_t end) {
    const double part = static_cast<double>(along_much<Op>(a + begin, end - begin));
#pragma omp critical
    total = Op::of(total, part);
  });
  return static_cast<T>(total);
}

// to[j] = Op of a[i * stride + j] over i < m: four rows at a time, at most 256 rows into one block.
template <class Op, class T>
void across(const T* a, ptrdiff_t m, ptrdiff_t stride, ptrdiff_t n, T* to, T* block) {
  constexpr ptrdiff_t L = lanes<T>;
  std::fill_n(to, n, static_cast<T>(Op::neutral));
  for (ptrdiff_t first = 0; first < m; first += 256) {
    const ptrdiff_t last = std::min(m, first + 256);
    std::fill_n(block, n, static_cast<T>(Op::neutral));
    ptrdiff_t i = first;
    for (; i + 4 <= last; i += 4) {
      const T *r0 = a + i * stride, *r1 = r0 + stride, *r2 = r1 + stride, *r3 = r2 + stride;
      ptrdiff_t j = 0;
      for (; j + L <= n; j += L)
        packs::store(block + j, Op::of(packs::load(block + j), Op::of(Op::of(packs::load(r0 + j), packs::load(r1 + j)),
                                                                      Op::of(packs::load(r2 + j), packs::load(r3 + j)))));
      for (; j < n; ++j) block[j] = Op::of(block[j], Op::of(Op::of(r0[j], r1[j]), Op::of(r2[j], r3[j])));
    }
    for (; i < last; ++i)
      for (ptrdiff_t j = 0; j < n; ++j) block[j] = Op::of(block[j], a[i * stride + j]);
    for (ptrdiff_t j = 0; j < n; ++j) to[j] = Op::of(to[j], block[j]);
  }
}
// Columns in pieces that stay in the first cache; threads share out columns, or rows where there are few columns.
template <class Op, class T>
void columns(const T* a, ptrdiff_t m, ptrdiff_t n, T* to) {
  constexpr ptrdiff_t piece = 2048;
  if (n >= 512) {
    packs::in_parts(
        n,
        [&](ptrdiff_t begin, ptrdiff_t end) {
          alignas(64) T block[piece];
          for (ptrdiff_t j = begin; j < end; j += piece) across<Op>(a + j, m, n, std::min(piece, end - j), to + j, block);
        },
        512);
    return;
  }
  std::fill_n(to, n, static_cast<T>(Op::neutral));
  packs::in_parts(
      m,
      [&](ptrdiff_t begin, ptrdiff_t end) {
        alignas(64) T block[512], part[512];
        across<Op>(a + begin * n, end - begin, n, n, part, block);
#pragma omp critical
        for (ptrdiff_t j = 0; j < n; ++j) to[j] = Op::of(to[j], part[j]);
      },
      512);
}
template <class Op, class T>
void rows(const T* a, ptrdiff_t m, ptrdiff_t n, T* to) {
  packs::in_parts(
      m,
      [&](ptrdiff_t begin, ptrdiff_t end) {
        for (ptrdiff_t i = begin; i < end; ++i) to[i] = n > 8192 ? along_much<Op>(a + i * n, n) : along<Op>(a + i * n, n);
      },
      128);
}

constexpr ptrdiff_t e2 = edge * edge, e3 = edge * edge * edge, s2 = side * side;

template <class T>
struct of_hand {
  template <int Axes>
  static void cube(const T* a, T* to) {
    if constexpr (Axes == 1)
      columns<plus>(a, edge, e2, to);
    else if constexpr (Axes == 2)
      packs::in_parts(
          edge,
          [&](ptrdiff_t begin, ptrdiff_t end) {
            alignas(64) T block[edge];
            for (ptrdiff_t i = begin; i < end; ++i) across<plus>(a + i * e2, edge, edge, edge, to + i * edge, block);
          },
          128);
    else if constexpr (Axes == 3)
      columns<plus>(a, e2, edge, to);
    else if constexpr (Axes == 4)
      rows<plus>(a, e2, edge, to);
    else if constexpr (Axes == 5) {
      std::vector<T> some(e2);
      rows<plus>(a, e2, edge, some.data());
      columns<plus>(some.data(), edge, edge, to);
    } else if constexpr (Axes == 6)
      rows<plus>(a, edge, e2, to);
    else
      *to = of_all<plus>(a, e3);
  }
  template <class Op, int Axes>
  static void flat(const T* a, T* to) {
    if constexpr (Axes == 1)
      columns<Op>(a, side, side, to);
    else if constexpr (Axes == 2)
      rows<Op>(a, side, side, to);
    else
      *to = of_all<Op>(a, s2);
  }

  template <int Axes>
  static void matrix(const T* a, T* to) {
    flat<plus, Axes>(a, to);
  }
  template <int Axes>
  static void largest(const T* a, T* to) {
    flat<larger, Axes>(a, to);
  }

  template <int Axes>
  static void where(const T* a, std::int64_t* to) {
    if constexpr (Axes == 1) {
      packs::in_parts(
          side,
          [&](ptrdiff_t begin, ptrdiff_t end) {
            T most[side];
            std::int32_t at[side] = {};
            std::copy_n(a + begin, end - begin, most);
            for (std::int32_t i = 1; i < side; ++i)
              for (ptrdiff_t j = 0; j < end - begin; ++j) {
                const T x    = a[i * side + begin + j];
                const bool b = x > most[j];
                most[j]      = b ? x : most[j];
                at[j]        = b ? i : at[j];
              }
            std::copy_n(at, end - begin, to + begin);
          },
          512);
    } else if constexpr (Axes == 2) {
      packs::in_parts(
          side,
          [&](ptrdiff_t begin, ptrdiff_t end) {
            for (ptrdiff_t i = begin; i < end; ++i) to[i] = first_of(a + i * side, side, along<larger>(a + i * side, side));
          },
          128);
    } else {
      // The block with the largest element, and then its place there.
      constexpr ptrdiff_t block = 4096;
      T most                    = -HUGE_VAL;
      ptrdiff_t best            = 0;
      packs::in_parts(s2, [&](ptrdiff_t begin, ptrdiff_t end) {
        T mine         = -HUGE_VAL;
        ptrdiff_t from = begin;
        for (ptrdiff_t i = begin; i < end; i += block)
          if (const T x = along<larger>(a + i, std::min(block, end - i)); x > mine) mine = x, from = i;
#pragma omp critical
        if (mine > most || (mine == most && from < best)) most = mine, best = from;
      });
      *to = best + first_of(a + best, s2 - best, most);
    }
  }
  static ptrdiff_t first_of(const T* a, ptrdiff_t n, T x) {
    constexpr ptrdiff_t some = 64;
    ptrdiff_t i              = 0;
    for (; i + some <= n; i += some) {
      bool found = false;
      for (ptrdiff_t k = 0; k < some; ++k) found |= a[i + k] == x;
      if (found) break;
    }
    while (i < n && a[i] != x) ++i;
    return i;
  }

  // Sums of what a row is off its mean, squared.
  static T squares(const T* a, ptrdiff_t n, T mean) {
    pack<T> s0(T(0)), s1(T(0)), s2_(T(0)), s3(T(0));
    const pack<T> m(mean);
    constexpr ptrdiff_t L = lanes<T>;
    ptrdiff_t i           = 0;
    const auto more       = [&](pack<T>& s, ptrdiff_t k) {
      const pack<T> d = packs::load(a + k) - m;
      s               = s + d * d;
    };
    for (; i + 4 * L <= n; i += 4 * L) more(s0, i), more(s1, i + L), more(s2_, i + 2 * L), more(s3, i + 3 * L);
    for (; i + L <= n; i += L) more(s0, i);
    T total = packs::sum<T>(pack<T>((s0 + s1) + (s2_ + s3)));
    for (; i < n; ++i) total += (a[i] - mean) * (a[i] - mean);
    return total;
  }
  template <int Axes>
  static void moments(const T* a, T* to) {
    if constexpr (Axes == 2) {
      packs::in_parts(
          side,
          [&](ptrdiff_t begin, ptrdiff_t end) {
            for (ptrdiff_t i = begin; i < end; ++i) {
              to[i]        = along<plus>(a + i * side, side) / T(side);
              to[side + i] = squares(a + i * side, side, to[i]) / T(side);
            }
          },
          128);
    } else if constexpr (Axes == 1) {
      // One sweep of what is left beyond the first row.
      packs::in_parts(
          side,
          [&](ptrdiff_t begin, ptrdiff_t end) {
            const ptrdiff_t n = end - begin;
            T s[side] = {}, q[side] = {};
            for (ptrdiff_t i = 1; i < side; ++i)
              for (ptrdiff_t j = 0; j < n; ++j) {
                const T d = a[i * side + begin + j] - a[begin + j];
                s[j] += d, q[j] += d * d;
              }
            for (ptrdiff_t j = 0; j < n; ++j) {
              const T mean         = s[j] / T(side);
              to[begin + j]        = a[begin + j] + mean;
              to[side + begin + j] = q[j] / T(side) - mean * mean;
            }
          },
          512);
    } else {
      double mean = 0, square = 0;
      packs::in_parts(
          side,
          [&](ptrdiff_t begin, ptrdiff_t end) {
            double m = 0, q = 0;
            for (ptrdiff_t i = begin; i < end; ++i) {
              const T center = along<plus>(a + i * side, side) / T(side);
              m += center;
              q += static_cast<double>(squares(a + i * side, side, center)) / side + static_cast<double>(center) * center;
            }
#pragma omp critical
            mean += m, square += q;
          },
          128);
      to[0] = static_cast<T>(mean / side);
      to[1] = static_cast<T>(square / side - (mean / side) * (mean / side));
    }
  }
  // By blocks, which are combined by the formula of Chan, Golub and LeVeque.
  static void moments_of_cube(const T* a, T* to) {
    constexpr ptrdiff_t block = 4096, blocks = edge * edge * edge / block;
    struct part {
      double n = 0, mean = 0, square = 0;
      void add(const part& b) {
        const double d = b.mean - mean, all = n + b.n;
        mean += d * b.n / all, square += b.square + d * d * n * b.n / all, n = all;
      }
    } all;
    packs::in_parts(
        blocks,
        [&](ptrdiff_t begin, ptrdiff_t end) {
          part own;
          for (ptrdiff_t i = begin; i < end; ++i) {
            const T center = along<plus>(a + i * block, block) / T(block);
            own.add({block, static_cast<double>(center), static_cast<double>(squares(a + i * block, block, center))});
          }
#pragma omp critical
          all.add(own);
        },
        128);
    to[0] = static_cast<T>(all.mean);
    to[1] = static_cast<T>(all.square / all.n);
  }
  template <int Axes>
  static void both(const T* a, T* to, std::int64_t* places) {
    where<Axes>(a, places);
    for (ptrdiff_t k = 0; k < (Axes == 3 ? 1 : side); ++k)
      to[k] = a[Axes == 1 ? places[k] * side + k : Axes == 2 ? k * side + places[k] : places[k]];
  }
};

}  // namespace

template <class T>
reductions_of<T> by_hand() {
  return table<T, of_hand<T>>();
}
template reductions_of<float> by_hand<float>();
template reductions_of<double> by_hand<double>();

}  // namespace reductions
