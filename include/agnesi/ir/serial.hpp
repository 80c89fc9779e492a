// SPDX-License-Identifier: BSD-3-Clause
// A graph as a list of numbers, to be handed from one constant evaluation to the next: compilers bound the work
// of a single evaluation, and a list is cheap to keep.
//   write_graph(list, g, u);   graph again = read_graph(list, u);
#pragma once

#include "agnesi/ir/universe.hpp"

namespace agnesi {

// Numbers written one after the other, up to a bound; `size` counts on beyond it.
template <int Capacity>
struct number_list {
  static constexpr int capacity = Capacity;
  std::int64_t numbers[Capacity]{};
  int size = 0;
  mistake failure = mistake::none;

  constexpr void put(std::int64_t v) { numbers[size < Capacity ? size : Capacity - 1] = v, ++size; }
  constexpr bool fits() const { return size <= Capacity; }
};

// The same list in exactly the room it needs.
template <int Size, int Capacity>
constexpr number_list<(Size > 0 ? Size : 1)> trimmed(const number_list<Capacity>& l) {
  number_list<(Size > 0 ? Size : 1)> r;
  for (int k = 0; k < Size; ++k) r.numbers[k] = l.numbers[k];
  r.size = Size;
  r.failure = l.failure;
  return r;
}

class number_reader {
 public:
  template <class List>
  constexpr explicit number_reader(const List& l) : at_(l.numbers) {}
  constexpr std::int64_t next() { return *at_++; }
  constexpr int next_int() { return static_cast<int>(*at_++); }
  constexpr const std::int64_t* at() const { return at_; }
  constexpr void skip_to(const std::int64_t* at) { at_ = at; }

 private:
  const std::int64_t* at_;
};

namespace detail {

// A node's head: its operation, the numbers of its operands and attributes, type, whether it is a literal, and shape.
constexpr std::int64_t head_of(const node& n, int number) {
  return std::int64_t{number} | std::int64_t{n.n_args} << 11 | std::int64_t{n.n_attrs} << 19 |
         static_cast<std::int64_t>(n.type) << 27 | std::int64_t{n.weak ? 1 : 0} << 35 | std::int64_t{n.shape} << 36;
}

// Nodes go straight into the list, four operands to a number: a call for each number would be most of a stage's steps.
template <class L>
constexpr void write_nodes(L& l, const graph& g, const universe& u) {
  l.put(g.size()), l.put(g.arg_pool.size()), l.put(g.attr_pool.size());
  const int most = 2 * g.size() + g.arg_pool.size() / 4 + g.attr_pool.size();
  if (l.size + most > L::capacity) {
    l.size += most;
    return;
  }
  std::int64_t* to = l.numbers + l.size;
  const int* const args = g.arg_pool.begin();
  const std::int64_t* const attrs = g.attr_pool.begin();
  for (const node& n : g.nodes) {
    const int number = n.op->number >= 0 ? n.op->number : u.number(n.op);
    if (number < 0) l.failure = mistake::unknown_operation;
    *to++ = head_of(n, number < 0 ? 0 : number);
    const int* const a = args + n.first_arg;
    for (int k = 0; k < n.n_args; k += 4) {
      std::int64_t four = a[k];
      for (int j = 1; j < 4 && k + j < n.n_args; ++j) four |= std::int64_t{a[k + j]} << (16 * j);
      *to++ = four;
    }
    for (int k = 0; k < n.n_attrs; ++k) *to++ = attrs[n.first_attr + k];
  }
  l.size = static_cast<int>(to - l.numbers);
}
constexpr void read_nodes(graph& g, number_reader& r, const universe& u) {
  g.nodes = vec<node>(r.next_int());
  g.arg_pool = vec<int>(r.next_int());
  g.attr_pool = vec<std::int64_t>(r.next_int());
  int first_arg = 0, first_attr = 0;
  int* const args = g.arg_pool.begin();
  std::int64_t* const attrs = g.attr_pool.begin();
  const std::int64_t* at = r.at();
  for (node& made : g.nodes) {
    const std::int64_t head = *at++;
    const int number = static_cast<int>(head & 2047);
    made = {number < first_user_op ? u.core_ops[number] : u.user_ops[number - first_user_op],
            first_arg, static_cast<int>(head >> 11 & 255), first_attr, static_cast<int>(head >> 19 & 255),
            static_cast<dtype>(head >> 27 & 255), (head >> 35 & 1) != 0, static_cast<int>(head >> 36)};
    for (int k = 0; k < made.n_args; ++k) args[first_arg++] = static_cast<int>(at[k / 4] >> (16 * (k % 4)) & 65535);
    at += (made.n_args + 3) / 4;
    for (int k = 0; k < made.n_attrs; ++k) attrs[first_attr++] = *at++;
  }
  r.skip_to(at);
}

}  // namespace detail

template <class L>
constexpr void write_graph(L& l, const graph& g, const universe& u) {
  if (g.size() >= 1 << 16) throw "a graph that is handed on has at most 65535 nodes";
  detail::write_nodes(l, g, u);
  l.put(g.symbols.size());
  for (const symbol_record& s : g.symbols) l.put(s.node);
  l.put(g.shapes.formulas.size());
  for (int k = 0; k < g.shapes.formulas.size(); ++k) {
    const dim_formula& f = g.shapes.formulas[k];
    l.put(static_cast<int>(f.op)), l.put(f.a), l.put(f.b), l.put(g.shapes.alias[k]);
  }
  l.put(g.shapes.records.size());
  for (const shape_record& r : g.shapes.records) {
    l.put(r.rank);
    for (int k = 0; k < r.rank; ++k) l.put(r.extents[k]);
  }
  l.put(g.checks.size());
  for (const shape_check& c : g.checks) l.put(static_cast<int>(c.kind)), l.put(c.a), l.put(c.b);
}

// Without the symbols' names and the checks' operands, which only messages need. A graph that nothing is added to needs
// no table of its nodes.
constexpr graph read_graph(number_reader& r, const universe& u, bool growing = true) {
  graph g;
  detail::read_nodes(g, r, u);
  for (int s = r.next_int(); s > 0; --s) {
    symbol_record symbol;
    symbol.node = r.next_int();
    g.symbols.push_back(symbol);
  }
  for (int k = r.next_int(); k > 0; --k) {
    dim_formula f;
    f.op = static_cast<dim_op>(r.next_int());
    f.a = r.next();
    f.b = r.next();
    g.shapes.formulas.push_back(f);
    g.shapes.alias.push_back(r.next());
  }
  g.shapes.records.clear();
  for (int k = r.next_int(); k > 0; --k) {
    shape_record s;
    s.rank = r.next_int();
    for (int a = 0; a < s.rank; ++a) s.extents[a] = r.next();
    g.shapes.records.push_back(s);
  }
  for (int k = r.next_int(); k > 0; --k) {
    shape_check c;
    c.kind = static_cast<check_kind>(r.next_int());
    c.a = r.next();
    c.b = r.next();
    g.checks.push_back(c);
  }
  if (growing) g.rehash();
  return g;
}

}  // namespace agnesi
