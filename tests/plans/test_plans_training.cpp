// SPDX-License-Identifier: BSD-3-Clause

// Steps of training: the products that update in place, and the loops between them.

#include "plans/golden.hpp"

#include <doctest/doctest.h>

namespace {

namespace ag = agnesi;
using namespace ag::literals;
using namespace ag::testing;

constexpr auto x = ag::matrix<"x">;
constexpr auto y = ag::matrix<"y">;
constexpr auto t = ag::vector<"t">;
constexpr auto labels = ag::vector<"labels", std::int32_t>;
constexpr auto w = ag::vector<"w">;
constexpr auto b = ag::scalar<"b">;
constexpr auto W = ag::matrix<"W">;
constexpr auto c = ag::vector<"c">;

}  // namespace

TEST_CASE("logistic regression: two products, and a slope of p - t") {
  auto p = sigmoid(dot(x, w) + b);
  auto cost = mean(-t * log(p) - (1_c - t) * log(1_c - p)) + 0.01_c * sum(sqr(w));
  auto [gw, gb] = ag::grad(cost, w, b);
  auto f = ag::function(ag::inputs(x, t, w, b), ag::outputs(cost),
                        ag::updates(w = w - 0.1_c * gw, b = b - 0.1_c * gb));
  CHECK(golden("logistic_regression", f, golden_part::plan_and_rewrites) == "");
  CHECK(wrong_about(f, {{"x", random_tensor({5, 3})}, {"t", random_tensor({5}, 0, 1)},
                        {"w", random_tensor({3})}, {"b", 0.5}}, {"w", "b"}) == "");
}

TEST_CASE("softmax regression with integer labels") {
  auto cost = mean(cross_entropy_with_logits(dot(x, W) + c, labels));
  auto [gW, gc] = ag::grad(cost, W, c);
  auto f = ag::function(ag::inputs(x, labels, W, c), ag::outputs(cost),
                        ag::updates(W = W - 0.1_c * gW, c = c - 0.1_c * gc));
  CHECK(golden("softmax_regression", f, golden_part::plan_and_rewrites) == "");
  CHECK(wrong_about(f, {{"x", random_tensor({5, 3})}, {"labels", random_indices(5, 4)},
                        {"W", random_tensor({3, 4})}, {"c", random_tensor({4})}}, {"W", "c"}) == "");
}

TEST_CASE("a hidden layer, in float: five products, two of which accumulate into the weights") {
  constexpr auto xf = ag::matrix<"x", float>;
  constexpr auto W1 = ag::matrix<"W1", float>;
  constexpr auto W2 = ag::matrix<"W2", float>;
  constexpr auto b1 = ag::vector<"b1", float>;
  constexpr auto b2 = ag::vector<"b2", float>;
  auto h = tanh(dot(xf, W1) + b1);
  auto cost = mean(cross_entropy_with_logits(dot(h, W2) + b2, labels));
  auto [g1, c1, g2, c2] = ag::grad(cost, W1, b1, W2, b2);
  auto f = ag::function(ag::inputs(xf, labels, W1, b1, W2, b2), ag::outputs(cost),
                        ag::updates(W1 = W1 - 0.1_c * g1, b1 = b1 - 0.1_c * c1,
                                    W2 = W2 - 0.1_c * g2, b2 = b2 - 0.1_c * c2));
  CHECK(golden("hidden_layer", f) == "");
  CHECK(wrong_about(f, {{"x", random_tensor({5, 3})}, {"labels", random_indices(5, 4)}, {"W1", random_tensor({3, 6})},
                        {"b1", random_tensor({6})}, {"W2", random_tensor({6, 4})}, {"b2", random_tensor({4})}},
                    {"W1", "b1", "W2", "b2"}) == "");
}

TEST_CASE("an autoencoder with tied weights: both halves' slopes go into the one matrix") {
  auto h = tanh(dot(x, W));
  auto cost = mean(sqr(dot(h, transpose(W)) - x));
  auto f = ag::function(ag::inputs(x, W), ag::outputs(cost), ag::updates(W = W - 0.1_c * ag::grad(cost, W)));
  CHECK(golden("tied_weights", f) == "");
  CHECK(wrong_about(f, {{"x", random_tensor({5, 3})}, {"W", random_tensor({3, 2})}}, {"W"}) == "");
}

TEST_CASE("a residual block: the sum's slope is shared by both of its ways") {
  constexpr auto V = ag::matrix<"V">;
  auto h = relu(dot(x, W) + c);
  auto r = x + dot(h, V);
  auto cost = 0.5_c * sum(sqr(r - y));
  auto [gW, gc, gV, gx] = ag::grad(cost, W, c, V, x);
  auto f = ag::function(ag::inputs(x, y, W, c, V), ag::outputs(r, gx),
                        ag::updates(W = W - 0.1_c * gW, c = c - 0.1_c * gc, V = V - 0.1_c * gV));
  CHECK(golden("residual_block", f) == "");
  CHECK(wrong_about(f, {{"x", random_tensor({5, 3})}, {"y", random_tensor({5, 3})}, {"W", random_tensor({3, 4})},
                        {"c", random_tensor({4})}, {"V", random_tensor({4, 3})}}, {"W", "c", "V"}) == "");
}

TEST_CASE("a recurrent network of two steps: each step's slope goes into the weights they share") {
  constexpr auto x2 = ag::matrix<"x2">;
  constexpr auto U = ag::matrix<"U">;
  auto h1 = tanh(dot(x, W));
  auto h2 = tanh(dot(x2, W) + dot(h1, U));
  auto cost = sum(sqr(h2 - y));
  auto [gW, gU] = ag::grad(cost, W, U);
  auto f = ag::function(ag::inputs(x, x2, y, W, U), ag::outputs(cost),
                        ag::updates(W = W - 0.1_c * gW, U = U - 0.1_c * gU));
  CHECK(golden("recurrent", f) == "");
  CHECK(wrong_about(f, {{"x", random_tensor({5, 3})}, {"x2", random_tensor({5, 3})}, {"y", random_tensor({5, 4})},
                        {"W", random_tensor({3, 4})}, {"U", random_tensor({4, 4})}}, {"W", "U"}) == "");
}

TEST_CASE("momentum: the new velocity is used as it is written") {
  constexpr auto v = ag::vector<"v">;
  auto cost = mean(sqr(dot(x, w) - t));
  auto next = 0.9_c * v - 0.1_c * ag::grad(cost, w);
  auto f = ag::function(ag::inputs(x, t, w, v), ag::outputs(cost), ag::updates(v = next, w = w + next));
  CHECK(golden("momentum", f) == "");
  CHECK(wrong_about(f, {{"x", random_tensor({5, 3})}, {"t", random_tensor({5})},
                        {"w", random_tensor({3})}, {"v", random_tensor({3})}}, {"v", "w"}) == "");
}

TEST_CASE("Adam: the weights, both moments and the counter are updated in place, by one loop and one scalar step") {
  constexpr auto m = ag::matrix<"m">;
  constexpr auto v = ag::matrix<"v">;
  constexpr auto n = ag::scalar<"n">;
  auto cost = mean(sqr(dot(x, W) - y));
  auto g = ag::grad(cost, W);
  auto k = n + 1_c;
  auto m1 = 0.9_c * m + 0.1_c * g;
  auto v1 = 0.999_c * v + 0.001_c * sqr(g);
  auto rate = 0.001_c * sqrt(1_c - pow(0.999_c, k)) / (1_c - pow(0.9_c, k));
  auto f = ag::function(ag::inputs(x, y, W, m, v, n), ag::outputs(cost),
                        ag::updates(W = W - rate * m1 / (sqrt(v1) + 1e-8_c), m = m1, v = v1, n = k));
  CHECK(golden("adam", f) == "");
  CHECK(wrong_about(f, {{"x", random_tensor({5, 3})}, {"y", random_tensor({5, 2})}, {"W", random_tensor({3, 2})},
                        {"m", random_tensor({3, 2})}, {"v", random_tensor({3, 2}, 0.1, 1)}, {"n", 3}},
                    {"W", "m", "v", "n"}) == "");
}
