// SPDX-License-Identifier: BSD-3-Clause
// Training steps of logistic regression (400 x 784 and 10000 x 784, double) and of softmax regression (600 x 784, 10 classes,
// float), one thread: the library against the same BLAS calls made by hand and loops fused by hand. Each pair is first
// checked against a step in double.
//
//   g++ -std=c++20 -O2 -march=native -DAGNESI_USE_BLAS -Iinclude benchmarks/run/logistic_step.cpp -lopenblas && ./a.out

#include <agnesi/agnesi.hpp>

#include <cmath>
#include <cstdio>

#include "agnesi/backend/cpu/simd.hpp"
#include "clean_environment.hpp"

extern "C" {
void cblas_dgemv(int order, int trans, int m, int n, double alpha, const double* a, int lda, const double* x, int incx,
                 double beta, double* y, int incy);
void cblas_sgemm(int order, int trans_a, int trans_b, int m, int n, int k, float alpha, const float* a, int lda,
                 const float* b, int ldb, float beta, float* c, int ldc);
}

namespace {

namespace ag   = agnesi;
namespace simd = ag::simd;
using namespace ag::literals;
using ag::array;
using std::ptrdiff_t;

constexpr int features = 784;
constexpr int row_major = 101, no_trans = 111, trans = 112;

struct numbers {
  unsigned state = 12345;
  double operator()() {
    state = state * 1664525u + 1013904223u;
    return static_cast<double>(state >> 8) / (1 << 24);
  }
};

bool close(double a, double b, double tolerance) { return std::fabs(a - b) <= tolerance * (1 + std::fabs(b)); }

void row(const char* what, bench::pair_of_times t) {
  std::printf("| %-42s | %9.2f | %9.2f | %5.2f |\n", what, t.ours * 1e6, t.theirs * 1e6, t.ratio);
}

// ---- logistic regression

constexpr auto x = ag::matrix<"x">;
constexpr auto y = ag::vector<"y">;
constexpr auto w = ag::vector<"w">;
constexpr auto b = ag::scalar<"b">;

struct logistic_by_hand {
  array<double, 1> z;

  double step(const array<double, 2>& X, const array<double, 1>& Y, array<double, 1>& W, double& B) {
    using pack = simd::pack<double>;
    constexpr ptrdiff_t lanes = simd::lanes<double>;
    const ptrdiff_t rows = X.extent(0);
    z.resize({rows});
    double* s = z.data();
    cblas_dgemv(row_major, no_trans, static_cast<int>(rows), features, 1, X.data(), features, W.data(), 1, 0, s, 1);
    double cost = 0, sum = 0;
    const auto n = static_cast<double>(rows);
    // log p = -softplus(-z) and log(1 - p) = -softplus(z): the loss is softplus(z) - y z
    pack costs(0.0), sums(0.0);
    ptrdiff_t i = 0;
    const auto some = [&](pack t, pack target, pack& loss) {
      const pack e = exp(-abs(t));
      loss = log1p(e) + max(t, pack(0.0)) - target * t;
      const pack p = select(t >= pack(0.0), pack(1.0), e) / (pack(1.0) + e);
      return pack((p - target) / n);
    };
    for (; i + lanes <= rows; i += lanes) {
      pack loss;
      const pack r = some(simd::load<double>(s + i) + B, simd::load<double>(Y.data() + i), loss);
      costs += loss, sums += r;
      simd::store<double>(s + i, r);
    }
    double parts[2 * lanes];
    simd::store<double>(parts, costs), simd::store<double>(parts + lanes, sums);
    for (int l = 0; l < lanes; ++l) cost += parts[l], sum += parts[lanes + l];
    for (; i < rows; ++i) {
      const double t = s[i] + B, e = std::exp(-std::fabs(t));
      cost += std::log1p(e) + std::fmax(t, 0) - Y(i) * t;
      s[i] = ((t >= 0 ? 1 : e) / (1 + e) - Y(i)) / n;
      sum += s[i];
    }
    double squares = 0;
    for (double v : W) squares += v * v;
    // w - 0.1 (gradient + 0.02 w)
    cblas_dgemv(row_major, trans, static_cast<int>(rows), features, -0.1, X.data(), features, s, 1, 1 - 0.002, W.data(), 1);
    B -= 0.1 * sum;
    return cost / n + 0.01 * squares;
  }
};

double plain_step(const array<double, 2>& X, const array<double, 1>& Y, array<double, 1>& W, double& B) {
  const auto n = static_cast<double>(X.extent(0));
  double cost = 0, gb = 0;
  std::vector<double> g(features);
  for (ptrdiff_t i = 0; i < X.extent(0); ++i) {
    double z = B;
    for (int k = 0; k < features; ++k) z += X(i, k) * W(k);
    const double p = 1 / (1 + std::exp(-z));
    cost -= (Y(i) * std::log(p) + (1 - Y(i)) * std::log1p(-p)) / n;
    gb += (p - Y(i)) / n;
    for (int k = 0; k < features; ++k) g[static_cast<std::size_t>(k)] += (p - Y(i)) * X(i, k) / n;
  }
  for (int k = 0; k < features; ++k) {
    cost += 0.01 * W(k) * W(k);
    W(k) -= 0.1 * (g[static_cast<std::size_t>(k)] + 0.02 * W(k));
  }
  B -= 0.1 * gb;
  return cost;
}

bool logistic(ptrdiff_t rows) {
  constexpr auto p    = 1_c / (1_c + exp(-(dot(x, w) + b)));
  constexpr auto cost = mean(-y * log(p) - (1_c - y) * log(1_c - p)) + 0.01_c * sum(sqr(w));
  auto [gw, gb]       = ag::grad(cost, w, b);
  auto train = ag::function(ag::inputs(x, y, w, b), ag::outputs(cost), ag::updates(w = w - 0.1_c * gw, b = b - 0.1_c * gb));

  numbers next;
  array<double, 2> X({rows, features});
  array<double, 1> Y({rows}), W0({features});
  for (double& v : X) v = next() - 0.5;
  for (double& v : Y) v = next() < 0.5;
  for (double& v : W0) v = (next() - 0.5) / 10;
  array<double, 1> W1 = W0, W2 = W0;
  double B0 = 0, B1 = 0, B2 = 0;
  logistic_by_hand hand;
  for (int step = 0; step < 5; ++step) {
    const double c0 = plain_step(X, Y, W0, B0), c1 = train(X, Y, W1, B1), c2 = hand.step(X, Y, W2, B2);
    bool good = close(c1, c0, 1e-11) && close(c2, c0, 1e-11) && close(B1, B0, 1e-11) && close(B2, B0, 1e-11);
    for (int k = 0; k < features; ++k) good = good && close(W1(k), W0(k), 1e-11) && close(W2(k), W0(k), 1e-11);
    if (!good) return std::printf("logistic step %d is wrong: %.15g %.15g %.15g\n", step, c0, c1, c2), false;
  }
  char what[64];
  std::snprintf(what, sizeof what, "logistic regression %td x 784, double", rows);
  row(what, bench::in_turns(101, rows > 1000 ? 4 : 100, [&] { bench::use(train(X, Y, W1, B1)); },
                            [&] { bench::use(hand.step(X, Y, W2, B2)); }));
  return true;
}

// ---- softmax regression

constexpr int classes = 10;
constexpr auto X = ag::matrix<"X", float>;
constexpr auto labels = ag::vector<"labels", std::int32_t>;
constexpr auto V = ag::matrix<"V", float>;
constexpr auto c = ag::vector<"c", float>;

struct softmax_by_hand {
  array<float, 2> z;

  float step(const array<float, 2>& in, const array<std::int32_t, 1>& target, array<float, 2>& weights, array<float, 1>& bias) {
    const ptrdiff_t rows = in.extent(0);
    constexpr ptrdiff_t lanes = simd::lanes<float>;
    z.resize({rows, classes});
    const int m = static_cast<int>(rows);
    cblas_sgemm(row_major, no_trans, no_trans, m, classes, features, 1, in.data(), features, weights.data(), classes, 0,
                z.data(), classes);
    double cost = 0;
    float sums[classes] = {};
    for (ptrdiff_t i = 0; i < rows; ++i) {
      float* line = &z(i, 0);
      float most = -INFINITY, sum = 0;
      for (int j = 0; j < classes; ++j) {
        line[j] += bias(j);
        most = line[j] > most ? line[j] : most;
      }
      const float label = line[target(i)];
      for (ptrdiff_t j = 0; j < classes; j += lanes) {
        const ptrdiff_t n = classes - j < lanes ? classes - j : lanes;
        simd::store_first<float>(line + j, exp(simd::pack<float>(simd::load_first<float>(line + j, n) - most)), n);
      }
      for (int j = 0; j < classes; ++j) sum += line[j];
      cost += std::log(sum) + most - label;
      const float scale = 1 / (sum * static_cast<float>(rows));
      for (int j = 0; j < classes; ++j) line[j] *= scale;
      line[target(i)] -= 1 / static_cast<float>(rows);
      for (int j = 0; j < classes; ++j) sums[j] += line[j];
    }
    cblas_sgemm(row_major, trans, no_trans, features, classes, m, -0.1f, in.data(), features, z.data(), classes, 1,
                weights.data(), classes);
    for (int j = 0; j < classes; ++j) bias(j) -= 0.1f * sums[j];
    return static_cast<float>(cost / static_cast<double>(rows));
  }
};

double plain_step(const array<float, 2>& in, const array<std::int32_t, 1>& target, std::vector<double>& weights,
                  std::vector<double>& bias) {
  const auto n = static_cast<double>(in.extent(0));
  std::vector<double> v(weights), d(bias);
  double cost = 0;
  for (ptrdiff_t i = 0; i < in.extent(0); ++i) {
    double z[classes], sum = 0;
    for (std::size_t j = 0; j < classes; ++j) {
      z[j] = bias[j];
      for (std::size_t k = 0; k < features; ++k) z[j] += static_cast<double>(in(i, k)) * weights[k * classes + j];
      sum += std::exp(z[j]);
    }
    cost += (std::log(sum) - z[target(i)]) / n;
    for (std::size_t j = 0; j < classes; ++j) {
      const double g = (std::exp(z[j]) / sum - (static_cast<int>(j) == target(i))) / n;
      d[j] -= 0.1 * g;
      for (std::size_t k = 0; k < features; ++k) v[k * classes + j] -= 0.1 * g * static_cast<double>(in(i, k));
    }
  }
  weights = v, bias = d;
  return cost;
}

bool softmax_regression(ptrdiff_t rows) {
  auto cost     = mean(cross_entropy_with_logits(dot(X, V) + c, labels));
  auto [gv, gc] = ag::grad(cost, V, c);
  auto train    = ag::function(ag::inputs(X, labels, V, c), ag::outputs(cost), ag::updates(V = V - 0.1_c * gv, c = c - 0.1_c * gc));

  numbers next;
  array<float, 2> in({rows, features}), V1({features, classes});
  array<std::int32_t, 1> target({rows});
  array<float, 1> c1({classes});
  for (float& v : in) v = static_cast<float>(next());
  for (float& v : V1) v = static_cast<float>((next() - 0.5) / 10);
  for (ptrdiff_t i = 0; i < rows; ++i) target(i) = static_cast<int>(next() * classes);
  for (float& v : c1) v = 0;
  std::vector<double> V0(V1.begin(), V1.end()), c0(c1.begin(), c1.end());
  array<float, 2> V2 = V1;
  array<float, 1> c2 = c1;
  softmax_by_hand hand;
  for (int step = 0; step < 5; ++step) {
    const double e0 = plain_step(in, target, V0, c0), e1 = train(in, target, V1, c1), e2 = hand.step(in, target, V2, c2);
    bool good = close(e1, e0, 1e-5) && close(e2, e0, 1e-5);
    for (std::size_t k = 0; k < V0.size(); ++k) good = good && close(V1.data()[k], V0[k], 1e-5) && close(V2.data()[k], V0[k], 1e-5);
    for (std::size_t k = 0; k < c0.size(); ++k) good = good && close(c1.data()[k], c0[k], 1e-5) && close(c2.data()[k], c0[k], 1e-5);
    if (!good) return std::printf("softmax step %d is wrong: %.9g %.9g %.9g\n", step, e0, e1, e2), false;
  }
  char what[64];
  std::snprintf(what, sizeof what, "softmax regression %td x 784, 10 classes, float", rows);
  row(what, bench::in_turns(101, 40, [&] { bench::use(train(in, target, V1, c1)); },
                            [&] { bench::use(hand.step(in, target, V2, c2)); }));
  return true;
}

}  // namespace

int main(int, char** argv) {
  bench::with_clean_environment(argv);
  std::printf("BLAS core type %s, one thread, medians of 101 rounds in turns\n\n", ag::blas::core_name());
  std::printf("| us a step                                  |   library |   by hand | ratio |\n");
  std::printf("|--------------------------------------------|----------:|----------:|------:|\n");
  const bool good = logistic(400) && logistic(10000) && softmax_regression(60) && softmax_regression(600);
  std::printf("\n");
  return good ? 0 : 1;
}
