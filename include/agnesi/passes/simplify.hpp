// SPDX-License-Identifier: BSD-3-Clause
// Simplifies a graph, from its inputs to its outputs: each node is rebuilt from its operands' best forms, and
// rewritten as it is made; what nothing reads any more is left out. What was checked stays checked.
//   graph better = simplified(g, {.phases = phase::canonicalize | phase::stabilize});
#pragma once

#include <iterator>

#include "agnesi/ops/structure.hpp"
#include "agnesi/passes/rewritings.hpp"
#include "agnesi/rewrite/tables/canonical.hpp"
#include "agnesi/rewrite/tables/stable.hpp"
#include "agnesi/rewrite/trace.hpp"

namespace agnesi {

namespace detail {

// With the phases that are run as a whole.
constexpr simplify_options with_whole_passes(simplify_options o) {
  if (o.n_without == 0 && o.n_only < 0) return o;
  for (const pass& p : rewriting_passes)
    if (!o.runs(p.name)) o.phases &= ~p.phases;
  return o;
}
constexpr unsigned phases_not_off(const simplify_options& o) {
  unsigned phases = o.phases;
  for (const pass& p : rewriting_passes)
    if (o.off(p.name)) phases &= ~p.phases;
  return phases;
}

}  // namespace detail

class simplifier {
 public:
  rewriter w;

  constexpr simplifier(const graph& in, const simplify_options& given, bool noting = false)
      : w(detail::with_whole_passes(given)), in_(in), new_(in.size(), -1) {
    const simplify_options& o = w.options;
    asked_ = detail::phases_not_off(given);
    w.noting = noting;
    w.distribute = &distributed;
    const bool sums = (o.phases & phase::canonicalize) != 0 && !o.ieee;
    for (const rewriting& r : detail::rewritings)
      if (((r.phases & o.phases) != 0 || ((r.phases & asked_) != 0 && o.picks(r.name))) && (r.in_ieee || !o.ieee)) w.add(r);
    add_table(phase::specialize, tables::special, std::size(tables::special));
    add_table(phase::stabilize, tables::stable, std::size(tables::stable));
    add_table(phase::canonicalize, tables::canonical, std::size(tables::canonical));
    if (o.ieee) add_table(phase::canonicalize, tables::exact, std::size(tables::exact));
    for (int k = o.n_tables; k-- > 0;)
      if ((o.tables[k].phases & asked_) != 0) w.add_rules(o.tables[k].rules, o.tables[k].size);
    w.chars = in.chars;
    w.symbols = in.symbols;
    w.shapes = in.shapes;
    w.checks = in.checks;
    w.failure = in.failure;
    shapes_ = vec<int>(in.shapes.records.size(), -1);
    find_readers();
    for (int id = 0; id < in.size(); ++id) {
      if (id == o.last) reached_ = w.size();
      if (uses_[id] > 0) rebuild(id, sums);
    }
    if (o.last >= in.size()) reached_ = w.size();
  }

  // The live part of what was built; `reached`: how many of its nodes come from before options.last; `settled`: whether it
  // is as it would come out of another sweep. A graph that nothing will be added to needs no table of its nodes.
  constexpr graph result(int* reached = nullptr, bool growing = true, bool* settled = nullptr) const {
    graph out;
    out.chars = w.chars;
    out.symbols = w.symbols;
    out.shapes = w.shapes;
    out.checks = in_.checks;  // what rewriting adds follows from these
    out.failure = w.failure;
    const int root = new_[in_.size() - 1];
    const node* const nodes = w.nodes.begin();
    const int* const args = w.arg_pool.begin();
    vec<char> alive(w.size());
    char* const live = alive.begin();
    live[root] = 1;
    for (const symbol_record& s : in_.symbols)
      if (s.node >= 0) live[new_[s.node]] = 1;
    for (int id = w.size(); id-- > 0;)
      if (live[id])
        for (int k = 0; k < nodes[id].n_args; ++k) live[args[nodes[id].first_arg + k]] = 1;
    if (settled != nullptr) *settled = !w.cut_short && is_settled(live, root);
    vec<int> places(w.size(), -1);
    int* const place = places.begin();
    out.nodes.reserve(w.size());
    for (int id = 0; id < w.size(); ++id)
      if (live[id] && id != root) place[id] = append(out, nodes[id], place);
    if (reached != nullptr)
      for (int id = *reached = 0; id < reached_; ++id) *reached += live[id] != 0 && id != root ? 1 : 0;
    place[root] = append(out, nodes[root], place);
    if (growing) out.rehash();
    for (symbol_record& s : out.symbols)
      if (s.node >= 0) s.node = place[new_[s.node]];
    for (shape_check& c : out.checks) {
      if (c.lhs >= 0) c.lhs = new_[c.lhs] < 0 ? -1 : place[new_[c.lhs]];
      if (c.rhs >= 0) c.rhs = new_[c.rhs] < 0 ? -1 : place[new_[c.rhs]];
    }
    return out;
  }

 private:
  // Whether what was left whole because it was shared still is, while other readers of it may have been rewritten; and what
  // was taken apart, into a longer sum or product, is not shared: others may have become the same node.
  constexpr bool is_settled(const char* live, int root) const {
    vec<int> uses_now(w.size());
    vec<char> parts(w.size());
    int* const uses = uses_now.begin();
    char* const part = parts.begin();
    const node* const nodes = w.nodes.begin();
    const unsigned char* const flags = w.flags.begin();
    const int flagged = w.flags.size() < root ? w.flags.size() : root;  // nodes made last have no flags yet
    for (const symbol_record& s : in_.symbols)
      if (s.node >= 0) uses[new_[s.node]] = 2;
    for (int id = 0; id <= root; ++id) {
      if (!live[id]) continue;
      const node& n = nodes[id];
      const int* const args = w.arg_pool.begin() + n.first_arg;
      for (int k = 0; k < n.n_args; ++k) uses[args[k]] += k > 0 && args[k] == args[0] ? 0 : 1;
      if (n.n_args != 2 || id >= flagged || (flags[id] & canonical_node) == 0) continue;
      if (is_part(nodes[args[1]].op, n.op)) part[args[1]] = 1;
      // A number comes first also where it is one factor.
      if (is_part(nodes[args[0]].op, n.op) && !(is_product(n.op) && is_single(args[0]) && !is_single(args[1]))) part[args[0]] = 1;
    }
    for (int id = flagged; id-- > 0;) {
      if (!live[id]) continue;
      if (uses[id] < 2) {
        if ((flags[id] & kept_whole_node) != 0) return false;
      } else {
        if (part[id] && ((flags[id] & met_node) != 0 || (flags[id] & kept_whole_node) == 0)) return false;
        if (is_spread(nodes[id].op)) uses[w.arg(id, 0)] = 2;
      }
    }
    return true;
  }
  constexpr bool is_single(int id) const {
    for (int k = 0; k < w.rank(id); ++k)
      if (w.extent(id, k) != 1) return false;
    return true;
  }
  // Of a sum in a sum, or a product in a product.
  static constexpr bool is_part(const op_info* op, const op_info* of) {
    return (detail::is_sum(op) && detail::is_sum(of)) || (is_product(op) && is_product(of));
  }
  static constexpr bool is_product(const op_info* op) { return op == &info<op::mul> || op == &info<op::div>; }

  const graph& in_;
  vec<int> new_;     // where each node went
  vec<int> uses_;    // how often it is read; 0 for dead
  vec<int> reader_;  // by whom last
  vec<int> shapes_;  // canonical ones
  vec<char> pinned_;
  int reached_ = 0;
  unsigned asked_ = 0;  // the phases of which single rules may be run where the whole is not

  constexpr void add_table(unsigned phase, const rule* rules, std::size_t n) {
    const bool whole = (w.options.phases & phase) != 0;
    if (whole || (w.options.n_only > 0 && (asked_ & phase) != 0)) w.add_rules(rules, static_cast<int>(n), whole);
  }
  constexpr void find_readers() {
    uses_ = vec<int>(in_.size());
    reader_ = vec<int>(in_.size(), -1);
    pinned_ = vec<char>(in_.size());
    uses_[in_.size() - 1] = 1;
    for (const symbol_record& s : in_.symbols)
      if (s.node >= 0) uses_[s.node] = 2;
    const node* const nodes = in_.nodes.begin();
    int* const uses = uses_.begin();
    for (int id = in_.size(); id-- > 0;) {
      if (uses[id] == 0) continue;
      const node& n = nodes[id];
      const int* const args = in_.arg_pool.begin() + n.first_arg;
      for (int k = 0; k < n.n_args; ++k) {
        uses[args[k]] += k > 0 && args[k] == args[0] ? 0 : 1;
        reader_[args[k]] = id;
      }
      if (n.op == &info<op::gradient>) pinned_[args[1]] = 1;
    }
  }

  constexpr int shape_of(int id) {
    int& s = shapes_[in_.shape(id)];
    if (s < 0) {
      const shape_record r = w.shapes.records[in_.shape(id)];
      s = w.shapes.shape(r.extents, r.rank);
    }
    return s;
  }

  constexpr void rebuild(int id, bool sums) {
    const node& n = in_[id];
    int few[4] = {};
    vec<int> many(n.n_args > 4 ? n.n_args : 0);
    int* args = n.n_args > 4 ? many.begin() : few;
    const int* const old = in_.arg_pool.begin() + n.first_arg;
    for (int k = 0; k < n.n_args; ++k) args[k] = new_[old[k]];
    const std::int64_t* attrs = n.n_attrs > 0 ? in_.attr_pool.begin() + n.first_attr : nullptr;
    std::int64_t found[8] = {};
    if (n.op->dim_attrs != 0) {
      for (int k = 0; k < n.n_attrs && k < 8; ++k)
        found[k] = (n.op->dim_attrs >> k & 1u) != 0 ? w.shapes.find(attrs[k]) : attrs[k];
      attrs = found;
    }
    int made = -1;
    if (n.op == &info<op::extent>) made = extent_value(w, found[0], n.type);
    else made = w.intern(*n.op, args, n.n_args, attrs, n.n_attrs, n.type, shape_of(id));
    const bool structure = n.op->kind == op_kind::special || id < w.options.first || id >= w.options.last;
    if (structure) w.settle(made);
    else if (n.n_args > 0 && !(sums && part_of_longer(id))) made = w.better(made);
    if (n.n_args > 0 && uses_[id] > 1) flag_shared(made);
    if (pinned_[id]) w.flag(made, pinned_node);
    new_[id] = made;
  }

  // What reads a repeated node reads through it. Of a number it is no matter how often it is computed.
  constexpr void flag_shared(int id) {
    w.flag(id, shared_node);
    while (is_spread(w[id].op) && w.rank(w.arg(id, 0)) > 0) w.flag(id = w.arg(id, 0), shared_node);
  }

  // Whether the node is a term or factor of the one that reads it, which will look at the whole of it.
  constexpr bool part_of_longer(int id) const {
    if (uses_[id] != 1 || reader_[id] < 0 || pinned_[id]) return false;
    return in_.type(id) != dtype::boolean && is_part(in_[id].op, in_[reader_[id]].op);
  }

  // The nodes differ from each other, so none need be looked for.
  constexpr int append(graph& out, node n, const int* place) const {
    const int* const args = w.arg_pool.begin() + n.first_arg;
    const std::int64_t* const attrs = w.attr_pool.begin() + n.first_attr;
    n.first_arg = out.arg_pool.size();
    n.first_attr = out.attr_pool.size();
    for (int k = 0; k < n.n_args; ++k) out.arg_pool.push_back(place[args[k]]);
    for (int k = 0; k < n.n_attrs; ++k) out.attr_pool.push_back(attrs[k]);
    out.nodes.push_back(n);
    return out.nodes.size() - 1;
  }
};

// Sweeps follow each other while one of them leaves something to the next: of random formulas one in seventy takes a second, one
// in three thousand a third. Why rewriting ends: docs/internals/termination.md.
inline constexpr int max_sweeps = 8;

// The last node of `in` is the list of its outputs.
constexpr graph simplified(const graph& in, const simplify_options& o = {}, vec<firing>* log = nullptr) {
  if (in.failure != mistake::none || in.size() == 0) return in;
  if (log != nullptr) log->clear();
  graph g;
  bool settled = false;
  for (int k = 0; k < max_sweeps && !settled; ++k) {
    const simplifier s(k == 0 ? in : g, o, log != nullptr);
    if (log != nullptr)
      for (const firing& f : traced(s.w)) log->push_back(f);
    g = s.result(nullptr, true, &settled);
  }
  return g;
}
constexpr graph simplified(const graph& in, unsigned phases) {
  simplify_options o;
  o.phases = phases;
  return simplified(in, o);
}

// Folding exp(-40) in log(1 + exp(-40)), or multiplying out a power under a logarithm, would hide from the rules what they
// keep accurate. A graph with something of the kind is simplified without folding and specializing first. An element or a
// slice of something computed is picked from its operands in the first sweep; those that several of them read have but
// one reader then, as z in softmax(z)(0), and the second goes on from there.
constexpr bool needs_two_sweeps(const graph& g) {
  vec<char> constant(g.size());
  for (int id = 0; id < g.size(); ++id) {
    const op_info& op = *g[id].op;
    if (is_constant(g, id)) {
      constant[id] = 1;
    } else if (op.kind == op_kind::elementwise && g[id].n_args > 0) {
      bool known = true;
      for (int k = 0; k < g[id].n_args; ++k) known = known && constant[g.arg(id, k)] != 0;
      constant[id] = known ? 1 : 0;
      if (known && op.cost >= info<op::exp>.cost) return true;
      if (&op == &info<op::pow> && constant[g.arg(id, 1)] != 0) return true;
    } else if (&op == &info<op::slice> || (&op == &info<op::take> && g.shapes.find(g.extent(g.arg(id, 1), 0)) == 1)) {
      const node& of = g[g.arg(id, 0)];
      if (of.op->kind == op_kind::elementwise && of.n_args > 0) return true;
    }
  }
  return false;
}

}  // namespace agnesi
