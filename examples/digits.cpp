// SPDX-License-Identifier: BSD-3-Clause
// Learns to read handwritten digits, by softmax regression and with a hidden layer: first in double, where
// the costs on the way must be those that NumPy computes for the same steps, then in float.
//   examples/run.sh digits
#include <agnesi/agnesi.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <numeric>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace ag = agnesi;
using namespace ag::literals;

template <class Real> struct dataset {
  ag::array<Real, 2> images;  // one a row: 8×8 pixels from 0, white, to 1, black
  ag::array<std::int32_t, 1> labels;
};

template <class Real> dataset<Real> load(const std::string& path, int first, int count) {
  std::ifstream file(path);
  for (std::string line; first > 0; --first) std::getline(file, line);
  dataset<Real> d{ag::zeros<Real>(count, 64), ag::zeros<std::int32_t>(count)};
  char comma = 0;
  for (int n = 0; n < count; ++n) {
    for (int k = 0; k < 64; ++k) file >> d.images(n, k) >> comma, d.images(n, k) /= 16;
    file >> d.labels(n);
  }
  if (!file) throw std::runtime_error("can't read " + path);
  return d;
}

// Prints the cost beside NumPy's where that is known, otherwise, on a terminal, in one line that is written
// over. Returns whether the two agree; in float they only nearly do.
using reference = std::pair<int, double>;
template <class Real, std::size_t N> bool watch(int step, Real cost, const reference (&numpy)[N]) {
  const auto known = std::ranges::find(numpy, step, &reference::first);
  const bool found = known != std::end(numpy), compared = found && std::is_same_v<Real, double>;
  if (found || isatty(STDOUT_FILENO)) std::printf("\r  cost %3d  %.12f", step, double(cost));
  if (compared) std::printf("   NumPy %.12f", known->second);
  if (found) std::printf("\n");
  std::fflush(stdout);
  return !compared || std::abs(cost - known->second) <= 1e-9 * known->second;
}

template <class Real> bool softmax_regression(const std::string& path) {
  const auto training = load<Real>(path, 0, 1347), test = load<Real>(path, 1347, 450);
  constexpr auto x = ag::matrix<"x", Real>;
  constexpr auto y = ag::vector<"y", std::int32_t>;
  constexpr auto W = ag::matrix<"W", Real>;
  constexpr auto b = ag::vector<"b", Real>;

  constexpr auto z    = dot(x, W) + b;
  constexpr auto cost = mean(cross_entropy_with_logits(z, y)) + 1e-4_c * sum(sqr(W));

  auto [gW, gb] = ag::grad(cost, W, b);
  auto train    = ag::function(ag::inputs(x, y, W, b), ag::outputs(cost),
                               ag::updates(W = W - 0.5_c * gW, b = b - 0.5_c * gb));

  bool agreement = true;
  const reference numpy[] = {{0, 2.302585092994},  {1, 2.203361071021},   {9, 1.581716574858},
                             {99, 0.388157609481}, {499, 0.169138020967}, {999, 0.133730747767}};
  auto w = ag::zeros<Real>(64, 10);
  auto c = ag::zeros<Real>(10);
  for (int step = 0; step < 1000; ++step)
    agreement &= watch(step, train(training.images, training.labels, w, c), numpy);

  const auto right = mean(argmax(z, ag::axis<1>) == y);
  std::printf("  test accuracy %.4f\n", ag::eval(right, x = test.images, y = test.labels, W = w, b = c));
  return agreement;
}

// Eight images side by side, the first four that were read rightly and wrongly, and what was read.
template <class Real> void show(const dataset<Real>& d, const ag::array<std::int64_t, 1>& guesses) {
  std::vector<int> some;
  for (const bool right : {true, false})
    for (int n = 0, left = 4; n < guesses.extent(0) && left > 0; ++n)
      if ((guesses(n) == d.labels(n)) == right) some.push_back(n), --left;
  for (int row = 0; row < 8; ++row, std::printf("\n"))
    for (const int n : some)
      for (int k = -4; k < 8; ++k)
        std::putchar(k < 0 ? ' ' : " .:-=+*#%@"[int(d.images(n, 8 * row + k) * 9)]);
  for (const int n : some) std::printf("    %d (is %d)", int(guesses(n)), d.labels(n));
  std::printf("\n");
}

template <class Real> bool hidden_layer(const std::string& path) {
  const auto training = load<Real>(path, 0, 1347), test = load<Real>(path, 1347, 450);
  constexpr auto x    = ag::matrix<"x", Real>;
  constexpr auto y    = ag::vector<"y", std::int32_t>;
  constexpr auto rows = ag::vector<"rows", std::int32_t>;
  constexpr auto V    = ag::matrix<"V", Real>;
  constexpr auto a    = ag::vector<"a", Real>;
  constexpr auto W    = ag::matrix<"W", Real>;
  constexpr auto b    = ag::vector<"b", Real>;

  constexpr auto p     = softmax(dot(tanh(dot(x, V) + a), W) + b);
  constexpr auto cost  = -mean(log(p)(rows, y));  // as in a textbook; what is computed does not overflow
  constexpr auto guess = argmax(p, ag::axis<1>);

  auto [gV, ga, gW, gb] = ag::grad(cost, V, a, W, b);

  auto train = ag::function(
      ag::inputs(x, y, rows, V, a, W, b), ag::outputs(cost),
      ag::updates(V = V - 0.1_c * gV, a = a - 0.1_c * ga, W = W - 0.1_c * gW, b = b - 0.1_c * gb));
  auto read  = ag::function(ag::inputs(x, y, V, a, W, b), ag::outputs(guess, mean(guess == y)));

  auto v = ag::zeros<Real>(64, 100), w = ag::zeros<Real>(100, 10);
  auto va = ag::zeros<Real>(100), wb = ag::zeros<Real>(10);
  for (int k = 0; k < v.size(); ++k) v.data()[k] = Real(std::sin(k + 1) * std::sqrt(6. / 164));
  for (int k = 0; k < w.size(); ++k) w.data()[k] = Real(std::sin(k + 2) * std::sqrt(6. / 110));

  bool agreement = true;
  const reference numpy[] = {
      {0, 2.308516977305}, {1, 1.818676875862}, {9, 1.025482765199}, {19, 0.511504411673}};
  std::vector<std::int32_t> each(60);  // 0, 1, 2, …
  std::iota(each.begin(), each.end(), 0);
  for (int epoch = 0; epoch < 20; ++epoch)
    for (int n = 0; n + 60 <= training.labels.extent(0); n += 60) {
      const ag::view<const Real, 2> images(&training.images(n, 0), {60, 64});
      const ag::view<const std::int32_t, 1> labels(&training.labels(n), {60});
      const Real c = train(images, labels, each, v, va, w, wb);
      if (n == 0) agreement &= watch(epoch, c, numpy);
    }

  const auto [guesses, right] = read(test.images, test.labels, v, va, w, wb);
  std::printf("  test accuracy %.4f\n", right);
  if constexpr (std::is_same_v<Real, float>) {
    std::printf("\nthe plan of a training step\n%s\nimages of the test\n", train.explain().c_str());
    show(test, guesses);
  }
  return agreement;
}

int main(int argc, char** argv) {
  const std::string path = argc > 1 ? argv[1] : "examples/data/digits.csv";
  std::printf("in double, softmax regression, then a hidden layer\n");
  bool same = softmax_regression<double>(path);
  same      = hidden_layer<double>(path) && same;
  std::printf("  %s\nin float\n", same ? "all as in NumPy" : "NOT as in NumPy");
  softmax_regression<float>(path), hidden_layer<float>(path);
  return same ? 0 : 1;
}
