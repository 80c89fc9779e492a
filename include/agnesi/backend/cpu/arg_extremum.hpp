// SPDX-License-Identifier: BSD-3-Clause
// Where the largest or the smallest element is: the first of equal ones, and the first NaN where there is any.
//   arg_extremum<float, true>(out, x, mask);   // out[...] = place of the largest over the axes of the mask
//   arg_extremum<float, true>(out, x, mask, values, threads);   // values[...] = the largest, too
#pragma once

#include "agnesi/backend/cpu/arg_search.hpp"
#include "agnesi/backend/cpu/place.hpp"
#include "agnesi/backend/cpu/threads.hpp"

namespace agnesi::cpu {

namespace detail {

// Axes that are kept and such that are searched, those that lie one behind the other as one.
template <class T, bool Largest>
struct arg_nest {
  const T* data;
  std::int64_t* places;
  T* found;  // or null
  int n_kept = 0, n_gone = 0;
  std::ptrdiff_t kept[max_rank]{}, kept_x[max_rank]{}, kept_out[max_rank]{}, kept_found[max_rank]{};
  std::ptrdiff_t gone[max_rank]{}, gone_x[max_rank]{};

  arg_nest(const seen& out, const seen& x, std::int64_t mask, const seen& values)
      : data(static_cast<const T*>(x.data)), places(static_cast<std::int64_t*>(out.data)), found(static_cast<T*>(values.data)) {
    for (int k = 0, o = 0; k < x.rank; ++k) {
      const std::ptrdiff_t extent = x.extents[k], stride = x.strides[k];
      if ((mask >> k & 1) != 0) {
        if (extent == 1) continue;
        if (n_gone > 0 && gone_x[n_gone - 1] == stride * extent) gone[n_gone - 1] *= extent;
        else gone[n_gone++] = extent;
        gone_x[n_gone - 1] = stride;
      } else {
        const std::ptrdiff_t to = out.strides[o], to_found = values.strides[o];
        ++o;
        const int last = n_kept - 1;
        if (last >= 0 && kept_x[last] == stride * extent && kept_out[last] == to * extent && kept_found[last] == to_found * extent)
          kept[last] *= extent;
        else
          kept[n_kept++] = extent;
        kept_x[n_kept - 1] = stride, kept_out[n_kept - 1] = to, kept_found[n_kept - 1] = to_found;
      }
    }
  }

  void run() {
    if (n_gone > 0 && gone_x[n_gone - 1] == 1) return along_rows();
    if (n_gone == 1)
      for (int k = 0; k < n_kept; ++k)
        if (kept_x[k] == 1 && kept[k] >= 8) return down_columns(k);
    one_by_one();
  }

#ifdef _OPENMP
  static constexpr int most_parts = 64;
  static constexpr std::ptrdiff_t most_apart = 256;

  bool run_in_parts(int threads) {
    std::ptrdiff_t results = 1, searched = 1;
    for (int k = 0; k < n_kept; ++k) results *= kept[k];
    for (int k = 0; k < n_gone; ++k) searched *= gone[k];
    int parts = parts_for(static_cast<double>(results) * static_cast<double>(searched) * sizeof(T), threads);
    if (parts == 1) return false;
    parts = parts < most_parts ? parts : most_parts;
    // The axis of the longest strides that is kept; pieces of columns that lie side by side are of whole cache lines.
    int axis = -1;
    for (int k = 0; k < n_kept; ++k) {
      const std::ptrdiff_t even = (kept[k] + parts - 1) / parts, line = kept_x[k] == 1 ? 64 : 1;
      if (even >= line && even * parts * 4 <= kept[k] * 5 && (axis < 0 || magnitude(kept_x[k]) > magnitude(kept_x[axis]))) axis = k;
    }
    if (axis >= 0) {
      const std::ptrdiff_t grain = kept_x[axis] == 1 && kept[axis] >= 256 * parts ? 64 : 1;
      parallel(parts, [&](int part) {
        const std::ptrdiff_t begin = part_begin(kept[axis], parts, part, grain);
        arg_nest own = *this;
        own.kept[axis] = part_begin(kept[axis], parts, part + 1, grain) - begin;
        own.data += begin * kept_x[axis];
        own.places += begin * kept_out[axis];
        if (found != nullptr) own.found += begin * kept_found[axis];
        own.run();
      });
      return true;
    }
    if (results * parts > most_apart || n_gone == 0 || gone[0] < 4 * parts) return false;
    // Each part searches a piece of the outermost axis; the first of them that has the best element counts.
    T value[most_apart];
    std::int64_t place[most_apart];
    parallel(parts, [&](int part) {
      const std::ptrdiff_t grain = gone[0] >= 64 * parts ? 16 : 1, begin = part_begin(gone[0], parts, part, grain);
      arg_nest own = *this;
      own.gone[0] = part_begin(gone[0], parts, part + 1, grain) - begin;
      own.data += begin * gone_x[0];
      own.places = place + part * results;
      own.found = value + part * results;
      std::ptrdiff_t next = 1;
      for (int k = n_kept; k-- > 0; next *= kept[k]) own.kept_out[k] = own.kept_found[k] = next;
      own.run();
      for (std::ptrdiff_t k = 0; k < results; ++k) own.places[k] += begin * (searched / gone[0]);
    });
    std::ptrdiff_t k = 0;
    for_each_index<2>(n_kept, kept, {kept_out, kept_found}, [&](const std::ptrdiff_t* at) {
      std::ptrdiff_t best = k;
      for (int part = 1; part < parts; ++part)
        if (const std::ptrdiff_t here = part * results + k; is_better<T, Largest>(value[here], value[best])) best = here;
      places[at[0]] = place[best];
      if (found != nullptr) found[at[1]] = value[best];
      ++k;
    });
    return true;
  }
#endif

 private:
  static std::ptrdiff_t magnitude(std::ptrdiff_t stride) { return stride < 0 ? -stride : stride; }

  template <class F>
  void each_result(F f) {
    for_each_index<3>(n_kept, kept, {kept_x, kept_out, kept_found}, [&](const std::ptrdiff_t* at) {
      const best_place<T> best = f(data + at[0]);
      places[at[1]] = best.place;
      if (found != nullptr) found[at[2]] = best.value;
    });
  }
  void along_rows() {
    const std::ptrdiff_t n = gone[n_gone - 1];
    each_result([&](const T* x) {
      best_place<T> best = place_in_row<T, Largest>(x, n);
      if (n_gone == 1) return best;
      std::int64_t before = 0;
      for_each_index<1>(n_gone - 1, gone, {gone_x}, [&](const std::ptrdiff_t* at) {
        const best_place<T> here = before == 0 ? best : place_in_row<T, Largest>(x + at[0], n);
        if (is_better<T, Largest>(here.value, best.value)) best = {here.value, before + here.place};
        before += n;
      });
      return best;
    });
  }
  void down_columns(int axis) {
    const std::ptrdiff_t columns = kept[axis], step = kept_out[axis], found_step = kept_found[axis];
    kept[axis] = columns > 0;
    for_each_index<3>(n_kept, kept, {kept_x, kept_out, kept_found}, [&](const std::ptrdiff_t* at) {
      for (std::ptrdiff_t j = 0; j < columns; j += columns_at_once<T>) {
        const std::ptrdiff_t rest = columns - j, count = rest < columns_at_once<T> ? rest : columns_at_once<T>;
        places_in_columns<T, Largest>(data + at[0] + j, gone[0], gone_x[0], count, places + at[1] + j * step, step,
                                      found == nullptr ? found : found + at[2] + j * found_step, found_step);
      }
    });
  }
  void one_by_one() {
    each_result([&](const T* x) {
      best_place<T> best{*x, 0};
      std::int64_t k = 0;
      for_each_index<1>(n_gone, gone, {gone_x}, [&](const std::ptrdiff_t* at) {
        if (is_better<T, Largest>(x[at[0]], best.value)) best = {x[at[0]], k};
        ++k;
      });
      return best;
    });
  }
};

}  // namespace detail

// The place of the first largest (or smallest) element over the axes of the mask, and the element itself where `values`
// have memory; a NaN wins.
template <class T, bool Largest>
void arg_extremum(const seen& out, const seen& x, std::int64_t mask, const seen& values = {}, [[maybe_unused]] int threads = 1) {
  detail::arg_nest<T, Largest> nest(out, x, mask, values);
#ifdef _OPENMP
  if (nest.run_in_parts(threads)) return;
#endif
  nest.run();
}

}  // namespace agnesi::cpu
