// SPDX-License-Identifier: BSD-3-Clause
// expect: agnesi: a condition must be of type bool
// within: 12
#include <agnesi/agnesi.hpp>

namespace ag = agnesi;
using namespace ag::literals;

constexpr auto x = ag::matrix<"x">;
constexpr auto w = ag::vector<"w">;

int main() {
#ifdef MISTAKE
  [[maybe_unused]] auto y = where(x, x, -x);
#else
  [[maybe_unused]] auto y = where(x > 0_c, x, -x);
#endif
}
