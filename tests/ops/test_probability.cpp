// SPDX-License-Identifier: BSD-3-Clause

// Softmax, logsumexp and cross entropy, for scores of any size and for infinities.

#include <agnesi/agnesi.hpp>

#include "support/reference.hpp"

#include <doctest/doctest.h>

#include <limits>

namespace {

namespace ag = agnesi;
using namespace ag::literals;
using namespace ag::testing;

constexpr auto z = ag::matrix<"z">;
constexpr auto q = ag::matrix<"q">;
constexpr auto y = ag::vector<"y", std::int32_t>;

constexpr double infinity = std::numeric_limits<double>::infinity();

// log(sum(exp(row))) in long double.
template <class T>
double row_total(const ag::array<T, 2>& Z, std::ptrdiff_t i) {
  long double top = -INFINITY, s = 0;
  for (std::ptrdiff_t j = 0; j < Z.extent(1); ++j) top = std::fmax(top, static_cast<long double>(Z(i, j)));
  if (std::isinf(top)) return static_cast<double>(top);
  for (std::ptrdiff_t j = 0; j < Z.extent(1); ++j) s += std::exp(static_cast<long double>(Z(i, j)) - top);
  return static_cast<double>(top + std::log(s));
}

}  // namespace

TEST_CASE("softmax, log_softmax, logsumexp and cross entropy of rows") {
  auto f = ag::function(ag::inputs(z, y, q), ag::outputs(logsumexp(z, ag::axis<-1>), softmax(z), log_softmax(z), cross_entropy_with_logits(z, y),
                                                         cross_entropy_with_logits(z, q), mean(cross_entropy_with_logits(z, y))));
  for (const double size : {1.0, 30.0, 1e4})
    for (const auto& [m, n] : std::vector<std::pair<std::ptrdiff_t, std::ptrdiff_t>>{{1, 1}, {3, 10}, {17, 2}, {5, 37}, {0, 3}})
      for (const layout how : layouts) {
        const auto Z = random_array<double, 2>({m, n}, -size, size);
        const auto Q = random_array<double, 2>({m, n}, 0, 1);
        const auto Y = made<std::int32_t>(m, [n = n](auto i) { return 7 * i % n; });
        laid_out<double> L(Z, how);
        const auto r = f(L.seen, Y, Q);
        CAPTURE(size);
        CAPTURE(m);
        CAPTURE(n);
        CHECK(difference(std::get<0>(r), made<double>(m, [&](auto i) { return row_total(Z, i); })) == "");
        CHECK(difference(std::get<1>(r), made<double>(m, n, [&](auto i, auto j) { return std::exp(Z(i, j) - row_total(Z, i)); })) == "");
        CHECK(difference(std::get<2>(r), made<double>(m, n, [&](auto i, auto j) { return Z(i, j) - row_total(Z, i); })) == "");
        CHECK(difference(std::get<3>(r), made<double>(m, [&](auto i) { return row_total(Z, i) - Z(i, Y(i)); })) == "");
        CHECK(difference(std::get<4>(r), made<double>(m, [&, n = n](auto i) {
                           double s = 0;
                           for (std::ptrdiff_t j = 0; j < n; ++j) s += Q(i, j) * (row_total(Z, i) - Z(i, j));
                           return s;
                         })) == "");
        double average = 0;
        for (std::ptrdiff_t i = 0; i < m; ++i) average += (row_total(Z, i) - Z(i, Y(i))) / static_cast<double>(m);
        if (m > 0) CHECK(near(std::get<5>(r), average, 1e-11));
      }
}

TEST_CASE("along other axes, over everything, of float and integers") {
  constexpr auto f32 = ag::matrix<"f32", float>;
  constexpr auto i32 = ag::vector<"i32", std::int32_t>;
  constexpr auto t = ag::tensor3<"t">;
  auto f = ag::function(ag::inputs(f32, i32, t), ag::outputs(softmax(f32, ag::axis<0>), logsumexp(f32), softmax(i32), softmax(t, ag::axis<1>), logsumexp(t, ag::axis<0, 2>),
                                                             softmax(t, ag::axis<0, 1>), log_softmax(f32, ag::axis<0>)));
  const auto F = random_array<float, 2>({4, 5}, -80, 80);
  const auto I = ag::array<std::int32_t, 1>::from({1, 2, 1000});
  const auto T = random_array<double, 3>({2, 3, 4}, -5, 5);
  const auto r = f(F, I, T);
  static_assert(std::is_same_v<std::remove_cvref_t<decltype(std::get<1>(r))>, float>);
  static_assert(std::is_same_v<std::remove_cvref_t<decltype(std::get<2>(r))>, ag::array<double, 1>>);
  const auto FT = made<float>(5, 4, [&](auto i, auto j) { return F(j, i); });
  CHECK(difference(std::get<0>(r), made<float>(4, 5, [&](auto i, auto j) { return std::exp(static_cast<double>(F(i, j)) - row_total(FT, j)); })) == "");
  CHECK(near(static_cast<double>(std::get<1>(r)), row_total(ag::array<float, 2>(ag::view<const float, 2>(F.data(), {1, 20})), 0), 1e-5));
  CHECK(difference(std::get<2>(r), ag::array<double, 1>::from({0, 0, 1})) == "");
  CHECK(difference(std::get<3>(r), made<double>(2, 3, 4, [&](auto a, auto b, auto c) {
                     return std::exp(T(a, b, c)) / (std::exp(T(a, 0, c)) + std::exp(T(a, 1, c)) + std::exp(T(a, 2, c)));
                   })) == "");
  CHECK(difference(std::get<4>(r), made<double>(3, [&](auto b) {
                     double s = 0;
                     for (int a = 0; a < 2; ++a)
                       for (int c = 0; c < 4; ++c) s += std::exp(T(a, b, c));
                     return std::log(s);
                   })) == "");
  CHECK(difference(std::get<5>(r), made<double>(2, 3, 4, [&](auto a, auto b, auto c) {
                     double s = 0;
                     for (int p = 0; p < 2; ++p)
                       for (int o = 0; o < 3; ++o) s += std::exp(T(p, o, c));
                     return std::exp(T(a, b, c)) / s;
                   })) == "");
  CHECK(difference(std::get<6>(r), made<float>(4, 5, [&](auto i, auto j) { return static_cast<double>(F(i, j)) - row_total(FT, j); })) == "");
}

TEST_CASE("infinite scores") {
  auto f = ag::function(ag::inputs(z), ag::outputs(logsumexp(z, ag::axis<1>), softmax(z), log_softmax(z)));
  const auto r = f(ag::array<double, 2>::from({{0, -infinity, 1}, {-infinity, -infinity, 3}, {-infinity, -infinity, -infinity}, {infinity, 0, 1}, {NAN, 0, 1}}));
  const double total = std::log(1 + std::exp(1.));
  CHECK(difference(std::get<0>(r), ag::array<double, 1>::from({total, 3, -infinity, infinity, NAN})) == "");
  const auto& p = std::get<1>(r);
  CHECK(near(p(0, 0), std::exp(-total), 1e-12));
  CHECK(p(0, 1) == 0);
  CHECK(p(1, 0) == 0);
  CHECK(p(1, 2) == 1);
  CHECK(std::isnan(p(2, 0)));  // 0 / 0, as everywhere
  CHECK(std::isnan(p(4, 1)));
  CHECK(std::get<2>(r)(0, 1) == -infinity);
}

TEST_CASE("what is written out comes to the same") {
  auto naive = ag::function(ag::inputs(z), ag::outputs(exp(z) / sum(exp(z), ag::axis<1>, ag::keepdims), log(sum(exp(z), ag::axis<1>)),
                                                       log(exp(z) / sum(exp(z), ag::axis<1>, ag::keepdims))));
  const auto Z = random_array<double, 2>({4, 6}, -3, 3);
  const auto r = naive(Z);
  CHECK(difference(std::get<0>(r), made<double>(4, 6, [&](auto i, auto j) { return std::exp(Z(i, j) - row_total(Z, i)); })) == "");
  CHECK(difference(std::get<1>(r), made<double>(4, [&](auto i) { return row_total(Z, i); })) == "");
  CHECK(difference(std::get<2>(r), made<double>(4, 6, [&](auto i, auto j) { return Z(i, j) - row_total(Z, i); })) == "");
}

TEST_CASE("labels out of range") {
  auto f = ag::function(ag::inputs(z, y), ag::outputs(sum(cross_entropy_with_logits(z, y))));
  const auto Z = random_array<double, 2>({3, 4});
  CHECK_THROWS_AS(f(Z, ag::array<std::int32_t, 1>::from({0, 4, 1})), ag::index_error);
  CHECK_THROWS_AS(f(Z, ag::array<std::int32_t, 1>::from({0, 1})), ag::shape_error);
}
