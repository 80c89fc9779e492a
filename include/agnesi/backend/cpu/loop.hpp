// SPDX-License-Identifier: BSD-3-Clause
// Fused loops on the host: one pass over the elements of a loop for any mix of elementwise operations, casts, indices,
// stores and reductions, named by its instructions.
//   using axpy = loop_program<op_list<op::mul, op::add>, loop_code::load(0, dtype::f32, true),
//                             loop_code::load(1, dtype::f32), loop_code::apply(0, dtype::f32, 0, 1), …>;
//   run_loop<axpy>({1, {n}}, operands);   // operands[0] = {&a}, operands[1] = {x, {1}}, operands[2] = {y, {1}}
#pragma once

#include "agnesi/backend/cpu/down_rows.hpp"
#include "agnesi/backend/cpu/number_row.hpp"
#include "agnesi/backend/cpu/pack_row.hpp"
#include "agnesi/backend/cpu/run_nest.hpp"
#include "agnesi/core/each_constant.hpp"

namespace agnesi {

namespace loop {

// One element, as numbers.
template <int N, int Rank>
struct element_state : scalar_registers<N> {
  const loop_operand* operands;
  const std::ptrdiff_t* index_;
  bool onto;  // reductions add to what their results hold; otherwise they set it, there being no other element

  template <class T>
  [[gnu::always_inline]] constexpr T& element(int operand) const {
    T* p = static_cast<T*>(operands[operand].data);
    for (int a = 0; a < Rank; ++a) p += index_[a] * operands[operand].strides[a];
    return *p;
  }
  template <dtype D, bool Uniform>
  [[gnu::always_inline]] constexpr auto load(int, int operand, int) const {
    using T = element_of<D>;
    if constexpr (Uniform) return *static_cast<const T*>(operands[operand].data);
    else return static_cast<T>(element<T>(operand));
  }
  template <dtype D>
  [[gnu::always_inline]] constexpr auto index(int, int axis, int) const {
    if constexpr (Rank == 0) return static_cast<void>(axis), std::int64_t{0};
    else return static_cast<std::int64_t>(index_[axis]);
  }
  template <dtype D>
  [[gnu::always_inline]] constexpr void store(int, int operand, element_of<D> v, int) const {
    element<element_of<D>>(operand) = v;
  }
  template <dtype D, combine How, bool Accumulate>
  [[gnu::always_inline]] constexpr void reduce(int, int, int operand, element_of<D> v, int) const {
    auto& there = element<element_of<D>>(operand);
    there = Accumulate || onto ? combined(How, there, v) : v;
  }
};

template <class Program, int Rank, bool OnlyUniform, std::size_t... I>
[[gnu::always_inline]] constexpr void element_of_loop(const loop_operand* operands, const std::ptrdiff_t* index, bool onto,
                                                      [[maybe_unused]] code_word* cells, std::index_sequence<I...>) {
  using of = loop_facts<Program>;
  element_state<rounded(of::count), Rank> s;
  s.operands = operands;
  s.index_ = index;
  s.onto = onto;
  const auto run = [&]<std::size_t K, code_word Word>() __attribute__((always_inline)) {
    constexpr step i = unpacked_step(Word);
    if constexpr (!OnlyUniform || of::facts.uniform[K])
      run_step<typename of::template op_at<of::facts.op[K]>, Word, of::facts.bits[K]>(s, 0);
    if constexpr (OnlyUniform && of::facts.imported[K] && i.what != kind::constant)
      cells[of::facts.cell[K]] = loop_code::bits_of(s.template reg<i.type>(i.k));
  };
  (run.template operator()<I, of::facts.steps[I]>(), ...);
}

// No array has no elements.
constexpr int at_least_one(int n) { return n > 0 ? n : 1; }

// Of an element, in bytes read or written: a cheap operation takes the time of half a byte, packs as wide as can be.
template <class Program>
inline constexpr double work_of = work_of_element(loop_facts<Program>::facts.slots, loop_facts<Program>::facts.n_slots,
                                                  loop_facts<Program>::facts.cost);

// Whether every slot lies element behind element in the loop's order, the results of reductions apart; then `total` is the
// number of elements.
template <class Program>
[[gnu::always_inline]] inline bool all_dense(const loop_space& space, const loop_operand* operands, std::ptrdiff_t& total) {
  constexpr auto& facts = loop_facts<Program>::facts;
  total = 1;
  for (int a = space.rank - 1; a >= 0; --a) {
    if (space.extents[a] == 1) continue;
    bool dense = true;
    each_constant<facts.n_slots>([&](auto k) __attribute__((always_inline)) {
      if constexpr (facts.slots[k].what != kind::reduce) dense = dense && operands[facts.slots[k].operand].strides[a] == total;
    });
    if (!dense) return false;
    total *= space.extents[a];
  }
  return true;
}

// Begin: clears each reduction's pack of totals. Otherwise makes it the reduction's result, a single number.
template <class Program, bool Begin, class F, std::size_t... I>
[[gnu::always_inline]] inline void each_total(const loop_operand* operands, F* totals, bool onto, std::index_sequence<I...>) {
  const auto one = [&]<code_word Word>() __attribute__((always_inline)) {
    constexpr step i = unpacked_step(Word);
    if constexpr (i.what == kind::reduce && Begin) {
      simd::store<F>(totals + i.k * simd::lanes<F>, simd::splat<F>(identity_of<F>(i.how)));
    } else if constexpr (i.what == kind::reduce) {
      auto& there = *static_cast<element_of<i.ta>*>(operands[i.c].data);
      const auto x = converted_to<element_of<i.ta>>(lanes_into_one(i.how, totals + i.k * simd::lanes<F>));
      there = i.flag || onto ? combined(i.how, there, x) : x;
    }
  };
  (one.template operator()<loop_facts<Program>::facts.steps[I]>(), ...);
}

// Where all operands are dense, and reduced to one number if at all: true if that was so, and everything is done.
template <class Program>
[[gnu::always_inline]] inline bool run_dense(const loop_space& space, const loop_operand* operands, const code_word* cells) {
  constexpr auto& facts = loop_facts<Program>::facts;
  constexpr int n = facts.n_slots, reductions = facts.n_reductions;
  using F = element_of<facts.vector>;
  std::ptrdiff_t total;
  if (!all_dense<Program>(space, operands, total)) return false;
  if (static_cast<double>(total) * work_of<Program> >= cpu::bounds.large()) return false;
  char* at[at_least_one(n)];
  std::ptrdiff_t keep[at_least_one(n)];
  each_constant<n>([&](auto k) __attribute__((always_inline)) {
    at[k] = by_itself(static_cast<char*>(operands[facts.slots[k].operand].data)), keep[k] = -1;
  });
  if constexpr (reductions == 0) {
    pack_row<Program, false>({at, keep, cells, nullptr}, total);
  } else {
    if (total == 0) return false;
    alignas(64) F totals[reductions * simd::lanes<F>];
    if (total <= sum_block) {
      each_total<Program, true>(operands, totals, space.onto, instructions_of<Program>{});
      pack_row<Program, true>({at, keep, cells, totals}, total);
      each_total<Program, false>(operands, totals, space.onto, instructions_of<Program>{});
      return true;
    }
    pairwise<F> set_aside[reductions];
    reduce_dense<F>(&pack_row<Program, true>, facts.slots, n, operands, cells, at, keep, totals, set_aside, total, space.onto);
  }
  return true;
}

// The same of a program of mixed types; a long row is summed in parts.
template <class Program>
[[gnu::always_inline]] inline bool run_dense_numbers(const loop_space& space, const loop_operand* operands, const code_word* cells) {
  constexpr auto& facts = loop_facts<Program>::facts;
  constexpr int n = facts.n_slots;
  std::ptrdiff_t total;
  if (!all_dense<Program>(space, operands, total) || static_cast<double>(total) * work_of<Program> >= cpu::bounds.large()) return false;
  if (facts.n_reductions > 0 && (total == 0 || total > sum_block / 4)) return false;
  char* at[at_least_one(n)];
  std::ptrdiff_t step[at_least_one(n)];
  each_constant<n>([&](auto k) __attribute__((always_inline)) {
    constexpr slot_facts s = facts.slots[k];
    at[k] = by_itself(static_cast<char*>(operands[s.operand].data)), step[k] = size_of(s.memory);
    if constexpr (s.what == kind::reduce && !s.accumulate)
      if (!space.onto) *reinterpret_cast<element_of<s.memory>*>(at[k]) = identity_of<element_of<s.memory>>(s.how);
  });
  number_row<Program, (facts.n_reductions > 0)>({at, step, cells, nullptr}, total);
  return true;
}

template <class Program, bool Turns>
void run_nest(const loop_space& space, const loop_operand* operands, const code_word* cells) {
  using of = loop_facts<Program>;
  constexpr auto& facts = of::facts;
  constexpr bool whole = facts.axes == loop_code::every_axis;
  static constexpr nest_facts known{facts.slots, facts.n_slots, facts.n_reductions, facts.axes, work_of<Program>,
                                    unroll_of<Program, (facts.n_reductions > 0)>,
                                    of::count == facts.n_slots && facts.n_slots == facts.n_reductions + 1 && facts.unconverted()};
  if constexpr (facts.vector == dtype::none) {
    if constexpr (facts.n_reductions == 0)
      run_number_nest(known, &number_row<Program, false>, nullptr, &run_nest<Program, Turns>, space, operands, cells);
    else
      run_number_nest(known, &number_row<Program, false>, &number_row<Program, true>, &run_nest<Program, Turns>, space, operands, cells);
  } else {
    using F = element_of<facts.vector>;
    if constexpr (facts.n_reductions == 0)
      run_pack_nest<F>(known, &pack_row<Program, false>, nullptr, &walk_rows<F, Turns>, &run_nest<Program, Turns>, space, operands, cells);
    else if constexpr (whole)
      run_pack_nest<F>(known, nullptr, &pack_row<Program, true>, &walk_all<F>, &run_nest<Program, Turns>, space, operands, cells);
    else {
      static constexpr auto row_totals = row_totals_of<Program, F>(std::make_integer_sequence<int, facts.n_slots>{});
      run_pack_nest<F>(known, &down_rows<Program>, &pack_row<Program, true>, &walk_kept_axes<F>, &run_nest<Program, Turns>, space, operands,
                       cells, row_totals.of_slot);
    }
  }
}

// Dense operands are taken care of where the loop is called, as there the compiler often knows its rank.
template <class Program, bool Turns>
[[gnu::always_inline]] inline void run_space(const loop_space& space, const loop_operand* operands) {
  constexpr auto& facts = loop_facts<Program>::facts;
  code_word cells[at_least_one(facts.n_cells)];
  element_of_loop<Program, 0, true>(operands, nullptr, false, cells, instructions_of<Program>{});
  if constexpr (facts.in_memory() && (facts.n_reductions == 0 || facts.axes == loop_code::every_axis)) {
    if constexpr (facts.vector == dtype::none) {
      if (run_dense_numbers<Program>(space, operands, cells)) return;
    } else if (run_dense<Program>(space, operands, cells)) return;
  }
  run_nest<Program, Turns>(space, operands, cells);
}

}  // namespace loop

/// Runs the program over every element of the space. A loop of rank 0 is straight-line code, inlined here. Turns: strides may be in
/// another order than the axes; where they are, and it was said that they would not be, the loop is slower.
template <class Program, bool Turns = true>
[[gnu::always_inline]] inline void run_loop(const loop_space& space, const loop_operand* operands) {
  if (space.rank == 0)
    loop::element_of_loop<Program, 0, false>(operands, nullptr, space.onto, nullptr, loop::instructions_of<Program>{});
  else
    loop::run_space<Program, Turns>(space, operands);
}

/// The program at one index, on the host or a device; Rank is the loop's, `index` has as many entries. Reductions
/// combine with what their results hold, without atomics.
template <class Program, int Rank = max_loop_rank>
constexpr void run_element(const loop_operand* operands, const std::ptrdiff_t* index) {
  loop::element_of_loop<Program, Rank, false>(operands, index, true, nullptr, loop::instructions_of<Program>{});
}

}  // namespace agnesi
