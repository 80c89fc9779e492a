// SPDX-License-Identifier: BSD-3-Clause
// expect: agnesi: more indices than the tensor has axes
// within: 12
#include <agnesi/agnesi.hpp>

namespace ag = agnesi;
using namespace ag::literals;

constexpr auto x = ag::matrix<"x">;
constexpr auto w = ag::vector<"w">;

int main() {
#ifdef MISTAKE
  [[maybe_unused]] auto y = w(0_c, 0_c);
#else
  [[maybe_unused]] auto y = x(0_c, 0_c);
#endif
}
