// SPDX-License-Identifier: BSD-3-Clause
// The types of formulas: element types, ranks and extents of every operation's result.
#include <doctest/doctest.h>

#include <agnesi/expr/lower.hpp>
#include <agnesi/expr/symbols.hpp>
#include <agnesi/grad/grad.hpp>
#include <agnesi/ops/probability.hpp>

#include <cstdint>
#include <type_traits>

namespace ag = agnesi;
using namespace ag::literals;
using ag::dyn;
using i32 = std::int32_t;
using i64 = std::int64_t;
using u8 = std::uint8_t;

namespace {

template <class F>
using type_of = typename ag::formula_of<F>::type;

template <class T, std::int64_t... E, class F>
constexpr bool is(F) {
  return std::is_same_v<type_of<F>, ag::tensor_type<T, false, E...>>;
}
template <class T, std::int64_t... E, class F>
constexpr bool is_weak(F) {
  return std::is_same_v<type_of<F>, ag::tensor_type<T, true, E...>>;
}

// Promotion, row by row NumPy's promote_types.
template <class T>
inline constexpr auto s = ag::scalar<"s", T>;
template <class T>
inline constexpr auto o = ag::scalar<"o", T>;
template <class A, class B, class R>
constexpr bool promotes_to = std::is_same_v<typename type_of<decltype(s<A> + o<B>)>::element, R> &&
                             std::is_same_v<typename type_of<decltype(o<B> * s<A>)>::element, R> &&
                             ag::promote(ag::dtype_of<A>, ag::dtype_of<B>) == ag::dtype_of<R>;
template <class A, class Bool, class U8, class I32, class I64, class F32, class F64>
constexpr bool row = promotes_to<A, bool, Bool> && promotes_to<A, u8, U8> && promotes_to<A, i32, I32> &&
                     promotes_to<A, i64, I64> && promotes_to<A, float, F32> && promotes_to<A, double, F64>;
//                        bool   u8     i32     i64     float   double
static_assert(row<bool,   bool,  u8,    i32,    i64,    float,  double>);
static_assert(row<u8,     u8,    u8,    i32,    i64,    float,  double>);
static_assert(row<i32,    i32,   i32,   i32,    i64,    double, double>);
static_assert(row<i64,    i64,   i64,   i64,    i64,    double, double>);
static_assert(row<float,  float, float, double, double, float,  double>);
static_assert(row<double, double, double, double, double, double, double>);

constexpr auto vf = ag::vector<"vf", float>;
constexpr auto vd = ag::vector<"vd">;
constexpr auto vi = ag::vector<"vi", i32>;
constexpr auto vl = ag::vector<"vl", i64>;
constexpr auto vb = ag::vector<"vb", bool>;
constexpr auto vu = ag::vector<"vu", u8>;

// Literals are weak: they take the element type of what they meet, where they can.
static_assert(is_weak<i64>(2_c) && is_weak<double>(0.5_c) && is_weak<double>(ag::pi));
static_assert(is<float, dyn>(vf * 0.5_c) && is<float, dyn>(2_c * vf));
static_assert(is<i32, dyn>(vi + 2_c) && is<u8, dyn>(vu + 2_c));
static_assert(is<double, dyn>(vi * 0.5_c));
static_assert(is<i64, dyn>(vb + 1_c));
static_assert(is<double, dyn>(vb * 0.5_c));
static_assert(is_weak<i64>(2_c * 3_c) && is_weak<double>(2_c * 0.5_c) && is_weak<double>(exp(2_c)));
static_assert(is<float, dyn>(vf * (2_c * exp(0.5_c))));
static_assert(is<float>(ag::cast<float>(0.5_c)));  // no longer weak
static_assert(is<float, dyn>(maximum(vf, 0_c)) && is<float, dyn>(where(vb, vf, 0_c)) && is<float, dyn>(pow(vf, 2_c)));
static_assert(is<double, dyn>(vf + s<double>));  // a symbol of rank 0 is not weak

// Elementwise functions: floating results, results like the argument, conditions.
static_assert(is<double, dyn>(vi / vi) && is<double, dyn>(vb / vb) && is<float, dyn>(vf / vu) && is<double, dyn>(vi / vf));
static_assert(is<i32, dyn>(vi - vi) && is<i32, dyn>(-vi) && is<i32, dyn>(sqr(vi)) && is<i32, dyn>(abs(vi)));
static_assert(is<i32, dyn>(sign(vi)) && is<i32, dyn>(pow(vi, 2_c)) && is<double, dyn>(maximum(vi, vf)));
static_assert(is<i32, dyn>(minimum(vi, 3_c)) && is<i32, dyn>(clip(vi, 0_c, 1_c)) && is<double, dyn>(clip(vi, 0_c, 0.5_c)));
static_assert(is<double, dyn>(where(vb, vi, 0.5_c)) && is<i64, dyn>(where(vb, vi, vl)) && is<i32, dyn>(relu(vi)));
static_assert(is<float, dyn>(ag::stop_gradient(vf)) && is<i32, dyn>(ag::stop_gradient(vi)));

template <class F>
constexpr bool floating(F f) {  // float stays, integers become double
  return is<float, dyn>(f(vf)) && is<double, dyn>(f(vd)) && is<double, dyn>(f(vi)) && is<double, dyn>(f(vb));
}
static_assert(floating([](auto x) { return sqrt(x); }) && floating([](auto x) { return exp(x); }));
static_assert(floating([](auto x) { return expm1(x); }) && floating([](auto x) { return log(x); }));
static_assert(floating([](auto x) { return log1p(x); }) && floating([](auto x) { return sin(x); }));
static_assert(floating([](auto x) { return cos(x); }) && floating([](auto x) { return tanh(x); }));
static_assert(floating([](auto x) { return sigmoid(x); }) && floating([](auto x) { return softplus(x); }));
static_assert(floating([](auto x) { return erf(x); }) && floating([](auto x) { return log1mexp(x); }));

static_assert(is<bool, dyn>(vi < vf) && is<bool, dyn>(vd <= 1_c) && is<bool, dyn>(vu > vi) && is<bool, dyn>(vl >= vl));
static_assert(is<bool, dyn>(vb == vb) && is<bool, dyn>(vf != 0_c) && is<bool>(1_c < 2_c));
static_assert(is<bool, dyn>(vb && vb) && is<bool, dyn>(vb || (vi < 0_c)) && is<bool, dyn>(!vb));
static_assert(is<u8, dyn>(ag::cast<u8>(vd)) && is<bool, dyn>(ag::cast<bool>(vi)) && is<i64, dyn>(ag::cast<i64>(vf)));

// Broadcasting: only an extent that is 1 in the type stretches; a known extent tells that of another operand.
constexpr auto m = ag::matrix<"m">;
constexpr auto r = ag::row<"r">;
constexpr auto c = ag::col<"c">;
constexpr auto A = ag::matrix<"A", float, 3, 4>;
constexpr auto t = ag::tensor<"t", float, dyn, 3, 1>;
static_assert(is<double, dyn, dyn>(m + vd) && is<double, dyn, dyn>(s<float> * m));
static_assert(is<double, dyn, dyn>(r + c) && is<double, dyn, dyn>(m + r) && is<double, dyn, dyn>(m * c));
static_assert(is<double, 1, dyn>(r + vd) && is<double, 1, dyn>(r * r) && is<double, dyn, 1>(c - c));
static_assert(is<float, 3, 4>(A + vf) && is<double, 3, 4>(A + m) && is<double, 3, 4>(r + A) && is<double, 3, 4>(A - c));
static_assert(is<float, dyn, 3, 1>(t + t) && is<float, dyn, 3, 4>(t + A) && is<float, dyn, 3, dyn>(t + vf));
static_assert(is<double, dyn, 3, 4>(where(m > 0_c, t, A)) == false);  // m would have to be 3 by 4
static_assert(is<float, dyn, 3, 4>(where(m > 0_c, t, A)));
static_assert(is<float, 0>(ag::vector<"none", float, 0> + 1_c));

// Reductions.
static_assert(is<double>(sum(m)) && is<double, dyn>(sum(m, ag::axis<0>)) && is<double, dyn>(sum(m, ag::axis<-1>)));
static_assert(is<float, 4>(sum(A, ag::axis<0>)) && is<float, 3>(sum(A, ag::axis<1>)) && is<float>(sum(A, ag::axis<0, 1>)));
static_assert(is<float, 1, 4>(sum(A, ag::axis<0>, ag::keepdims)) && is<float, 1, 1>(sum(A, ag::keepdims)));
static_assert(is<float, dyn, 1, 1>(max(t, ag::axis<1>, ag::keepdims)) && is<float, 3>(sum(t, ag::axis<0, -1>)));
static_assert(is<i64>(sum(vi)) && is<i64>(sum(vb)) && is<i64>(prod(vu)) && is<float>(prod(vf)));
static_assert(is<double>(mean(vi)) && is<float>(mean(vf)) && is<float, 4>(mean(A, ag::axis<0>)));
static_assert(is<i32>(max(vi)) && is<u8>(min(vu)) && is<float>(max(vf)) && is<bool>(max(vb)));
static_assert(is<i64>(argmax(vf)) && is<i64, 3>(argmin(A, ag::axis<1>)) && is<i64>(argmax(m)));
static_assert(is<bool>(ag::all(vb)) && is<bool, 3>(any(A > 0_c, ag::axis<1>)) && is<bool>(any(vb)));
static_assert(is<float>(logsumexp(vf)) && is<double>(logsumexp(vi)) && is<float, 3>(logsumexp(A, ag::axis<1>)));
static_assert(is<float, 3, 4>(softmax(A)) && is<double, dyn>(softmax(vi)) && is<float, 3, 4>(log_softmax(A, ag::axis<0>)));
static_assert(is<double, dyn>(cross_entropy_with_logits(m, vi)) && is<float, 3>(cross_entropy_with_logits(A, vl)));
static_assert(is<float, 3>(cross_entropy_with_logits(A, softmax(A))));
static_assert(is<double>(sum(s<double>)) && is<i64>(sum(s<bool>)));

// Movements.
static_assert(is<float, 4, 3>(transpose(A)) && is<double, dyn>(transpose(vd)) && is<float, 1, 3, dyn>(transpose(t)));
static_assert(is<float, 3, dyn, 1>(ag::permute<1, 0, 2>(t)) && is<float, 1, dyn, 3>(ag::permute<-1, 0, 1>(t)));
static_assert(is<float, 1, 3, 4>(ag::expand_dims<0>(A)) && is<float, 3, 1, 4, 1>(ag::expand_dims<1, -1>(A)));
static_assert(is<float, dyn, 3>(ag::squeeze<2>(t)) && is<double, dyn>(ag::squeeze<0>(r)));
static_assert(is<float, 2, 6>(reshape(A, ag::shape(2_c, -1_c))) && is<float, 12>(ag::flatten(A)));
static_assert(is<double, 2, dyn>(reshape(m, ag::shape(2_c, -1_c))) && is<double, dyn>(ag::flatten(m)));
static_assert(is<double, dyn, 3>(reshape(m, ag::shape(s<i64> + 1_c, 3_c))) && is<float, 1>(reshape(s<float>, ag::shape(1_c))));
static_assert(is<float, dyn, 3>(reshape(t, ag::shape(-1_c, 3_c))));

// Indices.
static_assert(is<float, 4>(A(0_c)) && is<float, 3>(A(ag::all, -1_c)) && is<float>(A(2_c, 3_c)) && is<float, 3, 4>(A(ag::all)));
static_assert(is<float, 4>(A(s<i32>)) && is<float>(A(s<i64>, s<u8>)) && is<float, 3>(A(ag::all, s<i32> + 1_c)));
static_assert(is<float, 2, 4>(A(ag::slice(1_c, 5_c))) && is<float, 3, 2>(A(ag::all, ag::slice(ag::none, ag::none, 2_c))));
static_assert(is<float, 3, 4>(A(ag::slice(ag::none, ag::none, -1_c))) && is<float, 0, 4>(A(ag::slice(2_c, 1_c))));
static_assert(is<float, 1, 4>(A(ag::slice(-1_c, ag::none))) && is<float, 2, 4>(A(ag::slice(ag::none, ag::none, -2_c))));
static_assert(is<double, dyn, dyn>(m(ag::slice(1_c, 5_c))) && is<double, dyn>(m(0_c, ag::slice(1_c, ag::none))));
static_assert(is<float, dyn, 4>(A(vi)) && is<float, 3, dyn>(A(ag::all, vl)) && is<float, dyn>(A(vi, vl)));
static_assert(is<float, dyn, 1>(t(vi, vu)) && is<float, 3, 1>(t(0_c)) && is<float, dyn>(t(vi, 0_c, 0_c)));
static_assert(is<float>(A(0_c)(1_c)) && is<float, 4>((A + A)(0_c)));

// Products.
static_assert(is<double>(dot(vd, vd)) && is<double, dyn>(dot(m, vd)) && is<double, dyn>(dot(vd, m)));
static_assert(is<double, dyn, dyn>(dot(m, m)) && is<double, 3, dyn>(dot(A, m)) && is<float, 3, 3>(dot(A, transpose(A))));
static_assert(is<float, 3>(dot(A, vi * 1.0_c)) == false && is<double, 3>(dot(A, vi)));
static_assert(is<float, 3, 4>(dot(2_c, A)) && is<double, 3, 4>(dot(A, s<double>)) && is<i64>(dot(vi, vl)));

// Gradients have the type of what they are taken by.
static_assert(is<float, 3, 4>(grad(sum(A) * s<double>, A)) && is<double>(grad(sum(A) * s<double>, s<double>)));
static_assert(is<float, dyn>(grad(mean(vf), vf)));
static_assert(is<float, dyn>(grad(mean(vd), vf, ag::allow_unused)));

// An operation on a mistake is silent: one mistake is one error.
static_assert(std::is_same_v<decltype(exp(ag::invalid{}) + vf), ag::invalid>);
static_assert(std::is_same_v<decltype(sum(ag::invalid{}, ag::axis<7>)), ag::invalid>);
static_assert(std::is_same_v<decltype(ag::invalid{}(0_c)), ag::invalid>);

// Operations of the user's own, numbered in the formula's own list.
struct half_op : ag::elementwise<half_op, 1> {
  static constexpr auto name = "half";
  static constexpr auto eval(auto x) { return x / 2; }
};
struct third_op : ag::elementwise<third_op, 1> {
  static constexpr auto name = "third";
  static constexpr auto result = ag::result_type::same;
  static constexpr auto eval(auto x) { return x / 3; }
};
constexpr auto half(auto x) { return ag::apply<half_op>(x); }
constexpr auto third(auto x) { return ag::apply<third_op>(x); }
static_assert(is<double, dyn>(half(vi)) && is<i32, dyn>(third(vi)) && is<float, 3, 4>(half(A) + third(A)));
static_assert(std::is_same_v<decltype(half(A) + third(A))::ops, ag::op_list<half_op, third_op>>);
static_assert(std::is_same_v<decltype(third(A) + half(A) * third(A))::ops, ag::op_list<third_op, half_op>>);
static_assert(std::is_same_v<decltype(exp(A) + exp(A))::ops, ag::op_list<>>);

}  // namespace

TEST_CASE("a shared operand is one node, from whichever side it comes") {
  constexpr auto e = exp(m + vd);
  CHECK(decltype(e * e)::list::nodes == 5);
  CHECK(decltype(e * sum(e))::list::nodes == 6);
  CHECK(decltype((vd + e) / (e + vd))::list::nodes == 7);  // as written: commutative operands are not yet ordered
  CHECK(decltype(half(third(vd)) + third(half(vd)) * third(vd))::list::nodes == 7);
}

TEST_CASE("a formula of many operands keeps them all") {
  constexpr auto a = ag::vector<"a">;
  constexpr auto b = ag::vector<"b">;
  constexpr auto d = ag::vector<"d">;
  constexpr auto f = ag::apply<ag::op::clip>(exp(a), exp(b), exp(d));
  ag::graph g;
  const int root = lower(g, f);
  CHECK(g[root].n_args == 3);
  CHECK(g.arg(g.arg(root, 2), 0) == g.symbols[g.find_symbol("d")].node);
}
