// SPDX-License-Identifier: BSD-3-Clause
// Where the largest element is, found without computing what keeps or turns around the order:
//   argmax(exp(x)) -> argmax(x);  argmax(a - 2 * x) -> argmin(x), for a that does not vary along the axes
#pragma once

#include "agnesi/passes/products.hpp"

namespace agnesi {

namespace detail {

constexpr bool varies_along(const rewriter& w, int id, std::int64_t mask, int rank) {
  const int x = stripped(w, id);
  const int missing = rank - w.rank(x);
  for (int k = missing; k < rank; ++k)
    if ((mask >> k & 1) != 0 && w.shapes.find(w.extent(x, k - missing)) != 1) return true;
  return false;
}

constexpr bool is_rising(const op_info* op) {
  return op == &info<op::exp> || op == &info<op::expm1> || op == &info<op::log> || op == &info<op::log1p> ||
         op == &info<op::sqrt> || op == &info<op::sigmoid> || op == &info<op::softplus> || op == &info<op::tanh> ||
         op == &info<op::erf>;
}
constexpr bool is_falling(const op_info* op) {
  return op == &info<op::neg> || op == &info<op::erfc> || op == &info<op::erfcx> || op == &info<op::log_erfc> ||
         op == &info<op::log1mexp>;
}

// The place of the largest exp(x) is that of the largest x, and of the largest x + s, where s does not vary.
constexpr int place_of_inner(rewriter& w, int id) {
  const int x = w.arg(id, 0), r = w.rank(x);
  const op_info* op = w[x].op;
  const std::int64_t mask = w.attr(id, 0);
  if (w.is_flagged(x, pinned_node)) return -1;
  const auto place_in = [&](int inner, bool turned) {
    const bool largest = w.is(id, info<op::argmax>) != turned;
    return w.apply_with(largest ? info<op::argmax> : info<op::argmin>, broadcast_to_shape(w, inner, w.shape(x)), mask);
  };
  if (is_rising(op)) return place_in(w.arg(x, 0), false);
  if (is_falling(op) && is_float(w.type(x))) return place_in(w.arg(x, 0), true);
  if ((op == &info<op::mul> || op == &info<op::div>) && is_float(w.type(x))) {
    product_form inside(w.type(x), w[x].weak);
    inside.collect(w, x, 1);
    const product_form outside = inside.take_out(w, [&](int f) {
      const values s = sign_of(w, f);
      return (s == values::positive || s == values::negative) && !varies_along(w, f, mask, r);
    });
    if (outside.is_one() || inside.is_one() || outside.coefficient() == 0) return -1;
    bool turned = outside.coefficient() < 0;
    for (const factor_power& f : outside.factors())
      if (f.power % 2 != 0 && sign_of(w, f.id) == values::negative) turned = !turned;
    return place_in(inside.build(w), turned);
  }
  if ((op != &info<op::add> && op != &info<op::sub>) || w.type(x) == dtype::u8) return -1;  // bytes wrap around
  const int a = w.arg(x, 0), b = w.arg(x, 1);
  if (!varies_along(w, b, mask, r)) return place_in(a, false);
  return varies_along(w, a, mask, r) || !is_float(w.type(x)) ? -1 : place_in(b, op == &info<op::sub>);
}

}  // namespace detail

}  // namespace agnesi
