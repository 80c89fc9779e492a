// SPDX-License-Identifier: BSD-3-Clause
// expect: agnesi: ag::without or ag::passes names what does not exist. The passes are canonicalize, stabilize, fold
// within: 12
#include <agnesi/agnesi.hpp>

namespace ag = agnesi;
using namespace ag::literals;

constexpr auto x = ag::vector<"x">;

int main() {
#ifdef MISTAKE
  auto f = ag::function(ag::inputs(x), ag::outputs(log(1_c + exp(x))), ag::without<"softpluss">);
#else
  auto f = ag::function(ag::inputs(x), ag::outputs(log(1_c + exp(x))), ag::without<"softplus">);
#endif
  static_cast<void>(f);
}
