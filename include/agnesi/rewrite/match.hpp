// SPDX-License-Identifier: BSD-3-Clause
// Whether the left side of a rule fits at a node, and what its wildcards stand for then.
//   matcher m(g, flags); if (m.fits(r, op, args, n)) m.bound[0];
// Operands of commutative operations are tried in both orders.
#pragma once

#include "agnesi/rewrite/facts.hpp"
#include "agnesi/rewrite/rule.hpp"

namespace agnesi {

// What the rewriter knows of a node beside the node itself.
enum node_flag : unsigned char {
  shared_node = 1,  // read more than once: taken apart only where that costs nothing
  pinned_node = 2,  // a gradient is asked for with respect to it: stays as it is
  risky_node = 4,   // contains an index that is checked when it is computed: cannot be left out
  canonical_node = 8,  // of a sum or product in canonical form
};

class matcher {
 public:
  int bound[patterns::n_wildcards] = {};
  std::int64_t axes = -1;       // of the rule's reductions
  std::int64_t kept_axes = -1;  // what brought them back; -1 for nothing

  constexpr matcher(const graph& g, const vec<unsigned char>& flags) : g_(g), flags_(flags) {}

  // At an operation applied to these operands, whether or not there is a node of it.
  constexpr bool fits(const rule& r, const int* args, int n, bool ieee) {
    if (ieee && r.when.not_ieee) return false;
    const pattern_node& root = r.lhs.nodes[r.lhs.root()];
    const bool both = root.op->commutative && n == 2 && args[0] != args[1];
    rule_ = &r;
    for (int order = 0; order < (both ? 2 : 1); ++order) {
      const int first = order == 0 ? args[0] : args[1], second = n < 2 ? -1 : order == 0 ? args[1] : args[0];
      if (!may_fit(root.args[0], first) || (n > 1 && !may_fit(root.args[1], second))) continue;
      const int ways = 1 << r.swaps;
      for (way_ = 0; way_ < ways; ++way_) {
        for (int& b : bound) b = -1;
        axes = kept_axes = -1;
        used_ = 0;
        if (fit(root.args[0], first) && (n < 2 || fit(root.args[1], second)) && (n < 3 || fit(root.args[2], args[2])) &&
            holds(r.when))
          return true;
        if (used_ == 0) break;  // no commutative operation was reached: the other ways are the same
      }
    }
    return false;
  }

 private:
  const graph& g_;
  const vec<unsigned char>& flags_;
  const rule* rule_ = nullptr;
  int way_ = 0;   // bit k: the k-th commutative operation met is taken in the other order
  int used_ = 0;  // how many were met

  constexpr bool may_fit(int p, int id) const {
    const pattern_node& n = rule_->lhs.nodes[p];
    return n.what != pattern_node::operation || n.op == g_[id].op || n.op == &info<op::along>;
  }
  constexpr bool fit(int p, int id) {
    const pattern_node& n = rule_->lhs.nodes[p];
    if (n.what == pattern_node::operation) return n.op == g_[id].op ? fit_operation(n, id) : fit_along(n, id);
    if (n.what == pattern_node::literal_number) return is_constant(g_, id, n.value);
    if (n.what == pattern_node::any_constant && !is_constant(g_, id)) return false;
    int& b = bound[static_cast<int>(n.args[0])];
    if (b < 0) b = id;
    return b == id;
  }
  constexpr bool fit_operation(const pattern_node& n, int id) {
    const node& m = g_[id];
    if (id < flags_.size() && (flags_[id] & pinned_node) != 0) return false;
    if (n.fixed) {
      if (m.n_attrs != 1 || g_.attr(id, 0) != static_cast<std::int64_t>(n.value)) return false;
    } else if (m.op->kind == op_kind::reduce) {
      if (axes >= 0 && axes != g_.attr(id, 0)) return false;
      axes = g_.attr(id, 0);
    }
    if (m.n_args == 2 && m.op->commutative) {
      const int swap = way_ >> used_++ & 1;
      return fit(n.args[0], g_.arg(id, swap)) && fit(n.args[1], g_.arg(id, 1 - swap));
    }
    for (int k = 0; k < m.n_args && k < 3; ++k)
      if (!fit(n.args[k], g_.arg(id, k))) return false;
    return true;
  }
  // A reduced tensor aligned with what it was reduced from: the axes kept, or gone from the front.
  constexpr bool fit_along(const pattern_node& n, int id) {
    if (n.op != &info<op::along>) return false;
    const bool kept = g_.is(id, info<op::expand_dims>);
    if (!fit(n.args[0], kept ? g_.arg(id, 0) : id)) return false;
    kept_axes = kept ? g_.attr(id, 0) : -1;
    return kept ? kept_axes == axes : (axes & (axes + 1)) == 0;
  }

  constexpr bool holds(const guard& when) const {
    for (int k = 0; k < when.n; ++k)
      if (!holds(when.items[k].known, bound[static_cast<int>(when.items[k].wildcard)])) return false;
    return true;
  }
  constexpr bool holds(fact f, int id) const {
    switch (f) {
      case fact::nonzero: return !is_constant(g_, id, 0);
      case fact::positive: return sign_of(g_, id) == values::positive;
      case fact::nonnegative: return at_least_zero(sign_of(g_, id));
      case fact::below_zero: return sign_of(g_, id) == values::negative;
      case fact::floating: return is_float(g_.type(id));
      case fact::whole: {
        if (!is_constant(g_, id)) return false;
        const double n = number(value_of(g_, id));
        return n > -512 && n < 512 && static_cast<double>(static_cast<int>(n)) == n;
      }
      case fact::scalar: return g_.rank(id) == 0;
      case fact::single_use: return id >= flags_.size() || (flags_[id] & shared_node) == 0;
    }
    return false;
  }
};

}  // namespace agnesi
