// SPDX-License-Identifier: BSD-3-Clause

// Fused loops against loops in long double: every layout of every operand, odd sizes, ranks 0 to 4, all subsets of
// reduced axes, mixed element types, in place.

#include <agnesi/backend/cpu/loop.hpp>
#include <agnesi/ops/elementwise.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

#include "support/kept_bounds.hpp"

namespace {

using namespace agnesi::loop_code;
using agnesi::combine;
using agnesi::dtype;
using agnesi::dtype_of;
using agnesi::loop_operand;
using agnesi::loop_program;
using agnesi::loop_space;
using agnesi::op_list;
using agnesi::run_element;
using agnesi::run_loop;
namespace op = agnesi::op;
using std::ptrdiff_t;

enum class layout { rows, columns, reversed, every_second, rows_and_gaps };
constexpr layout layouts[] = {layout::rows, layout::columns, layout::reversed, layout::every_second,
                              layout::rows_and_gaps};

unsigned random_bits() {
  static unsigned state = 7;
  state = state * 1664525u + 1013904223u;
  return state >> 8;
}

template <class T>
T random_number() {
  if constexpr (std::is_same_v<T, bool>) return random_bits() % 3 == 0;
  else if constexpr (std::is_same_v<T, std::uint8_t>) return static_cast<T>(random_bits() % 11);
  else if constexpr (std::is_integral_v<T>) return static_cast<T>(static_cast<int>(random_bits() % 2001) - 1000);
  else return static_cast<T>(static_cast<int>(random_bits() % 20001) - 10000) / T(4096);
}

constexpr int margin = 3;

// Random numbers in their own memory, which ends where they end, so that a sanitizer sees what is read too far.
template <class T>
struct operand {
  std::vector<T> numbers;
  std::vector<unsigned char> bools;
  loop_operand place;

  operand(const loop_space& space, layout how, unsigned broadcast = 0) {
    ptrdiff_t size = 1, next = how == layout::every_second ? 2 : 1;
    ptrdiff_t lowest = 0;
    for (int k = 0; k < space.rank; ++k) {
      const int a = how == layout::columns ? k : space.rank - 1 - k;
      if ((broadcast >> a & 1) != 0) continue;
      const ptrdiff_t extent = space.extents[a];
      const bool backwards = how == layout::reversed && extent > 0;
      place.strides[a] = backwards ? -next : next;
      size += next * (extent - 1);
      if (backwards) lowest += next * (extent - 1);
      next *= extent;
      if (how == layout::rows_and_gaps && k == 0) next += margin;
    }
    for (int a = 0; a < space.rank; ++a)
      if (space.extents[a] <= 0 && (broadcast >> a & 1) == 0) size = lowest = 0;
    const auto n = static_cast<std::size_t>(size);
    if constexpr (std::is_same_v<T, bool>) {
      bools.resize(n);
      for (auto& x : bools) x = random_number<bool>();
      place.data = reinterpret_cast<T*>(bools.data()) + lowest;
    } else {
      numbers.resize(n);
      for (auto& x : numbers) x = random_number<T>();
      place.data = numbers.data() + lowest;
    }
  }
  operand(const operand&) = delete;

  T& at(const ptrdiff_t* index) const {
    T* p = static_cast<T*>(place.data);
    for (int a = 0; a < 8; ++a) p += index[a] * place.strides[a];
    return *p;
  }
};

template <class Function>
void each_index(const loop_space& space, Function f) {
  ptrdiff_t index[8]{};
  for (int a = 0; a < space.rank; ++a)
    if (space.extents[a] <= 0) return;
  for (;;) {
    f(static_cast<const ptrdiff_t*>(index));
    int a = space.rank - 1;
    for (; a >= 0; --a) {
      if (++index[a] < space.extents[a]) break;
      index[a] = 0;
    }
    if (a < 0) return;
  }
}

ptrdiff_t size_of_space(const loop_space& space) {
  ptrdiff_t n = 1;
  for (int a = 0; a < space.rank; ++a) n *= space.extents[a];
  return n;
}

const loop_space spaces[] = {
    {0, {}},           {1, {0}},          {1, {1}},          {1, {2}},        {1, {3}},          {1, {7}},
    {1, {8}},          {1, {15}},         {1, {17}},         {1, {33}},       {1, {100}},        {1, {1000}},
    {2, {3, 5}},       {2, {1, 17}},      {2, {33, 1}},      {2, {0, 4}},     {2, {7, 300}},     {2, {300, 7}},
    {3, {2, 3, 17}},   {3, {5, 1, 8}},    {3, {3, 9, 2}},    {3, {2, 0, 3}},  {4, {2, 3, 4, 5}}, {4, {3, 2, 1, 33}},
    {4, {2, 17, 1, 3}}, {2, {35, 301}}, {6, {2, 3, 1, 2, 1, 5}}};

template <class T>
bool close(T got, long double wanted, long double magnitude, double ulps) {
  if (std::isnan(wanted)) return std::isnan(got);
  if (static_cast<long double>(got) == wanted) return true;
  return std::abs(static_cast<long double>(got) - wanted) <=
         static_cast<long double>(ulps * static_cast<double>(std::numeric_limits<T>::epsilon())) * magnitude;
}

template <class T>
using multiply_add =
    loop_program<op_list<op::mul, op::add>, load(0, dtype_of<T>), load(1, dtype_of<T>), load(2, dtype_of<T>),
                 apply(0, dtype_of<T>, 0, 1), apply(1, dtype_of<T>, 3, 2), store(3, 4)>;

template <class T>
void check_multiply_add() {
  for (const loop_space& space : spaces)
    for (layout of_a : layouts)
      for (layout of_out : layouts)
        for (unsigned broadcast = 0; broadcast < (1u << space.rank); broadcast += space.rank > 2 ? 3 : 1) {
          const operand<T> a(space, of_a), b(space, layout::rows, broadcast), c(space, layout::columns),
              out(space, of_out);
          const loop_operand operands[] = {a.place, b.place, c.place, out.place};
          run_loop<multiply_add<T>>(space, operands);
          ptrdiff_t wrong = 0;
          each_index(space, [&](const ptrdiff_t* i) {
            const long double product = static_cast<long double>(a.at(i)) * static_cast<long double>(b.at(i));
            const auto term = static_cast<long double>(c.at(i));
            wrong += !close(out.at(i), product + term, std::abs(product) + std::abs(term), 1);
          });
          INFO("rank ", space.rank, ", broadcast ", broadcast);
          REQUIRE(wrong == 0);
        }
}

template <class T>
using select_smaller = loop_program<op_list<op::less, op::where, op::mul>, load(0, dtype_of<T>), load(1, dtype_of<T>),
                                    load(2, dtype_of<T>, true), apply(0, dtype::boolean, 0, 1),
                                    constant(dtype_of<T>), bits_of(T(0.5)), apply(2, dtype_of<T>, 2, 4),
                                    apply(2, dtype_of<T>, 5, 1), apply(1, dtype_of<T>, 3, 0, 6), store(3, 7)>;

template <class T>
void check_masks() {
  T scale = 3;
  for (const loop_space& space : spaces)
    for (layout how : layouts) {
      const operand<T> a(space, how), b(space, layout::rows), out(space, how);
      const loop_operand operands[] = {a.place, b.place, {&scale, {}}, out.place};
      run_loop<select_smaller<T>>(space, operands);
      ptrdiff_t wrong = 0;
      each_index(space, [&](const ptrdiff_t* i) {
        const T x = a.at(i), y = b.at(i);
        wrong += out.at(i) != (x < y ? x : T(1.5) * y);
      });
      REQUIRE(wrong == 0);
    }
}

}  // namespace

TEST_CASE("a loop over floats computes what a loop in long double does, however its operands lie") {
  check_multiply_add<float>();
  check_multiply_add<double>();
}

TEST_CASE("integers run as numbers") {
  check_masks<float>();
  check_masks<double>();
  using program = loop_program<op_list<op::mul, op::add>, load(0, dtype::i32), load(1, dtype::i64), cast(dtype::i64, 0),
                               apply(0, dtype::i64, 2, 1), iota(0), apply(1, dtype::i64, 3, 4), store(2, 5)>;
  static_assert(agnesi::loop::loop_facts<program>::facts.vector == dtype::none);
  for (const loop_space& space : spaces) {
    if (space.rank == 0) continue;
    for (layout how : layouts) {
      const operand<std::int32_t> a(space, how);
      const operand<std::int64_t> b(space, layout::columns), out(space, layout::rows);
      const loop_operand operands[] = {a.place, b.place, out.place};
      run_loop<program>(space, operands);
      ptrdiff_t wrong = 0;
      each_index(space, [&](const ptrdiff_t* i) { wrong += out.at(i) != a.at(i) * b.at(i) + i[0]; });
      REQUIRE(wrong == 0);
    }
  }
}

TEST_CASE("types that only come from memory or go there do not keep a loop from running on packs") {
  // out = float(image) * scale, low = out < half, back = int(out), index = float(iota along the last axis)
  using program =
      loop_program<op_list<op::mul, op::less, op::logical_and>, load(0, dtype::u8), cast(dtype::f32, 0),
                   load(1, dtype::f32, true), apply(0, dtype::f32, 1, 2), store(2, 3), load(3, dtype::f32),
                   apply(1, dtype::boolean, 3, 5), load(4, dtype::boolean), apply(2, dtype::boolean, 6, 7), store(5, 8),
                   cast(dtype::i32, 3), store(6, 10), iota(1), cast(dtype::f32, 12), store(7, 13), cast(dtype::f32, 7),
                   store(8, 15), cast(dtype::boolean, 3), store(9, 17)>;
  static_assert(agnesi::loop::loop_facts<program>::facts.vector == dtype::f32);
  float scale = 0.25f;
  for (const loop_space& space : spaces) {
    if (space.rank < 2) continue;
    for (layout how : layouts)
      for (unsigned broadcast : {0u, 1u, 2u}) {
        const operand<std::uint8_t> image(space, how, broadcast);
        const operand<float> half(space, layout::columns), out(space, how), index(space, layout::rows),
            given_as_number(space, how);
        const operand<bool> given(space, how, broadcast), low(space, layout::rows), nonzero(space, how);
        const operand<std::int32_t> back(space, how);
        const loop_operand operands[] = {image.place, {&scale, {}}, out.place,   half.place,            given.place,
                                         low.place,   back.place,   index.place, given_as_number.place, nonzero.place};
        run_loop<program>(space, operands);
        ptrdiff_t wrong = 0;
        each_index(space, [&](const ptrdiff_t* i) {
          const float x = image.at(i) * 0.25f;
          wrong += out.at(i) != x || low.at(i) != (x < half.at(i) && given.at(i)) || back.at(i) != static_cast<int>(x) ||
                   index.at(i) != static_cast<float>(i[1]) || given_as_number.at(i) != (given.at(i) ? 1.0f : 0.0f) ||
                   nonzero.at(i) != (x != 0);
        });
        REQUIRE(wrong == 0);
      }
  }
}

TEST_CASE("truth values in a loop of numbers are combined, compared and chosen from") {
  constexpr dtype b = dtype::boolean, f = dtype::f64;
  using program =
      loop_program<op_list<op::less, op::equal, op::not_equal, op::where, op::logical_or, op::logical_not>, load(0, f),
                   load(1, f), apply(0, b, 0, 1), apply(1, b, 0, 1), load(2, b), apply(1, b, 2, 4), apply(2, b, 2, 4),
                   apply(3, b, 4, 2, 3), apply(4, b, 2, 3), apply(5, b, 8), apply(2, b, 0, 1), store(3, 5), store(4, 6),
                   store(5, 7), store(6, 9), store(7, 10)>;
  static_assert(agnesi::loop::loop_facts<program>::facts.vector == f);
  const loop_space space{1, {101}};
  const operand<double> x(space, layout::rows), y(space, layout::rows);
  each_index(space, [&](const ptrdiff_t* i) {
    if (i[0] % 3 == 0) y.at(i) = i[0] % 2 == 0 ? x.at(i) : std::nan("");
  });
  const operand<bool> given(space, layout::rows), out0(space, layout::rows), out1(space, layout::rows),
      out2(space, layout::rows), out3(space, layout::rows), out4(space, layout::every_second);
  const loop_operand operands[] = {x.place,    y.place,    given.place, out0.place,
                                   out1.place, out2.place, out3.place,  out4.place};
  run_loop<program>(space, operands);
  each_index(space, [&](const ptrdiff_t* i) {
    const bool less = x.at(i) < y.at(i), same = x.at(i) == y.at(i), c = given.at(i);
    CHECK(out0.at(i) == (less == c));
    CHECK(out1.at(i) == (less != c));
    CHECK(out2.at(i) == (c ? less : same));
    CHECK(out3.at(i) == (x.at(i) > y.at(i) || std::isnan(y.at(i))));
    CHECK(out4.at(i) == !same);
  });
}

TEST_CASE("where a loop has many exponentials they are called, not inlined, with the same results") {
  constexpr dtype t = dtype::f64;
  using ops = op_list<op::tanh, op::exp>;
  using long_one =
      loop_program<ops, load(0, t), apply(0, t, 0), apply(1, t, 1), apply(0, t, 2), apply(1, t, 3), apply(0, t, 4),
                   apply(1, t, 5), apply(0, t, 6), apply(1, t, 7), store(1, 8)>;
  using short_one = loop_program<ops, load(0, t), apply(0, t, 0), apply(1, t, 1), store(1, 2)>;
  static_assert(agnesi::loop::loop_facts<long_one>::facts.cost > agnesi::loop::inlined_cost);
  const loop_space space{1, {77}};
  const operand<double> x(space, layout::rows), once(space, layout::rows), four_times(space, layout::rows);
  const loop_operand of_long[] = {x.place, once.place};
  run_loop<long_one>(space, of_long);
  const loop_operand from_x[] = {x.place, four_times.place}, in_place[] = {four_times.place, four_times.place};
  run_loop<short_one>(space, from_x);
  for (int again = 0; again < 3; ++again) run_loop<short_one>(space, in_place);
  each_index(space, [&](const ptrdiff_t* i) { CHECK(once.at(i) == doctest::Approx(four_times.at(i)).epsilon(1e-14)); });
}

TEST_CASE("float and double in one loop are computed each in its type") {
  using program =
      loop_program<op_list<op::mul, op::add>, load(0, dtype::f32), apply(0, dtype::f32, 0, 0), cast(dtype::f64, 1),
                   load(1, dtype::f64), apply(1, dtype::f64, 2, 3), store(2, 4), reduce(3, combine::sum, 1, false, 4)>;
  static_assert(agnesi::loop::loop_facts<program>::facts.vector == dtype::none);
  for (const loop_space& space : spaces) {
    if (space.rank == 0) continue;
    const operand<float> x(space, layout::columns);
    const operand<double> y(space, layout::reversed), out(space, layout::rows), sums(space, layout::rows, 1);
    const loop_operand operands[] = {x.place, y.place, out.place, sums.place};
    run_loop<program>(space, operands);
    ptrdiff_t wrong = 0;
    std::vector<double> wanted(sums.numbers.size());
    const double* first = sums.numbers.data();
    each_index(space, [&](const ptrdiff_t* i) {
      wrong += out.at(i) != static_cast<double>(x.at(i) * x.at(i)) + y.at(i);
      wanted[static_cast<std::size_t>(&sums.at(i) - first)] += out.at(i);
    });
    for (std::size_t k = 0; k < wanted.size(); ++k)
      wrong += !close(sums.numbers[k], static_cast<long double>(wanted[k]), 1000, 10);
    REQUIRE(wrong == 0);
  }
}

TEST_CASE("a loop may write where it reads") {
  using program = loop_program<op_list<op::mul, op::sub>, load(0, dtype::f32), load(1, dtype::f32),
                               apply(0, dtype::f32, 0, 1), apply(1, dtype::f32, 2, 0), store(0, 3)>;
  for (const loop_space& space : spaces)
    for (layout how : layouts) {
      const operand<float> x(space, how), y(space, layout::rows);
      std::vector<float> before;
      each_index(space, [&](const ptrdiff_t* i) { before.push_back(x.at(i)); });
      const loop_operand operands[] = {x.place, y.place};
      run_loop<program>(space, operands);
      ptrdiff_t wrong = 0;
      std::size_t k = 0;
      each_index(space, [&](const ptrdiff_t* i) {
        const float old = before[k++];
        wrong += !close(x.at(i), static_cast<long double>(old) * y.at(i) - old, std::abs(old) * (1 + std::abs(y.at(i))), 1);
      });
      REQUIRE(wrong == 0);
    }
}

TEST_CASE("one element of a program is what its loop computes there") {
  const loop_space space{2, {5, 9}};
  const operand<double> a(space, layout::columns), b(space, layout::rows), c(space, layout::reversed),
      out(space, layout::every_second);
  const loop_operand operands[] = {a.place, b.place, c.place, out.place};
  run_loop<multiply_add<double>>(space, operands);
  each_index(space, [&](const ptrdiff_t* i) {
    const double before = out.at(i);
    out.at(i) = -99;
    run_element<multiply_add<double>, 2>(operands, i);
    CHECK(out.at(i) == doctest::Approx(before));
    out.at(i) = -99;
    run_element<multiply_add<double>>(operands, i);
    CHECK(out.at(i) == doctest::Approx(before));
  });
}

namespace {

// Reductions of x and of x < 0, and x + 1 on the way: out0 = sum, out1 = max, out2 = any(x < 0), out3 = min onto what is there
template <class T, unsigned Axes>
using several_reductions =
    loop_program<op_list<op::add, op::less>, load(0, dtype_of<T>), constant(dtype_of<T>), bits_of(T(1)),
                 apply(0, dtype_of<T>, 0, 1), store(1, 2), reduce(2, combine::sum, Axes, false, 0),
                 reduce(3, combine::max, Axes, false, 2), constant(dtype_of<T>), bits_of(T(0)),
                 apply(1, dtype::boolean, 0, 6), reduce(4, combine::any_true, Axes, false, 7),
                 reduce(5, combine::min, Axes, true, 0), reduce(6, combine::all_true, Axes, false, 7)>;

template <class T, unsigned Axes>
void check_reductions() {
  for (const loop_space& space : spaces) {
    for (layout how : layouts)
      for (unsigned broadcast : {0u, 1u}) {
        const operand<T> x(space, how, broadcast), next(space, layout::rows);
        const operand<T> sums(space, layout::columns, Axes), maxima(space, how, Axes), minima(space, how, Axes);
        const operand<bool> any(space, layout::rows, Axes), all(space, how, Axes);
        const loop_operand operands[] = {x.place,   next.place,   sums.place, maxima.place,
                                         any.place, minima.place, all.place};
        loop_space results = space;
        for (int a = 0; a < space.rank; ++a)
          if ((Axes >> a & 1) != 0) results.extents[a] = 1;
        std::vector<long double> lowest;
        each_index(results, [&](const ptrdiff_t* i) { lowest.push_back(static_cast<long double>(minima.at(i))); });

        run_loop<several_reductions<T, Axes>>(space, operands);

        ptrdiff_t wrong = 0;
        std::size_t result = 0;
        each_index(results, [&](const ptrdiff_t* i) {
          long double sum = 0, size = 0, most = -std::numeric_limits<long double>::infinity(), least = lowest[result++];
          bool some = false, every = true;
          loop_space rest = space;
          for (int a = 0; a < space.rank; ++a)
            if ((Axes >> a & 1) == 0) rest.extents[a] = 1;
          each_index(rest, [&](const ptrdiff_t* j) {
            ptrdiff_t at[8]{};
            for (int a = 0; a < 8; ++a) at[a] = i[a] + j[a];
            const T value = x.at(at), sum_with_one = static_cast<T>(value + T(1));
            const auto v = static_cast<long double>(value);
            sum += v;
            size += std::abs(v);
            most = std::max(most, static_cast<long double>(sum_with_one));
            least = std::min(least, v);
            some = some || v < 0;
            every = every && v < 0;
            wrong += next.at(at) != sum_with_one;
          });
          if constexpr (std::is_floating_point_v<T>) {
            wrong += !close(sums.at(i), sum, size, 10);
            wrong += !close(maxima.at(i), most, 0, 0);
          } else {
            wrong += static_cast<long double>(sums.at(i)) != sum;
            wrong += size_of_space(rest) > 0 && static_cast<long double>(maxima.at(i)) != most;
          }
          wrong += static_cast<long double>(minima.at(i)) != least;
          wrong += any.at(i) != some;
          wrong += all.at(i) != every;
        });
        INFO("rank ", space.rank, ", axes ", Axes, ", broadcast ", broadcast);
        REQUIRE(wrong == 0);
      }
  }
}

template <class T, unsigned... Axes>
void check_axes(std::integer_sequence<unsigned, Axes...>) {
  (check_reductions<T, Axes>(), ...);
}

}  // namespace

TEST_CASE("reductions over every subset of axes, beside stores") {
  check_axes<float>(std::make_integer_sequence<unsigned, 16>{});
  check_reductions<float, every_axis>();
  check_reductions<double, 5>();
  check_reductions<double, every_axis>();
  check_reductions<std::int32_t, 2>();
  check_reductions<std::int64_t, 5>();
  check_reductions<std::int64_t, every_axis>();
}

namespace {

// The loop in two parts along an axis, the second onto the first's results, against the whole.
template <class T, unsigned Axes>
void check_parts() {
  for (const loop_space& space : spaces)
    for (int axis = 0; axis < space.rank; ++axis)
      for (ptrdiff_t first : {ptrdiff_t{0}, space.extents[axis] / 3, space.extents[axis]}) {
        const layout how = layouts[random_bits() % 5];
        const operand<T> x(space, how), next(space, layout::rows);
        const operand<T> sums(space, layout::columns, Axes), maxima(space, how, Axes), minima(space, how, Axes);
        const operand<bool> any(space, layout::rows, Axes), all(space, how, Axes);
        loop_operand operands[] = {x.place,   next.place,   sums.place, maxima.place,
                                   any.place, minima.place, all.place};
        loop_space results = space;
        for (int a = 0; a < space.rank; ++a)
          if ((Axes >> a & 1) != 0) results.extents[a] = 1;
        std::vector<long double> lowest, wanted;
        const auto each_result = [&](auto f) {
          each_index(results, [&](const ptrdiff_t* i) {
            for (const operand<T>* o : {&sums, &maxima, &minima}) f(static_cast<long double>(o->at(i)));
            f(any.at(i) ? 1.0L : 0.0L), f(all.at(i) ? 1.0L : 0.0L);
          });
        };
        each_index(results, [&](const ptrdiff_t* i) { lowest.push_back(static_cast<long double>(minima.at(i))); });
        run_loop<several_reductions<T, Axes>>(space, operands);
        each_result([&](long double r) { wanted.push_back(r); });

        std::size_t k = 0;
        each_index(results, [&](const ptrdiff_t* i) { minima.at(i) = static_cast<T>(lowest[k++]); });
        loop_space part = space;
        part.extents[axis] = first;
        run_loop<several_reductions<T, Axes>>(part, operands);
        for (int o = 0; o < 7; ++o) {
          const auto size = static_cast<ptrdiff_t>(o == 4 || o == 6 ? sizeof(bool) : sizeof(T));
          if (operands[o].data != nullptr)
            operands[o].data = static_cast<char*>(operands[o].data) + first * operands[o].strides[axis] * size;
        }
        part.extents[axis] = space.extents[axis] - first;
        part.onto = (Axes >> axis & 1) != 0;
        run_loop<several_reductions<T, Axes>>(part, operands);
        k = 0;
        ptrdiff_t wrong = 0;
        each_result([&](long double r) {
          wrong += !close(static_cast<T>(r), wanted[k], static_cast<long double>(size_of_space(space)) * 3, 10);
          ++k;
        });
        INFO("rank ", space.rank, ", axes ", Axes, ", in parts along ", axis, " from ", first);
        REQUIRE(wrong == 0);
      }
}

}  // namespace

TEST_CASE("a loop in parts, each onto the results of those before") {
  check_parts<float, 1>();
  check_parts<float, 2>();
  check_parts<float, 5>();
  check_parts<double, every_axis>();
  check_parts<std::int32_t, 2>();
  check_parts<std::int64_t, every_axis>();
  using program = loop_program<op_list<op::mul>, load(0, dtype::f64), apply(0, dtype::f64, 0, 0),
                               reduce(1, combine::sum, every_axis, false, 1)>;
  double x = 3, sum = 100;
  const loop_operand operands[] = {{&x, {}}, {&sum, {}}};
  run_loop<program>({0, {}, true}, operands);
  CHECK(sum == 109);
  run_loop<program>({0, {}}, operands);
  CHECK(sum == 9);
}

namespace {

// Bounds that are forced for a test.
struct forced_bounds : agnesi::testing::kept_bounds {
  forced_bounds(double bytes_a_thread, double bytes_streamed_from) {
    agnesi::cpu::bounds.bytes_a_thread = bytes_a_thread, agnesi::cpu::bounds.bytes_streamed_from = bytes_streamed_from;
  }
};

const loop_space larger_spaces[] = {{1, {1500}},      {1, {5003}},       {2, {37, 1001}}, {2, {1001, 37}},  {2, {700, 3}},
                                    {3, {5, 700, 9}}, {3, {2, 3, 1701}}, {2, {0, 1000}},  {3, {70, 40, 4}}, {2, {3, 3}},
                                    {3, {2, 2500, 25}}};

// Two stores, one by way of a cast, an index and two reductions, against the same on one thread and by plain stores.
template <class T, unsigned Axes>
void check_forced() {
  using program = loop_program<op_list<op::mul, op::add>, load(0, dtype_of<T>), load(1, dtype_of<T>), apply(0, dtype_of<T>, 0, 1),
                               store(2, 2), iota(0), cast(dtype_of<T>, 4), apply(1, dtype_of<T>, 2, 5), store(3, 6),
                               reduce(4, combine::sum, Axes, false, 2), reduce(5, combine::max, Axes, true, 0)>;
  for (const loop_space& space : larger_spaces)
    for (layout how : layouts)
      for (unsigned broadcast : {0u, 1u}) {
        const operand<T> a(space, how), b(space, layout::columns, broadcast), out(space, layout::rows), next(space, how),
            out2(space, layout::rows), next2(space, how);
        const operand<T> sums(space, layout::rows, Axes), most(space, how, Axes), sums2(space, layout::rows, Axes),
            most2(space, how, Axes);
        loop_space results = space;
        for (int axis = 0; axis < space.rank; ++axis)
          if ((Axes >> axis & 1) != 0) results.extents[axis] = 1;
        each_index(results, [&](const ptrdiff_t* i) { most2.at(i) = most.at(i); });
        const loop_operand first[] = {a.place, b.place, out.place, next.place, sums.place, most.place};
        const loop_operand second[] = {a.place, b.place, out2.place, next2.place, sums2.place, most2.place};
        run_loop<program>(space, first);
        loop_space several = space;
        several.threads = 3;
        {
          const forced_bounds all(1, 1);
          run_loop<program>(several, second);
        }
        ptrdiff_t wrong = 0;
        each_index(space, [&](const ptrdiff_t* i) { wrong += out.at(i) != out2.at(i) || next.at(i) != next2.at(i); });
        const auto size = static_cast<long double>(size_of_space(space)) * 10;
        each_index(results, [&](const ptrdiff_t* i) {
          wrong += !close(sums2.at(i), static_cast<long double>(sums.at(i)), size, 4) || most.at(i) != most2.at(i);
        });
        INFO("rank ", space.rank, ", axes ", Axes, ", broadcast ", broadcast, ", extents ", space.extents[0], " ", space.extents[1]);
        REQUIRE(wrong == 0);
        if (size_of_space(space) == 0) continue;
        std::vector<T> again;  // the same numbers for the same number of threads
        each_index(results, [&](const ptrdiff_t* i) { again.push_back(sums2.at(i)); });
        const forced_bounds all(1, 1e30);
        run_loop<program>(several, second);
        std::size_t k = 0;
        each_index(results, [&](const ptrdiff_t* i) { CHECK(again[k++] == sums2.at(i)); });
      }
}

}  // namespace

TEST_CASE("several threads, and stores past the caches, change nothing but the last digits of sums") {
  check_forced<float, 1>();
  check_forced<float, 2>();
  check_forced<float, every_axis>();
  check_forced<double, 5>();
  check_forced<double, 6>();
  check_forced<double, every_axis>();
  check_forced<std::int64_t, 1>();
}

TEST_CASE("streaming stores are not made to what the loop reads, or where packs do not lie as they must") {
  using program = loop_program<op_list<op::mul>, load(0, dtype::f32), apply(0, dtype::f32, 0, 0), store(1, 1), store(2, 1)>;
  const forced_bounds streaming(1e30, 1);
  for (ptrdiff_t n : {600, 1000, 5001})
    for (ptrdiff_t from : {0, 1, 5, 16})
      for (ptrdiff_t apart : {0, 1, 16}) {
        std::vector<float> x(static_cast<std::size_t>(n)), y(x.size() + 40, -1), z(x.size() + 60, -1);
        for (std::size_t k = 0; k < x.size(); ++k) x[k] = static_cast<float>(k % 1000);
        const loop_operand operands[] = {{x.data(), {1}}, {y.data() + from, {1}}, {z.data() + from + apart, {1}}};
        run_loop<program>({1, {n}}, operands);
        ptrdiff_t wrong = 0;
        for (std::size_t k = 0; k < y.size(); ++k) {
          const auto at = static_cast<ptrdiff_t>(k) - from;
          wrong += y[k] != (at < 0 || at >= n ? -1 : x[static_cast<std::size_t>(at)] * x[static_cast<std::size_t>(at)]);
        }
        for (std::size_t k = 0; k < z.size(); ++k) {
          const auto at = static_cast<ptrdiff_t>(k) - from - apart;
          wrong += z[k] != (at < 0 || at >= n ? -1 : x[static_cast<std::size_t>(at)] * x[static_cast<std::size_t>(at)]);
        }
        INFO("n ", n, " from ", from, " apart ", apart);
        REQUIRE(wrong == 0);
      }
}

TEST_CASE("a product of reals and a sum onto what is there") {
  using program =
      loop_program<op_list<>, load(0, dtype::f64), reduce(1, combine::prod, every_axis, false, 0),
                   reduce(2, combine::sum, every_axis, true, 0)>;
  double x[21], product = 0, sum = 100, wanted = 1;
  for (int k = 0; k < 21; ++k) x[k] = 1 + k / 16.0, wanted *= x[k];
  const loop_operand operands[] = {{x, {1}}, {&product, {}}, {&sum, {}}};
  run_loop<program>({1, {21}}, operands);
  CHECK(product == doctest::Approx(wanted).epsilon(1e-14));
  CHECK(sum == 100 + 21 + 210 / 16.0);
}

TEST_CASE("a sum of ten million floats keeps six digits, and so do the sums of columns") {
  using whole = loop_program<op_list<>, load(0, dtype::f32), reduce(1, combine::sum, every_axis, false, 0)>;
  using columns = loop_program<op_list<>, load(0, dtype::f32), reduce(1, combine::sum, 1, false, 0)>;
  std::vector<float> x(10'000'000);
  double wanted = 0, by_column[4]{};
  for (std::size_t k = 0; k < x.size(); ++k) {
    x[k] = static_cast<float>(random_bits()) * 0x1p-24f;
    wanted += static_cast<double>(x[k]);
    by_column[k % 4] += static_cast<double>(x[k]);
  }
  float sum = 0, sums[4]{};
  const loop_operand operands[] = {{x.data(), {1}}, {&sum, {}}};
  run_loop<whole>({1, {10'000'000}}, operands);
  CHECK(std::abs(static_cast<double>(sum) / wanted - 1) < 3e-7);
  const loop_operand of_columns[] = {{x.data(), {4, 1}}, {sums, {0, 1}}};
  run_loop<columns>({2, {2'500'000, 4}}, of_columns);
  for (int k = 0; k < 4; ++k) CHECK(std::abs(static_cast<double>(sums[k]) / by_column[k] - 1) < 3e-7);
}

TEST_CASE("the largest and the smallest of numbers with a NaN among them is NaN") {
  using program = loop_program<op_list<>, load(0, dtype::f32), reduce(1, combine::max, every_axis, false, 0),
                               reduce(2, combine::min, every_axis, false, 0)>;
  for (int n : {1, 5, 16, 40, 300})
    for (int at = 0; at < n; at += 3) {
      std::vector<float> x(static_cast<std::size_t>(n), 2);
      x[static_cast<std::size_t>(at)] = std::numeric_limits<float>::quiet_NaN();
      float most = 0, least = 0;
      const loop_operand operands[] = {{x.data(), {1}}, {&most, {}}, {&least, {}}};
      run_loop<program>({1, {n}}, operands);
      CHECK(std::isnan(most));
      CHECK(std::isnan(least));
    }
}
