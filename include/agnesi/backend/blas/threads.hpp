// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// How many threads the BLAS library may take, for a while; where it is OpenBLAS, whose number is one for the whole program.
//
//   const agnesi::blas::thread_scope one(1);   // until the end of the block
//
// Other libraries keep the number that they have.

#ifdef AGNESI_USE_BLAS
#define AGNESI_SYMBOL_TEXT(prefix) #prefix
#define AGNESI_SYMBOL_PREFIX(prefix) AGNESI_SYMBOL_TEXT(prefix)
#define AGNESI_SYMBOL(name) __asm__(AGNESI_SYMBOL_PREFIX(__USER_LABEL_PREFIX__) name) __attribute__((weak))
extern "C" {
void agnesi_openblas_set_threads(int n) AGNESI_SYMBOL("openblas_set_num_threads");
int agnesi_openblas_threads() AGNESI_SYMBOL("openblas_get_num_threads");
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
