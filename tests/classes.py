"""A copy of the project with a class of students, whose submissions the command ``grade`` grades."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys

import nbformat
from nbgrader.api import Gradebook
from sqlalchemy import text
from submissions import ROOT, isolated_environment

_TREES = ("autograder", "src", "notebooks", "solutions")
_SECRET = "5" * 64


class Class:
    """Submissions of a class in a copy of the project.

    Parameters
    ----------
    root : Path
        Of the copy, which is made.
    url : str, optional
        SQLAlchemy URL of its gradebook; a SQLite file in the copy if None.
    """

    def __init__(self, root, url=None):
        self.root = root
        self.url = url
        self.course = root / "autograder" / "course"
        ignored = shutil.ignore_patterns("course", "__pycache__")
        for tree in _TREES:
            shutil.copytree(ROOT / tree, root / tree, ignore=ignored)
        shutil.copy(ROOT / "nbgrader_config.py", root)
        self.course.mkdir()
        (self.course / "secret").write_text(_SECRET)  # so that all copies draw the same hidden cases
        self.temporary = root.parent / f"{root.name} temporary"
        self.temporary.mkdir()

    @property
    def environment(self):
        """Environment of the commands: nothing of this machine's user, and a temporary folder for them."""
        made = isolated_environment(self.root.parent / "home")
        paths = [str(self.root / "src"), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
        made["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
        if self.url:
            made["COURSE_GRADEBOOK"] = self.url
        return {**made, "TMPDIR": str(self.temporary), "COLUMNS": "200"}

    def place(self, student, lesson):
        """Path of a student's submitted notebook."""
        return self.course / "submitted" / student / lesson / f"{lesson}.ipynb"

    def autograded(self, student, lesson):
        """Path of a student's autograded notebook."""
        return self.course / "autograded" / student / lesson / f"{lesson}.ipynb"

    def submit(self, student, lesson, notebook):
        """Put a notebook, or the bytes of a file, where submissions are."""
        path = self.place(student, lesson)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(notebook if isinstance(notebook, bytes) else nbformat.writes(notebook).encode())

    def start(self, *arguments, module="autograder", **kwargs):
        """Start a command in a session of its own; what it says is read from its stdout."""
        return subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=self.root,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            start_new_session=True,
            **kwargs,
        )

    def run(self, *arguments, module="autograder", seconds=600, **kwargs):
        """Run a command, which has to succeed; returns what it said."""
        process = self.start(*arguments, module=module, **kwargs)
        try:
            said, _ = process.communicate(timeout=seconds)
        finally:
            kill_group(process)
        assert process.returncode == 0, said
        return said

    def gradebook(self):
        """nbgrader's Gradebook on the class's database."""
        return Gradebook(self.url or f"sqlite:///{(self.course / 'gradebook.db').as_posix()}", "norms")

    def scores(self, lesson):
        """Automatic score of each graded cell, by student; from nbgrader's gradebook."""
        with self.gradebook() as gradebook:
            return {
                submission.student.id: {g.name: g.auto_score for n in submission.notebooks for g in n.grades}
                for submission in gradebook.assignment_submissions(lesson)
            }

    def notes(self, lesson):
        """Fingerprint and result that are noted of each submission that has been graded, by student."""
        query = text("SELECT student, fingerprint, result FROM graded_submission WHERE assignment = :lesson")
        with self.gradebook() as gradebook:
            rows = gradebook.db.execute(query, {"lesson": lesson}).all()
        assert len(rows) == len({student for student, *_ in rows})
        return {student: (fingerprint, json.loads(result)) for student, fingerprint, result in rows}

    def copy_to(self, root):
        """A copy of the class, with its gradebook and all that has been graded."""
        other = Class(root)
        shutil.rmtree(other.course)
        shutil.copytree(self.course, other.course, symlinks=True)
        return other


def kill_group(process):
    """Kill a process started by `Class.start` with all that share its session."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(30)


def with_sources(notebook, sources):
    """A copy of a notebook with other sources in some of its cells, by grade id."""
    made = nbformat.reads(nbformat.writes(notebook), as_version=4)
    for cell in made.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id in sources:
            cell.source = sources[grade_id]
    return made
