// SPDX-License-Identifier: BSD-3-Clause
// A tensor as a sum of scaled terms, through additions, negations and scalar factors that nothing else reads.
//   term_finder(g, live).collect(id): W - lr * (dot(a, b) / n + c) → W, -lr / n * dot(a, b), -lr * c
#pragma once

#include "agnesi/ir/copy.hpp"
#include "agnesi/ops/contract.hpp"
#include "agnesi/ops/reduce.hpp"
#include "agnesi/ops/structure.hpp"

namespace agnesi {

// coefficient * node, times and divided by scalars.
struct linear_term {
  static constexpr int max_scalars = 4;
  int node = -1;
  double coefficient = 1;
  int scalars[max_scalars]{};
  bool divided[max_scalars]{};
  int n_scalars = 0;
  bool distributed = false;  // the factors were those of a sum

  constexpr bool is_plain() const { return n_scalars == 0 && (coefficient == 1 || coefficient == -1); }
};

class term_finder {
 public:
  constexpr term_finder(const graph& g, const vec<bool>& live) : g_(g), uses_(g.size(), 0), worth_(g.size(), false) {
    for (int id = 0; id < g.size(); ++id) {
      if (!live[id]) continue;
      for (int k = 0; k < g[id].n_args; ++k) ++uses_[g.arg(id, k)];
    }
    for (int id = 0; id < g.size(); ++id) {
      if (!live[id]) continue;
      const op_info* op = g[id].op;
      if (op == &info<op::dot> || op == &info<op::sum>) {
        worth_[id] = uses_[id] == 1;
      } else if (op->kind == op_kind::elementwise && is_linear(op)) {
        for (int k = 0; k < 2 && k < g[id].n_args; ++k)
          worth_[id] = worth_[id] || (worth_[g.arg(id, k)] && (uses_[g.arg(id, k)] == 1 || is_total(g.arg(id, k))));
      }
    }
  }
  constexpr int uses(int id) const { return uses_[id]; }
  // A sum or scaled term somewhere in which there is a product or a sum over axes that nothing else reads.
  constexpr bool is_worth_a_look(int id) const {
    return worth_[id] && g_[id].op->kind == op_kind::elementwise && is_float(g_.type(id));
  }
  // The terms; `opened` gets the nodes that were taken apart.
  constexpr vec<linear_term> collect(int id, vec<int>& opened) const {
    vec<linear_term> terms;
    collect(id, {}, terms, opened, true);
    return terms;
  }

 private:
  const graph& g_;
  vec<int> uses_;
  vec<bool> worth_;

  static constexpr bool is_linear(const op_info* op) {
    return op == &info<op::add> || op == &info<op::sub> || op == &info<op::neg> || op == &info<op::mul> || op == &info<op::div>;
  }
  constexpr bool is_total(int id) const { return g_.is(id, info<op::dot>) || g_.is(id, info<op::sum>); }

  constexpr void collect(int id, linear_term so_far, vec<linear_term>& terms, vec<int>& opened, bool root) const {
    const op_info* op = g_[id].op;
    if ((root || uses_[id] == 1) && is_linear(op)) {
      opened.push_back(id);
      const int a = g_.arg(id, 0);
      if (op == &info<op::neg>) {
        so_far.coefficient = -so_far.coefficient;
        return collect(a, so_far, terms, opened, false);
      }
      const int b = g_.arg(id, 1);
      if (op == &info<op::add> || op == &info<op::sub>) {
        so_far.distributed = so_far.distributed || !so_far.is_plain();
        linear_term right = so_far;
        if (op == &info<op::sub>) right.coefficient = -right.coefficient;
        collect_part(a, id, so_far, terms, opened);
        return collect_part(b, id, right, terms, opened);
      } else {
        for (int side = op == &info<op::div> ? 1 : 0; side < 2; ++side) {
          const int rest = g_.arg(id, 1 - side);
          if (take_factor(so_far, g_.arg(id, side), rest, op == &info<op::div>)) return collect(rest, so_far, terms, opened, false);
        }
      }
      opened.pop_back();
    }
    so_far.node = id;
    terms.push_back(so_far);
  }
  // What is repeated to the sum's shape is one term.
  constexpr void collect_part(int part, int sum, linear_term so_far, vec<linear_term>& terms, vec<int>& opened) const {
    if (g_.shape(part) == g_.shape(sum)) return collect(part, so_far, terms, opened, false);
    so_far.node = part;
    terms.push_back(so_far);
  }
  constexpr bool take_factor(linear_term& t, int scalar, int rest, bool divides) const {
    if (g_.rank(scalar) != 0 || (g_.rank(rest) == 0 && !is_constant(g_, scalar))) return false;
    if (is_constant(g_, scalar)) {
      const double v = number(value_of(g_, scalar));
      if (divides && v == 0) return false;
      t.coefficient = divides ? t.coefficient / v : t.coefficient * v;
      return true;
    }
    if (t.n_scalars == linear_term::max_scalars) return false;
    t.divided[t.n_scalars] = divides;
    t.scalars[t.n_scalars++] = scalar;
    return true;
  }
};

}  // namespace agnesi
