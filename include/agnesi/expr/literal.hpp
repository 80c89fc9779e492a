// SPDX-License-Identifier: BSD-3-Clause
// Numbers known at compile time as formulas: 2_c, 0.5_c, 1e-6_c. They take the element type of what they meet.
#pragma once

#include <bit>
#include <cstdint>

#include "agnesi/expr/apply.hpp"

namespace agnesi {

namespace detail {

struct parsed_number {
  bool integer = true;
  bool ok = true;
  std::int64_t i = 0;
  double f = 0;
};

// A natural number of any size, for reading decimals exactly.
struct big_natural {
  std::uint32_t limbs[128]{};
  int size = 0;

  constexpr void multiply_add(std::uint32_t m, std::uint32_t a) {
    std::uint64_t carry = a;
    for (int k = 0; k < size; ++k) {
      carry += static_cast<std::uint64_t>(limbs[k]) * m;
      limbs[k] = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
    if (carry != 0) limbs[size++] = static_cast<std::uint32_t>(carry);
  }
  constexpr int bits() const { return size == 0 ? 0 : 32 * size - std::countl_zero(limbs[size - 1]); }
  constexpr bool bit(int k) const { return k / 32 < size && (limbs[k / 32] >> (k % 32) & 1u) != 0; }
  constexpr void shift_left_by_one(bool low) {
    std::uint32_t carry = low ? 1u : 0u;
    for (int k = 0; k < size; ++k) {
      const std::uint32_t next = limbs[k] >> 31;
      limbs[k] = limbs[k] << 1 | carry;
      carry = next;
    }
    if (carry != 0) limbs[size++] = carry;
  }
  constexpr bool at_least(const big_natural& o) const {
    if (size != o.size) return size > o.size;
    for (int k = size; k-- > 0;)
      if (limbs[k] != o.limbs[k]) return limbs[k] > o.limbs[k];
    return true;
  }
  constexpr void subtract(const big_natural& o) {
    std::int64_t borrow = 0;
    for (int k = 0; k < size; ++k) {
      std::int64_t d = static_cast<std::int64_t>(limbs[k]) - (k < o.size ? o.limbs[k] : 0) - borrow;
      borrow = d < 0 ? 1 : 0;
      limbs[k] = static_cast<std::uint32_t>(d + (borrow << 32));
    }
    while (size > 0 && limbs[size - 1] == 0) --size;
  }
};

// num / den, correctly rounded to double: long division, a bit at a time, with a sticky remainder.
constexpr double quotient(const big_natural& num, const big_natural& den) {
  std::uint64_t q = 0;
  int taken = 0, exponent = num.bits();
  big_natural rest;
  for (int k = num.bits(); taken < 55 && exponent > -1200;) {
    --exponent;
    --k;
    rest.shift_left_by_one(k >= 0 && num.bit(k));
    const bool one = rest.at_least(den);
    if (one) rest.subtract(den);
    if (taken > 0 || one) {
      q = q << 1 | (one ? 1u : 0u);
      ++taken;
    }
  }
  bool sticky = rest.size != 0;
  for (int k = 0; k < exponent && !sticky; ++k) sticky = num.bit(k);
  int keep = 53;  // fewer for subnormal results
  if (exponent + taken - 53 < -1074) keep = exponent + taken + 1074;
  if (keep < 0) return 0;
  const int drop = taken - keep;
  const std::uint64_t tail = q & ((std::uint64_t{1} << drop) - 1), half = std::uint64_t{1} << (drop - 1);
  q >>= drop;
  exponent += drop;
  if (tail > half || (tail == half && (sticky || (q & 1u) != 0))) ++q;
  double r = static_cast<double>(q);
  for (; exponent > 0; --exponent) r *= 2;
  for (; exponent < 0; ++exponent) r /= 2;
  return r;
}

inline constexpr double not_representable = -1;

constexpr double decimal(const char* s, int n) {
  big_natural num, den;
  den.multiply_add(1, 1);
  int scale = 0, digits = 0;
  bool point = false;
  int k = 0;
  for (; k < n && s[k] != 'e' && s[k] != 'E'; ++k) {
    if (s[k] == '.') point = true;
    if (s[k] == '.' || s[k] == '\'') continue;
    if (++digits > 700) return not_representable;
    num.multiply_add(10, static_cast<std::uint32_t>(s[k] - '0'));
    if (point) --scale;
  }
  if (k < n) {
    const bool minus = s[k + 1] == '-';
    int e = 0;
    for (k += s[k + 1] == '-' || s[k + 1] == '+' ? 2 : 1; k < n; ++k)
      if (s[k] != '\'' && e < 100000) e = e * 10 + (s[k] - '0');
    scale += minus ? -e : e;
  }
  if (num.size == 0 || scale + digits < -400) return 0;
  if (scale > 400) return not_representable;
  for (; scale > 0; --scale) num.multiply_add(10, 0);
  for (; scale < 0; ++scale) den.multiply_add(10, 0);
  return quotient(num, den);
}

constexpr parsed_number parse(const char* s, int n) {
  parsed_number r;
  const bool hex = n > 1 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X');
  for (int k = 0; k < n; ++k)
    if (!hex && (s[k] == '.' || s[k] == 'e' || s[k] == 'E')) r.integer = false;
  if (!r.integer) {
    r.f = decimal(s, n);
    r.ok = r.f >= 0 && r.f <= 1.7976931348623157e308;
    return r;
  }
  const bool binary = n > 1 && s[0] == '0' && (s[1] == 'b' || s[1] == 'B');
  const std::uint64_t base = hex ? 16 : binary ? 2 : n > 1 && s[0] == '0' ? 8 : 10;
  std::uint64_t v = 0;
  for (int k = hex || binary ? 2 : 0; k < n; ++k) {
    if (s[k] == '\'') continue;
    const int digit = s[k] <= '9' ? s[k] - '0' : (s[k] | 32) - 'a' + 10;
    if (digit < 0 || digit >= static_cast<int>(base) || v > (std::uint64_t{1} << 63) / base) r.ok = false;
    v = v * base + static_cast<std::uint64_t>(digit);
  }
  r.ok = r.ok && v < std::uint64_t{1} << 63;
  r.i = static_cast<std::int64_t>(v);
  return r;
}

template <std::int64_t Bits>
constexpr auto integer_literal() {
  return expr<tensor_type<std::int64_t, true>, op_list<>, 1, code::header(core_id<op::constant>, 0, 2),
              static_cast<code::word>(dtype::i64), static_cast<code::word>(Bits)>{};
}
template <std::int64_t Bits>
constexpr auto floating_literal() {
  return expr<tensor_type<double, true>, op_list<>, 1, code::header(core_id<op::constant>, 0, 2),
              static_cast<code::word>(dtype::f64), static_cast<code::word>(Bits)>{};
}

template <class F>
constexpr bool literal_formula(F) {
  if constexpr (requires { F::list::nodes; }) return F::list::nodes == 1 && code::op_of(F::list::words[0]) == core_id<op::constant>;
  else return false;
}

}  // namespace detail

// A constant formula and its value.
template <class F>
inline constexpr bool is_literal = detail::literal_formula(F{});
template <class F>
inline constexpr std::int64_t literal_int = static_cast<std::int64_t>(F::list::words[2]);

// The negative of a literal is a literal.
template <std::int64_t Bits, bool Integer>
constexpr auto negated_literal() {
  if constexpr (Integer) return detail::integer_literal<-Bits>();
  else return detail::floating_literal<std::bit_cast<std::int64_t>(-std::bit_cast<double>(Bits))>();
}

namespace literals {

template <char... C>
constexpr auto operator""_c() {
  constexpr char s[] = {C...};
  constexpr detail::parsed_number v = detail::parse(s, static_cast<int>(sizeof...(C)));
  static_assert(v.ok, "agnesi: this constant is not a number, or beyond the range of double or of a 64-bit integer");
  if constexpr (v.integer) return detail::integer_literal<v.i>();
  else return detail::floating_literal<std::bit_cast<std::int64_t>(v.f)>();
}

}  // namespace literals

inline constexpr auto inf = detail::floating_literal<0x7FF0000000000000>();
inline constexpr auto nan = detail::floating_literal<0x7FF8000000000000>();
inline constexpr auto pi = detail::floating_literal<std::bit_cast<std::int64_t>(3.141592653589793)>();

}  // namespace agnesi
