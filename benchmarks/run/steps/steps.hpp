// SPDX-License-Identifier: BSD-3-Clause
// Training steps: perceptrons (with no hidden layer: softmax regression), logistic regression, an Elman network. Each peer
// makes steps of its own kind on parameters that all of them lay out alike, matrices by rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "../support/numbers.hpp"

namespace steps {

using std::ptrdiff_t;

inline constexpr double rate = 0.1;

/// tanh between the layers; the mean cross entropy of softmax and labels.
template <class T>
struct perceptron {
  std::vector<ptrdiff_t> sizes;
  std::vector<bench::memory<T>> w, b;

  explicit perceptron(std::vector<ptrdiff_t> of_layers) : sizes(std::move(of_layers)) {
    for (std::size_t l = 0; l + 1 < sizes.size(); ++l) {
      const double scale = std::sqrt(6.0 / static_cast<double>(sizes[l] + sizes[l + 1]));
      w.emplace_back(sizes[l] * sizes[l + 1], -scale, scale, static_cast<unsigned>(l) + 1);
      b.emplace_back(sizes[l + 1]);
    }
  }
  std::size_t layers() const { return w.size(); }
};
template <class T>
struct batch {
  ptrdiff_t rows, inputs;
  bench::memory<T> x;
  bench::memory<std::int32_t> y;
  batch(ptrdiff_t m, ptrdiff_t n, ptrdiff_t classes) : rows(m), inputs(n), x(m * n, 0, 1, 7), y(m) {
    for (ptrdiff_t i = 0; i < m; ++i) y[i] = static_cast<std::int32_t>(i * 7 % classes);
  }
};

/// mean(softplus(z) - y z) + 0.01 |w|² with z = x w + b, by its formula in p.
template <class T>
struct logistic {
  ptrdiff_t rows, inputs;
  bench::memory<T> x, y, w;
  T b = 0;
  logistic(ptrdiff_t m, ptrdiff_t n) : rows(m), inputs(n), x(m * n, -0.5, 0.5, 1), y(m, 0, 1, 2), w(n, -0.05, 0.05, 3) {
    for (T& v : y) v = v < T(0.5) ? T(1) : T(0);
  }
};

/// h = tanh(x(t) w + h u + b), from zero; the cross entropy of the last h v + c and labels.
template <class T>
struct elman {
  static constexpr int times = 6;
  ptrdiff_t rows, inputs, hidden, classes;
  bench::memory<T> x;  // times x rows x inputs
  bench::memory<std::int32_t> y;
  bench::memory<T> w, u, b, v, c;
  elman(ptrdiff_t m, ptrdiff_t n, ptrdiff_t h, ptrdiff_t k)
      : rows(m),
        inputs(n),
        hidden(h),
        classes(k),
        x(times * m * n, 0, 1, 1),
        y(m),
        w(n * h, -0.2, 0.2, 2),
        u(h * h, -0.15, 0.15, 3),
        b(h),
        v(h * k, -0.2, 0.2, 4),
        c(k) {
    for (ptrdiff_t i = 0; i < m; ++i) y[i] = static_cast<std::int32_t>(i * 7 % k);
  }
};

/// One step of descent; returns the loss before it.
template <class T>
using step = std::function<T()>;

template <class T>
struct peer {
  step<T> (*of_perceptron)(const batch<T>&, perceptron<T>&) = nullptr;
  step<T> (*of_logistic)(logistic<T>&)                      = nullptr;
  step<T> (*of_elman)(elman<T>&)                            = nullptr;
};

template <class T>
peer<T> by_agnesi();
template <class T>
peer<T> by_hand();
template <class T>
peer<T> by_eigen();
template <class T>
peer<T> by_xtensor();

}  // namespace steps
