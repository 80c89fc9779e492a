// SPDX-License-Identifier: BSD-3-Clause

// Transcendental functions of packs, over all of their arguments, against the C library in long double.

#include "support/pack_functions.hpp"

#include <doctest/doctest.h>

namespace {

using namespace agnesi::testing;

constexpr std::uint32_t stride = 9973; // of the patterns of a float

} // namespace

TEST_CASE_TEMPLATE("functions are accurate from the smallest numbers to the largest", T, float, double) {
  const std::vector<T> x = arguments<T>(stride);
  std::vector<T> a, b;
  pairs<T>(stride, a, b);
  for (const auto& f : pack_functions<T>) {
    const error worst = f.two ? error_of(f, a, b) : error_of(f, x, x);
    INFO(worst.where);
    CHECK(worst.ulps <= (has_pack_functions<T> ? f.ulps : 8)); // numbers alone are computed as the blocks say
  }
}

TEST_CASE_TEMPLATE("a number has the same result wherever it stands", T, float, double) {
  constexpr std::ptrdiff_t lanes = agnesi::simd::lanes<T>, n = 3 * lanes + 1;
  const T odd_ones[] = {T(0.3),
                        T(-2),
                        T(1e9),
                        T(30),
                        T(-0.0),
                        std::numeric_limits<T>::infinity(),
                        std::numeric_limits<T>::denorm_min(),
                        T(0.7)};
  std::vector<T> a, b;
  for (std::ptrdiff_t k = 0; k < n; ++k)
    a.push_back(odd_ones[k % 8]), b.push_back(odd_ones[(k / 8 + 3 * k) % 8]);
  for (const auto& f : pack_functions<T>) {
    std::vector<T> whole(static_cast<std::size_t>(n));
    f.run(a.data(), b.data(), whole.data(), n);
    for (std::ptrdiff_t from = 0; from < lanes; ++from)
      for (std::ptrdiff_t m = 1; m + from <= n; ++m) {
        std::vector<T> part(static_cast<std::size_t>(m));
        f.run(a.data() + from, b.data() + from, part.data(), m);
        INFO(f.name, " from ", from, ", ", m, " numbers");
        for (std::ptrdiff_t k = 0; k < m; ++k) {
          const T one = part[static_cast<std::size_t>(k)], other = whole[static_cast<std::size_t>(k + from)];
          if (std::isnan(one) && std::isnan(other)) continue;
          REQUIRE(std::memcmp(&one, &other, sizeof one) == 0);
        }
      }
  }
}

TEST_CASE_TEMPLATE("exp is finite and not zero exactly as far as it can be", T, float, double) {
  using limits      = std::numeric_limits<T>;
  const auto exp_of = [](T x) {
    T y;
    pack_functions<T>[0].run(&x, &x, &y, 1);
    return y;
  };
  T high = static_cast<T>(std::log(static_cast<long double>(limits::max()))),
    low  = static_cast<T>(std::log(static_cast<long double>(limits::denorm_min()) / 2));
  while (static_cast<T>(std::exp(static_cast<long double>(high))) == limits::infinity())
    high = std::nextafter(high, T(0));
  while (static_cast<T>(std::exp(static_cast<long double>(low))) == 0) low = std::nextafter(low, T(0));
  CHECK(exp_of(high) <= limits::max());
  CHECK(exp_of(std::nextafter(high, limits::infinity())) == limits::infinity());
  CHECK(exp_of(low) == limits::denorm_min());
  CHECK(exp_of(std::nextafter(low, -limits::infinity())) == 0);
}
