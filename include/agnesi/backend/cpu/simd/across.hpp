// SPDX-License-Identifier: BSD-3-Clause
// Lanes into other lanes: squares of packs transposed, and all lanes of a pack into one number.
//   float s = simd::sum<float>(v);  simd::transpose<float>(rows);
#pragma once

#include <bit>
#include <limits>
#include <utility>

#include "agnesi/backend/cpu/simd/extrema.hpp"

namespace agnesi::simd {

#if AGNESI_HAS_XSIMD && defined(__has_builtin) && !defined(__CUDACC__)
#if __has_builtin(__builtin_shufflevector)
#define AGNESI_HAS_SHUFFLES 1
#endif
#endif

#ifdef AGNESI_HAS_SHUFFLES
namespace detail {

template <class T, int First, int... K>
[[gnu::always_inline]] inline pack<T> interleaved(const pack<T>& a, const pack<T>& b, std::integer_sequence<int, K...>) {
  return pack<T>(__builtin_shufflevector(a.data, b.data, (First + K / 2 + K % 2 * lanes<T>)...));
}

}  // namespace detail

/// Rows of a square become its columns: in each round those half the square apart are interleaved.
template <class T, int Round = 1>
[[gnu::always_inline]] inline void transpose(pack<T> (&rows)[lanes<T>]) {
  constexpr int n = lanes<T>;
  if constexpr (Round < n) {
    pack<T> next[n];
    [&]<int... K>(std::integer_sequence<int, K...>) __attribute__((always_inline)) {
      using all = std::make_integer_sequence<int, n>;
      ((next[2 * K] = detail::interleaved<T, 0>(rows[K], rows[K + n / 2], all{}),
        next[2 * K + 1] = detail::interleaved<T, n / 2>(rows[K], rows[K + n / 2], all{})), ...);
    }(std::make_integer_sequence<int, n / 2>{});
    [&]<int... K>(std::integer_sequence<int, K...>) __attribute__((always_inline)) {
      ((rows[K] = next[K]), ...);
    }(std::make_integer_sequence<int, n>{});
    transpose<T, 2 * Round>(rows);
  }
}

/// Rows of a square into rows[0], each into its own lane, and in the order in which `sum` takes a pack's lanes. Loops, as
/// folds over so many rows take the compilers longer.
template <class T, int Rows = lanes<T>>
[[gnu::always_inline]] inline void across_rows(pack<T> (&rows)[lanes<T>], auto with) {
  if constexpr (Rows > 1) {
    constexpr int n = lanes<T>, half = Rows / 2;
    constexpr std::make_integer_sequence<int, n> all{};
#pragma GCC unroll 16
    for (int k = 0; k < half; ++k)
      rows[k] = with(detail::interleaved<T, 0>(rows[k], rows[k + half], all), detail::interleaved<T, n / 2>(rows[k], rows[k + half], all));
    across_rows<T, half>(rows, with);
  }
}
#endif

namespace detail {

// All lanes into one, in halves, so that every build sums in the same order; `with` takes two packs or two numbers.
template <class T>
[[gnu::always_inline]] inline T across(const pack<T>& v, auto with) {
  if constexpr (lanes<T> == 1) {
    return v;
  } else {
#ifdef AGNESI_HAS_SHUFFLES
    constexpr int n = lanes<T>;
    const auto turned = [&]<int By, int... K>(const pack<T>& x, std::integral_constant<int, By>,
                                              std::integer_sequence<int, K...>) __attribute__((always_inline)) {
      return pack<T>(__builtin_shufflevector(x.data, x.data, (K + By) % n...));
    };
    pack<T> sum = v;
    [&]<int... L>(std::integer_sequence<int, L...>) __attribute__((always_inline)) {
      ((sum = with(sum, turned(sum, std::integral_constant<int, (n >> (L + 1))>{}, std::make_integer_sequence<int, n>{}))), ...);
    }(std::make_integer_sequence<int, std::bit_width(static_cast<unsigned>(n)) - 1>{});
    return sum.data[0];
#else
    T lane[lanes<T>];
    simd::store<T>(lane, v);  // xsimd has a store too, to aligned memory
    for (int half = lanes<T> / 2; half > 0; half /= 2)
      for (int k = 0; k < half; ++k) lane[k] = with(lane[k], lane[k + half]);
    return lane[0];
#endif
  }
}

}  // namespace detail

template <class T>
inline T sum(const std::type_identity_t<pack<T>>& v) {
  return detail::across<T>(v, [](const auto& a, const auto& b) { return a + b; });
}
template <class T>
inline T prod(const std::type_identity_t<pack<T>>& v) {
  return detail::across<T>(v, [](const auto& a, const auto& b) { return a * b; });
}
template <class T>
inline T max(const std::type_identity_t<pack<T>>& v) {
  if (any_lane<T>(nan_lanes<T>(v))) return std::numeric_limits<T>::quiet_NaN();
  return detail::across<T>(v, [](const auto& a, const auto& b) { return larger_number<T>(a, b); });
}
template <class T>
inline T min(const std::type_identity_t<pack<T>>& v) {
  if (any_lane<T>(nan_lanes<T>(v))) return std::numeric_limits<T>::quiet_NaN();
  return detail::across<T>(v, [](const auto& a, const auto& b) { return smaller_number<T>(a, b); });
}

}  // namespace agnesi::simd
