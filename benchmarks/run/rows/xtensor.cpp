// SPDX-License-Identifier: BSD-3-Clause
#include <xtensor/xadapt.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xnoalias.hpp>
#include <xtensor/xtensor.hpp>
#include <xtensor/xview.hpp>

#include "../support/repeat.hpp"
#include "rows.hpp"

namespace rows {
namespace {

constexpr auto now = xt::evaluation_strategy::immediate;

template <class P>
auto matrix_of(P* p, ptrdiff_t m, ptrdiff_t n) {
  return xt::adapt(p, static_cast<std::size_t>(m * n), xt::no_ownership(),
                   std::array<std::size_t, 2>{static_cast<std::size_t>(m), static_cast<std::size_t>(n)});
}
auto as_column(const auto& v) { return xt::view(v, xt::all(), xt::newaxis()); }

template <class T>
void softmaxes(long times, const operands<T>& o) {
  const auto z = matrix_of(o.z, o.m, o.n);
  auto p       = matrix_of(o.to, o.m, o.n);
  bench::repeat(times, [&] {
    const xt::xtensor<T, 1> most  = xt::amax(z, {1}, now);
    xt::noalias(p)                = xt::exp(z - as_column(most));
    const xt::xtensor<T, 1> scale = T(1) / xt::sum(p, {1}, now);
    p *= as_column(scale);
  });
}
template <class T>
void cross_entropies(long times, const operands<T>& o) {
  const auto z = matrix_of(o.z, o.m, o.n);
  auto g       = matrix_of(o.to, o.m, o.n);
  bench::repeat(times, [&] {
    const xt::xtensor<T, 1> most = xt::amax(z, {1}, now);
    xt::noalias(g)               = xt::exp(z - as_column(most));
    const xt::xtensor<T, 1> sum = xt::sum(g, {1}, now), scale = T(1) / (sum * T(o.m));
    g *= as_column(scale);
    T loss = xt::sum(xt::log(sum) + most, now)();
    for (ptrdiff_t i = 0; i < o.m; ++i) {
      loss -= z(i, o.labels[i]);
      g(i, o.labels[i]) -= 1 / T(o.m);
    }
    *o.loss = loss / T(o.m);
  });
}

}  // namespace

template <class T>
calls<T> by_xtensor() {
  return {softmaxes<T>, cross_entropies<T>};
}
template calls<float> by_xtensor<float>();
template calls<double> by_xtensor<double>();

}  // namespace rows
