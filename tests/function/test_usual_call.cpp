// SPDX-License-Identifier: BSD-3-Clause

// The usual call of an elementwise function and the general one are told apart by nothing but time: every number of elements,
// every layout, whatever shares memory, and mistakes.

#include <agnesi/agnesi.hpp>

#include "support/reference.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <span>
#include <vector>

namespace {

namespace ag = agnesi;
using namespace ag::literals;
using namespace ag::testing;

template <class T>
constexpr auto a = ag::vector<"a", T>;
template <class T>
constexpr auto b = ag::vector<"b", T>;
constexpr auto s = ag::scalar<"s">;
constexpr auto M = ag::matrix<"M">;
constexpr auto N = ag::matrix<"N">;

template <class F>
constexpr bool is_usual_possible = ag::detail::has_dense_call<typename F::model_type>();

template <class F, class T, class... A>
void call_into(F& f, ag::view<T, 1> to, A&&... arguments) {
  f.into(to)(arguments...);
}

template <class T>
auto weighted_sum() {
  return ag::function(ag::inputs(a<T>, b<T>), ag::outputs(2_c * a<T> + 3_c * b<T>));
}

// Numbers of which sums and small multiples are exact, so that == is the comparison.
template <class T>
std::vector<T> whole_numbers(std::ptrdiff_t n) {
  std::vector<T> v(static_cast<std::size_t>(n));
  for (T& x : v) x = static_cast<T>(randomness().below(2000) - 1000);
  return v;
}
template <class T>
ag::view<T, 1> part(std::vector<T>& v, std::ptrdiff_t begin, std::ptrdiff_t n, std::ptrdiff_t step = 1) {
  return {v.data() + begin, {n}, {step}};
}

template <class T>
void every_length() {
  auto f = weighted_sum<T>();
  static_assert(is_usual_possible<decltype(f)>);
  for (std::ptrdiff_t n = 0; n < 150; n = n < 70 ? n + 1 : n + 13)
    for (std::ptrdiff_t shift = 0; shift < 3; ++shift) {
      auto A = whole_numbers<T>(n + 3), B = whole_numbers<T>(n + 3);
      std::vector<T> to(static_cast<std::size_t>(n + 20), T(-7));
      call_into(f, part(to, 8 + shift, n), part(A, shift, n), part(B, 2 - shift, n));
      for (std::ptrdiff_t i = 0; i < n + 20; ++i) {
        const std::ptrdiff_t at = i - 8 - shift;
        const auto of = [&](std::ptrdiff_t k) { return static_cast<std::size_t>(k); };
        const T expected = at < 0 || at >= n ? T(-7) : 2 * A[of(at + shift)] + 3 * B[of(at + 2 - shift)];
        CHECK_MESSAGE(to[of(i)] == expected, n, " elements, element ", at);
      }
      const auto made_anew = f(part(A, shift, n), part(B, 2 - shift, n));
      CHECK(made_anew.extent(0) == n);
      for (std::ptrdiff_t i = 0; i < n; ++i) CHECK(made_anew(i) == to[static_cast<std::size_t>(i + 8 + shift)]);
    }
}

}  // namespace

TEST_CASE("any number of elements is computed, and nothing beside them") {
  every_length<float>();
  every_length<double>();
}

TEST_CASE("any number of elements that take long") {
  auto f = ag::function(ag::inputs(a<double>, b<double>), ag::outputs(exp(a<double>) * b<double>));
  static_assert(is_usual_possible<decltype(f)>);
  for (std::ptrdiff_t n = 0; n < 40; ++n) {
    const auto A = random_array<double, 1>({n}), B = random_array<double, 1>({n});
    CHECK(difference(f(A, B), made<double>(n, [&](auto i) { return std::exp(A(i)) * B(i); })) == "");
  }
}

TEST_CASE("operands with gaps, turned round or of one element repeated") {
  auto f = weighted_sum<double>();
  for (const std::ptrdiff_t n : {1, 2, 5, 8, 19, 40}) {
    auto A = whole_numbers<double>(3 * n + 1), B = whole_numbers<double>(3 * n + 1);
    for (const std::ptrdiff_t step_a : {1, 2, -1, 0, 3})
      for (const std::ptrdiff_t step_b : {1, -3, 0})
        for (const std::ptrdiff_t step_to : {1, 2, -1}) {
          const auto first = [&](std::ptrdiff_t step) { return step < 0 ? -step * (n - 1) : 0; };
          std::vector<double> to(static_cast<std::size_t>(2 * n), -7);
          call_into(f, part(to, first(step_to), n, step_to), part(A, first(step_a), n, step_a), part(B, first(step_b), n, step_b));
          for (std::ptrdiff_t i = 0; i < n; ++i) {
            const auto at = [&](std::ptrdiff_t step) { return static_cast<std::size_t>(first(step) + i * step); };
            CHECK(to[at(step_to)] == 2 * A[at(step_a)] + 3 * B[at(step_b)]);
          }
        }
  }
}

TEST_CASE("the result may lie anywhere in or beside what is read") {
  auto f = weighted_sum<double>();
  for (const std::ptrdiff_t n : {1, 3, 8, 11, 16, 37})
    for (std::ptrdiff_t shift = -n - 2; shift <= n + 2; ++shift) {
      auto memory = whole_numbers<double>(4 * n + 10), B = whole_numbers<double>(n);
      const auto before = memory;
      const std::ptrdiff_t begin = n + 5;
      call_into(f, part(memory, begin + shift, n), part(memory, begin, n), B);
      for (std::ptrdiff_t i = 0; i < std::ssize(memory); ++i) {
        const std::ptrdiff_t at = i - begin - shift;
        const auto k = static_cast<std::size_t>(i);
        CHECK(memory[k] == (at < 0 || at >= n ? before[k] : 2 * before[static_cast<std::size_t>(begin + at)] + 3 * B[static_cast<std::size_t>(at)]));
      }
    }
}

TEST_CASE("an updated array may share memory with another argument") {
  auto f = ag::function(ag::inputs(a<double>, b<double>), ag::updates(a<double> = 2_c * a<double> + b<double>));
  static_assert(is_usual_possible<decltype(f)>);
  for (const std::ptrdiff_t n : {1, 8, 13, 33})
    for (std::ptrdiff_t shift = -n - 1; shift <= n + 1; ++shift) {
      auto memory = whole_numbers<double>(3 * n + 4);
      const auto before = memory;
      const std::ptrdiff_t begin = n + 2;
      auto A = part(memory, begin, n);
      f(A, part(memory, begin + shift, n));
      for (std::ptrdiff_t i = 0; i < std::ssize(memory); ++i) {
        const std::ptrdiff_t at = i - begin;
        const auto k = static_cast<std::size_t>(i);
        CHECK(memory[k] == (at < 0 || at >= n ? before[k] : 2 * before[k] + before[static_cast<std::size_t>(i + shift)]));
      }
    }
}

TEST_CASE("two results, in memory of their own or refused") {
  auto f = ag::function(ag::inputs(a<double>, b<double>), ag::outputs(a<double> + b<double>, a<double> - b<double>));
  static_assert(is_usual_possible<decltype(f)>);
  for (const std::ptrdiff_t n : {1, 9, 16, 21}) {
    auto A = whole_numbers<double>(n), B = whole_numbers<double>(n), to = whole_numbers<double>(3 * n);
    const auto before = to;
    for (std::ptrdiff_t shift = 0; shift < n; ++shift) {
      auto first = part(to, 0, n), second = part(to, shift, n);
      CHECK_THROWS_AS(f.into(first, second)(A, B), std::invalid_argument);
      CHECK(to == before);
    }
    auto first = part(to, n, n), second = part(to, 0, n);
    f.into(first, second)(A, B);
    const auto [sum, difference] = f(A, B);
    for (std::ptrdiff_t i = 0; i < n; ++i) {
      const auto k = static_cast<std::size_t>(i);
      CHECK(to[k + static_cast<std::size_t>(n)] == A[k] + B[k]);
      CHECK(to[k] == A[k] - B[k]);
      CHECK(sum(i) == A[k] + B[k]);
      CHECK(difference(i) == A[k] - B[k]);
    }
  }
}

TEST_CASE("numbers are read before anything is written") {
  auto f = ag::function(ag::inputs(s, a<double>), ag::outputs((s + 1_c) * a<double>));
  static_assert(is_usual_possible<decltype(f)>);
  for (const std::ptrdiff_t n : {3, 8, 20}) {
    const auto A = whole_numbers<double>(n);
    auto to = whole_numbers<double>(n);
    const double factor = to[1];
    f.into(to)(to[1], A);
    for (std::ptrdiff_t i = 0; i < n; ++i) CHECK(to[static_cast<std::size_t>(i)] == (factor + 1) * A[static_cast<std::size_t>(i)]);
    f.into(to)(4, std::span<const double>(A));
    CHECK(to[2] == 5 * A[2]);
    f.into(to)(a<double> = A, s = 2.0);
    CHECK(to[0] == 3 * A[0]);
    CHECK(f(ag::array<double, 0>(), A)(n - 1) == A.back());
  }
}

TEST_CASE("matrices, by rows and transposed, and of the extents that were declared") {
  auto f = ag::function(ag::inputs(M, N), ag::outputs(M + 2_c * N));
  static_assert(is_usual_possible<decltype(f)>);
  for (const auto& [m, n] : {std::pair<std::ptrdiff_t, std::ptrdiff_t>{1, 1}, {1, 7}, {7, 1}, {3, 5}, {8, 8}, {0, 4}}) {
    const auto X = random_array<double, 2>({m, n}), Y = random_array<double, 2>({m, n}), Z = random_array<double, 2>({n, m});
    ag::array<double, 2> to;
    f.into(to)(X, Y);
    CHECK(difference(to, made<double>(m, n, [&](auto i, auto j) { return X(i, j) + 2 * Y(i, j); })) == "");
    f.into(to)(X, Z.view().transposed());
    CHECK(difference(to, made<double>(m, n, [&](auto i, auto j) { return X(i, j) + 2 * Z(j, i); })) == "");
    f.into(to)(to, Y);
    CHECK(difference(to, made<double>(m, n, [&](auto i, auto j) { return X(i, j) + 2 * Z(j, i) + 2 * Y(i, j); })) == "");
  }
  constexpr auto P = ag::matrix<"P", double, ag::dyn, 300>;
  auto g = ag::function(ag::inputs(P), ag::outputs(3_c * P));
  static_assert(is_usual_possible<decltype(g)>);
  const auto X = random_array<double, 2>({2, 300});
  CHECK(difference(g(X), made<double>(2, 300, [&](auto i, auto j) { return 3 * X(i, j); })) == "");
  CHECK_THROWS_AS(g(random_array<double, 2>({300, 2})), ag::shape_error);
}

TEST_CASE("another extent is refused before anything is written, or the result is resized") {
  auto f = weighted_sum<double>();
  auto A = whole_numbers<double>(9), B = whole_numbers<double>(10), to = whole_numbers<double>(10);
  const auto before = to;
  CHECK_THROWS_AS(call_into(f, part(to, 0, 9), A, B), ag::shape_error);
  CHECK_THROWS_AS(call_into(f, part(to, 0, 10), A, part(B, 0, 9)), ag::shape_error);
  CHECK_THROWS_AS(f(A, B), ag::shape_error);
  CHECK(to == before);
  auto C = random_array<double, 1>({4});
  f.into(C)(A, part(B, 0, 9));
  CHECK(C.extent(0) == 9);
  CHECK(C(8) == 2 * A[8] + 3 * B[8]);
}

TEST_CASE("what is large goes the general way, and to the same end") {
  auto f = weighted_sum<double>();
  const auto usual = ag::cpu::bounds;
  for (const double bytes : {1e9, 100.0}) {
    ag::cpu::bounds.bytes_a_thread = bytes, ag::cpu::bounds.bytes_streamed_from = bytes;
    for (const std::ptrdiff_t n : {40, 3000}) {
      auto A = whole_numbers<double>(n), B = whole_numbers<double>(n);
      const auto C = f(A, B);
      for (std::ptrdiff_t i = 0; i < n; ++i) CHECK(C(i) == 2 * A[static_cast<std::size_t>(i)] + 3 * B[static_cast<std::size_t>(i)]);
    }
  }
  ag::cpu::bounds = usual;
}

namespace {

constexpr std::ptrdiff_t some_extents[] = {0, 1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 30, 33, 64, 70, 131, 260};

// A matrix in the middle of other memory, of whole numbers.
template <class T>
struct framed {
  std::ptrdiff_t m, n;
  std::vector<T> memory;
  framed(std::ptrdiff_t rows, std::ptrdiff_t columns) : m(rows), n(columns), memory(whole_numbers<T>(rows * columns + 80)) {}
  ag::view<T, 2> view() { return {memory.data() + 40, {m, n}}; }
  bool is_framed_as(const std::vector<T>& before) const {
    return std::equal(memory.begin(), memory.begin() + 40, before.begin()) && std::equal(memory.end() - 40, memory.end(), before.end() - 40);
  }
};

template <class T, class F, class Wanted>
void every_shape(F f, Wanted wanted) {
  static_assert(is_usual_possible<F>);
  for (const std::ptrdiff_t m : some_extents)
    for (const std::ptrdiff_t n : some_extents) {
      framed<T> X(m, n), to(m, n);
      const auto row = whole_numbers<T>(n), column = whole_numbers<T>(m);
      const auto before = to.memory;
      auto target = to.view();
      f.into(target)(X.view(), row, ag::view<const T, 2>(column.data(), {m, std::ptrdiff_t(1)}));
      bool right = to.is_framed_as(before);
      for (std::ptrdiff_t i = 0; i < m; ++i)
        for (std::ptrdiff_t j = 0; j < n; ++j)
          right = right && target(i, j) == wanted(X.view()(i, j), row[static_cast<std::size_t>(j)], column[static_cast<std::size_t>(i)]);
      CHECK_MESSAGE(right, m, " x ", n);
    }
}

template <class T>
void rows_and_columns() {
  constexpr auto X = ag::matrix<"X", T>;
  constexpr auto row = ag::vector<"row", T>;
  constexpr auto column = ag::tensor<"column", T, ag::dyn, 1>;
  const auto function = [&](auto y) { return ag::function(ag::inputs(X, row, column), ag::outputs(y)); };
  every_shape<T>(function(X + row), [](T x, T r, T) { return x + r; });
  every_shape<T>(function(row - X * row), [](T x, T r, T) { return r - x * r; });
  every_shape<T>(function(X + column), [](T x, T, T c) { return x + c; });
  every_shape<T>(function((X - column) * row + column), [](T x, T r, T c) { return (x - c) * r + c; });
  every_shape<T>(function(where(X > column, row, X)), [](T x, T r, T c) { return x > c ? r : x; });
}

}  // namespace

TEST_CASE("rows and columns that are repeated: float") { rows_and_columns<float>(); }
TEST_CASE("rows and columns that are repeated: double") { rows_and_columns<double>(); }

TEST_CASE("rows and columns that are repeated, the general way and past the caches") {
  const auto usual = ag::cpu::bounds;
  for (const double streamed_from : {1e9, 1.0}) {
    ag::cpu::bounds.bytes_a_thread = 1, ag::cpu::bounds.bytes_streamed_from = streamed_from;
    rows_and_columns<float>();
    rows_and_columns<double>();
  }
  ag::cpu::bounds = usual;
}

TEST_CASE("rows and columns of elements that take long, and of other types") {
  constexpr auto X = ag::matrix<"X", float>;
  constexpr auto bytes = ag::vector<"bytes", std::uint8_t>;
  constexpr auto some = ag::tensor<"some", bool, ag::dyn, 1>;
  constexpr auto ints = ag::tensor<"ints", std::int32_t, ag::dyn, 1>;
  auto f = ag::function(ag::inputs(X, bytes, some, ints),
                        ag::outputs(where(some, exp(X), X) - ag::cast<float>(bytes) * ag::cast<float>(ints)));
  static_assert(is_usual_possible<decltype(f)>);
  for (const std::ptrdiff_t m : some_extents)
    for (const std::ptrdiff_t n : some_extents) {
      const auto x = random_array<float, 2>({m, n});
      const auto b = whole_numbers<std::uint8_t>(n);
      const auto c = whole_numbers<std::int32_t>(m);
      const auto truths = std::make_unique<bool[]>(static_cast<std::size_t>(m + 1));
      for (std::ptrdiff_t i = 0; i < m; ++i) truths[static_cast<std::size_t>(i)] = c[static_cast<std::size_t>(i)] % 3 == 0;
      const auto y = f(x, b, ag::view<const bool, 2>(truths.get(), {m, std::ptrdiff_t(1)}),
                       ag::view<const std::int32_t, 2>(c.data(), {m, std::ptrdiff_t(1)}));
      CHECK(difference(y, made<float>(m, n, [&](auto i, auto j) {
                         const auto row = static_cast<std::size_t>(i), column = static_cast<std::size_t>(j);
                         return (truths[row] ? std::exp(x(i, j)) : x(i, j)) - static_cast<float>(b[column]) * static_cast<float>(c[row]);
                       })) == "");
    }
}

namespace {

template <class T>
void several_columns() {
  constexpr auto X = ag::matrix<"X", T>;
  constexpr auto row = ag::vector<"row", T>;
  constexpr auto c = ag::tensor<"c", T, ag::dyn, 1>;
  constexpr auto d = ag::tensor<"d", T, ag::dyn, 1>;
  constexpr auto bytes = ag::tensor<"bytes", std::uint8_t, ag::dyn, 1>;
  constexpr auto ints = ag::tensor<"ints", std::int32_t, ag::dyn, 1>;
  auto f = ag::function(ag::inputs(X, row, c, d, bytes, ints),
                        ag::outputs((X - c) * d + row * c + ag::cast<T>(bytes) - ag::cast<T>(ints)));
  static_assert(is_usual_possible<decltype(f)>);
  for (const std::ptrdiff_t m : some_extents)
    for (const std::ptrdiff_t n : some_extents) {
      framed<T> x(m, n);
      const auto r = whole_numbers<T>(n), C = whole_numbers<T>(m), D = whole_numbers<T>(m);
      const auto b = whole_numbers<std::uint8_t>(m);
      const auto i32 = whole_numbers<std::int32_t>(m);
      const auto column = [&]<class E>(const std::vector<E>& v) { return ag::view<const E, 2>(v.data(), {m, std::ptrdiff_t(1)}); };
      const auto y = f(x.view(), r, column(C), column(D), column(b), column(i32));
      bool right = true;
      for (std::ptrdiff_t i = 0; i < m; ++i)
        for (std::ptrdiff_t j = 0; j < n; ++j) {
          const auto k = static_cast<std::size_t>(i);
          right = right && y(i, j) == (x.view()(i, j) - C[k]) * D[k] + r[static_cast<std::size_t>(j)] * C[k] + static_cast<T>(b[k]) -
                                          static_cast<T>(i32[k]);
        }
      CHECK_MESSAGE(right, m, " x ", n);
    }
}

}  // namespace

TEST_CASE("several columns, of several types, by either way") {
  const auto usual = ag::cpu::bounds;
  for (const double bytes : {usual.bytes_a_thread, 1.0}) {
    ag::cpu::bounds.bytes_a_thread = bytes;
    several_columns<float>();
    several_columns<double>();
  }
  ag::cpu::bounds = usual;
}

TEST_CASE("planes and pixels: axes that all operands have, or have not, are one") {
  constexpr auto X = ag::tensor<"X", double, ag::dyn, ag::dyn, ag::dyn>;
  constexpr auto plane = ag::tensor<"plane", double, ag::dyn, ag::dyn>;
  constexpr auto pixel = ag::vector<"pixel", double>;
  constexpr auto line = ag::tensor<"line", double, ag::dyn, 1>;
  auto planes = ag::function(ag::inputs(X, plane), ag::outputs(X * plane));
  auto pixels = ag::function(ag::inputs(X, pixel), ag::outputs(X * pixel));
  auto lines = ag::function(ag::inputs(X, line), ag::outputs(X * line));
  static_assert(is_usual_possible<decltype(planes)> && is_usual_possible<decltype(pixels)> && !is_usual_possible<decltype(lines)>);
  for (const std::ptrdiff_t a : {1, 2, 5})
    for (const std::ptrdiff_t b : {1, 3, 6, 90})
      for (const std::ptrdiff_t c : {1, 3, 4, 19}) {
        const auto x = random_array<double, 3>({a, b, c});
        const auto p = random_array<double, 2>({b, c}), l = random_array<double, 2>({b, 1});
        const auto q = random_array<double, 1>({c});
        const auto by_plane = planes(x, p), by_pixel = pixels(x, q), by_line = lines(x, l);
        std::ptrdiff_t bad = 0;
        for (std::ptrdiff_t i = 0; i < a; ++i)
          for (std::ptrdiff_t j = 0; j < b; ++j)
            for (std::ptrdiff_t k = 0; k < c; ++k)
              bad += by_plane(i, j, k) != x(i, j, k) * p(j, k) || by_pixel(i, j, k) != x(i, j, k) * q(k) ||
                     by_line(i, j, k) != x(i, j, k) * l(j, 0);
        CHECK(bad == 0);
      }
}

TEST_CASE("a matrix that a row or a column is added to, wherever these lie") {
  constexpr auto r = ag::vector<"r">;
  constexpr auto c = ag::tensor<"c", double, ag::dyn, 1>;
  auto f = ag::function(ag::inputs(M, r), ag::updates(M = M + r));
  auto g = ag::function(ag::inputs(M, c), ag::updates(M = M + c));
  static_assert(is_usual_possible<decltype(f)> && is_usual_possible<decltype(g)>);
  for (const std::ptrdiff_t m : {1, 2, 6, 20})
    for (const std::ptrdiff_t n : {1, 3, 8, 17})
      for (std::ptrdiff_t shift = -m - n; shift <= m * n; ++shift) {
        framed<double> X(m, n);
        const auto before = X.memory;
        const auto at = [](std::ptrdiff_t k) { return static_cast<std::size_t>(k); };
        auto x = X.view();
        f(x, ag::view<const double, 1>(X.memory.data() + 40 + shift, {n}));
        bool right = X.is_framed_as(before);
        for (std::ptrdiff_t k = 0; k < m * n; ++k) right = right && X.memory[at(40 + k)] == before[at(40 + k)] + before[at(40 + shift + k % n)];
        CHECK_MESSAGE(right, "a row, ", m, " x ", n, " at ", shift);
        X.memory = before;
        g(x, ag::view<const double, 2>(X.memory.data() + 40 + shift, {m, std::ptrdiff_t(1)}));
        right = X.is_framed_as(before);
        for (std::ptrdiff_t k = 0; k < m * n; ++k) right = right && X.memory[at(40 + k)] == before[at(40 + k)] + before[at(40 + shift + k / n)];
        CHECK_MESSAGE(right, "a column, ", m, " x ", n, " at ", shift);
      }
}

TEST_CASE("rows, columns and matrices with gaps or turned round, and of other extents") {
  constexpr auto r = ag::vector<"r">;
  constexpr auto c = ag::tensor<"c", double, ag::dyn, 1>;
  auto f = ag::function(ag::inputs(M, r, c), ag::outputs(M * r + c));
  static_assert(is_usual_possible<decltype(f)>);
  for (const std::ptrdiff_t m : {1, 2, 5, 20, 70})
    for (const std::ptrdiff_t n : {1, 3, 8, 17, 66}) {
      auto x = whole_numbers<double>(4 * m * n), row = whole_numbers<double>(3 * n), column = whole_numbers<double>(3 * m);
      for (const auto& [by_row, by_column] : {std::pair<std::ptrdiff_t, std::ptrdiff_t>{n, 1}, {1, m}, {2 * n, 2}, {2 * n, 1}, {0, 1}, {n, 0}})
        for (const std::ptrdiff_t step : {1, 3, 0}) {
          const auto y = f(ag::view<const double, 2>(x.data(), {m, n}, {by_row, by_column}), part(row, 0, n, step),
                           ag::view<const double, 2>(column.data(), {m, std::ptrdiff_t(1)}, {step, std::ptrdiff_t(1)}));
          bool right = true;
          for (std::ptrdiff_t i = 0; i < m; ++i)
            for (std::ptrdiff_t j = 0; j < n; ++j)
              right = right && y(i, j) == x[static_cast<std::size_t>(i * by_row + j * by_column)] * row[static_cast<std::size_t>(j * step)] +
                                              column[static_cast<std::size_t>(i * step)];
          CHECK_MESSAGE(right, m, " x ", n, " by ", by_row, " and ", by_column, ", ", step);
        }
      const auto X = random_array<double, 2>({m, n});
      CHECK_THROWS_AS(f(X, part(row, 0, n + 1), ag::view<const double, 2>(column.data(), {m, std::ptrdiff_t(1)})), ag::shape_error);
      CHECK_THROWS_AS(f(X, part(row, 0, n), ag::view<const double, 2>(column.data(), {m + 1, std::ptrdiff_t(1)})), ag::shape_error);
    }
}

namespace {

template <class T, class From, class F, class Wanted>
void every_length_of(F f, Wanted wanted) {
  static_assert(is_usual_possible<F>);
  for (std::ptrdiff_t n = 0; n < 150; n = n < 70 ? n + 1 : n + 13) {
    const auto from = whole_numbers<From>(n);
    const auto other = whole_numbers<T>(n);
    auto to = whole_numbers<T>(n + 40);
    const auto before = to;
    auto target = part(to, 20, n);
    f.into(target)(from, other);
    bool right = std::equal(to.begin(), to.begin() + 20, before.begin()) && std::equal(to.end() - 20, to.end(), before.end() - 20);
    for (std::ptrdiff_t i = 0; i < n; ++i)
      right = right && target(i) == wanted(from[static_cast<std::size_t>(i)], other[static_cast<std::size_t>(i)]);
    CHECK_MESSAGE(right, n, " elements");
  }
}
template <class T, class From>
void converted_and_mixed() {
  constexpr auto from = ag::vector<"from", From>;
  constexpr auto other = ag::vector<"other", T>;
  const auto function = [&](auto y) { return ag::function(ag::inputs(from, other), ag::outputs(y)); };
  every_length_of<T, From>(function(ag::cast<T>(from) / 7_c + other), [](From x, T y) { return static_cast<T>(x) / 7 + y; });
  every_length_of<T, From>(function(where(from > 99_c, other, 1_c - other)), [](From x, T y) { return x > From(99) ? y : 1 - y; });
}

}  // namespace

TEST_CASE("elements of several types, any number of them") {
  converted_and_mixed<float, std::uint8_t>();
  converted_and_mixed<double, std::uint8_t>();
  converted_and_mixed<float, std::int32_t>();
  converted_and_mixed<double, std::int32_t>();
  converted_and_mixed<double, float>();
  converted_and_mixed<double, std::int64_t>();
  constexpr auto i = ag::vector<"i", std::int32_t>;
  constexpr auto j = ag::vector<"j", std::int32_t>;
  every_length_of<std::int32_t, std::int32_t>(ag::function(ag::inputs(i, j), ag::outputs(i * i + j)), [](auto x, auto y) { return x * x + y; });
  constexpr auto k = ag::vector<"k", std::int64_t>;
  every_length_of<std::int64_t, std::int32_t>(ag::function(ag::inputs(i, k), ag::outputs(ag::cast<std::int64_t>(i) * k)),
                                              [](auto x, auto y) { return x * y; });
}

TEST_CASE("integers updated in place, and into memory that they lie in") {
  constexpr auto i = ag::vector<"i", std::int32_t>;
  auto f = ag::function(ag::inputs(i), ag::updates(i = i * i - 1_c));
  auto g = ag::function(ag::inputs(i), ag::outputs(i * i - 1_c));
  static_assert(is_usual_possible<decltype(f)> && is_usual_possible<decltype(g)>);
  for (const std::ptrdiff_t n : {1, 8, 15, 33, 90}) {
    auto x = whole_numbers<std::int32_t>(n);
    auto before = x;
    f(x);
    for (std::size_t k = 0; k < x.size(); ++k) CHECK(x[k] == before[k] * before[k] - 1);
    for (std::ptrdiff_t shift = 0; shift <= n; ++shift) {
      auto memory = whole_numbers<std::int32_t>(2 * n);
      before = memory;
      auto to = part(memory, shift, n);
      g.into(to)(part(memory, 0, n));
      for (std::ptrdiff_t k = 0; k < n; ++k) CHECK(to(k) == before[static_cast<std::size_t>(k)] * before[static_cast<std::size_t>(k)] - 1);
    }
  }
}

TEST_CASE("which functions have a usual call") {
  static_assert(!is_usual_possible<decltype(ag::function(ag::inputs(M), ag::outputs(transpose(M) + 1_c)))>);
  static_assert(is_usual_possible<decltype(ag::function(ag::inputs(M, a<double>), ag::outputs(M + a<double>)))>);
  static_assert(!is_usual_possible<decltype(ag::function(ag::inputs(M, N, a<double>), ag::outputs(M * transpose(N) + a<double>)))>);
  static_assert(!is_usual_possible<decltype(ag::function(ag::inputs(a<double>), ag::outputs(sum(a<double>))))>);
  static_assert(is_usual_possible<decltype(ag::function(ag::inputs(a<float>), ag::outputs(ag::cast<double>(a<float>))))>);
}
