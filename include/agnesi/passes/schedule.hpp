// SPDX-License-Identifier: BSD-3-Clause
// Decides which values are stored, which are computed where they are used, and in which loops: fusion.
//   fusion f = schedule(g, targets).result();   f.groups   // the loops and other steps, in order
// A value is stored if a step that is no loop reads it, if it is a result, or if computing it in every loop that
// uses it would cost more than a buffer. Stored values of one iteration space share a loop where no value has to
// be complete before another begins.
#pragma once

#include "agnesi/passes/reads.hpp"

namespace agnesi {

// Above this many additions an element, a value that several loops use is stored rather than computed again.
inline constexpr int recompute_cost = 3;
// A loop's operands and instructions are bounded, for the compiler's sake as for the registers'.
inline constexpr int max_loop_roots = 8;
inline constexpr int max_loop_nodes = 64;

class schedule : public group_reads {
 public:
  vec<int> group_of;  // of stored nodes, -1 for others and for inputs
  vec<int> target_of; // the symbol's node that a node updates, or -1

  // targets[k]: the symbol's node that result k updates, -1 for an output.
  // Unless it fuses, every operation is a loop of its own.
  constexpr schedule(const graph& g, const vec<int>& targets, bool fuses = true)
      : group_reads(g), target_of(g.size(), -1), fuses_(fuses) {
    for (int k = 0; k < targets.size(); ++k)
      if (targets[k] >= 0) target_of[g.arg(g.size() - 1, k)] = targets[k];
    live_ = live_nodes(g, g.size() - 1);
    users_ = vec<vec<int>>(g.size());
    for (int id = 0; id < g.size(); ++id) {
      if (!live_.data[id]) continue;
      const int n = g.nodes.data[id].n_args;
      const int* const args = g.arg_pool.data + g.nodes.data[id].first_arg;
      for (int k = 0; k < n; ++k) {
        vec<int>& users = users_.data[args[k]];
        if (users.length == 0 || users.data[users.length - 1] != id) users.push_back(id);
      }
    }
    hand_on_memory();
    decide_storage();
    form_groups();
    if (fuses_) drop_unread();
  }

  constexpr fusion result() {
    fusion f;
    f.groups = groups;
    f.group_of = group_of;
    f.live = vec<char>(g_.size());
    f.stored = vec<char>(g_.size());
    for (int id = 0; id < g_.size(); ++id) {
      f.live[id] = live_[id] ? 1 : 0;
      f.stored[id] = stored_[id] ? 1 : 0;
    }
    for (int id = 0; id < memory_of_.size(); ++id)
      if (memory_of_[id] != id) f.handed_on.push_back(id), f.handed_on.push_back(memory_of_[id]);
    const int root = g_.size() - 1;
    for (int k = 0; k < g_[root].n_args; ++k) {
      const int id = g_.arg(root, k);
      f.in_place.push_back(target_of[id] >= 0 && in_place(id) ? 1 : 0);
    }
    return f;
  }

  // Whether the node's value may be written over the symbol that it updates: nothing reads the old value later.
  constexpr bool in_place(int id) {
    const int t = target_of[id], first = begun_in_[id];
    for (int q = 0; q < groups.size(); ++q) {
      const reading r = reads(q, t);
      if (r == reading::nowhere || q < first) continue;
      if (q > first || r == reading::anywhere) return false;
    }
    return true;
  }

 private:
  bool fuses_ = true;
  vec<bool> live_;
  vec<vec<int>> users_;
  vec<int> memory_of_;   // see there; empty where no memory is handed on
  vec<vec<int>> hosts_;  // the stored nodes in whose loops an unstored node is computed
  vec<int> begun_in_;    // the group that first writes a node's memory: for a put, the loop that computes its base
  vec<int> hosted_;      // how many nodes a stored node's loop computes for it
  vec<int> cost_;        // of one element, with everything computed along with it

  // The increment in whose memory a node lies, or the node itself.
  constexpr int memory_of(int id) const { return memory_of_.empty() ? id : memory_of_[id]; }
  // What a step computes for an increment alone, to be changed by it, lies where the increment is to be, and so on along a
  // chain of them. All of these come last then, where there is a symbol that the last one updates.
  constexpr void hand_on_memory() {
    for (int id = g_.size(); id-- > 0;) {
      if (g_.nodes.data[id].op->kind != op_kind::index || !live_.data[id] || !is_put_node(g_, id)) continue;
      const int base = base_of(g_, id);
      if (g_[base].op->kind == op_kind::leaf || g_.is(base, info<op::iota>) || g_.is(base, info<op::reshape>) || runs_as_loop(base) ||
          users_[base].size() > 1 || count_uses(id, base) > 1)
        continue;
      if (memory_of_.empty())
        for (int k = 0; k < g_.size(); ++k) memory_of_.push_back(k);
      memory_of_[base] = memory_of_[id];
      target_of[base] = target_of[id];
    }
  }

  // The steps that need an argument in memory, whatever it costs.
  constexpr bool reads_memory(int user, int arg) const {
    const op_info* op = g_[user].op;
    if (op->kind == op_kind::elementwise) return false;
    if (op == &info<op::dot> || op == &info<op::take> || op == &info<op::take_pairs> || op == &info<op::argmax> ||
        op == &info<op::argmin> || op == &info<op::reshape> || op == &info<op::slice>)
      return true;
    if (is_put_node(g_, user) || op == &info<op::gemm>) return base_of(g_, user) != arg || count_uses(user, arg) > 1;
    return false;
  }
  constexpr int count_uses(int user, int arg) const {
    int n = 0;
    for (int k = 0; k < g_[user].n_args; ++k) n += g_.arg(user, k) == arg;
    return n;
  }
  constexpr int space_of(int root) const {
    return is_loop_reduction(g_, root) ? g_.shape(g_.arg(root, 0)) : g_.shape(root);
  }

  constexpr void decide_storage() {
    const int n = g_.size();
    hosts_ = vec<vec<int>>(n);
    cost_ = vec<int>(n);
    hosted_ = vec<int>(n);
    for (int id = 0; id < n; ++id) {
      if (!is_elementwise(g_, id) && !is_view(g_, id)) continue;
      const node& made = g_.nodes.data[id];
      const bool computes = made.op->kind == op_kind::elementwise;
      int cost = computes ? made.op->cost : 0;
      const int* const args = g_.arg_pool.data + made.first_arg;
      for (int k = 0; k < made.n_args; ++k) {
        const int arg = args[k], more = cost_.data[arg];  // what is dear and shared, or repeated to a larger shape, is going to be stored
        if (more <= recompute_cost || (users_.data[arg].length <= 1 && !(computes && !same_extents(g_.shape(arg), made.shape))))
          cost += more;
      }
      cost_.data[id] = cost > 1000000 ? 1000000 : cost;
    }
    for (int id = n - 2; id >= 0; --id) {
      if (!live_[id] || g_[id].op->kind == op_kind::leaf || g_.is(id, info<op::iota>)) continue;
      if (!is_elementwise(g_, id) && !is_view(g_, id)) {
        stored_[id] = true;
        continue;
      }
      bool memory = false;
      vec<int> hosts;
      for (int u : users_[id]) {
        if (u == n - 1 || reads_memory(u, id)) memory = true;
        else if (stored_[u] && !is_view(g_, u)) add_host(hosts, u);
        else
          for (int h : hosts_[u]) add_host(hosts, h);
        if (is_view(g_, u) && !is_view(g_, id) && view_reaches_memory(u)) memory = true;
      }
      if (is_view(g_, id)) {  // views are never stored, except as results
        stored_[id] = users_[id].contains(n - 1);
        if (stored_[id]) add_host(hosts, id);
        hosts_[id] = hosts;
        continue;
      }
      stored_[id] = memory || !fuses_ || !worth_repeating(id, hosts);
      if (!stored_[id])
        for (int h : hosts) stored_[id] = ++hosted_[h] > max_loop_nodes || stored_[id];
      hosts_[id] = hosts;
    }
  }
  // A step reads the view itself, so what is viewed must be in memory.
  constexpr bool view_reaches_memory(int view) const {
    for (int u : users_[view])
      if (u != g_.size() - 1 && (reads_memory(u, view) || (is_view(g_, u) && view_reaches_memory(u)))) return true;
    return false;
  }
  constexpr void add_host(vec<int>& hosts, int h) const {
    if (!hosts.contains(h)) hosts.push_back(h);
  }
  constexpr bool worth_repeating(int id, const vec<int>& hosts) const {
    if (g_.rank(id) == 0) return hosts.size() <= 1 || cost_[id] <= 10;
    bool larger = false;
    for (int h : hosts) larger = larger || !same_extents(space_of(h), g_.shape(id));
    if (hosts.size() <= 1 && !larger) return true;
    return cost_[id] <= recompute_cost;
  }

  // The groups a node's value has to wait for, as the first group it can be in: a stored elementwise node may be
  // in the same group as its reader, everything else comes before it.
  constexpr int earliest(int id, int space, bool at_index) {
    if (g_[id].op->kind == op_kind::leaf || g_.is(id, info<op::iota>)) return 0;
    if (stored_[id]) {
      const bool same_element = at_index && is_elementwise(g_, id) && same_extents(g_.shape(id), space);
      return group_of[id] + (same_element ? 0 : 1);
    }
    const int key = 2 * id + (at_index ? 1 : 0);
    if (memo_stamp_[key] == stamp_) return memo_[key];
    int first = 0;
    for (int k = 0; k < g_[id].n_args; ++k) {
      const int e = earliest(g_.arg(id, k), space, at_index && is_elementwise(g_, id));
      first = e > first ? e : first;
    }
    memo_stamp_[key] = stamp_;
    memo_[key] = first;
    return first;
  }
  // The distinct nodes that a loop computes for this one, not counting those seen since the stamp was taken.
  constexpr int cone(int id) {
    if (memo_stamp_[2 * id] == stamp_) return 0;
    memo_stamp_[2 * id] = stamp_;
    if (stored_[id] || g_[id].op->kind == op_kind::leaf) return 1;
    int n = 1;
    for (int k = 0; k < g_[id].n_args; ++k) n += cone(g_.arg(id, k));
    return n;
  }

  // Steps that are no loops come as soon as their operands are there, so that loops around them can meet. Values
  // that only update a symbol come last, readers of the old value before those who overwrite it.
  constexpr void form_groups() {
    group_of = vec<int>(g_.size(), -1);
    begun_in_ = group_of;
    vec<int> sinks, loops, steps;
    for (int id = 0; id + 1 < g_.size(); ++id) {
      if (!stored_[id]) continue;
      if (comes_last(id)) sinks.push_back(id);
      else if (runs_as_loop(id)) loops.push_back(id);
      else steps.push_back(id);
    }
    vec<vec<int>> needs(steps.size());
    for (int k = 0; k < steps.size(); ++k) {
      ++stamp_;
      for (int a = 0; a < g_[steps[k]].n_args; ++a) collect_stored(g_.arg(steps[k], a), needs[k]);
    }
    // The nodes are in topological order, so the first loop that waits for no step is ready.
    for (int next = 0; next < loops.size() || !steps.empty();) {
      int ready = 0;
      while (ready < steps.size() && !is_ready(needs[ready])) ++ready;
      if (ready < steps.size()) {
        form_group(steps[ready]);
        steps.erase(ready);
        needs.erase(ready);
      } else {
        form_group(loops[next++]);
      }
    }
    while (!sinks.empty()) {
      int next = 0;
      while (next < sinks.size() && others_read(sinks, next)) ++next;
      if (next == sinks.size()) next = 0;  // a circle: someone's result has to be copied at the end
      form_group(sinks[next]);
      sinks.erase(next);
    }
  }
  // What only replaces a symbol, with all that it becomes on the way.
  constexpr bool comes_last(int id) const {
    return target_of[id] >= 0 && users_[id].length == 1 && users_[memory_of(id)].length == 1;
  }
  constexpr bool runs_as_loop(int id) const {
    return is_elementwise(g_, id) || is_loop_reduction(g_, id) || is_view(g_, id);
  }
  constexpr bool is_ready(const vec<int>& needs) const {
    for (int id : needs)
      if (group_of[id] < 0) return false;
    return true;
  }
  // The stored values that a node is made of.
  constexpr void collect_stored(int id, vec<int>& out) {
    if (memo_stamp_[2 * id] == stamp_ || g_[id].op->kind == op_kind::leaf) return;
    memo_stamp_[2 * id] = stamp_;
    if (stored_[id]) {
      out.push_back(id);
      return;
    }
    for (int k = 0; k < g_[id].n_args; ++k) collect_stored(g_.arg(id, k), out);
  }
  constexpr bool others_read(const vec<int>& sinks, int k) {
    const int base = base_of(g_, sinks[k]);
    for (int o = 0; o < sinks.size(); ++o) {
      if (o == k) continue;
      if (sinks[o] == base) return true;
      ++stamp_;
      for (int a = 0; a < g_[sinks[o]].n_args; ++a)
        if (reads_through(g_.arg(sinks[o], a), target_of[sinks[k]], true) != reading::nowhere) return true;
    }
    return false;
  }
  constexpr void form_group(int id) {
    const int base = base_of(g_, id);
    if (base >= 0 && !is_loop_reduction(g_, id)) {
      const bool there = memory_of(base) == memory_of(id);
      if (base != target_of[id] && !there) place_in_loop(id);
      begun_in_[id] = there ? begun_in_[base] : group_of[id];
      append(id);
    } else if (runs_as_loop(id)) {
      place_in_loop(id);
    } else {
      append(id);
    }
    if (begun_in_[id] < 0) begun_in_[id] = group_of[id];
  }
  constexpr void append(int id) {
    if (is_second_result(g_, id)) {
      group_of[id] = group_of[g_.arg(id, 0)];
      groups[group_of[id]].roots.push_back(id);
      return;
    }
    group made;
    made.roots.push_back(id);
    group_of[id] = groups.size();
    groups.push_back(made);
  }
  // The first group that a value may be written in over the symbol it updates.
  constexpr int after_readers(int id, int space) {
    if (!comes_last(id)) return 0;
    const int t = target_of[id];
    int first = 0;
    for (int q = 0; q < groups.size(); ++q) {
      const reading r = reads(q, t);
      if (r == reading::nowhere) continue;
      const bool share = r == reading::same_element && groups[q].loop && same_extents(groups[q].space, space);
      first = q + (share ? 0 : 1);
    }
    return first;
  }
  constexpr void place_in_loop(int id) {
    const int space = space_of(id);
    const bool reduces = is_loop_reduction(g_, id);
    const std::int64_t mask = reduces ? g_.attr(id, 0) : 0;
    int first = after_readers(id, space), nodes = 1;
    ++stamp_;
    const int base = base_of(g_, id);
    for (int k = 0; k < g_[id].n_args; ++k) {
      const int arg = g_.arg(id, k);
      if (base >= 0 && (arg == base) == reduces) continue;  // the loop computes the base, or sums onto it
      const int e = earliest(arg, space, !is_view(g_, id));
      first = e > first ? e : first;
    }
    ++stamp_;
    for (int k = 0; k < g_[id].n_args; ++k)
      if (base < 0 || (g_.arg(id, k) == base) != reduces) nodes += cone(g_.arg(id, k));
    const bool alone = g_.is(id, info<op::squared_deviations>);
    for (int at = groups.size(); at-- > first && !alone;) {
      group& o = groups[at];
      if (!fuses_ || g_.is(o.roots[0], info<op::squared_deviations>) || !o.loop || !same_extents(o.space, space) || o.roots.size() >= max_loop_roots ||
          o.nodes + nodes > max_loop_nodes || (reduces && o.reduces && o.mask != mask))
        continue;
      o.roots.push_back(id);
      o.nodes += nodes;
      if (reduces) o.mask = mask;
      o.reduces = o.reduces || reduces;
      group_of[id] = at;
      return;
    }
    group made;
    made.loop = true;
    made.space = space;
    made.mask = mask;
    made.reduces = reduces;
    made.nodes = nodes;
    made.roots.push_back(id);
    group_of[id] = groups.size();
    groups.push_back(made);
  }

  // A value that only its own loop reads needs no memory after all.
  constexpr void drop_unread() {
    for (int id = g_.size() - 2; id >= 0; --id) {
      if (!stored_[id] || !is_elementwise(g_, id)) continue;
      bool only_here = true;
      ++stamp_;
      for (int u : users_[id]) only_here = only_here && u != g_.size() - 1 && read_only_in(u, id, group_of[id]);
      if (!only_here) continue;
      stored_[id] = false;
      group& o = groups[group_of[id]];
      vec<int> rest;
      for (int r : o.roots)
        if (r != id) rest.push_back(r);
      o.roots = rest;
    }
  }
  constexpr bool read_only_in(int user, int arg, int at) {
    if (reads_memory(user, arg) || is_view(g_, user)) return false;
    if (stored_[user]) return group_of[user] == at && groups[at].loop && !is_put_node(g_, user);
    if (memo_stamp_[2 * user + 1] == stamp_) return memo_[2 * user + 1] != 0;
    bool only = true;
    for (int u : users_[user]) only = only && u != g_.size() - 1 && read_only_in(u, user, at);
    memo_stamp_[2 * user + 1] = stamp_;
    memo_[2 * user + 1] = only ? 1 : 0;
    return only;
  }
};

}  // namespace agnesi
