// SPDX-License-Identifier: BSD-3-Clause
// xtensor_fixed, whose extents are in the type; sums are immediate, which is the faster way for small extents.
#include <xtensor/xfixed.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xnoalias.hpp>
#include <xtensor/xview.hpp>

#include <algorithm>

#include "../support/repeat.hpp"
#include "small.hpp"

namespace small {
namespace {

template <class T, int N>
struct of_xtensor {
  using matrix = xt::xtensor_fixed<T, xt::xshape<N, N>>;
  using vector = xt::xtensor_fixed<T, xt::xshape<N>>;

  matrix A, gA;
  vector x, b, t, y;

  explicit of_xtensor(const operands<T>& o) {
    std::copy_n(o.A, N * N, A.data()), std::copy_n(o.x, N, x.data()), std::copy_n(o.b, N, b.data()),
        std::copy_n(o.t, N, t.data());
  }
  void store(const operands<T>& o) const { std::copy_n(y.data(), N, o.to), std::copy_n(gA.data(), N * N, o.to_matrix); }
  vector dotted() const {
    vector s;
    xt::noalias(s) = xt::sum(A * x, {1}, xt::evaluation_strategy::immediate) + b;
    return s;
  }
  vector slope() const {
    vector h, r;
    xt::noalias(h) = xt::tanh(dotted());
    xt::noalias(r) = (h - t) * (T(1) - h * h);
    return r;
  }

  static void affine(long times, const operands<T>& o) {
    of_xtensor own(o);
    bench::repeat(times, [&] { bench::use(own), own.y = own.dotted(), bench::use(own); });
    own.store(o);
  }
  static void by_x(long times, const operands<T>& o) {
    of_xtensor own(o);
    bench::repeat(times, [&] {
      bench::use(own);
      const vector r     = own.slope();
      xt::noalias(own.y) = xt::sum(own.A * xt::view(r, xt::all(), xt::newaxis()), {0}, xt::evaluation_strategy::immediate);
      bench::use(own);
    });
    own.store(o);
  }
  static void by_parameters(long times, const operands<T>& o) {
    of_xtensor own(o);
    bench::repeat(times, [&] {
      bench::use(own);
      own.y               = own.slope();
      xt::noalias(own.gA) = xt::view(own.y, xt::all(), xt::newaxis()) * own.x;
      bench::use(own);
    });
    own.store(o);
  }
};

}  // namespace

template <class T>
calls<T> by_xtensor() {
  return table<T, of_xtensor>();
}
template calls<float> by_xtensor<float>();
template calls<double> by_xtensor<double>();

}  // namespace small
