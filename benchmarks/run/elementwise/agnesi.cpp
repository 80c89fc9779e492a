// SPDX-License-Identifier: BSD-3-Clause
#include <agnesi/agnesi.hpp>

#include "../support/repeat.hpp"
#include "elementwise.hpp"

namespace elementwise {
namespace {

namespace ag = agnesi;
using namespace ag::literals;

template <class T>
constexpr auto a = ag::vector<"a", T>;
template <class T>
constexpr auto b = ag::vector<"b", T>;

template <class T, class Formula>
void of_both(long times, const T* pa, const T* pb, T* to, ptrdiff_t n) {
  static auto f = ag::function(ag::inputs(a<T>, b<T>), ag::outputs(Formula{}));
  const ag::view<const T, 1> va(pa, {n}), vb(pb, {n});
  ag::view<T, 1> result(to, {n});
  bench::repeat(times, [&] { f.into(result)(va, vb); });
}
template <class T, class Formula>
void of_one(long times, const T* pa, const T*, T* to, ptrdiff_t n) {
  static auto f = ag::function(ag::inputs(a<T>), ag::outputs(Formula{}));
  const ag::view<const T, 1> va(pa, {n});
  ag::view<T, 1> result(to, {n});
  bench::repeat(times, [&] { f.into(result)(va); });
}

template <class T, class Formula>
constexpr loop<T> of(Formula) {
  return of_both<T, Formula>;
}

}  // namespace

template <class T>
loops<T> by_agnesi() {
  constexpr auto x = a<T>;
  constexpr auto y = b<T>;
  return {{of<T>(x * x + y * y + 2_c * x * y), of<T>(2_c * x + 3_c * y), of_one<T, decltype(x + 1_c)>,
           of<T>(2_c * x + pow(y, 10_c)), of<T>(exp(x) * tanh(y) + x), of<T>(log1p(exp(-abs(x))) + y * sigmoid(x))}};
}
template loops<float> by_agnesi<float>();
template loops<double> by_agnesi<double>();

}  // namespace elementwise
