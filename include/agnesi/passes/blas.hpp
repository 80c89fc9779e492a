// SPDX-License-Identifier: BSD-3-Clause
// Finds the products that BLAS can scale and accumulate, and the sums that can start from what they are added to:
//   update w = w - 0.1 * dot(transpose(x), g) → gemm(xᵀ, g, alpha = -0.1, beta = 1) into w
//   tanh(dot(x, W) + dot(h, U) + b) → a product, a second one added to it, and a loop
//   update b = b - sum(g, axis<0>) → b += each row of -g
//   dot(dot(A, B), C) → one product of three factors, whose order the call chooses
//   dot(expand_dims<1>(a), expand_dims<0>(b)), added to nothing → expand_dims<1>(a) * expand_dims<0>(b), in a loop
// A sum is folded only where it is accumulated in place: into the symbol that it updates.
#pragma once

#include "agnesi/passes/matrix_chains.hpp"
#include "agnesi/rewrite/options.hpp"

namespace agnesi {

namespace detail {

class blas_finder {
 public:
  constexpr blas_finder(const graph& in, const vec<int>& targets, const simplify_options& o)
      : in_(in), live_(live_nodes(in, in.size() - 1)), finder_(in, live_), chains_(in, finder_, targets, !o.ieee && !o.off("dot_chains")),
        target_of_(in.size(), -1) {
    const int root = in.size() - 1;
    for (int k = 0; k < targets.size(); ++k) {
      int times = 0;
      for (int j = 0; j < in[root].n_args; ++j) times += in.arg(root, j) == in.arg(root, k);
      if (targets[k] < 0 || times > 1) continue;
      int id = in.arg(root, k);
      target_of_[id] = targets[k];
      while (is_put_node(in, id) && finder_.uses(id) == 1 && finder_.uses(in.arg(id, 0)) == 1)  // increments go into the same memory
        target_of_[id = in.arg(id, 0)] = targets[k];
    }
    find_memory();
  }

  constexpr graph result() {
    graph g = continued(in_);
    decide();
    vec<int> place(in_.size(), -1);
    for (int id = 0; id < in_.size(); ++id) {
      if (!live_[id] && !in_.is(id, info<op::input>)) continue;
      if (found_[id] >= 0) place[id] = made(g, id, forms_[found_[id]], place);
      else if (is_outer(id) && !accumulated_[id]) place[id] = g.apply(info<op::mul>, place[in_.arg(id, 0)], place[in_.arg(id, 1)]);
      else place[id] = copy_node(g, in_, id, place);
    }
    for (int s = 0; s < g.symbols.size(); ++s)
      if (g.symbols[s].node >= 0) g.symbols[s].node = place[g.symbols[s].node];
    return g;
  }

 private:
  // A node as products, what the target contributes, and other terms.
  struct form {
    vec<linear_term> products, target, rest;
    int sum = -1;  // the place among the others of a sum over axes
  };
  const graph& in_;
  vec<bool> live_;
  term_finder finder_;
  chain_finder chains_;
  vec<int> target_of_;
  vec<bool> in_memory_;  // steps that are no loops alone read it
  vec<int> found_;       // of each node its form, -1 for none
  vec<bool> accumulated_;  // products that are part of a form
  vec<form> forms_;

  constexpr void find_memory() {
    in_memory_ = vec<bool>(in_.size(), true);
    for (int u = 0; u + 1 < in_.size(); ++u)
      if (live_[u] && in_[u].op->kind != op_kind::contract && in_[u].op->kind != op_kind::movement)
        for (int k = 0; k < in_[u].n_args; ++k) in_memory_[in_.arg(u, k)] = false;
  }

  // A column times a row.
  constexpr bool is_outer(int id) const {
    if (!in_.is(id, info<op::dot>)) return false;
    const int a = in_.arg(id, 0), b = in_.arg(id, 1);
    return in_.rank(a) == 2 && in_.rank(b) == 2 && in_.shapes.find(in_.extent(a, 1)) == 1;
  }

  constexpr void cover_chain(int id) {
    for (int side = 0; side < 2; ++side) {
      const int a = in_.arg(id, side);
      if (!chains_.is_link(a)) continue;
      accumulated_[a] = true;
      cover_chain(a);
    }
  }

  // Larger sums first, so that their parts need no look of their own.
  constexpr void decide() {
    found_ = vec<int>(in_.size(), -1);
    accumulated_ = vec<bool>(in_.size(), false);
    vec<bool> covered(in_.size(), false);
    for (int id = in_.size() - 1; id-- > 0;) {
      if (!live_[id] || covered[id]) continue;
      if (!accumulated_[id] && chains_.is_chain(id)) {
        form f;
        f.products.push_back({id});
        found_[id] = forms_.size();
        forms_.push_back(f);
        cover_chain(id);
      }
      if (!finder_.is_worth_a_look(id)) continue;
      vec<int> opened;
      const vec<linear_term> terms = finder_.collect(id, opened);
      form f;
      for (const linear_term& t : terms) {
        if (in_.is(t.node, info<op::dot>) && finder_.uses(t.node) == 1 && in_.shape(t.node) == in_.shape(id)) {
          f.products.push_back(t);
        } else if (t.node == target_of_[id]) {
          f.target.push_back(t);
        } else {
          if (in_.is(t.node, info<op::sum>) && finder_.uses(t.node) == 1 && in_.shape(t.node) == in_.shape(id)) f.sum = f.rest.size();
          f.rest.push_back(t);
        }
      }
      if (!is_worth_it(id, f)) continue;
      found_[id] = forms_.size();
      forms_.push_back(f);
      for (int part : opened) covered[part] = true;
      for (const linear_term& t : f.products) {
        accumulated_[t.node] = true;
        if (chains_.is_chain(t.node)) cover_chain(t.node);
      }
    }
  }

  constexpr bool is_incremented(int id) const {
    for (int u = id + 1; u < in_.size(); ++u)
      if (live_[u] && is_put_node(in_, u) && in_.arg(u, 0) == id) return true;
    return false;
  }
  constexpr bool is_worth_it(int id, form& f) const {
    if (f.products.empty())
      return f.sum >= 0 && f.rest.size() == 1 && in_.rank(id) > 0 && f.target.size() == 1 && f.target[0].coefficient == 1 &&
             f.target[0].n_scalars == 0 && finder_.uses(id) == 1 && !is_incremented(id);
    int args = 2;
    for (const linear_term& t : f.products) args += 1 + chains_.factors_of(t.node).size();
    if (args > op::gemm::max_args) return false;
    // In place, if nothing reads the new value before or the old one after it.
    const bool sole = finder_.uses(id) == 1 || finder_.uses(target_of_[id] < 0 ? id : target_of_[id]) == f.target.size();
    if (f.rest.empty() && !f.target.empty() && sole) return true;
    for (const linear_term& t : f.target) f.rest.push_back(t);
    f.target.clear();
    for (const linear_term& t : f.rest)
      if (t.distributed) return false;  // would be scaled one by one
    if (f.products.size() > 1) return true;
    const linear_term& t = f.products[0];
    if (is_outer(t.node)) return false;
    if (!f.rest.empty() && t.is_plain()) return false;
    bool at_hand = true;  // what is computed at the call is computed in the loop as well
    for (int k = 0; k < t.n_scalars; ++k) at_hand = at_hand && in_[t.scalars[k]].op->kind == op_kind::leaf;
    return (f.rest.empty() && in_memory_[id]) || (at_hand && t.n_scalars < 2);
  }

  // ---- what is found, in the new graph

  constexpr int made(graph& g, int id, const form& f, const vec<int>& place) const {
    if (f.products.empty()) return made_sum(g, f.rest[f.sum], place[target_of_[id]], place);
    const int product = made_product(g, id, f, place);
    int sum = -1;
    for (const linear_term& t : f.rest) {
      linear_term plain = t;
      if (t.coefficient < 0) plain.coefficient = -t.coefficient;
      const int term = scaled(g, place[t.node], plain, place);
      if (sum < 0) sum = t.coefficient < 0 ? g.apply(info<op::sub>, product, term) : g.apply(info<op::add>, term, product);
      else sum = g.apply(t.coefficient < 0 ? info<op::sub> : info<op::add>, sum, term);
    }
    return sum < 0 ? product : sum;
  }
  constexpr int made_product(graph& g, int id, const form& f, const vec<int>& place) const {
    vec<int> args;
    vec<std::int64_t> attrs(2);
    for (const linear_term& t : f.products) {
      const vec<int> factors = chains_.factors_of(t.node);
      for (int k : factors) args.push_back(place[k]);
      std::int64_t flags = static_cast<std::int64_t>(factors.size() - 2) << op::gemm::factors_from;
      if (t.n_scalars > 0) {
        flags |= op::gemm::scaled;
        if (t.n_scalars == 1 && t.divided[0]) {
          flags |= op::gemm::divided;
          args.push_back(place[t.scalars[0]]);
        } else {
          args.push_back(scalars_of(g, t, place));
        }
      }
      attrs.push_back(flags);
      attrs.push_back(std::bit_cast<std::int64_t>(t.coefficient));
      attrs.push_back(factors.size() > 2 ? chains_.room_of(g, factors) : 0);
    }
    double beta = 0;
    if (!f.target.empty()) {
      attrs[0] = op::gemm::accumulates;
      const int factor = factor_of_target(g, f, beta, place);
      if (factor >= 0) {
        attrs[0] |= op::gemm::scaled_beta;
        args.push_back(factor);
      }
      args.push_back(place[target_of_[id]]);
    }
    attrs[1] = std::bit_cast<std::int64_t>(beta);
    return g.intern(info<op::gemm>, args.begin(), args.size(), attrs.begin(), attrs.size(), in_.type(id), in_.shape(id));
  }
  // The sum of what the target is multiplied by: a node, -1 where it is the number beta alone.
  constexpr int factor_of_target(graph& g, const form& f, double& beta, const vec<int>& place) const {
    int sum = -1, scalars = 0;
    for (const linear_term& t : f.target) {
      if (t.n_scalars == 0) beta += t.coefficient;
      else ++scalars;
    }
    if (scalars == 0) return -1;
    const dtype type = in_.type(f.target[0].node);
    if (scalars == 1 && beta == 0) {
      for (const linear_term& t : f.target)
        if (t.n_scalars > 0) {
          beta = t.coefficient;
          return scalars_of(g, t, place);
        }
    }
    if (beta != 0) sum = constant_of(g, beta, type);
    beta = 1;
    for (const linear_term& t : f.target) {
      if (t.n_scalars == 0) continue;
      int term = scalars_of(g, t, place);
      const double size = t.coefficient < 0 ? -t.coefficient : t.coefficient;
      if (size != 1) term = g.apply(info<op::mul>, constant_of(g, size, type), term);
      if (sum < 0) sum = t.coefficient < 0 ? g.apply(info<op::neg>, term) : term;
      else sum = g.apply(t.coefficient < 0 ? info<op::sub> : info<op::add>, sum, term);
    }
    return sum;
  }
  // The scalar factors of a term as one node.
  constexpr int scalars_of(graph& g, const linear_term& t, const vec<int>& place) const {
    int r = -1;
    for (int k = 0; k < t.n_scalars; ++k)
      if (!t.divided[k]) r = r < 0 ? place[t.scalars[k]] : g.apply(info<op::mul>, r, place[t.scalars[k]]);
    for (int k = 0; k < t.n_scalars; ++k) {
      if (!t.divided[k]) continue;
      if (r < 0) r = constant_of(g, 1, g.type(place[t.scalars[k]]));
      r = g.apply(info<op::div>, r, place[t.scalars[k]]);
    }
    return r;
  }
  constexpr int scaled(graph& g, int x, const linear_term& t, const vec<int>& place) const {
    if (t.n_scalars == 0 && t.coefficient == -1) return g.apply(info<op::neg>, x);
    if (t.n_scalars == 0) return t.coefficient == 1 ? x : g.apply(info<op::mul>, constant_of(g, t.coefficient, g.type(x)), x);
    const int first = t.scalars[0];
    if (t.n_scalars == 1 && !t.divided[0] && t.coefficient != 1 && is_single_call(first))
      return g.apply(info<op::mul>, scaled_call(g, first, {first, t.coefficient}, place), x);
    const int scalar = scalars_of(g, t, place);
    return g.apply(info<op::mul>, scaled(g, scalar, {t.node, t.coefficient}, place), x);
  }

  // A product that one call makes, for one reader, which scales it: the call does.
  constexpr bool is_single_call(int id) const {
    return in_.is(id, info<op::dot>) && finder_.uses(id) == 1 && found_[id] < 0 && !is_outer(id);
  }
  constexpr int scaled_call(graph& g, int id, linear_term t, const vec<int>& place) const {
    form f;
    t.node = id;
    f.products.push_back(t);
    return made_product(g, id, f, place);
  }

  // The sum's node for one term, added onto the symbol `onto`: the factor is one number for the whole loop.
  constexpr int made_sum(graph& g, const linear_term& t, int onto, const vec<int>& place) const {
    const int of = in_.arg(t.node, 0);
    const bool by_leaf = t.n_scalars == 0 ? t.coefficient != 1 : t.n_scalars == 1 && in_[t.scalars[0]].op->kind == op_kind::leaf;
    const int args[] = {by_leaf && is_single_call(of) ? scaled_call(g, of, t, place) : scaled(g, place[of], t, place), onto};
    const std::int64_t mask = in_.attr(t.node, 0);
    return g.apply(info<op::sum_onto>, args, 2, &mask, 1);
  }
};

}  // namespace detail

// targets[k]: the symbol's node that result k updates, -1 for an output.
constexpr graph blas_found(const graph& in, const vec<int>& targets, const simplify_options& o = {}) {
  bool any = false;
  for (const node& n : in.nodes) any = any || n.op == &info<op::dot> || n.op == &info<op::sum>;
  if (!any || o.off("blas")) return in;
  return detail::blas_finder(in, targets, o).result();
}

}  // namespace agnesi
