#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""check.py accepts a good file, and says of each bad one what is wrong with it."""
import argparse
import sys
from pathlib import Path

here = Path(__file__).parent
sys.path.insert(0, str(here.parent))
from check import complaint  # noqa: E402

parser = argparse.ArgumentParser()
parser.add_argument("--compiler", default="c++")
command = [parser.parse_args().compiler, "-std=c++20"]

verdicts = {
    "passes": "",
    "silent": "does not say `a sentence that nobody says`",
    "late": "past the budget of 2",
    "harmless": "the mistake compiles",
    "twin": "the corrected twin does not compile",
    "speechless": "holds a line `// expect: sentence`",
}
wrong = 0
for name, verdict in verdicts.items():
    found = complaint(command, here / f"{name}.cpp")
    if bool(found) != bool(verdict) or verdict not in found:
        wrong += 1
        print(f"{name}: expected `{verdict}`, found `{found}`")
print(f"{len(verdicts)} verdicts, {wrong} wrong")
sys.exit(bool(wrong))
