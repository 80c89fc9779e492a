// SPDX-License-Identifier: BSD-3-Clause
#include "harness.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <set>
#include <vector>

#include "clean_environment.hpp"
#include "limits.hpp"
#include "numbers.hpp"

#if __has_include(<xsimd/xsimd.hpp>)
#include <xsimd/config/xsimd_config.hpp>
#endif

namespace bench {
namespace {

int thread_count = 1;
std::vector<row> rows;
std::set<std::string> limits;

std::string processor() {
  std::ifstream info("/proc/cpuinfo");
  std::string line, model, family, number;
  const auto value = [&] { return line.substr(line.find(':') + 2); };
  while (std::getline(info, line) && (model.empty() || family.empty() || number.empty())) {
    if (line.rfind("model name", 0) == 0)
      model = value();
    else if (line.rfind("cpu family", 0) == 0)
      family = value();
    else if (line.rfind("model\t", 0) == 0)
      number = value();
  }
  return model + " (family " + family + ", model " + number + ")";
}

void time_row(benchmark::State& state, const row& r) {
  // A batch of at least some hundred nanoseconds, beside which the library's own counting is nothing.
  const long batch = std::clamp(static_cast<long>(4000 / (r.elements + 1)), 1l, 500l);
  while (state.KeepRunningBatch(batch)) r.run(batch);
  state.counters["elements"] = r.elements;
  state.counters["bytes"]    = r.bytes;
  state.counters["flops"]    = r.flops;
  state.SetLabel(r.limit);
}

template <class T>
void add_limit_of(const std::string& kind, std::ptrdiff_t n) {
  const std::string name = "limit/" + kind + "/" + type_name<T> + (n ? "/" + std::to_string(n) : "");
  const double size      = static_cast<double>(n) * sizeof(T);
  if (kind == "gemm") {
    for (const std::ptrdiff_t m : {64, 128, 384, 768}) {
      const double cube = static_cast<double>(m * m * m);
      if (const auto gemm = best_gemm<T>(m); gemm)
        add({.name = name, .peer = std::to_string(m), .elements = cube, .bytes = 0, .flops = 2 * cube, .limit = "", .run = gemm});
    }
    return;
  }
  struct three {
    memory<T> a, b, to;
  };
  static std::shared_ptr<three> shared;
  if (!shared || shared->a.size() < n) shared.reset(new three{memory<T>(n, 1, 2, 1), memory<T>(n, 1, 2, 2), memory<T>(n)});
  const auto all    = shared;
  const int streams = kind == "triad" ? 3 : kind == "copy" ? 2 : 1;
  for (const bool past_cache : {false, true}) {
    if (past_cache && (kind == "read" || size * streams < 8e6)) continue;
    add({.name     = name,
         .peer     = past_cache ? "streaming stores" : "stores",
         .elements = static_cast<double>(n),
         .bytes    = size * streams,
         .flops    = 0,
         .limit    = "",
         .run      = [=](long times) { sweep<T>(times, streams, past_cache, all->a.data(), all->b.data(), all->to.data(), n); }});
  }
}

}  // namespace

void begin(int& argc, char** argv) {
  for (int i = 1; i < argc; ++i)
    if (std::strncmp(argv[i], "--threads=", 10) == 0) thread_count = std::max(1, std::atoi(argv[i] + 10));
  with_clean_environment(argv, thread_count);
  int kept = 1;
  for (int i = 1; i < argc; ++i)
    if (std::strncmp(argv[i], "--threads=", 10) != 0) argv[kept++] = argv[i];
  argc = kept;
  benchmark::Initialize(&argc, argv);
  say("processor", processor());
  say("threads", std::to_string(thread_count));
  say("compiler", AGNESI_BENCHMARK_COMPILER);
  say("flags", AGNESI_BENCHMARK_FLAGS);
  say("BLAS", blas_description());
#ifdef XSIMD_VERSION_MAJOR
  say("xsimd", std::to_string(XSIMD_VERSION_MAJOR) + "." + std::to_string(XSIMD_VERSION_MINOR) + "." +
                   std::to_string(XSIMD_VERSION_PATCH));
#endif
#ifdef BENCH_HAS_EIGEN
  say("Eigen", BENCH_EIGEN_VERSION);
#endif
#ifdef BENCH_HAS_XTENSOR
  say("xtensor", BENCH_XTENSOR_VERSION);
#endif
}

int threads() { return thread_count; }
void add(row r) { rows.push_back(static_cast<row&&>(r)); }
void say(const std::string& key, const std::string& value) { benchmark::AddCustomContext("agnesi " + key, value); }

void add_limit(const std::string& kind, const std::string& type, std::ptrdiff_t n) {
  if (!limits.insert(kind + "/" + type + "/" + std::to_string(n)).second) return;
  if (type == "float")
    add_limit_of<float>(kind, n);
  else
    add_limit_of<double>(kind, n);
}

int run() {
  for (const row& r : rows) {
    auto* one =
        benchmark::RegisterBenchmark((r.name + "/" + r.peer).c_str(), [&r](benchmark::State& state) { time_row(state, r); });
    // One thread: the time that it ran, which other programs lengthen less than the time on the wall.
    if (thread_count > 1) one->UseRealTime();
  }
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}

}  // namespace bench
