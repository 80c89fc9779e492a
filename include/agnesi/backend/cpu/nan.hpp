// SPDX-License-Identifier: BSD-3-Clause
// Whether a number is NaN, also where -ffast-math promises the compiler that there is none.
//   simd::is_nan(x)
#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>

#if defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__
#define AGNESI_FINITE_MATH 1
#endif

namespace agnesi::simd {

#ifdef AGNESI_FINITE_MATH
// Bits that the compiler can't follow: where it could, the vectorizer of g++ 12 makes a maximum of numbers of it all.
template <class T>
[[gnu::always_inline]] constexpr T untraced(T bits) {
#if !defined(__CUDACC__)
  if (!std::is_constant_evaluated()) asm("" : "+r"(bits));
#endif
  return bits;
}
#endif

template <class T>
[[gnu::always_inline]] constexpr bool is_nan(T x) {
#ifdef AGNESI_FINITE_MATH
  if constexpr (std::is_same_v<T, float>) return (untraced(std::bit_cast<std::uint32_t>(x)) & 0x7fffffffu) > 0x7f800000u;
  else if constexpr (std::is_same_v<T, double>) return untraced(std::bit_cast<std::uint64_t>(x)) << 1 > 0xffe0000000000000u;
  else return static_cast<void>(x), false;
#else
  return x != x;
#endif
}

/// Whether b is to replace a in a maximum, or in a minimum, where NaN wins; with -ffast-math a < b may be true of NaN.
template <bool Largest, class T>
[[gnu::always_inline]] constexpr bool replaces(T b, T a) {
#ifdef AGNESI_FINITE_MATH
  if (is_nan(a)) return false;
#endif
  return (Largest ? a < b : b < a) || is_nan(b);
}

}  // namespace agnesi::simd
