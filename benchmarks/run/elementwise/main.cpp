// SPDX-License-Identifier: BSD-3-Clause
// Elementwise loops over 10 to 10 million elements: the four expressions of the 2010 Theano paper, and two with transcendental
// functions.
#include <algorithm>
#include <vector>

#include "../support/harness.hpp"
#include "../support/numbers.hpp"
#include "elementwise.hpp"

namespace {

using namespace elementwise;

constexpr ptrdiff_t most = 10'000'000;

long double exactly(int expression, long double a, long double b) {
  switch (expression) {
    case squares:
      return (a + b) * (a + b);
    case scaled_sum:
      return 2 * a + 3 * b;
    case plus_one:
      return a + 1;
    case power:
      return 2 * a + std::pow(b, 10);
    case exp_tanh:
      return std::exp(a) * std::tanh(b) + a;
    default:
      return std::log1p(std::exp(-std::fabs(a))) + b / (1 + std::exp(-a));
  }
}

template <class T>
void add_peer(const char* peer, const loops<T>& run) {
  static bench::memory<T> a(most, -2, 2, 1), b(most, -2, 2, 2), to(most);
  const std::string type = bench::type_name<T>;
  for (int e = 0; e < expressions; ++e) {
    if (!run.of[e]) continue;
    const bool one_input = e == plus_one;
    for (ptrdiff_t n = 10; n <= most; n *= 10) {
      std::fill_n(to.data(), n, T(-77));
      run.of[e](1, a.data(), b.data(), to.data(), n);
      const std::string name = std::string("elementwise/") + names[e] + "/" + type + "/" + std::to_string(n);
      for (ptrdiff_t i = 0; i < n; i += i + 100 < n ? std::max<ptrdiff_t>(1, n / 5000) : 1)
        bench::agree(name + " at " + std::to_string(i), peer, to[i],
                     exactly(e, static_cast<long double>(a[i]), static_cast<long double>(b[i])), 40 * bench::rounding<T>);
      const auto count        = static_cast<double>(n);
      const std::string limit = std::string(one_input ? "copy" : "triad");
      bench::add_limit(limit, type, n);
      const double flops[] = {5, 3, 1, 6, 0, 0};
      bench::add({.name     = name,
                  .peer     = peer,
                  .elements = count,
                  .bytes    = (one_input ? 2 : 3) * sizeof(T) * count,
                  .flops    = flops[e] * count,
                  .limit    = limit + "/" + type + "/" + std::to_string(n),
                  .run      = [=, loop = run.of[e]](long times) { loop(times, a.data(), b.data(), to.data(), n); }});
    }
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
