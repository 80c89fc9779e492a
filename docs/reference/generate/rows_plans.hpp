// SPDX-License-Identifier: BSD-3-Clause
// The rows of indices, of products, and of fusion: what plans are made of.
#pragma once

#include "symbols.hpp"

namespace checklist {

// What no formula of the user's says: the places 0, 1, ... looked up.
template <class S>
example picks_range(S symbol, std::int64_t count, const char* wanted) {
  ag::graph g = ag::testing::graph_of_formulas(symbol);
  const int args[] = {0, ag::op::iota::make(g, count)};
  const std::int64_t axis = 0;
  const int root = g.apply(ag::info<ag::op::take>, args, 2, &axis, 1);
  g.apply(ag::info<ag::op::outputs>, &root, 1);
  example e;
  ag::vec<ag::firing> log;
  const ag::graph after = simplified(g, ag::simplify_options{}, &log);
  append_names(e.fired, log);
  e.formula = string(ag::shown_outputs(g).view());
  e.becomes = string(ag::shown_outputs(after).view());
  e.wanted = wanted;
  e.reached = e.becomes == e.wanted;
  return e;
}

inline std::vector<row> index_rows() {
  return {
      {"I1", 1, "slices of slices are one slice, and places of them places", {"merge_indices"},
       {gives(s(slice(1_c, 4_c))(slice(1_c, 2_c)), s(slice(2_c, 3_c))), gives(s(slice(none, none, 2_c))(1_c), s(2_c)),
        gives(s(slice(none, none, -1_c))(0_c), s(4_c)), gives(s(slice(none, none, -1_c))(slice(none, none, -1_c)), s),
        gives(x(slice(2_c))(3_c), x(5_c)), gives(m(i)(ag::all, 0_c), m(ag::all, 0_c)(i))},
       {}, {"tests/passes/test_indexing_merge.cpp", "an index error is one whatever the index has become"}},
      {"I2", 1, "f(x)[i] → f(x[i]), through what computes or moves elements", {"index_first"},
       {gives(exp(x)(0_c), exp(x(0_c))), gives((m + x)(slice(1_c, 4_c)), m(slice(1_c, 4_c)) + x),
        gives(exp(m)(i, j), exp(m(i, j))), gives((m * y)(ag::all, i), m(ag::all, i) * y(i)),
        gives(sum(m, axis<1>)(0_c), sum(m(0_c))), gives(logsumexp(m, axis<1>)(0_c), logsumexp(m(0_c))),
        gives(transpose(m)(0_c), m(ag::all, 0_c)), gives(transpose(m)(i, j), m(j, i)),
        gives(softmax(m)(0_c), softmax(m(0_c))), gives((m + col)(i, j), m(i, j) + ag::squeeze<1>(col)(i))},
       {}, {"tests/passes/test_indexing_lift.cpp", "what is indexed first has the values of what is computed first"}},
      {"I3", 1, "dot(a, b)[i] → dot(a[i], b)", {"index_first"},
       {gives(dot(m, n)(0_c), dot(m(0_c), n)), gives(dot(m, n)(ag::all, 0_c), dot(m, n(ag::all, 0_c))),
        gives(dot(m, n)(i), dot(m(i), n)), gives(dot(m, n)(i, j), sum(m(i) * transpose(n(ag::all, j)), axis<1>)),
        gives(dot(m, x)(i), dot(m(i), x)), gives(dot(m, n)(0_c, 1_c), dot(m(0_c), n(ag::all, 1_c)))},
       {}, {"tests/passes/test_indexing_lift.cpp", "a product of which one row is asked for is a product of that row"}},
      {"I4", 1, "slices of everything vanish, places are counted from the front", {"slice"},
       {written("x(slice(0, none))", gives(x(slice(0_c, none)), x)),
        written("s(slice(0, 5))", gives(s(slice(0_c, 5_c)), s)), written("s(-1)", gives(s(-1_c), s(4_c))),
        written("m(all, all)", gives(m(ag::all, ag::all), m))},
       {}, {"tests/ops/test_index.cpp", "slices of a static extent"}},
      {"I5", 2, "index 0 on an axis of extent 1 takes the axis away", {"merge_indices"},
       {gives(r(0_c), ag::squeeze<0>(r)), gives(col(ag::all, 0_c), ag::squeeze<1>(col))}, {},
       {"tests/passes/test_indexing_random.cpp", "chains of random indices keep their values and their errors"}},
      {"I6", 1, "what was written is read as it was written", {"read_of_write"},
       {gives(grad(sum(s(slice(1_c, 3_c)) * y(slice(0_c, 2_c))), s)(slice(1_c, 3_c)), y(slice(0_c, 2_c))),
        gives(grad(sqr(s(1_c)), s)(1_c), 2_c * s(1_c)), gives(grad(sqr(s(1_c)), s)(2_c) + a, a)},
       {}, {"tests/passes/test_indexing_writes.cpp",
            "what was written is read back, where places are known to be equal or distinct"}},
      {"I7", 2, "two increments at the same places are one", {"expanded"},
       {plans("grad(sum(x(i)), x) + grad(sum(x(i) * y), x)",
              function(inputs(x, y, i), outputs(grad(sum(x(i)), x) + grad(sum(x(i) * y), x))),
              "fused loop; fused loop; scatter")},
       {}, {"tests/passes/test_indexing_writes.cpp", "increments of everything, of nothing, and at the same places"}},
      {"I8", 1, "writing everything, or nothing", {"slice", "smaller_increments"},
       {written("grad(sum(s(slice(0, 5)) * s), s)", gives(grad(sum(s(slice(0_c, 5_c)) * s), s), 2_c * s)),
        gives(grad(0_c * x(0_c) + sum(x), x), 1_c + 0_c * x),
        gives(grad(one(0_c) * a, one), ag::expand_dims<0>(a)),
        gives(grad(sum(x(slice(none, none, -1_c)) * y), x), y(slice(none, none, -1_c)))},
       {},
       {"tests/grad/test_gradients.cpp", "movements, slices and gathers"}},
      {"I10", 1, "increments of zeros that are added go into one tensor, one after the other", {"expanded"},
       {plans("grad(sum(x(i)), x) + y", function(inputs(x, y, i), outputs(grad(sum(x(i)), x) + y)),
              "fused loop; scatter"),
        plans("grad(x(0) + x(1), x)", function(inputs(x), outputs(grad(x(0_c) + x(1_c), x))),
              "fused loop; scatter; scatter"),
        plans("update x = x - 0.1 * grad(sum(x(i)) + sum(x(j)), x)", function(inputs(x, i, j),
              updates(x = x - 0.1_c * grad(sum(x(i)) + sum(x(j)), x))), "scatter; scatter")},
       {}, {"tests/passes/test_increments.cpp", "increments in succession go into one memory"}},
      {"I11", 1, "x + an increment of zeros → an increment of x", {"expanded"},
       {plans("update x = x - 0.1 * grad(sum(x(i) * y), x)", function(inputs(x, y, i),
              updates(x = x - 0.1_c * grad(sum(x(i) * y), x))), "fused loop; scatter")},
       {}, {"tests/function/test_updates.cpp", "rows of a table are updated in place, repeated ones add up"}},
      {"I12", 2, "the places 0, 1, ... are a slice", {"merge_indices"},
       {picks_range(s, 5, "s"), picks_range(s, 3, "s(slice(0, 3))")},
       {}, {"tests/passes/test_indexing_merge.cpp",
            "the whole of a range is the tensor, and the beginning of it a slice"}},
      {"I14", 2, "gathers and scatters go along with the loop, tile by tile", {"tile_steps"},
       {plans("exp(x(i)) * y", function(inputs(x, y, i), outputs(exp(x(i)) * y)), "[gather; fused loop]"),
        plans("mean(cross_entropy_with_logits(m, i)) by m", function(inputs(m, i),
               outputs(grad(mean(cross_entropy_with_logits(m, i)), m))),
              "scalars; [fused loop; fused loop; fused loop; scatter]")},
       {}, {"tests/function/test_tiles.cpp", "rows that are looked up, by indices with a check of their own"}},
      {"I15", 1, "an increment is written into its source where nothing reads that any more", {"planner"},
       {plans("update m = m + grad(sum(m(i, j)), m)", function(inputs(m, i, j),
              updates(m = m + grad(sum(m(i, j)), m))), "scatter")},
       {}, {"tests/function/test_updates.cpp", "rows of a table are updated in place, repeated ones add up"}},
  };
}

inline std::vector<row> product_rows() {
  return {
      {"B1", 1, "products of matrices are BLAS calls", {"planner"},
       {plans("dot(m, n)", function(inputs(m, n), outputs(dot(m, n))), "gemm")},
       {}, {"tests/ops/test_contract.cpp", "double"}},
      {"B2", 1, "β·L + α·X·Y is one gemm, and of several products each goes into the same memory", {"blas_found"},
       {plans("update w = 0.9 * w - 0.1 * dot(m, n)", function(inputs(w, m, n),
              updates(w = 0.9_c * w - 0.1_c * dot(m, n))), "gemm"),
        plans("update w = w + dot(transpose(m), n) / a", function(inputs(w, m, n, a),
               updates(w = w + dot(transpose(m), n) / a)), "gemm"),
        plans("update w = a * w + dot(m, n)", function(inputs(w, m, n, a), updates(w = a * w + dot(m, n))), "gemm"),
        plans("update w = w + dot(m, n) - dot(n, m)", function(inputs(w, m, n),
               updates(w = w + dot(m, n) - dot(n, m))), "gemm; gemm"),
        plans("tanh(dot(m, n) + dot(n, m) + x)", function(inputs(m, n, x),
               outputs(tanh(dot(m, n) + dot(n, m) + x))), "gemm; gemm; fused loop")},
       {}, {"tests/function/test_accumulation.cpp",
            "several products into one array, with any scalar factors, and decay by a rate that is an input"}},
      {"B3", 1, "a·(X·Y) is one gemm", {"blas_found", "dot"},
       {plans("a * dot(m, n)", function(inputs(a, m, n), outputs(a * dot(m, n))), "gemm"),
        gives(dot(a * m, n), a * dot(m, n))}, {}, out_of_sums},
      {"B4", 1, "products with an axis of extent 1 are gemv, ger or dot", {"planner"},
       {plans("dot(m, x)", function(inputs(m, x), outputs(dot(m, x))), "gemv"),
        plans("update w = w + dot(col, r)", function(inputs(w, col, r), updates(w = w + dot(col, r))), "ger"),
        plans("dot(x, y)", function(inputs(x, y), outputs(dot(x, y))), "dot")},
       {}, {"tests/function/test_accumulation.cpp", "vectors, scalars and outer products accumulate"}},
      {"B5", 1, "results are written in place, a β of zero reads nothing", {"with_results_stored"},
       {plans("dot(m, n)", function(inputs(m, n), outputs(dot(m, n))), "gemm")},
       {}, {"tests/function/test_accumulation.cpp", "a product alone replaces whatever was there"}},
      {"B6", 1, "transposed and strided operands are read where they lie", {"planner"},
       {plans("dot(transpose(m), transpose(n))", function(inputs(m, n), outputs(dot(transpose(m), transpose(n)))),
              "gemm"),
        plans("dot(m(slice(none, none, 2)), n)", function(inputs(m, n), outputs(dot(m(slice(none, none, 2_c)), n))),
               "gemm")},
       {}, {"tests/backend/test_blas.cpp", "gemm takes every layout of every operand"}},
      {"B7", 2, "a product of inner extent 1 is a multiplication, added to an update a ger", {"planner"},
       {plans("dot(expand_dims<1>(x), expand_dims<0>(y))", function(inputs(x, y),
              outputs(dot(ag::expand_dims<1>(x), ag::expand_dims<0>(y)))), "fused loop")},
       {}, {"tests/function/test_accumulation.cpp", "vectors, scalars and outer products accumulate"}},
      {"B11", 1, "an inner extent of 0 gives zeros, and β is applied", {"planner"},
       {plans("dot(m, n)", function(inputs(m, n), outputs(dot(m, n))), "gemm")},
       {}, {"tests/backend/test_blas.cpp", "gemm takes every size around the edges of a tile, and empty ones"}},
  };
}

inline std::vector<row> fusion_rows() {
  return {
      {"F1", 1, "connected elementwise operations are one loop, of several results; what is expensive is not repeated",
       {"schedule"},
       {plans("exp(x) * y + 1", function(inputs(x, y), outputs(exp(x) * y + 1_c)), "fused loop"),
        plans("x + y, sum(x * y), max(x)", function(inputs(x, y), outputs(x + y, sum(x * y), max(x))), "fused loop"),
        plans("m * exp(x)", function(inputs(m, x), outputs(m * exp(x))), "fused loop; fused loop")},
       {}, {"tests/plans/test_plans_loops.cpp", "two outputs of one chain share its loop"}},
      {"F2", 2, "loops go across transposes", {"movements", "schedule"},
       {plans("exp(transpose(m)) + n", function(inputs(m, n), outputs(exp(transpose(m)) + n)), "fused loop"),
        gives(transpose(exp(m)) + n, exp(transpose(m)) + n)},
       {}, {"tests/ops/test_movement.cpp", "transposes and permutations"}},
      {"F3", 1, "constants are part of the loop", {"planner"},
       {plans("x * 2 + 3", function(inputs(x), outputs(x * 2_c + 3_c)), "fused loop")},
       {}, {"tests/plans/test_plans_loops.cpp",
        "elementwise formulas and what is summed of them are one loop without buffers"}},
      {"F4", 1, "what feeds a reduction is its loop; the parts of a softmax go together, tile by tile", {"schedule", "tile_steps"},
       {plans("sum(exp(m) * n, axis<1>)", function(inputs(m, n), outputs(sum(exp(m) * n, axis<1>))), "fused loop"),
        plans("softmax(m)", function(inputs(m), outputs(softmax(m))), "[fused loop; fused loop; fused loop]"),
        plans("m / sqrt(sum(sqr(m), axis<1>))", function(inputs(m),
               outputs(m / sqrt(sum(sqr(m), axis<1>, ag::keepdims)))), "[fused loop; fused loop; fused loop]"),
        plans("dot(transpose(m), sigmoid(dot(m, x)) - y)", function(inputs(m, x, y),
               outputs(dot(transpose(m), sigmoid(dot(m, x)) - y))), "[gemv; fused loop; gemv]")},
       {}, {"tests/function/test_tiles.cpp", "softmax along rows and along columns, of contiguous and of transposed matrices"}},
      {"F4", 1, "mean and variance are one sweep", {"in_one_sweep"},
       {plans("mean(m), mean(sqr(m - mean(m)))", function(inputs(m), outputs(mean(m), mean(sqr(m - mean(m))))), "deviations; scalars"),
        plans("(x * y - mean(x * y)) / sqrt(mean(sqr(x * y - mean(x * y))))", function(inputs(x, y),
               outputs((x * y - mean(x * y)) / sqrt(mean(sqr(x * y - mean(x * y)))))), "deviations; fused loop"),
        plans("(m - mean(m, axis<1>)) / sqrt(mean(sqr(m - mean(m, axis<1>)), axis<1>))", function(inputs(m),
               outputs((m - mean(m, axis<1>, ag::keepdims)) / sqrt(mean(sqr(m - mean(m, axis<1>, ag::keepdims)), axis<1>, ag::keepdims)))),
               "[deviations; fused loop; fused loop]")},
       {}, {"tests/passes/test_one_sweep.cpp",
            "squared deviations from the mean of everything take one sweep, with the sum, of whatever is computed"}},
      {"F5", 1, "a loop writes over an operand that is dead afterwards", {"planner"},
       {stores("dot(tanh(dot(m, n)), m)", function(inputs(m, n), outputs(dot(tanh(dot(m, n)), m))),
               "3 steps, 1 buffer"),
        stores("tanh(dot(m, n))", function(inputs(m, n), outputs(tanh(dot(m, n)))), "2 steps, 0 buffers")},
       {}, {"tests/backend/test_loop.cpp", "a loop may write where it reads"}},
      {"F7", 2, "large loops and tilings run on several threads", {"parts_for"},
       {plans("exp(x)", function(inputs(x), outputs(exp(x))), "fused loop")},
       {}, {"tests/function/test_threads.cpp", "a function computes the same on any number of threads"}},
  };
}

}  // namespace checklist
