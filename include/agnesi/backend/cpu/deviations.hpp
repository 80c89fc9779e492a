// SPDX-License-Identifier: BSD-3-Clause
// The sum of what a loop computes and of its squared deviations from the mean, in one sweep of memory.
//   deviation_sums d = deviations<float>(work, space, operands);   // d.sum(), d.squares; work.run: the loop over x - shift
// The loop sums x - s and (x - s)² for a shift s near the mean, block by block. Where a block shows that the shift was not
// near its mean, it is done again with a better one while it is in the cache; so no digits are lost, whatever the data. Blocks
// are combined by the formula of T. F. Chan, G. H. Golub, R. J. LeVeque, "Algorithms for computing the sample variance", 1983.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "agnesi/backend/cpu/split.hpp"

namespace agnesi::cpu {

// Of the elements so far: how many, the sum of what is above the origin, and of the squared deviations from their mean.
struct deviation_sums {
  double n = 0, origin = 0, above = 0, squares = 0;

  double sum() const { return n * origin + above; }

  void add(deviation_sums b) {
    if (n == 0 || b.n == 0) {
      if (n == 0) *this = b;
      return;
    }
    b.above += b.n * (b.origin - origin);
    const double apart = b.above / b.n - above / n, all = n + b.n;
    squares += b.squares + apart * apart * (n / all * b.n);
    above += b.above;
    n = all;
  }
};

// A loop with the operands deviations, sum, shift, Σ (x - shift), Σ (x - shift)², and those of x.
struct deviation_loop {
  void (*run)(const loop_space&, const loop_operand*);
  const loop::slot_facts* slots;
  int n_slots, n_operands;
  double bytes;  // read for an element
};
inline constexpr int deviation_operands = 5, most_deviation_operands = 64;
// Behind what computes x: the shift, x - shift, its square, and the sums of the square, of x - shift, and of x.
inline constexpr int deviation_words = 6;

constexpr double bytes_read(const loop::slot_facts* slots, int n) {
  double bytes = 0;
  for (int k = 0; k < n; ++k) bytes += slots[k].what == loop::kind::load ? static_cast<double>(size_of(slots[k].memory)) : 0;
  return bytes;
}
inline double elements_of(const loop_space& space) {
  double n = 1;
  for (int a = 0; a < space.rank; ++a) n *= static_cast<double>(space.extents[a]);
  return n;
}
// Whether the squared deviations from a mean are so large that its rounding is nothing beside them.
template <class F>
bool is_far_from_rounding(F squares, F mean, double n) {
  const double least = 1024.0 * static_cast<double>(std::numeric_limits<F>::epsilon()) * static_cast<double>(mean);
  return static_cast<double>(squares) > n * least * least;
}

namespace detail {

// A part of a loop's space, and what it touches.
struct deviation_part {
  loop_space space;
  loop_operand operands[most_deviation_operands];
  std::ptrdiff_t first[max_loop_rank];

  deviation_part(const deviation_loop& w, const loop_space& of, const loop_operand* at) : space(of) {
    for (int k = 0; k < w.n_operands; ++k) operands[k] = at[k];
    for (int a = 0; a < of.rank; ++a) first[a] = of.first != nullptr ? of.first[a] : 0;
    space.first = first;
    space.threads = 1;
  }
  deviation_part(const deviation_part&) = delete;
  void cut(const deviation_loop& w, int axis, std::ptrdiff_t begin, std::ptrdiff_t end) {
    space.extents[axis] = end - begin;
    first[axis] += begin;
    int moved = deviation_operands - 1;  // operands are in the order of the slots
    for (int k = 0; k < w.n_slots; ++k) {
      const loop::slot_facts& s = w.slots[k];
      if (s.what != loop::kind::load || s.operand <= moved) continue;
      moved = s.operand;
      operands[moved].data = static_cast<char*>(operands[moved].data) + begin * operands[moved].strides[axis] * size_of(s.memory);
    }
  }
  // Only one of so many elements along an axis.
  void spread(const deviation_loop& w, int axis, std::ptrdiff_t step) {
    for (int k = deviation_operands; k < w.n_operands; ++k) operands[k].strides[axis] *= step;
  }
};

// The axis of the longest strides; of the shortest ones. None of `not_of`, and only one that can be cut in so many parts.
inline int outer_axis(const deviation_loop& w, const loop_space& space, const loop_operand* operands, bool inner = false,
                      unsigned not_of = 0, int parts = 1) {
  int best = -1;
  double best_stride = 0;
  for (int a = 0; a < space.rank; ++a) {
    if (space.extents[a] < 2 || space.extents[a] < 4 * (parts - 1) || (not_of >> a & 1u) != 0) continue;
    double stride = 0;
    for (int k = deviation_operands; k < w.n_operands; ++k) {
      const auto s = static_cast<double>(operands[k].strides[a]);
      stride += s < 0 ? -s : s;
    }
    if (best < 0 || (inner ? stride <= best_stride : stride > best_stride)) best = a, best_stride = stride;
  }
  return best;
}

inline bool is_finite(double v) { return v - v == 0; }
// A mean of elements of this variance, in as few digits as leave it near: whole numbers less such a shift are summed
// without rounding.
template <class F>
F rounded_mean(double mean, double variance) {
  const auto exponent = static_cast<std::int64_t>(std::bit_cast<std::uint64_t>(variance) >> 52 & 0x7ff) - 1023;
  const double grain = std::bit_cast<double>(static_cast<std::uint64_t>((exponent >> 1) + 1020) << 52);
  const double rounded = std::nearbyint(mean / grain) * grain;
  if (is_finite(rounded)) mean = rounded;
  return is_finite(mean) ? static_cast<F>(mean) : F(0);
}

template <class F>
class deviation_sweep {
 public:
  explicit deviation_sweep(const deviation_loop& w) : w_(w) {}

  deviation_sums so_far;

  void add(const loop_space& space, loop_operand* operands) {
    const int axis = elements_of(space) * w_.bytes <= bounds.tile_bytes / 2 ? -1 : outer_axis(w_, space, operands);
    if (axis < 0) return add_block(space, operands);
    const std::ptrdiff_t extent = space.extents[axis], half = extent >= 512 ? extent / 2 / 128 * 128 : extent / 2;
    for (int k = 0; k < 2; ++k) {
      deviation_part part(w_, space, operands);
      part.cut(w_, axis, k * half, k == 0 ? half : extent);
      add(part.space, part.operands);
    }
  }

 private:
  const deviation_loop& w_;
  F shift_{}, sum_{}, squares_{};
  double mean_ = 0, mean_before_ = 0, variance_ = 0;  // of the last blocks, which say where the next one's mean may be

  deviation_sums totals_of(const loop_space& space, loop_operand* operands, double n) {
    operands[2].data = &shift_, operands[3].data = &sum_, operands[4].data = &squares_;
    w_.run(space, operands);
    const auto sum = static_cast<double>(sum_), squares = static_cast<double>(squares_) - sum * (sum / n);
    return {n, static_cast<double>(shift_), sum, squares < 0 ? 0 : squares};
  }
  void shift_to(double mean, double variance) { shift_ = rounded_mean<F>(mean, variance); }
  void shift_to_mean_of(const deviation_sums& d) { shift_to(d.origin + d.above / d.n, d.squares / d.n); }

  // From all elements of a small block, otherwise from the first few.
  void guess(const loop_space& space, loop_operand* operands, double n) {
    constexpr std::ptrdiff_t few = 64;
    shift_ = 0;
    if (n * w_.bytes <= 16384) return shift_to_mean_of(totals_of(space, operands, n));
    const int axis = outer_axis(w_, space, operands, true);
    loop_space sample = space;
    for (int a = 0; a < space.rank; ++a) sample.extents[a] = a != axis ? 1 : space.extents[a] > few ? few : space.extents[a];
    const auto taken = static_cast<double>(sample.extents[axis]);
    for (int times = 0; times < 2; ++times) shift_to_mean_of(totals_of(sample, operands, taken));
  }
  void add_block(const loop_space& space, loop_operand* operands) {
    const double n = elements_of(space);
    if (n == 0) return;
    if (so_far.n == 0) guess(space, operands, n);
    else shift_to(2 * mean_ - mean_before_, variance_);
    deviation_sums here = totals_of(space, operands, n);
    // Of the squares no more than an eighth may be the shift's fault. Each time takes off as many digits as F has.
    const auto is_near = [&] { return here.above * (here.above / n) <= static_cast<double>(squares_) / 8; };
    for (int times = 0; times < 4 && is_finite(here.above) && !is_near(); ++times) {
      shift_to_mean_of(here);
      here = totals_of(space, operands, n);
    }
    mean_before_ = so_far.n == 0 ? here.origin + here.above / n : mean_;
    mean_ = here.origin + here.above / n;
    variance_ = here.squares / n;
    so_far.add(here);
  }
};

}  // namespace detail

template <class F>
deviation_sums deviations(const deviation_loop& w, const loop_space& space, loop_operand* operands) {
#ifdef _OPENMP
  constexpr int most_parts = 64;
  const int axis = detail::outer_axis(w, space, operands);
  int parts = parts_for(elements_of(space) * w.bytes, space.threads);
  parts = parts < most_parts ? parts : most_parts;
  if (parts > 1 && axis >= 0 && space.extents[axis] >= 4 * parts) {
    deviation_sums of[most_parts];
    parallel(parts, [&](int part) {
      const std::ptrdiff_t extent = space.extents[axis], grain = extent >= 256 * parts ? 64 : 1;
      detail::deviation_part own(w, space, operands);
      own.cut(w, axis, part_begin(extent, parts, part, grain), part_begin(extent, parts, part + 1, grain));
      detail::deviation_sweep<F> sweep(w);
      sweep.add(own.space, own.operands);
      of[part] = sweep.so_far;
    });
    for (int part = 1; part < parts; ++part) of[0].add(of[part]);
    return of[0];
  }
#endif
  detail::deviation_sweep<F> sweep(w);
  loop_space alone = space;
  alone.threads = 1;
  sweep.add(alone, operands);
  return sweep.so_far;
}

}  // namespace agnesi::cpu
