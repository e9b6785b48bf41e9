"""The command ``grade``: what it says, what it writes, and how nbgrader goes on from there."""

import csv
import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig

import nbformat
import pytest
from classes import Class, with_sources
from grading import level
from nbgrader.utils import notebook_hash
from submissions import cells_by_grade_id, points_by_grade_id, read, submissions, written_ids

from helpers.exercises import LESSONS

LESSON = "01_norms"
SECONDS = 300
SUBMISSION_SECRET = "5" * 64
VERDICTS = {name: made for name, made in submissions(LESSON).items() if name != "endless_loop"}
HONEST = ("perfect", "untouched", "hard_coded", "raises", "warns")
WRITTEN = min(written_ids(read("notebooks", LESSON)))
# what a student hands in in place of a notebook, and words of the reason
BROKEN = {
    "half": (b'{"nbformat": 4, "cells": [', "it is not JSON at line 1"),
    "bytes": (bytes(range(256)), "it is not UTF-8"),
    "empty": (b"", "it is not JSON"),
    "list": (b"[1, 2]", "it is JSON, but no object"),
    "future": (b'{"nbformat": 5, "cells": []}', "no notebook of a known format"),
    "other name": (None, "Expected a file 01_norms.ipynb. There is 'norms.ipynb'"),
    "link": (None, "is a link"),
    "linked folder": (None, "is a link, or no folder"),
    "a file": (None, "is a link, or no folder"),
    "nothing": (None, "Expected a file 01_norms.ipynb."),
}
ODD_NAMES = ("Zoë Müller", "o'neil [bold] & co", "-rf", "100%", "a.b-c")


@pytest.fixture(scope="module")
def sandboxed():
    """Skip where there is no sandbox."""
    return level()


def run(class_, *arguments, path=None, **more):
    """Run ``grade``; returns its exit status and what it said."""
    environment = class_.environment if path is None else {**class_.environment, "PATH": path}
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "grade", *map(str, arguments)],
        env=environment,
        cwd=more.get("cwd", class_.root),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        timeout=SECONDS,
    )
    return done.returncode, done.stdout


def graded(class_, *arguments, **more):
    """Results of a run that succeeds, and what it said."""
    results = class_.root.parent / f"{class_.root.name} results.json"
    status, said = run(class_, LESSON, *arguments, "--results", results, **more)
    assert status == 0, said
    return json.loads(results.read_text(encoding="utf-8")), said


def copy_of(class_, root):
    """A copy of a class as it is now."""
    shutil.copytree(class_.root, root, symlinks=True)
    made = object.__new__(Class)
    made.url = class_.url
    made.root, made.course = root, root / "autograder" / "course"
    made.temporary = root.parent / f"{root.name} temporary"
    made.temporary.mkdir()
    return made


@pytest.fixture(scope="module")
def group(tmp_path_factory, sandboxed):
    """Return a class with honest, broken and oddly named submissions."""
    class_ = Class(tmp_path_factory.mktemp("class") / "my course")
    for verdict, (notebook, _) in VERDICTS.items():
        class_.submit(verdict, LESSON, notebook)
    for name in ODD_NAMES:
        class_.submit(name, LESSON, read("notebooks", LESSON))
    for name, (content, _) in BROKEN.items():
        if content is not None:
            class_.submit(name, LESSON, content)
    beside = {"timestamp.txt": "2029-12-31 00:00:00 UTC", "submission_secret.txt": SUBMISSION_SECRET}
    for name, text in beside.items():  # as from the exchange
        class_.place("perfect", LESSON).with_name(name).write_text(text)
    submitted = class_.course / "submitted"
    other = class_.place("other name", LESSON).with_name("norms.ipynb")
    other.parent.mkdir(parents=True)
    shutil.copy(class_.place("perfect", LESSON), other)
    class_.place("link", LESSON).parent.mkdir(parents=True)
    class_.place("link", LESSON).symlink_to(class_.place("perfect", LESSON))
    (submitted / "linked folder").symlink_to(submitted / "perfect")
    (submitted / "a file").mkdir()
    (submitted / "a file" / LESSON).write_text("")
    class_.place("nothing", LESSON).parent.mkdir(parents=True)
    # what is no student's
    class_.submit(".hidden", LESSON, read("notebooks", LESSON))
    (submitted / "readme.txt").write_text("")
    (submitted / "not yet").mkdir()
    return class_


@pytest.fixture(scope="module")
def first(group):
    """Return results of the first run, and what it said."""
    return graded(group)


# -- results --------------------------------------------------------------------------------------


def test_every_submission_has_a_result_of_exactly_the_promised_form(first):
    results, _ = first
    assert results.keys() == {*VERDICTS, *BROKEN, *ODD_NAMES}
    for by_lesson in results.values():
        assert by_lesson.keys() == {LESSON}
        result = by_lesson[LESSON]
        assert result.keys() == {"score", "max_score", "error", "exercises", "sandbox"}
        assert type(result["score"]) is type(result["max_score"]) is float
        assert result["error"] is None or type(result["error"]) is str
        assert result["sandbox"] == "bubblewrap"
        assert list(result["exercises"]) == sorted(LESSONS[LESSON])
        for exercise in result["exercises"].values():
            assert exercise.keys() == {"score", "max_score", "status", "message", "misconception"}
            assert type(exercise["score"]) is type(exercise["max_score"]) is float
            assert exercise["status"] in ("passed", "failed", "not attempted")
            assert type(exercise["message"]) is str
            assert exercise["message"]
            assert exercise["misconception"] is None or type(exercise["misconception"]) is str
            assert exercise["score"] == (exercise["max_score"] if exercise["status"] == "passed" else 0)
        assert result["score"] == sum(e["score"] for e in result["exercises"].values())
        assert result["max_score"] == sum(e["max_score"] for e in result["exercises"].values())


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_submission_gets_the_scores_of_its_verdict(group, first, verdict):
    _, expected = VERDICTS[verdict]
    assert group.scores(LESSON)[verdict] == expected
    result = first[0][verdict][LESSON]
    assert result["error"] is None
    points = {f"{name}-tests": exercise["score"] for name, exercise in result["exercises"].items()}
    assert points == {name: score for name, score in expected.items() if name in points}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_read_has_no_points_and_a_reason(group, first, name):
    result = first[0][name][LESSON]
    assert BROKEN[name][1] in result["error"]
    assert result["score"] == 0
    assert {exercise["message"] for exercise in result["exercises"].values()} == {result["error"]}
    assert sum(score or 0 for score in group.scores(LESSON)[name].values()) == 0
    assert str(group.root) not in result["error"]


def test_what_is_no_submission_is_left_alone(group, first):
    assert not {".hidden", "readme.txt", "not yet"} & {*first[0], *group.scores(LESSON)}


def test_the_terminal_shows_sandbox_students_and_class(group, first):
    _, said = first
    with group.gradebook() as gradebook:
        waiting = [s for s in gradebook.assignment_submissions(LESSON) if s.needs_manual_grade]
    assert waiting
    assert f"in Formgrader: 01_norms {len(waiting)}." in " ".join(said.split())
    assert said.startswith("Sandbox: bubblewrap (")
    for name in (*VERDICTS, *BROKEN, *ODD_NAMES):
        assert f" {name} " in said
    assert "17 of 17" in said
    assert re.search(r"l2_norm .*%", said)
    assert f"{len(VERDICTS) + len(BROKEN) + len(ODD_NAMES)} graded." in said
    assert "Traceback" not in said


@pytest.mark.parametrize("name", [*HONEST, *ODD_NAMES, "half"])
def test_an_autograded_notebook_is_a_notebook_with_the_graders_cards(group, first, name):
    path = group.course / "autograded" / name / LESSON / f"{LESSON}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    beside = {"timestamp.txt", "submission_secret.txt"} if name == "perfect" else set()
    assert {p.name for p in path.parent.iterdir()} == {path.name, *beside}
    cells = cells_by_grade_id(notebook)
    assert cells.keys() == cells_by_grade_id(read("notebooks", LESSON)).keys()
    for exercise, result in first[0][name][LESSON]["exercises"].items():
        (output,) = cells[f"{exercise}-tests"].outputs
        assert output.data["text/plain"] == repr(result["score"])
        assert exercise in output.data["text/html"]


# -- the next runs --------------------------------------------------------------------------------


def autograded(class_):
    """Times and bytes of the autograded notebooks."""
    paths = sorted((class_.course / "autograded").rglob("*.ipynb"))
    return {path.relative_to(class_.course): (path.stat().st_mtime_ns, path.read_bytes()) for path in paths}


def test_what_is_unchanged_is_not_graded_again(group, first, tmp_path):
    class_ = copy_of(group, tmp_path / "again")
    before, n_all = autograded(class_), len(first[0])
    results, said = graded(class_)
    assert results == first[0]
    assert f"0 graded; {n_all} unchanged since the last run." in said
    assert autograded(class_) == before

    class_.submit("untouched", LESSON, VERDICTS["perfect"][0])
    results, said = graded(class_)
    assert f"1 graded; {n_all - 1} unchanged" in said
    assert results == {**first[0], "untouched": first[0]["perfect"]}
    changed = {path.parts[1] for path, now in autograded(class_).items() if now != before[path]}
    assert changed == {"untouched"}

    shutil.rmtree(class_.course / "autograded" / "warns")
    assert f"1 graded; {n_all - 1} unchanged" in graded(class_)[1]


def test_a_persons_points_and_comments_survive_grading_again(group, first, tmp_path):
    class_ = copy_of(group, tmp_path / "manual")
    with class_.gradebook() as gradebook:
        grade = gradebook.find_grade(WRITTEN, LESSON, LESSON, "perfect")
        grade.manual_score, grade.needs_manual_grade = 3, False
        extra = gradebook.find_grade("l2_norm-tests", LESSON, LESSON, "raises")
        extra.manual_score, extra.extra_credit = 0.5, 0.25
        comment = gradebook.find_comment(WRITTEN, LESSON, LESSON, "perfect")
        comment.manual_comment = "Well said."
        gradebook.db.commit()
        points = gradebook.find_submission(LESSON, "perfect").score
    results, said = graded(class_, "--force")
    assert f"{len(first[0])} graded." in said
    assert results == first[0]
    with class_.gradebook() as gradebook:
        assert gradebook.find_grade(WRITTEN, LESSON, LESSON, "perfect").manual_score == 3
        assert gradebook.find_comment(WRITTEN, LESSON, LESSON, "perfect").comment == "Well said."
        assert gradebook.find_submission(LESSON, "perfect").score == points == 17 + 3
        again = gradebook.find_grade("l2_norm-tests", LESSON, LESSON, "raises")
        assert (again.manual_score, again.extra_credit, again.auto_score) == (0.5, 0.25, 0)


def test_a_seed_draws_other_cases_and_the_same_ones_each_time(tmp_path, sandboxed):
    class_ = Class(tmp_path / "seeds")
    class_.submit("hard_coded", LESSON, VERDICTS["hard_coded"][0])
    class_.submit("perfect", LESSON, VERDICTS["perfect"][0])
    by_secret, _ = graded(class_, "--jobs", "1")
    by_seed, said = graded(class_, "--seed", "1", "--jobs", "1")
    assert "2 graded." in said
    assert graded(class_, "--seed", "1", "--jobs", "1")[0] == by_seed
    scores = {student: result[LESSON]["score"] for student, result in by_seed.items()}
    assert scores == {"hard_coded": 0, "perfect": 17}
    assert {student: result[LESSON]["score"] for student, result in by_secret.items()} == scores


# -- late -----------------------------------------------------------------------------------------

# contents of timestamp.txt, and whether the submission is late
TIMESTAMPS = {
    "in time": ("2030-01-01 11:59:59 UTC", False),
    "late": ("2030-01-01 12:00:01 UTC", True),
    "late elsewhere": ("2030-01-01T10:30:00-02:00", True),
    "no date": ("yesterday, I believe", False),
    "bytes": ("\udcff\udcfe", False),
    "long": ("2031" + " " * 1000, False),
    "empty": ("", False),
    "none": (None, False),
    "linked": ("2031-01-01 12:00:00 UTC", False),
    "huge": ("9" * 150, False),
}


def test_late_submissions_have_nbgraders_penalty(tmp_path, sandboxed, monkeypatch):
    # nbgrader calls alembic by name to make a gradebook
    monkeypatch.setenv("PATH", os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]]))
    class_ = Class(tmp_path / "late")
    with (class_.root / "nbgrader_config.py").open("a") as file:
        file.write('\nc.LateSubmissionPlugin.penalty_method = "zero"\n')
    for name, (text, _) in TIMESTAMPS.items():
        class_.submit(name, LESSON, VERDICTS["perfect"][0])
        if text is not None:
            path = class_.place(name, LESSON).with_name("timestamp.txt")
            path.write_bytes(text.encode("utf-8", "surrogateescape"))
    linked = class_.place("linked", LESSON).with_name("timestamp.txt")
    linked.rename(tmp_path / "elsewhere.txt")
    linked.symlink_to(tmp_path / "elsewhere.txt")
    with class_.gradebook() as gradebook:
        gradebook.update_or_create_assignment(LESSON, duedate="2030-01-01 12:00:00 UTC")
    results, _ = graded(class_)
    assert {result[LESSON]["score"] for result in results.values()} == {17}
    assert late_scores(class_) == {name: 0 if late else 17 for name, (_, late) in TIMESTAMPS.items()}
    # what is handed in again in time, or excused, has no penalty any more
    class_.place("late", LESSON).with_name("timestamp.txt").write_text("2029-12-31 00:00:00 UTC")
    _, said = graded(class_)
    assert f"1 graded; {len(TIMESTAMPS) - 1} unchanged" in said
    assert late_scores(class_)["late"] == 17
    # an earlier due date, and a later one, change penalties, and nothing is graded again for that
    for day, late in ("2029-01-01", {"in time", "late", "late elsewhere"}), ("2031-01-01", set()):
        with class_.gradebook() as gradebook:
            gradebook.update_or_create_assignment(LESSON, duedate=f"{day} 12:00:00 UTC")
        changed = {name for name, score in late_scores(class_).items() if (score == 0) != (name in late)}
        _, said = graded(class_)
        assert f"0 graded; {len(TIMESTAMPS)} unchanged" in said
        assert set(re.findall("late penalty of (.*) in 01_norms is another one", said)) == changed
        assert late_scores(class_) == {name: 0 if name in late else 17 for name in TIMESTAMPS}
    # what nbgrader looks for beside the autograded notebook is that of the submission, and no link's
    there = {name: class_.autograded(name, LESSON).with_name("timestamp.txt") for name in TIMESTAMPS}
    assert there["late elsewhere"].read_text() == TIMESTAMPS["late elsewhere"][0]
    assert there["late"].read_text() == "2029-12-31 00:00:00 UTC"
    assert not any(there[name].exists() for name in ("none", "linked", "long"))
    class_.place("in time", LESSON).with_name("timestamp.txt").unlink()
    graded(class_)
    assert not there["in time"].exists()


def late_scores(class_):
    """Score of each submission, penalty taken off."""
    with class_.gradebook() as gradebook:
        made = gradebook.assignment_submissions(LESSON)
        return {s.student.id: s.score - s.late_submission_penalty for s in made}


# -- nbgrader goes on -----------------------------------------------------------------------------


def test_nbgrader_goes_on_from_there(group, first, tmp_path):
    """Feedback, export and grading by nbgrader itself, which gives honest submissions the same scores."""
    class_ = copy_of(group, tmp_path / "nbgrader")
    for name in {*VERDICTS, *BROKEN, *ODD_NAMES} - {*HONEST, "half", "Zoë Müller"}:
        shutil.rmtree(class_.course / "autograded" / name, ignore_errors=True)
    said = class_.run("generate_feedback", LESSON, module="nbgrader")
    assert "ERROR" not in said
    for name in (*HONEST, "half", "Zoë Müller"):
        page = (class_.course / "feedback" / name / LESSON / f"{LESSON}.html").read_text(encoding="utf-8")
        assert "l2_norm" in page
        assert (class_.course / "secret").read_text() not in page
    # what came through the exchange goes back through it
    class_.run("release_feedback", LESSON, "--student", "perfect", module="nbgrader")
    (returned,) = (class_.course / "exchange" / "norms" / "feedback").iterdir()
    assert returned.name == f"{notebook_hash(secret=SUBMISSION_SECRET, notebook_id=LESSON)}.html"
    page = class_.course / "feedback" / "perfect" / LESSON / f"{LESSON}.html"
    assert returned.read_bytes() == page.read_bytes()
    class_.run("export", module="nbgrader")
    with (class_.course / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = {r["student_id"]: r for r in csv.DictReader(file) if r["assignment"] == LESSON}
    for name, result in first[0].items():
        assert float(rows[name]["score"]) == result[LESSON]["score"]
        assert float(rows[name]["max_score"]) == sum(points_by_grade_id(read("notebooks", LESSON)).values())

    scores = class_.scores(LESSON)
    submitted = class_.course / "submitted"
    for path in submitted.iterdir():
        if path.name not in HONEST:
            path.unlink() if path.is_symlink() or path.is_file() else shutil.rmtree(path)
    class_.run("autograde", LESSON, "--force", module="nbgrader")
    assert class_.scores(LESSON) == scores


# -- without a sandbox ----------------------------------------------------------------------------


def test_without_a_sandbox_it_has_to_be_said_and_is_repeated(tmp_path):
    class_ = Class(tmp_path / "trusted")
    class_.submit("perfect", LESSON, VERDICTS["perfect"][0])
    without = os.pathsep.join(
        p for p in os.environ["PATH"].split(os.pathsep) if not shutil.which("bwrap", path=p)
    )
    for wanted in ("auto", "bubblewrap"):
        status, said = run(class_, LESSON, "--sandbox", wanted, path=without)
        assert status == 2
        assert said.startswith("bubblewrap is not installed (apt install bubblewrap). Grade on Linux")
        assert "with --sandbox none" in said
        assert not (class_.course / "gradebook.db").exists()
    results, said = graded(class_, "--sandbox", "none", path=without)
    assert said.startswith("Sandbox: none: submissions run with your own rights")
    assert results["perfect"][LESSON]["sandbox"] == "none"
    assert results["perfect"][LESSON]["score"] == 17


# -- what cannot be -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small(tmp_path_factory, sandboxed):
    """Return a class of one student, who handed in nothing of use."""
    class_ = Class(tmp_path_factory.mktemp("small") / "small")
    class_.submit("ada", LESSON, b"{}")
    return class_


USAGE = {
    "no lesson": ([], "the following arguments are required: LESSON"),
    "an unknown lesson": (
        ["08_more"],
        "There is no lesson '08_more'; there are 01_norms, 02_gradient_norms,",
    ),
    "one unknown lesson of two": ([LESSON, "norms"], "There is no lesson 'norms'; there are"),
    "a folder that is not there": ([LESSON, "--submitted", "nowhere"], "nowhere, which does not exist."),
    "a file for a folder": (
        [LESSON, "--submitted", "nbgrader_config.py"],
        "Expected the submissions in the folder",
    ),
    "no jobs": ([LESSON, "--jobs", "0"], "expected a number from 1 up, got '0'"),
    "fewer than none": ([LESSON, "--jobs=-2"], "expected a number from 1 up, got '-2'"),
    "jobs in words": ([LESSON, "--jobs", "many"], "expected a number from 1 up, got 'many'"),
    "a seed in words": ([LESSON, "--seed", "x"], "invalid int value: 'x'"),
    "another sandbox": ([LESSON, "--sandbox", "docker"], "invalid choice: 'docker'"),
    "an unknown option": ([LESSON, "--fast"], "unrecognized arguments: --fast"),
    "results in a folder's place": ([LESSON, "--results", "notebooks"], "notebooks, which is a folder"),
    "results in a file's folder": (
        [LESSON, "--results", "nbgrader_config.py/x"],
        "the results cannot be written",
    ),
}


@pytest.mark.parametrize("case", USAGE)
def test_what_cannot_be_done_is_said_in_a_sentence(small, case):
    arguments, words = USAGE[case]
    status, said = run(small, *arguments)
    assert status == 2
    assert words in said
    assert "Traceback" not in said
    assert not (small.course / "autograded").exists() or "Everything is graded" in said


def test_a_second_run_at_the_same_time_is_refused(small):
    with open(small.course / ".grading.lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        status, said = run(small, LESSON)
    assert status == 2
    assert said.strip() == "Another run is grading into this gradebook; wait until it is done."


@pytest.mark.parametrize("kind", ["no database", "a folder"])
def test_a_gradebook_that_cannot_be_opened_is_said_to_be_so(small, tmp_path, kind):
    class_ = copy_of(small, tmp_path / "course")
    path = class_.course / "gradebook.db"
    path.unlink(missing_ok=True)
    path.mkdir() if kind == "a folder" else path.write_text("no database at all" * 1000)
    status, said = run(class_, LESSON)
    assert status == 2
    assert said.startswith("The gradebook cannot be opened: ")
    assert len(said.strip().splitlines()) == 1


def test_a_lesson_with_other_graded_cells_is_refused_while_there_are_submissions(small, tmp_path):
    class_ = copy_of(small, tmp_path / "course")
    results, _ = graded(class_)
    assert results["ada"][LESSON]["error"]
    path = class_.root / "notebooks" / LESSON / f"{LESSON}.ipynb"
    notebook = read("notebooks", LESSON)
    notebook.cells = [cell for cell in notebook.cells if not cell.id.startswith("l1_norm")]
    path.write_text(nbformat.writes(notebook), encoding="utf-8")
    status, said = run(class_, LESSON)
    assert status == 2
    assert "grade them with the lesson as it was handed out." in said
    assert "Traceback" not in said
    assert class_.scores(LESSON).keys() == {"ada"}


def test_a_class_that_has_handed_in_nothing_is_no_error(small):
    status, said = run(small, "02_gradient_norms", "--results", small.root.parent / "none.json")
    assert status == 0
    assert "02_gradient_norms: nobody has handed anything in." in said
    with small.gradebook() as gradebook:  # or exports would have a column of nothing
        assert "02_gradient_norms" not in {assignment.name for assignment in gradebook.assignments}
    assert json.loads((small.root.parent / "none.json").read_text()) == {}


def test_paths_are_the_callers_own(small, tmp_path):
    """``course.py`` changes into the project's folder, and tells where it was called."""
    class_ = copy_of(small, tmp_path / "course")
    shutil.move(class_.course / "submitted", tmp_path / "handed in")
    (tmp_path / "caller").mkdir()
    arguments = [
        "--folder",
        tmp_path / "caller",
        "--submitted",
        "../handed in",
        "--results",
        "new/results.json",
    ]
    status, said = run(class_, LESSON, *arguments)
    assert status == 0, said
    assert json.loads((tmp_path / "caller" / "new" / "results.json").read_text()).keys() == {"ada"}
    assert not (class_.root / "new").exists()


def test_several_lessons_are_graded_at_once(tmp_path, sandboxed):
    class_ = Class(tmp_path / "lessons")
    other = "07_training_health"
    answer = {"has_vanished": "def has_vanished(s, t=1e-4):\n    return False"}
    class_.submit("ada", LESSON, VERDICTS["perfect"][0])
    class_.submit("ada", other, with_sources(read("notebooks", other), answer))
    class_.submit("bob", other, read("notebooks", other))
    results, _ = graded(class_, other, "--jobs", "2")
    assert {student: set(by_lesson) for student, by_lesson in results.items()} == {
        "ada": {LESSON, other},
        "bob": {other},
    }
    assert results["ada"][LESSON]["score"] == 17
    statuses = {name: result["status"] for name, result in results["ada"][other]["exercises"].items()}
    assert statuses.pop("has_vanished") == "failed"
    assert set(statuses.values()) == {"not attempted"}
    assert class_.scores(other)["bob"]["has_vanished-tests"] == 0


@pytest.mark.parametrize(
    "name",
    ["Ada\xa0Lovelace", "ada\u200b", "\u202eada", "a\nb", os.fsdecode(b"Zo\xeb")],
    ids=ascii,
)
def test_a_folder_whose_name_cannot_be_shown_is_told(tmp_path, sandboxed, name):
    """Nobody is left out in silence: it is said, and the exit status is 1."""
    class_ = Class(tmp_path / "my course")
    for student in ("ada", name):
        class_.submit(student, LESSON, read("notebooks", LESSON))
    status, said = run(class_, LESSON)
    assert status == 1
    assert f"Not graded: the folder {ascii(name)} has a character" in " ".join(said.split())
    assert class_.scores(LESSON).keys() == {"ada"}
