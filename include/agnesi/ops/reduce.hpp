// SPDX-License-Identifier: BSD-3-Clause
// Reductions over everything or over ag::axis<...>: sum, prod, mean, max, min, argmax, argmin, any, all.
//   sum(x)   mean(x, ag::axis<0>)   max(x, ag::axis<-1>, ag::keepdims)
#pragma once

#include "agnesi/ops/elementwise.hpp"
#include "agnesi/ops/movement.hpp"

namespace agnesi {

template <int... K>
struct axis_list {
  using agnesi_reduction_option = void;
};
template <int... K>
inline constexpr axis_list<K...> axis{};
struct keepdims_t {
  using agnesi_reduction_option = void;
};
inline constexpr keepdims_t keepdims{};

// The shape without the axes of the mask.
constexpr int reduced_shape(graph& g, int id, std::int64_t mask) {
  dim extents[max_rank]{};
  int r = 0;
  for (int k = 0; k < g.rank(id); ++k)
    if ((mask >> k & 1) == 0) extents[r++] = g.extent(id, k);
  return g.shapes.shape(extents, r);
}
// How many elements go into one of the result.
constexpr dim reduced_count(graph& g, int id, std::int64_t mask) {
  dim n = 1;
  for (int k = 0; k < g.rank(id); ++k)
    if ((mask >> k & 1) != 0) n = g.shapes.mul(n, g.extent(id, k));
  return n;
}
constexpr std::int64_t all_axes(int rank) { return (std::int64_t{1} << rank) - 1; }

// A reduced tensor at the shape of what it was reduced from.
constexpr int spread(graph& g, int reduced, std::int64_t mask, int like) {
  return broadcast_to_shape(g, g.apply_with(info<op::expand_dims>, reduced, mask), g.shape(like));
}

namespace op {

enum class reduced_type : unsigned char { same, widened, boolean, index };

template <class Self, reduced_type Result>
struct reduction {
  static constexpr op_kind kind = op_kind::reduce;
  static constexpr int arity = 1;
  static constexpr bool extremum = false;  // undefined on no elements

  static constexpr int build(graph& g, const op_info& i, const int* args, int, const std::int64_t* attrs, int) {
    if (attrs[0] < 0 || attrs[0] >= std::int64_t{1} << g.rank(args[0])) return g.fail(mistake::axis);
    int x = args[0];
    dtype type = g.type(x);
    if constexpr (Result == reduced_type::widened) {
      if (type == dtype::boolean || is_integer(type)) type = dtype::i64;
      x = cast_to(g, x, type);
    } else if constexpr (Result == reduced_type::boolean) {
      if (type != dtype::boolean) return g.fail(mistake::dtype_logic);
    }
    if constexpr (Result == reduced_type::index) type = dtype::i64;
    if constexpr (Self::extremum) {
      const dim n = reduced_count(g, x, attrs[0]);
      if (n == 0) return g.fail(mistake::empty_extremum);
      if (n < 0) g.checks.push_back({check_kind::not_empty, n, 0, x, x, &i});
    }
    if (attrs[0] == 0 && Result != reduced_type::index) return x;
    return g.intern(i, &x, 1, attrs, 1, type, reduced_shape(g, x, attrs[0]));
  }
  template <class>
  static constexpr void describe(op_info& i) {
    i.build = &Self::build;
  }
};

struct sum : reduction<sum, reduced_type::widened> {
  static constexpr void backward(graph& g, int node, int cotangent, int* out) {
    out[0] = spread(g, cotangent, g.attr(node, 0), g.arg(node, 0));
  }
};

// arg 1 + sum(arg 0) over the axes of attr 0, where arg 1 is a symbol that the result replaces; made by
// passes/blas.hpp, never written by users.
struct sum_onto {
  static constexpr op_kind kind = op_kind::reduce;
  static constexpr int arity = 2;
  static constexpr int build(graph& g, const op_info& i, const int* args, int n, const std::int64_t* attrs, int n_attrs) {
    return g.intern(i, args, n, attrs, n_attrs, g.type(args[1]), g.shape(args[1]));
  }
  template <class>
  static constexpr void describe(op_info& i) {
    i.build = &build;
  }
};

struct prod : reduction<prod, reduced_type::widened> {
  // g * prod / x, and where one x is zero the product of the others, so that no zero is divided by.
  static constexpr void backward(graph& g, int node, int cotangent, int* out) {
    const ref x{&g, g.arg(node, 0)};
    const auto mask = g.attr(node, 0);
    const auto at_x = [&](int id) { return ref{&g, spread(g, id, mask, x.id)}; };
    const ref zero = x == 0;
    const ref zeros = at_x(g.apply_with(info<sum>, ag::where(zero, 1.0, 0.0).id, mask));
    const ref others = at_x(g.apply_with(info<prod>, ag::where(zero, 1, x).id, mask));
    const ref slope = ag::where(zeros == 0, at_x(node) / ag::where(zero, 1, x), ag::where(zeros == 1 && zero, others, 0));
    out[0] = (at_x(cotangent) * slope).id;
  }
};

// The gradient of an extremum is shared equally among the elements that attain it.
template <class Self>
struct extremum_of : reduction<Self, reduced_type::same> {
  static constexpr bool extremum = true;
  static constexpr void backward(graph& g, int node, int cotangent, int* out) {
    const ref x{&g, g.arg(node, 0)};
    const auto mask = g.attr(node, 0);
    const ref hit = ag::where(x == ref{&g, spread(g, node, mask, x.id)}, ref{&g, constant_of(g, 1, g.type(x.id))}, 0);
    const ref hits{&g, g.apply_with(info<sum>, hit.id, mask)};
    out[0] = (hit * ref{&g, spread(g, (ref{&g, cotangent} / hits).id, mask, x.id)}).id;
  }
};
struct max : extremum_of<max> {};
struct min : extremum_of<min> {};

struct all : reduction<all, reduced_type::boolean> {};
struct any : reduction<any, reduced_type::boolean> {};

// The place of the first extremum in row-major order of the reduced axes; a NaN counts as the extremum.
struct argmax : reduction<argmax, reduced_type::index> {
  static constexpr bool extremum = true;
};
struct argmin : reduction<argmin, reduced_type::index> {
  static constexpr bool extremum = true;
};

// The element at the place that arg 0, a search, finds: a second result of the search; made by passes/one_sweep.hpp, never
// written by users.
struct found {
  static constexpr op_kind kind = op_kind::special;
  static constexpr int arity = 1;
  static constexpr int build(graph& g, const op_info& i, const int* args, int, const std::int64_t*, int) {
    return g.intern(i, args, 1, nullptr, 0, g.type(g.arg(args[0], 0)), g.shape(args[0]));
  }
  template <class>
  static constexpr void describe(op_info& i) {
    i.build = &build;
  }
};

// Σ (arg 0 - mean(arg 0))² over the axes of attr 0; and sum(x) over the same, a second result of the step that computes its argument,
// squared_deviations(x). Made by passes/one_sweep.hpp, never written by users.
struct squared_deviations {
  static constexpr op_kind kind = op_kind::special;
  static constexpr int arity = 1;
  static constexpr int build(graph& g, const op_info& i, const int* args, int n, const std::int64_t* attrs, int n_attrs) {
    return g.intern(i, args, n, attrs, n_attrs, g.type(args[0]), reduced_shape(g, args[0], attrs[0]));
  }
  template <class>
  static constexpr void describe(op_info& i) {
    i.build = &build;
  }
};
struct summed {
  static constexpr op_kind kind = op_kind::special;
  static constexpr int arity = 1;
  static constexpr int build(graph& g, const op_info& i, const int* args, int, const std::int64_t*, int) {
    return g.intern(i, args, 1, nullptr, 0, g.type(args[0]), g.shape(args[0]));
  }
  template <class>
  static constexpr void describe(op_info& i) {
    i.build = &build;
  }
};

struct mean {
  static constexpr op_kind kind = op_kind::composite;
  static constexpr int arity = 1;
  static constexpr int build(graph& g, const op_info&, const int* args, int, const std::int64_t* attrs, int) {
    if (attrs[0] < 0 || attrs[0] >= std::int64_t{1} << g.rank(args[0])) return g.fail(mistake::axis);
    const dtype type = is_float(g.type(args[0])) ? g.type(args[0]) : dtype::f64;
    const int total = g.apply_with(info<sum>, cast_to(g, args[0], type), attrs[0]);
    return g.apply(info<div>, total, extent_value(g, reduced_count(g, args[0], attrs[0]), type));
  }
  template <class>
  static constexpr void describe(op_info& i) {
    i.build = &build;
  }
};

}  // namespace op

// Sums a tensor down to a shape that broadcasts to its own.
constexpr int unbroadcast(graph& g, int id, int shape) {
  if (id < 0 || g.shape(id) == shape) return id;
  const int r = g.rank(id), rs = g.shapes.rank(shape);
  std::int64_t lead = 0, ones = 0;
  for (int k = 0; k < r; ++k) {
    if (k < r - rs) lead |= std::int64_t{1} << k;
    else if (g.shapes.find(g.shapes.extent(shape, k - (r - rs))) == 1 && g.shapes.find(g.extent(id, k)) != 1)
      ones |= std::int64_t{1} << k;
  }
  if ((lead | ones) == 0) return id;
  const int total = g.apply_with(info<op::sum>, id, lead | ones);
  return g.apply_with(info<op::expand_dims>, total, ones >> (r - rs));
}

constexpr void op::broadcast::backward(graph& g, int node, int cotangent, int* out) {
  out[0] = unbroadcast(g, cotangent, g.shape(g.arg(node, 0)));
}

template <class T>
concept ReductionOption = requires { typename T::agnesi_reduction_option; };

namespace detail {

template <class Op, bool Keep, int... K, Operand X>
constexpr auto reduce_over(X x, axis_list<K...>) {
  if constexpr (Invalid<X>) {
    return x;
  } else {
    constexpr int rank = X::type::rank;
    constexpr std::int64_t mask = sizeof...(K) == 0 ? all_axes(rank) : axis_mask<K...>(rank);
    static_assert(mask >= 0, "agnesi: this axis does not exist: a tensor of rank r has axes 0 to r-1, or -r to -1");
    if constexpr (mask < 0) return invalid{};
    else if constexpr (Keep && mask != 0) return apply<op::expand_dims, mask>(apply<Op, mask>(x));
    else return apply<Op, mask>(x);
  }
}

// The options are ag::axis<...> and ag::keepdims, in this order, each at most once.
template <class Op, Operand X>
constexpr auto reduce(X x) {
  if constexpr (ValueOperand<X>) return apply<Op>(x);
  else return reduce_over<Op, false>(x, axis_list<>{});
}
template <class Op, Operand X, int... K>
constexpr auto reduce(X x, axis_list<K...> axes) {
  return reduce_over<Op, false>(x, axes);
}
template <class Op, Operand X>
constexpr auto reduce(X x, keepdims_t) {
  return reduce_over<Op, true>(x, axis_list<>{});
}
template <class Op, Operand X, int... K>
constexpr auto reduce(X x, axis_list<K...> axes, keepdims_t) {
  return reduce_over<Op, true>(x, axes);
}

}  // namespace detail

// Integers and bool are summed and multiplied as int64. The sum of nothing is 0, the product 1.
constexpr auto sum(Operand auto x, ReductionOption auto... o) { return detail::reduce<op::sum>(x, o...); }
constexpr auto prod(Operand auto x, ReductionOption auto... o) { return detail::reduce<op::prod>(x, o...); }
constexpr auto mean(Operand auto x, ReductionOption auto... o) { return detail::reduce<op::mean>(x, o...); }
// The extremum of nothing throws shape_error.
constexpr auto max(Operand auto x, ReductionOption auto... o) { return detail::reduce<op::max>(x, o...); }
constexpr auto min(Operand auto x, ReductionOption auto... o) { return detail::reduce<op::min>(x, o...); }
// Over everything, the place counts in row-major order.
constexpr auto argmax(Operand auto x, ReductionOption auto... o) { return detail::reduce<op::argmax>(x, o...); }
constexpr auto argmin(Operand auto x, ReductionOption auto... o) { return detail::reduce<op::argmin>(x, o...); }
constexpr auto any(Operand auto x, ReductionOption auto... o) { return detail::reduce<op::any>(x, o...); }

// ag::all is the index that takes a whole axis and, called, the reduction; see ops/index.hpp.

}  // namespace agnesi
