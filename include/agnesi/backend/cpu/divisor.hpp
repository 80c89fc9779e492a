// SPDX-License-Identifier: BSD-3-Clause
// Packs divided by a number that the compiler knows, by two multiplications in place of a division.
//   auto y = simd::divided<float, bits_of(255.0f)>(x);   // x / 255, rounded as a division is
#pragma once

#include <bit>
#include <cstdint>
#include <limits>

#include "agnesi/backend/cpu/math/parts.hpp"
#include "agnesi/backend/cpu/simd.hpp"

namespace agnesi::simd {

/// 1 / d = near + rest, of which `near` lies towards zero, so that both have the sign of d.
template <class T>
struct reciprocal {
  bool usable = false;
  T near{}, rest{};
};

/// x near + x rest, the former not rounded by itself, is off by less than 2^(2-2p) of x / d, p being the bits of T. If d has b bits,
/// no quotient lies nearer than 2^-(b+p+1) to where rounding changes: usable for up to p - 4 bits. Powers of two have no rest, which
/// times infinity is no number. Quotients below 2^-100, or -960 of doubles, are within one unit in the last place.
template <class T>
constexpr reciprocal<T> reciprocal_of(T d) {
  constexpr int p = std::numeric_limits<T>::digits;
  using word = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;
  const T size = d < 0 ? -d : d;
  if (!(size >= T(0x1p-60) && size <= T(0x1p60))) return {};
  constexpr word hidden = word{1} << (p - 1);
  const word bits = std::bit_cast<word>(size);
  std::uint64_t odd = (bits & (hidden - 1)) | hidden;  // size = odd * scale
  T scale = 1;
  for (int e = static_cast<int>(bits >> (p - 1)) - (std::numeric_limits<T>::max_exponent - 1) - (p - 1); e != 0; e += e < 0 ? 1 : -1)
    scale *= e < 0 ? T(0.5) : T(2);
  for (; odd % 2 == 0; odd /= 2) scale *= 2;
  const int b = static_cast<int>(std::bit_width(odd));
  if (b == 1 || b > p - 4) return {};
  std::uint64_t quotient = 0, rest = 1;  // of 2^(p - 1 + b) and odd
  T unit = 1 / scale;
  for (int k = 0; k < p - 1 + b; ++k) {
    rest *= 2, quotient *= 2, unit /= 2;
    if (rest >= odd) rest -= odd, ++quotient;
  }
  const T sign = d < 0 ? T(-1) : T(1);
  return {true, sign * static_cast<T>(quotient) * unit, sign * (static_cast<T>(rest) / static_cast<T>(odd)) * unit};
}

template <class F, std::uint64_t Bits>
[[gnu::always_inline]] inline pack<F> divided(const pack<F>& x) {
  using word = std::conditional_t<sizeof(F) == 8, std::uint64_t, std::uint32_t>;
  constexpr F d = std::bit_cast<F>(static_cast<word>(Bits));
#if AGNESI_HAS_XSIMD && AGNESI_HAS_MATH && defined(__FMA__)
  if constexpr (lanes<F> > 1) {
    constexpr reciprocal<F> r = reciprocal_of(d);
    if constexpr (r.usable) {
      using V = decltype(pack<F>{}.data);
      return pack<F>(math::fma(x.data, math::all<V>(r.near), x.data * math::all<V>(r.rest)));
    } else {
      return x / splat<F>(d);
    }
  } else
#endif
    return x / splat<F>(d);
}

}  // namespace agnesi::simd
