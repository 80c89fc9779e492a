// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include "agnesi/agnesi.hpp"
#include "support/rewriting.hpp"

using namespace agnesi::testing;
using namespace agnesi::literals;
namespace ag = agnesi;
using ag::all, ag::none, ag::slice;

namespace {

constexpr auto a = ag::scalar<"a">;
constexpr auto x = ag::vector<"x">;
constexpr auto m = ag::matrix<"m">;
constexpr auto n = ag::matrix<"n">;
constexpr auto r = ag::row<"r">;
constexpr auto c = ag::col<"c">;
constexpr auto p = ag::matrix<"p", double, 9, 5>;
constexpr auto t = ag::tensor3<"t">;
constexpr auto u = ag::tensor<"u", double, 3, 4, 5>;
constexpr auto i = ag::vector<"i", std::int32_t>;
constexpr auto j = ag::vector<"j", std::int32_t>;
constexpr auto two = ag::vector<"two", std::int32_t, 2>;
constexpr auto many = ag::vector<"many", std::int32_t, 99>;
constexpr auto k = ag::scalar<"k", std::int32_t>;
constexpr auto l = ag::scalar<"l", std::int32_t>;
constexpr auto part = slice(1_c, 3_c);

// Elementwise operations, with what is repeated.
static_assert(becomes((tanh(x) * a)(0_c), a * tanh(x(0_c))));
static_assert(becomes(exp(m)(part), exp(m(part))));
static_assert(becomes((m + x)(part), m(part) + x));
static_assert(becomes((m + r)(part), m(part) + r));
static_assert(becomes((m + c)(0_c), m(0_c) + c(0_c)));
static_assert(becomes((m + c)(i, j), m(i, j) + squeeze<1>(c)(i)));
static_assert(becomes((m * r)(i, j), m(i, j) * squeeze<0>(r)(j)));
static_assert(becomes((r + c)(i, j), squeeze<0>(r)(j) + squeeze<1>(c)(i)));
static_assert(becomes(tanh(m)(k, l), tanh(squeeze<0>(m(expand_dims<0>(k), expand_dims<0>(l))))));
static_assert(becomes(tanh(p)(two), tanh(p(two))));
static_assert(stays(tanh(p)(many)));  // less work on the table
// Nothing else has the axis that j looks at, and checks.
static_assert(becomes(ag::apply<ag::op::broadcast, 3, 1>(exp(a))(i, j), ag::apply<ag::op::broadcast, 3, 1>(exp(a))(i, j)));

// Reductions over other axes.
static_assert(becomes(sum(m, ag::axis<1>)(0_c), sum(m(0_c))));
static_assert(becomes(sum(m, ag::axis<0>)(0_c), sum(m(all, 0_c))));
static_assert(becomes(sum(m, ag::axis<1>)(k), sum(m(k))));
static_assert(becomes(max(m, ag::axis<1>)(part), max(m(part), ag::axis<1>)));
static_assert(becomes(argmax(m, ag::axis<1>)(0_c), argmax(m(0_c))));
static_assert(becomes(logsumexp(m, ag::axis<1>)(0_c), logsumexp(m(0_c))));
static_assert(becomes(sum(t, ag::axis<1>)(all, 0_c), sum(t(all, all, 0_c), ag::axis<1>)));
static_assert(becomes(sum(p, ag::axis<1>)(two), sum(p(two), ag::axis<1>)));
static_assert(becomes(mean(m, ag::axis<1>)(0_c), mean(m(0_c))));
static_assert(stays(sum(m, ag::axis<1>)(i)));  // as many as there are, for all we know, and to be copied first
static_assert(becomes(softmax(m)(0_c), exp(m(0_c) - logsumexp(m(0_c)))));
static_assert(becomes(log_softmax(m)(all, 2_c), m(all, 2_c) - logsumexp(m, ag::axis<1>)));
static_assert(becomes(log(softmax(m))(i, j), m(i, j) - logsumexp(m, ag::axis<1>)(i)));

// Movements, which cost nothing.
static_assert(becomes(transpose(m)(0_c), m(all, 0_c)));
static_assert(becomes(transpose(m)(i, j), m(j, i)));
static_assert(becomes(transpose(m)(part), transpose(m(all, part))));
static_assert(becomes(permute<2, 0, 1>(t)(0_c), t(all, all, 0_c)));
static_assert(becomes(permute<2, 0, 1>(t)(all, 0_c), transpose(t(0_c))));
static_assert(becomes(expand_dims<1>(tanh(x))(part), expand_dims<1>(tanh(x(part)))));
static_assert(becomes(expand_dims<1>(x)(all, 0_c), x));
static_assert(becomes(squeeze<0>(exp(r))(0_c), exp(squeeze<0>(r)(0_c))));
static_assert(becomes(reshape(u, ag::shape(3_c, 20_c))(part), reshape(u(part), ag::shape(2_c, 20_c))));
static_assert(becomes(reshape(u, ag::shape(12_c, 5_c))(all, 0_c), reshape(u(all, all, slice(0_c, 1_c)), ag::shape(12_c))));
static_assert(stays(reshape(u, ag::shape(12_c, 5_c))(part)));
static_assert(becomes(ag::apply<ag::op::broadcast, 7, -1>(exp(r))(part), ag::apply<ag::op::broadcast, 2, -1>(exp(r))));
static_assert(becomes(ag::apply<ag::op::broadcast, 3, 4>(a)(0_c, 1_c), a));

// Products.
static_assert(becomes(dot(m, n)(0_c), dot(m(0_c), n)));
static_assert(becomes(dot(m, n)(all, 0_c), dot(m, n(all, 0_c))));
static_assert(becomes(dot(m, n)(0_c, 1_c), dot(m(0_c), n(all, 1_c))));
static_assert(becomes(dot(m, n)(part), dot(m(part), n)));
static_assert(becomes(dot(m, n)(all, part), dot(m, n(all, part))));
static_assert(becomes(dot(m, n)(i), dot(m(i), n)));
static_assert(becomes(dot(m, n)(all, i), dot(m, n(all, i))));
static_assert(becomes(dot(m, n)(k, l), dot(m(k), n(all, l))));
static_assert(becomes(dot(m, n)(i, j), sum(m(i) * transpose(n(all, j)), ag::axis<1>)));
static_assert(becomes(dot(m, x)(0_c), dot(m(0_c), x)));
static_assert(becomes(dot(m, x)(i), dot(m(i), x)));
static_assert(becomes(dot(x, m)(k), dot(x, m(all, k))));
static_assert(becomes(tanh(dot(m, n) + x)(k), tanh(dot(m(k), n) + x)));
static_assert(becomes(sum(tanh(dot(m, n)), ag::axis<1>)(0_c), sum(tanh(dot(m(0_c), n)))));
static_assert(stays(dot(p, m)(many)));

// What is read by another, too, is computed as a whole.
static_assert(stays(exp(m)(0_c) + sum(exp(m), ag::axis<0>)));
static_assert(stays(dot(m, n)(0_c) + dot(m, n)(1_c)));
static_assert(stays(max(m, ag::axis<1>)(0_c) * max(m, ag::axis<1>)));

// Unless all that read it are picked from alike, which a second sweep sees.
constexpr auto first = dot(m(0_c), n);
static_assert(ag::same(ag::simplify(softmax(dot(m, n))(0_c)), ag::simplify(exp(first - logsumexp(first)))));

}  // namespace

TEST_CASE("what is indexed first has the values of what is computed first") {
  auto all_of = ag::function(ag::inputs(m, n, x, i, j, k),
                             ag::outputs(dot(m, n)(i, j), dot(m, n)(k), tanh(dot(m, n)(all, slice(none, none, -2_c))),
                                         softmax(m)(-1_c), dot(m, x)(slice(none, none, 2_c)),
                                         sum(transpose(m) * 2_c, ag::axis<0>)(k)));
  const auto M = ag::array<double, 2>::from({{1, 2, -1}, {0.5, 3, 4}, {-2, 1, 1}});
  const auto N = ag::array<double, 2>::from({{1, 0.5, 2, 1}, {-1, 0.25, 1, 1}, {3, 1, 0, 1}});
  const auto X = ag::array<double, 1>::from({1, -1, 2});
  const auto I = ag::array<std::int32_t, 1>::from({2, 0, 2}), J = ag::array<std::int32_t, 1>::from({0, -1, 0});
  const auto [pairs, row, columns, last, some, total] = all_of(M, N, X, I, J, 1);
  CHECK(ag::allclose(pairs, ag::array<double, 1>::from({0, 2, 0})));
  CHECK(ag::allclose(row, ag::array<double, 1>::from({9.5, 5, 4, 7.5})));
  CHECK(columns.extent(0) == 3);
  CHECK(columns.extent(1) == 2);
  CHECK(columns(0, 0) == doctest::Approx(std::tanh(2.0)));
  CHECK(columns(2, 1) == doctest::Approx(std::tanh(0.25)));
  CHECK(last(0) == doctest::Approx(std::exp(-2.0) / (std::exp(-2.0) + 2 * std::exp(1.0))));
  CHECK(ag::allclose(some, ag::array<double, 1>::from({-3, -1})));
  CHECK(total == 15);
  CHECK_THROWS_AS(all_of(M, N, X, I, J, 3), ag::index_error);
  CHECK_THROWS_AS(all_of(M, N, X, ag::array<std::int32_t, 1>::from({2, 0, 3}), J, 1), ag::index_error);
}

TEST_CASE("a product of which one row is asked for is a product of that row") {
  auto f = ag::function(ag::inputs(m, n), ag::outputs(dot(m, n)(0_c)));
  CHECK(f.explain().find("gemv") != std::string::npos);
}
