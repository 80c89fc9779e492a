// SPDX-License-Identifier: BSD-3-Clause
// Every step of every rewriting that is a function lessens what the rewriting is said to end by: see support/measures.hpp.
// Rules are checked by the compiler (rewrite/rule.hpp). AGNESI_SEED and AGNESI_FORMULAS set where to start and how many.
#include <doctest/doctest.h>

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
      const ending* const how = ending_of(e.name);
      REQUIRE_MESSAGE(how != nullptr, "a rewriting without a measure in tests/support/measures.hpp: " << std::string(e.name));
      tally& t = tallies_[std::string(e.name)];
      if (t.taken > most && how->by.empty()) continue;  // these take some time
      const step made = step_of(s.w, *how, e);
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

  static const ending* ending_of(std::string_view name) {
    for (const ending& e : endings())
      if (name == e.rewriting) return &e;
    return nullptr;
  }
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
  for (const ending& e : endings()) {
    const auto found = s.tallies().find(e.rewriting);
    INFO(std::string(e.rewriting));
    REQUIRE(found != s.tallies().end());
    const tally& t = found->second;
    CHECK(t.wrong == 0);
    CHECK(t.taken > 0);
    CHECK(t.not_repeated <= t.taken / 20);
  }
}

TEST_CASE("every rewriting says by what it ends, and nothing else does") {
  for (const ag::rewriting& r : ag::detail::rewritings) {
    int times = 0;
    for (const ending& e : endings()) times += r.name == e.rewriting;
    INFO(std::string(r.name));
    CHECK(times == 1);
  }
  for (const ending& e : endings()) {
    bool there = false;
    for (const ag::rewriting& r : ag::detail::rewritings) there = there || r.name == e.rewriting;
    INFO(std::string(e.rewriting));
    CHECK(there);
  }
}
