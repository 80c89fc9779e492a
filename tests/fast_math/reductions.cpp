// SPDX-License-Identifier: BSD-3-Clause

// A program of its own, compiled with -ffast-math: NaN wins maxima, minima and the search for their places all the same, and
// stays where it is in sums. It is told by its bits here too.

#include <agnesi/backend/cpu/arg_extremum.hpp>
#include <agnesi/backend/cpu/loop.hpp>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

namespace {

using namespace agnesi::loop_code;
using agnesi::combine;
using agnesi::dtype;
using agnesi::loop_operand;
using agnesi::loop_program;
using agnesi::op_list;
using std::ptrdiff_t;

template <unsigned Axes>
using extrema = loop_program<op_list<>, load(0, dtype::f32), reduce(1, combine::max, Axes, false, 0),
                             reduce(2, combine::min, Axes, false, 0), reduce(3, combine::sum, Axes, false, 0)>;
// Beside an integer, so that it runs as numbers.
using mixed = loop_program<op_list<>, load(0, dtype::f32), load(1, dtype::i32), reduce(2, combine::max, every_axis, false, 0),
                           reduce(3, combine::sum, every_axis, false, 1)>;

bool is_nan(const float& x) {
  std::uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return (bits & 0x7fffffffu) > 0x7f800000u;
}

int checks = 0, wrong = 0;
void check(bool right, const char* what, ptrdiff_t n, ptrdiff_t at) {
  ++checks;
  if (right) return;
  ++wrong;
  std::printf("%s of %td numbers with NaN at %td is wrong\n", what, n, at);
}

void try_out(ptrdiff_t n, ptrdiff_t at) {
  const auto size = static_cast<std::size_t>(n);
  std::vector<float> x(3 * size, 2.0f), r(3 * size + 3);
  const std::uint32_t nan = 0x7fc00000u;
  for (ptrdiff_t row = 0; row < 3 && at >= 0; ++row) std::memcpy(&x[static_cast<std::size_t>(row * n + at)], &nan, sizeof nan);
  std::vector<std::int32_t> ones(size, 1);
  const bool some = at >= 0;

  const loop_operand whole[] = {{x.data(), {1}}, {&r[0], {}}, {&r[1], {}}, {&r[2], {}}};
  agnesi::run_loop<extrema<every_axis>>({1, {n}}, whole);
  for (std::size_t k = 0; k < 3; ++k) check(is_nan(r[k]) == some, "a reduction", n, at);
  if (!some) check(r[0] == 2 && r[1] == 2 && r[2] == 2 * static_cast<float>(n), "a reduction", n, at);

  std::int32_t count = 0;
  const loop_operand of_mixed[] = {{x.data(), {1}}, {ones.data(), {1}}, {&r[0], {}}, {&count, {}}};
  agnesi::run_loop<mixed>({1, {n}}, of_mixed);
  check(is_nan(r[0]) == some && count == n, "a maximum beside integers", n, at);

  const loop_operand columns[] = {{x.data(), {n, 1}}, {&r[0], {0, 1}}, {&r[size], {0, 1}}, {&r[2 * size], {0, 1}}};
  agnesi::run_loop<extrema<1>>({2, {3, n}}, columns);
  for (ptrdiff_t k = 0; k < 3 * n; ++k) check(is_nan(r[static_cast<std::size_t>(k)]) == (k % n == at), "a column", n, at);
  const loop_operand rows[] = {{x.data(), {n, 1}}, {&r[0], {1, 0}}, {&r[3], {1, 0}}, {&r[6], {1, 0}}};
  if (n >= 3) {
    agnesi::run_loop<extrema<2>>({2, {3, n}}, rows);
    for (std::size_t k = 0; k < 9; ++k) check(is_nan(r[k]) == some, "a row", n, at);
  }

  std::int64_t place = -1;
  agnesi::cpu::seen all, result;
  all.data = x.data(), all.rank = 1, all.extents[0] = n, all.strides[0] = 1;
  result.data = &place;
  agnesi::cpu::arg_extremum<float, true>(result, all, 1);
  check(place == (some ? at : 0), "the place of the largest", n, at);
}

}  // namespace

int main() {
  for (ptrdiff_t n : {1, 3, 5, 16, 40, 77, 300, 5000})
    for (ptrdiff_t at = -1; at < n; at += 1 + n / 7) try_out(n, at);
  std::printf("%d checks, %d wrong\n", checks, wrong);
  return wrong > 0 || checks == 0 ? 1 : 0;
}
