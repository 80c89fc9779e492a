// SPDX-License-Identifier: BSD-3-Clause
// Walks a nest and calls a program's kernel row by row; the part of running a loop that all programs share.
//   vector_walk<float> walk{shape, slots, n, kernel, …}; walk.run();
#pragma once

#include <cstddef>

#include "agnesi/backend/cpu/nest.hpp"
#include "agnesi/backend/cpu/row.hpp"
#include "agnesi/backend/cpu/stage.hpp"

namespace agnesi::loop {

// Elements of a row that are gathered at once, where an operand does not lie as the packs want it: 256 rows' cache lines
// fit in L1, so that a transposed operand is read from memory once.
inline constexpr std::ptrdiff_t staged_block = 256;
// Rows shorter than this are put together, several of them to a block.
inline constexpr std::ptrdiff_t short_row = 64;
// A row of totals stays in L1.
inline constexpr std::ptrdiff_t totals_block = 1024;
// After so many elements, or rows of totals, a partial sum is put aside, which keeps its rounding error small.
inline constexpr std::ptrdiff_t sum_block = 16384, sum_rows = 512;

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

// Sums by pairs: each level holds a sum of twice as many numbers as the one before.
template <class F>
struct pairwise {
  F level[40];
  std::int64_t count = 0;

  void add(combine how, F x) {
    int l = 0;
    for (; (count >> l & 1) != 0; ++l) x = combined(how, level[l], x);
    level[l] = x;
    ++count;
  }
  F result(combine how, F x) const {
    for (int l = 0; count >> l != 0; ++l)
      if ((count >> l & 1) != 0) x = combined(how, level[l], x);
    return x;
  }
};

template <class F>
F lanes_into_one(combine how, const F* lanes) {
  const auto v = simd::load<F>(lanes);
  switch (how) {
    case combine::sum: return simd::sum<F>(v);
    case combine::all:
    case combine::prod: return simd::prod<F>(v);
    case combine::any:
    case combine::max: return simd::max<F>(v);
    default: return simd::min<F>(v);
  }
}

// Reductions of everything, where all operands are dense: what vector_walk would do, without its preparations.
template <class F>
void reduce_dense(row_kernel kernel, const slot_facts* slots, int n_slots, const loop_operand* operands,
                  const code_word* cells, char** at, const std::ptrdiff_t* keep, F* totals, pairwise<F>* set_aside,
                  std::ptrdiff_t total) {
  constexpr std::ptrdiff_t lanes = simd::lanes<F>;
  const row_view view{at, keep, cells, totals};
  const auto each_reduction = [&](auto f) {
    for (int k = 0, r = 0; k < n_slots; ++k)
      if (slots[k].what == kind::reduce) f(slots[k], totals + lanes * r, set_aside[r]), ++r;
  };
  const auto clear = [](const slot_facts& s, F* sums, pairwise<F>&) {
    simd::store<F>(sums, simd::splat<F>(identity_of<F>(s.how)));
  };
  each_reduction(clear);
  each_reduction([](const slot_facts&, F*, pairwise<F>& aside) { aside.count = 0; });
  for (; total > sum_block; total -= sum_block) {
    kernel(view, sum_block);
    for (int k = 0; k < n_slots; ++k) at[k] += sum_block * std::ptrdiff_t{sizeof(F)};
    each_reduction([](const slot_facts& s, F* sums, pairwise<F>& aside) { aside.add(s.how, lanes_into_one(s.how, sums)); });
    each_reduction(clear);
  }
  kernel(view, total);
  each_reduction([&](const slot_facts& s, F* sums, const pairwise<F>& aside) {
    const F sum = aside.result(s.how, lanes_into_one(s.how, sums));
    stage_total(static_cast<char*>(operands[s.operand].data), s.memory, 0, &sum, 1, s.how, s.accumulate);
  });
}

template <class F>
struct vector_walk {
  static constexpr std::ptrdiff_t lanes = simd::lanes<F>;

  nest& shape;
  loop_slot* slots;
  int n_slots;
  row_kernel kernel;
  const code_word* cells;
  char** at;
  std::ptrdiff_t* keep;
  F** buffers;             // of each slot
  std::ptrdiff_t* staged;  // the offset that a slot's buffer holds
  F* totals;               // a pack for each reduction
  pairwise<F>* set_aside;
  double* rows_aside;  // for each reduction a row of totals
  bool indirect = false;  // some slot is not read and written in place
  std::ptrdiff_t block = 0, pending = 0;
  bool some_aside = false;

  static constexpr std::ptrdiff_t nowhere = PTRDIFF_MIN;

  void run() {
    const bool reduces = set_aside != nullptr;
    const int folding = shape.rank - 2;
    if (folding >= 0 && shape.row() < short_row && (!reduces || (shape.along_row && folding >= shape.kept)))
      shape.fold_row(slots, n_slots);
    const int inner = shape.rank - 1;
    choose_access();
    const row_view view{at, keep, cells, totals};
    const int split = reduces ? shape.kept : inner > 0 && indirect ? inner - 1 : inner;
    do {
      if (shape.along_row) begin_totals();
      for (std::ptrdiff_t from = 0; from < shape.row(); from += block) {
        const std::ptrdiff_t count = shape.row() - from < block ? shape.row() - from : block;
        if (reduces && !shape.along_row) begin_row_of_totals(count);
        do {
          if (indirect) stage(from, count);
          else
            for (int k = 0; k < n_slots; ++k)
              at[k] = slots[k].data + slots[k].offset + from * std::ptrdiff_t{sizeof(F)};
          kernel(view, count);
          if (indirect) unstage(from, count);
          if (reduces) put_aside(count);
        } while (shape.advance(slots, n_slots, split, inner));
        if (reduces && !shape.along_row) end_row_of_totals(from, count);
      }
      if (shape.along_row) end_totals();
    } while (shape.advance(slots, n_slots, 0, split));
  }

  void choose_access() {
    const int inner = shape.rank - 1;
    block = shape.row();
    for (int k = 0; k < n_slots; ++k) {
      loop_slot& s = slots[k];
      const std::ptrdiff_t stride = s.strides[inner];
      keep[k] = -1;
      staged[k] = nowhere;
      if (s.what == kind::reduce) {
        s.by = access::staged;
        indirect = true;
        continue;
      }
      if (s.by != access::folded && s.memory == dtype_of<F> && stride == std::ptrdiff_t{sizeof(F)}) continue;
      indirect = true;
      if (s.by != access::folded && stride == 0 && s.what != kind::store) {
        s.by = access::repeated;
        keep[k] = 0;
      } else {
        if (s.by != access::folded) s.by = access::staged;
        if (block > staged_block) block = staged_block;
      }
    }
    if (set_aside != nullptr) {
      const std::ptrdiff_t most = shape.along_row ? sum_block : totals_block;
      if (block > most) block = most;
    }
    if (shape.piece > 0) block = block / shape.piece * shape.piece;
  }

  // Elements from … from + count - 1 of a row of a slot that is not read in place.
  pieces part_of_row(const loop_slot& s, std::ptrdiff_t count) const {
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
        at[k] = s.data + s.offset + from * std::ptrdiff_t{sizeof(F)};
        continue;
      }
      F* buffer = buffers[k];
      at[k] = reinterpret_cast<char*>(buffer);
      if (s.what == kind::store || s.what == kind::reduce) continue;
      const std::ptrdiff_t offset = offset_in_row(s, from);
      if (staged[k] == offset) continue;
      staged[k] = offset;
      if (s.by == access::repeated) {
        if (s.what == kind::iota) buffer[0] = static_cast<F>(offset);
        else stage_in(buffer, s.data + offset, s.memory, {0, 1});
        for (std::ptrdiff_t i = 0; i < 4 * lanes; i += lanes) simd::store<F>(buffer + i, simd::splat<F>(buffer[0]));
      } else if (s.what == kind::iota) {
        stage_index(buffer, offset, part_of_row(s, count));
      } else {
        stage_in(buffer, s.data + offset, s.memory, part_of_row(s, count));
      }
    }
  }

  void unstage(std::ptrdiff_t from, std::ptrdiff_t count) {
    for (int k = 0; k < n_slots; ++k) {
      const loop_slot& s = slots[k];
      if (s.what == kind::store && s.by != access::direct)
        stage_out(s.data + offset_in_row(s, from), s.memory, static_cast<const F*>(buffers[k]), part_of_row(s, count));
    }
  }

  // ---- reductions; `f` is called with each one's slot and number
  template <class Function>
  void each_reduction(Function f) {
    for (int k = 0, r = 0; k < n_slots; ++k)
      if (slots[k].what == kind::reduce) f(k, r++);
  }

  void begin_totals() {
    pending = 0;
    each_reduction([&](int k, int r) {
      set_aside[r].count = 0;
      simd::store<F>(totals + r * lanes, simd::splat<F>(identity_of<F>(slots[k].how)));
    });
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
    if (some_aside) add_to_rows_aside(count);
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
