// SPDX-License-Identifier: BSD-3-Clause
// Arguments from one end of a type to the other, and the errors of functions there: in units in the last
// place, also of subnormal results, and infinite where an infinity, a NaN or a zero's sign is not as it
// should be.
//   for (const error& e : errors_of(f, arguments<float>())) …
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "support/mathematics.hpp"

namespace agnesi::testing {

template <class T> struct pack_function {
  std::string_view name;
  void (*run)(const T* a, const T* b, T* result, std::ptrdiff_t n);
  double ulps;
  bool two = false;
};

template <class T> bool is_number(T x) { // holds under -ffast-math too
  using word       = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;
  const T infinity = std::numeric_limits<T>::infinity();
  word bits, of_infinity;
  std::memcpy(&bits, &x, sizeof x);
  std::memcpy(&of_infinity, &infinity, sizeof x);
  return (bits & of_infinity) != of_infinity;
}

template <class T> double strict_error(T got, long double wanted, bool sign_of_zero) {
  using limits              = std::numeric_limits<T>;
  constexpr double infinite = std::numeric_limits<double>::infinity();
  if (std::isnan(wanted)) return std::isnan(got) ? 0 : infinite;
  const T rounded = static_cast<T>(wanted);
  if (!is_number(rounded) || !is_number(got)) return got == rounded ? 0 : infinite;
  if (wanted == 0)
    return got == 0 && (!sign_of_zero || std::signbit(got) == std::signbit(wanted)) ? 0 : infinite;
  int e = 0;
  std::frexp(wanted, &e);
  const long double unit =
      std::max(std::ldexp(1.0L, e - limits::digits), static_cast<long double>(limits::denorm_min()));
  return static_cast<double>(std::fabs(static_cast<long double>(got) - wanted) / unit);
}

// Where something changes: about limits of the type, of the functions, and of their parts.
template <class T> std::vector<T> edges() {
  using limits = std::numeric_limits<T>;
  std::vector<T> r;
  for (long double at : {0.0L,
                         0.0625L,
                         0.125L,
                         0.25L,
                         0.34657359L,
                         0.5L,
                         0.5493L,
                         0.625L,
                         0.6931471805599453L,
                         0.75L,
                         1.0L,
                         1.0397L,
                         1.5L,
                         2.0L,
                         3.0L,
                         4.0L,
                         5.95L,
                         9.01L,
                         10.06L,
                         19.06L,
                         20.0L,
                         26.5L,
                         26.64L,
                         27.3L,
                         28.0L,
                         40.0L,
                         87.3365L,
                         88.0L,
                         88.7228390L,
                         89.0L,
                         103.2789L,
                         103.9720770L,
                         104.0L,
                         128.0L,
                         708.3964L,
                         709.0L,
                         709.782712893384L,
                         710.0L,
                         744.4400719213812L,
                         745.133219101941L,
                         746.0L,
                         1000.0L,
                         8192.0L,
                         1048576.0L,
                         33554432.0L,
                         1e9L,
                         1e10L,
                         1.2e12L,
                         1e18L,
                         1e25L,
                         1e36L,
                         1e38L})
    r.push_back(static_cast<T>(at));
  for (int k = 1; k < 40; ++k) r.push_back(static_cast<T>(k * 1.57079632679489661923132169163975144L));
  for (T at : {limits::denorm_min(), limits::min(), limits::epsilon(), limits::epsilon() / 2,
               std::sqrt(limits::epsilon()), limits::max() / 4, limits::max() / 2})
    r.push_back(at);
  for (std::size_t k = 0, n = r.size(); k < n; ++k) {
    T down = r[k], up = r[k];
    for (int step = 0; step < 3; ++step) {
      down = std::nextafter(down, -limits::infinity()), up = std::nextafter(up, limits::infinity());
      r.push_back(down), r.push_back(up);
    }
  }
  r.push_back(limits::max());
  for (std::size_t k = 0, n = r.size(); k < n; ++k) r.push_back(-r[k]);
  for (T at : {limits::infinity(), -limits::infinity(), limits::quiet_NaN()}) r.push_back(at);
  return r;
}

template <class T> std::vector<T> arguments(std::uint32_t stride) {
  std::vector<T> r = edges<T>();
  std::mt19937_64 random(1);
  if constexpr (sizeof(T) == 4) { // every so many of all there are
    for (std::uint64_t bits = 0; bits < 0x100000000; bits += stride) {
      const auto b = static_cast<std::uint32_t>(bits);
      T x;
      std::memcpy(&x, &b, sizeof x);
      r.push_back(x);
    }
  } else {
    for (std::uint64_t k = 0; k < 0x40000000 / stride; ++k) {
      const std::uint64_t b = random();
      T x;
      std::memcpy(&x, &b, sizeof x);
      r.push_back(x);
    }
  }
  std::uniform_real_distribution<double> near(-1, 1), middle(-30, 30), far(-800, 800), of_exponents(-12, 1);
  for (std::uint64_t k = 0; k < 0x20000000 / stride; ++k) {
    for (auto& of : {near, middle, far})
      r.push_back(static_cast<T>(std::uniform_real_distribution<double>(of.param())(random)));
    const auto small = static_cast<T>(std::pow(10.0, of_exponents(random)));
    r.push_back(small), r.push_back(-small);
  }
  return r;
}

struct error {
  double ulps = 0;
  std::string where;
};

// The largest. Usual: where the result is a normal number.
template <class T>
error error_of(const pack_function<T>& f, const std::vector<T>& a, const std::vector<T>& b,
               bool usual = false) {
  const mathematical_function& truth = *function_named(f.name);
  const bool differences             = f.name == "logaddexp";
  const bool sign_of_zero            = !usual && !differences && f.name != "log1mexp" && f.name != "log_erfc";
  std::vector<T> y(a.size());
  f.run(a.data(), b.data(), y.data(), static_cast<std::ptrdiff_t>(a.size()));
  error worst;
  for (std::size_t k = 0; k < a.size(); ++k) {
    const long double of[] = {a[k], b[k]};
    if (usual && (!is_number(a[k]) || !is_number(b[k]))) continue;
    const long double wanted = truth.value(of);
    if (usual && !(std::fabs(wanted) >= std::numeric_limits<T>::min() &&
                   std::fabs(wanted) < std::numeric_limits<T>::max()))
      continue;
    double e = strict_error(y[k], wanted, sign_of_zero);
    // A sum of two that cancel has the error of the larger one.
    if (differences && is_number(y[k]) && is_number(a[k]) && is_number(b[k]) && std::fabs(wanted) < 1)
      e = strict_error(static_cast<T>(y[k] + 4), wanted + 4, false);
    if (e > worst.ulps)
      worst = {e, std::string(f.name) + " of " + std::to_string(k) + ": " + std::to_string(a[k]) + ", " +
                      std::to_string(b[k]) + " is " + std::to_string(y[k])};
  }
  return worst;
}

// Pairs of any two edges, of numbers near and far, and of powers in all of the range.
template <class T> void pairs(std::uint32_t stride, std::vector<T>& a, std::vector<T>& b) {
  using limits       = std::numeric_limits<T>;
  std::vector<T> few = {0,
                        1,
                        2,
                        3,
                        T(0.5),
                        T(1) / 3,
                        5,
                        1000,
                        T(1e9),
                        T(1e30),
                        limits::infinity(),
                        limits::denorm_min(),
                        limits::min(),
                        limits::max(),
                        1 + limits::epsilon(),
                        1 - limits::epsilon() / 2,
                        limits::quiet_NaN()};
  for (std::size_t k = 0, n = few.size(); k < n; ++k) few.push_back(-few[k]);
  for (T x : few)
    for (T y : few) a.push_back(x), b.push_back(y);
  std::mt19937_64 random(2);
  std::uniform_real_distribution<double> of_sign(-1, 1), near(0.5, 2), middle(0, 50);
  const double most = std::log(static_cast<double>(limits::max()));
  for (std::uint64_t k = 0; k < 0x20000000 / stride; ++k) {
    a.push_back(static_cast<T>(near(random))), b.push_back(static_cast<T>(3 * of_sign(random)));
    a.push_back(static_cast<T>(middle(random))), b.push_back(static_cast<T>(50 * of_sign(random)));
    const double x = most * of_sign(random); // a result from subnormal to infinite
    a.push_back(static_cast<T>(std::exp(x))), b.push_back(static_cast<T>(1.1 * most * of_sign(random) / x));
  }
}

} // namespace agnesi::testing
