#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Builds the benchmarks of benchmarks/run, runs them beside NumPy, PyTorch and JAX, and prints their tables:
#
#   benchmarks/run.sh                 everything, with one thread and with two
#   benchmarks/run.sh rows small      these families
#   benchmarks/run.sh --docs          everything, and writes docs/reference/performance.md with its plots
#
# CXX is heeded, BUILD is the folder to build in, PYTHON the interpreter that has NumPy and the like, THREADS ("1 2") the numbers
# of threads, REPETITIONS and MIN_TIME (seconds) how often and how long each case is timed. benchmarks/compile/run.sh measures
# what compiling costs.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
build=${BUILD:-$root/build/benchmarks}
repetitions=${REPETITIONS:-5} min_time=${MIN_TIME:-0.02}
read -ra threads <<<"${THREADS:-$([ "$(nproc)" -gt 1 ] && echo 1 2 || echo 1)}"
all=(elementwise layouts rows reductions steps small calls gemm)
threaded=" elementwise layouts rows reductions steps " python=" elementwise rows reductions steps "
option=
names=()
for argument in "$@"; do
  case $argument in
    --help) sed -n '3,11s/^# \?//p' "$0"; exit ;;
    --docs) option=--docs ;;
    *) names+=("$argument") ;;
  esac
done
if [ -n "$option" ] && [ ${#names[@]} -gt 0 ]; then
  echo "--docs writes the page from all families: leave the names out" >&2
  exit 2
fi
[ ${#names[@]} -gt 0 ] || names=("${all[@]}")

# shellcheck source=../tests/tools.sh
. "$root/tests/tools.sh"
install_tools g++ cmake pkg-config libbenchmark-dev -- libxsimd-dev libopenblas-dev libeigen3-dev libxtensor-dev \
              libxtensor-blas-dev >&2

say() { printf '%s %s\n' "$(date +%T)" "$*" >&2; }

cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release -DAGNESI_BUILD_BENCHMARKS=ON -DAGNESI_BUILD_TESTS=OFF \
      -DAGNESI_BUILD_EXAMPLES=OFF >/dev/null
say "building ${names[*]}"
cmake --build "$build" --parallel "$(nproc)" --target "${names[@]/#/agnesi_benchmark_}" -- -s >&2

results=$build/results
rm -rf "$results"
mkdir -p "$results"
for name in "${names[@]}"; do
  if [ ! -e "$root/benchmarks/run/$name/main.cpp" ]; then  # a program that prints a table of its own
    "$build/benchmarks/$name"
    continue
  fi
  for n in "${threads[@]}"; do
    if [ "$n" -gt 1 ] && [[ $threaded != *" $name "* ]]; then continue; fi
    say "$name, threads: $n"
    "$build/benchmarks/$name" --threads="$n" --benchmark_repetitions="$repetitions" --benchmark_min_time="$min_time" \
      --benchmark_enable_random_interleaving=true --benchmark_report_aggregates_only=true --benchmark_out_format=json \
      --benchmark_out="$results/$name.$n.json" >/dev/null 2>"$results/log" || { cat "$results/log" >&2; exit 1; }
    if [[ $python == *" $name "* ]]; then
      "${PYTHON:-python3}" "$root/benchmarks/python_peers.py" --threads="$n" --repetitions="$repetitions" --min_time="$min_time" \
        --out="$results/$name.$n.python.json" "$name" || say "$name: nothing from Python"
    fi
  done
done
say "done"
shopt -s nullglob
files=("$results"/*.json)
[ ${#files[@]} -eq 0 ] || python3 "$root/benchmarks/report.py" $option "${files[@]}"
