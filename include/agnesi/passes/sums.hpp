// SPDX-License-Identifier: BSD-3-Clause
// One form for equal sums: any tree of + - and unary minus becomes constant + terms - terms, equal terms merged,
// in the order of their size and then of their appearance, so that scalars meet before matrices do.
//   (a + b) + c  and  a + (c + b)  are one node;  x - x -> 0;  x + 2 * x -> 3 * x;  s * a + s * b -> s * (a + b)
#pragma once

#include "agnesi/passes/products.hpp"
#include "agnesi/passes/terms.hpp"

namespace agnesi {

class sum_form : public term_list {
 public:
  using term_list::term_list;

  // Sums that are read elsewhere too are taken apart only if asked for.
  constexpr void collect(int root, double times, bool shared_too = false) {
    stack<term> open;
    open.push({root, times});
    while (!open.empty()) {
      const term t = open.pop();
      const int id = stripped(w_, t.id);
      const op_info* op = w_[id].op;
      const auto opened = [&] { return shared_too || id == root || !w_.is_shared(id); };
      if (w_.is_flagged(id, pinned_node)) {
        insert({id, t.times});
      } else if (is_constant(w_, id) && is_small_or_float(id)) {
        constant_ += t.times * number(value_of(w_, id));
      } else if (op == &info<op::neg>) {
        open.push({w_.arg(id, 0), -t.times});
      } else if (op == &info<op::expand_dims> && w_.is(w_.arg(id, 0), info<op::neg>)) {
        open.push({w_.apply_with(*op, w_.arg(w_.arg(id, 0), 0), w_.attr(id, 0)), -t.times});
      } else if (op == &info<op::add> && opened()) {
        open.push({w_.arg(id, 1), t.times});
        open.push({w_.arg(id, 0), t.times});
      } else if (op == &info<op::sub> && opened()) {
        open.push({w_.arg(id, 1), -t.times});
        open.push({w_.arg(id, 0), t.times});
      } else {
        insert_scaled(id, t.times);
      }
    }
  }

  constexpr int build() {
    drop_zeros();
    open_sums();
    merge_multiples();
    join_inside_new_axes();
    if (terms_.size() <= max_pairs)
      for (int round = 0; round < 8 && rewrite_pair(); ++round) drop_zeros();
    const int factored = factor();
    if (factored >= 0) return factored;
    const int inside = inside_only_axes();
    return inside >= 0 ? inside : assemble();
  }

 private:
  static constexpr int max_factored = 8;
  static constexpr int max_pairs = 12;  // terms among which pairs that a rule fits are looked for

  // x - (x + y) -> -y where x + y is read elsewhere too, and 2 * (0.5 * (x + y)) + z -> x + y + z. What is opened is
  // replaced by nodes that come before it.
  constexpr void open_sums() {
    for (int k = 0; k < terms_.size();) {
      const term t = terms_[k++];
      const op_info* op = w_[t.id].op;
      if ((op != &info<op::add> && op != &info<op::sub>) || w_.is_flagged(t.id, pinned_node)) continue;
      const double second = op == &info<op::sub> ? -t.times : t.times;
      const bool cancels = times_of(w_.arg(t.id, 0)) == -t.times || times_of(w_.arg(t.id, 1)) == -second;
      if (!cancels && ((t.times != 1 && t.times != -1) || w_.is_shared(t.id))) continue;
      terms_[k - 1].times = 0;
      drop_zeros();
      collect(t.id, t.times);
      drop_zeros();
      k = 0;
    }
  }
  constexpr double times_of(int id) const {
    const int at = w_.known_better(stripped(w_, id));
    for (const term& t : terms_)
      if (t.id == at) return t.times;
    return 0;
  }

  // 2 * s * x - s * x -> s * x: the number may stand among scalars. Last in a product is what varies most.
  constexpr void merge_multiples() {
    const auto is_product = [&](int id) { return w_.is(id, info<op::mul>) || w_.is(id, info<op::div>); };
    const auto may_be_alike = [&](int a, int b) {
      return w_.arg(a, 1) == w_.arg(b, 1) || w_.arg(a, 0) == w_.arg(b, 1) || w_.arg(a, 1) == w_.arg(b, 0);
    };
    for (int i = 0; i < terms_.size() && terms_.size() <= max_pairs; ++i) {
      const term a = terms_[i];
      for (int j = is_product(a.id) ? i + 1 : terms_.size(); j < terms_.size(); ++j) {
        const term b = terms_[j];
        if (!is_product(b.id) || !may_be_alike(a.id, b.id) || w_.is_flagged(a.id, pinned_node) ||
            w_.is_flagged(b.id, pinned_node) || !is_float(type_))
          continue;
        product_form p(type_, weak_), q(type_, weak_);
        p.collect(w_, a.id, 1);
        q.collect(w_, b.id, 1);
        if (!p.is_multiple_of(q)) continue;
        const double times = a.times * p.coefficient() + b.times * q.coefficient();
        p.take_out(w_, [](int) { return false; });
        terms_[i].times = terms_[j].times = 0;
        drop_zeros();
        if (times != 0) insert({p.build(w_), times});
        i = -1;
        break;
      }
    }
  }

  // expand_dims(a) + expand_dims(b) -> expand_dims(a + b), where a and b may cancel.
  constexpr void join_inside_new_axes() {
    for (int i = 0; i < terms_.size(); ++i) {
      const term first = terms_[i];
      if (!w_.is(first.id, info<op::expand_dims>) || w_.is_flagged(first.id, pinned_node)) continue;
      sum_form inner(w_, first.id);
      int joined_terms = 0, inside[8] = {};
      for (int j = i; j < terms_.size(); ++j) {
        const int id = terms_[j].id;
        if (!w_.is(id, info<op::expand_dims>) || w_.rank(id) != w_.rank(first.id) || w_.is_flagged(id, pinned_node) ||
            w_.attr(id, 0) != w_.attr(first.id, 0))
          continue;
        if (joined_terms == 8) break;
        inside[joined_terms++] = w_.arg(id, 0);
        inner.collect(w_.arg(id, 0), terms_[j].times);
        if (joined_terms > 1) terms_[j].times = 0;
      }
      if (joined_terms < 2) continue;
      terms_[i].times = 0;
      const std::int64_t axes = w_.attr(first.id, 0);
      drop_zeros();
      const int shape = broadcast_shape(w_, info<op::add>, inside, joined_terms);
      collect(w_.apply_with(info<op::expand_dims>, broadcast_to_shape(w_, inner.build(), shape), axes), 1);
    }
  }

  // s + expand_dims(x) -> expand_dims(s + x), for scalars s.
  constexpr int inside_only_axes() {
    term only;
    for (const term& t : terms_) {
      if (w_.rank(t.id) == 0) continue;
      if (only.id >= 0 || !w_.is(t.id, info<op::expand_dims>)) return -1;
      only = t;
    }
    if (only.id < 0 || w_.is_flagged(only.id, pinned_node) || (terms_.size() == 1 && constant_ == 0)) return -1;
    const int x = w_.arg(only.id, 0);
    for (term& t : terms_)
      if (t.id == only.id) t.times = 0;
    drop_zeros();
    collect(x, only.times);
    return w_.apply_with(info<op::expand_dims>, broadcast_to_shape(w_, build(), w_.shape(x)), w_.attr(only.id, 0));
  }

  // Tries the rules for + and - on every two terms, and on a term and the constant.
  constexpr bool rewrite_pair() {
    if (!w_.has_rules(info<op::add>) && !w_.has_rules(info<op::sub>)) return false;
    for (int i = 0; i < terms_.size(); ++i) {
      const term a = terms_[i];
      if (constant_ != 0 && rewrite_with_constant(i)) return true;
      for (int j = i + 1; j < terms_.size(); ++j) {
        const term b = terms_[j];
        int made = -1;
        double times = a.times;
        if (a.times == b.times) {
          made = rewritten(info<op::add>, a.id, b.id);
        } else if (a.times == -b.times) {
          made = rewritten(info<op::sub>, a.id, b.id);
          if (made < 0) {
            times = b.times;
            made = rewritten(info<op::sub>, b.id, a.id);
          }
        }
        if (made < 0) continue;
        terms_[i].times = terms_[j].times = 0;
        drop_zeros();
        collect(made, times);
        return true;
      }
    }
    return false;
  }
  constexpr bool rewrite_with_constant(int i) {
    const term a = terms_[i];
    const bool alone = a.times == 1 || a.times == -1, alike = constant_ == a.times || constant_ == -a.times;
    if (!alone && !alike) return false;
    const int c = constant_of(w_, !alone ? 1 : constant_ < 0 ? -constant_ : constant_, type_);
    double times = a.times;
    int made = -1;
    if ((constant_ > 0) == (a.times > 0)) {
      made = rewritten(info<op::add>, c, a.id);
    } else {
      made = rewritten(info<op::sub>, a.id, c);
      if (made < 0) {
        times = -times;
        made = rewritten(info<op::sub>, c, a.id);
      }
    }
    if (made < 0) return false;
    terms_[i].times = 0;
    constant_ = 0;
    drop_zeros();
    collect(made, times);
    return true;
  }
  constexpr int rewritten(const op_info& op, int a, int b) {
    const int args[] = {a, b};
    const int made = w_.rewrite(op, args, 2);
    if (made < 0) return -1;
    const int shape = broadcast_shape(w_, op, args, 2);
    return broadcast_to_shape(w_, cast_to(w_, made, type_), shape);
  }

  // s * a + s * b -> s * (a + b) where every term has the factor and something besides.
  constexpr int factor() {
    if (terms_.size() < 2 || terms_.size() > max_factored || constant_ != 0 || !is_float(type_)) return -1;
    for (const term& t : terms_) {
      const op_info* op = w_[t.id].op;
      if ((op != &info<op::mul> && op != &info<op::div>) || w_.is_shared(t.id) ||
          w_.is_flagged(t.id, pinned_node))
        return -1;
    }
    product_form parts[max_factored];
    product_form common(type_, weak_);
    const int n = terms_.size();
    for (int k = 0; k < n; ++k) {
      parts[k] = product_form(type_, weak_);
      parts[k].collect(w_, terms_[k].id, 1);
      if (k == 0) {
        for (const factor_power& f : parts[0].factors()) common.multiply(w_, f.id, f.power);
      } else {
        common.keep_common(parts[k]);
      }
      if (common.factors().empty()) return -1;
    }
    for (int k = 0; k < n; ++k) {
      bool something = false;
      for (const factor_power& f : parts[k].factors())
        something = something || (f.power > 0 && common.power_of(f.id) == 0);
      if (!something) return -1;
    }
    sum_form inner(*this);
    inner.terms_.clear();
    for (int k = 0; k < n; ++k) {
      for (const factor_power& f : common.factors()) parts[k].multiply(w_, f.id, -f.power);
      inner.collect(parts[k].build(w_), terms_[k].times);
    }
    common.collect(w_, inner.build(), 1);
    return common.build(w_);
  }
};

}  // namespace agnesi
