// SPDX-License-Identifier: BSD-3-Clause
// Arrays of arrays as arguments and results: their extents are in their types.

#include <array>

#include <agnesi/agnesi.hpp>

#include "support/reference.hpp"

#include <doctest/doctest.h>

namespace {

namespace ag = agnesi;
using namespace ag::literals;
using namespace ag::testing;

constexpr auto A = ag::matrix<"A", double, 2, 3>;
constexpr auto x = ag::matrix<"x">;
constexpr auto v = ag::vector<"v">;
constexpr auto t = ag::tensor3<"t", float>;

template <class F>
std::string error_of(F f) {
  try {
    f();
  } catch (const ag::shape_error& e) {
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("arrays of arrays have their extents in their type") {
  auto f = ag::function(ag::inputs(A, x, v), ag::outputs(dot(A, transpose(x)), x + v));
  double rows[2][3] = {{1, 2, 3}, {4, 5, 6}};
  const std::array<std::array<double, 3>, 4> more{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 1, 1}}};
  const double three[] = {10, 20, 30};
  const auto product = ag::array<double, 2>::from({{1, 2, 3, 6}, {4, 5, 6, 15}});
  const auto shifted = ag::array<double, 2>::from({{11, 20, 30}, {10, 21, 30}, {10, 20, 31}, {11, 21, 31}});
  CHECK(difference(std::get<0>(f(rows, more, three)), product) == "");
  CHECK(difference(std::get<1>(f(v = three, x = more, A = rows)), shifted) == "");

  std::array<std::array<double, 4>, 2> to{};
  double shift[4][3];
  f.into(to, shift)(rows, more, three);
  CHECK(to == std::array<std::array<double, 4>, 2>{{{1, 2, 3, 6}, {4, 5, 6, 15}}});
  CHECK(shift[2][2] == 31);
  double small[4][2];
  CHECK(error_of([&] { f.into(to, small)(rows, more, three); }).find("axis 1 is not the output's, 3") != std::string::npos);
  CHECK(error_of([&] { f(rows, to, three); }).find("extent 3") != std::string::npos);

  auto step = ag::function(ag::inputs(A), ag::updates(A = 2_c * A));
  step(rows);
  step.with(A = rows)();
  CHECK(rows[1][2] == 24);

  auto total = ag::function(ag::inputs(t), ag::outputs(sum(t)));
  float cube[2][3][2] = {{{1, 2}, {3, 4}, {5, 6}}, {{7, 8}, {9, 10}, {11, 12}}};
  CHECK(total(cube) == 78);
}
