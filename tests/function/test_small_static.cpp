// SPDX-License-Identifier: BSD-3-Clause

// Functions whose extents the compiler knows and that are small give the same as loops in long double, whatever the
// extents are, however arguments lie, and whatever shares memory with what.

#include <agnesi/agnesi.hpp>

#include "support/reference.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace {

namespace ag = agnesi;
using namespace ag::literals;
using namespace ag::testing;

template <class T>
bool close_to(T got, long double wanted, long double size = 1) {
  return std::fabs(static_cast<long double>(got) - wanted) <= 40 * std::numeric_limits<T>::epsilon() * (size + std::fabs(wanted));
}

// dot(a, b) of what two functions of the index give.
template <class F, class G>
long double sum_of_products(int n, F f, G g) {
  long double sum = 0;
  for (int k = 0; k < n; ++k) sum += static_cast<long double>(f(k)) * static_cast<long double>(g(k));
  return sum;
}

template <class T, int M, int K>
void check_vector_products() {
  CAPTURE(M);
  CAPTURE(K);
  CAPTURE(sizeof(T));
  constexpr auto A = ag::matrix<"A", T, M, K>;
  constexpr auto x = ag::vector<"x", T, K>;
  constexpr auto b = ag::vector<"b", T, M>;
  auto affine = ag::function(ag::inputs(A, x, b), ag::outputs(dot(A, x) + b, 2_c * dot(b, A) - x));
  const auto a = random_array<T, 2>({M, K});
  const auto u = random_array<T, 1>({K}), v = random_array<T, 1>({M});
  const auto [y, z] = affine(a, u, v);
  for (int i = 0; i < M; ++i)
    CHECK(close_to<T>(y(i), sum_of_products(K, [&](int k) { return a(i, k); }, [&](int k) { return u(k); }) + static_cast<long double>(v(i)), K));
  for (int k = 0; k < K; ++k)
    CHECK(close_to<T>(z(k), 2 * sum_of_products(M, [&](int i) { return a(i, k); }, [&](int i) { return v(i); }) - static_cast<long double>(u(k)), M));
}

template <class T, int N>
void check_gradient() {
  CAPTURE(N);
  CAPTURE(sizeof(T));
  constexpr auto A = ag::matrix<"A", T, N, N>;
  constexpr auto x = ag::vector<"x", T, N>;
  constexpr auto b = ag::vector<"b", T, N>;
  constexpr auto t = ag::vector<"t", T, N>;
  constexpr auto error = tanh(dot(A, x) + b) - t;
  constexpr auto cost = 0.5_c * sum(sqr(error));
  auto f = ag::function(ag::inputs(A, x, b, t), ag::outputs(cost, ag::grad(cost, A), ag::grad(cost, b), ag::grad(cost, x)));
  const auto a = random_array<T, 2>({N, N});
  const auto u = random_array<T, 1>({N}), v = random_array<T, 1>({N}), w = random_array<T, 1>({N});
  const auto [value, by_A, by_b, by_x] = f(a, u, v, w);
  long double sum = 0, slope[N];
  for (int i = 0; i < N; ++i) {
    const long double z = std::tanh(sum_of_products(N, [&](int k) { return a(i, k); }, [&](int k) { return u(k); }) + static_cast<long double>(v(i)));
    const long double d = z - static_cast<long double>(w(i));
    sum += d * d / 2;
    slope[i] = d * (1 - z * z);
    CHECK(close_to<T>(by_b(i), slope[i]));
    for (int k = 0; k < N; ++k) CHECK(close_to<T>(by_A(i, k), slope[i] * static_cast<long double>(u(k)), 4));
  }
  CHECK(close_to<T>(value, sum, N));
  for (int k = 0; k < N; ++k)
    CHECK(close_to<T>(by_x(k), sum_of_products(N, [&](int i) { return a(i, k); }, [&](int i) { return slope[i]; }), N));
}

template <class T, int M, int N, int K>
void check_matrix_products() {
  CAPTURE(M);
  CAPTURE(N);
  CAPTURE(K);
  CAPTURE(sizeof(T));
  constexpr auto P = ag::matrix<"P", T, M, K>;
  constexpr auto Q = ag::matrix<"Q", T, K, N>;
  constexpr auto R = ag::matrix<"R", T, N, M>;
  auto f = ag::function(ag::inputs(P, Q, R), ag::outputs(dot(P, Q) - 3_c * transpose(R), dot(transpose(Q), transpose(P))));
  const auto p = random_array<T, 2>({M, K}), q = random_array<T, 2>({K, N}), r = random_array<T, 2>({N, M});
  const auto [pq, qp] = f(p, q, r);
  for (int i = 0; i < M; ++i)
    for (int j = 0; j < N; ++j) {
      const long double sum = sum_of_products(K, [&](int k) { return p(i, k); }, [&](int k) { return q(k, j); });
      CHECK(close_to<T>(qp(j, i), sum, K));
      CHECK(close_to<T>(pq(i, j), sum - 3 * static_cast<long double>(r(j, i)), K));
    }
}

template <class T, int M, int N>
void check_reductions() {
  CAPTURE(M);
  CAPTURE(N);
  CAPTURE(sizeof(T));
  constexpr auto A = ag::matrix<"A", T, M, N>;
  constexpr auto r = ag::vector<"r", T, N>;
  auto f = ag::function(ag::inputs(A, r), ag::outputs(sum(A), max(A), sum(A, ag::axis<0>), sum(A, ag::axis<1>),
                                                      transpose(A) * expand_dims<1>(r), exp(A) + r, sum(exp(A)) * sum(r)));
  const auto a = random_array<T, 2>({M, N});
  const auto v = random_array<T, 1>({N});
  const auto [all, largest, columns, rows, turned, raised, product] = f(a, v);
  long double sum = 0, most = -1e9, exps = 0, total = 0;
  for (int i = 0; i < M; ++i) {
    long double row = 0;
    for (int j = 0; j < N; ++j) {
      const auto x = static_cast<long double>(a(i, j));
      row += x, exps += std::exp(x), most = x > most ? x : most;
      CHECK(close_to<T>(turned(j, i), x * static_cast<long double>(v(j))));
      CHECK(close_to<T>(raised(i, j), std::exp(x) + static_cast<long double>(v(j)), 4));
    }
    CHECK(close_to<T>(rows(i), row, N));
    sum += row;
  }
  for (int j = 0; j < N; ++j) {
    total += static_cast<long double>(v(j));
    CHECK(close_to<T>(columns(j), sum_of_products(M, [&](int i) { return a(i, j); }, [](int) { return 1; }), M));
  }
  CHECK(close_to<T>(all, sum, M * N));
  CHECK(static_cast<long double>(largest) == most);
  CHECK(close_to<T>(product, exps * total, M * N * N));
}

}  // namespace

TEST_CASE("the smallest extents") {
  check_vector_products<double, 3, 3>(), check_vector_products<float, 5, 6>(), check_matrix_products<float, 2, 3, 3>();
  check_gradient<double, 3>(), check_reductions<float, 3, 5>();
}

// Straight-line code of these takes minutes to compile with the address sanitizer.
#ifndef __SANITIZE_ADDRESS__
TEST_CASE("products with a vector, for extents below, at and beyond a pack") {
  check_vector_products<double, 1, 1>(), check_vector_products<double, 4, 4>();
  check_vector_products<double, 16, 16>(), check_vector_products<double, 2, 7>(), check_vector_products<double, 11, 5>();
  check_vector_products<float, 8, 8>(), check_vector_products<float, 15, 6>(), check_vector_products<float, 40, 6>();
}

TEST_CASE("a gradient of everything at once") {
  check_gradient<double, 1>(), check_gradient<double, 8>(), check_gradient<double, 7>();
  check_gradient<float, 4>(), check_gradient<float, 9>();
}

TEST_CASE("products of matrices") {
  check_matrix_products<double, 3, 3, 3>(), check_matrix_products<double, 8, 8, 8>(), check_matrix_products<float, 5, 3, 7>();
  check_matrix_products<double, 1, 6, 4>(), check_matrix_products<float, 6, 1, 4>(), check_matrix_products<float, 6, 5, 1>();
  check_matrix_products<double, 2, 20, 3>();
}

TEST_CASE("reductions and broadcasts") {
  check_reductions<double, 1, 1>(), check_reductions<double, 3, 3>(), check_reductions<double, 5, 7>();
  check_reductions<float, 2, 9>(), check_reductions<float, 12, 10>(), check_reductions<float, 7, 1>();
}
#endif

namespace {

constexpr auto A = ag::matrix<"A", double, 5, 4>;
constexpr auto L = ag::matrix<"L", double, 9, 9>;
constexpr auto x = ag::vector<"x", double, 4>;
constexpr auto y = ag::vector<"y", double, 5>;
constexpr auto s = ag::scalar<"s">;
constexpr auto t = ag::scalar<"t">;

std::vector<double> counted(int n) {
  std::vector<double> v(static_cast<std::size_t>(n));
  std::iota(v.begin(), v.end(), -7.0);
  return v;
}

}  // namespace

TEST_CASE("arguments are views with gaps, turned over and transposed") {
  auto f = ag::function(ag::inputs(A, x, y), ag::outputs(dot(A, x) + y));
  const auto memory = counted(400);
  const ag::view<const double, 2> a(memory.data() + 90, {5, 4}, {-13, 3});
  const ag::view<const double, 1> u(memory.data() + 40, {4}, {-7}), v(memory.data() + 3, {5}, {0});
  const auto got = f(a, u, v);
  for (int i = 0; i < 5; ++i)
    CHECK(got(i) == static_cast<double>(sum_of_products(4, [&](int k) { return a(i, k); }, [&](int k) { return u(k); })) + v(i));

  auto results = counted(60);
  const auto before = results;
  ag::view<double, 1> into(results.data() + 50, {5}, {-9});
  f.into(into)(a, u, v);
  for (int i = 0; i < 5; ++i) CHECK(results[static_cast<std::size_t>(50 - 9 * i)] == got(i));
  for (int i = 0; i < 60; ++i)
    if ((50 - i) % 9 != 0 || i > 50 || i < 14) CHECK(results[static_cast<std::size_t>(i)] == before[static_cast<std::size_t>(i)]);
}

TEST_CASE("results may share memory with arguments, few elements or many") {
  auto f = ag::function(ag::inputs(L), ag::outputs(dot(L, L) + transpose(L)));
  auto memory = counted(300);
  const ag::view<double, 2> l(memory.data() + 20, {9, 9}, {9, 1});
  const auto wanted = f(l);
  for (const int shift : {-20, -9, 0, 1, 80, 81, 100}) {
    std::iota(memory.begin(), memory.end(), -7.0);
    ag::view<double, 2> to(memory.data() + 20 + shift, {9, 9}, {9, 1});
    f.into(to)(l);
    CAPTURE(shift);
    CHECK(difference(ag::array<double, 2>(to), wanted) == "");
  }
  std::iota(memory.begin(), memory.end(), -7.0);
  ag::view<double, 2> turned(memory.data() + 20, {9, 9}, {1, 9});
  f.into(turned)(l);
  CHECK(difference(ag::array<double, 2>(turned), wanted) == "");

  auto next = ag::function(ag::inputs(x), ag::outputs(x + sum(x)));
  auto few = counted(30);
  ag::view<double, 1> at(few.data() + 2, {4}), later(few.data() + 4, {4});
  const auto sums = next(at);
  next.into(later)(at);
  CHECK(difference(ag::array<double, 1>(later), sums) == "");
}

TEST_CASE("two results are not written to the same memory") {
  auto f = ag::function(ag::inputs(x, y), ag::outputs(2_c * x, y - 1_c));
  auto memory = counted(40);
  const auto before = memory;
  const auto u = random_array<double, 1>({4}), v = random_array<double, 1>({5});
  ag::view<double, 1> p(memory.data(), {4}), q(memory.data() + 3, {5}), r(memory.data() + 4, {5});
  CHECK_THROWS_AS(f.into(p, q)(u, v), std::invalid_argument);
  CHECK(memory == before);
  f.into(p, r)(u, v);
  CHECK(p(3) == 2 * u(3));
  CHECK(r(0) == v(0) - 1);

  auto g = ag::function(ag::inputs(x), ag::outputs(2_c * x), ag::updates(x = x - 1_c));
  CHECK_THROWS_AS(g.into(p)(p), std::invalid_argument);
}

TEST_CASE("updates see the values from before the call") {
  auto f = ag::function(ag::inputs(x, s, t), ag::outputs(sum(x) + s), ag::updates(x = x * s + t, s = t, t = s));
  auto u = random_array<double, 1>({4});
  const auto u0 = u;
  double p = 2, q = 0.5;
  const double total = f(u, p, q);
  CHECK(close_to<double>(total, static_cast<long double>(u0(0)) + u0(1) + u0(2) + u0(3) + 2, 4));
  CHECK(p == 0.5);
  CHECK(q == 2);
  for (int i = 0; i < 4; ++i) CHECK(close_to<double>(u(i), static_cast<long double>(u0(i)) * 2 + 0.5L));

  auto turn = ag::function(ag::inputs(L, s), ag::updates(L = transpose(L) * s));
  auto l = random_array<double, 2>({9, 9});
  const auto l0 = l;
  turn(l, 3);
  for (int i = 0; i < 9; ++i)
    for (int j = 0; j < 9; ++j) CHECK(l(i, j) == 3 * l0(j, i));
  auto memory = counted(200);
  const auto before = memory;
  ag::view<double, 2> gaps(memory.data() + 190, {9, 9}, {-20, -2});
  turn(gaps, 2);
  for (int i = 0; i < 9; ++i)
    for (int j = 0; j < 9; ++j) CHECK(gaps(i, j) == 2 * before[static_cast<std::size_t>(190 - 20 * j - 2 * i)]);
}

TEST_CASE("a product is scaled by a number of the call and added to what is there") {
  auto f = ag::function(ag::inputs(A, x, y, s), ag::updates(y = s * y - dot(A, x) / s));
  const auto a = random_array<double, 2>({5, 4});
  const auto u = random_array<double, 1>({4});
  auto v = random_array<double, 1>({5});
  const auto v0 = v;
  f(a, u, v, 1.5);
  for (int i = 0; i < 5; ++i)
    CHECK(close_to<double>(v(i), 1.5L * v0(i) - sum_of_products(4, [&](int k) { return a(i, k); }, [&](int k) { return u(k); }) / 1.5L, 4));
}

TEST_CASE("integers, truth values and mixtures") {
  constexpr auto i = ag::vector<"i", std::int32_t, 6>;
  constexpr auto j = ag::matrix<"j", std::int64_t, 3, 6>;
  constexpr auto b = ag::vector<"b", bool, 6>;
  constexpr auto d = ag::vector<"d", double, 6>;
  auto f = ag::function(ag::inputs(i, j, b, d), ag::outputs(dot(j, i), where(b, d, i), sum(i), i > 2_c, d * i));
  const auto iv = ag::array<std::int32_t, 1>::from({3, -1, 4, 1, -5, 9});
  const auto jv = made<std::int64_t>(3, 6, [](auto r, auto c) { return r * 10 - c; });
  const auto bv = ag::array<bool, 1>::from({true, false, false, true, true, false});
  const auto dv = random_array<double, 1>({6});
  const auto [product, chosen, total, above, scaled] = f(iv, jv, bv, dv);
  for (int r = 0; r < 3; ++r) {
    std::int64_t sum = 0;
    for (int c = 0; c < 6; ++c) sum += jv(r, c) * iv(c);
    CHECK(product(r) == sum);
  }
  CHECK(total == 11);
  for (int c = 0; c < 6; ++c) {
    CHECK(chosen(c) == (bv(c) ? dv(c) : iv(c)));
    CHECK(above(c) == (iv(c) > 2));
    CHECK(scaled(c) == dv(c) * iv(c));
  }
}

TEST_CASE("NaN and infinities stay what they are, also where a pack is not full") {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  auto f = ag::function(ag::inputs(A, x, y), ag::outputs(dot(A, x) + y, max(y), sum(y), y * y));
  auto a = random_array<double, 2>({5, 4});
  auto u = random_array<double, 1>({4}), v = random_array<double, 1>({5});
  a(1, 3) = inf, a(3, 0) = nan, v(4) = -inf;
  const auto [z, most, sum, squares] = f(a, u, v);
  CHECK(std::isfinite(z(0)));
  CHECK(std::isinf(z(1)));
  CHECK(std::isfinite(z(2)));
  CHECK(std::isnan(z(3)));
  CHECK(z(4) == -inf);
  CHECK(std::isfinite(most));
  CHECK(sum == -inf);
  CHECK(squares(4) == inf);
  v(4) = nan;
  CHECK(std::isnan(std::get<1>(f(a, u, v))));
}

TEST_CASE("another extent than declared is refused before anything is written") {
  auto f = ag::function(ag::inputs(x, y), ag::outputs(sum(y)), ag::updates(x = 2_c * x));
  auto u = random_array<double, 1>({4});
  const auto u0 = u;
  CHECK_THROWS_AS(f(u, random_array<double, 1>({6})), ag::shape_error);
  CHECK(u == u0);
}
