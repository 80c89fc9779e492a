// SPDX-License-Identifier: BSD-3-Clause
// The derivatives of every elementwise operation of the core, first and second, against differences of the mathematical
// function in long double, also where arguments are stretched and their gradients are therefore sums.
#include "support/operations.hpp"

#include <doctest/doctest.h>

#include <array>
#include <sstream>
#include <string>

namespace {

namespace ag = agnesi;
using namespace ag::testing;

using point = std::array<real, 3>;
constexpr real step = 1e-4L;

point moved(point a, int k, real by) {
  a[static_cast<std::size_t>(k)] += by;
  return a;
}
// By central differences of fourth order.
template <class F>
real slope_of(F f, int k, const point& a) {
  const real h = step;
  return (8 * (f(moved(a, k, h)) - f(moved(a, k, -h))) - (f(moved(a, k, 2 * h)) - f(moved(a, k, -2 * h)))) / (12 * h);
}

// One operation at its arguments, as the reference sees it.
struct situation {
  std::string_view name;
  ag::dtype type = ag::dtype::f64;
  std::vector<const seen_numbers*> args;
  std::vector<int> smooth_args;  // not the conditions

  real value(const point& a) const { return as_element(function_named(name)->value(a.data()), type); }
  real slope(int k, const point& a) const {
    return slope_of([&](const point& b) { return value(b); }, k, a);
  }
  real slope_of_slope(int k, int l, const point& a) const {
    return slope_of([&](const point& b) { return slope(k, b); }, l, a);
  }
  point at(std::ptrdiff_t i, std::ptrdiff_t j) const {
    point a{};
    for (std::size_t k = 0; k < args.size(); ++k) a[k] = args[k]->at(i, j);
    return a;
  }
  // Whether no corner, step or pole is as close as the differences reach.
  bool is_smooth(const point& a) const {
    bool smooth = true;
    for (int k : smooth_args) {
      const real h = 5 * step, here = value(a);
      const real forward = value(moved(a, k, h)) - here, backward = here - value(moved(a, k, -h));
      smooth = smooth && std::fabs(forward - backward) < real(0.01) * (h + std::fabs(forward + backward));
    }
    return smooth;
  }
};

bool are_smooth(const std::vector<situation>& all, std::ptrdiff_t m, std::ptrdiff_t n) {
  for (const situation& o : all)
    for (std::ptrdiff_t i = 0; i < m; ++i)
      for (std::ptrdiff_t j = 0; j < n; ++j)
        if (!o.is_smooth(o.at(i, j))) return false;
  return true;
}

// Empty, if each number is the sum over the places that it is stretched to of term(i, j).
template <class Term>
std::string wrong_sum(const seen_numbers& got, std::ptrdiff_t m, std::ptrdiff_t n, real tolerance, const Term& term) {
  for (std::ptrdiff_t r = 0; r < got.rows; ++r)
    for (std::ptrdiff_t c = 0; c < got.columns; ++c) {
      real sum = 0, size = 1;
      for (std::ptrdiff_t i = got.rows == 1 ? 0 : r; i < (got.rows == 1 ? m : r + 1); ++i)
        for (std::ptrdiff_t j = got.columns == 1 ? 0 : c; j < (got.columns == 1 ? n : c + 1); ++j) {
          sum += term(i, j);
          size += std::fabs(term(i, j));
        }
      if (std::fabs(got.at(r, c) - sum) <= tolerance * size) continue;
      std::ostringstream s;
      s.precision(15);
      s << got.at(r, c) << " instead of " << sum << " at " << r << ", " << c;
      return s.str();
    }
  return {};
}

// got: the slopes of the cost of all values by each smooth argument, and then those of the cost of these slopes.
std::string wrong_derivatives(const std::vector<situation>& all, const std::vector<seen_numbers>& got,
                              const seen_numbers& weight, const std::vector<const seen_numbers*>& direction) {
  const std::ptrdiff_t m = weight.rows, n = weight.columns;
  std::string wrong;
  std::size_t at = 0;
  for (const situation& o : all)
    for (int k : o.smooth_args) {
      const auto first = [&](auto i, auto j) { return weight.at(i, j) * o.slope(k, o.at(i, j)); };
      const auto second = [&](auto i, auto j) {
        real s = 0;
        for (int l : o.smooth_args)
          s += direction[static_cast<std::size_t>(l)]->at(i, j) * o.slope_of_slope(l, k, o.at(i, j));
        return weight.at(i, j) * s;
      };
      const auto note = [&](const char* what, const std::string& found) {
        if (!found.empty()) wrong += std::string(o.name) + what + std::to_string(k) + " is " + found + "\n";
      };
      const real tolerance = o.type == ag::dtype::f32 ? 1e-6L : 1e-9L;
      note(": the slope by argument ", wrong_sum(got[at], m, n, tolerance, first));
      note(": the slope of the slopes by argument ", wrong_sum(got[got.size() / 2 + at], m, n, tolerance, second));
      ++at;
    }
  return wrong;
}

// Operations, each on inputs of its own, and two costs: of all their values, and of the slopes of the first cost.
template <class Form, class Ops>
struct derivatives;
template <int... Axes, class... Op>
struct derivatives<form<Axes...>, ag::op_list<Op...>> {
  using all = formulas<double, form<Axes...>, ag::op_list<Op...>, true>;
  template <std::size_t S>
  using input = stored_numbers<typename all::template element<S>, all::template axes<S>>;

  static constexpr bool is_smooth(std::size_t input) { return all::plan.slots[input].type == ag::dtype::f64; }
  static constexpr std::size_t n_smooth = [] {
    std::size_t n = 0;
    for (std::size_t k = 0; k < all::inputs.size(); ++k) n += is_smooth(k);
    return n;
  }();
  static constexpr auto smooth_inputs = [] {
    std::array<std::size_t, n_smooth> which{};
    for (std::size_t k = 0, n = 0; k < all::inputs.size(); ++k)
      if (is_smooth(k)) which[n++] = k;
    return which;
  }();

  // What the costs multiply values and slopes by: numbers for each place, and for each place of an argument.
  static constexpr auto weight = symbol_with<3, double, ag::name<'w'>>();
  template <int K>
  static constexpr auto direction =
      symbol_with<form<Axes...>::axes[K], double, ag::name<'v', static_cast<char>('0' + K)>>();

  template <std::size_t S>
  static constexpr auto wrt() {
    return all::template symbol<smooth_inputs[S]>();
  }
  template <std::size_t S>
  static constexpr int position = all::plan.slots[smooth_inputs[S]].position;

  template <std::size_t... N, std::size_t... S>
  static constexpr auto function(std::index_sequence<N...>, std::index_sequence<S...>) {
    constexpr auto cost = (sum(weight * all::template formula<N>()) + ...);
    constexpr std::tuple slopes{ag::grad(cost, wrt<S>())...};
    constexpr auto cost_of_slopes = (sum(direction<position<S>> * std::get<S>(slopes)) + ...);
    return with_inputs(all::inputs, ag::outputs(std::get<S>(slopes)..., ag::grad(cost_of_slopes, wrt<S>())...));
  }
  template <std::size_t... I, class Outputs>
  static constexpr auto with_inputs(std::index_sequence<I...>, Outputs results) {
    return ag::function(
        ag::inputs(weight, direction<0>, direction<1>, direction<2>, all::template symbol<I>()...), results);
  }

  template <std::size_t... N>
  static std::vector<situation> situations(const std::vector<const seen_numbers*>& inputs, std::index_sequence<N...>) {
    std::vector<situation> r{{name_of_op<Op>, ag::dtype_of<typename all::template result<N>>, {}, {}}...};
    for (std::size_t o = 0; o < r.size(); ++o)
      for (int k = 0; k < all::arity[o]; ++k) {
        const auto place = static_cast<std::size_t>(all::plan.place[o][k]);
        r[o].args.push_back(inputs[place]);
        if (is_smooth(place)) r[o].smooth_args.push_back(k);
      }
    return r;
  }

  template <std::size_t... I>
  static std::string wrong(std::ptrdiff_t m, std::ptrdiff_t n, std::index_sequence<I...>) {
    const stored_numbers<double, 3> w({1, 2}, m, n);
    const std::tuple v{stored_numbers<double, Axes>({-2, 2}, m, n)...};
    const auto draw = [&] { return std::tuple{input<I>(all::plan.slots[I].sample, m, n)...}; };
    auto x = draw();
    const auto drawn = [&] { return situations({&std::get<I>(x).seen...}, all::numbers); };
    for (int tries = 0; !are_smooth(drawn(), m, n); ++tries) {
      if (tries == 100) return "a sample has hardly a place where an operation is smooth\n";
      x = draw();
    }

    auto f = function(all::numbers, std::make_index_sequence<n_smooth>{});
    const auto results = std::apply(
        [&](const auto&... d) { return f(w.argument(), d.argument()..., std::get<I>(x).argument()...); }, v);
    const auto got = std::apply([](const auto&... r) { return std::vector<seen_numbers>{numbers_of(r)...}; }, results);
    const auto along = std::apply([](const auto&... d) { return std::vector<const seen_numbers*>{&d.seen...}; }, v);
    return wrong_derivatives(drawn(), got, w.seen, along);
  }
};

template <class Form, class Ops>
std::string wrong_slopes() {
  using d = derivatives<Form, Ops>;
  randomness() = {};
  return d::wrong(3, 4, d::all::inputs);
}

// Five at a time: a function's compilation grows faster than it.
template <class Form, std::size_t First, class... Op, std::size_t... K>
std::string wrong_part(ag::op_list<Op...>, std::index_sequence<K...>) {
  return wrong_slopes<Form, ag::op_list<std::tuple_element_t<First + K, std::tuple<Op...>>...>>();
}
template <class Form, std::size_t First = 0, class Ops>
std::string wrong_slopes_of(Ops ops) {
  constexpr std::size_t size = 5, rest = Ops::size - First;
  if constexpr (rest <= size) return wrong_part<Form, First>(ops, std::make_index_sequence<rest>{});
  else return wrong_part<Form, First>(ops, std::make_index_sequence<size>{}) + wrong_slopes_of<Form, First + size>(ops);
}

// stop_gradient has none by its meaning; a cost that depends on an input through it alone is refused.
template <class Op>
struct has_slope {
  static constexpr bool declared = ag::info<block_of<Op>>.flat || ag::derivative_of<block_of<Op>>() != nullptr;
  static constexpr bool value =
      declared && !std::is_void_v<argument_of<Op, double>> && !std::is_same_v<Op, ag::op::stop_gradient>;
};
template <class Op>
struct stretches {
  static constexpr bool value = has_slope<Op>::value && arity_of<Op> > 1;
};

}  // namespace

TEST_CASE("gradients of operations, and the gradients of these, are the slopes") {
  CHECK(wrong_slopes_of<form<3, 3, 3>>(elementwise_ops_that<has_slope>{}) == "");
}

TEST_CASE("gradients by arguments that are stretched are sums of slopes") {
  CHECK(wrong_slopes_of<form<1, 2, 0>>(elementwise_ops_that<stretches>{}) == "");
  CHECK(wrong_slopes_of<form<0, 3, 2>>(elementwise_ops_that<stretches>{}) == "");
}
