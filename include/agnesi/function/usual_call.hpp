// SPDX-License-Identifier: BSD-3-Clause
// What the usual calls of small work have in common, dense_call.hpp's and small_call.hpp's: they are inlined where the function is
// called, their state is in registers, and they only ask whether all is as it usually is. Whatever is not, mistakes among it, is
// left to the general call (call.hpp), which stands apart and begins anew. So nothing of what is rare is in the way: a call
// that handles it where it is met keeps in memory all that this might need.
#pragma once

#include "agnesi/function/bind.hpp"
#include "agnesi/function/compiled.hpp"
#include "agnesi/function/workspace.hpp"

namespace agnesi::detail {

// For where compilers guess, and put the usual way behind a jump: equality is what they hold to be rare.
[[gnu::always_inline]] constexpr bool is_usual(bool b) { return __builtin_expect(b, true); }

// Whether so many bytes at w and at r have none in common: one comparison.
[[gnu::always_inline]] inline bool lie_apart(const void* w, std::size_t bytes_w, const void* r, std::size_t bytes_r) {
  const auto apart = reinterpret_cast<std::uintptr_t>(w) - reinterpret_cast<std::uintptr_t>(r);
  return apart + bytes_w - 1 >= bytes_w + bytes_r - 1;
}

template <class Model>
class usual_call {
 public:
  argument arguments[definition_of<Model>::n_inputs + 1];
  cpu::place results[definition_of<Model>::n_outputs + 1];

  template <int K>
  [[gnu::always_inline]] void set_output(const cpu::place& p) {
    results[K].data = p.data;
  }

 protected:
  static constexpr const auto& table = compiled<Model>::table;
  using table_type = std::remove_cvref_t<decltype(compiled<Model>::table)>;

  // Differences are gathered, so that all of them are one branch.
  std::int64_t unlike = 0;
  [[gnu::always_inline]] bool is_alike() const { return is_usual(unlike == 0); }

  template <class... S>
  [[gnu::always_inline]] void compare_declared(input_list<S...>) {
    int slot = 0;
    [[maybe_unused]] const auto compare = [&]<class Symbol>(Symbol, const cpu::place& p) __attribute__((always_inline)) {
      cpu::each_number<Symbol::type::rank>([&](auto k) __attribute__((always_inline)) {
        if constexpr (Symbol::type::extents[k] != dyn) unlike |= p.extents[k] ^ Symbol::type::extents[k];
      });
    };
    (compare(S{}, arguments[slot++].where), ...);
  }
  // Where the storage's elements lie; what an output's target is, is said before.
  template <int Storage>
  [[gnu::always_inline]] void* data_of() {
    constexpr storage s = table.storages[Storage];
    if constexpr (s.kind == storage_kind::output) {
      return results[s.index].data;
    } else {
      argument& a = arguments[s.index];
      return s.rank == 0 && a.is_number ? a.number : a.where.data;
    }
  }
};

// The place of a target that `into` is given; a number is one too.
template <class Target>
[[gnu::always_inline]] inline void locate_target(cpu::place& p, Target& target) {
  if constexpr (std::is_arithmetic_v<Target>) p.data = &target;
  else locate(p, target);
}

}  // namespace agnesi::detail
