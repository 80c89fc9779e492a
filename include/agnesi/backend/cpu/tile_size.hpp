// SPDX-License-Identifier: BSD-3-Clause
// How much of an extent the steps of a tiling do at a time.
//   std::int64_t rows = tile_size(1024, 8000., true);   // of 1024 rows, of which each is 8000 bytes
#pragma once

#include <cstdint>

namespace agnesi::cpu {

// What the steps of a tiling touch in one tile is to stay in the second cache, beside what all tiles use. Softmax of
// 1024 x 1000 floats takes the same time with 64 to 512 KiB. Tests make it smaller.
inline double tile_bytes = 256 * 1024;

/// How much of an extent to do at a time, given the bytes of one index along it; at least 64 where these lie side by side.
inline std::int64_t tile_size(std::int64_t extent, double bytes, bool rows) {
  if (static_cast<double>(extent) * bytes <= 2 * tile_bytes) return extent > 0 ? extent : 1;
  std::int64_t most = static_cast<std::int64_t>(tile_bytes / bytes);
  if (!rows) most = most < 64 ? 64 : most / 64 * 64;
  if (most < 1) most = 1;
  if (!rows || most >= extent) return most < extent ? most : extent;
  const std::int64_t tiles = (extent + most - 1) / most;
  return (extent + tiles - 1) / tiles;
}

}  // namespace agnesi::cpu
