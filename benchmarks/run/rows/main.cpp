// SPDX-License-Identifier: BSD-3-Clause
// Softmax of rows, and cross entropy with its gradient.
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "../support/harness.hpp"
#include "../support/numbers.hpp"
#include "rows.hpp"

namespace {

using namespace rows;

template <class T>
struct problem {
  ptrdiff_t m, n;
  bench::memory<T> z, to, loss;
  bench::memory<std::int32_t> labels;
  problem(ptrdiff_t rows, ptrdiff_t columns)
      : m(rows), n(columns), z(m * n, -5, 5, 3), to(m * n), loss(1), labels(m, 0, static_cast<double>(columns), 4) {}
  operands<T> all() { return {z.data(), labels.data(), to.data(), loss.data(), m, n}; }

  void check(const std::string& what, const std::string& peer, bool entropy) const {
    const double tolerance = 40 * bench::rounding<T>;
    long double total      = 0;
    for (ptrdiff_t i = 0; i < m; ++i) {
      std::vector<double> e;
      double sum = 0;
      for (ptrdiff_t j = 0; j < n; ++j) sum += e.emplace_back(std::exp(static_cast<double>(z[i * n + j])));
      total += std::log(sum) - static_cast<double>(z[i * n + labels[i]]);
      for (ptrdiff_t j = 0; j < n; ++j) {
        const double p      = e[static_cast<std::size_t>(j)] / sum;
        const double wanted = entropy ? (p - (j == labels[i])) / static_cast<double>(m) : p;
        // Small results are to have as many digits as large ones.
        const long double size = 1e-9L + std::fabs(static_cast<long double>(wanted));
        bench::agree(what, peer, static_cast<long double>(to[i * n + j]) / size, wanted / size, tolerance);
      }
    }
    if (entropy) bench::agree(what, peer, loss[0], total / static_cast<long double>(m), tolerance);
  }
};

template <class T>
void add_peer(const char* peer, const calls<T>& run) {
  const std::string type      = bench::type_name<T>;
  const ptrdiff_t shapes[][2] = {{64, 10}, {128, 1000}, {1024, 1000}};
  for (const bool entropy : {false, true})
    for (const auto& [m, n] : shapes) {
      const auto call = entropy ? run.cross_entropy : run.softmax;
      if (!call) continue;
      const auto p           = std::make_shared<problem<T>>(m, n);
      const std::string name = std::string("rows/") + (entropy ? "cross entropy and gradient" : "softmax") + "/" + type + "/" +
                               std::to_string(m) + "x" + std::to_string(n);
      call(1, p->all());
      p->check(name, peer, entropy);
      const auto count = static_cast<double>(m * n);
      bench::add_limit("copy", type, m * n);
      bench::add({.name     = name,
                  .peer     = peer,
                  .elements = count,
                  .bytes    = 2 * sizeof(T) * count,
                  .flops    = 0,
                  .limit    = "copy/" + type + "/" + std::to_string(m * n),
                  .run      = [=](long times) { call(times, p->all()); }});
    }
}

template <class T>
void add_all() {
  add_peer<T>("agnesi", by_agnesi<T>());
  add_peer<T>("by hand", by_hand<T>());
#ifdef BENCH_HAS_EIGEN
  add_peer<T>("Eigen", by_eigen<T>());
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
