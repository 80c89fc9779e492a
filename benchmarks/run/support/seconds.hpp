// SPDX-License-Identifier: BSD-3-Clause
// For programs that time by themselves: seconds that this thread ran, and medians.
//   for (…) took.push_back(bench::seconds(1000, f));   bench::median(took);
#pragma once

#include <algorithm>
#include <ctime>
#include <vector>

namespace bench {

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

}  // namespace bench
