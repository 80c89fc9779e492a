// SPDX-License-Identifier: BSD-3-Clause
// From a loop's operands to the calls of its kernels: the part that depends on the program only by numbers, so that all
// programs of one floating type share it.
//   run_pack_nest<float>(facts, kernel, kernel_along_row, &walk_rows<float>, again, space, operands, cells);
#pragma once

#include "agnesi/backend/cpu/kept_axes.hpp"
#include "agnesi/backend/cpu/number_walk.hpp"
#include "agnesi/backend/cpu/row_totals.hpp"
#include "agnesi/backend/cpu/short_walk.hpp"
#include "agnesi/backend/cpu/split.hpp"
#include "agnesi/backend/cpu/tile_walk.hpp"

namespace agnesi::loop {

struct nest_facts {
  const slot_facts* slots;
  int n_slots, n_reductions;
  unsigned axes;  // reduced
  double work;    // of an element, in bytes
  int unrolled;   // packs that a kernel does in a round, the most
  bool reduces_memory = false;  // and nothing else: what its first slot has, as packs want it
};

// Turns: some operand may be transposed.
template <class F, bool Turns>
void walk_rows(pack_walk<F>& walk) {
  if constexpr (Turns)
    if (tile_walk<F> tiles{walk}; tiles.applies()) return tiles.run();
  if (short_rows_are_alike(walk)) run_short_rows(walk);
  else walk.run();
}
template <class F>
void walk_all(pack_walk<F>& walk) {
  walk.run();
}
template <class F>
void walk_kept_axes(pack_walk<F>& walk) {
  if (walk.shape.flat) walk_short_rows(walk);
  else kept_axes_walk<F>{walk}.run();
}

// Whether the loop is done in parts, each of them by a call of `again`.
inline bool is_run_in_parts([[maybe_unused]] const nest_facts& f, [[maybe_unused]] nest_function again,
                            [[maybe_unused]] const loop_space& space, [[maybe_unused]] const loop_operand* operands,
                            [[maybe_unused]] const code_word* cells, [[maybe_unused]] double bytes) {
#ifdef _OPENMP
  return bytes >= 2 * cpu::bounds.bytes_a_thread && run_in_parts(again, space, operands, cells, f.slots, f.n_slots, f.axes, bytes);
#else
  return false;
#endif
}

inline void begin_results(const nest_facts& f, const loop_space& space, const loop_operand* operands) {
  for (int k = 0; k < f.n_slots; ++k)
    if (const slot_facts& s = f.slots[k]; s.what == kind::reduce && !s.accumulate && !space.onto)
      fill_identity(space, operands[s.operand], s.memory, s.how, f.axes);
}

// Rows of which every operand is read and written in place, or is one number, are the kernel's business alone: true if that was so, and
// everything is done.
inline bool run_plain_rows(const nest_facts& f, row_kernel kernel, const loop_space& space, const loop_operand* operands, const code_word* cells,
                           std::ptrdiff_t lanes) {
  constexpr int most = 16;
  const std::ptrdiff_t rows = space.extents[0], n = space.extents[1];
  if (space.rank != 2 || f.n_reductions > 0 || f.n_slots > most || rows <= 0 || !is_long_row(n, n % lanes == 0)) return false;
  if (static_cast<double>(rows * n) * f.work * space.part_of >= cpu::bounds.large()) return false;
  char* at[most];
  std::ptrdiff_t keep[most], row_step[most];
  for (int k = 0; k < f.n_slots; ++k) {
    const slot_facts& s = f.slots[k];
    if (s.what == kind::iota) return false;
    const loop_operand& o = operands[s.operand];
    if (o.strides[1] != 1 && (o.strides[1] != 0 || s.what == kind::store)) return false;
    at[k] = by_itself(static_cast<char*>(o.data)), keep[k] = -o.strides[1], row_step[k] = o.strides[0] * size_of(s.memory);
  }
  kernel({at, keep, cells, nullptr, false, rows, row_step}, n);
  return true;
}

// `across` is the kernel where rows are kept, `along` the one where they are reduced.
template <class F>
[[gnu::noinline]] void run_pack_nest(const nest_facts& f, row_kernel across, row_kernel along, void (*go)(pack_walk<F>&),
                                     nest_function again, const loop_space& space, const loop_operand* operands,
                                     const code_word* cells, const totals_function<F>* row_totals = nullptr) {
  if (run_plain_rows(f, across, space, operands, cells, simd::lanes<F>)) return;
  const double bytes = bytes_of_loop(space, f.work);
  if (is_run_in_parts(f, again, space, operands, cells, bytes)) return;
  const auto n = static_cast<std::size_t>(f.n_slots > 0 ? f.n_slots : 1), r = static_cast<std::size_t>(f.n_reductions);
  const std::size_t buffer_elements = (n - r) * buffered<F> + r * totals_block;
  const bool keeps_axes = across != nullptr && along != nullptr;
  const std::size_t tile_elements = static_cast<std::size_t>(tile_space<F>);
  // All on the stack, in pieces of whole cache lines.
  std::size_t needed = 0;
  const auto add = [&](std::size_t size, std::size_t count) { needed += whole_lines(size * count); };
  add(sizeof(loop_slot), n), add(sizeof(F), buffer_elements), add(sizeof(F), tile_elements);
  add(sizeof(F), r * simd::lanes<F>), add(sizeof(double), keeps_axes ? r * totals_block : 0), add(sizeof(pairwise<F>), r);
  add(sizeof(char*), n), add(sizeof(F*), n), add(sizeof(std::ptrdiff_t), n), add(sizeof(std::ptrdiff_t), n), add(sizeof(std::ptrdiff_t), n);
  char* free = static_cast<char*>(__builtin_alloca_with_align(needed, 512));
  const auto take = [&]<class T>(T*, std::size_t count) {
    T* const taken = reinterpret_cast<T*>(free);
    free += whole_lines(sizeof(T) * count);
    return taken;
  };
  loop_slot* const slots = take(static_cast<loop_slot*>(nullptr), n);
  F* buffer = take(static_cast<F*>(nullptr), buffer_elements);
  F* const tiles = take(static_cast<F*>(nullptr), tile_elements);
  F* const totals = take(static_cast<F*>(nullptr), r * simd::lanes<F>);
  double* const rows_aside = take(static_cast<double*>(nullptr), keeps_axes ? r * totals_block : 0);
  auto* const set_aside = take(static_cast<pairwise<F>*>(nullptr), r);
  char** const at = take(static_cast<char**>(nullptr), n);
  F** const buffers = take(static_cast<F**>(nullptr), n);
  std::ptrdiff_t* const keep = take(static_cast<std::ptrdiff_t*>(nullptr), n);
  std::ptrdiff_t* const staged = take(static_cast<std::ptrdiff_t*>(nullptr), n);
  std::ptrdiff_t* const row_step = take(static_cast<std::ptrdiff_t*>(nullptr), n);

  open_slots(f.slots, f.n_slots, operands, slots, space);
  flat_rows flat;
  if (row_totals != nullptr) {
    flat.any = flat.in_memory = cpu::bounds.flat_reduction;
    if (f.reduces_memory) flat.in_memory = cpu::bounds.side_by_side_bytes / std::ptrdiff_t{sizeof(F)};
  }
  nest shape = arrange(space, slots, f.n_slots, f.axes, f.n_reductions > 0, flat);
  if (shape.empty) return begin_results(f, space, operands);
  for (int k = 0; k < f.n_slots; ++k) {
    buffers[k] = buffer;
    buffer += f.slots[k].what == kind::reduce ? totals_block : buffered<F>;
  }
  const row_kernel kernel = across == nullptr || (along != nullptr && shape.along_row && !shape.flat) ? along : across;
  const double all_bytes = bytes * space.part_of, streamed_from = cpu::bounds.bytes_streamed_from;
  pack_walk<F> walk{{shape, slots, f.n_slots, at, keep, buffers, tiles, staged, row_step, f.n_reductions > 0, all_bytes >= streamed_from,
                     space.is_tile, all_bytes >= streamed_from * turned_past_caches},
                    kernel, cells, totals, set_aside, rows_aside, f.unrolled, row_totals, f.reduces_memory};
  go(walk);
}

inline void run_number_nest(const nest_facts& f, row_kernel across, row_kernel along, nest_function again, const loop_space& space,
                            const loop_operand* operands, const code_word* cells) {
  if (is_run_in_parts(f, again, space, operands, cells, bytes_of_loop(space, f.work))) return;
  const auto n = static_cast<std::size_t>(f.n_slots > 0 ? f.n_slots : 1);
  auto* const slots = static_cast<loop_slot*>(__builtin_alloca(n * sizeof(loop_slot)));
  auto** const at = static_cast<char**>(__builtin_alloca(n * sizeof(char*)));
  auto* const steps = static_cast<std::ptrdiff_t*>(__builtin_alloca(n * sizeof(std::ptrdiff_t)));
  open_slots(f.slots, f.n_slots, operands, slots, space);
  nest shape = arrange(space, slots, f.n_slots, f.axes, f.n_reductions > 0);
  begin_results(f, space, operands);
  if (shape.empty) return;
  walk_numbers(shape, slots, f.n_slots, along != nullptr && shape.along_row ? along : across, cells, at, steps);
}

}  // namespace agnesi::loop
