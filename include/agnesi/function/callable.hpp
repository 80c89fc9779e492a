// SPDX-License-Identifier: BSD-3-Clause
// What ag::function returns: an object that is called, bound to some of its arguments, or told where to write.
//   f(X, W);   f.with(w = W)(X);   f.into(P)(X, W);
#pragma once

#include "agnesi/function/bind_call.hpp"
#include "agnesi/function/complaints.hpp"
#include "agnesi/function/dense_call.hpp"
#include "agnesi/function/explain.hpp"
#include "agnesi/function/results.hpp"
#include "agnesi/function/small_call.hpp"

namespace agnesi {

namespace detail {

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
    (detail::prepare_into<Model, K>(c, std::get<static_cast<std::size_t>(K)>(targets),
                                    std::get<static_cast<std::size_t>(K)>(instead)), ...);
    c.run(f.work(), f.threads());
    (detail::put_back(std::get<static_cast<std::size_t>(K)>(targets), std::get<static_cast<std::size_t>(K)>(instead)), ...);
  }
};

}  // namespace agnesi
