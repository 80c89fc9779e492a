// SPDX-License-Identifier: BSD-3-Clause
// erfc and what is made of it, and sums of exponentials: in units of the last place against the C library's functions
// in long double, of single numbers and of packs.
#include <agnesi/agnesi.hpp>

#include <doctest/doctest.h>

#include "support/ulps.hpp"

#include <cmath>
#include <limits>
#include <vector>

namespace {

namespace ag = agnesi;
using namespace ag::literals;
using namespace ag::testing;
using real = long double;

constexpr double infinity = std::numeric_limits<double>::infinity();

template <class T>
std::vector<T> between(real low, real high) {
  std::vector<T> v;
  for (int k = 0; k <= 4000; ++k) v.push_back(static_cast<T>(low + (high - low) * k / 4000));
  return v;
}
template <class Op, class T>
void check(const char* name, real low, real high, double most, real (*wanted)(real), auto formula) {
  constexpr auto x = ag::vector<"x", T>;
  auto f = ag::function(ag::inputs(x), ag::outputs(formula(x)));
  const std::vector<T> at = between<T>(low, high);
  const auto packs = f(at);
  double worst = 0, worst_of_packs = 0;
  for (std::size_t k = 0; k < at.size(); ++k) {
    const real right = wanted(at[k]);
    worst = std::max(worst, ulps(Op::eval(at[k]), right));
    worst_of_packs = std::max(worst_of_packs, ulps(packs(static_cast<std::ptrdiff_t>(k)), right));
  }
  CAPTURE(name);
  CAPTURE(low);
  CAPTURE(sizeof(T));
  CHECK(worst <= most);
  CHECK(worst_of_packs <= most);
}

}  // namespace

TEST_CASE_TEMPLATE_DEFINE("the error function's complement", T, complement) {
  const real last = sizeof(T) == 8 ? 26.5L : 9;
  const auto erfc_function = [](auto x) { return erfc(x); };
  const auto erfcx_function = [](auto x) { return erfcx(x); };
  const auto log_function = [](auto x) { return log_erfc(x); };
  check<ag::op::erfc, T>("erfc", -6, 2, 6, std::erfc, erfc_function);
  check<ag::op::erfc, T>("erfc", 2, last, 6, std::erfc, erfc_function);
  check<ag::op::erfcx, T>("erfcx", 0, 30, 5, erfcx_of, erfcx_function);
  check<ag::op::erfcx, T>("erfcx", 0, 1e5L, 5, erfcx_of, erfcx_function);
  check<ag::op::erfcx, T>("erfcx", -last + 0.2L, 0, 5, erfcx_of, erfcx_function);
  check<ag::op::log_erfc, T>("log_erfc", -5, 5, 5, log_erfc_of, log_function);
  check<ag::op::log_erfc, T>("log_erfc", -1e-4L, 1e-4L, 5, log_erfc_of, log_function);
  check<ag::op::log_erfc, T>("log_erfc", 5, 1e4L, 5, log_erfc_of, log_function);
}
TEST_CASE_TEMPLATE_INVOKE(complement, double, float);

TEST_CASE("at the ends") {
  constexpr auto x = ag::vector<"x">;
  constexpr auto y = ag::vector<"y">;
  auto f = ag::function(ag::inputs(x), ag::outputs(erfc(x), erfcx(x), log_erfc(x)));
  const auto [c, scaled, log_c] = f(std::vector<double>{infinity, -infinity, NAN, 0, 1e300});
  CHECK((c(0) == 0 && c(1) == 2 && std::isnan(c(2)) && c(3) == 1 && c(4) == 0));
  CHECK((scaled(0) == 0 && scaled(1) == infinity && std::isnan(scaled(2)) && scaled(3) == 1 && scaled(4) > 0));
  CHECK((log_c(0) == -infinity && log_c(1) == std::log(2) && std::isnan(log_c(2)) && log_c(3) == 0));

  auto both = ag::function(ag::inputs(x, y), ag::outputs(logaddexp(x, y)));
  const std::vector<double> a = {infinity, -infinity, infinity, 3, NAN, 1e4, -1e4, 0.1}, b = {infinity, -infinity, -infinity, -infinity, 1, 1e4, -1e4 + 3, 0.1};
  const auto sums = both(a, b);
  CHECK((sums(0) == infinity && sums(1) == -infinity && sums(2) == infinity && sums(3) == 3 && std::isnan(sums(4))));
  for (std::ptrdiff_t k = 5; k < 8; ++k)
    CHECK(ulps(sums(k), logaddexp_of(a[static_cast<std::size_t>(k)], b[static_cast<std::size_t>(k)])) <= 2);
}

TEST_CASE("slopes") {
  constexpr auto x = ag::vector<"x">;
  constexpr auto y = ag::vector<"y">;
  auto f = ag::function(ag::inputs(x), ag::outputs(ag::grad(sum(erfc(x)), x), ag::grad(sum(erfcx(x)), x), ag::grad(sum(log_erfc(x)), x)));
  const std::vector<double> at = {-2, -0.3, 0, 0.7, 2.5};
  const auto [c, scaled, log_c] = f(at);
  for (std::ptrdiff_t k = 0; k < 5; ++k) {
    const real h = 1e-5L, p = at[static_cast<std::size_t>(k)];
    const auto slope = [&](real (*g)(real)) { return static_cast<double>((g(p + h) - g(p - h)) / (2 * h)); };
    CHECK(c(k) == doctest::Approx(slope(std::erfc)).epsilon(1e-7));
    CHECK(scaled(k) == doctest::Approx(slope(erfcx_of)).epsilon(1e-7));
    CHECK(log_c(k) == doctest::Approx(slope(log_erfc_of)).epsilon(1e-7));
  }
  auto g = ag::function(ag::inputs(x, y), ag::outputs(ag::grad(sum(logaddexp(x, y)), x), ag::grad(sum(logaddexp(x, y)), y)));
  const auto [of_x, of_y] = g(std::vector<double>{0, 800, -800}, std::vector<double>{0, 1, 1});
  CHECK((of_x(0) == 0.5 && of_y(0) == 0.5));  // where both are alike, too
  CHECK((of_x(1) == 1 && of_y(1) < 1e-300 && of_x(2) < 1e-300 && of_y(2) == 1));
}
