// SPDX-License-Identifier: BSD-3-Clause
// The plan in words: a numbered line a step, with its formula, and under it what it costs and where its result goes.
//   explainer(r, targets, u).plan_text()   // 1. gemm  t1 = dot(x, W) ...
#pragma once

#include "agnesi/function/pipeline.hpp"
#include "agnesi/function/shared_parts.hpp"
#include "agnesi/function/step_cost.hpp"
#include "agnesi/ir/show.hpp"

namespace agnesi {

namespace detail {

class explainer {
 public:
  explainer(const pipeline_result& r, const vec<int>& targets, const universe& u)
      : g_(r.optimized), p_(r.steps), targets_(targets), writer_(g_, true), cost_(g_, p_, u) {}

  text plan_text() {
    text t;
    t << p_.steps.size() << (p_.steps.size() == 1 ? " step, " : " steps, ") << p_.n_slots
      << (p_.n_slots == 1 ? " buffer\n" : " buffers\n");
    for (int k = 0; k < p_.steps.size(); ++k) write_step(t, k);
    if (p_.n_slots > 0) write_workspace(t);
    return t;
  }

 private:
  const graph& g_;
  const plan& p_;
  const vec<int>& targets_;
  formula_writer writer_;
  step_cost cost_;
  int names_ = 0, parts_ = 0;

  // What the buffers take together: each as much as the largest of its values.
  void write_workspace(text& t) const {
    size_sum sum(g_);
    vec<text> others;
    bool tiles = false, some = false;
    for (int slot = 0; slot < p_.n_slots; ++slot) {
      vec<text> sizes;
      const storage* only = nullptr;
      for (const storage& s : p_.storages) {
        if (s.kind != storage_kind::temporary || s.index != slot) continue;
        if (s.tiling >= 0) {
          tiles = true;
          continue;
        }
        const text size = bytes_of(s);
        bool known = false;
        for (const text& o : sizes) known = known || o.view() == size.view();
        if (!known) sizes.push_back(size);
        only = &s;
      }
      if (sizes.size() == 1) add_bytes(sum, *only);
      else if (sizes.size() > 1) others.push_back(largest_of(sizes));
      some = some || !sizes.empty();
    }
    t << "workspace: ";
    if (!sum.empty()) sum.write(t);
    for (int k = 0; k < others.size(); ++k) t << (k > 0 || !sum.empty() ? " + " : "") << others[k];
    if (some) t << " bytes";
    if (tiles) t << (some ? ", and " : "") << "what is in a tile";
    t << '\n';
  }
  void add_bytes(size_sum& sum, const storage& s) const {
    vec<dim> extents;
    for (int k = 0; k < s.rank; ++k) extents.push_back(s.extents[k]);
    sum.add(size_of(s.type), extents);
  }
  text bytes_of(const storage& s) const {
    size_sum one(g_);
    add_bytes(one, s);
    text t;
    one.write(t);
    return t;
  }
  static text largest_of(const vec<text>& sizes) {
    text t("max(");
    for (int k = 0; k < sizes.size(); ++k) t << (k > 0 ? ", " : "") << sizes[k];
    return t << ')';
  }

  static text padded(const text& s, int width) {
    text t = s;
    while (t.size() < width) t << ' ';
    return t;
  }

  std::string_view kind_name(const step& s) const {
    switch (s.kind) {
      case step_kind::loop: return s.rank == 0 ? "scalars" : "fused loop";
      case step_kind::contract: return product_name(s);
      case step_kind::chain: return "gemm chain";
      case step_kind::take: return "gather";
      case step_kind::take_pairs: return "gather";
      case step_kind::put:
      case step_kind::put_take:
      case step_kind::put_pairs: return "scatter";
      case step_kind::arg_extremum: return "arg search";
      case step_kind::deviations: return "deviations";
      default: return "reshape";
    }
  }
  std::string_view product_name(const step& s) const {
    const operand& a = p_.operands[s.first_operand + 1];
    const operand& b = p_.operands[s.first_operand + 2];
    if (a.rank == 1 && b.rank == 1) return "dot";
    if (a.rank == 1 || b.rank == 1) return "gemv";
    return cost_.extent_of(a, 1) == 1 ? "ger" : "gemm";
  }
  void write_step(text& t, int k) {
    const step& s = p_.steps[k];
    if (s.tiling >= 0 && p_.tilings[s.tiling].first_step == k) write_tiling(t, p_.tilings[s.tiling]);
    text number;
    number << (k < 9 ? " " : "") << k + 1 << ". ";
    text head = number;
    head << kind_name(s);
    text line = padded(head, 16);
    if (s.kind == step_kind::loop) name_shared(line, s);
    if (s.n_roots == 0) write_storage(line << "a copy of ", p_.operands[s.first_operand].storage);
    for (int r = s.first_root; r < s.first_root + s.n_roots; ++r) {
      if (r > s.first_root) line << "; ";
      write_root(line, s, p_.roots[r]);
      name(p_.roots[r], s);
    }
    t << line << '\n' << "                ";
    cost_.write(t, s);
    write_written(t << "; to ", s);
    t << '\n';
  }

  void write_tiling(text& t, const tiling& d) const {
    t << "    steps " << d.first_step + 1 << " to " << d.first_step + d.n_steps << ", tile by tile along ";
    write_dim(t, g_, d.extent);
    t << ":\n";
  }

  // What a loop computes for several others, where its formulas would be long without names for it.
  void name_shared(text& t, const step& s) {
    vec<int> roots;
    for (int r = s.first_root; r < s.first_root + s.n_roots; ++r) roots.push_back(p_.roots[r]);
    const shared_parts shared(g_, writer_, roots, 4);
    if (shared.tokens <= 120) return;
    for (int id : shared.nodes) {
      const text name = next_name_of_part(g_, parts_);
      writer_.write(t << name << " = ", id);
      t << "; ";
      writer_.label(id, name);
    }
  }

  bool prepares(const step& s, int root) const {
    return s.kind == step_kind::loop && base_of(g_, root) >= 0 && !g_.is(root, info<op::sum_onto>);
  }

  // "t3 = ...", "w = ...", "output 0 = ..."
  void write_root(text& t, const step& s, int root) {
    if (g_.is(root, info<op::input>)) {  // the copy that ends an update
      writer_.write(t, root);
      t << " = its new value";
      return;
    }
    if (prepares(s, root)) {
      name_base(root);
      writer_.write(t, root);
      t << " = ";
      writer_.write(t, base_of(g_, root));
      return;
    }
    if (is_put_node(g_, root)) return write_put(t, s, root);
    t << place_name(s, root);
    if (g_.is(root, info<op::gemm>)) return write_product(t, root, products_before(s, root));
    t << " = ";
    text value;
    if (g_.is(root, info<op::sum_onto>)) write_sum(value, root);
    else if (g_.is(root, info<op::stop_gradient>)) writer_.write(value, g_.arg(root, 0));
    else writer_.write(value, root);
    t << value;
  }
  // A sum of products is a step for each of them.
  int products_before(const step& s, int root) const {
    int n = 0;
    for (const step& o : p_.steps)
      if (o.first_root < s.first_root && (o.kind == step_kind::contract || o.kind == step_kind::chain) && p_.roots[o.first_root] == root) ++n;
    return n;
  }
  void name_base(int root) {
    text n("t");
    n << ++names_;
    writer_.label(root, n);
  }
  text place_name(const step& s, int root) {
    if (writer_.has_label(root)) return writer_.label_of(root);
    root = last_in_memory_of(s, root);
    const int last = g_.size() - 1;
    int output = 0;
    for (int k = 0; k < targets_.size(); ++k) {
      if (g_.arg(last, k) == root) {
        if (targets_[k] < 0) return text("output ") << output;
        if (p_.in_place[k]) {
          text n;
          writer_.write(n, targets_[k]);
          return n << '\'';
        }
      }
      output += targets_[k] < 0;
    }
    return text("t") << names_ + 1;
  }
  // What a step makes may be for increments that follow to change where it is.
  int last_in_memory_of(const step& s, int root) const {
    for (const step& o : p_.steps) {
      const int put = o.n_roots > 0 ? p_.roots[o.first_root] : -1;
      if (o.kind != step_kind::loop && s.kind != step_kind::loop && put > root && is_put_node(g_, put) && base_of(g_, put) == root &&
          p_.operands[o.first_operand].storage == p_.operands[s.first_operand].storage)
        root = put;
    }
    return root;
  }
  void name(int root, const step& s) {
    if (g_.is(root, info<op::input>) || prepares(s, root) || writer_.has_label(root)) return;
    const text n = place_name(s, root);
    if (n.view()[0] == 't' && n.view() == (text("t") << names_ + 1).view()) ++names_;
    writer_.label(root, n);
  }
  // "t3(rows, y) += v"
  void write_put(text& t, const step& s, int id) {
    const int base = base_of(g_, id);  // without a step that prepares it, the increment goes into the base's memory
    if (!writer_.has_label(id) && writer_.has_label(base)) writer_.label(id, writer_.label_of(base));
    t << place_name(s, id) << '(';
    const int n = g_[id].n_args;
    if (g_.is(id, info<op::put_slice>)) t << "slice";
    for (int k = 1; k + 1 < n; ++k) {
      if (k > 1) t << ", ";
      for (int a = 0; g_.is(id, info<op::put_take>) && a < g_.attr(id, 0); ++a) t << "all, ";
      writer_.write(t, g_.arg(id, k));
    }
    t << ") += ";
    writer_.write(t, g_.arg(id, n - 1));
  }
  void write_sum(text& t, int id) {
    writer_.write(t, g_.arg(id, 1));
    t << " + sum(";
    writer_.write(t, g_.arg(id, 0));
    t << ", axis<";
    bool first = true;
    for (int k = 0; k < max_rank; ++k)
      if ((g_.attr(id, 0) >> k & 1) != 0) {
        t << (first ? "" : ", ") << k;
        first = false;
      }
    t << ">)";
  }
  // A number of the node's own element type: 0.1 is 0.1 in float too.
  void write_factor(text& t, int id, double v) {
    write_constant(t, {g_.type(id), 0, v});
    t << " * ";
  }
  // One of the products, with what the first of them is added to.
  void write_product(text& t, int id, int which) {
    const gemm_product p = product_of(g_, id, which);
    const gemm_base base = base_of_gemm(g_, id);
    if (which > 0) {
      t << (p.alpha < 0 ? " -= " : " += ");
    } else if (base.node >= 0) {
      t << " = ";
      if (base.beta == -1) t << '-';
      else if (base.beta != 1) write_factor(t, id, base.beta);
      if (base.scalar >= 0) {
        writer_.write(t, base.scalar, 20);
        t << " * ";
      }
      writer_.write(t, base.node);
      t << (p.alpha < 0 ? " - " : " + ");
    } else {
      t << (p.alpha < 0 ? " = -" : " = ");
    }
    const double size = p.alpha < 0 ? -p.alpha : p.alpha;
    if (size != 1) write_factor(t, id, size);
    if (p.scalar >= 0 && !p.divided) {
      writer_.write(t, p.scalar, 20);
      t << " * ";
    }
    for (int k = 1; k < p.n_factors; ++k) t << "dot(";
    writer_.write(t, p.factors[0]);
    for (int k = 1; k < p.n_factors; ++k) {
      t << ", ";
      writer_.write(t, p.factors[k]);
      t << ')';
    }
    if (p.scalar >= 0 && p.divided) {
      t << " / ";
      writer_.write(t, p.scalar, 20);
    }
  }

  void write_written(text& t, const step& s) const {
    vec<int> written;
    for (int k = 0; k < s.n_operands; ++k)
      if (is_written(p_, s, k)) {
        const int st = p_.operands[s.first_operand + k].storage;
        if (written.contains(st)) continue;
        if (!written.empty()) t << ", ";
        written.push_back(st);
        write_storage(t, st);
      }
  }
  void write_storage(text& t, int st) const {
    const storage& s = p_.storages[st];
    if (s.kind == storage_kind::input) t << "the caller's " << g_.symbol_name(s.index);
    else if (s.kind == storage_kind::output) t << "output " << s.index;
    else t << "buffer " << s.index;
  }
};

}  // namespace detail

}  // namespace agnesi
