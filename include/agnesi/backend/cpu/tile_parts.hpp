// SPDX-License-Identifier: BSD-3-Clause
// The tiles of a tiling shared out among threads: what each thread has of its own, and how their sums become one.
//   begin_result(own, 1, dtype::f64, combine::sum);  …  add_result(whole, own, 1, dtype::f64, combine::sum);
#pragma once

#include "agnesi/backend/cpu/place.hpp"
#include "agnesi/backend/cpu/stage.hpp"
#include "agnesi/backend/cpu/threads.hpp"
#include "agnesi/ir/loop_code.hpp"
#include "agnesi/passes/plan.hpp"

namespace agnesi::cpu {

// A storage that the steps of a tiling add to, tile after tile.
struct added_result {
  bool is_added = false;
  combine how = combine::sum;
};

template <class Table>
constexpr added_result added_by_tiles(const Table& t, int n_steps, int storage) {
  for (int k = 0; k < n_steps; ++k) {
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

inline std::ptrdiff_t rounded_bytes(const place& p, int rank, dtype type) {
  return (count(p, rank) * size_of(type) + 63) / 64 * 64;
}

// Row-major, and what a sum begins with.
inline void begin_result(place& own, int rank, dtype type, combine how) {
  set_row_major(own, rank);
  const std::ptrdiff_t n = count(own, rank);
  loop::with_type(type, [&]<class T>(T) {
    for (std::ptrdiff_t k = 0; k < n; ++k) static_cast<T*>(own.data)[k] = loop::identity_of<T>(how);
  });
}
inline void add_result(const place& whole, const place& own, int rank, dtype type, combine how) {
  loop::with_type(type, [&]<class T>(T) {
    const std::ptrdiff_t* const strides[] = {whole.strides, own.strides};
    for_each_index<2>(rank, whole.extents, strides, [&](const std::ptrdiff_t* at) {
      T& there = static_cast<T*>(whole.data)[at[0]];
      there = loop::combined(how, there, static_cast<const T*>(own.data)[at[1]]);
    });
  });
}

}  // namespace agnesi::cpu
