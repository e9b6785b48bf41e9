"""The references of lesson 07 against independent oracles, and what the lesson says of its experiments."""

import functools
import itertools
import math
import statistics

import numpy as np
import pytest
from scipy import stats

from helpers.clipping import average_then_clip, clip_by_global_norm, clipping_threshold, momentum_step
from helpers.exercises import EXERCISES
from helpers.exercises.training_health import _unseen
from helpers.gradient_norms import global_norm
from helpers.rnn import state_gradient_norms
from helpers.training_health import (
    adding_gradients,
    adding_problem,
    adding_run,
    has_converged,
    has_exploded,
    has_vanished,
    train_adding_rnn,
)


def rng(seed):
    return np.random.default_rng(seed)


# -- adding_problem -----------------------------------------------------------------------------


@pytest.mark.parametrize(("n_sequences", "n_steps"), [(1, 2), (5, 3), (40, 20), (300, 7), (2, 101)])
def test_sequences_are_what_the_contract_says(n_sequences, n_steps):
    x, y = adding_problem(n_sequences, n_steps, rng(n_steps))
    assert x.shape == (n_steps, n_sequences, 2)
    assert y.shape == (n_sequences,)
    for n in range(n_sequences):
        marked = [t for t in range(n_steps) if x[t, n, 1] == 1]
        assert sorted(x[:, n, 1]) == [0] * (n_steps - 2) + [1, 1]
        assert marked[0] < n_steps // 2 <= marked[1]
        assert y[n] == pytest.approx(x[marked[0], n, 0] + x[marked[1], n, 0], abs=1e-15)
    assert np.all((x[:, :, 0] >= 0) & (x[:, :, 0] < 1))


def test_the_same_state_gives_the_same_sequences_and_nothing_else_does():
    first, again, other = (adding_problem(4, 6, rng(seed)) for seed in (1, 1, 2))
    assert all(map(np.array_equal, first, again))
    assert not np.array_equal(first[0], other[0])
    generator = rng(1)
    adding_problem(4, 6, generator)
    assert not np.array_equal(first[0], adding_problem(4, 6, generator)[0])


def test_numbers_and_marks_are_uniform_and_independent():
    """Chi-squared and Kolmogorov-Smirnov at a fixed seed; each p-value is far from 0."""
    x, y = adding_problem(20_000, 7, rng(11))
    first, second = x[:3, :, 1].argmax(axis=0), x[3:, :, 1].argmax(axis=0)
    table = np.zeros((3, 4))
    np.add.at(table, (first, second), 1)
    assert stats.chisquare(table.ravel()).pvalue > 1e-3  # uniform over all pairs, so independent, too
    assert stats.kstest(x[:, :, 0].ravel(), "uniform").pvalue > 1e-3
    assert stats.kstest(y / 2, stats.triang(0.5).cdf).pvalue > 1e-3  # the sum of two uniform numbers
    assert abs(stats.pearsonr(first[1:], first[:-1]).statistic) < 4 / math.sqrt(20_000)


@pytest.mark.parametrize(("n_sequences", "n_steps"), [(0, 5), (3, 1), (3, 0)])
def test_too_few_sequences_or_steps_are_refused(n_sequences, n_steps):
    with pytest.raises(ValueError, match="expected at least 1 sequence of 2 steps"):
        adding_problem(n_sequences, n_steps, rng(0))


def test_the_best_constant_answer_has_an_error_of_a_sixth():
    _, y = adding_problem(200_000, 4, rng(0))
    # the variance of (1 - y)**2 is 1/15 - 1/36, so four standard deviations are 0.002
    assert np.mean((1 - y) ** 2) == pytest.approx(1 / 6, abs=0.002)


def test_the_check_of_chance_hardly_ever_fails_a_right_answer():
    """Exact binomial tails at the check's own limits, for every count that it makes in 6,000 sequences."""
    n, tail = 6000, 0.0
    for p, n_tests in ((1 / 3, 3), (1 / 4, 4), (1 / 12, 12), (1 / 3, 1), (1 / 4, 1)):
        mean, spread = n * p, math.sqrt(n * p * (1 - p))
        low, high = math.floor(mean - 8 * spread), math.ceil(mean + 8 * spread)
        tail += n_tests * (stats.binom.cdf(low, n, p) + stats.binom.sf(high - 1, n, p))
    assert tail < 1e-10
    # fewest expected hits at which the check dares to judge
    mean, spread = 200, math.sqrt(200 * (1 - 200 / 6000))
    assert stats.binom.sf(math.ceil(mean + 8 * spread) - 1, 6000, 200 / 6000) < 1e-11


@pytest.mark.parametrize("seed", range(30))
def test_right_sequences_pass_whatever_the_seed(seed):
    exercise = EXERCISES["adding_problem"]
    assert exercise.evaluate(adding_problem, seed).passed


def test_sequences_made_in_other_ways_pass():
    def one_by_one(n_sequences, n_steps, generator):
        x, half = np.zeros((n_steps, n_sequences, 2), dtype=np.float32), n_steps // 2
        for n in range(n_sequences):
            x[generator.choice(half), n, 1] = 1
            x[half + generator.permutation(n_steps - half)[0], n, 1] = 1
            x[:, n, 0] = generator.uniform(0, 1, n_steps).astype(np.float32) * np.float32(0.9999999)
        return x, [float(np.sum(x[:, n, 0] * x[:, n, 1])) for n in range(n_sequences)]

    assert EXERCISES["adding_problem"].evaluate(one_by_one, 5).passed


# -- adding_gradients ---------------------------------------------------------------------------


def _random_params(generator, H=4, D=2):
    shapes = {"W_xh": (D, H), "W_hh": (H, H), "b_h": (H,), "W_hy": (H, 1), "b_y": (1,)}
    return {name: generator.normal(scale=0.6, size=shape) for name, shape in shapes.items()}


def _loss_by_hand(x, y, params):
    """Mean squared error with Python's own floats, one unit and one sequence at a time."""
    T, N, D = x.shape
    H, total = len(params["b_h"]), 0.0
    for n in range(N):
        h = [0.0] * H
        for t in range(T):
            h = [
                math.tanh(
                    params["b_h"][j]
                    + sum(x[t, n, d] * params["W_xh"][d, j] for d in range(D))
                    + sum(h[k] * params["W_hh"][k, j] for k in range(H))
                )
                for j in range(H)
            ]
        total += (sum(h[j] * params["W_hy"][j, 0] for j in range(H)) + params["b_y"][0] - y[n]) ** 2
    return total / N


def test_the_loss_and_every_derivative_agree_with_sums_and_differences():
    generator = rng(3)
    params = _random_params(generator)
    x, y = adding_problem(5, 6, generator)
    loss, grads = adding_gradients(x, y, params)
    assert loss == pytest.approx(_loss_by_hand(x, y, params), rel=1e-13)
    assert list(grads) == list(params)
    for name, array in params.items():
        assert grads[name].shape == array.shape
        for place in itertools.product(*map(range, array.shape)):
            up, down = ({k: p.copy() for k, p in params.items()} for _ in range(2))
            up[name][place] += 1e-6
            down[name][place] -= 1e-6
            slope = (_loss_by_hand(x, y, up) - _loss_by_hand(x, y, down)) / 2e-6
            # differences of a loss near 1 at a distance of 1e-6 are right to about 1e-10
            assert grads[name][place] == pytest.approx(slope, rel=1e-7, abs=1e-9)


def test_unlike_shapes_are_refused():
    params = _random_params(rng(1))
    x, y = adding_problem(5, 6, rng(0))
    for wrong in (y[:4], y[:, np.newaxis]):
        with pytest.raises(ValueError, match=r"expected x \(T, N, D\) and y \(N,\)"):
            adding_gradients(x, wrong, params)


# -- the monitor --------------------------------------------------------------------------------


def _has_exploded_by_hand(losses, norms):
    if any(math.isnan(v) or math.isinf(v) for v in [*losses, *norms]):
        return True
    return len(norms) > 1 and norms[-1] > 1000 * statistics.median(norms[:-1])


def test_has_exploded_agrees_with_the_standard_library():
    generator = rng(5)
    verdicts = set()
    for _ in range(2000):
        losses = generator.choice([0.1, 0.5, 7.0, np.nan, np.inf], p=[0.4, 0.4, 0.16, 0.02, 0.02], size=6)
        norms = 10.0 ** generator.uniform(-1, 4, size=generator.integers(1, 9))
        due = _has_exploded_by_hand(losses.tolist(), norms.tolist())
        assert has_exploded(losses, norms) is due
        assert has_exploded(losses.tolist(), norms.tolist()) is due
        verdicts.add((due, bool(np.all(np.isfinite(losses)))))
    assert len(verdicts) == 3  # healthy, exploded, not finite


def test_has_exploded_needs_a_loss_and_a_norm():
    for losses, norms in (([], [1.0]), ([1.0], []), ([[1.0]], [1.0])):
        with pytest.raises(ValueError, match="expected losses"):
            has_exploded(losses, norms)


@pytest.mark.parametrize("scale", [1e-300, 1.0, 1e300])
def test_has_vanished_is_a_ratio(scale):
    norms = np.array([3e-5, 0.2, 0.5]) * scale
    assert has_vanished(norms)  # 6e-5 of the last
    assert not has_vanished(norms, threshold=5e-5)
    with pytest.raises(ValueError, match="expected state_norms"):
        has_vanished([])


def test_has_converged_agrees_with_counting():
    generator = rng(6)
    for _ in range(2000):
        norms = generator.choice(
            [0.01, 0.1, 0.2, np.nan], p=[0.5, 0.3, 0.15, 0.05], size=generator.integers(0, 8)
        )
        patience, in_a_row = int(generator.integers(1, 5)), 0
        for norm in norms.tolist():
            in_a_row = in_a_row + 1 if norm <= 0.1 else 0
        assert has_converged(norms, 0.1, patience) is (in_a_row >= patience)
    with pytest.raises(ValueError, match="expected patience"):
        has_converged([1.0], 0.1, 0)


# -- the exam -----------------------------------------------------------------------------------


@functools.cache
def trained(seed):
    return train_adding_rnn(rng(seed))


@pytest.mark.parametrize("seed", (1, 2, 3))
def test_the_reference_passes_the_exam_with_room_to_spare(seed):
    """Thirty seeds were measured: all below 0.003, in 2 s each."""
    params = trained(seed)
    x, y = adding_problem(2000, 20, rng(1000 + seed))
    assert _loss_by_arrays(x, y, params) < 0.01


def _loss_by_arrays(x, y, params):
    h = np.zeros((x.shape[1], len(params["b_h"])))
    for x_t in x:
        h = np.tanh(x_t @ params["W_xh"] + h @ params["W_hh"] + params["b_h"])
    return np.mean(((h @ params["W_hy"] + params["b_y"])[:, 0] - y) ** 2)


def test_the_exam_leaves_the_generator_alone_and_differs_from_one_to_the_next():
    due = EXERCISES["train_adding_rnn"].due
    generator = rng(9)
    before = generator.bit_generator.state
    constant = {name: np.zeros_like(p) for name, p in _random_params(rng(0)).items()}
    assert due.flaw(constant, generator) == "It gives nearly the same answer to every sequence."
    assert generator.bit_generator.state == before
    unseen = [_unseen(rng(seed)).random() for seed in (9, 9, 10)]
    assert unseen[0] == unseen[1] != unseen[2]


def test_a_network_of_any_size_passes_the_exam():
    """Two copies of a trained network side by side, each with half the say."""
    params = trained(1)
    zeros = np.zeros_like(params["W_hh"])
    double = {
        "W_xh": np.hstack([params["W_xh"]] * 2),
        "W_hh": np.block([[params["W_hh"], zeros], [zeros, params["W_hh"]]]),
        "b_h": np.tile(params["b_h"], 2),
        "W_hy": np.vstack([params["W_hy"]] * 2) / 2,
        "b_y": params["b_y"],
        "history": [1.0],
    }
    exercise = EXERCISES["train_adding_rnn"]
    assert exercise.evaluate(lambda generator: double).passed
    assert not exercise.evaluate(lambda generator: double | {"b_y": params["b_y"] + 0.2}).passed


# -- what the lesson says -----------------------------------------------------------------------


def reach(run):
    return np.median(state_gradient_norms(run["hidden"], {"W_hh": run["W_hh"]}), axis=1)


def test_the_run_that_explodes():
    """Alarm at update 24, finite throughout, peak near update 170, quiet monitor at the end."""
    run = adding_run(rng(8), learning_rate=0.1, n_updates=400)
    losses, norms = run["losses"], run["gradient_norms"]
    alarm = next(i for i in range(len(norms)) if has_exploded(losses[: i + 1], norms[: i + 1]))
    assert alarm == pytest.approx(24, abs=1)  # later on, rounding is blown up as well
    assert np.all(np.isfinite(losses))
    assert len(losses) == 400
    assert max(losses[:16]) < 1.5
    assert not has_exploded(losses, norms)
    stable = 2 * (1 + 0.9) / (2 * 33)
    assert round(stable, 3) == 0.058
    assert round(400 * (1 - stable / 0.1)) == 170
    assert np.argmax(losses) == pytest.approx(170, abs=10)
    assert losses[-1] < max(losses) / 100
    assert np.mean(run["hidden"][-1] ** 2) == pytest.approx(1, abs=1e-6)


def test_the_largest_stable_step_with_momentum():
    """Heavy ball with momentum 0.9 on a parabola of curvature 66: just below and just above the limit."""
    for factor, grows in ((0.97, False), (1.03, True)):
        w, v = 1.0, 0.0
        for _ in range(500):
            v = 0.9 * v + 66 * w
            w = w - factor * 2 * 1.9 / 66 * v
        assert (abs(w) > 1) is grows


def test_the_runs_that_forget_memorise_and_learn():
    settings = {"learning_rate": 0.05, "max_norm": 0.5, "n_updates": 400}
    keeps = adding_run(rng(0), **settings)
    forgets = adding_run(rng(0), recurrent_scale=0.3, **settings)
    assert 1e-11 < reach(forgets)[0] < 1e-7
    assert reach(keeps)[0] > 0.3
    assert has_vanished(reach(forgets))
    assert not has_vanished(reach(keeps))
    assert 0.14 < np.mean(forgets["losses"][-50:]) < 0.18
    assert np.mean(keeps["losses"][-50:]) < 0.07
    assert np.median(forgets["gradient_norms"][-50:]) > 0.1  # vanishing does not show there
    longer = adding_run(rng(0), recurrent_scale=0.3, **(settings | {"n_updates": 800}))
    assert longer["error"] < 0.06
    assert not has_vanished(reach(longer))

    settings = {"learning_rate": 0.1, "max_norm": 0.5, "n_updates": 400}
    fresh, same = adding_run(rng(0), **settings), adding_run(rng(0), one_batch=True, **settings)
    assert same["losses"][-1] < 1e-12
    assert same["error"] > 0.2 > 0.167 > 5 * fresh["error"] - 0.05
    assert has_converged(same["gradient_norms"], tol=1e-3, patience=20)
    assert not has_converged(fresh["gradient_norms"], tol=1e-3, patience=20)
    for healthy in (fresh, same, forgets, keeps):
        assert not has_exploded(healthy["losses"], healthy["gradient_norms"])
    assert not has_vanished(reach(fresh))
    assert not has_vanished(reach(same))
    dead = adding_run(rng(8), learning_rate=0.1, stop=has_exploded)
    assert has_exploded(dead["losses"], dead["gradient_norms"])
    assert has_vanished(reach(dead))


def test_ten_seeds_with_and_without_clipping():
    """The picture of the lesson; the edges are blurred because rounding decides there."""
    n_learned, medians = {}, {}
    for rate, max_norm in ((0.05, 0.5), (0.1, np.inf), (0.1, 0.5), (0.2, np.inf)):
        n_seeds = 4 if rate == 0.05 else 10
        runs = [adding_run(rng(seed), rate, max_norm, stop=has_exploded) for seed in range(n_seeds)]
        n_learned[rate, max_norm] = sum(run["error"] < 0.05 for run in runs)
        medians[rate, max_norm] = np.median([run["error"] for run in runs])
        exploded = [has_exploded(run["losses"], run["gradient_norms"]) for run in runs]
        if max_norm == 0.5:
            assert not any(exploded)
        elif rate == 0.1:
            assert sum(exploded) >= 5
            alive = [run["error"] for run, dead in zip(runs, exploded, strict=True) if not dead]
            assert min(alive, default=1) > 0.05
        else:
            assert all(exploded)
            assert max(len(run["losses"]) for run in runs) < 30
    assert n_learned[0.05, 0.5] == 4
    assert n_learned[0.1, 0.5] == 10
    assert n_learned[0.1, np.inf] <= 1
    assert n_learned[0.2, np.inf] == 0
    assert medians[0.1, 0.5] < medians[0.05, 0.5] < 0.025


def test_failures_hardly_ever_end_in_nan():
    """Without the monitor, most runs at a rate of 0.1 are finite to the end, with a falling loss."""
    runs = [adding_run(rng(seed), 0.1, n_updates=400) for seed in range(10)]
    assert sum(bool(np.all(np.isfinite([*run["losses"], *run["gradient_norms"]]))) for run in runs) >= 8
    exploded = [run for run in runs if max(run["losses"]) > 100]
    assert len(exploded) >= 5
    falling = [run for run in exploded if run["losses"][-1] < run["losses"][200] < max(run["losses"])]
    assert len(falling) >= 0.7 * len(exploded)


def test_half_is_about_the_median_of_a_gentle_run():
    gentle = adding_run(rng(0), learning_rate=0.02, n_updates=200)
    assert clipping_threshold(gentle["gradient_norms"], 50) == pytest.approx(0.5, abs=0.05)


def test_clipping_micro_batches_before_the_average_halves_the_step():
    generator = rng(0)
    params = {
        "W_xh": generator.normal(size=(2, 32)) / 2,
        "W_hh": generator.normal(size=(32, 32)) / np.sqrt(32),
        "b_h": np.zeros(32),
        "W_hy": generator.normal(size=(32, 1)) / np.sqrt(32),
        "b_y": np.ones(1),
    }
    x, y = adding_problem(64, 20, generator)
    whole = clip_by_global_norm(adding_gradients(x, y, params)[1], 0.5)[0]
    lengths = []
    for n in (1, 2, 4, 8, 16, 32, 64):
        micro = [
            adding_gradients(*part, params)[1]
            for part in zip(np.split(x, n, axis=1), np.split(y, n), strict=True)
        ]
        fair = average_then_clip(micro, 0.5)[0]
        assert all(fair[name] == pytest.approx(whole[name], abs=1e-13) for name in params)
        clipped = [clip_by_global_norm(grads, 0.5)[0] for grads in micro]
        lengths.append(global_norm({name: np.mean([g[name] for g in clipped], axis=0) for name in params}))
    assert all(later < earlier for earlier, later in itertools.pairwise(lengths))
    assert lengths[0] == pytest.approx(0.5)
    assert lengths[-1] < 0.25


def test_only_clipping_the_gradient_makes_one_bad_batch_one_batch():
    gradients = np.full(80, 0.04)
    gradients[20] = -100
    ends = {}
    for where in ("gradient", "velocity", "step"):
        w = v = 0.0
        before = None
        for i, g in enumerate(gradients):
            v = 0.9 * v + (np.clip(g, -0.5, 0.5) if where == "gradient" else g)
            v = np.clip(v, -0.5, 0.5) if where == "velocity" else v
            step = np.clip(v, -0.5, 0.5) if where == "step" else v
            before = w if i == 20 else before
            w = w - 0.1 * step
            if where == "step" and i > 20 and step > -0.5 and where not in ends:
                ends[where] = i - 20  # no longer at the limit
        ends[f"{where} moved"] = w - before
    assert ends["step"] == 45
    assert ends["step moved"] > 2
    assert ends["gradient moved"] < ends["velocity moved"] < 0
    params, velocity = {"w": np.zeros(1)}, {"w": np.zeros(1)}
    for g in gradients:
        params, velocity = momentum_step(params, {"w": np.array([g])}, velocity, 0.1, 0.9, 0.5)
    assert params["w"][0] == pytest.approx(ends["gradient moved"] + before)


def test_networks_with_one_grade_differ_at_other_lengths():
    networks = [trained(seed) for seed in (1, 2, 3)]
    errors = {
        n: [_loss_by_arrays(*adding_problem(1000, n, rng(n)), params) for params in networks]
        for n in (10, 20, 22)
    }
    assert max(errors[20]) < 0.004
    assert sum(other > 10 * same for other, same in zip(errors[10], errors[20], strict=True)) >= 2
    assert max(errors[22]) > 5 * min(errors[22])
