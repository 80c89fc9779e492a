#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Compiles and runs the C++ of pages, and looks for the output that they show.

    check.py --compiler g++ --flags flags.txt README.md docs/tutorial/*.md [-- libraries…]
    check.py --compiler g++ --whole docs/internals/in_250_lines.md [-- warnings…]

A ```cpp block with a main() is a program; the other ```cpp blocks of a page are, in their order, one more: what
begins with #include, namespace or using stands before main(), the rest in it. With --whole all blocks are one program,
as they stand. Every line of the ```text blocks must be printed by the page's programs, in that order, as
expected/check.py of the examples compares lines.
"""
import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent / "examples" / "expected"))
from check import agrees  # noqa: E402  (examples/expected/check.py)


def programs(page, whole):
    """The C++ programs of a page, and the lines that they are to print."""
    blocks = re.findall(r"^```(cpp|text)\n(.*?)^```$", page, re.M | re.S)
    code = [text for kind, text in blocks if kind == "cpp"]
    if whole:
        code = ["".join(code)]
    result = [text for text in code if re.search(r"\bmain\s*\(", text)]
    pieces = [line for text in code if text not in result for line in text.splitlines()]
    if pieces:
        outside = [bool(re.match(r"#include|namespace|using", line)) for line in pieces]
        before = [line for line, out in zip(pieces, outside) if out]
        inside = [line for line, out in zip(pieces, outside) if not out]
        result.append("\n".join([*before, "int main() {", *inside, "}", ""]))
    return result, [line for kind, text in blocks if kind == "text" for line in text.splitlines() if line.strip()]


def complaint(path, args, folder):
    """What is wrong with a page; empty if nothing is."""
    code, expected = programs(path.read_text(), args.whole)
    if not code:
        return "has no C++"
    printed = []
    for number, text in enumerate(code):
        source, program = folder / f"{number}.cpp", folder / f"{number}"
        source.write_text(text)
        flags = [f"@{args.flags}"] if args.flags else ["-std=c++20", "-O2", "-Iinclude"]
        made = subprocess.run([args.compiler, *flags, source, "-o", program, *args.libraries], text=True,
                              capture_output=True)
        if made.returncode:
            return f"has C++ that does not compile:\n{text}\n{made.stderr[:4000]}"
        run = subprocess.run([program], text=True, capture_output=True)
        if run.returncode:
            return f"has C++ that fails, exit status {run.returncode}:\n{text}\n{run.stdout}{run.stderr}"
        printed += run.stdout.splitlines()
    rest = iter(printed)
    for line in expected:
        if not any(agrees(line, other) for other in rest):
            return f"shows what is not printed at its place:\n{line}\nAll that is printed:\n" + "\n".join(printed)
    return ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--compiler", default="c++")
    parser.add_argument("--flags", help="a response file")
    parser.add_argument("--whole", action="store_true", help="the blocks of a page are one program")
    parser.add_argument("pages", type=Path, nargs="+")
    pages = sys.argv[1:sys.argv.index("--")] if "--" in sys.argv else sys.argv[1:]
    args = parser.parse_args(pages)
    args.libraries = sys.argv[len(pages) + 2:]
    bad = 0
    for path in args.pages:
        with tempfile.TemporaryDirectory() as folder:
            found = complaint(path, args, Path(folder))
        print(f"{path} {found or 'is as it says'}", flush=True)
        bad += bool(found)
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
