// SPDX-License-Identifier: BSD-3-Clause
// Loops over matrices whose operands do not all lie alike: broadcast, transposed, narrow, of integers.
#pragma once

#include <cstddef>
#include <cstdint>

namespace layouts {

using std::ptrdiff_t;

enum { plus_row, plus_column, plus_transposed, narrow, image, masked, integers, cases };
inline constexpr const char* names[cases] = {"matrix + row",        "matrix + column",    "matrix + transposed matrix",
                                             "three columns + row", "float(image) / 255", "where(image > 127, a, b)",
                                             "i * i + i, integers"};

/// An m x m matrix a, another b, and vectors; the narrow matrix has three columns.
struct operands {
  const float *a, *b, *row, *column;
  const std::uint8_t* bytes;
  const std::int32_t* ints;
  float* to;
  std::int32_t* to_ints;
  ptrdiff_t m;
};
using call = void (*)(long times, const operands&);
struct calls {
  call of[cases];
};

calls by_agnesi();
calls by_hand();
calls by_eigen();

}  // namespace layouts
