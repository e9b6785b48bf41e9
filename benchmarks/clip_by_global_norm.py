"""Clipping against a bare pass over the same memory: `python benchmarks/clip_by_global_norm.py`.

Fifty arrays of 100,000 numbers have to be read once for their norm, and read and written once to be
scaled. The bare pass does that much and nothing else, into new memory, since the contract demands new
arrays; the aim is at most 1.5 times as long. All ways run in turn in one process, and the medians are
printed. Two more show what getting memory costs: the bare pass into fifty new arrays, one by one, and
into arrays that are there already.
"""

import statistics
import time

import numpy as np
from threadpoolctl import threadpool_limits

from helpers.clipping import clip_by_global_norm

N_ARRAYS, SIZE, ROUNDS = 50, 100_000, 41


def read(arrays):
    """Read every number once: the sum of the squares."""
    return sum(float(np.dot(g, g)) for g in arrays)


def into_one_block(arrays):
    """Bare pass whose results lie in one new block of memory."""
    read(arrays)
    out = np.empty((N_ARRAYS, SIZE))
    for g, target in zip(arrays, out, strict=True):
        np.multiply(g, 0.5, out=target)
    return out


def into_new_arrays(arrays):
    """Bare pass whose results are as many new arrays."""
    read(arrays)
    return [np.multiply(g, 0.5) for g in arrays]


def into(arrays, out):
    """Bare pass whose results go where memory is at hand."""
    read(arrays)
    for g, target in zip(arrays, out, strict=True):
        np.multiply(g, 0.5, out=target)
    return out


def main():
    """Measure and print."""
    rng = np.random.default_rng(0)
    grads = {f"W{i}": rng.normal(size=SIZE) for i in range(N_ARRAYS)}
    arrays, out = list(grads.values()), [np.ones(SIZE) for _ in grads]
    ways = {
        "clip_by_global_norm, scaled down": lambda: clip_by_global_norm(grads, 1.0),
        "clip_by_global_norm, left alone": lambda: clip_by_global_norm(grads, 1e9),
        "bare pass into one new block": lambda: into_one_block(arrays),
        "bare pass into fifty new arrays": lambda: into_new_arrays(arrays),
        "bare pass into existing arrays": lambda: into(arrays, out),
    }
    times = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            times[name].append(time.perf_counter() - start)
    clip, _, *bare = (statistics.median(values) for values in times.values())
    for name, values in times.items():
        print(f"{name:34}{1000 * statistics.median(values):8.2f} ms")
    print(
        f"ratio {clip / bare[0]:.2f} (aim: at most 1.5); to fifty new arrays {clip / bare[1]:.2f}, ", end=""
    )
    print(f"to existing arrays {clip / bare[2]:.2f}")


if __name__ == "__main__":
    with threadpool_limits(1):  # threads that wait for each other are noise here
        main()
