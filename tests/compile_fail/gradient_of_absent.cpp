// SPDX-License-Identifier: BSD-3-Clause
// expect: agnesi: the cost does not depend on a symbol that its gradient is asked for
// within: 12
#include <agnesi/agnesi.hpp>

namespace ag = agnesi;
using namespace ag::literals;

constexpr auto x = ag::matrix<"x">;
constexpr auto w = ag::vector<"w">;

int main() {
#ifdef MISTAKE
  [[maybe_unused]] auto g = ag::grad(sum(x), w);
#else
  [[maybe_unused]] auto g = ag::grad(sum(x), w, ag::allow_unused);
#endif
}
