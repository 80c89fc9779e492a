// SPDX-License-Identifier: BSD-3-Clause
// The sentences that a mistaken function or call gets, at compile time and at run time.
#pragma once

#include "agnesi/function/call.hpp"
#include "agnesi/function/messages.hpp"

namespace agnesi::detail {

template <class S, class F, class... In>
constexpr bool valid_update() {
  if constexpr (Invalid<F>) return false;
  else {
    using formula = formula_of<F>;
    constexpr bool known = position_of_name<S, In...>() >= 0;
    static_assert(known, "agnesi: updates changes a symbol that is not among the function's inputs");
    constexpr bool same_rank = S::type::rank == formula::type::rank;
    static_assert(same_rank, "agnesi: an update's formula has another rank than the symbol it updates");
    constexpr bool same_element = std::is_same_v<typename S::type::element, typename formula::type::element> || formula::type::weak;
    static_assert(same_element, "agnesi: an update's formula has another element type than the symbol it updates; cast it");
    return known && same_rank && same_element;
  }
}

template <class... S, class... F, class... U, class... G>
constexpr bool valid_lists(input_list<S...>, output_list<F...>, update_list<U...>, given_list<G...>) {
  static_assert((is_update<U> && ...), "agnesi: updates takes symbol = formula, ...");
  static_assert((is_update<G> && ...), "agnesi: givens takes symbol = formula, ...");
  if constexpr ((Invalid<F> || ... || false) || !(is_update<U> && ... && true) || !(is_update<G> && ... && true)) {
    return false;
  } else {
    constexpr bool distinct = distinct_names<S...>();
    static_assert(distinct, "agnesi: two of the function's inputs have the same name");
    constexpr bool once = distinct_names<typename update_parts<U>::symbol...>();
    static_assert(once, "agnesi: a symbol is updated twice");
    if constexpr (!distinct || !once) return false;
    else return (valid_update<typename update_parts<U>::symbol, typename update_parts<U>::formula, S...>() && ... && true);
  }
}

template <class In, class Out, class Up, class Given>
constexpr bool valid_model() {
  return valid_lists(In{}, Out{}, Up{}, Given{});
}

template <class Model>
void throw_check(int k, const std::int64_t* dims) {
  message_reader(compiled<Model>::messages.numbers, dims).complain(k);
}

[[noreturn, gnu::cold]] inline void throw_extent(std::string_view symbol, int axis, std::ptrdiff_t given, std::int64_t needed) {
  throw shape_error(text() << "agnesi: " << symbol << " is declared with extent " << needed << " along axis " << axis
                           << " and is given an array whose extent there is " << given);
}

}  // namespace agnesi::detail
