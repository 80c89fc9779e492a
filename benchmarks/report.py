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
        context = {k[len("agnesi "):]: v for k, v in data["context"].items() if k.startswith("agnesi ")}
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
            row.seconds[path[-1]] = seconds
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


def tables(results, folded=False, plots=None):
    text = []
    for family, title in FAMILIES.items():
        if not results.of(family):
            continue
        text.append(f"## {title}\n")
        if ABOUT.get(family):
            text.append(ABOUT[family] + "\n")
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

def worst(pairs):
    """The (value, row) with the largest value of those that have one."""
    pairs = [(v, r) for v, r in pairs if v is not None]
    return max(pairs, key=lambda p: p[0]) if pairs else None


def places(row):
    return f"{row.case}, {row.kind}, {sized(row.shape)}".replace("|", "\\|")


def targets(results, threads):
    """Rows (target, bound, measured, where, met)."""
    def of(family, *cases):
        return [r for r in results.of(family, threads=threads) if not cases or any(r.case.startswith(c) for c in cases)]

    transcendental = [r for r in of("elementwise") if "exp" in r.case]
    plain = [r for r in of("elementwise") if "exp" not in r.case]
    large_rows = [r for r in of("rows") if r.shape == "1024x1000"]
    perceptrons = of("steps", "MLP")
    others = [p for p in PEERS if "hand" not in p]
    lines = []

    def at_most(what, bound, pairs, unit=""):
        found = worst(pairs)
        if found:
            lines.append((what, f"≤ {bound:.3g}{unit}", f"{number(found[0])}{unit}", places(found[1]), found[0] <= bound))

    def at_least(what, percent, pairs):
        found = worst((-v, r) if v is not None else (None, r) for v, r in pairs)
        if found:
            lines.append((what, f"≥ {percent} %", f"{-100 * found[0]:.0f} %", places(found[1]), -100 * found[0] >= percent))

    def against(rows, among=None):
        return [((results.best(r, among) or (None, None))[1], r) for r in rows]

    at_most("elementwise: time over that of the best peer", 1.05, against(plain))
    at_least("elementwise past the caches: part of the triad's bandwidth", 90, [(results.fraction(r), r) for r in plain if r.shape == "10000000"])
    at_most("transcendental functions: time over Eigen's", 1, [(r.ratio("Eigen"), r) for r in transcendental])
    at_most("softmax and cross entropy 1024 x 1000, float", 0.3,
            [(r.seconds[OURS] / r.elements * 1e9, r) for r in large_rows if r.kind == "float"], " ns an element")
    at_most("the same: time over that of any natural spelling", 1 / 3, against(large_rows, others))
    at_least("sums over every axis: part of the bandwidth of reading", 90, [(results.fraction(r), r) for r in of("reductions", "sum")])
    at_most("logistic regression 10000 x 784: time over two gemv", 1 / 1.2,
            [(r.ratio("BLAS by hand"), r) for r in of("steps", "logistic") if r.shape == "10000x784"])
    at_most("gradient of the logistic loss: time over that by hand", 1.2, [(r.ratio("BLAS by hand"), r) for r in of("steps", "logistic")])
    at_most("perceptrons: time over BLAS calls by hand", 1.05, [(r.ratio("BLAS by hand"), r) for r in perceptrons])
    at_most("perceptrons: time over that of every other peer", 1, against(perceptrons, others))
    at_most("static sizes: time over that of the best peer", 1, against(of("small")))
    return lines


def target_table(results):
    counts = sorted({c.get("threads") for c in results.contexts})
    text = []
    for threads in (int(c) for c in counts if c):
        lines = targets(results, threads)
        if not lines:
            continue
        text.append(f"{'One thread' if threads == 1 else f'{threads} threads'}:\n")
        text.append("| target | bound | worst | where | |\n|---|---:|---:|---|---|")
        for what, bound, measured, where, met in lines:
            text.append(f"| {what} | {bound} | {measured} | {where} | {'met' if met else '**missed**'} |")
        text.append("")
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


# ---- the page

ABOUT = {
    "elementwise": "Four expressions of the paper on Theano of 2010, and two with transcendental functions. By hand: loops over xsimd's packs and "
                   "functions, unrolled, with stores past the caches where the arrays are larger than these. The limit is a triad (a + s b), or a "
                   "copy for a+1, over the same size. PyTorch is compiled (`torch.compile`), JAX too (`jit`); a call from Python alone costs a "
                   "microsecond for NumPy and ten for the others.",
    "layouts": "Operands that do not all lie alike, and integers. By hand: plain loops that the compiler vectorizes, the transposed matrix by blocks.",
    "rows": "The limit is a copy of the matrix. By hand: three passes over a row that is in cache, with xsimd's exponential. The others are what one writes: "
            "the largest of a row, exponentials, sum, division; PyTorch has functions of its own for both.",
    "reductions": "The limit is reading the elements. Eigen and xtensor do not add pairwise or in blocks: their sums of floats have fewer digits.",
    "steps": "A step with its update, rate 0.1. By hand: the BLAS calls that it needs, updates folded into alpha and beta, and loops over xsimd's "
             "packs between them; gemv and ger for one row. Eigen multiplies by its own kernels, xtensor by the same BLAS. The limit is the "
             "best product of square matrices; for one row, and for logistic regression, memory: there each weight is read twice and "
             "written once, and the data once.",
    "small": "Extents in the types; matrices by rows, Eigen's by columns, as it has them by itself. By hand: packs, and their sums by one tree for all rows.",
    "calls": "Ways into a function, against functions by hand that the compiler may not inline; checks of extents and of overlapping memory are included.",
    "gemm": "The library's own product, which serves where there is no BLAS and where matrices are small.",
}


def context_line(results):
    merged = {}
    for c in results.contexts:
        merged.update({k: v for k, v in c.items() if v})
    libraries = [f"{k} {merged[k]}" for k in ("xsimd", "Eigen", "xtensor", "NumPy", "PyTorch", "JAX") if k in merged]
    compiler = merged.get("compiler", "").replace("GNU", "g++")
    return (f"Measured on {merged.get('date', '')} on {os.cpu_count()} cores, {merged.get('processor', '')}; {compiler} "
            f"`{merged.get('flags', '')}`; {merged.get('BLAS', '')}; {', '.join(libraries)}.")


def docs(results, folder, notes):
    plots = write_plots(results, os.path.join(folder, "plots"))
    why = ""
    if os.path.exists(notes):
        with open(notes, encoding="utf-8") as file:
            why = file.read().strip() + "\n"
    page = f"""# Speed

{context_line(results)}

This page is printed by `benchmarks/run.sh --docs`. Times are medians of repetitions in random order, so that what else the machine does meets
the library and its peers alike; with one thread it is the time that the thread ran, with more the time on the wall. A column headed by a peer
has the library's time over the peer's: below 1 the library is faster. "Of limit" is the part that the library reaches of what the machine can do at most,
measured in the same run. Every result has been compared with one computed in double before anything was timed.

## Targets

{target_table(results)}
{why}
{tables(results, folded=True, plots=plots)}"""
    with open(os.path.join(folder, "performance.md"), "w", encoding="utf-8") as file:
        file.write(page.rstrip() + "\n")


# ---- plots

STYLE = """
text { font: 12px sans-serif; fill: #333 } .small { font-size: 10px } .title { font-weight: bold }
.grid { stroke: #ccc; stroke-width: 0.6 } .frame { stroke: #888; fill: none } .line { fill: none; stroke-width: 1.5 }
.c0 { stroke: #d62728; stroke-width: 2.8 } .c1 { stroke: #222 } .c2 { stroke: #1f77b4 } .c3 { stroke: #2ca02c } .c4 { stroke: #9467bd }
.c5 { stroke: #e07b00 } .c6 { stroke: #8c564b } .limit { stroke: #888; stroke-dasharray: 5 3 }
@media (prefers-color-scheme: dark) {
text { fill: #ddd } .grid { stroke: #444 } .c0 { stroke: #ff5a52 } .c1 { stroke: #f2f2f2 } .c2 { stroke: #6db3f2 } .c3 { stroke: #5fd35f }
.c4 { stroke: #c39bea } .c5 { stroke: #ffa94d } .c6 { stroke: #c9958a } .limit { stroke: #aaa } }
"""
COLORS = {OURS: "c0", "by hand": "c1", "BLAS by hand": "c1", "CBLAS": "c1", "Eigen": "c2", "xtensor": "c3", "NumPy": "c4", "PyTorch": "c5", "JAX": "c6",
          "limit": "limit"}


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")


def power_of_ten(k):
    return "".join("⁻" if c == "-" else "⁰¹²³⁴⁵⁶⁷⁸⁹"[int(c)] for c in str(k))


class Panel:
    """One pair of logarithmic axes; series is {name: [(x, y), …]}."""
    width, height, left, top = 290, 210, 46, 26

    def __init__(self, title, series, xlabel, ylabel, xticks=None):
        self.title, self.series, self.xlabel, self.ylabel = title, series, xlabel, ylabel
        points = [p for line in series.values() for p in line]
        xs, ys = [math.log10(p[0]) for p in points], [math.log10(p[1]) for p in points]
        self.xticks = xticks
        self.x0, self.x1 = (math.floor(min(xs)), math.ceil(max(xs))) if not xticks else (min(xs) - 0.03, max(xs) + 0.03)
        self.y0, self.y1 = min(ys) - 0.08, max(ys) + 0.08

    def x(self, v):
        return self.left + (math.log10(v) - self.x0) / (self.x1 - self.x0) * self.width

    def y(self, v):
        return self.top + (self.y1 - math.log10(v)) / (self.y1 - self.y0) * self.height

    def draw(self):
        right, bottom = self.left + self.width, self.top + self.height
        out = [f'<text class="title" x="{self.left}" y="{self.top - 9}">{escaped(self.title)}</text>']
        xticks = self.xticks or [10.0 ** k for k in range(int(self.x0), int(self.x1) + 1)]
        for v in xticks:
            label = str(int(v)) if self.xticks else "10" + power_of_ten(round(math.log10(v)))
            out.append(f'<path class="grid" d="M{self.x(v):.1f} {self.top}V{bottom}"/>'
                       f'<text class="small" text-anchor="middle" x="{self.x(v):.1f}" y="{bottom + 14}">{label}</text>')
        narrow = self.y1 - self.y0 < 2.2
        for k in range(math.floor(self.y0), math.ceil(self.y1) + 1):
            for m in (1, 2, 5) if narrow else (1,):
                v = m * 10.0 ** k
                if self.y0 <= math.log10(v) <= self.y1:
                    out.append(f'<path class="grid" d="M{self.left} {self.y(v):.1f}H{right}"/>'
                               f'<text class="small" text-anchor="end" x="{self.left - 4}" y="{self.y(v) + 3.5:.1f}">{v:g}</text>')
        out.append(f'<rect class="frame" x="{self.left}" y="{self.top}" width="{self.width}" height="{self.height}"/>')
        for name, line in sorted(self.series.items(), key=lambda s: s[0] == OURS):  # the library on top
            path = "L".join(f"{self.x(a):.1f} {self.y(b):.1f}" for a, b in sorted(line))
            out.append(f'<path class="line {COLORS[name]}" d="M{path}"/>')
        out.append(f'<text class="small" text-anchor="middle" x="{(self.left + right) / 2}" y="{bottom + 28}">{self.xlabel}</text>')
        out.append(f'<text class="small" text-anchor="middle" transform="translate(10 {(self.top + bottom) / 2}) rotate(-90)">{self.ylabel}</text>')
        return "\n".join(out)


def picture(panels, columns):
    width, height = Panel.left + Panel.width + 14, Panel.top + Panel.height + 38
    names = [n for n in COLORS if any(n in p.series for p in panels)]
    rows = (len(panels) + columns - 1) // columns
    total_width, total_height = columns * width, rows * height + 26
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{total_width}" height="{total_height}" viewBox="0 0 {total_width} {total_height}">',
           f"<style>{STYLE}</style>"]
    for k, panel in enumerate(panels):
        out.append(f'<g transform="translate({k % columns * width} {k // columns * height})">{panel.draw()}</g>')
    for k, name in enumerate(names):
        x, y = 20 + k * min(130, (total_width - 20) / len(names)), rows * height + 12
        out.append(f'<path class="line {COLORS[name]}" d="M{x:.0f} {y}h22"/><text x="{x + 28:.0f}" y="{y + 4}">{name}</text>')
    return "\n".join(out) + "\n</svg>\n"


def write_plots(results, folder):
    os.makedirs(folder, exist_ok=True)
    made = {}

    def write(family, name, panels, columns):
        if panels:
            with open(os.path.join(folder, name + ".svg"), "w", encoding="utf-8") as file:
                file.write(picture(panels, columns))
            made.setdefault(family, []).append(name)

    def series(rows, x, y):
        lines = {}
        for r in rows:
            for peer in r.seconds:
                lines.setdefault(peer, []).append((x(r), y(r, r.seconds[peer])))
            limit = results.limits.get((r.limit, r.threads))
            if limit and r.family == "elementwise":
                lines.setdefault("limit", []).append((x(r), y(r, r.bytes / limit)))
        return {n: line for n, line in lines.items() if len(line) > 1}

    def by_case(rows):
        cases = OrderedDict()
        for r in rows:
            cases.setdefault(r.case, []).append(r)
        return cases

    for kind in ("float", "double"):
        cases = by_case(results.of("elementwise", kind, 1))
        write("elementwise", f"elementwise_{kind}",
              [Panel(f"{c}, {kind}", series(rows, lambda r: r.elements, lambda r, s: s / r.elements * 1e9), "elements", "ns an element")
               for c, rows in cases.items()], 3)
        cases = by_case(results.of("small", kind, 1))
        write("small", f"small_{kind}",
              [Panel(f"{c}, {kind}", series(rows, lambda r: float(r.shape), lambda r, s: s * 1e9), "extent", "ns", [3, 4, 8, 16])
               for c, rows in cases.items()], 3)
    panels = [Panel(f"{c}, {kind}", series(rows, lambda r: float(r.shape), lambda r, s: r.flops / s * 1e-9), "extent", "GFLOP/s",
                    [2 ** k for k in range(1, 11)])
              for kind in ("float", "double") for c, rows in by_case(results.of("gemm", kind, 1)).items()]
    write("gemm", "gemm", panels, 2)
    return made


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
        print(context_line(results) + "\n\n" + tables(results) + "\n## Targets\n\n" + target_table(results))


if __name__ == "__main__":
    main()
