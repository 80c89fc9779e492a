// SPDX-License-Identifier: BSD-3-Clause
// Increments one after the other: which memory they go into, and that what they leave there is what the formula says, whatever
// they are made from and whoever else reads it. AGNESI_SEED and AGNESI_FORMULAS set where to start and how many.
#include <doctest/doctest.h>

#include "agnesi/expr/symbols.hpp"
#include "agnesi/grad/grad.hpp"
#include "support/dump.hpp"
#include "support/rewriting.hpp"
#include "support/stages.hpp"

namespace ag = agnesi;
namespace op = ag::op;
using ag::dtype, ag::info;
using namespace ag::testing;
using namespace ag::literals;

namespace {

// A table x, or two, that increments in succession are to replace.
class random_increments {
 public:
  formula f;
  int longest = 0;

  explicit random_increments(unsigned seed) : random_(seed) {
    f.seed = seed;
    is_static_ = pick(2) == 0;
    n_ = 2 + pick(4), m_ = 1 + pick(3);
    x_ = table("x"), y_ = table("y");
    square_ = input("a", dtype::f64, {m_, m_});
    unify(square_, 0, x_, 1), unify(square_, 1, x_, 1);
    s_ = input("s", dtype::f64, {});
    for (int k = 0; k < 2; ++k) rows_[k] = indices(k == 0 ? "i" : "j", 1 + pick(5), n_), columns_[k] = -1;
    for (int k = 0; k < 2; ++k) {
      columns_[k] = indices(k == 0 ? "k" : "l", f.in[std::string(1, "ij"[k])].count(), m_);
      unify(columns_[k], 0, rows_[k], 0);
    }
    std::vector<int> results;
    const int first = chain(x_);
    if (pick(3) == 0) results.push_back(reading(pick(2) == 0 ? first : x_));
    if (pick(4) == 0) results.push_back(reading(parts_[static_cast<std::size_t>(pick(static_cast<int>(parts_.size())))]));
    if (pick(6) == 0) results.push_back(first);
    results.push_back(first);
    f.updated.push_back("x");
    if (pick(3) == 0) {
      results.push_back(chain(y_));
      f.updated.push_back("y");
    }
    g().apply(info<op::outputs>, results.data(), static_cast<int>(results.size()));
  }

 private:
  std::mt19937 random_;
  bool is_static_ = false;
  std::int64_t n_ = 0, m_ = 0;
  int x_ = -1, y_ = -1, s_ = -1, square_ = -1, rows_[2] = {}, columns_[2] = {};
  std::vector<int> parts_;  // of the chains

  ag::graph& g() { return f.g; }
  int pick(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  void unify(int a, int i, int b, int j) { REQUIRE(g().unify(g().extent(a, i), g().extent(b, j), info<op::outputs>, a, b)); }
  int input(const char* name, dtype type, std::vector<std::int64_t> extents) {
    tensor_value& v = f.in[name] = tensor_value(extents);
    for (real& e : v.elements) e = static_cast<real>(pick(17) - 8) / 8;
    for (std::int64_t& e : extents) e = is_static_ ? e : ag::dyn;
    return ag::add_input(g(), name, type, extents.data(), static_cast<int>(extents.size()));
  }
  int table(const char* name) {
    const int made = input(name, dtype::f64, {n_, m_});
    for (int k = 0; k < 2 && x_ >= 0; ++k) unify(made, k, x_, k);
    return made;
  }
  int indices(const char* name, std::int64_t n, std::int64_t below) {
    const int made = input(name, dtype::i64, {n});
    for (real& e : f.in[name].elements) e = pick(static_cast<int>(below));
    return made;
  }

  int base(int target) {
    switch (pick(8)) {
      case 0: return g().apply(info<op::mul>, s_, target);
      case 1: return ag::zeros_of(g(), dtype::f64, g().shape(target));
      case 2: return g().apply(info<op::dot>, pick(2) == 0 ? x_ : y_, square_);
      case 3: return g().apply(info<op::add>, x_, y_);
      case 4: return g().apply(info<op::sub>, target, g().apply(info<op::dot>, y_, square_));
      default: return target;
    }
  }
  int chain(int target) {
    int now = base(target);
    const int length = 1 + pick(4);
    for (int k = 0; k < length; ++k) {
      const int next = increment(now, pick(3) == 0 ? now : pick(2) == 0 ? x_ : y_);
      now = pick(8) == 0 ? g().apply(info<op::add>, next, now) : next;
      parts_.push_back(now);
    }
    longest = std::max(longest, length);
    return now;
  }
  // `from`: a table whose values what is added is made of, if of any.
  int increment(int to, int from) {
    const int which = pick(2);
    const auto of = [&](int v) { return pick(2) == 0 ? v : g().apply(info<op::mul>, v, s_); };
    switch (pick(4)) {
      case 0: {
        const int pairs[] = {from, rows_[which], columns_[which]};
        const int args[] = {to, rows_[which], columns_[which], of(g().apply(info<op::take_pairs>, pairs, 3))};
        return g().apply(info<op::put_pairs>, args, 4);
      }
      case 1: {
        const std::int64_t begin = pick(2), step = pick(3) == 0 ? 2 : 1;
        ag::dim extents[] = {g().extent(from, 0), g().extent(from, 1)};
        extents[0] = g().shapes.floor_div(g().shapes.add(g().shapes.sub(extents[0], begin), step - 1), step);
        const int part = op::slice::make(g(), from, 0, begin, step, g().shapes.shape(extents, 2));
        const int args[] = {to, pick(4) == 0 ? part : of(part)};
        const std::int64_t attrs[] = {0, begin, step};
        return g().apply(info<op::put_slice>, args, 2, attrs, 3);
      }
      case 2:
        if (pick(3) == 0) {  // at places found in the table itself
          const int at = g().apply_with(info<op::argmax>, x_, 2);
          const int across = g().apply(info<op::dot>, from, g().apply_with(info<op::permute>, y_, 0x01));
          const int args[] = {to, at, of(across)};
          const std::int64_t axis = 1;
          return g().apply(info<op::put_take>, args, 3, &axis, 1);
        }
        [[fallthrough]];
      default: {
        const std::int64_t axis = 0;
        const int taken[] = {from, rows_[which]};
        const int args[] = {to, rows_[which], of(g().apply(info<op::take>, taken, 2, &axis, 1))};
        return g().apply(info<op::put_take>, args, 3, &axis, 1);
      }
    }
  }
  int reading(int id) {
    switch (pick(3)) {
      case 0: return g().apply_with(info<op::sum>, id, 3);
      case 1: return g().apply(info<op::dot>, id, square_);
      default: return g().apply(info<op::mul>, id, s_);
    }
  }
};

constexpr auto x = ag::matrix<"x">;
constexpr auto v = ag::vector<"v">;
constexpr auto i = ag::vector<"i", std::int64_t>;
constexpr auto j = ag::vector<"j", std::int64_t>;

std::string steps_of(const ag::plan& p) {
  std::string all;
  for (const ag::step& s : p.steps) {
    const bool put = s.kind == ag::step_kind::put || s.kind == ag::step_kind::put_take || s.kind == ag::step_kind::put_pairs;
    all += (all.empty() ? "" : " ") + std::string(put                                  ? "put"
                                                  : s.kind == ag::step_kind::loop     ? "loop"
                                                  : s.kind == ag::step_kind::contract ? "product"
                                                                                      : "other");
  }
  return all;
}
// The steps of the formulas, the last of which is what x is replaced by.
template <class... F>
std::string steps_of(F... formulas) {
  formula f;
  f.g = graph_of_formulas(formulas...);
  f.updated = {"x"};
  return steps_of(stages(f).plan);
}
template <class... F>
constexpr auto slope_of(F... parts) {
  return ag::grad((sum(parts) + ...), x);
}

}  // namespace

TEST_CASE("increments in succession leave in their memory what the formula says") {
  const unsigned start = first_seed(), n = number_from("AGNESI_FORMULAS", 4000);
  int failures = 0, in_place = 0, copied = 0;
  for (unsigned seed = start; seed != start + n && failures < 3; ++seed) {
    INFO("seed " << seed);
    const random_increments made(seed);
    const auto e = expected(made.f);
    REQUIRE(e);
    const stages s(made.f);
    if (made.longest > 1) ++(s.plan.in_place[s.plan.in_place.size() - 1] ? in_place : copied);
    const std::string wrong = wrong_after(made.f, *e);
    if (wrong.empty()) continue;
    ++failures;
    const std::string text = "seed " + std::to_string(seed) + ", wrong after " + wrong + ":\n" +
                             std::string(ag::shown_outputs(made.f.g).view()) + "\n" + dump(s.last());
    FAIL_CHECK(text);
  }
  MESSAGE(in_place << " in place, " << copied << " not");
  CHECK(in_place > static_cast<int>(n / 10));
  CHECK(copied > static_cast<int>(n / 10));
}

TEST_CASE("increments in succession go into one memory") {
  CHECK(steps_of(x - 0.1_c * slope_of(x(i), x(j))) == "put put");
  CHECK(steps_of(x - 0.1_c * slope_of(x(i), x(j), x(i, j), x(ag::slice(1_c, 3_c)))) == "put put put put");
  CHECK(steps_of(0.9_c * x - 0.1_c * slope_of(x(i), x(j))) == "loop put put");
  CHECK(steps_of(slope_of(x(i), x(j))) == "loop put put");
  CHECK(steps_of(slope_of(x(i), x(j)), x) == "loop put put");                                // an output
  CHECK(steps_of(sum(x), x - 0.1_c * slope_of(x(i), x(j))) == "loop put put");               // the old value is read before
  CHECK(steps_of(dot(x, v), x - 0.1_c * slope_of(x(i), x(j))) == "product put put");
  CHECK(steps_of(dot(x, x) - 0.1_c * slope_of(x(i), x(j))) == "product put put loop");       // in memory of its own
}

TEST_CASE("sums with increments are increments of sums") {
  CHECK(steps_of(x - 0.1_c * slope_of(x(i), sqr(x))) == "loop put");
  CHECK(steps_of(x - 0.1_c * slope_of(x(i), x(j), sqr(dot(x, v)))) == "product product put put");  // the second accumulates into x
  CHECK(steps_of(tanh(x) - slope_of(x(i), sqr(x)) + exp(x), x) == "loop put");
  const auto b = slope_of(x(i), sqr(x));
  CHECK(steps_of(sum(b), x - b) == "loop put loop");  // read by others too, and left whole
  formula f;
  f.g = graph_of_formulas(x - 0.1_c * slope_of(x(i), sqr(x)));
  f.updated = {"x"};
  f.ieee = true;
  CHECK(steps_of(stages(f).plan) == "loop put loop");
}
