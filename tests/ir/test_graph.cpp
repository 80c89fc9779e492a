// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <agnesi/expr/symbols.hpp>
#include <agnesi/ir/copy.hpp>
#include <agnesi/ir/settle.hpp>
#include <agnesi/ir/show_dim.hpp>
#include <agnesi/ops/probability.hpp>

namespace ag = agnesi;
using ag::dyn, ag::graph, ag::info;
namespace op = agnesi::op;

namespace {

constexpr int input(graph& g, std::string_view name, std::initializer_list<std::int64_t> extents,
                    ag::dtype type = ag::dtype::f64) {
  return add_input(g, name, type, extents.begin(), static_cast<int>(extents.size()));
}

constexpr bool equal_nodes_are_one() {
  graph g;
  const int x = input(g, "x", {dyn}), y = input(g, "y", {dyn});
  const int sum = g.apply(info<op::add>, x, y);
  const int n = g.size();
  return g.apply(info<op::add>, y, x) == sum && g.apply(info<op::add>, x, y) == sum && g.size() == n &&
         g.apply(info<op::sub>, x, y) != g.apply(info<op::sub>, y, x) && input(g, "x", {dyn}) == x;
}
static_assert(equal_nodes_are_one());

constexpr bool extents_fold() {
  ag::shape_table t;
  const ag::dim n = t.input_extent(0, 0), m = t.input_extent(0, 1);
  return n != m && t.add(2, 3) == 5 && t.add(n, 0) == n && t.mul(1, n) == n && t.mul(n, 0) == 0 && t.sub(n, 0) == n &&
         t.floor_div(n, 1) == n && t.floor_div(7, 2) == 3 && t.sub(3, 5) == 0 && t.min(n, n) == n && t.max(n, 0) == n &&
         t.min(n, 0) == 0 && t.add(n, m) == t.add(n, m) && t.add(n, 1) != t.add(n, 2);
}
static_assert(extents_fold());

constexpr bool merged_extents_are_one() {
  ag::shape_table t;
  const ag::dim a = t.input_extent(0, 0), b = t.input_extent(1, 0), c = t.input_extent(2, 0);
  t.merge(b, c);
  t.merge(a, c);
  if (t.find(b) != a || t.find(c) != a || t.mul(b, 2) != t.mul(a, 2)) return false;
  const ag::dim both[] = {b, c}, first[] = {a, a};
  if (t.shape(both, 2) != t.shape(first, 2)) return false;
  t.merge(4, b);  // a number stands for all
  return t.find(a) == 4 && t.find(c) == 4 && t.mul(c, 2) == 8;
}
static_assert(merged_extents_are_one());

}  // namespace

TEST_CASE("a node is found again among thousands") {
  graph g;
  const int x = input(g, "x", {dyn});
  int at = x;
  for (int k = 0; k < 3000; ++k) at = g.apply(info<op::add>, at, x);
  const int n = g.size();
  at = x;
  for (int k = 0; k < 3000; ++k) at = g.apply(info<op::add>, x, at);
  CHECK(g.size() == n);
  CHECK(at == n - 1);
}

TEST_CASE("operands have one element type, shapes broadcast where an extent is one in the type") {
  graph g;
  const int m = input(g, "m", {3, dyn}), v = input(g, "v", {dyn}, ag::dtype::f32), r = input(g, "r", {1, 5});
  const int sum = g.apply(info<op::add>, m, v);
  CHECK(g.type(sum) == ag::dtype::f64);
  CHECK(g.is(g.arg(sum, 1), info<op::cast>));
  CHECK(g.rank(sum) == 2);
  CHECK(shape_text(g, sum).view() == "(3, dim<1>(m))");
  CHECK(shape_text(g, g.apply(info<op::mul>, sum, r)).view() == "(3, 5)");
  CHECK(g.shapes.find(g.extent(v, 0)) == 5);
  CHECK(g.checks.size() == 2);
  CHECK(g.failure == ag::mistake::none);
}

TEST_CASE("extents that must agree are checked at the call, known ones at once") {
  graph g;
  const int a = input(g, "a", {dyn}), b = input(g, "b", {dyn});
  const int three = input(g, "three", {3}), four = input(g, "four", {4});
  CHECK(g.apply(info<op::add>, a, b) >= 0);
  CHECK(g.checks.size() == 1);
  CHECK(g.apply(info<op::mul>, a, b) >= 0);
  CHECK(g.checks.size() == 1);  // known by now
  CHECK(g.apply(info<op::add>, a, three) >= 0);
  CHECK(g.apply(info<op::add>, b, four) == -1);
  CHECK(g.failure == ag::mistake::extent);
}

TEST_CASE("a second input of one name must have the type that was declared") {
  graph g;
  const int x = input(g, "x", {dyn}), y = input(g, "y", {dyn}), fixed = input(g, "fixed", {3});
  g.apply(info<op::add>, x, y);
  g.apply(info<op::add>, x, fixed);
  CHECK(input(g, "y", {dyn}) == y);  // still declared as any length, though known to be 3 long
  CHECK(input(g, "fixed", {3}) == fixed);
  CHECK(g.failure == ag::mistake::none);
  CHECK(input(g, "y", {3}) == -1);
  CHECK(g.failure == ag::mistake::symbol_conflict);
}

TEST_CASE("mistakes are kept, the first one, and pass through") {
  graph g;
  const int x = input(g, "x", {dyn}), c = input(g, "c", {2, 2, 2});
  const int bad = g.apply(info<op::dot>, x, c);
  CHECK(bad == -1);
  CHECK(g.apply(info<op::tanh>, bad) == -1);
  CHECK(g.apply_with(info<op::sum>, x, 0b10) == -1);
  CHECK(g.failure == ag::mistake::dot_rank);
}

TEST_CASE("shapes of movements, reductions and products") {
  graph g;
  const int x = input(g, "x", {dyn, 4}), y = input(g, "y", {dyn, 2});
  CHECK(shape_text(g, g.apply_with(info<op::permute>, x, 0x01)).view() == "(4, dim<0>(x))");
  CHECK(shape_text(g, g.apply_with(info<op::expand_dims>, x, 0b101)).view() == "(1, dim<0>(x), 1, 4)");
  CHECK(shape_text(g, g.apply_with(info<op::sum>, x, 0b10)).view() == "(dim<0>(x))");
  CHECK(shape_text(g, g.apply_with(info<op::argmax>, x, 0b11)).view() == "()");
  CHECK(shape_text(g, g.apply(info<op::dot>, g.apply_with(info<op::permute>, x, 0x01), y)).view() == "(4, 2)");
  const std::int64_t flat[] = {-1};
  CHECK(shape_text(g, g.apply(info<op::reshape>, &x, 1, flat, 1)).view() == "(dim<0>(x) * 4)");
  const std::int64_t guess[] = {2, -1, 4};
  CHECK(shape_text(g, g.apply(info<op::reshape>, &x, 1, guess, 3)).view() == "(2, dim<0>(x) * 4 / 8, 4)");
  const std::int64_t slice[] = {0, 1, 3, 1};
  CHECK(shape_text(g, g.apply(info<op::slice>, &x, 1, slice, 4)).view() ==
        "(minimum(3, dim<0>(x)) - minimum(1, dim<0>(x)), 4)");
}

TEST_CASE("a copied graph keeps its nodes, a pass the live ones") {
  graph g;
  const int x = input(g, "x", {dyn});
  const int dead = g.apply(info<op::exp>, x), root = g.apply(info<op::tanh>, x);
  const ag::vec<bool> live = live_nodes(g, root);
  CHECK(live[x]);
  CHECK(!live[dead]);
  graph out = continued(g);
  ag::vec<int> place(g.size(), -1);
  for (int id = 0; id < g.size(); ++id)
    if (live[id]) place[id] = copy_node(out, g, id, place);
  CHECK(out.size() == 2);
  CHECK(out.is(place[root], info<op::tanh>));
  graph copy = g;
  copy.rehash();
  CHECK(copy.apply(info<op::tanh>, x) == root);
}

TEST_CASE("constants are numbers of their element type") {
  graph g;
  const int half = constant_of(g, 0.1, ag::dtype::f32), three = constant_of(g, 3.9, ag::dtype::i32);
  CHECK(value_of(g, half).f == static_cast<double>(0.1f));
  CHECK(value_of(g, three).i == 3);
  CHECK(literal(g, 2) != constant_of(g, 2, ag::dtype::i64));  // a literal takes the element type of what it meets
  CHECK(converted({ag::dtype::i64, 300, 0}, ag::dtype::u8).i == 44);
  CHECK(converted({ag::dtype::f64, 0, 0.5}, ag::dtype::boolean).i == 1);
  CHECK(converted({ag::dtype::f64, 0, -0.0}, ag::dtype::boolean).i == 0);
}
