"""Answers to exercises, written unlike the references; named by what is odd about them.

Each is the source of an answer cell and says what a learner's own check says of it: "passed" or "failed".
"""

# exercise, verdict, source
ANSWERS = {
    # -- right, in other words
    "a loop": (
        "l1_norm",
        "passed",
        """\
def l1_norm(x):
    total = 0
    for v in x:
        total += abs(float(v))
    return total
""",
    ),
    "a generator expression": (
        "l2_norm",
        "passed",
        """\
def l2_norm(x):
    return sum(float(v) ** 2 for v in x) ** 0.5
""",
    ),
    "the standard library": (
        "l2_norm",
        "passed",
        """\
import math
def l2_norm(x):
    return math.hypot(*map(float, x))
""",
    ),
    "an array without axes": (
        "max_norm",
        "passed",
        """\
def max_norm(x):
    return np.array(max((abs(float(v)) for v in x), default=0))
""",
    ),
    "a NumPy scalar": (
        "frobenius_norm",
        "passed",
        """\
def frobenius_norm(A):
    return np.sqrt(np.einsum("ij,ij", np.asarray(A, float), np.asarray(A, float)))
""",
    ),
    "a long double": (
        "l1_norm",
        "passed",
        """\
def l1_norm(x):
    return np.sum(np.abs(np.asarray(x, dtype=np.longdouble)))
""",
    ),
    "a library's singular values": (
        "spectral_norm",
        "passed",
        """\
def spectral_norm(A, n_steps=500):
    A = np.asarray(A, float)
    if A.ndim != 2:
        raise ValueError(A.shape)
    return max(np.linalg.svd(A, compute_uv=False), default=0.0)
""",
    ),
    "a list for an array": (
        "normalize",
        "passed",
        """\
import math
def normalize(x):
    x = [float(v) for v in np.ravel(x)]
    s = max(map(abs, x), default=0.0)
    n = s * math.hypot(*[v / s for v in x]) if s else 0
    return [v / n if n else 0.0 for v in x]
""",
    ),
    "broadcasting": (
        "pairwise_distances",
        "passed",
        """\
def pairwise_distances(X, Y):
    X, Y = np.asarray(X, float), np.asarray(Y, float)
    if X.ndim != 2 or Y.ndim != 2 or X.shape[1] != Y.shape[1]:
        raise ValueError("shapes")
    return np.sqrt(((X[:, None] - Y) ** 2).sum(-1))
""",
    ),
    "recursion": (
        "l1_norm",
        "passed",
        """\
def l1_norm(x):
    return abs(float(x[0])) + l1_norm(x[1:]) if len(x) else 0.0
""",
    ),
    "functions that return functions": (
        "l1_norm",
        "passed",
        """\
def summed(term):
    def norm(x):
        return sum(map(term, x))
    return norm
l1_norm = summed(lambda v: abs(float(v)))
""",
    ),
    "a partial function": (
        "l1_norm",
        "passed",
        """\
import functools
def of_order(p, x):
    return sum(abs(float(v)) ** p for v in x)
l1_norm = functools.partial(of_order, 1)
""",
    ),
    "an object with a __call__": (
        "l1_norm",
        "passed",
        """\
class Norm:
    def __call__(self, x):
        return sum(abs(float(v)) for v in x)
l1_norm = Norm()
""",
    ),
    "a decorator of one's own": (
        "l1_norm",
        "passed",
        """\
def traced(f):
    def g(*a):
        return f(*a)
    return g
@traced
def l1_norm(x):
    return np.abs(np.asarray(x, float)).sum()
""",
    ),
    "a method": (
        "l1_norm",
        "passed",
        """\
class Norms:
    def l1(self, x):
        return np.abs(np.asarray(x, float)).sum()
l1_norm = Norms().l1
""",
    ),
    "an exception class of one's own": (
        "p_norm",
        "passed",
        """\
class SmallP(ValueError):
    pass
def p_norm(x, p):
    x = np.asarray(x, float)
    if not p >= 1 or x.ndim != 1:
        raise SmallP(p)
    return abs(x).max(initial=0) if p == np.inf else (abs(x) ** p).sum() ** (1 / p)
""",
    ),
    "further arguments with defaults": (
        "l1_norm",
        "passed",
        """\
def l1_norm(x, start=0.0, *, weight=1.0, **kwargs):
    return start + weight * np.abs(np.asarray(x, float)).sum()
""",
    ),
    "any arguments": (
        "l1_norm",
        "passed",
        """\
def l1_norm(*args):
    return np.abs(np.asarray(*args, float)).sum()
""",
    ),
    "a warning and lines on stderr": (
        "l1_norm",
        "passed",
        """\
import sys, warnings
def l1_norm(x):
    warnings.warn("slow")
    print("working", file=sys.stderr)
    print("still")
    return sum(abs(float(v)) for v in x)
""",
    ),
    "warnings as errors": (
        "stable_l2_norm",
        "passed",
        """\
import warnings
warnings.simplefilter("error")
import math
def stable_l2_norm(x):
    x = np.asarray(x, float)
    if x.ndim != 1:
        raise ValueError
    if np.isnan(x).any() and not np.isinf(x).any():
        return math.nan
    return math.hypot(*x)
""",
    ),
    "np.seterr": (
        "l1_norm",
        "passed",
        """\
np.seterr(all="raise")
def l1_norm(x):
    return np.abs(np.asarray(x, float)).sum()
""",
    ),
    "changed print options": (
        "l1_norm",
        "passed",
        """\
np.set_printoptions(precision=1)
def l1_norm(x):
    return np.abs(np.asarray(x, float)).sum()
""",
    ),
    "a generator of random numbers of one's own": (
        "spectral_norm",
        "passed",
        """\
def spectral_norm(A, n_steps=500):
    A = np.asarray(A, float)
    if A.ndim != 2:
        raise ValueError
    rng = np.random.default_rng()
    shuffled = A[rng.permutation(len(A))]
    return np.linalg.svd(shuffled, compute_uv=False).max(initial=0)
""",
    ),
    "no warning leaves a mark": (
        "sigmoid",
        "passed",
        """\
from scipy.special import expit
def sigmoid(z):
    return expit(np.asarray(z, float))
""",
    ),
    "an OrderedDict": (
        "parameter_norms",
        "passed",
        """\
from collections import OrderedDict
def parameter_norms(grads):
    return OrderedDict((n, float(np.sqrt(np.sum(np.asarray(g, float) ** 2)))) for n, g in grads.items())
""",
    ),
    "a defaultdict": (
        "parameter_norms",
        "passed",
        """\
from collections import defaultdict
def parameter_norms(grads):
    found = defaultdict(float)
    for n, g in grads.items():
        found[n] = float(np.sqrt(np.sum(np.asarray(g, float) ** 2)))
    return found
""",
    ),
    "tuples for lists": (
        "top_words",
        "passed",
        """\
def top_words(w, vocabulary, k):
    if len(w) != len(vocabulary) + 1:
        raise ValueError
    pairs = sorted(zip(w[1:], vocabulary), key=lambda p: p[0])
    words = tuple(p[1] for p in pairs)
    return words[::-1][:k], words[:k]
""",
    ),
    "NumPy texts": (
        "top_words",
        "passed",
        """\
def top_words(w, vocabulary, k):
    w, v = np.asarray(w, float)[1:], np.array(vocabulary, dtype=str)
    if w.shape != v.shape:
        raise ValueError
    o = np.argsort(w)
    return list(v[o[::-1][:k]]), list(v[o[:k]])
""",
    ),
    "arrays of texts": (
        "top_words",
        "failed",
        """\
def top_words(w, vocabulary, k):
    w, v = np.asarray(w, float)[1:], np.array(vocabulary, dtype=str)
    if w.shape != v.shape:
        raise ValueError
    o = np.argsort(w)
    return v[o[::-1][:k]], v[o[:k]]
""",
    ),
    "a Counter": (
        "count_words",
        "passed",
        """\
import re
from collections import Counter
def count_words(texts, vocabulary):
    if isinstance(texts, str):
        raise TypeError
    rows = []
    for text in texts:
        kept = ''.join(c for c in text.lower() if c not in string.punctuation)
        counts = Counter(kept.split())
        rows.append([counts[word] for word in vocabulary])
    return np.array(rows, dtype=np.int16).reshape(len(texts), len(vocabulary))
""",
    ),
    "booleans for integers": (
        "predict",
        "failed",
        """\
def predict(w, X, threshold=0.5):
    return np.asarray(X, float) @ np.asarray(w, float) > np.log(threshold / (1 - threshold))
""",
    ),
    # -- functions among the arguments
    "calls of an argument, vectorised": (
        "numerical_gradient",
        "passed",
        """\
def numerical_gradient(f, x, h=1e-5):
    x = np.array(x, float)
    g = np.empty_like(x)
    for i in range(x.size):
        a, b = x.copy(), x.copy()
        a.flat[i] += h
        b.flat[i] -= h
        g.flat[i] = (f(a) - f(b)) / (2 * h)
    return g
""",
    ),
    "one-sided differences": (
        "numerical_gradient",
        "failed",
        """\
def numerical_gradient(f, x, h=1e-5):
    x = np.array(x, float)
    g = np.empty_like(x)
    for i in range(x.size):
        a = x.copy()
        a.flat[i] += h
        g.flat[i] = (f(a) - f(x)) / h
    return g
""",
    ),
    "an argument changed and put back": (
        "numerical_gradient",
        "passed",
        """\
def numerical_gradient(f, x, h=1e-5):
    given, x = x, np.array(x, float)
    g = np.zeros(x.shape)
    it = np.nditer(x, flags=['multi_index', 'zerosize_ok'])
    for _ in it:
        i = it.multi_index
        g[i] = (f(_moved(x, i, h)) - f(_moved(x, i, -h))) / (2 * h)
    return g
def _moved(x, i, h):
    y = x.copy()
    y[i] += h
    return y
""",
    ),
    "a loop over the steps": (
        "gradient_descent",
        "passed",
        """\
def gradient_descent(gradient, x, learning_rate, n_steps, tol=0.0):
    point, norms, i = np.array(x, float), [], 0
    while i < n_steps:
        g = np.array(gradient(point.copy()), float)
        norms += [stable_l2_norm(g)]
        if norms[-1] <= tol:
            break
        point, i = point - learning_rate * g, i + 1
    return [point, np.array(norms)]
""",
    ),
    "a generator among the arguments": (
        "adding_problem",
        "passed",
        """\
def adding_problem(n_sequences, n_steps, rng):
    if n_sequences < 1 or n_steps < 2:
        raise ValueError
    u, m = rng.uniform(size=(n_steps, n_sequences)), np.zeros((n_steps, n_sequences))
    h, e = n_steps // 2, np.arange(n_sequences)
    m[rng.integers(h, size=n_sequences), e] = m[rng.integers(h, n_steps, size=n_sequences), e] = 1
    return np.stack([u, m], 2), (u * m).sum(0)
""",
    ),
    "a generator that is not used": (
        "adding_problem",
        "failed",
        """\
def adding_problem(n_sequences, n_steps, rng):
    rng = np.random.default_rng(0)
    u, m = rng.uniform(size=(n_steps, n_sequences)), np.zeros((n_steps, n_sequences))
    h, e = n_steps // 2, np.arange(n_sequences)
    m[rng.integers(h, size=n_sequences), e] = m[rng.integers(h, n_steps, size=n_sequences), e] = 1
    return np.stack([u, m], 2), (u * m).sum(0)
""",
    ),
    "a Python loop over the sequences": (
        "adding_problem",
        "passed",
        """\
def adding_problem(n_sequences, n_steps, rng):
    if n_sequences < 1 or n_steps < 2:
        raise ValueError
    u, m = rng.uniform(size=(n_steps, n_sequences)), np.zeros((n_steps, n_sequences))
    for i in range(n_sequences):
        m[rng.integers(n_steps // 2), i] = 1
        m[rng.integers(n_steps // 2, n_steps), i] = 1
    return np.stack([u, m], 2), (u * m).sum(0)
""",
    ),
    # -- with functions of earlier lessons, and of this one
    "functions of lesson 01": (
        "l2_norm_gradient",
        "passed",
        """\
from helpers.norms import normalize
def l2_norm_gradient(x):
    return normalize(x)
""",
    ),
    "a function of an earlier lesson with a keyword": (
        "relative_error",
        "passed",
        """\
from helpers import norms
def relative_error(a, b):
    a, b = np.asarray(a, float), np.asarray(b, float)
    if a.shape != b.shape:
        raise ValueError
    n = norms.stable_l2_norm(x=a.ravel()) + norms.stable_l2_norm(x=b.ravel())
    return norms.stable_l2_norm(x=list((a - b).ravel())) / n if n else 0.0
""",
    ),
    "an exception of an earlier lesson's function": (
        "euclidean_distance",
        "failed",
        """\
def euclidean_distance(a, b):
    raise ValueError('always')
""",
    ),
    "an exception that an earlier lesson's function raised": (
        "relative_error",
        "failed",
        """\
from helpers import norms
def relative_error(a, b):
    a, b = np.asarray(a, float), np.asarray(b, float)
    n = norms.stable_l2_norm(a) + norms.stable_l2_norm(b)
    return norms.stable_l2_norm(a - b) / n if n else 0.0
""",
    ),
    "a lambda for a function of an earlier lesson": (
        "log_likelihood_gradient",
        "failed",
        """\
def log_likelihood_gradient(w, X, y):
    X, y = np.asarray(X, float), np.asarray(y, float)
    if X.ndim != 2 or y.shape != X.shape[:1]:
        raise ValueError
    s = 2 * y - 1
    return numerical_gradient(lambda v: -np.sum(np.logaddexp(0, -s * (X @ v))), w)
""",
    ),
    # -- wrong, and known
    "a known mistake in other words": (
        "l2_norm",
        "failed",
        """\
def l2_norm(x):
    return sum(float(v) ** 2 for v in x)
""",
    ),
    "a known mistake among starters": (
        "sigmoid",
        "failed",
        """\
def sigmoid(z):
    return 1 / (1 + np.exp(-np.asarray(z, dtype=float)))
""",
    ),
    "a forbidden function": (
        "l2_norm",
        "failed",
        """\
def l2_norm(x):
    return np.linalg.norm(np.asarray(x, float))
""",
    ),
    "a forbidden function of SciPy": (
        "l2_norm",
        "failed",
        """\
import scipy.linalg
def l2_norm(x):
    return float(scipy.linalg.norm(np.asarray(x, float))) if len(x) else 0.0
""",
    ),
    "a forbidden function in a helper": (
        "l2_norm",
        "failed",
        """\
length = np.linalg.norm
def mine(x):
    return length(x)
def l2_norm(x):
    return mine(np.asarray(x, float))
""",
    ),
    # -- wrong, in all ways
    "32-bit floats": (
        "l1_norm",
        "failed",
        """\
def l1_norm(x):
    return np.abs(np.asarray(x, dtype=np.float32)).sum()
""",
    ),
    "a matrix": (
        "normalize",
        "failed",
        """\
def normalize(x):
    x = np.matrix(np.asarray(x, float))
    return x / (np.sqrt(np.sum(np.asarray(x) ** 2)) or 1)
""",
    ),
    "a masked array": (
        "normalize",
        "failed",
        """\
def normalize(x):
    return np.ma.masked_array(np.asarray(x, float))
""",
    ),
    "a generator for an array": (
        "normalize",
        "failed",
        """\
def normalize(x):
    n = sum(float(v) ** 2 for v in x) ** 0.5
    return (v / n for v in x)
""",
    ),
    "a map for an array": (
        "normalize",
        "failed",
        """\
def normalize(x):
    return map(float, x)
""",
    ),
    "a function for a value": (
        "l1_norm",
        "failed",
        """\
def l1_norm(x):
    return lambda: sum(map(abs, x))
""",
    ),
    "a built-in function for a value": (
        "l1_norm",
        "failed",
        """\
def l1_norm(x):
    return sum
""",
    ),
    "a class for a value": (
        "l1_norm",
        "failed",
        """\
def l1_norm(x):
    return float
""",
    ),
    "an exception for a value": (
        "p_norm",
        "failed",
        """\
def p_norm(x, p):
    return ValueError('p')
""",
    ),
    "an object of one's own": (
        "l1_norm",
        "failed",
        """\
class Equal(float):
    def __eq__(self, other):
        return True
    __hash__ = None
def l1_norm(x):
    return Equal(1)
""",
    ),
    "an array of objects": (
        "normalize",
        "failed",
        """\
def normalize(x):
    return np.array([None] * len(x), dtype=object)
""",
    ),
    "an array of texts for numbers": (
        "normalize",
        "failed",
        """\
def normalize(x):
    return np.array(x).astype(str)
""",
    ),
    "a structured array": (
        "normalize",
        "failed",
        """\
def normalize(x):
    return np.zeros(len(x), dtype='f8,f8')
""",
    ),
    "complex numbers": (
        "l1_norm",
        "failed",
        """\
def l1_norm(x):
    return complex(sum(abs(float(v)) for v in x))
""",
    ),
    "a complex array": (
        "normalize",
        "failed",
        """\
def normalize(x):
    return np.asarray(x, dtype=complex)
""",
    ),
    "a huge integer": (
        "l1_norm",
        "failed",
        """\
def l1_norm(x):
    return 10**5000
""",
    ),
    "a set": (
        "normalize",
        "failed",
        """\
def normalize(x):
    return set(map(float, x))
""",
    ),
    "a coroutine": (
        "l1_norm",
        "failed",
        """\
async def l1_norm(x):
    return sum(map(abs, x))
""",
    ),
    "None": (
        "l1_norm",
        "failed",
        """\
def l1_norm(x):
    np.abs(np.asarray(x, float)).sum()
""",
    ),
    "printed and not returned": (
        "l1_norm",
        "failed",
        """\
def l1_norm(x):
    print(sum(abs(float(v)) for v in x))
""",
    ),
    "a column": (
        "normalize",
        "failed",
        """\
def normalize(x):
    return np.asarray(x, float).reshape(-1, 1)
""",
    ),
    "one number too many": (
        "l1_norm",
        "failed",
        """\
def l1_norm(x):
    return sum(map(abs, x)), len(x)
""",
    ),
    "a ragged list": (
        "normalize",
        "failed",
        """\
def normalize(x):
    return [[1.0], [1.0, 2.0]]
""",
    ),
    "NaN": (
        "l1_norm",
        "failed",
        """\
def l1_norm(x):
    return float('nan')
""",
    ),
    "the other keys": (
        "parameter_norms",
        "failed",
        """\
def parameter_norms(grads):
    return {n + '_norm': 0.0 for n in grads}
""",
    ),
    "numbers as keys": (
        "parameter_norms",
        "failed",
        """\
def parameter_norms(grads):
    return {i: 0.0 for i, _ in enumerate(grads)}
""",
    ),
    "a list in itself": (
        "l1_norm",
        "failed",
        """\
def l1_norm(x):
    a = []
    a.append(a)
    return a
""",
    ),
    "changes its argument": (
        "normalize",
        "failed",
        """\
def normalize(x):
    if not isinstance(x, np.ndarray):
        x = np.asarray(x, float)
    x = np.asarray(x)
    n = np.sqrt(np.sum(x.astype(float) ** 2)) or 1
    y = x / n
    x *= 0
    return y
""",
    ),
    "empties its argument": (
        "parameter_norms",
        "failed",
        """\
def parameter_norms(grads):
    found = {n: float(np.sqrt(np.sum(np.asarray(g, float) ** 2))) for n, g in grads.items()}
    grads.clear()
    return found
""",
    ),
    "hands back its argument": (
        "clip_by_value",
        "failed",
        """\
def clip_by_value(grads, limit):
    if not limit > 0:
        raise ValueError
    return {n: g if np.all(np.abs(g) <= limit) else np.clip(g, -limit, limit) for n, g in grads.items()}
""",
    ),
    "raises": (
        "l1_norm",
        "failed",
        """\
def l1_norm(x):
    raise KeyError('no idea')
""",
    ),
    "raises in a helper": (
        "l1_norm",
        "failed",
        """\
def helper(v):
    return undefined_name(v)
def l1_norm(x):
    return sum(helper(v) for v in x)
""",
    ),
    "raises on the hidden cases only": (
        "l1_norm",
        "failed",
        """\
seen = []
def l1_norm(x):
    seen.append(x)
    if len(seen) > 9:
        raise RuntimeError(f'secret {list(x)} {seen}')
    return float(np.sum(np.abs(np.asarray(x, float)))) if np.ndim(x) == 1 else [][1]
""",
    ),
    "an exception that cannot be shown": (
        "l1_norm",
        "failed",
        """\
class Odd(Exception):
    def __str__(self):
        raise SystemExit
def l1_norm(x):
    raise Odd
""",
    ),
    "SystemExit": (
        "l1_norm",
        "failed",
        """\
import sys
def l1_norm(x):
    sys.exit(0)
""",
    ),
    "KeyboardInterrupt": (
        "l1_norm",
        "failed",
        """\
def l1_norm(x):
    raise KeyboardInterrupt
""",
    ),
    "too deep a recursion": (
        "l1_norm",
        "failed",
        """\
def l1_norm(x):
    return l1_norm(x)
""",
    ),
    "another exception than is due": (
        "p_norm",
        "failed",
        """\
def p_norm(x, p):
    assert p >= 1
    x = np.asarray(x, float)
    return (abs(x) ** p).sum() ** (1 / p)
""",
    ),
    "no function": (
        "l1_norm",
        "failed",
        """\
l1_norm = 5.0
""",
    ),
    "an array for a function": (
        "l1_norm",
        "failed",
        """\
l1_norm = np.ones(2)
""",
    ),
    "too few arguments": (
        "p_norm",
        "failed",
        """\
def p_norm(x):
    return 0
""",
    ),
    "no arguments": (
        "l1_norm",
        "failed",
        """\
def l1_norm():
    return 0
""",
    ),
    "keywords only": (
        "l1_norm",
        "failed",
        """\
def l1_norm(*, x):
    return 0
""",
    ),
    "a starter's error": (
        "l1_norm",
        "not attempted",
        """\
def l1_norm(x):
    raise NotImplementedError()
""",
    ),
    "NotImplemented": (
        "l1_norm",
        "failed",
        """\
def l1_norm(x):
    return NotImplemented
""",
    ),
    "a global counter": (
        "l1_norm",
        "failed",
        """\
calls = 0
def l1_norm(x):
    global calls
    calls += 1
    x = np.asarray(x, float)
    if x.ndim != 1:
        raise ValueError
    return float(np.sum(np.abs(x))) + (calls > 31)
""",
    ),
    "a default argument that changes": (
        "l1_norm",
        "failed",
        """\
def l1_norm(x, known=[]):
    known.append(0)
    x = np.asarray(x, float)
    if x.ndim != 1:
        raise ValueError
    return float(np.sum(np.abs(x))) + (len(known) > 30)
""",
    ),
    "a cache of one's own": (
        "l1_norm",
        "passed",
        """\
known = {}
def l1_norm(x):
    key = repr(list(x))
    if key not in known:
        known[key] = sum(abs(float(v)) for v in x)
    return known[key]
""",
    ),
    "global random numbers": (
        "l1_norm",
        "failed",
        """\
def l1_norm(x):
    np.random.rand()
    return sum(abs(float(v)) for v in x)
""",
    ),
    "the standard library's random numbers": (
        "l1_norm",
        "failed",
        """\
import random
def l1_norm(x):
    random.random()
    return sum(abs(float(v)) for v in x)
""",
    ),
    "seeds the global generator": (
        "l1_norm",
        "failed",
        """\
def l1_norm(x):
    np.random.seed(3)
    return sum(abs(float(v)) for v in x)
""",
    ),
    "a warning where none is due": (
        "stable_l2_norm",
        "failed",
        """\
def stable_l2_norm(x):
    x = np.asarray(x, float)
    return float(np.sqrt(np.sum(x**2)))
""",
    ),
    "a loop over the rows": (
        "pairwise_distances",
        "failed",
        """\
def pairwise_distances(X, Y):
    X, Y = np.asarray(X, float), np.asarray(Y, float)
    if X.ndim != 2 or Y.ndim != 2 or X.shape[1] != Y.shape[1]:
        raise ValueError("shapes")
    return np.array([[np.sqrt(((a - b) ** 2).sum()) for b in Y] for a in X]).reshape(len(X), len(Y))
""",
    ),
    "Python 2": (
        "l1_norm",
        "failed",
        """\
def l1_norm(x):
    return sum(x) ^ 1
""",
    ),
    "an integer power": (
        "frobenius_norm",
        "failed",
        """\
def frobenius_norm(A):
    return np.sqrt(np.sum(np.asarray(A) ^ 2))
""",
    ),
    "lists that are no arrays": (
        "l1_norm",
        "failed",
        """\
def l1_norm(x):
    return float(np.abs(x.astype(float)).sum())
""",
    ),
    "integers that wrap around": (
        "l1_norm",
        "failed",
        """\
def l1_norm(x):
    return float(np.sum(np.abs(x)))
""",
    ),
    "a value for all exceptions": (
        "p_norm",
        "failed",
        """\
def p_norm(x, p):
    try:
        return float(np.sum(np.abs(np.asarray(x, float)) ** p) ** (1 / p))
    except Exception:
        return None
""",
    ),
    # -- what functions of earlier lessons do, wherever they are
    "a plain number comes back": (
        "accuracy",
        "passed",
        """\
from helpers.norms import l2_norm, p_norm, normalize, pairwise_distances
from helpers.gradient_norms import parameter_norms
assert type(l2_norm([3.0, 4.0])) is float and l2_norm(np.array([3, 4])) == 5.0
assert p_norm([1, 2], p=1) == p_norm(p=1, x=(1, 2)) == 3.0 and p_norm([1, 2], np.inf) == 2.0
unit = normalize([3.0, 4.0])
unit += 1
assert type(unit) is np.ndarray and unit.tolist() == [1.6, 1.8]
assert pairwise_distances(np.zeros((2, 3)), np.zeros((0, 3))).shape == (2, 0)
assert list(parameter_norms({'b': [3, 4], 'a': [1.0]}).items()) == [('b', 5.0), ('a', 1.0)]
assert np.isnan(l2_norm([np.nan])) and l2_norm([np.inf]) == np.inf and l2_norm([]) == 0
def accuracy(y, y_pred):
    if np.shape(y) != np.shape(y_pred) or not np.size(y):
        raise ValueError
    return float(np.mean(np.equal(y, y_pred)))
""",
    ),
    "an exception comes back": (
        "accuracy",
        "passed",
        """\
from helpers.norms import l2_norm, p_norm
for call, kind, text in (
    (lambda: l2_norm([[1.0]]), ValueError, 'expected x of shape (n,), got (1, 1)'),
    (lambda: p_norm([1.0], 0.5), ValueError, 'expected p of at least 1, got 0.5'),
    (lambda: l2_norm(['a']), ValueError, ''),
    (lambda: l2_norm(), TypeError, 'l2_norm() missing 1 required positional argument'),
    (lambda: l2_norm(1, 2), TypeError, 'l2_norm() takes 1 positional argument but 2 were given'),
    (lambda: l2_norm(y=1), TypeError, 'l2_norm() got an unexpected keyword argument'),
    (lambda: numerical_gradient(lambda v: 1 / 0, [1.0]), ZeroDivisionError, 'division by zero'),
    (lambda: numerical_gradient(lambda v: {}['a'], [1.0]), KeyError, ''),
    (lambda: numerical_gradient(3, [1.0]), TypeError, "'int' object is not callable"),
    (lambda: numerical_gradient(lambda: 1, [1.0]), TypeError, 'takes 0 positional arguments but 1'),
    (lambda: numerical_gradient(lambda v: 'a', [1.0]), TypeError, 'unsupported operand'),
):
    try:
        call()
    except Exception as error:
        assert type(error) is kind and text in str(error), repr(error)
    else:
        assert False, text
def accuracy(y, y_pred):
    if np.shape(y) != np.shape(y_pred) or not np.size(y):
        raise ValueError
    return float(np.mean(np.equal(y, y_pred)))
""",
    ),
    "a warning comes back": (
        "accuracy",
        "passed",
        """\
import warnings
from helpers.norms import l2_norm
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    assert l2_norm([1e200]) == np.inf
assert [w.category for w in caught] == [RuntimeWarning] and 'overflow' in str(caught[0].message)
with warnings.catch_warnings():
    warnings.simplefilter("error")
    try:
        l2_norm([1e200])
        assert False
    except RuntimeWarning:
        pass
def accuracy(y, y_pred):
    if np.shape(y) != np.shape(y_pred) or not np.size(y):
        raise ValueError
    return float(np.mean(np.equal(y, y_pred)))
""",
    ),
    "a function among the arguments is called here": (
        "accuracy",
        "passed",
        """\
from helpers.gradient_norms import gradient_descent, numerical_gradient
from helpers.norms import l2_norm
points = []
def slope(x, c=2.0):
    points.append(x)
    return c * x
x, norms = gradient_descent(slope, [1.0, 0.0], learning_rate=0.25, n_steps=3)
assert x.tolist() == [0.125, 0.0] and norms == [2.0, 1.0, 0.5] and len(points) == 3
assert np.allclose(numerical_gradient(l2_norm, [3.0, 4.0], h=1e-4), [0.6, 0.8])
assert np.allclose(numerical_gradient(np.sum, [3.0, 4.0]), 1)
inner = lambda v: float(np.sum(numerical_gradient(lambda u: np.sum(u**3), v)))
assert np.allclose(numerical_gradient(inner, [1.0, 2.0], 1e-3), [6.0, 12.0], atol=1e-3)
def accuracy(y, y_pred):
    if np.shape(y) != np.shape(y_pred) or not np.size(y):
        raise ValueError
    return float(np.mean(np.equal(y, y_pred)))
""",
    ),
    "a right answer through numerical derivatives": (
        "regularized_gradient",
        "failed",
        """\
from helpers.gradient_norms import numerical_gradient
def regularized_gradient(w, X, y, l2_strength):
    w = np.asarray(w, float)
    if w.ndim != 1 or w.shape != np.shape(X)[1:]:
        raise ValueError
    f = lambda v: log_likelihood(v, X, y) - l2_strength * np.sum(v[1:] ** 2)
    return numerical_gradient(f, w)
""",
    ),
    "norms of lesson 01 in lesson 06": (
        "clip_by_norm",
        "passed",
        """\
def clip_by_norm(gradient, max_norm):
    if not max_norm > 0:
        raise ValueError(max_norm)
    g = np.array(gradient, float)
    n = stable_l2_norm(list(g.ravel()))
    return g if n <= max_norm else max_norm / n * g
""",
    ),
    "functions of lessons 02 and 06 in lesson 07": (
        "has_exploded",
        "passed",
        """\
from helpers import clipping
def has_exploded(losses, gradient_norms):
    a, b = np.asarray(losses, float), np.asarray(gradient_norms, float)
    if a.ndim != 1 or b.ndim != 1 or not a.size or not b.size:
        raise ValueError
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return True
    return len(b) > 1 and bool(b[-1] > 1000 * clipping.clipping_threshold(b[:-1], 50))
""",
    ),
}
