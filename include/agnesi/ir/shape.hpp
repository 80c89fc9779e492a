// SPDX-License-Identifier: BSD-3-Clause
// Extents known to the compiler or computed at the call, and interned shapes made of them.
//   shape_table t; dim n = t.input_extent(0, 1); int s = t.shape({3, n});
// A dim is a number (>= 0) or, negative, the index of a small integer formula over the inputs' extents.
#pragma once

#include <cstdint>

#include "agnesi/core/vec.hpp"

namespace agnesi {

inline constexpr std::int64_t dyn = -1;  // an extent known only at the call
inline constexpr int max_rank = 8;

using dim = std::int64_t;

enum class dim_op : unsigned char { input_extent, input_value, add, sub, mul, floor_div, min, max };

struct dim_formula {
  dim_op op = dim_op::input_extent;
  dim a = 0, b = 0;  // slot and axis for input_extent, slot for input_value, else operands
};

struct shape_record {
  int rank = 0;
  dim extents[max_rank]{};
};

class shape_table {
 public:
  vec<dim_formula> formulas;
  vec<dim> alias;  // what each formula was found to be equal to
  vec<shape_record> records;

  constexpr shape_table() { records.push_back({}); }  // shape 0 is that of a scalar

  constexpr int rank(int shape) const { return records.data[shape].rank; }
  constexpr dim extent(int shape, int axis) const { return records.data[shape].extents[axis]; }

  constexpr dim find(dim d) const {
    while (d < 0 && alias.data[-1 - d] != d) d = alias.data[-1 - d];
    return d;
  }
  // Treats two extents as one; a static one, else the older, stands for both.
  constexpr void merge(dim a, dim b) {
    a = find(a);
    b = find(b);
    if (a == b || (a >= 0 && b >= 0)) return;
    const bool keep_a = a >= 0 || (b < 0 && a > b);
    const dim gone = keep_a ? b : a;
    alias[static_cast<int>(-1 - gone)] = keep_a ? a : b;
  }

  constexpr int shape(const dim* extents, int rank) {
    shape_record r;
    r.rank = rank;
    for (int k = 0; k < rank; ++k) r.extents[k] = find(extents[k]);
    for (int s = records.size(); s-- > 0;) {
      const shape_record& o = records[s];
      bool equal = o.rank == rank;
      for (int k = 0; k < rank && equal; ++k) equal = o.extents[k] == r.extents[k];
      if (equal) return s;
    }
    records.push_back(r);
    return records.size() - 1;
  }

  constexpr dim formula(dim_op op, dim a, dim b) {
    if (op != dim_op::input_extent && op != dim_op::input_value) {
      a = find(a);
      b = find(b);
      if (a >= 0 && b >= 0) return evaluate(op, a, b);
      if ((op == dim_op::add || op == dim_op::sub) && b == 0) return a;
      if (op == dim_op::sub && a == b) return 0;
      if (op == dim_op::add && a == 0) return b;
      if ((op == dim_op::mul || op == dim_op::floor_div) && b == 1) return a;
      if (op == dim_op::mul && a == 1) return b;
      if (op == dim_op::mul && (a == 0 || b == 0)) return 0;
      if ((op == dim_op::min || op == dim_op::max) && a == b) return a;
      if (op == dim_op::max && (a == 0 || b == 0) && nonnegative(a) && nonnegative(b)) return a == 0 ? b : a;
      if (op == dim_op::min && (a == 0 || b == 0) && nonnegative(a) && nonnegative(b)) return 0;
    }
    for (int k = 0; k < formulas.size(); ++k)
      if (formulas[k].op == op && formulas[k].a == a && formulas[k].b == b) return find(-1 - k);
    formulas.push_back({op, a, b});
    alias.push_back(-formulas.size());
    return -formulas.size();
  }
  constexpr dim input_extent(int slot, int axis) { return formula(dim_op::input_extent, slot, axis); }
  constexpr dim add(dim a, dim b) { return formula(dim_op::add, a, b); }
  constexpr dim sub(dim a, dim b) { return formula(dim_op::sub, a, b); }
  constexpr dim mul(dim a, dim b) { return formula(dim_op::mul, a, b); }
  constexpr dim floor_div(dim a, dim b) { return formula(dim_op::floor_div, a, b); }
  constexpr dim min(dim a, dim b) { return formula(dim_op::min, a, b); }
  constexpr dim max(dim a, dim b) { return formula(dim_op::max, a, b); }

  // The number of elements of a shape.
  constexpr dim count(int shape) {
    dim n = 1;
    for (int k = 0; k < rank(shape); ++k) n = mul(n, extent(shape, k));
    return n;
  }

  static constexpr dim evaluate(dim_op op, dim a, dim b) {
    switch (op) {
      case dim_op::add: return a + b;
      case dim_op::sub: return a > b ? a - b : 0;  // extents never fall below zero
      case dim_op::mul: return a * b;
      case dim_op::floor_div: return b == 0 ? 0 : (a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0));
      case dim_op::min: return a < b ? a : b;
      case dim_op::max: return a > b ? a : b;
      default: return 0;
    }
  }

 private:
  constexpr bool nonnegative(dim d) const {
    return d >= 0 || formulas[static_cast<int>(-1 - d)].op == dim_op::input_extent;
  }
};

}  // namespace agnesi
