// SPDX-License-Identifier: BSD-3-Clause
// That the random formulas meet every operation there is, alone and where it is differentiated, in every element type
// it takes, and the shapes at which things go wrong.
#include <doctest/doctest.h>

#include <map>

#include "agnesi/passes/blas.hpp"
#include "agnesi/passes/expand.hpp"
#include "agnesi/passes/simplify.hpp"
#include "support/expected.hpp"

namespace ag = agnesi;
namespace op = ag::op;
using ag::dtype, ag::graph, ag::info;
using namespace ag::testing;

namespace {

const ag::universe u = ag::universe_of<ag::op_list<>>();

struct seen {
  int written = 0, in_gradients = 0, made = 0;  // formulas as written; with gradients taken; as computed
  std::set<dtype> types;                        // of the operands
};
void count(const graph& g, std::map<const ag::op_info*, seen>& of, int seen::*where) {
  std::set<const ag::op_info*> here;
  for (int id = 0; id < g.size(); ++id) {
    here.insert(g[id].op);
    if (g[id].n_args > 0) of[g[id].op].types.insert(g.type(g.arg(id, g[id].n_args - 1)));
  }
  for (const ag::op_info* o : here) ++(of[o].*where);
}

}  // namespace

TEST_CASE("random formulas are made of all operations") {
  std::map<const ag::op_info*, seen> of;
  int empty = 0, ones = 0, floats = 0;
  for (unsigned seed = 1; seed <= 2500; ++seed) {
    const random_formula made(seed);
    for (const ag::op_info* o : made.used) ++of[o].written;
    const graph plain = differentiated(made.f.g, u);
    if (plain.failure != ag::mistake::none) continue;
    count(plain, of, &seen::in_gradients);
    graph g = expanded(simplified(plain, ag::phase::all));
    g = blas_found(g, made.f.targets(g));
    count(g, of, &seen::made);
    bool is_empty = false, is_one = false;
    for (const auto& [name, v] : made.f.in)
      for (std::int64_t e : v.extents) is_empty = is_empty || e == 0, is_one = is_one || e == 1;
    empty += is_empty;
    ones += is_one;
    floats += has_floats(plain);
  }
  // Made by differentiation, and by the passes that find BLAS; special ones are the graph's own.
  const ag::op_info* const by_gradients[] = {&info<op::put_slice>, &info<op::put_take>, &info<op::put_pairs>};
  const ag::op_info* const by_passes[] = {&info<op::gemm>, &info<op::sum_onto>};
  for (int k = 0; k < u.n_core; ++k) {
    const ag::op_info* const o = u.op(k);
    if (o->kind == ag::op_kind::special || o == &info<op::input> || o == &info<op::constant>) continue;
    INFO("the operation " << std::string(o->name));
    const bool gradients = std::find(std::begin(by_gradients), std::end(by_gradients), o) != std::end(by_gradients);
    const bool passes = std::find(std::begin(by_passes), std::end(by_passes), o) != std::end(by_passes);
    CHECK((passes ? of[o].made : gradients ? of[o].in_gradients : of[o].written) >= 5);
    if (o->kind != ag::op_kind::elementwise || o->arity == 3) continue;
    const bool logical = o->name.substr(0, 8) == "logical_";
    CHECK((logical || of[o].types.count(dtype::f64) > 0));
    CHECK((logical || of[o].types.count(dtype::f32) > 0));
  }
  for (const ag::op_info* o : {&info<op::add>, &info<op::mul>, &info<op::less>, &info<op::cast>}) {
    INFO("the operation " << std::string(o->name));
    for (dtype t : {dtype::boolean, dtype::u8, dtype::i32, dtype::i64, dtype::f32, dtype::f64})
      {
        CAPTURE(std::string(ag::spelled(t)));
        CHECK(of[o].types.count(t) > 0);
      }
  }
  CHECK(empty > 100);
  CHECK(ones > 300);
  CHECK(floats > 300);
}

TEST_CASE("the reference knows every elementwise operation") {
  for (int arity = 1; arity <= 3; ++arity)
    for (const ag::op_info* o : operations_of(ag::op_kind::elementwise, arity)) {
      INFO("the operation " << std::string(o->name) << " is missing in tests/support/mathematics.hpp");
      CHECK(ag::testing::detail::scalar_functions().count(std::string(o->name)) == 1);
    }
}
