// SPDX-License-Identifier: BSD-3-Clause
// Several reductions that one step gives in one sweep of what they reduce.
//   max(x) where argmax(x) is wanted too → the element that the search finds
// Where both are there anyway, and after differentiation, which knows nothing of it.
#pragma once

#include "agnesi/ir/copy.hpp"
#include "agnesi/ops/probability.hpp"

namespace agnesi {

namespace detail {

// Of a maximum (minimum) the search for the place of the largest (smallest) among the same elements, else null.
constexpr const op_info* search_beside(const graph& g, int id) {
  return g.is(id, info<op::max>) ? &info<op::argmax> : g.is(id, info<op::min>) ? &info<op::argmin> : nullptr;
}
constexpr bool has_search(const graph& g, const vec<bool>& live, int id) {
  const op_info* search = search_beside(g, id);
  for (int o = 0; search != nullptr && o < g.size(); ++o)
    if (live[o] && g[o].op == search && g.arg(o, 0) == g.arg(id, 0) && g.attr(o, 0) == g.attr(id, 0)) return true;
  return false;
}

}  // namespace detail

constexpr graph in_one_sweep(const graph& in) {
  bool any = false;
  for (const node& n : in.nodes) any = any || n.op == &info<op::argmax> || n.op == &info<op::argmin>;
  if (!any) return in;
  graph g = continued(in);
  const vec<bool> live = live_nodes(in, in.size() - 1);
  vec<int> place(in.size(), -1);
  for (int id = 0; id < in.size(); ++id) {
    if (!live[id] && !in.is(id, info<op::input>)) continue;
    if (detail::has_search(in, live, id))
      place[id] = g.apply(info<op::found>, g.apply_with(*detail::search_beside(in, id), place[in.arg(id, 0)], in.attr(id, 0)));
    else place[id] = copy_node(g, in, id, place);
  }
  for (int s = 0; s < g.symbols.size(); ++s)
    if (g.symbols[s].node >= 0) g.symbols[s].node = place[g.symbols[s].node];
  return g;
}

}  // namespace agnesi
