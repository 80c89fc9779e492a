// SPDX-License-Identifier: BSD-3-Clause
// The usual call of a function whose extents the compiler knows and that is small: arrays without gaps.
//   small_call<Model> c; bind_all<Model>(c, args...); if (c.inputs_fit()) c.run(work, threads);
#pragma once

#include "agnesi/function/call.hpp"
#include "agnesi/function/usual_call.hpp"

namespace agnesi::detail {

template <class Model>
constexpr bool has_small_call() {
  return call<Model>::is_small && call<Model>::table_type::n_steps <= 6;  // more is too much to be repeated at every call
}

template <class Model>
class small_call : public usual_call<Model> {
  using base = usual_call<Model>;
  static constexpr const auto& table = compiled<Model>::table;
  static constexpr int n_storages = base::table_type::n_storages;
  using steps = small_run<call<Model>>;

 public:
  [[gnu::always_inline]] bool inputs_fit() {
    this->compare_declared(typename definition_of<Model>::inputs{});
    cpu::each_number<n_storages>([&](auto st) __attribute__((always_inline)) {
      if constexpr (table.storages[st].kind == storage_kind::input) compare<st>(this->arguments[table.storages[st].index].where);
    });
    return this->is_alike();
  }
  template <int K, class Target>
  [[gnu::always_inline]] bool output_fits(Target& target) {
    cpu::place p;
    locate_target(p, target);
    compare<call<Model>::template output_storage<K>()>(p);
    this->results[K].data = p.data;
    return this->is_alike();
  }
  template <int K>
  [[gnu::always_inline]] auto output_extents() const {
    constexpr storage s = table.storages[call<Model>::template output_storage<K>()];
    std::array<std::ptrdiff_t, static_cast<std::size_t>(s.rank)> e{};
    cpu::each_number<s.rank>([&](auto k) __attribute__((always_inline)) { e[k] = s.extents[k]; });
    return e;
  }
  // Whether nothing shares memory with what is written before all is read, and no two results; results in new arrays don't.
  template <bool NewResults>
  [[gnu::always_inline]] bool lies_apart() {
    bool apart = true;
    cpu::each_number<n_storages>([&](auto w) __attribute__((always_inline)) {
      cpu::each_number<n_storages>([&](auto r) __attribute__((always_inline)) {
        if constexpr (steps::must_lie_apart(w, r) && !is_new<NewResults>(w) && !is_new<NewResults>(r))
          apart = apart && is_usual(lie_apart(this->template data_of<w>(), steps::bytes_of(w), this->template data_of<r>(),
                                              steps::bytes_of(r)));
      });
    });
    return apart;
  }
  [[gnu::always_inline]] void run(workspace& w, int) {
    cpu::place places[n_storages + 1];
    cpu::each_number<n_storages>([&](auto st) __attribute__((always_inline)) {
      constexpr storage s = table.storages[st];
      if constexpr (s.kind == storage_kind::input || s.kind == storage_kind::output) {
        places[st].data = this->template data_of<st>();
        std::ptrdiff_t stride = 1;
        cpu::each_number<s.rank>([&](auto k) __attribute__((always_inline)) {
          places[st].strides[s.rank - 1 - k] = stride;
          stride *= s.extents[s.rank - 1 - k];
        });
      }
    });
    steps::template run<true>(places, w);
  }

 private:
  template <bool NewResults>
  static constexpr bool is_new(int st) {
    return NewResults && table.storages[st].kind == storage_kind::output;
  }
  template <int Storage>
  [[gnu::always_inline]] void compare(const cpu::place& p) {
    constexpr storage s = table.storages[Storage];
    std::ptrdiff_t stride = 1;
    cpu::each_number<s.rank>([&](auto k) __attribute__((always_inline)) {
      constexpr int axis = s.rank - 1 - k;
      this->unlike |= p.extents[axis] ^ s.extents[axis];
      if constexpr (s.extents[axis] != 1) this->unlike |= p.strides[axis] ^ stride;
      stride *= s.extents[axis];
    });
  }
};

}  // namespace agnesi::detail
