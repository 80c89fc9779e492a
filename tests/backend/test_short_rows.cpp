// SPDX-License-Identifier: BSD-3-Clause
// Reductions along short rows, and what is computed of them, held against loops over long double: as many rows and elements a row
// as there are ways to fill packs, rows with gaps, backwards, of columns, and with NaN and infinities.

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include <agnesi/agnesi.hpp>

namespace {

namespace ag = agnesi;
using namespace ag::literals;

double number(std::ptrdiff_t i) { return static_cast<double>((i * 2654435761LL) % 2003 - 1001) / 256; }

template <class T>
constexpr double epsilon = static_cast<double>(std::numeric_limits<T>::epsilon());

// NaN and infinities are to be the same, numbers within `bound`.
bool is_near(double x, long double right, double bound) {
  const auto r = static_cast<double>(right);
  if (std::isnan(r) || std::isnan(x)) return std::isnan(r) && std::isnan(x);
  return x == r || std::abs(x - r) <= bound;
}

struct shape {
  std::ptrdiff_t m, n;
};
std::vector<shape> shapes() {
  std::vector<shape> all;
  for (const std::ptrdiff_t m : {0, 1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 70})
    for (std::ptrdiff_t n = 1; n <= 40; ++n) all.push_back({m, n});
  for (const std::ptrdiff_t n : {1, 2, 3, 10, 23, 24, 31, 32}) all.push_back({300, n}), all.push_back({1111, n});
  return all;
}

// How a matrix of m x n lies in memory.
enum class layout { dense, sliced, backwards, transposed, every_other };
template <class T>
struct matrix {
  ag::array<T, 1> memory;
  ag::view<const T, 2> view;
  matrix(shape s, layout how) : memory({2 * (s.m + 1) * (s.n + 3)}), view(memory.data(), {s.m, s.n}, {s.n, std::ptrdiff_t{1}}) {
    for (std::ptrdiff_t i = 0; i < memory.size(); ++i) memory(i) = static_cast<T>(number(i + 11 * s.m));
    const auto lies = [&](const T* data, std::ptrdiff_t row, std::ptrdiff_t column) {
      view = ag::view<const T, 2>(data, {s.m, s.n}, {row, column});
    };
    if (how == layout::sliced) lies(memory.data() + 2, s.n + 3, 1);
    if (how == layout::backwards) lies(memory.data() + (s.m > 0 ? s.m - 1 : 0) * s.n + s.n - 1, -s.n, -1);
    if (how == layout::transposed) lies(memory.data(), 1, s.m);
    if (how == layout::every_other) lies(memory.data(), 2 * s.n, 2);
  }
};

template <class T>
void check_reductions(layout how) {
  constexpr auto x = ag::matrix<"x", T>;
  constexpr auto rows = ag::axis<1>;
  auto plain = ag::function(ag::inputs(x), ag::outputs(ag::sum(x, rows)));
  auto all = ag::function(ag::inputs(x), ag::outputs(ag::sum(ag::sqr(x), rows), ag::max(x, rows), ag::min(x, rows),
                                                     ag::prod(1_c + x / 64_c, rows)));
  auto truths = ag::function(ag::inputs(x), ag::outputs(ag::any(x > 3_c, rows), ag::all(x > -3_c, rows)));
  std::ptrdiff_t bad = 0;
  for (const shape s : shapes()) {
    const matrix<T> a(s, how);
    const auto sums = plain(a.view);
    const auto [squares, most, least, products] = all(a.view);
    const auto [any, every] = truths(a.view);
    REQUIRE((sums.extent(0) == s.m && most.extent(0) == s.m));
    for (std::ptrdiff_t i = 0; i < s.m; ++i) {
      long double sum = 0, size = 0, square = 0, product = 1, largest = -INFINITY, smallest = INFINITY;
      bool some = false, whole = true;
      for (std::ptrdiff_t j = 0; j < s.n; ++j) {
        const long double v = a.view(i, j);
        sum += v, size += std::abs(v), square += v * v, product *= 1 + v / 64;
        largest = v > largest ? v : largest, smallest = v < smallest ? v : smallest;
        some = some || v > 3, whole = whole && v > -3;
      }
      const double n = static_cast<double>(s.n);
      bad += !is_near(static_cast<double>(sums(i)), sum, epsilon<T> * (1 + std::sqrt(n)) * static_cast<double>(size));
      bad += !is_near(static_cast<double>(squares(i)), square, epsilon<T> * (2 + std::sqrt(n)) * static_cast<double>(square));
      bad += !is_near(static_cast<double>(products(i)), product, epsilon<T> * (3 + n) * static_cast<double>(std::abs(product)));
      bad += most(i) != static_cast<T>(largest) || least(i) != static_cast<T>(smallest);
      bad += any(i) != some || every(i) != whole;
    }
  }
  CHECK(bad == 0);
}

TEST_CASE("reductions along short rows: float") {
  for (const layout how : {layout::dense, layout::sliced, layout::backwards, layout::transposed, layout::every_other})
    check_reductions<float>(how);
}
TEST_CASE("reductions along short rows: double") {
  for (const layout how : {layout::dense, layout::sliced, layout::backwards, layout::transposed, layout::every_other})
    check_reductions<double>(how);
}

// Softmax, its logarithm, the loss and its gradient.
template <class T>
void check_classes(layout how) {
  constexpr auto z = ag::matrix<"z", T>;
  constexpr auto b = ag::vector<"b", T>;
  constexpr auto y = ag::vector<"y", std::int32_t>;
  constexpr auto cost = ag::mean(ag::cross_entropy_with_logits(z + b, y));
  auto probabilities = ag::function(ag::inputs(z), ag::outputs(ag::softmax(z), ag::logsumexp(z, ag::axis<1>)));
  auto logarithms = ag::function(ag::inputs(z, b), ag::outputs(ag::log_softmax(z + b)));
  auto losses = ag::function(ag::inputs(z, b, y), ag::outputs(cost, ag::grad(cost, z), ag::grad(cost, b)));
  std::ptrdiff_t bad = 0;
  for (const shape s : shapes()) {
    if (s.n < 2) continue;
    const matrix<T> a(s, how);
    ag::array<T, 1> shift({s.n});
    for (std::ptrdiff_t j = 0; j < s.n; ++j) shift(j) = static_cast<T>(number(5 * j + 2));
    ag::array<std::int32_t, 1> labels({s.m});
    for (std::ptrdiff_t i = 0; i < s.m; ++i) labels(i) = static_cast<std::int32_t>(i % 3 == 0 ? (i + 4) % s.n : -1 - i % s.n);
    const auto [p, lse] = probabilities(a.view);
    const auto log_p = logarithms(a.view, shift);
    long double total = 0;
    std::vector<long double> down(static_cast<std::size_t>(s.n));
    if (s.m == 0) continue;
    const auto [loss, slope, slope_of_shift] = losses(a.view, shift, labels);
    for (std::ptrdiff_t i = 0; i < s.m; ++i) {
      long double sum = 0, shifted = 0;
      for (std::ptrdiff_t j = 0; j < s.n; ++j) {
        sum += std::exp(static_cast<long double>(a.view(i, j)));
        shifted += std::exp(static_cast<long double>(a.view(i, j)) + shift(j));
      }
      const std::ptrdiff_t label = labels(i) < 0 ? labels(i) + s.n : labels(i);
      total += std::log(shifted) - (static_cast<long double>(a.view(i, label)) + shift(label));
      bad += !is_near(static_cast<double>(lse(i)), std::log(sum), 8 * epsilon<T>);
      for (std::ptrdiff_t j = 0; j < s.n; ++j) {
        const long double right = std::exp(static_cast<long double>(a.view(i, j))) / sum;
        const long double v = static_cast<long double>(a.view(i, j)) + shift(j), q = std::exp(v) / shifted;
        bad += !is_near(static_cast<double>(p(i, j)), right, 16 * epsilon<T> * static_cast<double>(right));
        bad += !is_near(static_cast<double>(log_p(i, j)), v - std::log(shifted), 16 * epsilon<T> + 2 * epsilon<T> * static_cast<double>(std::abs(v)));
        bad += !is_near(static_cast<double>(slope(i, j)), (q - (j == label)) / s.m, 16 * epsilon<T> / static_cast<double>(s.m));
        down[static_cast<std::size_t>(j)] += (q - (j == label)) / s.m;
      }
    }
    bad += !is_near(static_cast<double>(loss), total / s.m, (16 + 4 * std::sqrt(static_cast<double>(s.m))) * epsilon<T> * (1 + static_cast<double>(total / s.m)));
    for (std::ptrdiff_t j = 0; j < s.n; ++j)
      bad += !is_near(static_cast<double>(slope_of_shift(j)), down[static_cast<std::size_t>(j)], 16 * epsilon<T>);
  }
  CHECK(bad == 0);
}

TEST_CASE("softmax and cross entropy of few classes: float") {
  for (const layout how : {layout::dense, layout::sliced, layout::transposed}) check_classes<float>(how);
}
TEST_CASE("softmax and cross entropy of few classes: double") {
  for (const layout how : {layout::dense, layout::backwards, layout::every_other}) check_classes<double>(how);
}

TEST_CASE("short rows of tensors, of other types, to results with gaps, and onto what is there") {
  constexpr auto x = ag::tensor<"x", float, ag::dyn, ag::dyn, ag::dyn>;
  constexpr auto u = ag::tensor<"u", std::uint8_t, ag::dyn, ag::dyn, ag::dyn>;
  constexpr auto r = ag::matrix<"r", float>;
  constexpr auto old = ag::matrix<"old", float>;
  constexpr auto last = ag::axis<2>;
  constexpr auto w = ag::vector<"w", float>;
  constexpr auto y = ag::sqrt(ag::abs(x)) + ag::cast<float>(u) * w + ag::expand_dims<2>(r);
  auto f = ag::function(ag::inputs(x, u, w, r, old), ag::outputs(ag::sum(y, last), ag::max(y, last), y, old + ag::sum(y, last)));
  for (const std::ptrdiff_t a : {1, 3, 5})
    for (const std::ptrdiff_t b : {1, 4, 20})
      for (const std::ptrdiff_t c : {2, 7, 16, 19}) {
        CAPTURE(a);
        CAPTURE(b);
        CAPTURE(c);
        ag::array<float, 3> X({a, b, c}), Y({a, b, c});
        ag::array<std::uint8_t, 3> U({a, b, c});
        ag::array<float, 1> W({c});
        for (std::ptrdiff_t k = 0; k < c; ++k) W(k) = static_cast<float>(k);
        ag::array<float, 2> R({a, b}), O({a, b}), sums({a, 2 * b}), most({b, a}), onto({a, b});
        for (std::ptrdiff_t i = 0; i < X.size(); ++i) X.data()[i] = static_cast<float>(number(i)), U.data()[i] = static_cast<std::uint8_t>(i % 7);
        for (std::ptrdiff_t i = 0; i < R.size(); ++i) R.data()[i] = static_cast<float>(number(3 * i)), O.data()[i] = 5;
        ag::view<float, 2> with_gaps(sums.data(), {a, b}, {2 * b, std::ptrdiff_t{2}}), turned(most.data(), {a, b}, {std::ptrdiff_t{1}, a});
        f.into(with_gaps, turned, Y, onto)(X, U, W, R, O);
        std::ptrdiff_t bad = 0;
        for (std::ptrdiff_t i = 0; i < a; ++i)
          for (std::ptrdiff_t j = 0; j < b; ++j) {
            long double sum = 0, largest = -INFINITY, size = 0;
            for (std::ptrdiff_t k = 0; k < c; ++k) {
              const long double v = std::sqrt(std::abs(static_cast<long double>(X(i, j, k)))) + U(i, j, k) * k + R(i, j);
              sum += v, size += std::abs(v), largest = v > largest ? v : largest;
              bad += !is_near(static_cast<double>(Y(i, j, k)), v, 2e-5);
            }
            bad += !is_near(static_cast<double>(with_gaps(i, j)), sum, 1e-6 * static_cast<double>(size));
            bad += !is_near(static_cast<double>(onto(i, j)), sum + 5, 1e-6 * (5 + static_cast<double>(size)));
            bad += !is_near(static_cast<double>(turned(i, j)), largest, 2e-5);
          }
        CHECK(bad == 0);
      }
}

template <class T>
void check_special() {
  constexpr auto x = ag::matrix<"x", T>;
  constexpr auto rows = ag::axis<1>;
  auto f = ag::function(ag::inputs(x), ag::outputs(ag::sum(x, rows), ag::max(x, rows), ag::min(x, rows)));
  auto g = ag::function(ag::inputs(x), ag::outputs(ag::max(ag::exp(x), rows), ag::softmax(x)));
  constexpr T inf = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
  for (std::ptrdiff_t n = 2; n <= 34; ++n)
    for (const std::ptrdiff_t m : {5, 40}) {
      CAPTURE(n);
      CAPTURE(m);
      ag::array<T, 2> X({m, n});
      for (std::ptrdiff_t i = 0; i < X.size(); ++i) X.data()[i] = static_cast<T>(number(i) / 2);
      X(0, n - 1) = nan, X(1, 0) = inf, X(2, n / 2) = -inf, X(3, 0) = -nan, X(3, n - 1) = inf;
      for (std::ptrdiff_t j = 0; j < n; ++j) X(m - 1, j) = -inf;
      const auto [sum, most, least] = f(X);
      const auto [most_exp, p] = g(X);
      CHECK((std::isnan(sum(0)) && std::isnan(most(0)) && std::isnan(least(0)) && std::isnan(most_exp(0)) && std::isnan(p(0, 0))));
      CHECK((sum(1) == inf && most(1) == inf && std::isfinite(least(1)) && most_exp(1) == inf));
      CHECK((sum(2) == -inf && std::isfinite(most(2)) && least(2) == -inf && p(2, n / 2) == 0 && p(2, 0) > 0));
      CHECK((std::isnan(sum(3)) && std::isnan(most(3)) && std::isnan(least(3)) && std::isnan(most_exp(3))));
      if (m > 5) {
        bool finite = true;
        for (std::ptrdiff_t i = 4; i < m - 1; ++i) finite = finite && std::isfinite(sum(i)) && std::isfinite(most(i)) && std::isfinite(p(i, 0));
        CHECK(finite);
      }
      CHECK((sum(m - 1) == -inf && most(m - 1) == -inf && least(m - 1) == -inf && most_exp(m - 1) == 0));
    }
}
TEST_CASE("NaN and infinities stay in their short row") {
  check_special<float>();
  check_special<double>();
}

TEST_CASE("layers normalized over few elements") {
  constexpr auto x = ag::matrix<"x", double>;
  constexpr auto rows = ag::axis<1>;
  constexpr auto d = x - ag::mean(x, rows, ag::keepdims);
  constexpr auto y = d / ag::sqrt(ag::mean(ag::sqr(d), rows, ag::keepdims) + 0.001_c);
  auto f = ag::function(ag::inputs(x), ag::outputs(y));
  std::ptrdiff_t bad = 0;
  for (const shape s : shapes()) {
    if (s.n < 2) continue;
    const matrix<double> a(s, layout::sliced);
    const auto Y = f(a.view);
    for (std::ptrdiff_t i = 0; i < s.m; ++i) {
      long double mean = 0, square = 0;
      for (std::ptrdiff_t j = 0; j < s.n; ++j) mean += a.view(i, j);
      mean /= s.n;
      for (std::ptrdiff_t j = 0; j < s.n; ++j) square += (a.view(i, j) - mean) * (a.view(i, j) - mean);
      for (std::ptrdiff_t j = 0; j < s.n; ++j)
        bad += !is_near(Y(i, j), (a.view(i, j) - mean) / std::sqrt(square / s.n + 0.001L), 1e-12);
    }
  }
  CHECK(bad == 0);
}

}  // namespace
