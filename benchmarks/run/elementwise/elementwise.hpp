// SPDX-License-Identifier: BSD-3-Clause
// The expressions of this family, and what each peer has for them: its headers are compiled in its own file alone.
#pragma once

#include <cmath>
#include <cstddef>

namespace elementwise {

using std::ptrdiff_t;

enum { squares, scaled_sum, plus_one, power, exp_tanh, softplus_sigmoid, expressions };
inline constexpr const char* names[expressions] = {"a²+b²+2ab", "2a+3b",           "a+1",
                                                   "2a+b¹⁰",    "exp(a)tanh(b)+a", "log1p(exp(-|a|))+b sigmoid(a)"};

template <class T>
using loop = void (*)(long times, const T* a, const T* b, T* to, ptrdiff_t n);
template <class T>
struct loops {
  loop<T> of[expressions];
};

template <class T>
loops<T> by_agnesi();
template <class T>
loops<T> by_hand();
template <class T>
loops<T> by_eigen();
template <class T>
loops<T> by_xtensor();

}  // namespace elementwise
