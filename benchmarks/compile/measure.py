# SPDX-License-Identifier: BSD-3-Clause
"""Seconds, memory, object size and symbol length of compiling the sources beside this file, as Markdown tables.

  run.sh                          every source with every compiler found, then the ratios to the bounds
  run.sh --only mlp,eigen --compilers g++
  run.sh --curve                  formulas, functions and gradients of chains of 50 to 800 nodes, g++ -O2
  run.sh --include /tmp/other     another copy of the library; --flags "-march=native" adds flags
"""

import argparse
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
SHORT = 5  # seconds: what takes less is compiled three times

COMPILERS = {
    "g++ -O2": ["g++", "-O2"],
    "g++ -O0 -g": ["g++", "-O0", "-g"],
    "clang++-16 -O2": ["clang++-16", "-O2"],
    "nvcc": ["nvcc", "-x", "cu", "-arch=sm_90", "--expt-relaxed-constexpr"],
}

CHAINS = [25, 50, 100, 125, 200]
SOURCES = {"empty": ("the include alone", "empty", []), "add": ("a + b of two numbers", "add", []),
           "logistic": ("logistic regression step", "logistic", []), "mlp": ("MLP step 784-500-10", "mlp", [])}
SOURCES |= {f"chain{n}": (f"chain of {n} steps and its gradient", "chain", [f"-DSTEPS={n}"]) for n in CHAINS}
SOURCES |= {"forty": ("40 operations and their gradient", "chain", ["-DSTEPS=10"]),
            "forty_plain": ("the same, not rewritten", "chain", ["-DSTEPS=10", "-DPLAIN"])}
SOURCES |= {"eigen": ("Eigen/Dense and one product", "eigen", [])}


class Cost:
    """One compilation: wall and user seconds, MB, KB of object, characters of the longest symbol."""

    def __init__(self, wall, user, megabytes, kilobytes=0, symbol=0, failure=""):
        self.wall, self.user, self.megabytes = wall, user, megabytes
        self.kilobytes, self.symbol, self.failure = kilobytes, symbol, failure

    def cells(self):
        if self.failure:
            return f"{self.failure} | - | - | - | -"
        return f"{self.wall:.2f} | {self.user:.2f} | {self.megabytes:.0f} | {self.kilobytes:.0f} | {self.symbol}"


def compile_once(command, limit):
    """Returns wall seconds, user seconds, MB of the largest process, and why it failed, if it did."""
    with tempfile.TemporaryFile() as errors:
        start = time.monotonic()
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors, start_new_session=True)
        done, status, usage = 0, 0, None
        while done == 0 and time.monotonic() - start < limit:
            done, status, usage = os.wait4(child.pid, os.WNOHANG)
            if done == 0:
                time.sleep(0.01)
        failure = ""
        if done == 0:
            os.killpg(child.pid, signal.SIGKILL)
            _, status, usage = os.wait4(child.pid, 0)
            failure = f"over {limit} s"
        elif status != 0:
            errors.seek(0)
            text = errors.read().decode(errors="replace")
            wrong = re.findall(r"(?:error|fatal error): (.*)", text)
            failure = "fails: " + (wrong[0] if wrong else text[-80:]).replace("|", "/")[:80]
        child.returncode = status
        return time.monotonic() - start, usage.ru_utime, usage.ru_maxrss / 1024, failure


def longest_symbol(object_file):
    names = subprocess.run(["nm", object_file], capture_output=True, text=True).stdout
    return max((len(line.split()[-1]) for line in names.splitlines() if line.split()), default=0)


def measure(compiler, source, defines, options):
    with tempfile.TemporaryDirectory() as folder:
        target = os.path.join(folder, "a.o")
        command = [*COMPILERS[compiler], "-std=c++20", "-DAGNESI_USE_BLAS", f"-I{options.include}", *options.flags,
                   "-isystem", "/usr/include/eigen3", *defines, "-c", str(HERE / "sources" / f"{source}.cpp"), "-o", target]
        runs = [compile_once(command, options.timeout)]
        while len(runs) < 3 and runs[0][1] < SHORT and not runs[0][3]:
            runs.append(compile_once(command, options.timeout))
        wall, user, megabytes = (statistics.median(run[k] for run in runs) for k in range(3))
        failure = runs[0][3]
        if failure:
            return Cost(wall, user, megabytes, failure=failure)
        return Cost(wall, user, megabytes, os.path.getsize(target) / 1024, longest_symbol(target))


def table_of_sources(compilers, names, options):
    found = {}
    print("| source | compiler | s | s user | MB | KB object | longest symbol |\n|---|---|---:|---:|---:|---:|---:|", flush=True)
    for name in names:
        title, source, defines = SOURCES[name]
        for compiler in compilers:
            if name == "eigen" and compiler == "nvcc":
                continue
            found[name, compiler] = cost = measure(compiler, source, defines, options)
            print(f"| {title} | {compiler} | {cost.cells()} |", flush=True)
    return found


def table_of_bounds(found):
    """The bounds of section 6 of the architecture; below 1 is kept. Seconds are user seconds."""
    rows = []

    def row(what, value, bound):
        rows.append(f"| {what} | {value:.2f} | {bound:.2f} | {value / bound:.2f} |")

    def cost(name, compiler):
        it = found.get((name, compiler))
        return it if it and not it.failure else None

    logistic, eigen = cost("logistic", "g++ -O2"), cost("eigen", "g++ -O2")
    if logistic and eigen:
        row("logistic regression, g++ -O2, s (twice Eigen)", logistic.user, 2 * eigen.user)
    for compiler, seconds in (("g++ -O2", 4), ("clang++-16 -O2", 4), ("nvcc", 15)):
        if mlp := cost("mlp", compiler):
            row(f"MLP, {compiler}, s", mlp.user, seconds)
            row(f"MLP, {compiler}, MB", mlp.megabytes, 1024)
    if chain := cost("chain125", "g++ -O2"):
        row("500-node forward graph with gradient, g++ -O2, s", chain.user, 20)
        row("500-node forward graph with gradient, g++ -O2, MB", chain.megabytes, 2048)
    forty, plain = cost("forty", "g++ -O2"), cost("forty_plain", "g++ -O2")
    if forty and plain:
        row("rewriting of 40 operations and their gradient, g++ -O2, s", forty.user - plain.user, 0.5)
    for compiler in COMPILERS:
        sizes = [n for n in CHAINS if cost(f"chain{n}", compiler)]
        if len(sizes) > 1:
            small, large, empty = (cost(name, compiler) for name in (f"chain{sizes[0]}", f"chain{sizes[-1]}", "empty"))
            times = sizes[-1] / sizes[0]
            row(f"longest symbol, chain {sizes[-1]} over {sizes[0]}, {compiler} (linear)", large.symbol / small.symbol, times)
            if empty:
                row(f"s less the include, chain {sizes[-1]} over {sizes[0]}, {compiler} (linear)",
                    (large.user - empty.user) / (small.user - empty.user), times)
    print("\n| bound | measured | bound | ratio |\n|---|---:|---:|---:|\n" + "\n".join(rows) + "\n")


def curve(compilers, options):
    """Four nodes a step: w_i, the product, tanh, the sum."""
    print("| nodes | compiler | part | s | s user | MB | KB object | longest symbol |\n|---:|---|---|---:|---:|---:|---:|---:|", flush=True)
    for part, name in enumerate(("formula", "function", "function with gradient")[:3 if options.gradients else 2]):
        for nodes in (50, 100, 200, 400, 800):
            for compiler in compilers:
                cost = measure(compiler, "chain", [f"-DSTEPS={nodes // 4}", f"-DPART={part}"], options)
                print(f"| {nodes} | {compiler} | {name} | {cost.cells()} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", help="names of sources: " + ",".join(SOURCES))
    parser.add_argument("--compilers", help="beginnings of: " + ", ".join(COMPILERS))
    parser.add_argument("--curve", action="store_true")
    parser.add_argument("--gradients", action="store_true", help="the curve with gradients too")
    parser.add_argument("--include", default=str(HERE.parents[1] / "include"))
    parser.add_argument("--flags", default="", type=str)
    parser.add_argument("--timeout", default=300, type=int)
    options = parser.parse_args()
    options.flags = options.flags.split()

    wanted = options.compilers.split(",") if options.compilers else ["g++ -O2"] if options.curve else [""]
    compilers = [c for c in COMPILERS if any(c.startswith(w) for w in wanted) and shutil.which(COMPILERS[c][0])]
    if options.curve:
        return curve(compilers, options)
    names = options.only.split(",") if options.only else list(SOURCES)
    table_of_bounds(table_of_sources(compilers, names, options))


main()
