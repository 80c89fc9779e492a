// SPDX-License-Identifier: BSD-3-Clause
// A loop over constants.
//   each_number<3>([&](auto k) { … });   // k = 0, 1, 2
#pragma once

#include <utility>

namespace agnesi::cpu {

// Calls f with 0, …, N - 1: as constants where they are at most `Few`, so that nothing is looked up in tables during a call.
template <int N, int Few = 24, class F>
[[gnu::always_inline]] constexpr void each_number(F f) {
  if constexpr (N <= Few)
    [&]<int... I>(std::integer_sequence<int, I...>) __attribute__((always_inline)) {
      (f(std::integral_constant<int, I>{}), ...);
    }(std::make_integer_sequence<int, N>{});
  else
    for (int k = 0; k < N; ++k) f(k);
}

}  // namespace agnesi::cpu
