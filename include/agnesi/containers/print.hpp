// SPDX-License-Identifier: BSD-3-Clause
//
// Arrays and views as text, the way NumPy prints them with a precision of 4.
//
//   std::cout << agnesi::array<double, 2>::from({{1, 0.5}, {-2, 1.0 / 3}});
//   // [[ 1.      0.5   ]
//   //  [-2.      0.3333]]
#pragma once

#include <agnesi/containers/array.hpp>
#include <agnesi/containers/view.hpp>

#include <charconv>
#include <cmath>
#include <ostream>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace agnesi {
namespace detail::printing {

inline constexpr std::ptrdiff_t threshold = 1000;  // with more elements, the middle of long axes is left out
inline constexpr std::ptrdiff_t edge = 3;          // what remains at either end of such an axis
inline constexpr int precision = 4;
inline constexpr std::size_t line_width = 75;

/// Calls f(i) for each index of an axis that is shown, and gap() once where some are left out.
template <class F, class Gap>
void for_shown(std::ptrdiff_t extent, bool abridged, const F& f, const Gap& gap) {
  const bool long_axis = abridged && extent > 2 * edge;
  for (std::ptrdiff_t i = 0; i != (long_axis ? edge : extent); ++i) f(i);
  if (!long_axis) return;
  gap();
  for (std::ptrdiff_t i = extent - edge; i != extent; ++i) f(i);
}

template <int Axis = 0, class T, int Rank>
void collect_shown(const view<const T, Rank>& v, bool abridged, std::ptrdiff_t offset,
                   std::vector<T>& values) {
  if constexpr (Axis == Rank) {
    values.push_back(v.data()[offset]);
  } else {
    const auto descend = [&](std::ptrdiff_t i) {
      collect_shown<Axis + 1>(v, abridged, offset + i * v.stride(Axis), values);
    };
    for_shown(v.extent(Axis), abridged, descend, [] {});
  }
}

inline void widen(std::size_t& width, std::size_t needed) {
  if (needed > width) width = needed;
}

inline std::string spaces_before(const std::string& text, std::size_t width) {
  return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
}

template <class T, class... Format>
std::string digits(T x, Format... format) {
  char text[400];  // the largest double takes 309 digits
  return {text, std::to_chars(text, text + sizeof text, x, format...).ptr};
}

/// -2.5e+09 in its parts: "-2", "5", "e+09".
struct number {
  std::string whole, fraction, exponent;
};

/// The shortest digits that read back as x, rounded to `precision` decimals if they are more.
template <class T>
number split(T x, std::chars_format format) {
  const auto parts = [](const std::string& text) {
    const std::string mantissa = text.substr(0, text.find('e'));
    const std::string whole = mantissa.substr(0, mantissa.find('.'));
    return number{whole, whole.size() < mantissa.size() ? mantissa.substr(whole.size() + 1) : "",
                  text.substr(mantissa.size())};
  };
  number result = parts(digits(x, format));
  if (result.fraction.size() > precision) result = parts(digits(x, format, precision));
  while (!result.fraction.empty() && result.fraction.back() == '0') result.fraction.pop_back();
  return result;
}

/// Whether all numbers get exponents, by NumPy's rule.
template <class T>
bool wants_exponents(const std::vector<T>& values) {
  T smallest = 0, largest = 0;
  for (T x : values) {
    const T size = std::abs(x);
    if (!std::isfinite(x) || size == 0) continue;
    if (smallest == 0 || size < smallest) smallest = size;
    if (size > largest) largest = size;
  }
  return smallest != 0 && (largest >= T(std::same_as<T, float> ? 1e6 : 1e8) || smallest < T(1e-4) ||
                           largest / smallest > T(1000));
}

/// The values as words of one width, the decimal points below each other.
template <std::floating_point T>
std::vector<std::string> words(const std::vector<T>& values) {
  const bool scientific = wants_exponents(values);
  std::vector<number> numbers;
  std::size_t whole = 0, fraction = 0, exponent = 0, width = 0;
  for (T x : values) {
    numbers.emplace_back();
    if (!std::isfinite(x)) {
      widen(width, x < 0 ? 4 : 3);  // -inf, inf, nan
      continue;
    }
    number& n = numbers.back() =
        split(x, scientific ? std::chars_format::scientific : std::chars_format::fixed);
    widen(whole, n.whole.size());
    widen(fraction, n.fraction.size());
    widen(exponent, n.exponent.size());
  }
  widen(width, whole + 1 + fraction + exponent);

  std::vector<std::string> result;
  for (std::size_t i = 0; i != values.size(); ++i) {
    number& n = numbers[i];
    std::string word = std::isnan(values[i]) ? "nan" : values[i] < 0 ? "-inf" : "inf";
    if (std::isfinite(values[i])) {
      n.fraction.resize(fraction, scientific ? '0' : ' ');
      if (scientific) n.exponent.insert(2, exponent - n.exponent.size(), '0');  // e+05 beside e+100: e+005
      word = n.whole + '.' + n.fraction + n.exponent;
    }
    result.push_back(spaces_before(word, width));
  }
  return result;
}

template <std::integral T>
std::vector<std::string> words(const std::vector<T>& values) {
  std::vector<std::string> result;
  std::size_t width = 0;
  for (T x : values) {
    if constexpr (std::same_as<T, bool>)
      result.push_back(x ? "True" : "False");
    else
      result.push_back(digits(x));
    widen(width, std::same_as<T, bool> ? 5 : result.back().size());
  }
  for (std::string& word : result) word = spaces_before(word, width);
  return result;
}

/// Sets the words of an array between brackets and breaks the lines; it has an axis at least, and an element.
struct layout {
  std::vector<std::string> words;
  const std::ptrdiff_t* extents;
  std::size_t rank;
  bool abridged;
  std::string text{};
  std::size_t next_word = 0, line_start = 0;

  void add_axis(std::size_t axis) {
    text += '[';
    const std::size_t indent = axis + 1, last = rank - 1;
    bool first = true;
    const auto separate = [&](std::size_t width) {
      const bool full = text.size() - line_start + width + (first ? 0 : 1) > line_width - rank;
      if (axis != last && !first)
        start_line(last - axis, indent);
      else if (axis == last && full && !first)
        start_line(1, indent);
      else if (!first)
        text += ' ';
      first = false;
    };
    const auto item = [&](std::ptrdiff_t) {
      separate(words[next_word].size());
      if (axis == last)
        text += words[next_word++];
      else
        add_axis(axis + 1);
    };
    const auto gap = [&] {
      separate(3);
      text += "...";
    };
    for_shown(extents[axis], abridged, item, gap);
    text += ']';
  }

  void start_line(std::size_t breaks, std::size_t indent) {
    while (text.back() == ' ') text.pop_back();
    text.append(breaks, '\n');
    line_start = text.size();
    text.append(indent, ' ');
  }
};

/// A number by itself keeps all its digits: 3.0, 0.1, 1e-07. Up to the bounds, fixed digits are the shortest.
template <class T>
std::string scalar(T x) {
  if constexpr (std::same_as<T, bool>) {
    return x ? "True" : "False";
  } else if constexpr (std::integral<T>) {
    return digits(x);
  } else {
    if (std::isnan(x)) return "nan";
    const T size = std::abs(x);
    if (size != 0 && (size < T(1e-4) || size >= T(std::same_as<T, float> ? 1e6 : 1e16)))
      return digits(x, std::chars_format::scientific);
    const std::string text = digits(x, std::chars_format::fixed);
    return std::isinf(x) || text.find('.') != std::string::npos ? text : text + ".0";
  }
}

}  // namespace detail::printing

template <class T, int Rank>
std::string to_string(const view<T, Rank>& v) {
  namespace printing = detail::printing;
  using value_type = std::remove_const_t<T>;
  if (v.size() == 0) return "[]";
  if constexpr (Rank == 0) {
    return printing::scalar<value_type>(v());
  } else {
    const bool abridged = v.size() > printing::threshold;
    std::vector<value_type> values;
    printing::collect_shown<0, value_type, Rank>(v, abridged, 0, values);
    printing::layout page{printing::words(values), v.shape().data(), static_cast<std::size_t>(Rank),
                          abridged};
    page.add_axis(0);
    return std::move(page.text);
  }
}

template <class T, int Rank>
std::string to_string(const array<T, Rank>& a) {
  return to_string(a.view());
}

template <class T, int Rank>
std::ostream& operator<<(std::ostream& out, const view<T, Rank>& v) {
  return out << to_string(v);
}

template <class T, int Rank>
std::ostream& operator<<(std::ostream& out, const array<T, Rank>& a) {
  return out << to_string(a.view());
}

}  // namespace agnesi
