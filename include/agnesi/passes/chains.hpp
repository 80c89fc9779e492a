// SPDX-License-Identifier: BSD-3-Clause
// The order of products of several matrices, where it is certain which one is best: vectors and extents of 1 first, and,
// where all extents are in the types, the order of least cost.
//   dot(dot(A, B), v) -> dot(A, dot(B, v));  dot(dot(a, r), B) -> dot(a, dot(r, B)) for a row r and a column a
#pragma once

#include "agnesi/ops/contract.hpp"
#include "agnesi/rewrite/rewriter.hpp"

namespace agnesi {

namespace detail {

// What a chain costs: multiplications where all extents are known; else how many products have three extents other than
// 1, and how many have two.
struct chain_cost {
  double numbers = 0;
  int cubic = 0, square = 0;
  constexpr void add(const chain_cost& o) {
    numbers += o.numbers;
    cubic += o.cubic;
    square += o.square;
  }
  constexpr bool operator<(const chain_cost& o) const { return cubic != o.cubic ? cubic < o.cubic : square < o.square; }
};

class chain {
 public:
  static constexpr int max_factors = 12;

  constexpr chain(rewriter& w, int root) : w_(w) {
    now_ = flatten(root);
    known_ = true;
    for (int k = 0; k <= n_; ++k) known_ = known_ && dims_[k] >= 0;
  }
  constexpr int size() const { return n_ > max_factors ? 0 : n_; }

  // The product in the better order; -1 where there is none, or where only the call can tell.
  constexpr int ordered() {
    if (known_) {
      find_least();
      return least_[0][n_] < now_.numbers ? in_least_order(0, n_) : -1;
    }
    chain_cost best;
    return from_ones(0, n_, best) && best < now_ ? made_from_ones(0, n_) : -1;
  }

 private:
  rewriter& w_;
  int factors_[max_factors + 1]{};
  dim dims_[max_factors + 2]{};  // factor k has dims_[k] rows and dims_[k + 1] columns; vectors have one of them
  int n_ = 0;
  bool known_ = false;
  chain_cost now_;
  double least_[max_factors + 1][max_factors + 1]{};
  int split_[max_factors + 1][max_factors + 1]{};

  constexpr dim found(int id, int axis) const { return w_.shapes.find(w_.extent(id, axis)); }
  constexpr bool is_inner(int id, bool left) const {
    if (!w_.is(id, info<op::dot>) || w_.is_shared(id) || w_.is_flagged(id, pinned_node)) return false;
    // A vector is a row on the left and a column on the right: only what has that form goes on.
    return w_.rank(id) == 2 || w_.rank(w_.arg(id, left ? 1 : 0)) == 2;
  }
  constexpr chain_cost cost(int lo, int at, int hi) const {
    chain_cost c;
    c.numbers = static_cast<double>(dims_[lo]) * static_cast<double>(dims_[at]) * static_cast<double>(dims_[hi]);
    const int large = (dims_[lo] != 1) + (dims_[at] != 1) + (dims_[hi] != 1);
    c.cubic = large == 3;
    c.square = large == 2;
    return c;
  }
  // Appends the factors of a product; what their products cost as they are written.
  constexpr chain_cost flatten(int id) {
    const int lo = n_;
    chain_cost c;
    int at = 0;
    for (int side = 0; side < 2; ++side) {
      const int a = w_.arg(id, side);
      if (n_ > max_factors) return c;
      if (is_inner(a, side == 0)) c.add(flatten(a));
      else append(a, side == 0);
      if (side == 0) at = n_;
    }
    c.add(cost(lo, at, n_));
    return c;
  }
  constexpr void append(int id, bool left) {
    const bool matrix = w_.rank(id) == 2;
    if (n_ == 0) dims_[0] = matrix ? found(id, 0) : 1;
    factors_[n_++] = id;
    dims_[n_] = matrix ? found(id, 1) : left ? found(id, 0) : 1;
  }

  // ---- all extents known: dynamic programming (A. Godbole, "On efficient computation of matrix chain products", 1973)

  constexpr void find_least() {
    for (int length = 2; length <= n_; ++length)
      for (int lo = 0; lo + length <= n_; ++lo) {
        const int hi = lo + length;
        for (int at = lo + 1; at < hi; ++at) {
          const double c = least_[lo][at] + least_[at][hi] + cost(lo, at, hi).numbers;
          if (at > lo + 1 && c >= least_[lo][hi]) continue;
          least_[lo][hi] = c;
          split_[lo][hi] = at;
        }
      }
  }
  constexpr int in_least_order(int lo, int hi) {
    if (hi - lo == 1) return factors_[lo];
    const int at = split_[lo][hi];
    const int a = in_least_order(lo, at);
    return w_.apply(info<op::dot>, a, in_least_order(at, hi));
  }

  // ---- extents that only the call knows: from an extent of 1 outwards, no product has three extents other than 1.
  // Every matrix must be read once, and a product of two of them costs more, but for terms of lower order.

  constexpr int split_at_one(int lo, int hi) const {
    for (int at = hi - 1; at > lo; --at)
      if (dims_[at] == 1) return at;
    return dims_[hi] == 1 ? lo + 1 : dims_[lo] == 1 ? hi - 1 : -1;
  }
  constexpr bool from_ones(int lo, int hi, chain_cost& c) const {
    if (hi - lo == 1) return true;
    const int at = split_at_one(lo, hi);
    if (at < 0) return false;
    c.add(cost(lo, at, hi));
    return from_ones(lo, at, c) && from_ones(at, hi, c);
  }
  constexpr int made_from_ones(int lo, int hi) {
    if (hi - lo == 1) return factors_[lo];
    const int at = split_at_one(lo, hi);
    const int a = made_from_ones(lo, at);
    return w_.apply(info<op::dot>, a, made_from_ones(at, hi));
  }
};

}  // namespace detail

// Ends because the cost falls with every rewriting.
constexpr int ordered_chain(rewriter& w, int id) {
  if (!w.is(w.arg(id, 0), info<op::dot>) && !w.is(w.arg(id, 1), info<op::dot>)) return -1;
  detail::chain c(w, id);
  return c.size() < 3 ? -1 : c.ordered();
}

}  // namespace agnesi
