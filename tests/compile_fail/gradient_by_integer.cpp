// SPDX-License-Identifier: BSD-3-Clause
// expect: agnesi: there is no gradient with respect to an integer or bool symbol
// within: 12
#include <agnesi/agnesi.hpp>

namespace ag = agnesi;
using namespace ag::literals;

constexpr auto x = ag::matrix<"x">;
constexpr auto w = ag::vector<"w">;
constexpr auto k = ag::vector<"k", std::int32_t>;

int main() {
#ifdef MISTAKE
  [[maybe_unused]] auto g = ag::grad(sum(w * k), k);
#else
  [[maybe_unused]] auto g = ag::grad(sum(w * k), w);
#endif
}
