// SPDX-License-Identifier: BSD-3-Clause
// Runs a plan's steps on the processor, given where its storages lie.
//   executor<Compiled>::run(frame);
#pragma once

#include <utility>

#include "agnesi/backend/blas/chain.hpp"
#include "agnesi/backend/blas/threads.hpp"
#include "agnesi/backend/cpu/arg_extremum.hpp"
#include "agnesi/backend/cpu/contract_step.hpp"
#include "agnesi/backend/cpu/deviation_step.hpp"
#include "agnesi/backend/cpu/each_number.hpp"
#include "agnesi/backend/cpu/indexing.hpp"
#include "agnesi/backend/cpu/loop.hpp"
#include "agnesi/backend/cpu/step_program.hpp"
#include "agnesi/backend/cpu/tile_parts.hpp"
#include "agnesi/passes/image.hpp"

namespace agnesi::cpu {

// The state of one call: the values of the plan's extents, and the storages' places.
struct frame {
  const std::int64_t* dims = nullptr;
  place* places = nullptr;
  int threads = 0;  // at most so many for loops, 0: as many as there are
  const std::int64_t* tiles = nullptr;  // how much of its extent each tiling does at a time,
  const int* parts = nullptr;           // ... and in how many parts, each on a thread of its own
  char* part_memory = nullptr;          // of all parts but the first
  std::ptrdiff_t part_bytes = 0;
  int blas_threads = 0;
};

// A step done at once, or a tile of it: `count` indices of one axis, from `begin`.
struct whole_step {
  static constexpr bool is_tile = false;
};
struct tile {
  static constexpr bool is_tile = true;
  std::ptrdiff_t begin, count;
  bool first;
};

template <class Compiled, class UserOps>
struct executor {
  static constexpr const auto& table = Compiled::table;
  using table_type = std::remove_cvref_t<decltype(Compiled::table)>;
  static constexpr int few_steps = 3;  // where there are more, what is looked up in tables on the way to each does not count

  static void run(const frame& f) {
    [[maybe_unused]] const blas::thread_scope blas_threads(has_products() ? f.blas_threads : 0);
    if constexpr (has_indices()) check_all(f, std::make_index_sequence<table_type::n_steps>{});
    run_all(f, std::make_index_sequence<table_type::n_steps>{});
  }

  // Of matrices or vectors; only such as no tiling does, if so asked.
  static constexpr bool has_products(bool in_tilings = true) {
    for (int k = 0; k < table_type::n_steps; ++k) {
      const step& s = table.steps[k];
      if ((s.kind == step_kind::contract || s.kind == step_kind::chain) && (in_tilings || s.tiling < 0)) return true;
    }
    return false;
  }

 private:
  template <std::size_t... I>
  static void run_all(const frame& f, std::index_sequence<I...>) {
    (run_at<static_cast<int>(I)>(f), ...);
  }
  template <int I>
  [[gnu::always_inline]] static void run_at(const frame& f) {
    constexpr int tiling = table.steps[I].tiling;
    if constexpr (tiling < 0) run_step<I>(f, whole_step{});
    else if constexpr (table.tilings[tiling].first_step == I)
      run_tiles<tiling>(f, std::make_index_sequence<static_cast<std::size_t>(table.tilings[tiling].n_steps)>{});
  }
  template <int Tiling, std::size_t... I>
  static void run_tiles(const frame& f, std::index_sequence<I...> steps) {
    constexpr tiling d = table.tilings[Tiling];
    const std::int64_t extent = value_of_dim(d.extent, f.dims), by = f.tiles[Tiling];
#ifdef _OPENMP
    if (const int parts = f.parts[Tiling]; parts > 1) {
      const blas::thread_scope one(has_products() ? 1 : 0);
      return run_parts<Tiling>(f, parts, extent, by, steps);
    }
#endif
    run_range<Tiling>(f, 0, extent, by, true, steps);
  }
  // Nothing is one empty tile: sums over it are zero.
  template <int Tiling, std::size_t... I>
  static void run_range(const frame& f, std::int64_t begin, std::int64_t end, std::int64_t by, bool first, std::index_sequence<I...>) {
    do {
      const tile t{begin, end - begin < by ? end - begin : by, first};
      (run_step<table.tilings[Tiling].first_step + static_cast<int>(I)>(f, t), ...);
      begin += by;
      first = false;
    } while (begin < end);
  }
#ifdef _OPENMP
  // Every part but the first adds to sums of its own, which are added up in the order of the parts.
  template <int Tiling, class Steps>
  static void run_parts(const frame& f, int parts, std::int64_t extent, std::int64_t by, Steps steps) {
    const std::int64_t tiles = (extent + by - 1) / by;
    parallel(parts, [&](int part) {
      place places[table_type::n_storages + 1];
      frame own = f;
      own.threads = 1;
      if (part > 0) {
        for (int st = 0; st < table_type::n_storages; ++st) places[st] = f.places[st];
        each_of_part<Tiling>(f, part, [&](int st, char* data, added_result added) {
          places[st].data = data;
          if (!added.is_added) return;
          set_row_major(places[st], table.storages[st].rank);
          begin_result(places[st], table.storages[st].rank, table.storages[st].type, added.how);
        });
        own.places = places;
      }
      const std::int64_t begin = tiles * part / parts * by, end = tiles * (part + 1) / parts * by;
      run_range<Tiling>(own, begin, end < extent ? end : extent, by, part == 0, steps);
    });
    for (int part = 1; part < parts; ++part)
      each_of_part<Tiling>(f, part, [&](int st, char* data, added_result added) {
        if (!added.is_added) return;
        place own = f.places[st];
        own.data = data;
        set_row_major(own, table.storages[st].rank);
        add_result(f.places[st], own, table.storages[st].rank, table.storages[st].type, added.how);
      });
  }
  template <int Tiling, class F>
  static void each_of_part(const frame& f, int part, F found) {
    char* data = f.part_memory + (part - 1) * f.part_bytes;
    for_each_own(Tiling, [&](int st, added_result added) {
      found(st, data, added);
      data += bytes_of_own(f.places[st], table.storages[st].rank, table.storages[st].type);
    });
  }
#endif

 public:
  // The storages that every thread has of its own in a tiling: f(storage, what is added).
  template <class F>
  static void for_each_own(int tiling, F f) {
    for (int st = 0; st < table_type::n_storages; ++st) {
      const added_result added = added_by_tiles(table, table.tilings[tiling], st);
      if (added.is_added || table.storages[st].tiling == tiling) f(st, added);
    }
  }

 private:
  static constexpr bool has_indices() {
    for (int k = 0; k < table_type::n_steps; ++k) {
      const step_kind kind = table.steps[k].kind;
      if (kind == step_kind::take || kind == step_kind::put_take || kind == step_kind::take_pairs || kind == step_kind::put_pairs)
        return true;
    }
    return false;
  }
  // Indices that are inputs are looked at before anything is written.
  template <std::size_t... I>
  static void check_all(const frame& f, std::index_sequence<I...>) {
    (check_step<static_cast<int>(I), true>(f, whole_step{}), ...);
  }

  static std::ptrdiff_t offset_of(const operand& o, const frame& f) {
    const place& p = f.places[o.storage];
    std::ptrdiff_t at = 0;
    for (int k = o.first_offset; k < o.first_offset + o.n_offsets; ++k)
      at += value_of_dim(table.offsets[k].begin, f.dims) * table.offsets[k].step * p.strides[table.offsets[k].axis];
    return at * size_of(table.storages[o.storage].type);
  }
  static void* data_of(const operand& o, const frame& f) {
    char* data = static_cast<char*>(f.places[o.storage].data);
    return o.n_offsets > 0 ? data + offset_of(o, f) : data;
  }
  template <class Tile>
  [[gnu::always_inline]] static void move_to(seen& s, const operand& o, [[maybe_unused]] Tile t) {
    if constexpr (Tile::is_tile)
      if (o.tile >= 0) {
        s.extents[o.tile] = t.count;
        s.data = static_cast<char*>(s.data) + t.begin * tile_bytes(o, s.strides[o.tile]);
      }
  }
  // From one element along the tiles to the next; 0 where the memory holds one tile at a time.
  static constexpr std::ptrdiff_t tile_bytes(const operand& o, std::ptrdiff_t stride) {
    const storage& s = table.storages[o.storage];
    return s.tiling >= 0 ? 0 : stride * size_of(s.type);
  }
  template <class Tile>
  [[gnu::noinline]] static seen look(const operand& o, const frame& f, Tile t) {
    seen s;
    const place& p = f.places[o.storage];
    s.data = data_of(o, f);
    s.rank = o.rank;
    for (int k = 0; k < o.rank; ++k) {
      s.extents[k] = value_of_dim(o.extents[k], f.dims);
      s.strides[k] = o.axis[k] < 0 ? 0 : o.step[k] * p.strides[o.axis[k]];
    }
    move_to(s, o, t);
    return s;
  }
  template <int Operand, class Tile>
  [[gnu::always_inline]] static seen look_at(const frame& f, Tile t) {
    constexpr operand o = table.operands[Operand];
    if constexpr (table_type::n_steps > few_steps) return look(o, f, t);
    const place& p = f.places[o.storage];
    seen s;
    s.data = data_of(o, f);
    s.rank = o.rank;
    each_number<o.rank>([&](auto k) __attribute__((always_inline)) {
      s.extents[k] = value_of_dim(o.extents[k], f.dims);
      s.strides[k] = o.axis[k] < 0 ? 0 : o.step[k] * p.strides[o.axis[k]];
    });
    move_to(s, o, t);
    return s;
  }
  template <int I, int K, class Tile>
  static index_vector indices(const frame& f, Tile t) {
    constexpr operand o = table.operands[table.steps[I].first_operand + K];
    if constexpr (o.storage < 0) {
      return {};
    } else {
      const seen s = look(o, f, t);
      return {s.data, s.strides[0], table.storages[o.storage].type};
    }
  }

  template <int I>
  static constexpr bool looks_up(int operand_index) {
    const operand& o = table.operands[table.steps[I].first_operand + operand_index];
    return o.storage < 0 || table.storages[o.storage].kind == storage_kind::input;
  }
  // `Before`: what can be checked before the first step; otherwise what could not be.
  template <int I, bool Before, class Tile>
  static void check_step(const frame& f, Tile t) {
    constexpr step_kind kind = table.steps[I].kind;
    constexpr int first = table.steps[I].first_operand;
    if constexpr (kind == step_kind::take || kind == step_kind::put_take) {
      constexpr int at = kind == step_kind::take ? 2 : 1, tensor = kind == step_kind::take ? 1 : 0;
      if constexpr (looks_up<I>(at) == Before) {
        constexpr int axis = static_cast<int>(table.steps[I].axis);
        const seen x = look(table.operands[first + tensor], f, t);
        const seen v = look(table.operands[first + (kind == step_kind::take ? 0 : 2)], f, t);
        check_indices(indices<I, at>(f, t), v.extents[axis], x.extents[axis], axis);
      }
    } else if constexpr (kind == step_kind::take_pairs || kind == step_kind::put_pairs) {
      constexpr int at = kind == step_kind::take_pairs ? 2 : 1, tensor = kind == step_kind::take_pairs ? 1 : 0;
      const seen x = look(table.operands[first + tensor], f, t);
      const seen v = look(table.operands[first + (kind == step_kind::take_pairs ? 0 : 3)], f, t);
      if constexpr (looks_up<I>(at) == Before) check_indices(indices<I, at>(f, t), v.extents[0], x.extents[0], 0);
      if constexpr (looks_up<I>(at + 1) == Before) check_indices(indices<I, at + 1>(f, t), v.extents[0], x.extents[1], 1);
    }
  }

  template <int I, class Tile>
  static void run_step(const frame& f, Tile t) {
    constexpr step s = table.steps[I];
    constexpr int o = s.first_operand;
    using T = element_of<s.type == dtype::none ? dtype::f64 : s.type>;
    if constexpr (s.kind == step_kind::loop) {
      run_loop_step<I>(f, t);
    } else if constexpr (s.kind == step_kind::deviations) {
      loop_space space;
      loop_operand operands[s.n_operands];
      open_loop(I, f, t, space, operands);
      run_deviations<Compiled, UserOps, I, T>(space, operands);
    } else if constexpr (s.kind == step_kind::contract) {
      contract<I, T>(f, t);
    } else if constexpr (s.kind == step_kind::chain) {
      contract_chain<I, T>(f, std::make_index_sequence<static_cast<std::size_t>(s.n_operands - 2 - s.alpha_operand - s.beta_operand)>{});
    } else if constexpr (s.kind == step_kind::arg_extremum) {
      seen values;
      if constexpr (s.n_operands > 2) values = look(table.operands[o + 2], f, t);
      arg_extremum<T, s.largest>(look(table.operands[o], f, t), look(table.operands[o + 1], f, t), s.axis, values, f.threads);
    } else if constexpr (s.kind == step_kind::reshape) {
      const seen x = look(table.operands[o + 1], f, t);
      place& out = f.places[table.operands[o].storage];
      if (table.storages[table.operands[o].storage].kind == storage_kind::temporary && is_row_major(x, x.rank))
        out.data = x.data;
      else
        copy_in_order<T>(out.data, x);
    } else if constexpr (s.kind == step_kind::put) {
      add_into<T>(look(table.operands[o], f, t), look(table.operands[o + 1], f, t));
    } else {
      check_step<I, false>(f, t);
      const seen first = look(table.operands[o], f, t);
      if constexpr (s.kind == step_kind::take)
        move_along<T, false>(first, look(table.operands[o + 1], f, t), indices<I, 2>(f, t), static_cast<int>(s.axis));
      else if constexpr (s.kind == step_kind::take_pairs)
        move_pairs<T, false>(first, look(table.operands[o + 1], f, t), indices<I, 2>(f, t), indices<I, 3>(f, t));
      else if constexpr (s.kind == step_kind::put_take)
        move_along<T, true>(look(table.operands[o + 2], f, t), first, indices<I, 1>(f, t), static_cast<int>(s.axis));
      else
        move_pairs<T, true>(look(table.operands[o + 3], f, t), first, indices<I, 1>(f, t), indices<I, 2>(f, t));
    }
  }

  template <int I, class Tile>
  static void run_loop_step(const frame& f, [[maybe_unused]] Tile t) {
    constexpr step s = table.steps[I];
    using program = step_program<Compiled, UserOps, I>;
    loop_space space;
    loop_operand operands[s.n_operands > 0 ? s.n_operands : 1];
    if constexpr (Tile::is_tile || table_type::n_steps > few_steps) {
      open_loop(I, f, t, space, operands);
    } else {
      space.rank = s.rank;
      space.threads = f.threads;
      for (int k = 0; k < s.rank; ++k) space.extents[k] = value_of_dim(s.extents[k], f.dims);
      each_number<s.n_operands>([&](auto k) __attribute__((always_inline)) {
        const operand& o = table.operands[s.first_operand + k];
        const place& p = f.places[o.storage];
        operands[k].data = data_of(o, f);
        each_number<s.rank>([&](auto a) __attribute__((always_inline)) {
          operands[k].strides[a] = o.axis[a] < 0 ? 0 : o.step[a] * p.strides[o.axis[a]];
        });
      });
    }
    constexpr int elements = Tile::is_tile ? 0 : unrolled_elements<I, program>();
    if constexpr (elements > 0)
      each_number<elements>([&](auto at) __attribute__((always_inline)) {
        std::ptrdiff_t index[max_loop_rank], rest = at;
        for (int a = s.rank; a-- > 0; rest /= s.extents[a]) index[a] = rest % s.extents[a];
        run_element<program, s.rank>(operands, index);
      });
    else
      run_loop<program, may_turn(s)>(space, operands);
  }
  // Whether the strides of an operand can be in another order than the loop's axes: the caller's arrays' can.
  static constexpr bool may_turn(const step& s) {
    for (int k = 0; k < s.n_operands; ++k) {
      const operand& o = table.operands[s.first_operand + k];
      int last = -1, axes = 0;
      bool in_order = true;
      for (int a = 0; a < s.rank; ++a) {
        if (o.axis[a] < 0) continue;
        in_order = in_order && o.axis[a] > last;
        last = o.axis[a], ++axes;
      }
      if (axes > 1 && (!in_order || table.storages[o.storage].kind != storage_kind::temporary)) return true;
    }
    return false;
  }
  // Of a loop that does a tile, or one of many: not unrolled, as there is more to do.
  template <class Tile>
  [[gnu::noinline]] static void open_loop(int number, const frame& f, Tile t, loop_space& space, loop_operand* operands) {
    const step& s = table.steps[number];
    space.rank = s.rank;
    space.threads = f.threads;
    if constexpr (Tile::is_tile) {
      space.onto = s.adds && !t.first;
      const tiling& d = table.tilings[s.tiling];
      space.is_tile = t.count > 0 && stores_for_later(table, d, number);
      if (space.is_tile) space.part_of = static_cast<int>(value_of_dim(d.extent, f.dims) / t.count);
    }
    for (int k = 0; k < s.rank; ++k) space.extents[k] = value_of_dim(s.extents[k], f.dims);
    for (int k = 0; k < s.n_operands; ++k) {
      if (table.operands[s.first_operand + k].storage < 0) continue;  // the step's own
      const seen x = look(table.operands[s.first_operand + k], f, t);
      operands[k].data = x.data;
      for (int a = 0; a < s.rank; ++a) operands[k].strides[a] = loop::by_itself(x.strides[a]);  // not by a call of memcpy
      if constexpr (Tile::is_tile)
        if (const int cut = table.operands[s.first_operand + k].tile; cut >= 0) space.extents[cut] = t.count;
    }
  }
  // How many elements a loop has that is quicker one by one than by the way to a loop over packs, which takes 40 ns: one
  // whose extents the compiler knows, of operations that are a few instructions each. Otherwise 0.
  template <int I, class Program>
  static constexpr int unrolled_elements() {
    constexpr step s = table.steps[I];
    using of = loop::loop_facts<Program>;
    std::int64_t elements = s.rank > 0 && of::facts.n_reductions == 0 && of::facts.cost <= 14 ? 1 : 0;
    for (int a = 0; a < s.rank; ++a) elements = s.extents[a] < 0 || elements > 16 ? 0 : elements * s.extents[a];
    return elements <= 16 ? static_cast<int>(elements) : 0;
  }

  // An extent of a step's operand as far as the compiler knows it, else -1.
  template <int I, int K>
  static constexpr std::int64_t known_extent(int axis) {
    const operand& o = table.operands[table.steps[I].first_operand + K];
    return o.extents[axis] >= 0 && o.tile != axis ? o.extents[axis] : -1;
  }

  template <class T>
  static const T* number_at(const frame& f, bool is_there, int operand) {
    return is_there ? static_cast<const T*>(data_of(table.operands[operand], f)) : nullptr;
  }

  template <int I, class T, std::size_t... K>
  static void contract_chain(const frame& f, std::index_sequence<K...>) {
    constexpr step s = table.steps[I];
    constexpr int first = s.first_operand, after = first + 1 + static_cast<int>(sizeof...(K));
    const blas::matrix_ref<const T> factors[] = {as_matrix<const T>(look(table.operands[first + 1 + static_cast<int>(K)], f, whole_step{}))...};
    T* const room = static_cast<T*>(f.places[table.operands[first + s.n_operands - 1].storage].data);
    blas::gemm_chain(alpha_of(s, number_at<T>(f, s.alpha_operand, after)), factors,
                     beta_of(s, number_at<T>(f, s.beta_operand, after + s.alpha_operand)),
                     as_matrix<T>(look(table.operands[first], f, whole_step{})), room);
  }

  template <int I, class T, class Tile>
  static void contract(const frame& f, Tile t) {
    constexpr step s = table.steps[I];
    constexpr int first = s.first_operand;
    constexpr int ra = table.operands[first + 1].rank, rb = table.operands[first + 2].rank;
    const T alpha = alpha_of(s, number_at<T>(f, s.alpha_operand, first + 3));
    T beta = beta_of(s, number_at<T>(f, s.beta_operand, first + 3 + s.alpha_operand));
    if constexpr (Tile::is_tile && s.adds)
      if (!t.first) beta = 1;
    constexpr std::int64_t m = ra == 2 ? known_extent<I, 1>(0) : 1, n = rb == 2 ? known_extent<I, 2>(1) : 1;
    constexpr std::int64_t k = known_extent<I, 1>(ra - 1) > 0 ? known_extent<I, 1>(ra - 1) : known_extent<I, 2>(0);
    multiply_seen<T, ra, rb, m, n, k>(alpha, look_at<first + 1>(f, t), look_at<first + 2>(f, t), beta, look_at<first>(f, t));
  }
};

}  // namespace agnesi::cpu
