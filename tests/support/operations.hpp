// SPDX-License-Identifier: BSD-3-Clause
// All elementwise operations of the core, as formulas, many in one function, and numbers from their samples: where the
// tests from the operation blocks begin, of values and of derivatives.
//   using all = formulas<float, form<3, 3, 3>, elementwise_ops>;      all::formula<0>()
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <agnesi/agnesi.hpp>

#include "support/mathematics.hpp"
#include "support/reference.hpp"

namespace agnesi::testing {

// A number as an element of another type: truncated, and wrapped if it is unsigned.
inline real as_element(real v, dtype to) {
  if (to == dtype::boolean) return v != 0;
  if (to == dtype::u8) return static_cast<std::uint8_t>(static_cast<std::int64_t>(v));
  return is_integer(to) ? std::trunc(v) : v;
}

inline double error_in_ulps(real got, real wanted, dtype type) {
  const bool single = type == dtype::f32;
  const real nearest = single ? static_cast<float>(wanted) : static_cast<double>(wanted);
  if (got == nearest || (std::isnan(got) && std::isnan(nearest))) return 0;
  if (!is_float(type) || !std::isfinite(got) || !std::isfinite(nearest)) return HUGE_VAL;
  const int digits = single ? 24 : 53, lowest = single ? -149 : -1074;
  const int exponent = std::max(nearest == 0 ? lowest : std::ilogb(nearest) + 1 - digits, lowest);
  return static_cast<double>(std::ldexp(std::fabs(got - wanted), -exponent));
}

// ---- which there are

// op::cast with the element type that it casts to: an operation of one argument like the others.
template <class T>
struct cast_into {};

template <class Op>
struct application {
  using op = Op;
  static constexpr auto of(auto... x) { return apply<Op>(x...); }
  template <class... T>
  static constexpr bool takes = agnesi::detail::inference<Op, std::integer_sequence<std::int64_t>,
                                                          tensor_type<T, false>...>.failure == mistake::none;
};
template <class To>
struct application<cast_into<To>> {
  using op = agnesi::op::cast;
  static constexpr auto of(auto x) { return cast<To>(x); }
  template <class T>
  static constexpr bool takes = true;
};

template <class Op>
using block_of = typename application<Op>::op;
template <class Op>
inline constexpr int arity_of = block_of<Op>::arity;
template <class Op>
inline constexpr std::string_view name_of_op = info<block_of<Op>>.name;

namespace detail {

template <class... Op>
struct joined_lists;
template <class... Op>
struct joined_lists<op_list<Op...>> {
  using type = op_list<Op...>;
};
template <class... A, class... B, class... More>
struct joined_lists<op_list<A...>, op_list<B...>, More...> : joined_lists<op_list<A..., B...>, More...> {};

template <class Op>
constexpr auto versions_of() {
  if constexpr (std::is_same_v<Op, op::cast>)
    return op_list<cast_into<bool>, cast_into<std::uint8_t>, cast_into<std::int32_t>, cast_into<std::int64_t>,
                   cast_into<float>, cast_into<double>>{};
  else if constexpr (Op::kind == op_kind::elementwise) return op_list<Op>{};
  else return op_list<>{};
}
template <class... Op>
constexpr auto elementwise_in(op_list<Op...>) {
  return typename joined_lists<op_list<>, decltype(versions_of<Op>())...>::type{};
}
template <template <class> class Keeps, class... Op>
constexpr auto those_of(op_list<Op...>) {
  return typename joined_lists<op_list<>, std::conditional_t<Keeps<Op>::value, op_list<Op>, op_list<>>...>::type{};
}

template <class Op, class First, class T, int... Rest>
constexpr bool takes(std::integer_sequence<int, Rest...>) {
  return application<Op>::template takes<First, std::conditional_t<(Rest >= 0), T, void>...>;
}

}  // namespace detail

// From ir/core_ops.hpp, in that order: an operation that is added there is tried as well.
using elementwise_ops = decltype(detail::elementwise_in(core_ops{}));

template <template <class> class Keeps>
using elementwise_ops_that = decltype(detail::those_of<Keeps>(elementwise_ops{}));

// The element type of argument K of an operation on T: T, or bool where the first is a condition; void where the
// operation does not take T.
template <class Op, class T, int K = 0>
constexpr auto argument_type() {
  constexpr auto rest = std::make_integer_sequence<int, arity_of<Op> - 1>{};
  if constexpr (detail::takes<Op, T, T>(rest)) return T{};
  else if constexpr (arity_of<Op> == 1 || !detail::takes<Op, bool, T>(rest)) return;
  else if constexpr (K == 0) return bool{};
  else return T{};
}
template <class Op, class T, int K = 0>
using argument_of = decltype(argument_type<Op, T, K>());

// ---- inputs for many operations at once

// The axes that each argument of an operation has, 1 the rows, 2 the columns, and 0 of a number.
template <int... Axes>
struct form {
  static constexpr int axes[sizeof...(Axes)] = {Axes...};
};

template <int Axes, class T, class Name>
constexpr auto symbol_with() {
  if constexpr (Axes == 0) return symbol<Name, T>{};
  else return symbol<Name, T, (Axes & 1) != 0 ? dyn : 1, (Axes & 2) != 0 ? dyn : 1>{};
}

struct input_slot {
  int position = 0;
  dtype type = dtype::none;
  interval sample{};
};

// Operations look at one input for argument k where their samples are equal, so that their loops join; `Apart` gives
// each of them its own.
template <bool Apart, class T, class... Op>
struct input_plan {
  static constexpr int most = 3;
  int place[sizeof...(Op)][most]{};  // of argument k of each operation
  input_slot slots[sizeof...(Op) * most]{};
  int n = 0;

  constexpr input_plan() {
    int k = 0;
    (add<Op>(place[k++]), ...);
  }

 private:
  template <class O>
  constexpr void add(int* places) {
    static_assert(arity_of<O> <= most);
    const dtype types[most] = {dtype_of<argument_of<O, T, 0>>, dtype_of<argument_of<O, T, 1>>,
                               dtype_of<argument_of<O, T, 2>>};
    const int before = n;
    for (int k = 0; k < arity_of<O>; ++k) {
      const input_slot s{k, types[k], block_of<O>::sample[k]};
      int found = 0;
      while (found < n && (Apart || !same(slots[found], s))) ++found;
      if (Apart) found = before + k;
      places[k] = found;
      if (found >= n) slots[n++] = s;
    }
  }
  static constexpr bool same(const input_slot& a, const input_slot& b) {
    return a.position == b.position && a.type == b.type && a.sample.low == b.sample.low &&
           a.sample.high == b.sample.high;
  }
};

// Several operations on T, as formulas of symbols for the inputs that they need.
template <class T, class Form, class Ops, bool Apart = false>
struct formulas;
template <class T, class Form, class... Op, bool Apart>
struct formulas<T, Form, op_list<Op...>, Apart> {
  static constexpr input_plan<Apart, T, Op...> plan{};
  static constexpr auto inputs = std::make_index_sequence<static_cast<std::size_t>(plan.n)>{};
  static constexpr auto numbers = std::index_sequence_for<Op...>{};
  static constexpr int arity[sizeof...(Op)] = {arity_of<Op>...};

  template <std::size_t S>
  static constexpr int axes = Form::axes[plan.slots[S].position];
  template <std::size_t S>
  using element = element_of<plan.slots[S].type>;
  template <std::size_t N>
  using operation = std::tuple_element_t<N, std::tuple<Op...>>;

  template <std::size_t S>
  static constexpr auto symbol() {
    using its_name = name<'x', static_cast<char>('0' + S / 10), static_cast<char>('0' + S % 10)>;
    return symbol_with<axes<S>, element<S>, its_name>();
  }
  template <std::size_t N>
  static constexpr auto formula() {
    return applied<N>(std::make_index_sequence<static_cast<std::size_t>(arity_of<operation<N>>)>{});
  }
  template <std::size_t N>
  using result = typename decltype(formula<N>())::type::element;

 private:
  template <std::size_t N, std::size_t... K>
  static constexpr auto applied(std::index_sequence<K...>) {
    return application<operation<N>>::of(symbol<static_cast<std::size_t>(plan.place[N][K])>()...);
  }
};

// The numbers of one argument, seen by the reference; an axis of extent 1 serves all places.
struct seen_numbers {
  std::ptrdiff_t rows = 1, columns = 1;
  std::vector<real> values;
  real at(std::ptrdiff_t i, std::ptrdiff_t j) const {
    return values[static_cast<std::size_t>((rows == 1 ? 0 : i) * columns + (columns == 1 ? 0 : j))];
  }
};

inline real extreme_number(dtype type) {
  constexpr double numbers[] = {0, -0.0, 1, -1, 2, -2.5, 1e-30, -1e-30, 1e30, -1e30, HUGE_VAL, -HUGE_VAL, NAN};
  const double v = numbers[randomness().below(static_cast<int>(std::size(numbers)))];
  return type == dtype::f32 ? static_cast<float>(v) : v;
}
// A number of the interval that the type has; where there is none, 0 or 1.
inline real random_number(interval in, dtype type) {
  if (is_float(type)) {
    const double v = randomness().between(in.low, in.high);
    return type == dtype::f32 ? static_cast<float>(v) : v;
  }
  const int low = static_cast<int>(std::ceil(in.low)), high = static_cast<int>(std::floor(in.high));
  const bool is_unsigned = type == dtype::u8 || type == dtype::boolean;
  const int first = is_unsigned && low < 0 ? 0 : low, last = type == dtype::boolean && high > 1 ? 1 : high;
  return first > last ? randomness().below(2) : first + randomness().below(last - first + 1);
}

// One argument in memory of some layout, of no layout where it is a number.
template <class T, int Axes>
class stored_numbers {
 public:
  seen_numbers seen;

  stored_numbers(interval in, std::ptrdiff_t m, std::ptrdiff_t n, layout how = layout::rows, bool extreme = false) {
    constexpr dtype type = dtype_of<T>;
    seen.rows = (Axes & 1) != 0 ? m : 1;
    seen.columns = (Axes & 2) != 0 ? n : 1;
    for (std::ptrdiff_t k = 0; k < seen.rows * seen.columns; ++k)
      seen.values.push_back(extreme && is_float(type) ? extreme_number(type) : random_number(in, type));
    place(how);
  }
  const auto& argument() const {
    if constexpr (Axes == 0) return memory_[0];
    else return view_;
  }

 private:
  std::unique_ptr<T[]> memory_;
  view<const T, 2> view_;

  void place(layout how) {
    const std::ptrdiff_t m = seen.rows, n = seen.columns, size = m * n;
    std::ptrdiff_t rows = n, columns = 1, start = Axes == 0 ? 0 : 1;
    if (how == layout::columns) rows = 1, columns = m;
    if (how == layout::reversed) rows = -n, columns = -1, start += size > 0 ? size - 1 : 0;
    if (how == layout::every_second) rows = 2 * n, columns = 2;
    if (how == layout::gaps) rows = n + 5;
    if (Axes == 0) rows = columns = 0;
    memory_ = std::make_unique<T[]>(static_cast<std::size_t>(2 * size + 5 * m + 2));
    view_ = view<const T, 2>(memory_.get() + start, {m, n}, {rows, columns});
    for (std::ptrdiff_t k = 0; k < size; ++k)
      memory_[static_cast<std::size_t>(start + k / n * rows + k % n * columns)] =
          static_cast<T>(seen.values[static_cast<std::size_t>(k)]);
  }
};

template <class T, int R>
seen_numbers numbers_of(const array<T, R>& a) {
  static_assert(R == 2);
  return {a.extent(0), a.extent(1), std::vector<real>(a.begin(), a.end())};
}
template <class T>
  requires std::is_arithmetic_v<T>
seen_numbers numbers_of(T v) {
  return {1, 1, {static_cast<real>(v)}};
}

}  // namespace agnesi::testing
