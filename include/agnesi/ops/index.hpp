// SPDX-License-Identifier: BSD-3-Clause
// Indexing by call syntax: numbers, slices, ag::all, integer scalars and integer vectors.
//   x(0_c)   x(i, ag::all)   x(ag::slice(1_c, 5_c))   x(ids)   p(rows, y)   // the last pairs up, as in NumPy
#pragma once

#include "agnesi/ops/reduce.hpp"

namespace agnesi {

// ag::all: the whole of an axis; and all(x), the reduction.
struct all_t {
  template <Operand X, ReductionOption... O>
  constexpr auto operator()(X x, O... o) const {
    return detail::reduce<op::all>(x, o...);
  }
};
inline constexpr all_t all{};

struct none_t {};
inline constexpr none_t none{};

template <class Begin, class End, class Step>
struct slice_t {};

// From begin up to, not including, end; ag::none for the end in the direction of the step.
template <class Begin, class End = none_t, class Step = none_t>
constexpr auto slice(Begin, End = {}, Step = {}) {
  return slice_t<Begin, End, Step>{};
}

namespace op {

template <class Self>
struct indexing {
  static constexpr op_kind kind = op_kind::index;
  template <class>
  static constexpr void describe(op_info& i) {
    i.build = &Self::build;
  }
};

inline constexpr std::int64_t open_end = std::int64_t{1} << 62;  // an absent bound of a slice

// attrs as the user gives them: axis, begin, end, step, or axis and one place; in the node: axis, begin as a
// dim, step.
struct slice : indexing<slice> {
  static constexpr int arity = 1;
  static constexpr bool shaped = true;
  static constexpr unsigned dim_attrs = 0b10;

  static constexpr int build(graph& g, const op_info&, const int* args, int, const std::int64_t* attrs, int n_attrs) {
    const int axis = static_cast<int>(attrs[0]);
    if (axis >= g.rank(args[0])) return g.fail(mistake::too_many_indices);
    if (n_attrs == 2) return element(g, args[0], axis, attrs[1]);
    const std::int64_t step = attrs[3];
    const dim n = g.shapes.find(g.extent(args[0], axis));
    dim begin = 0, count = 0;
    if (step > 0) {
      begin = attrs[1] == open_end ? 0 : bound(g, attrs[1], n);
      const dim end = attrs[2] == open_end ? n : bound(g, attrs[2], n);
      count = g.shapes.floor_div(g.shapes.add(g.shapes.sub(end, begin), step - 1), step);
    } else {
      // Counted from the last element: the mirrored slice has a positive step.
      const dim skipped = attrs[1] == open_end ? 0 : g.shapes.sub(n, past(g, attrs[1], n));
      const dim stop = attrs[2] == open_end ? n : g.shapes.sub(n, past(g, attrs[2], n));
      count = g.shapes.floor_div(g.shapes.add(g.shapes.sub(stop, skipped), -step - 1), -step);
      begin = g.shapes.sub(g.shapes.sub(n, skipped), 1);
    }
    if (begin == 0 && step == 1 && g.shapes.find(count) == n) return args[0];
    dim extents[max_rank]{};
    for (int k = 0; k < g.rank(args[0]); ++k) extents[k] = k == axis ? count : g.extent(args[0], k);
    return make(g, args[0], axis, begin, step, g.shapes.shape(extents, g.rank(args[0])));
  }
  static constexpr int make(graph& g, int x, int axis, dim begin, std::int64_t step, int shape) {
    const std::int64_t attrs[] = {axis, begin, step};
    const int made = g.intern(info<slice>, &x, 1, attrs, 3, g.type(x), shape);
    return g.simplify != nullptr ? g.simplify(g, made) : made;
  }
  static constexpr void backward(graph& g, int node, int cotangent, int* out);

 private:
  static constexpr int element(graph& g, int x, int axis, std::int64_t place) {
    const dim n = g.shapes.find(g.extent(x, axis));
    const dim begin = place >= 0 ? place : g.shapes.sub(n, -place);
    const dim needed = place >= 0 ? place + 1 : -place;
    if (n >= 0 && needed > n) return g.fail(mistake::index_range);
    if (n < 0) g.checks.push_back({check_kind::index_in_range, needed, n, x, place < 0 ? -2 : -1, &info<slice>});
    dim extents[max_rank]{};
    for (int k = 0; k < g.rank(x); ++k) extents[k] = k == axis ? 1 : g.extent(x, k);
    return make(g, x, axis, begin, 1, g.shapes.shape(extents, g.rank(x)));
  }
  // A bound as NumPy reads it: negative ones count from the end, all are clamped to 0 ... n.
  static constexpr dim bound(graph& g, std::int64_t b, dim n) {
    return b >= 0 ? g.shapes.min(b, n) : g.shapes.sub(n, -b);
  }
  // One more than a bound of a slice that runs backwards, which is clamped to -1 ... n-1: extents are not negative.
  static constexpr dim past(graph& g, std::int64_t b, dim n) {
    return b >= 0 ? g.shapes.min(b + 1, n) : g.shapes.sub(n, -b - 1);
  }
};

// arg 0 with arg 1 added into a slice of it; attrs axis, begin, step.
struct put_slice : indexing<put_slice> {
  static constexpr int arity = 2;
  static constexpr unsigned dim_attrs = 0b10;
  static constexpr int build(graph& g, const op_info& i, const int* args, int, const std::int64_t* attrs, int n) {
    return g.intern(i, args, 2, attrs, n, g.type(args[0]), g.shape(args[0]));
  }
  static constexpr void backward(graph& g, int node, int cotangent, int* out) {
    out[0] = cotangent;
    out[1] = slice::make(g, cotangent, static_cast<int>(g.attr(node, 0)), g.attr(node, 1), g.attr(node, 2),
                         g.shape(g.arg(node, 1)));
  }
};

constexpr void slice::backward(graph& g, int node, int cotangent, int* out) {
  const int args[] = {zeros_of(g, g.type(cotangent), g.shape(g.arg(node, 0))), cotangent};
  const std::int64_t attrs[] = {g.attr(node, 0), g.attr(node, 1), g.attr(node, 2)};
  out[0] = g.apply(info<put_slice>, args, 2, attrs, 3);
}

// The elements of an axis at the places an integer vector names; attr 0: the axis.
struct take : indexing<take> {
  static constexpr int arity = 2;
  static constexpr int build(graph& g, const op_info& i, const int* args, int, const std::int64_t* attrs, int) {
    const int axis = static_cast<int>(attrs[0]);
    if (axis >= g.rank(args[0])) return g.fail(mistake::too_many_indices);
    if (!is_integer(g.type(args[1]))) return g.fail(mistake::dtype_index);
    if (g.rank(args[1]) != 1) return g.fail(mistake::rank);
    dim extents[max_rank]{};
    for (int k = 0; k < g.rank(args[0]); ++k) extents[k] = k == axis ? g.extent(args[1], 0) : g.extent(args[0], k);
    return g.intern(i, args, 2, attrs, 1, g.type(args[0]), g.shapes.shape(extents, g.rank(args[0])));
  }
  static constexpr void backward(graph& g, int node, int cotangent, int* out);
};

// arg 0 with the elements of arg 2 added at the places that arg 1 names along an axis; repeated places add up.
struct put_take : indexing<put_take> {
  static constexpr int arity = 3;
  static constexpr int build(graph& g, const op_info& i, const int* args, int, const std::int64_t* attrs, int n) {
    return g.intern(i, args, 3, attrs, n, g.type(args[0]), g.shape(args[0]));
  }
  static constexpr void backward(graph& g, int node, int cotangent, int* out) {
    out[0] = cotangent;
    out[1] = -1;
    const int args[] = {cotangent, g.arg(node, 1)};
    const std::int64_t axis = g.attr(node, 0);
    out[2] = g.apply(info<take>, args, 2, &axis, 1);
  }
};

constexpr void take::backward(graph& g, int node, int cotangent, int* out) {
  const int args[] = {zeros_of(g, g.type(cotangent), g.shape(g.arg(node, 0))), g.arg(node, 1), cotangent};
  const std::int64_t axis = g.attr(node, 0);
  out[0] = g.apply(info<put_take>, args, 3, &axis, 1);
  out[1] = -1;
}

// x[i[k], j[k], ...] for every k: two integer vectors index the first two axes together.
struct take_pairs : indexing<take_pairs> {
  static constexpr int arity = 3;
  static constexpr int build(graph& g, const op_info& i, const int* args, int, const std::int64_t*, int) {
    if (g.rank(args[0]) < 2) return g.fail(mistake::too_many_indices);
    if (!is_integer(g.type(args[1])) || !is_integer(g.type(args[2]))) return g.fail(mistake::dtype_index);
    if (g.rank(args[1]) != 1 || g.rank(args[2]) != 1) return g.fail(mistake::rank);
    const dim n = g.extent(args[1], 0);
    if (!g.unify(n, g.extent(args[2], 0), i, args[1], args[2])) return g.fail(mistake::extent);
    dim extents[max_rank]{};
    extents[0] = n;
    for (int k = 2; k < g.rank(args[0]); ++k) extents[k - 1] = g.extent(args[0], k);
    return g.intern(i, args, 3, nullptr, 0, g.type(args[0]), g.shapes.shape(extents, g.rank(args[0]) - 1));
  }
  static constexpr void backward(graph& g, int node, int cotangent, int* out);
};

// arg 0 with the elements of arg 3 added at the pairs of places that args 1 and 2 name.
struct put_pairs : indexing<put_pairs> {
  static constexpr int arity = 4;
  static constexpr int build(graph& g, const op_info& i, const int* args, int, const std::int64_t*, int) {
    return g.intern(i, args, 4, nullptr, 0, g.type(args[0]), g.shape(args[0]));
  }
  static constexpr void backward(graph& g, int node, int cotangent, int* out) {
    out[0] = cotangent;
    out[1] = out[2] = -1;
    out[3] = g.apply(info<take_pairs>, cotangent, g.arg(node, 1), g.arg(node, 2));
  }
};

constexpr void take_pairs::backward(graph& g, int node, int cotangent, int* out) {
  const int args[] = {zeros_of(g, g.type(cotangent), g.shape(g.arg(node, 0))), g.arg(node, 1), g.arg(node, 2), cotangent};
  out[0] = g.apply(info<put_pairs>, args, 4);
  out[1] = out[2] = -1;
}

// 0, 1, 2, ... as many as its shape says.
struct iota : indexing<iota> {
  static constexpr int arity = 0;
  static constexpr bool shaped = true;
  static constexpr int build(graph& g, const op_info&, const int*, int, const std::int64_t* attrs, int) {
    return make(g, attrs[0]);
  }
  static constexpr int make(graph& g, dim n) {
    return g.intern(info<iota>, nullptr, 0, nullptr, 0, dtype::i64, g.shapes.shape(&n, 1));
  }
};

}  // namespace op

// Whether a node increments a tensor at some places.
constexpr bool is_put_node(const graph& g, int id) {
  return g.is(id, info<op::put_pairs>) || g.is(id, info<op::put_take>) || g.is(id, info<op::put_slice>);
}

namespace detail {

template <class B>
constexpr std::int64_t slice_bound(std::int64_t absent) {
  if constexpr (std::is_same_v<B, none_t>) {
    return absent;
  } else {
    static_assert(is_literal<B>, "agnesi: the bounds and the step of a slice are constants such as 1_c, or ag::none");
    return literal_int<B>;
  }
}

// Applies the remaining indices from an axis on; `Axis` moves past the axes that stay.
template <int Axis, class X>
constexpr auto index_from(X x) {
  return x;
}
template <int Axis, class X, class I, class... Rest>
constexpr auto index_from(X x, I i, Rest... rest);

template <int Axis, class X, class B, class E, class S, class... Rest>
constexpr auto index_slice(X x, slice_t<B, E, S>, Rest... rest) {
  constexpr std::int64_t step = slice_bound<S>(1);
  static_assert(step != 0, "agnesi: the step of a slice is not zero");
  return index_from<Axis + 1>(
      apply<op::slice, Axis, slice_bound<B>(op::open_end), slice_bound<E>(op::open_end), step>(x), rest...);
}

template <class T>
inline constexpr bool is_slice = false;
template <class B, class E, class S>
inline constexpr bool is_slice<slice_t<B, E, S>> = true;

// One integer picks an element of the axis, which goes.
template <int Axis, class X, class I, class... Rest>
constexpr auto index_element(X x, I i, Rest... rest) {
  if constexpr (is_literal<I>) {
    constexpr std::int64_t at = literal_int<I>;
    constexpr std::int64_t n = Axis < X::type::rank ? X::type::extents[Axis] : 0;
    static_assert(n == dyn || Axis >= X::type::rank || (at < n && at >= -n),
                  "agnesi: this index is out of range for the axis, whose extent is known");
    return index_from<Axis>(apply<op::squeeze, std::int64_t{1} << Axis>(apply<op::slice, Axis, at>(x)), rest...);
  } else {
    return index_from<Axis>(
        apply<op::squeeze, std::int64_t{1} << Axis>(apply<op::take, Axis>(x, apply<op::expand_dims, 1>(i))), rest...);
  }
}

template <int Axis, class X, class I, class... Rest>
constexpr auto index_from(X x, I i, Rest... rest) {
  if constexpr (Invalid<X>) return x;
  else if constexpr (std::is_same_v<I, all_t>) return index_from<Axis + 1>(x, rest...);
  else if constexpr (is_slice<I>) return index_slice<Axis>(x, i, rest...);
  else if constexpr (!Operand<I>) {
    static_assert(Operand<I>, "agnesi: an index is a constant such as 0_c, an integer formula, ag::slice(...) or ag::all");
    return invalid{};
  } else if constexpr (I::type::rank == 0) return index_element<Axis>(x, i, rest...);
  else return index_from<Axis + 1>(apply<op::take, Axis>(x, i), rest...);
}

template <class I>
constexpr bool is_index_vector() {
  if constexpr (Operand<I> && !Invalid<I>) return I::type::rank > 0;
  else return false;
}

}  // namespace detail

template <Operand X, class... I>
constexpr auto index(X x, I... i) {
  if constexpr (Invalid<X>) {
    return x;
  } else if constexpr (static_cast<int>(sizeof...(I)) > X::type::rank) {
    static_assert(static_cast<int>(sizeof...(I)) <= X::type::rank, "agnesi: more indices than the tensor has axes");
    return invalid{};
  } else if constexpr ((detail::is_index_vector<I>() + ... + 0) > 1) {
    constexpr bool pair = sizeof...(I) == 2;
    static_assert(pair, "agnesi: several integer vectors pair up over the first two axes only: write p(rows, columns)");
    if constexpr (pair) return apply<op::take_pairs>(x, i...);
    else return invalid{};
  } else {
    return detail::index_from<0>(as_formula(x), [](auto k) {
      if constexpr (Operand<decltype(k)>) return as_formula(k);
      else return k;
    }(i)...);
  }
}

}  // namespace agnesi
