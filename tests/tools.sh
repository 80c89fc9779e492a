# SPDX-License-Identifier: BSD-3-Clause
# For the scripts: installs, on Debian and Ubuntu, what is missing. Sourced, not run.

can_include() { # HEADER: does the compiler find it?
  echo "#include <$1>" | c++ -std=c++20 -x c++ -E - >/dev/null 2>&1 || [ -e "/usr/include/$1" ]
}

have() { # PACKAGE: is what it brings here, from wherever it came?
  case $1 in
    ninja-build) command -v ninja || command -v make ;;
    clang-16) command -v clang++-16 ;;
    doctest-dev) can_include doctest/doctest.h ;;
    libxsimd-dev) can_include xsimd/xsimd.hpp ;;
    libopenblas-dev) can_include cblas.h ;;
    libbenchmark-dev) can_include benchmark/benchmark.h ;;
    libeigen3-dev) can_include eigen3/Eigen/Core ;;
    libxtensor-dev) can_include xtensor/xtensor_config.hpp ;;
    libxtensor-blas-dev) can_include xtensor-blas/xblas_config.hpp ;;
    pkg-config) command -v pkg-config || command -v pkgconf ;;
    *) command -v "$1" ;;
  esac >/dev/null 2>&1
}

# install_tools needed… -- optional…: one that is needed and can't be had is an error, an optional one a remark.
install_tools() {
  local needed=() optional=() package list=needed as_root=() updated=
  for package in "$@"; do
    if [ "$package" = -- ]; then
      list=optional
    elif ! have "$package"; then
      if [ $list = needed ]; then needed+=("$package"); else optional+=("$package"); fi
    fi
  done
  [ $((${#needed[@]} + ${#optional[@]})) -gt 0 ] || return 0
  echo "== not here yet: ${needed[*]} ${optional[*]}"
  if command -v apt-get >/dev/null; then
    [ "$(id -u)" = 0 ] || as_root=(sudo)
    export DEBIAN_FRONTEND=noninteractive
    for package in "${needed[@]}" "${optional[@]}"; do
      if [ -z "$updated" ]; then
        "${as_root[@]}" apt-get update -qq || echo "== apt-get update failed; going on with the lists there are"
        updated=yes
      fi
      "${as_root[@]}" apt-get install -y -qq --no-install-recommends "$package" >/dev/null ||
        echo "== $package could not be installed"
    done
  fi
  for package in "${needed[@]}"; do
    have "$package" || { echo "== $package is needed, and missing" >&2; return 1; }
  done
}
