# SPDX-License-Identifier: BSD-3-Clause
"""Pictures of time against size, as SVG that is readable on light and on dark pages."""
import math
import os
from collections import OrderedDict

STYLE = """
text { font: 12px sans-serif; fill: #333 } .small { font-size: 10px } .title { font-weight: bold }
.grid { stroke: #ccc; stroke-width: 0.6 } .frame { stroke: #888; fill: none } .line { fill: none; stroke-width: 1.5 }
.c0 { stroke: #d62728; stroke-width: 2.8 } .c1 { stroke: #222 } .c2 { stroke: #1f77b4 } .c3 { stroke: #2ca02c } .c4 { stroke: #9467bd }
.c5 { stroke: #e07b00 } .c6 { stroke: #8c564b } .limit { stroke: #888; stroke-dasharray: 5 3 }
@media (prefers-color-scheme: dark) {
text { fill: #ddd } .grid { stroke: #444 } .c0 { stroke: #ff5a52 } .c1 { stroke: #f2f2f2 } .c2 { stroke: #6db3f2 } .c3 { stroke: #5fd35f }
.c4 { stroke: #c39bea } .c5 { stroke: #ffa94d } .c6 { stroke: #c9958a } .limit { stroke: #aaa } }
"""
COLORS = {
    "agnesi": "c0",
    "by hand": "c1",
    "BLAS by hand": "c1",
    "CBLAS": "c1",
    "Eigen": "c2",
    "xtensor": "c3",
    "NumPy": "c4",
    "PyTorch": "c5",
    "JAX": "c6",
    "limit": "limit",
}


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
        xticks = self.xticks or [10.0**k for k in range(int(self.x0), int(self.x1) + 1)]
        for v in xticks:
            label = str(int(v)) if self.xticks else "10" + power_of_ten(round(math.log10(v)))
            out.append(
                f'<path class="grid" d="M{self.x(v):.1f} {self.top}V{bottom}"/>'
                f'<text class="small" text-anchor="middle" x="{self.x(v):.1f}" y="{bottom + 14}">{label}</text>'
            )
        narrow = self.y1 - self.y0 < 2.2
        for k in range(math.floor(self.y0), math.ceil(self.y1) + 1):
            for m in (1, 2, 5) if narrow else (1,):
                v = m * 10.0**k
                if self.y0 <= math.log10(v) <= self.y1:
                    out.append(
                        f'<path class="grid" d="M{self.left} {self.y(v):.1f}H{right}"/>'
                        f'<text class="small" text-anchor="end" x="{self.left - 4}" y="{self.y(v) + 3.5:.1f}">{v:g}</text>'
                    )
        out.append(f'<rect class="frame" x="{self.left}" y="{self.top}" width="{self.width}" height="{self.height}"/>')
        for name, line in sorted(self.series.items(), key=lambda s: s[0] == "agnesi"):  # the library on top
            path = "L".join(f"{self.x(a):.1f} {self.y(b):.1f}" for a, b in sorted(line))
            out.append(f'<path class="line {COLORS[name]}" d="M{path}"/>')
        out.append(
            f'<text class="small" text-anchor="middle" x="{(self.left + right) / 2}" y="{bottom + 28}">{self.xlabel}</text>'
        )
        out.append(
            f'<text class="small" text-anchor="middle" transform="translate(10 {(self.top + bottom) / 2}) rotate(-90)">{self.ylabel}</text>'
        )
        return "\n".join(out)


def picture(panels, columns):
    width, height = Panel.left + Panel.width + 14, Panel.top + Panel.height + 38
    names = [n for n in COLORS if any(n in p.series for p in panels)]
    rows = (len(panels) + columns - 1) // columns
    total_width, total_height = columns * width, rows * height + 26
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{total_width}" height="{total_height}" viewBox="0 0 {total_width} {total_height}">',
        f"<style>{STYLE}</style>",
    ]
    for k, panel in enumerate(panels):
        out.append(f'<g transform="translate({k % columns * width} {k // columns * height})">{panel.draw()}</g>')
    for k, name in enumerate(names):
        x, y = 20 + k * min(130, (total_width - 20) / len(names)), rows * height + 12
        out.append(
            f'<path class="line {COLORS[name]}" d="M{x:.0f} {y}h22"/><text x="{x + 28:.0f}" y="{y + 4}">{name}</text>'
        )
    return "\n".join(out) + "\n</svg>\n"


def write_plots(results, folder):
    """Writes all pictures there are figures for; returns their names by family."""
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
        write(
            "elementwise",
            f"elementwise_{kind}",
            [
                Panel(
                    f"{c}, {kind}",
                    series(rows, lambda r: r.elements, lambda r, s: s / r.elements * 1e9),
                    "elements",
                    "ns an element",
                )
                for c, rows in cases.items()
            ],
            3,
        )
        cases = by_case(results.of("small", kind, 1))
        write(
            "small",
            f"small_{kind}",
            [
                Panel(
                    f"{c}, {kind}",
                    series(rows, lambda r: float(r.shape), lambda r, s: s * 1e9),
                    "extent",
                    "ns",
                    [3, 4, 8, 16],
                )
                for c, rows in cases.items()
            ],
            3,
        )
    panels = [
        Panel(
            f"{c}, {kind}",
            series(rows, lambda r: float(r.shape), lambda r, s: r.flops / s * 1e-9),
            "extent",
            "GFLOP/s",
            [2**k for k in range(1, 11)],
        )
        for kind in ("float", "double")
        for c, rows in by_case(results.of("gemm", kind, 1)).items()
    ]
    write("gemm", "gemm", panels, 2)
    return made
