// SPDX-License-Identifier: BSD-3-Clause

// Loops over operands of different element types against loops over numbers: every pair of types, odd lengths, gaps,
// backwards, repeated, sums; what is converted is converted as static_cast does.

#include <agnesi/backend/cpu/loop.hpp>
#include <agnesi/ops/elementwise.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <type_traits>
#include <vector>

namespace {

using namespace agnesi::loop_code;
using agnesi::combine;
using agnesi::dtype;
using agnesi::dtype_of;
using agnesi::loop_operand;
using agnesi::loop_program;
using agnesi::loop_space;
using agnesi::op_list;
using agnesi::run_loop;
namespace op = agnesi::op;
using std::int32_t;
using std::int64_t;
using std::ptrdiff_t;
using std::uint8_t;

unsigned random_bits() {
  static unsigned state = 11;
  state = state * 1664525u + 1013904223u;
  return state >> 8;
}

// Small enough for every type, and for products of two; `positive` where negative ones have no meaning in another type.
template <class T>
T random_number(bool positive) {
  const int n = static_cast<int>(random_bits() % 15), sign = positive || random_bits() % 2 == 0 ? 1 : -1;
  if constexpr (std::is_same_v<T, bool>) return n % 3 == 0;
  else if constexpr (std::is_same_v<T, uint8_t>) return static_cast<T>(n);
  else if constexpr (std::is_integral_v<T>) return static_cast<T>(sign * n);
  else return static_cast<T>(sign * (n + static_cast<int>(random_bits() % 8) / 8.0));
}

// Elements `step` apart, 0 for one that is repeated, in memory that ends where they end.
template <class T>
struct row {
  ptrdiff_t step;
  std::unique_ptr<T[]> memory;
  loop_operand place;
  row(row&&) = default;
  row(ptrdiff_t n, ptrdiff_t apart, bool positive = true) : step(apart) {
    const ptrdiff_t width = apart < 0 ? -apart : apart, size = n > 0 ? width * (n - 1) + 1 : 0;
    memory.reset(new T[static_cast<std::size_t>(size)]);
    for (ptrdiff_t k = 0; k < size; ++k) memory[static_cast<std::size_t>(k)] = random_number<T>(positive);
    place = {memory.get() + (apart < 0 && size > 0 ? size - 1 : 0), {apart}};
  }
  T& operator[](ptrdiff_t k) const { return static_cast<T*>(place.data)[k * step]; }
};

constexpr ptrdiff_t lengths[] = {0, 1, 2, 3, 5, 8, 15, 16, 17, 31, 33, 64, 67, 131, 259, 1000};
constexpr ptrdiff_t steps[] = {1, 3, -1, 0};

template <class To, class From>
To number_from(From x) {
  if constexpr (std::is_same_v<To, bool>) return x != From(0);
  else return static_cast<To>(x);
}
template <class T>
T sum_of(T a, T b) {
  return static_cast<T>(a + b);
}
template <class T>
T product_of(T a, T b) {
  return static_cast<T>(a * b);
}

template <class From, class To>
using converting = loop_program<op_list<>, load(0, dtype_of<From>), cast(dtype_of<To>, 0), store(1, 1)>;

template <class From, class To>
void check_conversion() {
  const bool positive = std::is_same_v<To, uint8_t>;
  for (ptrdiff_t n : lengths)
    for (ptrdiff_t step : steps)
      for (ptrdiff_t to : {1, 2, -1}) {
        const row<From> x(n, step, positive);
        const row<To> y(n, to);
        const loop_operand operands[] = {x.place, y.place};
        run_loop<converting<From, To>>({1, {n}}, operands);
        ptrdiff_t wrong = 0;
        for (ptrdiff_t k = 0; k < n; ++k) wrong += y[k] != number_from<To>(x[k]);
        INFO(agnesi::spelled(dtype_of<From>), " to ", agnesi::spelled(dtype_of<To>), ", ", n, " elements ", step, " apart");
        REQUIRE(wrong == 0);
      }
}

// y = To(x) * z + z, less = y < z, chosen = given ? y : z, and the sum of y.
template <class From, class To>
using computing =
    loop_program<op_list<op::mul, op::add, op::less, op::where>, load(0, dtype_of<From>), cast(dtype_of<To>, 0),
                 load(1, dtype_of<To>), apply(0, dtype_of<To>, 1, 2), apply(1, dtype_of<To>, 3, 2), store(2, 4),
                 apply(2, dtype::boolean, 4, 2), store(3, 6), load(4, dtype::boolean), apply(3, dtype_of<To>, 8, 4, 2), store(5, 9),
                 reduce(6, combine::sum, every_axis, false, 4)>;

template <class From, class To>
void check_computation() {
  for (ptrdiff_t n : lengths)
    for (ptrdiff_t step : steps) {
      const bool positive = std::is_same_v<To, uint8_t>;
      const row<From> x(n, step, positive);
      const row<To> z(n, step == 0 ? 1 : step, positive), y(n, 1), chosen(n, step == 3 ? 3 : 1);
      const row<bool> given(n, step), less(n, 1);
      To sum = 99;
      const loop_operand operands[] = {x.place, z.place, y.place, less.place, given.place, chosen.place, {&sum, {}}};
      run_loop<computing<From, To>>({1, {n}}, operands);
      ptrdiff_t wrong = 0;
      To total = 0;
      for (ptrdiff_t k = 0; k < n; ++k) {
        const To w = sum_of(product_of(number_from<To>(x[k]), z[k]), z[k]);
        wrong += y[k] != w || less[k] != (w < z[k]) || chosen[k] != (given[k] ? w : z[k]);
        total = sum_of(total, w);
      }
      INFO(agnesi::spelled(dtype_of<From>), " with ", agnesi::spelled(dtype_of<To>), ", ", n, " elements ", step, " apart");
      REQUIRE(wrong == 0);
      REQUIRE(sum == total);  // eighths and sixty-fourths: nothing is rounded
    }
}

// Sums, maxima and all over rows and columns of an m x n matrix that lies in its rows or its columns.
template <class From, class To>
using reducing_rows = loop_program<op_list<>, load(0, dtype_of<From>), cast(dtype_of<To>, 0), reduce(1, combine::sum, 2, false, 1),
                                   reduce(2, combine::max, 2, false, 1), reduce(3, combine::min, 2, true, 1)>;
template <class From, class To>
using reducing_columns = loop_program<op_list<>, load(0, dtype_of<From>), cast(dtype_of<To>, 0), reduce(1, combine::sum, 1, false, 1),
                                      reduce(2, combine::max, 1, false, 1), reduce(3, combine::min, 1, true, 1)>;

template <class From, class To>
void check_reductions() {
  for (ptrdiff_t m : {1, 3, 7, 40})
    for (ptrdiff_t n : {1, 2, 9, 33, 150})
      for (bool by_rows : {true, false})
        for (bool transposed : {false, true}) {
          const row<From> x(m * n, 1, std::is_same_v<To, uint8_t>);
          const ptrdiff_t results = by_rows ? m : n;
          const row<To> sum(results, 1), most(results, 1), least(results, 1), before(results, 1);
          for (ptrdiff_t k = 0; k < results; ++k) least[k] = before[k];
          const ptrdiff_t down = transposed ? 1 : n, along = transposed ? m : 1;
          const auto result = [&](const row<To>& r) { return by_rows ? loop_operand{r.place.data, {1, 0}} : loop_operand{r.place.data, {0, 1}}; };
          const loop_operand operands[] = {{x.place.data, {down, along}}, result(sum), result(most), result(least)};
          if (by_rows) run_loop<reducing_rows<From, To>>({2, {m, n}}, operands);
          else run_loop<reducing_columns<From, To>>({2, {m, n}}, operands);
          ptrdiff_t wrong = 0;
          for (ptrdiff_t k = 0; k < results; ++k) {
            To total = 0, largest{}, smallest = before[k];
            for (ptrdiff_t j = 0; j < (by_rows ? n : m); ++j) {
              const To y = number_from<To>(by_rows ? x[k * down + j * along] : x[j * down + k * along]);
              total = std::is_same_v<To, bool> ? To(total || y) : sum_of(total, y);
              largest = j == 0 || y > largest ? y : largest;
              smallest = y < smallest ? y : smallest;
            }
            wrong += sum[k] != total || most[k] != largest || least[k] != smallest;
          }
          INFO(agnesi::spelled(dtype_of<From>), " as ", agnesi::spelled(dtype_of<To>), ", ", m, " x ", n, by_rows, transposed);
          REQUIRE(wrong == 0);
        }
}

template <class From, class... To>
void each_pair_from() {
  ((std::is_same_v<From, To> ? void() : check_conversion<From, To>()), ...);
}
template <class... T>
void each_conversion() {
  (each_pair_from<T, T...>(), ...);
}

// A sum of another type keeps the loop from running on packs of one.
template <class T>
using calculating =
    loop_program<op_list<op::neg, op::sqr, op::abs, op::sign, op::maximum, op::minimum, op::clip, op::div, op::sub, op::pow, op::greater,
                         op::greater_equal, op::less_equal, op::equal, op::not_equal>,
                 load(0, dtype_of<T>), load(1, dtype_of<T>), apply(0, dtype_of<T>, 0), store(2, 2), apply(1, dtype_of<T>, 0), store(3, 4),
                 apply(2, dtype_of<T>, 0), store(4, 6), apply(3, dtype_of<T>, 0), store(5, 8), apply(4, dtype_of<T>, 0, 1), store(6, 10),
                 apply(5, dtype_of<T>, 0, 1), store(7, 12), constant(dtype_of<T>), bits_of(T(3)), apply(6, dtype_of<T>, 0, 14, 1),
                 store(8, 15), apply(7, dtype_of<T>, 0, 1), store(9, 17), apply(8, dtype_of<T>, 0, 1), store(10, 19),
                 apply(9, dtype_of<T>, 1, 14), store(11, 21), apply(10, dtype::boolean, 0, 1), store(12, 23),
                 apply(11, dtype::boolean, 0, 1), store(13, 25), apply(12, dtype::boolean, 0, 1), store(14, 27),
                 apply(13, dtype::boolean, 0, 1), store(15, 29), apply(14, dtype::boolean, 0, 1), store(16, 31), iota(0),
                 reduce(17, combine::sum, every_axis, false, 33)>;

template <class T>
void check_operations() {
  static_assert(agnesi::loop::loop_facts<calculating<T>>::facts.vector == dtype::none);
  for (ptrdiff_t n : lengths)
    for (ptrdiff_t step : {1, 2}) {
      const row<T> x(n, step, std::is_unsigned_v<T>), y(n, 1);
      for (ptrdiff_t k = 0; k < n; ++k)
        if (y[k] == 0) y[k] = T(1);
      std::vector<row<T>> out;
      std::vector<row<bool>> truth;
      for (int k = 0; k < 10; ++k) out.emplace_back(n, k % 2 + 1);
      for (int k = 0; k < 5; ++k) truth.emplace_back(n, 1);
      int64_t sum = -1;
      std::vector<loop_operand> operands{x.place, y.place};
      for (const auto& o : out) operands.push_back(o.place);
      for (const auto& t : truth) operands.push_back(t.place);
      operands.push_back({&sum, {}});
      run_loop<calculating<T>>({1, {n}}, operands.data());
      ptrdiff_t wrong = 0;
      for (ptrdiff_t k = 0; k < n; ++k) {
        const T a = x[k], b = y[k], three = T(3), low = a > three ? a : three;
        T power = b;
        power = product_of(product_of(b, b), power);
        const T wanted[] = {static_cast<T>(-a), product_of(a, a), a < T(0) ? static_cast<T>(-a) : a,
                            static_cast<T>(a > T(0) ? T(1) : a < T(0) ? static_cast<T>(-T(1)) : T(0)), a > b ? a : b, a < b ? a : b,
                            low < b ? low : b, static_cast<T>(a / b), static_cast<T>(a - b), power};
        for (std::size_t o = 0; o < 10; ++o) wrong += out[o][k] != wanted[o];
        wrong += truth[0][k] != (a > b) || truth[1][k] != (a >= b) || truth[2][k] != (a <= b) || truth[3][k] != (a == b) || truth[4][k] != (a != b);
      }
      INFO(agnesi::spelled(dtype_of<T>), ", ", n, " elements ", step, " apart");
      REQUIRE(wrong == 0);
      CHECK(sum == n * (n - 1) / 2);
    }
}

}  // namespace

TEST_CASE("every type is converted to every other as a loop over numbers does it") {
  each_conversion<bool, uint8_t, int32_t, int64_t, float, double>();
}

TEST_CASE("what is computed of two types, compared, chosen from and summed") {
  check_computation<uint8_t, float>();
  check_computation<bool, float>();
  check_computation<int32_t, float>();
  check_computation<int64_t, float>();
  check_computation<double, float>();
  check_computation<uint8_t, double>();
  check_computation<int32_t, double>();
  check_computation<int64_t, double>();
  check_computation<float, double>();
  check_computation<bool, int32_t>();
  check_computation<uint8_t, int32_t>();
  check_computation<float, int32_t>();
  check_computation<uint8_t, int64_t>();
  check_computation<bool, int64_t>();
  check_computation<int32_t, int64_t>();
  check_computation<double, int64_t>();
  check_computation<int32_t, uint8_t>();
  check_computation<bool, uint8_t>();
}

TEST_CASE("sums and extrema of one type in another") {
  check_reductions<bool, int64_t>();
  check_reductions<uint8_t, int64_t>();
  check_reductions<uint8_t, float>();
  check_reductions<bool, float>();
  check_reductions<float, double>();
  check_reductions<int32_t, double>();
  check_reductions<int32_t, int64_t>();
  check_reductions<float, int64_t>();
  check_reductions<int64_t, uint8_t>();
}

TEST_CASE("every operation on numbers that run beside numbers of another type") {
  check_operations<uint8_t>();
  check_operations<int32_t>();
  check_operations<int64_t>();
  check_operations<float>();
  check_operations<double>();
}

TEST_CASE("maxima of mixed types keep what is no number") {
  using program = loop_program<op_list<op::maximum, op::minimum>, load(0, dtype::f32), load(1, dtype::f32), load(2, dtype::i64),
                               apply(0, dtype::f32, 0, 1), store(3, 3), apply(1, dtype::f32, 0, 1), store(4, 5),
                               reduce(5, combine::max, every_axis, false, 0), reduce(6, combine::min, every_axis, false, 1),
                               reduce(7, combine::sum, every_axis, false, 2)>;
  static_assert(agnesi::loop::loop_facts<program>::facts.vector == dtype::none);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (ptrdiff_t n : {1, 8, 31, 100})
    for (ptrdiff_t where = -1; where < n; ++where) {
      const row<float> x(n, 1), y(n, 1), larger(n, 1), smaller(n, 1);
      const row<int64_t> i(n, 1);
      if (where >= 0) x[where] = y[n - 1 - where] = nan;
      float most = 0, least = 0;
      int64_t sum = 0;
      const loop_operand operands[] = {x.place, y.place, i.place, larger.place, smaller.place, {&most, {}}, {&least, {}}, {&sum, {}}};
      run_loop<program>({1, {n}}, operands);
      ptrdiff_t wrong = 0;
      for (ptrdiff_t k = 0; k < n; ++k) {
        const bool none = std::isnan(x[k]) || std::isnan(y[k]);
        wrong += none ? !std::isnan(larger[k]) || !std::isnan(smaller[k]) : larger[k] != std::max(x[k], y[k]) || smaller[k] != std::min(x[k], y[k]);
      }
      CHECK(wrong == 0);
      CHECK(std::isnan(most) == (where >= 0));
      CHECK(std::isnan(least) == (where >= 0));
    }
}

TEST_CASE("numbers at the ends of their types, NaN and infinities among them") {
  const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  const float floats[] = {0.0f, -0.0f, inf, -inf, nan, 16777217.0f, -3e38f, 1e-45f, 255.9f, 2147483520.0f, 0.99f};
  for (int n = 1; n <= 37; ++n) {
    const row<float> x(n, 1);
    const row<bool> truth(n, 1);
    const row<double> wide(n, 1);
    for (int k = 0; k < n; ++k) x[k] = floats[(k + n) % 11];
    const loop_operand to_bool[] = {x.place, truth.place}, to_double[] = {x.place, wide.place};
    run_loop<converting<float, bool>>({1, {n}}, to_bool);
    run_loop<converting<float, double>>({1, {n}}, to_double);
    for (int k = 0; k < n; ++k) {
      CHECK(truth[k] == (x[k] != 0.0f));
      if (!std::isnan(x[k])) CHECK(wide[k] == static_cast<double>(x[k]));
      else CHECK(std::isnan(wide[k]));
    }
    const row<int64_t> large(n, 1);
    const row<float> rounded(n, 1);
    const row<double> nearest(n, 1);
    const row<int32_t> cut(n, 1);
    const row<uint8_t> low(n, 1);
    for (int k = 0; k < n; ++k)
      large[k] = (k % 2 == 0 ? 1 : -1) * ((int64_t{1} << (k * 7 % 63)) + (int64_t{1} << (k * 3 % 31)) + k);
    const loop_operand as_float[] = {large.place, rounded.place}, as_double[] = {large.place, nearest.place},
                       as_int[] = {large.place, cut.place}, as_byte[] = {large.place, low.place};
    run_loop<converting<int64_t, float>>({1, {n}}, as_float);
    run_loop<converting<int64_t, double>>({1, {n}}, as_double);
    run_loop<converting<int64_t, int32_t>>({1, {n}}, as_int);
    run_loop<converting<int64_t, uint8_t>>({1, {n}}, as_byte);
    for (int k = 0; k < n; ++k) {
      CHECK(rounded[k] == static_cast<float>(large[k]));
      CHECK(nearest[k] == static_cast<double>(large[k]));
      CHECK(cut[k] == static_cast<int32_t>(large[k]));
      CHECK(low[k] == static_cast<uint8_t>(large[k]));
    }
  }
}
