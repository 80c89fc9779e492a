// SPDX-License-Identifier: BSD-3-Clause
// Work in parts, each by a thread of its own where OpenMP is there (compile with -fopenmp, or link agnesi::openmp), else one
// after the other.
//   const int parts = cpu::parts_for(bytes, asked);   cpu::parallel(parts, [&](int part) { … });
#pragma once

#include <cstddef>

#include "agnesi/backend/cpu/bounds.hpp"

#ifdef _OPENMP
#include <omp.h>

#include <exception>
#endif

namespace agnesi::cpu {

/// How many threads there may be: `asked`, or for 0 as many as OpenMP would take (OMP_NUM_THREADS). One where there are
/// several at work already: whoever called us in parallel has given the processors out.
inline int threads_at_hand([[maybe_unused]] int asked) {
#ifdef _OPENMP
  if (asked == 1 || omp_in_parallel()) return 1;
  const int limit = omp_get_thread_limit(), n = asked > 0 ? asked : omp_get_max_threads();
  return n < limit ? n : limit;
#else
  return 1;
#endif
}

/// Into how many parts a piece of work goes that is worth so many bytes read or written.
inline int parts_for([[maybe_unused]] double bytes, [[maybe_unused]] int asked) {
#ifdef _OPENMP
  if (asked == 1 || bytes < 2 * bounds.bytes_a_thread) return 1;
  const int most = threads_at_hand(asked);
  const double wanted = bytes / bounds.bytes_a_thread;
  return wanted < most ? static_cast<int>(wanted) : most;
#else
  return 1;
#endif
}

/// Where part `part` of 0 … n - 1 begins; part `parts` begins at n. Cuts are at multiples of `grain`.
constexpr std::ptrdiff_t part_begin(std::ptrdiff_t n, int parts, int part, std::ptrdiff_t grain = 1) {
  const std::ptrdiff_t grains = (n + grain - 1) / grain, at = (grains / parts * part + grains % parts * part / parts) * grain;
  return at < n ? at : n;
}

#ifdef _OPENMP
namespace detail {

inline void run_parts(int parts, void (*run)(const void*, int), const void* work) {
  std::exception_ptr failure;
  int failed = parts;
#pragma omp parallel for num_threads(parts) schedule(static, 1)
  for (int part = 0; part < parts; ++part) {
    try {
      run(work, part);
    } catch (...) {
#pragma omp critical(agnesi_failure)
      if (part < failed) failure = std::current_exception(), failed = part;
    }
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace detail
#endif

/// Calls f(part) for every part, all at a time, and returns when all have returned. What is thrown by the first of the
/// parts that throw is thrown here. Threads that are fewer than the parts take several of them.
template <class F>
void parallel(int parts, const F& f) {
#ifdef _OPENMP
  if (parts > 1 && !omp_in_parallel())
    return detail::run_parts(parts, [](const void* work, int part) { (*static_cast<const F*>(work))(part); }, &f);
#endif
  for (int part = 0; part < parts; ++part) f(part);
}

}  // namespace agnesi::cpu
