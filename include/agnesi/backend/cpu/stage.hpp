// SPDX-License-Identifier: BSD-3-Clause
// Rows between memory of any type and stride and a packed buffer of floats or doubles.
//   stage_in(buffer, from, dtype::u8, stride, n);  stage_out(to, dtype::boolean, stride, buffer, n);
#pragma once

#include <cstddef>

#include "agnesi/backend/cpu/registers.hpp"

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

template <class To, class From>
constexpr To converted_to(From x) {
  if constexpr (std::is_same_v<To, bool>) return x != From(0);
  else return static_cast<To>(x);
}

template <class F>
void stage_in(F* __restrict to, const char* from, dtype memory, std::ptrdiff_t stride, std::ptrdiff_t n) {
  with_type(memory, [&]<class T>(T) {
    std::ptrdiff_t i = 0;
    if (stride == std::ptrdiff_t{sizeof(T)}) {
      const T* __restrict p = reinterpret_cast<const T*>(from);
      for (; i + 16 <= n; i += 16)
        for (int k = 0; k < 16; ++k) to[i + k] = static_cast<F>(p[i + k]);
    }
    for (; i < n; ++i) to[i] = static_cast<F>(*reinterpret_cast<const T*>(from + i * stride));
  });
}

template <class F>
void stage_index(F* to, std::ptrdiff_t first, std::ptrdiff_t stride, std::ptrdiff_t n) {
  for (std::ptrdiff_t i = 0; i < n; ++i) to[i] = static_cast<F>(first + i * stride);
}

template <class F>
void stage_out(char* to, dtype memory, std::ptrdiff_t stride, const F* __restrict from, std::ptrdiff_t n) {
  with_type(memory, [&]<class T>(T) {
    std::ptrdiff_t i = 0;
    if (stride == std::ptrdiff_t{sizeof(T)}) {
      T* __restrict p = reinterpret_cast<T*>(to);
      for (; i + 16 <= n; i += 16)
        for (int k = 0; k < 16; ++k) p[i + k] = converted_to<T>(from[i + k]);
    }
    for (; i < n; ++i) *reinterpret_cast<T*>(to + i * stride) = converted_to<T>(from[i]);
  });
}

/// Results of a reduction: written, or combined with what is there.
template <class F>
void stage_total(char* to, dtype memory, std::ptrdiff_t stride, const F* from, std::ptrdiff_t n, combine how, bool onto) {
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

}  // namespace agnesi::loop
