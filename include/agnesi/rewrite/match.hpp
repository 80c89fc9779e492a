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
  kept_whole_node = 16,  // left as it is only because it is shared: once it is not, there is more to do
  met_node = 32,  // shared, and met again as a part of a sum or product that was not made of it
};

// What a rule's wildcards stand for.
struct match {
  int bound[patterns::n_wildcards] = {};
  std::int64_t axes = -1;       // of the rule's reductions
  std::int64_t kept_axes = -1;  // what brought them back; -1 for nothing
};

// Constant evaluation counts statements, so nodes are read through plain pointers here; matching makes none.
class matcher : public match {
 public:
  constexpr matcher(const graph& g, vec<unsigned char>& flags)
      : g_(g), flags_(flags.begin()), n_flags_(flags.size()), nodes_(g.nodes.begin()), args_(g.arg_pool.begin()) {}

  // At an operation applied to these operands, whether or not there is a node of it.
  constexpr bool fits(const rule& r, const int* args, int n, bool ieee) {
    if (ieee && r.when.not_ieee) return false;
    return fits_in_order(r, args[0], n > 1 ? args[1] : -1, n > 2 ? args[2] : -1) ||
           (n == 2 && args[0] != args[1] && r.lhs.nodes[r.lhs.size - 1].op->commutative &&
            fits_in_order(r, args[1], args[0], -1));
  }

 private:
  const graph& g_;
  unsigned char* flags_;
  int n_flags_;
  const node* nodes_;
  const int* args_;
  const pattern_node* pattern_ = nullptr;
  int way_ = 0;   // bit k: the k-th commutative operation met is taken in the other order
  int used_ = 0;  // how many were met

  constexpr bool fits_in_order(const rule& r, int a, int b, int c) {
    pattern_ = r.lhs.nodes;
    const pattern_node& root = pattern_[r.lhs.size - 1];
    const pattern_node &p = pattern_[root.args[0]], &q = pattern_[b < 0 ? root.args[0] : root.args[1]];
    if ((p.op != nullptr && p.op != nodes_[a].op && p.op != &info<op::along>) ||
        (b >= 0 && q.op != nullptr && q.op != nodes_[b].op && q.op != &info<op::along>))
      return false;
    for (way_ = 0; way_ < 1 << r.swaps; ++way_) {
      bound[0] = bound[1] = bound[2] = bound[3] = bound[4] = bound[5] = bound[6] = -1;
      axes = kept_axes = -1;
      used_ = 0;
      if (fit(root.args[0], a) && (b < 0 || fit(root.args[1], b)) && (c < 0 || fit(root.args[2], c)) && holds(r.when))
        return true;
      if (used_ == 0) return false;  // no commutative operation was reached: the other ways are the same
    }
    return false;
  }
  constexpr bool fit(int p, int id) {
    const pattern_node& n = pattern_[p];
    if (n.what == pattern_node::operation) return n.op == nodes_[id].op ? fit_operation(n, id) : fit_along(n, id);
    if (n.what == pattern_node::literal_number)
      return nodes_[id].op == &info<op::constant> && number(value_of(g_, id)) == n.value;
    if (n.what == pattern_node::any_constant && nodes_[id].op != &info<op::constant>) return false;
    int& b = bound[static_cast<int>(n.args[0])];
    if (b < 0) b = id;
    return b == id;
  }
  constexpr bool fit_operation(const pattern_node& n, int id) {
    const node& m = nodes_[id];
    const int* const args = args_ + m.first_arg;
    if (id < n_flags_ && (flags_[id] & pinned_node) != 0) return false;
    if (n.fixed) {
      if (m.n_attrs != 1 || g_.attr(id, 0) != static_cast<std::int64_t>(n.value)) return false;
    } else if (m.op->kind == op_kind::reduce) {
      if (axes >= 0 && axes != g_.attr(id, 0)) return false;
      axes = g_.attr(id, 0);
    }
    if (m.n_args == 2 && m.op->commutative) {
      const int swap = way_ >> used_++ & 1;
      return fit(n.args[0], args[swap]) && fit(n.args[1], args[1 - swap]);
    }
    return fit(n.args[0], args[0]) && (m.n_args < 2 || fit(n.args[1], args[1])) &&
           (m.n_args < 3 || fit(n.args[2], args[2]));
  }
  // A reduced tensor aligned with what it was reduced from: the axes kept, or gone from the front.
  constexpr bool fit_along(const pattern_node& n, int id) {
    if (n.op != &info<op::along>) return false;
    const bool kept = nodes_[id].op == &info<op::expand_dims>;
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
      case fact::discrete: return !is_float(g_.type(id));
      case fact::has_sign: return has_sign(g_.type(id));
      case fact::unbounded: return !is_made_of_extents(g_, id);
      case fact::whole: {
        if (!is_constant(g_, id)) return false;
        return is_whole(number(value_of(g_, id)));
      }
      case fact::scalar: return g_.rank(id) == 0;
      case fact::tensor: return g_.rank(id) > 0;
      case fact::single_use:
        if (id >= n_flags_ || (flags_[id] & shared_node) == 0) return true;
        flags_[id] |= kept_whole_node;
        return false;
    }
    return false;
  }
};

}  // namespace agnesi
