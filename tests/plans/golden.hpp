// SPDX-License-Identifier: BSD-3-Clause
// Golden plans: what explain() prints, against tests/plans/expected/NAME.txt; and whether the plan computes what the
// formulas say, as they are written.
//   CHECK(golden("adam", f) == "");   CHECK(wrong_about(f, {{"x", random_tensor({5, 3})}}) == "");
// A plan that has changed is to be read before it is kept:
//   AGNESI_WRITE_GOLDEN=1 tests/one.sh tests/plans/test_plans_training.cpp && git diff tests/plans/expected
#pragma once

#include <agnesi/agnesi.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "support/reference.hpp"
#include "support/run_plan.hpp"

namespace agnesi::testing {

enum class golden_part { plan, plan_and_rewrites };

namespace detail {

inline std::vector<std::string> lines_of(std::istream& s) {
  std::vector<std::string> lines;
  for (std::string line; std::getline(s, line);) lines.push_back(line);
  return lines;
}
// The plan is the same whatever computes its products, so the line that names it is left out.
inline std::vector<std::string> explained(const std::string& text, golden_part part) {
  std::istringstream s(text);
  std::vector<std::string> kept;
  for (const std::string& line : lines_of(s)) {
    if (line == "rewrites" && part == golden_part::plan) break;
    if (line.rfind("BLAS: ", 0) != 0) kept.push_back(line);
  }
  return kept;
}

// The longest common subsequence, and around it what only one side has.
inline std::string difference_of_lines(const std::vector<std::string>& had, const std::vector<std::string>& has) {
  const std::size_t m = had.size(), n = has.size();
  std::vector<std::vector<int>> common(m + 1, std::vector<int>(n + 1, 0));
  for (std::size_t i = m; i-- > 0;)
    for (std::size_t j = n; j-- > 0;)
      common[i][j] = had[i] == has[j] ? common[i + 1][j + 1] + 1 : std::max(common[i + 1][j], common[i][j + 1]);
  std::string text;
  for (std::size_t i = 0, j = 0; i < m || j < n;) {
    if (i < m && j < n && had[i] == has[j]) text += "  " + had[i++], ++j;
    else if (j == n || (i < m && common[i + 1][j] >= common[i][j + 1])) text += "- " + had[i++];
    else text += "+ " + has[j++];
    text += '\n';
  }
  return text;
}

}  // namespace detail

// What differs from the expected plan, as lines with - for what was expected and + for what came; empty if nothing.
template <class F>
std::string golden(const std::string& name, const F& f, golden_part part = golden_part::plan) {
  const std::string path = AGNESI_SOURCE_DIR "/tests/plans/expected/" + name + ".txt";
  const std::vector<std::string> has = detail::explained(f.explain(), part);
  if (std::getenv("AGNESI_WRITE_GOLDEN") != nullptr) {
    std::ofstream file(path);
    for (const std::string& line : has) file << line << '\n';
    return file.good() ? "" : "cannot write " + path;
  }
  std::ifstream file(path);
  if (!file) return "there is no " + path;
  const std::vector<std::string> had = detail::lines_of(file);
  return had == has ? "" : path + "\n" + detail::difference_of_lines(had, has);
}

inline tensor_value random_tensor(std::vector<std::int64_t> extents, double lo = -1, double hi = 1) {
  tensor_value t(std::move(extents));
  for (real& v : t.elements) v = randomness().between(lo, hi);
  return t;
}
inline tensor_value random_indices(std::int64_t n, int below) {
  tensor_value t(std::vector<std::int64_t>{n});
  for (real& v : t.elements) v = randomness().below(below);
  return t;
}

// What is wrong about the plan's results when it is carried out step by step in long double; the reference is the model
// as lowered, differentiated and otherwise left alone. The updated symbols are named in the order of their updates.
template <class F>
std::string wrong_about(F, const values& in, const std::vector<std::string>& updated = {}) {
  using model = typename F::model_type;
  const pipeline_result r = run_pipeline<model>();
  const universe u = universe_of_model<model>();
  const std::vector<tensor_value> expected = interpret(differentiated(r.written, u), in);
  const plan_run run(r.steps, r.optimized, u, in, 1);

  const std::size_t n_outputs = run.outputs.size();
  if (expected.size() != n_outputs + updated.size()) return "the number of results";
  values left = in;
  for (std::size_t k = 0; k < updated.size(); ++k) left[updated[k]] = expected[n_outputs + k];
  std::string wrong;
  const auto compare = [&](const std::string& which, const tensor_value& is, const tensor_value& should_be) {
    if (is.extents != should_be.extents) {
      wrong += which + " has another shape\n";
      return;
    }
    for (std::int64_t i = 0; i < is.count(); ++i)
      if (!near(static_cast<double>(is[i]), static_cast<double>(should_be[i]), 1e-7))
        wrong += which + ": element " + std::to_string(i) + " is " + std::to_string(is[i]) + " instead of " +
                 std::to_string(should_be[i]) + "\n";
  };
  for (std::size_t k = 0; k < n_outputs; ++k) compare("output " + std::to_string(k), run.outputs[k], expected[k]);
  for (const auto& [name, value] : left) compare(name, run.inputs.at(name), value);
  return wrong;
}

}  // namespace agnesi::testing
