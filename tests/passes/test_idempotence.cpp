// SPDX-License-Identifier: BSD-3-Clause
// What has been simplified stays as it is, by every phase, by all of them and by the passes that follow; and simplification
// ends: the rewritings that fire, and the nodes that come out, are bounded by the nodes that go in.
// AGNESI_SEED and AGNESI_FORMULAS set where to start and how many.
#include <doctest/doctest.h>

#include "agnesi/expr/lower.hpp"
#include "agnesi/expr/symbols.hpp"
#include "agnesi/grad/grad.hpp"
#include "agnesi/grad/reverse.hpp"
#include "agnesi/passes/blas.hpp"
#include "agnesi/passes/expand.hpp"
#include "agnesi/passes/one_sweep.hpp"
#include "agnesi/passes/results.hpp"
#include "agnesi/passes/simplify.hpp"
#include "support/rewriting.hpp"
#include "support/shrink.hpp"

namespace ag = agnesi;
namespace phase = ag::phase;
using ag::graph;
using namespace ag::testing;
using namespace ag::literals;

namespace {

const ag::universe u = ag::universe_of<ag::op_list<>>();

struct way {
  const char* name;
  unsigned phases = phase::all;
  bool ieee = false;
};
constexpr way ways[] = {{"canonicalize", phase::canonicalize},
                        {"stabilize", phase::stabilize},
                        {"fold", phase::fold},
                        {"specialize", phase::specialize},
                        {"canonicalize and stabilize", phase::canonicalize | phase::stabilize},
                        {"all", phase::all},
                        {"all under ag::ieee", phase::all, true},
                        {"canonicalize under ag::ieee", phase::canonicalize, true}};
constexpr int n_ways = static_cast<int>(std::size(ways));

graph simplified_by(const graph& g, const way& w, ag::vec<ag::firing>* log = nullptr) {
  ag::simplify_options o;
  o.phases = w.phases;
  o.ieee = w.ieee;
  return simplified(g, o, log);
}
// Structural equality of what is computed: nodes may be numbered in another order, and some may be dead.
class comparison {
 public:
  comparison(const graph& a, const graph& b) : a_(a), b_(b), partner_(static_cast<std::size_t>(a.size()), -1) {}
  bool equal() { return same(a_.size() - 1, b_.size() - 1); }

 private:
  const graph &a_, &b_;
  std::vector<int> partner_;

  bool same(int i, int j) {
    int& partner = partner_[static_cast<std::size_t>(i)];
    if (partner >= 0) return partner == j;
    partner = j;
    const ag::node &m = a_[i], &n = b_[j];
    bool equal = m.op == n.op && m.n_args == n.n_args && m.type == n.type && m.weak == n.weak && a_.rank(i) == b_.rank(j) &&
                 m.n_attrs == n.n_attrs;
    for (int k = 0; equal && k < m.n_attrs; ++k)
      equal = (m.op->dim_attrs >> k & 1u) != 0 ? same_extent(a_.attr(i, k), b_.attr(j, k)) : a_.attr(i, k) == b_.attr(j, k);
    for (int k = 0; equal && k < a_.rank(i); ++k) equal = same_extent(a_.extent(i, k), b_.extent(j, k));
    for (int k = 0; equal && k < m.n_args; ++k) equal = same(a_.arg(i, k), b_.arg(j, k));
    return equal;
  }
  bool same_extent(ag::dim d, ag::dim e) const {  // formulas of extents may be numbered otherwise too
    d = a_.shapes.find(d);
    e = b_.shapes.find(e);
    return d == e || (d < 0 && e < 0);
  }
};
bool same_graph(const graph& a, const graph& b) { return comparison(a, b).equal(); }
template <class Pass>
bool is_stable(const graph& g, Pass pass) {
  const graph once = pass(g);
  return once.failure == ag::mistake::none && same_graph(once, pass(once));
}
graph differentiated_form(const formula& f) {
  graph g = differentiated(simplified(f.g), u);
  return g.failure == ag::mistake::none ? g : f.g;
}


// As a function without gradients and ag::simplify do it.
graph simplified_in_all(const graph& g) {
  return needs_two_sweeps(g) ? simplified(simplified(g), phase::all) : simplified(g, phase::all);
}
template <class Pass>
void check_stable(const char* name, const formula& f, Pass pass_of, int& changed) {
  const auto of = [&](const formula& h) { return [&](const graph& g) { return pass_of(g, h); }; };
  if (is_stable(f.g, of(f)) || ++changed > 3) return;
  const formula small = shrunk(f, [&](const formula& h) { return pass_of(h.g, h).failure == ag::mistake::none && !is_stable(h.g, of(h)); });
  const graph once = pass_of(small.g, small), twice = pass_of(once, small);
  const std::string text = std::string(name) + ": " + described(small) + "becomes\n" + std::string(ag::shown_outputs(once).view()) +
                           "\nand then\n" + std::string(ag::shown_outputs(twice).view());
  MESSAGE(text);
}

}  // namespace

TEST_CASE("random formulas that have been simplified stay as they are") {
  const unsigned start = first_seed(), n = number_from("AGNESI_FORMULAS", 10000);
  int changed[n_ways + 1] = {};
  for (unsigned k = 0; k < n; ++k) {
    formula f = random_formula(start + k, asks_for::value).f;
    if (k % 3 == 0) f.g = differentiated_form(with_gradients(f));
    for (int j = 0; j < n_ways; ++j)
      check_stable(ways[j].name, f, [&](const graph& g, const formula&) { return simplified_by(g, ways[j]); }, changed[j]);
    check_stable("ag::simplify", f, [](const graph& g, const formula&) { return simplified_in_all(g); }, changed[n_ways]);
  }
  for (int j = 0; j <= n_ways; ++j) {
    INFO(std::string(j < n_ways ? ways[j].name : "ag::simplify") << ", " << n << " formulas from seed " << start);
    CHECK(changed[j] == 0);
  }
}

TEST_CASE("the passes after simplification leave what they have made as it is") {
  const unsigned start = first_seed(), n = number_from("AGNESI_FORMULAS", 2000);
  int changed[5] = {};
  for (unsigned k = 0; k < n; ++k) {
    formula f = random_formula(start + k).f;
    if (f.ieee) continue;
    f.g = differentiated(simplified(f.g), u);
    if (f.g.failure != ag::mistake::none) continue;
    check_stable("differentiated", f, [](const graph& g, const formula&) { return differentiated(g, u); }, changed[0]);
    f.g = simplified(f.g, phase::all);
    check_stable("expanded", f, [](const graph& g, const formula&) { return expanded(g); }, changed[1]);
    f.g = expanded(f.g);
    check_stable("in_one_sweep", f, [](const graph& g, const formula&) { return in_one_sweep(g); }, changed[4]);
    f.g = in_one_sweep(f.g);
    check_stable("blas_found", f, [](const graph& g, const formula& h) { return blas_found(g, h.targets(g)); }, changed[2]);
    f.g = blas_found(f.g, f.targets(f.g));
    check_stable("with_results_stored", f, [](const graph& g, const formula&) { return with_results_stored(g); }, changed[3]);
  }
  for (int c : changed) CHECK(c == 0);
}

namespace {

struct effort {
  double fired = 0, grown = 0;  // rewritings that fired, and nodes that came out, for each node that went in
};
int n_live_nodes(const graph& g) {
  int n = 0;
  for (bool l : ag::live_nodes(g, g.size() - 1)) n += l;
  return n;
}
effort effort_of(const graph& g, const way& w) {
  ag::vec<ag::firing> log;
  const graph made = simplified_by(g, w, &log);
  int fired = 0;
  for (const ag::firing& f : log) fired += f.times;
  const double n = n_live_nodes(g);
  return {fired / n, n_live_nodes(made) / n};
}

}  // namespace

TEST_CASE("the work is linear in the formula, and so is what comes of it") {
  const unsigned start = first_seed(), n = number_from("AGNESI_FORMULAS", 3000);
  effort most;
  formula worst;
  for (unsigned k = 0; k < n; ++k) {
    formula f = random_formula(start + k, asks_for::value).f;
    if (k % 3 == 0) f.g = differentiated_form(with_gradients(f));
    for (const way& w : ways) {
      const effort e = effort_of(f.g, w);
      most.grown = std::max(most.grown, e.grown);
      if (e.fired > most.fired) worst = f;
      most.fired = std::max(most.fired, e.fired);
    }
  }
  MESSAGE(most.fired << " rewritings a node, and " << most.grown << " nodes for one, at most");
  const formula small = shrunk(worst, [&](const formula& h) { return effort_of(h.g, ways[5]).fired > 0.8 * most.fired; });
  INFO(described(small));
  CHECK(most.fired < 3);
  CHECK(most.grown < 3);
}

namespace {

// A formula as it is read again and again: t = f(t), `depth` times.
template <class F>
graph repeated(F f, int depth) {
  graph g;
  const std::int64_t extents[] = {ag::dyn};
  const ag::ref a{&g, ag::add_input(g, "a", ag::dtype::f64, extents, 1)},
      b{&g, ag::add_input(g, "b", ag::dtype::f64, extents, 1)};
  ag::ref t{&g, ag::add_input(g, "t", ag::dtype::f64, extents, 1)};
  for (int k = 0; k < depth; ++k) t = f(t, a, b);
  g.apply(ag::info<ag::op::outputs>, &t.id, 1);
  return g;
}
template <class F>
effort effort_of_repeated(F f, int depth) {
  effort most;
  for (const way& w : ways) {
    const effort e = effort_of(repeated(f, depth), w);
    most.fired = std::max(most.fired, e.fired);
    most.grown = std::max(most.grown, e.grown);
  }
  return most;
}
template <class... F>
void check_repeated(F... f) {
  int which = 0;
  const auto check = [&](auto one) {
    const effort shallow = effort_of_repeated(one, 10), deep = effort_of_repeated(one, 60);
    const int formula_number = which++;
    INFO("formula " << formula_number << ": " << shallow.fired << " and " << deep.fired << " rewritings a node, "
                    << shallow.grown << " and " << deep.grown << " nodes for one");
    CHECK(deep.fired < 1.5 * shallow.fired + 1);
    CHECK(deep.grown < 1.5 * shallow.grown + 0.5);
    CHECK(deep.fired < 5);
    CHECK(deep.grown < 3);
  };
  (check(f), ...);
}

}  // namespace

TEST_CASE("the work for a node does not grow with the depth of the formula") {
  check_repeated([](auto t, auto a, auto) { return t * t + a; },              //
                 [](auto t, auto a, auto b) { return (t + a) / (t - b); },    //
                 [](auto t, auto a, auto b) { return (a / t + b / a) * t * a; },  //
                 [](auto t, auto a, auto b) { return t * a + t * b; },        //
                 [](auto t, auto a, auto b) { return a * (t + b) - b * (t - a); },
                 [](auto t, auto a, auto b) { return a - (b - (t - a)); },    //
                 [](auto t, auto, auto) { return log(1 + exp(t)); },          //
                 [](auto t, auto a, auto b) { return log(exp(t) + exp(a) * b); },
                 [](auto t, auto a, auto) { return exp(t) * exp(-t * a); },   //
                 [](auto t, auto a, auto) { return -sqr(-t * a) / abs(t); },  //
                 [](auto t, auto a, auto b) { return 1 / (1 / t + a) - b; },  //
                 [](auto t, auto a, auto) { return pow(t, 3) - 2 * pow(a, -2) * t; });
  // Here it does: every factor goes down through all the choices, which are shared with their conditions.
  const effort e = effort_of_repeated([](auto t, auto a, auto b) { return where(t > 0, t * a, 0) * b; }, 60);
  MESSAGE("nested choices: " << e.fired << " rewritings a node, " << e.grown << " nodes for one");
  CHECK(e.fired < 40);
  CHECK(e.grown < 10);
}

namespace {

constexpr auto x = ag::matrix<"x">;
constexpr auto y = ag::matrix<"y">;
constexpr auto t = ag::vector<"t">;
constexpr auto v = ag::vector<"v">;
constexpr auto w = ag::vector<"w">;
constexpr auto b = ag::scalar<"b">;
constexpr auto W = ag::matrix<"W">;
constexpr auto V = ag::matrix<"V">;
constexpr auto c = ag::vector<"c">;
constexpr auto labels = ag::vector<"labels", std::int32_t>;

// Both of the pipeline's simplifications, of the models of tests/plans.
template <class... F>
void check_model(const char* name, F... f) {
  INFO(std::string(name));
  const way first = ways[4], last = ways[5];
  const graph g = graph_of_formulas(f...);
  CHECK(is_stable(g, [&](const graph& h) { return simplified_by(h, first); }));
  const graph d = differentiated(simplified_by(g, first), u);
  REQUIRE(d.failure == ag::mistake::none);
  const graph once = simplified_by(d, last), twice = simplified_by(once, last);
  INFO(std::string(ag::shown_outputs(once).view()) << "\nand then\n" << std::string(ag::shown_outputs(twice).view()));
  CHECK(same_graph(once, twice));
  const effort e = effort_of(d, last);
  CHECK(e.fired < 3);
  CHECK(e.grown < 1.5);
}

}  // namespace

TEST_CASE("simplified models stay as they are") {
  const auto p = sigmoid(dot(x, w) + b);
  const auto logistic = mean(-t * log(p) - (1_c - t) * log(1_c - p)) + 0.01_c * sum(sqr(w));
  check_model("logistic regression", logistic, w - 0.1_c * ag::grad(logistic, w), b - 0.1_c * ag::grad(logistic, b));

  const auto softmax_cost = mean(cross_entropy_with_logits(dot(x, W) + c, labels));
  check_model("softmax regression", softmax_cost, W - 0.1_c * ag::grad(softmax_cost, W), c - 0.1_c * ag::grad(softmax_cost, c));

  const auto deep = mean(cross_entropy_with_logits(dot(tanh(dot(x, W) + c), V) + v, labels));
  check_model("hidden layer", deep, W - 0.1_c * ag::grad(deep, W), V - 0.1_c * ag::grad(deep, V),
              c - 0.1_c * ag::grad(deep, c));

  const auto tied = mean(sqr(dot(tanh(dot(x, W)), transpose(W)) - x));
  check_model("tied weights", tied, W - 0.1_c * ag::grad(tied, W));

  const auto r = x + dot(relu(dot(x, W) + c), V);
  const auto residual = 0.5_c * sum(sqr(r - y));
  check_model("residual block", r, ag::grad(residual, x), W - 0.1_c * ag::grad(residual, W), V - 0.1_c * ag::grad(residual, V));

  const auto h2 = tanh(dot(y, W) + dot(tanh(dot(x, W)), V));
  const auto recurrent = sum(sqr(h2));
  check_model("recurrent network", recurrent, W - 0.1_c * ag::grad(recurrent, W), V - 0.1_c * ag::grad(recurrent, V));

  const auto g = ag::grad(mean(sqr(dot(x, W) - y)), W);
  const auto v1 = 0.999_c * V + 0.001_c * sqr(g);
  const auto rate = 0.001_c * sqrt(1_c - pow(0.999_c, b + 1_c)) / (1_c - pow(0.9_c, b + 1_c));
  check_model("Adam", W - rate * (0.9_c * y + 0.1_c * g) / (sqrt(v1) + 1e-8_c), v1);

  const auto centered = x - mean(x, ag::axis<1>, ag::keepdims);
  const auto normal = centered / sqrt(mean(sqr(centered), ag::axis<1>, ag::keepdims) + 1e-5_c);
  const auto layer = sum((normal * v + w) * y);
  check_model("layer norm", normal * v + w, ag::grad(layer, x), ag::grad(layer, v), ag::grad(layer, w));

  check_model("softmax", softmax(x), exp(x) / sum(exp(x), ag::axis<0>));

  const auto z = (expand_dims<1>(v) - w) / exp(c);
  const auto mixture = -mean(logsumexp(t - 0.5_c * sqr(z) - c, ag::axis<1>) - logsumexp(t));
  check_model("mixture", mixture, t - 0.1_c * ag::grad(mixture, t), w - 0.1_c * ag::grad(mixture, w),
                 c - 0.1_c * ag::grad(mixture, c));

  const auto embedding = mean(sqr(dot(x(labels), w) - t));
  check_model("embedding", x - 0.1_c * ag::grad(embedding, x), w - 0.1_c * ag::grad(embedding, w));

  const auto attended = dot(softmax(0.125_c * dot(x, transpose(y))), V);
  check_model("attention", attended, ag::grad(sum(attended * W), x), ag::grad(sum(attended * W), y),
              ag::grad(sum(attended * W), V));

  const auto slope = ag::grad(mean(softplus(-t * dot(x, w))), w);
  check_model("norm of a gradient", sum(sqr(slope)), ag::grad(sum(sqr(slope)), w));
}
