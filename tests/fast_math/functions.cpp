// SPDX-License-Identifier: BSD-3-Clause
// The transcendental functions as a program has them that is compiled with -ffast-math.

#include "fast_math/functions.hpp"

#include "support/pack_functions.hpp"

namespace agnesi::testing {

std::vector<pack_function<float>> fast_floats() {
  return has_pack_functions<float>
             ? std::vector(std::begin(pack_functions<float>), std::end(pack_functions<float>))
             : std::vector<pack_function<float>>{};
}
std::vector<pack_function<double>> fast_doubles() {
  return has_pack_functions<double>
             ? std::vector(std::begin(pack_functions<double>), std::end(pack_functions<double>))
             : std::vector<pack_function<double>>{};
}

} // namespace agnesi::testing
