// SPDX-License-Identifier: BSD-3-Clause
// After differentiation: composites that were kept for the sake of their derivatives are written out, and
// increments of zeros are merged into what they are added to, so that they happen in place.
//   logsumexp(x) → m + log(sum(exp(x - m)))      a - inc(zeros(i), v) → inc(a(i), -v)      inc(tanh(a)(i), v) / s → inc((tanh(a) / s)(i), v / s)
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

// s * v or v / s, for a number s: of a constant repeated, the result repeated.
constexpr int scaled(graph& g, const op_info& op, int v, int s) {
  const int one = stripped(g, v);
  if (is_constant(g, one) && g.type(s) == g.type(v)) {
    const bool times = &op == &info<op::mul>;
    const int number = times && is_constant(g, one, 1) ? s : times ? g.apply(op, s, one) : g.apply(op, one, s);
    return broadcast_to_shape(g, number, g.shape(v));
  }
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

// x * s or x / s for a number s, in the loop that computes x: of a quotient the divisor is multiplied, which may be smaller.
constexpr int scaled_in_loop(graph& g, const op_info& op, int x, int s) {
  if (&op == &info<op::div> && g.is(x, info<op::div>))
    return g.apply(info<op::div>, g.arg(x, 0), g.apply(info<op::mul>, g.arg(x, 1), s));
  return g.apply(op, x, s);
}

// Increments of what a loop computes, all of it times or divided by a number: the number goes into the loop, and into the
// increments. -1 where that is not so.
constexpr int scaled_chain(graph& g, const op_info& op, int put, int s) {
  const int base = g.arg(put, 0);
  int made = -1;
  if (is_put_node(g, base)) made = scaled_chain(g, op, base, s);
  else if (g[base].op->kind == op_kind::elementwise && is_float(g.type(base))) made = scaled_in_loop(g, op, base, s);
  return made < 0 ? -1 : put_again(g, put, made, scaled(g, op, values_of_put(g, put), s));
}

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

// Of x * s or x / s, for a number s and increments x that nothing else reads: which of the two x is, else -1.
constexpr int side_of_increments(const graph& in, int id, const vec<int>& uses) {
  const op_info* op = in[id].op;
  if (op != &info<op::mul> && op != &info<op::div>) return -1;
  for (int side = 0; side < (op == &info<op::mul> ? 2 : 1); ++side)
    if (uses[in.arg(id, side)] == 1 && in.rank(in.arg(id, 1 - side)) == 0 && in.rank(id) > 0) return side;
  return -1;
}

}  // namespace detail

constexpr graph expanded(const graph& in) {
  graph g = continued(in);
  const vec<bool> live = live_nodes(in, in.size() - 1);
  vec<int> uses(in.size(), 0);
  for (int id = 0; id < in.size(); ++id)
    for (int k = 0; live[id] && k < in[id].n_args; ++k) ++uses[in.arg(id, k)];
  vec<int> place(in.size(), -1);
  for (int id = 0; id < in.size(); ++id) {
    if (!live[id] && !in.is(id, info<op::input>)) continue;
    if (in.is(id, info<op::logsumexp>)) {
      place[id] = op::logsumexp::expand(g, place[in.arg(id, 0)], in.attr(id, 0));
    } else if (const int total = detail::normalizer_of(in, id); total >= 0) {
      place[id] = op::logsumexp::expand_normalized(g, place[in.arg(total, 0)], in.attr(total, 0));
    } else {
      if (const int side = detail::side_of_increments(in, id, uses); side >= 0)
        if (const int put = place[in.arg(id, side)]; is_put_node(g, put) && !detail::is_chain_from_zeros(g, put))
          place[id] = detail::scaled_chain(g, *in[id].op, put, place[in.arg(id, 1 - side)]);
      if (place[id] >= 0) continue;
      const int made = copy_node(g, in, id, place);
      place[id] = in[id].op->kind == op_kind::elementwise ? detail::merged_put(g, made) : made;
    }
  }
  for (int s = 0; s < g.symbols.size(); ++s)
    if (g.symbols[s].node >= 0) g.symbols[s].node = place[g.symbols[s].node];
  return g;
}

}  // namespace agnesi
