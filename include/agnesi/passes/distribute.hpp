// SPDX-License-Identifier: BSD-3-Clause
// A product with a sum multiplied out where that is less work, because factors cancel:
//   (a / x + b) * x -> a + b * x;  x * (1 + y / x) -> x + y;  (x * y + x) / x -> y + 1;  but (a + b) * x stays
#pragma once

#include "agnesi/passes/sums.hpp"

namespace agnesi {

namespace detail {

constexpr bool is_sum(const op_info* op) { return op == &info<op::add> || op == &info<op::sub>; }

// Of multiplications and divisions, a division counting as one and a half.
constexpr int work_of(const factor_list& p, double times) {
  int above = times == 1 || times == -1 ? 0 : 1, below = 0;
  for (const factor_power& f : p.factors()) {
    const int n = f.power < 0 ? -f.power : f.power, count = n > 1 ? 2 : 1;
    (f.power < 0 ? below : above) += count;
  }
  return 2 * (above > 1 ? above - 1 : 0) + (below > 0 ? 2 * (below - 1) + 3 : 0);
}

// Whether this factor may cancel in a term of the sum, told from the operations in the tree.
constexpr bool may_cancel(const graph& g, int sum, factor_power f, int depth = 8) {
  const op_info* op = g[sum].op;
  if (depth == 0) return false;
  if (is_sum(op))
    return may_cancel(g, g.arg(sum, 0), f, depth - 1) || may_cancel(g, g.arg(sum, 1), f, depth - 1);
  if (f.power < 0) {
    if (stripped(g, sum) == f.id) return true;
    if (op == &info<op::sqr>) return stripped(g, g.arg(sum, 0)) == f.id;
    if (op == &info<op::div> || op == &info<op::neg>) return may_cancel(g, g.arg(sum, 0), f, depth - 1);
  }
  if (op != &info<op::mul> && op != &info<op::div>) return false;
  if (op == &info<op::div> && f.power > 0) return true;
  return may_cancel(g, g.arg(sum, 0), f, depth - 1) || may_cancel(g, g.arg(sum, 1), f, depth - 1);
}

}  // namespace detail

// The product p with one of its sums multiplied out, or -1. It takes fewer operations, of which the one that undoes
// it, the common factor of a sum, takes none away only to put it back: so this ends.
constexpr int distributed(rewriter& w, const product_form& p) {
  constexpr int max_terms = 8;
  for (const factor_power& sum : p.factors()) {
    if (sum.power != 1 || !detail::is_sum(w[sum.id].op) || !is_float(p.type()) ||
        w.is_flagged(sum.id, pinned_node))
      continue;
    bool promising = false;
    for (const factor_power& f : p.factors())
      promising = promising || (f.id != sum.id && detail::may_cancel(w, sum.id, f));
    if (!promising || w.is_shared(sum.id)) continue;
    sum_form s(w, sum.id);
    s.collect(sum.id, 1);
    const vec<term>& terms = s.terms();
    const int n = terms.size();
    if (n > max_terms) continue;
    product_form parts[max_terms];
    product_form moved(p.type(), false), rest = p;
    int before = detail::work_of(p, p.coefficient());
    for (int k = 0; k < n; ++k) {
      parts[k] = product_form(p.type(), false);
      parts[k].collect(w, terms[k].id, 1);
      if (!w.is_shared(terms[k].id)) before += detail::work_of(parts[k], terms[k].times);
    }
    for (const factor_power& f : p.factors()) {
      if (f.id == sum.id) continue;
      int most = 0;
      for (int k = 0; k < n; ++k) {
        const int q = parts[k].power_of(f.id);
        if (q == 0 || (q > 0) == (f.power > 0)) continue;
        const int size = q < 0 ? -q : q, available = f.power < 0 ? -f.power : f.power;
        const int both = size < available ? size : available;
        most = both > most ? both : most;
      }
      if (most != 0) moved.multiply(w, f.id, f.power < 0 ? -most : most);
    }
    if (moved.factors().empty()) continue;
    rest.multiply(w, sum.id, -1);
    for (const factor_power& f : moved.factors()) rest.multiply(w, f.id, -f.power);
    rest.drop_ones();
    const double c = s.constant_term();
    int after = detail::work_of(rest, rest.coefficient()) + (rest.factors().empty() ? 0 : 2);
    if (c != 0) after += detail::work_of(moved, c);
    for (int k = 0; k < n; ++k) {
      for (const factor_power& f : moved.factors()) parts[k].multiply(w, f.id, f.power);
      parts[k].drop_ones();
      after += detail::work_of(parts[k], terms[k].times);
    }
    if (after >= before) continue;
    sum_form open(w, sum.id);
    for (int k = 0; k < n; ++k) open.collect(parts[k].build(w), terms[k].times);
    if (c != 0) open.collect(moved.build(w), c);
    rest.collect(w, open.build(), 1);
    return rest.build(w);
  }
  return -1;
}

}  // namespace agnesi
