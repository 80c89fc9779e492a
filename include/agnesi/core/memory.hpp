// SPDX-License-Identifier: BSD-3-Clause
// Memory for elements: in whole cache lines, and in huge pages where it is large enough for one.
//   void* p = allocate(bytes);  deallocate(p);
//
// Most of the time that is spent on a large new array is the system's, which hands out and clears pages of 4 KB when they are first
// written. From 4 MB on (as NumPy does) it is asked for huge pages: a sum that is written to new memory of 40 MB takes a quarter, and what
// is written again up to a tenth less (docs/decisions/010-loops.md). A system that has none, or is told to give none, does as before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace agnesi::detail {

inline constexpr std::size_t cache_line = 64;  // and the widest vector register
inline constexpr std::size_t huge_page = std::size_t{2} << 20, huge_from = 2 * huge_page;

[[gnu::noinline, gnu::cold]] inline void ask_for_huge_pages([[maybe_unused]] void* p, [[maybe_unused]] std::size_t bytes) {
#if defined(MADV_HUGEPAGE)
  // Those that lie in it whole. The memory's own alignment stays as it is: what is freed and asked for again is then the same.
  const auto at = reinterpret_cast<std::uintptr_t>(p), begin = (at + huge_page - 1) & ~(huge_page - 1), end = (at + bytes) & ~(huge_page - 1);
  static_cast<void>(::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE));  // a wish: refused, it changes nothing
#endif
}

/// At least one byte, aligned to a cache line; std::bad_alloc where there is none.
[[nodiscard]] inline void* allocate(std::size_t bytes) {
  void* const p = ::operator new(bytes, std::align_val_t{cache_line});
  if (bytes >= huge_from) [[unlikely]] ask_for_huge_pages(p, bytes);
  return p;
}

inline void deallocate(void* p) noexcept { ::operator delete(p, std::align_val_t{cache_line}); }

}  // namespace agnesi::detail
