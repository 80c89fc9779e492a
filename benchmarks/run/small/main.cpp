// SPDX-License-Identifier: BSD-3-Clause
// Static sizes of 3 to 16: an affine map, and gradients of a loss of its hyperbolic tangent.
#include <cmath>
#include <memory>

#include "../support/harness.hpp"
#include "../support/numbers.hpp"
#include "small.hpp"

namespace {

using namespace small;

template <class T>
struct problem {
  bench::memory<T> A, x, b, t, columns, to, to_matrix;
  int n;
  explicit problem(int size)
      : A(256, -0.5, 0.5, 1), x(16, -1, 1, 2), b(16, -1, 1, 3), t(16, -1, 1, 4), columns(256), to(16), to_matrix(256), n(size) {
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j) columns[j * n + i] = A[i * n + j];
  }
  operands<T> all(bool by_columns) {
    return {by_columns ? columns.data() : A.data(), x.data(), b.data(), t.data(), to.data(), to_matrix.data()};
  }

  void check(const std::string& what, const std::string& peer, int formula, bool by_columns) const {
    const double tolerance = 60 * bench::rounding<T>;
    long double r[16], y[16];
    for (int i = 0; i < n; ++i) {
      y[i] = b[i];
      for (int j = 0; j < n; ++j) y[i] += static_cast<long double>(A[i * n + j]) * static_cast<long double>(x[j]);
      const long double h = std::tanh(y[i]);
      r[i]                = (h - static_cast<long double>(t[i])) * (1 - h * h);
    }
    for (int i = 0; i < n; ++i) {
      long double wanted = formula == affine ? y[i] : r[i];
      if (formula == by_x) {
        wanted = 0;
        for (int j = 0; j < n; ++j) wanted += static_cast<long double>(A[j * n + i]) * r[j];
      }
      bench::agree(what, peer, to[i], wanted, tolerance);
      for (int j = 0; formula == by_parameters && j < n; ++j)
        bench::agree(what, peer, to_matrix[by_columns ? j * n + i : i * n + j], r[i] * static_cast<long double>(x[j]), tolerance);
    }
  }
};

template <class T>
void add_peer(const char* peer, const calls<T>& run, bool by_columns = false) {
  const std::string type = bench::type_name<T>;
  for (int f = 0; f < formulas; ++f)
    for (std::size_t s = 0; s < sizes.size(); ++s) {
      if (!run.of[s][f]) continue;
      const auto p           = std::make_shared<problem<T>>(sizes[s]);
      const std::string name = std::string("small/") + names[f] + "/" + type + "/" + std::to_string(sizes[s]);
      run.of[s][f](1, p->all(by_columns));
      p->check(name, peer, f, by_columns);
      const double n = sizes[s];
      bench::add({.name     = name,
                  .peer     = peer,
                  .elements = 1,
                  .bytes    = 0,
                  .flops    = (f == affine ? 2
                               : f == by_x ? 4
                                           : 3) *
                           n * n,
                  .limit = "gemm/" + type,
                  .run   = [=, call = run.of[s][f]](long times) { call(times, p->all(by_columns)); }});
    }
}

template <class T>
void add_all() {
  bench::add_limit("gemm", bench::type_name<T>);
  add_peer<T>("agnesi", by_agnesi<T>());
  add_peer<T>("by hand", by_hand<T>());
#ifdef BENCH_HAS_EIGEN
  add_peer<T>("Eigen", by_eigen<T>(true), true);
  add_peer<T>("Eigen, rows", by_eigen<T>(false));
#endif
#ifdef BENCH_HAS_XTENSOR
  add_peer<T>("xtensor", by_xtensor<T>());
#endif
}

}  // namespace

int main(int argc, char** argv) {
  bench::begin(argc, argv);
  add_all<float>();
  add_all<double>();
  return bench::run();
}
