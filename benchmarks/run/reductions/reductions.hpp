// SPDX-License-Identifier: BSD-3-Clause
// Sums over every axis of a matrix and of a cube; extrema, their places, both, and mean with variance of a matrix, the last of a
// cube too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "../support/repeat.hpp"

namespace reductions {

using std::ptrdiff_t;

inline constexpr ptrdiff_t edge = 256, side = 1000;

template <class T>
using reduction = void (*)(long times, const T* a, T* to);
template <class T>
using place = void (*)(long times, const T* a, std::int64_t* to);
template <class T>
using extremum = void (*)(long times, const T* a, T* to, std::int64_t* places);
template <class T>
struct reductions_of {
  reduction<T> cube[8]{};    // sums of 256³ over the axes 1 to 7, as bits: 1 the first, 2 the second, 4 the last axis
  reduction<T> matrix[4]{};  // sums of 1000 x 1000: 1 the first, 2 the last axis, 3 both
  reduction<T> largest[4]{};
  place<T> where[4]{};        // of the largest
  reduction<T> moments[4]{};  // means, behind them variances
  reduction<T> moments_of_cube{};
  extremum<T> both[4]{};  // the largest and its place
};

template <auto F, class T, class To>
void repeated(long times, const T* a, To* to) {
  bench::repeat(times, [&] { F(a, to); });
}
template <auto F, class T>
void repeated_pair(long times, const T* a, T* to, std::int64_t* places) {
  bench::repeat(times, [&] { F(a, to, places); });
}
/// The table of a class that has a static function for each, with the axes as its template argument.
template <class T, class Of>
reductions_of<T> table() {
  reductions_of<T> r;
  [&]<int... A>(std::integer_sequence<int, A...>) { ((r.cube[A + 1] = repeated<Of::template cube<A + 1>>), ...); }
  (std::make_integer_sequence<int, 7>{});
  [&]<int... A>(std::integer_sequence<int, A...>) {
    ((r.matrix[A + 1] = repeated<Of::template matrix<A + 1>>, r.largest[A + 1] = repeated<Of::template largest<A + 1>>,
      r.where[A + 1] = repeated<Of::template where<A + 1>>, r.moments[A + 1] = repeated<Of::template moments<A + 1>>),
     ...);
  }
  (std::make_integer_sequence<int, 3>{});
  if constexpr (requires { &Of::moments_of_cube; }) r.moments_of_cube = repeated<Of::moments_of_cube>;
  if constexpr (requires { &Of::template both<1>; })
    r.both[1] = repeated_pair<Of::template both<1>>, r.both[2] = repeated_pair<Of::template both<2>>,
    r.both[3] = repeated_pair<Of::template both<3>>;
  return r;
}

template <class T>
reductions_of<T> by_agnesi();
template <class T>
reductions_of<T> by_hand();
template <class T>
reductions_of<T> by_eigen();
template <class T>
reductions_of<T> by_xtensor();

}  // namespace reductions
