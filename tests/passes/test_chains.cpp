// SPDX-License-Identifier: BSD-3-Clause
#include "support/rewriting.hpp"

#include <doctest/doctest.h>

using namespace agnesi::testing;
using namespace agnesi::literals;
namespace ag = agnesi;

namespace {

constexpr auto a = ag::vector<"a">;
constexpr auto v = ag::vector<"v">;
constexpr auto A = ag::matrix<"A">;
constexpr auto B = ag::matrix<"B">;
constexpr auto C = ag::matrix<"C">;
constexpr auto r = ag::row<"r">;
constexpr auto c = ag::col<"c">;
constexpr auto P = ag::matrix<"P", double, 10, 100>;
constexpr auto Q = ag::matrix<"Q", double, 100, 5>;
constexpr auto R = ag::matrix<"R", double, 5, 50>;
constexpr auto S = ag::matrix<"S", double, 50, 2>;

// A vector is multiplied first.
static_assert(becomes(dot(dot(A, B), v), dot(A, dot(B, v))));
static_assert(becomes(dot(v, dot(A, B)), dot(dot(v, A), B)));
static_assert(becomes(dot(dot(dot(A, B), C), v), dot(A, dot(B, dot(C, v)))));
static_assert(becomes(dot(dot(A, dot(B, C)), v), dot(A, dot(B, dot(C, v)))));
static_assert(becomes(dot(transpose(dot(A, B)), v), dot(transpose(B), dot(transpose(A), v))));
static_assert(becomes(dot(dot(a, dot(A, B)), v), dot(dot(dot(a, A), B), v)));
static_assert(stays(dot(dot(a, A), v)));
static_assert(stays(dot(a, dot(A, v))));
static_assert(stays(dot(dot(A, v), a)));
static_assert(stays(dot(dot(A, v), dot(B, a))));
static_assert(stays(dot(A, dot(v, B))));

// An outer product is not multiplied out.
static_assert(becomes(dot(dot(c, r), A), dot(c, dot(r, A))));
static_assert(becomes(dot(A, dot(c, r)), dot(dot(A, c), r)));
static_assert(becomes(dot(dot(c, r), v), dot(c, dot(r, v))));
static_assert(becomes(dot(dot(A, dot(c, r)), B), dot(dot(A, c), dot(r, B))));
static_assert(becomes(dot(r, dot(A, B)), dot(dot(r, A), B)));

// Extents in the types: the least number of multiplications.
static_assert(stays(dot(dot(P, Q), R)));
static_assert(becomes(dot(P, dot(Q, R)), dot(dot(P, Q), R)));
static_assert(becomes(dot(dot(dot(P, Q), R), S), dot(P, dot(Q, dot(R, S)))));

// Which order is best shows at the call; a product that is read elsewhere is there anyway.
static_assert(stays(dot(dot(A, B), C)));
static_assert(stays(dot(A, dot(B, C))));
constexpr auto shared = dot(A, B);
static_assert(becomes(dot(shared, v) + sum(shared), dot(shared, v) + sum(shared)));

}  // namespace

TEST_CASE("products of several matrices begin where it is cheapest") {
  CHECK(becomes(dot(dot(A, B), v), dot(A, dot(B, v))));
}
