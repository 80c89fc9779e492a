// SPDX-License-Identifier: BSD-3-Clause

// GFLOP/s of the internal matrix product and of the BLAS library, one thread each, sizes from the command
// line or a list.
//
//   g++ -std=c++20 -O2 -march=native -DAGNESI_USE_BLAS -Iinclude benchmarks/run/gemm_kernel.cpp -lopenblas &&
//   ./a.out 64 500

#include <agnesi/backend/blas/blas.hpp>

#include "clean_environment.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

namespace blas = agnesi::blas;
using blas::matrix_ref;

using bench::median, bench::seconds;

template <class T> void measure(const char* type, std::ptrdiff_t size, bool transposed) {
  const auto count = static_cast<std::size_t>(size * size);
  const std::vector<T> a(count, T(1)), b(count, T(1));
  std::vector<T> c(count);
  const matrix_ref<const T> left{a.data(), size, size, size, 1}, rows{b.data(), size, size, size, 1};
  const matrix_ref<const T> right = transposed ? rows.transposed() : rows;
  const matrix_ref<T> result{c.data(), size, size, size, 1};
  const double operations =
      2.0 * static_cast<double>(size) * static_cast<double>(size) * static_cast<double>(size);
  const int times   = static_cast<int>(std::max(1.0, 2e7 / operations));
  const auto ours   = [&] { blas::internal::gemm<T>(T(1), left, right, T(0), result); };
  const auto theirs = [&] {
    if constexpr (blas::has_blas<T>) blas::cblas::gemm<T>(T(1), left, right, T(0), result);
  };

  ours(), theirs();
  std::vector<double> ours_took, theirs_took;
  for (int round = 0; round < 11; ++round) { // in turns, so that a change of the clock rate meets both
    ours_took.push_back(seconds(times, ours));
    theirs_took.push_back(seconds(times, theirs));
  }
  const double own = operations / median(ours_took) * 1e-9, other = operations / median(theirs_took) * 1e-9;
  std::printf("%-7s %5td %-4s %9.1f", type, size, transposed ? "A*B'" : "A*B", own);
  if (blas::has_blas<T>) std::printf(" %9.1f %7.2f", other, own / other);
  std::printf("\n");
}

} // namespace

int main(int argc, char** argv) {
  bench::with_clean_environment(argv);
  std::vector<std::ptrdiff_t> sizes;
  for (int i = 1; i < argc; ++i) sizes.push_back(std::atol(argv[i]));
  if (sizes.empty()) sizes = {2, 3, 4, 8, 12, 16, 24, 31, 32, 48, 64, 100, 128, 256, 512, 1024};

  std::printf("BLAS core type: %s, vectors of %d bytes, medians of 11 rounds, GFLOP/s\n", blas::core_name(),
              blas::detail::vector_bytes);
  std::printf("%-7s %5s %-4s %9s %9s %7s\n", "type", "size", "", "internal", "cblas", "ratio");
  for (const bool transposed : {false, true})
    for (const std::ptrdiff_t size : sizes) {
      measure<float>("float", size, transposed);
      measure<double>("double", size, transposed);
      if (!transposed) measure<std::uint32_t>("int32", size, transposed);
    }
}
