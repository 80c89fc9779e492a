// SPDX-License-Identifier: BSD-3-Clause
// Products that sum over an axis: dot, by NumPy's rules for vectors and matrices.
//   dot(x, w)   dot(transpose(x), g)
#pragma once

#include "agnesi/ops/movement.hpp"

namespace agnesi {

namespace op {

struct dot {
  static constexpr op_kind kind = op_kind::contract;
  static constexpr int arity = 2;
  static constexpr int cost = 100;

  static constexpr int build(graph& g, const op_info& i, const int* given, int, const std::int64_t*, int) {
    dtype type = common_type(g, given, 2);
    if (size_of(type) == 1) type = dtype::i64;  // sums of bytes do not fit into bytes
    const int args[] = {cast_to(g, given[0], type), cast_to(g, given[1], type)};
    const int ra = g.rank(args[0]), rb = g.rank(args[1]);
    if (ra == 0 || rb == 0) return g.apply(info<mul>, args[0], args[1]);
    if (ra > 2 || rb > 2) return g.fail(mistake::dot_rank);
    if (!g.unify(g.extent(args[0], ra - 1), g.extent(args[1], 0), i, args[0], args[1])) return g.fail(mistake::dot_extent);
    dim extents[2]{};
    int r = 0;
    if (ra == 2) extents[r++] = g.extent(args[0], 0);
    if (rb == 2) extents[r++] = g.extent(args[1], 1);
    return g.intern(i, args, 2, nullptr, 0, type, g.shapes.shape(extents, r));
  }

  // Vectors become columns and rows, so that every cotangent of a matrix is again a product.
  static constexpr void backward(graph& g, int node, int cotangent, int* out) {
    const op_info& product = *g[node].op;
    const int a = g.arg(node, 0), b = g.arg(node, 1);
    const bool matrix_a = g.rank(a) == 2, matrix_b = g.rank(b) == 2;
    if (!matrix_a && !matrix_b) {
      out[0] = g.apply(info<mul>, cotangent, b);
      out[1] = g.apply(info<mul>, cotangent, a);
      return;
    }
    const auto column = [&](int v) { return g.apply_with(info<expand_dims>, v, 2); };
    const auto row = [&](int v) { return g.apply_with(info<expand_dims>, v, 1); };
    const auto transposed = [&](int m) { return g.apply_with(info<permute>, m, 0x01); };
    if (!matrix_a) {
      out[0] = g.apply(product, b, cotangent);
      out[1] = g.apply(product, column(a), row(cotangent));
    } else if (!matrix_b) {
      out[0] = g.apply(product, column(cotangent), row(b));
      out[1] = g.apply(product, transposed(a), cotangent);
    } else {
      out[0] = g.apply(product, cotangent, transposed(b));
      out[1] = g.apply(product, transposed(a), cotangent);
    }
  }
  template <class>
  static constexpr void describe(op_info& i) {
    i.build = &build;
  }
};

// alpha * dot(a, b) + beta * c, as BLAS computes it; made by passes/blas.hpp, never written by users.
// args: a, b, then a scalar factor of alpha and c where the flags of attr 0 say so; attrs 1 and 2: the constant
// parts of alpha and beta, as bits of doubles.
struct gemm {
  static constexpr op_kind kind = op_kind::contract;
  static constexpr int arity = -1;
  static constexpr bool shaped = true;
  enum flag : std::int64_t { scaled = 1, divided = 2, accumulates = 4 };

  static constexpr int build(graph& g, const op_info&, const int*, int, const std::int64_t*, int) {
    return g.fail(mistake::dot_rank);
  }
  template <class>
  static constexpr void describe(op_info& i) {
    i.build = &build;
  }
};

}  // namespace op

template <class A, class B>
  requires OperandPair<A, B>
constexpr auto dot(A a, B b) {
  return apply<op::dot>(a, b);
}

}  // namespace agnesi
