// SPDX-License-Identifier: BSD-3-Clause
// Training steps of logistic and softmax regression, perceptrons, and an Elman network.
#include <map>
#include <string>

#include "../support/harness.hpp"
#include "reference.hpp"

namespace {

using namespace steps;

template <class T>
constexpr double tolerance = sizeof(T) == 4 ? 1e-4 : 1e-10;

template <class T, class A>
void compare(const std::string& name, const char* who, const A& got, const matrix& wanted) {
  for (std::size_t i = 0; i < wanted.size(); ++i)
    bench::agree(name, who, static_cast<long double>(got[static_cast<ptrdiff_t>(i)]), wanted[i], tolerance<T>);
}

struct job {
  std::string what, shape;
  double flops, bytes;
  std::string limit;
};
template <class T>
std::string name_of(const job& j) {
  return "steps/" + j.what + "/" + bench::type_name<T> + "/" + j.shape;
}
template <class T, class State>
void add(const job& j, const char* who, std::shared_ptr<State> state, step<T> one) {
  bench::add({.name     = name_of<T>(j),
              .peer     = who,
              .elements = 1000,
              .bytes    = j.bytes,
              .flops    = j.flops,
              .limit    = j.limit,
              .run      = [state, one](long times) {
                for (; times > 0; --times) one();
              }});
}

template <class T>
struct perceptron_case {
  job about;
  std::shared_ptr<batch<T>> data;
  perceptron<T> start;
  double losses[2];
  exact_perceptron exact;

  perceptron_case(const char* what, std::vector<ptrdiff_t> sizes, ptrdiff_t rows)
      : data(std::make_shared<batch<T>>(rows, sizes[0], sizes.back())), start(sizes), exact(start) {
    double flops = 0, parameters = 0;
    for (std::size_t l = 0; l + 1 < sizes.size(); ++l) {
      const double one = static_cast<double>(sizes[l]) * static_cast<double>(sizes[l + 1]);
      flops += (l ? 6 : 4) * one * static_cast<double>(rows);
      parameters += one;
    }
    const std::string type = bench::type_name<T>;
    about                  = {what, std::to_string(rows) + " rows", flops, 0, "gemm/" + type};
    if (rows == 1) {  // every weight is read twice and written once; a triad over as much memory
      const auto n = static_cast<ptrdiff_t>(parameters) / 3;
      about.limit  = "triad/" + type + "/" + std::to_string(n);
      about.bytes  = 3 * sizeof(T) * parameters;
      bench::add_limit("triad", type, n);
    }
    for (double& loss : losses) loss = exact.step(*data, sizes);
  }
  void add_peer(const char* who, const peer<T>& made) const {
    if (!made.of_perceptron) return;
    const auto p   = std::make_shared<perceptron<T>>(start);
    const auto one = made.of_perceptron(*data, *p);
    for (const double loss : losses) bench::agree(name_of<T>(about), who, one(), loss, tolerance<T>);
    for (std::size_t l = 0; l < exact.w.size(); ++l)
      compare<T>(name_of<T>(about), who, p->w[l], exact.w[l]), compare<T>(name_of<T>(about), who, p->b[l], exact.b[l]);
    add<T>(about, who, std::make_shared<std::pair<std::shared_ptr<batch<T>>, std::shared_ptr<perceptron<T>>>>(data, p), one);
  }
};

template <class T>
struct logistic_case {
  job about;
  ptrdiff_t rows;
  double losses[2];
  logistic<T> start;
  exact_logistic exact;

  explicit logistic_case(ptrdiff_t m) : rows(m), start(m, 784), exact(start) {
    const ptrdiff_t n      = m * 784;
    const std::string type = bench::type_name<T>;
    about = {"logistic regression", std::to_string(m) + "x784", 4.0 * static_cast<double>(n), sizeof(T) * static_cast<double>(n),
             "read/" + type + "/" + std::to_string(n)};
    bench::add_limit("read", type, n);
    for (double& loss : losses) loss = exact.step(start);
  }
  void add_peer(const char* who, const peer<T>& made) const {
    if (!made.of_logistic) return;
    const auto p   = std::make_shared<logistic<T>>(rows, 784);
    const auto one = made.of_logistic(*p);
    for (const double loss : losses) bench::agree(name_of<T>(about), who, one(), loss, tolerance<T>);
    compare<T>(name_of<T>(about), who, p->w, exact.w);
    bench::agree(name_of<T>(about), who, p->b, exact.b, tolerance<T>);
    add<T>(about, who, p, one);
  }
};

template <class T>
struct elman_case {
  job about;
  elman<T> start;
  exact_elman exact;
  double losses[2];

  elman_case() : start(16, 50, 100, 10), exact(start) {
    const double m = 16, n = 50, h = 100, k = 10, t = elman<T>::times;
    // No product with the zero state of the beginning.
    about = {"Elman network, 6 times", "16x50-100-10", m * (t * 4 * n * h + (t - 1) * 6 * h * h + 6 * h * k), 0,
             std::string("gemm/") + bench::type_name<T>};
    for (double& loss : losses) loss = exact.step(start);
  }
  void add_peer(const char* who, const peer<T>& made) const {
    if (!made.of_elman) return;
    const auto p    = std::make_shared<elman<T>>(start);
    const auto one  = made.of_elman(*p);
    const auto name = name_of<T>(about);
    for (const double loss : losses) bench::agree(name, who, one(), loss, tolerance<T>);
    compare<T>(name, who, p->w, exact.w), compare<T>(name, who, p->u, exact.u), compare<T>(name, who, p->b, exact.b);
    compare<T>(name, who, p->v, exact.v), compare<T>(name, who, p->c, exact.c);
    add<T>(about, who, p, one);
  }
};

template <class T>
void add_all() {
  std::vector<std::pair<const char*, peer<T>>> peers{{"agnesi", by_agnesi<T>()}};
#ifdef AGNESI_USE_BLAS
  peers.emplace_back("BLAS by hand", by_hand<T>());
#endif
#ifdef BENCH_HAS_EIGEN
  peers.emplace_back("Eigen", by_eigen<T>());
#endif
#ifdef BENCH_HAS_XTENSOR_BLAS
  peers.emplace_back("xtensor", by_xtensor<T>());
#endif
  bench::add_limit("gemm", bench::type_name<T>);
  const auto all = [&](const auto& one) {
    for (const auto& [who, made] : peers) one.add_peer(who, made);
  };
  for (const ptrdiff_t rows : {400, 10000}) all(logistic_case<T>(rows));
  for (const ptrdiff_t rows : {60, 600}) all(perceptron_case<T>("softmax regression 784-10", {784, 10}, rows));
  for (const ptrdiff_t rows : {1, 60, 128}) all(perceptron_case<T>("MLP 784-500-10", {784, 500, 10}, rows));
  for (const ptrdiff_t rows : {1, 60, 128})
    all(perceptron_case<T>("MLP 784-1000-1000-1000-10", {784, 1000, 1000, 1000, 10}, rows));
  all(elman_case<T>());
}

}  // namespace

int main(int argc, char** argv) {
  bench::begin(argc, argv);
  add_all<float>();
  add_all<double>();
  return bench::run();
}
