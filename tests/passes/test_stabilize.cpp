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
constexpr auto n = ag::vector<"n", std::int32_t>;
constexpr auto m = ag::matrix<"m">;
constexpr auto f = ag::matrix<"f", float>;

static_assert(becomes(log(1_c + x), log1p(x)));
static_assert(becomes(log(x + 1_c), log1p(x)));
static_assert(becomes(log(1_c - x), log1p(-x)));
static_assert(becomes(exp(x) - 1_c, expm1(x)));
static_assert(becomes(1_c - exp(x), -expm1(x)));
static_assert(becomes(3_c * exp(x) - 3_c + y, 3_c * expm1(x) + y));
static_assert(becomes(log(exp(x)), x));
static_assert(becomes(log1p(expm1(x)), x));
static_assert(becomes(sqrt(sqr(x)), abs(x)));

static_assert(becomes(log(1_c + exp(x)), softplus(x)));
static_assert(becomes(log(1_c + exp(f)), softplus(f)));
static_assert(becomes(log(sigmoid(x)), -softplus(-x)));
static_assert(becomes(log(1_c - sigmoid(x)), -softplus(x)));
static_assert(becomes(log(1_c / (1_c + exp(-x))), -softplus(-x)));
static_assert(becomes(log(1_c - exp(x)), log1mexp(x)));

static_assert(becomes(log(exp(x) - 1_c), x + log1mexp(-x)));
static_assert(becomes(log(expm1(x)), x + log1mexp(-x)));
static_assert(becomes(log(exp(x) - exp(y)), x + log1mexp(where(x == y, 0_c, y - x))));

static_assert(becomes(1_c / (1_c + exp(-x)), sigmoid(x)));
static_assert(becomes(1_c / (1_c + exp(x)), sigmoid(-x)));
static_assert(becomes(exp(x) / (exp(x) + exp(y)), sigmoid(x - y)));
static_assert(becomes(sqrt(exp(x)), exp(0.5_c * x)));
static_assert(becomes(log(a * exp(x)), log(a) + x));
static_assert(becomes(exp(x) / (1_c + exp(x)), sigmoid(x)));
static_assert(becomes(exp(-x) / (1_c + exp(-x)), sigmoid(-x)));
static_assert(becomes(exp(x) * sigmoid(-x), sigmoid(x)));
static_assert(becomes(y / (1_c + exp(x)), y * sigmoid(-x)));
static_assert(becomes(1_c - sigmoid(x), sigmoid(-x)));
static_assert(becomes(sigmoid(x) / (1_c - sigmoid(x)), exp(x)));
static_assert(becomes((exp(x) - exp(-x)) / (exp(x) + exp(-x)), tanh(x)));
static_assert(becomes(exp(-x) / sqr(1_c + exp(-x)), sigmoid(x) * sigmoid(-x)));

static_assert(becomes((1_c - sigmoid(x)) / sigmoid(x), exp(-x)));
static_assert(becomes(sigmoid(log(x / (1_c - x))), x));
static_assert(becomes(sigmoid(log(x) - log(1_c - x)), x));
static_assert(becomes(log(sigmoid(x) / (1_c - sigmoid(x))), x));
static_assert(becomes(log(sigmoid(x)) - log(1_c - sigmoid(x)), x));

static_assert(becomes(1_c - erf(x), erfc(x)));
static_assert(becomes(1_c + erf(x), erfc(-x)));
static_assert(becomes(erf(x) - 1_c, -erfc(x)));
static_assert(becomes(1_c - erfc(x), erf(x)));
static_assert(becomes(erfc(x) - 1_c, -erf(x)));
static_assert(becomes(erfc(-x) - 1_c, erf(x)));
static_assert(becomes(2_c - erfc(x), erfc(-x)));
static_assert(becomes(0.5_c * (1_c + erf(x)), 0.5_c * erfc(-x)));
static_assert(becomes(0.5_c + 0.5_c * erf(x), 0.5_c * erfc(-x)));
static_assert(becomes(log(erfc(x)), log_erfc(x)));
static_assert(becomes(log(1_c - erf(x)), log_erfc(x)));
static_assert(becomes(log(0.5_c * (1_c + erf(x))), log(0.5_c) + log_erfc(-x)));
static_assert(becomes(exp(-sqr(x)) / erfc(-x), 1_c / erfcx(-x)));
static_assert(becomes(log(1_c + erf(x)), log_erfc(-x)));
static_assert(becomes(exp(-sqr(x)) / erfc(x), 1_c / erfcx(x)));
static_assert(becomes(3_c * exp(-x * x) * y / erfc(x), 3_c * y / erfcx(x)));
static_assert(becomes(exp(sqr(x)) * erfc(x), erfcx(x)));

static_assert(becomes(log(sum(exp(x))), logsumexp(x)));
static_assert(becomes(log(a * sum(exp(x))), log(a) + logsumexp(x)));
static_assert(becomes(log(sum(exp(m), ag::axis<1>)), logsumexp(m, ag::axis<1>)));
static_assert(becomes(log(sum(exp(m), ag::axis<1>, ag::keepdims)), expand_dims<1>(logsumexp(m, ag::axis<1>))));
static_assert(becomes(log(sum(3_c * exp(x))), log(3_c) + logsumexp(x)));
static_assert(becomes(exp(x) / sum(exp(x)), exp(x - logsumexp(x))));
static_assert(becomes(exp(m) / sum(exp(m), ag::axis<1>, ag::keepdims), softmax(m)));
static_assert(becomes(exp(m) / sum(exp(m), ag::axis<0>), exp(m - logsumexp(m, ag::axis<0>))));
static_assert(becomes(exp(m - max(m, ag::axis<1>, ag::keepdims)) /
                          sum(exp(m - max(m, ag::axis<1>, ag::keepdims)), ag::axis<1>, ag::keepdims),
                      softmax(m)));
static_assert(becomes(log(softmax(m)), log_softmax(m)));
static_assert(becomes(log(exp(m) / sum(exp(m), ag::axis<1>, ag::keepdims)), log_softmax(m)));

// What looks alike but differs along other axes stays.
static_assert(!becomes(exp(m) / sum(exp(m), ag::axis<0>), softmax(m)));

// Constants wait until what is unstable has been rewritten.
static_assert(becomes(log(1_c + exp(800_c)), softplus(800_c)));

// The slope of a binary cross entropy.
static_assert(becomes((1_c - y) * sigmoid(z) - y * sigmoid(-z), sigmoid(z) - y));
static_assert(becomes(a * (1_c - y) * sigmoid(z) - a * y * sigmoid(-z), a * (sigmoid(z) - y)));
static_assert(becomes(-y * log(1_c / (1_c + exp(-z))) - (1_c - y) * log(1_c - 1_c / (1_c + exp(-z))),
                      y * softplus(-z) + (1_c - y) * softplus(z)));

// A comparison is not decided.
static_assert(stays(x == x));
static_assert(stays(x <= x));

// Integers keep to integers.
static_assert(becomes(n - n + n, n));
static_assert(becomes(2_c * n + n, 3_c * n));

}  // namespace

TEST_CASE("formulas that overflow or cancel are written so that they do not") {
  CHECK(becomes(log(1_c + exp(x)), softplus(x)));
}
