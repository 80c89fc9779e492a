// SPDX-License-Identifier: BSD-3-Clause
// Fused loops as instructions: values by node and by how the loop's axes run along it, each computed once.
//   emit_loop(roots, space, mask);   // appends a step to `result`
#pragma once

#include "agnesi/ir/loop_code.hpp"
#include "agnesi/ir/universe.hpp"
#include "agnesi/passes/access.hpp"

namespace agnesi {

class loop_builder : public operand_builder {
 protected:
  const universe& u_;
  const fusion& f_;
  int group_ = 0;
  int n_values_ = 0;

  constexpr loop_builder(const graph& g, const universe& u, const fusion& f)
      : operand_builder(g), u_(u), f_(f), latest_(g.size(), -1) {}

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
  constexpr void set_extents(step& s, int id) const {
    s.rank = g_.rank(id);
    for (int k = 0; k < s.rank; ++k) s.extents[k] = g_.shapes.find(g_.extent(id, k));
  }

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
  // For backend/cpu/deviations.hpp, of a loop: x, a shift, the sum of (x - shift)², that of x - shift, and that of x. Shifts and
  // sums are its own.
  constexpr void emit_deviations(const group& o) {
    const int id = o.roots[0];
    step s = begin_step(step_kind::deviations, id);
    if (o.roots.size() > 1) result.roots.push_back(o.roots[1]);
    begin_loop(s, o.space);
    push(access_reduced(id, o.mask, s.rank));
    push(o.roots.size() > 1 ? access_reduced(o.roots[1], o.mask, s.rank) : operand{});
    for (int k = 0; k < 3; ++k) push(operand{});
    s.axis = o.mask;
    const bool keeps_none = o.mask == (std::int64_t{1} << s.rank) - 1;
    const unsigned axes = keeps_none ? loop_code::every_axis : static_cast<unsigned>(o.mask);
    const dtype type = g_.type(id);
    const int x = emit(g_.arg(id, 0), identity(s.rank), s), shift = append(loop_code::load(2, type, keeps_none));
    const int above = append(loop_code::apply(op_place(s, &info<op::sub>), type, x, shift, 0));
    const int square = append(loop_code::apply(op_place(s, &info<op::sqr>), type, above, 0, 0));
    append(loop_code::reduce(4, combine::sum, axes, false, square));
    append(loop_code::reduce(3, combine::sum, axes, false, above));
    append(loop_code::reduce(3, combine::sum, axes, false, x));
    end_step(s);
  }
  // A node's elements into another storage of its shape.
  constexpr void emit_copy(int from, int to_storage, int root) {
    step s = begin_step(step_kind::loop, -1);
    result.roots.push_back(root);
    set_extents(s, from);
    n_values_ = 0;
    push(stored_whole(from));
    append(loop_code::load(0, g_.type(from), s.rank == 0));
    operand to = stored_whole(from);
    to.storage = to_storage;
    push(to);
    append(loop_code::store(1, 0));
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

 private:
  struct value {
    int node = -1;
    axis_map map;
    int index = 0;
    int before = -1;  // the node's value by another map
  };
  vec<value> values_;  // of the loop being emitted
  vec<int> latest_;    // of each node, its last place among these

  // 2 x becomes x + x, which is the same number, where a loop multiplies far more than it adds: processors do both at a time.
  // 2 a + b^10 of 1000 floats takes 31 ns instead of 39; `2 a + 3 b` is better off with products that are summed at once.
  constexpr void relieve_multipliers(const step& s) {
    const auto is = [&](const loop_code::instruction& i, const op_info* op) {
      return i.what == loop_code::kind::apply && result.ops[s.first_op + i.op] == u_.number(op);
    };
    const int end = result.words.size();
    bool has_two = false;  // asked by itself: constant evaluation counts every step
    for (int w = s.first_word; w < end; ++w)
      if (loop_code::kind_of(result.words.data[w]) == loop_code::kind::constant) {
        ++w;
        has_two = has_two || result.words.data[w] == loop_code::bits_of(2.f) || result.words.data[w] == loop_code::bits_of(2.);
      }
    if (!has_two) return;
    int products = 0, sums = 0;
    vec<char> is_two;  // of values
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
};

}  // namespace agnesi
