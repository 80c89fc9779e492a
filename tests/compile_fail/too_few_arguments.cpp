// SPDX-License-Identifier: BSD-3-Clause
// expect: agnesi: the call has more or fewer arguments than the function has inputs
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
  f(X);
  (void)W;
#else
  f(X, W);
#endif
}
