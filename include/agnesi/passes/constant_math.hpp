// SPDX-License-Identifier: BSD-3-Clause
// Elementary functions in constant evaluation, computed in long double so that what is rounded to double is within
// one unit in the last place:
//   static_assert(constant_math::exp(0) == 1);
// Arguments are finite; a result that a double cannot hold is left to the caller to refuse.
#pragma once

namespace agnesi::constant_math {

using real = long double;
inline constexpr real ln2 = 0.693147180559945309417232121458176568L;
inline constexpr real pi = 3.141592653589793238462643383279502884L;

constexpr real abs(real x) { return x < 0 ? -x : x; }
constexpr real power(real x, int n) {
  real r = 1;
  for (int m = n < 0 ? -n : n; m > 0; m /= 2) {
    if (m % 2 != 0) r *= x;
    if (m > 1) x *= x;
  }
  return n < 0 ? 1 / r : r;
}
constexpr real nearest(real x) { return static_cast<real>(static_cast<long long>(x < 0 ? x - 0.5L : x + 0.5L)); }

// Taylor's series of exp(x) - 1 about 0, for |x| <= 1/2.
constexpr real expm1_near_zero(real x) {
  real term = x, sum = x;
  for (int k = 2; k < 24; ++k) {
    term *= x / static_cast<real>(k);
    sum += term;
  }
  return sum;
}
constexpr real exp(real x) {
  const real k = nearest(x / ln2);
  return power(2, static_cast<int>(k)) * (1 + expm1_near_zero(x - k * ln2));
}
constexpr real expm1(real x) { return abs(x) < 0.5L ? expm1_near_zero(x) : exp(x) - 1; }

// log((1 + s) / (1 - s)) = 2 (s + s^3 / 3 + s^5 / 5 + ...), for |s| <= 0.18.
constexpr real twice_atanh(real s) {
  real term = s, sum = 0;
  for (int k = 1; k < 34; k += 2) {
    sum += term / static_cast<real>(k);
    term *= s * s;
  }
  return 2 * sum;
}
constexpr real log(real x) {
  int e = 0;
  for (; x > 1.5L; x /= 2) ++e;
  for (; x < 0.75L; x *= 2) --e;
  return static_cast<real>(e) * ln2 + twice_atanh((x - 1) / (x + 1));
}
constexpr real log1p(real x) { return x > -0.25L && x < 0.4L ? twice_atanh(x / (2 + x)) : log(1 + x); }

constexpr real sqrt(real x) {
  if (x == 0) return 0;
  real scale = 1;
  for (; x > 4; x /= 4) scale *= 2;
  for (; x < 1; x *= 4) scale /= 2;
  real r = 1.5L;
  for (int k = 0; k < 7; ++k) r = (r + x / r) / 2;  // Newton's iteration
  return r * scale;
}
constexpr real softplus(real x) { return (x > 0 ? x : 0) + log1p(exp(-abs(x))); }
constexpr real sigmoid(real x) { return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x)); }
constexpr real log1mexp(real x) { return x > -ln2 ? log(-expm1(x)) : log1p(-exp(x)); }
constexpr real tanh(real x) {
  const real t = expm1(2 * abs(x)), r = t / (t + 2);
  return x < 0 ? -r : r;
}
// The sine of x in [-pi/2, pi/2] by its series.
constexpr real sin(real x) {
  x -= 2 * pi * nearest(x / (2 * pi));
  if (x > pi / 2) x = pi - x;
  if (x < -pi / 2) x = -pi - x;
  real term = x, sum = x;
  for (int k = 2; k < 30; k += 2) {
    term *= -x * x / static_cast<real>(k * (k + 1));
    sum += term;
  }
  return sum;
}
constexpr real cos(real x) { return sin(x + pi / 2); }

// The continued fraction of erfcx, from the 100th of its terms, for x >= 2 (P. S. Laplace).
constexpr real erfcx_far_from_zero(real x) {
  real r = x;
  for (int k = 100; k > 0; --k) r = x + static_cast<real>(k) / 2 / r;
  return 1 / (r * sqrt(pi));
}
// exp(-x^2) (x + 2 x^3 / 3 + 4 x^5 / 15 + ...), all of one sign.
constexpr real erf(real x) {
  if (abs(x) > 7) return x < 0 ? -1 : 1;
  if (abs(x) > 2) return x < 0 ? -erf(-x) : 1 - exp(-x * x) * erfcx_far_from_zero(x);
  real term = x, sum = x;
  for (int k = 1; k < 50; ++k) {
    term *= 2 * x * x / static_cast<real>(2 * k + 1);
    sum += term;
  }
  return 2 / sqrt(pi) * exp(-x * x) * sum;
}
constexpr real erfcx(real x) { return x < 2 ? exp(x * x) * (1 - erf(x)) : erfcx_far_from_zero(x); }
constexpr real erfc(real x) { return x < 2 ? 1 - erf(x) : exp(-x * x) * erfcx(x); }
constexpr real log_erfc(real x) { return x < 0.5L ? log1p(-erf(x)) : log(erfcx(x)) - x * x; }
constexpr real logaddexp(real x, real y) { return (x > y ? x : y) + log1p(exp(-abs(x - y))); }

}  // namespace agnesi::constant_math
