// SPDX-License-Identifier: BSD-3-Clause
#include "support/rewriting.hpp"

#include <doctest/doctest.h>

#include "agnesi/grad/grad.hpp"
#include "agnesi/grad/reverse.hpp"

using namespace agnesi::testing;
using namespace agnesi::literals;
namespace ag = agnesi;
namespace op = agnesi::op;
namespace phase = agnesi::phase;
using ag::graph, ag::info;

namespace {

constexpr auto a = ag::scalar<"a">;
constexpr auto x = ag::vector<"x">;
constexpr auto y = ag::vector<"y">;
constexpr auto m = ag::matrix<"m">;
constexpr auto w = ag::vector<"w">;
constexpr auto ids = ag::vector<"ids", std::int32_t>;

template <class F>
constexpr graph with(const ag::simplify_options& o, F f) {
  return simplified(graph_of_formulas(f), o);
}
template <class F, class G>
constexpr bool becomes_with(const ag::simplify_options& o, F f, G g) {
  const graph s = with(o, f), t = graph_of_formulas(g);
  return equal_nodes(s, s.arg(s.size() - 1, 0), t, t.arg(t.size() - 1, 0));
}

// ---- differentiation between two simplifications

constexpr auto p = 1_c / (1_c + exp(-(dot(m, w) + a)));
constexpr auto cost = mean(-y * log(p) - (1_c - y) * log(1_c - p));

template <class F, class G>
constexpr bool gradient_becomes(F f, G expected) {
  graph g = simplified(graph_of_formulas(f));
  g = simplified(differentiated(g, ag::universe_of<ag::op_list<>>()), phase::all);
  const graph e = simplified(graph_of_formulas(expected), phase::all);
  return equal_nodes(g, g.arg(g.size() - 1, 0), e, e.arg(e.size() - 1, 0));
}
static_assert(gradient_becomes(ag::grad(sum(sqr(x)), x), 2_c * x));

// The rows of a product, less what they should be, over their number: no sigmoid is left inside a logarithm.
constexpr bool is_slope_of_cross_entropy() {
  graph g = simplified(graph_of_formulas(ag::grad(cost, w)));
  g = simplified(differentiated(g, ag::universe_of<ag::op_list<>>()), phase::all);
  const int r = g.arg(g.size() - 1, 0);
  if (!g.is(r, info<op::div>) || !g.is(g.arg(r, 0), info<op::dot>) || !g.is(g.arg(r, 1), info<op::extent>))
    return false;
  const int difference = g.arg(g.arg(r, 0), 1);
  return g.is(difference, info<op::sub>) && g.is(g.arg(difference, 0), info<op::sigmoid>) &&
         g.is(g.arg(difference, 1), info<op::input>);
}
static_assert(is_slope_of_cross_entropy());

// ---- options

constexpr ag::simplify_options in_ieee = {.phases = phase::all, .ieee = true};
static_assert(becomes_with(in_ieee, x * y / x, x * y / x));
static_assert(becomes_with(in_ieee, x - x, x - x));
static_assert(becomes_with(in_ieee, 0_c * x, 0_c * x));
static_assert(becomes_with(in_ieee, 1_c * x, x));
static_assert(becomes_with(in_ieee, -(-x), x));
static_assert(becomes_with(in_ieee, log(1_c + exp(x)), softplus(x)));
static_assert(becomes_with(in_ieee, log(exp(x) + exp(y)), logaddexp(x, y)));
static_assert(becomes_with(in_ieee, log(erfc(x)), log_erfc(x)));
static_assert(becomes_with(in_ieee, !(x == y), x != y));
static_assert(becomes_with(in_ieee, abs(x) * abs(y), abs(x * y)));
static_assert(becomes_with(in_ieee, x * (1_c + y / x), x * (1_c + y / x)));
static_assert(becomes_with(in_ieee, where(y > 0_c, y, 0_c) * x, where(y > 0_c, y, 0_c) * x));
static_assert(becomes_with(in_ieee, pow(a, x) * pow(a, y), pow(a, x) * pow(a, y)));
static_assert(becomes_with(in_ieee, sigmoid(log(x / (1_c - x))), sigmoid(log(x / (1_c - x)))));
static_assert(becomes_with(in_ieee, maximum(x, minimum(x, y)), maximum(x, minimum(x, y))));
static_assert(becomes_with(in_ieee, erf(x) + erfc(x), erf(x) + erfc(x)));
static_assert(becomes_with(in_ieee, (x - y) / (y - x), (x - y) / (y - x)));

constexpr std::string_view off[] = {"softplus", "canonical_products", "log(exp(x)) >> x"};
constexpr ag::simplify_options some_off = {.without = off, .n_without = 3};
static_assert(becomes_with(some_off, log(1_c + exp(x)), log1p(exp(x))));
static_assert(becomes_with(some_off, x * y / x, x * y / x));
static_assert(becomes_with(some_off, log(exp(x)), log(exp(x))));

constexpr std::string_view pass_off[] = {"canonicalize"};
static_assert(becomes_with({.without = pass_off, .n_without = 1}, log(1_c + exp(x)) - 0_c, softplus(x) - 0_c));

namespace table {
using ag::patterns::x;  // hides the symbol
constexpr ag::rule mine[] = {(sqr(tanh(x)) + x) >> x};
}  // namespace table
constexpr ag::rule_table tables[] = {{table::mine, 1}};
constexpr ag::simplify_options with_mine = {.tables = tables, .n_tables = 1};
static_assert(becomes_with(with_mine, sqr(tanh(x)) + y + x, x + y));
static_assert(!becomes_with(with_mine, sqr(tanh(x)) + y, y));

constexpr bool logs_what_fired() {
  ag::vec<ag::firing> log;
  simplified(graph_of_formulas(log1p(exp(x)) + log1p(exp(y))), {}, &log);
  for (const ag::firing& f : log)
    if (f.told && (f.name != "softplus" || f.times != 1)) return false;
  return log.size() == 2 && log[0].before.view() == "log1p(exp(x))" && log[1].after.view() == "softplus(y)";
}
static_assert(logs_what_fired());

// ---- what must be kept

// Extents that had to agree still have to.
constexpr bool keeps_checks() {
  const graph before = graph_of_formulas(0_c * (x + y)), after = simplified(before, phase::all);
  return before.checks.size() == 1 && after.checks.size() == 1;
}
static_assert(keeps_checks());
// An index that may be out of range is not left out.
static_assert(!becomes(0_c * x(ids), 0_c * ids));
constexpr bool keeps_index() {
  const graph g = simplified(graph_of_formulas(sum(x(ids)) * 0_c), phase::all);
  for (int id = 0; id < g.size(); ++id)
    if (g.is(id, info<op::take>)) return true;
  return false;
}
static_assert(keeps_index());
// ... but nothing else that is multiplied by 0 is kept for it.
static_assert(becomes(2_c * a * sum(x(ids)) * 0_c, 0_c * sum(x(ids))));

// Shape and element type stay.
constexpr bool keeps_type() {
  const graph g = simplified(graph_of_formulas(m / m, 0_c * ag::cast<float>(x), x - x + a), phase::all);
  const int r = g.size() - 1;
  return g.rank(g.arg(r, 0)) == 2 && g.type(g.arg(r, 1)) == ag::dtype::f32 && g.rank(g.arg(r, 1)) == 1 &&
         g.rank(g.arg(r, 2)) == 1;
}
static_assert(keeps_type());

// What is read twice is computed once.
constexpr bool shares() {
  const auto e = tanh(x);
  const graph g = simplified(graph_of_formulas(e + y, e * y, y + e));
  int n = 0;
  for (int id = 0; id < g.size(); ++id) n += g.is(id, info<op::tanh>);
  return n == 1 && g.arg(g.size() - 1, 0) == g.arg(g.size() - 1, 2);
}
static_assert(shares());

}  // namespace

TEST_CASE("simplification keeps what it must") {
  CHECK(keeps_checks());
  CHECK(keeps_index());
}
