// SPDX-License-Identifier: BSD-3-Clause
// Values as views of storages: which axis of the memory each axis of a loop runs along, with what step, and from where.
// Transposes, broadcasts, slices and new axes cost nothing: they only change the view.
//   operand o = access(node, identity(2), 2);
#pragma once

#include "agnesi/passes/plan.hpp"
#include "agnesi/passes/groups.hpp"

namespace agnesi {

// Loop axis of each axis of a node, -1 for none.
struct axis_map {
  int rank = 0;
  int axis[max_rank]{};
  constexpr bool operator==(const axis_map& o) const {
    bool equal = rank == o.rank;
    for (int k = 0; k < rank && equal; ++k) equal = axis[k] == o.axis[k];
    return equal;
  }
};

// Holds the plan's storages and operands while it is made.
class operand_builder {
 public:
  plan result;

 protected:
  const graph& g_;
  vec<int> storage_of_;  // of each node, -1 for none

  constexpr explicit operand_builder(const graph& g) : g_(g), storage_of_(g.size(), -1) {}

  constexpr storage described(int node, storage_kind kind, int index) const {
    storage r;
    r.kind = kind;
    r.index = index;
    r.type = g_.type(node);
    r.rank = g_.rank(node);
    r.node = node;
    for (int k = 0; k < r.rank; ++k) r.extents[k] = g_.shapes.find(g_.extent(node, k));
    return r;
  }
  constexpr int add_storage(storage s) {
    result.storages.push_back(s);
    return result.storages.size() - 1;
  }

  constexpr axis_map identity(int rank) const {
    axis_map m;
    m.rank = rank;
    for (int k = 0; k < rank; ++k) m.axis[k] = k;
    return m;
  }
  // Where an elementwise node's argument runs, given where the node does: trailing axes are aligned, and an extent
  // of 1 stands still.
  constexpr axis_map aligned(int node_shape, const axis_map& m, int arg) const {
    if (g_.shape(arg) == node_shape) return m;
    axis_map r;
    r.rank = g_.rank(arg);
    for (int k = 0; k < r.rank; ++k) {
      const int of = k + m.rank - r.rank;
      const bool stretched = g_.shapes.find(g_.extent(arg, k)) == 1 && g_.shapes.find(g_.shapes.extent(node_shape, of)) != 1;
      r.axis[k] = stretched ? -1 : m.axis[of];
    }
    return r;
  }
  constexpr axis_map through_view(int view, const axis_map& m) const {
    const int arg = g_.arg(view, 0);
    if (g_.is(view, info<op::broadcast>)) return aligned(g_.shape(view), m, arg);
    axis_map r;
    r.rank = g_.rank(arg);
    if (g_.is(view, info<op::permute>)) {
      for (int k = 0; k < r.rank; ++k) r.axis[unpacked_axis(g_.attr(view, 0), k)] = m.axis[k];
    } else if (g_.is(view, info<op::expand_dims>)) {
      for (int k = 0, from = 0; k < m.rank; ++k)
        if ((g_.attr(view, 0) >> k & 1) == 0) r.axis[from++] = m.axis[k];
    } else if (g_.is(view, info<op::squeeze>)) {
      for (int k = 0, at = 0; k < r.rank; ++k) r.axis[k] = (g_.attr(view, 0) >> k & 1) != 0 ? -1 : m.axis[at++];
    } else {
      r = m;
    }
    return r;
  }

  // A node's memory seen along the axes of a loop of the given rank.
  constexpr operand access(int id, axis_map m, int loop_rank) {
    operand o;
    o.rank = loop_rank;
    if (!is_view(g_, id)) {
      o.storage = storage_for(id);
      o.first_offset = result.offsets.length;
      for (int k = 0; k < loop_rank; ++k) o.axis[k] = -1;
      for (int k = 0; k < m.rank; ++k)
        if (m.axis[k] >= 0) o.axis[m.axis[k]] = k, o.step[m.axis[k]] = 1;
      return o;
    }
    std::int64_t step[max_rank]{};
    for (int k = 0; k < max_rank; ++k) step[k] = 1;
    vec<operand_offset> offsets;
    while (is_view(g_, id)) {
      const axis_map inner = through_view(id, m);
      std::int64_t inner_step[max_rank]{};
      int inner_axis[max_rank]{};  // of each axis of the view, the argument's
      for (int k = 0; k < max_rank; ++k) inner_step[k] = 1, inner_axis[k] = k;
      renamed_axes(id, inner_axis);
      for (int k = 0; k < m.rank; ++k)
        if (inner_axis[k] >= 0) inner_step[inner_axis[k]] = step[k];
      for (operand_offset& f : offsets)
        if (f.axis >= 0) f.axis = inner_axis[f.axis];
      if (g_.is(id, info<op::slice>)) {
        const int axis = static_cast<int>(g_.attr(id, 0));
        const std::int64_t by = g_.attr(id, 2);
        inner_step[axis] *= by;
        for (operand_offset& f : offsets)
          if (f.axis == axis) f.step *= by;
        offsets.push_back({axis, g_.attr(id, 1), 1});
      }
      for (int k = 0; k < max_rank; ++k) step[k] = inner_step[k];
      m = inner;
      id = g_.arg(id, 0);
    }
    o.storage = storage_for(id);
    for (int k = 0; k < loop_rank; ++k) o.axis[k] = -1;
    for (int k = 0; k < m.rank; ++k)
      if (m.axis[k] >= 0) {
        o.axis[m.axis[k]] = k;
        o.step[m.axis[k]] = step[k];
      }
    o.first_offset = result.offsets.size();
    for (const operand_offset& f : offsets)
      if (f.axis >= 0 && f.begin != 0) result.offsets.push_back({f.axis, g_.shapes.find(f.begin), f.step});
    o.n_offsets = result.offsets.size() - o.first_offset;
    return o;
  }
  constexpr void renamed_axes(int view, int* axis) const {
    const int r = g_.rank(view);
    if (g_.is(view, info<op::permute>)) {
      for (int k = 0; k < r; ++k) axis[k] = unpacked_axis(g_.attr(view, 0), k);
    } else if (g_.is(view, info<op::expand_dims>)) {
      for (int k = 0, from = 0; k < r; ++k) axis[k] = (g_.attr(view, 0) >> k & 1) != 0 ? -1 : from++;
    } else if (g_.is(view, info<op::squeeze>)) {
      for (int k = 0, at = 0; k < g_.rank(g_.arg(view, 0)); ++k)
        if ((g_.attr(view, 0) >> k & 1) == 0) axis[at++] = k;
    } else if (g_.is(view, info<op::broadcast>)) {
      const int arg = g_.arg(view, 0), lead = r - g_.rank(arg);
      for (int k = 0; k < r; ++k) {
        const bool repeated = k < lead || (g_.shapes.find(g_.extent(arg, k - lead)) == 1 && g_.shapes.find(g_.extent(view, k)) != 1);
        axis[k] = repeated ? -1 : k - lead;
      }
    }
  }
  constexpr int storage_for(int id) {
    if (storage_of_[id] >= 0) return storage_of_[id];
    storage s = described(id, storage_kind::extent, 0);
    if (is_constant(g_, id)) s.kind = storage_kind::constant;
    s.extents[0] = g_.attr(id, 0);
    return storage_of_[id] = add_storage(s);
  }
  constexpr int push(const operand& o) {
    result.operands.push_back(o);
    return result.operands.size() - 1;
  }
};

}  // namespace agnesi
