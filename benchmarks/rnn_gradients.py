"""Speed of the reference `rnn_gradients` beside PyTorch: `python benchmarks/rnn_gradients.py`.

One float64 problem (T = 50 steps, N = 32 sequences, D = 16 inputs, H = 64 units, K = 10 classes), one thread
each, both sides in turn in one run: loss and all gradients by the course's NumPy reference, and by PyTorch's
autograd, written once with `torch.nn.RNN` and once as a Python loop. Prints the medians and their ratios.
"""

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"  # before NumPy is imported

import statistics  # noqa: E402
import time  # noqa: E402

import numpy as np  # noqa: E402
import torch  # noqa: E402

from helpers.rnn import rnn_gradients  # noqa: E402

T, N, D, H, K = 50, 32, 16, 64, 10
ROUNDS, WARM_UP = 200, 20


def problem(rng):
    """Random inputs, targets at half of the steps, start and parameters."""
    shapes = {"W_xh": (D, H), "W_hh": (H, H), "b_h": (H,), "W_hy": (H, K), "b_y": (K,)}
    params = {name: rng.normal(size=shape) / np.sqrt(shape[0]) for name, shape in shapes.items()}
    targets = rng.integers(K, size=(T, N))
    targets[rng.random((T, N)) < 0.5] = -1
    return rng.normal(size=(T, N, D)), targets, np.zeros((N, H)), params


def loss_of(states, targets, params):
    """Cross-entropy of a batch of states, by PyTorch."""
    logits = (states @ params["W_hy"] + params["b_y"]).reshape(T * N, K)
    return torch.nn.functional.cross_entropy(logits, targets.reshape(T * N), ignore_index=-1)


def by_module(x, targets, h0, params):
    """Function that runs `torch.nn.RNN` and autograd once and returns the gradient of ``W_hh``."""
    rnn = torch.nn.RNN(D, H, dtype=torch.float64)
    with torch.no_grad():
        rnn.weight_ih_l0.copy_(params["W_xh"].T)
        rnn.weight_hh_l0.copy_(params["W_hh"].T)
        rnn.bias_ih_l0.copy_(params["b_h"])
        rnn.bias_hh_l0.zero_()
    head = {name: params[name].clone().requires_grad_() for name in ("W_hy", "b_y")}
    leaves = [*rnn.parameters(), *head.values()]

    def run():
        states, _ = rnn(x, h0[None])
        return torch.autograd.grad(loss_of(states, targets, head), leaves)[1].T

    return run


def by_loop(x, targets, h0, params):
    """Function that runs the network as a Python loop on tensors, and autograd, in the same way."""
    leaves = {name: array.clone().requires_grad_() for name, array in params.items()}

    def run():
        h, states = h0, []
        for x_t in x:
            h = torch.tanh(x_t @ leaves["W_xh"] + h @ leaves["W_hh"] + leaves["b_h"])
            states.append(h)
        loss = loss_of(torch.stack(states), targets, leaves)
        return torch.autograd.grad(loss, list(leaves.values()))[1]

    return run


def main():
    """Measure and print."""
    torch.set_num_threads(1)
    x, targets, h0, params = problem(np.random.default_rng(0))
    tensors = [torch.from_numpy(array) for array in (x, targets, h0)]
    tensors.append({name: torch.from_numpy(array) for name, array in params.items()})
    runs = {
        "course (NumPy)": lambda: rnn_gradients(x, targets, h0, params)[1]["W_hh"],
        "torch.nn.RNN + autograd": by_module(*tensors),
        "torch loop + autograd": by_loop(*tensors),
    }
    seconds = {name: [] for name in runs}
    for _ in range(WARM_UP + ROUNDS):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - start)
    first, *others = runs
    for name in others:
        difference = np.max(np.abs(runs[name]().numpy() - runs[first]()))
        assert difference < 1e-12, f"{name} computes another gradient: it differs by {difference}"
    medians = {name: 1000 * statistics.median(times[WARM_UP:]) for name, times in seconds.items()}
    print(
        f"T = {T}, N = {N}, D = {D}, H = {H}, K = {K}, float64, one thread, median of {ROUNDS} runs in turn"
    )
    for name, milliseconds in medians.items():
        ratio = medians[first] / milliseconds
        print(f"{name:26}{milliseconds:8.2f} ms   course / this: {ratio:.2f}")


if __name__ == "__main__":
    main()
