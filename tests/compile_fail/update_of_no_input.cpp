// SPDX-License-Identifier: BSD-3-Clause
// expect: agnesi: updates changes a symbol that is not among the function's inputs
// within: 12
#include <agnesi/agnesi.hpp>

namespace ag = agnesi;
using namespace ag::literals;

constexpr auto x = ag::matrix<"x">;
constexpr auto w = ag::vector<"w">;
constexpr auto v = ag::vector<"v">;

int main() {
#ifdef MISTAKE
  [[maybe_unused]] auto f = ag::function(ag::inputs(x, w), ag::outputs(dot(x, w)), ag::updates(v = 2_c * w));
#else
  [[maybe_unused]] auto f = ag::function(ag::inputs(x, w), ag::outputs(dot(x, w)), ag::updates(w = 2_c * w));
#endif
}
