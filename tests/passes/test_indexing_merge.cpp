// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include "agnesi/agnesi.hpp"
#include "support/rewriting.hpp"

using namespace agnesi::testing;
using namespace agnesi::literals;
namespace ag = agnesi;
using ag::all, ag::none, ag::slice;

namespace {

constexpr auto x = ag::vector<"x">;
constexpr auto m = ag::matrix<"m">;
constexpr auto t = ag::tensor3<"t">;
constexpr auto s = ag::vector<"s", double, 5>;
constexpr auto p = ag::matrix<"p", double, 3, 5>;
constexpr auto r = ag::row<"r">;
constexpr auto c = ag::col<"c">;
constexpr auto one = ag::vector<"one", double, 1>;
constexpr auto i = ag::vector<"i", std::int32_t>;
constexpr auto j = ag::vector<"j", std::int32_t>;
constexpr auto k = ag::scalar<"k", std::int32_t>;
constexpr auto l = ag::scalar<"l", std::int32_t>;

// Slices of slices, in all directions.
static_assert(becomes(s(slice(1_c))(slice(1_c, 3_c)), s(slice(2_c, 4_c))));
static_assert(becomes(s(slice(none, none, 2_c))(slice(1_c)), s(slice(2_c, none, 2_c))));
static_assert(becomes(s(slice(none, none, -1_c))(slice(1_c, 3_c)), s(slice(3_c, 1_c, -1_c))));
static_assert(becomes(s(slice(none, none, -2_c))(slice(1_c)), s(slice(2_c, none, -2_c))));
static_assert(becomes(s(slice(none, none, -2_c))(slice(none, none, -1_c)), s(slice(none, none, 2_c))));
static_assert(becomes(s(slice(1_c))(slice(none, none, -1_c)), s(slice(none, 0_c, -1_c))));
static_assert(becomes(x(slice(none, none, -1_c))(slice(none, none, -1_c)), x));
static_assert(becomes(s(slice(none, none, -1_c))(0_c), s(4_c)));
static_assert(are_one(x(slice(2_c))(slice(3_c))(slice(none, none, 2_c)), x(slice(2_c))(slice(3_c, none, 2_c))));

// Elements of slices. The check that they are there is the formula's own: see below.
static_assert(becomes(x(slice(2_c))(3_c), x(5_c)));
static_assert(becomes(x(slice(2_c))(-1_c), x(-1_c)));
static_assert(becomes(x(slice(2_c, none, 2_c))(3_c), x(8_c)));
static_assert(becomes(x(slice(none, -2_c))(-1_c), x(-3_c)));
static_assert(becomes(x(slice(none, none, -1_c))(2_c), x(-3_c)));
static_assert(becomes(x(slice(none, none, -1_c))(-1_c), x(0_c)));
static_assert(!are_one(x(slice(-3_c))(1_c), x(-2_c)));  // of two elements it is the second

// An axis of extent 1 has one place; what covers an axis is the tensor.
static_assert(becomes(r(0_c), squeeze<0>(r)));
static_assert(becomes(c(all, -1_c), squeeze<1>(c)));
static_assert(becomes(one(0_c), squeeze<0>(one)));
static_assert(becomes(one(slice(none, none, -1_c)), one));
static_assert(becomes(x(slice(0_c)), x));
static_assert(becomes(s(slice(0_c, 9_c)), s));

// One form of what picks the same.
static_assert(are_one(m(slice(1_c, 3_c), 0_c), m(all, 0_c)(slice(1_c, 3_c))));
static_assert(are_one(m(slice(1_c, 3_c), slice(0_c, 2_c)), m(all, slice(0_c, 2_c))(slice(1_c, 3_c))));
static_assert(are_one(m(0_c, 1_c), m(all, 1_c)(0_c)));
static_assert(are_one(t(0_c, all, 1_c), t(all, all, 1_c)(0_c)));

// Places computed at the call: of one axis one after the other, of two axes together.
static_assert(becomes(m(k)(l), squeeze<0>(m(expand_dims<0>(k), expand_dims<0>(l)))));
static_assert(are_one(m(k, l), m(all, l)(k)));
static_assert(becomes(m(k)(0_c), m(all, 0_c)(k)));
static_assert(becomes(m(i)(all, 0_c), m(all, 0_c)(i)));
static_assert(becomes(m(i)(all, slice(1_c, 3_c)), m(all, slice(1_c, 3_c))(i)));
// Their errors stay: what is left out would not be checked.
static_assert(stays(x(i)(j)));
static_assert(stays(x(i)(0_c)));
static_assert(stays(x(i)(slice(1_c, 3_c))));
static_assert(stays(x(slice(2_c))(i)));  // a negative index counts from the end of either

template <class F>
int checks_of(F f) {
  return ag::simplified(graph_of_formulas(f)).checks.size();
}

}  // namespace

TEST_CASE("indices that the compiler knows are slices") {
  const auto taken = [](auto of, std::int64_t place, std::int64_t axis) {
    ag::graph g = graph_of_formulas(of);
    const int ids = g.apply_with(ag::info<ag::op::expand_dims>, ag::literal(g, place), 1);
    const int args[] = {0, ids};
    const int root = g.apply(ag::info<ag::op::take>, args, 2, &axis, 1);
    g.apply(ag::info<ag::op::outputs>, &root, 1);
    return ag::simplified(g);
  };
  const auto last = [](const ag::graph& g) { return g.arg(g.size() - 1, 0); };
  const ag::graph inside = taken(p, -1, 1), outside = taken(p, 5, 1), unknown = taken(m, 0, 1);
  CHECK(inside.is(last(inside), ag::info<ag::op::slice>));
  CHECK(inside.attr(last(inside), 1) == 4);
  CHECK(outside.is(last(outside), ag::info<ag::op::take>));
  CHECK(unknown.is(last(unknown), ag::info<ag::op::take>));
}

TEST_CASE("the whole of a range is the tensor, and the beginning of it a slice") {
  const auto taken = [](std::int64_t n) {
    ag::graph g = graph_of_formulas(p);
    const int args[] = {0, ag::op::iota::make(g, n)};
    const std::int64_t axis = 1;
    const int root = g.apply(ag::info<ag::op::take>, args, 2, &axis, 1);
    g.apply(ag::info<ag::op::outputs>, &root, 1);
    const ag::graph after = ag::simplified(g);
    return std::string(after[after.arg(after.size() - 1, 0)].op->name);
  };
  CHECK(taken(5) == "input");
  CHECK(taken(3) == "slice");
  CHECK(taken(6) == "take");
}

TEST_CASE("an index error is one whatever the index has become") {
  CHECK(checks_of(x(slice(2_c))(-1_c)) == 1);
  auto f = ag::function(ag::inputs(x), ag::outputs(x(slice(2_c))(-1_c), x(slice(none, none, -1_c))(0_c)));
  CHECK(std::get<0>(f(ag::array<double, 1>::from({1, 2, 3}))) == 3);
  CHECK_THROWS_AS(f(ag::array<double, 1>::from({1, 2})), ag::index_error);
  auto g = ag::function(ag::inputs(x), ag::outputs(x(slice(-3_c))(1_c), x(slice(none, none, -2_c))(slice(1_c, 3_c))));
  CHECK(std::get<0>(g(ag::array<double, 1>::from({1, 2}))) == 2);
  CHECK(std::get<0>(g(ag::array<double, 1>::from({1, 2, 3, 4, 5}))) == 4);
  CHECK(std::get<1>(g(ag::array<double, 1>::from({1, 2, 3, 4, 5}))) == ag::array<double, 1>::from({3, 1}));
}

TEST_CASE("places of two axes, looked up at the call") {
  auto f = ag::function(ag::inputs(m, k, l), ag::outputs(m(k, l), m(k)(0_c), m(all, l)(slice(1_c))));
  const auto at = ag::array<double, 2>::from({{1, 2, 3}, {4, 5, 6}});
  const auto [a, b, rest] = f(at, 1, -1);
  CHECK(a == 6);
  CHECK(b == 4);
  CHECK(rest == ag::array<double, 1>::from({6}));
  CHECK_THROWS_AS(f(at, 2, 0), ag::index_error);
  CHECK_THROWS_AS(f(at, 0, -4), ag::index_error);
}
