// SPDX-License-Identifier: BSD-3-Clause

// Means and variances along axes, in one sweep, against two sweeps in long double: every set of axes, layouts, rows that are alike
// and such that are not, means that are large beside the deviations, outliers, infinities, nothing at all; by threads and tiles.

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
  forced_bounds(double tile_bytes, double twice_below, double bytes_a_thread = 1e9) {
    ag::cpu::bounds.tile_bytes = tile_bytes;
    ag::cpu::bounds.twice_below = twice_below;
    ag::cpu::bounds.bytes_a_thread = bytes_a_thread;
  }
};

// A view of rank 3 onto some numbers, and what its sums and squared deviations are over the axes of a mask.
struct layout {
  ptrdiff_t extents[3], strides[3], first = 0;
};
struct wanted {
  std::vector<real> sums, squares, sizes;  // sizes: Σ |x|
};
template <class T>
wanted moments_of(const T* data, const layout& l, unsigned mask) {
  wanted w;
  const auto extent = [&](int a, bool reduced) { return ((mask >> a & 1u) != 0) == reduced ? l.extents[a] : 1; };
  ptrdiff_t k[3], r[3];
  for (k[0] = 0; k[0] < extent(0, false); ++k[0])
    for (k[1] = 0; k[1] < extent(1, false); ++k[1])
      for (k[2] = 0; k[2] < extent(2, false); ++k[2]) {
        std::vector<real> seen;
        for (r[0] = 0; r[0] < extent(0, true); ++r[0])
          for (r[1] = 0; r[1] < extent(1, true); ++r[1])
            for (r[2] = 0; r[2] < extent(2, true); ++r[2]) {
              ptrdiff_t at = l.first;
              for (int a = 0; a < 3; ++a) at += (k[a] + r[a]) * l.strides[a];
              seen.push_back(static_cast<real>(data[at]));
            }
        real sum = 0, size = 0, squares = 0;
        for (real e : seen) sum += e, size += std::abs(e);
        for (real e : seen) squares += (e - sum / static_cast<real>(seen.size())) * (e - sum / static_cast<real>(seen.size()));
        w.sums.push_back(sum), w.squares.push_back(squares), w.sizes.push_back(size);
      }
  return w;
}

template <class T, class Sums, class Squares>
void compare(const wanted& w, const Sums& sums, const Squares& squares, double tolerance) {
  const real eps = std::numeric_limits<T>::epsilon();
  REQUIRE(sums.size() == static_cast<ptrdiff_t>(w.sums.size()));
  REQUIRE(squares.size() == sums.size());
  for (ptrdiff_t k = 0; k < sums.size(); ++k) {
    const auto i = static_cast<std::size_t>(k);
    INFO("result ", k);
    CHECK(std::abs(static_cast<double>((static_cast<real>(sums.data()[k]) - w.sums[i]) / (eps * w.sizes[i] + 1e-300L))) <= tolerance);
    if (w.squares[i] == 0) CHECK(squares.data()[k] == 0);
    else CHECK(std::abs(static_cast<double>((static_cast<real>(squares.data()[k]) - w.squares[i]) / (eps * w.squares[i]))) <= tolerance);
  }
}

enum class kind { alike, far, own_means, constant, outliers, rising, whole, zero };
constexpr kind kinds[] = {kind::alike, kind::far, kind::own_means, kind::constant, kind::outliers, kind::rising, kind::whole, kind::zero};

template <class T>
std::vector<T> data(kind how, std::size_t n) {
  static std::mt19937 random(11);
  std::normal_distribution<double> normal;
  std::vector<T> v(n);
  std::size_t i = 0;
  for (T& e : v) {
    double x = normal(random);
    switch (how) {
      case kind::alike: x += 3; break;
      case kind::far: x = sizeof(T) == 8 ? 1e6 + 1e-2 * x : 1e4 + x; break;
      case kind::own_means: x += static_cast<double>(i / 70 * 7919 % 1000) + 50 * static_cast<double>(i % 13); break;
      case kind::constant: x = 0.1 + static_cast<double>(i / 1500); break;
      case kind::outliers: x = i % 997 == 0 ? 1e5 : 1e-2 * x; break;
      case kind::rising: x = 5 + 0.01 * static_cast<double>(i); break;
      case kind::whole: x = std::round(4 * x) + 40; break;
      case kind::zero: x = 0; break;
    }
    e = static_cast<T>(x);
    ++i;
  }
  return v;
}

// What is added to a square that is all but the whole sum, or to so many alike, is rounded the same way each time.
double tolerance_of(kind how) { return how == kind::outliers || how == kind::constant ? 600 : 100; }

constexpr auto c64 = ag::tensor3<"c64">;
constexpr auto c32 = ag::tensor3<"c32", float>;
constexpr auto m64 = ag::matrix<"m64">;
constexpr auto m32 = ag::matrix<"m32", float>;
constexpr auto k32 = ag::matrix<"k32", std::int32_t>;
constexpr auto row = ag::vector<"row", float>;

template <int... Axes, class X>
auto function_of(X x) {
  const auto centered = x - mean(x, ag::axis<Axes...>, ag::keepdims);
  return ag::function(ag::inputs(x), ag::outputs(sum(x, ag::axis<Axes...>), sum(sqr(centered), ag::axis<Axes...>)));
}

template <class T, class F>
void check_layouts(F f, unsigned mask) {
  const ptrdiff_t shapes[][3] = {{1, 1, 1}, {3, 5, 17}, {2, 300, 7}, {40, 3, 129}, {1, 3, 2000}, {1500, 1, 3}, {5, 1100, 2}};
  const double bounds[][3] = {{512.0 * 1024, 48.0 * 1024, 1e9}, {8192, 0, 1e9}, {4096, 0, 1000}};
  for (const auto& s : shapes)
    for (kind how : kinds)
      for (int arranged = 0; arranged < 4; ++arranged) {
        layout l{{s[0], s[1], s[2]}, {}, 0};
        ptrdiff_t next = arranged == 2 ? 2 : 1;
        for (int k = 0; k < 3; ++k) {
          const int a = arranged == 1 ? k : 2 - k;
          l.strides[a] = arranged == 3 ? -next : next;
          if (arranged == 3) l.first += next * (s[a] - 1);
          next *= s[a];
        }
        const std::vector<T> v = data<T>(how, static_cast<std::size_t>(next));
        const wanted w = moments_of(v.data(), l, mask);
        for (const auto& [tile_bytes, twice_below, bytes_a_thread] : bounds) {
          const forced_bounds scope(tile_bytes, twice_below, bytes_a_thread);
          INFO("kind ", static_cast<int>(how), ", axes ", mask, ", ", s[0], " x ", s[1], " x ", s[2]);
          INFO("arranged ", arranged, ", tiles of ", tile_bytes);
          const ag::view<const T, 3> seen(v.data() + l.first, {s[0], s[1], s[2]}, {l.strides[0], l.strides[1], l.strides[2]});
          const auto [sums, squares] = f(seen);
          compare<T>(w, sums, squares, tolerance_of(how));
        }
      }
}

}  // namespace

TEST_CASE("every set of axes, every layout, floats") {
  check_layouts<float>(function_of<0>(c32), 1);
  check_layouts<float>(function_of<1>(c32), 2);
  check_layouts<float>(function_of<2>(c32), 4);
  check_layouts<float>(function_of<0, 2>(c32), 5);
}

TEST_CASE("every set of axes, every layout, doubles") {
  check_layouts<double>(function_of<0, 1>(c64), 3);
  check_layouts<double>(function_of<1, 2>(c64), 6);
  check_layouts<double>(function_of<1>(c64), 2);
}

TEST_CASE("no less accurate than two loops") {
  auto rows = function_of<1>(m32);
  const auto centered = m32 - mean(m32, ag::axis<1>, ag::keepdims);
  auto loops = ag::function(ag::inputs(m32), ag::outputs(sum(m32, ag::axis<1>), sum(sqr(centered), ag::axis<1>)), ag::without<"one_sweep">);
  const forced_bounds scope(32768, 0);
  for (kind how : kinds) {
    double ours = 0, theirs = 0;
    for (ptrdiff_t n : {30, 200, 1000, 5000}) {
      const std::vector<float> v = data<float>(how, static_cast<std::size_t>(20 * n));
      const ag::view<const float, 2> all(v.data(), {20, n});
      const wanted w = moments_of(v.data(), {{1, 20, n}, {0, n, 1}}, 4);
      const auto [sums, squares] = rows(all);
      const auto [other_sums, other_squares] = loops(all);
      for (ptrdiff_t i = 0; i < 20; ++i) {
        const real exact = w.squares[static_cast<std::size_t>(i)];
        ours += static_cast<double>(std::abs(static_cast<real>(squares(i)) - exact) / (exact + 1e-30L));
        theirs += static_cast<double>(std::abs(static_cast<real>(other_squares(i)) - exact) / (exact + 1e-30L));
      }
    }
    INFO("kind ", static_cast<int>(how));
    CHECK(ours <= 3 * theirs);  // two sums have half the accumulators that one has
  }
}

TEST_CASE("more results than are done at a time, along either axis") {
  auto rows = function_of<1>(m32);
  auto columns = function_of<0>(m32);
  for (const auto& [r, c] : {std::pair{ptrdiff_t{2500}, ptrdiff_t{200}}, {200, 2500}, {3000, 10}, {10, 3000}, {1025, 150}, {66, 1000}, {130, 777}})
    for (kind how : {kind::alike, kind::own_means, kind::far}) {
      const std::vector<float> v = data<float>(how, static_cast<std::size_t>(r * c));
      const ag::view<const float, 2> all(v.data(), {r, c});
      INFO(r, " x ", c, ", kind ", static_cast<int>(how));
      const auto [row_sums, row_squares] = rows(all);
      compare<float>(moments_of(v.data(), {{1, r, c}, {0, c, 1}}, 4), row_sums, row_squares, 100);
      const auto [column_sums, column_squares] = columns(all);
      compare<float>(moments_of(v.data(), {{1, r, c}, {0, c, 1}}, 2), column_sums, column_squares, 100);
    }
}

TEST_CASE("what is computed of several arrays, and of whole numbers") {
  const auto product = m32 * row + 3_c;
  const auto centered = product - mean(product, ag::axis<1>, ag::keepdims);
  auto f = ag::function(ag::inputs(m32, row), ag::outputs(sum(product, ag::axis<1>), sum(sqr(centered), ag::axis<1>)));
  auto g = function_of<0>(k32);
  const ptrdiff_t r = 130, c = 777;
  const std::vector<float> m = data<float>(kind::whole, static_cast<std::size_t>(r * c));
  const std::vector<float> w = data<float>(kind::whole, static_cast<std::size_t>(c));
  std::vector<float> seen;  // whole numbers, which rounding leaves as they are
  std::vector<std::int32_t> whole;
  for (ptrdiff_t i = 0; i < r * c; ++i) {
    seen.push_back(m[static_cast<std::size_t>(i)] * w[static_cast<std::size_t>(i % c)] + 3);
    whole.push_back(static_cast<std::int32_t>(m[static_cast<std::size_t>(i)]) * 1000);
  }
  const auto [sums, squares] = f(ag::view<const float, 2>(m.data(), {r, c}), ag::view<const float, 1>(w.data(), {c}));
  compare<float>(moments_of(seen.data(), {{1, r, c}, {0, c, 1}}, 4), sums, squares, 100);
  const auto [whole_sums, whole_squares] = g(ag::view<const std::int32_t, 2>(whole.data(), {r, c}));
  const wanted exact = moments_of(whole.data(), {{1, r, c}, {0, c, 1}}, 2);
  for (ptrdiff_t k = 0; k < c; ++k) {
    const auto i = static_cast<std::size_t>(k);
    CHECK(static_cast<double>(whole_sums(k)) == static_cast<double>(exact.sums[i]));
    CHECK(static_cast<double>(whole_squares(k)) == doctest::Approx(static_cast<double>(exact.squares[i])).epsilon(1e-12));
  }
}

TEST_CASE("sums of whole floating numbers are exact whatever is taken off them on the way") {
  auto rows = function_of<1>(m32);
  auto columns = function_of<0>(m32);
  const std::vector<float> v = data<float>(kind::whole, 300 * 500);
  const forced_bounds scope(16384, 0);
  const auto [row_sums, row_squares] = rows(ag::view<const float, 2>(v.data(), {300, 500}));
  const auto [column_sums, column_squares] = columns(ag::view<const float, 2>(v.data(), {300, 500}));
  for (ptrdiff_t i = 0; i < 300; ++i) {
    real sum = 0;
    for (ptrdiff_t j = 0; j < 500; ++j) sum += static_cast<real>(v[static_cast<std::size_t>(500 * i + j)]);
    CHECK(row_sums(i) == static_cast<float>(sum));
  }
  for (ptrdiff_t j = 0; j < 500; ++j) {
    real sum = 0;
    for (ptrdiff_t i = 0; i < 300; ++i) sum += static_cast<real>(v[static_cast<std::size_t>(500 * i + j)]);
    CHECK(column_sums(j) == static_cast<float>(sum));
  }
}

TEST_CASE("infinities and NaN stay in their row or column, and nothing is no trouble") {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  auto rows = function_of<1>(m64);
  auto columns = function_of<0>(m64);
  for (double twice_below : {0.0, 1e6})
    for (const auto& [r, c] : {std::pair{ptrdiff_t{20}, ptrdiff_t{300}}, {300, 20}, {7, 9}})
      for (double what : {nan, infinity, -infinity})
        for (ptrdiff_t at : {ptrdiff_t{0}, r * c / 2, r * c - 1}) {
          const forced_bounds scope(8192, twice_below);
          std::vector<double> v = data<double>(kind::far, static_cast<std::size_t>(r * c));
          v[static_cast<std::size_t>(at)] = what;
          const ag::view<const double, 2> all(v.data(), {r, c});
          const auto [row_sums, row_squares] = rows(all);
          for (ptrdiff_t i = 0; i < r; ++i) {
            CHECK(std::isnan(row_squares(i)) == (i == at / c));
            if (i == at / c) CHECK((std::isnan(what) ? std::isnan(row_sums(i)) : row_sums(i) == what));
            else CHECK(std::abs(row_sums(i) / static_cast<double>(c) - 1e6) < 1);
          }
          const auto [column_sums, column_squares] = columns(all);
          for (ptrdiff_t j = 0; j < c; ++j) {
            CHECK(std::isnan(column_squares(j)) == (j == at % c));
            CHECK((std::isnan(what) ? std::isnan(column_sums(j)) : column_sums(j) == what) == (j == at % c));
          }
        }
  const auto [no_sums, no_squares] = rows(ag::zeros<double>(0, 5));
  CHECK(no_sums.size() == 0);
  const auto [zeros, squares] = rows(ag::zeros<double>(5, 0));
  for (ptrdiff_t i = 0; i < 5; ++i) CHECK((zeros(i) == 0 && squares(i) == 0));
}

TEST_CASE("the same for a number of threads, each time, and nearly the same for another") {
  const ptrdiff_t r = 2000, c = 700;
  const std::vector<float> v = data<float>(kind::far, static_cast<std::size_t>(r * c));
  const ag::view<const float, 2> all(v.data(), {r, c});
  const auto check = [&](auto centered, auto axis, unsigned mask) {
    auto one = ag::function(ag::inputs(m32), ag::outputs(sum(m32, axis), sum(sqr(centered), axis)), ag::threads(1));
    auto several = ag::function(ag::inputs(m32), ag::outputs(sum(m32, axis), sum(sqr(centered), axis)), ag::threads(3));
    const wanted w = moments_of(v.data(), {{1, r, c}, {0, c, 1}}, mask);
    const auto [sums, squares] = several(all);
    compare<float>(w, sums, squares, 100);
    const auto [more_sums, more_squares] = one(all);
    compare<float>(w, more_sums, more_squares, 100);
    const auto [same_sums, same_squares] = several(all);
    for (ptrdiff_t k = 0; k < sums.size(); ++k) CHECK((sums(k) == same_sums(k) && squares(k) == same_squares(k)));
  };
  check(m32 - mean(m32, ag::axis<1>, ag::keepdims), ag::axis<1>, 4);
  check(m32 - mean(m32, ag::axis<0>), ag::axis<0>, 2);
}

TEST_CASE("rows and columns are normalized tile by tile, in place and not") {
  const auto in_rows = m64 - mean(m64, ag::axis<1>, ag::keepdims);
  const auto in_columns = m64 - mean(m64, ag::axis<0>);
  auto rows = ag::function(ag::inputs(m64), ag::outputs(in_rows / sqrt(mean(sqr(in_rows), ag::axis<1>, ag::keepdims))));
  auto columns = ag::function(ag::inputs(m64), ag::updates(m64 = in_columns / sqrt(mean(sqr(in_columns), ag::axis<0>))));
  const forced_bounds scope(16384, 0);
  const ptrdiff_t r = 150, c = 260;
  const std::vector<double> v = data<double>(kind::own_means, static_cast<std::size_t>(r * c));
  auto x = ag::zeros<double>(r, c);
  for (ptrdiff_t i = 0; i < r * c; ++i) x.data()[i] = v[static_cast<std::size_t>(i)];
  const auto of_rows = rows(x);
  columns(x);
  const wanted by_row = moments_of(v.data(), {{1, r, c}, {0, c, 1}}, 4), by_column = moments_of(v.data(), {{1, r, c}, {0, c, 1}}, 2);
  for (ptrdiff_t i = 0; i < r; ++i)
    for (ptrdiff_t j = 0; j < c; ++j) {
      const auto at = [&](const wanted& w, ptrdiff_t k, ptrdiff_t n) {
        const real count = static_cast<real>(n);
        const real e = static_cast<real>(v[static_cast<std::size_t>(i * c + j)]), mean = w.sums[static_cast<std::size_t>(k)] / count;
        return static_cast<double>((e - mean) / std::sqrt(w.squares[static_cast<std::size_t>(k)] / count));
      };
      CHECK(of_rows(i, j) == doctest::Approx(at(by_row, i, c)).epsilon(1e-10));
      CHECK(x(i, j) == doctest::Approx(at(by_column, j, r)).epsilon(1e-10));
    }
}
