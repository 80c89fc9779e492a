// SPDX-License-Identifier: BSD-3-Clause
// The instructions of a fused loop, each one 64-bit word (a constant has a second), so that a kernel's type is a list
// of operations and numbers. Value k is the result of instruction k.
//   // out = tanh(a * x): loop_program<op_list<op::mul, op::tanh>,
//   //   loop_code::load(0, dtype::f32), loop_code::load(1, dtype::f32), loop_code::apply(0, dtype::f32, 0, 1),
//   //   loop_code::apply(1, dtype::f32, 2), loop_code::store(2, 3)>
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "agnesi/ir/core_ops.hpp"
#include "agnesi/ir/dtype.hpp"

namespace agnesi {

using code_word = std::uint64_t;

/// A kernel: Ops is an op_list of the elementwise operations that its `apply` instructions number.
template <class Ops, code_word... Instr>
struct loop_program {};

inline constexpr int max_loop_rank = 8;

/// Where an operand lies: strides in elements for each axis of the loop, 0 where it is broadcast or reduced.
struct loop_operand {
  void* data = nullptr;
  std::ptrdiff_t strides[max_loop_rank]{};
};

struct loop_space {
  int rank = 0;
  std::ptrdiff_t extents[max_loop_rank]{};
  bool onto = false;  // this is a further part of a larger loop: reductions add to what their results hold
  int threads = 1;    // at most so many; 0: as many as there are
  int part_of = 1;    // so many loops like this one run for the same purpose, and share the caches
  const std::ptrdiff_t* first = nullptr;  // of a part: the indices it begins with, which an iota counts from
  bool is_tile = false;  // of `part_of`, which other loops lie between: its operands are in the cache, if not what it writes
};

enum class combine : unsigned char { sum, prod, max, min, all_true, any_true };

namespace loop_code {

enum class kind : unsigned char { load, constant, apply, cast, iota, store, reduce };

inline constexpr int max_instructions = 1023;
inline constexpr unsigned every_axis = 0xff;

struct instruction {
  kind what{};
  dtype type = dtype::none;  // of the result; of a store and a reduction nothing
  int a = 0, b = 0, c = 0;   // values; a load's, store's and reduction's operand is in b, an iota's axis too
  int op = 0;
  bool uniform = false;     // a load of one number for the whole loop
  bool accumulate = false;  // a reduction onto what is there
  combine how{};
  unsigned axes = 0;
  code_word bits = 0;  // of a constant
};

// kind 4 | type 4 | a 10 | b 10 | c 10 | op 16, or flags and axes | 10 spare
constexpr code_word packed(kind k, dtype t, int a, int b, int c, code_word extra) {
  if ((a | b | c) < 0 || a > max_instructions || b > max_instructions || c > max_instructions || extra > 0xffff)
    throw "a fused loop has at most 1023 instructions and operands, and 65536 operations";
  const auto at = [](auto field, int shift) { return static_cast<code_word>(field) << shift; };
  return at(k, 0) | at(t, 4) | at(a, 8) | at(b, 18) | at(c, 28) | at(extra, 38);
}

/// The operand's element; `uniform` where it is the same one in the whole loop (an operand of rank 0).
constexpr code_word load(int operand, dtype t, bool uniform = false) {
  return packed(kind::load, t, 0, operand, 0, uniform);
}

/// Two words: this one, then the number's bits (`bits_of(2.5f)`).
constexpr code_word constant(dtype t) { return packed(kind::constant, t, 0, 0, 0, 0); }

template <ElementType T>
constexpr code_word bits_of(T x) {
  if constexpr (dtype_of<T> == dtype::f32) return std::bit_cast<std::uint32_t>(x);
  else if constexpr (dtype_of<T> == dtype::f64) return std::bit_cast<std::uint64_t>(x);
  else return static_cast<code_word>(static_cast<std::int64_t>(x));
}

template <ElementType T>
constexpr T value_of_bits(code_word bits) {
  if constexpr (dtype_of<T> == dtype::f32) return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
  else if constexpr (dtype_of<T> == dtype::f64) return std::bit_cast<double>(bits);
  else return static_cast<T>(static_cast<std::int64_t>(bits));
}

/// The operation with this number in the program's list, on as many values as it takes; t is the result's type.
constexpr code_word apply(int op, dtype t, int a, int b = 0, int c = 0) {
  return packed(kind::apply, t, a, b, c, static_cast<code_word>(op));
}

constexpr code_word cast(dtype t, int a) { return packed(kind::cast, t, a, 0, 0, 0); }

/// The index along an axis of the loop, an int64.
constexpr code_word iota(int axis) { return packed(kind::iota, dtype::i64, 0, axis, 0, 0); }

constexpr code_word store(int operand, int a) { return packed(kind::store, dtype::none, a, operand, 0, 0); }

/// Value a over the axes whose bits are set in `axes` (`every_axis`: all that the loop has). Along these the operand's
/// strides are 0. With `accumulate` what the operand held takes part.
constexpr code_word reduce(int operand, combine how, unsigned axes, bool accumulate, int a) {
  return packed(kind::reduce, dtype::none, a, operand, 0,
                static_cast<code_word>(how) | static_cast<code_word>(accumulate) << 4 |
                    static_cast<code_word>(axes) << 8);
}

constexpr kind kind_of(code_word w) { return static_cast<kind>(w & 15); }
constexpr instruction unpacked(code_word w, code_word next = 0) {
  const auto field = [w](int shift, int bits) { return static_cast<int>(w >> shift & ((code_word{1} << bits) - 1)); };
  instruction i;
  i.what = static_cast<kind>(field(0, 4));
  i.type = static_cast<dtype>(field(4, 4));
  i.a = field(8, 10), i.b = field(18, 10), i.c = field(28, 10);
  const int extra = field(38, 16);
  if (i.what == kind::apply) i.op = extra;
  if (i.what == kind::load) i.uniform = extra != 0;
  if (i.what == kind::reduce) {
    i.how = static_cast<combine>(extra & 15);
    i.accumulate = (extra >> 4 & 1) != 0;
    i.axes = static_cast<unsigned>(extra >> 8);
  }
  if (i.what == kind::constant) i.bits = next;
  return i;
}

}  // namespace loop_code

}  // namespace agnesi
