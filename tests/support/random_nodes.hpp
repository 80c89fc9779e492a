// SPDX-License-Identifier: BSD-3-Clause
// Nodes at random, over all operations that can be written, with inputs for which all they compute is finite; what
// becomes of them is in random_formulas.hpp. Elementwise operations, reductions and composites are taken from the list of
// operations, so that a new one is met without a word here; what moves, indexes and multiplies has a function each. Over
// 300 lines, for that reason.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <random>
#include <set>

#include "agnesi/ir/universe.hpp"
#include "support/interpret.hpp"

namespace agnesi::testing {

// A function: the root lists the outputs, then the new values of the symbols in `updated`.
struct formula {
  graph g;
  values in;
  std::vector<std::string> updated;
  bool ieee = false;
  unsigned seed = 0;

  int n_results() const { return g[g.size() - 1].n_args; }
  int n_outputs() const { return n_results() - static_cast<int>(updated.size()); }
  vec<int> targets(const graph& of) const {
    vec<int> t(n_outputs(), -1);
    for (const std::string& name : updated) t.push_back(of.symbols[of.find_symbol(name)].node);
    return t;
  }
};

// The seed is 1, or what the environment says, for exploring: AGNESI_SEED=17 tests/one.sh ...
inline unsigned number_from(const char* variable, unsigned otherwise) {
  const char* given = std::getenv(variable);
  return given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : otherwise;
}
inline unsigned first_seed() { return number_from("AGNESI_SEED", 1); }

// The core's operations of some kind and number of operands.
inline std::vector<const op_info*> operations_of(op_kind kind, int arity) {
  std::vector<const op_info*> found;
  const universe u = universe_of<op_list<>>();
  for (int k = 0; k < u.n_core; ++k)
    if (u.op(k)->kind == kind && u.op(k)->arity == arity && u.op(k) != &info<op::cast>) found.push_back(u.op(k));
  return found;
}

class random_nodes {
 public:
  using extents = std::vector<std::int64_t>;
  formula f;
  std::set<const op_info*> used;  // of those that stayed

  explicit random_nodes(unsigned seed) : random_(seed) {
    f.seed = seed;
    f.ieee = pick(6) == 0;
    for (std::int64_t& e : base_) e = pick(16) == 0 ? 0 : pick(8) == 0 ? 1 : 2 + pick(3);
    const dtype floats[] = {dtype::f64, dtype::f64, dtype::f64, dtype::f32};
    for (int k = 2 + pick(3); k > 0; --k) add_random(floats[pick(4)]);
    const dtype others[] = {dtype::i32, dtype::i64, dtype::i64, dtype::u8, dtype::boolean};
    for (int k = 1 + pick(3); k > 1; --k) add_indices(others[pick(2)]);
    for (int k = pick(3); k > 0; --k) add_random(others[pick(5)]);
    if (pick(5) == 0) add_input(dtype::i32, {});
    for (double v : {0.0, 1.0, 2.0, 0.5, -1.0, 3.0})
      if (pick(2) == 0) keep(constant_of(f.g, v, pick(8) == 0 ? dtype::f32 : dtype::f64), {});
    keep(literal(f.g, 2), {});
    if (pick(3) == 0) keep(literal(f.g, -1.5), {});
    if (pick(8) == 0) keep(make_constant(f.g, {dtype::boolean, pick(2), 0}), {});
    run_.emplace(f.g, f.in);
    const int size = 3 + pick(pick(3) == 0 ? 40 : 16);
    for (int k = 0; k < size; ++k) add_node();
  }

 protected:
  std::mt19937 random_;
  std::int64_t base_[2] = {2, 3};
  std::vector<int> nodes_;
  std::vector<extents> extents_;  // of each of these
  std::optional<detail::interpreter> run_;
  std::set<const op_info*> tried_;

  int pick(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }
  graph& g() { return f.g; }

  // ---- inputs

  extents random_shape() {
    const std::int64_t a = base_[0], b = base_[1];
    const extents shapes[] = {{a, b}, {a, b}, {b, a}, {a, a}, {a}, {b}, {b}, {}, {1, b}, {a, 1}, {1}, {a, b, 2}, {2, 1, b}};
    return shapes[pick(13)];
  }
  // Positive numbers, numbers of both signs, and few different ones, which tie.
  real number(dtype type, int style) {
    if (type == dtype::boolean) return pick(2);
    if (type == dtype::u8) return style == 0 ? pick(256) : pick(4);
    const int smallest = static_cast<int>(std::min(base_[0], base_[1]));
    if (is_integer(type))
      return smallest == 0 ? 0 : style == 0 && smallest > 0 ? pick(2 * smallest) - smallest : pick(smallest);
    const double v = std::uniform_real_distribution<double>(style == 0 ? 0.2 : -2, 2)(random_);
    return style == 2 ? real(pick(5) - 2) / 2 : type == dtype::f32 ? real(static_cast<float>(v)) : real(v);
  }
  void add_input(dtype type, const extents& e) {
    const std::string name(1, static_cast<char>('a' + f.g.symbols.size()));
    extents declared = e;
    for (std::int64_t& d : declared) d = pick(2) == 0 && d != 1 ? dyn : pick(12) == 0 ? dyn : d;
    tensor_value t(e);
    const int style = pick(3);
    for (real& v : t.elements) v = number(type, style);
    f.in[name] = t;
    keep(agnesi::add_input(g(), name, type, declared.data(), static_cast<int>(e.size())), e);
  }
  void add_random(dtype type) { add_input(type, random_shape()); }
  void add_indices(dtype type) { add_input(type, {base_[pick(4) == 0]}); }
  void keep(int id, const extents& e) {
    nodes_.push_back(id);
    extents_.push_back(e);
  }

  // ---- what is there

  int at(std::size_t k) const { return nodes_[k]; }
  std::size_t any_place() {
    const int n = static_cast<int>(nodes_.size());
    return static_cast<std::size_t>(pick(3) == 0 ? n - 1 - pick(std::min(n, 3)) : pick(n));
  }
  int any() { return at(any_place()); }
  // A node of this kind, if one is met by chance.
  template <class F>
  int any_where(F good) {
    for (int tries = 0; tries < 30; ++tries) {
      const std::size_t k = any_place();
      if (good(at(k), extents_[k])) return at(k);
    }
    return -1;
  }
  int any_float() {
    return any_where([&](int id, const extents&) { return is_float(g().type(id)); });
  }
  int any_number() {
    return any_where([&](int id, const extents&) { return pick(6) == 0 || g().type(id) != dtype::boolean; });
  }
  int any_truth() {
    const int made = any_where([&](int id, const extents&) { return g().type(id) == dtype::boolean; });
    const op_info* const compare[] = {&info<op::less>,          &info<op::less_equal>, &info<op::greater>,
                                      &info<op::greater_equal>, &info<op::equal>,      &info<op::not_equal>};
    if (made >= 0 && pick(4) > 0) return made;
    const op_info& o = *compare[pick(6)];
    const int a = any();
    const int b = a < 0 || pick(2) == 0 ? any() : any_where([&](int id, const extents&) { return g().type(id) == g().type(a); });
    return applied_to(o, {a, b}, {});
  }
  int any_index(std::size_t rank) {
    return any_where([&](int id, const extents& e) { return is_integer(g().type(id)) && !g()[id].weak && e.size() == rank; });
  }
  std::int64_t random_axes(int rank) { return rank == 0 ? 0 : pick(20) == 0 ? 0 : 1 + pick((1 << rank) - 1); }

  template <class... Id>
  int applied(const op_info& o, Id... ids) {
    tried_.insert(&o);
    return ((ids < 0) || ...) ? -1 : g().apply(o, ids...);
  }
  int applied_with(const op_info& o, int x, std::int64_t attr) {
    tried_.insert(&o);
    return x < 0 ? -1 : g().apply_with(o, x, attr);
  }
  int applied_to(const op_info& o, std::initializer_list<int> args, std::initializer_list<std::int64_t> attrs) {
    tried_.insert(&o);
    for (int a : args)
      if (a < 0) return -1;
    return g().apply(o, args.begin(), static_cast<int>(args.size()), attrs.begin(), static_cast<int>(attrs.size()));
  }

  // ---- operations

  // What does not fit, by its type or at the call, is undone; what is not a finite number of moderate size, too.
  void add_node() {
    const graph before = g();
    tried_.clear();
    const int made = candidate();
    if (made >= 0 && g().failure == mistake::none && g().rank(made) <= 4) {
      try {
        run_->update();
        const tensor_value& t = run_->at(made);
        const bool tame = std::all_of(t.elements.begin(), t.elements.end(), [](real v) { return std::fabs(v) < 1e6L; });
        if (tame) {
          keep(made, t.extents);
          used.insert(tried_.begin(), tried_.end());
          return;
        }
      } catch (const std::exception&) {
      }
    }
    g() = before;
    run_->update();
  }
  int candidate() {
    switch (pick(25)) {
      case 22:
      case 23: {
        const int x = any();
        return looked_up(x, g().rank(x));
      }
      case 24: return pairs();
      case 0:
      case 1:
      case 2:
      case 3:
      case 4:
      case 5:
      case 6: return arithmetic();
      case 7:
      case 8:
      case 9: return elementwise();
      case 10:
      case 11:
      case 12: return reduction();
      case 13: return composite();
      case 14:
      case 15: return movement();
      case 16:
      case 17: return indexing();
      case 18:
      case 19: return product();
      case 20: return conversion();
      default: return choice();
    }
  }
  // What x was made of, so that something may cancel.
  int part_of(int x) {
    for (int depth = 1 + pick(3); depth > 0 && x >= 0 && g()[x].n_args > 0; --depth) x = g().arg(x, pick(g()[x].n_args));
    return x;
  }
  // Not of truth values, of which nobody asks for a negative.
  int negative(int x) { return x < 0 || g().type(x) == dtype::boolean ? -1 : applied(info<op::neg>, x); }
  int arithmetic() {
    const int x = any_number();
    int y = pick(4) == 0 ? part_of(x) : any_number();
    if (y >= 0 && pick(12) == 0) y = negative(y);
    switch (pick(9)) {
      case 0:
      case 1: return applied(info<op::add>, x, y);
      case 2: return applied(info<op::sub>, x, y);
      case 3:
      case 4:
      case 5: return applied(info<op::mul>, x, y);
      case 6: return applied(info<op::div>, x, y);
      case 7: return negative(x);
      default: return applied(info<op::sqr>, x);
    }
  }
  int elementwise() {
    static const auto unary = operations_of(op_kind::elementwise, 1), binary = operations_of(op_kind::elementwise, 2);
    static const auto ternary = operations_of(op_kind::elementwise, 3);
    const auto& list = pick(5) < 3 ? unary : pick(6) > 0 ? binary : ternary;
    if (list.empty()) return -1;
    const op_info& o = *list[static_cast<std::size_t>(pick(static_cast<int>(list.size())))];
    const bool logical = o.name.substr(0, 8) == "logical_";
    if (&o == &info<op::pow>) return power();
    if (&o == &info<op::neg>) return negative(any_number());
    if (o.arity == 1) return applied(o, logical ? any_truth() : any_number());
    if (o.arity == 2) return applied_to(o, {logical ? any_truth() : any_number(), logical ? any_truth() : any_number()}, {});
    return applied_to(o, {&o == &info<op::where> ? any_truth() : any_number(), any(), any()}, {});
  }
  int power() {
    const double exponents[] = {0, 1, 2, 3, -1, -2, 0.5, -0.5, 1.5, 5, 17};
    if (pick(4) == 0) return applied_to(info<op::pow>, {any_number(), any_number()}, {});
    const double v = exponents[pick(11)];
    const int x = any_number();
    return applied(info<op::pow>, x, v == std::trunc(v) && pick(2) == 0 ? literal(g(), static_cast<int>(v)) : literal(g(), v));
  }
  int choice() {
    if (pick(3) == 0) return any_truth();
    const int x = pick(4) == 0 ? constant_of(g(), 0, dtype::f64) : any(),
              y = pick(4) == 0 ? constant_of(g(), 0, dtype::f64) : any();
    return applied(info<op::where>, any_truth(), x, y);
  }
  int reduction() {
    static const auto all = operations_of(op_kind::reduce, 1);
    const op_info* const usual[] = {&info<op::sum>, &info<op::sum>, &info<op::max>, &info<op::min>, &info<op::prod>};
    const op_info& o = pick(2) == 0 ? *usual[pick(5)] : *all[static_cast<std::size_t>(pick(static_cast<int>(all.size())))];
    const bool logical = &o == &info<op::all> || &o == &info<op::any>;
    return kept_axes(o, logical ? any_truth() : any());
  }
  // Of one operand, along axes, or of two.
  int composite() {
    static const auto unary = operations_of(op_kind::composite, 1), binary = operations_of(op_kind::composite, 2);
    const bool one = pick(3) > 0;
    const auto& list = one ? unary : binary;
    if (list.empty()) return -1;
    const op_info& o = *list[static_cast<std::size_t>(pick(static_cast<int>(list.size())))];
    if (one) return kept_axes(o, any_number());
    return applied_to(o, {any_float(), pick(2) == 0 ? any_index(1) : any_float()}, {});
  }
  int kept_axes(const op_info& o, int x) {
    if (x < 0) return -1;
    const std::int64_t axes = random_axes(g().rank(x));
    const int reduced = applied_with(o, x, axes);
    if (reduced < 0 || g().rank(reduced) == g().rank(x)) return reduced;
    return pick(2) == 0 ? reduced : applied_with(info<op::expand_dims>, reduced, axes);
  }

  int movement() {
    const int x = any(), r = g().rank(x);
    switch (pick(6)) {
      case 0:
      case 1: return permuted(x, r);
      case 2: return r < 3 ? applied_with(info<op::expand_dims>, x, 1 + pick((1 << (r + 1)) - 1)) : -1;
      case 3: {
        std::int64_t ones = 0;
        for (int k = 0; k < r; ++k) ones |= g().shapes.find(g().extent(x, k)) == 1 && pick(3) > 0 ? std::int64_t{1} << k : 0;
        return ones == 0 ? -1 : applied_with(info<op::squeeze>, x, ones);
      }
      case 4: {
        tried_.insert(&info<op::broadcast>);
        return broadcast_to_shape(g(), x, g().shape(any()));
      }
      default: return reshaped(x);
    }
  }
  int permuted(int x, int r) {
    if (r < 2) return -1;
    int order[] = {0, 1, 2, 3};
    std::shuffle(order, order + r, random_);
    return applied_with(info<op::permute>, x, packed_axes(order, r));
  }
  int reshaped(int x) {
    const std::int64_t some = 1 + pick(4);
    switch (pick(6)) {
      case 0: return applied_to(info<op::reshape>, {x}, {-1});
      case 1: return applied_to(info<op::reshape>, {x}, {-1, some});
      case 2: return applied_to(info<op::reshape>, {x}, {some, -1});
      case 3: return applied_to(info<op::reshape>, {x}, {1, -1, 1});
      case 4: {  // by the extents of something
        const int y = any();
        if (g().rank(y) == 0) return -1;
        const int n = extent_value(g(), g().extent(y, pick(g().rank(y))), dtype::i64);
        return applied_to(info<op::reshape>, {x, n}, {-2, -1});
      }
      default: return applied_to(info<op::reshape>, {x}, {2, -1, some});
    }
  }

  int indexing() {
    const int x = any(), r = g().rank(x);
    if (r == 0) return pick(2) == 0 ? -1 : extents_of();
    switch (pick(8)) {
      case 0: return extents_of();
      case 1:
      case 2:
      case 3: return sliced(x, r);
      default: return looked_up(x, r);
    }
  }
  int extents_of() {
    const int y = any();
    if (g().rank(y) == 0) return -1;
    const dim n = g().extent(y, pick(g().rank(y)));
    if (pick(2) == 0) {
      tried_.insert(&info<op::extent>);
      return extent_value(g(), n, pick(2) == 0 ? dtype::f64 : dtype::i64);
    }
    tried_.insert(&info<op::iota>);
    return op::iota::make(g(), n);
  }
  int sliced(int x, int r) {
    if (r == 0) return -1;
    const std::int64_t axis = pick(r);
    if (pick(3) == 0) {
      const int part = applied_to(info<op::slice>, {x}, {axis, pick(4) - 2});
      return pick(2) == 0 ? part : applied_with(info<op::squeeze>, part, std::int64_t{1} << axis);
    }
    const std::int64_t steps[] = {1, 1, 2, 3, -1, -2};
    return applied_to(
        info<op::slice>, {x},
        {axis, pick(2) == 0 ? op::open_end : pick(6) - 3, pick(2) == 0 ? op::open_end : pick(7) - 3, steps[pick(6)]});
  }
  int looked_up(int x, int r) {
    if (r == 0) return -1;
    const std::int64_t axis = pick(r);
    const bool one = pick(3) == 0;
    int ids = any_index(one ? 0 : 1);
    if (one) ids = applied_with(info<op::expand_dims>, ids, 1);
    const int taken = applied_to(info<op::take>, {x, ids}, {axis});
    return one ? applied_with(info<op::squeeze>, taken, std::int64_t{1} << axis) : taken;
  }
  int pairs() {
    const int x = any_where([&](int, const extents& e) { return e.size() >= 2; }), i = any_index(1);
    if (x < 0 || i < 0) return -1;
    const extents& n = run_->at(i).extents;
    const int j = any_where([&](int id, const extents& e) { return is_integer(g().type(id)) && e == n; });
    return applied(info<op::take_pairs>, x, i, j);
  }
  // Of ranks 0 to 2, in any combination.
  int product() {
    const int a =
        any_where([&](int id, const extents& e) { return e.size() <= 2 && (pick(5) == 0 || is_float(g().type(id))); });
    if (a < 0) return -1;
    const extents of_a = run_->at(a).extents;
    const int b = any_where([&](int, const extents& e) {
      return e.empty() ? pick(8) == 0 : e.size() <= 2 && (of_a.empty() || e[0] == of_a.back());
    });
    return applied(info<op::dot>, a, b);
  }
  int conversion() {
    const dtype types[] = {dtype::f32, dtype::f64, dtype::f64, dtype::i32, dtype::i64, dtype::u8, dtype::boolean};
    const int x = any();
    const dtype to = types[pick(7)];
    if (to == dtype::u8 &&
        !std::all_of(run_->at(x).elements.begin(), run_->at(x).elements.end(), [](real v) { return v >= 0 && v < 256; }))
      return -1;  // not defined
    return applied_to(info<op::cast>, {x}, {static_cast<std::int64_t>(to)});
  }
};

}  // namespace agnesi::testing
