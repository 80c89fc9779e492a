// SPDX-License-Identifier: BSD-3-Clause
// The rewritings of indices: merged with each other, taken before what is computed, and read back from increments.
//   tanh(x(2:))(0) -> tanh(x(2))
#pragma once

#include "agnesi/passes/indexing_lift.hpp"
#include "agnesi/passes/indexing_merge.hpp"
#include "agnesi/passes/indexing_squeeze.hpp"
#include "agnesi/passes/indexing_writes.hpp"
