#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Compiles every header alone, included twice, with -fsyntax-only.

    check.py --compiler g++ --flags flags.txt --stamps headers.json include -- -Wall -Werror

A header that passed is not compiled again until it, or one that it includes, changes (--stamps). A header
that needs something that is not here (CUDA, Eigen) is named and passed over.
"""
import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "arrows"))
from check import includes  # noqa: E402  (tests/arrows/check.py)

elsewhere = re.compile(r"fatal error: '?((Eigen|cuda|cub|thrust|cublas|cusolver|cusparse|curand|nv)[\w./]*)", re.I)
device_code = re.compile(r"__global__|__device__|__shared__|<<<|cuda(Stream|Error|Malloc|Free|Graph)")


def closure(root, header, known):
    """The header and all of ours that it includes."""
    if header not in known:
        known[header] = {header}
        if (root / header).is_file():
            for _, _, target in includes(root, header):
                if target is not None:
                    known[header] = known[header] | closure(root, target, known)
    return known[header]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--compiler", default="c++")
    parser.add_argument("--flags", help="a response file")
    parser.add_argument("--stamps", help="where to keep what passed")
    parser.add_argument("--jobs", type=int, default=min(os.cpu_count() or 1, 8))
    parser.add_argument("root", type=Path)
    parser.add_argument("more", nargs="*")
    args = parser.parse_args()
    root = args.root
    command = [args.compiler, "-x", "c++", "-fsyntax-only"]
    command += [f"@{args.flags}"] if args.flags else ["-std=c++20", f"-I{root}"]
    command += args.more + ["-"]
    setting = " ".join(command) + (Path(args.flags).read_text() if args.flags else "")
    headers = sorted(path.relative_to(root).as_posix() for path in root.glob("**/*.hpp"))

    def stamp(header):
        digest = hashlib.sha256(setting.encode())
        for name in sorted(closure(root, header, {})):
            if (root / name).is_file():
                digest.update((root / name).read_bytes())
        return digest.hexdigest()

    def compile(header):
        result = subprocess.run(command, input=f"#include <{header}>\n" * 2, text=True, capture_output=True,
                                env={**os.environ, "LC_ALL": "C"})
        return header, result.returncode, result.stderr

    stamps = Path(args.stamps) if args.stamps else None
    passed = json.loads(stamps.read_text()) if stamps and stamps.is_file() else {}
    now = {header: stamp(header) for header in headers}
    failed, passed_over = [], []
    with ThreadPoolExecutor(args.jobs) as pool:
        for header, code, output in pool.map(compile, [h for h in headers if passed.get(h) != now[h]]):
            missing = elsewhere.search(output)
            of_device = re.search("cuda|device", header) and any(
                device_code.search((root / name).read_text()) for name in closure(root, header, {}) if (root / name).is_file())
            if code == 0:
                passed[header] = now[header]
            elif missing or of_device:
                passed_over.append(f"{header} (needs {missing.group(1) if missing else 'nvcc'})")
            else:
                failed.append(header)
                print(f"{header} does not compile alone:\n" + "\n".join(output.splitlines()[:30]) + "\n", flush=True)
    if stamps:
        stamps.write_text(json.dumps(passed, indent=1))
    if passed_over:
        print("passed over:", ", ".join(passed_over))
    print(f"{len(headers)} headers, {len(failed)} do not compile alone" + "".join(f"\n  {h}" for h in failed))
    return bool(failed)


sys.exit(main())
