// SPDX-License-Identifier: BSD-3-Clause
// Where the results of a call go: into arrays that it makes, or into the caller's.
//   output_slot<Model, 0>() out; out.prepare(call); …; return out.take();   prepare_into<Model, 0>(call, target, instead);
#pragma once

#include "agnesi/function/call.hpp"

namespace agnesi::detail {

// Output K as the caller gets it: an array, or a number for rank 0.
template <class Model, int K>
struct output_value {
  static constexpr storage described = call<Model>::table.storages[call<Model>::template output_storage<K>()];
  using element = element_of<described.type>;
  static constexpr int rank = described.rank;

  array<element, rank> value;

  template <class Call>
  void prepare(Call& c) {
    value = array<element, rank>::uninitialized(c.template output_extents<K>());
    cpu::place p;
    locate(p, value);
    c.template set_output<K>(p);
  }
  auto take() {
    if constexpr (rank == 0) return *value.data();
    else return std::move(value);
  }
};
template <class Model, int K>
  requires(output_value<Model, K>::rank == 0)
struct scalar_output {
  typename output_value<Model, K>::element value{};
  template <class Call>
  void prepare(Call& c) {
    cpu::place p;
    p.data = &value;
    c.template set_output<K>(p);
  }
  auto take() { return value; }
};
template <class Model, int K>
constexpr auto output_slot() {
  if constexpr (output_value<Model, K>::rank == 0) return scalar_output<Model, K>{};
  else return output_value<Model, K>{};
}

template <class Target>
inline constexpr bool is_resized = requires(Target& t) { t.resize(t.shape()); };
// Takes the place of an array of the caller's that has to grow while the call still reads it.
template <class Target>
struct replacement {
  union {
    Target grown;
  };
  bool used = false;

  replacement() {}
  replacement(const replacement&) = delete;
  replacement& operator=(const replacement&) = delete;
  ~replacement() {
    if (used) grown.~Target();
  }
};
template <class Target>
  requires(!is_resized<Target>)
struct replacement<Target> {};

template <class Target, class Extents>
[[gnu::noinline]] Target* resized(Target& target, Extents extents, bool read, replacement<Target>& instead) {
  Target* to = &target;
  if (read) to = new (&instead.grown) Target(), instead.used = true;
  to->resize(extents);
  return to;
}

[[noreturn, gnu::cold, gnu::noinline]] inline void throw_view_extent(std::ptrdiff_t given, int axis, std::ptrdiff_t needed) {
  throw shape_error(text() << "agnesi: into is given a view whose extent " << given << " of axis " << axis
                           << " is not the output's, " << needed);
}

// Output K in an array of the caller's, resized, or in a view, whose shape must be right.
template <class Model, int K, class Target>
[[gnu::always_inline]] inline void prepare_into(call<Model>& c, Target& target, replacement<Target>& instead) {
  using out = output_value<Model, K>;
  cpu::place p;
  if constexpr (std::is_arithmetic_v<Target>) {
    static_assert(out::rank == 0 && std::is_same_v<Target, typename out::element>,
                  "agnesi: into is given a number that is not of the output's type");
    p.data = &target;
  } else {
    static_assert(array_traits<Target>::rank == out::rank, "agnesi: into is given an array of another rank than the output");
    static_assert(std::is_same_v<typename array_traits<Target>::element, typename out::element>,
                  "agnesi: into is given an array of another element type than the output");
    const auto extents = c.template output_extents<K>();
    if constexpr (is_resized<Target>) {
      bool fits = true;  // not by operator==, which becomes a call of memcmp
      for (std::size_t k = 0; k < extents.size(); ++k) fits = fits && target.extent(static_cast<int>(k)) == extents[k];
      Target* to = &target;
      if (!fits) [[unlikely]] to = resized(target, extents, c.reads(target.data(), target.data() + target.size()), instead);
      locate(p, *to);
    } else {
      cpu::place there;
      locate(there, target);
      for (std::size_t k = 0; k < extents.size(); ++k)
        if (there.extents[k] != extents[k]) [[unlikely]] throw_view_extent(there.extents[k], static_cast<int>(k), extents[k]);
      p = there;
    }
  }
  c.template set_output<K>(p);
}
template <class Target>
void put_back(Target& target, replacement<Target>& instead) {
  if constexpr (is_resized<Target>)
    if (instead.used) target = std::move(instead.grown);
}

}  // namespace agnesi::detail
