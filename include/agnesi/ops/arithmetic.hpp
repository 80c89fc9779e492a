// SPDX-License-Identifier: BSD-3-Clause
// Arithmetic, element by element: + - * / with unary -, sqr, sqrt, abs, sign, pow, maximum, minimum, clip, where.
//   auto y = where(x > 0_c, sqr(x), -x);
#pragma once

#include <cmath>

#include "agnesi/expr/literal.hpp"

namespace agnesi {

template <class A, class B>
concept OperandPair = (Operand<A> && (Operand<B> || Number<B>)) || (Number<A> && Operand<B>);
template <class A, class B, class C>
concept OperandTriple = (Operand<A> || Operand<B> || Operand<C>) && (Operand<A> || Number<A>) &&
                        (Operand<B> || Number<B>) && (Operand<C> || Number<C>);

namespace detail {

// Integers wrap around as they do in products; a negative exponent leaves what is left of 1 / a^-b.
template <class T>
constexpr T integer_power(T a, T b) {
  if constexpr (std::is_signed_v<T>)
    if (b < 0) return static_cast<T>(a == 1 ? 1 : a != -1 ? 0 : b % 2 == 0 ? 1 : -1);
  std::uint64_t r = 1;
  auto base = static_cast<std::uint64_t>(a);
  for (auto n = static_cast<std::uint64_t>(b); n > 0; n /= 2, base *= base)
    if (n % 2 != 0) r *= base;
  return static_cast<T>(r);
}

// xsimd's power is exp(b log a): good for positive numbers and moderate exponents, wrong at 0^0 or (-1)^1e30, and off by
// hundreds of units in the last place towards the ends of the range (8.1). A pack with such a lane goes lane by lane.
template <class V>
constexpr V power(V a, V b) {
  if constexpr (std::is_integral_v<V>) {
    return integer_power(a, b);
  } else if constexpr (std::is_floating_point_v<V>) {
    return std::pow(a, b);
  } else {
    using T = typename V::value_type;
    const V size = abs(b);
    const auto easy = a > V(T(1) / 64) && a < V(T(64)) && size < V(T(4));
    if (!any(!easy)) return pow(a, b);
    T base[sizeof(V) / sizeof(T)], exponent[sizeof(V) / sizeof(T)];
    a.store_unaligned(base);
    b.store_unaligned(exponent);
    for (std::size_t k = 0; k < sizeof(V) / sizeof(T); ++k) base[k] = std::pow(base[k], exponent[k]);
    return V::load_unaligned(base);
  }
}

}  // namespace detail

namespace op {

namespace ag = agnesi;

// The scalar member of the family whose other members, for SIMD batches, are found beside the batch.
template <class T>
constexpr T select(bool c, T a, T b) {
  return c ? a : b;
}

struct arithmetic : elementwise<2> {
  static constexpr auto result = result_type::same;
  static constexpr bool folds = true;
};
struct arithmetic_unary : elementwise<1> {
  static constexpr auto result = result_type::same;
  static constexpr bool folds = true;
};

}  // namespace op

template <class A, class B>
  requires OperandPair<A, B>
constexpr auto operator+(A a, B b) {
  return apply<op::add>(a, b);
}
template <class A, class B>
  requires OperandPair<A, B>
constexpr auto operator-(A a, B b) {
  return apply<op::sub>(a, b);
}
template <class A, class B>
  requires OperandPair<A, B>
constexpr auto operator*(A a, B b) {
  return apply<op::mul>(a, b);
}
template <class A, class B>
  requires OperandPair<A, B>
constexpr auto operator/(A a, B b) {
  return apply<op::div>(a, b);
}
template <Operand A>
constexpr auto operator-(A a) {
  if constexpr (is_literal<A>) return negated_literal<literal_int<A>, std::is_same_v<typename A::type::element, std::int64_t>>();
  else return apply<op::neg>(a);
}
template <Operand A>
constexpr auto operator+(A a) {
  return a;
}
constexpr auto sqr(Operand auto x) { return apply<op::sqr>(x); }
constexpr auto sqrt(Operand auto x) { return apply<op::sqrt>(x); }
constexpr auto abs(Operand auto x) { return apply<op::abs>(x); }
constexpr auto sign(Operand auto x) { return apply<op::sign>(x); }
constexpr auto log(Operand auto x) { return apply<op::log>(x); }
template <class A, class B>
  requires OperandPair<A, B>
constexpr auto pow(A a, B b) {
  return apply<op::pow>(a, b);
}
// NaN if either is NaN; where both are equal the gradient goes to the first.
template <class A, class B>
  requires OperandPair<A, B>
constexpr auto maximum(A a, B b) {
  return apply<op::maximum>(a, b);
}
template <class A, class B>
  requires OperandPair<A, B>
constexpr auto minimum(A a, B b) {
  return apply<op::minimum>(a, b);
}
// minimum(maximum(x, lo), hi), with slope 1 on the closed interval.
template <class A, class B, class C>
  requires OperandTriple<A, B, C>
constexpr auto clip(A x, B lo, C hi) {
  return apply<op::clip>(x, lo, hi);
}
// a where the condition holds, else b; both are evaluated.
template <class C, class A, class B>
  requires OperandTriple<C, A, B>
constexpr auto where(C c, A a, B b) {
  return apply<op::where>(c, a, b);
}
template <class A, class B>
  requires OperandPair<A, B>
constexpr auto operator<(A a, B b) {
  return apply<op::less>(a, b);
}
template <class A, class B>
  requires OperandPair<A, B>
constexpr auto operator<=(A a, B b) {
  return apply<op::less_equal>(a, b);
}
template <class A, class B>
  requires OperandPair<A, B>
constexpr auto operator>(A a, B b) {
  return apply<op::greater>(a, b);
}
template <class A, class B>
  requires OperandPair<A, B>
constexpr auto operator>=(A a, B b) {
  return apply<op::greater_equal>(a, b);
}
template <class A, class B>
  requires OperandPair<A, B>
constexpr auto operator==(A a, B b) {
  return apply<op::equal>(a, b);
}
template <class A, class B>
  requires OperandPair<A, B>
constexpr auto operator!=(A a, B b) {
  return apply<op::not_equal>(a, b);
}
template <class A, class B>
  requires OperandPair<A, B>
constexpr auto operator&&(A a, B b) {
  return apply<op::logical_and>(a, b);
}
template <class A, class B>
  requires OperandPair<A, B>
constexpr auto operator||(A a, B b) {
  return apply<op::logical_or>(a, b);
}
template <Operand A>
constexpr auto operator!(A a) {
  return apply<op::logical_not>(a);
}

namespace op {

struct add : arithmetic {
  static constexpr bool commutative = true;
  static constexpr std::string_view infix = " + ";
  static constexpr int precedence = 10;
  static constexpr auto eval(auto a, auto b) { return static_cast<decltype(a)>(a + b); }
  static constexpr auto grad(auto g, auto, auto, auto) { return both(g, g); }
};

struct sub : arithmetic {
  static constexpr std::string_view infix = " - ";
  static constexpr int precedence = 10;
  static constexpr auto eval(auto a, auto b) { return static_cast<decltype(a)>(a - b); }
  static constexpr auto grad(auto g, auto, auto, auto) { return both(g, -g); }
};

struct mul : arithmetic {
  static constexpr bool commutative = true;
  static constexpr std::string_view infix = " * ";
  static constexpr int precedence = 20;
  static constexpr auto eval(auto a, auto b) { return static_cast<decltype(a)>(a * b); }
  static constexpr auto grad(auto g, auto a, auto b, auto) { return both(g * b, g * a); }
};

struct div : elementwise<2> {
  static constexpr bool folds = true;
  static constexpr int cost = 4;
  static constexpr std::string_view infix = " / ";
  static constexpr int precedence = 20;
  static constexpr interval sample[] = {between(-4, 4), between(0.5, 4)};
  static constexpr auto eval(auto a, auto b) { return a / b; }
  static constexpr auto grad(auto g, auto, auto b, auto y) { return both(g / b, -(g * y / b)); }
};

struct neg : arithmetic_unary {
  static constexpr bool odd = true;
  static constexpr std::string_view infix = "-";
  static constexpr int precedence = 30;
  static constexpr auto eval(auto x) { return static_cast<decltype(x)>(-x); }
  static constexpr auto grad(auto g, auto, auto) { return -g; }
};

struct sqr : arithmetic_unary {
  static constexpr bool even = true;
  static constexpr auto eval(auto x) { return static_cast<decltype(x)>(x * x); }
  static constexpr auto grad(auto g, auto x, auto) { return g * (2 * x); }
};

struct sqrt : elementwise<1> {
  static constexpr int cost = 5;
  static constexpr auto sample = between(0, 4);
  static constexpr auto eval(auto x) {
    using std::sqrt;
    return sqrt(x);
  }
  static constexpr auto grad(auto g, auto, auto y) { return g / (2 * y); }
};

struct abs : elementwise<1> {
  static constexpr auto result = result_type::same;
  static constexpr bool even = true;
  static constexpr auto eval(auto x) {
    if constexpr (std::is_unsigned_v<decltype(x)>) {
      return x;
    } else {
      using std::abs;
      return abs(x);
    }
  }
  static constexpr auto grad(auto g, auto x, auto) { return g * ag::sign(x); }
};

struct sign : arithmetic_unary {
  static constexpr bool odd = true;
  static constexpr bool flat = true;
  static constexpr auto eval(auto x) {
    using T = decltype(x);
    return select(x > T(0), T(1), select(x < T(0), T(-1), x));
  }
};

struct pow : elementwise<2> {
  static constexpr auto result = result_type::same;
  static constexpr int cost = 30;
  static constexpr interval sample[] = {between(0.25, 4), between(-3, 3)};
  static constexpr auto eval(auto a, auto b) { return detail::power(a, b); }
  static constexpr auto grad(auto g, auto a, auto b, auto y) {
    return both(g * ag::where(b == 0, 0, b * ag::pow(a, b - 1)),
                g * ag::where(a > 0, y * ag::log(ag::where(a > 0, a, 1)), 0));
  }
};

struct maximum : arithmetic {
  static constexpr bool commutative = true, first_wins = true;
  static constexpr auto eval(auto a, auto b) { return select(a >= b || !(a == a), a, b); }
  static constexpr auto grad(auto g, auto a, auto b, auto) {
    return both(ag::where(a >= b, g, 0), ag::where(a >= b, 0, g));
  }
};

struct minimum : arithmetic {
  static constexpr bool commutative = true, first_wins = true;
  static constexpr auto eval(auto a, auto b) { return select(a <= b || !(a == a), a, b); }
  static constexpr auto grad(auto g, auto a, auto b, auto) {
    return both(ag::where(a <= b, g, 0), ag::where(a <= b, 0, g));
  }
};

struct clip : elementwise<3> {
  static constexpr auto result = result_type::same;
  static constexpr bool folds = true;
  static constexpr interval sample[] = {between(-4, 4), between(-2, 0), between(0, 2)};
  static constexpr auto eval(auto x, auto lo, auto hi) {
    return minimum::eval(maximum::eval(x, lo), hi);
  }
  // Where lo > hi the value is hi.
  static constexpr auto grad(auto g, auto x, auto lo, auto hi, auto) {
    return both(ag::where(x >= lo && x <= hi, g, 0), ag::where(x < lo && lo <= hi, g, 0),
                ag::where(x > hi || lo > hi, g, 0));
  }
};

// The condition keeps its type; only the branches are promoted.
struct where : elementwise<3> {
  static constexpr auto result = result_type::same;
  static constexpr auto eval(auto c, auto a, auto b) { return select(c, a, b); }
  static constexpr auto grad(auto g, auto c, auto, auto, auto) {
    return both(no_cotangent, ag::where(c, g, 0), ag::where(c, 0, g));
  }
  static constexpr int build(graph& g, const op_info& i, const int* args, int, const std::int64_t*, int) {
    if (g.type(args[0]) != dtype::boolean) return g.fail(mistake::dtype_logic);
    const dtype t = common_type(g, args + 1, 2);
    const int converted_args[] = {args[0], cast_to(g, args[1], t), cast_to(g, args[2], t)};
    const int shape = broadcast_shape(g, i, converted_args, 3);
    if (shape < 0) return -1;
    return g.intern(i, converted_args, 3, nullptr, 0, t, shape, g[args[1]].weak && g[args[2]].weak);
  }
};

struct comparison : elementwise<2> {
  static constexpr auto result = result_type::boolean;
  static constexpr bool folds = true;
  static constexpr bool flat = true;
  static constexpr int precedence = 8;
};
struct less : comparison {
  static constexpr std::string_view infix = " < ";
  static constexpr auto eval(auto a, auto b) { return a < b; }
};
struct less_equal : comparison {
  static constexpr std::string_view infix = " <= ";
  static constexpr auto eval(auto a, auto b) { return a <= b; }
};
struct greater : comparison {
  static constexpr std::string_view infix = " > ";
  static constexpr auto eval(auto a, auto b) { return a > b; }
};
struct greater_equal : comparison {
  static constexpr std::string_view infix = " >= ";
  static constexpr auto eval(auto a, auto b) { return a >= b; }
};
struct equal : comparison {
  static constexpr bool commutative = true;
  static constexpr std::string_view infix = " == ";
  static constexpr auto eval(auto a, auto b) { return a == b; }
};
struct not_equal : comparison {
  static constexpr bool commutative = true;
  static constexpr std::string_view infix = " != ";
  static constexpr auto eval(auto a, auto b) { return !(a == b); }
};

template <int N>
struct logical : elementwise<N> {
  static constexpr auto result = result_type::boolean;
  static constexpr bool flat = true;
  static constexpr int build(graph& g, const op_info& i, const int* args, int n, const std::int64_t* attrs, int n_attrs) {
    for (int k = 0; k < n; ++k)
      if (g.type(args[k]) != dtype::boolean) return g.fail(mistake::dtype_logic);
    return build_elementwise(g, i, args, n, attrs, n_attrs);
  }
};
struct logical_and : logical<2> {
  static constexpr bool commutative = true;
  static constexpr std::string_view infix = " && ";
  static constexpr int precedence = 6;
  static constexpr auto eval(auto a, auto b) { return a && b; }
};
struct logical_or : logical<2> {
  static constexpr bool commutative = true;
  static constexpr std::string_view infix = " || ";
  static constexpr int precedence = 5;
  static constexpr auto eval(auto a, auto b) { return a || b; }
};
struct logical_not : logical<1> {
  static constexpr std::string_view infix = "!";
  static constexpr int precedence = 30;
  static constexpr auto eval(auto a) { return !a; }
};

}  // namespace op

}  // namespace agnesi
