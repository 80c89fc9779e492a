// SPDX-License-Identifier: BSD-3-Clause
// From a scheduled graph to the plan: operands as views of storages, loops as instructions, buffers shared between
// values whose lives do not overlap.
//   plan p = planned(g, targets, u);
#pragma once

#include "agnesi/ir/loop_code.hpp"
#include "agnesi/ir/universe.hpp"
#include "agnesi/passes/access.hpp"
#include "agnesi/passes/results.hpp"
#include "agnesi/passes/tiles.hpp"

namespace agnesi {

class planner : public operand_builder {
 public:
  constexpr planner(const graph& g, const vec<int>& targets, const universe& u, const fusion& f)
      : operand_builder(g), u_(u), targets_(targets), f_(f), target_of_(g.size(), -1), latest_(g.size(), -1) {
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
  struct value {
    int node = -1;
    axis_map map;
    int index = 0;
    int before = -1;  // the node's value by another map
  };

  const universe& u_;
  const vec<int>& targets_;
  const fusion& f_;
  vec<int> target_of_;  // the symbol's node that a node updates, or -1
  vec<value> values_;  // of the loop being emitted
  vec<int> latest_;    // of each node, its last place among these
  int n_values_ = 0;
  int group_ = 0;

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
        if (is_loop_reduction(g_, r) && base_of(g_, r) >= 0 && storage_of_[r] != storage_of_[base_of(g_, r)]) copy_base(r);
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

  // A sum that was to be added onto its symbol in place and could not.
  constexpr void copy_base(int id) {
    step s = begin_step(step_kind::loop, -1);
    result.roots.push_back(id);
    set_extents(s, id);
    n_values_ = 0;
    push(stored_whole(base_of(g_, id)));
    append(loop_code::load(0, g_.type(id), s.rank == 0));
    push(stored_whole(id));
    append(loop_code::store(1, 0));
    end_step(s);
  }

  constexpr step begin_step(step_kind kind, int node) {
    step s;
    s.kind = kind;
    s.first_operand = result.operands.size();
    s.first_word = result.words.size();
    s.first_op = result.ops.size();
    s.first_root = result.roots.size();
    if (node >= 0) {
      s.type = g_.type(node);
      result.roots.push_back(node);
    }
    return s;
  }
  constexpr void end_step(step s) {
    s.n_operands = result.operands.size() - s.first_operand;
    s.n_words = result.words.size() - s.first_word;
    s.n_ops = result.ops.size() - s.first_op;
    s.n_roots = result.roots.size() - s.first_root;
    result.steps.push_back(s);
  }
  constexpr operand whole(int id) {
    operand o = access(id, identity(g_.rank(id)), g_.rank(id));
    o.sized = true;
    for (int k = 0; k < o.rank; ++k) o.extents[k] = g_.shapes.find(g_.extent(id, k));
    return o;
  }
  constexpr void set_extents(step& s, int id) const {
    s.rank = g_.rank(id);
    for (int k = 0; k < s.rank; ++k) s.extents[k] = g_.shapes.find(g_.extent(id, k));
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

  // ---- loops

  constexpr void begin_loop(step& s, int space) {
    s.rank = g_.shapes.rank(space);
    for (int k = 0; k < s.rank; ++k) s.extents[k] = g_.shapes.find(g_.shapes.extent(space, k));
    for (const value& v : values_) latest_[v.node] = -1;
    values_.clear();
    n_values_ = 0;
  }
  constexpr void emit_loop(const vec<int>& roots, int space, std::int64_t mask) {
    step s = begin_step(step_kind::loop, -1);
    begin_loop(s, space);
    const axis_map straight = identity(s.rank);
    vec<int> computed;  // every value before the first store, so that updates in place read the old elements
    for (int r : roots) {
      result.roots.push_back(r);
      const int base = is_loop_reduction(g_, r) ? -1 : base_of(g_, r);
      const int source = base >= 0 ? base : is_loop_reduction(g_, r) ? g_.arg(r, 0) : r;
      computed.push_back(base >= 0 ? emit(base, aligned(g_.shape(r), straight, base), s) : emit(source, straight, s));
    }
    for (int k = 0; k < roots.size(); ++k) {
      const int r = roots[k];
      if (is_loop_reduction(g_, r)) {
        const int o = push(access_reduced(r, mask, s.rank)) - s.first_operand;
        // So that the back end knows that there are no columns, and that loops of all ranks are one kernel.
        const unsigned axes = mask == (std::int64_t{1} << s.rank) - 1 ? loop_code::every_axis : static_cast<unsigned>(mask);
        append(loop_code::reduce(o, combination(r), axes, g_.is(r, info<op::sum_onto>), computed[k]));
      } else {
        const int o = push(stored_whole(r)) - s.first_operand;
        append(loop_code::store(o, computed[k]));
      }
    }
    relieve_multipliers(s);
    end_step(s);
  }
  // 2 x becomes x + x, which is the same number, where a loop multiplies far more than it adds: processors do both at a time.
  // 2 a + b^10 of 1000 floats takes 31 ns instead of 39; `2 a + 3 b` is better off with products that are summed at once.
  constexpr void relieve_multipliers(const step& s) {
    const auto is = [&](const loop_code::instruction& i, const op_info* op) {
      return i.what == loop_code::kind::apply && result.ops[s.first_op + i.op] == u_.number(op);
    };
    int products = 0, sums = 0;
    vec<char> is_two;  // of values
    const int end = result.words.size();
    for (int w = s.first_word; w < end; ++w) {
      const auto i = loop_code::unpacked(result.words[w], w + 1 < end ? result.words[w + 1] : 0);
      products += is(i, &info<op::mul>) || is(i, &info<op::sqr>);
      sums += is(i, &info<op::add>) || is(i, &info<op::sub>);
      is_two.push_back(i.what == loop_code::kind::constant &&
                       i.bits == (i.type == dtype::f32 ? loop_code::bits_of(2.f) : loop_code::bits_of(2.)) && is_float(i.type));
      if (i.what == loop_code::kind::constant) ++w;
    }
    if (products <= 2 * (sums + 1)) return;
    for (int w = s.first_word; w < end; ++w) {
      const auto i = loop_code::unpacked(result.words[w]);
      if (is(i, &info<op::mul>) && (is_two[i.a] || is_two[i.b])) {
        const int x = is_two[i.a] ? i.b : i.a;
        result.words[w] = loop_code::apply(op_place(s, &info<op::add>), i.type, x, x);
      }
      if (i.what == loop_code::kind::constant) ++w;
    }
  }
  // For backend/cpu/deviations.hpp, of a loop: x, a shift, the sum of (x - shift)², that of x - shift, and that of x. Shift and
  // sums are its own.
  constexpr void emit_deviations(const group& o) {
    const int id = o.roots[0];
    step s = begin_step(step_kind::deviations, id);
    if (o.roots.size() > 1) result.roots.push_back(o.roots[1]);
    begin_loop(s, o.space);
    push(stored_whole(id));
    push(o.roots.size() > 1 ? stored_whole(o.roots[1]) : operand{});
    for (int k = 0; k < 3; ++k) push(operand{});
    const dtype type = g_.type(id);
    const int x = emit(g_.arg(id, 0), identity(s.rank), s), shift = append(loop_code::load(2, type, true));
    const int above = append(loop_code::apply(op_place(s, &info<op::sub>), type, x, shift, 0));
    const int square = append(loop_code::apply(op_place(s, &info<op::sqr>), type, above, 0, 0));
    append(loop_code::reduce(4, combine::sum, loop_code::every_axis, false, square));
    append(loop_code::reduce(3, combine::sum, loop_code::every_axis, false, above));
    append(loop_code::reduce(3, combine::sum, loop_code::every_axis, false, x));
    end_step(s);
  }
  constexpr operand stored_whole(int id) const {
    operand o;
    o.storage = storage_of_[id];
    o.rank = g_.rank(id);
    for (int k = 0; k < o.rank; ++k) o.axis[k] = k, o.step[k] = 1;
    return o;
  }
  constexpr operand access_reduced(int id, std::int64_t mask, int rank) const {
    operand o;
    o.storage = storage_of_[id];
    o.rank = rank;
    for (int k = 0, at = 0; k < rank; ++k) {
      o.axis[k] = (mask >> k & 1) != 0 ? -1 : at++;
      o.step[k] = 1;
    }
    return o;
  }
  constexpr combine combination(int id) const {
    const op_info* op = g_[id].op;
    if (op == &info<op::sum> || op == &info<op::sum_onto>) return combine::sum;
    if (op == &info<op::prod>) return combine::prod;
    if (op == &info<op::max>) return combine::max;
    if (op == &info<op::min>) return combine::min;
    return op == &info<op::all> ? combine::all_true : combine::any_true;
  }
  constexpr int append(std::uint64_t word) {
    result.words.push_back(word);
    return n_values_++;
  }
  constexpr int op_place(const step& s, const op_info* op) {
    const int number = u_.number(op);
    for (int k = s.first_op; k < result.ops.size(); ++k)
      if (result.ops[k] == number) return k - s.first_op;
    result.ops.push_back(number);
    return result.ops.size() - 1 - s.first_op;
  }

  constexpr int emit(int id, const axis_map& m, const step& s) {
    for (int k = latest_[id]; k >= 0; k = values_[k].before)
      if (values_[k].map == m) return values_[k].index;
    const int index = emit_value(id, m, s);
    values_.push_back({id, m, index, latest_[id]});
    latest_[id] = values_.size() - 1;
    return index;
  }
  constexpr int emit_value(int id, const axis_map& m, const step& s) {
    const op_info* op = g_[id].op;
    if (op == &info<op::constant>) {
      const int index = append(loop_code::constant(g_.type(id)));
      const scalar_value v = value_of(g_, id);
      result.words.push_back(g_.type(id) == dtype::f32   ? loop_code::bits_of(static_cast<float>(v.f))
                             : g_.type(id) == dtype::f64 ? loop_code::bits_of(v.f)
                                                         : loop_code::bits_of(v.i));
      return index;
    }
    if (op == &info<op::iota>)
      return m.axis[0] >= 0 ? append(loop_code::iota(m.axis[0])) : constant_zero();
    if (is_view(g_, id) && op != &info<op::slice>) return emit(g_.arg(id, 0), through_view(id, m), s);
    if (is_elementwise(g_, id) && f_.computed_in(g_, id, group_)) {
      int a[3] = {};
      for (int k = 0; k < g_[id].n_args; ++k)
        a[k] = emit(g_.arg(id, k), aligned(g_.shape(id), m, g_.arg(id, k)), s);
      if (op == &info<op::stop_gradient>) return a[0];
      if (op == &info<op::cast>) return append(loop_code::cast(g_.type(id), a[0]));
      return append(loop_code::apply(op_place(s, op), g_.type(id), a[0], a[1], a[2]));
    }
    const operand o = access(id, m, s.rank);
    bool uniform = true;
    for (int k = 0; k < o.rank; ++k) uniform = uniform && o.axis[k] < 0;
    const int at = push(o) - s.first_operand;
    return append(loop_code::load(at, g_.type(id), uniform));
  }
  constexpr int constant_zero() {
    const int index = append(loop_code::constant(dtype::i64));
    result.words.push_back(0);
    return index;
  }

  // ---- updates that could not be in place

  constexpr void copy_late_updates() {
    const int root = g_.size() - 1;
    for (int k = 0; k < targets_.size(); ++k) {
      if (targets_[k] < 0 || result.in_place[k]) continue;
      const int id = g_.arg(root, k);
      step s = begin_step(step_kind::loop, -1);
      result.roots.push_back(targets_[k]);
      set_extents(s, id);
      n_values_ = 0;
      push(stored_whole(id));
      append(loop_code::load(0, g_.type(id), s.rank == 0));
      operand to = stored_whole(id);
      to.storage = storage_of_[targets_[k]];
      push(to);
      append(loop_code::store(1, 0));
      end_step(s);
    }
  }
};

}  // namespace agnesi
