// SPDX-License-Identifier: BSD-3-Clause
// expect: agnesi: this axis does not exist
// within: 12
#include <agnesi/agnesi.hpp>

namespace ag = agnesi;
using namespace ag::literals;

constexpr auto x = ag::matrix<"x">;
constexpr auto w = ag::vector<"w">;

int main() {
#ifdef MISTAKE
  [[maybe_unused]] auto y = sum(x, ag::axis<2>);
#else
  [[maybe_unused]] auto y = sum(x, ag::axis<-1>);
#endif
}
