// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <random>

#include "agnesi/expr/symbols.hpp"
#include "agnesi/passes/simplify.hpp"
#include "agnesi/rewrite/tables/canonical.hpp"
#include "agnesi/rewrite/tables/stable.hpp"
#include "support/dump.hpp"
#include "support/interpret.hpp"

namespace ag = agnesi;
using ag::graph, ag::info, ag::pattern, ag::pattern_node, ag::rule;
namespace op = ag::op;
using ag::testing::real, ag::testing::tensor_value, ag::testing::values;

namespace {

// Whether a wildcard stands beside a reduction but never in one: then it has the reduced shape.
bool is_beside_reduction(const pattern& p, int wildcard) {
  bool inside[pattern::capacity] = {}, any = false;
  for (int at = p.root(); at >= 0; --at) {
    const pattern_node& n = p.nodes[at];
    if (n.what != pattern_node::operation) {
      if (inside[at] && n.args[0] == wildcard) return false;
      continue;
    }
    const bool reduces = n.op->kind == ag::op_kind::reduce;
    any = any || reduces;
    for (int a : n.args)
      if (a >= 0) inside[a] = inside[at] || reduces;
  }
  return any;
}

// A side of a rule as a graph: wildcards are 3 x 4 matrices, constants numbers, reductions over the last axis.
struct sides {
  graph g;
  int wildcards[ag::patterns::n_wildcards] = {-1, -1, -1, -1, -1, -1, -1};
  double constants[2] = {};
  bool logical = false;
  bool beside[ag::patterns::n_wildcards] = {};

  int build(const pattern& p, int at) {
    const pattern_node& n = p.nodes[at];
    if (n.what == pattern_node::literal_number) {
      if (logical) return g.apply(info<op::equal>, ag::literal(g, n.value), ag::literal(g, 1));
      const bool whole = n.value > -1e9 && n.value < 1e9 && n.value == static_cast<int>(n.value);
      return whole ? ag::literal(g, static_cast<int>(n.value)) : ag::literal(g, n.value);
    }
    if (n.what == pattern_node::any_constant) return ag::constant_of(g, constants[n.args[0] - 4], ag::dtype::f64);
    if (n.what == pattern_node::anything) {
      int& w = wildcards[static_cast<int>(n.args[0])];
      const std::int64_t extents[] = {3, 4};
      const char name[] = {"xyzvcdu"[static_cast<int>(n.args[0])]};
      const ag::dtype type = logical ? ag::dtype::boolean : ag::dtype::f64;
      if (w < 0) w = ag::add_input(g, {name, 1}, type, extents, beside[static_cast<int>(n.args[0])] ? 1 : 2);
      return w;
    }
    int args[3] = {};
    int count = 0;
    while (count < 3 && n.args[count] >= 0) {
      args[count] = condition(n.op, count) ? build_condition(p, n.args[0]) : build(p, n.args[count]);
      ++count;
    }
    if (n.op == &info<op::along>) return g.apply_with(info<op::expand_dims>, args[0], 2);
    if (n.fixed) return g.apply_with(*n.op, args[0], static_cast<std::int64_t>(n.value));
    if (n.op->kind == ag::op_kind::reduce) return g.apply_with(*n.op, args[0], 2);
    return g.apply(*n.op, args, count);
  }

 private:
  static bool condition(const ag::op_info* o, int k) { return o == &info<op::where> && k == 0; }
  // The wildcard of a condition is a matrix of truth values.
  int build_condition(const pattern& p, int at) {
    const pattern_node& n = p.nodes[at];
    const bool was = logical;
    logical = n.what != pattern_node::operation || n.op == &info<op::logical_not>;
    const int made = build(p, at);
    logical = was;
    return made;
  }
};

bool is_logical(const rule& r) {
  const ag::op_info* root = r.lhs.nodes[r.lhs.root()].op;
  return root == &info<op::logical_and> || root == &info<op::logical_or> || root == &info<op::logical_not>;
}
bool needs(const rule& r, ag::fact f) {
  for (int k = 0; k < r.when.n; ++k)
    if (r.when.items[k].known == f) return true;
  return false;
}

// Inputs where the guards hold and logarithms and roots are defined often enough.
values random_inputs(const graph& g, std::mt19937& random, const rule& r) {
  values in;
  for (int s = 0; s < g.symbols.size(); ++s) {
    const bool truth = g.type(g.symbols[s].node) == ag::dtype::boolean;
    const bool row = g.rank(g.symbols[s].node) == 1;
    tensor_value t(row ? std::vector<std::int64_t>{3} : std::vector<std::int64_t>{3, 4});
    for (real& e : t.elements) {
      e = std::uniform_real_distribution<double>(-3, 3)(random);
      if (needs(r, ag::fact::positive) || needs(r, ag::fact::nonnegative)) e = std::fabs(e);
      if (needs(r, ag::fact::below_zero)) e = -std::fabs(e);
      if (truth) e = e > 0;
    }
    in[std::string(g.symbol_name(s))] = t;
  }
  return in;
}

void compare_sides(const rule& r, std::mt19937& random) {
  const ag::text name = to_text(r);
  CAPTURE(std::string(name.view()));
  int compared = 0;
  for (int trial = 0; trial < 20; ++trial) {
    sides s;
    s.logical = is_logical(r);
    for (int k = 0; k < ag::patterns::n_wildcards; ++k) s.beside[k] = is_beside_reduction(r.lhs, k);
    for (double& c : s.constants) c = std::uniform_int_distribution<int>(1, 5)(random);
    const int left = s.build(r.lhs, r.lhs.root());
    int right = s.build(r.rhs, r.rhs.root());
    REQUIRE(s.g.failure == ag::mistake::none);
    right = ag::broadcast_to_shape(s.g, ag::cast_to(s.g, right, s.g.type(left)), s.g.shape(left));
    REQUIRE(s.g.failure == ag::mistake::none);
    const ag::testing::values in = random_inputs(s.g, random, r);
    const ag::testing::detail::interpreter run(s.g, in);
    const tensor_value &a = run.at(left), &b = run.at(right);
    REQUIRE(a.extents == b.extents);
    for (std::int64_t k = 0; k < a.count(); ++k) {
      if (std::isnan(a[k]) || std::isinf(a[k])) continue;
      CHECK(static_cast<double>(b[k]) == doctest::Approx(static_cast<double>(a[k])).epsilon(1e-9));
      ++compared;
    }
  }
  CHECK(compared > 10);
}

template <int N>
void compare_table(const rule (&table)[N]) {
  const unsigned seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  for (const rule& r : table) compare_sides(r, random);
}

using namespace ag::patterns;
constexpr rule mine[] = {(sqr(sin(x)) + sqr(cos(x))) >> 1, named("less", sin(x) * 2 >> x | nonzero(x) && floating(x))};

static_assert(to_text(ag::tables::stable[0]).view() == "log(1 + x) >> log1p(x)");
static_assert(to_text(mine[0]).view() == "sqr(sin(x)) + sqr(cos(x)) >> 1");
static_assert(goes_by(mine[0], "sqr(sin(x)) + sqr(cos(x)) >> 1"));
static_assert(goes_by(mine[1], "less"));
static_assert(mine[1].when.n == 2 && mine[1].when.not_ieee);

}  // namespace

TEST_CASE("a bad rule is rejected where it is written") {
  const pattern wild_x = x, wild_y = y;
  CHECK_THROWS_AS((void)(wild_x * 1 >> wild_y), const char*);
  CHECK_THROWS_AS((void)(wild_x * wild_y >> wild_y * wild_x), const char*);
  CHECK_THROWS_AS((void)(sin(wild_x) >> sin(wild_x) * wild_x), const char*);
  CHECK_THROWS_AS((void)(wild_x >> wild_x), const char*);
  CHECK_NOTHROW((void)(sin(wild_x) * wild_x >> wild_x));
}

TEST_CASE("both sides of every rule have the same value") {
  compare_table(ag::tables::canonical);
  compare_table(ag::tables::exact);
  compare_table(ag::tables::stable);
  compare_table(ag::tables::special);
}
