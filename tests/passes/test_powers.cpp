// SPDX-License-Identifier: BSD-3-Clause
// Whole powers as products: how many, and how exact.
#include <doctest/doctest.h>

#include <agnesi/agnesi.hpp>

#include "support/rewriting.hpp"

#include <cmath>
#include <vector>

using namespace agnesi::testing;
using namespace agnesi::literals;
namespace ag = agnesi;
namespace op = agnesi::op;
namespace phase = agnesi::phase;
using ag::info;

namespace {

constexpr auto x = ag::vector<"x">;
constexpr auto n = ag::vector<"n", std::int32_t>;

static_assert(becomes<phase::all>(pow(x, 8_c), sqr(sqr(sqr(x)))));
static_assert(becomes<phase::all>(pow(x, 17_c), x * sqr(sqr(sqr(sqr(x))))));
static_assert(becomes<phase::all>(pow(n, 20_c), sqr(sqr(n)) * sqr(sqr(sqr(sqr(n))))));
static_assert(becomes<phase::all>(pow(x, -3_c), 1_c / (x * sqr(x))));
static_assert(becomes<phase::all>(pow(1_c / x, -1_c), x));
static_assert(becomes<phase::all>(pow(-x, 3_c), -(x * sqr(x))));
static_assert(becomes<phase::all>(pow(exp(x), 3_c), exp(3_c * x)));

constexpr auto y = ag::vector<"y">;
constexpr auto positive = exp(x) + 2_c;
static_assert(becomes(sqrt(positive) * sqrt(positive) * y, positive * y));
static_assert(ag::same(ag::simplify(sqrt(positive) * y * sqrt(positive) * sqrt(positive)), positive * sqrt(positive) * y));
static_assert(becomes(y / (sqrt(positive) * sqrt(positive)), y / positive));
static_assert(becomes<phase::all>(pow(x, 100_c) / pow(x, 99_c), x));
static_assert(becomes<phase::all>(x * pow(2_c, 3_c), 8_c * x));
static_assert(becomes<phase::all>(pow(x, 513_c), pow(x, 513_c)));
static_assert(becomes<phase::all>(pow(x, 2.5_c), pow(x, 2.5_c)));
static_assert(becomes<phase::all>(pow(n, -2_c), pow(n, -2_c)));

// No pow is left, and no more than 16 products are made.
template <class F>
constexpr bool is_few_products(F formula) {
  const ag::graph g = simplified(graph_of_formulas(formula), phase::all);
  int products = 0;
  for (int id = 0; id < g.size(); ++id) {
    if (g.is(id, info<op::pow>)) return false;
    products += g.is(id, info<op::mul>) || g.is(id, info<op::sqr>);
  }
  return products <= 16;
}
static_assert(is_few_products(pow(x, 511_c)));
static_assert(is_few_products(pow(x, 512_c)));
static_assert(is_few_products(pow(x, -511_c)));
static_assert(is_few_products(pow(x, 341_c)));

// Under ag::ieee the power is the library's.
constexpr bool stays_in_ieee() {
  const ag::graph g = simplified(graph_of_formulas(pow(x, 3_c)), {.phases = phase::all, .ieee = true});
  return g.is(g.arg(g.size() - 1, 0), info<op::pow>);
}
static_assert(stays_in_ieee());

}  // namespace

TEST_CASE("a whole power loses at most half a unit for each product") {
  auto f1 = ag::function(ag::inputs(x), ag::outputs(pow(x, 7_c), pow(x, 63_c), pow(x, 512_c), pow(x, -9_c), pow(x, -200_c)));
  const std::vector<double> at = {1.0000001, 0.99, -1.7, 2.25, 1.25, -0.75, 0.5};
  const auto [p7, p63, p512, m9, m200] = f1(at);
  const int n_of[] = {7, 63, 512, -9, -200};
  for (std::size_t k = 0; k < at.size(); ++k) {
    const auto i = static_cast<std::ptrdiff_t>(k);
    const double got[] = {p7(i), p63(i), p512(i), m9(i), m200(i)};
    for (int j = 0; j < 5; ++j) {
      const long double right = std::pow(static_cast<long double>(at[k]), n_of[j]);
      CHECK(static_cast<double>(std::fabs(got[j] / right - 1)) <= (std::abs(n_of[j]) + 2) * 1.12e-16);
    }
  }
}
