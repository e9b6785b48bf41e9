"""The one writer of the gradebook: scores, notebooks for Formgrader, and what need not be graded again."""

import contextlib
import hashlib
import json
import os
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.preprocessors import AssignLatePenalties, NbGraderPreprocessor, SaveAutoGrades, SaveCells
from sqlalchemy import Column, MetaData, String, Table, Text, delete, insert, select

# beside nbgrader's own tables, so that a result and the note that it is there are one transaction
_TABLES = MetaData()
_DONE = Table(
    "graded_submission",
    _TABLES,
    Column("student", String(128), primary_key=True),
    Column("assignment", String(128), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("result", Text, nullable=False),
)


class GradebookError(Exception):
    """Why the gradebook cannot be used, as a sentence."""


class _SaveScores(SaveAutoGrades):
    """nbgrader's own bookkeeping, in a session that is open already."""

    def preprocess(self, nb, resources):
        ids = resources["nbgrader"]
        self.notebook_id, self.assignment_id, self.student_id = (
            ids["notebook"],
            ids["assignment"],
            ids["student"],
        )
        self.gradebook = ids["gradebook"]
        return NbGraderPreprocessor.preprocess(self, nb, resources)


class Records:
    """Gradebook and autograded notebooks of a course.

    Parameters
    ----------
    course_directory : nbgrader.coursedir.CourseDirectory
        Where things are; its ``db_url`` may be SQLite's or PostgreSQL's.
    config : traitlets.config.Config
        nbgrader's configuration.

    Raises
    ------
    GradebookError
        If the gradebook cannot be opened.
    """

    def __init__(self, course_directory, config):
        self._places = course_directory
        self._config = config
        try:
            self._gradebook = Gradebook(course_directory.db_url, course_directory.course_id)
            _TABLES.create_all(self._gradebook.engine)
        except Exception as error:  # each database has its own
            first_line = str(error).strip().partition("\n")[0]
            raise GradebookError(f"The gradebook cannot be opened: {first_line}") from None
        self._save_scores = _SaveScores(config=config)

    def close(self):
        """Close the gradebook."""
        self._gradebook.close()

    def enter_lesson(self, lesson, notebook):
        """Enter a lesson into the gradebook, as ``nbgrader generate_assignment`` does.

        Parameters
        ----------
        lesson : str
        notebook : dict
            The released one.

        Raises
        ------
        GradebookError
            If graded cells came or went while there are submissions.
        """
        node = nbformat.from_dict(notebook)
        gradings = [cell.metadata.nbgrader for cell in node.cells if "nbgrader" in cell.metadata]
        points = {grading.grade_id: float(grading.points) for grading in gradings if grading.grade}
        try:
            known = self._gradebook.find_notebook(lesson, lesson)
            if {cell.name: cell.max_score for cell in known.grade_cells} == points:
                return
        except MissingEntry:
            with contextlib.suppress(MissingEntry):
                self._gradebook.find_assignment(lesson)
            self._gradebook.update_or_create_assignment(lesson)
        self._gradebook.db.remove()
        try:
            SaveCells(config=self._config).preprocess(node, self._resources(lesson, ""))
        except RuntimeError as error:
            raise GradebookError(f"{error}: grade them with the lesson as it was handed out.") from None

    def _resources(self, lesson, student):
        return {
            "nbgrader": {
                "notebook": lesson,
                "assignment": lesson,
                "student": student,
                "db_url": self._places.db_url,
                "gradebook": self._gradebook,
            }
        }

    def path(self, student, lesson):
        """Path of an autograded notebook."""
        folder = self._places.format_path(self._places.autograded_directory, student, lesson)
        return Path(folder) / f"{lesson}.ipynb"

    def done(self, lesson):
        """Fingerprint and result of what has been graded of a lesson, by student."""
        query = select(_DONE.c.student, _DONE.c.fingerprint, _DONE.c.result).where(
            _DONE.c.assignment == lesson
        )
        done = {
            student: (fingerprint, json.loads(result))
            for student, fingerprint, result in self._gradebook.db.execute(query)
            if self.path(student, lesson).is_file() and self._has_submission(lesson, student)
        }
        self._gradebook.db.commit()
        return done

    def _has_submission(self, lesson, student):
        try:
            return bool(self._gradebook.find_submission(lesson, student))
        except MissingEntry:
            return False

    def record(self, graded, fingerprint, timestamp):
        """Write a result down: first the notebook, then, at once, the scores and that they are there.

        Parameters
        ----------
        graded : Graded
        fingerprint : str
            Of everything that the result follows from.
        timestamp : datetime.datetime or None
            When it was handed in.
        """
        student, lesson = graded.student, graded.lesson
        write(self.path(student, lesson), graded.notebook)
        node = nbformat.from_dict(json.loads(graded.notebook))
        node.cells = [cell for cell in node.cells if "nbgrader" in cell.metadata]
        with self._one_transaction() as gradebook:
            gradebook.update_or_create_student(student)
            known = {"timestamp": timestamp} if timestamp else {}
            submission = gradebook.update_or_create_submission(lesson, student, **known)
            self._save_scores.preprocess(node, self._resources(lesson, student))
            had_penalty = any(notebook.late_submission_penalty for notebook in submission.notebooks)
            is_late = submission.total_seconds_late > 0
            key = (_DONE.c.student == student, _DONE.c.assignment == lesson)
            gradebook.db.execute(delete(_DONE).where(*key))
            row = {"student": student, "assignment": lesson, "fingerprint": fingerprint}
            gradebook.db.execute(insert(_DONE).values(**row, result=json.dumps(graded.result)))
        if is_late or had_penalty:
            AssignLatePenalties(config=self._config).preprocess(node, self._resources(lesson, student))

    @contextlib.contextmanager
    def _one_transaction(self):
        """The gradebook, whose own many commits become one."""
        session = self._gradebook.db
        commit = session.commit
        session.commit = session.flush
        try:
            yield self._gradebook
            commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            del session.commit


def write(path, text):
    """Write a file so that it is there completely or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)


def fingerprint(*parts):
    """Hash of bytes, each part counted for itself."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()
