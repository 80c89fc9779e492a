// SPDX-License-Identifier: BSD-3-Clause
// What rules may be written, and what they are called; that they are right is tested in test_rules_fuzz.cpp.
#include <doctest/doctest.h>

#include "agnesi/rewrite/tables/stable.hpp"

namespace ag = agnesi;
using ag::pattern, ag::rule;

namespace {

using namespace ag::patterns;
constexpr rule mine[] = {(sqr(sin(x)) + sqr(cos(x))) >> 1, named("less", sin(x) * 2 >> x | nonzero(x) && floating(x))};

static_assert(to_text(ag::tables::stable[0]).view() == "log(1 + x) >> log1p(x)");
static_assert(to_text(mine[0]).view() == "sqr(sin(x)) + sqr(cos(x)) >> 1");
static_assert(goes_by(mine[0], "sqr(sin(x)) + sqr(cos(x)) >> 1"));
static_assert(goes_by(mine[1], "less"));
static_assert(mine[1].when.n == 2 && mine[1].when.not_ieee);

}  // namespace

TEST_CASE("a bad rule is rejected where it is written") {
  const pattern wild_x = x, wild_y = y;
  CHECK_THROWS_AS((void)(wild_x * 1 >> wild_y), const char*);
  CHECK_THROWS_AS((void)(wild_x * wild_y >> wild_y * wild_x), const char*);
  CHECK_THROWS_AS((void)(sin(wild_x) >> sin(wild_x) * wild_x), const char*);
  CHECK_THROWS_AS((void)(wild_x >> wild_x), const char*);
  CHECK_NOTHROW((void)(sin(wild_x) * wild_x >> wild_x));
}
