// SPDX-License-Identifier: BSD-3-Clause
// Indexing before computing: what is picked from an elementwise result is computed from what is picked.
//   tanh(x)(0_c) -> tanh(x(0_c));  (z - col)(rows, y) -> z(rows, y) - col(rows)
#pragma once

#include "agnesi/passes/products.hpp"

namespace agnesi {

namespace detail {

constexpr bool is_whole_range(const graph& g, int ids, dim extent) {
  return g.is(ids, info<op::iota>) && g.shapes.find(g.extent(ids, 0)) == g.shapes.find(extent);
}

// The operand of an elementwise node of rank `rank`, indexed as the node is; -1 where that has no simple form.
constexpr int indexed_operand(rewriter& w, int index, int operand, int rank) {
  const int x = stripped(w, operand);
  const int r = w.rank(x);
  if (r == 0) return x;
  if (w.is(index, info<op::take_pairs>)) {
    if (rank != 2) return -1;
    const int i = w.arg(index, 1), j = w.arg(index, 2);
    const std::int64_t first = 0;
    if (r == 1) {
      if (w.shapes.find(w.extent(x, 0)) == 1) return x;
      const int args[] = {x, j};
      return w.apply(info<op::take>, args, 2, &first, 1);
    }
    if (w.is(x, info<op::expand_dims>) && w.attr(x, 0) == 2) {
      if (w.shapes.find(w.extent(x, 0)) == 1) return w.arg(x, 0);
      const int args[] = {w.arg(x, 0), i};
      return w.apply(info<op::take>, args, 2, &first, 1);
    }
    const bool whole = w.extent(x, 0) != 1 && w.extent(x, 1) != 1;
    return whole ? w.apply(info<op::take_pairs>, x, i, j) : -1;
  }
  const std::int64_t axis = w.attr(index, 0) - (rank - r);
  if (axis < 0 || w.shapes.find(w.extent(x, static_cast<int>(axis))) == 1) return x;
  if (w.is(index, info<op::take>)) {
    const int args[] = {x, w.arg(index, 1)};
    return w.apply(info<op::take>, args, 2, &axis, 1);
  }
  dim extents[max_rank]{};
  for (int k = 0; k < r; ++k) extents[k] = w.extent(x, k);
  extents[axis] = w.extent(index, static_cast<int>(w.attr(index, 0)));
  return op::slice::make(w, x, static_cast<int>(axis), w.attr(index, 1), w.attr(index, 2), w.shapes.shape(extents, r));
}

}  // namespace detail

// Increments of zeros by one number everywhere: the number times increments by 1.
constexpr int scaled_put(rewriter& w, int id) {
  const int n = w[id].n_args, base = stripped(w, w.arg(id, 0)), v = stripped(w, w.arg(id, n - 1));
  if (w.rank(v) != 0 || is_constant(w, v, 1) || !is_constant(w, base, 0) || !is_float(w.type(id))) return -1;
  int args[4] = {};
  for (int k = 0; k < n - 1; ++k) args[k] = w.arg(id, k);
  args[n - 1] = broadcast_to_shape(w, constant_of(w, 1, w.type(id)), w.shape(w.arg(id, n - 1)));
  return w.apply(info<op::mul>, v, w.again(id, args));
}

constexpr int index_first(rewriter& w, int id) {
  const bool slice = w.is(id, info<op::slice>), take = w.is(id, info<op::take>);
  if (!slice && !take && !w.is(id, info<op::take_pairs>)) return -1;
  const int a = w.arg(id, 0);
  if (take && detail::is_whole_range(w, w.arg(id, 1), w.extent(a, static_cast<int>(w.attr(id, 0))))) return a;
  if (w.is_flagged(a, pinned_node)) return -1;
  const int alone = stripped(w, a);
  if (w.rank(alone) == 0) return alone;
  if (slice && w.is(a, info<op::slice>) && w.attr(a, 0) == w.attr(id, 0) && w.attr(a, 2) > 0) {
    const std::int64_t step = w.attr(a, 2);
    const dim begin = w.shapes.add(w.attr(a, 1), w.shapes.mul(w.attr(id, 1), step));
    return op::slice::make(w, w.arg(a, 0), static_cast<int>(w.attr(id, 0)), begin, step * w.attr(id, 2), w.shape(id));
  }
  if (w.is_flagged(a, shared_node) || w[a].op->kind != op_kind::elementwise || w[a].n_args > 4) return -1;
  int args[4] = {};
  for (int k = 0; k < w[a].n_args; ++k) {
    args[k] = detail::indexed_operand(w, id, w.arg(a, k), w.rank(a));
    if (args[k] < 0) return -1;
  }
  return w.again(a, args);
}

}  // namespace agnesi
