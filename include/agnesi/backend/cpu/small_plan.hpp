// SPDX-License-Identifier: BSD-3-Clause
// Plans of which every extent is known to the compiler and small, and what is known of them then: where the elements of
// every operand lie.
//   if constexpr (is_small_plan(table)) constexpr small_view v = small_view_of(table, table.operands[0], 1);
#pragma once

#include "agnesi/ir/loop_code.hpp"
#include "agnesi/passes/plan.hpp"

namespace agnesi::cpu {

// Beyond this the way to the first step hardly counts, and straight-line code grows long.
inline constexpr int small_elements = 256, small_steps = 16, small_storages = 24;

constexpr std::int64_t elements_of(const dim* extents, int rank) {
  std::int64_t n = 1;
  for (int k = 0; k < rank; ++k) {
    if (extents[k] < 1 || extents[k] > small_elements) return -1;
    n *= extents[k];
    if (n > small_elements) return -1;
  }
  return n;
}

// Every storage and every loop has between one and `small_elements` elements, and each step is a loop or a product.
template <class Table>
constexpr bool is_small_plan(const Table& t) {
  if (Table::n_steps > small_steps || Table::n_storages > small_storages || Table::n_formulas > 0 || Table::n_checks > 0)
    return false;
  for (int k = 0; k < Table::n_storages; ++k)
    if (elements_of(t.storages[k].extents, t.storages[k].rank) < 0) return false;
  for (int k = 0; k < Table::n_offsets; ++k)
    if (t.offsets[k].begin < 0) return false;
  for (int k = 0; k < Table::n_steps; ++k)
    if ((t.steps[k].kind != step_kind::loop && t.steps[k].kind != step_kind::contract) ||
        elements_of(t.steps[k].extents, t.steps[k].rank) < 0)
      return false;
  return true;
}

// An operand in a storage whose rows follow one another without gaps; strides and offset in elements.
struct small_view {
  int rank = 0;
  std::ptrdiff_t offset = 0;
  std::ptrdiff_t extents[max_rank]{};
  std::ptrdiff_t strides[max_rank]{};
};

template <class Table>
constexpr small_view small_view_of(const Table& t, const operand& o, int rank) {
  const storage& s = t.storages[o.storage];
  std::ptrdiff_t along[max_rank]{}, stride = 1;
  for (int k = s.rank; k-- > 0; stride *= s.extents[k]) along[k] = stride;
  small_view v;
  v.rank = rank;
  for (int k = 0; k < rank; ++k) {
    v.extents[k] = o.sized ? o.extents[k] : 0;
    v.strides[k] = o.axis[k] < 0 ? 0 : o.step[k] * along[o.axis[k]];
  }
  for (int k = o.first_offset; k < o.first_offset + o.n_offsets; ++k)
    v.offset += t.offsets[k].begin * t.offsets[k].step * along[t.offsets[k].axis];
  return v;
}

}  // namespace agnesi::cpu
