// SPDX-License-Identifier: BSD-3-Clause
#include <agnesi/agnesi.hpp>

#include "../support/repeat.hpp"
#include "rows.hpp"

namespace rows {
namespace {

namespace ag = agnesi;

template <class T>
constexpr auto z = ag::matrix<"z", T>;
constexpr auto y = ag::vector<"y", std::int32_t>;

template <class T>
void softmaxes(long times, const operands<T>& o) {
  static auto f = ag::function(ag::inputs(z<T>), ag::outputs(softmax(z<T>)));
  const ag::view<const T, 2> in(o.z, {o.m, o.n});
  ag::view<T, 2> to(o.to, {o.m, o.n});
  bench::repeat(times, [&] { f.into(to)(in); });
}
template <class T>
void cross_entropies(long times, const operands<T>& o) {
  constexpr auto cost = mean(cross_entropy_with_logits(z<T>, y));
  static auto f       = ag::function(ag::inputs(z<T>, y), ag::outputs(cost, ag::grad(cost, z<T>)));
  const ag::view<const T, 2> in(o.z, {o.m, o.n});
  const ag::view<const std::int32_t, 1> labels(o.labels, {o.m});
  ag::view<T, 0> loss(o.loss);
  ag::view<T, 2> to(o.to, {o.m, o.n});
  bench::repeat(times, [&] { f.into(loss, to)(in, labels); });
}

}  // namespace

template <class T>
calls<T> by_agnesi() {
  return {softmaxes<T>, cross_entropies<T>};
}
template calls<float> by_agnesi<float>();
template calls<double> by_agnesi<double>();

}  // namespace rows
