// SPDX-License-Identifier: BSD-3-Clause

// Reductions that one step gives in one sweep: extrema with their places, sums with squared deviations.

#include <agnesi/agnesi.hpp>

#include <cmath>
#include <limits>
#include <string>

#include <doctest/doctest.h>

#include "support/rewriting.hpp"
#include "support/run_plan.hpp"

namespace {

namespace ag = agnesi;
using namespace ag::literals;

constexpr auto x = ag::matrix<"x">;
constexpr auto y = ag::matrix<"y">;
constexpr auto k = ag::matrix<"k", std::int32_t>;
constexpr auto cube = ag::tensor3<"cube">;
constexpr auto small = ag::matrix<"small", double, 50, 100>;
constexpr auto large = ag::matrix<"large", double, 500, 100>;

bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }
template <class F>
bool is_in_one_sweep(const F& f) {
  return says(f.explain(), "found(");
}
// The kinds of the steps.
template <class F>
std::string plan_of(const F& f) {
  const std::string text = f.explain();
  std::string kinds;
  for (std::size_t at = text.find("\n ") + 1; text[at] == ' '; at = text.find('\n', at) + 1)
    if (text[at + 2] == '.') {
      const std::string kind = text.substr(at + 4, 12);
      kinds += (kinds.empty() ? "" : ", ") + kind.substr(0, kind.find_last_not_of(' ') + 1);
    }
  return kinds;
}

}  // namespace

TEST_CASE("an extremum is what the search for its place finds, over the same axes of the same elements") {
  CHECK(is_in_one_sweep(ag::function(ag::inputs(x), ag::outputs(argmax(x, ag::axis<1>), max(x, ag::axis<1>)))));
  CHECK(is_in_one_sweep(ag::function(ag::inputs(x), ag::outputs(min(x, ag::axis<0>, ag::keepdims), argmin(x, ag::axis<0>)))));
  CHECK(is_in_one_sweep(ag::function(ag::inputs(x), ag::outputs(1_c + max(tanh(x)), argmax(tanh(x)), max(x)))));
  CHECK(is_in_one_sweep(ag::function(ag::inputs(x), ag::outputs(argmax(softmax(x), ag::axis<1>), softmax(x)))));

  CHECK(!is_in_one_sweep(ag::function(ag::inputs(x), ag::outputs(argmax(x, ag::axis<1>), min(x, ag::axis<1>)))));
  CHECK(!is_in_one_sweep(ag::function(ag::inputs(x), ag::outputs(argmax(x, ag::axis<1>), max(x, ag::axis<0>)))));
  CHECK(!is_in_one_sweep(ag::function(ag::inputs(x), ag::outputs(max(x)))));
  CHECK(!is_in_one_sweep(ag::function(ag::inputs(x), ag::outputs(argmax(x), max(x)), ag::without<"one_sweep">)));
}

TEST_CASE("the largest and its place, of ties, infinities and NaN, of rows, columns and everything") {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  auto f = ag::function(ag::inputs(x), ag::outputs(argmax(x, ag::axis<1>), max(x, ag::axis<1>), argmin(x, ag::axis<0>),
                                                   min(x, ag::axis<0>), argmax(x), max(x)));
  const auto X = ag::array<double, 2>::from({{1, 7, 7, -2}, {nan, 3, nan, 9}, {-infinity, -infinity, 4, infinity}});
  const auto [rows, row, columns, column, place, all] = f(X);
  CHECK(rows(0) == 1);
  CHECK(row(0) == 7);
  CHECK(rows(1) == 0);
  CHECK(std::isnan(row(1)));
  CHECK(rows(2) == 3);
  CHECK(row(2) == infinity);
  CHECK(columns(0) == 1);
  CHECK(std::isnan(column(0)));
  CHECK(columns(1) == 2);
  CHECK(column(1) == -infinity);
  CHECK(columns(3) == 0);
  CHECK(column(3) == -2);
  CHECK(place == 4);
  CHECK(std::isnan(all));
}

TEST_CASE("whole numbers, transposed operands and none at all") {
  auto f = ag::function(ag::inputs(k), ag::outputs(argmax(transpose(k), ag::axis<1>), max(transpose(k), ag::axis<1>)));
  const auto [places, largest] = f(ag::array<std::int32_t, 2>::from({{1, -5}, {9, -7}, {9, -5}}));
  CHECK(places(0) == 1);
  CHECK(largest(0) == 9);
  CHECK(places(1) == 0);
  CHECK(largest(1) == -5);
  CHECK_THROWS_AS(f(ag::zeros<std::int32_t>(0, 2)), ag::shape_error);
  const auto [no_places, nothing] = f(ag::zeros<std::int32_t>(3, 0));
  CHECK(no_places.extent(0) == 0);
  CHECK(nothing.extent(0) == 0);
}

TEST_CASE("the gradient of an extremum is that of one without a search") {
  auto f = ag::function(ag::inputs(x), ag::outputs(argmax(x, ag::axis<1>), ag::grad(sum(sqr(max(x, ag::axis<1>))), x)));
  CHECK(is_in_one_sweep(f));
  const auto [places, slope] = f(ag::array<double, 2>::from({{1, 3, 3}, {4, 0, 2}}));
  CHECK(places(0) == 1);
  const double wanted[] = {0, 3, 3, 8, 0, 0};
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j) CHECK(slope(i, j) == wanted[3 * i + j]);
}

TEST_CASE("an update to the largest, whose old value is read later") {
  constexpr auto m = ag::vector<"m">;
  auto f = ag::function(ag::inputs(x, m), ag::outputs(argmax(x, ag::axis<1>), sum(x, ag::axis<1>) - m),
                        ag::updates(m = max(x, ag::axis<1>)));
  auto M = ag::array<double, 1>::from({10, 20});
  const auto [places, rest] = f(ag::array<double, 2>::from({{1, 3, 3}, {4, 0, 2}}), M);
  CHECK(places(1) == 0);
  CHECK(rest(0) == -3);
  CHECK(rest(1) == -14);
  CHECK(M(0) == 3);
  CHECK(M(1) == 4);
}

TEST_CASE("squared deviations from the mean of everything take one sweep, with the sum, of whatever is computed") {
  const auto centered = x - mean(x);
  CHECK(plan_of(ag::function(ag::inputs(x), ag::outputs(mean(sqr(centered))))) == "deviations, scalars");
  CHECK(plan_of(ag::function(ag::inputs(x), ag::outputs(mean(x), mean(sqr(centered))))) == "deviations, scalars");
  CHECK(plan_of(ag::function(ag::inputs(x), ag::outputs(sum(sqr(mean(x, ag::keepdims) - x)), sum(x)))) == "deviations");
  CHECK(plan_of(ag::function(ag::inputs(x), ag::outputs(centered / sqrt(mean(sqr(centered)))))) == "deviations, fused loop");
  CHECK(plan_of(ag::function(ag::inputs(k), ag::outputs(mean(sqr(k - mean(k)))))) == "deviations, scalars");
  const auto both = exp(x) * y;
  CHECK(plan_of(ag::function(ag::inputs(x, y), ag::outputs(sqrt(mean(sqr(both - mean(both))))))) == "deviations, scalars");
  CHECK(plan_of(ag::function(ag::inputs(large), ag::outputs(mean(sqr(large - mean(large)))))) == "deviations, scalars");
}

TEST_CASE("squared deviations along axes take one sweep as well, tile by tile with what is made of them") {
  using ag::axis, ag::keepdims;
  const auto in_rows = x - mean(x, axis<1>, keepdims);
  const auto in_columns = x - mean(x, axis<0>);
  CHECK(plan_of(ag::function(ag::inputs(x), ag::outputs(sum(sqr(in_rows), axis<1>)))) == "deviations");
  CHECK(plan_of(ag::function(ag::inputs(x), ag::outputs(sum(sqr(in_columns), axis<0>), sum(x, axis<0>)))) == "deviations");
  CHECK(plan_of(ag::function(ag::inputs(x), ag::outputs(mean(x, axis<1>), mean(sqr(in_rows), axis<1>)))) == "deviations, fused loop");
  CHECK(plan_of(ag::function(ag::inputs(x), ag::outputs(mean(sqr(ag::expand_dims<1>(mean(x, axis<1>)) - x), axis<1>)))) == "deviations, fused loop");
  auto normal = ag::function(ag::inputs(x), ag::outputs(in_rows / sqrt(mean(sqr(in_rows), axis<1>, keepdims) + 0.01_c)));
  CHECK(plan_of(normal) == "deviations, fused loop, fused loop");
  CHECK(says(normal.explain(), "steps 1 to 3, tile by tile along dim<0>(x)"));
  const auto in_sheets = cube - mean(cube, axis<0, 2>, keepdims);
  CHECK(plan_of(ag::function(ag::inputs(cube), ag::outputs(sum(sqr(in_sheets), axis<0, 2>)))) == "deviations");
  CHECK(plan_of(ag::function(ag::inputs(x), ag::outputs(sum(sqr(in_rows), axis<1>), sum(sqr(in_columns), axis<0>)))) == "deviations, deviations");
}

TEST_CASE("differences from something else than the means of the same elements are not deviations") {
  using ag::axis, ag::keepdims;
  const auto rows = mean(x, axis<1>, keepdims);
  const auto columns = mean(x, axis<0>);
  const auto is_one = [](auto f) { return says(plan_of(f), "deviations"); };
  CHECK(!is_one(ag::function(ag::inputs(x), ag::outputs(sum(sqr(x - rows), axis<0>)))));
  CHECK(!is_one(ag::function(ag::inputs(x), ag::outputs(sum(sqr(x - rows))))));
  CHECK(!is_one(ag::function(ag::inputs(x), ag::outputs(sum(sqr(x - mean(x)), axis<0>)))));
  CHECK(!is_one(ag::function(ag::inputs(x), ag::outputs(sum(sqr(x - sum(x, axis<0>) / 7_c), axis<0>)))));
  // The means of rows, beside columns: where a matrix is square that is a formula, too.
  constexpr auto square = ag::matrix<"square", double, 200, 200>;
  const auto across = square - mean(square, axis<1>);
  CHECK(!is_one(ag::function(ag::inputs(square), ag::outputs(sum(sqr(across), axis<1>)))));
  CHECK(!is_one(ag::function(ag::inputs(square), ag::outputs(sum(sqr(across), axis<0>)))));
  CHECK(is_one(ag::function(ag::inputs(square), ag::outputs(sum(sqr(square - mean(square, axis<0>)), axis<0>)))));
  constexpr auto even = ag::tensor<"even", double, 30, 30, 30>;
  const auto turned = even - ag::expand_dims<0>(mean(even, axis<1>));  // (i, j, k) less the mean of (j, ., k)
  CHECK(!is_one(ag::function(ag::inputs(even), ag::outputs(sum(sqr(turned), axis<1>)))));
  CHECK(!is_one(ag::function(ag::inputs(even), ag::outputs(sum(sqr(turned), axis<0>)))));
  // Something else goes through the differences before the variance is known.
  CHECK(!is_one(ag::function(ag::inputs(x), ag::outputs(x - rows, mean(sqr(x - rows), axis<1>)))));
  CHECK(!is_one(ag::function(ag::inputs(x), ag::outputs(mean(sqr(x - columns), axis<0>), ag::grad(sum(mean(sqr(x - columns), axis<0>)), x)))));
}

TEST_CASE("squared deviations are loops like others where that is as well") {
  const auto centered = x - mean(x);
  CHECK(!says(plan_of(ag::function(ag::inputs(x), ag::outputs(mean(sqr(centered))), ag::without<"one_sweep">)), "deviations"));
  // Something else goes through the differences before the variance is known.
  CHECK(!says(plan_of(ag::function(ag::inputs(x), ag::outputs(centered, mean(sqr(centered))))), "deviations"));
  CHECK(!says(plan_of(ag::function(ag::inputs(x), ag::outputs(mean(sqr(centered)), mean(centered * sqr(centered))))), "deviations"));
  CHECK(!says(plan_of(ag::function(ag::inputs(x), ag::outputs(mean(sqr(centered)), ag::grad(mean(sqr(centered)), x)))), "deviations"));
  // Few elements, in all or of each mean; from other numbers than the mean.
  constexpr auto flat = ag::matrix<"flat", double, ag::dyn, 10>;
  CHECK(!says(plan_of(ag::function(ag::inputs(flat), ag::outputs(sum(sqr(flat - mean(flat, ag::axis<1>, ag::keepdims)), ag::axis<1>)))), "deviations"));
  CHECK(says(plan_of(ag::function(ag::inputs(flat), ag::outputs(sum(sqr(flat - mean(flat, ag::axis<0>)), ag::axis<0>)))), "deviations"));
  CHECK(!says(plan_of(ag::function(ag::inputs(x), ag::outputs(sum(sqr(x - max(x)))))), "deviations"));
  CHECK(!says(plan_of(ag::function(ag::inputs(x, y), ag::outputs(sum(sqr(x - mean(y)))))), "deviations"));
  CHECK(!says(plan_of(ag::function(ag::inputs(x), ag::outputs(sum(sqr(x - sum(x) / 7_c))))), "deviations"));
  CHECK(!says(plan_of(ag::function(ag::inputs(small), ag::outputs(mean(sqr(small - mean(small)))))), "deviations"));
}

TEST_CASE("the second results of steps mean what the reference says") {
  const ag::universe u = ag::universe_of<ag::op_list<>>();
  const ag::testing::values in{{"x", ag::testing::tensor_value({2, 3}, {1, 2, 4, 8, 16, 33})}};
  const auto check = [&](const ag::graph& g, const ag::op_info& second) {
    const ag::graph made = in_one_sweep(expanded(simplified(g)));
    bool there = false;
    for (int id = 0; id < made.size(); ++id) there = there || made.is(id, second);
    CHECK(there);
    const ag::graph stored = with_results_stored(made);
    const ag::vec<int> targets(stored[stored.size() - 1].n_args, -1);
    const ag::fusion loops = ag::schedule(stored, targets).result();
    const ag::plan p = ag::planner(stored, targets, u, loops).result;
    const ag::testing::plan_run run(p, stored, u, in, 3);
    const auto wanted = ag::testing::interpret(g, in), same = ag::testing::interpret(made, in);
    REQUIRE(wanted.size() == run.outputs.size());
    for (std::size_t r = 0; r < wanted.size(); ++r)
      for (std::int64_t e = 0; e < wanted[r].count(); ++e) {
        CHECK(static_cast<double>(same[r][e]) == doctest::Approx(static_cast<double>(wanted[r][e])));
        CHECK(static_cast<double>(run.outputs[r][e]) == doctest::Approx(static_cast<double>(wanted[r][e])));
      }
  };
  check(ag::testing::graph_of_formulas(sum(x), sum(sqr(x - mean(x)))), ag::info<ag::op::summed>);
  check(ag::testing::graph_of_formulas(sum(sqr(tanh(x) - mean(tanh(x))))), ag::info<ag::op::squared_deviations>);
  check(ag::testing::graph_of_formulas(sum(sqr(x - mean(x, ag::axis<1>, ag::keepdims)), ag::axis<1>)), ag::info<ag::op::squared_deviations>);
  check(ag::testing::graph_of_formulas(sum(sqr(tanh(x) - mean(tanh(x), ag::axis<0>)), ag::axis<0>), sum(tanh(x), ag::axis<0>)), ag::info<ag::op::summed>);
  check(ag::testing::graph_of_formulas(ag::cast<double>(argmax(x)), max(x)), ag::info<ag::op::found>);
  check(ag::testing::graph_of_formulas(max(x, ag::axis<0>), ag::cast<double>(argmax(x, ag::axis<0>))), ag::info<ag::op::found>);
}
