// SPDX-License-Identifier: BSD-3-Clause
// The rows of the checklist: what a row is, and how one is examined.
//   row r{"A9", 1, "x - x → 0", {"canonical_sums"}, {gives(x - x, 0_c * x)}, {}, {canonical, "canonical forms"}};
#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include <agnesi/agnesi.hpp>

#include "support/rewriting.hpp"

namespace checklist {

namespace ag = agnesi;
using std::string;

// A formula, what it becomes, and what it is to become. Of a whole function: the kinds of its plan's steps.
struct example {
  string formula, becomes, wanted;
  bool reached = true;
  std::vector<string> fired{};
};

// A test case that shows a row.
struct shown_by {
  const char* file;
  const char* test_case;
};

struct row {
  const char* id;
  int priority;
  const char* what;
  std::vector<const char*> by;   // rules and passes, by name
  std::vector<example> there;    // each becomes what is wanted
  std::vector<example> missing;  // none does
  shown_by test;
  const char* because = "";      // what is missing is
};

// What the list asks for and is not done, and why.
struct declined {
  const char* id;
  example here;  // is to stay what it becomes now
  const char* why;
};

inline void append_names(std::vector<string>& names, const ag::vec<ag::firing>& log) {
  for (const ag::firing& f : log)
    names.push_back(f.name.empty() && f.by != nullptr ? string(to_text(*f.by).view()) : string(f.name));
}

// As ag::simplify does it, at run time.
template <class F>
ag::graph simplified_graph(F formula, std::vector<string>& fired) {
  ag::graph g = ag::testing::graph_of_formulas(formula);
  ag::vec<ag::firing> log;
  if (ag::detail::has_gradients(g)) {
    g = differentiated(simplified(g, ag::simplify_options{}, &log), ag::universe_of<ag::op_list<>>());
    append_names(fired, log);
  } else if (needs_two_sweeps(g)) {
    g = simplified(g, ag::simplify_options{}, &log);
    append_names(fired, log);
  }
  ag::simplify_options all;
  all.phases = ag::phase::all;
  g = simplified(g, all, &log);
  append_names(fired, log);
  if (g.failure != ag::mistake::none) throw "a formula of the checklist has a mistake";
  return g;
}

template <class F, class G>
example gives(F formula, G wanted) {
  example e;
  std::vector<string> none;
  const ag::graph g = simplified_graph(formula, e.fired), h = simplified_graph(wanted, none);
  e.formula = ag::to_string(formula);
  e.becomes = string(ag::shown_outputs(g).view());
  e.wanted = ag::to_string(wanted);
  e.reached = e.becomes == string(ag::shown_outputs(h).view()) ||
              ag::testing::equal_nodes(g, g.arg(g.size() - 1, 0), h, h.arg(h.size() - 1, 0));
  return e;
}
// What no formula of the user's says: a constant that is not a number, a choice that stabilizes.
template <class F>
example becomes(F formula) {
  return gives(formula, formula);
}
// A formula that is made in this form already, by what it was written as.
inline example written(const char* formula, example e) {
  e.formula = formula;
  return e;
}
// A formula that is left as it is, on purpose.
template <class F>
example stays(F formula) {
  example e = gives(formula, formula);
  e.reached = e.formula == e.becomes;
  return e;
}

// The first line of explain(): "3 steps, 1 buffer".
template <class Function>
example stores(const char* what, const Function& f, const char* wanted) {
  const string text = f.explain(), line = text.substr(0, text.find('\n'));
  return {what, line, wanted, line == wanted};
}
// The kinds of the steps, which stand after their numbers; in brackets those that are done tile by tile: "gemm; [gather;
// fused loop]".
template <class Function>
example plans(const char* what, const Function& f, const char* wanted) {
  string kinds, line;
  int step = 0, first_of_tiling = 0, last_of_tiling = 0;
  for (const char c : f.explain()) {
    if (c != '\n') {
      line += c;
      continue;
    }
    if (std::sscanf(line.c_str(), "    steps %d to %d, tile by tile", &first_of_tiling, &last_of_tiling) == 2) step = first_of_tiling - 1;
    else if (line.size() > 16 && line[2] == '.') {
      ++step;
      kinds += kinds.empty() ? "" : "; ";
      if (step == first_of_tiling) kinds += '[';
      kinds += line.substr(4, line.find("  ", 4) - 4);
      if (step == last_of_tiling) kinds += ']';
    }
    line.clear();
  }
  return {what, kinds, wanted, kinds == wanted};
}

}  // namespace checklist
