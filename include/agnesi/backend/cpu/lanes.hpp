// SPDX-License-Identifier: BSD-3-Clause
// Vectors of as many elements as a register holds of the widest type of a loop, whatever the type of each; made of the
// compilers' own vectors, so that they are there without xsimd too.
//   auto x = lanes::converted<dtype::f64, dtype::i32>(lanes::load<dtype::i32, 8>(p));  auto m = lanes::less(x, y);
#pragma once

#include "agnesi/backend/cpu/convert.hpp"
#include "agnesi/ir/dtype.hpp"

namespace agnesi::lanes {

#if defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
#define AGNESI_TRUTHS_ARE_BITS 1
inline constexpr int register_bytes = 64;
#elif defined(__AVX2__)
#define AGNESI_TRUTHS_ARE_BITS 0
inline constexpr int register_bytes = 32;
#else
#define AGNESI_TRUTHS_ARE_BITS 0
inline constexpr int register_bytes = 16;
#endif

/// How many lanes there are where the widest type has so many bytes, at least four.
constexpr int count_for(int widest) { return register_bytes / (widest < 4 ? 4 : widest); }

// What a lane of type D holds: bytes are integers of 32 bits below 256.
template <dtype D>
using held = std::conditional_t<D == dtype::u8, std::int32_t, element_of<D>>;

template <class T, int L, bool Fits = (sizeof(T) * static_cast<std::size_t>(L) <= register_bytes)>
struct vector_of {
  typedef T type __attribute__((vector_size(sizeof(T) * static_cast<std::size_t>(L))));
};
template <class T, int L>
struct vector_of<T, L, false> {  // of a type that does not occur
  using type = T;
};
template <class T, int L>
using vector = typename vector_of<T, L>::type;
template <class V>
using number = std::remove_cvref_t<decltype(V{}[0])>;
template <class V>
inline constexpr int count = static_cast<int>(sizeof(V) / sizeof(number<V>));

/// Truth values: a bit each, or as comparing the widest type gives them.
template <int L>
struct truths {
#if AGNESI_TRUTHS_ARE_BITS
  using type = std::conditional_t<(L > 8), std::uint16_t, std::uint8_t>;
#else
  using word = std::conditional_t<L * 8 == register_bytes, std::int64_t, std::int32_t>;
  using type = vector<word, L>;
#endif
  type of;
};

template <class A>
inline constexpr bool is_truths = false;
template <int L>
inline constexpr bool is_truths<truths<L>> = true;
template <int L>
inline constexpr int count<truths<L>> = L;

template <dtype D, int L>
struct register_of {
  using type = vector<held<D>, L>;
};
template <int L>
struct register_of<dtype::boolean, L> {
  using type = truths<L>;
};
template <dtype D, int L>
using lane_register = typename register_of<D, L>::type;

template <class V>
[[gnu::always_inline]] inline V all(number<V> x) {
  return x - V{};
}
template <class To, class From>
[[gnu::always_inline]] inline To same_bits(const From& x) {
  static_assert(sizeof(To) == sizeof(From));
  To r;
  __builtin_memcpy(&r, &x, sizeof r);
  return r;
}

// ---- numbers into numbers

// Lane by lane by the compiler's ways, of which some are one instruction.
template <class To, class V>
[[gnu::always_inline]] inline vector<To, count<V>> plainly_converted(V x) {
#if defined(__CUDACC__)
  vector<To, count<V>> r;
  for (int k = 0; k < count<V>; ++k) r[k] = static_cast<To>(x[k]);
  return r;
#else
  return __builtin_convertvector(x, vector<To, count<V>>);
#endif
}

template <class To, class V>
[[gnu::always_inline]] inline vector<To, count<V>> number_converted(V x) {
  using From = number<V>;
  using R [[maybe_unused]] = vector<To, count<V>>;
  if constexpr (std::is_same_v<From, To>) {
    return x;
#if AGNESI_TRUTHS_ARE_BITS
  } else if constexpr (count<V> == 8 && std::is_same_v<From, std::int32_t>) {
    const __m256i ints = same_bits<__m256i>(x);
    if constexpr (std::is_same_v<To, std::int64_t>) return same_bits<R>(_mm512_cvtepi32_epi64(ints));
    else if constexpr (std::is_same_v<To, double>) return same_bits<R>(_mm512_cvtepi32_pd(ints));
    else return plainly_converted<To>(x);
  } else if constexpr (count<V> == 8 && std::is_same_v<From, std::int64_t> && std::is_same_v<To, std::int32_t>) {
    return same_bits<R>(_mm512_cvtepi64_epi32(same_bits<__m512i>(x)));
  } else if constexpr (count<V> == 8 && std::is_same_v<From, float> && sizeof(To) == 8) {
    if constexpr (std::is_same_v<To, double>) return same_bits<R>(_mm512_cvtps_pd(same_bits<__m256>(x)));
    else return same_bits<R>(_mm512_cvttps_epi64(same_bits<__m256>(x)));
  } else if constexpr (count<V> == 8 && std::is_same_v<From, double> && std::is_same_v<To, std::int32_t>) {
    return same_bits<R>(_mm512_cvttpd_epi32(same_bits<__m512d>(x)));
#elif defined(__AVX2__)
  } else if constexpr (count<V> == 4 && std::is_same_v<From, std::int32_t>) {
    const __m128i ints = same_bits<__m128i>(x);
    if constexpr (std::is_same_v<To, std::int64_t>) return same_bits<R>(_mm256_cvtepi32_epi64(ints));
    else if constexpr (std::is_same_v<To, double>) return same_bits<R>(_mm256_cvtepi32_pd(ints));
    else return plainly_converted<To>(x);
  } else if constexpr (count<V> == 4 && std::is_same_v<From, std::int64_t> && std::is_same_v<To, std::int32_t>) {
    const __m256i low = _mm256_permutevar8x32_epi32(same_bits<__m256i>(x), _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6));
    return same_bits<R>(_mm256_castsi256_si128(low));
  } else if constexpr (count<V> == 4 && std::is_same_v<From, float> && std::is_same_v<To, double>) {
    return same_bits<R>(_mm256_cvtps_pd(same_bits<__m128>(x)));
#endif
  } else {
    return plainly_converted<To>(x);
  }
}

// ---- truth values

enum class relation { less, less_equal, equal };

template <relation Is, class V>
[[gnu::always_inline]] inline truths<count<V>> compared(V a, V b) {
#if AGNESI_TRUTHS_ARE_BITS
  using T = number<V>;
  using bits = typename truths<count<V>>::type;
  constexpr int of_floats = Is == relation::less ? _CMP_LT_OQ : Is == relation::less_equal ? _CMP_LE_OQ : _CMP_EQ_OQ;
  constexpr int of_ints = Is == relation::less ? _MM_CMPINT_LT : Is == relation::less_equal ? _MM_CMPINT_LE : _MM_CMPINT_EQ;
  const auto as = [](auto mask) { return truths<count<V>>{static_cast<bits>(mask)}; };
  if constexpr (std::is_same_v<T, double>) return as(_mm512_cmp_pd_mask(same_bits<__m512d>(a), same_bits<__m512d>(b), of_floats));
  else if constexpr (std::is_same_v<T, std::int64_t>) return as(_mm512_cmp_epi64_mask(same_bits<__m512i>(a), same_bits<__m512i>(b), of_ints));
  else if constexpr (std::is_same_v<T, float> && sizeof(V) == 64)
    return as(_mm512_cmp_ps_mask(same_bits<__m512>(a), same_bits<__m512>(b), of_floats));
  else if constexpr (std::is_same_v<T, float>) return as(_mm256_cmp_ps_mask(same_bits<__m256>(a), same_bits<__m256>(b), of_floats));
  else if constexpr (sizeof(V) == 64) return as(_mm512_cmp_epi32_mask(same_bits<__m512i>(a), same_bits<__m512i>(b), of_ints));
  else return as(_mm256_cmp_epi32_mask(same_bits<__m256i>(a), same_bits<__m256i>(b), of_ints));
#else
  using word = typename truths<count<V>>::word;
  using same_size = std::conditional_t<sizeof(number<V>) == 8, std::int64_t, std::int32_t>;
  using R = vector<same_size, count<V>>;
  if constexpr (Is == relation::less) return {number_converted<word>(same_bits<R>(a < b))};
  else if constexpr (Is == relation::less_equal) return {number_converted<word>(same_bits<R>(a <= b))};
  else return {number_converted<word>(same_bits<R>(a == b))};
#endif
}

template <int L>
[[gnu::always_inline]] inline truths<L> both(truths<L> a, truths<L> b) {
  return {static_cast<typename truths<L>::type>(a.of & b.of)};
}
template <int L>
[[gnu::always_inline]] inline truths<L> either(truths<L> a, truths<L> b) {
  return {static_cast<typename truths<L>::type>(a.of | b.of)};
}
template <int L>
[[gnu::always_inline]] inline truths<L> opposite(truths<L> a) {
  return {static_cast<typename truths<L>::type>(~a.of)};
}

/// Lane by lane, a where the condition holds, else b.
template <class V>
[[gnu::always_inline]] inline V chosen(truths<count<V>> c, V a, V b) {
  if constexpr (is_truths<V>) return either(both(c, a), both(opposite(c), b));
#if AGNESI_TRUTHS_ARE_BITS
  else if constexpr (sizeof(number<V>) == 8)
    return same_bits<V>(_mm512_mask_blend_epi64(c.of, same_bits<__m512i>(b), same_bits<__m512i>(a)));
  else if constexpr (sizeof(V) == 64)
    return same_bits<V>(_mm512_mask_blend_epi32(c.of, same_bits<__m512i>(b), same_bits<__m512i>(a)));
  else return same_bits<V>(_mm256_mask_blend_epi32(c.of, same_bits<__m256i>(b), same_bits<__m256i>(a)));
#else
  else {
    using same_size = std::conditional_t<sizeof(number<V>) == 8, std::int64_t, std::int32_t>;
    using I = vector<same_size, count<V>>;
    const I m = number_converted<same_size>(c.of);
    return same_bits<V>((same_bits<I>(a) & m) | (same_bits<I>(b) & ~m));
  }
#endif
}

/// True in the first n lanes.
template <int L>
[[gnu::always_inline]] inline truths<L> first(std::ptrdiff_t n) {
#if AGNESI_TRUTHS_ARE_BITS
  return {static_cast<typename truths<L>::type>((1u << n) - 1u)};
#else
  truths<L> r;
  for (int k = 0; k < L; ++k) r.of[k] = k < n ? -1 : 0;
  return r;
#endif
}

template <dtype To, int L>
[[gnu::always_inline]] inline auto converted(truths<L> x) {
  if constexpr (To == dtype::boolean) {
    return x;
  } else {
    using V = lane_register<To, L>;
    return chosen(x, all<V>(1), V{});
  }
}
template <dtype To, class V>
[[gnu::always_inline]] inline auto converted(V x) {
  if constexpr (To == dtype::boolean) return opposite(compared<relation::equal>(x, V{}));
  else if constexpr (To == dtype::u8) return number_converted<std::int32_t>(x) & 255;
  else return number_converted<held<To>>(x);
}

// ---- memory: L elements one behind the other

template <dtype D, int L>
[[gnu::always_inline]] inline auto load(const void* from) {
  using R = lane_register<D, L>;
  if constexpr (D == dtype::boolean) {
#if AGNESI_TRUTHS_ARE_BITS
    const __m128i bytes = simd::detail::load_bytes<L>(from);
    return R{static_cast<typename R::type>(_mm_test_epi8_mask(bytes, bytes))};
#else
    return converted<dtype::boolean>(load<dtype::u8, L>(from));
#endif
  } else if constexpr (D == dtype::u8) {
#if AGNESI_HAS_MATH
    if constexpr (L > 2) return same_bits<R>(simd::detail::ints_of_bytes<L>(simd::detail::load_bytes<L>(from)));
    else
#endif
    {
      R r;
      for (int k = 0; k < L; ++k) r[k] = static_cast<const unsigned char*>(from)[k];
      return r;
    }
  } else {
    R r;
    __builtin_memcpy(&r, from, sizeof r);
    return r;
  }
}

template <dtype D, int L>
[[gnu::always_inline]] inline void store(void* to, const lane_register<D, L>& x) {
  if constexpr (D == dtype::boolean) {
#if AGNESI_TRUTHS_ARE_BITS
    simd::detail::store_bytes<L>(to, _mm_maskz_set1_epi8(x.of, 1));
#else
    store<dtype::u8, L>(to, converted<dtype::u8>(x));
#endif
  } else if constexpr (D == dtype::u8) {
#if AGNESI_HAS_MATH
#if defined(__AVX512F__)
    if constexpr (L == 16) return simd::detail::store_bytes<L>(to, simd::detail::bytes_of_ints(same_bits<__m512i>(x)));
    else
#endif
#if defined(__AVX2__)
    if constexpr (L == 8) return simd::detail::store_bytes<L>(to, simd::detail::bytes_of_ints(same_bits<__m256i>(x)));
    else
#endif
    if constexpr (L == 4) simd::detail::store_bytes<L>(to, simd::detail::bytes_of_ints(same_bits<__m128i>(x)));
    else
#endif
      for (int k = 0; k < L; ++k) static_cast<unsigned char*>(to)[k] = static_cast<unsigned char>(x[k]);
  } else {
    __builtin_memcpy(to, &x, sizeof x);
  }
}

/// The lanes as an array of elements, and back.
template <class T, int L>
struct elements {
  T at[L];
};
template <dtype D, int L>
[[gnu::always_inline]] inline elements<element_of<D>, L> apart(const lane_register<D, L>& x) {
  elements<element_of<D>, L> r;
  store<D, L>(&r, x);
  return r;
}
template <dtype D, int L>
[[gnu::always_inline]] inline auto together(const elements<element_of<D>, L>& x) {
  return load<D, L>(&x);
}

}  // namespace agnesi::lanes
