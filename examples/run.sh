#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Builds and runs an example, for this machine's processor; on Debian and Ubuntu installs first what is missing.
#
#   examples/run.sh                digits, which learns to read handwritten digits
#   examples/run.sh NAME [ARG…]    examples/NAME.cpp
#
# CXX (g++) is heeded.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/tools.sh
name=${1:-digits}
[ $# = 0 ] || shift
[ -f "examples/$name.cpp" ] || { echo "there is no examples/$name.cpp" >&2; exit 1; }
install_tools g++ pkg-config -- libxsimd-dev libopenblas-dev

flags=() libraries=()
if pkg-config --exists openblas; then
  read -ra flags <<<"-DAGNESI_USE_BLAS $(pkg-config --cflags openblas)"
  read -ra libraries <<<"$(pkg-config --libs openblas)"
fi
program=build/examples/$name
mkdir -p build/examples
echo "== compiling examples/$name.cpp"
"${CXX:-g++}" -std=c++20 -O2 -march=native -Iinclude "${flags[@]}" "examples/$name.cpp" -o "$program" "${libraries[@]}"
echo "== running $program"
exec "$program" "$@"
