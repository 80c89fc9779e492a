// SPDX-License-Identifier: BSD-3-Clause
// The rewritings that are functions, in the order in which they are tried, and the passes that they belong to.
//   for (const rewriting& r : detail::rewritings) r.name
#pragma once

#include "agnesi/passes/canonicalize.hpp"
#include "agnesi/passes/chains.hpp"
#include "agnesi/passes/comparisons.hpp"
#include "agnesi/passes/fold.hpp"
#include "agnesi/passes/indexing.hpp"
#include "agnesi/passes/logarithms.hpp"
#include "agnesi/passes/movement.hpp"
#include "agnesi/passes/powers.hpp"
#include "agnesi/passes/reductions.hpp"
#include "agnesi/passes/weighted_exponentials.hpp"

namespace agnesi {

namespace detail {

// In the order in which they are tried at a node: first those of its kind, then those of its operation. Each with what every
// step of it makes fewer.
inline constexpr rewriting rewritings[] = {
    {"fold_constants", "operations",
     phase::fold, true, &folded_node},
    {"lift_broadcasts", "repetitions beneath operations",
     phase::canonicalize, true, &lifted},
    {"odd_even", "signs beneath operations",
     phase::canonicalize, true, &without_sign},
    {"movements", "operations beneath movements; axes of extent 1 made by reshapes; operations; reshapes",
     phase::canonicalize, true, &shorter_movement, op_kind::movement},
    {"reductions", "reductions; work beneath reductions; axes reduced; repetitions beneath reductions",
     phase::canonicalize, false, &smaller_reduction, op_kind::reduce},
    {"squeeze_first", "operations beneath axes taken away",
     phase::canonicalize, true, &squeeze_first, op_kind::movement, {&info<op::squeeze>}},
    {"merge_indices", "vectors of places; indices; vectors of places beneath slices; slices in another order than that of their axes",
     phase::canonicalize, true, &merged_index, op_kind::index,
     {&info<op::slice>, &info<op::take>, &info<op::take_pairs>}},
    {"index_first", "operations beneath indices, but for axes taken away",
     phase::canonicalize, true, &index_first, op_kind::index,
     {&info<op::slice>, &info<op::take>, &info<op::take_pairs>}},
    {"read_of_write", "increments beneath indices",
     phase::canonicalize, true, &read_of_write, op_kind::index,
     {&info<op::slice>, &info<op::take>, &info<op::take_pairs>, &info<op::squeeze>}},
    {"smaller_increments", "increments; vectors of places",
     phase::canonicalize, true, &smaller_write, op_kind::index,
     {&info<op::put_take>, &info<op::put_pairs>, &info<op::put_slice>}},
    {"scaled_increments", "increments by other than ones",
     phase::canonicalize, false, &scaled_put, op_kind::index,
     {&info<op::put_take>, &info<op::put_pairs>, &info<op::put_slice>}},
    {"scaled_increments", "numbers among the factors of increments",
     phase::canonicalize, false, &put_without_factor, op_kind::index,
     {&info<op::put_take>, &info<op::put_pairs>, &info<op::put_slice>}},
    {"dot", "numbers among the factors of products of matrices; operations",
     phase::canonicalize, false, &smaller_dot, op_kind::contract, {&info<op::dot>}},
    {"dot_chains", "what is out of form",
     phase::canonicalize, false, &ordered_chain, op_kind::contract, {&info<op::dot>}},
    {"choices", "numbers and extents among the factors of choices",
     phase::canonicalize, false, &where_without_factor, op_kind::elementwise, {&info<op::where>}},
    {"casts", "casts",
     phase::canonicalize, true, &shorter_cast, op_kind::elementwise, {&info<op::cast>}},
    {"logaddexp", "sums beneath logarithms",
     phase::stabilize, false, &log_of_exponentials, op_kind::elementwise, {&info<op::log>, &info<op::log1p>}},
    {"logsumexp", "what is out of form",
     phase::stabilize, false, &log_of_weighted_exponentials, op_kind::elementwise, {&info<op::log>}},
    {"log1p", "sums beneath log",
     phase::stabilize, false, &log_of_one_and_more, op_kind::elementwise, {&info<op::log>}},
    {"log_powers", "factors and powers beneath logarithms",
     phase::canonicalize, false, &log_of_power, op_kind::elementwise, {&info<op::log>}},
    {"absolute", "factors beneath absolute values",
     phase::canonicalize, false, &absolute_of_product, op_kind::elementwise, {&info<op::abs>}},
    {"signs", "factors beneath signs",
     phase::canonicalize, false, &sign_of_product, op_kind::elementwise, {&info<op::sign>}},
    {"extents", "operations",
     phase::canonicalize, true, &compared_extent, op_kind::elementwise,
     {&info<op::less>, &info<op::less_equal>, &info<op::greater>, &info<op::greater_equal>}},
    {"extents", "operations",
     phase::canonicalize, true, &compared_extent, op_kind::elementwise,
     {&info<op::equal>, &info<op::not_equal>, &info<op::maximum>, &info<op::minimum>}},
    {"extrema", "operands out of order",
     phase::specialize, true, &ordered_operands, op_kind::elementwise, {&info<op::maximum>, &info<op::minimum>}},
    {"powers", "powers",
     phase::specialize, false, &multiplied_out, op_kind::elementwise, {&info<op::pow>}},
    {"canonical_products", "what is out of form",
     phase::canonicalize, false, &canonical_product, op_kind::elementwise,
     {&info<op::mul>, &info<op::div>, &info<op::neg>, &info<op::sqr>}},
    {"canonical_sums", "what is out of form",
     phase::canonicalize, false, &canonical_sum, op_kind::elementwise,
     {&info<op::add>, &info<op::sub>, &info<op::neg>}},
};

}  // namespace detail

// What can be switched off as a whole, beside single rewritings and rules.
struct pass {
  std::string_view name;
  unsigned phases = 0;
};
inline constexpr pass rewriting_passes[] = {{"canonicalize", phase::canonicalize},
                                            {"stabilize", phase::stabilize},
                                            {"fold", phase::fold},
                                            {"specialize", phase::specialize}};

}  // namespace agnesi
