// SPDX-License-Identifier: BSD-3-Clause
// Evaluates any graph at run time in long double, one node after the other: slow, and independent of the library's
// own evaluation, so that it can be the reference for what is optimized.
//   values in{{"x", tensor_value({2, 3}, {1, 2, 3, 4, 5, 6})}};  std::vector<tensor_value> out = interpret(g, in);
#pragma once

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

namespace agnesi::testing {

using real = long double;

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

inline real softplus(real x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }
inline real sign(real x) { return x > 0 ? 1 : x < 0 ? -1 : x; }
inline real cast_value(real v, dtype to) {
  if (to == dtype::boolean) return v != 0;
  return is_integer(to) ? std::trunc(v) : v;
}

using scalar_function = std::function<real(const real*)>;
inline const std::map<std::string, scalar_function>& scalar_functions() {
  static const std::map<std::string, scalar_function> table = {
      {"add", [](const real* a) { return a[0] + a[1]; }},
      {"sub", [](const real* a) { return a[0] - a[1]; }},
      {"mul", [](const real* a) { return a[0] * a[1]; }},
      {"div", [](const real* a) { return a[0] / a[1]; }},
      {"neg", [](const real* a) { return -a[0]; }},
      {"sqr", [](const real* a) { return a[0] * a[0]; }},
      {"sqrt", [](const real* a) { return std::sqrt(a[0]); }},
      {"abs", [](const real* a) { return std::fabs(a[0]); }},
      {"sign", [](const real* a) { return sign(a[0]); }},
      {"pow", [](const real* a) { return std::pow(a[0], a[1]); }},
      {"maximum", [](const real* a) { return a[0] >= a[1] || a[0] != a[0] ? a[0] : a[1]; }},
      {"minimum", [](const real* a) { return a[0] <= a[1] || a[0] != a[0] ? a[0] : a[1]; }},
      {"clip", [](const real* a) { return a[0] < a[1] ? a[1] : a[0] > a[2] ? a[2] : a[0]; }},
      {"where", [](const real* a) { return a[0] != 0 ? a[1] : a[2]; }},
      {"less", [](const real* a) { return real(a[0] < a[1]); }},
      {"less_equal", [](const real* a) { return real(a[0] <= a[1]); }},
      {"greater", [](const real* a) { return real(a[0] > a[1]); }},
      {"greater_equal", [](const real* a) { return real(a[0] >= a[1]); }},
      {"equal", [](const real* a) { return real(a[0] == a[1]); }},
      {"not_equal", [](const real* a) { return real(a[0] != a[1]); }},
      {"logical_and", [](const real* a) { return real(a[0] != 0 && a[1] != 0); }},
      {"logical_or", [](const real* a) { return real(a[0] != 0 || a[1] != 0); }},
      {"logical_not", [](const real* a) { return real(a[0] == 0); }},
      {"exp", [](const real* a) { return std::exp(a[0]); }},
      {"expm1", [](const real* a) { return std::expm1(a[0]); }},
      {"log", [](const real* a) { return std::log(a[0]); }},
      {"log1p", [](const real* a) { return std::log1p(a[0]); }},
      {"log1mexp", [](const real* a) { return std::log(-std::expm1(a[0])); }},
      {"sin", [](const real* a) { return std::sin(a[0]); }},
      {"cos", [](const real* a) { return std::cos(a[0]); }},
      {"tanh", [](const real* a) { return std::tanh(a[0]); }},
      {"sigmoid", [](const real* a) { return 1 / (1 + std::exp(-a[0])); }},
      {"softplus", [](const real* a) { return softplus(a[0]); }},
      {"relu", [](const real* a) { return a[0] <= 0 ? real(0) : a[0]; }},
      {"erf", [](const real* a) { return std::erf(a[0]); }},
      {"erfc", [](const real* a) { return std::erfc(a[0]); }},
      {"erfcx", [](const real* a) { return std::exp(a[0] * a[0]) * std::erfc(a[0]); }},
      {"log_erfc", [](const real* a) { return std::log(std::erfc(a[0])); }},
      {"logaddexp", [](const real* a) { return std::fmax(a[0], a[1]) + softplus(-std::fabs(a[0] - a[1])); }},
      {"stop_gradient", [](const real* a) { return a[0]; }},
  };
  return table;
}

class interpreter {
 public:
  interpreter(const graph& g, const values& in) : g_(g), in_(in) {
    for (const shape_check& c : g.checks)
      if (!holds(c)) throw std::invalid_argument("an extent is not what it has to be");
    for (int id = 0; id < g.size(); ++id) done_.push_back(node_value(id));
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
  std::vector<tensor_value> done_;

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
    if (name == "constant") return static_cast<real>(number(value_of(g_, id)));
    if (name == "extent") return static_cast<real>(extent(g_.attr(id, 0)));
    if (op.kind == op_kind::elementwise) return elementwise_value(id, name);
    if (name == "sum_onto") return sum_of(reduced_value(id, "sum"), arg(id, 1), 1, 1);
    if (op.kind == op_kind::reduce) return reduced_value(id, name);
    if (op.kind == op_kind::movement) return moved_value(id, name);
    if (name == "dot") return product_value(id);
    if (name == "gemm") return scaled_product_value(id);
    if (op.kind == op_kind::index) return indexed_value(id, name);
    throw std::logic_error("the interpreter does not know the operation " + name);
  }

  tensor_value elementwise_value(int id, const std::string& name) const {
    tensor_value r(extents(id));
    const int n = g_[id].n_args;
    const bool cast = name == "cast";
    const auto found = scalar_functions().find(name);
    if (!cast && found == scalar_functions().end())
      throw std::logic_error("the interpreter does not know the function " + name);
    for_each_place(r.extents, [&](std::int64_t k, const places& p) {
      real a[4] = {};
      for (int j = 0; j < n; ++j) a[j] = arg(id, j)[offset(arg(id, j), p)];
      r[k] = cast ? cast_value(a[0], g_.type(id)) : found->second(a);
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
        h = x[k] > h ? x[k] : h;
      });
    for_each_place(x.extents, [&](std::int64_t k, const places& p) {
      const std::int64_t to = place_of(p);
      const real v = x[k];
      real& into = r[to];
      const real order = seen[to]++;
      if (name == "sum") into += v;
      else if (name == "prod") into *= v;
      else if (name == "max") into = order == 0 || v > into || v != v ? v : into;
      else if (name == "min") into = order == 0 || v < into || v != v ? v : into;
      else if (name == "all") into = into != 0 && v != 0;
      else if (name == "any") into = into != 0 || v != 0;
      else if (name == "logsumexp") into += std::isinf(highest[to]) ? 0 : std::exp(v - highest[to]);
      else if (name == "argmax" && (order == 0 || v > highest[to])) into = order, highest[to] = v;
      else if (name == "argmin" && (order == 0 || -v > highest[to])) into = order, highest[to] = -v;
      else if (name != "argmax" && name != "argmin")
        throw std::logic_error("the interpreter does not know the reduction " + name);
    });
    if (name == "logsumexp")
      for (std::int64_t k = 0; k < r.count(); ++k)
        r[k] = std::isinf(highest[k]) ? highest[k] : highest[k] + std::log(r[k]);
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

  tensor_value product_value(int id) const {
    const tensor_value &a = arg(id, 0), &b = arg(id, 1);
    tensor_value r(extents(id));
    const std::int64_t inner = a.extent(a.rank() - 1), columns = b.rank() == 2 ? b.extent(1) : 1;
    const std::int64_t rows = a.rank() == 2 ? a.extent(0) : 1;
    for (std::int64_t i = 0; i < rows; ++i)
      for (std::int64_t j = 0; j < columns; ++j)
        for (std::int64_t k = 0; k < inner; ++k) r[i * columns + j] += a[i * inner + k] * b[k * columns + j];
    return r;
  }

  static tensor_value sum_of(tensor_value a, const tensor_value& b, real alpha, real beta) {
    for (std::int64_t k = 0; k < a.count(); ++k) a[k] = alpha * a[k] + beta * b[k];
    return a;
  }
  tensor_value scaled_product_value(int id) const {
    const std::int64_t flags = g_.attr(id, 0);
    real alpha = std::bit_cast<double>(g_.attr(id, 1));
    if ((flags & op::gemm::scaled) != 0) alpha *= (flags & op::gemm::divided) != 0 ? 1 / arg(id, 2)[0] : arg(id, 2)[0];
    const tensor_value product = product_value(id);
    if ((flags & op::gemm::accumulates) == 0) return sum_of(product, product, alpha, 0);
    return sum_of(product, arg(id, g_[id].n_args - 1), alpha, std::bit_cast<double>(g_.attr(id, 2)));
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
