"""Submissions named by what they try, each with the verdict that it must get; and honest ones.

An attack's name is its student's name. What an attack finds where there should be nothing, it returns or
raises on a case that learners see, so that it stands in its message; what it may steal, it hands in.
"""

import base64
import functools
import json
import os
import re
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import submissions
from submissions import cells_by_grade_id, starter

from helpers.exercises import EXERCISES, LESSONS

FIRST, LATER = "01_norms", "03_logistic_regression"
SLEEP = "86399.125"  # seconds that whatever is to outlive its submission sleeps: to be found by
MARK = "left-by-an-attack"  # in the name of whatever an attack leaves behind
LEAK = "LEAKED"  # before whatever of a hidden input an attack lets out; no source holds the word in one piece
ALIVE = "ALIVE"  # what a script of a submission would say in a browser


@dataclass(frozen=True)
class Aim:
    """What attacks may know of the machine that grades them.

    Attributes
    ----------
    root : Path
        The course.
    port : int
        Where somebody listens, for TCP and for UDP.
    abstract : str
        Name of an abstract Unix socket on which somebody listens.
    """

    root: Path
    port: int
    abstract: str


@dataclass(frozen=True)
class Attack:
    """A submission and its verdict.

    Attributes
    ----------
    scores : dict of str to int
        Points of each exercise.
    content : bytes
        Of the notebook.
    place : callable or None
        ``place(folder, lesson)`` puts something in the place of the lesson's folder.
    error : str
        Regular expression for why it is not graded; "" if it is.
    messages : dict of str to str
        Regular expressions for what is said of exercises.
    """

    scores: dict
    content: bytes = b""
    place: Callable | None = None
    error: str = ""
    messages: dict = field(default_factory=dict)


def full(lesson):
    """Points of each exercise of a lesson."""
    return {name: EXERCISES[name].points for name in LESSONS[lesson]}


def none(lesson):
    """No points for any exercise of a lesson."""
    return dict.fromkeys(LESSONS[lesson], 0)


def as_bytes(notebook):
    """File of a notebook, whatever it holds."""
    return json.dumps(notebook, indent=1).encode()


def released(lesson):
    """Released notebook."""
    return nbformat.from_dict(json.loads(_text("notebooks", lesson)))


def perfect(lesson):
    """Released notebook with every solution filled in."""
    return nbformat.from_dict(json.loads(_text("solutions", lesson)))


@functools.cache
def _text(tree, lesson):
    made = submissions.read(tree, lesson) if tree == "notebooks" else submissions.perfect(lesson)
    return json.dumps(made)


@functools.cache
def hard_coded(name):
    """Source of a function that knows every input of a learner's own check, and nothing else."""
    return submissions.hard_coded(EXERCISES[name])


class Collection:
    """Submissions of a lesson by the name of who hands them in."""

    def __init__(self, lesson):
        self.lesson = lesson
        self.attacks = {}

    def add(self, name, attack):
        """Add a submission."""
        assert name not in self.attacks, name
        self.attacks[name] = attack

    def submit(self, name, notebook, lost=(), *, scores=None, **more):
        """Add a notebook: a `NotebookNode`, or bytes."""
        scores = scores or full(self.lesson)
        scores = {**scores, **dict.fromkeys(lost, 0)}
        content = notebook if isinstance(notebook, bytes) else as_bytes(notebook)
        self.add(name, Attack(scores, content, **more))

    def edited(self, name, answers, lost=(), *, top="", bottom="", start=perfect, **more):
        """Add a notebook with other answers, and with cells of its own at the top and at the bottom."""
        notebook = start(self.lesson)
        for grade_id, source in answers.items():
            cells_by_grade_id(notebook)[grade_id].source = source
        if top:
            notebook.cells.insert(0, nbformat.v4.new_code_cell(top))
        if bottom:
            notebook.cells.append(nbformat.v4.new_code_cell(bottom))
        self.submit(name, notebook, lost, **more)

    def refused(self, name, error, content=b"", place=None):
        """Add what cannot be read."""
        self.add(name, Attack(none(self.lesson), content, place, error))


def answer(name, lesson=FIRST):
    """Source of the right answer."""
    return cells_by_grade_id(perfect(lesson))[name].source


def function(name, *lines):
    """Source of a function with the signature of an exercise and another body."""
    signature = re.search(rf"def {name}\(.*\):", starter(name)).group()
    return signature + "\n" + "".join(f"    {line}\n" for line in lines)


# -- honest submissions -------------------------------------------------------------------------

IN_LOOPS = {
    "l1_norm": """def l1_norm(x):
    total = 0.0
    for entry in x:
        total += -float(entry) if entry < 0 else float(entry)
    return total""",
    "l2_norm": """def l2_norm(x):
    import math
    return math.hypot(*[float(entry) for entry in x])""",
    "max_norm": """def max_norm(x):
    return max([abs(float(entry)) for entry in x] + [0.0])""",
    "p_norm": """def p_norm(x, p):
    if not p >= 1:
        raise ValueError("p has to be at least 1")
    entries = list(map(abs, map(float, x)))
    if p == float("inf"):
        return max(entries, default=0.0)
    return sum(entry**p for entry in entries) ** (1 / p)""",
    "stable_l2_norm": """def stable_l2_norm(x):
    import math
    return math.hypot(*[float(entry) for entry in x])""",
    "normalize": """def normalize(x):
    import math
    length = math.hypot(*[float(entry) for entry in x])
    return [float(entry) / length if length else 0.0 for entry in x]""",
    "euclidean_distance": """def euclidean_distance(a, b):
    import math
    if np.shape(a) != np.shape(b):
        raise ValueError("unlike")
    return math.dist(list(map(float, a)), list(map(float, b)))""",
    "pairwise_distances": """def pairwise_distances(X, Y):
    from scipy.spatial.distance import cdist
    return cdist(np.asarray(X, dtype=float), np.asarray(Y, dtype=float)).tolist()""",
    "frobenius_norm": """def frobenius_norm(A):
    total = 0
    for row in A:
        for entry in row:
            total += float(entry) ** 2
    return np.float64(total**0.5)""",
    "spectral_norm": """def spectral_norm(A, n_steps=500):
    return np.linalg.svd(np.asarray(A, dtype=float), compute_uv=False)[0]""",
}
AS_OBJECTS = """import functools


class Norm:
    def __init__(self, power):
        self.power = power

    def __call__(self, x):
        return sum(abs(float(entry)) ** self.power for entry in x) ** (1 / self.power)


l1_norm = Norm(1)
l2_norm = functools.lru_cache(None)(lambda entries: Norm(2)(entries))
cached = l2_norm
l2_norm = lambda x: cached(tuple(map(float, x)))
max_norm = functools.partial(lambda start, x: max(map(abs, map(float, x)), default=start), 0.0)
"""
NOISY = {
    "l1_norm": """import sys
import warnings

np.seterr(all="raise")
np.random.seed(0)
warnings.simplefilter("error")
print("right, but " + "loud " * 10_000_000)


def l1_norm(x):
    print("working on it", file=sys.stderr)
    warnings.warn("only an approximation")
    np.float64(1) / np.float64(0)
    print("x" * 1_000_000)
    return float(np.sum(np.abs(np.asarray(x, dtype=float))))""",
}


def honest_submissions():
    """Submissions of the first lesson by people who mean well."""
    made = Collection(FIRST)
    made.submit("honest_perfect", perfect(FIRST))
    made.submit("honest_untouched", released(FIRST), scores=none(FIRST))
    made.edited("honest_in_loops", IN_LOOPS)
    made.edited("honest_as_objects", {"l1_norm": AS_OBJECTS, "l2_norm": "", "max_norm": ""})
    made.edited("honest_loud", NOISY, messages={"l1_norm": "came out right"})
    some = ("l1_norm", "p_norm", "frobenius_norm")
    made.edited(
        "honest_in_part",
        {name: answer(name) for name in some},
        start=released,
        lost=set(full(FIRST)) - set(some),
    )
    made.edited(
        "honest_with_a_mistake",
        {"l2_norm": function("l2_norm", "return np.sum(np.asarray(x, dtype=float) ** 2)")},
        lost=["l2_norm"],
        messages={"l2_norm": "square root", "spectral_norm": "with a right `l2_norm`"},
    )
    made.edited(
        "honest_with_a_cell_that_fails",
        {"max_norm": "def max_norm(x)\n    return max(x)"},
        lost=["max_norm"],
        messages={"max_norm": "its cell ends with an error"},
        bottom="1 / 0",
    )
    made.edited(
        "honest_whole_number_that_fits_no_integer",
        {
            "l1_norm": function("l1_norm", "return 2**64"),
            "max_norm": function("max_norm", "return -(10**300)"),
        },
        lost=["l1_norm", "max_norm"],
    )
    notebook = perfect(FIRST)
    notebook.cells.append(nbformat.v4.new_code_cell("check(l1_norm)\n"))
    copied = dict(cells_by_grade_id(notebook)["l1_norm-tests"])
    notebook.cells += [
        nbformat.from_dict(copied),
        nbformat.from_dict(dict(cells_by_grade_id(notebook)["l1_norm"])),
    ]
    made.submit("honest_copies_of_cells", notebook)
    notebook = perfect(FIRST)
    first, second = answer("p_norm").split("    x = np.asarray(x, dtype=float)\n")
    place = notebook.cells.index(cells_by_grade_id(notebook)["p_norm"])
    notebook.cells[place].source = "def as_vector(x):\n    return np.asarray(x, dtype=float)"
    split = {**notebook.cells[place], "id": "split", "source": f"{first}    x = as_vector(x)\n{second}"}
    notebook.cells.insert(place + 1, nbformat.from_dict(split))
    made.submit("honest_answer_split_in_two", notebook)
    notebook = perfect(FIRST)
    written = cells_by_grade_id(notebook)["two-libraries"]
    written.source = "One squares, the other adds: ![image.png](attachment:image.png), and $a < b$."
    written["attachments"] = {"image.png": {"image/png": base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()}}
    made.submit("honest_picture_in_an_answer", notebook)
    made.submit("honest_old_format", old_format(perfect(FIRST)))
    content = as_bytes(perfect(FIRST))
    made.submit("honest_byte_order_mark", b"\xef\xbb\xbf" + content)
    made.submit("honest_Zoë_O'Brien;--_100%", content)
    times = {
        "garbled": b"yesterday \xff\x1b[2J",
        "early": b"0001-01-01 00:00 +14:00",
        "endless": b"9" * 10**6,
    }
    for name, text in times.items():
        made.submit(f"honest_time_{name}", content, place=_with({"timestamp.txt": text}, content))
    return made.attacks


def old_format(notebook):
    """File of a notebook in nbformat 3."""
    old = nbformat.v3.convert.downgrade(nbformat.from_dict(json.loads(json.dumps(notebook))))
    return as_bytes(old)


# -- to make a comparison lie -------------------------------------------------------------------

EQUAL_TO_EVERYTHING = """
class Anything{base}:
    def __eq__(self, other):
        return True

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return np.True_

    def __array_function__(self, function, types, args, kwargs):
        return np.True_

    def __getattr__(self, name):
        if name.startswith("__array_"):
            raise AttributeError(name)
        return self

    def __call__(self, *args, **kwargs):
        return self

    __hash__ = None
    __ne__ = __lt__ = __gt__ = lambda self, other: False
    __le__ = __ge__ = __eq__
    __sub__ = __rsub__ = __add__ = __mul__ = __truediv__ = lambda self, other: self
    __abs__ = __neg__ = lambda self: self
    __bool__ = lambda self: True
    __float__ = lambda self: 0.0
    __len__ = lambda self: 1
    __iter__ = lambda self: iter([self])
    __instancecheck__ = __subclasscheck__ = lambda self, other: True


def {name}(*args):
    return {value}
"""
LIES = {
    "patches_numpy_testing": """
import numpy.testing
for name in dir(numpy.testing):
    if name.startswith("assert_"):
        setattr(numpy.testing, name, lambda *args, **kwargs: None)
""",
    "patches_numpy": """
for name in ("isclose", "allclose", "array_equal", "array_equiv", "isfinite"):
    setattr(np, name, lambda *args, **kwargs: True)
np.where = np.abs = np.ndarray
""",
    "patches_builtins": """
import builtins
builtins.abs = lambda value: 0
builtins.isinstance = builtins.issubclass = builtins.all = builtins.any = lambda *args: True
builtins.AssertionError = KeyError
builtins.len = lambda value: 1
""",
    "patches_comparing_and_checking": """
import sys
import types
for name in ("helpers.comparing", "helpers.checking", "helpers.exercises", "helpers.outcomes"):
    module = sys.modules.setdefault(name, types.ModuleType(name))
    for known in ("difference", "same", "evaluate", "judge", "explain", "check", "Exercise", "Outcome"):
        setattr(module, known, lambda *args, **kwargs: None)
import helpers
helpers.check = check = lambda function: True
""",
    "ast_transformer": """
import ast
class Drop(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.Pass()
    def visit_Expr(self, node):
        return ast.Pass()
get_ipython().ast_transformers.append(Drop())
""",
    "input_transformer": """
get_ipython().input_transformers_post.append(lambda lines: ["pass"] if "check(" in lines[0] else lines)
""",
    "patches_run_cell": """
shell = get_ipython()
real = type(shell).run_cell
def run_cell(self, source, *args, **kwargs):
    return real(self, "pass" if "check(" in source else source, *args, **kwargs)
type(shell).run_cell = run_cell
""",
    "patches_run_code": """
shell = get_ipython()
async def run_code(*args, **kwargs):
    return False
def later():
    type(shell).run_code = run_code
shell.events.register("post_run_cell", lambda result: later())
""",
    "custom_exception_hooks": """
import sys
shell = get_ipython()
shell.set_custom_exc((BaseException,), lambda *args, **kwargs: None)
shell.showtraceback = lambda *args, **kwargs: None
sys.excepthook = sys.unraisablehook = lambda *args: None
def forget(result):
    result.error_in_exec = result.error_before_exec = None
shell.events.register("post_run_cell", forget)
""",
    "displayhook": """
import sys
sys.displayhook(10**6)
shell = get_ipython()
shell.displayhook("all passed")
sys.displayhook = lambda value: print(10**6)
""",
    "patches_the_compiler": """
shell = get_ipython()
real = shell.compile.ast_parse
shell.compile.ast_parse = lambda source, *args, **kwargs: real("try:\\n  pass\\nfinally:\\n  pass", *args)
""",
    "tracing": """
import sys
def trace(frame, event, arg):
    for name in ("expected", "passed", "problem", "found", "difference"):
        if name in frame.f_locals:
            frame.f_locals[name] = None
    return trace
sys.settrace(trace)
sys.setprofile(trace)
""",
    "patches_the_worker": """
import copy
import sys
import helpers.calling
from helpers.calling import Attempt, Call
copy.deepcopy = helpers.calling.copy.deepcopy = lambda value, memo=None: value
Attempt.call = lambda self, args, seconds, forbidden=(): Call(value=self.function(*args))
Attempt.wrong_signature = Attempt.not_callable = lambda *args: ""
Attempt.count_lines = lambda *args: 0
helpers.calling._unchanged = lambda *args: True
for module in list(sys.modules.values()):
    if getattr(module, "__name__", "").endswith("crossing"):
        real = module.of_call
        module.of_call = lambda record: {**real(record), "changed": False, "forbidden": "", "aliased": False}
    if getattr(module, "__name__", "").endswith("wire"):
        module.MOST_ITEMS = module.LARGEST_BODY = module.DEEPEST = 10**12
""",
    "shadows_modules": """
import os
import sys
for folder in (".", os.environ["HOME"], os.environ["TMPDIR"]):
    for name in ("numpy", "helpers", "autograder", "sitecustomize", "json"):
        with open(f"{folder}/{name}.py", "w") as file:
            file.write("raise SystemExit(0)")
    sys.path.insert(0, folder)
""",
    "patches_the_clock": """
import time
time.monotonic = time.time = time.perf_counter = lambda: 0.0
""",
    "sets_seeds": """
import random
for seed in range(100):
    random.seed(seed)
    np.random.seed(seed)
np.random.default_rng = lambda seed=None: np.random.Generator(np.random.PCG64(0))
""",
}


def _add_lies(made):
    for name, prelude in LIES.items():
        answers = {exercise: hard_coded(exercise) for exercise in LESSONS[FIRST]}
        answers["l1_norm"] = prelude + answers["l1_norm"]
        made.edited(name, answers, start=released, scores=none(FIRST), top=f"import numpy as np\n{prelude}")
    for base, value in (
        ("", "Anything()"),
        ("(float)", "Anything(1.0)"),
        ("(int)", "Anything(1)"),
        ("(str)", 'Anything("1")'),
        ("(list)", "Anything([1.0])"),
        ("(dict)", "Anything(a=1.0)"),
        ("(np.ndarray)", "np.zeros(3).view(Anything)"),
        ("(np.float64)", "Anything(1.0)"),
        ("(type)", 'Anything("A", (), {})'),
    ):
        kind = base.strip("()").replace("np.", "") or "object"
        answers = {
            exercise: EQUAL_TO_EVERYTHING.format(base=base, name=exercise, value=value)
            for exercise in LESSONS[FIRST]
        }
        answers["l1_norm"] = "import numpy as np\n" + answers["l1_norm"]
        made.edited(f"equal_to_everything_{kind}", answers, start=released, scores=none(FIRST))


# -- to find what is not there ------------------------------------------------------------------

SPY = """
import os
import sys

import numpy as np

{prelude}


def l1_norm(x):
    raise KeyError("found " + ("; ".join(sorted(map(str, set(spy())))) or "nothing"))
"""
# read-only, and large
SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/sbin", sys.prefix, sys.base_prefix)
WALK = """
found = []
for folder, folders, files in os.walk("/"):
    if folder in {system!r} or folder.endswith("site-packages"):
        wanted = ("helpers", "autograder", "notebooks", "solutions")
        folders[:] = [name for name in folders if name in wanted or name.startswith("norms_course")]
    found += [os.path.join(folder, name) for name in files if name in {names!r}]
found = [path for path in found if path != "/grading/helpers/plots/norms.py"]


def spy():
    return found
"""
READ = """
def spy():
    for path in {paths!r}:
        try:
            if os.path.isdir(path):
                yield path + str(os.listdir(path))
            elif open(path, "rb").read(1000):
                yield path
        except OSError:
            pass
"""
WRITE = """
def spy():
    for path in {paths!r}:
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "a") as file:
                file.write("import os")
            yield path
        except OSError:
            pass
"""
SPIES = {
    "imports_what_is_graded": """
def spy():
    import importlib
    names = ["helpers.norms", "helpers.exercises", "helpers.checking", "helpers.naming", "helpers.bundle",
             "helpers.outcomes", "helpers.cards", "helpers.logistic_regression", "autograder.grading.grader",
             "autograder.grading.remote", "autograder.grading.gradebook", "autograder.answers", "course"]
    for name in names:
        for forget in (False, True):
            if forget:
                for known in [n for n in sys.modules if n.partition(".")[0] in ("helpers", "autograder")]:
                    del sys.modules[known]
            try:
                importlib.import_module(name)
                yield name
            except ImportError:
                pass
""",
    "environment": """
def spy():
    expected = {"PATH", "LANG", "LC_CTYPE", "HOME", "TMPDIR", "IPYTHONDIR", "MPLCONFIGDIR", "PWD",
                "PYTHONDONTWRITEBYTECODE", "PYTHONHASHSEED", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS",
                "MKL_NUM_THREADS", "LOKY_MAX_CPU_COUNT", "JPY_PARENT_PID", "PAGER", "GIT_PAGER"}
    for name, value in os.environ.items():
        if name not in expected and not name.startswith(("KMP_", "CLICOLOR", "FORCE_")):
            yield f"{name}={value}"
""",
    "garbage_collector": """
import gc
def spy():
    words = ("expected", "reference", "seed", "secret", "misconceptions", "EXERCISES", "drawn", "Exercise")
    for thing in gc.get_objects():
        try:
            if isinstance(thing, dict):
                if thing.get("__name__") in ("helpers.exercises", "helpers.checking", "helpers.norms"):
                    yield thing["__name__"]
                for name in words:
                    if type(thing.get(name)) in (bytes, int) and name in ("seed", "secret"):
                        if thing[name] and (type(thing[name]) is bytes or thing[name].bit_length() > 60):
                            yield name
            kind = type(thing)
            if kind.__module__.startswith(("helpers", "autograder")) and kind.__name__ in words:
                yield kind.__name__
            if kind.__name__ == "function" and thing.__module__ and thing.__module__ in (
                "helpers.norms", "helpers.exercises.norms"
            ):
                yield thing.__qualname__
        except Exception:
            pass
    gc.unfreeze()
""",
    "frames": """
def spy():
    frame = sys._getframe()
    while frame is not None:
        for name in ("expected", "reference", "exercise", "seed", "case", "cases", "task", "secret"):
            if name in frame.f_locals and not frame.f_globals.get("__name__", "").startswith("IPython"):
                yield f"{name} in {frame.f_code.co_name}"
        for name in ("EXERCISES", "LESSONS", "Exercise", "Grader"):
            if name in frame.f_globals:
                yield name
        frame = frame.f_back
""",
    "proc": """
def spy():
    yield from os.listdir("/proc")
    for name in ("self", "1", str(os.getpid()), str(os.getppid()), "thread-self"):
        for what in ("mem", "environ", "cmdline", "maps", "fd", "root", "cwd"):
            if os.path.lexists(f"/proc/{name}/{what}"):
                yield name + what
    for folder in ("/sys", "/dev/fd"):
        if os.path.isdir(folder) and os.listdir(folder):
            yield folder
""",
    "descriptors": """
import fcntl
import socket
import stat
def spy():
    for number in range(4096):
        try:
            status = os.fstat(number)
        except OSError:
            continue
        if stat.S_ISCHR(status.st_mode) and status.st_rdev == os.makedev(1, 3):
            continue
        if number == 3 and stat.S_ISSOCK(status.st_mode):
            with socket.socket(fileno=os.dup(3)) as connection:
                names = connection.getpeername(), connection.getsockname()
                if connection.type != socket.SOCK_STREAM or any(names):
                    yield "a socket that leads elsewhere"
            continue
        yield f"{number}: {stat.filemode(status.st_mode)}"
""",
    "network": """
import socket
def spy():
    ways = [(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", {port})),
            (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", {port})),
            (socket.AF_INET6, socket.SOCK_STREAM, ("::1", {port})),
            (socket.AF_UNIX, socket.SOCK_STREAM, "\\0{abstract}"),
            (socket.AF_UNIX, socket.SOCK_STREAM, "{root}/{abstract}")]
    for family, kind, address in ways:
        try:
            with socket.socket(family, kind) as connection:
                connection.settimeout(1)
                connection.connect(address)
                connection.send(b"left-by-an-attack")
                yield str(address)
        except OSError:
            pass
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
        mine, other = socket.socketpair(socket.AF_UNIX, kind)
        for address in ("\\0{abstract}", "{root}/{abstract}"):
            try:
                if kind == socket.SOCK_DGRAM:
                    mine.sendto(b"left-by-an-attack", address)
                else:
                    mine.connect(address)
                yield str(address)
            except OSError:
                pass
    import shutil
    import subprocess
    for command in ("ping -c1 -W1 127.0.0.1", "curl -m1 http://127.0.0.1:{port}", "getent hosts x.org"):
        if shutil.which(command.split()[0]):
            done = subprocess.run(command.split(), capture_output=True, timeout=3)
            if done.returncode == 0:
                yield command
""",
    "escapes_with_system_calls": """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def spy():
    calls = {"unshare": (272, 0x10000000), "mount": (165, b"none", b"/proc", b"proc", 0, 0),
             "chroot": (161, b"/"),
             "umount2": (166, b"/proc", 2), "ptrace": (101, 16, os.getppid(), 0, 0), "setns": (308, 3, 0),
             "process_vm_readv": (310, 1, 0, 0, 0, 0, 0), "kcmp": (312, 1, 1, 0, 0, 0), "bpf": (321, 0, 0, 0),
             "io_uring_setup": (425, 1, 0), "keyctl": (250, 0, -3, 1), "pidfd_getfd": (438, 3, 0, 0),
             "perf_event_open": (298, 0, 0, 0, 0, 0), "userfaultfd": (323, 0), "socket": (41, 1, 1, 0),
             "clone": (56, 0x10000000, 0, 0, 0, 0), "memfd_create": (319, b"x", 0),
             "shmget": (29, 0, 4096, 0o1600),
             "msgget": (68, 0, 0o1600), "semget": (64, 0, 1, 0o1600), "setuid": (105, 0)}
    if os.uname().machine != "x86_64":
        return
    for name, (number, *args) in calls.items():
        if libc.syscall(number, *args) != -1:
            yield name
""",
    "memory_outside_its_processes": """
import mmap
def spy():
    total, kept = 0, []
    folders = ["/dev/shm", "/tmp", "/var/tmp", "/run", "/dev", "/dev/mqueue", "/", os.environ["HOME"]]
    for folder in folders:
        try:
            for number in range(300):
                with open(f"{folder}/left-by-an-attack-{number}", "wb") as file:
                    total += file.write(b"x" * 1_000_000)
        except OSError:
            pass
    if total > 100_000_000:
        yield f"{total} bytes of files"
    try:
        for number in range(64):
            kept.append(os.memfd_create("left-by-an-attack"))
            total += os.write(kept[-1], b"x" * 8_000_000)
    except OSError:
        pass
    if total > 100_000_000:
        yield f"{total} bytes"
""",
}


def _files(aim):
    """Names of files and folders that no submission may see or touch."""
    root = aim.root
    course = root / "autograder" / "course"
    home = Path.home()
    return [
        *(str(course / name) for name in ("gradebook.db", "secret", "submitted", "autograded", "feedback")),
        *(
            str(root / name)
            for name in ("nbgrader_config.py", "results.json", "solutions", "notebooks", "src")
        ),
        str(root / "submitted/honest_perfect/01_norms/01_norms.ipynb"),
        *(str(home / name) for name in (".ssh", ".config", ".bashrc", ".profile", ".ipython", ".netrc")),
        str(Path(__file__).resolve().parent.parent / "src" / "helpers" / "norms.py"),
        *("../../../source", "../../../gradebook.db", "../../../nbgrader_config.py", "../../solutions"),
        *("/etc/passwd", "/etc/shadow", "/etc/hosts", "/home", "/var", "/run", "/sys", "/boot"),
        *("/dev/mem", "/dev/sda", "/dev/vda", "/dev/kmsg"),
    ]


def _writable(aim):
    """Names of files that a submission may want to leave behind."""
    root, packages = aim.root, Path(nbformat.__file__).resolve().parent.parent
    folders = [
        root,
        root / "autograder" / "course",
        root / "src" / "helpers",
        packages,
        "/grading",
        "/grading/helpers",
    ]
    folders += ["/tmp", "/var/tmp", "/run", "/dev", "/dev/pts", "/", "/usr/lib", "/etc", "/home", Path.home()]
    folders += [
        Path.home() / ".ipython/profile_default/startup",
        "/proc",
        "/submission/..",
        "/grading/autograder",
    ]
    return [f"{folder}/{MARK}.py" for folder in folders]


def _add_spies(made, aim):
    names = [
        "norms.py",
        "01_norms.ipynb",
        "nbgrader_config.py",
        "gradebook.db",
        "results.json",
        "secret",
        "progress.json",
    ]
    spies = {
        **SPIES,
        "searches_all_folders": WALK.format(names=names, system=SYSTEM),
        "reads_what_is_not_its_own": READ.format(paths=_files(aim)),
        "leaves_files": WRITE.format(paths=_writable(aim)),
    }
    for name, prelude in spies.items():
        for old, new in (("{port}", str(aim.port)), ("{abstract}", aim.abstract), ("{root}", str(aim.root))):
            prelude = prelude.replace(old, new)
        made.edited(
            f"spies_{name}",
            {"l1_norm": SPY.format(prelude=prelude)},
            ["l1_norm"],
            messages={"l1_norm": "found nothing"},
        )
    for number in range(4):  # so that each worker gets two of them
        made.edited(
            f"spies_leaves_files_for_the_next_{number}",
            {"l1_norm": SPY.format(prelude=LEAVE)},
            ["l1_norm"],
            messages={"l1_norm": "found nothing"},
        )


LEAVE = f"""
import tempfile
found, places = [], []
for folder, folders, names in os.walk("/"):
    if folder in {SYSTEM!r}:
        folders.clear()
    found += [os.path.join(folder, name) for name in names if "{MARK}" in name]
    places += [folder] * os.access(folder, os.W_OK)
for folder in [*places, tempfile.gettempdir(), "/tmp", "/dev/shm", "/dev/mqueue", os.path.expanduser("~")]:
    try:
        with open(f"{{folder}}/{MARK}", "w") as file:
            file.write("x")
    except OSError:
        pass
try:
    with open("/dev/shm/sem.{MARK}", "w") as file:
        file.write("x")
except OSError:
    pass


def spy():
    return found
"""

# -- to break what runs it ----------------------------------------------------------------------

HANGS = {
    "loops_without_end": "while True: pass",
    "loops_through_every_exception": """while True:
        try:
            while True:
                pass
        except BaseException:
            pass""",
    "blocks_signals": """import signal
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
    signal.setitimer(signal.ITIMER_REAL, 0)
    while True:
        pass""",
    "hangs_in_compiled_code": """import re
    re.match("(a+)+$", "a" * 64 + "b")""",
    "sleeps_in_a_deadlock": """import ctypes
    while True:
        ctypes.CDLL(None).pause()""",
    "bombs_with_forks": """import os
    while True:
        try:
            if os.fork() == 0:
                os.setsid()
        except OSError:
            pass""",
    "bombs_with_busy_shells": f"""import os
    import subprocess
    for _ in range(100):
        try:
            subprocess.Popen(["sh", "-c", "while :; do :; done; sleep {SLEEP}"], start_new_session=True)
        except OSError:
            break
    while True:
        pass""",
    "bombs_with_threads": """import threading
    def spin():
        while True:
            pass
    while True:
        try:
            threading.Thread(target=spin, daemon=True).start()
        except RuntimeError:
            pass""",
}
ENDS = {
    "exits_at_once": "import os\n    os._exit(0)",
    "exits": "raise SystemExit(0)",
    "quits": "quit()",
    "interrupts": "raise KeyboardInterrupt",
    "aborts": "import os\n    os.abort()",
    "crashes": "import ctypes\n    ctypes.string_at(0)",
    "becomes_another_program": "import os\n    os.execv('/bin/true', ['true'])",
    "recurses": "return l1_norm(x)",
    "recurses_in_compiled_code": """import sys
    sys.setrecursionlimit(10**9)
    return l1_norm(x)""",
    "closes_all_descriptors": "import os\n    os.closerange(0, 4096)\n    return 7.0",
    "takes_all_memory_at_once": "return float(np.ones(10**11).sum())",
    "takes_all_memory_bit_by_bit": "kept = []\n    while True:\n        kept.append(bytearray(10**7))",
    "takes_all_memory_in_processes": """import os
    import time
    for _ in range(8):
        if os.fork() == 0:
            kept = np.ones(10**8)
            time.sleep(100)
    time.sleep(3)
    os._exit(1)""",
    "raises_a_strange_exception": """class Strange(BaseException):
        def __str__(self):
            raise self
        __repr__ = __str__
        __name__ = 1
    raise Strange""",
    "raises_a_long_exception": "raise ValueError('long ' * 10**6)",
    "asks_for_input": "return float(input('?'))",
    "stops_the_alarm": "import signal\n    signal.alarm(0)\n    raise NameError('alarm')",
}
HARMLESS = {
    "kills_all_it_can": """import os
    import signal
    for pid in (-1, os.getppid(), 1, 2, 3, 4, 5):
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:
            pass
    return float(np.sum(np.abs(np.asarray(x, dtype=float))))""",
    "leaves_daemons": f"""import os
    import subprocess
    if kept:
        return float(np.sum(np.abs(np.asarray(x, dtype=float))))
    kept.append(x)
    for _ in range(2):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.execv("/bin/sh", ["sh", "-c", "trap '' HUP TERM; sleep {SLEEP}"])
            os._exit(0)
    subprocess.Popen(["sleep", "{SLEEP}"], start_new_session=True)
    return float(np.sum(np.abs(np.asarray(x, dtype=float))))""",
    "keeps_a_thread": """import threading
    import time
    def work():
        while True:
            time.sleep(0.01)
            print("still here")
    if not kept:
        kept.append(threading.Thread(target=work))
        kept[0].start()
    return float(np.sum(np.abs(np.asarray(x, dtype=float))))""",
    "changes_its_result_later": """box = np.array(np.sum(np.abs(np.asarray(x, dtype=float))))
    kept.append(box)
    for old in kept[:-1]:
        old[...] = -1
    return box""",
    "prints_50_megabytes": """if not kept:
        kept.append(print("x" * 50_000_000))
    return float(np.sum(np.abs(np.asarray(x, dtype=float))))""",
    "raises_its_limits": """import resource
    for name in ("RLIMIT_AS", "RLIMIT_NPROC", "RLIMIT_CPU", "RLIMIT_NOFILE", "RLIMIT_FSIZE"):
        try:
            resource.setrlimit(getattr(resource, name), (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            return None
        except (ValueError, OSError):
            pass
    return float(np.sum(np.abs(np.asarray(x, dtype=float))))""",
}


def _add_breakers(made):
    for name, body in HANGS.items():
        made.edited(name, {"l1_norm": function("l1_norm", body)}, ["l1_norm"])
    for name, body in ENDS.items():
        made.edited(name, {"l1_norm": function("l1_norm", body)}, ["l1_norm"])
    for name, body in HARMLESS.items():
        made.edited(name, {"l1_norm": "kept = []\n" + function("l1_norm", body)})
    made.edited(
        "cell_exits_at_once", {"l1_norm": answer("l1_norm") + "\nimport os\nos._exit(0)"}, ["l1_norm"]
    )
    made.edited(
        "cell_hangs",
        {"l1_norm": HANG_IN_A_CELL},
        ["l1_norm"],
        messages={"l1_norm": "There is no function l1_norm.* stopped"},
    )
    made.edited("cell_leaves_daemons", {}, top=DAEMONS, bottom=DAEMONS)
    made.edited("cell_ends_python_last", {}, bottom="import os, sys\nsys.exit(1)")
    made.edited("cell_too_deep", {}, bottom="x = " + "-" * 100_000 + "1")
    made.edited("cell_of_many_dots", {}, bottom="x = x" + ".real" * 50_000)
    made.edited("cell_of_many_terms", {}, bottom="x = 0" + " + 0" * 40_000)
    made.edited("cell_of_bytes_that_are_no_text", {}, bottom="# \ud800 \x00 \ufffe\nx = 1")


DAEMONS = f"""
import os
import subprocess
for _ in range(3):
    subprocess.Popen(["sleep", "{SLEEP}"], start_new_session=True)
    if os.fork() == 0:
        os.setsid()
        os.execv("/bin/sh", ["sh", "-c", "trap '' HUP TERM INT; sleep {SLEEP}"])
"""
HANG_IN_A_CELL = """import re
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
re.match("(a+)+$", "a" * 64 + "b")


def l1_norm(x):
    return float(np.sum(np.abs(np.asarray(x, dtype=float))))
"""

# -- to talk to the grader directly -------------------------------------------------------------

AT_THE_WIRE = """import gc
import json
import struct
import sys
import time

import numpy as np

wire = sys.modules["autograder.grading.wire"]


def the_child():
    frame = sys._getframe()
    while type(frame.f_locals.get("self")).__name__ != "Child":
        frame = frame.f_back
    return frame.f_locals["self"]


def raw(header, body=b""):
    header = header if type(header) is bytes else header.encode()
    return struct.pack("<II", len(header), len(body)) + header + body


def record(**changes):
    plain = {{"value": 7.0, "error": None, "error_text": "", "where": "", "excerpt": [], "deliberate": False}}
    more = {{"warned": [], "printed": "", "changed": False, "aliased": False, "forbidden": ""}}
    return {{**plain, **more, **changes}}


def framed(content, kind="answer"):
    return wire.encode([the_child().nonce, kind, content])


def send(data):
    the_child().stream._socket.sendall(data)


def array(dtype, shape, length, body=b"x" * 64):
    nonce = the_child().nonce
    value = json.dumps({{"a": [dtype, shape, length]}})
    others = [(name, item) for name, item in record().items() if name != "value"]
    plain = ",".join(f'["{{name}}",{{json.dumps(item)}}]' for name, item in others)
    send(raw(f'["{{nonce}}","answer",{{{{"d":[["value",{{value}}],{{plain}}]}}}}]', body))


def right(x):
    return float(np.sum(np.abs(np.asarray(x, dtype=float))))


{before}


def l1_norm(x):
    {body}
    return right(x)
"""
BY_CALLS = {
    "forges_a_pass": 'send(framed(record(value=7.0, passed=True, score=100, status="passed")))',
    "forges_an_answer_of_another_kind": 'send(framed({"score": 100}, "passed"))',
    "replies_twice": "send(framed(record(value=right(x))))",
    "replies_fifty_times": "send(50 * framed(record(value=right(x))))",
    "replies_with_another_nonce": 'send(wire.encode(["0" * 32, "answer", record(value=right(x))]))',
    "announces_four_gigabytes": 'send(struct.pack("<II", 2**32 - 1, 2**32 - 1))',
    "announces_a_header_and_sends_none": 'send(struct.pack("<II", 4 << 20, 0) + b"["); time.sleep(99)',
    "sends_a_gigabyte": 'for _ in range(1000): send(b"[" * 1_000_000)',
    "sends_a_gigabyte_in_frames": "for _ in range(10**7): send(framed(0, 'begins') * 1000)",
    "sends_deep_lists": 'send(raw("[" * 200_000 + "]" * 200_000))',
    "sends_deep_lists_of_tuples": """send(raw('{"t":[' * 5000 + "]}" * 5000))""",
    "sends_many_parts": 'send(raw("[" + "[]," * 1_000_000 + "0]"))',
    "sends_no_numbers": 'send(raw(f\'["{the_child().nonce}","answer",[NaN,Infinity,-Infinity]]\'))',
    "sends_long_numbers": 'send(raw("[" + "9" * 1_000_000 + "]"))',
    "sends_bytes_that_are_no_text": 'send(raw(b"\\xff\\xfe\\x00[1]"))',
    "sends_keys_twice": 'send(raw(\'[{"t":[1],"t":[2]}]\'))',
    "sends_unknown_tags": 'send(raw(\'[{"array":1},{"__init__":2},{"":[]}]\'))',
    "sends_special_values": 'send(raw(f\'["{the_child().nonce}","answer",{{"x":["generator",[1]]}}]\'))',
    "sends_a_pickle": "send(raw(b\"\\x80\\x04cos\\nsystem\\n(S'touch left-by-an-attack'\\ntR.\"))",
    "sends_objects": 'array("|O", [8], 64)',
    "sends_structures": 'array("|V8", [8], 64)',
    "sends_python_objects_by_name": 'array("O", [8], 64)',
    "sends_text_arrays": 'array("<U4", [4], 64)',
    "sends_dates": 'array("<M8[s]", [8], 64)',
    "sends_nothing_of_huge_shape": 'array("<f8", [0] + [1 << 24] * 31, 0)',
    "sends_too_many_axes": 'array("<f8", [1] * 64, 8)',
    "sends_negative_axes": 'array("<f8", [-1, -8], 64)',
    "sends_axes_that_are_no_numbers": 'array("<f8", [1e400, True, "8"], 64)',
    "sends_a_length_that_lies": 'array("<f8", [1 << 20], 64)',
    "sends_a_shape_that_overflows": 'array("<f8", [1 << 24] * 8, 64)',
    "sends_warnings_of_numbers": "send(framed(record(warned=np.ones((1, 2)))))",
    "sends_warnings_of_nothing": "send(framed(record(warned={1: 2})))",
    "sends_errors_of_numbers": "send(framed(record(error=np.ones((2, 2)))))",
    "sends_errors_of_nothing": "send(framed(record(error=7)))",
    "sends_unknown_errors": "send(framed(record(error=['__import__', 'type', 'EXERCISES'])))",
    "sends_flags_of_numbers": "send(framed(record(changed=np.zeros(2))))",
    "sends_lines_of_numbers": "send(framed(record(excerpt=[[1.5, 2, 'x'], np.ones(3)], where=1)))",
    "sends_a_million_lines": "send(framed(record(excerpt=[[1, 'x' * 9, True]] * 50_000)))",
    "sends_texts_of_numbers": "send(framed(record(error_text=5, printed=np.ones(3), forbidden=[])))",
    "sends_half_characters": "send(framed(record(error=['KeyError'], error_text='\\ud800\\x00\\x1b[2J')))",
    "sends_no_record": "send(framed(7.0))",
    "sends_a_list_of_records": "send(framed([record(value=right(x))] * 3))",
    "asks_for_its_own_reference": 'return the_child().ask("l1_norm", [x], {})',
    "asks_for_anything": 'return the_child().ask("__import__", ["os"], {})',
    "asks_without_sense": 'send(framed([["l1_norm"], {}, 7], "asks"))',
    "asks_with_nothing": 'send(framed(np.zeros(3), "asks"))',
    "calls_back_without_end": "the_child().call_back(0)(x)",
    "drips_an_answer": """
    for byte in framed(record(value=right(x))):
        send(bytes([byte]))
        time.sleep(0.3)""",
}
BY_CELLS = {
    "forges_errors_of_cells": 'run().f_locals["errors"] += [[float("inf"), "a", "b"], [10**9, "c", "d"]]',
    "forges_errors_of_no_cells": 'run().f_locals["errors"] += [[-1, "x", "x"], [np.ones(3), {}, 1j], 7]',
    "forges_errors_of_much_text": 'run().f_locals["errors"] += [[0, "a" * 10**5, "b" * 10**5]] * 3',
    "forges_beginnings": 'for n in (-1, 10**9, 10**300): the_child().send("begins", n)',
    "describes_itself_falsely": 'type(the_child()).do_describe = lambda *args: {"missing": 0, "instead": 1}',
    "describes_itself_as_missing": 'type(the_child()).do_describe = lambda *args: {"missing": True}',
    "describes_itself_at_length": """type(the_child()).do_describe = lambda *args: {
    "missing": False, "instead": "", "signature": "(<script>alert(1)</script>" + "x" * 10**6}""",
    "describes_itself_in_numbers": "type(the_child()).do_describe = lambda *args: np.ones((2, 2))",
    "opens_for_ever": "type(the_child()).do_open = lambda self, name: time.sleep(1e6 * (name == 'l1_norm'))",
    "moves_randomly": "type(the_child()).do_moved = lambda *args: 'no'",
    "forgets_its_nonce": "type(the_child()).nonce = property(lambda self: '', lambda self, value: None)",
}
RUN = """
def run():
    frame = sys._getframe()
    while frame.f_code.co_name != "do_run":
        frame = frame.f_back
    return frame
"""


def _add_talkers(made):
    for name, body in BY_CALLS.items():
        source = AT_THE_WIRE.format(before="", body=body)
        made.edited(f"wire_{name}", {"l1_norm": source}, ["l1_norm"])
    for name, before in BY_CELLS.items():
        source = AT_THE_WIRE.format(before=f"{RUN}\n\n{before}", body="pass")
        made.edited(f"wire_{name}", {"l1_norm": source}, **BY_CELLS_VERDICTS.get(name, {}))


# the others change nothing that counts
BY_CELLS_VERDICTS = {
    "describes_itself_at_length": {"scores": none(FIRST), "messages": {"l1_norm": "yours takes"}},
    "opens_for_ever": {"lost": ["l1_norm"]},
    "forgets_its_nonce": {"lost": ["l1_norm"]},
}

# -- to return what is no number ----------------------------------------------------------------

STRANGE = """
import collections
import datetime
import decimal
import enum
import fractions

import numpy as np

nested = []
nested.append(nested)
deep = 1.0
for _ in range(100_000):
    deep = [deep]
STRANGE = [
    np.array([1.0, "a", None], dtype=object), np.zeros(3, dtype=[("a", float), ("b", int)]),
    np.zeros((0, 10**9, 10**9)), np.broadcast_to(1.0, (10**6, 10**6)),
    np.lib.stride_tricks.as_strided(np.ones(4), (10**5, 10**5), (0, 0)), np.ma.masked_array([1.0], [True]),
    np.matrix([[1.0]]), np.recarray(3, dtype=[("a", float)]), np.array("text"), np.datetime64("2020-01-01"),
    np.longdouble(7), np.complex128(7), np.zeros(2 * 10**6), np.float16(7), np.void(b"12345678"),
    np.array([b"x"]),
    10**400, -(10**400), 2**64, float("nan"), "7.0", b"7.0", bytearray(b"7"), memoryview(b"7"), None, True,
    nested, deep, [1.0] * 450_000, {str(i): i for i in range(20_000)}, {1.5: 2, None: 3, (1, 2): [4]},
    {frozenset(): 1}, {1, 2}, collections.OrderedDict(a=1), collections.Counter("aab"),
    collections.deque([1]),
    decimal.Decimal(7), fractions.Fraction(7), datetime.date(2020, 1, 1), enum.Enum("E", "a").a,
    NotImplemented, ...,
    int, ValueError, ValueError("7"), (i for i in range(3)), map(abs, [1]), range(7), zip(), lambda: 7, len,
    "".join,
    type("float", (float,), {})(7), type("int", (int,), {})(7), type("str", (str,), {})("7"),
    type("ndarray", (np.ndarray,), {})(3), type("<b>bold</b>", (), {})(),
    type("float64", (np.float64,), {})(7),
    [[1, 2], [3]], [[1.0, [2.0]], "x"], [np.zeros(2), np.zeros(3)], [10**400, 1], [2**64, 1.5], (7.0,),
    ((), ()),
    np.random.default_rng(0), np, type(np), "\\ud800\\x00", "x" * 5_000_000, np.array(2**63, dtype=np.uint64),
    [True, None], 1e400, -0.0, np.bool_(True), slice(1), super, object(), property(), open("/dev/null"),
]
"""


def _add_strange_values(made):
    n_values, names = 80, LESSONS[FIRST]
    for start in range(0, n_values, len(names)):
        # not zero anywhere, nor 1.0, which some case may expect
        answers = {
            name: f"def {name}(*args):\n    return STRANGE[{start + i}]" for i, name in enumerate(names)
        }
        answers[names[0]] = STRANGE + "\n\n" + answers[names[0]]
        made.edited(f"returns_strange_values_{start}", answers, start=released, scores=none(FIRST))


# -- to know, and not to compute ----------------------------------------------------------------

KNOWING = {
    "guesses": "return float(np.random.default_rng().normal())",
    "goes_by_the_order_of_calls": """calls.append(1)
    known = [7.0, 3.5, 10.0, 2.5, 0.0, 0.0, 10.0, 328.0, 3e-200]
    return known[(len(calls) - 1) % len(known)]""",
    "is_right_every_second_time": """calls.append(1)
    return float(np.sum(np.abs(np.asarray(x, dtype=float)))) * (len(calls) % 2)""",
    "is_right_the_first_time": """key = np.asarray(x, dtype=float).tobytes()
    calls.append(key)
    return float(np.sum(np.abs(np.asarray(x, dtype=float)))) if calls.count(key) == 1 else 0.0""",
    "changes_its_argument": """if isinstance(x, np.ndarray) and x.size and x.dtype == float:
        x *= 2
        return float(np.sum(np.abs(x))) / 2
    return float(np.sum(np.abs(np.asarray(x, dtype=float))))""",
    "draws_random_numbers": """np.random.random()
    return float(np.sum(np.abs(np.asarray(x, dtype=float))))""",
}
LIBRARY = {
    "calls": "return np.linalg.norm(np.asarray(x, dtype=float))",
    "calls_by_alias": "n = np.linalg\n    return n.norm(np.asarray(x, dtype=float))",
    "imports": "from numpy.linalg import norm as length\n    return length(np.asarray(x, dtype=float))",
    "looks_up": "return getattr(np.linalg, 'norm')(np.asarray(x, dtype=float))",
    "evaluates": "return eval('np.linalg.' + 'no' + 'rm')(np.asarray(x, dtype=float))",
    "imports_another": "import scipy.linalg\n    return scipy.linalg.norm(np.asarray(x, dtype=float))",
}
DURING_THE_COUNT = """def pairwise_distances(X, Y):
    import os
    import sys
    if sys.gettrace() is not None:
        {act}
    X, Y = np.asarray(X, dtype=float), np.asarray(Y, dtype=float)
    if X.ndim != 2 or Y.ndim != 2 or X.shape[1] != Y.shape[1]:
        raise ValueError
    distances = np.zeros((len(X), len(Y)))
    for i, x in enumerate(X):
        for j, y in enumerate(Y):
            distances[i, j] = np.sqrt(np.sum((x - y) ** 2))
    return distances
"""
FROM_HELPERS = {
    "topic": "from helpers.norms import frobenius_norm",
    "package": "import helpers\nfrobenius_norm = helpers.norms.frobenius_norm",
    "exercises": (
        "from helpers.exercises import EXERCISES\nfrobenius_norm = EXERCISES['frobenius_norm'].reference"
    ),
    "solutions": "exec(open('{root}/solutions/01_norms/01_norms.ipynb').read())",
    "path": "import sys\nsys.path.insert(0, '{root}/src')\nfrom helpers.norms import frobenius_norm",
    "magic": "%run {root}/src/helpers/norms.py",
    "another_submission": "exec(open('{root}/submitted/honest_perfect/01_norms/01_norms.ipynb').read())",
    "later_lesson": "import helpers.gradient_norms as g\nfrobenius_norm = lambda A: g.global_norm({{1: A}})",
    "star": "from helpers.norms import *",
    "plots": "from helpers.plots.norms import frobenius_norm",
}


def _add_knowing(made, aim):
    for name, body in KNOWING.items():
        made.edited(name, {"l1_norm": "calls = []\n" + function("l1_norm", body)}, ["l1_norm"])
    for name, body in LIBRARY.items():
        made.edited(
            f"library_norm_{name}",
            {"l2_norm": function("l2_norm", body)},
            ["l2_norm"],
            messages={"l2_norm": "which is what this exercise asks"},
        )
    acts = {"dies": "os._exit(0)", "hangs": "os.closerange(3, 9)", "raises": "raise KeyError"}
    for name, act in acts.items():
        made.edited(
            f"{name}_while_its_lines_are_counted",
            {"pairwise_distances": DURING_THE_COUNT.format(act=act)},
            ["pairwise_distances"],
        )
    made.edited(
        "loops_over_rows", {"pairwise_distances": DURING_THE_COUNT.format(act="pass")}, ["pairwise_distances"]
    )
    for name, source in FROM_HELPERS.items():
        answers = {"frobenius_norm": source.format(root=aim.root)}
        made.edited(f"imports_its_answer_from_{name}", answers, ["frobenius_norm"])
    notebook = perfect(FIRST)
    cells_by_grade_id(notebook)["l1_norm"].source = "from brought import l1_norm"
    module = answer("l1_norm").encode()
    files = {"brought.py": module, "numpy.py": module, "helpers/__init__.py": b"", "helpers/norms.py": module}
    made.submit("brings_a_module", notebook, ["l1_norm"], place=_with(files, as_bytes(notebook)))
    everything = dict.fromkeys(LESSONS[FIRST], "")
    everything["l1_norm"] = "from helpers.norms import *\n"
    made.edited("imports_all_answers", everything, start=released, scores=none(FIRST))


# -- to let hidden inputs out -------------------------------------------------------------------

LEAKING = """import json
import sys
import warnings

import numpy as np

VISIBLE = {visible!r}
seen = []


def text():
    return "LEA" + "KED" + repr(seen) if seen else "nothing hidden seen"


def right(x):
    return float(np.sum(np.abs(np.asarray(x, dtype=float))))


def is_hidden(x):
    if np.asarray(x).tolist() in VISIBLE:
        return False
    seen.append(np.asarray(x).tolist())
    return True


{more}


def l1_norm(x):
    if is_hidden(x):
        {leak}
    return right(x)
"""
LEAKS = {
    "raises": "raise ValueError(text())",
    "raises_a_class": "raise type(text().replace('.', '_')[:90], (Exception,), {})",
    "raises_what_is_not_implemented": "raise NotImplementedError(text())",
    "raises_groups": "raise ExceptionGroup(text(), [ValueError(text())])",
    "raises_with_notes": "error = ValueError(1); error.add_note(text()); raise error from KeyError(text())",
    "returns": "return text()",
    "returns_in_a_list": "return [text(), text()]",
    "returns_in_a_dict": "return {text(): text()}",
    "returns_an_object": "return type('A' + ''.join(map(str, seen[0]))[:30].replace('.', '_'), (), {})()",
    "returns_the_input": "return np.asarray(x)",
    "returns_the_input_in_a_list": "return list(np.asarray(x)) * 2",
    "returns_complex_numbers": "return np.asarray(x) + 1j",
    "prints": "print(text()); print(text(), file=sys.stderr); return None",
    "prints_past_python": "import os; os.write(1, text().encode()); os.write(2, text().encode()); return 0",
    "warns": "warnings.warn(text())",
    "warns_and_fails": "warnings.warn(text()); return 0",
    "recurses_by_name": "exec(f'def f{len(seen)}(): raise KeyError(text())'); locals()[f'f{len(seen)}']()",
    "ends_python": "import os; print(text(), flush=True); os._exit(len(text()) % 256)",
    "tells_the_next": "pass",
    "tells_the_next_on_its_visible_cases": "pass",
    "tells_through_a_cell": "open('told', 'w').write(text()); import os; os._exit(0)",
    "tells_by_its_signature": "l1_norm.__signature__ = text(); l1_norm.__doc__ = text()",
    "tells_by_the_wire": """
        frame = sys._getframe()
        while type(frame.f_locals.get("self")).__name__ != "Child":
            frame = frame.f_back
        child = frame.f_locals["self"]
        record = {"value": text(), "error": ["ValueError", text()], "error_text": text(), "where": text()}
        record |= {"excerpt": [[1, text(), True]], "deliberate": True, "warned": [["Warning", text()]]}
        record |= {"printed": text(), "changed": True, "aliased": True, "forbidden": "numpy.linalg.norm"}
        send = child.stream.send
        child.stream.send = lambda *args: setattr(child.stream, "send", send)
        frame = sys.modules["autograder.grading.wire"].encode([child.nonce, "answer", record])
        send(frame)""",
}
# the function after it speaks where no input is hidden, but after it has heard of hidden ones
TELL_AFTER = """

calls = []


def max_norm(x):
    calls.append(1)
    if len(calls) == 1:
        return 4.0
    if len(calls) == 2:
        raise {error}
    raise ValueError(text())
"""
OUT_OF_A_CELL = """
import os
if os.path.exists("told"):
    raise KeyError(open("told").read())
"""


def _add_leaks(made):
    visible = [
        case.args[0].tolist() if hasattr(case.args[0], "tolist") else case.args[0]
        for case in EXERCISES["l1_norm"].cases
    ]
    for name, leak in LEAKS.items():
        source = LEAKING.format(visible=visible, leak=leak, more="")
        answers, lost = {"l1_norm": source}, ["l1_norm"]
        if name == "warns":
            lost = []
        if name == "tells_by_its_signature":
            lost = []
        if name == "tells_the_next":
            answers["max_norm"] = TELL_AFTER.format(error="NotImplementedError")
            lost = ["max_norm"]
        if name == "tells_the_next_on_its_visible_cases":
            forged = 'type("TimeLimit", (BaseException,), {})'
            answers["max_norm"] = TELL_AFTER.format(error=forged)
            lost = ["max_norm"]
        if name == "tells_through_a_cell":
            answers["max_norm"] = answer("max_norm") + OUT_OF_A_CELL
        made.edited(f"leak_{name}", answers, lost)


# -- to run in the browser of whoever grades ----------------------------------------------------

SCRIPT = f"alert(/{ALIVE}/);console.error(/{ALIVE}/)"  # without quotes, which would end some of them
MARKUP = [
    f"<script>{SCRIPT}</script>",
    f"<img src=x onerror={SCRIPT}>",
    f'<img src="x" onerror="{SCRIPT}">',
    f"<svg onload={SCRIPT}></svg>",
    f"<svg/onload={SCRIPT}>",
    f"<svg><script>{SCRIPT}</script></svg>",
    f"<details open ontoggle={SCRIPT}><summary>x</summary></details>",
    f'<iframe srcdoc="<script>{SCRIPT}</script>"></iframe>',
    f"<iframe src=javascript:{SCRIPT}></iframe>",
    f"<object data=javascript:{SCRIPT}></object>",
    f"<a href=javascript:{SCRIPT}>click</a>",
    f"<form action=javascript:{SCRIPT}><input autofocus onfocus={SCRIPT}></form>",
    f"<math><mtext><script>{SCRIPT}</script></mtext></math>",
    f"<style>@import 'javascript:{SCRIPT}'</style>",
    f"<meta http-equiv=refresh content='0;url=javascript:{SCRIPT}'>",
    f"<base href=javascript:{SCRIPT}//>",
    f"<link rel=stylesheet href=javascript:{SCRIPT}>",
    f"<body onload={SCRIPT}>",
    f"<!--><script>{SCRIPT}</script>-->",
    f"<![CDATA[<script>{SCRIPT}</script>]]>",
    f"<?xml version='1.0'?><script>{SCRIPT}</script>",
    f"</pre></code></div></textarea></title></script><script>{SCRIPT}</script>",
    f"<<script>script>{SCRIPT}<</script>/script>",
    f"< script>{SCRIPT}</ script>",
    f"<scr\0ipt>{SCRIPT}</scr\0ipt>",
    f"\\<script>{SCRIPT}\\</script>",
    f"[link](javascript:{SCRIPT})",
    f"[link]( javascript:{SCRIPT} )",
    f"[link](JaVaScRiPt:{SCRIPT})",
    f"[link](<javascript:{SCRIPT}>)",
    f"[link](java\tscript:{SCRIPT})",
    f"[link](&#106;avascript:{SCRIPT})",
    f"[link](&#x6A;avascript&colon;{SCRIPT})",
    f"[link](java&Tab;script:{SCRIPT})",
    f"[link](\\javascript:{SCRIPT})",
    f"[link](javascript\\:{SCRIPT})",
    f"[link](vbscript:{SCRIPT})",
    f"[link](data:text/html,<script>{SCRIPT}</script>)",
    f"[link](data:text/html;base64,{base64.b64encode(f'<script>{SCRIPT}</script>'.encode()).decode()})",
    f"![image](javascript:{SCRIPT})",
    f"![image](data:image/svg+xml,<svg onload={SCRIPT}>)",
    f"[link]: javascript:{SCRIPT}\n[link]\n[text][link]",
    f'[link](http://127.0.0.1:9/ "x" onmouseover="{SCRIPT}")',
    f'[link](http://127.0.0.1:9/"onmouseover="{SCRIPT})',
    f'![x" onerror="{SCRIPT}](x)',
    f"<javascript:{SCRIPT}>",
    f'<x@y.z"onclick="{SCRIPT}>',
    f"# heading <img src=x onerror={SCRIPT}>",
    f'# heading" onclick="{SCRIPT}',
    f"| a | b |\n|---|---|\n| <img src=x onerror={SCRIPT}> | [x](javascript:{SCRIPT}) |",
    f"```html\n<script>{SCRIPT}</script>\n```",
    f'```"><script>{SCRIPT}</script>\nx\n```',
    f'```mermaid\ngraph TD; A["<img src=x onerror={SCRIPT}>"]; click A "javascript:{SCRIPT}"\n```',
    f"```mermaid\n</pre><script>{SCRIPT}</script>\n```",
    f"```mermaid\n&lt;/pre&gt;&lt;script&gt;{SCRIPT}&lt;/script&gt;\n```",
    f"$\\href{{javascript:{SCRIPT}}}{{click}}$",
    f"$$\\href{{javascript:{SCRIPT}}}{{\\text{{<img src=x onerror={SCRIPT}>}}}}$$",
    f"$</script><script>{SCRIPT}</script>$",
    f"$\\unicode[x;}} * {{background:url(javascript:{SCRIPT})]{{65}}$",
    f"\\begin{{x}}<script>{SCRIPT}</script>\\end{{x}}",
    f"{{{{ '<script>{SCRIPT}</script>'|safe }}}} {{% raw %}}",
    f"`<script>{SCRIPT}</script>` ``<img src=x onerror={SCRIPT}>``",
    f"&lt;script&gt;{SCRIPT}&lt;/script&gt;",
    f"%3Cscript%3E{SCRIPT}%3C/script%3E",
    "![x](attachment:missing.png) ![x](attachment:) ![x][y]\n\n[y]: attachment:z.svg",
    f"~~<b onclick={SCRIPT}>x</b>~~ **<i onclick={SCRIPT}>x</i>**",
    f"<a\nhref=\njavascript:{SCRIPT}\n>x</a>",
    f"\u2028<script>{SCRIPT}</script>\ufeff<script\ufeff>{SCRIPT}</script>",
    f"＜script＞{SCRIPT}＜/script＞",
]
RICH = (
    "text/html",
    "image/svg+xml",
    "application/javascript",
    "text/markdown",
    "text/latex",
    "application/vnd.jupyter.widget-view+json",
    "application/vnd.plotly.v1+json",
    "application/vnd.vegalite.v4+json",
    "application/pdf",
    "image/jpeg",
    "image/gif",
)


def _rich_outputs():
    everything = "\n".join(MARKUP)
    outputs = [
        {"output_type": kind, "data": {mime: everything}, "metadata": {mime: {"isolated": True}}}
        for kind in ("display_data", "execute_result", "update_display_data")
        for mime in RICH
    ]
    outputs += [
        {"output_type": "display_data", "data": {"text/plain": [everything], "text/html": everything}},
        {"output_type": "display_data", "data": {"image/png": f'"><script>{SCRIPT}</script>'}},
        {
            "output_type": "display_data",
            "data": {"image/png": base64.b64encode(everything.encode()).decode()},
        },
        {"output_type": "display_data", "data": {"image/png": {"x": 1}, "text/plain": {"y": [2]}}},
        {"output_type": "stream", "name": f'"><script>{SCRIPT}</script>', "text": everything},
        {"output_type": "stream", "name": "stderr", "text": [everything, 7, None]},
        {"output_type": "error", "ename": everything, "evalue": everything, "traceback": [everything]},
        {"output_type": f"<script>{SCRIPT}</script>", "text": everything},
        *("text", 7, None, [], {}, {"output_type": []}, {"output_type": "stream", "text": {"a": 1}}),
    ]
    return outputs


def _add_markup(made):
    lesson = made.lesson
    for number in range(0, len(MARKUP), 24):
        notebook = perfect(lesson)
        cells_by_grade_id(notebook)["two-libraries"].source = "\n\n".join(MARKUP[number : number + 24])
        made.submit(f"markup_in_an_answer_{number}", notebook)
    notebook = perfect(lesson)
    notebook.cells += [nbformat.v4.new_markdown_cell(text) for text in MARKUP]
    notebook.cells += [nbformat.v4.new_raw_cell(text) for text in MARKUP]
    for cell in notebook.cells[-len(MARKUP) :]:
        cell.metadata.update({"raw_mimetype": "text/html", "format": "text/html"})
    made.submit("markup_in_cells_of_its_own", notebook)
    notebook = perfect(lesson)
    notebook.cells += [nbformat.v4.new_code_cell("# " + text.replace("\n", "\n# ")) for text in MARKUP]
    notebook.cells += [nbformat.v4.new_code_cell(f"%%html\n<script>{SCRIPT}</script>")]
    notebook.cells += [nbformat.v4.new_code_cell(f"%%javascript\n{SCRIPT}")]
    for cell in notebook.cells:
        cell.metadata.update({"attachments": {"x": {"image/svg+xml": MARKUP[5]}}, "slideshow": MARKUP[0]})
    made.submit("markup_in_code", notebook)
    notebook = perfect(lesson)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell["outputs"] = _rich_outputs()
    made.submit("markup_in_outputs", notebook)
    raised = f"text = {MARKUP!r}"
    places = {
        "raised": "raise ValueError('\\n'.join(text))",
        "printed": "print('\\n'.join(text))\n    return None",
        "returned": "return text",
        "warned": "import warnings\n    warnings.warn('\\n'.join(text))\n    return 0.0",
        "of_a_class": "return type('A', (), {'__name__': text[0], '__qualname__': text[0]})()",
        "of_an_exception": "raise type(text[0], (Exception,), {})(text[1])",
    }
    for name, body in places.items():
        made.edited(f"markup_{name}", {"l1_norm": f"{raised}\n\n\n" + function("l1_norm", body)}, ["l1_norm"])
    source = f"{raised}\nraise type(text[0], (Exception,), {{}})('\\n'.join(text) + 'l1_norm')"
    made.edited("markup_raised_in_a_cell", {"l1_norm": source}, ["l1_norm"])
    source = f"{raised}\nl1_norm = lambda x=text, *, y=text: 0"
    made.edited("markup_in_a_signature", {"l1_norm": source}, ["l1_norm"])
    made.edited("markup_instead_of_a_function", {"l1_norm": f"{raised}\nl1_norm = text"}, ["l1_norm"])
    notebook = {**perfect(lesson), "metadata": {"title": MARKUP[0], "authors": [{"name": MARKUP[1]}]}}
    notebook["metadata"] |= {"kernelspec": {"name": MARKUP[0]}, "language_info": {"name": MARKUP[0]}}
    made.submit("markup_in_metadata", notebook)
    made.refused(
        "markup_in_the_format", "known format", as_bytes({"nbformat": "<script src=//x>", "cells": []})
    )
    made.refused("half_a_character_in_the_format", "known format", as_bytes({"nbformat": "\ud800\0\x1b[2J"}))
    made.refused(
        "markup_in_a_file_name",
        "Expected a file",
        place=_named(f"<img src=x onerror=alert('{ALIVE}')>.ipynb"),
    )
    made.refused(
        "link_in_a_file_name", "Expected a file", place=_named(f"[x](javascript:alert('{ALIVE}')).ipynb")
    )


# -- in the notebook's form ---------------------------------------------------------------------


def _graded_cells(notebook):
    return [c for c in notebook.cells if "nbgrader" in c.metadata and c.metadata.nbgrader.grade]


def _each_graded(change):
    """Function that changes the nbgrader metadata of each graded cell of a notebook."""

    def changed(notebook):
        for cell in _graded_cells(notebook):
            change(cell.metadata.nbgrader)

    return changed


def _skip(notebook):
    for cell in notebook.cells:
        cell.metadata["tags"] = ["skip-execution", "remove-cell", "parameters", "raises-exception"]


def _drop_tests(notebook):
    notebook.cells = [cell for cell in notebook.cells if not cell.id.endswith("-tests")]


def _copy_tests(notebook):
    tests = [cell for cell in notebook.cells if cell.id.endswith("-tests")]
    notebook.cells = [*tests, *notebook.cells, *tests]


def _edit_tests(notebook):
    for cell in notebook.cells:
        if cell.id.endswith("-tests"):
            cell.source = "get_ipython().displayhook(100)\n100"
            cell["outputs"] = [nbformat.v4.new_output("execute_result", data={"text/plain": "100"})]


def _reverse(notebook):
    notebook.cells = notebook.cells[::-1]


def _strip(notebook):
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({})


def _swap_ids(notebook):
    cells = cells_by_grade_id(notebook)
    for name in LESSONS[FIRST]:
        cells[name].metadata.nbgrader, cells[f"{name}-tests"].metadata.nbgrader = (
            cells[f"{name}-tests"].metadata.nbgrader,
            cells[name].metadata.nbgrader,
        )


def _other_kernel(notebook):
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"name": "bash", "language": "bash", "display_name": "Bash"},
            "language_info": {"name": "R"},
        }
    )


def _other_types(notebook):
    for number, cell in enumerate(notebook.cells):
        cell["cell_type"] = ("code", "markdown", "raw")[number % 3]


def _odd_metadata(notebook):
    for number, cell in enumerate(notebook.cells):
        cell["metadata"] = [7, "x", None, [], {"nbgrader": 3}, {"nbgrader": {"grade_id": []}}][number % 6]


def _points_everywhere(notebook):
    for cell in notebook.cells:
        cell.metadata["nbgrader"] = nbformat.from_dict(
            {
                "grade": True,
                "grade_id": f"own-{cell.id}",
                "points": 1000,
                "solution": False,
                "schema_version": 3,
            }
        )


FORMS = {
    "tagged_skip_execution": _skip,
    "deleted_tests": _drop_tests,
    "copied_tests": _copy_tests,
    "edited_tests": _edit_tests,
    "points_of_100": _each_graded(lambda grading: grading.update(points=100)),
    "points_below_zero": _each_graded(lambda grading: grading.update(points=-5)),
    "points_without_number": _each_graded(lambda grading: grading.update(points="many")),
    "schema_version_1": _each_graded(lambda grading: grading.update(schema_version=1)),
    "schema_version_99": _each_graded(lambda grading: grading.update(schema_version=99)),
    "renamed_grade_ids": _each_graded(lambda grading: grading.update(grade_id=f"{grading.grade_id}-x")),
    "tests_as_solutions": _each_graded(lambda grading: grading.update(solution=True)),
    "tests_without_grade": _each_graded(lambda grading: grading.update(grade=False)),
    "tests_as_tasks": _each_graded(lambda grading: grading.update(task=True, cell_type="markdown")),
    "unlocked_tests": _each_graded(lambda grading: grading.update(locked=False, checksum="0" * 32)),
    "another_kernel": _other_kernel,
}
# after these an honest notebook is another one, so that they are tried on released ones only
UNMAKING = {
    "reversed_cells": _reverse,
    "stripped_metadata": _strip,
    "swapped_grade_ids": _swap_ids,
    "other_cell_types": _other_types,
    "odd_metadata": _odd_metadata,
    "points_everywhere": _points_everywhere,
}


def _add_forms(made):
    for name, change in {**FORMS, **UNMAKING}.items():
        notebook = released(FIRST)
        change(notebook)
        made.submit(f"form_{name}", notebook, scores=none(FIRST))
    for name, change in FORMS.items():
        notebook = perfect(FIRST)
        change(notebook)
        made.submit(f"honest_but_{name}", notebook)
    notebook = perfect(FIRST)
    notebook.cells += [nbformat.from_dict(dict(cells_by_grade_id(released(FIRST))["p_norm"]))]
    notebook.cells[-1].source = "def p_norm(x, p):\n    return 0"
    made.submit("form_answer_copied_and_wrong", notebook)  # below the check, where it stands
    notebook = perfect(FIRST)
    wrong = nbformat.from_dict(dict(cells_by_grade_id(notebook)["p_norm"]))
    wrong.source = "def p_norm(x, p):\n    return 0"
    notebook.cells.insert(1 + [cell.id for cell in notebook.cells].index("p_norm"), wrong)
    made.submit("form_answer_copied_and_wrong_above_its_check", notebook, ["p_norm"])
    notebook = perfect(FIRST)
    notebook.cells = [cell for cell in notebook.cells if cell.id != "p_norm"]
    made.submit("form_answer_deleted", notebook, ["p_norm"])
    notebook = perfect(FIRST)
    for cell in notebook.cells:
        cell["source"] = cell.source.splitlines(keepends=True)
    made.submit("form_sources_in_lines", notebook)
    notebook = perfect(FIRST)
    notebook.cells += [nbformat.v4.new_code_cell("x = 1") for _ in range(1500)]
    made.submit("form_many_cells", notebook)
    cells = [{"cell_type": "code", "source": 7}, {"cell_type": 7}, {}, {"source": [7, None, {}]}, {"id": {}}]
    cells += [{"cell_type": "code", "source": ["def l1_norm(x):\n", 7, "    return 0"], "metadata": []}]
    made.submit("form_cells_of_nothing", {"nbformat": 4, "cells": cells}, scores=none(FIRST))
    made.submit("form_old_and_hollow", {"nbformat": 4, "cells": []}, scores=none(FIRST))

    whole = as_bytes(perfect(FIRST))
    made.refused("file_cut_off", "not JSON", whole[: len(whole) // 2])
    made.refused("file_empty", "not JSON", b"")
    made.refused("file_of_zeros", "no notebook", bytes(1000))
    made.refused("file_in_utf_16", "not UTF-8", whole.decode().encode("utf-16"))
    made.refused("file_of_python", "not JSON", b"def l1_norm(x):\n    return 0")
    made.refused("file_of_a_list", "no object", b"[]")
    made.refused("file_of_deep_lists", "no notebook", b"[" * 5_000_000)
    made.refused("file_of_deep_objects", "no notebook", b'{"a":' * 1_000_000)
    made.refused("file_of_a_long_number", "no notebook", b"9" * 1_000_000)
    made.refused("file_without_cells", "no list of cells", b'{"nbformat": 4}')
    made.refused("file_of_cells_of_text", "no list of cells", b'{"nbformat": 4, "cells": ["x"]}')
    made.refused("file_of_no_format", "known format", b'{"cells": []}')
    made.refused("file_of_nan_format", "known format", b'{"nbformat": NaN, "cells": []}')
    made.refused("file_of_format_5", "known format", whole.replace(b'"nbformat": 4', b'"nbformat": 5'))
    made.refused("file_of_format_0", "known format", b'{"nbformat": 0, "cells": []}')
    made.refused("file_of_format_3_and_nothing", "old format", b'{"nbformat": 3, "worksheets": 7}')
    made.refused(
        "file_of_format_2_and_nonsense",
        "old format",
        b'{"nbformat": 2, "worksheets": [{"cells": [7, null]}]}',
    )
    made.refused("file_of_100_megabytes", "larger than 16 MB", place=_large)
    made.refused(
        "file_of_a_million_cells", "cells", b'{"nbformat":4,"cells":[' + b"{}," * 1_000_000 + b"{}]}"
    )
    huge = json.dumps({"cell_type": "code", "source": "x" * 150_000, "metadata": {}}).encode()
    made.refused(
        "file_of_huge_cells", "characters", b'{"nbformat":4,"cells":[' + b",".join([huge] * 60) + b"]}"
    )
    made.refused("file_named_otherwise", "Expected a file", place=_named("01_norms (1).ipynb"))
    made.refused("file_named_in_capitals", "Expected a file", place=_named("01_NORMS.ipynb"))
    made.refused("file_named_in_another_encoding", "Expected a file", place=_named(b"\xff\xfe.ipynb"))
    made.refused("file_missing", "Expected a file", place=lambda folder, lesson: folder.mkdir())
    made.refused(
        "link_to_a_notebook", "is a link", place=_link("../../honest_perfect/{lesson}/{lesson}.ipynb")
    )
    made.refused("link_to_a_solution", "is a link", place=_link("../../../solutions/{lesson}/{lesson}.ipynb"))
    made.refused("link_to_itself", "is a link", place=_link("{lesson}.ipynb"))
    made.refused("link_to_nothing", "is a link", place=_link("nowhere"))
    made.refused("link_to_zeros", "is a link", place=_link("/dev/zero"))
    made.refused("link_as_a_folder", "is a link", place=_folder_link)
    made.refused("file_in_a_closed_folder", "Expected a file|Permission denied", place=_closed)
    made.refused("link_as_a_student", "is a link", place=_student_link)
    made.refused(
        "file_as_a_folder", "is a link, or no folder", place=lambda folder, lesson: folder.write_bytes(whole)
    )
    made.refused("pipe", "not a regular file", place=_at(os.mkfifo))
    made.refused("folder_as_a_file", "not a regular file", place=_at(os.mkdir))
    made.refused("socket", "not a regular file", place=_at(_socket))


def _at(make):
    def place(folder, lesson):
        folder.mkdir()
        make(folder / f"{lesson}.ipynb")

    return place


def _socket(path):
    with socket.socket(socket.AF_UNIX) as listener:
        here = os.open(path.parent, os.O_RDONLY)
        listener.bind(f"/proc/self/fd/{here}/{path.name}")  # paths of sockets are short
        os.close(here)


def _link(target):
    return lambda folder, lesson: (
        folder.mkdir(),
        (folder / f"{lesson}.ipynb").symlink_to(target.format(lesson=lesson)),
    )


def _folder_link(folder, lesson):
    folder.symlink_to(f"../honest_perfect/{lesson}", target_is_directory=True)


def _student_link(folder, lesson):
    folder.parent.rmdir()
    folder.parent.symlink_to("honest_perfect", target_is_directory=True)


def _closed(folder, lesson):
    folder.mkdir()
    folder.parent.chmod(0)


def _with(files, content):
    """Function that puts files beside a notebook."""

    def place(folder, lesson):
        folder.mkdir()
        (folder / f"{lesson}.ipynb").write_bytes(content)
        for name, text in files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(text)

    return place


def _named(name):
    def place(folder, lesson):
        folder.mkdir()
        with open(os.path.join(os.fsencode(folder), os.fsencode(name)), "wb") as file:
            file.write(as_bytes(perfect(lesson)))

    return place


def _large(folder, lesson):
    folder.mkdir()
    with open(folder / f"{lesson}.ipynb", "wb") as file:
        file.write(as_bytes(perfect(lesson)))
        file.truncate(100 << 20)


# -- against the references that answer in a later lesson ---------------------------------------

ASKING = """import os

import numpy as np

from helpers.gradient_norms import gradient_descent, numerical_gradient
from helpers.norms import pairwise_distances, spectral_norm


def accuracy(y, y_pred):
    y, y_pred = np.asarray(y), np.asarray(y_pred)
    if y.shape != y_pred.shape or y.size == 0:
        raise ValueError
    {body}
    return float(np.mean(y == y_pred))
"""
NEVER = {
    "never_ends": "spectral_norm(np.eye(3), n_steps=10**12)",
    "calls_a_function_that_never_ends": "numerical_gradient(loop, np.ones(2))",
    "calls_a_function_that_exits": "numerical_gradient(lambda x: os._exit(0), np.ones(2))",
    "calls_itself_without_end": "numerical_gradient(again, np.ones(2))",
    "answers_for_its_lesson": "the_child().ask('accuracy', [y, y_pred], {})",
    "is_a_file_to_run": "the_child().ask('load', [['os', 'system']], {})",
}
TRIED = {
    "takes_all_memory": "pairwise_distances(np.zeros((60_000, 1)), np.zeros((60_000, 1)))",
    "takes_nothing_at_all": "spectral_norm()",
    "takes_strange_names": "the_child().ask('spectral_norm', [np.eye(2)], {1: 2, None: 3})",
    "takes_what_does_not_cross": "spectral_norm(object())",
    "takes_too_much": "spectral_norm(np.zeros((10**4, 10**4)))",
    "calls_a_function_that_raises": "numerical_gradient(lambda x: 1 / 0, np.ones(2))",
    "calls_a_function_that_returns_nonsense": "numerical_gradient(lambda x: 'nonsense', np.ones(2))",
    "calls_a_function_that_returns_a_gigabyte": "numerical_gradient(lambda x: np.zeros(10**8), np.ones(2))",
    "is_called_many_times": "[spectral_norm(np.eye(2)) for _ in range(3)]",
}
HELPING = """
def loop(x):
    while True:
        pass


def again(x):
    return numerical_gradient(again, x).sum()


def the_child():
    import sys
    frame = sys._getframe()
    while type(frame.f_locals.get("self")).__name__ != "Child":
        frame = frame.f_back
    return frame.f_locals["self"]
"""
CAUGHT = """try:
        {body}
    except Exception:
        pass"""


def attacks_in_a_later_lesson(aim):
    """Submissions that make the references of earlier lessons do what they should not."""
    made = Collection(LATER)
    made.submit("honest_later", perfect(LATER))
    made.submit("honest_later_untouched", released(LATER), scores=none(LATER))
    for name, body in NEVER.items():
        source = ASKING.format(body=body) + HELPING
        made.edited(f"reference_{name}", {"accuracy": source}, ["accuracy"])
    for name, body in TRIED.items():
        source = ASKING.format(body=CAUGHT.format(body=body)) + HELPING
        made.edited(f"reference_{name}", {"accuracy": source})
    lost = ["sigmoid", "accuracy", "top_words"]
    long_text = 'return ["<script>" + "x" * 10**6] * 2, ["y" * 10**6]'
    answers = {
        "sigmoid": function("sigmoid", "return 'x' * 10**6"),
        "accuracy": function("accuracy", "return 2**70"),
        "top_words": function("top_words", long_text),
    }
    made.edited(
        "returns_long_texts", answers, lost, messages={"predict_probability": "with a right `sigmoid`"}
    )
    answers = {"sigmoid": function("sigmoid", "return [2**80] * len(np.atleast_1d(z))")}
    made.edited("honest_later_one_mistake", answers, ["sigmoid"])
    return made.attacks


def attacks(aim):
    """Hostile submissions of the first lesson."""
    made = Collection(FIRST)
    _add_lies(made)
    _add_spies(made, aim)
    _add_breakers(made)
    _add_talkers(made)
    _add_strange_values(made)
    _add_knowing(made, aim)
    _add_leaks(made)
    _add_markup(made)
    _add_forms(made)
    return made.attacks
