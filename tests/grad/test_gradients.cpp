// SPDX-License-Identifier: BSD-3-Clause

// Gradients against finite differences, and second derivatives against those of the first.

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
constexpr auto v = ag::vector<"v">;
constexpr auto s = ag::scalar<"s">;
constexpr auto r = ag::row<"r">;
constexpr auto c = ag::col<"c">;

double& element(double& d, std::ptrdiff_t) { return d; }
template <int R>
double& element(ag::array<double, R>& a, std::ptrdiff_t k) {
  return a.data()[k];
}
inline std::ptrdiff_t count(double) { return 1; }
template <int R>
std::ptrdiff_t count(const ag::array<double, R>& a) {
  return a.size();
}

// Compares d f / d at, which `gradient` holds, with central differences of fourth order; empty where they agree.
template <class F, class A>
std::string check_by_differences(F f, A& at, A gradient, double tolerance = 2e-7) {
  const double h = 1e-3;
  for (std::ptrdiff_t k = 0; k < count(at); ++k) {
    double& e = element(at, k);
    const double old = e;
    const auto moved = [&](double by) {
      e = old + by;
      const double value = f();
      e = old;
      return value;
    };
    const double slope = (8 * (moved(h) - moved(-h)) - (moved(2 * h) - moved(-2 * h))) / (12 * h);
    if (!near(element(gradient, k), slope, tolerance))
      return "element " + std::to_string(k) + " is " + std::to_string(element(gradient, k)) + " instead of " + std::to_string(slope);
  }
  return "";
}

// Value, gradient and gradient of a weighted gradient of a cost of one vector.
template <class Cost>
std::string check_twice(Cost cost, vector at) {
  const auto g = ag::grad(cost, v);
  const auto weighted = sum(g * sin(v + 1_c));
  auto f = ag::function(ag::inputs(v), ag::outputs(cost, g, weighted, ag::grad(weighted, v)));
  std::string wrong = check_by_differences([&] { return std::get<0>(f(at)); }, at, std::get<1>(f(at)));
  if (!wrong.empty()) return "first: " + wrong;
  wrong = check_by_differences([&] { return std::get<2>(f(at)); }, at, std::get<3>(f(at)), 2e-6);
  return wrong.empty() ? "" : "second: " + wrong;
}
template <class Cost>
std::string check_flat_second(Cost cost, vector at) {  // whose first derivative is piecewise constant
  auto f = ag::function(ag::inputs(v), ag::outputs(cost, ag::grad(cost, v)));
  return check_by_differences([&] { return std::get<0>(f(at)); }, at, std::get<1>(f(at)));
}

vector points(double lo, double hi) {
  vector p({7});
  for (int k = 0; k < 7; ++k) p(k) = lo + (hi - lo) * (k + 0.37) / 7;
  return p;
}

}  // namespace

TEST_CASE("exponentials and logarithms") {
  CHECK(check_twice(sum(exp(v) + 2_c * expm1(v * 0.5_c)), points(-2, 2)) == "");
  CHECK(check_twice(sum(log(v) * log1p(v)), points(0.3, 4)) == "");
  CHECK(check_twice(sum(sigmoid(v) * softplus(v)), points(-4, 4)) == "");
  CHECK(check_twice(sum(log1mexp(-v)), points(0.3, 3)) == "");
  CHECK(check_twice(sum(tanh(v) * erf(v)), points(-2, 2)) == "");
}

TEST_CASE("arithmetic and powers") {
  CHECK(check_twice(sum(sin(v) / cos(v) - sqr(v)), points(-1, 1)) == "");
  CHECK(check_twice(sum(sqrt(v) / (v + 1_c) - 2_c / v), points(0.5, 3)) == "");
  CHECK(check_twice(sum(pow(v, 3_c) + pow(v, -2_c) + pow(v, 0.5_c)), points(0.5, 3)) == "");
  CHECK(check_twice(sum(pow(v, v) + pow(2_c, v)), points(0.5, 3)) == "");
  CHECK(check_twice(sum(pow(v, 2_c) + pow(v, 3_c) * v), points(-2, 2)) == "");
  CHECK(check_twice(exp(sum(v) * 0.1_c) * prod(v), points(-2, 2)) == "");
}

TEST_CASE("functions with corners, away from them") {
  CHECK(check_flat_second(sum(abs(v) + relu(v * 2_c) + clip(v, -1_c, 1_c)), points(-2, 2)) == "");
  CHECK(check_flat_second(sum(maximum(v, 0.5_c) * 3_c - minimum(v, -v) + where(v > 0_c, 2_c * v, -v)), points(-2, 2)) == "");
  CHECK(check_twice(sum(sqr(maximum(v, 0.1_c)) + where(v > 0_c, sqr(v), exp(v)) + clip(v * v, 0.3_c, v)), points(-2, 2)) == "");
}

TEST_CASE("at the corners") {
  auto f = ag::function(ag::inputs(v), ag::outputs(ag::grad(sum(clip(v, -1_c, 1_c)), v), ag::grad(sum(relu(v)), v), ag::grad(sum(abs(v)), v), ag::grad(sum(maximum(v, 1_c)), v),
                                                   ag::grad(sum(pow(v, 2_c)), v), ag::grad(sum(pow(v, s)), v)), ag::givens(s = sum(0_c * v)));
  const auto o = f(vector::from({-1, 0, 1}));
  CHECK(std::get<0>(o) == vector::from({1, 1, 1}));
  CHECK(std::get<1>(o) == vector::from({0, 0, 1}));
  CHECK(std::get<2>(o) == vector::from({-1, 0, 1}));
  CHECK(std::get<3>(o) == vector::from({0, 0, 1}));
  CHECK(std::get<4>(o) == vector::from({-2, 0, 2}));
  CHECK(std::get<5>(o) == vector::from({0, 0, 0}));
}

TEST_CASE("ties of max and min share the gradient, at every form of axes") {
  auto f = ag::function(ag::inputs(x), ag::outputs(ag::grad(max(x), x), ag::grad(sum(max(x, ag::axis<0>)), x), ag::grad(sum(min(x, ag::axis<1>)), x), ag::grad(sum(max(x, ag::axis<0, 1>)), x),
                                                   ag::grad(sum(max(x, ag::axis<1>, ag::keepdims) * x), x)));
  const auto o = f(matrix::from({{3, 1, 3}, {0, 3, 0}}));
  const double third = 1.0 / 3;
  CHECK(difference(std::get<0>(o), matrix::from({{third, 0, third}, {0, third, 0}})) == "");
  CHECK(difference(std::get<1>(o), matrix::from({{1, 0, 1}, {0, 1, 0}})) == "");
  CHECK(difference(std::get<2>(o), matrix::from({{0, 1, 0}, {0.5, 0, 0.5}})) == "");
  CHECK(difference(std::get<3>(o), matrix::from({{third, 0, third}, {0, third, 0}})) == "");
  CHECK(difference(std::get<4>(o), matrix::from({{3 + 3.5, 3, 3 + 3.5}, {3, 3 + 3, 3}})) == "");
}

TEST_CASE("reductions over each axis, and of products with zeros") {
  auto cost = sum(sqr(sum(x, ag::axis<0>))) + sum(exp(mean(x, ag::axis<1>))) + sum(sqr(max(x, ag::axis<0>))) + sum(sqr(min(x, ag::axis<1>, ag::keepdims)) * x) + sqr(sum(x)) +
              sum(prod(x, ag::axis<1>)) + sum(sqr(logsumexp(x, ag::axis<0>))) + sqr(mean(x)) + sum(sqr(prod(x, ag::axis<0>)));
  auto f = ag::function(ag::inputs(x), ag::outputs(cost, ag::grad(cost, x)));
  auto X = matrix::from({{0.27, 0.98, 1.88}, {-0.22, -0.61, 1.05}, {1.51, 0.09, -0.86}, {1.18, -0.38, 0.42}});  // no ties
  CHECK(check_by_differences([&] { return std::get<0>(f(X)); }, X, std::get<1>(f(X))) == "");
  X(1, 1) = 0;
  CHECK(check_by_differences([&] { return std::get<0>(f(X)); }, X, std::get<1>(f(X))) == "");
  X(1, 2) = 0;
  X(2, 0) = 0;
  CHECK(check_by_differences([&] { return std::get<0>(f(X)); }, X, std::get<1>(f(X))) == "");
}

TEST_CASE("broadcast rows, columns, vectors and scalars") {
  auto cost = sum(sin(x * r + c / s - v) * sqr(r)) + sum(c * r) + s * sum(v);
  auto [gx, gr, gc, gv, gs] = ag::grad(cost, x, r, c, v, s);
  auto f = ag::function(ag::inputs(x, r, c, v, s), ag::outputs(cost, gx, gr, gc, gv, gs));
  auto X = random_array<double, 2>({4, 3}), R = random_array<double, 2>({1, 3}), C = random_array<double, 2>({4, 1});
  auto V = random_array<double, 1>({3});
  double S = 1.3;
  const auto value = [&] { return std::get<0>(f(X, R, C, V, S)); };
  const auto o = f(X, R, C, V, S);
  CHECK(check_by_differences(value, X, std::get<1>(o)) == "");
  CHECK(check_by_differences(value, R, std::get<2>(o)) == "");
  CHECK(check_by_differences(value, C, std::get<3>(o)) == "");
  CHECK(check_by_differences(value, V, std::get<4>(o)) == "");
  CHECK(check_by_differences(value, S, std::get<5>(o)) == "");
}

TEST_CASE("movements, slices and gathers") {
  constexpr auto ids = ag::vector<"ids", std::int32_t>;
  auto cost = sum(sqr(x(ag::slice(1_c, ag::none, 2_c), ag::slice(ag::none, ag::none, -1_c))) * 3_c) + sum(exp(x(ids))) + sum(sqr(x(ids, ids))) + sum(sin(reshape(x, ag::shape(2_c, -1_c)))) +
              sum(transpose(x) * x(ag::slice(0_c, 4_c), ag::all)) + sum(sqr(x(1_c)) * x(-1_c)) + sum(sqr(x(ag::all, ids))(0_c)) + sum(expand_dims<1>(x) * sqr(expand_dims<0>(x)));
  auto f = ag::function(ag::inputs(x, ids), ag::outputs(cost, ag::grad(cost, x)));
  auto X = random_array<double, 2>({4, 4});
  const auto I = ag::array<std::int32_t, 1>::from({2, 0, -1, 2, 2});
  CHECK(check_by_differences([&] { return std::get<0>(f(X, I)); }, X, std::get<1>(f(X, I))) == "");
  auto second = sum(sqr(ag::grad(sum(pow(x(ids), 3_c)) + sum(exp(x(ag::slice(1_c), 2_c))), x)));
  auto g = ag::function(ag::inputs(x, ids), ag::outputs(second, ag::grad(second, x)));
  CHECK(check_by_differences([&] { return std::get<0>(g(X, I)); }, X, std::get<1>(g(X, I)), 1e-6) == "");
}

TEST_CASE("products of vectors and matrices") {
  constexpr auto w = ag::matrix<"w">;
  auto cost = sum(sin(dot(x, w))) + sum(sqr(dot(x, v))) + sum(exp(dot(v, transpose(x)))) + sqr(dot(v, v)) + sum(dot(transpose(w), transpose(x)) * dot(transpose(w), transpose(x))) + dot(v, dot(w, dot(transpose(w), v)));
  auto [gx, gw, gv] = ag::grad(cost, x, w, v);
  auto f = ag::function(ag::inputs(x, w, v), ag::outputs(cost, gx, gw, gv));
  auto X = random_array<double, 2>({4, 3}, -1, 1), W = random_array<double, 2>({3, 5}, -1, 1);
  auto V = random_array<double, 1>({3}, -1, 1);
  const auto value = [&] { return std::get<0>(f(X, W, V)); };
  const auto o = f(X, W, V);
  CHECK(check_by_differences(value, X, std::get<1>(o)) == "");
  CHECK(check_by_differences(value, W, std::get<2>(o)) == "");
  CHECK(check_by_differences(value, V, std::get<3>(o)) == "");
}

TEST_CASE("stop_gradient, and symbols that do not matter") {
  auto f = ag::function(ag::inputs(v, s, x), ag::outputs(ag::grad(sum(v * stop_gradient(sqr(v))), v), ag::grad(sum(v), x, ag::allow_unused), ag::grad(sum(v) + sum(stop_gradient(x)), x, ag::allow_unused),
                                                         ag::grad(sum(cast<double>(cast<float>(v)) * v), v), ag::grad(sum(where(v > s, v, s)), s), ag::grad(sum(v) * 0_c, v)));
  const auto o = f(vector::from({1, 2, -3}), 0.5, matrix({2, 3}));
  CHECK(difference(std::get<0>(o), vector::from({1, 4, 9})) == "");
  CHECK(std::get<1>(o) == matrix({2, 3}));
  CHECK(std::get<2>(o) == matrix({2, 3}));
  CHECK(difference(std::get<3>(o), vector::from({2, 4, -6})) == "");
  CHECK(std::get<4>(o) == 1);
  CHECK(std::get<5>(o) == vector({3}));
}

TEST_CASE("of equal operands the first has the slope, however the same extremum is written elsewhere") {
  constexpr auto left = ag::vector<"left">;
  constexpr auto right = ag::vector<"right">;
  constexpr auto cost = sum(maximum(left, right)) + sum(3_c * maximum(right, left)) + sum(10_c * minimum(right, left)) + sum(30_c * minimum(left, right));
  auto f = ag::function(ag::inputs(left, right), ag::outputs(ag::grad(cost, left), ag::grad(cost, right)));
  const auto [gx, gy] = f(ag::array<double, 1>::from({1, 2, 3}), ag::array<double, 1>::from({1, 1, 4}));
  CHECK(gx(0) == 31);
  CHECK(gy(0) == 13);
  CHECK(gx(1) == 4);
  CHECK(gy(1) == 40);
  CHECK(gx(2) == 40);
  CHECK(gy(2) == 4);
  static_assert(ag::same(maximum(left, right), maximum(right, left)));
  static_assert(ag::same(ag::simplify(maximum(left, right) - maximum(right, left)), ag::simplify(left - left + 0_c * right)));
}
