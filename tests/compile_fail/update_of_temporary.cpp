// SPDX-License-Identifier: BSD-3-Clause
// expect: agnesi: an updated symbol must be bound to an array or number that can be written to
// within: 12
#include <agnesi/agnesi.hpp>

namespace ag = agnesi;
using namespace ag::literals;

constexpr auto x = ag::matrix<"x">;
constexpr auto w = ag::vector<"w">;

int main() {
  auto f = ag::function(ag::inputs(w), ag::updates(w = 2_c * w));
#ifdef MISTAKE
  f(ag::array<double, 1>({4}));
#else
  ag::array<double, 1> W({4});
  f(W);
#endif
}
