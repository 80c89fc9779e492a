// SPDX-License-Identifier: BSD-3-Clause
// What is left of erf where it is nearly one, and the logarithm of a sum of exponentials: the functions that
// stabilizing rules write.
//   log(1 - erf(x)) -> log_erfc(x);  log(exp(x) + exp(y)) -> logaddexp(x, y)
#pragma once

#include "agnesi/ops/elementwise.hpp"

namespace agnesi {

// 1 - erf(x)
constexpr auto erfc(Operand auto x) { return apply<op::erfc>(x); }
// exp(sqr(x)) * erfc(x), which for large x is about 1 / (x * sqrt(pi)).
constexpr auto erfcx(Operand auto x) { return apply<op::erfcx>(x); }
constexpr auto log_erfc(Operand auto x) { return apply<op::log_erfc>(x); }
template <class A, class B>
  requires OperandPair<A, B>
constexpr auto logaddexp(A a, B b) {
  return apply<op::logaddexp>(a, b);
}

namespace op {

namespace detail {

// A number as one, or as a pack of them.
template <class T>
constexpr T splat(double v) {
  if constexpr (std::is_floating_point_v<T>) return static_cast<T>(v);
  else return T(static_cast<typename T::value_type>(v));
}
// For x >= 0: (1 + 2x) * erfcx(x) as a polynomial of (x - 4) / (x + 4), to 1e-17 (M. M. Shepherd and
// J. G. Laframboise, "Chebyshev approximation of (1 + 2x) exp(x^2) erfc x in 0 <= x < infinity", 1981).
template <class T>
constexpr T erfcx_of_positive(T x) {
  constexpr double coefficients[] = {
      -2.76412023373462112e-10, 9.29762526370961669e-10, 3.23239734450822591e-9,  -1.23387314037984211e-8,
      -2.07258024881820133e-8,  1.06318175938181431e-7,  7.77194324108691948e-8,  -8.21064793329733568e-7,
      2.91734255730897278e-7,   5.70657829924074049e-6,  -1.12211356659659071e-5, -2.43977311430232923e-5,
      1.50621426086519447e-4,   -1.99257152472651783e-4, -7.57773243594257611e-4, 0.0050319700691022558,
      -0.0161977340629347706,   0.0371675155263380036,   -0.0663303658118605825,  0.0937328349991126395,
      -0.101039066036318116,    0.0680970542546683824,   0.0153796521026199743,   -0.139621116840562284,
      1.23299511862555251};
  const T t = T(1) - T(8) / (x + T(4));
  T r(0);
  for (const double c : coefficients) r = r * t + splat<T>(c);
  return T(0.5) * r / (T(0.5) + x);  // 2x may overflow
}
// exp(-x^2), rounded as exp is: the leading bits of x have an exact square.
template <class T>
constexpr T exp_of_minus_square(T x) {
  using std::exp;
  using std::floor;
  const T high = floor(x * T(64)) * T(0.015625);
  return exp(-high * high) * exp((high - x) * (high + x));
}

// erf(x) for |x| <= 1/2, by Taylor's series.
template <class T>
constexpr T erf_of_small(T x) {
  constexpr double coefficients[] = {
      -6.71136685516411038e-12, 9.42275906465041097e-11, -1.22905553017179274e-9, 1.48071928158792172e-8,
      -1.63658446912349243e-7, 1.64621143658892474e-6, -0.000014925650358406251, 0.000120553329817896643,
      -0.000854832702345085283, 0.00522397762544218784, -0.0268661706451312518, 0.112837916709551257,
      -0.376126389031837525, 1.12837916709551257};
  const T square = x * x;
  T r(0);
  for (const double c : coefficients) r = r * square + splat<T>(c);
  return r * x;
}

}  // namespace detail

struct erfc : transcendental {
  static constexpr int cost = 40;
  static constexpr auto eval(auto x) {
    using T = decltype(x);
    if constexpr (std::is_floating_point_v<T>) {
      return std::erfc(x);
    } else {
      using std::abs;
      const T size = minimum::eval(abs(x), T(30));  // beyond, zero is left
      const T upper = detail::exp_of_minus_square(size) * detail::erfcx_of_positive(size);
      return select(x < T(0), T(2) - upper, upper);
    }
  }
  static constexpr auto grad(auto g, auto x, auto) { return g * (-1.1283791670955126 * ag::exp(-ag::sqr(x))); }
};

struct erfcx : transcendental {
  static constexpr int cost = 60;
  static constexpr auto eval(auto x) {
    using std::abs;
    using T = decltype(x);
    const T size = abs(x), upper = detail::erfcx_of_positive(size);
    return select(x < T(0), T(2) / detail::exp_of_minus_square(minimum::eval(size, T(30))) - upper, upper);
  }
  static constexpr auto grad(auto g, auto x, auto y) { return g * (2 * x * y - 1.1283791670955126); }
};

struct log_erfc : transcendental {
  static constexpr int cost = 100;
  static constexpr auto eval(auto x) {
    using std::abs;
    using std::log;
    using std::log1p;
    using T = decltype(x);
    const T size = abs(x), scaled = detail::erfcx_of_positive(size);
    const T erf_of_size = T(1) - detail::exp_of_minus_square(minimum::eval(size, T(30))) * scaled;
    const T left = log1p(select(size < T(0.5), -detail::erf_of_small(x), erf_of_size));
    return select(x < T(0.5), left, log(scaled) - x * x);
  }
  static constexpr auto grad(auto g, auto x, auto) { return g * (-1.1283791670955126 / ag::erfcx(x)); }
};

// log(exp(a) + exp(b)), of infinities too.
struct logaddexp : elementwise<2> {
  static constexpr bool commutative = true;
  static constexpr int cost = 32;
  static constexpr auto sample = between(0, 8);  // where a result is near zero it has the error of its terms
  static constexpr auto eval(auto a, auto b) {
    using std::abs;
    using std::exp;
    using std::log1p;
    using T = decltype(a);
    return select(a == b, a + detail::splat<T>(0.693147180559945309417), maximum::eval(a, b) + log1p(exp(-abs(a - b))));
  }
  static constexpr auto grad(auto g, auto a, auto b, auto) {
    return both(g * ag::sigmoid(a - b), g * ag::sigmoid(b - a));
  }
};

}  // namespace op

}  // namespace agnesi
