// SPDX-License-Identifier: BSD-3-Clause
#include "agnesi.hpp"

namespace steps {

template <class T>
peer<T> by_agnesi() {
  return {[](const batch<T>& d, perceptron<T>& p) {
            return p.layers() == 1 ? agnesi_softmax(d, p) : p.layers() == 2 ? agnesi_shallow(d, p) : agnesi_deep(d, p);
          },
          agnesi_logistic<T>, agnesi_elman<T>};
}
template peer<float> by_agnesi<float>();
template peer<double> by_agnesi<double>();

}  // namespace steps
