// SPDX-License-Identifier: BSD-3-Clause
#include "support/rewriting.hpp"

#include <doctest/doctest.h>

using namespace agnesi::testing;
using namespace agnesi::literals;
namespace ag = agnesi;
namespace phase = agnesi::phase;

namespace {

constexpr auto a = ag::scalar<"a">;
constexpr auto x = ag::vector<"x">;
constexpr auto y = ag::vector<"y">;
constexpr auto z = ag::vector<"z">;
constexpr auto f = ag::vector<"f", float>;

static_assert(becomes(log(1_c + x + y), log1p(x + y)));
static_assert(becomes(log(1_c - x + y), log1p(y - x)));
static_assert(becomes(log(x + 1_c - y - a), log1p(x - (a + y))));
static_assert(becomes(log(a + x + 1_c), log1p(a + x)));
static_assert(stays(log(2_c + x - y)));
static_assert(becomes(log(x - y - 1_c), log(x - (1_c + y))));

static_assert(becomes(log(exp(x) + exp(y)), logaddexp(x, y)));
static_assert(becomes(log(exp(x) + exp(y) + exp(z)), logaddexp(logaddexp(x, y), z)));
static_assert(becomes(log(exp(a) + exp(x) + exp(y) + exp(z)), logaddexp(logaddexp(logaddexp(a, x), y), z)));
static_assert(becomes(log(1_c + exp(x) + exp(y)), softplus(logaddexp(x, y))));
static_assert(becomes(log1p(exp(x) + exp(y)), softplus(logaddexp(x, y))));
static_assert(becomes(log1p(exp(x) + exp(y) + exp(z)), softplus(logaddexp(logaddexp(x, y), z))));
static_assert(becomes(log(2_c + exp(x)), logaddexp(x, log(2_c))));
static_assert(becomes(log(1e-8_c + exp(x) + exp(y)), logaddexp(logaddexp(x, y), log(1e-8_c))));
static_assert(becomes(log(3_c * exp(x) + exp(y)), logaddexp(x + log(3_c), y)));
static_assert(becomes(log(exp(x) * exp(y) + exp(z)), logaddexp(x + y, z)));
static_assert(becomes(log(1_c + exp(f) + exp(-f)), softplus(logaddexp(f, -f))));
static_assert(stays(log(exp(x) + exp(y) + z)));
static_assert(stays(log(exp(x) + exp(y) - exp(z))));
static_assert(becomes(exp(log(exp(x) + exp(y))), exp(x) + exp(y)));
static_assert(becomes(exp(log(1_c + exp(x))), 1_c + exp(x)));

static_assert(becomes(log(pow(x, 3_c)), 3_c * log(x)));
static_assert(becomes(log(pow(x, 4_c)), 4_c * log(abs(x))));
static_assert(becomes<phase::all>(log(pow(x, 3_c)), 3_c * log(x)));
static_assert(becomes<phase::all>(log(pow(x, 4_c)), 4_c * log(abs(x))));
static_assert(becomes<phase::all>(log(pow(x, 7_c)), 7_c * log(x)));
static_assert(becomes<phase::all>(log(pow(exp(x) + 1_c, 3_c)), 3_c * softplus(x)));
static_assert(becomes<phase::all>(log(pow(f, 6_c)), 6_c * log(abs(f))));
static_assert(becomes(log(sqr(x)), 2_c * log(abs(x))));
static_assert(becomes(log(x * x * x), 3_c * log(x)));
static_assert(becomes(log(1_c / sqr(x)), -(2_c * log(abs(x)))));
static_assert(becomes(log(sqr(exp(x) + y)), 2_c * log(abs(exp(x) + y))));
static_assert(becomes(log(sqr(sqrt(x) + exp(y))), 2_c * log(sqrt(x) + exp(y))));
static_assert(stays(log(x * sqr(y))));

static_assert(becomes(log(2_c / x), log(2_c) - log(x)));
static_assert(stays(log(1000_c / x)));  // the logarithm of 1000 is rounded more coarsely than the quotient near 1 is
static_assert(stays(log(0.5_c * x)));   // the product is exact

static_assert(becomes(log(prod(abs(x))), sum(log(abs(x)))));
static_assert(becomes(log(prod(sqr(x))), 2_c * sum(log(abs(x)))));
static_assert(becomes(log(prod(exp(x))), sum(x)));
static_assert(stays(log(prod(x))));

// The rules with these names, and what goes beyond them, are switched off together.
constexpr bool switched_off() {
  constexpr std::string_view off[] = {"logaddexp", "softplus"};
  ag::simplify_options o;
  o.without = off;
  o.n_without = 2;
  const ag::graph g = simplified(graph_of_formulas(log(exp(x) + exp(y) + exp(z))), o), same = graph_of_formulas(log(exp(x) + exp(y) + exp(z)));
  return equal_nodes(g, g.arg(g.size() - 1, 0), same, same.arg(same.size() - 1, 0));
}
static_assert(switched_off());

// The weights are those that the row picks.
template <class F>
constexpr bool has_log_of_bounded_sum(F formula) {
  const ag::graph g = simplified(graph_of_formulas(formula));
  bool bounded = false, bare = false;
  for (int id = 0; id < g.size(); ++id)
    if (g.is(id, ag::info<ag::op::exp>)) (g.is(g.arg(id, 0), ag::info<ag::op::minimum>) ? bounded : bare) = true;
  return bounded && !bare;
}
constexpr auto m = ag::matrix<"m">;
constexpr auto p = ag::matrix<"p">;
static_assert(has_log_of_bounded_sum(log(sum(softmax(m) * p, ag::axis<1>))));
static_assert(has_log_of_bounded_sum(log(sum(exp(x) * y))));
static_assert(has_log_of_bounded_sum(log(sum(exp(m) / x, ag::axis<1>))));
static_assert(has_log_of_bounded_sum(log(mean(exp(x) * y))));
static_assert(has_log_of_bounded_sum(log(0.25_c * sum(exp(x) * y))));
static_assert(!has_log_of_bounded_sum(log(sum(exp(x) * a))));

}  // namespace

TEST_CASE("logarithms of sums and products") { CHECK(becomes(log(1_c + exp(x) + exp(y)), softplus(logaddexp(x, y)))); }
