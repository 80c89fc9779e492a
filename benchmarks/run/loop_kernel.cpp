// SPDX-License-Identifier: BSD-3-Clause

// Nanoseconds per element of fused loops and of the same loops written by hand, one thread, for the sizes given.
//
//   g++ -std=c++20 -O3 -march=native -Iinclude benchmarks/run/loop_kernel.cpp && ./a.out 1000 1000000
//
// A size is a number of elements; matrices are square, or as near as it goes.

#include <agnesi/backend/cpu/loop.hpp>
#include <agnesi/ops/elementwise.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

using namespace agnesi::loop_code;
using agnesi::combine;
using agnesi::dtype;
using agnesi::loop_operand;
using agnesi::loop_program;
using agnesi::op_list;
namespace op = agnesi::op;
using std::ptrdiff_t;

constexpr dtype f = dtype::f32;

using multiply_add = loop_program<op_list<op::mul, op::add>, load(0, f), load(1, f), load(2, f), apply(0, f, 0, 1),
                                  apply(1, f, 3, 2), store(3, 4)>;
using chain = loop_program<op_list<op::exp, op::tanh, op::mul, op::add>, load(0, f), load(1, f), apply(0, f, 0),
                           apply(1, f, 1), apply(2, f, 2, 3), apply(3, f, 4, 0), store(3, 5)>;
template <unsigned Axes>
using sums = loop_program<op_list<>, load(0, f), reduce(3, combine::sum, Axes, false, 0)>;
using maximum = loop_program<op_list<>, load(0, f), reduce(3, combine::max, every_axis, false, 0)>;
using squares = loop_program<op_list<op::sub, op::sqr>, load(0, f), load(1, f), apply(0, f, 0, 1), apply(1, f, 2),
                             reduce(3, combine::sum, every_axis, false, 3)>;
using two_terms = loop_program<op_list<op::add>, load(0, f), load(1, f), apply(0, f, 0, 1), store(3, 2)>;
using pixels = loop_program<op_list<op::mul>, load(0, dtype::u8), cast(f, 0), constant(f), bits_of(1.0f / 255),
                            apply(0, f, 1, 2), store(3, 3)>;
using integers = loop_program<op_list<op::mul, op::add>, load(0, dtype::i32), load(1, dtype::i32),
                              apply(0, dtype::i32, 0, 1), apply(1, dtype::i32, 2, 0), store(3, 3)>;

// Hand-written sums may be reordered, as the library's are.
float plain_sum(const float* x, ptrdiff_t n) {
  constexpr int ways = 64;
  float s[ways]{};
  ptrdiff_t i = 0;
  for (; i + ways <= n; i += ways)
    for (int k = 0; k < ways; ++k) s[k] += x[i + k];
  for (; i < n; ++i) s[0] += x[i];
  float total = 0;
  for (float part : s) total += part;
  return total;
}

template <class Run>
double nanoseconds(ptrdiff_t elements, Run run) {
  using clock = std::chrono::steady_clock;
  const auto times = std::max<ptrdiff_t>(1, 4'000'000 / elements);
  double best = 1e30;
  for (int round = 0; round < 7; ++round) {
    const auto start = clock::now();
    for (ptrdiff_t t = 0; t < times; ++t) {
      run();
      asm volatile("" ::: "memory");
    }
    const double ns = std::chrono::duration<double, std::nano>(clock::now() - start).count();
    best = std::min(best, ns / static_cast<double>(times));
  }
  return best / static_cast<double>(elements);
}

template <class Loop, class Hand>
void compare(const char* what, ptrdiff_t elements, Loop loop, Hand hand) {
  const double ours = nanoseconds(elements, loop), theirs = nanoseconds(elements, hand);
  std::printf("%-44s %10td elements  loop %8.3f ns  by hand %8.3f ns\n", what, elements, ours, theirs);
}

void measure(ptrdiff_t n) {
  const auto size = static_cast<std::size_t>(n);
  const auto m = static_cast<ptrdiff_t>(std::sqrt(static_cast<double>(n))), k = n / m;
  std::vector<float> va(size, 0.5f), vb(size, 0.25f), vc(size, 1), vd(size);
  float *a = va.data(), *b = vb.data(), *c = vc.data(), *d = vd.data();
  const loop_operand flat[] = {{a, {1}}, {b, {1}}, {c, {1}}, {d, {1}}};

  compare("a * b + c", n, [&] { agnesi::run_loop<multiply_add>({1, {n}}, flat); },
          [&] { for (ptrdiff_t i = 0; i < n; ++i) d[i] = a[i] * b[i] + c[i]; });
  compare("exp(a) * tanh(b) + a", n, [&] { agnesi::run_loop<chain>({1, {n}}, flat); },
          [&] { for (ptrdiff_t i = 0; i < n; ++i) d[i] = std::exp(a[i]) * std::tanh(b[i]) + a[i]; });
  const loop_operand onto_one[] = {{a, {1}}, {b, {1}}, {}, {d, {0}}};
  compare("sum", n, [&] { agnesi::run_loop<sums<every_axis>>({1, {n}}, onto_one); }, [&] { d[0] = plain_sum(a, n); });
  compare("max", n, [&] { agnesi::run_loop<maximum>({1, {n}}, onto_one); },
          [&] { d[0] = *std::max_element(a, a + n); });
  compare("sum of (a - b)^2", n, [&] { agnesi::run_loop<squares>({1, {n}}, onto_one); }, [&] {
    float s = 0;
    for (ptrdiff_t i = 0; i < n; ++i) s += (a[i] - b[i]) * (a[i] - b[i]);
    d[0] = s;
  });

  const loop_operand by_row[] = {{a, {k, 1}}, {}, {}, {d, {1, 0}}}, by_column[] = {{a, {k, 1}}, {}, {}, {d, {0, 1}}};
  compare("row sums", m * k, [&] { agnesi::run_loop<sums<2>>({2, {m, k}}, by_row); },
          [&] { for (ptrdiff_t i = 0; i < m; ++i) d[i] = plain_sum(a + i * k, k); });
  compare("column sums", m * k, [&] { agnesi::run_loop<sums<1>>({2, {m, k}}, by_column); }, [&] {
    for (ptrdiff_t j = 0; j < k; ++j) d[j] = 0;
    for (ptrdiff_t i = 0; i < m; ++i)
      for (ptrdiff_t j = 0; j < k; ++j) d[j] += a[i * k + j];
  });
  const loop_operand plus_column[] = {{a, {k, 1}}, {b, {1, 0}}, {}, {d, {k, 1}}};
  compare("matrix + column", m * k, [&] { agnesi::run_loop<two_terms>({2, {m, k}}, plus_column); }, [&] {
    for (ptrdiff_t i = 0; i < m; ++i)
      for (ptrdiff_t j = 0; j < k; ++j) d[i * k + j] = a[i * k + j] + b[i];
  });
  const loop_operand plus_transposed[] = {{a, {k, 1}}, {b, {1, m}}, {}, {d, {k, 1}}};
  compare("matrix + transposed matrix", m * k, [&] { agnesi::run_loop<two_terms>({2, {m, k}}, plus_transposed); }, [&] {
    for (ptrdiff_t i = 0; i < m; ++i)
      for (ptrdiff_t j = 0; j < k; ++j) d[i * k + j] = a[i * k + j] + b[i + j * m];
  });
  const ptrdiff_t three = n / 3;
  const loop_operand narrow[] = {{a, {3, 1}}, {b, {0, 1}}, {}, {d, {3, 1}}};
  compare("three columns + row", three * 3, [&] { agnesi::run_loop<two_terms>({2, {three, 3}}, narrow); }, [&] {
    for (ptrdiff_t i = 0; i < three; ++i)
      for (ptrdiff_t j = 0; j < 3; ++j) d[i * 3 + j] = a[i * 3 + j] + b[j];
  });

  std::vector<unsigned char> image(size, 7);
  const loop_operand of_image[] = {{image.data(), {1}}, {}, {}, {d, {1}}};
  compare("float(image) / 255", n, [&] { agnesi::run_loop<pixels>({1, {n}}, of_image); },
          [&] { for (ptrdiff_t i = 0; i < n; ++i) d[i] = static_cast<float>(image[static_cast<std::size_t>(i)]) * (1.0f / 255); });
  std::vector<int> vi(size, 3), vj(size);
  int *p = vi.data(), *q = vj.data();
  const loop_operand of_integers[] = {{p, {1}}, {p, {1}}, {}, {q, {1}}};
  compare("i * i + i, int", n, [&] { agnesi::run_loop<integers>({1, {n}}, of_integers); },
          [&] { for (ptrdiff_t i = 0; i < n; ++i) q[i] = p[i] * p[i] + p[i]; });
}

}  // namespace

int main(int count, char** sizes) {
  std::printf("packs of %d floats\n", agnesi::simd::lanes<float>);
  if (count < 2)
    for (ptrdiff_t n : {8, 1000, 100'000, 10'000'000}) measure(n);
  for (int k = 1; k < count; ++k) measure(std::max(4L, std::atol(sizes[k])));
}
