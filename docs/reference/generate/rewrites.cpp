// SPDX-License-Identifier: BSD-3-Clause
// Prints docs/reference/rewrites.md: the tables of rules, the rewritings that are functions, and the checklist.
//   tests/docs/generated.py --write
// With an argument it prints the test cases that the checklist names, a line each.

#include <cstdio>
#include <stdexcept>

#include "rows.hpp"

namespace {

namespace ag = agnesi;
using ag::rule, ag::fact;
using std::string;

string cell(const string& s) {
  string t;
  for (const char c : s) t += c == '|' ? string("\\|") : string(1, c);
  return t;
}
string code(const string& s) { return "`" + cell(s) + "`"; }
void line(const std::vector<string>& cells) {
  for (const string& c : cells) std::printf("| %s ", c.c_str());
  std::printf("|\n");
}
void head(const std::vector<string>& cells) {
  line(cells);
  line(std::vector<string>(cells.size(), "---"));
}
[[noreturn]] void stop(const string& why) { throw std::runtime_error("docs/reference/generate: " + why); }

// ---- the tables of rules

struct rule_list {
  const char* title;
  const char* text;
  const rule* rules;
  std::size_t size;
};
template <std::size_t N>
constexpr rule_list listed(const char* title, const char* text, const rule (&rules)[N]) {
  return {title, text, rules, N};
}
const rule_list tables[] = {
    listed("Canonical form", "Phase `canonicalize`, `rewrite/tables/canonical.hpp`.", ag::tables::canonical),
    listed("Canonical form of IEEE values",
           "Phase `canonicalize` under `ag::ieee`, in the place of canonical sums and products; "
           "`rewrite/tables/canonical.hpp`.",
           ag::tables::exact),
    listed("Accuracy", "Phase `stabilize`, `rewrite/tables/stable.hpp`.", ag::tables::stable),
    listed("Last", "Phase `specialize`, once derivatives have been taken; `rewrite/tables/stable.hpp`.",
           ag::tables::special),
};

string condition(fact f, const string& x) {
  switch (f) {
    case fact::nonzero: return x + " is not the constant 0";
    case fact::positive: return x + " > 0";
    case fact::nonnegative: return x + " ≥ 0";
    case fact::below_zero: return x + " < 0";
    case fact::floating: return x + " is floating";
    case fact::discrete: return x + " is an integer or a truth value";
    case fact::has_sign: return x + " is of a type with negative numbers";
    case fact::unbounded: return x + " is no number, no extent and not made of these";
    case fact::whole: return x + " is a whole constant";
    case fact::scalar: return x + " is a number";
    case fact::tensor: return x + " is no number";
    case fact::single_use: return x + " is read once";
  }
  return "";
}
string conditions(const ag::guard& g) {
  string s;
  for (int k = 0; k < g.n; ++k)
    s += (s.empty() ? "" : ", ") +
         condition(g.items[k].known, string(1, "xyzvcdu"[static_cast<int>(g.items[k].wildcard)]));
  if (g.not_ieee) s += (s.empty() ? "" : ", ") + string("not under `ag::ieee`");
  return s;
}
string name_of(const rule& r) { return r.name.empty() ? string(to_text(r).view()) : string(r.name); }

void print_rules() {
  for (const rule_list& t : tables) {
    std::printf("\n### %s\n\n%s\n\n", t.title, t.text);
    head({"rule", "name", "where"});
    for (std::size_t k = 0; k < t.size; ++k)
      line({code(string(to_text(t.rules[k]).view())), string(t.rules[k].name), conditions(t.rules[k].when)});
  }
}

// ---- what is no rule

struct sentence {
  const char* name;
  const char* text;
};
const sentence of_rewritings[] = {
    {"fold_constants",
     "A function of constants is a constant. What would overflow, or divide by zero, is left to the call."},
    {"lift_broadcasts",
     "Elementwise operations are applied to what is repeated, and the result is repeated; new axes that all "
     "operands have are put in last."},
    {"odd_even", "`f(-x)` is `-f(x)` where the block says odd, `f(x)` where it says even."},
    {"movements",
     "Chains of transposes, new axes, reshapes and repetitions are joined; transposes and reshapes go into elementwise "
     "operations, transposes into products."},
    {"reductions",
     "What does not vary along the axes is taken out; of what is repeated the number of repetitions is left; "
     "reductions of "
     "reductions and of transposes join; axes of extent 1 go; places of extrema are looked for in the operand of what "
     "grows."},
    {"squeeze_first",
     "The axis of extent 1 that a number leaves goes before reductions, products and movements: a product with a matrix "
     "of one row is one with a vector."},
    {"merge_indices",
     "Slices of slices join, places of two axes are looked up together, and what picks everything goes; indices that "
     "the compiler knows to be in range and evenly spaced are slices."},
    {"index_first",
     "What is picked from a result is computed from what is picked: elementwise, over other axes, in products, through "
     "movements. Not where something else reads the result, nor where there are more indices than elements."},
    {"read_of_write",
     "What is read of an increment is what was there plus what was written, where the places are known to be equal and "
     "none is repeated, and what was there alone where they are known to be distinct."},
    {"smaller_increments",
     "An increment of every element is a sum, one of nothing goes, two at the same places are one, and places that are "
     "known are a slice."},
    {"extents", "Comparisons of extents with numbers that they are never below are decided."},
    {"extrema", "The operands of maximum and minimum come in one order, once derivatives have been taken, which of equal operands go to "
                "the first."},
    {"scaled_increments",
     "Increments of zeros by one number everywhere are that number times increments by 1, and by `s * v` are s times those "
     "by v, for a number s."},
    {"dot",
     "Numbers that a product's operands are multiplied or divided by are taken out of it; a product with zeros is "
     "zeros."},
    {"dot_chains",
     "Products of several matrices begin with vectors and with extents of 1, and where all extents are in the types with "
     "what makes them cheapest; else the call chooses (`passes/matrix_chains.hpp`)."},
    {"choices", "`where(c, s * a, 0)` is `s * where(c, a, 0)` for a number s."},
    {"casts", "A cast that loses nothing goes where another one follows."},
    {"logaddexp",
     "The logarithm of a sum of any number of exponentials, also with positive numbers before and beside them, is "
     "`logaddexp` of them."},
    {"logsumexp",
     "`log(sum(w * exp(x)))` is `k + log(sum(w * exp(x - k)))` for the largest `x` whose weight `w` is not zero: of a "
     "probability that a one-hot row picks nothing underflows."},
    {"log1p", "`log` of a longer sum that a 1 is in is `log1p` of the rest."},
    {"log_powers",
     "`log(pow(x, n))` is `n * log(x)` for odd n, `n * log(abs(x))` for even n; `log(c / x)` is `log(c) - log(x)` for "
     "numbers c from 0.5 to 2, the logarithm of which is no larger than the error of the quotient's."},
    {"absolute", "Numbers and factors of known sign leave `abs`."},
    {"signs", "Numbers and factors of known sign leave `sign`."},
    {"powers",
     "`pow(x, n)` for whole n from -512 to 512 is multiplied out by squaring: at most 16 products, which lose half a unit in "
     "the last place each."},
    {"canonical_products",
     "Any tree of products, quotients, squares and signs is a coefficient times factors over factors; common "
     "factors cancel, exponentials join, and the rules for products are tried on every two factors."},
    {"canonical_sums",
     "Any tree of sums, differences and signs is a constant plus terms less terms; equal terms join, common factors "
     "are taken out, and the rules for sums are tried on every two terms."},
};

template <auto>
constexpr const char* called(const char* name) {
  return name;
}
template <class>
constexpr const char* called(const char* name) {
  return name;
}
const sentence of_passes[] = {
    {called<&ag::graph::intern>("intern"), "`ir/graph.hpp`: a node that is there already is not made again."},
    {called<&ag::op::slice::build>("slice"),
     "`ops/index.hpp`: bounds are counted from the front; a slice of everything is what it is of."},
    {called<ag::simplifier>("simplified"),
     "`passes/simplify.hpp`: every node is made again from its operands' best forms; what nothing "
     "reads is left out."},
    {called<&ag::differentiated>("differentiated"),
     "`grad/reverse.hpp`: gradients are replaced by their formulas, all of one cost in one sweep."},
    {called<&ag::expanded>("expanded"),
     "`passes/expand.hpp`: `logsumexp` is written out with its maximum taken off; increments of zeros go "
     "into what they are added to."},
    {called<&ag::in_one_sweep>("in_one_sweep"),
     "`passes/one_sweep.hpp`: of an extremum and its place, the first is what the search for the second finds; a sum "
     "and the squared deviations from the mean over the same axes take one sweep. Switched off by `ag::without<\"one_sweep\">`."},
    {called<&ag::blas_found>("blas_found"),
     "`passes/blas.hpp`: products are joined with the factors before them, with each other, and with the symbol that they "
     "update; sums start from the symbol that they update."},
    {called<&ag::with_results_stored>("with_results_stored"),
     "`passes/results.hpp`: every result has a node that is stored, where possible in the "
     "caller's memory."},
    {called<ag::schedule>("schedule"),
     "`passes/schedule.hpp`: what is stored, what is computed where it is used, and what shares a loop."},
    {called<ag::planner>("planner"),
     "`passes/planned.hpp`: loops as instructions, everything else as steps; values whose lives don't overlap "
     "share buffers."},
    {called<&ag::tile_steps>("tile_steps"),
     "`passes/tiles.hpp`: steps that go through the same memory along the same axis are done together, a tile at a time."},
    {called<&ag::cpu::parts_for>("parts_for"),
     "`backend/cpu/threads.hpp`: into how many parts a loop or a tiling goes, each on a thread of its own."},
};

template <std::size_t N>
const char* text_of(const sentence (&all)[N], const string& name) {
  for (const sentence& s : all)
    if (s.name == name) return s.text;
  return nullptr;
}

string phases(unsigned p) {
  string s;
  for (const ag::pass& one : ag::rewriting_passes)
    if ((p & one.phases) != 0) s += (s.empty() ? "" : ", ") + string(one.name);
  return s;
}

// What every step of it makes fewer, in the order of precedence.
string lessened_by(std::string_view rewriting) {
  string all;
  for (const ag::rewriting& r : ag::detail::rewritings)
    if (r.name == rewriting && all.find(r.lessens) == string::npos) all += (all.empty() ? "" : "; ") + string(r.lessens);
  return all;
}

void print_rewritings() {
  std::printf(
      "\n## Rewritings that are functions\n\n"
      "What no pattern can say: `detail::rewritings` of `passes/rewritings.hpp`, in the order in which they are tried, "
      "before the rules. Every step makes fewer of what "
      "the last column says, first things first, in the formula as a tree; `tests/passes/test_termination.cpp` counts at every "
      "step that random formulas take. Rules are held to a weight by the compiler (`rewrite/rule.hpp`). Why the steps of "
      "different rewritings take nothing back of each other is told in [a page of its own](../internals/termination.md).\n\n");
  head({"name", "phase", "under `ag::ieee`", "what it does", "fewer"});
  std::size_t count = 0;
  std::string_view last;
  for (const ag::rewriting& r : ag::detail::rewritings) {
    if (r.name == last) continue;  // of two functions
    last = r.name;
    const char* const text = text_of(of_rewritings, string(r.name));
    if (text == nullptr) stop("rewrites.cpp has no sentence for the rewriting " + string(r.name));
    line({string(r.name), phases(r.phases), r.in_ieee ? "yes" : "no", text, lessened_by(r.name)});
    ++count;
  }
  if (count != std::size(of_rewritings)) stop("rewrites.cpp has a sentence for a rewriting that is gone");
  std::printf("\n## Passes\n\nIn their order.\n\n");
  head({"name", "where, and what it does"});
  for (const sentence& s : of_passes) line({s.name, s.text});
}

// ---- the checklist

bool is_rule(const string& name) {
  for (const rule_list& t : tables)
    for (std::size_t k = 0; k < t.size; ++k)
      if (name_of(t.rules[k]) == name) return true;
  return false;
}
bool is_rewriting(const string& name) {
  for (const ag::rewriting& r : ag::detail::rewritings)
    if (r.name == name) return true;
  return false;
}
string becomes(const checklist::example& e) { return code(e.formula) + " → " + code(e.becomes); }

// What is wrong with a row, a line each.
string complaints(const checklist::row& r) {
  const string id = string("row ") + r.id + ": ";
  string wrong;
  for (const char* const name : r.by) {
    if (!is_rule(name) && !is_rewriting(name)) {
      if (text_of(of_passes, name) == nullptr) wrong += id + "there is no rule or pass " + name + "\n";
      continue;
    }
    bool fired = false;
    for (const checklist::example& e : r.there)
      for (const string& f : e.fired) fired = fired || f == name;
    if (!fired) wrong += id + "none of the formulas needs " + name + "\n";
  }
  if (!r.missing.empty() && *r.because == 0) wrong += id + "there is no reason for what is missing\n";
  for (const checklist::example& e : r.there)
    if (!e.reached) wrong += id + e.formula + " becomes " + e.becomes + " instead of " + e.wanted + "\n";
  for (const checklist::example& e : r.missing)
    if (e.reached)
      wrong += id + e.formula + " becomes " + e.becomes + " by now: list it among those that are there\n";
  return wrong;
}

string joined(const std::vector<string>& parts, const char* between) {
  string s;
  for (const string& p : parts) s += (s.empty() ? "" : between) + p;
  return s;
}

void print_checklist(const std::vector<checklist::row>& rows) {
  std::printf(
      "\n## The checklist\n\n"
      "What the optimizer is to know, after the optimizations of Theano and PyTensor: the rows of priority 1 and 2, and one "
      "of 3, by area (E engine, H shapes, A algebra, R reductions, N numerical stability, I indices, B products, F fusion). "
      "The program that prints this page simplifies the formulas, makes the plans, and looks whether what is named was at "
      "work; that the page still holds is a test. The test case named is one more that watches over the row.\n\n");
  head({"row", "rewrite", "by", "seen here", "test"});
  for (const checklist::row& r : rows) {
    if (r.there.empty()) continue;
    std::vector<string> by, seen;
    for (const char* const name : r.by) by.push_back(is_rule(name) ? code(name) : string(name));
    for (const checklist::example& e : r.there) seen.push_back(becomes(e));
    line({string(r.id) + (r.missing.empty() ? "" : ", in part"), cell(r.what), joined(by, ", "), joined(seen, "<br>"),
          string(r.test.file) + ": \"" + r.test.test_case + "\""});
  }
  std::printf(
      "\n### Not there yet\n\nRows, or parts of rows: formulas, what they become now, what they are to become, "
      "and why they don't yet.\n\n");
  head({"row", "priority", "rewrite", "now", "to be", "because"});
  for (const checklist::row& r : rows) {
    if (r.missing.empty()) continue;
    std::vector<string> now, wanted;
    for (const checklist::example& e : r.missing) {
      now.push_back(becomes(e));
      wanted.push_back(code(e.wanted));
    }
    line({r.id, std::to_string(r.priority), cell(r.what), joined(now, "<br>"), joined(wanted, "<br>"),
          cell(r.because)});
  }
  std::printf("\n### Otherwise, on purpose\n\nFormulas that the list would have rewritten, and why they are not.\n\n");
  head({"row", "formula", "why"});
  for (const checklist::declined& d : checklist::declined_rows())
    line({d.id, d.here.formula == d.here.becomes ? code(d.here.formula) : becomes(d.here), cell(d.why)});
  std::printf("\nWithout the operations there are no rows either: %s.\n", checklist::without_operations);
}

}  // namespace

int main(int argc, char**) try {
  const std::vector<checklist::row> rows = checklist::all_rows();
  if (argc > 1) {
    for (const checklist::row& r : rows)
      if (!r.there.empty()) std::printf("%s\t%s\n", r.test.file, r.test.test_case);
    return 0;
  }
  string wrong;
  for (const checklist::row& r : rows) wrong += complaints(r);
  for (const checklist::declined& d : checklist::declined_rows())
    if (!d.here.reached)
      wrong += string("row ") + d.id + ", on purpose: " + d.here.formula + " becomes " + d.here.becomes + " instead of " +
               d.here.wanted + "\n";
  if (!wrong.empty()) throw std::runtime_error(wrong);
  std::printf(
      "# The rewrites\n\n"
      "This page is printed by `docs/reference/generate/rewrites.cpp` from the tables and passes themselves. Every "
      "rule and "
      "every rewriting can be switched off by its name, `ag::without<\"log1p\">`; a rule without a name of its own "
      "goes by its "
      "text. `explain()` says which ones have fired.\n\n## Rules\n\n"
      "x, y, z, v and u stand for anything, c and d for constants; `along` is a reduced tensor brought back beside the "
      "one it "
      "was reduced from. What stands under *where* has to follow from the formula.\n");
  print_rules();
  print_rewritings();
  print_checklist(rows);
  return 0;
} catch (const std::exception& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
