// SPDX-License-Identifier: BSD-3-Clause
// expect: agnesi: two symbols have the same name and different types
// within: 12
#include <agnesi/agnesi.hpp>

namespace ag = agnesi;
using namespace ag::literals;

constexpr auto x = ag::matrix<"x">;
constexpr auto w = ag::vector<"w">;
constexpr auto v = ag::scalar<"w">;

int main() {
#ifdef MISTAKE
  [[maybe_unused]] auto f = ag::function(ag::inputs(x, w), ag::outputs(dot(x, w) + v));
#else
  [[maybe_unused]] auto f = ag::function(ag::inputs(x, w), ag::outputs(dot(x, w) + w));
#endif
}
