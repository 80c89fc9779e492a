// SPDX-License-Identifier: BSD-3-Clause
// The nodes that formulas start from: inputs, constants, and extents used as numbers.
//   int x = add_input(g, "x", dtype::f64, {dyn, 3}, 2);  int two = literal(g, 2);
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

#include "agnesi/ir/graph.hpp"

namespace agnesi {

namespace op {

struct leaf {
  static constexpr op_kind kind = op_kind::leaf;
  static constexpr int arity = 0;
  template <class>
  static constexpr void describe(op_info&) {}
};
struct input : leaf {};     // attr 0: slot
struct constant : leaf {};  // attr 0: the value's bits, as int64 or double
struct extent : leaf {      // attr 0: a dim, as a number
  static constexpr unsigned dim_attrs = 0b1;
};

}  // namespace op

constexpr int add_symbol(graph& g, std::string_view name) {
  symbol_record s;
  s.first_char = g.chars.size();
  s.n_chars = static_cast<int>(name.size());
  s.hash = hash_text(name);
  for (char c : name) g.chars.push_back(c);
  g.symbols.push_back(s);
  return g.symbols.size() - 1;
}

// The input of this name; a second one of the same name must have the same type.
constexpr int add_input(graph& g, std::string_view name, dtype type, const std::int64_t* extents, int rank) {
  int slot = g.find_symbol(name);
  const bool known = slot >= 0;
  if (!known) slot = add_symbol(g, name);
  if (known) {
    // The extents as they were declared, whatever they were found equal to since.
    const int there = g.symbols[slot].node;
    bool equal = g.type(there) == type && g.rank(there) == rank;
    for (int k = 0; k < rank && equal; ++k)
      equal = extents[k] == dyn ? g.extent(there, k) < 0 : g.extent(there, k) == extents[k];
    return equal ? there : g.fail(mistake::symbol_conflict);
  }
  dim dims[max_rank]{};
  for (int k = 0; k < rank; ++k) dims[k] = extents[k] == dyn ? g.shapes.input_extent(slot, k) : extents[k];
  const int shape = g.shapes.shape(dims, rank);
  const std::int64_t attr = slot;
  const int id = g.intern(info<op::input>, nullptr, 0, &attr, 1, type, shape);
  g.symbols[slot].node = id;
  return id;
}

constexpr int make_constant(graph& g, scalar_value v, bool weak = false) {
  const std::int64_t bits = is_float(v.type) ? std::bit_cast<std::int64_t>(v.f) : v.i;
  return g.intern(info<op::constant>, nullptr, 0, &bits, 1, v.type, 0, weak);
}
constexpr int literal(graph& g, std::int64_t v) { return make_constant(g, {dtype::i64, v, 0}, true); }
constexpr int literal(graph& g, int v) { return literal(g, static_cast<std::int64_t>(v)); }
constexpr int literal(graph& g, double v) { return make_constant(g, {dtype::f64, 0, v}, true); }

constexpr scalar_value value_of(const graph& g, int id) {
  scalar_value v;
  v.type = g.type(id);
  if (is_float(v.type)) v.f = std::bit_cast<double>(g.attr(id, 0));
  else v.i = g.attr(id, 0);
  return v;
}
constexpr double number(scalar_value v) { return is_float(v.type) ? v.f : static_cast<double>(v.i); }
constexpr bool is_constant(const graph& g, int id) { return g.is(id, info<op::constant>); }
constexpr bool is_constant(const graph& g, int id, double v) { return is_constant(g, id) && number(value_of(g, id)) == v; }

// The same number as an element of another type.
constexpr scalar_value converted(scalar_value v, dtype to) {
  scalar_value r;
  r.type = to;
  if (is_float(to)) {
    r.f = number(v);
    if (to == dtype::f32) r.f = static_cast<double>(static_cast<float>(r.f));
    return r;
  }
  r.i = is_float(v.type) ? static_cast<std::int64_t>(v.f) : v.i;
  switch (to) {
    case dtype::boolean: r.i = number(v) != 0; break;
    case dtype::u8: r.i = static_cast<std::uint8_t>(r.i); break;
    case dtype::i32: r.i = static_cast<std::int32_t>(r.i); break;
    default: break;
  }
  return r;
}

// A number of a given element type, as large as nothing else: it broadcasts.
constexpr int constant_of(graph& g, double v, dtype type) {
  return make_constant(g, converted({dtype::f64, 0, v}, type), false);
}

// An extent as a floating number or an integer.
constexpr int extent_value(graph& g, dim d, dtype type) {
  d = g.shapes.find(d);
  if (d >= 0) return make_constant(g, converted({dtype::i64, d, 0}, type), false);
  return g.intern(info<op::extent>, nullptr, 0, &d, 1, type, 0);
}

}  // namespace agnesi
