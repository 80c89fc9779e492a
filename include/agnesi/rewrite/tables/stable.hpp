// SPDX-License-Identifier: BSD-3-Clause
// The rules that keep formulas accurate where they would overflow, underflow or cancel. They see logarithms and
// exponentials before constants are folded: log(1 + exp(800)) is 800. Where the formula as written overflows they
// give what it stands for, also under ag::ieee; elsewhere they agree with it, infinities and NaN included.
#pragma once

#include "agnesi/rewrite/rule.hpp"

namespace agnesi::tables {

using namespace patterns;

inline constexpr rule stable[] = {
    named("log1p", log(1 + x) >> log1p(x)),
    named("log1p", log(1 - x) >> log1p(-x)),
    named("expm1", (exp(x) - 1) >> expm1(x)),
    named("expm1", (1 - exp(x)) >> -expm1(x)),
    named("expm1", (expm1(x) + 1) >> exp(x)),

    named("softplus", log1p(exp(x)) >> softplus(x)),
    named("softplus", log(sigmoid(x)) >> -softplus(-x)),
    named("softplus", log1p(-sigmoid(x)) >> -softplus(x)),
    named("softplus", (softplus(x) - x) >> softplus(-x)) | unless_ieee,
    named("softplus", (softplus(-x) + x) >> softplus(x)) | unless_ieee,
    named("log1mexp", log1p(-exp(x)) >> log1mexp(x)),
    named("log1mexp", log(-expm1(x)) >> log1mexp(x)),
    named("log1mexp", log(expm1(x)) >> (x + log1mexp(-x))),
    named("log1mexp", log(exp(x) - exp(y)) >> (x + log1mexp(where(x == y, 0, y - x)))),  // of infinities too
    named("logaddexp", log(exp(x) + exp(y)) >> logaddexp(x, y)),  // for more of them see passes/logarithms.hpp
    named("logaddexp", log1p(exp(x) + exp(y)) >> softplus(logaddexp(x, y))),

    named("sigmoid", 1 / (1 + exp(x)) >> sigmoid(-x)),
    named("sigmoid", exp(x) / (1 + exp(x)) >> sigmoid(x)),
    named("softmax", exp(x) / (exp(x) + exp(y)) >> sigmoid(x - y)),
    named("sigmoid", exp(x) * sigmoid(-x) >> sigmoid(x)),
    named("sigmoid", exp(-x) * sigmoid(x) >> sigmoid(-x)),
    named("sigmoid", (1 - sigmoid(x)) >> sigmoid(-x)),
    named("sigmoid", sigmoid(x) / sigmoid(-x) >> exp(x)) | unless_ieee,
    named("sigmoid", sigmoid(-x) / sigmoid(x) >> exp(-x)) | unless_ieee,
    named("sigmoid", exp(-softplus(x)) >> sigmoid(-x)),
    named("sigmoid", exp(x - softplus(x)) >> sigmoid(x)) | unless_ieee,
    named("tanh", (exp(x) - exp(-x)) / (exp(x) + exp(-x)) >> tanh(x)),
    named("logit", sigmoid(log(x / (1 - x))) >> x) | unless_ieee,
    named("logit", sigmoid(log(x) - log1p(-x)) >> x) | unless_ieee,
    named("logit", (softplus(x) - softplus(-x)) >> x),
    // The slope of a binary cross entropy on sigmoid(z).
    named("cross_entropy", ((1 - y) * sigmoid(z) - y * sigmoid(-z)) >> (sigmoid(z) - y)) | unless_ieee,
    named("cross_entropy", ((1 - y) * sigmoid(-z) - y * sigmoid(z)) >> (sigmoid(-z) - y)) | unless_ieee,

    named("erfc", (1 - erf(x)) >> erfc(x)),
    named("erfc", (1 + erf(x)) >> erfc(-x)),
    named("erfc", (2 - erfc(x)) >> erfc(-x)),
    named("erfc", (1 - erfc(x)) >> erf(x)),
    named("erfc", (erf(x) + erfc(x)) >> 1) | unless_ieee,
    named("log_erfc", log(erfc(x)) >> log_erfc(x)),
    named("log_product", log(erfc(x) * y) >> (log_erfc(x) + log(y)) | positive(y)),
    named("log_erfc", log1p(-erf(x)) >> log_erfc(x)),
    named("log_erfc", log1p(erf(x)) >> log_erfc(-x)),
    named("erfcx", exp(-sqr(x)) / erfc(x) >> 1 / erfcx(x)),
    named("erfcx", exp(-sqr(x)) / erfc(-x) >> 1 / erfcx(-x)),
    named("erfcx", exp(sqr(x)) * erfc(x) >> erfcx(x)),
    named("erfcx", exp(sqr(x)) * erfc(-x) >> erfcx(-x)),

    named("logsumexp", log(sum(exp(x))) >> logsumexp(x)),
    named("logsumexp", log(sum(exp(x)) * y) >> (logsumexp(x) + log(y)) | positive(y)),
    named("logsumexp", log(sum(exp(x)) * y) >> (logsumexp(x) + log(y))) | unless_ieee,
    named("logsumexp", log(sum(exp(x)) / y) >> (logsumexp(x) - log(y)) | nonnegative(y)),
    named("softmax", exp(x) / along(sum(exp(x))) >> exp(x - along(logsumexp(x)))),
    named("log_product", log(exp(x) * y) >> (x + log(y)) | positive(y)),
    named("log_product", log(exp(x) / y) >> (x - log(y)) | positive(y)),
    named("log_product", log(exp(x) * y) >> (x + log(y))) | unless_ieee,
    named("log_product", log(exp(x) / y) >> (x - log(y))) | unless_ieee,
    named("sqrt_exp", sqrt(exp(x)) >> exp(0.5 * x)),
};

// Once derivatives have been taken.
inline constexpr rule special[] = {
    stop_gradient(x) >> x,
    maximum(x, 0) >> relu(x),  // whose slope at 0 is another
};

}  // namespace agnesi::tables
