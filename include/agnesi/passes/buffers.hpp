// SPDX-License-Identifier: BSD-3-Clause
// Lets temporaries whose lives do not overlap share buffers.
//   share_buffers(p);   p.n_slots buffers serve all of p.storages
#pragma once

#include "agnesi/ir/loop_code.hpp"
#include "agnesi/passes/plan.hpp"

namespace agnesi {

namespace detail {

constexpr bool same_size(const storage& a, const storage& b) {
  if (a.rank != b.rank || size_of(a.type) != size_of(b.type)) return false;
  for (int k = 0; k < a.rank; ++k)
    if (a.extents[k] != b.extents[k]) return false;
  return true;
}
// Whether a loop reads a storage only at the element that it writes to another.
constexpr bool read_where_written(const plan& p, const step& s, int read, int written) {
  if (s.kind != step_kind::loop) return false;
  for (int k = 0; k < s.n_operands; ++k) {
    const operand& o = p.operands[s.first_operand + k];
    if (o.storage != read && o.storage != written) continue;
    if (o.n_offsets > 0 || o.rank != p.storages[read].rank) return false;
    for (int a = 0; a < o.rank; ++a)
      if (o.axis[a] != a || o.step[a] != 1) return false;
  }
  return true;
}

struct lives {
  vec<int> first, last;  // the steps that touch a storage first and last
};
constexpr lives lives_of(const plan& p) {
  const int n = p.storages.size(), steps = p.steps.size();
  lives l{vec<int>(n, steps), vec<int>(n, -1)};
  for (int t = 0; t < steps; ++t)
    for (int k = 0; k < p.steps[t].n_operands; ++k) {
      const int st = p.operands[p.steps[t].first_operand + k].storage;
      if (st < 0) continue;
      l.first[st] = l.first[st] < t ? l.first[st] : t;
      l.last[st] = t;
    }
  return l;
}
// A reshape may hand its operand's memory on.
constexpr bool is_reshaped(const plan& p, int st) {
  for (const step& s : p.steps)
    if (s.kind == step_kind::reshape)
      for (int k = 0; k < s.n_operands; ++k)
        if (p.operands[s.first_operand + k].storage == st) return true;
  return false;
}

// What a step that does nothing else copies whole, from one storage to another; -1 for other steps.
struct copied {
  int from = -1, to = -1;
};
constexpr copied copied_by(const plan& p, const step& s) {
  if (s.kind != step_kind::loop || s.n_operands != 2 || s.n_words != 2) return {};
  const auto in = loop_code::unpacked(p.words[s.first_word]), out = loop_code::unpacked(p.words[s.first_word + 1]);
  if (in.what != loop_code::kind::load || out.what != loop_code::kind::store) return {};
  const int from = p.operands[s.first_operand + in.b].storage, to = p.operands[s.first_operand + out.b].storage;
  if (from < 0 || to < 0 || from == to || !read_where_written(p, s, from, to)) return {};
  return {from, to};
}
constexpr void rename(plan& p, int from, int to) {
  for (operand& o : p.operands)
    if (o.storage == from) o.storage = to;
}
// Drops the storages that have become others.
constexpr void drop_renamed(plan& p, vec<int>& now) {
  vec<storage> kept;
  for (int st = 0; st < p.storages.size(); ++st) {
    if (now[st] >= 0) continue;
    now[st] = kept.size();
    kept.push_back(p.storages[st]);
  }
  for (operand& x : p.operands)
    if (x.storage >= 0) x.storage = now[x.storage];
  p.storages = kept;
}

}  // namespace detail

// A temporary that is copied as the last thing that happens to it becomes what it is copied to: increments of one tensor
// at several places go into the same memory.
constexpr void drop_copies(plan& p) {
  vec<int> now(p.storages.size(), -1);
  vec<step> kept;
  detail::lives l = detail::lives_of(p);
  for (int t = 0; t < p.steps.size(); ++t) {
    const step s = p.steps[t];
    const auto [from, to] = detail::copied_by(p, s);
    if (from >= 0 && p.storages[from].kind == storage_kind::temporary && l.last[from] == t && l.first[to] == t &&
        p.storages[to].kind != storage_kind::input && p.storages[from].type == p.storages[to].type &&
        detail::same_size(p.storages[from], p.storages[to]) && !detail::is_reshaped(p, from)) {
      detail::rename(p, from, to);
      l.first[to] = l.first[from];
      now[from] = to;
    } else {
      kept.push_back(s);
    }
  }
  if (kept.size() == p.steps.size()) return;
  p.steps = kept;
  detail::drop_renamed(p, now);
}

// A temporary that the loop which writes an output is the last to read, at the same element, lies in the output from the
// start.
constexpr void write_through(plan& p) {
  const int n = p.storages.size();
  vec<int> now(n, -1);  // what a storage has become
  bool changed = false;
  detail::lives l = detail::lives_of(p);
  for (int o = 0; o < n; ++o) {
    if (p.storages[o].kind != storage_kind::output || p.storages[o].rank == 0) continue;
    for (bool again = true; again && l.first[o] < p.steps.size();) {
      again = false;
      const int t = l.first[o];
      const step s = p.steps[t];
      for (int k = 0; k < s.n_operands && !again; ++k) {
        const int st = p.operands[s.first_operand + k].storage;
        if (st < 0 || p.storages[st].kind != storage_kind::temporary || l.last[st] != t || l.first[st] == t ||
            p.storages[st].type != p.storages[o].type || !detail::same_size(p.storages[st], p.storages[o]) ||
            !detail::read_where_written(p, s, st, o) || detail::is_reshaped(p, st))
          continue;
        detail::rename(p, st, o);
        l.first[o] = l.first[st];
        now[st] = o;
        again = changed = true;
      }
    }
  }
  if (changed) detail::drop_renamed(p, now);
}

// Linear scan: a temporary takes a buffer whose value has been read for the last time.
constexpr void share_buffers(plan& p) {
  const int n = p.storages.size(), steps = p.steps.size();
  detail::lives lived = detail::lives_of(p);
  const vec<int>& first = lived.first;
  vec<int>& last = lived.last;
  // A reshape may hand its operand's memory on, which then lives as long as its result and is read by another name.
  vec<bool> renamed(n, false);
  for (int t = steps; t-- > 0;)
    if (p.steps[t].kind == step_kind::reshape) {
      const int to = p.operands[p.steps[t].first_operand].storage;
      const int from = p.operands[p.steps[t].first_operand + 1].storage;
      last[from] = last[from] > last[to] ? last[from] : last[to];
      renamed[from] = true;
    }
  vec<int> begins(steps, -1), next(n, -1);  // the temporaries that a step is the first to touch, as lists
  for (int st = n; st-- > 0;)
    if (p.storages[st].kind == storage_kind::temporary && first[st] < steps) {
      next[st] = begins[first[st]];
      begins[first[st]] = st;
    }
  vec<int> holder;  // which storage holds a slot at the moment
  for (int t = 0; t < steps; ++t)
    for (int st = begins[t]; st >= 0; st = next[st]) {
      int slot = -1;
      for (int k = 0; k < holder.size(); ++k) {
        const int h = holder[k];
        const bool free = last[h] < t || (last[h] == t && !renamed[h] && detail::same_size(p.storages[h], p.storages[st]) &&
                                            detail::read_where_written(p, p.steps[t], h, st));
        if (free && (slot < 0 || detail::same_size(p.storages[h], p.storages[st]))) slot = k;
      }
      if (slot < 0) {
        slot = holder.size();
        holder.push_back(st);
      }
      holder[slot] = st;
      p.storages[st].index = slot;
    }
  p.n_slots = holder.size();
}

}  // namespace agnesi
