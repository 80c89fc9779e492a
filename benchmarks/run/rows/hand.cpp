// SPDX-License-Identifier: BSD-3-Clause
// Row by row, in cache: the largest element, then exponentials and their sum, then one scaling.
#include "../support/packs.hpp"
#include "../support/repeat.hpp"
#include "rows.hpp"

#include <algorithm>
#include <cmath>

namespace rows {
namespace {

namespace packs = bench::packs;

// to = exp(z - max); returns the sum, and the largest.
template <class T>
struct sum_of_row {
  T sum, most;
};
template <class T>
[[gnu::always_inline]] inline sum_of_row<T> exponentials(const T* z, T* to, ptrdiff_t n) {
  using pack            = packs::pack<T>;
  constexpr ptrdiff_t L = packs::lanes<T>;
  using std::exp, std::max;
  T most      = z[0];
  ptrdiff_t j = 0;
  if (n >= 4 * L) {
    pack m[4];
    for (int k = 0; k < 4; ++k) m[k] = packs::load(z + k * L);
    for (j = 4 * L; j + 4 * L <= n; j += 4 * L)
      for (int k = 0; k < 4; ++k) m[k] = max(m[k], packs::load(z + j + k * L));
    T lane[L];
    packs::store(lane, pack(max(max(m[0], m[1]), max(m[2], m[3]))));
    for (T x : lane) most = std::max(most, x);
  }
  for (; j < n; ++j) most = std::max(most, z[j]);
  pack s0(T(0)), s1(T(0));
  const pack shift(most);
  for (j = 0; j + 2 * L <= n; j += 2 * L) {
    const pack e0 = exp(pack(packs::load(z + j) - shift)), e1 = exp(pack(packs::load(z + j + L) - shift));
    packs::store(to + j, e0), packs::store(to + j + L, e1);
    s0 = s0 + e0, s1 = s1 + e1;
  }
  T sum = packs::sum<T>(pack(s0 + s1));
  if (j < n) {
    T rest[2 * L];
    for (ptrdiff_t k = 0; k < 2 * L; ++k) rest[k] = j + k < n ? z[j + k] - most : T(-100);
    packs::store(rest, exp(pack(packs::load(rest)))), packs::store(rest + L, exp(pack(packs::load(rest + L))));
    for (ptrdiff_t k = 0; j + k < n; ++k) sum += to[j + k] = rest[k];
  }
  return {sum, most};
}
template <class T>
[[gnu::always_inline]] inline void scale(T* to, ptrdiff_t n, T by) {
  for (ptrdiff_t j = 0; j < n; ++j) to[j] *= by;
}

template <class T>
void softmaxes(long times, const operands<T>& o) {
  bench::repeat(times, [&] {
    packs::in_parts(
        o.m,
        [&](ptrdiff_t begin, ptrdiff_t end) {
          for (ptrdiff_t i = begin; i < end; ++i) {
            T* to = o.to + i * o.n;
            scale(to, o.n, 1 / exponentials(o.z + i * o.n, to, o.n).sum);
          }
        },
        128);
  });
}
template <class T>
void cross_entropies(long times, const operands<T>& o) {
  bench::repeat(times, [&] {
    double loss   = 0;
    const T share = 1 / static_cast<T>(o.m);
    packs::in_parts(
        o.m,
        [&](ptrdiff_t begin, ptrdiff_t end) {
          double mine = 0;
          for (ptrdiff_t i = begin; i < end; ++i) {
            T* to                  = o.to + i * o.n;
            const auto [sum, most] = exponentials(o.z + i * o.n, to, o.n);
            scale(to, o.n, share / sum);
            to[o.labels[i]] -= share;
            mine += std::log(static_cast<double>(sum)) + static_cast<double>(most - o.z[i * o.n + o.labels[i]]);
          }
#pragma omp critical
          loss += mine;
        },
        128);
    *o.loss = static_cast<T>(loss / static_cast<double>(o.m));
  });
}

}  // namespace

template <class T>
calls<T> by_hand() {
  return {softmaxes<T>, cross_entropies<T>};
}
template calls<float> by_hand<float>();
template calls<double> by_hand<double>();

}  // namespace rows
