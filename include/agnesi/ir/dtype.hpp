// SPDX-License-Identifier: BSD-3-Clause
// Element types and their promotion, by NumPy's table: promote(dtype::i32, dtype::f32) == dtype::f64.
#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>

namespace agnesi {

enum class dtype : unsigned char { boolean, u8, i32, i64, f32, f64, none };

constexpr bool is_float(dtype t) { return t == dtype::f32 || t == dtype::f64; }
constexpr bool is_integer(dtype t) { return t == dtype::u8 || t == dtype::i32 || t == dtype::i64; }
// Whether a type has negative numbers.
constexpr bool has_sign(dtype t) { return t != dtype::boolean && t != dtype::u8; }

constexpr int size_of(dtype t) {
  switch (t) {
    case dtype::boolean:
    case dtype::u8: return 1;
    case dtype::i32:
    case dtype::f32: return 4;
    default: return 8;
  }
}

constexpr std::string_view spelled(dtype t) {
  switch (t) {
    case dtype::boolean: return "bool";
    case dtype::u8: return "uint8";
    case dtype::i32: return "int32";
    case dtype::i64: return "int64";
    case dtype::f32: return "float";
    case dtype::f64: return "double";
    default: return "none";
  }
}

constexpr dtype promote(dtype a, dtype b) {
  if (a == b) return a;
  const dtype lo = a < b ? a : b, hi = a < b ? b : a;
  if (hi == dtype::f32 && (lo == dtype::i32 || lo == dtype::i64)) return dtype::f64;
  return hi;
}

template <class T>
inline constexpr dtype dtype_of = dtype::none;
template <>
inline constexpr dtype dtype_of<bool> = dtype::boolean;
template <>
inline constexpr dtype dtype_of<std::uint8_t> = dtype::u8;
template <>
inline constexpr dtype dtype_of<std::int32_t> = dtype::i32;
template <>
inline constexpr dtype dtype_of<std::int64_t> = dtype::i64;
template <>
inline constexpr dtype dtype_of<float> = dtype::f32;
template <>
inline constexpr dtype dtype_of<double> = dtype::f64;

template <class T>
concept ElementType = dtype_of<T> != dtype::none;

namespace detail {
template <dtype D>
constexpr auto value_of_dtype() {
  if constexpr (D == dtype::boolean) return bool{};
  else if constexpr (D == dtype::u8) return std::uint8_t{};
  else if constexpr (D == dtype::i32) return std::int32_t{};
  else if constexpr (D == dtype::i64) return std::int64_t{};
  else if constexpr (D == dtype::f32) return float{};
  else return double{};
}
}  // namespace detail

template <dtype D>
using element_of = decltype(detail::value_of_dtype<D>());

}  // namespace agnesi
