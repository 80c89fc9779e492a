// SPDX-License-Identifier: BSD-3-Clause
// One form for equal products: any tree of * / sqr and unary minus becomes coefficient * factors / factors, common
// factors cancelled, whole powers collected, exponentials joined.
//   x * y / x -> y;  2 * x / (4 * y) -> 0.5 * x / y;  exp(x) * exp(-y) -> exp(x - y);  x * x * y / x -> x * y
#pragma once

#include "agnesi/rewrite/rewriter.hpp"

namespace agnesi {

struct factor_power {
  int id = -1;
  int power = 0;
};

class product_form {
 public:
  constexpr product_form() = default;
  constexpr product_form(dtype type, bool weak) : type_(type), weak_(weak) {}
  constexpr const vec<factor_power>& factors() const { return factors_; }

  constexpr int power_of(int id) const {
    for (const factor_power& f : factors_)
      if (f.id == id) return f.power;
    return 0;
  }
  // Drops the factors that another product does not have to the same power.
  constexpr void keep_common(const product_form& other) {
    for (factor_power& f : factors_)
      if (other.power_of(f.id) != f.power) f.power = 0;
    drop_ones();
  }
  constexpr void multiply(rewriter& w, int id, int power) {
    int at = factors_.size();
    while (at > 0 && w.comes_before(id, factors_[at - 1].id)) --at;
    if (at > 0 && factors_[at - 1].id == id) {
      factors_[at - 1].power += power;
      return;
    }
    factors_.push_back({id, power});
    for (int k = factors_.size() - 1; k > at; --k) factors_[k] = factors_[k - 1];
    factors_[at] = {id, power};
  }

  constexpr void collect(rewriter& w, int root, int power) {
    vec<factor_power> open;
    open.push_back({root, power});
    while (!open.empty()) {
      const factor_power f = open.back();
      open.pop_back();
      const int id = stripped(w, f.id);
      const op_info* op = w[id].op;
      // Powers are not taken into products: sqr(y / x) may be written so as not to overflow.
      const bool opened = (id == root || !w.is_flagged(id, shared_node)) && (f.power == 1 || f.power == -1);
      if (w.is_flagged(id, pinned_node)) {
        multiply(w, id, f.power);
      } else if (is_constant(w, id)) {
        scale(w, id, f.power);
      } else if (op == &info<op::neg>) {
        if (f.power % 2 != 0) over_ = -over_;
        open.push_back({w.arg(id, 0), f.power});
      } else if (op == &info<op::expand_dims> && w.is(w.arg(id, 0), info<op::neg>)) {
        if (f.power % 2 != 0) over_ = -over_;
        open.push_back({w.apply_with(*op, w.arg(w.arg(id, 0), 0), w.attr(id, 0)), f.power});
      } else if (op == &info<op::expand_dims> && opened && has_scalars(w, w.arg(id, 0), id == root || !w.is_flagged(w.arg(id, 0), shared_node))) {
        const int rest = without_scalars(w, w.arg(id, 0), f.power);
        multiply(w, w.apply_with(*op, rest, w.attr(id, 0)), f.power);
      } else if (splits_shared_ && !opened && (f.power == 1 || f.power == -1) && has_scalars(w, id, true)) {
        multiply(w, without_scalars(w, id, f.power), f.power);
      } else if (op == &info<op::mul> && opened) {
        open.push_back({w.arg(id, 1), f.power});
        open.push_back({w.arg(id, 0), f.power});
      } else if (op == &info<op::div> && opened) {
        open.push_back({w.arg(id, 1), -f.power});
        open.push_back({w.arg(id, 0), f.power});
      } else if (op == &info<op::sqr> && f.power < 64 && f.power > -64) {
        open.push_back({w.arg(id, 0), 2 * f.power});
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
  constexpr double coefficient() const { return over_ / under_; }
  // Scalars are taken off factors that others read too: for what takes them out of a sum or a product.
  constexpr void split_shared() { splits_shared_ = true; }
  constexpr bool is_one() const { return factors_.empty() && over_ == under_; }

  constexpr int build(rewriter& w) {
    drop_ones();
    if (is_zero(w)) return constant(w, 0);
    join_inside_new_axes(w);
    if (is_float(type_)) join_exponentials(w);
    for (int round = 0; round < 8 && factors_.size() <= max_pairs && rewrite_pair(w); ++round) drop_ones();
    if (is_zero(w)) return constant(w, 0);
    return assemble(w);
  }

 private:
  static constexpr int max_pairs = 12;
  dtype type_ = dtype::f64;
  bool weak_ = false;
  bool splits_shared_ = false;
  double over_ = 1, under_ = 1;  // the coefficient: one divided by the other
  vec<factor_power> factors_;    // in order of size, then of appearance

  constexpr int constant(rewriter& w, double v) const {
    return make_constant(w, converted({dtype::f64, 0, v}, type_), weak_);
  }
  constexpr bool is_zero(const graph& g) const {
    if (over_ != 0) return false;
    for (const factor_power& f : factors_)
      if (is_constant(g, f.id)) return false;  // 0 / 0, or 0 * infinity
    return true;
  }
  constexpr void drop_ones() {
    int kept = 0;
    for (int k = 0; k < factors_.size(); ++k)
      if (factors_[k].power != 0) factors_[kept++] = factors_[k];
    factors_.resize(kept);
  }
  constexpr void scale(rewriter& w, int id, int power) {
    const double v = number(value_of(w, id));
    const int n = power < 0 ? -power : power;
    // An infinity, a division by zero and what a coefficient could not hold are factors like others.
    const double limit = is_float(type_) ? type_ == dtype::f32 ? 1e15 : 1e100 : 1e6;
    const auto fits = [limit](double u) {
      const double size = u < 0 ? -u : u;
      return size < limit && (size > 1 / limit || u == 0);
    };
    double scaled = power < 0 ? under_ : over_;
    bool fitting = n <= 8 && fits(v) && (v != 0 || power > 0);
    for (int k = 0; k < n && fitting; ++k) {
      scaled *= v;
      fitting = fits(scaled);
    }
    if (!fitting) return multiply(w, id, power);
    (power < 0 ? under_ : over_) = scaled;
  }

  // Whether a product has scalar factors, which stand at its left.
  static constexpr bool has_scalars(const rewriter& w, int id, bool opened) {
    for (; opened && !w.is_flagged(id, pinned_node); opened = !w.is_flagged(id, shared_node)) {
      const op_info* op = w[id].op;
      if (op != &info<op::mul> && op != &info<op::div>) return false;
      if (w.rank(id) == 0) return false;
      if (w.rank(w.arg(id, 0)) == 0 || w.rank(w.arg(id, 1)) == 0) return true;
      id = w.arg(id, 0);
    }
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

  // exp(a)^m * exp(b)^n -> exp(m * a + n * b), among exponentials of one shape and scalars.
  constexpr void join_exponentials(rewriter& w) {
    int count = 0, widest = -1;
    bool single = false, powers = false;
    for (const factor_power& f : factors_)
      if (w.is(f.id, info<op::exp>) && !w.is_flagged(f.id, pinned_node)) {
        ++count;
        widest = f.id;
        single = single || !w.is_flagged(f.id, shared_node);
        powers = powers || f.power != 1;
      }
    if (!single || (count < 2 && !powers)) return;
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
      int joined_factors = 0;
      for (int j = i; j < factors_.size(); ++j) {
        const int id = factors_[j].id;
        if (!w.is(id, info<op::expand_dims>) || w.rank(id) != w.rank(first) || w.is_flagged(id, pinned_node) ||
            w.attr(id, 0) != w.attr(first, 0))
          continue;
        ++joined_factors;
        inner.collect(w, w.arg(id, 0), factors_[j].power);
        if (joined_factors > 1) factors_[j].power = 0;
      }
      if (joined_factors < 2) continue;
      factors_[i].power = 0;
      const std::int64_t axes = w.attr(first, 0);
      drop_ones();
      collect(w, w.apply_with(info<op::expand_dims>, inner.build(w), axes), 1);
    }
  }

  // Tries the rules for * and / on every two factors, and on 1 and what is divided by.
  constexpr bool rewrite_pair(rewriter& w) {
    if (!w.has_rules(info<op::mul>) && !w.has_rules(info<op::div>)) return false;
    for (int i = 0; i < factors_.size(); ++i) {
      const factor_power a = factors_[i];
      if (a.power < 0 && is_float(type_)) {
        const int one = constant_of(w, 1, type_);
        if (replace(w, i, i, rewritten(w, info<op::div>, one, a.id), -a.power)) return true;
      }
      for (int j = 0; j < factors_.size(); ++j) {
        const factor_power b = factors_[j];
        if (i == j) continue;
        if ((a.power > 0) == (b.power > 0)) {
          if (i >= j) continue;
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

  static constexpr int joined(rewriter& w, const op_info& op, int a, int b) { return a < 0 ? b : w.raw(op, a, b); }
  static constexpr int raised(rewriter& w, int id, int n) {
    int r = -1;
    for (; n > 0; n /= 2) {
      if (n % 2 != 0) r = joined(w, info<op::mul>, r, id);
      if (n > 1) id = w.raw(info<op::sqr>, id);
    }
    return r;
  }
  // s * expand_dims(x) = expand_dims(s * x) for a scalar s; -1 for other factors.
  static constexpr int inside_new_axes(rewriter& w, const factor_power& f, int product, int& below) {
    if (f.power != 1 || !w.is(f.id, info<op::expand_dims>) || w.is_flagged(f.id, pinned_node)) return -1;
    const int x = w.arg(f.id, 0);
    int made = -1;
    if (w.rank(x) == 0) return -1;
    if (product >= 0 && w.rank(product) == 0) {
      made = w.apply(info<op::mul>, product, x);
    } else if (product < 0 && below >= 0 && w.rank(below) == 0) {
      made = w.apply(info<op::div>, x, below);
      below = -1;
    }
    return made < 0 ? -1 : w.apply_with(info<op::expand_dims>, broadcast_to_shape(w, made, w.shape(x)), w.attr(f.id, 0));
  }
  constexpr int assemble(rewriter& w) {
    const bool minus = (over_ < 0) != (under_ < 0);
    double c = over_ < 0 ? -over_ : over_, divisor = under_ < 0 ? -under_ : under_;
    // c * x / divisor is rounded once where c is a power of two, and stays, as x / 3 does.
    if (factors_.empty() || divides(c, divisor) || !is_power_of_two(c)) {
      c /= divisor;
      divisor = 1;
    }
    if (factors_.empty()) return constant(w, minus ? -c : c);
    int product = c != 1 ? constant(w, c) : -1;
    int below = divisor != 1 ? constant(w, divisor) : -1;
    for (int k = 0; k < factors_.size();) {
      const int size = w.size_class(factors_[k].id);
      for (; k < factors_.size() && w.size_class(factors_[k].id) == size; ++k) {
        const factor_power& f = factors_[k];
        const int inside = inside_new_axes(w, f, product, below);
        if (inside >= 0) {
          product = inside;
          continue;
        }
        int& into = f.power > 0 ? product : below;
        into = joined(w, info<op::mul>, into, raised(w, f.id, f.power < 0 ? -f.power : f.power));
      }
      if (product >= 0 && below >= 0) {
        product = w.raw(info<op::div>, product, below);
        below = -1;
      }
    }
    if (product < 0) product = w.raw(info<op::div>, constant(w, 1), below);
    return minus ? w.raw(info<op::neg>, product) : product;
  }
  // Whether c / divisor is exact.
  static constexpr bool divides(double c, double divisor) {
    const double q = c / divisor;
    return is_power_of_two(divisor) || (is_whole(c) && is_whole(q) && q * divisor == c);
  }
  static constexpr bool is_power_of_two(double v) {
    if (v <= 0 || v - v != 0) return false;
    for (; v >= 2; v /= 2) {
    }
    for (; v < 1; v *= 2) {
    }
    return v == 1;
  }
};

}  // namespace agnesi
