// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// How many threads the BLAS library may take, for a while; where it is OpenBLAS, whose number is one for the whole program.
//
//   const agnesi::blas::thread_scope one(1);   // until the end of the block
//
// Other libraries keep the number that they have.

#ifdef AGNESI_USE_BLAS
#include <cstdlib>

#define AGNESI_SYMBOL_TEXT(prefix) #prefix
#define AGNESI_SYMBOL_PREFIX(prefix) AGNESI_SYMBOL_TEXT(prefix)
#define AGNESI_SYMBOL(name) __asm__(AGNESI_SYMBOL_PREFIX(__USER_LABEL_PREFIX__) name) __attribute__((weak))
extern "C" {
void agnesi_openblas_set_threads(int n) AGNESI_SYMBOL("openblas_set_num_threads");
int agnesi_openblas_threads() AGNESI_SYMBOL("openblas_get_num_threads");
int agnesi_openblas_kind() AGNESI_SYMBOL("openblas_get_parallel");
}
#undef AGNESI_SYMBOL
#undef AGNESI_SYMBOL_PREFIX
#undef AGNESI_SYMBOL_TEXT
#endif

namespace agnesi::blas {

/// The number of threads of the BLAS library, 1 if it is not known.
inline int threads() {
#ifdef AGNESI_USE_BLAS
  if (agnesi_openblas_threads) return agnesi_openblas_threads();
#endif
  return 1;
}

/// Whether products go to threads of the library's own, while OpenMP's wait busily for the next loop and hold them up: a step of a
/// perceptron with 128 rows took 16 ms instead of 0.5. OMP_WAIT_POLICY=passive in the environment lets OpenMP's threads sleep.
inline bool competes_with_openmp() {
#ifdef AGNESI_USE_BLAS
  constexpr int by_pthreads = 1;
  if (!agnesi_openblas_kind || agnesi_openblas_kind() != by_pthreads || threads() == 1) return false;
  static const bool waits_busily = [] {
    const char* policy = std::getenv("OMP_WAIT_POLICY");
    return policy == nullptr || (*policy != 'p' && *policy != 'P');
  }();
  return waits_busily;
#else
  return false;
#endif
}

/// 0: as before.
class thread_scope {
 public:
  explicit thread_scope([[maybe_unused]] int n) {
#ifdef AGNESI_USE_BLAS
    if (n <= 0 || !agnesi_openblas_set_threads || !agnesi_openblas_threads) return;
    const int now = agnesi_openblas_threads();
    if (now == n) return;
    before_ = now;
    agnesi_openblas_set_threads(n);
#endif
  }
  ~thread_scope() {
#ifdef AGNESI_USE_BLAS
    if (before_ > 0) agnesi_openblas_set_threads(before_);
#endif
  }
  thread_scope(const thread_scope&) = delete;
  thread_scope& operator=(const thread_scope&) = delete;

#ifdef AGNESI_USE_BLAS
 private:
  int before_ = 0;
#endif
};

}  // namespace agnesi::blas
