// SPDX-License-Identifier: BSD-3-Clause
// Finds the products that BLAS can scale and accumulate, and the sums that can start from what they are added to:
//   update w = w - 0.1 * dot(transpose(x), g) → gemm(xᵀ, g, alpha = -0.1, beta = 1) into w
//   update b = b - 0.1 * sum(g, axis<0>) → b += each row of -0.1 * g
// A sum is folded only where it is accumulated in place: into the symbol that it updates.
#pragma once

#include "agnesi/ir/copy.hpp"
#include "agnesi/ops/contract.hpp"
#include "agnesi/ops/reduce.hpp"
#include "agnesi/ops/structure.hpp"

namespace agnesi {

namespace detail {

// coefficient * node, times or divided by one scalar.
struct linear_term {
  int node = -1;
  double coefficient = 1;
  int scalar = -1;
  bool divided = false;
};

class product_finder {
 public:
  constexpr product_finder(const graph& g, const vec<bool>& live) : g_(g), uses_(g.size()) {
    for (int id = 0; id < g.size(); ++id)
      if (live[id])
        for (int k = 0; k < g[id].n_args; ++k) ++uses_[g.arg(id, k)];
  }

  // The terms of a sum of the root's own shape; false where there are too many or two scalars multiply.
  constexpr bool collect(int id, linear_term so_far, vec<linear_term>& terms, bool root) const {
    const op_info* op = g_[id].op;
    if (root || uses_[id] == 1) {
      if (op == &info<op::add> || op == &info<op::sub>) {
        linear_term right = so_far;
        if (op == &info<op::sub>) right.coefficient = -right.coefficient;
        if (g_.shape(g_.arg(id, 0)) != g_.shape(id) || g_.shape(g_.arg(id, 1)) != g_.shape(id)) return leaf(id, so_far, terms);
        return collect(g_.arg(id, 0), so_far, terms, false) && collect(g_.arg(id, 1), right, terms, false);
      }
      if (op == &info<op::neg>) {
        so_far.coefficient = -so_far.coefficient;
        return collect(g_.arg(id, 0), so_far, terms, false);
      }
      if (op == &info<op::mul> || op == &info<op::div>) {
        for (int side = op == &info<op::div> ? 1 : 0; side < 2; ++side) {
          const int scalar = g_.arg(id, side), rest = g_.arg(id, 1 - side);
          if (g_.rank(scalar) != 0 || g_.rank(rest) == 0) continue;
          if (is_constant(g_, scalar)) {
            const double v = number(value_of(g_, scalar));
            so_far.coefficient = op == &info<op::div> ? so_far.coefficient / v : so_far.coefficient * v;
            return collect(rest, so_far, terms, false);
          }
          if (so_far.scalar >= 0) break;
          so_far.scalar = scalar;
          so_far.divided = op == &info<op::div>;
          return collect(rest, so_far, terms, false);
        }
      }
    }
    return leaf(id, so_far, terms);
  }
  constexpr int uses(int id) const { return uses_[id]; }

 private:
  const graph& g_;
  vec<int> uses_;

  constexpr bool leaf(int id, linear_term so_far, vec<linear_term>& terms) const {
    so_far.node = id;
    terms.push_back(so_far);
    return terms.size() <= 8;
  }
};

// The product's node for one term, accumulating beta * c where c is given.
constexpr int make_gemm(graph& g, const graph& in, const vec<int>& place, const linear_term& t, int c, double beta, int like) {
  int args[4] = {place[in.arg(t.node, 0)], place[in.arg(t.node, 1)]};
  int n = 2;
  std::int64_t flags = 0;
  if (t.scalar >= 0) {
    args[n++] = place[t.scalar];
    flags |= op::gemm::scaled;
    if (t.divided) flags |= op::gemm::divided;
  }
  if (c >= 0) {
    args[n++] = c;
    flags |= op::gemm::accumulates;
  }
  const std::int64_t attrs[] = {flags, std::bit_cast<std::int64_t>(t.coefficient), std::bit_cast<std::int64_t>(beta)};
  return g.intern(info<op::gemm>, args, n, attrs, 3, in.type(like), in.shape(like));
}

// The sum's node for one term, added onto the symbol `onto`.
constexpr int make_sum_onto(graph& g, const graph& in, const vec<int>& place, const linear_term& t, int onto) {
  int x = place[in.arg(t.node, 0)];
  if (t.coefficient == -1) x = g.apply(info<op::neg>, x);
  else if (t.coefficient != 1) x = g.apply(info<op::mul>, constant_of(g, t.coefficient, g.type(x)), x);
  if (t.scalar >= 0) x = g.apply(t.divided ? info<op::div> : info<op::mul>, x, place[t.scalar]);
  const int args[] = {x, onto};
  const std::int64_t mask = in.attr(t.node, 0);
  return g.apply(info<op::sum_onto>, args, 2, &mask, 1);
}

}  // namespace detail

// targets[k]: the symbol's node that result k updates, -1 for an output.
constexpr graph blas_found(const graph& in, const vec<int>& targets) {
  graph g = continued(in);
  const int root = in.size() - 1;
  const vec<bool> live = live_nodes(in, root);
  const detail::product_finder finder(in, live);
  vec<int> target_of(in.size(), -1);
  for (int k = 0; k < targets.size(); ++k)
    if (targets[k] >= 0 && finder.uses(in.arg(root, k)) == 1) target_of[in.arg(root, k)] = targets[k];

  // A scaled product is folded where it has to be stored anyway.
  vec<bool> only_in_memory(in.size(), true);
  for (int u = 0; u < root; ++u)
    if (live[u] && in[u].op->kind != op_kind::contract && in[u].op->kind != op_kind::movement)
      for (int k = 0; k < in[u].n_args; ++k) only_in_memory[in.arg(u, k)] = false;

  vec<int> place(in.size(), -1);
  for (int id = 0; id < in.size(); ++id) {
    if (!live[id] && !in.is(id, info<op::input>)) continue;
    place[id] = -1;
    const bool candidate = is_float(in.type(id)) && in[id].op->kind == op_kind::elementwise &&
                           (target_of[id] >= 0 || in.is(id, info<op::mul>) || in.is(id, info<op::neg>) || in.is(id, info<op::div>));
    if (candidate) {
      vec<detail::linear_term> terms;
      if (finder.collect(id, {}, terms, true)) {
        int products = 0, the_product = -1, sums = 0, the_sum = -1;
        double beta = 0;
        bool others_are_target = true;
        for (int k = 0; k < terms.size(); ++k) {
          if (in.is(terms[k].node, info<op::dot>) && finder.uses(terms[k].node) == 1) {
            ++products;
            the_product = k;
          } else if (in.is(terms[k].node, info<op::sum>) && finder.uses(terms[k].node) == 1 && in.rank(id) > 0) {
            ++sums;
            the_sum = k;
          } else if (terms[k].node == target_of[id] && terms[k].scalar < 0) {
            beta += terms[k].coefficient;
          } else {
            others_are_target = false;
          }
        }
        if (sums == 1 && products == 0 && others_are_target && beta == 1 && in.shape(terms[the_sum].node) == in.shape(id))
          place[id] = detail::make_sum_onto(g, in, place, terms[the_sum], place[target_of[id]]);
        if (products == 1 && sums == 0 && others_are_target && in.shape(terms[the_product].node) == in.shape(id)) {
          if (terms.size() > 1)
            place[id] = detail::make_gemm(g, in, place, terms[the_product], place[target_of[id]], beta, id);
          else if (only_in_memory[id])
            place[id] = detail::make_gemm(g, in, place, terms[0], -1, 0, id);
        }
      }
    }
    if (place[id] < 0) place[id] = copy_node(g, in, id, place);
  }
  for (int s = 0; s < g.symbols.size(); ++s)
    if (g.symbols[s].node >= 0) g.symbols[s].node = place[g.symbols[s].node];
  return g;
}

}  // namespace agnesi
