// SPDX-License-Identifier: BSD-3-Clause
// What stabilizing is for: formulas as a user writes them, compiled, at arguments where as written they overflow,
// underflow or cancel. The error is bounded in units of the last place, against long double.
#include <agnesi/agnesi.hpp>

#include <doctest/doctest.h>

#include "support/ulps.hpp"

#include <functional>
#include <limits>
#include <vector>

namespace {

namespace ag = agnesi;
using namespace ag::literals;
using ag::testing::ulps, ag::testing::log_erfc_of, ag::testing::erfcx_of, ag::testing::logaddexp_of;
using real = long double;
using reference = std::function<real(real)>;

constexpr double largest = std::numeric_limits<double>::max(), tiny = std::numeric_limits<double>::min();
constexpr double infinity = std::numeric_limits<double>::infinity();
const std::vector<double> both_signs = {1e4,   -1e4,  745,    -745,   709.8, -709.8, 88,      -88,     40,     -40,   3,
                                        -3,    0.7,   -0.7,   0.1,    -0.1,  1e-5,   -1e-5,   1e-9,    -1e-9,  1e-17, -1e-17,
                                        1e-30, 1e300, -1e300, largest, -largest, tiny, -tiny, infinity, -infinity};
std::vector<double> positive(double above = 0) {
  std::vector<double> v;
  for (double x : both_signs)
    if (x > above && x < infinity) v.push_back(x);
  return v;
}

// exp and its inverse in the reference's own range, which ends at about 11356.
real softplus_of(real x) { return x > 11000 ? x : std::log1p(std::exp(x)); }
real sigmoid_of(real x) { return 1 / (1 + std::exp(-x)); }

struct wanted {
  const char* formula;
  double most;  // ulps
  reference value;
};
template <class Results, std::size_t... K>
void compare(const std::vector<double>& at, const Results& got, const std::vector<wanted>& all, std::index_sequence<K...>) {
  const auto one = [&](const auto& column, const wanted& w) {
    for (std::size_t k = 0; k < at.size(); ++k) {
      const double result = column(static_cast<std::ptrdiff_t>(k));
      const real right = w.value(at[k]);
      INFO(std::string(w.formula), " at ", at[k], " is ", result, ", should be ", static_cast<double>(right));
      CHECK(ulps(result, right) <= w.most);
    }
  };
  (one(std::get<K>(got), all[K]), ...);
}
template <class... T>
void compare(const std::vector<double>& at, const std::tuple<T...>& got, const std::vector<wanted>& all) {
  REQUIRE(sizeof...(T) == all.size());
  compare(at, got, all, std::index_sequence_for<T...>{});
}

constexpr auto x = ag::vector<"x">;
constexpr auto y = ag::vector<"y">;

}  // namespace

TEST_CASE("logistic functions") {
  auto f = ag::function(ag::inputs(x), ag::outputs(log(1_c + exp(x)), log(1_c + exp(-x)), 1_c / (1_c + exp(-x)), 1_c - 1_c / (1_c + exp(-x)),
                                                   log(1_c / (1_c + exp(-x))), log(1_c - sigmoid(x)), exp(x) / (1_c + exp(x)), exp(x) - 1_c,
                                                   (exp(x) - exp(-x)) / (exp(x) + exp(-x)), log(sigmoid(x) / (1_c - sigmoid(x)))));
  compare(both_signs, f(both_signs),
          {{"log(1 + exp(x))", 3, softplus_of},
           {"log(1 + exp(-x))", 3, [](real v) { return softplus_of(-v); }},
           {"1 / (1 + exp(-x))", 4, sigmoid_of},
           {"1 - 1 / (1 + exp(-x))", 4, [](real v) { return sigmoid_of(-v); }},
           {"log(1 / (1 + exp(-x)))", 3, [](real v) { return -softplus_of(-v); }},
           {"log(1 - sigmoid(x))", 3, [](real v) { return -softplus_of(v); }},
           {"exp(x) / (1 + exp(x))", 4, sigmoid_of},
           {"exp(x) - 1", 2, [](real v) { return std::expm1(v); }},
           {"tanh", 4, [](real v) { return std::tanh(v); }},
           {"logit of sigmoid", 0, [](real v) { return v; }}});
}

TEST_CASE("logarithms of differences") {
  auto f = ag::function(ag::inputs(x), ag::outputs(log(1_c - exp(-x)), log(exp(x) - 1_c), log(exp(2_c * x) - exp(x)), log(1_c - x * 1e-320_c + 0_c * x)));
  const std::vector<double> at = positive(1e-300);
  const auto [less, more, difference, none] = f(at);
  compare(at, std::tuple(less, more), {{"log(1 - exp(-x))", 3, [](real v) { return v < 1e-3L ? std::log(-std::expm1(-v)) : std::log1p(-std::exp(-v)); }},
                                       {"log(exp(x) - 1)", 12, [](real v) { return v > 11000 ? v : std::log(std::expm1(v)); }}});
  const std::vector<double> moderate = {1e-17, 1e-5, 0.3, 2, 40, 1000, 5000};
  const auto again = f(moderate);
  compare(moderate, std::tuple(std::get<2>(again)), {{"log(exp(2x) - exp(x))", 6, [](real v) { return v + std::log(std::expm1(v)); }}});
}

TEST_CASE("logarithms near one") {
  auto f = ag::function(ag::inputs(x), ag::outputs(log(1_c + x), log(1_c - x), log(1_c - x + 0.5_c * x), log(1_c + x + sqr(x))));
  const std::vector<double> small = {1e-5, -1e-5, 1e-9, -1e-9, 1e-17, -1e-17, tiny, -tiny, 1e-30, 0.25, -0.25};
  compare(small, f(small),
          {{"log(1 + x)", 2, [](real v) { return std::log1p(v); }},
           {"log(1 - x)", 2, [](real v) { return std::log1p(-v); }},
           {"log(1 - x + x / 2)", 2, [](real v) { return std::log1p(-v / 2); }},
           {"log(1 + x + x^2)", 4, [](real v) { return std::log1p(v + v * v); }}});
}

TEST_CASE("sums of exponentials") {
  auto f = ag::function(ag::inputs(x, y), ag::outputs(log(exp(x) + exp(y)), log(1_c + exp(x) + exp(y)), log(exp(x) + exp(y) + exp(0.5_c * y)), log(1e-8_c + exp(x))));
  std::vector<double> a, b;
  for (double u : {1e4, 800.0, 710.0, 1.0, 0.1, -1.0, -700.0, -5000.0})
    for (double v : {1e4, 709.0, 0.2, -40.0, -1e4}) {
      a.push_back(u);
      b.push_back(v);
    }
  const auto [two, three, halves, floor] = f(a, b);
  for (std::size_t k = 0; k < a.size(); ++k) {
    const auto i = static_cast<std::ptrdiff_t>(k);
    const real u = a[k], v = b[k], both = logaddexp_of(u, v);
    CAPTURE(a[k]);
    CAPTURE(b[k]);
    CHECK(ulps(two(i), both) <= 2);
    CHECK(ulps(three(i), softplus_of(both)) <= 3);
    CHECK(ulps(halves(i), logaddexp_of(both, v / 2)) <= 4);
    CHECK(ulps(floor(i), logaddexp_of(u, std::log(1e-8L))) <= 4);
  }
  // Of infinities as of numbers.
  const std::vector<double> p = {infinity, -infinity, infinity, -infinity, NAN}, q = {infinity, -infinity, -infinity, 2, 1};
  const auto [r, s, t, u] = f(p, q);
  CHECK((r(0) == infinity && r(1) == -infinity && r(2) == infinity && r(3) == 2 && std::isnan(r(4))));
  CHECK((s(0) == infinity && s(1) == 0 && s(2) == infinity && std::isnan(s(4))));
  CHECK((t(0) == infinity && t(1) == -infinity && t(2) == infinity && std::isnan(t(4))));
  CHECK((u(0) == infinity && ulps(u(1), std::log(1e-8L)) <= 2 && std::isnan(u(4))));
}

TEST_CASE("error functions") {
  auto f = ag::function(ag::inputs(x), ag::outputs(1_c - erf(x), 1_c + erf(x), log(erfc(x)), log(1_c - erf(x)), exp(-sqr(x)) / erfc(x)));
  const std::vector<double> at = {-30, -6, -3, -1, -0.3, -1e-5, 1e-17, 1e-5, 0.3, 0.49, 0.51, 1, 3, 6, 9, 15, 26, 27, 30, 1e4, 1e150};
  compare(at, f(at),
          {{"1 - erf(x)", 5, [](real v) { return std::erfc(v); }},
           {"1 + erf(x)", 5, [](real v) { return std::erfc(-v); }},
           {"log(erfc(x))", 5, log_erfc_of},
           {"log(1 - erf(x))", 5, log_erfc_of},
           {"exp(-x^2) / erfc(x)", 6, [](real v) { return v < -11 ? std::exp(-v * v) / 2 : 1 / erfcx_of(v); }}});

  auto slope = ag::function(ag::inputs(x), ag::outputs(ag::grad(sum(log(erfc(x))), x)));
  const auto slopes = slope(at);
  for (std::size_t k = 0; k < at.size(); ++k) {
    if (at[k] < -20) continue;
    CAPTURE(at[k]);
    CHECK(ulps(slopes(static_cast<std::ptrdiff_t>(k)), -1.12837916709551257389615890312154517L / erfcx_of(at[k])) <= 7);
  }
}

TEST_CASE("logarithms of powers and products") {
  auto f = ag::function(ag::inputs(x), ag::outputs(log(sqr(x)), log(pow(x, 3_c)), log(pow(x, 100_c)), log(2_c / x), log(1_c / x)));
  const std::vector<double> at = {largest, 1e200, 1e150, 3, 1.5, 0.9, 1e-5, 1e-160, 1e-200, tiny};
  compare(at, f(at),
          {{"log(x^2)", 2, [](real v) { return 2 * std::log(v); }},
           {"log(x^3)", 2, [](real v) { return 3 * std::log(v); }},
           {"log(x^100)", 2, [](real v) { return 100 * std::log(v); }},
           {"log(2 / x)", 3, [](real v) { return std::log(2) - std::log(v); }},
           {"log(1 / x)", 2, [](real v) { return -std::log(v); }}});

  auto product = ag::function(ag::inputs(x), ag::outputs(log(prod(abs(x))), log(prod(sqr(x)))));
  const std::vector<double> many(200, -1e-5);
  const auto [one, two] = product(many);
  CHECK(ulps(one, 200 * std::log(1e-5L)) <= 100);
  CHECK(ulps(two, 400 * std::log(1e-5L)) <= 100);
}

TEST_CASE("the probability that a one-hot row picks") {
  constexpr auto z = ag::matrix<"z">;
  constexpr auto picks = ag::matrix<"picks">;
  constexpr auto cost = -log(sum(softmax(z) * picks, ag::axis<1>));
  auto f = ag::function(ag::inputs(z, picks), ag::outputs(cost, ag::grad(sum(cost), z)));
  const auto Z = ag::array<double, 2>::from({{1e4, -1e4, 3}, {1e4, -1e4, 3}, {0.5, 1, 2}, {-800, 0, 800}});
  const auto P = ag::array<double, 2>::from({{1, 0, 0}, {0, 1, 0}, {0, 1, 0}, {1, 0, 0}});
  const auto [costs, slopes] = f(Z, P);
  CHECK(costs(0) == 0);
  CHECK(costs(1) == 2e4);
  CHECK(ulps(costs(2), std::log(std::exp(-0.5L) + 1 + std::exp(1.0L))) <= 4);
  CHECK(costs(3) == 1600);
  const real total = std::exp(0.5L) + std::exp(1.0L) + std::exp(2.0L);
  const real wanted_slopes[4][3] = {{0, 0, 0}, {1, -1, 0}, {std::exp(0.5L) / total, std::exp(1.0L) / total - 1, std::exp(2.0L) / total}, {-1, 0, 1}};
  for (std::ptrdiff_t i = 0; i < 4; ++i)
    for (std::ptrdiff_t j = 0; j < 3; ++j)
      CHECK(slopes(i, j) == doctest::Approx(static_cast<double>(wanted_slopes[i][j])).epsilon(1e-14));
}

TEST_CASE("in single precision") {
  constexpr auto f = ag::vector<"f", float>;
  auto g = ag::function(ag::inputs(f), ag::outputs(log(1_c + exp(f)), log(1_c - exp(-f)), log(exp(f) - 1_c), log(1_c + exp(f) + exp(2_c * f)), log(sqr(f))));
  const std::vector<float> at = {1e4f, 200, 88, 16, 1, 0.1f, 1e-4f, 1e-10f, 1e-30f};
  const auto [more, less, expm1s, three, squares] = g(at);
  for (std::size_t k = 0; k < at.size(); ++k) {
    const auto i = static_cast<std::ptrdiff_t>(k);
    const real v = at[k];
    CAPTURE(at[k]);
    CHECK(ulps(more(i), softplus_of(v)) <= 3);
    CHECK(ulps(less(i), v < 1e-3L ? std::log(-std::expm1(-v)) : std::log1p(-std::exp(-v))) <= 3);
    CHECK(ulps(expm1s(i), std::log(std::expm1(v))) <= 4);
    CHECK(ulps(three(i), softplus_of(logaddexp_of(v, 2 * v))) <= 4);
    CHECK(ulps(squares(i), 2 * std::log(v)) <= 2);
  }
}
