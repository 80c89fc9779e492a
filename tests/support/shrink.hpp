// SPDX-License-Identifier: BSD-3-Clause
// A formula that fails made as small as it still fails, and shown as mathematics:
//   const formula small = shrunk(f, [](const formula& g) { return is_wrong(g); });   described(small)
#pragma once

#include "agnesi/ir/copy.hpp"
#include "agnesi/ir/show.hpp"
#include "support/random_formulas.hpp"

namespace agnesi::testing {

inline int n_live(const formula& f) {
  const vec<bool> live = live_nodes(f.g, f.g.size() - 1);
  int n = f.n_results();
  for (bool l : live) n += l;
  return n;
}

namespace detail {

// The formula with node `id` replaced by an earlier one of the same shape, or by ones.
inline formula with_replaced(const formula& f, int id, int by) {
  formula r = f;
  r.g = continued(f.g);
  vec<int> place(f.g.size(), -1);
  const vec<bool> live = live_nodes(f.g, f.g.size() - 1);
  for (int k = 0; k < f.g.size(); ++k) {
    if (!live[k] && !f.g.is(k, info<op::input>) && k != by) continue;
    if (k == id) place[k] = by >= 0 ? place[by] : broadcast_to_shape(r.g, constant_of(r.g, 1, f.g.type(k)), f.g.shape(k));
    else place[k] = copy_node(r.g, f.g, k, place);
  }
  for (int s = 0; s < r.g.symbols.size(); ++s) r.g.symbols[s].node = place[f.g.symbols[s].node];
  if (!r.g.is(r.g.size() - 1, info<op::outputs>)) r.g = f.g;
  return r;
}
inline formula without_result(const formula& f, int k) {
  formula r = f;
  const int root = f.g.size() - 1;
  std::vector<int> kept;
  for (int i = 0; i < f.n_results(); ++i)
    if (i != k) kept.push_back(f.g.arg(root, i));
  if (k >= f.n_outputs()) r.updated.erase(r.updated.begin() + (k - f.n_outputs()));
  r.g.apply(info<op::outputs>, kept.data(), static_cast<int>(kept.size()));
  return r;
}
inline bool alike(const graph& g, int a, int b) {
  bool equal = g.type(a) == g.type(b) && g.rank(a) == g.rank(b);
  for (int k = 0; k < g.rank(a) && equal; ++k) equal = g.shapes.find(g.extent(a, k)) == g.shapes.find(g.extent(b, k));
  return equal;
}
template <class Wrong>
bool shrink_once(formula& f, Wrong still_wrong) {
  const int size = n_live(f);
  const auto better = [&](const formula& r) {
    if (n_live(r) >= size || !still_wrong(r)) return false;
    f = r;
    return true;
  };
  for (int k = 0; k < f.n_results() && f.n_results() > 1; ++k)
    if (better(without_result(f, k))) return true;
  const vec<bool> live = live_nodes(f.g, f.g.size() - 1);
  for (int id = f.g.size() - 1; id-- > 0;) {
    if (!live[id] || f.g.is(id, info<op::input>)) continue;
    if (f.g[id].n_args > 0 && better(with_replaced(f, id, -1))) return true;
    for (int by = 0; by < id; ++by)
      if ((live[by] || f.g.is(by, info<op::input>)) && alike(f.g, id, by) && better(with_replaced(f, id, by))) return true;
  }
  return false;
}

}  // namespace detail

template <class Wrong>
formula shrunk(formula f, Wrong still_wrong) {
  while (detail::shrink_once(f, still_wrong)) {
  }
  return f;
}

inline std::string described(const formula& f) {
  std::string s = "seed " + std::to_string(f.seed) + ", shrunk";
  s += f.ieee ? ", ieee\n" : "\n";
  const vec<bool> live = live_nodes(f.g, f.g.size() - 1);
  for (int slot = 0; slot < f.g.symbols.size(); ++slot) {
    const int id = f.g.symbols[slot].node;
    if (!live[id]) continue;
    const std::string name(f.g.symbol_name(slot));
    s += name + ": " + std::string(spelled(f.g.type(id))) + "[";
    for (int k = 0; k < f.g.rank(id); ++k)
      s += (k > 0 ? ", " : "") + std::to_string(f.in.at(name).extent(k)) + (f.g.extent(id, k) < 0 ? " dynamic" : "");
    s += "] =";
    for (real v : f.in.at(name).elements) s += " " + std::to_string(static_cast<double>(v));
    s += "\n";
  }
  if (!f.updated.empty()) s += std::to_string(f.n_outputs()) + " outputs, then updates of:";
  for (const std::string& name : f.updated) s += " " + name;
  return s + "\n" + std::string(shown_outputs(f.g).view()) + "\n";
}

}  // namespace agnesi::testing
