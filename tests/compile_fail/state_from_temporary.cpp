// SPDX-License-Identifier: BSD-3-Clause
// expect: agnesi: with binds by reference, so it takes variables, not temporaries
// within: 12
#include <agnesi/agnesi.hpp>

namespace ag = agnesi;
using namespace ag::literals;

constexpr auto x = ag::matrix<"x">;
constexpr auto w = ag::vector<"w">;

int main() {
  auto f = ag::function(ag::inputs(x, w), ag::outputs(dot(x, w)));
  ag::array<double, 1> W({4});
#ifdef MISTAKE
  [[maybe_unused]] auto step = f.with(w = ag::array<double, 1>({4}));
  (void)W;
#else
  [[maybe_unused]] auto step = f.with(w = W);
#endif
}
