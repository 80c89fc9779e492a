// SPDX-License-Identifier: BSD-3-Clause
// expect: agnesi: a plain C++ number stands among symbols
// within: 12
#include <agnesi/agnesi.hpp>

namespace ag = agnesi;
using namespace ag::literals;

constexpr auto x = ag::matrix<"x">;
constexpr auto w = ag::vector<"w">;

int main() {
#ifdef MISTAKE
  [[maybe_unused]] auto y = x + 2.0;
#else
  [[maybe_unused]] auto y = x + 2_c;
#endif
}
