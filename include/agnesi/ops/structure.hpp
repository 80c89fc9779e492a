// SPDX-License-Identifier: BSD-3-Clause
// Nodes that shape a graph rather than compute: the list of what a function returns, and a gradient that
// is asked for and not yet taken.
#pragma once

#include "agnesi/expr/apply.hpp"

namespace agnesi::op {

// The root of a graph: its arguments are the function's results, in order.
struct outputs {
  static constexpr op_kind kind = op_kind::special;
  static constexpr int arity = -1;
  static constexpr int build(graph& g, const op_info& i, const int* args, int n, const std::int64_t*, int) {
    return g.intern(i, args, n, nullptr, 0, dtype::none, 0);
  }
  template <class>
  static constexpr void describe(op_info& i) {
    i.build = &build;
  }
};

// d(arg 0) / d(arg 1), of the type of arg 1; attr 0: whether arg 0 need not depend on it.
// It stays one node until the graph is differentiated, so that a gradient costs a formula's type one node.
struct gradient {
  static constexpr op_kind kind = op_kind::special;
  static constexpr int arity = 2;
  static constexpr int build(graph& g, const op_info& i, const int* args, int n, const std::int64_t* attrs, int n_attrs) {
    if (g.rank(args[0]) != 0) return g.fail(mistake::cost_rank);
    if (!is_float(g.type(args[0]))) return g.fail(mistake::cost_dtype);
    if (!is_float(g.type(args[1]))) return g.fail(mistake::wrt_integer);
    return g.intern(i, args, n, attrs, n_attrs, g.type(args[1]), g.shape(args[1]));
  }
  template <class>
  static constexpr void describe(op_info& i) {
    i.build = &build;
  }
};

}  // namespace agnesi::op

namespace agnesi::detail {

// Whether a list of words asks for a gradient.
template <class List>
constexpr bool list_has_gradient() {
  for (int at = 0; at < List::size; at += code::length_of(List::words[at]))
    if (code::op_of(List::words[at]) == core_id<op::gradient>) return true;
  return false;
}

}  // namespace agnesi::detail
