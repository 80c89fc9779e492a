// SPDX-License-Identifier: BSD-3-Clause
// sin and cos of registers: x = n pi + r with pi in several parts (W. J. Cody and W. Waite, "Software Manual
// for the Elementary Functions", 1980), and a polynomial of r. Large angles go lane by lane to the C library.
//   __m512d y = simd::math::sin(x);
#pragma once

#include <cmath>

#include "agnesi/backend/cpu/math/parts.hpp"

#if AGNESI_HAS_MATH
namespace agnesi::simd::math {

// Up to here n has so few bits that its products with the parts of pi are exact, or rounded together with the
// sum.
template <class T>
inline constexpr T most_of_angles = fused ? pick<T>(0x1p40, 0x1p20f) : pick<T>(0x1p25, 0x1p13f);

template <class V, class... Part>
[[gnu::always_inline]] inline V less_multiple(V x, V n, Part... part) {
  ((x = fenced(nfma(n, all<V>(part), x))), ...);
  return x;
}
template <class V>
[[gnu::always_inline]] inline V less_multiple_of_half_pi(V x, V n) {
  if constexpr (is_double<V> && fused)
    return less_multiple(x, n, 0x1.921fb54442d18p0, 0x1.1a62633145c06p-54, 0x1.c1cd129024e09p-107);
  else if constexpr (is_double<V>)
    return less_multiple(x, n, 0x1.921fb54p0, 0x1.10b461p-30, 0x1.a62633p-58, 0x1.45c06e0e68948p-86);
  else if constexpr (fused) return less_multiple(x, n, 0x1.921fb4p0f, 0x1.4442dp-24f, 0x1.84698ap-48f);
  else return less_multiple(x, n, 0x1.92p0f, 0x1.fb4p-12f, 0x1.444p-24f, 0x1.68cp-39f, 0x1.1a6264p-54f);
}

// For |r| <= pi / 4.
template <class V>
[[gnu::always_inline]] inline V sin_near_zero(V r, V w, V w2) {
  V s;
  if constexpr (is_double<V>)
    s = polynomial(w, w2, 0x1.5d93178dc2034p-33, -0x1.ae5e66862934bp-26, 0x1.71de357814538p-19, -0x1.a01a019c12028p-13,
                   0x1.111111110f87ep-7, -0x1.5555555555549p-3);
  else s = polynomial(w, w2, -0x1.994e86p-13f, 0x1.11076p-7f, -0x1.555546p-3f);
  return fma(w * r, s, r);
}
template <class V>
[[gnu::always_inline]] inline V cos_near_zero(V w, V w2) {
  using T = number<V>;
  V c;
  if constexpr (is_double<V>)
    c = polynomial(w, w2, -0x1.8faeb606d7df1p-37, 0x1.1ee9ec1907cf2p-29, -0x1.27e4f80a34ad5p-22, 0x1.a01a019cb2186p-16,
                   -0x1.6c16c16c15181p-10, 0x1.555555555554cp-5);
  else c = polynomial(w, w2, 0x1.9a024p-16f, -0x1.6c0c8cp-10f, 0x1.55554ap-5f);
  return fma(w, fma(w, c, all<V>(T(-0.5))), all<V>(1));
}

template <class V>
[[gnu::noinline]] V large_angles_by(number<V> (*function)(number<V>), V x, V result) {
  for (std::size_t k = 0; k < sizeof(V) / sizeof(x[0]); ++k)
    if (std::abs(x[k]) > most_of_angles<number<V>>) result[k] = function(x[k]);
  return result;
}

// The sine of x + shift * pi / 2, but for the sign of x.
template <int Shift, class V>
[[gnu::always_inline]] inline V sin_of_size(V size) {
  using T = number<V>;
  const V magic = all<V>(format<V>::magic);
  const V t = fenced(fma(size, all<V>(pick<T>(0x1.45f306dc9c883p-1, 0x1.45f306p-1f)), magic));
  const V r = less_multiple_of_half_pi(size, fenced(t - magic)), w = r * r, w2 = w * w;
  const V quadrant = (V)((naturals<V>)t + typename format<V>::natural(Shift));
  const V y = choose(is_odd(quadrant), cos_near_zero(w, w2), sin_near_zero(r, w, w2));
  return flipped_sign(y, (V)((naturals<V>)quadrant << (8 * static_cast<int>(sizeof(T)) - 2)));
}

template <class V>
[[gnu::always_inline]] inline V sin(V x) {
  using T = number<V>;
  const V size = magnitude(x), result = flipped_sign(sin_of_size<0>(size), x);
  if (any_less(all<V>(most_of_angles<T>), size)) [[unlikely]]
    return large_angles_by<V>([](T a) { return std::sin(a); }, x, result);
  return result;
}
template <class V>
[[gnu::always_inline]] inline V cos(V x) {
  using T = number<V>;
  const V size = magnitude(x), result = sin_of_size<1>(size);
  if (any_less(all<V>(most_of_angles<T>), size)) [[unlikely]]
    return large_angles_by<V>([](T a) { return std::cos(a); }, x, result);
  return result;
}

}  // namespace agnesi::simd::math
#endif
