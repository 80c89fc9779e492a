// SPDX-License-Identifier: BSD-3-Clause

// Steps that run tile by tile compute what they compute at once, whatever the tiles' size.

#include <agnesi/agnesi.hpp>

#include "support/kept_bounds.hpp"
#include "support/reference.hpp"

#include <doctest/doctest.h>

namespace {

namespace ag = agnesi;
using namespace ag::literals;
using namespace ag::testing;

constexpr auto x = ag::matrix<"x">;
constexpr auto m = ag::matrix<"m", float>;
constexpr auto v = ag::vector<"v">;
constexpr auto w = ag::vector<"w">;
constexpr auto labels = ag::vector<"labels", std::int64_t>;
constexpr auto t3 = ag::tensor<"t3", double, ag::dyn, ag::dyn, ag::dyn>;

struct sizes {
  double tile, thread;
};
// The bounds of tiles and of threads, while one of these lives.
struct bounds_of : ag::testing::kept_bounds {
  explicit bounds_of(sizes s) {
    ag::cpu::bounds.tile_bytes = s.tile;
    ag::cpu::bounds.bytes_a_thread = s.thread;
  }
};

template <class F>
bool is_tiled(const F& f) {
  return f.explain().find("tile by tile along ") != std::string::npos;
}

// One index at a time, a few with a rest, everything at once; on one thread and on as many as there are.
constexpr sizes all_sizes[] = {{1, 1e12}, {700, 1e12}, {1e12, 1e12}, {1, 64}, {700, 64}, {1e12, 64}};
constexpr sizes at_once = {1e12, 1e12};

}  // namespace

TEST_CASE("the size of a tile") {
  const bounds_of bounds({1000, 1e12});
  CHECK(ag::cpu::tile_size(10, 100, true) == 10);     // all at once where that is not much more than a tile
  CHECK(ag::cpu::tile_size(21, 100, true) == 7);      // of equal size
  CHECK(ag::cpu::tile_size(3, 1e6, true) == 1);
  CHECK(ag::cpu::tile_size(1000, 100, false) == 64);  // whole cache lines
  CHECK(ag::cpu::tile_size(1000, 5, false) == 192);
  CHECK(ag::cpu::tile_size(40, 100, false) == 40);
  CHECK(ag::cpu::tile_size(0, 100, true) == 1);
  CHECK(ag::cpu::tile_size(10, 100, true, 4) == 3);   // a tile for each thread
  CHECK(ag::cpu::tile_size(21, 100, true, 2) == 6);   // as many tiles for one as for the other
  CHECK(ag::cpu::tile_size(2, 100, true, 4) == 1);
  CHECK(ag::cpu::tile_size(1000, 1, false, 2) == 448);
}

TEST_CASE("softmax along rows and along columns, of contiguous and of transposed matrices") {
  auto rows = ag::function(ag::inputs(x), ag::outputs(softmax(x, ag::axis<1>)));
  auto columns = ag::function(ag::inputs(x), ag::outputs(softmax(x, ag::axis<0>)));
  CHECK(is_tiled(rows));
  CHECK(is_tiled(columns));
  const ag::array<double, 2> a = random_array<double, 2>({37, 131}, -20, 20);
  for (sizes size : all_sizes) {
    const bounds_of bounds(size);
    const ag::array<double, 2> r = rows(a), c = columns(a), rt = rows(ag::view<const double, 2>(a.data(), {131, 37}, {1, 131}));
    for (std::ptrdiff_t i = 0; i < 37; ++i) {
      long double sum = 0;
      for (std::ptrdiff_t j = 0; j < 131; ++j) sum += std::exp(static_cast<long double>(a(i, j)));
      for (std::ptrdiff_t j = 0; j < 131; ++j)
        CHECK(near(r(i, j), static_cast<double>(std::exp(static_cast<long double>(a(i, j))) / sum), 1e-13));
    }
    for (std::ptrdiff_t j = 0; j < 131; ++j) {
      long double sum = 0;
      for (std::ptrdiff_t i = 0; i < 37; ++i) sum += std::exp(static_cast<long double>(a(i, j)));
      for (std::ptrdiff_t i = 0; i < 37; ++i) {
        const auto p = static_cast<double>(std::exp(static_cast<long double>(a(i, j))) / sum);
        CHECK(near(c(i, j), p, 1e-13));
        CHECK(near(rt(j, i), p, 1e-13));
      }
    }
  }
}

TEST_CASE("a cross entropy with its gradient: gathers, scatters and a sum over the tiles") {
  auto cost = mean(cross_entropy_with_logits(m, labels));
  auto f = ag::function(ag::inputs(m, labels), ag::outputs(cost, ag::grad(cost, m)));
  CHECK(is_tiled(f));
  const ag::array<float, 2> a = random_array<float, 2>({41, 13}, -5, 5);
  ag::array<std::int64_t, 1> y({41});
  for (std::ptrdiff_t i = 0; i < 41; ++i) y(i) = (7 * i) % 13;
  for (sizes size : all_sizes) {
    const bounds_of bounds(size);
    const auto [loss, slope] = f(a, y);
    long double expected = 0;
    for (std::ptrdiff_t i = 0; i < 41; ++i) {
      long double sum = 0;
      for (std::ptrdiff_t j = 0; j < 13; ++j) sum += std::exp(static_cast<long double>(a(i, j)));
      expected += (std::log(sum) - a(i, y(i))) / 41;
      for (std::ptrdiff_t j = 0; j < 13; ++j) {
        const long double p = std::exp(static_cast<long double>(a(i, j))) / sum - (j == y(i) ? 1 : 0);
        CHECK(near(slope(i, j), static_cast<double>(p / 41), 1e-5));
      }
    }
    CHECK(near(loss, static_cast<double>(expected), 1e-5));
  }
}

TEST_CASE("a matrix is read once for both of its products, and the vector that changes meanwhile is copied") {
  auto r = sigmoid(dot(x, w)) - v;
  auto f = ag::function(ag::inputs(x, v, w), ag::outputs(sum(sqr(r))), ag::updates(w = 0.9_c * w - 0.1_c * dot(r, x)));
  CHECK(is_tiled(f));
  const ag::array<double, 2> a = random_array<double, 2>({53, 17});
  const ag::array<double, 1> target = random_array<double, 1>({53});
  for (sizes size : all_sizes) {
    const bounds_of bounds(size);
    f.set_threads(size.tile == 700 ? 3 : 0);
    ag::array<double, 1> weights = random_array<double, 1>({17});
    const ag::array<double, 1> before = weights;
    const double cost = f(a, target, weights);
    long double slope[17]{}, total = 0;
    for (std::ptrdiff_t i = 0; i < 53; ++i) {
      long double z = 0;
      for (std::ptrdiff_t j = 0; j < 17; ++j) z += static_cast<long double>(a(i, j)) * before(j);
      const long double d = 1 / (1 + std::exp(-z)) - target(i);
      total += d * d;
      for (std::ptrdiff_t j = 0; j < 17; ++j) slope[j] += d * a(i, j);
    }
    CHECK(near(cost, static_cast<double>(total), 1e-12));
    for (std::ptrdiff_t j = 0; j < 17; ++j)
      CHECK(near(weights(j), static_cast<double>(0.9L * before(j) - 0.1L * slope[j]), 1e-12));
  }
}

TEST_CASE("what one tiling adds up is read by the tiles of the next one") {
  auto slope = dot(tanh(dot(x, w)) - v, x);
  auto f = ag::function(ag::inputs(x, v, w), ag::outputs(dot(v * dot(x, slope), x)));
  const std::string plan = f.explain();
  CHECK(plan.find("tile by tile along ") != plan.rfind("tile by tile along "));
  const ag::array<double, 2> a = random_array<double, 2>({47, 11});
  const ag::array<double, 1> target = random_array<double, 1>({47}), weights = random_array<double, 1>({11});
  long double first[11]{}, second[11]{};
  const auto row = [&](std::ptrdiff_t i, auto of) {
    long double sum = 0;
    for (std::ptrdiff_t j = 0; j < 11; ++j) sum += static_cast<long double>(a(i, j)) * of(j);
    return sum;
  };
  for (std::ptrdiff_t i = 0; i < 47; ++i) {
    const long double r = std::tanh(row(i, [&](std::ptrdiff_t j) { return static_cast<long double>(weights(j)); })) - target(i);
    for (std::ptrdiff_t j = 0; j < 11; ++j) first[j] += r * a(i, j);
  }
  for (std::ptrdiff_t i = 0; i < 47; ++i) {
    const long double r = target(i) * row(i, [&](std::ptrdiff_t j) { return first[j]; });
    for (std::ptrdiff_t j = 0; j < 11; ++j) second[j] += r * a(i, j);
  }
  for (sizes size : all_sizes) {
    const bounds_of bounds(size);
    f.set_threads(size.tile == 700 ? 3 : 0);
    const ag::array<double, 1> result = f(a, target, weights);
    for (std::ptrdiff_t j = 0; j < 11; ++j) CHECK(near(result(j), static_cast<double>(second[j]), 1e-12));
  }
}

TEST_CASE("layer norm and its gradient, as at once") {
  auto centered = x - mean(x, ag::axis<1>, ag::keepdims);
  auto n = centered / sqrt(mean(sqr(centered), ag::axis<1>, ag::keepdims) + 1e-5_c) * w;
  auto cost = sum(tanh(n));
  auto f = ag::function(ag::inputs(x, w), ag::outputs(n, cost, ag::grad(cost, x), ag::grad(cost, w)));
  CHECK(is_tiled(f));
  const ag::array<double, 2> a = random_array<double, 2>({29, 19}, -3, 3);
  const ag::array<double, 1> scale = random_array<double, 1>({19});
  const auto whole = [&] {
    const bounds_of bounds(at_once);
    return f(a, scale);
  }();
  for (sizes size : all_sizes) {
    const bounds_of bounds(size);
    const auto parts = f(a, scale);
    CHECK(difference(std::get<0>(parts), std::get<0>(whole), 1e-14) == "");
    CHECK(near(std::get<1>(parts), std::get<1>(whole), 1e-13));
    CHECK(difference(std::get<2>(parts), std::get<2>(whole), 1e-13) == "");
    CHECK(difference(std::get<3>(parts), std::get<3>(whole), 1e-12) == "");
  }
}

TEST_CASE("maxima, products and truth values over the tiles") {
  auto centered = x - expand_dims<1>(max(x, ag::axis<1>));
  auto f = ag::function(ag::inputs(x), ag::outputs(max(centered, ag::axis<0>), min(centered, ag::axis<0>), any(centered == -0.25_c, ag::axis<0>)));
  auto g = ag::function(ag::inputs(x), ag::outputs(prod(x / expand_dims<1>(sum(sqr(x), ag::axis<1>)), ag::axis<0>)));
  CHECK(is_tiled(f));
  CHECK(is_tiled(g));
  ag::array<double, 2> a = random_array<double, 2>({23, 9});
  a(22, 4) = 2, a(22, 5) = 1.75;
  for (sizes size : all_sizes) {
    const bounds_of bounds(size);
    const auto [largest, smallest, some] = f(a);
    const ag::array<double, 1> product = g(a);
    for (std::ptrdiff_t j = 0; j < 9; ++j) {
      double hi = -1e300, lo = 1e300;
      long double p = 1;
      bool found = false;
      for (std::ptrdiff_t i = 0; i < 23; ++i) {
        double top = -1e300;
        long double squares = 0;
        for (std::ptrdiff_t k = 0; k < 9; ++k) {
          top = std::fmax(top, a(i, k));
          squares += static_cast<long double>(a(i, k)) * a(i, k);
        }
        hi = std::fmax(hi, a(i, j) - top), lo = std::fmin(lo, a(i, j) - top);
        found = found || a(i, j) - top == -0.25;
        p *= a(i, j) / squares;
      }
      CHECK(largest(j) == hi);
      CHECK(smallest(j) == lo);
      CHECK(some(j) == found);
      CHECK(near(product(j), static_cast<double>(p), 1e-12));
    }
  }
}

TEST_CASE("no rows: results over nothing, and nothing else is written") {
  auto cost = sum(softmax(x, ag::axis<1>) * w);
  auto f = ag::function(ag::inputs(x, w), ag::outputs(softmax(x, ag::axis<1>), cost, ag::grad(cost, w)));
  for (sizes size : all_sizes) {
    const bounds_of bounds(size);
    const auto [p, total, slope] = f(ag::array<double, 2>({0, 5}), random_array<double, 1>({5}));
    CHECK(p.size() == 0);
    CHECK(total == 0);
    for (double e : slope) CHECK(e == 0);
  }
}

TEST_CASE("three axes, of which the first or the middle one is cut") {
  auto f = ag::function(ag::inputs(t3), ag::outputs(t3 - expand_dims<2>(mean(t3, ag::axis<2>)), softmax(t3, ag::axis<1>)));
  CHECK(is_tiled(f));
  ag::array<double, 3> a({6, 11, 7});
  double k = 0;
  for (double& e : a) e = std::sin(k += 1.7);
  const auto whole = [&] {
    const bounds_of bounds(at_once);
    return f(a);
  }();
  for (sizes size : all_sizes) {
    const bounds_of bounds(size);
    const auto parts = f(a);
    CHECK(difference(std::get<0>(parts), std::get<0>(whole), 1e-14) == "");
    CHECK(difference(std::get<1>(parts), std::get<1>(whole), 1e-14) == "");
    for (std::ptrdiff_t i = 0; i < 6; ++i)
      for (std::ptrdiff_t j = 0; j < 11; ++j) {
        long double mean = 0;
        for (std::ptrdiff_t l = 0; l < 7; ++l) mean += static_cast<long double>(a(i, j, l)) / 7;
        CHECK(near(std::get<0>(parts)(i, j, 3), static_cast<double>(a(i, j, 3) - mean), 1e-14));
      }
  }
}

TEST_CASE("rows that are looked up, by indices with a check of their own") {
  constexpr auto ids = ag::vector<"ids", std::int64_t>;
  auto rows = x(ids);
  auto f = ag::function(ag::inputs(x, ids, w), ag::outputs(dot(exp(rows) / expand_dims<1>(sum(exp(rows), ag::axis<1>)), w)));
  CHECK(is_tiled(f));
  const ag::array<double, 2> a = random_array<double, 2>({9, 12});
  const ag::array<double, 1> weights = random_array<double, 1>({12});
  ag::array<std::int64_t, 1> which({31});
  for (std::ptrdiff_t i = 0; i < 31; ++i) which(i) = (5 * i) % 18 - 9;
  for (sizes size : all_sizes) {
    const bounds_of bounds(size);
    const ag::array<double, 1> r = f(a, which, weights);
    for (std::ptrdiff_t i = 0; i < 31; ++i) {
      const std::ptrdiff_t row = which(i) < 0 ? which(i) + 9 : which(i);
      long double sum = 0, value = 0;
      for (std::ptrdiff_t j = 0; j < 12; ++j) {
        const long double e = std::exp(static_cast<long double>(a(row, j)));
        sum += e, value += e * weights(j);
      }
      CHECK(near(r(i), static_cast<double>(value / sum), 1e-13));
    }
    ag::array<std::int64_t, 1> wrong = which;
    wrong(30) = 9;
    CHECK_THROWS_AS(f(a, wrong, weights), ag::index_error);
  }
}
