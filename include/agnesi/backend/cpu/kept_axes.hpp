// SPDX-License-Identifier: BSD-3-Clause
// Reductions that keep some axes, in the ways that are quicker than to begin and end a total for every row: memory is read in
// its order, several rows at a call, and short rows side by side.
//   kept_axes_walk<float> walk{{shape, slots, n, kernel, …}}; walk.run();
#pragma once

#include "agnesi/backend/cpu/walk.hpp"

namespace agnesi::loop {

template <class F>
struct kept_axes_walk : pack_walk<F> {
  using walk = pack_walk<F>;
  using walk::shape, walk::slots, walk::n_slots, walk::kernel, walk::cells, walk::at, walk::keep, walk::buffers,
      walk::totals, walk::rows_aside, walk::row_step, walk::block, walk::pending, walk::some_aside, walk::several_rows,
      walk::all_direct, walk::lanes, walk::each_reduction, walk::grouped, walk::begin_row_of_totals,
      walk::end_row_of_totals, walk::put_totals, walk::clear_row, walk::add_to_rows_aside, walk::stage;

  void run() {
    walk::prepare();
    row_view view{at, keep, cells, totals};
    const int inner = shape.rank - 1;
    if (grouped && shape.kept > 0 && (inner == shape.kept || longer_strides(shape.kept, shape.kept - 1)))
      run_rows(view);
    else if (several_rows && all_direct && shape.row() < short_row && one_behind_the_other()) run_wide_rows(view);
    else if (several_rows) run_down(view);
    else walk::go();
  }

  bool longer_strides(int axis, int than) const {
    double difference = 0;
    for (int k = 0; k < n_slots; ++k)
      if (slots[k].what != kind::reduce)
        difference += detail::magnitude(slots[k].strides[axis]) - detail::magnitude(slots[k].strides[than]);
    return difference > 0;
  }
  bool one_behind_the_other() const {
    for (int k = 0; k < n_slots; ++k)
      if (slots[k].what != kind::reduce && slots[k].strides[shape.rank - 2] != shape.row() * slots[k].strides[shape.rank - 1])
        return false;
    return true;
  }

  // A result for each row, all of it read in place. Further axes that are reduced lie outside an axis that is kept: memory is
  // read in its order, and each result has a total of its own, in double as there may be many.
  void run_rows(row_view& view) {
    const int axis = shape.kept - 1;
    do {
      for (std::ptrdiff_t from = 0; from < shape.extents[axis]; from += totals_block) {
        const std::ptrdiff_t rest = shape.extents[axis] - from, count = rest < totals_block ? rest : totals_block;
        some_aside = false;
        do {
          walk::run_rows(view, axis, from, count);
          if (shape.rank - 1 > shape.kept) add_to_rows_aside(count);
        } while (shape.advance(slots, n_slots, shape.kept, shape.rank - 1));
        each_reduction([&](int k, int r) { put_totals(k, r, axis, from, count); });
      }
    } while (shape.advance(slots, n_slots, 0, axis));
  }

  // Columns of short rows that lie one behind the other: so many of them are a row that there is something to do in it.
  void run_wide_rows(row_view& view) {
    const int axis = shape.rank - 2;
    const std::ptrdiff_t n = shape.row(), wide = 4 * short_row / n * n, total = shape.extents[axis] * n;
    for (int k = 0; k < n_slots; ++k) row_step[k] = slots[k].what == kind::reduce ? 0 : wide * slots[k].bytes;
    view.row_step = row_step;
    do {
      begin_row_of_totals(wide);
      do {
        for (std::ptrdiff_t from = 0; from < total;) {
          const std::ptrdiff_t rest = (total - from) / wide, space = sum_rows - pending;
          view.rows = rest == 0 ? 1 : rest < space ? rest : space;
          const std::ptrdiff_t count = rest == 0 ? total - from : wide;
          for (int k = 0; k < n_slots; ++k)
            at[k] = slots[k].what == kind::reduce ? reinterpret_cast<char*>(buffers[k])
                                                  : slots[k].data + slots[k].offset + from * slots[k].bytes;
          kernel(view, count);
          from += view.rows * count;
          pending += view.rows;
          if (pending < sum_rows) continue;
          pending = 0;
          add_to_rows_aside(wide);
          clear_row(wide);
        }
      } while (shape.advance(slots, n_slots, shape.kept, axis));
      add_to_rows_aside(wide);
      pending = 0;
      each_reduction([&](int k, int r) {
        double* aside = rows_aside + r * totals_block;
        for (std::ptrdiff_t i = n; i < wide; ++i) aside[i % n] = combined(slots[k].how, aside[i % n], aside[i]);
      });
      end_row_of_totals(0, n);
    } while (shape.advance(slots, n_slots, 0, shape.kept));
  }

  // Reductions down the columns, where the rows are alike: several of them at a call. The axis outside the innermost is the
  // rows'.
  void run_down(row_view& view) {
    const int axis = shape.rank - 2;
    for (int k = 0; k < n_slots; ++k) row_step[k] = slots[k].strides[axis];
    view.row_step = row_step;
    view.streams = walk::streams;
    do {
      for (std::ptrdiff_t from = 0; from < shape.row(); from += block) {
        const std::ptrdiff_t count = shape.row() - from < block ? shape.row() - from : block;
        begin_row_of_totals(count);
        do add_rows(view, from, count);
        while (shape.advance(slots, n_slots, shape.kept, axis));
        end_row_of_totals(from, count);
      }
    } while (shape.advance(slots, n_slots, 0, shape.kept));
  }
  void add_rows(row_view& view, std::ptrdiff_t from, std::ptrdiff_t count) {
    const int axis = shape.rank - 2;
    for (std::ptrdiff_t row = 0; row < shape.extents[axis]; row += view.rows) {
      const std::ptrdiff_t rest = shape.extents[axis] - row, space = sum_rows - pending;
      view.rows = rest < space ? rest : space;
      stage(from, count);
      for (int k = 0; k < n_slots; ++k)
        if (slots[k].by == access::direct) at[k] += row * slots[k].strides[axis];
      kernel(view, count);
      pending += view.rows;
      if (pending < sum_rows) continue;
      pending = 0;
      add_to_rows_aside(count);
      clear_row(count);
    }
  }
};

}  // namespace agnesi::loop
