// SPDX-License-Identifier: BSD-3-Clause
// Learns to read handwritten digits, by softmax regression and with a hidden layer: first in double, where the costs
// on the way must be those that NumPy computes for the same steps, then in float.
//   examples/run.sh digits
#include <agnesi/agnesi.hpp>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <unistd.h>

namespace ag = agnesi;
using namespace ag::literals;

template <class Real>
struct dataset {
  ag::array<Real, 2> images;  // one a row: 8×8 pixels from 0, white, to 1, black
  ag::array<std::int32_t, 1> labels;
};

template <class Real>
dataset<Real> load(const std::string& path, int first, int count) {
  std::ifstream file(path);
  for (std::string line; first > 0; --first) std::getline(file, line);
  dataset<Real> d{ag::zeros<Real>(count, 64), ag::zeros<std::int32_t>(count)};
  for (int n = 0; n < count; ++n) {
    for (int k = 0; k < 64; ++k) {
      file >> d.images(n, k);
      file.ignore();  // the comma
      d.images(n, k) /= 16;
    }
    file >> d.labels(n);
  }
  if (!file) throw std::runtime_error("can't read " + path);
  return d;
}

// Prints a value, in double beside NumPy's. False where these differ.
template <class Real>
bool report(const std::string& what, double value, double numpy) {
  const bool same = std::abs(value - numpy) <= 1e-9 * numpy;
  std::printf("\r  %-14s %.12f", what.c_str(), value);
  if constexpr (std::is_same_v<Real, double>)
    std::printf("   NumPy %.12f   %s", numpy, same ? "the same" : "DIFFERENT");
  std::printf("\n");
  return same || !std::is_same_v<Real, double>;
}

// Reports the costs for which there is a reference; on a terminal the others pass in one line.
struct reference {
  int step;
  double cost;
};
template <class Real>
bool watch(int step, Real cost, std::span<const reference> references) {
  const std::string what = "cost " + std::to_string(step);
  for (const reference& r : references)
    if (r.step == step) return report<Real>(what, cost, r.cost);
  if (isatty(STDOUT_FILENO)) std::printf("\r  %-14s %.12f", what.c_str(), double(cost)), std::fflush(stdout);
  return true;
}

template <class Real>
bool softmax_regression(const dataset<Real>& training, const dataset<Real>& test) {
  constexpr auto x = ag::matrix<"x", Real>;
  constexpr auto y = ag::vector<"y", std::int32_t>;
  constexpr auto W = ag::matrix<"W", Real>;
  constexpr auto b = ag::vector<"b", Real>;

  constexpr auto z    = dot(x, W) + b;
  constexpr auto cost = mean(cross_entropy_with_logits(z, y)) + 1e-4_c * sum(sqr(W));

  auto [gW, gb]  = ag::grad(cost, W, b);
  auto train     = ag::function(ag::inputs(x, y, W, b), ag::outputs(cost),
                                ag::updates(W = W - 0.5_c * gW, b = b - 0.5_c * gb));
  auto weights   = ag::zeros<Real>(64, 10);
  auto bias      = ag::zeros<Real>(10);
  bool agreement = true;
  const reference numpy[] = {{0, 2.302585092994},  {1, 2.203361071021},   {9, 1.581716574858},
                             {99, 0.388157609481}, {499, 0.169138020967}, {999, 0.133730747767}};
  for (int step = 0; step < 1000; ++step)
    agreement &= watch(step, train(training.images, training.labels, weights, bias), numpy);

  const double accuracy =
      ag::eval(mean(argmax(z, ag::axis<1>) == y), x = test.images, y = test.labels, W = weights, b = bias);
  return report<Real>("test accuracy", accuracy, 414. / 450) && agreement;
}

// Images side by side with what was read in them: some that were read rightly, some wrongly.
template <class Real>
void show(const dataset<Real>& d, const ag::array<std::int64_t, 1>& guesses) {
  std::vector<int> some;
  for (const bool right : {true, false})
    for (int n = 0, left = 4; n < guesses.extent(0) && left > 0; ++n)
      if ((guesses(n) == d.labels(n)) == right) some.push_back(n), --left;
  for (int row = 0; row < 8; ++row, std::printf("\n"))
    for (const int n : some) {
      std::printf("    ");
      for (int k = 8 * row; k < 8 * row + 8; ++k) std::putchar(" .:-=+*#%@"[int(d.images(n, k) * 9)]);
    }
  for (const int n : some) std::printf("    read %d, ", int(guesses(n)));
  std::printf("\n");
  for (const int n : some) std::printf("    is %d    ", d.labels(n));
  std::printf("\n");
}

template <class Real>
bool hidden_layer(const dataset<Real>& training, const dataset<Real>& test) {
  constexpr auto x = ag::matrix<"x", Real>;
  constexpr auto y = ag::vector<"y", std::int32_t>, rows = ag::vector<"rows", std::int32_t>;
  constexpr auto V = ag::matrix<"V", Real>, W = ag::matrix<"W", Real>;
  constexpr auto a = ag::vector<"a", Real>, b = ag::vector<"b", Real>;

  constexpr auto p    = softmax(dot(tanh(dot(x, V) + a), W) + b);
  constexpr auto cost = -mean(log(p)(rows, y));  // as in a textbook: agnesi finds the form that can't overflow
  constexpr auto rate = 0.1_c;

  auto [gV, ga, gW, gb] = ag::grad(cost, V, a, W, b);
  auto train =
      ag::function(ag::inputs(x, y, rows, V, a, W, b), ag::outputs(cost),
                   ag::updates(V = V - rate * gV, a = a - rate * ga, W = W - rate * gW, b = b - rate * gb));

  auto v = ag::zeros<Real>(64, 100), w = ag::zeros<Real>(100, 10);
  auto va = ag::zeros<Real>(100), wb = ag::zeros<Real>(10);
  for (int k = 0; k < v.size(); ++k) v.data()[k] = Real(std::sin(k + 1) * std::sqrt(6. / 164));
  for (int k = 0; k < w.size(); ++k) w.data()[k] = Real(std::sin(k + 2) * std::sqrt(6. / 110));

  const int batch = 60;
  ag::array<std::int32_t, 1> every({batch});
  std::iota(every.begin(), every.end(), 0);
  bool agreement          = true;
  const reference numpy[] = {{0, 2.308516977305}, {1, 1.818676875862}, {9, 1.025482765199}, {19, 0.511504411673}};
  for (int epoch = 0; epoch < 20; ++epoch)
    for (int n = 0; n + batch <= training.labels.extent(0); n += batch) {
      const ag::view<const Real, 2> images(&training.images(n, 0), {batch, 64});
      const ag::view<const std::int32_t, 1> labels(&training.labels(n), {batch});
      const Real c = train(images, labels, every, v, va, w, wb);
      if (n == 0) agreement &= watch(epoch, c, numpy);
    }

  constexpr auto guess        = argmax(p, ag::axis<1>);
  auto read                   = ag::function(ag::inputs(x, y, V, a, W, b), ag::outputs(guess, mean(guess == y)));
  const auto [guesses, right] = read(test.images, test.labels, v, va, w, wb);
  agreement &= report<Real>("test accuracy", right, 385. / 450);
  if constexpr (std::is_same_v<Real, float>) {
    std::cout << "\nA training step:\n" << train.explain() << "\nSome images of the test, and what was read:\n";
    show(test, guesses);
  }
  return agreement;
}

template <class Real>
bool learn(const std::string& path, const std::string& type) {
  const auto training = load<Real>(path, 0, 1347), test = load<Real>(path, 1347, 450);
  std::cout << "softmax regression in " << type << ", 1000 steps\n";
  const bool agreement = softmax_regression(training, test);
  std::cout << "hidden layer in " << type << ", 20 epochs\n";
  return hidden_layer(training, test) && agreement;
}

int main(int argc, char** argv) {
  const std::string path = argc > 1 ? argv[1] : "examples/data/digits.csv";
  return learn<double>(path, "double") && learn<float>(path, "float") ? 0 : 1;
}
