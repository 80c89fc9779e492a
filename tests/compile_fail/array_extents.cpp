// SPDX-License-Identifier: BSD-3-Clause
// expect: agnesi: this array's extents are not the symbol's extents
// within: 12
#include <agnesi/agnesi.hpp>

namespace ag = agnesi;

constexpr auto A = ag::matrix<"A", double, 2, 3>;

int main() {
  auto f = ag::function(ag::inputs(A), ag::outputs(sum(A)));
#ifdef MISTAKE
  const double rows[3][2]{};
#else
  const double rows[2][3]{};
#endif
  f(rows);
}
