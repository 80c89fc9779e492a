// SPDX-License-Identifier: BSD-3-Clause
// Runs a plan's steps on the processor, given where its storages lie.
//   executor<Compiled>::run(frame);
#pragma once

#include <utility>

#include "agnesi/backend/blas/blas.hpp"
#include "agnesi/backend/blas/chain.hpp"
#include "agnesi/backend/blas/small_gemm.hpp"
#include "agnesi/backend/blas/threads.hpp"
#include "agnesi/backend/cpu/arg_extremum.hpp"
#include "agnesi/backend/cpu/indexing.hpp"
#include "agnesi/backend/cpu/loop.hpp"
#include "agnesi/passes/image.hpp"

namespace agnesi::cpu {

// The state of one call: the values of the plan's extents, and the storages' places.
struct frame {
  const std::int64_t* dims = nullptr;
  place* places = nullptr;
  int threads = 0;  // at most so many, 0: as many as there are
};

constexpr std::int64_t value_of_dim(dim d, const std::int64_t* dims) { return d >= 0 ? d : dims[-1 - d]; }

// Calls f with 0, …, N - 1: as constants where they are few, so that nothing is looked up in tables during a call.
template <int N, class F>
[[gnu::always_inline]] constexpr void each_number(F f) {
  if constexpr (N <= 24)
    [&]<int... I>(std::integer_sequence<int, I...>) __attribute__((always_inline)) {
      (f(std::integral_constant<int, I>{}), ...);
    }(std::make_integer_sequence<int, N>{});
  else
    for (int k = 0; k < N; ++k) f(k);
}

namespace detail {

template <int I, class T>
struct numbered {};
template <class Seq, class... T>
struct numbering;
template <std::size_t... I, class... T>
struct numbering<std::index_sequence<I...>, T...> : numbered<static_cast<int>(I), T>... {};
template <class... T>
constexpr auto number_types(op_list<T...>) {
  return numbering<std::index_sequence_for<T...>, T...>{};
}
template <class T>
struct type_holder {
  using type = T;
};
template <int I, class T>
constexpr type_holder<T> type_at(numbered<I, T>) {
  return {};
}

template <int Number, class UserOps>
constexpr auto op_numbered() {
  if constexpr (Number < first_user_op) return type_at<Number>(decltype(number_types(core_ops{})){});
  else return type_at<Number - first_user_op>(decltype(number_types(UserOps{})){});
}

}  // namespace detail

template <class Compiled, class UserOps>
struct executor {
  static constexpr const auto& table = Compiled::table;
  using table_type = std::remove_cvref_t<decltype(Compiled::table)>;

  static void run(const frame& f) {
    [[maybe_unused]] const blas::thread_scope blas_threads(has_products() ? f.threads : 0);
    if constexpr (has_indices()) check_all(f, std::make_index_sequence<table_type::n_steps>{});
    run_all(f, std::make_index_sequence<table_type::n_steps>{});
  }

 private:
  template <std::size_t... I>
  static void run_all(const frame& f, std::index_sequence<I...>) {
    (run_step<static_cast<int>(I)>(f), ...);
  }
  static constexpr bool has_products() {
    for (int k = 0; k < table_type::n_steps; ++k)
      if (table.steps[k].kind == step_kind::contract || table.steps[k].kind == step_kind::chain) return true;
    return false;
  }
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
    (check_step<static_cast<int>(I), true>(f), ...);
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
  static seen look(const operand& o, const frame& f) {
    seen s;
    const place& p = f.places[o.storage];
    s.data = data_of(o, f);
    s.rank = o.rank;
    for (int k = 0; k < o.rank; ++k) {
      s.extents[k] = value_of_dim(o.extents[k], f.dims);
      s.strides[k] = o.axis[k] < 0 ? 0 : o.step[k] * p.strides[o.axis[k]];
    }
    return s;
  }
  template <int Operand>
  [[gnu::always_inline]] static seen look_at(const frame& f) {
    constexpr operand o = table.operands[Operand];
    const place& p = f.places[o.storage];
    seen s;
    s.data = data_of(o, f);
    s.rank = o.rank;
    each_number<o.rank>([&](auto k) __attribute__((always_inline)) {
      s.extents[k] = value_of_dim(o.extents[k], f.dims);
      s.strides[k] = o.axis[k] < 0 ? 0 : o.step[k] * p.strides[o.axis[k]];
    });
    return s;
  }
  template <int I, int K>
  static index_vector indices(const frame& f) {
    constexpr operand o = table.operands[table.steps[I].first_operand + K];
    if constexpr (o.storage < 0) {
      return {};
    } else {
      const seen s = look(o, f);
      return {s.data, s.strides[0], table.storages[o.storage].type};
    }
  }

  template <int I>
  static constexpr bool looks_up(int operand_index) {
    const operand& o = table.operands[table.steps[I].first_operand + operand_index];
    return o.storage < 0 || table.storages[o.storage].kind == storage_kind::input;
  }
  // `Before`: what can be checked before the first step; otherwise what could not be.
  template <int I, bool Before>
  static void check_step(const frame& f) {
    constexpr step_kind kind = table.steps[I].kind;
    constexpr int first = table.steps[I].first_operand;
    if constexpr (kind == step_kind::take || kind == step_kind::put_take) {
      constexpr int at = kind == step_kind::take ? 2 : 1, tensor = kind == step_kind::take ? 1 : 0;
      if constexpr (looks_up<I>(at) == Before) {
        constexpr int axis = static_cast<int>(table.steps[I].axis);
        const seen x = look(table.operands[first + tensor], f);
        const seen v = look(table.operands[first + (kind == step_kind::take ? 0 : 2)], f);
        check_indices(indices<I, at>(f), v.extents[axis], x.extents[axis], axis);
      }
    } else if constexpr (kind == step_kind::take_pairs || kind == step_kind::put_pairs) {
      constexpr int at = kind == step_kind::take_pairs ? 2 : 1, tensor = kind == step_kind::take_pairs ? 1 : 0;
      const seen x = look(table.operands[first + tensor], f);
      const seen v = look(table.operands[first + (kind == step_kind::take_pairs ? 0 : 3)], f);
      if constexpr (looks_up<I>(at) == Before) check_indices(indices<I, at>(f), v.extents[0], x.extents[0], 0);
      if constexpr (looks_up<I>(at + 1) == Before) check_indices(indices<I, at + 1>(f), v.extents[0], x.extents[1], 1);
    }
  }

  template <int I>
  static void run_step(const frame& f) {
    constexpr step s = table.steps[I];
    constexpr int o = s.first_operand;
    using T = element_of<s.type == dtype::none ? dtype::f64 : s.type>;
    if constexpr (s.kind == step_kind::loop) {
      run_loop_step<I>(f, std::make_index_sequence<static_cast<std::size_t>(s.n_words)>{},
                       std::make_index_sequence<static_cast<std::size_t>(s.n_ops)>{});
    } else if constexpr (s.kind == step_kind::contract) {
      contract<I, T>(f);
    } else if constexpr (s.kind == step_kind::chain) {
      contract_chain<I, T>(f, std::make_index_sequence<static_cast<std::size_t>(s.n_operands - 2 - s.alpha_operand - s.beta_operand)>{});
    } else if constexpr (s.kind == step_kind::arg_extremum) {
      arg_extremum<T, s.largest>(look(table.operands[o], f), look(table.operands[o + 1], f), s.axis);
    } else if constexpr (s.kind == step_kind::reshape) {
      const seen x = look(table.operands[o + 1], f);
      place& out = f.places[table.operands[o].storage];
      if (table.storages[table.operands[o].storage].kind == storage_kind::temporary && is_row_major(x, x.rank))
        out.data = x.data;
      else
        copy_in_order<T>(out.data, x);
    } else if constexpr (s.kind == step_kind::put) {
      add_into<T>(look(table.operands[o], f), look(table.operands[o + 1], f));
    } else {
      check_step<I, false>(f);
      const seen first = look(table.operands[o], f);
      if constexpr (s.kind == step_kind::take)
        move_along<T, false>(first, look(table.operands[o + 1], f), indices<I, 2>(f), static_cast<int>(s.axis));
      else if constexpr (s.kind == step_kind::take_pairs)
        move_pairs<T, false>(first, look(table.operands[o + 1], f), indices<I, 2>(f), indices<I, 3>(f));
      else if constexpr (s.kind == step_kind::put_take)
        move_along<T, true>(look(table.operands[o + 2], f), first, indices<I, 1>(f), static_cast<int>(s.axis));
      else
        move_pairs<T, true>(look(table.operands[o + 3], f), first, indices<I, 1>(f), indices<I, 2>(f));
    }
  }

  template <int I, std::size_t... W, std::size_t... O>
  static void run_loop_step(const frame& f, std::index_sequence<W...>, std::index_sequence<O...>) {
    constexpr step s = table.steps[I];
    using program =
        loop_program<op_list<typename decltype(detail::op_numbered<table.ops[s.first_op + static_cast<int>(O)], UserOps>())::type...>,
                     table.words[s.first_word + static_cast<int>(W)]...>;
    loop_space space;
    space.rank = s.rank;
    space.threads = f.threads;
    for (int k = 0; k < s.rank; ++k) space.extents[k] = value_of_dim(s.extents[k], f.dims);
    loop_operand operands[s.n_operands > 0 ? s.n_operands : 1];
    each_number<s.n_operands>([&](auto k) __attribute__((always_inline)) {
      const operand& o = table.operands[s.first_operand + k];
      const place& p = f.places[o.storage];
      operands[k].data = data_of(o, f);
      each_number<s.rank>([&](auto a) __attribute__((always_inline)) {
        operands[k].strides[a] = o.axis[a] < 0 ? 0 : o.step[a] * p.strides[o.axis[a]];
      });
    });
    constexpr int elements = unrolled_elements<I, program>();
    if constexpr (elements > 0)
      each_number<elements>([&](auto at) __attribute__((always_inline)) {
        std::ptrdiff_t index[max_loop_rank], rest = at;
        for (int a = s.rank; a-- > 0; rest /= s.extents[a]) index[a] = rest % s.extents[a];
        run_element<program, s.rank>(operands, index);
      });
    else
      run_loop<program>(space, operands);
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

  template <class T>
  static blas::matrix_ref<T> as_matrix(const seen& s) {
    return {static_cast<T*>(s.data), s.extents[0], s.extents[1], s.strides[0], s.strides[1]};
  }
  template <class T>
  static blas::vector_ref<T> as_vector(const seen& s) {
    return {static_cast<T*>(s.data), s.extents[0], s.strides[0]};
  }
  template <class T>
  static blas::matrix_ref<T> as_row(const seen& s) {
    return {static_cast<T*>(s.data), 1, s.extents[0], 1, s.strides[0]};
  }
  template <class T>
  static blas::matrix_ref<T> as_column(const seen& s) {
    return {static_cast<T*>(s.data), s.extents[0], 1, s.strides[0], 1};
  }

  // An extent of a step's operand as far as the compiler knows it, else -1.
  template <int I, int K>
  static constexpr std::int64_t known_extent(int axis) {
    const operand& o = table.operands[table.steps[I].first_operand + K];
    return o.extents[axis] >= 0 ? o.extents[axis] : -1;
  }

  template <class T>
  static T number_at(const frame& f, int operand) {
    return *static_cast<const T*>(look(table.operands[operand], f).data);
  }
  template <int I, class T>
  static T alpha_of(const frame& f, [[maybe_unused]] int operand) {
    constexpr step s = table.steps[I];
    if constexpr (!s.alpha_operand) return static_cast<T>(s.alpha);
    else if constexpr (s.divide_alpha) return static_cast<T>(s.alpha) / number_at<T>(f, operand);
    else return static_cast<T>(s.alpha) * number_at<T>(f, operand);
  }
  template <int I, class T>
  static T beta_of(const frame& f, [[maybe_unused]] int operand) {
    constexpr step s = table.steps[I];
    if constexpr (s.beta_operand) return static_cast<T>(s.beta) * number_at<T>(f, operand);
    else return static_cast<T>(s.beta);
  }

  template <int I, class T, std::size_t... K>
  static void contract_chain(const frame& f, std::index_sequence<K...>) {
    constexpr step s = table.steps[I];
    constexpr int first = s.first_operand, after = first + 1 + static_cast<int>(sizeof...(K));
    const blas::matrix_ref<const T> factors[] = {as_matrix<const T>(look(table.operands[first + 1 + static_cast<int>(K)], f))...};
    T* const room = static_cast<T*>(f.places[table.operands[first + s.n_operands - 1].storage].data);
    blas::gemm_chain(alpha_of<I, T>(f, after), factors, beta_of<I, T>(f, after + s.alpha_operand),
                     as_matrix<T>(look(table.operands[first], f)), room);
  }

  template <int I, class T>
  static void contract(const frame& f) {
    constexpr step s = table.steps[I];
    constexpr int first = s.first_operand;
    constexpr int ra = table.operands[first + 1].rank, rb = table.operands[first + 2].rank;
    const seen out = look_at<first>(f), a = look_at<first + 1>(f), b = look_at<first + 2>(f);
    const T alpha = alpha_of<I, T>(f, first + 3), beta = beta_of<I, T>(f, first + 3 + s.alpha_operand);
    if constexpr (ra == 2 && rb == 2) {
      constexpr std::int64_t m = known_extent<I, 1>(0), k = known_extent<I, 1>(1), n = known_extent<I, 2>(1);
      if constexpr (is_small(m, n, k)) {
        if (small_product<static_cast<int>(m), static_cast<int>(n), static_cast<int>(k)>(alpha, as_matrix<const T>(a), as_matrix<const T>(b), beta,
                                                                                         as_matrix<T>(out)))
          return;
      }
      if constexpr (k == 1)
        blas::ger<T>(alpha, blas::vector_ref<const T>{static_cast<const T*>(a.data), a.extents[0], a.strides[0]},
                     blas::vector_ref<const T>{static_cast<const T*>(b.data), b.extents[1], b.strides[1]}, beta,
                     as_matrix<T>(out));
      else
        blas::gemm<T>(alpha, as_matrix<const T>(a), as_matrix<const T>(b), beta, as_matrix<T>(out));
    } else if constexpr (ra == 2) {
      constexpr std::int64_t m = known_extent<I, 1>(0), k = known_extent<I, 1>(1);
      if constexpr (is_small(m, 1, k))
        if (small_product<static_cast<int>(m), 1, static_cast<int>(k)>(alpha, as_matrix<const T>(a), as_column<const T>(b), beta,
                                                                       as_column<T>(out)))
          return;
      blas::gemv<T>(alpha, as_matrix<const T>(a), as_vector<const T>(b), beta, as_vector<T>(out));
    } else if constexpr (rb == 2) {
      constexpr std::int64_t k = known_extent<I, 2>(0), n = known_extent<I, 2>(1);
      if constexpr (is_small(1, n, k))
        if (small_product<1, static_cast<int>(n), static_cast<int>(k)>(alpha, as_row<const T>(a), as_matrix<const T>(b), beta,
                                                                       as_row<T>(out)))
          return;
      blas::gemv<T>(alpha, as_matrix<const T>(b).transposed(), as_vector<const T>(a), beta, as_vector<T>(out));
    } else {
      T& r = *static_cast<T*>(out.data);
      const T product = alpha * blas::dot(as_vector<const T>(a), as_vector<const T>(b));
      r = beta == 0 ? product : product + beta * r;
    }
  }

  static constexpr bool is_small(std::int64_t m, std::int64_t n, std::int64_t k) {
    return m > 0 && n > 0 && k > 0 && m <= 16 && n <= 16 && k <= 16;
  }

  // Extents known to the compiler and small: unrolled, where rows or columns are contiguous.
  template <int M, int N, int K, class T>
  [[gnu::always_inline]] static bool small_product(T alpha, const blas::matrix_ref<const T>& a, const blas::matrix_ref<const T>& b,
                                                   T beta, const blas::matrix_ref<T>& c) {
    const bool a_rows = K == 1 || a.col_stride == 1, b_rows = N == 1 || b.col_stride == 1;
    const bool a_columns = M == 1 || a.row_stride == 1, b_columns = K == 1 || b.row_stride == 1;
    if (N > 1 && c.col_stride != 1) return false;
    if ((M == 1 || N == 1) && a_rows && b_columns)
      blas::small_gemm<T, M, N, K, false, true>(alpha, a.data, a.row_stride, b.data, b.col_stride, beta, c.data, c.row_stride);
    else if (a_rows && b_rows)
      blas::small_gemm<T, M, N, K, false, false>(alpha, a.data, a.row_stride, b.data, b.row_stride, beta, c.data, c.row_stride);
    else if (a_columns && b_rows)
      blas::small_gemm<T, M, N, K, true, false>(alpha, a.data, a.col_stride, b.data, b.row_stride, beta, c.data, c.row_stride);
    else if (a_rows && b_columns)
      blas::small_gemm<T, M, N, K, false, true>(alpha, a.data, a.row_stride, b.data, b.col_stride, beta, c.data, c.row_stride);
    else
      return false;
    return true;
  }
};

}  // namespace agnesi::cpu
