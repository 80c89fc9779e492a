// SPDX-License-Identifier: BSD-3-Clause
// ag::grad(cost, w): the gradient as a formula; ag::grad(cost, w, b): a tuple of them.
#pragma once

#include <tuple>

#include "agnesi/ops/structure.hpp"

namespace agnesi {

struct allow_unused_t {};
inline constexpr allow_unused_t allow_unused{};

namespace detail {

// Whether a formula's list has this symbol's node.
template <class List, class Symbol>
constexpr bool contains_symbol() {
  const code::list l{List::words, List::size, List::nodes, nullptr};
  using one = typename formula_of<Symbol>::list;
  for (int at = 0; at < l.size; at += code::length_of(l.words[at])) {
    bool equal = true;
    for (int k = 0; k < one::size && equal; ++k) equal = at + k < l.size && l.words[at + k] == one::words[k];
    if (equal) return true;
  }
  return false;
}

template <bool AllowUnused, class Cost, class W>
constexpr auto grad_by(Cost cost, W w) {
  if constexpr (Invalid<Cost> || Invalid<W>) {
    return invalid{};
  } else if constexpr (!Symbol<W>) {
    static_assert(Symbol<W>, "agnesi: a gradient is taken with respect to a symbol, not to a formula");
    return invalid{};
  } else if constexpr (!AllowUnused && !contains_symbol<typename formula_of<Cost>::list, W>()) {
    report<mistake::wrt_unused, op::gradient, W>();
    return invalid{};
  } else {
    return apply<op::gradient, AllowUnused>(cost, w);
  }
}

template <class T>
inline constexpr bool is_allow_unused = std::is_same_v<T, allow_unused_t>;

// The gradients by all but the option, which comes last.
template <bool AllowUnused, class Cost, class Symbols, std::size_t... I>
constexpr auto grads(Cost cost, Symbols symbols, std::index_sequence<I...>) {
  if constexpr (sizeof...(I) == 1) return grad_by<AllowUnused>(cost, std::get<0>(symbols));
  else return std::tuple{grad_by<AllowUnused>(cost, std::get<I>(symbols))...};
}

}  // namespace detail

// d cost / d w for each symbol, of its type and shape. The cost is a scalar of type float or double. A symbol
// that the cost does not depend on is an error, or, with ag::allow_unused at the end, has a gradient of zeros.
template <Operand Cost, class... W>
  requires((Operand<W> || detail::is_allow_unused<W>) && ...)
constexpr auto grad(Cost, W...) {
  constexpr bool allow = (detail::is_allow_unused<W> || ... || false);
  constexpr std::size_t n = sizeof...(W) - (allow ? 1 : 0);
  static_assert(n > 0, "agnesi: grad needs at least one symbol after the cost");
  return decltype(detail::grads<allow>(Cost{}, std::tuple<W...>{}, std::make_index_sequence<n>{})){};
}

}  // namespace agnesi
