// SPDX-License-Identifier: BSD-3-Clause
// expect: agnesi: the cost of a gradient must be a scalar
// within: 12
#include <agnesi/agnesi.hpp>

namespace ag = agnesi;
using namespace ag::literals;

constexpr auto x = ag::matrix<"x">;
constexpr auto w = ag::vector<"w">;

int main() {
#ifdef MISTAKE
  [[maybe_unused]] auto g = ag::grad(dot(x, w), w);
#else
  [[maybe_unused]] auto g = ag::grad(sum(dot(x, w)), w);
#endif
}
