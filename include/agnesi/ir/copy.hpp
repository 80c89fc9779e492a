// SPDX-License-Identifier: BSD-3-Clause
// Moves nodes from one graph to another: the start of every pass that builds its result anew.
//   graph out = continued(in);  vec<int> place = ...;  place[id] = copy_node(out, in, id, place);
#pragma once

#include "agnesi/ir/graph.hpp"

namespace agnesi {

// An empty graph with the symbols, extents and checks of another, so that shapes keep their numbers. The checks' operands
// would be nodes of the other one.
constexpr graph continued(const graph& in) {
  graph out;
  out.symbols = in.symbols;
  out.chars = in.chars;
  out.shapes = in.shapes;
  out.checks = in.checks;
  for (shape_check& c : out.checks) {
    c.lhs = -1;
    c.rhs = c.rhs < 0 ? c.rhs : -1;
  }
  out.failure = in.failure;
  return out;
}

// The same node in another graph, its arguments being where `place` says.
constexpr int copy_node(graph& to, const graph& from, int id, const vec<int>& place) {
  const node& n = from[id];
  int few[4] = {};
  vec<int> many(n.n_args > 4 ? n.n_args : 0);
  int* args = n.n_args > 4 ? many.begin() : few;
  for (int k = 0; k < n.n_args; ++k) args[k] = place[from.arg(id, k)];
  const std::int64_t* attrs = n.n_attrs > 0 ? &from.attr_pool[n.first_attr] : nullptr;
  return to.intern(*n.op, args, n.n_args, attrs, n.n_attrs, n.type, n.shape, n.weak);
}

// Which nodes the root needs.
constexpr vec<bool> live_nodes(const graph& g, int root) {
  vec<bool> live(g.size(), false);
  live[root] = true;
  for (int id = root; id >= 0; --id)
    if (live[id])
      for (int k = 0; k < g[id].n_args; ++k) live[g.arg(id, k)] = true;
  return live;
}

}  // namespace agnesi
