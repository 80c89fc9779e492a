// SPDX-License-Identifier: BSD-3-Clause
// Rows between memory of any type and stride and a packed buffer of floats or doubles.
//   stage_in(buffer, from, dtype::u8, {stride, n});  stage_out(to, dtype::boolean, buffer, {stride, n});
#pragma once

#include <cstddef>

#include "agnesi/backend/cpu/registers.hpp"
#include "agnesi/backend/cpu/simd.hpp"

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

template <class F>
void stage_in(F* __restrict to, const char* from, dtype memory, pieces p) {
  with_type(memory, [&]<class T>(T) {
    for (std::ptrdiff_t r = 0; r < p.rows; ++r, to += p.n, from += p.row_stride) {
      std::ptrdiff_t i = 0;
      if (p.stride == std::ptrdiff_t{sizeof(T)}) {
        const T* __restrict row = reinterpret_cast<const T*>(from);
        for (; i + 16 <= p.n; i += 16)
          for (int k = 0; k < 16; ++k) to[i + k] = static_cast<F>(row[i + k]);
      }
      for (; i < p.n; ++i) to[i] = static_cast<F>(*reinterpret_cast<const T*>(from + i * p.stride));
    }
  });
}

// Rows that are gathered at once where columns lie one behind the other, as many as a cache line has elements: it is
// read once, however far apart the columns are.
template <class F>
inline constexpr std::ptrdiff_t tile_rows = 64 / std::ptrdiff_t{sizeof(F)};

// Columns far apart are not foreseen by the processor: they are asked for so many before they are read.
inline constexpr std::ptrdiff_t tile_ahead = 32;

/// `rows` rows of n elements, `width` apart in `to`, from columns that are `stride` apart.
template <class F>
void stage_tile(F* __restrict to, std::ptrdiff_t width, const F* from, std::ptrdiff_t stride, std::ptrdiff_t rows, std::ptrdiff_t n) {
  std::ptrdiff_t i = 0;
#ifdef AGNESI_HAS_SHUFFLES
  constexpr std::ptrdiff_t lanes = simd::lanes<F>;
  if constexpr (lanes > 1)
    if (rows == tile_rows<F>)
      for (; i + lanes <= n; i += lanes)
        for (std::ptrdiff_t r = 0; r < rows; r += lanes) {
          simd::pack<F> square[lanes];
          each_slot<lanes>([&](auto k) __attribute__((always_inline)) {
            const F* column = from + (i + k) * stride + r;
            __builtin_prefetch(column + tile_ahead * stride);
            square[k] = simd::load<F>(column);
          });
          simd::transpose<F>(square);
          each_slot<lanes>([&](auto k) __attribute__((always_inline)) { simd::store<F>(to + (r + k) * width + i, square[k]); });
        }
#endif
  for (; i < n; ++i)
    for (std::ptrdiff_t r = 0; r < rows; ++r) to[r * width + i] = from[i * stride + r];
}

template <class F>
void stage_index(F* to, std::ptrdiff_t first, pieces p) {
  for (std::ptrdiff_t r = 0; r < p.rows; ++r, to += p.n, first += p.row_stride)
    for (std::ptrdiff_t i = 0; i < p.n; ++i) to[i] = static_cast<F>(first + i * p.stride);
}

template <class F>
void stage_out(char* to, dtype memory, const F* __restrict from, pieces p) {
  with_type(memory, [&]<class T>(T) {
    for (std::ptrdiff_t r = 0; r < p.rows; ++r, to += p.row_stride, from += p.n) {
      std::ptrdiff_t i = 0;
      if (p.stride == std::ptrdiff_t{sizeof(T)}) {
        T* __restrict row = reinterpret_cast<T*>(to);
        for (; i + 16 <= p.n; i += 16)
          for (int k = 0; k < 16; ++k) row[i + k] = converted_to<T>(from[i + k]);
      }
      for (; i < p.n; ++i) *reinterpret_cast<T*>(to + i * p.stride) = converted_to<T>(from[i]);
    }
  });
}

/// Results of a reduction: written, or combined with what is there.
template <class F>
void stage_total(char* to, dtype memory, std::ptrdiff_t stride, const F* from, std::ptrdiff_t n, combine how,
                 bool onto) {
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
