// SPDX-License-Identifier: BSD-3-Clause
// How each slot of a loop reaches the kernel of packs, in place or by way of a buffer, and the filling of the buffers.
//   row_access<float> rows{shape, slots, n, …}; rows.choose_access(); rows.stage(0, count);   // then rows.at points to rows
#pragma once

#include <cstddef>

#include "agnesi/backend/cpu/nest.hpp"
#include "agnesi/backend/cpu/totals.hpp"

namespace agnesi::loop {

// Elements of a row that are gathered at once, where an operand does not lie as the packs want it: the cache lines of
// 256 rows fit in L1, so that a transposed operand is read from memory once.
inline constexpr std::ptrdiff_t staged_block = 256;
// Bytes of a row that is made of short ones.
inline constexpr std::ptrdiff_t folded_bytes = 4096;
// What has room for both, of the widest type, counted in F; and a pack, as numbers are repeated by whole packs.
template <class F>
inline constexpr std::ptrdiff_t buffered = folded_bytes / std::ptrdiff_t{sizeof(F)} + simd::lanes<F>;
static_assert(folded_bytes >= staged_block * 8);
// Rows shorter than this are put together, several of them to a block.
inline constexpr std::ptrdiff_t short_row = 64;
// Operands for which there are tiles; further ones are gathered row by row.
inline constexpr int most_tiles = 2;
// Of all tiles together, counted in F: what stays in L1, the lines of the rows beside it that the kernel works on.
template <class F>
inline constexpr std::ptrdiff_t tile_space = 40 * 1024 / std::ptrdiff_t{sizeof(F)};

// With them a loop goes past the caches sooner: 24 MB take two thirds of the time then, 12 MB one and a half.
inline constexpr double turned_past_caches = 0.625;

// A row of totals stays in L1.
inline constexpr std::ptrdiff_t totals_block = 2048;

template <class F>
struct row_access {
  static constexpr std::ptrdiff_t lanes = simd::lanes<F>;

  nest& shape;
  loop_slot* slots;
  int n_slots;
  char** at;
  std::ptrdiff_t* keep;
  F** buffers;  // of each slot
  F* tiles;
  std::ptrdiff_t* staged;  // the offset that a slot's buffer holds
  std::ptrdiff_t* row_step;
  bool reduces;
  bool streams;  // what is stored goes past the caches
  bool by_lines;  // only where rows are whole cache lines
  bool far;      // the same, and what is transposed comes from memory, if anything is
  bool several_rows = false;
  bool all_direct = true;  // the results of reductions apart
  bool indirect = false;   // some slot is not read and written in place
  int n_tiles = 0;
  std::ptrdiff_t block = 0;

  static constexpr std::ptrdiff_t nowhere = PTRDIFF_MIN;

  static std::ptrdiff_t bytes_of(const loop_slot& s) {
    return s.what == kind::load || s.what == kind::store ? size_of(s.memory) : std::ptrdiff_t{sizeof(F)};
  }
  // Each operand lies along its row as packs want it, or is one number a row: nothing is gathered.
  bool rows_are_plain() const {
    for (int k = 0; k < n_slots; ++k) {
      const loop_slot& s = slots[k];
      const std::ptrdiff_t stride = s.strides[shape.rank - 1];
      const bool plain = s.what == kind::reduce || (stride == 0 && s.what != kind::store) ||
                         (s.what != kind::iota && stride == bytes_of(s));
      if (!plain) return false;
    }
    return true;
  }

  void choose_access() {
    const int inner = shape.rank - 1;
    block = shape.row();
    for (int k = 0; k < n_slots; ++k) {
      loop_slot& s = slots[k];
      const std::ptrdiff_t stride = s.strides[inner];
      keep[k] = -1;
      staged[k] = nowhere;
      s.bytes = bytes_of(s);
      if (s.what == kind::reduce) {
        s.by = access::staged;
        indirect = true;
        continue;
      }
      if (s.by != access::folded && s.what != kind::iota && stride == s.bytes) {
        if (s.what == kind::store && also_read(s)) streams = false;
        continue;
      }
      indirect = true, all_direct = false;
      if (s.by != access::folded && stride == 0 && s.what != kind::store) {
        s.by = access::repeated;
        keep[k] = 0;
      } else {
        if (s.by != access::folded) s.by = access::staged;
        if (s.by == access::staged && n_tiles < most_tiles && is_turned(s)) {
          s.by = access::transposed;
          buffers[k] = tiles + n_tiles++ * tile_rows<F> * staged_block;
        }
        const std::ptrdiff_t fitting = s.by == access::folded ? folded_bytes / s.bytes : staged_block;
        if (block > fitting) block = fitting;
      }
    }
    if (reduces) {
      const std::ptrdiff_t most = shape.along_row ? sum_block : totals_block;
      if (block > most) block = most;
    }
    several_rows = reduces && !shape.along_row && inner > shape.kept;
    for (int k = 0; k < n_slots; ++k)  // a buffer holds one row
      several_rows = several_rows && (slots[k].what == kind::reduce || slots[k].by == access::direct ||
                                      (slots[k].what == kind::load && slots[k].strides[inner - 1] == 0));
    if (shape.piece > 0) block = block / shape.piece * shape.piece;
  }

  // Its columns lie one behind the other.
  bool is_turned(const loop_slot& s) const {
    const int inner = shape.rank - 1;
    return s.what == kind::load && inner > (reduces ? shape.kept : 0) && s.strides[inner - 1] == std::ptrdiff_t{sizeof(F)} &&
           s.memory == dtype_of<F> && s.strides[inner] != 0 && s.strides[inner] != std::ptrdiff_t{sizeof(F)} &&
           shape.extents[inner - 1] >= tile_rows<F>;
  }

  // Each row of what is stored begins with a cache line.
  bool rows_begin_lines() const {
    for (int k = 0; k < n_slots; ++k) {
      const loop_slot& s = slots[k];
      if (s.what != kind::store) continue;
      auto places = reinterpret_cast<std::uintptr_t>(s.data);
      for (int a = 0; a + 1 < shape.rank; ++a) places |= static_cast<std::uintptr_t>(s.strides[a]);
      if (places % 64 != 0 || s.memory != dtype_of<F>) return false;
    }
    return true;
  }

  bool also_read(const loop_slot& store) const {
    for (int k = 0; k < n_slots; ++k)
      if (slots[k].what == kind::load && slots[k].data == store.data) return true;
    return false;
  }

  // Elements from … from + count - 1 of a row of a slot that is not read in place.
  pieces pieces_of_row(const loop_slot& s, std::ptrdiff_t count) const {
    const int inner = shape.rank - 1;
    if (s.by != access::folded) return {s.strides[inner], count};
    return {s.strides[inner + 1], shape.piece, s.strides[inner], count / shape.piece};
  }
  std::ptrdiff_t offset_in_row(const loop_slot& s, std::ptrdiff_t from) const {
    return s.offset + (s.by == access::folded ? from / shape.piece : from) * s.strides[shape.rank - 1];
  }

  // Packs of so many elements for a number that is repeated along its row.
  void repeat(const loop_slot& s, std::ptrdiff_t offset, char* to, std::ptrdiff_t count) const {
    if (s.what == kind::load && s.memory != dtype_of<F>) return stage_in(to, s.data + offset, s.bytes, {0, count});
    const auto v = simd::splat<F>(s.what == kind::iota ? static_cast<F>(offset) : *reinterpret_cast<const F*>(s.data + offset));
    for (std::ptrdiff_t i = 0; i < count; i += lanes) simd::store<F>(reinterpret_cast<F*>(to) + i, v);
  }

  // Numbers, each repeated p.n times; what is too much of one the next one overwrites.
  static void repeat_each(F* to, const char* from, const pieces& p) {
    for (std::ptrdiff_t r = 0; r < p.rows; ++r, from += p.row_stride, to += p.n) {
      const auto v = simd::splat<F>(*reinterpret_cast<const F*>(from));
      std::ptrdiff_t i = 0;
      do simd::store<F>(to + i, v);
      while ((i += lanes) < p.n);
    }
  }

  void stage(std::ptrdiff_t from, std::ptrdiff_t count) {
    for (int k = 0; k < n_slots; ++k) {
      loop_slot& s = slots[k];
      if (s.by == access::direct) {
        at[k] = s.data + s.offset + from * s.bytes;
        continue;
      }
      F* buffer = buffers[k];
      at[k] = reinterpret_cast<char*>(buffer);
      if (s.by == access::transposed) {
        stage_tile_of(k, from, count);
        continue;
      }
      if (s.what == kind::store || s.what == kind::reduce) continue;
      const std::ptrdiff_t offset = offset_in_row(s, from);
      if (s.by == access::repeated && s.what == kind::load && !reduces) {
        at[k] = s.data + offset;
        continue;
      }
      if (staged[k] == offset) continue;
      staged[k] = offset;
      if (s.by == access::repeated) {
        if (reduces) repeat(s, offset, at[k], most_unrolled * lanes);
        else if (s.what == kind::iota) *buffer = static_cast<F>(offset);
      } else if (s.what == kind::iota) {
        stage_index(buffer, offset, pieces_of_row(s, count));
      } else if (const pieces p = pieces_of_row(s, count); p.stride == 0 && s.memory == dtype_of<F>) {
        repeat_each(buffer, s.data + offset, p);
      } else {
        stage_in(at[k], s.data + offset, s.bytes, p);
      }
    }
  }

  // The tile holds the rows about the present one; the offset that it was filled for is that of its first.
  void stage_tile_of(int k, std::ptrdiff_t from, std::ptrdiff_t count) {
    const loop_slot& s = slots[k];
    const int inner = shape.rank - 1;
    const std::ptrdiff_t row = shape.index[inner - 1] % tile_rows<F>, rest = shape.extents[inner - 1] - (shape.index[inner - 1] - row);
    const std::ptrdiff_t first = offset_in_row(s, from) - row * std::ptrdiff_t{sizeof(F)};
    if (staged[k] != first)
      stage_tile(buffers[k], staged_block, reinterpret_cast<const F*>(s.data + first), s.strides[inner] / std::ptrdiff_t{sizeof(F)},
                 rest < tile_rows<F> ? rest : tile_rows<F>, count, tile_ahead);
    staged[k] = first;
    at[k] += row * staged_block * std::ptrdiff_t{sizeof(F)};
  }

  void unstage(std::ptrdiff_t from, std::ptrdiff_t count) {
    for (int k = 0; k < n_slots; ++k) {
      const loop_slot& s = slots[k];
      if (s.what == kind::store && s.by != access::direct)
        stage_out(s.data + offset_in_row(s, from), reinterpret_cast<const char*>(buffers[k]), s.bytes, pieces_of_row(s, count));
    }
  }
};

}  // namespace agnesi::loop
