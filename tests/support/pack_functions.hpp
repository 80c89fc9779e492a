// SPDX-License-Identifier: BSD-3-Clause
// The transcendental operations as loops over rows, and how many units in the last place they may be off
// where packs have functions of their own.
//   for (const auto& f : pack_functions<float>) f.run(x, nullptr, y, n);
#pragma once

#include <agnesi/backend/cpu/loop.hpp>
#include <agnesi/ops/error_function.hpp>

#include "support/pack_errors.hpp"

namespace agnesi::testing {

template <class Op, class T> void over_row(const T* a, const T*, T* result, std::ptrdiff_t n) {
  using namespace loop_code;
  using program = loop_program<op_list<Op>, load(0, dtype_of<T>), apply(0, dtype_of<T>, 0), store(1, 1)>;
  const loop_operand operands[] = {{const_cast<T*>(a), {1}}, {result, {1}}};
  run_loop<program>({1, {n}}, operands);
}
template <class Op, class T> void over_rows(const T* a, const T* b, T* result, std::ptrdiff_t n) {
  using namespace loop_code;
  using program                 = loop_program<op_list<Op>, load(0, dtype_of<T>), load(1, dtype_of<T>),
                               apply(0, dtype_of<T>, 0, 1), store(2, 2)>;
  const loop_operand operands[] = {{const_cast<T*>(a), {1}}, {const_cast<T*>(b), {1}}, {result, {1}}};
  run_loop<program>({1, {n}}, operands);
}

template <class T> inline constexpr bool has_pack_functions = AGNESI_HAS_MATH&& simd::lanes<T> > 1;
// Without instructions that round a b + c once, some functions lose a little.
#if defined(__FMA__) || defined(__AVX512F__)
inline constexpr bool fused = true;
#else
inline constexpr bool fused = false;
#endif

template <class T>
inline constexpr pack_function<T> pack_functions[] = {
    {"exp", &over_row<op::exp, T>, 1.1},
    {"expm1", &over_row<op::expm1, T>, 1.4},
    {"log", &over_row<op::log, T>, 1},
    {"log1p", &over_row<op::log1p, T>, 1},
    {"tanh", &over_row<op::tanh, T>, 2},
    {"sigmoid", &over_row<op::sigmoid, T>, 1.9},
    {"softplus", &over_row<op::softplus, T>, 1.8},
    {"sin", &over_row<op::sin, T>, fused ? 1.6 : 2.4},
    {"cos", &over_row<op::cos, T>, fused ? 1.6 : 2.4},
    {"erf", &over_row<op::erf, T>, 1.6},
    {"erfc", &over_row<op::erfc, T>, fused ? 2.4 : 3.6},
    {"erfcx", &over_row<op::erfcx, T>, fused ? 2.4 : 3.6},
    {"log_erfc", &over_row<op::log_erfc, T>, 2.6},
    {"log1mexp", &over_row<op::log1mexp, T>, 2.2},
    {"logaddexp", &over_rows<op::logaddexp, T>, 2.2, true},
    {"pow", &over_rows<op::pow, T>, 1, true},
};

} // namespace agnesi::testing
