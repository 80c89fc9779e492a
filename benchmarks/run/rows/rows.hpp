// SPDX-License-Identifier: BSD-3-Clause
// Softmax of the rows of a matrix; the mean cross entropy of softmax and labels, with its gradient.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rows {

using std::ptrdiff_t;

template <class T>
struct operands {
  const T* z;
  const std::int32_t* labels;
  T *to, *loss;
  ptrdiff_t m, n;
};
template <class T>
using call = void (*)(long times, const operands<T>&);
template <class T>
struct calls {
  call<T> softmax, cross_entropy;
};

template <class T>
calls<T> by_agnesi();
template <class T>
calls<T> by_hand();
template <class T>
calls<T> by_eigen();
template <class T>
calls<T> by_xtensor();

}  // namespace rows
