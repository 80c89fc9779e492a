// SPDX-License-Identifier: BSD-3-Clause
// The registers of a fused loop and the execution of one step on them; what a load, a store or a reduction does is the
// business of the state that holds them (one element, a row of numbers, a row of packs).
//   run_step<op::add, Word, Bits>(state, place);
#pragma once

#include <limits>

#include "agnesi/backend/cpu/loop_facts.hpp"
#include "agnesi/backend/cpu/nan.hpp"

namespace agnesi::loop {

template <class To, class From>
constexpr To converted_to(From x) {
  if constexpr (std::is_same_v<To, bool>) return x != From(0);
  else return static_cast<To>(x);
}

// Arrays indexed by constants only: after inlining each register is a variable of its own.
template <int N>
struct scalar_registers {
  bool b[N];
  std::uint8_t u8[N];
  std::int32_t i32[N];
  std::int64_t i64[N];
  float f32[N];
  double f64[N];

  template <dtype D>
  [[gnu::always_inline]] constexpr auto& reg(int k) {
    if constexpr (D == dtype::boolean) return b[k];
    else if constexpr (D == dtype::u8) return u8[k];
    else if constexpr (D == dtype::i32) return i32[k];
    else if constexpr (D == dtype::i64) return i64[k];
    else if constexpr (D == dtype::f32) return f32[k];
    else return f64[k];
  }
  template <dtype D>
  [[gnu::always_inline]] static constexpr auto splat(element_of<D> x) {
    return x;
  }
  template <dtype To, dtype From>
  [[gnu::always_inline]] static constexpr auto convert(element_of<From> x) {
    return converted_to<element_of<To>>(x);
  }
  template <class Op, dtype To, class... A>
  [[gnu::always_inline]] static constexpr auto evaluate(const A&... a) {
    return static_cast<element_of<To>>(Op::eval(a...));
  }
};

// Few sizes, so that programs share the functions on them.
constexpr int rounded(int n) { return n <= 4 ? 4 : n <= 8 ? 8 : (n + 15) / 16 * 16; }

template <class T>
constexpr T identity_of(combine how) {
  using limits = std::numeric_limits<T>;
  switch (how) {
    case combine::prod:
    case combine::all_true: return T(1);
    case combine::max: return limits::has_infinity ? static_cast<T>(-limits::infinity()) : limits::lowest();
    case combine::min: return limits::has_infinity ? limits::infinity() : limits::max();
    default: return T(0);
  }
}

/// Two numbers into one; NaN wins in max and min.
template <class T>
constexpr T combined(combine how, T a, T b) {
  if constexpr (std::is_same_v<T, bool>) {
    return how == combine::all_true || how == combine::prod || how == combine::min ? a && b : a || b;
  } else {
    switch (how) {
      case combine::sum: return static_cast<T>(a + b);
      case combine::all_true:
      case combine::prod: return static_cast<T>(a * b);
      case combine::any_true:
      case combine::max: return simd::replaces<true>(b, a) ? b : a;
      default: return simd::replaces<false>(b, a) ? b : a;
    }
  }
}

// Bits are those of a constant, or of one that is divided by.
template <class Op, code_word Word, code_word Bits, class State, class Place>
[[gnu::always_inline]] constexpr void run_step(State& s, Place at) {
  constexpr step i = unpacked_step(Word);
  if constexpr (i.what == kind::constant)
    s.template reg<i.type>(i.k) = s.template splat<i.type>(loop_code::value_of_bits<element_of<i.type>>(Bits));
  else if constexpr (i.what == kind::load && i.ta != i.type)
    s.template reg<i.type>(i.k) = s.template load_as<i.ta>(i.b, at);
  else if constexpr (i.what == kind::load)
    s.template reg<i.type>(i.k) = s.template load<i.type, i.flag>(i.b, i.c, at);
  else if constexpr (i.what == kind::iota)
    s.template reg<i.type>(i.k) = s.template index<i.type>(i.b, i.c, at);
  else if constexpr (i.what == kind::cast)
    s.template reg<i.type>(i.k) = s.template convert<i.type, i.ta>(s.template reg<i.ta>(i.a));
  else if constexpr (i.what == kind::store && i.type != dtype::none && i.type != i.ta)
    s.template store_as<i.type>(i.b, s.template reg<i.ta>(i.a), at);
  else if constexpr (i.what == kind::store)
    s.template store<i.ta>(i.b, i.c, s.template reg<i.ta>(i.a), at);
  else if constexpr (i.what == kind::reduce)
    s.template reduce<i.ta, i.how, i.flag>(i.k, i.b, i.c, s.template reg<i.ta>(i.a), at);
  else if constexpr (Op::arity == 1)
    s.template reg<i.type>(i.k) = s.template evaluate<Op, i.type>(s.template reg<i.ta>(i.a));
  else if constexpr (Op::arity == 2 && Bits != 0)
    s.template reg<i.type>(i.k) = s.template divided<Bits>(s.template reg<i.ta>(i.a));
  else if constexpr (Op::arity == 2)
    s.template reg<i.type>(i.k) = s.template evaluate<Op, i.type>(s.template reg<i.ta>(i.a), s.template reg<i.tb>(i.b));
  else
    s.template reg<i.type>(i.k) = s.template evaluate<Op, i.type>(s.template reg<i.ta>(i.a), s.template reg<i.tb>(i.b),
                                                                 s.template reg<i.tc>(i.c));
}

}  // namespace agnesi::loop
