// SPDX-License-Identifier: BSD-3-Clause
// What the rewritings that are functions say that they lessen: numbers of the formula as a tree, of which the first that a step
// of the rewriting changes falls, before anything else is done to what the step makes.
//   step s = step_of(w, noted);   s.ends, s.made
#pragma once

#include <algorithm>
#include <bit>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "agnesi/passes/simplify.hpp"

namespace agnesi::testing {

namespace kinds {

using kind = int (*)(const graph&, int);  // how much a node counts

template <const op_info*... Op>
int any_of(const graph& g, int id) {
  return ((g[id].op == Op) || ...) ? 1 : 0;
}
inline int operation(const graph& g, int id) { return g[id].n_args > 0; }
inline int spread(const graph& g, int id) { return is_spread(g[id].op); }
inline int not_spread(const graph& g, int id) { return operation(g, id) && !spread(g, id); }
inline int movement(const graph& g, int id) { return g[id].op->kind == op_kind::movement && !spread(g, id); }
inline int reshaped_ones(const graph& g, int id) {
  int n = 0;
  for (int k = 0; g.is(id, info<op::reshape>) && k < g.rank(id); ++k) n += g.shapes.find(g.extent(id, k)) == 1;
  return n;
}
inline int squeezed_axes(const graph& g, int id) {
  return g.is(id, info<op::squeeze>) ? std::popcount(static_cast<std::uint64_t>(g.attr(id, 0))) : 0;
}
inline int unmoved(const graph& g, int id) { return not_spread(g, id) && !movement(g, id); }
inline int not_squeeze(const graph& g, int id) { return operation(g, id) && !g.is(id, info<op::squeeze>); }
// -x and 1 / x are less than x - y and x / y.
inline int is_half(const graph& g, int id) {
  return g.is(id, info<op::neg>) || (g.is(id, info<op::div>) && is_constant(g, stripped(g, g.arg(id, 0)), 1));
}
inline int work(const graph& g, int id) { return not_spread(g, id) && not_squeeze(g, id) ? (is_half(g, id) ? 1 : 2) : 0; }
inline int reduction(const graph& g, int id) { return g[id].op->kind == op_kind::reduce; }
inline int reduced_axes(const graph& g, int id) { return reduction(g, id) ? std::popcount(static_cast<std::uint64_t>(g.attr(id, 0))) : 0; }
inline int put(const graph& g, int id) { return is_put_node(g, id); }
inline int put_of_more_than_ones(const graph& g, int id) {
  return put(g, id) && !is_constant(g, stripped(g, g.arg(id, g[id].n_args - 1)), 1);
}
inline int index(const graph& g, int id) { return any_of<&info<op::slice>, &info<op::take>, &info<op::take_pairs>>(g, id); }
inline int index_or_squeeze(const graph& g, int id) { return index(g, id) || g.is(id, info<op::squeeze>); }
inline int unindexed(const graph& g, int id) { return not_squeeze(g, id) && !index(g, id); }
inline int vectors_of_places(const graph& g, int id) {
  if (any_of<&info<op::take>, &info<op::put_take>>(g, id)) return 1;
  return any_of<&info<op::take_pairs>, &info<op::put_pairs>>(g, id) ? 2 : 0;
}
inline int slice_out_of_order(const graph& g, int id) {
  if (!g.is(id, info<op::slice>)) return 0;
  const auto is_one = [&](int slice) { return g.shapes.find(g.extent(slice, static_cast<int>(g.attr(slice, 0)))) == 1; };
  const int a = g.arg(id, 0);
  if (g.is(a, info<op::squeeze>) && g.is(g.arg(a, 0), info<op::slice>)) return is_one(id) && g.attr(id, 0) < g.attr(g.arg(a, 0), 0);
  if (!g.is(a, info<op::slice>)) return 0;
  return is_one(id) != is_one(a) ? is_one(id) : g.attr(id, 0) < g.attr(a, 0);
}
inline int factor(const graph& g, int id) {
  return any_of<&info<op::mul>, &info<op::div>, &info<op::neg>>(g, id) * (is_half(g, id) ? 1 : 2);
}
// A factor that is a number, or a sign.
inline int scalar_factor(const graph& g, int id) {
  if (g.is(id, info<op::neg>)) return 1;
  if (spread(g, id) != 0) return g.rank(g.arg(id, 0)) == 0 && !is_constant(g, g.arg(id, 0), 1);
  const auto is_number = [&](int a) { return g.rank(a) == 0 && !is_constant(g, a, 1); };
  return factor(g, id) != 0 && g.rank(id) > 0 && (is_number(g.arg(id, 0)) || is_number(g.arg(id, 1)));
}
// One that the compiler or an extent knows.
inline int known_factor(const graph& g, int id) {
  if (g.is(id, info<op::neg>)) return 1;
  const auto is_known = [&](int a) { return is_made_of_extents(g, a) && !is_constant(g, stripped(g, a), 1); };
  return factor(g, id) != 0 && (is_known(g.arg(id, 0)) || is_known(g.arg(id, 1)));
}
inline int term(const graph& g, int id) { return any_of<&info<op::add>, &info<op::sub>>(g, id); }
inline int power(const graph& g, int id) { return factor(g, id) != 0 || any_of<&info<op::pow>, &info<op::sqr>>(g, id); }
inline int logarithm(const graph& g, int id) { return any_of<&info<op::log>, &info<op::log1p>>(g, id); }
inline int out_of_order(const graph& g, int id) {
  if (!any_of<&info<op::maximum>, &info<op::minimum>>(g, id)) return 0;
  const auto size = [&](int a) {
    int n = 0;
    for (int k = 0; k < g.rank(a); ++k) n += g.extent(a, k) != 1;
    return n;
  };
  const int a = g.arg(id, 0), b = g.arg(id, 1);
  return size(a) != size(b) ? size(a) > size(b) : a > b;
}

}  // namespace kinds

// Counts in a formula as a tree: what is shared counts as often as it is read.
class tree_counts {
 public:
  explicit tree_counts(const graph& g) : g_(g) {}

  // `along`: of these operations only the first operand counts, as of indices, whose places may be read once more.
  double number(kinds::kind k, int id, kinds::kind along = nullptr) {
    const auto known = numbers_.find({k, id, along});
    if (known != numbers_.end()) return known->second;
    double n = k(g_, id);
    for (int a = 0; a < operands(id, along); ++a) n += number(k, g_.arg(id, a), along);
    return numbers_[{k, id, along}] = n;
  }
  // How much of one kind stands beneath another one.
  double beneath(kinds::kind outer, kinds::kind inner, int id, kinds::kind along = nullptr) {
    const auto known = pairs_.find({outer, inner, id, along});
    if (known != pairs_.end()) return known->second;
    double n = 0;
    for (int a = 0; a < operands(id, along); ++a)
      n += beneath(outer, inner, g_.arg(id, a), along) + outer(g_, id) * (outer(g_, id) == 0 ? 0 : number(inner, g_.arg(id, a), along));
    return pairs_[{outer, inner, id, along}] = n;
  }

 private:
  const graph& g_;
  std::map<std::tuple<kinds::kind, int, kinds::kind>, double> numbers_;
  std::map<std::tuple<kinds::kind, kinds::kind, int, kinds::kind>, double> pairs_;

  int operands(int id, kinds::kind along) const { return along != nullptr && along(g_, id) != 0 ? 1 : g_[id].n_args; }
};

// A number of a formula that a rewriting lessens: how many of a kind there are, or stand beneath those of another kind.
struct lessened_number {
  const char* what;
  kinds::kind outer = nullptr;  // none: all of the inner kind
  kinds::kind inner = nullptr;
  kinds::kind along = nullptr;

  double of(tree_counts& c, int id) const { return outer == nullptr ? c.number(inner, id) : c.beneath(outer, inner, id, along); }
};

inline const std::vector<lessened_number>& measures() {
  using namespace kinds;
  static const std::vector<lessened_number> all = {
      {"operations", nullptr, &operation},
      {"repetitions beneath operations", &not_spread, &spread},
      {"signs beneath operations", &operation, &any_of<&info<op::neg>>},
      {"operations beneath movements", &movement, &unmoved},
      {"axes of extent 1 made by reshapes", nullptr, &reshaped_ones},
      {"reshapes", nullptr, &any_of<&info<op::reshape>>},
      {"reductions", nullptr, &reduction},
      {"work beneath reductions", &reduction, &work},
      {"axes reduced", nullptr, &reduced_axes},
      {"repetitions beneath reductions", &reduction, &spread},
      {"operations beneath axes taken away", &squeezed_axes, &not_squeeze},
      {"vectors of places", nullptr, &vectors_of_places},
      {"indices", nullptr, &index},
      {"vectors of places beneath slices", &any_of<&info<op::slice>>, &vectors_of_places, &index},
      {"slices in another order than that of their axes", nullptr, &slice_out_of_order},
      {"operations beneath indices, but for axes taken away", &index, &unindexed, &index},
      {"increments beneath indices", &index_or_squeeze, &put},
      {"increments", nullptr, &put},
      {"increments by other than ones", nullptr, &put_of_more_than_ones},
      {"numbers among the factors of increments", &put, &scalar_factor},
      {"numbers among the factors of products of matrices", &any_of<&info<op::dot>>, &scalar_factor},
      {"numbers and extents among the factors of choices", &any_of<&info<op::where>>, &known_factor},
      {"casts", nullptr, &any_of<&info<op::cast>>},
      {"sums beneath logarithms", &logarithm, &term},
      {"sums beneath log", &any_of<&info<op::log>>, &term},
      {"factors and powers beneath logarithms", &logarithm, &power},
      {"factors beneath absolute values", &any_of<&info<op::abs>>, &factor},
      {"factors beneath signs", &any_of<&info<op::sign>>, &factor},
      {"operands out of order", nullptr, &out_of_order},
      {"powers", nullptr, &any_of<&info<op::pow>>},
  };
  return all;
}
// Of a rewriting that brings into a form which it leaves as it is: that it does.
inline constexpr std::string_view form = "what is out of form";

// The numbers that a rewriting is said to lessen, first things first; nullptr for one that is not known.
inline std::vector<const lessened_number*> numbers_of(const rewriting& r) {
  std::vector<const lessened_number*> found;
  for (std::string_view rest = r.lessens; !rest.empty() && rest != form;) {
    const std::string_view name = rest.substr(0, rest.find("; "));
    rest.remove_prefix(std::min(rest.size(), name.size() + 2));
    found.push_back(nullptr);
    for (const lessened_number& n : measures())
      if (name == n.what) found.back() = &n;
  }
  return found;
}

struct step {
  bool taken = false, ends = false;
  int before = -1, made = -1;
};

namespace detail {

inline int applied(rewriter& w, const rewriting& r, int id) {
  bool fits = r.ops[0] == nullptr && r.kind == w[id].op->kind;
  for (const op_info* op : r.ops) fits = fits || op == w[id].op;
  const int made = fits ? r.apply(w, id) : -1;
  return made < 0 ? id : w.in_place_of(id, made);
}

}  // namespace detail

// A step that was noted, once more and by itself. The rewriter is a copy of the one that noted it.
inline step step_of(rewriter w, const event& noted) {
  step s;
  s.before = noted.before;
  const auto forget_forms = [&w] {
    for (unsigned char& f : w.flags) f = static_cast<unsigned char>(f & ~canonical_node);
  };
  auto* const simplify = w.simplify;
  auto* const distribute = w.distribute;
  for (const rewriting& r : agnesi::detail::rewritings) {
    if (r.name != noted.name || s.taken) continue;
    const bool into_form = r.lessens == form;  // forms are of what their parts have become
    w.simplify = into_form ? simplify : nullptr;
    w.distribute = into_form ? distribute : nullptr;
    forget_forms();
    s.made = detail::applied(w, r, s.before);
    if (s.made < 0 || s.made == s.before) continue;
    s.taken = true;
    if (into_form) {
      forget_forms();
      // What is looked up and may be out of range is not left out, whatever the form.
      s.ends = w.is_flagged(s.made, risky_node) || detail::applied(w, r, s.made) == s.made;
      continue;
    }
    tree_counts c(w);
    for (const lessened_number* n : numbers_of(r)) {
      const double before = n->of(c, s.before), after = n->of(c, s.made);
      if (before == after) continue;
      s.ends = after < before;
      break;
    }
  }
  return s;
}

}  // namespace agnesi::testing
