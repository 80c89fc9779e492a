// SPDX-License-Identifier: BSD-3-Clause
// The innermost loop of a program of mixed types: a few elements at a time in arrays, which compilers vectorize.
//   number_row<Program, AlongRow>(view, n);   AlongRow: the row's axis is reduced
#pragma once

#include <cstring>

#include "agnesi/backend/cpu/row.hpp"

namespace agnesi::loop {

inline constexpr int group = 16;

template <class T>
struct group_of {
  T at[group];
};

// g++ -O3 would unroll such a loop before it could vectorize it, and then does not.
template <class Function>
[[gnu::always_inline]] inline void each_lane(Function f) {
#if defined(__GNUC__) && !defined(__clang__) && !defined(__CUDACC__)
#pragma GCC unroll 1
#endif
  for (int l = 0; l < group; ++l) f(l);
}

template <int N>
struct group_registers {
  group_of<bool> b[N];
  group_of<std::uint8_t> u8[N];
  group_of<std::int32_t> i32[N];
  group_of<std::int64_t> i64[N];
  group_of<float> f32[N];
  group_of<double> f64[N];

  template <dtype D>
  [[gnu::always_inline]] auto& reg(int k) {
    if constexpr (D == dtype::boolean) return b[k];
    else if constexpr (D == dtype::u8) return u8[k];
    else if constexpr (D == dtype::i32) return i32[k];
    else if constexpr (D == dtype::i64) return i64[k];
    else if constexpr (D == dtype::f32) return f32[k];
    else return f64[k];
  }
  template <dtype D>
  [[gnu::always_inline]] static auto splat(element_of<D> x) {
    group_of<element_of<D>> r;
    each_lane([&](int l) __attribute__((always_inline)) { r.at[l] = x; });
    return r;
  }
  template <dtype To, dtype From>
  [[gnu::always_inline]] static auto convert(const group_of<element_of<From>>& x) {
    group_of<element_of<To>> r;
    each_lane([&](int l) __attribute__((always_inline)) { r.at[l] = converted_to<element_of<To>>(x.at[l]); });
    return r;
  }
  template <class Op, dtype To, class... A>
  [[gnu::always_inline]] static auto evaluate(const A&... a) {
    group_of<element_of<To>> r;
    each_lane([&](int l) __attribute__((always_inline)) {
      r.at[l] = static_cast<element_of<To>>(Op::eval(a.at[l]...));
    });
    return r;
  }
};

// Elements i … i + n - 1, n <= group; where there are fewer the last one is computed again, and not stored.
struct part_of_row {
  std::ptrdiff_t i;
  int n;
};

template <int N, int Slots, int Reductions, bool AlongRow>
struct number_row_state : group_registers<N> {
  static constexpr bool packs = false;
  char* at[Slots];
  std::ptrdiff_t step[Slots];
  group_registers<Reductions> total;

  template <dtype D, bool>
  [[gnu::always_inline]] auto load(int slot, int, part_of_row p) const {
    using T = element_of<D>;
    group_of<T> r;
    const std::ptrdiff_t by = step[slot];
    const char* from = at[slot] + p.i * by;
    if (by == std::ptrdiff_t{sizeof(T)} && p.n == group) std::memcpy(&r, from, sizeof r);
    else
      each_lane([&](int l) __attribute__((always_inline)) {
        r.at[l] = *reinterpret_cast<const T*>(from + (l < p.n ? l : p.n - 1) * by);
      });
    return r;
  }
  template <dtype D>
  [[gnu::always_inline]] auto index(int slot, int, part_of_row p) const {
    group_of<std::int64_t> r;
    const auto first = static_cast<std::int64_t>(reinterpret_cast<std::intptr_t>(at[slot])) + p.i * step[slot];
    each_lane([&](int l) __attribute__((always_inline)) { r.at[l] = first + l * step[slot]; });
    return r;
  }
  template <dtype D, class V>
  [[gnu::always_inline]] void store(int slot, int, const V& v, part_of_row p) const {
    using T = element_of<D>;
    const std::ptrdiff_t by = step[slot];
    char* to = at[slot] + p.i * by;
    if (by == std::ptrdiff_t{sizeof(T)} && p.n == group) std::memcpy(to, &v, sizeof v);
    else
      for (int l = 0; l < p.n; ++l) *reinterpret_cast<T*>(to + l * by) = v.at[l];
  }
  template <dtype D, combine How, bool, class V>
  [[gnu::always_inline]] void reduce(int r, int slot, int, const V& v, part_of_row p) {
    if constexpr (AlongRow) {
      auto& t = total.template reg<D>(r);
      if (p.n == group)
        each_lane([&](int l) __attribute__((always_inline)) { t.at[l] = combined(How, t.at[l], v.at[l]); });
      else
        for (int l = 0; l < p.n; ++l) t.at[l] = combined(How, t.at[l], v.at[l]);
    } else {
      char* to = at[slot] + p.i * step[slot];
      for (int l = 0; l < p.n; ++l) {
        auto& t = *reinterpret_cast<element_of<D>*>(to + l * step[slot]);
        t = combined(How, t, v.at[l]);
      }
    }
  }
};

template <class Program, bool AlongRow, std::size_t... I>
void number_row_of(const row_view& v, std::ptrdiff_t n, std::index_sequence<I...> all) {
  using of = loop_facts<Program>;
  constexpr int slots = of::facts.n_slots;
  number_row_state<rounded(of::count), rounded(slots), rounded(of::facts.n_reductions), AlongRow> s;
  for (int k = 0; k < slots; ++k) s.at[k] = v.at[k], s.step[k] = v.step[k];
  take_uniforms<Program>(s, v.cells, all);
  const auto each_reduction = [&](auto what) __attribute__((always_inline)) {
    const auto one = [&]<std::size_t K, code_word Word>() __attribute__((always_inline)) {
      constexpr loop::step i = unpacked_step(Word);
      if constexpr (i.what == kind::reduce)
        what(s.total.template reg<i.ta>(i.k), *reinterpret_cast<element_of<i.ta>*>(s.at[i.b]), i.how);
    };
    (one.template operator()<I, of::facts.steps[I]>(), ...);
  };
  if constexpr (AlongRow)
    each_reduction([]<class T>(group_of<T>& total, T&, combine how) {
      for (T& t : total.at) t = identity_of<T>(how);
    });
  for (std::ptrdiff_t i = 0; i < n; i += group)
    run_body<Program>(s, part_of_row{i, n - i < group ? static_cast<int>(n - i) : group}, all);
  if constexpr (AlongRow)
    each_reduction([]<class T>(const group_of<T>& total, T& there, combine how) {
      T sum = total.at[0];
      for (int l = 1; l < group; ++l) sum = combined(how, sum, total.at[l]);
      there = combined(how, there, sum);
    });
}

template <class Program, bool AlongRow>
void number_row(const row_view& v, std::ptrdiff_t n) {
  number_row_of<Program, AlongRow>(v, n, instructions_of<Program>{});
}

}  // namespace agnesi::loop
