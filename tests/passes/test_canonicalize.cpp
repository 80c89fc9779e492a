// SPDX-License-Identifier: BSD-3-Clause
#include "support/rewriting.hpp"

#include <doctest/doctest.h>

using namespace agnesi::testing;
using namespace agnesi::literals;
namespace ag = agnesi;

namespace {

constexpr auto a = ag::scalar<"a">;
constexpr auto b = ag::scalar<"b">;
constexpr auto c = ag::scalar<"c">;
constexpr auto d = ag::scalar<"d">;
constexpr auto x = ag::vector<"x">;
constexpr auto y = ag::vector<"y">;
constexpr auto m = ag::matrix<"m">;
constexpr auto f = ag::vector<"f", float>;

static_assert(becomes(x * y / x, y));
static_assert(becomes(y / x * x, y));
static_assert(becomes(x * x * x * y / (x * x), x * y));
static_assert(becomes((a / b) * (b / c) * (c / d), a / d));
static_assert(becomes(2_c * x / (4_c * y), 0.5_c * x / y));
static_assert(becomes(exp(x) * exp(-y), exp(x - y)));
static_assert(becomes(exp(x) / exp(y), exp(x - y)));
static_assert(becomes(1_c * x, x));
static_assert(becomes(x / 1_c, x));
static_assert(becomes(-(-x), x));
static_assert(becomes(x * x, sqr(x)));
static_assert(becomes(f * f, sqr(f)));
static_assert(becomes(a / b / c, a / (b * c)));

static_assert(becomes(x + 0_c, x));
static_assert(becomes(x - 0_c, x));
static_assert(becomes(x + x, 2_c * x));
static_assert(becomes(3_c * x - x, 2_c * x));
static_assert(becomes(x - -y, x + y));
static_assert(becomes(x + y - x, y));
static_assert(becomes((x + 1_c) - 1_c, x));
static_assert(becomes(-(x - y), y - x));
static_assert(becomes(a * x + a * y, a * (x + y)));

static_assert(are_one((a + b) + c, a + (c + b)));
static_assert(are_one(a * b * x, x * (b * a)));
static_assert(are_one(m - a - b, m - (b + a)));
static_assert(are_one((1_c - a) * 2_c, (2_c * (1_c - a))));

static_assert(becomes(pow(x, 0_c) * y, y));
static_assert(becomes(pow(x, 1_c), x));
static_assert(becomes(pow(x, 2_c), sqr(x)));
static_assert(becomes(pow(x, 0.5_c), sqrt(x)));
static_assert(becomes(pow(x, -1_c), 1_c / x));

}  // namespace

TEST_CASE("canonical forms") { CHECK(becomes(x * y / x, y)); }
