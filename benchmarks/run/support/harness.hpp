// SPDX-License-Identifier: BSD-3-Clause
// What the executables of this folder share: a list of rows, which Google Benchmark times in random order, so that what else
// the machine does meets all peers alike.
//   int main(int argc, char** argv) {
//     bench::begin(argc, argv);
//     bench::add({.name = "elementwise/a+1/float/1000", .peer = "agnesi", .elements = 1000, .bytes = 8000,
//                 .limit = "copy/float/1000", .run = [=](long times) { … }});
//     return bench::run();
//   }
#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace bench {

struct row {
  std::string name;     // family/case/type/shape
  std::string peer;     // agnesi, hand, Eigen, …
  double elements = 0;  // what the time is divided by in plots
  double bytes    = 0;  // read and written at least
  double flops    = 0;
  std::string limit;  // the row of add_limit that says what the machine can do
  std::function<void(long)> run;
};

/// Reads --threads=N, and starts the program again if the environment is not what is wanted.
void begin(int& argc, char** argv);
int threads();
void add(row);
/// Copies, triads (b + s c), reading alone, and the best matrix product, which rows name as their limit.
void add_limit(const std::string& kind, const std::string& type, std::ptrdiff_t n = 0);
/// A line about a peer that the results are to show, such as its version.
void say(const std::string& key, const std::string& value);
int run();

}  // namespace bench
