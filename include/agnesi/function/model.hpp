// SPDX-License-Identifier: BSD-3-Clause
// What a function is made of, as types: its inputs, the formulas it returns, the updates it makes.
//   ag::inputs(x, w)   ag::outputs(cost)   ag::updates(w = w - 0.1_c * gw)   ag::givens(x = 2_c * z)
#pragma once

#include "agnesi/expr/lower.hpp"
#include "agnesi/ops/structure.hpp"

namespace agnesi {

template <class... S>
struct input_list {};
template <class... F>
struct output_list {};
template <class... U>
struct update_list {};
template <class... U>
struct given_list {};
template <class... O>
struct option_list;

// The symbols that a call binds, in the order of its positional arguments.
template <class... S>
constexpr auto inputs(S...) {
  static_assert((Symbol<S> && ...), "agnesi: inputs takes symbols, such as ag::matrix<\"x\">");
  return input_list<S...>{};
}

// The formulas that a call returns: none, one, or several as a tuple.
template <class... F>
constexpr auto outputs(F... f) {
  static_assert((Operand<F> && ...), "agnesi: outputs takes formulas; write 2_c for a constant");
  return output_list<decltype(as_formula(f))...>{};
}

// symbol = formula, ...: the symbol's array takes the formula's value; every formula sees the values from before.
template <class... U>
constexpr auto updates(U...) {
  return update_list<U...>{};
}

// symbol = formula, ...: the formula stands wherever the symbol is written.
template <class... U>
constexpr auto givens(U...) {
  return given_list<U...>{};
}

namespace detail {

template <class U>
inline constexpr bool is_update = false;
template <class S, class F>
inline constexpr bool is_update<update<S, F>> = true;

template <class U>
struct update_parts;
template <class S, class F>
struct update_parts<update<S, F>> {
  using symbol = S;
  using formula = formula_of<F>;
};

// A formula without its type: what lowering needs.
template <class Ops, class List>
struct bare_formula {
  using ops = Ops;
  using list = List;
};

// One list for all the results, under an op::outputs node.
template <class Ops, int Nodes, code::word... W, int... Root, std::size_t... I>
constexpr auto results_list(merging<Ops, word_list<Nodes, W...>, Root...>, std::index_sequence<I...>) {
  constexpr int n = static_cast<int>(sizeof...(Root));
  constexpr int roots[] = {Root..., 0, 0};
  constexpr word_array<sizeof...(I)> more{{code::more_args(roots, n, static_cast<int>(I))...}};
  return bare_formula<Ops, word_list<Nodes + 1, W..., code::header(core_id<op::outputs>, n, 0, roots[0], roots[1]),
                                     more.words[I]...>>{};
}
template <class... F>
constexpr auto bundled(F...) {
  constexpr int n = static_cast<int>(sizeof...(F));
  static_assert(n <= code::max_args, "agnesi: a function has at most 100 outputs and updates");
  return results_list(merged<decltype(join_all_ops(typename F::ops{}...)), F...>{}, words_of_more_args<n>{});
}
constexpr auto bundled() {
  return bare_formula<op_list<>, word_list<1, code::header(core_id<op::outputs>, 0, 0)>>{};
}

template <class Name, class T, std::int64_t... E>
constexpr int add_input_symbol(graph& g, symbol<Name, T, E...>) {
  const std::int64_t extents[] = {E..., 0};
  return add_input(g, Name::view(), dtype_of<T>, extents, static_cast<int>(sizeof...(E)));
}

template <class Name, class T, std::int64_t... E>
constexpr std::string_view name_of_symbol(symbol<Name, T, E...>) {
  return Name::view();
}

// Names and where they stand, compared at compile time.
template <class... S>
constexpr bool distinct_names() {
  const std::string_view names[] = {name_of_symbol(S{})..., ""};
  const std::uint32_t hashes[] = {hash_text(name_of_symbol(S{}))..., 0};
  constexpr int n = static_cast<int>(sizeof...(S));
  for (int a = 0; a < n; ++a)
    for (int b = a + 1; b < n; ++b)
      if (hashes[a] == hashes[b] && names[a] == names[b]) return false;
  return true;
}
template <class S, class... In>
constexpr int position_of_name() {
  const std::string_view names[] = {name_of_symbol(In{})..., ""};
  for (int k = 0; k < static_cast<int>(sizeof...(In)); ++k)
    if (names[k] == name_of_symbol(S{})) return k;
  return -1;
}

}  // namespace detail

// Everything that a compiled function's code depends on.
template <class Inputs, class Results, int Outputs, class Updated, class Givens, class Options>
struct model;
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

// A model by a short name, 128 bits made of its words; types of the user's own are spelled out. Whatever is compiled
// for a model is named after this: compilers write out the name of every function and constant that they meet, and a
// model's own has 50 bytes a node (docs/decisions/007-short-names.md).
#if defined(__CUDACC__)
#pragma nv_diagnostic push
#pragma nv_diag_suppress 1301  // the friend is no template, and is meant to be none
#endif
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-template-friend"
#endif
template <std::uint64_t High, std::uint64_t Low, class... Own>
struct model_name {
  friend constexpr auto model_named(model_name);
};
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
#if defined(__CUDACC__)
#pragma nv_diagnostic pop
#endif

// Its instantiation says which model the name stands for.
template <class Name, class Model>
struct naming {
  using name = Name;
  friend constexpr auto model_named(Name) { return Model{}; }
};

namespace detail {

// Two sums of the same words, each step of which can be undone, so that only different lists meet by chance.
struct name_hash {
  std::uint64_t high = 0x9e3779b97f4a7c15, low = 0xc2b2ae3d27d4eb4f;

  constexpr void add(std::uint64_t word) {
    high = mixed(high ^ word, 0xbf58476d1ce4e5b9);
    low = mixed(low + word, 0x94d049bb133111eb);
  }
  constexpr void add(const std::uint64_t* words, int n) {
    add(static_cast<std::uint64_t>(n));
    for (int k = 0; k < n; ++k) add(words[k]);
  }
  static constexpr std::uint64_t mixed(std::uint64_t h, std::uint64_t factor) {
    h = (h ^ h >> 29) * factor;
    return h ^ h >> 32;
  }
};
template <class Formula>
constexpr void add_formula(name_hash& h) {
  h.add(Formula::list::words, Formula::list::size);
}
template <class... S>
constexpr void add_symbols(name_hash& h) {
  h.add(sizeof...(S));
  (add_formula<formula_of<S>>(h), ...);
}
template <class... S, class Results, int Outputs, class... Updated, class... G, class Options>
constexpr name_hash hash_of(model<input_list<S...>, Results, Outputs, op_list<Updated...>, given_list<G...>, Options>) {
  name_hash h;
  add_symbols<S...>(h);
  h.add(static_cast<std::uint64_t>(Outputs));
  add_symbols<Updated...>(h);
  add_formula<Results>(h);
  h.add(sizeof...(G));
  (add_formula<formula_of<typename update_parts<G>::symbol>>(h), ...);
  (add_formula<typename update_parts<G>::formula>(h), ...);
  return h;
}

template <class Model, class... Op, class... Option>
constexpr auto named(op_list<Op...>, option_list<Option...>) {
  constexpr name_hash h = hash_of(Model{});
  return typename naming<model_name<h.high, h.low, Op..., Option...>, Model>::name{};
}
template <class Name>
using definition_of = decltype(model_named(Name{}));

}  // namespace detail

}  // namespace agnesi
