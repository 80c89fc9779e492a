// SPDX-License-Identifier: BSD-3-Clause
// A program that has agnesi installed.
#include <agnesi/agnesi.hpp>

int main() {
  using namespace agnesi::literals;
  constexpr auto x = agnesi::scalar<"x">;
  return agnesi::eval(2_c * x, x = 4.0) == 8 ? 0 : 1;
}
