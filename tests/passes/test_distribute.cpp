// SPDX-License-Identifier: BSD-3-Clause
#include "support/rewriting.hpp"

#include <doctest/doctest.h>

using namespace agnesi::testing;
using namespace agnesi::literals;
namespace ag = agnesi;

namespace {

constexpr auto a = ag::scalar<"a">;
constexpr auto b = ag::scalar<"b">;
constexpr auto x = ag::vector<"x">;
constexpr auto y = ag::vector<"y">;
constexpr auto z = ag::vector<"z">;
constexpr auto m = ag::matrix<"m">;
constexpr auto n = ag::vector<"n", std::int32_t>;

static_assert(becomes((a / x + b) * x, a + b * x));
static_assert(becomes((a / x + b / y) * x * y, a * y + b * x));
static_assert(becomes(x * (1_c + y / x), x + y));
static_assert(becomes((x * y + x) / x, 1_c + y));
static_assert(becomes((x * y + z) / x, y + z / x));
static_assert(becomes((2_c * x * y - 3_c * x) / x, 2_c * y - 3_c));
static_assert(becomes((x * y - x) / (x * z), (y - 1_c) / z));
static_assert(becomes(a * (m / a + x), m + a * x));
static_assert(becomes((a / x + b) * sqr(x), x * (a + b * x)));
static_assert(becomes((sqr(x) + y) / x, x + y / x));
static_assert(becomes(z * (a / x + b) * x, z * (a + b * x)));

// Never where it is more work, nor where nothing cancels.
static_assert(stays((a + b) * x));
template <class F>
constexpr bool is_product_of_two(F formula) {
  const ag::graph g = simplified(graph_of_formulas(formula));
  const int r = g.arg(g.size() - 1, 0);
  return g.is(r, ag::info<ag::op::mul>) && (g.is(g.arg(r, 0), ag::info<ag::op::add>) || g.is(g.arg(r, 1), ag::info<ag::op::add>));
}
static_assert(is_product_of_two((a / x + b + y + z) * x));
static_assert(stays((x + y) / z));
static_assert(stays((x + y) / x));

// A sum that is read elsewhere too is there anyway.
constexpr bool keeps_shared() {
  const auto s = a / x + b;
  const ag::graph g = simplified(graph_of_formulas(tanh(s), s * x));
  const int r = g.arg(g.size() - 1, 1);
  return g.is(r, ag::info<ag::op::mul>);
}
static_assert(keeps_shared());

// Integers stay as they are.
static_assert(!becomes((n * n + n) / n, 1_c + n));

}  // namespace

TEST_CASE("products with sums") { CHECK(becomes((a / x + b) * x, a + b * x)); }
