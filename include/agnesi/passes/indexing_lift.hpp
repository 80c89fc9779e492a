// SPDX-License-Identifier: BSD-3-Clause
// Indexing before computing: what is picked from a result is computed from what is picked.
//   tanh(x)(0) -> tanh(x(0));  sum(m, axis<1>)(0) -> sum(m(0));  (z - col)(rows, y) -> z(rows, y) - col(rows)
// It ends: every rewriting moves an index one operation closer to the inputs.
//
// The criterion, in one place (amount): an index moves inward where the tensor it picks from is read by nothing else, and
// where it picks no more than there is. What has other readers is computed as a whole anyway, and computing a part of it once
// more is never less work. Numbers and slices never pick more. How many a vector of indices picks often only shows at the
// call: it counts as a selection, but not for reductions, which read in place what a lookup would have to copy first, as
// with all rows and a label each, p(rows, labels). Movements are views, through which an index passes whoever else reads them.
#pragma once

#include "agnesi/passes/indexing_places.hpp"
#include "agnesi/passes/movement.hpp"

namespace agnesi {

namespace detail {

// How much an index picks of what there is.
enum class amount : unsigned char { fewer, unknown, more };
constexpr amount amount_of(rewriter& w, int index) {
  if (w.is(index, info<op::slice>)) return amount::fewer;
  const int x = w.arg(index, 0);
  const dim n = w.shapes.find(w.extent(w.arg(index, 1), 0));
  if (n == 0 || n == 1) return amount::fewer;
  dim there = 0;
  if (w.is(index, info<op::take_pairs>)) there = w.shapes.mul(w.extent(x, 0), w.extent(x, 1));
  else there = w.shapes.find(w.extent(x, static_cast<int>(w.attr(index, 0))));
  return n < 0 || there < 0 ? amount::unknown : n < there ? amount::fewer : n > there ? amount::more : amount::unknown;
}

constexpr int taken(rewriter& w, int x, int axis, int ids) {
  const int args[] = {x, ids};
  const std::int64_t along = axis;
  return w.apply(info<op::take>, args, 2, &along, 1);
}
// x indexed along an axis as `index` indexes its own operand.
constexpr int indexed(rewriter& w, int index, int x, int axis) {
  return w.is(index, info<op::take>) ? taken(w, x, axis, w.arg(index, 1)) : sliced(w, x, axis, places_of(w, index));
}

// An operand of an elementwise node of rank 2, at pairs of places. Bits of `used`: which of the two vectors still are
// looked at, and so checked.
constexpr int paired_operand(rewriter& w, int index, int x, unsigned& used) {
  const int r = w.rank(x), i = w.arg(index, 1), j = w.arg(index, 2);
  const bool down = r == 2 && w.shapes.find(w.extent(x, 0)) != 1, across = w.shapes.find(w.extent(x, r - 1)) != 1;
  used |= (down ? 1U : 0U) | (across ? 2U : 0U);
  if (down && across) return w.apply(info<op::take_pairs>, x, i, j);
  const std::int64_t ones = (r == 2 && !down ? 1 : 0) | (!across ? std::int64_t{1} << (r - 1) : 0);
  const int line = w.apply_with(info<op::squeeze>, x, ones);
  return down ? taken(w, line, 0, i) : across ? taken(w, line, 0, j) : line;
}

constexpr int index_of_elementwise(rewriter& w, int id) {
  const int a = w.arg(id, 0), rank = w.rank(a);
  const bool pairs = w.is(id, info<op::take_pairs>);
  if (w[a].n_args > 4 || (pairs && rank != 2)) return -1;
  int args[4] = {};
  unsigned used = 0;
  for (int k = 0; k < w[a].n_args; ++k) {
    const int x = args[k] = stripped(w, w.arg(a, k));
    const int r = w.rank(x);
    if (r == 0) continue;
    if (pairs) {
      args[k] = paired_operand(w, id, x, used);
      continue;
    }
    const int axis = static_cast<int>(w.attr(id, 0)) - (rank - r);
    if (axis < 0 || w.shapes.find(w.extent(x, axis)) == 1) continue;
    used = 3;
    args[k] = indexed(w, id, x, axis);
  }
  if (used != 3 && !w.is(id, info<op::slice>)) return -1;  // an index of an axis of extent 1 is still checked
  return w.again(a, args);
}

// Σ over other axes.
constexpr int index_of_reduction(rewriter& w, int id) {
  const int a = w.arg(id, 0), x = w.arg(a, 0);
  if (w[a].n_args != 1 || w[a].n_attrs != 1) return -1;
  const std::int64_t mask = w.attr(a, 0);
  if (w.is(id, info<op::take_pairs>)) {
    if ((mask & 3) != 0) return -1;
    return w.apply_with(*w[a].op, w.apply(info<op::take_pairs>, x, w.arg(id, 1), w.arg(id, 2)), mask >> 1);
  }
  int axis = 0;
  for (int kept = static_cast<int>(w.attr(id, 0)); (mask >> axis & 1) != 0 || kept-- > 0;) ++axis;
  return w.apply_with(*w[a].op, indexed(w, id, x, axis), mask);
}

// dot(a, b)(i) = dot(a(i), b), of columns dot(a, b(:, j)), and of pairs the inner products of rows and columns.
constexpr int index_of_dot(rewriter& w, int id) {
  const int product = w.arg(id, 0);
  const int a = w.arg(product, 0), b = w.arg(product, 1);
  if (w.is(id, info<op::take_pairs>)) {
    const int rows = taken(w, a, 0, w.arg(id, 1)), columns = taken(w, b, 1, w.arg(id, 2));
    const int terms = w.apply(info<op::mul>, rows, w.apply_with(info<op::permute>, columns, 0x01));
    return w.apply_with(info<op::sum>, terms, 2);
  }
  const bool of_first = w.attr(id, 0) == 0 && w.rank(a) == 2;
  return of_first ? w.apply(info<op::dot>, indexed(w, id, a, 0), b)
                  : w.apply(info<op::dot>, a, indexed(w, id, b, w.rank(b) - 1));
}

// Whether an axis of a reshaped tensor is that axis of the tensor: all up to it are, or all from it on.
constexpr int axis_before_reshape(const rewriter& w, int reshaped, int x, int axis) {
  const int r = w.rank(reshaped), rx = w.rank(x);
  const auto same = [&](int k, int of) { return w.shapes.find(w.extent(reshaped, k)) == w.shapes.find(w.extent(x, of)); };
  bool leading = axis < rx, trailing = axis + rx - r >= 0;
  for (int k = 0; k <= axis && leading; ++k) leading = same(k, k);
  for (int k = axis; k < r && trailing; ++k) trailing = same(k, k + rx - r);
  return leading ? axis : trailing ? axis + rx - r : -1;
}
constexpr int index_of_reshaped(rewriter& w, int id) {
  const int a = w.arg(id, 0), x = w.arg(a, 0);
  if (w.is(id, info<op::take_pairs>)) return -1;
  const int axis = axis_before_reshape(w, a, x, static_cast<int>(w.attr(id, 0)));
  return axis < 0 ? -1 : op::reshape::to_shape(w, indexed(w, id, x, axis), w.shape(id));
}

constexpr int index_of_permuted(rewriter& w, int id) {
  const int a = w.arg(id, 0), x = w.arg(a, 0);
  const std::int64_t order = w.attr(a, 0);
  if (!w.is(id, info<op::take_pairs>))
    return w.apply_with(info<op::permute>, indexed(w, id, x, unpacked_axis(order, static_cast<int>(w.attr(id, 0)))), order);
  return order == 0x01 && w.rank(a) == 2 ? w.apply(info<op::take_pairs>, x, w.arg(id, 2), w.arg(id, 1)) : -1;
}

// Of places along an axis that is repeated only a slice may be left out: others are checked at the call.
constexpr int index_of_repeated(rewriter& w, int id) {
  const int a = w.arg(id, 0), x = w.arg(a, 0);
  if (w.is(id, info<op::take_pairs>)) return -1;
  const int axis = static_cast<int>(w.attr(id, 0)) - (w.rank(a) - w.rank(x));
  if (axis >= 0 && w.shapes.find(w.extent(x, axis)) != 1) return indexed(w, id, x, axis);
  return w.is(id, info<op::slice>) ? x : -1;
}

constexpr int index_of_expanded(rewriter& w, int id) {
  const int a = w.arg(id, 0), x = w.arg(a, 0);
  if (w.rank(x) == 0) return w.is(id, info<op::slice>) ? x : -1;
  if (w.is(id, info<op::take_pairs>)) return -1;
  const int at = static_cast<int>(w.attr(id, 0));
  const std::int64_t added = w.attr(a, 0);
  if ((added >> at & 1) != 0) return -1;
  int axis = at;
  for (int k = 0; k < at; ++k) axis -= static_cast<int>(added >> k & 1);
  return w.apply_with(info<op::expand_dims>, indexed(w, id, x, axis), added);
}

}  // namespace detail

constexpr int index_first(rewriter& w, int id) {
  if (w.is(id, info<op::iota>) || w[id].n_args == 0) return -1;
  const int a = w.arg(id, 0);
  const op_info* op = w[a].op;
  const bool movement = op->kind == op_kind::movement;
  if (!movement && op->kind != op_kind::elementwise && op->kind != op_kind::reduce && op != &info<op::dot>) return -1;
  if (!w.is(id, info<op::slice>) && !w.is(id, info<op::take>) && !w.is(id, info<op::take_pairs>)) return -1;
  if (w.is_flagged(a, pinned_node)) return -1;
  if (op == &info<op::permute>) return detail::index_of_permuted(w, id);
  if (op == &info<op::broadcast>) return detail::index_of_repeated(w, id);
  if (op == &info<op::expand_dims>) return detail::index_of_expanded(w, id);
  if (w.is_shared(a)) return -1;
  const detail::amount picked = detail::amount_of(w, id);
  if (picked == detail::amount::more) return -1;
  if (op == &info<op::reshape>) return detail::index_of_reshaped(w, id);
  if (op == &info<op::dot>) return detail::index_of_dot(w, id);
  if (op->kind == op_kind::reduce) return picked == detail::amount::fewer ? detail::index_of_reduction(w, id) : -1;
  return op->kind == op_kind::elementwise ? detail::index_of_elementwise(w, id) : -1;
}

}  // namespace agnesi
