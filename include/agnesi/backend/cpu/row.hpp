// SPDX-License-Identifier: BSD-3-Clause
// What the innermost loops have in common, pack_row.hpp's over packs of one floating type and number_row.hpp's where
// types are mixed: the row they are given, and the order of execution.
//   row_kernel kernel = &pack_row<Program, false>;  kernel(view, n);
#pragma once

#include "agnesi/backend/cpu/registers.hpp"

namespace agnesi::loop {

// One row as a kernel sees it, slot by slot.
struct row_view {
  char* const* at;             // the first element; an iota's index as a number
  const std::ptrdiff_t* step;  // numbers: bytes from one to the next. Packs: -1, or 0 where there is one number, or one pack if reduced
  const code_word* cells;      // the uniform values
  void* totals;                // packs: for each reduction along the row a pack that it is added to
  bool streams = false;        // packs: stores bypass the caches, and are to aligned packs; down the columns: all comes from memory
  std::ptrdiff_t rows = 1;     // packs: so many rows,
  const std::ptrdiff_t* row_step = nullptr;  // so many bytes apart
};
// How many packs a kernel does in a round at most.
inline constexpr int most_unrolled = 8;
using row_kernel = void (*)(const row_view&, std::ptrdiff_t n);

// A pointer that is loaded by itself. Compilers would load two of them as one vector, and waiting for the two stores that
// the vector is made of costs 4 ns each time, more than a row of a hundred elements.
template <class T>
[[gnu::always_inline]] inline T by_itself(T p) {
  asm("" : "+r"(p));
  return p;
}

template <class Program>
using instructions_of = std::make_index_sequence<static_cast<std::size_t>(loop_facts<Program>::count)>;

template <class Program, class State, std::size_t... I>
[[gnu::always_inline]] inline void take_uniforms(State& s, const code_word* cells, std::index_sequence<I...>) {
  using of = loop_facts<Program>;
  const auto take = [&]<std::size_t K, code_word Word>() __attribute__((always_inline)) {
    constexpr step i = unpacked_step(Word);
    if constexpr (!of::facts.imported[K]) return;
    else if constexpr (i.what == kind::constant) run_step<no_op, Word, of::facts.bits[K]>(s, 0);
    else
      s.template reg<i.type>(i.k) =
          s.template splat<i.type>(loop_code::value_of_bits<element_of<i.type>>(cells[of::facts.cell[K]]));
  };
  constexpr bool packs = State::packs;
  (take.template operator()<I, packs ? of::facts.vector_steps[I] : of::facts.steps[I]>(), ...);
}

// Of packs: what instruction K divides by, where that is a constant.
template <class Program, class State, std::size_t K>
constexpr code_word divisor_bits() {
  using of = loop_facts<Program>;
  if constexpr (State::packs && std::is_same_v<typename of::template op_at<of::facts.op[K]>, op::div>)
    if constexpr (constexpr step i = unpacked_step(of::facts.vector_steps[K]); i.what == kind::apply) return of::facts.bits[i.b];
  return 0;
}

// Everything that differs from element to element.
template <class Program, class State, class Place, std::size_t... I>
[[gnu::always_inline]] inline void run_body(State& s, Place at, std::index_sequence<I...>) {
  using of = loop_facts<Program>;
  const auto run = [&]<std::size_t K>() __attribute__((always_inline)) {
    if constexpr (!of::facts.uniform[K])
      run_step<typename of::template op_at<of::facts.op[K]>,
               State::packs ? of::facts.vector_steps[K] : of::facts.steps[K], divisor_bits<Program, State, K>()>(s, at);
  };
  (run.template operator()<I>(), ...);
}

}  // namespace agnesi::loop
