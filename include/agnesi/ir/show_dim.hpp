// SPDX-License-Identifier: BSD-3-Clause
// Extents, slices and constants as text.
//   shape_text(g, id).view() == "(dim<0>(x), 3)"
#pragma once

#include "agnesi/core/text.hpp"
#include "agnesi/ir/leaf.hpp"

namespace agnesi {

namespace detail {

// What a dim is computed from; null for a number.
constexpr const dim_formula* form_of(const graph& g, dim d) {
  d = g.shapes.find(d);
  return d >= 0 ? nullptr : &g.shapes.formulas[static_cast<int>(-1 - d)];
}
constexpr bool is_form(const graph& g, dim d, dim_op op) {
  const dim_formula* f = form_of(g, d);
  return f != nullptr && f->op == op;
}
constexpr bool same_dim(const graph& g, dim a, dim b) { return g.shapes.find(a) == g.shapes.find(b); }

constexpr std::string_view infix_of(dim_op op) {
  switch (op) {
    case dim_op::add: return " + ";
    case dim_op::sub: return " - ";
    case dim_op::mul: return " * ";
    case dim_op::floor_div: return " / ";
    default: return {};
  }
}
// As the same operations among formulas have it.
constexpr int precedence_of_dim(const graph& g, dim d) {
  const dim_formula* f = form_of(g, d);
  if (f == nullptr) return 100;
  if (f->op == dim_op::add || f->op == dim_op::sub) return 10;
  return f->op == dim_op::mul || f->op == dim_op::floor_div ? 20 : 100;
}

// `budget` bounds the text of a formula whose parts are shared, which would be exponential.
constexpr void write_dim(text& t, const graph& g, dim d, int above, int& budget) {
  d = g.shapes.find(d);
  const dim_formula* f = form_of(g, d);
  if (f == nullptr) {
    t << d;
  } else if (--budget < 0) {
    t << "...";
  } else if (f->op == dim_op::input_extent) {
    t << "dim<" << f->b << ">(" << g.symbol_name(static_cast<int>(f->a)) << ')';
  } else if (f->op == dim_op::input_value) {
    t << g.symbol_name(static_cast<int>(f->a));
  } else if (f->op == dim_op::min || f->op == dim_op::max) {
    t << (f->op == dim_op::min ? "minimum(" : "maximum(");
    write_dim(t, g, f->a, 0, budget);
    t << ", ";
    write_dim(t, g, f->b, 0, budget);
    t << ')';
  } else {
    const int own = precedence_of_dim(g, d);
    if (own < above) t << '(';
    write_dim(t, g, f->a, own, budget);
    t << infix_of(f->op);
    write_dim(t, g, f->b, own + 1, budget);
    if (own < above) t << ')';
  }
}
constexpr void write_dim(text& t, const graph& g, dim d, int above = 0) {
  int budget = 64;
  write_dim(t, g, d, above, budget);
}

constexpr void write_shape(text& t, const graph& g, int shape) {
  t << '(';
  for (int k = 0; k < g.shapes.rank(shape); ++k) {
    if (k > 0) t << ", ";
    write_dim(t, g, g.shapes.extent(shape, k));
  }
  t << ')';
}

// A place on an axis of extent n as the user would write it: -1 for n - 1, 5 for minimum(5, n).
constexpr void write_place(text& t, const graph& g, dim d, dim n) {
  const dim_formula* f = form_of(g, d);
  if (f != nullptr && f->op == dim_op::sub && same_dim(g, f->a, n) && g.shapes.find(f->b) >= 0)
    t << '-' << g.shapes.find(f->b);
  else if (f != nullptr && f->op == dim_op::min && same_dim(g, f->b, n) && g.shapes.find(f->a) >= 0)
    t << g.shapes.find(f->a);
  else
    write_dim(t, g, d);
}

// Where a slice with a positive step ends, as far as its count tells; -1 with `found` false where it does not.
constexpr dim slice_end(const graph& g, dim begin, dim count, std::int64_t step, bool& found) {
  begin = g.shapes.find(begin);
  count = g.shapes.find(count);
  found = true;
  if (begin >= 0 && count >= 0) return count == 0 ? begin : begin + (count - 1) * step + 1;
  const dim_formula* f = form_of(g, count);
  if (step > 1 && f != nullptr && f->op == dim_op::floor_div && f->b == step) {
    f = form_of(g, f->a);
    if (f != nullptr && f->op == dim_op::add && f->b == step - 1) count = g.shapes.find(f->a);
    f = form_of(g, count);
  } else if (step > 1) {
    found = false;
  }
  if (begin == 0) return count;
  if (f != nullptr && f->op == dim_op::sub && same_dim(g, f->b, begin)) return f->a;
  found = false;
  return -1;
}

constexpr void write_forward_slice(text& t, const graph& g, dim n, dim begin, dim count, std::int64_t step) {
  write_place(t, g, begin, n);
  t << ", ";
  bool found = false;
  const dim end = slice_end(g, begin, count, step, found);
  if (!found) {
    write_dim(t, g, begin, 10);
    t << " + ";
    write_dim(t, g, count, 20);
    if (step != 1) t << " * " << step;
  } else if (same_dim(g, end, n)) {
    t << "none";
  } else {
    write_place(t, g, end, n);
  }
}

// A bound of a slice that runs backwards, given as op::slice does: how many elements lie behind it.
constexpr bool write_bound_behind(text& t, const graph& g, dim behind, dim n) {
  const dim_formula* f = form_of(g, behind);
  if (same_dim(g, behind, n) || g.shapes.find(behind) == 0) {
    t << "none";
    return true;
  }
  if (f == nullptr || f->op != dim_op::sub || !same_dim(g, f->a, n)) return false;
  f = form_of(g, f->b);
  if (f == nullptr) return false;
  if (f->op == dim_op::min && f->a >= 0 && same_dim(g, f->b, n)) t << f->a - 1;
  else if (f->op == dim_op::sub && f->b >= 0 && same_dim(g, f->a, n)) t << -f->b - 1;
  else return false;
  return true;
}

constexpr void write_backward_slice(text& t, const graph& g, dim n, dim begin, dim count, std::int64_t step) {
  begin = g.shapes.find(begin);
  count = g.shapes.find(count);
  if (begin >= 0 && count >= 0) {
    const dim end = begin + count * step;
    if (begin == g.shapes.find(n) - 1) t << "none, ";
    else t << begin << ", ";
    if (end < 0) t << "none";
    else t << end;
    return;
  }
  dim skipped = -1;
  bool found = false;
  if (const dim_formula* f = form_of(g, begin); f != nullptr && f->op == dim_op::sub && f->b == 1) {
    const dim_formula* rest = form_of(g, f->a);
    found = same_dim(g, f->a, n) || (rest != nullptr && rest->op == dim_op::sub && same_dim(g, rest->a, n));
    if (found) skipped = same_dim(g, f->a, n) ? 0 : rest->b;
  }
  bool ended = false;
  text bounds;
  if (found && write_bound_behind(bounds, g, skipped, n)) {
    bounds << ", ";
    const dim stop = slice_end(g, skipped, count, -step, ended);
    ended = ended && write_bound_behind(bounds, g, stop, n);
  }
  if (ended) {
    t << bounds;
    return;
  }
  write_dim(t, g, begin);
  t << ", ";
  write_dim(t, g, begin, 10);
  t << " - ";
  write_dim(t, g, count, 20);
  if (step != -1) t << " * " << -step;
}

// slice(1, 5), slice(0, none, 2), slice(none, none, -1)
constexpr void write_slice(text& t, const graph& g, dim n, dim begin, dim count, std::int64_t step) {
  t << "slice(";
  if (step > 0) write_forward_slice(t, g, n, begin, count, step);
  else write_backward_slice(t, g, n, begin, count, step);
  if (step != 1) t << ", " << step;
  t << ')';
}

// The shortest decimal that is this number as a float.
constexpr double shortest_float(double v) {
  const auto f = static_cast<float>(v);
  const double m = v < 0 ? -v : v;
  if (!(m >= 1e-30 && m < 1e30)) return v;
  double scale = 1;
  for (; m * scale < 1; scale *= 10) {}
  for (; m * scale >= 10; scale /= 10) {}
  for (int digits = 1; digits < 10; ++digits, scale *= 10) {
    const auto rounded = static_cast<double>(static_cast<std::int64_t>(m * scale + 0.5)) / scale;
    if (static_cast<float>(v < 0 ? -rounded : rounded) == f) return v < 0 ? -rounded : rounded;
  }
  return v;
}

constexpr void write_constant(text& t, scalar_value v) {
  if (v.type == dtype::boolean) t << (v.i != 0 ? "true" : "false");
  else if (!is_float(v.type)) t << v.i;
  else if (v.f == 3.141592653589793) t << "pi";
  else t << (v.type == dtype::f32 ? shortest_float(v.f) : v.f);
}
constexpr bool shows_minus(scalar_value v) {
  return is_float(v.type) ? v.f < 0 || (v.f == 0 && std::bit_cast<std::int64_t>(v.f) != 0) : v.i < 0;
}

}  // namespace detail

// The extents of a node: (dim<0>(x), 3).
constexpr text shape_text(const graph& g, int id) {
  text t;
  detail::write_shape(t, g, g.shape(id));
  return t;
}

}  // namespace agnesi
