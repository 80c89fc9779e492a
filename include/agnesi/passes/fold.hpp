// SPDX-License-Identifier: BSD-3-Clause
// Constants computed at compile time.
//   2_c * 3_c -> 6;  softplus(800_c) -> 800
#pragma once

#include "agnesi/passes/constant_math.hpp"
#include "agnesi/rewrite/rewriter.hpp"

namespace agnesi {

namespace detail {

// A function of one constant whose block cannot be evaluated at compile time; false where it is left to the call.
constexpr bool fold_function(const op_info* op, double v, double& result) {
  namespace m = constant_math;
  const long double x = v;
  long double r = 0;
  if (x > 700 || x < -700) {  // beyond, exponentials overflow
    if (op == &info<op::softplus> && x > 0) r = x;
    else if (op == &info<op::sigmoid> && x > 0) r = 1;
    else if (op == &info<op::tanh>) r = x > 0 ? 1 : -1;
    else if (op == &info<op::log> && x > 0) r = m::log(x);
    else if (op == &info<op::sqrt> && x > 0) r = m::sqrt(x);
    else if (op == &info<op::abs>) r = m::abs(x);
    else if (op == &info<op::erf>) r = x > 0 ? 1 : -1;
    else if (op == &info<op::erfcx> && x > 0) r = m::erfcx(x);
    else if (op == &info<op::log_erfc>) r = m::log_erfc(x);
    else return false;
  } else if (op == &info<op::exp>) r = m::exp(x);
  else if (op == &info<op::expm1>) r = m::expm1(x);
  else if (op == &info<op::log> && x > 0) r = m::log(x);
  else if (op == &info<op::log1p> && x > -1) r = m::log1p(x);
  else if (op == &info<op::sqrt> && x >= 0) r = m::sqrt(x);
  else if (op == &info<op::abs>) r = m::abs(x);
  else if (op == &info<op::sigmoid>) r = m::sigmoid(x);
  else if (op == &info<op::softplus>) r = m::softplus(x);
  else if (op == &info<op::tanh>) r = m::tanh(x);
  else if (op == &info<op::log1mexp> && x < 0) r = m::log1mexp(x);
  else if (op == &info<op::sin>) r = m::sin(x);
  else if (op == &info<op::cos>) r = m::cos(x);
  else if (op == &info<op::erf>) r = m::erf(x);
  else if (op == &info<op::erfc> && x < 26) r = m::erfc(x);
  else if (op == &info<op::erfcx> && x > -26) r = m::erfcx(x);
  else if (op == &info<op::log_erfc>) r = m::log_erfc(x);
  else return false;
  result = static_cast<double>(r);
  return true;
}

// A function of two constants of one floating type.
constexpr bool fold_function_of_two(const op_info* op, double a, double b, double& result) {
  namespace m = constant_math;
  if (op == &info<op::logaddexp>) {
    result = static_cast<double>(m::logaddexp(a, b));
    return a - b < 700 && b - a < 700;
  }
  if (op != &info<op::pow> || a == 0) return false;
  if (is_whole(b) && b <= 64 && b >= -64) {
    const long double exponent = static_cast<long double>(b) * m::log(m::abs(a));
    if (exponent > 700 || exponent < -700) return false;
    result = static_cast<double>(m::power(a, static_cast<int>(b)));
    return true;
  }
  if (a < 0) return false;
  const long double exponent = static_cast<long double>(b) * m::log(a);
  if (exponent > 700 || exponent < -700) return false;
  result = static_cast<double>(m::exp(exponent));
  return true;
}
// Of two integers: false where the power is none, or does not fit.
constexpr bool fold_power(std::int64_t base, std::int64_t n, std::int64_t& result) {
  result = 1;
  if (n < 0 || n > 62) return false;
  for (; n > 0; --n) {
    result *= base;
    if (result > 30000 || result < -30000) return false;
  }
  return true;
}

// Whether arithmetic on it stays clear of overflow and of what constant evaluation refuses.
constexpr bool is_tame(scalar_value v) {
  const double n = number(v), size = n < 0 ? -n : n;
  if (!is_float(v.type)) return size < 30000;
  const double limit = v.type == dtype::f32 ? 1e15 : 1e100;
  return size == 0 || (size < limit && size > 1 / limit);
}

}  // namespace detail

constexpr int folded_node(rewriter& w, int id) {
  const op_info& op = *w[id].op;
  const int n = w[id].n_args;
  if (n > 3 || w[w.arg(id, n - 1)].op != &info<op::constant>) return -1;
  scalar_value args[3] = {};
  for (int k = 0; k < n; ++k) {
    if (!is_constant(w, w.arg(id, k))) return -1;
    args[k] = value_of(w, w.arg(id, k));
    if (!detail::is_tame(args[k])) return -1;
  }
  if (&op == &info<op::cast>) return make_constant(w, converted(args[0], w.type(id)), w[id].weak);
  scalar_value r;
  if (op.fold == nullptr) {
    if (&op == &info<op::pow> && !is_float(w.type(id))) {
      r.type = dtype::i64;
      const std::int64_t base = static_cast<std::int64_t>(number(args[0])), n_times = static_cast<std::int64_t>(number(args[1]));
      return detail::fold_power(base, n_times, r.i) ? make_constant(w, converted(r, w.type(id)), w[id].weak) : -1;
    }
    r.type = dtype::f64;
    if (n == 2 && is_float(w.type(id)) && detail::fold_function_of_two(&op, number(args[0]), number(args[1]), r.f))
      return make_constant(w, converted(r, w.type(id)), w[id].weak);
    if (n != 1 || !is_float(w.type(id)) || !detail::fold_function(&op, number(args[0]), r.f)) return -1;
    return make_constant(w, converted(r, w.type(id)), w[id].weak);
  }
  if ((&op == &info<op::div> && number(args[1]) == 0) || !op.fold(args, r)) return -1;
  return make_constant(w, converted(r, w.type(id)), w[id].weak);
}

}  // namespace agnesi
