// SPDX-License-Identifier: BSD-3-Clause
// expect: agnesi: an update's formula has another rank than the symbol it updates
// within: 12
#include <agnesi/agnesi.hpp>

namespace ag = agnesi;
using namespace ag::literals;

constexpr auto x = ag::matrix<"x">;
constexpr auto w = ag::vector<"w">;

int main() {
#ifdef MISTAKE
  [[maybe_unused]] auto f = ag::function(ag::inputs(w), ag::updates(w = sum(w)));
#else
  [[maybe_unused]] auto f = ag::function(ag::inputs(w), ag::updates(w = w / sum(w)));
#endif
}
