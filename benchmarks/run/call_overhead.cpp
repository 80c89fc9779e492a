// SPDX-License-Identifier: BSD-3-Clause
// Nanoseconds of calls so small that only the way to the first step counts, against functions by hand that the compiler
// may not inline.
//
//   g++ -std=c++20 -O2 -march=native -Iinclude benchmarks/run/call_overhead.cpp && ./a.out

#include <agnesi/agnesi.hpp>

#include <cmath>
#include <cstdio>

#include "clean_environment.hpp"

namespace {

namespace ag = agnesi;
using namespace ag::literals;

constexpr auto a = ag::scalar<"a">;
constexpr auto b = ag::scalar<"b">;
constexpr auto A = ag::matrix<"A", double, 3, 3>;
constexpr auto u = ag::vector<"u", double, 3>;
constexpr auto v = ag::vector<"v", double, 3>;
constexpr auto p = ag::vector<"p">;
constexpr auto q = ag::vector<"q">;

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

template <class Ours, class Hand>
void compare(const char* what, Ours ours, Hand hand) {
  const auto t = bench::in_turns(51, 20000, ours, hand);
  std::printf("| %-42s | %7.2f | %7.2f | %7.2f |\n", what, t.ours * 1e9, t.theirs * 1e9, (t.ours - t.theirs) * 1e9);
}

}  // namespace

int main(int, char** argv) {
  bench::with_clean_environment(argv);
  std::printf("| ns a call, one thread                      | library | by hand |    more |\n");
  std::printf("|--------------------------------------------|--------:|--------:|--------:|\n");

  double x = 1.5, y = 2.25, r = 0;
  auto sum = ag::function(ag::inputs(a, b), ag::outputs(a + b));
  compare("f(a, b) = a + b, two doubles by value", [&] { bench::use(x), bench::use(sum(+x, +y)); },
          [&] { bench::use(x), bench::use(add(x, y)); });
  compare("f(a, b), two variables", [&] { bench::use(x), bench::use(sum(x, y)); },
          [&] { bench::use(x), bench::use(add_by_reference(x, y)); });
  compare("f(b = y, a = x)", [&] { bench::use(x), bench::use(sum(b = y, a = x)); },
          [&] { bench::use(x), bench::use(add_by_reference(x, y)); });
  compare("f.into(r)(a, b)", [&] { sum.into(r)(x, y), bench::use(r); },
          [&] { r = add_by_reference(x, y), bench::use(r); });

  auto step = ag::function(ag::inputs(a, b), ag::updates(a = a + b));
  compare("a = a + b, an update", [&] { step(x, y), bench::use(x); }, [&] { x = add_by_reference(x, y), bench::use(x); });
  auto bound = step.with(a = x);
  compare("with(a = x), then f(b)", [&] { bound(y), bench::use(x); }, [&] { x = add_by_reference(x, y), bench::use(x); });

  ag::array<double, 2> M({3, 3});
  ag::array<double, 1> U({3}), V({3}), R({3});
  for (int i = 0; i < 9; ++i) M.data()[i] = i + 1;
  for (int i = 0; i < 3; ++i) U(i) = i, V(i) = 10;
  auto affine3 = ag::function(ag::inputs(A, u, v), ag::outputs(dot(A, u) + v));
  double to[3];
  affine(M.data(), U.data(), V.data(), to);
  affine3.into(R)(M, U, V);
  for (int i = 0; i < 3; ++i)
    if (R(i) != to[i]) return std::printf("A u + v is wrong\n"), 1;
  compare("A u + v of 3x3, into an array", [&] { affine3.into(R)(M, U, V), bench::use(R); },
          [&] { affine(M.data(), U.data(), V.data(), to), bench::use(to); });
  compare("A u + v of 3x3, a new array", [&] { bench::use(affine3(M, U, V)); },
          [&] {
            ag::array<double, 1> fresh({3});
            affine(M.data(), U.data(), V.data(), fresh.data()), bench::use(fresh);
          });

  for (const std::ptrdiff_t n : {4, 100, 1000}) {
    ag::array<double, 1> P({n}), Q({n}), S({n});
    auto rows = ag::function(ag::inputs(p, q), ag::outputs(p + q));
    char what[64];
    std::snprintf(what, sizeof what, "p + q of %td, into an array", n);
    compare(what, [&] { rows.into(S)(P, Q), bench::use(S); },
            [&] { add_rows(P.data(), Q.data(), S.data(), n), bench::use(S); });
  }
  ag::array<double, 1> P({100});
  auto shrink = ag::function(ag::inputs(p), ag::updates(p = p - 0.5_c * p));
  compare("p = p - 0.5 p of 100, an update", [&] { shrink(P), bench::use(P); }, [&] { decay(P.data(), 100), bench::use(P); });
  std::printf("\n");
}
