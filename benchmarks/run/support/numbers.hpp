// SPDX-License-Identifier: BSD-3-Clause
// Numbers to compute with, the same in every run, and comparing results.
//   bench::memory<float> a(n, -2, 2);   bench::agree("2a+3b", "Eigen", got, wanted, tolerance);
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>

namespace bench {

/// Uniform in [low, high).
class numbers {
 public:
  explicit numbers(unsigned seed = 12345) : state_(seed) {}
  double operator()(double low = 0, double high = 1) {
    state_ = state_ * 1664525u + 1013904223u;
    return low + (high - low) * (static_cast<double>(state_ >> 8) / (1 << 24));
  }

 private:
  unsigned state_;
};

/// Elements on whole cache lines. Each memory begins elsewhere in a page, so that the inputs of a loop do not compete for
/// the same sets of a cache.
template <class T>
class memory {
 public:
  explicit memory(std::ptrdiff_t n) : size_(n) {
    static int count        = 0;
    const std::size_t shift = 320u * static_cast<std::size_t>(count++ % 8);
    raw_ =
        static_cast<unsigned char*>(::operator new(static_cast<std::size_t>(n) * sizeof(T) + shift + 64, std::align_val_t(4096)));
    data_ = reinterpret_cast<T*>(raw_ + shift);
    for (std::ptrdiff_t i = 0; i < n; ++i) data_[i] = T(0);
  }
  memory(std::ptrdiff_t n, double low, double high, unsigned seed = 12345) : memory(n) { fill(low, high, seed); }
  memory(const memory& other) : memory(other.size_) {
    for (std::ptrdiff_t i = 0; i < size_; ++i) data_[i] = other.data_[i];
  }
  memory& operator=(const memory& other) {
    for (std::ptrdiff_t i = 0; i < size_; ++i) data_[i] = other.data_[i];
    return *this;
  }
  ~memory() { ::operator delete(raw_, std::align_val_t(4096)); }

  void fill(double low, double high, unsigned seed) {
    numbers next(seed);
    for (std::ptrdiff_t i = 0; i < size_; ++i) data_[i] = static_cast<T>(next(low, high));
  }
  T* data() { return data_; }
  const T* data() const { return data_; }
  T& operator[](std::ptrdiff_t i) { return data_[i]; }
  const T& operator[](std::ptrdiff_t i) const { return data_[i]; }
  std::ptrdiff_t size() const { return size_; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }

 private:
  std::ptrdiff_t size_;
  unsigned char* raw_;
  T* data_;
};

/// A wrong result ends the program.
inline void agree(const std::string& what, const std::string& who, long double got, long double wanted, double tolerance) {
  if (std::fabs(got - wanted) <= static_cast<long double>(tolerance) * (1 + std::fabs(wanted))) return;
  std::fprintf(stderr, "%s: %s computes %.17Lg, not %.17Lg\n", what.c_str(), who.c_str(), got, wanted);
  std::exit(1);
}

template <class T>
inline const char* type_name = sizeof(T) == 4 ? "float" : "double";

/// What a result of so many rounded operations may be off.
template <class T>
inline constexpr double rounding = sizeof(T) == 4 ? 6e-8 : 1.2e-16;

}  // namespace bench
