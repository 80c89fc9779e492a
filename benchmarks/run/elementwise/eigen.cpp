// SPDX-License-Identifier: BSD-3-Clause
#include <Eigen/Core>

#include "../support/repeat.hpp"
#include "elementwise.hpp"

namespace elementwise {
namespace {

template <class T>
using map = Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>, Eigen::Aligned64>;
template <class T>
using input = Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, 1>, Eigen::Aligned64>;

template <class T, class F>
constexpr loop<T> of(F) {
  return [](long times, const T* pa, const T* pb, T* to, ptrdiff_t n) {
    const input<T> a(pa, n), b(pb, n);
    map<T> result(to, n);
    bench::repeat(times, [&] { F{}(a, b, result); });
  };
}

}  // namespace

template <class T>
loops<T> by_eigen() {
  return {{of<T>([](auto& a, auto& b, auto& to) { to = a.square() + b.square() + T(2) * a * b; }),
           of<T>([](auto& a, auto& b, auto& to) { to = T(2) * a + T(3) * b; }),
           of<T>([](auto& a, auto&, auto& to) { to = a + T(1); }),
           of<T>([](auto& a, auto& b, auto& to) { to = T(2) * a + b.square().square().square() * b.square(); }),
           of<T>([](auto& a, auto& b, auto& to) { to = a.exp() * b.tanh() + a; }),
           of<T>([](auto& a, auto& b, auto& to) { to = (-a.abs()).exp().log1p() + b * a.logistic(); })}};
}
template loops<float> by_eigen<float>();
template loops<double> by_eigen<double>();

}  // namespace elementwise
