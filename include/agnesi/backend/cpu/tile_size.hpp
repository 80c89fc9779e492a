// SPDX-License-Identifier: BSD-3-Clause
// How much of an extent the steps of a tiling do at a time.
//   std::int64_t rows = tile_size(1024, 8000., true);   // of 1024 rows, of which each is 8000 bytes
#pragma once

#include <cstdint>

#include "agnesi/backend/cpu/bounds.hpp"

namespace agnesi::cpu {

/// How much of an extent to do at a time, given the bytes of one index along it, so that there is a tile for each of
/// `parts` threads; at least 64 where these bytes lie side by side.
inline std::int64_t tile_size(std::int64_t extent, double bytes, bool rows, int parts = 1) {
  if (static_cast<double>(extent) * bytes <= 2 * bounds.tile_bytes && parts == 1) return extent > 0 ? extent : 1;
  const std::int64_t share = (extent + parts - 1) / parts, fitting = static_cast<std::int64_t>(bounds.tile_bytes / bytes);
  std::int64_t most = fitting < share ? fitting : share;
  if (!rows) most = most < 64 ? 64 : most / 64 * 64;
  if (most < 1) most = 1;
  if (!rows || most >= extent) return most < extent ? most : extent;
  const std::int64_t tiles = (extent + most - 1) / most, even = (tiles + parts - 1) / parts * parts;
  return (extent + even - 1) / even;
}

}  // namespace agnesi::cpu
