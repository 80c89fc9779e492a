// SPDX-License-Identifier: BSD-3-Clause
// Reductions along short rows: the loop runs flat over many rows, as if they were one, what is to be reduced goes to a buffer, and
// from there as many rows as a pack has lanes are reduced at once, each of them into a lane of its own.
//   totals_of_rows<float, combine::sum>(from, 10, 10, 64, to);   // of 64 rows of 10 elements
#pragma once

#include "agnesi/backend/cpu/walk.hpp"

namespace agnesi::loop {

/// Of `rows` rows of n > 0 elements, `stride` elements apart; memory beyond them is not read.
template <class F, combine How>
void totals_of_rows(const F* from, std::ptrdiff_t stride, std::ptrdiff_t n, std::ptrdiff_t rows, F* to) {
  constexpr std::ptrdiff_t lanes = simd::lanes<F>;
  const auto join = [](const auto& a, const auto& b) __attribute__((always_inline)) {
    if constexpr (How == combine::sum) return a + b;
    else if constexpr (How == combine::prod) return a * b;
    else if constexpr (How == combine::max) return simd::larger<F>(a, b);
    else return simd::smaller<F>(a, b);
  };
  const auto identity = simd::splat<F>(identity_of<F>(How));
#ifdef AGNESI_HAS_SHUFFLES
  if constexpr (lanes > 1) {
    for (; rows > 0; rows -= lanes, from += lanes * stride, to += lanes) {
      simd::pack<F> total[lanes];
      const F* row = from;  // where there are fewer, the last one is taken several times
#pragma GCC unroll 16
      for (int k = 0; k < lanes; ++k, row += k < rows ? stride : 0)
        total[k] = simd::load_first_else<F>(row, n < lanes ? n : lanes, identity);
      for (std::ptrdiff_t i = lanes; i < n; i += lanes) {
        row = from + i;
#pragma GCC unroll 16
        for (int k = 0; k < lanes; ++k, row += k < rows ? stride : 0)
          total[k] = join(total[k], simd::load_first_else<F>(row, n - i < lanes ? n - i : lanes, identity));
      }
      simd::across_rows<F>(total, join);
      if (rows >= lanes) simd::store<F>(to, total[0]);
      else simd::store_first<F>(to, total[0], rows);
    }
    return;
  }
#endif
  for (; rows > 0; --rows, from += stride, ++to) {
    auto total = identity;
    for (std::ptrdiff_t i = 0; i < n; i += lanes)
      total = join(total, simd::load_first_else<F>(from + i, n - i < lanes ? n - i : lanes, identity));
    alignas(64) F lane[lanes];
    simd::store<F>(lane, total);
    *to = lanes_into_one(How, static_cast<const F*>(lane));
  }
}

template <class F>
using totals_function = void (*)(const F* from, std::ptrdiff_t stride, std::ptrdiff_t n, std::ptrdiff_t rows, F* to);

template <class F, kind What, combine How>
constexpr totals_function<F> totals_function_of() {
  if constexpr (What != kind::reduce) return nullptr;
  else if constexpr (How == combine::all_true) return &totals_of_rows<F, combine::prod>;
  else if constexpr (How == combine::any_true) return &totals_of_rows<F, combine::max>;
  else return &totals_of_rows<F, How>;
}

// What reduces the rows of each slot of a program; null for what is no reduction.
template <class Program, class F, int... K>
constexpr auto row_totals_of(std::integer_sequence<int, K...>) {
  constexpr auto& facts = loop_facts<Program>::facts;
  struct table {
    totals_function<F> of_slot[sizeof...(K)];
  };
  return table{{totals_function_of<F, facts.slots[K].what, facts.slots[K].how>()...}};
}

// The totals of `count` rows from `first` on, of slot k: straight to where they belong, if they lie side by side.
template <class F>
[[gnu::noinline]] void put_row_totals(pack_walk<F>& walk, int k, int axis, std::ptrdiff_t first, std::ptrdiff_t count, const F* from,
                    std::ptrdiff_t stride, std::ptrdiff_t n) {
  const loop_slot& s = walk.slots[k];
  if (s.memory == dtype_of<F> && !s.accumulate && s.strides[axis] == std::ptrdiff_t{sizeof(F)})
    return walk.row_totals[k](from, stride, n, count, reinterpret_cast<F*>(s.data + s.offset) + first);
  for (std::ptrdiff_t done = 0; done < count; done += totals_block) {
    const std::ptrdiff_t some = count - done < totals_block ? count - done : totals_block;
    walk.row_totals[k](from + done * stride, stride, n, some, walk.tiles);
    stage_total(s.data + s.offset + (first + done) * s.strides[axis], s.memory, s.strides[axis], walk.tiles, some, s.how, s.accumulate);
  }
}

/// Results for each row of the innermost axis, of which the axis outside it has many; `walk.kernel` adds rows to rows.
template <class F>
void walk_short_rows(pack_walk<F>& walk) {
  static_assert(totals_block <= tile_space<F>);
  nest& shape = walk.shape;
  const std::ptrdiff_t n = shape.row(), rows = shape.extents[shape.rank - 2];
  const int axis = shape.rank - 2;
  if (walk.reduces_memory && walk.slots[0].strides[axis + 1] == std::ptrdiff_t{sizeof(F)}) {
    const loop_slot& x = walk.slots[0];
    do walk.each_reduction([&](int k, int) {
      put_row_totals(walk, k, axis, 0, rows, reinterpret_cast<const F*>(x.data + x.offset),
                     x.strides[axis] / std::ptrdiff_t{sizeof(F)}, n);
    });
    while (shape.advance(walk.slots, walk.n_slots, 0, axis));
    return;
  }
  shape.fold_row(walk.slots, walk.n_slots);
  walk.choose_access();
  const std::ptrdiff_t most = walk.block < totals_block ? walk.block / n : totals_block / n;
  const row_view view{walk.at, walk.keep, walk.cells, walk.totals};
  do {
    for (std::ptrdiff_t from = 0; from < rows; from += most) {
      const std::ptrdiff_t count = rows - from < most ? rows - from : most;
      walk.stage(from * n, count * n);
      walk.clear_row(count * n);
      walk.kernel(view, count * n);
      walk.unstage(from * n, count * n);
      walk.each_reduction([&](int k, int) {
        put_row_totals(walk, k, axis, from, count, static_cast<const F*>(walk.buffers[k]), n, n);
      });
    }
  } while (shape.advance(walk.slots, walk.n_slots, 0, axis));
}

}  // namespace agnesi::loop
