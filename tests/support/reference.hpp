// SPDX-License-Identifier: BSD-3-Clause
// Arrays to test with: random ones, ones made by a formula of their indices, views in awkward layouts, and a
// comparison that says what differs.
//   auto X = random_array<double, 2>({3, 4});   CHECK(difference(f(X), expected) == "");
#pragma once

#include <cmath>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include "agnesi/containers/array.hpp"

namespace agnesi::testing {

// The same numbers in every run: a failure can be repeated.
struct random_source {
  std::uint64_t state = 1;
  std::uint64_t bits() {
    state += 0x9E3779B97F4A7C15u;
    std::uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  double between(double lo, double hi) { return lo + (hi - lo) * static_cast<double>(bits() >> 11) * 0x1p-53; }
  int below(int n) { return static_cast<int>(bits() % static_cast<std::uint64_t>(n)); }
};
inline random_source& randomness() {
  static random_source r;
  return r;
}

template <class T>
T random_element(double lo, double hi) {
  if constexpr (std::is_same_v<T, bool>) return randomness().below(2) != 0;
  else return static_cast<T>(randomness().between(lo, hi));
}

template <class T, int R>
array<T, R> random_array(const std::ptrdiff_t (&extents)[static_cast<std::size_t>(R)], double lo = -2, double hi = 2) {
  std::array<std::ptrdiff_t, static_cast<std::size_t>(R)> e{};
  for (std::size_t k = 0; k < e.size(); ++k) e[k] = extents[k];
  auto a = array<T, R>::uninitialized(e);
  for (T& v : a) v = random_element<T>(lo, hi);
  return a;
}

// An array whose element at i, j, ... is f(i, j, ...).
template <class T, class F>
array<T, 1> made(std::ptrdiff_t n, F f) {
  array<T, 1> a({n});
  for (std::ptrdiff_t i = 0; i < n; ++i) a(i) = static_cast<T>(f(i));
  return a;
}
template <class T, class F>
array<T, 2> made(std::ptrdiff_t m, std::ptrdiff_t n, F f) {
  array<T, 2> a({m, n});
  for (std::ptrdiff_t i = 0; i < m; ++i)
    for (std::ptrdiff_t j = 0; j < n; ++j) a(i, j) = static_cast<T>(f(i, j));
  return a;
}
template <class T, class F>
array<T, 3> made(std::ptrdiff_t m, std::ptrdiff_t n, std::ptrdiff_t p, F f) {
  array<T, 3> a({m, n, p});
  for (std::ptrdiff_t i = 0; i < m; ++i)
    for (std::ptrdiff_t j = 0; j < n; ++j)
      for (std::ptrdiff_t k = 0; k < p; ++k) a(i, j, k) = static_cast<T>(f(i, j, k));
  return a;
}

// Equal up to a relative error; NaN equals NaN, and an infinity itself.
inline bool near(double a, double b, double tolerance) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  if (a == b) return true;
  return std::abs(a - b) <= tolerance * std::fmax(1.0, std::abs(b));
}
template <class T>
constexpr double usual_tolerance() {
  return std::is_same_v<T, float> ? 2e-5 : std::is_floating_point_v<T> ? 1e-11 : 0;
}

// What is wrong about an array; empty where nothing is.
template <class T, int R>
std::string difference(const array<T, R>& a, const array<T, R>& expected, double tolerance = usual_tolerance<T>()) {
  std::ostringstream s;
  s.precision(17);
  if (a.shape() != expected.shape()) {
    s << "shape (";
    for (auto e : a.shape()) s << e << ",";
    s << ") instead of (";
    for (auto e : expected.shape()) s << e << ",";
    s << ")";
    return s.str();
  }
  for (std::ptrdiff_t k = 0; k < a.size(); ++k) {
    const double got = static_cast<double>(a.data()[k]), want = static_cast<double>(expected.data()[k]);
    if (near(got, want, tolerance)) continue;
    s << "element " << k << " is " << got << " instead of " << want;
    return s.str();
  }
  return {};
}
template <class T, int R>
std::string difference(const view<T, R>& a, const array<std::remove_const_t<T>, R>& expected,
                       double tolerance = usual_tolerance<std::remove_const_t<T>>()) {
  return difference(array<std::remove_const_t<T>, R>(a), expected, tolerance);
}

enum class layout { rows, columns, reversed, every_second, gaps };
inline constexpr layout layouts[] = {layout::rows, layout::columns, layout::reversed, layout::every_second, layout::gaps};

// The elements of an array in memory of another layout; the memory between them holds a canary.
template <class T>
class laid_out {
 public:
  static constexpr int canary = 77;

  laid_out(const array<T, 2>& a, layout how) : memory_(static_cast<std::size_t>(4 * a.size() + 8 * (a.extent(0) + a.extent(1)) + 16), T(canary)) {
    const std::ptrdiff_t m = a.extent(0), n = a.extent(1);
    std::ptrdiff_t rows = n, columns = 1, start = 3;
    if (how == layout::columns) rows = 1, columns = m;
    if (how == layout::reversed) rows = -n, columns = -1, start += m * n - 1;
    if (how == layout::every_second) rows = 2 * n, columns = 2;
    if (how == layout::gaps) rows = n + 5;
    seen = agnesi::view<T, 2>(memory_.data() + start, {m, n}, {rows, columns});
    fill(a);
  }
  laid_out(const laid_out&) = delete;
  void fill(const array<T, 2>& a) {
    for (std::ptrdiff_t i = 0; i < a.extent(0); ++i)
      for (std::ptrdiff_t j = 0; j < a.extent(1); ++j) seen(i, j) = a(i, j);
  }
  // How many elements are not the canary: the view's own, if nothing was written beside it.
  std::ptrdiff_t touched() const {
    std::ptrdiff_t n = 0;
    for (T v : memory_) n += v != T(canary);
    return n;
  }

  agnesi::view<T, 2> seen;

 private:
  std::vector<T> memory_;
};

}  // namespace agnesi::testing
