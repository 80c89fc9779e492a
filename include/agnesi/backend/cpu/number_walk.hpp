// SPDX-License-Identifier: BSD-3-Clause
// Walks a nest and calls the kernel of a program of mixed types row by row; elements may lie at any stride.
//   walk_numbers(shape, slots, n, kernel, cells, at, steps);
#pragma once

#include <cstddef>

#include "agnesi/backend/cpu/access.hpp"
#include "agnesi/backend/cpu/nest.hpp"

namespace agnesi::loop {

inline void walk_numbers(nest& shape, loop_slot* slots, int n, row_kernel kernel, const code_word* cells, char** at,
                         std::ptrdiff_t* steps) {
  const int inner = shape.rank - 1;
  std::ptrdiff_t block = shape.along_row ? sum_block / 4 : shape.row();
  for (int k = 0; k < n; ++k) {
    steps[k] = slots[k].strides[inner];
    const bool dense = steps[k] == 0 || steps[k] == element_bytes(slots[k]) || steps[k] == -element_bytes(slots[k]);
    if (!dense && inner > 0) block = staged_block;
  }
  const row_view view{at, steps, cells, nullptr};
  const int split = inner > 0 ? inner - 1 : 0;
  do {
    for (std::ptrdiff_t from = 0; from < shape.row(); from += block) {
      const std::ptrdiff_t count = shape.row() - from < block ? shape.row() - from : block;
      do {
        for (int k = 0; k < n; ++k) {
          const std::ptrdiff_t offset = slots[k].offset + from * steps[k];
          at[k] = slots[k].what == kind::iota ? reinterpret_cast<char*>(static_cast<std::intptr_t>(offset))
                                              : slots[k].data + offset;
        }
        kernel(view, count);
      } while (shape.advance(slots, n, split, inner));
    }
  } while (shape.advance(slots, n, 0, split));
}

}  // namespace agnesi::loop
