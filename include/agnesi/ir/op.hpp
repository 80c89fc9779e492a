// SPDX-License-Identifier: BSD-3-Clause
// What the graph knows of an operation: a plain value derived once from the operation's block.
//   info<op::tanh>.name == "tanh"
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "agnesi/core/names.hpp"
#include "agnesi/ir/core_ops.hpp"
#include "agnesi/ir/dtype.hpp"

namespace agnesi {

class graph;

enum class op_kind : unsigned char { leaf, elementwise, reduce, movement, contract, index, composite, special };

// How the element type of an elementwise result follows from those of its arguments.
enum class result_type : unsigned char { floating, same, boolean };

// A number in constant folding: exact for integers, double for floating types.
struct scalar_value {
  dtype type = dtype::f64;
  std::int64_t i = 0;
  double f = 0;
};

struct op_info {
  std::string_view name;
  op_kind kind = op_kind::special;
  int arity = 0;
  bool commutative = false;
  bool first_wins = false;  // commutative, but of equal operands the first has the derivative
  bool odd = false;   // f(-x) == -f(x)
  bool even = false;  // f(-x) == f(x)
  bool shaped = false;  // the result's shape is part of what the node is, not derived from its arguments
  bool flat = false;    // piecewise constant: the derivative is zero wherever there is one
  result_type result = result_type::floating;
  unsigned dim_attrs = 0;  // bit k: attribute k of a node is a dim
  int cost = 1;  // of one element, in additions
  std::string_view infix{};
  int precedence = 100;
  std::uint32_t hash = 0;
  int number = -1;  // its place among the core's operations
  // Appends the node for these arguments (or what a composite expands to) and returns its index.
  int (*build)(graph&, const op_info&, const int* args, int n_args, const std::int64_t* attrs, int n_attrs) = nullptr;
  bool (*fold)(const scalar_value* args, scalar_value& result) = nullptr;

  // Whether a node and the one with its operands the other way round are the same node.
  constexpr bool swaps() const { return commutative && !first_wins; }
};

constexpr std::uint32_t hash_text(std::string_view s) {
  std::uint32_t h = 2166136261u;
  for (char c : s) h = (h ^ static_cast<unsigned char>(c)) * 16777619u;
  return h;
}

// Specialized by ops/ and by domain folders through the kinds' bases: Op::describe(info).
template <class Op>
constexpr op_info describe() {
  op_info i{};
  if constexpr (requires { Op::name; }) i.name = Op::name;
  else i.name = type_name<Op>();
  i.kind = Op::kind;
  i.arity = Op::arity;
  if constexpr (requires { Op::commutative; }) i.commutative = Op::commutative;
  if constexpr (requires { Op::first_wins; }) i.first_wins = Op::first_wins;
  if constexpr (requires { Op::odd; }) i.odd = Op::odd;
  if constexpr (requires { Op::even; }) i.even = Op::even;
  if constexpr (requires { Op::flat; }) i.flat = Op::flat;
  if constexpr (requires { Op::shaped; }) i.shaped = Op::shaped;
  if constexpr (requires { Op::result; }) i.result = Op::result;
  if constexpr (requires { Op::dim_attrs; }) i.dim_attrs = Op::dim_attrs;
  if constexpr (requires { Op::cost; }) i.cost = Op::cost;
  if constexpr (requires { Op::infix; }) i.infix = Op::infix;
  if constexpr (requires { Op::precedence; }) i.precedence = Op::precedence;
  i.hash = hash_text(i.name);
  i.number = core_id<Op>;
  Op::template describe<Op>(i);
  return i;
}

template <class Op>
inline constexpr op_info info = describe<Op>();

// Appends the cotangents of the arguments of `node`, given its own; -1 stands for zero. Kept apart from
// op_info: a derivative is written with operations whose op_info must not depend on it in turn.
using derivative_function = void (*)(graph&, int node, int cotangent, int* out);

}  // namespace agnesi
