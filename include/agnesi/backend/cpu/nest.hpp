// SPDX-License-Identifier: BSD-3-Clause
// The order in which a loop visits its elements: axes of one element dropped, axes that lie one behind the other made
// one, the cheapest axis innermost, reduced axes inside those that are kept.
//   loop_slot slots[3]; open_slots(…); nest shape = arrange(space, slots, 3, axes, reduces);
#pragma once

#include <cstddef>

#include "agnesi/backend/cpu/bounds.hpp"
#include "agnesi/backend/cpu/loop_facts.hpp"

namespace agnesi::loop {

// How a row of a slot reaches the kernel: in place, as one pack of equal numbers, or by way of a buffer; `folded` where
// the row is two axes, and this slot's elements along them do not lie at one stride; `transposed` by way of a tile of several
// rows, where the elements of a column lie one behind the other.
enum class access : unsigned char { direct, repeated, staged, folded, transposed };

struct loop_slot {
  kind what;
  dtype memory;
  combine how;
  bool accumulate;
  access by;
  std::ptrdiff_t bytes;  // of an element as the kernel meets it
  char* data;  // null for an iota, whose memory is the index: its offset is the index, its strides count ones
  std::ptrdiff_t offset;
  std::ptrdiff_t strides[max_loop_rank];  // in bytes, in the nest's order of axes
};

constexpr std::ptrdiff_t element_bytes(const loop_slot& s) { return s.what == kind::iota ? 1 : size_of(s.memory); }

inline void open_slots(const slot_facts* facts, int n, const loop_operand* operands, loop_slot* slots,
                       const loop_space& space) {
  for (int k = 0; k < n; ++k) {
    const slot_facts& f = facts[k];
    loop_slot& s = slots[k];
    s.what = f.what, s.memory = f.memory, s.how = f.how, s.accumulate = f.accumulate || space.onto;
    s.by = access::direct;
    s.offset = f.what == kind::iota && space.first != nullptr ? space.first[f.operand] : 0;
    if (f.what == kind::iota) {
      s.data = nullptr;
      for (int a = 0; a < space.rank; ++a) s.strides[a] = a == f.operand ? 1 : 0;
    } else {
      s.data = static_cast<char*>(operands[f.operand].data);
      for (int a = 0; a < space.rank; ++a) s.strides[a] = operands[f.operand].strides[a] * size_of(f.memory);
    }
  }
}

// Rows that are shorter than this are not summed one by one, but many of them side by side.
inline constexpr std::ptrdiff_t shortest_reduced_row = 24;

struct nest {
  int rank = 0;   // at least one, even where the loop has a single element
  int kept = 0;   // the first axes, which no reduction is over
  bool empty = false;
  bool along_row = false;  // the innermost axis is reduced
  std::ptrdiff_t extents[max_loop_rank]{};
  std::ptrdiff_t index[max_loop_rank]{};

  std::ptrdiff_t piece = 0;  // after `fold_row` the extent of what was the innermost axis

  std::ptrdiff_t row() const { return extents[rank - 1]; }

  /// Makes the two innermost axes one. Slots that do not allow it are `folded`; their stride along what was the
  /// innermost axis stays behind that of the row.
  void fold_row(loop_slot* slots, int n) {
    const int inner = rank - 1, outer = rank - 2;
    piece = row();
    for (int k = 0; k < n; ++k) {
      const std::ptrdiff_t stride = slots[k].strides[inner];
      if (slots[k].strides[outer] == stride * piece) slots[k].strides[outer] = stride;
      else if (slots[k].what != kind::reduce) slots[k].by = access::folded;
    }
    extents[outer] *= piece;
    --rank;
  }

  /// The next index along axes first … last - 1, the last fastest; false, and all at zero again, after the end.
  bool advance(loop_slot* slots, int n, int first, int last) {
    for (int a = last - 1; a >= first; --a) {
      if (++index[a] < extents[a]) {
        for (int k = 0; k < n; ++k) slots[k].offset += slots[k].strides[a];
        return true;
      }
      for (int k = 0; k < n; ++k) slots[k].offset -= slots[k].strides[a] * (extents[a] - 1);
      index[a] = 0;
    }
    return false;
  }
};

namespace detail {

inline double magnitude(std::ptrdiff_t stride) { return static_cast<double>(stride < 0 ? -stride : stride); }

// What walking along an axis costs: memory passed over, that of stores counting more; a reduction's result is free.
inline double walking_cost(const loop_slot* slots, int n, int axis) {
  double cost = 0;
  for (int k = 0; k < n; ++k) {
    if (slots[k].what == kind::iota || slots[k].what == kind::reduce) continue;
    cost += magnitude(slots[k].strides[axis]) * (slots[k].what == kind::store ? 3 : 1);
  }
  return cost;
}

inline bool one_behind_the_other(const loop_slot* slots, int n, int outer, int inner, std::ptrdiff_t inner_extent) {
  for (int k = 0; k < n; ++k)
    if (slots[k].strides[outer] != slots[k].strides[inner] * inner_extent) return false;
  return true;
}

}  // namespace detail

inline nest arrange(const loop_space& space, loop_slot* slots, int n, unsigned reduced_axes, bool reduces) {
  nest shape;
  int order[max_loop_rank], rank = 0;
  double cost[max_loop_rank];
  for (int a = 0; a < space.rank; ++a) {
    shape.empty = shape.empty || space.extents[a] <= 0;
    if (space.extents[a] == 1) continue;
    cost[a] = space.rank > 1 ? detail::walking_cost(slots, n, a) : 0;
    int at = rank++;
    for (; at > 0 && cost[order[at - 1]] < cost[a]; --at) order[at] = order[at - 1];
    order[at] = a;
  }
  if (rank == 0 || shape.empty) {
    shape.rank = 1, shape.extents[0] = 1, shape.along_row = reduces;
    for (int k = 0; k < n; ++k) slots[k].strides[0] = element_bytes(slots[k]) * (slots[k].what != kind::reduce);
    return shape;
  }

  // A reduction over a short row works on many rows at once: each of its steps adds one column to a row of totals.
  const auto is_reduced = [&](int at) { return reduces && (reduced_axes >> order[at] & 1u) != 0; };
  if (is_reduced(rank - 1) && space.extents[order[rank - 1]] < cpu::bounds.short_reduction) {
    int kept = rank - 2;
    while (kept >= 0 && is_reduced(kept)) --kept;
    if (kept >= 0 && space.extents[order[kept]] >= cpu::bounds.many_rows) {
      const int axis = order[kept];
      for (int at = kept; at + 1 < rank; ++at) order[at] = order[at + 1];
      order[rank - 1] = axis;
    }
  }

  std::ptrdiff_t extents[max_loop_rank];
  for (int at = 0; at < rank; ++at) extents[at] = space.extents[order[at]];
  for (int at = rank - 2; at >= 0; --at) {
    if (!detail::one_behind_the_other(slots, n, order[at], order[at + 1], extents[at + 1])) continue;
    order[at] = order[at + 1];
    extents[at] *= extents[at + 1];
    --rank;
    for (int later = at + 1; later < rank; ++later)
      order[later] = order[later + 1], extents[later] = extents[later + 1];
  }

  const auto reduced = [&](int at) { return reduces && (reduced_axes >> order[at] & 1u) != 0; };
  if (rank > 1 && reduced(rank - 1) && extents[rank - 1] < shortest_reduced_row) {
    int kept = rank - 2;
    while (kept >= 0 && (reduced(kept) || extents[kept] < shortest_reduced_row)) --kept;
    if (kept >= 0) {
      const int axis = order[kept];
      const std::ptrdiff_t extent = extents[kept];
      for (int at = kept; at < rank - 1; ++at) order[at] = order[at + 1], extents[at] = extents[at + 1];
      order[rank - 1] = axis, extents[rank - 1] = extent;
    }
  }
  int from[max_loop_rank];
  for (int at = 0; at < rank - 1; ++at)
    if (!reduced(at)) from[shape.rank++] = at;
  shape.kept = shape.rank;
  for (int at = 0; at < rank - 1; ++at)
    if (reduced(at)) from[shape.rank++] = at;
  from[shape.rank++] = rank - 1;
  shape.along_row = reduced(rank - 1);

  for (int at = 0; at < rank; ++at) shape.extents[at] = extents[from[at]];
  for (int k = 0; k < n; ++k) {
    std::ptrdiff_t strides[max_loop_rank];
    for (int at = 0; at < rank; ++at) strides[at] = slots[k].strides[order[from[at]]];
    for (int at = 0; at < rank; ++at) {
      asm("" : "+r"(strides[at]));  // g++ would call memcpy for a few numbers
      slots[k].strides[at] = strides[at];
    }
  }
  return shape;
}

}  // namespace agnesi::loop
