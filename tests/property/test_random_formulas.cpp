// SPDX-License-Identifier: BSD-3-Clause
// Whole functions at random, outputs, gradients and updates, by the passes of run_pipeline: the plan, carried out step
// by step, must leave what the formula says. AGNESI_SEED and AGNESI_FORMULAS set where to start and how many.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <random>

#include "agnesi/function/pipeline.hpp"
#include "agnesi/ir/show.hpp"
#include "support/dump.hpp"
#include "support/run_plan.hpp"

namespace ag = agnesi;
namespace op = ag::op;
namespace phase = ag::phase;
using ag::dtype, ag::graph, ag::info;
using ag::testing::interpret, ag::testing::plan_run, ag::testing::real, ag::testing::tensor_value, ag::testing::values;
using interpreter = ag::testing::detail::interpreter;
using extents = std::vector<std::int64_t>;

namespace {

// A function: the root lists the outputs, then the new values of the symbols in `updated`.
struct formula {
  graph g;
  values in;
  std::vector<std::string> updated;
  bool ieee = false;
  unsigned seed = 0;

  int n_results() const { return g[g.size() - 1].n_args; }
  int n_outputs() const { return n_results() - static_cast<int>(updated.size()); }
  ag::vec<int> targets(const graph& of) const {
    ag::vec<int> t(n_outputs(), -1);
    for (const std::string& name : updated) t.push_back(of.symbols[of.find_symbol(name)].node);
    return t;
  }
};

class random_formula {
 public:
  formula f;

  explicit random_formula(unsigned seed) : random_(seed) {
    f.seed = seed;
    f.ieee = pick(6) == 0;
    for (std::int64_t& e : base_) e = pick(20) == 0 ? 0 : pick(8) == 0 ? 1 : 2 + pick(3);
    const int n = 2 + pick(3);
    for (int k = 0; k < n; ++k) add_input(pick(10) == 0 ? dtype::f32 : dtype::f64, random_shape());
    for (int k = pick(3); k > 0; --k) add_input(pick(2) == 0 ? dtype::i32 : dtype::i64, {base_[0]});
    if (pick(6) == 0) add_input(dtype::i32, {});
    for (double v : {1.0, 2.0, 0.5}) keep(ag::constant_of(f.g, v, dtype::f64), {});
    keep(ag::literal(f.g, 2), {});
    const int size = 3 + pick(pick(3) == 0 ? 40 : 16);
    for (int k = 0; k < size; ++k) add_node();
    add_results();
  }

 private:
  std::mt19937 random_;
  std::int64_t base_[2] = {2, 3};
  std::vector<int> nodes_;
  std::vector<extents> extents_;  // of each of these
  int cost_ = -1;
  bool trains_ = false;  // updates are steps of gradient descent
  std::vector<int> new_values_;

  int pick(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }
  graph& g() { return f.g; }

  extents random_shape() {
    const std::int64_t a = base_[0], b = base_[1];
    const extents shapes[] = {{a, b}, {a, b}, {b, a}, {a, a}, {a}, {b}, {b}, {}, {1, b}, {a, 1}, {a, b, 2}};
    return shapes[pick(11)];
  }
  void add_input(dtype type, const extents& e) {
    const std::string name(1, static_cast<char>('a' + f.g.symbols.size()));
    extents declared = e;
    for (std::int64_t& d : declared) d = pick(2) == 0 ? ag::dyn : d;
    tensor_value t(e);
    const int smallest = static_cast<int>(std::min(base_[0], base_[1]));
    for (real& v : t.elements)
      v = ag::is_float(type) ? std::uniform_real_distribution<double>(0.2, 2)(random_) : smallest > 0 ? pick(smallest) : 0;
    f.in[name] = t;
    keep(ag::add_input(g(), name, type, declared.data(), static_cast<int>(e.size())), e);
  }
  void keep(int id, const extents& e) {
    nodes_.push_back(id);
    extents_.push_back(e);
  }
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
    return any_where([&](int id, const extents&) { return ag::is_float(g().type(id)); });
  }
  int any_index(std::size_t rank) {
    return any_where([&](int id, const extents& e) { return ag::is_integer(g().type(id)) && !g()[id].weak && e.size() == rank; });
  }
  std::int64_t random_axes(int rank) { return rank == 0 ? 0 : 1 + pick((1 << rank) - 1); }

  // What does not fit, by its type or at the call, is undone.
  void add_node() {
    const graph before = g();
    const int made = candidate();
    if (made >= 0 && g().failure == ag::mistake::none && g().rank(made) <= 4 && g().type(made) != dtype::boolean) {
      try {
        const interpreter run(g(), f.in);
        keep(made, run.at(made).extents);
        return;
      } catch (const std::exception&) {
      }
    }
    g() = before;
  }
  int candidate() {
    const int x = any(), y = any(), r = g().rank(x);
    switch (pick(30)) {
      case 0: return g().apply(info<op::add>, x, y);
      case 1: return g().apply(info<op::sub>, x, y);
      case 2:
      case 3: return g().apply(info<op::mul>, x, y);
      case 4: return g().apply(info<op::div>, x, y);
      case 5: return pick(2) == 0 ? g().apply(info<op::neg>, x) : g().apply(info<op::sqr>, x);
      case 6:
      case 7: {
        const ag::op_info* const unary[] = {&info<op::exp>, &info<op::tanh>, &info<op::sigmoid>, &info<op::softplus>,
                                            &info<op::sin>, &info<op::relu>, &info<op::abs>, &info<op::sqrt>,
                                            &info<op::log>, &info<op::stop_gradient>, &info<op::cos>, &info<op::sign>};
        return g().apply(*unary[pick(12)], x);
      }
      case 8:
      case 9:
      case 10: {
        const ag::op_info* const reduce[] = {&info<op::sum>, &info<op::sum>, &info<op::sum>, &info<op::max>,
                                             &info<op::min>, &info<op::prod>, &info<op::mean>, &info<op::logsumexp>};
        const std::int64_t mask = random_axes(r);
        const int reduced = g().apply_with(*reduce[pick(8)], x, mask);
        return pick(2) == 0 || reduced < 0 ? reduced : g().apply_with(info<op::expand_dims>, reduced, mask);
      }
      case 11:
      case 12: return permuted(x, r);
      case 13: return r < 3 ? g().apply_with(info<op::expand_dims>, x, 1 << pick(r + 1)) : -1;
      case 14: return r > 0 ? g().apply_with(info<op::squeeze>, x, 1 << pick(r)) : -1;
      case 15: return ag::broadcast_to_shape(g(), x, g().shape(y));
      case 16: return reshaped(x);
      case 17:
      case 18: return product();
      case 19: return sliced(x, r);
      case 20: return looked_up(x, r);
      case 21: {
        if (r == 0) return -1;
        if (pick(3) == 0) return g().apply(info<op::cross_entropy_with_logits>, x, pick(2) == 0 ? any_index(1) : y);
        return g().apply_with(pick(2) == 0 ? info<op::softmax> : info<op::log_softmax>, x, random_axes(r));
      }
      case 22:
        return r > 0 ? g().apply_with(pick(2) == 0 ? info<op::argmax> : info<op::argmin>, x, random_axes(r)) : -1;
      case 23: return g().apply(pick(2) == 0 ? info<op::maximum> : info<op::minimum>, x, y);
      case 24:
      case 25:
      case 26: return looked_up(x, r);
      case 27: return product();
      case 28: {
        if (pick(3) > 0) return ag::cast_to(g(), x, pick(2) == 0 ? dtype::f32 : dtype::f64);
        return r == 0 ? -1 : pick(2) == 0 ? op::iota::make(g(), g().extent(x, 0)) : ag::extent_value(g(), g().extent(x, 0), dtype::f64);
      }
      default: {
        const int c = g().apply(pick(2) == 0 ? info<op::less> : info<op::greater_equal>, x, y);
        return c < 0 ? -1 : g().apply(info<op::where>, c, x, any());
      }
    }
  }
  int permuted(int x, int r) {
    if (r < 2) return -1;
    int order[] = {0, 1, 2, 3};
    std::shuffle(order, order + r, random_);
    return g().apply_with(info<op::permute>, x, ag::packed_axes(order, r));
  }
  int reshaped(int x) {
    const std::int64_t some = 1 + pick(4);
    const std::int64_t to[][2] = {{-1, 0}, {-1, some}, {some, -1}, {-1, 1}};
    const int k = pick(4);
    return g().apply(info<op::reshape>, &x, 1, to[k], k == 0 ? 1 : 2);
  }
  int product() {
    const int a = any_where([&](int id, const extents& e) { return ag::is_float(g().type(id)) && (e.size() == 1 || e.size() == 2); });
    if (a < 0) return -1;
    extents of_a;
    for (std::size_t k = 0; k < nodes_.size(); ++k)
      if (at(k) == a) of_a = extents_[k];
    const int b = any_where([&](int, const extents& e) { return !e.empty() && e.size() <= 2 && e[0] == of_a.back(); });
    return b < 0 ? -1 : g().apply(info<op::dot>, a, b);
  }
  int sliced(int x, int r) {
    if (r == 0) return -1;
    const std::int64_t axis = pick(r);
    if (pick(3) == 0) {
      const std::int64_t attrs[] = {axis, pick(4) - 2};
      const int part = g().apply(info<op::slice>, &x, 1, attrs, 2);
      return part < 0 || pick(2) == 0 ? part : g().apply_with(info<op::squeeze>, part, std::int64_t{1} << axis);
    }
    const std::int64_t steps[] = {1, 1, 2, -1, -2};
    const std::int64_t attrs[] = {axis, pick(2) == 0 ? op::open_end : pick(4) - 2, pick(2) == 0 ? op::open_end : pick(5) - 2,
                                  steps[pick(5)]};
    return g().apply(info<op::slice>, &x, 1, attrs, 4);
  }
  int looked_up(int x, int r) {
    if (r == 0) return -1;
    const std::int64_t axis = pick(r);
    if (r >= 2 && pick(2) == 0) return g().apply(info<op::take_pairs>, x, any_index(1), any_index(1));
    const bool one = pick(3) == 0;
    int ids = any_index(one ? 0 : 1);
    if (ids >= 0 && one) ids = g().apply_with(info<op::expand_dims>, ids, 1);
    const int args[] = {x, ids};
    const int taken = g().apply(info<op::take>, args, 2, &axis, 1);
    return taken >= 0 && one ? g().apply_with(info<op::squeeze>, taken, std::int64_t{1} << axis) : taken;
  }

  // ---- results

  int cost() {
    const int c = any_float();
    if (c < 0) return -1;
    const int total = g().apply_with(pick(3) == 0 ? info<op::mean> : info<op::sum>, c, ag::all_axes(g().rank(c)));
    return pick(4) == 0 ? g().apply(info<op::sqr>, total) : total;
  }
  int gradient(int cost, int by) {
    const int args[] = {cost, by};
    const std::int64_t allow_unused = 1;
    return g().apply(info<op::gradient>, args, 2, &allow_unused, 1);
  }
  int plus_or_minus(int a, int b) { return g().apply(pick(3) > 0 ? info<op::sub> : info<op::add>, a, b); }
  int scaled(int x) {
    const int by = any_where([&](int id, const extents& e) { return ag::is_float(g().type(id)) && e.empty(); });
    switch (pick(5)) {
      case 0: return x;
      case 1: return by < 0 ? x : g().apply(info<op::mul>, by, x);
      case 2: return by < 0 ? x : g().apply(info<op::div>, x, by);
      default: return g().apply(info<op::mul>, ag::literal(g(), 0.1), x);
    }
  }
  bool fits(int value, int symbol, const extents& e) {
    if (g().rank(value) != g().rank(symbol)) return false;
    return e == f.in.at(name_of(symbol)).extents;
  }
  std::string name_of(int symbol) { return std::string(g().symbol_name(static_cast<int>(g().attr(symbol, 0)))); }
  int value_like(int symbol) {
    return any_where([&](int id, const extents& e) { return fits(id, symbol, e); });
  }
  // The first of some candidates that has the symbol's shape; the others' nodes stay, unused.
  template <class Make>
  int made_like(int symbol, Make make) {
    for (int tries = 0; tries < 20; ++tries) {
      const graph before = g();
      const int made = make();
      if (made >= 0 && g().failure == ag::mistake::none) {
        try {
          if (fits(made, symbol, interpreter(g(), f.in).at(made).extents)) return made;
        } catch (const std::exception&) {
        }
      }
      g() = before;
    }
    return -1;
  }
  int new_value(int symbol) {
    int made = -1;
    switch (trains_ ? 0 : pick(7)) {
      case 0:
      case 1:
        if (cost_ >= 0 && ag::is_float(g().type(symbol))) return plus_or_minus(symbol, scaled(gradient(cost_, symbol)));
        break;
      case 2:
        made = made_like(symbol, [&] { return product(); });
        if (made >= 0) return plus_or_minus(symbol, scaled(made));
        break;
      case 3:
        made = made_like(symbol, [&] {
          const int x = any();
          return g().rank(x) == 0 ? -1 : g().apply_with(info<op::sum>, x, random_axes(g().rank(x)));
        });
        if (made >= 0) return plus_or_minus(symbol, scaled(made));
        break;
      case 4:
        made = made_like(symbol, [&] {
          const int x = pick(2) == 0 ? symbol : any();
          return pick(3) == 0 ? permuted(x, g().rank(x)) : pick(2) == 0 ? sliced(x, g().rank(x)) : reshaped(x);
        });
        if (made >= 0) return pick(2) == 0 ? made : plus_or_minus(symbol, scaled(made));
        break;
      case 5:  // of another update's new value
        if (f.updated.empty() || f.in.at(f.updated.back()).extents != f.in.at(name_of(symbol)).extents) break;
        return plus_or_minus(symbol, scaled(new_values_.back()));
      default: break;
    }
    made = value_like(symbol);
    if (made < 0 || made == symbol) return g().apply(info<op::mul>, symbol, ag::constant_of(g(), 2, g().type(symbol)));
    return pick(2) == 0 ? made : plus_or_minus(symbol, made);
  }
  void add_results() {
    cost_ = cost();
    trains_ = pick(3) == 0;
    for (int slot = 0; slot < g().symbols.size(); ++slot) {
      const int symbol = g().symbols[slot].node;
      if (pick(2) == 0) continue;
      const graph before = g();
      const int value = new_value(symbol);
      const int made = value < 0 ? -1 : ag::cast_to(g(), value, g().type(symbol));
      if (made >= 0 && g().rank(made) == g().rank(symbol)) ag::detail::same_shape(g(), symbol, made);
      if (made < 0 || g().failure != ag::mistake::none || g().rank(made) != g().rank(symbol)) {
        g() = before;
        continue;
      }
      new_values_.push_back(made);
      f.updated.push_back(name_of(symbol));
    }
    std::vector<int> results;
    for (int k = pick(4) + (new_values_.empty() ? 1 : 0); k > 0; --k) {
      const int wrt = g().symbols[pick(g().symbols.size())].node;
      const bool by = pick(4) == 0 && cost_ >= 0 && ag::is_float(g().type(wrt));
      results.push_back(by ? gradient(cost_, wrt) : any());
    }
    if (pick(4) == 0 && !new_values_.empty()) results.push_back(new_values_[0]);
    results.insert(results.end(), new_values_.begin(), new_values_.end());
    g().apply(info<op::outputs>, results.data(), static_cast<int>(results.size()));
  }
};

// ---- what it should be

bool decides(const ag::op_info& o) {
  return o.result == ag::result_type::boolean || &o == &info<op::argmax> || &o == &info<op::argmin> || &o == &info<op::sign>;
}
// Whether rounding may decide a comparison or which of several is the largest.
bool is_close_call(const interpreter& run, const graph& g, int id, bool floats) {
  // What is equal may be so by chance, but for an extremum's own elements; and float is not rounded here, while
  // constants of that type are.
  const bool equal_too = !g.is(id, info<op::equal>) || floats;
  std::vector<real> all;
  for (int k = 0; k < g[id].n_args; ++k)
    for (real v : run.at(g.arg(id, k)).elements) all.push_back(v);
  if (g.is(id, info<op::sign>)) all.push_back(0);
  std::sort(all.begin(), all.end());
  for (std::size_t k = 1; k < all.size(); ++k)
    if ((all[k] != all[k - 1] || equal_too) && all[k] - all[k - 1] < 1e-6L * (1 + std::fabs(all[k]))) return true;
  return false;
}
// Whether rounding may decide what is left of a number without its fraction.
bool is_cut_close(const interpreter& run, const graph& g, int id) {
  if (!g.is(id, info<op::cast>) || ag::is_float(g.type(id)) || !ag::is_float(g.type(g.arg(id, 0)))) return false;
  for (real v : run.at(g.arg(id, 0)).elements)
    if (std::fabs(v - std::round(v)) < 1e-6L * (1 + std::fabs(v))) return true;
  return false;
}
bool has_floats(const graph& g) {
  for (int id = 0; id < g.size(); ++id)
    if (g.type(id) == dtype::f32) return true;
  return false;
}
// Infinity where the value may depend on how it is computed: near a jump, or where something on the way is not finite.
real largest(const graph& g, const interpreter& run) {
  const ag::vec<bool> live = ag::live_nodes(g, g.size() - 1);
  const bool floats = has_floats(g);
  real m = 1;
  for (int id = 0; id + 1 < g.size(); ++id) {
    if (!live[id]) continue;
    for (real v : run.at(id).elements) m = std::fabs(v) <= m ? m : std::isnan(v) ? HUGE_VALL : std::fabs(v);
    if ((decides(*g[id].op) && is_close_call(run, g, id, floats)) || is_cut_close(run, g, id)) return HUGE_VALL;
    if (!g.is(id, info<op::div>)) continue;
    if (run.at(id).count() == 0) return HUGE_VALL;  // with nothing to divide a zero does not show
    for (real v : run.at(g.arg(id, 1)).elements)
      if (std::fabs(v) < 1e-6L) return HUGE_VALL;
  }
  return m;
}
struct expectation {
  std::vector<tensor_value> results;
  real tolerance = 0;
};
std::optional<expectation> expected(const formula& f) {
  const graph plain = differentiated(f.g, ag::universe_of<ag::op_list<>>());
  if (plain.failure != ag::mistake::none) return {};
  try {
    const interpreter run(plain, f.in);
    const real scale = largest(plain, run);
    if (!(scale < 1e8L)) return {};
    return expectation{run.results(), scale * (has_floats(plain) ? 1e-5L : 1e-9L)};
  } catch (const std::exception&) {
    return {};
  }
}

bool same(const tensor_value& a, const tensor_value& b, real tolerance) {
  bool good = a.extents == b.extents;
  for (std::int64_t k = 0; k < a.count() && good; ++k) good = std::fabs(a[k] - b[k]) <= tolerance;
  return good;
}
bool same(const std::vector<tensor_value>& a, const std::vector<tensor_value>& b, real tolerance) {
  bool good = a.size() == b.size();
  for (std::size_t k = 0; k < a.size() && good; ++k) good = same(a[k], b[k], tolerance);
  return good;
}

// ---- what it is

// run_pipeline's passes, one after the other.
struct stages {
  std::vector<std::pair<const char*, graph>> graphs;
  ag::plan plan;

  explicit stages(const formula& f) {
    const auto u = ag::universe_of<ag::op_list<>>();
    ag::simplify_options o;
    o.ieee = f.ieee;
    o.phases = phase::canonicalize | phase::stabilize;
    graph g = f.g;
    if (ag::detail::has_gradients(g)) {
      g = differentiated(simplified(g, o), u);
      graphs.emplace_back("simplified and differentiated", g);
    }
    o.phases = phase::all;
    graphs.emplace_back("simplified", simplified(g, o));
    graphs.emplace_back("expanded", ag::expanded(last()));
    graphs.emplace_back("blas_found", ag::blas_found(last(), f.targets(last())));
    graphs.emplace_back("with_results_stored", ag::with_results_stored(last()));
    const ag::vec<int> targets = f.targets(last());
    const ag::fusion loops = ag::schedule(last(), targets).result();
    plan = ag::planner(last(), targets, u, loops).result;
  }
  const graph& last() const { return graphs.back().second; }
};

// The pass after which the values are wrong; empty where all is well.
std::string wrong_after(const formula& f, const expectation& e) {
  const stages s(f);
  const auto u = ag::universe_of<ag::op_list<>>();
  std::string what;
  try {
    if (s.last().failure == ag::mistake::none && same(interpret(s.last(), f.in), e.results, e.tolerance)) {
      const plan_run run(s.plan, s.last(), u, f.in, f.seed);
      std::vector<tensor_value> results = run.outputs;
      values left = f.in;
      for (const std::string& name : f.updated) {
        results.push_back(run.inputs.at(name));
        left[name] = run.inputs.at(name);
      }
      bool good = same(results, e.results, e.tolerance);
      for (const auto& [name, v] : left) good = good && same(v, run.inputs.at(name), 0);
      return good ? "" : "plan";
    }
  } catch (const std::exception& error) {
    what = std::string(": ") + error.what();
  }
  for (const auto& [name, g] : s.graphs) {
    if (g.failure != ag::mistake::none) return name;
    try {
      if (!same(interpret(g, f.in), e.results, e.tolerance)) return name;
    } catch (const std::exception&) {
      return name + what;
    }
  }
  return "plan" + what;
}

// ---- making failures small

int n_live(const formula& f) {
  const ag::vec<bool> live = ag::live_nodes(f.g, f.g.size() - 1);
  int n = f.n_results();
  for (bool l : live) n += l;
  return n;
}
// The formula with node `id` replaced by an earlier one of the same shape, or by ones.
formula with_replaced(const formula& f, int id, int by) {
  formula r = f;
  r.g = ag::continued(f.g);
  ag::vec<int> place(f.g.size(), -1);
  const ag::vec<bool> live = ag::live_nodes(f.g, f.g.size() - 1);
  for (int k = 0; k < f.g.size(); ++k) {
    if (!live[k] && !f.g.is(k, info<op::input>) && k != by) continue;
    if (k == id) place[k] = by >= 0 ? place[by] : ag::broadcast_to_shape(r.g, ag::constant_of(r.g, 1, f.g.type(k)), f.g.shape(k));
    else place[k] = ag::copy_node(r.g, f.g, k, place);
  }
  for (int s = 0; s < r.g.symbols.size(); ++s) r.g.symbols[s].node = place[f.g.symbols[s].node];
  if (!r.g.is(r.g.size() - 1, info<op::outputs>)) r.g = f.g;
  return r;
}
formula without_result(const formula& f, int k) {
  formula r = f;
  const int root = f.g.size() - 1;
  std::vector<int> kept;
  for (int i = 0; i < f.n_results(); ++i)
    if (i != k) kept.push_back(f.g.arg(root, i));
  if (k >= f.n_outputs()) r.updated.erase(r.updated.begin() + (k - f.n_outputs()));
  r.g.apply(info<op::outputs>, kept.data(), static_cast<int>(kept.size()));
  return r;
}
bool alike(const graph& g, int a, int b) {
  bool equal = g.type(a) == g.type(b) && g.rank(a) == g.rank(b);
  for (int k = 0; k < g.rank(a) && equal; ++k)
    equal = g.shapes.find(g.extent(a, k)) == g.shapes.find(g.extent(b, k));
  return equal;
}
bool still_wrong(const formula& f) {
  const auto e = expected(f);
  return e && !wrong_after(f, *e).empty();
}
bool shrink_once(formula& f) {
  const int size = n_live(f);
  const auto better = [&](const formula& r) {
    if (n_live(r) >= size || !still_wrong(r)) return false;
    f = r;
    return true;
  };
  for (int k = 0; k < f.n_results() && f.n_results() > 1; ++k)
    if (better(without_result(f, k))) return true;
  const ag::vec<bool> live = ag::live_nodes(f.g, f.g.size() - 1);
  for (int id = f.g.size() - 1; id-- > 0;) {
    if (!live[id] || f.g.is(id, info<op::input>)) continue;
    if (f.g[id].n_args > 0 && better(with_replaced(f, id, -1))) return true;
    for (int by = 0; by < id; ++by)
      if ((live[by] || f.g.is(by, info<op::input>)) && alike(f.g, id, by) && better(with_replaced(f, id, by))) return true;
  }
  return false;
}

std::string described(const formula& f) {
  std::string s;
  for (int slot = 0; slot < f.g.symbols.size(); ++slot) {
    const int id = f.g.symbols[slot].node;
    const std::string name(f.g.symbol_name(slot));
    s += name + ": " + std::string(spelled(f.g.type(id))) + "[";
    for (int k = 0; k < f.g.rank(id); ++k)
      s += (k > 0 ? ", " : "") + std::to_string(f.in.at(name).extent(k)) + (f.g.extent(id, k) < 0 ? " dynamic" : "");
    s += "]\n";
  }
  s += std::to_string(f.n_outputs()) + " outputs, updated:";
  for (const std::string& name : f.updated) s += " " + name;
  const stages made(f);
  return s + (f.ieee ? ", ieee\n" : "\n") + std::string(ag::shown_outputs(f.g).view()) + "\nbecomes\n" +
         std::string(ag::shown_outputs(made.last()).view()) + "\n" + ag::testing::dump(made.last());
}

unsigned number_from(const char* variable, unsigned otherwise) {
  const char* given = std::getenv(variable);
  return given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : otherwise;
}

}  // namespace

TEST_CASE("plans of random functions compute what their formulas say") {
  const unsigned start = number_from("AGNESI_SEED", std::random_device{}()), n = number_from("AGNESI_FORMULAS", 5000);
  int compared = 0, failures = 0;
  for (unsigned seed = start; seed != start + n && failures < 5; ++seed) {
    INFO("seed " << seed);
    formula f = random_formula(seed).f;
    const auto e = expected(f);
    if (!e) continue;
    ++compared;
    if (wrong_after(f, *e).empty()) continue;
    ++failures;
    while (shrink_once(f)) {
    }
    const std::string text = "wrong after " + wrong_after(f, *expected(f)) + "\n" + described(f);
    FAIL_CHECK(text);
  }
  MESSAGE(compared << " of " << n << " random functions from seed " << start << " compared");
  CHECK(compared > static_cast<int>(n / 4));
}

TEST_CASE("a buffer that is read as a reshape of it is not written over") {
  formula f;
  const std::int64_t declared[] = {2, 3}, turned[] = {-1, 2};
  const int x = ag::add_input(f.g, "x", dtype::f64, declared, 2), v = ag::add_input(f.g, "v", dtype::f64, declared + 1, 1);
  const int e = f.g.apply(info<op::exp>, x);
  const int r = f.g.apply_with(info<op::permute>, f.g.apply(info<op::reshape>, &e, 1, turned, 2), 0x01);
  const int result = f.g.apply(info<op::dot>, f.g.apply(info<op::sin>, f.g.apply(info<op::mul>, r, x)), v);
  f.g.apply(info<op::outputs>, &result, 1);
  f.in["x"] = tensor_value({2, 3}, {0.1L, 0.2L, 0.3L, 0.4L, 0.5L, 0.6L});
  f.in["v"] = tensor_value({3}, {1, 2, 3});
  for (f.seed = 0; f.seed < 8; ++f.seed) CHECK(wrong_after(f, *expected(f)) == "");
}
