// SPDX-License-Identifier: BSD-3-Clause
// The vocabulary of the core: an operation's place in this list is its number in the types of formulas.
// Operations of domains and of users need no place here; their types travel with the formula.
#pragma once

#include <cstddef>
#include <type_traits>

namespace agnesi {

template <class... Op>
struct op_list {
  static constexpr std::size_t size = sizeof...(Op);
};

namespace op {
struct input;
struct constant;
struct extent;
struct cast;
struct outputs;
struct gradient;
struct stop_gradient;

struct add;
struct sub;
struct mul;
struct div;
struct neg;
struct sqr;
struct sqrt;
struct abs;
struct sign;
struct pow;
struct maximum;
struct minimum;
struct clip;
struct where;
struct less;
struct less_equal;
struct greater;
struct greater_equal;
struct equal;
struct not_equal;
struct logical_and;
struct logical_or;
struct logical_not;
struct exp;
struct expm1;
struct log;
struct log1p;
struct sin;
struct cos;
struct tanh;
struct sigmoid;
struct softplus;
struct relu;
struct erf;
struct log1mexp;
struct logaddexp;
struct erfc;
struct erfcx;
struct log_erfc;

struct sum;
struct sum_onto;
struct prod;
struct max;
struct min;
struct all;
struct any;
struct argmax;
struct argmin;
struct mean;

struct permute;
struct expand_dims;
struct squeeze;
struct broadcast;
struct reshape;

struct slice;
struct put_slice;
struct take;
struct put_take;
struct take_pairs;
struct put_pairs;
struct iota;

struct dot;
struct gemm;

struct logsumexp;
struct softmax;
struct log_softmax;
struct cross_entropy_with_logits;

struct found;
struct squared_deviations;
struct summed;
}  // namespace op

using core_ops =
    op_list<op::input, op::constant, op::extent, op::cast, op::outputs, op::gradient, op::stop_gradient,  //
            op::add, op::sub, op::mul, op::div, op::neg, op::sqr, op::sqrt, op::abs, op::sign, op::pow, op::maximum,
            op::minimum, op::clip, op::where, op::less, op::less_equal, op::greater, op::greater_equal, op::equal,
            op::not_equal, op::logical_and, op::logical_or, op::logical_not, op::exp, op::expm1, op::log, op::log1p,
            op::sin, op::cos, op::tanh, op::sigmoid, op::softplus, op::relu, op::erf, op::log1mexp, op::logaddexp,  //
            op::erfc, op::erfcx, op::log_erfc,                                                        //
            op::sum, op::sum_onto, op::prod, op::max, op::min, op::all, op::any, op::argmax, op::argmin, op::mean,  //
            op::permute, op::expand_dims, op::squeeze, op::broadcast, op::reshape,                    //
            op::slice, op::put_slice, op::take, op::put_take, op::take_pairs, op::put_pairs, op::iota,  //
            op::dot, op::gemm,                                                                        //
            op::logsumexp, op::softmax, op::log_softmax, op::cross_entropy_with_logits,               //
            op::found, op::squared_deviations, op::summed>;

inline constexpr int first_user_op = 1024;

namespace detail {

// By types rather than by the addresses of something made of them: with its sanitizers g++ takes no two addresses for
// different in constant evaluation.
template <class Op, class... Ops>
constexpr int position_in(op_list<Ops...>) {
#if defined(__GNUC__) && !defined(__CUDACC__)
  constexpr bool same[] = {__is_same(Op, Ops)..., false};  // instantiates nothing
#else
  constexpr bool same[] = {std::is_same_v<Op, Ops>..., false};
#endif
  for (int k = 0; k < static_cast<int>(sizeof...(Ops)); ++k)
    if (same[k]) return k;
  return -1;
}

}  // namespace detail

// The operation's number among the core's, or -1.
template <class Op>
inline constexpr int core_id = detail::position_in<Op>(core_ops{});

}  // namespace agnesi
