// SPDX-License-Identifier: BSD-3-Clause
// The library's reductions; agnesi_float.cpp and agnesi_double.cpp compile them, side by side where there are two cores.
#pragma once

#include <agnesi/agnesi.hpp>

#include "../support/repeat.hpp"
#include "reductions.hpp"

namespace reductions {
namespace agnesis {

namespace ag = agnesi;
using namespace ag::literals;

// The views of results: what is left of the extents.
template <class T, int Rank>
ag::view<T, Rank> result(T* to, ptrdiff_t n) {
  if constexpr (Rank == 0)
    return ag::view<T, 0>(to);
  else if constexpr (Rank == 1)
    return ag::view<T, 1>(to, {n});
  else
    return ag::view<T, 2>(to, {n, n});
}

template <class T, int Rank>
constexpr auto symbol() {
  if constexpr (Rank == 3)
    return ag::tensor3<"a", T>;
  else
    return ag::matrix<"a", T>;
}
template <class T, int Rank>
ag::view<const T, Rank> bound(const T* a) {
  if constexpr (Rank == 3)
    return ag::view<const T, 3>(a, {edge, edge, edge});
  else
    return ag::view<const T, 2>(a, {side, side});
}

template <int Rank, int... Axes, class T>
void sums(long times, const T* pa, T* to) {
  constexpr auto a = symbol<T, Rank>();
  auto f           = ag::function(ag::inputs(a), ag::outputs(sum(a, ag::axis<Axes...>)));
  auto out         = result<T, Rank - int(sizeof...(Axes))>(to, Rank == 3 ? edge : side);
  const auto in    = bound<T, Rank>(pa);
  bench::repeat(times, [&] { f.into(out)(in); });
}
template <int... Axes, class T>
void largest(long times, const T* pa, T* to) {
  constexpr auto a = symbol<T, 2>();
  auto f           = ag::function(ag::inputs(a), ag::outputs(max(a, ag::axis<Axes...>)));
  auto out         = result<T, 2 - int(sizeof...(Axes))>(to, side);
  const auto in    = bound<T, 2>(pa);
  bench::repeat(times, [&] { f.into(out)(in); });
}
template <int Axis, class T>
void where(long times, const T* pa, std::int64_t* to) {
  constexpr auto a = symbol<T, 2>();
  auto f           = ag::function(ag::inputs(a), ag::outputs(argmax(a, ag::axis<Axis>)));
  auto out         = result<std::int64_t, 1>(to, side);
  const auto in    = bound<T, 2>(pa);
  bench::repeat(times, [&] { f.into(out)(in); });
}
template <class T>
void where_of_all(long times, const T* pa, std::int64_t* to) {
  constexpr auto a = symbol<T, 2>();
  auto f           = ag::function(ag::inputs(a), ag::outputs(argmax(a)));
  auto out         = result<std::int64_t, 0>(to, side);
  const auto in    = bound<T, 2>(pa);
  bench::repeat(times, [&] { f.into(out)(in); });
}
template <int... Axes, class T>
void moments(long times, const T* pa, T* to) {
  constexpr auto a   = symbol<T, 2>();
  constexpr auto m   = mean(a, ag::axis<Axes...>, ag::keepdims);
  auto f             = ag::function(ag::inputs(a), ag::outputs(mean(a, ag::axis<Axes...>), mean(sqr(a - m), ag::axis<Axes...>)));
  constexpr int rank = 2 - int(sizeof...(Axes));
  auto means = result<T, rank>(to, side), variances = result<T, rank>(to + (rank ? side : 1), side);
  const auto in = bound<T, 2>(pa);
  bench::repeat(times, [&] { f.into(means, variances)(in); });
}

template <class T>
void moments_of_cube(long times, const T* pa, T* to) {
  constexpr auto a = symbol<T, 3>();
  auto f           = ag::function(ag::inputs(a), ag::outputs(mean(a), mean(sqr(a - mean(a)))));
  auto means = result<T, 0>(to, 1), variances = result<T, 0>(to + 1, 1);
  const auto in = bound<T, 3>(pa);
  bench::repeat(times, [&] { f.into(means, variances)(in); });
}
template <int... Axes, class T>
void both(long times, const T* pa, T* to, std::int64_t* places) {
  constexpr auto a   = symbol<T, 2>();
  auto f             = ag::function(ag::inputs(a), ag::outputs(max(a, ag::axis<Axes...>), argmax(a, ag::axis<Axes...>)));
  constexpr int rank = 2 - int(sizeof...(Axes));
  auto largest       = result<T, rank>(to, side);
  auto where         = result<std::int64_t, rank>(places, side);
  const auto in      = bound<T, 2>(pa);
  bench::repeat(times, [&] { f.into(largest, where)(in); });
}

}  // namespace agnesis

template <class T>
reductions_of<T> by_agnesi() {
  using namespace agnesis;
  return {{nullptr, sums<3, 0>, sums<3, 1>, sums<3, 0, 1>, sums<3, 2>, sums<3, 0, 2>, sums<3, 1, 2>, sums<3, 0, 1, 2>},
          {nullptr, sums<2, 0>, sums<2, 1>, sums<2, 0, 1>},
          {nullptr, largest<0>, largest<1>, largest<0, 1>},
          {nullptr, where<0>, where<1>, where_of_all},
          {nullptr, moments<0>, moments<1>, moments<0, 1>},
          moments_of_cube,
          {nullptr, both<0>, both<1>, both<0, 1>}};
}

}  // namespace reductions
