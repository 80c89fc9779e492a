// SPDX-License-Identifier: BSD-3-Clause

// Every product against loops in long double: every layout of every operand, sizes around the edges of the
// kernels' tiles.

#include <agnesi/backend/blas/blas.hpp>
#include <agnesi/backend/blas/core_type.hpp>
#include <agnesi/backend/blas/small_gemm.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <stdexcept>
#include <string_view>
#include <type_traits>
#include <vector>

namespace {

namespace blas = agnesi::blas;
using blas::matrix_ref;
using blas::vector_ref;
using std::ptrdiff_t;

// Where a matrix lies. Up to `both_reversed` no element lies on another, so that the matrix may be written.
enum class layout {
  rows,
  columns,
  padded_rows,
  padded_columns,
  scattered,
  rows_reversed,
  both_reversed,
  one_row_repeated,
  one_column_repeated,
  one_element,
  windows
};
constexpr int written_layouts = 7, all_layouts = 11;

int random_below(int n) {
  static unsigned state = 1;
  state                 = state * 1664525u + 1013904223u;
  return static_cast<int>((state >> 8) % static_cast<unsigned>(n));
}
layout any(int count) { return static_cast<layout>(random_below(count)); }

constexpr int unwritten = 77; // lies around a matrix, and must lie there afterwards

/// A matrix of random numbers that owns its memory.
template <class T> class matrix {
public:
  matrix(layout where, ptrdiff_t r, ptrdiff_t c) : rows(r), cols(c), row_stride(c), col_stride(1) {
    switch (where) {
    case layout::rows:
      break;
    case layout::columns:
      row_stride = 1, col_stride = r;
      break;
    case layout::padded_rows:
      row_stride = c + 3;
      break;
    case layout::padded_columns:
      row_stride = 1, col_stride = r + 5;
      break;
    case layout::scattered:
      row_stride = 3 * c + 1, col_stride = 3;
      break;
    case layout::rows_reversed:
      row_stride = -(c + 1);
      break;
    case layout::both_reversed:
      row_stride = -2 * c, col_stride = -2;
      break;
    case layout::one_row_repeated:
      row_stride = 0;
      break;
    case layout::one_column_repeated:
      row_stride = 1, col_stride = 0;
      break;
    case layout::one_element:
      row_stride = 0, col_stride = 0;
      break;
    case layout::windows:
      row_stride = 1, col_stride = 1;
      break;
    }
    ptrdiff_t after = 3;
    for (const ptrdiff_t distance : {row_stride * (r > 0 ? r - 1 : 0), col_stride * (c > 0 ? c - 1 : 0)})
      (distance < 0 ? start : after) += std::abs(distance);
    storage.assign(static_cast<std::size_t>(start + after), T(unwritten));
    each([](T& x) {
      x = std::is_integral_v<T> ? T(random_below(2001) - 1000) : T(random_below(2001) - 1000) / T(512);
    });
  }

  matrix_ref<T> view() { return {storage.data() + start, rows, cols, row_stride, col_stride}; }
  matrix_ref<const T> view() const { return {storage.data() + start, rows, cols, row_stride, col_stride}; }

  template <class F> void each(F f) {
    for (ptrdiff_t i = 0; i < rows; ++i)
      for (ptrdiff_t j = 0; j < cols; ++j) f(view()(i, j));
  }

  bool untouched_around() const {
    matrix copy = *this;
    copy.each([](T& x) { x = T(unwritten); });
    for (const T& x : copy.storage)
      if (x != T(unwritten)) return false;
    return true;
  }

private:
  ptrdiff_t rows, cols, row_stride, col_stride, start = 2;
  std::vector<T> storage;
};

/// Runs `call` on `c` and compares every element with loops, and the memory around c with what it was.
template <class T, class Call>
void check(T alpha, const matrix_ref<const T>& a, const matrix_ref<const T>& b, T beta, matrix<T>& c,
           Call call) {
  using real             = long double;
  const matrix<T> before = c;
  if (beta == T(0) && std::is_floating_point_v<T>)
    c.each([](T& x) { x = std::numeric_limits<T>::quiet_NaN(); });
  const matrix_ref<T> result = c.view();
  call(alpha, a, b, beta, result);
  bool close = true;
  for (ptrdiff_t i = 0; i < result.rows; ++i)
    for (ptrdiff_t j = 0; j < result.cols; ++j) {
      real sum = 0, size = 0;
      for (ptrdiff_t k = 0; k < a.cols; ++k) {
        const real product = static_cast<real>(a(i, k)) * static_cast<real>(b(k, j));
        sum += product, size += std::abs(product);
      }
      const real kept   = beta == T(0) ? 0 : static_cast<real>(beta) * static_cast<real>(before.view()(i, j));
      const real wanted = static_cast<real>(alpha) * sum + kept;
      // Each product and each sum is rounded once: the usual bound, whatever the order of the sums.
      const real unit = std::is_integral_v<T> ? 0 : static_cast<real>(std::numeric_limits<T>::epsilon());
      const real bound =
          static_cast<real>(a.cols + 3) * unit * (std::abs(static_cast<real>(alpha)) * size + std::abs(kept));
      close = close && std::abs(static_cast<real>(result(i, j)) - wanted) <= bound;
    }
  INFO(result.rows, " x ", result.cols, " x ", a.cols, ", strides of a ", a.row_stride, " ", a.col_stride,
       ", b ", b.row_stride, " ", b.col_stride, ", c ", result.row_stride, " ", result.col_stride, ", alpha ",
       alpha, ", beta ", beta);
  CHECK(close);
  CHECK(c.untouched_around());
}

template <class T, class Call>
void check_layouts(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, layout la, layout lb, layout lc, Call call) {
  const matrix<T> a(la, m, k), b(lb, k, n);
  const T factors[][2] = {{T(1), T(0)}, {T(1), T(1)}, {T(-2), T(3)}, {T(0), T(2)}};
  for (const auto& [alpha, beta] : factors) {
    matrix<T> c(lc, m, n);
    check<T>(alpha, a.view(), b.view(), beta, c, call);
  }
}

const auto gemm = [](auto... arguments) { blas::gemm(arguments...); };
const auto gemv = [](auto alpha, auto a, auto x, auto beta, auto y) {
  blas::gemv(alpha, a, x.col(0), beta, y.col(0));
};
const auto ger = [](auto alpha, auto x, auto y, auto beta, auto a) {
  blas::ger(alpha, x.col(0), y.row(0), beta, a);
};

} // namespace

TEST_CASE_TEMPLATE("gemm takes every layout of every operand", T, float, double, std::int32_t, std::int64_t) {
  for (int a = 0; a < all_layouts; ++a)
    for (int b = 0; b < all_layouts; ++b)
      for (int c = 0; c < written_layouts; ++c) {
        const auto la = static_cast<layout>(a), lb = static_cast<layout>(b), lc = static_cast<layout>(c);
        check_layouts<T>(2, 3, 5, la, lb, lc, gemm);
        check_layouts<T>(9, 19, 6, la, lb, lc, gemm);
      }
}

TEST_CASE_TEMPLATE("gemm takes every size around the edges of a tile, and empty ones", T, float, double,
                   std::int32_t) {
  for (ptrdiff_t m = 0; m <= 18; ++m)
    for (ptrdiff_t n = 0; n <= 35; ++n)
      for (ptrdiff_t k : {0, 1, 2, 7})
        check_layouts<T>(m, n, k, any(all_layouts), any(all_layouts), any(written_layouts), gemm);
}

TEST_CASE_TEMPLATE("gemm is right where it goes to a BLAS or to the blocked kernel", T, float, double,
                   std::int32_t) {
  const ptrdiff_t sizes[][3] = {{33, 41, 150}, {1, 300, 200}, {300, 1, 200}, {170, 190, 1},
                                {2, 500, 300}, {500, 2, 300}, {64, 64, 64}};
  for (const auto& s : sizes)
    for (int i = 0; i < 6; ++i)
      check_layouts<T>(s[0], s[1], s[2], any(all_layouts), any(all_layouts), any(written_layouts), gemm);
  check_layouts<T>(161, 173, 259, layout::padded_rows, layout::columns, layout::rows, gemm);
}

TEST_CASE_TEMPLATE("each kernel is right at any size, also where gemm would not choose it", T, float,
                   double) {
  const ptrdiff_t sizes[][3] = {{2, 2, 1},     {5, 3, 4},     {8, 32, 16}, {31, 67, 9},
                                {23, 50, 300}, {540, 40, 20}, {9, 2100, 5}};
  for (const auto& s : sizes)
    for (int i = 0; i < 12; ++i) {
      const layout a = any(all_layouts), b = any(all_layouts), c = any(written_layouts);
      check_layouts<T>(s[0], s[1], s[2], a, b, c,
                       [](auto... arguments) { blas::detail::gemm_direct<T>(arguments...); });
      check_layouts<T>(s[0], s[1], s[2], a, b, c,
                       [](auto... arguments) { blas::detail::gemm_blocked<T>(arguments...); });
      check_layouts<T>(s[0], s[1], s[2], a, b, c,
                       [](auto... arguments) { blas::cblas::gemm<T>(arguments...); });
      const auto own = [](T alpha, auto... arguments) {
        if (alpha != T(0)) blas::internal::gemm<T>(alpha, arguments...);
        else blas::gemm<T>(alpha, arguments...);
      };
      check_layouts<T>(s[0], s[1], s[2], a, b, c, own);
    }
}

TEST_CASE_TEMPLATE("a narrow result of long rows is right, however the rows lie", T, float, double, std::int32_t) {
  const auto internal = [](T alpha, auto a, auto b, T beta, auto c) {
    if (alpha != T(0)) blas::internal::gemm<T>(alpha, a, b, beta, c);
    else blas::gemm<T>(alpha, a, b, beta, c);
  };
  const ptrdiff_t sizes[][3] = {{2, 2, 32}, {4, 4, 33}, {3, 5, 47}, {16, 70, 64}, {70, 16, 65}, {2, 33, 600}, {33, 2, 512}, {40, 3, 513}, {17, 2, 9}};
  for (const auto& s : sizes)
    for (const layout a : {layout::padded_rows, layout::rows_reversed, layout::padded_columns, layout::one_row_repeated, layout::windows})
      for (const layout b : {layout::padded_rows, layout::padded_columns, layout::scattered, layout::one_column_repeated})
        check_layouts<T>(s[0], s[1], s[2], a, b, any(written_layouts), internal);
}

TEST_CASE_TEMPLATE("an infinity at the end of a row is counted once", T, float, double) {
  for (const ptrdiff_t k : {32, 33, 39, 40, 47}) {
    std::vector<T> a(static_cast<std::size_t>(3 * k), T(0)), b(static_cast<std::size_t>(3 * k), T(1)), c(9);
    for (ptrdiff_t at = 0; at < k; ++at) {
      a[static_cast<std::size_t>(k + at)] = std::numeric_limits<T>::infinity();
      blas::internal::gemm<T>(T(1), {a.data(), 3, k, k, 1}, {b.data(), k, 3, 1, k}, T(0), {c.data(), 3, 3, 3, 1});
      a[static_cast<std::size_t>(k + at)] = T(0);
      CHECK(c[0] == T(0));
      CHECK(c[4] == std::numeric_limits<T>::infinity());
    }
  }
}

TEST_CASE_TEMPLATE("gemv takes any strides of the matrix and of both vectors", T, float, double,
                   std::int32_t) {
  const ptrdiff_t sizes[][2] = {{0, 3},   {3, 0},   {1, 1},    {1, 40},    {40, 1},  {5, 7},
                                {18, 67}, {130, 3}, {3, 1200}, {1100, 18}, {90, 110}, {2, 700}, {700, 2}, {67, 33}};
  for (const auto& s : sizes)
    for (int i = 0; i < 30; ++i)
      check_layouts<T>(s[0], 1, s[1], any(all_layouts), any(all_layouts), any(written_layouts), gemv);
  for (ptrdiff_t m = 1; m <= 40; ++m)
    for (ptrdiff_t k : {1, 2, 3, 4, 5, 17})
      for (const layout a : {layout::padded_rows, layout::padded_columns})
        check_layouts<T>(m, 1, k, a, layout::rows, layout::rows, gemv);
}

TEST_CASE_TEMPLATE("ger takes any strides of the matrix and of both vectors", T, float, double,
                   std::int32_t) {
  const ptrdiff_t sizes[][2] = {{0, 3}, {3, 0},   {1, 1},    {1, 40},    {40, 1},
                                {5, 7}, {18, 67}, {3, 1200}, {1100, 18}, {90, 110}};
  for (const auto& s : sizes)
    for (int i = 0; i < 30; ++i)
      check_layouts<T>(s[0], s[1], 1, any(all_layouts), any(all_layouts), any(written_layouts), ger);
}

TEST_CASE_TEMPLATE("dot takes any strides of both vectors", T, float, double, std::int32_t) {
  const auto dot = [](T, auto a, auto b, T, auto c) { c(0, 0) = blas::dot(a.row(0), b.col(0)); };
  for (ptrdiff_t size : {0, 1, 2, 3, 15, 16, 17, 63, 64, 65, 600, 9001})
    for (const layout a : {layout::rows, layout::scattered, layout::both_reversed, layout::one_element})
      for (const layout b :
           {layout::columns, layout::rows_reversed, layout::scattered, layout::one_element}) {
        const matrix<T> x(a, 1, size), y(b, size, 1);
        matrix<T> c(layout::rows, 1, 1);
        check<T>(T(1), x.view(), y.view(), T(0), c, dot);
      }
}

namespace {

template <class T, int M, int N, int K, bool TransA, bool TransB> void check_small() {
  const auto order = [](bool transposed) {
    return transposed ? layout::padded_columns : layout::padded_rows;
  };
  check_layouts<T>(M, N, K, order(TransA), order(TransB), layout::padded_rows,
                   [](T alpha, auto a, auto b, T beta, auto c) {
                     blas::small_gemm<T, M, N, K, TransA, TransB>(
                         alpha, a.data, TransA ? a.col_stride : a.row_stride, b.data,
                         TransB ? b.col_stride : b.row_stride, beta, c.data, c.row_stride);
                   });
  const auto dense = [](bool transposed) { return transposed ? layout::columns : layout::rows; };
  check_layouts<T>(M, N, K, dense(TransA), dense(TransB), layout::rows,
                   [](T alpha, auto a, auto b, T beta, auto c) {
                     blas::small_gemm<T, M, N, K, TransA, TransB>(alpha, a.data, b.data, beta, c.data);
                   });
}

template <class T, int M, int N, int K> void check_small() {
  check_small<T, M, N, K, false, false>();
  check_small<T, M, N, K, false, true>();
  check_small<T, M, N, K, true, false>();
  check_small<T, M, N, K, true, true>();
}

} // namespace

TEST_CASE("small_gemm is right for static shapes, transposed or not, and writes nothing but its result") {
  check_small<double, 1, 1, 1>();
  check_small<double, 3, 3, 3>();
  check_small<double, 4, 1, 4>();
  check_small<double, 1, 7, 5>();
  check_small<double, 13, 9, 16>();
  check_small<float, 2, 2, 2>();
  check_small<float, 5, 12, 3>();
  check_small<float, 16, 16, 16>();
  check_small<std::int32_t, 3, 5, 4>();
}

TEST_CASE("products of integers wrap, as NumPy's do") {
  const std::int32_t big  = std::numeric_limits<std::int32_t>::max();
  const std::int32_t a[4] = {big, big, big, big}, b[4] = {2, 2, 2, 2};
  std::int32_t c[4];
  blas::gemm(1, {a, 2, 2, 2, 1}, {b, 2, 2, 2, 1}, 0, matrix_ref<std::int32_t>{c, 2, 2, 2, 1});
  CHECK(c[0] == -4); // 4 * (2^31 - 1) modulo 2^32
  CHECK(blas::dot(vector_ref<const std::int32_t>{a, 4}, vector_ref<const std::int32_t>{b, 4}) == -8);
}

TEST_CASE("an alpha of zero leaves the operands unread") {
  const double nan  = std::numeric_limits<double>::quiet_NaN();
  const double a[4] = {nan, nan, nan, nan};
  double c[4]       = {1, 2, 3, 4};
  blas::gemm(0, {a, 2, 2, 2, 1}, {a, 2, 2, 2, 1}, 2, matrix_ref<double>{c, 2, 2, 2, 1});
  CHECK(c[3] == 8);
}

TEST_CASE("core_name says whose kernels run") {
  const std::string_view name = blas::core_name();
  CHECK((name == "internal") == !blas::has_blas<double>);
}

TEST_CASE("kernels of an older core are told from those that a processor deserves") {
  using blas::simd_level;
  static_assert(blas::level_of_core("Haswell") == simd_level::avx2 && blas::level_of_core("Cooperlake") == simd_level::avx512);
  static_assert(blas::level_of_core("Prescott") == simd_level::sse && blas::level_of_core("internal") == simd_level::unknown);
  CHECK(blas::advice("SkylakeX", simd_level::avx512) == "");
  CHECK(blas::advice("Haswell", simd_level::avx2) == "");
  CHECK(blas::advice("unknown", simd_level::avx512) == "");
  CHECK(blas::advice("NeoverseN1", simd_level::unknown) == "");
  const std::string said = blas::advice("Nehalem", simd_level::avx512);
  CHECK(said.find("use SSE where this processor has AVX-512") != std::string::npos);
  CHECK(said.find("OPENBLAS_CORETYPE") != std::string::npos);
}

#ifdef AGNESI_USE_BLAS
TEST_CASE("an extent or a stride beyond the integers of BLAS is refused, not wrapped") {
  const ptrdiff_t huge = 3'000'000'000;
  double x[4]          = {};
  const auto message   = "agnesi: an extent or stride of 3000000000 does not fit the 32-bit integers of the "
                         "BLAS interface; split the product";
  CHECK_THROWS_WITH_AS(
      blas::gemm(1, {x, huge, 2, 2, 1}, {x, 2, 2, 2, 1}, 1, matrix_ref<double>{x, huge, 2, 2, 1}), message,
      std::length_error);
  CHECK_THROWS_AS(
      blas::gemm(1, {x, 2, huge, huge, 1}, {x, huge, 2, 2, 1}, 1, matrix_ref<double>{x, 2, 2, 2, 1}),
      std::length_error);
  CHECK_THROWS_AS(blas::cblas::gemm<double>(1, {x, 2, 2, huge, 1}, {x, 2, 2, 2, 1}, 1, {x, 2, 2, 2, 1}),
                  std::length_error);
  CHECK_THROWS_AS(blas::gemv(1, {x, huge, 2, 2, 1}, {x, 2, 1}, 0, vector_ref<double>{x, huge, 1}),
                  std::length_error);
  CHECK_THROWS_AS(blas::ger(1, {x, huge, 1}, {x, 2, 1}, 1, matrix_ref<double>{x, huge, 2, 2, 1}),
                  std::length_error);
  CHECK_THROWS_AS(blas::dot(vector_ref<double>{x, huge, 1}, {x, huge, 1}), std::length_error);
}
#endif
