// SPDX-License-Identifier: BSD-3-Clause
// A model with its gradient in a CUDA translation unit: types named in plain code, trained on the host.
// flags: --expt-relaxed-constexpr
#include <agnesi/agnesi.hpp>

#include <cmath>
#include <cstdio>
#include <type_traits>

namespace ag = agnesi;
using namespace ag::literals;

constexpr auto inputs = ag::matrix<"inputs", float>;
constexpr auto labels = ag::vector<"labels", std::int32_t>;
constexpr auto weights = ag::matrix<"weights", float>;
constexpr auto bias = ag::vector<"bias", float>;

constexpr auto hidden = tanh(dot(inputs, weights) + bias);
constexpr auto cost = mean(cross_entropy_with_logits(hidden, labels)) + 0.01_c * sum(sqr(weights));
constexpr auto gradient = ag::grad(cost, weights);

template <class T>
struct size_of_type {
  static constexpr int value = T::list::nodes;
};

int main() {
  static_assert(!std::is_same_v<decltype(cost), decltype(gradient)>);
  static_assert(std::is_same_v<decltype(hidden), decltype(tanh(dot(inputs, weights) + bias)) const>);
  static_assert(size_of_type<decltype(gradient)>::value > size_of_type<decltype(hidden)>::value);

  auto step = ag::function(ag::inputs(inputs, labels, weights, bias), ag::outputs(cost),
                           ag::updates(weights = weights - 0.5_c * gradient));
  auto value = ag::function(ag::inputs(inputs, labels, weights, bias), ag::outputs(cost, gradient));

  ag::array<float, 2> x({7, 5}), w({5, 3});
  ag::array<std::int32_t, 1> y({7});
  ag::array<float, 1> b({3});
  for (int i = 0; i < 7; ++i) {
    y(i) = i % 3;
    for (int j = 0; j < 5; ++j) x(i, j) = std::sin(static_cast<float>(5 * i + j));
  }
  for (int i = 0; i < 5; ++i)
    for (int j = 0; j < 3; ++j) w(i, j) = 0.1f * static_cast<float>(i - j);

  const auto [before, g] = value(x, y, w, b);
  double worst = 0;
  for (int i = 0; i < 5; ++i)
    for (int j = 0; j < 3; ++j) {
      const float at = w(i, j), h = 1e-2f;
      w(i, j) = at + h;
      const float up = std::get<0>(value(x, y, w, b));
      w(i, j) = at - h;
      const float down = std::get<0>(value(x, y, w, b));
      w(i, j) = at;
      worst = std::fmax(worst, std::fabs((up - down) / (2 * h) - g(i, j)));
    }
  float last = before;
  for (int k = 0; k < 20; ++k) last = step(x, y, w, b);
  const bool ok = worst < 2e-3 && last < before;
  std::printf("model: cost %.4f to %.4f, gradient within %.1e of finite differences: %s\n", before, last, worst,
              ok ? "ok" : "FAILED");
  return ok ? 0 : 1;
}
