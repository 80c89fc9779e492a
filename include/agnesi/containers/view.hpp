// SPDX-License-Identifier: BSD-3-Clause
//
// A strided window on elements that someone else owns: a pointer, and an extent and a stride per axis.
//
//   float data[] = {1, 2, 3, 4, 5, 6};
//   agnesi::view<float, 2> v(data, {2, 3});
//   v(1, 0) = 7;                                // data[3]
//   v.transposed()(0, 1);                       // the same element
#pragma once

#include <agnesi/core/error.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <type_traits>

namespace agnesi {
namespace detail {

/// One integer per axis.
template <int Rank>
using per_axis = std::array<std::ptrdiff_t, static_cast<std::size_t>(Rank)>;

/// Lets a braced list mix integer types, {v.size(), 3}, where std::ptrdiff_t would call it narrowing.
struct any_integer {
  std::ptrdiff_t value;
  constexpr any_integer(std::integral auto n) noexcept : value(static_cast<std::ptrdiff_t>(n)) {}
};

template <int Rank, std::size_t N>
constexpr per_axis<Rank> to_per_axis(const any_integer (&list)[N]) noexcept {
  static_assert(N == static_cast<std::size_t>(Rank), "write one integer per axis: as many as the rank");
  per_axis<Rank> result{};
  for (std::size_t k = 0; k != N; ++k) result[k] = list[k].value;
  return result;
}

template <std::integral I, std::size_t N>
constexpr std::array<std::ptrdiff_t, N> to_per_axis(const std::array<I, N>& list) noexcept {
  std::array<std::ptrdiff_t, N> result{};
  for (std::size_t k = 0; k != N; ++k) result[k] = static_cast<std::ptrdiff_t>(list[k]);
  return result;
}

/// The strides of dense rows. An empty axis counts as one, so that no stride is 0 by accident.
template <std::size_t N>
constexpr std::array<std::ptrdiff_t, N> row_major_strides(
    const std::array<std::ptrdiff_t, N>& extents) noexcept {
  std::array<std::ptrdiff_t, N> strides{};
  std::ptrdiff_t stride = 1;
  for (std::size_t k = N; k-- != 0;) {
    strides[k] = stride;
    stride *= extents[k] == 0 ? 1 : extents[k];
  }
  return strides;
}

}  // namespace detail

/// A value: copying it copies no element, and a const view still writes to a view<T>. Extents are not
/// negative; strides count elements and may be zero or negative. Nothing is checked except by at().
template <class T, int Rank>
class view {
  static_assert(Rank >= 0, "a rank is not negative");
  static constexpr auto axes = static_cast<std::size_t>(Rank);

 public:
  using value_type = std::remove_const_t<T>;
  using shape_type = detail::per_axis<Rank>;
  static constexpr int rank = Rank;

  /// Shows nothing; of rank 0, shows no element until another view is assigned.
  constexpr view() noexcept = default;

  constexpr explicit view(T* data) noexcept requires(Rank == 0) : data_(data) {}

  /// Row-major. Extents and strides are a braced list or a std::array, of any integer type.
  template <std::integral I>
  constexpr view(T* data, const std::array<I, axes>& extents) noexcept
      : data_(data), extents_(detail::to_per_axis(extents)), strides_(detail::row_major_strides(extents_)) {}
  template <std::size_t N>
  constexpr view(T* data, const detail::any_integer (&extents)[N]) noexcept
      : view(data, detail::to_per_axis<Rank>(extents)) {}

  template <std::integral I, std::integral J>
  constexpr view(T* data, const std::array<I, axes>& extents, const std::array<J, axes>& strides) noexcept
      : data_(data), extents_(detail::to_per_axis(extents)), strides_(detail::to_per_axis(strides)) {}
  template <std::size_t N, std::size_t M>
  constexpr view(T* data, const detail::any_integer (&extents)[N],
                 const detail::any_integer (&strides)[M]) noexcept
      : view(data, detail::to_per_axis<Rank>(extents), detail::to_per_axis<Rank>(strides)) {}

  /// view<T> converts to view<const T>. A template, so that an array cannot take the detour over view<T>.
  template <class U>
    requires(!std::is_same_v<U, T> && std::is_same_v<const U, T>)
  constexpr view(const view<U, Rank>& other) noexcept
      : view(other.data(), other.shape(), other.strides()) {}

  template <std::integral... I>
  constexpr T& operator()(I... index) const noexcept {
    static_assert(sizeof...(I) == axes, "v(i, j, …) takes one index per axis: as many as the rank");
    std::ptrdiff_t offset = 0;
    [[maybe_unused]] std::size_t k = 0;
    ((offset += static_cast<std::ptrdiff_t>(index) * strides_[k++]), ...);
    return data_[offset];
  }

  /// As v(i, j, …), but throws index_error if an index is negative or not below its extent.
  template <std::integral... I>
  constexpr T& at(I... index) const {
    static_assert(sizeof...(I) == axes, "v.at(i, j, …) takes one index per axis: as many as the rank");
    [[maybe_unused]] int axis = 0;
    (check(static_cast<std::ptrdiff_t>(index), axis++), ...);
    return (*this)(index...);
  }

  constexpr T* data() const noexcept { return data_; }
  constexpr const shape_type& shape() const noexcept { return extents_; }
  constexpr const shape_type& strides() const noexcept { return strides_; }
  constexpr std::ptrdiff_t extent(int k) const noexcept { return extents_[static_cast<std::size_t>(k)]; }
  constexpr std::ptrdiff_t stride(int k) const noexcept { return strides_[static_cast<std::size_t>(k)]; }

  /// The number of elements: 1 for rank 0.
  constexpr std::ptrdiff_t size() const noexcept {
    std::ptrdiff_t n = 1;
    for (std::ptrdiff_t extent : extents_) n *= extent;
    return n;
  }

  /// Whether the elements lie in row-major order without gaps. The stride of an extent of 1 is immaterial.
  constexpr bool is_contiguous() const noexcept {
    bool dense = true;
    std::ptrdiff_t expected = 1;
    for (std::size_t k = axes; k-- != 0;) {
      if (extents_[k] == 0) return true;
      dense = dense && (extents_[k] == 1 || strides_[k] == expected);
      expected *= extents_[k];
    }
    return dense;
  }

  /// The same elements with the order of the axes reversed.
  constexpr view transposed() const noexcept {
    view result(*this);
    for (std::size_t k = 0; k != axes; ++k) {
      result.extents_[k] = extents_[axes - 1 - k];
      result.strides_[k] = strides_[axes - 1 - k];
    }
    return result;
  }

 private:
  constexpr void check(std::ptrdiff_t index, int axis) const {
    if (index < 0 || index >= extent(axis)) detail::throw_index_error(index, axis, extent(axis));
  }

  T* data_ = nullptr;
  shape_type extents_{};
  shape_type strides_{};
};

namespace detail {

/// Calls f(x, y) for the elements x of a and y of b at the same index, in row-major order, until it says
/// false; the shapes are equal. Returns whether it never did.
template <int Axis = 0, class T, class U, int Rank, class F>
constexpr bool all_of_pairs(const view<T, Rank>& a, const view<U, Rank>& b, const F& f,
                            std::ptrdiff_t in_a = 0, std::ptrdiff_t in_b = 0) {
  if constexpr (Axis == Rank) {
    return f(a.data()[in_a], b.data()[in_b]);
  } else {
    for (std::ptrdiff_t i = 0; i != a.extent(Axis); ++i)
      if (!all_of_pairs<Axis + 1>(a, b, f, in_a + i * a.stride(Axis), in_b + i * b.stride(Axis)))
        return false;
    return true;
  }
}

}  // namespace detail
}  // namespace agnesi
