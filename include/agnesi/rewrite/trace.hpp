// SPDX-License-Identifier: BSD-3-Clause
// What a rewriter did, in mathematics: for each rewrite its name, what it found and what it made of that.
//   vec<firing> f = traced(w);   // "softplus"  "log(sigmoid(P))"  "-softplus(-P)"  "P = dot(x, w) + b"
#pragma once

#include "agnesi/ir/show.hpp"
#include "agnesi/rewrite/rewriter.hpp"

namespace agnesi {

namespace detail {

// Formulas cut to a length. Walks end at nodes that stand for themselves, and no walk goes through a node twice, so
// that formulas whose parts are shared many times over cost no more than others.
class brief_writer {
 public:
  constexpr explicit brief_writer(const graph& g) : g_(g), tokens_(g.size(), 0), mark_(g.size(), 0) {
    for (int id = 0; id < g.size(); ++id) {
      int n = 1;
      for (int k = 0; k < g[id].n_args; ++k) n += tokens_[g.arg(id, k)];
      tokens_[id] = n < many ? n : many;
    }
  }
  constexpr int tokens(int id) const { return tokens_[id]; }

  // The formula, with "..." for as much of it as does not fit.
  constexpr text written(int root, int width, const vec<int>& lettered, const vec<text>& letters) {
    text t;
    for (int budget = many - 1; budget >= 3; budget = budget > 32 ? 32 : budget - 1 - budget / 8) {
      if (tokens_[root] >= many && budget == many - 1) continue;
      formula_writer w(g_, true);
      for (int k = 0; k < lettered.size(); ++k) w.label(lettered[k], letters[k]);
      cut(w, root, budget);
      t = text();
      w.write(t, root);
      if (t.size() <= width) return t;
    }
    if (t.size() <= width + 8) return t;
    return text(t.view().substr(0, static_cast<std::size_t>(width))) << "...";
  }

  // What both formulas contain, outermost first, and is more than a symbol.
  constexpr vec<int> common(int a, int b, int least) {
    ++stamp_;
    walk(a);
    vec<int> found;
    const int in_a = stamp_++;
    collect(b, in_a, least, found);
    return found;
  }

 private:
  static constexpr int many = 60;
  const graph& g_;
  vec<int> tokens_, mark_;
  int stamp_ = 0;

  constexpr void walk(int id) {
    if (mark_[id] == stamp_) return;
    mark_[id] = stamp_;
    for (int k = 0; k < g_[id].n_args; ++k) walk(g_.arg(id, k));
  }
  constexpr void collect(int id, int in_a, int least, vec<int>& found) {
    if (mark_[id] == stamp_) return;
    const bool both = mark_[id] == in_a && g_[id].n_args > 0 && tokens_[id] >= least;
    mark_[id] = stamp_;
    if (both) found.push_back(id);
    else
      for (int k = 0; k < g_[id].n_args; ++k) collect(g_.arg(id, k), in_a, least, found);
  }
  // Leaves about as many tokens, the small operands before the large ones.
  constexpr void cut(formula_writer& w, int id, int budget) const {
    const int n = g_[id].n_args;
    if (w.has_label(id) || tokens_[id] <= budget || n == 0) return;
    if (budget < 2) {
      if (tokens_[id] > 2) w.label(id, text("..."));
      return;
    }
    vec<char> done(n, 0);
    int left = budget - 1;
    for (int round = 0; round < n; ++round) {
      int next = -1;
      for (int k = 0; k < n; ++k)
        if (!done[k] && (next < 0 || tokens_[g_.arg(id, k)] < tokens_[g_.arg(id, next)])) next = k;
      done[next] = 1;
      const int share = left / (n - round), own = tokens_[g_.arg(id, next)];
      cut(w, g_.arg(id, next), share);
      left -= own < share ? own : share;
    }
  }
};

}  // namespace detail

// In the order in which they fired.
class tracer {
 public:
  constexpr explicit tracer(const rewriter& w) : g_(w) {
    g_.simplify = nullptr;
    for (const event& e : w.log) sides_.push_back(sides_of(e));
    detail::brief_writer brief(g_);
    for (int k = 0; k < w.log.size(); ++k) add(w.log[k], sides_[k], brief);
  }
  vec<firing> result;

 private:
  static constexpr int width = 56;     // of a side
  static constexpr int short_side = 10;  // tokens of both together that are written out
  struct sides {
    int before = -1, after = -1;
  };
  graph g_;
  vec<sides> sides_;

  // A rule's left side as it was found and its right side as it is written, before anything else is done to it.
  constexpr sides sides_of(const event& e) {
    if (e.by == nullptr) return {e.before, e.after};
    const int before = e.before >= 0 ? e.before : g_.apply(*e.op, e.args, e.n_args);
    return {before, rewriter::instantiate(g_, e.by->rhs, e.by->rhs.root(), e.found)};
  }

  constexpr void add(const event& e, const sides& s, detail::brief_writer& brief) {
    if (s.before < 0 || s.after < 0) return;
    firing f{e.by, e.name, 1};
    vec<int> lettered;
    vec<text> letters;
    if (brief.tokens(s.before) + brief.tokens(s.after) > short_side) {
      vec<int> common;
      if (e.by != nullptr) common = wildcards(e, brief);
      else common = brief.common(s.before, s.after, 3);
      const char* next = "PQRSTU";
      for (int id : common) {
        while (*next != '\0' && g_.find_symbol({next, 1}) >= 0) ++next;
        if (*next == '\0') break;
        lettered.push_back(id);
        letters.push_back(text(std::string_view(next++, 1)));
      }
    }
    const vec<int> no_nodes;
    const vec<text> no_letters;
    f.before = written_side(s.before, brief, lettered, letters);
    f.after = written_side(s.after, brief, lettered, letters);
    f.told = e.told && f.before.view() != f.after.view();
    for (int k = 0; k < lettered.size(); ++k) {
      if (!mentions(f.before.view(), letters[k].view()) && !mentions(f.after.view(), letters[k].view())) continue;
      f.letters << (f.letters.size() > 0 ? ", " : "") << letters[k] << " = " << brief.written(lettered[k], 40, no_nodes, no_letters);
    }
    const int last = last_told();
    if (f.told && last >= 0 && is_same(result[last], f)) {
      f.told = false;
      if (result[last].by == f.by && result[last].name == f.name) {
        ++result[last].times;
        return;
      }
    }
    result.push_back(f);
  }
  constexpr int last_told() const {
    int k = result.size() - 1;
    while (k >= 0 && !result[k].told) --k;
    return k;
  }
  // What a rule says nothing about.
  constexpr vec<int> wildcards(const event& e, const detail::brief_writer& brief) const {
    vec<int> nodes;
    for (int id : e.found.bound)
      if (id >= 0 && g_[id].n_args > 0 && brief.tokens(id) > 2 && !nodes.contains(id)) nodes.push_back(id);
    return nodes;
  }
  static constexpr text written_side(int root, detail::brief_writer& brief, const vec<int>& lettered, const vec<text>& letters) {
    for (int k = 0; k < lettered.size(); ++k)
      if (lettered[k] == root) return letters[k];
    return brief.written(root, width, lettered, letters);
  }
  static constexpr bool mentions(std::string_view t, std::string_view letter) {
    for (std::size_t k = 0; k < t.size(); ++k)
      if (t[k] == letter[0] && !is_word(t, k - 1) && !is_word(t, k + 1)) return true;
    return false;
  }
  static constexpr bool is_word(std::string_view t, std::size_t k) {
    return k < t.size() && ((t[k] >= 'a' && t[k] <= 'z') || (t[k] >= 'A' && t[k] <= 'Z') || (t[k] >= '0' && t[k] <= '9') || t[k] == '_');
  }
  static constexpr bool is_same(const firing& a, const firing& b) {
    return a.before.view() == b.before.view() && a.after.view() == b.after.view() && a.letters.view() == b.letters.view();
  }
};

constexpr vec<firing> traced(const rewriter& w) { return tracer(w).result; }

}  // namespace agnesi
