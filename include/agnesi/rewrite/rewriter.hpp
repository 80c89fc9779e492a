// SPDX-License-Identifier: BSD-3-Clause
// A graph under construction that simplifies each node as it is made, by rules and by rewritings written as
// functions:
//   rewriter w(options); w.add_rules(table, n); int better = w.apply(info<op::log>, p);
#pragma once

#include <bit>

#include "agnesi/rewrite/rewriting.hpp"

namespace agnesi {

class product_form;

class rewriter : public graph {
 public:
  int (*distribute)(rewriter&, const product_form&) = nullptr;  // a product whose sum would better be multiplied out
  simplify_options options;
  bool cut_short = false;  // the rewriting did not end by itself
  bool noting = false;  // whether to keep a log: nobody reads it in constant evaluation
  vec<event> log;
  vec<unsigned char> flags;

  constexpr explicit rewriter(const simplify_options& o) : options(o) {
    for (int& h : heads_) h = -1;
    for (int& h : made_heads_) h = -1;
    simplify = [](graph& g, int id) { return static_cast<rewriter&>(g).better(id); };
  }

  // Of a table that is not run as a whole, the rules that were asked for by name.
  constexpr void add_rules(const rule* rules, int n, bool whole = true) {
    for (int k = n; k-- > 0;) {  // the last to come is the first to be tried
      if (!whole && !named_in(rules[k], options.only, options.n_only)) continue;
      if (options.n_without > 0 && named_in(rules[k], options.without, options.n_without)) continue;
      const pattern_node& root = rules[k].lhs.nodes[rules[k].lhs.size - 1];
      const int head = bucket(*root.op);
      const pattern_node* const left = rules[k].lhs.nodes;
      entries_.push_back({&rules[k], root.op, heads_[head], operation_at(left, root.args[0]),
                          operation_at(left, root.args[1]), root.op->commutative});
      heads_[head] = entries_.size() - 1;
    }
  }
  // Those added later are tried later.
  constexpr void add(const rewriting& r) {
    if (options.n_without > 0 && options.off(r.name)) return;
    if (r.ops[0] == nullptr) {
      at_kind_[static_cast<int>(r.kind)].push_back(&r);
      return;
    }
    for (const op_info* op : r.ops) {
      if (op == nullptr) continue;
      int* at = &made_heads_[bucket(*op)];
      while (*at >= 0) at = &made_[*at].next;
      *at = made_.size();
      made_.push_back({&r, op, -1});
    }
  }

  // The best node known for this one's value: of the same element type and shape.
  constexpr int better(int id) {
    extend();
    if (memo_[id] >= 0) return memo_[id];
    if (nodes[id].n_args == 0) return id;
    if (depth_ >= max_depth) {
      cut_short = true;
      return id;
    }
    ++depth_;
    int now = literals_ ? strengthened(id) : id;
    for (int step = 0;; ++step) {
      const int next = improved(now);
      if (next == now) break;
      now = next;
      if (memo_[now] >= 0) break;
      if (step < max_steps) continue;
      cut_short = true;
      break;
    }
    --depth_;
    extend();
    if (memo_[now] >= 0) now = memo_[now];
    return memo_[id] = memo_[now] = now;
  }
  // A node that stays as it is.
  constexpr int settle(int id) {
    extend();
    if (id >= 0 && memo_[id] < 0) memo_[id] = id;
    return id;
  }
  constexpr bool is_settled(int id) const { return id < memo_.size() && memo_[id] >= 0; }
  constexpr int known_better(int id) const { return id < memo_.size() && memo_[id] >= 0 ? memo_[id] : id; }

  // Makes a part of a canonical sum or product, which needs no second look by what made it.
  constexpr int raw(const op_info& op, const int* args, int n) {
    auto* const keep = simplify;
    simplify = nullptr;
    const int id = apply(op, args, n);
    simplify = keep;
    if (id >= 0) flag(id, canonical_node);
    return id;
  }
  constexpr int raw(const op_info& op, int a) { return raw(op, &a, 1); }
  // The same for terms and factors put together one by one.
  constexpr int joined(const op_info& op, int a, int b) {
    const int id = raw(op, a, b);
    if (is_flagged(id, shared_node)) flag(id, met_node);
    return id;
  }
  // The same operation, with its attributes, on other operands.
  constexpr int again(int like, const int* args) {
    const node n = nodes[like];
    if (n.op == &info<op::cast>) return cast_to(*this, args[0], n.type);
    std::int64_t attrs[8] = {};
    for (int k = 0; k < n.n_attrs && k < 8; ++k) attrs[k] = attr(like, k);
    return apply(*n.op, args, n.n_args, attrs, n.n_attrs);
  }
  constexpr int raw(const op_info& op, int a, int b) {
    const int args[] = {a, b};
    return raw(op, args, 2);
  }

  constexpr bool has_rules(const op_info& op) const { return heads_[bucket(op)] >= 0; }
  // What the first rule makes of this operation on these operands, which need not be a node; -1 for none.
  constexpr int rewrite(const op_info& op, const int* args, int n) {
    int e = heads_[bucket(op)];
    if (e < 0) return -1;
    const entry* const entries = entries_.begin();
    matcher m(*this, flags);
    const op_info* const first = nodes[args[0]].op;
    const op_info* const second = n > 1 ? nodes[args[1]].op : nullptr;
    for (; e >= 0; e = entries[e].next) {  // most are told from the operands' operations not to fit
      const entry& r = entries[e];
      if (r.op == &op &&
          (((r.first == nullptr || r.first == first) && (r.second == nullptr || r.second == second)) ||
           (r.swaps && (r.first == nullptr || r.first == second) && (r.second == nullptr || r.second == first))) &&
          m.fits(*r.what, args, n, options.ieee))
        break;
    }
    if (e < 0) return -1;
    const rule& r = *entries[e].what;
    if (noting) note_rule(r, op, args, n, m);
    return instantiate(*this, r.rhs, r.rhs.root(), m);
  }
  // The right side of a rule, for what its wildcards stand for.
  static constexpr int instantiate(graph& g, const pattern& p, int at, const match& m) {
    const pattern_node& n = p.nodes[at];
    if (n.what == pattern_node::literal_number) {
      return is_whole(n.value) ? literal(g, static_cast<std::int64_t>(n.value)) : literal(g, n.value);
    }
    if (n.what != pattern_node::operation) return m.bound[static_cast<int>(n.args[0])];
    int args[3] = {};
    int count = 0;
    while (count < 3 && n.args[count] >= 0) {
      args[count] = instantiate(g, p, n.args[count], m);
      ++count;
    }
    if (n.op == &info<op::along>)
      return m.kept_axes < 0 ? args[0] : g.apply_with(info<op::expand_dims>, args[0], m.kept_axes);
    if (n.fixed) return g.apply_with(*n.op, args[0], static_cast<std::int64_t>(n.value));
    if (n.op->kind == op_kind::reduce) return g.apply_with(*n.op, args[0], m.axes);
    return g.apply(*n.op, args, count);
  }

  // The node with the element type and shape of another one, which it takes the place of.
  constexpr int in_place_of(int old, int id) {
    if (id < 0) return -1;
    const dtype type = nodes[old].type;
    if (nodes[id].type != type) id = cast_to(*this, id, type);
    if (nodes[id].weak && is_constant(*this, id)) id = make_constant(*this, value_of(*this, id));
    return nodes[id].shape == nodes[old].shape ? id : broadcast_to_shape(*this, id, nodes[old].shape);
  }

  // How many axes are not statically 1: scalars come first.
  constexpr int size_class(int id) {
    const int shape = nodes[id].shape;
    while (sizes_.size() <= shape) sizes_.push_back(-1);
    signed char& s = sizes_[shape];
    if (s < 0) {
      s = 0;
      const shape_record& r = shapes.records[shape];
      for (int k = 0; k < r.rank; ++k) s = static_cast<signed char>(s + (r.extents[k] != 1));
    }
    return s;
  }
  constexpr bool comes_before(int a, int b) {
    if (a == b) return false;
    const int ca = size_class(a), cb = size_class(b);
    if (ca != cb) return ca < cb;
    if (nodes[a].op == &info<op::expand_dims> || nodes[b].op == &info<op::expand_dims>) {
      const int pa = first_inside(a), pb = first_inside(b);
      if (pa != pb) return pa < pb;
      if (nodes[a].op == nodes[b].op && attr(a, 0) != attr(b, 0)) return attr(a, 0) < attr(b, 0);
    }
    return a < b;
  }
  constexpr bool is_flagged(int id, node_flag f) const { return id < flags.size() && (flags[id] & f) != 0; }
  // Asked where something would be done to the node if it were not shared, which it may turn out not to be: see
  // simplifier::is_settled.
  constexpr bool is_shared(int id) const {
    if (!is_flagged(id, shared_node)) return false;
    flags.data[id] |= kept_whole_node;
    return true;
  }
  constexpr void flag(int id, unsigned f) {
    extend();
    flags[id] = static_cast<unsigned char>(flags[id] | f);
  }

 private:
  static constexpr int n_buckets = 64;
  static constexpr int max_depth = 24;  // of right sides within right sides
  static constexpr int max_steps = 16;  // at one node
  struct entry {
    const rule* what = nullptr;
    const op_info* op = nullptr;
    int next = -1;
    const op_info *first = nullptr, *second = nullptr;  // of its operands, where there is only one that fits
    bool swaps = false;
  };
  struct made_entry {
    const rewriting* what = nullptr;
    const op_info* op = nullptr;
    int next = -1;
  };
  int heads_[n_buckets] = {}, made_heads_[n_buckets] = {};
  vec<entry> entries_;
  vec<made_entry> made_;
  vec<vec<const rewriting*>> at_kind_{8};  // no array: nvcc does not destroy an array member in constant evaluation
  vec<int> memo_;  // -1: not looked at yet
  vec<signed char> sizes_;
  int depth_ = 0;
  bool literals_ = false;  // some are in the graph, from right sides
  struct lookup {
    int ids = -1;
    dim extent = 0;
  };
  bool risky_ = false;
  vec<lookup> lookups_;
  vec<unsigned> risks_;  // of the nodes from the first that is risky

  static constexpr const op_info* operation_at(const pattern_node* nodes, int at) {
    if (at < 0) return nullptr;
    const pattern_node& n = nodes[at];
    if (n.what == pattern_node::literal_number || n.what == pattern_node::any_constant) return &info<op::constant>;
    return n.what == pattern_node::operation && n.op != &info<op::along> ? n.op : nullptr;
  }
  // Of what has new axes, what is there first without them: scalars are moved into them and out again, which makes new nodes.
  constexpr int first_inside(int id) const {
    if (nodes[id].op != &info<op::expand_dims>) return id;
    id = arg(id, 0);
    while (nodes[id].op == &info<op::mul> || nodes[id].op == &info<op::div> || nodes[id].op == &info<op::neg>)
      id = arg(id, nodes[id].n_args == 2 && rank(arg(id, 0)) == 0 ? 1 : 0);
    return id;
  }
  static constexpr int bucket(const op_info& op) { return static_cast<int>((op.hash ^ (op.hash >> 15)) % n_buckets); }
  static constexpr bool named_in(const rule& r, const std::string_view* names, int n) {
    for (int k = 0; k < n; ++k)
      if (goes_by(r, names[k])) return true;
    return false;
  }

  constexpr void extend() {
    if (flags.size() == nodes.size()) return;
    for (int id = flags.size(); id < nodes.size(); ++id) {
      const node& n = nodes[id];
      const op_info* op = n.op;
      literals_ = literals_ || n.weak;
      unsigned risk = op->kind == op_kind::index && is_index_checked(*this, id) ? risks_taken(id) : 0;
      risky_ = risky_ || risk != 0;
      if (risky_) {
        for (int k = 0; k < n.n_args; ++k) risk |= risks_of(arg_pool[n.first_arg + k]);
        risks_.resize(id, 0);
        risks_.push_back(risk);
      }
      flags.push_back(static_cast<unsigned char>(risk != 0 ? risky_node : 0));
      memo_.push_back(-1);
    }
  }

  // Which lookups a value depends on, as bits: a lookup is a vector of indices and the extent it is checked against.
  constexpr unsigned risks_of(int id) const { return id < risks_.size() ? risks_[id] : 0; }
  constexpr unsigned risks_taken(int id) {
    const op_info* op = nodes[id].op;
    const bool pairs = op == &info<op::take_pairs> || op == &info<op::put_pairs>;
    unsigned risk = 0;
    for (int k = 0; k < (pairs ? 2 : 1); ++k) {
      const int ids = arg(id, 1 + k);
      const dim extent_there = shapes.find(extent(arg(id, 0), pairs ? k : static_cast<int>(attr(id, 0))));
      int at = 0;
      while (at < lookups_.size() && !(lookups_[at].ids == ids && lookups_[at].extent == extent_there)) ++at;
      if (at == lookups_.size()) lookups_.push_back({ids, extent_there});
      risk |= 1u << (at % 32);
    }
    return risk;
  }

  // Literals among operands become numbers of the operands' own type, so that equal ones are one node.
  constexpr int strengthened(int id) {
    const node n = nodes[id];
    if (n.weak || n.op->kind != op_kind::elementwise) return id;
    int args[4] = {};
    bool changed = false;
    for (int k = 0; k < n.n_args && k < 4; ++k) {
      args[k] = arg(id, k);
      if (!nodes[args[k]].weak || !is_constant(*this, args[k])) continue;
      args[k] = make_constant(*this, value_of(*this, args[k]));
      changed = true;
    }
    return changed ? intern(*n.op, args, n.n_args, attrs_of(n), n.n_attrs, n.type, n.shape) : id;
  }
  constexpr const std::int64_t* attrs_of(const node& n) const {
    return n.n_attrs > 0 ? attr_pool.begin() + n.first_attr : nullptr;
  }

  // One rewrite of this node, or the node itself.
  constexpr int improved(int id) {
    const node n = nodes[id];
    const int noted = log.size();
    for (const rewriting* r : at_kind_[static_cast<int>(n.op->kind)]) {
      const int made = accepted(id, r->apply(*this, id));
      if (made != id) return done(id, made, r->name, noted);
    }
    for (int e = made_heads_[bucket(*n.op)]; e >= 0; e = made_[e].next) {
      if (made_[e].op != n.op) continue;
      const int made = accepted(id, made_[e].what->apply(*this, id));
      if (made != id) return done(id, made, made_[e].what->name, noted);
    }
    // The rules of canonical sums and products have been tried on every pair of terms or factors.
    if (heads_[bucket(*n.op)] < 0 || n.n_args > 3 || (is_paired(*n.op) && is_flagged(id, canonical_node))) return id;
    const int* const a = arg_pool.begin() + n.first_arg;
    const int args[3] = {n.n_args > 0 ? a[0] : 0, n.n_args > 1 ? a[1] : 0, n.n_args > 2 ? a[2] : 0};
    const int made = rewrite(*n.op, args, n.n_args);
    const int better = made < 0 ? id : accepted(id, made);
    if (noting && made >= 0) {
      if (better == id) log.resize(noted);  // refused
      else log[rule_noted_at(id, noted)].before = id, log[rule_noted_at(id, noted)].after = better;
    }
    return better;
  }
  constexpr void note_rule(const rule& r, const op_info& op, const int* args, int n, const match& m) {
    event e{&r, r.name};
    e.op = &op;
    for (int k = 0; k < n && k < 3; ++k) e.args[k] = args[k];
    e.n_args = n;
    e.found = m;
    log.push_back(e);
  }
  // Where a rewriting only looked for a rule, which is what it found, the rule says it all.
  constexpr int done(int id, int made, std::string_view name, int noted) {
    if (!noting) return made;
    event e{nullptr, name, id, made};
    e.told = rule_noted_at(id, noted) < 0;
    log.push_back(e);
    return made;
  }
  // Since `noted`, a rule at this node's operation and operands; -1 for none.
  constexpr int rule_noted_at(int id, int noted) const {
    for (int k = noted; k < log.size(); ++k) {
      const event& e = log[k];
      bool here = e.by != nullptr && e.op == nodes[id].op && e.n_args == nodes[id].n_args;
      for (int a = 0; here && a < e.n_args; ++a) here = e.args[a] == arg(id, a);
      if (here) return k;
    }
    return -1;
  }
  static constexpr bool is_paired(const op_info& op) {
    return &op == &info<op::add> || &op == &info<op::sub> || &op == &info<op::mul> || &op == &info<op::div>;
  }
  // An index that is checked when it is computed is not left out. Rewriting may give a lookup other indices, so they are
  // counted.
  constexpr int accepted(int id, int made) {
    if (made < 0 || made == id) return id;
    made = in_place_of(id, made);
    if (made < 0) return id;
    extend();
    return (flags[id] & risky_node) != 0 && std::popcount(risks_of(made)) < std::popcount(risks_of(id)) ? id : made;
  }
};

}  // namespace agnesi
