// SPDX-License-Identifier: BSD-3-Clause

// Loops, and reductions over some of the axes.

#include "plans/golden.hpp"

#include <doctest/doctest.h>

namespace {

namespace ag = agnesi;
using namespace ag::literals;
using namespace ag::testing;

constexpr auto x = ag::matrix<"x">;
constexpr auto y = ag::matrix<"y">;
constexpr auto v = ag::vector<"v">;
constexpr auto w = ag::vector<"w">;
constexpr auto a = ag::scalar<"a">;
constexpr auto b = ag::scalar<"b">;

}  // namespace

TEST_CASE("a plan that has changed is shown as the lines that went and those that came") {
  using ag::testing::detail::difference_of_lines;
  CHECK(difference_of_lines({"a", "b", "d"}, {"a", "c", "d"}) == "  a\n- b\n+ c\n  d\n");
  CHECK(difference_of_lines({}, {"a"}) == "+ a\n");
}

TEST_CASE("elementwise formulas and what is summed of them are one loop without buffers") {
  const auto is_one_loop = [](auto f) { return f.explain().rfind("1 step, 0 buffers\n", 0) == 0; };
  CHECK(is_one_loop(ag::function(ag::inputs(a, b), ag::outputs(a + b))));
  CHECK(is_one_loop(ag::function(ag::inputs(x, w), ag::outputs(exp(x) * w + 1_c))));
  CHECK(is_one_loop(ag::function(ag::inputs(x, w), ag::outputs(sum(sqr(x * w - 1_c))))));
  CHECK(is_one_loop(ag::function(ag::inputs(w, v), ag::outputs(w + v, sum(w * v), max(w)))));
  CHECK(is_one_loop(ag::function(ag::inputs(w, v), ag::updates(w = w - 0.1_c * v, v = 0.9_c * v))));
}

TEST_CASE("two outputs of one chain share its loop") {
  auto u = exp(-sqr(x - y));
  auto f = ag::function(ag::inputs(x, y), ag::outputs(u / (1_c + u), u * y));
  CHECK(golden("two_outputs", f) == "");
  CHECK(wrong_about(f, {{"x", random_tensor({3, 4})}, {"y", random_tensor({3, 4})}}) == "");
}

TEST_CASE("standardized features: means, then variances, then quotients") {
  auto centered = x - mean(x, ag::axis<0>);
  auto f = ag::function(ag::inputs(x), ag::outputs(centered / sqrt(mean(sqr(centered), ag::axis<0>) + 1e-6_c)));
  CHECK(golden("standardization", f) == "");
  CHECK(wrong_about(f, {{"x", random_tensor({5, 3})}}) == "");
}

TEST_CASE("a layer norm") {
  auto centered = x - mean(x, ag::axis<1>, ag::keepdims);
  auto n = centered / sqrt(mean(sqr(centered), ag::axis<1>, ag::keepdims) + 1e-5_c);
  auto f = ag::function(ag::inputs(x, v, w), ag::outputs(n * v + w));
  CHECK(golden("layer_norm", f) == "");
  CHECK(wrong_about(f, {{"x", random_tensor({5, 3})}, {"v", random_tensor({3})}, {"w", random_tensor({3})}}) == "");
}

TEST_CASE("the gradient of a layer norm") {
  auto centered = x - mean(x, ag::axis<1>, ag::keepdims);
  auto n = centered / sqrt(mean(sqr(centered), ag::axis<1>, ag::keepdims) + 1e-5_c);
  auto [gx, gv, gw] = ag::grad(sum((n * v + w) * y), x, v, w);
  auto f = ag::function(ag::inputs(x, y, v, w), ag::outputs(gx, gv, gw));
  CHECK(golden("layer_norm_gradient", f) == "");
  CHECK(wrong_about(f, {{"x", random_tensor({5, 3})}, {"y", random_tensor({5, 3})},
                        {"v", random_tensor({3})}, {"w", random_tensor({3})}}) == "");
}

TEST_CASE("a softmax of rows, and of columns") {
  auto rows = ag::function(ag::inputs(x), ag::outputs(softmax(x)));
  CHECK(golden("softmax_rows", rows) == "");
  CHECK(wrong_about(rows, {{"x", random_tensor({5, 3})}}) == "");
  auto columns = ag::function(ag::inputs(x), ag::outputs(exp(x) / sum(exp(x), ag::axis<0>)));
  CHECK(golden("softmax_columns", columns, golden_part::plan_and_rewrites) == "");
  CHECK(wrong_about(columns, {{"x", random_tensor({5, 3})}}) == "");
}

TEST_CASE("channels normalized over the three other axes") {
  constexpr auto t = ag::tensor4<"t", float>;
  auto m = mean(t, ag::axis<0, 2, 3>, ag::keepdims);
  auto d = mean(sqr(t - m), ag::axis<0, 2, 3>, ag::keepdims);
  auto f = ag::function(ag::inputs(t), ag::outputs((t - m) / sqrt(d + 1e-5_c), max(abs(t), ag::axis<1, 3>)));
  CHECK(golden("channel_norm", f) == "");
  CHECK(wrong_about(f, {{"t", random_tensor({2, 3, 2, 4})}}) == "");
}

TEST_CASE("the likelihood of a mixture of normal distributions") {
  constexpr auto weight = ag::vector<"weight">;
  constexpr auto mu = ag::vector<"mu">;
  constexpr auto s = ag::vector<"s">;
  auto z = (expand_dims<1>(v) - mu) / exp(s);
  auto cost = -mean(logsumexp(weight - 0.5_c * sqr(z) - s, ag::axis<1>) - logsumexp(weight));
  auto [gw, gm, gs] = ag::grad(cost, weight, mu, s);
  auto f = ag::function(ag::inputs(v, weight, mu, s), ag::outputs(cost),
                        ag::updates(weight = weight - 0.1_c * gw, mu = mu - 0.1_c * gm, s = s - 0.1_c * gs));
  CHECK(golden("mixture", f) == "");
  CHECK(wrong_about(f, {{"v", random_tensor({7})}, {"weight", random_tensor({3})},
                        {"mu", random_tensor({3})}, {"s", random_tensor({3})}}, {"weight", "mu", "s"}) == "");
}
