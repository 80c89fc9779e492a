// SPDX-License-Identifier: BSD-3-Clause
// Arrays on both sides of the size from which they lie in huge pages.

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <utility>

#include <agnesi/agnesi.hpp>

namespace {

namespace ag = agnesi;

bool is_aligned(const void* p, std::size_t bytes) { return reinterpret_cast<std::uintptr_t>(p) % bytes == 0; }

TEST_CASE("memory of every size is aligned, and goes back as it came") {
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{64}, ag::detail::huge_from - 1, ag::detail::huge_from,
                                  ag::detail::huge_from + 1, 3 * ag::detail::huge_from + 12345}) {
    CAPTURE(bytes);
    auto* p = static_cast<unsigned char*>(ag::detail::allocate(bytes));
    CHECK(is_aligned(p, ag::detail::cache_line));
    p[0] = 1, p[bytes - 1] = 2;
    CHECK(p[bytes - 1] == 2);
    ag::detail::deallocate(p);
  }
}

TEST_CASE("large arrays are zeros, grow, shrink, move and are copied") {
  constexpr auto large = static_cast<std::ptrdiff_t>(ag::detail::huge_from / sizeof(float));
  ag::array<float, 1> a({large + 7});
  CHECK(is_aligned(a.data(), ag::detail::cache_line));
  std::ptrdiff_t bad = 0;
  for (std::ptrdiff_t i = 0; i < a.size(); ++i) bad += a(i) != 0;
  CHECK(bad == 0);
  a(large + 6) = 3;
  ag::array<float, 1> b = a;
  ag::array<float, 1> c = std::move(a);
  CHECK(b(large + 6) == 3);
  CHECK(c(large + 6) == 3);
  b = ag::array<float, 1>({5});
  c.resize({3 * large});
  CHECK(b.size() == 5);
  CHECK(is_aligned(c.data(), ag::detail::cache_line));
  c.resize({2});
  b = std::move(c);
  CHECK(b.size() == 2);
}

TEST_CASE("results and temporaries as large as that") {
  constexpr auto x = ag::matrix<"x", float>;
  auto f = ag::function(ag::inputs(x), ag::outputs(ag::transpose(x) + ag::dot(ag::transpose(x), x)));
  const std::ptrdiff_t n = 1100;  // 4.8 MB
  ag::array<float, 2> X({n, n});
  for (std::ptrdiff_t i = 0; i < n; ++i) X(i, (i + 1) % n) = static_cast<float>(i);
  const auto y = f(X);
  std::ptrdiff_t bad = 0;
  for (std::ptrdiff_t i = 0; i < n; ++i)
    for (std::ptrdiff_t j = 0; j < n; ++j) {
      const float square = i == j ? X(i == 0 ? n - 1 : i - 1, i) : 0.f;
      bad += y(i, j) != X(j, i) + square * square;
    }
  CHECK(bad == 0);
}

}  // namespace
