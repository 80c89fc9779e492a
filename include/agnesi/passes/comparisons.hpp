// SPDX-License-Identifier: BSD-3-Clause
// Extents held against numbers that they are never below.
//   dim<0>(x) < 0 -> false;  2 * dim<0>(x) + 1 > 0 -> true;  maximum(dim<0>(x), 0) -> dim<0>(x)
// Each of them takes a comparison away.
#pragma once

#include "agnesi/rewrite/rewriter.hpp"

namespace agnesi {

namespace detail {

// Made of extents and numbers that are not below zero by sums and products: never below zero, and no NaN.
constexpr bool is_count(const graph& g, int id, int depth = 4) {
  id = stripped(g, id);
  const op_info* op = g[id].op;
  if (op == &info<op::extent>) return true;
  if (op == &info<op::constant>) return number(value_of(g, id)) >= 0;
  return (op == &info<op::add> || op == &info<op::mul>) && depth > 0 && is_count(g, g.arg(id, 0), depth - 1) &&
         is_count(g, g.arg(id, 1), depth - 1);
}

}  // namespace detail

constexpr int compared_extent(rewriter& w, int id) {
  const op_info* op = w[id].op;
  const int a = stripped(w, w.arg(id, 0)), b = stripped(w, w.arg(id, 1));
  const bool turned = is_constant(w, a);  // 0 > n for n < 0
  const int count = turned ? b : a, limit = turned ? a : b;
  if (!is_constant(w, limit) || is_constant(w, count) || !detail::is_count(w, count)) return -1;
  const double v = number(value_of(w, limit));
  if (!(v <= 0)) return -1;
  if (op == &info<op::maximum>) return count;
  if (op == &info<op::minimum>) return limit;
  const bool above = v < 0 || sign_of(w, count) == values::positive;
  const bool less = op == (turned ? &info<op::greater> : &info<op::less>);
  const bool greater_equal = op == (turned ? &info<op::less_equal> : &info<op::greater_equal>);
  if (!less && !greater_equal && !above) return -1;
  const bool holds = greater_equal || op == (turned ? &info<op::less> : &info<op::greater>) || op == &info<op::not_equal>;
  return constant_of(w, holds ? 1 : 0, dtype::boolean);
}

}  // namespace agnesi
