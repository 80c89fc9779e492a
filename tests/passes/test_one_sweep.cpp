// SPDX-License-Identifier: BSD-3-Clause

// Reductions that one step gives in one sweep: extrema with their places.

#include <agnesi/agnesi.hpp>

#include <cmath>
#include <limits>
#include <string>

#include <doctest/doctest.h>

namespace {

namespace ag = agnesi;
using namespace ag::literals;

constexpr auto x = ag::matrix<"x">;
constexpr auto k = ag::matrix<"k", std::int32_t>;

bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }
template <class F>
bool is_in_one_sweep(const F& f) {
  return says(f.explain(), "found(");
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
