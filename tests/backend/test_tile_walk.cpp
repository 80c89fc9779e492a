// SPDX-License-Identifier: BSD-3-Clause
// Elementwise loops whose operands do not lie alike: each with an order of axes, gaps and directions of its own, from the caches
// and, as if they were large, past them.

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <agnesi/agnesi.hpp>

#include "support/kept_bounds.hpp"

namespace {

namespace ag = agnesi;
using namespace ag::literals;
using std::ptrdiff_t;

struct forced_bounds : agnesi::testing::kept_bounds {
  forced_bounds(double bytes_a_thread, double bytes_streamed_from) {
    agnesi::cpu::bounds.bytes_a_thread = bytes_a_thread, agnesi::cpu::bounds.bytes_streamed_from = bytes_streamed_from;
  }
};

// Memory with a view on it: its axes in the given order, the last one side by side, with gaps, some of them backwards; around it
// and in the gaps is something that nobody may write.
template <class T, int Rank>
struct laid {
  static constexpr T outside = T(77);
  ag::array<T, 1> memory;
  ag::view<T, Rank> seen;
  std::array<ptrdiff_t, Rank> extents;

  laid(const std::array<ptrdiff_t, Rank>& e, const std::array<int, Rank>& order, ptrdiff_t gap = 0, unsigned backwards = 0,
       ptrdiff_t begin = 0)
      : extents(e) {
    std::array<ptrdiff_t, Rank> strides{};
    ptrdiff_t stride = 1, first = begin;
    for (int k = Rank; k-- > 0;) {
      const auto axis = static_cast<std::size_t>(order[static_cast<std::size_t>(k)]);
      const bool back = (backwards >> axis & 1u) != 0;
      strides[axis] = back ? -stride : stride;
      if (back) first += stride * (e[axis] - 1);
      stride *= e[axis] + gap;
    }
    memory = ag::array<T, 1>({stride + begin + 1});
    for (T* p = memory.data(); p < memory.data() + memory.size(); ++p) *p = outside;
    seen = ag::view<T, Rank>(memory.data() + first, e, strides);
  }
  laid(laid&&) = default;  // the elements stay where they are
  ag::view<const T, Rank> read() const { return seen; }

  template <class Function>
  void each(Function f) const {
    if constexpr (Rank == 2) {
      for (ptrdiff_t i = 0; i < extents[0]; ++i)
        for (ptrdiff_t j = 0; j < extents[1]; ++j) f(i, j);
    } else {
      for (ptrdiff_t i = 0; i < extents[0]; ++i)
        for (ptrdiff_t j = 0; j < extents[1]; ++j)
          for (ptrdiff_t k = 0; k < extents[2]; ++k) f(i, j, k);
    }
  }
  void fill(int seed) const {
    ptrdiff_t n = seed;
    each([&](auto... i) { seen(i...) = static_cast<T>((n = n * 37 % 9973 + 11) % 61); });
  }
  // Elements that are not what they should be, and those around them that are not what they were.
  template <class Function>
  ptrdiff_t wrong(Function right) const {
    ptrdiff_t bad = 0;
    ag::array<T, 1> rest = memory;
    each([&](auto... i) {
      bad += seen(i...) != right(i...);
      rest(&seen(i...) - memory.data()) = outside;
    });
    for (const T* p = rest.data(); p < rest.data() + rest.size(); ++p) bad += *p != outside;
    return bad;
  }
};

constexpr std::array<int, 2> rows{0, 1}, columns{1, 0};
constexpr ptrdiff_t edges[] = {1, 7, 8, 9, 15, 16, 17, 31, 33, 64, 79, 81, 130, 161, 257};

// Small, as from the caches; as if large, one thread and several.
template <class Function>
void in_every_way(Function f) {
  f();
  {
    const forced_bounds far(1e30, 1);
    f();
  }
  const forced_bounds parts(4096, 1);
  f();
}

template <class T>
void check_sizes() {
  constexpr auto a = ag::matrix<"a", T>;
  constexpr auto b = ag::matrix<"b", T>;
  auto f = ag::function(ag::inputs(a, b), ag::outputs(a + b * a));
  for (const ptrdiff_t m : edges)
    for (const ptrdiff_t n : edges)
      in_every_way([&] {
        CAPTURE(m);
        CAPTURE(n);
        const ptrdiff_t gap = (m + n) % 3;
        laid<T, 2> x({m, n}, rows, gap), y({m, n}, columns, 2 - gap, 0, gap), z({m, n}, rows, gap, 0, m % 5);
        x.fill(1), y.fill(2);
        f.into(z.seen)(x.read(), y.read());
        CHECK(z.wrong([&](auto i, auto j) { return static_cast<T>(x.seen(i, j) + y.seen(i, j) * x.seen(i, j)); }) == 0);
      });
}
TEST_CASE("float matrices of all sizes and a transposed one") { check_sizes<float>(); }
TEST_CASE("double matrices of all sizes and a transposed one") { check_sizes<double>(); }
TEST_CASE("integer matrices of all sizes and a transposed one") {
  check_sizes<std::int32_t>();
  check_sizes<std::uint8_t>();
}

template <class T>
void check_directions() {
  constexpr auto a = ag::matrix<"a", T>;
  constexpr auto b = ag::matrix<"b", T>;
  auto f = ag::function(ag::inputs(a, b), ag::outputs(a - 2_c * b));
  for (const auto& [m, n] : {std::array<ptrdiff_t, 2>{40, 75}, {145, 200}})
    for (unsigned back = 0; back < 64; back += 5)
      for (unsigned order = 0; order < 8; ++order)
        in_every_way([&] {
          CAPTURE(back);
          CAPTURE(order);
          const auto turned = [&](unsigned k) { return (order >> k & 1u) != 0 ? columns : rows; };
          laid<T, 2> x({m, n}, turned(0), 1, back & 3u), y({m, n}, turned(1), 0, back >> 2 & 3u), z({m, n}, turned(2), 3, back >> 4);
          x.fill(3), y.fill(4);
          f.into(z.seen)(x.read(), y.read());
          CHECK(z.wrong([&](auto i, auto j) { return static_cast<T>(x.seen(i, j) - 2 * y.seen(i, j)); }) == 0);
        });
}
TEST_CASE("matrices in both orders, with gaps, forwards and backwards: float") { check_directions<float>(); }
TEST_CASE("matrices in both orders, with gaps, forwards and backwards: double") { check_directions<double>(); }

template <class T>
void check_many() {
  constexpr auto a = ag::matrix<"a", T>;
  constexpr auto b = ag::matrix<"b", T>;
  constexpr auto c = ag::matrix<"c", T>;
  constexpr auto d = ag::matrix<"d", T>;
  constexpr auto e = ag::matrix<"e", T>;
  auto f = ag::function(ag::inputs(a, b, c, d, e), ag::outputs(a * b + c - d * e, a - c));
  for (const auto& [m, n] : {std::array<ptrdiff_t, 2>{37, 51}, {140, 97}, {20, 300}})
    for (unsigned order = 0; order < 128; order += 1 + order % 3)
      in_every_way([&] {
        CAPTURE(m);
        CAPTURE(order);
        const auto made = [&](unsigned k) {
          laid<T, 2> x({m, n}, (order >> k & 1u) != 0 ? columns : rows, static_cast<ptrdiff_t>(k % 3));
          x.fill(static_cast<int>(k));
          return x;
        };
        const laid<T, 2> A = made(0), B = made(1), C = made(2), D = made(3), E = made(4);
        laid<T, 2> y({m, n}, (order >> 5 & 1u) != 0 ? columns : rows, 1, 0, 2), z({m, n}, (order >> 6 & 1u) != 0 ? columns : rows, 2, 0, 5);
        f.into(y.seen, z.seen)(A.read(), B.read(), C.read(), D.read(), E.read());
        CHECK(y.wrong([&](auto i, auto j) {
          return static_cast<T>(A.seen(i, j) * B.seen(i, j) + C.seen(i, j) - D.seen(i, j) * E.seen(i, j));
        }) == 0);
        CHECK(z.wrong([&](auto i, auto j) { return static_cast<T>(A.seen(i, j) - C.seen(i, j)); }) == 0);
      });
}
TEST_CASE("several transposed operands, and results: float") { check_many<float>(); }
TEST_CASE("several transposed operands, and results: double") { check_many<double>(); }

// Converted on the way, repeated along rows or down the columns, chosen by truth values.
template <class T>
void check_mixed() {
  constexpr auto a = ag::matrix<"a", T>;
  constexpr auto u = ag::matrix<"u", std::uint8_t>;
  constexpr auto i32 = ag::matrix<"i", std::int32_t>;
  constexpr auto i64 = ag::matrix<"l", std::int64_t>;
  constexpr auto mask = ag::matrix<"mask", bool>;
  constexpr auto row = ag::vector<"row", T>;
  constexpr auto column = ag::vector<"column", T>;
  constexpr auto counts = ag::vector<"counts", std::int32_t>;
  auto f = ag::function(ag::inputs(a, u, mask), ag::outputs(ag::where(mask, a, ag::cast<T>(u)), a > ag::cast<T>(u)));
  auto g = ag::function(ag::inputs(a, i32, i64), ag::outputs(a + ag::cast<T>(i32) * ag::cast<T>(i64), ag::cast<std::int32_t>(a)));
  auto h = ag::function(ag::inputs(a, row, column, counts),
                        ag::outputs(a * ag::expand_dims<1>(column) + row - ag::cast<T>(ag::expand_dims<1>(counts))));
  for (const auto& [m, n] : {std::array<ptrdiff_t, 2>{37, 51}, {140, 97}, {20, 300}})
    for (unsigned order = 0; order < 16; ++order)
      in_every_way([&] {
        CAPTURE(m);
        CAPTURE(order);
        const auto turned = [&](unsigned k) { return (order >> k & 1u) != 0 ? columns : rows; };
        laid<T, 2> A({m, n}, turned(0), 1), Y({m, n}, turned(3), 0, 0, 3);
        laid<std::uint8_t, 2> U({m, n}, turned(1), 2);
        laid<bool, 2> M({m, n}, turned(2), 0);
        laid<std::int32_t, 2> I({m, n}, turned(1), 0), K({m, n}, turned(3), 1);
        laid<std::int64_t, 2> L({m, n}, turned(2), 1);
        A.fill(1), U.fill(2), I.fill(4), L.fill(5);
        M.each([&](auto i, auto j) { M.seen(i, j) = (i * 7 + j * 3) % 5 < 2; });
        laid<bool, 2> B({m, n}, turned(3), 0);
        f.into(Y.seen, B.seen)(A.read(), U.read(), M.read());
        CHECK(Y.wrong([&](auto i, auto j) { return M.seen(i, j) ? A.seen(i, j) : static_cast<T>(U.seen(i, j)); }) == 0);
        CHECK(B.wrong([&](auto i, auto j) { return A.seen(i, j) > static_cast<T>(U.seen(i, j)); }) == 0);

        laid<T, 2> Z({m, n}, turned(3), 0, 0, 1);
        g.into(Z.seen, K.seen)(A.read(), I.read(), L.read());
        CHECK(Z.wrong([&](auto i, auto j) {
          return A.seen(i, j) + static_cast<T>(I.seen(i, j)) * static_cast<T>(L.seen(i, j));
        }) == 0);
        CHECK(K.wrong([&](auto i, auto j) { return static_cast<std::int32_t>(A.seen(i, j)); }) == 0);

        std::vector<T> r(static_cast<std::size_t>(n)), c(static_cast<std::size_t>(2 * m));
        std::vector<std::int32_t> k(static_cast<std::size_t>(m));
        for (std::size_t j = 0; j < r.size(); ++j) r[j] = static_cast<T>(j % 17);
        for (std::size_t i = 0; i < c.size(); ++i) c[i] = static_cast<T>(i % 13);
        for (std::size_t i = 0; i < k.size(); ++i) k[i] = static_cast<std::int32_t>(i % 9);
        laid<T, 2> V({m, n}, turned(1), 0, 0, 7);
        h.into(V.seen)(A.read(), ag::view<const T, 1>(r.data(), {n}), ag::view<const T, 1>(c.data(), {m}, {2}),
                       ag::view<const std::int32_t, 1>(k.data(), {m}));
        CHECK(V.wrong([&](auto i, auto j) {
          return A.seen(i, j) * c[static_cast<std::size_t>(2 * i)] + r[static_cast<std::size_t>(j)] -
                 static_cast<T>(k[static_cast<std::size_t>(i)]);
        }) == 0);
      });
}
TEST_CASE("transposed operands of other types, with masks, rows and columns: float") { check_mixed<float>(); }
TEST_CASE("transposed operands of other types, with masks, rows and columns: double") { check_mixed<double>(); }

template <class T>
void check_permutations() {
  constexpr auto a = ag::tensor<"a", T, ag::dyn, ag::dyn, ag::dyn>;
  constexpr auto b = ag::tensor<"b", T, ag::dyn, ag::dyn, ag::dyn>;
  auto f = ag::function(ag::inputs(a, b), ag::outputs(a * b - b));
  const std::array<int, 3> orders[] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
  for (const auto& e : {std::array<ptrdiff_t, 3>{3, 20, 35}, {33, 2, 70}, {17, 30, 9}, {40, 41, 42}, {1, 50, 60}, {60, 50, 1}, {3, 4, 5}})
    for (const auto& p : orders)
      for (const auto& q : orders)
        in_every_way([&] {
          CAPTURE(e);
          CAPTURE(p);
          CAPTURE(q);
          laid<T, 3> x(e, p, 0), y(e, q, 1, 4), z(e, orders[0], 0, 0, 2);
          x.fill(8), y.fill(9);
          f.into(z.seen)(x.read(), y.read());
          CHECK(z.wrong([&](auto... i) { return static_cast<T>(x.seen(i...) * y.seen(i...) - y.seen(i...)); }) == 0);
          laid<T, 3> w(e, p, 1, 1);
          f.into(w.seen)(y.read(), x.read());
          CHECK(w.wrong([&](auto... i) { return static_cast<T>(x.seen(i...) * y.seen(i...) - x.seen(i...)); }) == 0);
        });
}
TEST_CASE("three axes in every order: float") { check_permutations<float>(); }
TEST_CASE("three axes in every order: double") { check_permutations<double>(); }

template <class T>
void check_in_place() {
  constexpr auto a = ag::matrix<"a", T>;
  constexpr auto b = ag::matrix<"b", T>;
  auto onto = ag::function(ag::inputs(a, b), ag::updates(a = a + 3_c * transpose(b)));
  auto own = ag::function(ag::inputs(a), ag::updates(a = a + 3_c * transpose(a)));
  for (const ptrdiff_t n : {5, 30, 64, 129, 200})
    in_every_way([&] {
      CAPTURE(n);
      laid<T, 2> x({n, n}, rows, 2), y({n, n}, rows, 0, 1), before({n, n}, rows);
      x.fill(1), y.fill(2), before.fill(1);
      onto(x.seen, y.read());
      CHECK(x.wrong([&](auto i, auto j) { return static_cast<T>(before.seen(i, j) + 3 * y.seen(j, i)); }) == 0);
      x.fill(1);
      own(x.seen);
      CHECK(x.wrong([&](auto i, auto j) { return static_cast<T>(before.seen(i, j) + 3 * before.seen(j, i)); }) == 0);
      // Into memory that the transposed operand begins within.
      laid<T, 2> z({2 * n, n}, rows);
      z.fill(1);
      const ag::view<T, 2> upper(z.memory.data(), {n, n}), lower(z.memory.data() + n, {n, n});
      laid<T, 2> was({2 * n, n}, rows);
      was.fill(1);
      onto(upper, lower);
      CHECK(z.wrong([&](auto i, auto j) {
        return i < n ? static_cast<T>(was.seen(i, j) + 3 * was.seen(j + 1, i)) : was.seen(i, j);
      }) == 0);
    });
}
TEST_CASE("a matrix that a transposed one is added to, its own too: float") { check_in_place<float>(); }
TEST_CASE("a matrix that a transposed one is added to, its own too: double") { check_in_place<double>(); }

// Rows worked on in the cache whose result is large: it is written past the caches where its rows are whole cache lines.
template <class T>
void check_tilings() {
  constexpr auto x = ag::matrix<"x", T>;
  constexpr auto least = ag::min(x, ag::axis<1>, ag::keepdims);
  constexpr auto most = ag::max(x, ag::axis<1>, ag::keepdims);
  constexpr auto scaled = (x - least) / (most - least);
  auto f = ag::function(ag::inputs(x), ag::outputs(scaled));
  auto g = ag::function(ag::inputs(x), ag::outputs(scaled, ag::max(scaled, ag::axis<1>)));
  for (const ptrdiff_t n : {255, 256, 300, 512, 1024})
    for (const ptrdiff_t gap : {0, 16, 3})
      for (const ptrdiff_t begin : {0, 1}) {
        CAPTURE(n);
        CAPTURE(gap);
        CAPTURE(begin);
        const ptrdiff_t m = 67;
        laid<T, 2> a({m, n}, rows, 1), y({m, n}, rows, gap, 0, begin);
        a.fill(5);
        std::vector<T> low, high;
        for (ptrdiff_t i = 0; i < m; ++i) {
          low.push_back(a.seen(i, 0)), high.push_back(a.seen(i, 0));
          for (ptrdiff_t j = 0; j < n; ++j) {
            low.back() = a.seen(i, j) < low.back() ? a.seen(i, j) : low.back();
            high.back() = a.seen(i, j) > high.back() ? a.seen(i, j) : high.back();
          }
        }
        const auto right = [&](auto i, auto j) {
          const auto k = static_cast<std::size_t>(i);
          return (a.seen(i, j) - low[k]) / (high[k] - low[k]);
        };
        for (const double bytes_a_thread : {1e30, 4096.}) {
          forced_bounds all(bytes_a_thread, 1);
          agnesi::cpu::bounds.tile_bytes = 32768;
          f.into(y.seen)(a.read());
          CHECK(y.wrong(right) == 0);
          const auto [same, ones] = g(a.read());
          ptrdiff_t bad = 0;
          a.each([&](auto i, auto j) { bad += same(i, j) != right(i, j) || ones(i) != 1; });
          CHECK(bad == 0);
        }
      }
}
TEST_CASE("what a tiling leaves behind: float") { check_tilings<float>(); }
TEST_CASE("what a tiling leaves behind: double") { check_tilings<double>(); }

}  // namespace
