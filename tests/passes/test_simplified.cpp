// SPDX-License-Identifier: BSD-3-Clause
// ag::simplify: from a formula to a formula. What the rewrites themselves do is tested beside them.
#include <doctest/doctest.h>

#include <agnesi/expr/symbols.hpp>
#include <agnesi/ops/probability.hpp>
#include <agnesi/passes/simplified.hpp>

#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <type_traits>

namespace ag = agnesi;
using namespace ag::literals;
using ag::same, ag::simplify;

namespace {

constexpr auto x = ag::vector<"x">;
constexpr auto y = ag::vector<"y">;
constexpr auto m = ag::matrix<"m">;
constexpr auto f = ag::vector<"f", float>;

static_assert(same(simplify(x * y / x), y));
static_assert(same(simplify(x), x));
static_assert(same(simplify(log(1_c + exp(x))), softplus(x)));
static_assert(same(simplify(2_c), 2_c));
static_assert(same(simplify(-(-x)), x));
static_assert(same(simplify(transpose(transpose(m))), m));
static_assert(std::is_same_v<decltype(simplify(x * y / x)), std::remove_const_t<decltype(ag::as_formula(y))>>);

// The element type and the shape stay what they are.
static_assert(std::is_same_v<decltype(simplify(f * 1_c))::type, decltype(f)::type>);
static_assert(std::is_same_v<decltype(simplify(f - f))::type, decltype(f)::type>);
static_assert(std::is_same_v<decltype(simplify(ag::grad(sum(m), m)))::type, decltype(m)::type>);

// Gradients are taken, and what a formula becomes can be used in another one.
static_assert(same(simplify(ag::grad(sum(sqr(x)), x)), 2_c * x));
static_assert(same(simplify(ag::grad(sum(x * y), x)), y));
static_assert(same(simplify(exp(simplify(log(x + y - x)))), simplify(exp(log(y)))));
static_assert(same(simplify(ag::grad(sum(simplify(x * y)), x)), y));
static_assert(same(simplify(ag::grad(sum(ag::grad(sum(x * sqr(x)), x)), x)), 6_c * x));

// ---- parts of it, and switches

// Passes by name, alone and together.
static_assert(same(simplify(log(1_c + exp(x)), ag::passes<>), log(1_c + exp(x))));
static_assert(same(simplify(log(1_c + exp(x)) - 0_c, ag::passes<"stabilize">), softplus(x) - 0_c));
static_assert(same(simplify(log(1_c + exp(x)) - 0_c, ag::passes<"canonicalize">), log(1_c + exp(x))));
static_assert(same(simplify(log(1_c + exp(x)) - 0_c, ag::passes<"canonicalize", "stabilize">), softplus(x)));
static_assert(same(simplify(x + (2_c - 2_c), ag::passes<"fold">), x + 0_c));

// Single rules and rewritings by name.
static_assert(same(simplify(log(1_c + exp(x)), ag::passes<"log1p">), log1p(exp(x))));
static_assert(same(simplify(log(1_c + exp(x)), ag::passes<"log1p", "softplus">), softplus(x)));
static_assert(same(simplify(x * y / x, ag::passes<"canonical_products">), y));
static_assert(same(simplify(x - x, ag::passes<"canonical_products">), x - x));
static_assert(same(simplify(pow(x, 3_c), ag::passes<"powers">), x * sqr(x)));
static_assert(same(simplify(log(exp(x)) + 0_c, ag::passes<"log(exp(x)) >> x">), x + 0_c));
static_assert(same(simplify(log(1_c + exp(x)), ag::passes<"log1p", "softplus">, ag::without<"softplus">), log1p(exp(x))));

// Gradients, taken and left.
static_assert(same(simplify(ag::grad(sum(x * y), x), ag::passes<"canonicalize">), ag::grad(sum(x * y), x)));
static_assert(same(simplify(ag::grad(sum(log(x)), x), ag::passes<"differentiate", "canonicalize">), 1_c / x));
static_assert(!same(simplify(ag::grad(sum(x * y), x), ag::passes<"differentiate">), y));
static_assert(same(simplify(simplify(ag::grad(sum(x * y), x), ag::passes<"differentiate">)), y));

// The options of functions.
static_assert(same(simplify(x * y / x, ag::ieee), x * y / x));
static_assert(same(simplify(log(1_c + exp(x)), ag::without<"softplus">), log1p(exp(x))));
static_assert(same(simplify(log(1_c + exp(x)) * 1_c, ag::without<"stabilize">), log(1_c + exp(x))));
static_assert(same(simplify(log(1_c + exp(x)), ag::without<"log1p">, ag::without<"softplus">), log(1_c + exp(x))));

namespace table {
using ag::patterns::x;  // hides the symbol
inline constexpr ag::rule mine[] = {ag::named("mine", (sqr(tanh(x)) + x) >> x)};
}  // namespace table
static_assert(same(simplify(sqr(tanh(x)) + y + x, ag::rules<table::mine>), x + y));
static_assert(same(simplify(sqr(tanh(x)) + x, ag::rules<table::mine>, ag::without<"mine">), sqr(tanh(x)) + x));
static_assert(same(simplify(sqr(tanh(x)) + x - 0_c, ag::rules<table::mine>, ag::passes<>), x - 0_c));

// A mistake stays one.
static_assert(std::is_same_v<decltype(simplify(ag::invalid{})), ag::invalid>);

struct swish_op : ag::elementwise<swish_op, 1> {
  static constexpr auto name = "swish";
  static constexpr auto eval(auto z) { return z / (1 + exp(-z)); }
  static constexpr auto grad(auto g, auto z, auto r) { return g * (r + sigmoid(z) * (1 - r)); }
};
constexpr auto swish(auto z) { return ag::apply<swish_op>(z); }
static_assert(same(simplify(swish(x) * y / y), swish(x)));

// A rule may bring in an operation that the formula does not have.
namespace table {
using ag::patterns::z;
inline constexpr ag::rule with_swish[] = {z * sigmoid(z) >> swish(z)};
}  // namespace table
static_assert(same(simplify(x * sigmoid(x) + y, ag::rules<table::with_swish, swish_op>), swish(x) + y));

}  // namespace

// The compiler prints a literal, so the list of names is written out there.
TEST_CASE("the sentence about unknown names lists every pass, rewriting and named rule") {
  std::ifstream file(AGNESI_SOURCE_DIR "/include/agnesi/passes/options.hpp");
  std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::size_t begin = text.find("agnesi: ag::without or ag::passes"), end = text.find("a name goes by");
  REQUIRE(begin < end);
  REQUIRE(end < text.size());
  std::string sentence = " " + text.substr(begin, end - begin);
  for (char& c : sentence)
    if (std::strchr("\",;.\n", c) != nullptr) c = ' ';
  const auto listed = [&](std::string_view name) { return sentence.find(" " + std::string(name) + " ") != std::string::npos; };
  const auto check = [&](std::string_view name) {
    CAPTURE(name);
    CHECK((name.empty() || listed(name)));
  };
  for (const ag::pass& p : ag::rewriting_passes) check(p.name);
  for (std::string_view p : ag::detail::further_passes) check(p);
  for (const ag::rewriting& r : ag::detail::rewritings) check(r.name);
  for (const ag::rule& r : ag::tables::stable) check(r.name);
  for (const ag::rule& r : ag::tables::canonical) check(r.name);
  for (const ag::rule& r : ag::tables::special) check(r.name);
}

TEST_CASE("the gradient of logistic regression is the textbook's") {
  constexpr auto w = ag::vector<"w">;
  constexpr auto b = ag::scalar<"b">;
  constexpr auto p = 1_c / (1_c + exp(-(dot(m, w) + b)));
  constexpr auto cost = mean(-y * log(p) - (1_c - y) * log(1_c - p)) + 0.01_c * sum(sqr(w));
  constexpr auto slope = simplify(ag::grad(cost, w));
  const std::string t = ag::to_string(slope);
  CAPTURE(t);
  CHECK(t.find("sigmoid(dot(m, w) + b) - y") != std::string::npos);
  CHECK(t.find("0.02 * w") != std::string::npos);
  CHECK(t.find("log") == std::string::npos);
  CHECK(same(simplify(slope), slope));
}

TEST_CASE("a gradient of an operation of the user's own") {
  CHECK(ag::to_string(simplify(ag::grad(sum(swish(x)), x))).find("swish(x)") != std::string::npos);
}
