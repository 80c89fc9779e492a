// SPDX-License-Identifier: BSD-3-Clause
// xsimd as installed, mended where a version needs it. Included by simd/packs.hpp alone.
#pragma once

#if __has_include(<xsimd/xsimd.hpp>)
#include <xsimd/xsimd.hpp>
#endif

// xsimd 8.1 writes mask blends of every element size into one switch, and g++ without optimization has these
// intrinsics as macros that cast: log(batch<double>) does not compile. The size that is used, said outright.
#if XSIMD_VERSION_MAJOR == 8 && defined(__GNUC__) && !defined(__clang__) && !defined(__OPTIMIZE__) && \
    defined(__AVX512BW__)
namespace xsimd::kernel {
#define AGNESI_MEND_SELECT(type, bits)                                                                         \
  template <>                                                                                                  \
  inline batch<type, avx512bw> select<avx512bw, type, void>(                                                   \
      batch_bool<type, avx512bw> const& c, batch<type, avx512bw> const& a, batch<type, avx512bw> const& b,     \
      requires_arch<avx512bw>) noexcept {                                                                      \
    const __m512i left = a, right = b;                                                                         \
    return batch<type, avx512bw>(_mm512_mask_blend_epi##bits(c, right, left));                                 \
  }
AGNESI_MEND_SELECT(std::int32_t, 32)
AGNESI_MEND_SELECT(std::uint32_t, 32)
AGNESI_MEND_SELECT(std::int64_t, 64)
AGNESI_MEND_SELECT(std::uint64_t, 64)
#undef AGNESI_MEND_SELECT
}  // namespace xsimd::kernel
#endif
