// SPDX-License-Identifier: BSD-3-Clause
// What a compiled function does and how it came to that: the plan, then the formulas as written, the rewrites that
// fired, and the formulas as they are computed.
//   std::cout << train.explain();   // 1. gemm  t1 = dot(x, W) ...  rewrites ...
#pragma once

#include <string>

#include "agnesi/backend/blas/blas.hpp"
#include "agnesi/backend/blas/core_type.hpp"
#include "agnesi/function/complaints.hpp"
#include "agnesi/function/plan_text.hpp"
#include "agnesi/function/shared_parts.hpp"

namespace agnesi {

namespace detail {

// The results of a graph, a line each: "output 0 = ...", "w' = ...". What is shared and more than a few operations gets
// a line of its own before them.
class results_writer {
 public:
  results_writer(const graph& g, const vec<int>& targets) : g_(g), targets_(targets), writer_(g, true) {}

  text lines() {
    const int root = g_.size() - 1;
    vec<int> roots;
    for (int k = 0; k < g_[root].n_args; ++k) roots.push_back(g_.arg(root, k));
    text t;
    int names = 0;
    for (int id : shared_parts(g_, writer_, roots, least).nodes) line(t, id, next_name_of_part(g_, names));
    int output = 0;
    for (int k = 0; k < targets_.size(); ++k) {
      text name("output ");
      if (targets_[k] < 0) {
        name << output++;
      } else {
        name = text();
        writer_.write(name, targets_[k]);
        name << '\'';
      }
      line(t, roots[k], name);
    }
    return t;
  }

 private:
  static constexpr int least = 4;  // tokens that are worth a name
  const graph& g_;
  const vec<int>& targets_;
  formula_writer writer_;

  void line(text& t, int id, const text& name) {
    t << "      " << name << " = ";
    writer_.write(t, id);
    t << '\n';
    if (g_[id].n_args > 0 && !writer_.has_label(id)) writer_.label(id, name);
  }
};

inline void write_firing(text& t, int number, const firing& f) {
  text line;
  line << (number < 10 ? "     " : number < 100 ? "    " : "   ") << number << ". ";
  line << (f.name.empty() && f.by != nullptr ? to_text(*f.by) : text(f.name));
  while (line.size() < 27) line << ' ';
  line << ' ' << f.before << " -> " << f.after;
  if (f.letters.size() > 0) line << ", where " << f.letters;
  if (f.times > 1) line << "  (" << f.times << " times)";
  t << line << '\n';
}

}  // namespace detail

// What a compiled function of this model does. Extents that only a call knows are named.
template <class Model>
std::string explain_model(Model) {
  const pipeline_result r = run_pipeline<Model>();
  const auto targets = [](const graph& g) { return detail::update_targets(g, detail::definition_of<Model>{}); };
  const vec<int> of_plan = targets(r.optimized);
  text t = detail::explainer(r, of_plan, universe_of_model<Model>()).plan_text();
  for (const step& s : r.steps.steps)
    if (s.kind == step_kind::contract || s.kind == step_kind::chain) {
      t << "BLAS: " << blas::core_name() << blas::advice(blas::core_name(), blas::level_of_processor()) << '\n';
      break;
    }
  graph written;
  detail::lower_model(written, detail::definition_of<Model>{}, composites::keep);
  const vec<int> of_written = targets(written), of_simple = targets(r.simple);
  t << "rewrites\n  written\n" << detail::results_writer(written, of_written).lines();
  int told = 0;
  bool differentiated = false;
  for (int k = 0; k < r.fired.size(); ++k) {
    if (!r.fired[k].told) continue;
    if (r.fired_before >= 0 && k >= r.fired_before && !differentiated) {
      t << "  fired, once gradients were taken\n";
      differentiated = true;
    } else if (told == 0) {
      t << "  fired\n";
    }
    detail::write_firing(t, ++told, r.fired[k]);
  }
  t << "  computed\n" << detail::results_writer(r.simple, of_simple).lines();
  return std::string(t.view());
}

}  // namespace agnesi
