// SPDX-License-Identifier: BSD-3-Clause
// A loop over constants.
//   each_number<3>([&](auto k) { … });   // k = 0, 1, 2
#pragma once

#include "agnesi/core/each_constant.hpp"

namespace agnesi::cpu {

// Calls f with 0, …, N - 1: as constants where they are at most `Few`, so that nothing is looked up in tables during a call.
template <int N, int Few = 24, class F>
[[gnu::always_inline]] constexpr void each_number(F f) {
  if constexpr (N <= Few) each_constant<N>(f);
  else
    for (int k = 0; k < N; ++k) f(k);
}

}  // namespace agnesi::cpu
