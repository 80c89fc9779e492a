// SPDX-License-Identifier: BSD-3-Clause
// A formula's text, as it was written: composites and gradients by name.
//   std::cout << ag::to_string(cost);   // mean(sqr(dot(x, w) - y))
#pragma once

#include <string>

#include "agnesi/expr/lower.hpp"
#include "agnesi/ir/show.hpp"

namespace agnesi {

// The same in constant evaluation.
template <Operand F>
constexpr text written(F f) {
  if constexpr (Invalid<F>) {
    return text("invalid");
  } else {
    graph g;
    const int root = lower(g, f, composites::keep);
    if (root < 0) return text("invalid");  // no ?:, of which g++ 12 destroys the result in constant evaluation
    return shown(g, root);
  }
}

// As mathematics, infix. What a long formula shares comes first, a line each: t1 = ...
template <Operand F>
std::string to_string(F f) {
  return std::string(written(f).view());
}

}  // namespace agnesi
