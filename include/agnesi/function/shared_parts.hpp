// SPDX-License-Identifier: BSD-3-Clause
// Which parts of some formulas occur more than once and deserve a name of their own, s1 = ...: without names the text
// of formulas that share much, such as z = z + tanh(z) time and again, would be exponentially long.
//   shared_parts(g, w, roots, 4).nodes
#pragma once

#include "agnesi/ir/show.hpp"

namespace agnesi::detail {

class shared_parts {
 public:
  vec<int> nodes;  // in topological order
  int tokens = 0;  // of all the roots, nothing being named; no more than many

  // Products, and parts of at least so many tokens; what the writer has a label for has one.
  shared_parts(const graph& g, const formula_writer& w, const vec<int>& roots, int least) {
    vec<int> uses(g.size(), 0), whole(g.size(), 1), named(g.size(), 1);
    const auto opened = [&](int id) { return !w.has_label(id) || roots.contains(id); };
    for (int r : roots) ++uses[r];
    for (int id = g.size(); id-- > 0;)
      if (uses[id] > 0 && opened(id))
        for (int k = 0; k < g[id].n_args; ++k) ++uses[g.arg(id, k)];
    for (int id = 0; id < g.size(); ++id) {
      if (uses[id] == 0 || !opened(id)) continue;
      for (int k = 0; k < g[id].n_args; ++k) {
        const int a = g.arg(id, k);
        named[id] += uses[a] > 1 ? 1 : named[a];
        whole[id] += whole[a];
      }
      if (whole[id] > many) whole[id] = many;
      const bool worth = named[id] >= least || g[id].op->kind == op_kind::contract;
      if (uses[id] > 1 && worth && g[id].n_args > 0 && !roots.contains(id)) nodes.push_back(id);
    }
    for (int r : roots) tokens += whole[r];
  }

 private:
  static constexpr int many = 1000000;
};

// The first name s1, s2, ... that neither is taken nor a symbol's.
inline text next_name_of_part(const graph& g, int& taken) {
  text name;
  do name = text("s") << ++taken;
  while (g.find_symbol(name.view()) >= 0);
  return name;
}

}  // namespace agnesi::detail
