// SPDX-License-Identifier: BSD-3-Clause
// The innermost loop of reductions down the columns of rows of packs.
//   view.rows = 100, view.row_step = steps; down_rows<Program>(view, n);   // onto the totals of n columns
#pragma once

#include "agnesi/backend/cpu/pack_row.hpp"
#include "agnesi/core/each_constant.hpp"

namespace agnesi::loop {

// Rows that are read at a time where reductions go down the columns: their totals are read and written once for all of
// them. From memory that is 1.5 times as fast as row by row, and with two packs side by side a little more.
inline constexpr int rows_at_once = 4;

template <class Facts>
constexpr bool has_extremum(const Facts& f) {
  for (int k = 0; k < f.n_slots; ++k)
    if (f.slots[k].what == kind::reduce && is_extremum(f.slots[k].how)) return true;
  return false;
}

template <class Program, std::size_t... I, int... Row>
void down_rows_of(const row_view& v, std::ptrdiff_t n, std::index_sequence<I...> all, std::integer_sequence<int, Row...>) {
  using of = loop_facts<Program>;
  using F = element_of<of::facts.vector>;
  constexpr int slots = of::facts.n_slots, reductions = of::facts.n_reductions, lanes = simd::lanes<F>, at_once = sizeof...(Row);
  pack_row_state<F, rounded(of::count), rounded(slots), rounded(reductions * at_once), at_once, true,
                 (of::facts.cost > inlined_cost)>
      s;
  std::ptrdiff_t row_step[slots];
  each_constant<slots>([&](auto k) __attribute__((always_inline)) {
    s.at[k] = by_itself(v.at[k]), s.keep[k] = by_itself(v.step[k]);
    row_step[k] = v.rows > 1 ? by_itself(v.row_step[k]) : 0;
  });
  take_uniforms<Program>(s, v.cells, all);
  // What the rows add, onto the totals there.
  const auto add_rows = [&]<int Rows, int U>(std::integer_sequence<int, Rows, U>) __attribute__((always_inline)) {
    const auto one = [&]<std::size_t K, code_word Word>() __attribute__((always_inline)) {
      constexpr step i = unpacked_step(Word);
      if constexpr (i.what == kind::reduce) {
        constexpr int first = i.k * at_once;
        F* to = reinterpret_cast<F*>(s.at[i.b]) + s.i + U * lanes;
        auto sum = s.template joined<i.how>(simd::load<F>(to), s.total[first]);
        if constexpr (Rows == 4)
          sum = s.template joined<i.how>(s.template joined<i.how>(sum, s.total[first + 1]),
                                         s.template joined<i.how>(s.total[first + 2], s.total[first + 3]));
        simd::store<F>(to, sum);
      }
    };
    (one.template operator()<I, of::facts.vector_steps[I]>(), ...);
  };
  static_assert(at_once == 1 || at_once == 4);
  // From memory the next rows are asked for in advance. For single sums the processor runs far enough ahead by itself.
  constexpr bool may_ask = at_once > 1 && (reductions > 1 || has_extremum(of::facts));
  const auto ask_for_next = [&](std::ptrdiff_t at) __attribute__((always_inline)) {
    each_constant<slots>([&](auto k) __attribute__((always_inline)) {
      if constexpr (of::facts.slots[k].what == kind::load)
        if (row_step[k] != 0) {
          const std::ptrdiff_t there = at_once * row_step[k] + at * size_of(of::facts.slots[k].memory);
          (__builtin_prefetch(s.row_at[k * at_once + Row] + there), ...);
        }
    });
  };

  std::ptrdiff_t rows = v.rows;
  if constexpr (at_once > 1)
    for (; rows >= at_once; rows -= at_once) {
      s.i = 0;
      const auto round = [&]<int U>(std::integer_sequence<int, U>) __attribute__((always_inline)) {
        if constexpr (may_ask)
          if (v.streams) ask_for_next(s.i + U * lanes);
        (run_body<Program>(s, pack_of_row{Row, U}, all), ...);
        add_rows(std::integer_sequence<int, at_once, U>{});
      };
      each_constant<slots>([&](auto k) __attribute__((always_inline)) {
        ((s.row_at[k * at_once + Row] = s.at[k] + Row * row_step[k]), ...);
      });
      constexpr int further = reductions <= 2 ? 2 : 1;
      if constexpr (further > 1)
        for (; s.i + further * lanes <= n; s.i += further * lanes)
          each_constant<further>([&](auto u) __attribute__((always_inline)) { round(std::integer_sequence<int, u>{}); });
      for (; s.i + lanes <= n; s.i += lanes) round(std::integer_sequence<int, 0>{});
      if constexpr (lanes > 1)
        if (s.i < n)
          for (int row = 0; row < at_once; ++row) run_body<Program>(s, part_of_pack{n - s.i, row}, all);
      each_constant<slots>([&](auto k) __attribute__((always_inline)) { s.at[k] += at_once * row_step[k]; });
    }
  for (; rows > 0; --rows) {
    each_constant<slots>([&](auto k) __attribute__((always_inline)) { s.row_at[k * at_once] = s.at[k]; });
    for (s.i = 0; s.i + lanes <= n; s.i += lanes) {
      run_body<Program>(s, pack_of_row{0, 0}, all);
      add_rows(std::integer_sequence<int, 1, 0>{});
    }
    if constexpr (lanes > 1)
      if (s.i < n) run_body<Program>(s, part_of_pack{n - s.i}, all);
    each_constant<slots>([&](auto k) __attribute__((always_inline)) { s.at[k] += row_step[k]; });
  }
}

/// Reductions down the columns of v.rows rows.
template <class Program>
void down_rows(const row_view& v, std::ptrdiff_t n) {
  constexpr int at_once = loop_facts<Program>::facts.cost > 2 ? 1 : rows_at_once;
  down_rows_of<Program>(v, n, instructions_of<Program>{}, std::make_integer_sequence<int, at_once>{});
}

}  // namespace agnesi::loop
