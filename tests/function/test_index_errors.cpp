// SPDX-License-Identifier: BSD-3-Clause
// An index that is out of range is an error whatever becomes of the value that it reads.
#include <agnesi/agnesi.hpp>

#include <doctest/doctest.h>

namespace ag = agnesi;
using namespace ag::literals;

namespace {

constexpr auto x = ag::vector<"x">;
constexpr auto y = ag::vector<"y">;
constexpr auto i = ag::vector<"i", std::int32_t>;
constexpr auto j = ag::vector<"j", std::int32_t>;

}  // namespace

TEST_CASE("an index into what is multiplied by zero is still checked beside another index") {
  auto f = ag::function(ag::inputs(x, y, i, j), ag::outputs(0_c * x(i) + y(j)));
  const auto X = ag::array<double, 1>::from({1, 2, 3}), Y = ag::array<double, 1>::from({4, 5});
  const auto good = ag::array<std::int32_t, 1>::from({0, 1}), bad = ag::array<std::int32_t, 1>::from({0, 3});
  CHECK(f(X, Y, good, good)(1) == 5);
  CHECK_THROWS_AS(f(X, Y, bad, good), ag::index_error);
  CHECK_THROWS_AS(f(X, Y, good, bad), ag::index_error);
}

TEST_CASE("one index into two axes is checked against both") {
  auto f = ag::function(ag::inputs(x, y, i), ag::outputs(0_c * y(i) + x(i)));
  const auto X = ag::array<double, 1>::from({1, 2, 3}), Y = ag::array<double, 1>::from({4, 5});
  CHECK(f(X, Y, ag::array<std::int32_t, 1>::from({1, 0}))(0) == 2);
  CHECK_THROWS_AS(f(X, Y, ag::array<std::int32_t, 1>::from({1, 2})), ag::index_error);
}
