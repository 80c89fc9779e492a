// SPDX-License-Identifier: BSD-3-Clause
// Formulas at random: results, gradients and updates, made of random nodes.
//   formula f = random_formula(seed).f;   interpret(differentiated(f.g, u), f.in);
#pragma once

#include "agnesi/ops/structure.hpp"
#include "support/random_nodes.hpp"

namespace agnesi::testing {

enum class asks_for { value, updates };

class random_formula : public random_nodes {
 public:
  // With value: some results, of any type. With updates: these too, and gradients among both.
  explicit random_formula(unsigned seed, asks_for what = asks_for::updates) : random_nodes(seed) {
    if (what == asks_for::updates) add_results();
    else add_values();
  }

 private:
  int cost_ = -1;
  bool trains_ = false;  // updates are steps of gradient descent
  std::vector<int> new_values_;

  int cost() {
    const int c = any_float();
    if (c < 0) return -1;
    const int total = g().apply_with(pick(3) == 0 ? info<op::mean> : info<op::sum>, c, all_axes(g().rank(c)));
    return pick(4) == 0 ? g().apply(info<op::sqr>, total) : total;
  }
  int gradient(int cost, int by) {
    const int args[] = {cost, by};
    const std::int64_t allow_unused = 1;
    return g().apply(info<op::gradient>, args, 2, &allow_unused, 1);
  }
  int plus_or_minus(int a, int b) { return g().apply(pick(3) > 0 ? info<op::sub> : info<op::add>, a, b); }
  int scaled(int x) {
    const int by = any_where([&](int id, const extents& e) { return is_float(g().type(id)) && e.empty(); });
    switch (pick(5)) {
      case 0: return x;
      case 1: return by < 0 ? x : g().apply(info<op::mul>, by, x);
      case 2: return by < 0 ? x : g().apply(info<op::div>, x, by);
      default: return g().apply(info<op::mul>, literal(g(), 0.1), x);
    }
  }
  bool fits(int value, int symbol, const extents& e) {
    if (g().rank(value) != g().rank(symbol)) return false;
    return e == f.in.at(name_of(symbol)).extents;
  }
  std::string name_of(int symbol) { return std::string(g().symbol_name(static_cast<int>(g().attr(symbol, 0)))); }
  int value_like(int symbol) {
    return any_where([&](int id, const extents& e) { return fits(id, symbol, e); });
  }
  // The first of some candidates that has the symbol's shape.
  template <class Make>
  int made_like(int symbol, Make make) {
    for (int tries = 0; tries < 20; ++tries) {
      const graph before = g();
      const int made = make();
      if (made >= 0 && g().failure == mistake::none) {
        try {
          run_->update();
          if (fits(made, symbol, run_->at(made).extents)) return made;
        } catch (const std::exception&) {
        }
      }
      g() = before;
      run_->update();
    }
    return -1;
  }
  int new_value(int symbol) {
    int made = -1;
    switch (trains_ ? 0 : pick(7)) {
      case 0:
      case 1:
        if (cost_ >= 0 && is_float(g().type(symbol))) return plus_or_minus(symbol, scaled(gradient(cost_, symbol)));
        break;
      case 2:
        made = made_like(symbol, [&] { return product(); });
        if (made >= 0) return plus_or_minus(symbol, scaled(made));
        break;
      case 3:
        made = made_like(symbol, [&] {
          const int x = any();
          return g().rank(x) == 0 ? -1 : g().apply_with(info<op::sum>, x, random_axes(g().rank(x)));
        });
        if (made >= 0) return plus_or_minus(symbol, scaled(made));
        break;
      case 4:
        made = made_like(symbol, [&] {
          const int x = pick(2) == 0 ? symbol : any();
          return pick(3) == 0 ? permuted(x, g().rank(x)) : pick(2) == 0 ? sliced(x, g().rank(x)) : reshaped(x);
        });
        if (made >= 0) return pick(2) == 0 ? made : plus_or_minus(symbol, scaled(made));
        break;
      case 5:  // of another update's new value
        if (f.updated.empty() || f.in.at(f.updated.back()).extents != f.in.at(name_of(symbol)).extents) break;
        return plus_or_minus(symbol, scaled(new_values_.back()));
      default: break;
    }
    made = value_like(symbol);
    if (made < 0 || made == symbol) return g().apply(info<op::mul>, symbol, constant_of(g(), 2, g().type(symbol)));
    return pick(2) == 0 ? made : plus_or_minus(symbol, made);
  }
  void add_updates() {
    for (int slot = 0; slot < g().symbols.size(); ++slot) {
      const int symbol = g().symbols[slot].node;
      if (pick(2) == 0) continue;
      const graph before = g();
      const int value = new_value(symbol);
      const int made = value < 0 ? -1 : cast_to(g(), value, g().type(symbol));
      if (made >= 0 && g().rank(made) == g().rank(symbol))
        for (int k = 0; k < g().rank(symbol); ++k)
          if (!g().unify(g().extent(symbol, k), g().extent(made, k), info<op::outputs>, symbol, made))
            g().fail(mistake::update_extent);
      if (made < 0 || g().failure != mistake::none || g().rank(made) != g().rank(symbol)) {
        g() = before;
        continue;
      }
      new_values_.push_back(made);
      f.updated.push_back(name_of(symbol));
    }
  }
  void add_results() {
    cost_ = cost();
    trains_ = pick(3) == 0;
    add_updates();
    std::vector<int> results;
    for (int k = pick(4) + (new_values_.empty() ? 1 : 0); k > 0; --k) {
      const int wrt = g().symbols[pick(g().symbols.size())].node;
      const bool by = pick(4) == 0 && cost_ >= 0 && is_float(g().type(wrt));
      results.push_back(by ? gradient(cost_, wrt) : any());
    }
    if (pick(4) == 0 && !new_values_.empty()) results.push_back(new_values_[0]);
    results.insert(results.end(), new_values_.begin(), new_values_.end());
    g().apply(info<op::outputs>, results.data(), static_cast<int>(results.size()));
  }
  void add_values() {
    std::vector<int> results;
    for (int k = 0; k < 3; ++k)
      results.push_back(
          nodes_[nodes_.size() - 1 - static_cast<std::size_t>(pick(std::min(5, static_cast<int>(nodes_.size()))))]);
    g().apply(info<op::outputs>, results.data(), static_cast<int>(results.size()));
  }
};

// The formula's results summed, and the gradients of the sum by every symbol that has one.
inline formula with_gradients(formula f) {
  graph& g = f.g;
  const int root = g.size() - 1;
  int cost = -1;
  for (int k = 0; k < g[root].n_args; ++k) {
    const int r = g.arg(root, k);
    if (!is_float(g.type(r))) continue;
    const int total = g.apply_with(info<op::sum>, r, all_axes(g.rank(r)));
    cost = cost < 0 ? total : g.apply(info<op::add>, cost, total);
  }
  std::vector<int> roots(1, cost < 0 ? g.arg(root, 0) : cost);
  for (int s = 0; s < g.symbols.size() && cost >= 0; ++s) {
    const int args[] = {cost, g.symbols[s].node};
    const std::int64_t allow_unused = 1;
    if (is_float(g.type(args[1]))) roots.push_back(g.apply(info<op::gradient>, args, 2, &allow_unused, 1));
  }
  g.apply(info<op::outputs>, roots.data(), static_cast<int>(roots.size()));
  f.updated.clear();
  return f;
}

}  // namespace agnesi::testing
