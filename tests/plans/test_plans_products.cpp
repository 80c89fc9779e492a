// SPDX-License-Identifier: BSD-3-Clause

// Products and lookups, and the gradients of those.

#include "plans/golden.hpp"

#include <doctest/doctest.h>

namespace {

namespace ag = agnesi;
using namespace ag::literals;
using namespace ag::testing;

constexpr auto x = ag::matrix<"x">;
constexpr auto A = ag::matrix<"A">;
constexpr auto B = ag::matrix<"B">;
constexpr auto v = ag::vector<"v">;
constexpr auto w = ag::vector<"w">;
constexpr auto t = ag::vector<"t">;

}  // namespace

TEST_CASE("a chain of products that ends in a vector") {
  auto f = ag::function(ag::inputs(A, B, v), ag::outputs(dot(dot(A, B), v)));
  CHECK(golden("product_chain", f) == "");
  CHECK(wrong_about(f, {{"A", random_tensor({4, 3})}, {"B", random_tensor({3, 5})}, {"v", random_tensor({5})}}) == "");
}

TEST_CASE("chains of matrices: the call chooses the order") {
  constexpr auto C = ag::matrix<"C">;
  constexpr auto D = ag::matrix<"D">;
  auto f = ag::function(ag::inputs(A, B, C, D, x), ag::outputs(dot(A, dot(B, C))),
                        ag::updates(x = x - 0.1_c * dot(dot(A, B), dot(transpose(D), C)) + dot(A, C)));
  CHECK(golden("matrix_chains", f) == "");
  CHECK(wrong_about(f, {{"A", random_tensor({4, 3})}, {"B", random_tensor({3, 3})}, {"C", random_tensor({3, 6})},
                        {"D", random_tensor({3, 3})}, {"x", random_tensor({4, 6})}}, {"x"}) == "");
}

TEST_CASE("the order of a chain stays as written where that is asked for") {
  const auto is_chain = [](auto f) { return f.explain().find("gemm chain") != std::string::npos; };
  constexpr auto C = ag::matrix<"C">;
  auto product = dot(A, dot(B, C));
  CHECK(is_chain(ag::function(ag::inputs(A, B, C), ag::outputs(product))));
  CHECK(!is_chain(ag::function(ag::inputs(A, B, C), ag::outputs(product), ag::ieee)));
  CHECK(!is_chain(ag::function(ag::inputs(A, B, C), ag::outputs(product), ag::without<"dot_chains">)));
  CHECK(!is_chain(ag::function(ag::inputs(A, B, C), ag::outputs(product), ag::without<"blas">)));
}

TEST_CASE("three products and a vector: one buffer, and one loop") {
  constexpr auto C = ag::matrix<"C">;
  constexpr auto s = ag::scalar<"s">;
  auto f = ag::function(ag::inputs(A, B, C, x, v, s), ag::outputs(tanh(dot(A, x) - s * dot(B, x) + v + dot(C, x) / 2_c)));
  CHECK(golden("gates", f) == "");
  CHECK(wrong_about(f, {{"A", random_tensor({4, 3})}, {"B", random_tensor({4, 3})}, {"C", random_tensor({4, 3})},
                        {"x", random_tensor({3, 5})}, {"v", random_tensor({5})}, {"s", 0.3}}) == "");
}

TEST_CASE("small products of extents in the type") {
  constexpr auto S = ag::matrix<"S", double, 3, 3>;
  constexpr auto u = ag::vector<"u", double, 3>;
  constexpr auto c = ag::vector<"c", double, 3>;
  auto p = tanh(dot(S, u) + c);
  auto [gS, gu, gc] = ag::grad(sum(sqr(p)), S, u, c);
  auto f = ag::function(ag::inputs(S, u, c), ag::outputs(p, gS, gu, gc));
  CHECK(golden("small_static", f) == "");
  CHECK(wrong_about(f, {{"S", random_tensor({3, 3})}, {"u", random_tensor({3})}, {"c", random_tensor({3})}}) == "");
}

TEST_CASE("rows of a table: looked up, and changed where they were looked up") {
  constexpr auto table = ag::matrix<"table">;
  constexpr auto ids = ag::vector<"ids", std::int64_t>;
  auto cost = mean(sqr(dot(table(ids), w) - t));
  auto [gt, gw] = ag::grad(cost, table, w);
  auto f = ag::function(ag::inputs(table, ids, t, w), ag::outputs(cost),
                        ag::updates(table = table - 0.1_c * gt, w = w - 0.1_c * gw));
  CHECK(golden("embedding", f) == "");
  CHECK(wrong_about(f, {{"table", random_tensor({6, 3})}, {"ids", random_indices(5, 6)},
                        {"t", random_tensor({5})}, {"w", random_tensor({3})}}, {"table", "w"}) == "");
}

TEST_CASE("a table that is looked up twice, sliced, and multiplied by: one product and three increments into its memory") {
  constexpr auto table = ag::matrix<"table">;
  constexpr auto ids = ag::vector<"ids", std::int64_t>;
  constexpr auto others = ag::vector<"others", std::int32_t>;
  auto cost = sum(sqr(table(ids) + table(others))) + sum(sqr(dot(table, transpose(A)) - B)) + sum(tanh(table(ag::slice(1_c, 4_c))));
  auto f = ag::function(ag::inputs(table, ids, others, A, B), ag::updates(table = table - 0.1_c * ag::grad(cost, table)));
  CHECK(golden("table", f) == "");
  CHECK(wrong_about(f, {{"table", random_tensor({6, 3})}, {"ids", random_indices(5, 6)}, {"others", random_indices(5, 6)},
                        {"A", random_tensor({2, 3})}, {"B", random_tensor({6, 2})}}, {"table"}) == "");
}

TEST_CASE("attention, and its gradients") {
  constexpr auto q = ag::matrix<"q">;
  constexpr auto k = ag::matrix<"k">;
  constexpr auto u = ag::matrix<"u">;
  auto p = softmax(0.125_c * dot(q, transpose(k)));
  auto r = dot(p, u);
  auto [gq, gk, gu] = ag::grad(sum(r * x), q, k, u);
  auto f = ag::function(ag::inputs(q, k, u, x), ag::outputs(r, gq, gk, gu));
  CHECK(golden("attention", f) == "");
  CHECK(wrong_about(f, {{"q", random_tensor({4, 3})}, {"k", random_tensor({5, 3})},
                        {"u", random_tensor({5, 2})}, {"x", random_tensor({4, 2})}}) == "");
}

TEST_CASE("the gradient of a gradient's squared norm") {
  auto g = ag::grad(mean(softplus(-t * dot(x, w))), w);
  auto f = ag::function(ag::inputs(x, t, w), ag::outputs(sum(sqr(g)), ag::grad(sum(sqr(g)), w)));
  CHECK(golden("gradient_norm", f) == "");
  CHECK(wrong_about(f, {{"x", random_tensor({5, 3})}, {"t", random_tensor({5})}, {"w", random_tensor({3})}}) == "");
}
