// SPDX-License-Identifier: BSD-3-Clause
// The step that sums a loop's values and their squared deviations: two loops where all stays in the first cache, otherwise one sweep.
//   run_deviations<Compiled, UserOps, I, float>(space, operands);   // of step I; operands 0 and 1 are the results
#pragma once

#include "agnesi/backend/cpu/deviations_along.hpp"
#include "agnesi/backend/cpu/loop.hpp"
#include "agnesi/backend/cpu/step_program.hpp"

namespace agnesi::cpu {

namespace detail {

// The step's words are those of what computes x, then one for each of the rest (see deviation_words).
template <class Compiled, class UserOps, int I, class X, class O>
struct deviation_programs;
template <class Compiled, class UserOps, int I, std::size_t... X, std::size_t... O>
struct deviation_programs<Compiled, UserOps, I, std::index_sequence<X...>, std::index_sequence<O...>> {
  static constexpr step s = Compiled::table.steps[I];
  template <std::size_t... Rest>
  using program = loop_program<
      op_list<typename decltype(op_numbered<Compiled::table.ops[s.first_op + static_cast<int>(O)], UserOps>())::type...>,
      Compiled::table.words[s.first_word + static_cast<int>(X)]...,
      Compiled::table.words[s.first_word + static_cast<int>(sizeof...(X) + Rest)]...>;
  using sum = program<5>;
  using squares = program<0, 1, 2, 3>;
  using both = program<0, 1, 2, 3, 4>;
};

template <class Compiled, class UserOps, int I>
using programs_of_deviations =
    deviation_programs<Compiled, UserOps, I,
                       std::make_index_sequence<static_cast<std::size_t>(Compiled::table.steps[I].n_words - deviation_words)>,
                       std::make_index_sequence<static_cast<std::size_t>(Compiled::table.steps[I].n_ops)>>;

}  // namespace detail

template <class Programs, class T>
void run_deviations_of_all(const deviation_loop& work, const loop_space& space, loop_operand* operands) {
  T* const to = static_cast<T*>(operands[0].data);
  T* const sum_to = static_cast<T*>(operands[1].data);
  if (const double count = elements_of(space); count * work.bytes <= bounds.twice_below) {
    T shift = 0, total = 0, square = 0;
    operands[2].data = &shift, operands[3].data = &total, operands[4].data = &square;
    run_loop<typename Programs::sum>(space, operands);
    shift = total / static_cast<T>(count);
    run_loop<typename Programs::squares>(space, operands);
    if (is_far_from_rounding(square, shift, count)) {
      *to = square;
      if (sum_to != nullptr) *sum_to = total;
      return;
    }
  }
  const deviation_sums sums = deviations<T>(work, space, operands);
  *to = static_cast<T>(sums.squares);
  if (sum_to != nullptr) *sum_to = static_cast<T>(sums.sum());
}

template <class Compiled, class UserOps, int I, class T>
void run_deviations(loop_space& space, loop_operand* operands) {
  constexpr step s = Compiled::table.steps[I];
  using programs = detail::programs_of_deviations<Compiled, UserOps, I>;
  constexpr auto& facts = loop::loop_facts<typename programs::both>::facts;
  constexpr auto run = [](const loop_space& part, const loop_operand* at) { run_loop<typename programs::both>(part, at); };
  static_assert(s.n_operands <= most_deviation_operands);
  constexpr bool keeps_axes = s.axis != (std::int64_t{1} << s.rank) - 1;
  constexpr double bytes = bytes_read(facts.slots, facts.n_slots) - (keeps_axes ? static_cast<double>(sizeof(T)) : 0);  // less the shifts
  static constexpr deviation_loop work{run, facts.slots, facts.n_slots, s.n_operands, bytes};
  if constexpr (keeps_axes) return deviations_along<T>::run(work, static_cast<unsigned>(s.axis), space, operands);
  else return run_deviations_of_all<programs, T>(work, space, operands);
}

}  // namespace agnesi::cpu
