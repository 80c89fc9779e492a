// SPDX-License-Identifier: BSD-3-Clause
// Immediate reductions, xtensor's faster way.
#include <xtensor/xadapt.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xnoalias.hpp>
#include <xtensor/xsort.hpp>

#include <algorithm>

#include "../support/repeat.hpp"
#include "reductions.hpp"

namespace reductions {
namespace {

constexpr auto now = xt::evaluation_strategy::immediate;

template <class T>
struct of_xtensor {
  static auto cube_of(const T* a) {
    return xt::adapt(a, edge * edge * edge, xt::no_ownership(), std::array<std::size_t, 3>{edge, edge, edge});
  }
  static auto matrix_of(const T* a) {
    return xt::adapt(a, side * side, xt::no_ownership(), std::array<std::size_t, 2>{side, side});
  }
  template <class R, class To>
  static void put(const R& r, To* to) {
    std::copy(r.begin(), r.end(), to);
  }
  template <int Axes>
  static constexpr auto axes() {
    if constexpr (Axes == 7)
      return std::array<std::size_t, 3>{0, 1, 2};
    else if constexpr (Axes == 3)
      return std::array<std::size_t, 2>{0, 1};
    else if constexpr (Axes == 5)
      return std::array<std::size_t, 2>{0, 2};
    else if constexpr (Axes == 6)
      return std::array<std::size_t, 2>{1, 2};
    else
      return std::array<std::size_t, 1>{Axes == 1 ? 0 : Axes == 2 ? 1 : 2};
  }
  template <int Axes>
  static void cube(const T* a, T* to) {
    put(xt::sum(cube_of(a), axes<Axes>(), now), to);
  }
  template <int Axes>
  static void matrix(const T* a, T* to) {
    put(xt::sum(matrix_of(a), axes<Axes>(), now), to);
  }
  template <int Axes>
  static void largest(const T* a, T* to) {
    put(xt::amax(matrix_of(a), axes<Axes>(), now), to);
  }
  template <int Axes>
  static void where(const T* a, std::int64_t* to) {
    if constexpr (Axes == 3)
      put(xt::argmax(matrix_of(a)), to);
    else
      put(xt::argmax(matrix_of(a), Axes - 1), to);
  }
  template <int Axes>
  static void moments(const T* a, T* to) {
    put(xt::mean(matrix_of(a), axes<Axes>(), now), to);
    put(xt::variance(matrix_of(a), axes<Axes>(), now), to + (Axes == 3 ? 1 : side));
  }
};

}  // namespace

template <class T>
reductions_of<T> by_xtensor() {
  return table<T, of_xtensor<T>>();
}
template reductions_of<float> by_xtensor<float>();
template reductions_of<double> by_xtensor<double>();

}  // namespace reductions
