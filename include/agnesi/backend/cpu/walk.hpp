// SPDX-License-Identifier: BSD-3-Clause
// Walks a nest and calls a program's kernel row by row; the part of running a loop that all programs share.
//   pack_walk<float> walk{shape, slots, n, kernel, …}; walk.run();
#pragma once

#include <cstddef>

#include "agnesi/backend/cpu/nest.hpp"
#include "agnesi/backend/cpu/totals.hpp"

namespace agnesi::loop {

// Elements of a row that are gathered at once, where an operand does not lie as the packs want it: the cache lines of
// 256 rows fit in L1, so that a transposed operand is read from memory once.
inline constexpr std::ptrdiff_t staged_block = 256;
// Of the widest type, counted in F.
template <class F>
inline constexpr std::ptrdiff_t buffered = staged_block * 8 / std::ptrdiff_t{sizeof(F)};
// Rows shorter than this are put together, several of them to a block.
inline constexpr std::ptrdiff_t short_row = 64;
// Shorter rows are not written past the caches.
inline constexpr std::ptrdiff_t streamed_row = 256;
// A row of totals stays in L1.
inline constexpr std::ptrdiff_t totals_block = 2048;

// Operands for which there are tiles; further ones are gathered row by row.
inline constexpr int most_tiles = 2;

inline void walk_numbers(nest& shape, loop_slot* slots, int n, row_kernel kernel, const code_word* cells, char** at,
                         std::ptrdiff_t* steps) {
  const int inner = shape.rank - 1;
  std::ptrdiff_t block = shape.along_row ? sum_block / 4 : shape.row();
  for (int k = 0; k < n; ++k) {
    steps[k] = slots[k].strides[inner];
    const bool dense = steps[k] == 0 || steps[k] == element_bytes(slots[k]) || steps[k] == -element_bytes(slots[k]);
    if (!dense && inner > 0) block = staged_block;
  }
  const row_view view{at, steps, cells, nullptr};
  const int split = inner > 0 ? inner - 1 : 0;
  do {
    for (std::ptrdiff_t from = 0; from < shape.row(); from += block) {
      const std::ptrdiff_t count = shape.row() - from < block ? shape.row() - from : block;
      do {
        for (int k = 0; k < n; ++k) {
          const std::ptrdiff_t offset = slots[k].offset + from * steps[k];
          at[k] = slots[k].what == kind::iota ? reinterpret_cast<char*>(static_cast<std::intptr_t>(offset))
                                              : slots[k].data + offset;
        }
        kernel(view, count);
      } while (shape.advance(slots, n, split, inner));
    }
  } while (shape.advance(slots, n, 0, split));
}

template <class F>
struct pack_walk {
  static constexpr std::ptrdiff_t lanes = simd::lanes<F>;

  nest& shape;
  loop_slot* slots;
  int n_slots;
  row_kernel kernel;
  const code_word* cells;
  char** at;
  std::ptrdiff_t* keep;
  F** buffers;             // of each slot
  F* tiles;
  std::ptrdiff_t* staged;  // the offset that a slot's buffer holds
  F* totals;               // a pack for each reduction
  pairwise<F>* set_aside;
  std::ptrdiff_t* row_step;
  double* rows_aside;  // for each reduction a row of totals
  bool reduces;
  bool streams;  // what is stored goes past the caches
  bool several_rows = false;
  bool all_direct = true;  // the results of reductions apart
  bool indirect = false;  // some slot is not read and written in place
  int n_tiles = 0;
  bool by_tiles = false;  // all other rows of a tile are read where its first one is
  std::ptrdiff_t block = 0, pending = 0;
  bool some_aside = false;

  static constexpr std::ptrdiff_t nowhere = PTRDIFF_MIN;

  void run() {
    prepare();
    go();
  }
  void prepare() {
    const int folding = shape.rank - 2;
    if (folding >= 0 && shape.row() < short_row && (!reduces || (shape.along_row && folding >= shape.kept)))
      shape.fold_row(slots, n_slots);
    choose_access();
    if (shape.along_row) streams = false;  // a sum would depend on where the row lies
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
          if (by_tiles) run_rows_of_tile(view, count);
          else if (indirect) unstage(from, count);
          if (reduces) put_aside(count);
        } while (shape.advance(slots, n_slots, split, inner));
        if (reduces && !shape.along_row) end_row_of_totals(from, count);
      }
      if (shape.along_row) end_totals();
    } while (shape.advance(slots, n_slots, 0, split));
    if (streams) simd::stream_fence();
  }

  void choose_access() {
    const int inner = shape.rank - 1;
    block = shape.row();
    for (int k = 0; k < n_slots; ++k) {
      loop_slot& s = slots[k];
      const std::ptrdiff_t stride = s.strides[inner];
      keep[k] = -1;
      staged[k] = nowhere;
      s.bytes = s.what == kind::load || s.what == kind::store ? size_of(s.memory) : std::ptrdiff_t{sizeof(F)};
      if (s.what == kind::reduce) {
        s.by = access::staged;
        indirect = true;
        continue;
      }
      if (s.by != access::folded && s.what != kind::iota && stride == s.bytes) {
        if (s.what == kind::store && also_read(s)) streams = false;
        continue;
      }
      indirect = true, all_direct = false;
      if (s.by != access::folded && stride == 0 && s.what != kind::store) {
        s.by = access::repeated;
        keep[k] = 0;
      } else {
        if (s.by != access::folded) s.by = access::staged;
        if (s.by == access::staged && s.what == kind::load && s.memory == dtype_of<F> && n_tiles < most_tiles && inner > 0 &&
            inner - 1 >= (reduces ? shape.kept : 0) && s.strides[inner - 1] == std::ptrdiff_t{sizeof(F)} &&
            shape.extents[inner - 1] >= tile_rows<F>) {
          s.by = access::transposed;
          buffers[k] = tiles + n_tiles++ * tile_rows<F> * staged_block;
        }
        if (block > staged_block) block = staged_block;
      }
    }
    if (reduces) {
      const std::ptrdiff_t most = shape.along_row ? sum_block : totals_block;
      if (block > most) block = most;
    }
    several_rows = reduces && !shape.along_row && inner > shape.kept;
    for (int k = 0; k < n_slots; ++k)  // a buffer holds one row
      several_rows = several_rows && (slots[k].what == kind::reduce || slots[k].by == access::direct ||
                                      (slots[k].what == kind::load && slots[k].strides[inner - 1] == 0));
    by_tiles = n_tiles > 0 && !reduces;
    for (int k = 0; k < n_slots && by_tiles; ++k) {
      const loop_slot& s = slots[k];
      row_step[k] = s.by == access::transposed ? staged_block * std::ptrdiff_t{sizeof(F)} : s.strides[inner - 1];
      by_tiles = s.by == access::transposed || s.by == access::direct || (s.what == kind::load && row_step[k] == 0);
    }
    if (shape.piece > 0) block = block / shape.piece * shape.piece;
  }

  void run_kernel(row_view& view, std::ptrdiff_t count) {
    if (streams && count >= streamed_row) run_streaming(view, count);
    else kernel(view, count);
  }
  // The other rows of the tile that has been read: with nothing else to prepare each takes 10 ns less.
  void run_rows_of_tile(row_view& view, std::ptrdiff_t count) {
    const int outer = shape.rank - 2;
    const std::ptrdiff_t left = tile_rows<F> - shape.index[outer] % tile_rows<F>, rest = shape.extents[outer] - shape.index[outer];
    const std::ptrdiff_t further = (left < rest ? left : rest) - 1;
    for (std::ptrdiff_t row = 0; row < further; ++row) {
      for (int k = 0; k < n_slots; ++k) at[k] += row_step[k];
      run_kernel(view, count);
    }
    for (int k = 0; k < n_slots; ++k) slots[k].offset += further * slots[k].strides[outer];
    shape.index[outer] += further;
  }

  bool also_read(const loop_slot& store) const {
    for (int k = 0; k < n_slots; ++k)
      if (slots[k].what == kind::load && slots[k].data == store.data) return true;
    return false;
  }

  // In front of the streaming stores, which are to aligned packs, those few elements that lie before the first.
  void run_streaming(row_view& view, std::ptrdiff_t count) {
    std::ptrdiff_t head = -1;
    for (int k = 0; k < n_slots; ++k) {
      if (slots[k].what != kind::store || slots[k].memory != dtype_of<F>) continue;
      const auto beyond = static_cast<std::ptrdiff_t>(reinterpret_cast<std::uintptr_t>(at[k]) % sizeof(simd::pack<F>));
      const std::ptrdiff_t own = beyond % std::ptrdiff_t{sizeof(F)} != 0 ? -2 : (lanes - beyond / std::ptrdiff_t{sizeof(F)}) % lanes;
      head = head == -1 || head == own ? own : -2;
    }
    if (head < 0) return kernel(view, count);
    if (head > 0) kernel(view, head);
    for (int k = 0; k < n_slots; ++k) at[k] += head * slots[k].bytes & keep[k];
    view.streams = true;
    kernel(view, count - head);
    view.streams = false;
    for (int k = 0; k < n_slots; ++k) at[k] -= head * slots[k].bytes & keep[k];
  }

  // Elements from … from + count - 1 of a row of a slot that is not read in place.
  pieces pieces_of_row(const loop_slot& s, std::ptrdiff_t count) const {
    const int inner = shape.rank - 1;
    if (s.by != access::folded) return {s.strides[inner], count};
    return {s.strides[inner + 1], shape.piece, s.strides[inner], count / shape.piece};
  }
  std::ptrdiff_t offset_in_row(const loop_slot& s, std::ptrdiff_t from) const {
    return s.offset + (s.by == access::folded ? from / shape.piece : from) * s.strides[shape.rank - 1];
  }

  void stage(std::ptrdiff_t from, std::ptrdiff_t count) {
    for (int k = 0; k < n_slots; ++k) {
      loop_slot& s = slots[k];
      if (s.by == access::direct) {
        at[k] = s.data + s.offset + from * s.bytes;
        continue;
      }
      F* buffer = buffers[k];
      at[k] = reinterpret_cast<char*>(buffer);
      if (s.by == access::transposed) {
        stage_tile_of(k, from, count);
        continue;
      }
      if (s.what == kind::store || s.what == kind::reduce) continue;
      const std::ptrdiff_t offset = offset_in_row(s, from);
      if (staged[k] == offset) continue;
      staged[k] = offset;
      if (s.by == access::repeated) {
        if (s.what == kind::load && s.memory != dtype_of<F>) {
          stage_in(at[k], s.data + offset, s.bytes, {0, most_unrolled * lanes});
          continue;
        }
        const auto v = simd::splat<F>(s.what == kind::iota ? static_cast<F>(offset) : *reinterpret_cast<const F*>(s.data + offset));
        for (std::ptrdiff_t i = 0; i < most_unrolled * lanes; i += lanes) simd::store<F>(buffer + i, v);
      } else if (s.what == kind::iota) {
        stage_index(buffer, offset, pieces_of_row(s, count));
      } else {
        stage_in(at[k], s.data + offset, s.bytes, pieces_of_row(s, count));
      }
    }
  }

  // The tile holds the rows about the present one; the offset that it was filled for is that of its first.
  void stage_tile_of(int k, std::ptrdiff_t from, std::ptrdiff_t count) {
    const loop_slot& s = slots[k];
    const int inner = shape.rank - 1;
    const std::ptrdiff_t row = shape.index[inner - 1] % tile_rows<F>, rest = shape.extents[inner - 1] - (shape.index[inner - 1] - row);
    const std::ptrdiff_t first = offset_in_row(s, from) - row * std::ptrdiff_t{sizeof(F)};
    if (staged[k] != first)
      stage_tile(buffers[k], staged_block, reinterpret_cast<const F*>(s.data + first), s.strides[inner] / std::ptrdiff_t{sizeof(F)},
                 rest < tile_rows<F> ? rest : tile_rows<F>, count);
    staged[k] = first;
    at[k] += row * staged_block * std::ptrdiff_t{sizeof(F)};
  }

  void unstage(std::ptrdiff_t from, std::ptrdiff_t count) {
    for (int k = 0; k < n_slots; ++k) {
      const loop_slot& s = slots[k];
      if (s.what == kind::store && s.by != access::direct)
        stage_out(s.data + offset_in_row(s, from), reinterpret_cast<const char*>(buffers[k]), s.bytes, pieces_of_row(s, count));
    }
  }

  // ---- reductions; `f` is called with each one's slot and number
  template <class Function>
  void each_reduction(Function f) {
    for (int k = 0, r = 0; k < n_slots; ++k)
      if (slots[k].what == kind::reduce) f(k, r++);
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
      const F identity = identity_of<F>(slots[k].how);
      for (std::ptrdiff_t i = 0; i < count; ++i) buffers[k][i] = identity;
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
    each_reduction([&](int k, int r) {
      const loop_slot& s = slots[k];
      const std::ptrdiff_t stride = s.strides[shape.rank - 1];
      char* to = s.data + s.offset + from * stride;
      if (some_aside) stage_total(to, s.memory, stride, rows_aside + r * totals_block, count, s.how, s.accumulate);
      else stage_total(to, s.memory, stride, static_cast<const F*>(buffers[k]), count, s.how, s.accumulate);
    });
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
