// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <agnesi/containers/array.hpp>
#include <agnesi/containers/functions.hpp>
#include <agnesi/containers/view.hpp>

#include <cmath>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace ag = agnesi;

namespace {

template <class Error, class F>
std::string sentence_of(const F& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

template <class T, int Rank>
bool is_aligned(const ag::array<T, Rank>& a) {
  return reinterpret_cast<std::uintptr_t>(a.data()) % 64 == 0;
}

double total(ag::view<const double, 2> v) {
  double sum = 0;
  for (std::ptrdiff_t i = 0; i != v.extent(0); ++i)
    for (std::ptrdiff_t j = 0; j != v.extent(1); ++j) sum += v(i, j);
  return sum;
}

void double_all(ag::view<double, 1> v) {
  for (std::ptrdiff_t i = 0; i != v.extent(0); ++i) v(i) *= 2;
}

template <class T>
void check_round_trip() {
  ag::array<T, 2> a({3, 5});
  CHECK(is_aligned(a));
  for (T x : a) CHECK(x == T(0));
  a.fill(T(1));
  a(1, 4) = T(0);
  CHECK(a.begin()[9] == T(0));
  CHECK(a != ag::ones<T>(3, 5));
  a(1, 4) = T(1);
  CHECK(a == ag::ones<T>(3, 5));
}

constexpr int constexpr_data[] = {1, 2, 3, 4, 5, 6};
constexpr ag::view<const int, 2> constexpr_view(constexpr_data, {2, 3});
static_assert(constexpr_view(1, 0) == 4);
static_assert(constexpr_view.transposed()(2, 1) == 6);
static_assert(constexpr_view.at(0, 2) == 3);
static_assert(constexpr_view.size() == 6 && constexpr_view.is_contiguous());
static_assert(!constexpr_view.transposed().is_contiguous());
static_assert(ag::allclose(constexpr_view, constexpr_view));

static_assert(std::is_trivially_copyable_v<ag::view<float, 3>>);
static_assert(std::is_convertible_v<ag::view<float, 2>, ag::view<const float, 2>>);
static_assert(!std::is_convertible_v<ag::view<const float, 2>, ag::view<float, 2>>);
static_assert(!std::is_convertible_v<ag::view<float, 2>, ag::view<float, 1>>);
static_assert(!std::is_convertible_v<ag::view<float, 2>, ag::view<const double, 2>>);

static_assert(std::is_convertible_v<ag::array<float, 2>&, ag::view<float, 2>>);
static_assert(std::is_convertible_v<ag::array<float, 2>&, ag::view<const float, 2>>);
static_assert(std::is_convertible_v<const ag::array<float, 2>&, ag::view<const float, 2>>);
static_assert(!std::is_convertible_v<const ag::array<float, 2>&, ag::view<float, 2>>);
static_assert(!std::is_convertible_v<int, ag::array<float, 1>>);
static_assert(std::is_nothrow_move_constructible_v<ag::array<float, 2>>);
static_assert(std::is_nothrow_move_assignable_v<ag::array<float, 0>>);

}  // namespace

TEST_CASE("a view reads and writes the elements it was given") {
  float data[] = {1, 2, 3, 4, 5, 6};
  const ag::view<float, 2> v(data, {2, 3});
  v(1, 2) = 60;
  CHECK(data[5] == 60);
  CHECK(v.extent(0) == 2);
  CHECK(v.stride(0) == 3);
  CHECK(v.stride(1) == 1);
  const ag::view<const float, 2> reader = v;
  CHECK(reader.data() == data);
  CHECK(reader(1, 2) == 60);
}

TEST_CASE("extents are lists and std::arrays of any integer type") {
  const std::vector<double> values(12, 1.5);
  const unsigned char three = 3;
  const ag::view<const double, 2> v(values.data(), {values.size() / three, three});
  CHECK(v.extent(0) == 4);
  const ag::view<const double, 2> w(values.data(), std::array<int, 2>{3, 4});
  CHECK(w.shape() == std::array<std::ptrdiff_t, 2>{3, 4});
  const ag::view<const double, 1> u(values.data(), {values.size()});
  CHECK(u.size() == 12);
  const ag::array<double, 2> a({values.size(), std::size_t{1}});
  CHECK(a.shape() == std::array<std::ptrdiff_t, 2>{12, 1});
  CHECK(ag::array<float, 2>(a.shape()).shape() == a.shape());
}

TEST_CASE("a view with strides sees columns, every other element, or a reversed order") {
  double data[] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
  const ag::view<double, 1> column(data + 1, {3}, {3});
  CHECK(column(2) == 7);
  CHECK_FALSE(column.is_contiguous());
  const ag::view<double, 1> reversed(data + 8, {9}, {-1});
  CHECK(reversed(0) == 8);
  CHECK(reversed(8) == 0);
  const ag::view<double, 2> corners(data, {2, 2}, {6, 2});
  CHECK(total(corners) == 0 + 2 + 6 + 8);
  const ag::view<double, 2> repeated(data + 4, {2, 3}, {0, 0});
  CHECK(total(repeated) == 6 * 4);
}

TEST_CASE("a transposed view has its axes in reversed order and shares the elements") {
  auto a = ag::array<double, 3>({2, 3, 5});
  a(1, 2, 4) = 7;
  const auto t = a.view().transposed();
  CHECK(t.shape() == std::array<std::ptrdiff_t, 3>{5, 3, 2});
  CHECK(t.strides() == std::array<std::ptrdiff_t, 3>{1, 5, 15});
  CHECK(t(4, 2, 1) == 7);
  CHECK(&t.transposed()(1, 2, 4) == &a(1, 2, 4));
}

TEST_CASE("a view is contiguous if no element is skipped, whatever the stride of an extent of 1") {
  float data[24] = {};
  CHECK(ag::view<float, 3>(data, {2, 3, 4}).is_contiguous());
  CHECK(ag::view<float, 2>(data, {1, 4}, {99, 1}).is_contiguous());
  CHECK(ag::view<float, 2>(data, {4, 1}, {1, 99}).is_contiguous());
  CHECK(ag::view<float, 2>(data, {0, 4}, {99, 99}).is_contiguous());
  CHECK(ag::view<float, 0>(data).is_contiguous());
  CHECK_FALSE(ag::view<float, 2>(data, {3, 4}, {6, 1}).is_contiguous());
  CHECK_FALSE(ag::view<float, 1>(data, {4}, {0}).is_contiguous());
}

TEST_CASE("rank 0 has one element and no index") {
  ag::array<double, 0> s;
  CHECK(s() == 0);
  s() = 3;
  CHECK(s.at() == 3);
  CHECK(s.size() == 1);
  CHECK(is_aligned(s));
  CHECK(s.view().transposed()() == 3);
  double number = 4;
  const ag::view<double, 0> v(&number);
  v() = 5;
  CHECK(number == 5);
  CHECK(ag::array<double, 0>(v) == ag::array<double, 0>::from(5));
  CHECK(ag::zeros<float>()() == 0);
  CHECK(ag::ones<float>()() == 1);
}

TEST_CASE("an element stays with a rank 0 array that was moved from") {
  auto s = ag::array<double, 0>::from(3);
  const ag::array<double, 0> t = std::move(s);
  CHECK(t() == 3);
  s() = 4;
  CHECK(s() == 4);
  CHECK(t() == 3);
}

TEST_CASE("arrays of every element type start at zero on a 64-byte boundary") {
  check_round_trip<float>();
  check_round_trip<double>();
  check_round_trip<std::int32_t>();
  check_round_trip<std::int64_t>();
  check_round_trip<std::uint8_t>();
  check_round_trip<bool>();
}

TEST_CASE("odd sizes are aligned as well") {
  for (int n = 1; n != 70; n += 3) {
    CHECK(is_aligned(ag::array<std::uint8_t, 1>({n})));
    CHECK(is_aligned(ag::array<float, 1>::uninitialized({n})));
  }
}

TEST_CASE("nested lists give values of ranks 0 to 5") {
  CHECK(ag::array<float, 0>::from(2)() == 2);
  CHECK(ag::array<bool, 1>::from({true, false, true}).extent(0) == 3);
  const auto m = ag::array<float, 2>::from({{1, 2, 3}, {4, 5, 6}});
  CHECK(m.shape() == std::array<std::ptrdiff_t, 2>{2, 3});
  CHECK(m(0, 2) == 3);
  CHECK(m(1, 0) == 4);
  const auto t = ag::array<std::int64_t, 3>::from({{{1}, {2}}, {{3}, {4}}, {{5}, {6}}});
  CHECK(t.shape() == std::array<std::ptrdiff_t, 3>{3, 2, 1});
  CHECK(t(2, 1, 0) == 6);
  const auto u = ag::array<double, 4>::from({{{{1, 2}}, {{3, 4}}, {{5, 6}}}});
  CHECK(u.shape() == std::array<std::ptrdiff_t, 4>{1, 3, 1, 2});
  CHECK(u(0, 2, 0, 1) == 6);
  const auto five = ag::array<std::uint8_t, 5>::from({{{{{1, 2}, {3, 4}}}}, {{{{5, 6}, {7, 8}}}}});
  CHECK(five.shape() == std::array<std::ptrdiff_t, 5>{2, 1, 1, 2, 2});
  CHECK(five(1, 0, 0, 1, 0) == 7);
}

TEST_CASE("empty lists give empty extents") {
  CHECK(ag::array<float, 1>::from({}).shape() == std::array<std::ptrdiff_t, 1>{0});
  CHECK(ag::array<float, 2>::from({}).shape() == std::array<std::ptrdiff_t, 2>{0, 0});
  CHECK(ag::array<float, 2>::from({{}, {}}).shape() == std::array<std::ptrdiff_t, 2>{2, 0});
}

TEST_CASE("ragged lists are refused with the axis and both lengths") {
  CHECK(sentence_of<ag::shape_error>([] {
          ag::array<float, 2>::from({{1, 2}, {3}});
        }) == "the lists of one axis need one length, and those of axis 1 have 2 and 1 elements");
  CHECK(sentence_of<ag::shape_error>([] {
          ag::array<float, 3>::from({{{1}}, {{1}, {2}}});
        }) == "the lists of one axis need one length, and those of axis 1 have 1 and 2 elements");
  CHECK_THROWS_AS((ag::array<float, 2>::from({{}, {1}})), ag::shape_error);
  CHECK_THROWS_AS((ag::array<float, 3>::from({{}, {{1}}})), ag::shape_error);
}

TEST_CASE("an array with an extent of 0 has no elements but a shape") {
  ag::array<double, 3> a({2, 0, 3});
  CHECK(a.size() == 0);
  CHECK(a.begin() == a.end());
  CHECK(a.extent(2) == 3);
  CHECK(a.view().is_contiguous());
  a.fill(1);
  const ag::array<double, 3> b = a;
  CHECK(b == a);
  CHECK(b != ag::zeros<double>(2, 3, 0));
  CHECK(ag::array<double, 3>(a.view().transposed()) == ag::zeros<double>(3, 0, 2));
  CHECK_THROWS_AS(a.at(0, 0, 0), ag::index_error);
  CHECK(ag::array<float, 2>().size() == 0);
}

TEST_CASE("a negative extent is refused") {
  const auto make = [] { ag::array<float, 2>({3, -4}); };
  CHECK(sentence_of<ag::shape_error>(make) == "an extent cannot be negative; axis 1 was given -4");
  CHECK_THROWS_AS((ag::array<float, 1>::uninitialized({-1})), std::invalid_argument);
  CHECK_THROWS_AS(ag::zeros<float>(-1), ag::shape_error);
}

TEST_CASE("extents whose product overflows are refused, also beside an extent of 0") {
  constexpr std::int64_t big = std::int64_t{1} << 40;
  const auto make = [] { ag::array<double, 2>({big, big}); };
  CHECK(sentence_of<ag::shape_error>(make) ==
        "the extents multiply to more elements than memory can hold; axis 1 was given 1099511627776");
  CHECK_THROWS_AS((ag::array<double, 3>({big, 0, big})), ag::shape_error);
  CHECK_THROWS_AS((ag::array<double, 1>({std::int64_t{1} << 60})), ag::shape_error);
  CHECK(ag::array<double, 2>({0, big}).size() == 0);
}

TEST_CASE("at throws for an index out of range and names index, axis and extent") {
  ag::array<float, 2> a({3, 4});
  a.at(2, 3) = 1;
  CHECK(std::as_const(a).at(2, 3) == 1);
  CHECK(sentence_of<ag::index_error>([&] { a.at(1, 4); }) ==
        "index 4 is out of range on axis 1, whose extent is 4");
  CHECK(sentence_of<std::out_of_range>([&] { a.at(-1, 0); }) ==
        "index -1 is out of range on axis 0, whose extent is 3");
  CHECK_THROWS_AS(a.view().transposed().at(3, 3), ag::index_error);
}

TEST_CASE("copies are independent and equal") {
  auto a = ag::array<float, 2>::from({{1, 2}, {3, 4}});
  ag::array<float, 2> b = a;
  CHECK(b == a);
  b(0, 0) = 9;
  CHECK(a(0, 0) == 1);
  CHECK(b != a);
  a = b;
  CHECK(a(0, 0) == 9);
  CHECK(ag::array<float, 1>::from({NAN}) != ag::array<float, 1>::from({NAN}));
}

TEST_CASE("copy-assignment and resize reuse storage that is large enough") {
  ag::array<double, 2> a({4, 5});
  const double* const before = a.data();
  a = ag::array<double, 2>({4, 5});  // a move: takes the other storage
  const double* const moved = a.data();
  CHECK(moved != before);
  const auto small = ag::ones<double>(2, 3), large = ag::ones<double>(7, 11);
  a = small;
  CHECK(a.data() == moved);
  CHECK(a == small);
  a.resize({5, 4});
  CHECK(a.data() == moved);
  CHECK(a.shape() == std::array<std::ptrdiff_t, 2>{5, 4});
  a = large;
  CHECK(a == large);
  CHECK(is_aligned(a));
}

TEST_CASE("a resize that fails changes nothing") {
  auto a = ag::array<float, 1>::from({1, 2, 3});
  CHECK_THROWS_AS(a.resize({-1}), ag::shape_error);
  CHECK_THROWS_AS(a.resize({std::int64_t{1} << 62}), ag::shape_error);
  CHECK(a == ag::array<float, 1>::from({1, 2, 3}));
}

TEST_CASE("assigning an array to itself changes nothing") {
  auto a = ag::array<float, 2>::from({{1, 2}, {3, 4}});
  const auto copy = a;
  auto& same = a;
  a = same;
  CHECK(a == copy);
  a = std::move(same);
  CHECK(a == copy);
}

TEST_CASE("a move takes the storage and leaves an empty array that can be used again") {
  ag::array<float, 2> a({3, 5});
  const float* const data = a.data();
  ag::array<float, 2> b = std::move(a);
  CHECK(b.data() == data);
  CHECK(a.size() == 0);
  a = std::move(b);
  CHECK(a.data() == data);
  CHECK(a.shape() == std::array<std::ptrdiff_t, 2>{3, 5});
  CHECK(b.size() == 0);
  b.resize({1, 1});
  b(0, 0) = 2;
  CHECK(b.at(0, 0) == 2);
}

TEST_CASE("an array passes for a view where one is taken") {
  ag::array<double, 1> x = ag::ones<double>(3);
  double_all(x);
  CHECK(x(2) == 2);
  const ag::array<double, 2> m = ag::ones<double>(3, 5);
  CHECK(total(m) == 15);
  CHECK(total(ag::ones<double>(2, 2)) == 4);
}

TEST_CASE("an array made from a view copies the elements in the order of the view") {
  const auto a = ag::array<float, 2>::from({{1, 2, 3}, {4, 5, 6}});
  const ag::array<float, 2> t(a.view().transposed());
  CHECK(t == ag::array<float, 2>::from({{1, 4}, {2, 5}, {3, 6}}));
  CHECK(t.view().is_contiguous());
}

TEST_CASE("allclose allows for a small difference relative to the second argument") {
  const auto a = ag::array<double, 1>::from({1, 1000}), b = ag::array<double, 1>::from({1.000009, 1000.009});
  CHECK(ag::allclose(a, b));
  CHECK_FALSE(ag::allclose(a, b, 1e-6));
  CHECK(ag::allclose(a, b, 0, 0.01));
  CHECK_FALSE(ag::allclose(a, b, 0, 0.001));
  CHECK(ag::allclose(ag::array<float, 1>::from({0.1f}), ag::array<double, 1>::from({0.1})));
  CHECK(ag::allclose(ag::ones<std::int32_t>(3), ag::ones<bool>(3)));
}

TEST_CASE("allclose takes strided views and is false where shapes differ") {
  const auto a = ag::array<float, 2>::from({{1, 2, 3}, {4, 5, 6}});
  const auto t = ag::array<double, 2>::from({{1, 4}, {2, 5}, {3, 6}});
  CHECK(ag::allclose(a.view().transposed(), t));
  CHECK(ag::allclose(t.view().transposed(), a));
  CHECK_FALSE(ag::allclose(a, t));
  CHECK_FALSE(ag::allclose(ag::ones<float>(1), ag::ones<float>()));
  CHECK_FALSE(ag::allclose(ag::zeros<float>(0, 2), ag::zeros<float>(2, 0)));
  CHECK(ag::allclose(ag::zeros<float>(0, 2), ag::zeros<double>(0, 2)));
}

TEST_CASE("allclose: an infinity is close to itself only, and a NaN to nothing") {
  const auto one = ag::array<double, 1>::from({1}), inf = ag::array<double, 1>::from({INFINITY}),
             nan = ag::array<double, 1>::from({NAN});
  CHECK(ag::allclose(inf, inf));
  CHECK_FALSE(ag::allclose(one, inf));
  CHECK_FALSE(ag::allclose(inf, one));
  CHECK_FALSE(ag::allclose(inf, ag::array<double, 1>::from({-INFINITY})));
  CHECK_FALSE(ag::allclose(nan, nan));
  CHECK_FALSE(ag::allclose(nan, one));
}
