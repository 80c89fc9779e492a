// SPDX-License-Identifier: BSD-3-Clause
// Nanoseconds of products whose extents only the call knows: the kernels of our own, the BLAS library and Eigen, on one
// thread, by size and shape. Where ours are slower from some size on, products of that size go to the BLAS.
//
//   g++ -std=c++20 -O2 -march=native -DAGNESI_USE_BLAS -Iinclude benchmarks/run/small_products.cpp -lopenblas && ./a.out gemv

#include <agnesi/backend/blas/blas.hpp>

#include <cstdio>
#include <cstring>
#include <vector>

#if __has_include(<eigen3/Eigen/Dense>)
#include <eigen3/Eigen/Dense>
#define HAS_EIGEN 1
#else
#define HAS_EIGEN 0
#endif

#include "support/clean_environment.hpp"
#include "support/repeat.hpp"
#include "support/seconds.hpp"

namespace {

namespace blas = agnesi::blas;
using blas::matrix_ref, blas::vector_ref;
using std::ptrdiff_t;

constexpr int none = 0, left = 1, right = 2;

template <class Ours, class Blas, class Eigen>
void row(const char* what, double operations, Ours ours, Blas theirs, Eigen eigen) {
  const int times = static_cast<int>(std::max(1.0, 2e5 / (operations + 20)));
  std::vector<double> a, b, c;
  ours(), theirs(), eigen();
  for (int round = 0; round < 25; ++round) {
    a.push_back(bench::seconds(times, ours));
    b.push_back(bench::seconds(times, theirs));
    c.push_back(bench::seconds(times, eigen));
  }
  const double own = bench::median(a) * 1e9, other = bench::median(b) * 1e9, third = bench::median(c) * 1e9;
  const double best = HAS_EIGEN && third < other ? third : other;
  std::printf("| %-34s | %9.1f | %9.1f | %9.1f | %5.2f |%s\n", what, own, other, third, own / best, own > 1.1 * best ? " *" : "");
}

#if HAS_EIGEN
template <class T>
using rows_of = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class T>
using map_of = Eigen::Map<const rows_of<T>>;
#endif

template <class T>
void gemm(const char* type, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, int turned) {
  std::vector<T> a(static_cast<std::size_t>(m * k), T(1)), b(static_cast<std::size_t>(k * n), T(1)), c(static_cast<std::size_t>(m * n));
  const matrix_ref<const T> A = turned & left ? matrix_ref<const T>{a.data(), k, m, m, 1}.transposed() : matrix_ref<const T>{a.data(), m, k, k, 1};
  const matrix_ref<const T> B = turned & right ? matrix_ref<const T>{b.data(), n, k, k, 1}.transposed() : matrix_ref<const T>{b.data(), k, n, n, 1};
  const matrix_ref<T> C{c.data(), m, n, n, 1};
  char what[80];
  std::snprintf(what, sizeof what, "%s %td x %td, inner %td %s%s", type, m, n, k, turned & left ? "A'" : "A", turned & right ? "B'" : "B");
  row(what, static_cast<double>(m * n * k) / 8, [&] { blas::internal::gemm<T>(T(1), A, B, T(0), C), bench::use(c); },
      [&] { blas::cblas::gemm<T>(T(1), A, B, T(0), C), bench::use(c); },
      [&] {
#if HAS_EIGEN
        Eigen::Map<rows_of<T>> to(c.data(), m, n);
        if (turned == none) to.noalias() = map_of<T>(a.data(), m, k) * map_of<T>(b.data(), k, n);
        else if (turned == left) to.noalias() = map_of<T>(a.data(), k, m).transpose() * map_of<T>(b.data(), k, n);
        else to.noalias() = map_of<T>(a.data(), m, k) * map_of<T>(b.data(), n, k).transpose();
        bench::use(c);
#endif
      });
}

template <class T>
void gemv(const char* type, ptrdiff_t m, ptrdiff_t k, bool turned, ptrdiff_t step = 1) {
  std::vector<T> a(static_cast<std::size_t>(m * k), T(1)), x(static_cast<std::size_t>((turned ? m : k) * step), T(1)),
      y(static_cast<std::size_t>(turned ? k : m));
  const matrix_ref<const T> rows{a.data(), m, k, k, 1}, A = turned ? rows.transposed() : rows;
  const vector_ref<const T> X{x.data(), A.cols, step};
  const vector_ref<T> Y{y.data(), A.rows, 1};
  char what[80];
  std::snprintf(what, sizeof what, "%s %td x %td%s times x%s", type, m, k, turned ? ", turned," : "", step > 1 ? ", strided" : "");
  row(what, static_cast<double>(m * k) / 4, [&] { blas::internal::gemv<T>(T(1), A, X, T(0), Y), bench::use(y); },
      [&] { blas::cblas::gemv<T>(T(1), A, X, T(0), Y), bench::use(y); },
      [&] {
#if HAS_EIGEN
        using column = Eigen::Matrix<T, Eigen::Dynamic, 1>;
        Eigen::Map<column> to(y.data(), A.rows);
        Eigen::Map<const column, 0, Eigen::InnerStride<>> from(x.data(), A.cols, Eigen::InnerStride<>(step));
        if (turned) to.noalias() = map_of<T>(a.data(), m, k).transpose() * from;
        else to.noalias() = map_of<T>(a.data(), m, k) * from;
        bench::use(y);
#endif
      });
}

template <class T>
void ger(const char* type, ptrdiff_t m, ptrdiff_t n) {
  std::vector<T> a(static_cast<std::size_t>(m * n), T(1)), x(static_cast<std::size_t>(m), T(1)), y(static_cast<std::size_t>(n), T(1));
  const matrix_ref<T> A{a.data(), m, n, n, 1};
  const vector_ref<const T> X{x.data(), m, 1}, Y{y.data(), n, 1};
  char what[80];
  std::snprintf(what, sizeof what, "%s %td x %td += x y'", type, m, n);
  row(what, static_cast<double>(m * n) / 4, [&] { blas::internal::ger<T>(T(0.5), X, Y, T(1), A), bench::use(a); },
      [&] { blas::cblas::ger<T>(T(0.5), X, Y, T(1), A), bench::use(a); },
      [&] {
#if HAS_EIGEN
        using column = Eigen::Matrix<T, Eigen::Dynamic, 1>;
        Eigen::Map<rows_of<T>> to(a.data(), m, n);
        to.noalias() += T(0.5) * Eigen::Map<const column>(x.data(), m) * Eigen::Map<const column>(y.data(), n).transpose();
        bench::use(a);
#endif
      });
}

template <class T>
void dot(const char* type, ptrdiff_t n) {
  std::vector<T> x(static_cast<std::size_t>(n), T(1)), y(static_cast<std::size_t>(n), T(1));
  const vector_ref<const T> X{x.data(), n, 1}, Y{y.data(), n, 1};
  char what[80];
  std::snprintf(what, sizeof what, "%s dot of %td", type, n);
  row(what, static_cast<double>(n) / 4, [&] { bench::use(x), bench::use(blas::internal::dot<T>(X, Y)); },
      [&] { bench::use(x), bench::use(blas::cblas::dot<T>(X, Y)); },
      [&] {
#if HAS_EIGEN
        using column = Eigen::Matrix<T, Eigen::Dynamic, 1>;
        bench::use(x), bench::use(Eigen::Map<const column>(x.data(), n).dot(Eigen::Map<const column>(y.data(), n)));
#endif
      });
}

template <class T>
void all(const char* type, const char* only) {
  const auto wanted = [&](const char* kind) { return *only == 0 || std::strcmp(only, kind) == 0; };
  if (wanted("gemm"))
    for (const int turned : {none, left, right}) {
      for (const ptrdiff_t n : {2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 28, 32, 40, 48, 64, 96}) gemm<T>(type, n, n, n, turned);
      gemm<T>(type, 200, 8, 8, turned), gemm<T>(type, 8, 200, 8, turned), gemm<T>(type, 8, 8, 500, turned);
      gemm<T>(type, 64, 64, 2, turned), gemm<T>(type, 1000, 3, 3, turned), gemm<T>(type, 2, 100, 50, turned);
      gemm<T>(type, 100, 2, 50, turned), gemm<T>(type, 60, 10, 500, turned), gemm<T>(type, 10, 500, 60, turned);
    }
  if (wanted("gemv"))
    for (const bool turned : {false, true}) {
      for (const ptrdiff_t n : {2, 3, 4, 6, 8, 12, 16, 24, 32, 64, 100, 200, 500, 1000}) gemv<T>(type, n, n, turned);
      gemv<T>(type, 400, 784, turned), gemv<T>(type, 10000, 784, turned), gemv<T>(type, 1000, 3, turned), gemv<T>(type, 3, 1000, turned);
      gemv<T>(type, 100, 784, turned), gemv<T>(type, 10000, 10, turned), gemv<T>(type, 100, 100, turned, 3);
    }
  if (wanted("ger")) {
    for (const ptrdiff_t n : {2, 3, 4, 8, 16, 32, 64, 100, 200, 500, 1000}) ger<T>(type, n, n);
    ger<T>(type, 1000, 3), ger<T>(type, 3, 1000), ger<T>(type, 784, 500);
  }
  if (wanted("dot"))
    for (const ptrdiff_t n : {2, 4, 8, 16, 50, 100, 1000, 4096, 10000, 100000, 1000000}) dot<T>(type, n);
}

}  // namespace

int main(int argc, char** argv) {
  bench::with_clean_environment(argv, 1);
  const char* only = argc > 1 ? argv[1] : "";
  std::printf("BLAS core type %s\n| %-34s | %9s | %9s | %9s | %5s |\n|---|---:|---:|---:|---:|\n", blas::core_name(), "ns", "ours", "BLAS", "Eigen", "ratio");
  all<float>("float", only);
  all<double>("double", only);
}
