// SPDX-License-Identifier: BSD-3-Clause
// What the checklist asks for and is not done on purpose, with the reason. That it is not done is examined as well.
//   {"A10", stays(x == x), "NaN is not equal to itself"}
#pragma once

#include "symbols.hpp"

namespace checklist {

inline std::vector<declined> declined_rows() {
  return {
      {"A10", stays(x == x), "NaN is not equal to itself."},
      {"A11", stays(x <= x), "NaN is not; of integers it is decided."},
      {"A11", stays(!(x < y)), "It is true where one of them is NaN, and `x >= y` is not."},
      {"A14", stays(pow(x, 513_c)), "Each product loses half a unit in the last place; `pow` of the library does not."},
      {"A17", stays((x + y) / x), "As much work as `1 + y / x`."},
      {"A17", stays((a + b) * x), "Multiplied out it is more work."},
      {"A22", gives(log(x / 2_c), log(0.5_c * x)),
       "The product is exact; `log(x) - log(2)` would cancel where x is about 2."},
      {"A22", stays(log(1000_c / x)), "Where x is about 1000, `log(1000) - log(x)` would cancel."},
      {"A26", stays(2_c * where(p, y, 0_c)),
       "A number is never infinite; it is taken out of choices, so that sums and products see it."},
      {"R1", stays(sum(x - a)), "`sum(x) - n * a` would cancel where all x are near a."},
      {"R1", stays(prod(a * x)), "The power of a overflows where the product does not."},
      {"R1", stays(prod(2_c * m, axis<0>)), "So does that of 2, if the number of rows is known at the call only."},
      {"R3", stays(prod(x / a)), "So does the power of a, or it becomes 0."},
      {"R10", stays(argmax(a * x)), "It grows or falls with the sign of a."},
      {"N9", gives(log(exp(x) - exp(y)), x + log1mexp(where(x == y, 0_c, y - x))),
       "Without the choice, of two infinities the difference would be NaN."},
      {"I1", stays(x(i)(j)), "What i has out of range would be noticed only where j picks it."},
      {"I1", stays(x(slice(2_c))(i)), "A negative place counts from the end of the slice, which `2 + i` does not."},
      {"I2", stays(sum(m, axis<1>)(i)),
       "There may be more places in i than rows; and the rows would have to be copied before they are summed."},
      {"B2", plans("v + dot(m, n)", function(inputs(v, m, n), outputs(v + dot(m, n))), "gemm; fused loop"),
       "A gemm onto a copy of v is a loop and a gemm, too, and what follows the sum can be part of this loop."},
      {"B4", plans("dot(r, m)", function(inputs(r, m), outputs(dot(r, m))), "gemm"),
       "The step is called so; its call goes to gemv, ger or dot where it sees an extent of 1."},
      {"B4", plans("dot(col, r)", function(inputs(col, r), outputs(dot(col, r))), "fused loop"),
       "A loop writes every element once; ger adds onto zeros that have to be written first."},
  };
}

}  // namespace checklist
