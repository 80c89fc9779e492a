// SPDX-License-Identifier: BSD-3-Clause
// How nodes whose shape is their own are written into a formula's type when a graph is turned back into one:
// the extents as small formulas in prefix form, whose inputs are further arguments of the node.
//   attrs: marker, number of arguments proper, numbers kept as they are, then the extents
#pragma once

#include "agnesi/ir/graph.hpp"
#include "agnesi/ir/leaf.hpp"

namespace agnesi::dim_code {

inline constexpr std::int64_t marker = std::int64_t{1} << 61;

// A dim in prefix form: 0 n for a number, 1 a k for axis k of argument a, 2 a for the value of argument a,
// else 3 + operation and both operands.
constexpr void write(const graph& g, dim d, vec<std::int64_t>& out, vec<int>& inputs) {
  d = g.shapes.find(d);
  if (d >= 0) {
    out.push_back(0);
    out.push_back(d);
    return;
  }
  const dim_formula f = g.shapes.formulas[static_cast<int>(-1 - d)];
  if (f.op == dim_op::input_extent || f.op == dim_op::input_value) {
    const int node = g.symbols[static_cast<int>(f.a)].node;
    int at = 0;
    while (at < inputs.size() && inputs[at] != node) ++at;
    if (at == inputs.size()) inputs.push_back(node);
    out.push_back(f.op == dim_op::input_extent ? 1 : 2);
    out.push_back(at);
    if (f.op == dim_op::input_extent) out.push_back(f.b);
    return;
  }
  out.push_back(3 + static_cast<std::int64_t>(f.op));
  write(g, f.a, out, inputs);
  write(g, f.b, out, inputs);
}

constexpr dim read(graph& g, const int* inputs, const std::int64_t* attrs, int& at) {
  const std::int64_t tag = attrs[at++];
  if (tag == 0) return attrs[at++];
  if (tag == 1) {
    const int node = inputs[attrs[at++]];
    return g.shapes.find(g.extent(node, static_cast<int>(attrs[at++])));
  }
  if (tag == 2) return g.shapes.formula(dim_op::input_value, g.attr(inputs[attrs[at++]], 0), 0);
  const dim a = read(g, inputs, attrs, at), b = read(g, inputs, attrs, at);
  return g.shapes.formula(static_cast<dim_op>(tag - 3), a, b);
}

// The node that `attrs` describe: marker, number of proper arguments, element type, number of plain
// attributes and these, whether attr 1 or attr 0 is a dim (-1: none) and that dim, rank, extents.
constexpr int decode(graph& g, const op_info& op, const int* args, const std::int64_t* attrs) {
  int at = 1;
  const int n = static_cast<int>(attrs[at++]);
  const auto type = static_cast<dtype>(attrs[at++]);
  const int n_plain = static_cast<int>(attrs[at++]);
  std::int64_t plain[8] = {};
  for (int k = 0; k < n_plain; ++k) plain[k] = attrs[at++];
  const std::int64_t dim_attr = attrs[at++];
  if (dim_attr >= 0) plain[dim_attr] = read(g, args + n, attrs, at);
  const int rank = static_cast<int>(attrs[at++]);
  dim extents[max_rank]{};
  for (int k = 0; k < rank; ++k) extents[k] = read(g, args + n, attrs, at);
  return g.intern(op, args, n, plain, n_plain, type, g.shapes.shape(extents, rank));
}

}  // namespace agnesi::dim_code
