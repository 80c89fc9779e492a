// SPDX-License-Identifier: BSD-3-Clause
// Rows that are done in groups, several at a call of a kernel: reductions that keep an axis, over so many rows that there are
// blocks of groups, and operands that are one number a row.

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include <agnesi/agnesi.hpp>

namespace {

namespace ag = agnesi;

// Numbers whose sums are different in every row.
double number(std::ptrdiff_t i) { return static_cast<double>((i * 2654435761LL) % 2003 - 1001) / 256; }

template <class T>
void fill(ag::array<T, 3>& x) {
  for (std::ptrdiff_t i = 0; i < x.size(); ++i) x.data()[i] = static_cast<T>(number(i));
}

template <class T>
struct row_results {
  std::vector<long double> sum, squares, most;
};

// Over the last axis and, if Outer, over the first one too.
template <class T>
row_results<T> expected(const ag::view<const T, 3>& x, bool outer) {
  const std::ptrdiff_t a = x.extent(0), b = x.extent(1), c = x.extent(2), rows = outer ? b : a * b;
  row_results<T> r;
  r.sum.assign(static_cast<std::size_t>(rows), 0), r.squares.assign(static_cast<std::size_t>(rows), 0);
  r.most.assign(static_cast<std::size_t>(rows), -std::numeric_limits<long double>::infinity());
  for (std::ptrdiff_t i = 0; i < a; ++i)
    for (std::ptrdiff_t j = 0; j < b; ++j)
      for (std::ptrdiff_t k = 0; k < c; ++k) {
        const auto row = static_cast<std::size_t>(outer ? j : i * b + j);
        const long double v = x(i, j, k);
        r.sum[row] += v, r.squares[row] += v * v;
        r.most[row] = v > r.most[row] ? v : r.most[row];
      }
  return r;
}

template <class T, class A>
void compare(const A& sum, const A& squares, const A& most, const row_results<T>& right, std::ptrdiff_t terms) {
  const double bound = 4 * static_cast<double>(std::numeric_limits<T>::epsilon()) * std::sqrt(static_cast<double>(terms) + 1);
  REQUIRE(static_cast<std::size_t>(sum.size()) == right.sum.size());
  std::ptrdiff_t bad = 0;
  for (std::ptrdiff_t i = 0; i < sum.size(); ++i) {
    const auto row = static_cast<std::size_t>(i);
    const double scale = std::sqrt(static_cast<double>(right.squares[row] * static_cast<long double>(terms))) + 1e-30;
    bad += !(std::abs(static_cast<double>(sum.data()[i] - right.sum[row])) <= bound * scale);
    bad += !(std::abs(static_cast<double>(squares.data()[i] - right.squares[row])) <= bound * static_cast<double>(right.squares[row]));
    bad += most.data()[i] != static_cast<T>(right.most[row]);
  }
  CHECK(bad == 0);
}

template <class T>
void check() {
  constexpr auto x = ag::tensor<"x", T, ag::dyn, ag::dyn, ag::dyn>;
  constexpr auto of_rows = ag::outputs(ag::sum(x, ag::axis<2>), ag::sum(ag::sqr(x), ag::axis<2>), ag::max(x, ag::axis<2>));
  constexpr auto of_planes =
      ag::outputs(ag::sum(x, ag::axis<0, 2>), ag::sum(ag::sqr(x), ag::axis<0, 2>), ag::max(x, ag::axis<0, 2>));
  auto rows = ag::function(ag::inputs(x), of_rows);
  auto planes = ag::function(ag::inputs(x), of_planes);
  const std::ptrdiff_t shapes[][3] = {{1, 1, 65},  {1, 31, 100}, {1, 32, 64}, {2, 33, 71},
                                      {3, 70, 97}, {5, 100, 130}, {2, 2049, 67}, {1, 4100, 64}};
  for (const auto& e : shapes) {
    CAPTURE(e[0]);
    CAPTURE(e[1]);
    CAPTURE(e[2]);
    ag::array<T, 3> a({e[0], e[1], e[2]});
    fill(a);
    const ag::view<const T, 3> whole = a.view();
    {
      const auto [sum, squares, most] = rows(whole);
      compare<T>(sum, squares, most, expected<T>(whole, false), e[2]);
    }
    {
      const auto [sum, squares, most] = planes(whole);
      compare<T>(sum, squares, most, expected<T>(whole, true), e[0] * e[2]);
    }
    // Rows in the opposite order, with a gap after each.
    const std::ptrdiff_t c = e[2] - 1;
    const ag::view<const T, 3> turned(a.data() + (e[1] - 1) * e[2], {e[0], e[1], c}, {e[1] * e[2], -e[2], 1});
    const auto [sum, squares, most] = rows(turned);
    compare<T>(sum, squares, most, expected<T>(turned, false), c);
  }
}

TEST_CASE("rows in groups: float") { check<float>(); }
TEST_CASE("rows in groups: double") { check<double>(); }

TEST_CASE("NaN and infinities stay in their row") {
  constexpr auto x = ag::matrix<"x", float>;
  auto f = ag::function(ag::inputs(x), ag::outputs(ag::sum(x, ag::axis<1>), ag::max(x, ag::axis<1>)));
  ag::array<float, 2> a({75, 80});
  for (std::ptrdiff_t i = 0; i < a.size(); ++i) a.data()[i] = 1;
  a(40, 79) = std::numeric_limits<float>::quiet_NaN();
  a(41, 3) = std::numeric_limits<float>::infinity();
  const auto [sum, most] = f(a);
  for (std::ptrdiff_t i = 0; i < 75; ++i) {
    CAPTURE(i);
    if (i == 40) {
      CHECK((std::isnan(sum(i)) && std::isnan(most(i))));
    } else {
      CHECK(sum(i) == (i == 41 ? std::numeric_limits<float>::infinity() : 80.f));
      CHECK(most(i) == (i == 41 ? std::numeric_limits<float>::infinity() : 1.f));
    }
  }
}

template <class T>
void check_repeated() {
  constexpr auto x = ag::matrix<"x", T>;
  constexpr auto a = ag::vector<"a", T>;
  constexpr auto b = ag::vector<"b", std::int32_t>;
  constexpr auto c = ag::vector<"c", std::uint8_t>;
  constexpr auto column = [](auto v) { return ag::expand_dims<1>(v); };
  constexpr auto y = (x - column(a)) * ag::cast<T>(column(b)) + ag::cast<T>(column(c));
  auto f = ag::function(ag::inputs(x, a, b, c), ag::outputs(y));
  auto g = ag::function(ag::inputs(x, a, b, c), ag::outputs(ag::sum(y, ag::axis<1>), ag::max(y, ag::axis<1>)));
  auto h = ag::function(ag::inputs(x, a, b, c), ag::outputs(y, ag::sum(y, ag::axis<1>)));
  for (const std::ptrdiff_t m : {1, 2, 15, 16, 17, 33, 50})
    for (const std::ptrdiff_t n : {15, 16, 17, 31, 63, 64, 100, 300}) {
      CAPTURE(m);
      CAPTURE(n);
      ag::array<T, 2> X({m, n + 3});
      ag::array<T, 1> A({2 * m});
      ag::array<std::int32_t, 1> B({m});
      ag::array<std::uint8_t, 1> C({m});
      for (std::ptrdiff_t i = 0; i < X.size(); ++i) X.data()[i] = static_cast<T>(number(i));
      for (std::ptrdiff_t i = 0; i < A.size(); ++i) A.data()[i] = static_cast<T>(number(7 * i + 3));
      for (std::ptrdiff_t i = 0; i < m; ++i) B(i) = static_cast<std::int32_t>(i % 5 - 2), C(i) = static_cast<std::uint8_t>(250 + i % 6);
      const ag::view<const T, 2> part(X.data() + 1, {m, n}, {n + 3, std::ptrdiff_t{1}});
      const ag::view<const T, 1> backwards(A.data() + 2 * m - 2, {m}, {-2});
      const auto Y = f(part, backwards, B, C);
      const auto [sum, most] = g(part, backwards, B, C);
      const auto [Y2, sum2] = h(part, backwards, B, C);
      std::ptrdiff_t bad = 0;
      for (std::ptrdiff_t i = 0; i < m; ++i) {
        long double total = 0, size = 0, largest = -std::numeric_limits<long double>::infinity();
        for (std::ptrdiff_t j = 0; j < n; ++j) {
          const long double right = (static_cast<long double>(part(i, j)) - backwards(i)) * B(i) + C(i);
          const double bound = 4 * static_cast<double>(std::numeric_limits<T>::epsilon()) * (400 + std::abs(static_cast<double>(right)));
          bad += !(std::abs(static_cast<double>(Y(i, j) - right)) <= bound) + (Y2(i, j) != Y(i, j));
          total += right, size += std::abs(right), largest = right > largest ? right : largest;
        }
        const double bound = 4 * static_cast<double>(std::numeric_limits<T>::epsilon()) * (400. * static_cast<double>(n) + static_cast<double>(size));
        bad += !(std::abs(static_cast<double>(sum(i) - total)) <= bound) + !(std::abs(static_cast<double>(sum2(i) - total)) <= bound);
        bad += !(std::abs(static_cast<double>(most(i) - largest)) <= 4 * static_cast<double>(std::numeric_limits<T>::epsilon()) * 1000);
      }
      CHECK(bad == 0);
    }
}

TEST_CASE("numbers that are repeated along their row: float") { check_repeated<float>(); }
TEST_CASE("numbers that are repeated along their row: double") { check_repeated<double>(); }

TEST_CASE("rows of which nothing is repeated") {
  constexpr auto x = ag::matrix<"x", float>;
  constexpr auto r = ag::vector<"r", float>;
  auto f = ag::function(ag::inputs(x, r), ag::outputs(x + r));
  for (const std::ptrdiff_t m : {2, 64, 65, 130})
    for (const std::ptrdiff_t n : {16, 33, 300}) {
      CAPTURE(m);
      CAPTURE(n);
      ag::array<float, 2> X({m, n + 1});
      ag::array<float, 1> R({n});
      for (std::ptrdiff_t i = 0; i < X.size(); ++i) X.data()[i] = static_cast<float>(number(i));
      for (std::ptrdiff_t i = 0; i < n; ++i) R(i) = static_cast<float>(number(3 * i + 1));
      const ag::view<const float, 2> part(X.data(), {m, n}, {n + 1, std::ptrdiff_t{1}});
      const auto y = f(part, R);
      std::ptrdiff_t bad = 0;
      for (std::ptrdiff_t i = 0; i < m; ++i)
        for (std::ptrdiff_t j = 0; j < n; ++j) bad += y(i, j) != part(i, j) + R(j);
      CHECK(bad == 0);
    }
}

}  // namespace
