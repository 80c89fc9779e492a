// SPDX-License-Identifier: BSD-3-Clause
// The logarithm of a weighted sum of exponentials, such as that of the probability that a one-hot row picks:
//   log(sum(softmax(z) * n, axis<1>)) -> k + log(sum(exp(log_softmax(z) - k) * n, axis<1>)), k the largest that counts
#pragma once

#include "agnesi/passes/products.hpp"

namespace agnesi {

namespace detail {

// log Σ n exp(u) = k + log Σ n exp(u - k), whatever k is: so it may be the largest u that has a weight, seen as a
// constant by differentiation. An exponent without weight is bounded, as infinity times zero would be no zero; what is
// bounded is not rewritten again.
constexpr int log_of_weighted_sum(rewriter& w, int total) {
  const int x = w.is(total, info<op::sum>) ? w.arg(total, 0) : -1;
  if (x < 0 || (!w.is(x, info<op::mul>) && !w.is(x, info<op::div>)) || !is_float(w.type(x)) ||
      w.is_flagged(total, pinned_node) || w.is_flagged(x, pinned_node))
    return -1;
  const dtype type = w.type(x);
  const int shape = w.shape(x);
  const std::int64_t mask = w.attr(total, 0);
  product_form weights(type, w[x].weak);
  weights.collect(w, x, 1);
  product_form exponential = weights.take_out(w, [&](int f) {
    return w.is(f, info<op::exp>) && !w.is_flagged(f, pinned_node) && !w.is(w.arg(f, 0), info<op::minimum>) &&
           weights.power_of(f) == 1;
  });
  if (exponential.factors().size() != 1 || exponential.has_coefficient() || weights.factors().empty()) return -1;
  const int u = broadcast_to_shape(w, w.arg(exponential.factors()[0].id, 0), shape);
  const int n = broadcast_to_shape(w, weights.build(w), shape);
  const bool narrow = type == dtype::f32;
  const auto constant = [&](double v) { return constant_of(w, v, type); };
  const double limit = narrow ? 3.4028234663852886e38 : 1.7976931348623157e308;
  const int choice[] = {w.apply(info<op::not_equal>, n, constant(0)), u, constant(-limit)};
  const int highest = w.apply_with(info<op::max>, broadcast_to_shape(w, w.apply(info<op::where>, choice, 3), shape), mask);
  const int bounds[] = {highest, constant(-limit), constant(limit)};
  const int k = w.apply(info<op::stop_gradient>, w.apply(info<op::clip>, bounds, 3));
  const int below = w.apply(info<op::sub>, u, w.apply_with(info<op::expand_dims>, k, mask));
  const int bounded = w.apply(info<op::minimum>, below, constant(narrow ? 80 : 700));
  const int terms = w.apply(info<op::mul>, w.apply(info<op::exp>, bounded), n);
  const int rest = w.apply_with(info<op::sum>, broadcast_to_shape(w, terms, shape), mask);
  return w.apply(info<op::add>, k, w.apply(info<op::log>, rest));
}

}  // namespace detail

// Also of a mean: divided by an extent or multiplied by a positive number.
constexpr int log_of_weighted_exponentials(rewriter& w, int id) {
  const int x = w.arg(id, 0);
  if (w.is(x, info<op::sum>)) return detail::log_of_weighted_sum(w, x);
  const bool divided = w.is(x, info<op::div>);
  if ((!divided && !w.is(x, info<op::mul>)) || w.is_flagged(x, pinned_node)) return -1;
  const int total = w.arg(x, w.is(w.arg(x, 0), info<op::sum>) ? 0 : 1), by = w.arg(x, 0) == total ? w.arg(x, 1) : w.arg(x, 0);
  if (!w.is(total, info<op::sum>) || (divided && w.arg(x, 0) != total)) return -1;
  if (!w.is(by, info<op::extent>) && !(is_constant(w, by) && number(value_of(w, by)) > 0)) return -1;
  const int whole = detail::log_of_weighted_sum(w, total);
  return whole < 0 ? -1 : w.apply(divided ? info<op::sub> : info<op::add>, whole, w.apply(info<op::log>, by));
}

}  // namespace agnesi
