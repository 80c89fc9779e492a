// SPDX-License-Identifier: BSD-3-Clause
// Increments, and what is read from them.
//   inc(zeros(1:3), v)(1:3) -> v;  inc(x(:), v) -> x + v;  inc(inc(x(i), u)(i), v) -> inc(x(i), u + v)
// Places count as equal or as distinct only where that is proved. With a place named twice, inc(zeros(ids), v)(ids) is not v:
// each of the two reads the sum.
// It ends: a rewriting takes an increment away, or moves an index past one, or makes it one of a slice.
#pragma once

#include "agnesi/passes/indexing_lift.hpp"

namespace agnesi {

namespace detail {

constexpr int values_of_put(const graph& g, int put) { return g.arg(put, g[put].n_args - 1); }

// Two increments at places that are the same ones, written alike.
constexpr bool puts_alike(const graph& g, int a, int b) {
  if (g[a].op != g[b].op || !is_put_node(g, a) || g.shape(a) != g.shape(b)) return false;
  for (int k = 1; k + 1 < g[a].n_args; ++k)
    if (g.arg(a, k) != g.arg(b, k)) return false;
  for (int k = 0; k < g[a].n_attrs; ++k)
    if (g.attr(a, k) != g.attr(b, k)) return false;
  return g.shape(values_of_put(g, a)) == g.shape(values_of_put(g, b));
}

constexpr int put_slice(rewriter& w, int base, int values, int axis, const places& p) {
  const int args[] = {base, values};
  const std::int64_t attrs[] = {axis, p.begin, p.step};
  return w.apply(info<op::put_slice>, args, 2, attrs, 3);
}

// Whether an increment is of zeros that nobody else has written to.
constexpr bool is_of_zeros(const graph& g, int put) { return is_constant(g, stripped(g, g.arg(put, 0)), 0); }

constexpr int slice_of_put_slice(rewriter& w, int id, int put) {
  const int axis = static_cast<int>(w.attr(id, 0)), along = static_cast<int>(w.attr(put, 0)), base = w.arg(put, 0);
  const places p = places_of(w, id), q = places_of(w, put);
  if (axis != along) {
    if (w.is_shared(put)) return -1;
    return put_slice(w, sliced(w, base, axis, p), sliced(w, values_of_put(w, put), axis, p), along, q);
  }
  if (w.is_shared(put) && !is_of_zeros(w, put)) return -1;  // read later, x could not be changed in place
  const overlap o = overlap_of(p, q);
  if (o == overlap::none) return w.is_flagged(values_of_put(w, put), risky_node) ? -1 : sliced(w, base, axis, p);
  if (o != overlap::all) return -1;
  int values = values_of_put(w, put);
  if (!(p == q))
    values = sliced(w, values, axis, {(p.begin - q.begin) / q.step, p.count, p.count == 1 ? 1 : p.step / q.step, q.count});
  return w.apply(info<op::add>, sliced(w, base, axis, p), values);
}

constexpr int slice_of_put_take(rewriter& w, int id, int put) {
  const int axis = static_cast<int>(w.attr(id, 0));
  if (axis == w.attr(put, 0) || w.is_shared(put)) return -1;
  const places p = places_of(w, id);
  const int args[] = {sliced(w, w.arg(put, 0), axis, p), w.arg(put, 1), sliced(w, w.arg(put, 2), axis, p)};
  const std::int64_t along = w.attr(put, 0);
  return w.apply(info<op::put_take>, args, 3, &along, 1);
}

// An axis that goes, and is not the one that is written along, goes first.
constexpr int squeezed_put(rewriter& w, int id) {
  const int put = w.arg(id, 0), n = w[put].n_args;
  const std::int64_t mask = w.attr(id, 0);
  if (w.is(put, info<op::put_pairs>) || (mask >> w.attr(put, 0) & 1) != 0) return -1;
  int args[3] = {}, at = static_cast<int>(w.attr(put, 0));
  for (int k = 0; k < n; ++k)
    args[k] = k == 0 || k == n - 1 ? w.apply_with(info<op::squeeze>, w.arg(put, k), mask) : w.arg(put, k);
  for (int k = static_cast<int>(w.attr(put, 0)); k-- > 0;) at -= static_cast<int>(mask >> k & 1);
  std::int64_t attrs[3] = {at};
  for (int k = 1; k < w[put].n_attrs; ++k) attrs[k] = w.attr(put, k);
  return w.apply(*w[put].op, args, n, attrs, w[put].n_attrs);
}

// The indices stay in what is read of the tensor that was there before, and are checked there.
constexpr int take_of_put(rewriter& w, int id, int put) {
  const int n = w[id].n_args;
  if (w[put].n_args != n + 1 || w[put].op == &info<op::put_slice> || w[put].n_attrs != w[id].n_attrs) return -1;
  for (int k = 1; k < n; ++k)
    if (w.arg(id, k) != w.arg(put, k)) return -1;
  if (w[id].n_attrs > 0 && w.attr(id, 0) != w.attr(put, 0)) return -1;
  bool distinct = false;
  for (int k = 1; k < n; ++k) distinct = distinct || are_distinct(w, w.arg(id, k));
  if (!distinct || (w.is_shared(put) && !is_of_zeros(w, put))) return -1;
  int args[3] = {w.arg(put, 0)};
  for (int k = 1; k < n; ++k) args[k] = w.arg(id, k);
  return w.apply(info<op::add>, w.again(id, args), values_of_put(w, put));
}

// Of all elements of an axis a sum is left; where the places are known, a slice is written.
constexpr int plain_put_slice(rewriter& w, int id) {
  const int base = w.arg(id, 0), v = w.arg(id, 1), axis = static_cast<int>(w.attr(id, 0));
  const places p = places_of(w, id);
  if (!p.is_whole() && w.is_flagged(v, risky_node)) return -1;
  if (!p.is_whole()) return p.count == 0 || (!w.options.ieee && is_constant(w, stripped(w, v), 0)) ? base : -1;
  const int values = p.step == 1 || p.count == 1 ? v : sliced(w, v, axis, p);
  return w.apply(info<op::add>, base, values);
}
constexpr int plain_put_take(rewriter& w, int id) {
  const int axis = static_cast<int>(w.attr(id, 0)), base = w.arg(id, 0);
  places p;
  if (!are_slice(w, w.arg(id, 1), w.extent(base, axis), p)) return -1;
  return p.is_whole() ? w.apply(info<op::add>, base, w.arg(id, 2)) : put_slice(w, base, w.arg(id, 2), axis, p);
}

constexpr int merged_puts(rewriter& w, int id) {
  const int first = w.arg(id, 0);
  if (w.options.ieee || !is_put_node(w, first) || is_kept(w, first) || !puts_alike(w, id, first)) return -1;
  const int n = w[id].n_args;
  int args[4] = {};
  for (int k = 0; k < n; ++k) args[k] = w.arg(first, k);
  args[n - 1] = w.apply(info<op::add>, args[n - 1], values_of_put(w, id));
  return w.again(id, args);
}

}  // namespace detail

constexpr int read_of_write(rewriter& w, int id) {
  const int put = w.arg(id, 0);
  if (!is_put_node(w, put) || w.is_flagged(put, pinned_node)) return -1;
  if (w.is(id, info<op::squeeze>)) return w.is_shared(put) ? -1 : detail::squeezed_put(w, id);
  if (!w.is(id, info<op::slice>)) return detail::take_of_put(w, id, put);
  if (w.is(put, info<op::put_slice>)) return detail::slice_of_put_slice(w, id, put);
  return w.is(put, info<op::put_take>) ? detail::slice_of_put_take(w, id, put) : -1;
}

constexpr int smaller_write(rewriter& w, int id) {
  const int merged = detail::merged_puts(w, id);
  if (merged >= 0) return merged;
  if (w.is(id, info<op::put_slice>)) return detail::plain_put_slice(w, id);
  return w.is(id, info<op::put_take>) ? detail::plain_put_take(w, id) : -1;
}

// Increments of zeros by one number everywhere: the number times increments by 1.
constexpr int scaled_put(rewriter& w, int id) {
  const int n = w[id].n_args, base = stripped(w, w.arg(id, 0)), v = stripped(w, w.arg(id, n - 1));
  if (w.rank(v) != 0 || is_constant(w, v, 1) || !is_constant(w, base, 0) || !is_float(w.type(id))) return -1;
  int args[4] = {};
  for (int k = 0; k < n - 1; ++k) args[k] = w.arg(id, k);
  args[n - 1] = broadcast_to_shape(w, constant_of(w, 1, w.type(id)), w.shape(w.arg(id, n - 1)));
  return w.apply(info<op::mul>, v, w.again(id, args));
}

}  // namespace agnesi
