// SPDX-License-Identifier: BSD-3-Clause
// The elementwise operations on lanes of any element type: in registers where the machine knows how, otherwise lane by lane.
//   auto y = lanes::evaluated<op::add, dtype::i32, 16>(a, b);  t = lanes::joined<combine::max, dtype::f64, 8>(t, y);
#pragma once

#include "agnesi/backend/cpu/lanes.hpp"
#include "agnesi/backend/cpu/math/operations.hpp"
#include "agnesi/backend/cpu/registers.hpp"

namespace agnesi::lanes {

template <class Op, class... One>
inline constexpr bool is_one_of = (std::is_same_v<Op, One> || ...);

// What is left of a sum of bytes in a byte.
template <dtype To, class V>
[[gnu::always_inline]] inline V in_range(V x) {
  if constexpr (To == dtype::u8) return x & 255;
  else return x;
}

template <class V>
[[gnu::always_inline]] inline truths<count<V>> no_number(V x) {
  if constexpr (std::is_integral_v<number<V>>) return first<count<V>>(0);
  else return opposite(compared<relation::equal>(x, x));
}

// The registers of x86 by their own names, which the functions of math/ are written for.
#if AGNESI_HAS_MATH
template <class V>
[[gnu::always_inline]] inline auto native(V x) {
#if defined(__AVX512F__)
  if constexpr (sizeof(V) == 64 && sizeof(number<V>) == 8) return same_bits<__m512d>(x);
  else if constexpr (sizeof(V) == 64) return same_bits<__m512>(x);
  else
#endif
#if defined(__AVX__)
  if constexpr (sizeof(V) == 32 && sizeof(number<V>) == 8) return same_bits<__m256d>(x);
  else if constexpr (sizeof(V) == 32) return same_bits<__m256>(x);
  else
#endif
  if constexpr (sizeof(number<V>) == 8) return same_bits<__m128d>(x);
  else return same_bits<__m128>(x);
}
#endif

#if AGNESI_HAS_MATH && AGNESI_HAS_XSIMD
template <class V>
constexpr bool is_native() {
  if constexpr (is_truths<V>) return false;
  else return std::is_floating_point_v<number<V>> && sizeof(V) >= 16;
}
template <class Op, class... V>
constexpr bool has_function() {
  if constexpr ((!is_native<V>() || ...)) return false;
  else return requires(V... x) { simd::math::of(simd::math::tag<Op>{}, native(x)...); };
}
template <class Op, class V, class... More>
[[gnu::always_inline]] inline V function_of(V a, More... more) {
  return same_bits<V>(simd::math::of(simd::math::tag<Op>{}, native(a), native(more)...));
}
#else
template <class Op, class... V>
constexpr bool has_function() {
  return false;
}
template <class Op, class V, class... More>
V function_of(V, More...);
#endif

// The type of the lanes of an argument, of an operation whose result is of type To: bytes are held as integers.
template <dtype To, class A>
constexpr dtype type_of_lanes() {
  if constexpr (is_truths<A>) return dtype::boolean;
  else return dtype_of<number<A>> == dtype::i32 && To == dtype::u8 ? dtype::u8 : dtype_of<number<A>>;
}

template <class Op, dtype To, int L, class... A>
[[gnu::always_inline]] inline auto evaluated_apart(const A&... a) {
  elements<element_of<To>, L> r;
  const auto one = [&](const auto&... x) __attribute__((always_inline)) {
    for (int k = 0; k < L; ++k) r.at[k] = static_cast<element_of<To>>(Op::eval(x.at[k]...));
  };
  one(apart<type_of_lanes<To, A>(), L>(a)...);
  return together<To, L>(r);
}

template <class V>
[[gnu::always_inline]] inline V larger_of(V a, V b) {
  return chosen(either(compared<relation::less_equal>(b, a), no_number(a)), a, b);
}
template <class V>
[[gnu::always_inline]] inline V smaller_of(V a, V b) {
  return chosen(either(compared<relation::less_equal>(a, b), no_number(a)), a, b);
}

template <class V>
[[gnu::always_inline]] inline V clipped(V x, V low, V high) {
  return smaller_of(larger_of(x, low), high);
}
template <class V>
[[gnu::always_inline]] inline V magnitude(V x) {
  if constexpr (std::is_integral_v<number<V>>) {
    return chosen(compared<relation::less>(x, V{}), -x, x);
  } else {
    using bits = vector<std::conditional_t<sizeof(number<V>) == 8, std::int64_t, std::int32_t>, count<V>>;
    return same_bits<V>(same_bits<bits>(x) & ~same_bits<bits>(all<V>(number<V>(-0.0))));
  }
}

template <class Op, dtype To, class V>
[[gnu::always_inline]] inline auto arithmetic(V a, V b) {
  if constexpr (is_one_of<Op, op::add>) return in_range<To>(a + b);
  else if constexpr (is_one_of<Op, op::sub>) return in_range<To>(a - b);
  else if constexpr (is_one_of<Op, op::mul>) return in_range<To>(a * b);
  else if constexpr (is_one_of<Op, op::div>) return a / b;
  else if constexpr (is_one_of<Op, op::maximum>) return larger_of(a, b);
  else if constexpr (is_one_of<Op, op::minimum>) return smaller_of(a, b);
  else if constexpr (is_one_of<Op, op::less>) return compared<relation::less>(a, b);
  else if constexpr (is_one_of<Op, op::less_equal>) return compared<relation::less_equal>(a, b);
  else if constexpr (is_one_of<Op, op::greater>) return compared<relation::less>(b, a);
  else if constexpr (is_one_of<Op, op::greater_equal>) return compared<relation::less_equal>(b, a);
  else if constexpr (is_one_of<Op, op::equal>) return compared<relation::equal>(a, b);
  else return opposite(compared<relation::equal>(a, b));
}

template <int L>
[[gnu::always_inline]] inline truths<L> same(truths<L> a, truths<L> b) {
  return either(both(a, b), opposite(either(a, b)));
}

// The operation in registers where it is known how, otherwise as its block says for each lane.
template <class Op, dtype To, int L, class A, class... More>
[[gnu::always_inline]] inline auto evaluated(const A& a, const More&... more) {
  constexpr bool all_truths = is_truths<A> && (is_truths<More> && ...), no_truths = !is_truths<A> && !(is_truths<More> || ...);
  if constexpr (all_truths && is_one_of<Op, op::logical_and>) return both(a, more...);
  else if constexpr (all_truths && is_one_of<Op, op::logical_or>) return either(a, more...);
  else if constexpr (all_truths && is_one_of<Op, op::logical_not>) return opposite(a);
  else if constexpr (all_truths && is_one_of<Op, op::equal>) return same(a, more...);
  else if constexpr (all_truths && is_one_of<Op, op::not_equal>) return opposite(same(a, more...));
  else if constexpr (is_one_of<Op, op::stop_gradient>) return a;
  else if constexpr (is_one_of<Op, op::where> && is_truths<A>) return chosen(a, more...);
  else if constexpr (no_truths && (is_one_of<Op, op::add, op::sub, op::mul, op::maximum, op::minimum, op::less, op::less_equal,
                                             op::greater, op::greater_equal, op::equal, op::not_equal> ||
                                   (is_one_of<Op, op::div> && is_float(To))))
    return arithmetic<Op, To>(a, more...);
  else if constexpr (no_truths && is_one_of<Op, op::neg>) return in_range<To>(-a);
  else if constexpr (no_truths && is_one_of<Op, op::sqr>) return in_range<To>(a * a);
  else if constexpr (no_truths && is_one_of<Op, op::abs>) return magnitude(a);
  else if constexpr (no_truths && is_one_of<Op, op::sign>)
    return chosen(compared<relation::less>(A{}, a), all<A>(1), in_range<To>(chosen(compared<relation::less>(a, A{}), all<A>(-1), a)));
  else if constexpr (no_truths && is_one_of<Op, op::clip>) return clipped(a, more...);
  else if constexpr (has_function<Op, A, More...>()) return function_of<Op>(a, more...);
  else return evaluated_apart<Op, To, L>(a, more...);
}

/// Two totals into one; NaN wins in max and min.
template <combine How, dtype D, int L>
[[gnu::always_inline]] inline auto joined(const lane_register<D, L>& a, const lane_register<D, L>& b) {
  if constexpr (D == dtype::boolean) {
    return How == combine::all_true || How == combine::prod || How == combine::min ? both(a, b) : either(a, b);
  } else if constexpr (How == combine::sum) {
    return in_range<D>(a + b);
  } else if constexpr (How == combine::prod || How == combine::all_true) {
    return in_range<D>(a * b);
  } else {
#ifdef AGNESI_FINITE_MATH
    auto x = apart<D, L>(a);
    const auto y = apart<D, L>(b);
    for (int k = 0; k < L; ++k) x.at[k] = loop::combined(How, x.at[k], y.at[k]);
    return together<D, L>(x);
#else
    // As larger_of, where b is to win if it is no number.
    if constexpr (How == combine::max || How == combine::any_true) return chosen(either(compared<relation::less>(a, b), no_number(b)), b, a);
    else return chosen(either(compared<relation::less>(b, a), no_number(b)), b, a);
#endif
  }
}

}  // namespace agnesi::lanes
