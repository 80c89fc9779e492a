// SPDX-License-Identifier: BSD-3-Clause
// The usual call of an elementwise function: arrays of the same extents without gaps, and nothing of what is written lies in what
// is read.
//   dense_call<Model> c; bind_all<Model>(c, args...); if (c.inputs_fit() && c.lies_apart<true>()) c.run(work, threads);
#pragma once

#include "agnesi/backend/cpu/bounds.hpp"
#include "agnesi/backend/cpu/dense_row.hpp"
#include "agnesi/backend/cpu/loop.hpp"
#include "agnesi/backend/cpu/step_program.hpp"
#include "agnesi/function/usual_call.hpp"

namespace agnesi::detail {

template <class Table>
constexpr bool is_one_loop(const Table& t) {
  if (Table::n_steps != 1 || t.steps[0].kind != step_kind::loop || t.steps[0].rank == 0 || t.steps[0].tiling >= 0) return false;
  for (int k = 0; k < Table::n_formulas; ++k)
    if (t.formulas[k].op != dim_op::input_extent) return false;
  for (int k = 0; k < Table::n_checks; ++k)
    if (t.checks[k].kind != check_kind::equal_extents) return false;
  for (int k = 0; k < Table::n_storages; ++k)
    if (t.storages[k].kind != storage_kind::input && t.storages[k].kind != storage_kind::output) return false;
  return true;
}

// Whether each operand is a whole array of the loop's rank, its axes in the loop's order, or one number for the whole loop.
template <class Table, class Facts>
constexpr bool is_dense_loop(const Table& t, const Facts& facts) {
  if (!facts.unconverted() || facts.n_reductions > 0) return false;
  const step& s = t.steps[0];
  for (int k = 0; k < s.n_operands; ++k) {
    const operand& o = t.operands[s.first_operand + k];
    bool in_loop = false;
    for (int j = 0; j < facts.n_slots; ++j) in_loop = in_loop || facts.slots[j].operand == k;
    if (o.n_offsets > 0 || t.storages[o.storage].rank != (in_loop ? s.rank : 0)) return false;
    for (int a = 0; in_loop && a < s.rank; ++a)
      if (o.axis[a] != a || o.step[a] != 1) return false;
  }
  return true;
}

template <class Model>
constexpr bool has_dense_call() {
  if constexpr (!is_one_loop(compiled<Model>::table)) {
    return false;
  } else {
    using program = cpu::step_program<compiled<Model>, typename definition_of<Model>::results::ops, 0>;
    return is_dense_loop(compiled<Model>::table, loop::loop_facts<program>::facts);
  }
}

template <class Model>
class dense_call : public usual_call<Model> {
  using base = usual_call<Model>;
  static constexpr const auto& table = compiled<Model>::table;
  static constexpr step its_loop = table.steps[0];
  using program = cpu::step_program<compiled<Model>, typename definition_of<Model>::results::ops, 0>;
  using of = loop::loop_facts<program>;
  using element = element_of<of::facts.vector>;
  static constexpr int n_slots = of::facts.n_slots, n_formulas = base::table_type::n_formulas;

  std::int64_t dims[n_formulas + 1];
  std::ptrdiff_t total = 1;

 public:
  // Whether the inputs are as usual, and few enough for one thread and the caches.
  [[gnu::always_inline]] bool inputs_fit() {
    this->compare_declared(typename definition_of<Model>::inputs{});
    cpu::each_number<n_formulas>([&](auto k) __attribute__((always_inline)) {
      dims[k] = this->arguments[table.formulas[k].a].where.extents[table.formulas[k].b];
    });
    cpu::each_number<base::table_type::n_checks>([&](auto k) __attribute__((always_inline)) {
      this->unlike |= value_of(table.checks[k].a) ^ value_of(table.checks[k].b);
    });
    cpu::each_number<its_loop.rank>([&](auto axis) __attribute__((always_inline)) { total *= value_of(its_loop.extents[axis]); });
    cpu::each_number<n_slots>([&](auto k) __attribute__((always_inline)) {
      if constexpr (storage_of<k>().kind == storage_kind::input) compare_strides(this->arguments[storage_of<k>().index].where);
    });
    return this->is_alike() && is_usual(is_small());
  }
  // Whether output K may be written to an array, or view, of the caller's.
  template <int K, class Target>
  [[gnu::always_inline]] bool output_fits(Target& target) {
    cpu::place p;
    locate_target(p, target);
    compare_strides(p);
    cpu::each_number<its_loop.rank>([&](auto axis) __attribute__((always_inline)) {
      this->unlike |= p.extents[axis] ^ value_of(its_loop.extents[axis]);
    });
    this->results[K].data = p.data;
    return this->is_alike();
  }
  template <int K>
  [[gnu::always_inline]] auto output_extents() const {
    std::array<std::ptrdiff_t, static_cast<std::size_t>(its_loop.rank)> e{};
    cpu::each_number<its_loop.rank>([&](auto axis) __attribute__((always_inline)) { e[axis] = value_of(its_loop.extents[axis]); });
    return e;
  }
  // Whether no array that is written shares memory with another one; results in new arrays don't.
  template <bool NewResults>
  [[gnu::always_inline]] bool lies_apart() {
    bool apart = true;
    const auto bytes = static_cast<std::size_t>(total) * sizeof(element);
    cpu::each_number<n_slots>([&](auto w) __attribute__((always_inline)) {
      cpu::each_number<n_slots>([&](auto r) __attribute__((always_inline)) {
        if constexpr (must_lie_apart<NewResults>(w, r))
          apart = apart && is_usual(lie_apart(this->template data_of<storage_number(w)>(), bytes,
                                              this->template data_of<storage_number(r)>(), bytes));
      });
    });
    return apart;
  }
  [[gnu::always_inline]] void run(workspace&, int) {
    loop_operand operands[loop::at_least_one(its_loop.n_operands)];
    cpu::each_number<its_loop.n_operands>([&](auto k) __attribute__((always_inline)) {
      operands[k].data = this->template data_of<table.operands[its_loop.first_operand + k].storage>();
    });
    code_word cells[loop::at_least_one(of::facts.n_cells)];
    loop::element_of_loop<program, 0, true>(operands, nullptr, false, cells, loop::instructions_of<program>{});
    run_row(operands, cells, std::make_integer_sequence<int, n_slots>{});
  }

 private:
  template <int... K>
  [[gnu::always_inline]] void run_row(const loop_operand* operands, const code_word* cells, std::integer_sequence<int, K...>) const {
    loop::dense_row<program>(total, of::facts.n_cells > 0 ? cells : nullptr,
                             static_cast<element*>(operands[of::facts.slots[K].operand].data)...);
  }
  static constexpr int storage_number(int slot) {
    return table.operands[its_loop.first_operand + of::facts.slots[slot].operand].storage;
  }
  template <int Slot>
  static constexpr storage storage_of() {
    return table.storages[storage_number(Slot)];
  }
  template <bool NewResults>
  static constexpr bool must_lie_apart(int w, int r) {
    const auto is_new = [](int slot) { return NewResults && table.storages[storage_number(slot)].kind == storage_kind::output; };
    const auto is_stored = [](int slot) { return of::facts.slots[slot].what == loop::kind::store; };
    return is_stored(w) && storage_number(w) != storage_number(r) && (!is_stored(r) || w < r) && !is_new(w) && !is_new(r);
  }
  // A kilobyte of work is, whatever the bounds are.
  [[gnu::always_inline]] bool is_small() const {
    constexpr auto few = static_cast<std::size_t>(1024 / loop::work_of<program>);
    return is_usual(static_cast<std::size_t>(total) <= few) ||
           (total > 0 && static_cast<double>(total) * loop::work_of<program> < cpu::bounds.large());
  }
  [[gnu::always_inline]] std::int64_t value_of(dim d) const { return cpu::value_of_dim(d, dims); }
  [[gnu::always_inline]] void compare_strides(const cpu::place& p) {
    std::ptrdiff_t stride = 1;
    cpu::each_number<its_loop.rank>([&](auto k) __attribute__((always_inline)) {
      constexpr int axis = its_loop.rank - 1 - k;
      this->unlike |= p.strides[axis] ^ stride;
      stride *= value_of(its_loop.extents[axis]);
    });
  }
};

}  // namespace agnesi::detail
