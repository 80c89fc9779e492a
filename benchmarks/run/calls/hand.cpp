// SPDX-License-Identifier: BSD-3-Clause
#include <cstddef>
#include <memory>

#include "../support/repeat.hpp"
#include "calls.hpp"

namespace calls {
namespace {

using bench::repeat, bench::use;

[[gnu::noinline]] double add(double x, double y) {
  asm volatile("");
  return x + y;
}
[[gnu::noinline]] double add_by_reference(const double& x, const double& y) {
  asm volatile("");
  return x + y;
}
[[gnu::noinline]] void affine(const double* M, const double* x, const double* c, double* to) {
  for (int i = 0; i < 3; ++i) to[i] = M[3 * i] * x[0] + M[3 * i + 1] * x[1] + M[3 * i + 2] * x[2] + c[i];
}
[[gnu::noinline]] void add_rows(const double* x, const double* y, double* to, std::ptrdiff_t n) {
  for (std::ptrdiff_t i = 0; i < n; ++i) to[i] = x[i] + y[i];
}
[[gnu::noinline]] void decay(double* x, std::ptrdiff_t n) {
  for (std::ptrdiff_t i = 0; i < n; ++i) x[i] -= 0.5 * x[i];
}

double x = 1.5, y = 2.25, r = 0, last[3];
double scalar_result() { return r; }
double first_of_last() { return last[0] + last[2]; }

const double M[] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, U[] = {0, 1, 2}, V[] = {10, 10, 10};

void by_value(long times) {
  repeat(times, [] { use(x), use(r = add(x, y)); });
}
void by_reference(long times) {
  repeat(times, [] { use(x), use(r = add_by_reference(x, y)); });
}
void update(long times) {
  double to = x;
  repeat(times, [&] { to = add_by_reference(to, y), use(to); });
  r = x + y;
}
template <int N>
void rows_into(long times) {
  static double P[N], Q[N], S[N];
  for (int i = 0; i < N; ++i) P[i] = i, Q[i] = 1;
  repeat(times, [] { add_rows(P, Q, S, N), use(S); });
  for (int i = 0; i < 3; ++i) last[i] = S[i];
}

}  // namespace

std::vector<one> by_hand() {
  return {
      {"", "", by_value, scalar_result},
      {"", "", by_reference, scalar_result},
      {"", "", by_reference, scalar_result},
      {"", "", by_reference, scalar_result},
      {"", "", update, scalar_result},
      {"", "", update, scalar_result},
      {"", "", [](long times) { repeat(times, [] { affine(M, U, V, last), use(last); }); }, first_of_last},
      {"", "",
       [](long times) {
         repeat(times, [] {
           const std::unique_ptr<double[]> fresh(new double[3]);
           affine(M, U, V, fresh.get()), use(fresh);
         });
         affine(M, U, V, last);
       },
       first_of_last},
      {"", "", rows_into<4>, first_of_last},
      {"", "", rows_into<100>, first_of_last},
      {"", "", rows_into<1000>, first_of_last},
      {"", "",
       [](long times) {
         static double P[100];
         for (int i = 0; i < 100; ++i) P[i] = i;
         for (; times > 1; times -= 500) {
           repeat(times < 500 ? times : 500, [] { decay(P, 100), use(P); });
           for (int i = 0; i < 100; ++i) P[i] = i;
         }
         decay(P, 100);
         for (int i = 0; i < 3; ++i) last[i] = P[i];
       },
       first_of_last},
  };
}

}  // namespace calls
