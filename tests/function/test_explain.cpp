// SPDX-License-Identifier: BSD-3-Clause
// explain(): the costs of steps, the rewrites that fired between the formulas as written and as computed, and what
// switching parts off does to a plan. Whole plans are held in tests/plans.
#include <doctest/doctest.h>

#include <agnesi/agnesi.hpp>

#include <string>

namespace ag = agnesi;
using namespace ag::literals;

namespace {

constexpr auto x = ag::matrix<"x">;
constexpr auto u = ag::vector<"u">;
constexpr auto v = ag::vector<"v">;
constexpr auto a = ag::scalar<"a">;
constexpr auto ids = ag::vector<"ids", std::int32_t>;

template <class F>
bool says(const F& f, const std::string& what) {
  const std::string t = f.explain();
  CAPTURE(t);
  const bool found = t.find(what) != std::string::npos;
  CHECK(found);
  return found;
}
int steps_of(const std::string& explained) { return std::stoi(explained); }

}  // namespace

TEST_CASE("a loop's costs are those of an element, of a row or column, and those that are paid once") {
  auto f = ag::function(ag::inputs(x, u, a), ag::outputs(exp(a) * x + u));
  says(f, "over (dim<0>(x), dim<1>(x)): 2 operations and 16 bytes an element, 8 bytes a column, 1 operation and 8 bytes once;");
  auto g = ag::function(ag::inputs(x), ag::outputs(sum(sqr(x), ag::axis<1>)));
  says(g, "over (dim<0>(x), dim<1>(x)): 2 operations and 8 bytes an element, 8 bytes a row;");
  auto h = ag::function(ag::inputs(a), ag::outputs(exp(a) + 1_c));
  says(h, "  2 operations and 16 bytes; to output 0");
}

TEST_CASE("a product's costs are multiplied out as far as extents are known") {
  constexpr auto A = ag::matrix<"A", float, ag::dyn, 30>;
  constexpr auto B = ag::matrix<"B", float, 30, 10>;
  auto f = ag::function(ag::inputs(A, B), ag::outputs(dot(A, B)));
  says(f, "600 * dim<0>(A) flops and 80 * (2 * dim<0>(A) + 15) bytes; to output 0");
}

TEST_CASE("a gather's costs count its indices") {
  auto f = ag::function(ag::inputs(x, ids), ag::outputs(x(ids)));
  says(f, "over (dim<0>(ids), dim<1>(x)): 16 bytes an element, 4 bytes a row; to output 0");
}

TEST_CASE("the formulas as written stand before the rewrites, those that are computed after them") {
  auto cost = mean(sqr(u - 2_c * v));
  auto f = ag::function(ag::inputs(u, v), ag::outputs(cost), ag::updates(v = v - 0.1_c * ag::grad(cost, v)));
  const std::string t = f.explain();
  CAPTURE(t);
  const std::size_t rewrites = t.find("\nrewrites\n  written\n");
  const std::size_t cost_at = t.find("output 0 = mean(sqr(u - 2 * v))\n", rewrites);
  const std::size_t update_at = t.find("v' = v - 0.1 * grad(output 0, v)\n", cost_at);
  const std::size_t fired = t.find("  fired, once gradients were taken\n", update_at);
  const std::size_t computed = t.find("  computed\n", fired);
  CHECK(t.find("v' = v", computed) < t.size());
  CHECK(t.find("grad(", computed) == std::string::npos);
}

TEST_CASE("rewrites are numbered as they fired, with what they found and what they made of it") {
  auto f = ag::function(ag::inputs(u, v), ag::outputs(log(1_c + exp(2_c * u + v))));
  says(f, "     1. log1p               log(1 + P) -> log1p(P), where P = exp(2 * u + v)\n"
          "     2. softplus            log1p(exp(P)) -> softplus(P), where P = 2 * u + v\n");
}

TEST_CASE("letters avoid the names of symbols") {
  constexpr auto P = ag::vector<"P">;
  auto f = ag::function(ag::inputs(P, u), ag::outputs(log(1_c + exp(2_c * P + u))));
  says(f, "log(1 + Q) -> log1p(Q), where Q = exp(2 * P + u)\n");
}

TEST_CASE("a rule without a name goes by its text") {
  auto f = ag::function(ag::inputs(u), ag::outputs(log(exp(u))));
  says(f, "     1. log(exp(x)) >> x    log(exp(u)) -> u\n");
}

TEST_CASE("a deep formula whose parts are shared is explained in little") {
  constexpr auto chain = [](auto self, auto z, auto n) {
    if constexpr (n.value == 0) return z;
    else return self(self, z + tanh(z), std::integral_constant<int, n.value - 1>{});
  };
  auto f = ag::function(ag::inputs(u), ag::outputs(log(exp(chain(chain, u, std::integral_constant<int, 24>{})))));
  CHECK(f.explain().size() < 6000);
}

TEST_CASE("without fuse every operation is a loop, without blas products are bare, and results are the same") {
  auto slope = ag::grad(sum(exp(tanh(dot(x, v)) - u)), v);
  const auto in = ag::inputs(x, u, v);
  const auto up = ag::updates(v = v - 0.1_c * slope);
  auto whole = ag::function(in, up);
  auto unfused = ag::function(in, up, ag::without<"fuse">);
  auto bare = ag::function(in, up, ag::without<"blas">);
  auto plain = ag::function(in, up, ag::passes<>);
  CHECK(steps_of(whole.explain()) == 4);  // with the copy of v that is read while v changes
  CHECK(steps_of(unfused.explain()) == 9);
  says(whole, "gemv        v' = v - 0.1 * dot(");
  says(bare, "fused loop  v' = v - 0.1 * ");
  CHECK(plain.explain().find("  fired") == std::string::npos);

  const auto X = ag::array<double, 2>::from({{1, 2}, {3, -1}, {0.5, 1}});
  const auto U = ag::array<double, 1>::from({1, 0, 2});
  const auto V = ag::array<double, 1>::from({0.25, -0.5});
  auto expected = V, v1 = V, v2 = V, v3 = V;
  whole(X, U, expected);
  unfused(X, U, v1);
  bare(X, U, v2);
  plain(X, U, v3);
  for (int k = 0; k < 2; ++k) {
    CHECK(v1(k) == doctest::Approx(expected(k)));
    CHECK(v2(k) == doctest::Approx(expected(k)));
    CHECK(v3(k) == doctest::Approx(expected(k)));
  }
}
