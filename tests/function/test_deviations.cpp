// SPDX-License-Identifier: BSD-3-Clause

// Means and variances of everything, in one sweep, against two sweeps in long double: means that are large beside the deviations,
// outliers, constants, data that rise, whole numbers, infinities; every layout, every size of the blocks that are combined.

#include <agnesi/agnesi.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include "support/kept_bounds.hpp"

namespace {

namespace ag = agnesi;
using namespace ag::literals;
using real = long double;
using std::ptrdiff_t;

struct forced_bounds : ag::testing::kept_bounds {
  forced_bounds(double tile_bytes, double twice_below) {
    ag::cpu::bounds.tile_bytes = tile_bytes;
    ag::cpu::bounds.twice_below = twice_below;
  }
};

struct moments {
  real mean = 0, squares = 0;
};
template <class V>
moments moments_of(const V& v) {
  moments m;
  const auto first = static_cast<real>(v[0]);
  for (auto e : v) m.mean += static_cast<real>(e) - first;
  m.mean = first + m.mean / static_cast<real>(v.size());
  for (auto e : v) m.squares += (static_cast<real>(e) - m.mean) * (static_cast<real>(e) - m.mean);
  return m;
}

// The sum, and the squared deviations, by blocks of all sizes and in the way for few elements.
template <class T, class Call>
void check(const moments& wanted, ptrdiff_t n, Call call, double tolerance) {
  const double sizes[][2] = {{512.0 * 1024, 48.0 * 1024}, {512.0 * 1024, 0}, {8192, 0}, {600, 0}};
  for (const auto& [tile_bytes, twice_below] : sizes) {
    const forced_bounds scope(tile_bytes, twice_below);
    const auto [sum, squares] = call();
    INFO("elements ", n, ", tiles of ", tile_bytes, ", twice below ", twice_below, ", of ", sizeof(T), " bytes");
    const real eps = std::numeric_limits<T>::epsilon(), total = wanted.mean * static_cast<real>(n);
    const real size = std::abs(total) + std::sqrt(wanted.squares * static_cast<real>(n));
    CHECK(std::abs(static_cast<double>((static_cast<real>(sum) - total) / (eps * size + 1e-300L))) <= tolerance);
    if (wanted.squares == 0) CHECK(squares == 0);
    else CHECK(std::abs(static_cast<double>((static_cast<real>(squares) - wanted.squares) / (eps * wanted.squares))) <= tolerance);
  }
}

enum class kind { far, near_zero, outlier_first, outlier_late, constant, rising, steps, whole };
constexpr kind kinds[] = {kind::far,    kind::near_zero, kind::outlier_first, kind::outlier_late, kind::constant,
                          kind::rising, kind::steps,     kind::whole};

// What is added to a square that is all but the whole sum is rounded the same way each time.
double tolerance_of(kind how, double otherwise) { return how == kind::outlier_first || how == kind::outlier_late ? 256 : otherwise; }

template <class T>
std::vector<T> data(kind how, ptrdiff_t n) {
  static std::mt19937 random(7);
  std::normal_distribution<double> normal;
  constexpr bool is_double = sizeof(T) == 8;
  std::vector<T> v(static_cast<std::size_t>(n));
  ptrdiff_t i = 0;
  for (T& e : v) {
    double x = normal(random);
    switch (how) {
      case kind::far: x = is_double ? 1e6 + 1e-2 * x : 1e4 + x; break;
      case kind::outlier_first: x = i == 0 ? 1e6 : 1e-2 * x; break;
      case kind::outlier_late: x = i == n * 3 / 4 ? -1e6 : 10 + 1e-2 * x; break;
      case kind::constant: x = 0.1; break;
      case kind::rising: x = 5 + 0.001 * static_cast<double>(i); break;
      case kind::steps: x = static_cast<double>(i / 700 * 7919 % 1000) + 0.001 * x; break;
      case kind::whole: x = std::round(4 * x) + 40; break;
      default: break;
    }
    e = static_cast<T>(x);
    ++i;
  }
  return v;
}

constexpr auto v32 = ag::vector<"v32", float>;
constexpr auto v64 = ag::vector<"v64">;
constexpr auto m64 = ag::matrix<"m64">;
constexpr auto m32 = ag::matrix<"m32", float>;
constexpr auto row = ag::vector<"row", float>;
constexpr auto k = ag::vector<"k", std::int32_t>;
constexpr auto b = ag::vector<"b", bool>;

template <class X>
auto function_of(X x) {
  return ag::function(ag::inputs(x), ag::outputs(sum(x), sum(sqr(x - mean(x)))));
}
template <class T, class F>
void check_vectors(F& f, double tolerance) {
  for (ptrdiff_t n : {1, 2, 3, 17, 64, 65, 100, 511, 1000, 4099, 33333})
    for (kind how : kinds) {
      INFO("kind ", static_cast<int>(how));
      std::vector<T> v = data<T>(how, n);
      check<T>(moments_of(v), n, [&] { return f(ag::view<const T, 1>(v.data(), {n})); }, tolerance_of(how, tolerance));
      std::vector<T> backwards(v.rbegin(), v.rend());
      check<T>(moments_of(v), n, [&] { return f(ag::view<const T, 1>(backwards.data() + n - 1, {n}, {-1})); }, tolerance_of(how, tolerance));
    }
}

}  // namespace

TEST_CASE("vectors of every kind, also backwards") {
  auto f = function_of(v64);
  check_vectors<double>(f, 100);
  auto g = function_of(v32);
  check_vectors<float>(g, 100);
}

TEST_CASE("no less accurate than two loops") {
  auto f = function_of(v32);
  auto loops = ag::function(ag::inputs(v32), ag::outputs(sum(v32), sum(sqr(v32 - mean(v32)))), ag::without<"one_sweep">);
  const forced_bounds scope(32768, 0);
  for (kind how : kinds) {
    double ours = 0, theirs = 0;
    for (ptrdiff_t n = 1000; n < 40000; n = n * 5 / 4) {
      const std::vector<float> v = data<float>(how, n);
      const ag::view<const float, 1> all(v.data(), {n});
      const real wanted = moments_of(v).squares;
      ours += static_cast<double>(std::abs(static_cast<real>(std::get<1>(f(all))) - wanted) / (wanted + 1e-30L));
      theirs += static_cast<double>(std::abs(static_cast<real>(std::get<1>(loops(all))) - wanted) / (wanted + 1e-30L));
    }
    INFO("kind ", static_cast<int>(how));
    CHECK(ours <= 2 * theirs);
  }
}

TEST_CASE("matrices by rows, transposed, with gaps, repeated and reversed") {
  auto f = function_of(m64);
  for (const auto& [rows, columns] : {std::pair{1, 1}, {3, 500}, {500, 3}, {64, 65}, {129, 70}, {1, 3000}})
    for (kind how : kinds) {
      const ptrdiff_t r = rows, c = columns, n = r * c;
      const std::vector<double> v = data<double>(how, 2 * n);
      const ptrdiff_t layouts[][3] = {{c, 1, 0}, {1, r, 0}, {2 * c, 2, 0}, {0, 1, 0}, {-c, 1, (r - 1) * c}, {c, -1, c - 1}};
      for (const auto& [by_row, by_column, first] : layouts) {
        std::vector<double> seen;
        for (ptrdiff_t i = 0; i < r; ++i)
          for (ptrdiff_t j = 0; j < c; ++j) seen.push_back(v[static_cast<std::size_t>(first + i * by_row + j * by_column)]);
        INFO("kind ", static_cast<int>(how), ", ", r, " x ", c, ", strides ", by_row, " and ", by_column);
        check<double>(moments_of(seen), n,
                      [&] { return f(ag::view<const double, 2>(v.data() + first, {r, c}, {by_row, by_column})); }, tolerance_of(how, 100));
      }
    }
}

TEST_CASE("what is computed of several arrays") {
  auto f = ag::function(ag::inputs(m32, row), ag::outputs(sum(m32 * row + 3_c), sum(sqr(m32 * row + 3_c - mean(m32 * row + 3_c)))));
  const ptrdiff_t r = 130, c = 77;
  const std::vector<float> m = data<float>(kind::whole, r * c), w = data<float>(kind::whole, c);
  std::vector<float> seen;  // whole numbers, which rounding leaves as they are
  for (ptrdiff_t i = 0; i < r; ++i)
    for (ptrdiff_t j = 0; j < c; ++j) seen.push_back(m[static_cast<std::size_t>(i * c + j)] * w[static_cast<std::size_t>(j)] + 3);
  check<float>(moments_of(seen), r * c,
               [&] { return f(ag::view<const float, 2>(m.data(), {r, c}), ag::view<const float, 1>(w.data(), {c})); }, 100);
}

TEST_CASE("whole numbers and truth values") {
  auto f = function_of(k);
  auto g = function_of(b);
  for (ptrdiff_t n : {1, 10, 999, 20000}) {
    std::vector<std::int32_t> whole;
    auto truths = ag::zeros<bool>(n);
    std::vector<int> ones;
    for (ptrdiff_t i = 0; i < n; ++i) {
      whole.push_back(static_cast<std::int32_t>(i * 7919 % 10007 - 5000));
      truths(i) = i % 3 == 0;
      ones.push_back(i % 3 == 0);
    }
    const double sum = static_cast<double>(std::round(moments_of(whole).mean * static_cast<real>(n)));
    check<double>(moments_of(whole), n, [&] {
      const auto [total, squares] = f(ag::view<const std::int32_t, 1>(whole.data(), {n}));
      CHECK(static_cast<double>(total) == sum);
      return std::pair(static_cast<double>(total), squares);
    }, 100);
    check<double>(moments_of(ones), n, [&] {
      const auto [total, squares] = g(truths);
      return std::pair(static_cast<double>(total), squares);
    }, 100);
  }
}

TEST_CASE("sums of whole floating numbers are exact whatever is taken off them on the way") {
  auto f = function_of(v64);
  for (ptrdiff_t n : {100, 5000, 30000}) {
    const std::vector<double> v = data<double>(kind::whole, n);
    real sum = 0;
    for (double e : v) sum += e;
    for (double tiles : {1e6, 4096.0}) {
      const forced_bounds scope(tiles, 0);
      const auto [total, squares] = f(ag::view<const double, 1>(v.data(), {n}));
      CHECK(total == static_cast<double>(sum));
      CHECK(squares > 0);
    }
  }
}

TEST_CASE("infinities and NaN anywhere, and nothing at all") {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  auto f = function_of(v64);
  for (double twice_below : {0.0, 1e6}) {
    const forced_bounds scope(2048, twice_below);
    for (ptrdiff_t n : {1, 100, 3000})
      for (ptrdiff_t at : {ptrdiff_t{0}, n / 2, n - 1}) {
        std::vector<double> v = data<double>(kind::far, n);
        const auto moments_with = [&](double e) {
          v[static_cast<std::size_t>(at)] = e;
          return f(ag::view<const double, 1>(v.data(), {n}));
        };
        CHECK(std::get<0>(moments_with(infinity)) == infinity);
        CHECK(std::isnan(std::get<1>(moments_with(infinity))));
        CHECK(std::get<0>(moments_with(-infinity)) == -infinity);
        CHECK(std::isnan(std::get<0>(moments_with(nan))));
        CHECK(std::isnan(std::get<1>(moments_with(nan))));
      }
    const auto [sum, squares] = f(ag::zeros<double>(0));
    CHECK(sum == 0);
    CHECK(squares == 0);
  }
}

TEST_CASE("ten million floats, once for all threads and once for one") {
  const ptrdiff_t n = 10'000'019;
  const std::vector<float> v = data<float>(kind::far, n);
  const moments wanted = moments_of(v);
  const ag::view<const float, 1> all(v.data(), {n});
  auto one = ag::function(ag::inputs(v32), ag::outputs(mean(v32), mean(sqr(v32 - mean(v32)))), ag::threads(1));
  auto several = ag::function(ag::inputs(v32), ag::outputs(mean(v32), mean(sqr(v32 - mean(v32)))), ag::threads(3));
  for (int times = 0; times < 2; ++times) {
    const auto [mean, variance] = times == 0 ? one(all) : several(all);
    CHECK(std::abs(static_cast<double>(mean - wanted.mean)) <= 1e-3);
    CHECK(std::abs(static_cast<double>(variance / (wanted.squares / static_cast<real>(n)) - 1)) <= 4e-6);
  }
  CHECK(several(all) == several(all));
}

TEST_CASE("a variance by n - 1, a standard deviation, and what is made of both") {
  auto f = ag::function(ag::inputs(v64), ag::outputs(sum(sqr(v64 - mean(v64))) / (sum(0_c * v64 + 1_c) - 1_c),
                                                     sqrt(mean(sqr(v64 - mean(v64)))), (v64 - mean(v64)) / sqrt(mean(sqr(v64 - mean(v64))))));
  const forced_bounds scope(2048, 0);
  const std::vector<double> v = data<double>(kind::far, 999);
  const moments wanted = moments_of(v);
  const auto [variance, deviation, normal] = f(ag::view<const double, 1>(v.data(), {999}));
  CHECK(variance == doctest::Approx(static_cast<double>(wanted.squares / 998)).epsilon(1e-13));
  CHECK(deviation == doctest::Approx(static_cast<double>(std::sqrt(wanted.squares / 999))).epsilon(1e-13));
  CHECK(normal(500) == doctest::Approx(static_cast<double>((v[500] - wanted.mean) / std::sqrt(wanted.squares / 999))).epsilon(1e-7));
}

TEST_CASE("an array is normalized in place") {
  auto f = ag::function(ag::inputs(v64), ag::updates(v64 = (v64 - mean(v64)) / sqrt(mean(sqr(v64 - mean(v64))))));
  const forced_bounds scope(2048, 0);
  const std::vector<double> v = data<double>(kind::steps, 1001);
  const moments wanted = moments_of(v);
  auto x = ag::zeros<double>(1001);
  for (ptrdiff_t i = 0; i < 1001; ++i) x(i) = v[static_cast<std::size_t>(i)];
  f(x);
  const real deviation = std::sqrt(wanted.squares / 1001);
  for (std::size_t i : {std::size_t{0}, std::size_t{500}, std::size_t{1000}})
    CHECK(x(static_cast<ptrdiff_t>(i)) == doctest::Approx(static_cast<double>((v[i] - wanted.mean) / deviation)).epsilon(1e-12));
}
