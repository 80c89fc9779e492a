// SPDX-License-Identifier: BSD-3-Clause
// The usual call of an elementwise function: arrays of the same extents without gaps, and nothing of what is written lies in what
// is read. All of it is inlined where the call is, and its state is in registers; whatever is unusual, mistakes among it, is left
// to the general call, which begins anew.
//   dense_call<Model> c; bind_all<Model>(c, args...); if (c.inputs_fit()) c.run(work, threads);
#pragma once

#include "agnesi/backend/cpu/bounds.hpp"
#include "agnesi/backend/cpu/dense_row.hpp"
#include "agnesi/backend/cpu/loop.hpp"
#include "agnesi/backend/cpu/step_program.hpp"
#include "agnesi/function/bind.hpp"
#include "agnesi/function/compiled.hpp"

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
class dense_call {
  using table_type = std::remove_cvref_t<decltype(compiled<Model>::table)>;
  static constexpr const auto& table = compiled<Model>::table;
  static constexpr step its_loop = table.steps[0];
  using program = cpu::step_program<compiled<Model>, typename definition_of<Model>::results::ops, 0>;
  using of = loop::loop_facts<program>;
  using element = element_of<of::facts.vector>;

 public:
  argument arguments[definition_of<Model>::n_inputs + 1];
  cpu::place results[definition_of<Model>::n_outputs + 1];
  std::int64_t dims[table_type::n_formulas + 1];
  std::ptrdiff_t total = 1;

  // Whether the inputs are as usual, and few enough for one thread and the caches.
  [[gnu::always_inline]] bool inputs_fit() {
    bool fit = declared_extents(typename definition_of<Model>::inputs{});
    cpu::each_number<table_type::n_formulas>([&](auto k) __attribute__((always_inline)) {
      dims[k] = arguments[table.formulas[k].a].where.extents[table.formulas[k].b];
    });
    cpu::each_number<table_type::n_checks>([&](auto k) __attribute__((always_inline)) {
      fit = fit && dim_of(table.checks[k].a) == dim_of(table.checks[k].b);
    });
    cpu::each_number<its_loop.rank>([&](auto a) __attribute__((always_inline)) { total *= dim_of(its_loop.extents[a]); });
    cpu::each_number<of::facts.n_slots>([&](auto k) __attribute__((always_inline)) {
      if constexpr (storage_of<k>().kind == storage_kind::input) fit = fit && is_dense(place_of<k>());
    });
    return fit && static_cast<double>(total) * loop::work_of<program> < cpu::bounds.large();
  }
  // Whether output K may be written to an array, or view, of the caller's.
  template <int K, class Target>
  [[gnu::always_inline]] bool output_fits(Target& target) {
    cpu::place p;
    locate(p, target);
    bool fits = is_dense(p);
    cpu::each_number<its_loop.rank>([&](auto a) __attribute__((always_inline)) { fits = fits && p.extents[a] == dim_of(its_loop.extents[a]); });
    results[K].data = p.data;
    return fits;
  }
  template <int K>
  [[gnu::always_inline]] auto output_extents() const {
    std::array<std::ptrdiff_t, static_cast<std::size_t>(its_loop.rank)> e{};
    cpu::each_number<its_loop.rank>([&](auto a) __attribute__((always_inline)) { e[a] = dim_of(its_loop.extents[a]); });
    return e;
  }
  template <int K>
  [[gnu::always_inline]] void set_output(const cpu::place& p) {
    results[K].data = p.data;
  }
  // Whether no array that is written shares memory with another one; results in new arrays don't.
  template <bool NewResults>
  [[gnu::always_inline]] bool lies_apart() const {
    bool apart = true;
    const auto bytes = static_cast<std::uintptr_t>(total) * sizeof(element);
    cpu::each_number<of::facts.n_slots>([&](auto w) __attribute__((always_inline)) {
      cpu::each_number<of::facts.n_slots>([&](auto r) __attribute__((always_inline)) {
        constexpr bool both = of::facts.slots[w].what == loop::kind::store && of::facts.slots[r].what == loop::kind::store;
        constexpr bool is_new = NewResults && storage_of<w>().kind == storage_kind::output;
        if constexpr (of::facts.slots[w].what == loop::kind::store && storage_number(w) != storage_number(r) && (!both || w < r) &&
                      !is_new && !(NewResults && storage_of<r>().kind == storage_kind::output)) {
          const auto from = reinterpret_cast<std::uintptr_t>(place_of<r>().data), to = reinterpret_cast<std::uintptr_t>(place_of<w>().data);
          apart = apart && to - from + bytes - 1 >= 2 * bytes - 1;
        }
      });
    });
    return apart;
  }
  [[gnu::always_inline]] void run(workspace&, int) {
    loop_operand operands[loop::at_least_one(its_loop.n_operands)];
    cpu::each_number<its_loop.n_operands>([&](auto k) __attribute__((always_inline)) {
      constexpr storage s = table.storages[table.operands[its_loop.first_operand + k].storage];
      if constexpr (s.kind == storage_kind::output) {
        operands[k].data = results[s.index].data;
      } else {
        argument& a = arguments[s.index];
        operands[k].data = s.rank == 0 && a.is_number ? a.number : a.where.data;
      }
    });
    code_word cells[loop::at_least_one(of::facts.n_cells)];
    loop::element_of_loop<program, 0, true>(operands, nullptr, false, cells, loop::instructions_of<program>{});
    run_row(operands, cells, std::make_integer_sequence<int, of::facts.n_slots>{});
  }

 private:
  template <int... K>
  [[gnu::always_inline]] void run_row(const loop_operand* operands, const code_word* cells, std::integer_sequence<int, K...>) const {
    constexpr bool has_cells = of::facts.n_cells > 0;
    loop::dense_row<program>(total, has_cells ? cells : nullptr, static_cast<element*>(operands[of::facts.slots[K].operand].data)...);
  }

  static constexpr int storage_number(int slot) { return table.operands[its_loop.first_operand + of::facts.slots[slot].operand].storage; }
  template <int Slot>
  static constexpr storage storage_of() {
    return table.storages[storage_number(Slot)];
  }
  template <int Slot>
  [[gnu::always_inline]] const cpu::place& place_of() const {
    constexpr storage s = storage_of<Slot>();
    if constexpr (s.kind == storage_kind::output) return results[s.index];
    else return arguments[s.index].where;
  }
  [[gnu::always_inline]] std::int64_t dim_of(dim d) const { return cpu::value_of_dim(d, dims); }
  [[gnu::always_inline]] bool is_dense(const cpu::place& p) const {
    bool dense = true;
    std::ptrdiff_t stride = 1;
    cpu::each_number<its_loop.rank>([&](auto k) __attribute__((always_inline)) {
      constexpr int axis = its_loop.rank - 1 - k;
      dense = dense && p.strides[axis] == stride;
      stride *= dim_of(its_loop.extents[axis]);
    });
    return dense;
  }
  template <class... S>
  [[gnu::always_inline]] bool declared_extents(input_list<S...>) const {
    bool equal = true;
    int slot = 0;
    const auto look = [&]<class Symbol>(Symbol, const cpu::place& p) __attribute__((always_inline)) {
      cpu::each_number<Symbol::type::rank>([&](auto k) __attribute__((always_inline)) {
        equal = equal && (Symbol::type::extents[k] == dyn || p.extents[k] == Symbol::type::extents[k]);
      });
    };
    (look(S{}, arguments[slot++].where), ...);
    return equal;
  }
};

}  // namespace agnesi::detail
