// SPDX-License-Identifier: BSD-3-Clause
// A call of a function whose extents the compiler knows and that are small: no buffers are laid out, results of a few
// elements are written when all steps are done, so that it does not matter what shares memory with what.
//   small_run<Call>::run<false>(places, work);   // Call::table, Call::ops, Call::is_written(storage)
#pragma once

#include <bit>
#include <cstring>
#include <stdexcept>

#include "agnesi/backend/cpu/indexing.hpp"
#include "agnesi/backend/cpu/small_executor.hpp"
#include "agnesi/core/lines.hpp"
#include "agnesi/function/workspace.hpp"

namespace agnesi::detail {

[[noreturn, gnu::cold, gnu::noinline]] inline void throw_shared_result() {
  throw std::invalid_argument("agnesi: two results of one call are to be written to the same memory");
}

template <class Call>
class small_run {
  static constexpr const auto& table = Call::table;
  static constexpr int n_storages = std::remove_cvref_t<decltype(Call::table)>::n_storages;
  using room = void* [n_storages + 1];

  static constexpr bool is_callers(int st) {
    return table.storages[st].kind == storage_kind::input || table.storages[st].kind == storage_kind::output;
  }

 public:
  static constexpr int bytes_of(int st) {
    return static_cast<int>(cpu::elements_of(table.storages[st].extents, table.storages[st].rank)) * size_of(table.storages[st].type);
  }
  // Results of more bytes are written where they belong as they are computed: for 16 x 16 doubles a copy takes 8 ns, and
  // 8 x 8 floats, written by rows and copied by larger vectors, waited 4 ns for the stores.
  static constexpr int most_local = 64;
  static constexpr bool is_local(int st) {
    return !is_callers(st) || (Call::is_written(st) && bytes_of(st) <= most_local);
  }
  // What the call writes is written to one place by one result, and read from where nothing is written meanwhile.
  static constexpr bool must_lie_apart(int w, int st) {
    return w != st && Call::is_written(w) && is_callers(st) && (Call::is_written(st) ? w < st : !is_local(w));
  }

 private:

  template <int St>
  [[gnu::always_inline]] static bool is_dense(const cpu::place& p) {
    bool dense = true;
    std::ptrdiff_t stride = 1;
    cpu::each_number<table.storages[St].rank>([&](auto k) __attribute__((always_inline)) {
      const int axis = table.storages[St].rank - 1 - k;
      const std::ptrdiff_t extent = table.storages[St].extents[axis];
      dense = dense && (extent == 1 || p.strides[axis] == stride);
      stride *= extent;
    });
    return dense;
  }

  // ---- the unusual: views with gaps, memory in common; kept away from the call's own code
  static constexpr std::ptrdiff_t spare_offset(int st) {
    std::ptrdiff_t at = 0;
    for (int k = 0; k < st; ++k) at += is_local(k) ? 0 : whole_lines(bytes_of(k));
    return at;
  }
  template <class T>
  static void move(const cpu::seen& there, T* rows, bool out) {
    const std::ptrdiff_t* const strides[] = {there.strides};
    T* const there_data = static_cast<T*>(there.data);
    cpu::for_each_index(there.rank, there.extents, strides, [&](const std::ptrdiff_t* at) {
      if (out) there_data[at[0]] = *rows++;
      else *rows++ = there_data[at[0]];
    });
  }
  [[gnu::cold, gnu::noinline]] static void move_rows(int st, void* data, const std::ptrdiff_t* strides, void* rows, bool out) {
    const storage& s = table.storages[st];
    cpu::seen there;
    there.data = data;
    there.rank = s.rank;
    for (int k = 0; k < s.rank; ++k) there.extents[k] = s.extents[k], there.strides[k] = strides[k];
    switch (size_of(s.type)) {
      case 1: return move(there, static_cast<std::uint8_t*>(rows), out);
      case 4: return move(there, static_cast<std::uint32_t*>(rows), out);
      default: return move(there, static_cast<std::uint64_t*>(rows), out);
    }
  }
  template <int St>
  [[gnu::always_inline]] static void copy_rows(const cpu::place& p, void* rows, bool out) {
    constexpr storage s = table.storages[St];
    std::ptrdiff_t strides[s.rank + 1];
    cpu::each_number<s.rank>([&](auto k) __attribute__((always_inline)) { strides[k] = p.strides[k]; });
    move_rows(St, p.data, strides, rows, out);
  }
  template <int St>
  [[gnu::cold, gnu::noinline]] static char* spare(workspace& w) {
    return w.at_least(static_cast<std::size_t>(spare_offset(n_storages))) + spare_offset(St);
  }
  template <int St>
  [[gnu::always_inline]] static void* copied(const cpu::place& p, workspace& w) {
    char* const rows = spare<St>(w);
    copy_rows<St>(p, rows, false);
    return rows;
  }

  struct span {
    const char* begin;
    const char* end;
    [[gnu::always_inline]] bool overlaps(const span& o) const { return begin < o.end && o.begin < end; }
  };
  template <int St>
  [[gnu::always_inline]] static span span_of(const cpu::place& p) {
    const char* low = static_cast<const char*>(p.data);
    const char* high = low + size_of(table.storages[St].type);
    cpu::each_number<table.storages[St].rank>([&](auto k) __attribute__((always_inline)) {
      const std::ptrdiff_t reach = (table.storages[St].extents[k] - 1) * p.strides[k] * size_of(table.storages[St].type);
      (reach < 0 ? low : high) += reach;
    });
    return {low, high};
  }

  // ---- locals one after the other, each a variable of its own
  template <int St, class F>
  [[gnu::always_inline]] static void with_locals(void** data, F f) {
    if constexpr (St == n_storages) {
      f();
    } else if constexpr (is_local(St)) {
      constexpr int bytes = bytes_of(St);
      alignas(bytes > 64 ? 64 : 16) unsigned char memory[bytes];
      data[St] = memory;
      with_locals<St + 1>(data, f);
    } else {
      with_locals<St + 1>(data, f);
    }
  }

  // Between a local and the caller's memory, in the pieces in which it is computed.
  template <int St>
  [[gnu::always_inline]] static void move_local(void* to, const void* from) {
    using T = element_of<table.storages[St].type>;
    constexpr int n = bytes_of(St) / static_cast<int>(sizeof(T));
    if constexpr (std::is_floating_point_v<T> && simd::lanes<T> > 1)
      blas::detail::each_vector<n, simd::lanes<T>>([&](auto first, auto count, auto width) __attribute__((always_inline)) {
        using namespace blas::detail;
        store_some<T, width, count>(static_cast<T*>(to) + first, load_some<T, width, count>(static_cast<const T*>(from) + first));
      });
    else if constexpr (n <= 16)
      cpu::each_number<n>([&](auto k) __attribute__((always_inline)) { static_cast<T*>(to)[k] = static_cast<const T*>(from)[k]; });
    else
      std::memcpy(to, from, bytes_of(St));
  }

  template <int St>
  [[gnu::always_inline]] static void prepare(void** data, const cpu::place* places, workspace& w) {
    constexpr storage s = table.storages[St];
    if constexpr (s.kind == storage_kind::input && is_local(St)) {
      if (is_dense<St>(places[St])) move_local<St>(data[St], places[St].data);
      else copy_rows<St>(places[St], data[St], false);
    } else if constexpr (is_callers(St) && !is_local(St)) {
      data[St] = places[St].data;
      if (!is_dense<St>(places[St])) [[unlikely]] data[St] = copied<St>(places[St], w);
    } else if constexpr (s.kind == storage_kind::extent) {
      put_number<s.type>(data[St], s.extents[0]);
    } else if constexpr (s.kind == storage_kind::constant) {
      if constexpr (is_float(s.type)) put_number<s.type>(data[St], std::bit_cast<double>(s.extents[0]));
      else put_number<s.type>(data[St], s.extents[0]);
    }
  }
  template <dtype D, class V>
  [[gnu::always_inline]] static void put_number(void* to, V v) {
    *static_cast<element_of<D>*>(to) = static_cast<element_of<D>>(v);
  }

  template <int W, int St>
  [[gnu::always_inline]] static void separate(void** data, const cpu::place* places, workspace& w) {
    if constexpr (must_lie_apart(W, St))
      if (span_of<W>(places[W]).overlaps(span_of<St>(places[St]))) [[unlikely]] {
        if constexpr (Call::is_written(St)) throw_shared_result();
        else data[St] = copied<St>(places[St], w);
      }
  }
  template <int St>
  [[gnu::always_inline]] static void finish(void* const* data, const cpu::place* places) {
    if constexpr (Call::is_written(St)) {
      if (!is_dense<St>(places[St])) [[unlikely]] copy_rows<St>(places[St], data[St], true);
      else if constexpr (is_local(St)) move_local<St>(places[St].data, data[St]);
    }
  }

 public:
  // Apart: nothing shares memory that must not.
  template <bool Apart>
  [[gnu::always_inline]] static void run(const cpu::place* places, workspace& w) {
    room data;
    with_locals<0>(data, [&]() __attribute__((always_inline)) {
      cpu::each_number<n_storages>([&](auto st) __attribute__((always_inline)) { prepare<st>(data, places, w); });
      if constexpr (!Apart)
        cpu::each_number<n_storages>([&](auto to) __attribute__((always_inline)) {
          cpu::each_number<n_storages>([&](auto st) __attribute__((always_inline)) { separate<to, st>(data, places, w); });
        });
      cpu::small_executor<typename Call::compiled_type, typename Call::ops>::run(data);
      cpu::each_number<n_storages>([&](auto st) __attribute__((always_inline)) { finish<st>(data, places); });
    });
  }
};

}  // namespace agnesi::detail
