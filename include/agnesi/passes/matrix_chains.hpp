// SPDX-License-Identifier: BSD-3-Clause
// Products of three and more matrices whose best order only the call knows; where it is certain, passes/chains.hpp has
// put them into it.
//   chain_finder(g, terms, targets, true).factors_of(id): dot(dot(A, B), C) → A, B, C
#pragma once

#include "agnesi/passes/linear_terms.hpp"

namespace agnesi {

class chain_finder {
 public:
  constexpr chain_finder(const graph& g, const term_finder& terms, const vec<int>& targets, bool reorders)
      : g_(g), terms_(terms), targets_(targets), reorders_(reorders) {}

  // A product that is an operand of another one, and of nothing else.
  constexpr bool is_link(int id) const {
    return g_.is(id, info<op::dot>) && terms_.uses(id) == 1 && g_.rank(g_.arg(id, 0)) == 2 && g_.rank(g_.arg(id, 1)) == 2;
  }
  // What is updated should be read early: it is left to a step of its own.
  constexpr bool is_chain(int id) const {
    if (!g_.is(id, info<op::dot>) || !reorders_ || !is_float(g_.type(id)) || g_.rank(id) != 2) return false;
    const int a = g_.arg(id, 0), b = g_.arg(id, 1);
    if ((!is_link(a) && !is_link(b)) || g_.rank(a) != 2 || g_.rank(b) != 2) return false;
    bool known = true;
    vec<int> factors;
    collect(id, factors);
    for (int k : factors) {
      int source = k;
      while (g_[source].op->kind == op_kind::movement) source = g_.arg(source, 0);
      if (targets_.contains(source)) return false;
      for (int axis = 0; axis < 2; ++axis) {
        const dim d = g_.shapes.find(g_.extent(k, axis));
        if (d == 1) return false;
        known = known && d >= 0;
      }
    }
    return !known && factors.size() <= gemm_product::max_factors;
  }
  constexpr vec<int> factors_of(int id) const {
    vec<int> factors;
    if (is_chain(id)) {
      collect(id, factors);
    } else {
      factors.push_back(g_.arg(id, 0));
      factors.push_back(g_.arg(id, 1));
    }
    return factors;
  }
  // As many elements as the products of some of the factors take, whatever the order.
  constexpr dim room_of(graph& to, const vec<int>& factors) const {
    dim largest = 0;
    const int n = factors.size();
    for (int lo = 0; lo < n; ++lo)
      for (int hi = lo + 1; hi < n; ++hi)
        if (hi - lo + 1 < n)
          largest = to.shapes.max(largest, to.shapes.mul(g_.extent(factors[lo], 0), g_.extent(factors[hi], 1)));
    return to.shapes.mul(n - 2, largest);
  }

 private:
  const graph& g_;
  const term_finder& terms_;
  const vec<int>& targets_;
  bool reorders_;

  constexpr void collect(int id, vec<int>& factors) const {
    for (int side = 0; side < 2; ++side) {
      const int a = g_.arg(id, side);
      if (is_link(a)) collect(a, factors);
      else factors.push_back(a);
    }
  }
};

}  // namespace agnesi
