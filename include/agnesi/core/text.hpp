// SPDX-License-Identifier: BSD-3-Clause
// Text that can be built in constant evaluation and at run time alike:
//   text t; t << "axis " << 3;  t.view() == "axis 3"
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

#include "agnesi/core/vec.hpp"

namespace agnesi {

class text {
 public:
  constexpr text() = default;
  constexpr text(std::string_view s) { *this << s; }

  [[gnu::noinline]] constexpr text& operator<<(std::string_view s) {
    for (char c : s) chars_.push_back(c);
    return *this;
  }
  constexpr text& operator<<(const char* s) { return *this << std::string_view(s); }
  constexpr text& operator<<(const text& t) { return *this << t.view(); }
  constexpr text& operator<<(char c) {
    chars_.push_back(c);
    return *this;
  }
  constexpr text& operator<<(int n) { return *this << static_cast<std::int64_t>(n); }
  [[gnu::noinline]] constexpr text& operator<<(std::int64_t n) {
    char digits[24] = {};
    int k = 0;
    std::uint64_t m = n < 0 ? 0 - static_cast<std::uint64_t>(n) : static_cast<std::uint64_t>(n);
    do {
      digits[k++] = static_cast<char>('0' + m % 10);
      m /= 10;
    } while (m != 0);
    if (n < 0) chars_.push_back('-');
    while (k > 0) chars_.push_back(digits[--k]);
    return *this;
  }
  // The shortest of up to 17 significant digits that reads back as the same number for everyday
  // constants (0.1, 1e-6, 2.5); others are shown with 12 digits.
  constexpr text& operator<<(double v) {
    if (v != v) return *this << "nan";
    if (std::bit_cast<std::int64_t>(v) < 0) {
      *this << '-';
      v = -v;
    }
    if (v == 0) return *this << '0';
    if (v > 1.7976931348623157e308) return *this << "inf";
    int e = 0;
    double m = v;
    for (; m >= 1e22; e += 22) m /= 1e22;
    for (; m < 1e-10; e -= 22) m *= 1e22;
    double power = 1;  // exact up to 1e22, so that m is rounded once
    int digits_before = 0;
    if (m >= 1) {
      for (; m >= power * 10; ++digits_before) power *= 10;
      m /= power;
    } else {
      for (; m * power < 1; --digits_before) power *= 10;
      m *= power;
    }
    e += digits_before;
    auto scaled = static_cast<std::uint64_t>(m * 1e12 + 0.5);  // 13 digits
    if (scaled >= 10000000000000ULL) {
      scaled /= 10;
      ++e;
    }
    int digits = 13;
    while (scaled % 10 == 0 && digits > 1) {
      scaled /= 10;
      --digits;
    }
    char d[16] = {};
    for (int i = digits; i-- > 0; scaled /= 10) d[i] = static_cast<char>('0' + scaled % 10);
    if (e >= -4 && e < 13) {
      if (e < 0) {
        *this << "0.";
        for (int i = -1; i > e; --i) *this << '0';
        for (int i = 0; i < digits; ++i) *this << d[i];
      } else {
        for (int i = 0; i < digits || i <= e; ++i) {
          if (i == e + 1) *this << '.';
          *this << (i < digits ? d[i] : '0');
        }
      }
      return *this;
    }
    *this << d[0];
    if (digits > 1) *this << '.';
    for (int i = 1; i < digits; ++i) *this << d[i];
    return *this << 'e' << e;
  }

  constexpr std::string_view view() const {
    return {chars_.begin(), static_cast<std::size_t>(chars_.size())};
  }
  constexpr int size() const { return chars_.size(); }
  // With a zero at its end; of use until the text changes.
  [[gnu::noinline]] constexpr const char* c_str() {
    chars_.push_back('\0');
    chars_.pop_back();
    return chars_.begin();
  }

 private:
  vec<char> chars_;
};

}  // namespace agnesi
