#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Compiles a mistake and its corrected twin: the first must fail with the expected sentence, the second compile.

    check.py --compiler g++ --flags flags.txt file.cpp

The file holds both, and says what it expects:

    // expect: the cost must be a scalar
    // within: 12
    #ifdef MISTAKE
    auto g = grad(x, w);
    #else
    auto g = grad(sum(x), w);
    #endif

Every `expect` must stand, in one line, among the first lines of what the compiler says; `within` is their number, 12
if it isn't given.
"""
import argparse
import os
import re
import subprocess
import sys
from pathlib import Path


def compile(command, file, *more):
    result = subprocess.run([*command, "-fsyntax-only", *more, str(file)], text=True, capture_output=True,
                            env={**os.environ, "LC_ALL": "C"})
    return result.returncode, result.stderr.splitlines()


def plain(line):
    """With single spaces, and quotes of one kind: compilers differ in both."""
    return re.sub(r"\s+", " ", re.sub("[‘’`]", "'", line))


def complaint(command, file):
    """What is wrong with the file, or nothing."""
    text = Path(file).read_text()
    expected = [e.strip() for e in re.findall(r"^// expect:(.+)$", text, re.M)]
    budget = int((re.findall(r"^// within: *(\d+)", text, re.M) or ["12"])[0])
    if not expected or "MISTAKE" not in text:
        return "a compile-fail test holds a line `// expect: sentence` and a mistake under `#ifdef MISTAKE`"

    code, output = compile(command, file, "-DMISTAKE")
    said = f"\n  the compiler said, in {len(output)} lines:\n" + "\n".join("  | " + line for line in output[:40])
    if code == 0:
        return "the mistake compiles"
    if code < 0 or any("internal compiler error" in line or "PLEASE submit a bug report" in line for line in output):
        return "the compiler crashed on the mistake" + said
    for sentence in expected:
        lines = [n for n, line in enumerate(output, 1) if plain(sentence) in plain(line)]
        if not lines:
            return f"the compiler does not say `{sentence}`" + said
        if lines[0] > budget:
            return f"the compiler says `{sentence}` in line {lines[0]}, past the budget of {budget}" + said

    code, output = compile(command, file)
    if code != 0:
        return "the corrected twin does not compile\n" + "\n".join("  | " + line for line in output[:40])
    return ""


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--compiler", default="c++")
    parser.add_argument("--flags", help="a response file")
    parser.add_argument("file", type=Path)
    args = parser.parse_args()
    found = complaint([args.compiler, f"@{args.flags}" if args.flags else "-std=c++20"], args.file)
    print(f"{args.file.name}: {found or 'refused as expected, and its twin compiles'}")
    sys.exit(bool(found))
