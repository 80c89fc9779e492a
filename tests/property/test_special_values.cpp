// SPDX-License-Identifier: BSD-3-Clause
// Random formulas of infinities, NaN and zeros, under ag::ieee: what is simplified is NaN exactly where the formula as
// written is, and has its value elsewhere. Stabilizing rules may give a limit where the formula as written is NaN.
// AGNESI_SEED and AGNESI_FORMULAS set where to start and how many.
#include <doctest/doctest.h>

#include "agnesi/passes/simplify.hpp"
#include "support/dump.hpp"
#include "support/expected.hpp"
#include "support/shrink.hpp"

namespace ag = agnesi;
namespace op = ag::op;
namespace phase = ag::phase;
using ag::graph, ag::info;
using namespace ag::testing;
using interpreter = ag::testing::detail::interpreter;

namespace {

void disturb(formula& f) {
  std::mt19937 random(f.seed);
  for (auto& [name, v] : f.in) {
    const ag::dtype type = f.g.type(f.g.symbols[f.g.find_symbol(name)].node);
    if (!ag::is_float(type) || random() % 2 == 0) continue;
    const real special[] = {HUGE_VALL, -HUGE_VALL, std::nanl(""), 0, 1, -1};
    for (real& e : v.elements)
      if (random() % 3 == 0) e = special[random() % 6];
  }
}

// The largest finite number on the way; infinity where rounding, the sign of a zero, or what is not defined decides.
real largest_finite(const graph& g, const interpreter& run) {
  const bool floats = has_floats(g);
  const std::vector<bool> exact = ag::testing::detail::exact_nodes(g, run);
  real m = 1;
  for (int id = 0; id + 1 < g.size(); ++id) {
    const ag::op_info& o = *g[id].op;
    for (real v : run.at(id).elements)
      if (std::isfinite(v)) m = std::max(m, std::fabs(v));
    const auto argument = [&](int k) -> const std::vector<real>& { return run.at(g.arg(id, k)).elements; };
    const auto has = [](const std::vector<real>& all, auto which) { return std::any_of(all.begin(), all.end(), which); };
    const auto is_zero = [](real v) { return std::fabs(v) < 1e-6L; };
    if (&o == &info<op::div> && has(argument(1), is_zero)) return HUGE_VALL;
    if (&o == &info<op::pow> && has(argument(0), is_zero)) return HUGE_VALL;
    if (&o == &info<op::cast> && !ag::is_float(g.type(id)) && ag::is_float(g.type(g.arg(id, 0))) &&
        has(argument(0), [](real v) { return !std::isfinite(v) || v < 0; }))
      return HUGE_VALL;
    bool known = true;
    for (int k = 0; k < g[id].n_args; ++k) known = known && exact[static_cast<std::size_t>(g.arg(id, k))];
    if (!known && ((ag::testing::detail::decides(o) && ag::testing::detail::is_close_call(run, g, id, floats)) ||
                   ag::testing::detail::is_cut_close(run, g, id)))
      return HUGE_VALL;
  }
  return m;
}

struct way {
  unsigned phases;
  bool limits;  // may be given for NaN
};

std::string wrong_when(const formula& f, const way& w, int* special = nullptr) {
  const graph plain = differentiated(f.g, ag::universe_of<ag::op_list<>>());
  if (plain.failure != ag::mistake::none) return {};
  ag::simplify_options o;
  o.ieee = true;
  o.phases = w.phases;
  const graph pruned = simplified(plain, 0u), made = simplified(plain, o);
  if (made.failure != ag::mistake::none) return "a failure";
  try {
    const interpreter run(pruned, f.in);
    const real scale = largest_finite(pruned, run);
    if (!(scale < 1e8L)) return {};
    const real tolerance = scale * (has_floats(pruned) ? 1e-5L : 1e-9L);
    bool met = false;
    for (const tensor_value& t : run.results())
      for (real v : t.elements) met = met || !std::isfinite(v);
    if (special != nullptr) *special += met;
    const auto expected = run.results(), got = interpret(made, f.in);
    for (std::size_t k = 0; k < got.size(); ++k)
      for (std::int64_t i = 0; i < got[k].count(); ++i) {
        const real a = expected[k][i], b = got[k][i];
        const std::string both = std::to_string(static_cast<double>(a)) + " becomes " + std::to_string(static_cast<double>(b));
        if (std::isnan(a)) {
          if (!std::isnan(b) && !w.limits) return both;
        } else if (!(a == b || std::fabs(a - b) <= tolerance)) {
          return both;
        }
      }
    return {};
  } catch (const std::exception& e) {
    return {};  // indices, which are compared elsewhere
  }
}

}  // namespace

TEST_CASE("what holds for every IEEE value does") {
  const unsigned start = first_seed(), n = number_from("AGNESI_FORMULAS", 3000);
  int failures = 0, special = 0;
  for (unsigned k = 0; k < n && failures < 5; ++k) {
    formula f = random_formula(start + k, asks_for::value).f;
    if (k % 4 == 0) f = with_gradients(f);
    disturb(f);
    for (const way w : {way{phase::canonicalize | phase::fold | phase::specialize, false}, way{phase::all, true}}) {
      if (wrong_when(f, w, &special).empty()) continue;
      ++failures;
      const formula small = shrunk(f, [&](const formula& g) { return !wrong_when(g, w).empty(); });
      ag::simplify_options o;
      o.ieee = true;
      o.phases = w.phases;
      const graph made = simplified(differentiated(small.g, ag::universe_of<ag::op_list<>>()), o);
      const std::string text = wrong_when(small, w) + ", phases " + std::to_string(w.phases) + ": " + described(small) +
                               "becomes\n" + std::string(ag::shown_outputs(made).view()) + "\n" + dump(made);
      FAIL_CHECK(text);
    }
  }
  MESSAGE((special / 2) << " of " << n << " formulas from seed " << start << " have a result that is not finite");
  CHECK(special > static_cast<int>(n / 8));
}
