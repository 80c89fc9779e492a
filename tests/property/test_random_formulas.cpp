// SPDX-License-Identifier: BSD-3-Clause
// Whole functions at random, outputs, gradients and updates, by the passes of run_pipeline: the plan, carried out step
// by step, must leave what the formula says. AGNESI_SEED and AGNESI_FORMULAS set where to start and how many.
#include <doctest/doctest.h>

#include "support/dump.hpp"
#include "support/shrink.hpp"
#include "support/stages.hpp"

namespace ag = agnesi;
namespace op = ag::op;
namespace phase = ag::phase;
using ag::dtype, ag::graph, ag::info;
using namespace ag::testing;

namespace {

bool still_wrong(const formula& f) {
  const auto e = expected(f);
  return e && !wrong_after(f, *e).empty();
}

}  // namespace

TEST_CASE("plans of random functions compute what their formulas say") {
  const unsigned start = first_seed(), n = number_from("AGNESI_FORMULAS", 5000);
  int compared = 0, failures = 0;
  for (unsigned seed = start; seed != start + n && failures < 5; ++seed) {
    INFO("seed " << seed);
    const formula f = random_formula(seed).f;
    const auto e = expected(f);
    if (!e) continue;
    ++compared;
    if (wrong_after(f, *e).empty()) continue;
    ++failures;
    const formula small = shrunk(f, still_wrong);
    const stages made(small);
    const std::string text = "wrong after " + wrong_after(small, *expected(small)) + ": " + described(small) + "becomes\n" +
                             std::string(ag::shown_outputs(made.last()).view()) + "\n" + dump(made.last());
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
