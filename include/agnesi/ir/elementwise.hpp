// SPDX-License-Identifier: BSD-3-Clause
// The kind of operation that works element by element: element types promote, shapes broadcast.
//   struct tanh : elementwise<1> { static constexpr auto eval(auto x) { ... } };
#pragma once

#include <utility>

#include "agnesi/ir/leaf.hpp"
#include "agnesi/ir/ref.hpp"

namespace agnesi {

constexpr int cast_to(graph& g, int id, dtype type);

// Numbers at which an operation has a value and a derivative; one interval stands for all arguments.
struct interval {
  double low, high;
  constexpr const interval& operator[](int) const { return *this; }
};
constexpr interval between(double low, double high) { return {low, high}; }

namespace op {

// What every elementwise block has unless it says otherwise.
template <int N>
struct elementwise {
  static constexpr op_kind kind = op_kind::elementwise;
  static constexpr int arity = N;
  static constexpr auto sample = between(-4, 4);  // where tests and benchmarks look; an array where arguments differ
  static constexpr void grad(...) {}  // an operation that declares no derivative has none
  template <class Op>
  static constexpr void describe(op_info& i);
};

// The element type is the node's own; attr 0 names it where the user asks for it, attr 1 says that the result
// is still weak.
struct cast {
  static constexpr op_kind kind = op_kind::elementwise;
  static constexpr int arity = 1;
  static constexpr auto sample = between(0, 100);  // what every element type holds
  static constexpr int build(graph& g, const op_info& i, const int* args, int, const std::int64_t* attrs, int n) {
    const dtype type = n > 0 ? static_cast<dtype>(attrs[0]) : g.type(args[0]);
    if (is_constant(g, args[0])) return make_constant(g, converted(value_of(g, args[0]), type));
    if (g.type(args[0]) == type && !g[args[0]].weak) return args[0];
    return g.intern(i, args, 1, nullptr, 0, type, g.shape(args[0]), n > 1 && attrs[1] != 0);
  }
  static constexpr void backward(graph& g, int node, int cotangent, int* out) {
    const dtype from = g.type(g.arg(node, 0));
    out[0] = is_float(from) && is_float(g.type(node)) ? cast_to(g, cotangent, from) : -1;
  }
  template <class>
  static constexpr void describe(op_info& i) {
    i.build = &build;
  }
};

}  // namespace op

// The base of an operation of your own: struct swish_op : ag::elementwise<swish_op, 1> { ... };
template <class Self, int N>
struct elementwise : op::elementwise<N> {};

// The element type that arguments share; literals follow, as in NumPy 2.
constexpr dtype common_type(const graph& g, const int* args, int n) {
  dtype strong = dtype::none, weak = dtype::none;
  for (int k = 0; k < n; ++k) {
    const dtype t = g.type(args[k]);
    dtype& into = g[args[k]].weak ? weak : strong;
    into = into == dtype::none ? t : promote(into, t);
  }
  if (strong == dtype::none) return weak;
  if (weak == dtype::none) return strong;
  if (is_float(weak) && !is_float(strong)) return dtype::f64;
  if (is_integer(weak) && strong == dtype::boolean) return dtype::i64;
  return strong;
}

constexpr int cast_to(graph& g, int id, dtype type) {
  if (g.type(id) == type) return id;
  if (is_constant(g, id)) return make_constant(g, converted(value_of(g, id), type), g[id].weak);
  const int made = g.intern(info<op::cast>, &id, 1, nullptr, 0, type, g.shape(id), g[id].weak);
  return g.simplify != nullptr ? g.simplify(g, made) : made;
}

// The shape that arguments broadcast to; only an extent that is statically 1 stretches. -1 after a mistake.
constexpr int broadcast_shape(graph& g, const op_info& op, const int* args, int n) {
  int shape = g.shape(args[0]);
  for (int k = 1; k < n; ++k) {
    const int other = g.shape(args[k]);
    if (other == shape || other == 0) continue;
    if (shape == 0) {
      shape = other;
      continue;
    }
    const int ra = g.shapes.rank(shape), rb = g.shapes.rank(other), r = ra > rb ? ra : rb;
    dim out[max_rank]{};
    for (int i = 1; i <= r; ++i) {
      const dim da = i <= ra ? g.shapes.find(g.shapes.extent(shape, ra - i)) : 1;
      const dim db = i <= rb ? g.shapes.find(g.shapes.extent(other, rb - i)) : 1;
      if (da != 1 && db != 1 && !g.unify(da, db, op, args[0], args[k])) return g.fail(mistake::extent);
      out[r - i] = g.shapes.find(da == 1 ? db : da);
    }
    shape = g.shapes.shape(out, r);
  }
  return shape;
}

constexpr int build_elementwise(graph& g, const op_info& op, const int* args, int n, const std::int64_t* attrs,
                                int n_attrs) {
  dtype t = common_type(g, args, n);
  if (op.result == result_type::floating && !is_float(t)) t = dtype::f64;
  int converted_args[4] = {};
  bool weak = true;
  for (int k = 0; k < n; ++k) {
    converted_args[k] = cast_to(g, args[k], t);
    weak = weak && g[args[k]].weak;
  }
  const int shape = broadcast_shape(g, op, converted_args, n);
  if (shape < 0) return -1;
  const dtype out = op.result == result_type::boolean ? dtype::boolean : t;
  return g.intern(op, converted_args, n, attrs, n_attrs, out, shape, weak && out != dtype::boolean);
}

namespace detail {

template <class Op, class T, std::size_t... I>
constexpr bool fold_as(const scalar_value* args, scalar_value& result, std::index_sequence<I...>) {
  const auto get = [](const scalar_value& v) -> T {
    if constexpr (std::is_floating_point_v<T>) return static_cast<T>(v.f);
    else return static_cast<T>(v.i);
  };
  const auto r = Op::eval(get(args[I])...);
  result.type = dtype_of<std::remove_const_t<decltype(r)>>;
  if constexpr (std::is_floating_point_v<decltype(r)> || std::is_same_v<decltype(r), const float> ||
                std::is_same_v<decltype(r), const double>)
    result.f = static_cast<double>(r);
  else
    result.i = static_cast<std::int64_t>(r);
  return true;
}

template <class Op>
constexpr bool fold_elementwise(const scalar_value* args, scalar_value& result) {
  constexpr auto seq = std::make_index_sequence<static_cast<std::size_t>(Op::arity)>{};
  switch (args[Op::arity - 1].type) {
    case dtype::f64: return fold_as<Op, double>(args, result, seq);
    case dtype::f32: return fold_as<Op, float>(args, result, seq);
    case dtype::i64: return fold_as<Op, std::int64_t>(args, result, seq);
    case dtype::i32: return fold_as<Op, std::int32_t>(args, result, seq);
    default: return false;
  }
}

template <class Op, std::size_t... I>
constexpr auto grad_of(graph& g, int node, int cotangent, std::index_sequence<I...>) {
  return Op::grad(ref{&g, cotangent}, ref{&g, g.arg(node, static_cast<int>(I))}..., ref{&g, node});
}

// Calls the block's derivative on the graph's nodes; a block may instead take the graph itself.
template <class Op>
constexpr void grad_elementwise(graph& g, int node, int cotangent, int* out) {
  const auto r = grad_of<Op>(g, node, cotangent, std::make_index_sequence<static_cast<std::size_t>(Op::arity)>{});
  if constexpr (requires { r.ids; }) {
    for (int k = 0; k < Op::arity; ++k) out[k] = r.ids[k];
  } else {
    out[0] = r.id;
  }
}

}  // namespace detail

// The derivative that the block declares, null where it declares none: structural operations have a
// `backward` on the graph, elementwise ones a `grad` in mathematics (the base's stands for none).
template <class Op>
constexpr derivative_function derivative_of() {
  if constexpr (requires { &Op::backward; }) return &Op::backward;
  else if constexpr (requires { static_cast<void (*)(...)>(&Op::grad); }) return nullptr;
  else if constexpr (Op::kind == op_kind::elementwise) return &detail::grad_elementwise<Op>;
  else return nullptr;
}

template <int N>
template <class Op>
constexpr void op::elementwise<N>::describe(op_info& i) {
  if constexpr (requires { Op::build; }) i.build = &Op::build;
  else i.build = &build_elementwise;
  if constexpr (requires { Op::folds; }) i.fold = &detail::fold_elementwise<Op>;
}

}  // namespace agnesi
