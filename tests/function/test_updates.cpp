// SPDX-License-Identifier: BSD-3-Clause

// Updates see the values from before the call, whatever is updated with what, and shared memory does not matter.

#include <agnesi/agnesi.hpp>

#include "support/reference.hpp"

#include <doctest/doctest.h>

namespace {

namespace ag = agnesi;
using namespace ag::literals;
using namespace ag::testing;
using matrix = ag::array<double, 2>;
using vector = ag::array<double, 1>;

constexpr auto a = ag::vector<"a">;
constexpr auto b = ag::vector<"b">;
constexpr auto c = ag::vector<"c">;
constexpr auto s = ag::scalar<"s">;
constexpr auto t = ag::scalar<"t">;
constexpr auto M = ag::matrix<"M">;
constexpr auto N = ag::matrix<"N">;
constexpr auto ids = ag::vector<"ids", std::int32_t>;

matrix transposed(const matrix& m) {
  return made<double>(m.extent(1), m.extent(0), [&](auto i, auto j) { return m(j, i); });
}
matrix product(const matrix& p, const matrix& q) {
  return made<double>(p.extent(0), q.extent(1), [&](auto i, auto j) {
    long double r = 0;
    for (std::ptrdiff_t k = 0; k < p.extent(1); ++k) r += static_cast<long double>(p(i, k)) * q(k, j);
    return static_cast<double>(r);
  });
}

}  // namespace

TEST_CASE("two vectors are swapped") {
  auto swap = ag::function(ag::inputs(a, b), ag::updates(a = b, b = a));
  for (const std::ptrdiff_t n : {0, 1, 5, 33}) {
    auto A = random_array<double, 1>({n}), B = random_array<double, 1>({n});
    const auto A0 = A, B0 = B;
    swap(A, B);
    CHECK(A == B0);
    CHECK(B == A0);
    swap(b = A, a = B);
    CHECK(A == A0);
    CHECK(B == B0);
  }
  auto scaled = ag::function(ag::inputs(a, b), ag::outputs(a + b), ag::updates(a = 2_c * b, b = a + b));
  auto A = random_array<double, 1>({7}), B = random_array<double, 1>({7});
  const auto A0 = A, B0 = B;
  const auto total = scaled(A, B);
  CHECK(difference(A, made<double>(7, [&](auto i) { return 2 * B0(i); })) == "");
  CHECK(difference(B, made<double>(7, [&](auto i) { return A0(i) + B0(i); })) == "");
  CHECK(difference(total, B) == "");
}

TEST_CASE("three scalars and three vectors rotate") {
  constexpr auto u = ag::scalar<"u">;
  auto rotate = ag::function(ag::inputs(a, b, c, s, t, u), ag::updates(a = b, b = c, c = a, s = t, t = u, u = s));
  auto A = random_array<double, 1>({9}), B = random_array<double, 1>({9}), C = random_array<double, 1>({9});
  double S = 1, T = 2, U = 3;
  const auto A0 = A, B0 = B, C0 = C;
  rotate(A, B, C, S, T, U);
  CHECK(A == B0);
  CHECK(B == C0);
  CHECK(C == A0);
  CHECK(S == 2);
  CHECK(T == 3);
  CHECK(U == 1);
}

TEST_CASE("an update reads reductions of what it and others replace") {
  auto f = ag::function(ag::inputs(a, b, s), ag::outputs(sum(a)), ag::updates(a = a / sum(a), b = b + a * s, s = s + sum(b)));
  auto A = random_array<double, 1>({11}, 1, 2), B = random_array<double, 1>({11});
  double S = 3;
  const auto A0 = A, B0 = B;
  double sum_a = 0, sum_b = 0;
  for (int i = 0; i < 11; ++i) sum_a += A0(i), sum_b += B0(i);
  CHECK(f(A, B, S) == doctest::Approx(sum_a));
  CHECK(difference(A, made<double>(11, [&](auto i) { return A0(i) / sum_a; })) == "");
  CHECK(difference(B, made<double>(11, [&](auto i) { return B0(i) + A0(i) * 3; })) == "");
  CHECK(S == doctest::Approx(3 + sum_b));
}

TEST_CASE("momentum") {
  auto new_b = 0.9_c * b - 0.1_c * (2_c * a);
  auto f = ag::function(ag::inputs(a, b), ag::outputs(sum(sqr(a))), ag::updates(b = new_b, a = a + new_b));
  auto A = random_array<double, 1>({6}), B = random_array<double, 1>({6});
  auto A1 = A, B1 = B;
  for (int step = 0; step < 5; ++step) {
    double cost = 0;
    for (int i = 0; i < 6; ++i) {
      cost += A1(i) * A1(i);
      B1(i) = 0.9 * B1(i) - 0.1 * 2 * A1(i);
      A1(i) += B1(i);
    }
    CHECK(f(A, B) == doctest::Approx(cost));
    CHECK(difference(A, A1) == "");
    CHECK(difference(B, B1) == "");
  }
}

TEST_CASE("an update that is also an output, and outputs of the old value") {
  auto f = ag::function(ag::inputs(a), ag::outputs(a + 1_c, a, sum(a)), ag::updates(a = a + 1_c));
  auto A = vector::from({1, 2, 3});
  const auto [now, before, total] = f(A);
  CHECK(now == vector::from({2, 3, 4}));
  CHECK(before == vector::from({1, 2, 3}));
  CHECK(total == 6);
  CHECK(A == now);
  // one formula updates two symbols
  auto g = ag::function(ag::inputs(a, b), ag::updates(a = a * b, b = a * b));
  auto B = vector::from({10, 20, 30});
  g(A, B);
  CHECK(A == vector::from({20, 60, 120}));
  CHECK(B == A);
}

TEST_CASE("a symbol takes a moved copy of itself") {
  auto f = ag::function(ag::inputs(M, a), ag::updates(M = transpose(M), a = a(ag::slice(ag::none, ag::none, -1_c))));
  for (const std::ptrdiff_t n : {1, 2, 5, 20}) {
    auto X = random_array<double, 2>({n, n});
    auto A = random_array<double, 1>({n});
    const auto X0 = X;
    const auto A0 = A;
    f(X, A);
    CHECK(X == transposed(X0));
    CHECK(A == made<double>(n, [&](auto i) { return A0(n - 1 - i); }));
  }
  auto X = random_array<double, 2>({2, 3});
  vector A({4});
  CHECK_THROWS_AS(f(X, A), ag::shape_error);

  auto g = ag::function(ag::inputs(M, a, ids), ag::updates(M = M - transpose(M), a = a(ids) + a));
  auto Y = random_array<double, 2>({4, 4});
  const auto Y0 = Y;
  auto V = vector::from({1, 2, 3});
  const auto I = ag::array<std::int32_t, 1>::from({2, 0, -2});
  g(Y, V, I);
  CHECK(difference(Y, made<double>(4, 4, [&](auto i, auto j) { return Y0(i, j) - Y0(j, i); })) == "");
  CHECK(V == vector::from({4, 3, 5}));
}

TEST_CASE("a symbol takes a broadcast, a reduction that keeps its axis, a product with itself") {
  auto f = ag::function(ag::inputs(M, a), ag::updates(M = M - mean(M, ag::axis<0>) + a, a = dot(M, a)));
  auto X = random_array<double, 2>({6, 6});
  auto A = random_array<double, 1>({6});
  const auto X0 = X;
  const auto A0 = A;
  f(X, A);
  CHECK(difference(X, made<double>(6, 6, [&](auto i, auto j) {
                     double m = 0;
                     for (int k = 0; k < 6; ++k) m += X0(k, j) / 6;
                     return X0(i, j) - m + A0(j);
                   })) == "");
  CHECK(difference(A, made<double>(6, [&](auto i) {
                     double r = 0;
                     for (int k = 0; k < 6; ++k) r += X0(i, k) * A0(k);
                     return r;
                   })) == "");
  auto g = ag::function(ag::inputs(M, N), ag::updates(M = dot(M, M), N = N + dot(N, M)));
  auto Y = random_array<double, 2>({6, 6});
  const auto Y0 = Y;
  X = X0;
  g(X, Y);
  CHECK(difference(X, product(X0, X0)) == "");
  const auto p = product(Y0, X0);
  CHECK(difference(Y, made<double>(6, 6, [&](auto i, auto j) { return Y0(i, j) + p(i, j); })) == "");
}

TEST_CASE("the same array passed twice is read as it was before the call") {
  auto f = ag::function(ag::inputs(a, b), ag::outputs(sum(a)), ag::updates(b = b + a(ag::slice(ag::none, ag::none, -1_c))));
  auto A = vector::from({1, 2, 3, 4});
  CHECK(f(A, A) == 10);
  CHECK(A == vector::from({5, 5, 5, 5}));
  // views that overlap by part
  std::vector<double> memory{1, 2, 3, 4, 5};
  f(ag::view<const double, 1>(memory.data(), {4}), ag::view<double, 1>(memory.data() + 1, {4}));
  CHECK(memory == std::vector<double>{1, 6, 6, 6, 6});
  memory = {1, 2, 3, 4, 5};
  f(ag::view<const double, 1>(memory.data() + 4, {4}, {-1}), ag::view<double, 1>(memory.data(), {4}));
  CHECK(memory == std::vector<double>{3, 5, 7, 9, 5});

  auto g = ag::function(ag::inputs(M, N), ag::updates(N = N + dot(M, transpose(M))));
  auto X = random_array<double, 2>({5, 5});
  const auto X0 = X;
  g(X, X);
  const auto p = product(X0, transposed(X0));
  CHECK(difference(X, made<double>(5, 5, [&](auto i, auto j) { return X0(i, j) + p(i, j); })) == "");
}

TEST_CASE("an output may overwrite an input") {
  auto f = ag::function(ag::inputs(M, a), ag::outputs(transpose(M) + a));
  auto X = random_array<double, 2>({4, 4});
  const auto A = random_array<double, 1>({4});
  auto X0 = X;
  f.into(X)(X, A);
  CHECK(difference(X, made<double>(4, 4, [&](auto i, auto j) { return X0(j, i) + A(j); })) == "");
  X0 = X;
  ag::view<double, 2> v = X.view().transposed();
  f.into(v)(X, A);  // in effect X + column
  CHECK(difference(X, made<double>(4, 4, [&](auto i, auto j) { return X0(i, j) + A(i); })) == "");
}

TEST_CASE("an output may overwrite an input that is smaller") {
  auto f = ag::function(ag::inputs(M), ag::outputs(dot(M, transpose(M))));
  auto X = random_array<double, 2>({40, 2});
  const auto X0 = X;
  f.into(X)(X);
  CHECK(difference(X, product(X0, transposed(X0))) == "");
  auto g = ag::function(ag::inputs(a), ag::outputs(reshape(expand_dims<1>(a) + a, ag::shape(-1_c))));
  auto A = random_array<double, 1>({30});
  const auto A0 = A;
  g.into(A)(A);
  CHECK(difference(A, made<double>(900, [&](auto k) { return A0(k / 30) + A0(k % 30); })) == "");
}

TEST_CASE("two results in one place are refused") {
  auto f = ag::function(ag::inputs(a, b), ag::updates(a = a + 1_c, b = b + 2_c));
  auto A = vector::from({1, 2, 3});
  CHECK_THROWS_AS(f(A, A), std::invalid_argument);
  CHECK(A == vector::from({1, 2, 3}));
  auto g = ag::function(ag::inputs(a, b), ag::outputs(a + b), ag::updates(b = b + 2_c));
  CHECK_THROWS_AS(g.into(A)(vector::from({1, 1, 1}), A), std::invalid_argument);
  auto h = ag::function(ag::inputs(a), ag::outputs(a + 1_c, a + 2_c));
  vector P({3});
  CHECK_THROWS_AS(h.into(P, P)(A), std::invalid_argument);
  // side by side is not in one place
  std::vector<double> memory(6);
  ag::view<double, 1> first(memory.data(), {3}), second(memory.data() + 3, {3});
  h.into(first, second)(A);
  CHECK(memory == std::vector<double>{2, 3, 4, 3, 4, 5});
}

TEST_CASE("a call that throws has changed nothing") {
  auto f = ag::function(ag::inputs(M, a, b, s), ag::outputs(sum(M)),
                        ag::updates(s = s + 1_c, b = b + 1_c, M = M + a));
  auto X = random_array<double, 2>({3, 4});
  vector A({5}), B({2});
  double S = 1;
  const auto X0 = X;
  CHECK_THROWS_AS(f(X, A, B, S), ag::shape_error);
  CHECK(X == X0);
  CHECK(B == vector({2}));
  CHECK(S == 1);

  auto g = ag::function(ag::inputs(M, a, ids), ag::outputs(a(ids)), ag::updates(M = M + 1_c, a = a - 1_c));
  const auto bad = ag::array<std::int32_t, 1>::from({0, 1, 7});
  const auto too_negative = ag::array<std::int32_t, 1>::from({0, -6});
  CHECK_THROWS_AS(g(X, A, bad), ag::index_error);
  CHECK_THROWS_AS(g(X, A, too_negative), ag::index_error);
  CHECK(X == X0);
  CHECK(A == vector({5}));
  vector P = vector::from({9, 9, 9});
  CHECK_THROWS_AS(g.into(P)(X, A, bad), ag::index_error);
  CHECK(P == vector::from({9, 9, 9}));

  // the index is computed from what the call is given
  auto h = ag::function(ag::inputs(M, a, b, ids, s), ag::outputs(sum(a(ids * ids))),
                        ag::updates(M = M + 1_c, a = a - 1_c, s = s * 2_c, b = b + sum(a(ids + ids))));
  CHECK_THROWS_AS(h(X, A, B, ag::array<std::int32_t, 1>::from({0, 3}), S), ag::index_error);
  CHECK_THROWS_AS(h(X, A, B, ag::array<std::int32_t, 1>::from({0, 4}), S), ag::index_error);
  CHECK(X == X0);
  CHECK(A == vector({5}));
  CHECK(B == vector({2}));
  CHECK(S == 1);
  h(X, A, B, ag::array<std::int32_t, 1>::from({0, 2}), S);
  CHECK(S == 2);
  CHECK(A(0) == -1);
}

TEST_CASE("rows of a table are updated in place, repeated ones add up") {
  constexpr auto table = ag::matrix<"table">;
  auto cost = sum(sqr(table(ids)));
  auto f = ag::function(ag::inputs(table, ids), ag::outputs(cost), ag::updates(table = table - 0.25_c * ag::grad(cost, table)));
  auto T = random_array<double, 2>({5, 3});
  auto T1 = T;
  const auto I = ag::array<std::int32_t, 1>::from({4, 1, -1, 1, 1});
  double expected = 0;
  for (const int i : {4, 1, 4, 1, 1})
    for (int j = 0; j < 3; ++j) {
      expected += T(i, j) * T(i, j);
      T1(i, j) -= 0.25 * 2 * T(i, j);
    }
  CHECK(f(T, I) == doctest::Approx(expected));
  CHECK(difference(T, T1) == "");
  const auto T2 = T;
  CHECK_THROWS_AS(f(T, ag::array<std::int32_t, 1>::from({0, 5})), ag::index_error);
  CHECK(T == T2);
}

TEST_CASE("increments in succession, of rows, elements and slices, into the caller's memory") {
  constexpr auto table = ag::matrix<"table">;
  constexpr auto others = ag::vector<"others", std::int64_t>;
  constexpr auto rows = ag::slice(1_c, 4_c);
  auto cost = sum(table(ids)) + 2_c * sum(table(others)) + 3_c * sum(table(ids, others)) + sum(sqr(table(rows)));
  auto f = ag::function(ag::inputs(table, ids, others), ag::outputs(sum(table)),
                        ag::updates(table = 0.5_c * table - ag::grad(cost, table)));
  const auto I = ag::array<std::int32_t, 1>::from({4, 1, 1, 0, 2});
  const auto J = ag::array<std::int64_t, 1>::from({2, 0, 1, 2, 1});
  auto T = random_array<double, 2>({5, 3});
  const auto before = T;
  auto T1 = T;
  for (int i = 0; i < 5; ++i)
    for (int j = 0; j < 3; ++j) T1(i, j) = 0.5 * T(i, j) - (i >= 1 && i < 4 ? 2 * T(i, j) : 0);
  for (int k = 0; k < 5; ++k) {
    for (int j = 0; j < 3; ++j) T1(I(k), j) -= 1, T1(static_cast<int>(J(k)), j) -= 2;
    T1(I(k), static_cast<int>(J(k))) -= 3;
  }
  auto memory = matrix(ag::view<const double, 2>(T.view().transposed()));
  ag::view<double, 2> turned = memory.view().transposed();
  f(T, I, J);
  CHECK(difference(T, T1) == "");
  f(turned, I, J);
  CHECK(difference(matrix(ag::view<const double, 2>(turned)), T1) == "");
  T = before;
  CHECK_THROWS_AS(f(T, I, ag::array<std::int64_t, 1>::from({2, 0, 1, 3, 1})), ag::index_error);  // 3: a row, no column
  CHECK(T == before);
}

TEST_CASE("an index that is updated by the call that uses it") {
  auto f = ag::function(ag::inputs(a, ids), ag::outputs(a(ids)), ag::updates(ids = ids + 1_c, a = a + a(ids)));
  auto A = vector::from({1, 2, 3});
  auto I = ag::array<std::int32_t, 1>::from({0, 1, 1});
  CHECK(f(A, I) == vector::from({1, 2, 2}));
  CHECK(I == ag::array<std::int32_t, 1>::from({1, 2, 2}));
  CHECK(A == vector::from({2, 4, 5}));
}

TEST_CASE("numbers of the caller's are updated in place") {
  constexpr auto k = ag::scalar<"k", std::int64_t>;
  constexpr auto flag = ag::scalar<"flag", bool>;
  constexpr auto h = ag::scalar<"h", float>;
  auto f = ag::function(ag::inputs(k, flag, h, s), ag::updates(k = k + 1_c, flag = !flag, h = h * 0.5_c, s = s + h));
  std::int64_t K = 41;
  bool F = false;
  float H = 3;
  double S = 1;
  f(K, F, H, S);
  CHECK(K == 42);
  CHECK(F);
  CHECK(H == 1.5f);
  CHECK(S == 4);
  auto state = f.with(k = K, flag = F, h = H, s = S);
  state();
  state();
  CHECK(K == 44);
  CHECK(F);
  CHECK(S == 4 + 1.5 + 0.75);
}
