// SPDX-License-Identifier: BSD-3-Clause

// Work in parts: every part once, none inside another's, exceptions; with OpenMP and without.

#include <agnesi/backend/cpu/threads.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

#include "support/kept_bounds.hpp"

using namespace agnesi;

namespace {

#ifdef _OPENMP
constexpr bool has_threads = true;
#else
constexpr bool has_threads = false;
#endif

}  // namespace

TEST_CASE("parts cover everything once, in order, cut at multiples of the grain") {
  for (std::ptrdiff_t n : {0, 1, 2, 7, 64, 100, 1001})
    for (int parts : {1, 2, 3, 7, 64})
      for (std::ptrdiff_t grain : {1, 2, 16}) {
        std::ptrdiff_t least = n, most = 0;
        CHECK(cpu::part_begin(n, parts, 0, grain) == 0);
        CHECK(cpu::part_begin(n, parts, parts, grain) == n);
        for (int k = 0; k < parts; ++k) {
          const std::ptrdiff_t begin = cpu::part_begin(n, parts, k, grain), end = cpu::part_begin(n, parts, k + 1, grain);
          CHECK(begin <= end);
          CHECK((begin % grain == 0 || begin == n));
          least = end - begin < least ? end - begin : least;
          most = end - begin > most ? end - begin : most;
        }
        CHECK(most - least <= 2 * grain);
      }
  static_assert(cpu::part_begin(std::ptrdiff_t{1} << 62, 1000, 1000) == std::ptrdiff_t{1} << 62);
}

TEST_CASE("small work stays in one part, large work goes to as many as asked for") {
  const testing::kept_bounds restored;
  cpu::bounds.bytes_a_thread = 1000;
  CHECK(cpu::parts_for(0, 8) == 1);
  CHECK(cpu::parts_for(1999, 8) == 1);
  CHECK(cpu::parts_for(2000, 8) == (has_threads ? 2 : 1));
  CHECK(cpu::parts_for(1e9, 8) == (has_threads ? 8 : 1));
  CHECK(cpu::parts_for(1e9, 1) == 1);
  CHECK(cpu::parts_for(1e9, 0) == cpu::threads_at_hand(0));
}

TEST_CASE("every part runs once") {
  for (int parts : {1, 2, 5, 16}) {
    std::vector<int> times(static_cast<std::size_t>(parts));
    cpu::parallel(parts, [&](int part) { ++times[static_cast<std::size_t>(part)]; });
    for (int t : times) CHECK(t == 1);
  }
}

TEST_CASE("parts run beside each other") {
  if (!has_threads || cpu::threads_at_hand(2) < 2) return;
  std::atomic<int> arrived = 0;  // each waits for the other: one thread alone would never end
  cpu::parallel(2, [&](int) {
    ++arrived;
    while (arrived < 2) {
    }
  });
  CHECK(arrived == 2);
}

TEST_CASE("inside a part there is one thread") {
  std::vector<int> inner(2);
  cpu::parallel(2, [&](int part) { inner[static_cast<std::size_t>(part)] = cpu::threads_at_hand(4) + cpu::parts_for(1e12, 4); });
  if (has_threads) CHECK(inner == std::vector<int>{2, 2});
  std::atomic<int> calls = 0;
  cpu::parallel(2, [&](int) { cpu::parallel(3, [&](int) { ++calls; }); });
  CHECK(calls == 6);
}

TEST_CASE("the exception of the first part that throws arrives at the caller") {
  for (int parts : {1, 2, 7}) {
    int thrown = -1;
    std::atomic<int> ran = 0;
    try {
      cpu::parallel(parts, [&](int part) {
        ++ran;
        if (part != 1) throw part;
      });
    } catch (int part) {
      thrown = part;
    }
    CHECK(thrown == 0);
    if (has_threads && parts > 1) CHECK(ran == parts);
  }
}
