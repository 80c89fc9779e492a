// SPDX-License-Identifier: BSD-3-Clause

// How a compiled function is called, and what comes back.

#include <agnesi/agnesi.hpp>

#include "support/reference.hpp"

#include <doctest/doctest.h>

namespace {

namespace ag = agnesi;
using namespace ag::literals;
using namespace ag::testing;

constexpr auto x = ag::matrix<"x">;
constexpr auto v = ag::vector<"v">;
constexpr auto a = ag::scalar<"a">;
constexpr auto b = ag::scalar<"b">;
constexpr auto f32 = ag::vector<"f32", float>;
constexpr auto n = ag::scalar<"n", std::int32_t>;

auto affine_function() { return ag::function(ag::inputs(x, v, a), ag::outputs(a * x + v)); }
ag::array<double, 2> affine(const ag::array<double, 2>& X, const ag::array<double, 1>& V, double A) {
  return made<double>(X.extent(0), X.extent(1), [&](auto i, auto j) { return A * X(i, j) + V(j); });
}

}  // namespace

TEST_CASE("arguments are given by position, by name in any order, or bound beforehand") {
  auto f = affine_function();
  const auto X = random_array<double, 2>({3, 5});
  auto V = random_array<double, 1>({5});
  double A = 1.5;
  const auto expected = affine(X, V, A);

  static_assert(std::is_same_v<decltype(f(X, V, A)), ag::array<double, 2>>);
  CHECK(difference(f(X, V, A), expected) == "");
  CHECK(difference(f(x = X, v = V, a = A), expected) == "");
  CHECK(difference(f(a = A, x = X, v = V), expected) == "");
  CHECK(difference(f(v = V, a = 1.5, x = ag::array<double, 2>(X)), expected) == "");

  auto with_v = f.with(v = V);
  CHECK(difference(with_v(X, A), expected) == "");
  CHECK(difference(with_v(a = A, x = X), expected) == "");
  auto with_both = f.with(a = A, v = V);
  CHECK(difference(with_both(X), expected) == "");
  auto with_all = f.with(v = V, x = X, a = A);
  CHECK(difference(with_all(), expected) == "");

  A = -2;  // bound by reference
  V(3) = 100;
  CHECK(difference(with_both(x = X), affine(X, V, A)) == "");
  CHECK(difference(with_all(), affine(X, V, A)) == "");
  V = random_array<double, 1>({4});
  CHECK_THROWS_AS(with_both(X), ag::shape_error);
}

TEST_CASE("arrays of every layout are read where they lie") {
  auto f = affine_function();
  for (const layout how : layouts)
    for (const std::ptrdiff_t columns : {1, 2, 7, 17, 40}) {
      const auto X = random_array<double, 2>({5, columns});
      const auto V = random_array<double, 1>({columns});
      laid_out<double> L(X, how);
      CAPTURE(columns);
      CHECK(difference(f(L.seen, V, 0.5), affine(X, V, 0.5)) == "");
      const ag::view<const double, 2> constant = L.seen;
      CHECK(difference(f(constant, V, 0.5), affine(X, V, 0.5)) == "");
    }
  const auto X = random_array<double, 2>({4, 6});
  auto V = random_array<double, 1>({6});
  const auto backwards = made<double>(6, [&](auto i) { return V(5 - i); });
  CHECK(difference(f(X, ag::view<const double, 1>(&V(5), {6}, {-1}), 2.), affine(X, backwards, 2)) == "");
  const auto same = made<double>(6, [&](auto) { return V(2); });
  CHECK(difference(f(X, ag::view<const double, 1>(&V(2), {6}, {0}), 2.), affine(X, same, 2)) == "");
  // a row of a matrix as a vector
  CHECK(difference(f(X, ag::view<const double, 1>(&X(1, 0), {6}), 2.), affine(X, made<double>(6, [&](auto i) { return X(1, i); }), 2)) == "");
}

TEST_CASE("vectors may come from the standard library") {
  auto f = ag::function(ag::inputs(v), ag::outputs(v * v + 1_c));
  const auto expected = ag::array<double, 1>::from({2, 5, 10, 17});
  std::vector<double> vector{1, 2, 3, 4};
  const std::vector<double> constant = vector;
  std::array<double, 4> array{1, 2, 3, 4};
  CHECK(difference(f(vector), expected) == "");
  CHECK(difference(f(constant), expected) == "");
  CHECK(difference(f(v = std::vector<double>{1, 2, 3, 4}), expected) == "");
  CHECK(difference(f(array), expected) == "");
  CHECK(difference(f(std::span<double>(vector)), expected) == "");
  CHECK(difference(f(std::span<const double, 4>(array)), expected) == "");

  auto step = ag::function(ag::inputs(v), ag::updates(v = v + 1_c));
  static_assert(std::is_void_v<decltype(step(vector))>);
  step(vector);
  step(array);
  step(std::span<double>(array));
  CHECK(vector == std::vector<double>{2, 3, 4, 5});
  CHECK(array == std::array<double, 4>{3, 4, 5, 6});
}

TEST_CASE("scalars come back as numbers, several outputs as a tuple") {
  auto f = ag::function(ag::inputs(x, a), ag::outputs(sum(x), x + a, argmax(x), ag::all(x > a), a));
  const auto X = ag::array<double, 2>::from({{1, 2}, {7, 4}});
  static_assert(std::is_same_v<decltype(f(X, 1.0)), std::tuple<double, ag::array<double, 2>, std::int64_t, bool, double>>);
  auto [total, shifted, place, all, again] = f(X, 0.5);
  CHECK(total == 14);
  CHECK(difference(shifted, ag::array<double, 2>::from({{1.5, 2.5}, {7.5, 4.5}})) == "");
  CHECK(place == 2);
  CHECK(all);
  CHECK(again == 0.5);
  CHECK_FALSE(std::get<3>(f(X, 2.0)));
}

TEST_CASE("numbers convert to the symbol's element type") {
  auto f = ag::function(ag::inputs(a, n, f32), ag::outputs(a + cast<double>(n), sum(f32) * a));
  const ag::array<float, 1> F({3});
  CHECK(std::get<0>(f(3, 4, F)) == 7);
  CHECK(std::get<0>(f(3u, 4l, F)) == 7);
  CHECK(std::get<0>(f(2.5f, std::uint8_t(4), F)) == 6.5);
  const int three = 3;
  CHECK(std::get<0>(f(n = 4, f32 = F, a = three)) == 7);
  const ag::array<double, 0> zero_d = [] {
    ag::array<double, 0> z;
    *z.data() = 2;
    return z;
  }();
  CHECK(std::get<0>(f(zero_d, 4, F)) == 6);
  double number = 11;
  CHECK(std::get<0>(f(ag::view<double, 0>(&number), 4, F)) == 15);
}

TEST_CASE("into writes into the caller's arrays") {
  auto f = ag::function(ag::inputs(x, v, a), ag::outputs(a * x + v, sum(x, ag::axis<1>), sum(v)));
  const auto X = random_array<double, 2>({4, 5});
  const auto V = random_array<double, 1>({5});
  const auto expected = affine(X, V, 3);
  ag::array<double, 2> P;
  ag::array<double, 1> S({99});
  double total = 0;
  static_assert(std::is_void_v<decltype(f.into(P, S, total)(X, V, 3.))>);
  f.into(P, S, total)(X, V, 3.);
  CHECK(difference(P, expected) == "");
  CHECK(S.extent(0) == 4);
  CHECK(S(2) == doctest::Approx(X(2, 0) + X(2, 1) + X(2, 2) + X(2, 3) + X(2, 4)));
  CHECK(total == doctest::Approx(V(0) + V(1) + V(2) + V(3) + V(4)));
  const double* const where = P.data();
  f.into(P, S, total)(v = V, x = X, a = 3);
  CHECK(P.data() == where);

  for (const layout how : layouts) {
    laid_out<double> L(ag::array<double, 2>({4, 5}), how);
    ag::array<double, 0> zero_d;
    f.into(L.seen, S, zero_d)(X, V, 3.);
    CHECK(difference(L.seen, expected) == "");
    CHECK(L.touched() == 20);
    CHECK(*zero_d.data() == total);
  }
  double few[3];
  ag::view<double, 1> too_small(few, {3});
  CHECK_THROWS_AS(f.into(P, too_small, total)(X, V, 3.), ag::shape_error);
}

TEST_CASE("into vectors and spans of the right length") {
  auto f = ag::function(ag::inputs(v), ag::outputs(v + 1_c));
  std::vector<double> V{1, 2, 3}, P(3), wrong(2);
  f.into(P)(V);
  CHECK(P == std::vector<double>{2, 3, 4});
  std::span<double> s(P);
  f.into(s)(v = P);
  CHECK(P == std::vector<double>{3, 4, 5});
  CHECK_THROWS_AS(f.into(wrong)(V), ag::shape_error);
}

TEST_CASE("eval evaluates once") {
  const auto X = random_array<double, 2>({2, 3});
  const auto V = random_array<double, 1>({3});
  CHECK(difference(ag::eval(a * x + v, v = V, x = X, a = 2), affine(X, V, 2)) == "");
  CHECK(ag::eval(a + 1_c, a = 2.5) == 3.5);
  CHECK(ag::eval(2_c * 3_c) == 6);
}

TEST_CASE("givens stand for symbols") {
  auto f = ag::function(ag::inputs(x, b), ag::outputs(a * x + v), ag::givens(a = 2_c * b, v = sum(x, ag::axis<0>)));
  const auto X = random_array<double, 2>({3, 4});
  const auto sums = made<double>(4, [&](auto j) { return X(0, j) + X(1, j) + X(2, j); });
  CHECK(difference(f(X, 1.5), affine(X, sums, 3)) == "");
  CHECK(difference(f(b = 1.5, x = X), affine(X, sums, 3)) == "");
  // a symbol that is both an input and given: the formula wins wherever it is written
  auto g = ag::function(ag::inputs(a, b), ag::outputs(a + b), ag::givens(a = b * 10_c));
  CHECK(g(7., 1.) == 11);
}

TEST_CASE("copies of a function share nothing") {
  auto f = ag::function(ag::inputs(x, v), ag::outputs(dot(transpose(x), dot(x, v)), sum(exp(x), ag::axis<0>)));
  const auto X = random_array<double, 2>({6, 4});
  const auto V = random_array<double, 1>({4});
  const auto [p, s] = f(X, V);
  auto g = f;
  const auto [p2, s2] = g(X, V);
  CHECK(p == p2);
  auto h = std::move(g);
  const auto [p3, s3] = h(X, V);
  CHECK(p == p3);
  g = f;
  f = h;
  const auto Y = random_array<double, 2>({50, 4});
  (void)f(Y, V);
  const auto [p4, s4] = g(X, V);
  const auto [p5, s5] = h(X, V);
  CHECK(p == p4);
  CHECK(p == p5);
  CHECK(s == s5);
  // sizes may change from call to call
  const auto [p6, s6] = f(X, V);
  CHECK(p == p6);
}

TEST_CASE("outputs that are inputs, constants, views, or the same formula twice") {
  auto f = ag::function(ag::inputs(x, a),
                        ag::outputs(x, transpose(x), x, 3_c, 2.5_c, a, x(1_c), x(ag::all, ag::slice(1_c, 3_c)), x + a, x + a,
                                    reshape(x, ag::shape(-1_c)), expand_dims<0>(x), sum(x), sum(x)));
  const auto X = made<double>(2, 3, [](auto i, auto j) { return 10 * i + j; });
  const auto r = f(X, 1.);
  const auto T = made<double>(3, 2, [](auto j, auto i) { return 10 * i + j; });
  CHECK(difference(std::get<0>(r), X) == "");
  CHECK(difference(std::get<1>(r), T) == "");
  CHECK(difference(std::get<2>(r), X) == "");
  CHECK(std::get<3>(r) == 3);
  CHECK(std::get<4>(r) == 2.5);
  CHECK(std::get<5>(r) == 1);
  CHECK(difference(std::get<6>(r), ag::array<double, 1>::from({10, 11, 12})) == "");
  CHECK(difference(std::get<7>(r), ag::array<double, 2>::from({{1, 2}, {11, 12}})) == "");
  CHECK(difference(std::get<8>(r), ag::array<double, 2>::from({{1, 2, 3}, {11, 12, 13}})) == "");
  CHECK(difference(std::get<9>(r), std::get<8>(r)) == "");
  CHECK(difference(std::get<10>(r), ag::array<double, 1>::from({0, 1, 2, 10, 11, 12})) == "");
  CHECK(std::get<11>(r).shape() == std::array<std::ptrdiff_t, 3>{1, 2, 3});
  CHECK(std::get<11>(r)(0, 1, 2) == 12);
  CHECK(std::get<12>(r) == 36);
  CHECK(std::get<13>(r) == 36);
  CHECK(std::get<0>(r).data() != std::get<2>(r).data());
}

TEST_CASE("a function may ignore an input, or have none") {
  auto f = ag::function(ag::inputs(x, v, a), ag::outputs(a + 1_c));
  CHECK(f(ag::array<double, 2>({2, 2}), ag::array<double, 1>({7}), 2.) == 3);
  auto nothing = ag::function(ag::inputs(), ag::outputs(4_c));
  CHECK(nothing() == 4);
  auto updates_only = ag::function(ag::inputs(a), ag::updates(a = a + 1_c));
  double A = 1;
  updates_only(A);
  updates_only(a = A);
  updates_only.with(a = A)();
  CHECK(A == 4);
}

TEST_CASE("empty arrays") {
  auto f = ag::function(ag::inputs(x, v), ag::outputs(x + v, sum(x), prod(x), sum(x, ag::axis<0>), sum(x, ag::axis<1>), dot(x, v),
                                                      transpose(x), x(ag::slice(0_c, 2_c)), dot(transpose(x), x)));
  for (const auto& [m, k] : std::vector<std::pair<std::ptrdiff_t, std::ptrdiff_t>>{{0, 3}, {3, 0}, {0, 0}}) {
    const ag::array<double, 2> X({m, k});
    const ag::array<double, 1> V({k});
    const auto r = f(X, V);
    CHECK(std::get<0>(r).shape() == X.shape());
    CHECK(std::get<1>(r) == 0);
    CHECK(std::get<2>(r) == 1);
    CHECK(difference(std::get<3>(r), ag::array<double, 1>({k})) == "");
    CHECK(difference(std::get<4>(r), ag::array<double, 1>({m})) == "");
    CHECK(difference(std::get<5>(r), ag::array<double, 1>({m})) == "");
    CHECK(std::get<6>(r).shape() == std::array<std::ptrdiff_t, 2>{k, m});
    CHECK(std::get<7>(r).shape() == std::array<std::ptrdiff_t, 2>{m < 2 ? m : 2, k});
    CHECK(difference(std::get<8>(r), ag::array<double, 2>({k, k})) == "");
  }
  auto mean_of = ag::function(ag::inputs(v), ag::outputs(mean(v)));
  CHECK(std::isnan(mean_of(ag::array<double, 1>())));
}

TEST_CASE("static extents, rows and columns") {
  constexpr auto A = ag::matrix<"A", float, 3, 3>;
  constexpr auto r = ag::row<"r", float>;
  constexpr auto c = ag::col<"c", float>;
  constexpr auto t = ag::tensor<"t", float, ag::dyn, 2, 3>;
  auto f = ag::function(ag::inputs(A, r, c, t), ag::outputs(dot(A, A) + A, r + c, t * r, sum(t, ag::axis<0>)));
  const auto M = random_array<float, 2>({3, 3});
  const auto R = random_array<float, 2>({1, 3});
  const auto C = random_array<float, 2>({4, 1});
  const auto T = random_array<float, 3>({5, 2, 3});
  const auto out = f(M, R, C, T);
  CHECK(difference(std::get<0>(out), made<float>(3, 3, [&](auto i, auto j) {
                     return M(i, 0) * M(0, j) + M(i, 1) * M(1, j) + M(i, 2) * M(2, j) + M(i, j);
                   })) == "");
  CHECK(difference(std::get<1>(out), made<float>(4, 3, [&](auto i, auto j) { return C(i, 0) + R(0, j); })) == "");
  CHECK(difference(std::get<2>(out), made<float>(5, 2, 3, [&](auto i, auto j, auto k) { return T(i, j, k) * R(0, k); })) == "");
  CHECK(difference(std::get<3>(out), made<float>(2, 3, [&](auto j, auto k) {
                     return T(0, j, k) + T(1, j, k) + T(2, j, k) + T(3, j, k) + T(4, j, k);
                   })) == "");
  CHECK_THROWS_AS(f(random_array<float, 2>({3, 4}), R, C, T), ag::shape_error);
  CHECK_THROWS_AS(f(M, random_array<float, 2>({2, 3}), C, T), ag::shape_error);
  CHECK_THROWS_AS(f(M, R, C, random_array<float, 3>({5, 3, 2})), ag::shape_error);
  CHECK_THROWS_AS(f(M, random_array<float, 2>({1, 4}), C, T), ag::shape_error);
}

TEST_CASE("a dynamic extent of 1 does not broadcast") {
  auto f = ag::function(ag::inputs(x, v), ag::outputs(x + v));
  CHECK_THROWS_AS(f(ag::array<double, 2>({3, 4}), ag::array<double, 1>({1})), ag::shape_error);
  CHECK_THROWS_AS(f(ag::array<double, 2>({3, 1}), ag::array<double, 1>({4})), ag::shape_error);
  CHECK(f(ag::array<double, 2>({3, 1}), ag::array<double, 1>({1})).size() == 3);
}
