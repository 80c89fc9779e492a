// SPDX-License-Identifier: BSD-3-Clause
// A plan as arrays of exactly its size, for the back ends: steps are read from here as constants.
//   static constexpr auto table = plan_table_of<Model>();
// The pipeline writes a list of numbers of bounded length; reading that into arrays is cheap, running the pipeline
// a second time to learn their sizes would not be.
#pragma once

#include "agnesi/ir/serial.hpp"
#include "agnesi/passes/plan.hpp"
#include "agnesi/passes/groups.hpp"

namespace agnesi {

struct plan_counts {
  int steps = 0, operands = 0, offsets = 0, storages = 0, words = 0, ops = 0, formulas = 0, checks = 0, results = 0,
      tilings = 0, tiled = 0;
};

// A check of the call, reduced to its two extents; the message is found again from its position.
struct extent_check {
  check_kind kind = check_kind::equal_extents;
  dim a = 0, b = 0;
};

template <int Steps, int Operands, int Offsets, int Storages, int Words, int Ops, int Formulas, int Checks, int Results,
          int Tilings, int Tiled>
struct plan_table {
  static constexpr int n_steps = Steps, n_operands = Operands, n_offsets = Offsets, n_storages = Storages,
                       n_words = Words, n_ops = Ops, n_formulas = Formulas, n_checks = Checks, n_results = Results, n_tilings = Tilings, n_tiled = Tiled;
  step steps[Steps + 1]{};
  operand operands[Operands + 1]{};
  operand_offset offsets[Offsets + 1]{};
  storage storages[Storages + 1]{};
  std::uint64_t words[Words + 1]{};
  int ops[Ops + 1]{};
  dim_formula formulas[Formulas + 1]{};
  extent_check checks[Checks + 1]{};
  bool in_place[Results + 1]{};
  tiling tilings[Tilings + 1]{};
  tiled_storage tiled[Tiled + 1]{};
  int n_slots = 0;
};

namespace detail {

template <class L>
constexpr void write_dims(L& l, const dim* d, int rank) {
  l.put(rank);
  for (int k = 0; k < rank; ++k) l.put(d[k]);
}
template <class R>
constexpr int read_dims(R& r, dim* d) {
  const int rank = r.next_int();
  for (int k = 0; k < rank; ++k) d[k] = r.next();
  return rank;
}

template <class L>
constexpr void write(L& l, const step& s) {
  l.put(static_cast<int>(s.kind));
  l.put(s.first_operand), l.put(s.n_operands), l.put(s.first_word), l.put(s.n_words), l.put(s.first_op), l.put(s.n_ops);
  l.put(static_cast<int>(s.type));
  write_dims(l, s.extents, s.rank);
  l.put(s.axis), l.put(std::bit_cast<std::int64_t>(s.alpha)), l.put(std::bit_cast<std::int64_t>(s.beta));
  l.put((s.alpha_operand ? 1 : 0) | (s.divide_alpha ? 2 : 0) | (s.largest ? 4 : 0) | (s.beta_operand ? 8 : 0) |
        (s.adds ? 16 : 0));
  l.put(s.tiling);
}
template <class R>
constexpr step read_step(R& r) {
  step s;
  s.kind = static_cast<step_kind>(r.next());
  s.first_operand = r.next_int(), s.n_operands = r.next_int(), s.first_word = r.next_int(), s.n_words = r.next_int();
  s.first_op = r.next_int(), s.n_ops = r.next_int();
  s.type = static_cast<dtype>(r.next());
  s.rank = read_dims(r, s.extents);
  s.axis = r.next(), s.alpha = std::bit_cast<double>(r.next()), s.beta = std::bit_cast<double>(r.next());
  const int flags = r.next_int();
  s.alpha_operand = (flags & 1) != 0, s.divide_alpha = (flags & 2) != 0, s.largest = (flags & 4) != 0,
  s.beta_operand = (flags & 8) != 0, s.adds = (flags & 16) != 0;
  s.tiling = r.next_int();
  return s;
}
template <class L>
constexpr void write(L& l, const operand& o) {
  l.put(o.storage), l.put(o.rank);
  for (int k = 0; k < o.rank; ++k) l.put(o.axis[k]), l.put(o.step[k]);
  l.put(o.first_offset), l.put(o.n_offsets), l.put((o.sized ? 1 : 0) + 2 * (o.tile + 1));
  for (int k = 0; o.sized && k < o.rank; ++k) l.put(o.extents[k]);
}
template <class R>
constexpr operand read_operand(R& r) {
  operand o;
  o.storage = r.next_int(), o.rank = r.next_int();
  for (int k = 0; k < o.rank; ++k) o.axis[k] = r.next_int(), o.step[k] = r.next();
  o.first_offset = r.next_int(), o.n_offsets = r.next_int();
  const int flags = r.next_int();
  o.sized = flags % 2 != 0, o.tile = flags / 2 - 1;
  for (int k = 0; o.sized && k < o.rank; ++k) o.extents[k] = r.next();
  return o;
}
template <class L>
constexpr void write(L& l, const storage& s) {
  l.put(static_cast<int>(s.kind)), l.put(s.index), l.put(static_cast<int>(s.type)), l.put(s.extents[0]);
  l.put(s.tiling), l.put(s.tiled_axis);
  write_dims(l, s.extents, s.rank);
}
template <class R>
constexpr storage read_storage(R& r) {
  storage s;
  s.kind = static_cast<storage_kind>(r.next()), s.index = r.next_int(), s.type = static_cast<dtype>(r.next());
  s.extents[0] = r.next();
  s.tiling = r.next_int(), s.tiled_axis = r.next_int();
  s.rank = read_dims(r, s.extents);
  return s;
}

}  // namespace detail

template <class L>
constexpr void write_plan(L& l, const plan& p, const graph& g, const vec<shape_check>& checks) {
  l.put(p.steps.size()), l.put(p.operands.size()), l.put(p.offsets.size()), l.put(p.storages.size());
  l.put(p.words.size()), l.put(p.ops.size()), l.put(g.shapes.formulas.size()), l.put(checks.size());
  l.put(p.in_place.size()), l.put(p.tilings.size()), l.put(p.tiled.size());
  for (const step& s : p.steps) detail::write(l, s);
  for (const operand& o : p.operands) detail::write(l, o);
  for (const operand_offset& f : p.offsets) l.put(f.axis), l.put(f.begin), l.put(f.step);
  for (const storage& s : p.storages) detail::write(l, s);
  for (std::uint64_t w : p.words) l.put(static_cast<std::int64_t>(w));
  for (int o : p.ops) l.put(o);
  for (const dim_formula& f : g.shapes.formulas) l.put(static_cast<int>(f.op)), l.put(f.a), l.put(f.b);
  for (const shape_check& c : checks) l.put(static_cast<int>(c.kind)), l.put(c.a), l.put(c.b);
  for (bool b : p.in_place) l.put(b ? 1 : 0);
  for (const tiling& t : p.tilings)
    l.put(t.first_step), l.put(t.n_steps), l.put(t.first_storage), l.put(t.n_storages), l.put(t.extent), l.put(t.rows ? 1 : 0);
  for (const tiled_storage& t : p.tiled) l.put(t.storage), l.put(t.axis);
  l.put(p.n_slots);
}

template <class L>
constexpr void write_fusion(L& l, const fusion& f) {
  l.put(f.groups.size());
  for (const group& g : f.groups) {
    l.put((g.loop ? 1 : 0) | (g.reduces ? 2 : 0)), l.put(g.space), l.put(g.mask);
    l.put(g.roots.size());
    for (int r : g.roots) l.put(r);
  }
  for (int id = 0; id < f.group_of.size(); ++id) l.put((f.group_of[id] + 1) * 4 | f.live[id] * 2 | f.stored[id]);
  l.put(f.in_place.size());
  for (char c : f.in_place) l.put(c);
  l.put(f.handed_on.size());
  for (int id : f.handed_on) l.put(id);
}
constexpr fusion read_fusion(number_reader& r, int n_nodes) {
  fusion f;
  for (int k = r.next_int(); k > 0; --k) {
    group g;
    const int flags = r.next_int();
    g.loop = (flags & 1) != 0;
    g.reduces = (flags & 2) != 0;
    g.space = r.next_int();
    g.mask = r.next();
    for (int n = r.next_int(); n > 0; --n) g.roots.push_back(r.next_int());
    f.groups.push_back(g);
  }
  f.group_of.reserve(n_nodes);
  f.live.reserve(n_nodes);
  f.stored.reserve(n_nodes);
  for (int id = 0; id < n_nodes; ++id) {
    const int v = r.next_int();
    f.group_of.push_back(v / 4 - 1);
    f.live.push_back(static_cast<char>(v / 2 % 2));
    f.stored.push_back(static_cast<char>(v % 2));
  }
  for (int k = r.next_int(); k > 0; --k) f.in_place.push_back(static_cast<char>(r.next()));
  for (int k = r.next_int(); k > 0; --k) f.handed_on.push_back(r.next_int());
  return f;
}

constexpr plan_counts read_counts(number_reader& r) {
  plan_counts c;
  c.steps = r.next_int(), c.operands = r.next_int(), c.offsets = r.next_int(), c.storages = r.next_int();
  c.words = r.next_int(), c.ops = r.next_int(), c.formulas = r.next_int(), c.checks = r.next_int();
  c.results = r.next_int(), c.tilings = r.next_int(), c.tiled = r.next_int();
  return c;
}

template <class Table, class List>
constexpr Table read_plan(const List& l) {
  Table t{};
  number_reader r(l);
  read_counts(r);
  for (int k = 0; k < Table::n_steps; ++k) t.steps[k] = detail::read_step(r);
  for (int k = 0; k < Table::n_operands; ++k) t.operands[k] = detail::read_operand(r);
  for (int k = 0; k < Table::n_offsets; ++k) {
    t.offsets[k].axis = r.next_int();
    t.offsets[k].begin = r.next();
    t.offsets[k].step = r.next();
  }
  for (int k = 0; k < Table::n_storages; ++k) t.storages[k] = detail::read_storage(r);
  for (int k = 0; k < Table::n_words; ++k) t.words[k] = static_cast<std::uint64_t>(r.next());
  for (int k = 0; k < Table::n_ops; ++k) t.ops[k] = r.next_int();
  for (int k = 0; k < Table::n_formulas; ++k) {
    t.formulas[k].op = static_cast<dim_op>(r.next());
    t.formulas[k].a = r.next();
    t.formulas[k].b = r.next();
  }
  for (int k = 0; k < Table::n_checks; ++k) {
    t.checks[k].kind = static_cast<check_kind>(r.next());
    t.checks[k].a = r.next();
    t.checks[k].b = r.next();
  }
  for (int k = 0; k < Table::n_results; ++k) t.in_place[k] = r.next() != 0;
  for (int k = 0; k < Table::n_tilings; ++k) {
    tiling& d = t.tilings[k];
    d.first_step = r.next_int(), d.n_steps = r.next_int(), d.first_storage = r.next_int(), d.n_storages = r.next_int();
    d.extent = r.next(), d.rows = r.next() != 0;
  }
  for (int k = 0; k < Table::n_tiled; ++k) t.tiled[k].storage = r.next_int(), t.tiled[k].axis = r.next_int();
  t.n_slots = r.next_int();
  return t;
}

}  // namespace agnesi
