// SPDX-License-Identifier: BSD-3-Clause
// The terms of a sum with what they are multiplied by, in canonical order, and the sum made of them again:
//   1 + 2 * x - y  is  1, {x: 2, y: -1}
#pragma once

#include "agnesi/rewrite/rewriter.hpp"

namespace agnesi {

struct term {
  int id = -1;
  double times = 1;
};

class term_list {
 public:
  constexpr term_list(rewriter& w, int like) : w_(w), type_(w.type(like)), weak_(w[like].weak) {}
  constexpr const vec<term>& terms() const { return terms_; }
  constexpr double constant_term() const { return constant_; }
  constexpr void set_constant_term(double c) { constant_ = c; }

 protected:
  rewriter& w_;
  dtype type_;
  bool weak_;
  double constant_ = 0;
  vec<term> terms_;  // in order of size, then of appearance

  constexpr int constant(double v) { return make_constant(w_, converted({dtype::f64, 0, v}, type_), weak_); }
  constexpr bool is_small_or_float(int id) const {
    const double v = number(value_of(w_, id));
    const double limit = is_float(type_) ? type_ == dtype::f32 ? 1e30 : 1e300 : 1e9;
    return v < limit && v > -limit;  // an infinity stays a term
  }
  // What can be multiplied by another such without overflow or underflow.
  constexpr bool fits(double v) const {
    const double limit = is_float(type_) ? type_ == dtype::f32 ? 1e15 : 1e100 : 1e6, size = v < 0 ? -v : v;
    return size == 0 || (size < limit && size > 1 / limit);
  }

  constexpr void insert(term t) {
    int at = terms_.size();
    while (at > 0 && w_.comes_before(t.id, terms_[at - 1].id)) --at;
    if (at > 0 && terms_[at - 1].id == t.id) {
      terms_[at - 1].times += t.times;
      return;
    }
    terms_.push_back(t);
    for (int k = terms_.size() - 1; k > at; --k) terms_[k] = terms_[k - 1];
    terms_[at] = t;
  }
  // c * x as x, c times; also within new axes.
  constexpr void insert_scaled(int id, double times) {
    id = w_.known_better(id);
    for (;;) {
      const bool inside = w_.is(id, info<op::expand_dims>);
      const int product = inside ? w_.arg(id, 0) : id, side = side_of_coefficient(product);
      if (side < 0 || !fits(times)) break;
      times *= number(value_of(w_, w_.arg(product, side)));
      const int rest = w_.arg(product, 1 - side);
      id = inside ? w_.apply_with(info<op::expand_dims>, broadcast_to_shape(w_, rest, w_.shape(product)), w_.attr(id, 0)) : rest;
    }
    insert({id, times});
  }
  constexpr void drop_zeros() {
    int kept = 0;
    for (int k = 0; k < terms_.size(); ++k)
      if (terms_[k].times != 0) terms_[kept++] = terms_[k];
    terms_.resize(kept);
  }

  constexpr int assemble() {
    for (const term& t : terms_)
      if (t.times != 1 && t.times != -1) {
        scale_terms();
        break;
      }
    int sum = constant_ > 0 || constant_ != constant_ ? constant(constant_) : -1;
    int less = constant_ < 0 ? constant(-constant_) : -1;
    for (int k = 0; k < terms_.size();) {
      const int size = w_.size_class(terms_[k].id);
      int plus = -1, minus = -1;
      for (; k < terms_.size() && w_.size_class(terms_[k].id) == size; ++k) {
        int& into = terms_[k].times > 0 ? plus : minus;
        into = joined(into, terms_[k].id);
      }
      if (plus >= 0) sum = joined(sum, plus);
      if (minus >= 0) less = joined(less, minus);
      if (sum >= 0 && less >= 0) {
        sum = w_.raw(info<op::sub>, sum, less);
        less = -1;
      }
    }
    if (sum >= 0) return sum;
    if (less < 0) return constant(0);
    const op_info* op = w_[less].op;
    return op == &info<op::add> || op == &info<op::sub> ? w_.raw(info<op::neg>, less) : w_.apply(info<op::neg>, less);
  }

 private:
  // Of c * x; products are one node in the order in which they were made first. -1 for none.
  constexpr int side_of_coefficient(int id) const {
    for (int k = 0; k < 2 && w_.is(id, info<op::mul>); ++k)
      if (is_constant(w_, w_.arg(id, k)) && fits(number(value_of(w_, w_.arg(id, k))))) return k;
    return -1;
  }
  // Puts 2 * x in the place of x. They come in the order of the products, which are what is found when this is looked at again.
  constexpr void scale_terms() {
    const vec<term> unscaled = terms_;
    terms_.clear();
    for (const term& t : unscaled) {
      const double k = t.times < 0 ? -t.times : t.times;
      const term made{k == 1 ? t.id : w_.apply(info<op::mul>, constant(k), t.id), t.times < 0 ? -1.0 : 1.0};
      int at = terms_.size();
      terms_.push_back(made);
      for (; at > 0 && w_.comes_before(made.id, terms_[at - 1].id); --at) terms_[at] = terms_[at - 1];
      terms_[at] = made;
    }
  }
  // The sum so far may turn out to be a term that is shared.
  constexpr int joined(int a, int b) {
    return a < 0 ? b : a == b ? w_.apply(info<op::mul>, constant(2), a) : w_.joined(info<op::add>, a, b);
  }
};

}  // namespace agnesi
