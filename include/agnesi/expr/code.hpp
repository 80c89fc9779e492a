// SPDX-License-Identifier: BSD-3-Clause
// How a formula's nodes are written into 64-bit integers, and how one formula's list is merged into another's.
// A node is a header word, then words for arguments beyond the second (four each), then its attributes:
//   bits 0-10 operation, 11-17 number of arguments, 18-23 number of attributes, 24-37 and 38-51 arguments,
//   58-63 words in all.
// Whatever is done for each word of each operator's result is done a quadratic number of times, at a few
// million steps a second: so the larger list is taken over as a pack, and only what the other adds is computed.
#pragma once

#include <cstdint>

#include "agnesi/core/vec.hpp"

namespace agnesi::code {

using word = std::uint64_t;

inline constexpr int max_nodes = 16383;
inline constexpr int max_args = 100;

// Room for a node's arguments: most have few, and every element costs constant evaluation time.
class arg_buffer {
 public:
  constexpr explicit arg_buffer(int n) : many_(n > 4 ? n : 0) {}
  constexpr int& operator[](int k) { return many_.empty() ? few_[k] : many_[k]; }
  constexpr const int* data() const { return many_.empty() ? few_ : many_.begin(); }

 private:
  int few_[4]{};
  vec<int> many_;
};

constexpr int op_of(word h) { return static_cast<int>(h & 2047); }
constexpr int args_of(word h) { return static_cast<int>((h >> 11) & 127); }
constexpr int attrs_of(word h) { return static_cast<int>((h >> 18) & 63); }
constexpr int length_of(word h) { return static_cast<int>(h >> 58); }
constexpr int extra_words(int n_args) { return n_args > 2 ? (n_args - 2 + 3) / 4 : 0; }

constexpr int arg(const word* node, int k) {
  if (k < 2) return static_cast<int>((node[0] >> (24 + 14 * k)) & 16383);
  return static_cast<int>((node[1 + (k - 2) / 4] >> (16 * ((k - 2) % 4))) & 65535);
}
constexpr std::int64_t attr(const word* node, int k) {
  return static_cast<std::int64_t>(node[1 + extra_words(args_of(node[0])) + k]);
}

constexpr word header(int op, int n_args, int n_attrs, int a0 = 0, int a1 = 0) {
  return static_cast<word>(op) | static_cast<word>(n_args) << 11 | static_cast<word>(n_attrs) << 18 |
         static_cast<word>(a0) << 24 | static_cast<word>(a1) << 38 |
         static_cast<word>(1 + extra_words(n_args) + n_attrs) << 58;
}
// The k-th word of arguments beyond the second.
constexpr word more_args(const int* args, int n_args, int k) {
  word w = 0;
  for (int j = 2 + 4 * k; j < n_args && j < 6 + 4 * k; ++j) w |= static_cast<word>(args[j]) << (16 * ((j - 2) % 4));
  return w;
}

// One formula's list; `ops` translates its numbers of user operations, null where they stay.
struct list {
  const word* words = nullptr;
  int size = 0;
  int nodes = 0;
  const int* ops = nullptr;
};

// How far two lists agree from the start, in whole nodes.
struct common {
  int words = 0;
  int nodes = 0;
};
constexpr common prefix(list a, list b) {
  common c;
  if (a.ops != nullptr || b.ops != nullptr) return c;
  const int n = a.size < b.size ? a.size : b.size;
  while (c.words < n) {
    const word w = a.words[c.words];
    if (b.words[c.words] != w) return c;
    const int length = length_of(w);
    for (int k = 1; k < length; ++k)
      if (a.words[c.words + k] != b.words[c.words + k]) return c;
    c.words += length;
    ++c.nodes;
  }
  return c;
}

// What `other` adds to `base` beyond their common prefix.
struct tail {
  vec<word> words;
  int nodes = 0;  // added
  int root = 0;   // where the other's last node is in the merged list
};

class merger {
 public:
  constexpr merger(list base, list other, common shared) : base_(base) {
    added_.root = shared.nodes - 1;
    if (shared.words == other.size) return;
    const int rest = other.nodes - shared.nodes;
    // Where the base is itself the common prefix nothing of the rest can be in it.
    look_ = shared.words == base.size ? look::nowhere : rest <= 4 ? look::scan : look::table;
    if (look_ == look::table) index_base();
    vec<int> place(rest);
    int k = 0;
    for (int at = shared.words; at < other.size; at += length_of(other.words[at])) {
      translate(other, at, shared.nodes, place);
      place[k++] = find_or_append();
    }
    added_.root = place[rest - 1];
  }
  constexpr const tail& added() const { return added_; }

 private:
  enum class look { nowhere, scan, table };
  list base_;
  tail added_;
  vec<word> made_;
  look look_ = look::nowhere;
  vec<int> table_;   // node numbers
  vec<int> starts_;  // of the base's nodes

  constexpr void translate(list other, int at, int shared, const vec<int>& place) {
    const word* node = other.words + at;
    const int n = args_of(node[0]), n_attrs = attrs_of(node[0]);
    int op = op_of(node[0]);
    if (other.ops != nullptr && op >= 1024) op = other.ops[op - 1024];
    arg_buffer args(n);
    for (int k = 0; k < n; ++k) {
      const int a = arg(node, k);
      args[k] = a < shared ? a : place[a - shared];
    }
    made_.clear();
    made_.push_back(header(op, n, n_attrs, n > 0 ? args[0] : 0, n > 1 ? args[1] : 0));
    for (int k = 0; k < extra_words(n); ++k) made_.push_back(more_args(args.data(), n, k));
    for (int k = 0; k < n_attrs; ++k) made_.push_back(static_cast<word>(attr(node, k)));
  }
  constexpr bool same(const word* node) const {
    for (int k = 0; k < made_.size(); ++k)
      if (node[k] != made_[k]) return false;
    return true;
  }
  constexpr int find_or_append() {
    const word h = made_[0];
    if (look_ == look::scan) {
      int node = 0;
      for (int at = 0; at < base_.size; ++node) {
        const word w = base_.words[at];
        if (w == h && same(base_.words + at)) return node;
        at += length_of(w);
      }
    } else if (look_ == look::table) {
      const int mask = table_.size() - 1;
      for (int at = hash(made_.begin()) & mask; table_[at] >= 0; at = (at + 1) & mask)
        if (same(base_.words + starts_[table_[at]])) return table_[at];
    }
    for (word w : made_) added_.words.push_back(w);
    return base_.nodes + added_.nodes++;
  }
  static constexpr int hash(const word* node) {
    word h = node[0] * 0x9E3779B97F4A7C15ull;
    for (int k = 1; k < length_of(node[0]); ++k) h = (h ^ (h >> 29) ^ node[k]) * 0xD6E8FEB86659FD93ull;
    return static_cast<int>(h >> 34);
  }
  constexpr void index_base() {
    int capacity = 32;
    while (capacity < 2 * base_.nodes) capacity *= 2;
    table_ = vec<int>(capacity, -1);
    for (int at = 0; at < base_.size; at += length_of(base_.words[at])) {
      int slot = hash(base_.words + at) & (capacity - 1);
      while (table_[slot] >= 0) slot = (slot + 1) & (capacity - 1);
      table_[slot] = starts_.size();
      starts_.push_back(at);
    }
  }
};

}  // namespace agnesi::code
