// SPDX-License-Identifier: BSD-3-Clause

// Operations that move elements, alone and inside arithmetic.

#include <agnesi/agnesi.hpp>

#include "support/reference.hpp"

#include <doctest/doctest.h>

namespace {

namespace ag = agnesi;
using namespace ag::literals;
using namespace ag::testing;
using vector = ag::array<double, 1>;
using matrix = ag::array<double, 2>;

constexpr auto v = ag::vector<"v">;
constexpr auto m = ag::matrix<"m">;
constexpr auto t = ag::tensor3<"t">;
constexpr auto s = ag::tensor<"s", double, 2, 3, 4>;
constexpr auto n = ag::scalar<"n", std::int64_t>;
constexpr auto k = ag::scalar<"k", std::int32_t>;

double at(std::ptrdiff_t a, std::ptrdiff_t b, std::ptrdiff_t c) { return static_cast<double>(100 * a + 10 * b + c); }

}  // namespace

TEST_CASE("transposes and permutations") {
  auto f = ag::function(ag::inputs(v, m, t), ag::outputs(transpose(m), transpose(v), transpose(t), ag::permute<1, 2, 0>(t), ag::permute<0, -1, 1>(t),
                                                         transpose(transpose(m)) + m, exp(transpose(m)), ag::permute<2, 0, 1>(ag::permute<2, 0, 1>(t)),
                                                         m + transpose(transpose(m) + 1_c)));
  const auto V = random_array<double, 1>({3});
  const auto M = random_array<double, 2>({4, 7});
  const auto T = made<double>(2, 3, 5, at);
  const auto r = f(V, M, T);
  CHECK(std::get<0>(r) == made<double>(7, 4, [&](auto a, auto b) { return M(b, a); }));
  CHECK(std::get<1>(r) == V);
  CHECK(std::get<2>(r) == made<double>(5, 3, 2, [&](auto a, auto b, auto c) { return T(c, b, a); }));
  CHECK(std::get<3>(r) == made<double>(3, 5, 2, [&](auto a, auto b, auto c) { return T(c, a, b); }));
  CHECK(std::get<4>(r) == made<double>(2, 5, 3, [&](auto a, auto b, auto c) { return T(a, c, b); }));
  CHECK(difference(std::get<5>(r), made<double>(4, 7, [&](auto a, auto b) { return 2 * M(a, b); })) == "");
  CHECK(difference(std::get<6>(r), made<double>(7, 4, [&](auto a, auto b) { return std::exp(M(b, a)); })) == "");
  // permute<2,0,1> twice: result[a,b,c] = p[?]; the permutation applied twice is <1, 2, 0>
  CHECK(std::get<7>(r) == std::get<3>(r));
  CHECK(difference(std::get<8>(r), made<double>(4, 7, [&](auto a, auto b) { return 2 * M(a, b) + 1; })) == "");
}

TEST_CASE("axes are added and taken away, and extents of 1 broadcast") {
  auto f = ag::function(ag::inputs(v, m), ag::outputs(expand_dims<0>(v), expand_dims<1>(v), expand_dims<0, -1>(v), ag::squeeze<1>(expand_dims<1>(v)),
                                                      expand_dims<1>(v) * expand_dims<0>(v), expand_dims<-1>(v) + m,
                                                      expand_dims<1>(m) - expand_dims<0>(m), ag::squeeze<0, 2>(expand_dims<0, 2>(v) + 1_c)));
  const auto V = random_array<double, 1>({4});
  const auto M = random_array<double, 2>({4, 3});
  const auto r = f(V, M);
  CHECK(std::get<0>(r) == made<double>(1, 4, [&](auto, auto b) { return V(b); }));
  CHECK(std::get<1>(r) == made<double>(4, 1, [&](auto a, auto) { return V(a); }));
  CHECK(std::get<2>(r) == made<double>(1, 4, 1, [&](auto, auto b, auto) { return V(b); }));
  CHECK(std::get<3>(r) == V);
  CHECK(difference(std::get<4>(r), made<double>(4, 4, [&](auto a, auto b) { return V(a) * V(b); })) == "");
  CHECK(difference(std::get<5>(r), made<double>(4, 3, [&](auto a, auto b) { return V(a) + M(a, b); })) == "");
  CHECK(difference(std::get<6>(r), made<double>(4, 4, 3, [&](auto a, auto b, auto c) { return M(a, c) - M(b, c); })) == "");
  CHECK(difference(std::get<7>(r), made<double>(4, [&](auto a) { return V(a) + 1; })) == "");
  static_assert(decltype(expand_dims<0, -1>(v))::type::rank == 3);
}

TEST_CASE("reshape with constants, with -1, with numbers known at the call") {
  auto f = ag::function(ag::inputs(v, t, s, n, k),
                        ag::outputs(reshape(v, ag::shape(2_c, -1_c)), reshape(v, ag::shape(-1_c, 3_c, 2_c)), reshape(v, ag::shape(n, -1_c)),
                                    reshape(v, ag::shape(2_c, n, 2_c)), reshape(v, ag::shape(n * 2_c, k)), reshape(v, ag::shape(n + 1_c, -1_c)),
                                    flatten(t), reshape(s, ag::shape(6_c, 4_c)), reshape(s, ag::shape(-1_c)), reshape(s, ag::shape(4_c, -1_c, 2_c)),
                                    reshape(transpose(t), ag::shape(-1_c)), reshape(exp(v), ag::shape(-1_c, 4_c)) + 1_c));
  const auto V = made<double>(12, [](auto a) { return static_cast<double>(a) / 8; });
  const auto T = made<double>(2, 3, 5, at);
  const auto S = made<double>(2, 3, 4, at);
  const auto r = f(V, T, S, 3, 2);
  CHECK(std::get<0>(r) == made<double>(2, 6, [&](auto a, auto b) { return V(6 * a + b); }));
  CHECK(std::get<1>(r) == made<double>(2, 3, 2, [&](auto a, auto b, auto c) { return V(6 * a + 2 * b + c); }));
  CHECK(std::get<2>(r) == made<double>(3, 4, [&](auto a, auto b) { return V(4 * a + b); }));
  CHECK(std::get<3>(r) == made<double>(2, 3, 2, [&](auto a, auto b, auto c) { return V(6 * a + 2 * b + c); }));
  CHECK(std::get<4>(r) == made<double>(6, 2, [&](auto a, auto b) { return V(2 * a + b); }));
  CHECK(std::get<5>(r) == made<double>(4, 3, [&](auto a, auto b) { return V(3 * a + b); }));
  CHECK(std::get<6>(r) == made<double>(30, [&](auto a) { return T(a / 15, a / 5 % 3, a % 5); }));
  CHECK(std::get<7>(r) == made<double>(6, 4, [&](auto a, auto b) { return S(a / 3, a % 3, b); }));
  CHECK(std::get<8>(r) == made<double>(24, [&](auto a) { return S(a / 12, a / 4 % 3, a % 4); }));
  CHECK(std::get<9>(r).shape() == std::array<std::ptrdiff_t, 3>{4, 3, 2});
  CHECK(std::get<9>(r)(1, 2, 1) == S(0, 2, 3));
  CHECK(std::get<10>(r) == made<double>(30, [&](auto a) { return T(a % 2, a / 2 % 3, a / 6); }));
  CHECK(difference(std::get<11>(r), made<double>(3, 4, [&](auto a, auto b) { return std::exp(V(4 * a + b)) + 1; })) == "");
  static_assert(decltype(reshape(s, ag::shape(4_c, -1_c, 2_c)))::type::extents[1] == 3);
  CHECK_THROWS_AS(f(V, T, S, 5, 2), ag::shape_error);
  CHECK_THROWS_AS(f(V, T, S, 3, 3), ag::shape_error);
}

TEST_CASE("reshape of strided arrays and of nothing") {
  auto f = ag::function(ag::inputs(m), ag::outputs(reshape(m, ag::shape(-1_c)), sum(reshape(m, ag::shape(-1_c, 2_c)), ag::axis<0>)));
  const auto M = random_array<double, 2>({4, 6});
  for (const layout how : layouts) {
    laid_out<double> L(M, how);
    const auto [flat, sums] = f(L.seen);
    CHECK(flat == made<double>(24, [&](auto a) { return M(a / 6, a % 6); }));
    double even = 0;
    for (int a = 0; a < 24; a += 2) even += flat(a);
    CHECK(sums(0) == doctest::Approx(even));
  }
  CHECK(std::get<0>(f(matrix({0, 6}))).size() == 0);
  CHECK(std::get<1>(f(matrix({3, 0}))) == vector({2}));
  auto g = ag::function(ag::inputs(v), ag::outputs(reshape(v, ag::shape(1_c, 1_c)), reshape(v, ag::shape())));
  const auto [one, number] = g(vector::from({7}));
  CHECK(one(0, 0) == 7);
  CHECK(number == 7);
  CHECK_THROWS_AS(g(vector::from({7, 8})), ag::shape_error);
}

TEST_CASE("a reshaped value is read by several, and after its source has been used again") {
  auto x = exp(m);
  auto flat = reshape(x, ag::shape(-1_c));
  auto f = ag::function(ag::inputs(m), ag::outputs(sum(sqr(flat)), flat(ag::slice(ag::none, ag::none, -1_c)), sum(x, ag::axis<0>), dot(transpose(x), x)));
  const auto M = random_array<double, 2>({3, 4});
  const auto r = f(M);
  double squares = 0;
  for (double e : M) squares += std::exp(2 * e);
  CHECK(std::get<0>(r) == doctest::Approx(squares));
  CHECK(difference(std::get<1>(r), made<double>(12, [&](auto a) { return std::exp(M((11 - a) / 4, (11 - a) % 4)); })) == "");
  CHECK(difference(std::get<2>(r), made<double>(4, [&](auto b) { return std::exp(M(0, b)) + std::exp(M(1, b)) + std::exp(M(2, b)); })) == "");
  CHECK(difference(std::get<3>(r), made<double>(4, 4, [&](auto a, auto b) {
                     double d = 0;
                     for (int i = 0; i < 3; ++i) d += std::exp(M(i, a)) * std::exp(M(i, b));
                     return d;
                   })) == "");
}
