// SPDX-License-Identifier: BSD-3-Clause
// What simplification is asked to do, and what it says it did.
//   simplify_options o{.phases = phase::all, .ieee = true};
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
  const rule_table* tables = nullptr;  // the user's
  int n_tables = 0;
  int first = 0, last = 1 << 30;  // only these nodes: a large graph is simplified in several evaluations

  constexpr bool off(std::string_view name) const {
    for (int k = 0; k < n_without; ++k)
      if (without[k] == name) return true;
    return false;
  }
};

// A rewrite that fired, and how often.
struct firing {
  const rule* by = nullptr;
  std::string_view name;  // of a rule without one, see to_text
  int times = 0;
};

}  // namespace agnesi
