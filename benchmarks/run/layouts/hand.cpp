// SPDX-License-Identifier: BSD-3-Clause
// Plain loops, which the compiler makes packs of; the transposed matrix by blocks.
#include "../support/repeat.hpp"
#include "layouts.hpp"

#include <algorithm>

namespace layouts {

calls by_hand() {
  return {{[](long times, const operands& o) {
             bench::repeat(times, [&] {
               for (ptrdiff_t i = 0; i < o.m; ++i)
#pragma GCC ivdep
                 for (ptrdiff_t j = 0; j < o.m; ++j) o.to[i * o.m + j] = o.a[i * o.m + j] + o.row[j];
             });
           },
           [](long times, const operands& o) {
             bench::repeat(times, [&] {
               for (ptrdiff_t i = 0; i < o.m; ++i) {
                 const float c = o.column[i];
#pragma GCC ivdep
                 for (ptrdiff_t j = 0; j < o.m; ++j) o.to[i * o.m + j] = o.a[i * o.m + j] + c;
               }
             });
           },
           [](long times, const operands& o) {
             constexpr ptrdiff_t block = 16;
             bench::repeat(times, [&] {
               for (ptrdiff_t i0 = 0; i0 < o.m; i0 += block)
                 for (ptrdiff_t j0 = 0; j0 < o.m; j0 += block) {
                   const ptrdiff_t ni = std::min(block, o.m - i0), nj = std::min(block, o.m - j0);
                   float turned[block][block];
                   for (ptrdiff_t j = 0; j < nj; ++j)
                     for (ptrdiff_t i = 0; i < ni; ++i) turned[i][j] = o.b[(j0 + j) * o.m + i0 + i];
                   for (ptrdiff_t i = 0; i < ni; ++i)
#pragma GCC ivdep
                     for (ptrdiff_t j = 0; j < nj; ++j)
                       o.to[(i0 + i) * o.m + j0 + j] = o.a[(i0 + i) * o.m + j0 + j] + turned[i][j];
                 }
             });
           },
           [](long times, const operands& o) {
             const ptrdiff_t n = o.m * o.m / 3;
             bench::repeat(times, [&] {
               // 48 elements at a time: the row as often as it fits, as long as three packs of sixteen.
               float rows[48];
               for (int k = 0; k < 48; ++k) rows[k] = o.row[k % 3];
               ptrdiff_t i = 0;
               for (; i + 48 <= 3 * n; i += 48)
#pragma GCC ivdep
                 for (int k = 0; k < 48; ++k) o.to[i + k] = o.a[i + k] + rows[k];
               for (int k = 0; i + k < 3 * n; ++k) o.to[i + k] = o.a[i + k] + rows[k];
             });
           },
           [](long times, const operands& o) {
             bench::repeat(times, [&] {
               const ptrdiff_t n = o.m * o.m;
#pragma GCC ivdep
               for (ptrdiff_t i = 0; i < n; ++i) o.to[i] = static_cast<float>(o.bytes[i]) * (1.0f / 255);
             });
           },
           [](long times, const operands& o) {
             bench::repeat(times, [&] {
               const ptrdiff_t n = o.m * o.m;
#pragma GCC ivdep
               for (ptrdiff_t i = 0; i < n; ++i) {
                 const float x = o.a[i], y = o.b[i];  // both read, so that the compiler may choose without a jump
                 o.to[i]       = o.bytes[i] > 127 ? x : y;
               }
             });
           },
           [](long times, const operands& o) {
             bench::repeat(times, [&] {
               const ptrdiff_t n = o.m * o.m;
#pragma GCC ivdep
               for (ptrdiff_t i = 0; i < n; ++i) o.to_ints[i] = o.ints[i] * o.ints[i] + o.ints[i];
             });
           }}};
}

}  // namespace layouts
