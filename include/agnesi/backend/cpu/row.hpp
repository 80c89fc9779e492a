// SPDX-License-Identifier: BSD-3-Clause
// The innermost loop of a program, over one row: as packs of one floating type, or as numbers where types are mixed.
//   scalar_row<Program, false>(view, n);  vector_row<Program, true>(view, n);
#pragma once

#include <cstring>
#include <utility>

#include "agnesi/backend/cpu/registers.hpp"
#include "agnesi/backend/cpu/simd.hpp"

namespace agnesi::loop {

// One row as a kernel sees it, slot by slot.
struct row_view {
  char* const* at;             // the first element; an iota's index as a number
  const std::ptrdiff_t* step;  // numbers: bytes from one to the next. Packs: -1, or 0 where one pack is used again and again
  const code_word* cells;      // the uniform values
  void* totals;                // packs: for each reduction along the row a pack that it is added to
};
using row_kernel = void (*)(const row_view&, std::ptrdiff_t n);

template <class Program, class State, std::size_t... I>
[[gnu::always_inline]] inline void take_uniforms(State& s, const code_word* cells, std::index_sequence<I...>) {
  using of = loop_facts<Program>;
  const auto take = [&]<std::size_t K, code_word Word>() __attribute__((always_inline)) {
    constexpr step i = unpacked_step(Word);
    if constexpr (!of::facts.imported[K]) return;
    else if constexpr (i.what == kind::constant) run_step<no_op, Word, of::facts.bits[K]>(s, 0);
    else
      s.template reg<i.type>(i.k) =
          s.template splat<i.type>(loop_code::value_of_bits<element_of<i.type>>(cells[of::facts.cell[K]]));
  };
  constexpr bool packs = State::packs;
  (take.template operator()<I, packs ? of::facts.vector_steps[I] : of::facts.steps[I]>(), ...);
}

// Everything that differs from element to element.
template <class Program, class State, class Place, std::size_t... I>
[[gnu::always_inline]] inline void run_body(State& s, Place at, std::index_sequence<I...>) {
  using of = loop_facts<Program>;
  const auto run = [&]<std::size_t K>() __attribute__((always_inline)) {
    if constexpr (!of::facts.uniform[K])
      run_step<typename of::template op_at<of::facts.op[K]>,
               State::packs ? of::facts.vector_steps[K] : of::facts.steps[K], 0>(s, at);
  };
  (run.template operator()<I>(), ...);
}

// ---- numbers, a few at a time in arrays, which compilers turn into vectors of any type

inline constexpr int group = 16;

template <class T>
struct group_of {
  T at[group];
};

// g++ -O3 would unroll such a loop before it could vectorize it, and then does not.
template <class Function>
[[gnu::always_inline]] inline void each_lane(Function f) {
#if defined(__GNUC__) && !defined(__clang__)
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
    each_lane([&](int l) __attribute__((always_inline)) { r.at[l] = static_cast<element_of<To>>(Op::eval(a.at[l]...)); });
    return r;
  }
};

// Elements i … i + n - 1, n <= group; where there are fewer the last one is computed again, and not stored.
struct part_of_row {
  std::ptrdiff_t i;
  int n;
};

template <int N, int Slots, int Reductions, bool AlongRow>
struct scalar_row_state : group_registers<N> {
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
      each_lane([&](int l) __attribute__((always_inline)) { r.at[l] = *reinterpret_cast<const T*>(from + (l < p.n ? l : p.n - 1) * by); });
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
void scalar_row_of(const row_view& v, std::ptrdiff_t n, std::index_sequence<I...> all) {
  using of = loop_facts<Program>;
  constexpr int slots = of::facts.n_slots;
  scalar_row_state<rounded(of::count), rounded(slots), rounded(of::facts.n_reductions), AlongRow> s;
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
void scalar_row(const row_view& v, std::ptrdiff_t n) {
  scalar_row_of<Program, AlongRow>(v, n, std::make_index_sequence<static_cast<std::size_t>(loop_facts<Program>::count)>{});
}

// ---- packs

struct whole_pack {
  int u;  // which of the packs of one round
};
struct part_of_pack {
  std::ptrdiff_t n;
};

template <class F, int N, int Slots, int Totals, int Unroll, bool AlongRow, bool Apart>
struct vector_row_state {
  static constexpr bool packs = true;
  static constexpr int lanes = simd::lanes<F>;
  simd::pack<F> value[N];
  simd::mask<F> truth[N];
  F* at[Slots];
  std::ptrdiff_t keep[Slots];
  std::ptrdiff_t i;
  simd::pack<F> total[Totals];

  template <dtype D>
  [[gnu::always_inline]] auto& reg(int k) {
    if constexpr (D == dtype::boolean) return truth[k];
    else return value[k];
  }
  template <dtype D>
  [[gnu::always_inline]] static auto splat(element_of<D> x) {
    if constexpr (D == dtype::boolean) return simd::mask<F>(x);
    else return simd::splat<F>(x);
  }
  [[gnu::always_inline]] static simd::pack<F> as_number(const simd::mask<F>& m) {
    return simd::choose<F>(m, simd::splat<F>(1), simd::splat<F>(0));
  }
  template <dtype D, class V>
  [[gnu::always_inline]] static auto number(const V& v) {
    if constexpr (D == dtype::boolean) return as_number(v);
    else return v;
  }
  template <dtype D>
  [[gnu::always_inline]] static auto from_number(const simd::pack<F>& v) {
    if constexpr (D == dtype::boolean) return !(v == simd::splat<F>(0));  // true for NaN
    else return v;
  }
  template <dtype To, dtype From, class V>
  [[gnu::always_inline]] static auto convert(const V& v) {
    if constexpr (To == From) return v;
    else if constexpr (To == dtype::boolean) return from_number<To>(v);
    else return as_number(v);
  }
  template <class Op, dtype To, class... A>
  [[gnu::always_inline]] static auto evaluate(const A&... a);

  [[gnu::always_inline]] F* place(int slot, whole_pack p) const { return at[slot] + (i & keep[slot]) + p.u * lanes; }
  [[gnu::always_inline]] F* place(int slot, part_of_pack) const { return at[slot] + (i & keep[slot]); }
  // Results never repeat along a row.
  [[gnu::always_inline]] F* result(int slot, whole_pack p) const { return at[slot] + i + p.u * lanes; }
  [[gnu::always_inline]] F* result(int slot, part_of_pack) const { return at[slot] + i; }

  template <dtype D, bool>
  [[gnu::always_inline]] auto load(int slot, int, whole_pack p) const {
    return from_number<D>(simd::load<F>(place(slot, p)));
  }
  template <dtype D, bool>
  [[gnu::always_inline]] auto load(int slot, int, part_of_pack p) const {
    return from_number<D>(simd::load_first<F>(place(slot, p), p.n));
  }
  template <dtype D, class Place>
  [[gnu::always_inline]] auto index(int slot, int operand, Place p) const {
    return load<D, false>(slot, operand, p);
  }
  template <dtype D, class V>
  [[gnu::always_inline]] void store(int slot, int, const V& v, whole_pack p) const {
    simd::store<F>(result(slot, p), number<D>(v));
  }
  template <dtype D, class V>
  [[gnu::always_inline]] void store(int slot, int, const V& v, part_of_pack p) const {
    simd::store_first<F>(result(slot, p), number<D>(v), p.n);
  }

  template <combine How>
  [[gnu::always_inline]] static simd::pack<F> joined(const simd::pack<F>& a, const simd::pack<F>& b) {
    if constexpr (How == combine::sum) return a + b;
    else if constexpr (How == combine::prod || How == combine::all) return a * b;
    else if constexpr (How == combine::max || How == combine::any) return simd::larger<F>(a, b);
    else return simd::smaller<F>(a, b);
  }
  template <dtype D, combine How, bool, class V>
  [[gnu::always_inline]] void reduce(int r, int slot, int, const V& v, whole_pack p) {
    if constexpr (AlongRow) {
      auto& t = total[r * Unroll + p.u];
      t = joined<How>(t, number<D>(v));
    } else {
      F* to = result(slot, p);
      simd::store<F>(to, joined<How>(simd::load<F>(to), number<D>(v)));
    }
  }
  template <dtype D, combine How, bool, class V>
  [[gnu::always_inline]] void reduce(int r, int slot, int, const V& v, part_of_pack p) {
    if constexpr (AlongRow) {
      auto& t = total[r * Unroll];
      t = simd::choose<F>(simd::first_lanes<F>(p.n), joined<How>(t, number<D>(v)), t);
    } else {
      F* to = result(slot, p);
      simd::store_first<F>(to, joined<How>(simd::load_first<F>(to, p.n), number<D>(v)), p.n);
    }
  }
};

template <class Op, class F, class... A>
[[gnu::noinline]] auto evaluate_apart(const A... a) {
  return Op::eval(a...);
}

// Exponentials and the like are inlined as long as they are few: a call costs an exp or tanh of 16 floats 30 % more, and
// inlined each costs the compiler 10 to 20 ms.
inline constexpr int inlined_cost = 100;

template <class F, int N, int Slots, int Totals, int Unroll, bool AlongRow, bool Apart>
template <class Op, dtype To, class... A>
[[gnu::always_inline]] inline auto vector_row_state<F, N, Slots, Totals, Unroll, AlongRow, Apart>::evaluate(
    const A&... a) {
  using truth_value = simd::mask<F>;
  constexpr bool truths_only = (std::is_same_v<A, truth_value> && ...);
  // xsimd selects numbers only, and up to 8.1 compares masks as numbers, of which a true one is NaN.
  if constexpr (truths_only && std::is_same_v<Op, op::where>) {
    const auto where = [](auto c, auto x, auto y) { return (c && x) || (!c && y); };
    return where(a...);
  } else if constexpr (truths_only && (std::is_same_v<Op, op::equal> || std::is_same_v<Op, op::not_equal>)) {
    const auto equal = [](auto x, auto y) { return (x && y) || !(x || y); };
    if constexpr (std::is_same_v<Op, op::equal>) return equal(a...);
    else return !equal(a...);
  } else if constexpr (Apart && facts_of<Op>().cost >= 15) {
    return evaluate_apart<Op, F>(a...);
  } else {
    return Op::eval(a...);
  }
}

constexpr int unroll_for(int cost, int reductions) {
  const int most = reductions > 2 ? 2 : 4;
  return cost > 14 ? 1 : cost > 7 ? 2 : most;
}

template <class Program>
inline constexpr int unroll_of = unroll_for(loop_facts<Program>::facts.cost, loop_facts<Program>::facts.n_reductions);

template <class Program, bool AlongRow, std::size_t... I, int... U>
void vector_row_of(const row_view& v, std::ptrdiff_t n, std::index_sequence<I...> all, std::integer_sequence<int, U...>) {
  using of = loop_facts<Program>;
  using F = element_of<of::facts.vector>;
  constexpr int slots = of::facts.n_slots, reductions = of::facts.n_reductions, unroll = sizeof...(U);
  constexpr int lanes = simd::lanes<F>;
  vector_row_state<F, rounded(of::count), rounded(slots), rounded(reductions * unroll), unroll, AlongRow,
                   (of::facts.cost > inlined_cost)>
      s;
  for (int k = 0; k < slots; ++k) s.at[k] = reinterpret_cast<F*>(v.at[k]), s.keep[k] = v.step[k];
  take_uniforms<Program>(s, v.cells, all);

  const auto each_reduction = [&](auto what) __attribute__((always_inline)) {
    const auto one = [&]<std::size_t K, code_word Word>() __attribute__((always_inline)) {
      constexpr step i = unpacked_step(Word);
      if constexpr (i.what == kind::reduce) what.template operator()<i.how, i.k>();
    };
    (one.template operator()<I, of::facts.vector_steps[I]>(), ...);
  };
  if constexpr (AlongRow)
    each_reduction([&]<combine How, int R>() __attribute__((always_inline)) {
      ((s.total[R * unroll + U] = simd::splat<F>(identity_of<F>(How))), ...);
    });

  s.i = 0;
  if constexpr (unroll > 1)
    for (; s.i + unroll * lanes <= n; s.i += unroll * lanes) (run_body<Program>(s, whole_pack{U}, all), ...);
  for (; s.i + lanes <= n; s.i += lanes) run_body<Program>(s, whole_pack{0}, all);
  if constexpr (lanes > 1)
    if (s.i < n) run_body<Program>(s, part_of_pack{n - s.i}, all);

  if constexpr (AlongRow)
    each_reduction([&]<combine How, int R>() __attribute__((always_inline)) {
      auto& t = s.total[R * unroll];
      ((U > 0 ? void(t = s.template joined<How>(t, s.total[R * unroll + U])) : void()), ...);
      F* to = static_cast<F*>(v.totals) + R * lanes;
      simd::store<F>(to, s.template joined<How>(simd::load<F>(to), t));
    });
}

template <class Program, bool AlongRow>
void vector_row(const row_view& v, std::ptrdiff_t n) {
  vector_row_of<Program, AlongRow>(v, n, std::make_index_sequence<static_cast<std::size_t>(loop_facts<Program>::count)>{},
                                   std::make_integer_sequence<int, unroll_of<Program>>{});
}

}  // namespace agnesi::loop
