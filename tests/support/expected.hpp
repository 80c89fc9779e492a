// SPDX-License-Identifier: BSD-3-Clause
// What a random formula should compute, and how well that is known; nothing where rounding, or a number that is not
// finite, would decide it.
//   if (const auto e = expected(f)) CHECK(same(interpret(simplified(f.g), f.in), e->results, e->tolerance));
#pragma once

#include <optional>

#include "agnesi/grad/reverse.hpp"
#include "support/random_formulas.hpp"

namespace agnesi::testing {

struct expectation {
  std::vector<tensor_value> results;
  real tolerance = 0;
  graph plain;  // the formula as written, with its gradients
};

namespace detail {

// Whether a node's numbers are binary fractions of few digits that come of such numbers by arithmetic which keeps
// them exact: what compares equal then does so in whatever order it is computed.
inline std::vector<bool> exact_nodes(const graph& g, const interpreter& run) {
  const op_info* const keep[] = {
      &info<op::add>,  &info<op::sub>,           &info<op::mul>,     &info<op::neg>,     &info<op::sqr>,  &info<op::abs>,
      &info<op::sign>, &info<op::relu>,          &info<op::maximum>, &info<op::minimum>, &info<op::clip>, &info<op::where>,
      &info<op::cast>, &info<op::stop_gradient>, &info<op::sum>,     &info<op::prod>,    &info<op::max>,  &info<op::min>,
      &info<op::all>,  &info<op::any>,           &info<op::argmax>,  &info<op::argmin>,  &info<op::dot>};
  std::vector<bool> exact(static_cast<std::size_t>(g.size()), false);
  for (int id = 0; id < g.size(); ++id) {
    const op_info& o = *g[id].op;
    bool keeps = o.kind == op_kind::leaf || o.kind == op_kind::movement || o.kind == op_kind::index ||
                 o.result == result_type::boolean;
    for (const op_info* k : keep) keeps = keeps || k == &o;
    for (int k = 0; k < g[id].n_args; ++k) keeps = keeps && exact[static_cast<std::size_t>(g.arg(id, k))];
    for (real v : run.at(id).elements) keeps = keeps && v * 0x1p20L == std::trunc(v * 0x1p20L) && std::fabs(v) < 0x1p20L;
    exact[static_cast<std::size_t>(id)] = keeps;
  }
  return exact;
}

inline bool is_close(real a, real b) { return std::fabs(a - b) < 1e-6L * (1 + std::fabs(a)); }

// Whether rounding may decide a comparison, or which of several is the largest.
inline bool is_close_call(const interpreter& run, const graph& g, int id, bool floats) {
  const tensor_value& x = run.at(g.arg(id, 0));
  if (g.is(id, info<op::sign>)) return std::any_of(x.elements.begin(), x.elements.end(), [](real v) { return is_close(v, 0); });
  if (g[id].n_args == 1) {  // the place of an extremum
    std::vector<real> all = x.elements;
    std::sort(all.begin(), all.end());
    for (std::size_t k = 1; k < all.size(); ++k)
      if (is_close(all[k], all[k - 1])) return true;
    return false;
  }
  // What is equal may be so by chance, but for an extremum's own elements; and float is not rounded here, while
  // constants of that type are.
  const bool equal_too = !g.is(id, info<op::equal>) || floats;
  const tensor_value& y = run.at(g.arg(id, 1));
  bool close = false;
  for_each_place(run.at(id).extents, [&](std::int64_t, const places& at) {
    const real a = x[offset(x, at)], b = y[offset(y, at)];
    close = close || ((a != b || equal_too) && is_close(a, b));
  });
  return close;
}
inline bool decides(const op_info& o) {
  const bool logical = o.name.substr(0, 8) == "logical_";
  return (o.kind == op_kind::elementwise && o.result == result_type::boolean && !logical && o.arity == 2) ||
         &o == &info<op::argmax> || &o == &info<op::argmin> || &o == &info<op::sign>;
}
// Whether rounding may decide what is left of a number without its fraction; a byte holds no negative one.
inline bool is_cut_close(const interpreter& run, const graph& g, int id) {
  if (!g.is(id, info<op::cast>) || is_float(g.type(id)) || !is_float(g.type(g.arg(id, 0)))) return false;
  for (real v : run.at(g.arg(id, 0)).elements)
    if (is_close(v, std::round(v)) || (g.type(id) == dtype::u8 && (v < 0 || v >= 256))) return true;
  return false;
}

// Where there are no elements, no value is not finite; moved out of a sum over nothing, one may be.
inline bool is_finite_everywhere(const op_info& o) {
  if (o.kind != op_kind::elementwise || o.result == result_type::boolean) return true;
  const op_info* const total[] = {
      &info<op::add>,  &info<op::sub>,     &info<op::mul>,      &info<op::neg>,          &info<op::sqr>,   &info<op::abs>,
      &info<op::sign>, &info<op::maximum>, &info<op::minimum>,  &info<op::clip>,         &info<op::where>, &info<op::exp>,
      &info<op::sin>,  &info<op::cos>,     &info<op::tanh>,     &info<op::cast>,         &info<op::relu>,  &info<op::expm1>,
      &info<op::erf>,  &info<op::sigmoid>, &info<op::softplus>, &info<op::stop_gradient>};
  return std::find(std::begin(total), std::end(total), &o) != std::end(total);
}

}  // namespace detail

inline bool has_floats(const graph& g) {
  for (int id = 0; id < g.size(); ++id)
    if (g.type(id) == dtype::f32) return true;
  return false;
}

// The largest number on the way, which bounds how well a result can be known. Infinity where the value may depend on how
// it is computed: near a jump, or where something on the way is not finite.
inline real largest(const graph& g, const detail::interpreter& run) {
  const vec<bool> live = live_nodes(g, g.size() - 1);
  const bool floats = has_floats(g);
  const std::vector<bool> exact = detail::exact_nodes(g, run);
  real m = 1;
  for (int id = 0; id + 1 < g.size(); ++id) {
    if (!live[id]) continue;
    for (real v : run.at(id).elements) m = std::fabs(v) <= m ? m : std::isnan(v) ? HUGE_VALL : std::fabs(v);
    if (run.at(id).count() == 0 && !detail::is_finite_everywhere(*g[id].op)) return HUGE_VALL;
    bool known = true;
    for (int k = 0; k < g[id].n_args; ++k) known = known && exact[static_cast<std::size_t>(g.arg(id, k))];
    if (!known &&
        ((detail::decides(*g[id].op) && detail::is_close_call(run, g, id, floats)) || detail::is_cut_close(run, g, id)))
      return HUGE_VALL;
    if (known && g.is(id, info<op::cast>) && g.type(id) == dtype::u8 && is_float(g.type(g.arg(id, 0))))
      for (real v : run.at(g.arg(id, 0)).elements)
        if (v < 0 || v >= 256) return HUGE_VALL;
    if (!g.is(id, info<op::div>)) continue;
    for (real v : run.at(g.arg(id, 1)).elements)
      if (std::fabs(v) < 1e-6L) return HUGE_VALL;
  }
  return m;
}

// The slope of the least of the least is shared first by these and then by those, of the least of all by all alike;
// where there are ties, both are slopes.
inline bool has_extremum_of_extremum(const graph& g) {
  bool found = false, gradients = false;
  for (int id = 0; id < g.size(); ++id) {
    gradients = gradients || g.is(id, info<op::gradient>);
    if (!g.is(id, info<op::max>) && !g.is(id, info<op::min>)) continue;
    int x = g.arg(id, 0);
    while (g[x].op->kind == op_kind::movement) x = g.arg(x, 0);
    found = found || g[x].op == g[id].op;
  }
  return found && gradients;
}

inline std::optional<expectation> expected(const formula& f) {
  if (has_extremum_of_extremum(f.g)) return {};
  expectation e;
  e.plain = differentiated(f.g, universe_of<op_list<>>());
  if (e.plain.failure != mistake::none) return {};
  try {
    const detail::interpreter run(e.plain, f.in);
    const real scale = largest(e.plain, run);
    if (!(scale < 1e8L)) return {};
    e.results = run.results();
    e.tolerance = scale * (has_floats(e.plain) ? 1e-5L : 1e-9L);
    return e;
  } catch (const std::exception&) {
    return {};
  }
}

inline bool same(const tensor_value& a, const tensor_value& b, real tolerance) {
  bool good = a.extents == b.extents;
  for (std::int64_t k = 0; k < a.count() && good; ++k) good = std::fabs(a[k] - b[k]) <= tolerance;
  return good;
}
inline bool same(const std::vector<tensor_value>& a, const std::vector<tensor_value>& b, real tolerance) {
  bool good = a.size() == b.size();
  for (std::size_t k = 0; k < a.size() && good; ++k) good = same(a[k], b[k], tolerance);
  return good;
}

}  // namespace agnesi::testing
