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

}  // namespace detail

/// Whether a step writes its operand k.
constexpr bool is_written(const plan& p, const step& s, int k) {
  if (s.kind == step_kind::arg_extremum && k == 2) return true;
  if (s.kind == step_kind::deviations && k == 1) return p.operands[s.first_operand + k].storage >= 0;
  if (s.kind != step_kind::loop) return k == 0;
  for (int w = s.first_word; w < s.first_word + s.n_words; ++w) {
    const auto i = loop_code::unpacked(p.words[w]);
    if ((i.what == loop_code::kind::store || i.what == loop_code::kind::reduce) && i.b == k) return true;
    if (i.what == loop_code::kind::constant) ++w;
  }
  return false;
}

namespace detail {

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
constexpr void rename(plan& p, const lives& l, int from, int to) {
  for (int t = l.first[from]; t <= l.last[from]; ++t) {
    const step& s = p.steps.data[t];
    for (operand* o = p.operands.data + s.first_operand, *end = o + s.n_operands; o != end; ++o)
      if (o->storage == from) o->storage = to;
  }
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
      detail::rename(p, l, from, to);
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
        detail::rename(p, l, st, o);
        l.first[o] = l.first[st];
        now[st] = o;
        again = changed = true;
      }
    }
  }
  if (changed) detail::drop_renamed(p, now);
}

// A temporary takes a buffer whose values have been read for the last time.
class buffer_sharing {
 public:
  constexpr explicit buffer_sharing(plan& p)
      : p_(p), own_(detail::lives_of(p)), renamed_(p.storages.size(), false) {
    const int steps = p.steps.size();
    // A reshape may hand its operand's memory on, which then lives as long as its result and is read by another name.
    for (int t = steps; t-- > 0;)
      if (p.steps[t].kind == step_kind::reshape) {
        const int to = p.operands[p.steps[t].first_operand].storage;
        const int from = p.operands[p.steps[t].first_operand + 1].storage;
        own_.last[from] = own_.last[from] > own_.last[to] ? own_.last[from] : own_.last[to];
        renamed_[from] = true;
      }
    around_ = own_;
    for (const tiling& d : p.tilings) live_through(d);
  }

  constexpr void run() {
    const int n = p_.storages.size(), steps = p_.steps.size();
    vec<int> begins(steps, -1), next(n, -1);  // the temporaries that a step is the first to touch, as lists
    for (int st = n; st-- > 0;)
      if (p_.storages[st].kind == storage_kind::temporary && own_.first[st] < steps) {
        next[st] = begins[own_.first[st]];
        begins[own_.first[st]] = st;
      }
    before_ = vec<int>(n, -1);
    over_ = vec<int>(n, -1);
    vec<int> holder;  // which storage took a slot last
    for (int t = 0; t < steps; ++t)
      for (int st = begins[t]; st >= 0; st = next[st]) {
        int slot = -1;
        for (int k = 0; k < holder.length; ++k) {
          const int there = holder.data[k];
          if (own_.last.data[there] > t) continue;
          if (is_free(there, st) && (slot < 0 || detail::same_size(p_.storages[there], p_.storages[st]))) slot = k;
        }
        over_[st] = around_.last[st];
        if (slot < 0) {
          slot = holder.size();
          holder.push_back(st);
        } else {
          before_[st] = holder[slot];
          if (over_[st] < over_[holder[slot]]) over_[st] = over_[holder[slot]];
          holder[slot] = st;
        }
        p_.storages[st].index = slot;
      }
    p_.n_slots = holder.size();
  }

 private:
  plan& p_;
  detail::lives own_, around_;  // with all the steps of the tilings that they meet
  vec<bool> renamed_;
  vec<int> before_;  // of a storage: which one had its slot before
  vec<int> over_;    // the last step at which it or one that had its slot before is alive

  // A tiling's steps come round again for every tile: what is not made anew for each of them lives through them all.
  constexpr void live_through(const tiling& d) {
    const int end = d.first_step + d.n_steps - 1;
    for (int t = d.first_step; t <= end; ++t)
      for (int k = 0; k < p_.steps[t].n_operands; ++k) {
        const int st = p_.operands[p_.steps[t].first_operand + k].storage;
        if (st < 0) continue;
        around_.first[st] = around_.first[st] < d.first_step ? around_.first[st] : d.first_step;
        around_.last[st] = around_.last[st] > end ? around_.last[st] : end;
      }
  }
  constexpr int axis_in(int tiling, int st) const {
    const agnesi::tiling& d = p_.tilings[tiling];
    for (int k = d.first_storage; k < d.first_storage + d.n_storages; ++k)
      if (p_.tiled[k].storage == st) return p_.tiled[k].axis;
    return -1;
  }
  // In both the same elements belong to a tile, so that within a tiling only their own steps matter.
  constexpr bool go_together(int a, int b) const {
    const storage &x = p_.storages[a], &y = p_.storages[b];
    if (x.tiling != y.tiling) return false;
    if (x.tiling >= 0) return true;
    const int meeting = p_.steps[own_.first[b]].tiling;
    if (meeting < 0 || p_.steps[own_.last[a]].tiling != meeting || !detail::same_size(x, y)) return false;
    const int axis = axis_in(meeting, a);
    return axis >= 0 && axis == axis_in(meeting, b);
  }
  // Whether what is there now, and was there before as far as it matters, is not needed when st comes.
  constexpr bool is_free(int there, int st) const {
    for (; there >= 0 && over_.data[there] >= around_.first.data[st]; there = before_.data[there])
      if (around_.last.data[there] >= around_.first.data[st] && !gives_way(there, st)) return false;
    return true;
  }
  constexpr bool gives_way(int there, int st) const {
    const int t = own_.first[st];
    const bool apart = p_.steps[t].tiling < 0 && p_.steps[own_.last[there]].tiling < 0;
    if (!apart && !go_together(there, st)) return false;
    if (own_.last[there] < t) return true;
    return own_.last[there] == t && !renamed_[there] && detail::same_size(p_.storages[there], p_.storages[st]) &&
           p_.storages[there].tiling == p_.storages[st].tiling && detail::read_where_written(p_, p_.steps[t], there, st);
  }
};

constexpr void share_buffers(plan& p) { buffer_sharing(p).run(); }

}  // namespace agnesi
