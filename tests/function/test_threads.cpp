// SPDX-License-Identifier: BSD-3-Clause

// ag::threads: results do not depend on it beyond the last digits of sums, and the BLAS library gets its threads back.

#include <agnesi/agnesi.hpp>

#include <doctest/doctest.h>

#include <cmath>

namespace ag = agnesi;
using namespace ag::literals;

namespace {

constexpr auto x = ag::matrix<"x", float>;
constexpr auto y = ag::vector<"y", float>;

ag::array<float, 2> numbers(std::ptrdiff_t rows, std::ptrdiff_t columns) {
  auto a = ag::zeros<float>(rows, columns);
  for (std::ptrdiff_t i = 0; i < rows; ++i)
    for (std::ptrdiff_t j = 0; j < columns; ++j) a(i, j) = static_cast<float>((i * 31 + j * 17) % 101) / 101;
  return a;
}

}  // namespace

TEST_CASE("a function computes the same on any number of threads") {
  auto on = [](int n) {
    return ag::function(ag::inputs(x, y), ag::outputs(exp(x) * y + 1_c, sum(x * y, ag::axis<1>), sum(x, ag::axis<0>), max(x)),
                        ag::threads(n));
  };
  auto one = on(1), two = on(2), all = on(0);
  CHECK(one.threads() == 1);
  CHECK(two.threads() == 2);
  CHECK(all.threads() == 0);
  const auto before = ag::cpu::bounds;
  ag::cpu::bounds.bytes_a_thread = 1000;
  for (std::ptrdiff_t n : {1, 7, 300}) {
    const auto X = numbers(n, 2 * n + 1);
    auto Y = ag::zeros<float>(2 * n + 1);
    for (std::ptrdiff_t k = 0; k < 2 * n + 1; ++k) Y(k) = static_cast<float>(k % 7);
    const auto [a1, b1, c1, d1] = one(X, Y);
    const auto [a2, b2, c2, d2] = two(X, Y);
    const auto [a3, b3, c3, d3] = all(X, Y);
    CHECK(a1 == a2);
    CHECK(a1 == a3);
    CHECK(ag::allclose(b1, b2, 1e-5));
    CHECK(ag::allclose(b1, b3, 1e-5));
    CHECK(ag::allclose(c1, c2, 1e-5));
    CHECK(ag::allclose(c1, c3, 1e-5));
    CHECK(d1 == d2);
    CHECK(d1 == d3);
    const auto again = two(X, Y);
    CHECK(std::get<1>(again) == b2);
    CHECK(std::get<2>(again) == c2);
  }
  ag::cpu::bounds = before;
}

TEST_CASE("the BLAS library has as many threads after a call as before it") {
  auto f = ag::function(ag::inputs(x), ag::outputs(dot(x, transpose(x))), ag::threads(1));
  const int before = ag::blas::threads();
  const auto X = numbers(70, 70);
  const auto P = f(X);
  CHECK(ag::blas::threads() == before);
  double wanted = 0;
  for (std::ptrdiff_t k = 0; k < 70; ++k) wanted += static_cast<double>(X(3, k)) * static_cast<double>(X(5, k));
  CHECK(std::abs(static_cast<double>(P(3, 5)) - wanted) < 1e-4);
  {
    const ag::blas::thread_scope one(1);
    CHECK(ag::blas::threads() == 1);
    const ag::blas::thread_scope as_before(0);
    CHECK(ag::blas::threads() == 1);
  }
  CHECK(ag::blas::threads() == before);
}

TEST_CASE("options of other kinds go along with the number of threads") {
  auto f = ag::function(ag::inputs(x), ag::outputs(x / x), ag::ieee, ag::threads(2), ag::without<"fuse">);
  CHECK(f.threads() == 2);
  auto g = f;
  g.set_threads(1);
  CHECK(g.threads() == 1);
  CHECK(f.threads() == 2);
  CHECK(std::isnan(f(ag::zeros<float>(1, 1))(0, 0)));
}
