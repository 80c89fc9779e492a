// SPDX-License-Identifier: BSD-3-Clause
// The sizes at which loops change their ways, all in one place (measured: docs/decisions/010-loops.md), and variables, so
// that a program or a test can force either way.
//   agnesi::cpu::bounds.bytes_a_thread = 1 << 20;   // before any call: they are read without a lock
#pragma once

#include <cstddef>

namespace agnesi::cpu {

struct measured_bounds {
  // Another thread is called in for each so many bytes of work.
  double bytes_a_thread = 512.0 * 1024;
  // What the steps of a tiling touch in one tile is to stay in the second cache, beside what all tiles use.
  double tile_bytes = 512.0 * 1024;
  // Reductions along rows of fewer elements go through many rows as if they were one; rows that are only read, of fewer bytes,
  // are read side by side. More bytes would be more streams than the processor foresees.
  std::ptrdiff_t flat_reduction = 40, side_by_side_bytes = 520;
  // Where that can't be: up to so many elements a row, and from so many rows on, a row of totals is reduced column by column.
  std::ptrdiff_t short_reduction = 24, many_rows = 16;
  // Loops that read and write so much bypass the caches with what they write: the size of the last level cache.
  double bytes_streamed_from = 32.0 * 1024 * 1024;
  // Squared deviations of so many bytes, which stay in the first cache, take a loop for the mean and one for the squares.
  double twice_below = 48.0 * 1024;

  double large() const { return 2 * bytes_a_thread < bytes_streamed_from ? 2 * bytes_a_thread : bytes_streamed_from; }
};

inline measured_bounds bounds;

}  // namespace agnesi::cpu
