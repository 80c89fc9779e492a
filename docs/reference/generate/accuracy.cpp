// SPDX-License-Identifier: BSD-3-Clause
// Prints docs/reference/accuracy.md: how far from the truth formulas are that would overflow or cancel, compiled as they
// are written and as the library rewrites them. Fails where a rewritten formula is further off than its bound.
//   build/default/tests/agnesi_accuracy > docs/reference/accuracy.md

#include <agnesi/agnesi.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace {

namespace ag = agnesi;
using namespace ag::literals;
using real = long double;
using std::string, std::vector;

constexpr int columns = 10;  // of a matrix

// ---- errors

template <class T>
real unit_at(real size) {
  using limits = std::numeric_limits<T>;
  size = std::fabs(size);
  if (size < static_cast<real>(limits::min())) return static_cast<real>(limits::min());
  if (size > static_cast<real>(limits::max())) size = static_cast<real>(limits::max());
  return std::ldexp(static_cast<real>(limits::epsilon()), std::ilogb(size));
}
// In units in the last place of the true value or, where that is a difference, of what it is a difference of.
template <class T>
real error_of(T is, real truth, real scale) {
  using limits = std::numeric_limits<T>;
  const bool beyond = std::fabs(truth) > static_cast<real>(limits::max());
  if (std::isnan(is)) return limits::infinity();
  if (std::isinf(is)) return beyond && std::signbit(is) == std::signbit(truth) ? 0 : limits::infinity();
  if (std::isinf(truth)) return limits::infinity();
  return std::fabs(static_cast<real>(is) - truth) / unit_at<T>(std::max(std::fabs(truth), std::fabs(scale)));
}

struct truth {
  real value = 0, scale = 0;
};

// ---- arguments

// From the smallest numbers to the largest, close where something happens.
template <class T>
vector<T> points() {
  using limits = std::numeric_limits<T>;
  vector<T> p = {0, limits::denorm_min(), limits::min(), limits::epsilon() / 2, limits::epsilon(), 1, std::nextafter(T(1), T(2)),
                 std::nextafter(T(1), T(0)), T(0.6931472), T(87.33), T(88.72), T(103.9), T(708.3), T(709.7), T(745.1), 10000,
                 limits::max() / 2, limits::max()};
  for (int k = 0; k <= 440; ++k) p.push_back(static_cast<T>(std::pow(10.0L, -40 + k * 0.1L)));
  std::mt19937 random(1);
  std::uniform_real_distribution<double> near(0, 1), middle(0, 40), far(0, 800);
  for (int k = 0; k < 1000; ++k) p.push_back(static_cast<T>(near(random))), p.push_back(static_cast<T>(middle(random)));
  for (int k = 0; k < 500; ++k) p.push_back(static_cast<T>(far(random)));
  const std::size_t n = p.size();
  for (std::size_t k = 0; k < n; ++k) p.push_back(-p[k]);
  return p;
}
// Rows of numbers about something, from close together to far apart; the first of them are not far from zero.
constexpr int near_rows = 9 * 20, far_rows = 30 * 20;
template <class T>
ag::array<T, 2> rows() {
  std::mt19937 random(2);
  std::normal_distribution<double> normal;
  ag::array<T, 2> m({near_rows + far_rows, columns});
  int r = 0;
  const auto add = [&](double spread, double center) {
    for (int k = 0; k < 20; ++k, ++r)
      for (int j = 0; j < columns; ++j) m(r, j) = static_cast<T>(center + spread * normal(random));
  };
  for (double s : {1e-3, 1.0, 10.0})
    for (double c : {0.0, -20.0, 20.0}) add(s, c);
  for (double s : {1e-3, 1.0, 10.0, 100.0, 1e4})
    for (double c : {0.0, -20.0, 50.0, 1000.0, -1e4, 1e4}) add(s, c);
  return m;
}

// ---- the truth

real softplus(real x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }
real sigmoid(real x) { return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x)); }
real log1mexp(real x) { return x > -0.5L ? std::log(-std::expm1(x)) : std::log1p(-std::exp(x)); }
real logaddexp(real x, real y) { return std::max(x, y) + std::log1p(std::exp(-std::fabs(x - y))); }
template <class Row>
real logsumexp(const Row& m, int r) {
  real most = m(r, 0), sum = 0;
  for (int j = 1; j < columns; ++j) most = std::max(most, static_cast<real>(m(r, j)));
  for (int j = 0; j < columns; ++j) sum += std::exp(m(r, j) - most);
  return most + std::log(sum);
}
int label_of(int r) { return r * 7 % columns; }

// ---- measuring

struct line {
  string formula;
  real written[2] = {}, computed[2] = {};  // float, double
  real bound = 0;
};
int failures = 0;

string in_ulp(real e) {
  if (std::isinf(e)) return "∞";
  char s[32];
  std::snprintf(s, sizeof s, e < 10 ? "%.1f" : e < 1e5 ? "%.0f" : "%.0e", static_cast<double>(e));
  return s;
}
void print(const line& l) {
  std::printf("| `%s` | %s | %s | %s | %s |\n", l.formula.c_str(), in_ulp(l.written[0]).c_str(), in_ulp(l.computed[0]).c_str(),
              in_ulp(l.written[1]).c_str(), in_ulp(l.computed[1]).c_str());
  for (real e : l.computed)
    if (!(e <= l.bound)) {
      std::fprintf(stderr, "%s is off by %s units, more than %s\n", l.formula.c_str(), in_ulp(e).c_str(), in_ulp(l.bound).c_str());
      ++failures;
    }
}

// Of elementwise formulas of x, or of x and y: y runs through the arguments in another order.
template <class T, class F, class Truth, class Domain, class... O>
real worst_of(F formula, Truth truth_of, Domain domain, O... option) {
  constexpr auto x = ag::vector<"x", T>;
  constexpr auto y = ag::vector<"y", T>;
  auto f = ag::function(ag::inputs(x, y), ag::outputs(formula(x, y)), option...);
  vector<T> xs, ys;
  const vector<T> p = points<T>();
  for (std::size_t k = 0; k < 4 * p.size(); ++k) {
    const T u = p[k % p.size()], v = p[k * 5 / 4 * 7 % p.size()];
    if (domain(u, v)) xs.push_back(u), ys.push_back(v);
  }
  const ag::array<T, 1> out = f(xs, ys);
  real worst = 0;
  for (std::size_t k = 0; k < xs.size(); ++k) {
    const truth t = truth_of(static_cast<real>(xs[k]), static_cast<real>(ys[k]));
    worst = std::max(worst, error_of(out(static_cast<std::ptrdiff_t>(k)), t.value, t.scale));
  }
  return worst;
}
template <class F, class Truth, class Domain>
void elementwise(real bound, F formula, Truth truth_of, Domain domain) {
  line l{ag::to_string(formula(ag::vector<"x">, ag::vector<"y">)), {}, {}, bound};
  l.written[0] = worst_of<float>(formula, truth_of, domain, ag::passes<>);
  l.computed[0] = worst_of<float>(formula, truth_of, domain);
  l.written[1] = worst_of<double>(formula, truth_of, domain, ag::passes<>);
  l.computed[1] = worst_of<double>(formula, truth_of, domain);
  print(l);
}
template <class F, class Truth>
void elementwise(real bound, F formula, Truth truth_of) {
  elementwise(bound, formula, truth_of, [](auto, auto) { return true; });
}

// Of formulas of the rows of m and of n, which has a 1 at each row's label.
struct of_rows {
  real near = 0, far = 0;
};
template <class T, class F, class Truth, class... O>
of_rows worst_of_rows(F formula, Truth truth_of, O... option) {
  constexpr auto m = ag::matrix<"m", T>;
  constexpr auto n = ag::matrix<"n", T>;
  auto f = ag::function(ag::inputs(m, n), ag::outputs(formula(m, n)), option...);
  const ag::array<T, 2> M = rows<T>();
  auto N = ag::array<T, 2>(M.shape());
  for (int r = 0; r < M.extent(0); ++r)
    for (int j = 0; j < columns; ++j) N(r, j) = j == label_of(r);
  const auto out = f(M, N);
  of_rows worst;
  const auto at = [&](int r, int j) { return static_cast<real>(M(r, j)); };
  for (int r = 0; r < M.extent(0); ++r)
    for (int j = 0; j < columns; ++j) {
      const truth t = truth_of(at, r, j);
      T is;
      if constexpr (std::is_same_v<decltype(out), const ag::array<T, 1>>) is = out(r);
      else is = out(r, j);
      real& w = r < near_rows ? worst.near : worst.far;
      w = std::max(w, error_of(is, t.value, t.scale));
    }
  return worst;
}
vector<line> near_lines, far_lines;
template <class F, class Truth>
void rowwise(real near_bound, real far_bound, F formula, Truth truth_of) {
  const string text = ag::to_string(formula(ag::matrix<"m">, ag::matrix<"n">));
  const of_rows wf = worst_of_rows<float>(formula, truth_of, ag::passes<>), cf = worst_of_rows<float>(formula, truth_of);
  const of_rows wd = worst_of_rows<double>(formula, truth_of, ag::passes<>), cd = worst_of_rows<double>(formula, truth_of);
  near_lines.push_back({text, {wf.near, wd.near}, {cf.near, cd.near}, near_bound});
  far_lines.push_back({text, {wf.far, wd.far}, {cf.far, cd.far}, far_bound});
}

string vectors() {
#if AGNESI_HAS_XSIMD && AGNESI_HAS_MATH
  return "the functions of packs";
#else
  return "the C library's functions";
#endif
}
void section(const char* title, const char* text) {
  std::printf("\n## %s\n\n%s\n\n| formula | float, written | float, computed | double, written | double, computed |\n"
              "|---|---:|---:|---:|---:|\n", title, text);
}
const auto with_sum = [](auto f) { return [f](auto x, auto y) { return ag::grad(sum(f(x, y)), x); }; };
const auto above_minus_one = [](auto x, auto) { return x > -1; };
const auto below_zero = [](auto x, auto) { return x < 0; };

void values() {
  section("Values", "Arguments x from the smallest numbers to the largest of either sign, where the formula is defined.");
  elementwise(4, [](auto x, auto) { return log(1_c + x); }, [](real x, real) { return truth{std::log1p(x)}; }, above_minus_one);
  elementwise(4, [](auto x, auto) { return exp(x) - 1_c; }, [](real x, real) { return truth{std::expm1(x)}; });
  elementwise(8, [](auto x, auto) { return log(1_c + exp(x)); }, [](real x, real) { return truth{softplus(x)}; });
  elementwise(8, [](auto x, auto) { return 1_c / (1_c + exp(-x)); }, [](real x, real) { return truth{sigmoid(x)}; });
  elementwise(8, [](auto x, auto) { return log(1_c / (1_c + exp(-x))); }, [](real x, real) { return truth{-softplus(-x)}; });
  elementwise(8, [](auto x, auto) { return log(1_c - 1_c / (1_c + exp(-x))); }, [](real x, real) { return truth{-softplus(x)}; });
  elementwise(8, [](auto x, auto) { return log(1_c - exp(x)); }, [](real x, real) { return truth{log1mexp(x)}; },
              below_zero);
  elementwise(8, [](auto x, auto) { return (exp(x) - exp(-x)) / (exp(x) + exp(-x)); },
              [](real x, real) { return truth{std::tanh(x)}; });
  elementwise(4, [](auto x, auto) { return sqrt(sqr(x)); }, [](real x, real) { return truth{std::fabs(x)}; });
  elementwise(2, [](auto x, auto) { return erf(x); }, [](real x, real) { return truth{std::erf(x)}; });
  elementwise(24, [](auto x, auto y) { return log(exp(x) + exp(y)); },
              [](real x, real y) { return truth{logaddexp(x, y), std::max(x, y)}; });
  elementwise(24, [](auto x, auto y) { return log(exp(x) - exp(y)); },
              [](real x, real y) { return truth{x + log1mexp(y - x), std::max(std::fabs(x), std::fabs(log1mexp(y - x)))}; },
              [](auto x, auto y) { return x > y; });
}

void slopes() {
  section("Gradients", "By x, of the sum over all x, as taken of the formula and left alone, and as the library takes them.");
  elementwise(8, with_sum([](auto x, auto) { return log(1_c + exp(x)); }), [](real x, real) { return truth{sigmoid(x)}; });
  elementwise(8, with_sum([](auto x, auto) { return log(1_c / (1_c + exp(-x))); }), [](real x, real) { return truth{sigmoid(-x)}; });
  elementwise(8, with_sum([](auto x, auto) { return log(1_c - exp(x)); }),
              [](real x, real) { return truth{-1 / std::expm1(-x)}; }, below_zero);
  elementwise(8, with_sum([](auto x, auto y) { return log(exp(x) + exp(y)); }),
              [](real x, real y) { return truth{sigmoid(x - y), 1}; }, [](auto x, auto y) { return x != y; });
  elementwise(8, with_sum([](auto x, auto y) { return -(y * log(sigmoid(x)) + (1_c - y) * log(1_c - sigmoid(x))); }),
              [](real x, real y) { return truth{sigmoid(x) - y, std::max(sigmoid(x), y)}; },
              [](auto, auto y) { return y >= 0 && y <= 1; });
}

void rows_of_numbers() {
  const auto p = [](const auto& m, int r, int j) { return std::exp(m(r, j) - logsumexp(m, r)); };
  const auto log_p = [](const auto& m, int r, int j) {
    const real l = logsumexp(m, r);
    return truth{m(r, j) - l, std::max({std::fabs(m(r, j)), std::fabs(l), 1.0L})};
  };
  const auto softmax_of = [](auto m) { return exp(m) / sum(exp(m), ag::axis<1>, ag::keepdims); };
  rowwise(8, 8, [](auto m, auto) { return log(sum(exp(m), ag::axis<1>)); },
          [](const auto& m, int r, int) { return truth{logsumexp(m, r), 1}; });
  rowwise(200, 3e4, [=](auto m, auto) { return softmax_of(m); },
          [=](const auto& m, int r, int j) { return truth{p(m, r, j)}; });
  rowwise(8, 8, [=](auto m, auto) { return log(softmax_of(m)); }, log_p);
  rowwise(8, 8, [=](auto m, auto n) { return -sum(n * log(softmax_of(m)), ag::axis<1>); },
          [=](const auto& m, int r, int) {
            const truth t = log_p(m, r, label_of(r));
            return truth{-t.value, t.scale};
          });
  rowwise(100, 3e4, [=](auto m, auto n) { return ag::grad(-sum(n * log(softmax_of(m))), m); },
          [=](const auto& m, int r, int j) { return truth{p(m, r, j) - (j == label_of(r)), 1}; });

  section("Rows not far from zero", "Matrices m with rows of ten numbers of up to 60; n has a 1 at each row's label.");
  for (const line& l : near_lines) print(l);
  section("Rows far from zero",
          "Rows of numbers of up to 10,000 and more. A probability is computed as exp(m - logsumexp(m)), of which the "
          "difference's rounding is a relative error: thousands of units where the numbers are in the thousands.");
  for (const line& l : far_lines) print(l);
}

}  // namespace

int main() {
  std::printf(
      "# Accuracy\n\n"
      "Formulas that overflow or cancel, compiled by `ag::function` as they are written (`ag::passes<>`) and as the library "
      "computes them, measured against long double by [a program](generate/accuracy.cpp) that is one of the tests. The figures are "
      "the largest errors met, in units in the last place of the result; where the result is a difference that may vanish, of the "
      "larger of its terms. Below the smallest normal number the unit is that number. ∞: an infinity or NaN came out in place of a "
      "number. Measured with %s.\n", vectors().c_str());
  values();
  slopes();
  rows_of_numbers();
  return failures > 0;
}
