// SPDX-License-Identifier: BSD-3-Clause
// Every step of every rewriting that is a function lessens what the rewriting is said to lessen (support/measures.hpp), and
// all of them together go round in no circle. Rules are checked by the compiler (rewrite/rule.hpp). AGNESI_SEED and AGNESI_FORMULAS set where to start and how many.
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "agnesi/expr/symbols.hpp"
#include "agnesi/grad/grad.hpp"
#include "agnesi/grad/reverse.hpp"
#include "support/measures.hpp"
#include "support/random_formulas.hpp"
#include "support/rewriting.hpp"

namespace ag = agnesi;
namespace phase = ag::phase;
using ag::graph;
using namespace ag::testing;
using namespace ag::literals;

namespace {

const ag::universe u = ag::universe_of<ag::op_list<>>();

struct tally {
  int taken = 0, not_repeated = 0, wrong = 0;
};

std::string told(const graph& g, int id) {
  ag::formula_writer f(g, true);
  ag::text t;
  f.write(t, id);
  return std::string(t.view().substr(0, 300));
}

class steps {
 public:
  void check(const graph& g, unsigned phases, bool ieee = false) {
    ag::simplify_options o;
    o.phases = phases;
    o.ieee = ieee;
    const ag::simplifier s(g, o, true);
    for (const ag::event& e : s.w.log) {
      if (e.by != nullptr) continue;
      tally& t = tallies_[std::string(e.name)];
      if (t.taken > most && e.name.starts_with("canonical_")) continue;  // these take some time
      const step made = step_of(s.w, e);
      ++(made.taken ? t.taken : t.not_repeated);
      if (!made.taken || made.ends || ++t.wrong > 2) continue;
      const std::string text = std::string(e.name) + " lessens nothing from " + told(s.w, e.before) + " to " + told(s.w, e.after);
      MESSAGE(text);
    }
  }
  void check_all(const graph& g) {
    for (const unsigned phases : {phase::canonicalize, phase::canonicalize | phase::stabilize, phase::all}) check(g, phases);
    check(g, phase::all, true);
  }
  const std::map<std::string, tally>& tallies() const { return tallies_; }

 private:
  static constexpr int most = 2000;
  std::map<std::string, tally> tallies_;
};

constexpr auto x = ag::vector<"x">;
constexpr auto y = ag::vector<"y">;
constexpr auto m = ag::matrix<"m">;
constexpr auto k = ag::matrix<"k">;

}  // namespace

TEST_CASE("every step of a rewriting lessens what it ends by") {
  const unsigned start = first_seed(), n = number_from("AGNESI_FORMULAS", 3000);
  steps s;
  for (unsigned j = 0; j < n; ++j) {
    formula f = random_formula(start + j, asks_for::value).f;
    if (j % 3 == 0) {
      graph g = differentiated(simplified(with_gradients(f).g), u);
      if (g.failure == ag::mistake::none) f.g = g;
    }
    s.check_all(f.g);
  }
  // What random formulas seldom have.
  const auto often = [&](auto... formulas) {
    const graph g = graph_of_formulas(formulas...);
    s.check_all(g);
    s.check_all(differentiated(simplified(g), u));
  };
  often(log(exp(x) + exp(y) + 3_c), log(exp(x) + 2_c * exp(y) + 1_c), log1p(2_c * exp(x) + exp(y)));
  often(log(1_c - x + y), log(1_c + x * y - y), log(pow(x, 3_c)), log(sqr(x)), log(1_c / sqr(sqr(x))), log(2_c / x));
  often(log(sum(softmax(m) * k, ag::axis<1>)), log(mean(exp(m) * k, ag::axis<0>)));
  often(where(sum(0_c * x + 1_c) < 0_c, x, y), x * maximum(sum(0_c * x + 1_c), 0_c));
  often(dot(dot(m, k), x), pow(x, 3_c), sign(-2_c * x), abs(-2_c * exp(y) * x), cast<double>(cast<float>(dot(m, x))));
  often(x(ag::slice(1_c, 4_c))(ag::slice(ag::none, ag::none, -1_c))(0_c), m(ag::all, ag::slice(1_c, 3_c))(0_c));
  often(ag::grad(sum(x(ag::slice(1_c, 3_c)) * y), x)(ag::slice(1_c, 3_c)), ag::grad(sum(m(0_c) * x), m)(0_c));
  for (const ag::rewriting& r : ag::detail::rewritings) {
    const auto found = s.tallies().find(std::string(r.name));
    INFO(std::string(r.name));
    REQUIRE(found != s.tallies().end());
    const tally& t = found->second;
    CHECK(t.wrong == 0);
    CHECK(t.taken > 0);
    CHECK(t.not_repeated <= t.taken / 20);
  }
}

namespace {

// The sweeps of one phase, or of several, over a formula: what each node was rewritten to, by whichever rule or rewriting.
class whole_run {
 public:
  int sweeps = 0, steps = 0;
  bool ends = true;  // by itself
  std::string circle;

  whole_run(graph g, unsigned phases, bool ieee) {
    ag::simplify_options o;
    o.phases = phases;
    o.ieee = ieee;
    for (bool settled = false; !settled; ++sweeps) {
      if (sweeps == ag::max_sweeps) {
        ends = false;
        return;
      }
      const ag::simplifier s(g, o, true);
      ends = ends && !s.w.cut_short;
      follow(s.w);
      g = s.result(nullptr, true, &settled);
    }
  }

 private:
  std::vector<std::vector<const ag::event*>> from_;
  std::vector<char> seen_;

  void follow(const ag::rewriter& w) {
    from_.assign(static_cast<std::size_t>(w.size()), {});
    seen_.assign(static_cast<std::size_t>(w.size()), 0);
    for (const ag::event& e : w.log) {
      if (e.before < 0 || e.after < 0) continue;  // a rule that was tried in a sum or a product, of which it is one step
      ++steps;
      from_[static_cast<std::size_t>(e.before)].push_back(&e);
    }
    for (int id = 0; id < w.size() && circle.empty(); ++id) visit(w, id);
  }
  void visit(const ag::rewriter& w, int id) {
    char& seen = seen_[static_cast<std::size_t>(id)];
    if (seen == 1) circle = told(w, id);
    if (seen != 0) return;
    seen = 1;
    for (const ag::event* e : from_[static_cast<std::size_t>(id)]) {
      visit(w, e->after);
      if (!circle.empty()) {
        circle += " <- " + told(w, id) + " by " + std::string(e->by != nullptr ? ag::to_text(*e->by).view() : e->name);
        return;
      }
    }
    seen = 2;
  }
};

}  // namespace

// Nodes that are equal are one, so that what is taken back by another rewriting, after however many steps, closes a circle.
TEST_CASE("no rewriting takes back what others have done, and no run is cut short") {
  const unsigned start = first_seed(), n = number_from("AGNESI_FORMULAS", 10000);
  int failures = 0, sweeps = 0;
  long steps = 0;
  for (unsigned j = 0; j < n && failures < 3; ++j) {
    formula f = random_formula(start + j, asks_for::value).f;
    if (j % 3 == 0) {
      graph g = differentiated(simplified(with_gradients(f).g), u);
      if (g.failure == ag::mistake::none) f.g = g;
    }
    for (const unsigned phases : {phase::canonicalize, phase::stabilize, phase::specialize, phase::canonicalize | phase::stabilize, phase::all})
      for (const bool ieee : {false, true}) {
        const whole_run run(f.g, phases, ieee);
        steps += run.steps;
        sweeps = std::max(sweeps, run.sweeps);
        if (run.ends && run.circle.empty()) continue;
        ++failures;
        const std::string text = "seed " + std::to_string(start + j) + ", phases " + std::to_string(phases) + (ieee ? ", ieee: " : ": ") +
                                 (run.ends ? run.circle : "cut short");
        FAIL_CHECK(text);
      }
  }
  MESSAGE(steps << " steps, " << sweeps << " sweeps at most");
  CHECK(steps > static_cast<long>(n));
  CHECK(sweeps < ag::max_sweeps - 2);
}

TEST_CASE("every rewriting says what it lessens, and the page about it says why") {
  std::ifstream file(std::string(AGNESI_SOURCE_DIR) + "/docs/internals/termination.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  std::size_t at = 0;
  for (const ag::rewriting& r : ag::detail::rewritings) {
    INFO(std::string(r.name));
    CHECK(r.lessens[0] != '\0');
    for (const lessened_number* n : numbers_of(r)) CHECK(n != nullptr);
    const std::string row = "\n| " + std::string(r.name) + " | " + r.lessens + " | ";
    const std::size_t there = page.find(row);
    CHECK(there != std::string::npos);  // the row of docs/internals/termination.md
    if (there == std::string::npos) continue;
    CHECK(there >= at);  // in the order of the list
    at = there;
  }
  int rows = 0;
  for (std::size_t p = page.find("\n| "); p != std::string::npos; p = page.find("\n| ", p + 1)) {
    const std::string name = page.substr(p + 3, page.find(" |", p + 3) - p - 3);
    bool there = name == "rewriting" || name == "---";
    for (const ag::rewriting& r : ag::detail::rewritings) there = there || r.name == name;
    INFO(name);
    CHECK(there);
    ++rows;
  }
  CHECK(rows > 2);
}
