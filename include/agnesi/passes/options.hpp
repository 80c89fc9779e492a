// SPDX-License-Identifier: BSD-3-Clause
// What ag::function and ag::simplify may be told beyond formulas: which rewriting is wanted.
//   ag::ieee   ag::without<"fuse">   ag::passes<"canonicalize", "log1p">   ag::rules<my_table>   ag::threads(2)
#pragma once

#include "agnesi/core/names.hpp"
#include "agnesi/passes/simplify.hpp"

namespace agnesi {

// Keeps only rewrites that hold for every IEEE value.
struct ieee_t {
  using agnesi_function_option = void;
};
inline constexpr ieee_t ieee{};

// Switches off the pass, the rewriting or the rules of this name.
template <class Name>
struct without_t {
  using agnesi_function_option = void;
};
template <fixed_string S>
inline constexpr auto without = without_t<decltype(name_of<S>())>{};

// Runs only what is named: passes, and single rewritings and rules of others. ag::passes<> leaves formulas as they are.
// To ag::simplify the taking of gradients is a pass like others, "differentiate"; a function always takes them.
template <class... Name>
struct passes_t {
  using agnesi_function_option = void;
};
template <fixed_string... S>
inline constexpr auto passes = passes_t<decltype(name_of<S>())...>{};

// Adds a table of rules of the user's own: a constexpr array with static storage. Operations of the user's own that
// the rules bring into formulas without them are named after it: ag::rules<mine, swish_op>.
template <const auto& Table, class... Op>
struct rules_t {
  using agnesi_function_option = void;
};
template <const auto& Table, class... Op>
inline constexpr rules_t<Table, Op...> rules{};

// A function's calls take at most so many threads, 0: as many as OpenMP would; the BLAS library too, if it is OpenBLAS.
struct threads {
  using agnesi_function_option = void;
  int n = 0;
  constexpr explicit threads(int most = 0) : n(most) {}
};

template <class T>
concept FunctionOption = requires { typename T::agnesi_function_option; };

namespace detail {

template <class T>
inline constexpr bool is_ieee = std::is_same_v<T, ieee_t>;

constexpr int add_without(std::string_view*, int n, ...) { return n; }
template <class Name>
constexpr int add_without(std::string_view* names, int n, without_t<Name>) {
  names[n] = Name::view();
  return n + 1;
}
constexpr int add_only(std::string_view*, int n, ...) { return n; }
template <class... Name>
constexpr int add_only(std::string_view* names, int n, passes_t<Name...>) {
  ((names[n++] = Name::view()), ...);
  return n;
}
template <class O>
inline constexpr int names_in = -1;
template <class... Name>
inline constexpr int names_in<passes_t<Name...>> = static_cast<int>(sizeof...(Name));

constexpr int add_rules(rule_table*, int n, ...) { return n; }
template <const auto& Table, class... Op>
constexpr int add_rules(rule_table* tables, int n, rules_t<Table, Op...>) {
  tables[n] = rule_table{Table, static_cast<int>(std::size(Table))};
  return n + 1;
}

template <class O>
constexpr auto ops_of_option(O) {
  return op_list<>{};
}
template <const auto& Table, class... Op>
constexpr auto ops_of_option(rules_t<Table, Op...>) {
  return op_list<Op...>{};
}

// ---- names

inline constexpr std::string_view further_passes[] = {"differentiate", "one_sweep", "blas", "fuse"};

template <int N>
constexpr bool names_rule(const rule (&rules)[N], std::string_view name) {
  for (const rule& r : rules)
    if (goes_by(r, name)) return true;
  return false;
}
constexpr bool names_pass(std::string_view name) {
  for (const pass& p : rewriting_passes)
    if (p.name == name) return true;
  for (std::string_view p : further_passes)
    if (p == name) return true;
  return false;
}
// Whether a pass, a rewriting or a rule goes by this name.
constexpr bool is_known(std::string_view name, const rule_table* tables, int n) {
  if (names_pass(name)) return true;
  for (const rewriting& r : rewritings)
    if (r.name == name) return true;
  for (int t = 0; t < n; ++t)
    for (int k = 0; k < tables[t].size; ++k)
      if (goes_by(tables[t].rules[k], name)) return true;
  return names_rule(tables::stable, name) || names_rule(tables::canonical, name) || names_rule(tables::special, name) ||
         names_rule(tables::exact, name);
}
constexpr bool are_known(const std::string_view* names, int n_names, const rule_table* tables, int n) {
  for (int k = 0; k < n_names; ++k)
    if (!is_known(names[k], tables, n)) return false;
  return true;
}

}  // namespace detail

// The options of one function or formula. Their names are checked: a misspelled one would switch off nothing.
template <class... O>
struct option_list {
  static constexpr int n = static_cast<int>(sizeof...(O));
  static constexpr int n_picked = ((detail::names_in<O> > 0 ? detail::names_in<O> : 0) + ... + 0);
  static constexpr bool picks = ((detail::names_in<O> >= 0) || ...);
  struct storage {
    std::string_view names[n + 1]{}, only[n_picked + 1]{};
    rule_table tables[n + 1]{};
    int n_names = 0, n_only = 0, n_tables = 0;
  };
  static constexpr storage stored = [] {
    storage s;
    ((s.n_names = detail::add_without(s.names, s.n_names, O{})), ...);
    ((s.n_only = detail::add_only(s.only, s.n_only, O{})), ...);
    ((s.n_tables = detail::add_rules(s.tables, s.n_tables, O{})), ...);
    return s;
  }();
  static constexpr bool all_known = detail::are_known(stored.names, stored.n_names, stored.tables, stored.n_tables) &&
                                    detail::are_known(stored.only, stored.n_only, stored.tables, stored.n_tables);
  static_assert(
      all_known,
      "agnesi: ag::without or ag::passes names what does not exist. The passes are canonicalize, stabilize, fold, specialize, "
      "differentiate, one_sweep, blas and fuse; rewritings are fold_constants, lift_broadcasts, odd_even, movements, reductions, "
      "squeeze_first, merge_indices, index_first, read_of_write, smaller_increments, scaled_increments, dot, dot_chains, "
      "choices, casts, log_powers, absolute, signs, extents, extrema, powers, canonical_products and canonical_sums; rules are "
      "log1p, expm1, softplus, log1mexp, logaddexp, sigmoid, logit, tanh, sqrt_exp, erfc, erfcx, log_erfc, cross_entropy, "
      "logsumexp, softmax and log_product; a rule without "
      "a name goes by its text, as in ag::without<\"log(exp(x)) >> x\">");

  static constexpr simplify_options simplification() {
    simplify_options o;
    o.ieee = (detail::is_ieee<O> || ...);
    o.without = stored.names;
    o.n_without = stored.n_names;
    o.only = stored.only;
    o.n_only = picks ? stored.n_only : -1;
    o.tables = stored.tables;
    o.n_tables = stored.n_tables;
    return o;
  }
  static constexpr bool switches_off(std::string_view pass) { return simplification().off(pass); }
  static constexpr bool runs(std::string_view pass) { return simplification().runs(pass); }
};

}  // namespace agnesi
