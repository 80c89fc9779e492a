// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <string>

#include "agnesi/agnesi.hpp"
#include "support/dump.hpp"
#include "support/interpret.hpp"
#include "support/rewriting.hpp"

using namespace agnesi::testing;
using namespace agnesi::literals;
namespace ag = agnesi;
using ag::all, ag::none, ag::slice, ag::grad, ag::same, ag::simplify, ag::info;

namespace {

constexpr auto a = ag::scalar<"a">;
constexpr auto x = ag::vector<"x">;
constexpr auto y = ag::vector<"y">;
constexpr auto m = ag::matrix<"m">;
constexpr auto s = ag::vector<"s", double, 5>;
constexpr auto one = ag::vector<"one", double, 1>;
constexpr auto i = ag::vector<"i", std::int32_t>;
constexpr auto k = ag::scalar<"k", std::int32_t>;

// Gradients of slices are increments of zeros.
static_assert(same(simplify(grad(sum(s(slice(1_c, 3_c)) * y), s)(slice(1_c, 3_c))), simplify(y + 0_c * s(slice(1_c, 3_c)))));
static_assert(same(simplify(grad(s(1_c) * a, s)(1_c)), a));
static_assert(same(simplify(grad(s(1_c) * a, s)(2_c) + a), a));
static_assert(same(simplify(grad(sum(s(slice(none, none, 2_c)) * y), s)(1_c) + a), a));
static_assert(same(simplify(grad(sum(s(slice(none, none, 2_c)) * y), s)(2_c)), simplify(ag::vector<"y", double, 3>(1_c))));
static_assert(same(simplify(grad(sum(m(0_c) * y), m)(0_c)), y));
static_assert(same(simplify(grad(one(0_c) * a, one)), expand_dims<0>(a)));
static_assert(same(simplify(grad(sum(x(slice(none, none, -1_c)) * y), x)), simplify(y(slice(none, none, -1_c)))));

// The graph of one increment of `base` and what is read of it.
struct written {
  ag::graph g;
  int x = -1, u = -1, v = -1, ids = -1;

  written() {
    const std::int64_t n = 6, part = 2;
    x = ag::add_input(g, "x", ag::dtype::f64, &n, 1);
    u = ag::add_input(g, "u", ag::dtype::f64, &part, 1);
    v = ag::add_input(g, "v", ag::dtype::f64, &part, 1);
    ids = ag::add_input(g, "ids", ag::dtype::i64, &part, 1);
  }
  int zeros() { return ag::zeros_of(g, ag::dtype::f64, g.shape(x)); }
  int put_slice(int base, int values, ag::dim begin, std::int64_t step) {
    const int args[] = {base, values};
    const std::int64_t attrs[] = {0, begin, step};
    return g.apply(info<ag::op::put_slice>, args, 2, attrs, 3);
  }
  int put_take(int base, int places, int values) {
    const int args[] = {base, places, values};
    const std::int64_t axis = 0;
    return g.apply(info<ag::op::put_take>, args, 3, &axis, 1);
  }
  int take(int of, int places) {
    const int args[] = {of, places};
    const std::int64_t axis = 0;
    return g.apply(info<ag::op::take>, args, 2, &axis, 1);
  }
  int slice(int of, ag::dim begin, ag::dim count, std::int64_t step = 1) {
    return ag::op::slice::make(g, of, 0, begin, step, g.shapes.shape(&count, 1));
  }
  std::string text(int root, bool expands = false) {
    g.apply(info<ag::op::outputs>, &root, 1);
    const ag::graph done = ag::simplified(g);
    const ag::graph after = expands ? ag::expanded(done) : done;
    ag::text t;
    ag::formula_writer(after).write(t, after.arg(after.size() - 1, 0));
    return std::string(t.view());
  }
};

}  // namespace

TEST_CASE("what was written is read back, where places are known to be equal or distinct") {
  const auto read = [](auto f) {
    written w;
    const int root = f(w);
    return w.text(root);
  };
  CHECK(read([](written& w) { return w.slice(w.put_slice(w.x, w.v, 1, 2), 1, 2, 2); }) == "x(slice(1, 4, 2)) + v");
  CHECK(read([](written& w) { return w.slice(w.put_slice(w.zeros(), w.v, 1, 2), 3, 1); }) == "v(slice(1, none))");
  CHECK(read([](written& w) { return w.slice(w.put_slice(w.x, w.v, 1, 2), 0, 3, 2); }) == "x(slice(0, 5, 2))");
  CHECK(read([](written& w) { return w.slice(w.put_slice(w.x, w.v, 1, 1), 3, 3); }) == "x(slice(3, none))");
  CHECK(read([](written& w) { return w.slice(w.put_slice(w.x, w.v, 1, 1), 2, 2); }).find("inc(") == 0);
  CHECK(read([](written& w) { return w.take(w.put_take(w.x, w.ids, w.v), w.ids); }).find("inc(") == 0);  // may repeat
  CHECK(read([](written& w) {
          const int range = ag::op::iota::make(w.g, 2);
          return w.take(w.put_take(w.x, range, w.v), range);
        }) == "x(slice(0, 2)) + v");
}

TEST_CASE("one number is a place that is not repeated, and stays checked") {
  const auto zero_then = ag::function(ag::inputs(x, a, k), ag::outputs(grad(x(k) * a, x)(k)));
  const auto X = ag::array<double, 1>::from({1, 2, 3});
  CHECK(ag::to_string(simplify(grad(x(k) * a, x)(k))).find("inc(") == std::string::npos);
  auto f = zero_then;
  CHECK(f(X, 4, -1) == 4);
  CHECK_THROWS_AS(f(X, 4, 3), ag::index_error);
}

TEST_CASE("places that repeat add up in what is read") {
  auto f = ag::function(ag::inputs(x, y, i), ag::outputs(grad(sum(x(i) * y), x)(i)));
  const auto X = ag::array<double, 1>::from({1, 2, 3});
  CHECK(f(X, ag::array<double, 1>::from({10, 1, 5}), ag::array<std::int32_t, 1>::from({2, 0, 2})) ==
        ag::array<double, 1>::from({15, 1, 15}));
}

TEST_CASE("increments of everything, of nothing, and at the same places") {
  const auto read = [](auto f, bool expands = false) {
    written w;
    const int root = f(w);
    return w.text(root, expands);
  };
  CHECK(read([](written& w) { return w.put_slice(w.x, w.x, 0, 1); }) == "2 * x");
  CHECK(read([](written& w) { return w.put_slice(w.zeros(), w.x, 5, -1); }) == "x(slice(none, none, -1))");
  CHECK(read([](written& w) { return w.put_slice(w.x, ag::zeros_of(w.g, ag::dtype::f64, w.g.shape(w.v)), 1, 1); }) == "x");
  CHECK(read([](written& w) { return w.put_take(w.x, ag::op::iota::make(w.g, 2), w.v); }) == "inc(x(slice(0, 2)), v)");
  CHECK(read([](written& w) { return w.put_slice(w.put_slice(w.x, w.u, 1, 1), w.v, 1, 1); }) == "inc(x(slice(1, 3)), u + v)");
  CHECK(read([](written& w) { return w.put_take(w.put_take(w.x, w.ids, w.u), w.ids, w.v); }) == "inc(x(ids), u + v)");
  CHECK(read([](written& w) { return w.put_slice(w.put_slice(w.x, w.u, 1, 1), w.v, 2, 1); }) ==
        "inc(inc(x(slice(1, 3)), u)(slice(2, 4)), v)");
  // Sums of increments happen in one buffer.
  CHECK(read([](written& w) {
          return w.g.apply(info<ag::op::add>, w.put_take(w.zeros(), w.ids, w.u), w.put_take(w.zeros(), w.ids, w.v));
        }, true) == "inc(full((6), 0)(ids), v + u)");
  CHECK(read([](written& w) { return w.g.apply(info<ag::op::add>, w.x, w.put_take(w.zeros(), w.ids, w.u)); }, true) ==
        "inc(x(ids), u)");
}

TEST_CASE("numbers go into all increments of a sum of them") {
  const auto read = [](auto f) {
    written w;
    const int root = f(w);
    return w.text(root, true);
  };
  const auto both = [](written& w) {
    return w.g.apply(info<ag::op::add>, w.put_take(w.zeros(), w.ids, w.u), w.put_slice(w.zeros(), w.v, 1, 1));
  };
  const auto scaled = [both](written& w) { return w.g.apply(info<ag::op::mul>, ag::constant_of(w.g, 0.1, ag::dtype::f64), both(w)); };
  CHECK(read([&](written& w) { return w.g.apply(info<ag::op::sub>, w.x, scaled(w)); }) ==
        "inc(inc(x(slice(1, 3)), -0.1 * v)(ids), -0.1 * u)");
  CHECK(read([&](written& w) { return w.g.apply(info<ag::op::add>, scaled(w), w.x); }) ==
        "inc(inc(x(slice(1, 3)), 0.1 * v)(ids), 0.1 * u)");
  auto step = ag::function(ag::inputs(x, i, k), ag::updates(x = x - 0.5_c * grad(sum(x(i)) + 4_c * x(k), x)));
  auto X = ag::array<double, 1>::from({1, 2, 3, 4});
  step(X, ag::array<std::int32_t, 1>::from({0, 0, 2}), 2);
  CHECK(X == ag::array<double, 1>::from({0, 2, 0.5, 4}));
}

TEST_CASE("an index of another axis goes past an increment") {
  const auto column = [](auto cost) { return ag::to_string(simplify(grad(cost, m)(all, 0_c))); };
  CHECK(column(sum(sqr(m(i)))).find("inc(full((dim<0>(m)), 0)(i)") < 9);
  CHECK(column(sum(sqr(m(slice(1_c, 3_c))))).find("inc(full((dim<0>(m)), 0)(slice(1, 3))") < 9);
  auto f = ag::function(ag::inputs(m, i), ag::outputs(grad(sum(sqr(m(i))), m)(all, 0_c)));
  CHECK(f(ag::array<double, 2>::from({{1, 2}, {3, 4}, {5, 6}}), ag::array<std::int32_t, 1>::from({2, 0, 2})) ==
        ag::array<double, 1>::from({2, 0, 20}));
}
