// SPDX-License-Identifier: BSD-3-Clause
//
// The exceptions thrown for shapes that do not fit and indices that are out of range.
//
//   try { M.at(7, 0); } catch (const agnesi::index_error& e) { std::puts(e.what()); }
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>

namespace agnesi {

/// Extents that do not fit an operation, a function or a container.
struct shape_error : std::invalid_argument {
  explicit shape_error(const std::string& sentence) : std::invalid_argument(sentence) {}
};

/// An index outside the extent of its axis.
struct index_error : std::out_of_range {
  explicit index_error(const std::string& sentence) : std::out_of_range(sentence) {}
};

namespace detail {

[[noreturn]] inline void throw_index_error(std::ptrdiff_t index, int axis, std::ptrdiff_t extent) {
  throw index_error("index " + std::to_string(index) + " is out of range on axis " + std::to_string(axis) +
                    ", whose extent is " + std::to_string(extent));
}

}  // namespace detail
}  // namespace agnesi
