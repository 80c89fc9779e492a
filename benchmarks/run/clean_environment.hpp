// SPDX-License-Identifier: BSD-3-Clause
// What the programs of this folder share: OpenBLAS on one thread and with the core type it finds itself, and medians of
// rounds taken in turns.
//   int main(int, char** argv) { bench::with_clean_environment(argv); bench::in_turns(21, times, ours, theirs); }
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <ctime>
#include <vector>

#include <unistd.h>

namespace bench {

/// OpenBLAS reads these when it is loaded, before main: with others than wanted, start again. A core type or
/// a cache size left over in the environment halves its speed.
inline void with_clean_environment(char** argv) {
  const char* threads = std::getenv("OPENBLAS_NUM_THREADS");
  if (!std::getenv("OPENBLAS_CORETYPE") && !std::getenv("OPENBLAS_L2_SIZE") && threads && threads[0] == '1' && !threads[1])
    return;
  unsetenv("OPENBLAS_CORETYPE");
  unsetenv("OPENBLAS_L2_SIZE");
  setenv("OPENBLAS_NUM_THREADS", "1", 1);
  execv("/proc/self/exe", argv);
}

/// Seconds that this thread ran, which other programs on the machine lengthen less than those on the wall.
inline double now() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

/// Seconds of one run, over so many.
template <class F>
double seconds(int times, F&& f) {
  const double start = now();
  for (int i = 0; i < times; ++i) f();
  return (now() - start) / times;
}

inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct pair_of_times {
  double ours, theirs;
  double ratio;  // the median of the rounds' ratios: a change of the clock rate or a busy neighbor meets both
};

/// Each round runs both, one after the other.
template <class Ours, class Theirs>
pair_of_times in_turns(int rounds, int times, Ours&& ours, Theirs&& theirs) {
  std::vector<double> a, b, ratios;
  ours(), theirs();
  for (int round = 0; round < rounds; ++round) {
    a.push_back(seconds(times, ours));
    b.push_back(seconds(times, theirs));
    ratios.push_back(a.back() / b.back());
  }
  return {median(a), median(b), median(ratios)};
}

/// Keeps a value from being optimized away.
template <class T>
[[gnu::always_inline]] inline void use(const T& value) {
  asm volatile("" : : "g"(&value) : "memory");
}

}  // namespace bench
