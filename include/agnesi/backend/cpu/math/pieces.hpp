// SPDX-License-Identifier: BSD-3-Clause
// tanh and erf of 16 floats by tables that registers hold: a polynomial for each quarter of a binade, picked
// lane by lane.
//   __m512 y = simd::math::tanh_by_pieces(x);
#pragma once

#include "agnesi/backend/cpu/math/parts.hpp"

#if AGNESI_HAS_MATH && defined(__AVX512F__)
namespace agnesi::simd::math {

// Rows: the middles of the pieces, the values there, which are nearly floats, and coefficients. A piece's
// column is given by the last bits of its exponent and the first of its mantissa; column 15 is that of all
// numbers below 1/8, of themselves.
// clang-format off
struct pieces_of_tanh {
  alignas(64) static constexpr float at[7][32] = {
      {0x1.1f52p1f, 0x1.6062p1f, 0x1.a033p1f, 0x1.dfbep1f, 0x1.1fb6p2f, 0x1.606dp2f, 0x1.9f84p2f, 0x1.e0c8p2f, 0x1.176ap3f,
       0, 0, 0, 0, 0, 0, 0, 0x1.2066p-3f, 0x1.607fp-3f, 0x1.a0c3p-3f, 0x1.dfdep-3f, 0x1.2015p-2f, 0x1.6099p-2f, 0x1.9fbep-2f,
       0x1.e029p-2f, 0x1.1ff7p-1f, 0x1.5fcp-1f, 0x1.9fa4p-1f, 0x1.e0b8p-1f, 0x1.1f51p0f, 0x1.607p0f, 0x1.9fddp0f,
       0x1.e097p0f},
      {0x1.f4a16ep-1f, 0x1.fbdb6p-1f, 0x1.fe77b2p-1f, 0x1.ff6e82p-1f, 0x1.ffdf5cp-1f, 0x1.fffbaep-1f, 0x1.ffff66p-1f,
       0x1.ffffecp-1f, 0x1.fffffep-1f, 0, 0, 0, 0, 0, 0, 0, 0x1.1e81d2p-3f, 0x1.5d0e58p-3f, 0x1.9b1a44p-3f, 0x1.d7462ap-3f,
       0x1.18b706p-2f, 0x1.534bp-2f, 0x1.8a4facp-2f, 0x1.bfcf94p-2f, 0x1.0501c6p-1f, 0x1.312eap-1f, 0x1.575664p-1f,
       0x1.782cfcp-1f, 0x1.9de3bp-1f, 0x1.c2ab2cp-1f, 0x1.d9bceap-1f, 0x1.e893aep-1f},
      {0x1.67c81cp-5f, 0x1.081566p-6f, 0x1.87b7c4p-8f, 0x1.22d2aap-9f, 0x1.0518e2p-11f, 0x1.148212p-14f, 0x1.340152p-17f,
       0x1.408eb8p-20f, 0x1.bf860cp-24f, 0, 0, 0, 0, 0, 0, -0x1.4845a8p-30f, 0x1.f5facep-1f, 0x1.f1208p-1f, 0x1.eb5e96p-1f,
       0x1.e4e366p-1f, 0x1.d985e4p-1f, 0x1.c7ca0ap-1f, 0x1.b414d6p-1f, 0x1.9e152ep-1f, 0x1.7af1b2p-1f, 0x1.4a17fp-1f,
       0x1.19c3b2p-1f, 0x1.d73bd4p-2f, 0x1.62d79p-2f, 0x1.cd438cp-3f, 0x1.26a8b8p-3f, 0x1.6e328ep-4f},
      {-0x1.5fc85ep-5f, -0x1.05ee7ap-6f, -0x1.8684b8p-8f, -0x1.227a9ep-9f, -0x1.04b5c4p-11f, -0x1.14259ap-14f,
       -0x1.339fc2p-17f, -0x1.40255ep-20f, -0x1.bca33p-24f, 0, 0, 0, 0, 0, 0, 0x1.dd1e22p-22f, -0x1.18e66p-3f,
       -0x1.52ea94p-3f, -0x1.8a89a2p-3f, -0x1.be51a2p-3f, -0x1.039e7cp-2f, -0x1.2e0b08p-2f, -0x1.4fd7e2p-2f, -0x1.6a2b5ep-2f,
       -0x1.825afap-2f, -0x1.89829ep-2f, -0x1.79e44cp-2f, -0x1.5a395ep-2f, -0x1.1ed93p-2f, -0x1.96032ep-3f, -0x1.10a3dp-3f,
       -0x1.5d71ep-4f},
      {0x1.c0227ap-6f, 0x1.579074p-7f, 0x1.02c71cp-8f, 0x1.82763cp-10f, 0x1.5b90bp-12f, 0x1.6fe698p-15f, 0x1.9a6ce6p-18f,
       0x1.aa4eacp-21f, 0x1.29843ap-24f, 0, 0, 0, 0, 0, 0, -0x1.555c3p-2f, -0x1.3b0138p-2f, -0x1.2e8934p-2f, -0x1.1ffb3p-2f,
       -0x1.0fe81cp-2f, -0x1.e905ccp-3f, -0x1.978faep-3f, -0x1.42cbbap-3f, -0x1.d6b13ap-4f, -0x1.bd651cp-5f, 0x1.cfc2bap-7f,
       0x1.064142p-4f, 0x1.8532e2p-4f, 0x1.c66374p-4f, 0x1.97412p-4f, 0x1.3417acp-4f, 0x1.a6c9c6p-5f},
      {-0x1.994eecp-7f, -0x1.4f77ap-8f, -0x1.0274d4p-9f, -0x1.851daep-11f, -0x1.6bd84p-13f, -0x1.81ffdap-16f,
       -0x1.ae09b8p-19f, -0x1.bf886ep-22f, -0x1.4aa5b2p-25f, 0, 0, 0, 0, 0, 0, 0x1.0d5324p-11f, 0x1.6b78a8p-4f,
       0x1.b01ec4p-4f, 0x1.ee2b26p-4f, 0x1.11dd7cp-3f, 0x1.32f02ap-3f, 0x1.50346ep-3f, 0x1.5c0288p-3f, 0x1.5835b8p-3f,
       0x1.39eae2p-3f, 0x1.e9ddacp-4f, 0x1.4826ccp-4f, 0x1.601e9cp-5f, 0x1.0c9544p-8f, -0x1.5b4278p-6f, -0x1.9bc29ep-6f,
       -0x1.54bd02p-6f},
      {0x1.049e5p-8f, 0x1.f658aep-10f, 0x1.9459bcp-11f, 0x1.332d62p-12f, 0x1.1fb15p-14f, 0x1.38b3f2p-17f, 0x1.52b9d4p-20f,
       0x1.6ec6e2p-23f, 0x1.fdd032p-27f, 0, 0, 0, 0, 0, 0, 0x1.09ea16p-3f, 0x1.cab9cep-4f, 0x1.a28a14p-4f, 0x1.74ccb4p-4f,
       0x1.42b01cp-4f, 0x1.e4d098p-5f, 0x1.069c4p-5f, 0x1.89c12ep-8f, -0x1.18289ap-6f, -0x1.630ef6p-5f, -0x1.f8007p-5f,
       -0x1.00b1f8p-4f, -0x1.b2cffp-5f, -0x1.070ff4p-5f, -0x1.38f834p-7f, 0x1.6a2428p-10f, 0x1.2d46aap-8f},
  };
};
struct pieces_of_erf {
  alignas(64) static constexpr float at[7][32] = {
      {0x1.2002p1f, 0x1.602cp1f, 0x1.9fcap1f, 0x1.df39p1f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x1.1fa7p-3f, 0x1.600bp-3f,
       0x1.a02bp-3f, 0x1.df9bp-3f, 0x1.1f8bp-2f, 0x1.5fe8p-2f, 0x1.a02ap-2f, 0x1.e0c3p-2f, 0x1.2032p-1f, 0x1.6058p-1f,
       0x1.a059p-1f, 0x1.e03bp-1f, 0x1.2036p0f, 0x1.5f39p0f, 0x1.9f5ap0f, 0x1.dffp0f},
      {0x1.ff4056p-1f, 0x1.fff2eap-1f, 0x1.ffff6ep-1f, 0x1.fffffcp-1f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x1.427586p-3f,
       0x1.895c1ep-3f, 0x1.cf35fcp-3f, 0x1.09b8e6p-2f, 0x1.3c20aap-2f, 0x1.7dfd84p-2f, 0x1.bcf81ap-2f, 0x1.f9203cp-2f,
       0x1.25e1c4p-1f, 0x1.56d022p-1f, 0x1.7fed9ep-1f, 0x1.a170bcp-1f, 0x1.c6fd2ap-1f, 0x1.e53276p-1f, 0x1.f4dbcp-1f,
       0x1.fbe50cp-1f},
      {0x1.d3f2eep-8f, 0x1.3121aep-11f, 0x1.ef0f56p-16f, 0x1.ef585cp-21f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x1.06eba8p-3f,
       0x1.1b38e6p0f, 0x1.18745ap0f, 0x1.152e0ap0f, 0x1.11732ap0f, 0x1.0af674p0f, 0x1.00aff2p0f, 0x1.e9c556p-1f,
       0x1.cf714ap-1f, 0x1.a4d90cp-1f, 0x1.67cad6p-1f, 0x1.2a397cp-1f, 0x1.df6282p-2f, 0x1.454f04p-2f, 0x1.5fd1b8p-3f,
       0x1.4c563ep-4f, 0x1.130f22p-5f},
      {-0x1.0726e6p-6f, -0x1.a301e6p-10f, -0x1.900b88p-14f, -0x1.cad9cep-19f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
       0x1.df5232p-23f, -0x1.3e3d8cp-3f, -0x1.81ac08p-3f, -0x1.c2996p-3f, -0x1.002606p-2f, -0x1.2bdb3ep-2f, -0x1.60d9dap-2f,
       -0x1.8e1882p-2f, -0x1.b32ab4p-2f, -0x1.d9c64ap-2f, -0x1.ef3286p-2f, -0x1.e5051p-2f, -0x1.c1a396p-2f, -0x1.6e3dfp-2f,
       -0x1.e2b014p-3f, -0x1.0d9b1cp-3f, -0x1.01d60cp-4f},
      {0x1.63e7cap-6f, 0x1.6711f4p-9f, 0x1.9d6d66p-13f, 0x1.15fbfcp-17f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -0x1.812ab8p-2f,
       -0x1.6abaeep-2f, -0x1.5fd74p-2f, -0x1.530d3p-2f, -0x1.449c08p-2f, -0x1.2bd0fep-2f, -0x1.0568dcp-2f, -0x1.b54ecap-3f,
       -0x1.598356p-3f, -0x1.9b1f1cp-4f, -0x1.959ddp-7f, 0x1.007c78p-4f, 0x1.e574cep-4f, 0x1.4ce3a6p-3f, 0x1.44330cp-3f,
       0x1.d871bap-4f, 0x1.1469acp-4f},
      {-0x1.3ca5ap-6f, -0x1.bb8726p-9f, -0x1.47f0d4p-12f, -0x1.0fdeap-16f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x1.0e17e8p-12f,
       0x1.3a0516p-4f, 0x1.7a0862p-4f, 0x1.b6258p-4f, 0x1.ed836p-4f, 0x1.1bf8d6p-3f, 0x1.44ef2ep-3f, 0x1.621e52p-3f,
       0x1.73141ap-3f, 0x1.752f36p-3f, 0x1.527866p-3f, 0x1.0eff5cp-3f, 0x1.73cbf2p-4f, 0x1.cbb164p-6f, -0x1.e43694p-6f,
       -0x1.947cecp-5f, -0x1.599204p-5f},
      {0x1.5a7d56p-7f, 0x1.7352bep-9f, 0x1.5ecf54p-12f, 0x1.5636a6p-16f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x1.c7055p-4f,
       0x1.a193b8p-4f, 0x1.8c478ep-4f, 0x1.735d84p-4f, 0x1.572a92p-4f, 0x1.27b12p-4f, 0x1.c0db68p-5f, 0x1.274078p-5f,
       0x1.14221ep-6f, -0x1.5cfc38p-7f, -0x1.53e34cp-5f, -0x1.f8b59p-5f, -0x1.1c93ecp-4f, -0x1.f46054p-5f, -0x1.f6ae0ep-6f,
       -0x1.3174dp-9f, 0x1.72b572p-7f},
  };
};
// clang-format on

[[gnu::always_inline]] inline __m512 picked(__m512i column, const float* row) {
  return _mm512_permutex2var_ps(_mm512_load_ps(row), column, _mm512_load_ps(row + 16));
}

// Beyond top the function is as there.
[[gnu::always_inline]] inline __m512 by_pieces(__m512 x, const float (*table)[32], float top) {
  using V = __m512;
  const V size = least(all<V>(top), magnitude(x)), eighth = all<V>(0.125f);
  const __m512i column = _mm512_srli_epi32((__m512i)most(all<V>(0x1.fffffep-4f), size), 21);
  const V h = size - picked(column, table[0]), h2 = h * h;
  const V even = fma(fma(picked(column, table[6]), h2, picked(column, table[4])), h2, picked(column, table[2]));
  const V odd = fma(picked(column, table[5]), h2, picked(column, table[3]));
  const V base = choose(less(size, eighth), size, picked(column, table[1]));
  return with_sign_of(fma(h, fma(odd, h, even), base), x);
}
[[gnu::always_inline]] inline __m512 tanh_by_pieces(__m512 x) { return by_pieces(x, pieces_of_tanh::at, 9.5f); }
[[gnu::always_inline]] inline __m512 erf_by_pieces(__m512 x) { return by_pieces(x, pieces_of_erf::at, 0x1.fffffep1f); }

}  // namespace agnesi::simd::math
#endif
