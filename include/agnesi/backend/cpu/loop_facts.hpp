// SPDX-License-Identifier: BSD-3-Clause
// What is known of a fused loop at compile time: which values are the same for the whole loop, which places in memory
// each element touches, and whether packs of one floating type can hold everything else.
//   loop_facts<Program>::facts.vector == dtype::f32
#pragma once

#include <type_traits>
#include <utility>

#include "agnesi/ir/loop_code.hpp"

namespace agnesi::loop {

using loop_code::instruction;
using loop_code::kind;

// An instruction with all that its execution depends on, so that programs share the function it becomes.
struct step {
  kind what{};
  dtype type = dtype::none;  // of the register it sets
  int k = 0;                 // that register; of a reduction its number
  int a = 0, b = 0, c = 0;   // registers; of memory: b is the slot, c the operand, or the axis of an iota
  dtype ta = dtype::none, tb = dtype::none, tc = dtype::none;  // of the registers read; of a load ta is memory's
  combine how{};
  bool flag = false;  // a uniform load, an accumulating reduction
};
// Of packs a store's type is memory's.

// kind 4 | type 4 | k a b c 10 each | ta tb tc 4 each | how 3 | flag 1
constexpr code_word packed(const step& s) {
  const auto at = [](auto field, int shift) { return static_cast<code_word>(field) << shift; };
  return at(s.what, 0) | at(s.type, 4) | at(s.k, 8) | at(s.a, 18) | at(s.b, 28) | at(s.c, 38) | at(s.ta, 48) |
         at(s.tb, 52) | at(s.tc, 56) | at(s.how, 60) | at(s.flag, 63);
}
constexpr step unpacked_step(code_word w) {
  const auto field = [w](int shift, int bits) { return static_cast<int>(w >> shift & ((code_word{1} << bits) - 1)); };
  const auto type = [&](int shift) { return static_cast<dtype>(field(shift, 4)); };
  return {static_cast<kind>(field(0, 4)), type(4), field(8, 10), field(18, 10), field(28, 10), field(38, 10),
          type(48), type(52), type(56), static_cast<combine>(field(60, 3)), field(63, 1) != 0};
}

struct op_facts {
  int arity = 0, cost = 1;
  bool on_packs = true;   // a block says `static constexpr bool vectorized = false` where its eval takes numbers only
  bool on_masks = false;  // works where all arguments are truth values
};

template <class Op>
constexpr op_facts facts_of() {
  op_facts f{Op::arity};
  if constexpr (requires { Op::cost; }) f.cost = Op::cost;
  if constexpr (requires { Op::vectorized; }) f.on_packs = Op::vectorized;
  f.on_masks = std::is_same_v<Op, op::logical_and> || std::is_same_v<Op, op::logical_or> ||
               std::is_same_v<Op, op::logical_not> || std::is_same_v<Op, op::equal> ||
               std::is_same_v<Op, op::not_equal> || std::is_same_v<Op, op::where> ||
               std::is_same_v<Op, op::stop_gradient>;
  return f;
}

// A place in memory that each element of the loop touches; an iota is one too, its memory being the index itself.
struct slot_facts {
  kind what = kind::load;
  dtype memory = dtype::none;
  int operand = 0;  // of an iota the axis
  combine how{};
  bool accumulate = false;
};

template <int N>
struct program_facts {
  static constexpr int count = N;
  dtype type[N]{};
  bool uniform[N]{};    // computed once, as numbers
  bool imported[N]{};   // uniform, and used by what is not
  int cell[N]{};        // where an imported value that is not a literal waits
  int op[N]{};
  code_word bits[N]{};
  code_word steps[N]{};         // on numbers
  code_word vector_steps[N]{};  // on packs
  slot_facts slots[N]{};
  int n_slots = 0, n_cells = 0, n_reductions = 0, n_stores = 0, cost = 0;
  unsigned axes = 0;  // reduced
  dtype vector = dtype::none;

  // Packs read and write memory as it is.
  constexpr bool unconverted() const {
    for (int k = 0; k < n_slots; ++k)
      if (slots[k].what != kind::reduce && slots[k].memory != vector) return false;
    return in_memory() && vector != dtype::none;
  }
  // No index is asked for.
  constexpr bool in_memory() const {
    for (int k = 0; k < n_slots; ++k)
      if (slots[k].what == kind::iota) return false;
    return true;
  }
};

constexpr int instructions_in(const code_word* words, int n) {
  int count = 0;
  for (int w = 0; w < n; ++w, ++count)
    if (loop_code::unpacked(words[w]).what == kind::constant) ++w;
  return count;
}

// Finds a program's facts: reads it, then tries whether packs of float or of double can run it.
template <int N>
struct examiner {
  const op_facts* ops;
  program_facts<N> f{};
  instruction code[N]{};
  dtype held[N]{};       // what a pack register holds: the floating type, or truth values
  bool only_cast[N]{};   // each use converts the value to the floating type
  bool only_stored[N]{};

  constexpr int arguments(int k) const {
    switch (code[k].what) {
      case kind::apply: return ops[code[k].op].arity;
      case kind::cast:
      case kind::store:
      case kind::reduce: return 1;
      default: return 0;
    }
  }
  constexpr int argument(int k, int which) const {
    return which == 0 ? code[k].a : which == 1 ? code[k].b : code[k].c;
  }

  constexpr void read(const code_word* words, int n) {
    for (int w = 0, k = 0; w < n; ++w, ++k) {
      code[k] = loop_code::unpacked(words[w], w + 1 < n ? words[w + 1] : 0);
      if (code[k].what == kind::constant) ++w;
      for (int j = 0; j < arguments(k); ++j)
        if (argument(k, j) >= k) throw "an instruction of a fused loop uses a value that is not there yet";
    }
  }

  constexpr int add_slot(int k) {
    const instruction& i = code[k];
    const dtype memory = i.what == kind::store || i.what == kind::reduce ? f.type[i.a] : f.type[k];
    f.slots[f.n_slots] = {i.what, memory, i.b, i.how, i.accumulate};
    return f.n_slots++;
  }

  constexpr void describe() {
    for (int k = 0; k < N; ++k) {
      const instruction& i = code[k];
      f.type[k] = i.type;
      f.op[k] = i.op;
      f.bits[k] = i.bits;
      f.uniform[k] = i.what == kind::constant || (i.what == kind::load && i.uniform) || i.what == kind::apply ||
                     i.what == kind::cast;
      step s{i.what, i.type, k, i.a, i.b, i.c};
      dtype* const types[] = {&s.ta, &s.tb, &s.tc};
      for (int j = 0; j < arguments(k); ++j) {
        *types[j] = f.type[argument(k, j)];
        f.uniform[k] = f.uniform[k] && f.uniform[argument(k, j)];
      }
      if (i.what == kind::load || i.what == kind::iota) s.ta = i.type;
      if (i.what == kind::load || i.what == kind::iota || i.what == kind::store || i.what == kind::reduce) {
        s.c = i.b;
        s.b = f.uniform[k] ? 0 : add_slot(k);
      }
      f.n_stores += i.what == kind::store;
      s.flag = i.uniform || i.accumulate;
      s.how = i.how;
      if (i.what == kind::reduce) {
        if (f.n_reductions > 0 && f.axes != i.axes) throw "the reductions of a fused loop are over the same axes";
        f.axes = i.axes;
        s.k = f.n_reductions++;
      }
      f.steps[k] = packed(s);
      if (f.uniform[k]) continue;
      if (i.what == kind::apply) f.cost += ops[i.op].cost;
      for (int j = 0; j < arguments(k); ++j) import(argument(k, j));
    }
  }
  constexpr void import(int k) {
    if (!f.uniform[k] || f.imported[k]) return;
    f.imported[k] = true;
    if (code[k].what != kind::constant) f.cell[k] = f.n_cells++;
  }

  constexpr void look_at_uses(dtype F) {
    for (int k = 0; k < N; ++k) only_cast[k] = only_stored[k] = true;
    for (int k = 0; k < N; ++k)
      for (int j = 0; j < arguments(k); ++j) {
        const int used = argument(k, j);
        if (code[k].what != kind::cast || code[k].type != F) only_cast[used] = false;
        if (code[k].what != kind::store) only_stored[used] = false;
      }
  }

  // What a pack register holds of value k, none if it can't. Another type than F is taken where it only comes from
  // memory or goes there: it is converted on the way.
  constexpr dtype holding(int k, dtype F) const {
    const dtype t = f.type[k], own = t == F || t == dtype::boolean ? t : dtype::none;
    switch (code[k].what) {
      case kind::load:
      case kind::iota: return f.uniform[k] ? own : own != dtype::none ? own : only_cast[k] ? F : dtype::none;
      case kind::cast:
        return f.uniform[k] || own != dtype::none ? own
               : only_stored[k] && (f.type[code[k].a] == F || f.type[code[k].a] == dtype::boolean) ? F
                                                                                                   : dtype::none;
      case kind::apply: {
        bool all_masks = arguments(k) > 0;
        for (int j = 0; j < arguments(k); ++j) all_masks = all_masks && f.type[argument(k, j)] == dtype::boolean;
        const op_facts& o = ops[code[k].op];
        return f.uniform[k] || (o.on_packs && (!all_masks || o.on_masks)) ? own : dtype::none;
      }
      default: return own;
    }
  }

  constexpr bool fits(dtype F) {
    look_at_uses(F);
    bool any = false;
    for (int k = 0; k < N; ++k) {
      if (f.uniform[k] && !f.imported[k]) continue;
      any = any || f.type[k] == F || (arguments(k) > 0 && f.type[code[k].a] == F);
      if (code[k].what == kind::store || code[k].what == kind::reduce) {
        const dtype of = f.type[code[k].a];
        if (code[k].what == kind::reduce && of != F && of != dtype::boolean) return false;
        continue;
      }
      held[k] = holding(k, F);
      if (held[k] == dtype::none) return false;
    }
    return any;
  }

  constexpr void choose_packs() {
    f.vector = fits(dtype::f32) ? dtype::f32 : fits(dtype::f64) ? dtype::f64 : dtype::none;
    if (f.vector == dtype::none) return;
    for (int k = 0; k < N; ++k) {
      step s = unpacked_step(f.steps[k]);
      s.type = code[k].what == kind::store ? f.type[code[k].a] : held[k];
      dtype* const types[] = {&s.ta, &s.tb, &s.tc};
      for (int j = 0; j < arguments(k); ++j) *types[j] = held[argument(k, j)];
      f.vector_steps[k] = packed(s);
    }
  }
};

template <int N>
constexpr program_facts<N> examine(const code_word* words, int n, const op_facts* ops) {
  examiner<N> e{ops};
  e.read(words, n);
  e.describe();
  e.choose_packs();
  return e.f;
}

template <int I, class Op>
struct numbered_op {};
template <class Indices, class... Op>
struct numbered_ops;
template <std::size_t... I, class... Op>
struct numbered_ops<std::index_sequence<I...>, Op...> : numbered_op<static_cast<int>(I), Op>... {};

struct no_op {
  static constexpr int arity = 0;
};

template <class Program>
struct loop_facts;

template <class... Op, code_word... Word>
struct loop_facts<loop_program<op_list<Op...>, Word...>> {
  static constexpr int n_words = static_cast<int>(sizeof...(Word));
  static constexpr code_word words[] = {Word..., 0};
  static constexpr op_facts ops[] = {facts_of<Op>()..., op_facts{}};
  static constexpr int count = instructions_in(words, n_words);
  static constexpr auto facts = examine<count>(words, n_words, ops);

  template <int I, class O>
  static O found(numbered_op<I, O>*);
  template <int I>
  static no_op found(...);
  template <int I>
  using op_at = decltype(found<I>(static_cast<numbered_ops<std::index_sequence_for<Op...>, Op...>*>(nullptr)));
};

}  // namespace agnesi::loop
