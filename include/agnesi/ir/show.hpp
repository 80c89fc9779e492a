// SPDX-License-Identifier: BSD-3-Clause
// A formula of a graph as mathematics, infix and with as few parentheses as its structure allows.
//   shown(g, root).view() == "a - (b - c) / sum(x, axis<0>)"
#pragma once

#include "agnesi/ir/show_dim.hpp"

namespace agnesi {

class formula_writer {
  // Templates stand before what calls them: clang evaluates no member template that it has not read yet.
  static constexpr int max_depth = 40;
  static constexpr int prefix_precedence = 30;
  static constexpr int atom = 100;
  const graph& g_;
  vec<int> label_of_;
  vec<text> labels_;
  bool terse_ = false;

  constexpr int number(int id) const { return g_[id].op->number; }
  constexpr bool labeled(int id) const { return label_of_[id] >= 0; }
  template <class... Op>
  constexpr bool is(int id) const {
    return ((number(id) == core_id<Op>) || ...);
  }

  // The node that is written as part of this one: x(0) is a squeezed slice, sum(x, keepdims) an expanded sum.
  constexpr int inner(int id) const {
    if (g_[id].n_args != 1) return -1;
    const int a = g_.arg(id, 0);
    if (labeled(a) || g_[id].n_attrs != 1) return -1;
    const std::int64_t axes = g_.attr(id, 0);
    if (is<op::expand_dims>(id) && reduces(a)) return g_.attr(a, 0) == axes ? a : -1;
    if (!is<op::squeeze>(id) || !is<op::slice, op::take, op::take_pairs>(a)) return -1;
    if (axes != (is<op::take_pairs>(a) ? 1 : std::int64_t{1} << g_.attr(a, 0))) return -1;
    for (int k = 1; k < g_[a].n_args; ++k) {
      const int place = g_.arg(a, k);
      if (!is<op::expand_dims>(place) || labeled(place) || g_.rank(place) != 1) return -1;
    }
    return a;
  }
  constexpr bool reduces(int id) const {
    return (g_[id].op->kind == op_kind::reduce || is<op::mean, op::squared_deviations>(id)) && g_[id].n_args == 1 && g_[id].n_attrs == 1;
  }
  template <class F>
  constexpr void each_operand(int id, F f) const {
    if (labeled(id)) return;
    const int in = inner(id) >= 0 ? inner(id) : id;
    if (in != id && is<op::take, op::take_pairs>(in)) {
      f(g_.arg(in, 0));
      for (int k = 1; k < g_[in].n_args; ++k) f(g_.arg(g_.arg(in, k), 0));
      return;
    }
    for (int k = 0; k < g_[in].n_args; ++k) f(g_.arg(in, k));
  }

 public:
  // With `terse`, repetitions that the operands of an elementwise operation imply are not written.
  constexpr explicit formula_writer(const graph& g, bool terse = false) : g_(g), label_of_(g.size(), -1), terse_(terse) {}

  // What stands for a node from here on, instead of its formula.
  constexpr void label(int id, const text& name) {
    label_of_[id] = labels_.size();
    labels_.push_back(name);
  }

  // Where the text of these roots would have more than `limit` tokens, names what they share: t1 = ..., a line
  // each. That keeps the text linear in the nodes, and the recursion shallow.
  constexpr text name_shared(const vec<int>& roots, int limit = 300) {
    vec<int> uses(g_.size());
    for (int r : roots) ++uses[r];
    for (int id = g_.size(); id-- > 0;)
      if (uses[id] > 0) each_operand(id, [&](int a) { ++uses[a]; });
    vec<int> tokens(g_.size());
    for (int id = 0; id < g_.size(); ++id) {
      if (uses[id] == 0) continue;
      tokens[id] = 1;
      each_operand(id, [&](int a) { tokens[id] += tokens[a]; });
      if (tokens[id] > limit) tokens[id] = limit + 1;
    }
    int total = 0;
    for (int r : roots) total += tokens[r];
    if (total <= limit) return {};
    return name_all(uses);
  }

  constexpr void write(text& t, int id) const { write(t, id, 0, false); }
  // As an operand of what binds with precedence `above`.
  constexpr void write(text& t, int id, int above) const { write(t, id, above, false); }
  constexpr bool has_label(int id) const { return labeled(id); }
  constexpr const text& label_of(int id) const { return labels_[label_of_[id]]; }

 private:
  constexpr text name_all(const vec<int>& uses) {
    text lines;
    vec<int> depth(g_.size());
    int n = 0;
    for (int id = 0; id < g_.size(); ++id) {
      if (uses[id] == 0 || labeled(id) || g_[id].n_args == 0 || is<op::outputs>(id)) continue;
      each_operand(id, [&](int a) { depth[id] = depth[a] + 1 > depth[id] ? depth[a] + 1 : depth[id]; });
      if (uses[id] == 1 && depth[id] < max_depth) continue;
      text name;
      do name = text("t") << ++n;
      while (g_.find_symbol(name.view()) >= 0);
      lines << name << " = ";
      write(lines, id, 0, false);
      lines << '\n';
      label(id, name);
      depth[id] = 0;
    }
    return lines;
  }

  constexpr bool infix(int id) const { return !g_[id].op->infix.empty() && g_[id].n_args == 2; }
  constexpr bool prefix(int id) const { return !g_[id].op->infix.empty() && g_[id].n_args == 1; }
  constexpr bool minus(int id) const {
    return is<op::neg>(id) || (is<op::constant>(id) && detail::shows_minus(value_of(g_, id)));
  }
  constexpr int precedence(int id) const {
    if (labeled(id)) return atom;
    if (prefix(id) || minus(id)) return prefix_precedence;
    if (is<op::extent>(id)) return detail::precedence_of_dim(g_, g_.attr(id, 0));
    return infix(id) ? g_[id].op->precedence : atom;
  }
  // Whether the text of an operand starts with a minus sign.
  constexpr bool starts_with_minus(int id) const {
    while (!labeled(id) && infix(id) && precedence(g_.arg(id, 0)) >= precedence(id)) id = g_.arg(id, 0);
    return !labeled(id) && minus(id);
  }
  constexpr bool associative(int id) const { return is<op::add, op::mul, op::logical_and, op::logical_or>(id); }
  constexpr bool comparison(int id) const {
    return is<op::less, op::less_equal, op::greater, op::greater_equal, op::equal, op::not_equal>(id);
  }

  // `above`: what binds at least as tightly needs no parentheses. `after_sign`: a minus sign would follow another.
  constexpr void write(text& t, int id, int above, bool after_sign) const {
    if (labeled(id)) {
      t << labels_[label_of_[id]];
      return;
    }
    const bool parentheses = precedence(id) < above || (after_sign && starts_with_minus(id));
    if (parentheses) t << '(';
    if (infix(id)) {
      write_infix(t, id);
    } else if (prefix(id)) {
      t << g_[id].op->infix;
      write(t, g_.arg(id, 0), prefix_precedence, is<op::neg>(id));
    } else if (inner(id) >= 0) {
      write_inner(t, id, inner(id));
    } else {
      write_call(t, id);
    }
    if (parentheses) t << ')';
  }
  // An operand, or what it repeats where another operand has the whole shape.
  constexpr int operand(int id, int k) const {
    const int a = g_.arg(id, k), o = g_.arg(id, k == 0 ? g_[id].n_args - 1 : 0);
    const bool implied = terse_ && g_[id].op->kind == op_kind::elementwise && is<op::broadcast>(a) && !labeled(a) &&
                         g_.shape(o) == g_.shape(id) && !is<op::broadcast>(o);
    return implied ? g_.arg(a, 0) : a;
  }
  constexpr void write_infix(text& t, int id) const {
    const int own = precedence(id), right = operand(id, 1);
    write(t, operand(id, 0), own + (comparison(id) ? 1 : 0), false);
    t << g_[id].op->infix;
    const bool regroups = associative(id) && !labeled(right) && number(right) == number(id);
    write(t, right, own + (regroups ? 0 : 1), true);
  }
  constexpr void write_inner(text& t, int id, int in) const {
    if (is<op::expand_dims>(id)) {
      write_reduction(t, in, true);
    } else if (is<op::take, op::take_pairs>(in)) {
      open_index(t, g_.arg(in, 0), is<op::take>(in) ? g_.attr(in, 0) : 0);
      for (int k = 1; k < g_[in].n_args; ++k) write(k > 1 ? t << ", " : t, g_.arg(g_.arg(in, k), 0));
      t << ')';
    } else {
      open_index(t, g_.arg(in, 0), g_.attr(in, 0));
      detail::write_place(t, g_, g_.attr(in, 1), g_.extent(g_.arg(in, 0), static_cast<int>(g_.attr(in, 0))));
      t << ')';
    }
  }

  constexpr void write_call(text& t, int id) const {
    if (is<op::input>(id)) t << g_.symbol_name(static_cast<int>(g_.attr(id, 0)));
    else if (is<op::constant>(id)) detail::write_constant(t, value_of(g_, id));
    else if (is<op::extent>(id)) detail::write_dim(t, g_, g_.attr(id, 0));
    else if (is<op::outputs>(id)) arguments(t << '(', id);
    else if (is<op::gradient>(id)) arguments(t << "grad(", id);
    else if (is<op::cast>(id)) arguments(t << "cast<" << spelled(g_.type(id)) << ">(", id);
    else if (reduces(id)) write_reduction(t, id, false);
    else if (is<op::softmax, op::log_softmax>(id)) write_normalized(t, id);
    else if (g_[id].op->kind == op_kind::movement) write_movement(t, id);
    else if (g_[id].op->kind == op_kind::index) write_index(t, id);
    else write_named(t, id);
  }
  // name(args), name<attrs>(args)
  constexpr void write_named(text& t, int id) const {
    t << g_[id].op->name;
    for (int k = 0; k < g_[id].n_attrs; ++k) t << (k == 0 ? "<" : ", ") << g_.attr(id, k);
    arguments(t << (g_[id].n_attrs > 0 ? ">(" : "("), id);
  }
  constexpr void arguments(text& t, int id) const {
    for (int k = 0; k < g_[id].n_args; ++k) {
      if (k > 0) t << ", ";
      write(t, operand(id, k));
    }
    t << ')';
  }
  static constexpr void axes(text& t, std::int64_t mask) {
    const char* before = "<";
    for (int k = 0; k <= max_rank; ++k) {
      if ((mask >> k & 1) == 0) continue;
      t << before << k;
      before = ", ";
    }
    t << '>';
  }
  constexpr void write_reduction(text& t, int id, bool kept) const {
    const int x = g_.arg(id, 0);
    t << g_[id].op->name << '(';
    write(t, x);
    if (g_.attr(id, 0) != (std::int64_t{1} << g_.rank(x)) - 1) axes(t << ", axis", g_.attr(id, 0));
    t << (kept ? ", keepdims)" : ")");
  }
  constexpr void write_normalized(text& t, int id) const {
    const int x = g_.arg(id, 0);
    t << g_[id].op->name << '(';
    write(t, x);
    if (g_.attr(id, 0) != std::int64_t{1} << (g_.rank(x) - 1)) axes(t << ", axis", g_.attr(id, 0));
    t << ')';
  }

  constexpr int unexpanded(int id) const { return is<op::expand_dims>(id) && !labeled(id) ? g_.arg(id, 0) : id; }
  constexpr void write_movement(text& t, int id) const {
    const int x = g_.arg(id, 0), r = g_.rank(id);
    if (is<op::permute>(id)) {
      const auto axis = [&](int k) { return static_cast<int>(g_.attr(id, 0) >> (4 * k) & 15); };
      bool reversed = true;
      for (int k = 0; k < r; ++k) reversed = reversed && axis(k) == r - 1 - k;
      t << (reversed ? "transpose" : "permute");
      for (int k = 0; k < r && !reversed; ++k) t << (k == 0 ? "<" : ", ") << axis(k);
      arguments(t << (reversed ? "(" : ">("), id);
    } else if (is<op::expand_dims, op::squeeze>(id)) {
      axes(t << g_[id].op->name, g_.attr(id, 0));
      arguments(t << '(', id);
    } else if (is<op::broadcast>(id) && is<op::constant>(unexpanded(x))) {
      detail::write_shape(t << "full(", g_, g_.shape(id));
      write(t << ", ", unexpanded(x));
      t << ')';
    } else if (is<op::broadcast, op::reshape>(id)) {
      write(t << (is<op::reshape>(id) ? "reshape(" : "broadcast_to("), x);
      detail::write_shape(t << ", ", g_, g_.shape(id));
      t << ')';
    } else {
      write_named(t, id);
    }
  }

  // x( or x(all, ...: up to the index of this axis.
  constexpr void open_index(text& t, int x, std::int64_t axis) const {
    write(t, x, atom, false);
    t << '(';
    for (std::int64_t k = 0; k < axis; ++k) t << "all, ";
  }
  constexpr void write_index(text& t, int id) const {
    if (is<op::iota>(id)) {
      detail::write_dim(t << "arange(", g_, g_.extent(id, 0));
      t << ')';
      return;
    }
    if (!is<op::slice, op::put_slice, op::take, op::put_take, op::take_pairs, op::put_pairs>(id)) {
      write_named(t, id);
      return;
    }
    const bool puts = is<op::put_slice, op::put_take, op::put_pairs>(id);
    const int x = g_.arg(id, 0);
    if (puts) t << "inc(";
    open_index(t, x, g_[id].n_attrs > 0 ? g_.attr(id, 0) : 0);
    if (is<op::slice, op::put_slice>(id)) {
      const int axis = static_cast<int>(g_.attr(id, 0)), part = puts ? g_.arg(id, 1) : id;
      detail::write_slice(t, g_, g_.extent(x, axis), g_.attr(id, 1), g_.extent(part, axis), g_.attr(id, 2));
    } else {
      write(t, g_.arg(id, 1));
      if (is<op::take_pairs, op::put_pairs>(id)) write(t << ", ", g_.arg(id, 2));
    }
    t << ')';
    if (puts) {
      write(t << ", ", g_.arg(id, g_[id].n_args - 1));
      t << ')';
    }
  }
};

// One formula; lines `t1 = ...` come before it where it shares so much that it would be long.
constexpr text shown(const graph& g, int id) {
  formula_writer w(g);
  vec<int> roots;
  roots.push_back(id);
  text t = w.name_shared(roots);
  w.write(t, id);
  return t;
}

// The results of a graph whose root, the last node, is an op::outputs: a line each.
constexpr text shown_outputs(const graph& g) {
  formula_writer w(g);
  vec<int> roots;
  const int root = g.size() - 1;
  for (int k = 0; k < g[root].n_args; ++k) roots.push_back(g.arg(root, k));
  text t = w.name_shared(roots);
  for (int k = 0; k < roots.size(); ++k) {
    if (k > 0) t << '\n';
    w.write(t, roots[k]);
  }
  return t;
}

}  // namespace agnesi
