// SPDX-License-Identifier: BSD-3-Clause
// A fused loop of which every operand lies element behind element, inlined where it is called.
//   dense_row<Program>(at, cells, n);   at[k]: the first element of slot k
#pragma once

#include "agnesi/backend/cpu/each_number.hpp"
#include "agnesi/backend/cpu/pack_row.hpp"

namespace agnesi::loop {

template <class Program, class State, std::size_t... I, int... U>
[[gnu::always_inline]] inline void run_dense_row(State& s, std::ptrdiff_t n, std::index_sequence<I...> all, std::integer_sequence<int, U...>) {
  constexpr int unroll = sizeof...(U), lanes = State::lanes;
  s.i = 0;
  if constexpr (lanes > 1)
    if (n < lanes) return run_body<Program>(s, part_of_pack{n}, all);
  if constexpr (unroll > 1)
    for (; s.i + unroll * lanes <= n; s.i += unroll * lanes) (run_body<Program>(s, whole_pack{U}, all), ...);
  for (; s.i + lanes <= n; s.i += lanes) run_body<Program>(s, whole_pack{0}, all);
  if constexpr (lanes > 1)
    if (s.i < n) run_body<Program>(s, part_of_pack{n - s.i}, all);
}

// Pointers one by one, so that they come in registers.
template <class Program, class... F>
[[gnu::noinline]] void dense_row(std::ptrdiff_t n, const code_word* cells, F*... at) {
  using of = loop_facts<Program>;
  using all = instructions_of<Program>;
  constexpr int unroll = unroll_of<Program, false>;
  pack_row_state<element_of<of::facts.vector>, rounded(of::count), rounded(sizeof...(F)), 1, unroll, false, (of::facts.cost > inlined_cost)> s;
  int slot = 0;
  ((s.at[slot] = at, s.keep[slot++] = -1), ...);
  take_uniforms<Program>(s, cells, all{});
  run_dense_row<Program>(s, n, all{}, std::make_integer_sequence<int, unroll>{});
}

}  // namespace agnesi::loop
