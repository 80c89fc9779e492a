// SPDX-License-Identifier: BSD-3-Clause
// The rewriting that a compiled function does, as a formula: gradients are taken, and everything is simplified.
//   static_assert(ag::same(ag::simplify(x * y / x), y));
//   static_assert(ag::same(ag::simplify(log(1_c + exp(x)), ag::passes<"log1p">), log1p(exp(x))));
#pragma once

#include "agnesi/expr/encode.hpp"
#include "agnesi/expr/same.hpp"
#include "agnesi/expr/show.hpp"
#include "agnesi/grad/grad.hpp"
#include "agnesi/grad/reverse.hpp"
#include "agnesi/passes/options.hpp"

namespace agnesi {

namespace detail {

// The one result of a graph whose last node lists its outputs.
constexpr rooted only_output(graph&& g) {
  rooted r{static_cast<graph&&>(g), -1};
  if (r.g.failure == mistake::none) r.root = r.g.arg(r.g.size() - 1, 0);
  return r;
}

// A list of words as a graph with one output.
template <class Ops, class List>
constexpr graph lowered_list() {
  graph g;
  const int root = lower(g, universe_of<Ops>(), {List::words, List::size, List::nodes, nullptr});
  if (g.failure == mistake::none) g.apply(info<op::outputs>, &root, 1);
  return g;
}

template <class Ops, class List, unsigned Phases, class Options>
struct simplified_source {
  using ops = Ops;
  static constexpr rooted make() {
    simplify_options o = Options::simplification();
    o.phases = Phases;
    return only_output(simplified(lowered_list<Ops, List>(), o));
  }
};
template <class Ops, class List>
struct differentiated_source {
  using ops = Ops;
  static constexpr rooted make() {
    const graph g = lowered_list<Ops, List>();
    if (g.failure != mistake::none) return only_output(graph(g));
    return only_output(differentiated(g, universe_of<Ops>()));
  }
};

// What a source makes, kept between evaluations: each pass has the steps of an evaluation for itself.
template <class Source>
struct stage {
  static constexpr code_size measure = measured<Source>();
  static constexpr word_array<measure.words> kept = encoded_words<Source, measure.words>();
  static constexpr const code::word* words = kept.words;
  static constexpr int size = measure.words, nodes = measure.nodes;
};

template <class Ops, class List>
constexpr bool swept_twice() {
  const graph g = lowered_list<Ops, List>();
  return g.failure == mistake::none && needs_two_sweeps(g);
}

template <class Ops, class List, class Options>
constexpr auto simplified_formula() {
  if constexpr (!list_has_gradient<List>() || !Options::runs("differentiate")) {
    using before = simplified_source<Ops, List, phase::canonicalize | phase::stabilize, Options>;
    if constexpr (!swept_twice<Ops, List>()) return encoded<simplified_source<Ops, List, phase::all, Options>>();
    else return encoded<simplified_source<Ops, stage<before>, phase::all, Options>>();
  } else {
    using before = simplified_source<Ops, List, phase::canonicalize | phase::stabilize, Options>;
    constexpr mistake m = stage<before>::measure.failure;
    if constexpr (m != mistake::none) {
      report<m, op::gradient>();
      return invalid{};
    } else {
      using with_gradient = differentiated_source<Ops, stage<before>>;
      constexpr mistake d = stage<with_gradient>::measure.failure;
      if constexpr (d != mistake::none) {
        report<d, op::gradient>();
        return invalid{};
      } else {
        return encoded<simplified_source<Ops, stage<with_gradient>, phase::all, Options>>();
      }
    }
  }
}

}  // namespace detail

// The formula that ag::function computes in place of this one, before loops are fused and libraries are called. Takes
// the options of a function: ag::ieee, ag::without, ag::passes, ag::rules.
template <Operand F, FunctionOption... O>
constexpr auto simplify(F f, O...) {
  if constexpr (Invalid<F>) {
    return f;
  } else {
    using formula = formula_of<F>;
    using ops = decltype(detail::join_all_ops(typename formula::ops{}, detail::ops_of_option(O{})...));
    return detail::simplified_formula<ops, typename formula::list, option_list<O...>>();
  }
}

}  // namespace agnesi
