// SPDX-License-Identifier: BSD-3-Clause
// Functions of functions.cpp, which is compiled with -ffast-math; none where there are no packs.
#pragma once

#include "support/pack_errors.hpp"

namespace agnesi::testing {

std::vector<pack_function<float>> fast_floats();
std::vector<pack_function<double>> fast_doubles();

} // namespace agnesi::testing
