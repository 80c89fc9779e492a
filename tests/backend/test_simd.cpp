// SPDX-License-Identifier: BSD-3-Clause

// Packs: partial loads and stores, masks, sums across lanes; and each elementwise operation on packs against the same
// operation in long double.

#include <agnesi/backend/cpu/loop.hpp>
#include <agnesi/ops/elementwise.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

namespace {

namespace op = agnesi::op;
namespace simd = agnesi::simd;
using agnesi::dtype;
using agnesi::dtype_of;
using agnesi::loop_operand;
using agnesi::loop_program;
using agnesi::op_list;
using namespace agnesi::loop_code;
using std::ptrdiff_t;

template <class T>
void check_memory() {
  constexpr int lanes = simd::lanes<T>;
  for (int n = 0; n < lanes; ++n) {
    std::vector<T> from(static_cast<std::size_t>(n)), to(static_cast<std::size_t>(n), T(-1));
    for (int k = 0; k < n; ++k) from[static_cast<std::size_t>(k)] = T(k + 1);
    const auto v = simd::load_first<T>(from.data(), n);
    T lane[lanes];
    simd::store<T>(lane, v);
    for (int k = 0; k < lanes; ++k) CHECK(lane[k] == (k < n ? T(k + 1) : T(0)));
    simd::store_first<T>(to.data(), v, n);
    CHECK(to == from);
    simd::store<T>(lane, simd::choose<T>(simd::first_lanes<T>(n), simd::splat<T>(2), simd::splat<T>(3)));
    for (int k = 0; k < lanes; ++k) CHECK(lane[k] == (k < n ? T(2) : T(3)));
  }
  T lane[lanes];
  for (int k = 0; k < lanes; ++k) lane[k] = T(k % 4 + 1);
  T sum = 0, prod = 1;
  for (T x : lane) sum += x, prod *= x;
  const auto v = simd::load<T>(lane);
  CHECK(simd::sum<T>(v) == sum);
  CHECK(simd::prod<T>(v) == prod);
  CHECK(simd::max<T>(v) == (lanes > 3 ? 4 : lanes));
  CHECK(simd::min<T>(v) == 1);
  for (int k = 0; k < lanes; ++k) {
    T other[lanes];
    std::memcpy(other, lane, sizeof lane);
    other[k] = std::numeric_limits<T>::quiet_NaN();
    CHECK(std::isnan(simd::max<T>(simd::load<T>(other))));
    CHECK(std::isnan(simd::min<T>(simd::load<T>(other))));
    simd::store<T>(lane, simd::larger<T>(simd::load<T>(other), v));
    CHECK(std::isnan(lane[k]));
    simd::store<T>(lane, simd::smaller<T>(v, simd::load<T>(other)));
    CHECK(std::isnan(lane[k]));
    simd::store<T>(lane, v);
  }
}

template <class Op, class T>
using of_one = loop_program<op_list<Op>, load(0, dtype_of<T>), apply(0, dtype_of<T>, 0), store(1, 1)>;
template <class Op, class T>
using of_two = loop_program<op_list<Op>, load(0, dtype_of<T>), load(1, dtype_of<T>), apply(0, dtype_of<T>, 0, 1),
                            store(2, 2)>;
template <class Op, class T>
using comparing = loop_program<op_list<Op>, load(0, dtype_of<T>), load(1, dtype_of<T>),
                               apply(0, dtype::boolean, 0, 1), store(2, 2)>;

/// How many units in the last place lie between what was computed and what is right.
template <class T>
double error_in_ulps(T got, long double wanted) {
  if (std::isnan(wanted)) return std::isnan(got) ? 0 : 1e9;
  const T nearest = static_cast<T>(wanted);
  if (got == nearest) return 0;
  if (std::isinf(nearest) || std::isinf(got) || std::isnan(got)) return 1e9;
  const T ulp = std::max(std::nextafter(std::abs(nearest), std::numeric_limits<T>::infinity()) - std::abs(nearest),
                         std::numeric_limits<T>::min());
  return static_cast<double>(std::abs(static_cast<long double>(got) - wanted) / static_cast<long double>(ulp));
}

template <class T>
std::vector<T> between(double low, double high) {
  std::vector<T> x;
  for (int k = 0; k <= 1000; ++k) x.push_back(static_cast<T>(low + (high - low) * k / 1000));
  return x;
}

template <class Op, class T>
std::vector<T> run(const std::vector<T>& x) {
  std::vector<T> y(x.size());
  std::vector<T> in = x;
  const loop_operand operands[] = {{in.data(), {1}}, {y.data(), {1}}};
  agnesi::run_loop<of_one<Op, T>>({1, {static_cast<ptrdiff_t>(x.size())}}, operands);
  return y;
}

template <class Op, class T>
void check_one(double low, double high, double ulps, long double (*wanted)(long double)) {
  const std::vector<T> x = between<T>(low, high), y = run<Op>(x);
  double worst = 0;
  std::size_t where = 0;
  for (std::size_t k = 0; k < x.size(); ++k) {
    const double e = error_in_ulps(y[k], wanted(static_cast<long double>(x[k])));
    if (e > worst) worst = e, where = k;
  }
  INFO(agnesi::type_name<Op>(), " of ", x[where], " is ", y[where]);
  CHECK(worst <= ulps);

  // The same bits wherever in a row a number stands.
  for (std::size_t n = 1; n < 34; n += 2) {
    const std::vector<T> some(x.end() - static_cast<ptrdiff_t>(n), x.end()), got = run<Op>(some);
    CHECK(std::memcmp(got.data(), &y[x.size() - n], n * sizeof(T)) == 0);
  }
}

template <class Op>
void check_both(double low, double high, double ulps, long double (*wanted)(long double)) {
  check_one<Op, float>(low, high, ulps, wanted);
  check_one<Op, double>(low, high, ulps, wanted);
}

template <class Op, class T>
std::vector<T> run_two(std::vector<T> x, std::vector<T> y) {
  std::vector<T> z(x.size());
  const loop_operand operands[] = {{x.data(), {1}}, {y.data(), {1}}, {z.data(), {1}}};
  agnesi::run_loop<of_two<Op, T>>({1, {static_cast<ptrdiff_t>(x.size())}}, operands);
  return z;
}

template <class Op, class T>
void check_two(double low, double high, double ulps, long double (*wanted)(long double, long double)) {
  const std::vector<T> x = between<T>(low, high);
  std::vector<T> y;
  for (std::size_t k = 0; k < x.size(); ++k) y.push_back(x[k * 7 % x.size()]);
  const std::vector<T> z = run_two<Op>(x, y);
  double worst = 0;
  for (std::size_t k = 0; k < x.size(); ++k)
    worst = std::max(worst,
                     error_in_ulps(z[k], wanted(static_cast<long double>(x[k]), static_cast<long double>(y[k]))));
  INFO(agnesi::type_name<Op>());
  CHECK(worst <= ulps);
}

template <class Op>
void check_two_both(double low, double high, double ulps, long double (*wanted)(long double, long double)) {
  check_two<Op, float>(low, high, ulps, wanted);
  check_two<Op, double>(low, high, ulps, wanted);
}

template <class Op, class T>
void check_comparison(bool (*wanted)(double, double)) {
  const T nan = std::numeric_limits<T>::quiet_NaN(), inf = std::numeric_limits<T>::infinity();
  std::vector<T> x, y;
  for (T a : {T(0), T(-0.0), T(1), T(-2), nan, inf, -inf})
    for (T b : {T(0), T(1), T(-2), nan, inf, -inf}) x.push_back(a), y.push_back(b);
  bool z[64];
  const loop_operand operands[] = {{x.data(), {1}}, {y.data(), {1}}, {z, {1}}};
  agnesi::run_loop<comparing<Op, T>>({1, {static_cast<ptrdiff_t>(x.size())}}, operands);
  for (std::size_t k = 0; k < x.size(); ++k)
    CHECK(z[k] == wanted(static_cast<double>(x[k]), static_cast<double>(y[k])));
}

template <class Op>
void check_comparison_both(bool (*wanted)(double, double)) {
  check_comparison<Op, float>(wanted);
  check_comparison<Op, double>(wanted);
}

}  // namespace

TEST_CASE("packs are loaded, stored and summed, in part too") {
  check_memory<float>();
  check_memory<double>();
}

TEST_CASE("exponentials and logarithms of packs") {
  check_both<op::exp>(-80, 80, 2, [](long double x) { return std::exp(x); });
  check_both<op::expm1>(-20, 20, 2, [](long double x) { return std::expm1(x); });
  check_both<op::expm1>(-0.01, 0.01, 2, [](long double x) { return std::expm1(x); });
  check_both<op::log>(0.001, 50, 2, [](long double x) { return std::log(x); });
  check_both<op::log1p>(-0.99, 50, 2, [](long double x) { return std::log1p(x); });
  check_both<op::log1p>(-1e-5, 1e-5, 2, [](long double x) { return std::log1p(x); });
  check_both<op::log1mexp>(-30, -0.01, 3, [](long double x) { return std::log1p(-std::exp(x)); });
}

TEST_CASE("trigonometric and activation functions of packs") {
  check_both<op::sin>(-50, 50, 2.4, [](long double x) { return std::sin(x); });
  check_both<op::cos>(-50, 50, 2.4, [](long double x) { return std::cos(x); });
  check_both<op::tanh>(-20, 20, 2.6, [](long double x) { return std::tanh(x); });
  check_both<op::tanh>(-0.01, 0.01, 2.6, [](long double x) { return std::tanh(x); });
  check_both<op::sigmoid>(-80, 80, 2.4, [](long double x) { return 1 / (1 + std::exp(-x)); });
  check_both<op::softplus>(-80, 80, 2, [](long double x) { return std::max(x, 0.0L) + std::log1p(std::exp(-std::abs(x))); });
  check_both<op::erf>(-5, 5, 1.6, [](long double x) { return std::erf(x); });
  check_both<op::relu>(-5, 5, 0, [](long double x) { return std::max(x, 0.0L); });
}

TEST_CASE("arithmetic of packs") {
  check_both<op::sqrt>(0, 50, 0.5001, [](long double x) { return std::sqrt(x); });
  check_both<op::abs>(-5, 5, 0, [](long double x) { return std::abs(x); });
  check_both<op::neg>(-5, 5, 0, [](long double x) { return -x; });
  check_both<op::sqr>(-5, 5, 0.5001, [](long double x) { return x * x; });
  check_both<op::sign>(-5, 5, 0, [](long double x) { return x > 0 ? 1 : x < 0 ? -1 : 0.0L; });
  check_both<op::stop_gradient>(-5, 5, 0, [](long double x) { return x; });
  check_two_both<op::add>(-5, 5, 0.5001, [](long double x, long double y) { return x + y; });
  check_two_both<op::sub>(-5, 5, 0.5001, [](long double x, long double y) { return x - y; });
  check_two_both<op::mul>(-5, 5, 0.5001, [](long double x, long double y) { return x * y; });
  check_two_both<op::div>(0.5, 5, 0.5001, [](long double x, long double y) { return x / y; });
  check_two_both<op::pow>(0.01, 5, 1, [](long double x, long double y) { return std::pow(x, y); });
  check_two_both<op::maximum>(-5, 5, 0, [](long double x, long double y) { return std::max(x, y); });
  check_two_both<op::minimum>(-5, 5, 0, [](long double x, long double y) { return std::min(x, y); });
}

TEST_CASE("comparisons of packs, NaN among them") {
  check_comparison_both<op::less>([](double x, double y) { return x < y; });
  check_comparison_both<op::less_equal>([](double x, double y) { return x <= y; });
  check_comparison_both<op::greater>([](double x, double y) { return x > y; });
  check_comparison_both<op::greater_equal>([](double x, double y) { return x >= y; });
  check_comparison_both<op::equal>([](double x, double y) { return x == y; });
  check_comparison_both<op::not_equal>([](double x, double y) { return x != y; });
}

TEST_CASE_TEMPLATE("what is no number stays so, and infinities have their limits", T, float, double) {
  const T nan = std::numeric_limits<T>::quiet_NaN(), inf = std::numeric_limits<T>::infinity();
  const std::vector<T> x{nan, inf, -inf, T(0)};
  const auto check = [&](const std::vector<T>& got, std::vector<T> wanted) {
    for (std::size_t k = 0; k < 4; ++k) {
      INFO("number ", k);
      CHECK((std::isnan(wanted[k]) ? std::isnan(got[k]) : got[k] == wanted[k]));
    }
  };
  check(run<op::exp>(x), {nan, inf, 0, 1});
  check(run<op::expm1>(x), {nan, inf, -1, 0});
  check(run<op::log>(x), {nan, inf, nan, -inf});
  check(run<op::log1p>(x), {nan, inf, nan, 0});
  check(run<op::tanh>(x), {nan, 1, -1, 0});
  check(run<op::sigmoid>(x), {nan, 1, 0, T(0.5)});
  check(run<op::softplus>(x), {nan, inf, 0, static_cast<T>(std::log(2.0L))});
  check(run<op::erf>(x), {nan, 1, -1, 0});
  check(run<op::relu>(x), {nan, inf, 0, 0});
  check(run<op::sign>(x), {nan, 1, -1, 0});
  check(run<op::abs>(x), {nan, inf, inf, 0});
  check(run_two<op::maximum>(x, {0, 0, 0, nan}), {nan, inf, 0, nan});
  check(run_two<op::minimum>(x, {0, 0, 0, nan}), {nan, 0, -inf, nan});
}
