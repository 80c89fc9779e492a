// SPDX-License-Identifier: BSD-3-Clause
// The interpreter's other arithmetic: every operation by its own block, in float or double.
//   const detail::interpreter run(g, in, {&machine_value});
#pragma once

#include "agnesi/ir/universe.hpp"
#include "support/interpret.hpp"

namespace agnesi::testing {

namespace detail {

template <class Op, class T>
real evaluated(const real* a) {
  const auto x = [a](int k) { return static_cast<T>(a[k]); };
  if constexpr (std::is_same_v<Op, op::where>) return static_cast<real>(Op::eval(a[0] != 0, x(1), x(2)));
  else if constexpr (Op::arity == 3) return static_cast<real>(Op::eval(x(0), x(1), x(2)));
  else if constexpr (Op::arity == 2) return static_cast<real>(Op::eval(x(0), x(1)));
  else return static_cast<real>(Op::eval(x(0)));
}

using machine_function = real (*)(const real*);
template <class Op, class T>
constexpr machine_function machine_function_of() {
  constexpr bool logical = std::is_base_of_v<op::logical<1>, Op> || std::is_base_of_v<op::logical<2>, Op>;
  if constexpr (Op::kind == op_kind::elementwise && !logical && !std::is_same_v<Op, op::cast>) return &evaluated<Op, T>;
  else return nullptr;
}
template <class T, class... Op>
machine_function function_at(int number, op_list<Op...>) {
  static constexpr machine_function all[] = {machine_function_of<Op, T>()...};
  return number >= 0 ? all[number] : nullptr;
}

}  // namespace detail

inline real machine_value(const op_info& op, dtype type, const real* args) {
  const auto f = type == dtype::f32 ? detail::function_at<float>(op.number, core_ops{})
                                    : detail::function_at<double>(op.number, core_ops{});
  if (f == nullptr) throw std::logic_error("no arithmetic is known for the operation " + std::string(op.name));
  return f(args);
}

}  // namespace agnesi::testing
