// SPDX-License-Identifier: BSD-3-Clause
// Smaller reductions and products: what does not vary along the axes summed over is taken out of the sum.
//   sum(s * x) -> s * sum(x);  sum(-x / n) -> -sum(x) / n;  sum(broadcast(x)) -> n * x;  sum(sum(x)) -> sum(x);
//   dot(s * a, b) -> s * dot(a, b)
#pragma once

#include "agnesi/passes/movement.hpp"
#include "agnesi/passes/places.hpp"

namespace agnesi {

namespace detail {

// A factor or term that does not vary along the axes, at the shape it has beside the reduced tensor; -1 if it does.
constexpr int outside_reduction(rewriter& w, int id, std::int64_t mask, int rank) {
  const int x = stripped(w, id);
  const int missing = rank - w.rank(x);
  std::int64_t gone = 0;
  for (int k = missing; k < rank; ++k) {
    if ((mask >> k & 1) == 0) continue;
    if (w.shapes.find(w.extent(x, k - missing)) != 1) return -1;
    gone |= std::int64_t{1} << (k - missing);
  }
  return gone == 0 ? x : w.apply_with(info<op::squeeze>, x, gone);
}

// x^n by squarings: as exact as the product of n factors, and no more prone to overflow.
constexpr int raised(rewriter& w, int x, dim n) {
  int r = -1;
  for (; n > 0; n /= 2) {
    if (n % 2 != 0) r = r < 0 ? x : w.apply(info<op::mul>, r, x);
    if (n > 1) x = w.apply(info<op::sqr>, x);
  }
  return r;
}

// Of a repeated tensor: the axes of x that it has and varies along, of those reduced.
constexpr int of_repeated(rewriter& w, int id) {
  const op_info* op = w[id].op;
  const int x = w.arg(id, 0), u = stripped(w, x), r = w.rank(x), missing = r - w.rank(u);
  const std::int64_t mask = w.attr(id, 0);
  std::int64_t left = 0, ones = 0;
  dim n = 1;
  for (int k = 0; k < r; ++k) {
    if ((mask >> k & 1) == 0) continue;
    const bool has = k >= missing, varies = has && w.shapes.find(w.extent(u, k - missing)) != 1;
    if (varies) left |= std::int64_t{1} << (k - missing);
    else if (has) ones |= std::int64_t{1} << (k - missing);
    if (!varies) n = w.shapes.mul(n, w.extent(x, k));
  }
  int made = ones == 0 ? u : w.apply_with(info<op::squeeze>, u, ones);
  left = without_axes(left, ones, w.rank(u));
  if (left != 0) made = w.apply_with(*op, made, left);
  if (op == &info<op::max> || op == &info<op::min>) return made;
  if (op == &info<op::prod> && n > 0 && n <= 1024) return is_float(w.type(id)) ? raised(w, made, n) : -1;
  if (op == &info<op::prod>) return is_float(w.type(id)) ? w.apply(info<op::pow>, made, extent_value(w, n, w.type(id))) : -1;
  if (op == &info<op::sum> && n == 0) return constant_of(w, 0, w.type(id));
  if (op == &info<op::sum>) return w.apply(info<op::mul>, extent_value(w, n, w.type(id)), cast_to(w, made, w.type(id)));
  if (op == &info<op::logsumexp>) {
    const int count = w.apply(info<op::log>, extent_value(w, n, w.type(id)));
    return w.apply(info<op::add>, count, made);
  }
  return (op == &info<op::all> || op == &info<op::any>) && n > 0 ? made : -1;
}

// Whether some factor of a product does not vary.
constexpr bool has_outside(const rewriter& w, int id, std::int64_t mask, int rank, int depth = 6) {
  const op_info* op = w[id].op;
  if (!varies_along(w, id, mask, rank)) return true;
  if ((op != &info<op::mul> && op != &info<op::div>) || w.rank(id) != rank || depth == 0 || w.is_flagged(id, pinned_node)) return false;
  return has_outside(w, w.arg(id, 0), mask, rank, depth - 1) || has_outside(w, w.arg(id, 1), mask, rank, depth - 1);
}

// Σ (s · x) = s · Σ x
constexpr int without_factors(rewriter& w, int id) {
  const int x = w.arg(id, 0), r = w.rank(x);
  const std::int64_t mask = w.attr(id, 0);
  const op_info* op = w[x].op;
  if (op != &info<op::mul> && op != &info<op::div> && op != &info<op::neg>) return -1;
  product_form inside(w.type(x), w[x].weak);
  inside.split_shared();
  inside.collect(w, x, 1);
  for (int k = 0; k < inside.factors().size(); ++k) {  // products that others read too
    const factor_power f = inside.factors()[k];
    const bool product = w.is(f.id, info<op::mul>) || w.is(f.id, info<op::div>);
    if (product && (f.power == 1 || f.power == -1) && varies_along(w, f.id, mask, r) && has_outside(w, f.id, mask, r)) {
      inside.take_apart(w, k);
      k = -1;
    }
  }
  product_form outside = inside.take_out(w, [&](int f) { return !varies_along(w, f, mask, r); });
  if (outside.is_one()) return -1;
  product_form moved = outside.take_out(w, [](int) { return false; });
  for (const factor_power& f : outside.factors()) moved.collect(w, outside_reduction(w, f.id, mask, r), f.power);
  const int rest = broadcast_to_shape(w, inside.build(w), w.shape(x));
  moved.collect(w, w.apply_with(info<op::sum>, rest, mask), 1);
  return moved.build(w);
}

// Π (c · x) = cⁿ · Π x for n factors and a constant c whose power is far from overflow; of a symbol's power nobody
// knows: 2²⁰⁰⁰ · Π (0.5 · ...) would be infinity times zero.
constexpr int without_coefficient(rewriter& w, int id) {
  const int x = w.arg(id, 0);
  const op_info* op = w[x].op;
  if ((op != &info<op::mul> && op != &info<op::div> && op != &info<op::neg>) || !is_float(w.type(x))) return -1;
  const dim n = reduced_count(w, x, w.attr(id, 0));
  product_form inside(w.type(x), w[x].weak);
  inside.collect(w, x, 1);
  double c = inside.coefficient();
  if (c == 1 || c == 0 || (c > 0 && n < 0)) return -1;
  if (n < 0) inside.make_positive();
  else inside.take_out(w, [](int) { return false; });
  const int rest = w.apply_with(info<op::prod>, broadcast_to_shape(w, inside.build(w), w.shape(x)), w.attr(id, 0));
  if (n < 0) return w.apply(info<op::mul>, w.apply(info<op::pow>, constant_of(w, -1, w.type(x)), extent_value(w, n, w.type(x))), rest);
  double power = 1;
  const double limit = w.type(x) == dtype::f32 ? 1e15 : 1e100;
  for (dim k = 0; k < n; ++k) {
    power *= c;
    const double size = power < 0 ? -power : power;
    if (k > 1024 || size > limit || size < 1 / limit) return -1;
  }
  return w.apply(info<op::mul>, constant_of(w, power, w.type(x)), rest);
}

// log Σ exp(x + s) = s + log Σ exp(x)
constexpr int without_term(rewriter& w, int id) {
  const int x = w.arg(id, 0), r = w.rank(x);
  const std::int64_t mask = w.attr(id, 0);
  const op_info& op = *w[x].op;
  if (&op != &info<op::add> && &op != &info<op::sub>) return -1;
  const int a = w.arg(x, 0), b = w.arg(x, 1);
  const bool first = !varies_along(w, a, mask, r), second = !varies_along(w, b, mask, r);
  if (first == second || w.rank(first ? b : a) != r) return -1;
  const int term = outside_reduction(w, first ? a : b, mask, r);
  int rest = first ? b : a;
  if (first && &op == &info<op::sub>) rest = w.apply(info<op::neg>, rest);
  const int reduced = w.apply_with(info<op::logsumexp>, broadcast_to_shape(w, rest, w.shape(x)), mask);
  return first ? w.apply(info<op::add>, term, reduced) : w.apply(op, reduced, term);
}

constexpr std::int64_t ones_among(const rewriter& w, int x, std::int64_t mask) {
  std::int64_t ones = 0;
  for (int k = 0; k < w.rank(x); ++k)
    if ((mask >> k & 1) != 0 && w.shapes.find(w.extent(x, k)) == 1) ones |= std::int64_t{1} << k;
  return ones;
}
// Over axes of extent 1 there is nothing to reduce.
constexpr int without_ones(rewriter& w, int id) {
  const int x = w.arg(id, 0);
  const std::int64_t ones = ones_among(w, x, w.attr(id, 0));
  if (ones == 0) return -1;
  const int squeezed = w.apply_with(info<op::squeeze>, x, ones);
  const std::int64_t left = without_axes(w.attr(id, 0), ones, w.rank(x));
  return left == 0 ? squeezed : w.apply_with(*w[id].op, squeezed, left);
}

constexpr int of_permuted(rewriter& w, int id) {
  const int x = w.arg(id, 0), r = w.rank(x);
  std::int64_t mask = 0;
  int last = -1;
  for (int k = 0; k < r; ++k) {
    const int from = unpacked_axis(w.attr(x, 0), k);
    if ((w.attr(id, 0) >> k & 1) != 0) mask |= std::int64_t{1} << from;
    else if (from < last) return -1;
    else last = from;
  }
  return w.apply_with(*w[id].op, w.arg(x, 0), mask);
}

}  // namespace detail

namespace detail {

// Over axes of extent 1 there is nothing to search.
constexpr int smaller_search(rewriter& w, int id) {
  const int x = w.arg(id, 0);
  const std::int64_t mask = w.attr(id, 0), ones = ones_among(w, x, mask);
  if (ones == 0) return place_of_inner(w, id);
  const std::int64_t left = without_axes(mask, ones, w.rank(x));
  return left == 0 ? constant_of(w, 0, w.type(id)) : w.apply_with(*w[id].op, w.apply_with(info<op::squeeze>, x, ones), left);
}

}  // namespace detail

constexpr int smaller_reduction(rewriter& w, int id) {
  const op_info* op = w[id].op;
  if (op == &info<op::argmax> || op == &info<op::argmin>) return detail::smaller_search(w, id);
  if (w[id].n_attrs != 1) return -1;
  const int x = w.arg(id, 0);
  const int fewer = detail::without_ones(w, id);
  if (fewer >= 0) return fewer;
  if (w.is_flagged(x, pinned_node)) return -1;
  if (w[x].op == op && op != &info<op::logsumexp>)
    return w.apply_with(*op, w.arg(x, 0), detail::joined_axes(w.attr(x, 0), w.attr(id, 0), w.rank(w.arg(x, 0))));
  if (w.is(x, info<op::permute>)) return detail::of_permuted(w, id);
  if (w.is(x, info<op::reshape>) && w.rank(id) == 0)
    return w.apply_with(*op, w.arg(x, 0), all_axes(w.rank(w.arg(x, 0))));
  if (stripped(w, x) != x) return detail::of_repeated(w, id);
  if (op == &info<op::sum>) return detail::without_factors(w, id);
  if (op == &info<op::prod>) return detail::without_coefficient(w, id);
  return op == &info<op::logsumexp> ? detail::without_term(w, id) : -1;
}

// where(c, s * a, 0) = s * where(c, a, 0) for a number or an extent s, which may then go on its way. Others stay inside:
// they might be infinite.
constexpr int where_without_factor(rewriter& w, int id) {
  const bool first = is_constant(w, stripped(w, w.arg(id, 2)), 0);
  if (!first && !is_constant(w, stripped(w, w.arg(id, 1)), 0)) return -1;
  const int a = w.arg(id, first ? 1 : 2);
  const op_info* op = w[a].op;
  if ((op != &info<op::mul> && op != &info<op::div> && op != &info<op::neg>) || w.rank(id) == 0 ||
      w.is_flagged(a, pinned_node))
    return -1;
  product_form inside(w.type(a), w[a].weak);
  inside.collect(w, a, 1);
  product_form outside = inside.take_out(w, [&](int f) { return is_made_of_extents(w, f); });
  const double c = outside.coefficient();
  if (outside.is_one() || c - c != 0) return -1;
  int args[] = {w.arg(id, 0), w.arg(id, 1), w.arg(id, 2)};
  args[first ? 1 : 2] = broadcast_to_shape(w, inside.build(w), w.shape(a));
  outside.collect(w, w.again(id, args), 1);
  return outside.build(w);
}

// zeros incremented by s * v are s times zeros incremented by v, for a scalar s.
constexpr int put_without_factor(rewriter& w, int id) {
  const int n = w[id].n_args, v = w.arg(id, n - 1);
  const op_info* op = w[v].op;
  if ((op != &info<op::mul> && op != &info<op::div> && op != &info<op::neg>) || !is_float(w.type(id)) ||
      !is_constant(w, stripped(w, w.arg(id, 0)), 0) || w.is_flagged(v, pinned_node))
    return -1;
  product_form inside(w.type(v), w[v].weak);
  inside.split_shared();
  inside.collect(w, v, 1);
  product_form outside = inside.take_out(w, [&](int f) { return w.rank(f) == 0; });
  if (outside.is_one()) return -1;
  int args[4] = {};
  for (int k = 0; k < n; ++k) args[k] = w.arg(id, k);
  args[n - 1] = broadcast_to_shape(w, inside.build(w), w.shape(v));
  outside.collect(w, w.again(id, args), 1);
  return outside.build(w);
}

// dot(s * a, b / t) = s / t * dot(a, b) for scalars s and t.
constexpr int smaller_dot(rewriter& w, int id) {
  if (!w.is(id, info<op::dot>)) return -1;
  product_form outside(w.type(id), w[id].weak);
  int args[2] = {};
  for (int k = 0; k < 2; ++k) {
    const int a = args[k] = w.arg(id, k);
    if (w.is_flagged(a, pinned_node)) continue;
    const int alone = stripped(w, a);
    if (is_constant(w, alone, 0) || (w.is(a, info<op::broadcast>) && is_constant(w, alone, 0)))
      return constant_of(w, 0, w.type(id));
    const op_info* op = w[w.is(a, info<op::expand_dims>) ? w.arg(a, 0) : a].op;
    if (op != &info<op::mul> && op != &info<op::div> && op != &info<op::neg>) continue;
    product_form inside(w.type(a), w[a].weak);
    inside.split_shared();
    inside.collect(w, a, 1);
    product_form taken = inside.take_out(w, [&](int f) { return w.rank(f) == 0; });
    if (taken.is_one()) continue;
    outside.collect(w, taken.build(w), 1);
    args[k] = broadcast_to_shape(w, inside.build(w), w.shape(a));
  }
  if (outside.is_one()) return -1;
  const int product = w.apply(info<op::mul>, outside.build(w), w.apply(info<op::dot>, args[0], args[1]));
  return product;
}

}  // namespace agnesi
