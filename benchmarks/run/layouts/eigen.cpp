// SPDX-License-Identifier: BSD-3-Clause
#include <Eigen/Core>

#include "../support/repeat.hpp"
#include "layouts.hpp"

namespace layouts {
namespace {

template <class T, int Columns = Eigen::Dynamic>
using matrix = Eigen::Array<T, Eigen::Dynamic, Columns, Columns == 1 ? Eigen::ColMajor : Eigen::RowMajor>;
template <class T, int Columns = Eigen::Dynamic>
using in = Eigen::Map<const matrix<T, Columns>>;
template <class T, int Columns = Eigen::Dynamic>
using out = Eigen::Map<matrix<T, Columns>>;
template <int N>
using row = Eigen::Map<const Eigen::Array<float, 1, N>>;

}  // namespace

calls by_eigen() {
  return {{[](long times, const operands& o) {
             const in<float> a(o.a, o.m, o.m);
             const row<Eigen::Dynamic> r(o.row, o.m);
             out<float> to(o.to, o.m, o.m);
             bench::repeat(times, [&] { to = a.rowwise() + r; });
           },
           [](long times, const operands& o) {
             const in<float> a(o.a, o.m, o.m);
             const in<float, 1> c(o.column, o.m, 1);
             out<float> to(o.to, o.m, o.m);
             bench::repeat(times, [&] { to = a.colwise() + c; });
           },
           [](long times, const operands& o) {
             const in<float> a(o.a, o.m, o.m), b(o.b, o.m, o.m);
             out<float> to(o.to, o.m, o.m);
             bench::repeat(times, [&] { to = a + b.transpose(); });
           },
           [](long times, const operands& o) {
             const ptrdiff_t n = o.m * o.m / 3;
             const in<float, 3> a(o.a, n, 3);
             const row<3> r(o.row);
             out<float, 3> to(o.to, n, 3);
             bench::repeat(times, [&] { to = a.rowwise() + r; });
           },
           [](long times, const operands& o) {
             const in<std::uint8_t> a(o.bytes, o.m, o.m);
             out<float> to(o.to, o.m, o.m);
             bench::repeat(times, [&] { to = a.cast<float>() * (1.0f / 255); });
           },
           [](long times, const operands& o) {
             const in<std::uint8_t> mask(o.bytes, o.m, o.m);
             const in<float> a(o.a, o.m, o.m), b(o.b, o.m, o.m);
             out<float> to(o.to, o.m, o.m);
             bench::repeat(times, [&] { to = (mask > std::uint8_t(127)).select(a, b); });
           },
           [](long times, const operands& o) {
             const in<std::int32_t> a(o.ints, o.m, o.m);
             out<std::int32_t> to(o.to_ints, o.m, o.m);
             bench::repeat(times, [&] { to = a * a + a; });
           }}};
}

}  // namespace layouts
