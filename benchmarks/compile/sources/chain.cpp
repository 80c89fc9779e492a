// SPDX-License-Identifier: BSD-3-Clause
// Shared at every step: x = x + tanh(x * w_i), STEPS times, four nodes a step, each w_i a scalar of its own.
// PART: 0 the formula, 1 a function of it, 2 (default) a function of the sum and its gradient. PLAIN: nothing is rewritten.
#include <agnesi/agnesi.hpp>

#ifndef STEPS
#define STEPS 25
#endif
#ifndef PART
#define PART 2
#endif

namespace ag = agnesi;

constexpr auto x = ag::matrix<"x">;

template <int I>
constexpr auto w() {
  return ag::symbol<ag::name<'w', '0' + I / 100, '0' + I / 10 % 10, '0' + I % 10>, double>{};
}

// Steps Begin to End, in halves: compilers bound how deep instantiations nest.
template <int Begin, int End, class X>
constexpr auto chain(X x) {
  if constexpr (End - Begin == 1) return x + tanh(x * w<Begin>());
  else return chain<(Begin + End) / 2, End>(chain<Begin, (Begin + End) / 2>(x));
}

constexpr auto formula = chain<0, STEPS>(x);

#ifdef PLAIN
#define OPTIONS , ag::passes<"fuse", "blas">
#else
#define OPTIONS
#endif

#if PART == 0
int nodes() { return decltype(formula)::list::size; }
#else

template <int... I>
auto run(std::integer_sequence<int, I...>, ag::view<const double, 2> X, const double* W) {
#if PART == 1
  static auto f = ag::function(ag::inputs(x, w<I>()...), ag::outputs(formula) OPTIONS);
#else
  constexpr auto cost = sum(formula);
  static auto f = ag::function(ag::inputs(x, w<I>()...), ag::outputs(cost, ag::grad(cost, x)) OPTIONS);
#endif
  return f(X, W[I]...);
}

auto run(ag::view<const double, 2> X, const double* W) { return run(std::make_integer_sequence<int, STEPS>{}, X, W); }
#endif
