// SPDX-License-Identifier: BSD-3-Clause
// Indices of indices, and indices that pick everything.
//   x(2:)(::-1)(k) -> x(...);  x(arange(dim<0>(x))) -> x;  m(all, 1:3)(0) -> m(0)(1:3);  m(i)(j) -> m(i, j)
// It ends: a rewriting takes an index away, or moves one that makes less inward past one that makes more.
#pragma once

#include "agnesi/passes/indexing_places.hpp"

namespace agnesi {

namespace detail {

// d + by, which is not below zero.
constexpr dim moved(shape_table& s, dim d, std::int64_t by) {
  d = s.find(d);
  if (d >= 0) return d + by;
  const dim_formula f = s.formulas[static_cast<int>(-1 - d)];
  if (f.op != dim_op::sub || s.find(f.b) < 0) return by < 0 ? s.sub(d, -by) : s.add(d, by);
  by -= s.find(f.b);
  return by < 0 ? s.sub(f.a, -by) : s.add(f.a, by);
}

// Where an element of a slice is, which the call has checked to be there: so the slice is not empty, and all but one of its
// bounds were not cut short. With x(2:) of dim - 2 elements, x(2:)(3) -> x(5) and x(2:)(-1) -> x(dim - 1). The bound that
// may be cut is the -3 of x(-3:), which begins at 0 where x has two elements.
constexpr dim place_of_element(shape_table& s, const places& p, dim place) {
  const auto is = [&](dim d, dim_op op) { return d < 0 && s.formulas[static_cast<int>(-1 - d)].op == op; };
  const auto formula = [&](dim d) { return s.formulas[static_cast<int>(-1 - d)]; };
  dim begin = p.begin;
  if (is(begin, dim_op::min) && s.find(formula(begin).a) >= 0) begin = s.find(formula(begin).a);
  if (place >= 0 && (begin >= 0 || p.step < 0)) return moved(s, begin, place * p.step);
  const bool from_end = is(place, dim_op::sub) && s.find(formula(place).a) == p.count && s.find(formula(place).b) >= 0;
  if (from_end && p.step == 1 && is(p.count, dim_op::sub) && s.find(formula(p.count).b) == p.begin)
    return moved(s, formula(p.count).a, -s.find(formula(place).b));
  if (from_end && p.step == 1 && p.begin == 0) return moved(s, p.count, -s.find(formula(place).b));
  if (from_end && p.step == -1 && p.count == p.extent) return s.find(formula(place).b) - 1;
  const dim distance = s.mul(place, p.step > 0 ? p.step : -p.step);
  return p.step > 0 ? s.add(begin, distance) : s.sub(begin, distance);
}

// The second slice of the first, as one. Extents never fall below zero, so that where the first is empty the bounds
// of the second are too: what must be an element is checked apart from this, by the call.
constexpr int slice_of_slice(rewriter& w, int id, int first) {
  const places p = places_of(w, first), q = places_of(w, id);
  places both{0, q.count, p.step * q.step, p.extent};
  const dim distance = w.shapes.mul(q.begin, p.step > 0 ? p.step : -p.step);
  if (q.count == 1) both.begin = place_of_element(w.shapes, p, q.begin);
  else both.begin = p.step > 0 ? w.shapes.add(p.begin, distance) : w.shapes.sub(p.begin, distance);
  both.begin = w.shapes.find(both.begin);
  return sliced(w, w.arg(first, 0), static_cast<int>(w.attr(id, 0)), both);
}

// Of slices of two axes, the one that leaves one element comes first, else that of the first axis.
constexpr bool comes_first(const rewriter& w, int id, int first) {
  const bool one = places_of(w, id).count == 1, other = places_of(w, first).count == 1;
  return one != other ? one : w.attr(id, 0) < w.attr(first, 0);
}
constexpr int swapped_slices(rewriter& w, int id, int first) {
  if (!comes_first(w, id, first)) return -1;
  const int inner = sliced(w, w.arg(first, 0), static_cast<int>(w.attr(id, 0)), places_of(w, id));
  return sliced(w, inner, static_cast<int>(w.attr(first, 0)), places_of(w, first));
}

// m(i)(0), m(i)(all, 0): a place of another axis is looked for in less. Of two places, that of the first axis comes first.
constexpr int slice_before_place(rewriter& w, int id) {
  const int a = w.arg(id, 0), axis = static_cast<int>(w.attr(id, 0));
  const bool gone = w.is(a, info<op::squeeze>);
  const int place = gone ? w.arg(a, 0) : a;
  const bool take = w.is(place, info<op::take>);
  if ((!take && !(gone && w.is(place, info<op::slice>))) || (take && is_kept(w, place))) return -1;
  const int along = static_cast<int>(w.attr(place, 0));
  if (gone && w.attr(a, 0) != std::int64_t{1} << along) return -1;
  const int at = gone && axis >= along ? axis + 1 : axis;
  const places p = places_of(w, id);
  if (at == along || (!take && (p.count != 1 || at > along))) return -1;
  const int part = sliced(w, w.arg(place, 0), at, p);
  const int args[] = {part, take ? w.arg(place, 1) : -1};
  const std::int64_t of = along;
  const int made = take ? w.apply(info<op::take>, args, 2, &of, 1) : sliced(w, part, along, places_of(w, place));
  return gone ? w.apply_with(info<op::squeeze>, made, w.attr(a, 0)) : made;
}

constexpr int merged_slice(rewriter& w, int id) {
  const int a = w.arg(id, 0), axis = static_cast<int>(w.attr(id, 0));
  const places p = places_of(w, id);
  if (p.is_whole() && (p.step == 1 || p.extent == 1)) return a;
  if (w.is_flagged(a, pinned_node)) return -1;
  if (w.is(a, info<op::slice>)) return w.attr(a, 0) == axis ? slice_of_slice(w, id, a) : swapped_slices(w, id, a);
  return w.is_shared(a) ? -1 : slice_before_place(w, id);
}

constexpr int merged_take(rewriter& w, int id) {
  const int a = w.arg(id, 0), ids = w.arg(id, 1), axis = static_cast<int>(w.attr(id, 0));
  places p;
  if (are_slice(w, ids, w.extent(a, axis), p)) return sliced(w, a, axis, p);
  // m(i)(j), of two numbers: one element instead of a row.
  if (axis != 0 || w.rank(a) != 1 || !w.is(a, info<op::squeeze>) || is_kept(w, a)) return -1;
  const int row = w.arg(a, 0);
  if (!w.is(row, info<op::take>) || w.rank(row) != 2 || is_kept(w, row) ||
      w.shapes.find(w.extent(ids, 0)) != 1)
    return -1;
  const bool by_row = w.attr(row, 0) == 0;
  return w.apply(info<op::take_pairs>, w.arg(row, 0), by_row ? w.arg(row, 1) : ids, by_row ? ids : w.arg(row, 1));
}

// Pairs with a place that the compiler knows, of which there then is one.
constexpr int merged_pairs(rewriter& w, int id) {
  const int a = w.arg(id, 0);
  for (int axis = 0; axis < 2; ++axis) {
    places p;
    if (w.shapes.find(w.extent(w.arg(id, 1 + axis), 0)) != 1 || !are_slice(w, w.arg(id, 1 + axis), w.extent(a, axis), p))
      continue;
    const int line = w.apply_with(info<op::squeeze>, sliced(w, a, axis, p), std::int64_t{1} << axis);
    const int args[] = {line, w.arg(id, 2 - axis)};
    const std::int64_t first = 0;
    return w.apply(info<op::take>, args, 2, &first, 1);
  }
  return -1;
}

}  // namespace detail

constexpr int merged_index(rewriter& w, int id) {
  const op_info* op = w[id].op;
  if (op == &info<op::slice>) return detail::merged_slice(w, id);
  if (op == &info<op::take>) return detail::merged_take(w, id);
  return op == &info<op::take_pairs> ? detail::merged_pairs(w, id) : -1;
}

}  // namespace agnesi
