"""How nbgrader finds and grades this course; see INSTRUCTORS.md."""

import contextlib
import os
import secrets
import sysconfig
import warnings
from pathlib import Path

c = get_config()  # noqa: F821 - traitlets provides it

# to make a gradebook nbgrader calls alembic by name, which without this only works where the
# environment has been activated
scripts = sysconfig.get_path("scripts")
if scripts not in os.environ["PATH"].split(os.pathsep):
    os.environ["PATH"] = os.pathsep.join([scripts, os.environ["PATH"]])

here = Path(__file__).resolve().parent
course = here / "autograder" / "course"

c.CourseDirectory.course_id = "norms"
c.CourseDirectory.root = str(here)
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
# with "/" on Windows too: nbgrader puts these names unescaped into regular expressions
c.CourseDirectory.source_with_tests_directory = "autograder/course/source_with_tests"
c.CourseDirectory.submitted_directory = "autograder/course/submitted"
c.CourseDirectory.autograded_directory = "autograder/course/autograded"
c.CourseDirectory.feedback_directory = "autograder/course/feedback"
c.CourseDirectory.solution_directory = "autograder/course/solution"
# another database is named by the environment, since its address may hold a password
c.CourseDirectory.db_url = (
    os.environ.get("COURSE_GRADEBOOK") or f"sqlite:///{(course / 'gradebook.db').as_posix()}"
)
c.CourseDirectory.ignore = [
    ".ipynb_checkpoints",
    "*.pyc",
    "__pycache__",
    "feedback",
    ".DS_Store",
    "progress.json*",
]
c.ZipCollectApp.downloaded_directory = "autograder/course/downloaded"
# a folder or an archive for each student: archive/ada.zip or archive/ada/01_norms.ipynb; also
# "01_norms (updated).ipynb" and "01_norms (1).ipynb", but nothing hidden and no __MACOSX
c.FileNameCollectorPlugin.named_regexp = (
    r".*[/\\]extracted[/\\](?!(?:.*[/\\])?(?:\.|__MACOSX))"
    r"(?P<student_id>[^/\\]+)[/\\](?:.*[/\\])?"
    r"(?P<file_id>[^/\\]+?)(?: ?\([^/\\]*\))?\.ipynb$"
)
c.ExportPlugin.to = str(course / "grades.csv")
c.CanvasExportPlugin.to = str(course / "canvas.csv")
c.MoodleExportPlugin.to = str(course / "moodle.csv")

# without an exchange, nbgrader's panels show students an error
c.Exchange.root = str(course / "exchange")
c.Exchange.cache = str(course / "cache")
with contextlib.suppress(OSError):  # a read-only installation can still be read
    (course / "exchange").mkdir(parents=True, exist_ok=True)

# while nbgrader grades, the checks draw inputs that no learner has seen, the same ones all term
secret = course / "secret"
with (
    contextlib.suppress(OSError),
    open(os.open(secret, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file,
):
    file.write(secrets.token_hex(32))
with contextlib.suppress(OSError, ValueError):
    os.environ["COURSE_SEED"] = str(int(secret.read_text(), 16))

# notebooks/ is committed, so without it the first generate_assignment would find the assignment
# there, skip it, and leave the gradebook empty
c.GenerateAssignment.force = True
c.ClearSolutions.text_stub = "*Write your answer here.*"

# a deleted test cell is put back and run, instead of leaving a score of None
c.OverwriteCells.add_missing_cells = True
# longer than a check gives itself, so that an endless loop is reported by the check; an experiment
# that calls an endless function ends here
c.Execute.timeout = 90
# keeps ipykernel from warning about TCP once a notebook
c.KernelManager.transport_encryption = "auto"
# noise of nbgrader's own: on a fresh gradebook, and for a deleted test cell that it puts back
warnings.filterwarnings("ignore", message=r"Object of type <.*> not in session")
warnings.filterwarnings("ignore", message="Cell is missing an id field")
