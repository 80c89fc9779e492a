// SPDX-License-Identifier: BSD-3-Clause
// Chains of random indices on random tensors: values stay what they are, and an index out of range stays an error.
#include <doctest/doctest.h>

#include <optional>
#include <random>

#include "agnesi/passes/expand.hpp"
#include "agnesi/passes/simplify.hpp"
#include "support/dump.hpp"
#include "support/interpret.hpp"

namespace ag = agnesi;
namespace op = ag::op;
namespace phase = ag::phase;
using ag::graph, ag::info;
using ag::testing::real, ag::testing::tensor_value, ag::testing::values, ag::testing::dump, ag::testing::interpret;

namespace {

class indexed_graph {
 public:
  graph g;
  values in;

  explicit indexed_graph(unsigned seed) : random_(seed) {
    const std::vector<std::int64_t> shapes[] = {{3, 4}, {4, 3}, {1, 4}, {3, 1}, {2, 3, 4}, {4}, {3}, {}};
    for (const auto& s : shapes) input(s, ag::dtype::f64);
    for (const std::int64_t n : {1, 2, 3, 4, 7}) input({n}, ag::dtype::i32);
    input({}, ag::dtype::i32);
    input({}, ag::dtype::i32);
    tensors_.push_back(ag::constant_of(g, 1, ag::dtype::f64));
    for (int k = pick(6) + 1; k-- > 0;) grow([&] { return computed(); });
    for (int k = pick(5) + 1; k-- > 0;) {
      grow([&] { return looked_up(tensors_.back()); });
      if (pick(3) == 0) grow([&] { return computed(); });
    }
    const int roots[] = {tensors_.back(), any()};
    g.apply(info<op::outputs>, roots, pick(3) == 0 ? 2 : 1);
  }

 private:
  std::mt19937 random_;
  std::vector<int> tensors_, vectors_, numbers_;

  int pick(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }
  int any() {
    const int n = pick(2) == 0 ? 1 : static_cast<int>(tensors_.size());
    return tensors_[tensors_.size() - 1 - static_cast<std::size_t>(pick(n))];
  }

  void input(const std::vector<std::int64_t>& extents, ag::dtype type) {
    const char name[] = {static_cast<char>('a' + static_cast<int>(in.size()))};
    std::int64_t e[3] = {};
    for (std::size_t k = 0; k < extents.size(); ++k) e[k] = pick(2) == 0 && extents[k] != 1 ? ag::dyn : extents[k];
    const int made = ag::add_input(g, {name, 1}, type, e, static_cast<int>(extents.size()));
    tensor_value t(extents);
    const int limit = pick(4) == 0 ? 4 : 2;  // small enough for most axes
    for (real& v : t.elements)
      v = type == ag::dtype::i32 ? pick(2 * limit) - limit : std::uniform_real_distribution<double>(-2, 2)(random_);
    in[std::string(name, 1)] = t;
    (type == ag::dtype::f64 ? tensors_ : extents.empty() ? numbers_ : vectors_).push_back(made);
  }
  // What cannot be is undone; what only shows at the call is kept.
  template <class F>
  void grow(F candidate) {
    const graph before = g;
    const int made = candidate();
    if (made >= 0 && g.failure == ag::mistake::none && g.rank(made) <= 4) {
      tensors_.push_back(made);
    } else {
      g = before;
    }
  }
  int computed() {
    const int x = any(), y = any(), r = g.rank(x);
    const std::int64_t mask = 1 + pick(r == 0 ? 1 : (1 << r) - 1);
    switch (pick(11)) {
      case 0: return g.apply(info<op::tanh>, x);
      case 1: return g.apply(info<op::add>, x, y);
      case 2: return g.apply(info<op::mul>, x, y);
      case 3: {
        const ag::op_info* const all[] = {&info<op::sum>, &info<op::max>, &info<op::logsumexp>, &info<op::min>};
        return r < 2 || mask == (1 << r) - 1 ? -1 : g.apply_with(*all[pick(4)], x, mask);
      }
      case 4: return r == 2 ? g.apply_with(info<op::permute>, x, 0x01) : r == 3 ? g.apply_with(info<op::permute>, x, 0x102) : -1;
      case 5: return r < 3 ? g.apply_with(info<op::expand_dims>, x, 1 << pick(r + 1)) : -1;
      case 6: return r > 0 ? g.apply_with(info<op::squeeze>, x, mask) : -1;
      case 7: return r > 0 && g.rank(y) > 0 ? g.apply(info<op::dot>, x, y) : -1;
      case 8: {
        const std::int64_t attrs[] = {pick(2) == 0 ? 3 : 2, pick(2) == 0 ? 4 : 1, -1};
        return r > 0 ? g.apply(info<op::reshape>, &x, 1, attrs, 2 + pick(2)) : -1;
      }
      case 9: return ag::broadcast_to_shape(g, x, g.shape(y));
      default: return increment(x);
    }
  }
  int zeros_like(int x) { return ag::zeros_of(g, g.type(x), g.shape(x)); }
  // Of x or of zeros, by what an index of a tensor of that shape gives.
  int increment(int x) {
    const int part = looked_up(x);
    if (part < 0) return -1;
    const int taken = g.is(part, info<op::squeeze>) ? g.arg(part, 0) : part;
    if (g[taken].op->kind != ag::op_kind::index || g.arg(taken, 0) != x) return -1;
    const int base = pick(3) == 0 ? x : zeros_like(x);
    const int v = g.is(taken, info<op::slice>) && pick(3) == 0 ? zeros_like(taken) : g.apply(info<op::tanh>, taken);
    const std::int64_t attrs[] = {g.rank(x) > 0 && g[taken].n_attrs > 0 ? g.attr(taken, 0) : 0,
                                  g[taken].n_attrs > 1 ? g.attr(taken, 1) : 0, g[taken].n_attrs > 1 ? g.attr(taken, 2) : 0};
    int args[4] = {base};
    const int n = g[taken].n_args;
    for (int k = 1; k < n; ++k) args[k] = g.arg(taken, k);
    args[n] = v;
    const bool slice = g.is(taken, info<op::slice>), take = g.is(taken, info<op::take>);
    const ag::op_info& put = slice ? info<op::put_slice> : take ? info<op::put_take> : info<op::put_pairs>;
    return g.apply(put, args, n + 1, attrs, g[taken].n_attrs);
  }
  int places(bool one) {
    const int n = static_cast<int>(one ? numbers_.size() : vectors_.size());
    if (!one && pick(4) == 0) return op::iota::make(g, 1 + pick(4));
    if (!one) return vectors_[static_cast<std::size_t>(pick(n))];
    const int at = pick(4) == 0 ? ag::constant_of(g, pick(6) - 3, ag::dtype::i64) : numbers_[static_cast<std::size_t>(pick(n))];
    return g.apply_with(info<op::expand_dims>, at, 1);
  }
  int looked_up(int x) {
    const int r = g.rank(x);
    if (r == 0) return -1;
    const std::int64_t axis = pick(r), goes = std::int64_t{1} << axis;
    const std::int64_t steps[] = {1, 1, 2, -1, -2, -3};
    switch (pick(4)) {
      case 0: {
        const std::int64_t attrs[] = {axis, pick(5) - 2};
        const int part = g.apply(info<op::slice>, &x, 1, attrs, 2);
        return part < 0 || pick(3) == 0 ? part : g.apply_with(info<op::squeeze>, part, goes);
      }
      case 1: {
        const std::int64_t attrs[] = {axis, pick(3) == 0 ? op::open_end : pick(7) - 3, pick(3) == 0 ? op::open_end : pick(9) - 4,
                                      steps[pick(6)]};
        return g.apply(info<op::slice>, &x, 1, attrs, 4);
      }
      case 2: {
        const bool one = pick(2) == 0;
        const int args[] = {x, places(one)};
        const int part = g.apply(info<op::take>, args, 2, &axis, 1);
        return part >= 0 && one ? g.apply_with(info<op::squeeze>, part, goes) : part;
      }
      default: {
        const bool one = pick(3) == 0;
        return r > 1 ? g.apply(info<op::take_pairs>, x, places(one), places(one)) : -1;
      }
    }
  }
};

std::optional<std::vector<tensor_value>> evaluated(const graph& g, const values& in) {
  try {
    return interpret(g, in);
  } catch (const std::exception&) {
    return {};
  }
}

bool close(const std::vector<tensor_value>& a, const std::vector<tensor_value>& b) {
  bool good = a.size() == b.size();
  for (std::size_t k = 0; k < a.size() && good; ++k) {
    good = a[k].extents == b[k].extents;
    for (std::int64_t i = 0; i < a[k].count() && good; ++i) {
      const real x = a[k][i], y = b[k][i];
      good = (std::isnan(x) && std::isnan(y)) || x == y || std::fabs(x - y) <= 1e-9L * (1 + std::fabs(x));
    }
  }
  return good;
}

struct counts {
  int compared = 0, thrown = 0;
};
void compare(unsigned seed, counts& n) {
  const indexed_graph r(seed);
  const graph before = simplified(r.g, 0U);  // without what nothing reads
  const auto expected = evaluated(before, r.in);
  (expected ? n.compared : n.thrown)++;
  for (const bool ieee : {false, true}) {
    ag::simplify_options o;
    o.phases = phase::all;
    o.ieee = ieee;
    const graph after = ieee ? simplified(r.g, o) : ag::expanded(simplified(r.g, o));
    INFO("seed " << seed << std::string(ieee ? " ieee" : "") << "\n" << dump(before) << "becomes\n" << dump(after));
    // The extremum of nothing may only show to be one when other extents are known.
    const auto got = after.failure == ag::mistake::none ? evaluated(after, r.in) : std::nullopt;
    CHECK(expected.has_value() == got.has_value());
    if (expected && got) CHECK(close(*expected, *got));
  }
}

}  // namespace

TEST_CASE("chains of random indices keep their values and their errors") {
  const unsigned start = std::random_device{}();
  counts n;
  for (unsigned k = 0; k < 4000; ++k) compare(start + k, n);
  MESSAGE(n.compared << " compared, " << n.thrown << " errors");
  CHECK(n.compared > 1000);
  CHECK(n.thrown > 100);
}
