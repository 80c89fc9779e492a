// SPDX-License-Identifier: BSD-3-Clause
// The loop around what is timed. It stands in the file of each peer, so that a peer of two nanoseconds is not timed together
// with the call of a function that the compiler can't see into.
//   bench::repeat(times, [&] { add(x, y, to); });
#pragma once

namespace bench {

/// Memory counts as read and written between any two runs, so nothing is hoisted out of the loop or left out.
template <class F>
[[gnu::always_inline]] inline void repeat(long times, F&& f) {
  for (; times > 0; --times) {
    asm volatile("" ::: "memory");
    f();
    asm volatile("" ::: "memory");
  }
}

/// Keeps a value from being optimized away.
template <class T>
[[gnu::always_inline]] inline void use(const T& value) {
  asm volatile("" : : "g"(&value) : "memory");
}

}  // namespace bench
