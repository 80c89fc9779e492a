// SPDX-License-Identifier: BSD-3-Clause
// What a function may be told beyond its formulas: ag::rules<table>, ag::without<"pass">, ag::ieee.
#pragma once

#include "agnesi/core/names.hpp"
#include "agnesi/passes/simplify.hpp"

namespace agnesi {

// Keeps only rewrites that hold for every IEEE value.
struct ieee_t {
  using agnesi_function_option = void;
};
inline constexpr ieee_t ieee{};

// Switches off the rules and passes of this name.
template <class Name>
struct without_t {
  using agnesi_function_option = void;
};
template <fixed_string S>
inline constexpr auto without = without_t<decltype(name_of<S>())>{};

// Adds a table of rules of the user's own: a constexpr array with static storage. Operations of the user's own that
// the rules bring into formulas without them are named after it: ag::rules<mine, swish_op>.
template <const auto& Table, class... Op>
struct rules_t {
  using agnesi_function_option = void;
};
template <const auto& Table, class... Op>
inline constexpr rules_t<Table, Op...> rules{};

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

}  // namespace detail

template <class... O>
struct option_list {
  static constexpr std::size_t n = sizeof...(O);
  struct storage {
    std::string_view names[n + 1]{};
    rule_table tables[n + 1]{};
    int n_names = 0, n_tables = 0;
  };
  static constexpr storage stored = [] {
    storage s;
    ((s.n_names = detail::add_without(s.names, s.n_names, O{})), ...);
    ((s.n_tables = detail::add_rules(s.tables, s.n_tables, O{})), ...);
    return s;
  }();
  static constexpr simplify_options simplification() {
    simplify_options o;
    o.ieee = (detail::is_ieee<O> || ...);
    o.without = stored.names;
    o.n_without = stored.n_names;
    o.tables = stored.tables;
    o.n_tables = stored.n_tables;
    return o;
  }
};

}  // namespace agnesi
