// SPDX-License-Identifier: BSD-3-Clause
// The rules of the canonical form, beside sums and products (passes/canonicalize.hpp): powers, inverse pairs,
// absolute values, choices and logic.
#pragma once

#include <limits>

#include "agnesi/rewrite/rule.hpp"

namespace agnesi::tables {

using namespace patterns;

inline constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

inline constexpr rule canonical[] = {
    pow(x, 0) >> 1,
    pow(x, 1) >> x,
    pow(x, 2) >> sqr(x),
    pow(x, 0.5) >> sqrt(x) | unless_ieee,
    pow(x, -1) >> 1 / x | floating(x),
    pow(x, -2) >> 1 / sqr(x) | floating(x),
    pow(x, -0.5) >> 1 / sqrt(x) | unless_ieee,
    pow(1, x) >> 1,
    pow(exp(x), y) >> exp(x * y) | unless_ieee,

    log(exp(x)) >> x,
    exp(log(x)) >> x | nonnegative(x),
    exp(-log(x)) >> 1 / x | unless_ieee,
    exp(log(x)) >> where(x >= 0, x, not_a_number),
    log1p(expm1(x)) >> x,
    expm1(log1p(x)) >> where(x >= -1, x, not_a_number),
    sqrt(sqr(x)) >> abs(x),
    sqr(sqrt(x)) >> x | nonnegative(x),
    sqr(sqrt(x)) >> where(x >= 0, x, not_a_number),
    log(1 / x) >> -log(x) | unless_ieee,
    log(sqrt(x)) >> 0.5 * log(x),
    log(pow(x, y)) >> y * log(x) | positive(x) && unless_ieee,  // x may have underflowed
    log(prod(x)) >> sum(log(x)) | nonnegative(x),
    exp(logaddexp(x, y)) >> (exp(x) + exp(y)),
    exp(softplus(x)) >> (1 + exp(x)),
    exp(log_erfc(x)) >> erfc(x),

    abs(x) >> x | nonnegative(x),
    abs(x) >> -x | below_zero(x),
    sqr(abs(x)) >> sqr(x),
    x / abs(x) >> sign(x) | unless_ieee,
    abs(x) / x >> sign(x) | unless_ieee,
    sign(x) / abs(x) >> 1 / x | unless_ieee,
    sign(x) * abs(x) >> x,
    abs(x) * abs(y) >> abs(x * y),
    abs(x) / abs(y) >> abs(x / y),
    (x - y) / (y - x) >> -1 | unless_ieee,
    x / sqrt(x) >> sqrt(x) | unless_ieee,
    sign(x) >> 1 | positive(x) && unless_ieee,
    sign(x) >> -1 | below_zero(x) && unless_ieee,
    (sqr(sin(x)) + sqr(cos(x))) >> 1 | unless_ieee,

    maximum(x, x) >> x,
    minimum(x, x) >> x,
    maximum(x, maximum(x, y)) >> maximum(x, y),
    minimum(x, minimum(x, y)) >> minimum(x, y),
    maximum(x, minimum(x, y)) >> x | unless_ieee,
    minimum(x, maximum(x, y)) >> x | unless_ieee,
    -maximum(-x, -y) >> minimum(x, y) | has_sign(x),
    -minimum(-x, -y) >> maximum(x, y) | has_sign(x),
    relu(x) >> x | nonnegative(x),
    clip(clip(x, y, z), y, z) >> clip(x, y, z),

    where(true, x, y) >> x,
    where(false, x, y) >> y,
    where(x, y, y) >> y,
    where(!x, y, z) >> where(x, z, y),
    where(x, where(x, y, z), v) >> where(x, y, v),
    where(x, y, where(x, z, v)) >> where(x, y, v),
    where(x, y, 0) * where(x, z, 0) >> where(x, y * z, 0),
    (where(u, x, y) + where(u, z, v)) >> where(u, x + z, y + v),
    (where(u, x, y) - where(u, z, v)) >> where(u, x - z, y - v),
    where(u, x, y) * where(u, z, v) >> where(u, x * z, y * v),
    where(u, x, y) / where(u, z, v) >> where(u, x / z, y / v),
    maximum(where(u, x, y), where(u, z, v)) >> where(u, maximum(x, z), maximum(y, v)),
    minimum(where(u, x, y), where(u, z, v)) >> where(u, minimum(x, z), minimum(y, v)),
    where(x, y, 0) * z >> where(x, y * z, 0) | unbounded(z) && unless_ieee,  // 0 times infinity does not come about
    where(x, 0, y) * z >> where(x, 0, y * z) | unbounded(z) && unless_ieee,
    where(x, y, 0) / z >> where(x, y / z, 0) | unbounded(z) && unless_ieee,
    where(x, 0, y) / z >> where(x, 0, y / z) | unbounded(z) && unless_ieee,

    (x == x) >> true | discrete(x),
    (x <= x) >> true | discrete(x),
    (x >= x) >> true | discrete(x),
    (x != x) >> false | discrete(x),
    (x < x) >> false,
    (x > x) >> false,
    !(x == y) >> (x != y),
    !(x != y) >> (x == y),
    !(x < y) >> (x >= y) | discrete(x) && discrete(y),
    !(x <= y) >> (x > y) | discrete(x) && discrete(y),
    !(x > y) >> (x <= y) | discrete(x) && discrete(y),
    !(x >= y) >> (x < y) | discrete(x) && discrete(y),

    !!x >> x,
    (x && !x) >> false,
    (x || !x) >> true,
    (x && x) >> x,
    (x || x) >> x,
    (x && true) >> x,
    (x && false) >> false,
    (x || true) >> true,
    (x || false) >> x,

    -sum(-x) >> sum(x),
    -max(-x) >> min(x) | has_sign(x),
    -min(-x) >> max(x) | has_sign(x),
};

// What canonical sums and products know, for functions that keep to every IEEE value.
inline constexpr rule exact[] = {
    x * 1 >> x,
    x * -1 >> -x,
    x / 1 >> x,
    x / -1 >> -x,
    (x - 0) >> x,
    -(-x) >> x,
    (x - -y) >> (x + y) | has_sign(y),
    (x + -y) >> (x - y) | has_sign(y),
    -x * -y >> x * y,
    -x / -y >> x / y,
    x * x >> sqr(x),
    sqr(-x) >> sqr(x),
};

}  // namespace agnesi::tables
