// SPDX-License-Identifier: BSD-3-Clause
// Matrices by rows, as all peers have them. The cube is taken as a matrix where the axes lie side by side; for the axes in the
// middle slab by slab.
#include <Eigen/Core>

#include "../support/repeat.hpp"
#include "reductions.hpp"

namespace reductions {
namespace {

template <class T>
struct of_eigen {
  using in     = Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;
  using line   = Eigen::Map<Eigen::Array<T, 1, Eigen::Dynamic>>;
  using column = Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>>;

  template <int Axes>
  static void cube(const T* a, T* to) {
    constexpr ptrdiff_t e2 = edge * edge;
    if constexpr (Axes == 1)
      line(to, e2) = in(a, edge, e2).colwise().sum();
    else if constexpr (Axes == 3)
      line(to, edge) = in(a, e2, edge).colwise().sum();
    else if constexpr (Axes == 4)
      column(to, e2) = in(a, e2, edge).rowwise().sum();
    else if constexpr (Axes == 6)
      column(to, edge) = in(a, edge, e2).rowwise().sum();
    else if constexpr (Axes == 7)
      *to = in(a, 1, e2 * edge).sum();
    else if constexpr (Axes == 2)
      for (ptrdiff_t i = 0; i < edge; ++i) line(to + i * edge, edge) = in(a + i * e2, edge, edge).colwise().sum();
    else {
      column result(to, edge);
      result.setZero();
      for (ptrdiff_t i = 0; i < edge; ++i) result += in(a + i * e2, edge, edge).rowwise().sum();
    }
  }
  template <int Axes>
  static void matrix(const T* a, T* to) {
    const in m(a, side, side);
    if constexpr (Axes == 1)
      line(to, side) = m.colwise().sum();
    else if constexpr (Axes == 2)
      column(to, side) = m.rowwise().sum();
    else
      *to = m.sum();
  }
  template <int Axes>
  static void largest(const T* a, T* to) {
    const in m(a, side, side);
    if constexpr (Axes == 1)
      line(to, side) = m.colwise().maxCoeff();
    else if constexpr (Axes == 2)
      column(to, side) = m.rowwise().maxCoeff();
    else
      *to = m.maxCoeff();
  }
  template <int Axes>
  static void where(const T* a, std::int64_t* to) {
    const in m(a, side, side);
    ptrdiff_t i = 0, j = 0;
    if constexpr (Axes == 1)
      for (ptrdiff_t k = 0; k < side; ++k) m.col(k).maxCoeff(&i), to[k] = i;
    else if constexpr (Axes == 2)
      for (ptrdiff_t k = 0; k < side; ++k) m.row(k).maxCoeff(&j), to[k] = j;
    else
      m.maxCoeff(&i, &j), *to = i * side + j;
  }
  template <int Axes>
  static void both(const T* a, T* to, std::int64_t* places) {
    const in m(a, side, side);
    ptrdiff_t i = 0, j = 0;
    if constexpr (Axes == 1)
      for (ptrdiff_t k = 0; k < side; ++k) to[k] = m.col(k).maxCoeff(&i), places[k] = i;
    else if constexpr (Axes == 2)
      for (ptrdiff_t k = 0; k < side; ++k) to[k] = m.row(k).maxCoeff(&j), places[k] = j;
    else
      *to = m.maxCoeff(&i, &j), *places = i * side + j;
  }
  static void moments_of_cube(const T* a, T* to) {
    const in m(a, 1, edge * edge * edge);
    to[0] = m.mean();
    to[1] = (m - to[0]).square().mean();
  }
  template <int Axes>
  static void moments(const T* a, T* to) {
    const in m(a, side, side);
    if constexpr (Axes == 1) {
      line mean(to, side), variance(to + side, side);
      mean     = m.colwise().mean();
      variance = (m.rowwise() - mean).square().colwise().mean();
    } else if constexpr (Axes == 2) {
      column mean(to, side), variance(to + side, side);
      mean     = m.rowwise().mean();
      variance = (m.colwise() - mean).square().rowwise().mean();
    } else {
      to[0] = m.mean();
      to[1] = (m - to[0]).square().mean();
    }
  }
};

}  // namespace

template <class T>
reductions_of<T> by_eigen() {
  return table<T, of_eigen<T>>();
}
template reductions_of<float> by_eigen<float>();
template reductions_of<double> by_eigen<double>();

}  // namespace reductions
