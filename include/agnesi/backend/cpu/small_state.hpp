// SPDX-License-Identifier: BSD-3-Clause
// Packs of a fused loop whose extents the compiler knows and that are few: each pack is read, computed and written by
// straight-line code.
//   small_row<Program>(state, …): a row of 11 doubles is a pack of 8 and a pack of which 3 lanes count
#pragma once

#include <bit>

#include "agnesi/backend/blas/small_vector.hpp"
#include "agnesi/backend/cpu/pack_row.hpp"

namespace agnesi::loop {

// A pack of which the first Count lanes count, beginning with this element of the row.
template <int Count>
struct lanes_from {
  std::ptrdiff_t at;
};

// What a loop of a whole space needs beyond pack_row's registers: operands with strides that the compiler knows.
template <class F, int N, int Slots, int Totals, bool Apart>
struct small_state : pack_row_state<F, N, Slots, Totals, 1, true, Apart> {
  using base = pack_row_state<F, N, Slots, Totals, 1, true, Apart>;
  using base::lanes;
  F* from[Slots];             // the first element of the row
  std::ptrdiff_t apart[Slots];  // elements from one to the next

  [[gnu::always_inline]] static auto as_pack(const blas::detail::simd_t<F, lanes>& v) {
    if constexpr (lanes == 1) return v;
    else return std::bit_cast<simd::pack<F>>(v);
  }
  [[gnu::always_inline]] static auto as_vector(const simd::pack<F>& v) {
    return std::bit_cast<blas::detail::simd_t<F, lanes>>(v);
  }

  template <dtype D, bool, int Count>
  [[gnu::always_inline]] auto load(int slot, int, lanes_from<Count> p) const {
    const std::ptrdiff_t step = apart[slot];
    const F* first = from[slot] + p.at * step;
    simd::pack<F> v;
    if (step == 1) v = as_pack(blas::detail::load_some<F, lanes, Count>(first));
    else if (step == 0) v = simd::splat<F>(*first);
    else v = as_pack(blas::detail::load_apart<F, lanes, Count>(first, step));
    return this->template from_number<D>(v);
  }
  template <dtype D, class V, int Count>
  [[gnu::always_inline]] void store(int slot, int, const V& v, lanes_from<Count> p) const {
    const simd::pack<F> numbers = this->template number<D>(v);
    blas::detail::store_some<F, lanes, Count>(from[slot] + p.at, as_vector(numbers));
  }
  template <dtype D, combine How, bool, class V, int Count>
  [[gnu::always_inline]] void reduce(int r, int, int, const V& v, lanes_from<Count>) {
    auto& t = this->total[r];
    const auto sum = this->template joined<How>(t, this->template number<D>(v));
    if constexpr (Count == lanes) t = sum;
    else t = simd::choose<F>(simd::first_lanes<F>(Count), sum, t);
  }
};

}  // namespace agnesi::loop
