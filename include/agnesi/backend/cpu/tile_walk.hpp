// SPDX-License-Identifier: BSD-3-Clause
// The walk of an elementwise loop of which some operands are transposed: tiles of many rows, in which those operands are turned
// round, so that they are read by whole cache lines, and the kernel has its rows where it wants them.
//   if (tile_walk<float> tiles{walk}; tiles.applies()) tiles.run();
#pragma once

#include "agnesi/backend/cpu/walk.hpp"

namespace agnesi::loop {

// From the caches: two cache lines of a column, and as many columns as fill a fifth of L1 with them.
inline constexpr std::ptrdiff_t near_lines = 2, near_columns = 128;
// From memory: as many lines of a column as the processor foresees, and few columns, so that what is asked for stays in the caches.
inline constexpr std::ptrdiff_t far_rows = 128, far_bytes = 256;
// So many rows are written before the next lines are asked for: in one go they would keep the writes waiting.
inline constexpr std::ptrdiff_t far_rows_together = 2;

template <class F>
struct tile_walk {
  static constexpr std::ptrdiff_t bytes = sizeof(F), lanes = simd::lanes<F>, line = 64 / bytes;
  static constexpr std::ptrdiff_t square = 16;  // the widest pack: tiles are rows and columns of whole squares
  using other = std::conditional_t<sizeof(F) == 4, double, float>;

  pack_walk<F>& w;
  nest& shape = w.shape;
  int inner = shape.rank - 1, outer = shape.rank - 2;
  bool far = w.far, streams = w.far;
  std::ptrdiff_t height = 0, width = 0, pitch = 0;  // of a tile; from one of its rows to the next: whole packs are written there
  std::ptrdiff_t period = 1;                        // rows so far apart begin alike within a cache line, where stores stream
  std::ptrdiff_t repeated_rows = PTRDIFF_MAX;       // for so many there is room for what is repeated along each
  bool repeats = false;

  struct corner {
    std::ptrdiff_t row, column;
  };
  std::ptrdiff_t asked_rows = 0, asked_columns = 0;

  static std::ptrdiff_t least(std::ptrdiff_t a, std::ptrdiff_t b) { return a < b ? a : b; }

  bool is_turned(const loop_slot& s) const {
    return s.what == kind::load && s.bytes >= 4 && s.strides[outer] == s.bytes && shape.extents[outer] >= least_tile && shape.row() >= least_tile;
  }
  // Each operand is read and written in place, repeated along its row, or turned round, one of them at least.
  bool applies() {
    if (w.reduces || outer < 0 || shape.extents[outer] * shape.row() < least_of_tile) return false;
    std::ptrdiff_t turned = 0;
    for (int k = 0; k < w.n_slots; ++k) {
      loop_slot& s = w.slots[k];
      if (s.what == kind::iota) return false;
      s.bytes = size_of(s.memory);
      const std::ptrdiff_t stride = s.strides[inner];
      if (stride == s.bytes || (stride == 0 && s.what == kind::load)) continue;
      if (!is_turned(s)) return false;
      turned += s.bytes;
    }
    return turned > 0 && choose_tile(turned);
  }

  // False if there are too many of them; `turned` is the bytes of an element of each.
  bool choose_tile(std::ptrdiff_t turned) {
    constexpr unsigned space = tile_space<F> * bytes;  // short divisions take half the time
    const std::ptrdiff_t whole = (shape.row() + square - 1) / square * square;
    for (width = far ? far_bytes / bytes : least(near_columns, whole); width >= square && height == 0; width /= 2) {
      pitch = far ? width + square : width;
      const auto row = static_cast<unsigned>(pitch * turned);
      height = least(far ? far_rows * 4 / bytes : unsigned{near_lines * near_columns} / static_cast<unsigned>(pitch) * line, space / row) /
               square * square;
    }
    width = pitch - (far ? square : 0);
    return height > 0;
  }

  void run() {
    set_slots();
    const std::ptrdiff_t rows = shape.extents[outer], columns = shape.row();
    do {
      // From memory along the rows, so that these are in few pages; from the caches down the columns, whose lines are next to each other.
      if (far)
        for (std::ptrdiff_t row = 0; row < rows; row += height)
          for (std::ptrdiff_t column = 0; column < columns; column += width) run_tile({row, column});
      else
        for (std::ptrdiff_t column = 0; column < columns; column += width)
          for (std::ptrdiff_t row = 0; row < rows; row += height) run_tile({row, column});
    } while (shape.advance(w.slots, w.n_slots, 0, outer));
    if (streams) simd::stream_fence();
  }

  void set_slots() {
    char* free = reinterpret_cast<char*>(w.tiles);
    bool any_streams = false;
    for (int k = 0; k < w.n_slots; ++k) {
      loop_slot& s = w.slots[k];
      w.keep[k] = -1;
      w.row_step[k] = s.strides[outer];
      if (s.strides[inner] == s.bytes) {
        if (s.what != kind::store) continue;
        if (w.also_read(s)) streams = false;
        if (s.memory != dtype_of<F>) continue;
        any_streams = true;
        while (streams && s.strides[outer] * period % 64 != 0) period *= 2;
      } else if (s.strides[inner] == 0) {
        s.by = access::repeated;
        repeats = true;
        w.keep[k] = 0;
        w.staged[k] = w.nowhere;
        if (s.strides[outer] == 0) continue;
        w.row_step[k] = w.unrolled * lanes * s.bytes;
        repeated_rows = least(repeated_rows, buffered<F> * bytes / w.row_step[k]);
      } else {
        s.by = access::transposed;
        w.buffers[k] = reinterpret_cast<F*>(free);
        w.row_step[k] = pitch * s.bytes;
        free += height * w.row_step[k];
      }
    }
    streams = streams && any_streams;
    if (!streams) period = 1;
    for (int k = 0; k < w.n_slots; ++k)
      if (w.slots[k].by != access::repeated) w.row_step[k] *= period;
  }

  [[gnu::noinline]] void run_tile(corner c) {
    const std::ptrdiff_t rows = least(height, shape.extents[outer] - c.row), rest = shape.row() - c.column,
                         columns = least(streams ? width + line : width, rest);
    for (int k = 0; k < w.n_slots; ++k)
      if (w.slots[k].by == access::transposed) turn(k, c, rows, columns);
    asked_rows = asked_columns = 0;
    for (std::ptrdiff_t row = 0; row < period && row < rows; ++row) {
      const std::ptrdiff_t before = streams ? unaligned({c.row + row, c.column}) : -1, head = before > 0 ? before : 0,
                           count = period == 1 ? rows : (rows - row + period - 1) / period;
      if (head > 0 && c.column == 0) run_rows(c, row, count, 0, least(head, rest), false, false);
      if (head < rest) run_rows(c, row, count, head, least(width, rest - head), before >= 0, far);
    }
  }

  void turn(int k, corner c, std::ptrdiff_t rows, std::ptrdiff_t columns) {
    const loop_slot& s = w.slots[k];
    const char* from = s.data + s.offset + c.row * s.bytes + c.column * s.strides[inner];
    if (s.bytes == bytes) turn_as<F>(k, from, rows, columns);
    else turn_as<other>(k, from, rows, columns);
  }
  template <class Moved>
  void turn_as(int k, const char* from, std::ptrdiff_t rows, std::ptrdiff_t columns) {
    stage_tile(reinterpret_cast<Moved*>(w.buffers[k]), pitch, reinterpret_cast<const Moved*>(from),
               w.slots[k].strides[inner] / std::ptrdiff_t{sizeof(Moved)}, rows, columns);
  }

  // So many elements lie before the first whole cache line of all that is written; -1 where they differ.
  std::ptrdiff_t unaligned(corner c) const {
    std::ptrdiff_t all = -1;
    for (int k = 0; k < w.n_slots; ++k) {
      const loop_slot& s = w.slots[k];
      if (s.what != kind::store || s.memory != dtype_of<F>) continue;
      const auto at = reinterpret_cast<std::uintptr_t>(s.data + s.offset + c.row * s.strides[outer] + c.column * bytes);
      const auto own = static_cast<std::ptrdiff_t>(-at % 64);
      if (own % bytes != 0 || (all >= 0 && all != own / bytes)) return -1;
      all = own / bytes;
    }
    return all;
  }

  // Rows `row`, row + period, … of a tile, elements from … from + count - 1 of it.
  [[gnu::noinline]] void run_rows(corner c, std::ptrdiff_t row, std::ptrdiff_t rows, std::ptrdiff_t from, std::ptrdiff_t count, bool streamed, bool asks) {
    row_view view{w.at, w.keep, w.cells, w.totals, streamed, 1, w.row_step};
    const std::ptrdiff_t most = least(far ? far_rows_together : rows, repeated_rows);
    for (int k = 0; k < w.n_slots; ++k) {
      const loop_slot& s = w.slots[k];
      w.at[k] = s.by == access::direct       ? s.data + s.offset + (c.row + row) * s.strides[outer] + (c.column + from) * s.bytes
                : s.by == access::transposed ? reinterpret_cast<char*>(w.buffers[k]) + (row * pitch + from) * s.bytes
                                             : reinterpret_cast<char*>(w.buffers[k]);
    }
    for (; rows > 0; rows -= view.rows, row += view.rows * period) {
      view.rows = least(rows, most);
      if (repeats) repeat(c.row + row, view.rows);
      w.kernel(view, count);
      for (int k = 0; k < w.n_slots; ++k)
        if (w.slots[k].by != access::repeated) w.at[k] += view.rows * w.row_step[k];
      if (asks) ask(c, row, view.rows);
    }
  }

  // The packs of what is repeated along each of so many rows, or along all of them.
  void repeat(std::ptrdiff_t row, std::ptrdiff_t rows) {
    for (int k = 0; k < w.n_slots; ++k) {
      const loop_slot& s = w.slots[k];
      const std::ptrdiff_t offset = s.offset + row * s.strides[outer];
      if (s.by != access::repeated || (s.strides[outer] == 0 && w.staged[k] == offset)) continue;
      w.staged[k] = offset;
      for (std::ptrdiff_t r = 0; r < rows && (r == 0 || s.strides[outer] != 0); ++r)
        w.repeat(s, offset + r * period * s.strides[outer], w.at[k] + r * w.row_step[k], w.unrolled * lanes);
    }
  }

  // While these rows of a tile are written, the same of the next one is asked for, and as much of its columns.
  void ask(corner c, std::ptrdiff_t row, std::ptrdiff_t rows) {
    const std::ptrdiff_t all_rows = shape.extents[outer], all_columns = shape.row();
    corner next{c.row, c.column + width + (streams ? line : 0)};
    if (c.column + width >= all_columns) next = {c.row + height, 0};
    const bool in_next_plane = next.row >= all_rows;
    if (in_next_plane && (outer == 0 || shape.index[outer - 1] + 1 == shape.extents[outer - 1])) return;
    if (in_next_plane) next.row = 0;
    asked_rows += rows;
    const std::ptrdiff_t first = next.column + asked_columns;
    asked_columns = asked_rows * width / least(height, all_rows - c.row);
    const std::ptrdiff_t last = least(next.column + asked_columns, all_columns);
    for (int k = 0; k < w.n_slots; ++k) {
      const loop_slot& s = w.slots[k];
      if (s.what != kind::load) continue;
      const char* from = s.data + s.offset + (in_next_plane ? s.strides[outer - 1] : 0);
      if (s.by == access::transposed)
        for (std::ptrdiff_t i = first; i < last; ++i)
          ask_for(from + next.row * s.bytes + i * s.strides[inner], least(height, all_rows - next.row) * s.bytes);
      else if (s.by == access::direct && s.strides[outer] != 0)
        for (std::ptrdiff_t r = next.row + row; r < least(next.row + row + rows * period, all_rows); r += period)
          ask_for(from + r * s.strides[outer] + next.column * s.bytes, least(width, all_columns - next.column) * s.bytes);
    }
  }
  static void ask_for(const char* from, std::ptrdiff_t count) {
    const char* line_of = from - reinterpret_cast<std::uintptr_t>(from) % 64;
    for (; line_of < from + count; line_of += 64) __builtin_prefetch(line_of);
  }
};

}  // namespace agnesi::loop
