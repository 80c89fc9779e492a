// SPDX-License-Identifier: BSD-3-Clause
//
// An array that owns its elements: row-major, without gaps, aligned to 64 bytes.
//
//   agnesi::array<float, 2> M({3, 4});                                  // zeros
//   M(2, 3) = 1;
//   auto N = agnesi::array<float, 2>::from({{1, 2}, {3, 4}});
//   agnesi::view<const float, 2> v = N;                                 // no copy
#pragma once

#include <agnesi/containers/view.hpp>
#include <agnesi/core/error.hpp>
#include <agnesi/core/memory.hpp>

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <new>
#include <utility>

namespace agnesi {

/// The element types of arrays.
template <class T>
concept ArrayElement = std::same_as<T, float> || std::same_as<T, double> || std::same_as<T, std::int32_t> ||
                       std::same_as<T, std::int64_t> || std::same_as<T, std::uint8_t> || std::same_as<T, bool>;

namespace detail {

/// Room for elements, without a notion of which of them are in use.
template <class T, int Rank>
class array_storage {
 public:
  array_storage() = default;
  explicit array_storage(std::ptrdiff_t size) : capacity_(size) {
    if (size == 0) return;
    data_ = static_cast<T*>(allocate(static_cast<std::size_t>(size) * sizeof(T)));
  }
  array_storage(array_storage&& other) noexcept { swap(other); }
  array_storage& operator=(array_storage&& other) noexcept {
    swap(other);
    return *this;
  }
  ~array_storage() {
    if (data_ != nullptr) deallocate(data_);
  }

  T* data() noexcept { return data_; }
  const T* data() const noexcept { return data_; }

  /// Makes room, if need be by forgetting the values.
  void reserve(std::ptrdiff_t size) {
    if (size > capacity_) *this = array_storage(size);
  }

 private:
  void swap(array_storage& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(capacity_, other.capacity_);
  }

  T* data_ = nullptr;
  std::ptrdiff_t capacity_ = 0;
};

/// Rank 0 keeps its element in place: it has one even after a move.
template <class T>
class array_storage<T, 0> {
 public:
  array_storage() = default;
  explicit array_storage(std::ptrdiff_t) noexcept {}
  T* data() noexcept { return &value_; }
  const T* data() const noexcept { return &value_; }
  void reserve(std::ptrdiff_t) noexcept {}

 private:
  alignas(cache_line) T value_{};
};

[[noreturn]] inline void throw_extent_error(const char* fault, std::size_t axis, std::ptrdiff_t extent) {
  throw shape_error(text() << fault << "; axis " << static_cast<int>(axis) << " was given " << extent);
}

[[noreturn]] inline void throw_ragged_lists(int axis, std::ptrdiff_t one, std::ptrdiff_t other) {
  throw shape_error(text() << "the lists of one axis need one length, and those of axis " << axis << " have " << one << " and "
                           << other << " elements");
}

/// The product of the extents, if it is one that memory can hold; shape_error otherwise. Extents of 0 count
/// as 1 where it is about overflow, so that strides do not overflow either.
template <class T, std::size_t N>
std::ptrdiff_t checked_size(const std::array<std::ptrdiff_t, N>& extents) {
  constexpr auto limit = std::numeric_limits<std::ptrdiff_t>::max() / static_cast<std::ptrdiff_t>(sizeof(T));
  std::ptrdiff_t product = 1;
  bool empty = false;
  for (std::size_t k = 0; k != N; ++k) {
    if (extents[k] < 0) throw_extent_error("an extent cannot be negative", k, extents[k]);
    if (extents[k] > limit / product)
      throw_extent_error("the extents multiply to more elements than memory can hold", k, extents[k]);
    empty = empty || extents[k] == 0;
    product *= extents[k] == 0 ? 1 : extents[k];
  }
  return empty ? 0 : product;
}

/// Depth braces around values of type T: nested_list<float, 2> takes {{1, 2}, {3, 4}}.
template <class T, int Depth>
struct nested_list_of {
  using type = std::initializer_list<typename nested_list_of<T, Depth - 1>::type>;
};
template <class T>
struct nested_list_of<T, 0> {
  using type = T;
};
template <class T, int Depth>
using nested_list = typename nested_list_of<T, Depth>::type;

/// Reads the extents off the first list at every depth.
template <int Axis, int Rank, class List>
void measure_list(const List& list, per_axis<Rank>& extents) {
  if constexpr (Axis < Rank) {
    extents[Axis] = static_cast<std::ptrdiff_t>(list.size());
    if (list.size() != 0) measure_list<Axis + 1, Rank>(*list.begin(), extents);
  }
}

/// Writes the values from `to` on and returns where it stopped; shape_error if a list has another length.
template <int Axis, int Rank, class T, class List>
T* copy_list(const List& list, const per_axis<Rank>& extents, T* to) {
  if constexpr (Axis == Rank) {
    *to = list;
    return to + 1;
  } else {
    if (static_cast<std::ptrdiff_t>(list.size()) != extents[Axis])
      throw_ragged_lists(Axis, extents[Axis], static_cast<std::ptrdiff_t>(list.size()));
    for (const auto& item : list) to = copy_list<Axis + 1, Rank>(item, extents, to);
    return to;
  }
}

}  // namespace detail

/// Extents are a braced list or a std::array, of any integer type; shape_error if one is negative or the
/// elements would not fit into memory. Moved from, an array is empty (of rank 0: unchanged).
template <class T, int Rank>
class array {
  static_assert(ArrayElement<T>,
                "an array holds float, double, std::int32_t, std::int64_t, std::uint8_t or bool; "
                "use agnesi::view for other data");
  static_assert(Rank >= 0, "a rank is not negative");
  static constexpr auto axes = static_cast<std::size_t>(Rank);

 public:
  using value_type = T;
  using shape_type = detail::per_axis<Rank>;
  static constexpr int rank = Rank;

  /// Without elements; of rank 0, a zero.
  array() noexcept = default;

  /// Zeros.
  template <std::integral I>
  explicit array(const std::array<I, axes>& extents) : array(uninitialized(extents)) {
    fill(T(0));
  }
  template <std::size_t N>
  explicit array(const detail::any_integer (&extents)[N]) : array(detail::to_per_axis<Rank>(extents)) {}

  /// A copy of what the view shows.
  template <class U>
    requires std::same_as<std::remove_const_t<U>, T>
  explicit array(const agnesi::view<U, Rank>& source) : array(uninitialized(source.shape())) {
    detail::all_of_pairs(view(), source, [](T& to, const T& from) { return to = from, true; });
  }

  /// For elements that are about to be overwritten; until then their values are indeterminate.
  template <std::integral I>
  static array uninitialized(const std::array<I, axes>& extents) {
    array result;
    result.resize(extents);
    return result;
  }
  template <std::size_t N>
  static array uninitialized(const detail::any_integer (&extents)[N]) {
    return uninitialized(detail::to_per_axis<Rank>(extents));
  }

  /// The values of nested lists, one level of braces per axis; shape_error if they are ragged.
  static array from(detail::nested_list<T, Rank> values) {
    shape_type extents{};
    detail::measure_list<0, Rank>(values, extents);
    array result = uninitialized(extents);
    detail::copy_list<0, Rank>(values, extents, result.data());
    return result;
  }

  array(const array& other) : extents_(other.extents_), storage_(other.size()) { copy_values(other); }
  array(array&& other) noexcept
      : extents_(std::exchange(other.extents_, {})), storage_(std::move(other.storage_)) {}
  ~array() = default;

  /// Allocates only if the storage at hand is too small.
  array& operator=(const array& other) {
    if (this == &other) return *this;
    storage_.reserve(other.size());
    extents_ = other.extents_;
    copy_values(other);
    return *this;
  }
  array& operator=(array&& other) noexcept {
    extents_ = std::exchange(other.extents_, {});
    storage_ = std::move(other.storage_);
    return *this;
  }

  /// Gives the array another shape and leaves its values unspecified. Allocates only if the storage at hand
  /// is too small; if that fails, nothing has changed.
  template <std::integral I>
  void resize(const std::array<I, axes>& extents) {
    const shape_type wanted = detail::to_per_axis(extents);
    storage_.reserve(detail::checked_size<T>(wanted));
    extents_ = wanted;
  }
  template <std::size_t N>
  void resize(const detail::any_integer (&extents)[N]) {
    resize(detail::to_per_axis<Rank>(extents));
  }

  void fill(T value) noexcept {
    for (T& element : *this) element = value;
  }

  template <std::integral... I>
  T& operator()(I... index) noexcept {
    return data()[offset(index...)];
  }
  template <std::integral... I>
  const T& operator()(I... index) const noexcept {
    return data()[offset(index...)];
  }

  /// As M(i, j, …), but throws index_error if an index is negative or not below its extent.
  template <std::integral... I>
  T& at(I... index) {
    return view().at(index...);
  }
  template <std::integral... I>
  const T& at(I... index) const {
    return view().at(index...);
  }

  /// Perhaps null if there are no elements.
  T* data() noexcept { return storage_.data(); }
  const T* data() const noexcept { return storage_.data(); }

  const shape_type& shape() const noexcept { return extents_; }
  std::ptrdiff_t extent(int k) const noexcept { return extents_[static_cast<std::size_t>(k)]; }
  std::ptrdiff_t size() const noexcept {
    std::ptrdiff_t n = 1;
    for (std::ptrdiff_t extent : extents_) n *= extent;
    return n;
  }

  /// All elements in row-major order.
  T* begin() noexcept { return data(); }
  T* end() noexcept { return data() + size(); }
  const T* begin() const noexcept { return data(); }
  const T* end() const noexcept { return data() + size(); }

  agnesi::view<T, Rank> view() noexcept { return {data(), extents_, detail::row_major_strides(extents_)}; }
  agnesi::view<const T, Rank> view() const noexcept {
    return {data(), extents_, detail::row_major_strides(extents_)};
  }
  operator agnesi::view<T, Rank>() noexcept { return view(); }
  operator agnesi::view<const T, Rank>() const noexcept { return view(); }

  /// Whether the shapes and all elements are equal; a NaN equals nothing.
  friend bool operator==(const array& a, const array& b) noexcept {
    if (a.extents_ != b.extents_) return false;
    for (std::ptrdiff_t i = 0; i != a.size(); ++i)
      if (!(a.data()[i] == b.data()[i])) return false;
    return true;
  }

 private:
  void copy_values(const array& other) noexcept {
    if (size() != 0) std::memcpy(data(), other.data(), static_cast<std::size_t>(size()) * sizeof(T));
  }

  template <std::integral... I>
  std::ptrdiff_t offset(I... index) const noexcept {
    static_assert(sizeof...(I) == axes, "M(i, j, …) takes one index per axis: as many as the rank");
    std::ptrdiff_t result = 0;
    [[maybe_unused]] std::size_t k = 0;
    ((result = result * extents_[k++] + static_cast<std::ptrdiff_t>(index)), ...);
    return result;
  }

  shape_type extents_{};
  detail::array_storage<T, Rank> storage_;
};

}  // namespace agnesi
