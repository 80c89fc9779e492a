// SPDX-License-Identifier: BSD-3-Clause
#include <agnesi/agnesi.hpp>

#include "../support/repeat.hpp"
#include "calls.hpp"

namespace calls {
namespace {

namespace ag = agnesi;
using namespace ag::literals;
using bench::repeat, bench::use;

constexpr auto a = ag::scalar<"a">;
constexpr auto b = ag::scalar<"b">;
constexpr auto A = ag::matrix<"A", double, 3, 3>;
constexpr auto u = ag::vector<"u", double, 3>;
constexpr auto v = ag::vector<"v", double, 3>;
constexpr auto p = ag::vector<"p">;
constexpr auto q = ag::vector<"q">;

double x = 1.5, y = 2.25, r = 0;
ag::array<double, 1> last({1000});

auto sum  = ag::function(ag::inputs(a, b), ag::outputs(a + b));
auto step = ag::function(ag::inputs(a, b), ag::updates(a = a + b));

double scalar_result() { return r; }
double first_of_last() { return last(0) + last(2); }

struct affine_arguments {
  ag::array<double, 2> M{{3, 3}};
  ag::array<double, 1> U{{3}}, V{{3}}, R{{3}};
  affine_arguments() {
    for (int i = 0; i < 9; ++i) M.data()[i] = i + 1;
    for (int i = 0; i < 3; ++i) U(i) = i, V(i) = 10;
  }
};

template <int N>
void rows_into(long times) {
  static auto f = ag::function(ag::inputs(p, q), ag::outputs(p + q));
  ag::array<double, 1> P({N}), Q({N}), S({N});
  for (int i = 0; i < N; ++i) P(i) = i, Q(i) = 1;
  repeat(times, [&] { f.into(S)(P, Q), use(S); });
  for (int i = 0; i < 3; ++i) last(i) = S(i);
}

}  // namespace

std::vector<one> by_agnesi() {
  return {
      {"f(a, b) = a + b, by value", "scalars", [](long times) { repeat(times, [] { use(x), use(r = sum(+x, +y)); }); },
       scalar_result},
      {"f(a, b) = a + b, two variables", "scalars", [](long times) { repeat(times, [] { use(x), use(r = sum(x, y)); }); },
       scalar_result},
      {"f(b = y, a = x)", "scalars", [](long times) { repeat(times, [] { use(x), use(r = sum(b = y, a = x)); }); },
       scalar_result},
      {"f.into(r)(a, b)", "scalars", [](long times) { repeat(times, [] { sum.into(r)(x, y), use(r); }); }, scalar_result},
      {"a = a + b, an update", "scalars",
       [](long times) {
         double to = x;
         repeat(times, [&] { step(to, y), use(to); });
         r = x + y;
       },
       scalar_result},
      {"with(a = x), then f(b)", "scalars",
       [](long times) {
         double to  = x;
         auto bound = step.with(a = to);
         repeat(times, [&] { bound(y), use(to); });
         r = x + y;
       },
       scalar_result},
      {"A u + v into an array", "3x3",
       [](long times) {
         static auto f = ag::function(ag::inputs(A, u, v), ag::outputs(dot(A, u) + v));
         affine_arguments g;
         repeat(times, [&] { f.into(g.R)(g.M, g.U, g.V), use(g.R); });
         for (int i = 0; i < 3; ++i) last(i) = g.R(i);
       },
       first_of_last},
      {"A u + v, a new array", "3x3",
       [](long times) {
         static auto f = ag::function(ag::inputs(A, u, v), ag::outputs(dot(A, u) + v));
         affine_arguments g;
         repeat(times, [&] { use(f(g.M, g.U, g.V)); });
         const auto result = f(g.M, g.U, g.V);
         for (int i = 0; i < 3; ++i) last(i) = result(i);
       },
       first_of_last},
      {"p + q into an array", "4", rows_into<4>, first_of_last},
      {"p + q into an array", "100", rows_into<100>, first_of_last},
      {"p + q into an array", "1000", rows_into<1000>, first_of_last},
      {"p = p - 0.5 p, an update", "100",
       [](long times) {
         static auto f = ag::function(ag::inputs(p), ag::updates(p = p - 0.5_c * p));
         ag::array<double, 1> P({100});
         for (int i = 0; i < 100; ++i) P(i) = i;
         for (; times > 1; times -= 500) {  // anew, before the numbers become subnormal
           repeat(times < 500 ? times : 500, [&] { f(P), use(P); });
           for (int i = 0; i < 100; ++i) P(i) = i;
         }
         f(P);
         for (int i = 0; i < 3; ++i) last(i) = P(i);
       },
       first_of_last},
  };
}

}  // namespace calls
