// SPDX-License-Identifier: BSD-3-Clause
// A node of a graph under construction, to be written with the same operators as the user's formulas:
//   ref y = ...;  ref d = g * (1 - sqr(y));
#pragma once

#include <type_traits>

#include "agnesi/ir/leaf.hpp"

namespace agnesi {

struct ref {
  using agnesi_operand = void;
  using agnesi_value_operand = void;
  graph* g = nullptr;
  int id = -1;  // -1: nothing, the zero cotangent
};

template <int N>
struct cotangents {
  int ids[N]{};
};
// Cotangents of several arguments, in order.
template <class... R>
constexpr auto both(R... r) {
  return cotangents<static_cast<int>(sizeof...(R))>{{r.id...}};
}
inline constexpr ref no_cotangent{};

constexpr int node_of(graph&, ref r) { return r.id; }
template <class T>
  requires std::is_arithmetic_v<T>
constexpr int node_of(graph& g, T v) {
  if constexpr (std::is_floating_point_v<T>) return literal(g, static_cast<double>(v));
  else return literal(g, static_cast<std::int64_t>(v));
}
template <class... X>
constexpr graph* graph_of(X... x) {
  graph* found = nullptr;
  const auto look = [&](auto v) {
    if constexpr (std::is_same_v<decltype(v), ref>) found = found == nullptr ? v.g : found;
  };
  (look(x), ...);
  return found;
}

template <class Op, std::int64_t... A, class... X>
  requires(std::is_same_v<X, ref> || ...)
constexpr ref apply_value(X... x) {
  graph* g = graph_of(x...);
  const int args[] = {node_of(*g, x)...};
  const std::int64_t attrs[] = {A..., 0};
  return {g, g->apply(info<Op>, args, static_cast<int>(sizeof...(X)), attrs, static_cast<int>(sizeof...(A)))};
}

}  // namespace agnesi
