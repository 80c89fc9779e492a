#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# What compiling costs: benchmarks/compile/run.sh [--help]. Nothing else should run meanwhile.
exec python3 -B "$(dirname "$0")/measure.py" "$@"
