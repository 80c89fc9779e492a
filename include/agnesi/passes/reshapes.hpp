// SPDX-License-Identifier: BSD-3-Clause
// Reshapes joined, made of as few axes as can be, and taken to what elementwise operations read.
//   reshape(reshape(x, s), t) -> reshape(x, t);  reshape(exp(m), s) -> exp(reshape(m, s));
//   reshape(x, (1, n)) -> expand_dims<0>(reshape(x, (n)))
#pragma once

#include "agnesi/rewrite/rewriter.hpp"

namespace agnesi {

namespace detail {

// Axes of extent 1 put in or taken out, and nothing else.
constexpr int reshaped_by_ones(rewriter& w, int id) {
  const int a = w.arg(id, 0), ra = w.rank(a), r = w.rank(id);
  const bool longer = r > ra;
  const int wide = longer ? id : a, narrow = longer ? a : id;
  std::int64_t ones = 0;
  int j = 0;
  for (int k = 0; k < w.rank(wide); ++k) {
    const dim d = w.shapes.find(w.extent(wide, k));
    if (j < w.rank(narrow) && d == w.shapes.find(w.extent(narrow, j))) ++j;
    else if (d == 1) ones |= std::int64_t{1} << k;
    else return -1;
  }
  if (j != w.rank(narrow) || r == ra) return -1;
  return longer ? w.apply_with(info<op::expand_dims>, a, ones) : w.apply_with(info<op::squeeze>, a, ones);
}

// The mask of the axes of extent 1, unless these are all.
constexpr std::int64_t axes_of_one(const rewriter& w, int id) {
  std::int64_t ones = 0;
  int n = 0;
  for (int k = 0; k < w.rank(id); ++k) {
    if (w.shapes.find(w.extent(id, k)) != 1) continue;
    ones |= std::int64_t{1} << k;
    ++n;
  }
  return n < w.rank(id) ? ones : 0;
}

// f(x, y) in another shape is f of x and y in it, where both have the shape of f(x, y).
constexpr int reshaped_operands(rewriter& w, int id) {
  const int a = w.arg(id, 0);
  if (w[a].op->kind != op_kind::elementwise || w[a].n_args > 4 || w.is_shared(a)) return -1;
  int args[4] = {};
  for (int k = 0; k < w[a].n_args; ++k) {
    args[k] = stripped(w, w.arg(a, k));
    if (w.rank(args[k]) != 0 && w.shape(args[k]) != w.shape(a)) return -1;
  }
  for (int k = 0; k < w[a].n_args; ++k)
    if (w.rank(args[k]) != 0) args[k] = op::reshape::to_shape(w, args[k], w.shape(id));
  return w.again(a, args);
}

// Ends: reshapes of reshapes and axes of extent 1 become fewer, and what is reshaped smaller.
constexpr int shorter_reshape(rewriter& w, int id) {
  const int a = w.arg(id, 0);
  if (w.shape(a) == w.shape(id)) return a;
  if (w.is(a, info<op::reshape>) || w.is(a, info<op::expand_dims>) || w.is(a, info<op::squeeze>))
    return op::reshape::to_shape(w, w.arg(a, 0), w.shape(id));
  if (w.rank(stripped(w, a)) == 0 && w.is(a, info<op::broadcast>)) return stripped(w, a);
  const int by_ones = reshaped_by_ones(w, id);
  if (by_ones >= 0) return by_ones;
  const std::int64_t ones = axes_of_one(w, id);
  if (ones != 0) {
    dim extents[max_rank]{};
    int r = 0;
    for (int k = 0; k < w.rank(id); ++k)
      if ((ones >> k & 1) == 0) extents[r++] = w.extent(id, k);
    return w.apply_with(info<op::expand_dims>, op::reshape::to_shape(w, a, w.shapes.shape(extents, r)), ones);
  }
  return reshaped_operands(w, id);
}

}  // namespace detail

}  // namespace agnesi
