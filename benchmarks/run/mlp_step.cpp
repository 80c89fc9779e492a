// SPDX-License-Identifier: BSD-3-Clause
// A training step of the perceptron 784-500-10, 60 rows, float, one thread: the library against the same BLAS calls made
// by hand, with alpha and beta folded, and loops fused by hand. Both are first checked against a step in double.
//
//   g++ -std=c++20 -O2 -march=native -DAGNESI_USE_BLAS -Iinclude benchmarks/run/mlp_step.cpp -lopenblas && ./a.out

#include <agnesi/agnesi.hpp>

#include <cmath>
#include <cstdio>
#include <cstring>

#include "agnesi/backend/cpu/simd.hpp"
#include "clean_environment.hpp"

extern "C" void cblas_sgemm(int order, int trans_a, int trans_b, int m, int n, int k, float alpha, const float* a, int lda,
                            const float* b, int ldb, float beta, float* c, int ldc);

namespace {

namespace ag = agnesi;
using namespace ag::literals;
using ag::array;

constexpr int inputs = 784, hidden = 500, classes = 10, rows = 60;
constexpr double rate = 0.1;

constexpr auto x  = ag::matrix<"x", float>;
constexpr auto y  = ag::vector<"y", std::int32_t>;
constexpr auto w1 = ag::matrix<"w1", float>;
constexpr auto b1 = ag::vector<"b1", float>;
constexpr auto w2 = ag::matrix<"w2", float>;
constexpr auto b2 = ag::vector<"b2", float>;

struct parameters {
  array<float, 2> w1{{inputs, hidden}};
  array<float, 1> b1{{hidden}};
  array<float, 2> w2{{hidden, classes}};
  array<float, 1> b2{{classes}};

  parameters() {
    unsigned state    = 1;
    const auto fill   = [&](auto& a, double scale) {
      for (float& v : a) {
        state = state * 1664525u + 1013904223u;
        v     = static_cast<float>(scale * (static_cast<double>(state >> 8) / (1 << 23) - 1));
      }
    };
    fill(w1, std::sqrt(6.0 / (inputs + hidden)));
    fill(w2, std::sqrt(6.0 / (hidden + classes)));
  }
};

struct batch {
  array<float, 2> x{{rows, inputs}};
  array<std::int32_t, 1> y{{rows}};

  batch() {
    unsigned state = 7;
    for (float& v : x) {
      state = state * 1664525u + 1013904223u;
      v     = static_cast<float>(state >> 8) / (1 << 24);
    }
    for (int i = 0; i < rows; ++i) y(i) = i * 7 % classes;
  }
};

// ---- by hand

void multiply(bool ta, bool tb, int m, int n, int k, float alpha, const float* a, int lda, const float* b, int ldb, float beta,
              float* c) {
  cblas_sgemm(101, ta ? 112 : 111, tb ? 112 : 111, m, n, k, alpha, a, lda, b, ldb, beta, c, n);
}

class by_hand {
 public:
  float step(const batch& d, parameters& p) {
    namespace simd = ag::simd;
    using pack     = simd::pack<float>;
    constexpr std::ptrdiff_t lanes = simd::lanes<float>;
    float* h                       = h_.data();
    multiply(false, false, rows, hidden, inputs, 1, d.x.data(), inputs, p.w1.data(), hidden, 0, h);
    const float* bias = p.b1.data();
    for (int i = 0; i < rows; ++i) {
      float* row       = h + i * hidden;
      std::ptrdiff_t j = 0;
      for (; j + lanes <= hidden; j += lanes)
        simd::store<float>(row + j, tanh(pack(simd::load<float>(row + j) + simd::load<float>(bias + j))));
      if (j < hidden)
        simd::store_first<float>(
            row + j, tanh(pack(simd::load_first<float>(row + j, hidden - j) + simd::load_first<float>(bias + j, hidden - j))),
            hidden - j);
    }
    float* z = z_.data();
    multiply(false, false, rows, classes, hidden, 1, h, hidden, p.w2.data(), classes, 0, z);
    const double cost = softmax_rows(d, p, z);
    float* g          = g_.data();
    multiply(false, true, rows, hidden, classes, 1, z, classes, p.w2.data(), classes, 0, g);
    multiply(true, false, hidden, classes, rows, -static_cast<float>(rate), h, hidden, z, classes, 1, p.w2.data());
    float sums[classes] = {};
    for (int i = 0; i < rows; ++i)
      for (int j = 0; j < classes; ++j) sums[j] += z[i * classes + j];
    for (int j = 0; j < classes; ++j) p.b2(j) -= static_cast<float>(rate) * sums[j];

    std::memset(sums_.data(), 0, hidden * sizeof(float));
    float* total = sums_.data();
    for (int i = 0; i < rows; ++i) {
      float *gi = g + i * hidden, *hi = h + i * hidden;
      for (int j = 0; j < hidden; ++j) {
        gi[j] *= 1 - hi[j] * hi[j];
        total[j] += gi[j];
      }
    }
    for (int j = 0; j < hidden; ++j) p.b1(j) -= static_cast<float>(rate) * total[j];
    multiply(true, false, inputs, hidden, rows, -static_cast<float>(rate), d.x.data(), inputs, g, hidden, 1, p.w1.data());
    return static_cast<float>(cost);
  }

 private:
  array<float, 2> h_{{rows, hidden}}, g_{{rows, hidden}}, z_{{rows, classes}};
  array<float, 1> sums_{{hidden}};

  // The rows of z become their softmax less the labels, over the number of rows; returns the mean loss.
  static double softmax_rows(const batch& d, const parameters& p, float* z) {
    namespace simd = ag::simd;
    constexpr std::ptrdiff_t lanes = simd::lanes<float>;
    double cost                    = 0;
    for (int i = 0; i < rows; ++i) {
      float* row  = z + i * classes;
      float most  = -INFINITY, sum = 0;
      for (int j = 0; j < classes; ++j) {
        row[j] += p.b2(j);
        most = row[j] > most ? row[j] : most;
      }
      const float label = row[d.y(i)];
      for (std::ptrdiff_t j = 0; j < classes; j += lanes) {
        const std::ptrdiff_t n = classes - j < lanes ? classes - j : lanes;
        simd::store_first<float>(row + j, exp(simd::pack<float>(simd::load_first<float>(row + j, n) - most)), n);
      }
      for (int j = 0; j < classes; ++j) sum += row[j];
      cost += std::log(sum) + most - label;
      const float scale = 1 / (sum * rows);
      for (int j = 0; j < classes; ++j) row[j] *= scale;
      row[d.y(i)] -= 1.0f / rows;
    }
    return cost / rows;
  }
};

// ---- in double, as it is written on paper

struct in_double {
  std::vector<double> w1, b1, w2, b2;

  explicit in_double(const parameters& p)
      : w1(p.w1.begin(), p.w1.end()), b1(p.b1.begin(), p.b1.end()), w2(p.w2.begin(), p.w2.end()), b2(p.b2.begin(), p.b2.end()) {}

  double step(const batch& d) {
    double cost = 0;
    std::vector<double> v1(w1), c1(b1), v2(w2), c2(b2);
    for (int i = 0; i < rows; ++i) {
      std::vector<double> h(b1), z(b2), gh(hidden);
      for (int k = 0; k < inputs; ++k)
        for (int j = 0; j < hidden; ++j) h[j] += d.x(i, k) * w1[k * hidden + j];
      for (double& v : h) v = std::tanh(v);
      for (int k = 0; k < hidden; ++k)
        for (int j = 0; j < classes; ++j) z[j] += h[k] * w2[k * classes + j];
      double sum = 0;
      for (double v : z) sum += std::exp(v);
      cost += std::log(sum) - z[d.y(i)];
      for (int j = 0; j < classes; ++j) z[j] = (std::exp(z[j]) / sum - (j == d.y(i))) / rows;
      for (int k = 0; k < hidden; ++k)
        for (int j = 0; j < classes; ++j) {
          gh[k] += z[j] * w2[k * classes + j];
          v2[k * classes + j] -= rate * h[k] * z[j];
        }
      for (int j = 0; j < classes; ++j) c2[j] -= rate * z[j];
      for (int j = 0; j < hidden; ++j) {
        gh[j] *= 1 - h[j] * h[j];
        c1[j] -= rate * gh[j];
      }
      for (int k = 0; k < inputs; ++k)
        for (int j = 0; j < hidden; ++j) v1[k * hidden + j] -= rate * d.x(i, k) * gh[j];
    }
    w1 = v1, b1 = c1, w2 = v2, b2 = c2;
    return cost / rows;
  }

  // The largest difference of any parameter.
  double distance(const parameters& p) const {
    double most     = 0;
    const auto over = [&](const std::vector<double>& a, const auto& b) {
      for (std::size_t i = 0; i < a.size(); ++i) most = std::fmax(most, std::fabs(a[i] - b.data()[i]));
    };
    over(w1, p.w1), over(b1, p.b1), over(w2, p.w2), over(b2, p.b2);
    return most;
  }
};

}  // namespace

int main(int argc, char** argv) {
  bench::with_clean_environment(argv);
  auto z                = dot(tanh(dot(x, w1) + b1), w2) + b2;
  auto cost             = mean(cross_entropy_with_logits(z, y));
  auto [g1, h1, g2, h2] = ag::grad(cost, w1, b1, w2, b2);
  auto train = ag::function(ag::inputs(x, y, w1, b1, w2, b2), ag::outputs(cost),
                            ag::updates(w1 = w1 - 0.1_c * g1, b1 = b1 - 0.1_c * h1, w2 = w2 - 0.1_c * g2, b2 = b2 - 0.1_c * h2));
  const bool once = argc > 1 && argv[1][0] == 'o';  // "ours": only the library, for a profiler
  const batch d;
  parameters ours, theirs;
  in_double reference(ours);
  by_hand hand;
  for (int step = 0; step < 5; ++step) {
    const double c0 = reference.step(d), c1 = train(d.x, d.y, ours.w1, ours.b1, ours.w2, ours.b2), c2 = hand.step(d, theirs);
    const double e1 = reference.distance(ours), e2 = reference.distance(theirs);
    if (!(e1 < 1e-5 && e2 < 1e-5 && std::fabs(c1 - c0) < 1e-4 && std::fabs(c2 - c0) < 1e-4)) {
      std::printf("step %d differs from double: cost %.9f library %.9f hand %.9f, parameters %.2g %.2g\n", step, c0, c1, c2, e1, e2);
      return 1;
    }
  }
  const auto run_ours = [&] { bench::use(train(d.x, d.y, ours.w1, ours.b1, ours.w2, ours.b2)); };
  const auto run_hand = [&] { bench::use(hand.step(d, theirs)); };
  if (once) {
    for (int i = 0; i < 6000; ++i) run_ours();
    return 0;
  }
  const auto t = bench::in_turns(101, 20, run_ours, run_hand);
  std::printf("BLAS core type %s, one thread, medians of 101 rounds of 20 steps, in turns\n\n", ag::blas::core_name());
  std::printf("| MLP 784-500-10, 60 rows, float | ms a step |\n|---|---:|\n");
  std::printf("| library | %.4f |\n| by hand | %.4f |\n| ratio | %.3f |\n\n", t.ours * 1e3, t.theirs * 1e3, t.ratio);
}
