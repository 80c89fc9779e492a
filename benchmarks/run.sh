#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Builds the programs of benchmarks/run and prints their tables: benchmarks/run.sh [NAME…]
# CXX, and BUILD for the folder to build in, are heeded. benchmarks/compile/run.sh measures what compiling costs.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
build=${BUILD:-$root/build/benchmarks}
names=("$@")
[ ${#names[@]} -gt 0 ] || names=(call_overhead logistic_step mlp_step loop_kernel gemm_kernel mathematics)

cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release -DAGNESI_BUILD_BENCHMARKS=ON -DAGNESI_BUILD_TESTS=OFF \
      -DAGNESI_BUILD_EXAMPLES=OFF >/dev/null
cmake --build "$build" --target "${names[@]/#/agnesi_benchmark_}" -- -s >&2
for name in "${names[@]}"; do
  printf '## %s\n\n' "$name"
  "$build/benchmarks/$name"
done
