// SPDX-License-Identifier: BSD-3-Clause
// A fused loop over the rows of a matrix, of which every operand lies without gaps: as the matrix does, as one row for all of them, or
// as a column, one number for each.
//   wide_rows<Program, layout>(rows, n, cells, to, from, …);   the first element of each slot
#pragma once

#include "agnesi/backend/cpu/pack_row.hpp"
#include "agnesi/backend/cpu/short_rows.hpp"

namespace agnesi::loop {

// How the slots of a loop lie, two bits for each.
enum class lies : unsigned char { as_matrix, as_row, as_column };
inline constexpr int most_laid_out = 31;
constexpr code_word laid_out(lies how, int slot) { return static_cast<code_word>(how) << 2 * slot; }
constexpr lies layout_of(code_word layout, int slot) { return static_cast<lies>(layout >> 2 * slot & 3); }
constexpr int rows_before(code_word layout, int slot) {
  int n = 0;
  for (int k = 0; k < slot; ++k) n += layout_of(layout, k) == lies::as_row;
  return n;
}
constexpr bool has_columns(code_word layout) { return (layout & 0xAAAA'AAAA'AAAA'AAAA) != 0; }

// What a column holds for the row that its slot's pointer is at.
template <class Program, code_word Layout, class State, std::size_t... I>
[[gnu::always_inline]] inline void take_columns(State& s, std::index_sequence<I...>) {
  using of = loop_facts<Program>;
  const auto take = [&]<std::size_t K>() __attribute__((always_inline)) {
    constexpr step i = unpacked_step(of::facts.vector_steps[K]);
    if constexpr (i.what == kind::load && !of::facts.uniform[K] && layout_of(Layout, i.b) == lies::as_column) {
      using T = element_of<i.type>;
      s.template reg<i.type>(i.k) =
          s.template splat<i.type>(converted_to<T>(*reinterpret_cast<const element_of<of::facts.slots[i.b].memory>*>(s.at[i.b])));
    }
  };
  (take.template operator()<I>(), ...);
}
template <class Program, code_word Layout, class State, class Place, std::size_t... I>
[[gnu::always_inline]] inline void run_beside_columns(State& s, Place at, std::index_sequence<I...>) {
  using of = loop_facts<Program>;
  const auto run = [&]<std::size_t K>() __attribute__((always_inline)) {
    constexpr step i = unpacked_step(of::facts.vector_steps[K]);
    if constexpr (!of::facts.uniform[K] && !(i.what == kind::load && layout_of(Layout, i.b) == lies::as_column))
      run_step<typename of::template op_at<of::facts.op[K]>, of::facts.vector_steps[K], divisor_bits<Program, State, K>()>(s, at);
  };
  (run.template operator()<I>(), ...);
}

template <class Program, code_word Layout, class State, std::size_t... I, int... U>
[[gnu::always_inline]] inline void run_wide_rows(State& s, std::ptrdiff_t rows, const std::ptrdiff_t n, std::index_sequence<I...> all,
                                                 std::integer_sequence<int, U...>) {
  using of = loop_facts<Program>;
  constexpr std::ptrdiff_t unroll = sizeof...(U), lanes = State::lanes;
  const std::ptrdiff_t part = n & (lanes - 1), rounds = n & -(unroll * lanes), whole = n - part;
  for (; rows > 0; --rows) {
    take_columns<Program, Layout>(s, all);
    s.i = 0;
    for (; s.i < rounds; s.i += unroll * lanes) (run_beside_columns<Program, Layout>(s, whole_pack{U}, all), ...);
    if constexpr (unroll > 1)
      for (; s.i < whole; s.i += lanes) run_beside_columns<Program, Layout>(s, whole_pack{0}, all);
    if constexpr (lanes > 1)
      if (part != 0) run_beside_columns<Program, Layout>(s, part_of_pack{part}, all);
    each_constant<of::facts.n_slots>([&](auto k) __attribute__((always_inline)) {
      constexpr lies how = layout_of(Layout, k);
      if constexpr (how != lies::as_row) s.at[k] += (how == lies::as_matrix ? n : 1) * size_of(of::facts.slots[k].memory);
    });
  }
}

template <class Program, code_word Layout, class... M>
[[gnu::noinline]] void wide_rows(std::ptrdiff_t rows, std::ptrdiff_t n, const code_word* cells, M*... at) {
  using of = loop_facts<Program>;
  using all = instructions_of<Program>;
  constexpr int unroll = unroll_of<Program, false>, slots = sizeof...(M);
  using state = pack_row_state<element_of<of::facts.vector>, rounded(of::count), rounded(slots), 1, unroll, false, (of::facts.cost > inlined_cost)>;
  state s;
  int slot = 0;
  ((s.at[slot] = reinterpret_cast<char*>(at), s.keep[slot++] = -1), ...);
  take_uniforms<Program>(s, cells, all{});
  std::ptrdiff_t rest = 0;
  constexpr bool repeats = state::lanes > 1 && !has_columns(Layout);
  alignas(64) char repeated[repeats ? rows_before(Layout, slots) : 1][repeats ? repeated_space : 1];
  if constexpr (repeats)
    if (const std::ptrdiff_t together = rows_in_one(rows, n, state::lanes); together > 1) {
      each_constant<slots>([&](auto k) __attribute__((always_inline)) {
        if constexpr (layout_of(Layout, k) == lies::as_row) {
          using T = element_of<of::facts.slots[k].memory>;
          char* const to = repeated[rows_before(Layout, k)];
          repeat_elements(reinterpret_cast<T*>(to), s.at[k], sizeof(T), n, (together < rows ? together : rows) * n);
          s.at[k] = to;
        }
      });
      rest = rows % together * n;
      rows /= together;
      n *= together;
    }
  for (;;) {
    run_wide_rows<Program, Layout>(s, rows, n, all{}, std::make_integer_sequence<int, unroll>{});
    if (rest == 0) return;
    rows = 1, n = rest, rest = 0;
  }
}

}  // namespace agnesi::loop
