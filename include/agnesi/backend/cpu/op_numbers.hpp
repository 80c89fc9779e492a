// SPDX-License-Identifier: BSD-3-Clause
// The operation that a plan names by its number: the core's first, then those of the model.
//   decltype(detail::op_numbered<3, UserOps>())::type
#pragma once

#include <utility>

#include "agnesi/ir/core_ops.hpp"

namespace agnesi::cpu {

namespace detail {

template <int I, class T>
struct numbered {};
template <class Seq, class... T>
struct numbering;
template <std::size_t... I, class... T>
struct numbering<std::index_sequence<I...>, T...> : numbered<static_cast<int>(I), T>... {};
template <class... T>
constexpr auto number_types(op_list<T...>) {
  return numbering<std::index_sequence_for<T...>, T...>{};
}
template <class T>
struct type_holder {
  using type = T;
};
template <int I, class T>
constexpr type_holder<T> type_at(numbered<I, T>) {
  return {};
}

template <int Number, class UserOps>
constexpr auto op_numbered() {
  if constexpr (Number < first_user_op) return type_at<Number>(decltype(number_types(core_ops{})){});
  else return type_at<Number - first_user_op>(decltype(number_types(UserOps{})){});
}

}  // namespace detail

}  // namespace agnesi::cpu
