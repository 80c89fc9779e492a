// SPDX-License-Identifier: BSD-3-Clause
// The tiles of a tiling shared out among threads: what each thread has of its own, and how their sums become one.
//   begin_result(own, 1, dtype::f64, combine::sum);  …  add_result(whole, own, 1, dtype::f64, combine::sum);
#pragma once

#include "agnesi/backend/cpu/place.hpp"
#include "agnesi/backend/cpu/split.hpp"
#include "agnesi/ir/loop_code.hpp"
#include "agnesi/passes/plan.hpp"

namespace agnesi::cpu {

// A storage that the steps of a tiling add to, tile after tile.
struct added_result {
  bool is_added = false;
  combine how = combine::sum;
};

template <class Table>
constexpr added_result added_by_tiles(const Table& t, const tiling& d, int storage) {
  for (int k = d.first_step; k < d.first_step + d.n_steps; ++k) {
    const step& s = t.steps[k];
    if (!s.adds) continue;
    if (s.kind == step_kind::contract && t.operands[s.first_operand].storage == storage) return {true, combine::sum};
    for (int w = s.first_word; s.kind == step_kind::loop && w < s.first_word + s.n_words; ++w) {
      const auto i = loop_code::unpacked(t.words[w]);
      if (i.what == loop_code::kind::constant) ++w;
      if (i.what == loop_code::kind::reduce && t.operands[s.first_operand + i.b].storage == storage &&
          t.operands[s.first_operand + i.b].tile < 0)
        return {true, i.how};
    }
  }
  return {};
}

// All that a step of a tiling stores is there for whoever comes after the tiling: no later step of it touches it.
template <class Table>
constexpr bool stores_for_later(const Table& t, const tiling& d, int number) {
  const step& s = t.steps[number];
  bool any = false;
  for (int w = s.first_word; w < s.first_word + s.n_words; ++w) {
    const auto i = loop_code::unpacked(t.words[w]);
    if (i.what == loop_code::kind::constant) ++w;
    if (i.what != loop_code::kind::store) continue;
    const operand& stored = t.operands[s.first_operand + i.b];
    if (stored.storage < 0 || t.storages[stored.storage].kind == storage_kind::temporary) return false;
    for (int k = number + 1; k < d.first_step + d.n_steps; ++k)
      for (int o = t.steps[k].first_operand; o < t.steps[k].first_operand + t.steps[k].n_operands; ++o)
        if (t.operands[o].storage == stored.storage) return false;
    any = true;
  }
  return any;
}

constexpr std::size_t bytes_of_own(const place& p, int rank, dtype type) {
  return whole_lines(static_cast<std::size_t>(count(p, rank) * size_of(type)));
}

// A result as a loop sees it that goes over its elements.
struct result_loop {
  loop_space space;
  loop_operand operand;
  result_loop(const place& p, int rank) {
    space.rank = rank;
    operand.data = p.data;
    for (int k = 0; k < rank; ++k) space.extents[k] = p.extents[k], operand.strides[k] = p.strides[k];
  }
};
// What a sum begins with.
inline void begin_result(const place& own, int rank, dtype type, combine how) {
  const result_loop r(own, rank);
  loop::fill_identity(r.space, r.operand, type, how, 0);
}
inline void add_result(const place& whole, const place& own, int rank, dtype type, combine how) {
  const result_loop to(whole, rank), from(own, rank);
  loop::combine_into(to.space, to.operand, from.operand, type, how, 0);
}

}  // namespace agnesi::cpu
