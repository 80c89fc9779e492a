// SPDX-License-Identifier: BSD-3-Clause

// Gradients of whole models, first and second, and of float.

#include <agnesi/agnesi.hpp>

#include "support/reference.hpp"

#include <doctest/doctest.h>

namespace {

namespace ag = agnesi;
using namespace ag::literals;
using namespace ag::testing;
using vector = ag::array<double, 1>;
using matrix = ag::array<double, 2>;

constexpr auto x = ag::matrix<"x">;
constexpr auto y = ag::vector<"y", std::int32_t>;
constexpr auto t = ag::vector<"t">;
constexpr auto W = ag::matrix<"W">;
constexpr auto U = ag::matrix<"U">;
constexpr auto w = ag::vector<"w">;
constexpr auto b = ag::vector<"b">;
constexpr auto d = ag::scalar<"d">;

template <class F, class A>
std::string check_by_differences(F f, A& at, const A& gradient, double tolerance = 2e-7) {
  const double h = 1e-3;
  double* e = nullptr;
  const double* g = nullptr;
  std::ptrdiff_t n = 1;
  if constexpr (std::is_same_v<A, double>) e = &at, g = &gradient;
  else e = at.data(), g = gradient.data(), n = at.size();
  for (std::ptrdiff_t k = 0; k < n; ++k) {
    const double old = e[k];
    const auto moved = [&](double by) {
      e[k] = old + by;
      const double value = f();
      e[k] = old;
      return value;
    };
    const double slope = (8 * (moved(h) - moved(-h)) - (moved(2 * h) - moved(-2 * h))) / (12 * h);
    if (!near(g[k], slope, tolerance)) return "element " + std::to_string(k) + " is " + std::to_string(g[k]) + " instead of " + std::to_string(slope);
  }
  return "";
}

}  // namespace

TEST_CASE("logistic regression") {
  auto p = 1_c / (1_c + exp(-(dot(x, w) + d)));
  auto cost = mean(-t * log(p) - (1_c - t) * log(1_c - p)) + 0.01_c * sum(sqr(w));
  auto [gw, gd] = ag::grad(cost, w, d);
  auto f = ag::function(ag::inputs(x, t, w, d), ag::outputs(cost, gw, gd));
  const auto X = random_array<double, 2>({9, 4});
  const auto T = made<double>(9, [](auto i) { return i % 2; });
  auto V = random_array<double, 1>({4});
  double D = 0.3;
  const auto o = f(X, T, V, D);
  CHECK(check_by_differences([&] { return std::get<0>(f(X, T, V, D)); }, V, std::get<1>(o)) == "");
  CHECK(check_by_differences([&] { return std::get<0>(f(X, T, V, D)); }, D, std::get<2>(o)) == "");
  // saturated: neither NaN nor infinity
  const auto far = f(X, T, made<double>(4, [](auto i) { return 1e4 * static_cast<double>(i + 1); }), 0);
  for (const double e : std::get<1>(far)) CHECK(std::isfinite(e));
  CHECK(std::isfinite(std::get<0>(far)));
}

TEST_CASE("softmax regression, twice differentiated") {
  auto cost = mean(cross_entropy_with_logits(dot(x, W) + b, y)) + 0.05_c * sum(sqr(W));
  auto [gW, gb] = ag::grad(cost, W, b);
  auto length = sum(sqr(gW)) + sum(sqr(gb));
  auto [hW, hb] = ag::grad(length, W, b);
  auto f = ag::function(ag::inputs(x, y, W, b), ag::outputs(cost, gW, gb, length, hW, hb));
  const auto X = random_array<double, 2>({7, 4});
  const auto Y = made<std::int32_t>(7, [](auto i) { return i % 3; });
  auto V = random_array<double, 2>({4, 3});
  auto B = random_array<double, 1>({3});
  const auto o = f(X, Y, V, B);
  const auto value = [&] { return std::get<0>(f(X, Y, V, B)); };
  const auto squared = [&] { return std::get<3>(f(X, Y, V, B)); };
  CHECK(check_by_differences(value, V, std::get<1>(o)) == "");
  CHECK(check_by_differences(value, B, std::get<2>(o)) == "");
  CHECK(check_by_differences(squared, V, std::get<4>(o), 1e-6) == "");
  CHECK(check_by_differences(squared, B, std::get<5>(o), 1e-6) == "");
}

TEST_CASE("a network with a hidden layer, its losses written in several ways") {
  auto h = tanh(dot(x, W) + b);
  auto z = dot(h, U);
  auto by_name = mean(cross_entropy_with_logits(z, y));
  auto onehot = cast<double>(expand_dims<1>(y) == ag::row<"k", std::int32_t>);
  auto by_hand = -mean(log(sum(softmax(z) * onehot, ag::axis<1>)));
  auto relu_cost = mean(sqr(dot(relu(dot(x, W)), w) - t));
  auto [g1, g2, g3] = ag::grad(by_name, W, b, U);
  auto f = ag::function(ag::inputs(x, y, W, b, U, w, t, ag::row<"k", std::int32_t>), ag::outputs(by_name, g1, g2, g3, by_hand, relu_cost, ag::grad(relu_cost, W)));
  const auto X = random_array<double, 2>({6, 4});
  const auto Y = made<std::int32_t>(6, [](auto i) { return i % 3; });
  const auto T = random_array<double, 1>({6}), V = random_array<double, 1>({5});
  const auto K = ag::array<std::int32_t, 2>::from({{0, 1, 2}});
  auto A = random_array<double, 2>({4, 5}), C = random_array<double, 2>({5, 3});
  auto B = random_array<double, 1>({5});
  const auto call = [&] { return f(X, Y, A, B, C, V, T, K); };
  const auto o = call();
  CHECK(check_by_differences([&] { return std::get<0>(call()); }, A, std::get<1>(o)) == "");
  CHECK(check_by_differences([&] { return std::get<0>(call()); }, B, std::get<2>(o)) == "");
  CHECK(check_by_differences([&] { return std::get<0>(call()); }, C, std::get<3>(o)) == "");
  CHECK(std::get<4>(o) == doctest::Approx(std::get<0>(o)));
  CHECK(check_by_differences([&] { return std::get<5>(call()); }, A, std::get<6>(o)) == "");
}

TEST_CASE("layer normalization by hand and a product of sigmoids, in float") {
  constexpr auto f32 = ag::matrix<"f32", float>;
  auto centered = f32 - mean(f32, ag::axis<1>, ag::keepdims);
  auto normal = centered / sqrt(mean(sqr(centered), ag::axis<1>, ag::keepdims) + 1e-3_c);
  auto cost = sum(sigmoid(normal) * f32);
  static_assert(std::is_same_v<decltype(ag::grad(cost, f32))::type::element, float>);
  auto f = ag::function(ag::inputs(f32), ag::outputs(cost, ag::grad(cost, f32)));
  auto centered_d = x - mean(x, ag::axis<1>, ag::keepdims);
  auto cost_d = sum(sigmoid(centered_d / sqrt(mean(sqr(centered_d), ag::axis<1>, ag::keepdims) + 1e-3_c)) * x);
  auto g = ag::function(ag::inputs(x), ag::outputs(cost_d, ag::grad(cost_d, x)));
  auto X = random_array<double, 2>({5, 6});
  const auto F = made<float>(5, 6, [&](auto i, auto j) { return X(i, j); });
  CHECK(check_by_differences([&] { return std::get<0>(g(X)); }, X, std::get<1>(g(X))) == "");
  const auto single = std::get<1>(f(F));
  CHECK(difference(single, made<float>(5, 6, [&, d = std::get<1>(g(X))](auto i, auto j) { return d(i, j); }), 1e-4) == "");
}
