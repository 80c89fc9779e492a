// SPDX-License-Identifier: BSD-3-Clause
#include <agnesi/agnesi.hpp>

#include "../support/repeat.hpp"
#include "layouts.hpp"

namespace layouts {
namespace {

namespace ag = agnesi;
using namespace ag::literals;

constexpr auto a      = ag::matrix<"a", float>;
constexpr auto b      = ag::matrix<"b", float>;
constexpr auto thin   = ag::matrix<"thin", float, ag::dyn, 3>;
constexpr auto three  = ag::vector<"three", float, 3>;
constexpr auto row    = ag::vector<"row", float>;
constexpr auto column = ag::tensor<"column", float, ag::dyn, 1>;
constexpr auto pixels = ag::matrix<"pixels", std::uint8_t>;
constexpr auto ints   = ag::matrix<"ints", std::int32_t>;

template <class T>
ag::view<T, 2> square(T* p, ptrdiff_t m) {
  return ag::view<T, 2>(p, {m, m});
}

}  // namespace

calls by_agnesi() {
  return {{[](long times, const operands& o) {
             static auto f = ag::function(ag::inputs(a, row), ag::outputs(a + row));
             auto to       = square(o.to, o.m);
             bench::repeat(times, [&] { f.into(to)(square(o.a, o.m), ag::view<const float, 1>(o.row, {o.m})); });
           },
           [](long times, const operands& o) {
             static auto f = ag::function(ag::inputs(a, column), ag::outputs(a + column));
             auto to       = square(o.to, o.m);
             bench::repeat(times, [&] { f.into(to)(square(o.a, o.m), ag::view<const float, 2>(o.column, {o.m, ptrdiff_t(1)})); });
           },
           [](long times, const operands& o) {
             static auto f = ag::function(ag::inputs(a, b), ag::outputs(a + transpose(b)));
             auto to       = square(o.to, o.m);
             bench::repeat(times, [&] { f.into(to)(square(o.a, o.m), square(o.b, o.m)); });
           },
           [](long times, const operands& o) {
             static auto f     = ag::function(ag::inputs(thin, three), ag::outputs(thin + three));
             const ptrdiff_t m = o.m * o.m / 3;
             ag::view<float, 2> to(o.to, {m, ptrdiff_t(3)});
             bench::repeat(times, [&] {
               f.into(to)(ag::view<const float, 2>(o.a, {m, ptrdiff_t(3)}), ag::view<const float, 1>(o.row, {3}));
             });
           },
           [](long times, const operands& o) {
             static auto f = ag::function(ag::inputs(pixels), ag::outputs(ag::cast<float>(pixels) / 255_c));
             auto to       = square(o.to, o.m);
             bench::repeat(times, [&] { f.into(to)(square(o.bytes, o.m)); });
           },
           [](long times, const operands& o) {
             static auto f = ag::function(ag::inputs(pixels, a, b), ag::outputs(ag::where(pixels > 127_c, a, b)));
             auto to       = square(o.to, o.m);
             bench::repeat(times, [&] { f.into(to)(square(o.bytes, o.m), square(o.a, o.m), square(o.b, o.m)); });
           },
           [](long times, const operands& o) {
             static auto f = ag::function(ag::inputs(ints), ag::outputs(ints * ints + ints));
             auto to       = square(o.to_ints, o.m);
             bench::repeat(times, [&] { f.into(to)(square(o.ints, o.m)); });
           }}};
}

}  // namespace layouts
