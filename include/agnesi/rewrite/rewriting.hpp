// SPDX-License-Identifier: BSD-3-Clause
// Rewritings that no pattern can express, and how a rewrite is noted down.
//   rewriting r = {"casts", "casts", phase::canonicalize, true, &shorter_cast, op_kind::elementwise, {&info<op::cast>}};
#pragma once

#include "agnesi/rewrite/match.hpp"
#include "agnesi/rewrite/options.hpp"

namespace agnesi {

class rewriter;

// A rewriting that no pattern can express: given a node, another one of equal value, or -1. It is tried at the
// operations it names, or, where it names none, at all of its kind. What its steps lessen, first things first, is counted by
// tests/support/measures.hpp, and explained in docs/internals/termination.md.
struct rewriting {
  std::string_view name;
  const char* lessens = "";
  unsigned phases = phase::canonicalize;
  bool in_ieee = false;
  int (*apply)(rewriter&, int id) = nullptr;
  op_kind kind = op_kind::elementwise;
  const op_info* ops[5] = {};
};

// A rewrite as it is noted down: a rule at an operation on operands, which need not be a node, or a rewriting from a
// node to another.
struct event {
  const rule* by = nullptr;
  std::string_view name;
  int before = -1, after = -1;
  const op_info* op = nullptr;
  int args[3] = {-1, -1, -1};
  int n_args = 0;
  match found{};
  bool told = true;
};

}  // namespace agnesi
