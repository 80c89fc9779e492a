// SPDX-License-Identifier: BSD-3-Clause
// The factors of a product with their powers, in canonical order, and the product made of them again:
//   2 * x * sqr(y) / z  is  2, {x: 1, y: 2, z: -1}
#pragma once

#include "agnesi/core/stack.hpp"
#include "agnesi/rewrite/rewriter.hpp"

namespace agnesi {

struct factor_power {
  int id = -1;
  int power = 0;
};

class factor_list {
 public:
  constexpr factor_list() = default;
  constexpr factor_list(dtype type, bool weak) : type_(type), weak_(weak) {}
  constexpr const vec<factor_power>& factors() const { return factors_; }
  constexpr dtype type() const { return type_; }
  constexpr bool is_one() const { return factors_.empty() && over_ == under_; }
  constexpr bool has_coefficient() const { return over_ != under_; }
  constexpr void make_positive() {
    over_ = over_ < 0 ? -over_ : over_;
    under_ = under_ < 0 ? -under_ : under_;
  }
  constexpr double coefficient() const { return over_ / under_; }

  constexpr int power_of(int id) const {
    for (const factor_power& f : factors_)
      if (f.id == id) return f.power;
    return 0;
  }
  // By a number.
  constexpr bool is_multiple_of(const factor_list& other) const {
    if (factors_.size() != other.factors_.size() || factors_.empty()) return false;
    for (const factor_power& f : factors_)
      if (f.power == 0 || other.power_of(f.id) != f.power) return false;
    return true;
  }
  // Drops the factors that another product does not have to the same power.
  constexpr void keep_common(const factor_list& other) {
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
  constexpr void drop_ones() {
    int kept = 0;
    for (int k = 0; k < factors_.size(); ++k)
      if (factors_[k].power != 0) factors_[kept++] = factors_[k];
    factors_.resize(kept);
  }

 protected:
  dtype type_ = dtype::f64;
  bool weak_ = false;
  double over_ = 1, under_ = 1;  // the coefficient: one divided by the other
  vec<factor_power> factors_;    // in order of size, then of appearance

  constexpr int constant(rewriter& w, double v) const {
    return make_constant(w, converted({dtype::f64, 0, v}, type_), weak_);
  }
  // Whether a product has scalar factors, which stand at its left.
  static constexpr bool has_scalars(const rewriter& w, int id, bool opened) {
    for (; !w.is_flagged(id, pinned_node); opened = false) {
      const op_info* op = w[id].op;
      if ((op != &info<op::mul> && op != &info<op::div>) || w.rank(id) == 0 || (!opened && w.is_shared(id))) return false;
      const int a = w.arg(id, 0);
      if ((w.rank(a) == 0 && !is_constant(w, a, 1)) || w.rank(w.arg(id, 1)) == 0) return true;
      id = a;
    }
    return false;
  }
  constexpr bool is_zero(const graph& g) const {
    if (over_ != 0) return false;
    for (const factor_power& f : factors_)
      if (is_constant(g, f.id)) return false;  // 0 / 0, or 0 * infinity
    return true;
  }
  // Whether 0 is all that is left. What has an index in it that is checked stays, times 0.
  constexpr bool vanishes(const rewriter& w) {
    if (!is_zero(w)) return false;
    for (factor_power& f : factors_)
      if (!w.is_flagged(f.id, risky_node)) f.power = 0;
    drop_ones();
    return factors_.empty();
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

  // The product so far may turn out to be a factor that is shared.
  static constexpr int joined(rewriter& w, int a, int b) {
    return a < 0 ? b : a == b ? w.raw(info<op::sqr>, a) : w.joined(info<op::mul>, a, b);
  }
  static constexpr int raised(rewriter& w, int id, int n) {
    int r = -1;
    for (; n > 0; n /= 2) {
      if (n % 2 != 0) r = joined(w, r, id);
      if (n > 1) id = w.raw(info<op::sqr>, id);
    }
    return r;
  }
  constexpr int assemble(rewriter& w) {
    const bool minus = over_ != 0 && (over_ < 0) != (under_ < 0);
    double c = over_ == 0 ? 0 : over_ < 0 ? -over_ : over_, divisor = under_ < 0 ? -under_ : under_;
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
        const int times = is_constant(w, f.id, 0) ? 1 : f.power < 0 ? -f.power : f.power;
        into = joined(w, into, raised(w, f.id, times));
      }
      if (product >= 0 && below >= 0) {
        product = w.raw(info<op::div>, product, below);
        below = -1;
      }
    }
    if (product < 0) product = w.raw(info<op::div>, constant(w, 1), below);
    if (!minus) return product;
    const op_info* op = w[product].op;  // -(a - b) is a sum
    return op == &info<op::mul> || op == &info<op::div> ? w.raw(info<op::neg>, product) : w.apply(info<op::neg>, product);
  }

 private:
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
