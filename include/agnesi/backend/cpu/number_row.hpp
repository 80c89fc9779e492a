// SPDX-License-Identifier: BSD-3-Clause
// The innermost loop of a program of mixed types: lanes of which a register holds as many as there are of the widest type.
//   number_row<Program, AlongRow>(view, n);   AlongRow: the row's axis is reduced
#pragma once

#include "agnesi/backend/cpu/lane_ops.hpp"
#include "agnesi/backend/cpu/row.hpp"
#include "agnesi/core/each_constant.hpp"

namespace agnesi::loop {

template <class Program>
constexpr int lanes_of_program() {
  constexpr auto& f = loop_facts<Program>::facts;
  int widest = 4;
  const auto look = [&](dtype t) {
    if (t != dtype::none && size_of(t) > widest) widest = size_of(t);
  };
  for (int k = 0; k < f.count; ++k) {
    const step s = unpacked_step(f.steps[k]);
    const bool sets = s.what != kind::store && s.what != kind::reduce;
    if (sets && (!f.uniform[k] || f.imported[k])) look(s.type);
  }
  return lanes::count_for(widest);
}

template <int N, int L>
struct lane_registers {
  lanes::lane_register<dtype::boolean, L> b[N];
  lanes::lane_register<dtype::i32, L> i32[N];
  lanes::lane_register<dtype::i64, L> i64[N];
  lanes::lane_register<dtype::f32, L> f32[N];
  lanes::lane_register<dtype::f64, L> f64[N];

  template <dtype D>
  [[gnu::always_inline]] auto& reg(int k) {
    if constexpr (D == dtype::boolean) return b[k];
    else if constexpr (D == dtype::u8 || D == dtype::i32) return i32[k];
    else if constexpr (D == dtype::i64) return i64[k];
    else if constexpr (D == dtype::f32) return f32[k];
    else return f64[k];
  }
  template <dtype D>
  [[gnu::always_inline]] static auto splat(element_of<D> x) {
    if constexpr (D == dtype::boolean) return lanes::first<L>(x ? L : 0);
    else return lanes::all<lanes::lane_register<D, L>>(x);
  }
  template <dtype To, dtype From, class V>
  [[gnu::always_inline]] static auto convert(const V& x) {
    if constexpr (To == From) return x;
    else return lanes::converted<To>(x);
  }
  template <class Op, dtype To, class... A>
  [[gnu::always_inline]] static auto evaluate(const A&... a) {
    return lanes::evaluated<Op, To, L>(a...);
  }
};

// Which lanes of a round count: all of them, of one of several rounds with totals of their own, or the first few.
struct whole_round {
  int u;
};
struct part_of_round {
  std::ptrdiff_t n;
};

template <int N, int L, int Slots, int Reductions, int Unroll, bool AlongRow>
struct number_row_state : lane_registers<N, L> {
  static constexpr bool packs = false;
  char* at[Slots];
  std::ptrdiff_t keep[Slots];   // -1, or 0 where the same elements serve every round
  std::ptrdiff_t first[Slots];  // of an index: its value, and how much it grows
  std::ptrdiff_t by[Slots];
  std::ptrdiff_t i, begin;      // where in memory, and in the row
  lane_registers<Reductions * Unroll, L> total;

  [[gnu::always_inline]] static std::ptrdiff_t lane_of(whole_round p) { return p.u * L; }
  [[gnu::always_inline]] static std::ptrdiff_t lane_of(part_of_round) { return 0; }
  template <dtype D, class Place>
  [[gnu::always_inline]] char* place(int slot, Place p) const {
    return at[slot] + ((i + lane_of(p)) & keep[slot]) * size_of(D);
  }
  template <dtype D, bool, class Place>
  [[gnu::always_inline]] auto load(int slot, int, Place p) const {
    return lanes::load<D, L>(place<D>(slot, p));
  }
  template <dtype D, class Place>
  [[gnu::always_inline]] auto index(int slot, int, Place p) const {
    using V = lanes::lane_register<dtype::i64, L>;
    V lane;
    for (int l = 0; l < L; ++l) lane[l] = l;
    return lanes::all<V>(first[slot] + (begin + lane_of(p)) * by[slot]) + lane * lanes::all<V>(by[slot]);
  }
  template <dtype D, class V, class Place>
  [[gnu::always_inline]] void store(int slot, int, const V& v, Place p) const {
    lanes::store<D, L>(place<D>(slot, p), v);
  }
  template <dtype D, combine How, bool, class V, class Place>
  [[gnu::always_inline]] void reduce(int r, int slot, int, const V& v, Place p) {
    if constexpr (!AlongRow) {
      char* to = place<D>(slot, p);
      lanes::store<D, L>(to, lanes::joined<How, D, L>(lanes::load<D, L>(to), v));
    } else if constexpr (std::is_same_v<Place, whole_round>) {
      auto& t = total.template reg<D>(r * Unroll + p.u);
      t = lanes::joined<How, D, L>(t, v);
    } else {
      auto& t = total.template reg<D>(r * Unroll);
      t = lanes::chosen(lanes::first<L>(p.n), lanes::joined<How, D, L>(t, v), t);
    }
  }
};

// Elements some bytes apart, one behind the other, and back; the last one fills what is left of the lanes.
template <int Bytes>
void gather(char* __restrict to, const char* from, std::ptrdiff_t step, std::ptrdiff_t n, int lanes) {
  for (std::ptrdiff_t l = 0; l < lanes; ++l) __builtin_memcpy(to + l * Bytes, from + (l < n ? l : n - 1) * step, Bytes);
}
template <int Bytes>
void scatter(char* to, const char* __restrict from, std::ptrdiff_t step, std::ptrdiff_t n) {
  for (std::ptrdiff_t l = 0; l < n; ++l) __builtin_memcpy(to + l * step, from + l * Bytes, Bytes);
}

// The same where they lie one behind the other.
template <int Bytes, int Lanes>
[[gnu::always_inline]] inline void gather_first(char* __restrict to, const char* from, std::ptrdiff_t n) {
#if AGNESI_TRUTHS_ARE_BITS
  constexpr int all = Bytes * Lanes;  // 16 or 32 bytes are of one type each, as there are 8 or 16 lanes
  const std::uint64_t bytes = (std::uint64_t{1} << n * Bytes) - 1;
  [[maybe_unused]] const auto first = [&](auto element) {
    __builtin_memcpy(&element, from, sizeof element);
    return element;
  };
  if constexpr (all == 64 && Bytes == 8)
    return _mm512_storeu_si512(to, _mm512_mask_loadu_epi8(_mm512_set1_epi64(first(std::int64_t{})), bytes, from));
  else if constexpr (all == 64)
    return _mm512_storeu_si512(to, _mm512_mask_loadu_epi8(_mm512_set1_epi32(first(std::int32_t{})), bytes, from));
  else if constexpr (all == 32)
    return _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm256_mask_loadu_epi8(_mm256_set1_epi32(first(std::int32_t{})),
                                                                                     static_cast<__mmask32>(bytes), from));
  else if constexpr (all == 16)
    return _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm_mask_loadu_epi8(_mm_set1_epi8(*from), static_cast<__mmask16>(bytes), from));
  else
#endif
    gather<Bytes>(to, from, Bytes, n, Lanes);
}
template <int Bytes, int Lanes>
[[gnu::always_inline]] inline void scatter_first(char* to, const char* __restrict from, std::ptrdiff_t n) {
#if AGNESI_TRUTHS_ARE_BITS
  constexpr int all = Bytes * Lanes;
  const std::uint64_t bytes = (std::uint64_t{1} << n * Bytes) - 1;
  if constexpr (all == 64) return _mm512_mask_storeu_epi8(to, bytes, _mm512_loadu_si512(from));
  else if constexpr (all == 32)
    return _mm256_mask_storeu_epi8(to, static_cast<__mmask32>(bytes), _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
  else if constexpr (all == 16)
    return _mm_mask_storeu_epi8(to, static_cast<__mmask16>(bytes), _mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
  else
#endif
    scatter<Bytes>(to, from, Bytes, n);
}

template <class Program, bool AlongRow, std::size_t... I>
void number_row_of(const row_view& v, std::ptrdiff_t n, std::index_sequence<I...> all) {
  using of = loop_facts<Program>;
  constexpr int slots = of::facts.n_slots, reductions = of::facts.n_reductions, width = lanes_of_program<Program>();
  constexpr int unroll = AlongRow && reductions <= 2 && of::facts.cost <= 7 ? 4 : 1;
  number_row_state<rounded(of::count), width, rounded(slots), rounded(reductions), unroll, AlongRow> s;
  alignas(64) char gathered[slots][width * 8];
  bool dense = true;
  const auto each_memory = [&](auto what) __attribute__((always_inline)) {
    each_constant<slots>([&](auto k) __attribute__((always_inline)) {
      constexpr slot_facts f = of::facts.slots[k];
      if constexpr (f.what != kind::iota && (f.what != kind::reduce || !AlongRow))
        what(k, std::integral_constant<int, size_of(f.memory)>{}, std::bool_constant<f.what != kind::store>{},
             std::bool_constant<f.what != kind::load>{});
    });
  };
  each_constant<slots>([&](auto k) __attribute__((always_inline)) {
    s.at[k] = by_itself(v.at[k]), s.keep[k] = -1;
    s.first[k] = reinterpret_cast<std::intptr_t>(v.at[k]), s.by[k] = v.step[k];
  });
  each_memory([&](auto k, auto bytes, auto, auto writes) __attribute__((always_inline)) {
    if (v.step[k] == bytes) return;
    if (writes || v.step[k] != 0) {
      dense = false;
      return;
    }
    gather<bytes>(gathered[k], v.at[k], 0, width, width);
    s.at[k] = gathered[k], s.keep[k] = 0;
  });
  take_uniforms<Program>(s, v.cells, all);
  const auto each_reduction = [&](auto what) __attribute__((always_inline)) {
    const auto one = [&]<code_word Word>() __attribute__((always_inline)) {
      constexpr loop::step i = unpacked_step(Word);
      if constexpr (i.what == kind::reduce)
        what.template operator()<i.ta, i.how>(&s.total.template reg<i.ta>(i.k * unroll), *reinterpret_cast<element_of<i.ta>*>(v.at[i.b]));
    };
    (one.template operator()<of::facts.steps[I]>(), ...);
  };
  if constexpr (AlongRow)
    each_reduction([&]<dtype D, combine How, class T>(auto* total, T&) __attribute__((always_inline)) {
      for (int u = 0; u < unroll; ++u) total[u] = s.template splat<D>(identity_of<T>(How));
    });

  s.i = s.begin = 0;
  if (dense) {
    if constexpr (unroll > 1)
      for (; s.i + unroll * width <= n; s.begin = s.i += unroll * width)
        each_constant<unroll>([&](auto u) __attribute__((always_inline)) { run_body<Program>(s, whole_round{u}, all); });
    for (; s.i + width <= n; s.begin = s.i += width) run_body<Program>(s, whole_round{0}, all);
  }
  for (s.i = 0; s.begin < n; s.begin += width) {
    const std::ptrdiff_t rest = n - s.begin, count = rest < width ? rest : width;
    each_memory([&](auto k, auto bytes, auto reads, auto) __attribute__((always_inline)) {
      if (s.keep[k] == 0) return;
      if constexpr (reads) {
        if (dense) gather_first<bytes, width>(gathered[k], v.at[k] + s.begin * bytes, count);
        else gather<bytes>(gathered[k], v.at[k] + s.begin * v.step[k], v.step[k], count, width);
      }
      s.at[k] = gathered[k];
    });
    run_body<Program>(s, part_of_round{count}, all);
    each_memory([&](auto k, auto bytes, auto, auto writes) __attribute__((always_inline)) {
      if constexpr (writes) {
        if (dense) scatter_first<bytes, width>(v.at[k] + s.begin * bytes, gathered[k], count);
        else scatter<bytes>(v.at[k] + s.begin * v.step[k], gathered[k], v.step[k], count);
      }
    });
  }
  if constexpr (AlongRow)
    each_reduction([]<dtype D, combine How, class T>(auto* total, T& there) __attribute__((always_inline)) {
      for (int u = 1; u < unroll; ++u) total[0] = lanes::joined<How, D, width>(total[0], total[u]);
      const auto each = lanes::apart<D, width>(total[0]);
      for (const T& x : each.at) there = combined(How, there, x);
    });
}

template <class Program, bool AlongRow>
void number_row(const row_view& v, std::ptrdiff_t n) {
  number_row_of<Program, AlongRow>(v, n, instructions_of<Program>{});
}

}  // namespace agnesi::loop
