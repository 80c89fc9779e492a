// SPDX-License-Identifier: BSD-3-Clause
// The BLAS calls that the models need, updates folded into alpha and beta, and what is between them in loops over xsimd's packs.
// A batch of one row is worked on by gemv and ger.
#ifdef AGNESI_USE_BLAS
#include <cblas.h>

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "../support/packs.hpp"
#include "steps.hpp"

namespace steps {
namespace {

namespace packs = bench::packs;
using bench::memory;

// to = alpha a b + beta to, by rows; a and b perhaps transposed.
template <class T>
void multiply(bool ta, bool tb, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t inner, T alpha, const T* a, const T* b, T beta,
              T* to) {
  const int m = static_cast<int>(rows), n = static_cast<int>(columns), k = static_cast<int>(inner);
  if (inner == 1 && ta && !tb && beta == T(1)) {
    if constexpr (sizeof(T) == 4)
      cblas_sger(CblasRowMajor, m, n, alpha, a, 1, b, 1, to, n);
    else
      cblas_dger(CblasRowMajor, m, n, alpha, a, 1, b, 1, to, n);
  } else if (rows == 1 && !ta) {
    const auto trans = tb ? CblasNoTrans : CblasTrans;
    const int p = tb ? n : k, q = tb ? k : n;
    if constexpr (sizeof(T) == 4)
      cblas_sgemv(CblasRowMajor, trans, p, q, alpha, b, q, a, 1, beta, to, 1);
    else
      cblas_dgemv(CblasRowMajor, trans, p, q, alpha, b, q, a, 1, beta, to, 1);
  } else {
    const auto x = ta ? CblasTrans : CblasNoTrans, y = tb ? CblasTrans : CblasNoTrans;
    if constexpr (sizeof(T) == 4)
      cblas_sgemm(CblasRowMajor, x, y, m, n, k, alpha, a, ta ? m : k, b, tb ? k : n, beta, to, n);
    else
      cblas_dgemm(CblasRowMajor, x, y, m, n, k, alpha, a, ta ? m : k, b, tb ? k : n, beta, to, n);
  }
}

// Every row of h becomes tanh(row + b).
template <class T>
void tanh_of_rows(T* h, const T* b, ptrdiff_t m, ptrdiff_t n) {
  constexpr ptrdiff_t L = packs::lanes<T>;
  using pack            = packs::pack<T>;
  using std::tanh;
  for (ptrdiff_t i = 0; i < m; ++i, h += n) {
    ptrdiff_t j = 0;
    for (; j + L <= n; j += L) packs::store(h + j, tanh(pack(packs::load(h + j) + packs::load(b + j))));
    if (j < n) {
      T rest[L] = {};
      for (ptrdiff_t k = j; k < n; ++k) rest[k - j] = h[k] + b[k];
      packs::store(rest, tanh(pack(packs::load(rest))));
      std::copy_n(rest, n - j, h + j);
    }
  }
}
// g *= 1 - h², and b -= rate * the sums of the columns.
template <class T>
void slope_of_rows(T* g, const T* h, T* b, T* sums, ptrdiff_t m, ptrdiff_t n) {
  std::fill_n(sums, n, T(0));
  for (ptrdiff_t i = 0; i < m; ++i, g += n, h += n)
    for (ptrdiff_t j = 0; j < n; ++j) {
      g[j] *= 1 - h[j] * h[j];
      sums[j] += g[j];
    }
  for (ptrdiff_t j = 0; j < n; ++j) b[j] -= static_cast<T>(rate) * sums[j];
}
// z + b becomes the gradient of the mean cross entropy; b descends.
template <class T>
T softmax_rows(T* z, T* b, const std::int32_t* y, ptrdiff_t m, ptrdiff_t n) {
  constexpr ptrdiff_t L = packs::lanes<T>, padded = 64;
  using pack = packs::pack<T>;
  using std::exp;
  double loss    = 0;
  T sums[padded] = {}, e[padded];
  for (ptrdiff_t i = 0; i < m; ++i, z += n) {
    T most = -HUGE_VAL, sum = 0;
    for (ptrdiff_t j = 0; j < n; ++j) {
      z[j] += b[j];
      most = std::max(most, z[j]);
    }
    for (ptrdiff_t j = 0; j < n; ++j) e[j] = z[j] - most;
    for (ptrdiff_t j = n; j < (n + L - 1) / L * L; ++j) e[j] = 0;
    for (ptrdiff_t j = 0; j < n; j += L) packs::store(e + j, exp(pack(packs::load(e + j))));
    for (ptrdiff_t j = 0; j < n; ++j) sum += e[j];
    loss += std::log(sum) + most - z[y[i]];
    const T scale = 1 / (sum * static_cast<T>(m));
    for (ptrdiff_t j = 0; j < n; ++j) z[j] = e[j] * scale;
    z[y[i]] -= 1 / static_cast<T>(m);
    for (ptrdiff_t j = 0; j < n; ++j) sums[j] += z[j];
  }
  for (ptrdiff_t j = 0; j < n; ++j) b[j] -= static_cast<T>(rate) * sums[j];
  return static_cast<T>(loss / static_cast<double>(m));
}

template <class T>
step<T> perceptron_by_hand(const batch<T>& d, perceptron<T>& p) {
  struct layers {
    std::vector<memory<T>> h, g;
    memory<T> sums{4096};
  };
  const auto own = std::make_shared<layers>();
  for (std::size_t l = 0; l < p.layers(); ++l)
    own->h.emplace_back(d.rows * p.sizes[l + 1]), own->g.emplace_back(d.rows * p.sizes[l + 1]);
  return [&d, &p, own] {
    const ptrdiff_t m      = d.rows;
    const std::size_t last = p.layers() - 1;
    const auto input       = [&](std::size_t l) { return l ? own->h[l - 1].data() : d.x.data(); };
    for (std::size_t l = 0; l <= last; ++l) {
      multiply<T>(false, false, m, p.sizes[l + 1], p.sizes[l], 1, input(l), p.w[l].data(), 0, own->h[l].data());
      if (l < last) tanh_of_rows(own->h[l].data(), p.b[l].data(), m, p.sizes[l + 1]);
    }
    const T loss = softmax_rows(own->h[last].data(), p.b[last].data(), d.y.data(), m, p.sizes.back());
    const T* g   = own->h[last].data();
    for (std::size_t l = last + 1; l-- > 0;) {
      if (l > 0) multiply<T>(false, true, m, p.sizes[l], p.sizes[l + 1], 1, g, p.w[l].data(), 0, own->g[l - 1].data());
      multiply<T>(true, false, p.sizes[l], p.sizes[l + 1], m, -static_cast<T>(rate), input(l), g, 1, p.w[l].data());
      if (l > 0) {
        slope_of_rows(own->g[l - 1].data(), own->h[l - 1].data(), p.b[l - 1].data(), own->sums.data(), m, p.sizes[l]);
        g = own->g[l - 1].data();
      }
    }
    return loss;
  };
}

template <class T>
step<T> logistic_by_hand(logistic<T>& p) {
  const auto own = std::make_shared<memory<T>>(p.rows);
  return [&p, own] {
    using pack = packs::pack<T>;
    using std::abs, std::exp, std::log1p, std::max;
    constexpr ptrdiff_t L = packs::lanes<T>;
    T* s                  = own->data();
    const auto n          = static_cast<T>(p.rows);
    multiply<T>(false, true, 1, p.rows, p.inputs, 1, p.w.data(), p.x.data(), 0, s);
    // log q = -softplus(-z) and log(1 - q) = -softplus(z): the loss is softplus(z) - y z.
    pack costs(T(0)), sums(T(0));
    ptrdiff_t i = 0;
    for (; i + L <= p.rows; i += L) {
      const pack z = packs::load(s + i) + pack(p.b), y = packs::load(p.y.data() + i), e = exp(pack(-abs(z)));
      costs        = costs + (log1p(e) + max(z, pack(T(0))) - y * z);
      const pack q = packs::choose<T>(z >= pack(T(0)), pack(T(1)), e) / (pack(T(1)) + e), r = (q - y) / pack(n);
      sums = sums + r;
      packs::store(s + i, r);
    }
    double cost = static_cast<double>(packs::sum<T>(costs)), sum = static_cast<double>(packs::sum<T>(sums)), squares = 0;
    for (; i < p.rows; ++i) {
      const T z = s[i] + p.b, e = std::exp(-std::fabs(z));
      cost += static_cast<double>(std::log1p(e) + std::max(z, T(0)) - p.y[i] * z);
      s[i] = ((z >= 0 ? T(1) : e) / (1 + e) - p.y[i]) / n;
      sum += static_cast<double>(s[i]);
    }
    for (const T v : p.w) squares += static_cast<double>(v) * static_cast<double>(v);
    // w - 0.1 (gradient + 0.02 w)
    if constexpr (sizeof(T) == 4)
      cblas_sgemv(CblasRowMajor, CblasTrans, static_cast<int>(p.rows), static_cast<int>(p.inputs), -0.1f, p.x.data(),
                  static_cast<int>(p.inputs), s, 1, 1 - 0.002f, p.w.data(), 1);
    else
      cblas_dgemv(CblasRowMajor, CblasTrans, static_cast<int>(p.rows), static_cast<int>(p.inputs), -0.1, p.x.data(),
                  static_cast<int>(p.inputs), s, 1, 1 - 0.002, p.w.data(), 1);
    p.b -= static_cast<T>(rate * sum);
    return static_cast<T>(cost / static_cast<double>(n) + 0.01 * squares);
  };
}

template <class T>
step<T> elman_by_hand(elman<T>& e) {
  struct state {
    memory<T> h, g, z, sums{4096};
  };
  constexpr int times = elman<T>::times;
  const auto own      = std::make_shared<state>(
      state{memory<T>(times * e.rows * e.hidden), memory<T>(times * e.rows * e.hidden), memory<T>(e.rows * e.classes)});
  return [&e, own] {
    const ptrdiff_t m = e.rows, k = e.hidden, mk = m * k;
    const auto h = [&](int t) { return own->h.data() + t * mk; };
    const auto g = [&](int t) { return own->g.data() + t * mk; };
    // All times at once: x w is one product.
    multiply<T>(false, false, times * m, k, e.inputs, 1, e.x.data(), e.w.data(), 0, h(0));
    for (int t = 0; t < times; ++t) {
      if (t) multiply<T>(false, false, m, k, k, 1, h(t - 1), e.u.data(), 1, h(t));
      tanh_of_rows(h(t), e.b.data(), m, k);
    }
    T* z = own->z.data();
    multiply<T>(false, false, m, e.classes, k, 1, h(times - 1), e.v.data(), 0, z);
    const T loss = softmax_rows(z, e.c.data(), e.y.data(), m, e.classes);
    multiply<T>(false, true, m, k, e.classes, 1, z, e.v.data(), 0, g(times - 1));
    multiply<T>(true, false, k, e.classes, m, -static_cast<T>(rate), h(times - 1), z, 1, e.v.data());
    for (int t = times; t-- > 0;) {
      slope_of_rows(g(t), h(t), e.b.data(), own->sums.data(), m, k);
      if (t) multiply<T>(false, true, m, k, k, 1, g(t), e.u.data(), 0, g(t - 1));
    }
    // And so are the gradients by w and u.
    multiply<T>(true, false, e.inputs, k, times * m, -static_cast<T>(rate), e.x.data(), g(0), 1, e.w.data());
    multiply<T>(true, false, k, k, (times - 1) * m, -static_cast<T>(rate), h(0), g(1), 1, e.u.data());
    return loss;
  };
}

}  // namespace

template <class T>
peer<T> by_hand() {
  return {perceptron_by_hand<T>, logistic_by_hand<T>, elman_by_hand<T>};
}
template peer<float> by_hand<float>();
template peer<double> by_hand<double>();

}  // namespace steps
#endif
