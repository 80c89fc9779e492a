// SPDX-License-Identifier: BSD-3-Clause
// expect: agnesi: a symbol is updated twice
// within: 12
#include <agnesi/agnesi.hpp>

namespace ag = agnesi;
using namespace ag::literals;

constexpr auto x = ag::matrix<"x">;
constexpr auto w = ag::vector<"w">;

int main() {
#ifdef MISTAKE
  [[maybe_unused]] auto f = ag::function(ag::inputs(w), ag::updates(w = 2_c * w, w = -w));
#else
  [[maybe_unused]] auto f = ag::function(ag::inputs(w), ag::updates(w = 2_c * w));
#endif
}
