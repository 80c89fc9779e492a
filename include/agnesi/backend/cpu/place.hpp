// SPDX-License-Identifier: BSD-3-Clause
// Where a storage or an operand lies in memory at a call.
//   place x{data, {3, 4}, {4, 1}};   // strides in elements
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "agnesi/core/error.hpp"
#include "agnesi/ir/dtype.hpp"
#include "agnesi/ir/shape.hpp"

namespace agnesi::cpu {

struct place {
  void* data = nullptr;
  std::ptrdiff_t extents[max_rank]{};
  std::ptrdiff_t strides[max_rank]{};
};

// An operand of a step: a place seen along the step's axes.
struct seen {
  void* data = nullptr;
  int rank = 0;
  std::ptrdiff_t extents[max_rank]{};
  std::ptrdiff_t strides[max_rank]{};
};

constexpr void set_row_major(place& p, int rank) {
  std::ptrdiff_t stride = 1;
  for (int k = rank; k-- > 0;) {
    p.strides[k] = stride;
    stride *= p.extents[k];
  }
}
template <class P>
constexpr std::ptrdiff_t count(const P& p, int rank) {
  std::ptrdiff_t n = 1;
  for (int k = 0; k < rank; ++k) n *= p.extents[k];
  return n;
}
template <class P>
constexpr bool is_row_major(const P& p, int rank) {
  std::ptrdiff_t stride = 1;
  for (int k = rank; k-- > 0;) {
    if (p.extents[k] != 1 && p.strides[k] != stride) return false;
    stride *= p.extents[k];
  }
  return true;
}

// Calls f(offset of each of the operands) for every index of a space, the last axis running fastest.
template <int N, class F>
void for_each_index(int rank, const std::ptrdiff_t* extents, const std::ptrdiff_t* const (&strides)[N], F f) {
  std::ptrdiff_t index[max_rank]{}, at[N]{};
  for (int k = 0; k < rank; ++k)
    if (extents[k] == 0) return;
  while (true) {
    f(at);
    int k = rank;
    while (k-- > 0) {
      for (int o = 0; o < N; ++o) at[o] += strides[o][k];
      if (++index[k] < extents[k]) break;
      for (int o = 0; o < N; ++o) at[o] -= strides[o][k] * extents[k];
      index[k] = 0;
    }
    if (k < 0) return;
  }
}

}  // namespace agnesi::cpu
