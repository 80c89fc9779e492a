// SPDX-License-Identifier: BSD-3-Clause
// Sizes of memory in whole cache lines, so that what lies there begins at one.
//   whole_lines(65) == 128
#pragma once

namespace agnesi {

constexpr auto whole_lines(auto bytes) { return (bytes + 63) / 64 * 64; }

}  // namespace agnesi
