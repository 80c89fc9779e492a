// SPDX-License-Identifier: BSD-3-Clause
// Prints docs/reference/before_after.md: formulas as they are written, what becomes of them, and by which rewrites.
//   tests/docs/generated.py --write

#include <agnesi/agnesi.hpp>

#include <cstdio>
#include <string>
#include <vector>

namespace {

namespace ag = agnesi;
using namespace ag::literals;
using std::string;

constexpr auto a = ag::scalar<"a">;
constexpr auto b = ag::scalar<"b">;
constexpr auto c = ag::scalar<"c">;
constexpr auto x = ag::vector<"x">;
constexpr auto y = ag::vector<"y">;
constexpr auto z = ag::vector<"z">;
constexpr auto w = ag::vector<"w">;
constexpr auto m = ag::matrix<"m">;
constexpr auto n = ag::matrix<"n">;
constexpr auto k = ag::vector<"k", std::int64_t>;

string cell(const string& s) {
  string t = "`";
  for (const char ch : s) t += ch == '|' ? string("\\|") : string(1, ch);
  return t + "`";
}

// What a function of this formula would compute, before loops are fused and libraries are called.
template <class F>
void row(F f) {
  using in = decltype(ag::inputs(a, b, c, x, y, z, w, m, n, k));
  using model = typename ag::detail::model_of<in, decltype(ag::outputs(f)), ag::update_list<>, ag::given_list<>>::name;
  const ag::pipeline_result r = ag::run_pipeline<model>();
  std::vector<string> names;
  for (const ag::firing& e : r.fired) {
    if (!e.told) continue;
    const ag::text t = e.name.empty() && e.by != nullptr ? to_text(*e.by) : ag::text(e.name);
    const string name(t.view());
    bool known = false;
    for (const string& o : names) known = known || o == name;
    if (!known) names.push_back(name);
  }
  string by;
  for (const string& name : names) by += (by.empty() ? "" : ", ") + cell(name);
  ag::formula_writer writer(r.simple, true);
  ag::text computed;
  writer.write(computed, r.simple.arg(r.simple.size() - 1, 0));
  std::printf("| %s | %s | %s |\n", cell(ag::to_string(f)).c_str(), cell(string(computed.view())).c_str(), by.c_str());
}

void section(const char* title, const char* text) {
  std::printf("\n## %s\n\n%s\n\n| written | computed | rewrites |\n|---|---|---|\n", title, text);
}

}  // namespace

int main() {
  std::printf(
      "# Before and after\n\n"
      "Formulas as they are written, and as a function computes them. Scalars are a, b and c; vectors x, y, z and w; matrices m "
      "and n; k is a vector of integers. The last column has the rewrites in the order in which they fired, by the names that "
      "`ag::without` and `ag::passes` take; `explain()` says the same of any function, in more detail. This page is printed by "
      "[a program](generate/before_after.cpp).\n");

  section("Algebra", "Equal formulas get one form, and what cancels is gone.");
  row((x + a) + (y + b));
  row(a + (b + c) - (c + (b + a)));
  row(x * y / x);
  row(x - y + y - x);
  row(x + 2_c * x);
  row(a * x + a * y);
  row(x * x * x / (y * x));
  row(exp(x) * exp(-y));
  row(pow(x, 3_c));
  row(log(exp(x)) + sqrt(sqr(y)));

  section("Shapes and sums", "What moves or selects elements is done first or not at all; reductions read as little as they can.");
  row(transpose(transpose(m) + transpose(n)));
  row(sum(a * x));
  row(sum(sum(m, ag::axis<1>)));
  row(sum(-m * a / b, ag::axis<0>));
  row(dot(transpose(2_c * m), x));
  row(exp(x + y)(0_c));
  row(exp(m)(k));

  section("Accuracy", "What overflows or cancels is written otherwise.");
  row(log(1_c + x));
  row(exp(x) - 1_c);
  row(1_c / (1_c + exp(-x)));
  row(log(1_c + exp(x)));
  row(log(1_c - 1_c / (1_c + exp(-x))));
  row(log(1_c - exp(x)));
  row(log(exp(x) + exp(y)));
  row(log(sum(exp(m), ag::axis<1>)));
  row(exp(m) / sum(exp(m), ag::axis<1>, ag::keepdims));
  row(log(softmax(m)));
  row(-(y * log(sigmoid(x)) + (1_c - y) * log(1_c - sigmoid(x))));

  section("Gradients", "Derivatives are taken of the stable form, and simplified in their turn.");
  row(ag::grad(sum(sqr(x)), x));
  row(ag::grad(sum(log(1_c + exp(x))), x));
  row(ag::grad(sum(tanh(a * x)), a));
  row(ag::grad(mean(sqr(dot(m, w) - y)), w));
  row(ag::grad(sum(ag::grad(sum(x * sqr(x)), x)), x));
  row(ag::grad(-sum(y * log(1_c / (1_c + exp(-x))) + (1_c - y) * log(1_c - 1_c / (1_c + exp(-x)))), x));
  row(ag::grad(log(sum(exp(x))), x));
  row(ag::grad(-sum(n * log(exp(m) / sum(exp(m), ag::axis<1>, ag::keepdims))), m));
  row(ag::grad(sum(cross_entropy_with_logits(m, k)), m));
}
