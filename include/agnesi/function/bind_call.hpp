// SPDX-License-Identifier: BSD-3-Clause
// The arguments of a call, by position or by name.
//   bind_all<Model>(call, X, W);   bind_all<Model>(call, w = W, x = X);   // into call.arguments
#pragma once

#include <tuple>

#include "agnesi/function/bind.hpp"
#include "agnesi/function/model.hpp"

namespace agnesi::detail {

template <class V>
inline constexpr bool is_binding = false;
template <class S, class V>
inline constexpr bool is_binding<binding<S, V>> = true;

// A bound symbol's argument, found by its name.
template <class S, class... Bound>
constexpr int binding_of() {
  const std::string_view names[] = {name_of_symbol(typename Bound::symbol{})..., ""};
  int found = -1;
  for (int k = 0; k < static_cast<int>(sizeof...(Bound)); ++k)
    if (names[k] == name_of_symbol(S{})) found = found < 0 ? k : -2;
  return found;
}

template <class Updated, class S>
constexpr bool is_updated_symbol() {
  return []<class... U>(op_list<U...>) { return position_of_name<S, U...>() >= 0; }(Updated{});
}

template <class Model, class S, class Call, class... Given>
[[gnu::always_inline]] constexpr bool take_binding(Call& c, int slot, std::tuple<Given&...> given) {
  constexpr int at = binding_of<S, Given...>();
  static_assert(at != -1, "agnesi: a call by name misses one of the function's inputs");
  static_assert(at != -2, "agnesi: a call by name gives one input twice");
  if constexpr (at >= 0) {
    auto& b = std::get<static_cast<std::size_t>(at)>(given);
    using value = decltype(b.value);
    bind<S, is_updated_symbol<typename definition_of<Model>::updated, S>()>(c.arguments[slot], static_cast<value&&>(b.value));
  }
  return true;
}

template <class Model, class Call, class... S, class... Given>
[[gnu::always_inline]] inline void bind_named(Call& c, input_list<S...>, Given&... given) {
  static_assert(((position_of_name<typename Given::symbol, S...>() >= 0) && ...),
                "agnesi: a call by name gives a symbol that is not among the function's inputs");
  int slot = 0;
  (take_binding<Model, S>(c, slot++, std::tuple<Given&...>(given...)), ...);
}

template <class Model, class Call, class... S, class... Args>
[[gnu::always_inline]] inline void bind_positional(Call& c, input_list<S...>, Args&&... args) {
  static_assert(sizeof...(S) == sizeof...(Args),
                "agnesi: the call has more or fewer arguments than the function has inputs");
  if constexpr (sizeof...(S) == sizeof...(Args)) {
    int slot = 0;
    (bind<S, is_updated_symbol<typename definition_of<Model>::updated, S>()>(c.arguments[slot++], static_cast<Args&&>(args)), ...);
  }
}

// Into the arguments of a call of either kind.
template <class Model, class Call, class... Args>
[[gnu::always_inline]] inline void bind_all(Call& c, Args&&... args) {
  if constexpr (sizeof...(Args) > 0 && (is_binding<std::remove_cvref_t<Args>> && ...)) {
    bind_named<Model>(c, typename definition_of<Model>::inputs{}, args...);
  } else {
    static_assert((!is_binding<std::remove_cvref_t<Args>> && ...),
                  "agnesi: a call is by position or by name, not both at once");
    bind_positional<Model>(c, typename definition_of<Model>::inputs{}, static_cast<Args&&>(args)...);
  }
}

}  // namespace agnesi::detail
