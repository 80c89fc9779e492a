// SPDX-License-Identifier: BSD-3-Clause
// The order in which a loop visits its elements: axes of one element dropped, axes that lie one behind the other made
// one, the cheapest axis innermost, reduced axes inside those that are kept.
//   loop_slot slots[3]; open_slots(…); nest shape = arrange(space, slots, 3, axes, reduces);
#pragma once

#include <cstddef>
#include <cstring>

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

// A tile has at least so many rows, and columns, and so many elements: others would hardly be worth their preparation.
inline constexpr std::ptrdiff_t least_tile = 8, least_of_tile = 256;

// Rows that are shorter than this are not summed one by one, but many of them side by side.
inline constexpr std::ptrdiff_t shortest_reduced_row = 24;

struct nest {
  int rank = 0;   // at least one, even where the loop has a single element
  int kept = 0;   // the first axes, which no reduction is over
  bool empty = false;
  bool along_row = false;  // the innermost axis is reduced
  bool flat = false;       // ... and short: many rows are to be gone through as one
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

// The axis along which elements lie one behind the other, and enough of them for a tile; -1 where there is none.
inline int dense_axis(const loop_slot& s, const int* order, const std::ptrdiff_t* extents, int rank) {
  for (int at = 0; at < rank; ++at)
    if (s.strides[order[at]] == element_bytes(s) && extents[at] >= least_tile) return order[at];
  return -1;
}

// Where an operand is transposed: rows lie along what is written, and next to them along what is read across them.
inline void order_for_tiles(const loop_slot* slots, int n, int* order, std::ptrdiff_t* extents, int rank) {
  int row = -1, next = -1;
  for (int k = 0; k < n; ++k) {
    if (slots[k].what != kind::store) continue;
    const int axis = dense_axis(slots[k], order, extents, rank);
    if (axis < 0 || (row >= 0 && axis != row)) return;
    row = axis;
  }
  for (int k = 0; k < n && row >= 0 && next < 0; ++k)
    if (slots[k].what == kind::load && slots[k].strides[row] != 0 && slots[k].strides[row] != element_bytes(slots[k]))
      next = dense_axis(slots[k], order, extents, rank);
  if (next < 0) return;
  const auto put_last = [&](int axis) {
    for (int at = 0; at + 1 < rank; ++at) {
      if (order[at] != axis) continue;
      const std::ptrdiff_t extent = extents[at];
      order[at] = order[at + 1], extents[at] = extents[at + 1];
      order[at + 1] = axis, extents[at + 1] = extent;
    }
  };
  put_last(next), put_last(row);
}

// Axes that lie one behind the other are one: how many are left.
inline int merged(const loop_slot* slots, int n, int* order, std::ptrdiff_t* extents, int rank) {
  for (int at = rank - 2; at >= 0; --at) {
    if (!one_behind_the_other(slots, n, order[at], order[at + 1], extents[at + 1])) continue;
    order[at] = order[at + 1];
    extents[at] *= extents[at + 1];
    --rank;
    for (int later = at + 1; later < rank; ++later)
      order[later] = order[later + 1], extents[later] = extents[later + 1];
  }
  return rank;
}

}  // namespace detail

// Reduced rows of fewer elements than these are gone through many at a time, as if they were one: any, and those that lie
// in memory as packs want them, where all that the loop does is to reduce them.
struct flat_rows {
  std::ptrdiff_t any = 0, in_memory = 0;
};

inline nest arrange(const loop_space& space, loop_slot* slots, int n, unsigned reduced_axes, bool reduces, flat_rows flat = {}) {
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
  const int inner = order[rank - 1];
  if (rank > 1 && is_reduced(rank - 1) &&
      space.extents[inner] < (slots[0].strides[inner] == element_bytes(slots[0]) ? flat.in_memory : flat.any)) {
    shape.flat = true;
    for (int at = 0; at < rank - 1; ++at) shape.flat = shape.flat && !is_reduced(at);
  }
  if (!shape.flat && is_reduced(rank - 1) && space.extents[order[rank - 1]] < cpu::bounds.short_reduction) {
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
  rank = detail::merged(slots, n, order, extents, rank);
  if (!reduces && rank > 1) {
    detail::order_for_tiles(slots, n, order, extents, rank);
    if (rank > 2) rank = detail::merged(slots, n, order, extents, rank);
  }

  const auto reduced = [&](int at) { return reduces && (reduced_axes >> order[at] & 1u) != 0; };
  if (!shape.flat && rank > 1 && reduced(rank - 1) && extents[rank - 1] < shortest_reduced_row) {
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
    std::ptrdiff_t before[max_loop_rank];  // all of them: a copy of so many would be a call, 3 ns
    std::memcpy(before, slots[k].strides, sizeof before);
    for (int at = 0; at < rank; ++at) slots[k].strides[at] = before[order[from[at]]];
  }
  return shape;
}

}  // namespace agnesi::loop
