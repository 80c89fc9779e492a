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
  std::int64_t numbers[Capacity]{};
  int size = 0;
  mistake failure = mistake::none;

  constexpr void put(std::int64_t v) {
    if (size < Capacity) numbers[size] = v;
    ++size;
  }
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

 private:
  const std::int64_t* at_;
};

template <class L>
constexpr void write_graph(L& l, const graph& g, const universe& u) {
  l.put(g.size());
  for (const node& n : g.nodes) {
    const int number = u.number(n.op);
    if (number < 0) l.failure = mistake::unknown_operation;
    l.put(number);
    l.put(n.n_args | n.n_attrs << 8 | static_cast<int>(n.type) << 16 | (n.weak ? 1 : 0) << 24);
    l.put(n.shape);
    for (int k = 0; k < n.n_args; ++k) l.put(g.arg_pool[n.first_arg + k]);
    for (int k = 0; k < n.n_attrs; ++k) l.put(g.attr_pool[n.first_attr + k]);
  }
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

// Without the symbols' names and the checks' operands, which only messages need.
constexpr graph read_graph(number_reader& r, const universe& u) {
  graph g;
  const int n = r.next_int();
  g.nodes.reserve(n + 8);
  for (int id = 0; id < n; ++id) {
    node made;
    made.op = u.op(r.next_int());
    const int head = r.next_int();
    made.n_args = head & 255;
    made.n_attrs = head >> 8 & 255;
    made.type = static_cast<dtype>(head >> 16 & 255);
    made.weak = head >> 24 != 0;
    made.shape = r.next_int();
    made.first_arg = g.arg_pool.size();
    made.first_attr = g.attr_pool.size();
    for (int k = 0; k < made.n_args; ++k) g.arg_pool.push_back(r.next_int());
    for (int k = 0; k < made.n_attrs; ++k) g.attr_pool.push_back(r.next());
    g.nodes.push_back(made);
  }
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
  g.rehash();
  return g;
}

}  // namespace agnesi
