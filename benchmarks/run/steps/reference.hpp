// SPDX-License-Identifier: BSD-3-Clause
// The steps in double, as they are written on paper.
#pragma once

#include <cmath>

#include "steps.hpp"

namespace steps {

using matrix = std::vector<double>;

// c (m x n) += a (m x k) b (k x n)
inline void multiply(const matrix& a, const matrix& b, matrix& c, ptrdiff_t m, ptrdiff_t k, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < m; ++i)
    for (ptrdiff_t l = 0; l < k; ++l)
      for (ptrdiff_t j = 0; j < n; ++j) c[std::size_t(i * n + j)] += a[std::size_t(i * k + l)] * b[std::size_t(l * n + j)];
}
inline matrix transposed(const matrix& a, ptrdiff_t m, ptrdiff_t n) {
  matrix t(a.size());
  for (ptrdiff_t i = 0; i < m; ++i)
    for (ptrdiff_t j = 0; j < n; ++j) t[std::size_t(j * m + i)] = a[std::size_t(i * n + j)];
  return t;
}
template <class Range>
matrix in_double(const Range& r) {
  return matrix(r.begin(), r.end());
}
inline void add_rows(matrix& z, const matrix& b) {
  for (std::size_t i = 0; i < z.size(); ++i) z[i] += b[i % b.size()];
}
inline void descend(matrix& to, const matrix& gradient) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] -= rate * gradient[i];
}
inline matrix column_sums(const matrix& a, std::size_t n) {
  matrix s(n);
  for (std::size_t i = 0; i < a.size(); ++i) s[i % n] += a[i];
  return s;
}
// The logits become the gradient of the mean cross entropy.
template <class Labels>
double cross_entropy(matrix& z, const Labels& y, std::size_t classes) {
  const std::size_t m = z.size() / classes;
  double loss         = 0;
  for (std::size_t i = 0; i < m; ++i) {
    double sum = 0;
    for (std::size_t j = 0; j < classes; ++j) sum += std::exp(z[i * classes + j]);
    const auto label = static_cast<std::size_t>(y[static_cast<ptrdiff_t>(i)]);
    loss += std::log(sum) - z[i * classes + label];
    for (std::size_t j = 0; j < classes; ++j)
      z[i * classes + j] = (std::exp(z[i * classes + j]) / sum - (j == label)) / double(m);
  }
  return loss / double(m);
}

struct exact_perceptron {
  std::vector<matrix> w, b;
  template <class T>
  explicit exact_perceptron(const perceptron<T>& p) {
    for (const auto& one : p.w) w.push_back(in_double(one));
    for (const auto& one : p.b) b.push_back(in_double(one));
  }
  template <class T>
  double step(const batch<T>& d, const std::vector<ptrdiff_t>& sizes) {
    const ptrdiff_t m = d.rows;
    std::vector<matrix> h{in_double(d.x)};
    for (std::size_t l = 0; l < w.size(); ++l) {
      matrix z(std::size_t(m * sizes[l + 1]));
      multiply(h[l], w[l], z, m, sizes[l], sizes[l + 1]);
      add_rows(z, b[l]);
      if (l + 1 < w.size())
        for (double& v : z) v = std::tanh(v);
      h.push_back(z);
    }
    matrix g          = h.back();
    const double loss = cross_entropy(g, d.y, std::size_t(sizes.back()));
    for (std::size_t l = w.size(); l-- > 0;) {
      matrix gw(w[l].size()), gh(h[l].size());
      multiply(transposed(h[l], m, sizes[l]), g, gw, sizes[l], m, sizes[l + 1]);
      if (l > 0) multiply(g, transposed(w[l], sizes[l], sizes[l + 1]), gh, m, sizes[l + 1], sizes[l]);
      descend(w[l], gw), descend(b[l], column_sums(g, b[l].size()));
      for (std::size_t i = 0; i < gh.size(); ++i) gh[i] *= 1 - h[l][i] * h[l][i];
      g = gh;
    }
    return loss;
  }
};

struct exact_logistic {
  matrix w;
  double b;
  template <class T>
  explicit exact_logistic(const logistic<T>& p) : w(in_double(p.w)), b(static_cast<double>(p.b)) {}
  template <class T>
  double step(const logistic<T>& p) {
    const auto n = static_cast<double>(p.rows);
    double cost = 0, gb = 0;
    matrix g(w.size());
    for (ptrdiff_t i = 0; i < p.rows; ++i) {
      double z = b;
      for (ptrdiff_t k = 0; k < p.inputs; ++k) z += static_cast<double>(p.x[i * p.inputs + k]) * w[std::size_t(k)];
      const double y = static_cast<double>(p.y[i]), q = 1 / (1 + std::exp(-z));
      cost -= (y * std::log(q) + (1 - y) * std::log1p(-q)) / n;
      gb += (q - y) / n;
      for (ptrdiff_t k = 0; k < p.inputs; ++k) g[std::size_t(k)] += (q - y) * static_cast<double>(p.x[i * p.inputs + k]) / n;
    }
    for (std::size_t k = 0; k < w.size(); ++k) {
      cost += 0.01 * w[k] * w[k];
      w[k] -= rate * (g[k] + 0.02 * w[k]);
    }
    b -= rate * gb;
    return cost;
  }
};

struct exact_elman {
  matrix w, u, b, v, c;
  template <class T>
  explicit exact_elman(const elman<T>& e)
      : w(in_double(e.w)), u(in_double(e.u)), b(in_double(e.b)), v(in_double(e.v)), c(in_double(e.c)) {}
  template <class T>
  double step(const elman<T>& e) {
    const ptrdiff_t m = e.rows, n = e.inputs, k = e.hidden;
    std::vector<matrix> x, h{matrix(std::size_t(m * k))};
    for (int t = 0; t < e.times; ++t) {
      x.emplace_back(e.x.begin() + t * m * n, e.x.begin() + (t + 1) * m * n);
      matrix z(std::size_t(m * k));
      multiply(x.back(), w, z, m, n, k), multiply(h.back(), u, z, m, k, k), add_rows(z, b);
      for (double& one : z) one = std::tanh(one);
      h.push_back(z);
    }
    matrix z(std::size_t(m * e.classes));
    multiply(h.back(), v, z, m, k, e.classes), add_rows(z, c);
    const double loss = cross_entropy(z, e.y, std::size_t(e.classes));
    matrix gv(v.size()), g(h.back().size()), gw(w.size()), gu(u.size()), gb(b.size());
    multiply(transposed(h.back(), m, k), z, gv, k, m, e.classes);
    multiply(z, transposed(v, k, e.classes), g, m, e.classes, k);
    for (std::size_t t = static_cast<std::size_t>(e.times); t-- > 0;) {
      for (std::size_t i = 0; i < g.size(); ++i) g[i] *= 1 - h[t + 1][i] * h[t + 1][i];
      multiply(transposed(x[t], m, n), g, gw, n, m, k), multiply(transposed(h[t], m, k), g, gu, k, m, k);
      const matrix s = column_sums(g, b.size());
      for (std::size_t i = 0; i < s.size(); ++i) gb[i] += s[i];
      matrix before(g.size());
      multiply(g, transposed(u, k, k), before, m, k, k);
      g = before;
    }
    descend(w, gw), descend(u, gu), descend(b, gb), descend(v, gv), descend(c, column_sums(z, c.size()));
    return loss;
  }
};

}  // namespace steps
