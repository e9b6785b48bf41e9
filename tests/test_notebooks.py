"""Laws of every generated notebook, run as a learner runs it."""

import copy
import html.parser
import re

import pytest
from jupytext.myst import get_parser
from nbclient import NotebookClient
from submissions import cells_by_grade_id, isolated_environment, perfect, read
from traitlets.config import Config

from helpers.exercises import EXERCISES, LESSONS

TREES = ("solutions", "notebooks")


def executed(notebook, folder, monkeypatch, allow_errors=False):
    """Copy of a notebook, run from top to bottom in a kernel of its own."""
    notebook = copy.deepcopy(notebook)
    for name, value in isolated_environment(folder).items():
        monkeypatch.setenv(name, value)
    NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=120,
        allow_errors=allow_errors,
        # or ipykernel warns of its own connection
        config=Config({"KernelManager": {"transport_encryption": "auto"}}),
        resources={"metadata": {"path": str(folder)}},
    ).execute()
    return notebook


@pytest.fixture(scope="module", params=LESSONS)
def run_solutions(request, tmp_path_factory):
    """Solutions notebook of a lesson after a run."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        folder = tmp_path_factory.mktemp("solutions")
        yield executed(read("solutions", request.param), folder, monkeypatch)


def outputs(notebook):
    """List the outputs of all cells of a notebook that was run."""
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def test_solutions_run_clean_from_top_to_bottom(run_solutions):
    """No error, no warning, nothing on standard error."""
    kinds = {(output.output_type, output.get("name")) for output in outputs(run_solutions)}
    assert ("stream", "stderr") not in kinds
    assert not any(kind == "error" for kind, _ in kinds)


class Images(html.parser.HTMLParser):
    """Attributes of the `<img>` elements in some HTML."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        """Keep the attributes of an image."""
        if tag == "img":
            self.found.append(dict(attrs))


def test_every_figure_says_what_there_is_to_see(run_solutions):
    """Each image has a text alternative, and none is shown without HTML that can carry one."""
    pages = [output.data for output in outputs(run_solutions) if "data" in output]
    images = [image for data in pages for image in Images(data.get("text/html", "")).found]
    assert images
    for image in images:
        assert len(image.get("alt", "").strip()) >= 20
    for data in pages:
        if {"image/png", "image/jpeg", "image/svg+xml"} & data.keys():
            assert Images(data.get("text/html", "")).found


@pytest.mark.parametrize("lesson", LESSONS)
def test_released_notebook_passes_with_the_solutions_filled_in(lesson, tmp_path, monkeypatch):
    """What learners receive can be solved in full."""
    notebook = executed(perfect(lesson), tmp_path, monkeypatch)
    assert not any(o.output_type == "error" or o.get("name") == "stderr" for o in outputs(notebook))


@pytest.mark.parametrize("lesson", LESSONS)
def test_untouched_notebook_stops_only_where_an_answer_is_missing(lesson, tmp_path, monkeypatch):
    """Every error of a released notebook says that something is not implemented yet."""
    notebook = executed(read("notebooks", lesson), tmp_path, monkeypatch, allow_errors=True)
    errors = [output for output in outputs(notebook) if output.output_type == "error"]
    assert {error.ename for error in errors} <= {"NotImplementedError", "NotAttempted"}
    tests = [f"{name}-tests" for name in LESSONS[lesson]]
    by_id = cells_by_grade_id(notebook)
    assert all(any(o.output_type == "error" for o in by_id[test].outputs) for test in tests)
    assert not any(output.get("name") == "stderr" for output in outputs(notebook))


def headings(markdown):
    """Levels of the headings in a Markdown text, 1 to 6."""
    return [int(t.tag[1]) for t in get_parser().parse(markdown) if t.type == "heading_open"]


@pytest.mark.parametrize("tree", TREES)
@pytest.mark.parametrize("lesson", LESSONS)
def test_headings_make_an_outline(lesson, tree):
    """One h1, at the top, and no level skipped."""
    cells = [cell for cell in read(tree, lesson).cells if cell.cell_type == "markdown"]
    levels = [level for cell in cells for level in headings(cell.source)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    steps = zip(levels, levels[1:], strict=False)
    assert all(below <= above + 1 for above, below in steps)


def column_names(markdown):
    """Texts that head the columns of the tables in a Markdown text."""
    tokens = get_parser().enable("table").parse(markdown)
    return [tokens[i + 1].content for i, token in enumerate(tokens) if token.type == "th_open"]


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_column_of_a_table_has_a_name(lesson):
    """Also the first one: a screen reader says it before every cell."""
    cells = [cell for cell in read("solutions", lesson).cells if cell.cell_type == "markdown"]
    assert all(name for cell in cells for name in column_names(cell.source))


def test_an_empty_column_name_is_found():
    assert column_names("| | a |\n|---|---|\n| b | 1 |\n") == ["", "a"]


@pytest.mark.parametrize("lesson", LESSONS)
def test_no_heading_stands_in_an_answer(lesson):
    """A model answer and its marks add nothing to the outline."""
    for cell in cells_by_grade_id(read("solutions", lesson)).values():
        if cell.cell_type == "markdown":
            assert headings(cell.source) == []


@pytest.mark.parametrize("tree", TREES)
@pytest.mark.parametrize("lesson", LESSONS)
def test_notebook_carries_nothing_of_the_machine_that_made_it(lesson, tree):
    """No outputs, no counts, no Jupytext metadata, no Python version."""
    notebook = read(tree, lesson)
    assert notebook.metadata.keys() == {"kernelspec", "language_info"}
    assert notebook.metadata.language_info == {"name": "python"}
    for cell in notebook.cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


def test_each_exercise_stands_in_exactly_one_lesson():
    """The answer and test cells of every record are placed once in the course."""
    placed = [name for lesson in LESSONS for name in cells_by_grade_id(read("notebooks", lesson))]
    for name in EXERCISES:
        assert placed.count(name) == 1
        assert placed.count(f"{name}-tests") == 1


@pytest.mark.parametrize("lesson", LESSONS)
def test_released_notebook_holds_no_answer(lesson):
    """No mark and no line of a solution is left for learners to find."""
    released = read("notebooks", lesson)
    text = "\n".join(cell.source for cell in released.cells)
    assert not re.search("(BEGIN|END) (SOLUTION|HIDDEN|MARK)", text)
    for name, cell in cells_by_grade_id(read("solutions", lesson)).items():
        if not cell.metadata.nbgrader.solution:
            continue
        solution = re.search("BEGIN SOLUTION.*\n(.*)\n.*END SOLUTION", cell.source, re.S)[1]
        for line in filter(str.strip, solution.splitlines()):
            assert line not in cells_by_grade_id(released)[name].source.splitlines()
