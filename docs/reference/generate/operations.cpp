// SPDX-License-Identifier: BSD-3-Clause
// Prints docs/reference/operations.md from the operations' own blocks.
//   tests/docs/generated.py --write
// Elementwise operations need nothing here; one of another kind needs an example, a formula whose last node it is.

#include <cmath>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

#include "agnesi/expr/symbols.hpp"
#include "agnesi/passes/simplified.hpp"

namespace {

namespace ag = agnesi;
namespace op = ag::op;
using namespace ag::literals;
using ag::graph, ag::info, ag::op_info, ag::op_kind, ag::dtype;
using std::string;

const ag::universe all_operations = ag::universe_of<ag::op_list<>>();

string text_of(const graph& g, int id) { return string(ag::shown(g, id).view()); }

// What stands between columns is not part of a formula.
string cell(const string& s) {
  string t;
  for (const char c : s) t += c == '|' ? string("\\|") : string(1, c);
  return t;
}
string code(const string& s) { return s.empty() ? "" : "`" + cell(s) + "`"; }

// ---- one operation, applied to symbols

struct application {
  graph g;
  int node = -1;
  bool only_truth_values = false;
  string written{};
};

// Elementwise operations are applied to numbers of this type; to truth values where they want them.
application applied(const op_info& o, dtype type) {
  for (const int truth_values : {0, 1, o.arity}) {
    application a;
    int args[4] = {};
    for (int k = 0; k < o.arity; ++k) {
      const char* const names[] = {"x", "y", "z", "v"};
      args[k] = add_input(a.g, names[k], k < truth_values ? dtype::boolean : type, nullptr, 0);
    }
    a.node = a.g.apply(o, args, o.arity);
    if (a.node < 0) continue;
    a.only_truth_values = truth_values == o.arity;
    a.written = text_of(a.g, a.node);
    return a;
  }
  return {};
}

template <class F>
application made(F formula) {
  application a;
  a.node = lower(a.g, formula, ag::composites::keep);
  a.written = text_of(a.g, a.node);
  return a;
}

std::vector<application> examples() {
  constexpr auto x = ag::matrix<"x">;
  constexpr auto y = ag::matrix<"y">;
  constexpr auto v = ag::vector<"v">;
  constexpr auto r = ag::row<"r">;
  constexpr auto b = ag::matrix<"b", bool>;
  constexpr auto i = ag::vector<"i", std::int64_t>;
  constexpr auto j = ag::vector<"j", std::int64_t>;
  constexpr auto t = ag::tensor3<"t">;
  return {made(x),
          made(2_c),
          made(ag::cast<float>(x)),
          made(sum(x, ag::axis<0>)),
          made(prod(x, ag::axis<0>)),
          made(max(x, ag::axis<0>)),
          made(min(x, ag::axis<0>)),
          made(ag::all(b, ag::axis<0>)),
          made(any(b, ag::axis<0>)),
          made(argmax(x, ag::axis<0>)),
          made(argmin(x, ag::axis<0>)),
          made(mean(x, ag::axis<0>)),
          made(ag::permute<2, 0, 1>(t)),
          made(ag::expand_dims<0>(v)),
          made(ag::squeeze<0>(r)),
          made(ag::apply<op::broadcast, 3, 4>(v)),
          made(reshape(x, ag::shape(-1_c))),
          made(v(ag::slice(1_c, 5_c))),
          made(v(i)),
          made(x(i, j)),
          made(dot(x, y)),
          made(logsumexp(x, ag::axis<0>)),
          made(softmax(x)),
          made(log_softmax(x)),
          made(cross_entropy_with_logits(x, i)),
          made(ag::grad(sum(sqr(x)), x))};
}

// Operations that no formula begins with.
struct internal {
  const op_info* operation;
  const char* what_for;
};
const internal internals[] = {
    {&info<op::extent>, "an extent of an input as a number, as `mean` divides by"},
    {&info<op::outputs>, "the results of a function"},
    {&info<op::sum_onto>, "a sum accumulated into the symbol that it updates"},
    {&info<op::put_slice>, "the cotangent of a slice, added into zeros"},
    {&info<op::put_take>, "the cotangent of a gather, added into zeros, repeated places adding up"},
    {&info<op::put_pairs>, "the cotangent of a gather of pairs of places"},
    {&info<op::iota>, "0, 1, 2, …, the rows of `cross_entropy_with_logits`"},
    {&info<op::gemm>, "a product with what BLAS computes along: a factor, and what it is added to"},
    {&info<op::found>, "the extremum whose place a search finds"},
    {&info<op::squared_deviations>, "the sum of squared deviations from the mean"},
    {&info<op::summed>, "the sum that is found beside the squared deviations"},
};

// ---- what is said of it

string promoted(const op_info& o) {
  string types;
  if (applied(o, dtype::f64).only_truth_values) return "bool";
  for (const dtype t : {dtype::f64, dtype::f32, dtype::i32, dtype::boolean}) {
    const application a = applied(o, t);
    types += (types.empty() ? "" : ", ") + (a.node < 0 ? "–" : string(spelled(a.g.type(a.node))));
  }
  return types;
}

// Where the block can be evaluated on numbers, it is asked: does x op e give x for every x?
bool keeps(const op_info& o, double e, bool on_the_left) {
  for (const double x : {-3.5, -1.0, 0.25, 2.0, 7.0}) {
    const ag::scalar_value neutral{dtype::f64, 0, e}, other{dtype::f64, 0, x};
    const ag::scalar_value args[] = {on_the_left ? neutral : other, on_the_left ? other : neutral};
    ag::scalar_value r;
    if (!o.fold(args, r) || r.type != dtype::f64 || r.f != x) return false;
  }
  return true;
}
string properties(const op_info& o) {
  std::vector<string> all;
  if (o.commutative) all.push_back("commutative");
  if (o.fold != nullptr && o.arity == 2 && o.result != ag::result_type::boolean)
    for (const double e : {0.0, 1.0, -HUGE_VAL, HUGE_VAL}) {
      const bool right = keeps(o, e, false);
      const string name(std::isinf(e) ? (e < 0 ? "−∞" : "∞") : std::to_string(static_cast<int>(e)));
      if (right) all.push_back("identity " + name + (keeps(o, e, true) ? "" : " on the right"));
    }
  if (o.odd) all.push_back("odd");
  if (o.even) all.push_back("even");
  if (o.flat) all.push_back("piecewise constant");
  string s;
  for (const string& p : all) s += (s.empty() ? "" : ", ") + p;
  return s;
}

// As the block has it, or without the repetitions that only reductions write.
string shorter_text(const graph& g, int id) {
  graph one = g;
  one.apply(info<op::outputs>, &id, 1);
  const graph s = simplified(one, ag::phase::canonicalize);
  const string as_is = text_of(g, id), simple = text_of(s, s.arg(s.size() - 1, 0));
  return as_is.find("broadcast_to") != string::npos && simple.size() < as_is.size() ? simple : as_is;
}

// The cotangents of the operands, for a cotangent g.
string derivative(application a) {
  const op_info& o = *a.g[a.node].op;
  if (o.flat) return "zero";
  const ag::derivative_function f = all_operations.derivative(&o);
  if (f == nullptr || !is_float(a.g.type(a.node))) return "none";
  const std::int64_t slot = ag::add_symbol(a.g, "g");
  const int g = a.g.intern(info<op::input>, nullptr, 0, &slot, 1, a.g.type(a.node), a.g.shape(a.node));
  a.g.symbols[static_cast<int>(slot)].node = g;
  int out[16] = {};
  f(a.g, a.node, g, out);
  string s;
  for (int k = 0; k < a.g[a.node].n_args; ++k)
    if (out[k] >= 0 && is_float(a.g.type(a.g.arg(a.node, k))))
      s += (s.empty() ? "" : ", ") + code(shorter_text(a.g, out[k]));
  return s.empty() ? "none" : s;
}

// What a composite stands for.
string expansion(application a) {
  const ag::node n = a.g[a.node];
  std::vector<int> args;
  std::vector<std::int64_t> attrs;
  for (int k = 0; k < n.n_args; ++k) args.push_back(a.g.arg(a.node, k));
  for (int k = 0; k < n.n_attrs; ++k) attrs.push_back(a.g.attr(a.node, k));
  return text_of(a.g, a.g.apply(*n.op, args.data(), n.n_args, attrs.data(), n.n_attrs));
}

// ---- the page

const char* const heading = R"(# The operations

This page is printed from the operations' own blocks by `docs/reference/generate/operations.cpp`; the folder of each
kind is named beside it. A derivative is what an operand's cotangent becomes where g is that of the result, one for each
operand that has one; it is shown as the block has it, but without repetitions to the operand's shape. Costs are those of
one element, in additions.
)";

void line(const std::vector<string>& cells) {
  for (const string& c : cells) std::printf("| %s ", c.c_str());
  std::printf("|\n");
}

application example_of(const op_info& o, const std::vector<application>& known) {
  for (const application& a : known)
    if (a.g[a.node].op == &o) return a;
  if (o.kind == op_kind::elementwise) {
    const application a = applied(o, dtype::f64);
    if (a.node >= 0 && a.g[a.node].op == &o) return a;
  }
  throw std::runtime_error("docs/reference/generate/operations.cpp has no example of " + string(o.name));
}
bool is_internal(const op_info& o) {
  for (const internal& i : internals)
    if (i.operation == &o) return true;
  return false;
}

struct section {
  op_kind kind;
  const char* title;
  const char* text;
};
const section sections[] = {
    {op_kind::leaf, "Leaves", "`ir/leaf.hpp`: what formulas start from."},
    {op_kind::elementwise, "Elementwise",
     "`ops/arithmetic.hpp` and `ops/elementwise.hpp`: operands broadcast where an extent is 1 in the type, and their "
     "element types promote. The types are those of the result for operands of double, float, int32 and bool."},
    {op_kind::reduce, "Reductions",
     "`ops/reduce.hpp` and `ops/probability.hpp`: over all axes, over `ag::axis<…>`, and with `ag::keepdims` where the "
     "reduced axes stay with extent 1."},
    {op_kind::movement, "Movements",
     "`ops/movement.hpp`: the same elements at other places. `transpose` is a permute."},
    {op_kind::index, "Indices",
     "`ops/index.hpp`: slices, places that integer vectors name, and pairs of places. `x(0_c)` is a slice of one "
     "without "
     "its axis."},
    {op_kind::contract, "Products", "`ops/contract.hpp`: by NumPy's rules for vectors and matrices."},
    {op_kind::composite, "Composites", "Made of other operations; their derivatives are those of what they stand for."},
    {op_kind::special, "Structure", "`ops/structure.hpp`: replaced before anything is computed."},
};

void print(const section& s, const std::vector<application>& known) {
  std::printf("\n## %s\n\n%s\n\n", s.title, s.text);
  const bool elementwise = s.kind == op_kind::elementwise, composite = s.kind == op_kind::composite;
  const bool derives = !composite && s.kind != op_kind::leaf && s.kind != op_kind::special;
  std::vector<string> head = {"operation", "written"};
  if (elementwise) head.insert(head.end(), {"result", "properties", "cost"});
  if (derives) head.push_back("derivative");
  if (composite) head.push_back("stands for");
  line(head);
  line(std::vector<string>(head.size(), "---"));
  for (int n = 0; n < all_operations.n_core; ++n) {
    const op_info& o = *all_operations.op(n);
    if (o.kind != s.kind || is_internal(o)) continue;
    const application a = example_of(o, known);
    std::vector<string> cells = {string(o.name), code(a.written)};
    if (elementwise) {
      cells.push_back(&o == &info<op::cast> ? "as asked for" : promoted(o));
      cells.push_back(properties(o));
      cells.push_back(std::to_string(o.cost));
    }
    if (derives) cells.push_back(derivative(a));
    if (composite) cells.push_back(code(expansion(a)));
    line(cells);
  }
}

}  // namespace

int main() try {
  const std::vector<application> known = examples();
  std::printf("%s", heading);
  for (const section& s : sections) print(s, known);
  std::printf("\n## Of the library's own\n\nPasses and derivatives make these; no function writes them.\n\n");
  line({"operation", "what for"});
  line({"---", "---"});
  for (const internal& i : internals) line({string(i.operation->name), i.what_for});
  return 0;
} catch (const std::exception& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
