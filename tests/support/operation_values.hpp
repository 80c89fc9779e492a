// SPDX-License-Identifier: BSD-3-Clause
// Every elementwise operation of the core, as a compiled function of one element type and of arguments of every kind of
// shape, against the mathematical function in long double.
//   CHECK(wrong_values<float>() == "");
#pragma once

#include <sstream>
#include <string>

#include "support/operations.hpp"

namespace agnesi::testing {

namespace detail {

struct trial {
  std::ptrdiff_t m, n;
  layout how;
  bool extreme = false;
};
inline constexpr trial trials[] = {
    {0, 5, layout::rows},        {5, 0, layout::columns},     {1, 1, layout::rows},
    {1, 17, layout::rows},       {17, 1, layout::rows},       {3, 7, layout::rows},
    {1, 17, layout::reversed},   {9, 5, layout::reversed},    {9, 5, layout::columns},
    {4, 33, layout::gaps},       {9, 35, layout::every_second}, {1, 10007, layout::rows},
    {73, 137, layout::rows},     {137, 73, layout::columns},  {10007, 1, layout::every_second},
    {29, 101, layout::rows, true},
};

// What is wrong about one result; empty where nothing is.
inline std::string wrong_result(std::string_view op, const seen_numbers& got, dtype type, const trial& t,
                                const std::vector<const seen_numbers*>& args) {
  const mathematical_function& f = *function_named(op);
  std::ostringstream s;
  s.precision(20);
  std::ptrdiff_t m = 1, n = 1;
  for (const seen_numbers* a : args) m = a->rows == 1 ? m : a->rows, n = a->columns == 1 ? n : a->columns;
  if (got.rows != m || got.columns != n) {
    s << op << " gives " << got.rows << " x " << got.columns << " instead of " << m << " x " << n << "\n";
    return s.str();
  }
  const bool is_open = op == "cast" && is_integer(type);  // C++ does not say what an integer makes of an infinity
  if (t.extreme && is_open) return {};
  for (std::ptrdiff_t i = 0; i < m; ++i)
    for (std::ptrdiff_t j = 0; j < n; ++j) {
      real a[3] = {};
      for (std::size_t k = 0; k < args.size(); ++k) a[k] = args[k]->at(i, j);
      const real wanted = as_element(f.value(a), type);
      const double error = error_in_ulps(got.at(i, j), wanted, type);
      if (error <= (type == dtype::f64 ? f.ulps_of_double : f.ulps)) continue;
      s << op << "(";
      for (std::size_t k = 0; k < args.size(); ++k) s << (k > 0 ? ", " : "") << a[k];
      s << ") is " << got.at(i, j) << " instead of " << wanted << ", off by " << error << " ulp, at " << i << ", " << j
        << " of " << t.m << " x " << t.n << ", layout " << static_cast<int>(t.how) << "\n";
      return s.str();
    }
  return {};
}

template <class S, std::size_t... I, std::size_t... N>
std::string wrong_results(std::index_sequence<I...>, std::index_sequence<N...>) {
  auto f = function(inputs(S::template symbol<I>()...), outputs(S::template formula<N>()...));
  std::string first_wrong[sizeof...(N)];
  for (const trial& t : trials) {
    const auto how = [&](std::size_t k) { return k % 3 == 2 ? layouts[k % 5] : t.how; };  // some differ
    const std::tuple args{stored_numbers<typename S::template element<I>, S::template axes<I>>(
        S::plan.slots[I].sample, t.m, t.n, how(I), t.extreme)...};
    const seen_numbers* const seen[] = {&std::get<I>(args).seen...};
    const auto results = f(std::get<I>(args).argument()...);
    const auto look = [&]<std::size_t K>(const auto& result) {
      using op = typename S::template operation<K>;
      if (!first_wrong[K].empty()) return;
      std::vector<const seen_numbers*> of;
      for (int k = 0; k < arity_of<op>; ++k) of.push_back(seen[S::plan.place[K][k]]);
      constexpr dtype type = dtype_of<typename S::template result<K>>;
      first_wrong[K] = wrong_result(name_of_op<op>, numbers_of(result), type, t, of);
    };
    (look.template operator()<N>(std::get<N>(results)), ...);
  }
  return (first_wrong[N] + ...);
}

template <class T, class Form, template <class> class Keeps>
std::string wrong_results() {
  using s = formulas<T, Form, elementwise_ops_that<Keeps>>;
  return wrong_results<s>(s::inputs, s::numbers);
}

template <class T>
struct on {
  template <class Op>
  struct any {
    static constexpr bool value = !std::is_void_v<argument_of<Op, T>>;
  };
  // Apart from the others, since they run on packs whatever T is.
  template <class Op>
  struct to_float {
    static constexpr bool value = [] {
      if constexpr (!any<Op>::value) return false;
      else return std::is_floating_point_v<typename formulas<T, form<0, 0, 0>, op_list<Op>>::template result<0>>;
    }();
  };
  template <class Op>
  struct to_other {
    static constexpr bool value = any<Op>::value && !to_float<Op>::value;
  };
  template <class Op>
  struct of_several {
    static constexpr bool value = any<Op>::value && arity_of<Op> > 1;
  };
};

}  // namespace detail

// On matrices, on numbers, and on arguments that are stretched; empty where nothing is wrong.
template <class T>
std::string wrong_values() {
  randomness() = {};
  return detail::wrong_results<T, form<3, 3, 3>, detail::on<T>::template to_float>() +
         detail::wrong_results<T, form<3, 3, 3>, detail::on<T>::template to_other>() +
         detail::wrong_results<T, form<0, 0, 0>, detail::on<T>::template any>() +
         detail::wrong_results<T, form<1, 2, 0>, detail::on<T>::template of_several>() +
         detail::wrong_results<T, form<0, 3, 2>, detail::on<T>::template of_several>();
}

// Whether there is something to compare with, and a type to do it on.
template <class... Op>
constexpr bool all_are_tried(op_list<Op...>) {
  return ((function_named(name_of_op<Op>) != nullptr) && ...) &&
         ((detail::on<double>::any<Op>::value || detail::on<bool>::any<Op>::value) && ...);
}

}  // namespace agnesi::testing
