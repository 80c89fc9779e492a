// SPDX-License-Identifier: BSD-3-Clause
// One form for equal sums and products, so that equal formulas are one node; see passes/sums.hpp, products.hpp.
//   (a + b) + c  and  a + (c + b);  x * y / x  and  y
#pragma once

#include "agnesi/passes/distribute.hpp"

namespace agnesi {

// An operand that a sum or product takes as it is; `opened` says what else it is taken apart into.
constexpr bool is_atom(const op_info* op) {
  return op != &info<op::neg> && op != &info<op::constant> && op != &info<op::broadcast> &&
         op != &info<op::expand_dims>;
}
constexpr bool is_factor(const op_info* op) {
  return is_atom(op) && op != &info<op::mul> && op != &info<op::div> && op != &info<op::sqr> && op != &info<op::exp> &&
         op != &info<op::pow>;
}

// x * y and x / y of two factors that are nothing else are canonical, unless a rule has something to say.
constexpr int product_of_factors(rewriter& w, int id) {
  const node& n = w[id];
  const op_info& op = *n.op;
  const int* const a = w.arg_pool.begin() + n.first_arg;
  const int args[] = {a[0], a[1]};
  int made = w.rewrite(op, args, 2);
  if (made < 0 && &op == &info<op::div>) {
    const int one[] = {constant_of(w, 1, w.type(id)), args[1]};
    made = w.rewrite(op, one, 2);
    if (made >= 0) made = w.apply(info<op::mul>, args[0], made);
  }
  if (made < 0) w.flag(id, canonical_node);
  return made;
}

// x * (1 + y / x) and (x * y + x) / x, of two factors one of which is a sum.
constexpr int distributed_product(rewriter& w, int id) {
  const int a = w.arg(id, 0), b = w.arg(id, 1);
  const int below = w.is(id, info<op::div>) ? -1 : 1;
  if (!(detail::is_sum(w[a].op) && detail::may_cancel(w, a, {b, below})) &&
      !(below > 0 && detail::is_sum(w[b].op) && detail::may_cancel(w, b, {a, 1})))
    return -1;
  product_form p(w.type(id), w[id].weak);
  p.collect(w, id, 1);
  return distributed(w, p);
}

constexpr int canonical_product(rewriter& w, int id) {
  const op_info* op = w[id].op;
  if (w.type(id) == dtype::boolean || w.is_flagged(id, canonical_node)) return -1;
  if (op == &info<op::mul> || op == &info<op::div>) {
    const int a = w.arg(id, 0), b = w.arg(id, 1);
    if (a != b && is_factor(w[a].op) && is_factor(w[b].op)) {
      const bool sums = detail::is_sum(w[a].op) || detail::is_sum(w[b].op);
      const int made = sums ? distributed_product(w, id) : -1;
      return made >= 0 ? made : product_of_factors(w, id);
    }
  }
  if (op == &info<op::neg> || op == &info<op::sqr>) {
    const int a = w.arg(id, 0);
    const op_info* inner = w[a].op;
    const bool product = op == &info<op::neg> && (inner == &info<op::mul> || inner == &info<op::div>);
    if (!product && inner != &info<op::neg> && inner != &info<op::constant> && inner != &info<op::broadcast> &&
        !(op == &info<op::sqr> && inner == &info<op::exp>))
      return -1;
  } else if (op != &info<op::mul> && op != &info<op::div>) {
    return -1;
  }
  product_form p(w.type(id), w[id].weak);
  p.collect(w, id, 1);
  return p.build(w);
}

// x + y and x - y of two terms that are nothing else are canonical, unless a rule has something to say.
constexpr int sum_of_terms(rewriter& w, int id) {
  const node& n = w[id];
  const op_info& op = *n.op;
  const int* const a = w.arg_pool.begin() + n.first_arg;
  const int args[] = {a[0], a[1]};
  int made = w.rewrite(op, args, 2);
  if (made < 0 && &op == &info<op::sub>) {
    const int turned[] = {args[1], args[0]};
    made = w.rewrite(op, turned, 2);
    if (made >= 0) made = w.apply(info<op::neg>, made);
  }
  if (made < 0) w.flag(id, canonical_node);
  return made;
}
constexpr bool is_term(const op_info* op) {
  return is_atom(op) && op != &info<op::add> && op != &info<op::sub> && op != &info<op::mul> && op != &info<op::div>;
}

constexpr int canonical_sum(rewriter& w, int id) {
  const op_info* op = w[id].op;
  if (w.type(id) == dtype::boolean || w.is_flagged(id, canonical_node)) return -1;
  if (op != &info<op::neg>) {
    const int a = w.arg(id, 0), b = w.arg(id, 1);
    if (a != b && is_term(w[a].op) && is_term(w[b].op)) return sum_of_terms(w, id);
  }
  if (op == &info<op::neg>) {
    const op_info* inner = w[w.arg(id, 0)].op;
    if (inner != &info<op::add> && inner != &info<op::sub>) return -1;
  } else if (op != &info<op::add> && op != &info<op::sub>) {
    return -1;
  }
  sum_form s(w, id);
  s.collect(id, 1);
  return s.build();
}

// maximum(y, x) -> maximum(x, y), once derivatives have been taken, which go to the first of equal operands.
constexpr int ordered_operands(rewriter& w, int id) {
  const int args[] = {w.arg(id, 1), w.arg(id, 0)};
  return w.comes_before(args[0], args[1]) ? w.apply(*w[id].op, args, 2) : -1;
}

}  // namespace agnesi
