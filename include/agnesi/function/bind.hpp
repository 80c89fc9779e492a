// SPDX-License-Identifier: BSD-3-Clause
// What a call can be given for a symbol: ag::array, ag::view, numbers for rank 0, std::vector and std::span for rank 1, and
// std::array, std::array<std::array<T, 4>, 3>, T[3][4], of any rank, whose extents the compiler knows. Wrong element types and
// ranks are compile-time errors, and extents that can't be right.
//   float A[3][3], x[3]; f(A, x);
#pragma once

#include <array>
#include <span>
#include <vector>

#include "agnesi/backend/cpu/each_number.hpp"
#include "agnesi/backend/cpu/place.hpp"
#include "agnesi/containers/array.hpp"
#include "agnesi/expr/expr.hpp"

namespace agnesi::detail {

// Loops over axes are folds here, as is all on the way to the first element: what the compiler takes apart early is not
// counted as memory when it asks whether a call is inlined.

// One argument at a call: where it lies, or the number itself.
struct argument {
  cpu::place where{};
  alignas(8) unsigned char number[8]{};
  bool is_number = false;
};

template <class T>
struct array_traits {
  static constexpr bool known = false;
};
template <class T, int R>
struct array_traits<array<T, R>> {
  static constexpr bool known = true;
  using element = T;
  static constexpr int rank = R;
};
template <class T, int R>
struct array_traits<view<T, R>> : array_traits<array<std::remove_const_t<T>, R>> {
  static constexpr bool constant = std::is_const_v<T>;
};
template <class T, class A>
struct array_traits<std::vector<T, A>> : array_traits<array<T, 1>> {};
template <class A>
struct array_traits<std::vector<bool, A>> {
  static constexpr bool known = false;
};
template <class T, std::size_t N>
struct array_traits<std::span<T, N>> : array_traits<array<std::remove_const_t<T>, 1>> {
  static constexpr bool constant = std::is_const_v<T>;
};

// Arrays of so many numbers, or of arrays of them.
template <class T, std::size_t N>
struct counted_traits {
  static constexpr bool known = std::is_arithmetic_v<T>;
  using element = T;
  static constexpr int rank = 1;
  static constexpr std::array<std::ptrdiff_t, 1> extents{N};
};
template <class T, std::size_t N>
  requires requires { array_traits<T>::extents; }
struct counted_traits<T, N> {
  using rows = array_traits<T>;
  static constexpr bool known = rows::known && sizeof(T) * N != 0;
  using element = typename rows::element;
  static constexpr int rank = rows::rank + 1;
  static constexpr auto extents = [] {
    std::array<std::ptrdiff_t, rank> e{N};
    for (std::size_t k = 1; k < rank; ++k) e[k] = rows::extents[k - 1];
    return e;
  }();
};
template <class T, std::size_t N>
struct array_traits<std::array<T, N>> : counted_traits<T, N> {};
template <class T, std::size_t N>
struct array_traits<T[N]> : counted_traits<T, N> {};
template <class A>
concept counted_array = requires { array_traits<A>::extents; };

// Whether the extents in an array's type can be those of the symbol.
template <class Symbol, class A>
constexpr bool can_have_extents() {
  if constexpr (counted_array<A>) {
    for (int k = 0; k < array_traits<A>::rank; ++k)
      if (Symbol::type::extents[k] != dyn && Symbol::type::extents[k] != array_traits<A>::extents[static_cast<std::size_t>(k)]) return false;
  }
  return true;
}

// Whether values can be written through this argument: a mutable lvalue, or a view of mutable elements.
template <class V>
constexpr bool is_writable() {
  using value = std::remove_cvref_t<V>;
  if constexpr (requires { array_traits<value>::constant; }) return !array_traits<value>::constant;
  else return std::is_lvalue_reference_v<V> && !std::is_const_v<std::remove_reference_t<V>>;
}

template <class T, int R>
[[gnu::always_inline]] inline void locate(cpu::place& p, const view<T, R>& v) {
  p.data = const_cast<std::remove_const_t<T>*>(v.data());
  cpu::each_number<R>([&](auto k) __attribute__((always_inline)) {
    p.extents[k] = v.extent(k);
    p.strides[k] = v.stride(k);
  });
}
// Row after row, without gaps.
template <int R, class Extent>
[[gnu::always_inline]] inline void lay_out_by_rows(cpu::place& p, Extent extent) {
  std::ptrdiff_t stride = 1;
  cpu::each_number<R>([&](auto k) __attribute__((always_inline)) {
    p.extents[R - 1 - k] = extent(R - 1 - k);
    p.strides[R - 1 - k] = stride;
    stride *= extent(R - 1 - k);
  });
}
template <class T, int R>
[[gnu::always_inline]] inline void locate(cpu::place& p, const array<T, R>& a) {
  p.data = const_cast<T*>(a.data());
  lay_out_by_rows<R>(p, [&](int k) __attribute__((always_inline)) { return a.extent(k); });
}
template <counted_array A>
[[gnu::always_inline]] inline void locate(cpu::place& p, const A& a) {
  p.data = const_cast<void*>(static_cast<const void*>(&a));
  lay_out_by_rows<array_traits<A>::rank>(p, [](int k) __attribute__((always_inline)) { return array_traits<A>::extents[static_cast<std::size_t>(k)]; });
}
template <class Range>
  requires requires(const Range& r) { r.data(), r.size(); } && (!requires(const Range& r) { r.extent(0); }) && (!counted_array<Range>)
[[gnu::always_inline]] inline void locate(cpu::place& p, const Range& r) {
  p.data = const_cast<void*>(static_cast<const void*>(r.data()));
  p.extents[0] = static_cast<std::ptrdiff_t>(r.size());
  p.strides[0] = 1;
}

template <class Symbol, bool Updated, class V>
[[gnu::always_inline]] inline void bind(argument& to, V&& v) {
  using value = std::remove_cvref_t<V>;
  using element = typename Symbol::type::element;
  constexpr int rank = Symbol::type::rank;
  static_assert(!Updated || is_writable<V>(),
                "agnesi: an updated symbol must be bound to an array or number that can be written to (not const, not a "
                "temporary)");
  if constexpr (std::is_arithmetic_v<value>) {
    static_assert(rank == 0, "agnesi: a number is given for a symbol that is not a scalar: pass an ag::array or ag::view");
    constexpr bool same = std::is_same_v<value, element>;
    constexpr bool converts = same || (std::is_integral_v<value> && !std::is_same_v<value, bool> &&
                                       !std::is_same_v<element, bool> && std::is_arithmetic_v<element>) ||
                              (std::is_floating_point_v<value> && std::is_floating_point_v<element>);
    static_assert(converts, "agnesi: this number's type does not convert to the symbol's element type");
    static_assert(!Updated || same, "agnesi: an updated scalar symbol must be bound to a variable of its own element type");
    if constexpr (Updated || (same && std::is_lvalue_reference_v<V>)) {
      to.where.data = const_cast<element*>(&v);
    } else if constexpr (converts && rank == 0) {
      *reinterpret_cast<element*>(to.number) = static_cast<element>(v);
      to.is_number = true;
    }
  } else {
    static_assert(array_traits<value>::known,
                  "agnesi: this argument is no array: pass ag::array, ag::view, std::vector, std::array, std::span, T[n] or a number");
    if constexpr (array_traits<value>::known) {
      static_assert(array_traits<value>::rank == rank, "agnesi: this array's rank is not the symbol's rank");
      static_assert(std::is_same_v<typename array_traits<value>::element, element>,
                    "agnesi: this array's element type is not the symbol's element type");
      static_assert(can_have_extents<Symbol, value>(), "agnesi: this array's extents are not the symbol's extents");
      locate(to.where, v);
    }
  }
}

}  // namespace agnesi::detail
