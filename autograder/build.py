"""The course's notebooks, made from its lessons.

``lessons/01_norms.md`` becomes ``solutions/01_norms/01_norms.ipynb``, nbgrader's source, and
``notebooks/01_norms/01_norms.ipynb``, byte for byte what ``nbgrader generate_assignment`` makes of
that. In a lesson, an ``{exercise}`` directive places an exercise and a ``{written-answer}``
directive the answer to a question that a person grades.
"""

import sys

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.converters import GenerateAssignment
from traitlets.config import PyFileConfigLoader

from autograder.lesson import Lesson, LessonError

# what editors leave behind; nbgrader_config.py keeps nbgrader from copying it
IGNORED = {".ipynb_checkpoints", ".DS_Store"}


def released(solutions, root):
    """Text of the notebook that ``nbgrader generate_assignment`` makes of the text of a source."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    config.SaveCells.enabled = False  # no gradebook
    config.Exporter.default_preprocessors = []
    exporter = NotebookExporter(config=config)
    for preprocessor in GenerateAssignment(config=config).preprocessors:
        exporter.register_preprocessor(preprocessor)
    text, _ = exporter.from_notebook_node(nbformat.reads(solutions, as_version=4))
    return text if text.endswith("\n") else text + "\n"


def read(path):
    """Text of a lesson."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise LessonError(path.stem, line, "this line is not UTF-8") from None


def build(root, exercises, lessons):
    """Text of every generated notebook, by its path.

    Parameters
    ----------
    root : Path
        Folder that holds ``lessons/`` and ``nbgrader_config.py``.
    exercises : dict of str to Exercise
    lessons : dict of str to tuple of str
        Names of each lesson's exercises.

    Returns
    -------
    dict of Path to str

    Raises
    ------
    LessonError
        At the first mistake in a lesson.
    """
    texts = {path.stem: read(path) for path in sorted(root.glob("lessons/*.md"))}
    for name in sorted(texts.keys() ^ lessons.keys()):
        record, file = "a record in LESSONS", "a file"
        has, lacks = (file, record) if name in texts else (record, file)
        raise LessonError(name, 1, f"lesson {name!r} has {has} but not {lacks}")
    lesson_by_exercise = {e: lesson for lesson, names in lessons.items() for e in names}
    products = {}
    for name, text in texts.items():
        notebook = Lesson(name, text, exercises, lesson_by_exercise).notebook()
        solutions = nbformat.writes(notebook) + "\n"
        products[root / "solutions" / name / f"{name}.ipynb"] = solutions
        products[root / "notebooks" / name / f"{name}.ipynb"] = released(solutions, root)
    return products


def strays(root, products):
    """Files in the generated folders that no lesson makes; students would be given them."""
    files = [p for tree in ("solutions", "notebooks") for p in sorted((root / tree).rglob("*"))]
    return [p for p in files if p.is_file() and p not in products and not IGNORED & {*p.parts}]


def run(root, exercises, lessons, check=False):
    """Exit code of ``build``: write the notebooks that are out of date, or only list them."""
    try:
        products = build(root, exercises, lessons)
    except LessonError as error:
        print(error, file=sys.stderr)
        return 1
    contents = {p: text.encode() for p, text in products.items()}
    stale = [p for p in contents if not p.is_file() or p.read_bytes() != contents[p]]
    unknown = strays(root, products)
    for path in stale:
        state = "written" if not check else "out of date" if path.exists() else "missing"
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(contents[path])
        print(f"{path.relative_to(root).as_posix()}: {state}")
    for path in unknown:
        print(f"{path.relative_to(root).as_posix()}: no lesson makes this file; please remove it")
    if not stale and not unknown:
        print("Every notebook is up to date.")
    return int(bool(unknown or (check and stale)))
