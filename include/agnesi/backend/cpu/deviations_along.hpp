// SPDX-License-Identifier: BSD-3-Clause
// Sums and squared deviations from the mean along some axes, in one sweep of memory.
//   deviations_along<float>::run(work, 1u << 0, space, operands);   // of every column; operands 0 and 1 are the results
// As in deviations.hpp the loop sums x - s and (x - s)², here with a shift s for each result, which is guessed from a few of
// its elements. Where the sums show that it was not near the mean, they are taken once more with the mean that they were found
// to have; rows are gone through by so many that they are in the cache then.
#pragma once

#include <cmath>
#include <cstring>
#include <limits>

#include "agnesi/backend/cpu/deviations.hpp"
#include "agnesi/backend/cpu/place.hpp"
#include "agnesi/backend/cpu/simd.hpp"

namespace agnesi::cpu {

template <class F>
class deviations_along {
 public:
  // Over the axes of `reduced`. The squared deviations go to operand 0, the sums to operand 1 if that has memory.
  static void run(const deviation_loop& w, unsigned reduced, const loop_space& space, const loop_operand* operands) {
#ifdef _OPENMP
    const int parts = parts_for(elements_of(space) * w.bytes, space.threads);
    const int axis = parts > 1 ? detail::outer_axis(w, space, operands, false, reduced, parts) : -1;
    // Columns are shared out by cache lines; few of them the loop shares out by rows.
    const std::ptrdiff_t extent = axis >= 0 ? space.extents[axis] : 0, grain = extent >= 256 * parts ? 64 : 1;
    const bool is_inner = axis >= 0 && axis == detail::outer_axis(w, space, operands, true);
    if (axis >= 0 && (!is_inner || static_cast<double>(extent) * w.bytes >= 256 * parts))
      return parallel(parts, [&](int part) {
        const std::ptrdiff_t begin = part_begin(extent, parts, part, grain), end = part_begin(extent, parts, part + 1, grain);
        deviations_along(w, reduced).add_cut(space, operands, axis, begin, end);
      });
#endif
    detail::deviation_part all(w, space, operands);
    all.space.threads = space.threads;
    deviations_along(w, reduced).add(all);
  }

 private:
  static constexpr std::ptrdiff_t most = 1024;  // results at a time
  const deviation_loop& w_;
  unsigned reduced_;
  double n_ = 0;                // elements of a result
  std::ptrdiff_t results_ = 0;  // of the part
  alignas(64) F shift_[most], above_[most], squares_[most];
  F common_ = 0;  // a shift that was near all means of the last part
  bool has_common_ = false, has_next_ = false;

  deviations_along(const deviation_loop& w, unsigned reduced) : w_(w), reduced_(reduced) {}

  bool is_reduced(int axis) const { return (reduced_ >> axis & 1u) != 0; }

  void add_cut(const loop_space& space, const loop_operand* operands, int axis, std::ptrdiff_t begin, std::ptrdiff_t end) {
    detail::deviation_part part(w_, space, operands);
    part.cut(w_, axis, begin, end);
    if (end > begin) part.space.part_of = space.part_of * static_cast<int>(space.extents[axis] / (end - begin));
    for (int k = 0; k < 2; ++k)
      if (operands[k].data != nullptr) part.operands[k].data = static_cast<F*>(operands[k].data) + begin * operands[k].strides[axis];
    add(part);
  }
  // In pieces for whose results there is room, and such that what has to be summed once more is in the cache where that is possible.
  void add(detail::deviation_part& p) {
    const int axis = detail::outer_axis(w_, p.space, p.operands, false, reduced_);
    if (axis < 0) return add_part(p);
    const std::ptrdiff_t extent = p.space.extents[axis];
    std::ptrdiff_t results = 1, piece = extent;
    for (int a = 0; a < p.space.rank; ++a) results *= is_reduced(a) ? 1 : p.space.extents[a];
    if (results > most) piece = results / extent < most ? most / (results / extent) : 1;
    if (detail::outer_axis(w_, p.space, p.operands) == axis) {
      const double bytes = elements_of(p.space) * w_.bytes / static_cast<double>(extent), fitting = bounds.tile_bytes / 2 / bytes;
      if (fitting < static_cast<double>(piece)) piece = fitting < 1 ? 1 : static_cast<std::ptrdiff_t>(fitting);
    }
    if (piece == extent) return add_part(p);
    for (std::ptrdiff_t begin = 0; begin < extent; begin += piece) {
      has_next_ = begin + piece < extent;
      add_cut(p.space, p.operands, axis, begin, has_next_ ? begin + piece : extent);
    }
  }

  void add_part(detail::deviation_part& p) {
    results_ = 1, n_ = 1;
    void* const own[] = {shift_, above_, squares_};
    for (int k = 0; k < 3; ++k) p.operands[2 + k].data = own[k];
    for (int a = p.space.rank; a-- > 0;) {
      for (int k = 0; k < 3; ++k) p.operands[2 + k].strides[a] = is_reduced(a) ? 0 : results_;
      if (is_reduced(a)) n_ *= static_cast<double>(p.space.extents[a]);
      else results_ *= p.space.extents[a];
    }
    if (results_ == 0) return;
    const bool is_small = n_ <= few || elements_of(p.space) * w_.bytes <= bounds.twice_below;
    const F shift = has_common_ && !is_small ? common_ : F(0);
    each_pack([&](std::ptrdiff_t i) {
      simd::store<F>(shift_ + i, simd::splat<F>(shift));
      for (F* each : {above_, squares_}) simd::store<F>(each + i, number(0));
    });
    if (n_ == 0) {
      write(squares_, p.operands[0], p.space);
      return write(above_, p.operands[1], p.space);
    }
    if (is_small) {
      w_.run(p.space, p.operands);
      write(above_, p.operands[1], p.space);  // sums of all elements, and so no need of shifts of few digits
      if (!are_near()) sum_again<false>(p);
      end_squares();
      return write(squares_, p.operands[0], p.space);
    }
    if (!has_common_) sum_some(p);
    w_.run(p.space, p.operands);
    has_common_ = are_near();
    if (!has_common_) sum_again<true>(p);
    else if (has_next_) find_common();
    end_squares();
    write(squares_, p.operands[0], p.space);
    end_sums();
    write(above_, p.operands[1], p.space);
  }
  // Each time takes off as many digits as F has.
  template <bool Rounded>
  void sum_again(detail::deviation_part& p) {
    int times = 0;
    do {
      shift_to_means<Rounded>(n_, times == 0 && !Rounded);
      w_.run(p.space, p.operands);
    } while (++times < 4 && !are_near());
  }

  // ---- of all results, a pack at a time: where they are many and of few elements, this is most of the work

  using pack = simd::pack<F>;
  template <class Function>
  void each_pack(Function f) const {
    for (std::ptrdiff_t i = 0; i < results_; i += simd::lanes<F>) f(i);
  }
  static pack number(double x) { return simd::splat<F>(static_cast<F>(x)); }

  // Of the squares no more than half may be a shift's fault. What is not finite is left as it is.
  auto is_off(std::ptrdiff_t i) const {
    const pack above = simd::load<F>(above_ + i);
    return above * (above * number(2 / n_)) > simd::load<F>(squares_ + i);
  }
  bool are_near() const {
    bool all = true;
    each_pack([&](std::ptrdiff_t i) { all = all && !simd::any_lane<F>(is_off(i)); });
    return all;
  }
  // Of `n` elements each. Numbers like this one are few digits long beside the deviations, if these are seen at all: whole numbers
  // less such a shift are summed without rounding.
  template <bool Rounded>
  void shift_to_means(double n, bool all) {
    using std::sqrt;
    const pack part = number(1 / n), zero = number(0);
    each_pack([&](std::ptrdiff_t i) {
      const pack before = simd::load<F>(shift_ + i), above = simd::load<F>(above_ + i) * part, mean = before + above;
      pack shift = mean;
      if constexpr (Rounded) {
        const pack variance = simd::load<F>(squares_ + i) * part - above * above;
        const auto is_seen = variance > mean * mean * number(256 * std::numeric_limits<F>::epsilon());
        const pack coarse = sqrt(simd::choose<F>(is_seen, variance, zero)) * number(1.5 / 8 / std::numeric_limits<F>::epsilon());
        const pack rounded = (mean + coarse) - coarse;
        shift = simd::choose<F>(rounded - rounded == zero, rounded, mean);
      }
      shift = simd::choose<F>(shift - shift == zero, shift, zero);
      simd::store<F>(shift_ + i, all ? shift : simd::choose<F>(is_off(i), shift, before));
    });
  }
  // Whether one shift, the first result's, would have done for all of them: then it is what the next ones begin with.
  void find_common() {
    common_ = shift_[0];
    const double part = 1 / n_;
    for (std::ptrdiff_t i = 0; i < results_ && has_common_; ++i) {
      const double above = static_cast<double>(above_[i]) * part, apart = static_cast<double>(shift_[i] - common_) + above;
      has_common_ = !(2 * apart * apart > static_cast<double>(squares_[i]) * part - above * above);
    }
  }

  // The shifts from some elements of each result: those that lie side by side, and rows that are spread over all.
  static constexpr std::ptrdiff_t few = 32;
  void sum_some(const detail::deviation_part& p) {
    detail::deviation_part some(w_, p.space, p.operands);
    std::ptrdiff_t left = n_ < 8 * few ? few / 2 : few;
    double n = 1;
    unsigned rest = reduced_;
    for (int axis; (axis = detail::outer_axis(w_, some.space, some.operands, true, ~rest)) >= 0; rest &= ~(1u << axis)) {
      const std::ptrdiff_t extent = some.space.extents[axis], taken = extent < left ? extent : left;
      const bool side_by_side = axis == detail::outer_axis(w_, p.space, p.operands, true);
      if (!side_by_side) some.spread(w_, axis, extent / taken);
      some.space.extents[axis] = taken;
      left /= taken;
      n *= static_cast<double>(taken);
    }
    w_.run(some.space, some.operands);
    shift_to_means<true>(n, true);
  }

  // From the sums of what is above the shifts to the results.
  void end_squares() {
    const pack part = number(1 / n_), zero = number(0);
    each_pack([&](std::ptrdiff_t i) {
      const pack above = simd::load<F>(above_ + i), here = simd::load<F>(squares_ + i) - above * (above * part);
      simd::store<F>(squares_ + i, simd::choose<F>(here < zero, zero, here));
    });
  }
  // Rounded once: sums of whole numbers are exact.
  void end_sums() {
#if AGNESI_HAS_XSIMD && defined(__FMA__)
    if constexpr (simd::lanes<F> > 1)
      if (n_ < 1 << 24)
        return each_pack([&](std::ptrdiff_t i) {
          simd::store<F>(above_ + i, xsimd::fma(number(n_), simd::load<F>(shift_ + i), simd::load<F>(above_ + i)));
        });
#endif
    for (std::ptrdiff_t i = 0; i < results_; ++i)
      above_[i] = static_cast<F>(n_ * static_cast<double>(shift_[i]) + static_cast<double>(above_[i]));
  }
  void write(const F* from, const loop_operand& to, const loop_space& space) const {
    if (to.data == nullptr) return;
    std::ptrdiff_t kept[max_loop_rank], strides[max_loop_rank];
    int n = 0;
    for (int a = 0; a < space.rank; ++a)
      if (!is_reduced(a)) kept[n] = space.extents[a], strides[n++] = to.strides[a];
    const std::ptrdiff_t inner = kept[n - 1], step = strides[n - 1];
    for_each_index<1>(n - 1, kept, {strides}, [&](const std::ptrdiff_t* at) {
      F* const row = static_cast<F*>(to.data) + at[0];
      if (step == 1) std::memcpy(row, from, static_cast<std::size_t>(inner) * sizeof(F));
      for (std::ptrdiff_t i = 0; step != 1 && i < inner; ++i) row[i * step] = from[i];
      from += inner;
    });
  }
};

}  // namespace agnesi::cpu
