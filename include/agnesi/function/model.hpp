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

template <class... F>
constexpr auto all_ops() {
  return join_all_ops(typename F::ops{}...);
}

// One list for all the results, under an op::outputs node.
template <class Ops, int Nodes, code::word... W, class M, int... Root, std::size_t... I>
constexpr auto results_list(word_list<Nodes, W...>, merging<Ops, M, Root...>, std::index_sequence<I...>) {
  constexpr int n = static_cast<int>(sizeof...(Root));
  constexpr int roots[] = {Root..., 0, 0};
  constexpr word_array<sizeof...(I)> more{{code::more_args(roots, n, static_cast<int>(I))...}};
  return bare_formula<Ops, word_list<Nodes + 1, W..., code::header(core_id<op::outputs>, n, 0, roots[0], roots[1]),
                                     more.words[I]...>>{};
}
template <class F, class... Rest>
constexpr auto bundled(F f, Rest... rest) {
  using ops = decltype(all_ops<F, Rest...>());
  static_assert(1 + sizeof...(Rest) <= code::max_args, "agnesi: a function has at most 100 outputs and updates");
  constexpr auto more = std::make_index_sequence<static_cast<std::size_t>(code::extra_words(1 + static_cast<int>(sizeof...(Rest))))>{};
  if constexpr (sizeof...(Rest) == 0) {
    using m = decltype(first_merged<ops>(f));
    return results_list<ops>(typename m::merged{}, m{}, more);
  } else {
    using m = decltype(decltype(first_merged<ops>(f))::with_all(rest...));
    return results_list<ops>(typename m::merged{}, m{}, more);
  }
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
  for (std::size_t a = 0; a < sizeof...(S); ++a)
    for (std::size_t b = a + 1; b < sizeof...(S); ++b)
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

}  // namespace agnesi
