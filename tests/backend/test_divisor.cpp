// SPDX-License-Identifier: BSD-3-Clause

// Packs divided by a constant are what a division gives, to the last bit. (Where the machine has no fused multiplication they are
// divided: compile with -march=native.)

#include "agnesi/backend/cpu/divisor.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "agnesi/ir/loop_code.hpp"

namespace {

namespace simd = agnesi::simd;

template <class F>
using word_of = std::conditional_t<sizeof(F) == 8, std::uint64_t, std::uint32_t>;

// What is nearest to a place where rounding changes: of quotients by the odd number m, that lie 1 / m of a unit beside it.
template <class F>
void add_hardest(std::vector<F>& x, std::uint64_t m) {
  constexpr int p = std::numeric_limits<F>::digits;
  const int bits = static_cast<int>(std::bit_width(m));
  if (m < 3 || bits > p - 3) return;
  std::uint64_t inverse = m;  // modulo a power of two, by Newton's steps
  for (int k = 0; k < 6; ++k) inverse *= 2 - m * inverse;
  for (const int shift : {bits - 1, bits, bits + 1})
    for (const std::uint64_t sign : {std::uint64_t{1}, ~std::uint64_t{0}}) {
      const std::uint64_t modulus = std::uint64_t{1} << shift, residue = inverse * sign % modulus, from = std::uint64_t{1} << p;
      std::uint64_t middle = from / modulus * modulus + residue;
      for (int k = 0; k < 200; ++k, middle += modulus * (1 + (from / modulus) / 200)) {
        // (middle * m - sign) / 2^shift, in two halves, as the product has up to 106 bits
        const std::uint64_t high = middle >> shift, low = middle & (modulus - 1);
        const std::uint64_t n = high * m + (low * m - sign) / modulus;
        if (n < from) x.push_back(static_cast<F>(n));
      }
    }
}

template <class F>
bool same(F a, F b) {
  return std::isnan(a) ? std::isnan(b) : std::bit_cast<word_of<F>>(a) == std::bit_cast<word_of<F>>(b);
}

template <class F, class D>
void divide(D) {
  constexpr F d = static_cast<F>(D{}());
  using limits = std::numeric_limits<F>;
  std::vector<F> x{0, 1, d, 2 * d, 255, limits::infinity(), limits::quiet_NaN(), limits::max(), limits::max() / 2, limits::epsilon(), F(1e-20)};
  std::mt19937_64 random(7);
  for (int k = 0; k < 20000; ++k) {
    const word_of<F> mantissa = static_cast<word_of<F>>(random()) >> (sizeof(F) == 8 ? 12 : 9);
    const F in_one_to_two = std::bit_cast<F>(static_cast<word_of<F>>(std::bit_cast<word_of<F>>(F(1)) | mantissa));
    x.push_back(std::ldexp(in_one_to_two, static_cast<int>(random() % 60) - 30));
    x.push_back(static_cast<F>(random() % 100000));
  }
  F size = std::abs(d);
  while (size != std::floor(size)) size *= 2;
  auto odd = static_cast<std::uint64_t>(size);
  while (odd % 2 == 0) odd /= 2;
  add_hardest(x, odd);
  const auto n = x.size();
  for (std::size_t k = 0; k < n; ++k) x.push_back(-x[k]);
  constexpr auto lanes = static_cast<std::size_t>(simd::lanes<F>);
  while (x.size() % lanes != 0) x.push_back(1);
  std::vector<F> y(x.size());
  for (std::size_t k = 0; k < x.size(); k += lanes)
    simd::store<F>(&y[k], simd::divided<F, agnesi::loop_code::bits_of(d)>(simd::load<F>(&x[k])));
  std::size_t wrong = 0;
  for (std::size_t k = 0; k < x.size(); ++k)
    if (volatile F right = x[k] / d; !same<F>(y[k], right) && wrong++ == 0) MESSAGE(x[k], " / ", d, " is ", right, ", not ", y[k]);
  CHECK(wrong == 0);

  if constexpr (constexpr auto r = simd::reciprocal_of(d); r.usable) {
    const long double near = r.near, rest = r.rest, both = near + rest, right = 1 / static_cast<long double>(d);
    CHECK(std::abs(near) <= std::abs(right));
    CHECK(std::abs(both - right) <= std::abs(right) * (sizeof(F) == 4 ? 0x1p-46L : 0x1p-62L));
    CHECK((rest < 0) == (d < 0));
  }
}

template <class F, long long... D>
void divide_by_integers() {
  (divide<F>(std::integral_constant<long long, D>{}), ...);
}
template <class F>
void every_divisor() {
  divide_by_integers<F, 3, 5, 7, 9, 10, 100, 127, 255, 1000, 65535, 1048575, 1048573, 786433, 699051>();
  divide_by_integers<F, -255, -3, 1048577, 16777215, 1, 2, -1024>();
  divide<F>([] { return 0.75; }), divide<F>([] { return -0.625; }), divide<F>([] { return 12.75; });
  divide<F>([] { return 0.1; }), divide<F>([] { return 3e-6; });
}

}  // namespace

TEST_CASE("floats divided by a constant") { every_divisor<float>(); }
TEST_CASE("doubles divided by a constant") {
  every_divisor<double>();
  divide_by_integers<double, 562949953421311, 562949953421313, 281474976710655, 375299968947541>();
}

TEST_CASE("which divisors are multiplied by") {
  static_assert(simd::reciprocal_of(255.0f).usable && simd::reciprocal_of(-3.0).usable && simd::reciprocal_of(1048575.0f).usable);
  static_assert(!simd::reciprocal_of(2.0f).usable && !simd::reciprocal_of(1048577.0f).usable && !simd::reciprocal_of(0.1f).usable);
  static_assert(!simd::reciprocal_of(0.0f).usable && !simd::reciprocal_of(3e-30f).usable && !simd::reciprocal_of(3e30f).usable);
  static_assert(!simd::reciprocal_of(std::numeric_limits<double>::infinity()).usable);
  static_assert(!simd::reciprocal_of(std::numeric_limits<double>::quiet_NaN()).usable);
  static_assert(simd::reciprocal_of(562949953421311.0).usable && !simd::reciprocal_of(1125899906842623.0).usable);
}
