#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Builds and runs the tests; on Debian and Ubuntu installs first what is missing.
#
#   tests/run.sh                    every configuration: default, clang (where there is one), portable, sanitize
#   tests/run.sh default no-blas    only these presets of CMakePresets.json
#
# Everything it makes is in build/PRESET. All tests run at the end, in one CTest run with one summary.
set -uo pipefail
cd "$(dirname "$0")/.."
. tests/tools.sh

jobs=$(nproc)
presets=("$@")
optional=(libxsimd-dev libopenblas-dev)
if [ ${#presets[@]} = 0 ]; then
  presets=(default clang portable sanitize)
  optional+=(clang-16)
fi
install_tools g++ cmake ninja-build pkg-config python3 doctest-dev -- "${optional[@]}" || exit 1

if [ $# = 0 ] && ! have clang-16; then
  echo "== no clang++-16: the configuration clang is left out"
  presets=(default portable sanitize)
fi
command -v ninja >/dev/null && export CMAKE_GENERATOR=${CMAKE_GENERATOR:-Ninja}

# One CTest run over all of them, from a folder whose tests are those of the build folders beside it, and
# PRESET/build, which says whether everything was configured and built.
mkdir -p build/all
entries=build/all/CTestTestfile.cmake
: >$entries
status=0
for preset in "${presets[@]}"; do
  start=$SECONDS
  verdict=true
  if cmake --preset "$preset" >build/all/configure.log 2>&1; then
    echo "== $preset: building"
    keep_going=()
    grep -q '^CMAKE_GENERATOR:INTERNAL=Ninja' "build/$preset/CMakeCache.txt" && keep_going=(-- -k 0)
    cmake --build "build/$preset" -j"$jobs" "${keep_going[@]}" || verdict=false
    echo "subdirs(\"../$preset\")" >>$entries
  else
    echo "== $preset: can't be configured"
    cat build/all/configure.log
    verdict=false
  fi
  echo "== $preset: $((SECONDS - start)) s"
  [ $verdict = true ] || status=1
  echo "add_test($preset/build \"$(command -v cmake)\" -E $verdict)" >>$entries
done

echo "== testing ${presets[*]}"
ctest --test-dir build/all -j"$jobs" --timeout 900 --output-on-failure --no-label-summary --no-tests=error 2>&1 |
  grep -vE '^ +Start +[0-9]+:' || status=1
exit $status
