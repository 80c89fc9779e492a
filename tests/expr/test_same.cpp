// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <agnesi/expr/same.hpp>
#include <agnesi/expr/symbols.hpp>
#include <agnesi/grad/grad.hpp>
#include <agnesi/ops/probability.hpp>

namespace ag = agnesi;
using namespace ag::literals;
using ag::same;

namespace {

constexpr auto x = ag::vector<"x">;
constexpr auto y = ag::vector<"y">;
constexpr auto m = ag::matrix<"m">;
constexpr auto k = ag::matrix<"k">;
constexpr auto f = ag::vector<"f", float>;

// Commutative operands may change places, others not.
static_assert(same(x, x));
static_assert(!same(x, y));
static_assert(same(x + y, y + x));
static_assert(same(x * (y + 1_c), (1_c + y) * x));
static_assert(same(maximum(x, y), maximum(y, x)));
static_assert(same(x == y, y == x));
static_assert(!same(x - y, y - x));
static_assert(!same(x < y, y < x));
static_assert(!same(x < y, y > x));
static_assert(!same(dot(m, k), dot(k, m)));

// Structure counts, not value.
static_assert(same((x + y) + x, x + (y + x)));
static_assert(!same((x + y) + dot(m, x), x + (y + dot(m, x))));
static_assert(!same(x + x, 2_c * x));
static_assert(!same(exp(x), tanh(x)));
static_assert(!same(sum(m, ag::axis<0>), sum(m, ag::axis<1>)));
static_assert(!same(transpose(m), m));

// Composites are what they expand to.
static_assert(same(softmax(m), exp(log_softmax(m))));
static_assert(same(grad(sum(sqr(x)), x), grad(sum(sqr(x)), x)));
static_assert(!same(grad(sum(x * y), x), grad(sum(x * y), y)));

// Literals compare by value and element type.
static_assert(same(2_c, 2_c));
static_assert(!same(2_c, 3_c));
static_assert(!same(2_c, 2.0_c));
static_assert(same(2_c * x, 2.0_c * x));  // there both are a double
static_assert(same(0.5_c * f, ag::cast<float>(0.5_c) * f));
static_assert(!same(0.5_c * f, ag::cast<double>(0.5_c) * f));

// The element type and the rank are part of a formula.
static_assert(!same(x, ag::cast<float>(x)));
static_assert(same(x, ag::cast<double>(x)));
static_assert(!same(x, ag::expand_dims<0>(x)));

// One name, two types.
static_assert(!same(x, ag::vector<"x", float>));
static_assert(!same(x, ag::scalar<"x">));
static_assert(!same(x, ag::vector<"x", double, 3>));
static_assert(!same(x + y, y + ag::vector<"x", float>));

// Extents that a later part of the formulas shows to be equal make earlier parts the same.
static_assert(same((m(ag::slice(1_c, ag::none)) + m(ag::slice(1_c, ag::none))) + (m + k)(ag::slice(1_c, ag::none)),
                   (m + k)(ag::slice(1_c, ag::none)) + (m(ag::slice(1_c, ag::none)) + m(ag::slice(1_c, ag::none)))));
static_assert(same(ag::flatten(x * y) * x, x * ag::flatten(y * x)));
static_assert(same(mean(y) + sum(x * y), sum(y * x) + mean(y)));
static_assert(!same(x + ag::vector<"a", double, 3>, x + ag::vector<"b", double, 4>));

// A mistake is not the same as anything.
static_assert(!same(ag::invalid{}, ag::invalid{}));

}  // namespace

TEST_CASE("two formulas are the same if one graph holds them in one node") {
  CHECK(same(x + y, y + x));
  CHECK(!same(x - y, y - x));
}

TEST_CASE("a graph is settled when extents are found equal after nodes were made of them") {
  ag::graph g;
  const int count_x = lower(g, mean(x)), count_y = lower(g, mean(y));
  const int before = g.size();
  lower(g, x + y);
  ag::vec<int> place;
  const ag::graph s = ag::settled(g, place);
  // dim<0>(x) and dim<0>(y) were two extents, and two nodes to divide by.
  CHECK(s.size() == g.size() - 1);
  CHECK(before == 8);
  CHECK(s.arg(place[count_x], 1) == s.arg(place[count_y], 1));
  CHECK(s.shape(place[g.symbols[0].node]) == s.shape(place[g.symbols[1].node]));
}
