// SPDX-License-Identifier: BSD-3-Clause
// Rewrite rules as data, in tables that read as mathematics:
//   inline constexpr rule mine[] = { x * y / x >> y | nonzero(x), named("log1p", log(1 + x) >> log1p(x)) };
// What follows `|` must hold where the rule is applied. A rule that could not be applied, or could be applied for
// ever, is rejected where it is written.
#pragma once

#include "agnesi/core/text.hpp"
#include "agnesi/ops/probability.hpp"
#include "agnesi/rewrite/pattern.hpp"

namespace agnesi {

// What must be known of the nodes that wildcards stand for.
enum class fact : unsigned char {
  nonzero, positive, nonnegative, below_zero, floating, discrete, has_sign, unbounded, whole, scalar, tensor, single_use
};

struct guard {
  struct item {
    fact known = fact::floating;
    signed char wildcard = 0;
  };
  item items[4]{};
  signed char n = 0;
  bool not_ieee = false;
};

constexpr guard operator&&(guard a, const guard& b) {
  for (int k = 0; k < b.n; ++k) {
    if (a.n == 4) throw "a rewrite rule has at most four conditions";
    a.items[static_cast<int>(a.n++)] = b.items[k];
  }
  a.not_ieee = a.not_ieee || b.not_ieee;
  return a;
}

namespace detail {

constexpr guard require(const pattern& p, fact known) {
  if (p.size != 1 || p.nodes[0].what > pattern_node::any_constant)
    throw "a condition of a rewrite rule is on a wildcard";
  guard g;
  g.n = 1;
  g.items[0] = {known, p.nodes[0].args[0]};
  return g;
}
constexpr guard without_ieee() {
  guard g;
  g.not_ieee = true;
  return g;
}

}  // namespace detail

namespace patterns {

// Algebra over the reals, which an operand that is zero, infinite or not a number may not obey.
inline constexpr guard unless_ieee = detail::without_ieee();

// Not the constant zero, and under ag::ieee not applied: what is not zero may still be infinite.
constexpr guard nonzero(const pattern& p) { return detail::require(p, fact::nonzero) && unless_ieee; }
// Known from the formula, in exact arithmetic: exp(x) is positive, sqr(x) is not negative.
constexpr guard positive(const pattern& p) { return detail::require(p, fact::positive); }
constexpr guard nonnegative(const pattern& p) { return detail::require(p, fact::nonnegative); }
constexpr guard below_zero(const pattern& p) { return detail::require(p, fact::below_zero); }
constexpr guard floating(const pattern& p) { return detail::require(p, fact::floating); }
// Of integers or truth values, among which there is no NaN.
constexpr guard discrete(const pattern& p) { return detail::require(p, fact::discrete); }
// Of a type with negative numbers: the negative of a byte is a byte, that of a truth value is itself.
constexpr guard has_sign(const pattern& p) { return detail::require(p, fact::has_sign); }
// Neither a number nor an extent: it may turn out to be infinite.
constexpr guard unbounded(const pattern& p) { return detail::require(p, fact::unbounded); }
constexpr guard whole(const pattern& p) { return detail::require(p, fact::whole); }  // a constant integer
constexpr guard is_scalar(const pattern& p) { return detail::require(p, fact::scalar); }
constexpr guard is_tensor(const pattern& p) { return detail::require(p, fact::tensor); }  // of rank 1 or more
constexpr guard single_use(const pattern& p) { return detail::require(p, fact::single_use); }

}  // namespace patterns

// A rule terminates if what it writes weighs less than what it takes away, for whatever the wildcards stand for:
// every operation has a weight and a factor for the weights of its operands (D. Lankford, "On proving term
// rewriting systems are Noetherian", 1979). Functions that stabilizing rules remove weigh more than those they
// introduce.
struct weight {
  int own = 4;
  int factor = 1;
};
constexpr weight weight_of(const op_info* op) {
  const auto is = [op](auto... candidate) { return ((op == candidate) || ...); };
  if (is(&info<op::exp>, &info<op::log>)) return {10, 2};
  if (is(&info<op::sum>)) return {8, 2};
  if (is(&info<op::prod>)) return {12, 2};
  if (is(&info<op::pow>)) return {40, 4};
  if (is(&info<op::sqrt>)) return {12, 2};
  if (is(&info<op::mul>)) return {1, 2};
  if (is(&info<op::div>)) return {4, 2};
  if (is(&info<op::add>, &info<op::sub>, &info<op::neg>, &info<op::sqr>, &info<op::along>))
    return {1, 1};
  if (is(&info<op::expm1>)) return {9, 2};
  if (is(&info<op::log1p>)) return {8, 1};
  if (is(&info<op::sigmoid>, &info<op::logaddexp>)) return {6, 1};
  if (op->kind == op_kind::contract || op->kind == op_kind::movement) return {2, 2};
  return {4, 1};
}

namespace detail {

struct heaviness {
  int constant = 0;
  int times[patterns::n_wildcards]{};
};
constexpr heaviness measured(const pattern& p, int at) {
  heaviness m;
  const pattern_node& n = p.nodes[at];
  if (n.what == pattern_node::literal_number) {
    m.constant = 1;
  } else if (n.what != pattern_node::operation) {
    m.times[static_cast<int>(n.args[0])] = 1;
  } else {
    const weight w = weight_of(n.op);
    m.constant = w.own;
    for (int a : n.args) {
      if (a < 0) continue;
      const heaviness inner = measured(p, a);
      m.constant += w.factor * inner.constant;
      for (int k = 0; k < patterns::n_wildcards; ++k) m.times[k] += w.factor * inner.times[k];
    }
  }
  return m;
}

constexpr void check_rule(const pattern& lhs, const pattern& rhs) {
  if (lhs.size == 0 || lhs.nodes[lhs.root()].what != pattern_node::operation)
    throw "the left side of a rewrite rule is an operation: a wildcard alone would match everything";
  const heaviness left = measured(lhs, lhs.root()), right = measured(rhs, rhs.root());
  int l = left.constant, r = right.constant;
  for (int k = 0; k < patterns::n_wildcards; ++k) {
    if (right.times[k] > 0 && left.times[k] == 0)
      throw "a wildcard on the right side of a rewrite rule does not occur on its left side";
    if (right.times[k] > left.times[k])
      throw "this rewrite rule may never end: a wildcard weighs more on its right side than on its left";
    l += left.times[k];
    r += right.times[k];
  }
  if (r >= l) throw "this rewrite rule may never end: its right side is no simpler than its left";
}

}  // namespace detail

struct rule {
  pattern lhs, rhs;
  guard when;
  std::string_view name;
  signed char swaps = 0;  // commutative operations on the left below the root, each to be tried both ways
};

template <class R>
  requires(std::is_same_v<R, pattern> || Number<R>)
constexpr rule operator>>(const pattern& lhs, const R& right) {
  rule r{};
  r.lhs = lhs;
  r.rhs = detail::as_pattern(right);
  detail::check_rule(r.lhs, r.rhs);
  for (int k = 0; k < lhs.size - 1; ++k)
    if (lhs.nodes[k].what == pattern_node::operation && lhs.nodes[k].op->commutative) ++r.swaps;
  if (r.swaps > 6) throw "a rewrite rule has at most seven commutative operations on its left side";
  return r;
}
constexpr rule operator|(rule r, const guard& g) {
  r.when = r.when && g;
  return r;
}
constexpr rule operator&&(rule r, const guard& g) { return r | g; }

constexpr rule named(std::string_view name, rule r) {
  r.name = name;
  return r;
}

namespace detail {

constexpr void write(text& t, const pattern& p, int at, int outer) {
  const pattern_node& n = p.nodes[at];
  if (n.what == pattern_node::literal_number) {
    if (is_whole(n.value)) t << static_cast<std::int64_t>(n.value);
    else t << n.value;
  } else if (n.what != pattern_node::operation) {
    t << "xyzvcdu"[static_cast<int>(n.args[0])];
  } else if (n.op == &info<op::along>) {
    write(t, p, n.args[0], outer);
  } else if (!n.op->infix.empty()) {
    const bool unary = n.args[1] < 0, inside = n.op->precedence <= outer;
    if (inside) t << '(';
    if (!unary) write(t, p, n.args[0], n.op->precedence - 1);
    t << n.op->infix;
    write(t, p, n.args[unary ? 0 : 1], n.op->precedence);
    if (inside) t << ')';
  } else {
    t << n.op->name << '(';
    for (int k = 0; k < 3 && n.args[k] >= 0; ++k) {
      if (k > 0) t << ", ";
      write(t, p, n.args[k], 0);
    }
    t << ')';
  }
}

}  // namespace detail

// The rule as mathematics: "log(1 + x) >> log1p(x)". A rule without a name of its own goes by this one.
constexpr text to_text(const rule& r) {
  text t;
  detail::write(t, r.lhs, r.lhs.root(), 0);
  t << " >> ";
  detail::write(t, r.rhs, r.rhs.root(), 0);
  return t;
}
constexpr bool goes_by(const rule& r, std::string_view name) {
  if (!r.name.empty()) return r.name == name;
  return name.find(">>") != std::string_view::npos && to_text(r).view() == name;
}

}  // namespace agnesi
