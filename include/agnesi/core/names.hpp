// SPDX-License-Identifier: BSD-3-Clause
// Names as types: a string literal given as a template argument becomes a pack of characters, because
// nvcc's host pass cannot print a class-type template argument.
//   name<'w', '1'>
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

namespace agnesi {

template <std::size_t N>
struct fixed_string {
  char chars[N]{};
  constexpr fixed_string(const char (&s)[N]) {
    for (std::size_t i = 0; i < N; ++i) chars[i] = s[i];
  }
  static constexpr std::size_t size = N - 1;
};

template <char... C>
struct name {
  static constexpr char chars[sizeof...(C) + 1] = {C..., '\0'};
  static constexpr std::size_t size = sizeof...(C);
  static constexpr std::string_view view() { return {chars, size}; }
};

namespace detail {

template <fixed_string S, std::size_t... I>
constexpr auto to_name(std::index_sequence<I...>) {
  constexpr auto s = S;
  return name<s.chars[I]...>{};
}

}  // namespace detail

// name_of<"x">() is name<'x'>{}
template <fixed_string S>
constexpr auto name_of() {
  return detail::to_name<S>(std::make_index_sequence<S.size>{});
}

// The last component of a type's own name: "tanh" for agnesi::op::tanh.
template <class T>
constexpr std::string_view type_name() {
#if defined(__clang__) || defined(__GNUC__)
  std::string_view s = __PRETTY_FUNCTION__;
#else
  std::string_view s = "T = operation]";
#endif
  const std::size_t key = s.find("T =");  // g++ and clang print "T = ...", nvcc "T=..."
  s = key == std::string_view::npos ? s.substr(s.find("T=") + 2) : s.substr(key + 4);
  std::size_t end = 0;
  while (end < s.size() && s[end] != ']' && s[end] != ';' && s[end] != ',' && s[end] != '<') ++end;
  s = s.substr(0, end);
  const std::size_t colon = s.rfind(':');
  return colon == std::string_view::npos ? s : s.substr(colon + 1);
}

}  // namespace agnesi
