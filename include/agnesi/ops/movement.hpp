// SPDX-License-Identifier: BSD-3-Clause
// Operations that move elements without computing: transpose, permute, expand_dims, squeeze, broadcast, reshape.
//   transpose(x)   permute<2, 0, 1>(t)   reshape(x, ag::shape(2_c, -1_c))   expand_dims<0>(v)
#pragma once

#include "agnesi/expr/literal.hpp"
#include "agnesi/ops/arithmetic.hpp"

namespace agnesi {

namespace op {

template <class Self>
struct movement {
  static constexpr op_kind kind = op_kind::movement;
  static constexpr int arity = 1;
  template <class>
  static constexpr void describe(op_info& i) {
    i.build = &Self::build;
  }
};

}  // namespace op

// Packs a permutation, axis k of the result from axis order[k], four bits each.
constexpr std::int64_t packed_axes(const int* order, int rank) {
  std::int64_t r = 0;
  for (int k = 0; k < rank; ++k) r |= static_cast<std::int64_t>(order[k]) << (4 * k);
  return r;
}
constexpr int unpacked_axis(std::int64_t packed, int k) { return static_cast<int>((packed >> (4 * k)) & 15); }

namespace op {

struct permute : movement<permute> {
  static constexpr int build(graph& g, const op_info& i, const int* args, int, const std::int64_t* attrs, int) {
    const int r = g.rank(args[0]);
    dim extents[max_rank]{};
    unsigned seen = 0;
    for (int k = 0; k < r; ++k) {
      const int from = unpacked_axis(attrs[0], k);
      if (from >= r || (seen >> from & 1u) != 0) return g.fail(mistake::permutation);
      seen |= 1u << from;
      extents[k] = g.extent(args[0], from);
    }
    return g.intern(i, args, 1, attrs, 1, g.type(args[0]), g.shapes.shape(extents, r));
  }
  static constexpr void backward(graph& g, int node, int cotangent, int* out) {
    int inverse[max_rank]{};
    const int r = g.rank(node);
    for (int k = 0; k < r; ++k) inverse[unpacked_axis(g.attr(node, 0), k)] = k;
    out[0] = g.apply_with(info<permute>, cotangent, packed_axes(inverse, r));
  }
};

// attr 0: which axes of the result are new, each of extent 1.
struct expand_dims : movement<expand_dims> {
  static constexpr int build(graph& g, const op_info& i, const int* args, int, const std::int64_t* attrs, int) {
    dim extents[max_rank]{};
    int from = 0, r = 0;
    for (; from < g.rank(args[0]) || (attrs[0] >> r) != 0; ++r)
      extents[r] = (attrs[0] >> r & 1) != 0 ? 1 : g.extent(args[0], from++);
    if (attrs[0] == 0) return args[0];
    return g.intern(i, args, 1, attrs, 1, g.type(args[0]), g.shapes.shape(extents, r), g[args[0]].weak);
  }
  static constexpr void backward(graph& g, int node, int cotangent, int* out);
};

// attr 0: which axes of the argument go; their extents are 1.
struct squeeze : movement<squeeze> {
  static constexpr int build(graph& g, const op_info& i, const int* args, int, const std::int64_t* attrs, int) {
    dim extents[max_rank]{};
    int r = 0;
    for (int k = 0; k < g.rank(args[0]); ++k) {
      if ((attrs[0] >> k & 1) == 0) extents[r++] = g.extent(args[0], k);
      else if (g.shapes.find(g.extent(args[0], k)) != 1) return g.fail(mistake::squeeze_extent);
    }
    if (attrs[0] == 0) return args[0];
    return g.intern(i, args, 1, attrs, 1, g.type(args[0]), g.shapes.shape(extents, r));
  }
  static constexpr void backward(graph& g, int node, int cotangent, int* out) {
    out[0] = g.apply_with(info<expand_dims>, cotangent, g.attr(node, 0));
  }
};

constexpr void expand_dims::backward(graph& g, int node, int cotangent, int* out) {
  out[0] = g.apply_with(info<squeeze>, cotangent, g.attr(node, 0));
}

}  // namespace op

// The tensor repeated along axes of extent 1 and along new leading axes, to have exactly this shape.
constexpr int broadcast_to_shape(graph& g, int id, int shape);

namespace op {

struct broadcast : movement<broadcast> {
  static constexpr bool shaped = true;
  // attrs: the extents, dyn for "as the argument's"; the graph itself uses broadcast_to_shape.
  static constexpr int build(graph& g, const op_info&, const int* args, int, const std::int64_t* attrs, int n) {
    dim extents[max_rank]{};
    const int r = g.rank(args[0]);
    for (int k = 0; k < n; ++k)
      extents[k] = attrs[k] == dyn && k - n + r >= 0 ? g.extent(args[0], k - n + r) : attrs[k];
    return broadcast_to_shape(g, args[0], g.shapes.shape(extents, n));
  }
  static constexpr void backward(graph& g, int node, int cotangent, int* out);  // a sum: see ops/reduce.hpp
};

}  // namespace op

constexpr int broadcast_to_shape(graph& g, int id, int shape) {
  if (id < 0 || g.shape(id) == shape) return id;
  const int ra = g.rank(id), r = g.shapes.rank(shape);
  if (ra > r) return g.fail(mistake::broadcast_extent);
  bool same = ra == r;
  for (int k = 0; k < ra; ++k) {
    const dim d = g.shapes.find(g.extent(id, k));
    same = same && d == g.shapes.find(g.shapes.extent(shape, r - ra + k));
    if (d != 1 && !g.unify(d, g.shapes.extent(shape, r - ra + k), info<op::broadcast>, id, id))
      return g.fail(mistake::broadcast_extent);
  }
  if (same) return id;  // the shapes have two numbers, their extents have since been found equal
  const int made = g.intern(info<op::broadcast>, &id, 1, nullptr, 0, g.type(id), shape);
  return g.simplify != nullptr ? g.simplify(g, made) : made;
}

constexpr int zeros_of(graph& g, dtype type, int shape) { return broadcast_to_shape(g, constant_of(g, 0, type), shape); }

namespace op {

struct reshape : movement<reshape> {
  static constexpr bool shaped = true;
  // attrs: the new extents; -1 for the one that follows from the others, -2 - k for argument k + 1.
  static constexpr int build(graph& g, const op_info& i, const int* args, int n_args, const std::int64_t* attrs, int n) {
    dim extents[max_rank]{};
    dim known = 1;
    int guess = -1;
    for (int k = 0; k < n; ++k) {
      if (attrs[k] == -1) {
        if (guess >= 0) return g.fail(mistake::reshape_guess);
        guess = k;
        continue;
      }
      extents[k] = attrs[k];
      if (attrs[k] < -1) {
        const int from = static_cast<int>(-1 - attrs[k]);
        if (from >= n_args || !dim_of(g, args[from], extents[k])) return g.fail(mistake::reshape_count);
      }
      known = g.shapes.mul(known, extents[k]);
    }
    const dim count = g.shapes.count(g.shape(args[0]));
    if (guess >= 0) {
      if (known == 0 || (known > 0 && count >= 0 && count % known != 0)) return g.fail(mistake::reshape_count);
      // The other extents may be the argument's own, so that what is left is known to be one of its extents.
      extents[guess] = remaining(g, args[0], extents, n, guess);
      if (extents[guess] == 0) extents[guess] = g.shapes.floor_div(count, known);
      known = g.shapes.mul(known, extents[guess]);
    }
    if (!g.unify(count, known, i, args[0], args[0])) return g.fail(mistake::reshape_count);
    return to_shape(g, args[0], g.shapes.shape(extents, n));
  }
  static constexpr int to_shape(graph& g, int id, int shape) {
    if (id < 0 || g.shape(id) == shape) return id;
    const int made = g.intern(info<reshape>, &id, 1, nullptr, 0, g.type(id), shape);
    return g.simplify != nullptr ? g.simplify(g, made) : made;
  }
  static constexpr void backward(graph& g, int node, int cotangent, int* out) {
    out[0] = to_shape(g, cotangent, g.shape(g.arg(node, 0)));
  }

 private:
  // An integer scalar formula as an extent: a constant, an input, or arithmetic of these.
  static constexpr bool dim_of(graph& g, int id, dim& out) {
    if (g.rank(id) != 0 || !is_integer(g.type(id))) return false;
    if (is_constant(g, id)) {
      out = value_of(g, id).i;
      return out >= 0;
    }
    if (g.is(id, info<op::extent>)) {
      out = g.attr(id, 0);
      return true;
    }
    if (g.is(id, info<op::input>)) {
      out = g.shapes.formula(dim_op::input_value, g.attr(id, 0), 0);
      return true;
    }
    if (g.is(id, info<op::cast>)) return dim_of(g, g.arg(id, 0), out);
    dim a = 0, b = 0;
    if (g[id].n_args != 2 || !dim_of(g, g.arg(id, 0), a) || !dim_of(g, g.arg(id, 1), b)) return false;
    if (g.is(id, info<op::add>)) out = g.shapes.add(a, b);
    else if (g.is(id, info<op::sub>)) out = g.shapes.sub(a, b);
    else if (g.is(id, info<op::mul>)) out = g.shapes.mul(a, b);
    else return false;
    return true;
  }
  // What is left of the argument's extents once the others are struck out, where that is one extent; else 0.
  static constexpr dim remaining(graph& g, int id, const dim* extents, int n, int guess) {
    bool struck[max_rank]{};
    for (int k = 0; k < n; ++k) {
      if (k == guess || extents[k] == 1) continue;
      int at = 0;
      while (at < g.rank(id) && (struck[at] || g.shapes.find(g.extent(id, at)) != g.shapes.find(extents[k]))) ++at;
      if (at == g.rank(id)) return 0;
      struck[at] = true;
    }
    dim left = 1;
    for (int k = 0; k < g.rank(id); ++k)
      if (!struck[k]) left = g.shapes.mul(left, g.extent(id, k));
    return left;
  }
};

}  // namespace op

namespace detail {

template <class F>
constexpr int rank_of_operand = F::type::rank;

constexpr int normal_axis(int axis, int rank) { return axis < 0 ? axis + rank : axis; }

// The axes as a bit mask; -1 where one does not exist.
template <int... K>
constexpr std::int64_t axis_mask(int rank) {
  const int axes[] = {normal_axis(K, rank)..., 0};
  std::int64_t mask = 0;
  for (int k = 0; k < static_cast<int>(sizeof...(K)); ++k) {
    if (axes[k] < 0 || axes[k] >= rank) return -1;
    mask |= std::int64_t{1} << axes[k];
  }
  return mask;
}

}  // namespace detail

// Axes in reverse order; of a vector, the vector.
template <Operand X>
constexpr auto transpose(X x) {
  if constexpr (Invalid<X>) {
    return x;
  } else if constexpr (detail::ValueOperand<X>) {
    return apply<op::permute, 0x01>(x);
  } else {
    constexpr int r = X::type::rank;
    constexpr std::int64_t order = [] {
      int axes[max_rank]{};
      for (int k = 0; k < r; ++k) axes[k] = r - 1 - k;
      return packed_axes(axes, r);
    }();
    if constexpr (r < 2) return as_formula(x);
    else return apply<op::permute, order>(x);
  }
}

// Axis k of the result is axis P[k] of x.
template <int... P, Operand X>
constexpr auto permute(X x) {
  if constexpr (Invalid<X>) {
    return x;
  } else {
    constexpr int r = static_cast<int>(sizeof...(P));
    static_assert(r == X::type::rank, "agnesi: a permutation names every axis of the tensor once");
    constexpr int axes[] = {detail::normal_axis(P, r)..., 0};
    return apply<op::permute, packed_axes(axes, r)>(x);
  }
}

// New axes of extent 1 at these places of the result.
template <int... K, Operand X>
constexpr auto expand_dims(X x) {
  if constexpr (Invalid<X>) {
    return x;
  } else {
    constexpr std::int64_t mask = detail::axis_mask<K...>(X::type::rank + static_cast<int>(sizeof...(K)));
    static_assert(mask >= 0, "agnesi: this axis does not exist: a tensor of rank r has axes 0 to r-1, or -r to -1");
    return apply<op::expand_dims, mask>(x);
  }
}

// Without these axes, whose extents are 1 in the type.
template <int... K, Operand X>
constexpr auto squeeze(X x) {
  if constexpr (Invalid<X>) {
    return x;
  } else {
    constexpr std::int64_t mask = detail::axis_mask<K...>(X::type::rank);
    static_assert(mask >= 0, "agnesi: this axis does not exist: a tensor of rank r has axes 0 to r-1, or -r to -1");
    return apply<op::squeeze, mask>(x);
  }
}

// A shape made of constants and integer scalar formulas; one -1_c stands for the extent that follows.
template <class... E>
struct shape_list {};
template <class... E>
constexpr auto shape(E... e) {
  return shape_list<decltype(as_formula(e))...>{};
}

namespace detail {

// Constants go into the attributes, formulas become arguments numbered from 1.
template <class Op, std::int64_t... A, class X, class... Args>
constexpr auto apply_shaped(X x, shape_list<>, std::integer_sequence<std::int64_t, A...>, Args... args) {
  return apply<Op, A...>(x, args...);
}
template <class Op, std::int64_t... A, class X, class E, class... Rest, class... Args>
constexpr auto apply_shaped(X x, shape_list<E, Rest...>, std::integer_sequence<std::int64_t, A...>, Args... args) {
  if constexpr (is_literal<E>)
    return apply_shaped<Op>(x, shape_list<Rest...>{}, std::integer_sequence<std::int64_t, A..., literal_int<E>>{}, args...);
  else
    return apply_shaped<Op>(
        x, shape_list<Rest...>{},
        std::integer_sequence<std::int64_t, A..., -2 - static_cast<std::int64_t>(sizeof...(Args))>{}, args..., E{});
}

}  // namespace detail

// The same elements in row-major order under another shape; the number of elements is kept.
template <Operand X, class... E>
constexpr auto reshape(X x, shape_list<E...> s) {
  if constexpr (Invalid<X> || (Invalid<E> || ...)) return invalid{};
  else return detail::apply_shaped<op::reshape>(x, s, std::integer_sequence<std::int64_t>{});
}
constexpr auto flatten(Operand auto x) { return apply<op::reshape, -1>(x); }

}  // namespace agnesi
