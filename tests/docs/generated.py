#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Prints the pages of docs/reference/generate anew and compares them with those that are committed.

    generated.py --compiler g++ docs/reference/operations.md …    complains about what is out of date
    generated.py --write                                          rewrites all of them

The test cases that a page names have to be there, too.
"""
import argparse
import difflib
import re
import subprocess
import sys
import tempfile
from pathlib import Path

root = Path(__file__).parent.parent.parent
folder = Path("docs/reference")
pages = [folder / "operations.md", folder / "rewrites.md", folder / "before_after.md"]


def printed(page, compiler):
    """What the page's program prints, and the test cases that it names."""
    source = folder / "generate" / f"{page.stem}.cpp"
    with tempfile.TemporaryDirectory() as place:
        program = Path(place) / page.stem
        flags = ["-std=c++20", "-O0", "-Iinclude", "-Itests"]
        made = subprocess.run([compiler, *flags, source, "-o", program], cwd=root, encoding="utf-8", capture_output=True)
        if made.returncode:
            sys.exit(f"{source} does not compile:\n{made.stderr[:4000]}")
        text = subprocess.run([program], encoding="utf-8", capture_output=True)
        if text.returncode:
            sys.exit(f"{source} stops:\n{text.stderr}")
        cases = subprocess.run([program, "tests"], encoding="utf-8", capture_output=True).stdout if page.stem == "rewrites" else ""
        return text.stdout, [line.split("\t") for line in cases.splitlines()]


def complaints(page, text, cases):
    """What is wrong with the page, and with the test cases it names."""
    for file, case in cases:
        path = root / file
        if not path.exists() or not re.search(r"TEST_CASE\w*\(\"" + re.escape(case) + '"', path.read_text(encoding="utf-8")):
            yield f'{page} names a test case that is not there: "{case}" of {file}'
    old = (root / page).read_text(encoding="utf-8") if (root / page).exists() else ""
    if old != text:
        difference = difflib.unified_diff(old.splitlines(), text.splitlines(), "committed", "printed", "", "", 0, "")
        yield f"{page} is out of date; tests/docs/generated.py --write rewrites it\n" + "\n".join([*difference][:40])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--compiler", default="c++")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("pages", type=Path, nargs="*", default=pages)
    args = parser.parse_args()
    bad = 0
    for page in args.pages:
        text, cases = printed(page, args.compiler)
        if args.write:
            (root / page).write_text(text, encoding="utf-8")
        wrong = list(complaints(page, text, cases))
        print("\n".join(wrong) or f"{page} is as its program prints it", flush=True)
        bad += len(wrong)
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
