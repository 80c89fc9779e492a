// SPDX-License-Identifier: BSD-3-Clause
// What a formula becomes, for static assertions:
//   static_assert(becomes(x * y / x, y));  static_assert(becomes<phase::all>(softplus(800_c), 800_c));
#pragma once

#include "agnesi/expr/lower.hpp"
#include "agnesi/expr/symbols.hpp"
#include "agnesi/passes/simplify.hpp"

namespace agnesi::testing {

template <class... F>
constexpr graph graph_of_formulas(F... f) {
  graph g;
  const int roots[] = {lower(g, f)...};
  g.apply(info<op::outputs>, roots, static_cast<int>(sizeof...(F)));
  return g;
}

// Structural equality, but for the order of commutative operands and for whether a constant is a literal.
constexpr bool equal_nodes(const graph& a, int i, const graph& b, int j) {
  const node& m = a[i];
  const node& n = b[j];
  if (m.op != n.op || m.n_args != n.n_args || m.type != n.type || a.rank(i) != b.rank(j)) return false;
  if (m.op == &info<op::input>) {
    const auto s = static_cast<int>(a.attr(i, 0)), t = static_cast<int>(b.attr(j, 0));
    return a.symbol_name(s) == b.symbol_name(t);
  }
  if (m.op == &info<op::extent>) return true;
  if (m.n_attrs != n.n_attrs) return false;
  for (int k = 0; k < m.n_attrs; ++k)
    if (a.attr(i, k) != b.attr(j, k) && (a.attr(i, k) >= 0 || b.attr(j, k) >= 0)) return false;  // else extents
  if (m.n_args == 2 && m.op->commutative && equal_nodes(a, a.arg(i, 0), b, b.arg(j, 1)) &&
      equal_nodes(a, a.arg(i, 1), b, b.arg(j, 0)))
    return true;
  for (int k = 0; k < m.n_args; ++k)
    if (!equal_nodes(a, a.arg(i, k), b, b.arg(j, k))) return false;
  return true;
}

template <unsigned Phases = phase::canonicalize | phase::stabilize, class F, class G>
constexpr bool becomes(F f, G g) {
  const graph a = simplified(graph_of_formulas(f), Phases), b = graph_of_formulas(g);
  const int i = a.size() - 1, j = b.size() - 1;
  return a.failure == mistake::none && equal_nodes(a, a.arg(i, 0), b, b.arg(j, 0));
}
template <class F>
constexpr bool stays(F f) {
  return becomes(f, f);
}
// Whether two formulas come to be one node.
template <unsigned Phases = phase::canonicalize | phase::stabilize, class F, class G>
constexpr bool are_one(F f, G g) {
  const graph a = simplified(graph_of_formulas(f, g), Phases);
  return a.arg(a.size() - 1, 0) == a.arg(a.size() - 1, 1);
}

}  // namespace agnesi::testing
