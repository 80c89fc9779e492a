// SPDX-License-Identifier: BSD-3-Clause
// Rewritings that Theano or PyTensor had wrong at some time: that they are not here, or right. Two of theirs have no
// counterpart yet: arccosh(cosh(x)) as x, which is wrong for x < 0, and a reduction of joined tensors along another axis
// than that of the join.
#include <doctest/doctest.h>

#include <agnesi/agnesi.hpp>

#include "support/interpret.hpp"
#include "support/machine.hpp"
#include "support/reference.hpp"
#include "support/rewriting.hpp"

namespace ag = agnesi;
namespace phase = agnesi::phase;
using ag::graph;
using namespace ag::testing;
using namespace ag::literals;

namespace {

constexpr auto a = ag::scalar<"a">;
constexpr auto x = ag::vector<"x">;
constexpr auto y = ag::vector<"y">;
constexpr auto m = ag::matrix<"m">;
constexpr auto r = ag::row<"r">;
constexpr auto s34 = ag::matrix<"s34", double, 3, 4>;
constexpr auto i = ag::vector<"i", std::int64_t>;
constexpr auto f = ag::vector<"f", float>;

constexpr real no_number = __builtin_nanl("");
constexpr real infinity = __builtin_infl();

graph written(const graph& g) { return differentiated(g, ag::universe_of<ag::op_list<>>()); }
graph rewritten(const graph& g, bool ieee = false) {
  ag::simplify_options o;
  o.ieee = ieee;
  const graph d = written(simplified(g, o));
  o.phases = phase::all;
  return simplified(d, o);
}
std::string result_of(const graph& g, const values& in, ag::testing::detail::evaluation how) {
  std::string s;
  try {
    const ag::testing::detail::interpreter run(g, in, how);
    for (const tensor_value& t : run.results()) {
      s += "[";
      for (std::int64_t e : t.extents) s += std::to_string(e) + ",";
      s += "]";
      for (real v : t.elements) s += " " + std::to_string(static_cast<double>(v + 0));
      s += "\n";
    }
    return s;
  } catch (const std::exception& e) {
    return std::string("raises: ") + e.what();
  }
}
// The value as written; it is also the value when rewritten, under ag::ieee too.
template <class F>
std::string value(F formula, const values& in, bool also_by_default = true) {
  const graph g = graph_of_formulas(formula);
  const std::string expected = result_of(written(g), in, {&machine_value});
  CHECK(result_of(rewritten(g, true), in, {&machine_value}) == expected);
  if (also_by_default) CHECK(result_of(rewritten(g), in, {&machine_value}) == expected);
  return expected;
}
template <class F>
bool raises(F formula, const values& in) {
  return value(formula, in).rfind("raises: ", 0) == 0;
}

const values matrices = {{"a", 2},
                         {"m", {{3, 4}, {1, 2, 1, 1, 2, 2, 1, 3, 1, 1, 4, 1}}},
                         {"s34", {{3, 4}, {1, 2, 1, 1, 2, 2, 1, 3, 1, 1, 4, 1}}},
                         {"r", {{1, 4}, {1, 2, 4, 8}}},
                         {"x", {{4}, {1, 2, 4, 8}}}};

doctest::Approx approximately(double v) { return doctest::Approx(v).epsilon(1e-12).scale(0); }

}  // namespace

TEST_CASE("a factor leaves a product to the power of the number of elements along the axes, not of all") {
  CHECK(value(prod(2_c * m, ag::axis<0>), matrices) == "[4,] 16.000000 32.000000 32.000000 24.000000\n");
  CHECK(value(prod(2_c * m, ag::axis<1>), matrices) == "[3,] 32.000000 192.000000 64.000000\n");
  CHECK(value(prod(2_c * m), matrices) == "[] 393216.000000\n");
  CHECK(value(prod(a * s34, ag::axis<0>), matrices) == "[4,] 16.000000 32.000000 32.000000 24.000000\n");
  CHECK(value(prod(-m, ag::axis<0>), matrices) == "[4,] -2.000000 -4.000000 -4.000000 -3.000000\n");
  CHECK(value(prod(-m, ag::axis<1>), matrices) == "[3,] 2.000000 12.000000 4.000000\n");
  CHECK(value(prod(m * r, ag::axis<0>), matrices) == "[4,] 2.000000 32.000000 256.000000 1536.000000\n");
  CHECK(value(prod(m / x, ag::axis<0>), matrices) == "[4,] 2.000000 0.500000 0.062500 0.005859\n");
  CHECK(value(prod(m / a, ag::axis<1>, ag::keepdims), matrices) == "[3,1,] 0.125000 0.750000 0.250000\n");
  CHECK(value(prod(2_c * m, ag::axis<0>), {{"m", tensor_value({0, 2}, {})}}) == "[2,] 1.000000 1.000000\n");
}

TEST_CASE("what was added to zeros at places that repeat is not what is read there") {
  const values in = {{"x", {{3}, {5, 6, 7}}}, {"y", {{3}, {10, 20, 30}}}, {"i", {{3}, {2, 0, 2}}}};
  const auto increments = ag::grad(sum(x(i) * y), x);
  CHECK(value(increments, in) == "[3,] 20.000000 0.000000 40.000000\n");
  CHECK(value(increments(i), in) == "[3,] 40.000000 20.000000 40.000000\n");
  CHECK(value((x + increments)(i), in) == "[3,] 47.000000 25.000000 47.000000\n");
  CHECK(value((increments * 2_c)(i), in) == "[3,] 80.000000 40.000000 80.000000\n");
  // And at one place, or a slice, it is.
  const auto slice = ag::grad(sum(x(ag::slice(1_c)) * y(ag::slice(1_c))), x);
  CHECK(value(slice(ag::slice(1_c)), in) == "[2,] 20.000000 30.000000\n");
  CHECK(value(slice(0_c), in) == "[] 0.000000\n");
}

TEST_CASE("an index out of range of a slice is one, whatever it was a slice of") {
  const values two = {{"x", {{2}, {1, 2}}}}, four = {{"x", {{4}, {1, 2, 3, 4}}}};
  CHECK(raises(x(ag::slice(3_c))(-1_c), two));
  CHECK(raises(x(ag::slice(2_c))(-1_c), two));
  CHECK_FALSE(raises(x(ag::slice(2_c))(-1_c), four));
  CHECK(value(x(ag::slice(2_c))(-1_c), four) == "[] 4.000000\n");
  CHECK(raises(x(ag::slice(2_c))(0_c), two));
  CHECK(raises(x(ag::slice(0_c, 2_c))(2_c), four));
  CHECK(raises(x(ag::slice(0_c, 2_c))(-3_c), four));
  CHECK(raises(x(ag::slice(ag::none, ag::none, 2_c))(2_c), four));
  CHECK(value(x(ag::slice(ag::none, ag::none, 2_c))(1_c), four) == "[] 3.000000\n");
  CHECK(value(x(ag::slice(ag::none, ag::none, -1_c))(0_c), four) == "[] 4.000000\n");
  CHECK(raises(x(ag::slice(1_c))(ag::slice(1_c))(0_c), two));
  CHECK(value(x(ag::slice(1_c))(ag::slice(1_c, 9_c))(-1_c), four) == "[] 4.000000\n");
  CHECK(value(x(ag::slice(1_c, -1_c))(ag::slice(ag::none, ag::none, -1_c)), four) == "[2,] 3.000000 2.000000\n");
  const values picked = {{"x", {{2}, {1, 2}}}, {"i", {{2}, {0, 3}}}};
  CHECK(raises(x(i), picked));
  CHECK(raises(x(i) * 0_c, picked));
  CHECK(raises(x(i) - x(i), picked));
  CHECK(raises(exp(x)(i)(0_c), picked));
}

static_assert(stays(x == x));
static_assert(stays(x != x));
static_assert(stays(x <= x));
static_assert(stays(f >= f));

TEST_CASE("a number that is none is not equal to itself") {
  const values in = {{"x", {{3}, {1, no_number, infinity}}}};
  CHECK(value(x == x, in) == "[3,] 1.000000 0.000000 1.000000\n");
  CHECK(value(x != x, in) == "[3,] 0.000000 1.000000 0.000000\n");
  CHECK(value(x <= x, in) == "[3,] 1.000000 0.000000 1.000000\n");
  CHECK(value(x < x, in) == "[3,] 0.000000 0.000000 0.000000\n");
  CHECK(value(where(x == x, x, 0_c), in) == "[3,] 1.000000 0.000000 inf\n");
  CHECK(value(!(x < 2_c), in) == "[3,] 0.000000 1.000000 1.000000\n");  // which is not x >= 2
  CHECK(value(!(x >= 2_c), in) == "[3,] 1.000000 1.000000 0.000000\n");
  // Under ag::ieee a difference and a quotient of a number by itself are not decided either.
  CHECK(value(x - x == 0_c, in, false) == "[3,] 1.000000 0.000000 0.000000\n");
  CHECK(value(x / x == 1_c, in, false) == "[3,] 1.000000 0.000000 0.000000\n");
  CHECK(value(0_c * x == 0_c, in, false) == "[3,] 1.000000 0.000000 0.000000\n");
}

TEST_CASE("two terms that are infinite are no difference of infinities") {
  const values in = {{"x", {{4}, {infinity, -infinity, 1, infinity}}}, {"y", {{4}, {infinity, -infinity, -infinity, 2}}}};
  const std::string sums = "[4,] inf -inf 1.000000 inf\n";
  CHECK(result_of(rewritten(graph_of_formulas(log(exp(x) + exp(y)))), in, {&machine_value}) == sums);
  CHECK(result_of(rewritten(graph_of_formulas(log(exp(x) + exp(y))), true), in, {&machine_value}) == sums);
  const values rows = {{"m", {{3, 2}, {-infinity, -infinity, 3, infinity, -infinity, 3}}}};
  CHECK(result_of(rewritten(graph_of_formulas(log(sum(exp(m), ag::axis<1>)))), rows, {&machine_value}) ==
        "[3,] -inf inf 3.000000\n");
}

// Stable first, then constants. With a gradient they are two passes.
TEST_CASE("constants are folded only after what is unstable has been rewritten, if a gradient is taken") {
  const auto cost = sum(log(1_c + exp(-40_c)) * x) + sum(x * (1_c - 1_c / (1_c + exp(-50_c))));
  auto g = ag::function(ag::inputs(x), ag::outputs(ag::grad(cost, x)));
  const double slope = g(ag::array<double, 1>::from({1.0}))(0);
  CHECK(slope == approximately(4.248354255291589e-18 + 1.928749847963918e-22));
}

// Also where there is no gradient, and one pass does it all.
TEST_CASE("constants are folded only after what is unstable has been rewritten") {
  auto g = ag::function(ag::inputs(x),
                        ag::outputs(log(1_c + exp(-40_c)) * x, x * (1_c - 1_c / (1_c + exp(-50_c))),
                                    (exp(1e-12_c) - 1_c) * x, log(1_c - exp(-1e-20_c)) * x, log(1_c + exp(800_c)) * x));
  const auto [softplus, sigmoid, expm1, log1mexp, large] = g(ag::array<double, 1>::from({1.0}));
  CHECK(softplus(0) == approximately(4.248354255291589e-18));
  CHECK(sigmoid(0) == approximately(1.928749847963918e-22));
  CHECK(expm1(0) == approximately(1.0000000000005e-12));
  CHECK(log1mexp(0) == approximately(-46.051701859880914));
  CHECK(large(0) == 800);
}

TEST_CASE("equal numbers that are none are one constant, so that rewriting ends") {
  const graph g = graph_of_formulas(exp(log(x)) + expm1(log1p(y)) + where(x > 0_c, log(-1_c), log(-1_c)));
  const graph once = rewritten(g), twice = simplified(once, phase::all);
  CHECK(once.failure == ag::mistake::none);
  CHECK(once.size() == twice.size());
}
