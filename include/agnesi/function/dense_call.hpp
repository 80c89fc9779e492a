// SPDX-License-Identifier: BSD-3-Clause
// The usual call of an elementwise function: arrays without gaps, of the same extents but for rows and columns that are repeated, and
// nothing of what is written lies in what is read.
//   dense_call<Model> c; bind_all<Model>(c, args...); if (c.inputs_fit() && c.lies_apart<true>()) c.run(work, threads);
#pragma once

#include "agnesi/backend/cpu/bounds.hpp"
#include "agnesi/backend/cpu/dense_row.hpp"
#include "agnesi/backend/cpu/loop.hpp"
#include "agnesi/backend/cpu/step_program.hpp"
#include "agnesi/backend/cpu/wide_rows.hpp"
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

// How the operands of a loop lie where none has gaps: the loop's last axes are those of a row, the others those of a column. Each
// operand is a whole array of all of them, or of either, the axes in the loop's order, or one number for the whole loop.
struct dense_layout {
  bool fits = false;
  int column_axes = 0;  // 0 where all operands are alike: one row, then
  code_word slots = 0;
};
template <class Table, class Facts>
constexpr dense_layout dense_layout_of(const Table& t, const Facts& facts) {
  const step& s = t.steps[0];
  if (!facts.in_memory() || facts.n_reductions > 0 || facts.n_slots > loop::most_laid_out) return {};
  unsigned has[loop::most_laid_out + 1]{};  // of each slot, a bit for each axis
  for (int k = 0; k < s.n_operands; ++k) {
    const operand& o = t.operands[s.first_operand + k];
    const storage& st = t.storages[o.storage];
    bool in_loop = false;
    for (int j = 0; j < facts.n_slots; ++j) in_loop = in_loop || facts.slots[j].operand == k;
    if (o.n_offsets > 0 || (!in_loop && st.rank > 0)) return {};
    if (!in_loop) continue;
    unsigned axes = 0;
    int next = 0;  // of the storage
    for (int a = 0; a < s.rank; ++a) {
      if (o.axis[a] < 0) continue;
      if (o.axis[a] < next || o.step[a] != 1) return {};
      for (; next < o.axis[a]; ++next)
        if (st.extents[next] != 1) return {};
      ++next;
      axes |= 1u << a;
    }
    for (; next < st.rank; ++next)
      if (st.extents[next] != 1) return {};
    for (int j = 0; j < facts.n_slots; ++j)
      if (facts.slots[j].operand == k) has[j] = axes;
  }
  dense_layout r;
  for (int a = 1; a < s.rank; ++a)
    for (int j = 0; j < facts.n_slots; ++j) {
      if ((has[j] >> a & 1u) == (has[j] >> (a - 1) & 1u)) continue;
      if (r.column_axes != 0 && r.column_axes != a) return {};
      r.column_axes = a;
    }
  const auto storage_of = [&](int j) { return t.operands[s.first_operand + facts.slots[j].operand].storage; };
  const unsigned all = (1u << s.rank) - 1;
  for (int j = 0; j < facts.n_slots; ++j) {
    const bool whole = has[j] == all;
    if (has[j] == 0 || (facts.slots[j].what == loop::kind::store && !whole)) return {};
    for (int w = 0; w < facts.n_slots; ++w)
      if (facts.slots[w].what == loop::kind::store && storage_of(w) == storage_of(j) && !whole) return {};
    r.slots |= loop::laid_out(whole ? loop::lies::as_matrix : (has[j] & 1u) != 0 ? loop::lies::as_column : loop::lies::as_row, j);
  }
  r.fits = r.column_axes == 0 || facts.vector != dtype::none;
  return r;
}

template <class Model>
constexpr bool has_dense_call() {
  if constexpr (!is_one_loop(compiled<Model>::table)) {
    return false;
  } else {
    using program = cpu::step_program<compiled<Model>, typename definition_of<Model>::results::ops, 0>;
    return dense_layout_of(compiled<Model>::table, loop::loop_facts<program>::facts).fits;
  }
}

template <class Model>
class dense_call : public usual_call<Model> {
  using base = usual_call<Model>;
  static constexpr const auto& table = compiled<Model>::table;
  static constexpr step its_loop = table.steps[0];
  using program = cpu::step_program<compiled<Model>, typename definition_of<Model>::results::ops, 0>;
  using of = loop::loop_facts<program>;
  static constexpr dense_layout layout = dense_layout_of(table, of::facts);
  static constexpr int n_slots = of::facts.n_slots, n_formulas = base::table_type::n_formulas;

  // Of an element; rows and columns stay in the first cache.
  static constexpr double work = [] {
    double bytes = of::facts.cost / 2.0;
    for (int k = 0; k < n_slots; ++k)
      if (loop::layout_of(layout.slots, k) == loop::lies::as_matrix) bytes += size_of(of::facts.slots[k].memory);
    return bytes;
  }();

  std::int64_t dims[n_formulas + 1];
  std::ptrdiff_t rows = 1, total = 1;

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
    cpu::each_number<layout.column_axes>([&](auto axis) __attribute__((always_inline)) { rows *= value_of(its_loop.extents[axis]); });
    total = rows;
    cpu::each_number<its_loop.rank - layout.column_axes>([&](auto k) __attribute__((always_inline)) {
      total *= value_of(its_loop.extents[layout.column_axes + k]);
    });
    cpu::each_number<n_slots>([&](auto k) __attribute__((always_inline)) {
      if constexpr (storage_of<k>().kind == storage_kind::input) compare_strides<storage_number(k)>(this->arguments[storage_of<k>().index].where);
    });
    return this->is_alike() && is_usual(is_small() && !has_many_short_rows());
  }
  // Whether output K may be written to an array, or view, of the caller's.
  template <int K, class Target>
  [[gnu::always_inline]] bool output_fits(Target& target) {
    cpu::place p;
    locate_target(p, target);
    compare_strides<output_storage<K>()>(p);
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
    cpu::each_number<n_slots>([&](auto w) __attribute__((always_inline)) {
      cpu::each_number<n_slots>([&](auto r) __attribute__((always_inline)) {
        if constexpr (must_lie_apart<NewResults>(w, r))
          apart = apart && is_usual(lie_apart(this->template data_of<storage_number(w)>(), bytes_of<w>(),
                                              this->template data_of<storage_number(r)>(), bytes_of<r>()));
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
    const code_word* there = of::facts.n_cells > 0 ? cells : nullptr;
    if constexpr (of::facts.vector == dtype::none) {
      loop::dense_numbers<program>(total, there, static_cast<element_of<of::facts.slots[K].memory>*>(operands[of::facts.slots[K].operand].data)...);
    } else if constexpr (layout.column_axes == 0) {
      loop::dense_row<program>(total, there, static_cast<element_of<of::facts.slots[K].memory>*>(operands[of::facts.slots[K].operand].data)...);
    } else {
      loop::wide_rows<program, layout.slots>(rows, row(), there,
                                             static_cast<element_of<of::facts.slots[K].memory>*>(operands[of::facts.slots[K].operand].data)...);
    }
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
    constexpr auto few = static_cast<std::size_t>(1024 / work);
    return is_usual(static_cast<std::size_t>(total) <= few) ||
           (total > 0 && static_cast<double>(total) * work < cpu::bounds.large());
  }
  // Rows of less than a pack, beside which columns are spread, take half the time from some hundreds on: not here.
  [[gnu::always_inline]] bool has_many_short_rows() const {
    if constexpr (loop::has_columns(layout.slots)) return row() < loop::shorter_than / 2 && rows > 200;
    else return false;
  }
  [[gnu::always_inline]] std::int64_t value_of(dim d) const { return cpu::value_of_dim(d, dims); }
  template <int Storage>
  [[gnu::always_inline]] void compare_strides(const cpu::place& p) {
    constexpr storage s = table.storages[Storage];
    std::ptrdiff_t stride = 1;
    cpu::each_number<s.rank>([&](auto k) __attribute__((always_inline)) {
      constexpr int axis = s.rank - 1 - k;
      if constexpr (s.extents[axis] != 1) this->unlike |= p.strides[axis] ^ stride;
      stride *= value_of(s.extents[axis]);
    });
  }
  template <int Slot>
  [[gnu::always_inline]] std::size_t bytes_of() const {
    constexpr loop::lies how = loop::layout_of(layout.slots, Slot);
    std::ptrdiff_t elements = total;
    if constexpr (how == loop::lies::as_column) elements = rows;
    if constexpr (how == loop::lies::as_row) elements = row();
    return static_cast<std::size_t>(elements * size_of(of::facts.slots[Slot].memory));
  }
  // Elements of a row.
  [[gnu::always_inline]] std::ptrdiff_t row() const {
    std::ptrdiff_t n = 1;
    cpu::each_number<its_loop.rank - layout.column_axes>([&](auto k) __attribute__((always_inline)) {
      n *= value_of(its_loop.extents[layout.column_axes + k]);
    });
    return n;
  }
  template <int K>
  static constexpr int output_storage() {
    for (int st = 0; st < base::table_type::n_storages; ++st)
      if (table.storages[st].kind == storage_kind::output && table.storages[st].index == K) return st;
    return -1;
  }
};

}  // namespace agnesi::detail
