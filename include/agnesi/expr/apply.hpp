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
concept Number = !Operand<T> && std::is_arithmetic_v<std::remove_cvref_t<T>>;

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

// How many words a merge adds, and what they are.
constexpr int words_added(code::list base, code::list other) {
  return code::merger(base, other, code::prefix(base, other)).added().words.size();
}
template <std::size_t N>
struct merge_tail {
  code::word words[N > 0 ? N : 1]{};
  int nodes = 0;
  int root = 0;  // where the root of what was merged comes to lie
};
template <std::size_t N>
constexpr merge_tail<N> tail_of_merge(code::list base, code::list other) {
  const code::merger m(base, other, code::prefix(base, other));
  merge_tail<N> r;
  for (int k = 0; k < static_cast<int>(N); ++k) r.words[k] = m.added().words[k];
  r.nodes = m.added().nodes;
  r.root = m.added().root;
  return r;
}

// Lists merged one after the other; the roots say where each one's last node lies.
template <class Ops, class List, int... Root>
struct merging {};

// Classes for the steps, and few functions: compilers spell out the name of each function and variable, which is as long
// as its formulas (docs/decisions/007-short-names.md).
template <class Ops, class List>
using first_merged = merging<Ops, List, List::nodes - 1>;

template <class Other, class OtherOps, class Ops, int Nodes, code::word... W, int... Root, std::size_t... I>
constexpr auto extended(merging<Ops, word_list<Nodes, W...>, Root...>, std::index_sequence<I...>) {
  using base = word_list<Nodes, W...>;
  constexpr auto t = tail_of_merge<sizeof...(I)>({base::words, base::size, Nodes, nullptr},
                                                 {Other::words, Other::size, Other::nodes, places_of<Ops>(OtherOps{})});
  return merging<Ops, word_list<Nodes + t.nodes, W..., t.words[I]...>, Root..., t.root>{};
}

template <class Merging, class... F>
struct merge_all {
  using type = Merging;
};
template <class Ops, class List, int... Root, class F, class... Rest>
struct merge_all<merging<Ops, List, Root...>, F, Rest...> {
  using other = typename F::list;
  using more = std::make_index_sequence<static_cast<std::size_t>(
      words_added({List::words, List::size, List::nodes, nullptr},
                  {other::words, other::size, other::nodes, places_of<Ops>(typename F::ops{})}))>;
  using step = decltype(extended<other, typename F::ops>(merging<Ops, List, Root...>{}, more{}));
  using type = typename merge_all<step, Rest...>::type;
};
// The formula that comes first keeps its list: its operations are the first of all.
template <class Ops, class F, class... Rest>
struct merge_first : merge_all<first_merged<Ops, typename F::list>, Rest...> {};
template <class Ops, class... F>
using merged = typename merge_first<Ops, F...>::type;

template <class Type, int Op, code::word... A, class Ops, int Nodes, code::word... W, int... Root, std::size_t... I>
constexpr auto with_node(merging<Ops, word_list<Nodes, W...>, Root...>, std::index_sequence<I...>) {
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

template <int Args>
using words_of_more_args = std::make_index_sequence<static_cast<std::size_t>(code::extra_words(Args))>;

template <class T>
concept ValueOperand = requires { typename std::remove_cvref_t<T>::agnesi_value_operand; };

}  // namespace detail

template <class Op, std::int64_t... A, class... X>
constexpr auto apply(X... x) {
  if constexpr ((Invalid<X> || ...)) {
    return invalid{};
  } else if constexpr ((detail::ValueOperand<X> || ...)) {
    return apply_value<Op, A...>(x...);  // found beside ref and pattern
  } else if constexpr ((Number<X> || ...)) {
    static_assert((!Number<X> && ...),
                  "agnesi: a plain C++ number stands among symbols: write 2_c for a constant known at compile time, or make the "
                  "number an input");
    return invalid{};
  } else {
    using attrs = std::integer_sequence<std::int64_t, A...>;
    constexpr const inferred& r = detail::inference<Op, attrs, typename formula_of<X>::type...>;
    if constexpr (r.failure != mistake::none) {
      report<r.failure, Op, typename formula_of<X>::type...>();
      return invalid{};
    } else {
      using type = decltype(detail::result_type_of<Op, attrs, typename formula_of<X>::type...>(
          std::make_index_sequence<static_cast<std::size_t>(r.rank)>{}));
      using ops = decltype(detail::join_all_ops(typename formula_of<X>::ops{}..., detail::own_ops<Op>()));
      constexpr int number = core_id<Op> >= 0 ? core_id<Op> : first_user_op + detail::position_in<Op>(ops{});
      // Only the type is asked for, so that no function is ever emitted.
      return decltype(detail::with_node<type, number, static_cast<code::word>(A)...>(
          detail::merged<ops, formula_of<X>...>{}, detail::words_of_more_args<static_cast<int>(sizeof...(X))>{})){};
    }
  }
}

}  // namespace agnesi
