// SPDX-License-Identifier: BSD-3-Clause
// Products by xtensor-blas, the same BLAS.
#include <xtensor-blas/xlinalg.hpp>
#include <xtensor/xadapt.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xnoalias.hpp>
#include <xtensor/xtensor.hpp>
#include <xtensor/xview.hpp>

#include "steps.hpp"

namespace steps {
namespace {

constexpr auto now = xt::evaluation_strategy::immediate;

template <class P>
auto at(P* p, ptrdiff_t m, ptrdiff_t n) {
  return xt::adapt(p, static_cast<std::size_t>(m * n), xt::no_ownership(),
                   std::array<std::size_t, 2>{static_cast<std::size_t>(m), static_cast<std::size_t>(n)});
}
template <class P>
auto at(P* p, ptrdiff_t n) {
  return xt::adapt(p, static_cast<std::size_t>(n), xt::no_ownership(), std::array<std::size_t, 1>{static_cast<std::size_t>(n)});
}

template <class T>
step<T> perceptron_by_xtensor(const batch<T>& d, perceptron<T>& p) {
  using matrix   = xt::xtensor<T, 2>;
  const auto own = std::make_shared<std::vector<matrix>>();
  return [&d, &p, own] {
    const auto x           = at(d.x.data(), d.rows, d.inputs);
    const auto w           = [&](std::size_t l) { return at(p.w[l].data(), p.sizes[l], p.sizes[l + 1]); };
    const auto b           = [&](std::size_t l) { return at(p.b[l].data(), p.sizes[l + 1]); };
    const std::size_t last = p.layers() - 1;
    auto& h                = *own;
    h.resize(last);
    matrix g;
    for (std::size_t l = 0; l <= last; ++l) {
      matrix z = l ? matrix(xt::linalg::dot(h[l - 1], w(l))) : matrix(xt::linalg::dot(x, w(l)));
      if (l < last) {
        h[l].resize({z.shape(0), z.shape(1)});
        xt::noalias(h[l]) = xt::tanh(z + b(l));
      } else {
        xt::noalias(z) = z + b(l);
        g              = std::move(z);
      }
    }
    const xt::xtensor<T, 1> most = xt::amax(g, {1}, now);
    T loss                       = xt::sum(most, now)();
    for (ptrdiff_t i = 0; i < d.rows; ++i) loss -= g(i, d.y[i]);
    xt::noalias(g)              = xt::exp(g - xt::view(most, xt::all(), xt::newaxis()));
    const xt::xtensor<T, 1> sum = xt::sum(g, {1}, now), scale = T(1) / (sum * T(d.rows));
    loss += xt::sum(xt::log(sum), now)();
    g *= xt::view(scale, xt::all(), xt::newaxis());
    for (ptrdiff_t i = 0; i < d.rows; ++i) g(i, d.y[i]) -= 1 / T(d.rows);
    for (std::size_t l = last + 1; l-- > 0;) {
      matrix before;
      if (l) before = xt::linalg::dot(g, xt::transpose(w(l)));
      auto wl = w(l);
      auto bl = b(l);
      if (l)
        xt::noalias(wl) -= T(rate) * xt::linalg::dot(xt::transpose(h[l - 1]), g);
      else
        xt::noalias(wl) -= T(rate) * xt::linalg::dot(xt::transpose(x), g);
      xt::noalias(bl) -= T(rate) * xt::sum(g, {0}, now);
      if (l) {
        g.resize({before.shape(0), before.shape(1)});
        xt::noalias(g) = before * (T(1) - h[l - 1] * h[l - 1]);
      }
    }
    return loss / T(d.rows);
  };
}

template <class T>
step<T> logistic_by_xtensor(logistic<T>& p) {
  return [&p] {
    using vector   = xt::xtensor<T, 1>;
    const auto x   = at(p.x.data(), p.rows, p.inputs);
    const auto y   = at(p.y.data(), p.rows);
    auto w         = at(p.w.data(), p.inputs);
    const vector z = xt::linalg::dot(x, w) + p.b;
    const vector e = xt::exp(-xt::abs(z));
    const T cost   = xt::mean(xt::log1p(e) + xt::maximum(z, T(0)) - y * z, now)() + T(0.01) * xt::sum(w * w, now)();
    const vector r = (T(1) / (T(1) + xt::exp(-z)) - y) / T(p.rows);
    xt::noalias(w) = T(1 - 0.02 * rate) * w - T(rate) * xt::linalg::dot(xt::transpose(x), r);
    p.b -= T(rate) * xt::sum(r, now)();
    return cost;
  };
}

}  // namespace

template <class T>
peer<T> by_xtensor() {
  return {perceptron_by_xtensor<T>, logistic_by_xtensor<T>, nullptr};
}
template peer<float> by_xtensor<float>();
template peer<double> by_xtensor<double>();

}  // namespace steps
