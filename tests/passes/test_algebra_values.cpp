// SPDX-License-Identifier: BSD-3-Clause
// What algebra makes of a formula has its value, of tensors that are empty, of one element, of odd extents, and where one
// of them is repeated.
#include <doctest/doctest.h>

#include <random>

#include "support/dump.hpp"
#include "support/interpret.hpp"
#include "support/rewriting.hpp"

using namespace agnesi::testing;
using namespace agnesi::literals;
namespace ag = agnesi;
namespace phase = agnesi::phase;

namespace {

constexpr auto a = ag::scalar<"a">;
constexpr auto b = ag::scalar<"b">;
constexpr auto x = ag::vector<"x">;
constexpr auto y = ag::vector<"y">;
constexpr auto m = ag::matrix<"m">;
constexpr auto k = ag::matrix<"k">;
constexpr auto r = ag::row<"r">;
constexpr auto c = ag::col<"c">;

values random_values(std::int64_t rows, std::int64_t columns) {
  std::mt19937 random(std::random_device{}());
  const auto filled = [&](std::vector<std::int64_t> extents) {
    tensor_value t(std::move(extents));
    for (real& v : t.elements) v = std::uniform_real_distribution<double>(0.2, 2)(random);
    return t;
  };
  return {{"a", filled({})},         {"b", filled({})},           {"x", filled({columns})},
          {"y", filled({columns})},  {"m", filled({rows, columns})}, {"k", filled({rows, columns})},
          {"r", filled({1, columns})}, {"c", filled({rows, 1})}};
}

template <class F>
void compare(F f) {
  const ag::graph before = graph_of_formulas(f);
  for (const unsigned phases : {phase::canonicalize | phase::stabilize, phase::all})
    for (const bool ieee : {false, true}) {
      ag::simplify_options o;
      o.phases = phases;
      o.ieee = ieee;
      const ag::graph after = simplified(before, o);
      for (const auto& [rows, columns] : {std::pair{3, 5}, {1, 1}, {1, 4}, {7, 1}, {0, 3}, {2, 0}}) {
        const values in = random_values(rows, columns);
        const tensor_value wanted = interpret(before, in)[0], got = interpret(after, in)[0];
        INFO(rows, " x ", columns, "\n", dump(before), "becomes\n", dump(after));
        REQUIRE(wanted.extents == got.extents);
        for (std::int64_t i = 0; i < wanted.count(); ++i) {
          const bool close = std::fabs(wanted[i] - got[i]) <= 1e-12L * (1 + std::fabs(wanted[i])) || wanted[i] == got[i] ||
                             (std::isnan(wanted[i]) && std::isnan(got[i]));
          CHECK(close);
        }
      }
    }
}

}  // namespace

TEST_CASE("sums and products") {
  compare((c / r + a) * r);
  compare((r / m + x) * m);
  compare((m * r + m * x) / r);
  compare((m * r + c) / r);
  compare(a * (m / a + c));
  compare((a / x + b / y) * x * y);
  compare((sqr(m) + c) / m);
  compare((m - r) / (r - m));
  compare(pow(a, m) * pow(a, r) / pow(a, c));
  compare(pow(c, x) * pow(c, m));
  compare(pow(m, 37_c) / pow(m, 35_c) * r);
  compare(pow(r / c, -5_c));
  compare(abs(-2_c * m * exp(r) / (c - 1_c)));
  compare(abs(m - 1_c) * abs(r - c));
  compare(sign((1_c - m) * -3_c / exp(c)));
}

TEST_CASE("choices and comparisons") {
  compare(where(m > 1_c, r, c) + where(m > 1_c, a, m));
  compare(where(r > 1_c, m, 0_c) - where(r > 1_c, c, 1_c));
  compare(where(c > 1_c, m, r) * where(c > 1_c, x, 2_c) / a);
  compare(a * where(r > 1_c, c, 0_c) / b);
  compare(m * where(r > c, 1_c, 0_c));
  compare(maximum(where(c > 1_c, m, r), where(c > 1_c, a, b)));
  compare(maximum(r, maximum(m, r)));
  compare(minimum(m, maximum(c, m)));
  compare(where(!(m == r), m, c));
  compare(sum(where(m > 1_c, 2_c * m, 0_c), ag::axis<0>));
}

TEST_CASE("logarithms and exponentials") {
  compare(log(exp(m) + exp(r) + exp(c) + exp(a)));
  compare(log(1_c + exp(r) + exp(c)));
  compare(log(3_c * exp(m) + 0.5_c));
  compare(log(1_c + m - 0.1_c * r));
  compare(log(pow(m, 4_c)) + log(pow(r, 3_c)));
  compare(log(2_c / r) + c);
  compare(log(exp(m + 3_c) - exp(r)));
  compare(exp(r) / (exp(r) + exp(c)));
  compare(log(prod(sqr(m), ag::axis<1>)));
  compare(prod(0_c * x + a));
  compare(prod(0_c * m + c, ag::axis<1>));
  compare(prod(-2_c * m, ag::axis<0>));
  compare(x * maximum(sum(0_c * x + 1_c) - 1_c, -1_c));
  compare(where(sum(0_c * x + 1_c) > -1_c, x, y));
  compare(sign(1_c / (x - 1_c)));
  compare(sign((x - 1_c) * (x - 1_c) * (x - 1_c)));
  compare(2_c * a * x - a * x + x * (a * 3_c) / b);
  compare(x * a * 2_c + y - 5_c * a * x);
  compare(log(sum(exp(m) * k, ag::axis<1>)));
  compare(log(sum(exp(m) / r, ag::axis<0>, ag::keepdims)));
  compare(log(sum(ag::softmax(m) * where(m > 1_c, 1_c, 0_c), ag::axis<1>)));
  compare(log(sum(exp(m) * r * a)));
  compare(log(mean(exp(m) * r, ag::axis<1>)));
  compare(log(3_c * sum(exp(m) * r, ag::axis<1>)));
  compare(log(0.5_c * (1_c + erf(m - r))));
  compare(exp(-sqr(m)) / erfc(m) * r);
}
