// SPDX-License-Identifier: BSD-3-Clause
// The best element and the first place that has it: of a row, and of columns side by side.
//   best_place<float> b = place_in_row<float, true>(x, n);   // b.value, b.place: the largest
// A NaN is best. Where a lane's best came from is kept in a pack beside it, as numbers of the elements' type.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "agnesi/backend/cpu/simd.hpp"
#include "agnesi/core/each_constant.hpp"

namespace agnesi::cpu::detail {

template <class T>
struct best_place {
  T value;
  std::int64_t place;
};

template <class T, bool Largest>
constexpr bool is_better(T v, T than) {
  return simd::replaces<Largest>(v, than) && !(simd::is_nan(v) && simd::is_nan(than));
}
// Of two packs or numbers the better; NaN is best.
template <class T, bool Largest, class V>
[[gnu::always_inline]] inline V better(const V& a, const V& b) {
  if constexpr (Largest) return simd::larger<T>(a, b);
  else return simd::smaller<T>(a, b);
}
template <class T, bool Largest>
[[gnu::always_inline]] inline simd::pack<T> better_number(const simd::pack<T>& a, const simd::pack<T>& b) {
  if constexpr (Largest) return simd::larger_number<T>(a, b);
  else return simd::smaller_number<T>(a, b);
}
template <class T>
inline constexpr bool in_packs = (std::is_same_v<T, float> || std::is_same_v<T, double>) && simd::lanes<T> > 1;

// One of the elements is NaN.
template <class T>
std::ptrdiff_t first_nan(const T* x, std::ptrdiff_t stride) {
  std::ptrdiff_t k = 0;
  while (!simd::is_nan(x[k * stride])) ++k;
  return k;
}

// The best of each lane so far, and where it was; of a NaN the number means nothing.
template <class T, bool Largest>
struct best_lanes {
  simd::pack<T> value, number;

  [[gnu::always_inline]] void take(const simd::pack<T>& v, const simd::pack<T>& its_number) {
    number = simd::choose<T>(Largest ? value < v : v < value, its_number, number);
    value = better<T, Largest>(v, value);
  }
  // The same in fewer instructions, where it is seen to otherwise that no lane is NaN.
  [[gnu::always_inline]] void take_number(const simd::pack<T>& v, const simd::pack<T>& its_number) {
    number = simd::choose<T>(Largest ? value < v : v < value, its_number, number);
    value = better_number<T, Largest>(v, value);
  }
};

// The best of all lanes, none of which is NaN.
template <class T, bool Largest>
[[gnu::always_inline]] inline T across(const simd::pack<T>& v) {
  return simd::detail::across<T>(v, [](const auto& a, const auto& b) {
    if constexpr (Largest) return simd::larger_number<T>(a, b);
    else return simd::smaller_number<T>(a, b);
  });
}

template <class T, int Lanes>
struct counted_lanes {
  T at[Lanes];
  constexpr counted_lanes() : at{} {
    for (int k = 0; k < Lanes; ++k) at[k] = static_cast<T>(k);
  }
};
template <class T>
inline constexpr counted_lanes<T, simd::lanes<T>> lane_numbers{};

// Of a row that is not too long for a float to count its elements. There is no jump that depends on where the best one is: rows of
// 100 would take twice the time. Numbers are those of a pack's first element.
template <class T, bool Largest>
best_place<T> place_in_short_row(const T* x, std::ptrdiff_t n) {
  using pack = simd::pack<T>;
  constexpr std::ptrdiff_t lanes = simd::lanes<T>;
  const pack own = simd::load<T>(lane_numbers<T>.at), none = simd::splat<T>(static_cast<T>(n));
  // The least of the places where v is the best.
  const auto found = [&](T value, const pack& v, const pack& places) __attribute__((always_inline)) {
    return static_cast<std::ptrdiff_t>(detail::across<T, false>(simd::choose<T>(v == simd::splat<T>(value), places, none)));
  };
  const auto nan_found = [&] { return best_place<T>{std::numeric_limits<T>::quiet_NaN(), first_nan(x, 1)}; };
  if (n < lanes) {
    const pack some = simd::load_first<T>(x, n),
               worst = simd::splat<T>(Largest ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::infinity());
    if (simd::any_lane<T>(simd::nan_lanes<T>(some))) return nan_found();
    const pack v = simd::choose<T>(simd::first_lanes<T>(n), some, worst);
    const T value = detail::across<T, Largest>(v);
    return {value, found(value, v, own)};
  }
  best_lanes<T, Largest> best{simd::load<T>(x), simd::splat<T>(T(0))};
  simd::mask<T> nan = simd::nan_lanes<T>(best.value);
  std::ptrdiff_t i = lanes;
  pack number = simd::splat<T>(static_cast<T>(lanes));
  const pack further = number, round = simd::splat<T>(static_cast<T>(4 * lanes));
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    const pack a = simd::load<T>(x + i), b = simd::load<T>(x + i + lanes);
    const pack c = simd::load<T>(x + i + 2 * lanes), d = simd::load<T>(x + i + 3 * lanes);
    nan = nan || (simd::either_nan<T>(a, b) || simd::either_nan<T>(c, d));
    best.take_number(better_number<T, Largest>(better_number<T, Largest>(a, b), better_number<T, Largest>(c, d)), number);
    number = number + round;
  }
  const bool in_rounds = i > lanes;
  const auto take_one = [&](std::ptrdiff_t at) __attribute__((always_inline)) {
    const pack v = simd::load<T>(x + at);
    nan = nan || simd::nan_lanes<T>(v);
    best.take_number(v, simd::splat<T>(static_cast<T>(at)));
  };
  for (; i + lanes <= n; i += lanes) take_one(i);
  if (i < n) take_one(n - lanes);  // some elements once more
  if (simd::any_lane<T>(nan)) return nan_found();
  const T value = detail::across<T, Largest>(best.value);
  std::ptrdiff_t place = found(value, best.value, best.number + own);
  if (in_rounds) {  // so far all that is known is the first round that has it
    std::ptrdiff_t from = place / lanes * lanes;
    if (from > n - 4 * lanes) from = n - 4 * lanes;
    const pack wanted = simd::splat<T>(value);
    pack there = none, here = own;
    each_constant<4>([&](auto u) __attribute__((always_inline)) {
      there = simd::smaller_number<T>(there, simd::choose<T>(simd::load<T>(x + from + u * lanes) == wanted, here, none));
      here = here + further;
    });
    place = from + static_cast<std::ptrdiff_t>(detail::across<T, false>(there));
  }
  return {value, place};
}

template <class T, bool Largest>
best_place<T> place_in_row(const T* x, std::ptrdiff_t n) {
  if constexpr (in_packs<T>) {
    constexpr std::ptrdiff_t most = 32768;  // so that a NaN ends the search, too
    best_place<T> best = place_in_short_row<T, Largest>(x, n < most ? n : most);
    for (std::ptrdiff_t from = most; from < n && !simd::is_nan(best.value); from += most) {
      const best_place<T> here = place_in_short_row<T, Largest>(x + from, n - from < most ? n - from : most);
      if (is_better<T, Largest>(here.value, best.value)) best = {here.value, from + here.place};
    }
    return best;
  } else {
    best_place<T> best{x[0], 0};
    for (std::ptrdiff_t i = 1; i < n; ++i)
      if (is_better<T, Largest>(x[i], best.value)) best = {x[i], i};
    return best;
  }
}

// How many columns are done at once: what is kept of them stays in the first cache.
template <class T>
inline constexpr std::ptrdiff_t columns_at_once = 4096 / std::ptrdiff_t{sizeof(T)};

// The best of n rows, few enough to be counted by a float, in every column; a column with a NaN is to be looked through.
template <class T, bool Largest>
void best_in_columns(const T* x, std::ptrdiff_t n, std::ptrdiff_t stride, std::ptrdiff_t columns, T* value, T* number) {
  if constexpr (in_packs<T>) {
    constexpr std::ptrdiff_t lanes = simd::lanes<T>;
    using pack = simd::pack<T>;
    // f(j, how to load): over packs of columns, the last one perhaps in part.
    const auto each_pack = [&](auto f) __attribute__((always_inline)) {
      std::ptrdiff_t j = 0;
      for (; j + lanes <= columns; j += lanes) f(j, [](const T* at) __attribute__((always_inline)) { return simd::load<T>(at); });
      if (j < columns)
        f(j, [rest = columns - j](const T* at) __attribute__((always_inline)) { return simd::load_first<T>(at, rest); });
    };
    each_pack([&](std::ptrdiff_t j, auto load) __attribute__((always_inline)) {
      simd::store<T>(value + j, load(x + j));
      simd::store<T>(number + j, simd::splat<T>(T(0)));
    });
    std::ptrdiff_t r = 1;
    for (; r + 4 <= n; r += 4) {
      const T *a = x + r * stride, *b = a + stride, *c = b + stride, *d = c + stride;
      const pack first = simd::splat<T>(static_cast<T>(r)), second = simd::splat<T>(static_cast<T>(r + 1)),
                 third = simd::splat<T>(static_cast<T>(r + 2)), fourth = simd::splat<T>(static_cast<T>(r + 3));
      each_pack([&](std::ptrdiff_t j, auto load) __attribute__((always_inline)) {
        best_lanes<T, Largest> two{load(a + j), first}, others{load(c + j), third};
        two.take(load(b + j), second);
        others.take(load(d + j), fourth);
        two.take(others.value, others.number);
        best_lanes<T, Largest> best{simd::load<T>(value + j), simd::load<T>(number + j)};
        best.take(two.value, two.number);
        simd::store<T>(value + j, best.value);
        simd::store<T>(number + j, best.number);
      });
    }
    for (; r < n; ++r)
      each_pack([&, row = x + r * stride](std::ptrdiff_t j, auto load) __attribute__((always_inline)) {
        best_lanes<T, Largest> best{simd::load<T>(value + j), simd::load<T>(number + j)};
        best.take(load(row + j), simd::splat<T>(static_cast<T>(r)));
        simd::store<T>(value + j, best.value);
        simd::store<T>(number + j, best.number);
      });
  }
}

// The columns of n rows, at most columns_at_once; to[j * to_stride] and, where there is room for them, values.
template <class T, bool Largest>
void places_in_columns(const T* x, std::ptrdiff_t n, std::ptrdiff_t stride, std::ptrdiff_t columns, std::int64_t* out,
                       std::ptrdiff_t out_stride, T* values, std::ptrdiff_t values_stride) {
  T best[columns_at_once<T> + simd::lanes<T>];
  if constexpr (in_packs<T>) {
    constexpr std::ptrdiff_t most = std::ptrdiff_t{1} << 22;
    alignas(64) T value[columns_at_once<T> + simd::lanes<T>];
    alignas(64) T number[columns_at_once<T> + simd::lanes<T>];
    for (std::ptrdiff_t from = 0; from < n; from += most) {
      const T* rows = x + from * stride;
      best_in_columns<T, Largest>(rows, n - from < most ? n - from : most, stride, columns, value, number);
      for (std::ptrdiff_t j = 0; j < columns; ++j) {
        if (from > 0 && !is_better<T, Largest>(value[j], best[j])) continue;
        best[j] = value[j];
        out[j * out_stride] = from + (simd::is_nan(value[j]) ? first_nan(rows + j, stride) : static_cast<std::ptrdiff_t>(number[j]));
      }
    }
  } else {
    std::int64_t where[columns_at_once<T>]{};
    for (std::ptrdiff_t j = 0; j < columns; ++j) best[j] = x[j];
    for (std::ptrdiff_t r = 1; r < n; ++r)
      for (std::ptrdiff_t j = 0; j < columns; ++j) {
        const bool is = is_better<T, Largest>(x[r * stride + j], best[j]);
        best[j] = is ? x[r * stride + j] : best[j];
        where[j] = is ? r : where[j];
      }
    for (std::ptrdiff_t j = 0; j < columns; ++j) out[j * out_stride] = where[j];
  }
  for (std::ptrdiff_t j = 0; values != nullptr && j < columns; ++j) values[j * values_stride] = best[j];
}

}  // namespace agnesi::cpu::detail
