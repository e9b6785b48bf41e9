"""A zip for the students of a graded course: notebooks, and `helpers` without references and misconceptions.

In a bundle, `check` plays exercises back from records (`autograder.recording`), and functions of earlier
lessons that a notebook imports are those of `autograder.bundled.given`.
"""

import ast
import io
import json
import re
import string
import sys
import tomllib
import zipfile
from collections import defaultdict

import nbformat
from IPython.core.inputtransformer2 import TransformerManager

from autograder.recording import record_of

NAME = "norms-course"
KEPT = (
    "__init__.py",
    "__main__.py",
    "calling.py",
    "cards.py",
    "checking.py",
    "comparing.py",
    "data.py",
    "exercises/__init__.py",
    "functions.py",
    "naming.py",
    "outcomes.py",
    "own_reviews.tsv",
    "plots/*.py",
    "progress.py",
    "properties.py",
)
# where a module of this package goes, since a bundle has no other package than `helpers`
MOVED = {
    "autograder/bundled/recorded.py": "helpers/recorded.py",
    "autograder/bundled/registry.py": "helpers/exercises/registry.py",
    "autograder/bundled/settings.py": "helpers/settings.py",
    "autograder/grading/wire.py": "helpers/wire.py",
}
NEEDED = ("numpy", "scipy", "matplotlib", "scikit-learn", "jupyterlab")
PYPROJECT = """\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "norms-course-helpers"
version = "$version"
requires-python = "$python"
dependencies = $dependencies

[tool.setuptools.packages.find]
include = ["helpers*"]

[tool.setuptools.package-data]
helpers = ["*.tsv", "exercises/records/*"]
"""


class BundleError(Exception):
    """Why a bundle cannot be made, in a sentence."""


def run(root, exercises, lessons, names, to=None):
    """Exit code of ``bundle``: write the zip and say what is in it.

    Parameters
    ----------
    root : Path
        The course's folder.
    exercises : dict of str to Exercise
    lessons : dict of str to tuple of str
        Names of each lesson's exercises.
    names : list of str
        Lessons that go into the bundle; all of them if it is empty.
    to : Path, optional
        The zip, or a folder for it; by default in ``dist/``.

    Returns
    -------
    status : int
    """
    try:
        chosen = _chosen(lessons, names)
        folder = "-".join([NAME, *(chosen if names else ())])
        path = to or root / "dist"
        if path.suffix != ".zip":
            path = path / f"{folder}.zip"
        files, ready_made = contents(root, exercises, chosen)
        archive = zipped(folder, files)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(archive)
    except BundleError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename} cannot be used: {error.strerror}.", file=sys.stderr)
        return 1
    n_exercises = sum(map(len, chosen.values()))
    print(f"{path}: {', '.join(chosen)}; {n_exercises} exercises, {len(archive) / 1e6:.1f} MB.")
    if ready_made:
        print(
            f"A later lesson in it imports {', '.join(ready_made)}, so it holds ready-made versions of these "
            "exercises: while an earlier lesson is being graded, bundle the lessons one by one."
        )
    return 0


def _chosen(lessons, names):
    """The chosen lessons in the course's order."""
    for name in names:
        if name not in lessons:
            raise BundleError(f"There is no lesson {name!r}; there are {', '.join(lessons)}.")
    return {lesson: lessons[lesson] for lesson in lessons if not names or lesson in names}


def contents(root, exercises, lessons):
    """Files of a bundle, and the exercises of which it holds a ready-made version.

    Parameters
    ----------
    root : Path
    exercises : dict of str to Exercise
    lessons : dict of str to tuple of str
        The lessons that are in it.

    Returns
    -------
    files : dict of str to bytes
        By their path in the bundle.
    ready_made : list of str

    Raises
    ------
    BundleError
        If a notebook imports a function of which there is no ready-made version.
    """
    notebooks = {f"{name}.ipynb": root / "notebooks" / name / f"{name}.ipynb" for name in lessons}
    files = {name: path.read_bytes() for name, path in notebooks.items()}
    helpers = root / "src" / "helpers"
    for path in sorted(path for pattern in KEPT for path in helpers.glob(pattern)):
        files[f"helpers/{path.relative_to(helpers).as_posix()}"] = path.read_bytes()
    for old, new in MOVED.items():
        source = (root / old).read_text(encoding="utf-8")
        files[new] = re.sub(r"^from autograder\.\w+", "from helpers", source, flags=re.M).encode()
    imported = _imported_functions(files)
    given, ready_made = _given(root, imported)
    files |= given
    for name in sum(lessons.values(), ()):
        files[f"helpers/exercises/records/{name}.xz"] = record_of(exercises[name])
    files["helpers/exercises/records/lessons.json"] = json.dumps(lessons, indent=1).encode()
    files |= _papers(root, lessons)
    return files, [name for name in sum(lessons.values(), ()) if name in ready_made]


def _imported_functions(files):
    """Names that notebooks import, by the modules of `helpers` that are not in the bundle yet."""
    names_by_module = defaultdict(set)
    for path, content in files.items():
        if not path.endswith(".ipynb"):
            continue
        for cell in nbformat.reads(content.decode(), as_version=4).cells:
            if cell.cell_type != "code":
                continue
            for node in ast.walk(ast.parse(TransformerManager().transform_cell(cell.source))):
                if isinstance(node, ast.ImportFrom) and node.module.startswith("helpers."):
                    names_by_module[node.module] |= {alias.name for alias in node.names}
    return {
        module: sorted(names)
        for module, names in sorted(names_by_module.items())
        if not {f"{module.replace('.', '/')}{end}" for end in (".py", "/__init__.py")} & files.keys()
    }


def _given(root, names_by_module):
    """Modules with ready-made functions, and the names of all of these."""
    source = (root / "autograder" / "bundled" / "given.py").read_text(encoding="utf-8")
    wanted = sorted(set().union(*names_by_module.values()))
    if not wanted:
        return {}, set()
    text, needed = cut(source, wanted)
    files = {"helpers/given.py": text.encode()}
    for module, names in names_by_module.items():
        lines = [f'"""Functions of `{module}` that a lesson of this bundle uses."""', ""]
        lines += [f"from helpers.given import {name} as {name}" for name in names]
        files[f"{module.replace('.', '/')}.py"] = ("\n".join(lines) + "\n").encode()
    return files, needed


def cut(source, names):
    """Part of a module that some of its functions need.

    Parameters
    ----------
    source : str
    names : list of str

    Returns
    -------
    part : str
        The module's docstring, imports, and functions in their order.
    needed : set of str
        Names of these functions.

    Raises
    ------
    BundleError
        If the module does not have one of the names.
    """
    docstring, *nodes = ast.parse(source).body
    functions = {node.name: node for node in nodes if isinstance(node, ast.FunctionDef)}
    needed, used, waiting = set(), set(), list(names)
    while waiting:
        name = waiting.pop()
        if name in needed:
            continue
        if name not in functions:
            raise BundleError(f"A notebook imports {name!r}: add it to autograder/bundled/given.py.")
        needed.add(name)
        named = {node.id for node in ast.walk(functions[name]) if isinstance(node, ast.Name)}
        used |= named
        waiting += named & functions.keys()
    imports = [
        ast.unparse(node)
        for node in nodes
        if isinstance(node, ast.Import)
        and any((alias.asname or alias.name.partition(".")[0]) in used for alias in node.names)
    ]
    parts = [ast.get_source_segment(source, node) for name, node in functions.items() if name in needed]
    head = "\n".join([ast.get_source_segment(source, docstring), "", *imports])
    return "\n\n\n".join([head, *parts]) + "\n", needed


def _papers(root, lessons):
    """What explains a bundle and lets it be installed."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    dependencies = [d for d in project["dependencies"] if re.match(r"[\w-]+", d)[0] in NEEDED]
    pyproject = string.Template(PYPROJECT).substitute(
        version=project["version"],
        python=project["requires-python"],
        dependencies=json.dumps([*dependencies, "threadpoolctl"], indent=4),
    )
    title, _, _ = (root / "README.md").read_text(encoding="utf-8").removeprefix("# ").partition("\n")
    readme = (root / "autograder" / "bundled" / "README.md").read_text(encoding="utf-8")
    notebooks = ", ".join(f"`{name}.ipynb`" for name in lessons)
    return {
        "README.md": string.Template(readme).substitute(title=title, notebooks=notebooks).encode(),
        "pyproject.toml": pyproject.encode(),
        **{name: (root / name).read_bytes() for name in ("LICENSE", "LICENSE-lessons")},
    }


def zipped(folder, files):
    """Bytes of a zip with the files in a folder; the same for the same files."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as target:
        for path, content in sorted(files.items()):
            info = zipfile.ZipInfo(f"{folder}/{path}")  # with a date of 1980
            info.external_attr = 0o644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(info, content)
    return archive.getvalue()
