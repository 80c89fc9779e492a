// SPDX-License-Identifier: BSD-3-Clause
// Movements of elements: chains of them shortened, transposes taken to where they cost nothing, and repeated
// operands not repeated before what is computed from them.
//   transpose(transpose(x)) -> x;  transpose(dot(a, b)) -> dot(transpose(b), transpose(a));
//   exp(broadcast(x)) + y -> exp(x) + y
#pragma once

#include "agnesi/passes/products.hpp"
#include "agnesi/passes/reshapes.hpp"

namespace agnesi {

constexpr bool is_spread(const op_info* op) { return op == &info<op::broadcast> || op == &info<op::expand_dims>; }

// Elementwise operations see through repetition, and go inside new axes that all operands have alike.
constexpr int lifted(rewriter& w, int id) {
  const node& self = w[id];
  const int n = self.n_args;
  const node* const nodes = w.nodes.begin();
  const int* const a0 = w.arg_pool.begin() + self.first_arg;
  const auto spread = [&](int k) { return k < n && is_spread(nodes[a0[k]].op); };
  if (n > 4 || !(spread(0) || spread(1) || spread(2) || spread(3))) return -1;
  int args[4] = {};
  bool changed = false, alike = true;
  std::int64_t axes = -1;
  for (int k = 0; k < n; ++k) {
    const int a = w.arg(id, k);
    args[k] = w.is_flagged(a, pinned_node) ? a : stripped(w, a);
    changed = changed || args[k] != a;
    if (w.rank(args[k]) == 0) continue;
    if (w.is(args[k], info<op::expand_dims>) && (axes < 0 || axes == w.attr(args[k], 0)) &&
        w.rank(args[k]) == w.rank(id) && !w.is_flagged(args[k], pinned_node))
      axes = w.attr(args[k], 0);
    else alike = false;
  }
  if (alike && axes >= 0) {
    for (int k = 0; k < n; ++k)
      if (w.rank(args[k]) != 0) args[k] = w.arg(args[k], 0);
    return w.apply_with(info<op::expand_dims>, w.again(id, args), axes);
  }
  return changed ? w.again(id, args) : -1;
}

// f(-x) -> -f(x) or f(x)
constexpr int without_sign(rewriter& w, int id) {
  const op_info& op = *w[id].op;
  if (op.arity != 1 || (!op.odd && !op.even) || &op == &info<op::neg> || !w.is(w.arg(id, 0), info<op::neg>)) return -1;
  const int inner = w.arg(w.arg(id, 0), 0);
  if (!has_sign(w.type(inner))) return -1;
  const int f = w.again(id, &inner);
  return op.even ? f : w.apply(info<op::neg>, f);
}

// cast(where(c, 1, 0)) -> where(c, 1.0, 0.0)
constexpr int cast_of_choice(rewriter& w, int id) {
  const int choice = w.arg(id, 0);
  if (!is_constant(w, w.arg(choice, 1)) || !is_constant(w, w.arg(choice, 2))) return -1;
  const int args[] = {w.arg(choice, 0), cast_to(w, w.arg(choice, 1), w.type(id)), cast_to(w, w.arg(choice, 2), w.type(id))};
  return w.apply(info<op::where>, args, 3);
}

// A cast that loses nothing, before another cast.
constexpr int shorter_cast(rewriter& w, int id) {
  if (!w.is(id, info<op::cast>)) return -1;
  if (w.is(w.arg(id, 0), info<op::where>)) return cast_of_choice(w, id);
  if (!w.is(w.arg(id, 0), info<op::cast>)) return -1;
  const int inner = w.arg(w.arg(id, 0), 0);
  const dtype from = w.type(inner), by = w.type(w.arg(id, 0));
  return promote(from, by) == by ? cast_to(w, inner, w.type(id)) : -1;
}

namespace detail {

constexpr int shorter_permute(rewriter& w, int id) {
  const int a = w.arg(id, 0), r = w.rank(id);
  const std::int64_t order = w.attr(id, 0);
  bool identity = true;
  for (int k = 0; k < r; ++k) identity = identity && unpacked_axis(order, k) == k;
  if (identity) return a;
  if (w.is_flagged(a, pinned_node)) return -1;
  if (w.is(a, info<op::permute>)) {
    int axes[max_rank] = {};
    for (int k = 0; k < r; ++k) axes[k] = unpacked_axis(w.attr(a, 0), unpacked_axis(order, k));
    return w.apply_with(info<op::permute>, w.arg(a, 0), packed_axes(axes, r));
  }
  if (w.rank(stripped(w, a)) == 0) return stripped(w, a);
  if (w.is(a, info<op::expand_dims>)) {  // where the axes that were there keep their order
    std::int64_t axes = 0;
    int last = -1;
    for (int k = 0; k < r; ++k) {
      const int from = unpacked_axis(order, k);
      if ((w.attr(a, 0) >> from & 1) != 0) axes |= std::int64_t{1} << k;
      else if (from < last) return -1;
      else last = from;
    }
    return w.apply_with(info<op::expand_dims>, w.arg(a, 0), axes);
  }
  if ((w[a].op->kind != op_kind::elementwise && !w.is(a, info<op::dot>)) || w.is_shared(a)) return -1;
  if (w.is(a, info<op::dot>) && r == 2 && w.rank(w.arg(a, 0)) == 2 && w.rank(w.arg(a, 1)) == 2) {
    const int second = w.apply_with(info<op::permute>, w.arg(a, 1), order);
    return w.apply(info<op::dot>, second, w.apply_with(info<op::permute>, w.arg(a, 0), order));
  }
  if (w[a].op->kind != op_kind::elementwise || w[a].n_args > 4) return -1;
  int args[4] = {};
  for (int k = 0; k < w[a].n_args; ++k) {
    args[k] = stripped(w, w.arg(a, k));
    const int rank = w.rank(args[k]);
    if (rank != 0 && rank != r) args[k] = w.apply_with(info<op::expand_dims>, args[k], (std::int64_t{1} << (r - rank)) - 1);
  }
  for (int k = 0; k < w[a].n_args; ++k)
    if (w.rank(args[k]) != 0) args[k] = w.apply_with(info<op::permute>, args[k], order);
  return w.again(a, args);
}

// The mask of new axes where some are added to what already had some.
constexpr std::int64_t joined_axes(std::int64_t outer, std::int64_t inner, int rank) {
  std::int64_t r = 0;
  for (int k = 0, j = 0; k < rank; ++k) {
    if ((outer >> k & 1) != 0) r |= std::int64_t{1} << k;
    else r |= (inner >> j++ & 1) << k;
  }
  return r;
}
// The mask without the axes that go, counted in the axes that stay.
constexpr std::int64_t without_axes(std::int64_t mask, std::int64_t gone, int rank) {
  std::int64_t r = 0;
  for (int k = 0, j = 0; k < rank; ++k)
    if ((gone >> k & 1) == 0) r |= (mask >> k & 1) << j++;
  return r;
}

constexpr int shorter_expand(rewriter& w, int id) {
  const int a = w.arg(id, 0);
  const std::int64_t axes = w.attr(id, 0);
  if (w.is(a, info<op::expand_dims>))
    return w.apply_with(info<op::expand_dims>, w.arg(a, 0), joined_axes(axes, w.attr(a, 0), w.rank(id)));
  if (w.is(a, info<op::squeeze>) && w.attr(a, 0) == axes) return w.arg(a, 0);
  if (w.is(a, info<op::broadcast>) && w.rank(stripped(w, a)) == 0) return stripped(w, a);
  return -1;
}

// f(x, y) without its axes of extent 1 is f of x and y without them.
constexpr int squeezed_operands(rewriter& w, int id) {
  const int a = w.arg(id, 0);
  if (w[a].op->kind != op_kind::elementwise || w[a].n_args > 4 || w.is_shared(a)) return -1;
  int args[4] = {};
  for (int k = 0; k < w[a].n_args; ++k) {
    args[k] = stripped(w, w.arg(a, k));
    const std::int64_t axes = w.attr(id, 0) >> (w.rank(a) - w.rank(args[k]));
    if (axes != 0) args[k] = w.apply_with(info<op::squeeze>, args[k], axes);
  }
  return w.again(a, args);
}

constexpr int shorter_squeeze(rewriter& w, int id) {
  const int a = w.arg(id, 0);
  const std::int64_t axes = w.attr(id, 0);
  if (w.is(a, info<op::expand_dims>) && (axes & ~w.attr(a, 0)) == 0)
    return w.apply_with(info<op::expand_dims>, w.arg(a, 0), without_axes(w.attr(a, 0), axes, w.rank(a)));
  if (w.is(a, info<op::squeeze>))
    return w.apply_with(info<op::squeeze>, w.arg(a, 0), joined_axes(w.attr(a, 0), axes, w.rank(w.arg(a, 0))));
  if (w.is(a, info<op::broadcast>) && w.rank(stripped(w, a)) == 0) return stripped(w, a);
  return squeezed_operands(w, id);
}

}  // namespace detail

constexpr int shorter_movement(rewriter& w, int id) {
  const op_info* op = w[id].op;
  if (w.is_flagged(w.arg(id, 0), pinned_node)) return -1;
  if (op == &info<op::permute>) return detail::shorter_permute(w, id);
  if (op == &info<op::expand_dims>) return detail::shorter_expand(w, id);
  if (op == &info<op::squeeze>) return detail::shorter_squeeze(w, id);
  if (op == &info<op::reshape>) return detail::shorter_reshape(w, id);
  if (op != &info<op::broadcast>) return -1;
  const int inner = stripped(w, w.arg(id, 0));
  return inner != w.arg(id, 0) || w.shape(inner) == w.shape(id) ? inner : -1;  // repeated again by the rewriter
}

}  // namespace agnesi
