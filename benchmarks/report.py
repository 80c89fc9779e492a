#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Tables and plots from what benchmarks/run.sh has measured.

  benchmarks/report.py RESULTS.json…                   prints the tables
  benchmarks/report.py --docs RESULTS.json…            writes docs/reference/performance.md and its plots
  benchmarks/report.py --misses RESULTS.json…          prints what is slower than its best peer, worst first

Every row's ratio to a peer is the library's time over the peer's: below 1 the library is faster.
"""

import json
import os
import re
import subprocess
import sys
import textwrap
from collections import OrderedDict

from plots import write_plots

OURS = "agnesi"
PEERS = ["by hand", "BLAS by hand", "CBLAS", "Eigen", "xtensor", "NumPy", "PyTorch", "JAX"]
FAMILIES = OrderedDict(
    [
        ("elementwise", "Elementwise"),
        ("layouts", "Layouts"),
        ("rows", "Softmax and cross entropy"),
        ("reductions", "Reductions"),
        ("steps", "Training steps"),
        ("small", "Small static sizes"),
        ("calls", "Calls"),
        ("gemm", "The internal matrix product"),
    ]
)


class Row:
    """One case of one family: the times of the library and of its peers in seconds."""

    def __init__(self, family, case, kind, shape, threads):
        self.family, self.case, self.kind, self.shape, self.threads = family, case, kind, shape, threads
        self.seconds = {}
        self.bytes = self.flops = self.elements = 0.0
        self.limit = ""
        self.order = 0

    def ratio(self, peer):
        return self.seconds[OURS] / self.seconds[peer] if OURS in self.seconds and peer in self.seconds else None

    def rate(self):
        """(number, unit) of the library: GFLOP/s where the limit is a matrix product, else GB/s."""
        if OURS not in self.seconds:
            return None
        work, unit = (self.flops, "GFLOP/s") if self.limit.startswith("gemm") else (self.bytes, "GB/s")
        return (work / self.seconds[OURS] * 1e-9, unit) if work else None


class Results:
    def __init__(self, files):
        self.rows, self.limits, self.contexts = OrderedDict(), {}, []
        for number, name in enumerate(files):
            with open(name, encoding="utf-8") as file:
                self.read(json.load(file), number)

    def read(self, data, number):
        context = {k[len("agnesi ") :]: v for k, v in data["context"].items() if k.startswith("agnesi ")}
        context["date"] = data["context"].get("date", "")[:10]
        self.contexts.append(context)
        threads = int(context.get("threads", 1))
        labels = {}
        for one in data["benchmarks"]:
            labels[one["run_name"]] = one.get("label") or labels.get(one["run_name"], "")
        for one in data["benchmarks"]:
            if one.get("aggregate_name") != "median":
                continue
            unit = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}[one["time_unit"]]
            seconds = one["cpu_time" if threads == 1 else "real_time"] * unit
            path = re.sub(r"/real_time$", "", one["run_name"]).split("/")
            if path[0] == "limit":
                key = ("/".join(path[1:-1]), threads)
                work = one["bytes"] or one["flops"]
                self.limits[key] = max(self.limits.get(key, 0.0), work / seconds)
                continue
            family, case, kind, shape = path[0], "/".join(path[1:-3]), path[-3], path[-2]
            key = (family, case, kind, shape, threads)
            row = self.rows.setdefault(key, Row(*key))
            peer = path[-1].split(",")[0]  # "Eigen, rows" is another way of Eigen's: the faster one counts
            row.seconds[peer] = min(seconds, row.seconds.get(peer, seconds))
            if path[-1] == OURS:
                row.order = (number, one.get("family_index", 0))
                row.bytes, row.flops, row.elements = one["bytes"], one["flops"], one["elements"]
                row.limit = labels[one["run_name"]]

    def of(self, family, kind=None, threads=None):
        found = [r for r in self.rows.values() if r.family == family and OURS in r.seconds]
        found = [r for r in found if (kind is None or r.kind == kind) and (threads is None or r.threads == threads)]
        return sorted(found, key=lambda r: r.order)

    def fraction(self, row):
        """Which part of the limit the library reaches."""
        limit, rate = self.limits.get((row.limit, row.threads)), row.rate()
        return rate[0] * 1e9 / limit if limit and rate else None

    def best(self, row, among=None):
        """(peer, ratio) of the fastest peer."""
        ratios = [(row.ratio(p), p) for p in row.seconds if p != OURS and (among is None or p in among)]
        return max(ratios)[::-1] if ratios else None


def duration(seconds):
    for unit, scale in (("ns", 1e-9), ("us", 1e-6), ("ms", 1e-3)):
        if seconds < 1000 * scale:
            return f"{seconds / scale:.3g} {unit}" if seconds < 100 * scale else f"{seconds / scale:.0f} {unit}"
    return f"{seconds:.3g} s"


def number(value):
    return (
        "–" if value is None else f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
    )


def sized(shape):
    return re.sub(r"^10(0*)$", lambda m: "1e%d" % (1 + len(m.group(1))), shape)


def table(results, rows):
    peers = [p for p in PEERS if any(p in r.seconds for r in rows)]
    units = {r.rate()[1] for r in rows if r.rate()}
    unit = units.pop() if len(units) == 1 else "GB/s or GFLOP/s"
    limited = any(results.fraction(r) for r in rows)
    head = ["", "size", "time"] + ([unit] if any(r.rate() for r in rows) else []) + (["of limit"] if limited else [])
    lines = [
        "| " + " | ".join(head + [p + " ×" for p in peers]) + " |",
        "|---|---|" + "---:|" * (len(head) - 2 + len(peers)),
    ]
    before = None
    for r in rows:
        cells = [r.case.replace("|", "\\|") if r.case != before else "", sized(r.shape), duration(r.seconds[OURS])]
        before = r.case
        if any(x.rate() for x in rows):
            cells.append(number(r.rate()[0]) if r.rate() else "–")
        if limited:
            f = results.fraction(r)
            cells.append(f"{100 * f:.0f} %" if f else "–")
        lines.append("| " + " | ".join(cells + [number(r.ratio(p)) for p in peers]) + " |")
    return "\n".join(lines)


def tables(results, folded=False, plots=None):
    text = []
    for family, title in FAMILIES.items():
        if not results.of(family):
            continue
        text.append(f"## {title}\n")
        if ABOUT.get(family):
            text.append(textwrap.fill(ABOUT[family], 130, break_long_words=False, break_on_hyphens=False) + "\n")
        for name in (plots or {}).get(family, []):
            text.append(f"![{title}, {name.replace('_', ' ')}](plots/{name}.svg)\n")
        for threads in sorted({r.threads for r in results.of(family)}):
            for kind in OrderedDict.fromkeys(r.kind for r in results.of(family)):
                some = results.of(family, kind, threads)
                if not some:
                    continue
                head = f"{kind}, {'one thread' if threads == 1 else f'{threads} threads'}"
                body = table(results, some)
                if folded and threads > 1:
                    text.append(f"<details><summary>{head}</summary>\n\n{body}\n\n</details>\n")
                else:
                    text.append(f"{head}:\n\n{body}\n")
    return "\n".join(text)


# ---- what is asked for


def places(row):
    return f"{row.case}, {row.kind}, {sized(row.shape)}".replace("|", "\\|")


def targets(results, threads):
    """Lines (target, bound, worst, where, cases that miss it, cases)."""

    def of(family, case=""):
        return [r for r in results.of(family, threads=threads) if r.case.startswith(case)]

    plain = [r for r in of("elementwise") if "exp" not in r.case]
    transcendental = [r for r in of("elementwise") if "exp" in r.case]
    large = [r for r in of("rows") if r.shape == "1024x1000"]
    logistic, perceptrons = of("steps", "logistic"), of("steps", "MLP")
    libraries = [p for p in PEERS if "hand" not in p]
    lines = []

    def to_best(row, among=None):
        return (results.best(row, among) or (None, None))[1]

    def by_hand(row):
        return row.ratio("BLAS by hand")

    def at_most(what, bound, rows, value, unit=""):
        found = [(value(r), r) for r in rows if value(r) is not None]
        if found:
            most, where = max(found, key=lambda f: f[0])
            late = sum(v > bound for v, _ in found)
            lines.append((what, f"≤ {bound:.3g}{unit}", f"{number(most)}{unit}", places(where), late, len(found)))

    def at_least(what, percent, rows):
        found = [(results.fraction(r), r) for r in rows if results.fraction(r)]
        if found:
            least, where = min(found, key=lambda f: f[0])
            late = sum(100 * v < percent for v, _ in found)
            lines.append((what, f"≥ {percent} %", f"{100 * least:.0f} %", places(where), late, len(found)))

    at_most("elementwise: time over that of the best peer", 1.05, plain, to_best)
    at_least("elementwise past the caches: of the bandwidth", 90, [r for r in plain if r.elements >= 1e7])
    at_most("transcendental functions: time over Eigen's", 1, transcendental, lambda r: r.ratio("Eigen"))
    floats = [r for r in large if r.kind == "float"]
    at_most("softmax and cross entropy 1024 x 1000, ns an element", 0.3, floats, lambda r: 1e9 * r.seconds[OURS] / r.elements)
    at_most("the same: time over that of the natural spellings", 1 / 3, large, lambda r: to_best(r, libraries))
    at_least("sums over every axis: of the bandwidth of reading", 90, of("reductions", "sum"))
    at_most("logistic regression, 10000 rows: time over two gemv", 1 / 1.2, [r for r in logistic if "10000" in r.shape], by_hand)
    at_most("logistic regression: time over that by hand", 1.2, logistic, by_hand)
    at_most("perceptrons: time over BLAS calls by hand", 1.05, perceptrons, by_hand)
    at_most("perceptrons: time over that of other peers", 1, perceptrons, lambda r: to_best(r, libraries))
    at_most("static sizes: time over that of the best peer", 1, of("small"), to_best)
    return lines


def target_table(results):
    text = []
    for threads in sorted({int(c["threads"]) for c in results.contexts if "threads" in c}):
        lines = targets(results, threads)
        if not lines:
            continue
        text.append(f"{'One thread' if threads == 1 else f'{threads} threads'}:\n")
        text.append("| target | bound | worst | where | |\n|---|---:|---:|---|---|")
        for what, bound, measured, where, late, cases in lines:
            verdict = f"**missed** by {late} of {cases}" if late else f"met, {cases} of {cases}"
            text.append(f"| {what} | {bound} | {measured} | {where} | {verdict} |")
        text.append("")
    return "\n".join(text)


def misses(results):
    lines = []
    for r in sorted((r for r in results.rows.values() if results.best(r)), key=lambda r: -results.best(r)[1]):
        peer, ratio = results.best(r)
        if ratio > 1.05:
            f = results.fraction(r)
            lines.append(
                f"{ratio:5.2f} x {peer:12s} {r.family}/{r.case} {r.kind} {sized(r.shape)} threads {r.threads}: "
                f"{duration(r.seconds[OURS])}, {f'{100 * f:.0f} % of the limit' if f else ''}"
            )
    return "\n".join(lines)


# ---- the page

ABOUT = {
    "elementwise": "Four expressions of the paper on Theano of 2010, and two with transcendental functions. By hand: loops over "
    "xsimd's packs and functions, unrolled, with stores past the caches where the arrays are larger than these. The limit is a "
    "triad (a + s b), or a copy for a+1, over the same size. PyTorch is compiled (`torch.compile`), JAX too (`jit`); a call from "
    "Python alone costs half a microsecond to two for NumPy, and five to ten for the others.",
    "layouts": "Operands that do not all lie alike, bytes and integers. By hand: plain loops that the compiler vectorizes, the "
    "transposed matrix by blocks.",
    "rows": "The limit is a copy of the matrix. By hand: three passes over a row that is in cache, with xsimd's "
    "exponential. The others are what one writes: the largest of a row, exponentials, sum, division; PyTorch has "
    "functions of its own for both.",
    "reductions": "The limit is reading the elements. Eigen and xtensor do not add pairwise or in blocks: their sums of floats "
    "have fewer digits.",
    "steps": "A step with its update, rate 0.1. By hand: the BLAS calls that it needs, updates folded into alpha and beta, "
    "and loops over xsimd's packs between them; gemv and ger for one row. Eigen multiplies by its own kernels, "
    "xtensor by the same BLAS. The limit is the best product of square matrices; for one row, and for logistic "
    "regression, memory: there each weight is read twice and written once, and the data once.",
    "small": "Extents in the types; matrices by rows; Eigen's by rows or by columns, whichever is faster. By hand: packs, "
    "and their sums by one tree for all rows.",
    "calls": "Ways into a function, against functions by hand that the compiler may not inline; checks of extents and of "
    "overlapping memory are included.",
    "gemm": "The library's own product, which serves where there is no BLAS and where matrices are small.",
}


def context_line(results):
    merged = {}
    for c in results.contexts:
        merged.update({k: v for k, v in c.items() if v})
    libraries = [f"{k} {merged[k]}" for k in ("xsimd", "Eigen", "xtensor", "NumPy", "PyTorch", "JAX") if k in merged]
    compiler = merged.get("compiler", "").replace("GNU", "g++")
    here = os.path.dirname(os.path.abspath(__file__))
    commit = subprocess.run(["git", "-C", here, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    at = f" at commit {commit.stdout.strip()}" if commit.returncode == 0 else ""
    return (
        f"Measured on {merged.get('date', '')}{at} on {os.cpu_count()} cores, {merged.get('processor', '')}; {compiler} "
        f"`{merged.get('flags', '')}`; {merged.get('BLAS', '')}; {', '.join(libraries)}."
    )


def docs(results, folder, notes):
    plots = write_plots(results, os.path.join(folder, "plots"))
    why = ""
    if os.path.exists(notes):
        with open(notes, encoding="utf-8") as file:
            why = file.read().strip() + "\n"
    page = f"""# Speed

{textwrap.fill(context_line(results), 130, break_long_words=False, break_on_hyphens=False)}

This page is printed by `benchmarks/run.sh --docs`. Times are medians of repetitions in random order, so that what else the
machine does meets the library and its peers alike; with one thread it is the time that the thread ran, with more the time on
the wall. A column headed by a peer has the library's time over the peer's: below 1 the library is faster. "Of limit" is the
part that the library reaches of what the machine can do at most, measured in the same run. Every result has been compared with
one computed in double before anything was timed.

## Targets

{target_table(results)}
{why}
{tables(results, folded=True, plots=plots)}"""
    with open(os.path.join(folder, "performance.md"), "w", encoding="utf-8") as file:
        file.write(page.rstrip() + "\n")


def main():
    arguments = sys.argv[1:]
    option = arguments.pop(0) if arguments and arguments[0].startswith("--") else ""
    if option == "--help" or not arguments:
        sys.exit(__doc__)
    results = Results(arguments)
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    if option == "--docs":
        docs(results, os.path.join(root, "docs", "reference"), os.path.join(root, "benchmarks", "notes.md"))
    elif option == "--misses":
        print(misses(results))
    else:
        print(context_line(results) + "\n\n" + tables(results))
        if target_table(results):
            print("## Targets\n\n" + target_table(results))


if __name__ == "__main__":
    main()
