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

// In the order in which they are tried at a node: first those of its kind, then those of its operation.
inline constexpr rewriting rewritings[] = {
    {"fold_constants", phase::fold, true, &folded_node},
    {"lift_broadcasts", phase::canonicalize, true, &lifted},
    {"odd_even", phase::canonicalize, true, &without_sign},
    {"movements", phase::canonicalize, true, &shorter_movement, op_kind::movement},
    {"reductions", phase::canonicalize, false, &smaller_reduction, op_kind::reduce},
    {"squeeze_first", phase::canonicalize, true, &squeeze_first, op_kind::movement, {&info<op::squeeze>}},
    {"merge_indices", phase::canonicalize, true, &merged_index, op_kind::index,
     {&info<op::slice>, &info<op::take>, &info<op::take_pairs>}},
    {"index_first", phase::canonicalize, true, &index_first, op_kind::index,
     {&info<op::slice>, &info<op::take>, &info<op::take_pairs>}},
    {"read_of_write", phase::canonicalize, true, &read_of_write, op_kind::index,
     {&info<op::slice>, &info<op::take>, &info<op::take_pairs>, &info<op::squeeze>}},
    {"smaller_increments", phase::canonicalize, true, &smaller_write, op_kind::index,
     {&info<op::put_take>, &info<op::put_pairs>, &info<op::put_slice>}},
    {"scaled_increments", phase::canonicalize, false, &scaled_put, op_kind::index,
     {&info<op::put_take>, &info<op::put_pairs>, &info<op::put_slice>}},
    {"scaled_increments", phase::canonicalize, false, &put_without_factor, op_kind::index,
     {&info<op::put_take>, &info<op::put_pairs>, &info<op::put_slice>}},
    {"dot", phase::canonicalize, false, &smaller_dot, op_kind::contract, {&info<op::dot>}},
    {"dot_chains", phase::canonicalize, false, &ordered_chain, op_kind::contract, {&info<op::dot>}},
    {"choices", phase::canonicalize, false, &where_without_factor, op_kind::elementwise, {&info<op::where>}},
    {"casts", phase::canonicalize, true, &shorter_cast, op_kind::elementwise, {&info<op::cast>}},
    {"logaddexp", phase::stabilize, false, &log_of_exponentials, op_kind::elementwise, {&info<op::log>, &info<op::log1p>}},
    {"logsumexp", phase::stabilize, false, &log_of_weighted_exponentials, op_kind::elementwise, {&info<op::log>}},
    {"log1p", phase::stabilize, false, &log_of_one_and_more, op_kind::elementwise, {&info<op::log>}},
    {"log_powers", phase::canonicalize, false, &log_of_power, op_kind::elementwise, {&info<op::log>}},
    {"absolute", phase::canonicalize, false, &absolute_of_product, op_kind::elementwise, {&info<op::abs>}},
    {"signs", phase::canonicalize, false, &sign_of_product, op_kind::elementwise, {&info<op::sign>}},
    {"extents", phase::canonicalize, true, &compared_extent, op_kind::elementwise,
     {&info<op::less>, &info<op::less_equal>, &info<op::greater>, &info<op::greater_equal>}},
    {"extents", phase::canonicalize, true, &compared_extent, op_kind::elementwise,
     {&info<op::equal>, &info<op::not_equal>, &info<op::maximum>, &info<op::minimum>}},
    {"extrema", phase::specialize, true, &ordered_operands, op_kind::elementwise, {&info<op::maximum>, &info<op::minimum>}},
    {"powers", phase::specialize, false, &multiplied_out, op_kind::elementwise, {&info<op::pow>}},
    {"canonical_products", phase::canonicalize, false, &canonical_product, op_kind::elementwise,
     {&info<op::mul>, &info<op::div>, &info<op::neg>, &info<op::sqr>}},
    {"canonical_sums", phase::canonicalize, false, &canonical_sum, op_kind::elementwise,
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
