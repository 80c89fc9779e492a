// SPDX-License-Identifier: BSD-3-Clause
// How much of an extent the steps of a tiling do at a time.
//   std::int64_t rows = tile_size(1024, 8000., true);   // of 1024 rows, of which each is 8000 bytes
#pragma once

#include <cstdint>

#include "agnesi/backend/cpu/bounds.hpp"

namespace agnesi::cpu {

/// How much of an extent to do at a time, given the bytes of one index along it; at least 64 where these lie side by side.
inline std::int64_t tile_size(std::int64_t extent, double bytes, bool rows) {
  if (static_cast<double>(extent) * bytes <= 2 * bounds.tile_bytes) return extent > 0 ? extent : 1;
  std::int64_t most = static_cast<std::int64_t>(bounds.tile_bytes / bytes);
  if (!rows) most = most < 64 ? 64 : most / 64 * 64;
  if (most < 1) most = 1;
  if (!rows || most >= extent) return most < extent ? most : extent;
  const std::int64_t tiles = (extent + most - 1) / most;
  return (extent + tiles - 1) / tiles;
}

}  // namespace agnesi::cpu
