// SPDX-License-Identifier: BSD-3-Clause
// The instructions that a loop is planned to be.

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>

#include <agnesi/agnesi.hpp>

namespace {

namespace ag = agnesi;
using namespace ag::literals;

// How often a function's only loop applies an operation.
template <class Op, class Model>
int applied(const ag::compiled_function<Model>&) {
  const auto& table = ag::compiled<Model>::table;
  const int number = ag::universe_of<ag::op_list<>>().number(&ag::info<Op>);
  const ag::step& s = table.steps[0];
  int count = 0;
  for (int w = 0; w < s.n_words; ++w) {
    const auto i = ag::loop_code::unpacked(table.words[s.first_word + w]);
    count += i.what == ag::loop_code::kind::apply && table.ops[s.first_op + i.op] == number;
    w += i.what == ag::loop_code::kind::constant;
  }
  return count;
}

TEST_CASE("twice a number is a sum where multipliers have most to do") {
  constexpr auto a = ag::vector<"a", double>;
  constexpr auto b = ag::vector<"b", double>;
  auto f = ag::function(ag::inputs(a, b), ag::outputs(2_c * a + pow(b, 10_c)));
  auto g = ag::function(ag::inputs(a, b), ag::outputs(2_c * a + 3_c * b));
  CHECK(applied<ag::op::add>(f) == 2);
  CHECK(applied<ag::op::mul>(f) + applied<ag::op::sqr>(f) == 4);
  CHECK(applied<ag::op::add>(g) == 1);
  CHECK(applied<ag::op::mul>(g) == 2);

  using limits = std::numeric_limits<double>;
  const double numbers[] = {0., -0., 1.25, -3e200, limits::max(), limits::denorm_min(), -limits::min() * 0.75, limits::infinity(),
                            -limits::infinity(), limits::quiet_NaN(), 1e-310};
  constexpr auto n = static_cast<std::ptrdiff_t>(std::size(numbers));
  ag::array<double, 1> A({n}), B({n});
  for (std::ptrdiff_t i = 0; i < n; ++i) A(i) = numbers[i], B(i) = 0;
  const auto y = f(A, B);
  for (std::ptrdiff_t i = 0; i < n; ++i) {
    CAPTURE(i);
    if (i == 9) CHECK(y(i) != y(i));
    else CHECK(y(i) == 2 * numbers[i]);
  }
}

TEST_CASE("twice a product of whole numbers") {
  constexpr auto i = ag::vector<"i", std::int32_t>;
  auto f = ag::function(ag::inputs(i), ag::outputs(2_c * i * i * i * i * i));
  ag::array<std::int32_t, 1> I({3});
  I(0) = 1, I(1) = -2, I(2) = 5;
  const auto y = f(I);
  CHECK(y(0) == 2);
  CHECK(y(1) == -64);
  CHECK(y(2) == 6250);
}

}  // namespace
