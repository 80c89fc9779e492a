// SPDX-License-Identifier: BSD-3-Clause

// Indexing against loops that follow NumPy's definition.

#include <agnesi/agnesi.hpp>

#include "support/reference.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>

namespace {

namespace ag = agnesi;
using namespace ag::literals;
using namespace ag::testing;
using vector = ag::array<double, 1>;
using matrix = ag::array<double, 2>;
using bound = std::optional<std::ptrdiff_t>;
inline constexpr auto& none = ag::none;

constexpr auto v = ag::vector<"v">;
constexpr auto m = ag::matrix<"m">;
constexpr auto t = ag::tensor3<"t">;
constexpr auto v5 = ag::vector<"v5", double, 5>;
constexpr auto v0 = ag::vector<"v0", double, 0>;
constexpr auto v1 = ag::vector<"v1", double, 1>;
constexpr auto ids = ag::vector<"ids", std::int32_t>;
constexpr auto jds = ag::vector<"jds", std::int64_t>;
constexpr auto kds = ag::vector<"kds", std::uint8_t>;
constexpr auto i = ag::scalar<"i", std::int32_t>;

vector counting(std::ptrdiff_t n) {
  return made<double>(n, [](auto k) { return k + 1; });
}

// The places that Python's slice(begin, end, step).indices(n) names.
vector sliced(const vector& a, bound begin, bound end, std::ptrdiff_t step) {
  const std::ptrdiff_t n = a.extent(0), low = step > 0 ? 0 : -1, high = step > 0 ? n : n - 1;
  const auto placed = [&](bound b, std::ptrdiff_t absent) {
    if (!b) return absent;
    std::ptrdiff_t at = *b < 0 ? *b + n : *b;
    return at < low ? low : at > high ? high : at;
  };
  const std::ptrdiff_t from = placed(begin, step > 0 ? 0 : n - 1), to = placed(end, step > 0 ? n : -1);
  std::vector<double> r;
  for (std::ptrdiff_t k = from; step > 0 ? k < to : k > to; k += step) r.push_back(a(k));
  return made<double>(static_cast<std::ptrdiff_t>(r.size()), [&](auto k) { return r[static_cast<std::size_t>(k)]; });
}

struct slice_case {
  bound begin, end;
  std::ptrdiff_t step;
};
template <std::size_t... K, class R>
void check_slices(const R& results, const slice_case* cases, const vector& a, std::index_sequence<K...>) {
  const std::string wrong[] = {difference(std::get<K>(results), sliced(a, cases[K].begin, cases[K].end, cases[K].step))...};
  for (std::size_t k = 0; k < sizeof...(K); ++k) {
    CAPTURE(k);
    CHECK(wrong[k] == "");
  }
}

// All forms of bounds, forwards; each formula and its case side by side.
template <class X>
auto forward_slices(X x) {
  return ag::outputs(x(ag::slice(none, none, 1_c)), x(ag::slice(1_c)), x(ag::slice(1_c, 5_c)), x(ag::slice(none, 3_c)), x(ag::slice(-3_c)),
                     x(ag::slice(none, -2_c)), x(ag::slice(-4_c, -1_c)), x(ag::slice(-100_c, 2_c)), x(ag::slice(2_c, 100_c)),
                     x(ag::slice(4_c, 2_c)), x(ag::slice(none, none, 2_c)), x(ag::slice(1_c, none, 3_c)), x(ag::slice(-5_c, 4_c, 2_c)),
                     x(ag::slice(100_c)), x(ag::slice(0_c, 0_c)), x(ag::slice(none, -100_c)), x(ag::slice(0_c, -1_c, 4_c)));
}
const slice_case forward_cases[] = {{{}, {}, 1},   {1, {}, 1},    {1, 5, 1},    {{}, 3, 1},    {-3, {}, 1}, {{}, -2, 1},
                                    {-4, -1, 1},   {-100, 2, 1},  {2, 100, 1},  {4, 2, 1},     {{}, {}, 2}, {1, {}, 3},
                                    {-5, 4, 2},    {100, {}, 1},  {0, 0, 1},    {{}, -100, 1}, {0, -1, 4}};
template <class X>
auto backward_slices(X x) {
  return ag::outputs(x(ag::slice(none, none, -1_c)), x(ag::slice(3_c, none, -1_c)), x(ag::slice(none, 1_c, -1_c)), x(ag::slice(4_c, 1_c, -1_c)),
                     x(ag::slice(-2_c, none, -1_c)), x(ag::slice(none, -3_c, -1_c)), x(ag::slice(-1_c, -4_c, -2_c)),
                     x(ag::slice(100_c, none, -2_c)), x(ag::slice(none, -100_c, -1_c)), x(ag::slice(-100_c, none, -1_c)),
                     x(ag::slice(1_c, 3_c, -1_c)), x(ag::slice(none, none, -3_c)), x(ag::slice(4_c, 0_c, -2_c)), x(ag::slice(0_c, none, -1_c)),
                     x(ag::slice(none, 0_c, -1_c)), x(ag::slice(-6_c, -100_c, -1_c)), x(ag::slice(2_c, -6_c, -1_c)));
}
const slice_case backward_cases[] = {{{}, {}, -1},  {3, {}, -1},    {{}, 1, -1},    {4, 1, -1},  {-2, {}, -1}, {{}, -3, -1},
                                     {-1, -4, -2},  {100, {}, -2},  {{}, -100, -1}, {-100, {}, -1}, {1, 3, -1}, {{}, {}, -3},
                                     {4, 0, -2},    {0, {}, -1},    {{}, 0, -1},    {-6, -100, -1}, {2, -6, -1}};
constexpr auto each = std::make_index_sequence<17>{};

}  // namespace

TEST_CASE("slices of a dynamic extent") {
  auto forwards = ag::function(ag::inputs(v), forward_slices(v));
  auto backwards = ag::function(ag::inputs(v), backward_slices(v));
  for (std::ptrdiff_t n = 0; n <= 8; ++n) {
    CAPTURE(n);
    const auto A = counting(n);
    check_slices(forwards(A), forward_cases, A, each);
    check_slices(backwards(A), backward_cases, A, each);
  }
}

TEST_CASE("slices of a static extent") {
  auto forwards = ag::function(ag::inputs(v5), forward_slices(v5));
  auto backwards = ag::function(ag::inputs(v5), backward_slices(v5));
  const auto A = counting(5);
  check_slices(forwards(A), forward_cases, A, each);
  check_slices(backwards(A), backward_cases, A, each);
  static_assert(decltype(v5(ag::slice(1_c, 4_c)))::type::extents[0] == 3);
  static_assert(decltype(v5(ag::slice(none, none, -2_c)))::type::extents[0] == 3);
  static_assert(decltype(v5(ag::slice(-100_c, none, -1_c)))::type::extents[0] == 0);
}

TEST_CASE("slices of static extents 0 and 1") {
  auto none_left = ag::function(ag::inputs(v0, v1), ag::outputs(v0(ag::slice(none, none, -1_c)), v1(ag::slice(none, none, -1_c)),
                                                                v0(ag::slice(-1_c)), v1(ag::slice(1_c)), v1(ag::slice(-1_c, none, -1_c))));
  const auto r = none_left(vector(), counting(1));
  CHECK(std::get<0>(r).size() == 0);
  CHECK(std::get<1>(r) == counting(1));
  CHECK(std::get<2>(r).size() == 0);
  CHECK(std::get<3>(r).size() == 0);
  CHECK(std::get<4>(r) == counting(1));
}

TEST_CASE("slices of slices, of transposes, of several axes, inside arithmetic") {
  auto f = ag::function(ag::inputs(v, m),
                        ag::outputs(v(ag::slice(1_c, none, 2_c))(ag::slice(none, none, -1_c)), v(ag::slice(none, none, -1_c))(ag::slice(1_c, -1_c)),
                                    transpose(m)(ag::slice(1_c, 3_c), ag::slice(none, none, -2_c)), m(1_c, ag::slice(-2_c)), m(ag::all, -1_c),
                                    v(ag::slice(1_c)) - v(ag::slice(none, -1_c)), sum(m(ag::slice(none, none, 2_c)), ag::axis<1>),
                                    exp(v)(ag::slice(none, none, -1_c)) + v, m(-1_c, 0_c)));
  const auto A = counting(9);
  const auto M = made<double>(5, 4, [](auto a, auto b) { return 10 * a + b; });
  const auto r = f(A, M);
  CHECK(std::get<0>(r) == vector::from({8, 6, 4, 2}));
  CHECK(std::get<1>(r) == vector::from({8, 7, 6, 5, 4, 3, 2}));
  CHECK(std::get<2>(r) == matrix::from({{41, 21, 1}, {42, 22, 2}}));
  CHECK(std::get<3>(r) == vector::from({12, 13}));
  CHECK(std::get<4>(r) == vector::from({3, 13, 23, 33, 43}));
  CHECK(std::get<5>(r) == vector::from({1, 1, 1, 1, 1, 1, 1, 1}));
  CHECK(std::get<6>(r) == vector::from({6, 86, 166}));
  CHECK(difference(std::get<7>(r), made<double>(9, [&](auto k) { return std::exp(A(8 - k)) + A(k); })) == "");
  CHECK(std::get<8>(r) == 40);
}

TEST_CASE("slices of strided and reversed views") {
  auto f = ag::function(ag::inputs(m), ag::outputs(m(ag::slice(1_c, none, 2_c), ag::slice(none, none, -1_c)), m(ag::slice(none, none, -2_c), 1_c)));
  const auto M = random_array<double, 2>({6, 5});
  for (const layout how : layouts) {
    laid_out<double> L(M, how);
    const auto [a, b] = f(L.seen);
    CHECK(difference(a, made<double>(3, 5, [&](auto p, auto q) { return M(1 + 2 * p, 4 - q); })) == "");
    CHECK(difference(b, made<double>(3, [&](auto p) { return M(5 - 2 * p, 1); })) == "");
  }
}

TEST_CASE("places named by numbers known at the call") {
  auto f = ag::function(ag::inputs(m, t, i), ag::outputs(m(i), m(ag::all, i), m(i, 1_c), m(0_c, i), t(i, ag::all, i), m(i + 1_c), m(i, ag::slice(1_c, 3_c))));
  const auto M = made<double>(4, 4, [](auto a, auto b) { return 10 * a + b; });
  const auto T = made<double>(3, 2, 3, [](auto a, auto b, auto c) { return 100 * a + 10 * b + c; });
  for (const int at : {0, 2, -1, -2}) {
    const std::ptrdiff_t k = at < 0 ? at + 4 : at, k3 = at < 0 ? at + 3 : at, next = at + 1 < 0 ? at + 5 : at + 1;
    const auto r = f(M, T, at);
    CHECK(std::get<0>(r) == made<double>(4, [&](auto j) { return M(k, j); }));
    CHECK(std::get<1>(r) == made<double>(4, [&](auto j) { return M(j, k); }));
    CHECK(std::get<2>(r) == M(k, 1));
    CHECK(std::get<3>(r) == M(0, k));
    CHECK(std::get<4>(r) == made<double>(2, [&](auto j) { return T(k3, j, k3); }));
    CHECK(std::get<5>(r) == made<double>(4, [&](auto j) { return M(next, j); }));
    CHECK(std::get<6>(r) == made<double>(2, [&](auto j) { return M(k, j + 1); }));
  }
  CHECK_THROWS_AS(f(M, T, 3), ag::index_error);
  CHECK_THROWS_AS(f(M, T, -4), ag::index_error);
}

TEST_CASE("gathering along each axis, with negative places and every integer type") {
  auto f = ag::function(ag::inputs(m, t, ids, jds, kds),
                        ag::outputs(m(ids), m(ag::all, jds), t(ag::all, kds), t(ag::all, ag::all, ids), sum(exp(m)(jds)), m(ids)(kds), m(ids) + 1_c));
  const auto M = made<double>(4, 5, [](auto a, auto b) { return static_cast<double>(10 * a + b) / 16; });
  const auto T = made<double>(2, 4, 6, [](auto a, auto b, auto c) { return 100 * a + 10 * b + c; });
  const auto I = ag::array<std::int32_t, 1>::from({3, -1, 0, -4, 2, 2});
  const auto J = ag::array<std::int64_t, 1>::from({-2, 1});
  const auto K = ag::array<std::uint8_t, 1>::from({3, 0, 3});
  const auto w = [](std::int64_t k, std::ptrdiff_t n) { return k < 0 ? k + n : k; };
  const auto r = f(M, T, I, J, K);
  CHECK(std::get<0>(r) == made<double>(6, 5, [&](auto a, auto b) { return M(w(I(a), 4), b); }));
  CHECK(std::get<1>(r) == made<double>(4, 2, [&](auto a, auto b) { return M(a, w(J(b), 5)); }));
  CHECK(std::get<2>(r) == made<double>(2, 3, 6, [&](auto a, auto b, auto c) { return T(a, K(b), c); }));
  CHECK(std::get<3>(r) == made<double>(2, 4, 6, [&](auto a, auto b, auto c) { return T(a, b, w(I(c), 6)); }));
  double total = 0;
  for (int k = 0; k < 2; ++k)
    for (int b = 0; b < 5; ++b) total += std::exp(M(w(J(k), 4), b));
  CHECK(std::get<4>(r) == doctest::Approx(total));
  CHECK(std::get<5>(r) == made<double>(3, 5, [&](auto a, auto b) { return M(w(I(K(a)), 4), b); }));
  CHECK(std::get<6>(r)(1, 1) == M(3, 1) + 1);
  const auto empty = f(M, T, ag::array<std::int32_t, 1>(), J, ag::array<std::uint8_t, 1>());
  CHECK(std::get<0>(empty).shape() == std::array<std::ptrdiff_t, 2>{0, 5});
}

TEST_CASE("pairs of places") {
  auto f = ag::function(ag::inputs(m, t, ids, jds), ag::outputs(m(ids, jds), t(ids, jds), m(jds, jds), sum(exp(transpose(m))(ids, jds))));
  const auto M = random_array<double, 2>({4, 4});
  const auto T = random_array<double, 3>({3, 4, 2});
  const auto I = ag::array<std::int32_t, 1>::from({0, -1, 2, 2});
  const auto J = ag::array<std::int64_t, 1>::from({3, 0, -4, -4});
  const auto w = [](std::int64_t k, std::ptrdiff_t n) { return k < 0 ? k + n : k; };
  const auto r = f(M, T, I, J);
  CHECK(std::get<0>(r) == made<double>(4, [&](auto k) { return M(w(I(k), 4), w(J(k), 4)); }));
  CHECK(std::get<1>(r) == made<double>(4, 2, [&](auto k, auto c) { return T(w(I(k), 3), w(J(k), 4), c); }));
  CHECK(std::get<2>(r) == made<double>(4, [&](auto k) { return M(w(J(k), 4), w(J(k), 4)); }));
  double total = 0;
  for (int k = 0; k < 4; ++k) total += std::exp(M(w(J(k), 4), w(I(k), 4)));
  CHECK(std::get<3>(r) == doctest::Approx(total));
  CHECK_THROWS_AS(f(M, T, ag::array<std::int32_t, 1>::from({0, 1, 2, 3}), J), ag::index_error);  // T has three
  CHECK_THROWS_AS(f(M, T, ag::array<std::int32_t, 1>::from({0, 1}), J), ag::shape_error);
}

TEST_CASE("other element types are gathered and sliced") {
  constexpr auto flags = ag::vector<"flags", bool>;
  constexpr auto bytes = ag::vector<"bytes", std::uint8_t>;
  constexpr auto floats = ag::matrix<"floats", float>;
  auto f = ag::function(ag::inputs(flags, bytes, floats, ids),
                        ag::outputs(flags(ids), bytes(ag::slice(none, none, -1_c)), floats(ag::all, ids), bytes(ids)(0_c), floats(ids, ids)));
  ag::array<bool, 1> F({3});
  F(1) = true;
  const auto r = f(F, ag::array<std::uint8_t, 1>::from({7, 200, 9}), ag::array<float, 2>::from({{1, 2, 3}, {4, 5, 6}, {7, 8, 9}}),
                   ag::array<std::int32_t, 1>::from({1, -3}));
  CHECK(std::get<0>(r)(0));
  CHECK_FALSE(std::get<0>(r)(1));
  CHECK(std::get<1>(r) == ag::array<std::uint8_t, 1>::from({9, 200, 7}));
  CHECK(std::get<2>(r) == ag::array<float, 2>::from({{2, 1}, {5, 4}, {8, 7}}));
  CHECK(std::get<3>(r) == 200);
  CHECK(std::get<4>(r) == ag::array<float, 1>::from({5, 1}));
}

TEST_CASE("what is no loop reads slices too: products, gathers, places of extrema, reshapes") {
  constexpr auto both = ag::slice(1_c, 3_c);
  auto f = ag::function(ag::inputs(m, v, ids), ag::outputs(v(both)(ids), m(both, both)(ids, ids), argmax(m(both)), argmin(m(both), ag::axis<0>), reshape(m(both, ag::slice(2_c)), ag::shape(-1_c)),
                                                           m(ag::all, both)(ids), dot(m(both), v), dot(m(ag::all, both), v(both)), dot(v(both), v(both)), dot(m(both, both), m(both)),
                                                           ag::grad(sum(sqr(v(both)(ids))), v)));
  const auto M = random_array<double, 2>({5, 5});
  const auto V = random_array<double, 1>({5});
  const auto I = ag::array<std::int32_t, 1>::from({0, -1, 0});
  const std::ptrdiff_t at[] = {1, 2, 1};
  const auto r = f(M, V, I);
  CHECK(std::get<0>(r) == made<double>(3, [&](auto k) { return V(at[k]); }));
  CHECK(std::get<1>(r) == made<double>(3, [&](auto k) { return M(at[k], at[k]); }));
  CHECK(std::get<2>(r) == std::max_element(&M(1, 0), &M(3, 0)) - &M(1, 0));
  CHECK(std::get<3>(r) == made<std::int64_t>(5, [&](auto j) { return M(2, j) < M(1, j); }));
  CHECK(std::get<4>(r) == made<double>(6, [&](auto k) { return M(1 + k / 3, 2 + k % 3); }));
  CHECK(std::get<5>(r) == made<double>(3, 2, [&](auto k, auto j) { return M(k == 1 ? 4 : 0, 1 + j); }));
  const auto inner = [&](std::ptrdiff_t n, auto p, auto q) {
    double d = 0;
    for (std::ptrdiff_t k = 0; k < n; ++k) d += p(k) * q(k);
    return d;
  };
  CHECK(difference(std::get<6>(r), made<double>(2, [&](auto i2) { return inner(5, [&](auto k) { return M(i2 + 1, k); }, [&](auto k) { return V(k); }); })) == "");
  CHECK(difference(std::get<7>(r), made<double>(5, [&](auto i2) { return M(i2, 1) * V(1) + M(i2, 2) * V(2); })) == "");
  CHECK(near(std::get<8>(r), V(1) * V(1) + V(2) * V(2), 1e-12));
  CHECK(difference(std::get<9>(r), made<double>(2, 5, [&](auto i2, auto j) { return M(i2 + 1, 1) * M(1, j) + M(i2 + 1, 2) * M(2, j); })) == "");
  CHECK(difference(std::get<10>(r), vector::from({0, 4 * V(1), 2 * V(2), 0, 0})) == "");
  CHECK_THROWS_AS(f(M, V, ag::array<std::int32_t, 1>::from({2, 0, 0})), ag::index_error);
}
