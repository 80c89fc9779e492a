// SPDX-License-Identifier: BSD-3-Clause
// Walks a nest and calls a program's kernel row by row; the part of running a loop that all programs share.
//   pack_walk<float> walk{{shape, slots, n, …}, kernel, …}; walk.run();
#pragma once

#include <cstddef>

#include "agnesi/backend/cpu/access.hpp"
#include "agnesi/backend/cpu/totals.hpp"

namespace agnesi::loop {

// Shorter rows are not written past the caches.
inline constexpr std::ptrdiff_t streamed_row = 256;
// So many rows are done at a call of the kernel where there is nothing to prepare between them, unless they are short: with a
// part of a pack at the end of each, whose store the next loop waits for, they have to be longer than where packs are whole.
inline constexpr std::ptrdiff_t rows_together = 64, grouped_row = 40, grouped_row_of_whole_packs = 16;
constexpr bool is_long_row(std::ptrdiff_t n, bool whole_packs) { return n >= (whole_packs ? grouped_row_of_whole_packs : grouped_row); }

template <class F>
struct pack_walk : row_access<F> {
  using rows = row_access<F>;
  using rows::shape, rows::slots, rows::n_slots, rows::at, rows::keep, rows::buffers, rows::tiles, rows::row_step, rows::reduces, rows::streams,
      rows::indirect, rows::block, rows::lanes, rows::several_rows, rows::all_direct, rows::stage, rows::unstage;

  row_kernel kernel;
  const code_word* cells;
  F* totals;  // a pack for each reduction
  pairwise<F>* set_aside;
  double* rows_aside;  // for each reduction a row of totals
  int unrolled;        // packs that the kernel does in a round
  void (*const* row_totals)(const F*, std::ptrdiff_t, std::ptrdiff_t, std::ptrdiff_t, F*) = nullptr;  // of each slot, by row_totals.hpp
  bool reduces_memory = false;  // all that the loop does is to reduce what lies in memory, its first slot
  bool grouped = false, streams_rows = false;
  std::ptrdiff_t pending = 0;
  bool some_aside = false;

  void run() {
    prepare();
    if (grouped && !reduces) run_all_rows();
    else go();
  }
  void prepare() {
    const int folding = shape.rank - 2;
    grouped = folding >= 0 && is_long_row(shape.row(), reduces || shape.row() % lanes == 0) && rows::rows_are_plain() && (!reduces || shape.along_row) &&
              space_of_row() <= tile_space<F>;
    if (!grouped && folding >= 0 && shape.row() < short_row && (!reduces || (shape.along_row && folding >= shape.kept)))
      shape.fold_row(slots, n_slots);
    rows::choose_access();
    if (shape.along_row) streams = false;  // a sum would depend on where the row lies
    const bool lines = streams && shape.row() >= streamed_row && rows::rows_begin_lines();
    if (rows::by_lines) streams = lines;
    grouped = grouped && shape.row() <= block && (lines || !(streams && shape.row() >= streamed_row));
    streams_rows = grouped && lines && streams;
  }

  // ---- several rows at a call. Totals, and numbers that are repeated along their row, stand where tiles would be.
  std::ptrdiff_t space_of_row() const {
    std::ptrdiff_t n = 0;
    for (int k = 0; k < n_slots; ++k) {
      if (slots[k].what == kind::reduce) n += lanes;
      else if (slots[k].strides[shape.rank - 1] == 0) n += unrolled * lanes * 8 / std::ptrdiff_t{sizeof(F)};
    }
    return n;
  }
  void run_all_rows() {
    const int axis = shape.rank - 2;
    row_view view{at, keep, cells, totals};
    view.row_step = row_step;
    view.streams = streams_rows;
    for (int k = 0; k < n_slots; ++k) row_step[k] = slots[k].strides[axis];
    do {
      view.rows = shape.extents[axis];
      for (int k = 0; k < n_slots; ++k) at[k] = slots[k].data + slots[k].offset;
      kernel(view, shape.row());
    } while (shape.advance(slots, n_slots, 0, axis));
    if (streams_rows) simd::stream_fence();
  }
  // Rows from … from + count - 1 along an axis; their totals go to the reductions' buffers.
  void run_rows(row_view& view, int axis, std::ptrdiff_t from, std::ptrdiff_t count) {
    const std::ptrdiff_t step = n_reductions() * lanes, space = 2 * space_of_row(),  // half of it, so that all stays in L1
                         most = space * rows_together <= tile_space<F> ? rows_together : space <= tile_space<F> ? tile_space<F> / space : 1;
    view.row_step = row_step;
    view.streams = streams_rows;
    view.totals = tiles;
    for (std::ptrdiff_t first = 0; first < count; first += view.rows) {
      view.rows = count - first < most ? count - first : most;
      F* free = tiles + view.rows * step;
      for (int k = 0; k < n_slots; ++k) {
        const loop_slot& s = slots[k];
        const std::ptrdiff_t offset = s.offset + (from + first) * s.strides[axis];
        row_step[k] = s.what == kind::reduce ? 0 : s.strides[axis];
        at[k] = s.data + offset;
        if (s.by != access::repeated) continue;
        at[k] = reinterpret_cast<char*>(free);
        repeat_rows(k, offset, axis, view.rows);
        free += view.rows * unrolled * lanes * 8 / std::ptrdiff_t{sizeof(F)};
      }
      each_reduction([&](int k, int r) {
        const auto identity = simd::splat<F>(identity_of<F>(slots[k].how));
        for (std::ptrdiff_t row = 0; row < view.rows; ++row) simd::store<F>(tiles + row * step + r * lanes, identity);
      });
      kernel(view, shape.row());
      each_reduction([&](int k, int r) {
        row_totals[k](tiles + r * lanes, step, lanes, view.rows, buffers[k] + first);
      });
    }
  }
  // The packs that slot k has for each of so many rows.
  void repeat_rows(int k, std::ptrdiff_t offset, int axis, std::ptrdiff_t count) {
    const loop_slot& s = slots[k];
    const std::ptrdiff_t packs = unrolled * lanes;
    row_step[k] = s.strides[axis] == 0 ? 0 : packs * s.bytes;
    const std::ptrdiff_t different = s.strides[axis] == 0 ? 1 : count;
    for (std::ptrdiff_t row = 0; row < different; ++row)
      rows::repeat(s, offset + row * s.strides[axis], at[k] + row * row_step[k], packs);
  }
  void go() {
    const int inner = shape.rank - 1;
    row_view view{at, keep, cells, totals};
    const int split = reduces ? shape.kept : inner > 0 && indirect ? inner - 1 : inner;
    do {
      if (shape.along_row) begin_totals();
      for (std::ptrdiff_t from = 0; from < shape.row(); from += block) {
        const std::ptrdiff_t count = shape.row() - from < block ? shape.row() - from : block;
        if (reduces && !shape.along_row) begin_row_of_totals(count);
        do {
          if (indirect) stage(from, count);
          else
            for (int k = 0; k < n_slots; ++k) at[k] = slots[k].data + slots[k].offset + from * slots[k].bytes;
          run_kernel(view, count);
          if (indirect) unstage(from, count);
          if (reduces) put_aside(count);
        } while (shape.advance(slots, n_slots, split, inner));
        if (reduces && !shape.along_row) end_row_of_totals(from, count);
      }
      if (shape.along_row) end_totals();
    } while (shape.advance(slots, n_slots, 0, split));
    if (streams) simd::stream_fence();
  }

  void run_kernel(row_view& view, std::ptrdiff_t count) {
    if (streams && count >= streamed_row) run_streaming(view, count);
    else kernel(view, count);
  }
  // How many elements lie before the first aligned pack of what is stored; less than none where there is no such pack.
  std::ptrdiff_t in_front_of_streams() const {
    std::ptrdiff_t head = -1;
    for (int k = 0; k < n_slots; ++k) {
      if (slots[k].what != kind::store || slots[k].memory != dtype_of<F>) continue;
      const auto beyond = static_cast<std::ptrdiff_t>(reinterpret_cast<std::uintptr_t>(at[k]) % sizeof(simd::pack<F>));
      const std::ptrdiff_t own = beyond % std::ptrdiff_t{sizeof(F)} != 0 ? -2 : (lanes - beyond / std::ptrdiff_t{sizeof(F)}) % lanes;
      head = head == -1 || head == own ? own : -2;
    }
    return head;
  }
  void run_streaming(row_view& view, std::ptrdiff_t count) {
    const std::ptrdiff_t head = in_front_of_streams();
    if (head < 0) return kernel(view, count);
    if (head > 0) kernel(view, head);
    for (int k = 0; k < n_slots; ++k) at[k] += head * slots[k].bytes & keep[k];
    view.streams = true;
    kernel(view, count - head);
    view.streams = false;
    for (int k = 0; k < n_slots; ++k) at[k] -= head * slots[k].bytes & keep[k];
  }

  // ---- reductions; `f` is called with each one's slot and number
  template <class Function>
  void each_reduction(Function f) {
    for (int k = 0, r = 0; k < n_slots; ++k)
      if (slots[k].what == kind::reduce) f(k, r++);
  }

  std::ptrdiff_t n_reductions() const {
    std::ptrdiff_t n = 0;
    for (int k = 0; k < n_slots; ++k) n += slots[k].what == kind::reduce;
    return n;
  }

  void clear_totals() {
    each_reduction([&](int k, int r) {
      simd::store<F>(totals + r * lanes, simd::splat<F>(identity_of<F>(slots[k].how)));
    });
  }
  void begin_totals() {
    pending = 0;
    each_reduction([&](int, int r) { set_aside[r].count = 0; });
    clear_totals();
  }

  void begin_row_of_totals(std::ptrdiff_t count) {
    some_aside = false;
    pending = 0;
    clear_row(count);
  }
  void clear_row(std::ptrdiff_t count) {
    each_reduction([&](int k, int) {
      const auto identity = simd::splat<F>(identity_of<F>(slots[k].how));
      for (std::ptrdiff_t i = 0; i < count; i += lanes) simd::store<F>(buffers[k] + i, identity);
    });
  }

  F across(int k, int r) const { return lanes_into_one(slots[k].how, totals + r * lanes); }

  void put_aside(std::ptrdiff_t count) {
    if (shape.along_row) {
      pending += count;
      if (pending < sum_block) return;
      pending = 0;
      each_reduction([&](int k, int r) {
        set_aside[r].add(slots[k].how, across(k, r));
        simd::store<F>(totals + r * lanes, simd::splat<F>(identity_of<F>(slots[k].how)));
      });
    } else if (++pending == sum_rows) {
      pending = 0;
      add_to_rows_aside(count);
      clear_row(count);
    }
  }

  // In double: where a column is very long its partial sums are many too.
  void add_to_rows_aside(std::ptrdiff_t count) {
    each_reduction([&](int k, int r) {
      double* aside = rows_aside + r * totals_block;
      for (std::ptrdiff_t i = 0; i < count; ++i) {
        const double x = static_cast<double>(buffers[k][i]);
        aside[i] = some_aside ? combined(slots[k].how, aside[i], x) : x;
      }
    });
    some_aside = true;
  }

  void end_row_of_totals(std::ptrdiff_t from, std::ptrdiff_t count) {
    if (some_aside && pending > 0) add_to_rows_aside(count);
    each_reduction([&](int k, int r) { put_totals(k, r, shape.rank - 1, from, count); });
  }
  void put_totals(int k, int r, int axis, std::ptrdiff_t from, std::ptrdiff_t count) {
    const loop_slot& s = slots[k];
    const std::ptrdiff_t stride = s.strides[axis];
    char* to = s.data + s.offset + from * stride;
    if (some_aside) stage_total(to, s.memory, stride, rows_aside + r * totals_block, count, s.how, s.accumulate);
    else stage_total(to, s.memory, stride, static_cast<const F*>(buffers[k]), count, s.how, s.accumulate);
  }

  void end_totals() {
    each_reduction([&](int k, int r) {
      const loop_slot& s = slots[k];
      const F total = set_aside[r].result(s.how, across(k, r));
      stage_total(s.data + s.offset, s.memory, 0, &total, 1, s.how, s.accumulate);
    });
  }
};

}  // namespace agnesi::loop
