// SPDX-License-Identifier: BSD-3-Clause
// Finds steps that can be done together, tile by tile: a softmax's three loops a few rows at a time, or X w and Xᵀ r with
// what is between them in one sweep of X.
//   tile_steps(p);   p.tilings[0].n_steps == 3
// Steps go together if whatever one of them writes and another touches is gone through by both along the same axis. Sums
// over the tiles are allowed where no other step of the tiling reads them.
#pragma once

#include "agnesi/passes/buffers.hpp"

namespace agnesi {

// How many steps after a tiling's first one are looked at.
inline constexpr int tiling_window = 16;
// Below so many bytes that the compiler knows of nothing is tiled: it all stays in the first cache.
inline constexpr std::int64_t least_tiled_bytes = 1 << 15;

class tile_finder {
 public:
  constexpr explicit tile_finder(plan& p)
      : p_(p), reshaped_(p.storages.size(), false), written_(p.operands.size()), counted_(p.operands.size()), earlier_(p.operands.size(), -1) {
    for (const step& s : p.steps) {
      find_earlier(s);
      if (s.kind == step_kind::loop || s.kind == step_kind::deviations) read_code(s);
      if (s.kind != step_kind::loop) written_[s.first_operand] = 1;
      if (s.kind == step_kind::arg_extremum && s.n_operands > 2) written_[s.first_operand + 2] = 1;
      if (s.kind == step_kind::deviations) written_[s.first_operand + 1] = 1;
      for (int k = 0; s.kind == step_kind::reshape && k < s.n_operands; ++k) reshaped_[operand_of(s, k).storage] = true;
    }
    last_use_ = vec<int>(p.storages.size(), -1);
    meets_ = vec<char>(p.steps.size());
    find_meetings(0, p.steps.size());
  }

  constexpr void run() {
    for (int t = 0; t < p_.steps.size();) {
      attempt best;
      for (int letter = 0; meets_[t] && letter < letters_of(p_.steps[t]); ++letter) {
        attempt a = grown_from(t, letter);
        if (a.benefit > best.benefit) best = a;
      }
      if (best.benefit > 0) t = apply(best, t);
      else ++t;
    }
    if (!p_.tilings.empty()) find_locals();
  }

 private:
  static constexpr int whole = -1;

  // A step in a tiling: which of its axes, or the indices of a product, is cut.
  struct member {
    int step = 0, letter = 0;
  };
  struct use {
    int storage = -1;
    int axis = whole;  // along which the tiles go, of the storage; whole: every tile uses all of it
    int last = -1;     // the member that used it last
    bool writes = false, copied = false;
  };
  struct attempt {
    vec<member> members;
    vec<use> uses;
    vec<int> before, after;  // steps in between that change places with the members
    dim extent = 0;
    int benefit = 0, last = 0;
    bool rows = true;  // no matrix is cut along its last axis
    vec<signed char> use_of, after_of;  // of storages: the number of its use and one more; 1 touched, 2 written, by the steps after
  };

  plan& p_;
  vec<bool> reshaped_;
  vec<char> written_;   // of an operand
  vec<int> counted_;    // of a loop's first operand: along which axes the loop uses its indices, as bits
  vec<int> earlier_;    // of an operand: which one of its step is in the same storage, -1 for none before it
  vec<char> meets_;     // of a step: it touches a matrix that another one soon after it touches too
  vec<int> last_use_;   // of a storage: the step, counted with the steps of all earlier searches
  int searched_ = 0;    // how many steps those were

  constexpr const operand& operand_of(const step& s, int k) const { return p_.operands.data[s.first_operand + k]; }
  constexpr bool in_memory(int st) const {
    return st >= 0 && p_.storages[st].kind != storage_kind::extent && p_.storages[st].kind != storage_kind::constant;
  }

  constexpr void read_code(const step& s) {
    const code_word* const words = p_.words.data + s.first_word;
    for (int w = 0; w < s.n_words; ++w) {
      const loop_code::kind what = loop_code::kind_of(words[w]);
      if (s.kind == step_kind::loop && (what == loop_code::kind::store || what == loop_code::kind::reduce))
        written_.data[s.first_operand + loop_code::unpacked(words[w]).b] = 1;
      if (what == loop_code::kind::iota) counted_.data[s.first_operand] |= 1 << loop_code::unpacked(words[w]).b;
      if (what == loop_code::kind::constant) ++w;
    }
  }
  constexpr bool writes(const step& s, int k) const { return written_.data[s.first_operand + k] != 0; }

  // Of the steps from the first to before the last one: looks as far as a tiling that begins with one of them could reach.
  constexpr void find_meetings(int first, int last) {
    const int n = p_.steps.size();
    for (int t = first; t < n && t < last + tiling_window; ++t) {
      const step& s = p_.steps.data[t];
      if (t < last) meets_.data[t] = 0;
      if (letters_of(s) == 0) continue;
      for (int k = 0; k < s.n_operands; ++k) {
        const int st = operand_of(s, k).storage;
        if (!in_memory(st)) continue;
        const int before = last_use_.data[st] - searched_;
        if (before >= first && before < last && before != t && t - before <= tiling_window && pays(st, s, p_.steps.data[before]))
          meets_.data[before] = 1;
        last_use_.data[st] = searched_ + t;
      }
    }
    searched_ += n;
  }

  // Whether it is worth something to have a storage in the cache: a matrix; or a vector of what is looked up, which a loop
  // would read where it lies if it could.
  constexpr bool pays(int st, const step& a, const step& b) const {
    const storage& s = p_.storages.data[st];
    return s.rank >= 2 || (s.rank == 1 && s.kind != storage_kind::input && (looks_up(a) || looks_up(b)));
  }
  static constexpr bool looks_up(const step& s) {
    return s.kind == step_kind::take || s.kind == step_kind::take_pairs || s.kind == step_kind::put_take || s.kind == step_kind::put_pairs;
  }

  // Axes, or indices of a product out(m, n) = a(m, k) b(k, n), by which a step can be cut.
  constexpr int letters_of(const step& s) const {
    switch (s.kind) {
      case step_kind::loop:
      case step_kind::take:
      case step_kind::put_take:
      case step_kind::put:
      case step_kind::deviations:
      case step_kind::arg_extremum: return s.rank;
      case step_kind::contract: return operand_of(s, 1).rank + operand_of(s, 2).rank <= 3 ? 3 : 0;
      case step_kind::take_pairs:
      case step_kind::put_pairs: return 1;
      default: return 0;
    }
  }

  // The axis of each operand that is cut, -1 for none. False if the step can't be cut there.
  constexpr bool cut(const step& s, int letter, int* at) const {
    for (int k = 0; k < s.n_operands; ++k) at[k] = -1;
    const auto is_counted = [&](int k) { return operand_of(s, k).storage < 0; };
    switch (s.kind) {
      case step_kind::deviations:
        if ((s.axis >> letter & 1) != 0) return false;
        [[fallthrough]];
      case step_kind::loop:
        if ((counted_.data[s.first_operand] >> letter & 1) != 0) return false;
        for (int k = 0; k < s.n_operands; ++k)
          if (operand_of(s, k).axis[letter] >= 0 && !is_counted(k)) at[k] = letter;
        return true;
      case step_kind::contract: {
        const int ra = operand_of(s, 1).rank, rb = operand_of(s, 2).rank;
        if (letter == 0) at[0] = at[1] = 0;
        else if (letter == 1) at[0] = ra - 1, at[2] = 1;
        else at[1] = ra - 1, at[2] = 0;
        return (letter != 0 || ra == 2) && (letter != 1 || rb == 2);
      }
      case step_kind::take:
        at[0] = letter;
        if (letter == s.axis) at[2] = 0;
        else at[1] = letter;
        return letter != s.axis || !is_counted(2);
      case step_kind::take_pairs:
        at[0] = at[3] = 0;
        if (is_counted(2)) at[1] = 0;
        else at[2] = 0;
        return !is_counted(3);
      case step_kind::put_pairs:
        at[0] = at[2] = at[3] = 0;
        return is_counted(1) && !is_counted(2);
      case step_kind::put_take: at[0] = at[2] = letter; return letter != s.axis;
      case step_kind::put: at[0] = at[1] = letter; return letter != s.axis;
      case step_kind::arg_extremum: {
        int kept = 0;
        for (int a = 0; a < letter; ++a) kept += (s.axis >> a & 1) == 0;
        at[0] = kept, at[1] = letter;
        if (s.n_operands > 2) at[2] = kept;
        return (s.axis >> letter & 1) == 0;
      }
      default: return false;
    }
  }
  // The extent of what is cut.
  constexpr dim extent_of(const step& s, int letter, const int* at) const {
    if (s.kind == step_kind::loop || s.kind == step_kind::deviations || s.kind == step_kind::arg_extremum) return s.extents[letter];
    for (int k = 0; k < s.n_operands; ++k)
      if (at[k] >= 0) return operand_of(s, k).extents[at[k]];
    return 1;
  }
  // The storage's axis that an operand goes along, element after element from the first to the last.
  constexpr int straight_axis(const operand& o, int at, dim extent) const {
    const int axis = o.axis[at];
    if (axis < 0 || o.step[at] != 1 || p_.storages[o.storage].extents[axis] != extent) return whole;
    for (int k = o.first_offset; k < o.first_offset + o.n_offsets; ++k)
      if (p_.offsets[k].axis == axis) return whole;
    return axis;
  }

  constexpr static use* find(const attempt& a, int st) {
    const int k = a.use_of.data[st];
    return k > 0 ? a.uses.data + (k - 1) : nullptr;
  }

  // Adds the step to the attempt if it fits.
  constexpr bool join(attempt& a, int t, int letter) const {
    const step& s = p_.steps.data[t];
    int at[max_operands], axis[max_operands];
    if (s.n_operands > max_operands || !cut(s, letter, at)) return false;
    const dim extent = extent_of(s, letter, at);
    if (a.members.empty() ? extent >= 0 && extent < 64 : extent != a.extent) return false;
    bool linked = a.members.empty(), rows = true;
    for (int k = 0; k < s.n_operands; ++k) {
      const operand& o = operand_of(s, k);
      if (!in_memory(o.storage)) continue;
      const bool writes_it = writes(s, k);
      axis[k] = at[k] >= 0 ? straight_axis(o, at[k], extent) : whole;
      if (writes_it && (reshaped_.data[o.storage] || (at[k] >= 0 && axis[k] < 0))) return false;
      const int rank = p_.storages.data[o.storage].rank;
      rows = rows && (rank < 2 || at[k] < 0 || o.axis[at[k]] != rank - 1);
      const int before = used_before(s, k);
      if (before >= 0 && (writes_it || writes(s, before)) && (axis[k] < 0 || axis[k] != axis[before])) return false;
      const use* const u = find(a, o.storage);
      if (u == nullptr) continue;
      if (axis[k] >= 0 && axis[k] == u->axis) linked = true;
      else if ((writes_it || u->writes) && (before >= 0 || !copies(*u, s, k, at[k]))) return false;
    }
    // Columns are cut in pieces of a cache line and more, for which there is no room beside thin tiles of whole rows.
    if (!linked || (!rows && a.rows && !a.members.empty())) return false;
    for (int k = 0; k < s.n_operands; ++k)
      if (in_memory(operand_of(s, k).storage)) add_use(a, t, k, at[k], axis[k]);
    a.rows = a.rows && rows;
    a.extent = extent;
    a.members.push_back({t, letter});
    a.last = t;
    return true;
  }
  // The members before this one can read a copy of the vector that it adds to.
  constexpr bool copies(const use& u, const step& s, int k, int at) const {
    return writes(s, k) && !u.writes && at < 0 && p_.storages.data[u.storage].rank < 2;
  }
  constexpr void add_use(attempt& a, int t, int k, int at, int axis) const {
    const step& s = p_.steps.data[t];
    const int st = operand_of(s, k).storage;
    use* const u = find(a, st);
    if (u == nullptr) {
      a.uses.push_back({st, axis, t, writes(s, k)});
      a.use_of.data[st] = static_cast<signed char>(a.uses.length);
      return;
    }
    if (axis >= 0 && axis == u->axis) {
      a.benefit += used_before(s, k) < 0 && pays(st, s, p_.steps.data[u->last]);
    } else {
      u->copied = u->copied || (copies(*u, s, k, at) && used_before(s, k) < 0);
      u->axis = whole;
    }
    u->writes = u->writes || writes(s, k);
    u->last = t;
  }
  constexpr int used_before(const step& s, int k) const { return earlier_.data[s.first_operand + k]; }
  constexpr void find_earlier(const step& s) {
    const operand* const o = p_.operands.data + s.first_operand;
    for (int k = 1; k < s.n_operands; ++k) {
      int j = 0;
      while (j < k && o[j].storage != o[k].storage) ++j;
      earlier_.data[s.first_operand + k] = j < k ? j : -1;
    }
  }
  constexpr bool touches(const attempt& a, const step& s) const {
    for (int k = 0; k < s.n_operands; ++k) {
      const int st = operand_of(s, k).storage;
      if (st >= 0 && find(a, st) != nullptr) return true;
    }
    return false;
  }

  // Storages that a reshape may have made one are told apart nowhere.
  constexpr int memory_of(int st) const { return reshaped_.data[st] ? reshaped_.length : st; }
  constexpr void put_after(attempt& a, int t) const {
    const step& s = p_.steps.data[t];
    a.after.push_back(t);
    for (int k = 0; k < s.n_operands; ++k) {
      const int st = operand_of(s, k).storage;
      if (st < 0) continue;
      signed char& mark = a.after_of.data[memory_of(st)];
      mark = writes(s, k) ? 2 : mark > 1 ? mark : 1;
    }
  }
  // Whether a step may come before those that are put after the members, and before the members themselves.
  constexpr bool goes_before(const attempt& a, const step& s, bool members) const {
    for (int k = 0; k < s.n_operands; ++k) {
      const int st = operand_of(s, k).storage;
      if (st < 0) continue;
      if (a.after_of.data[memory_of(st)] > (writes(s, k) ? 0 : 1)) return false;
      if (!members) continue;
      const use* const u = find(a, st);
      if (reshaped_.data[st] || (u != nullptr && (u->writes || writes(s, k)))) return false;
    }
    return true;
  }

  constexpr attempt grown_from(int first, int letter) const {
    attempt a;
    a.use_of = vec<signed char>(p_.storages.length);
    a.after_of = vec<signed char>(p_.storages.length + 1);
    if (!join(a, first, letter)) return a;
    for (int t = first + 1; t < p_.steps.length && t <= first + tiling_window; ++t) {
      const step& s = p_.steps.data[t];
      const bool is_free = goes_before(a, s, false);
      bool joined = false;
      if (is_free && touches(a, s))
        for (int l = 0; l < letters_of(s) && !joined; ++l) joined = join(a, t, l);
      if (joined) continue;
      if (is_free && goes_before(a, s, true)) a.before.push_back(t);
      else put_after(a, t);
    }
    if (!is_large(a)) a.benefit = 0;
    return a;
  }
  constexpr bool is_large(const attempt& a) const {
    std::int64_t bytes = 0;
    for (const use& u : a.uses) {
      std::int64_t n = size_of(p_.storages[u.storage].type);
      for (int k = 0; k < p_.storages[u.storage].rank; ++k) {
        const dim d = p_.storages[u.storage].extents[k];
        if (d < 0) return true;
        n *= d;
      }
      bytes += n;
    }
    return bytes > least_tiled_bytes;
  }

  // Puts the members side by side; returns where the steps after them begin.
  constexpr int apply(const attempt& a, int first) {
    vec<step> ordered;  // what stands where the first member to the last one stood
    for (int t : a.before)
      if (t < a.last) ordered.push_back(p_.steps[t]);
    for (const use& u : a.uses)
      if (u.copied) ordered.push_back(copy_for(u.storage, a));
    tiling made;
    made.first_step = first + ordered.size();
    made.n_steps = a.members.size();
    made.extent = a.extent;
    made.first_storage = p_.tiled.size();
    made.rows = a.rows;
    for (const use& u : a.uses)
      if (u.axis >= 0) p_.tiled.push_back({u.storage, u.axis});
    made.n_storages = p_.tiled.size() - made.first_storage;
    for (const member& m : a.members) ordered.push_back(tiled(m));
    const int next = first + ordered.size();
    for (int t = first + 1; t < a.last; ++t) {
      bool moved = false;
      for (const member& m : a.members) moved = moved || m.step == t;
      for (int b : a.before) moved = moved || b == t;
      if (!moved) ordered.push_back(p_.steps[t]);
    }
    put_back(ordered, first, a.last + 1);
    p_.tilings.push_back(made);
    find_meetings(next, first + ordered.size());
    return next;
  }
  // The steps instead of those from the first to before the last one, which may be fewer.
  constexpr void put_back(const vec<step>& ordered, int first, int last) {
    const int n = p_.steps.size(), more = first + ordered.size() - last;
    if (more > 0) {
      p_.steps.resize(n + more);
      meets_.resize(n + more);
      for (int t = n - 1; t >= last; --t) p_.steps.data[t + more] = p_.steps.data[t], meets_.data[t + more] = meets_.data[t];
    }
    for (int k = 0; k < ordered.length; ++k) p_.steps.data[first + k] = ordered.data[k];
  }
  constexpr step tiled(const member& m) {
    step s = p_.steps[m.step];
    int at[max_operands];
    cut(s, m.letter, at);
    s.tiling = p_.tilings.size();
    for (int k = 0; k < s.n_operands; ++k) {
      p_.operands[s.first_operand + k].tile = at[k];
      if (at[k] < 0 && writes(s, k)) s.adds = true;
    }
    return s;
  }
  // A step that copies a storage, and the members read the copy.
  constexpr step copy_for(int st, const attempt& a) {
    storage to = p_.storages[st];
    to.kind = storage_kind::temporary;
    to.index = -1;
    p_.storages.push_back(to);
    reshaped_.push_back(false);
    last_use_.push_back(-1);
    const int copy = p_.storages.size() - 1;
    for (const member& m : a.members) {
      const step& s = p_.steps[m.step];
      for (int k = 0; k < s.n_operands; ++k)
        if (operand_of(s, k).storage == st && !writes(s, k)) p_.operands[s.first_operand + k].storage = copy;
      find_earlier(s);
    }
    step s;
    s.type = to.type;
    s.rank = to.rank;
    for (int k = 0; k < to.rank; ++k) s.extents[k] = to.extents[k];
    s.first_operand = p_.operands.size();
    s.first_word = p_.words.size();
    s.first_op = p_.ops.size();
    operand o;
    o.rank = to.rank;
    for (int k = 0; k < o.rank; ++k) o.axis[k] = k, o.step[k] = 1;
    o.storage = st;
    p_.operands.push_back(o);
    o.storage = copy;
    p_.operands.push_back(o);
    written_.push_back(0);
    written_.push_back(1);
    counted_.resize(counted_.size() + 2);
    earlier_.resize(earlier_.size() + 2, -1);
    s.n_operands = 2;
    p_.words.push_back(loop_code::load(0, to.type, to.rank == 0));
    p_.words.push_back(loop_code::store(1, 0));
    s.n_words = 2;
    s.first_root = p_.roots.size();
    return s;
  }

  // A temporary that nothing else uses needs room for one tile only.
  constexpr void find_locals() {
    const detail::lives l = detail::lives_of(p_);
    for (int d = 0; d < p_.tilings.size(); ++d) {
      const tiling& made = p_.tilings[d];
      for (int k = made.first_storage; k < made.first_storage + made.n_storages; ++k) {
        const int st = p_.tiled[k].storage;
        storage& s = p_.storages[st];
        if (s.kind != storage_kind::temporary || reshaped_[st] || l.first[st] < made.first_step ||
            l.last[st] >= made.first_step + made.n_steps)
          continue;
        s.tiling = d;
        s.tiled_axis = p_.tiled[k].axis;
      }
    }
  }

  static constexpr int max_operands = 64;
};

constexpr void tile_steps(plan& p) { tile_finder(p).run(); }

}  // namespace agnesi
