"""Lessons become notebooks: the same bytes everywhere, and clear words about mistakes."""

import ast
import importlib.util
import os
import shutil
import subprocess
import sys
import textwrap
from types import SimpleNamespace

import nbformat
import pytest
from submissions import ROOT, isolated_environment

from autograder.answers import answer_source
from autograder.build import build, run
from autograder.reading import bound_and_used_names
from helpers.exercises import EXERCISES, LESSONS

UP_TO_DATE = "Every notebook is up to date.\n"

REFERENCES = '''\
import numpy as np


def keep(function):
    return function


def one_line(x): return np.abs(x)  # (n,)


def several_lines(
    x,
    *,
    key=lambda pair: pair[1:],  # not the colon of the signature
) -> "dict[str: float]":
    """Sum of `x`.

    Größe: any.
    """  # a comment behind the docstring

    # a comment below it
    def inner(y):
        return one_line(y)

    return np.sum(inner(x))
    # a comment after the end


@keep
@keep
def decorated(x):
    # no docstring, a comment first
    if x:
        return several_lines(x)
    return "### not a mark"


def short(x): "Größe."; y = x; return y


def ends_on_its_docstring_line(x):
    """Twice `x`."""; return 2 * x
'''
LESSON = """\
---
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# A lesson

Why, and a picture.

```python
this = "is no cell"
```

```{code-cell} ipython3
%matplotlib inline
import numpy as np


def keep(function):
    return function
```

## First

```{exercise} one_line
```
```{exercise} several_lines
```

What it showed.

+++

Another cell.

```{exercise} decorated
```

## Second

Is it?

````{written-answer} is_it
:points: 3

It is, since $x^2 \\ge 0$:

```python
x**2
```
````
"""


@pytest.fixture(scope="session")
def references(tmp_path_factory):
    """Module of references that are awkward to cut."""
    path = tmp_path_factory.mktemp("references") / "references.py"
    path.write_text(REFERENCES, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("references", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Course:
    """A course of one lesson in a folder of its own."""

    def __init__(self, root, references):
        self.root = root
        names = ("one_line", "several_lines", "decorated")
        self.exercises = {
            name: SimpleNamespace(name=name, points=2, reference=getattr(references, name)) for name in names
        }
        self.lessons = {"01_lesson": names}
        shutil.copy(ROOT / "nbgrader_config.py", root)
        (root / "lessons").mkdir()
        self.write(LESSON)

    def write(self, text, lesson="01_lesson"):
        """Write a lesson."""
        path = self.root / "lessons" / f"{lesson}.md"
        path.write_text(text, encoding="utf-8", newline="\n")

    def run(self, check=False):
        """Exit code of a build."""
        return run(self.root, self.exercises, self.lessons, check)

    def notebook(self, tree="solutions"):
        """Notebook that the lesson makes."""
        text = build(self.root, self.exercises, self.lessons)[
            self.root / tree / "01_lesson" / "01_lesson.ipynb"
        ]
        return nbformat.reads(text, as_version=4)

    def files(self):
        """Bytes of every generated file, by its path within the course."""
        paths = [p for tree in ("solutions", "notebooks") for p in (self.root / tree).rglob("*.*")]
        return {p.relative_to(self.root).as_posix(): p.read_bytes() for p in paths}


@pytest.fixture
def course(tmp_path, references):
    """A course of one good lesson, not built yet."""
    return Course(tmp_path, references)


def test_committed_notebooks_are_fresh(capsys):
    """The notebooks are what the lessons make, and no file stands beside them."""
    assert run(ROOT, EXERCISES, LESSONS, check=True) == 0, capsys.readouterr().out


@pytest.mark.parametrize("hash_seed", ["0", "1"])
def test_build_is_the_same_in_every_process(hash_seed):
    """The command finds its own work fresh, whatever the order of hashes."""
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "build", "--check"],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, UP_TO_DATE, "")


def test_building_twice_writes_once(course, capsys):
    """The second build writes nothing; a notebook that somebody edited is written again."""
    assert course.run() == 0
    said = ["solutions/01_lesson/01_lesson.ipynb", "notebooks/01_lesson/01_lesson.ipynb"]
    assert capsys.readouterr().out.splitlines() == [f"{path}: written" for path in said]
    before = course.files()
    assert course.run() == 0
    assert capsys.readouterr().out == UP_TO_DATE
    (course.root / said[1]).write_text("{}")
    assert course.run() == 0
    assert capsys.readouterr().out == f"{said[1]}: written\n"
    assert course.files() == before


def test_notebooks_are_utf_8_with_unix_line_ends(course):
    """The same bytes on Windows: no carriage return, no escaped letter, one newline at the end."""
    course.run()
    for content in course.files().values():
        assert b"\r" not in content
        assert "Größe".encode() in content
        assert content.endswith(b"}\n")


@pytest.mark.parametrize("lesson", LESSONS)
def test_released_notebook_is_what_nbgrader_makes(tmp_path, lesson):
    """`nbgrader generate_assignment` writes the committed bytes, and no other file."""
    shutil.copytree(ROOT / "solutions" / lesson, tmp_path / "course" / "solutions" / lesson)
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path / "course")
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", lesson]
    environment = isolated_environment(tmp_path / "home")
    done = subprocess.run(command, cwd=tmp_path / "course", env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    made = [p for p in (tmp_path / "course" / "notebooks").rglob("*") if p.is_file()]
    assert [p.name for p in made] == [f"{lesson}.ipynb"]
    assert made[0].read_bytes() == (ROOT / "notebooks" / lesson / made[0].name).read_bytes()


def test_check_writes_nothing_and_lists_what_is_wrong(course, capsys):
    """Missing and outdated notebooks and files of no lesson are named, and the exit code is 1."""
    assert course.run(check=True) == 1
    assert course.files() == {}
    assert "notebooks/01_lesson/01_lesson.ipynb: missing" in capsys.readouterr().out
    course.run()
    course.write(LESSON.replace("Why,", "Why then,"))
    before = course.files()
    capsys.readouterr()
    assert course.run(check=True) == 1
    assert "solutions/01_lesson/01_lesson.ipynb: out of date" in capsys.readouterr().out
    assert course.files() == before


@pytest.mark.parametrize("stray", ["solutions/01_lesson/data.csv", "notebooks/02_old/02_old.ipynb"])
@pytest.mark.parametrize("check", [True, False])
def test_file_of_no_lesson_is_reported_and_kept(course, capsys, stray, check):
    """Students would be given it, so the build fails; deleting it is left to a person."""
    course.run()
    path = course.root / stray
    path.parent.mkdir(exist_ok=True)
    path.write_text("x")
    capsys.readouterr()
    assert course.run(check) == 1
    assert capsys.readouterr().out == f"{stray}: no lesson makes this file; please remove it\n"
    assert path.exists()


def line_of(text, part):
    """Line of the first occurrence of `part`, counted from 1."""
    return text[: text.index(part)].count("\n") + 1


MISTAKES = {
    "unknown exercise": (
        "{exercise} one_line",
        "{exercise} one_lien",
        "exercise 'one_lien' is not known; did you mean 'one_line'?",
    ),
    "unknown exercise like no other": (
        "{exercise} one_line",
        "{exercise} zzz",
        "exercise 'zzz' is not known",
    ),
    "exercise without a name": ("{exercise} one_line", "{exercise}", "exercise '' is not known"),
    "exercise with content": (
        "{exercise} one_line\n",
        "{exercise} one_line\nx = 1\n",
        "exercise 'one_line' takes no content; its record has it all",
    ),
    "directive misspelt": (
        "{exercise} one_line",
        "{excercise} one_line",
        "directive '{excercise} one_line' is not known; did you mean 'exercise'?",
    ),
    "directive without braces": (
        "{exercise} one_line",
        "exercise one_line",
        "directive 'exercise one_line' is not known; did you mean 'exercise'?",
    ),
    "directive of MyST": ("```python", "```{note}", "directive '{note}' is not known"),
    "written answer without an id": (
        "{written-answer} is_it",
        "{written-answer}",
        "{written-answer} needs an id of letters, digits, '-' and '_' behind it, got ''",
    ),
    "written answer with a bad id": (
        "{written-answer} is_it",
        "{written-answer} is it?",
        "{written-answer} needs an id of letters, digits, '-' and '_' behind it, got 'is it?'",
    ),
    "written answer with the id of an exercise": (
        "{written-answer} is_it",
        "{written-answer} one_line-tests",
        "'one_line-tests' is the id of an exercise",
    ),
    "code that is not Python": (
        "```{code-cell} ipython3\n%",
        "```{code-cell} ipython3\nx = (\n%",
        "this code cell is not Python: '(' was never closed",
    ),
    "options that are not YAML": (
        "```{code-cell} ipython3\n",
        "```{code-cell} ipython3\n:tags: [a\n",
        "the options of this cell cannot be read",
    ),
    "directive in a list": (
        "```{exercise} one_line\n```",
        "- ```{exercise} one_line\n  ```",
        "{exercise} one_line stands inside a list or a quotation; no cell can",
    ),
    "fence not closed": (
        "```{exercise} one_line\n```\n",
        "```{exercise} one_line\n",
        "the fence ```{exercise} one_line is not closed before the next one opens",
    ),
    "last fence not closed": (
        "````{written-answer} is_it",
        "`````{written-answer} is_it",
        "the fence `````{written-answer} is_it is not closed",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake_is_named_with_its_line(course, capsys, mistake):
    """One sentence that begins with file and line, and nothing is written."""
    good, bad, sentence = MISTAKES[mistake]
    text = LESSON.replace(good, bad, 1)
    assert text != LESSON
    course.write(text)
    assert course.run() == 1
    assert capsys.readouterr().err == f"lessons/01_lesson.md:{line_of(text, bad)}: {sentence}\n"
    assert course.files() == {}


FRONT_MATTER = LESSON[: LESSON.index("# A lesson")]
FRONT_MISTAKES = {
    "missing": ("", 1, "the front matter is missing or not closed by a line '---'"),
    "not closed": (
        FRONT_MATTER.replace("python3\n---\n", "python3\n"),
        1,
        "the front matter is missing or not closed by a line '---'",
    ),
    "not YAML": (
        FRONT_MATTER.replace("  language: python", "  language: [python"),
        5,
        "the front matter is not YAML: expected ',' or ']', but got ':'",
    ),
    "no kernel": ("---\ntitle: A lesson\n---\n\n", 1, "the front matter has no kernelspec"),
}


@pytest.mark.parametrize("mistake", FRONT_MISTAKES)
def test_broken_front_matter_is_named_with_its_line(course, capsys, mistake):
    """Without a kernel a notebook cannot run, so the build says what is missing."""
    front_matter, line, sentence = FRONT_MISTAKES[mistake]
    course.write(LESSON.replace(FRONT_MATTER, front_matter))
    assert course.run() == 1
    assert capsys.readouterr().err == f"lessons/01_lesson.md:{line}: {sentence}\n"


def test_lesson_that_is_not_utf_8_is_named_with_its_line(course, capsys):
    """An editor with another encoding is found out before it garbles a letter."""
    text = LESSON.replace("What it showed.", "Größe.")
    (course.root / "lessons" / "01_lesson.md").write_bytes(text.encode("latin-1"))
    assert course.run() == 1
    line = line_of(text, "Größe.")
    assert capsys.readouterr().err == f"lessons/01_lesson.md:{line}: this line is not UTF-8\n"


@pytest.mark.parametrize(
    "options", ["", ":points: many\n", ":points: 0\n", ":points: 3\n:point: 3\n", ":point: 3\n"]
)
def test_written_answer_begins_with_its_points(course, capsys, options):
    """Points are a positive whole number and the only option."""
    text = LESSON.replace(":points: 3\n", options)
    course.write(text)
    assert course.run() == 1
    line = line_of(text, "````{written")
    assert capsys.readouterr().err.startswith(
        f"lessons/01_lesson.md:{line}: {{written-answer}} is_it begins with its points, such as "
    )


def test_written_answer_needs_a_model_answer(course, capsys):
    """Points alone would release a question that nobody can grade."""
    text = LESSON[: LESSON.index("It is, since")] + "````\n"
    course.write(text)
    assert course.run() == 1
    line = line_of(text, "````{written")
    assert capsys.readouterr().err.startswith(f"lessons/01_lesson.md:{line}: {{written-answer}}")


@pytest.mark.parametrize("directive", ["{exercise} one_line\n", "{written-answer} is_it\n"])
def test_nothing_is_placed_twice(course, capsys, directive):
    """The second place is named, and the first one too."""
    again = f"\n```{directive}" + (":points: 3\n\nYes.\n```\n" if "written" in directive else "```\n")
    course.write(LESSON + again)
    assert course.run() == 1
    name, first = directive.split()[1], line_of(LESSON, directive)
    second = LESSON.count("\n") + 2
    expected = f"lessons/01_lesson.md:{second}: {name!r} stands already at line {first}\n"
    assert capsys.readouterr().err == expected


def test_exercise_belongs_in_the_lesson_of_its_record(course, capsys):
    """An exercise in another lesson is an error there, be it placed at home or not."""
    other = FRONT_MATTER + "# Another lesson\n\n```{exercise} one_line\n```\n"
    course.lessons["02_other"] = ()
    course.write(other, "02_other")
    assert course.run() == 1
    line = line_of(other, "```{")
    sentence = "exercise 'one_line' belongs in lesson '01_lesson'"
    assert capsys.readouterr().err == f"lessons/02_other.md:{line}: {sentence}\n"


def test_exercise_of_the_record_must_be_placed(course, capsys):
    """A forgotten exercise is named."""
    course.write(LESSON.replace("```{exercise} decorated\n```\n", ""))
    assert course.run() == 1
    sentence = "exercise 'decorated' is never placed"
    assert capsys.readouterr().err == f"lessons/01_lesson.md:1: {sentence}\n"


def test_reference_may_use_what_stands_above_it_only(course, capsys):
    """A name from the module of the reference would be missing in the notebook."""
    text = LESSON.replace("import numpy as np\n", "import numpy\n")
    course.write(text)
    assert course.run() == 1
    sentence = "the reference of 'one_line' uses 'np', which no cell above defines"
    line = line_of(text, "```{exercise} one_line")
    assert capsys.readouterr().err == f"lessons/01_lesson.md:{line}: {sentence}\n"


@pytest.mark.parametrize("extra", ["file", "record"])
def test_every_lesson_has_a_file_and_a_record(course, capsys, extra):
    """A lesson that only one side knows is named."""
    if extra == "file":
        course.write(LESSON, "02_other")
        sentence = "lesson '02_other' has a file but not a record in LESSONS"
    else:
        course.lessons["02_other"] = ()
        sentence = "lesson '02_other' has a record in LESSONS but not a file"
    assert course.run() == 1
    assert capsys.readouterr().err == f"lessons/02_other.md:1: {sentence}\n"


def test_lesson_begins_with_its_title(course, capsys):
    """The first cell says where the notebook comes from, so it has to be Markdown."""
    course.write(FRONT_MATTER + LESSON[LESSON.index("```{code-cell}") :])
    assert course.run() == 1
    assert "a lesson begins with a Markdown cell, its title first" in capsys.readouterr().err


def test_lesson_becomes_cells_in_its_order(course):
    """Prose, code, answer, test and written cells stand where the lesson has them."""
    cells = course.notebook().cells
    graded = [c.metadata.get("nbgrader", {}).get("grade_id", c.cell_type) for c in cells]
    assert graded == [
        "markdown",
        "code",
        "code",
        "markdown",
        "one_line",
        "one_line-tests",
        "several_lines",
        "several_lines-tests",
        "markdown",
        "markdown",
        "decorated",
        "decorated-tests",
        "markdown",
        "is_it",
    ]
    first = "<!-- Generated from lessons/01_lesson.md; edit there. -->\n\n# A lesson\n"
    assert cells[0].source.startswith(first)
    assert "this = " in cells[0].source
    assert cells[5].source == "check(one_line)"
    assert cells[-1].source == (
        "<!-- BEGIN SOLUTION -->\n\nIt is, since $x^2 \\ge 0$:\n\n```python\nx**2\n```\n\n"
        "<!-- END SOLUTION -->"
    )


def test_graded_cells_say_so_to_nbgrader(course):
    """Answer, test and written cells carry the metadata of nbgrader's schema 3."""
    grading = {c.id: c.metadata.get("nbgrader") for c in course.notebook().cells}
    common = {"schema_version": 3, "task": False}
    answer = {"grade": False, "solution": True, "locked": False}
    assert grading["decorated"] == {**common, **answer, "grade_id": "decorated"}
    test = {"grade": True, "solution": False, "locked": True, "points": 2}
    assert grading["decorated-tests"] == {**common, **test, "grade_id": "decorated-tests"}
    written = {"grade": True, "solution": True, "locked": False, "points": 3}
    assert grading["is_it"] == {**common, **written, "grade_id": "is_it"}


def test_released_stubs(course):
    """Learners see the contract, a stub, and a place for words."""
    by_id = {cell.id: cell.source for cell in course.notebook("notebooks").cells}
    assert by_id["is_it"] == "*Write your answer here.*"
    stub = "    # YOUR CODE HERE\n    raise NotImplementedError()"
    assert by_id["one_line"] == f"def one_line(x):\n{stub}"
    assert by_id["decorated"] == f"@keep\n@keep\ndef decorated(x):\n{stub}"


def test_editing_a_cell_leaves_the_ids_of_the_others(course):
    """A pull request shows the cell that was edited; comments on other cells stay put."""
    before = {cell.id: cell.source for cell in course.notebook().cells}
    course.write(LESSON.replace("What it showed.", "What this showed."))
    after = {cell.id: cell.source for cell in course.notebook().cells}
    assert len(before.items() - after.items()) == 1
    assert len(after.items() - before.items()) == 1


def test_equal_cells_have_unlike_ids(course):
    """Two cells with the same words are told apart by a number."""
    course.write(LESSON + "\n+++\n\nAnother cell.\n")
    ids = [cell.id for cell in course.notebook().cells]
    twins = [c.id for c in course.notebook().cells if c.source == "Another cell."]
    assert len(set(ids)) == len(ids)
    assert twins[1] == f"{twins[0]}-2"


CUT = {
    "one_line": """
        def one_line(x):
            ### BEGIN SOLUTION
            return np.abs(x)  # (n,)
            ### END SOLUTION
    """,
    "several_lines": '''
        def several_lines(
            x,
            *,
            key=lambda pair: pair[1:],  # not the colon of the signature
        ) -> "dict[str: float]":
            """Sum of `x`.

            Größe: any.
            """
            ### BEGIN SOLUTION
            # a comment behind the docstring

            # a comment below it
            def inner(y):
                return one_line(y)

            return np.sum(inner(x))
            ### END SOLUTION
    ''',
    "decorated": """
        @keep
        @keep
        def decorated(x):
            ### BEGIN SOLUTION
            # no docstring, a comment first
            if x:
                return several_lines(x)
            return "### not a mark"
            ### END SOLUTION
    """,
    "short": """
        def short(x):
            "Größe."
            ### BEGIN SOLUTION
            y = x; return y
            ### END SOLUTION
    """,
    "ends_on_its_docstring_line": '''
        def ends_on_its_docstring_line(x):
            """Twice `x`."""
            ### BEGIN SOLUTION
            return 2 * x
            ### END SOLUTION
    ''',
}


@pytest.mark.parametrize("name", CUT)
def test_answer_is_cut_after_signature_and_docstring(references, name):
    """Decorators, signature and docstring stay; the rest goes between the marks."""
    assert answer_source(getattr(references, name)) == textwrap.dedent(CUT[name]).strip()


@pytest.mark.parametrize("name", EXERCISES)
def test_cutting_changes_nothing_that_python_sees(name):
    """Every answer cell is its reference, marks aside."""
    cut = ast.parse(answer_source(EXERCISES[name].reference)).body[0]
    source = sys.modules[EXERCISES[name].reference.__module__].__file__
    with open(source, encoding="utf-8") as file:
        functions = {getattr(node, "name", None): node for node in ast.parse(file.read()).body}
    assert ast.dump(cut) == ast.dump(functions[name])


@pytest.mark.parametrize("thing", [len, lambda x: x, SimpleNamespace()])
def test_what_stands_in_no_module_cannot_be_cut(thing):
    """A reference has to be a function at the top level of a file."""
    with pytest.raises(ValueError, match="is not a function at the top level of a Python file"):
        answer_source(thing)


def test_names_of_a_cell():
    """Imports, assignments and definitions are bound; what inner functions need counts as used."""
    source = """
        %matplotlib inline
        import numpy as np
        import os.path
        from math import tau as circle
        first, (second, *rest) = range(3), [1]
        def f(a, b=default):
            global_one = a
            return [helper(i, global_one) for i in b]
        class C(Base):
            x: Kind = 1
        shown
    """
    bound, used = bound_and_used_names(textwrap.dedent(source))
    assert bound == {"np", "os", "circle", "first", "second", "rest", "f", "C"}
    assert used - {"get_ipython"} == {"range", "default", "helper", "Base", "Kind", "shown"}
