// SPDX-License-Identifier: BSD-3-Clause
// From a formula's type to its graph.
//   graph g; int root = lower(g, formula);
#pragma once

#include "agnesi/expr/expr.hpp"
#include "agnesi/expr/dim_code.hpp"
#include "agnesi/ir/universe.hpp"

namespace agnesi {

enum class composites : unsigned char { expand, keep };

// A node that stands wherever a symbol is written.
struct given {
  std::string_view name;
  int node = -1;
};

namespace detail {

constexpr int lower_input(graph& g, const code::word* node, const vec<given>& givens) {
  const auto head = static_cast<code::word>(code::attr(node, 0));
  const auto type = static_cast<dtype>(head & 255);
  const int rank = static_cast<int>(head >> 8 & 255), length = static_cast<int>(head >> 16);
  std::int64_t extents[max_rank]{};
  for (int k = 0; k < rank; ++k) extents[k] = code::attr(node, 1 + k);
  char name[128] = {};
  for (int k = 0; k < length; ++k)
    name[k] = static_cast<char>(static_cast<code::word>(code::attr(node, 1 + rank + k / 8)) >> (8 * (k % 8)) & 255);
  for (const given& s : givens)
    if (s.name == std::string_view(name, static_cast<std::size_t>(length)))
      return g.type(s.node) == type && g.rank(s.node) == rank ? s.node : g.fail(mistake::symbol_conflict);
  return add_input(g, {name, static_cast<std::size_t>(length)}, type, extents, rank);
}

// attrs: element type, bits, and a third where the constant is no literal.
constexpr int lower_constant(graph& g, const code::word* node) {
  scalar_value v;
  v.type = static_cast<dtype>(code::attr(node, 0));
  if (is_float(v.type)) v.f = std::bit_cast<double>(code::attr(node, 1));
  else v.i = code::attr(node, 1);
  return make_constant(g, v, code::attrs_of(node[0]) == 2);
}

constexpr int lower_node(graph& g, const universe& u, const code::word* node, const vec<int>& place, composites c,
                         const vec<given>& givens) {
  const int number = code::op_of(node[0]);
  if (number == core_id<op::input>) return lower_input(g, node, givens);
  if (number == core_id<op::constant>) return lower_constant(g, node);
  const op_info& op = *u.op(number);
  const int n = code::args_of(node[0]), n_attrs = code::attrs_of(node[0]);
  code::arg_buffer buffer(n);
  for (int k = 0; k < n; ++k) {
    buffer[k] = place[code::arg(node, k)];
    if (buffer[k] < 0) return -1;
  }
  const int* args = buffer.data();
  std::int64_t attrs[32] = {};
  for (int k = 0; k < n_attrs; ++k) attrs[k] = code::attr(node, k);
  if (dim_code::marks(attrs, n_attrs)) return dim_code::decode(g, op, args, attrs);
  const int id = g.apply(op, args, n, attrs, n_attrs);
  if (c == composites::keep && op.kind == op_kind::composite && id >= 0)
    return g.intern(op, args, n, attrs, n_attrs, g.type(id), g.shape(id), g[id].weak);
  return id;
}

}  // namespace detail

// Appends a list's nodes to the graph and returns the root's; -1, with g.failure set, after a mistake.
constexpr int lower(graph& g, const universe& u, code::list l, composites c = composites::expand,
                    const vec<given>& givens = {}) {
  vec<int> place;
  place.reserve(l.nodes);
  for (int at = 0; at < l.size; at += code::length_of(l.words[at]))
    place.push_back(detail::lower_node(g, u, l.words + at, place, c, givens));
  return place.back();
}

template <class F>
constexpr int lower(graph& g, F, composites c = composites::expand) {
  using formula = formula_of<F>;
  using list = typename formula::list;
  return lower(g, universe_of<typename formula::ops>(), {list::words, list::size, list::nodes, nullptr}, c);
}

}  // namespace agnesi
