// SPDX-License-Identifier: BSD-3-Clause
// Products that sum over an axis: dot, by NumPy's rules for vectors and matrices.
//   dot(x, w)   dot(transpose(x), g)
#pragma once

#include <bit>

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

// The sum over k of alpha_k * dot(a_k, b_k), plus beta * c, as BLAS computes it one product after the other; made by
// passes/blas.hpp, never written by users.
// args: for each product its factors (two, or a chain of more, whose order the call chooses) and, where its flags say so, a
// scalar factor of alpha; then a factor of beta and c, where the flags of attr 0 say so. attrs: those flags and the constant
// part of beta; then for each product its flags, the constant part of alpha, as bits of doubles, and how many elements of
// memory a chain needs.
struct gemm {
  static constexpr op_kind kind = op_kind::contract;
  static constexpr int arity = -1;
  static constexpr bool shaped = true;
  enum flag : std::int64_t { scaled = 1, divided = 2, accumulates = 4, scaled_beta = 8 };
  static constexpr int max_args = 180;  // a node's arguments and attributes are counted in eight bits
  static constexpr int factors_from = 8;  // the bit from which on flags count the factors beyond two

  static constexpr int build(graph& g, const op_info&, const int*, int, const std::int64_t*, int) {
    return g.fail(mistake::dot_rank);
  }
  template <class>
  static constexpr void describe(op_info& i) {
    i.build = &build;
  }
};

}  // namespace op

// One product of a gemm node, and what it is added to.
struct gemm_product {
  static constexpr int max_factors = 12;
  int factors[max_factors]{};
  int n_factors = 2;
  dim room = 0;
  double alpha = 1;
  int scalar = -1;  // a factor of alpha, or, if divided, a divisor
  bool divided = false;
};
constexpr int count_of_products(const graph& g, int gemm) { return (g[gemm].n_attrs - 2) / 3; }
constexpr gemm_product product_of(const graph& g, int gemm, int which) {
  gemm_product p;
  for (int k = 0, at = 0; k <= which; ++k) {
    const std::int64_t flags = g.attr(gemm, 2 + 3 * k);
    p.n_factors = 2 + static_cast<int>(flags >> op::gemm::factors_from);
    for (int f = 0; f < p.n_factors; ++f) p.factors[f] = g.arg(gemm, at++);
    p.alpha = std::bit_cast<double>(g.attr(gemm, 3 + 3 * k));
    p.room = g.attr(gemm, 4 + 3 * k);
    p.scalar = (flags & op::gemm::scaled) != 0 ? g.arg(gemm, at++) : -1;
    p.divided = (flags & op::gemm::divided) != 0;
  }
  return p;
}
struct gemm_base {
  int node = -1;  // what is accumulated onto; -1 for nothing
  double beta = 0;
  int scalar = -1;
};
constexpr gemm_base base_of_gemm(const graph& g, int gemm) {
  const std::int64_t flags = g.attr(gemm, 0);
  if ((flags & op::gemm::accumulates) == 0) return {};
  const int n = g[gemm].n_args;
  return {g.arg(gemm, n - 1), std::bit_cast<double>(g.attr(gemm, 1)), (flags & op::gemm::scaled_beta) != 0 ? g.arg(gemm, n - 2) : -1};
}

template <class A, class B>
  requires OperandPair<A, B>
constexpr auto dot(A a, B b) {
  return apply<op::dot>(a, b);
}

}  // namespace agnesi
