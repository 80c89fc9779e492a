// SPDX-License-Identifier: BSD-3-Clause
// Reverse-mode differentiation: replaces every op::gradient node by the formula of that gradient, made of the
// operations' derivative fragments. The result is a graph like any other and can be differentiated again.
#pragma once

#include "agnesi/ir/copy.hpp"
#include "agnesi/ir/universe.hpp"
#include "agnesi/ops/index.hpp"
#include "agnesi/ops/structure.hpp"

namespace agnesi {

namespace detail {

// The cotangents of every node of one cost, kept for all the gradients taken of it.
struct adjoints {
  int cost = -1;
  vec<int> of;
};

// Which nodes up to the cost depend on one of the symbols.
constexpr vec<bool> dependents(const graph& g, int cost, const vec<int>& wrt) {
  vec<bool> needed(cost + 1, false);
  for (int w : wrt)
    if (w <= cost) needed[w] = true;
  for (int id = 0; id <= cost; ++id)
    for (int k = 0; k < g[id].n_args && !needed[id]; ++k) needed[id] = needed[g.arg(id, k)];
  return needed;
}

// Whether the cost depends on a symbol, and that only through stop_gradient, which is a mistake. A cost that has
// none of it left, as the slope of a linear one, or has it only where the derivative is zero, as in sign(x), has
// a gradient of zeros; that it is written with the symbol is checked there.
constexpr bool only_stopped(const graph& g, int cost, int wrt) {
  vec<int> one;
  one.push_back(wrt);
  if (!dependents(g, cost, one)[cost]) return false;
  vec<bool> reached(cost + 1, false);
  reached[wrt] = true;
  for (int id = wrt + 1; id <= cost; ++id)
    for (int k = 0; k < g[id].n_args && !reached[id]; ++k)
      reached[id] = reached[g.arg(id, k)] && !g.is(id, info<op::stop_gradient>);
  return !reached[cost];
}

// A cotangent brought to the element type and shape of what it belongs to.
constexpr int fitted(graph& g, int cotangent, int like) {
  if (cotangent < 0) return -1;
  cotangent = unbroadcast(g, cast_to(g, cotangent, g.type(like)), g.shape(like));
  return broadcast_to_shape(g, cotangent, g.shape(like));
}

constexpr adjoints sweep(graph& g, const universe& u, int cost, const vec<int>& wrt) {
  adjoints a;
  a.cost = cost;
  a.of = vec<int>(cost + 1, -1);
  const vec<bool> needed = dependents(g, cost, wrt);
  a.of[cost] = constant_of(g, 1, g.type(cost));
  for (int id = cost; id >= 0; --id) {
    const op_info& op = *g[id].op;
    if (a.of[id] < 0 || !needed[id] || op.kind == op_kind::leaf || op.flat || !is_float(g.type(id))) continue;
    const derivative_function derivative = u.derivative(&op);
    if (derivative == nullptr) {
      g.fail(mistake::not_differentiable);
      return a;
    }
    int out[16] = {};
    derivative(g, id, a.of[id], out);
    for (int k = 0; k < g[id].n_args; ++k) {
      const int arg = g.arg(id, k);
      if (!needed[arg] || out[k] < 0 || !is_float(g.type(arg))) continue;
      const int part = fitted(g, out[k], arg);
      a.of[arg] = a.of[arg] < 0 ? part : g.apply(info<op::add>, a.of[arg], part);
    }
  }
  return a;
}

// All that is asked for of the cost of `node`, so that one sweep serves every gradient of it.
constexpr vec<int> symbols_asked(const graph& in, int node, const vec<int>& place) {
  vec<int> wrt;
  for (int id = 0; id < in.size(); ++id)
    if (in.is(id, info<op::gradient>) && in.arg(id, 0) == in.arg(node, 0)) {
      const int w = place[in.arg(id, 1)];
      if (w >= 0 && !wrt.contains(w)) wrt.push_back(w);
    }
  return wrt;
}

}  // namespace detail

constexpr graph differentiated(const graph& in, const universe& u) {
  graph g = continued(in);
  vec<int> place(in.size(), -1);
  vec<detail::adjoints> sweeps;
  // Inputs first: a sweep serves gradients by symbols that come later in the list.
  for (int id = 0; id < in.size(); ++id)
    if (in.is(id, info<op::input>)) place[id] = copy_node(g, in, id, place);
  for (int id = 0; id < in.size(); ++id) {
    if (place[id] >= 0) continue;
    if (!in.is(id, info<op::gradient>)) {
      place[id] = copy_node(g, in, id, place);
      continue;
    }
    const int cost = place[in.arg(id, 0)], wrt = place[in.arg(id, 1)];
    int s = 0;
    while (s < sweeps.size() && sweeps[s].cost != cost) ++s;
    if (s == sweeps.size()) sweeps.push_back(detail::sweep(g, u, cost, detail::symbols_asked(in, id, place)));
    if (g.failure != mistake::none) return g;
    int result = wrt <= cost ? sweeps[s].of[wrt] : -1;
    if (result < 0) {
      if (in.attr(id, 0) == 0 && detail::only_stopped(g, cost, wrt)) g.fail(mistake::wrt_unused);
      result = zeros_of(g, g.type(wrt), g.shape(wrt));
    }
    place[id] = result;
  }
  for (int s = 0; s < g.symbols.size(); ++s)
    if (g.symbols[s].node >= 0) g.symbols[s].node = place[g.symbols[s].node];
  // The root is the last node.
  return g;
}

}  // namespace agnesi
