// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <agnesi/expr/same.hpp>
#include <agnesi/expr/symbols.hpp>
#include <agnesi/grad/grad.hpp>
#include <agnesi/ops/probability.hpp>

#include <type_traits>

namespace ag = agnesi;
using namespace ag::literals;

namespace {

constexpr auto a = ag::scalar<"a">;
constexpr auto w = ag::vector<"w", float>;
constexpr auto x = ag::matrix<"x">;
constexpr auto A = ag::matrix<"A", float, 3, 4>;
constexpr auto t = ag::tensor<"t", float, ag::dyn, 3, 28, 28>;
constexpr auto r = ag::row<"r">;
constexpr auto c = ag::col<"c">;
constexpr auto y = ag::vector<"y", std::int32_t>;

template <class T, std::int64_t... E, class S>
constexpr bool has_type(S) {
  return std::is_same_v<typename S::type, ag::tensor_type<T, false, E...>>;
}
static_assert(has_type<double>(a));
static_assert(has_type<float, ag::dyn>(w));
static_assert(has_type<double, ag::dyn, ag::dyn>(x));
static_assert(has_type<float, 3, 4>(A));
static_assert(has_type<float, ag::dyn, 3, 28, 28>(t));
static_assert(has_type<double, 1, ag::dyn>(r));
static_assert(has_type<double, ag::dyn, 1>(c));
static_assert(has_type<std::int32_t, ag::dyn>(y));
static_assert(has_type<double, ag::dyn, ag::dyn, ag::dyn>(ag::tensor3<"t3">));
static_assert(has_type<float, ag::dyn, ag::dyn, ag::dyn, ag::dyn>(ag::tensor4<"t4", float>));
static_assert(has_type<bool, ag::dyn, ag::dyn, ag::dyn, ag::dyn, ag::dyn>(ag::tensor5<"t5", bool>));
static_assert(has_type<std::uint8_t, 0>(ag::vector<"empty", std::uint8_t, 0>));

// Empty values: they can be copied, returned and kept, and nothing can dangle.
static_assert(std::is_empty_v<decltype(x)> && std::is_empty_v<decltype(x + x)>);
static_assert(std::is_trivially_copyable_v<decltype(dot(x, transpose(x)))>);
static_assert(std::is_default_constructible_v<std::remove_const_t<decltype(x)>>);

// A symbol is its name and its type.
static_assert(std::is_same_v<decltype(ag::matrix<"x">), decltype(ag::tensor<"x", double, ag::dyn, ag::dyn>)>);
static_assert(!std::is_same_v<decltype(ag::matrix<"x">), decltype(ag::matrix<"x2">)>);
static_assert(!std::is_same_v<decltype(ag::matrix<"x">), decltype(ag::matrix<"x", float>)>);
static_assert(std::is_same_v<decltype(x)::name_type, ag::name<'x'>>);
static_assert(decltype(ag::vector<"a name with spaces">.formula())::list::nodes == 1);

// Equal formulas have equal types, whichever way they come about.
constexpr auto square_sum(auto z) { return sum(sqr(z)); }
static_assert(std::is_same_v<decltype(square_sum(x)), decltype(sum(sqr(x)))>);
static_assert(std::is_same_v<decltype(x.formula()), std::remove_const_t<decltype(ag::as_formula(x))>>);

// A formula lists each node once.
static_assert(decltype((x + x) * (x + x))::list::nodes == 3);
static_assert(decltype(exp(x) + exp(x))::list::nodes == 3);
static_assert(decltype(ag::grad(sum(sqr(x)), x))::list::nodes == 4);

// Symbols of updates and bindings.
static_assert(std::is_same_v<decltype(a = a - 1_c)::symbol, std::remove_const_t<decltype(a)>>);
static_assert(std::is_same_v<decltype((a = a).formula), std::remove_const_t<decltype(a)>>);

}  // namespace

TEST_CASE("symbols bind values by reference and formulas by value") {
  double value = 1;
  auto bound = (a = value);
  static_assert(std::is_same_v<decltype(bound.value), double&>);
  bound.value = 2;
  CHECK(value == 2);
  auto kept = (a = 3.0);
  static_assert(std::is_same_v<decltype(kept.value), double>);
  CHECK(kept.value == 3);
}

TEST_CASE("a name of up to 64 characters travels through the graph") {
  constexpr auto long_one = ag::vector<"0123456789012345678901234567890123456789012345678901234567890123">;
  ag::graph g;
  const int id = lower(g, long_one);
  CHECK(g.symbol_name(0).size() == 64);
  CHECK(g.symbol_name(0).substr(54) == "4567890123");
  CHECK(lower(g, long_one) == id);
}

TEST_CASE("gradients of several symbols unpack") {
  constexpr auto b = ag::scalar<"b">;
  const auto [ga, gb] = ag::grad(sqr(a) * b, a, b);
  CHECK(ag::same(ga, ag::grad(sqr(a) * b, a)));
  CHECK(ag::same(gb, ag::grad(sqr(a) * b, b)));
}
