// SPDX-License-Identifier: BSD-3-Clause
// The library's own matrix product, which serves where there is no BLAS and where products are small, and that of the BLAS.
#include <agnesi/backend/blas/blas.hpp>

#include <memory>
#include <string>

#include "../support/harness.hpp"
#include "../support/numbers.hpp"
#include "../support/repeat.hpp"

namespace {

namespace blas = agnesi::blas;
using blas::matrix_ref;
using std::ptrdiff_t;

template <class T>
void measure(const char* type, ptrdiff_t size, bool transposed) {
  struct three {
    bench::memory<T> a, b, c;
  };
  const auto m = std::make_shared<three>(
      three{bench::memory<T>(size * size, -8, 8, 1), bench::memory<T>(size * size, -8, 8, 2), bench::memory<T>(size * size)});
  const matrix_ref<const T> left{m->a.data(), size, size, size, 1}, rows{m->b.data(), size, size, size, 1};
  const matrix_ref<const T> right = transposed ? rows.transposed() : rows;
  const matrix_ref<T> result{m->c.data(), size, size, size, 1};
  const auto check = [&](const std::string& name, const char* who) {
    for (ptrdiff_t i = 0; i < size; i += 1 + size / 8)
      for (ptrdiff_t j = 0; j < size; j += 1 + size / 8) {
        T exact{};
        long double wanted = 0, size_of_terms = 0;
        for (ptrdiff_t k = 0; k < size; ++k) {
          const T x = m->a[i * size + k], y = transposed ? m->b[j * size + k] : m->b[k * size + j];
          exact = static_cast<T>(exact + x * y);
          wanted += static_cast<long double>(x) * static_cast<long double>(y);
          size_of_terms += std::fabs(static_cast<long double>(x) * static_cast<long double>(y));
        }
        if constexpr (std::is_integral_v<T>)
          bench::agree(name, who, m->c[i * size + j], exact, 0);
        else
          bench::agree(name, who, m->c[i * size + j] / size_of_terms, wanted / size_of_terms, 100 * bench::rounding<T>);
      }
  };
  const double operations = 2.0 * static_cast<double>(size) * static_cast<double>(size) * static_cast<double>(size);
  const std::string name  = std::string("gemm/") + (transposed ? "A Bᵀ/" : "A B/") + type + "/" + std::to_string(size);
  const auto add          = [&](const char* who, auto product) {
    product();
    check(name, who);
    bench::add({.name     = name,
                         .peer     = who,
                         .elements = operations / 20,
                         .bytes    = 0,
                         .flops    = operations,
                         .limit    = std::string("gemm/") + type,
                         .run      = [=, m = m](long times) { bench::repeat(times, product); }});
  };
  add("agnesi", [=] { blas::internal::gemm<T>(T(1), left, right, T(0), result); });
  if constexpr (blas::has_blas<T>) add("CBLAS", [=] { blas::cblas::gemm<T>(T(1), left, right, T(0), result); });
}

}  // namespace

int main(int argc, char** argv) {
  bench::begin(argc, argv);
  bench::add_limit("gemm", "float"), bench::add_limit("gemm", "double");
  for (const bool transposed : {false, true})
    for (const ptrdiff_t size : {2, 3, 4, 8, 12, 16, 24, 31, 32, 48, 64, 100, 128, 256, 512, 1024}) {
      measure<float>("float", size, transposed);
      measure<double>("double", size, transposed);
      if (!transposed && size <= 256) measure<std::uint32_t>("int32", size, transposed);
    }
  return bench::run();
}
