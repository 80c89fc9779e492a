// SPDX-License-Identifier: BSD-3-Clause
// Memory that a function object keeps from call to call.
//   workspace w; char* room = w.at_least(1024);
#pragma once

#include <cstddef>
#include <utility>

#include "agnesi/core/memory.hpp"

namespace agnesi::detail {

// Memory for the temporaries of one function object, kept between calls.
class workspace {
 public:
  workspace() = default;
  workspace(const workspace&) noexcept {}  // copies of a function share nothing
  workspace(workspace&& o) noexcept : data_(o.data_), size_(o.size_) {
    o.data_ = nullptr;
    o.size_ = 0;
  }
  workspace& operator=(workspace o) noexcept {
    std::swap(data_, o.data_);
    std::swap(size_, o.size_);
    return *this;
  }
  ~workspace() { release(); }

  char* at_least(std::size_t bytes) {
    if (bytes > size_) {
      release();
      data_ = static_cast<char*>(allocate(bytes));
      size_ = bytes;
    }
    return data_;
  }
  std::size_t size() const { return size_; }

 private:
  char* data_ = nullptr;
  std::size_t size_ = 0;
  void release() {
    if (data_ != nullptr) deallocate(data_);
    data_ = nullptr;
    size_ = 0;
  }
};

}  // namespace agnesi::detail
