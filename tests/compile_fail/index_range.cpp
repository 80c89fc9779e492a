// SPDX-License-Identifier: BSD-3-Clause
// expect: agnesi: this index is out of range
// within: 12
#include <agnesi/agnesi.hpp>

namespace ag = agnesi;
using namespace ag::literals;

constexpr auto x = ag::matrix<"x">;
constexpr auto w = ag::vector<"w">;
constexpr auto a = ag::vector<"a", double, 3>;

int main() {
#ifdef MISTAKE
  [[maybe_unused]] auto y = a(3_c);
#else
  [[maybe_unused]] auto y = a(2_c);
#endif
}
