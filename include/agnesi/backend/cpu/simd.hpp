// SPDX-License-Identifier: BSD-3-Clause
// SIMD of floats and doubles: whole packs, parts of them, their extrema, and sums across the lanes.
//   auto v = simd::load(p);  simd::store_first<float>(q, v * v, n);  float s = simd::sum<float>(v);
#pragma once

#include "agnesi/backend/cpu/simd/across.hpp"
#include "agnesi/backend/cpu/simd/extrema.hpp"
#include "agnesi/backend/cpu/simd/packs.hpp"
#include "agnesi/backend/cpu/simd/partial.hpp"
