// SPDX-License-Identifier: BSD-3-Clause
// A graph as text, one numbered node a line, for looking into a failing test:
//   std::puts(agnesi::testing::dump(g).c_str());
#pragma once

#include <string>

#include "agnesi/ops/index.hpp"

namespace agnesi::testing {

inline std::string dump(const graph& g) {
  std::string s;
  for (int id = 0; id < g.size(); ++id) {
    const node& n = g[id];
    s += std::to_string(id) + " = " + std::string(n.op->name);
    if (is_constant(g, id)) s += " " + std::to_string(number(value_of(g, id)));
    else if (g.is(id, info<op::input>)) s += " " + std::string(g.symbol_name(static_cast<int>(g.attr(id, 0))));
    else
      for (int k = 0; k < n.n_attrs; ++k) s += " {" + std::to_string(g.attr(id, k)) + "}";
    for (int k = 0; k < n.n_args; ++k) s += " %" + std::to_string(g.arg(id, k));
    s += " : " + std::string(spelled(n.type)) + "[";
    for (int k = 0; k < g.rank(id); ++k) s += (k > 0 ? ", " : "") + std::to_string(g.extent(id, k));
    s += n.weak ? "] weak\n" : "]\n";
  }
  return s;
}

}  // namespace agnesi::testing
