// SPDX-License-Identifier: BSD-3-Clause
// ag::function: formulas compiled into a callable object.
//   auto f = ag::function(ag::inputs(x, w), ag::outputs(dot(x, w)), ag::updates(w = w - 0.1_c * gw));
//   auto p = f(X, W);   f(x = X, w = W);   auto step = f.with(w = W);   f.into(P)(X, W);
#pragma once

#include "agnesi/function/callable.hpp"

namespace agnesi {

namespace detail {

template <class Inputs, class Outputs, class Updates, class Givens, class... O>
struct model_of;
template <class... S, class... F, class... U, class... G, class... O>
struct model_of<input_list<S...>, output_list<F...>, update_list<U...>, given_list<G...>, O...> {
  using written = decltype(bundled(F{}..., typename update_parts<U>::formula{}...));
  using ops = decltype(join_all_ops(typename written::ops{}, typename update_parts<G>::formula::ops{}..., ops_of_option(O{})...));
  using results = bare_formula<ops, typename written::list>;
  using whole = model<input_list<S...>, results, static_cast<int>(sizeof...(F)), op_list<typename update_parts<U>::symbol...>,
                      given_list<G...>, option_list<O...>>;
  using name = decltype(named<whole>(ops{}, option_list<O...>{}));
};

constexpr int threads_of(int n) { return n; }
template <class First, class... O>
constexpr int threads_of(int n, First o, O... more) {
  if constexpr (std::is_same_v<First, threads>) return threads_of(o.n, more...);
  else return threads_of(n, more...);
}

template <class In, class Out, class Up, class Given, class... O>
constexpr auto make_function(O... options) {
  static_assert(!option_list<O...>::switches_off("differentiate"),
                "agnesi: a function takes the gradients that its formulas ask for; ag::without<\"differentiate\"> is for "
                "ag::simplify");
  if constexpr (!valid_model<In, Out, Up, Given>()) {
    return invalid{};
  } else {
    using made = typename model_of<In, Out, Up, Given, O...>::name;
    if constexpr (compiled<made>::failure != mistake::none) {
      report<compiled<made>::failure, made>();
      return invalid{};
    } else {
      compiled_function<made> f;
      if constexpr (sizeof...(O) > 0) f.set_threads(threads_of(0, options...));
      return f;
    }
  }
}

}  // namespace detail

// Compiles formulas. The outputs, the updates, the givens and the options may be left out, in this order.
template <class... S, class... F, FunctionOption... O>
constexpr auto function(input_list<S...>, output_list<F...>, O... options) {
  return detail::make_function<input_list<S...>, output_list<F...>, update_list<>, given_list<>>(options...);
}
template <class... S, class... F, class... U, FunctionOption... O>
constexpr auto function(input_list<S...>, output_list<F...>, update_list<U...>, O... options) {
  return detail::make_function<input_list<S...>, output_list<F...>, update_list<U...>, given_list<>>(options...);
}
template <class... S, class... F, class... U, class... G, FunctionOption... O>
constexpr auto function(input_list<S...>, output_list<F...>, update_list<U...>, given_list<G...>, O... options) {
  return detail::make_function<input_list<S...>, output_list<F...>, update_list<U...>, given_list<G...>>(options...);
}
template <class... S, class... F, class... G, FunctionOption... O>
constexpr auto function(input_list<S...>, output_list<F...>, given_list<G...>, O... options) {
  return detail::make_function<input_list<S...>, output_list<F...>, update_list<>, given_list<G...>>(options...);
}
template <class... S, class... U, FunctionOption... O>
constexpr auto function(input_list<S...>, update_list<U...>, O... options) {
  return detail::make_function<input_list<S...>, output_list<>, update_list<U...>, given_list<>>(options...);
}
template <class... S, class... U, class... G, FunctionOption... O>
constexpr auto function(input_list<S...>, update_list<U...>, given_list<G...>, O... options) {
  return detail::make_function<input_list<S...>, output_list<>, update_list<U...>, given_list<G...>>(options...);
}

// A formula evaluated once, with its symbols bound by name.
template <Operand F, class... B>
auto eval(F f, B&&... b) {
  static_assert((detail::is_binding<std::remove_cvref_t<B>> && ...), "agnesi: eval takes a formula, then symbol = value, ...");
  auto compiled = function(inputs(typename std::remove_cvref_t<B>::symbol{}...), outputs(f));
  if constexpr (!Invalid<decltype(compiled)>) return compiled(static_cast<B&&>(b)...);
  else return compiled;
}

}  // namespace agnesi
