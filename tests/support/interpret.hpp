// SPDX-License-Identifier: BSD-3-Clause
// Evaluates any graph at run time in long double, one node after the other: slow, and independent of the library's
// own evaluation, so that it can be the reference for what is optimized.
//   values in{{"x", tensor_value({2, 3}, {1, 2, 3, 4, 5, 6})}};  std::vector<tensor_value> out = interpret(g, in);
// On request every operation is rounded as the element types have it (support/machine.hpp), or disturbed in its last
// place, which shows how well a result is known. Over 300 lines, as it knows every operation.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "agnesi/ops/contract.hpp"
#include "agnesi/ops/index.hpp"
#include "agnesi/ops/probability.hpp"
#include "agnesi/ops/structure.hpp"
#include "support/mathematics.hpp"

namespace agnesi::testing {


struct tensor_value {
  std::vector<std::int64_t> extents;
  std::vector<real> elements;

  tensor_value() : elements(1, 0) {}
  tensor_value(real v) : elements(1, v) {}
  tensor_value(std::vector<std::int64_t> e, std::vector<real> v) : extents(std::move(e)), elements(std::move(v)) {}
  explicit tensor_value(std::vector<std::int64_t> e) : extents(std::move(e)) {
    elements.assign(static_cast<std::size_t>(count()), 0);
  }
  int rank() const { return static_cast<int>(extents.size()); }
  std::int64_t extent(int k) const { return extents[static_cast<std::size_t>(k)]; }
  std::int64_t count() const {
    std::int64_t n = 1;
    for (std::int64_t e : extents) n *= e;
    return n;
  }
  real& operator[](std::int64_t k) { return elements[static_cast<std::size_t>(k)]; }
  real operator[](std::int64_t k) const { return elements[static_cast<std::size_t>(k)]; }
};
using values = std::map<std::string, tensor_value>;
using places = std::vector<std::int64_t>;

namespace detail {

// Calls f with every place of a shape, in row-major order.
template <class F>
void for_each_place(const std::vector<std::int64_t>& extents, F f) {
  places at(extents.size(), 0);
  std::int64_t n = 1;
  for (std::int64_t e : extents) n *= e;
  for (std::int64_t k = 0; k < n; ++k) {
    f(k, at);
    for (std::size_t a = extents.size(); a-- > 0;) {
      if (++at[a] < extents[a]) break;
      at[a] = 0;
    }
  }
}
// Where a place of a larger shape is in a tensor that broadcasts to it.
inline std::int64_t offset(const tensor_value& t, const places& at) {
  const std::size_t missing = at.size() - t.extents.size();
  std::int64_t k = 0;
  for (std::size_t a = 0; a < t.extents.size(); ++a)
    k = k * t.extents[a] + (t.extents[a] == 1 ? 0 : at[missing + a]);
  return k;
}

inline real sign(real x) { return x > 0 ? 1 : x < 0 ? -1 : x; }
// Bytes wrap around; wider integers that do not fit are not defined.
inline real wrapped(real v, dtype type) {
  return type == dtype::u8 && std::isfinite(v) ? v - 256 * std::floor(v / 256) : v;
}
inline real stored(real v, dtype type) {
  if (type == dtype::boolean) return v != 0;
  return is_integer(type) ? wrapped(std::trunc(v), type) : v;
}
inline real cast_value(real v, dtype to) {
  return stored(v, to);
}

using scalar_function = std::function<real(const real*)>;
// By name; casts depend on the type too.
inline const std::map<std::string, scalar_function>& scalar_functions() {
  static const std::map<std::string, scalar_function> table = [] {
    std::map<std::string, scalar_function> made;
    for (const mathematical_function& f : mathematics)
      if (f.name != "cast") made[std::string(f.name)] = f.value;
    return made;
  }();
  return table;
}

// How operations are computed: exactly (as far as long double goes), as the machine does it in the element types, or
// exactly but for a unit in the last place at random.
struct evaluation {
  real (*machine)(const op_info& op, dtype type, const real* args) = nullptr;
  int noise = -1;  // 0 ... 31: up or down, for no two operations alike in all of these
};

class interpreter {
 public:
  interpreter(const graph& g, const values& in, evaluation how = {}) : g_(g), in_(in), how_(how) {
    update();
  }
  // Follows the graph, to which nodes have been added, or from which they have been taken back.
  void update() {
    n_checked_ = std::min(n_checked_, g_.checks.size());
    if (done_.size() > static_cast<std::size_t>(g_.size())) done_.resize(static_cast<std::size_t>(g_.size()));
    for (; n_checked_ < g_.checks.size(); ++n_checked_)
      if (!holds(g_.checks[n_checked_])) throw std::invalid_argument("an extent is not what it has to be");
    for (int id = static_cast<int>(done_.size()); id < g_.size(); ++id) done_.push_back(node_value(id));
  }
  std::vector<tensor_value> results() const {
    const int root = g_.size() - 1;
    if (!g_.is(root, info<op::outputs>)) return {done_.back()};
    std::vector<tensor_value> r;
    for (int k = 0; k < g_[root].n_args; ++k) r.push_back(arg(root, k));
    return r;
  }
  const tensor_value& at(int id) const { return done_[static_cast<std::size_t>(id)]; }

 private:
  const graph& g_;
  const values& in_;
  evaluation how_;
  std::vector<tensor_value> done_;
  int n_checked_ = 0;

  // A computed number as it is stored.
  real rounded(real v, int id, std::int64_t k) const {
    const dtype type = g_.type(id);
    if (how_.machine != nullptr)
      return type == dtype::f32 ? static_cast<float>(v) : type == dtype::f64 ? static_cast<double>(v) : v;
    if (how_.noise < 0 || !is_float(type)) return v;
    return is_up(id, k) ? v * (1 + 0x1p-63L) : v * (1 - 0x1p-64L);
  }
  bool is_up(int id, std::int64_t k) const {
    std::uint32_t h = static_cast<std::uint32_t>(3 * id + k % 3) * 0x9E3779B1u;
    h = (h ^ h >> 15) * 0x85EBCA6Bu;
    h = (h ^ h >> 13) * 0xC2B2AE35u;
    return ((h ^ h >> 16) >> how_.noise & 1u) != 0;
  }
  static bool is_exact(const op_info& op) {
    const std::string_view names[] = {"neg",  "abs",   "sign", "maximum",       "minimum",
                                      "clip", "where", "relu", "stop_gradient", "cast"};
    for (std::string_view n : names)
      if (n == op.name) return true;
    return op.result == result_type::boolean;
  }

  const tensor_value& arg(int id, int k) const { return at(g_.arg(id, k)); }
  const tensor_value& input(int slot) const { return in_.at(std::string(g_.symbol_name(slot))); }

  bool holds(const shape_check& c) const {
    const std::int64_t a = own_extent(c.a), b = own_extent(c.b);
    return c.kind == check_kind::equal_extents ? a == b : c.kind == check_kind::index_in_range ? a <= b : a > 0;
  }
  std::int64_t extent(dim d) const { return own_extent(g_.shapes.find(d)); }
  // By its own formula, whatever it is known to be equal to: that is what checks are for.
  std::int64_t own_extent(dim d) const {
    if (d >= 0) return d;
    const dim_formula& f = g_.shapes.formulas[static_cast<int>(-1 - d)];
    if (f.op == dim_op::input_extent) return input(static_cast<int>(f.a)).extent(static_cast<int>(f.b));
    if (f.op == dim_op::input_value) return static_cast<std::int64_t>(input(static_cast<int>(f.a))[0]);
    return shape_table::evaluate(f.op, own_extent(f.a), own_extent(f.b));
  }
  std::vector<std::int64_t> extents(int id) const {
    std::vector<std::int64_t> e;
    for (int k = 0; k < g_.rank(id); ++k) e.push_back(extent(g_.extent(id, k)));
    return e;
  }

  tensor_value node_value(int id) const {
    const op_info& op = *g_[id].op;
    const std::string name(op.name);
    if (name == "outputs" || name == "gradient") return {};
    if (name == "input") return input(static_cast<int>(g_.attr(id, 0)));
    if (name == "constant") return constant_value(id);
    if (name == "extent") return static_cast<real>(extent(g_.attr(id, 0)));
    if (op.kind == op_kind::elementwise) return elementwise_value(id, name);
    if (name == "sum_onto") return sum_of(reduced_value(id, "sum"), arg(id, 1), 1, 1);
    if (name == "squared_deviations") return deviations_value(id);
    if (name == "summed") return reduced_value(g_.arg(id, 0), "sum");
    if (op.kind == op_kind::reduce) return reduced_value(id, name);
    if (name == "found") return reduced_value(g_.arg(id, 0), g_.is(g_.arg(id, 0), info<op::argmax>) ? "max" : "min");
    if (op.kind == op_kind::movement) return moved_value(id, name);
    if (name == "dot") return product_value(arg(id, 0), arg(id, 1));
    if (name == "gemm") return sum_of_products_value(id);
    if (op.kind == op_kind::index) return indexed_value(id, name);
    throw std::logic_error("the interpreter does not know the operation " + name);
  }

  // Noise is on what a constant such as log 2 stands for, too.
  real constant_value(int id) const {
    const real v = number(value_of(g_, id));
    return how_.noise < 0 || v == std::trunc(v) ? v : v * (is_up(id, 0) ? 1 + 0x1p-53L : 1 - 0x1p-53L);
  }

  tensor_value elementwise_value(int id, const std::string& name) const {
    tensor_value r(extents(id));
    const int n = g_[id].n_args;
    const op_info& op = *g_[id].op;
    const dtype type = g_.type(id), computed_in = n > 0 ? g_.type(g_.arg(id, n - 1)) : type;
    const bool exact = is_exact(op), machine = how_.machine != nullptr && is_float(computed_in);
    const bool cast = name == "cast";
    const auto found = scalar_functions().find(name);
    if (!cast && found == scalar_functions().end())
      throw std::logic_error("the interpreter does not know the function " + name);
    for_each_place(r.extents, [&](std::int64_t k, const places& p) {
      real a[4] = {};
      for (int j = 0; j < n; ++j) a[j] = arg(id, j)[offset(arg(id, j), p)];
      if (cast) r[k] = how_.machine != nullptr ? rounded(cast_value(a[0], type), id, k) : cast_value(a[0], type);
      else if (machine) r[k] = how_.machine(op, computed_in, a);
      else r[k] = exact ? stored(found->second(a), type) : rounded(stored(found->second(a), type), id, k);
    });
    return r;
  }

  tensor_value reduced_value(int id, const std::string& name) const {
    const tensor_value& x = arg(id, 0);
    const std::int64_t mask = g_.attr(id, 0);
    std::vector<std::int64_t> kept;
    for (int k = 0; k < x.rank(); ++k)
      if ((mask >> k & 1) == 0) kept.push_back(x.extent(k));
    tensor_value r(kept), highest(kept), seen(kept);
    if (name == "prod" || name == "all") r.elements.assign(r.elements.size(), 1);
    highest.elements.assign(highest.elements.size(), -HUGE_VALL);
    const auto place_of = [&](const places& p) {
      std::int64_t k = 0;
      for (int a = 0; a < x.rank(); ++a)
        if ((mask >> a & 1) == 0) k = k * x.extent(a) + p[static_cast<std::size_t>(a)];
      return k;
    };
    if (name == "logsumexp")
      for_each_place(x.extents, [&](std::int64_t k, const places& p) {
        real& h = highest[place_of(p)];
        h = x[k] > h || std::isnan(x[k]) ? x[k] : h;
      });
    for_each_place(x.extents, [&](std::int64_t k, const places& p) {
      const std::int64_t to = place_of(p);
      const real v = x[k];
      real& into = r[to];
      const real order = seen[to]++;
      if (name == "sum") into = rounded(into + v, id, k);
      else if (name == "prod") into = rounded(into * v, id, k);
      else if (name == "max") into = order == 0 || v > into || v != v ? v : into;
      else if (name == "min") into = order == 0 || v < into || v != v ? v : into;
      else if (name == "all") into = into != 0 && v != 0;
      else if (name == "any") into = into != 0 || v != 0;
      else if (name == "logsumexp")
        into = rounded(into + (!std::isfinite(highest[to]) ? 0 : rounded(std::exp(rounded(v - highest[to], id, k)), id, k)),
                       id, k);
      else if (name == "argmax" && (order == 0 || v > highest[to])) into = order, highest[to] = v;
      else if (name == "argmin" && (order == 0 || -v > highest[to])) into = order, highest[to] = -v;
      else if (name != "argmax" && name != "argmin")
        throw std::logic_error("the interpreter does not know the reduction " + name);
    });
    if (name == "logsumexp")
      for (std::int64_t k = 0; k < r.count(); ++k)
        r[k] = !std::isfinite(highest[k]) ? highest[k] : rounded(highest[k] + rounded(std::log(r[k]), id, k), id, k);
    return r;
  }

  tensor_value deviations_value(int id) const {
    const tensor_value& x = arg(id, 0);
    const tensor_value sums = reduced_value(id, "sum");
    tensor_value r(extents(id));
    const std::int64_t n = r.count() > 0 ? x.count() / r.count() : 0;
    for_each_place(x.extents, [&](std::int64_t k, const places& p) {
      std::int64_t to = 0;
      for (std::size_t a = 0; a < p.size(); ++a)
        if ((g_.attr(id, 0) >> a & 1) == 0) to = to * x.extents[a] + p[a];
      const real above = rounded(x[k] - rounded(sums[to] / static_cast<real>(n), id, to), id, to);
      r[to] = rounded(r[to] + rounded(above * above, id, to), id, to);
    });
    return r;
  }

  tensor_value moved_value(int id, const std::string& name) const {
    const tensor_value& x = arg(id, 0);
    tensor_value r(extents(id));
    if (name == "permute") {
      for_each_place(r.extents, [&](std::int64_t k, const places& p) {
        places from(p.size());
        for (std::size_t a = 0; a < p.size(); ++a)
          from[static_cast<std::size_t>(unpacked_axis(g_.attr(id, 0), static_cast<int>(a)))] = p[a];
        r[k] = x[offset(x, from)];
      });
    } else if (name == "broadcast") {
      for_each_place(r.extents, [&](std::int64_t k, const places& p) { r[k] = x[offset(x, p)]; });
    } else {
      if (r.count() != x.count()) throw std::invalid_argument("a reshape changes the number of elements");
      r.elements = x.elements;
    }
    return r;
  }

  static tensor_value product_value(const tensor_value& a, const tensor_value& b) {
    const std::int64_t inner = a.extent(a.rank() - 1), columns = b.rank() == 2 ? b.extent(1) : 1;
    const std::int64_t rows = a.rank() == 2 ? a.extent(0) : 1;
    std::vector<std::int64_t> to;
    if (a.rank() == 2) to.push_back(rows);
    if (b.rank() == 2) to.push_back(columns);
    tensor_value r(to);
    for (std::int64_t i = 0; i < rows; ++i)
      for (std::int64_t j = 0; j < columns; ++j)
        for (std::int64_t k = 0; k < inner; ++k) r[i * columns + j] += a[i * inner + k] * b[k * columns + j];
    return r;
  }

  static tensor_value sum_of(tensor_value a, const tensor_value& b, real alpha, real beta) {
    for (std::int64_t k = 0; k < a.count(); ++k) a[k] = alpha * a[k] + beta * b[k];
    return a;
  }
  tensor_value sum_of_products_value(int id) const {
    tensor_value r(extents(id));
    for (int k = 0; k < count_of_products(g_, id); ++k) {
      const gemm_product p = product_of(g_, id, k);
      real alpha = p.alpha;
      if (p.scalar >= 0) alpha *= p.divided ? 1 / at(p.scalar)[0] : at(p.scalar)[0];
      tensor_value product = at(p.factors[0]);
      for (int f = 1; f < p.n_factors; ++f) product = product_value(product, at(p.factors[f]));
      r = sum_of(product, r, alpha, 1);
    }
    const gemm_base base = base_of_gemm(g_, id);
    if (base.node < 0) return r;
    return sum_of(r, at(base.node), 1, base.beta * (base.scalar >= 0 ? at(base.scalar)[0] : 1));
  }

  std::int64_t index_at(const tensor_value& ids, std::int64_t k, std::int64_t n) const {
    const auto i = static_cast<std::int64_t>(ids[k]);
    if (i >= n || i < -n) throw std::out_of_range("an index is out of range");
    return i < 0 ? i + n : i;
  }
  // Also those by which no element is looked up.
  void check_indices(int id, const std::string& name) const {
    const bool puts = name.substr(0, 4) == "put_", pairs = name.find("pairs") != std::string::npos;
    if (name == "iota" || name == "slice" || name == "put_slice") return;
    const std::int64_t first_axis = pairs ? 0 : g_.attr(id, 0);
    for (int k = 1; k < g_[id].n_args - (puts ? 1 : 0); ++k)
      for (std::int64_t i = 0; i < arg(id, k).count(); ++i)
        index_at(arg(id, k), i, arg(id, 0).extent(static_cast<int>(first_axis) + k - 1));
  }
  // Where the element of the smaller tensor at p is in the larger one.
  std::int64_t picked(int id, const std::string& kind, const tensor_value& whole, const places& p) const {
    places from;
    if (kind == "slice") {
      const auto axis = static_cast<std::size_t>(g_.attr(id, 0));
      from = p;
      from[axis] = extent(g_.attr(id, 1)) + p[axis] * g_.attr(id, 2);
    } else if (kind == "take") {
      const auto axis = static_cast<std::size_t>(g_.attr(id, 0));
      from = p;
      from[axis] = index_at(arg(id, 1), p[axis], whole.extents[axis]);
    } else {
      from.push_back(index_at(arg(id, 1), p[0], whole.extent(0)));
      from.push_back(index_at(arg(id, 2), p[0], whole.extent(1)));
      from.insert(from.end(), p.begin() + 1, p.end());
    }
    std::int64_t k = 0;
    for (std::size_t a = 0; a < from.size(); ++a) k = k * whole.extents[a] + from[a];
    return k;
  }
  tensor_value indexed_value(int id, const std::string& name) const {
    if (name == "iota") {
      tensor_value r(extents(id));
      for (std::int64_t k = 0; k < r.count(); ++k) r[k] = static_cast<real>(k);
      return r;
    }
    check_indices(id, name);
    if (name.substr(0, 4) == "put_") {
      const std::string kind = name == "put_slice" ? "slice" : name == "put_take" ? "take" : "take_pairs";
      tensor_value r = arg(id, 0);
      const tensor_value& added = arg(id, g_[id].n_args - 1);
      for_each_place(added.extents,
                     [&](std::int64_t k, const places& p) { r[picked(id, kind, r, p)] += added[k]; });
      return r;
    }
    const tensor_value& x = arg(id, 0);
    tensor_value r(extents(id));
    for_each_place(r.extents, [&](std::int64_t k, const places& p) { r[k] = x[picked(id, name, x, p)]; });
    return r;
  }
};

}  // namespace detail

// The results, in order, of a graph whose last node lists them (or is the result).
inline std::vector<tensor_value> interpret(const graph& g, const values& in) {
  return detail::interpreter(g, in).results();
}

}  // namespace agnesi::testing
