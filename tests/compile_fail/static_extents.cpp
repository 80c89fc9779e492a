// SPDX-License-Identifier: BSD-3-Clause
// expect: agnesi: two extents known at compile time differ
// within: 12
#include <agnesi/agnesi.hpp>

namespace ag = agnesi;
using namespace ag::literals;

constexpr auto x = ag::matrix<"x">;
constexpr auto w = ag::vector<"w">;
constexpr auto a = ag::matrix<"a", double, 3, 4>;
constexpr auto b = ag::matrix<"b", double, 3, 5>;

int main() {
#ifdef MISTAKE
  [[maybe_unused]] auto y = a + b;
#else
  [[maybe_unused]] auto y = a + a;
#endif
}
