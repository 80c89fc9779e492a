// SPDX-License-Identifier: BSD-3-Clause
// Rows of less than a pack are done as longer ones, beside which what is the same for every row is repeated as often as it fits, and
// what is one number for each is spread.
//   const auto together = rows_in_one(rows, 3, 16);   // 16, 32 or 64: whole packs
//   repeat_elements(buffer, row, sizeof(float), 3, together * 3);
#pragma once

#include <cstddef>

namespace agnesi::loop {

// Of so many elements there are a few rounds of packs, beside which it does not count that another row begins.
inline constexpr std::ptrdiff_t long_enough = 192, most_repeated = 224;
inline constexpr std::ptrdiff_t shorter_than = 16;
inline constexpr std::size_t repeated_space = (most_repeated + 2 * shorter_than) * 8;  // with a pack more, and what is written beyond

// Of how many short rows of n elements a longer one is made, of whole packs; 1 where there is nothing to be gained.
constexpr std::ptrdiff_t rows_in_one(std::ptrdiff_t rows, std::ptrdiff_t n, std::ptrdiff_t lanes) {
  if (n >= lanes || n >= shorter_than || n <= 0 || rows <= 1) return 1;
  std::ptrdiff_t together = lanes;
  for (std::ptrdiff_t even = n; together > 1 && even % 2 == 0; even /= 2) together /= 2;
  while (together * n * 2 <= long_enough && together * 4 <= rows) together *= 2;
  return together * n <= most_repeated ? together : 1;
}

// Fills memory with n < 16 elements, so many bytes apart, again and again, and up to 16 elements beyond its end with anything.
template <class M>
[[gnu::noinline]] void repeat_elements(M* to, const char* from, std::ptrdiff_t stride, std::ptrdiff_t n, std::ptrdiff_t count) {
  for (std::ptrdiff_t i = 0, k = 0; i < shorter_than; ++i) {
    __builtin_memcpy(to + i, from + k * stride, sizeof(M));
    k = k + 1 == n ? 0 : k + 1;
  }
  const std::ptrdiff_t whole = shorter_than / n * n;
  M copy[shorter_than];
  __builtin_memcpy(copy, to, sizeof copy);
  for (std::ptrdiff_t at = whole; at < count; at += whole) __builtin_memcpy(to + at, copy, sizeof copy);
}

namespace detail {

template <int Chunk, class M>
[[gnu::always_inline]] inline void spread_chunks(M* to, const char* from, std::ptrdiff_t stride, std::ptrdiff_t n, std::ptrdiff_t rows) {
  for (; rows > 0; --rows, from += stride, to += n) {
    M x, chunk[Chunk];
    __builtin_memcpy(&x, from, sizeof x);
    for (M& c : chunk) c = x;
    __builtin_memcpy(to, chunk, sizeof chunk);
  }
}

}  // namespace detail

// Elements so many bytes apart, n < 16 times each, and up to 16 elements beyond their end anything.
template <class M>
[[gnu::noinline]] void spread_elements(M* to, const char* from, std::ptrdiff_t stride, std::ptrdiff_t n, std::ptrdiff_t rows) {
  if (n <= 4) detail::spread_chunks<4>(to, from, stride, n, rows);
  else detail::spread_chunks<shorter_than>(to, from, stride, n, rows);
}

}  // namespace agnesi::loop
