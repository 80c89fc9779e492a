// SPDX-License-Identifier: BSD-3-Clause
#include <xtensor/xadapt.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xnoalias.hpp>

#include "../support/repeat.hpp"
#include "elementwise.hpp"

namespace elementwise {
namespace {

template <class T, class F>
constexpr loop<T> of(F) {
  return [](long times, const T* pa, const T* pb, T* to, ptrdiff_t n) {
    const auto size = static_cast<std::size_t>(n);
    const std::array<std::size_t, 1> shape{size};
    const auto a = xt::adapt(pa, size, xt::no_ownership(), shape), b = xt::adapt(pb, size, xt::no_ownership(), shape);
    auto result = xt::adapt(to, size, xt::no_ownership(), shape);
    bench::repeat(times, [&] { xt::noalias(result) = F{}(a, b); });
  };
}

}  // namespace

template <class T>
loops<T> by_xtensor() {
  return {{of<T>([](auto& a, auto& b) { return xt::square(a) + xt::square(b) + T(2) * a * b; }),
           of<T>([](auto& a, auto& b) { return T(2) * a + T(3) * b; }), of<T>([](auto& a, auto&) { return a + T(1); }),
           of<T>([](auto& a, auto& b) { return T(2) * a + xt::pow<10>(b); }),
           of<T>([](auto& a, auto& b) { return xt::exp(a) * xt::tanh(b) + a; }),
           of<T>([](auto& a, auto& b) { return xt::log1p(xt::exp(-xt::abs(a))) + b / (T(1) + xt::exp(-a)); })}};
}
template loops<float> by_xtensor<float>();
template loops<double> by_xtensor<double>();

}  // namespace elementwise
