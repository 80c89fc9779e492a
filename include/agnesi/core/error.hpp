// SPDX-License-Identifier: BSD-3-Clause
//
// The exceptions thrown for shapes that do not fit and indices that are out of range.
//
//   try { M.at(7, 0); } catch (const agnesi::index_error& e) { std::puts(e.what()); }
//
// What they say is put together as a text, out of line: joining strings where something is thrown costs every
// program that might throw it a twentieth of its compile time.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>

#include "agnesi/core/text.hpp"

namespace agnesi {

/// Extents that do not fit an operation, a function or a container.
struct shape_error : std::invalid_argument {
  explicit shape_error(const std::string& sentence) : std::invalid_argument(sentence) {}
  explicit shape_error(const char* sentence) : std::invalid_argument(sentence) {}
  [[gnu::cold, gnu::noinline]] explicit shape_error(text& sentence) : std::invalid_argument(sentence.c_str()) {}
};

/// An index outside the extent of its axis.
struct index_error : std::out_of_range {
  explicit index_error(const std::string& sentence) : std::out_of_range(sentence) {}
  explicit index_error(const char* sentence) : std::out_of_range(sentence) {}
  [[gnu::cold, gnu::noinline]] explicit index_error(text& sentence) : std::out_of_range(sentence.c_str()) {}
};

namespace detail {

[[noreturn, gnu::cold]] inline void throw_index_error(std::ptrdiff_t index, int axis, std::ptrdiff_t extent) {
  throw index_error(text() << "index " << index << " is out of range on axis " << axis << ", whose extent is " << extent);
}

}  // namespace detail
}  // namespace agnesi
