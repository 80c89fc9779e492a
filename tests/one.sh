#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Compiles and runs one test file by itself: tests/one.sh tests/ir/test_graph.cpp [doctest's options]
# CXX and CXXFLAGS are heeded: CXX=clang++-16 CXXFLAGS=-O0 tests/one.sh …
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
file=$(realpath "$1")
compiler=${CXX:-g++}
folder=$root/build/one/$(basename "$compiler")
name=$(echo "${file#"$root"/}" | tr / .)
mkdir -p "$folder"

[ "$folder/main.o" -nt "$root/tests/main.cpp" ] || "$compiler" -std=c++20 -O1 -c "$root/tests/main.cpp" -o "$folder/main.o"
flags=(-std=c++20 -O1 -Wall -Wextra -Wconversion -Wshadow -Wpedantic -Werror -I"$root/include" -I"$root/tests"
       -DDOCTEST_CONFIG_SUPER_FAST_ASSERTS -DAGNESI_SOURCE_DIR="\"$root\"")
case $("$compiler" --version) in
  *clang*) flags+=(-Wno-sign-conversion) ;;
  *) flags+=(-Wno-shadow -Wshadow=local -Wno-uninitialized -Wno-maybe-uninitialized) ;; # as in CMakeLists.txt
esac
libraries=()
if pkg-config --exists openblas 2>/dev/null; then
  read -ra blas <<<"$(pkg-config --cflags openblas | sed 's/-I/-isystem/g')"
  flags+=(-DAGNESI_USE_BLAS "${blas[@]}")
  read -ra libraries <<<"$(pkg-config --libs openblas)"
fi
read -ra more <<<"${CXXFLAGS:-}"
"$compiler" "${flags[@]}" "${more[@]}" "$file" "$folder/main.o" -o "$folder/$name" "${libraries[@]}"
shift
cd "$root" && "$folder/$name" "$@"
