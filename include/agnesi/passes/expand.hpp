// SPDX-License-Identifier: BSD-3-Clause
// After differentiation: composites that were kept for the sake of their derivatives are written out, and
// increments of zeros are merged into what they are added to, so that they happen in place.
//   logsumexp(x) → m + log(sum(exp(x - m)))      a - inc(zeros(i), v) → inc(a(i), -v)
#pragma once

#include "agnesi/ir/copy.hpp"
#include "agnesi/ops/probability.hpp"
#include "agnesi/ops/structure.hpp"
#include "agnesi/passes/indexing_writes.hpp"

namespace agnesi {

namespace detail {

// An increment of a tensor of zeros.
constexpr bool is_put_into_zeros(const graph& g, int id) {
  if (!is_put_node(g, id)) return false;
  const int base = g.arg(id, 0);
  return is_constant(g, base, 0) || (g.is(base, info<op::broadcast>) && is_constant(g, g.arg(base, 0), 0));
}

// Increments of increments of a tensor of zeros.
constexpr bool is_chain_from_zeros(const graph& g, int id) {
  while (is_put_node(g, id) && !is_put_into_zeros(g, id)) id = g.arg(id, 0);
  return is_put_node(g, id);
}

// The same increment of another base, by other values.
constexpr int put_again(graph& g, int put, int base, int values) {
  int args[4] = {};
  const int n = g[put].n_args;
  for (int k = 0; k < n; ++k) args[k] = g.arg(put, k);
  args[0] = broadcast_to_shape(g, base, g.shape(put));
  args[n - 1] = values;
  std::int64_t attrs[4] = {};
  for (int k = 0; k < g[put].n_attrs; ++k) attrs[k] = g.attr(put, k);
  return g.apply(*g[put].op, args, n, attrs, g[put].n_attrs);
}

constexpr int merged_put(graph& g, int id);
constexpr int negated(graph& g, int id);

// The negative of c * x * y / z with a constant c at its left: that of the constant; -1 where
// there is none, and where the sign can go into a matrix product's factor.
constexpr int negated_product(graph& g, int id) {
  const op_info* op = g[id].op;
  if (is_constant(g, id)) return is_float(g.type(id)) ? negated(g, id) : -1;
  if ((op != &info<op::mul> && op != &info<op::div>) || g.is(g.arg(id, 1), info<op::dot>)) return -1;
  const int a = negated_product(g, g.arg(id, 0));
  return a < 0 ? -1 : g.apply(*op, a, g.arg(id, 1));
}

// The negative, of constants and what repeats them without a step at run time.
constexpr int negated(graph& g, int id) {
  if (g.is(id, info<op::broadcast>)) return broadcast_to_shape(g, negated(g, g.arg(id, 0)), g.shape(id));
  if (!is_constant(g, id)) {
    const int product = negated_product(g, id);
    return product >= 0 ? product : merged_put(g, g.apply(info<op::neg>, id));
  }
  scalar_value v = value_of(g, id);
  v.f = -v.f;
  v.i = -v.i;
  return make_constant(g, v, g[id].weak);
}

// s * v or v / s, for a number s: of ones repeated, the number repeated.
constexpr int scaled(graph& g, const op_info& op, int v, int s) {
  if (&op == &info<op::mul> && is_constant(g, stripped(g, v), 1) && g.type(s) == g.type(v)) return broadcast_to_shape(g, s, g.shape(v));
  return merged_put(g, &op == &info<op::mul> ? g.apply(op, s, v) : g.apply(op, v, s));
}

// The increments of a chain, one after the other, of another base than zeros and by other values.
template <class Values>
constexpr int chain_again(graph& g, int put, int base, Values values) {
  const int inner = g.arg(put, 0);
  const int from = is_put_into_zeros(g, put) ? (base < 0 ? inner : base) : chain_again(g, inner, base, values);
  return put_again(g, put, from, values(values_of_put(g, put)));
}

constexpr int merged_put(graph& g, int id) {
  const op_info* op = g[id].op;
  const bool binary = g[id].n_args == 2;
  if (op == &info<op::neg> && g.rank(id) > 0) {
    const int product = negated_product(g, g.arg(id, 0));
    if (product >= 0) return product;
  }
  const auto same = [](int v) { return v; };
  const auto negative = [&g](int v) { return negated(g, v); };
  if (op == &info<op::neg> && is_chain_from_zeros(g, g.arg(id, 0))) return chain_again(g, g.arg(id, 0), -1, negative);
  if (!binary) return id;
  for (int side = 0; side < 2; ++side) {
    const int put = g.arg(id, side), other = g.arg(id, 1 - side);
    if (!is_chain_from_zeros(g, put) || g.shape(put) != g.shape(id)) continue;
    if (op == &info<op::add> && is_put_into_zeros(g, put) && puts_alike(g, put, other))
      return put_again(g, put, g.arg(other, 0), g.apply(info<op::add>, values_of_put(g, other), values_of_put(g, put)));
    if (op == &info<op::add>) return chain_again(g, put, other, same);
    if (op == &info<op::sub>)
      return side == 1 ? chain_again(g, put, other, negative) : chain_again(g, put, negated(g, other), same);
    if (g.rank(other) == 0 && (op == &info<op::mul> || (op == &info<op::div> && side == 0)))
      return chain_again(g, put, -1, [&](int v) { return scaled(g, *op, v, other); });
  }
  return id;
}

}  // namespace detail

namespace detail {

// Of exp(x - logsumexp(x)): the logsumexp, else -1.
constexpr int normalizer_of(const graph& g, int id) {
  if (!g.is(id, info<op::exp>) || !g.is(g.arg(id, 0), info<op::sub>)) return -1;
  const int x = g.arg(g.arg(id, 0), 0);
  int total = g.arg(g.arg(id, 0), 1);
  if (g.is(total, info<op::broadcast>)) total = g.arg(total, 0);
  std::int64_t axes = 0;
  if (g.is(total, info<op::expand_dims>)) {
    axes = g.attr(total, 0);
    total = g.arg(total, 0);
  }
  if (!g.is(total, info<op::logsumexp>) || g.arg(total, 0) != x || g.shape(x) != g.shape(id)) return -1;
  return g.attr(total, 0) == axes || (axes == 0 && g.rank(total) == 0) ? total : -1;
}

}  // namespace detail

constexpr graph expanded(const graph& in) {
  graph g = continued(in);
  const vec<bool> live = live_nodes(in, in.size() - 1);
  vec<int> place(in.size(), -1);
  for (int id = 0; id < in.size(); ++id) {
    if (!live[id] && !in.is(id, info<op::input>)) continue;
    if (in.is(id, info<op::logsumexp>)) {
      place[id] = op::logsumexp::expand(g, place[in.arg(id, 0)], in.attr(id, 0));
    } else if (const int total = detail::normalizer_of(in, id); total >= 0) {
      place[id] = op::logsumexp::expand_normalized(g, place[in.arg(total, 0)], in.attr(total, 0));
    } else {
      const int made = copy_node(g, in, id, place);
      place[id] = in[id].op->kind == op_kind::elementwise ? detail::merged_put(g, made) : made;
    }
  }
  for (int s = 0; s < g.symbols.size(); ++s)
    if (g.symbols[s].node >= 0) g.symbols[s].node = place[g.symbols[s].node];
  return g;
}

}  // namespace agnesi
