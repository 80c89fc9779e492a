// SPDX-License-Identifier: BSD-3-Clause
// Gives every result of a function a node, and so memory, of its own.
//   f(x) = x, x[0], 2 → three nodes that return their arguments
#pragma once

#include "agnesi/ir/copy.hpp"
#include "agnesi/passes/groups.hpp"

namespace agnesi {

namespace detail {

// The counts 0, 1, 2, ... that something reads in memory; as an index they need none.
constexpr vec<bool> counts_in_memory(const graph& g, const vec<bool>& live) {
  vec<bool> needed(g.size(), false);
  for (int id = g.size() - 1; id-- > 0;) {
    if (!live[id] || g[id].n_args == 0 || is_elementwise(g, id) || is_loop_reduction(g, id)) continue;
    const bool view = is_view(g, id) && !g.is(id, info<op::slice>);
    const bool looks_up = g[id].op->kind == op_kind::index && !g.is(id, info<op::slice>) && !g.is(id, info<op::put_slice>);
    const int last_index = g[id].n_args - (is_put_node(g, id) ? 2 : 1);
    for (int k = 0; k < g[id].n_args; ++k) {
      const int arg = g.arg(id, k);
      const bool as_index = looks_up && k > 0 && k <= last_index && g.is(arg, info<op::iota>);
      if (view ? needed[id] : !as_index) needed[arg] = true;
    }
  }
  return needed;
}

}  // namespace detail

// What is an input, a constant, a view, a reshape (which may be a view) or a result already is copied by a node that
// returns its argument, as are counts that a step reads.
constexpr graph with_results_stored(const graph& in) {
  graph g = continued(in);
  const int root = in.size() - 1;
  const vec<bool> live = live_nodes(in, root), counts = detail::counts_in_memory(in, live);
  vec<int> place(in.size(), -1);
  const auto copied = [&g](int id, std::int64_t attr) {
    return g.intern(info<op::stop_gradient>, &id, 1, &attr, 1, g.type(id), g.shape(id));
  };
  for (int id = 0; id < root; ++id) {
    if (!live[id] && !in.is(id, info<op::input>)) continue;
    place[id] = copy_node(g, in, id, place);
    if (in.is(id, info<op::iota>) && counts[id]) place[id] = copied(place[id], -1);
  }
  vec<int> results;
  for (int k = 0; k < in[root].n_args; ++k) {
    int r = place[in.arg(root, k)];
    if (g[r].op->kind == op_kind::leaf || g.is(r, info<op::iota>) || is_view(g, r) || g.is(r, info<op::reshape>) ||
        results.contains(r))
      r = copied(r, k);
    results.push_back(r);
  }
  g.intern(info<op::outputs>, results.begin(), results.size(), nullptr, 0, dtype::none, 0);
  for (int s = 0; s < g.symbols.size(); ++s)
    if (g.symbols[s].node >= 0) g.symbols[s].node = place[g.symbols[s].node];
  return g;
}

}  // namespace agnesi
