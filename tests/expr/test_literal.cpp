// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <agnesi/expr/literal.hpp>
#include <agnesi/ops/probability.hpp>

#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <type_traits>

namespace ag = agnesi;
using namespace ag::literals;

namespace {

template <class F>
constexpr std::int64_t bits_of(F) {
  return ag::literal_int<F>;
}
template <class F>
constexpr bool is_double(F) {
  return std::is_same_v<typename F::type, ag::tensor_type<double, true>>;
}
template <class F>
constexpr bool is_integer(F) {
  return std::is_same_v<typename F::type, ag::tensor_type<std::int64_t, true>>;
}

// The literal is a double of exactly the compiler's own bits.
#define CHECK_DOUBLE(x) \
  static_assert(is_double(x##_c) && bits_of(x##_c) == std::bit_cast<std::int64_t>(static_cast<double>(x)))
#define CHECK_INTEGER(x) static_assert(is_integer(x##_c) && bits_of(x##_c) == static_cast<std::int64_t>(x))

CHECK_DOUBLE(0.0);
CHECK_DOUBLE(0.);
CHECK_DOUBLE(.5);
CHECK_DOUBLE(1.0);
CHECK_DOUBLE(0.1);
CHECK_DOUBLE(0.2);
CHECK_DOUBLE(0.3);
CHECK_DOUBLE(0.7);
CHECK_DOUBLE(1e-6);
CHECK_DOUBLE(1E5);
CHECK_DOUBLE(1e+5);
CHECK_DOUBLE(1e22);  // the last power of ten that is a double
CHECK_DOUBLE(1e23);
CHECK_DOUBLE(6.02214076e23);
CHECK_DOUBLE(6.62607015e-34);
CHECK_DOUBLE(3.14159265358979323846264338327950288);
CHECK_DOUBLE(2.718281828459045235360287471352662497757);
CHECK_DOUBLE(123'456.789'012);
CHECK_DOUBLE(000.125e003);

// Halfway between two doubles: to even; a little more: up.
CHECK_DOUBLE(9007199254740993.0);
CHECK_DOUBLE(9007199254740995.0);
CHECK_DOUBLE(9007199254740993.00000000000000000000000000000000000000000000000001);
CHECK_DOUBLE(0.500000000000000166533453693773481063544750213623046875);
CHECK_DOUBLE(1.00000000000000011102230246251565404236316680908203125);
CHECK_DOUBLE(1.00000000000000011102230246251565404236316680908203124);
CHECK_DOUBLE(1.00000000000000011102230246251565404236316680908203126);
CHECK_DOUBLE(1.9999999999999999);
CHECK_DOUBLE(0.9999999999999999999999);

// The ends of the range.
CHECK_DOUBLE(1.7976931348623157e308);
CHECK_DOUBLE(1.797693134862315807e308);
CHECK_DOUBLE(2.2250738585072014e-308);
CHECK_DOUBLE(2.2250738585072011e-308);  // the one that readers of decimals have hung on
CHECK_DOUBLE(2.2250738585072012e-308);
CHECK_DOUBLE(1e-310);
CHECK_DOUBLE(4.9406564584124654e-324);
CHECK_DOUBLE(5e-324);
CHECK_DOUBLE(7.4e-324);
CHECK_DOUBLE(7.5e-324);
CHECK_DOUBLE(2.5e-324);

CHECK_INTEGER(0);
CHECK_INTEGER(7);
CHECK_INTEGER(2'000'000);
CHECK_INTEGER(9223372036854775807);
CHECK_INTEGER(0x7fff'ffff'ffff'ffff);
CHECK_INTEGER(0xAbC);
CHECK_INTEGER(0xe5);  // no exponent
CHECK_INTEGER(0b1011);
CHECK_INTEGER(0B11);
CHECK_INTEGER(0X10);
CHECK_INTEGER(0755);
CHECK_INTEGER(00);

// The negative of a literal is a literal.
static_assert(is_integer(-3_c) && bits_of(-3_c) == -3);
static_assert(is_double(-0.5_c) && bits_of(-0.5_c) == std::bit_cast<std::int64_t>(-0.5));
static_assert(bits_of(-0.0_c) == std::bit_cast<std::int64_t>(-0.0));
static_assert(bits_of(-(-3_c)) == 3);
static_assert(ag::is_literal<decltype(-ag::inf)>);
static_assert(!ag::is_literal<decltype(2_c * 3_c)>);

static_assert(bits_of(ag::pi) == std::bit_cast<std::int64_t>(3.14159265358979323846));
static_assert(std::bit_cast<double>(bits_of(ag::inf)) == HUGE_VAL);
static_assert(std::bit_cast<double>(bits_of(ag::nan)) != std::bit_cast<double>(bits_of(ag::nan)));

bool reads_like_strtod(const std::string& s) {
  const ag::detail::parsed_number n = ag::detail::parse(s.data(), static_cast<int>(s.size()));
  const double expected = std::strtod(s.c_str(), nullptr);
  const bool equal = !n.integer && std::bit_cast<std::int64_t>(n.f) == std::bit_cast<std::int64_t>(expected);
  if (!equal) MESSAGE(s << " read as " << n.f);
  return equal;
}

}  // namespace

TEST_CASE("decimals are read as strtod reads them") {
  std::mt19937_64 random(7);
  char s[64];
  int wrong = 0;
  for (int k = 0; k < 4000; ++k) {
    const double v = std::abs(std::bit_cast<double>(random() & 0x7FFFFFFFFFFFFFFFu));
    if (!(v < HUGE_VAL)) continue;
    std::snprintf(s, sizeof s, "%.*e", static_cast<int>(random() % 20), v);
    const bool infinite = !(std::strtod(s, nullptr) < HUGE_VAL);
    wrong += infinite || reads_like_strtod(s) ? 0 : 1;
  }
  for (int k = 0; k < 4000; ++k) {  // subnormal
    std::snprintf(s, sizeof s, "%.*e", static_cast<int>(1 + random() % 19),
                  std::bit_cast<double>(random() >> (12 + random() % 52)));
    wrong += reads_like_strtod(s) ? 0 : 1;
  }
  CHECK(wrong == 0);
}

TEST_CASE("doubles halfway between two others are read to the even one, and their neighbors are not") {
  std::mt19937_64 random(11);
  int wrong = 0;
  for (int k = 0; k < 300; ++k) {
    // An odd 54-bit integer times a power of two is halfway; all its digits are written out.
    const auto odd = static_cast<long double>((random() >> 10) | (std::uint64_t{1} << 53) | 1u);
    char s[1200];
    const int exponent = static_cast<int>(random() % 120) - 90;
    const int n = std::snprintf(s, sizeof s, "%.200Lf", std::ldexp(odd, exponent));
    wrong += reads_like_strtod(s) ? 0 : 1;
    s[n - 1] = '1';
    wrong += reads_like_strtod(s) ? 0 : 1;
  }
  CHECK(wrong == 0);
}

TEST_CASE("what is no number, or too large, is refused") {
  const auto ok = [](std::string_view s) { return ag::detail::parse(s.data(), static_cast<int>(s.size())).ok; };
  CHECK(ok("9223372036854775807"));
  CHECK(!ok("9223372036854775808"));
  CHECK(!ok("99999999999999999999999"));
  CHECK(!ok("0x8000000000000000"));
  CHECK(!ok("089"));
  CHECK(!ok("0b12"));
  CHECK(!ok("1e309"));
  CHECK(!ok("1e99999"));
  CHECK(!ok("0x1p3"));
}
