// SPDX-License-Identifier: BSD-3-Clause
// Random formulas, simplified in every way there is, against themselves as written: values, gradients, and errors.
// AGNESI_SEED and AGNESI_FORMULAS set where to start and how many.
#include <doctest/doctest.h>

#include "agnesi/passes/simplify.hpp"
#include "support/dump.hpp"
#include "support/expected.hpp"
#include "support/shrink.hpp"

namespace ag = agnesi;
namespace phase = ag::phase;
using ag::graph;
using namespace ag::testing;

namespace {

const ag::universe u = ag::universe_of<ag::op_list<>>();

struct way {
  unsigned before = 0;  // phases before gradients are taken; 0 for no simplification then
  unsigned after = phase::all;
  bool ieee = false;
};
graph simplified_by(const graph& g, const way& w) {
  ag::simplify_options o;
  o.ieee = w.ieee;
  o.phases = w.before;
  graph made = w.before != 0 ? simplified(g, o) : g;
  made = differentiated(made, u);
  o.phases = w.after;
  return simplified(made, o);
}

// What is wrong about a formula simplified; empty where nothing is, or where nothing can be said.
std::string wrong_when(const formula& f, const way& w) {
  const auto e = expected(f);
  if (!e) return {};
  const graph made = simplified_by(f.g, w);
  if (made.failure != ag::mistake::none) return "a failure";
  const int root = f.g.size() - 1, new_root = made.size() - 1;
  for (int k = 0; k < f.n_results(); ++k)
    if (f.g.type(f.g.arg(root, k)) != made.type(made.arg(new_root, k))) return "another element type";
  try {
    const auto got = interpret(made, f.in);
    for (std::size_t k = 0; k < got.size(); ++k)
      if (got[k].extents != e->results[k].extents) return "another shape";
    return same(got, e->results, e->tolerance) ? "" : "another value";
  } catch (const std::exception& error) {
    return error.what();
  }
}

void compare(const formula& f, const way& w, int& failures) {
  const std::string wrong = failures < 5 ? wrong_when(f, w) : "";
  if (wrong.empty()) return;
  ++failures;
  const formula small = shrunk(f, [&](const formula& g) { return !wrong_when(g, w).empty(); });
  const graph made = simplified_by(small.g, w);
  const std::string text = wrong_when(small, w) + ", phases " + std::to_string(w.before) + " and " + std::to_string(w.after) +
                           (w.ieee ? " under ag::ieee: " : ": ") + described(small) + "becomes\n" +
                           std::string(ag::shown_outputs(made).view()) + "\n" + dump(made);
  FAIL_CHECK(text);
}

}  // namespace

TEST_CASE("random formulas keep their values") {
  const unsigned start = first_seed(), n = number_from("AGNESI_FORMULAS", 3000);
  int compared = 0, failures = 0;
  for (unsigned k = 0; k < n; ++k) {
    const formula f = random_formula(start + k, asks_for::value).f;
    compared += expected(f).has_value();
    compare(f, {}, failures);
    compare(f, {0, phase::all, true}, failures);
    switch (k % 4) {
      case 0: compare(f, {0, phase::canonicalize}, failures); break;
      case 1: compare(f, {0, phase::canonicalize | phase::stabilize, k % 8 == 1}, failures); break;
      case 2: compare(f, {0, phase::stabilize}, failures); break;
      default: compare(f, {0, k % 8 == 3 ? phase::fold : phase::specialize}, failures); break;
    }
  }
  MESSAGE(compared << " of " << n << " random formulas from seed " << start << " compared");
  CHECK(compared > static_cast<int>(n / 2));
}

TEST_CASE("random gradients keep their values") {
  const unsigned start = first_seed(), n = number_from("AGNESI_FORMULAS", 2000);
  int compared = 0, failures = 0;
  for (unsigned k = 0; k < n; ++k) {
    const formula f = with_gradients(random_formula(start + k, asks_for::value).f);
    compared += expected(f).has_value();
    // What is special to the end, such as that stop_gradient is nothing, is left out before.
    const unsigned before = phase::canonicalize | phase::stabilize, folded = before | phase::fold;
    const way ways[] = {{}, {folded}, {before, phase::all, true}};
    compare(f, {before}, failures);
    compare(f, ways[k % 3], failures);
  }
  MESSAGE(compared << " of " << n << " random gradients from seed " << start << " compared");
  CHECK(compared > static_cast<int>(n / 3));
}

namespace {

bool raises(const graph& g, const values& in) {
  try {
    interpret(g, in);
    return false;
  } catch (const std::exception&) {
    return true;
  }
}
// The same formula called with other extents, and with indices that may be out of range.
values disturbed(const formula& f, std::mt19937& random) {
  values in = f.in;
  for (auto& [name, v] : in) {
    const int symbol = f.g.symbols[f.g.find_symbol(name)].node;
    if (ag::is_integer(f.g.type(symbol)) && random() % 2 == 0)
      for (real& e : v.elements) e += static_cast<int>(random() % 7) - 3;
    if (f.g.type(symbol) == ag::dtype::u8)
      for (real& e : v.elements) e = std::fabs(e) > 255 ? 255 : std::fabs(e);
    std::vector<std::int64_t> extents = v.extents;
    for (int k = 0; k < v.rank(); ++k)
      if (f.g.extent(symbol, k) < 0 && random() % 3 == 0)
        extents[static_cast<std::size_t>(k)] = static_cast<std::int64_t>(random() % 5);
    tensor_value other(extents);
    for (std::int64_t k = 0; k < other.count(); ++k) other[k] = v.count() > 0 ? v[k % v.count()] : 1;
    v = other;
  }
  return in;
}

}  // namespace

TEST_CASE("an error of the formula as written is still raised, and no other") {
  const unsigned start = first_seed(), n = number_from("AGNESI_FORMULAS", 3000);
  int raised = 0, failures = 0;
  for (unsigned k = 0; k < n && failures < 5; ++k) {
    formula f = random_formula(start + k, asks_for::value).f;
    std::mt19937 random(start + k);
    const bool ieee = k % 4 == 0;
    f.in = disturbed(f, random);
    const auto differs = [ieee](const formula& g) {
      // What is not asked for need not be computed; that does not count as the formula as written.
      const graph plain = simplified_by(g.g, {0, 0});
      return raises(plain, g.in) != raises(simplified_by(g.g, {0, phase::all, ieee}), g.in);
    };
    raised += raises(f.g, f.in);
    if (!differs(f)) continue;
    ++failures;
    const formula small = shrunk(f, differs);
    const graph made = simplified_by(small.g, {0, phase::all, ieee});
    const std::string text = described(small) + "becomes\n" + std::string(ag::shown_outputs(made).view()) + "\n" + dump(made) +
                             (raises(small.g, small.in) ? "which no longer raises an error" : "which raises an error");
    FAIL_CHECK(text);
  }
  MESSAGE(raised << " of " << n << " calls from seed " << start << " raise an error");
  CHECK(raised > static_cast<int>(n / 10));
}
