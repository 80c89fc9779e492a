// SPDX-License-Identifier: BSD-3-Clause
//
// The expected texts are those of NumPy 2.4 after set_printoptions(precision=4).
#include <doctest/doctest.h>
#include <agnesi/containers/functions.hpp>
#include <agnesi/containers/print.hpp>

#include <cmath>
#include <cstdint>
#include <sstream>
#include <string>

namespace ag = agnesi;

namespace {

template <class T>
ag::array<T, 1> count_to(std::ptrdiff_t n) {
  ag::array<T, 1> a({n});
  for (std::ptrdiff_t i = 0; i != n; ++i) a(i) = static_cast<T>(i);
  return a;
}

template <class T>
std::string text(std::initializer_list<T> values) {
  return ag::to_string(ag::array<T, 1>::from(values));
}

}  // namespace

TEST_CASE("rows are set below each other with the decimal points aligned") {
  const auto a = ag::array<double, 2>::from({{1, 0.5}, {-2, 1.0 / 3}});
  CHECK(ag::to_string(a) == "[[ 1.      0.5   ]\n [-2.      0.3333]]");
}

TEST_CASE("a stream gets the text of an array or a view") {
  const auto a = ag::array<std::int32_t, 2>::from({{1, 20}, {300, -4}});
  std::ostringstream out;
  out << a << '\n' << a.view().transposed();
  CHECK(out.str() == "[[  1  20]\n [300  -4]]\n[[  1 300]\n [ 20  -4]]");
}

TEST_CASE("numbers show the digits they need, up to four decimals") {
  CHECK(text<float>({1, 2, 3}) == "[1. 2. 3.]");
  CHECK(text<float>({0.1f, 0.25f}) == "[0.1  0.25]");
  CHECK(text<double>({0.03125, 0.09375}) == "[0.0312 0.0938]");
  CHECK(text<double>({-0.0, 1}) == "[-0.  1.]");
}

TEST_CASE("exponents are used where magnitudes are far apart, large or small") {
  CHECK(text<double>({0.001, 2}) == "[1.e-03 2.e+00]");
  CHECK(text<double>({1e8}) == "[1.e+08]");
  CHECK(text<double>({99999999}) == "[99999999.]");
  CHECK(text<float>({1e6f}) == "[1.e+06]");
  CHECK(text<double>({0.00005}) == "[5.e-05]");
  CHECK(text<double>({1e-200, 123456}) == "[1.0000e-200 1.2346e+005]");
  CHECK(text<double>({0, 1}) == "[0. 1.]");
}

TEST_CASE("infinities and NaN take part in the alignment") {
  CHECK(text<double>({1.5, INFINITY, NAN}) == "[1.5 inf nan]");
  CHECK(text<double>({1, -INFINITY}) == "[  1. -inf]");
  CHECK(text<double>({NAN, NAN}) == "[nan nan]");
}

TEST_CASE("integers are right-aligned, bytes are numbers and bool is True or False") {
  CHECK(text<std::int64_t>({-9223372036854775807, 1}) == "[-9223372036854775807                    1]");
  CHECK(text<std::uint8_t>({0, 65, 255}) == "[  0  65 255]");
  CHECK(text<bool>({true, false}) == "[ True False]");
}

TEST_CASE("rank 0 prints its number in full") {
  CHECK(ag::to_string(ag::array<double, 0>::from(3)) == "3.0");
  CHECK(ag::to_string(ag::array<double, 0>::from(1.0 / 3)) == "0.3333333333333333");
  CHECK(ag::to_string(ag::array<float, 0>::from(1e-7f)) == "1e-07");
  CHECK(ag::to_string(ag::array<double, 0>::from(-INFINITY)) == "-inf");
  CHECK(ag::to_string(ag::array<bool, 0>::from(true)) == "True");
  CHECK(ag::to_string(ag::array<std::uint8_t, 0>::from(65)) == "65");
}

TEST_CASE("an array without elements prints as empty brackets") {
  CHECK(ag::to_string(ag::zeros<float>(0)) == "[]");
  CHECK(ag::to_string(ag::zeros<float>(2, 0, 3)) == "[]");
}

TEST_CASE("a blank line separates the matrices of an array of rank 3") {
  CHECK(ag::to_string(ag::ones<std::int32_t>(2, 2, 1)) == "[[[1]\n  [1]]\n\n [[1]\n  [1]]]");
}

TEST_CASE("rows longer than a line are broken before 75 columns") {
  CHECK(ag::to_string(count_to<std::int32_t>(30)) ==
        "[ 0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19 20 21 22 23\n"
        " 24 25 26 27 28 29]");
}

TEST_CASE("of more than 1000 elements three remain at either end") {
  CHECK(ag::to_string(count_to<float>(1001)) == "[   0.    1.    2. ...  998.  999. 1000.]");
  CHECK(ag::to_string(ag::zeros<bool>(2, 501)) ==
        "[[False False False ... False False False]\n [False False False ... False False False]]");
  CHECK(ag::to_string(ag::zeros<std::uint8_t>(501, 2)) ==
        "[[0 0]\n [0 0]\n [0 0]\n ...\n [0 0]\n [0 0]\n [0 0]]");
  CHECK(ag::to_string(count_to<float>(1000)).find("...") == std::string::npos);
}

TEST_CASE("elements that are left out do not widen those that are shown") {
  auto a = ag::zeros<double>(2000);
  a(1000) = 1e300;
  CHECK(ag::to_string(a) == "[0. 0. 0. ... 0. 0. 0.]");
}

TEST_CASE("a strided view prints the elements that it shows") {
  const auto a = count_to<std::int32_t>(10);
  CHECK(ag::to_string(ag::view<const std::int32_t, 1>(a.data() + 9, {5}, {-2})) == "[9 7 5 3 1]");
}
