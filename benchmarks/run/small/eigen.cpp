// SPDX-License-Identifier: BSD-3-Clause
// In both orders: by columns, as Eigen has matrices by itself, and by rows.
#include <Eigen/Core>

#include "../support/repeat.hpp"
#include "small.hpp"

namespace small {
namespace {

template <class T, int N, int Order>
struct in_order {
  using matrix = Eigen::Matrix<T, N, N, Order>;
  using vector = Eigen::Matrix<T, N, 1>;
  template <class M>
  using in = Eigen::Map<const M, Eigen::Aligned64>;
  template <class M>
  using out = Eigen::Map<M, Eigen::Aligned64>;

  static void affine(long times, const operands<T>& o) {
    const in<matrix> A(o.A);
    const in<vector> x(o.x), b(o.b);
    out<vector> y(o.to);
    bench::repeat(times, [&] { y.noalias() = b + A * x; });
  }
  static auto slope(const in<matrix>& A, const in<vector>& x, const in<vector>& b, const in<vector>& t) {
    vector y;
    y.noalias()    = b + A * x;
    const vector h = y.array().tanh();
    return vector((h - t).array() * (T(1) - h.array().square()));
  }
  static void by_x(long times, const operands<T>& o) {
    const in<matrix> A(o.A);
    const in<vector> x(o.x), b(o.b), t(o.t);
    out<vector> gx(o.to);
    bench::repeat(times, [&] { gx.noalias() = A.transpose() * slope(A, x, b, t); });
  }
  static void by_parameters(long times, const operands<T>& o) {
    const in<matrix> A(o.A);
    const in<vector> x(o.x), b(o.b), t(o.t);
    out<vector> gb(o.to);
    out<matrix> gA(o.to_matrix);
    bench::repeat(times, [&] {
      const vector r = slope(A, x, b, t);
      gb             = r;
      gA.noalias()   = r * x.transpose();
    });
  }
};

template <class T, int N>
using by_columns = in_order<T, N, Eigen::ColMajor>;
template <class T, int N>
using by_rows = in_order<T, N, Eigen::RowMajor>;

}  // namespace

template <class T>
calls<T> by_eigen(bool columns) {
  return columns ? table<T, by_columns>() : table<T, by_rows>();
}
template calls<float> by_eigen<float>(bool);
template calls<double> by_eigen<double>(bool);

}  // namespace small
