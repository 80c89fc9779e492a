// SPDX-License-Identifier: BSD-3-Clause
#include "limits.hpp"

#include <memory>

#include "numbers.hpp"
#include "packs.hpp"
#include "repeat.hpp"

#ifdef AGNESI_USE_BLAS
#include <cblas.h>
extern "C" char* openblas_get_config();
extern "C" char* openblas_get_corename();
#endif

namespace bench {
namespace {

template <class T, int Streams, bool Streaming>
void part(const T* a, const T* b, T* to, std::ptrdiff_t n, T& sum) {
  using pack                     = packs::pack<T>;
  constexpr std::ptrdiff_t lanes = packs::lanes<T>;
  std::ptrdiff_t i               = 0;
  if constexpr (Streams == 1) {
    pack s[8];
    for (pack& one : s) one = pack(T(0));
    for (; i + 8 * lanes <= n; i += 8 * lanes)
      for (int k = 0; k < 8; ++k) s[k] += packs::load(a + i + k * lanes);
    for (; i + lanes <= n; i += lanes) s[0] += packs::load(a + i);
    T total = 0;
    for (; i < n; ++i) total += a[i];
    sum = total + packs::sum<T>(((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7])));
  } else {
    const auto at = [&](std::ptrdiff_t k) {
      pack v = packs::load(a + k);
      if constexpr (Streams == 3) v = v + pack(T(3)) * packs::load(b + k);
      if constexpr (Streaming)
        packs::stream(to + k, v);
      else
        packs::store(to + k, v);
    };
    for (; i + 4 * lanes <= n; i += 4 * lanes) at(i), at(i + lanes), at(i + 2 * lanes), at(i + 3 * lanes);
    for (; i + lanes <= n; i += lanes) at(i);
    if (i < n && n >= lanes && !Streaming) at(n - lanes), i = n;
    for (; i < n; ++i) to[i] = Streams == 3 ? a[i] + T(3) * b[i] : a[i];
    if constexpr (Streaming) packs::finish_streaming();
  }
}

template <class T, int Streams, bool Streaming>
void all(long times, const T* a, const T* b, T* to, std::ptrdiff_t n) {
  repeat(times, [&] {
    packs::in_parts(n, [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
      T sum{};
      part<T, Streams, Streaming>(a + begin, b + begin, to + begin, end - begin, sum);
      use(sum);
    });
  });
}

}  // namespace

template <class T>
void sweep(long times, int streams, bool streaming, const T* a, const T* b, T* to, std::ptrdiff_t n) {
  if (streams == 1)
    all<T, 1, false>(times, a, b, to, n);
  else if (streams == 2)
    streaming ? all<T, 2, true>(times, a, b, to, n) : all<T, 2, false>(times, a, b, to, n);
  else
    streaming ? all<T, 3, true>(times, a, b, to, n) : all<T, 3, false>(times, a, b, to, n);
}
template void sweep<float>(long, int, bool, const float*, const float*, float*, std::ptrdiff_t);
template void sweep<double>(long, int, bool, const double*, const double*, double*, std::ptrdiff_t);

template <class T>
std::function<void(long)> best_gemm([[maybe_unused]] std::ptrdiff_t size) {
#ifdef AGNESI_USE_BLAS
  struct three {
    memory<T> a, b, c;
  };
  const auto m =
      std::make_shared<three>(three{memory<T>(size * size, -1, 1, 1), memory<T>(size * size, -1, 1, 2), memory<T>(size * size)});
  const int n = static_cast<int>(size);
  return [m, n](long times) {
    repeat(times, [&] {
      if constexpr (sizeof(T) == 4)
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, m->a.data(), n, m->b.data(), n, 0, m->c.data(), n);
      else
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, m->a.data(), n, m->b.data(), n, 0, m->c.data(), n);
    });
  };
#else
  return {};
#endif
}
template std::function<void(long)> best_gemm<float>(std::ptrdiff_t);
template std::function<void(long)> best_gemm<double>(std::ptrdiff_t);

std::string blas_description() {
#ifdef AGNESI_USE_BLAS
  const std::string config = openblas_get_config();
  return config.substr(0, config.find(' ', config.find(' ') + 1)) + ", core type " + openblas_get_corename();
#else
  return "none";
#endif
}

}  // namespace bench
