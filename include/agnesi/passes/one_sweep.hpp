// SPDX-License-Identifier: BSD-3-Clause
// Several reductions that one step gives in one sweep of what they reduce.
//   max(x) where argmax(x) is wanted too → the element that the search finds
//   sum(sqr(x - sum(x) / n)), and the sum → squared_deviations(x), and the sum that it finds, over the same axes
// After differentiation, which knows nothing of it.
#pragma once

#include "agnesi/ir/copy.hpp"
#include "agnesi/ops/probability.hpp"

namespace agnesi {

namespace detail {

// Of fewer elements, if their number is known, two loops are as fast.
inline constexpr dim fewest_deviations = 8192, fewest_for_a_mean = 32;
// The step has places for so many operands and a few of its own: no formula has more than it has nodes.
inline constexpr int most_deviation_nodes = 56;

class sweep_finder {
 public:
  constexpr explicit sweep_finder(const graph& in) : in_(in), live_(live_nodes(in, in.size() - 1)) {}

  constexpr graph result() {
    graph g = continued(in_);
    find_deviations();
    vec<int> place(in_.size(), -1);
    for (int id = 0; id < in_.size(); ++id)
      if (live_[id] || in_.is(id, info<op::input>)) place[id] = made(g, id, place);
    for (int s = 0; s < g.symbols.size(); ++s)
      if (g.symbols[s].node >= 0) g.symbols[s].node = place[g.symbols[s].node];
    return g;
  }

 private:
  const graph& in_;
  vec<bool> live_;
  struct reduced {
    int x = -1;
    std::int64_t axes = 0;
    constexpr bool operator==(const reduced&) const = default;
  };
  vec<reduced> centered_;  // tensors whose squared deviations are summed, and over which axes

  constexpr int made(graph& g, int id, const vec<int>& place) const {
    const op_info* search = in_.is(id, info<op::max>)   ? &info<op::argmax>
                            : in_.is(id, info<op::min>) ? &info<op::argmin>
                                                        : nullptr;
    if (search != nullptr && has_search(*search, id))
      return g.apply(info<op::found>, g.apply_with(*search, place[in_.arg(id, 0)], in_.attr(id, 0)));
    if (is_sum(id)) {
      const int x = in_.arg(id, 0), c = centered_in(id).x;
      const std::int64_t axes = in_.attr(id, 0);
      if (centered_.contains({x, axes})) return g.apply(info<op::summed>, g.apply_with(info<op::squared_deviations>, place[x], axes));
      if (c >= 0 && centered_.contains({c, axes})) return g.apply_with(info<op::squared_deviations>, place[c], axes);
    }
    return copy_node(g, in_, id, place);
  }
  // A search among the same elements.
  constexpr bool has_search(const op_info& search, int id) const {
    for (int o = 0; o < in_.size(); ++o)
      if (live_[o] && in_[o].op == &search && in_.arg(o, 0) == in_.arg(id, 0) && in_.attr(o, 0) == in_.attr(id, 0)) return true;
    return false;
  }

  constexpr bool is_sum(int id) const { return in_.is(id, info<op::sum>) && is_float(in_.type(id)); }
  // Of sum(sqr(x - mean(x))), both over the same axes: x, and the mean; else -1.
  struct centered {
    int x = -1, mean = -1;
  };
  constexpr centered centered_in(int id) const {
    const int square = in_.arg(id, 0);
    if (!in_.is(square, info<op::sqr>) || !in_.is(in_.arg(square, 0), info<op::sub>)) return {};
    const int difference = in_.arg(square, 0);
    for (int side = 0; side < 2; ++side) {
      const int x = in_.arg(difference, side), mean = in_.arg(difference, 1 - side);
      if (in_.shape(x) == in_.shape(square) && is_mean_of(mean, x, in_.attr(id, 0))) return {x, repeated_number(mean)};
    }
    return {};
  }
  constexpr int repeated_number(int id) const {
    while (in_.is(id, info<op::broadcast>) || in_.is(id, info<op::expand_dims>)) id = in_.arg(id, 0);
    return id;
  }
  // Whether what x is less is its mean over these axes, repeated along them: every other axis of the mean runs along the axis of x
  // that it is from.
  constexpr bool is_mean_of(int id, int x, std::int64_t axes) const {
    int runs[max_rank]{}, rank = in_.rank(x), by = -1;  // along which axis of x each axis of `id` does
    for (int k = 0; k < rank; ++k) runs[k] = k;
    follow(runs, rank, id);
    for (;;) {
      if (in_.is(id, info<op::expand_dims>)) {
        const std::int64_t made = in_.attr(id, 0);
        int from = 0;
        for (int k = 0; k < rank; ++k)
          if ((made >> k & 1) == 0) runs[from++] = runs[k];
        rank = from;
        id = in_.arg(id, 0);
      } else if (in_.is(id, info<op::broadcast>)) {
        id = in_.arg(id, 0);
        follow(runs, rank, id);
      } else if (by < 0 && in_.is(id, info<op::div>) && in_.rank(in_.arg(id, 1)) == 0) {
        by = in_.arg(id, 1), id = in_.arg(id, 0);
      } else {
        break;
      }
    }
    if (by < 0 || !is_sum(id) || in_.arg(id, 0) != x || in_.attr(id, 0) != axes) return false;
    shape_table shapes = in_.shapes;
    dim n = 1;
    for (int k = 0, at = 0; k < in_.rank(x); ++k) {
      if ((axes >> k & 1) != 0) n = shapes.mul(n, in_.extent(x, k));
      else if (runs[at++] != k) return false;
    }
    n = shapes.find(n);
    return n >= 0 ? is_constant(in_, by) && value_of(in_, by).f == static_cast<double>(n)
                  : in_.is(by, info<op::extent>) && shapes.find(in_.attr(by, 0)) == n;
  }
  // Trailing axes are aligned. Axes of one element that are repeated are not among those that are kept.
  constexpr void follow(int* runs, int& rank, int arg) const {
    const int less = rank - in_.rank(arg);
    for (int k = 0; k < in_.rank(arg); ++k) runs[k] = runs[k + less];
    rank = in_.rank(arg);
  }

  constexpr void find_deviations() {
    for (int id = 0; id < in_.size(); ++id) {
      if (!live_[id] || !is_sum(id)) continue;
      const centered c = centered_in(id);
      const reduced what{c.x, in_.attr(id, 0)};
      if (c.x < 0 || what.axes == 0 || centered_.contains(what)) continue;
      if (!is_small(c.x, what.axes) && !is_large_formula(c.x) && !goes_along(id, c.mean)) centered_.push_back(what);
    }
  }
  constexpr bool is_large_formula(int x) const {
    vec<bool> beneath(x + 1, false);
    beneath[x] = true;
    int nodes = 0;
    for (int id = x; id >= 0; --id) {
      if (!beneath[id]) continue;
      ++nodes;
      for (int k = 0; k < in_[id].n_args; ++k) beneath[in_.arg(id, k)] = true;
    }
    return nodes > most_deviation_nodes;
  }
  // As far as is known, over all axes and over those that are reduced.
  constexpr bool is_small(int x, std::int64_t axes) const {
    const dim all = elements(x, -1), of_each = elements(x, axes);
    return (all >= 0 && all < fewest_deviations) || (of_each >= 0 && of_each < fewest_for_a_mean);
  }
  constexpr dim elements(int x, std::int64_t axes) const {
    dim n = 1;
    for (int k = 0; k < in_.rank(x); ++k) {
      if ((axes >> k & 1) == 0) continue;
      const dim d = in_.shapes.find(in_.extent(x, k));
      if (d < 0) return -1;
      n *= d;
    }
    return n;
  }
  // Whether something else that is made of the mean would share the loop of the squared deviations, so that the second
  // sweep is there anyway: a gradient, a third moment, a result x - mean(x).
  constexpr bool goes_along(int id, int mean) const {
    const int square = in_.arg(id, 0), difference = in_.arg(square, 0), root = in_.size() - 1;
    vec<bool> later(in_.size(), false);
    later[id] = true;
    for (int o = id + 1; o < root; ++o)
      for (int k = 0; k < in_[o].n_args; ++k) later[o] = later[o] || later[in_.arg(o, k)];
    for (int o = 0; o <= root; ++o) {
      const bool is_repeated = in_.is(o, info<op::broadcast>) || in_.is(o, info<op::expand_dims>);
      if (!live_[o] || later[o] || o == difference || is_repeated) continue;
      for (int k = 0; k < in_[o].n_args; ++k) {
        const int arg = in_.arg(o, k);
        if ((arg == difference && o != square) || arg == square) return true;
        if (o < root && in_.rank(o) > in_.rank(mean) && repeated_number(arg) == mean) return true;
      }
    }
    return false;
  }
};

}  // namespace detail

constexpr graph in_one_sweep(const graph& in) {
  bool any = false;
  for (int id = 0; id < in.size() && !any; ++id) {
    const op_info* op = in[id].op;
    if (op == &info<op::sum>) any = in.is(in.arg(id, 0), info<op::sqr>) && in.is(in.arg(in.arg(id, 0), 0), info<op::sub>);
    else any = op == &info<op::argmax> || op == &info<op::argmin>;
  }
  if (!any) return in;  // no ?:, of which g++ 12 destroys the result in constant evaluation
  return detail::sweep_finder(in).result();
}

}  // namespace agnesi
