// SPDX-License-Identifier: BSD-3-Clause
// A loop over constants, unrolled: with -O2, g++ does not unroll one over numbers.
//   each_constant<3>([&](auto k) { … });   // k = 0, 1, 2, each of a type of its own
#pragma once

#include <type_traits>
#include <utility>

namespace agnesi {

template <int N, class Function>
[[gnu::always_inline]] constexpr void each_constant(Function f) {
  [&]<int... K>(std::integer_sequence<int, K...>) __attribute__((always_inline)) {
    (f(std::integral_constant<int, K>{}), ...);
  }(std::make_integer_sequence<int, N>{});
}

}  // namespace agnesi
