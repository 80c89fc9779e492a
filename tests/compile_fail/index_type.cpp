// SPDX-License-Identifier: BSD-3-Clause
// expect: agnesi: an index must be of an integer type
// within: 12
#include <agnesi/agnesi.hpp>

namespace ag = agnesi;
using namespace ag::literals;

constexpr auto x = ag::matrix<"x">;
constexpr auto w = ag::vector<"w">;

int main() {
#ifdef MISTAKE
  [[maybe_unused]] auto y = x(w);
#else
  [[maybe_unused]] auto y = x(cast<std::int64_t>(w));
#endif
}
