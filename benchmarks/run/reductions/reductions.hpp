// SPDX-License-Identifier: BSD-3-Clause
// Sums over every axis of a matrix and of a cube; extrema, their places, and mean with variance of a matrix.
#pragma once

#include <cstddef>
#include <cstdint>

namespace reductions {

using std::ptrdiff_t;

/// The axes that are summed over, as bits.
enum { every_axis = 7 };
inline constexpr ptrdiff_t edge = 256, side = 1000;

template <class T>
using reduction = void (*)(long times, const T* a, T* to);
template <class T>
using place = void (*)(long times, const T* a, std::int64_t* to);
template <class T>
struct reductions_of {
  reduction<T> cube[8]{};    // sums of 256³ over the axes 1 to 7, as bits: 1 the first, 2 the second, 4 the last axis
  reduction<T> matrix[4]{};  // sums of 1000 x 1000: 1 the first, 2 the last axis, 3 both
  reduction<T> largest[4]{};
  place<T> where[4]{};  // of the largest
  reduction<T> moments[4]{};  // means, behind them variances
};

template <class T>
reductions_of<T> by_agnesi();
template <class T>
reductions_of<T> by_hand();
template <class T>
reductions_of<T> by_eigen();
template <class T>
reductions_of<T> by_xtensor();

}  // namespace reductions
