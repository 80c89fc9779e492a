// SPDX-License-Identifier: BSD-3-Clause
// ag::function: formulas compiled into a callable object.
//   auto f = ag::function(ag::inputs(x, w), ag::outputs(dot(x, w)), ag::updates(w = w - 0.1_c * gw));
//   auto p = f(X, W);   f(x = X, w = W);   auto step = f.with(w = W);   f.into(P)(X, W);
#pragma once

#include <tuple>

#include "agnesi/function/call.hpp"
#include "agnesi/function/complaints.hpp"
#include "agnesi/function/dense_call.hpp"
#include "agnesi/function/explain.hpp"
#include "agnesi/function/small_call.hpp"

namespace agnesi {

namespace detail {

template <class V>
inline constexpr bool is_binding = false;
template <class S, class V>
inline constexpr bool is_binding<binding<S, V>> = true;

// A bound symbol's argument, found by its name.
template <class S, class... Bound>
constexpr int binding_of() {
  const std::string_view names[] = {name_of_symbol(typename Bound::symbol{})..., ""};
  int found = -1;
  for (int k = 0; k < static_cast<int>(sizeof...(Bound)); ++k)
    if (names[k] == name_of_symbol(S{})) found = found < 0 ? k : -2;
  return found;
}

template <class Updated, class S>
constexpr bool is_updated_symbol() {
  return []<class... U>(op_list<U...>) { return position_of_name<S, U...>() >= 0; }(Updated{});
}

template <class Model, class S, class Call, class... Given>
[[gnu::always_inline]] constexpr bool take_binding(Call& c, int slot, std::tuple<Given&...> given) {
  constexpr int at = binding_of<S, Given...>();
  static_assert(at != -1, "agnesi: a call by name misses one of the function's inputs");
  static_assert(at != -2, "agnesi: a call by name gives one input twice");
  if constexpr (at >= 0) {
    auto& b = std::get<static_cast<std::size_t>(at)>(given);
    using value = decltype(b.value);
    bind<S, is_updated_symbol<typename definition_of<Model>::updated, S>()>(c.arguments[slot], static_cast<value&&>(b.value));
  }
  return true;
}

template <class Model, class Call, class... S, class... Given>
[[gnu::always_inline]] inline void bind_named(Call& c, input_list<S...>, Given&... given) {
  static_assert(((position_of_name<typename Given::symbol, S...>() >= 0) && ...),
                "agnesi: a call by name gives a symbol that is not among the function's inputs");
  int slot = 0;
  (take_binding<Model, S>(c, slot++, std::tuple<Given&...>(given...)), ...);
}

template <class Model, class Call, class... S, class... Args>
[[gnu::always_inline]] inline void bind_positional(Call& c, input_list<S...>, Args&&... args) {
  static_assert(sizeof...(S) == sizeof...(Args),
                "agnesi: the call has more or fewer arguments than the function has inputs");
  if constexpr (sizeof...(S) == sizeof...(Args)) {
    int slot = 0;
    (bind<S, is_updated_symbol<typename definition_of<Model>::updated, S>()>(c.arguments[slot++], static_cast<Args&&>(args)), ...);
  }
}

// Into the arguments of a call of either kind.
template <class Model, class Call, class... Args>
[[gnu::always_inline]] inline void bind_all(Call& c, Args&&... args) {
  if constexpr (sizeof...(Args) > 0 && (is_binding<std::remove_cvref_t<Args>> && ...)) {
    bind_named<Model>(c, typename definition_of<Model>::inputs{}, args...);
  } else {
    static_assert((!is_binding<std::remove_cvref_t<Args>> && ...),
                  "agnesi: a call is by position or by name, not both at once");
    bind_positional<Model>(c, typename definition_of<Model>::inputs{}, static_cast<Args&&>(args)...);
  }
}

// Output K as the caller gets it: an array, or a number for rank 0.
template <class Model, int K>
struct output_value {
  static constexpr storage described = call<Model>::table.storages[call<Model>::template output_storage<K>()];
  using element = element_of<described.type>;
  static constexpr int rank = described.rank;

  array<element, rank> value;

  template <class Call>
  void prepare(Call& c) {
    value = array<element, rank>::uninitialized(c.template output_extents<K>());
    cpu::place p;
    locate(p, value);
    c.template set_output<K>(p);
  }
  auto take() {
    if constexpr (rank == 0) return *value.data();
    else return std::move(value);
  }
};
template <class Model, int K>
  requires(output_value<Model, K>::rank == 0)
struct scalar_output {
  typename output_value<Model, K>::element value{};
  template <class Call>
  void prepare(Call& c) {
    cpu::place p;
    p.data = &value;
    c.template set_output<K>(p);
  }
  auto take() { return value; }
};
template <class Model, int K>
constexpr auto output_slot() {
  if constexpr (output_value<Model, K>::rank == 0) return scalar_output<Model, K>{};
  else return output_value<Model, K>{};
}

template <class Target>
inline constexpr bool is_resized = requires(Target& t) { t.resize(t.shape()); };
// Takes the place of an array of the caller's that has to grow while the call still reads it.
template <class Target>
struct replacement {
  union {
    Target grown;
  };
  bool used = false;

  replacement() {}
  replacement(const replacement&) = delete;
  replacement& operator=(const replacement&) = delete;
  ~replacement() {
    if (used) grown.~Target();
  }
};
template <class Target>
  requires(!is_resized<Target>)
struct replacement<Target> {};

template <class Target, class Extents>
[[gnu::noinline]] Target* resized(Target& target, Extents extents, bool read, replacement<Target>& instead) {
  Target* to = &target;
  if (read) to = new (&instead.grown) Target(), instead.used = true;
  to->resize(extents);
  return to;
}

[[noreturn, gnu::cold, gnu::noinline]] inline void throw_view_extent(std::ptrdiff_t given, int axis, std::ptrdiff_t needed) {
  throw shape_error("agnesi: into is given a view whose extent " + std::to_string(given) + " of axis " + std::to_string(axis) +
                    " is not the output's, " + std::to_string(needed));
}

// Output K in an array of the caller's, resized, or in a view, whose shape must be right.
template <class Model, int K, class Target>
[[gnu::always_inline]] inline void prepare_into(call<Model>& c, Target& target, replacement<Target>& instead) {
  using out = output_value<Model, K>;
  cpu::place p;
  if constexpr (std::is_arithmetic_v<Target>) {
    static_assert(out::rank == 0 && std::is_same_v<Target, typename out::element>,
                  "agnesi: into is given a number that is not of the output's type");
    p.data = &target;
  } else {
    static_assert(array_traits<Target>::rank == out::rank, "agnesi: into is given an array of another rank than the output");
    static_assert(std::is_same_v<typename array_traits<Target>::element, typename out::element>,
                  "agnesi: into is given an array of another element type than the output");
    const auto extents = c.template output_extents<K>();
    if constexpr (is_resized<Target>) {
      bool fits = true;  // not by operator==, which becomes a call of memcmp
      for (std::size_t k = 0; k < extents.size(); ++k) fits = fits && target.extent(static_cast<int>(k)) == extents[k];
      Target* to = &target;
      if (!fits) [[unlikely]] to = resized(target, extents, c.reads(target.data(), target.data() + target.size()), instead);
      locate(p, *to);
    } else {
      cpu::place there;
      locate(there, target);
      for (std::size_t k = 0; k < extents.size(); ++k)
        if (there.extents[k] != extents[k]) [[unlikely]] throw_view_extent(there.extents[k], static_cast<int>(k), extents[k]);
      p = there;
    }
  }
  c.template set_output<K>(p);
}
template <class Target>
void put_back(Target& target, replacement<Target>& instead) {
  if constexpr (is_resized<Target>)
    if (instead.used) target = std::move(instead.grown);
}

// How a call that is not inlined takes an argument or a target. Views and numbers by value: what the caller's own do is then
// known to the compiler to be the caller's business alone, and the extents that the caller wrote down need no look at a call.
template <class A, class Value = std::remove_cvref_t<A>>
inline constexpr bool is_held_by_value =
    std::is_arithmetic_v<Value> && (!std::is_lvalue_reference_v<A> || std::is_const_v<std::remove_reference_t<A>>);
template <class A, class T, int R>
inline constexpr bool is_held_by_value<A, view<T, R>> = true;
template <class A>
using held = std::conditional_t<is_held_by_value<A>, std::remove_cvref_t<A>, A&&>;

template <class Model>
constexpr auto usual_call_for() {
  if constexpr (has_small_call<Model>()) return std::type_identity<small_call<Model>>{};
  else if constexpr (has_dense_call<Model>()) return std::type_identity<dense_call<Model>>{};
  else return std::type_identity<void>{};
}
template <class Model>
using usual_call_of = typename decltype(usual_call_for<Model>())::type;

}  // namespace detail

template <class Model, class... Bound>
class bound_function;
template <class Model, class... Target>
class function_into;

// Made by ag::function. Copies share nothing; one object is used by one thread at a time. A call throws
// shape_error or index_error before anything is written.
template <class Model>
class compiled_function {
 public:
  using model_type = Model;

  template <class... Args>
  [[gnu::always_inline]] auto operator()(Args&&... args) {
    if constexpr (!std::is_void_v<detail::usual_call_of<Model>>) {
      detail::usual_call_of<Model> c;
      detail::bind_all<Model>(c, static_cast<Args&&>(args)...);
      if (c.inputs_fit() && c.template lies_apart<true>()) [[likely]] return returned(c, all_outputs{});
    }
    return apart<detail::held<Args>...>(static_cast<Args&&>(args)...);
  }

  // The same function with some symbols bound by reference, as state.
  template <class... B>
  auto with(B&&... b) const {
    static_assert((detail::is_binding<std::remove_cvref_t<B>> && ...), "agnesi: with takes symbol = value, ...");
    static_assert((std::is_lvalue_reference_v<decltype(b.value)> && ...),
                  "agnesi: with binds by reference, so it takes variables, not temporaries");
    return bound_function<Model, std::remove_cvref_t<B>...>(*this, b...);
  }

  // The same function writing its outputs into the caller's arrays.
  template <class... T>
  [[gnu::always_inline]] auto into(T&... targets) {
    static_assert(sizeof...(T) == detail::definition_of<Model>::n_outputs, "agnesi: into takes one array for each output");
    return function_into<Model, T...>(*this, targets...);
  }

  // What the function does, step by step.
  std::string explain() const { return explain_model(Model{}); }

  [[gnu::always_inline]] detail::workspace& work() { return work_; }

  // At most so many threads, 0: as many as OpenMP would take.
  constexpr int threads() const { return threads_; }
  constexpr void set_threads(int n) { threads_ = n; }

 private:
  detail::workspace work_;
  int threads_ = 0;

  using all_outputs = std::make_integer_sequence<int, detail::definition_of<Model>::n_outputs>;
  template <class... Held>
  [[gnu::noinline]] auto apart(Held... args) {
    detail::call<Model> c;
    detail::bind_all<Model>(c, static_cast<Held&&>(args)...);
    c.check();
    return returned(c, all_outputs{});
  }
  template <class Call, int... K>
  [[gnu::always_inline]] auto returned(Call& c, std::integer_sequence<int, K...>) {
    if constexpr (sizeof...(K) == 0) {
      c.run(work_, threads_);
    } else {
      auto outs = std::make_tuple(detail::output_slot<Model, K>()...);
      (std::get<static_cast<std::size_t>(K)>(outs).prepare(c), ...);
      c.run(work_, threads_);
      if constexpr (sizeof...(K) == 1) return std::get<0>(outs).take();
      else return std::make_tuple(std::get<static_cast<std::size_t>(K)>(outs).take()...);
    }
  }
};

template <class Model, class... Bound>
class bound_function {
 public:
  bound_function(const compiled_function<Model>& f, const Bound&... bound) : f_(f), bound_(bound...) {}

  template <class... Args>
  auto operator()(Args&&... args) {
    return call_with_state([this](auto&&... all_args) { return f_(all_args...); }, static_cast<Args&&>(args)...);
  }
  // The outputs go into the caller's arrays.
  template <class... T>
  auto into(T&... targets) {
    return [this, &targets...](auto&&... args) {
      call_with_state([&](auto&&... all_args) { f_.into(targets...)(all_args...); }, static_cast<decltype(args)>(args)...);
    };
  }
  std::string explain() const { return f_.explain(); }

 private:
  compiled_function<Model> f_;
  std::tuple<Bound...> bound_;

  // Everything is given by name; positional arguments are those of the inputs that are not bound, in order.
  template <class Call, class... Args>
  auto call_with_state(Call call, Args&&... args) {
    if constexpr (sizeof...(Args) > 0 && (detail::is_binding<std::remove_cvref_t<Args>> && ...))
      return std::apply([&](auto&... state) { return call(args..., state...); }, bound_);
    else
      return by_name(call, free_of(typename detail::definition_of<Model>::inputs{}, input_list<>{}), static_cast<Args&&>(args)...);
  }
  template <class... Free>
  static constexpr auto free_of(input_list<>, input_list<Free...> free) {
    return free;
  }
  template <class S, class... Rest, class... Free>
  static constexpr auto free_of(input_list<S, Rest...>, input_list<Free...> free) {
    if constexpr (detail::binding_of<S, Bound...>() >= 0) return free_of(input_list<Rest...>{}, free);
    else return free_of(input_list<Rest...>{}, input_list<Free..., S>{});
  }
  template <class Call, class... S, class... Args>
  auto by_name(Call call, input_list<S...>, Args&&... args) {
    static_assert(sizeof...(S) == sizeof...(Args),
                  "agnesi: the call has more or fewer arguments than the function has inputs left to bind");
    if constexpr (sizeof...(S) == sizeof...(Args))
      return std::apply(
          [&](auto&... state) { return call(binding<S, Args&&>{static_cast<Args&&>(args)}..., state...); }, bound_);
  }
};

template <class Model, class... Target>
class function_into {
 public:
  [[gnu::always_inline]] function_into(compiled_function<Model>& f, Target&... t) : f_(f), targets_(t...) {}

  template <class... Args>
  [[gnu::always_inline]] void operator()(Args&&... args) {
    if constexpr (!std::is_void_v<detail::usual_call_of<Model>>) {
      detail::usual_call_of<Model> c;
      detail::bind_all<Model>(c, static_cast<Args&&>(args)...);
      if (c.inputs_fit() && outputs_fit(c, all_targets{}) && c.template lies_apart<false>()) [[likely]]
        return c.run(f_.work(), f_.threads());
    }
    run_apart(all_targets{}, static_cast<Args&&>(args)...);
  }

 private:
  using all_targets = std::make_integer_sequence<int, static_cast<int>(sizeof...(Target))>;
  compiled_function<Model>& f_;
  std::tuple<Target&...> targets_;

  template <class Call, int... K>
  [[gnu::always_inline]] bool outputs_fit(Call& c, std::integer_sequence<int, K...>) const {
    return (c.template output_fits<K>(std::get<static_cast<std::size_t>(K)>(targets_)) && ...);
  }
  template <int... K, class... Args>
  [[gnu::always_inline]] void run_apart(std::integer_sequence<int, K...>, Args&&... args) const {
    apart<detail::held<Args>...>(f_, std::tuple<detail::held<Target&>...>(std::get<static_cast<std::size_t>(K)>(targets_)...),
                                 static_cast<Args&&>(args)...);
  }
  template <class... Held>
  [[gnu::noinline]] static void apart(compiled_function<Model>& f, std::tuple<detail::held<Target&>...> targets, Held... args) {
    detail::call<Model> c;
    detail::bind_all<Model>(c, static_cast<Held&&>(args)...);
    c.check();
    run_general(f, c, targets, all_targets{});
  }
  template <class Targets, int... K>
  [[gnu::always_inline]] static void run_general(compiled_function<Model>& f, detail::call<Model>& c, Targets& targets,
                                                 std::integer_sequence<int, K...>) {
    std::tuple<detail::replacement<Target>...> instead;
    (detail::prepare_into<Model, K>(c, std::get<static_cast<std::size_t>(K)>(targets), std::get<static_cast<std::size_t>(K)>(instead)), ...);
    c.run(f.work(), f.threads());
    (detail::put_back(std::get<static_cast<std::size_t>(K)>(targets), std::get<static_cast<std::size_t>(K)>(instead)), ...);
  }
};

namespace detail {

template <class Inputs, class Outputs, class Updates, class Givens, class... O>
struct model_of;
template <class... S, class... F, class... U, class... G, class... O>
struct model_of<input_list<S...>, output_list<F...>, update_list<U...>, given_list<G...>, O...> {
  using written = decltype(bundled(F{}..., typename update_parts<U>::formula{}...));
  using ops = decltype(join_all_ops(typename written::ops{}, typename update_parts<G>::formula::ops{}..., ops_of_option(O{})...));
  using results = bare_formula<ops, typename written::list>;
  using whole = model<input_list<S...>, results, static_cast<int>(sizeof...(F)), op_list<typename update_parts<U>::symbol...>,
                      given_list<G...>, option_list<O...>>;
  using name = decltype(named<whole>(ops{}, option_list<O...>{}));
};

constexpr int threads_of(int n) { return n; }
template <class First, class... O>
constexpr int threads_of(int n, First o, O... more) {
  if constexpr (std::is_same_v<First, threads>) return threads_of(o.n, more...);
  else return threads_of(n, more...);
}

template <class In, class Out, class Up, class Given, class... O>
constexpr auto make_function(O... options) {
  static_assert(!option_list<O...>::switches_off("differentiate"),
                "agnesi: a function takes the gradients that its formulas ask for; ag::without<\"differentiate\"> is for "
                "ag::simplify");
  if constexpr (!valid_model<In, Out, Up, Given>()) {
    return invalid{};
  } else {
    using made = typename model_of<In, Out, Up, Given, O...>::name;
    if constexpr (compiled<made>::failure != mistake::none) {
      report<compiled<made>::failure, made>();
      return invalid{};
    } else {
      compiled_function<made> f;
      if constexpr (sizeof...(O) > 0) f.set_threads(threads_of(0, options...));
      return f;
    }
  }
}

}  // namespace detail

// Compiles formulas. The outputs, the updates, the givens and the options may be left out, in this order.
template <class... S, class... F, FunctionOption... O>
constexpr auto function(input_list<S...>, output_list<F...>, O... options) {
  return detail::make_function<input_list<S...>, output_list<F...>, update_list<>, given_list<>>(options...);
}
template <class... S, class... F, class... U, FunctionOption... O>
constexpr auto function(input_list<S...>, output_list<F...>, update_list<U...>, O... options) {
  return detail::make_function<input_list<S...>, output_list<F...>, update_list<U...>, given_list<>>(options...);
}
template <class... S, class... F, class... U, class... G, FunctionOption... O>
constexpr auto function(input_list<S...>, output_list<F...>, update_list<U...>, given_list<G...>, O... options) {
  return detail::make_function<input_list<S...>, output_list<F...>, update_list<U...>, given_list<G...>>(options...);
}
template <class... S, class... F, class... G, FunctionOption... O>
constexpr auto function(input_list<S...>, output_list<F...>, given_list<G...>, O... options) {
  return detail::make_function<input_list<S...>, output_list<F...>, update_list<>, given_list<G...>>(options...);
}
template <class... S, class... U, FunctionOption... O>
constexpr auto function(input_list<S...>, update_list<U...>, O... options) {
  return detail::make_function<input_list<S...>, output_list<>, update_list<U...>, given_list<>>(options...);
}
template <class... S, class... U, class... G, FunctionOption... O>
constexpr auto function(input_list<S...>, update_list<U...>, given_list<G...>, O... options) {
  return detail::make_function<input_list<S...>, output_list<>, update_list<U...>, given_list<G...>>(options...);
}

// A formula evaluated once, with its symbols bound by name.
template <Operand F, class... B>
auto eval(F f, B&&... b) {
  static_assert((detail::is_binding<std::remove_cvref_t<B>> && ...), "agnesi: eval takes a formula, then symbol = value, ...");
  auto compiled = function(inputs(typename std::remove_cvref_t<B>::symbol{}...), outputs(f));
  if constexpr (!Invalid<decltype(compiled)>) return compiled(static_cast<B&&>(b)...);
  else return compiled;
}

}  // namespace agnesi
