// SPDX-License-Identifier: BSD-3-Clause
// After differentiation: composites that were kept for the sake of their derivatives are written out, and
// increments are merged into what they are added to, so that they happen in place.
//   logsumexp(x) → m + log(sum(exp(x - m)))      a - inc(zeros(i), v) → inc(a(i), -v)
#pragma once

#include "agnesi/ops/probability.hpp"
#include "agnesi/passes/increments.hpp"

namespace agnesi {

namespace detail {

// Of exp(x - logsumexp(x)): the logsumexp, else -1.
constexpr int normalizer_of(const graph& g, int id) {
  if (!g.is(id, info<op::exp>) || !g.is(g.arg(id, 0), info<op::sub>)) return -1;
  const int x = g.arg(g.arg(id, 0), 0);
  int total = g.arg(g.arg(id, 0), 1);
  if (g.is(total, info<op::broadcast>)) total = g.arg(total, 0);
  std::int64_t axes = 0;
  if (g.is(total, info<op::expand_dims>)) {
    axes = g.attr(total, 0);
    total = g.arg(total, 0);
  }
  if (!g.is(total, info<op::logsumexp>) || g.arg(total, 0) != x || g.shape(x) != g.shape(id)) return -1;
  return g.attr(total, 0) == axes || (axes == 0 && g.rank(total) == 0) ? total : -1;
}

}  // namespace detail

// `ordered`: sums are not put together in another order.
constexpr graph expanded(const graph& in, bool ordered = false) {
  graph g = continued(in);
  const vec<bool> live = live_nodes(in, in.size() - 1);
  vec<int> uses(in.size(), 0), reads;
  bool writes = false;
  for (int id = 0; id < in.size(); ++id) {
    for (int k = 0; live[id] && k < in[id].n_args; ++k) ++uses[in.arg(id, k)];
    writes = writes || (in[id].op->kind == op_kind::index && is_put_node(in, id));
  }
  const detail::increment_sums sums{g, reads, ordered || !writes};
  vec<int> place(in.size(), -1);
  for (int id = 0; id < in.size(); ++id) {
    if (!live[id] && !in.is(id, info<op::input>)) continue;
    if (in.is(id, info<op::logsumexp>)) {
      place[id] = op::logsumexp::expand(g, place[in.arg(id, 0)], in.attr(id, 0));
    } else if (const int total = detail::normalizer_of(in, id); total >= 0) {
      place[id] = op::logsumexp::expand_normalized(g, place[in.arg(total, 0)], in.attr(total, 0));
    } else {
      place[id] = sums.best(copy_node(g, in, id, place));
    }
    if (!writes) continue;
    reads.resize(g.size(), 0);
    reads[place[id]] += uses[id];
  }
  for (int s = 0; s < g.symbols.size(); ++s)
    if (g.symbols[s].node >= 0) g.symbols[s].node = place[g.symbols[s].node];
  return g;
}

}  // namespace agnesi
