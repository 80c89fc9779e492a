// SPDX-License-Identifier: BSD-3-Clause
// A formula as a value: a hash-consed array of nodes in topological order, usable in constant evaluation.
//   graph g; int x = g.input("x", dtype::f64, {dyn, 3}); int y = g.apply(info<op::tanh>, x);
// Interning a node returns the node that is already there, so common subexpressions need no pass.
#pragma once

#include <cstdint>
#include <string_view>

#include "agnesi/core/vec.hpp"
#include "agnesi/ir/dtype.hpp"
#include "agnesi/ir/mistake.hpp"
#include "agnesi/ir/op.hpp"
#include "agnesi/ir/shape.hpp"

namespace agnesi {

struct node {
  const op_info* op = nullptr;
  int first_arg = 0;
  int n_args = 0;
  int first_attr = 0;
  int n_attrs = 0;
  dtype type = dtype::f64;
  bool weak = false;  // a literal, or made of literals only: takes the element type of what it meets
  int shape = 0;
};

// A named input. `slot` is its position in `graph::symbols`.
struct symbol_record {
  int first_char = 0;
  int n_chars = 0;
  int node = -1;
  std::uint32_t hash = 0;  // of the name
};

// Something that must hold at the call, from the formula as written; kept whatever is rewritten.
enum class check_kind : unsigned char { equal_extents, index_in_range, not_empty };
struct shape_check {
  check_kind kind = check_kind::equal_extents;
  dim a = 0, b = 0;
  int lhs = -1, rhs = -1;  // operands, for the message
  const op_info* op = nullptr;
};

class graph {
 public:
  vec<node> nodes;
  vec<int> arg_pool;
  vec<std::int64_t> attr_pool;
  vec<symbol_record> symbols;
  vec<char> chars;
  shape_table shapes;
  vec<shape_check> checks;
  mistake failure = mistake::none;
  // Rewriting happens at construction: given the node just made, `simplify` may return a better one.
  int (*simplify)(graph&, int id) = nullptr;

  constexpr int size() const { return nodes.length; }
  constexpr const node& operator[](int id) const { return nodes.data[id]; }
  constexpr int arg(int id, int k) const { return arg_pool.data[nodes.data[id].first_arg + k]; }
  constexpr std::int64_t attr(int id, int k) const { return attr_pool.data[nodes.data[id].first_attr + k]; }
  constexpr bool is(int id, const op_info& op) const { return nodes.data[id].op == &op; }
  constexpr int rank(int id) const { return shapes.records.data[nodes.data[id].shape].rank; }
  constexpr dim extent(int id, int axis) const { return shapes.records.data[nodes.data[id].shape].extents[axis]; }
  constexpr dtype type(int id) const { return nodes.data[id].type; }
  constexpr int shape(int id) const { return nodes.data[id].shape; }

  constexpr int fail(mistake m) {
    if (failure == mistake::none) failure = m;
    return -1;
  }

  // The node of this operation for these arguments; -1, with `failure` set, where the types do not allow it.
  constexpr int apply(const op_info& op, const int* args, int n, const std::int64_t* attrs = nullptr, int n_attrs = 0) {
    for (int k = 0; k < n; ++k)
      if (args[k] < 0) return -1;
    const int id = op.build(*this, op, args, n, attrs, n_attrs);
    return simplify != nullptr && id >= 0 ? simplify(*this, id) : id;
  }
  constexpr int apply(const op_info& op, int a) { return apply(op, &a, 1); }
  constexpr int apply(const op_info& op, int a, int b) {
    const int args[] = {a, b};
    return apply(op, args, 2);
  }
  constexpr int apply(const op_info& op, int a, int b, int c) {
    const int args[] = {a, b, c};
    return apply(op, args, 3);
  }
  constexpr int apply_with(const op_info& op, int a, std::int64_t attr) { return apply(op, &a, 1, &attr, 1); }

  // Finds or appends a node whose type and shape are already known.
  constexpr int intern(const op_info& op, const int* args, int n, const std::int64_t* attrs, int n_attrs, dtype type,
                       int shape, bool weak = false) {
    std::uint32_t h = op.hash;
    if (op.swaps() && n == 2) {
      h = mix(h, static_cast<std::uint32_t>(args[0] + args[1]));
    } else {
      for (int k = 0; k < n; ++k) h = mix(h, static_cast<std::uint32_t>(args[k]));
    }
    for (int k = 0; k < n_attrs; ++k) {
      const auto a = static_cast<std::uint64_t>(attrs[k]);
      h = mix(h, static_cast<std::uint32_t>(a ^ (a >> 32)));
    }
    h = mix(h, static_cast<std::uint32_t>(type));
    if (2 * (nodes.length + 1) > table_.length) grow();
    const int mask = table_.length - 1;
    int at = static_cast<int>(h & static_cast<std::uint32_t>(mask));
    for (; table_.data[at] >= 0; at = (at + 1) & mask) {
      const int id = table_.data[at];
      if (hashes_.data[id] == h && same_node(id, op, args, n, attrs, n_attrs, type, shape, weak)) return id;
    }
    const int id = nodes.length;
    table_.data[at] = id;
    nodes.push_back({&op, arg_pool.length, n, attr_pool.length, n_attrs, type, weak, shape});
    for (int k = 0; k < n; ++k) arg_pool.push_back(args[k]);
    for (int k = 0; k < n_attrs; ++k) attr_pool.push_back(attrs[k]);
    hashes_.push_back(h);
    return id;
  }

  constexpr std::string_view symbol_name(int slot) const {
    return {chars.begin() + symbols[slot].first_char, static_cast<std::size_t>(symbols[slot].n_chars)};
  }
  constexpr int find_symbol(std::string_view name) const {
    const std::uint32_t h = hash_text(name);
    for (int s = 0; s < symbols.size(); ++s)
      if (symbols[s].hash == h && symbol_name(s) == name) return s;
    return -1;
  }

  // Records that two extents have to agree and treats them as one from here on.
  constexpr bool unify(dim a, dim b, const op_info& op, int lhs, int rhs) {
    a = shapes.find(a);
    b = shapes.find(b);
    if (a == b) return true;
    if (a >= 0 && b >= 0) return false;
    checks.push_back({check_kind::equal_extents, a, b, lhs, rhs, &op});
    shapes.merge(a, b);
    return true;
  }

  constexpr void rehash() {
    hashes_ = vec<std::uint32_t>(nodes.length);
    for (int id = 0; id < nodes.length; ++id) hashes_.data[id] = hash_of(id);
    grow();
  }

 private:
  vec<int> table_;  // open addressing, -1 for free
  vec<std::uint32_t> hashes_;

  static constexpr std::uint32_t mix(std::uint32_t h, std::uint32_t v) { return (h ^ v) * 0x9E3779B1u ^ (h >> 15); }

  constexpr std::uint32_t hash_of(int id) const {
    const node& n = nodes.data[id];
    const int* const args = arg_pool.data + n.first_arg;
    std::uint32_t h = n.op->hash;
    if (n.op->swaps() && n.n_args == 2) {
      h = mix(h, static_cast<std::uint32_t>(args[0] + args[1]));
    } else {
      for (int k = 0; k < n.n_args; ++k) h = mix(h, static_cast<std::uint32_t>(args[k]));
    }
    for (int k = 0; k < n.n_attrs; ++k) {
      const auto a = static_cast<std::uint64_t>(attr_pool.data[n.first_attr + k]);
      h = mix(h, static_cast<std::uint32_t>(a ^ (a >> 32)));
    }
    return mix(h, static_cast<std::uint32_t>(n.type));
  }

  constexpr bool same_node(int id, const op_info& op, const int* args, int n, const std::int64_t* attrs, int n_attrs,
                           dtype type, int shape, bool weak) const {
    const node& m = nodes.data[id];
    if (m.op != &op || m.n_args != n || m.n_attrs != n_attrs || m.type != type || m.weak != weak) return false;
    if (op.shaped && m.shape != shape) return false;
    for (int k = 0; k < n_attrs; ++k)
      if (attr_pool.data[m.first_attr + k] != attrs[k]) return false;
    const int* const own = arg_pool.data + m.first_arg;
    bool equal = true;
    for (int k = 0; k < n && equal; ++k) equal = own[k] == args[k];
    if (!equal && op.swaps() && n == 2) equal = own[0] == args[1] && own[1] == args[0];
    return equal;
  }

  constexpr void grow() {
    int capacity = 64;
    while (capacity < 4 * (nodes.length + 1)) capacity *= 2;
    table_ = vec<int>(capacity, -1);
    for (int id = 0; id < nodes.length; ++id) {
      int at = static_cast<int>(hashes_.data[id] & static_cast<std::uint32_t>(capacity - 1));
      while (table_.data[at] >= 0) at = (at + 1) & (capacity - 1);
      table_.data[at] = id;
    }
  }
};

}  // namespace agnesi
