// SPDX-License-Identifier: BSD-3-Clause
// The innermost loop of a program of one floating type: packs, several to a round where they are cheap, the last in
// part.
//   pack_row<Program, AlongRow>(view, n);   AlongRow: the row's axis is reduced
#pragma once

#include "agnesi/backend/cpu/pack_state.hpp"
#include "agnesi/core/each_constant.hpp"
#include "agnesi/core/lines.hpp"

namespace agnesi::loop {

// A slot that is repeated along its row stands for one number, which is made packs of before each row.
struct repeated_number {
  char* to;
  const char* from;
  std::ptrdiff_t row_step;
  int bytes;
};
template <class M>
[[gnu::noinline]] void repeat_number(M* to, M x, int n) {
  for (int i = 0; i < n; ++i) to[i] = x;
}
// Of floats, doubles, and integers of their sizes, as packs are moved bit by bit.
template <class F>
[[gnu::always_inline]] inline void repeat_as(const repeated_number& r, int n) {
  F x;
  __builtin_memcpy(&x, r.from, sizeof x);
  for (int i = 0; i < n; i += simd::lanes<F>) simd::store<F>(reinterpret_cast<F*>(r.to) + i, simd::splat<F>(x));
}
[[gnu::noinline]] inline void repeat_numbers(repeated_number* numbers, int count, int n) {
  for (repeated_number* r = numbers; r < numbers + count; ++r) {
    if (r->bytes == 4) repeat_as<float>(*r, n);
    else if (r->bytes == 8) repeat_as<double>(*r, n);
    else repeat_number(r->to, *r->from, n);
    r->from += r->row_step;
  }
}
// Where each slot's first row is, and how far to the next: of repeated ones, of which the number is returned, always the buffer.
[[gnu::noinline]] inline int open_rows(const row_view& v, const slot_facts* slots, int n, int element, char* buffer, std::ptrdiff_t space,
                                       char** at, std::ptrdiff_t* row_step, repeated_number* numbers) {
  int found = 0;
  for (int k = 0; k < n; ++k, buffer += space) {
    at[k] = v.at[k], row_step[k] = v.rows > 1 ? v.row_step[k] : 0;
    if (slots[k].what == kind::store || v.step[k] != 0) continue;
    numbers[found++] = {buffer, at[k], row_step[k], slots[k].what == kind::iota ? element : size_of(slots[k].memory)};
    at[k] = buffer, row_step[k] = 0;
  }
  return found;
}

// Rows of a loop that reduces nothing.
template <class Program, std::size_t... I, int... U>
void pack_rows_of(const row_view& v, const std::ptrdiff_t n, std::index_sequence<I...> all, std::integer_sequence<int, U...>) {
  using of = loop_facts<Program>;
  using F = element_of<of::facts.vector>;
  constexpr int slots = of::facts.n_slots, unroll = sizeof...(U), lanes = simd::lanes<F>;
  pack_row_state<F, rounded(of::count), rounded(slots), 1, unroll, false, (of::facts.cost > inlined_cost)> s;
  alignas(64) char repeated[slots][whole_lines(unroll * lanes * 8)];
  std::ptrdiff_t row_step[slots];
  // Of few slots each is asked about in line, which takes half the time of a call for a row; of many that would be as long as the rest.
  constexpr bool few = slots <= 4;
  repeated_number numbers[slots];
  int n_repeated = 0;
  if constexpr (few) {
    each_constant<slots>([&](auto k) __attribute__((always_inline)) {
      s.at[k] = by_itself(v.at[k]), s.keep[k] = by_itself(v.step[k]);
      row_step[k] = v.rows > 1 ? by_itself(v.row_step[k]) : 0;
      if (of::facts.slots[k].what == kind::store || s.keep[k] != 0) return;
      numbers[k].from = s.at[k], numbers[k].row_step = row_step[k];
      s.at[k] = repeated[k], row_step[k] = 0;
      ++n_repeated;
    });
  } else {
    char* at[slots];
    n_repeated = open_rows(v, of::facts.slots, slots, sizeof(F), repeated[0], sizeof repeated[0], at, row_step, numbers);
    each_constant<slots>([&](auto k) __attribute__((always_inline)) { s.at[k] = by_itself(at[k]), s.keep[k] = by_itself(v.step[k]); });
  }
  const auto repeat = [&](auto k) __attribute__((always_inline)) {
    constexpr slot_facts f = of::facts.slots[k];
    using M = std::conditional_t<f.what == kind::iota, F, element_of<f.memory>>;
    const M x = *reinterpret_cast<const M*>(numbers[k].from);
    numbers[k].from += numbers[k].row_step;
    if constexpr (std::is_same_v<M, F>)
      (simd::store<F>(reinterpret_cast<F*>(repeated[k]) + U * lanes, simd::splat<F>(x)), ...);
    else
      repeat_number(reinterpret_cast<M*>(repeated[k]), x, unroll * lanes);
  };
  take_uniforms<Program>(s, v.cells, all);
  const bool streams = v.streams;  // one pack a round, so that there is one place to ask for it
  const std::ptrdiff_t rounds = streams ? 0 : n & -std::ptrdiff_t{unroll * lanes}, whole = n & -std::ptrdiff_t{lanes}, part = n - whole;
  for (std::ptrdiff_t row = v.rows;;) {
    if (n_repeated > 0) {
      if constexpr (few)
        each_constant<slots>([&](auto k) __attribute__((always_inline)) {
          if constexpr (of::facts.slots[k].what != kind::store)
            if (s.keep[k] == 0) repeat(k);
        });
      else
        repeat_numbers(numbers, n_repeated, unroll * lanes);
    }
    s.i = 0;
    if constexpr (unroll > 1)
      for (; s.i < rounds; s.i += unroll * lanes) (run_body<Program>(s, whole_pack{U}, all), ...);
    for (; s.i < whole; s.i += lanes) run_body<Program>(s, perhaps_streamed_pack{{0}, streams}, all);
    if constexpr (lanes > 1)
      if (part > 0) run_body<Program>(s, part_of_pack{part}, all);
    if (--row <= 0) return;
    each_constant<slots>([&](auto k) __attribute__((always_inline)) { s.at[k] += row_step[k]; });
  }
}

// Rows that are reduced.
template <class Program, std::size_t... I, int... U>
void pack_row_of(const row_view& v, std::ptrdiff_t n, std::index_sequence<I...> all, std::integer_sequence<int, U...>) {
  using of = loop_facts<Program>;
  using F = element_of<of::facts.vector>;
  constexpr int slots = of::facts.n_slots, reductions = of::facts.n_reductions, unroll = sizeof...(U);
  static_assert(unroll <= most_unrolled);
  constexpr int lanes = simd::lanes<F>;
  pack_row_state<F, rounded(of::count), rounded(slots), rounded(reductions * unroll), unroll, false,
                   (of::facts.cost > inlined_cost)>
      s;
  each_constant<slots>([&](auto k) __attribute__((always_inline)) {
    s.at[k] = by_itself(v.at[k]), s.keep[k] = by_itself(v.step[k]);
  });
  take_uniforms<Program>(s, v.cells, all);

  const auto each_reduction = [&](auto what) __attribute__((always_inline)) {
    const auto one = [&]<std::size_t K, code_word Word>() __attribute__((always_inline)) {
      constexpr step i = unpacked_step(Word);
      if constexpr (i.what == kind::reduce) what.template operator()<i.how, i.k>();
    };
    (one.template operator()<I, of::facts.vector_steps[I]>(), ...);
  };
  const auto run_row = [&](F* totals) __attribute__((always_inline)) {
    each_reduction([&]<combine How, int R>() __attribute__((always_inline)) {
      s.total[R * unroll] = simd::load<F>(totals + R * lanes);
      ((U > 0 ? void(s.total[R * unroll + U] = simd::splat<F>(identity_of<F>(How))) : void()), ...);
      if constexpr (is_extremum(How)) ((s.nan[R * unroll + U] = simd::nan_lanes<F>(s.total[R * unroll + U])), ...);
    });

    s.i = 0;
    if constexpr (unroll > 1)
      for (; s.i + unroll * lanes <= n; s.i += unroll * lanes) (run_body<Program>(s, whole_pack{U}, all), ...);
    for (; s.i + lanes <= n; s.i += lanes) run_body<Program>(s, whole_pack{0}, all);
    if constexpr (lanes > 1)
      if (s.i < n) run_body<Program>(s, part_of_pack{n - s.i}, all);

    each_reduction([&]<combine How, int R>() __attribute__((always_inline)) {
      if constexpr (is_extremum(How))
        ((s.total[R * unroll + U] = simd::choose<F>(s.nan[R * unroll + U], simd::splat<F>(std::numeric_limits<F>::quiet_NaN()),
                                                    s.total[R * unroll + U])), ...);
      each_constant<std::bit_width(static_cast<unsigned>(unroll)) - 1>([&](auto h) __attribute__((always_inline)) {
        constexpr int half = unroll >> (h + 1);
        const auto add = [&](auto& t, const auto& other) __attribute__((always_inline)) { t = s.template joined<How>(t, other); };
        ((U < half ? add(s.total[R * unroll + U], s.total[R * unroll + (U + half) % unroll]) : void()), ...);
      });
      simd::store<F>(totals + R * lanes, s.total[R * unroll]);
    });
  };
  auto* totals = static_cast<F*>(v.totals);
  for (std::ptrdiff_t row = 0;;) {
    run_row(totals);
    if (++row >= v.rows) return;
    each_constant<slots>([&](auto k) __attribute__((always_inline)) { s.at[k] += by_itself(v.row_step[k]); });
    totals += reductions * lanes;
  }
}

template <class Program, bool AlongRow>
void pack_row(const row_view& v, std::ptrdiff_t n) {
  using packs_of_round = std::make_integer_sequence<int, unroll_of<Program, AlongRow>>;
  if constexpr (AlongRow) pack_row_of<Program>(v, n, instructions_of<Program>{}, packs_of_round{});
  else pack_rows_of<Program>(v, n, instructions_of<Program>{}, packs_of_round{});
}

}  // namespace agnesi::loop
