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
// So many indices are read at a time: their types are too many for a loop over what they point to for each of them.
inline constexpr std::ptrdiff_t indices_at_once = 128;

// Where what indices first … first + n - 1 name lies along an axis of so many elements, that are so far apart; beyond what is
// there, if so asked.
[[gnu::noinline]] inline void find_places(std::int64_t* to, bool onto, const index_vector& ids, std::ptrdiff_t first, std::ptrdiff_t n,
                                          std::ptrdiff_t extent, std::ptrdiff_t stride) {
  const auto find = [&](const auto* from, auto step) __attribute__((always_inline)) {
    from += first * step;
    for (std::ptrdiff_t k = 0; k < n; ++k) {
      const std::int64_t id = from[k * step];
      to[k] = (onto ? to[k] : 0) + (id < 0 ? id + extent : id) * stride;
    }
  };
  // Compilers make packs of indices that lie side by side.
  const auto find_all = [&](const auto* from) __attribute__((always_inline)) {
    if (ids.stride == 1) find(from, std::integral_constant<std::ptrdiff_t, 1>{});
    else find(from, ids.stride);
  };
  switch (ids.type) {
    case dtype::none:
      for (std::ptrdiff_t k = 0; k < n; ++k) to[k] = (onto ? to[k] : 0) + (first + k) * stride;
      return;
    case dtype::i32: return find_all(static_cast<const std::int32_t*>(ids.data));
    case dtype::i64: return find_all(static_cast<const std::int64_t*>(ids.data));
    default: return find_all(static_cast<const std::uint8_t*>(ids.data));
  }
}

[[gnu::noinline]] inline void check_indices(const index_vector& ids, std::ptrdiff_t n, std::ptrdiff_t extent, int axis) {
  if (ids.type == dtype::none) {
    if (n > extent) throw_index(extent, extent, axis);
    return;
  }
  std::int64_t id[indices_at_once];
  for (std::ptrdiff_t from = 0; from < n; from += indices_at_once) {
    const std::ptrdiff_t count = n - from < indices_at_once ? n - from : indices_at_once;
    find_places(id, false, ids, from, count, 0, 1);
    bool bad = false;
    for (std::ptrdiff_t k = 0; k < count; ++k)
      bad = bad | (static_cast<std::uint64_t>(id[k]) + static_cast<std::uint64_t>(extent) >= 2 * static_cast<std::uint64_t>(extent));
    for (std::ptrdiff_t k = 0; bad && k < count; ++k)
      if (id[k] < -extent || id[k] >= extent) throw_index(id[k], extent, axis);
  }
}

// v = e, or with Add e += v, for every index of a space.
template <class T, bool Add>
[[gnu::always_inline]] inline void move_one(int rank, const std::ptrdiff_t* extents, const std::ptrdiff_t* value_strides,
                                            const std::ptrdiff_t* x_strides, T* v, T* e) {
  const auto one = [](T& value, T& element) __attribute__((always_inline)) {
    if constexpr (Add) element = static_cast<T>(element + value);
    else value = element;
  };
  if (rank == 0) one(*v, *e);
  else
    for_each_index<2>(rank, extents, {value_strides, x_strides}, [&](const std::ptrdiff_t* at) { one(v[at[0]], e[at[1]]); });
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
  std::int64_t places[indices_at_once];
  for (std::ptrdiff_t from = 0; from < values.extents[axis]; from += indices_at_once) {
    const std::ptrdiff_t rest = values.extents[axis] - from, n = rest < indices_at_once ? rest : indices_at_once;
    find_places(places, false, ids, from, n, x.extents[axis], x.strides[axis]);
    T* v = static_cast<T*>(values.data) + from * values.strides[axis];
    for (std::ptrdiff_t k = 0; k < n; ++k, v += values.strides[axis])
      move_one<T, Add>(rank, extents, value_strides, x_strides, v, static_cast<T*>(x.data) + places[k]);
  }
}

// values[k, ...] = x[i[k], j[k], ...], or with Add the other way round, added.
template <class T, bool Add>
void move_pairs(const seen& values, const seen& x, const index_vector& i, const index_vector& j) {
  std::int64_t places[indices_at_once];
  for (std::ptrdiff_t from = 0; from < values.extents[0]; from += indices_at_once) {
    const std::ptrdiff_t rest = values.extents[0] - from, n = rest < indices_at_once ? rest : indices_at_once;
    find_places(places, false, i, from, n, x.extents[0], x.strides[0]);
    find_places(places, true, j, from, n, x.extents[1], x.strides[1]);
    T* v = static_cast<T*>(values.data) + from * values.strides[0];
    for (std::ptrdiff_t k = 0; k < n; ++k, v += values.strides[0])
      move_one<T, Add>(values.rank - 1, values.extents + 1, values.strides + 1, x.strides + 2, v, static_cast<T*>(x.data) + places[k]);
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
