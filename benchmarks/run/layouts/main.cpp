// SPDX-License-Identifier: BSD-3-Clause
#include <memory>
#include <string>

#include "../support/harness.hpp"
#include "../support/numbers.hpp"
#include "layouts.hpp"

namespace {

using namespace layouts;

struct problem {
  ptrdiff_t m, n;
  bench::memory<float> a, b, row, column, to;
  bench::memory<std::uint8_t> bytes;
  bench::memory<std::int32_t> ints, to_ints;
  explicit problem(ptrdiff_t edge)
      : m(edge),
        n(m * m),
        a(n, -1, 1, 1),
        b(n, -1, 1, 2),
        row(m, -1, 1, 3),
        column(m, -1, 1, 4),
        to(n),
        bytes(n, 0, 255, 5),
        ints(n, -1000, 1000, 6),
        to_ints(n) {}
  operands all() {
    return {a.data(), b.data(), row.data(), column.data(), bytes.data(), ints.data(), to.data(), to_ints.data(), m};
  }

  void check(const char* who, int what) const {
    const ptrdiff_t used = what == narrow ? n / 3 * 3 : n;
    for (ptrdiff_t k = 0; k < used; ++k) {
      const ptrdiff_t i = k / m, j = k % m;
      const float wanted = what == plus_row          ? a[k] + row[j]
                           : what == plus_column     ? a[k] + column[i]
                           : what == plus_transposed ? a[k] + b[j * m + i]
                           : what == narrow          ? a[k] + row[k % 3]
                           : what == masked          ? (bytes[k] > 127 ? a[k] : b[k])
                                                     : static_cast<float>(bytes[k]) / 255;
      if (what == integers)
        bench::agree(names[what], who, to_ints[k], ints[k] * ints[k] + ints[k], 0);
      else
        bench::agree(names[what], who, to[k], wanted, 2e-7);
    }
  }
};

void add_peer(const char* who, const calls& run) {
  for (int c = 0; c < cases; ++c)
    for (const ptrdiff_t m : {30, 100, 300, 1000, 3000}) {
      static std::shared_ptr<problem> all[3001];
      if (!all[m]) all[m] = std::make_shared<problem>(m);
      const auto p = all[m];
      run.of[c](1, p->all());
      p->check(who, c);
      const auto count        = static_cast<double>(p->n);
      const bool two          = c == plus_transposed || c == masked;
      const std::string limit = two ? "triad" : "copy", type = "float";
      bench::add_limit(limit, type, p->n);
      bench::add({.name = std::string("layouts/") + names[c] + "/" +
                          (c == integers                  ? "int32"
                           : c == image || c == masked ? "uint8"
                                                       : "float") +
                          "/" + std::to_string(m) + "x" + std::to_string(m),
                  .peer     = who,
                  .elements = count,
                  .bytes    = (c == masked  ? 13
                               : two        ? 12
                               : c == image ? 5
                                            : 8) *
                           count,
                  .flops = 0,
                  .limit = limit + "/float/" + std::to_string(p->n),
                  .run   = [=](long times) { run.of[c](times, p->all()); }});
    }
}

}  // namespace

int main(int argc, char** argv) {
  bench::begin(argc, argv);
  add_peer("agnesi", by_agnesi());
  add_peer("by hand", by_hand());
#ifdef BENCH_HAS_EIGEN
  add_peer("Eigen", by_eigen());
#endif
  return bench::run();
}
