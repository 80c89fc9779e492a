// SPDX-License-Identifier: BSD-3-Clause
// Runs a small plan's steps, given where its storages lie, each in rows that follow one another without gaps.
//   small_executor<Compiled, UserOps>::run(data);   // data[k]: storage k
#pragma once

#include "agnesi/backend/cpu/small_contract.hpp"
#include "agnesi/backend/cpu/small_loop.hpp"
#include "agnesi/backend/cpu/step_program.hpp"

namespace agnesi::cpu {

template <class Compiled, class UserOps>
class small_executor {
  static constexpr const auto& table = Compiled::table;
  using table_type = std::remove_cvref_t<decltype(Compiled::table)>;

 public:
  [[gnu::always_inline]] static void run(void* const* data) {
    each_number<table_type::n_steps>([&](auto k) __attribute__((always_inline)) { run_step<k>(data); });
  }

 private:
  template <int Operand, class T>
  [[gnu::always_inline]] static T* data_of(void* const* data) {
    constexpr small_view v = small_view_of(table, table.operands[Operand], 0);
    return static_cast<T*>(data[table.operands[Operand].storage]) + v.offset;
  }

  template <int I>
  [[gnu::always_inline]] static void run_step(void* const* data) {
    constexpr step s = table.steps[I];
    if constexpr (s.kind == step_kind::loop)
      run_loop_step<I>(data);
    else
      contract<I, element_of<s.type>>(data);
  }

  template <int I>
  struct space {
    static constexpr int rank = table.steps[I].rank;
    static constexpr std::ptrdiff_t extent(int axis) { return table.steps[I].extents[axis]; }
    static constexpr small_view operand(int k) {
      return small_view_of(table, table.operands[table.steps[I].first_operand + k], rank);
    }
  };
  template <int I, int K>
  [[gnu::always_inline]] static void put_operand(void* const* data, loop_operand& to) {
    constexpr small_view v = space<I>::operand(K);
    constexpr int storage = table.operands[table.steps[I].first_operand + K].storage;
    to.data = static_cast<char*>(data[storage]) + v.offset * size_of(table.storages[storage].type);
    each_number<v.rank>([&](auto a) __attribute__((always_inline)) { to.strides[a] = v.strides[a]; });
  }
  template <int I>
  [[gnu::always_inline]] static void run_loop_step(void* const* data) {
    constexpr step s = table.steps[I];
    using program = step_program<Compiled, UserOps, I>;
    loop_operand operands[loop::at_least_one(s.n_operands)];
    each_number<s.n_operands>([&](auto k) __attribute__((always_inline)) { put_operand<I, k>(data, operands[k]); });
    small_loop<program, space<I>>::run(operands);
  }

  template <int I>
  struct factors {
    static constexpr int first = table.steps[I].first_operand;
    static constexpr small_view of(int k) { return small_view_of(table, table.operands[k], table.operands[k].rank); }
    static constexpr small_view c = of(first), a = of(first + 1), b = of(first + 2);
  };
  template <int I, class T>
  [[gnu::always_inline]] static void contract(void* const* data) {
    constexpr step s = table.steps[I];
    constexpr int first = s.first_operand, scale = first + 3, keep = scale + s.alpha_operand;
    const T *by = nullptr, *kept_by = nullptr;
    if constexpr (s.alpha_operand) by = data_of<scale, const T>(data);
    if constexpr (s.beta_operand) kept_by = data_of<keep, const T>(data);
    small_contract<T, factors<I>>::run(alpha_of(s, by), data_of<first + 1, const T>(data), data_of<first + 2, const T>(data),
                                       beta_of(s, kept_by), data_of<first, T>(data));
  }
};

}  // namespace agnesi::cpu
