// SPDX-License-Identifier: BSD-3-Clause
#include <Eigen/Core>

#include "steps.hpp"

namespace steps {
namespace {

template <class T>
using matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class T>
using row = Eigen::Matrix<T, 1, Eigen::Dynamic>;
template <class T>
using column = Eigen::Matrix<T, Eigen::Dynamic, 1>;
template <class T>
using matrix_at = Eigen::Map<matrix<T>>;
template <class T>
using row_at = Eigen::Map<row<T>>;

template <class T>
matrix_at<T> at(bench::memory<T>& a, ptrdiff_t m, ptrdiff_t n) {
  return {a.data(), m, n};
}
template <class T>
row_at<T> at(bench::memory<T>& a) {
  return {a.data(), a.size()};
}
template <class T>
Eigen::Map<const matrix<T>> at(const bench::memory<T>& a, ptrdiff_t m, ptrdiff_t n) {
  return {a.data(), m, n};
}

// The logits become the gradient of the mean cross entropy.
template <class T>
T cross_entropy(matrix<T>& z, const std::int32_t* y) {
  const column<T> most = z.rowwise().maxCoeff();
  T loss               = most.sum();
  for (ptrdiff_t i = 0; i < z.rows(); ++i) loss -= z(i, y[i]);
  z                   = (z.colwise() - most).array().exp();
  const column<T> sum = z.rowwise().sum();
  loss += sum.array().log().sum();
  z.array().colwise() *= (sum.array() * T(z.rows())).inverse();
  for (ptrdiff_t i = 0; i < z.rows(); ++i) z(i, y[i]) -= 1 / T(z.rows());
  return loss / T(z.rows());
}

template <class T>
step<T> perceptron_by_eigen(const batch<T>& d, perceptron<T>& p) {
  struct layers {
    std::vector<matrix<T>> h, g;
  };
  const auto own = std::make_shared<layers>();
  own->h.resize(p.layers()), own->g.resize(p.layers());
  return [&d, &p, own] {
    const auto x           = at(d.x, d.rows, d.inputs);
    const auto w           = [&](std::size_t l) { return at(p.w[l], p.sizes[l], p.sizes[l + 1]); };
    const std::size_t last = p.layers() - 1;
    auto &h = own->h, &g = own->g;
    for (std::size_t l = 0; l <= last; ++l) {
      if (l)
        h[l].noalias() = h[l - 1] * w(l);
      else
        h[l].noalias() = x * w(l);
      if (l < last)
        h[l] = (h[l].rowwise() + at(p.b[l])).array().tanh();
      else
        h[l].rowwise() += at(p.b[l]);
    }
    const T loss = cross_entropy(h[last], d.y.data());
    g[last].swap(h[last]);
    for (std::size_t l = last + 1; l-- > 0;) {
      if (l) {
        g[l - 1].noalias() = g[l] * w(l).transpose();
        g[l - 1].array() *= T(1) - h[l - 1].array().square();
      }
      if (l)
        w(l).noalias() -= (T(rate) * h[l - 1].transpose()) * g[l];
      else
        w(l).noalias() -= (T(rate) * x.transpose()) * g[l];
      at(p.b[l]) -= T(rate) * g[l].colwise().sum();
    }
    return loss;
  };
}

template <class T>
step<T> logistic_by_eigen(logistic<T>& p) {
  const auto own = std::make_shared<std::pair<column<T>, column<T>>>();
  return [&p, own] {
    const Eigen::Map<const matrix<T>> x(p.x.data(), p.rows, p.inputs);
    const Eigen::Map<const column<T>> y(p.y.data(), p.rows);
    Eigen::Map<column<T>> w(p.w.data(), p.inputs);
    auto &z = own->first, &r = own->second;
    z.noalias() = x * w;
    z.array() += p.b;
    const T cost =
        (z.array().max(T(0)) + (-z.array().abs()).exp().log1p() - y.array() * z.array()).mean() + T(0.01) * w.squaredNorm();
    r = (z.array().logistic() - y.array()) / T(p.rows);
    w *= T(1 - 0.02 * rate);
    w.noalias() -= T(rate) * (x.transpose() * r);
    p.b -= T(rate) * r.sum();
    return cost;
  };
}

template <class T>
step<T> elman_by_eigen(elman<T>& e) {
  struct state {
    matrix<T> h, g, z;
  };
  const auto own = std::make_shared<state>();
  return [&e, own] {
    constexpr int times = elman<T>::times;
    const ptrdiff_t m = e.rows, k = e.hidden;
    auto &h = own->h, &g = own->g, &z = own->z;
    auto w = at(e.w, e.inputs, k), u = at(e.u, k, k), v = at(e.v, k, e.classes);
    const auto x = at(e.x, times * m, e.inputs);
    h.noalias()  = x * w;
    g.resize(h.rows(), h.cols());
    for (int t = 0; t < times; ++t) {
      auto now = h.middleRows(t * m, m);
      if (t) now.noalias() += h.middleRows((t - 1) * m, m) * u;
      now = (now.rowwise() + at(e.b)).array().tanh();
    }
    z.noalias() = h.bottomRows(m) * v;
    z.rowwise() += at(e.c);
    const T loss              = cross_entropy(z, e.y.data());
    g.bottomRows(m).noalias() = z * v.transpose();
    for (int t = times; t-- > 0;) {
      g.middleRows(t * m, m).array() *= T(1) - h.middleRows(t * m, m).array().square();
      if (t) g.middleRows((t - 1) * m, m).noalias() = g.middleRows(t * m, m) * u.transpose();
    }
    v.noalias() -= (T(rate) * h.bottomRows(m).transpose()) * z;
    w.noalias() -= (T(rate) * x.transpose()) * g;
    u.noalias() -= (T(rate) * h.topRows((times - 1) * m).transpose()) * g.bottomRows((times - 1) * m);
    at(e.b) -= T(rate) * g.colwise().sum();
    at(e.c) -= T(rate) * z.colwise().sum();
    return loss;
  };
}

}  // namespace

template <class T>
peer<T> by_eigen() {
  return {perceptron_by_eigen<T>, logistic_by_eigen<T>, elman_by_eigen<T>};
}
template peer<float> by_eigen<float>();
template peer<double> by_eigen<double>();

}  // namespace steps
