// SPDX-License-Identifier: BSD-3-Clause
// Carries a plan out at run time, step by step and element by element, in long double: what fusion, updates in place
// and shared buffers do to the values shows without compiling a formula.
//   plan_run r(p, g, u, in, seed);  r.outputs[0];  r.inputs["w"]  // after the call
// It is unkind where the plan leaves the order open: a loop visits its elements in a random one, what a step does not
// accumulate is overwritten before the step reads anything, inputs may lie transposed in memory, tiles are thin and come
// in a random order.
#pragma once

#include <algorithm>
#include <random>

#include "agnesi/ir/loop_code.hpp"
#include "agnesi/ir/universe.hpp"
#include "agnesi/passes/plan.hpp"
#include "support/interpret.hpp"

namespace agnesi::testing {

class plan_run {
 public:
  std::vector<tensor_value> outputs;
  values inputs;  // as the call leaves them

  plan_run(const plan& p, const graph& g, const universe& u, const values& in, unsigned seed)
      : p_(p), g_(g), u_(u), in_(in), random_(seed), transposed_(random_() % 2 == 0) {
    for (int k = 0; k < p.tilings.size(); ++k) tiles_.push_back(1 + random_() % 3);
    place_storages();
    for (int k = 0; k < p.steps.size();) {
      if (p.steps[k].tiling < 0) run_step(p.steps[k++]);
      else k = run_tiles(p.tilings[p.steps[k].tiling]);
    }
    int n_outputs = 0;
    for (const storage& s : p.storages) n_outputs += s.kind == storage_kind::output;
    outputs.resize(static_cast<std::size_t>(n_outputs));
    for (int k = 0; k < p.storages.size(); ++k) {
      const storage& s = p.storages[k];
      if (s.kind == storage_kind::output) outputs[static_cast<std::size_t>(s.index)] = read(places_[k]);
      if (s.kind == storage_kind::input) inputs[name_of(s.index)] = read(places_[k]);
    }
  }

 private:
  using numbers = std::vector<std::int64_t>;
  // Memory seen along some axes: a storage as a whole, or an operand of a step.
  struct seen {
    std::size_t buffer = 0;
    std::int64_t start = 0;
    numbers extents, strides;
    int rank() const { return static_cast<int>(extents.size()); }
  };

  const plan& p_;
  const graph& g_;
  const universe& u_;
  const values& in_;
  std::mt19937 random_;
  bool transposed_;
  std::size_t own_ = 0;  // the buffer of what belongs to a loop itself: several numbers for each of so many results
  std::int64_t own_count_ = 1;
  numbers own_strides_;
  std::vector<std::int64_t> tiles_;  // of each tiling, how much it does at a time
  struct {
    std::int64_t begin = 0, count = 0;
    bool first = true;
  } tile_;
  std::vector<std::vector<real>> buffers_;
  vec<seen> places_;  // of each storage

  std::string name_of(int slot) const { return std::string(g_.symbol_name(slot)); }

  // ---- memory

  std::int64_t value_of_dim(dim d) const {
    d = g_.shapes.find(d);
    if (d >= 0) return d;
    const dim_formula& f = g_.shapes.formulas[static_cast<int>(-1 - d)];
    if (f.op == dim_op::input_extent) return in_.at(name_of(static_cast<int>(f.a))).extent(static_cast<int>(f.b));
    if (f.op == dim_op::input_value) return static_cast<std::int64_t>(in_.at(name_of(static_cast<int>(f.a)))[0]);
    return shape_table::evaluate(f.op, value_of_dim(f.a), value_of_dim(f.b));
  }
  static std::int64_t count(const numbers& extents) {
    std::int64_t n = 1;
    for (std::int64_t e : extents) n *= e;
    return n;
  }
  static numbers dense_strides(const numbers& extents, bool first_axis_fastest = false) {
    numbers s(extents.size());
    std::int64_t stride = 1;
    for (std::size_t k = 0; k < s.size(); ++k) {
      const std::size_t axis = first_axis_fastest ? k : s.size() - 1 - k;
      s[axis] = stride;
      stride *= extents[axis];
    }
    return s;
  }
  std::size_t add_buffer(std::int64_t size) {
    buffers_.emplace_back(static_cast<std::size_t>(size), std::nanl(""));
    return buffers_.size() - 1;
  }
  real& element(const seen& s, std::int64_t offset) {
    return buffers_[s.buffer].at(static_cast<std::size_t>(s.start + offset));
  }
  template <class F>
  static void each_place(const seen& s, F f) {
    detail::for_each_place(s.extents, [&](std::int64_t, const places& at) { f(at); });
  }
  static std::int64_t offset(const seen& s, const places& at) {
    std::int64_t k = 0;
    for (std::size_t a = 0; a < s.strides.size(); ++a) k += at[a] * s.strides[a];
    return k;
  }
  real& element_at(const seen& s, const places& at) { return element(s, offset(s, at)); }
  tensor_value read(const seen& s) {
    tensor_value t(s.extents);
    detail::for_each_place(s.extents, [&](std::int64_t k, const places& at) { t[k] = element_at(s, at); });
    return t;
  }

  void place_storages() {
    for (int k = 0; k < p_.n_slots; ++k) add_buffer(0);
    for (const storage& s : p_.storages) {
      seen at;
      if (s.kind != storage_kind::extent && s.kind != storage_kind::constant)
        for (int k = 0; k < s.rank; ++k) {
          const std::int64_t n = value_of_dim(s.extents[k]);
          const bool in_part = s.tiling >= 0 && k == s.tiled_axis;
          at.extents.push_back(in_part ? std::min(n, tiles_[static_cast<std::size_t>(s.tiling)]) : n);
        }
      at.strides = dense_strides(at.extents, s.kind == storage_kind::input && transposed_);
      const std::int64_t size = count(at.extents);
      if (s.kind == storage_kind::temporary) {
        if (s.index >= 0) {
          at.buffer = static_cast<std::size_t>(s.index);
          auto& buffer = buffers_[at.buffer];
          buffer.resize(std::max(buffer.size(), static_cast<std::size_t>(size)), std::nanl(""));
        } else {
          at.buffer = add_buffer(0);  // never used
        }
      } else {
        at.buffer = add_buffer(size);
      }
      if (s.kind == storage_kind::input) {
        const tensor_value& given = in_.at(name_of(s.index));
        if (given.extents != at.extents) throw std::logic_error("a storage has not the extents of its input");
        detail::for_each_place(at.extents, [&](std::int64_t k, const places& to) { element_at(at, to) = given[k]; });
      } else if (s.kind == storage_kind::extent) {
        element(at, 0) = static_cast<real>(value_of_dim(s.extents[0]));
      } else if (s.kind == storage_kind::constant) {
        element(at, 0) = is_float(s.type) ? real(std::bit_cast<double>(s.extents[0])) : static_cast<real>(s.extents[0]);
      }
      places_.push_back(at);
    }
  }

  const operand& operand_of(const step& s, int k) const { return p_.operands[s.first_operand + k]; }
  // Along `rank` axes of the given extents, or of the operand's own.
  seen look(const operand& o, const numbers* space = nullptr) const {
    const seen& whole = places_[o.storage];
    seen s;
    s.buffer = whole.buffer;
    s.start = whole.start;
    const int rank = space != nullptr ? static_cast<int>(space->size()) : o.rank;
    for (int k = 0; k < rank; ++k) {
      const bool moves = k < o.rank && o.axis[k] >= 0;
      s.extents.push_back(space != nullptr ? (*space)[static_cast<std::size_t>(k)] : value_of_dim(o.extents[k]));
      s.strides.push_back(moves ? o.step[k] * whole.strides.at(static_cast<std::size_t>(o.axis[k])) : 0);
    }
    for (int k = o.first_offset; k < o.first_offset + o.n_offsets; ++k) {
      const operand_offset& f = p_.offsets[k];
      s.start += value_of_dim(f.begin) * f.step * whole.strides.at(static_cast<std::size_t>(f.axis));
    }
    if (o.tile >= 0) {
      const auto axis = static_cast<std::size_t>(o.tile);
      s.extents[axis] = tile_.count;
      if (p_.storages[o.storage].tiling < 0) s.start += tile_.begin * s.strides[axis];
    }
    return s;
  }
  void poison(const seen& out) {
    each_place(out, [&](const places& at) { element_at(out, at) = std::nanl(""); });
  }

  // ---- steps

  int run_tiles(const tiling& d) {
    const std::int64_t extent = value_of_dim(d.extent), by = tiles_[static_cast<std::size_t>(p_.steps[d.first_step].tiling)];
    numbers begins(1, 0);
    for (std::int64_t k = by; k < extent; k += by) begins.push_back(k);
    std::shuffle(begins.begin(), begins.end(), random_);
    const int end = d.first_step + d.n_steps;
    for (std::size_t k = 0; k < begins.size(); ++k) {
      tile_ = {begins[k], std::min(by, extent - begins[k]), k == 0};
      for (int at = d.first_step; at < end; ++at) run_step(p_.steps[at]);
    }
    tile_ = {};
    return end;
  }

  void run_step(const step& s) {
    if (s.kind == step_kind::loop) return run_loop(s);
    if (s.kind == step_kind::deviations) return run_deviations(s);
    const seen out = look(operand_of(s, 0));
    switch (s.kind) {
      case step_kind::contract:
      case step_kind::chain: return contract(s, out);
      case step_kind::reshape: return reshape(s, out);
      case step_kind::arg_extremum: return arg_extremum(s, out);
      case step_kind::put: {
        const seen v = look(operand_of(s, 1));
        each_place(v, [&](const places& at) { element_at(out, at) += element_at(v, at); });
        return;
      }
      case step_kind::take: return move_along(s, out, look(operand_of(s, 1)), operand_of(s, 2), false);
      case step_kind::put_take: return move_along(s, look(operand_of(s, 2)), out, operand_of(s, 1), true);
      case step_kind::take_pairs:
        return move_pairs(out, look(operand_of(s, 1)), operand_of(s, 2), operand_of(s, 3), false);
      default: return move_pairs(look(operand_of(s, 3)), out, operand_of(s, 1), operand_of(s, 2), true);
    }
  }

  // The factors one after the other; the memory that the step has for itself is used for all products but the last.
  void contract(const step& s, const seen& out) {
    const bool chain = s.kind == step_kind::chain;
    const int n = s.n_operands - 1 - s.alpha_operand - s.beta_operand - chain;
    seen a = look(operand_of(s, 1)), room = chain ? look(operand_of(s, s.n_operands - 1)) : a;
    for (int k = 2; k < n; ++k) {
      const seen b = look(operand_of(s, k));
      seen product = room;
      product.extents = {a.extents[0], b.extents[1]};
      product.strides = dense_strides(product.extents);
      room.start += count(product.extents);
      poison(product);
      add_product(product, a, b, 1, 0);
      a = product;
    }
    real alpha = s.alpha;
    if (s.alpha_operand) {
      const real factor = element(look(operand_of(s, n + 1)), 0);
      alpha = s.divide_alpha ? alpha / factor : alpha * factor;
    }
    real beta = s.beta;
    if (s.beta_operand) beta *= element(look(operand_of(s, n + 1 + s.alpha_operand)), 0);
    add_product(out, a, look(operand_of(s, n)), alpha, s.adds && !tile_.first ? 1 : beta);
  }
  void add_product(const seen& out, const seen& a, const seen& b, real alpha, real beta) {
    each_place(out, [&](const places& at) {
      real& r = element_at(out, at);
      r = beta == 0 ? real(0) : beta * r;
    });
    const std::int64_t inner = a.extents.back();
    if (inner != b.extents[0]) throw std::logic_error("the factors of a product do not fit");
    each_place(out, [&](const places& at) {
      for (std::int64_t k = 0; k < inner; ++k) {
        places in_a(1, k), in_b(1, k);
        if (a.rank() == 2) in_a.insert(in_a.begin(), at[0]);
        if (b.rank() == 2) in_b.push_back(at.back());
        element_at(out, at) += alpha * element_at(a, in_a) * element_at(b, in_b);
      }
    });
  }

  // A temporary may share the memory of what it is a reshape of.
  void reshape(const step& s, const seen& out) {
    const seen x = look(operand_of(s, 1));
    const int storage = operand_of(s, 0).storage;
    const numbers dense = dense_strides(x.extents);
    bool row_major = true;
    for (std::size_t k = 0; k < dense.size(); ++k) row_major = row_major && (x.extents[k] == 1 || x.strides[k] == dense[k]);
    if (p_.storages[storage].kind == storage_kind::temporary && row_major) {
      places_[storage].buffer = x.buffer;
      places_[storage].start = x.start;
      return;
    }
    poison(out);
    std::int64_t k = 0;
    each_place(x, [&](const places& at) { element(out, k++) = element_at(x, at); });
  }

  void arg_extremum(const step& s, const seen& out) {
    const seen x = look(operand_of(s, 1));
    poison(out);
    std::map<std::int64_t, std::pair<real, std::int64_t>> best;  // of each place of the result: value, how many were seen
    each_place(x, [&](const places& at) {
      places to;
      for (std::size_t k = 0; k < at.size(); ++k)
        if ((s.axis >> k & 1) == 0) to.push_back(at[k]);
      const real v = element_at(x, at);
      const std::int64_t key = offset(out, to);
      const auto found = best.find(key);
      const std::int64_t place = found == best.end() ? 0 : found->second.second;
      if (found == best.end() || (s.largest ? v > found->second.first : v < found->second.first)) {
        best[key].first = v;
        element(out, key) = static_cast<real>(place);
        if (s.n_operands > 2) element_at(look(operand_of(s, 2)), to) = v;
      }
      best[key].second = place + 1;
    });
  }

  std::int64_t index(const operand& ids, std::int64_t k, std::int64_t extent) {
    std::int64_t i = k;
    if (ids.storage >= 0) {
      const seen s = look(ids);
      i = static_cast<std::int64_t>(element(s, k * s.strides[0]));
    }
    if (i >= extent || i < -extent) throw std::out_of_range("an index is out of range");
    return i < 0 ? i + extent : i;
  }
  void move(real& value, real& x, bool add) {
    if (add) x += value;
    else value = x;
  }
  void move_along(const step& s, const seen& v, const seen& x, const operand& ids, bool add) {
    const auto axis = static_cast<std::size_t>(s.axis);
    if (!add) poison(v);
    each_place(v, [&](const places& at) {
      places from = at;
      from[axis] = index(ids, at[axis], x.extents[axis]);
      move(element_at(v, at), element_at(x, from), add);
    });
  }
  void move_pairs(const seen& v, const seen& x, const operand& i, const operand& j, bool add) {
    if (!add) poison(v);
    each_place(v, [&](const places& at) {
      places from(at.begin(), at.end());
      from[0] = index(i, at[0], x.extents[0]);
      from.insert(from.begin() + 1, index(j, at[0], x.extents[1]));
      move(element_at(v, at), element_at(x, from), add);
    });
  }

  // ---- loops

  static real identity_of(combine how) {
    switch (how) {
      case combine::sum: return 0;
      case combine::prod: return 1;
      case combine::max: return -HUGE_VALL;
      case combine::min: return HUGE_VALL;
      case combine::all_true: return 1;
      default: return 0;
    }
  }
  static real combined(combine how, real a, real b) {
    switch (how) {
      case combine::sum: return a + b;
      case combine::prod: return a * b;
      case combine::max: return a != a || a > b ? a : b;
      case combine::min: return a != a || a < b ? a : b;
      case combine::all_true: return a != 0 && b != 0;
      default: return a != 0 || b != 0;
    }
  }
  static real constant_value(dtype t, code_word bits) {
    if (t == dtype::f32) return loop_code::value_of_bits<float>(bits);
    if (t == dtype::f64) return loop_code::value_of_bits<double>(bits);
    return static_cast<real>(static_cast<std::int64_t>(bits));
  }

  // The loop has a shift and two sums of its own; it runs once for the mean and once for the squares. Its last instruction
  // is for those who sum by themselves.
  void run_deviations(step s) {
    numbers extents, results;
    for (int k = 0; k < s.rank; ++k) extents.push_back(value_of_dim(s.extents[k]));
    for (int k = 0; k < s.n_operands; ++k)
      if (operand_of(s, k).tile >= 0) extents[static_cast<std::size_t>(operand_of(s, k).tile)] = tile_.count;
    std::int64_t n = 1, count = 1;
    own_strides_.clear();
    for (std::size_t k = 0; k < extents.size(); ++k) {
      const bool reduced = (s.axis >> k & 1) != 0;
      own_strides_.push_back(reduced ? 0 : count);
      (reduced ? n : count) *= extents[k];
      results.push_back(reduced ? 1 : extents[k]);
    }
    own_ = add_buffer(4 * count);  // shifts, sums, squares, and what nobody reads
    own_count_ = count;
    std::fill(buffers_[own_].begin(), buffers_[own_].end(), 0);
    --s.n_words;
    run_loop(s);
    const auto at = [&](int part, std::int64_t k) -> real& { return buffers_[own_][static_cast<std::size_t>(part * count + k)]; };
    std::vector<real> sums;
    for (std::int64_t k = 0; k < count; ++k) sums.push_back(at(1, k)), at(0, k) = at(1, k) / static_cast<real>(n);
    run_loop(s);
    const bool wants_sum = operand_of(s, 1).storage >= 0;
    const seen squares = look(operand_of(s, 0), &extents), sum = wants_sum ? look(operand_of(s, 1), &extents) : squares;
    detail::for_each_place(results, [&](std::int64_t, const places& place) {
      std::int64_t k = 0;
      for (std::size_t a = 0; a < place.size(); ++a) k += place[a] * own_strides_[a];
      element_at(squares, place) = at(2, k);
      if (wants_sum) element_at(sum, place) = sums[static_cast<std::size_t>(k)];
    });
  }
  seen own_operand(int k, const numbers& extents) const {
    seen s;
    s.buffer = own_;
    s.start = (k < 2 ? 3 : k - 2) * own_count_;
    s.extents = extents;
    s.strides = own_strides_;
    return s;
  }

  void run_loop(const step& s) {
    using loop_code::kind;
    numbers extents;
    for (int k = 0; k < s.rank; ++k) extents.push_back(value_of_dim(s.extents[k]));
    for (int k = 0; k < s.n_operands; ++k)
      if (operand_of(s, k).tile >= 0) extents[static_cast<std::size_t>(operand_of(s, k).tile)] = tile_.count;
    std::vector<loop_code::instruction> code;
    for (int k = s.first_word; k < s.first_word + s.n_words; ++k) {
      const bool more = k + 1 < p_.words.size();
      code.push_back(loop_code::unpacked(p_.words[k], more ? p_.words[k + 1] : 0));
      if (code.back().what == kind::constant) ++k;
    }
    std::vector<seen> operands;
    for (int k = 0; k < s.n_operands; ++k) operands.push_back(operand_of(s, k).storage < 0 ? own_operand(k, extents) : look(operand_of(s, k), &extents));
    for (const auto& i : code)
      if (i.what == kind::reduce && !i.accumulate && (!s.adds || tile_.first)) begin_reduction(i, operands[static_cast<std::size_t>(i.b)]);
    std::vector<places> order;
    detail::for_each_place(extents, [&](std::int64_t, const places& at) { order.push_back(at); });
    std::shuffle(order.begin(), order.end(), random_);
    std::vector<real> v(code.size());
    for (const places& at : order)
      for (std::size_t k = 0; k < code.size(); ++k) v[k] = run_instruction(s, code[k], operands, v, at);
  }
  void begin_reduction(const loop_code::instruction& i, seen out) {
    for (std::size_t k = 0; k < out.extents.size(); ++k)
      if ((i.axes >> k & 1u) != 0) {
        if (out.strides[k] != 0) throw std::logic_error("a reduction's result moves along a reduced axis");
        out.extents[k] = 1;
      }
    each_place(out, [&](const places& at) { element_at(out, at) = identity_of(i.how); });
  }
  real run_instruction(const step& s, const loop_code::instruction& i, const std::vector<seen>& operands,
                       const std::vector<real>& v, const places& at) {
    using loop_code::kind;
    const auto value = [&](int k) { return v[static_cast<std::size_t>(k)]; };
    const auto operand = [&] { return operands.at(static_cast<std::size_t>(i.b)); };
    switch (i.what) {
      case kind::load: return element_at(operand(), i.uniform ? places(at.size(), 0) : at);
      case kind::constant: return constant_value(i.type, i.bits);
      case kind::cast: return detail::cast_value(value(i.a), i.type);
      case kind::iota: return static_cast<real>(at.at(static_cast<std::size_t>(i.b)));
      case kind::store: return element_at(operand(), at) = value(i.a);
      case kind::reduce: {
        real& into = element_at(operand(), at);
        return into = combined(i.how, into, value(i.a));
      }
      default: break;
    }
    const op_info& op = *u_.op(p_.ops[s.first_op + i.op]);
    const real a[] = {value(i.a), op.arity > 1 ? value(i.b) : 0, op.arity > 2 ? value(i.c) : 0};
    return detail::stored(detail::scalar_functions().at(std::string(op.name))(a), i.type);
  }
};

}  // namespace agnesi::testing
