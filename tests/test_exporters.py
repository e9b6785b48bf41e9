"""The files for Canvas and Moodle hold the marks that a person works out, whatever the database."""

import csv
import logging
import os
import stat
import sysconfig

import pytest
from nbgrader.api import Gradebook
from nbgrader.plugins import CsvExportPlugin
from traitlets.config import Application, Config

from autograder.exporters import CanvasExportPlugin, MoodleExportPlugin, cell, number, write_csv

# 01_a has 4 points for p1 and 4 for the essay; 02_b has 3 for q1 and 2.5 for q2
CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,01_a,02_b
    Points Possible,,,,,8,5.5
1234567,,,1234567,,,2
"'@SUM(A1), =1+1",4712,,mallory,,3.125,
"Lovelace, Ada",4711,,ada,,7.5,2.83333
"O""Neill, Jr., Zoë",,SIS-7,zoe,,,0
"""
MOODLE = """\
First name,Last name,Username,Email address,01_a,02_b
,,1234567,n@example.org,-,2
'=1+1,'@SUM(A1),mallory,mallory@example.org,3.125,-
Ada,Lovelace,ada,ada@example.org,7.5,2.83333
Zoë,"O""Neill, Jr.",zoe,zoe@example.org,-,0
"""
STUDENTS = {
    "ada": ("Ada", "Lovelace", "ada@example.org", "4711"),
    "zoe": ("Zoë", 'O"Neill, Jr.', "zoe@example.org", "SIS-7"),
    "mallory": ("=1+1", "@SUM(A1)", "mallory@example.org", "4712"),
    "1234567": (None, None, "n@example.org", None),
}
WAITS = None
# points by cell, and the late penalty
SUBMISSIONS = {
    ("01_a", "ada"): ({"p1": 4, "essay": 3.5}, None),
    ("01_a", "zoe"): ({"p1": 2, "essay": WAITS}, None),
    ("01_a", "mallory"): ({"p1": 4, "essay": 0.25}, 1.125),
    ("02_b", "ada"): ({"q1": 1 / 3, "q2": 2.5}, 0.0),
    ("02_b", "zoe"): ({"q1": 3, "q2": 2.5}, 10.0),
    ("02_b", "1234567"): ({"q1": 2, "q2": 0}, None),
}


# nbgrader's add_submission causes it; nbgrader_config.py takes it out of the commands
pytestmark = pytest.mark.filterwarnings("ignore:Object of type <.*> not in session")


def fill(gradebook):
    """Enter the students and submissions above."""
    for assignment, due, points in (
        ("02_b", "2027-01-31", {"q1": 3, "q2": 2.5}),
        ("01_a", "2027-02-28", {"p1": 4, "essay": 4}),
    ):
        gradebook.add_assignment(assignment, duedate=due)
        gradebook.add_notebook(assignment, assignment)
        for name, maximum in points.items():
            kind = "markdown" if name == "essay" else "code"
            gradebook.add_grade_cell(name, assignment, assignment, max_score=maximum, cell_type=kind)
    for name, (first, last, email, lms) in STUDENTS.items():
        gradebook.add_student(name, first_name=first, last_name=last, email=email, lms_user_id=lms)
    for (assignment, student), (points, penalty) in SUBMISSIONS.items():
        notebook = gradebook.add_submission(assignment, student).notebooks[0]
        notebook.late_submission_penalty = penalty
        for grade in notebook.grades:
            score = points[grade.name]
            by_hand = grade.name == "essay"
            grade.auto_score, grade.manual_score = (None, score) if by_hand else (score, None)
            grade.needs_manual_grade = score is WAITS
    gradebook.db.commit()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def gradebook(request, tmp_path_factory):
    """Gradebook in each kind of database; nobody changes it."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('gradebook') / 'gradebook.db'}"
    else:
        url = request.getfixturevalue("postgresql").new_database()
    with pytest.MonkeyPatch.context() as patch:  # nbgrader calls alembic by name
        patch.setenv("PATH", sysconfig.get_path("scripts") + os.pathsep + os.environ["PATH"])
        gradebook = Gradebook(url, "norms")
    with gradebook:
        fill(gradebook)
        yield gradebook


@pytest.fixture
def students(gradebook):
    """Students who may be changed, and are as before afterwards."""
    yield {student.id: student for student in gradebook.students}
    gradebook.db.rollback()


def exported(plugin, gradebook, path, **options):
    """Text of the file that a plugin writes."""
    plugin(to=str(path), **options).export(gradebook)
    return path.read_bytes().decode("utf-8").replace("\r\n", "\n")


def refused(plugin, gradebook, path, caplog, **options):
    """What a plugin says that refuses."""
    caplog.clear()
    with pytest.raises(SystemExit) as refusal:
        plugin(to=str(path), **options).export(gradebook)
    assert refusal.value.code == 1
    (record,) = [each for each in caplog.records if each.levelno >= logging.ERROR]
    return record.getMessage()


def test_canvas_gets_the_marks_worked_out_by_hand(gradebook, tmp_path):
    assert exported(CanvasExportPlugin, gradebook, tmp_path / "marks.csv") == CANVAS


def test_moodle_gets_the_marks_worked_out_by_hand(gradebook, tmp_path):
    assert exported(MoodleExportPlugin, gradebook, tmp_path / "marks.csv") == MOODLE


def test_marks_agree_with_those_of_nbgrader_where_both_have_one(gradebook, tmp_path):
    """nbgrader quotes nothing, so that only the last columns of its rows can be read."""
    text = exported(CsvExportPlugin, gradebook, tmp_path / "grades.csv")
    scores = sorted(float(line.split(",")[-2]) for line in text.splitlines()[1:])
    # it counts the two points of the essay that waits, and 0 for two missing submissions
    assert scores == pytest.approx([0, 0, 0, 2, 2, 1 / 3 + 2.5, 3.125, 7.5])


@pytest.mark.parametrize("plugin", [CanvasExportPlugin, MoodleExportPlugin])
def test_the_log_says_who_has_no_mark_and_why(plugin, gradebook, tmp_path, caplog):
    caplog.set_level(logging.INFO)
    exported(plugin, gradebook, tmp_path / "marks.csv")
    said = {(record.levelname, record.getMessage()) for record in caplog.records}
    assert {
        ("WARNING", "No mark in 01_a, waits for manual grading: zoe"),
        ("INFO", "No mark in 01_a, no graded submission: 1234567"),
        ("INFO", "No mark in 02_b, no graded submission: mallory"),
    } <= said
    assert [name for name, _ in said if name != "INFO"] == ["WARNING"]


def test_chosen_students_and_assignments_only(gradebook, tmp_path):
    """nbgrader's options hand over numbers where a name looks like one."""
    chosen = {"student": ["zoe", 1234567], "assignment": ["02_b"]}
    assert exported(CanvasExportPlugin, gradebook, tmp_path / "marks.csv", **chosen) == (
        "Student,ID,SIS User ID,SIS Login ID,Section,02_b\n"
        "    Points Possible,,,,,5.5\n"
        "1234567,,,1234567,,2\n"
        '"O""Neill, Jr., Zoë",,SIS-7,zoe,,0\n'
    )
    chosen = {"student": ["ada", "zoe", "ada"], "assignment": ["02_b", "02_b"]}
    assert exported(MoodleExportPlugin, gradebook, tmp_path / "marks.csv", **chosen) == (
        "First name,Last name,Username,ID number,Email address,02_b\n"
        "Ada,Lovelace,ada,4711,ada@example.org,2.83333\n"
        'Zoë,"O""Neill, Jr.",zoe,SIS-7,zoe@example.org,0\n'
    )


@pytest.mark.parametrize("plugin", [CanvasExportPlugin, MoodleExportPlugin])
def test_what_is_not_in_the_gradebook_is_refused_in_one_sentence(plugin, gradebook, tmp_path, caplog):
    path = tmp_path / "marks.csv"
    path.write_text("old")
    said = refused(plugin, gradebook, path, caplog, assignment=["01_a", "01_A"])
    assert said == 'no assignment "01_A" in the gradebook; it has: 01_a, 02_b'
    said = refused(plugin, gradebook, path, caplog, student=["eve"])
    assert said == 'no student "eve" in the gradebook; it has: 1234567, ada, mallory, zoe'
    assert path.read_text() == "old"


@pytest.mark.parametrize(("column", "attribute"), [("Email address", "email"), ("ID number", "lms_user_id")])
@pytest.mark.parametrize(("value", "there"), [("own", True), (None, False), ("  ", False), ("ZOE", False)])
def test_moodle_gets_no_identity_that_is_empty_or_shared(
    gradebook, students, tmp_path, column, attribute, value, there
):
    """Moodle gives a row without identity to the user of the row before."""
    setattr(students["zoe"], attribute, "zoe")
    setattr(students["ada"], attribute, value)
    text = exported(MoodleExportPlugin, gradebook, tmp_path / "marks.csv", student=["ada", "zoe"])
    header = ["First name", "Last name", "Username", "ID number", "Email address", "01_a", "02_b"]
    if not there:
        header.remove(column)
    assert [len(row) for row in csv.reader(text.splitlines())] == [len(header)] * 3
    assert text.splitlines()[0].split(",") == header


def test_a_name_ends_no_line(gradebook, students, tmp_path):
    """Canvas reads the first lines of a file one by one."""
    students["ada"].first_name, students["ada"].last_name = " Ada\r\n=1", "\tLove\nlace"
    text = exported(CanvasExportPlugin, gradebook, tmp_path / "marks.csv", student=["ada"])
    assert text.splitlines()[2] == '"Love lace, Ada =1",4711,,ada,,7.5,2.83333'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@A1", "'@A1"),
        ("  =1", "'=1"),
        ("\t=1", "'=1"),
        ("\uff1d1", "'\uff1d1"),
        ("a=1", "a=1"),
        ("O'Brien-Ng", "O'Brien-Ng"),
        ("", ""),
        (None, ""),
    ],
)
def test_no_text_is_a_formula(text, expected):
    assert cell(text) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.0, "0"), (10.0, "10"), (100, "100"), (2.5, "2.5"), (2 / 3, "0.66667"), (0.1 + 0.2, "0.3")],
)
def test_points_are_written_as_people_write_them(value, expected):
    assert number(value) == expected


@pytest.mark.parametrize("plugin", [CanvasExportPlugin, MoodleExportPlugin])
def test_a_file_that_cannot_be_written_is_one_sentence(plugin, gradebook, tmp_path, caplog):
    path = tmp_path / "nowhere" / "marks.csv"
    assert refused(plugin, gradebook, path, caplog) == f"cannot write {path}: No such file or directory"
    said = refused(plugin, gradebook, tmp_path, caplog)
    assert said == f"cannot write {tmp_path}: it is not a regular file"
    assert list(tmp_path.iterdir()) == []


def test_what_fails_half_way_leaves_the_old_file(tmp_path):
    path = tmp_path / "marks.csv"
    path.write_text("old")

    def rows():
        yield ["a" * 100_000]
        assert path.read_text() == "old"
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_csv(path, rows())
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["marks.csv"]
    write_csv(path, [["new"]])
    assert path.read_bytes() == b"new\r\n"


@pytest.mark.skipif(os.name == "nt", reason="there are no such files on Windows")
def test_a_device_is_not_replaced(tmp_path):
    """Or else root could lose /dev/null."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with pytest.raises(OSError, match="not a regular file"):
        write_csv(fifo, [["new"]])
    assert stat.S_ISFIFO(fifo.stat().st_mode)


@pytest.mark.parametrize(
    ("plugin", "name"), [(CanvasExportPlugin, "canvas.csv"), (MoodleExportPlugin, "moodle.csv")]
)
def test_the_command_line_is_stronger_than_the_configuration(plugin, name):
    """`--to` is ExportPlugin.to, and the project's configuration has a file for each plugin."""
    file = Config({"ExportPlugin": {"to": "grades.csv"}, plugin.__name__: {"to": f"course/{name}"}})
    line = Config({"ExportPlugin": {"to": "x.csv"}})
    assert plugin().to == name
    for given, expected in ((Config(), f"course/{name}"), (line, "x.csv")):
        application = Application(config=file)
        application.cli_config = given
        application.update_config(given)
        assert plugin(parent=application).to == expected
