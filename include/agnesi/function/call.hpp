// SPDX-License-Identifier: BSD-3-Clause
// One call of a compiled function: extents and checks first, then memory, then the plan's steps.
#pragma once

#include <cstring>
#include <memory>
#include <stdexcept>

#include "agnesi/backend/cpu/executor.hpp"
#include "agnesi/backend/cpu/tile_size.hpp"
#include "agnesi/core/lines.hpp"
#include "agnesi/function/bind.hpp"
#include "agnesi/function/compiled.hpp"
#include "agnesi/function/small_run.hpp"
#include "agnesi/function/workspace.hpp"

namespace agnesi::detail {

// Says which operands of which operation disagree.
template <class Model>
[[noreturn, gnu::cold, gnu::noinline]] void throw_check(int k, const std::int64_t* dims);
[[noreturn, gnu::cold]] inline void throw_extent(std::string_view symbol, int axis, std::ptrdiff_t given, std::int64_t needed);

// An argument has the extents that its symbol declares. Not a member of the call, whose name is as long as the model.
template <class S>
[[gnu::always_inline]] inline void check_declared(const cpu::place& p) {
  cpu::each_number<S::type::rank>([&](auto k) __attribute__((always_inline)) {
    if (S::type::extents[k] != dyn && p.extents[k] != S::type::extents[k]) [[unlikely]]
      throw_extent(name_of_symbol(S{}), k, p.extents[k], S::type::extents[k]);
  });
}

template <class Model>
class call {
 public:
  using compiled_type = compiled<Model>;
  using ops = typename definition_of<Model>::results::ops;
  static constexpr const auto& table = compiled_type::table;
  using table_type = std::remove_cvref_t<decltype(compiled_type::table)>;
  static constexpr int n_inputs = definition_of<Model>::n_inputs;
  static constexpr bool is_small = cpu::is_small_plan(table);
  // With more storages than these the steps take longer than what is looked up on the way to them.
  static constexpr int few = is_small ? cpu::small_storages : 8;

  union {
    argument arguments[n_inputs + 1];  // not zeroed: that takes longer than a small call's work
  };

  [[gnu::always_inline]] call() {
    cpu::each_number<n_inputs, few>([&](auto k) __attribute__((always_inline)) { arguments[k].is_number = false; });
  }

  // Before anything is written: static extents, the extents' values, and what they must satisfy.
  [[gnu::always_inline]] void check() {
    cpu::each_number<table_type::n_storages, few>([&](auto st) __attribute__((always_inline)) {
      const storage& s = table.storages[st];
      if (s.kind != storage_kind::input) return;
      argument& a = arguments[s.index];
      if (s.rank == 0 && a.is_number) a.where.data = a.number;
      copy_place(st, places_[st], a.where);
    });
    check_static_extents(typename definition_of<Model>::inputs{});
    cpu::each_number<table_type::n_formulas, few>([&](auto k) __attribute__((always_inline)) {
      const dim_formula& d = table.formulas[k];
      if (d.op == dim_op::input_extent)
        dims_[k] = arguments[d.a].where.extents[d.b];
      else if (d.op == dim_op::input_value)
        dims_[k] = input_value(static_cast<int>(d.a));
      else
        dims_[k] = shape_table::evaluate(d.op, cpu::value_of_dim(d.a, dims_), cpu::value_of_dim(d.b, dims_));
    });
    cpu::each_number<table_type::n_checks, few>([&](auto k) __attribute__((always_inline)) {
      const extent_check& c = table.checks[k];
      const std::int64_t one = cpu::value_of_dim(c.a, dims_), other = cpu::value_of_dim(c.b, dims_);
      const bool ok = c.kind == check_kind::equal_extents   ? one == other
                      : c.kind == check_kind::index_in_range ? one <= other
                                                             : one > 0;
      if (!ok) [[unlikely]] throw_check<Model>(k, dims_);
    });
  }

  // The extents of output k.
  template <int K>
  static constexpr int output_storage() {
    for (int st = 0; st < table_type::n_storages; ++st)
      if (table.storages[st].kind == storage_kind::output && table.storages[st].index == K) return st;
    return -1;
  }
  template <int K>
  auto output_extents() const {
    constexpr int st = output_storage<K>();
    std::array<std::ptrdiff_t, static_cast<std::size_t>(table.storages[st].rank)> e{};
    for (std::size_t k = 0; k < e.size(); ++k) e[k] = cpu::value_of_dim(table.storages[st].extents[k], dims_);
    return e;
  }
  // Whether an argument lies in these bytes.
  bool reads(const void* begin, const void* end) const {
    const auto address = [](const void* p) { return reinterpret_cast<std::uintptr_t>(p); };
    bool some = false;
    cpu::each_number<n_inputs, few>([&](auto k) __attribute__((always_inline)) {
      const std::uintptr_t at = address(arguments[k].where.data);
      some = some || (at >= address(begin) && at < address(end));
    });
    return some;
  }
  template <int K>
  void set_output(const cpu::place& p) {
    constexpr int st = output_storage<K>();
    copy_place(std::integral_constant<int, st>{}, places_[st], p);
  }

  [[gnu::always_inline]] void run(workspace& w, [[maybe_unused]] int threads) {
    if constexpr (is_small) small_run<call>::template run<false>(places_, w);
    else run_plan(w, threads);
  }

  static constexpr bool is_written(int st) {
    const storage& s = table.storages[st];
    return s.kind == storage_kind::output || (s.kind == storage_kind::input && is_updated(s.index));
  }

 private:
  std::int64_t dims_[table_type::n_formulas + 1];
  union {
    cpu::place places_[table_type::n_storages + 1];  // as far as their ranks go
  };
  std::int64_t tiles_[table_type::n_tilings + 1];
  int parts_[table_type::n_tilings + 1];
  struct no_copies {};
  std::conditional_t<is_small, no_copies, std::unique_ptr<char[]>> copies_;

  void run_plan(workspace& w, int threads) {
    protect_aliased(w);
    const int of_loops = loops_alone() ? 1 : threads;
    choose_tiles(of_loops);
    cpu::frame f{dims_, places_, of_loops, tiles_, parts_};
    f.blas_threads = threads;
    place_temporaries(w, f);
    cpu::executor<compiled_type, ops>::run(f);
  }

  // Whether loops leave the processors to the products between them.
  static bool loops_alone() {
#ifdef _OPENMP
    if constexpr (cpu::executor<compiled_type, ops>::has_products(false)) return blas::competes_with_openmp();
#endif
    return false;
  }
  void choose_tiles([[maybe_unused]] int threads) {
    cpu::each_number<table_type::n_tilings, 0>([&](auto k) __attribute__((always_inline)) {
      const tiling& d = table.tilings[k];
      double bytes = 0;  // for one index along the tiles
      for (int j = d.first_storage; j < d.first_storage + d.n_storages; ++j) {
        const storage& s = table.storages[table.tiled[j].storage];
        double n = size_of(s.type);
        for (int a = 0; a < s.rank; ++a)
          if (a != table.tiled[j].axis) n *= static_cast<double>(cpu::value_of_dim(s.extents[a], dims_));
        bytes += n;
      }
      const std::int64_t extent = cpu::value_of_dim(d.extent, dims_);
      const int parts = cpu::parts_for(bytes * static_cast<double>(extent), threads);
      tiles_[k] = cpu::tile_size(extent, bytes, d.rows, parts);
      const std::int64_t tiles = (extent + tiles_[k] - 1) / tiles_[k];
      parts_[k] = tiles < parts ? static_cast<int>(tiles) : parts;
    });
  }

  // The extent of what is in memory at one time.
  std::int64_t extent_of(const storage& s, int axis) const {
    const std::int64_t n = cpu::value_of_dim(s.extents[axis], dims_);
    if constexpr (table_type::n_tilings > 0)
      if (s.tiling >= 0 && s.tiled_axis == axis) return tiles_[s.tiling] < n ? tiles_[s.tiling] : n;
    return n;
  }

  // Of storage st, a constant where the storages are few.
  template <class Number>
  [[gnu::always_inline]] static void copy_place(Number st, cpu::place& to, const cpu::place& from) {
    const auto copy_axis = [&](int k) __attribute__((always_inline)) {
      to.extents[k] = from.extents[k], to.strides[k] = from.strides[k];
    };
    to.data = from.data;
    if constexpr (std::is_same_v<Number, int>)
      for (int k = 0; k < table.storages[st].rank; ++k) copy_axis(k);
    else
      cpu::each_number<table.storages[Number::value].rank>(copy_axis);
  }

  std::int64_t input_value(int slot) const {
    for (int st = 0; st < table_type::n_storages; ++st)
      if (table.storages[st].kind == storage_kind::input && table.storages[st].index == slot) {
        const void* at = places_[st].data;
        std::int64_t v = 0;
        switch (table.storages[st].type) {
          case dtype::i32: v = *static_cast<const std::int32_t*>(at); break;
          case dtype::i64: v = *static_cast<const std::int64_t*>(at); break;
          default: v = *static_cast<const std::uint8_t*>(at); break;
        }
        if (v < 0) throw shape_error("agnesi: a negative number is given where an extent is needed");
        return v;
      }
    return 0;
  }

  template <class... S>
  [[gnu::always_inline]] void check_static_extents(input_list<S...>) const {
    int slot = 0;
    (check_declared<S>(arguments[slot++].where), ...);
  }

  std::size_t bytes_of(int st) const {
    std::size_t n = static_cast<std::size_t>(size_of(table.storages[st].type));
    for (int k = 0; k < table.storages[st].rank; ++k)
      n *= static_cast<std::size_t>(extent_of(table.storages[st], k));
    return n;
  }

  void place_temporaries(workspace& w, [[maybe_unused]] cpu::frame& f) {
    if constexpr (table_type::n_storages > 0) {
      constexpr int slots = table.n_slots;
      std::size_t offset[slots + 1]{};
      if constexpr (slots > 0)
        cpu::each_number<table_type::n_storages, few>([&](auto st) __attribute__((always_inline)) {
          if (table.storages[st].kind != storage_kind::temporary) return;
          const std::size_t n = bytes_of(st);
          std::size_t& largest = offset[table.storages[st].index + 1];
          largest = n > largest ? n : largest;
        });
      for (int k = 0; k < slots; ++k) offset[k + 1] = offset[k] + whole_lines(offset[k + 1]);
      std::size_t bytes = offset[slots];
#ifdef _OPENMP
      if constexpr (table_type::n_tilings > 0) bytes += bytes_of_parts(f);
#endif
      char* data = bytes > 0 ? w.at_least(bytes) : nullptr;
      f.part_memory = data + offset[slots];
      cpu::each_number<table_type::n_storages, few>([&](auto st) __attribute__((always_inline)) {
        const storage& s = table.storages[st];
        if (table.storages[st].kind == storage_kind::temporary) {  // clang does not see through the reference, and would warn
          places_[st].data = data + offset[s.index];
          for (int k = 0; k < s.rank; ++k) places_[st].extents[k] = extent_of(s, k);
          cpu::set_row_major(places_[st], s.rank);
        } else if (s.kind == storage_kind::extent) {
          places_[st].data = numbers_[st];
          const std::int64_t v = cpu::value_of_dim(s.extents[0], dims_);
          if (s.type == dtype::f64) store_number(st, static_cast<double>(v));
          else if (s.type == dtype::f32) store_number(st, static_cast<float>(v));
          else if (s.type == dtype::i32) store_number(st, static_cast<std::int32_t>(v));
          else store_number(st, v);
        } else if (s.kind == storage_kind::constant) {
          places_[st].data = numbers_[st];
          if (s.type == dtype::f64) store_number(st, number_of_bits<double>(s.extents[0]));
          else if (s.type == dtype::f32) store_number(st, number_of_bits<float>(s.extents[0]));
          else if (s.type == dtype::i64) store_number(st, s.extents[0]);
          else if (s.type == dtype::i32) store_number(st, static_cast<std::int32_t>(s.extents[0]));
          else store_number(st, static_cast<std::uint8_t>(s.extents[0]));
        }
      });
    }
  }
#ifdef _OPENMP
  // Of what the threads beside this one need for themselves.
  std::size_t bytes_of_parts(cpu::frame& f) const {
    std::size_t bytes = 0;
    int most = 1;
    for (int k = 0; k < table_type::n_tilings; ++k) {
      if (parts_[k] == 1) continue;
      std::size_t own = 0;
      cpu::executor<compiled_type, ops>::for_each_own(k, [&](int st, cpu::added_result) { own += whole_lines(bytes_of(st)); });
      bytes = own > bytes ? own : bytes;
      most = parts_[k] > most ? parts_[k] : most;
    }
    f.part_bytes = static_cast<std::ptrdiff_t>(bytes);
    return bytes * static_cast<std::size_t>(most - 1);
  }
#endif
  alignas(8) unsigned char numbers_[table_type::n_storages + 1][8];
  template <class T>
  static T number_of_bits(std::int64_t bits) {
    return static_cast<T>(std::bit_cast<double>(bits));
  }
  template <class T>
  void store_number(int st, T v) {
    std::memcpy(numbers_[st], &v, sizeof v);
  }

  // The bytes from the lowest to past the highest element.
  struct span_of_bytes {
    const char* begin = nullptr;
    const char* end = nullptr;
    bool overlaps(const span_of_bytes& o) const { return begin < o.end && o.begin < end; }
  };
  span_of_bytes bytes_at(int st) const {
    const storage& s = table.storages[st];
    for (int k = 0; k < s.rank; ++k)
      if (places_[st].extents[k] == 0) return {};
    const std::ptrdiff_t size = size_of(s.type);
    const char* low = static_cast<const char*>(places_[st].data);
    const char* high = low + size;
    for (int k = 0; k < s.rank; ++k) {
      const std::ptrdiff_t n = places_[st].extents[k];
      const std::ptrdiff_t reach = (n - 1) * places_[st].strides[k] * size;
      (reach < 0 ? low : high) += reach;
    }
    return {low, high};
  }

  // An input that shares memory with something that the call writes is read from a copy.
  void protect_aliased(workspace&) {
    if constexpr (definition_of<Model>::n_updates + definition_of<Model>::n_outputs > 0) {
      span_of_bytes spans[table_type::n_storages + 1];
      bool copy[table_type::n_storages + 1]{}, some = false;
      cpu::each_number<table_type::n_storages, few>([&](auto st) __attribute__((always_inline)) {
        if (is_callers(st)) spans[st] = bytes_at(st);
      });
      const auto compare = [&](auto w, auto st) __attribute__((always_inline)) {
        if (st == w || !is_callers(st) || !spans[w].overlaps(spans[st])) return;
        if (is_written(st)) throw_shared_result();
        copy[st] = some = true;
      };
      cpu::each_number<table_type::n_storages, few>([&](auto w) __attribute__((always_inline)) {
        if (is_written(w))
          cpu::each_number<table_type::n_storages, few>([&](auto st) __attribute__((always_inline)) { compare(w, st); });
      });
      if (some) [[unlikely]] copy_aliased(copy);
    }
  }
  [[gnu::cold, gnu::noinline]] void copy_aliased(const bool* copy) {
    std::size_t needed = 0;
    for (int st = 0; st < table_type::n_storages; ++st)
      if (copy[st]) needed += whole_lines(bytes_of(st));
    copies_ = std::make_unique<char[]>(needed + 64);
    char* to = copies_.get();
    for (int st = 0; st < table_type::n_storages; ++st) {
      if (!copy[st]) continue;
      copy_input(st, to);
      to += whole_lines(bytes_of(st));
    }
  }
  static constexpr bool is_callers(int st) {
    return table.storages[st].kind == storage_kind::input || table.storages[st].kind == storage_kind::output;
  }
  static constexpr bool is_updated(int slot) { return is_updated(slot, typename definition_of<Model>::inputs{}, typename definition_of<Model>::updated{}); }
  template <class... S, class... U>
  static constexpr bool is_updated([[maybe_unused]] int slot, input_list<S...>, op_list<U...>) {
    return ((position_of_name<U, S...>() == slot) || ...);
  }
  void copy_input(int st, char* to) {
    const storage& s = table.storages[st];
    cpu::seen x;
    x.data = places_[st].data;
    x.rank = s.rank;
    for (int k = 0; k < s.rank; ++k) {
      x.extents[k] = places_[st].extents[k];
      x.strides[k] = places_[st].strides[k];
    }
    switch (size_of(s.type)) {
      case 1: cpu::copy_in_order<std::uint8_t>(to, x); break;
      case 4: cpu::copy_in_order<std::uint32_t>(to, x); break;
      default: cpu::copy_in_order<std::uint64_t>(to, x); break;
    }
    places_[st].data = to;
    cpu::set_row_major(places_[st], s.rank);
  }
};

}  // namespace agnesi::detail
