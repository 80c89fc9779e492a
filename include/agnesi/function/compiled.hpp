// SPDX-License-Identifier: BSD-3-Clause
// A model's plan as constants of its type.
//   compiled<Model>::table.steps[0].kind
#pragma once

#include "agnesi/function/pipeline.hpp"
#include "agnesi/passes/image.hpp"

namespace agnesi {

namespace detail {

template <class Model, int Capacity>
constexpr number_list<Capacity> numbers_of_plan() {
  number_list<Capacity> l;
  const pipeline_result r = run_pipeline<Model>();
  l.failure = r.failure;
  if (r.failure == mistake::none) write_plan(l, r.steps, r.optimized, r.checks);
  return l;
}

template <class Model, int Capacity>
struct plan_numbers {
  static constexpr auto list = numbers_of_plan<Model, Capacity>();
};

// The list is made again, larger, in the rare case that it was too short.
template <class Model, int Capacity>
constexpr auto fitting_numbers() {
  using numbers = plan_numbers<Model, Capacity>;
  if constexpr (numbers::list.size > Capacity) return plan_numbers<Model, 2 * numbers::list.size>{};
  else return numbers{};
}

template <class Numbers>
constexpr auto table_of() {
  constexpr plan_counts c = Numbers::list.counts;
  using table =
      plan_table<c.steps, c.operands, c.offsets, c.storages, c.words, c.ops, c.formulas, c.checks, c.results>;
  return read_plan<table>(Numbers::list);
}

}  // namespace detail

template <class Model>
struct compiled {
  static constexpr int capacity = 1024 + 128 * Model::results::list::nodes;
  using numbers = decltype(detail::fitting_numbers<Model, capacity>());
  static constexpr mistake failure = numbers::list.failure;
  static constexpr auto table = detail::table_of<numbers>();
};

template <class... S, class Results, int Outputs, class... Updated, class Givens, class Options>
struct model<input_list<S...>, Results, Outputs, op_list<Updated...>, Givens, Options> {
  using inputs = input_list<S...>;
  using results = Results;
  using updated = op_list<Updated...>;
  using options = Options;
  static constexpr int n_inputs = static_cast<int>(sizeof...(S));
  static constexpr int n_outputs = Outputs;
  static constexpr int n_updates = static_cast<int>(sizeof...(Updated));
};

}  // namespace agnesi
