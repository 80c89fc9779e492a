// SPDX-License-Identifier: BSD-3-Clause
// The types of formulas pass through nvcc, whose host pass writes out in full every type that non-template code
// names. Runs on the host.
#include <cstdio>
#include <type_traits>

#include <agnesi/expr/symbols.hpp>
#include <agnesi/grad/grad.hpp>
#include <agnesi/ops/probability.hpp>
#include <agnesi/passes/simplified.hpp>

namespace ag = agnesi;
using namespace ag::literals;

namespace {

template <class T>
struct cnt {
  static constexpr int value = T::list::nodes;
};

struct swish_op : ag::elementwise<swish_op, 1> {
  static constexpr auto name = "swish";
  static constexpr auto eval(auto x) {
    using std::exp;
    return x / (1 + exp(-x));
  }
  static constexpr auto grad(auto g, auto x, auto y) { return g * (y + sigmoid(x) * (1 - y)); }
};
constexpr auto swish(auto x) { return ag::apply<swish_op>(x); }

template <int N>
constexpr auto residual(auto x) {
  if constexpr (N == 0) return x;
  else return residual<N - 1>(x + tanh(x));
}

template <class F>
__global__ void touch(int* out, F) {  // a kernel whose name holds a formula's type
  *out = F::list::nodes;
}

int failures = 0;
void expect(bool ok, const char* what) {
  if (ok) return;
  std::printf("wrong: %s\n", what);
  ++failures;
}

}  // namespace

int main() {
  constexpr auto x = ag::matrix<"x", float>;
  constexpr auto w = ag::matrix<"w", float>;
  constexpr auto b = ag::vector<"b", float>;
  constexpr auto labels = ag::vector<"labels", int>;

  // Sharing at every step: the type stays as long as the formula has nodes.
  constexpr auto a = residual<20>(x);
  constexpr auto c = residual<20>(ag::matrix<"x", float>);
  const decltype(a) copy = a;
  expect(std::is_same_v<decltype(a), decltype(c)>, "equal formulas have equal types");
  expect(cnt<decltype(c)>::value == 41, "a residual stack has 41 nodes");
  expect(cnt<decltype(copy + 1_c)>::value == 43, "and 43 with one added");

  // Softmax regression.
  constexpr auto cost = mean(cross_entropy_with_logits(dot(x, w) + b, labels)) + 0.01_c * sum(sqr(w));
  const auto [gw, gb] = ag::grad(cost, w, b);
  expect(std::is_same_v<decltype(gw)::type, decltype(w)::type>, "a gradient has its symbol's type");
  expect(cnt<std::remove_cv_t<decltype(gb)>>::value > cnt<std::remove_cv_t<decltype(cost)>>::value, "and one node more");
  const auto step = w - 0.1_c * gw;
  expect(!std::is_same_v<decltype(step), decltype(a)>, "an update is another type");

  // An operation of the user's own.
  constexpr auto s = sum(swish(x) * swish(x));
  expect(cnt<decltype(s)>::value == 4, "a formula with an operation of the user's own");
  expect(std::is_same_v<decltype(s)::ops, ag::op_list<swish_op>>, "which its type lists");

  // Rewriting.
  constexpr auto y = ag::simplify(x * b / x);
  static_assert(ag::same(ag::simplify(b * labels / labels), ag::simplify(1_c * ag::cast<double>(b))));
  expect(cnt<decltype(y)>::value <= 3, "x * b / x is simplified");
  const auto slope = ag::simplify(gw);
  expect(cnt<decltype(slope)>::value > 5, "a gradient, simplified");
  constexpr auto swish_slope = ag::simplify(ag::grad(s, x));
  expect(std::is_same_v<decltype(swish_slope)::type, decltype(x)::type>, "also with an operation of the user's own");

  // Not launched: there may be no GPU.
  (void)&touch<std::remove_cv_t<decltype(a)>>;

  std::printf("%s\n%s\n", ag::to_string(cost).c_str(), ag::to_string(slope).c_str());
  std::printf(failures == 0 ? "formula types: all as expected\n" : "formula types: %d failures\n", failures);
  return failures == 0 ? 0 : 1;
}
