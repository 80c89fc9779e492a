// SPDX-License-Identifier: BSD-3-Clause
// The axis of extent 1 that a number leaves goes before what is computed, as the index itself does: a product of a matrix
// with one row becomes one of a vector.
//   squeeze<0>(dot(m(0:1), n)) -> dot(m(0), n);  squeeze<0>(sum(m(0:1), axis<1>)) -> sum(m(0))
// It ends: every rewriting moves such an axis one operation closer to the inputs, and what was computed is not indexed again.
#pragma once

#include "agnesi/passes/indexing_lift.hpp"

namespace agnesi {

namespace detail {

constexpr int squeezed_product(rewriter& w, int id) {
  const int product = w.arg(id, 0);
  int a = w.arg(product, 0), b = w.arg(product, 1);
  const bool rows = w.rank(a) == 2, columns = w.rank(b) == 2;
  const std::int64_t mask = w.attr(id, 0);
  if (rows && (mask & 1) != 0) a = w.apply_with(info<op::squeeze>, a, 1);
  if (columns && (mask >> (rows ? 1 : 0) & 1) != 0) b = w.apply_with(info<op::squeeze>, b, 2);
  return w.apply(info<op::dot>, a, b);
}

constexpr int squeezed_reduction(rewriter& w, int id) {
  const int a = w.arg(id, 0), x = w.arg(a, 0);
  if (w[a].n_args != 1 || w[a].n_attrs != 1) return -1;
  const std::int64_t reduced = w.attr(a, 0), gone = joined_axes(reduced, w.attr(id, 0), w.rank(x)) & ~reduced;
  return w.apply_with(*w[a].op, w.apply_with(info<op::squeeze>, x, gone), without_axes(reduced, gone, w.rank(x)));
}

constexpr int squeezed_permute(rewriter& w, int id) {
  const int a = w.arg(id, 0), x = w.arg(a, 0), r = w.rank(a);
  const std::int64_t mask = w.attr(id, 0), order = w.attr(a, 0);
  std::int64_t gone = 0;
  for (int k = 0; k < r; ++k)
    if ((mask >> k & 1) != 0) gone |= std::int64_t{1} << unpacked_axis(order, k);
  int axes[max_rank] = {}, kept = 0;
  for (int k = 0; k < r; ++k) {
    if ((mask >> k & 1) != 0) continue;
    const int from = unpacked_axis(order, k);
    int before = 0;
    for (int of = 0; of < from; ++of) before += static_cast<int>(gone >> of & 1);
    axes[kept++] = from - before;
  }
  return w.apply_with(info<op::permute>, w.apply_with(info<op::squeeze>, x, gone), packed_axes(axes, kept));
}

// Past an index of an axis that stays; and of an axis that goes, with it, for m(i)(all, 0) to become m(all, 0)(i).
constexpr int squeezed_index(rewriter& w, int id) {
  const int a = w.arg(id, 0), x = w.arg(a, 0), axis = static_cast<int>(w.attr(a, 0));
  const std::int64_t own = std::int64_t{1} << axis, others = w.attr(id, 0) & ~own;
  if (others == 0) return -1;
  int at = axis;
  for (int k = 0; k < axis; ++k) at -= static_cast<int>(others >> k & 1);
  const int made = indexed(w, a, w.apply_with(info<op::squeeze>, x, others), at);
  return (w.attr(id, 0) & own) == 0 ? made : w.apply_with(info<op::squeeze>, made, std::int64_t{1} << at);
}

// Of new axes only those that stay are made.
constexpr int squeezed_expanded(rewriter& w, int id) {
  const int a = w.arg(id, 0), x = w.arg(a, 0);
  const std::int64_t mask = w.attr(id, 0), added = w.attr(a, 0), gone = without_axes(mask, added, w.rank(a));
  return w.apply_with(info<op::expand_dims>, w.apply_with(info<op::squeeze>, x, gone), without_axes(added, mask, w.rank(a)));
}

constexpr int squeezed_repeated(rewriter& w, int id) {
  const int a = w.arg(id, 0), x = w.arg(a, 0);
  const std::int64_t mask = w.attr(id, 0) >> (w.rank(a) - w.rank(x));
  return mask == 0 ? x : w.apply_with(info<op::squeeze>, x, mask);
}

}  // namespace detail

constexpr int squeeze_first(rewriter& w, int id) {
  const int a = w.arg(id, 0);
  const op_info* op = w[a].op;
  if (w[a].n_args == 0 || w.is_flagged(a, pinned_node)) return -1;
  if (op == &info<op::permute>) return detail::squeezed_permute(w, id);
  if (op == &info<op::slice> || (op == &info<op::take> && !w.is_shared(a))) return detail::squeezed_index(w, id);
  if (op == &info<op::broadcast>) return detail::squeezed_repeated(w, id);
  if (op == &info<op::expand_dims>) return detail::squeezed_expanded(w, id);
  if (op == &info<op::reshape>) return op::reshape::to_shape(w, w.arg(a, 0), w.shape(id));
  if ((op != &info<op::dot> && op->kind != op_kind::reduce) || w.is_shared(a)) return -1;
  return op == &info<op::dot> ? detail::squeezed_product(w, id) : detail::squeezed_reduction(w, id);
}

}  // namespace agnesi
