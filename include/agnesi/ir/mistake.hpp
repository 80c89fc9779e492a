// SPDX-License-Identifier: BSD-3-Clause
// The mistakes that the types of a formula can show, and for each the one sentence the user reads.
#pragma once

#include <string_view>

namespace agnesi {

enum class mistake : unsigned char {
  none,
  rank,
  extent,
  dot_rank,
  dot_extent,
  axis,
  dtype_index,
  dtype_logic,
  reshape_count,
  reshape_guess,
  index_range,
  too_many_indices,
  permutation,
  squeeze_extent,
  symbol_conflict,
  cost_rank,
  cost_dtype,
  wrt_integer,
  wrt_unused,
  not_differentiable,
  broadcast_extent,
  empty_extremum,
  label_rank,
  update_extent,
  missing_input,
  unknown_operation,
};

}  // namespace agnesi
