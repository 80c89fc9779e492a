// SPDX-License-Identifier: BSD-3-Clause
// The elementwise operations' values on floating types; on the others they are in test_operations_integers.cpp.
#include "support/operation_values.hpp"

#include <doctest/doctest.h>

using namespace agnesi::testing;

namespace {

struct own_op : agnesi::elementwise<own_op, 1> {};
static_assert(own_op::sample[0].low == -4 && own_op::sample[0].high == 4, "every operation has a sample");

}  // namespace

static_assert(all_are_tried(elementwise_ops{}), "an operation has no function in tests/support/mathematics.hpp");

TEST_CASE_TEMPLATE("operations on floating types give the mathematical value, rounded", T, double, float) {
  CHECK(wrong_values<T>() == "");
}
