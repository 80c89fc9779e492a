// SPDX-License-Identifier: BSD-3-Clause
#include <Eigen/Core>

#include "../support/repeat.hpp"
#include "rows.hpp"

namespace rows {
namespace {

template <class T>
using matrix = Eigen::Array<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class T>
using column = Eigen::Array<T, Eigen::Dynamic, 1>;

template <class T>
void softmaxes(long times, const operands<T>& o) {
  const Eigen::Map<const matrix<T>> z(o.z, o.m, o.n);
  Eigen::Map<matrix<T>> p(o.to, o.m, o.n);
  bench::repeat(times, [&] {
    p = (z.colwise() - z.rowwise().maxCoeff()).exp();
    p.colwise() *= column<T>(p.rowwise().sum().inverse());
  });
}
template <class T>
void cross_entropies(long times, const operands<T>& o) {
  const Eigen::Map<const matrix<T>> z(o.z, o.m, o.n);
  Eigen::Map<matrix<T>> g(o.to, o.m, o.n);
  bench::repeat(times, [&] {
    const column<T> most = z.rowwise().maxCoeff();
    g                    = (z.colwise() - most).exp();
    const column<T> sum  = g.rowwise().sum();
    g.colwise() *= column<T>(sum.inverse() / T(o.m));
    T loss = (sum.log() + most).sum();
    for (ptrdiff_t i = 0; i < o.m; ++i) {
      loss -= z(i, o.labels[i]);
      g(i, o.labels[i]) -= 1 / T(o.m);
    }
    *o.loss = loss / T(o.m);
  });
}

}  // namespace

template <class T>
calls<T> by_eigen() {
  return {softmaxes<T>, cross_entropies<T>};
}
template calls<float> by_eigen<float>();
template calls<double> by_eigen<double>();

}  // namespace rows
