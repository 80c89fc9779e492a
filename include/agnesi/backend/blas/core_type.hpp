// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Whether OpenBLAS uses the kernels that the processor deserves. It chooses them when it is loaded, by the
// processor or by an environment variable, and those of an older kind of core take twice the time, or more.
//
//   agnesi::blas::advice("Haswell", agnesi::blas::simd_level::avx512)   // "kernels for AVX2, ..."

#include <cstdlib>
#include <string>
#include <string_view>

namespace agnesi::blas {

/// The widest vectors of a processor, or those that a set of kernels uses.
enum class simd_level { unknown, sse, avx, avx2, avx512 };

constexpr std::string_view spelled(simd_level l) {
  switch (l) {
  case simd_level::sse: return "SSE";
  case simd_level::avx: return "AVX";
  case simd_level::avx2: return "AVX2";
  case simd_level::avx512: return "AVX-512";
  default: return "unknown";
  }
}

/// What the kernels of one of OpenBLAS's core types use; unknown for other names and other architectures.
constexpr simd_level level_of_core(std::string_view core) {
  constexpr struct {
    std::string_view name;
    simd_level level;
  } cores[] = {
      {"SkylakeX", simd_level::avx512},  {"Cooperlake", simd_level::avx512}, {"Sapphirerapids", simd_level::avx512},
      {"SapphireRapids", simd_level::avx512},
      {"Haswell", simd_level::avx2},     {"Zen", simd_level::avx2},          {"Excavator", simd_level::avx2},
      {"Sandybridge", simd_level::avx},  {"Bulldozer", simd_level::avx},     {"Piledriver", simd_level::avx},
      {"Steamroller", simd_level::avx},  {"Nehalem", simd_level::sse},       {"Dunnington", simd_level::sse},
      {"Penryn", simd_level::sse},       {"Core2", simd_level::sse},         {"Prescott", simd_level::sse},
      {"Atom", simd_level::sse},         {"Nano", simd_level::sse},          {"Barcelona", simd_level::sse},
      {"Bobcat", simd_level::sse},       {"Opteron", simd_level::sse},       {"Opteron_SSE3", simd_level::sse},
      {"Athlon", simd_level::sse},       {"Banias", simd_level::sse},        {"Northwood", simd_level::sse},
      {"Coppermine", simd_level::sse},   {"Katmai", simd_level::sse}};
  for (const auto& c : cores)
    if (c.name == core) return c.level;
  return simd_level::unknown;
}

/// What this processor has, as far as compilers can ask it.
inline simd_level level_of_processor() {
#if defined(__x86_64__) && defined(__GNUC__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw"))
    return simd_level::avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return simd_level::avx2;
  return __builtin_cpu_supports("avx") ? simd_level::avx : simd_level::sse;
#else
  return simd_level::unknown;
#endif
}

/// What to say of a core type on a processor: nothing where its kernels use all there is.
inline std::string advice(std::string_view core, simd_level processor) {
  const simd_level kernels = level_of_core(core);
  if (kernels == simd_level::unknown || kernels >= processor) return "";
  std::string text = ", whose kernels use ";
  text += spelled(kernels);
  text += " where this processor has ";
  text += spelled(processor);
  const char* const wanted = std::getenv("OPENBLAS_CORETYPE");
  text += wanted != nullptr && *wanted != '\0' ? ": OPENBLAS_CORETYPE is set" : ": set OPENBLAS_CORETYPE, or take a newer OpenBLAS";
  return text + " (docs/reference/blas.md)";
}

} // namespace agnesi::blas
