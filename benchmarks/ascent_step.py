"""What one step of gradient ascent costs: `python benchmarks/ascent_step.py`.

Prints, from one run, the time of a step of the references of lessons 03 and 04 on 42,361 samples of 194
features, beside the time of the two matrix-vector products that no step can do without, ``X @ w`` and
``X.T @ r``. The two sides take turns, and the ratio is that of their medians.
"""

import statistics
import time

import numpy as np

from helpers.logistic_regression import fit_logistic_regression
from helpers.regularization import fit_l1_logistic_regression, fit_l2_logistic_regression

N_SAMPLES, N_FEATURES = 42_361, 194
N_STEPS, ROUNDS = 20, 15


def bare_products(X, y):
    """The products alone, as often as a fit of `N_STEPS` steps needs them."""
    w, r = np.zeros(X.shape[1]), y - 0.5
    for _ in range(N_STEPS):
        X @ w
        X.T @ r


def main():
    """Measure and print."""
    rng = np.random.default_rng(0)
    X = rng.poisson(0.1, size=(N_SAMPLES, N_FEATURES)).astype(float)
    X[:, 0] = 1
    y = (rng.random(N_SAMPLES) < 0.5).astype(float)
    ways = {
        "two bare products": bare_products,
        "fit_logistic_regression": lambda X, y: fit_logistic_regression(X, y, 1e-6, N_STEPS),
        "fit_l2_logistic_regression": lambda X, y: fit_l2_logistic_regression(X, y, 10.0, 1e-6, N_STEPS),
        "fit_l1_logistic_regression": lambda X, y: fit_l1_logistic_regression(X, y, 10.0, 1e-6, N_STEPS),
    }
    seconds = {name: [] for name in ways}
    for way in ways.values():
        way(X, y)
    for _ in range(ROUNDS):
        for name, way in ways.items():
            start = time.perf_counter()
            way(X, y)
            seconds[name].append((time.perf_counter() - start) / N_STEPS)
    bare = statistics.median(seconds["two bare products"])
    print(f"one step on {N_SAMPLES:,} x {N_FEATURES}, median of {ROUNDS} rounds of {N_STEPS} steps")
    for name, times in seconds.items():
        median = statistics.median(times)
        print(f"{name:28} {1000 * median:7.2f} ms   {median / bare:5.2f} times the bare products")


if __name__ == "__main__":
    main()
