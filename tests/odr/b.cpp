// SPDX-License-Identifier: BSD-3-Clause
// The same formula as in a.cpp, instantiated a second time: both link, and agree.
#include <agnesi/agnesi.hpp>

#include <cstdio>

double squared_plus_one(double value);

int main() {
  using namespace agnesi::literals;
  constexpr auto x   = agnesi::scalar<"x">;
  const double here  = agnesi::eval(sqr(x) + 1_c, x = 3.0);
  const double there = squared_plus_one(3.0);
  std::printf("%g here, %g there\n", here, there);
  return here == 10 && there == 10 ? 0 : 1;
}
