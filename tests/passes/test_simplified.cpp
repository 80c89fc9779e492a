// SPDX-License-Identifier: BSD-3-Clause
// ag::simplify: from a formula to a formula. What the rewrites themselves do is tested beside them.
#include <doctest/doctest.h>

#include <agnesi/expr/symbols.hpp>
#include <agnesi/ops/probability.hpp>
#include <agnesi/passes/simplified.hpp>

#include <string>
#include <type_traits>

namespace ag = agnesi;
using namespace ag::literals;
using ag::same, ag::simplify;

namespace {

constexpr auto x = ag::vector<"x">;
constexpr auto y = ag::vector<"y">;
constexpr auto m = ag::matrix<"m">;
constexpr auto f = ag::vector<"f", float>;

static_assert(same(simplify(x * y / x), y));
static_assert(same(simplify(x), x));
static_assert(same(simplify(log(1_c + exp(x))), softplus(x)));
static_assert(same(simplify(2_c), 2_c));
static_assert(same(simplify(-(-x)), x));
static_assert(same(simplify(transpose(transpose(m))), m));
static_assert(std::is_same_v<decltype(simplify(x * y / x)), std::remove_const_t<decltype(ag::as_formula(y))>>);

// The element type and the shape stay what they are.
static_assert(std::is_same_v<decltype(simplify(f * 1_c))::type, decltype(f)::type>);
static_assert(std::is_same_v<decltype(simplify(f - f))::type, decltype(f)::type>);
static_assert(std::is_same_v<decltype(simplify(ag::grad(sum(m), m)))::type, decltype(m)::type>);

// Gradients are taken, and what a formula becomes can be used in another one.
static_assert(same(simplify(ag::grad(sum(sqr(x)), x)), 2_c * x));
static_assert(same(simplify(ag::grad(sum(x * y), x)), y));
static_assert(same(simplify(exp(simplify(log(x + y - x)))), simplify(exp(log(y)))));
static_assert(same(simplify(ag::grad(sum(simplify(x * y)), x)), y));
static_assert(same(simplify(ag::grad(sum(ag::grad(sum(x * sqr(x)), x)), x)), 6_c * x));

// A mistake stays one.
static_assert(std::is_same_v<decltype(simplify(ag::invalid{})), ag::invalid>);

struct swish_op : ag::elementwise<swish_op, 1> {
  static constexpr auto name = "swish";
  static constexpr auto eval(auto z) { return z / (1 + exp(-z)); }
  static constexpr auto grad(auto g, auto z, auto r) { return g * (r + sigmoid(z) * (1 - r)); }
};
constexpr auto swish(auto z) { return ag::apply<swish_op>(z); }
static_assert(same(simplify(swish(x) * y / y), swish(x)));

}  // namespace

TEST_CASE("the gradient of logistic regression is the textbook's") {
  constexpr auto w = ag::vector<"w">;
  constexpr auto b = ag::scalar<"b">;
  constexpr auto p = 1_c / (1_c + exp(-(dot(m, w) + b)));
  constexpr auto cost = mean(-y * log(p) - (1_c - y) * log(1_c - p)) + 0.01_c * sum(sqr(w));
  constexpr auto slope = simplify(ag::grad(cost, w));
  const std::string t = ag::to_string(slope);
  CAPTURE(t);
  CHECK(t.find("sigmoid(dot(m, w) + b) - y") != std::string::npos);
  CHECK(t.find("0.02 * w") != std::string::npos);
  CHECK(t.find("log") == std::string::npos);
  CHECK(same(simplify(slope), slope));
}

TEST_CASE("a gradient of an operation of the user's own") {
  CHECK(ag::to_string(simplify(ag::grad(sum(swish(x)), x))).find("swish(x)") != std::string::npos);
}
