// SPDX-License-Identifier: BSD-3-Clause
// Reductions along short rows: the loop runs flat over many rows, as if they were one, what is to be reduced goes to a
// buffer, and there as many rows as a pack has lanes are reduced at once.
//   totals_of_rows<float, combine::sum>(from, 10, 10, 64, to);   // of 64 rows of 10 elements
#pragma once

#include "agnesi/backend/cpu/walk.hpp"

namespace agnesi::loop {

/// Of `rows` rows of n elements, `stride` elements apart; memory beyond them is not read. `to` may be `from`.
template <class F, combine How>
void totals_of_rows(const F* from, std::ptrdiff_t stride, std::ptrdiff_t n, std::ptrdiff_t rows, F* to) {
  constexpr std::ptrdiff_t lanes = simd::lanes<F>;
  const auto join = [](const auto& a, const auto& b) __attribute__((always_inline)) {
    if constexpr (How == combine::sum) return a + b;
    else if constexpr (How == combine::prod) return a * b;
    else if constexpr (How == combine::max) return simd::larger<F>(a, b);
    else return simd::smaller<F>(a, b);
  };
#ifdef AGNESI_HAS_SHUFFLES
  if constexpr (lanes > 1) {
    const auto identity = simd::splat<F>(identity_of<F>(How));
    for (std::ptrdiff_t first = 0; first < rows; first += lanes) {
      const std::ptrdiff_t rest = rows - first;
      const F* row[lanes];
      simd::pack<F> total[lanes];
      each_constant<lanes>([&](auto k) __attribute__((always_inline)) {
        row[k] = from + (first + (k < rest ? k : rest - 1)) * stride;
        total[k] = identity;
      });
      std::ptrdiff_t i = 0;
      for (; i + lanes <= n; i += lanes)
        each_constant<lanes>([&](auto k) __attribute__((always_inline)) { total[k] = join(total[k], simd::load<F>(row[k] + i)); });
      if (i < n) {
        const auto there = simd::first_lanes<F>(n - i);
        each_constant<lanes>([&](auto k) __attribute__((always_inline)) {
          total[k] = join(total[k], simd::choose<F>(there, simd::load_first<F>(row[k] + i, n - i), identity));
        });
      }
      simd::across_rows<F>(total, join);
      if (rest >= lanes) simd::store<F>(to + first, total[0]);
      else simd::store_first<F>(to + first, total[0], rest);
    }
    return;
  }
#endif
  for (std::ptrdiff_t r = 0; r < rows; ++r) {
    F total = identity_of<F>(How);
    for (std::ptrdiff_t i = 0; i < n; ++i) total = combined(How, total, from[r * stride + i]);
    to[r] = total;
  }
}

/// The same of all results of a program, slot by slot; null for what is no reduction.
template <class F>
using totals_function = void (*)(const F* from, std::ptrdiff_t stride, std::ptrdiff_t n, std::ptrdiff_t rows, F* to);

template <class F, kind What, combine How>
constexpr totals_function<F> totals_function_of() {
  if constexpr (What != kind::reduce) return nullptr;
  else if constexpr (How == combine::all_true) return &totals_of_rows<F, combine::prod>;
  else if constexpr (How == combine::any_true) return &totals_of_rows<F, combine::max>;
  else return &totals_of_rows<F, How>;
}

/// Results for each row of the innermost axis, which the axis outside it and the row's own make up; `walk.kernel` adds rows
/// to rows.
template <class F>
void walk_short_rows(pack_walk<F>& walk) {
  nest& shape = walk.shape;
  loop_slot* const slots = walk.slots;
  const std::ptrdiff_t n = shape.row(), rows = shape.extents[shape.rank - 2];
  shape.fold_row(slots, walk.n_slots);
  walk.choose_access();
  const int axis = shape.rank - 1;
  const std::ptrdiff_t most = walk.block < totals_block ? walk.block / n : totals_block / n;
  walk.some_aside = false;
  const row_view view{walk.at, walk.keep, walk.cells, walk.totals};
  do {
    for (std::ptrdiff_t from = 0; from < rows; from += most) {
      const std::ptrdiff_t count = rows - from < most ? rows - from : most;
      walk.stage(from * n, count * n);
      walk.clear_row(count * n);
      walk.kernel(view, count * n);
      walk.unstage(from * n, count * n);
      walk.each_reduction([&](int k, int r) {
        walk.row_totals[k](walk.buffers[k], n, n, count, walk.buffers[k]);
        walk.put_totals(k, r, axis, from, count);
      });
    }
  } while (shape.advance(slots, walk.n_slots, 0, axis));
}

}  // namespace agnesi::loop
