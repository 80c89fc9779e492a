#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs a program and compares what it prints with the lines of a file.

    check.py expected/digits.txt build/default/examples/digits

Every line of the file must be printed, in that order; other lines may stand between them. In a line, `...` stands
for anything, runs of spaces are one, and numbers with a point or an exponent may differ by one part in 10,000.
"""
import re
import subprocess
import sys
from pathlib import Path

number = re.compile(r"[-+]?\d+\.\d*(?:[eE][-+]?\d+)?|[-+]?\d+[eE][-+]?\d+")


def agrees(expected, printed):
    pieces = re.split(r"(\.\.\.|" + number.pattern + r"|\s+)", expected.strip())
    pattern, numbers = "", []
    for piece in pieces:
        if piece == "...":
            pattern += ".*"
        elif number.fullmatch(piece):
            numbers.append(float(piece))
            pattern += r"([-+]?[\d.]+(?:[eE][-+]?\d+)?)"
        elif piece.isspace():
            pattern += r"\s+"
        else:
            pattern += re.escape(piece)
    found = re.fullmatch(pattern, printed.strip())
    try:
        return bool(found) and all(abs(float(a) - b) <= 1e-4 * abs(b) + 1e-12 for a, b in zip(found.groups(), numbers))
    except ValueError:
        return False


def main():
    result = subprocess.run(sys.argv[2:], text=True, stdout=subprocess.PIPE)
    print(result.stdout)
    if result.returncode:
        print(f"exit status {result.returncode}")
        return 1
    printed = iter(result.stdout.splitlines())
    for line in Path(sys.argv[1]).read_text().splitlines():
        if line.strip() and not any(agrees(line, other) for other in printed):
            print(f"expected, and not printed at its place:\n{line}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
