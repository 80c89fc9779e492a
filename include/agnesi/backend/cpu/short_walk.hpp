// SPDX-License-Identifier: BSD-3-Clause
// Walks a nest whose rows are shorter than a pack, several of them as one (short_rows.hpp).
//   if (short_rows_are_alike(walk)) run_short_rows(walk);   // instead of walk.run()
#pragma once

#include "agnesi/backend/cpu/short_rows.hpp"
#include "agnesi/backend/cpu/walk.hpp"

namespace agnesi::loop {

// Rows that lie one behind the other, or are the same for all, or one number each; bytes, which are rare there, are left out.
template <class F>
bool short_rows_are_alike(const pack_walk<F>& w) {
  const int inner = w.shape.rank - 1;
  if (w.reduces || inner == 0 || rows_in_one(w.shape.extents[inner - 1], w.shape.row(), w.lanes) == 1) return false;
  for (int k = 0; k < w.n_slots; ++k) {
    const loop_slot& s = w.slots[k];
    const std::ptrdiff_t size = size_of(s.memory);
    const bool flat = s.strides[inner] == size && s.strides[inner - 1] == size * w.shape.row();
    const bool repeated = s.what == kind::load && size >= 4 && (s.strides[inner - 1] == 0 || s.strides[inner] == 0);
    if (s.what == kind::iota || !(flat || repeated)) return false;
  }
  return true;
}

namespace detail {

// A row of n elements again and again, until there are so many.
inline void repeat_row(const loop_slot& s, int axis, char* to, std::ptrdiff_t n, std::ptrdiff_t count) {
  const char* from = s.data + s.offset;
  if (s.bytes == 4) repeat_elements(reinterpret_cast<std::uint32_t*>(to), from, s.strides[axis + 1], n, count);
  else repeat_elements(reinterpret_cast<std::uint64_t*>(to), from, s.strides[axis + 1], n, count);
}
// Numbers of a column n times each, for elements from … from + count - 1, of which the first then lies so many bytes in.
inline std::ptrdiff_t spread_column(const loop_slot& s, int axis, char* to, std::ptrdiff_t from, std::ptrdiff_t count, std::ptrdiff_t n) {
  const std::ptrdiff_t stride = s.strides[axis], row = from / n, phase = from - row * n, rows = (phase + count + n - 1) / n;
  const char* first = s.data + s.offset + row * stride;
  if (s.bytes == 4) spread_elements(reinterpret_cast<std::uint32_t*>(to), first, stride, n, rows);
  else spread_elements(reinterpret_cast<std::uint64_t*>(to), first, stride, n, rows);
  return phase * s.bytes;
}

}  // namespace detail

// What is the same for all rows is repeated, a pack more of it than needed, so that longer rows may begin where packs are aligned; what
// is one number each is spread anew for each longer row.
template <class F>
void run_short_rows(pack_walk<F>& w) {
  nest& shape = w.shape;
  const int axis = shape.rank - 2;
  const std::ptrdiff_t n = shape.row(), all = shape.extents[axis] * n, most = rows_in_one(shape.extents[axis], n, w.lanes) * n,
                       row = most < all ? most : all;
  static_assert(repeated_space <= std::size_t{buffered<F>} * sizeof(F));
  bool one_by_one = false;
  for (int k = 0; k < w.n_slots; ++k) {
    loop_slot& s = w.slots[k];
    w.keep[k] = -1;
    s.bytes = size_of(s.memory);
    w.row_step[k] = s.strides[axis] != 0 ? row * s.bytes : 0;
    s.by = s.strides[axis + 1] == 0 && s.strides[axis] != 0 ? access::repeated : access::direct;
    one_by_one = one_by_one || s.by == access::repeated;
    if (s.what == kind::store && w.also_read(s)) w.streams = false;
  }
  row_view view{w.at, w.keep, w.cells, w.totals};
  view.row_step = w.row_step;
  do {
    for (int k = 0; k < w.n_slots; ++k) {
      w.at[k] = w.slots[k].data + w.slots[k].offset;
      if (w.slots[k].strides[axis] == 0) detail::repeat_row(w.slots[k], axis, reinterpret_cast<char*>(w.buffers[k]), n, row + w.lanes);
    }
    const std::ptrdiff_t aligned = w.streams ? w.in_front_of_streams() : -1, head = aligned < 0 ? 0 : aligned < all ? aligned : all;
    for (std::ptrdiff_t from = 0, count; from < all; from += count * view.rows) {
      count = from < head ? head : row < all - from ? row : all - from;
      view.rows = one_by_one || from < head ? 1 : (all - from) / count;
      view.streams = aligned >= 0 && from >= head;
      for (int k = 0; k < w.n_slots; ++k) {
        const loop_slot& s = w.slots[k];
        char*& at = w.at[k];
        at = reinterpret_cast<char*>(w.buffers[k]);
        if (s.by == access::repeated) at += detail::spread_column(s, axis, at, from, count, n);
        else if (s.strides[axis] == 0) at += from < head ? 0 : head * s.bytes;
        else at = s.data + s.offset + from * s.bytes;
      }
      w.kernel(view, count);
    }
  } while (shape.advance(w.slots, w.n_slots, 0, axis));
  if (w.streams) simd::stream_fence();
}

}  // namespace agnesi::loop
