// SPDX-License-Identifier: BSD-3-Clause
// The registers of a program of one floating type as packs, and what loads, stores and reductions are on them: of whole packs, of the
// last one, in part, and of several rows.
//   pack_row_state<float, 8, 4, 1, 4, false, false> s;  run_body<Program>(s, whole_pack{0}, all);
#pragma once

#include "agnesi/backend/cpu/convert.hpp"
#include "agnesi/backend/cpu/divisor.hpp"
#include "agnesi/backend/cpu/math/operations.hpp"
#include "agnesi/backend/cpu/row.hpp"

namespace agnesi::loop {

constexpr bool is_extremum(combine how) { return how == combine::max || how == combine::min; }

struct whole_pack {
  int u;  // which of the packs of one round
};
struct perhaps_streamed_pack : whole_pack {  // asked at each store, where that takes no time beside the rest
  bool streams;  // past the caches
};
struct part_of_pack {
  std::ptrdiff_t n;
  int row = 0;
};
struct pack_of_row {
  int row, u;  // which of several rows that are read at a time; which pack of one round
};

template <class F, int N, int Slots, int Totals, int Unroll, bool Rows, bool Apart>
struct pack_row_state {
  static constexpr bool packs = true;
  static constexpr int lanes = simd::lanes<F>;
  simd::pack<F> value[N];
  simd::mask<F> truth[N];
  char* at[Slots];
  std::ptrdiff_t keep[Slots];
  std::ptrdiff_t i;
  char* row_at[Rows ? Slots * Unroll : 1];
  simd::pack<F> total[Totals];
  simd::mask<F> nan[Rows ? 1 : Totals];  // along a row, where a maximum or a minimum has met NaN

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
    if constexpr (D == dtype::boolean) return simd::unlike<F>(v, simd::splat<F>(0));  // true for NaN
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
  template <code_word Bits>
  [[gnu::always_inline]] static auto divided(const simd::pack<F>& x) {
    return simd::divided<F, Bits>(x);
  }

  template <class M = F>
  [[gnu::always_inline]] M* first_of(int slot, int row) const {
    if constexpr (!Rows) return reinterpret_cast<M*>(at[slot]);
    else return reinterpret_cast<M*>(row_at[slot * Unroll + row]);
  }
  [[gnu::always_inline]] static constexpr int row_of(whole_pack) { return 0; }
  [[gnu::always_inline]] static constexpr int row_of(part_of_pack p) { return p.row; }
  [[gnu::always_inline]] static constexpr int row_of(pack_of_row p) { return p.row; }
  [[gnu::always_inline]] static constexpr int first_lane(whole_pack p) { return p.u * lanes; }
  [[gnu::always_inline]] static constexpr int first_lane(part_of_pack) { return 0; }
  [[gnu::always_inline]] static constexpr int first_lane(pack_of_row p) { return p.u * lanes; }
  template <class M = F, class Place>
  [[gnu::always_inline]] M* place(int slot, Place p) const {
    return first_of<M>(slot, row_of(p)) + (i & keep[slot]) + first_lane(p);
  }
  // Results never repeat along a row.
  template <class M = F, class Place>
  [[gnu::always_inline]] M* result(int slot, Place p) const {
    return first_of<M>(slot, row_of(p)) + i + first_lane(p);
  }

  template <dtype D, bool, class Place>
  [[gnu::always_inline]] auto load(int slot, int, Place p) const {
    if constexpr (D == dtype::boolean) return simd::load_mask<F>(place<bool>(slot, p));
    else return simd::load<F>(place(slot, p));
  }
  template <dtype D, bool>
  [[gnu::always_inline]] auto load(int slot, int, part_of_pack p) const {
    if constexpr (D == dtype::boolean) return from_number<D>(simd::load_first_as<F>(place<bool>(slot, p), p.n));
    else return simd::load_first<F>(place(slot, p), p.n);
  }
  // Of memory of another type, which is converted on the way.
  template <dtype Memory, class Place>
  [[gnu::always_inline]] auto load_as(int slot, Place p) const {
    return simd::load_as<F>(place<const element_of<Memory>>(slot, p));
  }
  template <dtype Memory>
  [[gnu::always_inline]] auto load_as(int slot, part_of_pack p) const {
    return simd::load_first_as<F>(place<const element_of<Memory>>(slot, p), p.n);
  }
  template <dtype Memory, class Place>
  [[gnu::always_inline]] void store_as(int slot, const simd::pack<F>& v, Place p) const {
    simd::store_as<F>(result<element_of<Memory>>(slot, p), v);
  }
  template <dtype Memory>
  [[gnu::always_inline]] void store_as(int slot, const simd::pack<F>& v, part_of_pack p) const {
    simd::store_first_as<F>(result<element_of<Memory>>(slot, p), v, p.n);
  }
  template <dtype D, class Place>
  [[gnu::always_inline]] auto index(int slot, int operand, Place p) const {
    return load<D, false>(slot, operand, p);
  }
  template <dtype D, class V, class Place>
  [[gnu::always_inline]] void store(int slot, int, const V& v, Place p) const {
    if constexpr (D == dtype::boolean) simd::store_mask<F>(result<bool>(slot, p), v);
    else simd::store<F>(result(slot, p), v);
  }
  template <dtype D, class V>
  [[gnu::always_inline]] void store(int slot, int, const V& v, perhaps_streamed_pack p) const {
    if constexpr (D == dtype::boolean) simd::store_mask<F>(result<bool>(slot, p), v);
    else if (p.streams) simd::stream<F>(result(slot, p), v);
    else simd::store<F>(result(slot, p), v);
  }
  template <dtype D, class V>
  [[gnu::always_inline]] void store(int slot, int, const V& v, part_of_pack p) const {
    if constexpr (D == dtype::boolean) simd::store_first_as<F>(result<bool>(slot, p), number<D>(v), p.n);
    else simd::store_first<F>(result(slot, p), v, p.n);
  }

  template <combine How>
  [[gnu::always_inline]] static simd::pack<F> joined(const simd::pack<F>& a, const simd::pack<F>& b) {
    if constexpr (How == combine::sum) return a + b;
    else if constexpr (How == combine::prod || How == combine::all_true) return a * b;
    else if constexpr (How == combine::max || How == combine::any_true) return simd::larger<F>(a, b);
    else return simd::smaller<F>(a, b);
  }
  template <dtype D, combine How, bool, class V>
  [[gnu::always_inline]] void reduce(int r, int, int, const V& v, whole_pack p) {
    auto& t = total[r * Unroll + p.u];
    if constexpr (D == dtype::boolean || !is_extremum(How)) {
      t = joined<How>(t, number<D>(v));
    } else {
      nan[r * Unroll + p.u] = nan[r * Unroll + p.u] || simd::nan_lanes<F>(v);
      if constexpr (How == combine::max) t = simd::larger_number<F>(t, v);
      else t = simd::smaller_number<F>(t, v);
    }
  }
  template <dtype D, combine How, bool, class V>
  [[gnu::always_inline]] void reduce(int r, int, int, const V& v, pack_of_row p) {
    total[r * Unroll + p.row] = number<D>(v);
  }
  template <dtype D, combine How, bool, class V>
  [[gnu::always_inline]] void reduce(int r, int slot, int, const V& v, part_of_pack p) {
    if constexpr (!Rows) {
      auto& t = total[r * Unroll];
      t = simd::choose<F>(simd::first_lanes<F>(p.n), joined<How>(t, number<D>(v)), t);
    } else {
      F* to = reinterpret_cast<F*>(at[slot]) + i;
      simd::store_first<F>(to, joined<How>(simd::load_first<F>(to, p.n), number<D>(v)), p.n);
    }
  }
};

template <class Op, class F, class... A>
[[gnu::noinline]] auto evaluate_apart(const A... a) {
  return simd::evaluate<Op>(a...);
}

// Exponentials and the like are inlined as long as they are few: exp(a) * tanh(b) + a takes 0.20 ns an element inlined
// and 0.30 with calls, and the compiler 10 to 20 ms more for each.
inline constexpr int inlined_cost = 100;

template <class F, int N, int Slots, int Totals, int Unroll, bool Rows, bool Apart>
template <class Op, dtype To, class... A>
[[gnu::always_inline]] inline auto pack_row_state<F, N, Slots, Totals, Unroll, Rows, Apart>::evaluate(
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
  } else if constexpr (facts_of<Op>().cost >= 15) {
    return simd::evaluate<Op>(a...);
  } else if constexpr (AGNESI_HAS_EXTREMA && simd::is_extremum<Op> && (std::is_same_v<A, simd::pack<F>> && ...)) {
    return simd::extremum_of<Op, F>(a...);
  } else {
    return Op::eval(a...);
  }
}

// A sum needs eight accumulators to read from L1 as fast as it goes: 3000 floats take 33 ns, with four of them 39.
// A maximum has four, each with a mask: there are eight registers for those.
template <class Facts>
constexpr int unroll_for(const Facts& f, bool along_row) {
  bool extremum = false;
  for (int k = 0; k < f.n_slots; ++k) extremum = extremum || (f.slots[k].what == kind::reduce && is_extremum(f.slots[k].how));
  const int most = f.n_reductions > 2 ? 2 : f.n_reductions == 1 && f.cost <= 3 && along_row && !extremum ? 8 : 4;
  return f.cost > 14 ? 1 : f.cost > 7 ? 2 : most;
}

template <class Program, bool AlongRow>
inline constexpr int unroll_of = unroll_for(loop_facts<Program>::facts, AlongRow);

}  // namespace agnesi::loop
