// SPDX-License-Identifier: BSD-3-Clause
// Rows between memory of any stride and a packed buffer.
//   stage_in(buffer, from, size_of(dtype::u8), {stride, n});  stage_out(to, buffer, size_of(dtype::f64), {stride, n});
#pragma once

#include <cstddef>
#include <cstring>

#include "agnesi/backend/cpu/registers.hpp"
#include "agnesi/backend/cpu/simd.hpp"
#include "agnesi/core/each_constant.hpp"

namespace agnesi::loop {

/// Calls f with a value of the type that t names.
template <class Function>
[[gnu::always_inline]] inline void with_type(dtype t, Function f) {
  switch (t) {
    case dtype::boolean: return f(bool{});
    case dtype::u8: return f(std::uint8_t{});
    case dtype::i32: return f(std::int32_t{});
    case dtype::i64: return f(std::int64_t{});
    case dtype::f32: return f(float{});
    default: return f(double{});
  }
}

// Rows of n elements, one behind the other in the buffer.
struct pieces {
  std::ptrdiff_t stride, n;  // in bytes; elements
  std::ptrdiff_t row_stride = 0, rows = 1;
};

// f with how many bytes an element has, as a constant.
template <class Function>
[[gnu::always_inline]] inline void with_size(std::ptrdiff_t bytes, Function f) {
  if (bytes == 4) f(std::integral_constant<std::ptrdiff_t, 4>{});
  else if (bytes == 8) f(std::integral_constant<std::ptrdiff_t, 8>{});
  else f(std::integral_constant<std::ptrdiff_t, 1>{});
}

inline void stage_in(char* __restrict to, const char* __restrict from, std::ptrdiff_t bytes, pieces p) {
  with_size(bytes, [&](auto size) {
    for (std::ptrdiff_t r = 0; r < p.rows; ++r, from += p.row_stride) {
      std::ptrdiff_t i = 0;
      if (p.stride == size)
        for (; i + 16 <= p.n; i += 16, to += 16 * size) std::memcpy(to, from + i * size, 16 * size);
      for (; i < p.n; ++i, to += size) std::memcpy(to, from + i * p.stride, size);
    }
  });
}
inline void stage_out(char* __restrict to, const char* __restrict from, std::ptrdiff_t bytes, pieces p) {
  with_size(bytes, [&](auto size) {
    for (std::ptrdiff_t r = 0; r < p.rows; ++r, to += p.row_stride) {
      std::ptrdiff_t i = 0;
      if (p.stride == size)
        for (; i + 16 <= p.n; i += 16, from += 16 * size) std::memcpy(to + i * size, from, 16 * size);
      for (; i < p.n; ++i, from += size) std::memcpy(to + i * p.stride, from, size);
    }
  });
}

// Rows that are gathered at once where columns lie one behind the other, as many as a cache line has elements: it is
// read once, however far apart the columns are.
template <class F>
inline constexpr std::ptrdiff_t tile_rows = 64 / std::ptrdiff_t{sizeof(F)};

// Columns far apart are not foreseen by the processor: they are asked for so many before they are read.
inline constexpr std::ptrdiff_t tile_ahead = 32;

#ifdef AGNESI_HAS_SHUFFLES
// As many rows as a pack has elements, and as many columns. Where there are fewer of them, what is beyond is anything.
template <class F>
void stage_square(F* __restrict to, std::ptrdiff_t width, const F* from, std::ptrdiff_t stride, std::ptrdiff_t rows, std::ptrdiff_t n) {
  constexpr std::ptrdiff_t lanes = simd::lanes<F>;
  simd::pack<F> square[lanes];
  if (rows >= lanes && n >= lanes)
    each_constant<lanes>([&](auto k) __attribute__((always_inline)) { square[k] = simd::load<F>(from + k * stride); });
  else
    each_constant<lanes>([&](auto k) __attribute__((always_inline)) {
      const F* const column = from + (k < n ? k : n - 1) * stride;
      square[k] = rows < lanes ? simd::load_first<F>(column, rows) : simd::load<F>(column);
    });
  simd::transpose<F>(square);
  each_constant<lanes>([&](auto k) __attribute__((always_inline)) { simd::store<F>(to + k * width, square[k]); });
}
#endif

/// `rows` rows of n elements, `width` apart in `to`, from columns that are `stride` apart; those `ahead` of them are asked for. There is
/// room for whole packs, and for as many rows.
template <class F>
void stage_tile(F* __restrict to, std::ptrdiff_t width, const F* from, std::ptrdiff_t stride, std::ptrdiff_t rows, std::ptrdiff_t n,
                [[maybe_unused]] std::ptrdiff_t ahead = 0) {
#ifdef AGNESI_HAS_SHUFFLES
  constexpr std::ptrdiff_t lanes = simd::lanes<F>;
  if constexpr (lanes > 1) {
    // The last rows' squares begin earlier, and do some of it again; columns are not stored in pieces, which loads would wait for.
    const std::ptrdiff_t last = rows > lanes ? rows - lanes : 0;
    for (std::ptrdiff_t i = 0; i < n; i += lanes)
      for (std::ptrdiff_t r = 0; r < rows; r += lanes) {
        const std::ptrdiff_t row = r < last ? r : last;
        const F* const first = from + i * stride + row;
        if (ahead > 0)
          for (std::ptrdiff_t k = 0; k < lanes; ++k) __builtin_prefetch(first + (k + ahead) * stride);
        stage_square(to + row * width + i, width, first, stride, rows, n - i);
      }
    return;
  }
#endif
  for (std::ptrdiff_t i = 0; i < n; ++i)
    for (std::ptrdiff_t r = 0; r < rows; ++r) to[r * width + i] = from[i * stride + r];
}

template <class F>
void stage_index(F* to, std::ptrdiff_t first, pieces p) {
  for (std::ptrdiff_t r = 0; r < p.rows; ++r, to += p.n, first += p.row_stride)
    for (std::ptrdiff_t i = 0; i < p.n; ++i) to[i] = static_cast<F>(first + i * p.stride);
}

/// Results of a reduction: written, or combined with what is there.
template <class F>
[[gnu::noinline]] void stage_total(char* to, dtype memory, std::ptrdiff_t stride, const F* from, std::ptrdiff_t n, combine how,
                 bool onto) {
  if (!onto && memory == dtype_of<F> && stride == std::ptrdiff_t{sizeof(F)})
    return static_cast<void>(std::memcpy(to, from, static_cast<std::size_t>(n) * sizeof(F)));
  with_type(memory, [&]<class T>(T) {
    for (std::ptrdiff_t i = 0; i < n; ++i) {
      T& there = *reinterpret_cast<T*>(to + i * stride);
      const T x = converted_to<T>(from[i]);
      there = onto ? combined(how, there, x) : x;
    }
  });
}

/// The results of reductions over nothing, or what they begin with.
inline void fill_identity(const loop_space& space, const loop_operand& out, dtype memory, combine how, unsigned reduced,
                          int axis = 0, std::ptrdiff_t offset = 0) {
  if (axis < space.rank) {
    const std::ptrdiff_t extent = (reduced >> axis & 1u) != 0 ? 1 : space.extents[axis];
    for (std::ptrdiff_t i = 0; i < extent; ++i)
      fill_identity(space, out, memory, how, reduced, axis + 1, offset + i * out.strides[axis]);
    return;
  }
  with_type(memory, [&]<class T>(T) { static_cast<T*>(out.data)[offset] = identity_of<T>(how); });
}

/// What one part of a reduction came to, onto what the others did.
inline void combine_into(const loop_space& space, const loop_operand& out, const loop_operand& in, dtype memory, combine how,
                         unsigned reduced, int axis = 0, std::ptrdiff_t to = 0, std::ptrdiff_t from = 0) {
  if (axis < space.rank) {
    const std::ptrdiff_t extent = (reduced >> axis & 1u) != 0 ? 1 : space.extents[axis];
    for (std::ptrdiff_t i = 0; i < extent; ++i)
      combine_into(space, out, in, memory, how, reduced, axis + 1, to + i * out.strides[axis], from + i * in.strides[axis]);
    return;
  }
  with_type(memory, [&]<class T>(T) {
    T& there = static_cast<T*>(out.data)[to];
    there = combined(how, there, static_cast<const T*>(in.data)[from]);
  });
}

}  // namespace agnesi::loop
