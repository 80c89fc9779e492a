// SPDX-License-Identifier: BSD-3-Clause
// Nanoseconds of functions whose extents the compiler knows and that are small: A x + b, and the gradient of
// 0.5 |tanh(A x + b) - t|^2 by A and b, against Eigen's matrices of fixed size and against loops by hand.
//
//   g++ -std=c++20 -O3 -march=native -Iinclude benchmarks/run/small_static.cpp && ./a.out

#include <agnesi/agnesi.hpp>

#include <cmath>
#include <cstdio>
#include <cstring>

#if __has_include(<eigen3/Eigen/Dense>)
#include <eigen3/Eigen/Dense>
#define HAS_EIGEN 1
#else
#define HAS_EIGEN 0
#endif

#include "clean_environment.hpp"

namespace {

namespace ag = agnesi;
using namespace ag::literals;

template <class T, int N>
struct operands {
  ag::array<T, 2> A{{N, N}};
  ag::array<T, 1> x{{N}}, b{{N}}, t{{N}}, y{{N}}, gb{{N}};
  ag::array<T, 2> gA{{N, N}};
  operands() {
    for (int i = 0; i < N * N; ++i) A.data()[i] = T(0.01) * T(i * 7 % 23 - 11);
    for (int i = 0; i < N; ++i) x(i) = T(0.1) * T(i - 3), b(i) = T(0.2) * T(5 - i), t(i) = T(0.05) * T(i);
  }
};

// ---- by hand
template <class T, int N>
[[gnu::noinline]] void affine_by_hand(const T* __restrict A, const T* __restrict x, const T* __restrict b, T* __restrict y) {
  for (int i = 0; i < N; ++i) {
    T sum = b[i];
    for (int k = 0; k < N; ++k) sum += A[i * N + k] * x[k];
    y[i] = sum;
  }
}
// The hyperbolic tangent in packs, which a compiler's loop would call for each number.
template <class T, int N>
[[gnu::noinline]] void gradient_by_hand(const T* __restrict A, const T* __restrict x, const T* __restrict b, const T* __restrict t,
                                        T* __restrict gA, T* __restrict gb) {
  constexpr int lanes = ag::simd::lanes<T>, padded = (N + lanes - 1) / lanes * lanes;
  using std::tanh;
  alignas(64) T z[padded] = {};
  for (int i = 0; i < N; ++i) {
    T sum = b[i];
    for (int k = 0; k < N; ++k) sum += A[i * N + k] * x[k];
    z[i] = sum;
  }
  for (int i = 0; i < padded; i += lanes) ag::simd::store<T>(z + i, tanh(ag::simd::load<T>(z + i)));
  for (int i = 0; i < N; ++i) gb[i] = (z[i] - t[i]) * (1 - z[i] * z[i]);
  for (int i = 0; i < N; ++i)
    for (int k = 0; k < N; ++k) gA[i * N + k] = gb[i] * x[k];
}

#if HAS_EIGEN
template <class T, int N, int Order>
struct eigen {
  using matrix = Eigen::Matrix<T, N, N, Order>;
  using column = Eigen::Matrix<T, N, 1>;
  matrix A, gA;
  column x, b, t, y, gb;
  explicit eigen(const operands<T, N>& o) {
    for (int i = 0; i < N; ++i)
      for (int k = 0; k < N; ++k) A(i, k) = o.A(i, k);
    for (int i = 0; i < N; ++i) x(i) = o.x(i), b(i) = o.b(i), t(i) = o.t(i);
  }
  [[gnu::noinline]] void affine() { y.noalias() = A * x + b; }
  [[gnu::noinline]] void gradient() {
    const column z = (A * x + b).array().tanh();
    gb = (z - t).array() * (1 - z.array().square());
    gA.noalias() = gb * x.transpose();
  }
};
#endif

double smaller(double a, double b) { return a < b ? a : b; }

template <class T, int N>
void measure(const char* type) {
  constexpr auto A = ag::matrix<"A", T, N, N>;
  constexpr auto x = ag::vector<"x", T, N>;
  constexpr auto b = ag::vector<"b", T, N>;
  constexpr auto t = ag::vector<"t", T, N>;
  operands<T, N> o;
  auto affine = ag::function(ag::inputs(A, x, b), ag::outputs(dot(A, x) + b));
  constexpr auto error = tanh(dot(A, x) + b) - t;
  constexpr auto cost = 0.5_c * sum(sqr(error));
  auto gradient = ag::function(ag::inputs(A, x, b, t), ag::outputs(ag::grad(cost, A), ag::grad(cost, b)));

  ag::array<T, 1> y({N}), gb({N});
  ag::array<T, 2> gA({N, N});
  const auto ours_affine = [&] { affine.into(o.y)(o.A, o.x, o.b), bench::use(o); };
  const auto ours_gradient = [&] { gradient.into(o.gA, o.gb)(o.A, o.x, o.b, o.t), bench::use(o); };
  const auto hand_affine = [&] { affine_by_hand<T, N>(o.A.data(), o.x.data(), o.b.data(), y.data()), bench::use(y); };
  const auto hand_gradient = [&] {
    gradient_by_hand<T, N>(o.A.data(), o.x.data(), o.b.data(), o.t.data(), gA.data(), gb.data()), bench::use(gA);
  };
  ours_affine(), hand_affine(), ours_gradient(), hand_gradient();
  for (int i = 0; i < N; ++i)
    if (std::abs(o.y(i) - y(i)) > T(1e-5) || std::abs(o.gb(i) - gb(i)) > T(1e-5) || std::abs(o.gA(i, N - 1) - gA(i, N - 1)) > T(1e-5))
      std::printf("wrong at %d\n", i), std::exit(1);

  double eigen_affine = 1e9, eigen_gradient = 1e9;
  const int times = 2000;
#if HAS_EIGEN
  eigen<T, N, Eigen::RowMajor> rows(o);
  eigen<T, N, Eigen::ColMajor> columns(o);
  const auto in_turns = [&](auto&& ours, auto&& other) { return bench::in_turns(31, times, ours, other).theirs * 1e9; };
  eigen_affine = smaller(in_turns(ours_affine, [&] { rows.affine(), bench::use(rows); }), in_turns(ours_affine, [&] { columns.affine(), bench::use(columns); }));
  eigen_gradient = smaller(in_turns(ours_gradient, [&] { rows.gradient(), bench::use(rows); }), in_turns(ours_gradient, [&] { columns.gradient(), bench::use(columns); }));
#endif
  const auto one = bench::in_turns(51, times, ours_affine, hand_affine);
  const auto two = bench::in_turns(51, times, ours_gradient, hand_gradient);
  std::printf("| %-6s | %2d | %6.1f | %6.1f | %6.1f | %6.1f | %6.1f | %6.1f |\n", type, N, one.ours * 1e9, one.theirs * 1e9, eigen_affine,
              two.ours * 1e9, two.theirs * 1e9, eigen_gradient);
}

}  // namespace

int main(int, char** argv) {
  bench::with_clean_environment(argv);
  std::printf("|        |    |      A x + b, ns         |      gradient, ns        |\n");
  std::printf("| type   |  n | agnesi | by hand | Eigen | agnesi | by hand | Eigen |\n");
  std::printf("|--------|---:|-------:|-------:|-------:|-------:|-------:|-------:|\n");
  measure<double, 3>("double"), measure<double, 4>("double"), measure<double, 8>("double"), measure<double, 16>("double");
  measure<float, 3>("float"), measure<float, 4>("float"), measure<float, 8>("float"), measure<float, 16>("float");
}
