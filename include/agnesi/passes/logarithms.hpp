// SPDX-License-Identifier: BSD-3-Clause
// Logarithms of sums and products of any number of operands, beside the rules of tables/stable.hpp.
//   log(1 - x + y) -> log1p(y - x);  log(exp(x) + exp(y) + 3) -> logaddexp(logaddexp(x, y), log(3));
//   log(pow(x, 3)) -> 3 * log(x)
// Each of them leaves one logarithm of a sum or product fewer.
#pragma once

#include "agnesi/passes/distribute.hpp"

namespace agnesi {

namespace detail {

// What comes first in a tree of + and -: a canonical sum's constant, if it has one.
constexpr int first_term(const graph& g, int id) {
  while (is_sum(g[id].op)) {
    if (is_constant(g, g.arg(id, 1))) return g.arg(id, 1);
    id = g.arg(id, 0);
  }
  return id;
}

// log(c + a * exp(x) + ...) of positive c, a, ...; for log1p a one is added.
constexpr int log_of_exponentials(rewriter& w, int id) {
  const int x = w.arg(id, 0);
  if (!w.is(x, info<op::add>) || !is_float(w.type(id)) || w.is_flagged(x, pinned_node)) return -1;
  const int leaf = first_term(w, x);
  const bool scaled = w.is(leaf, info<op::mul>) && (w.is(w.arg(leaf, 1), info<op::exp>) || w.is(w.arg(leaf, 0), info<op::exp>));
  if (!w.is(leaf, info<op::constant>) && !w.is(leaf, info<op::exp>) && !scaled) return -1;
  sum_form s(w, x);
  s.collect(x, 1, true);
  const double c = s.constant_term() + (w.is(id, info<op::log1p>) ? 1 : 0);
  const vec<term>& terms = s.terms();
  if (!(c >= 0) || terms.empty() || (terms.size() == 1 && (c == 0 || c == 1))) return -1;  // the tables have these
  for (const term& t : terms)
    if (!(t.times > 0) || !w.is(t.id, info<op::exp>) || w.is_flagged(t.id, pinned_node)) return -1;
  const auto log_of = [&](double v) { return w.apply(info<op::log>, constant_of(w, v, w.type(id))); };
  int total = -1;
  for (const term& t : terms) {
    int next = w.arg(t.id, 0);
    if (t.times != 1) next = w.apply(info<op::add>, next, log_of(t.times));
    total = total < 0 ? next : w.apply(info<op::logaddexp>, total, next);
  }
  if (c == 0) return total;
  if (c == 1) return w.apply(info<op::softplus>, total);
  return w.apply(info<op::logaddexp>, total, log_of(c));
}

// log(1 + x - y) -> log1p(x - y)
constexpr int log_of_one_and_more(rewriter& w, int id) {
  const int x = w.arg(id, 0);
  if (!is_sum(w[x].op) || !is_sum(w[w.arg(x, 0)].op) || w.is_flagged(x, pinned_node)) return -1;
  if (!is_constant(w, first_term(w, x), 1)) return -1;
  sum_form s(w, x);
  s.collect(x, 1, true);
  if (s.constant_term() != 1) return -1;
  s.set_constant_term(0);
  return w.apply(info<op::log1p>, s.build());
}

// log(x^n) -> n * log(x) for odd n, n * log(abs(x)) for even n; log(c / x) -> log(c) - log(x) where the logarithm of c
// is rounded no worse than the quotient would be.
constexpr int log_of_power(rewriter& w, int id) {
  const int x = w.arg(id, 0);
  const op_info* op = w[x].op;
  if (w.is_flagged(x, pinned_node) || !is_float(w.type(x))) return -1;
  int base = -1;
  double n = 0;
  if (op == &info<op::pow>) {
    if (!is_constant(w, w.arg(x, 1))) return -1;
    base = w.arg(x, 0);
    n = number(value_of(w, w.arg(x, 1)));
    if (!is_whole(n) || n == 0) return -1;
  } else if (op == &info<op::sqr>) {
    base = w.arg(x, 0);
    n = 2;
  } else if (op == &info<op::mul> || op == &info<op::div>) {
    const int a = w.arg(x, 0), b = w.arg(x, 1);
    if (op == &info<op::div> && is_constant(w, a)) {
      const double c = number(value_of(w, a));
      if (c >= 0.5 && c <= 2 && c != 1)
        return w.apply(info<op::sub>, w.apply(info<op::log>, a), w.apply(info<op::log>, b));
    }
    if (!w.is(a, info<op::sqr>) && !w.is(b, info<op::sqr>)) return -1;
    product_form p(w.type(x), w[x].weak);
    p.collect(w, x, 1);
    p.drop_ones();
    if (p.has_coefficient() || p.factors().size() != 1) return -1;
    base = p.factors()[0].id;
    n = p.factors()[0].power;
  } else {
    return -1;
  }
  while (w.is(base, info<op::sqr>)) {
    base = w.arg(base, 0);
    n *= 2;
  }
  if (static_cast<std::int64_t>(n) % 2 == 0) base = w.apply(info<op::abs>, base);
  if (n == 1 || n == -1) return -1;
  const int once = w.apply(info<op::log>, cast_to(w, base, w.type(id)));
  return w.apply(info<op::mul>, constant_of(w, n, w.type(id)), once);
}

}  // namespace detail

}  // namespace agnesi
