#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The cases of benchmarks/run by NumPy, PyTorch and JAX, as far as they are installed.

  benchmarks/python_peers.py [--threads=N] [--repetitions=N] [--min_time=S] [--out=FILE.json] [FAMILY…]

Names of cases are those of the executables; results are checked against NumPy in double before anything is timed. NumPy writes
into arrays that are there (out=), PyTorch too where it runs operation by operation, or is compiled (torch.compile) where that
fuses something; JAX is compiled (jit), and gives its parameters away (donate_argnums). One thread: the process is bound to one
processor, and its processor time counts; more: the time on the wall.
"""

import json
import os
import random
import statistics
import sys
import time

arguments = dict(a[2:].split("=", 1) for a in sys.argv[1:] if a.startswith("--") and "=" in a)
families = [a for a in sys.argv[1:] if not a.startswith("--")] or ["elementwise", "rows", "reductions", "steps"]
if "--help" in sys.argv[1:]:
    sys.exit(__doc__)
threads = int(arguments.get("threads", 1))
repetitions, min_time = int(arguments.get("repetitions", 5)), float(arguments.get("min_time", 0.02))

# Before the libraries are loaded: a core type left over in the environment halves the speed of OpenBLAS.
wanted = {name: str(threads) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
if (
    any(os.environ.get(k) != v for k, v in wanted.items())
    or "OPENBLAS_CORETYPE" in os.environ
    or "OPENBLAS_L2_SIZE" in os.environ
):
    os.environ.update(wanted)
    os.environ.pop("OPENBLAS_CORETYPE", None)
    os.environ.pop("OPENBLAS_L2_SIZE", None)
    os.execv(sys.executable, [sys.executable] + sys.argv)
if threads == 1 and hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

try:
    import numpy as np
except ImportError:
    print("python_peers: no NumPy: left out", file=sys.stderr)
    sys.exit(0)
try:
    import torch

    torch.set_num_threads(threads)
    torch._dynamo.config.recompile_limit = 1000  # one code object serves all formulas
except ImportError:
    torch = None
try:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_platforms", "cpu")
except ImportError:
    jax = None

TYPES = {"float": np.float32, "double": np.float64}
rng = np.random.default_rng(1)
rows = []  # (name, peer, function)


def add(name, peer, function, check=None):
    """Runs it once; check(result) compares, and a wrong result ends the program. A peer that cannot run is left out."""
    try:
        result = function()
    except Exception as error:  # of any library, for any reason
        print(f"{name}: {peer} is left out: {str(error).splitlines()[:1]}", file=sys.stderr)
        return
    if check and not check(result):
        sys.exit(f"{name}: {peer} computes something else")
    rows.append((name, peer, function))


def as_numpy(x):
    return x.detach().numpy() if torch is not None and isinstance(x, torch.Tensor) else np.asarray(x)


def close(wanted, tolerance):
    def compare(got):
        if not isinstance(got, tuple):
            got = (got,)
        expected = wanted if isinstance(wanted, tuple) else (wanted,)
        return all(
            np.allclose(as_numpy(g).astype(np.float64), w, rtol=tolerance, atol=tolerance)
            for g, w in zip(got, expected)
        )

    return compare


def waited(f, *given):
    return lambda: jax.block_until_ready(f(*given))


# ---- elementwise


def elementwise():
    def numpy_of(case, a, b, o, t):
        if case == "a²+b²+2ab":

            def f():
                np.multiply(a, a, out=o), np.multiply(b, b, out=t), np.add(o, t, out=o)
                np.multiply(a, b, out=t), np.multiply(t, 2, out=t)
                return np.add(o, t, out=o)

        elif case == "2a+3b":

            def f():
                np.multiply(a, 2, out=o), np.multiply(b, 3, out=t)
                return np.add(o, t, out=o)

        elif case == "a+1":

            def f():
                return np.add(a, 1, out=o)

        elif case == "2a+b¹⁰":

            def f():
                np.square(b, out=t), np.square(t, out=o), np.square(o, out=o), np.multiply(o, t, out=t)
                np.multiply(a, 2, out=o)
                return np.add(o, t, out=o)

        elif case == "exp(a)tanh(b)+a":

            def f():
                np.exp(a, out=o), np.tanh(b, out=t), np.multiply(o, t, out=o)
                return np.add(o, a, out=o)

        else:

            def f():
                np.abs(a, out=o), np.negative(o, out=o), np.exp(o, out=o), np.log1p(o, out=o)
                np.negative(a, out=t), np.exp(t, out=t), np.add(t, 1, out=t), np.divide(b, t, out=t)
                return np.add(o, t, out=o)

        return f

    written = {
        "a²+b²+2ab": lambda x, a, b: a * a + b * b + 2 * a * b,
        "2a+3b": lambda x, a, b: 2 * a + 3 * b,
        "a+1": lambda x, a, b: a + 1,
        "2a+b¹⁰": lambda x, a, b: 2 * a + b**10,
        "exp(a)tanh(b)+a": lambda x, a, b: x.exp(a) * x.tanh(b) + a,
        "log1p(exp(-|a|))+b sigmoid(a)": lambda x, a, b: x.log1p(x.exp(-x.abs(a))) + b / (1 + x.exp(-a)),
    }
    for case, formula in written.items():
        for kind, dtype in TYPES.items():
            compiled = torch is not None and torch.compile(
                lambda a, b, formula=formula: formula(torch, a, b), dynamic=True
            )
            jitted = jax is not None and jax.jit(lambda a, b, formula=formula: formula(jnp, a, b))
            for size in (10**k for k in range(7, 0, -1)):
                a, b = (rng.uniform(-2, 2, size).astype(dtype) for _ in range(2))
                check = close(
                    formula(np, a.astype(np.float64), b.astype(np.float64)), 1e-5 if kind == "float" else 1e-13
                )
                name = f"elementwise/{case}/{kind}/{size}"
                add(name, "NumPy", numpy_of(case, a, b, np.empty_like(a), np.empty_like(a)), check)
                if torch is not None:
                    add(
                        name, "PyTorch", lambda f=compiled, a=torch.from_numpy(a), b=torch.from_numpy(b): f(a, b), check
                    )
                if jax is not None:
                    add(name, "JAX", waited(jitted, jnp.asarray(a), jnp.asarray(b)), check)


# ---- softmax and cross entropy


def softmax_rows():
    for kind, dtype in TYPES.items():
        tolerance = 1e-5 if kind == "float" else 1e-12
        for m, n in ((64, 10), (128, 1000), (1024, 1000)):
            z, y = rng.uniform(-5, 5, (m, n)).astype(dtype), rng.integers(0, n, m).astype(np.int32)
            at, o, column = np.arange(m), np.empty_like(z), np.empty((m, 1), dtype)
            exact = np.exp(z.astype(np.float64))
            exact /= exact.sum(1, keepdims=True)
            slope = exact.copy()
            slope[at, y] -= 1
            slope /= m
            loss = -np.log(exact[at, y]).mean()

            def numpy_softmax(z=z, o=o, column=column):
                np.max(z, 1, keepdims=True, out=column), np.subtract(z, column, out=o), np.exp(o, out=o)
                np.sum(o, 1, keepdims=True, out=column), np.divide(o, column, out=o)
                return o

            def numpy_entropy(z=z, y=y, at=at, o=o, column=column, m=m):
                np.max(z, 1, keepdims=True, out=column), np.subtract(z, column, out=o)
                label = o[at, y]
                np.exp(o, out=o), np.sum(o, 1, keepdims=True, out=column)
                total = (np.log(column[:, 0]) - label).mean()
                column *= m
                np.divide(o, column, out=o)
                o[at, y] -= o.dtype.type(1 / m)
                return total, o

            for case, f, wanted in (
                ("softmax", numpy_softmax, exact),
                ("cross entropy and gradient", numpy_entropy, (loss, slope)),
            ):
                name, check = f"rows/{case}/{kind}/{m}x{n}", close(wanted, tolerance)
                add(name, "NumPy", f, check)
                if torch is not None:
                    tz, ty = torch.from_numpy(z), torch.from_numpy(y.astype(np.int64))
                    to = torch.empty_like(tz)

                    def torch_entropy(tz=tz.clone().requires_grad_(), ty=ty):
                        total = torch.nn.functional.cross_entropy(tz, ty)
                        return total, torch.autograd.grad(total, tz)[0]

                    add(
                        name,
                        "PyTorch",
                        (lambda tz=tz, to=to: torch.softmax(tz, 1, out=to)) if case == "softmax" else torch_entropy,
                        check,
                    )
                if jax is not None:

                    def jax_entropy(z, y):
                        return -jnp.take_along_axis(jax.nn.log_softmax(z), y[:, None], 1).mean()

                    f = jax.jit(jax.nn.softmax) if case == "softmax" else jax.jit(jax.value_and_grad(jax_entropy))
                    given = (jnp.asarray(z),) if case == "softmax" else (jnp.asarray(z), jnp.asarray(y))
                    add(name, "JAX", waited(f, *given), check)


# ---- reductions


def reductions():
    for kind, dtype in TYPES.items():
        tolerance = 1e-3 if kind == "float" else 1e-12  # NumPy adds floats one after the other along the first axes
        cube, matrix = rng.random((256, 256, 256)).astype(dtype), rng.random((1000, 1000)).astype(dtype)
        sums = [(cube, "256³", axes) for axes in ((0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2))]
        for a, shape, axes in sums + [(matrix, "1000x1000", axes) for axes in ((0,), (1,), (0, 1))]:
            where = (
                "all axes"
                if len(axes) == a.ndim
                else ("axis " if len(axes) == 1 else "axes ") + ", ".join(map(str, axes))
            )
            one = axes[0] if len(axes) == 1 else None
            exact = a.astype(np.float64)
            cases = [("sum", np.sum(exact, axes), np.sum, lambda t, d: torch.sum(t, d), jnp_of("sum"))]
            variance = (
                "mean and variance",
                (np.mean(exact, axes), np.var(exact, axes)),
                None,
                lambda t, d: torch.var_mean(t, d, correction=0)[::-1],
                jnp_of("moments"),
            )
            if a is matrix or len(axes) == 3:
                cases += [variance]
            if a is matrix:
                cases += [
                    ("max", np.max(exact, axes), np.max, lambda t, d: torch.amax(t, d), jnp_of("max")),
                    ("argmax", np.argmax(exact, one), np.argmax, lambda t, d: torch.argmax(t, d), jnp_of("argmax")),
                    (
                        "max and argmax",
                        (np.max(exact, axes), np.argmax(exact, one)),
                        lambda a, d: (np.max(a, d), np.argmax(a, d)),
                        lambda t, d: (torch.max(t), torch.argmax(t)) if d is None else tuple(torch.max(t, d)),
                        lambda j, d: (jnp.max(j, d), jnp.argmax(j, d)),
                    ),
                ]
            for case, wanted, by_numpy, by_torch, by_jax in cases:
                name, check = f"reductions/{case}, {where}/{kind}/{shape}", close(wanted, tolerance)
                d = one if "argmax" in case else axes
                if case == "max and argmax":
                    add(name, "NumPy", lambda f=by_numpy, a=a, d=d: f(a, d), check)
                elif by_numpy:
                    o = np.empty(np.shape(wanted), np.int64 if case == "argmax" else dtype)
                    add(name, "NumPy", lambda f=by_numpy, a=a, d=d, o=o: f(a, d, out=o), check)
                else:
                    add(name, "NumPy", lambda a=a, d=d: (np.mean(a, d), np.var(a, d)), check)
                if torch is not None:
                    add(name, "PyTorch", lambda f=by_torch, t=torch.from_numpy(a), d=d: f(t, d), check)
                if jax is not None:
                    add(name, "JAX", waited(jax.jit(lambda j, f=by_jax, d=d: f(j, d)), jnp.asarray(a)), check)


def jnp_of(what):
    return {
        "sum": lambda j, d: jnp.sum(j, d),
        "max": lambda j, d: jnp.max(j, d),
        "argmax": lambda j, d: jnp.argmax(j, d),
        "moments": lambda j, d: (jnp.mean(j, d), jnp.var(j, d)),
    }[what]


# ---- training steps: a loss of parameters and data for PyTorch and JAX, and steps by hand for NumPy

RATE = 0.1


def glorot(n, m):
    scale = (6 / (n + m)) ** 0.5
    return rng.uniform(-scale, scale, (n, m))


def mean_cross_entropy(x, z, y):
    if x is np:
        s = z - z.max(1, keepdims=True)
        return (np.log(np.exp(s).sum(1)) - s[np.arange(len(y)), y]).mean()
    if x is jnp:
        return -jnp.take_along_axis(jax.nn.log_softmax(z), y[:, None], 1).mean()
    return torch.nn.functional.cross_entropy(z, y)


def perceptron_loss(x, p, data, y):
    for w, b in zip(p[0:-2:2], p[1:-2:2]):
        data = x.tanh(data @ w + b)
    return mean_cross_entropy(x, data @ p[-2] + p[-1], y)


def logistic_loss(x, p, data, y):
    z = data @ p[0] + p[1]
    return (x.log1p(x.exp(-x.abs(z))) + (z + x.abs(z)) / 2 - y * z).mean() + 0.01 * (p[0] ** 2).sum()


def elman_loss(x, p, data, y):
    w, u, b, v, c = p
    h = x.tanh(data[0] @ w + b)
    for t in range(1, 6):
        h = x.tanh(data[t] @ w + h @ u + b)
    return mean_cross_entropy(x, h @ v + c, y)


def softmax_slope(z, y):
    np.subtract(z, z.max(1, keepdims=True), out=z)
    label = z[np.arange(len(y)), y]
    np.exp(z, out=z)
    sums = z.sum(1, keepdims=True)
    loss = (np.log(sums[:, 0]) - label).mean()
    np.divide(z, sums * len(y), out=z)
    z[np.arange(len(y)), y] -= z.dtype.type(1 / len(y))
    return loss


def scaled(g):
    g *= RATE
    return g


def perceptron_numpy(p, data, y):
    h = [data]
    for w, b in zip(p[0:-2:2], p[1:-2:2]):
        z = h[-1] @ w
        z += b
        h.append(np.tanh(z, out=z))
    z = h[-1] @ p[-2]
    z += p[-1]
    loss, g = softmax_slope(z, y), z
    for l in range(len(h) - 1, -1, -1):
        w, b = p[2 * l], p[2 * l + 1]
        before = g @ w.T if l else None
        w -= scaled(h[l].T @ g)
        b -= scaled(g.sum(0))
        if l:
            before -= before * h[l] * h[l]
            g = before
    return loss


def logistic_numpy(p, data, y):
    w, b = p
    z = data @ w
    z += b
    e = np.exp(-np.abs(z))
    loss = (np.log1p(e) + np.maximum(z, 0) - y * z).mean() + 0.01 * (w @ w)
    r = np.where(z >= 0, 1, e) / (1 + e)
    r -= y
    r /= len(y)
    w *= 1 - 0.02 * RATE
    w -= scaled(data.T @ r)
    b -= RATE * r.sum()
    return loss


def elman_numpy(p, data, y):
    w, u, b, v, c = p
    h = data @ w
    for t in range(6):
        if t:
            h[t] += h[t - 1] @ u
        h[t] += b
        np.tanh(h[t], out=h[t])
    z = h[5] @ v
    z += c
    loss = softmax_slope(z, y)
    g = np.empty_like(h)
    np.matmul(z, v.T, out=g[5])
    for t in range(5, -1, -1):
        g[t] -= g[t] * h[t] * h[t]
        if t:
            np.matmul(g[t], u.T, out=g[t - 1])
    flat = g.reshape(-1, g.shape[2])
    v -= scaled(h[5].T @ z)
    c -= scaled(z.sum(0))
    w -= scaled(data.reshape(-1, data.shape[2]).T @ flat)
    u -= scaled(h[:5].reshape(-1, h.shape[2]).T @ flat[len(y) :])
    b -= scaled(flat.sum(0))
    return loss


def training_steps():
    for kind, dtype in TYPES.items():
        for m in (400, 10000):
            add_steps(
                f"steps/logistic regression/{kind}/{m}x784",
                kind,
                dtype,
                [rng.uniform(-0.05, 0.05, 784), np.zeros(1)],
                rng.uniform(-0.5, 0.5, (m, 784)),
                rng.integers(0, 2, m).astype(dtype),
                logistic_loss,
                logistic_numpy,
            )
        for what, sizes, batches in (
            ("softmax regression 784-10", (784, 10), (60, 600)),
            ("MLP 784-500-10", (784, 500, 10), (1, 60, 128)),
            ("MLP 784-1000-1000-1000-10", (784, 1000, 1000, 1000, 10), (1, 60, 128)),
        ):
            for m in batches:
                p = []
                for n, k in zip(sizes, sizes[1:]):
                    p += [glorot(n, k), np.zeros(k)]
                add_steps(
                    f"steps/{what}/{kind}/{m} rows",
                    kind,
                    dtype,
                    p,
                    rng.random((m, sizes[0])),
                    np.arange(m) * 7 % sizes[-1],
                    perceptron_loss,
                    perceptron_numpy,
                )
        p = [
            rng.uniform(-0.2, 0.2, (50, 100)),
            rng.uniform(-0.15, 0.15, (100, 100)),
            np.zeros(100),
            rng.uniform(-0.2, 0.2, (100, 10)),
            np.zeros(10),
        ]
        add_steps(
            f"steps/Elman network, 6 times/{kind}/16x50-100-10",
            kind,
            dtype,
            p,
            rng.random((6, 16, 50)),
            np.arange(16) * 7 % 10,
            elman_loss,
            elman_numpy,
        )


def add_steps(name, kind, dtype, parameters, data, y, loss, by_numpy):
    data, parameters = data.astype(dtype), [p.astype(dtype) for p in parameters]
    exact = [p.astype(np.float64) for p in parameters]
    wanted = loss(np, exact, data.astype(np.float64), y)
    check = close(wanted, 1e-4 if kind == "float" else 1e-10)
    add(name, "NumPy", lambda p=[p.copy() for p in parameters]: by_numpy(p, data, y), check)
    if torch is not None:
        tp = [torch.from_numpy(p.copy()).requires_grad_() for p in parameters]
        tx, ty = torch.from_numpy(data), torch.from_numpy(np.asarray(y))

        def torch_step():
            total = loss(torch, tp, tx, ty)
            slopes = torch.autograd.grad(total, tp)
            with torch.no_grad():
                torch._foreach_add_(tp, slopes, alpha=-RATE)
            return total

        add(name, "PyTorch", torch_step, check)
    if jax is not None:

        def jax_update(p, x, y):
            total, slopes = jax.value_and_grad(lambda p: loss(jnp, p, x, y))(p)
            return total, [a - RATE * g for a, g in zip(p, slopes)]

        update = jax.jit(jax_update, donate_argnums=0)
        state = [[jnp.array(p) for p in parameters]]
        jx, jy = jnp.asarray(data), jnp.asarray(y)

        def jax_step():
            total, state[0] = update(state[0], jx, jy)
            return jax.block_until_ready(total), jax.block_until_ready(state[0])[0][:0]

        add(name, "JAX", jax_step, lambda got: check(got[0]))


# ---- timing


def main():
    known = {"elementwise": elementwise, "rows": softmax_rows, "reductions": reductions, "steps": training_steps}
    clock = time.process_time if threads == 1 else time.perf_counter

    def seconds(function, times):
        start = clock()
        for _ in range(times):
            function()
        return (clock() - start) / times

    benchmarks = []
    for family in families:
        if family not in known:
            continue
        rows.clear()
        known[family]()
        counts = {}
        for row in rows:
            one = max(seconds(row[2], 1), 1e-7)
            one = max(seconds(row[2], max(1, int(1e-3 / one))), 1e-8)
            counts[row] = max(1, int(min_time / one))
        taken = {row: [] for row in rows}
        order = [row for row in rows for _ in range(repetitions)]
        random.Random(1).shuffle(order)
        for row in order:
            taken[row].append(seconds(row[2], counts[row]))
        for (name, peer, _), times in taken.items():
            median = statistics.median(times)
            benchmarks.append(
                {
                    "run_name": f"{name}/{peer}",
                    "aggregate_name": "median",
                    "time_unit": "ns",
                    "cpu_time": 1e9 * median,
                    "real_time": 1e9 * median,
                }
            )
    context = {"date": time.strftime("%Y-%m-%d"), "agnesi threads": str(threads), "agnesi NumPy": np.__version__}
    if torch is not None:
        context["agnesi PyTorch"] = torch.__version__
    if jax is not None:
        context["agnesi JAX"] = jax.__version__
    text = json.dumps({"context": context, "benchmarks": benchmarks}, indent=1, ensure_ascii=False)
    if "out" in arguments:
        with open(arguments["out"], "w", encoding="utf-8") as file:
            file.write(text)
    else:
        print(text)


main()
