// SPDX-License-Identifier: BSD-3-Clause
// A graph in which extents that were found equal are one, also in nodes made before that was known, so that
// nodes which have come to be the same are one node.
//   vec<int> place; graph s = settled(g, place);   // node id of g is place[id] of s
#pragma once

#include "agnesi/ir/graph.hpp"

namespace agnesi {

namespace detail {

// What every dim formula of `in` is in `out`.
constexpr vec<dim> settled_dims(const graph& in, graph& out) {
  const vec<dim_formula>& all = in.shapes.formulas;
  vec<dim> to;
  to.reserve(all.size());
  const auto mapped = [&](dim d) { return d >= 0 ? d : to[static_cast<int>(-1 - d)]; };
  for (int k = 0; k < all.size(); ++k) {
    const dim own = -1 - k, found = in.shapes.find(own);
    const dim_formula f = all[k];
    if (found != own) to.push_back(mapped(found));  // a number, or an older formula
    else if (f.op == dim_op::input_extent || f.op == dim_op::input_value)
      to.push_back(out.shapes.formula(f.op, f.a, f.b));
    else
      to.push_back(out.shapes.formula(f.op, mapped(f.a), mapped(f.b)));
  }
  return to;
}

}  // namespace detail

// Literals and other constants are no longer told apart: element types are settled as well.
constexpr graph settled(const graph& in, vec<int>& place) {
  graph out;
  out.symbols = in.symbols;
  out.chars = in.chars;
  out.failure = in.failure;
  const vec<dim> to = detail::settled_dims(in, out);
  const auto mapped = [&](dim d) { return d >= 0 ? d : to[static_cast<int>(-1 - d)]; };
  vec<int> shapes(in.shapes.records.size(), -1);
  place = vec<int>(in.size(), -1);
  for (int id = 0; id < in.size(); ++id) {
    const node& n = in[id];
    if (shapes[n.shape] < 0) {
      dim extents[max_rank]{};
      for (int k = 0; k < in.rank(id); ++k) extents[k] = mapped(in.extent(id, k));
      shapes[n.shape] = out.shapes.shape(extents, in.rank(id));
    }
    int args[16] = {};
    for (int k = 0; k < n.n_args; ++k) args[k] = place[in.arg(id, k)];
    if (n.op->first_wins && args[0] > args[1]) {
      const int last = args[0];
      args[0] = args[1];
      args[1] = last;
    }
    std::int64_t attrs[32] = {};
    for (int k = 0; k < n.n_attrs; ++k)
      attrs[k] = (n.op->dim_attrs >> k & 1u) != 0 ? mapped(in.attr(id, k)) : in.attr(id, k);
    place[id] = out.intern(*n.op, args, n.n_args, attrs, n.n_attrs, n.type, shapes[n.shape]);
  }
  for (symbol_record& s : out.symbols)
    if (s.node >= 0) s.node = place[s.node];
  for (shape_check c : in.checks) {
    c.a = mapped(c.a);
    c.b = mapped(c.b);
    if (c.lhs >= 0) c.lhs = place[c.lhs];
    if (c.rhs >= 0) c.rhs = place[c.rhs];
    out.checks.push_back(c);
  }
  return out;
}

}  // namespace agnesi
