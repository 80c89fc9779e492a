// SPDX-License-Identifier: BSD-3-Clause
// A function by the passes of run_pipeline, with the graph after each of them, and its plan carried out by the interpreter.
//   wrong_after(f, *expected(f))   // the pass after which the values are wrong, empty for none
#pragma once

#include "agnesi/function/pipeline.hpp"
#include "support/expected.hpp"
#include "support/run_plan.hpp"

namespace agnesi::testing {

// run_pipeline's passes, one after the other.
struct stages {
  std::vector<std::pair<const char*, graph>> graphs;
  agnesi::plan plan;

  explicit stages(const formula& f) {
    const auto u = universe_of<op_list<>>();
    simplify_options o;
    o.ieee = f.ieee;
    o.phases = phase::canonicalize | phase::stabilize;
    graph g = f.g;
    if (agnesi::detail::has_gradients(g)) {
      g = differentiated(simplified(g, o), u);
      graphs.emplace_back("simplified and differentiated", g);
    }
    o.phases = phase::all;
    graphs.emplace_back("simplified", simplified(g, o));
    graphs.emplace_back("expanded", expanded(last(), f.ieee));
    graphs.emplace_back("in_one_sweep", in_one_sweep(last()));
    graphs.emplace_back("blas_found", blas_found(last(), f.targets(last())));
    graphs.emplace_back("with_results_stored", with_results_stored(last()));
    const vec<int> targets = f.targets(last());
    const fusion loops = schedule(last(), targets).result();
    plan = planner(last(), targets, u, loops).result;
  }
  const graph& last() const { return graphs.back().second; }
};

// The pass after which the values are wrong; empty where all is well.
inline std::string wrong_after(const formula& f, const expectation& e) {
  const stages s(f);
  const auto u = universe_of<op_list<>>();
  std::string what;
  try {
    if (s.last().failure == mistake::none && same(interpret(s.last(), f.in), e.results, e.tolerance)) {
      const plan_run run(s.plan, s.last(), u, f.in, f.seed);
      std::vector<tensor_value> results = run.outputs;
      values left = f.in;
      for (const std::string& name : f.updated) {
        results.push_back(run.inputs.at(name));
        left[name] = run.inputs.at(name);
      }
      bool good = same(results, e.results, e.tolerance);
      for (const auto& [name, v] : left) good = good && same(v, run.inputs.at(name), 0);
      return good ? "" : "plan";
    }
  } catch (const std::exception& error) {
    what = std::string(": ") + error.what();
  }
  for (const auto& [name, g] : s.graphs) {
    if (g.failure != mistake::none) return name;
    try {
      if (!same(interpret(g, f.in), e.results, e.tolerance)) return name;
    } catch (const std::exception&) {
      return name + what;
    }
  }
  return "plan" + what;
}

}  // namespace agnesi::testing
