// SPDX-License-Identifier: BSD-3-Clause
// From a scheduled graph to the plan: operands as views of storages, loops as instructions, buffers shared between
// values whose lives do not overlap.
//   plan p = planned(g, targets, u);
#pragma once

#include "agnesi/passes/loop_builder.hpp"
#include "agnesi/passes/results.hpp"
#include "agnesi/passes/tiles.hpp"

namespace agnesi {

class planner : public loop_builder {
 public:
  constexpr planner(const graph& g, const vec<int>& targets, const universe& u, const fusion& f)
      : loop_builder(g, u, f), targets_(targets), target_of_(g.size(), -1) {
    for (int k = 0; k < targets.size(); ++k)
      if (targets[k] >= 0) target_of_[g.arg(g.size() - 1, k)] = targets[k];
    assign_storages();
    for (int q = 0; q < f_.groups.size(); ++q) emit_group(q);
    copy_late_updates();
    drop_copies(result);
    write_through(result);
    tile_steps(result);
    share_buffers(result);
  }

 private:
  const vec<int>& targets_;
  vec<int> target_of_;  // the symbol's node that a node updates, or -1

  constexpr void assign_storages() {
    for (int slot = 0; slot < g_.symbols.size(); ++slot) {
      const int node = g_.symbols[slot].node;
      storage_of_[node] = add_storage(described(node, storage_kind::input, slot));
    }
    const int root = g_.size() - 1;
    for (int k = 0; k < targets_.size(); ++k) result.in_place.push_back(targets_[k] >= 0 && f_.in_place[k] != 0);
    if (looks_up_computed_indices())
      for (int k = 0; k < targets_.size(); ++k) result.in_place[k] = false;
    int n_outputs = 0;
    for (int k = 0; k < targets_.size(); ++k) {
      const int node = g_.arg(root, k);
      if (targets_[k] < 0) storage_of_[node] = add_storage(described(node, storage_kind::output, n_outputs++));
      else if (result.in_place[k]) storage_of_[node] = storage_of_[targets_[k]];
    }
    for (int id = 0; id < root; ++id)
      if (f_.live[id] != 0 && f_.stored[id] != 0 && storage_of_[id] < 0 && !is_handed_on(id))
        storage_of_[id] = add_storage(described(id, storage_kind::temporary, -1));
    for (int k = 0; k < f_.handed_on.size(); k += 2) {
      storage_of_[f_.handed_on[k]] = storage_of_[f_.handed_on[k + 1]];
      target_of_[f_.handed_on[k]] = target_of_[f_.handed_on[k + 1]];
    }
  }

  constexpr bool is_handed_on(int id) const {
    for (int k = 0; k < f_.handed_on.size(); k += 2)
      if (f_.handed_on[k] == id) return true;
    return false;
  }
  // An index that is computed may be found out of range half-way; then nothing may have been overwritten.
  constexpr bool looks_up_computed_indices() const {
    for (int id = 0; id < g_.size(); ++id) {
      if (f_.live[id] == 0 || g_[id].op->kind != op_kind::index || g_[id].n_args < 2 || g_.is(id, info<op::put_slice>)) continue;
      const bool put = is_put_node(g_, id);
      for (int k = 1; k < g_[id].n_args - (put ? 1 : 0); ++k)
        if (!index_is_input(g_.arg(id, k))) return true;
    }
    return false;
  }
  constexpr bool index_is_input(int id) const {
    while (is_view(g_, id)) id = g_.arg(id, 0);
    return g_.is(id, info<op::input>) || g_.is(id, info<op::iota>);
  }

  // ---- steps

  constexpr void emit_group(int q) {
    group_ = q;
    const group& o = f_.groups[q];
    if (g_.is(o.roots[0], info<op::squared_deviations>)) return emit_deviations(o);
    if (o.loop) {
      for (int r : o.roots)
        if (is_loop_reduction(g_, r) && base_of(g_, r) >= 0 && storage_of_[r] != storage_of_[base_of(g_, r)])
          emit_copy(base_of(g_, r), storage_of_[r], r);
      if (!o.roots.empty()) emit_loop(o.roots, o.space, o.mask);
      return;
    }
    const int id = o.roots[0];
    const int base = base_of(g_, id);
    if (base >= 0 && base == target_of_[id] && storage_of_[id] != storage_of_[base]) {
      const vec<int> roots(1, id);  // it was to be in place and could not
      emit_loop(roots, g_.shape(id), 0);
    }
    emit_step(id);
  }

  constexpr operand whole(int id) {
    operand o = access(id, identity(g_.rank(id)), g_.rank(id));
    o.sized = true;
    for (int k = 0; k < o.rank; ++k) o.extents[k] = g_.shapes.find(g_.extent(id, k));
    return o;
  }
  constexpr void emit_step(int id) {
    const op_info* op = g_[id].op;
    const int x = g_.arg(id, 0);
    const vec<int>& roots = f_.groups[group_].roots;
    if (op == &info<op::gemm>) {
      for (int k = 0; k < count_of_products(g_, id); ++k) emit_product(id, k);
      return;
    }
    if (op->kind == op_kind::contract) {
      const step s = begin_step(step_kind::contract, id);
      push(whole(id));
      push(whole(x));
      push(whole(g_.arg(id, 1)));
      end_step(s);
      return;
    }
    if (op == &info<op::reshape>) return emit_plain(step_kind::reshape, id, x);
    if (op == &info<op::argmax> || op == &info<op::argmin>) {
      step s = begin_step(step_kind::arg_extremum, id);
      s.axis = g_.attr(id, 0);
      s.largest = op == &info<op::argmax>;
      s.type = g_.type(x);
      set_extents(s, x);
      push(whole(id));
      push(whole(x));
      if (roots.size() > 1) {
        push(whole(roots[1]));
        result.roots.push_back(roots[1]);
      }
      end_step(s);
      return;
    }
    step s = begin_step(op == &info<op::take>         ? step_kind::take
                        : op == &info<op::take_pairs> ? step_kind::take_pairs
                        : op == &info<op::put_take>   ? step_kind::put_take
                        : op == &info<op::put_pairs>  ? step_kind::put_pairs
                                                      : step_kind::put,
                        id);
    if (g_[id].n_attrs > 0) s.axis = g_.attr(id, 0);
    set_extents(s, is_put_node(g_, id) ? g_.arg(id, g_[id].n_args - 1) : id);
    operand out = whole(id);
    if (op == &info<op::put_slice>) {
      const int axis = static_cast<int>(s.axis);
      out.step[axis] *= g_.attr(id, 2);
      result.offsets.push_back({axis, g_.shapes.find(g_.attr(id, 1)), 1});
      out.first_offset = result.offsets.size() - 1;
      out.n_offsets = 1;
    }
    push(out);
    if (!is_put_node(g_, id)) push(whole(x));
    for (int k = 1; k < g_[id].n_args; ++k) push(index_or_values(g_.arg(id, k)));
    end_step(s);
  }
  constexpr void emit_product(int id, int which) {
    const gemm_product p = product_of(g_, id, which);
    const gemm_base base = base_of_gemm(g_, id);
    step s = begin_step(p.n_factors > 2 ? step_kind::chain : step_kind::contract, id);
    s.alpha = p.alpha;
    s.alpha_operand = p.scalar >= 0;
    s.divide_alpha = p.divided;
    s.beta = which == 0 ? base.beta : 1;
    s.beta_operand = which == 0 && base.scalar >= 0;
    push(whole(id));
    for (int k = 0; k < p.n_factors; ++k) push(whole(p.factors[k]));
    if (s.alpha_operand) push(whole(p.scalar));
    if (s.beta_operand) push(whole(base.scalar));
    if (s.kind == step_kind::chain) push(room(g_.type(id), g_.shapes.find(p.room)));
    end_step(s);
  }
  // Memory that a step uses while it runs.
  constexpr operand room(dtype type, dim elements) {
    storage s;
    s.index = -1;
    s.type = type;
    s.rank = 1;
    s.extents[0] = elements;
    operand o;
    o.storage = add_storage(s);
    o.rank = 1;
    o.step[0] = 1;
    o.sized = true;
    o.extents[0] = elements;
    return o;
  }
  // An index vector 0, 1, 2, ... needs no memory: its operand has no storage.
  constexpr operand index_or_values(int id) {
    if (!g_.is(id, info<op::iota>)) return whole(id);
    operand o;
    o.rank = 1;
    return o;
  }
  constexpr void emit_plain(step_kind kind, int id, int x) {
    step s = begin_step(kind, id);
    set_extents(s, x);
    push(whole(id));
    push(whole(x));
    end_step(s);
  }

  // ---- updates that could not be in place

  constexpr void copy_late_updates() {
    const int root = g_.size() - 1;
    for (int k = 0; k < targets_.size(); ++k) {
      if (targets_[k] < 0 || result.in_place[k]) continue;
      emit_copy(g_.arg(root, k), storage_of_[targets_[k]], targets_[k]);
    }
  }
};

}  // namespace agnesi
