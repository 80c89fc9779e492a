// SPDX-License-Identifier: BSD-3-Clause
// The smallest function: two numbers.
#include <agnesi/agnesi.hpp>

namespace ag = agnesi;

constexpr auto a = ag::scalar<"a">;
constexpr auto b = ag::scalar<"b">;

double sum_of(double x, double y) {
  static auto f = ag::function(ag::inputs(a, b), ag::outputs(a + b));
  return f(x, y);
}
