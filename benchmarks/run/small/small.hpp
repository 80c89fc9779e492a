// SPDX-License-Identifier: BSD-3-Clause
// Static sizes: y = A x + b, and gradients of 0.5 |tanh(A x + b) - t|², by x, and by A and b.
#pragma once

#include <array>

namespace small {

enum { affine, by_x, by_parameters, formulas };
inline constexpr const char* names[formulas] = {"A x + b", "gradient by x", "gradient by A and b"};
inline constexpr std::array<int, 4> sizes    = {3, 4, 8, 16};

/// Matrices by rows, but for Eigen, which gets them by columns too, as it has them unless told otherwise. All begin at multiples
/// of 64 bytes. `to` is y, the gradient by x or the one by b; to_matrix the gradient by A.
template <class T>
struct operands {
  const T *A, *x, *b, *t;
  T *to, *to_matrix;
};
template <class T>
using call = void (*)(long times, const operands<T>&);
template <class T>
struct calls {
  call<T> of[sizes.size()][formulas];
};

template <class T>
calls<T> by_agnesi();
template <class T>
calls<T> by_hand();
template <class T>
calls<T> by_eigen(bool columns);
template <class T>
calls<T> by_xtensor();

/// The table of a class template Of<T, N> with one static function a formula.
template <class T, template <class, int> class Of>
constexpr calls<T> table() {
  return {{{Of<T, 3>::affine, Of<T, 3>::by_x, Of<T, 3>::by_parameters},
           {Of<T, 4>::affine, Of<T, 4>::by_x, Of<T, 4>::by_parameters},
           {Of<T, 8>::affine, Of<T, 8>::by_x, Of<T, 8>::by_parameters},
           {Of<T, 16>::affine, Of<T, 16>::by_x, Of<T, 16>::by_parameters}}};
}

}  // namespace small
