// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <agnesi/expr/show.hpp>
#include <agnesi/expr/symbols.hpp>
#include <agnesi/grad/grad.hpp>
#include <agnesi/grad/reverse.hpp>
#include <agnesi/ops/probability.hpp>

#include <string>

namespace ag = agnesi;
using namespace ag::literals;
using ag::to_string;

namespace {

constexpr auto x = ag::matrix<"x">;
constexpr auto A = ag::matrix<"A", float, 3, 4>;
constexpr auto a = ag::vector<"a">;
constexpr auto b = ag::vector<"b">;
constexpr auto c = ag::vector<"c">;
constexpr auto s = ag::scalar<"s">;
constexpr auto i = ag::scalar<"i", std::int32_t>;
constexpr auto n = ag::scalar<"n", std::int64_t>;
constexpr auto ids = ag::vector<"ids", std::int32_t>;
constexpr auto rows = ag::vector<"rows", std::int32_t>;

template <class F>
constexpr bool reads(F f, std::string_view expected) {
  const ag::text t = ag::written(f);
  return t.view() == expected;
}
static_assert(reads(a - (b - c), "a - (b - c)"));
static_assert(reads(mean(-a * log(b)), "mean(-a * log(b))"));
static_assert(reads(x(ag::slice(1_c, 5_c)), "x(slice(1, 5))"));

// x = x + tanh(x), each reading the one before twice.
template <int N>
constexpr auto residual(auto z) {
  if constexpr (N == 0) return z;
  else return residual<N - 1>(z + tanh(z));
}
template <int N>
constexpr auto nested(auto z) {
  if constexpr (N == 0) return z;
  else return nested<N - 1>(exp(z));
}

// The gradient of a cost as the graph has it, after differentiation.
template <class F>
std::string gradient_text(F f) {
  ag::graph g;
  const int root = lower(g, f);
  g.apply(ag::info<ag::op::outputs>, &root, 1);
  return std::string(shown_outputs(ag::differentiated(g, ag::universe_of<typename F::ops>())).view());
}

}  // namespace

TEST_CASE("infix operators take parentheses only where their structure needs them") {
  CHECK(to_string(a - b - c) == "a - b - c");
  CHECK(to_string(a - (b - c)) == "a - (b - c)");
  CHECK(to_string(a - (b + c)) == "a - (b + c)");
  CHECK(to_string(a + (b + c)) == "a + b + c");
  CHECK(to_string(a + (b - c)) == "a + (b - c)");
  CHECK(to_string((a + b) * c) == "(a + b) * c");
  CHECK(to_string(a + b * c) == "a + b * c");
  CHECK(to_string(a / b / c) == "a / b / c");
  CHECK(to_string(a / (b / c)) == "a / (b / c)");
  CHECK(to_string(a * (b / c)) == "a * (b / c)");
  CHECK(to_string(a * b / c) == "a * b / c");
  CHECK(to_string(a / (b * c)) == "a / (b * c)");
  CHECK(to_string((a < b) == (b < c)) == "(a < b) == (b < c)");
  CHECK(to_string((a < b) && ((b < c) || !(a == c))) == "a < b && (b < c || !(a == c))");
  CHECK(to_string(((a < b) && (b < c)) || (a >= c)) == "a < b && b < c || a >= c");
  CHECK(to_string(a + 1_c > b - 1_c) == "a + 1 > b - 1");
}

TEST_CASE("two signs do not follow each other") {
  CHECK(to_string(-a * b) == "-a * b");
  CHECK(to_string(-(a * b)) == "-(a * b)");
  CHECK(to_string(-(a + b)) == "-(a + b)");
  CHECK(to_string(-(-a)) == "-(-a)");
  CHECK(to_string(a - -b) == "a - (-b)");
  CHECK(to_string(a + -b * c) == "a + (-b * c)");
  CHECK(to_string(a * -2_c) == "a * (-2)");
  CHECK(to_string(-2_c * a) == "-2 * a");
  CHECK(to_string(exp(-a)) == "exp(-a)");
  CHECK(to_string(pow(a, -2_c)) == "pow(a, -2)");
}

TEST_CASE("numbers are the shortest that read back as the same") {
  CHECK(to_string(0.01_c * a) == "0.01 * a");
  CHECK(to_string(2_c * a) == "2 * a");
  CHECK(to_string(1e-6_c * a) == "1e-6 * a");
  CHECK(to_string(0.1_c * A) == "0.1 * A");  // a float is not shown as a double's 0.10000000149
  CHECK(to_string(3e7_c * A) == "30000000 * A");
  CHECK(to_string(1.2345678_c * A) == "1.2345678 * A");
  CHECK(to_string(1_c / 3_c) == "1 / 3");
  CHECK(to_string(ag::pi * a) == "pi * a");
  CHECK(to_string(ag::inf - a) == "inf - a");
  CHECK(to_string(ag::nan * a) == "nan * a");
}

TEST_CASE("reductions name their axes") {
  CHECK(to_string(sum(x)) == "sum(x)");
  CHECK(to_string(sum(x, ag::axis<0>)) == "sum(x, axis<0>)");
  CHECK(to_string(max(x, ag::axis<-1>)) == "max(x, axis<1>)");
  CHECK(to_string(mean(x, ag::axis<0>, ag::keepdims)) == "mean(x, axis<0>, keepdims)");
  CHECK(to_string(sum(ag::tensor3<"t">, ag::axis<0, 2>)) == "sum(t, axis<0, 2>)");
  CHECK(to_string(ag::all(x > 0_c)) == "all(x > 0)");
  CHECK(to_string(logsumexp(x, ag::axis<1>)) == "logsumexp(x, axis<1>)");
  CHECK(to_string(softmax(x)) == "softmax(x)");
  CHECK(to_string(softmax(x, ag::axis<0>)) == "softmax(x, axis<0>)");
}

TEST_CASE("movements are spelled as they are written") {
  CHECK(to_string(transpose(x)) == "transpose(x)");
  CHECK(to_string(ag::permute<1, 0, 2>(ag::tensor3<"t">)) == "permute<1, 0, 2>(t)");
  CHECK(to_string(ag::permute<2, 1, 0>(ag::tensor3<"t">)) == "transpose(t)");
  CHECK(to_string(ag::expand_dims<0>(a)) == "expand_dims<0>(a)");
  CHECK(to_string(ag::squeeze<0>(ag::row<"r">)) == "squeeze<0>(r)");
  CHECK(to_string(reshape(A, ag::shape(2_c, -1_c))) == "reshape(A, (2, 6))");
  CHECK(to_string(reshape(x, ag::shape(n + 1_c, 2_c * n))) == "reshape(x, (n + 1, 2 * n))");
  CHECK(to_string(flatten(x)) == "reshape(x, (dim<0>(x) * dim<1>(x)))");
}

TEST_CASE("indices are those of the call syntax") {
  CHECK(to_string(x(0_c)) == "x(0)");
  CHECK(to_string(x(-1_c)) == "x(-1)");
  CHECK(to_string(x(ag::all, 2_c)) == "x(all, 2)");
  CHECK(to_string(x(i)) == "x(i)");
  CHECK(to_string(x(ag::all, i + 1_c)) == "x(all, i + 1)");
  CHECK(to_string(x(ids)) == "x(ids)");
  CHECK(to_string(x(ag::all, ids)) == "x(all, ids)");
  CHECK(to_string(x(rows, ids)) == "x(rows, ids)");
  CHECK(to_string((x + x)(0_c)) == "(x + x)(0)");
  CHECK(to_string(exp(x)(0_c)) == "exp(x)(0)");
}

TEST_CASE("slices have the bounds they were given") {
  using ag::none, ag::slice;
  CHECK(to_string(x(slice(1_c, 5_c))) == "x(slice(1, 5))");
  CHECK(to_string(x(ag::all, slice(1_c, none))) == "x(all, slice(1, none))");
  CHECK(to_string(x(slice(none, -1_c))) == "x(slice(0, -1))");
  CHECK(to_string(x(slice(-3_c, none))) == "x(slice(-3, none))");
  CHECK(to_string(x(slice(1_c, 7_c, 3_c))) == "x(slice(1, 7, 3))");
  CHECK(to_string(x(slice(none, none, -1_c))) == "x(slice(none, none, -1))");
  CHECK(to_string(x(slice(5_c, 2_c, -1_c))) == "x(slice(5, 2, -1))");
  CHECK(to_string(x(slice(-2_c, none, -2_c))) == "x(slice(-2, none, -2))");
  CHECK(to_string(x(slice(none, -3_c, -1_c))) == "x(slice(none, -3, -1))");
  CHECK(to_string(A(slice(0_c, 2_c))) == "A(slice(0, 2))");
  CHECK(to_string(A(slice(1_c, none))) == "A(slice(1, none))");
  CHECK(to_string(A(slice(none, none, -2_c))) == "A(slice(none, none, -2))");
}

TEST_CASE("gradients and composites print by name, the graph after differentiation by its nodes") {
  CHECK(to_string(cross_entropy_with_logits(x, ids)) == "cross_entropy_with_logits(x, ids)");
  CHECK(to_string(grad(mean(sqr(a)), a)) == "grad(mean(sqr(a)), a)");
  CHECK(to_string(ag::cast<float>(x)) == "cast<float>(x)");
  CHECK(gradient_text(grad(sum(a), a)) == "full((dim<0>(a)), 1)");
  CHECK(gradient_text(grad(sum(x(ids)), x)).find("inc(full((dim<0>(x), dim<1>(x)), 0)(ids), ") == 0);
  CHECK(gradient_text(grad(sum(x(rows, ids)), x)).find("(rows, ids), ") != std::string::npos);
  CHECK(gradient_text(grad(sum(x(ag::slice(1_c, 5_c))), x)).find("(slice(1, 5)), ") != std::string::npos);
}

TEST_CASE("a model reads as it was written") {
  constexpr auto w = ag::vector<"w">;
  constexpr auto y = ag::vector<"y">;
  constexpr auto p = 1_c / (1_c + exp(-(dot(x, w) + s)));
  constexpr auto cost = mean(-y * log(p) - (1_c - y) * log(1_c - p)) + 0.01_c * sum(sqr(w));
  CHECK(to_string(p) == "1 / (1 + exp(-(dot(x, w) + s)))");
  CHECK(to_string(cost) ==
        "mean(-y * log(1 / (1 + exp(-(dot(x, w) + s)))) - (1 - y) * log(1 - 1 / (1 + exp(-(dot(x, w) + s))))) + "
        "0.01 * sum(sqr(w))");
}

TEST_CASE("what would be long names what it shares, linearly in its nodes") {
  CHECK(to_string(residual<2>(a)) == "a + tanh(a) + tanh(a + tanh(a))");
  const std::string t = to_string(residual<20>(a));
  CHECK(t.find("t1 = a + tanh(a)\nt2 = t1 + tanh(t1)\n") == 0);
  CHECK(t.find("t19 = t18 + tanh(t18)\nt19 + tanh(t19)") != std::string::npos);
  CHECK(t.size() < 20 * 24);
  CHECK(to_string(residual<20>(ag::vector<"t2">)).find("t3 = t1 + tanh(t1)") != std::string::npos);
  const std::string deep = to_string(nested<320>(a));  // shares nothing, but is deep
  CHECK(deep.find("exp(exp(a))") != std::string::npos);
  CHECK(deep.find("t2 = exp(exp(") != std::string::npos);
}

TEST_CASE("shapes and outputs") {
  ag::graph g;
  const int first = lower(g, dot(x, ag::matrix<"w", double, ag::dyn, 3>));
  const int second = lower(g, sum(x));
  CHECK(shape_text(g, first).view() == "(dim<0>(x), 3)");
  CHECK(shape_text(g, second).view() == "()");
  const int outputs[] = {first, second};
  g.apply(ag::info<ag::op::outputs>, outputs, 2);
  CHECK(shown_outputs(g).view() == "dot(x, w)\nsum(x)");
}
