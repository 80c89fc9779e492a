// SPDX-License-Identifier: BSD-3-Clause
// expect: agnesi: dot takes vectors and matrices
// within: 12
#include <agnesi/agnesi.hpp>

namespace ag = agnesi;
using namespace ag::literals;

constexpr auto x = ag::matrix<"x">;
constexpr auto w = ag::vector<"w">;
constexpr auto t = ag::tensor3<"t">;

int main() {
#ifdef MISTAKE
  [[maybe_unused]] auto y = dot(x, t);
#else
  [[maybe_unused]] auto y = dot(x, transpose(x));
#endif
}
