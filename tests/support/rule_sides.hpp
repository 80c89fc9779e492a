// SPDX-License-Identifier: BSD-3-Clause
// The two sides of a rewrite rule as a graph, with a symbol for each wildcard:
//   rule_sides s(r, dtype::f32, 100, {2, 3});   s.left, s.right: nodes of s.g
// Every sample is a row; rules with reductions get three columns, which are reduced.
#pragma once

#include <string>

#include "agnesi/ops/structure.hpp"
#include "agnesi/rewrite/rule.hpp"

namespace agnesi::testing {

inline bool requires_fact(const rule& r, fact f, int wildcard) {
  for (int k = 0; k < r.when.n; ++k)
    if (r.when.items[k].known == f && r.when.items[k].wildcard == wildcard) return true;
  return false;
}

class rule_sides {
 public:
  static constexpr int columns = 3;
  struct wildcard {
    int node = -1;
    bool truth = false, scalar = false, beside = false;  // beside: it has the shape of what is reduced
  };
  graph g;
  int left = -1, right = -1;
  wildcard wildcards[patterns::n_wildcards];
  bool reduces = false;

  rule_sides(const rule& r, dtype type, std::int64_t rows, const double (&constants)[2])
      : type_(type), rows_(rows), constants_{constants[0], constants[1]} {
    for (const pattern* p : {&r.lhs, &r.rhs}) find_truths(*p, p->root(), false);
    for (const pattern_node& n : r.lhs.nodes)
      reduces = reduces || (n.what == pattern_node::operation && n.op->kind == op_kind::reduce);
    for (int w = 0; w < patterns::n_wildcards; ++w) {
      wildcards[w].scalar = requires_fact(r, fact::scalar, w);
      wildcards[w].beside = reduces && is_beside_reduction(r.lhs, w);
    }
    left = build(r.lhs, r.lhs.root(), false);
    right = build(r.rhs, r.rhs.root(), left >= 0 && g.type(left) == dtype::boolean);
    if (left >= 0 && right >= 0) right = broadcast_to_shape(g, cast_to(g, right, g.type(left)), g.shape(left));
  }
  bool has_scalars() const {
    bool any = false;
    for (const wildcard& w : wildcards) any = any || (w.node >= 0 && w.scalar);
    return any;
  }

 private:
  dtype type_;
  std::int64_t rows_;
  double constants_[2];

  static bool is_logic(const op_info* o) {
    return o == &info<op::logical_and> || o == &info<op::logical_or> || o == &info<op::logical_not> ||
           o == &info<op::all> || o == &info<op::any>;
  }
  static bool is_truth(const op_info* o, int k, bool of_result) {
    if (o == &info<op::where>) return k == 0 || of_result;
    const bool passes = o->kind == op_kind::movement || o == &info<op::stop_gradient>;
    return is_logic(o) || (passes && of_result);
  }
  void find_truths(const pattern& p, int at, bool truth) {
    const pattern_node& n = p.nodes[at];
    if (n.what == pattern_node::anything) {
      wildcard& w = wildcards[static_cast<int>(n.args[0])];
      w.truth = w.truth || truth;
    } else if (n.what == pattern_node::operation) {
      for (int k = 0; k < 3 && n.args[k] >= 0; ++k) find_truths(p, n.args[k], is_truth(n.op, k, truth));
    }
  }
  // Whether a wildcard stands beside a reduction but never in one: then it has the reduced shape.
  static bool is_beside_reduction(const pattern& p, int which) {
    bool inside[pattern::capacity] = {};
    for (int at = p.root(); at >= 0; --at) {
      const pattern_node& n = p.nodes[at];
      if (n.what == pattern_node::anything && inside[at] && n.args[0] == which) return false;
      if (n.what != pattern_node::operation) continue;
      for (int a : n.args)
        if (a >= 0) inside[a] = inside[at] || n.op->kind == op_kind::reduce || n.op == &info<op::along>;
    }
    return true;
  }

  int number(double v, bool truth) {
    if (truth) return make_constant(g, {dtype::boolean, v != 0, 0});
    return is_whole(v) ? literal(g, static_cast<std::int64_t>(v)) : literal(g, v);
  }
  int build(const pattern& p, int at, bool truth) {
    const pattern_node& n = p.nodes[at];
    if (n.what == pattern_node::literal_number) return number(n.value, truth);
    if (n.what == pattern_node::any_constant) return constant_of(g, constants_[n.args[0] - 4], type_);
    if (n.what == pattern_node::anything) return symbol(static_cast<int>(n.args[0]));
    int args[3] = {};
    int count = 0;
    for (; count < 3 && n.args[count] >= 0; ++count) args[count] = build(p, n.args[count], is_truth(n.op, count, truth));
    if (n.op == &info<op::along>) return g.apply_with(info<op::expand_dims>, args[0], 2);
    if (n.fixed) return g.apply_with(*n.op, args[0], static_cast<std::int64_t>(n.value));
    if (n.op->kind == op_kind::reduce) return g.apply_with(*n.op, args[0], 2);
    return g.apply(*n.op, args, count);
  }
  int symbol(int which) {
    wildcard& w = wildcards[which];
    const std::int64_t extents[] = {rows_, columns};
    const char name[] = {"xyzv"[which]};
    const int rank = w.scalar ? 0 : reduces && !w.beside ? 2 : 1;
    if (w.node < 0) w.node = add_input(g, {name, 1}, w.truth ? dtype::boolean : type_, extents, rank);
    return w.node;
  }
};

}  // namespace agnesi::testing
