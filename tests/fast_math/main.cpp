// SPDX-License-Identifier: BSD-3-Clause
// A program that sets -ffast-math has the same functions: what they add and take away again to keep accuracy
// is not simplified away. Divisions may be products with reciprocals then, and infinities and NaN are no
// longer promised. This file is compiled without, and so are no numbers flushed to zero.
//   agnesi_fast_math

#include "fast_math/functions.hpp"

#include <cstdio>

namespace {

using namespace agnesi::testing;

template <class T> int failures_of(const std::vector<pack_function<T>>& functions) {
  const std::vector<T> x = arguments<T>(9973);
  std::vector<T> a, b;
  pairs<T>(9973, a, b);
  int failures = 0;
  for (const auto& f : functions) {
    const error worst  = f.two ? error_of(f, a, b, true) : error_of(f, x, x, true);
    const double bound = f.ulps + 2; // of a division by way of an approximate reciprocal
    if (worst.ulps > bound) ++failures;
    if (worst.ulps > bound)
      std::printf("%.2f units instead of %.2f: %s\n", worst.ulps, bound, worst.where.c_str());
  }
  std::printf("%d of %d functions of %s are off\n", failures, static_cast<int>(functions.size()),
              sizeof(T) == 4 ? "float" : "double");
  return failures;
}

} // namespace

int main() { return failures_of(fast_floats()) + failures_of(fast_doubles()) > 0; }
