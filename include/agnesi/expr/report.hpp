// SPDX-License-Identifier: BSD-3-Clause
// Turns a mistake found in the types of a formula into the one sentence that the user reads.
#pragma once

#include "agnesi/ir/mistake.hpp"

namespace agnesi {

template <mistake M, class Operation, class... Operands>
constexpr void report() {
  static_assert(M != mistake::rank, "agnesi: this operation is not defined for operands of this rank");
  static_assert(M != mistake::extent,
                "agnesi: two extents known at compile time differ, so the operands cannot be combined element by element "
                "(only an extent that is 1 in the type broadcasts)");
  static_assert(M != mistake::dot_rank, "agnesi: dot takes vectors and matrices (rank 1 or 2), or a scalar and anything");
  static_assert(M != mistake::dot_extent,
                "agnesi: the inner extents of dot differ: the last axis of the left operand must be as long as the first "
                "axis of the right one");
  static_assert(M != mistake::axis, "agnesi: this axis does not exist: a tensor of rank r has axes 0 to r-1, or -r to -1");
  static_assert(M != mistake::dtype_index, "agnesi: an index must be of an integer type");
  static_assert(M != mistake::dtype_logic, "agnesi: a condition must be of type bool; compare with 0_c to get one");
  static_assert(M != mistake::reshape_count, "agnesi: reshape must keep the number of elements");
  static_assert(M != mistake::reshape_guess, "agnesi: reshape can guess one extent only: a shape has at most one -1_c");
  static_assert(M != mistake::index_range, "agnesi: this index is out of range for the axis, whose extent is known");
  static_assert(M != mistake::too_many_indices, "agnesi: more indices than the tensor has axes");
  static_assert(M != mistake::permutation, "agnesi: a permutation names every axis of the tensor once");
  static_assert(M != mistake::squeeze_extent, "agnesi: only an axis whose extent is 1 can be squeezed out");
  static_assert(M != mistake::symbol_conflict, "agnesi: two symbols have the same name and different types");
  static_assert(M != mistake::cost_rank,
                "agnesi: the cost of a gradient must be a scalar; take its sum or mean first, or use vjp");
  static_assert(M != mistake::cost_dtype, "agnesi: the cost of a gradient must be of type float or double");
  static_assert(M != mistake::wrt_integer, "agnesi: there is no gradient with respect to an integer or bool symbol");
  static_assert(M != mistake::wrt_unused,
                "agnesi: the cost does not depend on a symbol that its gradient is asked for; add ag::allow_unused to get "
                "zeros");
  static_assert(M != mistake::not_differentiable, "agnesi: the cost contains an operation that declares no derivative");
  static_assert(M != mistake::broadcast_extent, "agnesi: the tensor does not broadcast to this shape");
  static_assert(M != mistake::empty_extremum, "agnesi: the maximum or minimum of no elements does not exist");
  static_assert(M != mistake::update_extent, "agnesi: an update's formula has another shape than the symbol it updates");
  static_assert(M != mistake::missing_input,
                "agnesi: a formula uses a symbol that is not among the function's inputs: add it to ag::inputs");
  static_assert(M != mistake::unknown_operation,
                "agnesi: a rule brings in an operation that the formula does not have: name its type after the table, "
                "ag::rules<table, my_op>");
  static_assert(M != mistake::label_rank,
                "agnesi: the labels of a cross entropy are integers, one a row, or probabilities of the scores' shape");
}

}  // namespace agnesi
