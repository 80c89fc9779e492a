// SPDX-License-Identifier: BSD-3-Clause
#include "support/rewriting.hpp"

#include <doctest/doctest.h>

using namespace agnesi::testing;
using namespace agnesi::literals;
namespace ag = agnesi;

namespace {

constexpr auto a = ag::scalar<"a">;
constexpr auto x = ag::vector<"x">;
constexpr auto y = ag::vector<"y">;
constexpr auto i = ag::vector<"i", std::int32_t>;
constexpr auto j = ag::vector<"j", std::int32_t>;
constexpr auto m = ag::matrix<"m">;
constexpr auto k = ag::matrix<"k">;
constexpr auto r = ag::row<"r">;
constexpr auto c = ag::col<"c">;
constexpr auto p = ag::matrix<"p", double, 3, 5>;
constexpr auto q = ag::matrix<"q", double, 1, 5>;
constexpr auto t = ag::tensor3<"t">;

static_assert(becomes(sum(a * x), a * sum(x)));
static_assert(becomes(sum(x / a), sum(x) / a));
static_assert(becomes(sum(-x), -sum(x)));
static_assert(becomes(sum(-x * a / 2_c), -(0.5_c * a * sum(x))));
static_assert(becomes(sum(m * x, ag::axis<0>), x * sum(m, ag::axis<0>)));
static_assert(becomes(sum(m * c, ag::axis<1>), squeeze<1>(c) * sum(m, ag::axis<1>)));
static_assert(becomes(sum(m / expand_dims<1>(x), ag::axis<1>), sum(m, ag::axis<1>) / x));
static_assert(stays(sum(m * x, ag::axis<1>)));
constexpr auto scaled = m * x;  // read twice: the factor is taken out all the same
static_assert(becomes(max(scaled) * sum(scaled * k, ag::axis<0>), x * max(scaled) * sum(k * m, ag::axis<0>)));
static_assert(becomes(max(m * a) * sum(m * a * k), a * max(a * m) * sum(k * m)));
static_assert(becomes(sum(sum(m, ag::axis<1>)), sum(m)));
static_assert(becomes(sum(sum(t, ag::axis<0>), ag::axis<0>), sum(t, ag::axis<0, 1>)));
static_assert(becomes(max(max(m, ag::axis<0>)), max(m)));
static_assert(becomes(sum(transpose(m)), sum(m)));
static_assert(becomes(sum(transpose(m), ag::axis<0>), sum(m, ag::axis<1>)));
static_assert(becomes(sum(r, ag::axis<0>), squeeze<0>(r)));
static_assert(becomes(sum(ag::apply<ag::op::broadcast, 3, 5>(a)), 15_c * a));
static_assert(becomes(max(ag::apply<ag::op::broadcast, 3, 5>(a)), a));
static_assert(becomes(-max(-x), min(x)));
static_assert(becomes(argmax(softmax(m), ag::axis<1>), argmax(m, ag::axis<1>)));
static_assert(becomes(argmin(a - tanh(x)), argmax(x)));
static_assert(becomes(log(prod(exp(x))), sum(x)));
static_assert(becomes(sum(flatten(m)), sum(m)));
static_assert(becomes(max(reshape(p, ag::shape(5_c, 3_c))), max(p)));
static_assert(becomes(argmax(q, ag::axis<0>), ag::apply<ag::op::broadcast, 5>(0_c)));
static_assert(becomes(argmin(expand_dims<1>(m), ag::axis<0, 1>), argmin(m, ag::axis<0>)));
static_assert(becomes(prod(-p), -prod(p)));
static_assert(becomes(prod(-p, ag::axis<1>), -prod(p, ag::axis<1>)));
static_assert(becomes(prod(2_c * p, ag::axis<0>), 8_c * prod(p, ag::axis<0>)));
static_assert(becomes(prod(p / 2_c), 3.0517578125e-5_c * prod(p)));
static_assert(stays(prod(2_c * m, ag::axis<0>)));
static_assert(stays(prod(a * x)));
static_assert(are_one(prod(0_c * x + a), pow(a, ag::sum(0_c * x + 1_c))));
static_assert(are_one(prod(-2_c * m, ag::axis<0>), pow(-1_c, ag::sum(0_c * m(ag::all, 0_c) + 1_c)) * prod(2_c * m, ag::axis<0>)));
static_assert(becomes<ag::phase::all>(prod(ag::apply<ag::op::broadcast, 3, 4>(2.0_c)), 4096.0_c));
static_assert(becomes(prod(ag::apply<ag::op::broadcast, 3, 5>(a), ag::axis<0>), ag::apply<ag::op::broadcast, 5>(a * sqr(a))));
static_assert(becomes(logsumexp(x + a), a + logsumexp(x)));
static_assert(becomes(logsumexp(m - max(m, ag::axis<1>, ag::keepdims), ag::axis<1>),
                      logsumexp(m, ag::axis<1>) - max(m, ag::axis<1>)));

static_assert(becomes(transpose(transpose(m)), m));
static_assert(becomes(transpose(dot(m, k)), dot(transpose(k), transpose(m))));
static_assert(becomes(transpose(dot(transpose(m), k)), dot(transpose(k), m)));
static_assert(becomes(transpose(exp(transpose(m)) * 2_c), 2_c * exp(m)));
static_assert(becomes(permute<0, 1>(m), m));
static_assert(becomes(transpose(m + x), transpose(m) + expand_dims<1>(x)));
static_assert(becomes(transpose(m * a - exp(x)), a * transpose(m) - expand_dims<1>(exp(x))));
static_assert(becomes(reshape(exp(p), ag::shape(5_c, 3_c)), exp(reshape(p, ag::shape(5_c, 3_c)))));
static_assert(becomes(reshape(a * p, ag::shape(15_c)), a * reshape(p, ag::shape(15_c))));
static_assert(stays(reshape(p + x, ag::shape(15_c))));
static_assert(becomes(squeeze<0>(reshape(p, ag::shape(1_c, 15_c))), reshape(p, ag::shape(15_c))));
static_assert(becomes(reshape(p, ag::shape(1_c, 15_c)), expand_dims<0>(reshape(p, ag::shape(15_c)))));

static_assert(becomes(2_c * expand_dims<1>(0.5_c * x) * m, expand_dims<1>(x) * m));
static_assert(becomes(m - expand_dims<1>(2_c * x) - expand_dims<1>(x), m - expand_dims<1>(3_c * x)));
static_assert(becomes(dot(expand_dims<1>(a * x), m), a * dot(expand_dims<1>(x), m)));
static_assert(becomes(squeeze<0>(expand_dims<0>(x)), x));
static_assert(becomes(reshape(reshape(p, ag::shape(5_c, 3_c)), ag::shape(3_c, 5_c)), p));
static_assert(becomes(reshape(p, ag::shape(3_c, 1_c, 5_c)), expand_dims<1>(p)));
static_assert(becomes(ag::apply<ag::op::broadcast, 3, 5>(a) + p, a + p));
static_assert(becomes(exp(ag::apply<ag::op::broadcast, 3, 5>(a)), ag::apply<ag::op::broadcast, 3, 5>(exp(a))));

static_assert(becomes(where(x > 0_c, y, 0_c) * x, where(x > 0_c, x * y, 0_c)));
static_assert(becomes(where(x > 0_c, -2_c * a * y, 0_c), -(2_c * where(x > 0_c, a * y, 0_c))));
static_assert(becomes(sum(where(x > 0_c, y / 2_c, 0_c)), 0.5_c * sum(where(x > 0_c, y, 0_c))));
static_assert(stays(sum(where(x > 0_c, y / a, 0_c))));  // 1 / a may be infinite

static_assert(becomes(dot(a * m, k), a * dot(m, k)));
static_assert(becomes(dot(m, -x), -dot(m, x)));
static_assert(becomes(dot(m / a, 2_c * k), 2_c / a * dot(m, k)));

static_assert(becomes((tanh(x) * a)(0_c), a * tanh(x(0_c))));
static_assert(becomes(exp(m)(ag::slice(1_c, 4_c)), exp(m(ag::slice(1_c, 4_c)))));
static_assert(becomes((m + x)(ag::slice(1_c, 4_c)), m(ag::slice(1_c, 4_c)) + x));

static_assert(becomes(exp(m)(i, j), exp(m(i, j))));
static_assert(becomes((m + y)(i, j), m(i, j) + y(j)));
static_assert(becomes((m - expand_dims<1>(y))(i, j), m(i, j) - y(i)));
static_assert(becomes(log(softmax(m))(i, j), m(i, j) - logsumexp(m, ag::axis<1>)(i)));
static_assert(becomes(tanh(m)(i), tanh(m(i))));
static_assert(becomes((m * y)(ag::all, i), m(ag::all, i) * y(i)));

}  // namespace

TEST_CASE("what does not vary is taken out of sums and products") { CHECK(becomes(sum(a * x), a * sum(x))); }
