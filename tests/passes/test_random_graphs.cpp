// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "agnesi/grad/reverse.hpp"
#include "agnesi/passes/simplify.hpp"
#include "support/dump.hpp"
#include "support/interpret.hpp"

namespace ag = agnesi;
namespace op = ag::op;
namespace phase = ag::phase;
using ag::graph, ag::info;
using ag::testing::real, ag::testing::tensor_value, ag::testing::values, ag::testing::dump, ag::testing::interpret;

namespace {

// Graphs of operations on tensors of extents 3 and 4, whose shapes fit by chance.
class random_graph {
 public:
  graph g;
  values in;

  explicit random_graph(unsigned seed) : random_(seed) {
    const std::int64_t shapes[][2] = {{3, 4}, {3, 4}, {4, 3}, {1, 4}, {3, 1}};
    for (int k = 0; k < 5; ++k) input(shapes[k], 2);
    const std::int64_t vectors[] = {4, 3};
    for (int k = 0; k < 2; ++k) input(&vectors[k], 1);
    for (int k = 0; k < 2; ++k) input(nullptr, 0);
    const std::int64_t four = 4;
    input(&four, 1, ag::dtype::f32);
    input(&four, 1, ag::dtype::i32);
    for (double v : {0.0, 1.0, 2.0, 0.5, -1.0, 3.0}) nodes_.push_back(ag::constant_of(g, v, ag::dtype::f64));
    const int size = pick(25) + 3;
    for (int k = 0; k < size; ++k) add_node();
    int roots[3] = {};
    for (int& r : roots) r = nodes_[nodes_.size() - 1 - static_cast<std::size_t>(pick(5))];
    g.apply(info<op::outputs>, roots, 3);
  }

  // The graph's results summed, and the gradients of the sum.
  void add_gradients() {
    const int root = g.size() - 1;
    int cost = -1;
    for (int k = 0; k < 3; ++k) {
      const int r = g.arg(root, k);
      if (g.type(r) != ag::dtype::f64) continue;
      const int total = g.apply_with(info<op::sum>, r, ag::all_axes(g.rank(r)));
      cost = cost < 0 ? total : g.apply(info<op::add>, cost, total);
    }
    std::vector<int> roots(1, cost < 0 ? g.arg(root, 0) : cost);
    for (int s = 0; s < g.symbols.size() && cost >= 0; ++s) {
      const int args[] = {cost, g.symbols[s].node};
      const std::int64_t allow_unused = 1;
      if (g.type(args[1]) == ag::dtype::f64) roots.push_back(g.apply(info<op::gradient>, args, 2, &allow_unused, 1));
    }
    g.apply(info<op::outputs>, roots.data(), static_cast<int>(roots.size()));
  }

 private:
  std::mt19937 random_;
  std::vector<int> nodes_;
  std::vector<int> conditions_;

  int pick(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }
  int any() {
    const auto n = static_cast<int>(nodes_.size());
    return nodes_[static_cast<std::size_t>(pick(3) == 0 ? n - 1 : pick(n))];
  }

  void input(const std::int64_t* extents, int rank, ag::dtype type = ag::dtype::f64) {
    const char name[] = {static_cast<char>('a' + static_cast<int>(nodes_.size()))};
    const bool dynamic = pick(2) == 0;
    std::int64_t e[2] = {};
    for (int k = 0; k < rank; ++k) e[k] = dynamic && extents[k] != 1 ? ag::dyn : extents[k];
    nodes_.push_back(ag::add_input(g, {name, 1}, type, e, rank));
    tensor_value t(std::vector<std::int64_t>(extents, extents + rank));
    for (real& v : t.elements) v = std::uniform_real_distribution<double>(0.2, 2)(random_);
    if (type == ag::dtype::i32)
      for (real& v : t.elements) v = 1 + pick(5);
    in[std::string(name, 1)] = t;
  }

  // Shapes that disagree at the call, or in the type, are undone by not using the node.
  void add_node() {
    const graph before = g;
    const int made = candidate();
    if (made < 0 || g.failure != ag::mistake::none || g.rank(made) > 3) {
      g = before;
      return;
    }
    try {
      ag::testing::detail::interpreter run(g, in);
      nodes_.push_back(made);
    } catch (const std::exception&) {
      g = before;
    }
  }
  int candidate() {
    const int x = any(), y = any();
    const int r = g.rank(x);
    switch (pick(30)) {
      case 0:
      case 1: return g.apply(info<op::add>, x, y);
      case 2:
      case 3: return g.apply(info<op::sub>, x, y);
      case 4:
      case 5:
      case 6: return g.apply(info<op::mul>, x, y);
      case 7:
      case 8: return g.apply(info<op::div>, x, y);
      case 9: return g.apply(info<op::neg>, x);
      case 10: return g.apply(info<op::sqr>, x);
      case 11: return g.apply(info<op::exp>, x);
      case 12: return g.apply(info<op::log>, x);
      case 13: {
        const ag::op_info* const unary[] = {&info<op::sigmoid>, &info<op::tanh>, &info<op::abs>, &info<op::sqrt>,
                                            &info<op::softplus>, &info<op::log1p>};
        return g.apply(*unary[pick(6)], x);
      }
      case 14: {
        const ag::op_info* const reduce[] = {&info<op::sum>, &info<op::sum>, &info<op::max>, &info<op::logsumexp>};
        const std::int64_t mask = 1 + pick((1 << r) > 1 ? (1 << r) - 1 : 1);
        const int reduced = g.apply_with(*reduce[pick(4)], x, r == 0 ? 0 : mask);
        return pick(2) == 0 ? reduced : g.apply_with(info<op::expand_dims>, reduced, r == 0 ? 0 : mask);
      }
      case 15: return r == 2 ? g.apply_with(info<op::permute>, x, 0x01) : -1;
      case 16: return r < 2 ? g.apply_with(info<op::expand_dims>, x, 1 + pick(r + 1)) : -1;
      case 17: return r > 0 ? g.apply_with(info<op::squeeze>, x, 1 + pick((1 << r) - 1)) : -1;
      case 18: return ag::broadcast_to_shape(g, x, g.shape(y));
      case 19: return r > 0 && g.rank(y) > 0 ? g.apply(info<op::dot>, x, y) : -1;
      case 21:
        return r > 0 ? g.apply_with(pick(2) == 0 ? info<op::argmax> : info<op::argmin>, x, 1 + pick((1 << r) - 1)) : -1;
      case 20: {
        if (r == 0) return -1;
        const std::int64_t attrs[] = {pick(r), pick(2), pick(2) == 0 ? op::open_end : 3, pick(2) == 0 ? 1 : 2};
        return g.apply(info<op::slice>, &x, 1, attrs, 4);
      }
      case 22: {
        const int n = ag::literal(g, pick(12) - 4);
        return g.apply(info<op::pow>, x, pick(3) == 0 ? y : n);
      }
      case 23:
      case 24: {
        const ag::op_info* const binary[] = {&info<op::add>, &info<op::sub>, &info<op::mul>, &info<op::div>};
        const int c = ag::literal(g, 1 + pick(3));
        return pick(2) == 0 ? g.apply(*binary[pick(4)], x, c) : g.apply(*binary[pick(4)], c, x);
      }
      case 25: {
        const ag::op_info* const unary[] = {&info<op::erf>, &info<op::erfc>, &info<op::log_erfc>, &info<op::expm1>, &info<op::relu>};
        return g.apply(*unary[pick(5)], x);
      }
      case 26: {
        const ag::op_info* const binary[] = {&info<op::maximum>, &info<op::minimum>, &info<op::logaddexp>};
        return g.apply(*binary[pick(3)], x, y);
      }
      case 27: return r > 0 ? g.apply_with(info<op::prod>, x, 1 + pick((1 << r) - 1)) : -1;
      default: {  // conditions recur
        if (conditions_.empty() || pick(2) == 0) {
          const int c = g.apply(pick(2) == 0 ? info<op::less> : info<op::greater_equal>, x, y);
          if (c < 0) return -1;
          if (g.failure == ag::mistake::none) conditions_.push_back(pick(3) == 0 ? g.apply(info<op::logical_not>, c) : c);
          return g.apply(info<op::where>, conditions_.back(), x, any());
        }
        const int c = conditions_[static_cast<std::size_t>(pick(static_cast<int>(conditions_.size())))];
        const int zero = ag::literal(g, 0);
        return c >= g.size() ? -1 : g.apply(info<op::where>, c, pick(3) == 0 ? zero : x, pick(3) == 0 ? zero : any());
      }
    }
  }
};

bool decides(const ag::op_info& o) {
  return o.result == ag::result_type::boolean || &o == &info<op::maximum> || &o == &info<op::minimum> || &o == &info<op::argmax> || &o == &info<op::argmin>;
}
// Also where there is nothing to divide.
bool divides_by_zero(const ag::testing::detail::interpreter& run, const graph& g, int id) {
  if (!g.is(id, info<op::div>)) return false;
  if (run.at(id).count() == 0) return true;
  for (real v : run.at(g.arg(id, 1)).elements)
    if (v == 0) return true;
  return false;
}
// Whether rounding may decide a comparison or which of several is the largest.
bool is_close_call(const ag::testing::detail::interpreter& run, const graph& g, int id) {
  if (g[id].n_args == 2 && g.arg(id, 0) == g.arg(id, 1)) return false;
  std::vector<real> all;
  for (int k = 0; k < g[id].n_args; ++k)
    for (real v : run.at(g.arg(id, k)).elements) all.push_back(v);
  std::sort(all.begin(), all.end());
  for (std::size_t k = 1; k < all.size(); ++k)
    if (all[k] - all[k - 1] < 1e-6L * (1 + std::fabs(all[k]))) return true;
  return false;
}

// The largest of the values that go into a result bounds how well it can be known. What is infinite or not a number
// on the way is where algebra over the reals may differ.
real largest(const graph& g, const values& in) {
  const ag::testing::detail::interpreter run(g, in);
  real m = 1;
  for (int id = 0; id < g.size(); ++id)
    for (real v : run.at(id).elements)
      m = std::fabs(v) <= m ? m : std::isnan(v) ? HUGE_VALL : std::fabs(v);
  for (int id = 0; id < g.size(); ++id)
    if ((decides(*g[id].op) && is_close_call(run, g, id)) || divides_by_zero(run, g, id)) return HUGE_VALL;
  return m;
}

bool has_floats(const graph& g) {
  for (int id = 0; id < g.size(); ++id)
    if (g.type(id) == ag::dtype::f32 && g[id].n_args > 0) return true;
  return false;
}

void compare(unsigned seed, const graph& before, const graph& after, const values& in) {
  const auto expected = interpret(before, in), got = interpret(after, in);
  const real scale = largest(before, in), precision = has_floats(before) ? 1e-5L : 1e-9L;
  const int root = before.size() - 1, new_root = after.size() - 1;
  bool good = after.failure == ag::mistake::none && expected.size() == got.size();
  for (std::size_t k = 0; k < expected.size() && good; ++k) {
    const int n = static_cast<int>(k);
    good = expected[k].extents == got[k].extents &&
           before.type(before.arg(root, n)) == after.type(after.arg(new_root, n));
    for (std::int64_t i = 0; i < expected[k].count() && good; ++i)
      if (scale < 1e8L) good = std::fabs(expected[k][i] - got[k][i]) <= precision * scale;
  }
  INFO("seed " << seed << "\n" << dump(before) << "becomes\n" << dump(after));
  CHECK(good);
}
void compare(unsigned seed, unsigned phases, bool ieee) {
  const random_graph r(seed);
  ag::simplify_options o;
  o.phases = phases;
  o.ieee = ieee;
  compare(seed, r.g, simplified(r.g, o), r.in);
}
void compare_gradients(unsigned seed) {
  random_graph r(seed);
  r.add_gradients();
  const auto u = ag::universe_of<ag::op_list<>>();
  const graph plain = differentiated(r.g, u);
  if (plain.failure != ag::mistake::none) return;
  compare(seed, plain, simplified(differentiated(simplified(r.g), u), phase::all), r.in);
}

}  // namespace

TEST_CASE("random graphs keep their values") {
  const unsigned start = std::random_device{}();
  for (unsigned k = 0; k < 2000; ++k) {
    compare(start + k, phase::canonicalize | phase::stabilize, false);
    compare(start + k, phase::all, false);
    if (k % 4 == 0) compare(start + k, phase::all, true);
    if (k % 8 == 0) compare(start + k, phase::canonicalize, false);
  }
}

TEST_CASE("random gradients keep their values") {
  const unsigned start = std::random_device{}();
  for (unsigned k = 0; k < 1000; ++k) compare_gradients(start + k);
}

TEST_CASE("what has been simplified stays as it is") {
  const unsigned start = std::random_device{}();
  int changed = 0;
  for (unsigned k = 0; k < 500; ++k) {
    const graph once = ag::simplified(random_graph(start + k).g), twice = ag::simplified(once);
    changed += twice.size() != once.size();
  }
  CHECK(changed < 25);
  MESSAGE(changed << " of 500 graphs changed once more");
}
