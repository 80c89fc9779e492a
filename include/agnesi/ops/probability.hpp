// SPDX-License-Identifier: BSD-3-Clause
// Normalized exponentials and the cost made of them: logsumexp, softmax, log_softmax, cross_entropy_with_logits.
//   auto cost = mean(cross_entropy_with_logits(dot(x, w) + b, labels));
#pragma once

#include "agnesi/ops/contract.hpp"
#include "agnesi/ops/error_function.hpp"
#include "agnesi/ops/index.hpp"

namespace agnesi {

namespace op {

// log(sum(exp(x))) over the axes of attr 0; one node until derivatives are taken, so that its own is the softmax.
struct logsumexp {
  static constexpr op_kind kind = op_kind::reduce;
  static constexpr int arity = 1;
  static constexpr int cost = 20;
  static constexpr int build(graph& g, const op_info& i, const int* args, int, const std::int64_t* attrs, int) {
    if (attrs[0] < 0 || attrs[0] >= std::int64_t{1} << g.rank(args[0])) return g.fail(mistake::axis);
    const dtype type = is_float(g.type(args[0])) ? g.type(args[0]) : dtype::f64;
    const int x = cast_to(g, args[0], type);
    if (attrs[0] == 0) return x;
    return g.intern(i, &x, 1, attrs, 1, type, reduced_shape(g, x, attrs[0]));
  }
  static constexpr void backward(graph& g, int node, int cotangent, int* out) {
    const ref x{&g, g.arg(node, 0)};
    const auto at_x = [&](int id) { return ref{&g, spread(g, id, g.attr(node, 0), x.id)}; };
    out[0] = (at_x(cotangent) * ag::exp(x - at_x(node))).id;
  }
  // m + log(sum(exp(x - m))) with m = max(x), kept finite so that rows of infinities come out as infinities
  // (P. Blanchard, D. J. Higham, N. J. Higham, "Accurately computing the log-sum-exp and softmax functions", 2021).
  static constexpr int expand(graph& g, int x, std::int64_t mask) {
    const shifted_terms t = terms_of(g, x, mask);
    return (ag::log(ref{&g, t.total}) + ref{&g, t.highest}).id;
  }
  // exp(x - logsumexp(x)): the exponentials that the sum is made of, divided by it, because a difference of large numbers
  // would leave its rounding error to the exponential.
  static constexpr int expand_normalized(graph& g, int x, std::int64_t mask) {
    const shifted_terms t = terms_of(g, x, mask);
    return (ref{&g, t.each} / ref{&g, spread(g, t.total, mask, x)}).id;
  }
  template <class>
  static constexpr void describe(op_info& i) {
    i.build = &build;
  }

 private:
  struct shifted_terms {
    int highest = -1, each = -1, total = -1;
  };
  static constexpr shifted_terms terms_of(graph& g, int x, std::int64_t mask) {
    const double limit = g.type(x) == dtype::f32 ? 3.4028234663852886e38 : 1.7976931348623157e308;
    const int highest = g.intern(info<max>, &x, 1, &mask, 1, g.type(x), reduced_shape(g, x, mask));
    const ref m = ag::clip(ref{&g, highest}, -limit, limit);
    const ref shifted = ref{&g, x} - ref{&g, spread(g, m.id, mask, x)};
    const int each = ag::exp(shifted).id;
    return {m.id, each, g.apply_with(info<sum>, each, mask)};
  }
};

template <class Self>
struct normalized {
  static constexpr op_kind kind = op_kind::composite;
  static constexpr int arity = 1;
  static constexpr int build(graph& g, const op_info&, const int* args, int, const std::int64_t* attrs, int) {
    if (attrs[0] < 0 || attrs[0] >= std::int64_t{1} << g.rank(args[0])) return g.fail(mistake::axis);
    const int x = is_float(g.type(args[0])) ? args[0] : cast_to(g, args[0], dtype::f64);
    const int total = g.apply_with(info<logsumexp>, x, attrs[0]);
    const int shifted = g.apply(info<sub>, x, g.apply_with(info<expand_dims>, total, attrs[0]));
    return Self::finish(g, shifted);
  }
  template <class>
  static constexpr void describe(op_info& i) {
    i.build = &Self::build;
  }
};

struct log_softmax : normalized<log_softmax> {
  static constexpr int finish(graph&, int shifted) { return shifted; }
};
struct softmax : normalized<softmax> {
  static constexpr int finish(graph& g, int shifted) { return g.apply(info<exp>, shifted); }
};

// logsumexp(z) - z[label] a row, or, with probabilities p as labels, sum(p) * logsumexp(z) - sum(p * z).
struct cross_entropy_with_logits {
  static constexpr op_kind kind = op_kind::composite;
  static constexpr int arity = 2;
  static constexpr int build(graph& g, const op_info& i, const int* args, int, const std::int64_t*, int) {
    const int z = is_float(g.type(args[0])) ? args[0] : cast_to(g, args[0], dtype::f64);
    const int r = g.rank(z);
    if (r == 0) return g.fail(mistake::rank);
    const std::int64_t last = std::int64_t{1} << (r - 1);
    const int total = g.apply_with(info<logsumexp>, z, last);
    if (g.rank(args[1]) == r) {
      const int shifted = g.apply(info<sub>, z, g.apply_with(info<expand_dims>, total, last));
      return g.apply(info<neg>, g.apply_with(info<sum>, g.apply(info<mul>, args[1], shifted), last));
    }
    if (r != 2 || g.rank(args[1]) != 1) return g.fail(mistake::label_rank);
    if (!is_integer(g.type(args[1]))) return g.fail(mistake::dtype_index);
    if (!g.unify(g.extent(z, 0), g.extent(args[1], 0), i, z, args[1]))
      return g.fail(mistake::extent);
    const int picked = g.apply(info<take_pairs>, z, iota::make(g, g.shapes.find(g.extent(z, 0))), args[1]);
    return g.apply(info<sub>, total, picked);
  }
  template <class>
  static constexpr void describe(op_info& i) {
    i.build = &build;
  }
};

}  // namespace op

namespace detail {

// The last axis, unless ag::axis says otherwise.
template <class Op, Operand X, int... K>
constexpr auto normalize(X x, axis_list<K...> axes) {
  if constexpr (sizeof...(K) == 0) return reduce_over<Op, false>(x, axis_list<-1>{});
  else return reduce_over<Op, false>(x, axes);
}

}  // namespace detail

constexpr auto logsumexp(Operand auto x, ReductionOption auto... o) { return detail::reduce<op::logsumexp>(x, o...); }

template <Operand X, int... K>
constexpr auto softmax(X x, axis_list<K...> axes = {}) {
  return detail::normalize<op::softmax>(x, axes);
}
template <Operand X, int... K>
constexpr auto log_softmax(X x, axis_list<K...> axes = {}) {
  return detail::normalize<op::log_softmax>(x, axes);
}
// One loss for each row of scores; the labels are integers, one a row, or rows of probabilities.
template <Operand Z, Operand L>
constexpr auto cross_entropy_with_logits(Z z, L labels) {
  return apply<op::cross_entropy_with_logits>(z, labels);
}

}  // namespace agnesi
