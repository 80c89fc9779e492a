// SPDX-License-Identifier: BSD-3-Clause
// expect: agnesi: reshape must keep the number of elements
// within: 12
#include <agnesi/agnesi.hpp>

namespace ag = agnesi;
using namespace ag::literals;

constexpr auto x = ag::matrix<"x">;
constexpr auto w = ag::vector<"w">;
constexpr auto a = ag::matrix<"a", double, 3, 4>;

int main() {
#ifdef MISTAKE
  [[maybe_unused]] auto y = reshape(a, ag::shape(5_c, -1_c));
#else
  [[maybe_unused]] auto y = reshape(a, ag::shape(6_c, -1_c));
#endif
}
