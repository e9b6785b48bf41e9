"""Submissions get the scores they deserve from nbgrader's own commands."""

import csv
import html
import os
import re
import shutil
import subprocess
import sys

import nbformat
import pytest
from clones import running_formgrader
from nbgrader.api import Gradebook
from submissions import (
    ROOT,
    cells_by_grade_id,
    hard_coded,
    isolated_environment,
    points_by_grade_id,
    read,
    submissions,
    written_ids,
)
from traitlets.config import PyFileConfigLoader

from helpers.exercises import EXERCISES, LESSONS

# an experiment that calls a function without end is cut off sooner than by our configuration
CELL_SECONDS = 20
# nothing in these was right, so nothing of a solution may come back with them
WRONG = {"untouched", "hard_coded", "raises", "edited_test_cell"}
PAIRS = [(lesson, verdict) for lesson in LESSONS for verdict in submissions(lesson)]


def cell_limit(lesson):
    """Option of nbgrader that cuts off an endless loop in the one lesson where there is one."""
    return [f"--Execute.timeout={CELL_SECONDS}"] if "endless_loop" in submissions(lesson) else []


class Course:
    """A copy of the course in which each lesson's submissions are graded."""

    def __init__(self, root):
        self.root = root
        self.folder = root / "autograder" / "course"
        self.submissions = {lesson: submissions(lesson) for lesson in LESSONS}
        self.outputs = {}

    def nbgrader(self, *arguments):
        """Run one nbgrader command, which must succeed; returns what it said."""
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *arguments],
            cwd=self.root,
            env=isolated_environment(self.root.parent / "home"),
            text=True,
            encoding="utf-8",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert done.returncode == 0, done.stdout
        self.outputs[arguments] = done.stdout
        return done.stdout

    def grades(self):
        """Gradebook entries by lesson and student: scores by cell, total and maximum."""
        url = f"sqlite:///{(self.folder / 'gradebook.db').as_posix()}"
        with Gradebook(url, "norms") as gradebook:
            return {
                (lesson, submission.student.id): (
                    {g.name: g.auto_score for n in submission.notebooks for g in n.grades},
                    submission.score,
                    submission.max_score,
                    submission.needs_manual_grade,
                )
                for lesson in LESSONS
                for submission in gradebook.assignment_submissions(lesson)
            }


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Course after generate_assignment, autograde, generate_feedback and export."""
    # a blank in the path, as on many a Windows machine
    course = Course(tmp_path_factory.mktemp("nbgrader") / "my course")
    shutil.copytree(ROOT / "solutions", course.root / "solutions")
    shutil.copytree(ROOT / "notebooks", course.root / "notebooks")
    shutil.copy(ROOT / "nbgrader_config.py", course.root)
    for lesson, made in course.submissions.items():
        course.nbgrader("generate_assignment", lesson)
        for verdict, (notebook, _) in made.items():
            path = course.folder / "submitted" / verdict / lesson / f"{lesson}.ipynb"
            path.parent.mkdir(parents=True)
            nbformat.write(notebook, path)
        course.nbgrader("autograde", lesson, *cell_limit(lesson))
        course.nbgrader("generate_feedback", lesson)
    course.nbgrader("export")
    return course


@pytest.fixture(scope="module")
def grades(course):
    """Gradebook entries by lesson and student."""
    return course.grades()


@pytest.mark.parametrize(("lesson", "verdict"), PAIRS)
def test_submission_gets_the_scores_of_its_verdict(course, grades, lesson, verdict):
    """Each cell's score, the total and the maximum are as expected."""
    _, expected = course.submissions[lesson][verdict]
    scores, total, maximum, waits_for_a_person = grades[lesson, verdict]
    assert scores == expected
    assert total == sum(score or 0 for score in expected.values())
    assert maximum == sum(points_by_grade_id(read("notebooks", lesson)).values())
    assert waits_for_a_person == (None in expected.values())


def test_no_submission_is_left_out(course, grades):
    """The gradebook holds one entry for each submission."""
    assert set(grades) == set(PAIRS)


@pytest.mark.parametrize("lesson", LESSONS)
def test_written_answer_waits_for_a_person(course, grades, lesson):
    """A written answer has no score until somebody gives it one."""
    scores, *_, waits_for_a_person = grades[lesson, "perfect"]
    waiting = {name for name, score in scores.items() if score is None}
    assert waiting == written_ids(read("notebooks", lesson))
    assert waits_for_a_person


@pytest.mark.parametrize("lesson", LESSONS)
def test_nbgrader_warns_of_tampering_only(course, lesson):
    """An honest submission causes no warning, an edited or deleted test cell causes one."""
    said = course.outputs["autograde", lesson, *cell_limit(lesson)]
    # what nbgrader says of the endless loop is no warning, and due
    due = ("| INFO]", "Timeout waiting for execute reply", "Interrupting kernel")
    lines = [line for line in said.splitlines() if not any(text in line for text in due)]
    expected = []
    if "edited_test_cell" in course.submissions[lesson]:
        expected += [f"'checksum' for cell {name}-tests has changed" for name in LESSONS[lesson]]
        notebook, _ = course.submissions[lesson]["deleted_test_cell"]
        deleted = points_by_grade_id(read("notebooks", lesson)).keys() - cells_by_grade_id(notebook)
        expected += [f"Missing grade cell {name} encountered" for name in deleted]
    assert [line for line in lines if not any(text in line for text in expected)] == []
    assert [text for text in expected if sum(text in line for line in lines) != 1] == []


def test_checks_end_before_nbgrader_ends_them():
    """A function that never returns fails its own test, and is told so by the check."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()
    limits = {name: exercise.seconds for name, exercise in EXERCISES.items()}
    assert max(limits[name] for name in next(iter(LESSONS.values()))) < CELL_SECONDS
    assert max(limits.values()) < config.Execute.timeout


@pytest.mark.parametrize("lesson", LESSONS)
def test_other_commands_say_nothing_unexpected(course, lesson):
    """Making an assignment, feedback and export cause no warning but the one about replacing."""
    for command in (("generate_assignment", lesson), ("generate_feedback", lesson), ("export",)):
        lines = course.outputs[command].splitlines()
        unexpected = [x for x in lines if "| INFO]" not in x and "Removing existing" not in x]
        assert unexpected == []


@pytest.mark.parametrize("lesson", LESSONS)
def test_what_is_hard_coded_passes_for_the_learner_and_not_for_the_grader(lesson):
    """Graded inputs are drawn from the course's secret: knowing all visible ones is worth nothing."""
    for name in LESSONS[lesson]:
        namespace = {}
        exec(hard_coded(EXERCISES[name]), namespace)
        assert all(result.passed for result in EXERCISES[name].evaluate(namespace[name]).cases)
        assert EXERCISES[name].evaluate(namespace[name], seed=2**200 + 1).status == "failed"


def test_the_secret_is_drawn_once_and_kept_from_others(course):
    """It is in no notebook, no page and no message."""
    secret = course.folder / "secret"
    value = secret.read_text()
    assert len(value) == 64
    assert secret.stat().st_mode & 0o077 == 0 or os.name == "nt"
    pages = [*course.folder.rglob("*.html"), *course.folder.rglob("*.ipynb")]
    assert len(pages) > len(PAIRS)
    for hidden in (value, str(int(value, 16))):
        assert not any(hidden in page.read_text(encoding="utf-8") for page in pages)
        assert not any(hidden in output for output in course.outputs.values())


def test_grading_leaves_the_released_files_as_they_were(course):
    """`git status` stays clean: generate_assignment rewrites the same bytes."""
    for tree in ("solutions", "notebooks"):
        files = {p.relative_to(ROOT / tree): p.read_bytes() for p in ROOT.glob(f"{tree}/*/*.ipynb")}
        copies = {p.relative_to(course.root / tree): p for p in (course.root / tree).rglob("*.*")}
        assert {path: copy.read_bytes() for path, copy in copies.items()} == files
    assert {path.name for path in course.root.iterdir()} == {
        "autograder",
        "nbgrader_config.py",
        "notebooks",
        "solutions",
    }


@pytest.mark.parametrize(("lesson", "verdict"), PAIRS)
def test_autograding_leaves_one_notebook(course, lesson, verdict):
    """A check writes no file when nbgrader runs it."""
    files = sorted((course.folder / "autograded" / verdict / lesson).iterdir())
    assert [path.name for path in files] == [f"{lesson}.ipynb"]


def text_of(page):
    """Lines of an HTML page as a person reads them, without indentation."""
    text = html.unescape(re.sub("<[^>]+>", "", page.read_text(encoding="utf-8")))
    return {line.strip() for line in text.splitlines()}


def source_lines(cells):
    """Lines of the sources of cells, without indentation."""
    return {line.strip() for cell in cells for line in cell.source.splitlines()}


@pytest.mark.parametrize(("lesson", "verdict"), PAIRS)
def test_feedback_is_there_and_gives_no_solution_away(course, lesson, verdict):
    """Each student gets a page; one without a right answer finds no line of a solution in it."""
    page = course.folder / "feedback" / verdict / lesson / f"{lesson}.html"
    lines = text_of(page)
    assert f"check({LESSONS[lesson][0]})" in lines
    if verdict in WRONG:
        submitted, _ = course.submissions[lesson][verdict]
        known = source_lines([*read("notebooks", lesson).cells, *submitted.cells])
        secret = source_lines(cells_by_grade_id(read("solutions", lesson)).values()) - known
        assert secret
        assert lines & secret == set()


def test_export_holds_every_score(course, grades):
    """The CSV file has one row for each student and lesson, with the score, or 0 for what is missing."""
    with (course.folder / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = {(r["assignment"], r["student_id"]): r for r in csv.DictReader(file)}
    assert rows.keys() == {(lesson, student) for lesson in LESSONS for _, student in grades}
    assert all(float(row["score"]) == 0 for key, row in rows.items() if key not in grades)
    for key, (_, total, maximum, _) in grades.items():
        assert float(rows[key]["score"]) == total
        assert float(rows[key]["max_score"]) == maximum


@pytest.fixture
def formgrader(course):
    """Address of a Formgrader on the graded course."""
    with running_formgrader(course.root, isolated_environment(course.root.parent / "home")) as address:
        yield address


def test_a_person_grades_a_written_answer_in_formgrader(course, formgrader, browser):
    """Points given in a real browser arrive in the gradebook. (The last test: it changes a score.)"""
    lesson = next(iter(LESSONS))
    written = min(written_ids(read("notebooks", lesson)))
    url = f"sqlite:///{(course.folder / 'gradebook.db').as_posix()}"
    with Gradebook(url, "norms") as gradebook:
        submission = gradebook.find_submission_notebook(lesson, lesson, "perfect").id
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    page.goto(f"{formgrader}/gradebook/{lesson}", wait_until="domcontentloaded")
    page.get_by_role("link", name=lesson).first.wait_for(timeout=30_000)
    page.goto(f"{formgrader}/submissions/{submission}/", wait_until="domcontentloaded")
    box = page.locator(f"input.score#{written}")
    box.wait_for(timeout=30_000)
    box.fill("3")
    with page.expect_response(lambda r: "/api/grade" in r.url and r.request.method == "PUT"):
        box.press("Tab")
    page.close()
    with Gradebook(url, "norms") as gradebook:
        grade = gradebook.find_grade(written, lesson, lesson, "perfect")
        assert (grade.manual_score, grade.max_score) == (3, 4)
