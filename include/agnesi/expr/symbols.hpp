// SPDX-License-Identifier: BSD-3-Clause
// The names a formula is written in:
//   constexpr auto x = ag::matrix<"x">;  constexpr auto w = ag::vector<"w", float>;
#pragma once

#include "agnesi/expr/expr.hpp"

namespace agnesi {

namespace detail {

template <fixed_string S, class T, std::int64_t... E>
constexpr auto make_symbol() {
  static_assert(ElementType<T>, "an element type is float, double, std::int32_t, std::int64_t, std::uint8_t or bool");
  static_assert(S.size > 0 && S.size <= 64, "a symbol's name has 1 to 64 characters");
  static_assert(((E == dyn || E >= 0) && ...), "an extent is a number from 0 up, or ag::dyn");
  static_assert(sizeof...(E) <= max_rank - 1, "a symbol has at most 7 axes");
  return symbol<decltype(name_of<S>()), T, E...>{};
}

}  // namespace detail

template <fixed_string S, class T = double>
inline constexpr auto scalar = detail::make_symbol<S, T>();
template <fixed_string S, class T = double, std::int64_t N = dyn>
inline constexpr auto vector = detail::make_symbol<S, T, N>();
template <fixed_string S, class T = double, std::int64_t M = dyn, std::int64_t N = dyn>
inline constexpr auto matrix = detail::make_symbol<S, T, M, N>();
template <fixed_string S, class T = double, std::int64_t N = dyn>
inline constexpr auto row = detail::make_symbol<S, T, 1, N>();
template <fixed_string S, class T = double, std::int64_t N = dyn>
inline constexpr auto col = detail::make_symbol<S, T, N, 1>();
template <fixed_string S, class T = double>
inline constexpr auto tensor3 = detail::make_symbol<S, T, dyn, dyn, dyn>();
template <fixed_string S, class T = double>
inline constexpr auto tensor4 = detail::make_symbol<S, T, dyn, dyn, dyn, dyn>();
template <fixed_string S, class T = double>
inline constexpr auto tensor5 = detail::make_symbol<S, T, dyn, dyn, dyn, dyn, dyn>();
template <fixed_string S, class T, std::int64_t... E>
inline constexpr auto tensor = detail::make_symbol<S, T, E...>();

}  // namespace agnesi
