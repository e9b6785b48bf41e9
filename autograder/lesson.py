"""A lesson on its way from Markdown to nbgrader's source notebook."""

import builtins
import difflib
import hashlib
import re
import tomllib
from collections import Counter
from pathlib import Path

import nbformat
import yaml
from jupytext.myst import MystMetadataParsingError, get_parser, myst_to_notebook

from autograder.answers import answer_source
from autograder.reading import bound_and_used_names

DIRECTIVES = ["exercise", "written-answer", "code-cell"]
# the same on every machine, so without a Python version
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
_PYPROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"
REPOSITORY = tomllib.loads(_PYPROJECT.read_text(encoding="utf-8"))["project"]["urls"]["Repository"]
# Elsewhere than in the course's own environment, as in Google Colab, a notebook comes alone. What the helpers
# need is there; the rest of the course (JupyterLab, nbgrader) would replace parts of what runs the notebook.
# It is plain Python, since not everything that reads the notebooks knows "%pip".
INSTALL = f"""\
# @title Installs the helpers of the course where they are missing
try:
    import helpers
except ModuleNotFoundError:
    get_ipython().run_line_magic("pip", "install -q --no-deps {REPOSITORY}/archive/HEAD.zip")"""
# folded in JupyterLab and in Colab, left out of the site
INSTALL_METADATA = {"cellView": "form", "jupyter": {"source_hidden": True}, "tags": ["remove-cell"]}
GIVEN_NAMES = {*dir(builtins), "__name__", "display", "get_ipython"}


class LessonError(Exception):
    """What is wrong in a lesson, in one sentence that begins with file and line."""

    def __init__(self, lesson, line, sentence):
        super().__init__(f"lessons/{lesson}.md:{line}: {sentence}")


def did_you_mean(word, words):
    """Suggestion to append to an error about `word`, empty if no known word is like it."""
    close = difflib.get_close_matches(word, words, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


class Lesson:
    """A lesson on its way from Markdown to a notebook.

    Parameters
    ----------
    name : str
        Such as ``"01_norms"``.
    text : str
        The Markdown.
    exercises : dict of str to Exercise
        All exercises of the course.
    lesson_by_exercise : dict of str to str
        Lesson in which each exercise belongs.
    """

    def __init__(self, name, text, exercises, lesson_by_exercise):
        self.name = name
        self.text = text
        self.exercises = exercises
        self.lesson_by_exercise = lesson_by_exercise
        self.line_by_id = {}  # grade id to where it was placed
        self.names = set(GIVEN_NAMES)
        self.cells = []

    def error(self, line, sentence):
        """Error at a line of this lesson, counted from 1."""
        return LessonError(self.name, line, sentence)

    def notebook(self):
        """Make the source notebook, with solutions."""
        self.check_front_matter()
        self.check_fences()
        cells, lines = self.read()
        for cell, line in zip(cells, lines, strict=True):
            if cell.cell_type == "markdown":
                self.add_markdown(cell.source, cell.metadata, line)
            else:
                self.add_code(cell.source, cell.metadata, line)
        if not self.cells or self.cells[0].cell_type != "markdown":
            raise self.error(1, "a lesson begins with a Markdown cell, its title first")
        for exercise, lesson in self.lesson_by_exercise.items():
            if lesson == self.name and exercise not in self.line_by_id:
                raise self.error(1, f"exercise {exercise!r} is never placed")
        comment = f"<!-- Generated from lessons/{self.name}.md; edit there. -->"
        self.cells[0].source = f"{comment}\n\n{self.cells[0].source}"
        self.add_install()
        set_ids(self.cells)
        notebook = nbformat.v4.new_notebook(cells=self.cells, metadata=METADATA)
        try:
            nbformat.validate(notebook)
        except nbformat.ValidationError as error:
            raise self.error(1, f"not a valid notebook: {error.message}") from None
        return notebook

    def check_front_matter(self):
        """Raise unless the lesson opens with YAML that names a kernel."""
        front_matter = re.match(r"---\n(.*?\n)---\n", self.text, re.S)
        if not front_matter:
            raise self.error(1, "the front matter is missing or not closed by a line '---'")
        try:
            metadata = yaml.safe_load(front_matter[1])
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)  # not of every error
            line, problem = (mark.line + 2, error.problem) if mark else (1, error)
            raise self.error(line, f"the front matter is not YAML: {problem}") from None
        if not isinstance(metadata, dict) or "kernelspec" not in metadata:
            raise self.error(1, "the front matter has no kernelspec")

    def check_fences(self):
        """Raise at the first fence that is not closed or hides a directive inside a list."""
        lines = self.text.split("\n")
        for token in get_parser().parse(self.text):
            if token.type != "fence":
                continue
            start, end = token.map
            closing = lines[end - 1].strip(" >")
            if end - start < 2 or not re.fullmatch(f"{token.markup}+", closing):
                raise self.error(start + 1, f"the fence {token.markup}{token.info} is not closed")
            if any(line.startswith(f"{token.markup}{{") for line in lines[start + 1 : end]):
                sentence = "is not closed before the next one opens"
                raise self.error(start + 1, f"the fence {token.markup}{token.info} {sentence}")
            if token.level and token.info.startswith("{"):
                sentence = f"{token.info} stands inside a list or a quotation; no cell can"
                raise self.error(start + 1, sentence)

    def read(self):
        """Cells of the lesson as Jupytext reads them, and the line at which each begins."""
        try:
            notebook = myst_to_notebook(self.text, add_source_map=True)
        except MystMetadataParsingError as error:
            line = int(re.search(r"at line (\d+)", str(error))[1])
            raise self.error(line, "the options of this cell cannot be read") from None
        lines = self.text.split("\n")
        starts = []
        for cell, start in zip(notebook.cells, notebook.metadata["source_map"], strict=True):
            # of a code cell the line of its fence; of Markdown the first line with text
            while cell.cell_type == "markdown" and not lines[start]:
                start += 1
            starts.append(start + (cell.cell_type == "markdown"))
        return notebook.cells, starts

    def add_code(self, source, metadata, line):
        """Add a code cell and remember the names that it binds."""
        try:
            bound, _ = bound_and_used_names(source)
        except SyntaxError as error:
            raise self.error(line, f"this code cell is not Python: {error.msg}") from None
        self.names |= bound
        self.cells.append(nbformat.v4.new_code_cell(source, metadata=metadata))

    def add_install(self):
        """Put the cell that installs the helpers above the first code cell, which imports them."""
        kinds = [cell.cell_type for cell in self.cells]
        if "code" in kinds:
            install = nbformat.v4.new_code_cell(INSTALL, metadata=INSTALL_METADATA)
            self.cells.insert(kinds.index("code"), install)

    def add_markdown(self, source, metadata, line):
        """Add the cells of a stretch of Markdown that begins at `line`."""
        lines, done = source.split("\n"), 0
        for token in get_parser().parse(source):
            directive = re.match(r"(\{?)\s*([\w-]+)\s*\}?\s*(.*)", token.info)
            if token.type != "fence" or not directive:
                continue
            brace, kind, argument = directive.groups()
            start, end = token.map
            here = line + start
            if not brace and kind not in DIRECTIVES:
                continue  # an ordinary code block
            if not brace or kind not in DIRECTIVES[:2]:
                meant = did_you_mean(kind, DIRECTIVES)
                raise self.error(here, f"directive {token.info!r} is not known{meant}")
            self.add_prose(lines[done:start], metadata)
            add = self.add_exercise if kind == "exercise" else self.add_written_answer
            add(argument.strip(), token.content, here)
            done = end
        self.add_prose(lines[done:], metadata)

    def add_prose(self, lines, metadata):
        """Add a Markdown cell, unless the lines are blank."""
        if source := "\n".join(lines).strip():
            self.cells.append(nbformat.v4.new_markdown_cell(source, metadata=metadata))

    def place(self, grade_id, line):
        """Remember where a grade id stands; raise if it stands somewhere already."""
        first = self.line_by_id.setdefault(grade_id, line)
        if first != line:
            raise self.error(line, f"{grade_id!r} stands already at line {first}")

    def add_exercise(self, name, content, line):
        """Add the answer cell and the test cell of an exercise."""
        if name not in self.exercises:
            meant = did_you_mean(name, self.exercises)
            raise self.error(line, f"exercise {name!r} is not known{meant}")
        if content.strip():
            raise self.error(line, f"exercise {name!r} takes no content; its record has it all")
        self.place(name, line)
        lesson = self.lesson_by_exercise.get(name)
        if lesson != self.name:
            raise self.error(line, f"exercise {name!r} belongs in lesson {lesson!r}")
        exercise = self.exercises[name]
        try:
            answer = answer_source(exercise.reference)
        except ValueError as error:
            raise self.error(line, f"the reference of {name!r} cannot be used: {error}") from None
        bound, used = bound_and_used_names(answer)
        if unknown := sorted(used - self.names):
            sentence = f"the reference of {name!r} uses {unknown[0]!r}, which no cell above defines"
            raise self.error(line, sentence)
        self.names |= bound
        self.add_graded("code", name, answer, grade=False, solution=True, locked=False)
        points = {"grade": True, "solution": False, "locked": True, "points": exercise.points}
        self.add_graded("code", f"{name}-tests", f"check({name})", **points)

    def add_written_answer(self, grade_id, content, line):
        """Add the cell for an answer in words, which a person grades."""
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,63}", grade_id):
            sentence = "needs an id of letters, digits, '-' and '_' behind it"
            raise self.error(line, f"{{written-answer}} {sentence}, got {grade_id!r}")
        if grade_id.removesuffix("-tests") in self.exercises:
            raise self.error(line, f"{grade_id!r} is the id of an exercise")
        self.place(grade_id, line)
        options = re.match(r":points:[ ]*([1-9]\d*)[ ]*\n\s*(?=\S)", content)
        if not options or content[options.end()] == ":":
            sentence = "begins with its points, such as ':points: 3', and then gives a model answer"
            raise self.error(line, f"{{written-answer}} {grade_id} {sentence}")
        # comments, since '### BEGIN SOLUTION' would be a heading in Markdown
        marks = "<!-- BEGIN SOLUTION -->\n\n{}\n\n<!-- END SOLUTION -->"
        answer = marks.format(content[options.end() :].strip())
        points = {"grade": True, "solution": True, "locked": False, "points": int(options[1])}
        self.add_graded("markdown", grade_id, answer, **points)

    def add_graded(self, cell_type, grade_id, source, **grading):
        """Add a cell that nbgrader knows by its grade id."""
        grading |= {"grade_id": grade_id, "schema_version": 3, "task": False}
        new_cell = getattr(nbformat.v4, f"new_{cell_type}_cell")
        self.cells.append(new_cell(source, metadata={"nbgrader": grading}))


def set_ids(cells):
    """Give each cell its grade id, else a hash of what it says, as its id."""
    counts = Counter()
    for cell in cells:
        content_hash = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()
        stem = cell.metadata.get("nbgrader", {}).get("grade_id", content_hash[:8])
        counts[stem] += 1
        cell["id"] = stem if counts[stem] == 1 else f"{stem}-{counts[stem]}"
