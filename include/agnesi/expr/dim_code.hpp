// SPDX-License-Identifier: BSD-3-Clause
// How nodes whose shape is their own are written into a formula's type when a graph is turned back into one.
// A dim is one attribute; what it is computed from follows the node's own arguments: the inputs whose extents
// or values it is, and op::extent nodes for formulas of these, so that their parts are shared as nodes are.
//   attrs: marker, header, the node's attributes, the extents
#pragma once

#include "agnesi/ir/graph.hpp"
#include "agnesi/ir/leaf.hpp"

namespace agnesi::dim_code {

inline constexpr std::int64_t marker = std::int64_t{1} << 61;
inline constexpr std::int64_t formula_marker = marker + 1;

// number << 2, axis of an argument, value of an argument, formula that an argument is.
enum class kind : unsigned char { number, extent, value, formula };
constexpr std::int64_t packed(kind k, std::int64_t payload) { return payload * 4 + static_cast<std::int64_t>(k); }
constexpr std::int64_t packed_extent(std::int64_t arg, std::int64_t axis) {
  return packed(kind::extent, arg * 16 + axis);
}

struct header {
  int n_args = 0;   // the node's own
  int n_attrs = 0;  // the node's own
  int rank = 0;
  dtype type = dtype::f64;
};
constexpr std::int64_t packed(header h) {
  return h.n_args | h.n_attrs << 4 | h.rank << 8 | static_cast<int>(h.type) << 12;
}
constexpr header unpacked(std::int64_t w) {
  return {static_cast<int>(w & 15), static_cast<int>(w >> 4 & 15), static_cast<int>(w >> 8 & 15),
          static_cast<dtype>(w >> 12)};
}

// `args` are those that follow the node's own.
constexpr dim read(graph& g, const int* args, std::int64_t word) {
  const std::int64_t payload = word >> 2;
  switch (static_cast<kind>(word & 3)) {
    case kind::number: return payload;
    case kind::extent: return g.shapes.find(g.extent(args[payload >> 4], static_cast<int>(payload & 15)));
    case kind::value: return g.shapes.formula(dim_op::input_value, g.attr(args[payload], 0), 0);
    default: break;
  }
  const int id = args[payload];
  return is_constant(g, id) ? value_of(g, id).i : g.shapes.find(g.attr(id, 0));
}

// attrs: formula_marker, dim_op, both operands. The node is an integer.
constexpr int decode_formula(graph& g, const int* args, const std::int64_t* attrs) {
  const dim a = read(g, args, attrs[2]), b = read(g, args, attrs[3]);
  return extent_value(g, g.shapes.formula(static_cast<dim_op>(attrs[1]), a, b), dtype::i64);
}

constexpr int decode_node(graph& g, const op_info& op, const int* args, const std::int64_t* attrs) {
  const header h = unpacked(attrs[1]);
  std::int64_t own[16] = {};
  for (int k = 0; k < h.n_attrs; ++k)
    own[k] = (op.dim_attrs >> k & 1u) != 0 ? read(g, args + h.n_args, attrs[2 + k]) : attrs[2 + k];
  if (op.number == core_id<op::extent>) return extent_value(g, own[0], h.type);
  dim extents[max_rank]{};
  for (int k = 0; k < h.rank; ++k) extents[k] = read(g, args + h.n_args, attrs[2 + h.n_attrs + k]);
  return g.intern(op, args, h.n_args, own, h.n_attrs, h.type, g.shapes.shape(extents, h.rank));
}

// Whether attributes are written so, and the node that they describe.
constexpr bool marks(const std::int64_t* attrs, int n) {
  return n > 1 && (attrs[0] == marker || attrs[0] == formula_marker);
}
constexpr int decode(graph& g, const op_info& op, const int* args, const std::int64_t* attrs) {
  return attrs[0] == marker ? decode_node(g, op, args, attrs) : decode_formula(g, args, attrs);
}

}  // namespace agnesi::dim_code
