// SPDX-License-Identifier: BSD-3-Clause
// Evaluates a graph node by node in double precision, in the plainest way there is, to compare other ways with:
//   interpreter i(g);  i.bind("x", {2, 3}, {1, 2, 3, 4, 5, 6});  i.value(root).data
#pragma once

#include <cmath>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "agnesi/ir/universe.hpp"
#include "agnesi/ops/probability.hpp"
#include "agnesi/ops/structure.hpp"

namespace agnesi::testing {

struct tensor_value {
  std::vector<std::int64_t> shape;
  std::vector<double> data;

  std::int64_t count() const {
    std::int64_t n = 1;
    for (const std::int64_t e : shape) n *= e;
    return n;
  }
  // The place of an element, counted in row-major order, along each axis.
  std::vector<std::int64_t> place(std::int64_t at) const {
    std::vector<std::int64_t> p(shape.size());
    for (std::size_t k = shape.size(); k-- > 0; at /= shape[k]) p[k] = at % shape[k];
    return p;
  }
  // Broadcasts: only the last axes count, and those of extent 1 stay at 0.
  double& at(const std::vector<std::int64_t>& p) {
    std::int64_t at = 0;
    for (std::size_t k = 0; k < shape.size(); ++k) {
      const std::int64_t along = p[p.size() - shape.size() + k];
      if (shape[k] != 1 && (along < 0 || along >= shape[k])) throw std::out_of_range("interpreter: an index");
      at = at * shape[k] + (shape[k] == 1 ? 0 : along);
    }
    return data.at(static_cast<std::size_t>(at));
  }
};

namespace detail {

template <class Op, std::size_t... I>
double evaluate_as(const double* args, std::index_sequence<I...>) {
  if constexpr (std::is_base_of_v<op::logical<Op::arity>, Op>) return Op::eval((args[I] != 0)...) ? 1 : 0;
  else if constexpr (core_id<Op> == core_id<op::where>) return args[0] != 0 ? args[1] : args[2];
  else return static_cast<double>(Op::eval(args[I]...));
}
template <class Op>
void add_scalar(std::map<const op_info*, double (*)(const double*)>& to) {
  if constexpr (Op::kind == op_kind::elementwise && core_id<Op> != core_id<op::cast>)
    to[&info<Op>] = [](const double* args) {
      return evaluate_as<Op>(args, std::make_index_sequence<static_cast<std::size_t>(Op::arity)>{});
    };
}
template <class... Op>
std::map<const op_info*, double (*)(const double*)> scalar_table(op_list<Op...>) {
  std::map<const op_info*, double (*)(const double*)> r;
  (add_scalar<Op>(r), ...);
  return r;
}

}  // namespace detail

class interpreter {
 public:
  explicit interpreter(const graph& g) : g_(g), scalar_(detail::scalar_table(core_ops{})) {}

  // Operations of the user's own.
  template <class Ops>
  void know() {
    scalar_.merge(detail::scalar_table(Ops{}));
  }
  void bind(std::string_view symbol, std::vector<std::int64_t> shape, std::vector<double> data) {
    inputs_[g_.find_symbol(symbol)] = {std::move(shape), std::move(data)};
    values_.clear();
  }

  std::int64_t extent(dim d) const {
    if (d >= 0) return d;
    const dim_formula f = g_.shapes.formulas[static_cast<int>(-1 - d)];
    if (f.op == dim_op::input_extent) return input(static_cast<int>(f.a)).shape.at(static_cast<std::size_t>(f.b));
    if (f.op == dim_op::input_value) return static_cast<std::int64_t>(input(static_cast<int>(f.a)).data.at(0));
    return shape_table::evaluate(f.op, extent(f.a), extent(f.b));
  }
  const tensor_value& value(int id) {
    const auto found = values_.find(id);
    if (found != values_.end()) return found->second;
    for (int k = 0; k < g_[id].n_args; ++k) value(g_.arg(id, k));
    tensor_value v;
    for (int k = 0; k < g_.rank(id); ++k) v.shape.push_back(extent(g_.extent(id, k)));
    v.data.assign(static_cast<std::size_t>(v.count()), 0.0);
    compute(id, v);
    return values_[id] = v;
  }

 private:
  const graph& g_;
  std::map<const op_info*, double (*)(const double*)> scalar_;
  std::map<int, tensor_value> inputs_;
  std::map<int, tensor_value> values_;

  const tensor_value& input(int slot) const { return inputs_.at(slot); }
  tensor_value& arg(int id, int k) { return values_.at(g_.arg(id, k)); }
  template <class... Op>
  bool is(int id) const {
    return ((g_[id].op == &info<Op>) || ...);
  }
  template <class F>
  void each(tensor_value& v, F f) {
    for (std::int64_t k = 0; k < v.count(); ++k) f(v.place(k), v.data[static_cast<std::size_t>(k)]);
  }
  // Element types round and truncate.
  double stored(int id, double x) const {
    switch (g_.type(id)) {
      case dtype::f64: return x;
      case dtype::f32: return static_cast<double>(static_cast<float>(x));
      case dtype::boolean: return x != 0 ? 1 : 0;
      default: return std::trunc(x);
    }
  }

  void compute(int id, tensor_value& v) {
    const op_kind kind = g_[id].op->kind;
    if (is<op::input>(id)) v = input(static_cast<int>(g_.attr(id, 0)));
    else if (is<op::constant>(id)) v.data[0] = number(value_of(g_, id));
    else if (is<op::extent>(id)) v.data[0] = static_cast<double>(extent(g_.attr(id, 0)));
    else if (kind == op_kind::elementwise) elementwise(id, v);
    else if (kind == op_kind::reduce) reduction(id, v);
    else if (kind == op_kind::movement) movement(id, v);
    else if (kind == op_kind::index) index(id, v);
    else if (is<op::dot>(id)) product(id, v);
    else if (!is<op::outputs>(id)) throw std::runtime_error("interpreter: " + std::string(g_[id].op->name));
  }

  void elementwise(int id, tensor_value& v) {
    each(v, [&](const auto& p, double& x) {
      double args[8] = {};
      for (int k = 0; k < g_[id].n_args; ++k) args[k] = arg(id, k).at(p);
      x = stored(id, is<op::cast>(id) ? args[0] : scalar_.at(g_[id].op)(args));
    });
  }

  void reduction(int id, tensor_value& v) {
    const std::int64_t mask = g_.attr(id, 0);
    tensor_value& x = arg(id, 0);
    std::vector<std::vector<double>> parts(v.data.size());
    each(x, [&](const auto& p, double e) {
      std::int64_t at = 0;
      for (std::size_t k = 0; k < p.size(); ++k)
        if ((mask >> k & 1) == 0) at = at * x.shape[k] + p[k];
      parts[static_cast<std::size_t>(at)].push_back(e);
    });
    for (std::size_t k = 0; k < parts.size(); ++k) v.data[k] = stored(id, reduced(id, parts[k]));
  }
  double reduced(int id, const std::vector<double>& x) const {
    if (is<op::logsumexp>(id)) {
      double top = -HUGE_VAL, total = 0;
      for (const double e : x) top = std::fmax(top, e);
      if (!(std::abs(top) < HUGE_VAL)) return top;
      for (const double e : x) total += std::exp(e - top);
      return top + std::log(total);
    }
    double r = is<op::prod, op::all>(id) ? 1 : 0;
    std::size_t best = 0;
    for (std::size_t k = 0; k < x.size(); ++k) {
      if (is<op::sum>(id)) r += x[k];
      else if (is<op::prod>(id)) r *= x[k];
      else if (is<op::all>(id)) r = r != 0 && x[k] != 0 ? 1 : 0;
      else if (is<op::any>(id)) r = r != 0 || x[k] != 0 ? 1 : 0;
      else if (x[best] == x[best] && (is<op::max, op::argmax>(id) ? !(x[k] <= x[best]) : !(x[k] >= x[best]))) best = k;
    }
    if (is<op::max, op::min>(id)) return x.at(best);
    return is<op::argmax, op::argmin>(id) ? static_cast<double>(best) : r;
  }

  void movement(int id, tensor_value& v) {
    tensor_value& x = arg(id, 0);
    if (is<op::expand_dims, op::squeeze, op::reshape>(id)) {
      if (x.data.size() != v.data.size()) throw std::runtime_error("interpreter: reshape");
      v.data = x.data;
      return;
    }
    each(v, [&](const auto& p, double& e) {
      auto from = p;
      if (is<op::permute>(id))
        for (std::size_t k = 0; k < p.size(); ++k)
          from[static_cast<std::size_t>(unpacked_axis(g_.attr(id, 0), static_cast<int>(k)))] = p[k];
      e = x.at(from);
    });
  }

  // Where element p of what is taken out of, or put into, a tensor lies in it.
  std::vector<std::int64_t> source(int id, std::vector<std::int64_t> p) {
    if (is<op::take_pairs, op::put_pairs>(id)) {
      const std::int64_t pair[] = {std::int64_t(arg(id, 1).at({p[0]})), std::int64_t(arg(id, 2).at({p[0]}))};
      p.erase(p.begin());
      p.insert(p.begin(), pair, pair + 2);
      return p;
    }
    std::int64_t& along = p[static_cast<std::size_t>(g_.attr(id, 0))];
    if (is<op::slice, op::put_slice>(id)) along = extent(g_.attr(id, 1)) + along * g_.attr(id, 2);
    else along = static_cast<std::int64_t>(arg(id, 1).at({along}));
    return p;
  }
  void index(int id, tensor_value& v) {
    if (is<op::iota>(id)) {
      for (std::size_t k = 0; k < v.data.size(); ++k) v.data[k] = static_cast<double>(k);
    } else if (is<op::put_slice, op::put_take, op::put_pairs>(id)) {
      v = arg(id, 0);
      each(arg(id, g_[id].n_args - 1), [&](const auto& p, double e) { v.at(source(id, p)) += e; });
    } else {
      each(v, [&](const auto& p, double& e) { e = arg(id, 0).at(source(id, p)); });
    }
  }

  void product(int id, tensor_value& v) {
    tensor_value& a = arg(id, 0);
    tensor_value& b = arg(id, 1);
    const std::int64_t inner = a.shape.back(), cols = b.shape.size() == 2 ? b.shape[1] : 1;
    for (std::size_t k = 0; k < v.data.size(); ++k) {
      const std::int64_t at = static_cast<std::int64_t>(k), row = at / cols, col = at % cols;
      for (std::int64_t j = 0; j < inner; ++j)
        v.data[k] += a.data[static_cast<std::size_t>(row * inner + j)] * b.data[static_cast<std::size_t>(j * cols + col)];
    }
  }
};

}  // namespace agnesi::testing
