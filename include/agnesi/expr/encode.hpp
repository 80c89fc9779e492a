// SPDX-License-Identifier: BSD-3-Clause
// From a graph back to a formula's type, the inverse of lower.
//   struct source { using ops = op_list<>;  static constexpr rooted make(); };
//   constexpr auto f = encoded<source>();
#pragma once

#include "agnesi/expr/apply.hpp"
#include "agnesi/expr/lower.hpp"
#include "agnesi/ir/copy.hpp"

namespace agnesi {

struct rooted {
  graph g;
  int root = -1;
};

namespace detail {

// The live nodes as words, in topological order, the root last.
class encoder {
 public:
  constexpr encoder(const graph& g, const universe& u, int root)
      : g_(g), u_(u), live_(live_nodes(g, root)), place_(g.size(), -1), dim_place_(g.shapes.formulas.size(), -1) {
    for (int id = 0; id <= root; ++id)
      if (live_[id]) encode(id);
  }
  constexpr const vec<code::word>& words() const { return words_; }
  constexpr int nodes() const { return nodes_; }

 private:
  const graph& g_;
  const universe& u_;
  vec<bool> live_;
  vec<int> place_;      // of the graph's nodes in the list
  vec<int> dim_place_;  // of op::extent nodes for its dim formulas
  vec<code::word> words_;
  int nodes_ = 0;

  constexpr int append(int number, const vec<int>& args, const vec<std::int64_t>& attrs) {
    const int n = args.size();
    if (n > 15 || attrs.size() > 31) throw "agnesi: a node has at most 15 arguments and 31 attributes";
    int a[20] = {};
    for (int k = 0; k < n; ++k) a[k] = args[k];
    words_.push_back(code::header(number, n, attrs.size(), a[0], a[1]));
    for (int k = 0; k < code::extra_words(n); ++k) words_.push_back(code::more_args(a, n, k));
    for (std::int64_t v : attrs) words_.push_back(static_cast<code::word>(v));
    if (nodes_ == code::max_nodes) throw "agnesi: a formula has at most 16383 distinct nodes";
    return nodes_++;
  }

  constexpr int encode(int id) {
    if (place_[id] < 0) place_[id] = encode_new(id);
    return place_[id];
  }
  constexpr int encode_new(int id) {
    const node& n = g_[id];
    const int number = u_.number(n.op);
    if (number < 0) throw "agnesi: a rewrite brought in an operation that the formula does not know";
    if (number == core_id<op::input>) return encode_input(id);
    vec<int> args;
    vec<std::int64_t> attrs;
    for (int k = 0; k < n.n_args; ++k) args.push_back(place_[g_.arg(id, k)]);
    if (number == core_id<op::constant>) {
      attrs.push_back(static_cast<std::int64_t>(n.type));
      attrs.push_back(g_.attr(id, 0));
      if (!n.weak) attrs.push_back(0);
    } else if (number == core_id<op::cast>) {
      attrs.push_back(static_cast<std::int64_t>(n.type));
      if (n.weak) attrs.push_back(1);
    } else if (number == core_id<op::extent> && n.type == dtype::i64 && is_formula(g_.attr(id, 0))) {
      return encode_formula(g_.attr(id, 0));
    } else if (n.op->shaped || n.op->dim_attrs != 0) {
      shape_words(id, args, attrs);
    } else {
      for (int k = 0; k < n.n_attrs; ++k) attrs.push_back(g_.attr(id, k));
    }
    return append(number, args, attrs);
  }

  // As detail::symbol_code writes it.
  constexpr int encode_input(int id) {
    const std::string_view name = g_.symbol_name(static_cast<int>(g_.attr(id, 0)));
    const int rank = g_.rank(id), length = static_cast<int>(name.size());
    vec<std::int64_t> attrs;
    attrs.push_back(static_cast<int>(g_.type(id)) | rank << 8 | length << 16);
    for (int k = 0; k < rank; ++k) attrs.push_back(g_.extent(id, k) < 0 ? dyn : g_.extent(id, k));
    for (int k = 0; k < length; k += 8) {
      code::word w = 0;
      for (int j = k; j < length && j < k + 8; ++j)
        w |= static_cast<code::word>(static_cast<unsigned char>(name[static_cast<std::size_t>(j)])) << (8 * (j % 8));
      attrs.push_back(static_cast<std::int64_t>(w));
    }
    return append(core_id<op::input>, {}, attrs);
  }

  // See dim_code.hpp.
  constexpr void shape_words(int id, vec<int>& args, vec<std::int64_t>& attrs) {
    const node& n = g_[id];
    dim_code::header h{n.n_args, n.n_attrs, g_.rank(id), n.type};
    attrs.push_back(dim_code::marker);
    attrs.push_back(dim_code::packed(h));
    for (int k = 0; k < n.n_attrs; ++k)
      attrs.push_back((n.op->dim_attrs >> k & 1u) != 0 ? dim_word(g_.attr(id, k), args, n.n_args) : g_.attr(id, k));
    for (int k = 0; k < h.rank; ++k) attrs.push_back(dim_word(g_.extent(id, k), args, n.n_args));
  }
  constexpr std::int64_t dim_word(dim d, vec<int>& args, int own) {
    d = preferred(d);
    if (d >= 0) return dim_code::packed(dim_code::kind::number, d);
    if (is_formula(d)) return dim_code::packed(dim_code::kind::formula, argument(encode_formula(d), args, own));
    const dim_formula f = g_.shapes.formulas[static_cast<int>(-1 - d)];
    const int input = g_.symbols[static_cast<int>(f.a)].node;
    if (input < 0) throw "agnesi: an extent of a symbol that is no longer in the graph";
    const int at = argument(encode(input), args, own);
    return f.op == dim_op::input_extent ? dim_code::packed_extent(at, f.b)
                                        : dim_code::packed(dim_code::kind::value, at);
  }
  static constexpr int argument(int place, vec<int>& args, int own) {
    int at = own;
    while (at < args.size() && args[at] != place) ++at;
    if (at == args.size()) args.push_back(place);
    return at - own;
  }
  constexpr int encode_formula(dim d) {
    const int k = static_cast<int>(-1 - preferred(d));
    if (dim_place_[k] >= 0) return dim_place_[k];
    const dim_formula f = g_.shapes.formulas[k];
    vec<int> args;
    vec<std::int64_t> attrs;
    attrs.push_back(dim_code::formula_marker);
    attrs.push_back(static_cast<std::int64_t>(f.op));
    attrs.push_back(dim_word(f.a, args, 0));
    attrs.push_back(dim_word(f.b, args, 0));
    return dim_place_[k] = append(core_id<op::extent>, args, attrs);
  }
  constexpr bool is_formula(dim d) const {
    d = preferred(d);
    return d < 0 && !of_input(d);
  }
  constexpr bool of_input(dim d) const {
    const dim_op op = g_.shapes.formulas[static_cast<int>(-1 - d)].op;
    return op == dim_op::input_extent || op == dim_op::input_value;
  }
  // Of extents that are known to be equal, one of a symbol that the formula has anyway.
  constexpr dim preferred(dim d) const {
    d = g_.shapes.find(d);
    if (d >= 0 || (of_input(d) && has_symbol(d))) return d;
    for (int k = 0; k < g_.shapes.formulas.size(); ++k)
      if (g_.shapes.find(-1 - k) == d && of_input(-1 - k) && has_symbol(-1 - k)) return -1 - k;
    return d;
  }
  constexpr bool has_symbol(dim d) const {
    const int input = g_.symbols[static_cast<int>(g_.shapes.formulas[static_cast<int>(-1 - d)].a)].node;
    return input >= 0 && live_[input];
  }
};

struct code_size {
  mistake failure = mistake::none;
  int words = 0;
  int nodes = 0;
};
template <class Source>
constexpr code_size measured() {
  const rooted r = Source::make();
  if (r.g.failure != mistake::none || r.root < 0) return {r.g.failure, 0, 0};
  const universe u = universe_of<typename Source::ops>();
  const encoder e(r.g, u, r.root);
  return {mistake::none, e.words().size(), e.nodes()};
}
template <class Source, int N>
constexpr word_array<N> encoded_words() {
  const rooted r = Source::make();
  const universe u = universe_of<typename Source::ops>();
  const encoder e(r.g, u, r.root);
  word_array<N> w{};
  for (int k = 0; k < N; ++k) w.words[k] = e.words()[k];
  return w;
}
template <class Source, int Nodes, std::size_t... I>
constexpr auto encoded_list(std::index_sequence<I...>) {
  constexpr auto w = encoded_words<Source, static_cast<int>(sizeof...(I))>();
  return word_list<Nodes, w.words[I]...>{};
}

// The type that a list has once lowered, which may know less of its extents than the graph it came from.
template <class Ops, class List>
constexpr inferred described() {
  graph g;
  const int id = lower(g, universe_of<Ops>(), {List::words, List::size, List::nodes, nullptr});
  inferred r;
  r.failure = g.failure;
  if (r.failure != mistake::none) return r;
  r.type = g.type(id);
  r.weak = g[id].weak;
  r.rank = g.rank(id);
  for (int k = 0; k < r.rank; ++k) {
    const dim d = g.shapes.find(g.extent(id, k));
    r.extents[k] = d < 0 ? dyn : d;
  }
  return r;
}
template <class Ops, int Nodes, code::word... W, std::size_t... I>
constexpr auto typed(word_list<Nodes, W...> list, std::index_sequence<I...>) {
  constexpr inferred r = described<Ops, decltype(list)>();
  return expr<tensor_type<element_of<r.type>, r.weak, r.extents[I]...>, Ops, Nodes, W...>{};
}

}  // namespace detail

// The formula of the graph that Source::make() returns, whose operations are the core's and those of Source::ops.
// The graph is made twice: for the size, and for exactly that much.
template <class Source>
constexpr auto encoded() {
  constexpr detail::code_size s = detail::measured<Source>();
  if constexpr (s.failure != mistake::none) {
    report<s.failure, Source>();
    return invalid{};
  } else {
    using list = decltype(detail::encoded_list<Source, s.nodes>(
        std::make_index_sequence<static_cast<std::size_t>(s.words)>{}));
    constexpr int rank = detail::described<typename Source::ops, list>().rank;
    return detail::typed<typename Source::ops>(list{}, std::make_index_sequence<static_cast<std::size_t>(rank)>{});
  }
}

}  // namespace agnesi
