// SPDX-License-Identifier: BSD-3-Clause
// Formulas as types: a flat list of distinct nodes, so that a type stays as long as the formula has nodes.
//   expr<tensor_type<double, false, -1>, op_list<>, 1, ...words>    // a vector of doubles, one node
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>

#include "agnesi/core/names.hpp"
#include "agnesi/expr/code.hpp"
#include "agnesi/ir/core_ops.hpp"
#include "agnesi/ir/dtype.hpp"
#include "agnesi/ir/shape.hpp"

namespace agnesi {

// Element type and extents (dyn for one known only at the call); `Weak` marks a literal.
template <class T, bool Weak, std::int64_t... E>
struct tensor_type {
  using element = T;
  static constexpr bool weak = Weak;
  static constexpr int rank = static_cast<int>(sizeof...(E));
  static constexpr std::int64_t extents[sizeof...(E) + 1] = {E..., 0};
};

// Indexing by call syntax, for symbols and formulas alike; `index` is found in ops/index.hpp.
template <class Self>
struct indexable {
  template <class... I>
  constexpr auto operator()(I... i) const {
    return index(static_cast<const Self&>(*this), i...);
  }
};

// What is counted of a list lies in a base with a short name.
template <int Nodes, int Words>
struct list_counts {
  static constexpr int nodes = Nodes;
  static constexpr int size = Words;
};
// `Ops` lists the operations that are not in core_ops; the last of the `Nodes` nodes is the formula's root.
template <int Nodes, code::word... W>
struct word_list : list_counts<Nodes, static_cast<int>(sizeof...(W))> {
  static constexpr code::word words[sizeof...(W)] = {W...};
};
template <class Type, class Ops, int Nodes, code::word... W>
struct expr : indexable<expr<Type, Ops, Nodes, W...>> {
  using agnesi_operand = void;
  using agnesi_formula = void;
  using type = Type;
  using ops = Ops;
  using list = word_list<Nodes, W...>;
};

// What an operation on a mistaken formula returns: every later operation accepts it silently, so that one
// mistake is one short error.
struct invalid : indexable<invalid> {
  using agnesi_operand = void;
  using agnesi_invalid = void;
};

// symbol = formula, an update; symbol = array, a named argument.
template <class Symbol, class Formula>
struct update {
  using symbol = Symbol;
  Formula formula;
};
template <class Symbol, class Value>
struct binding {
  using symbol = Symbol;
  Value value;  // a reference for an lvalue
};

template <class T>
concept Operand = requires { typename std::remove_cvref_t<T>::agnesi_operand; };

template <class Name, class T, std::int64_t... E>
struct symbol : indexable<symbol<Name, T, E...>> {
  using agnesi_operand = void;
  using agnesi_symbol = void;
  using name_type = Name;
  using type = tensor_type<T, false, E...>;

  template <class V>
  constexpr auto operator=(V&& v) const {
    if constexpr (Operand<V>) return update<symbol, std::remove_cvref_t<V>>{v};
    else return binding<symbol, V>{static_cast<V&&>(v)};
  }
  static constexpr auto formula();
  constexpr symbol() = default;
  constexpr symbol(const symbol&) = default;
  constexpr auto operator=(const symbol& v) const { return update<symbol, symbol>{v}; }
};

template <class T>
concept Symbol = requires { typename std::remove_cvref_t<T>::agnesi_symbol; };
template <class T>
concept Invalid = requires { typename std::remove_cvref_t<T>::agnesi_invalid; };

namespace detail {

template <std::size_t N>
struct word_array {
  code::word words[N > 0 ? N : 1]{};
};

// The words of a symbol: an input node whose attributes are its type, its extents and its name.
template <class Name, class T, std::int64_t... E>
struct symbol_code {
  static constexpr std::size_t name_words = (Name::size + 7) / 8;
  static constexpr std::size_t size = 2 + sizeof...(E) + name_words;
  static constexpr word_array<size> make() {
    word_array<size> r{};
    r.words[0] = code::header(core_id<op::input>, 0, static_cast<int>(size - 1));
    r.words[1] = static_cast<code::word>(dtype_of<T>) | sizeof...(E) << 8 | Name::size << 16;
    std::size_t at = 2;
    ((r.words[at++] = static_cast<code::word>(E)), ...);
    for (std::size_t k = 0; k < Name::size; ++k)
      r.words[at + k / 8] |= static_cast<code::word>(static_cast<unsigned char>(Name::chars[k])) << (8 * (k % 8));
    return r;
  }
};

template <class Name, class T, std::int64_t... E, std::size_t... I>
constexpr auto symbol_formula(symbol<Name, T, E...>, std::index_sequence<I...>) {
  constexpr auto w = symbol_code<Name, T, E...>::make();
  return expr<tensor_type<T, false, E...>, op_list<>, 1, w.words[I]...>{};
}

}  // namespace detail

template <class Name, class T, std::int64_t... E>
constexpr auto symbol<Name, T, E...>::formula() {
  return detail::symbol_formula(symbol{}, std::make_index_sequence<detail::symbol_code<Name, T, E...>::size>{});
}

namespace detail {

// A class, where a function would be one more name as long as the formula.
template <class F>
struct formula_type {
  using type = F;
};
template <Symbol S>
struct formula_type<S> {
  using type = decltype(S::formula());
};

}  // namespace detail

// The formula that a symbol is; formulas are themselves.
template <class F>
using formula_of = typename detail::formula_type<std::remove_cvref_t<F>>::type;
template <class F>
constexpr auto as_formula(F) {
  return formula_of<F>{};
}

template <class F>
inline constexpr int rank_of = F::type::rank;

}  // namespace agnesi
