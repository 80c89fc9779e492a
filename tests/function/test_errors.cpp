// SPDX-License-Identifier: BSD-3-Clause

// What a call with wrong shapes or indices says: the symbols, the operation, the shapes.

#include <agnesi/agnesi.hpp>

#include "support/reference.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>

namespace {

namespace ag = agnesi;
using namespace ag::literals;

constexpr auto x = ag::matrix<"x">;
constexpr auto w = ag::vector<"weights">;
constexpr auto b = ag::vector<"b">;
constexpr auto ids = ag::vector<"ids", std::int32_t>;
constexpr auto n = ag::scalar<"n", std::int64_t>;

using matrix = ag::array<double, 2>;
using vector = ag::array<double, 1>;

template <class Error, class F>
std::string sentence_of(F f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "nothing was thrown";
}
// The words that the sentence lacks.
std::string missing(const std::string& sentence, std::initializer_list<std::string> words) {
  for (const std::string& word : words)
    if (sentence.find(word) == std::string::npos) return "no '" + word + "' in: " + sentence;
  return "";
}

}  // namespace

TEST_CASE("operands that do not fit are named with their shapes") {
  auto f = ag::function(ag::inputs(x, w, b), ag::outputs(dot(x, w) + b));
  CHECK(missing(sentence_of<ag::shape_error>([&] { f(matrix({3, 4}), vector({5}), vector({3})); }),
                {"agnesi: dot", "x has shape (3, 4)", "weights has shape (5,)", "4", "5"}) == "");
  CHECK(missing(sentence_of<ag::shape_error>([&] { f(matrix({3, 4}), vector({4}), vector({7})); }),
                {"agnesi: add", "dot(x, weights) has shape (3,)", "b has shape (7,)"}) == "");
  CHECK(missing(sentence_of<std::invalid_argument>([&] { f(matrix({3, 4}), vector({4}), vector({1})); }),
                {"agnesi: add", "b has shape (1,)"}) == "");
  CHECK(sentence_of<ag::shape_error>([&] { f(matrix({3, 4}), vector({4}), vector({3})); }) == "nothing was thrown");
}

TEST_CASE("the operation named is the one as written, though it is rewritten") {
  auto f = ag::function(ag::inputs(x, w, b), ag::outputs(sum(sqr(x * w - b)), x * 0_c));
  CHECK(missing(sentence_of<ag::shape_error>([&] { f(matrix({2, 3}), vector({4}), vector({3})); }),
                {"mul", "x has shape (2, 3)", "weights has shape (4,)"}) == "");
  CHECK(missing(sentence_of<ag::shape_error>([&] { f(matrix({2, 3}), vector({3}), vector({9})); }),
                {"sub", "x * weights has shape (2, 3)", "b has shape (9,)"}) == "");
  auto g = ag::function(ag::inputs(w, b), ag::outputs(sum(w + b - b)));
  CHECK(missing(sentence_of<ag::shape_error>([&] { g(vector({2}), vector({3})); }),
                {"add", "weights has shape (2,)", "b has shape (3,)"}) == "");
}

TEST_CASE("an update's shape") {
  auto f = ag::function(ag::inputs(x, w), ag::updates(w = w - sum(x, ag::axis<1>)));
  vector W({4});
  CHECK(missing(sentence_of<ag::shape_error>([&] { f(matrix({4, 5}), W); }), {"nothing"}) == "");
  CHECK(missing(sentence_of<ag::shape_error>([&] { f(matrix({5, 4}), W); }), {"weights has shape (4,)", "(5,)", "sum"}) == "");
  auto g = ag::function(ag::inputs(x, w), ag::updates(w = sum(x, ag::axis<1>)));
  CHECK(missing(sentence_of<ag::shape_error>([&] { g(matrix({5, 4}), W); }), {"update", "weights has shape (4,)", "(5,)"}) == "");
}

TEST_CASE("declared extents") {
  constexpr auto A = ag::matrix<"A", double, ag::dyn, 3>;
  auto f = ag::function(ag::inputs(A, w), ag::outputs(dot(A, w)));
  CHECK(missing(sentence_of<ag::shape_error>([&] { f(matrix({2, 4}), vector({3})); }), {"A", "extent 3", "axis 1", "4"}) == "");
  CHECK(missing(sentence_of<ag::shape_error>([&] { f(matrix({2, 3}), vector({4})); }), {"dot", "weights has shape (4,)"}) == "");
  constexpr auto r = ag::row<"r">;
  auto g = ag::function(ag::inputs(r), ag::outputs(r + 1_c));
  CHECK(missing(sentence_of<ag::shape_error>([&] { g(matrix({2, 4})); }), {"r", "extent 1", "axis 0", "2"}) == "");
}

TEST_CASE("indices out of range") {
  auto f = ag::function(ag::inputs(x, ids), ag::outputs(x(ids)));
  const auto I = ag::array<std::int32_t, 1>::from({0, 2, 5});
  CHECK(missing(sentence_of<ag::index_error>([&] { f(matrix({3, 2}), I); }), {"index 5", "axis 0", "extent is 3"}) == "");
  const auto J = ag::array<std::int32_t, 1>::from({0, -4});
  CHECK(missing(sentence_of<std::out_of_range>([&] { f(matrix({3, 2}), J); }), {"index -4", "axis 0", "extent is 3"}) == "");
  auto columns = ag::function(ag::inputs(x, ids), ag::outputs(x(ag::all, ids)));
  CHECK(missing(sentence_of<ag::index_error>([&] { columns(matrix({9, 4}), I); }), {"index 5", "axis 1", "extent is 4"}) == "");
  auto pairs = ag::function(ag::inputs(x, ids), ag::outputs(x(ids, ids)));
  CHECK(missing(sentence_of<ag::index_error>([&] { pairs(matrix({9, 4}), I); }), {"index 5", "axis 1", "extent is 4"}) == "");
  auto constant = ag::function(ag::inputs(w), ag::outputs(w(4_c) + w(-2_c)));
  CHECK(missing(sentence_of<ag::index_error>([&] { constant(vector({4})); }), {"index 4", "weights", "extent 4"}) == "");
  CHECK(missing(sentence_of<ag::index_error>([&] { constant(vector({1})); }), {"index", "weights", "extent 1"}) == "");
  auto by_number = ag::function(ag::inputs(w, n), ag::outputs(w(n)));
  CHECK(missing(sentence_of<ag::index_error>([&] { by_number(vector({4}), 4); }), {"index 4", "extent is 4"}) == "");
  CHECK(by_number(vector({4}), -4) == 0);
}

TEST_CASE("the extremum of nothing") {
  auto f = ag::function(ag::inputs(x), ag::outputs(max(x, ag::axis<1>)));
  CHECK(missing(sentence_of<ag::shape_error>([&] { f(matrix({3, 0})); }), {"max of no elements", "x has shape (3, 0)"}) == "");
  auto g = ag::function(ag::inputs(w), ag::outputs(argmin(w)));
  CHECK(missing(sentence_of<ag::shape_error>([&] { g(vector()); }), {"argmin of no elements", "weights has shape (0,)"}) == "");
}

TEST_CASE("a shape that the elements do not fill") {
  auto f = ag::function(ag::inputs(w, n), ag::outputs(reshape(w, ag::shape(n, 3_c))));
  CHECK(missing(sentence_of<ag::shape_error>([&] { f(vector({7}), 2); }), {"reshape", "weights has shape (7,)"}) == "");
  CHECK(f(vector({6}), 2).extent(0) == 2);
  CHECK(missing(sentence_of<ag::shape_error>([&] { f(vector({6}), -2); }), {"negative"}) == "");
  auto g = ag::function(ag::inputs(w), ag::outputs(reshape(w, ag::shape(-1_c, 4_c))));
  CHECK(missing(sentence_of<ag::shape_error>([&] { g(vector({7})); }), {"reshape", "weights has shape (7,)"}) == "");
}

TEST_CASE("a shape that only the gradient needs, or that nothing needs any more, is checked as well") {
  auto cost = sum(dot(x, w) * b);
  auto f = ag::function(ag::inputs(x, w, b), ag::outputs(ag::grad(cost, b)));
  CHECK(missing(sentence_of<ag::shape_error>([&] { f(matrix({3, 4}), vector({4}), vector({5})); }), {"mul", "b has shape (5,)"}) == "");
  auto g = ag::function(ag::inputs(x, w, b), ag::outputs(ag::grad(sum(x) + sum(w * b), x)));
  CHECK(missing(sentence_of<ag::shape_error>([&] { g(matrix({3, 4}), vector({4}), vector({5})); }), {"mul", "weights has shape (4,)"}) == "");
}
