"""What cells bind, use and call is found by reading them."""

import contextlib
import textwrap

import numpy as np
import pytest
import scipy.linalg
from fuzzing import any_text, bounded
from hypothesis import given
from hypothesis import strategies as st
from submissions import read

from autograder.reading import UNREADABLE, Program, bound_and_used_names, cells_to_run, sets_up
from helpers.exercises import EXERCISES, LESSONS

# source, names that it binds, names that it takes from the cells before it
NAMES = {
    "nothing": ("", "", ""),
    "a comment": ("# x = y", "", ""),
    "an assignment": ("x = y + 1", "x", "y"),
    "several targets": ("a, (b, *c) = d", "a b c", "d"),
    "an annotation": ("x: int = 3", "x", "int"),
    "in place": ("x += 1", "x", "x"),
    "an item": ("x[i] = y", "", "x i y"),
    "an attribute": ("x.a = y.b.c", "", "x y"),
    "a walrus": ("print(n := len(x))", "n", "print len x"),
    "a loop": ("for i in range(n):\n    t = i", "i t", "range n"),
    "with": ("with open(p) as f:\n    pass", "f", "open p"),
    "try": ("try:\n    a = b\nexcept Oops as e:\n    pass", "a e", "b Oops"),
    "an import": ("import numpy as np, os.path", "np os", ""),
    "from an import": ("from a.b import c as d, e", "d e", ""),
    "all of an import": ("from a import *\nx = y", "x", "y"),
    "a function": ("def f(x, y=z):\n    return x + y + w", "f", "z w"),
    "a decorator": ("@d\ndef f():\n    pass", "f", "d"),
    "local names": ("def f():\n    x = 1\n    return x", "f", ""),
    "recursion": ("def f(n):\n    return f(n - 1)", "f", ""),
    "nested functions": ("def f(a):\n    def g(b):\n        return a + b + c\n    return g", "f", "c"),
    "a global": ("def f():\n    global counter\n    counter = counter + step", "f", "counter step"),
    "a nonlocal": (
        "def f():\n    a = 1\n    def g():\n        nonlocal a\n        a = b\n    return g",
        "f",
        "b",
    ),
    "a lambda": ("f = lambda x: x + y", "f", "y"),
    "a comprehension": ("a = [x + y for x in z if w]", "a", "y z w"),
    "nested comprehensions": ("a = {x: [y for y in x if u] for x in z}", "a", "u z"),
    "a generator expression": ("a = sum(x for x in z)", "a", "sum z"),
    "a class": ("class A(B):\n    c = d\n    def m(self):\n        return self.c + e", "A", "B d e"),
    "a class's own name in a method": ("class A:\n    c = 1\n    def m(self):\n        return c", "A", "c"),
    "async": ("async def f(x):\n    await g(x)", "f", "g"),
    "del": ("del x", "x", "x"),
    "an f-string": ('s = f"{x:{width}}"', "s", "x width"),
    "a name used and bound": ("x = f(x)", "x", "f x"),
    "a name that is bound first": ("x = 1\ny = x\nx = y", "x y", ""),
    "a name that is bound below": ("y = x\nx = 1", "x y", "x"),
    "a name used in a loop that binds it": ("for x in f(x):\n    print(x)", "x", "f x print"),
    "a name bound in a branch": ("if c:\n    x = 1\ny = x", "x y", "c"),
    "a name that a function uses, bound below": ("def f():\n    return x\nx = 1", "f x", ""),
    "a global changed in place": ("def f():\n    global n\n    n += 1", "f", "n"),
    "a variable of a comprehension, and a name": ("x = [x for x in y]", "x", "y"),
    "a function wrapped": ("def f(): pass\nf = g(f)", "f", "g"),
    "a function of before wrapped": ("f = g(f)", "f", "f g"),
    "a line magic": ("%timeit f(x)\ny = z", "y", "get_ipython z"),
    "a cell magic": ("%%bash\ny = f(x)", "", "get_ipython"),
    "a timed cell": ("%%time\ny = f(x)", "y", "f x"),
    "a cell whose output is kept": ("\n%%capture kept --no-stderr\ny = f(x)", "y", "f x"),
    "a profiled cell": ("%%prun -s cumulative\ny = f(x)", "y", "f x"),
    "a cell that runs many times, in a function": ("%%timeit -n1 -r1\ny = f(x)", "", "f x"),
    "magics within magics": ("%%capture\n%%time\n%matplotlib inline\ny = f(x)", "y", "f get_ipython x"),
    "a magic and nothing more": ("%%time", "", ""),
    "a magic of a longer name": ("%%timeless\ny = f(x)", "", "get_ipython"),
    "a system command": ("!ls\nfiles = !ls $folder", "files", "get_ipython"),
    "help": ("np.sum?", "", "get_ipython"),
    "match": ("match x:\n    case [a, *b] if c:\n        pass", "a b", "x c"),
}


@pytest.mark.parametrize("case", NAMES)
def test_names_that_a_cell_binds_and_uses(case):
    source, bound, used = NAMES[case]
    assert bound_and_used_names(source) == (set(bound.split()), set(used.split()))


@pytest.mark.parametrize("source", ["def f(:", "x = ", "return 1 +", "a b c", "'"], ids=repr)
def test_what_is_not_python_is_a_syntax_error(source):
    with pytest.raises(SyntaxError):
        bound_and_used_names(source)


def cells(*sources, own=()):
    """Cells as `cells_to_run` takes them; those at the places `own` are the learner's."""
    return [(i in own, *bound_and_used_names(source)) for i, source in enumerate(sources)]


RUN = {
    "nothing of one's own": (["import numpy as np", "x = 1"], (), []),
    "what an answer uses": (["import numpy as np", "y = 1", "def f(x):\n    return np.sum(x)"], (2,), [0, 2]),
    "what that uses": (["a = 1", "b = a", "c = 3", "def f():\n    return b"], (3,), [0, 1, 3]),
    "a name that is bound below": (["def f():\n    return x", "y = 1", "x = y"], (0,), [0, 1, 2]),
    "each cell that binds a name": (["x = 1", "x = 2", "f(x)", "y = x"], (3,), [0, 1, 3]),
    "two cells that use one another": (
        ["def g():\n    return f()", "def f():\n    return g()"],
        (1,),
        [0, 1],
    ),
    "a check that uses an answer": (["def f():\n    return 1", "check(f)", "show(f)"], (0,), [0]),
    "nobody binds it": (["x = 1", "def f():\n    return z"], (1,), [1]),
    "cells of one's own that use nothing": (["x = 1", "y = 2", "z = 3"], (0, 2), [0, 2]),
}


@pytest.mark.parametrize("case", RUN)
def test_cells_that_run_are_those_that_are_needed(case):
    sources, own, chosen = RUN[case]
    assert cells_to_run(cells(*sources, own=own)) == chosen


SET_UP = {
    "imports": ("import numpy as np\nfrom helpers import check", True),
    "imports and what they need": (
        "from threadpoolctl import threadpool_limits\nl = threadpool_limits(1)",
        True,
    ),
    "an import and what is Python's": ("import math\nprint(math.pi)", False),
    "an import and what others bind": ("import math\nmath.sqrt(x)", False),
    "what is not there perhaps": ("try:\n    import torch\nexcept ImportError:\n    pass", False),
    "no import": ("x = 1", False),
    "nothing": ("", False),
    "no Python": ("import (", False),
}


@pytest.mark.parametrize("case", SET_UP)
def test_a_cell_that_imports_and_needs_nothing_sets_up(case):
    source, expected = SET_UP[case]
    used = bound_and_used_names(source)[1] if case != "no Python" else set()
    assert sets_up(source, used) == expected


@pytest.mark.parametrize("lesson", LESSONS)
def test_one_cell_of_a_lesson_sets_up(lesson):
    sources = [cell.source for cell in read("notebooks", lesson).cells if cell.cell_type == "code"]
    found = [source for source in sources if sets_up(source, bound_and_used_names(source)[1])]
    assert len(found) == 1 and "import numpy as np" in found[0]


def program(source):
    """Program of cells that blank lines with a dash keep apart."""
    return Program(textwrap.dedent(source).split("\n---\n"))


# source, and what f reaches, itself included
REACHED = {
    "itself": ("def f():\n    return 1", "f"),
    "what it calls": ("def g(): pass\n---\ndef f():\n    return g()", "f g"),
    "what that calls": ("def h(): pass\ndef g(): h()\ndef f(): g()", "f g h"),
    "one another": ("def g(): f()\ndef f(): g()", "f g"),
    "an alias": ("def g(): pass\nf = g", "f g"),
    "a wrapper": ("import functools\ndef g(): pass\nf = functools.partial(g, 1)", "f g functools"),
    "a class": ("def g(): pass\nclass f:\n    def __call__(self):\n        return g()", "f g"),
    "all of its definitions": ("def g(): pass\ndef h(): pass\ndef f(): g()\n---\ndef f(): h()", "f g h"),
    "a definition in an if": ("def g(): pass\nif True:\n    def f():\n        return g()", "f g"),
    "a definition in a try": ("try:\n    def g(): pass\nexcept E:\n    def g(): h()\ndef f(): g()", "f g h"),
    "a lambda": ("g = lambda: h()\nf = lambda: g()", "f g h"),
    "a global constant": ("limit = g(1)\ndef g(x): pass\ndef f(): return limit", "f g limit"),
    "what is defined nowhere": ("def f():\n    return lost(1)", "f lost"),
    "not an argument": ("x = g()\ndef g(): pass\ndef f(x): return x", "f"),
    "not a local name": ("x = g()\ndef f():\n    x = 1\n    return x", "f"),
    "not a variable of a comprehension": ("x = g()\ndef f(a):\n    return [x for x in a]", "f"),
    "not an argument of a function within": ("x = g()\ndef f():\n    return lambda x: x", "f"),
    "not a method of its name": ("def norm(): pass\ndef f(a):\n    return a.norm()", "f"),
    "not what its docstring says": ('def g(): pass\ndef f():\n    """Uses g: g(1)."""', "f"),
    "not what calls it": ("def f(): pass\ndef g(): f()\nx = f()", "f"),
    "through a default": ("def g(): pass\ndef f(x=g()): pass", "f g"),
    "through a decorator": ("def d(f): return f\n@d\ndef f(): pass", "f d"),
    "through a global": (
        "def g(): pass\ntotal = g()\ndef f():\n    global total\n    total += 1",
        "f g total",
    ),
    "through a magic's cell": ("%matplotlib inline\ndef g(): pass\n---\n!ls\ndef f(): g()", "f g"),
    "though a cell is not Python": ("def g(: pass\n---\ndef g(): h()\n---\ndef f(): g()", "f g h"),
}


@pytest.mark.parametrize("case", REACHED)
def test_what_the_code_behind_a_name_reaches(case):
    source, reached = REACHED[case]
    assert program(source).reached("f") == set(reached.split())


def names_in(code):
    """Global names and attributes in compiled code, and in the functions within it."""
    inner = [const for const in code.co_consts if hasattr(const, "co_names")]
    return set(code.co_names).union(*map(names_in, inner))


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_solution_reaches_what_its_reference_calls(lesson):
    """The names in the compiled reference are another way to the same answer, one call deep."""
    sources = [cell.source for cell in read("solutions", lesson).cells if cell.cell_type == "code"]
    found = Program(sources)
    names = LESSONS[lesson]
    direct = {name: names_in(EXERCISES[name].reference.__code__) & set(names) for name in names}
    for name in names:
        expected = {name}
        while True:
            more = set().union(expected, *(direct[other] for other in expected))
            if more == expected:
                break
            expected = more
        assert found.reached(name) & set(names) == expected


FORBIDDEN = ("numpy.linalg.norm", "numpy.linalg.vector_norm", "scipy.linalg.norm")
assert np.linalg.norm
assert scipy.linalg.norm
# cells, and which forbidden name, shortened to its last two parts, f mentions
MENTIONS = {
    "np.linalg.norm": ("import numpy as np\ndef f(x):\n    return np.linalg.norm(x)", "linalg.norm"),
    "another name of the module": ("import numpy\ndef f(x):\n    return numpy.linalg.norm(x)", "linalg.norm"),
    "a module of its own": ("import numpy.linalg as la\ndef f(x):\n    return la.norm(x)", "linalg.norm"),
    "from numpy": ("from numpy import linalg\ndef f(x):\n    return linalg.norm(x)", "linalg.norm"),
    "from numpy.linalg": ("from numpy.linalg import norm\ndef f(x):\n    return norm(x)", "linalg.norm"),
    "under a name of one's own": (
        "from numpy.linalg import norm as n\ndef f(x):\n    return n(x)",
        "linalg.norm",
    ),
    "another function": (
        "import numpy as np\ndef f(x):\n    return np.linalg.vector_norm(x)",
        "linalg.vector_norm",
    ),
    "SciPy's": ("import scipy.linalg\ndef f(x):\n    return scipy.linalg.norm(x)", "linalg.norm"),
    "an assignment": (
        "import numpy as np\nsize = np.linalg.norm\ndef f(x):\n    return size(x)",
        "linalg.norm",
    ),
    "an assignment below": (
        "def f(x):\n    return size(x)\n---\nimport numpy as np\nsize = np.linalg.norm",
        "linalg.norm",
    ),
    "an assignment within": (
        "import numpy as np\ndef f(x):\n    g = np.linalg\n    return g.norm(x)",
        "linalg.norm",
    ),
    "an import within": ("def f(x):\n    from numpy.linalg import norm\n    return norm(x)", "linalg.norm"),
    "a helper": (
        "import numpy as np\ndef g(x):\n    return np.linalg.norm(x)\n---\ndef f(x):\n    return g(x)",
        "linalg.norm",
    ),
    "an argument of another call": (
        "import numpy as np\ndef f(x):\n    return map(np.linalg.norm, x)",
        "linalg.norm",
    ),
    "a default": ("import numpy as np\ndef f(x, g=np.linalg.norm):\n    return g(x)", "linalg.norm"),
    "a lambda": ("import numpy as np\nf = lambda x: np.linalg.norm(x)", "linalg.norm"),
    "the function itself": ("import numpy as np\nf = np.linalg.norm", "linalg.norm"),
    "a partial": (
        "import numpy as np, functools\nf = functools.partial(np.linalg.norm, ord=2)",
        "linalg.norm",
    ),
    "a function within": (
        "import numpy as np\ndef f(x):\n    def g():\n        return np.linalg.norm(x)\n    return g()",
        "linalg.norm",
    ),
    "a method": (
        "import numpy as np\nclass A:\n    def f(self, x):\n        return np.linalg.norm(x)\nf = A().f",
        "linalg.norm",
    ),
    "getattr": ("import numpy as np\ndef f(x):\n    return getattr(np.linalg, 'norm')(x)", "linalg.norm"),
    "a dict of the module": (
        "import numpy as np\ndef f(x):\n    return vars(np.linalg)['norm'](x)",
        "linalg.norm",
    ),
    "__dict__": ("import numpy as np\ndef f(x):\n    return np.linalg.__dict__['norm'](x)", "linalg.norm"),
    "eval": ("import numpy as np\ndef f(x):\n    return eval('np.linalg.norm(x)')", "linalg.norm"),
    "exec": ("import numpy as np\ndef f(x):\n    exec('from numpy.linalg import norm')", "linalg.norm"),
    "attrgetter": (
        "import numpy as np, operator\ndef f(x):\n    return operator.attrgetter('linalg.norm')(np)(x)",
        "linalg.norm",
    ),
    "unless it is called otherwise": (
        "def f(x):\n    norm = sum(v * v for v in x)\n    return norm ** 0.5",
        "",
    ),
    "unless it is an argument": (
        "from numpy.linalg import norm\n---\ndef f(x, norm=None):\n    return norm",
        "",
    ),
    "unless a local name hides it": (
        "from numpy.linalg import norm\n---\ndef f(x):\n    norm = sum(x)\n    return norm",
        "",
    ),
    "unless it is a variable of a comprehension": (
        "from numpy.linalg import norm\n---\ndef f(x):\n    return [norm for norm in x]",
        "",
    ),
    "unless it is a key": ("def f(x):\n    sizes = {'norm': 1}\n    return sizes['norm']", ""),
    "unless it is text": ("def f(x):\n    print('norm', 'np.linalg.norm')\n    return 'linalg.norm'", ""),
    "unless it is a comment or a docstring": (
        "def f(x):\n    '''Not np.linalg.norm.'''\n    # np.linalg.norm",
        "",
    ),
    "unless an experiment compares": (
        "import numpy as np\ndef f(x):\n    return sum(x)\nprint(f([1]), np.linalg.norm([1]))",
        "",
    ),
    "unless an experiment names its result alike": (
        "import numpy as np\ndef f(x):\n    size = sum(x)\n    return size\n---\nsize = np.linalg.norm([3])",
        "",
    ),
    "unless another function calls it": (
        "import numpy as np\ndef g(x):\n    return np.linalg.norm(x)\n---\ndef f(x):\n    return sum(x)",
        "",
    ),
    "unless a cell cannot run": (
        "import numpy as np\ndef f(x):\n    return np.linalg.norm(x\n---\ndef f(x): pass",
        "",
    ),
    "unless it is of another module": ("import mine\ndef f(x):\n    return mine.linalg.norm(x)", ""),
    "unless it is another function of the module": (
        "import numpy as np\ndef f(x):\n    return np.linalg.svd(x)",
        "",
    ),
    "all of an import": ("from numpy.linalg import *\ndef f(x):\n    return norm(x)", "linalg.norm"),
}


@pytest.mark.parametrize("case", MENTIONS)
def test_a_forbidden_function_is_found_where_the_code_mentions_it(case):
    source, expected = MENTIONS[case]
    found = program(source).forbidden("f", FORBIDDEN)
    assert ".".join(found.split(".")[-2:]) == expected


CLEAN = "def f(x):\n    return sum(v * v for v in x) ** 0.5"
CALLS = "import numpy as np\ndef f(x):\n    return np.linalg.norm(x)"
HELPED = "def norm(v):\n    return sum(v) ** 0.5\ndef f(x):\n    return norm(x)"
# cells, and whether f is forbidden for what the cells above the line of equals signs hold
ABOVE = {
    "a first attempt": (f"{CALLS}\n---\n{CLEAN}", False),
    "a first attempt, tried": (f"{CALLS}\nprint(f([3, 4]), 5)\nassert f([3, 4]) == 5\n---\n{CLEAN}", False),
    "a first attempt, timed": (f"%%time\n{CALLS}\ny = f([3, 4])\n---\n{CLEAN}", False),
    "a first attempt, and figures": (f"%matplotlib inline\n{CALLS}\n---\n{CLEAN}", False),
    "an alias": (f"import numpy as np\nf = np.linalg.norm\n---\n{CLEAN}", False),
    "an import of its name": (f"from numpy.linalg import norm as f\n---\n{CLEAN}", False),
    "two attempts": (f"{CALLS}\n---\n{CALLS}\n---\n{CLEAN}", False),
    "an attempt in an if": (
        f"if True:\n    def f(x):\n        import numpy.linalg as l\n        return l.norm(x)\n---\n{CLEAN}",
        False,
    ),
    "an answer with more to it": (
        f"{CALLS}\n---\nimport numpy as np\nEPS = 1e-9\ndef f(x: np.ndarray, p: float = 2) -> float:\n"
        "    'Size.'\n    return sum(x)\nprint(f([1]))\nkept = f",
        False,
    ),
    "a helper's name imported before": (
        f"from numpy.linalg import norm\nprint(norm([1]))\n---\n{HELPED}",
        False,
    ),
    "below: an alias": (f"{CLEAN}\n===\nimport numpy as np\nf = np.linalg.norm", False),
    "below: another attempt": (f"{CLEAN}\n===\n{CALLS}", False),
    "below: an import of a helper's name": (f"{HELPED}\n===\nfrom numpy.linalg import norm", False),
    "below: an alias of a helper's name": (
        f"{HELPED.replace('norm', 'g')}\n===\nimport numpy as np\ng = np.linalg.norm",
        False,
    ),
    "below: an item of something else": (
        f"{CLEAN}\n===\nimport numpy as np\nd = {{}}\nd[0] = np.linalg.norm",
        False,
    ),
    "an item of an attribute": ("def f(x):\n    r.d['norm'] = sum(x)\n    return cfg.opts['norm'](x)", False),
    "an item of a result": ("def f(x):\n    return stats(x)['norm']", False),
    # what must go on to be refused
    "still so": (f"{CLEAN}\n---\n{CALLS}", True),
    "imported under its name": ("def f(x): pass\n---\nfrom numpy.linalg import norm as f", True),
    "kept": (f"{CALLS}\n---\n_keep = f\n---\ndef f(x):\n    return _keep(x)", True),
    "kept in its cell": (f"{CALLS}\n_keep = f\ndef f(x):\n    return _keep(x)", True),
    "kept in a list": (f"{CALLS}\nfs = []\nfs.append(f)\n---\ndef f(x):\n    return fs[0](x)", True),
    "kept by a walrus": (f"{CALLS}\nprint(k := f)\n---\ndef f(x):\n    return k(x)", True),
    "kept by a loop": (f"{CALLS}\nfor k in [f]: pass\n---\ndef f(x):\n    return k(x)", True),
    "kept in a handler": (
        f"{CALLS}\nfs = []\ntry: 1 / 0\nexcept (fs.append(f), OSError)[1]: pass\n---\ndef f(x): fs[0](x)",
        True,
    ),
    "kept in a guard": (
        f"{CALLS}\nfs = []\nmatch 1:\n    case 1 if fs.append(f): pass\n---\ndef f(x): return fs[0](x)",
        True,
    ),
    "bound by a pattern": (f"{CALLS}\n---\n{CLEAN}\nmatch {{}}:\n    case {{**f}}: pass", True),
    "its name found in __main__": (
        f"{CALLS}\nimport pkgutil\nk = pkgutil.resolve_name('__main__:f')\n---\ndef f(x): return k(x)",
        True,
    ),
    "and below: an index that the answer uses, too": (
        f"import numpy as np\n{CLEAN}\n    np.e\n---\n{CALLS}\n---\nimport numpy as np\n{CLEAN}\n"
        "===\na = {}\na[np.pi] = 0",
        False,
    ),
    "kept in a default": (f"{CALLS}\ndef k(x, f=f): return f(x)\n---\ndef f(x):\n    return k(x)", True),
    "kept in its own default": (f"{CALLS}\n---\ndef f(x, g=f):\n    return g(x)", True),
    "kept by a function": (
        f"{CALLS}\ndef keep():\n    global k\n    k = f\nkeep()\n---\ndef f(x):\n    return k(x)",
        True,
    ),
    "kept by itself": (
        "import numpy as np\ndef f(x):\n    global k\n    k = f\n    return np.linalg.norm(x)\nf([1])\n---\n"
        "def f(x):\n    return k(x)",
        True,
    ),
    "kept by a lambda": (f"{CALLS}\nk = (lambda: f)()\n---\ndef f(x):\n    return k(x)", True),
    "kept in globals()": (f"{CALLS}\nglobals()['k'] = globals()['f']\n---\ndef f(x):\n    return k(x)", True),
    "kept by its text": (f"{CALLS}\nk = eval('f')\n---\ndef f(x):\n    return k(x)", True),
    "kept by a magic": (f"{CALLS}\n%time k = f\n---\ndef f(x):\n    return k(x)", True),
    "its result kept": (f"{CALLS}\nk = f([3, 4])\n---\ndef f(x):\n    return k", True),
    "wrapped": (f"def d(g): return old\nold = 0\n{CALLS}\n---\n@d\ndef f(x): pass", True),
    "decorated with itself": (f"{CALLS}\n---\n@f\ndef f(x): pass", True),
    "defined in an if": (f"{CALLS}\n---\nif 0:\n    def f(x): return 1", True),
    "defined in a try": (f"{CALLS}\n---\ntry:\n    def f(x): return 1\nfinally: pass", True),
    "defined in a for": (f"{CALLS}\n---\nfor i in []:\n    def f(x): return 1", True),
    "defined in a with": (f"{CALLS}\n---\nwith c:\n    def f(x): return 1", True),
    "defined after an error": (f"{CALLS}\n---\n1 / 0\n{CLEAN}", True),
    "defined after an import of nothing": (f"{CALLS}\n---\nimport nowhere\n{CLEAN}", True),
    "an annotation of nothing": (f"{CALLS}\n---\ndef f(x: nothing): return 1", True),
    "an annotation that is no more": (f"{CALLS}\nnp = 3\n---\ndef f(x: np.ndarray): return 1", True),
    "a default of nothing": (f"{CALLS}\n---\ndef f(x=nothing): return 1", True),
    "a cell that does not run": (f"{CALLS}\n---\n{CLEAN}\nreturn", True),
    "a magic that does not run": (f"{CALLS}\n---\n%%capture --nonsense\n{CLEAN}", True),
    "a magic that binds nothing": (f"{CALLS}\n---\n%%timeit\n{CLEAN}", True),
    "within a magic": (f"%%time\n{CALLS}", True),
    "defined below": (f"{CALLS}\n===\n{CLEAN}", True),
    "changed": (
        f"{CLEAN}\n---\nimport numpy as np\ndef g(x): return np.linalg.norm(x)\nf.__code__ = g.__code__",
        True,
    ),
    "below: changed": (
        f"{CLEAN}\n===\nimport numpy as np\ndef g(x): return np.linalg.norm(x)\nf.__code__ = g.__code__",
        True,
    ),
    "below: a helper's list": (
        "fs = [sum]\ndef f(x):\n    return fs[-1](x)\n===\nimport numpy as np\nfs += [np.linalg.norm]",
        True,
    ),
    "below: an item": (
        "fs = [sum]\ndef f(x):\n    return fs[0](x)\n===\nfrom numpy.linalg import norm\nfs[0] = norm",
        True,
    ),
    "an item of an attribute that holds a module's names": (
        "import numpy as np\nr.d = vars(np.linalg)\ndef f(x):\n    return r.d['norm'](x)",
        True,
    ),
    "an item of a copy": ("import numpy as np\ndef f(x):\n    return dict(vars(np.linalg))['norm'](x)", True),
    "an item of globals()": ("from numpy.linalg import *\ndef f(x):\n    return globals()['norm'](x)", True),
    "an item of locals()": ("from numpy.linalg import *\ndef f(x):\n    return locals()['norm'](x)", True),
}


@pytest.mark.parametrize("case", ABOVE)
def test_what_is_forbidden_counts_as_it_is_above_the_check(case):
    source, expected = ABOVE[case]
    above, *below = (part.split("\n---\n") for part in source.split("\n===\n"))
    found = Program([*above, *(cell for part in below for cell in part)])
    assert bool(found.forbidden("f", FORBIDDEN, len(above))) == expected


@pytest.mark.parametrize("case", [case for case in ABOVE if case.startswith("below: a")])
def test_in_the_end_all_cells_count(case):
    source, _ = ABOVE[case]
    found = program(source.replace("\n===\n", "\n---\n")).forbidden("f", FORBIDDEN)
    assert bool(found) == ("something else" not in case)


def test_what_is_forbidden_is_found_under_the_name_that_it_has_there():
    source = "import scipy.linalg\nimport numpy as np\ndef f(x):\n    return {}(x)"
    for name, written in zip(
        FORBIDDEN, ("np.linalg.norm", "np.linalg.vector_norm", "scipy.linalg.norm"), strict=True
    ):
        assert Program([source.format(written)]).forbidden("f", FORBIDDEN) == name


DEEP = {
    "brackets": "(" * 100_000,
    "pairs of brackets": "f" + "()" * 50_000,
    "operators": "-" * 100_000 + "1",
    "sums": "+".join("1" * 20_000),
    "functions": "".join(" " * i + f"def f{i}():\n" for i in range(150)),
    "attributes": "x" + ".a" * 50_000,
    "attributes of a function": "def g():\n    return x" + ".a" * 1_500,
    "lists": "x = " + "[" * 150 + "]" * 150,
}


@pytest.mark.parametrize("source", DEEP.values(), ids=DEEP)
def test_a_cell_that_is_too_deep_is_as_one_that_is_not_python(source):
    with contextlib.suppress(*UNREADABLE):
        bound_and_used_names(source)
    found = Program([source, "def f(): return g()"])
    assert {"f", "g"} <= found.reached("f")
    assert found.forbidden("f", FORBIDDEN) == ""


# -- any source -----------------------------------------------------------------------------------

pieces = st.sampled_from(
    [
        "def f(x):",
        "    return",
        "x",
        " = ",
        "lambda",
        "(",
        ")",
        "[",
        "]",
        "for",
        " in ",
        "\n",
        "\n    ",
        "'",
        '"',
    ]
    + [
        "%time",
        "!ls",
        "?",
        "np.linalg.norm",
        "import",
        "class",
        ":",
        "\\",
        "\t",
        "\0",
        "é",
        "\ud800",
        "async",
        "==",
    ]
)
sources = st.lists(pieces, max_size=12).map("".join) | any_text


@pytest.mark.filterwarnings("ignore")  # of Python and IPython, on source like this
@bounded(400)
@given(st.lists(sources, min_size=1, max_size=3))
def test_any_source_can_be_read(sources):
    for source in sources:
        try:
            bound, used = bound_and_used_names(source)
        except UNREADABLE:
            continue
        assert all(type(name) is str for name in bound | used)
    found = Program(sources)
    assert "f" in found.reached("f")
    assert found.forbidden("f", FORBIDDEN) in ("", *FORBIDDEN)
