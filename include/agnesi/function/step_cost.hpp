// SPDX-License-Identifier: BSD-3-Clause
// What a step of a plan costs, as far as it is known before a call: operations, and bytes read and written.
//   "over (dim<0>(x), 10): 4 operations and 8 bytes an element, 4 bytes a row, 2 operations once"
//   "2000 * dim<0>(x) flops and 40 * dim<0>(x) + 800 bytes"
#pragma once

#include <numeric>

#include "agnesi/ir/loop_code.hpp"
#include "agnesi/ir/show_dim.hpp"
#include "agnesi/ir/universe.hpp"
#include "agnesi/passes/buffers.hpp"

namespace agnesi::detail {

// A sum of products of extents: numbers are multiplied out, and products of the same extents added up.
class size_sum {
 public:
  constexpr explicit size_sum(const graph& g) : g_(g) {}

  void add(std::int64_t times, const vec<dim>& extents) {
    term made;
    made.times = times;
    for (dim d : extents) {
      d = g_.shapes.find(d);
      if (d >= 0) {
        made.times *= d;
        continue;
      }
      int at = made.extents.size();
      made.extents.push_back(d);
      for (; at > 0 && made.extents[at - 1] < d; --at) {
        made.extents[at] = made.extents[at - 1];
        made.extents[at - 1] = d;
      }
    }
    for (term& t : terms_)
      if (equal(t.extents, made.extents)) {
        t.times += made.times;
        return;
      }
    terms_.push_back(made);
  }
  bool empty() const { return terms_.empty(); }
  // 8 * (dim<0>(x) * dim<1>(x) + 30)
  void write(text& t) const {
    std::int64_t common = 0;
    for (const term& s : terms_) common = std::gcd(common, s.times);
    const bool factored = terms_.size() > 1 && common > 1;
    if (factored) t << common << " * (";
    for (int k = 0; k < terms_.size(); ++k) {
      t << (k == 0 ? "" : " + ");
      write(t, terms_[k], factored ? terms_[k].times / common : terms_[k].times);
    }
    if (factored) t << ')';
  }

 private:
  struct term {
    std::int64_t times = 1;
    vec<dim> extents;
  };
  const graph& g_;
  vec<term> terms_;

  void write(text& t, const term& s, std::int64_t times) const {
    const bool shown = times != 1 || s.extents.empty();
    if (shown) t << times;
    for (int k = 0; k < s.extents.size(); ++k) write_dim(t << (shown || k > 0 ? " * " : ""), g_, s.extents[k], 21);
  }
  static bool equal(const vec<dim>& a, const vec<dim>& b) {
    bool same = a.size() == b.size();
    for (int k = 0; same && k < a.size(); ++k) same = a[k] == b[k];
    return same;
  }
};

class step_cost {
 public:
  step_cost(const graph& g, const plan& p, const universe& u) : g_(g), p_(p), u_(u) {}

  void write(text& t, const step& s) {
    if (s.kind == step_kind::contract) return write_product(t, s);
    if (s.kind == step_kind::chain) {
      t << "in the order that takes the fewest operations";
      return;
    }
    costs_.clear();
    pay(whole(s), 0, 0);  // comes first
    if (s.kind == step_kind::loop) count_loop(s);
    else if (s.kind == step_kind::deviations) count_deviations(s);
    else count_copy(s);
    write_costs(t, s);
  }
  dim extent_of(const operand& o, int axis) const {
    return o.axis[axis] < 0 ? 1 : p_.storages[o.storage].extents[o.axis[axis]];
  }

 private:
  using mask = unsigned;  // of the loop's axes
  struct cost {
    mask along = 0;  // what it is paid for: an element of these axes
    int operations = 0, bytes = 0;
  };
  const graph& g_;
  const plan& p_;
  const universe& u_;

  vec<cost> costs_;  // of the step

  void pay(mask m, int operations, int bytes) {
    int at = 0;
    while (at < costs_.size() && costs_[at].along != m) ++at;
    if (at == costs_.size()) costs_.push_back({m});
    costs_[at].operations += operations;
    costs_[at].bytes += bytes;
  }
  static mask whole(const step& s) { return (1u << s.rank) - 1; }
  // Of an element of an operand: numbers known at compile time and counts are not in memory.
  int bytes_of(const step& s, int operand) const {
    const int at = p_.operands[s.first_operand + operand].storage;
    if (at < 0) return 0;
    const storage& from = p_.storages[at];
    return from.kind == storage_kind::extent || from.kind == storage_kind::constant ? 0 : size_of(from.type);
  }

  void write_space(text& t, const step& s) const {
    t << "over (";
    for (int k = 0; k < s.rank; ++k) write_dim(t << (k > 0 ? ", " : ""), g_, s.extents[k]);
    t << ')';
  }

  // ---- products

  vec<dim> extents_of(const operand& o) const {
    vec<dim> e;
    for (int k = 0; k < o.rank; ++k) e.push_back(extent_of(o, k));
    return e;
  }
  void write_product(text& t, const step& s) const {
    const operand& out = p_.operands[s.first_operand];
    const operand& a = p_.operands[s.first_operand + 1];
    const operand& b = p_.operands[s.first_operand + 2];
    vec<dim> space = extents_of(a);
    if (b.rank == 2) space.push_back(extent_of(b, 1));
    size_sum flops(g_), bytes(g_);
    flops.add(2, space);
    flops.write(t);
    const int size = size_of(s.type);
    bytes.add(size, extents_of(a));
    bytes.add(size, extents_of(b));
    bytes.add(s.beta == 0 ? size : 2 * size, extents_of(out));
    bytes.write(t << " flops and ");
    t << " bytes";
  }

  // ---- gathers, scatters, searches and reshapes

  void count_copy(const step& s) {
    const mask all = whole(s);
    switch (s.kind) {
      case step_kind::take:
        pay(all, 0, bytes_of(s, 0) + bytes_of(s, 1));
        pay(1u << s.axis, 0, bytes_of(s, 2));
        break;
      case step_kind::take_pairs:
        pay(all, 0, bytes_of(s, 0) + bytes_of(s, 1));
        pay(1u, 0, bytes_of(s, 2) + bytes_of(s, 3));
        break;
      case step_kind::put: pay(all, 1, 2 * bytes_of(s, 0) + bytes_of(s, 1)); break;
      case step_kind::put_take:
        pay(all, 1, 2 * bytes_of(s, 0) + bytes_of(s, 2));
        pay(1u << s.axis, 0, bytes_of(s, 1));
        break;
      case step_kind::put_pairs:
        pay(all, 1, 2 * bytes_of(s, 0) + bytes_of(s, 3));
        pay(1u, 0, bytes_of(s, 1) + bytes_of(s, 2));
        break;
      case step_kind::arg_extremum:
        pay(all, 1, bytes_of(s, 1));
        pay(all & ~static_cast<mask>(s.axis), 0, bytes_of(s, 0) + (s.n_operands > 2 ? bytes_of(s, 2) : 0));
        break;
      default: pay(all, 0, bytes_of(s, 0) + bytes_of(s, 1));
    }
  }

  void count_deviations(step s) {
    pay(whole(s) & ~static_cast<mask>(s.axis), 0, bytes_of(s, 0) + bytes_of(s, 1));
    --s.n_words;
    count_loop(s);
  }

  // ---- in words

  void write_costs(text& t, const step& s) const {
    const mask all = whole(s);
    if (s.rank > 0) write_space(t, s);
    const char* before = s.rank > 0 ? ": " : "";
    for (int round = 0; round < 3; ++round)  // an element, along some axes, once
      for (const cost& c : costs_) {
        if ((c.along == all ? 0 : c.along == 0 ? 2 : 1) != round || (c.operations == 0 && c.bytes == 0)) continue;
        t << before;
        before = ", ";
        if (c.operations > 0) t << c.operations << (c.operations == 1 ? " operation" : " operations");
        if (c.operations > 0 && c.bytes > 0) t << " and ";
        if (c.bytes > 0) t << c.bytes << " bytes";
        if (s.rank > 0) write_place_of(t, s, c.along, all);
      }
  }
  void write_place_of(text& t, const step& s, mask along, mask all) const {
    if (along == all) {
      t << " an element";
    } else if (along == 0) {
      t << " once";
    } else if (s.rank == 2) {
      t << (along == 1 ? " a row" : " a column");
    } else {
      t << " along (";
      const char* before = "";
      for (int k = 0; k < s.rank; ++k)
        if ((along >> k & 1u) != 0) {
          write_dim(t << before, g_, s.extents[k]);
          before = ", ";
        }
      t << ')';
    }
  }

  // ---- loops

  // A value that is the same in the whole loop is computed once; one that is the same along some axes is computed at
  // every element, but brought from memory once.
  void count_loop(const step& s) {
    const mask all = whole(s);
    vec<mask> along;  // of the values so far
    for (int w = s.first_word; w < s.first_word + s.n_words; ++w) {
      const auto i = loop_code::unpacked(p_.words[w]);
      mask m = 0;
      switch (i.what) {
        case loop_code::kind::constant: ++w; break;
        case loop_code::kind::iota: m = 1u << i.b; break;
        case loop_code::kind::cast: m = along[i.a]; break;
        case loop_code::kind::load: {
          const operand& o = p_.operands[s.first_operand + i.b];
          for (int k = 0; k < o.rank && k < s.rank; ++k) m |= o.axis[k] >= 0 ? 1u << k : 0u;
          pay(m, 0, bytes_of(s, i.b));
          break;
        }
        case loop_code::kind::apply: {
          const int arity = u_.op(p_.ops[s.first_op + i.op])->arity;
          m = along[i.a] | (arity > 1 ? along[i.b] : 0) | (arity > 2 ? along[i.c] : 0);
          pay(m == 0 ? 0 : all, 1, 0);
          break;
        }
        case loop_code::kind::store: pay(all, 0, bytes_of(s, i.b)); break;
        case loop_code::kind::reduce: {
          pay(all, 1, 0);
          pay(all & ~i.axes, 0, (i.accumulate ? 2 : 1) * bytes_of(s, i.b));
          break;
        }
      }
      along.push_back(m);
    }
  }
};

}  // namespace agnesi::detail
