// SPDX-License-Identifier: BSD-3-Clause

// The usual call of an elementwise function and the general one are told apart by nothing but time: every number of elements,
// every layout, whatever shares memory, and mistakes.

#include <agnesi/agnesi.hpp>

#include "support/reference.hpp"

#include <doctest/doctest.h>

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

TEST_CASE("which functions have a usual call") {
  static_assert(!is_usual_possible<decltype(ag::function(ag::inputs(M), ag::outputs(transpose(M) + 1_c)))>);
  static_assert(!is_usual_possible<decltype(ag::function(ag::inputs(M, a<double>), ag::outputs(M + a<double>)))>);
  static_assert(!is_usual_possible<decltype(ag::function(ag::inputs(a<double>), ag::outputs(sum(a<double>))))>);
  static_assert(!is_usual_possible<decltype(ag::function(ag::inputs(a<float>), ag::outputs(ag::cast<double>(a<float>))))>);
}
