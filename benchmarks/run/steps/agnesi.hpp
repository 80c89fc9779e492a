// SPDX-License-Identifier: BSD-3-Clause
// The library's models, each compiled in a file of its own.
#pragma once

#include "steps.hpp"

namespace steps {

template <class T>
step<T> agnesi_softmax(const batch<T>&, perceptron<T>&);
template <class T>
step<T> agnesi_shallow(const batch<T>&, perceptron<T>&);
template <class T>
step<T> agnesi_deep(const batch<T>&, perceptron<T>&);
template <class T>
step<T> agnesi_logistic(logistic<T>&);
template <class T>
step<T> agnesi_elman(elman<T>&);

}  // namespace steps
