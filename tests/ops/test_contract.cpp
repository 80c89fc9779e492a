// SPDX-License-Identifier: BSD-3-Clause

// Products of vectors and matrices of every size, layout and element type.

#include <agnesi/agnesi.hpp>

#include "support/reference.hpp"

#include <doctest/doctest.h>

namespace {

namespace ag = agnesi;
using namespace ag::literals;
using namespace ag::testing;

template <class T>
ag::array<T, 2> product(const ag::array<T, 2>& a, const ag::array<T, 2>& b) {
  return made<T>(a.extent(0), b.extent(1), [&](auto i, auto j) {
    long double r = 0;
    for (std::ptrdiff_t k = 0; k < a.extent(1); ++k) r += static_cast<long double>(a(i, k)) * static_cast<long double>(b(k, j));
    return r;
  });
}
template <class T>
ag::array<T, 2> transposed(const ag::array<T, 2>& a) {
  return made<T>(a.extent(1), a.extent(0), [&](auto i, auto j) { return a(j, i); });
}
template <class T>
ag::array<T, 2> column(const ag::array<T, 1>& v) {
  return made<T>(v.extent(0), 1, [&](auto i, auto) { return v(i); });
}
template <class T>
ag::array<T, 1> flat(const ag::array<T, 2>& a) {
  return made<T>(a.size(), [&](auto i) { return a.data()[i]; });
}

template <class T>
void check_products() {
  constexpr auto a = ag::matrix<"a", T>;
  constexpr auto b = ag::matrix<"b", T>;
  constexpr auto u = ag::vector<"u", T>;
  constexpr auto v = ag::vector<"v", T>;
  auto f = ag::function(ag::inputs(a, b, u, v), ag::outputs(dot(a, b), dot(transpose(b), transpose(a)), dot(u, a), dot(a, v), dot(transpose(a), u), dot(u, dot(a, v)), dot(v, v)));
  for (const auto& [m, k, n] : std::vector<std::array<std::ptrdiff_t, 3>>{{1, 1, 1}, {2, 3, 4}, {5, 1, 3}, {1, 7, 1}, {0, 3, 2}, {3, 0, 2}, {16, 16, 16}, {31, 33, 7}, {70, 65, 50}})
    for (const layout how : layouts) {
      const auto A = random_array<T, 2>({m, k}, -9, 9), B = random_array<T, 2>({k, n}, -9, 9);
      const auto U = random_array<T, 1>({m}, -9, 9), V = random_array<T, 1>({k}, -9, 9);
      laid_out<T> LA(A, how), LB(B, how);
      const auto r = f(LA.seen, LB.seen, U, V);
      const double tolerance = std::is_same_v<T, float> ? 2e-3 : 1e-10;
      CAPTURE(m);
      CAPTURE(k);
      CAPTURE(n);
      CAPTURE(static_cast<int>(how));
      const auto C = product(A, B);
      CHECK(difference(std::get<0>(r), C, tolerance) == "");
      CHECK(difference(std::get<1>(r), transposed(C), tolerance) == "");
      const auto ua = product(transposed(A), column(U));
      const auto av = product(A, column(V));
      CHECK(difference(std::get<2>(r), flat(ua), tolerance) == "");
      CHECK(difference(std::get<3>(r), flat(av), tolerance) == "");
      CHECK(difference(std::get<4>(r), flat(ua), tolerance) == "");
      CHECK(near(static_cast<double>(std::get<5>(r)), m == 0 ? 0 : static_cast<double>(product(transposed(av), column(U))(0, 0)), tolerance));
      CHECK(near(static_cast<double>(std::get<6>(r)), k == 0 ? 0 : static_cast<double>(product(transposed(column(V)), column(V))(0, 0)), tolerance));
    }
}

}  // namespace

TEST_CASE("double") { check_products<double>(); }
TEST_CASE("float") { check_products<float>(); }
TEST_CASE("integers of 32 bits") { check_products<std::int32_t>(); }

TEST_CASE("bytes and bool multiply as int64, mixed types promote") {
  constexpr auto u = ag::matrix<"u", std::uint8_t>;
  constexpr auto b = ag::vector<"b", bool>;
  constexpr auto f = ag::vector<"f", float>;
  constexpr auto i = ag::vector<"i", std::int32_t>;
  auto g = ag::function(ag::inputs(u, b, f, i), ag::outputs(dot(u, b), dot(b, b), dot(u, f), dot(f, i), dot(i, i), dot(u, transpose(u))));
  const auto U = ag::array<std::uint8_t, 2>::from({{200, 100, 50}, {1, 2, 3}});
  ag::array<bool, 1> B({3});
  B(0) = B(1) = true;
  const auto F = ag::array<float, 1>::from({0.5f, 1, 2});
  const auto I = ag::array<std::int32_t, 1>::from({1, 2, 3});
  const auto r = g(U, B, F, I);
  static_assert(std::is_same_v<std::remove_cvref_t<decltype(std::get<3>(r))>, double>);
  static_assert(std::is_same_v<std::remove_cvref_t<decltype(std::get<2>(r))>, ag::array<float, 1>>);
  CHECK(std::get<0>(r) == ag::array<std::int64_t, 1>::from({300, 3}));
  CHECK(std::get<1>(r) == 2);
  CHECK(std::get<2>(r) == ag::array<float, 1>::from({300, 8.5f}));
  CHECK(std::get<3>(r) == 8.5);
  CHECK(std::get<4>(r) == 14);
  CHECK(std::get<5>(r) == ag::array<std::int64_t, 2>::from({{52500, 550}, {550, 14}}));
}

TEST_CASE("small static products, chains, sums of products, products of sums") {
  constexpr auto p = ag::matrix<"p", double, 3, 4>;
  constexpr auto q = ag::matrix<"q", double, 4, 2>;
  constexpr auto x = ag::matrix<"x">;
  constexpr auto s = ag::scalar<"s">;
  auto f = ag::function(ag::inputs(p, q, x, s), ag::outputs(dot(p, q), dot(transpose(q), transpose(p)), dot(dot(transpose(p), p), q), -2_c * dot(p, q) / s, exp(dot(p, q)) + dot(p, q),
                                                            dot(x, x) - dot(transpose(x), x), dot(s * x, x + 1_c), sum(dot(x, x)), sum(dot(x, x), ag::axis<0>),
                                                            dot(x(ag::slice(1_c), ag::all), x(ag::all, ag::slice(ag::none, ag::none, -1_c)))));
  static_assert(decltype(dot(p, q))::type::extents[1] == 2);
  const auto P = random_array<double, 2>({3, 4}), Q = random_array<double, 2>({4, 2}), X = random_array<double, 2>({5, 5});
  const auto r = f(P, Q, X, 4.);
  const auto C = product(P, Q), XX = product(X, X), XtX = product(transposed(X), X);
  CHECK(difference(std::get<0>(r), C) == "");
  CHECK(difference(std::get<1>(r), transposed(C)) == "");
  CHECK(difference(std::get<2>(r), product(transposed(P), C)) == "");
  CHECK(difference(std::get<3>(r), made<double>(3, 2, [&](auto i, auto j) { return -C(i, j) / 2; })) == "");
  CHECK(difference(std::get<4>(r), made<double>(3, 2, [&](auto i, auto j) { return std::exp(C(i, j)) + C(i, j); })) == "");
  CHECK(difference(std::get<5>(r), made<double>(5, 5, [&](auto i, auto j) { return XX(i, j) - XtX(i, j); })) == "");
  CHECK(difference(std::get<6>(r), product(made<double>(5, 5, [&](auto i, auto j) { return 4 * X(i, j); }), made<double>(5, 5, [&](auto i, auto j) { return X(i, j) + 1; }))) == "");
  double all = 0;
  for (double e : XX) all += e;
  CHECK(near(std::get<7>(r), all, 1e-10));
  CHECK(difference(std::get<8>(r), made<double>(5, [&](auto j) { return XX(0, j) + XX(1, j) + XX(2, j) + XX(3, j) + XX(4, j); })) == "");
  CHECK(difference(std::get<9>(r), made<double>(4, 5, [&](auto i, auto j) { return XX(i + 1, 4 - j); })) == "");
}

TEST_CASE("a vector times itself in columns and rows, a product with scalars") {
  constexpr auto v = ag::vector<"v">;
  constexpr auto s = ag::scalar<"s">;
  auto f = ag::function(ag::inputs(v, s), ag::outputs(dot(expand_dims<1>(v), expand_dims<0>(v)), dot(expand_dims<0>(v), expand_dims<1>(v)), dot(s, v), dot(v, 2_c), dot(s, s)));
  const auto V = random_array<double, 1>({5});
  const auto r = f(V, 3.);
  double vv = 0;
  for (double e : V) vv += e * e;
  CHECK(difference(std::get<0>(r), made<double>(5, 5, [&](auto i, auto j) { return V(i) * V(j); })) == "");
  CHECK(near(std::get<1>(r)(0, 0), vv, 1e-12));
  CHECK(difference(std::get<2>(r), made<double>(5, [&](auto i) { return 3 * V(i); })) == "");
  CHECK(difference(std::get<3>(r), made<double>(5, [&](auto i) { return 2 * V(i); })) == "");
  CHECK(std::get<4>(r) == 9);
}
