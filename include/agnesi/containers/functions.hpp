// SPDX-License-Identifier: BSD-3-Clause
//
// Functions that make arrays and compare them.
//
//   auto M = agnesi::zeros<float>(3, 4);
//   bool same = agnesi::allclose(M, agnesi::ones<float>(3, 4));         // false
#pragma once

#include <agnesi/containers/array.hpp>
#include <agnesi/containers/view.hpp>

#include <limits>

namespace agnesi {

/// zeros<float>(3, 4) has the shape (3, 4), zeros<float>() is of rank 0.
template <ArrayElement T, std::integral... I>
array<T, static_cast<int>(sizeof...(I))> zeros(I... extents) {
  using result = array<T, static_cast<int>(sizeof...(I))>;
  return result(typename result::shape_type{static_cast<std::ptrdiff_t>(extents)...});
}

template <ArrayElement T, std::integral... I>
array<T, static_cast<int>(sizeof...(I))> ones(I... extents) {
  using result = array<T, static_cast<int>(sizeof...(I))>;
  result filled = result::uninitialized(typename result::shape_type{static_cast<std::ptrdiff_t>(extents)...});
  filled.fill(T(1));
  return filled;
}

namespace detail {

template <class T, int Rank>
view<const T, Rank> const_view(const array<T, Rank>& a) noexcept {
  return a;
}
template <class T, int Rank>
constexpr view<const T, Rank> const_view(const view<T, Rank>& v) noexcept {
  return v;
}

template <class A>
concept ArrayOrView = requires(const A& a) { detail::const_view(a); };

/// The bound is infinite for an infinite b, hence the second condition: infinity is close to itself only.
constexpr bool is_close(double a, double b, double rtol, double atol) noexcept {
  if (a == b) return true;
  const double difference = a < b ? b - a : a - b;
  return difference <= atol + rtol * (b < 0 ? -b : b) && difference <= std::numeric_limits<double>::max();
}

}  // namespace detail

/// Whether the shapes are equal and |a - b| <= atol + rtol |b| everywhere, computed in double, as NumPy
/// has it. A NaN is close to nothing.
template <detail::ArrayOrView A, detail::ArrayOrView B>
constexpr bool allclose(const A& a, const B& b, double rtol = 1e-5, double atol = 1e-8) noexcept {
  if constexpr (A::rank != B::rank) {
    return false;
  } else {
    if (a.shape() != b.shape()) return false;
    return detail::all_of_pairs(detail::const_view(a), detail::const_view(b), [=](auto x, auto y) {
      return detail::is_close(static_cast<double>(x), static_cast<double>(y), rtol, atol);
    });
  }
}

}  // namespace agnesi
