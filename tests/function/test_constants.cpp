// SPDX-License-Identifier: BSD-3-Clause
// Constants are folded after what is unstable has been rewritten, with and without a gradient.
#include <agnesi/agnesi.hpp>

#include <cmath>
#include <doctest/doctest.h>
#include <string>

namespace ag = agnesi;
using namespace ag::literals;

namespace {

constexpr auto x = ag::scalar<"x">;

bool close(double a, double b) { return std::abs(a - b) <= 1e-14 * std::abs(b); }

}  // namespace

static_assert(ag::same(ag::simplify(log(1_c + exp(800_c)) * x), 800_c * x));
static_assert(ag::same(ag::simplify(pow(3_c, 2_c) * x), 9_c * x));

TEST_CASE("constants under a logarithm keep the digits that the formula as written would lose") {
  auto f = ag::function(ag::inputs(x), ag::outputs(log(1_c + exp(-40_c)) * x, x * (1_c - 1_c / (1_c + exp(-50_c))),
                                                   (exp(1e-12_c) - 1_c) * x, log(1_c - exp(-1e-20_c)) * x));
  const auto [a, b, c, d] = f(1.0);
  CHECK(close(a, std::log1p(std::exp(-40.0))));
  CHECK(close(b, std::exp(-50.0)));
  CHECK(close(c, std::expm1(1e-12)));
  CHECK(close(d, std::log(1e-20)));
}

TEST_CASE("constants under a logarithm keep their digits in a function with a gradient") {
  constexpr auto cost = log(1_c + exp(-40_c)) * sqr(x);
  auto f = ag::function(ag::inputs(x), ag::outputs(cost, ag::grad(cost, x)));
  const auto [value, slope] = f(3.0);
  CHECK(close(value, 9 * std::log1p(std::exp(-40.0))));
  CHECK(close(slope, 6 * std::log1p(std::exp(-40.0))));
}

TEST_CASE("ag::simplify folds constants in the order in which a function does") {
  CHECK(ag::to_string(ag::simplify(log(1_c + exp(-40_c)) * x)).find("4.2483542552") == 0);
}
