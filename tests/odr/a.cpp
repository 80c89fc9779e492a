// SPDX-License-Identifier: BSD-3-Clause
// One of two translation units that include everything; b.cpp is the other.
#include <agnesi/agnesi.hpp>

double squared_plus_one(double value) {
  using namespace agnesi::literals;
  constexpr auto x = agnesi::scalar<"x">;
  return agnesi::eval(sqr(x) + 1_c, x = value);
}
