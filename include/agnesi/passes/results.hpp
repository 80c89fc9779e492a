// SPDX-License-Identifier: BSD-3-Clause
// Gives every result of a function a node, and so memory, of its own.
//   f(x) = x, x[0], 2 → three nodes that return their arguments
#pragma once

#include "agnesi/ir/copy.hpp"
#include "agnesi/passes/schedule.hpp"

namespace agnesi {

// What is an input, a constant, a view or a result already is copied by a
// node that returns its argument.
constexpr graph with_results_stored(const graph& in) {
  graph g = continued(in);
  const int root = in.size() - 1;
  const vec<bool> live = live_nodes(in, root);
  vec<int> place(in.size(), -1);
  for (int id = 0; id < root; ++id)
    if (live[id] || in.is(id, info<op::input>)) place[id] = copy_node(g, in, id, place);
  vec<int> results;
  for (int k = 0; k < in[root].n_args; ++k) {
    int r = place[in.arg(root, k)];
    if (g[r].op->kind == op_kind::leaf || g.is(r, info<op::iota>) || is_view(g, r) || results.contains(r)) {
      const std::int64_t attr = k;
      r = g.intern(info<op::stop_gradient>, &r, 1, &attr, 1, g.type(r), g.shape(r));
    }
    results.push_back(r);
  }
  g.intern(info<op::outputs>, results.begin(), results.size(), nullptr, 0, dtype::none, 0);
  for (int s = 0; s < g.symbols.size(); ++s)
    if (g.symbols[s].node >= 0) g.symbols[s].node = place[g.symbols[s].node];
  return g;
}

}  // namespace agnesi
