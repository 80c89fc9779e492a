// SPDX-License-Identifier: BSD-3-Clause
// One loop as several, a part of its longest strides each, for as many threads.
//   run_in_parts(&run_nest<Program>, space, operands, cells, slots, n, axes, bytes);   // false: not worth it
#pragma once

#include <cstddef>

#include "agnesi/backend/cpu/loop_facts.hpp"
#include "agnesi/backend/cpu/stage.hpp"
#include "agnesi/backend/cpu/threads.hpp"
#include "agnesi/core/lines.hpp"

namespace agnesi::loop {

constexpr double work_of_element(const slot_facts* slots, int n, int cost) {
  double bytes = 0;
  for (int k = 0; k < n; ++k) bytes += slots[k].what == kind::iota ? 0 : static_cast<double>(size_of(slots[k].memory));
  return bytes + cost / 2.0;
}
inline double bytes_of_loop(const loop_space& space, double of_element) {
  for (int a = 0; a < space.rank; ++a) of_element *= static_cast<double>(space.extents[a]);
  return of_element;
}

using nest_function = void (*)(const loop_space&, const loop_operand*, const code_word*);

#ifdef _OPENMP

namespace detail {

// What the parts write in place of a result that all of them take part in: its elements, packed.
struct private_result {
  loop_operand place;
  std::ptrdiff_t bytes;
};
inline private_result packed_result(const loop_space& space, dtype memory, unsigned reduced) {
  private_result r{{}, size_of(memory)};
  std::ptrdiff_t next = 1;
  for (int a = space.rank - 1; a >= 0; --a) {
    if ((reduced >> a & 1u) != 0) continue;
    r.place.strides[a] = next;
    next *= space.extents[a];
  }
  r.bytes *= next;
  return r;
}

// The axis that is cut: one that is kept, if possible, so that no result is shared; the one of the longest strides. No
// part is a quarter longer than another, or shorter than four cache lines. -1 where there is none.
inline int axis_to_split(const loop_space& space, const loop_operand* operands, const slot_facts* slots, int n, unsigned reduced,
                         int parts, bool of_reduced) {
  int best = -1;
  double best_cost = 0;
  for (int a = 0; a < space.rank; ++a) {
    const std::ptrdiff_t extent = space.extents[a], most = (extent + parts - 1) / parts;
    if (((reduced >> a & 1u) != 0) != of_reduced || most * parts * 4 > extent * 5) continue;
    double cost = 0, least = 1e30;
    for (int k = 0; k < n; ++k) {
      if (slots[k].what == kind::iota || slots[k].what == kind::reduce) continue;
      const auto stride = static_cast<double>(operands[slots[k].operand].strides[a] * size_of(slots[k].memory));
      const double apart = stride < 0 ? -stride : stride;
      cost += apart;
      if (apart > 0 && apart < least) least = apart;
    }
    if (least * static_cast<double>(extent / parts) < 256 || (best >= 0 && cost <= best_cost)) continue;
    best = a, best_cost = cost;
  }
  return best;
}

}  // namespace detail

inline bool run_in_parts(nest_function run, const loop_space& space, const loop_operand* operands, const code_word* cells,
                         const slot_facts* slots, int n, unsigned axes, double bytes) {
  constexpr int most_operands = 64;
  constexpr std::ptrdiff_t most_private = 32768;
  const int parts = cpu::parts_for(bytes, space.threads);
  if (parts == 1) return false;
  int n_operands = 0, n_reductions = 0;
  std::ptrdiff_t private_bytes = 0;
  for (int k = 0; k < n; ++k) {
    if (slots[k].what == kind::iota) continue;
    if (slots[k].operand >= n_operands) n_operands = slots[k].operand + 1;
    if (slots[k].what != kind::reduce) continue;
    private_bytes += whole_lines(detail::packed_result(space, slots[k].memory, axes).bytes);
    ++n_reductions;
  }
  if (n_operands > most_operands) return false;
  const unsigned reduced = n_reductions > 0 ? axes : 0;
  int axis = detail::axis_to_split(space, operands, slots, n, reduced, parts, false);
  const bool shared = axis < 0 && reduced != 0 && private_bytes * (parts - 1) <= most_private;
  if (shared) axis = detail::axis_to_split(space, operands, slots, n, reduced, parts, true);
  if (axis < 0) return false;

  // The first part works on the results themselves, the others on memory of their own.
  alignas(64) char memory[most_private];
  const auto each_private = [&](int part, auto f) {
    char* at = memory + (part - 1) * private_bytes;
    for (int k = 0; k < n; ++k) {
      if (slots[k].what != kind::reduce) continue;
      detail::private_result r = detail::packed_result(space, slots[k].memory, reduced);
      r.place.data = at;
      at += whole_lines(r.bytes);
      f(slots[k], r.place);
    }
  };
  const std::ptrdiff_t extent = space.extents[axis], grain = extent >= 64 * parts ? 16 : 1;
  cpu::parallel(parts, [&](int part) {
    const std::ptrdiff_t begin = cpu::part_begin(extent, parts, part, grain);
    loop_space own = space;
    own.extents[axis] = cpu::part_begin(extent, parts, part + 1, grain) - begin;
    own.threads = 1;
    own.part_of = space.part_of * parts;
    std::ptrdiff_t first[max_loop_rank]{};
    for (int a = 0; a < space.rank && space.first != nullptr; ++a) first[a] = space.first[a];
    first[axis] += begin;
    own.first = first;
    loop_operand at[most_operands];
    for (int o = 0; o < n_operands; ++o) at[o] = operands[o];
    bool moved[most_operands]{};
    for (int k = 0; k < n; ++k) {
      const slot_facts& s = slots[k];
      if (s.what == kind::iota || moved[s.operand]) continue;
      moved[s.operand] = true;
      at[s.operand].data = static_cast<char*>(at[s.operand].data) + begin * at[s.operand].strides[axis] * size_of(s.memory);
    }
    if (shared && part > 0) {
      own.onto = true;
      each_private(part, [&](const slot_facts& s, const loop_operand& result) {
        fill_identity(space, result, s.memory, s.how, reduced);
        at[s.operand] = result;
      });
    }
    run(own, at, cells);
  });
  for (int part = 1; shared && part < parts; ++part)
    each_private(part, [&](const slot_facts& s, const loop_operand& result) {
      combine_into(space, operands[s.operand], result, s.memory, s.how, reduced);
    });
  return true;
}

#endif

}  // namespace agnesi::loop
