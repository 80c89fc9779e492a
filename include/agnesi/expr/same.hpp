// SPDX-License-Identifier: BSD-3-Clause
// Whether two formulas are one and the same: equal up to the order of commutative operands.
//   static_assert(ag::same(x + y, y + x));
#pragma once

#include "agnesi/expr/lower.hpp"
#include "agnesi/ir/settle.hpp"

namespace agnesi {

// Literals compare by value and element type after promotion. False where one of the formulas has a mistake, and
// where both use a name for symbols of different types.
template <Operand A, Operand B>
constexpr bool same(A a, B b) {
  if constexpr (Invalid<A> || Invalid<B>) {
    return false;
  } else {
    graph g;
    const int root_a = lower(g, a);
    const int root_b = lower(g, b);
    if (g.failure != mistake::none || root_a < 0 || root_b < 0) return false;
    if (root_a == root_b) return true;
    vec<int> place;
    const graph s = settled(g, place);
    return place[root_a] == place[root_b];
  }
}

}  // namespace agnesi
