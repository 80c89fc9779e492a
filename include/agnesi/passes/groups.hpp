// SPDX-License-Identifier: BSD-3-Clause
// What scheduling decides, as plain data, and the questions about nodes that it and planning share.
//   fusion f = schedule(g, targets).result();   f.groups[0].loop
#pragma once

#include "agnesi/ir/copy.hpp"
#include "agnesi/ops/index.hpp"
#include "agnesi/ops/probability.hpp"
#include "agnesi/ops/structure.hpp"

namespace agnesi {

// One step in the making: a loop with its roots, or a single node of another kind.
struct group {
  bool loop = false;
  int space = 0;         // the shape a loop runs over
  vec<int> roots;        // stored nodes; for a put, the node whose base the loop prepares
  std::int64_t mask = 0; // the axes its reductions run over
  bool reduces = false;
  int nodes = 0;
};

// What scheduling decides, as plain data.
struct fusion {
  vec<group> groups;
  vec<int> group_of;    // of stored nodes, -1 for others and for inputs
  vec<char> live;       // of nodes: something needs it
  vec<char> stored;     // it has memory of its own (inputs have theirs)
  vec<char> in_place;   // of results: it may be written over the symbol that it updates
  vec<int> handed_on;   // pairs of nodes: the first lies in the memory of the second, an increment that changes it

  // A node's value is at hand in a group without being read from memory.
  constexpr bool computed_in(const graph& g, int id, int group) const;
};

constexpr bool is_view(const graph& g, int id) {
  const op_info* op = g[id].op;
  if (op->kind == op_kind::elementwise) return false;
  return op == &info<op::permute> || op == &info<op::expand_dims> || op == &info<op::squeeze> ||
         op == &info<op::broadcast> || op == &info<op::slice>;
}
constexpr bool is_loop_reduction(const graph& g, int id) {
  if (g[id].op->kind == op_kind::reduce) return !g.is(id, info<op::argmax>) && !g.is(id, info<op::argmin>);
  return g.is(id, info<op::squared_deviations>);
}
constexpr bool is_elementwise(const graph& g, int id) { return g[id].op->kind == op_kind::elementwise; }
// A result that the step of another node, its argument, gives beside that one.
constexpr bool is_second_result(const graph& g, int id) { return g.is(id, info<op::found>) || g.is(id, info<op::summed>); }
// The argument that a node changes and returns: of an increment the tensor, of an accumulating product c.
constexpr int base_of(const graph& g, int id) {
  if (is_put_node(g, id)) return g.arg(id, 0);
  if (g.is(id, info<op::sum_onto>)) return g.arg(id, 1);
  if (g.is(id, info<op::gemm>) && (g.attr(id, 0) & op::gemm::accumulates) != 0) return g.arg(id, g[id].n_args - 1);
  return -1;
}

constexpr bool fusion::computed_in(const graph& g, int id, int group) const {
  return !g.is(id, info<op::input>) && (stored[id] == 0 || (group_of[id] == group && is_elementwise(g, id)));
}

}  // namespace agnesi
