// SPDX-License-Identifier: BSD-3-Clause
// expect: agnesi: this array's element type is not the symbol's element type
// within: 12
#include <agnesi/agnesi.hpp>

namespace ag = agnesi;
using namespace ag::literals;

constexpr auto x = ag::matrix<"x">;
constexpr auto w = ag::vector<"w">;

int main() {
  auto f = ag::function(ag::inputs(x, w), ag::outputs(dot(x, w)));
  ag::array<double, 2> X({3, 4});
  ag::array<double, 1> W({4});
#ifdef MISTAKE
  ag::array<float, 1> F({4});
  f(X, F);
  (void)W;
#else
  f(X, W);
#endif
}
