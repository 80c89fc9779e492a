// SPDX-License-Identifier: BSD-3-Clause
// The sizes at which loops change their ways, for tests that force them: as they were when this goes.
//   kept_bounds keep; agnesi::cpu::bounds.tile_bytes = 1000;
#pragma once

#include "agnesi/backend/cpu/bounds.hpp"

namespace agnesi::testing {

class kept_bounds {
 public:
  kept_bounds() = default;
  kept_bounds(const kept_bounds&) = delete;
  kept_bounds& operator=(const kept_bounds&) = delete;
  ~kept_bounds() { cpu::bounds = before_; }

 private:
  cpu::measured_bounds before_ = cpu::bounds;
};

}  // namespace agnesi::testing
