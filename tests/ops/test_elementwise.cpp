// SPDX-License-Identifier: BSD-3-Clause

// Elementwise operations: values against the C library's in long double, for every element type.

#include <agnesi/agnesi.hpp>

#include "support/reference.hpp"

#include <doctest/doctest.h>

#include <limits>

namespace {

namespace ag = agnesi;
using namespace ag::literals;
using namespace ag::testing;

constexpr double infinity = std::numeric_limits<double>::infinity();

long double log1mexp_of(long double x) { return std::log1p(-std::exp(x)); }

}  // namespace

TEST_CASE_TEMPLATE_DEFINE("functions of one number", T, functions_of_one) {
  constexpr auto x = ag::vector<"x", T>;
  constexpr auto p = ag::vector<"p", T>;
  auto f = ag::function(ag::inputs(x, p), ag::outputs(exp(x), expm1(x), sin(x), cos(x), tanh(x), sigmoid(x), softplus(x), relu(x), erf(x), abs(x), sign(x), sqr(x), -x, log1mexp(-p),
                                                      log(p), log1p(p), sqrt(p), +x));
  for (const std::ptrdiff_t n : {1, 3, 8, 29}) {
    const auto X = random_array<T, 1>({n}, -6, 6), P = random_array<T, 1>({n}, 0.01, 9);
    const auto r = f(X, P);
    const auto check = [&](const ag::array<T, 1>& got, auto reference, const ag::array<T, 1>& of) {
      return difference(got, made<T>(n, [&](auto i) { return reference(static_cast<long double>(of(i))); }), std::is_same_v<T, float> ? 1e-6 : 1e-14);
    };
    using L = long double;
    CHECK(check(std::get<0>(r), [](L a) { return std::exp(a); }, X) == "");
    CHECK(check(std::get<1>(r), [](L a) { return std::expm1(a); }, X) == "");
    CHECK(check(std::get<2>(r), [](L a) { return std::sin(a); }, X) == "");
    CHECK(check(std::get<3>(r), [](L a) { return std::cos(a); }, X) == "");
    CHECK(check(std::get<4>(r), [](L a) { return std::tanh(a); }, X) == "");
    CHECK(check(std::get<5>(r), [](L a) { return 1 / (1 + std::exp(-a)); }, X) == "");
    CHECK(check(std::get<6>(r), [](L a) { return std::log1p(std::exp(a)); }, X) == "");
    CHECK(check(std::get<7>(r), [](L a) { return a > 0 ? a : 0; }, X) == "");
    CHECK(check(std::get<8>(r), [](L a) { return std::erf(a); }, X) == "");
    CHECK(check(std::get<9>(r), [](L a) { return std::abs(a); }, X) == "");
    CHECK(check(std::get<10>(r), [](L a) { return a > 0 ? L(1) : a < 0 ? L(-1) : a; }, X) == "");
    CHECK(check(std::get<11>(r), [](L a) { return a * a; }, X) == "");
    CHECK(check(std::get<12>(r), [](L a) { return -a; }, X) == "");
    CHECK(check(std::get<13>(r), [](L a) { return log1mexp_of(-a); }, P) == "");
    CHECK(check(std::get<14>(r), [](L a) { return std::log(a); }, P) == "");
    CHECK(check(std::get<15>(r), [](L a) { return std::log1p(a); }, P) == "");
    CHECK(check(std::get<16>(r), [](L a) { return std::sqrt(a); }, P) == "");
    CHECK(std::get<17>(r) == X);
  }
}
TEST_CASE_TEMPLATE_INVOKE(functions_of_one, double, float);

TEST_CASE("extreme arguments") {
  constexpr auto x = ag::vector<"x">;
  auto f = ag::function(ag::inputs(x), ag::outputs(sigmoid(x), softplus(x), tanh(x), relu(x), sign(x), exp(x), log(1_c + exp(x)), log(sigmoid(x)), 1_c / (1_c + exp(-x)), abs(x), erf(x)));
  const auto X = ag::array<double, 1>::from({1e4, -1e4, infinity, -infinity, NAN, 0, -0.0, 1e-300, 40, -40});
  const auto r = f(X);
  CHECK(difference(std::get<0>(r), ag::array<double, 1>::from({1, 0, 1, 0, NAN, .5, .5, .5, 1 / (1 + std::exp(-40.)), std::exp(-40.)})) == "");
  const auto soft = ag::array<double, 1>::from({1e4, 0, infinity, 0, NAN, std::log(2.), std::log(2.), std::log(2.), 40, std::exp(-40.)});
  CHECK(difference(std::get<1>(r), soft) == "");
  CHECK(std::get<1>(r)(9) == doctest::Approx(std::exp(-40.)).epsilon(1e-12));
  CHECK(difference(std::get<2>(r), ag::array<double, 1>::from({1, -1, 1, -1, NAN, 0, 0, 1e-300, 1, -1})) == "");
  CHECK(difference(std::get<3>(r), ag::array<double, 1>::from({1e4, 0, infinity, 0, NAN, 0, 0, 1e-300, 40, 0})) == "");
  CHECK(difference(std::get<4>(r), ag::array<double, 1>::from({1, -1, 1, -1, NAN, 0, 0, 1, 1, -1})) == "");
  CHECK(difference(std::get<5>(r), ag::array<double, 1>::from({infinity, 0, infinity, 0, NAN, 1, 1, 1, std::exp(40.), std::exp(-40.)})) == "");
  CHECK(difference(std::get<6>(r), soft) == "");  // stabilized
  CHECK(difference(std::get<7>(r), made<double>(10, [&](auto i) { return i == 1 ? -1e4 : i == 3 ? -infinity : i == 9 ? -40 - std::log1p(std::exp(-40.)) : std::log(std::get<0>(r)(i)); })) == "");
  CHECK(difference(std::get<8>(r), std::get<0>(r)) == "");
  CHECK(difference(std::get<9>(r), ag::array<double, 1>::from({1e4, 1e4, infinity, infinity, NAN, 0, 0, 1e-300, 40, 40})) == "");
}

TEST_CASE("functions of two and three numbers") {
  constexpr auto x = ag::vector<"x">;
  constexpr auto y = ag::vector<"y">;
  auto f = ag::function(ag::inputs(x, y), ag::outputs(x + y, x - y, x * y, x / y, maximum(x, y), minimum(x, y), pow(abs(x), y), clip(x, -1_c, 1_c), clip(x, y, y + 1_c), where(x > y, x, -y),
                                                      x < y, x <= y, x == y, x != y, (x > y) && (x > 0_c), !(x >= y) || (y > 0_c), pow(x, 2_c), pow(x, 3_c), 2_c - x, 1_c / x));
  const double nan = NAN;
  auto X = random_array<double, 1>({23}, -3, 3), Y = random_array<double, 1>({23}, -3, 3);
  X(3) = Y(3);
  X(4) = nan, Y(5) = nan, X(6) = infinity, Y(7) = -infinity, X(8) = 0, Y(9) = 0;
  const auto r = f(X, Y);
  const auto check = [&](const auto& got, auto reference) {
    return difference(got, made<typename std::remove_cvref_t<decltype(got)>::value_type>(23, [&](auto i) { return reference(X(i), Y(i)); }), 1e-13);
  };
  const auto either_nan = [](double a, double b) { return std::isnan(a) || std::isnan(b); };
  CHECK(check(std::get<0>(r), [](double a, double b) { return a + b; }) == "");
  CHECK(check(std::get<1>(r), [](double a, double b) { return a - b; }) == "");
  CHECK(check(std::get<2>(r), [](double a, double b) { return a * b; }) == "");
  CHECK(check(std::get<3>(r), [](double a, double b) { return a / b; }) == "");
  CHECK(check(std::get<4>(r), [&](double a, double b) { return either_nan(a, b) ? nan : a > b ? a : b; }) == "");
  CHECK(check(std::get<5>(r), [&](double a, double b) { return either_nan(a, b) ? nan : a < b ? a : b; }) == "");
  CHECK(check(std::get<6>(r), [](double a, double b) { return std::pow(std::abs(a), b); }) == "");
  CHECK(check(std::get<7>(r), [](double a, double) { return a < -1 ? -1 : a > 1 ? 1 : a; }) == "");
  CHECK(check(std::get<8>(r), [&](double a, double b) { return either_nan(a, b) ? nan : std::fmin(std::fmax(a, b), b + 1); }) == "");
  CHECK(check(std::get<9>(r), [](double a, double b) { return a > b ? a : -b; }) == "");
  CHECK(check(std::get<10>(r), [](double a, double b) { return a < b; }) == "");
  CHECK(check(std::get<11>(r), [](double a, double b) { return a <= b; }) == "");
  CHECK(check(std::get<12>(r), [](double a, double b) { return a == b; }) == "");
  CHECK(check(std::get<13>(r), [](double a, double b) { return a != b; }) == "");
  CHECK(check(std::get<14>(r), [](double a, double b) { return a > b && a > 0; }) == "");
  CHECK(check(std::get<15>(r), [](double a, double b) { return !(a >= b) || b > 0; }) == "");
  CHECK(check(std::get<16>(r), [](double a, double) { return a * a; }) == "");
  CHECK(check(std::get<17>(r), [](double a, double) { return a * a * a; }) == "");
  CHECK(check(std::get<18>(r), [](double a, double) { return 2 - a; }) == "");
  CHECK(check(std::get<19>(r), [](double a, double) { return 1 / a; }) == "");
}

TEST_CASE("element types promote as in NumPy") {
  constexpr auto b = ag::vector<"b", bool>;
  constexpr auto u = ag::vector<"u", std::uint8_t>;
  constexpr auto i = ag::vector<"i", std::int32_t>;
  constexpr auto l = ag::vector<"l", std::int64_t>;
  constexpr auto f = ag::vector<"f", float>;
  constexpr auto d = ag::scalar<"d">;
  auto g = ag::function(ag::inputs(b, u, i, l, f, d), ag::outputs(b + b, b + u, u + u, u + i, i + l, i + f, u + f, f + d, f * 0.5_c, i / l, i * 2_c, i + 0.5_c, u * 2_c, b * 3_c, i - l * i, -u,
                                                                  cast<std::uint8_t>(f), cast<bool>(f), cast<float>(l), cast<std::int32_t>(d * f), b == u, maximum(u, i), where(b, u, i), abs(i), sign(i)));
  ag::array<bool, 1> B({3});
  B(0) = B(2) = true;
  const auto U = ag::array<std::uint8_t, 1>::from({250, 1, 7});
  const auto I = ag::array<std::int32_t, 1>::from({-5, 2, 0});
  const auto L = ag::array<std::int64_t, 1>::from({3, -4, 1});
  const auto F = ag::array<float, 1>::from({1.5f, 0, 200.75f});
  const auto r = g(B, U, I, L, F, 2.5);
  const auto element = []<std::size_t K>(std::integral_constant<std::size_t, K>, const auto& all) { return typename std::remove_cvref_t<decltype(std::get<K>(all))>::value_type{}; };
#define AGNESI_TEST_TYPE(K, T) static_assert(std::is_same_v<decltype(element(std::integral_constant<std::size_t, K>{}, r)), T>)
  AGNESI_TEST_TYPE(0, bool);
  AGNESI_TEST_TYPE(1, std::uint8_t);
  AGNESI_TEST_TYPE(2, std::uint8_t);
  AGNESI_TEST_TYPE(3, std::int32_t);
  AGNESI_TEST_TYPE(4, std::int64_t);
  AGNESI_TEST_TYPE(5, double);
  AGNESI_TEST_TYPE(6, float);
  AGNESI_TEST_TYPE(7, double);
  AGNESI_TEST_TYPE(8, float);
  AGNESI_TEST_TYPE(9, double);
  AGNESI_TEST_TYPE(10, std::int32_t);
  AGNESI_TEST_TYPE(11, double);
  AGNESI_TEST_TYPE(12, std::uint8_t);
  AGNESI_TEST_TYPE(13, std::int64_t);
  AGNESI_TEST_TYPE(16, std::uint8_t);
  AGNESI_TEST_TYPE(17, bool);
  AGNESI_TEST_TYPE(18, float);
  AGNESI_TEST_TYPE(20, bool);
  AGNESI_TEST_TYPE(21, std::int32_t);
  AGNESI_TEST_TYPE(22, std::int32_t);
#undef AGNESI_TEST_TYPE
  CHECK(std::get<0>(r)(0));
  CHECK_FALSE(std::get<0>(r)(1));
  CHECK(std::get<1>(r) == ag::array<std::uint8_t, 1>::from({251, 1, 8}));
  CHECK(std::get<2>(r) == ag::array<std::uint8_t, 1>::from({244, 2, 14}));
  CHECK(std::get<3>(r) == ag::array<std::int32_t, 1>::from({245, 3, 7}));
  CHECK(std::get<4>(r) == ag::array<std::int64_t, 1>::from({-2, -2, 1}));
  CHECK(std::get<5>(r) == ag::array<double, 1>::from({-3.5, 2, 200.75}));
  CHECK(std::get<6>(r) == ag::array<float, 1>::from({251.5f, 1, 207.75f}));
  CHECK(std::get<7>(r) == ag::array<double, 1>::from({4, 2.5, 203.25}));
  CHECK(difference(std::get<9>(r), ag::array<double, 1>::from({-5. / 3, -0.5, 0})) == "");
  CHECK(std::get<11>(r) == ag::array<double, 1>::from({-4.5, 2.5, 0.5}));
  CHECK(std::get<12>(r) == ag::array<std::uint8_t, 1>::from({244, 2, 14}));
  CHECK(std::get<13>(r) == ag::array<std::int64_t, 1>::from({3, 0, 3}));
  CHECK(std::get<14>(r) == ag::array<std::int64_t, 1>::from({10, 10, 0}));
  CHECK(std::get<15>(r) == ag::array<std::uint8_t, 1>::from({6, 255, 249}));
  CHECK(std::get<16>(r) == ag::array<std::uint8_t, 1>::from({1, 0, 200}));
  CHECK(std::get<17>(r)(0));
  CHECK_FALSE(std::get<17>(r)(1));
  CHECK(std::get<19>(r) == ag::array<std::int32_t, 1>::from({3, 0, 501}));
  CHECK_FALSE(std::get<20>(r)(0));
  CHECK(std::get<21>(r) == ag::array<std::int32_t, 1>::from({250, 2, 7}));
  CHECK(std::get<22>(r) == ag::array<std::int32_t, 1>::from({250, 2, 7}));
  CHECK(std::get<23>(r) == ag::array<std::int32_t, 1>::from({5, 2, 0}));
  CHECK(std::get<24>(r) == ag::array<std::int32_t, 1>::from({-1, 1, 0}));
}

TEST_CASE("integers compute and wrap as int64, powers of integers are exact") {
  constexpr auto i = ag::vector<"i", std::int64_t>;
  auto f = ag::function(ag::inputs(i), ag::outputs(i * i - 1_c, sqr(i), maximum(i, 0_c), clip(i, -2_c, 3_c), i > 2_c, pow(i, 2_c), where(i > 0_c, i, 0_c), sum(i * i)));
  const auto I = ag::array<std::int64_t, 1>::from({3000000001, -4, 0, 2});
  const auto r = f(I);
  CHECK(std::get<0>(r) == ag::array<std::int64_t, 1>::from({9000000006000000000, 15, -1, 3}));
  CHECK(std::get<1>(r)(0) == 9000000006000000001);
  CHECK(std::get<2>(r) == ag::array<std::int64_t, 1>::from({3000000001, 0, 0, 2}));
  CHECK(std::get<3>(r) == ag::array<std::int64_t, 1>::from({3, -2, 0, 2}));
  CHECK(std::get<4>(r)(0));
  CHECK(std::get<5>(r)(0) == 9000000006000000001);
  CHECK(std::get<7>(r) == 9000000006000000021);
}
