// SPDX-License-Identifier: BSD-3-Clause
// One form for equal products: any tree of * / sqr and unary minus becomes coefficient * factors / factors, common
// factors cancelled, whole powers collected, exponentials joined.
//   x * y / x -> y;  2 * x / (4 * y) -> 0.5 * x / y;  exp(x) * exp(-y) -> exp(x - y);  x * x * y / x -> x * y
#pragma once

#include "agnesi/passes/factors.hpp"

namespace agnesi {

class product_form : public factor_list {
 public:
  using factor_list::factor_list;

  constexpr void collect(rewriter& w, int root, int power) {
    stack<factor_power> open;
    open.push({root, power});
    while (!open.empty()) {
      const factor_power f = open.pop();
      const int id = stripped(w, f.id);
      const op_info* op = w[id].op;
      // Powers are not taken into products: sqr(y / x) may be written so as not to overflow.
      const bool once = f.power == 1 || f.power == -1;
      const auto opened = [&] { return once && (id == root || !w.is_shared(id)); };
      if (w.is_flagged(id, pinned_node)) {
        multiply(w, id, f.power);
      } else if (is_constant(w, id)) {
        scale(w, id, f.power);
      } else if (op == &info<op::neg>) {
        if (f.power % 2 != 0) over_ = -over_;
        open.push({w.arg(id, 0), f.power});
      } else if (op == &info<op::expand_dims> && w.is(w.arg(id, 0), info<op::neg>)) {
        if (f.power % 2 != 0) over_ = -over_;
        open.push({w.apply_with(*op, w.arg(w.arg(id, 0), 0), w.attr(id, 0)), f.power});
      } else if (op == &info<op::expand_dims> && has_scalars(w, w.arg(id, 0), id == root) && opened()) {
        const int rest = without_scalars(w, w.arg(id, 0), f.power);
        open.push({w.apply_with(*op, rest, w.attr(id, 0)), f.power});
      } else if (splits_shared_ && once && has_scalars(w, id, true) && !opened()) {
        open.push({without_scalars(w, id, f.power), f.power});
      } else if (op == &info<op::mul> && opened()) {
        open.push({w.arg(id, 1), f.power});
        open.push({w.arg(id, 0), f.power});
      } else if (op == &info<op::div> && opened()) {
        open.push({w.arg(id, 1), -f.power});
        open.push({w.arg(id, 0), f.power});
      } else if (op == &info<op::sqr> && f.power <= max_power && f.power >= -max_power) {
        open.push({w.arg(id, 0), 2 * f.power});
      } else {
        multiply(w, w.known_better(id), f.power);
      }
    }
  }

  // The coefficient and the factors that `outside` picks, taken out of this product.
  template <class Outside>
  constexpr product_form take_out(rewriter& w, Outside outside) {
    product_form out(type_, weak_);
    out.over_ = over_;
    out.under_ = under_;
    over_ = under_ = 1;
    for (factor_power& f : factors_) {
      if (f.power == 0 || !outside(f.id)) continue;
      out.multiply(w, f.id, f.power);
      f.power = 0;
    }
    drop_ones();
    return out;
  }
  // Scalars are taken off factors that others read too: for what takes them out of a sum or a product.
  constexpr void split_shared() { splits_shared_ = true; }
  // Puts the factors of a factor in its place.
  constexpr void take_apart(rewriter& w, int k) {
    const factor_power f = factors_[k];
    factors_[k].power = 0;
    drop_ones();
    collect(w, f.id, f.power);
    drop_ones();
  }

  constexpr int build(rewriter& w) {
    drop_ones();
    if (vanishes(w)) return constant(w, 0);
    cancel_with_shared(w);
    join_inside_new_axes(w);
    if (is_float(type_)) {
      join_exponentials(w);
      join_powers(w);
    }
    for (int round = 0; round < 8 && factors_.size() <= max_pairs && rewrite_pair(w); ++round) drop_ones();
    if (vanishes(w)) return constant(w, 0);
    const int open = has_sum(w) && w.distribute != nullptr ? w.distribute(w, *this) : -1;
    if (open >= 0) return open;
    const int inside = inside_only_axes(w);
    return inside >= 0 ? inside : assemble(w);
  }

 private:
  static constexpr int max_pairs = 12;
  static constexpr int max_power = 512;
  bool splits_shared_ = false;

  constexpr bool has_sum(const graph& g) const {
    for (const factor_power& f : factors_)
      if (f.power == 1 && (g.is(f.id, info<op::add>) || g.is(f.id, info<op::sub>))) return true;
    return false;
  }
  // Multiplies by the scalar factors of a product, and returns the others'.
  constexpr int without_scalars(rewriter& w, int id, int power) {
    product_form inner(type_, weak_);
    inner.collect(w, id, 1);
    const product_form out = inner.take_out(w, [&](int f) { return w.rank(f) == 0; });
    if (out.over_ != 1) scale(w, constant(w, out.over_), power);
    if (out.under_ != 1) scale(w, constant(w, out.under_), -power);
    for (const factor_power& f : out.factors_) multiply(w, f.id, f.power * power);
    return broadcast_to_shape(w, inner.build(w), w.shape(id));
  }

  // s * (1 / s) -> 1 where 1 / s was not taken apart, as it is read elsewhere too. What is opened is replaced by nodes
  // that come before it.
  constexpr void cancel_with_shared(rewriter& w) {
    for (int k = 0; k < factors_.size();) {
      const factor_power f = factors_[k++];
      const op_info* op = w[f.id].op;
      if ((op != &info<op::mul> && op != &info<op::div>) || (f.power != 1 && f.power != -1) ||
          w.is_flagged(f.id, pinned_node))
        continue;
      const int first = power_of(w.known_better(stripped(w, w.arg(f.id, 0))));
      const int second = power_of(w.known_better(stripped(w, w.arg(f.id, 1))));
      if (first * f.power >= 0 && second * (op == &info<op::div> ? -f.power : f.power) >= 0) continue;
      factors_[k - 1].power = 0;
      drop_ones();
      collect(w, f.id, f.power);
      drop_ones();
      k = 0;
    }
  }
  // a^x * a^y -> a^(x + y), unless that leaves a power more to compute.
  constexpr void join_powers(rewriter& w) {
    const auto is_power = [&](const factor_power& f) {
      return w.is(f.id, info<op::pow>) && !w.is_flagged(f.id, pinned_node) && (f.power == 1 || f.power == -1);
    };
    for (int i = 0; i < factors_.size(); ++i) {
      const factor_power a = factors_[i];
      for (int j = is_power(a) ? i + 1 : factors_.size(); j < factors_.size(); ++j) {
        const factor_power b = factors_[j];
        if (!is_power(b) || w.arg(a.id, 0) != w.arg(b.id, 0) ||
            (w.is_shared(a.id) && w.is_shared(b.id)))
          continue;
        const int n = w.apply(a.power == b.power ? info<op::add> : info<op::sub>, w.arg(a.id, 1), w.arg(b.id, 1));
        factors_[i].power = factors_[j].power = 0;
        drop_ones();
        collect(w, w.apply(info<op::pow>, w.arg(a.id, 0), n), a.power);
        drop_ones();
        i = -1;  // there is one factor fewer
        break;
      }
    }
  }

  // exp(a)^m * exp(b)^n -> exp(m * a + n * b), among exponentials of one shape and scalars.
  constexpr void join_exponentials(rewriter& w) {
    int count = 0, widest = -1;
    bool single = false, powers = false;
    for (const factor_power& f : factors_)
      if (w.is(f.id, info<op::exp>) && !w.is_flagged(f.id, pinned_node)) {
        ++count;
        widest = f.id;
        powers = powers || f.power != 1;
      }
    if (count < 2 && !powers) return;
    for (const factor_power& f : factors_)
      single = single || (w.is(f.id, info<op::exp>) && !w.is_flagged(f.id, pinned_node) && !w.is_shared(f.id));
    if (!single) return;
    int total = -1;
    for (factor_power& f : factors_) {
      if (!w.is(f.id, info<op::exp>) || w.is_flagged(f.id, pinned_node)) continue;
      if (w.shape(f.id) != w.shape(widest) && w.rank(f.id) != 0) continue;
      const int times = f.power < 0 ? -f.power : f.power;
      int a = w.arg(f.id, 0);
      if (times != 1) a = w.apply(info<op::mul>, constant_of(w, times, type_), a);
      if (total < 0) total = f.power < 0 ? w.apply(info<op::neg>, a) : a;
      else total = w.apply(f.power < 0 ? info<op::sub> : info<op::add>, total, a);
      f.power = 0;
    }
    drop_ones();
    collect(w, w.apply(info<op::exp>, total), 1);
    drop_ones();
  }

  // expand_dims(a) * expand_dims(b) -> expand_dims(a * b), where a and b may cancel.
  constexpr void join_inside_new_axes(rewriter& w) {
    for (int i = 0; i < factors_.size(); ++i) {
      const int first = factors_[i].id;
      if (!w.is(first, info<op::expand_dims>) || w.is_flagged(first, pinned_node)) continue;
      product_form inner(type_, weak_);
      int joined_factors = 0, inside[8] = {};
      for (int j = i; j < factors_.size(); ++j) {
        const int id = factors_[j].id;
        if (!w.is(id, info<op::expand_dims>) || w.rank(id) != w.rank(first) || w.is_flagged(id, pinned_node) ||
            w.attr(id, 0) != w.attr(first, 0))
          continue;
        if (joined_factors == 8) break;
        inside[joined_factors++] = w.arg(id, 0);
        inner.collect(w, w.arg(id, 0), factors_[j].power);
        if (joined_factors > 1) factors_[j].power = 0;
      }
      if (joined_factors < 2 && factors_[i].power * factors_[i].power < 4) continue;
      factors_[i].power = 0;
      const std::int64_t axes = w.attr(first, 0);
      drop_ones();
      const int shape = broadcast_shape(w, info<op::mul>, inside, joined_factors);
      collect(w, w.apply_with(info<op::expand_dims>, broadcast_to_shape(w, inner.build(w), shape), axes), 1);
    }
  }

  // s / expand_dims(x) -> expand_dims(s / x), for scalars s.
  constexpr int inside_only_axes(rewriter& w) {
    factor_power only;
    for (factor_power& f : factors_) {
      if (w.rank(f.id) == 0) continue;
      if (only.id >= 0 || !w.is(f.id, info<op::expand_dims>)) return -1;
      only = f;
    }
    if (only.id < 0 || w.is_flagged(only.id, pinned_node) || (factors_.size() == 1 && only.power == 1 && over_ == under_))
      return -1;
    const int x = w.arg(only.id, 0);
    for (factor_power& f : factors_)
      if (f.id == only.id) f.power = 0;
    drop_ones();
    collect(w, x, only.power);
    return w.apply_with(info<op::expand_dims>, broadcast_to_shape(w, build(w), w.shape(x)), w.attr(only.id, 0));
  }

  // Tries the rules for * and / on every two factors, on 1 and what is divided by, and those for squares.
  constexpr bool rewrite_pair(rewriter& w) {
    if (!w.has_rules(info<op::mul>) && !w.has_rules(info<op::div>)) return false;
    for (int i = 0; i < factors_.size(); ++i) {
      const factor_power a = factors_[i];
      if (a.power < 0 && is_float(type_)) {
        const int one = constant_of(w, 1, type_);
        if (replace(w, i, i, rewritten(w, info<op::div>, one, a.id), -a.power)) return true;
      }
      if (a.power > 1 || a.power < -1) {
        const int made = w.is_flagged(a.id, pinned_node) ? -1 : w.rewrite(info<op::sqr>, &a.id, 1);
        if (made >= 0) {
          factors_[i].power %= 2;
          drop_ones();
          collect(w, broadcast_to_shape(w, cast_to(w, made, type_), w.shape(a.id)), a.power / 2);
          return true;
        }
      }
      for (int j = 0; j < factors_.size(); ++j) {
        const factor_power b = factors_[j];
        if (i == j) continue;
        if (replace_choice(w, i, j)) return true;
        if ((a.power > 0) == (b.power > 0)) {
          if (i >= j) continue;
          if (replace_choice(w, j, i)) return true;
          if (replace(w, i, j, rewritten(w, info<op::mul>, a.id, b.id), smaller(a.power, b.power))) return true;
        } else if (a.power > 0) {
          if (replace(w, i, j, rewritten(w, info<op::div>, a.id, b.id), smaller(a.power, -b.power))) return true;
        }
      }
    }
    return false;
  }
  constexpr int rewritten(rewriter& w, const op_info& op, int a, int b) {
    const int args[] = {a, b};
    const int made = w.rewrite(op, args, 2);
    if (made < 0) return -1;
    const int shape = broadcast_shape(w, op, args, 2);
    return broadcast_to_shape(w, cast_to(w, made, type_), shape);
  }
  // where(c, x, 0) * y^n -> where(c, x * y^n, 0), not one y at a time.
  constexpr bool replace_choice(rewriter& w, int i, int j) {
    const factor_power a = factors_[i], b = factors_[j];
    if (!w.is(a.id, info<op::where>) || a.power != 1 || (b.power >= -1 && b.power <= 1)) return false;
    const int made = rewritten(w, b.power > 0 ? info<op::mul> : info<op::div>, a.id, raised(w, b.id, b.power < 0 ? -b.power : b.power));
    if (made < 0) return false;
    factors_[i].power = factors_[j].power = 0;
    drop_ones();
    collect(w, made, 1);
    return true;
  }
  static constexpr int smaller(int a, int b) { return (a < 0 ? -a : a) < (b < 0 ? -b : b) ? a : b; }
  // Puts made^power in the place of as many of two factors.
  constexpr bool replace(rewriter& w, int i, int j, int made, int power) {
    if (made < 0) return false;
    const int n = power < 0 ? -power : power;
    factors_[i].power += factors_[i].power < 0 ? n : -n;
    if (i != j) factors_[j].power += factors_[j].power < 0 ? n : -n;
    drop_ones();
    collect(w, made, power);
    return true;
  }
};

}  // namespace agnesi
