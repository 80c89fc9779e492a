// SPDX-License-Identifier: BSD-3-Clause
#include "calls.hpp"

#include <string>

#include "../support/harness.hpp"
#include "../support/numbers.hpp"

int main(int argc, char** argv) {
  bench::begin(argc, argv);
  const auto ours = calls::by_agnesi(), theirs = calls::by_hand();
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const std::string name = std::string("calls/") + ours[i].what + "/double/" + ours[i].shape;
    ours[i].run(1), theirs[i].run(1);
    bench::agree(name, "agnesi", ours[i].result(), theirs[i].result(), 1e-15);
    for (const auto& [who, one] : {std::pair{"agnesi", ours[i]}, std::pair{"by hand", theirs[i]}})
      bench::add({.name = name, .peer = who, .elements = 1, .bytes = 0, .flops = 0, .limit = "", .run = one.run});
  }
  return bench::run();
}
