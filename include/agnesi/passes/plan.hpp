// SPDX-License-Identifier: BSD-3-Clause
// A plan as a value: the steps a compiled function takes, the memory they use, and nothing of the formula's types.
//   plan p = planned(g, request);  p.steps[0].kind == step_kind::loop
#pragma once

#include <cstdint>

#include "agnesi/core/vec.hpp"
#include "agnesi/ir/dtype.hpp"
#include "agnesi/ir/shape.hpp"

namespace agnesi {

enum class step_kind : unsigned char {
  loop,        // elementwise work and reductions over one space
  contract,    // product of two views into a third: operands out, a, b [, alpha] [, beta]
  chain,       // product of three or more matrices: operands out, the factors [, alpha] [, beta], memory for what is between
  take,        // operands out, x, ids
  take_pairs,  // operands out, x, i, j
  put,         // out[slice] += v; operands out (the slice of it), v
  put_take,    // operands out, ids, v
  put_pairs,   // operands out, i, j, v
  arg_extremum,  // operands out, x [, the elements found]
  deviations,    // Σ (x - mean(x))²; operands out, sum, three of the loop's own, and its others
  reshape,       // operands out, x: the same elements in row-major order
};

enum class storage_kind : unsigned char { input, output, temporary, extent, constant };

// Memory that steps read and write. An extent is one number made at the call from the inputs' extents; a constant is
// one that a step other than a loop reads.
struct storage {
  storage_kind kind = storage_kind::temporary;
  int index = 0;  // the input's slot, the output's number, the temporary's buffer
  dtype type = dtype::f64;
  int rank = 0;
  dim extents[max_rank]{};  // of an extent: the dim itself in extents[0], of a constant its bits; rank 0
  int node = -1;            // what it holds, for explain()
  int tiling = -1;          // a temporary that only these steps use holds one tile at a time,
  int tiled_axis = -1;      // ... of this axis
};

// A view of a storage: for each axis the storage's axis it runs along (-1 for none) and the step.
struct operand {
  int storage = -1;
  int rank = 0;
  int axis[max_rank]{};
  std::int64_t step[max_rank]{};
  int first_offset = 0;
  int n_offsets = 0;
  bool sized = false;        // an operand of a step other than a loop has extents of its own
  dim extents[max_rank]{};
  int tile = -1;  // the axis of the step, or of a sized operand, that is done tile by tile
};
// The view begins `begin * step` elements along an axis of the storage.
struct operand_offset {
  int axis = 0;
  dim begin = 0;
  std::int64_t step = 1;
};

struct step {
  step_kind kind = step_kind::loop;
  int first_operand = 0, n_operands = 0;
  int first_word = 0, n_words = 0;  // a loop's instructions
  int first_op = 0, n_ops = 0;      // the operations they number
  dtype type = dtype::f64;
  int rank = 0;  // of the loop's space, or of what the step reads
  dim extents[max_rank]{};
  std::int64_t axis = 0;   // of take, put_take; mask of arg_extremum and deviations
  double alpha = 1;        // contract: out = alpha * a . b + beta * out
  double beta = 0;
  bool alpha_operand = false;   // a fourth operand holds a factor of alpha
  bool beta_operand = false;    // a last operand holds a factor of beta
  bool divide_alpha = false;    // ... by which alpha is divided
  bool largest = true;     // arg_extremum
  int first_root = 0, n_roots = 0;  // the nodes it computes, for explain()
  int tiling = -1;
  bool adds = false;  // what it writes is a sum, or the like, over the tiles
};

// A storage's axis that is gone through tile by tile.
struct tiled_storage {
  int storage = -1;
  int axis = 0;
};
// Successive steps that are done together, tile by tile along one extent, so that what one writes is in the cache when
// the next one reads it.
struct tiling {
  int first_step = 0, n_steps = 0;
  int first_storage = 0, n_storages = 0;  // what they go through
  dim extent = 0;
  bool rows = true;  // no storage is tiled along its last axis, so that a tile may be as thin as one likes
};

struct plan {
  vec<step> steps;
  vec<operand> operands;
  vec<operand_offset> offsets;
  vec<storage> storages;
  vec<std::uint64_t> words;
  vec<int> ops;       // numbers of the loops' operations
  int n_slots = 0;    // shared buffers for temporaries
  vec<int> roots;
  vec<bool> in_place;  // of each result, whether it is an update written over its symbol
  vec<tiling> tilings;
  vec<tiled_storage> tiled;
};

}  // namespace agnesi
