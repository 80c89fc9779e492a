// SPDX-License-Identifier: BSD-3-Clause
// Applies an operation to operands of any kind: formulas (a new type), nodes of a graph under construction,
// or the patterns of rewrite rules.
//   apply<op::tanh>(x)      apply<op::sum, 0b01>(x)  // attributes as integers
#pragma once

#include "agnesi/expr/expr.hpp"
#include "agnesi/expr/report.hpp"
#include "agnesi/ir/elementwise.hpp"

namespace agnesi {

template <class T>
concept Number = std::is_arithmetic_v<std::remove_cvref_t<T>>;

// What an operation yields on operands of given types, found by making it in a small graph.
struct inferred {
  mistake failure = mistake::none;
  dtype type = dtype::f64;
  bool weak = false;
  int rank = 0;
  std::int64_t extents[max_rank]{};
};

namespace detail {

template <class T, bool Weak, std::int64_t... E>
constexpr int placeholder(graph& g, int k, tensor_type<T, Weak, E...>) {
  const char name[1] = {static_cast<char>('a' + k)};
  const std::int64_t extents[] = {E..., 0};
  const int id = add_input(g, {name, 1}, dtype_of<T>, extents, static_cast<int>(sizeof...(E)));
  g.nodes[id].weak = Weak;
  return id;
}

template <class Op, class... Type, std::int64_t... A>
constexpr inferred infer(std::integer_sequence<std::int64_t, A...>) {
  graph g;
  int k = 0;
  const int args[] = {placeholder(g, k++, Type{})..., 0};
  const std::int64_t attrs[] = {A..., 0};
  const int id = g.apply(info<Op>, args, static_cast<int>(sizeof...(Type)), attrs, static_cast<int>(sizeof...(A)));
  inferred r;
  r.failure = g.failure;
  if (r.failure != mistake::none || id < 0) return r;
  r.type = g.type(id);
  r.weak = g[id].weak;
  r.rank = g.rank(id);
  for (int i = 0; i < r.rank; ++i) {
    const dim d = g.shapes.find(g.extent(id, i));
    r.extents[i] = d < 0 ? dyn : d;
  }
  return r;
}

template <class Op, class Attrs, class... Type>
inline constexpr inferred inference = infer<Op, Type...>(Attrs{});

template <class Op, class Attrs, class... Type, std::size_t... I>
constexpr auto result_type_of(std::index_sequence<I...>) {
  constexpr inferred r = inference<Op, Attrs, Type...>;
  return tensor_type<element_of<r.type>, r.weak, r.extents[I]...>{};
}

// The union of two lists of user operations, in order.
template <class... A>
constexpr auto join_ops(op_list<A...> a, op_list<>) {
  return a;
}
template <class... A, class B, class... C>
constexpr auto join_ops(op_list<A...>, op_list<B, C...>) {
  if constexpr ((std::is_same_v<A, B> || ...)) return join_ops(op_list<A...>{}, op_list<C...>{});
  else return join_ops(op_list<A..., B>{}, op_list<C...>{});
}
constexpr auto join_all_ops() { return op_list<>{}; }
template <class A, class... B>
constexpr auto join_all_ops(A a, B... b) {
  if constexpr ((std::is_same_v<A, B> && ...)) return a;
  else return join_ops(a, join_all_ops(b...));
}

template <class Op>
constexpr auto own_ops() {
  if constexpr (core_id<Op> >= 0) return op_list<>{};
  else return op_list<Op>{};
}

template <class Joined, class... Op>
struct op_places {
  static constexpr int places[sizeof...(Op) + 1] = {first_user_op + position_in<Op>(Joined{})..., 0};
  static constexpr bool all_stay() {
    for (int k = 0; k < static_cast<int>(sizeof...(Op)); ++k)
      if (places[k] != first_user_op + k) return false;
    return true;
  }
};
// The numbers of a formula's own operations in a longer list; null where they stay.
template <class Joined, class... Op>
constexpr const int* places_of(op_list<Op...>) {
  if constexpr (op_places<Joined, Op...>::all_stay()) return nullptr;
  else return op_places<Joined, Op...>::places;
}

template <class L>
constexpr code::list list_value(const int* ops) {
  return {L::words, L::size, L::nodes, ops};
}

// How many words and nodes a merge adds, and where the root of what was merged comes to lie.
struct merge_size {
  code::common shared{};
  int words = 0;
  int nodes = 0;
  int root = 0;
};
template <class Base, class Other>
constexpr merge_size measure(const int* ops) {
  const code::list base = list_value<Base>(nullptr), other = list_value<Other>(ops);
  const code::common shared = code::prefix(base, other);
  const code::merger m(base, other, shared);
  return {shared, m.added().words.size(), m.added().nodes, m.added().root};
}
template <class Base, class Other, int N>
constexpr word_array<N> added_words(const int* ops, code::common shared) {
  const code::merger m(list_value<Base>(nullptr), list_value<Other>(ops), shared);
  word_array<N> r{};
  for (int k = 0; k < N; ++k) r.words[k] = m.added().words[k];
  return r;
}

template <class Other, class OtherOps, class Ops, int Nodes, code::word... W, std::size_t... I>
constexpr auto extended(word_list<Nodes, W...>, std::index_sequence<I...>) {
  using base = word_list<Nodes, W...>;
  constexpr const int* ops = places_of<Ops>(OtherOps{});
  constexpr merge_size m = measure<base, Other>(ops);
  constexpr auto t = added_words<base, Other, static_cast<int>(sizeof...(I))>(ops, m.shared);
  return word_list<Nodes + m.nodes, W..., t.words[I]...>{};
}

// Merges the lists of formulas one after the other; the result's roots say where each one's root lies.
template <class Ops, class Merged, int... Root>
struct merging {
  using merged = Merged;

  template <class F>
  static constexpr auto with(F) {
    using other = typename F::list;
    constexpr merge_size m = measure<Merged, other>(places_of<Ops>(typename F::ops{}));
    if constexpr (m.words == 0) {
      return merging<Ops, Merged, Root..., m.root>{};
    } else {
      using next = decltype(extended<other, typename F::ops, Ops>(
          Merged{}, std::make_index_sequence<static_cast<std::size_t>(m.words)>{}));
      return merging<Ops, next, Root..., m.root>{};
    }
  }
  template <class F, class... Rest>
  static constexpr auto with_all(F f, Rest... rest) {
    if constexpr (sizeof...(Rest) == 0) return with(f);
    else return decltype(with(f))::with_all(rest...);
  }
};

template <class Type, class Ops, int Op, code::word... A, int Nodes, code::word... W, class M, int... Root, std::size_t... I>
constexpr auto with_node(word_list<Nodes, W...>, merging<Ops, M, Root...>, std::index_sequence<I...>) {
  static_assert(Nodes < code::max_nodes, "agnesi: a formula has at most 16383 distinct nodes");
  constexpr int n = static_cast<int>(sizeof...(Root));
  constexpr int roots[] = {Root..., 0, 0};
  constexpr code::word head = code::header(Op, n, static_cast<int>(sizeof...(A)), roots[0], roots[1]);
  if constexpr (n <= 2) {
    return expr<Type, Ops, Nodes + 1, W..., head, A...>{};
  } else {
    constexpr word_array<sizeof...(I)> more{{code::more_args(roots, n, static_cast<int>(I))...}};
    return expr<Type, Ops, Nodes + 1, W..., head, more.words[I]..., A...>{};
  }
}

// The formula that comes first keeps its list: its operations are the first of all.
template <class Ops, class F>
constexpr auto first_merged(F) {
  return merging<Ops, typename F::list, F::list::nodes - 1>{};
}

template <class Type, class Op, class F, class... Rest, std::int64_t... A>
constexpr auto join(std::integer_sequence<std::int64_t, A...>, F f, Rest... rest) {
  using ops = decltype(join_all_ops(typename F::ops{}, typename Rest::ops{}..., own_ops<Op>()));
  constexpr int number = core_id<Op> >= 0 ? core_id<Op> : first_user_op + position_in<Op>(ops{});
  constexpr auto more = std::make_index_sequence<static_cast<std::size_t>(code::extra_words(1 + sizeof...(Rest)))>{};
  if constexpr (sizeof...(Rest) == 0) {
    using m = decltype(first_merged<ops>(f));
    return with_node<Type, ops, number, static_cast<code::word>(A)...>(typename m::merged{}, m{}, more);
  } else {
    using m = decltype(decltype(first_merged<ops>(f))::with_all(rest...));
    return with_node<Type, ops, number, static_cast<code::word>(A)...>(typename m::merged{}, m{}, more);
  }
}

template <class Op, std::int64_t... A, class... F>
constexpr auto apply_formula(F... f) {
  using attrs = std::integer_sequence<std::int64_t, A...>;
  constexpr const inferred& r = inference<Op, attrs, typename F::type...>;
  if constexpr (r.failure != mistake::none) {
    report<r.failure, Op, typename F::type...>();
    return invalid{};
  } else {
    using type = decltype(result_type_of<Op, attrs, typename F::type...>(
        std::make_index_sequence<static_cast<std::size_t>(r.rank)>{}));
    return join<type, Op>(attrs{}, f...);
  }
}

template <class T>
concept ValueOperand = requires { typename std::remove_cvref_t<T>::agnesi_value_operand; };

}  // namespace detail

template <class Op, std::int64_t... A, class... X>
constexpr auto apply(X... x) {
  if constexpr ((is_invalid<X> || ...)) {
    return invalid{};
  } else if constexpr ((detail::ValueOperand<X> || ...)) {
    return apply_value<Op, A...>(x...);  // found beside ref and pattern
  } else if constexpr ((Number<X> || ...)) {
    static_assert((!Number<X> && ...),
                  "agnesi: a plain C++ number stands among symbols: write 2_c for a constant known at compile time, or make the "
                  "number an input");
    return invalid{};
  } else {
    // Only the type is asked for, so that no function below is ever emitted: g++ spells out every name it might emit.
    return decltype(detail::apply_formula<Op, A...>(as_formula(x)...)){};
  }
}

}  // namespace agnesi
