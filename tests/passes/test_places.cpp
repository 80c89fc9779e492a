// SPDX-License-Identifier: BSD-3-Clause
#include "support/rewriting.hpp"

#include <doctest/doctest.h>

using namespace agnesi::testing;
using namespace agnesi::literals;
namespace ag = agnesi;

namespace {

constexpr auto a = ag::scalar<"a">;
constexpr auto x = ag::vector<"x">;
constexpr auto m = ag::matrix<"m">;
constexpr auto n = ag::vector<"n", std::int32_t>;

static_assert(becomes(argmax(log(x)), argmax(x)));
static_assert(becomes(argmax(sqrt(x)), argmax(x)));
static_assert(becomes(argmin(erf(x)), argmin(x)));
static_assert(becomes(argmax(erfc(x)), argmin(x)));
static_assert(becomes(argmax(2_c * x), argmax(x)));
static_assert(becomes(argmax(-2_c * x), argmin(x)));
static_assert(becomes(argmin(x / 3_c + a), argmin(x)));
static_assert(becomes(argmax(-x), argmin(x)));
static_assert(becomes(argmax(a - x), argmin(x)));
static_assert(becomes(argmin(a - 2_c * exp(x)), argmax(x)));
static_assert(becomes(argmax(exp(a) * x), argmax(x)));
static_assert(becomes(argmax(m * exp(x), ag::axis<0>), argmax(m, ag::axis<0>)));
static_assert(stays(argmax(m * exp(x), ag::axis<1>)));
static_assert(stays(argmax(a * x)));
static_assert(stays(argmax(-n)));  // the least integer is its own negative
static_assert(becomes(argmax(log(softmax(m)), ag::axis<1>), argmax(m, ag::axis<1>)));

}  // namespace

TEST_CASE("places of the largest") { CHECK(becomes(argmax(log(x)), argmax(x))); }
