// SPDX-License-Identifier: BSD-3-Clause
// The sentences that a mistaken function or call gets, at compile time and at run time.
#pragma once

#include <string>

#include "agnesi/function/call.hpp"
#include "agnesi/ir/show.hpp"

namespace agnesi::detail {

template <class S, class F, class... In>
constexpr bool valid_update() {
  if constexpr (is_invalid<F>) return false;
  else {
    using formula = formula_of<F>;
    constexpr bool known = position_of_name<S, In...>() >= 0;
    static_assert(known, "agnesi: updates changes a symbol that is not among the function's inputs");
    constexpr bool same_rank = S::type::rank == formula::type::rank;
    static_assert(same_rank, "agnesi: an update's formula has another rank than the symbol it updates");
    constexpr bool same_element = std::is_same_v<typename S::type::element, typename formula::type::element> || formula::type::weak;
    static_assert(same_element, "agnesi: an update's formula has another element type than the symbol it updates; cast it");
    return known && same_rank && same_element;
  }
}

template <class... S, class... F, class... U, class... G>
constexpr bool valid_lists(input_list<S...>, output_list<F...>, update_list<U...>, given_list<G...>) {
  static_assert((is_update<U> && ...), "agnesi: updates takes symbol = formula, ...");
  static_assert((is_update<G> && ...), "agnesi: givens takes symbol = formula, ...");
  if constexpr ((is_invalid<F> || ... || false) || !(is_update<U> && ... && true) || !(is_update<G> && ... && true)) {
    return false;
  } else {
    constexpr bool distinct = distinct_names<S...>();
    static_assert(distinct, "agnesi: two of the function's inputs have the same name");
    constexpr bool once = distinct_names<typename update_parts<U>::symbol...>();
    static_assert(once, "agnesi: a symbol is updated twice");
    if constexpr (!distinct || !once) return false;
    else return (valid_update<typename update_parts<U>::symbol, typename update_parts<U>::formula, S...>() && ... && true);
  }
}

template <class In, class Out, class Up, class Given>
constexpr bool valid_model() {
  return valid_lists(In{}, Out{}, Up{}, Given{});
}

inline std::string str(const text& t) { return std::string(t.view()); }

// "(3, 4)", from the values the extents have at this call.
inline std::string shape_at_call(const graph& g, int id, const std::int64_t* dims) {
  std::string s = "(";
  for (int k = 0; k < g.rank(id); ++k) {
    if (k > 0) s += ", ";
    s += std::to_string(cpu::value_of_dim(g.extent(id, k), dims));
  }
  return s + (g.rank(id) == 1 ? ",)" : ")");
}

template <class Model>
void throw_check(int k, const std::int64_t* dims) {
  const pipeline_result r = run_pipeline<Model>();
  const graph& g = r.written;
  const shape_check& c = r.checks[k];
  const bool update = c.op == &info<op::outputs>;
  const std::string name = update ? "update" : std::string(c.op->name);
  const auto value = [&](dim d) { return std::to_string(cpu::value_of_dim(d, dims)); };
  if (k >= r.n_written_checks)
    throw shape_error("agnesi: in a gradient, " + name + ": extents " + value(c.a) + " and " + value(c.b) + " do not agree");
  if (c.kind == check_kind::not_empty)
    throw shape_error("agnesi: " + name + " of no elements does not exist: " + str(shown(g, c.lhs)) + " has shape " +
                      shape_at_call(g, c.lhs, dims));
  if (c.kind == check_kind::index_in_range) {
    const std::int64_t needed = cpu::value_of_dim(c.a, dims);
    throw index_error("agnesi: index " + std::to_string(c.rhs == -2 ? -needed : needed - 1) + " is out of range for " +
                      str(shown(g, c.lhs)) + ", an axis of which has extent " + value(c.b));
  }
  std::string sentence = "agnesi: " + name + ": extent " + value(c.a) + " does not agree with extent " + value(c.b) + ": " +
                         str(shown(g, c.lhs)) + " has shape " + shape_at_call(g, c.lhs, dims);
  if (c.rhs != c.lhs) sentence += ", " + str(shown(g, c.rhs)) + " has shape " + shape_at_call(g, c.rhs, dims);
  throw shape_error(sentence);
}

template <class Model>
void throw_extent(int slot, int axis, std::ptrdiff_t given, std::int64_t needed) {
  graph g;
  lower_model(g, Model{});
  throw shape_error("agnesi: " + std::string(g.symbol_name(slot)) + " is declared with extent " + std::to_string(needed) +
                    " along axis " + std::to_string(axis) + " and is given an array whose extent there is " +
                    std::to_string(given));
}

}  // namespace agnesi::detail
