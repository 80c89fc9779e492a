// SPDX-License-Identifier: BSD-3-Clause
// What a step's numbers in a plan mean, for every way of running it: extents, the type of a loop's program, the factors of a product.
//   using program = step_program<Compiled, UserOps, 0>;   T alpha = alpha_of<T>(table.steps[1], factor);
#pragma once

#include "agnesi/backend/cpu/op_numbers.hpp"
#include "agnesi/ir/loop_code.hpp"
#include "agnesi/passes/plan.hpp"

namespace agnesi::cpu {

namespace detail {

template <class Compiled, class UserOps, int I, std::size_t... W, std::size_t... O>
constexpr auto program_of_step(std::index_sequence<W...>, std::index_sequence<O...>) {
  constexpr step s = Compiled::table.steps[I];
  return type_holder<
      loop_program<op_list<typename decltype(op_numbered<Compiled::table.ops[s.first_op + static_cast<int>(O)], UserOps>())::type...>,
                   Compiled::table.words[s.first_word + static_cast<int>(W)]...>>{};
}

}  // namespace detail

// An extent: a number, or where the call's extents have it.
constexpr std::int64_t value_of_dim(dim d, const std::int64_t* dims) { return d >= 0 ? d : dims[-1 - d]; }

// Of step I, a loop.
template <class Compiled, class UserOps, int I>
using step_program = typename decltype(detail::program_of_step<Compiled, UserOps, I>(
    std::make_index_sequence<static_cast<std::size_t>(Compiled::table.steps[I].n_words)>{},
    std::make_index_sequence<static_cast<std::size_t>(Compiled::table.steps[I].n_ops)>{}))::type;

// out = alpha * a . b + beta * out, of which either may have a factor in memory; null where it has none.
template <class T>
[[gnu::always_inline]] constexpr T alpha_of(const step& s, const T* factor) {
  const T alpha = static_cast<T>(s.alpha);
  return !s.alpha_operand ? alpha : s.divide_alpha ? alpha / *factor : alpha * *factor;
}
template <class T>
[[gnu::always_inline]] constexpr T beta_of(const step& s, const T* factor) {
  const T beta = static_cast<T>(s.beta);
  return s.beta_operand ? beta * *factor : beta;
}

}  // namespace agnesi::cpu
