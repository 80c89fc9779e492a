// SPDX-License-Identifier: BSD-3-Clause
// A fused loop of which every operand lies element behind element.
//   dense_row<Program>(n, cells, to, from, …);   the first element of each slot
#pragma once

#include "agnesi/backend/cpu/number_row.hpp"
#include "agnesi/backend/cpu/pack_row.hpp"

namespace agnesi::loop {

// Of a short row the jumps are what takes time, three cycles for two of those that are taken: so what a row of less than a round goes
// through lies in a line, the last pack, of which few have nothing to leave out, first; what is left over is told from the bits of n.
template <class Program, class State, std::size_t... I, int... U>
[[gnu::always_inline]] inline void run_dense_row(State& s, std::ptrdiff_t n, std::index_sequence<I...> all, std::integer_sequence<int, U...>) {
  constexpr std::ptrdiff_t unroll = sizeof...(U), lanes = State::lanes;
  static_assert(unroll == 2 || unroll == 4);
  const std::ptrdiff_t part = n & (lanes - 1);
  s.i = n - part;
  if constexpr (lanes > 1) {
    if (part != 0) [[likely]] run_body<Program>(s, part_of_pack{part}, all);
    if (s.i == 0) return;
  }
  s.i = 0;
  if (const std::ptrdiff_t whole = n & -(lanes * unroll); whole > 0) [[unlikely]]
    do (run_body<Program>(s, whole_pack{U}, all), ...);
    while ((s.i += unroll * lanes) < whole);
  if constexpr (unroll == 4)
    if (n & 2 * lanes) [[likely]] run_body<Program>(s, whole_pack{0}, all), run_body<Program>(s, whole_pack{1}, all), s.i += 2 * lanes;
  if (n & lanes) [[likely]] run_body<Program>(s, whole_pack{0}, all);
}

// Pointers one by one, so that they come in registers. Where an element takes long, the kernel that the loop has anyway does it.
template <class Program, class... F>
[[gnu::noinline]] void dense_row(std::ptrdiff_t n, const code_word* cells, F*... at) {
  using of = loop_facts<Program>;
  using all = instructions_of<Program>;
  constexpr int unroll = unroll_of<Program, false>, slots = sizeof...(F);
  if constexpr (unroll == 1) {
    char* const first[] = {reinterpret_cast<char*>(at)...};
    std::ptrdiff_t keep[slots];
    for (std::ptrdiff_t& k : keep) k = -1;
    pack_row<Program, false>({first, keep, cells, nullptr}, n);
  } else {
    pack_row_state<element_of<of::facts.vector>, rounded(of::count), rounded(slots), 1, unroll, false, (of::facts.cost > inlined_cost)> s;
    int slot = 0;
    ((s.at[slot] = reinterpret_cast<char*>(at), s.keep[slot++] = -1), ...);
    take_uniforms<Program>(s, cells, all{});
    run_dense_row<Program>(s, n, all{}, std::make_integer_sequence<int, unroll>{});
  }
}

// The same of a program of mixed types.
template <class Program, class... M>
[[gnu::noinline]] void dense_numbers(std::ptrdiff_t n, const code_word* cells, M*... at) {
  using of = loop_facts<Program>;
  using all = instructions_of<Program>;
  constexpr int slots = sizeof...(M), width = lanes_of_program<Program>(), unroll = of::facts.cost > 7 ? 1 : 4;
  number_row_state<rounded(of::count), width, rounded(slots), 1, 1, false> s;
  int slot = 0;
  ((s.at[slot] = reinterpret_cast<char*>(at), s.keep[slot++] = -1), ...);
  take_uniforms<Program>(s, cells, all{});
  s.i = 0;
  if constexpr (unroll > 1)
    for (; s.i + unroll * width <= n; s.i += unroll * width)
      each_constant<unroll>([&](auto u) __attribute__((always_inline)) { run_body<Program>(s, whole_round{u}, all{}); });
  for (; s.i + width <= n; s.i += width) run_body<Program>(s, whole_round{0}, all{});
  const std::ptrdiff_t part = n - s.i;
  if (part == 0) return;
  alignas(64) char gathered[slots][width * 8];
  each_constant<slots>([&](auto k) __attribute__((always_inline)) {
    constexpr int bytes = size_of(of::facts.slots[k].memory);
    if constexpr (of::facts.slots[k].what == kind::load) gather_first<bytes, width>(gathered[k], s.at[k] + s.i * bytes, part);
  });
  char* to[slots];
  each_constant<slots>([&](auto k) __attribute__((always_inline)) {
    to[k] = s.at[k] + s.i * size_of(of::facts.slots[k].memory);
    s.at[k] = gathered[k];
  });
  s.i = 0;
  run_body<Program>(s, part_of_round{part}, all{});
  each_constant<slots>([&](auto k) __attribute__((always_inline)) {
    if constexpr (of::facts.slots[k].what == kind::store)
      scatter_first<size_of(of::facts.slots[k].memory), width>(to[k], gathered[k], part);
  });
}

}  // namespace agnesi::loop
