// SPDX-License-Identifier: BSD-3-Clause
// How far a result is from what it should be, in units of the last place of its type; below the normal numbers, which
// packs may take for zero, in units of the smallest of these. And references in long double
// that the C library does not have.
//   CHECK(ulps(f(x), std::exp(static_cast<long double>(x))) <= 2);
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

namespace agnesi::testing {

template <class T>
double ulps(T got, long double wanted) {
  using limits = std::numeric_limits<T>;
  const T rounded = static_cast<T>(wanted);
  if (std::isnan(got) || std::isinf(got) || std::isinf(rounded) || got == wanted)
    return (std::isnan(got) && std::isnan(wanted)) || got == rounded ? 0 : std::numeric_limits<double>::infinity();
  int e = 0;
  std::frexp(wanted, &e);
  const long double least = limits::min();
  if (std::fabs(wanted) < least) return static_cast<double>(std::fabs(static_cast<long double>(got) - wanted) / least);
  const long double unit = std::ldexp(1.0L, e - limits::digits);
  return static_cast<double>(std::fabs(static_cast<long double>(got) - wanted) / unit);
}

inline long double erfcx_of(long double x) {
  if (x < -200) return std::numeric_limits<long double>::infinity();
  if (x < 20) {
    const long double high = std::floor(x * 1024) / 1024;
    return std::exp(high * high) * std::exp((x - high) * (x + high)) * std::erfc(x);
  }
  const long double u = 1 / (2 * x * x);
  long double r = 1;
  for (int k = 27; k > 0; k -= 2) r = 1 - static_cast<long double>(k) * u * r;
  return r / (x * 1.77245385090551602729816748334114518L);
}
inline long double log_erfc_of(long double x) { return x < 0.5L ? std::log1p(-std::erf(x)) : std::log(erfcx_of(x)) - x * x; }
inline long double logaddexp_of(long double a, long double b) {
  if (std::isnan(a) || std::isnan(b)) return a + b;
  return std::fmax(a, b) + (a == b ? std::log(2.0L) : std::log1p(std::exp(-std::fabs(a - b))));
}

}  // namespace agnesi::testing
