// SPDX-License-Identifier: BSD-3-Clause
// expect: agnesi: two of the function's inputs have the same name
// within: 12
#include <agnesi/agnesi.hpp>

namespace ag = agnesi;
using namespace ag::literals;

constexpr auto x = ag::matrix<"x">;
constexpr auto w = ag::vector<"w">;

int main() {
#ifdef MISTAKE
  [[maybe_unused]] auto f = ag::function(ag::inputs(x, w, w), ag::outputs(dot(x, w)));
#else
  [[maybe_unused]] auto f = ag::function(ag::inputs(x, w), ag::outputs(dot(x, w)));
#endif
}
