// SPDX-License-Identifier: BSD-3-Clause

// Products that are added to the array they update: by BLAS, with the right factors, in every layout.

#include <agnesi/agnesi.hpp>

#include "support/reference.hpp"

#include <doctest/doctest.h>

namespace {

namespace ag = agnesi;
using namespace ag::literals;
using namespace ag::testing;
using matrix = ag::array<double, 2>;

constexpr auto W = ag::matrix<"W">;
constexpr auto x = ag::matrix<"x">;
constexpr auto y = ag::matrix<"y">;
constexpr auto lr = ag::scalar<"lr">;

// beta * w + alpha * transpose(p) q
matrix accumulated(double beta, const matrix& w, double alpha, const matrix& p, const matrix& q) {
  return made<double>(w.extent(0), w.extent(1), [&](auto i, auto j) {
    long double r = 0;
    for (std::ptrdiff_t k = 0; k < p.extent(0); ++k) r += static_cast<long double>(p(k, i)) * q(k, j);
    return static_cast<double>(alpha * r + (beta == 0 ? 0 : beta * w(i, j)));
  });
}

const std::ptrdiff_t sizes[][3] = {{3, 2, 4}, {1, 1, 1}, {17, 5, 9}, {33, 40, 21}, {0, 3, 2}, {5, 0, 2}, {64, 16, 1}};

template <class F, class R>
void check_all_layouts(F f, R reference) {
  for (const auto& [k, m, n] : sizes)
    for (const layout how : layouts) {
      const auto X = random_array<double, 2>({k, m}), Y = random_array<double, 2>({k, n}), W0 = random_array<double, 2>({m, n});
      laid_out<double> L(W0, how), LX(X, how);
      CAPTURE(k);
      CAPTURE(m);
      CAPTURE(n);
      CAPTURE(static_cast<int>(how));
      f(L.seen, LX.seen, Y);
      CHECK(difference(L.seen, reference(W0, X, Y)) == "");
      CHECK(L.touched() == m * n);
    }
}

}  // namespace

TEST_CASE("W - rate * xT y") {
  auto f = ag::function(ag::inputs(W, x, y), ag::updates(W = W - 0.25_c * dot(transpose(x), y)));
  check_all_layouts(f, [](auto& w, auto& p, auto& q) { return accumulated(1, w, -0.25, p, q); });
}

TEST_CASE("with weight decay and a division by the number of rows") {
  auto f = ag::function(ag::inputs(W, x, y), ag::updates(W = 0.9_c * W - dot(transpose(x), y) / 4_c));
  check_all_layouts(f, [](auto& w, auto& p, auto& q) { return accumulated(0.9, w, -0.25, p, q); });
}

TEST_CASE("a rate that is an input, multiplied or divided by") {
  auto f = ag::function(ag::inputs(W, x, y, lr), ag::outputs(sum(W)), ag::updates(W = W - lr * dot(transpose(x), y), lr = lr * 0.5_c));
  double rate = 0.75;
  check_all_layouts(
      [&](auto& w, auto& p, auto& q) {
        rate = 0.75;
        f(w, p, q, rate);
      },
      [](auto& w, auto& p, auto& q) { return accumulated(1, w, -0.75, p, q); });
  CHECK(rate == 0.375);
  auto g = ag::function(ag::inputs(W, x, y, lr), ag::updates(W = 2_c * W + 3_c * dot(transpose(x), y) / lr));
  check_all_layouts([&](auto& w, auto& p, auto& q) { g(w, p, q, 2); },
                    [](auto& w, auto& p, auto& q) { return accumulated(2, w, 1.5, p, q); });
}

TEST_CASE("a product alone replaces whatever was there") {
  auto f = ag::function(ag::inputs(W, x, y), ag::updates(W = 2_c * dot(transpose(x), y)));
  check_all_layouts(
      [&](auto& w, auto& p, auto& q) {
        for (std::ptrdiff_t i = 0; i < w.extent(0); ++i)
          for (std::ptrdiff_t j = 0; j < w.extent(1); ++j) w(i, j) = NAN;
        f(w, p, q);
      },
      [](auto& w, auto& p, auto& q) { return accumulated(0, w, 2, p, q); });
}

TEST_CASE("two products, a transposed product, a product that others read too") {
  auto f = ag::function(ag::inputs(W, x, y), ag::updates(W = W - dot(transpose(x), y) + 0.5_c * dot(transpose(x), 3_c * y)));
  check_all_layouts(f, [](auto& w, auto& p, auto& q) { return accumulated(1, w, 0.5, p, q); });
  auto g = ag::function(ag::inputs(W, x, y), ag::updates(W = W + transpose(dot(transpose(y), x))));
  check_all_layouts(g, [](auto& w, auto& p, auto& q) { return accumulated(1, w, 1, p, q); });
  auto product = dot(transpose(x), y);
  auto h = ag::function(ag::inputs(W, x, y), ag::outputs(sum(product)), ag::updates(W = W + product));
  check_all_layouts(h, [](auto& w, auto& p, auto& q) { return accumulated(1, w, 1, p, q); });
}

TEST_CASE("the updated symbol inside the product") {
  const auto A0 = random_array<double, 2>({6, 6}), B0 = random_array<double, 2>({6, 6});
  const auto T = [](const matrix& m) { return made<double>(m.extent(1), m.extent(0), [&](auto i, auto j) { return m(j, i); }); };
  auto f = ag::function(ag::inputs(W, x), ag::updates(W = W + dot(W, x)));
  auto A = A0;
  f(A, B0);
  CHECK(difference(A, accumulated(1, A0, 1, T(A0), B0)) == "");
  auto g = ag::function(ag::inputs(W, x), ag::updates(W = 0.5_c * W - dot(x, transpose(W))));
  A = A0;
  g(A, B0);
  CHECK(difference(A, accumulated(0.5, A0, -1, T(B0), T(A0))) == "");
  auto h = ag::function(ag::inputs(W, x), ag::updates(W = W - dot(W, W), x = x + dot(x, W)));
  A = A0;
  auto B = B0;
  h(A, B);
  CHECK(difference(A, accumulated(1, A0, -1, T(A0), A0)) == "");
  CHECK(difference(B, accumulated(1, B0, 1, T(B0), A0)) == "");
}

TEST_CASE("vectors, scalars and outer products accumulate") {
  constexpr auto u = ag::vector<"u">;
  constexpr auto v = ag::vector<"v">;
  constexpr auto s = ag::scalar<"s">;
  auto f = ag::function(ag::inputs(W, u, v, s),
                        ag::updates(u = u - 0.1_c * dot(W, v), v = 0.5_c * v + dot(transpose(W), u), s = s - 2_c * dot(u, u),
                                    W = W + lr * dot(expand_dims<1>(u), expand_dims<0>(v))),
                        ag::givens(lr = 0.25_c * 1_c));
  for (const std::ptrdiff_t m : {1, 4, 19}) {
    const std::ptrdiff_t n = m + 2;
    auto A = random_array<double, 2>({m, n});
    auto U = random_array<double, 1>({m}), V = random_array<double, 1>({n});
    double S = 1;
    const auto A0 = A;
    const auto U0 = U, V0 = V;
    f(A, U, V, S);
    double uu = 0;
    for (double e : U0) uu += e * e;
    CHECK(S == doctest::Approx(1 - 2 * uu));
    CHECK(difference(A, made<double>(m, n, [&](auto i, auto j) { return A0(i, j) + 0.25 * U0(i) * V0(j); })) == "");
    CHECK(difference(U, made<double>(m, [&](auto i) {
                       double r = 0;
                       for (std::ptrdiff_t j = 0; j < n; ++j) r += A0(i, j) * V0(j);
                       return U0(i) - 0.1 * r;
                     })) == "");
    CHECK(difference(V, made<double>(n, [&](auto j) {
                       double r = 0;
                       for (std::ptrdiff_t i = 0; i < m; ++i) r += A0(i, j) * U0(i);
                       return 0.5 * V0(j) + r;
                     })) == "");
  }
}

TEST_CASE("small products of known extents accumulate") {
  constexpr auto A = ag::matrix<"A", float, 3, 3>;
  constexpr auto B = ag::matrix<"B", float, 3, 3>;
  auto f = ag::function(ag::inputs(A, B), ag::updates(A = 0.5_c * A + dot(transpose(B), B), B = B - dot(B, A)));
  auto a = random_array<float, 2>({3, 3}), b = random_array<float, 2>({3, 3});
  const auto a0 = a, b0 = b;
  laid_out<float> L(a, layout::columns);
  f(L.seen, b);
  CHECK(difference(L.seen, made<float>(3, 3, [&](auto i, auto j) {
                     return 0.5f * a0(i, j) + b0(0, i) * b0(0, j) + b0(1, i) * b0(1, j) + b0(2, i) * b0(2, j);
                   })) == "");
  CHECK(difference(b, made<float>(3, 3, [&](auto i, auto j) {
                     return b0(i, j) - b0(i, 0) * a0(0, j) - b0(i, 1) * a0(1, j) - b0(i, 2) * a0(2, j);
                   })) == "");
}

TEST_CASE("several products into one array, with any scalar factors, and decay by a rate that is an input") {
  constexpr auto decay = ag::scalar<"decay">;
  auto f = ag::function(ag::inputs(W, x, y, lr, decay),
                        ag::updates(W = W - lr * (dot(transpose(x), y) + decay * W - 0.5_c * dot(transpose(x), y * y) / decay)));
  check_all_layouts([&](auto& w, auto& p, auto& q) { f(w, p, q, 0.5, 0.25); },
                    [](auto& w, auto& p, auto& q) {
                      auto squares = q;
                      for (std::ptrdiff_t i = 0; i < q.extent(0); ++i)
                        for (std::ptrdiff_t j = 0; j < q.extent(1); ++j) squares(i, j) = q(i, j) * q(i, j);
                      return accumulated(1, accumulated(0.875, w, -0.5, p, q), 1, p, squares);
                    });
  auto g = ag::function(ag::inputs(W, x, y, lr), ag::updates(W = lr * W + dot(transpose(x), y) + abs(W)));
  check_all_layouts([&](auto& w, auto& p, auto& q) { g(w, p, q, 0.5); },
                    [](auto& w, auto& p, auto& q) {
                      auto base = accumulated(0.5, w, 1, p, q);
                      for (std::ptrdiff_t i = 0; i < w.extent(0); ++i)
                        for (std::ptrdiff_t j = 0; j < w.extent(1); ++j) base(i, j) += w(i, j) < 0 ? -w(i, j) : w(i, j);
                      return base;
                    });
}

TEST_CASE("the new value is read by another update") {
  constexpr auto v = ag::matrix<"v">;
  auto next = 0.75_c * v - lr * dot(transpose(x), y);
  auto f = ag::function(ag::inputs(W, v, x, y, lr), ag::updates(v = next, W = W + next));
  check_all_layouts(
      [&](auto& w, auto& p, auto& q) {
        auto velocity = ag::zeros<double>(w.extent(0), w.extent(1));
        for (std::ptrdiff_t i = 0; i < w.extent(0); ++i)
          for (std::ptrdiff_t j = 0; j < w.extent(1); ++j) velocity(i, j) = 1;
        f(w, velocity, p, q, 0.5);
      },
      [](auto& w, auto& p, auto& q) {
        auto base = accumulated(1, w, -0.5, p, q);
        for (std::ptrdiff_t i = 0; i < w.extent(0); ++i)
          for (std::ptrdiff_t j = 0; j < w.extent(1); ++j) base(i, j) += 0.75;
        return base;
      });
}

TEST_CASE("a chain of products comes to the same in whatever order the call takes") {
  constexpr auto A = ag::matrix<"A">;
  constexpr auto B = ag::matrix<"B">;
  constexpr auto C = ag::matrix<"C">;
  constexpr auto D = ag::matrix<"D">;
  auto f = ag::function(ag::inputs(A, B, C, D, W), ag::outputs(dot(dot(A, transpose(B)), dot(C, D))),
                        ag::updates(W = 0.5_c * W - 2_c * dot(dot(A, transpose(B)), C)));
  const std::ptrdiff_t chains[][5] = {{2, 30, 3, 20, 4}, {30, 2, 20, 3, 25}, {1, 1, 1, 1, 1}, {17, 5, 40, 2, 1}, {4, 0, 3, 2, 5}, {0, 3, 4, 5, 2}, {3, 4, 5, 0, 2}, {1, 9, 8, 7, 6}};
  for (const auto& n : chains) {
    const auto a = random_array<double, 2>({n[0], n[1]}), b = random_array<double, 2>({n[2], n[1]});
    const auto c = random_array<double, 2>({n[2], n[3]}), d = random_array<double, 2>({n[3], n[4]});
    auto w = random_array<double, 2>({n[0], n[3]});
    const auto T = [](const matrix& m) { return made<double>(m.extent(1), m.extent(0), [&](auto i, auto j) { return m(j, i); }); };
    const auto times = [&](const matrix& p, const matrix& q) { return accumulated(0, made<double>(p.extent(0), q.extent(1), [](auto, auto) { return 0.0; }), 1, T(p), q); };
    const auto abc = times(times(a, T(b)), c), w0 = w;
    CHECK(difference(f(a, b, c, d, w), times(abc, d)) == "");
    CHECK(difference(w, made<double>(n[0], n[3], [&](auto i, auto j) { return 0.5 * w0(i, j) - 2 * abc(i, j); })) == "");
  }
}
