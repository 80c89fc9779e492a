// SPDX-License-Identifier: BSD-3-Clause
// The formulas that rewrite rules are made of, written with the same operators as the user's:
//   using namespace agnesi::patterns;  constexpr pattern p = log(1 + exp(x));
// x, y, z, v, u match anything, c and d a constant; the same wildcard matches the same node. Reductions match any
// axes, all those of one rule the same, and those on the right take them over.
#pragma once

#include "agnesi/ops/error_function.hpp"

namespace agnesi {

// Whether a number is an integer that both double and int64 hold exactly.
constexpr bool is_whole(double v) {
  return v > -1e15 && v < 1e15 && static_cast<double>(static_cast<std::int64_t>(v)) == v;
}

struct pattern_node {
  enum kind : signed char { anything, any_constant, literal_number, operation };
  const op_info* op = nullptr;
  double value = 0;  // a number's; an operation's attribute
  kind what = anything;
  bool fixed = false;  // the attribute is part of the pattern
  signed char args[3] = {-1, -1, -1};  // a wildcard's number stands in the first
};

// A tree, its root last.
struct pattern {
  using agnesi_operand = void;
  using agnesi_value_operand = void;
  static constexpr int capacity = 20;

  pattern_node nodes[capacity]{};
  int size = 0;

  constexpr pattern() = default;
  constexpr pattern(pattern_node::kind k, int wildcard) : size(1) {
    nodes[0].what = k;
    nodes[0].args[0] = static_cast<signed char>(wildcard);
  }
  template <Number T>
  constexpr explicit pattern(T v) : size(1) {
    nodes[0].what = pattern_node::literal_number;
    nodes[0].value = static_cast<double>(v);
  }
  constexpr int root() const { return size - 1; }

  // Appends another tree and returns the place of its root.
  constexpr int append(const pattern& p) {
    if (size + p.size > capacity) throw "a rewrite rule has at most 20 nodes on a side: split it into smaller rules";
    for (int k = 0; k < p.size; ++k) {
      pattern_node n = p.nodes[k];
      if (n.what == pattern_node::operation)
        for (signed char& a : n.args)
          if (a >= 0) a = static_cast<signed char>(a + size);
      nodes[size + k] = n;
    }
    size += p.size;
    return size - 1;
  }
};

namespace detail {

template <class T>
constexpr const pattern& as_pattern(const T& v)
  requires std::is_same_v<T, pattern>
{
  return v;
}
template <Number T>
constexpr pattern as_pattern(T v) {
  return pattern(v);
}

}  // namespace detail

template <class Op, std::int64_t... A, class... X>
  requires(std::is_same_v<X, pattern> || ...)
constexpr pattern apply_value(X... x) {
  static_assert(sizeof...(A) <= 1, "the operations of a rewrite rule have at most one attribute");
  static_assert(sizeof...(X) <= 3, "the operations of a rewrite rule have at most three operands");
  pattern p;
  pattern_node made;
  made.what = pattern_node::operation;
  made.op = &info<Op>;
  made.fixed = sizeof...(A) != 0;
  made.value = static_cast<double>((A + ... + 0));
  int k = 0;
  ((made.args[k++] = static_cast<signed char>(p.append(detail::as_pattern(x)))), ...);
  if (p.size == pattern::capacity) throw "a rewrite rule has at most 20 nodes on a side: split it into smaller rules";
  p.nodes[p.size++] = made;
  return p;
}

namespace op {

// In rules only: a reduced tensor brought back beside the one it came from, with or without the axes kept.
struct along {
  static constexpr op_kind kind = op_kind::special;
  static constexpr int arity = 1;
  template <class>
  static constexpr void describe(op_info&) {}
};

}  // namespace op

namespace patterns {

inline constexpr int n_wildcards = 7;
inline constexpr pattern x{pattern_node::anything, 0};
inline constexpr pattern y{pattern_node::anything, 1};
inline constexpr pattern z{pattern_node::anything, 2};
inline constexpr pattern v{pattern_node::anything, 3};
inline constexpr pattern c{pattern_node::any_constant, 4};
inline constexpr pattern d{pattern_node::any_constant, 5};
inline constexpr pattern u{pattern_node::anything, 6};

// exp(x) / along(sum(exp(x))): the sum over any axes, however it is made to broadcast against x.
constexpr pattern along(const pattern& reduced) { return apply<op::along>(reduced); }

}  // namespace patterns

}  // namespace agnesi
