// SPDX-License-Identifier: BSD-3-Clause
// The symbols of the checklist's formulas, and the test cases that most of its rows are shown by.
#pragma once

#include "checklist.hpp"

namespace checklist {

using namespace ag::literals;
using ag::axis, ag::keepdims, ag::grad, ag::function, ag::inputs, ag::outputs, ag::updates, ag::slice, ag::none;

inline constexpr auto a = ag::scalar<"a">;
inline constexpr auto b = ag::scalar<"b">;
inline constexpr auto c = ag::scalar<"c">;
inline constexpr auto d = ag::scalar<"d">;
inline constexpr auto x = ag::vector<"x">;
inline constexpr auto y = ag::vector<"y">;
inline constexpr auto z = ag::vector<"z">;
inline constexpr auto f = ag::vector<"f", float>;
inline constexpr auto s = ag::vector<"s", double, 5>;
inline constexpr auto one = ag::vector<"one", double, 1>;
inline constexpr auto i = ag::vector<"i", std::int32_t>;
inline constexpr auto j = ag::vector<"j", std::int32_t>;
inline constexpr auto p = ag::vector<"p", bool>;
inline constexpr auto q = ag::matrix<"q", bool>;
inline constexpr auto m = ag::matrix<"m">;
inline constexpr auto n = ag::matrix<"n">;
inline constexpr auto w = ag::matrix<"w">;
inline constexpr auto v = ag::matrix<"v">;
inline constexpr auto r = ag::row<"r">;
inline constexpr auto col = ag::col<"col">;
inline constexpr auto t = ag::tensor3<"t">;
inline constexpr auto u = ag::matrix<"u", double, 3, 4>;

inline constexpr const char* canonical = "tests/passes/test_canonicalize.cpp";
inline constexpr const char* reductions = "tests/passes/test_reductions.cpp";
inline constexpr const char* stable = "tests/passes/test_stabilize.cpp";
inline constexpr const char* simplify_test = "tests/passes/test_simplify.cpp";
inline constexpr const char* fold = "tests/passes/test_fold.cpp";
inline constexpr shown_by canonical_forms{canonical, "canonical forms"};
inline constexpr shown_by every_rule{"tests/rewrite/test_rules_fuzz.cpp", "canonical rules hold at the edges"};
inline constexpr shown_by out_of_sums{reductions, "what does not vary is taken out of sums and products"};
inline constexpr shown_by accurate{stable, "formulas that overflow or cancel are written so that they do not"};
inline constexpr shown_by logarithms_near_one{"tests/passes/test_accuracy.cpp", "logarithms near one"};
inline constexpr shown_by error_functions{"tests/passes/test_accuracy.cpp", "error functions"};
inline constexpr shown_by folded{fold, "functions of constants agree with the run-time library"};
inline constexpr shown_by nothing{"", ""};

}  // namespace checklist
