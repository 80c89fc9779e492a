// SPDX-License-Identifier: BSD-3-Clause
// Fused loops on the host: one pass over the elements of a loop for any mix of elementwise operations, casts, indices,
// stores and reductions, named by its instructions.
//   using axpy = loop_program<op_list<op::mul, op::add>, loop_code::load(0, dtype::f32, true), loop_code::load(1, dtype::f32),
//                             loop_code::apply(0, dtype::f32, 0, 1), …, loop_code::store(2, 4)>;
//   run_loop<axpy>({1, {n}}, operands);   // operands[0] = {&a}, operands[1] = {x, {1}}, operands[2] = {y, {1}}
#pragma once

#include "agnesi/backend/cpu/walk.hpp"

namespace agnesi {

namespace loop {

// One element, as numbers. Assign: reductions set their result, there being no other element.
template <int N, int Rank, bool Assign>
struct element_state : scalar_registers<N> {
  const loop_operand* operands;
  const std::ptrdiff_t* index_;

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
    if constexpr (Assign && !Accumulate) there = v;
    else there = combined(How, there, v);
  }
};

template <class Program, int Rank, bool Assign, bool OnlyUniform, std::size_t... I>
[[gnu::always_inline]] constexpr void element_of_loop(const loop_operand* operands, const std::ptrdiff_t* index,
                                                      [[maybe_unused]] code_word* cells, std::index_sequence<I...>) {
  using of = loop_facts<Program>;
  element_state<rounded(of::count), Rank, Assign> s;
  s.operands = operands;
  s.index_ = index;
  const auto run = [&]<std::size_t K, code_word Word>() __attribute__((always_inline)) {
    constexpr step i = unpacked_step(Word);
    if constexpr (!OnlyUniform || of::facts.uniform[K])
      run_step<typename of::template op_at<of::facts.op[K]>, Word, of::facts.bits[K]>(s, 0);
    if constexpr (OnlyUniform && of::facts.imported[K] && i.what != kind::constant)
      cells[of::facts.cell[K]] = loop_code::bits_of(s.template reg<i.type>(i.k));
  };
  (run.template operator()<I, of::facts.steps[I]>(), ...);
}

template <class Program>
using instructions_of = std::make_index_sequence<static_cast<std::size_t>(loop_facts<Program>::count)>;

template <class Program>
[[gnu::noinline]] void run_nest(const loop_space& space, const loop_operand* operands) {
  using of = loop_facts<Program>;
  constexpr auto& facts = of::facts;
  constexpr int n = facts.n_slots, reductions = facts.n_reductions;
  constexpr bool reduces = reductions > 0;
  code_word cells[facts.n_cells > 0 ? facts.n_cells : 1];
  element_of_loop<Program, 0, true, true>(operands, nullptr, cells, instructions_of<Program>{});

  char* at[n > 0 ? n : 1];
  std::ptrdiff_t steps[n > 0 ? n : 1];
  if constexpr (facts.unconverted()) {
    using F = element_of<facts.vector>;
    std::ptrdiff_t total;
    const unsigned axes = (1u << space.rank) - 1;
    if ((!reduces || (facts.axes & axes) == axes) && all_dense(space, facts.slots, n, operands, total) && total > 0) {
      for (int k = 0; k < n; ++k) at[k] = static_cast<char*>(operands[facts.slots[k].operand].data), steps[k] = -1;
      if constexpr (!reduces) return vector_row<Program, false>({at, steps, cells, nullptr}, total);
      alignas(64) F totals[(reduces ? reductions : 1) * simd::lanes<F>];
      pairwise<F> set_aside[reduces ? reductions : 1];
      if constexpr (reduces)
        return reduce_dense<F>(&vector_row<Program, true>, facts.slots, n, operands, cells, at, steps, totals, set_aside,
                               total);
    }
  }

  loop_slot slots[n > 0 ? n : 1];
  open_slots(facts.slots, n, operands, slots, space.rank);
  nest shape = arrange(space, slots, n, facts.axes, reduces);
  if constexpr (reduces)
    if (shape.empty || facts.vector == dtype::none)
      for (int k = 0; k < n; ++k)
        if (const slot_facts& f = facts.slots[k]; f.what == kind::reduce && !f.accumulate)
          fill_identity(space, operands[f.operand], f.memory, f.how, facts.axes);
  if (shape.empty) return;

  if constexpr (facts.vector == dtype::none) {
    row_kernel kernel = &scalar_row<Program, false>;
    if constexpr (reduces)
      if (shape.along_row) kernel = &scalar_row<Program, true>;
    walk_numbers(shape, slots, n, kernel, cells, at, steps);
  } else {
    using F = element_of<facts.vector>;
    constexpr std::ptrdiff_t lanes = simd::lanes<F>;
    alignas(64) F buffer[(n - reductions) * staged_block + reductions * totals_block];
    alignas(64) F totals[reduces ? reductions * lanes : 1];
    F* buffers[n > 0 ? n : 1];
    std::ptrdiff_t staged[n > 0 ? n : 1];
    pairwise<F> set_aside[reduces ? reductions : 1];
    double rows_aside[reduces && facts.axes != loop_code::every_axis ? reductions * totals_block : 1];
    F* free = buffer;
    for (int k = 0; k < n; ++k) {
      buffers[k] = free;
      free += facts.slots[k].what == kind::reduce ? totals_block : staged_block;
    }
    row_kernel kernel;
    if constexpr (!reduces) {
      kernel = &vector_row<Program, false>;
    } else {
      kernel = &vector_row<Program, true>;
      if constexpr (facts.axes != loop_code::every_axis)
        if (!shape.along_row) kernel = &vector_row<Program, false>;
    }
    vector_walk<F> walk{shape,   slots,  n,      kernel, cells, at, steps,
                        buffers, staged, totals, reduces ? set_aside : nullptr, rows_aside};
    walk.run();
  }
}

}  // namespace loop

/// Runs the program over every element of the space. A loop of rank 0 is straight-line code, inlined here.
template <class Program>
[[gnu::always_inline]] inline void run_loop(const loop_space& space, const loop_operand* operands) {
  if (space.rank == 0)
    loop::element_of_loop<Program, 0, true, false>(operands, nullptr, nullptr, loop::instructions_of<Program>{});
  else
    loop::run_nest<Program>(space, operands);
}

/// The program at one index, on the host or a device; Rank is the loop's, `index` has as many entries. Reductions combine
/// with what their results hold, without atomics.
template <class Program, int Rank = max_loop_rank>
constexpr void run_element(const loop_operand* operands, const std::ptrdiff_t* index) {
  loop::element_of_loop<Program, Rank, false, false>(operands, index, nullptr, loop::instructions_of<Program>{});
}

}  // namespace agnesi
