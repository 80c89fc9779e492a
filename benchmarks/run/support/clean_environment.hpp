// SPDX-License-Identifier: BSD-3-Clause
// OpenBLAS with the core type it finds itself, and OpenBLAS and OpenMP with so many threads.
//   int main(int, char** argv) { bench::with_clean_environment(argv, 1); … }
#pragma once

#include <cstdlib>
#include <string>

#include <unistd.h>

namespace bench {

/// OpenBLAS and OpenMP read these when they are loaded, before main: with others than wanted, start again. A core type or
/// a cache size left over in the environment halves the speed of OpenBLAS.
inline void with_clean_environment(char** argv, int threads) {
  const std::string wanted = std::to_string(threads);
  const auto is            = [&](const char* name) {
    const char* value = std::getenv(name);
    return value && value == wanted;
  };
  if (!std::getenv("OPENBLAS_CORETYPE") && !std::getenv("OPENBLAS_L2_SIZE") && is("OPENBLAS_NUM_THREADS") &&
      is("OMP_NUM_THREADS"))
    return;
  unsetenv("OPENBLAS_CORETYPE");
  unsetenv("OPENBLAS_L2_SIZE");
  setenv("OPENBLAS_NUM_THREADS", wanted.c_str(), 1);
  setenv("OMP_NUM_THREADS", wanted.c_str(), 1);
  execv("/proc/self/exe", argv);
}

}  // namespace bench
