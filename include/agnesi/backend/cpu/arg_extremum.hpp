// SPDX-License-Identifier: BSD-3-Clause
// Where the largest or the smallest element is: the first of equal ones, and the first NaN where there is any.
//   arg_extremum<float, true>(out, x, mask);   // out[...] = place of the largest over the axes of the mask
//   arg_extremum<float, true>(out, x, mask, values);   // values[...] = the largest, too
// Blocks are looked through by value alone, as fast as memory goes; only in the block that has it the place is looked up.
#pragma once

#include "agnesi/backend/cpu/place.hpp"
#include "agnesi/backend/cpu/simd.hpp"

namespace agnesi::cpu {

namespace detail {

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
template <class T>
inline constexpr bool in_packs = (std::is_same_v<T, float> || std::is_same_v<T, double>) && simd::lanes<T> > 1;

// The best value of n elements side by side.
template <class T, bool Largest>
T best_of_row(const T* x, std::ptrdiff_t n) {
  T best = x[0];
  std::ptrdiff_t i = 0;
  if constexpr (in_packs<T>) {
    constexpr std::ptrdiff_t lanes = simd::lanes<T>;
    if (n >= 4 * lanes) {
      simd::pack<T> b[4] = {simd::load<T>(x), simd::load<T>(x + lanes), simd::load<T>(x + 2 * lanes), simd::load<T>(x + 3 * lanes)};
      for (i = 4 * lanes; i + 4 * lanes <= n; i += 4 * lanes) {
        b[0] = better<T, Largest>(b[0], simd::load<T>(x + i));
        b[1] = better<T, Largest>(b[1], simd::load<T>(x + i + lanes));
        b[2] = better<T, Largest>(b[2], simd::load<T>(x + i + 2 * lanes));
        b[3] = better<T, Largest>(b[3], simd::load<T>(x + i + 3 * lanes));
      }
      const auto all = better<T, Largest>(better<T, Largest>(b[0], b[1]), better<T, Largest>(b[2], b[3]));
      best = Largest ? simd::max<T>(all) : simd::min<T>(all);
    }
  } else {
    constexpr int group = 16;
    if (n >= group) {
      T b[group];
      for (int l = 0; l < group; ++l) b[l] = x[l];
      for (i = group; i + group <= n; i += group)
        for (int l = 0; l < group; ++l) b[l] = is_better<T, Largest>(x[i + l], b[l]) ? x[i + l] : b[l];
      for (int l = 0; l < group; ++l) best = is_better<T, Largest>(b[l], best) ? b[l] : best;
    }
  }
  for (; i < n; ++i)
    if (is_better<T, Largest>(x[i], best)) best = x[i];
  return best;
}

// One of n elements is known to be like it.
template <class T>
std::ptrdiff_t first_like(const T* x, std::ptrdiff_t n, std::ptrdiff_t stride, T value) {
  std::ptrdiff_t k = 0;
  if constexpr (in_packs<T>)
    if (stride == 1 && !simd::is_nan(value)) {
      const simd::pack<T> wanted = simd::splat<T>(value);
      while (k + simd::lanes<T> <= n && !simd::any_lane<T>(simd::load<T>(x + k) == wanted)) k += simd::lanes<T>;
    }
  while (simd::is_nan(value) ? !simd::is_nan(x[k * stride]) : !(x[k * stride] == value)) ++k;
  return k;
}

template <class T, bool Largest>
std::int64_t place_in_row(const T* x, std::ptrdiff_t n) {
  constexpr std::ptrdiff_t block = 1024;
  std::ptrdiff_t where = 0;
  T best = best_of_row<T, Largest>(x, n < block ? n : block);
  for (std::ptrdiff_t from = block; from < n && !simd::is_nan(best); from += block) {
    const T here = best_of_row<T, Largest>(x + from, n - from < block ? n - from : block);
    if (is_better<T, Largest>(here, best)) best = here, where = from;
  }
  return where + first_like(x + where, n - where, 1, best);
}

// The columns of n rows, `columns` of them side by side, at most a block.
inline constexpr std::ptrdiff_t columns_at_once = 256;
template <class T, bool Largest>
void places_in_columns(const T* x, std::ptrdiff_t n, std::ptrdiff_t stride, std::ptrdiff_t columns, std::int64_t* out,
                       std::ptrdiff_t out_stride, T* values, std::ptrdiff_t values_stride) {
  constexpr std::ptrdiff_t rows = 64;
  T best[columns_at_once], here[columns_at_once];
  std::ptrdiff_t where[columns_at_once]{};
  for (std::ptrdiff_t from = 0; from < n; from += rows) {
    T* const value = from == 0 ? best : here;
    const std::ptrdiff_t end = from + rows < n ? from + rows : n;
    for (std::ptrdiff_t j = 0; j < columns; ++j) value[j] = x[from * stride + j];
    for (std::ptrdiff_t r = from + 1; r < end; ++r) {
      const T* row = x + r * stride;
      std::ptrdiff_t j = 0;
      if constexpr (in_packs<T>) {
        constexpr std::ptrdiff_t lanes = simd::lanes<T>;
        for (; j + lanes <= columns; j += lanes)
          simd::store<T>(value + j, better<T, Largest>(simd::load<T>(value + j), simd::load<T>(row + j)));
      }
      for (; j < columns; ++j) value[j] = is_better<T, Largest>(row[j], value[j]) ? row[j] : value[j];
    }
    for (std::ptrdiff_t j = 0; from > 0 && j < columns; ++j)
      if (is_better<T, Largest>(here[j], best[j])) best[j] = here[j], where[j] = from;
  }
  for (std::ptrdiff_t j = 0; j < columns; ++j)
    out[j * out_stride] = where[j] + first_like(x + where[j] * stride + j, n - where[j], stride, best[j]);
  for (std::ptrdiff_t j = 0; values != nullptr && j < columns; ++j) values[j * values_stride] = best[j];
}

}  // namespace detail

// The place of the first largest (or smallest) element over the axes of the mask, and the element itself where `values`
// have memory; a NaN wins.
template <class T, bool Largest>
void arg_extremum(const seen& out, const seen& x, std::int64_t mask, const seen& values = {}) {
  std::ptrdiff_t kept[max_rank]{}, kept_x[max_rank]{}, kept_out[max_rank]{}, kept_values[max_rank]{};
  std::ptrdiff_t gone[max_rank]{}, gone_x[max_rank]{};
  int n_kept = 0, n_gone = 0;
  for (int k = 0; k < x.rank; ++k) {
    if ((mask >> k & 1) != 0) {
      if (x.extents[k] == 1) continue;
      if (n_gone > 0 && gone_x[n_gone - 1] == x.strides[k] * x.extents[k]) {
        gone[n_gone - 1] *= x.extents[k];
        gone_x[n_gone - 1] = x.strides[k];
        continue;
      }
      gone[n_gone] = x.extents[k];
      gone_x[n_gone++] = x.strides[k];
    } else {
      kept[n_kept] = x.extents[k];
      kept_x[n_kept] = x.strides[k];
      kept_out[n_kept] = out.strides[n_kept];
      kept_values[n_kept] = values.strides[n_kept];
      ++n_kept;
    }
  }
  const T* data = static_cast<const T*>(x.data);
  std::int64_t* places = static_cast<std::int64_t*>(out.data);
  T* found = static_cast<T*>(values.data);
  if (n_gone == 1 && gone_x[0] == 1)
    return for_each_index<3>(n_kept, kept, {kept_x, kept_out, kept_values}, [&](const std::ptrdiff_t* at) {
      const std::int64_t place = places[at[1]] = detail::place_in_row<T, Largest>(data + at[0], gone[0]);
      if (found != nullptr) found[at[2]] = data[at[0] + place];
    });
  if (n_gone == 1)
    for (int k = 0; k < n_kept; ++k) {
      if (kept_x[k] != 1 || kept[k] < 8) continue;
      const std::ptrdiff_t columns = kept[k], step = kept_out[k], values_step = kept_values[k];
      kept[k] = 1;
      return for_each_index<3>(n_kept, kept, {kept_x, kept_out, kept_values}, [&](const std::ptrdiff_t* at) {
        for (std::ptrdiff_t j = 0; j < columns; j += detail::columns_at_once)
          detail::places_in_columns<T, Largest>(data + at[0] + j, gone[0], gone_x[0],
                                                columns - j < detail::columns_at_once ? columns - j : detail::columns_at_once,
                                                places + at[1] + j * step, step,
                                                found == nullptr ? found : found + at[2] + j * values_step, values_step);
      });
    }
  for_each_index<3>(n_kept, kept, {kept_x, kept_out, kept_values}, [&](const std::ptrdiff_t* at) {
    const T* e = data + at[0];
    std::int64_t best = 0, k = 0;
    T value = *e;
    for_each_index<1>(n_gone, gone, {gone_x}, [&](const std::ptrdiff_t* of) {
      if (detail::is_better<T, Largest>(e[of[0]], value)) {
        best = k;
        value = e[of[0]];
      }
      ++k;
    });
    places[at[1]] = best;
    if (found != nullptr) found[at[2]] = value;
  });
}

}  // namespace agnesi::cpu
