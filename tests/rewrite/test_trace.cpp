// SPDX-License-Identifier: BSD-3-Clause
// What a rewriter did, in mathematics.
#include <doctest/doctest.h>

#include <agnesi/expr/symbols.hpp>
#include <agnesi/ops/probability.hpp>
#include <agnesi/passes/options.hpp>

#include "support/rewriting.hpp"

#include <string>
#include <string_view>

namespace ag = agnesi;
using namespace ag::literals;
using ag::testing::graph_of_formulas;
namespace phase = ag::phase;

namespace {

constexpr auto x = ag::vector<"x">;
constexpr auto y = ag::vector<"y">;
constexpr auto m = ag::matrix<"m">;
constexpr auto ids = ag::vector<"ids", std::int64_t>;

template <class... F>
constexpr ag::vec<ag::firing> trace_of(unsigned phases, F... f) {
  ag::simplify_options o;
  o.phases = phases;
  ag::vec<ag::firing> log;
  simplified(graph_of_formulas(f...), o, &log);
  ag::vec<ag::firing> told;
  for (const ag::firing& e : log)
    if (e.told) told.push_back(e);
  return told;
}
constexpr bool is(const ag::firing& f, std::string_view name, std::string_view before, std::string_view after,
                  std::string_view letters = "", int times = 1) {
  return f.name == name && f.before.view() == before && f.after.view() == after && f.letters.view() == letters &&
         f.times == times;
}
constexpr unsigned first_round = phase::canonicalize | phase::stabilize;

// In order, each as its rule has it, not as what later became of it.
constexpr bool tells_one_after_the_other() {
  const auto t = trace_of(first_round, log(1_c + exp(x)));
  return t.size() == 2 && is(t[0], "log1p", "log(1 + exp(x))", "log1p(exp(x))") &&
         is(t[1], "softplus", "log1p(exp(x))", "softplus(x)");
}
static_assert(tells_one_after_the_other());

// What a rule does not look into goes by a letter, where that is shorter.
constexpr bool abbreviates() {
  const auto t = trace_of(first_round, log(sigmoid(2_c + x * y)));
  return is(t[0], "softplus", "log(sigmoid(P))", "-softplus(-P)", "P = 2 + x * y");
}
static_assert(abbreviates());

// So does what the two sides of a rewriting have in common.
constexpr bool abbreviates_what_is_common() {
  const auto t = trace_of(first_round, exp(x - y) * tanh(y) / exp(x - y));
  return is(t[t.size() - 1], "canonical_products", "P * Q / P", "Q", "P = exp(x - y), Q = tanh(y)") ||
         is(t[t.size() - 1], "canonical_products", "exp(x - y) * P / exp(x - y)", "P", "P = tanh(y)") ||
         is(t[t.size() - 1], "canonical_products", "exp(x - y) * tanh(y) / exp(x - y)", "tanh(y)");
}
static_assert(abbreviates_what_is_common());

// A rewriting that only looked for a rule is not told beside it.
constexpr bool tells_a_rule_once() {
  const auto t = trace_of(first_round, 1_c - sigmoid(x));
  return t.size() == 1 && is(t[0], "sigmoid", "1 - sigmoid(x)", "sigmoid(-x)");
}
static_assert(tells_a_rule_once());

// Terms put together otherwise are the same formula: it is noted, and not told.
constexpr bool notes_what_is_not_told() {
  ag::vec<ag::firing> log;
  simplified(graph_of_formulas(x * (y * m)), {}, &log);
  return log.size() == 1 && log[0].name == "canonical_products" && !log[0].told;
}
static_assert(notes_what_is_not_told());

// Nothing fired, nothing is told.
static_assert(trace_of(phase::all, x + y).empty());
static_assert(trace_of(0, log(1_c + exp(x))).empty());
// A rewrite that was refused did not fire: the index is checked when it is computed.
static_assert(trace_of(first_round, where(y(ids) < y(ids), x(0_c), x(0_c))).empty());

}  // namespace

TEST_CASE("what is told of large formulas is short") {
  const auto deep = [](auto self, auto f, auto n) {
    if constexpr (n.value == 0) return f;
    else return self(self, tanh(f * y + m), std::integral_constant<int, n.value - 1>{});
  };
  const auto f = deep(deep, dot(m, m), std::integral_constant<int, 12>{});
  const auto t = trace_of(phase::all, log(exp(f)) * f / f - f + 2_c * f);
  CHECK(t.size() > 0);
  for (const ag::firing& e : t) {
    CAPTURE(std::string(e.before.view()));
    CHECK(e.before.size() < 70);
    CHECK(e.after.size() < 70);
    CHECK(e.letters.size() < 220);
  }
}
