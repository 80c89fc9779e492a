// SPDX-License-Identifier: BSD-3-Clause
// Everything that an operation's number in a formula's type stands for: the core's operations, then the
// formula's own (domains' and users').
//   universe u = universe_of<op_list<swish_op>>();  u.op(first_user_op)->name == "swish"
#pragma once

#include "agnesi/ir/core_ops.hpp"
#include "agnesi/ir/elementwise.hpp"

namespace agnesi {

struct universe {
  const op_info* const* core_ops = nullptr;
  const derivative_function* core_derivatives = nullptr;
  int n_core = 0;
  const op_info* const* user_ops = nullptr;
  const derivative_function* user_derivatives = nullptr;
  int n_user = 0;

  constexpr const op_info* op(int number) const {
    return number < first_user_op ? core_ops[number] : user_ops[number - first_user_op];
  }
  constexpr int number(const op_info* op) const {
    if (op->number >= 0) return op->number;
    for (int k = 0; k < n_user; ++k)
      if (user_ops[k] == op) return first_user_op + k;
    return -1;
  }
  constexpr derivative_function derivative(const op_info* op) const {
    const int n = number(op);
    if (n < 0) return nullptr;
    return n < first_user_op ? core_derivatives[n] : user_derivatives[n - first_user_op];
  }
};

namespace detail {

// `When` only delays the core's table until its operations are complete.
template <class List, class When>
struct op_table;
template <class... Op, class When>
struct op_table<op_list<Op...>, When> {
  static constexpr const op_info* infos[sizeof...(Op) + 1] = {&info<Op>..., nullptr};
  static constexpr derivative_function derivatives[sizeof...(Op) + 1] = {derivative_of<Op>()..., nullptr};
};

}  // namespace detail

template <class Ops>
constexpr universe universe_of() {
  using core = detail::op_table<core_ops, Ops>;
  using user = detail::op_table<Ops, Ops>;
  return {core::infos, core::derivatives, static_cast<int>(core_ops::size),
          user::infos, user::derivatives, static_cast<int>(Ops::size)};
}

}  // namespace agnesi
