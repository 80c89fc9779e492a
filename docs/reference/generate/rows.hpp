// SPDX-License-Identifier: BSD-3-Clause
// The checklist: what is examined here is what is printed. A row that is no longer true stops the generator, as does a
// formula of what is missing once it comes out as it should.
#pragma once

#include "rows_algebra.hpp"
#include "rows_declined.hpp"
#include "rows_plans.hpp"
#include "rows_stability.hpp"

namespace checklist {

inline std::vector<row> all_rows() {
  std::vector<row> all;
  for (const auto& part : {engine_rows(), shape_rows(), algebra_rows(), reduction_rows(), stability_rows(),
                           index_rows(), product_rows(), fusion_rows()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

// Rows of operations that the library doesn't have.
inline constexpr const char* without_operations =
    "E6 and H12 (assertions), E7 (named sub-models), H6 (run-time broadcasting), H8 (tile, split, conj), H9, H10 and R7 "
    "(joined and stacked tensors), H11 (a number is a tensor of rank 0), N17 (determinants), "
    "I9 (set as a formula), the rest of I12, and I13 (masks, diagonals), B8 (batched products), B9 "
    "(structured matrices), B10 and F8 (GPU), F9 and F10 (convolutions, normalization, pooling), F12 (batched "
    "operations), and all of linear algebra, loops, lazy branches and sparse matrices";

}  // namespace checklist
