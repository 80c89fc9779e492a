// SPDX-License-Identifier: BSD-3-Clause
// The steps that look elements up or add to them by index, and those that copy.
//   take<float>(out, x, ids, axis);   // out[..., k, ...] = x[..., ids[k], ...]
#pragma once

#include <algorithm>

#include "agnesi/backend/cpu/place.hpp"

namespace agnesi::cpu {

// A vector of integers of any type, or 0, 1, 2, ... where it has no memory.
struct index_vector {
  const void* data = nullptr;
  std::ptrdiff_t stride = 0;
  dtype type = dtype::none;

  std::int64_t operator[](std::ptrdiff_t k) const {
    switch (type) {
      case dtype::none: return k;
      case dtype::i32: return static_cast<const std::int32_t*>(data)[k * stride];
      case dtype::i64: return static_cast<const std::int64_t*>(data)[k * stride];
      default: return static_cast<const std::uint8_t*>(data)[k * stride];
    }
  }
};

[[noreturn, gnu::cold]] inline void throw_index(std::int64_t index, std::ptrdiff_t extent, int axis) {
  throw index_error(text() << "agnesi: index " << index << " is out of range for axis " << axis << ", whose extent is " << extent);
}
inline void check_indices(const index_vector& ids, std::ptrdiff_t n, std::ptrdiff_t extent, int axis) {
  if (ids.type == dtype::none) {
    if (n > extent) throw_index(extent, extent, axis);
    return;
  }
  for (std::ptrdiff_t k = 0; k < n; ++k)
    if (ids[k] < -extent || ids[k] >= extent) throw_index(ids[k], extent, axis);
}
inline std::ptrdiff_t wrapped(std::int64_t index, std::ptrdiff_t extent) {
  return static_cast<std::ptrdiff_t>(index < 0 ? index + extent : index);
}

// out[..., k, ...] = x[..., ids[k], ...], or with Add: x[..., ids[k], ...] += out[..., k, ...].
template <class T, bool Add>
void move_along(const seen& values, const seen& x, const index_vector& ids, int axis) {
  std::ptrdiff_t extents[max_rank]{}, value_strides[max_rank]{}, x_strides[max_rank]{};
  int rank = 0;
  for (int k = 0; k < values.rank; ++k) {
    if (k == axis) continue;
    extents[rank] = values.extents[k];
    value_strides[rank] = values.strides[k];
    x_strides[rank++] = x.strides[k];
  }
  for (std::ptrdiff_t k = 0; k < values.extents[axis]; ++k) {
    T* v = static_cast<T*>(values.data) + k * values.strides[axis];
    T* e = static_cast<T*>(x.data) + wrapped(ids[k], x.extents[axis]) * x.strides[axis];
    for_each_index<2>(rank, extents, {value_strides, x_strides}, [&](const std::ptrdiff_t* at) {
      if constexpr (Add) e[at[1]] = static_cast<T>(e[at[1]] + v[at[0]]);
      else v[at[0]] = e[at[1]];
    });
  }
}

// values[k, ...] = x[i[k], j[k], ...], or with Add the other way round, added.
template <class T, bool Add>
void move_pairs(const seen& values, const seen& x, const index_vector& i, const index_vector& j) {
  for (std::ptrdiff_t k = 0; k < values.extents[0]; ++k) {
    T* v = static_cast<T*>(values.data) + k * values.strides[0];
    T* e = static_cast<T*>(x.data) + wrapped(i[k], x.extents[0]) * x.strides[0] + wrapped(j[k], x.extents[1]) * x.strides[1];
    for_each_index<2>(values.rank - 1, values.extents + 1, {values.strides + 1, x.strides + 2},
                      [&](const std::ptrdiff_t* at) {
                        if constexpr (Add) e[at[1]] = static_cast<T>(e[at[1]] + v[at[0]]);
                        else v[at[0]] = e[at[1]];
                      });
  }
}

template <class T>
void add_into(const seen& out, const seen& v) {
  for_each_index<2>(v.rank, v.extents, {out.strides, v.strides}, [&](const std::ptrdiff_t* at) {
    T& o = static_cast<T*>(out.data)[at[0]];
    o = static_cast<T>(o + static_cast<const T*>(v.data)[at[1]]);
  });
}

// The elements of x in row-major order.
template <class T>
void copy_in_order(void* out, const seen& x) {
  T* to = static_cast<T*>(out);
  for_each_index<1>(x.rank, x.extents, {x.strides},
                    [&](const std::ptrdiff_t* at) { *to++ = static_cast<const T*>(x.data)[at[0]]; });
}

}  // namespace agnesi::cpu
