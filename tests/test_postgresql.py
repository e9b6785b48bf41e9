"""nbgrader's commands work alike with SQLite and with a PostgreSQL server as the gradebook."""

import csv
import os
import shutil
import subprocess
import sys
import sysconfig
import textwrap
import time
from pathlib import Path

import postgres
import pytest
from classes import Class
from grading import level
from nbgrader.api import Gradebook
from submissions import ROOT, isolated_environment, read, submissions, written_ids

LESSON = "01_norms"
WRITTEN = min(written_ids(read("notebooks", LESSON)))
MAX_SCORE = 17.0  # of its functions
# the lesson has 17 points for functions and 4 for a written answer
CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,01_norms
    Points Possible,,,,,21
"Dedekind, Dan",,,dan,,
"Hilbert, Zoë",,,zoe,,
"Lovelace, Ada",4711,,ada,,20.5
"Noether, Emmy",,,emmy,,18.5
"""
MOODLE = """\
First name,Last name,Username,Email address,01_norms
Ada,Lovelace,ada,ada@example.org,20.5
Emmy,Noether,emmy,emmy@example.org,18.5
"""
STUDENTS = {
    "ada": ("Ada", "Lovelace", "ada@example.org", "4711"),
    "emmy": ("Emmy", "Noether", "emmy@example.org", None),
    "zoe": ("Zoë", "Hilbert", None, None),
    "dan": ("Dan", "Dedekind", None, None),
}
# points for the written answer, and the late penalty; dan has handed in nothing
SUBMISSIONS = {"ada": (3.5, None), "emmy": (4, 2.5), "zoe": (None, None)}
# student, raw score, penalty, score, maximum: what nbgrader itself exports
GRADES = {
    ("ada", "20.5", "0.0", "20.5", "21.0"),
    ("emmy", "21.0", "2.5", "18.5", "21.0"),
    ("zoe", "17.0", "0.0", "17.0", "21.0"),
    ("dan", "0.0", "0.0", "0.0", "21.0"),
}
pytestmark = pytest.mark.filterwarnings("ignore:Object of type <.*> not in session")


class Course:
    """A copy of the course whose gradebook is a database of its own."""

    def __init__(self, root, url=None):
        self.root = root
        self.folder = root / "autograder" / "course"
        self.environment = isolated_environment(root.parent / "home")
        if url:
            self.environment["COURSE_GRADEBOOK"] = url
        self.url = url or f"sqlite:///{(self.folder / 'gradebook.db').as_posix()}"
        shutil.copytree(ROOT / "autograder", root / "autograder", ignore=shutil.ignore_patterns("course"))
        for tree in ("solutions", "notebooks"):
            shutil.copytree(ROOT / tree / LESSON, root / tree / LESSON)
        shutil.copy(ROOT / "nbgrader_config.py", root)

    def run(self, *command):
        """Exit status and output of a command in the project's folder."""
        done = subprocess.run(
            command,
            cwd=self.root,
            env=self.environment,
            text=True,
            encoding="utf-8",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        return done.returncode, done.stdout

    def nbgrader(self, *arguments):
        """Run nbgrader as a module; it must succeed. Returns what it said."""
        status, said = self.run(sys.executable, "-m", "nbgrader", *arguments)
        assert status == 0, said
        return said

    def grade(self):
        """Enter students and the scores that a grader would give."""
        with Gradebook(self.url, "norms") as gradebook:
            for name, (first, last, email, lms) in STUDENTS.items():
                gradebook.add_student(name, first_name=first, last_name=last, email=email, lms_user_id=lms)
            for student, (written, penalty) in SUBMISSIONS.items():
                (notebook,) = gradebook.add_submission(LESSON, student).notebooks
                notebook.late_submission_penalty = penalty
                for grade in notebook.grades:
                    if grade.cell.cell_type == "code":
                        grade.auto_score, grade.needs_manual_grade = grade.cell.max_score, False
                    else:
                        grade.manual_score, grade.needs_manual_grade = written, written is None
            gradebook.db.commit()

    def text(self, name):
        """Text of an exported file."""
        return (self.folder / name).read_bytes().decode("utf-8").replace("\r\n", "\n")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def course(request, tmp_path_factory):
    """Course with one lesson, released and graded."""
    url = None
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql").new_database()
    course = Course(tmp_path_factory.mktemp(request.param) / "my course", url)
    course.nbgrader("generate_assignment", LESSON)
    course.grade()
    return course


def test_the_gradebook_is_where_the_environment_says(course):
    """No SQLite file appears beside a PostgreSQL server."""
    assert (course.folder / "gradebook.db").exists() == ("COURSE_GRADEBOOK" not in course.environment)
    with Gradebook(course.url, "norms") as gradebook:
        assert [assignment.name for assignment in gradebook.assignments] == [LESSON]


def test_nbgraders_own_export(course):
    said = course.nbgrader("export")
    assert all("| INFO]" in line for line in said.splitlines())
    columns = ("student_id", "raw_score", "late_submission_penalty", "score", "max_score")
    rows = list(csv.DictReader(course.text("grades.csv").splitlines()))
    assert [{row["assignment"] for row in rows}, len(rows)] == [{LESSON}, 4]
    assert {tuple(row[name] for name in columns) for row in rows} == GRADES


def test_canvas_export_by_the_script(course):
    """The script `nbgrader` finds the plugin of the project's folder, as `python -m nbgrader` does."""
    script = shutil.which("nbgrader", path=sysconfig.get_path("scripts"))
    status, said = course.run(script, "export", "--exporter=autograder.exporters.CanvasExportPlugin")
    assert status == 0, said
    assert "| WARNING] No mark in 01_norms, waits for manual grading: zoe\n" in said
    assert "No mark in 01_norms, no graded submission: dan\n" in said
    assert course.text("canvas.csv") == CANVAS


def test_moodle_export_with_options(course):
    arguments = ["--exporter=autograder.exporters.MoodleExportPlugin", "--to=autograder/course/mine.csv"]
    course.nbgrader("export", *arguments, "--student=ada", "--student=emmy", f"--assignment={LESSON}")
    assert course.text("mine.csv") == MOODLE
    assert not (course.folder / "moodle.csv").exists()


def test_an_unknown_assignment_is_one_sentence(course):
    exporter = "--exporter=autograder.exporters.MoodleExportPlugin"
    command = [sys.executable, "-m", "nbgrader", "export", exporter, "--assignment=99_norms"]
    status, said = course.run(*command)
    assert status == 1
    assert said.splitlines()[-1].endswith('] no assignment "99_norms" in the gradebook; it has: 01_norms')
    assert "Traceback" not in said


def test_grade_writes_to_the_server_what_it_writes_to_a_file(postgresql, tmp_path):
    """Scores, what is noted of each submission, and that nothing is graded twice; points of a person stay."""
    level()
    made, done = submissions(LESSON), {}
    for name, url in (("sqlite", None), ("postgresql", postgresql.new_database())):
        class_ = Class(tmp_path / name, url)
        for kind in ("perfect", "untouched", "raises", "deleted_test_cell"):
            class_.submit(kind, LESSON, made[kind][0])
        class_.submit("no notebook", LESSON, b"")
        class_.run("grade", LESSON, "--jobs", "2")
        assert (class_.course / "gradebook.db").exists() == (url is None)
        with class_.gradebook() as gradebook:
            written = gradebook.find_grade(WRITTEN, LESSON, LESSON, "perfect")
            written.manual_score, written.needs_manual_grade = 3.5, False
            gradebook.db.commit()
        notes = class_.notes(LESSON)
        assert f"0 graded; {len(notes)} unchanged since the last run." in class_.run("grade", LESSON)
        class_.submit("untouched", LESSON, made["perfect"][0])
        assert f"1 graded; {len(notes) - 1} unchanged since the last run." in class_.run("grade", LESSON)
        with class_.gradebook() as gradebook:
            assert gradebook.find_submission(LESSON, "perfect").score == MAX_SCORE + 3.5
        results = {student: result for student, (_, result) in class_.notes(LESSON).items()}
        done[name] = class_.scores(LESSON), results
    assert done["postgresql"] == done["sqlite"]
    scores, results = done["postgresql"]
    assert results["perfect"]["score"] == results["untouched"]["score"] == MAX_SCORE
    assert sum(filter(None, scores["untouched"].values())) == MAX_SCORE


def test_two_gradebooks_on_one_server_are_apart(postgresql, monkeypatch):
    # nbgrader calls alembic by name
    monkeypatch.setenv("PATH", sysconfig.get_path("scripts") + os.pathsep + os.environ["PATH"])
    with Gradebook(postgresql.new_database(), "norms") as one:
        one.add_student("ada")
        with Gradebook(postgresql.new_database(), "norms") as other:
            assert (len(one.students), len(other.students)) == (1, 0)


def test_nothing_is_left_of_a_server_whose_tests_are_killed(postgresql):
    """The server ends, and its folder goes, although nobody could tidy up."""
    code = """
        import postgres, sys
        with postgres.running_server() as server:
            print(server.folder, flush=True)
            sys.stdin.read()
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    environment = {**os.environ, "PYTHONPATH": str(Path(postgres.__file__).parent)}
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    folder = Path(process.stdout.readline().strip())
    try:
        assert (folder / ".s.PGSQL.5432").exists()
    finally:
        process.kill()
        process.communicate()
    end = time.monotonic() + 60
    while folder.exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert not folder.exists()


@pytest.mark.parametrize(("ci", "outcome"), [("1", pytest.fail.Exception), (None, pytest.skip.Exception)])
def test_without_postgresql_continuous_integration_fails(monkeypatch, ci, outcome):
    """A test is not left out where nobody would see it."""
    monkeypatch.setattr(postgres, "find_binaries", lambda: None)
    monkeypatch.delenv("CI", raising=False)
    if ci:
        monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match="apt install postgresql"), postgres.running_server():
        pass
