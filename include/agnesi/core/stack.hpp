// SPDX-License-Identifier: BSD-3-Clause
// A stack for constant evaluation that takes memory only once it is deeper than most are:
//   stack<int> open; open.push(3); while (!open.empty()) use(open.pop());
#pragma once

#include "agnesi/core/vec.hpp"

namespace agnesi {

template <class T>
class stack {
 public:
  constexpr bool empty() const { return size_ == 0; }
  constexpr void push(const T& v) {
    if (size_ < few) first_[size_] = v;
    else rest_.push_back(v);
    ++size_;
  }
  constexpr T pop() {
    --size_;
    if (size_ < few) return first_[size_];
    const T v = rest_.back();
    rest_.pop_back();
    return v;
  }

 private:
  static constexpr int few = 12;
  T first_[few]{};
  vec<T> rest_;
  int size_ = 0;
};

}  // namespace agnesi
