// SPDX-License-Identifier: BSD-3-Clause
// What can be proved of the places that indices name, before the call.
//   places p = places_of(w, slice_node, x);   overlap_of(p, q) == overlap::none
#pragma once

#include "agnesi/passes/products.hpp"

namespace agnesi {

namespace detail {

// The elements that a slice names of an axis of `extent` elements: begin, begin + step, ..., `count` of them.
struct places {
  dim begin = 0, count = 0;
  std::int64_t step = 1;
  dim extent = 0;

  constexpr bool is_static() const { return begin >= 0 && count >= 0; }
  constexpr bool operator==(const places& o) const {
    return begin == o.begin && count == o.count && (step == o.step || count == 1);
  }
  // Every element once: in their order, or, where step is -1, backwards.
  constexpr bool is_whole() const { return count == extent && (step == 1 || step == -1 || extent == 1); }
};

// Of a slice, or of a put_slice, whose values are its second operand.
constexpr places places_of(const rewriter& w, int index) {
  const int axis = static_cast<int>(w.attr(index, 0));
  const int part = w.is(index, info<op::slice>) ? index : w.arg(index, 1);
  return {w.shapes.find(w.attr(index, 1)), w.shapes.find(w.extent(part, axis)), w.attr(index, 2),
          w.shapes.find(w.extent(w.arg(index, 0), axis))};
}

enum class overlap : unsigned char { unknown, none, all };  // all: the first names nothing that the second does not

// Bounds that are computed at the call are only known to be equal where they are the same formula.
constexpr overlap overlap_of(const places& p, const places& q) {
  if (p == q) return overlap::all;
  if (!p.is_static() || !q.is_static()) return overlap::unknown;
  if (p.count == 0 || q.count == 0) return overlap::none;
  const auto magnitude = [](std::int64_t v) { return v < 0 ? -v : v; };
  const auto first = [](const places& s) { return s.step > 0 ? s.begin : s.begin + s.step * (s.count - 1); };
  const auto last = [](const places& s) { return s.step > 0 ? s.begin + s.step * (s.count - 1) : s.begin; };
  if (last(p) < first(q) || last(q) < first(p)) return overlap::none;
  std::int64_t a = magnitude(p.step), b = magnitude(q.step);
  if (p.count > 1 && q.count > 1)
    while (b != 0) {
      const std::int64_t rest = a % b;
      a = b;
      b = rest;
    }
  else if (p.count == 1 && q.count > 1) a = b;
  if ((p.count > 1 || q.count > 1) && (p.begin - q.begin) % a != 0) return overlap::none;
  const bool steps_fit = p.count == 1 || magnitude(p.step) % magnitude(q.step) == 0;
  const bool starts_fit = (p.begin - q.begin) % magnitude(q.step) == 0;
  return steps_fit && starts_fit && first(p) >= first(q) && last(p) <= last(q) ? overlap::all : overlap::unknown;
}

constexpr bool is_whole_range(const graph& g, int ids, dim extent) {
  return g.is(ids, info<op::iota>) && g.shapes.find(g.extent(ids, 0)) == g.shapes.find(extent);
}
// No place twice.
constexpr bool are_distinct(const graph& g, int ids) {
  return g.is(ids, info<op::iota>) || g.shapes.find(g.extent(ids, 0)) == 1;
}
// Whether a node is computed as a whole anyway, for another reader or for a gradient with respect to it.
constexpr bool is_kept(const rewriter& w, int id) { return w.is_shared(id) || w.is_flagged(id, pinned_node); }

// Part of an axis of x, which may be the whole of it.
constexpr int sliced(rewriter& w, int x, int axis, const places& p) {
  if (p.is_whole() && (p.step == 1 || p.extent == 1)) return x;
  dim extents[max_rank]{};
  const int r = w.rank(x);
  for (int k = 0; k < r; ++k) extents[k] = k == axis ? p.count : w.extent(x, k);
  return op::slice::make(w, x, axis, p.begin, p.count == 1 ? 1 : p.step, w.shapes.shape(extents, r));
}

// The places that a vector of integers names, where they are evenly spaced and none needs to be checked at the call.
constexpr bool are_slice(const rewriter& w, int ids, dim extent, places& p) {
  const dim n = w.shapes.find(extent);
  if (!are_in_range(w, ids, n)) return false;
  p = {0, w.shapes.find(w.extent(ids, 0)), 1, n};
  std::int64_t place = 0;
  if (is_known_place(w, ids, place)) p.begin = place < 0 ? place + n : place;
  return true;
}

}  // namespace detail

}  // namespace agnesi
