// SPDX-License-Identifier: BSD-3-Clause

// What well-known models are compiled to: the number and the kinds of the steps, and what BLAS is asked to do.

#include <agnesi/agnesi.hpp>

#include <doctest/doctest.h>

#include <string>

namespace {

namespace ag = agnesi;
using namespace ag::literals;

constexpr auto a = ag::scalar<"a">;
constexpr auto b = ag::scalar<"b">;
constexpr auto x = ag::matrix<"x">;
constexpr auto y = ag::vector<"y", std::int32_t>;
constexpr auto t = ag::vector<"t">;
constexpr auto w = ag::vector<"w">;
constexpr auto v = ag::vector<"v">;
constexpr auto W1 = ag::matrix<"W1">;
constexpr auto W2 = ag::matrix<"W2">;
constexpr auto b1 = ag::vector<"b1">;
constexpr auto b2 = ag::vector<"b2">;

std::string shortest(double d) {
  std::string s = std::to_string(d);
  s.erase(s.find_last_not_of('0') + 1);
  if (s.back() == '.') s.pop_back();
  return s;
}

// A name for an operand's storage: the symbol's, or what it is; transposed where its axes are swapped.
std::string operand_text(const ag::pipeline_result& r, const ag::operand& o) {
  if (o.storage < 0) return "iota";
  const ag::storage& s = r.steps.storages[o.storage];
  std::string name = s.kind == ag::storage_kind::input    ? std::string(r.optimized.symbol_name(s.index))
                     : s.kind == ag::storage_kind::output ? "out" + std::to_string(s.index)
                     : s.kind == ag::storage_kind::extent ? "extent"
                                                          : "t";
  if (o.rank == 2 && o.axis[0] == 1 && o.axis[1] == 0) name += "'";
  return name;
}

// One word a step: "loop", or "W1 = 1 W1 + -0.1 x' t".
template <class F>
std::string plan_of(F) {
  const ag::pipeline_result r = ag::run_pipeline<typename F::model_type>();
  std::string text;
  for (const ag::step& s : r.steps.steps) {
    if (!text.empty()) text += "; ";
    const auto operand = [&](int k) { return operand_text(r, r.steps.operands[s.first_operand + k]); };
    switch (s.kind) {
      case ag::step_kind::loop: text += "loop"; break;
      case ag::step_kind::contract:
        text += operand(0) + " = ";
        if (s.beta != 0) text += shortest(s.beta) + " " + operand(0) + " + ";
        if (s.alpha != 1 || s.alpha_operand) text += shortest(s.alpha) + (s.alpha_operand ? (s.divide_alpha ? "/" : "*") + operand(3) : "") + " ";
        text += operand(1) + " " + operand(2);
        break;
      case ag::step_kind::take: text += "take"; break;
      case ag::step_kind::take_pairs: text += "take_pairs"; break;
      case ag::step_kind::put: text += "put"; break;
      case ag::step_kind::put_take: text += "put_take"; break;
      case ag::step_kind::put_pairs: text += "put_pairs"; break;
      case ag::step_kind::arg_extremum: text += "arg"; break;
      case ag::step_kind::reshape: text += "reshape"; break;
    }
  }
  return text;
}

}  // namespace

TEST_CASE("elementwise formulas and what is summed of them are one loop") {
  CHECK(plan_of(ag::function(ag::inputs(a, b), ag::outputs(a + b))) == "loop");
  CHECK(plan_of(ag::function(ag::inputs(x, w), ag::outputs(exp(x) * w + 1_c))) == "loop");
  CHECK(plan_of(ag::function(ag::inputs(x, w), ag::outputs(sum(sqr(x * w - 1_c))))) == "loop");
  CHECK(plan_of(ag::function(ag::inputs(w, v), ag::outputs(w + v, sum(w * v), max(w)))) == "loop");
  CHECK(plan_of(ag::function(ag::inputs(w, v), ag::updates(w = w - 0.1_c * v, v = 0.9_c * v))) == "loop");
}

TEST_CASE("a softmax of rows: the maxima, the sums, their logarithms, the quotients") {
  CHECK(plan_of(ag::function(ag::inputs(x), ag::outputs(softmax(x)))) == "loop; loop; loop; loop");
}

TEST_CASE("a step of logistic regression") {
  auto p = sigmoid(dot(x, w) + b);
  auto cost = mean(-t * log(p) - (1_c - t) * log(1_c - p)) + 0.01_c * sum(sqr(w));
  auto [gw, gb] = ag::grad(cost, w, b);
  CHECK(plan_of(ag::function(ag::inputs(x, t, w, b), ag::outputs(cost), ag::updates(w = w - 0.1_c * gw, b = b - 0.1_c * gb))) ==
        "t = x w; loop; loop; loop; w = 0.998 w + -0.1/extent x' t");
}

TEST_CASE("a step of softmax regression") {
  auto cost = mean(cross_entropy_with_logits(dot(x, W1) + b1, y));
  auto [gw, gb] = ag::grad(cost, W1, b1);
  CHECK(plan_of(ag::function(ag::inputs(x, y, W1, b1), ag::outputs(cost), ag::updates(W1 = W1 - 0.1_c * gw, b1 = b1 - 0.1_c * gb))) ==
        "t = x W1; loop; take_pairs; loop; loop; loop; put_pairs; loop; W1 = 1 W1 + -1*t x' t; loop");
}

TEST_CASE("a step of a network with a hidden layer: five products, two of which update in place") {
  auto h = tanh(dot(x, W1) + b1);
  auto cost = mean(cross_entropy_with_logits(dot(h, W2) + b2, y));
  auto [g1, c1, g2, c2] = ag::grad(cost, W1, b1, W2, b2);
  CHECK(plan_of(ag::function(ag::inputs(x, y, W1, b1, W2, b2), ag::outputs(cost),
                             ag::updates(W1 = W1 - 0.1_c * g1, b1 = b1 - 0.1_c * c1, W2 = W2 - 0.1_c * g2, b2 = b2 - 0.1_c * c2))) ==
        "t = x W1; loop; t = t W2; loop; take_pairs; loop; loop; loop; put_pairs; t = t W2'; loop; loop; W1 = 1 W1 + -1*t x' t; W2 = 1 W2 + -1*t t' t; loop");
}
