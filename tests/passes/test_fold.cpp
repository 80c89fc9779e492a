// SPDX-License-Identifier: BSD-3-Clause
#include "support/rewriting.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace agnesi::testing;
using namespace agnesi::literals;
namespace ag = agnesi;
namespace phase = agnesi::phase;
namespace cm = agnesi::constant_math;

namespace {

constexpr auto x = ag::vector<"x">;
constexpr auto f = ag::vector<"f", float>;
constexpr auto n = ag::vector<"n", std::int32_t>;

// Once everything unstable has been rewritten, constants are folded.
template <class F>
constexpr double folded(F formula) {
  const ag::graph g = simplified(simplified(graph_of_formulas(formula)), phase::all);
  const int r = g.arg(g.size() - 1, 0);
  if (!is_constant(g, r)) throw "not a constant";
  return number(value_of(g, r));
}

static_assert(folded(2_c * 3_c + 1_c) == 7);
static_assert(folded(log(1_c + exp(800_c))) == 800);
static_assert(folded(exp(1000_c) / exp(998_c)) > 7.389 && folded(exp(1000_c) / exp(998_c)) < 7.3891);
static_assert(folded(log(exp(1000_c))) == 1000);
static_assert(folded(sqrt(2_c) * sqrt(2_c)) == 2);
static_assert(folded(tanh(0_c)) == 0);
static_assert(folded(sigmoid(0_c)) == 0.5);
static_assert(folded(erf(1_c)) == 0.84270079294971486934);
static_assert(folded(erf(-40_c)) == -1);
static_assert(folded(erfc(1_c)) == 0.15729920705028513066);
static_assert(folded(erfc(-1_c)) == 1.8427007929497148693);
static_assert(folded(erfcx(3_c)) == 0.17900115118138995042);
static_assert(folded(log(erfc(2000_c))) < -4000008.1732 && folded(log(erfc(2000_c))) > -4000008.1733);
static_assert(folded(log(exp(1000_c) + exp(1000_c))) > 1000.69 && folded(log(exp(1000_c) + exp(1000_c))) < 1000.7);
static_assert(folded(pow(2_c, 0.3_c)) == 1.2311444133449162845);
static_assert(folded(pow(0.5_c, -3_c)) == 8);
static_assert(folded(pow(-2_c, 3_c)) == -8);
static_assert(folded(pow(-0.5_c, 3_c)) == -0.125);
static_assert(folded(pow(2_c, 10_c)) == 1024);

static_assert(becomes<phase::all>(exp(0_c) * x, x));
static_assert(becomes<phase::all>(x + log(1_c), x));
static_assert(becomes<phase::all>(2_c * f * 3_c, 6_c * f));
static_assert(becomes<phase::all>(pow(x, 3_c), x * sqr(x)));
static_assert(becomes<phase::all>(pow(x, 4_c), sqr(sqr(x))));
static_assert(becomes<phase::all>(pow(n, 3_c), n * sqr(n)));
static_assert(becomes<phase::all>(stop_gradient(x) * 2_c, 2_c * x));
static_assert(becomes<phase::all>(where(1_c < 2_c, x, -x), x));
static_assert(becomes<phase::all>(where(x > 0_c, x, x), x));

static_assert(becomes<phase::all>(erf(1_c) * x, 0.84270079294971486934_c * x));
static_assert(becomes<phase::all>(f * pow(2_c, 3_c), 8_c * f));
// What is no number, or no integer, is left to the call.
static_assert(becomes<phase::all>(x + pow(-2.5_c, 0.3_c), x + pow(-2.5_c, 0.3_c)));
static_assert(becomes<phase::all>(n + pow(2_c, 60_c), n + pow(2_c, 60_c)));

// A division by zero and an overflow happen at the call.
static_assert(becomes<phase::all>(x + 1_c / 0_c, x + 1_c / 0_c));

}  // namespace

TEST_CASE("functions of constants agree with the run-time library") {
  for (double v = -20; v < 20; v += 0.37) {
    const auto close = [](long double a, double b) {
      return std::fabs(static_cast<double>(a) - b) <= 2.3e-16 * std::fabs(b);
    };
    CHECK(close(cm::exp(v), std::exp(v)));
    CHECK(close(cm::expm1(v), std::expm1(v)));
    CHECK(close(cm::tanh(v), std::tanh(v)));
    CHECK(std::fabs(static_cast<double>(cm::sin(v)) - std::sin(v)) < 3e-16);
    CHECK(std::fabs(static_cast<double>(cm::cos(v)) - std::cos(v)) < 3e-16);
    CHECK(close(cm::erf(v), std::erf(v)));
    const auto erfc_of = static_cast<double>(std::erfc(static_cast<long double>(v)));
    CHECK(close(cm::erfc(v), erfc_of));
    if (v < 15) CHECK(close(cm::log_erfc(v), static_cast<double>(v < 0.5 ? std::log1p(-std::erf(static_cast<long double>(v))) : std::log(std::erfc(static_cast<long double>(v))))));
    if (v > 0) {
      CHECK(close(cm::log(v), std::log(v)));
      CHECK(close(cm::log1p(v), std::log1p(v)));
      CHECK(close(cm::sqrt(v), std::sqrt(v)));
      CHECK(close(cm::log1mexp(-v), v < 0.7 ? std::log(-std::expm1(-v)) : std::log1p(-std::exp(-v))));
    }
  }
}
