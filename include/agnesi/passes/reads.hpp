// SPDX-License-Identifier: BSD-3-Clause
// Which groups read an input's old value, and whether only at the element that they write: what decides if an update
// can happen in place.
#pragma once

#include "agnesi/passes/groups.hpp"

namespace agnesi {

// How a group reads an input: not at all, only at the element it writes, or anywhere.
enum class reading : unsigned char { nowhere, same_element, anywhere };

class group_reads {
 public:
  vec<group> groups;

  constexpr reading reads(int group, int input) {
    reading r = reading::nowhere;
    for (int root : groups[group].roots) {
      ++stamp_;
      r = stronger(r, groups[group].loop ? reads_in_loop(root, input, groups[group].space) : reads_as_step(root, input));
    }
    return r;
  }

 protected:
  const graph& g_;
  vec<bool> stored_;
  vec<int> memo_, memo_stamp_;  // of walks through the graph: what was found at a node since the stamp was taken
  int stamp_ = 0;

  constexpr explicit group_reads(const graph& g)
      : g_(g), stored_(g.size()), memo_(2 * g.size()), memo_stamp_(2 * g.size()) {}

  static constexpr reading stronger(reading a, reading b) { return a > b ? a : b; }

  constexpr reading reads_in_loop(int root, int input, int space) {
    const int base = base_of(g_, root);
    if (base >= 0 && !is_loop_reduction(g_, root)) return reads_through(base, input, true);
    reading r = reading::nowhere;
    if (is_view(g_, root)) return reads_through(root, input, false);
    const bool at_index = is_elementwise(g_, root) || is_loop_reduction(g_, root);
    for (int k = 0; k < g_[root].n_args; ++k)
      if (g_.arg(root, k) != base) r = stronger(r, reads_through(g_.arg(root, k), input, at_index));
    if (r == reading::same_element && !same_extents(g_.shape(input), space)) r = reading::anywhere;
    return base == input ? stronger(r, reading::same_element) : r;
  }
  constexpr reading reads_as_step(int root, int input) {
    reading r = reading::nowhere;
    const int base = base_of(g_, root);
    for (int k = 0; k < g_[root].n_args; ++k) {
      const int arg = g_.arg(root, k);
      const bool changed = base >= 0 && k == (is_put_node(g_, root) ? 0 : g_[root].n_args - 1);  // not as a factor too
      if (!changed) r = stronger(r, reads_through(arg, input, false));
      else if (arg == input) r = stronger(r, reading::same_element);
    }
    return r;
  }
  // Through what is computed along with the reader, and reshapes, which may be views; `at_index` as long as no view
  // has changed the place.
  constexpr reading reads_through(int id, int input, bool at_index) {
    if (id == input) return at_index ? reading::same_element : reading::anywhere;
    if (g_[id].op->kind == op_kind::leaf || (stored_[id] && !is_view(g_, id) && !g_.is(id, info<op::reshape>)))
      return reading::nowhere;
    const int key = 2 * id + (at_index ? 1 : 0);
    if (memo_stamp_[key] == stamp_) return static_cast<reading>(memo_[key]);
    reading r = reading::nowhere;
    for (int k = 0; k < g_[id].n_args; ++k)
      r = stronger(r, reads_through(g_.arg(id, k), input, at_index && is_elementwise(g_, id)));
    memo_stamp_[key] = stamp_;
    memo_[key] = static_cast<int>(r);
    return r;
  }
  constexpr bool same_extents(int a, int b) const {
    if (a == b) return true;
    if (g_.shapes.rank(a) != g_.shapes.rank(b)) return false;
    for (int k = 0; k < g_.shapes.rank(a); ++k)
      if (g_.shapes.find(g_.shapes.extent(a, k)) != g_.shapes.find(g_.shapes.extent(b, k))) return false;
    return true;
  }
};

}  // namespace agnesi
