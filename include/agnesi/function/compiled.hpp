// SPDX-License-Identifier: BSD-3-Clause
// A model's plan as constants of its type.
//   compiled<Model>::table.steps[0].kind
// The pipeline is cut into stages, each a constant evaluation of its own, because compilers bound the work of one:
// clang 16 allows a million statements, g++ 12 thirty-three million operations.
#pragma once

#include "agnesi/function/messages.hpp"
#include "agnesi/function/pipeline.hpp"
#include "agnesi/passes/image.hpp"

namespace agnesi {

namespace detail {

// Each stage has an `input`, the numbers of the stage before it, and run(), from the graph so far to the next one.
// The last number of the first says whether two sweeps of simplification are needed.
template <class Model>
struct lowering_stage {
  static constexpr bool first = true;
  static constexpr int expected = 2048 + 32 * definition_of<Model>::results::list::nodes;
  static constexpr graph run() {
    graph g;
    lower_model(g, definition_of<Model>{});
    return g;
  }
};

// The words of the formula's checks, which come first among all the checks of the plan.
template <class Model, int Capacity>
constexpr number_list<Capacity> numbers_of_messages() {
  number_list<Capacity> l;
  graph g;
  lower_model(g, definition_of<Model>{});
  if (g.failure == mistake::none) write_messages(l, g, distinct_checks(g.checks));
  return l;
}
template <class Model, int Capacity>
struct message_numbers {
  static constexpr auto list = numbers_of_messages<Model, Capacity>();
};
template <class Model>
constexpr auto fitting_messages() {
  using numbers = message_numbers<Model, 512 + 24 * definition_of<Model>::results::list::nodes>;
  if constexpr (numbers::list.fits()) return trimmed<numbers::list.size>(numbers::list);
  else return message_numbers<Model, numbers::list.size>::list;
}

template <class Stage, class Model, int Capacity>
constexpr number_list<Capacity> numbers_of_stage();

template <class Stage, class Model, int Capacity>
struct stage_numbers {
  using stage = Stage;
  static constexpr auto list = numbers_of_stage<Stage, Model, Capacity>();
};
// The list is made again, longer, in the rare case that it was too short.
template <class Stage, class Model>
constexpr auto fitting_stage() {
  using numbers = stage_numbers<Stage, Model, Stage::expected>;
  if constexpr (numbers::list.fits()) return numbers{};
  else return stage_numbers<Stage, Model, numbers::list.size>{};
}
template <class Stage, class Model>
using result_of_stage = decltype(fitting_stage<Stage, Model>());

// A part of the nodes, from where the part before ended; the list's last number says where this one does, and the one
// before it whether the sweep leaves nothing to another one.
inline constexpr int nodes_a_part = 320;
template <class Model, class Input, bool Last, int Sweep>
struct simplification_stage {
  using input = Input;
  static constexpr bool in_parts = true;
  static constexpr int sweep = Last ? Sweep : -1 - Sweep;
  static constexpr int expected = 1024 + 2 * input::list.size;
  static constexpr graph run(const graph& g, int& reached, bool& settled) {
    simplify_options o = simplification_of<Model, Last>();
    o.first = reached;
    o.last = reached + nodes_a_part;
    const bool before = settled;
    graph made = simplifier(g, o).result(&reached, false, &settled);
    settled = settled && before;
    return made;
  }
};

// Of the part before in this sweep.
template <class Input, int Sweep>
constexpr bool goes_on() {
  if constexpr (requires { Input::stage::in_parts; }) return Input::stage::sweep == Sweep;
  else return false;
}
template <class Input, int Sweep>
constexpr int reached_by() {
  return goes_on<Input, Sweep>() ? static_cast<int>(Input::list.numbers[Input::list.size - 1]) : 0;
}
template <class Input, int Sweep>
constexpr bool settled_by() {
  return !goes_on<Input, Sweep>() || Input::list.numbers[Input::list.size - 2] != 0;
}
template <class Model, bool Last, int Sweep = 0, class Input>
constexpr auto simplified_in_parts(Input) {
  using stage = simplification_stage<Model, Input, Last, Sweep>;
  using next = result_of_stage<stage, Model>;
  // The list's outputs node is never counted.
  if constexpr (next::list.failure != mistake::none) return next{};
  else if constexpr (reached_by<next, stage::sweep>() + 1 < next::list.numbers[0]) return simplified_in_parts<Model, Last, Sweep>(next{});
  else if constexpr (settled_by<next, stage::sweep>() || Sweep + 1 == max_sweeps) return next{};
  else return simplified_in_parts<Model, Last, Sweep + 1>(next{});
}

template <class Model, class Input>
struct gradient_stage {
  using input = Input;
  static constexpr int expected = 1024 + 5 * input::list.size;
  static constexpr graph run(const graph& g) { return differentiated(g, universe_of_model<Model>()); }
};

template <class Model>
constexpr auto before_simplification() {
  using lowered = result_of_stage<lowering_stage<Model>, Model>;
  if constexpr (lowered::list.failure != mistake::none) {
    return lowered{};
  } else if constexpr (list_has_gradient<typename definition_of<Model>::results::list>()) {
    using simple = decltype(simplified_in_parts<Model, false>(lowered{}));
    return result_of_stage<gradient_stage<Model, simple>, Model>{};
  } else if constexpr (lowered::list.numbers[lowered::list.size - 1] != 0) {
    return simplified_in_parts<Model, false>(lowered{});
  } else {
    return lowered{};
  }
}

template <class Model>
struct expansion_stage {
  using input = decltype(simplified_in_parts<Model, true>(decltype(before_simplification<Model>()){}));
  static constexpr int expected = 1024 + 2 * input::list.size;
  static constexpr graph run(const graph& g) {
    return with_sweeps_joined<Model>(expanded(g, simplification_of<Model, true>().ieee));
  }
};
template <class Model>
struct blas_stage {
  using input = result_of_stage<expansion_stage<Model>, Model>;
  static constexpr int expected = 1024 + 2 * input::list.size;
  static constexpr graph run(const graph& g) { return with_blas_found<Model>(g); }
};
template <class Model>
struct storage_stage {
  using input = result_of_stage<blas_stage<Model>, Model>;
  static constexpr int expected = 1024 + 2 * input::list.size;
  static constexpr graph run(const graph& g) { return with_results_stored(g); }
};

template <class Stage, class Model, int Capacity>
constexpr number_list<Capacity> numbers_of_stage() {
  number_list<Capacity> l;
  const universe u = universe_of_model<Model>();
  graph g;
  int last = 0;  // what the stage says beside the graph
  bool settled = true;
  if constexpr (requires { Stage::first; }) {
    g = Stage::run();
    if (g.failure == mistake::none) last = needs_two_sweeps(g) ? 1 : 0;
  } else {
    l.failure = Stage::input::list.failure;
    if (l.failure != mistake::none) return l;
    number_reader r(Stage::input::list);
    if constexpr (requires { Stage::in_parts; }) {
      last = reached_by<typename Stage::input, Stage::sweep>();
      settled = settled_by<typename Stage::input, Stage::sweep>();
      g = Stage::run(read_graph(r, u, false), last, settled);
    } else {
      g = Stage::run(read_graph(r, u));
    }
  }
  l.failure = g.failure;
  if (l.failure != mistake::none) return l;
  write_graph(l, g, u);
  l.put(settled);
  l.put(last);
  return l;
}

// What is fused with what.
template <class Model>
constexpr auto numbers_of_fusion() {
  using input = result_of_stage<storage_stage<Model>, Model>;
  number_list<256 + input::list.size> l;
  l.failure = input::list.failure;
  if (l.failure != mistake::none) return l;
  number_reader r(input::list);
  const graph g = read_graph(r, universe_of_model<Model>(), false);
  write_fusion(l, fused<Model>(g, update_targets(g, definition_of<Model>{})));
  return l;
}
template <class Model>
struct fusion_numbers {
  static constexpr auto list = numbers_of_fusion<Model>();
};

// The last stage writes the plan instead of a graph.
template <class Model, int Capacity>
constexpr number_list<Capacity> numbers_of_plan() {
  number_list<Capacity> l;
  using input = result_of_stage<storage_stage<Model>, Model>;
  l.failure = input::list.failure;
  if (l.failure != mistake::none) return l;
  number_reader r(input::list), loops(fusion_numbers<Model>::list);
  const universe u = universe_of_model<Model>();
  const graph g = read_graph(r, u, false);
  const fusion f = read_fusion(loops, g.size());
  write_plan(l, planner(g, update_targets(g, definition_of<Model>{}), u, f).result, g, distinct_checks(g.checks));
  return l;
}
template <class Model, int Capacity>
struct plan_numbers {
  static constexpr auto list = numbers_of_plan<Model, Capacity>();
};
template <class Model>
constexpr auto fitting_plan() {
  using input = result_of_stage<storage_stage<Model>, Model>;
  using numbers = plan_numbers<Model, 1024 + 6 * input::list.size>;
  if constexpr (numbers::list.fits()) return numbers{};
  else return plan_numbers<Model, numbers::list.size>{};
}

template <class Numbers>
constexpr plan_counts counts_of() {
  number_reader r(Numbers::list);
  return read_counts(r);
}
template <class Numbers>
constexpr auto table_of() {
  constexpr plan_counts c = counts_of<Numbers>();
  using table =
      plan_table<c.steps, c.operands, c.offsets, c.storages, c.words, c.ops, c.formulas, c.checks, c.results,
                 c.tilings, c.tiled>;
  return read_plan<table>(Numbers::list);
}

}  // namespace detail

template <class Model>
struct compiled {
  using numbers = decltype(detail::fitting_plan<Model>());
  static constexpr mistake failure = numbers::list.failure;
  static constexpr auto table = detail::table_of<numbers>();
  static constexpr auto messages = detail::fitting_messages<Model>();
};

}  // namespace agnesi
