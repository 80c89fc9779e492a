// SPDX-License-Identifier: BSD-3-Clause
#include <agnesi/agnesi.hpp>

#include "../support/repeat.hpp"
#include "small.hpp"

namespace small {
namespace {

namespace ag = agnesi;
using namespace ag::literals;

template <class T, int N>
struct of_agnesi {
  static constexpr auto A    = ag::matrix<"A", T, N, N>;
  static constexpr auto x    = ag::vector<"x", T, N>;
  static constexpr auto b    = ag::vector<"b", T, N>;
  static constexpr auto t    = ag::vector<"t", T, N>;
  static constexpr auto loss = 0.5_c * sum(sqr(tanh(dot(A, x) + b) - t));

  // The memory as arrays of so many numbers.
  using vector = T[N];
  using matrix = T[N][N];
  template <class Array, class U>
  static auto& as(U* p) {
    using array = std::conditional_t<std::is_const_v<U>, const Array, Array>;
    return *reinterpret_cast<array*>(p);
  }

  static void affine(long times, const operands<T>& o) {
    auto f = ag::function(ag::inputs(A, x, b), ag::outputs(dot(A, x) + b));
    auto& y        = as<vector>(o.to);
    const auto& m  = as<matrix>(o.A);
    const auto &vx = as<vector>(o.x), &vb = as<vector>(o.b);
    bench::repeat(times, [&] { f.into(y)(m, vx, vb); });
  }
  static void by_x(long times, const operands<T>& o) {
    auto f = ag::function(ag::inputs(A, x, b, t), ag::outputs(ag::grad(loss, x)));
    auto& y        = as<vector>(o.to);
    const auto& m  = as<matrix>(o.A);
    const auto &vx = as<vector>(o.x), &vb = as<vector>(o.b), &vt = as<vector>(o.t);
    bench::repeat(times, [&] { f.into(y)(m, vx, vb, vt); });
  }
  static void by_parameters(long times, const operands<T>& o) {
    constexpr auto gradients = ag::grad(loss, A, b);
    auto f                   = ag::function(ag::inputs(A, x, b, t), ag::outputs(std::get<0>(gradients), std::get<1>(gradients)));
    auto& y        = as<vector>(o.to);
    auto& gA       = as<matrix>(o.to_matrix);
    const auto& m  = as<matrix>(o.A);
    const auto &vx = as<vector>(o.x), &vb = as<vector>(o.b), &vt = as<vector>(o.t);
    bench::repeat(times, [&] { f.into(gA, y)(m, vx, vb, vt); });
  }
};

}  // namespace

template <class T>
calls<T> by_agnesi() {
  return table<T, of_agnesi>();
}
template calls<float> by_agnesi<float>();
template calls<double> by_agnesi<double>();

}  // namespace small
