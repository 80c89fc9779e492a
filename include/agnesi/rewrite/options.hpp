// SPDX-License-Identifier: BSD-3-Clause
// What simplification is asked to do, and what it says it did.
//   simplify_options o{.phases = phase::all, .ieee = true};   o.runs("stabilize")
#pragma once

#include <string_view>

#include "agnesi/rewrite/rule.hpp"

namespace agnesi {

// Kinds of rewriting, as bits. Constants are folded only after what is unstable has been rewritten.
namespace phase {
inline constexpr unsigned canonicalize = 1, stabilize = 2, fold = 4, specialize = 8;
inline constexpr unsigned all = canonicalize | stabilize | fold | specialize;
}  // namespace phase
using phase::canonicalize, phase::stabilize, phase::fold, phase::specialize;

struct rule_table {
  const rule* rules = nullptr;
  int size = 0;
  unsigned phases = phase::canonicalize;
};

// What is switched off (rules and passes, by name), and what is added.
struct simplify_options {
  unsigned phases = phase::canonicalize | phase::stabilize;
  bool ieee = false;  // only what holds for every IEEE value
  const std::string_view* without = nullptr;
  int n_without = 0;
  const std::string_view* only = nullptr;
  int n_only = -1;  // -1: everything that is not switched off
  const rule_table* tables = nullptr;  // the user's
  int n_tables = 0;
  int first = 0, last = 1 << 30;  // only these nodes: a large graph is simplified in several evaluations

  constexpr bool off(std::string_view name) const {
    for (int k = 0; k < n_without; ++k)
      if (without[k] == name) return true;
    return false;
  }
  // Whether it was asked for by this name among the passes to run; false where everything is run.
  constexpr bool picks(std::string_view name) const {
    for (int k = 0; k < n_only; ++k)
      if (only[k] == name) return true;
    return false;
  }
  constexpr bool runs(std::string_view pass) const { return !off(pass) && (n_only < 0 || picks(pass)); }
};

// A rewrite that fired: its name, what it made of what, and how often in a row. See rewrite/trace.hpp.
struct firing {
  const rule* by = nullptr;
  std::string_view name;  // of a rule without one, see to_text
  int times = 0;
  text before{}, after{};  // cut to a readable length
  text letters{};          // what P, Q, ... in both stand for; may be empty
  bool told = true;  // not where another rewrite says it all, or where only terms were put together otherwise
};

}  // namespace agnesi
