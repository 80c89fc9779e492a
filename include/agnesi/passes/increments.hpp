// SPDX-License-Identifier: BSD-3-Clause
// Sums, differences and multiples of increments as increments of sums, differences and multiples: what is computed elementwise
// is one loop then, and the increments go into what it writes.
//   a - inc(zeros(i), v) → inc(a(i), -v)      a - s * inc(b(i), v) → inc((a - s * b)(i), -(s * v))
#pragma once

#include "agnesi/ir/copy.hpp"
#include "agnesi/ops/structure.hpp"
#include "agnesi/passes/indexing_writes.hpp"

namespace agnesi::detail {

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

// What is made of sums with increments in a graph.
struct increment_sums {
  graph& g;
  const vec<int>& reads;  // of nodes; those that come after are made on the way
  bool ordered = false;   // sums are not put together in another order

  // The best form of a node that was just made, or the node itself.
  constexpr int best(int id) const {
    if (g[id].op->kind != op_kind::elementwise) return id;
    const int made = of_zeros(id);
    return made != id || ordered ? made : of_sole(id);
  }

 private:
  // The negative of c * x * y / z with a constant c at its left: that of the constant; -1 where
  // there is none, and where the sign can go into a matrix product's factor.
  constexpr int negated_product(int id) const {
    const op_info* op = g[id].op;
    if (is_constant(g, id)) return is_float(g.type(id)) ? negated(id) : -1;
    if ((op != &info<op::mul> && op != &info<op::div>) || g.is(g.arg(id, 1), info<op::dot>)) return -1;
    const int a = negated_product(g.arg(id, 0));
    return a < 0 ? -1 : g.apply(*op, a, g.arg(id, 1));
  }
  // The negative, of constants and what repeats them without a step at run time.
  constexpr int negated(int id) const {
    if (g.is(id, info<op::broadcast>)) return broadcast_to_shape(g, negated(g.arg(id, 0)), g.shape(id));
    if (!is_constant(g, id)) {
      const int product = negated_product(id);
      return product >= 0 ? product : best(g.apply(info<op::neg>, id));
    }
    scalar_value v = value_of(g, id);
    v.f = -v.f;
    v.i = -v.i;
    return make_constant(g, v, g[id].weak);
  }
  // s * v or v / s, for a number s: of a constant repeated, the result repeated.
  constexpr int scaled(const op_info& op, int v, int s) const {
    const int one = stripped(g, v);
    if (is_constant(g, one) && g.type(s) == g.type(v)) {
      const bool times = &op == &info<op::mul>;
      const int number = times && is_constant(g, one, 1) ? s : times ? g.apply(op, s, one) : g.apply(op, one, s);
      return broadcast_to_shape(g, number, g.shape(v));
    }
    return best(&op == &info<op::mul> ? g.apply(op, s, v) : g.apply(op, v, s));
  }

  // The increments of a chain, one after the other, of another base than zeros and by other values.
  template <class Values>
  constexpr int chain_again(int put, int base, Values values) const {
    const int inner = g.arg(put, 0);
    const int from = is_put_into_zeros(g, put) ? (base < 0 ? inner : base) : chain_again(inner, base, values);
    return put_again(g, put, from, values(values_of_put(g, put)));
  }
  // Of increments of zeros, which begin with the other term, however often they are read.
  constexpr int of_zeros(int id) const {
    const op_info* op = g[id].op;
    if (op == &info<op::neg> && g.rank(id) > 0) {
      const int product = negated_product(g.arg(id, 0));
      if (product >= 0) return product;
    }
    const auto same = [](int v) { return v; };
    const auto negative = [this](int v) { return negated(v); };
    if (op == &info<op::neg> && is_chain_from_zeros(g, g.arg(id, 0))) return chain_again(g.arg(id, 0), -1, negative);
    if (g[id].n_args != 2) return id;
    for (int side = 0; side < 2; ++side) {
      const int put = g.arg(id, side), other = g.arg(id, 1 - side);
      if (!is_chain_from_zeros(g, put) || g.shape(put) != g.shape(id)) continue;
      if (op == &info<op::add> && is_put_into_zeros(g, put) && puts_alike(g, put, other))
        return put_again(g, put, g.arg(other, 0), best(g.apply(info<op::add>, values_of_put(g, other), values_of_put(g, put))));
      if (op == &info<op::add>) return chain_again(put, other, same);
      if (op == &info<op::sub>) return side == 1 ? chain_again(put, other, negative) : chain_again(put, negated(other), same);
      if (g.rank(other) == 0 && (op == &info<op::mul> || (op == &info<op::div> && side == 0)))
        return chain_again(put, -1, [&](int v) { return scaled(*op, v, other); });
    }
    return id;
  }

  // An increment of which nothing but the next one reads what it leaves.
  constexpr bool is_sole(int id) const { return is_put_node(g, id) && (id >= reads.size() || reads[id] < 2); }
  // a + b, a - b: of inc(a(i), v) and b it is inc((a + b)(i), v).
  constexpr int sum(const op_info& op, int a, int b, int shape) const {
    for (int side = 0; side < 2; ++side) {
      const int put = side == 0 ? a : b;
      if (!is_sole(put) || g.shape(put) != shape) continue;
      const int inner = g.arg(put, 0), values = values_of_put(g, put);
      const int base = side == 0 ? sum(op, inner, b, shape) : sum(op, a, inner, shape);
      return put_again(g, put, base, side == 1 && &op == &info<op::sub> ? negated(values) : values);
    }
    return g.apply(op, a, b);
  }
  // x * s or x / s for a number s: of a quotient the divisor is multiplied, which may be smaller.
  constexpr int multiple(const op_info& op, int x, int s) const {
    if (is_sole(x)) return put_again(g, x, multiple(op, g.arg(x, 0), s), scaled(op, values_of_put(g, x), s));
    if (&op == &info<op::div> && g.is(x, info<op::div>))
      return g.apply(info<op::div>, g.arg(x, 0), g.apply(info<op::mul>, g.arg(x, 1), s));
    return g.apply(op, x, s);
  }
  constexpr int negative(int x) const {
    return is_sole(x) ? put_again(g, x, negative(g.arg(x, 0)), negated(values_of_put(g, x))) : negated(x);
  }
  // Of increments that nothing else reads.
  constexpr int of_sole(int id) const {
    const node n = g[id];
    const op_info& op = *n.op;
    if (n.n_args == 0 || n.n_args > 2 || g.rank(id) == 0 || !is_float(n.type)) return id;
    const int a = g.arg(id, 0), b = g.arg(id, n.n_args - 1);
    const auto fits = [&](int x) { return is_sole(x) && g.shape(x) == n.shape && g.type(x) == n.type; };
    if (!fits(a) && !fits(b)) return id;
    if (&op == &info<op::neg>) return negative(a);
    if (g.type(a) != g.type(b)) return id;
    if (&op == &info<op::add> || &op == &info<op::sub>) return sum(op, a, b, n.shape);
    if (&op == &info<op::mul> && g.rank(a) == 0) return multiple(op, b, a);
    return (&op == &info<op::mul> || &op == &info<op::div>) && g.rank(b) == 0 ? multiple(op, a, b) : id;
  }
};

}  // namespace agnesi::detail
