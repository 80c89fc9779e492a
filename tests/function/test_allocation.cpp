// SPDX-License-Identifier: BSD-3-Clause

// A warm function allocates nothing.

#include <agnesi/agnesi.hpp>

#include "support/reference.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {
std::atomic<long> allocations{0};

void* counted(std::size_t bytes, std::size_t alignment) {
  ++allocations;
  void* p = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment + (bytes == 0 ? alignment : 0));
  if (p == nullptr) throw std::bad_alloc();
  return p;
}
}  // namespace

void* operator new(std::size_t n) { return counted(n, 16); }
void* operator new[](std::size_t n) { return counted(n, 16); }
void* operator new(std::size_t n, std::align_val_t a) { return counted(n, static_cast<std::size_t>(a)); }
void* operator new[](std::size_t n, std::align_val_t a) { return counted(n, static_cast<std::size_t>(a)); }
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }

namespace {

namespace ag = agnesi;
using namespace ag::literals;
using namespace ag::testing;

constexpr auto x = ag::matrix<"x">;
constexpr auto y = ag::vector<"y", std::int32_t>;
constexpr auto W = ag::matrix<"W">;
constexpr auto b = ag::vector<"b">;

template <class F>
long allocations_of(F f) {
  const long before = allocations;
  f();
  return allocations - before;
}

}  // namespace

TEST_CASE("the counter counts") {
  CHECK(allocations_of([] { ag::array<double, 1> a({3}); }) == 1);
  CHECK(allocations_of([] { std::vector<int> v(3); }) == 1);
}

TEST_CASE("a training step with a scalar output allocates only the first time") {
  auto cost = mean(cross_entropy_with_logits(dot(x, W) + b, y));
  auto [gw, gb] = ag::grad(cost, W, b);
  auto train = ag::function(ag::inputs(x, y, W, b), ag::outputs(cost), ag::updates(W = W - 0.1_c * gw, b = b - 0.1_c * gb));
  const auto X = random_array<double, 2>({20, 7});
  const auto Y = made<std::int32_t>(20, [](auto i) { return i % 3; });
  ag::array<double, 2> w({7, 3});
  ag::array<double, 1> B({3});
  double c = 0;
  CHECK(allocations_of([&] { c = train(X, Y, w, B); }) <= 1);
  CHECK(allocations_of([&] { c = train(X, Y, w, B); }) == 0);
  CHECK(allocations_of([&] { c = train(y = Y, x = X, W = w, b = B); }) == 0);
  auto step = train.with(W = w, b = B);
  c = step(X, Y);
  CHECK(allocations_of([&] { c = step(X, Y); }) == 0);
  CHECK(allocations_of([&] { c = step(x = X, y = Y); }) == 0);
  // fewer rows fit into what is there
  const ag::view<const double, 2> few(X.data(), {5, 7});
  const ag::view<const std::int32_t, 1> labels(Y.data(), {5});
  CHECK(allocations_of([&] { c = step(few, labels); }) == 0);
  laid_out<double> columns(X, layout::columns);
  CHECK(allocations_of([&] { c = step(columns.seen, Y); }) == 0);
  CHECK(c > 0);
}

TEST_CASE("into allocates nothing once the arrays are large enough") {
  auto f = ag::function(ag::inputs(x, b), ag::outputs(dot(transpose(x), x), softmax(x) + b, sum(x, ag::axis<0>), sum(x)));
  const auto X = random_array<double, 2>({9, 6});
  const auto B = random_array<double, 1>({6});
  ag::array<double, 2> p, s;
  ag::array<double, 1> t;
  double total = 0;
  f.into(p, s, t, total)(X, B);
  CHECK(allocations_of([&] { f.into(p, s, t, total)(X, B); }) == 0);
  const auto small = random_array<double, 2>({4, 6});
  CHECK(allocations_of([&] { f.into(p, s, t, total)(small, B); }) == 0);
  CHECK(s.extent(0) == 4);
}

TEST_CASE("an array that is returned is the only allocation") {
  auto f = ag::function(ag::inputs(x, b), ag::outputs(tanh(x + b)));
  const auto X = random_array<double, 2>({9, 6});
  const auto B = random_array<double, 1>({6});
  (void)f(X, B);
  CHECK(allocations_of([&] { (void)f(X, B); }) == 1);
}

TEST_CASE("swapping and gathering allocate nothing either") {
  auto f = ag::function(ag::inputs(x, W, y), ag::outputs(sum(x(y))), ag::updates(x = W, W = x));
  auto X = random_array<double, 2>({9, 6}), V = random_array<double, 2>({9, 6});
  const auto Y = made<std::int32_t>(4, [](auto i) { return i; });
  (void)f(X, V, Y);
  CHECK(allocations_of([&] { (void)f(X, V, Y); }) == 0);
}
