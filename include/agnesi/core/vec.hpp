// SPDX-License-Identifier: BSD-3-Clause
// A growable array for constant evaluation, lighter on the compilers' evaluators than std::vector:
//   vec<int> v; v.push_back(3); v[0];
#pragma once

namespace agnesi {

template <class T>
class vec {
 public:
  constexpr vec() = default;
  constexpr explicit vec(int n, T fill = T{}) : data_(n > 0 ? new T[static_cast<unsigned>(n)]{} : nullptr), size_(n), capacity_(n) {
    for (int i = 0; i < n; ++i) data_[i] = fill;
  }
  constexpr vec(const vec& o) : vec(o.size_) {
    for (int i = 0; i < size_; ++i) data_[i] = o.data_[i];
  }
  constexpr vec(vec&& o) noexcept : data_(o.data_), size_(o.size_), capacity_(o.capacity_) {
    o.data_ = nullptr;
    o.size_ = o.capacity_ = 0;
  }
  constexpr vec& operator=(vec o) noexcept {
    swap(o);
    return *this;
  }
  constexpr ~vec() { delete[] data_; }

  constexpr void swap(vec& o) noexcept {
    T* d = data_;
    data_ = o.data_;
    o.data_ = d;
    int s = size_;
    size_ = o.size_;
    o.size_ = s;
    int c = capacity_;
    capacity_ = o.capacity_;
    o.capacity_ = c;
  }

  constexpr int size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr T& operator[](int i) { return data_[i]; }
  constexpr const T& operator[](int i) const { return data_[i]; }
  constexpr T& back() { return data_[size_ - 1]; }
  constexpr const T& back() const { return data_[size_ - 1]; }
  constexpr T* begin() { return data_; }
  constexpr T* end() { return data_ + size_; }
  constexpr const T* begin() const { return data_; }
  constexpr const T* end() const { return data_ + size_; }

  constexpr void reserve(int n) {
    if (n <= capacity_) return;
    T* d = new T[static_cast<unsigned>(n)]{};
    for (int i = 0; i < size_; ++i) d[i] = data_[i];
    delete[] data_;
    data_ = d;
    capacity_ = n;
  }
  constexpr void push_back(const T& v) {
    if (size_ == capacity_) {
      T copy = v;  // v may live in the storage that is about to go
      reserve(capacity_ < 8 ? 8 : 2 * capacity_);
      data_[size_++] = copy;
    } else {
      data_[size_++] = v;
    }
  }
  constexpr void pop_back() { --size_; }
  constexpr void erase(int at) {
    for (int i = at; i + 1 < size_; ++i) data_[i] = data_[i + 1];
    --size_;
  }
  constexpr void clear() { size_ = 0; }
  constexpr void resize(int n, T fill = T{}) {
    reserve(n);
    for (int i = size_; i < n; ++i) data_[i] = fill;
    size_ = n;
  }
  constexpr bool contains(const T& v) const {
    for (int i = 0; i < size_; ++i)
      if (data_[i] == v) return true;
    return false;
  }

 private:
  T* data_ = nullptr;
  int size_ = 0;
  int capacity_ = 0;
};

}  // namespace agnesi
