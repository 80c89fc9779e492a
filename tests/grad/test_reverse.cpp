// SPDX-License-Identifier: BSD-3-Clause
// Every derivative against finite differences, on a graph that is differentiated and not simplified.
#include <doctest/doctest.h>

#include <agnesi/expr/lower.hpp>
#include <agnesi/expr/show.hpp>
#include <agnesi/expr/symbols.hpp>
#include <agnesi/grad/grad.hpp>
#include <agnesi/grad/reverse.hpp>

#include <cmath>
#include <string>
#include <vector>

#include "support/interpret.hpp"

namespace ag = agnesi;
using namespace ag::literals;

namespace {

struct binding {
  std::string name;
  std::vector<std::int64_t> shape;
  std::vector<double> data;
};

struct differentiated_graph {
  ag::graph g;
  int cost = -1, gradient = -1;
};
// The cost and its gradient, both at the end of one graph.
template <class Cost, class Gradient>
differentiated_graph differentiate(Cost cost, Gradient gradient) {
  differentiated_graph r;
  const int roots[] = {lower(r.g, cost), lower(r.g, gradient)};
  r.g.apply(ag::info<ag::op::outputs>, roots, 2);
  r.g = ag::differentiated(r.g, ag::universe_of<typename Gradient::ops>());
  if (r.g.failure != ag::mistake::none) return r;
  r.cost = r.g.arg(r.g.size() - 1, 0);
  r.gradient = r.g.arg(r.g.size() - 1, 1);
  return r;
}

struct evaluated {
  double cost;
  ag::testing::tensor_value gradient;
};
evaluated evaluate(const ag::graph& g, const std::vector<binding>& at) {
  ag::testing::values in;
  for (const binding& b : at) in[b.name] = {b.shape, {b.data.begin(), b.data.end()}};
  const std::vector<ag::testing::tensor_value> out = interpret(g, in);
  return {static_cast<double>(out[0][0]), out[1]};
}

// d cost / d wrt, whose value is at[0], against central differences.
template <class Cost, class W>
void check(Cost cost, W wrt, std::vector<binding> at, double tolerance = 1e-7) {
  const std::string formula = ag::to_string(cost);
  CAPTURE(formula);
  const differentiated_graph d = differentiate(cost, ag::grad(cost, wrt));
  REQUIRE(d.g.failure == ag::mistake::none);
  const ag::testing::tensor_value gradient = evaluate(d.g, at).gradient;
  CHECK(gradient.extents == at[0].shape);
  REQUIRE(gradient.elements.size() == at[0].data.size());
  for (std::size_t k = 0; k < at[0].data.size(); ++k) {
    const double x = at[0].data[k], h = 1e-5;
    at[0].data[k] = x + h;
    const double above = evaluate(d.g, at).cost;
    at[0].data[k] = x - h;
    const double below = evaluate(d.g, at).cost;
    at[0].data[k] = x;
    const double expected = (above - below) / (2 * h);
    const auto found = static_cast<double>(gradient.elements[k]);
    CHECK(found == doctest::Approx(expected).epsilon(tolerance).scale(1 + std::abs(expected)));
  }
}
// The gradient itself, where there is a tie or a kink.
template <class Cost, class W>
std::vector<double> gradient_at(Cost cost, W wrt, const std::vector<binding>& at) {
  const ag::testing::tensor_value g = evaluate(differentiate(cost, ag::grad(cost, wrt)).g, at).gradient;
  return {g.elements.begin(), g.elements.end()};
}

constexpr auto x = ag::vector<"x">;
constexpr auto y = ag::vector<"y">;
constexpr auto m = ag::matrix<"m">;
constexpr auto k = ag::matrix<"k">;
constexpr auto s = ag::scalar<"s">;
constexpr auto ids = ag::vector<"ids", std::int32_t>;
constexpr auto rows = ag::vector<"rows", std::int32_t>;

const std::vector<double> around_zero = {-2.1, -0.7, -0.2, 0.3, 1.1, 2.6};
const std::vector<double> positive = {0.1, 0.4, 0.9, 1.3, 2.2, 5.0};
const std::vector<double> negative = {-0.1, -0.4, -0.9, -1.3, -2.2, -5.0};

// A cotangent other than ones, and a second derivative: sum(y * f(x)).
template <class F>
void unary(F f, const std::vector<double>& values) {
  const binding at_y{"y", {6}, {1.5, -0.5, 2, 1, -1, 0.25}};
  check(sum(y * f(x)), x, {{"x", {6}, values}, at_y});
  check(sum(y * ag::grad(sum(f(x)), x)), x, {{"x", {6}, values}, at_y}, 1e-5);
}
template <class F>
void binary(F f, const std::vector<double>& a, const std::vector<double>& b) {
  check(sum(sqr(f(x, y))), x, {{"x", {6}, a}, {"y", {6}, b}}, 1e-6);
  check(sum(sqr(f(x, y))), y, {{"y", {6}, b}, {"x", {6}, a}}, 1e-6);
}

const binding at_m{"m", {2, 3}, {0.5, -1.2, 2.0, 1.4, 0.3, -0.8}};
const binding at_k{"k", {3, 2}, {1.0, -0.5, 0.25, 2.0, -1.5, 0.75}};
const binding at_x{"x", {3}, {0.7, -1.1, 0.4}};

struct swish_op : ag::elementwise<swish_op, 1> {
  static constexpr auto name = "swish";
  static constexpr auto eval(auto z) {
    using std::exp;
    return z / (1 + exp(-z));
  }
  static constexpr auto grad(auto g, auto z, auto r) { return g * (r + sigmoid(z) * (1 - r)); }
};
constexpr auto swish(auto z) { return ag::apply<swish_op>(z); }

}  // namespace

TEST_CASE("elementwise functions of one argument") {
  unary([](auto a) { return -a; }, around_zero);
  unary([](auto a) { return sqr(a); }, around_zero);
  unary([](auto a) { return sqrt(a); }, positive);
  unary([](auto a) { return abs(a); }, around_zero);
  unary([](auto a) { return exp(a); }, around_zero);
  unary([](auto a) { return expm1(a); }, around_zero);
  unary([](auto a) { return log(a); }, positive);
  unary([](auto a) { return log1p(a); }, positive);
  unary([](auto a) { return sin(a); }, around_zero);
  unary([](auto a) { return cos(a); }, around_zero);
  unary([](auto a) { return tanh(a); }, around_zero);
  unary([](auto a) { return sigmoid(a); }, around_zero);
  unary([](auto a) { return softplus(a); }, around_zero);
  unary([](auto a) { return erf(a); }, around_zero);
  unary([](auto a) { return log1mexp(a); }, negative);
}

TEST_CASE("piecewise linear functions, away from their kinks") {
  const binding at{"x", {6}, around_zero};
  check(sum(relu(x) * x), x, {at});
  check(sum(clip(x, -1_c, 1_c) * x), x, {at});
  check(sum(sign(x) * x), x, {at});
  check(sum(where(x > 0_c, sqr(x), -x)), x, {at});
  check(sum(ag::stop_gradient(sign(x)) * x), x, {at});
}

TEST_CASE("elementwise functions of two arguments") {
  binary([](auto a, auto b) { return a + b; }, around_zero, positive);
  binary([](auto a, auto b) { return a - b; }, around_zero, positive);
  binary([](auto a, auto b) { return a * b; }, around_zero, positive);
  binary([](auto a, auto b) { return a / b; }, around_zero, positive);
  binary([](auto a, auto b) { return pow(a, b); }, positive, {-1.5, 2, 0.5, 3, 1.25, -0.5});
  binary([](auto a, auto b) { return maximum(a, b); }, around_zero, positive);
  binary([](auto a, auto b) { return minimum(a, b); }, around_zero, positive);
  binary([](auto a, auto b) { return clip(a, b, b + 1_c); }, around_zero, {-3, -0.5, -1, 1, 0.5, 2});
}

TEST_CASE("the power of a negative base, and of zero") {
  check(sum(pow(x, 2_c)), x, {{"x", {3}, {-1.5, 0, 2}}});
  check(sum(pow(x, 3_c)), x, {{"x", {3}, {-1.5, 0.5, 2}}});
  check(sum(pow(x, 1_c)), x, {{"x", {3}, {-1.5, 0, 2}}});
}

TEST_CASE("on the closed interval of clip the slope is one, ties of maximum go to the first") {
  CHECK(gradient_at(sum(clip(x, -1_c, 1_c)), x, {{"x", {5}, {-2, -1, 0, 1, 2}}}) == std::vector<double>{0, 1, 1, 1, 0});
  CHECK(gradient_at(sum(maximum(x, y)), y, {{"x", {3}, {1, 2, 3}}, {"y", {3}, {1, 3, 2}}}) ==
        std::vector<double>{0, 1, 0});
}

TEST_CASE("reductions") {
  check(sum(sqr(sum(m, ag::axis<0>))), m, {at_m});
  check(sum(sqr(sum(m, ag::axis<1>))) * sum(m), m, {at_m});
  check(sqr(mean(m)), m, {at_m});
  check(sum(sqr(mean(m, ag::axis<0>, ag::keepdims)) * m), m, {at_m});
  check(sqr(prod(m)), m, {at_m});
  check(sum(sqr(prod(m, ag::axis<1>))), m, {at_m});
  check(sum(prod(m, ag::axis<1>)), m, {{"m", {2, 3}, {0, -1.2, 2.0, 1.4, 0.3, -0.8}}});
  check(sum(sqr(max(m, ag::axis<0>))), m, {at_m});
  check(sqr(min(m)), m, {at_m});
  check(sum(sqr(logsumexp(m, ag::axis<1>))), m, {at_m});
  check(sum(sqr(softmax(m))), m, {at_m});
  check(sum(sqr(log_softmax(m, ag::axis<0>))), m, {at_m});
}

TEST_CASE("the elements that attain an extremum share its gradient") {
  CHECK(gradient_at(max(x), x, {{"x", {4}, {2, 1, 2, 0}}}) == std::vector<double>{0.5, 0, 0.5, 0});
}

TEST_CASE("where two factors of a product are zero its gradient is zero") {
  CHECK(gradient_at(prod(x), x, {{"x", {3}, {0, 3, 0}}}) == std::vector<double>{0, 0, 0});
}

TEST_CASE("broadcast operands get the sum of their cotangents") {
  check(sum(sqr(m + x)), x, {at_x, at_m});
  check(sum(sqr(m * s)), s, {{"s", {}, {0.7}}, at_m});
  check(sum(sqr(m * ag::row<"r">)), ag::row<"r">, {{"r", {1, 3}, {1, 2, 3}}, at_m});
  check(sum(sqr(m - ag::col<"c">)), ag::col<"c">, {{"c", {2, 1}, {1, 2}}, at_m});
  check(sum(sqr(ag::row<"r"> / ag::col<"c">)), ag::col<"c">, {{"c", {2, 1}, {1, 2}}, {"r", {1, 3}, {1, 2, 3}}}, 1e-6);
  check(sum(sqr(ag::tensor3<"t"> * m)), m, {at_m, {"t", {2, 2, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}}}, 1e-6);
}

TEST_CASE("movements") {
  check(sum(sqr(dot(transpose(m), m))), m, {at_m});
  check(sum(ag::permute<2, 0, 1>(ag::expand_dims<1>(m)) * ag::vector<"two">), m, {at_m, {"two", {1}, {2}}});
  check(sum(sqr(reshape(m, ag::shape(-1_c, 2_c))(0_c))), m, {at_m});
  check(sum(ag::flatten(m) * ag::flatten(sqr(m))), m, {at_m});
  check(sum(sqr(ag::squeeze<0>(ag::row<"r">))), ag::row<"r">, {{"r", {1, 3}, {1, 2, 3}}});
}

TEST_CASE("indices") {
  check(sum(sqr(m(0_c))) + sum(m(ag::all, -1_c)), m, {at_m});
  check(sum(sqr(m(ag::all, ag::slice(1_c, 5_c)))), m, {at_m});
  check(sum(sqr(m(ag::slice(ag::none, ag::none, -1_c))) * m), m, {at_m});
  check(sum(sqr(m(ag::all, ag::slice(ag::none, ag::none, 2_c)))), m, {at_m});
  check(sum(sqr(m(ag::all, ag::slice(ag::none, ag::none, -2_c)))), m, {at_m});
  check(sum(sqr(m(ids))), m, {at_m, {"ids", {3}, {1, 0, 1}}});
  check(sum(sqr(m(ag::all, ids))), m, {at_m, {"ids", {4}, {2, 2, 0, 2}}});
  check(sum(sqr(m(rows, ids))), m, {at_m, {"rows", {3}, {1, 0, 1}}, {"ids", {3}, {2, 0, 2}}});
  check(sqr(m(ag::scalar<"i", std::int64_t>, 1_c)), m, {at_m, {"i", {}, {1}}});
  // The second derivative goes through the increments of the first.
  check(sum(sqr(ag::grad(sum(pow(m(ids), 3_c)), m))), m, {at_m, {"ids", {3}, {1, 0, 1}}}, 1e-5);
  check(sum(sqr(ag::grad(sum(pow(m(ag::slice(1_c, ag::none)), 3_c)), m))), m, {at_m}, 1e-5);
}

TEST_CASE("products of vectors and matrices") {
  check(sum(sqr(dot(m, k))), m, {at_m, at_k});
  check(sum(sqr(dot(m, k))), k, {at_k, at_m});
  check(sum(sqr(dot(m, x))), m, {at_m, at_x});
  check(sum(sqr(dot(m, x))), x, {at_x, at_m});
  check(sum(sqr(dot(x, k))), x, {at_x, at_k});
  check(sum(sqr(dot(x, k))), k, {at_k, at_x});
  check(sqr(dot(x, y)), x, {at_x, {"y", {3}, {1, 2, -1}}});
  check(sqr(dot(x, y)), y, {{"y", {3}, {1, 2, -1}}, at_x});
  check(sum(sqr(dot(m, x))) * sum(ag::grad(sum(sqr(dot(m, x))), x)), m, {at_m, at_x}, 1e-5);
}

TEST_CASE("models") {
  const binding labels{"ids", {2}, {2, 0}};
  check(mean(cross_entropy_with_logits(dot(m, k), ids)), k, {at_k, at_m, {"ids", {2}, {1, 0}}});
  check(mean(cross_entropy_with_logits(m, ids)), m, {at_m, labels});
  check(mean(cross_entropy_with_logits(m, softmax(sqr(m)))), m, {at_m});
  constexpr auto p = 1_c / (1_c + exp(-(dot(m, x) + s)));
  check(mean(-y * log(p) - (1_c - y) * log(1_c - p)) + 0.01_c * sum(sqr(x)), x,
        {at_x, at_m, {"y", {2}, {1, 0}}, {"s", {}, {0.3}}});
}

TEST_CASE("operations of the user's own") {
  constexpr auto cost = sum(swish(x));
  const differentiated_graph d = differentiate(cost, ag::grad(cost, x));
  const std::string t(shown(d.g, d.gradient).view());
  CHECK(t.find(" * (swish(x) + sigmoid(x) * (1 - swish(x)))") != std::string::npos);
}

TEST_CASE("casts: through floating types the gradient flows, through integers it does not") {
  check(sum(ag::cast<double>(ag::cast<float>(x)) * 1_c), x, {{"x", {2}, {0.5, 2}}}, 1e-2);
  constexpr auto w = ag::vector<"w", float>;
  const differentiated_graph d = differentiate(sum(w * y), ag::grad(sum(w * y), w));
  CHECK(d.g.type(d.gradient) == ag::dtype::f32);
}

TEST_CASE("one sweep serves all gradients of a cost") {
  constexpr auto cost = sum(sqr(tanh(dot(m, x)) * s));
  ag::graph g;
  const int roots[] = {lower(g, ag::grad(cost, m)), lower(g, ag::grad(cost, x)), lower(g, ag::grad(cost, s))};
  g.apply(ag::info<ag::op::outputs>, roots, 3);
  const ag::graph d = ag::differentiated(g, ag::universe_of<ag::op_list<>>());
  int tanhs = 0, squares = 0;
  for (int id = 0; id < d.size(); ++id) {
    tanhs += d.is(id, ag::info<ag::op::tanh>) ? 1 : 0;
    squares += d.is(id, ag::info<ag::op::sqr>) ? 1 : 0;
  }
  CHECK(tanhs == 1);
  CHECK(squares == 2);  // the cost's, and that of the slope of tanh
}

TEST_CASE("mistakes are found while differentiating") {
  const auto failure = [](auto cost, auto wrt) { return differentiate(cost, ag::grad(cost, wrt)).g.failure; };
  CHECK(failure(sum(ag::stop_gradient(x)), x) == ag::mistake::wrt_unused);
  CHECK(failure(sum(exp(ag::stop_gradient(sqr(x)))) * s, x) == ag::mistake::wrt_unused);
  CHECK(failure(sum(x * ag::stop_gradient(x)), x) == ag::mistake::none);
  CHECK(differentiate(s, ag::grad(sum(ag::stop_gradient(x)), x, ag::allow_unused)).g.failure == ag::mistake::none);
  CHECK(failure(sum(x) * s, s) == ag::mistake::none);
}

TEST_CASE("a piecewise constant function, and the slope of a linear one, have a gradient of zeros") {
  const binding at{"x", {6}, around_zero};
  check(sum(sign(x)), x, {at});
  check(sum(where(x > 0_c, 1.0_c, 2.0_c)), x, {at});
  check(sum(ag::cast<double>(ag::cast<std::int32_t>(x))), x, {at});
  check(sum(ag::grad(sum(3_c * x), x)), x, {at});
}
