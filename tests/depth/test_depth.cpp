// SPDX-License-Identifier: BSD-3-Clause
// Formulas that are very deep, and that share very much: what they cost grows with their distinct nodes.
#include <agnesi/agnesi.hpp>

#include <cmath>
#include <doctest/doctest.h>
#include <string_view>

namespace ag = agnesi;
using namespace ag::literals;

namespace {

constexpr auto x = ag::vector<"x">;
constexpr auto w = ag::scalar<"w">;

// Written out without sharing, 2^Steps occurrences of x.
template <int Steps, class F>
constexpr auto doubling(F f) {
  if constexpr (Steps == 0) return f;
  else return doubling<Steps - 1>(f + tanh(f * w));
}
template <int Steps, class F>
constexpr auto nested(F f) {
  if constexpr (Steps == 0) return f;
  else return nested<Steps - 1>(sin(f));
}
// A ladder: each step reads the two before it.
template <int Steps, class A, class B>
constexpr auto ladder(A a, B b) {
  if constexpr (Steps == 0) return b;
  else return ladder<Steps - 1>(b, sin(a) * b);
}

template <class F>
constexpr int nodes_of() {
  return ag::formula_of<F>::list::nodes;
}

}  // namespace

static_assert(nodes_of<decltype(doubling<200>(x))>() == 2 + 3 * 200);
static_assert(nodes_of<decltype(nested<300>(x))>() == 1 + 300);
static_assert(nodes_of<decltype(doubling<150>(x) * doubling<150>(x))>() == 2 + 3 * 150 + 1);

TEST_CASE("a formula whose value is used twice at each of forty steps runs, and so does its gradient") {
  constexpr auto cost = sum(doubling<40>(x));
  auto f = ag::function(ag::inputs(x, w), ag::outputs(cost, ag::grad(cost, w)));
  const auto X = ag::array<double, 1>::from({0.3, -0.2, 0.1});
  const double W = -0.4;
  long double value = 0, slope = 0;
  for (double start : X) {
    long double v = start, dv = 0;  // of v by w
    for (int k = 0; k < 40; ++k) {
      const long double t = std::tanh(v * W);
      dv += (1 - t * t) * (v + W * dv);
      v += t;
    }
    value += v;
    slope += dv;
  }
  const auto [c, g] = f(X, W);
  CHECK(c == doctest::Approx(static_cast<double>(value)).epsilon(1e-12));
  CHECK(g == doctest::Approx(static_cast<double>(slope)).epsilon(1e-12));
}

TEST_CASE("a hundred functions of functions are one formula of as many operations") {
  auto f = ag::function(ag::inputs(x), ag::outputs(nested<100>(x)));
  const auto X = ag::array<double, 1>::from({0.3, 1.2});
  const auto y = f(X);
  for (int i = 0; i < 2; ++i) {
    long double v = X(i);
    for (int k = 0; k < 100; ++k) v = std::sin(v);
    CHECK(y(i) == doctest::Approx(static_cast<double>(v)).epsilon(1e-12));
  }
}

TEST_CASE("steps that read the two before them share everything") {
  auto f = ag::function(ag::inputs(x, w), ag::outputs(ladder<60>(x, x + w)));
  const auto X = ag::array<double, 1>::from({1.3, 1.9});
  const auto y = f(X, 0.5);
  for (int i = 0; i < 2; ++i) {
    long double a = X(i), b = X(i) + 0.5L;
    for (int k = 0; k < 60; ++k) {
      const long double next = std::sin(a) * b;
      a = b;
      b = next;
    }
    CHECK(y(i) == doctest::Approx(static_cast<double>(b)).epsilon(1e-10));
  }
}
