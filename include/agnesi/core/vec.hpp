// SPDX-License-Identifier: BSD-3-Clause
// A growable array for constant evaluation, lighter on the compilers' evaluators than std::vector:
//   vec<int> v; v.push_back(3); v[0];
#pragma once

namespace agnesi {

template <class T>
class vec {
 public:
  // Open to what is evaluated often: in constant evaluation each call counts, operator[] too.
  T* data = nullptr;
  int length = 0;

  constexpr vec() = default;
  constexpr explicit vec(int n) : data(n > 0 ? new T[static_cast<unsigned>(n)]{} : nullptr), length(n), capacity_(n) {}
  constexpr vec(int n, T fill) : vec(n) {
    for (int i = 0; i < n; ++i) data[i] = fill;
  }
  constexpr vec(const vec& o) : vec(o.length) {
    for (int i = 0; i < length; ++i) data[i] = o.data[i];
  }
  constexpr vec(vec&& o) noexcept : data(o.data), length(o.length), capacity_(o.capacity_) {
    o.data = nullptr;
    o.length = o.capacity_ = 0;
  }
  constexpr vec& operator=(vec o) noexcept {
    swap(o);
    return *this;
  }
  constexpr ~vec() { delete[] data; }

  constexpr void swap(vec& o) noexcept {
    T* d = data;
    data = o.data;
    o.data = d;
    int s = length;
    length = o.length;
    o.length = s;
    int c = capacity_;
    capacity_ = o.capacity_;
    o.capacity_ = c;
  }

  constexpr int size() const { return length; }
  constexpr bool empty() const { return length == 0; }
  constexpr T& operator[](int i) { return data[i]; }
  constexpr const T& operator[](int i) const { return data[i]; }
  constexpr T& back() { return data[length - 1]; }
  constexpr const T& back() const { return data[length - 1]; }
  constexpr T* begin() { return data; }
  constexpr T* end() { return data + length; }
  constexpr const T* begin() const { return data; }
  constexpr const T* end() const { return data + length; }

  constexpr void reserve(int n) {
    if (n <= capacity_) return;
    T* d = new T[static_cast<unsigned>(n)]{};
    for (int i = 0; i < length; ++i) d[i] = data[i];
    delete[] data;
    data = d;
    capacity_ = n;
  }
  constexpr void push_back(const T& v) {
    if (length == capacity_) {
      T copy = v;  // v may live in the storage that is about to go
      reserve(capacity_ < 8 ? 8 : 2 * capacity_);
      data[length++] = copy;
    } else {
      data[length++] = v;
    }
  }
  constexpr void pop_back() { --length; }
  constexpr void erase(int at) {
    for (int i = at; i + 1 < length; ++i) data[i] = data[i + 1];
    --length;
  }
  constexpr void clear() { length = 0; }
  constexpr void resize(int n, T fill = T{}) {
    reserve(n);
    for (int i = length; i < n; ++i) data[i] = fill;
    length = n;
  }
  constexpr bool contains(const T& v) const {
    for (int i = 0; i < length; ++i)
      if (data[i] == v) return true;
    return false;
  }

 private:
  int capacity_ = 0;
};

}  // namespace agnesi
