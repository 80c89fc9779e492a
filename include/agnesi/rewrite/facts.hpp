// SPDX-License-Identifier: BSD-3-Clause
// What can be told of a node from the formula alone: the sign of its values, in exact arithmetic, what it was repeated
// from, and whether its indices are in range.
//   sign_of(g, exp(x)) == values::positive
#pragma once

#include "agnesi/ops/probability.hpp"

namespace agnesi {

enum class values : signed char { unknown, positive, nonnegative, negative, nonpositive };

constexpr values negated(values s) {
  switch (s) {
    case values::positive: return values::negative;
    case values::nonnegative: return values::nonpositive;
    case values::negative: return values::positive;
    case values::nonpositive: return values::nonnegative;
    default: return values::unknown;
  }
}
constexpr bool at_least_zero(values s) { return s == values::positive || s == values::nonnegative; }
constexpr bool at_most_zero(values s) { return s == values::negative || s == values::nonpositive; }
constexpr values sum_of(values a, values b) {
  if (at_least_zero(a) && at_least_zero(b))
    return a == values::positive || b == values::positive ? values::positive : values::nonnegative;
  if (at_most_zero(a) && at_most_zero(b))
    return a == values::negative || b == values::negative ? values::negative : values::nonpositive;
  return values::unknown;
}
constexpr values product_of(values a, values b) {
  if (a == values::unknown || b == values::unknown) return values::unknown;
  const auto strict = [](values v) { return v == values::positive || v == values::negative; };
  const values r = strict(a) && strict(b) ? values::positive : values::nonnegative;
  return at_most_zero(a) != at_most_zero(b) ? negated(r) : r;
}

constexpr values sign_of(const graph& g, int id, int depth = 4) {
  const op_info* op = g[id].op;
  if (is_constant(g, id)) {
    const double n = number(value_of(g, id));
    return n > 0 ? values::positive : n < 0 ? values::negative : n == 0 ? values::nonnegative : values::unknown;
  }
  if (op == &info<op::exp> || op == &info<op::sigmoid> || op == &info<op::softplus> || op == &info<op::erfc> ||
      op == &info<op::erfcx>)
    return values::positive;
  if (op == &info<op::sqr> || op == &info<op::abs> || op == &info<op::sqrt> || op == &info<op::relu> ||
      op == &info<op::extent>)
    return values::nonnegative;
  if (op == &info<op::log1mexp>) return values::negative;
  if (depth == 0 || g[id].n_args == 0) return values::unknown;
  const auto of = [&](int k) { return sign_of(g, g.arg(id, k), depth - 1); };
  if (op == &info<op::neg>) return negated(of(0));
  if (op == &info<op::add>) return sum_of(of(0), of(1));
  if (op == &info<op::sub>) return sum_of(of(0), negated(of(1)));
  if (op == &info<op::mul> || op == &info<op::div>) return product_of(of(0), of(1));
  if (op == &info<op::sum>) {  // of no elements, zero
    const values s = of(0);
    return s == values::positive ? values::nonnegative : s == values::negative ? values::nonpositive : s;
  }
  if (op == &info<op::maximum> || op == &info<op::minimum>) {
    const values s = op == &info<op::maximum> ? of(0) : negated(of(0)), t = op == &info<op::maximum> ? of(1) : negated(of(1));
    const values r = s == values::positive || t == values::positive ? values::positive
                     : at_least_zero(s) || at_least_zero(t)         ? values::nonnegative
                     : s == t                                       ? s
                                                                    : values::unknown;
    return op == &info<op::maximum> ? r : negated(r);
  }
  if (op == &info<op::where>) {
    const values s = of(1);
    return s == of(2) ? s : at_least_zero(s) && at_least_zero(of(2)) ? values::nonnegative : values::unknown;
  }
  if (op == &info<op::pow>) return of(0) == values::positive ? values::positive : values::unknown;
  if (op == &info<op::prod>) return at_least_zero(of(0)) ? of(0) : values::unknown;
  if (op == &info<op::max> || op == &info<op::min> || op->kind == op_kind::movement) return of(0);
  return values::unknown;
}

// The operand itself where it was only repeated to a larger shape, which what it is combined with has anyway.
constexpr int stripped(const graph& g, int id) {
  const node* const nodes = g.nodes.begin();
  const int* const args = g.arg_pool.begin();
  for (;;) {
    const node& n = nodes[id];
    if (n.op == &info<op::expand_dims>) {
      const std::int64_t axes = g.attr(id, 0);
      if (g.rank(args[n.first_arg]) != 0 && (axes & (axes + 1)) != 0) return id;
    } else if (n.op != &info<op::broadcast>) {
      return id;
    }
    id = args[n.first_arg];
  }
}

// A number, an extent, or made of these by products: of what is known to be finite.
constexpr bool is_made_of_extents(const graph& g, int id, int depth = 4) {
  id = stripped(g, id);
  const op_info* op = g[id].op;
  if (op == &info<op::constant> || op == &info<op::extent>) return true;
  if (op == &info<op::sqr>) return depth > 0 && is_made_of_extents(g, g.arg(id, 0), depth - 1);
  return (op == &info<op::mul> || op == &info<op::div>) && depth > 0 && is_made_of_extents(g, g.arg(id, 0), depth - 1) &&
         is_made_of_extents(g, g.arg(id, 1), depth - 1);
}

// Whether a <= b for all extents that the inputs can have. What is subtracted never makes an extent larger.
constexpr bool at_most(const shape_table& s, dim a, dim b, int depth = 3) {
  a = s.find(a);
  b = s.find(b);
  if (a == b || a == 0) return true;
  if (a >= 0 || depth == 0) return a >= 0 && b >= 0 && a <= b;
  const dim_formula f = s.formulas[static_cast<int>(-1 - a)];
  if (f.op == dim_op::min) return at_most(s, f.a, b, depth - 1) || at_most(s, f.b, b, depth - 1);
  if (f.op == dim_op::sub) return at_most(s, f.a, b, depth - 1);
  return f.op == dim_op::floor_div && s.find(f.b) > 0 && at_most(s, f.a, b, depth - 1);
}

// The one number of a vector of integers of extent 1 that is known to the compiler.
constexpr bool is_known_place(const graph& g, int ids, std::int64_t& place) {
  if (g.shapes.find(g.extent(ids, 0)) != 1) return false;
  const int number = g.is(ids, info<op::expand_dims>) || g.is(ids, info<op::broadcast>) ? g.arg(ids, 0) : ids;
  if (!is_constant(g, number)) return false;
  place = value_of(g, number).i;
  return true;
}
// Whether a vector of integers names no place that an axis does not have, so that none need be checked at the call.
constexpr bool are_in_range(const graph& g, int ids, dim extent) {
  const dim n = g.shapes.find(extent);
  if (g.is(ids, info<op::iota>)) return at_most(g.shapes, g.extent(ids, 0), n);
  std::int64_t place = 0;
  return n > 0 && is_known_place(g, ids, place) && place >= -n && place < n;
}
constexpr bool is_index_checked(const graph& g, int id) {
  const op_info* op = g[id].op;
  if (op == &info<op::take> || op == &info<op::put_take>)
    return !are_in_range(g, g.arg(id, 1), g.extent(g.arg(id, 0), static_cast<int>(g.attr(id, 0))));
  if (op != &info<op::take_pairs> && op != &info<op::put_pairs>) return false;
  const int x = g.arg(id, 0);
  return !are_in_range(g, g.arg(id, 1), g.extent(x, 0)) || !are_in_range(g, g.arg(id, 2), g.extent(x, 1));
}

}  // namespace agnesi
