// SPDX-License-Identifier: BSD-3-Clause
// From a model to its plan, in constant evaluation: lower, simplify, differentiate, simplify, find BLAS, fuse.
//   pipeline_result r = run_pipeline<Model>();  r.plan.steps
#pragma once

#include "agnesi/function/model.hpp"
#include "agnesi/passes/options.hpp"
#include "agnesi/grad/reverse.hpp"
#include "agnesi/passes/blas.hpp"
#include "agnesi/passes/expand.hpp"
#include "agnesi/passes/one_sweep.hpp"
#include "agnesi/passes/planned.hpp"
#include "agnesi/passes/schedule.hpp"
#include "agnesi/passes/simplify.hpp"

namespace agnesi {

struct pipeline_result {
  graph written;    // as lowered, with the checks that the call makes
  graph simple;     // simplified, differentiated, and simplified again
  graph optimized;  // what the plan computes
  plan steps;
  vec<firing> fired;
  int fired_before = -1;  // of these, those before gradients were taken; -1 where there are none to take
  mistake failure = mistake::none;
};

namespace detail {

constexpr void append_log(vec<firing>& to, const vec<firing>& from) {
  for (const firing& f : from) to.push_back(f);
}

template <class S, class F>
constexpr void substitute(graph& g, vec<given>& out, update<S, F>) {
  out.push_back({name_of_symbol(S{}), lower(g, F{})});
}

// An update has its symbol's shape, which may only show at the call.
constexpr void same_shape(graph& g, int symbol, int value) {
  for (int k = 0; k < g.rank(symbol); ++k)
    if (!g.unify(g.extent(symbol, k), g.extent(value, k), info<op::outputs>, symbol, value)) g.fail(mistake::update_extent);
}

// Each check once.
constexpr vec<shape_check> distinct_checks(const vec<shape_check>& all) {
  vec<shape_check> kept;
  for (const shape_check& c : all) {
    bool known = false;
    for (const shape_check& o : kept) known = known || (o.kind == c.kind && o.a == c.a && o.b == c.b);
    if (!known) kept.push_back(c);
  }
  return kept;
}

template <class... S, class Results, int Outputs, class... Updated, class... Given, class Options>
constexpr int lower_model(graph& g, model<input_list<S...>, Results, Outputs, op_list<Updated...>, given_list<Given...>, Options>,
                          composites c = composites::expand) {
  (add_input_symbol(g, S{}), ...);
  vec<given> givens;
  (substitute(g, givens, Given{}), ...);
  using list = typename Results::list;
  const int root = lower(g, universe_of<typename Results::ops>(), {list::words, list::size, list::nodes, nullptr},
                         c, givens);
  if (g.symbols.size() > static_cast<int>(sizeof...(S))) return g.fail(mistake::missing_input);
  if (root < 0) return root;
  const int symbols[] = {position_of_name<Updated, S...>()..., 0};
  for (int k = 0; k < static_cast<int>(sizeof...(Updated)); ++k)
    same_shape(g, g.symbols[symbols[k]].node, g.arg(root, Outputs + k));
  return root;
}

template <class... S, class Results, int Outputs, class... Updated, class Given, class Options>
constexpr vec<int> update_targets(const graph& g, model<input_list<S...>, Results, Outputs, op_list<Updated...>, Given, Options>) {
  vec<int> targets(Outputs, -1);
  (targets.push_back(g.symbols[position_of_name<Updated, S...>()].node), ...);
  return targets;
}

constexpr bool has_gradients(const graph& g) {
  for (int id = 0; id < g.size(); ++id)
    if (g.is(id, info<op::gradient>)) return true;
  return false;
}

}  // namespace detail

// ---- the passes, in order

template <class Model>
constexpr universe universe_of_model() {
  return universe_of<typename detail::definition_of<Model>::results::ops>();
}

// What is differentiated is simplified first, so that the derivative is that of the stable form; constants are folded
// and operations specialized only at last, after all that is unstable has been seen.
template <class Model, bool Last>
constexpr simplify_options simplification_of() {
  simplify_options o = detail::definition_of<Model>::options::simplification();
  o.phases = Last ? canonicalize | stabilize | fold | specialize : canonicalize | stabilize;
  return o;
}
template <class Model>
constexpr bool runs_pass(std::string_view name) {
  return detail::definition_of<Model>::options::runs(name);
}
// The steps that ag::without can switch off.
template <class Model>
constexpr graph with_sweeps_joined(const graph& g) {
  if (!runs_pass<Model>("one_sweep")) return g;
  return in_one_sweep(g);
}
template <class Model>
constexpr graph with_blas_found(const graph& g) {
  if (!runs_pass<Model>("blas")) return g;  // no ?:, of which g++ 12 destroys the result in constant evaluation
  return blas_found(g, detail::update_targets(g, detail::definition_of<Model>{}), simplification_of<Model, true>());
}
template <class Model>
constexpr fusion fused(const graph& g, const vec<int>& targets) {
  return schedule(g, targets, runs_pass<Model>("fuse")).result();
}
// The whole of it at once: at run time, for explain() and for messages.
template <class Model>
constexpr pipeline_result run_pipeline() {
  pipeline_result r;
  const universe u = universe_of_model<Model>();
  detail::lower_model(r.written, detail::definition_of<Model>{});
  r.failure = r.written.failure;
  if (r.failure != mistake::none) return r;
  vec<firing> log;
  graph g = r.written;
  const bool differentiates = detail::has_gradients(g);
  if (differentiates || needs_two_sweeps(g)) {
    g = simplified(g, simplification_of<Model, false>(), &log);
    detail::append_log(r.fired, log);
    r.fired_before = r.fired.size();
  }
  if (differentiates) g = differentiated(g, u);
  r.failure = g.failure;
  if (r.failure != mistake::none) return r;
  g = simplified(g, simplification_of<Model, true>(), &log);
  detail::append_log(r.fired, log);
  r.simple = g;
  r.optimized =
      with_results_stored(with_blas_found<Model>(with_sweeps_joined<Model>(expanded(g, simplification_of<Model, true>().ieee))));
  const vec<int> targets = detail::update_targets(r.optimized, detail::definition_of<Model>{});
  const fusion loops = fused<Model>(r.optimized, targets);
  r.steps = planner(r.optimized, targets, u, loops).result;
  r.failure = r.optimized.failure;
  return r;
}

}  // namespace agnesi
