// SPDX-License-Identifier: BSD-3-Clause
// Calls so small that only the way to the first step counts, against functions by hand that the compiler may not inline.
#pragma once

#include <vector>

namespace calls {

struct one {
  const char* what;
  const char* shape;
  void (*run)(long times);
  double (*result)();  // after a run
};

std::vector<one> by_agnesi();
std::vector<one> by_hand();

}  // namespace calls
