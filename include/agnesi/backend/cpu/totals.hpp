// SPDX-License-Identifier: BSD-3-Clause
// Totals of reductions between a kernel's packs and memory, and the loop over dense operands that yield one number.
//   pairwise<float> sums{}; sums.add(combine::sum, x); float s = sums.result(combine::sum, rest);
#pragma once

#include <cstddef>

#include "agnesi/backend/cpu/row.hpp"
#include "agnesi/backend/cpu/simd.hpp"
#include "agnesi/backend/cpu/stage.hpp"

namespace agnesi::loop {

// After so many elements, or rows of totals, a partial sum is put aside, which keeps its rounding error small.
inline constexpr std::ptrdiff_t sum_block = 16384, sum_rows = 512;

// Sums by pairs: each level holds a sum of twice as many numbers as the one before.
template <class F>
struct pairwise {
  F level[40];
  std::int64_t count = 0;

  void add(combine how, F x) {
    int l = 0;
    for (; (count >> l & 1) != 0; ++l) x = combined(how, level[l], x);
    level[l] = x;
    ++count;
  }
  F result(combine how, F x) const {
    for (int l = 0; count >> l != 0; ++l)
      if ((count >> l & 1) != 0) x = combined(how, level[l], x);
    return x;
  }
};

template <class F>
[[gnu::always_inline]] inline F lanes_into_one(combine how, const F* lanes) {
  const auto v = simd::load<F>(lanes);
  switch (how) {
    case combine::sum: return simd::sum<F>(v);
    case combine::all_true:
    case combine::prod: return simd::prod<F>(v);
    case combine::any_true:
    case combine::max: return simd::max<F>(v);
    default: return simd::min<F>(v);
  }
}

// Reductions of everything, where all operands are dense: what pack_walk would do, without its preparations.
template <class F>
void reduce_dense(row_kernel kernel, const slot_facts* slots, int n_slots, const loop_operand* operands,
                  const code_word* cells, char** at, const std::ptrdiff_t* keep, F* totals, pairwise<F>* set_aside,
                  std::ptrdiff_t total, bool onto) {
  constexpr std::ptrdiff_t lanes = simd::lanes<F>;
  const row_view view{at, keep, cells, totals};
  const auto each_reduction = [&](auto f) {
    for (int k = 0, r = 0; k < n_slots; ++k)
      if (slots[k].what == kind::reduce) f(slots[k], totals + lanes * r, set_aside[r]), ++r;
  };
  const auto clear = [](const slot_facts& s, F* sums, pairwise<F>&) {
    simd::store<F>(sums, simd::splat<F>(identity_of<F>(s.how)));
  };
  each_reduction(clear);
  each_reduction([](const slot_facts&, F*, pairwise<F>& aside) { aside.count = 0; });
  for (; total > sum_block; total -= sum_block) {
    kernel(view, sum_block);
    for (int k = 0; k < n_slots; ++k)
      if (slots[k].what != kind::reduce) at[k] += sum_block * size_of(slots[k].memory);
    each_reduction([](const slot_facts& s, F* sums, pairwise<F>& aside) {
      aside.add(s.how, lanes_into_one(s.how, sums));
    });
    each_reduction(clear);
  }
  kernel(view, total);
  each_reduction([&](const slot_facts& s, F* sums, const pairwise<F>& aside) {
    const F sum = aside.result(s.how, lanes_into_one(s.how, sums));
    stage_total(static_cast<char*>(operands[s.operand].data), s.memory, 0, &sum, 1, s.how, s.accumulate || onto);
  });
}

}  // namespace agnesi::loop
