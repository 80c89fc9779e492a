#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Computes the polynomials and constants of include/agnesi/backend/cpu/math, with mpmath, and looks for them there.

    mathematics.py          prints each list, highest power first, with its error as a power of 2
    mathematics.py --check  complains about lists that the headers do not have

Polynomials of least weighted error are found by Remez' exchange (E. Remez, 1934); the one fraction is taken through the
points where the error of a best one would about vanish. Coefficients are rounded one by one: where that shows, the
leading terms are written apart in the headers.
"""
import re
import struct
import sys
from pathlib import Path

from mpmath import atanh, cos, cosh, erf, erfc, exp, expm1, floor, log, lu_solve, matrix, mp, mpf, pi, polyval, sin, sqrt, tanh

mp.dps = 50
headers = Path(__file__).parent.parent.parent.parent / "include/agnesi/backend/cpu/math"


def minimax(f, a, b, degree, weight):
    """The coefficients c0, c1, ... of least weighted error on [a, b], and that error."""
    n = degree + 2
    a, b = mpf(a), mpf(b)
    points = [(a + b) / 2 - (b - a) / 2 * cos(pi * k / (n - 1)) for k in range(n)]
    for _ in range(12):
        m, right = matrix(n, n), matrix(n, 1)
        for i, x in enumerate(points):
            for j in range(n - 1):
                m[i, j] = x**j
            m[i, n - 1] = (-1) ** i / weight(x)
            right[i] = f(x)
        c = list(lu_solve(m, right))[: n - 1]
        grid = [(a + b) / 2 - (b - a) / 2 * cos(pi * k / mpf(40 * n)) for k in range(40 * n + 1)]
        errors = [(polyval(c[::-1], x) - f(x)) * weight(x) for x in grid]
        extremes, k = [], 0
        while k < len(grid):  # the largest error of every stretch of one sign
            j = best = k
            while j < len(grid) and (errors[j] > 0) == (errors[k] > 0):
                best = j if abs(errors[j]) > abs(errors[best]) else best
                j += 1
            extremes.append((abs(errors[best]), grid[best]))
            k = j
        while len(extremes) > n:
            extremes.pop(0 if extremes[0][0] < extremes[-1][0] else -1)
        if len(extremes) < n or max(extremes)[0] < min(extremes)[0] * mpf("1.001"):
            break
        points = [x for _, x in extremes]
    return c, max(abs(e) for e in errors)


def fraction(f, a, b, above, below, weight):
    """Two lists of coefficients, the second with c0 = 1, and the error."""
    n = above + below + 1
    m, right = matrix(n, n), matrix(n, 1)
    for i in range(n):
        x = (a + b) / 2 - (b - a) / 2 * cos(pi * (2 * i + 1) / (2 * n))
        for j in range(above + 1):
            m[i, j] = x**j
        for j in range(1, below + 1):
            m[i, above + j] = -f(x) * x**j
        right[i] = f(x)
    s = list(lu_solve(m, right))
    p, q = s[: above + 1], [mpf(1)] + s[above + 1 :]
    grid = [a + (b - a) * k / mpf(600) for k in range(601)]
    return p, q, max(abs((polyval(p[::-1], x) / polyval(q[::-1], x) - f(x)) * weight(x)) for x in grid)


def parts(x, digits):
    """x as a sum of numbers of so many bits, truncated but for the last."""
    r = []
    for bits in digits[:-1]:
        unit = mpf(2) ** (int(floor(log(abs(x), 2))) + 1 - bits)
        r.append(floor(x / unit) * unit)
        x -= r[-1]
    return r + [x]


def literal(x, is_float):
    rounded = struct.unpack("f", struct.pack("f", float(x)))[0] if is_float else float(x)
    if rounded in (0, 1):
        return str(int(rounded))
    mantissa, exponent = rounded.hex().split("p")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}p{exponent.replace('+', '')}{'f' if is_float else ''}"


def erfcx(x):
    if x < 60:
        return exp(x * x) * erfc(x)
    total = term = mpf(1)
    for k in range(1, 40):
        term *= -(2 * k - 1) / (2 * x * x)
        total += term
    return total / (x * sqrt(pi))


def nearest_float(x):
    return mpf(struct.unpack("f", struct.pack("f", float(x)))[0])


def pieces(f, top):
    """Rows of 32: the middles of quarters of binades from 1/8 up, the values there, and coefficients of h to h^5 about
    them. The place of a piece is the last five bits of exponent and first two of mantissa, 15 that of all below 1/8,
    where h is the number itself and the first coefficient is 1 less. A middle is moved to where its value is nearly a
    float (S. Gal, 1986)."""
    rows = [[mpf(0)] * 32 for _ in range(7)]
    g = lambda h: (f(h) / h - 1) / h if h > mpf(10) ** -15 else mpf(0)
    first = lambda h: f(h) / h if h > mpf(10) ** -15 else f(mpf(10) ** -15) * mpf(10) ** 15
    worst = mpf(0)
    c, e = minimax(first, 0, "0.125", 4, lambda h: 1 / first(h))
    for k in range(5):
        rows[2 + k][15] = c[k] - (k == 0)
    worst = max(worst, e)
    for quarter in range(4 * 7):
        a = mpf(2) ** (quarter // 4 - 3) * (1 + mpf(quarter % 4) / 4)
        b = min(a * (5 + quarter % 4) / (4 + quarter % 4), mpf(top))
        if a >= b:
            break
        step, center = (b - a) / 2**14, (a + b) / 2
        middles = [nearest_float(center + k * step) for k in range(-200, 201)]
        middle = min(middles, key=lambda m: abs(f(m) - nearest_float(f(m))) / f(m))
        c, e = minimax(lambda h: (f(middle + h) - f(middle)) / h if abs(h) > mpf(10) ** -15 else (f(middle + mpf(10) ** -15) - f(middle)) * mpf(10) ** 15,
                       a - middle, b - middle, 4, lambda h: (abs(h) + mpf(10) ** -6) / f(middle + h))
        worst = max(worst, e)
        place = (quarter + 16) % 32
        rows[0][place], rows[1][place] = middle, f(middle)
        for k in range(5):
            rows[2 + k][place] = c[k]
    return rows, worst


tiny = mpf(10) ** -12
ln2, edge = log(2), mpf("1.0001")
near = ln2 / 2 * edge
exp_rest = lambda r: (expm1(r) - r) / r**2 if abs(r) > mpf(10) ** -15 else mpf(1) / 2 + r / 6
artanh = lambda w: (2 * atanh(sqrt(w)) / sqrt(w) - 2) / w if w > mpf(10) ** -30 else mpf(2) / 3
artanh_rest = lambda w: (artanh(w) - mpf(2) / 3) / w if w > mpf(10) ** -18 else mpf(2) / 5
sin_rest = lambda w: (sin(sqrt(w)) / sqrt(w) - 1) / w if w > mpf(10) ** -30 else -mpf(1) / 6
cos_rest = lambda w: (cos(sqrt(w)) - 1 + w / 2) / w**2 if w > mpf(10) ** -20 else mpf(1) / 24
tanh_rest = lambda w: (tanh(sqrt(w)) / sqrt(w) - 1) / w if w > mpf(10) ** -25 else -mpf(1) / 3
erf_rest = lambda w: erf(sqrt(w)) / sqrt(w) - 1 if w > mpf(10) ** -30 else 2 / sqrt(pi) - 1
erf_weight = lambda w: sqrt(w) / erf(sqrt(w)) if w > 0 else sqrt(pi) / 2
log_of_erfc = lambda x: -log(erfc(x))


def scaled_erfcx(t):
    if t > 1 - mpf(10) ** -20:
        return 1 / sqrt(pi)
    x = 4 * (1 + t) / (1 - t)
    return (x + mpf("0.875")) * erfcx(x)


def lists():
    """Name, whether of float, coefficients, error."""
    relative = lambda r: abs(r) + tiny
    artanh_weight = lambda w: w / 2 + tiny
    yield "exp", False, *minimax(exp_rest, -near, near, 9, relative)
    yield "exp", True, *minimax(exp_rest, -near, near, 4, relative)
    yield "exp by eighths", False, *minimax(exp_rest, -near / 8, near / 8, 5, lambda r: r * r + tiny)
    yield "2^x of tanh", True, *minimax(lambda x: mpf(2) ** x, "-0.5001", "0.5001", 6, lambda x: mpf(2) ** -x)
    for is_float, above, below in (False, 2, 3), (True, 1, 1):
        p, q, e = fraction(tanh_rest, mpf(0), mpf("0.625") ** 2, above, below, lambda w: w)
        yield "tanh above", is_float, p, e
        yield "tanh below", is_float, q, e
    yield "log", False, *minimax(artanh, 0, "0.04", 6, artanh_weight)
    yield "log", True, *minimax(artanh, 0, "0.04", 2, artanh_weight)
    yield "log of pow", False, *minimax(artanh_rest, 0, "0.0401", 7, lambda w: w * w / 2 + tiny)
    yield "log of pow of float", False, *minimax(artanh, 0, "0.0401", 3, artanh_weight)
    yield "exp of pow of float", False, *minimax(exp_rest, -near, near, 4, lambda r: r * r + tiny)
    quarter = (pi / 4) ** 2 * edge
    yield "sin", False, *minimax(sin_rest, 0, quarter, 5, lambda w: w + tiny / 1000)
    yield "sin", True, *minimax(sin_rest, 0, quarter, 2, lambda w: w + tiny / 1000)
    yield "cos", False, *minimax(cos_rest, 0, quarter, 5, lambda w: w * w + tiny / 1000)
    yield "cos", True, *minimax(cos_rest, 0, quarter, 2, lambda w: w * w + tiny / 1000)
    yield "erf", False, *minimax(erf_rest, 0, 1, 11, erf_weight)
    yield "erf", True, *minimax(erf_rest, 0, 1, 6, erf_weight)
    yield "-log(erfc)", False, *minimax(log_of_erfc, 1, "5.95", 16, lambda x: erfc(x) + mpf(10) ** -19)
    yield "-log(erfc)", True, *minimax(log_of_erfc, 1, 4, 6, lambda x: erfc(x) + mpf(10) ** -10)
    for is_float, degree in (False, 24), (True, 12):
        c, e = minimax(scaled_erfcx, -1, 1, degree, lambda t: 1 / scaled_erfcx(t))
        yield "erfcx, its level", is_float, c[:1], e
        yield "erfcx, the rest", is_float, c[1:], e
    for name, f, top in ("tanh", tanh, "9.5"), ("erf", erf, "4"):
        rows, e = pieces(f, top)
        for k, row in enumerate(rows):
            yield f"pieces of {name}, row {k}", True, row[::-1], e
    powers = [mpf(2) ** (mpf(j) / 8) for j in range(8)]
    yield "eighths", False, powers[::-1], mpf(1)
    yield "eighths, the rest", False, [p - mpf(float(p)) for p in powers][::-1], mpf(1)
    for is_float, digits in (False, [53, 53, 53]), (False, [28, 28, 28, 53]), (True, [24, 24, 24]), (True, [11, 11, 11, 11, 24]):
        yield "pi / 2", is_float, parts(pi / 2, digits)[::-1], mpf(1)
    for is_float, high in (False, "0x1.62e42feep-1"), (True, "0x1.62e4p-1"):
        yield "ln 2, the rest", is_float, [ln2 - mpf(float.fromhex(high))], mpf(1)
        yield "1 / ln 2", is_float, [1 / ln2], mpf(1)
        yield "2 / pi", is_float, [2 / pi], mpf(1)


def main():
    text = re.sub(r"\s+", "", " ".join(h.read_text(encoding="utf-8") for h in sorted(headers.glob("*.hpp"))))
    missing = 0
    for name, is_float, c, e in lists():
        line = ", ".join(literal(x, is_float) for x in c[::-1])
        here = all(part in text for part in (line.split(", ") if len(c) == 2 else [line.replace(" ", "")]))
        missing += not here
        if "--check" not in sys.argv or not here:
            print(f"{name}{', float' if is_float else ''}{'' if e == 1 else f', 2^{float(log(e, 2)):.1f}'}: {line}{'' if here else '   NOT THERE'}")
    return missing > 0


if __name__ == "__main__":
    sys.exit(main())
