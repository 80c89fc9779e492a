// SPDX-License-Identifier: BSD-3-Clause
// What the machine can do at most: loops that only move elements, by hand, and the matrix product of the BLAS.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace bench {

/// 1 stream: the sum of a; 2: to = a; 3: to = a + s b.
template <class T>
void sweep(long times, int streams, bool streaming_stores, const T* a, const T* b, T* to, std::ptrdiff_t n);

/// A product of square matrices; empty without a BLAS.
template <class T>
std::function<void(long)> best_gemm(std::ptrdiff_t size);

std::string blas_description();

}  // namespace bench
