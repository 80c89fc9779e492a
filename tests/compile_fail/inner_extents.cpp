// SPDX-License-Identifier: BSD-3-Clause
// expect: agnesi: the inner extents of dot differ
// within: 12
#include <agnesi/agnesi.hpp>

namespace ag = agnesi;
using namespace ag::literals;

constexpr auto x = ag::matrix<"x">;
constexpr auto w = ag::vector<"w">;
constexpr auto a = ag::matrix<"a", double, 3, 4>;

int main() {
#ifdef MISTAKE
  [[maybe_unused]] auto y = dot(a, a);
#else
  [[maybe_unused]] auto y = dot(a, transpose(a));
#endif
}
