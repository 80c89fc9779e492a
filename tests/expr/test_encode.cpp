// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <agnesi/expr/encode.hpp>
#include <agnesi/expr/same.hpp>
#include <agnesi/expr/show.hpp>
#include <agnesi/expr/symbols.hpp>
#include <agnesi/grad/grad.hpp>
#include <agnesi/grad/reverse.hpp>
#include <agnesi/ops/probability.hpp>

namespace ag = agnesi;
using namespace ag::literals;

namespace {

constexpr auto x = ag::matrix<"x">;
constexpr auto A = ag::matrix<"A", float, 3, 4>;
constexpr auto v = ag::vector<"v">;
constexpr auto u = ag::vector<"u", float>;
constexpr auto s = ag::scalar<"s">;
constexpr auto n = ag::scalar<"n", std::int64_t>;
constexpr auto ids = ag::vector<"ids", std::int32_t>;
constexpr auto rows = ag::vector<"rows", std::int32_t>;
constexpr auto long_name = ag::vector<"a_name_of_more_than_eight_letters", float, 5>;

struct swish_op : ag::elementwise<swish_op, 1> {
  static constexpr auto name = "swish";
  static constexpr auto eval(auto z) { return z / (1 + exp(-z)); }
  static constexpr auto grad(auto g, auto z, auto r) { return g * (r + sigmoid(z) * (1 - r)); }
};
constexpr auto swish(auto z) { return ag::apply<swish_op>(z); }

template <class F>
struct lowered {
  using ops = typename F::ops;
  static constexpr ag::rooted make() {
    ag::rooted r;
    r.root = lower(r.g, F{});
    return r;
  }
};
template <class F>
struct differentiated {
  using ops = typename F::ops;
  static constexpr ag::rooted make() {
    ag::graph g;
    const int root = lower(g, F{});
    g.apply(ag::info<ag::op::outputs>, &root, 1);
    ag::rooted r{ag::differentiated(g, ag::universe_of<ops>()), -1};
    if (r.g.failure == ag::mistake::none) r.root = r.g.arg(r.g.size() - 1, 0);
    return r;
  }
};

// Through a graph and back: the same formula of the same type.
template <class F>
constexpr bool round_trip(F f) {
  using formula = ag::formula_of<F>;
  constexpr auto back = ag::encoded<lowered<formula>>();
  return std::is_same_v<typename decltype(back)::type, typename formula::type> && ag::same(back, f);
}

// The text of a gradient's formula after and before the graph has been a type.
template <class F>
constexpr bool gradient_round_trip(F) {
  using source = differentiated<ag::formula_of<F>>;
  constexpr auto back = ag::encoded<source>();
  static_assert(std::is_same_v<typename decltype(back)::type, typename F::type>);
  const ag::rooted r = source::make();
  const ag::text before = shown(r.g, r.root), after = ag::written(back);
  return before.view() == after.view();
}

static_assert(round_trip(x));
static_assert(round_trip(long_name));
static_assert(round_trip(2_c));
static_assert(round_trip(-0.5_c));
static_assert(round_trip(2_c * exp(3_c)));
static_assert(round_trip(ag::inf));

static_assert(round_trip(x + v));
static_assert(round_trip(x - 0.5_c * sum(x, ag::axis<0>)));
static_assert(round_trip(A + u));
static_assert(round_trip(A * v));
static_assert(round_trip(where(x > 0_c && x < 1_c, x, -v)));
static_assert(round_trip(clip(x, -1_c, 1_c)));
static_assert(round_trip(ag::cast<std::int32_t>(x) + ag::cast<float>(2_c)));
static_assert(round_trip(exp(2_c) * u));
static_assert(round_trip(dot(x, v) + dot(transpose(x), x)(0_c)));

static_assert(round_trip(mean(x)));
static_assert(round_trip(max(x, ag::axis<1>, ag::keepdims)));
static_assert(round_trip(argmax(A)));
static_assert(round_trip(softmax(x) - log_softmax(x, ag::axis<0>)));
static_assert(round_trip(logsumexp(u)));

static_assert(round_trip(transpose(x)));
static_assert(round_trip(ag::permute<2, 0, 1>(ag::tensor3<"t">)));
static_assert(round_trip(ag::squeeze<0>(ag::expand_dims<0, 2>(x))));
static_assert(round_trip(reshape(x, ag::shape(2_c, -1_c))));
static_assert(round_trip(reshape(A, ag::shape(2_c, -1_c))));
static_assert(round_trip(reshape(x, ag::shape(n + 1_c, n * n))));
static_assert(round_trip(flatten(x)));

static_assert(round_trip(x(0_c)));
static_assert(round_trip(x(-1_c, 2_c)));
static_assert(round_trip(x(n, ag::all)));
static_assert(round_trip(x(ag::slice(1_c, 5_c))));
static_assert(round_trip(x(ag::slice(ag::none, ag::none, -1_c))));
static_assert(round_trip(A(ag::all, ag::slice(1_c, ag::none, 2_c))));
static_assert(round_trip(x(ag::slice(5_c, 1_c, -2_c))(ag::slice(-3_c, ag::none), ag::slice(1_c, 2_c))));
static_assert(round_trip(x(ids)));
static_assert(round_trip(x(ag::all, ids)));
static_assert(round_trip(x(rows, ids)));
static_assert(round_trip(cross_entropy_with_logits(x, ids)));

static_assert(round_trip(swish(x) * 2_c));
static_assert(round_trip(grad(sum(swish(x)), x)));

}  // namespace

TEST_CASE("a gradient's graph becomes a formula and keeps its text") {
  CHECK(gradient_round_trip(grad(sum(sqr(x)), x)));
  CHECK(gradient_round_trip(grad(mean(x), x)));
  CHECK(gradient_round_trip(grad(sum(x(ag::slice(1_c, 5_c))), x)));
  CHECK(gradient_round_trip(grad(sum(x(ag::slice(ag::none, ag::none, -2_c)) * 2_c), x)));
  CHECK(gradient_round_trip(grad(sum(reshape(x, ag::shape(2_c, -1_c)) * 3_c), x)));
  CHECK(gradient_round_trip(grad(sum(swish(x)), x)));
  CHECK(gradient_round_trip(grad(mean(cross_entropy_with_logits(dot(x, ag::matrix<"w">) + v, ids)), v)));
  CHECK(gradient_round_trip(grad(sum(A(ag::all, 1_c)), A)));
  CHECK(gradient_round_trip(grad(sum(x(rows, ids) * s), x)));
  CHECK(gradient_round_trip(grad(mean(sqr(grad(sum(exp(v) * sqr(v)), v))), v)));
}

TEST_CASE("only live nodes are written") {
  // lower expands mean(x) beside what it leaves dead with composites::keep; the list has x, sum, extent, div.
  using f = decltype(ag::encoded<lowered<decltype(mean(v))>>());
  CHECK(f::list::nodes == 4);
}

TEST_CASE("operands that share stay shared") {
  constexpr auto deep = [] {
    constexpr auto step = [](auto z) { return z + tanh(z); };
    constexpr auto four = [step](auto z) { return step(step(step(step(z)))); };
    return four(four(four(four(four(x)))));
  }();
  constexpr auto back = ag::encoded<lowered<std::remove_cv_t<decltype(deep)>>>();
  CHECK(decltype(back)::list::nodes == 41);
  CHECK(std::is_same_v<decltype(back), decltype(deep)>);
}

TEST_CASE("a formula that was encoded combines with others") {
  constexpr auto back = ag::encoded<differentiated<decltype(grad(mean(x(ag::slice(1_c, ag::none))), x))>>();
  CHECK(ag::same(back + x, x + back));
  CHECK(ag::to_string(back * x).find("* x") != std::string::npos);
}
