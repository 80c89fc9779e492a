// SPDX-License-Identifier: BSD-3-Clause

// Reductions over every set of axes, of every element type.

#include <agnesi/agnesi.hpp>

#include "support/reference.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

namespace {

namespace ag = agnesi;
using namespace ag::literals;
using namespace ag::testing;
using vector = ag::array<double, 1>;
using matrix = ag::array<double, 2>;

constexpr auto v = ag::vector<"v">;
constexpr auto m = ag::matrix<"m">;
constexpr auto t = ag::tensor3<"t">;

constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("sums over every set of axes") {
  auto f = ag::function(ag::inputs(t), ag::outputs(sum(t, ag::axis<0>), sum(t, ag::axis<1>), sum(t, ag::axis<-1>), sum(t, ag::axis<0, 1>), sum(t, ag::axis<0, 2>),
                                                   sum(t, ag::axis<1, -1>), sum(t), sum(t, ag::axis<0, 1, 2>), sum(t, ag::axis<1>, ag::keepdims), sum(t, ag::keepdims)));
  static_assert(decltype(sum(t, ag::axis<1>, ag::keepdims))::type::extents[1] == 1);
  for (const auto& [p, q, r] : std::vector<std::array<std::ptrdiff_t, 3>>{{2, 3, 4}, {1, 1, 1}, {3, 17, 5}, {9, 2, 33}, {0, 3, 2}, {2, 0, 3}, {3, 2, 0}}) {
    CAPTURE(p);
    CAPTURE(q);
    CAPTURE(r);
    const auto T = random_array<double, 3>({p, q, r});
    const auto total = [&](auto keep) {  // the sum of the elements whose indices satisfy a condition
      double s = 0;
      for (std::ptrdiff_t a = 0; a < p; ++a)
        for (std::ptrdiff_t b = 0; b < q; ++b)
          for (std::ptrdiff_t c = 0; c < r; ++c)
            if (keep(a, b, c)) s += T(a, b, c);
      return s;
    };
    const auto o = f(T);
    CHECK(difference(std::get<0>(o), made<double>(q, r, [&](auto i, auto j) { return total([=](auto, auto b, auto c) { return b == i && c == j; }); })) == "");
    CHECK(difference(std::get<1>(o), made<double>(p, r, [&](auto i, auto j) { return total([=](auto a, auto, auto c) { return a == i && c == j; }); })) == "");
    CHECK(difference(std::get<2>(o), made<double>(p, q, [&](auto i, auto j) { return total([=](auto a, auto b, auto) { return a == i && b == j; }); })) == "");
    CHECK(difference(std::get<3>(o), made<double>(r, [&](auto i) { return total([=](auto, auto, auto c) { return c == i; }); })) == "");
    CHECK(difference(std::get<4>(o), made<double>(q, [&](auto i) { return total([=](auto, auto b, auto) { return b == i; }); })) == "");
    CHECK(difference(std::get<5>(o), made<double>(p, [&](auto i) { return total([=](auto a, auto, auto) { return a == i; }); })) == "");
    const double all = total([](auto, auto, auto) { return true; });
    CHECK(near(std::get<6>(o), all, 1e-12));
    CHECK(near(std::get<7>(o), all, 1e-12));
    CHECK(difference(std::get<8>(o), made<double>(p, 1, r, [&](auto i, auto, auto j) { return total([=](auto a, auto, auto c) { return a == i && c == j; }); })) == "");
    CHECK(std::get<9>(o).shape() == std::array<std::ptrdiff_t, 3>{1, 1, 1});
    CHECK(near(std::get<9>(o)(0, 0, 0), all, 1e-12));
  }
}

TEST_CASE("mean, prod, max, min of rows and columns, in every layout") {
  auto f = ag::function(ag::inputs(m), ag::outputs(mean(m, ag::axis<0>), mean(m, ag::axis<1>), prod(m, ag::axis<0>), prod(m, ag::axis<1>), max(m, ag::axis<0>),
                                                   max(m, ag::axis<1>), min(m, ag::axis<-2>), min(m, ag::axis<-1>, ag::keepdims), mean(m), max(m), min(m), prod(m)));
  for (const std::ptrdiff_t r : {1, 3, 18})
    for (const std::ptrdiff_t c : {1, 5, 16, 37})
      for (const layout how : layouts) {
        const auto M = random_array<double, 2>({r, c});
        laid_out<double> L(M, how);
        vector sum0({c}), prod0({c}), max0({c}), min0({c}), sum1({r}), prod1({r}), max1({r});
        matrix min1({r, 1});
        for (auto* a : {&prod0, &prod1}) a->fill(1);
        for (auto* a : {&max0, &max1}) a->fill(-infinity);
        min0.fill(infinity);
        min1.fill(infinity);
        double all = 0, product = 1;
        for (std::ptrdiff_t i = 0; i < r; ++i)
          for (std::ptrdiff_t j = 0; j < c; ++j) {
            const double e = M(i, j);
            sum0(j) += e / static_cast<double>(r), sum1(i) += e / static_cast<double>(c), all += e / static_cast<double>(r * c);
            prod0(j) *= e, prod1(i) *= e, product *= e;
            max0(j) = std::fmax(max0(j), e), max1(i) = std::fmax(max1(i), e);
            min0(j) = std::fmin(min0(j), e), min1(i, 0) = std::fmin(min1(i, 0), e);
          }
        const auto o = f(L.seen);
        CAPTURE(r);
        CAPTURE(c);
        CHECK(difference(std::get<0>(o), sum0) == "");
        CHECK(difference(std::get<1>(o), sum1) == "");
        CHECK(difference(std::get<2>(o), prod0) == "");
        CHECK(difference(std::get<3>(o), prod1, 1e-9) == "");
        CHECK(std::get<4>(o) == max0);
        CHECK(std::get<5>(o) == max1);
        CHECK(std::get<6>(o) == min0);
        CHECK(std::get<7>(o) == min1);
        CHECK(near(std::get<8>(o), all, 1e-12));
        CHECK(std::get<9>(o) == *std::max_element(max0.begin(), max0.end()));
        CHECK(std::get<10>(o) == *std::min_element(min0.begin(), min0.end()));
        CHECK(near(std::get<11>(o), product, 1e-9));
      }
}

TEST_CASE("integers and bool are summed as int64, averaged as double, and keep their type in extrema") {
  constexpr auto b = ag::vector<"b", bool>;
  constexpr auto u = ag::vector<"u", std::uint8_t>;
  constexpr auto i = ag::matrix<"i", std::int32_t>;
  constexpr auto l = ag::vector<"l", std::int64_t>;
  auto f = ag::function(ag::inputs(b, u, i, l), ag::outputs(sum(b), mean(b), sum(u), prod(u), max(u), sum(i, ag::axis<0>), mean(i, ag::axis<1>), min(i, ag::axis<1>),
                                                            max(l), prod(l), mean(l), max(b), sum(i)));
  ag::array<bool, 1> B({5});
  B(1) = B(3) = B(4) = true;
  const auto U = ag::array<std::uint8_t, 1>::from({200, 100, 3});
  const auto I = ag::array<std::int32_t, 2>::from({{2000000000, -7, 3}, {2000000000, 4, -3}});
  const auto L = ag::array<std::int64_t, 1>::from({1000000007, -1000000009, 3});
  const auto o = f(B, U, I, L);
  static_assert(std::is_same_v<std::remove_cvref_t<decltype(o)>,
                               std::tuple<std::int64_t, double, std::int64_t, std::int64_t, std::uint8_t, ag::array<std::int64_t, 1>, vector,
                                          ag::array<std::int32_t, 1>, std::int64_t, std::int64_t, double, bool, std::int64_t>>);
  CHECK(std::get<0>(o) == 3);
  CHECK(std::get<1>(o) == 0.6);
  CHECK(std::get<2>(o) == 303);
  CHECK(std::get<3>(o) == 60000);
  CHECK(std::get<4>(o) == 200);
  CHECK(std::get<5>(o) == ag::array<std::int64_t, 1>::from({4000000000, -3, 0}));
  CHECK(difference(std::get<6>(o), vector::from({1999999996.0 / 3, 2000000001.0 / 3})) == "");
  CHECK(std::get<7>(o) == ag::array<std::int32_t, 1>::from({-7, -3}));
  CHECK(std::get<8>(o) == 1000000007);
  CHECK(std::get<9>(o) == 1000000007ll * -1000000009ll * 3);
  CHECK(near(std::get<10>(o), 1.0 / 3, 1e-12));
  CHECK(std::get<11>(o));
  CHECK(std::get<12>(o) == 3999999997);
}

TEST_CASE("any and all") {
  auto f = ag::function(ag::inputs(m), ag::outputs(any(m > 1_c), ag::all(m > 1_c), any(m > 1_c, ag::axis<0>), ag::all(m > 1_c, ag::axis<1>, ag::keepdims)));
  const auto o = f(matrix::from({{2, 0}, {3, 1.5}, {0, 0}}));
  CHECK(std::get<0>(o));
  CHECK_FALSE(std::get<1>(o));
  CHECK(std::get<2>(o)(0));
  CHECK(std::get<2>(o)(1));
  CHECK_FALSE(std::get<3>(o)(0, 0));
  CHECK(std::get<3>(o)(1, 0));
  CHECK_FALSE(std::get<3>(o)(2, 0));
  const auto nothing = f(matrix({0, 2}));
  CHECK_FALSE(std::get<0>(nothing));
  CHECK(std::get<1>(nothing));
}

TEST_CASE("argmax and argmin take the first of equals, and a NaN where there is one") {
  auto f = ag::function(ag::inputs(m), ag::outputs(argmax(m), argmin(m), argmax(m, ag::axis<0>), argmin(m, ag::axis<1>), argmax(m, ag::axis<-1>, ag::keepdims)));
  using places = ag::array<std::int64_t, 1>;
  const auto o = f(matrix::from({{1, 5, 5}, {0, 5, 0}, {1, -2, -2}}));
  CHECK(std::get<0>(o) == 1);
  CHECK(std::get<1>(o) == 7);
  CHECK(std::get<2>(o) == places::from({0, 0, 0}));
  CHECK(std::get<3>(o) == places::from({0, 0, 1}));
  CHECK(std::get<4>(o) == ag::array<std::int64_t, 2>::from({{1}, {1}, {0}}));
  const auto n = f(matrix::from({{1, NAN, 9}, {NAN, 3, NAN}, {-5, -infinity, infinity}}));
  CHECK(std::get<0>(n) == 1);
  CHECK(std::get<1>(n) == 1);
  CHECK(std::get<2>(n) == places::from({1, 0, 1}));
  CHECK(std::get<3>(n) == places::from({1, 0, 1}));
  for (const layout how : layouts) {
    const auto M = random_array<double, 2>({4, 7});
    laid_out<double> L(M, how);
    CHECK(std::get<0>(f(L.seen)) == std::max_element(M.begin(), M.end()) - M.begin());
    CHECK(std::get<1>(f(L.seen)) == std::min_element(M.begin(), M.end()) - M.begin());
  }
  auto g = ag::function(ag::inputs(t), ag::outputs(argmax(t, ag::axis<0, 2>), argmin(exp(-t), ag::axis<1>), argmax(t > 0_c)));
  const auto T = random_array<double, 3>({3, 4, 5});
  const auto [pairs, middle, flag] = g(T);
  for (std::ptrdiff_t b = 0; b < 4; ++b)
    for (std::ptrdiff_t a = 0; a < 3; ++a)
      for (std::ptrdiff_t c = 0; c < 5; ++c) CHECK(T(a, b, c) <= T(pairs(b) / 5, b, pairs(b) % 5));
  CHECK(T(1, middle(1, 2), 2) == std::fmax(std::fmax(T(1, 0, 2), T(1, 1, 2)), std::fmax(T(1, 2, 2), T(1, 3, 2))));
  CHECK(flag == std::find_if(T.begin(), T.end(), [](double e) { return e > 0; }) - T.begin());
}

TEST_CASE("extrema and sums with NaN and infinities") {
  auto f = ag::function(ag::inputs(v), ag::outputs(max(v), min(v), sum(v), prod(v)));
  for (const std::ptrdiff_t n : {2, 9, 40})
    for (std::ptrdiff_t at = 0; at < n; ++at) {
      auto V = random_array<double, 1>({n});
      V(at) = NAN;
      const auto o = f(V);
      CHECK(std::isnan(std::get<0>(o)));
      CHECK(std::isnan(std::get<1>(o)));
      CHECK(std::isnan(std::get<2>(o)));
      CHECK(std::isnan(std::get<3>(o)));
      V(at) = -infinity;
      const auto i = f(V);
      CHECK(std::get<0>(i) > -3);
      CHECK(std::get<1>(i) == -infinity);
      CHECK(std::get<2>(i) == -infinity);
    }
  CHECK(std::get<0>(f(vector::from({-infinity, -infinity}))) == -infinity);
}

TEST_CASE("the extremum of nothing throws; of no rows it is nothing") {
  auto f = ag::function(ag::inputs(m), ag::outputs(max(m, ag::axis<1>)));
  CHECK_THROWS_AS(f(matrix({3, 0})), ag::shape_error);
  CHECK(f(matrix({0, 3})).size() == 0);
  auto g = ag::function(ag::inputs(m), ag::outputs(argmin(m, ag::axis<0>)));
  CHECK_THROWS_AS(g(matrix({0, 3})), ag::shape_error);
  CHECK(g(matrix({3, 0})).size() == 0);
}

TEST_CASE("static extents") {
  constexpr auto s = ag::tensor<"s", float, 2, 3, 5>;
  auto f = ag::function(ag::inputs(s), ag::outputs(sum(s, ag::axis<1>), mean(s), max(s, ag::axis<0, -1>), argmax(s, ag::axis<2>)));
  static_assert(decltype(sum(s, ag::axis<1>))::type::extents[1] == 5);
  const auto S = random_array<float, 3>({2, 3, 5});
  const auto o = f(S);
  CHECK(difference(std::get<0>(o), made<float>(2, 5, [&](auto a, auto c) { return S(a, 0, c) + S(a, 1, c) + S(a, 2, c); })) == "");
  double all = 0;
  for (float e : S) all += static_cast<double>(e) / 30;
  static_assert(std::is_same_v<std::tuple_element_t<1, std::remove_cvref_t<decltype(o)>>, float>);
  CHECK(near(static_cast<double>(std::get<1>(o)), all, 1e-6));
  for (std::ptrdiff_t b = 0; b < 3; ++b)
    for (std::ptrdiff_t a = 0; a < 2; ++a)
      for (std::ptrdiff_t c = 0; c < 5; ++c) {
        CHECK(S(a, b, c) <= std::get<2>(o)(b));
        CHECK(S(a, b, c) <= S(a, b, std::get<3>(o)(a, b)));
      }
}

TEST_CASE("reductions of reductions, of broadcasts, of constants") {
  constexpr auto s = ag::scalar<"s">;
  auto f = ag::function(ag::inputs(m, v, s), ag::outputs(sum(sum(m, ag::axis<0>) * v), max(sum(m, ag::axis<1>)), sum(m - mean(m, ag::axis<1>, ag::keepdims)),
                                                         sum(m * 0_c + s), mean(m * 0_c + 3_c), sum(expand_dims<1>(v) + v), max(s), sum(s), prod(m * 0_c + 2_c),
                                                         sum(v + s), sum(s * v * 2_c), max(-m), min(2_c * m), max(m + s)));
  const auto M = random_array<double, 2>({3, 4});
  const auto V = random_array<double, 1>({4});
  const auto o = f(M, V, 1.5);
  double weighted = 0, sum_v = 0;
  vector rows({3});
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 4; ++j) weighted += M(i, j) * V(j), rows(i) += M(i, j);
  for (double e : V) sum_v += e;
  const double top = *std::max_element(M.begin(), M.end()), low = *std::min_element(M.begin(), M.end());
  CHECK(near(std::get<0>(o), weighted, 1e-12));
  CHECK(near(std::get<1>(o), *std::max_element(rows.begin(), rows.end()), 1e-12));
  CHECK(near(std::get<2>(o), 0, 1e-12));
  CHECK(near(std::get<3>(o), 18, 1e-12));
  CHECK(near(std::get<4>(o), 3, 1e-12));
  CHECK(near(std::get<5>(o), 8 * sum_v, 1e-12));
  CHECK(std::get<6>(o) == 1.5);
  CHECK(std::get<7>(o) == 1.5);
  CHECK(near(std::get<8>(o), 4096, 1e-12));
  CHECK(near(std::get<9>(o), sum_v + 6, 1e-12));
  CHECK(near(std::get<10>(o), 3 * sum_v, 1e-12));
  CHECK(near(std::get<11>(o), -low, 1e-12));
  CHECK(near(std::get<12>(o), 2 * low, 1e-12));
  CHECK(near(std::get<13>(o), top + 1.5, 1e-12));
}
