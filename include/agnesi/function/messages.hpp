// SPDX-License-Identifier: BSD-3-Clause
// What a failed check says: its words are written at compile time, the extents' values are filled in at the call.
// Making the graph again at run time instead would put the whole simplifier into every program.
//   "agnesi: mul: extent 5 does not agree with extent 4: tanh(x) has shape (3, 5), y has shape (3, 4)"
#pragma once

#include <cstdint>
#include <string_view>

#include "agnesi/core/error.hpp"
#include "agnesi/core/text.hpp"
#include "agnesi/ir/serial.hpp"
#include "agnesi/ops/movement.hpp"
#include "agnesi/ops/structure.hpp"

namespace agnesi::detail {

// A formula to a depth of a few operations; what lies deeper is "...".
constexpr void write_brief(text& t, const graph& g, int id, int depth) {
  const op_info& op = *g[id].op;
  if (&op == &info<op::input>) {
    t << g.symbol_name(static_cast<int>(g.attr(id, 0)));
  } else if (&op == &info<op::constant>) {
    const scalar_value v = value_of(g, id);
    if (is_float(v.type)) t << v.f;
    else t << v.i;
  } else if (depth == 0) {
    t << "...";
  } else if (!op.infix.empty() && g[id].n_args == 2) {
    t << '(';
    write_brief(t, g, g.arg(id, 0), depth - 1);
    t << op.infix;
    write_brief(t, g, g.arg(id, 1), depth - 1);
    t << ')';
  } else {
    t << (&op == &info<op::permute> && g.rank(id) == 2 ? std::string_view("transpose") : op.name) << '(';
    for (int k = 0; k < g[id].n_args; ++k) {
      if (k > 0) t << ", ";
      write_brief(t, g, g.arg(id, k), depth - 1);
    }
    t << ')';
  }
}

template <class L>
constexpr void put_text(L& l, std::string_view s) {
  l.put(static_cast<int>(s.size()));
  for (std::size_t k = 0; k < s.size(); k += 8) {
    std::uint64_t w = 0;
    for (std::size_t j = k; j < s.size() && j < k + 8; ++j)
      w |= static_cast<std::uint64_t>(static_cast<unsigned char>(s[j])) << (8 * (j - k));
    l.put(static_cast<std::int64_t>(w));
  }
}
template <class L>
constexpr void put_operand(L& l, const graph& g, int id) {
  if (id < 0) {
    l.put(0), l.put(0);
    return;
  }
  text t;
  write_brief(t, g, id, 3);
  std::string_view s = t.view();
  if (!s.empty() && s[0] == '(') s = s.substr(1, s.size() - 2);
  put_text(l, s);
  l.put(g.rank(id));
  for (int k = 0; k < g.rank(id); ++k) l.put(g.extent(id, k));
}

// Each check: kind, both extents, whether an index counts from the end, the operation, both operands with their shapes.
template <class L>
constexpr void write_messages(L& l, const graph& g, const vec<shape_check>& checks) {
  l.put(checks.size());
  for (const shape_check& c : checks) {
    l.put(static_cast<int>(c.kind)), l.put(c.a), l.put(c.b), l.put(c.rhs == -2 ? 1 : 0);
    put_text(l, c.op == &info<op::outputs> ? std::string_view("update") : c.op->name);
    put_operand(l, g, c.lhs);
    put_operand(l, g, c.rhs == c.lhs ? -1 : c.rhs);
  }
}

// ---- at the call

class message_reader {
 public:
  message_reader(const std::int64_t* numbers, const std::int64_t* dims) : at_(numbers), dims_(dims) {}

  // Throws what the check number k has to say.
  [[noreturn, gnu::cold]] void complain(int k) {
    text sentence;
    if (k >= next()) throw shape_error("agnesi: extents of a gradient do not agree");
    check_kind kind{};
    for (; k >= 0; --k) {
      sentence = text();
      kind = read_check(sentence);
    }
    if (kind == check_kind::index_in_range) throw index_error(sentence);
    throw shape_error(sentence);
  }

 private:
  const std::int64_t* at_;
  const std::int64_t* dims_;

  std::int64_t next() { return *at_++; }
  std::int64_t next_dim() {
    const std::int64_t d = next();
    return d >= 0 ? d : dims_[-1 - d];
  }
  int read_text(text& t) {
    const std::int64_t n = next();
    for (std::int64_t k = 0, w = 0; k < n; ++k, w >>= 8) {
      if (k % 8 == 0) w = next();
      t << static_cast<char>(w & 255);
    }
    return static_cast<int>(n);
  }
  [[gnu::noinline]] void read_operand(text& t, const char* before) {
    text operand;
    const bool named = read_text(operand) > 0;
    operand << " has shape (";
    const std::int64_t rank = next();
    for (std::int64_t k = 0; k < rank; ++k) operand << (k > 0 ? ", " : "") << next_dim();
    if (named) t << before << operand << (rank == 1 ? ",)" : ")");
  }
  check_kind read_check(text& t) {
    const auto kind = static_cast<check_kind>(next());
    const std::int64_t a = next_dim(), b = next_dim();
    const bool from_end = next() != 0;
    text operation;
    read_text(operation);
    t << "agnesi: ";
    if (kind == check_kind::not_empty) t << operation << " of no elements does not exist";
    else if (kind == check_kind::index_in_range)
      t << "index " << (from_end ? -a : a - 1) << " is out of range: an axis has extent " << b;
    else t << operation << ": extent " << a << " does not agree with extent " << b;
    read_operand(t, kind == check_kind::index_in_range ? ", " : ": ");
    read_operand(t, ", ");
    return kind;
  }
};

}  // namespace agnesi::detail
