// SPDX-License-Identifier: BSD-3-Clause
// Elementwise functions beyond arithmetic: exponentials and logarithms, trigonometry, activations, casts.
//   auto p = sigmoid(x);  auto n = cast<float>(count);
#pragma once

#include "agnesi/ops/arithmetic.hpp"

namespace agnesi {

constexpr auto exp(Operand auto x) { return apply<op::exp>(x); }
constexpr auto expm1(Operand auto x) { return apply<op::expm1>(x); }
constexpr auto log1p(Operand auto x) { return apply<op::log1p>(x); }
constexpr auto sin(Operand auto x) { return apply<op::sin>(x); }
constexpr auto cos(Operand auto x) { return apply<op::cos>(x); }
constexpr auto tanh(Operand auto x) { return apply<op::tanh>(x); }
constexpr auto sigmoid(Operand auto x) { return apply<op::sigmoid>(x); }
constexpr auto softplus(Operand auto x) { return apply<op::softplus>(x); }
constexpr auto relu(Operand auto x) { return apply<op::relu>(x); }
constexpr auto erf(Operand auto x) { return apply<op::erf>(x); }
// log(1 - exp(x)) for x < 0, accurate at both ends (M. Maechler, "Accurately computing log(1 - exp(-|a|))", 2012).
constexpr auto log1mexp(Operand auto x) { return apply<op::log1mexp>(x); }
// The value of x, seen as a constant by differentiation.
constexpr auto stop_gradient(Operand auto x) { return apply<op::stop_gradient>(x); }
// The same numbers as elements of type T; towards integers they are truncated and the derivative is zero.
template <class T>
constexpr auto cast(Operand auto x) {
  static_assert(ElementType<T>, "an element type is float, double, std::int32_t, std::int64_t, std::uint8_t or bool");
  return apply<op::cast, static_cast<std::int64_t>(dtype_of<T>)>(x);
}

namespace op {

struct transcendental : elementwise<1> {
  static constexpr int cost = 15;
};

struct exp : transcendental {
  static constexpr auto eval(auto x) {
    using std::exp;
    return exp(x);
  }
  static constexpr auto grad(auto g, auto, auto y) { return g * y; }
};

struct expm1 : transcendental {
  static constexpr auto eval(auto x) {
    using std::expm1;
    return expm1(x);
  }
  static constexpr auto grad(auto g, auto, auto y) { return g * (1 + y); }
};

struct log : transcendental {
  static constexpr auto sample = between(0.05, 8);
  static constexpr auto eval(auto x) {
    using std::log;
    return log(x);
  }
  static constexpr auto grad(auto g, auto x, auto) { return g / x; }
};

struct log1p : transcendental {
  static constexpr auto sample = between(-0.95, 8);
  static constexpr auto eval(auto x) {
    using std::log1p;
    return log1p(x);
  }
  static constexpr auto grad(auto g, auto x, auto) { return g / (1 + x); }
};

struct sin : transcendental {
  static constexpr bool odd = true;
  static constexpr auto eval(auto x) {
    using std::sin;
    return sin(x);
  }
  static constexpr auto grad(auto g, auto x, auto) { return g * ag::cos(x); }
};

struct cos : transcendental {
  static constexpr bool even = true;
  static constexpr auto eval(auto x) {
    using std::cos;
    return cos(x);
  }
  static constexpr auto grad(auto g, auto x, auto) { return -(g * ag::sin(x)); }
};

struct tanh : transcendental {
  static constexpr bool odd = true;
  static constexpr auto eval(auto x) {
    using std::tanh;
    return tanh(x);
  }
  static constexpr auto grad(auto g, auto, auto y) { return g * (1 - ag::sqr(y)); }
};

struct sigmoid : transcendental {
  static constexpr auto eval(auto x) {
    using std::abs;
    using std::exp;
    using T      = decltype(x);
    const T left = exp(-abs(x));  // exp(-x) would be infinite before 1 / exp(-x) is zero
    return select(x < T(0), left, T(1)) / (T(1) + left);
  }
  static constexpr auto grad(auto g, auto, auto y) { return g * (y * (1 - y)); }
};

struct softplus : transcendental {
  static constexpr int cost = 30;
  static constexpr auto eval(auto x) {
    using std::abs;
    using std::exp;
    using std::log1p;
    using T = decltype(x);
    return maximum::eval(x, T(0)) + log1p(exp(-abs(x)));
  }
  static constexpr auto grad(auto g, auto x, auto) { return g * ag::sigmoid(x); }
};

struct relu : arithmetic_unary {
  static constexpr auto eval(auto x) {
    using T = decltype(x);
    return select(x <= T(0), T(0), x);
  }
  static constexpr auto grad(auto g, auto, auto y) { return ag::where(y > 0, g, 0); }
};

struct erf : transcendental {
  static constexpr bool odd = true;
  static constexpr auto eval(auto x) {
    using std::erf;
    return erf(x);
  }
  static constexpr auto grad(auto g, auto x, auto) { return g * (1.1283791670955126 * ag::exp(-ag::sqr(x))); }
};

struct log1mexp : transcendental {
  static constexpr int cost = 45;
  static constexpr auto sample = between(-8, -0.05);
  static constexpr auto eval(auto x) {
    using std::exp;
    using std::expm1;
    using std::log;
    using std::log1p;
    using T = decltype(x);
    return select(x > T(-0.6931472f), log(-expm1(x)), log1p(-exp(x)));  // at about -ln 2 both are accurate
  }
  static constexpr auto grad(auto g, auto x, auto) { return g / -ag::expm1(-x); }
};

struct stop_gradient : elementwise<1> {
  static constexpr auto result = result_type::same;
  static constexpr bool flat = true;
  static constexpr int cost = 0;
  static constexpr auto eval(auto x) { return x; }
};

}  // namespace op

}  // namespace agnesi
