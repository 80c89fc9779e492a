// SPDX-License-Identifier: BSD-3-Clause
// Reductions over every axis of 256³ and of 1000 x 1000.
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "../support/harness.hpp"
#include "../support/numbers.hpp"
#include "reductions.hpp"

namespace {

using namespace reductions;

struct shape {
  ptrdiff_t extents[3];
  int rank;
  ptrdiff_t size() const { return extents[0] * extents[1] * (rank == 3 ? extents[2] : 1); }
};
constexpr shape cube{{edge, edge, edge}, 3}, matrix{{side, side, 1}, 2};

std::string axes_name(int axes, int rank) {
  if (axes == (1 << rank) - 1) return "all axes";
  std::string name;
  for (int k = 0; k < rank; ++k)
    if (axes >> k & 1) name += (name.empty() ? "" : ", ") + std::to_string(k);
  return (name.size() > 1 ? "axes " : "axis ") + name;
}

// Which result an element belongs to, and its place along the axes that are left.
struct split {
  ptrdiff_t result, along;
};
split split_of(ptrdiff_t i, const shape& s, int axes) {
  split at{0, 0};
  ptrdiff_t index[3]{};
  for (int k = s.rank; k-- > 0;) {
    index[k] = i % s.extents[k];
    i /= s.extents[k];
  }
  for (int k = 0; k < s.rank; ++k) {
    ptrdiff_t& number = axes >> k & 1 ? at.along : at.result;
    number            = number * s.extents[k] + index[k];
  }
  return at;
}

struct moments {
  long double sum = 0, squares = 0;
  double largest  = -std::numeric_limits<double>::infinity();
  ptrdiff_t count = 0, where = 0;
};

template <class T>
std::vector<moments> exactly(const bench::memory<T>& a, const shape& s, int axes) {
  std::vector<moments> result;
  for (ptrdiff_t i = 0; i < s.size(); ++i) {
    const auto [r, along] = split_of(i, s, axes);
    if (static_cast<ptrdiff_t>(result.size()) <= r) result.resize(static_cast<std::size_t>(r) + 1);
    moments& m     = result[static_cast<std::size_t>(r)];
    const double x = static_cast<double>(a[i]);
    m.sum += x, m.squares += static_cast<long double>(x) * x, ++m.count;
    if (x > m.largest) m.largest = x, m.where = along;
  }
  return result;
}

template <class T>
struct data {
  bench::memory<T> a{edge * edge * edge, 0, 1, 5}, to{2 * edge * edge};
  bench::memory<std::int64_t> where{edge * edge};
  std::vector<moments> of_cube[8], of_matrix[4];
  data() {
    for (int axes = 1; axes < 8; ++axes) of_cube[axes] = exactly(a, cube, axes);
    for (int axes = 1; axes < 4; ++axes) of_matrix[axes] = exactly(a, matrix, axes);
  }
};

template <class T, class Run>
void add(const char* what, const char* peer, const shape& s, int axes, Run run) {
  const std::string type = bench::type_name<T>;
  const auto count       = static_cast<double>(s.size());
  bench::add_limit("read", type, s.size());
  bench::add({.name = std::string("reductions/") + what + ", " + axes_name(axes, s.rank) + "/" + type + "/" +
                      (s.rank == 3 ? "256³" : "1000x1000"),
              .peer     = peer,
              .elements = count,
              .bytes    = sizeof(T) * count,
              .flops    = count,
              .limit    = "read/" + type + "/" + std::to_string(s.size()),
              .run      = run});
}

// A sum of floats is off by a few units in the sixth digit at most, one of doubles in the fifteenth.
template <class T>
constexpr double tolerance = sizeof(T) == 4 ? 1e-5 : 1e-14;

template <class T>
void add_peer(const char* peer, const reductions_of<T>& run, double sum_tolerance = tolerance<T>) {
  static data<T> d;
  const T* a = d.a.data();
  T* to      = d.to.data();
  for (const shape& s : {cube, matrix})
    for (int axes = 1; axes < 1 << s.rank; ++axes) {
      const auto f = s.rank == 3 ? run.cube[axes] : run.matrix[axes];
      if (!f) continue;
      const auto& wanted = s.rank == 3 ? d.of_cube[axes] : d.of_matrix[axes];
      f(1, a, to);
      for (std::size_t i = 0; i < wanted.size(); ++i) bench::agree("sum", peer, to[i], wanted[i].sum, sum_tolerance);
      add<T>("sum", peer, s, axes, [=](long times) { f(times, a, to); });
    }
  if (const auto f = run.moments_of_cube) {
    const moments& wanted  = d.of_cube[7][0];
    const auto count       = static_cast<double>(wanted.count);
    const long double mean = wanted.sum / count;
    f(1, a, to);
    bench::agree("mean", peer, to[0], mean, sum_tolerance);
    bench::agree("variance", peer, to[1], wanted.squares / count - mean * mean, 10 * sum_tolerance);
    add<T>("mean and variance", peer, cube, 7, [=](long times) { f(times, a, to); });
  }
  for (int axes = 1; axes < 4; ++axes) {
    const auto& wanted = d.of_matrix[axes];
    const auto n       = wanted.size();
    if (const auto f = run.largest[axes]) {
      f(1, a, to);
      for (std::size_t i = 0; i < n; ++i) bench::agree("max", peer, to[i], wanted[i].largest, 0);
      add<T>("max", peer, matrix, axes, [=](long times) { f(times, a, to); });
    }
    if (const auto f = run.where[axes]) {
      f(1, a, d.where.data());
      for (std::size_t i = 0; i < n; ++i)
        bench::agree("argmax", peer, static_cast<long double>(d.where[static_cast<ptrdiff_t>(i)]),
                     static_cast<long double>(wanted[i].where), 0);
      add<T>("argmax", peer, matrix, axes, [=](long times) { f(times, a, d.where.data()); });
    }
    if (const auto f = run.both[axes]) {
      f(1, a, to, d.where.data());
      for (std::size_t i = 0; i < n; ++i) {
        bench::agree("max", peer, to[i], wanted[i].largest, 0);
        bench::agree("argmax", peer, static_cast<long double>(d.where[static_cast<ptrdiff_t>(i)]),
                     static_cast<long double>(wanted[i].where), 0);
      }
      add<T>("max and argmax", peer, matrix, axes, [=](long times) { f(times, a, to, d.where.data()); });
    }
    if (const auto f = run.moments[axes]) {
      f(1, a, to);
      for (std::size_t i = 0; i < n; ++i) {
        const auto count       = static_cast<double>(wanted[i].count);
        const long double mean = wanted[i].sum / count;
        bench::agree("mean", peer, to[i], mean, sum_tolerance);
        bench::agree("variance", peer, to[n + i], wanted[i].squares / count - mean * mean, 10 * sum_tolerance);
      }
      add<T>("mean and variance", peer, matrix, axes, [=](long times) { f(times, a, to); });
    }
  }
}

template <class T>
void add_all() {
  add_peer<T>("agnesi", by_agnesi<T>());
  add_peer<T>("by hand", by_hand<T>());
#ifdef BENCH_HAS_EIGEN
  add_peer<T>("Eigen", by_eigen<T>(), sizeof(T) == 4 ? 1e-3 : 1e-12);  // it adds one after the other
#endif
#ifdef BENCH_HAS_XTENSOR
  add_peer<T>("xtensor", by_xtensor<T>(), sizeof(T) == 4 ? 1e-3 : 1e-12);
#endif
}

}  // namespace

int main(int argc, char** argv) {
  bench::begin(argc, argv);
  add_all<float>();
  add_all<double>();
  return bench::run();
}
