// SPDX-License-Identifier: BSD-3-Clause
// Fused loops whose extents and strides the compiler knows and that have few elements, as straight-line code.
//   small_loop<Program, Space>::run(operands);   Space::extent(axis), Space::rank, Space::operand(k) say what is known
#pragma once

#include "agnesi/backend/cpu/each_number.hpp"
#include "agnesi/backend/cpu/loop.hpp"
#include "agnesi/backend/cpu/small_plan.hpp"
#include "agnesi/backend/cpu/small_state.hpp"

namespace agnesi::cpu {

template <class Program, class Space>
class small_loop {
  using of = loop::loop_facts<Program>;
  using all = loop::instructions_of<Program>;
  static constexpr int rank = Space::rank;
  static constexpr bool reduces = of::facts.n_reductions > 0;

  static constexpr int total() {
    int n = 1;
    for (int a = 0; a < rank; ++a) n *= static_cast<int>(Space::extent(a));
    return n;
  }
  static constexpr bool every_axis() {
    const unsigned axes = (1u << rank) - 1;
    return (of::facts.axes & axes) == axes;
  }
  // Whether all operands lie element behind element in the loop's order.
  static constexpr bool dense() {
    std::ptrdiff_t stride = 1;
    for (int a = rank; a-- > 0; stride *= Space::extent(a))
      for (int k = 0; k < of::facts.n_slots && Space::extent(a) > 1; ++k)
        if (of::facts.slots[k].what != loop::kind::reduce && Space::operand(of::facts.slots[k].operand).strides[a] != stride)
          return false;
    return true;
  }
  static constexpr int row() { return dense() ? total() : static_cast<int>(Space::extent(rank - 1)); }
  static constexpr bool results_in_rows() {
    for (int k = 0; k < of::facts.n_slots; ++k)
      if (of::facts.slots[k].what == loop::kind::store && row() > 1 && !dense() &&
          Space::operand(of::facts.slots[k].operand).strides[rank - 1] != 1)
        return false;
    return true;
  }
  static constexpr bool few() { return total() <= 16 && of::facts.cost <= 14; }
  static constexpr bool in_packs() {
    if (!of::facts.unconverted() || (reduces && !every_axis()) || !results_in_rows()) return false;
    return row() > 3 || !few();
  }
  // Where a row is read element by element anyway, or its axes are reduced in part, some elements are quicker one by one.
  static constexpr bool by_element() { return !in_packs() && few(); }

  template <int At>
  static constexpr std::ptrdiff_t index_along(int axis) {
    int rest = At;
    for (int a = rank - 1; a > axis; --a) rest /= static_cast<int>(Space::extent(a));
    return rest % Space::extent(axis);
  }
  template <int At>
  static constexpr bool first_of_reduction() {
    for (int a = 0; a < rank; ++a)
      if ((of::facts.axes >> a & 1u) != 0 && index_along<At>(a) != 0) return false;
    return true;
  }

  template <int... At>
  [[gnu::always_inline]] static void run_elements(const loop_operand* operands, std::integer_sequence<int, At...>) {
    const auto one = [&]<int K>() __attribute__((always_inline)) {
      std::ptrdiff_t index[rank];
      each_number<rank>([&](auto a) __attribute__((always_inline)) {
        constexpr std::ptrdiff_t at = index_along<K>(a);
        index[a] = at;
      });
      loop::element_of_loop<Program, rank, false>(operands, index, !first_of_reduction<K>(), nullptr, all{});
    };
    (one.template operator()<At>(), ...);
  }

  template <class State>
  [[gnu::always_inline]] static void run_row(State& s) {
    constexpr int n = row(), lanes = State::lanes;
    if constexpr (n / lanes <= 16) {
      blas::detail::each_vector<n, lanes>([&](auto first, auto count, auto) __attribute__((always_inline)) {
        loop::run_body<Program>(s, loop::lanes_from<count>{first}, all{});
      });
    } else {
      constexpr int whole = n / lanes * lanes;
      for (int i = 0; i < whole; i += lanes) loop::run_body<Program>(s, loop::lanes_from<lanes>{i}, all{});
      if constexpr (whole < n) loop::run_body<Program>(s, loop::lanes_from<n - whole>{whole}, all{});
    }
  }

  template <std::size_t... I>
  [[gnu::always_inline]] static void run_packs(const loop_operand* operands, std::index_sequence<I...>) {
    using F = element_of<of::facts.vector>;
    constexpr int slots = of::facts.n_slots;
    code_word cells[loop::at_least_one(of::facts.n_cells)];
    loop::element_of_loop<Program, 0, true>(operands, nullptr, false, cells, all{});
    loop::small_state<F, loop::rounded(of::count), loop::rounded(slots), loop::rounded(of::facts.n_reductions),
                      (of::facts.cost > loop::inlined_cost)>
        s;
    loop::take_uniforms<Program>(s, cells, all{});
    const auto each_reduction = [&](auto what) __attribute__((always_inline)) {
      const auto one = [&]<std::size_t K>() __attribute__((always_inline)) {
        constexpr loop::step i = loop::unpacked_step(of::facts.steps[K]);
        if constexpr (i.what == loop::kind::reduce) what.template operator()<K>();
      };
      (one.template operator()<I>(), ...);
    };
    each_reduction([&]<std::size_t K>() __attribute__((always_inline)) {
      constexpr loop::step i = loop::unpacked_step(of::facts.steps[K]);
      s.total[i.k] = simd::splat<F>(loop::identity_of<F>(i.how));
    });
    constexpr int rows = total() / row(), packs = (row() + s.lanes - 1) / s.lanes;
    const auto one_row = [&](auto r) __attribute__((always_inline)) {
      each_number<slots>([&](auto k) __attribute__((always_inline)) {
        constexpr int at = of::facts.slots[k].operand;
        const loop_operand& o = operands[at];
        F* from = static_cast<F*>(o.data);
        if constexpr (dense()) {
          s.apart[k] = 1;
        } else {
          std::ptrdiff_t rest = r;
          for (int a = rank - 2; a >= 0; rest /= Space::extent(a), --a) from += rest % Space::extent(a) * o.strides[a];
          s.apart[k] = o.strides[rank - 1];
        }
        s.from[k] = from;
      });
      run_row(s);
    };
    if constexpr (rows * packs <= 16) each_number<rows>(one_row);
    else
      for (int r = 0; r < rows; ++r) one_row(r);
    each_reduction([&]<std::size_t K>() __attribute__((always_inline)) {
      constexpr loop::step i = loop::unpacked_step(of::facts.steps[K]);
      using T = element_of<i.ta>;
      F lane[s.lanes];
      simd::store<F>(lane, s.total[i.k]);
      F sum;
      if constexpr (i.how == combine::sum) sum = blas::detail::sum_of<s.lanes, F>(s.as_vector(s.total[i.k]));
      else sum = loop::lanes_into_one(i.how, lane);
      T& there = *static_cast<T*>(operands[i.c].data);
      if constexpr (i.flag) there = loop::combined(i.how, there, loop::converted_to<T>(sum));
      else there = loop::converted_to<T>(sum);
    });
  }

 public:
  [[gnu::always_inline]] static void run(const loop_operand* operands) {
    if constexpr (rank == 0) {
      loop::element_of_loop<Program, 0, false>(operands, nullptr, false, nullptr, all{});
    } else if constexpr (in_packs()) {
      run_packs(operands, all{});
    } else if constexpr (by_element()) {
      run_elements(operands, std::make_integer_sequence<int, total()>{});
    } else {
      loop_space space;
      space.rank = rank;
      for (int a = 0; a < rank; ++a) space.extents[a] = Space::extent(a);
      run_loop<Program>(space, operands);
    }
  }
};

}  // namespace agnesi::cpu
