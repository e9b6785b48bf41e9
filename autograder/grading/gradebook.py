"""The one writer of the gradebook: scores, notebooks for Formgrader, and what need not be graded again."""

import contextlib
import hashlib
import json
import os
from pathlib import Path

import nbformat
from nbgrader.api import (
    Assignment,
    Comment,
    Grade,
    Gradebook,
    MissingEntry,
    SubmittedAssignment,
    SubmittedNotebook,
)
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


class _OpenSubmission:
    """The grades and comments of one submission, fetched at once; to nbgrader it is the gradebook.

    Parameters
    ----------
    gradebook : nbgrader.api.Gradebook
    submission : nbgrader.api.SubmittedAssignment
    released : nbgrader.api.Notebook
    """

    def __init__(self, gradebook, submission, released):
        self.db = gradebook.db
        # by columns for which the gradebook has an index: a class may be large
        self.notebook = self._all(
            SubmittedNotebook, notebook_id=[released.id], assignment_id=[submission.id]
        )[0]
        grades = {cell.id: cell.name for cell in released.grade_cells}
        comments = {cell.id: cell.name for cell in released.solution_cells}
        of_this = {"notebook_id": [self.notebook.id]}
        self._grades = {grades[g.cell_id]: g for g in self._all(Grade, cell_id=grades, **of_this)}
        self._comments = {comments[c.cell_id]: c for c in self._all(Comment, cell_id=comments, **of_this)}

    def _all(self, kind, **values):
        wanted = (getattr(kind, name).in_(list(among)) for name, among in values.items())
        return self.db.query(kind).filter(*wanted).all()

    def find_grade(self, cell, *_):
        """Grade of a cell by its name."""
        return self._grades[cell]

    def find_comment(self, cell, *_):
        """Comment on a cell by its name."""
        return self._comments[cell]


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
        submitted = select(SubmittedAssignment.student_id).join(Assignment).where(Assignment.name == lesson)
        known = set(self._gradebook.db.scalars(submitted))
        query = select(_DONE.c.student, _DONE.c.fingerprint, _DONE.c.result)
        rows = self._gradebook.db.execute(query.where(_DONE.c.assignment == lesson)).all()
        self._gradebook.db.commit()
        return {
            student: (fingerprint, json.loads(result))
            for student, fingerprint, result in rows
            if student in known and self.path(student, lesson).is_file()
        }

    def record(self, results):
        """Write results down: first the notebooks, then, at once, the scores and that they are there.

        Parameters
        ----------
        results : list of tuple of (Graded, str, datetime.datetime or None)
            For each what its grading came to, the fingerprint of everything that the result follows from,
            and when it was handed in.
        """
        late = []
        for graded, *_ in results:
            write(self.path(graded.student, graded.lesson), graded.notebook)
        with self._one_transaction():
            for graded, fingerprint, timestamp in results:
                node, is_late = self._enter(graded, timestamp)
                if is_late:
                    late.append((graded, fingerprint, node))
                else:
                    self._note(graded, fingerprint)
        for graded, fingerprint, node in late:  # a late submission is done once it has its penalty
            penalties = AssignLatePenalties(config=self._config)
            penalties.preprocess(node, self._resources(graded.lesson, graded.student))
            with self._one_transaction():
                self._note(graded, fingerprint)

    def _enter(self, graded, timestamp):
        """Enter the scores of a submission; returns its graded cells, and whether a penalty may change."""
        student, lesson = graded.student, graded.lesson
        notebook = json.loads(graded.notebook)
        notebook["cells"] = [cell for cell in notebook["cells"] if "nbgrader" in cell["metadata"]]
        node = nbformat.from_dict(notebook)
        self._gradebook.update_or_create_student(student)
        known = {"timestamp": timestamp} if timestamp else {}
        submission = self._gradebook.update_or_create_submission(lesson, student, **known)
        released = self._gradebook.find_notebook(lesson, lesson)
        opened = _OpenSubmission(self._gradebook, submission, released)
        resources = self._resources(lesson, student)
        resources["nbgrader"]["gradebook"] = opened
        self._save_scores.preprocess(node, resources)
        return node, opened.notebook.late_submission_penalty or submission.total_seconds_late > 0

    def _note(self, graded, fingerprint):
        """Note that a submission need not be graded again."""
        key = {"student": graded.student, "assignment": graded.lesson}
        done = delete(_DONE).where(*(_DONE.c[name] == value for name, value in key.items()))
        row = {**key, "fingerprint": fingerprint, "result": json.dumps(graded.result)}
        self._gradebook.db.execute(done)
        self._gradebook.db.execute(insert(_DONE).values(row))

    @contextlib.contextmanager
    def _one_transaction(self):
        """The gradebook's own many commits become one."""
        session = self._gradebook.db
        commit = session.commit
        session.commit = lambda: None
        try:
            yield
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
