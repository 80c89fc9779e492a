// SPDX-License-Identifier: BSD-3-Clause
// The elementwise operations' values on integers and truth values.
#include "support/operation_values.hpp"

#include <doctest/doctest.h>

using namespace agnesi::testing;

TEST_CASE_TEMPLATE("operations on integers and truth values give the mathematical value", T, std::int64_t, std::int32_t,
                   std::uint8_t, bool) {
  CHECK(wrong_values<T>() == "");
}
