#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Tables and plots from what benchmarks/run.sh has measured.

  benchmarks/report.py RESULTS.json…                   prints the tables
  benchmarks/report.py --docs RESULTS.json…            writes docs/reference/performance.md and its plots
  benchmarks/report.py --misses RESULTS.json…          prints what is slower than its best peer, worst first

Every row's ratio to a peer is the library's time over the peer's: below 1 the library is faster.
"""
import json
import math
import os
import re
import sys
from collections import OrderedDict

OURS = "agnesi"
PEERS = ["by hand", "BLAS by hand", "CBLAS", "Eigen", "xtensor", "NumPy", "PyTorch", "JAX"]
FAMILIES = OrderedDict([
    ("elementwise", "Elementwise"), ("layouts", "Layouts"), ("rows", "Softmax and cross entropy"), ("reductions", "Reductions"),
    ("steps", "Training steps"), ("small", "Small static sizes"), ("calls", "Calls"), ("gemm", "The internal matrix product")])


class Row:
    """One case of one family: the times of the library and of its peers in seconds."""

    def __init__(self, family, case, kind, shape, threads):
        self.family, self.case, self.kind, self.shape, self.threads = family, case, kind, shape, threads
        self.seconds, self.spread = {}, {}
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
        context = {k[len("agnesi "):]: v for k, v in data["context"].items() if k.startswith("agnesi ")}
        context["date"] = data["context"].get("date", "")[:10]
        self.contexts.append(context)
        threads = int(context.get("threads", 1))
        spreads, labels = {}, {}
        for one in data["benchmarks"]:
            if one.get("aggregate_name") == "cv":
                spreads[one["run_name"]] = one["cpu_time"]
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
            row.seconds[path[-1]] = seconds
            row.spread[path[-1]] = spreads.get(one["run_name"], 0.0)
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
    return "–" if value is None else f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def sized(shape):
    return re.sub(r"^10(0*)$", lambda m: "1e%d" % (1 + len(m.group(1))), shape)


def table(results, rows):
    peers = [p for p in PEERS if any(p in r.seconds for r in rows)]
    units = {r.rate()[1] for r in rows if r.rate()}
    unit = units.pop() if len(units) == 1 else "GB/s or GFLOP/s"
    limited = any(results.fraction(r) for r in rows)
    head = ["", "size", "time"] + ([unit] if any(r.rate() for r in rows) else []) + (["of limit"] if limited else [])
    lines = ["| " + " | ".join(head + [p + " ×" for p in peers]) + " |",
             "|---|---|" + "---:|" * (len(head) - 2 + len(peers))]
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


def tables(results):
    text = []
    for family, title in FAMILIES.items():
        rows = results.of(family)
        if not rows:
            continue
        text.append(f"## {title}\n")
        for threads in sorted({r.threads for r in rows}):
            for kind in list(OrderedDict.fromkeys(r.kind for r in rows)):
                some = results.of(family, kind, threads)
                if some:
                    text.append(f"{kind}, {'one thread' if threads == 1 else f'{threads} threads'}:\n\n{table(results, some)}\n")
    return "\n".join(text)


def misses(results):
    lines = []
    for r in sorted((r for r in results.rows.values() if results.best(r)), key=lambda r: -results.best(r)[1]):
        peer, ratio = results.best(r)
        if ratio > 1.05:
            f = results.fraction(r)
            lines.append(f"{ratio:5.2f} x {peer:12s} {r.family}/{r.case} {r.kind} {sized(r.shape)} threads {r.threads}: "
                         f"{duration(r.seconds[OURS])}, {f'{100 * f:.0f} % of the limit' if f else ''}")
    return "\n".join(lines)


def main():
    arguments = sys.argv[1:]
    option = arguments.pop(0) if arguments and arguments[0].startswith("--") else ""
    if option == "--help" or not arguments:
        sys.exit(__doc__)
    results = Results(arguments)
    print(misses(results) if option == "--misses" else tables(results))


if __name__ == "__main__":
    main()
