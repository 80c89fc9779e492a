// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <agnesi/agnesi.hpp>

namespace ag = agnesi;
using namespace ag::literals;

namespace {

constexpr auto x = ag::vector<"x">;
constexpr auto w = ag::vector<"w">;
constexpr auto v = ag::vector<"v">;
constexpr auto s = ag::scalar<"s">;

auto scaled_sum() {
  return ag::function(ag::inputs(x, w, s), ag::outputs(s * x + w), ag::updates(w = w + x));
}

}  // namespace

TEST_CASE("a function with state writes its output where it is told, by position and by name") {
  auto W = ag::array<double, 1>::from({1, 2, 3});
  const auto X = ag::array<double, 1>::from({1, 1, 2});
  auto step = scaled_sum().with(w = W);
  ag::array<double, 1> out;
  step.into(out)(X, 2.0);
  CHECK(out == ag::array<double, 1>::from({3, 4, 7}));
  CHECK(W == ag::array<double, 1>::from({2, 3, 5}));
  step.into(out)(s = 0.0, x = X);
  CHECK(out == ag::array<double, 1>::from({2, 3, 5}));
  CHECK(W == ag::array<double, 1>::from({3, 4, 7}));
}

TEST_CASE("state is bound by reference: what the caller changes, the next call sees") {
  auto W = ag::array<double, 1>::from({0, 0});
  const auto X = ag::array<double, 1>::from({1, 2});
  double factor = 1;
  auto step = scaled_sum().with(w = W, s = factor);
  CHECK(step(X) == ag::array<double, 1>::from({1, 2}));
  factor = 10;
  W.fill(5);
  CHECK(step(X) == ag::array<double, 1>::from({15, 25}));
}

TEST_CASE("gradients by several symbols, some of which the cost does not have") {
  constexpr auto cost = sum(sqr(x) * w);
  auto [gx, gv, gw] = ag::grad(cost, x, v, w, ag::allow_unused);
  auto f = ag::function(ag::inputs(x, v, w), ag::outputs(gx, gv, gw));
  const auto X = ag::array<double, 1>::from({1, 2}), V = ag::array<double, 1>::from({7, 8, 9}),
             W = ag::array<double, 1>::from({3, 4});
  const auto [by_x, by_v, by_w] = f(X, V, W);
  CHECK(by_x == ag::array<double, 1>::from({6, 16}));
  CHECK(by_v == ag::array<double, 1>::from({0, 0, 0}));
  CHECK(by_w == ag::array<double, 1>::from({1, 4}));
}
