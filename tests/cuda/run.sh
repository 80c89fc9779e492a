#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Compiles every tests/cuda/*.cu for one architecture and runs those that can run here.
#
#   tests/cuda/run.sh [NAME…]        tests/cuda/NAME.cu; all of them without a name
#
# Such a test is a program: it prints a line or more, and its exit status is the verdict. A first comment may hold
#   // needs: gpu          it is only compiled where there is no GPU
#   // flags: -lcusolver   more for nvcc
# AGNESI_CUDA_ARCH (sm_90), CUDAHOSTCXX and NVCCFLAGS are heeded. A program newer than its sources is kept.
set -uo pipefail
cd "$(dirname "$0")/../.."
PATH=$PATH:/usr/local/cuda/bin
nvcc=$(command -v nvcc) || { echo "no nvcc: the CUDA tests are left out"; exit 0; }
toolkit=$(dirname "$(dirname "$(readlink -f "$nvcc")")")
export out=build/cuda nvcc toolkit
mkdir -p $out

compile() { # FILE.cu: $out/NAME, or $out/NAME.log and no program
  local file=$1 name flags
  name=$(basename "$file" .cu)
  if [ "$out/$name" -nt "$file" ] && [ -z "$(find include tests/cuda/run.sh -newer "$out/$name" -type f -print -quit)" ]; then
    return
  fi
  rm -f "$out/$name"
  read -ra flags <<<"$(sed -n 's|^// flags:||p' "$file") ${NVCCFLAGS:-}"
  local start=$SECONDS
  if "$nvcc" -std=c++20 -arch="${AGNESI_CUDA_ARCH:-sm_90}" -O2 -Iinclude -Itests "$file" -o "$out/$name" \
    -Xlinker --as-needed -Xlinker "-rpath=$toolkit/lib64" -lcublas -lcublasLt "${flags[@]}" >"$out/$name.log" 2>&1; then
    echo "== cuda/$name: compiled in $((SECONDS - start)) s"
  else
    echo "== cuda/$name: does not compile"
    head -n 40 "$out/$name.log"
  fi
}
export -f compile

files=()
if [ $# = 0 ]; then
  for file in tests/cuda/*.cu; do [ -e "$file" ] && files+=("$file"); done
else
  for name in "$@"; do files+=("tests/cuda/$(basename "$name" .cu).cu"); done
fi
[ ${#files[@]} -gt 0 ] || { echo "no CUDA tests"; exit 0; }
printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$(nproc)" bash -c 'compile "$1"' compile

# One CTest entry a file: compiled, and run where it can be.
gpu=no
nvidia-smi -L 2>/dev/null | grep -q GPU && gpu=yes
for file in "${files[@]}"; do
  name=$(basename "$file" .cu)
  if [ -x "$out/$name" ] && [ $gpu = no ] && grep -q '^// needs: gpu' "$file"; then
    echo "add_test(cuda/$name \"$(command -v echo || echo /bin/echo)\" \"compiled; there is no GPU to run it\")"
  else
    echo "add_test(cuda/$name \"$PWD/$out/$name\")"
  fi
  echo "set_tests_properties(cuda/$name PROPERTIES WORKING_DIRECTORY \"$PWD\" LABELS cuda)"
done >$out/CTestTestfile.cmake
ctest --test-dir $out --timeout 300 --output-on-failure --no-label-summary --no-tests=error
