// SPDX-License-Identifier: BSD-3-Clause
// Powers written as products, and what is known of the absolute value or the sign of a product.
//   pow(x, 3) -> x * sqr(x);  abs(-2 * x) -> 2 * abs(x);  sign(-2 * x) -> -sign(x)
#pragma once

#include "agnesi/passes/products.hpp"

namespace agnesi {

// pow(x, n) for whole n by repeated squaring: at most 16 multiplications, and a division where n is negative. Each of
// them loses at most half a unit in the last place, n / 2 units in all.
constexpr int multiplied_out(rewriter& w, int id) {
  constexpr double largest = 512;
  if (!w.is(id, info<op::pow>) || !is_constant(w, w.arg(id, 1)) || is_constant(w, w.arg(id, 0))) return -1;
  const double n = number(value_of(w, w.arg(id, 1)));
  if (!(n >= -largest && n <= largest) || !is_whole(n)) return -1;
  if (n < 0 && !is_float(w.type(id))) return -1;
  product_form p(w.type(id), w[id].weak);
  if (n != 0) p.collect(w, w.arg(id, 0), static_cast<int>(n));
  return p.build(w);
}

// Numbers and factors of known sign are left out; of an odd power of one factor, which may overflow, the factor is left.
constexpr int sign_of_product(rewriter& w, int id) {
  const int x = w.arg(id, 0);
  const op_info* op = w[x].op;
  if ((op != &info<op::mul> && op != &info<op::div>) || w.is_flagged(x, pinned_node)) return -1;
  product_form inside(w.type(x), w[x].weak);
  inside.collect(w, x, 1);
  const product_form outside = inside.take_out(w, [&](int f) {
    const values s = sign_of(w, f);
    return s == values::positive || s == values::negative;
  });
  bool negative = outside.coefficient() < 0;
  for (const factor_power& f : outside.factors())
    if (f.power % 2 != 0 && sign_of(w, f.id) == values::negative) negative = !negative;
  const bool one = inside.factors().size() == 1 && inside.factors()[0].power % 2 != 0;
  if ((outside.is_one() && !(one && inside.factors()[0].power != 1)) || inside.is_one() || outside.coefficient() == 0) return -1;
  const int left = one ? inside.factors()[0].id : inside.build(w);
  const int rest = w.apply(info<op::sign>, broadcast_to_shape(w, left, w.shape(x)));
  return negative ? w.apply(info<op::neg>, rest) : rest;
}

// Numbers and factors of known sign go outside; no absolute value of them is left.
constexpr int absolute_of_product(rewriter& w, int id) {
  const int x = w.arg(id, 0);
  const op_info* op = w[x].op;
  if ((op != &info<op::mul> && op != &info<op::div>) || w.is_flagged(x, pinned_node)) return -1;
  product_form inside(w.type(x), w[x].weak);
  inside.collect(w, x, 1);
  product_form outside = inside.take_out(w, [&](int f) {
    return inside.power_of(f) % 2 == 0 || sign_of(w, f) != values::unknown;
  });
  if (outside.is_one() || inside.is_one()) return -1;
  product_form r = outside.take_out(w, [](int) { return false; });
  r.make_positive();
  for (const factor_power& f : outside.factors()) {
    const bool negative = f.power % 2 != 0 && at_most_zero(sign_of(w, f.id));
    r.collect(w, negative ? w.apply(info<op::neg>, f.id) : f.id, f.power);
  }
  r.collect(w, w.apply(info<op::abs>, broadcast_to_shape(w, inside.build(w), w.shape(x))), 1);
  return r.build(w);
}

}  // namespace agnesi
